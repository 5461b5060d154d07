"""The command on files of kernels that hang, crash, raise, print or answer otherwise in some calls."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from refacts.reports.targets import steadiness

from tests.verify.of_gelu import KERNELS, judged, rows


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
