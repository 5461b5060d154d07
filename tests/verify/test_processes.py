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
    given = [f"kernels.py:{name}", "--as", "gelu", "--format", "float32", "--samples", "5000"]
    return main(["verify", *given, "--jobs", jobs, "--json", "found.json", *options])


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
    [("lost_more", "2 NaN mismatches: at x = "), ("negated", "wrong signs"), ("crashes", "SIGSEGV")],
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
        (["kernels.py:gelu", "--json", "kernels.py"], "not overwritten"),
        (["kernels.py:gelu", "--scalar"], "--scalar is not for"),
        (["kernels.py:gelu", "--exhaustive", "--format", "float64"], "--exhaustive"),
        (["kernels.py:gelu", "--accept-worse"], "needs --budget"),
        (["kernels.py:gelu", "--timeout", "0"], "--timeout"),
        (["kernels.py:gelu", "--timeout", "1e30"], "at most 1e+06 (got '1e30')"),
        (["results.npz", "--as", "gelu"], "results.npz"),
        ([], "a target is missing"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    kernels: Path, capsys: pytest.CaptureFixture[str], given: list[str], says: str
) -> None:
    before = sorted(path.name for path in kernels.parent.iterdir())
    assert main(["verify", "--jobs", "1", "--samples", "1000", *given]) == 2
    out, err = capsys.readouterr()
    remarks = ("is taken for", " gets ", "not judged:")
    lines = [line for line in err.splitlines() if not any(remark in line for remark in remarks)]
    assert out == ""
    assert len(lines) == 1
    assert says in lines[0]
    assert sorted(path.name for path in kernels.parent.iterdir() if path.name != "__pycache__") == before
