"""The command on files: kernels that hang and crash, dumps, gates, budgets and what cannot be asked."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from refacts.reports import verdicts
from refacts.reports.command import main
from refacts.reports.targets import steadiness

import refacts

KERNELS = """
import itertools, os, signal, time
import numpy as np
import refacts

calls = itertools.count()

def gelu(x):
    return refacts.gelu(x)

def hangs(x):
    while (x == np.inf).any():
        time.sleep(0.01)
    return refacts.gelu(x)

def crashes(x):
    if (x == -np.inf).any():
        os.kill(os.getpid(), signal.SIGSEGV)
    return refacts.gelu(x)

def nearly(x):
    y = refacts.gelu(x)
    below = np.nextafter(np.nextafter(y, np.float32(0)), np.float32(0))
    return np.where((np.abs(y) > 1e-30) & np.isfinite(y), below, y)

def lost(x):
    y = np.where(x < -5, np.float32(-0.0), nearly(x))
    return np.where(np.isinf(x), np.float32("nan"), y)

def lost_more(x):
    return np.where(x == 0, np.float32("nan"), lost(x))

def negated(x):
    return -refacts.gelu(x)

def cancels(x):
    print("this is for people")
    from scipy.special import erf
    return x.dtype.type(0.5) * x * (1 + erf(x / x.dtype.type(2**0.5)))

def raises(x):
    if (x > 1e30).any():
        raise ValueError("too big")
    return refacts.gelu(x)

def dies_in_company(x):
    if len(x) == 17:
        os.kill(os.getpid(), signal.SIGSEGV)
    return refacts.gelu(x)

def backward(x, g):
    return refacts.gelu.vjp(x, g)

def wrong_at_first(x):
    return refacts.gelu(x) * np.float32(1 if next(calls) else 3)

def raises_later(x):
    if x.size < 5000 and next(calls) == 1:
        raise RuntimeError("no more memory")
    return refacts.gelu(x)

def alternates(x):
    return refacts.gelu(x) * np.float32(1 + 1e-6 * (next(calls) % 2))

def long_lanes(x):
    y = np.array(refacts.gelu(x))
    y[7:4096 * (len(y) // 4096):16] *= np.float32(1 + 2**-23)
    return y

def rests(x):
    if x.size > 100:
        with open("asked", "a") as file:
            print(os.getppid(), file=file)
        time.sleep(60)
    return refacts.gelu(x)

def sleeps(x):
    time.sleep(0.2)
    return refacts.gelu(x)
"""


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "kernels.py"
    path.write_text(KERNELS)
    return path


def judged(name: str, *options: str, jobs: str = "1") -> int:
    usual = {"--as": "gelu", "--samples": "5000", "--jobs": jobs, "--json": "found.json"}
    usual = {option: value for option, value in usual.items() if option not in options}
    given = [part for pair in usual.items() for part in pair]
    return main(["verify", f"kernels.py:{name}", "--format", "float32", *given, *options])


def rows() -> list[verdicts.Row]:
    return list(verdicts.read(Path("found.json")).rows)


def test_a_kernel_that_hangs_is_narrowed_to_the_input_that_does_it(kernels: Path) -> None:
    assert judged("hangs", "--max-ulp", "1", "--timeout", "1") == 1
    (row,) = rows()
    assert {incident.kind for incident in row.incidents} == {"hung"}
    assert [incident.operands["x"] for incident in row.incidents] == [["inf"]]
    assert row.inputs > 5000
    assert row.unanswered == 1


def test_a_kernel_that_crashes_costs_a_process_not_the_run(kernels: Path) -> None:
    assert judged("crashes", "--max-ulp", "1") == 1
    (row,) = rows()
    assert {incident.kind for incident in row.incidents} == {"died"}
    assert "SIGSEGV" in row.incidents[0].sentence
    assert row.incidents[0].operands["x"] == ["-inf"]


@pytest.mark.parametrize(
    ("name", "kind", "says", "jobs"),
    [
        ("raises_later", "raised", "raised RuntimeError: no more memory when run again", "1"),
        ("wrong_at_first", "unsteady", "when run again", "1"),
        ("wrong_at_first", "unsteady", "when run again", "2"),
        ("alternates", "unsteady", "when run again", "1"),
        ("long_lanes", "unsteady", " in an array of 4,", "1"),
    ],
)
def test_what_only_some_calls_do_fails_the_gate(
    kernels: Path, name: str, kind: str, says: str, jobs: str
) -> None:
    """In the first call, in a later one, in long arrays: with any number of processes."""
    assert judged(name, "--max-ulp", "20", "--samples", "2000", jobs=jobs) == 1
    (row,) = rows()
    assert [each.kind for each in row.incidents if says in each.sentence] == [kind]
    assert row.diagnosis is None or not row.diagnosis.other


def test_a_slow_kernel_is_compared_for_some_seconds(
    kernels: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steadiness, "SECONDS", 0.5)
    assert judged("sleeps", "--max-ulp", "1", "--samples", "2000") == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "there was time for only" in line]
    assert "kernels.py:sleeps, gelu/value/float32: in 0.5 s" in line


@pytest.mark.parametrize(
    ("to", "number", "says"),
    [
        ("run", signal.SIGINT, "interrupted"),
        ("run", signal.SIGTERM, "interrupted"),
        ("worker", signal.SIGTERM, "a worker process died"),
        ("worker", signal.SIGKILL, "a worker process died"),
    ],
)
def test_an_interrupted_run_ends_at_once(kernels: Path, to: str, number: int, says: str) -> None:
    """Though calls of the target take a minute; nothing is left running, and no traceback is printed."""
    given = ["--as", "gelu", "--format", "float32", "--jobs", "2", "--samples", "500000", "--timeout", "90"]
    command = [sys.executable, "-m", "refacts", "verify", "kernels.py:rests", "--max-ulp", "1", *given]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        asked = kernels.parent / "asked"
        while not (asked.exists() and len(asked.read_text().split()) == 2):
            assert process.poll() is None
            time.sleep(0.1)
        workers = [int(each) for each in asked.read_text().split()]
        start = time.monotonic()
        os.kill(process.pid if to == "run" else workers[0], number)
        _, err = process.communicate()
        assert time.monotonic() - start < 20
    assert process.returncode == 3
    assert err.splitlines()[-1] == f"refacts: {says}"
    assert "Traceback" not in err
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def test_without_a_gate_a_crash_is_incomplete(kernels: Path) -> None:
    assert judged("crashes") == 3


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_all_results_that_are_there_are_judged(
    kernels: Path, capsys: pytest.CaptureFixture[str], jobs: str
) -> None:
    assert judged("gelu") == 0
    (whole,) = rows()
    assert judged("raises", "--max-ulp", "1", jobs=jobs) == 1
    (row,) = rows()
    (incident,) = row.incidents
    assert float.fromhex(incident.operands["x"][0]) > 1e30
    assert 100 < row.unanswered < 500
    assert row.inputs + row.unanswered == whole.inputs
    missing = f"{row.unanswered} of {whole.inputs:,} results are missing"
    assert row.reasons[0].startswith("raised ValueError: too big, at x = ")
    assert row.reasons[1:] == (missing,)
    out = capsys.readouterr().out
    assert missing in out
    assert f" {row.inputs:,} of {whole.inputs:,} " in out  # in the table


def test_a_crash_in_other_company_is_told_by_its_worker(kernels: Path) -> None:
    assert judged("dies_in_company", "--max-ulp", "1", jobs="2") == 1
    (row,) = rows()
    (incident,) = row.incidents
    assert (incident.kind, row.unanswered) == ("died", 0)


@pytest.mark.parametrize(("name", "code"), [("gelu", 0), ("nearly", 1), ("cancels", 1)])
def test_the_exit_code_is_the_gates(kernels: Path, name: str, code: int) -> None:
    assert judged(name, "--max-ulp", "1") == code


def test_many_processes_say_what_one_does(kernels: Path) -> None:
    assert judged("cancels", "--samples", "300000") == 0
    one = Path("found.json").read_bytes()
    assert judged("cancels", "--samples", "300000", jobs="3") == 0
    assert Path("found.json").read_bytes() == one


def test_what_a_kernel_prints_is_not_data(kernels: Path, capfd: pytest.CaptureFixture[str]) -> None:
    judged("cancels")
    assert "this is for people" not in capfd.readouterr().out


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_kernel_prints_is_bounded(kernels: Path, jobs: str) -> None:
    """In a process of its own: the lines of a run are counted once."""
    kernels.write_text(KERNELS.replace("    print(", "    for k in range(50): print(k, "))
    given = ["verify", "kernels.py:cancels", "--as", "gelu", "--format", "float32", "--samples", "2000"]
    command = [sys.executable, "-m", "refacts", *given, "--jobs", jobs]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "this is for people" not in done.stdout
    assert done.stderr.count("this is for people") == 20
    assert done.stderr.count("more lines of the target's output were left out") == 1


def test_a_backward_kernel_is_judged(kernels: Path) -> None:
    wanted = ["--quantity", "vjp", "--quantity", "derivative", "--max-ulp", "0.5"]
    assert judged("gelu", "--backward", "kernels.py:backward", *wanted) == 0
    assert [row.quantity for row in rows()] == ["vjp", "derivative"]


def test_a_dump_gives_the_rows_of_the_direct_run(kernels: Path) -> None:
    made = ["--format", "float32", "--samples", "5000", "--out", "inputs.npz"]
    assert main(["inputs", "gelu", *made]) == 0
    with np.load("inputs.npz") as inputs:
        arrays = dict(inputs)
    x = arrays["x"]
    y = refacts.gelu(x)
    below = np.nextafter(np.nextafter(y, np.float32(0)), np.float32(0))
    y = np.where((np.abs(y) > 1e-30) & np.isfinite(y), below, y)
    np.savez("results.npz", **arrays, y=y)
    assert judged("nearly", "--max-ulp", "2") == 1
    (direct,) = rows()
    code = main(
        ["verify", "results.npz", "--as", "gelu", "--max-ulp", "2", "--jobs", "1", "--json", "dump.json"]
    )
    assert code == 1
    (dumped,) = verdicts.read(Path("dump.json")).rows
    for name in (
        "inputs",
        "correct",
        "within_one",
        "over_budget",
        "error",
        "mismatches",
        "artefacts",
        "bins",
    ):
        assert getattr(dumped, name) == getattr(direct, name), name
    assert [(w.operands, w.got, w.want) for w in dumped.worst] == [
        (w.operands, w.got, w.want) for w in direct.worst
    ]


def test_a_plain_csv_is_judged_in_the_format_that_the_user_says(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("plain.csv").write_text("x,y\n1.0,0.7310586\n")
    assert main(["verify", "plain.csv", "--as", "silu"]) == 2
    assert "plain.csv does not say its format: --format" in capsys.readouterr().err
    given = ["--as", "silu", "--format", "float32", "--max-ulp", "0.5", "--jobs", "1"]
    assert main(["verify", "plain.csv", *given]) == 0


def test_a_budget_is_written_kept_and_tightened(kernels: Path) -> None:
    assert judged("nearly", "--budget", "accuracy.toml", "--update-budget") == 0
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 0
    text = Path("accuracy.toml").read_text()
    Path("accuracy.toml").write_text(text.replace("max_ulp = ", "max_ulp = 9") + "# mine\n")
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1", "--update-budget"]) == 0
    assert Path("accuracy.toml").read_text() == text + "# mine\n"
    bound = next(line for line in text.splitlines() if line.startswith("max_ulp"))
    Path("accuracy.toml").write_text(text.replace(bound, "max_ulp = 1"))
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 1


def test_a_budget_allows_what_is_wrong_today_and_nothing_else(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged("lost", "--budget", "accuracy.toml", "--update-budget") == 0
    said = capsys.readouterr().err
    assert re.search(r"max_ulp is 2.5, allowed: nan-at-inf \(2\), flushed \(\d+\), false-zero \(\d+\)", said)
    text = Path("accuracy.toml").read_text()
    assert 'allow = ["nan-at-inf", "flushed", "false-zero"]\n' in text
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 0
    Path("accuracy.toml").write_text(text.replace("kernels.py:lost", "kernels.py:lost_more"))
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [("lost_more", "2 NaN mismatches: at x = "), ("negated", "at x = inf got -inf"), ("crashes", "SIGSEGV")],
)
def test_what_nothing_excuses_gets_no_budget(
    kernels: Path, capsys: pytest.CaptureFixture[str], name: str, says: str
) -> None:
    assert judged(name, "--budget", "accuracy.toml", "--update-budget") == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "gets no budget" in line]
    assert says in line
    assert not Path("accuracy.toml").exists()


def test_a_baseline_fails_on_worse(kernels: Path) -> None:
    assert judged("gelu") == 0
    Path("found.json").rename("old.json")
    text = kernels.read_text().replace("return refacts.gelu(x)\n\ndef hangs", "return nearly(x)\n\ndef hangs")
    kernels.write_text(text)
    assert judged("gelu", "--baseline", "old.json") == 1


def test_a_target_is_as_good_as_itself(kernels: Path) -> None:
    assert judged("lost", "--peer", "kernels.py:lost", "--max-ratio", "1") == 0
    (row,) = rows()
    assert row.peer is not None
    assert row.peer.artefacts == row.artefacts
    assert row.artefacts["flushed"]


def test_a_peer_is_judged_by_the_same_truth(kernels: Path) -> None:
    assert judged("cancels", "--peer", "kernels.py:nearly", "--max-ratio", "2") == 1
    (row,) = rows()
    assert row.peer is not None
    assert "kernels.py:nearly is nearer" in row.peer.sentence
    assert judged("nearly", "--peer", "kernels.py:cancels", "--max-ratio", "2") == 0


def test_other_inputs_than_the_baselines_are_refused(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged("gelu") == 0
    Path("found.json").rename("old.json")
    assert judged("gelu", "--samples", "6000", "--baseline", "old.json") == 2
    assert "--baseline old.json is of other inputs: samples 5000" in capsys.readouterr().err
    assert judged("gelu", "--samples", "6000") == 0
    assert main(["compare", "old.json", "found.json"]) == 2
    assert "nothing can be compared: seed" not in (said := capsys.readouterr().err)
    assert "nothing can be compared: inputs 6,052 -> 7,052 in 1 of 1 rows" in said


def test_one_target_is_compared_with_another_that_replaces_it(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged("cancels") == 0
    Path("found.json").rename("old.json")
    assert judged("nearly") == 0
    assert main(["compare", "old.json", "found.json"]) == 2
    assert "(--replaced TARGET BY)" in capsys.readouterr().err
    given = ["compare", "old.json", "found.json", "--replaced", "kernels.py:cancels"]
    assert main([*given, "kernels.py:nearly"]) == 1
    assert "max ulp" in capsys.readouterr().out
    assert main([*given, "kernels.py:gelu"]) == 2
    assert "found.json has no target kernels.py:gelu" in capsys.readouterr().err


BROKEN = """
samples = 2000

[[budget]]
target = "missing.py:gelu"
as = "gelu"
format = "float32"
max_ulp = 1

[[budget]]
target = "kernels.py:{name}"
as = "gelu"
format = "float32"
max_ulp = 1
"""


@pytest.mark.parametrize(("name", "code"), [("gelu", 3), ("cancels", 1)])
def test_a_row_of_a_budget_that_is_broken_keeps_no_other_from_its_verdict(
    kernels: Path, capsys: pytest.CaptureFixture[str], name: str, code: int
) -> None:
    Path("b.toml").write_text(BROKEN.format(name=name))
    given = ["verify", "--budget", "b.toml", "--jobs", "1", "--markdown", "b.md", "--junit", "b.xml"]
    assert main(given) == code
    sentence = "b.toml, budget 1 (missing.py:gelu): there is no file missing.py"
    out, err = capsys.readouterr()
    assert sentence in err
    assert ("INCOMPLETE: 1 row of the budget could not be judged, 1 row could" in out) == (code == 3)
    assert "there is no file missing.py" in Path("b.md").read_text()
    assert 'errors="1"' in Path("b.xml").read_text()


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('format = "float32"', 'format = "float8"', "budget 1 (kernels.py:gelu): format must be one of"),
        ('as = "gelu"', 'as = "gleu"', "budget 1 (kernels.py:gelu): unknown activation 'gleu'"),
        ('as = "gelu"', 'as = "gelu"\nparameters = {z = 1}', "(kernels.py:gelu): gelu has no parameter"),
    ],
)
def test_a_budget_that_asks_for_what_there_is_not_names_its_row(
    kernels: Path, capsys: pytest.CaptureFixture[str], was: str, now: str, says: str
) -> None:
    row = BROKEN.partition("\n\n")[2].partition("\n\n")[0].replace("missing.py", "kernels.py")
    Path("b.toml").write_text(row.replace(was, now))
    assert main(["verify", "--budget", "b.toml"]) == 2
    assert says in capsys.readouterr().err


def test_rows_are_added_to_a_budget(kernels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = ["--budget", "accuracy.toml", "--update-budget"]
    assert judged("nearly", *written) == 0
    text = Path("accuracy.toml").read_text() + "# mine\n"
    Path("accuracy.toml").write_text(text)
    given = ["verify", "kernels.py:gelu", "--as", "gelu", "--format", "float32", "--jobs", "1"]
    assert main([*given, *written]) == 0
    found = Path("accuracy.toml").read_text()
    assert found.startswith(text)
    assert found.count("[[budget]]") == 2
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 0
    capsys.readouterr()
    assert main([*given, *written]) == 2
    said = "accuracy.toml has a row of kernels.py:gelu in value, float32 already (budget 2)"
    assert said in capsys.readouterr().err
    assert main([*given, "--samples", "7", *written]) == 2
    assert "--samples is the budget's own to set" in capsys.readouterr().err
    assert Path("accuracy.toml").read_text() == found


def test_a_row_that_fails_is_said_to_keep_its_budget(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("b.toml").write_text(BROKEN.format(name="negated").replace("missing.py", "kernels.py"))
    given = ["verify", "--budget", "b.toml", "--jobs", "1", "--update-budget"]
    assert main(given) == 1
    assert re.search(r"kernels.py:negated .*follows -gelu.*; its budget is kept", capsys.readouterr().err)
    assert main([*given, "--accept-worse"]) == 2
    assert "--accept-worse asks row by row on the terminal, and there is none" in capsys.readouterr().err


def test_files_are_written(kernels: Path) -> None:
    judged("cancels", "--max-ulp", "2", "--markdown", "found.md", "--junit", "found.xml")
    assert "FAIL" in Path("found.md").read_text()
    assert "<failure" in Path("found.xml").read_text()
    assert json.loads(Path("found.json").read_text())["complete"] is True


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["nowhere:gelu"], "there is no module nowhere"),
        (["kernels.py:gleu", "--as", "gelu"], "did you mean gelu"),
        (["missing.py:gelu"], "there is no file missing.py"),
        (["missing.py:f"], "there is no file missing.py"),
        (["kernel.py:f"], "there is no file kernel.py: did you mean kernels.py?"),
        (["missing.onnx"], "there is no file missing.onnx"),
        (["./missing.so:f"], "there is no file missing.so"),
        (["missing.npz"], "there is no file missing.npz"),
        (["kernels.py:os", "--as", "gelu"], "is not callable"),
        (["kernels.py:gelu", "--as", "gleu"], "did you mean"),
        (["kernels.py:gelu", "--param", "alpha=1"], "has no parameter 'alpha'"),
        (["kernels.py:gelu", "--format", "float8"], "--format must be one of"),
        (["kernels.py:gelu", "--quantity", "vjp", "--format", "float32"], "vjp in float32"),
        (["kernels.py:gelu", "--max-ulp", "nan"], "--max-ulp"),
        (["kernels.py:gelu", "--quota", "0.1"], "--quota needs --max-ulp"),
        (["kernels.py:gelu", "--format", "float32", "--max-ulp", "1", "--quota", "1e-9"], "--quota"),
        (["kernels.py:gelu", "--allow", "everything", "--max-ulp", "1"], "unknown allowance"),
        (["kernels.py:gelu", "--max-ratio", "2"], "--max-ratio needs --peer"),
        (["kernels.py:gelu", "--json", ""], "--json must name a file"),
        (["kernels.py:gelu", "--json", "a", "--junit", "./a"], "--json and --junit name one file"),
        (["kernels.py:gelu", "--json", "kernels.py"], "not overwritten"),
        (["kernels.py:gelu", "--scalar"], "--scalar is not for"),
        (["libm.so.6:tanhf", "--scalar"], "--format must say what numbers libm.so.6:tanhf takes"),
        (["kernels.py:gelu", "--peer", "libm.so.6:erff"], "--format must say what numbers libm.so.6:erff"),
        (["kernels.py:gelu", "--exhaustive", "--format", "float64"], "--exhaustive"),
        (["kernels.py:gelu", "--accept-worse"], "needs --budget"),
        (["kernels.py:gelu", "--timeout", "0"], "--timeout"),
        (["kernels.py:gelu", "--timeout", "1e30"], "at most 1e+06 (got '1e30')"),
        (["results.npz", "--as", "gelu"], "results.npz"),
        (["kernels.py"], "results.npz or results.csv (got 'kernels.py'; it defines gelu, hangs, crashes"),
        (["kernels.py:fast_gelu"], "did you mean --as gelu?"),
        (["kernels.py:gelu", "--call", "dim=-1"], "kernels.py:gelu has no parameter 'dim' (it has x)"),
        (["results.npz", "--as", "gelu", "--samples", "9"], "results.npz"),
        ([], "a target is missing"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    kernels: Path, capsys: pytest.CaptureFixture[str], given: list[str], says: str
) -> None:
    before = sorted(path.name for path in kernels.parent.iterdir())
    assert main(["verify", "--jobs", "1", *given]) == 2
    out, err = capsys.readouterr()
    remarks = ("is taken for", " gets ", "not judged:")
    lines = [line for line in err.splitlines() if not any(remark in line for remark in remarks)]
    assert out == ""
    assert len(lines) == 1
    assert says in lines[0]
    assert sorted(path.name for path in kernels.parent.iterdir() if path.name != "__pycache__") == before
