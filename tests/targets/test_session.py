"""A target in a process of its own: what it may do to that process, and what must not reach ours."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from refacts.reports.exits import UsageError
from refacts.reports.question import Question
from refacts.reports.targets.loaded import encoded
from refacts.reports.targets.session import STARTUP, Session
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.target import NoAnswerError

from tests.targets.asking import PLANTED, ROOT, numbers, question

TANH = question("tanh")
BATCH = numbers(TANH)
WANT = np.tanh(BATCH["x"].astype(np.float32)).astype(np.float64)
BAD = {"x": np.array([3.0])}


def spec(name: str) -> TargetSpec:
    return TargetSpec(f"{PLANTED}:{name}")


def refusal(session: Session, asked: Question = TANH) -> tuple[str, str]:
    with pytest.raises(NoAnswerError) as caught:
        session.answer(asked, BAD)
    return caught.value.kind, caught.value.sentence


def test_it_answers_as_in_this_process() -> None:
    with Session(spec("good")) as session:
        np.testing.assert_array_equal(session.answer(TANH, BATCH).values, WANT)
        assert session.seconds > 0
        assert session.name == f"{PLANTED}:good"
        assert (session.arrays, session.layouts) == ("numpy", ("plain", "strided", "offset"))
        assert session.said == f"{PLANTED}:good gets NumPy arrays, since it uses no other library"
        assert session.covers(TANH) == ""
        assert session.covers(question("tanh", "vjp")).startswith("NumPy arrays are not differentiated")
        assert session.note(TANH) == ""
        assert session._process is not None  # in a group of its own: Ctrl-C is for that of the parent
        assert os.getpgid(session._process.pid) == session._process.pid
        assert "['good'](x)" in session.reproducer(TANH, {"x": ["0x1p+0"]})


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("segfaults", ("died", "died of SIGSEGV")),
        ("dies_in_real_time", ("died", f"died of signal {signal.SIGRTMIN + 6}")),
        ("exits", ("died", "exited with status 3")),
        ("hangs", ("hung", "gave no answer within 0.5 s")),
        ("leaves", ("raised", "raised SystemExit: enough")),
    ],
)
def test_the_next_call_has_an_answer(name: str, want: tuple[str, str]) -> None:
    with Session(spec(name), timeout=0.5 if name == "hangs" else 30.0) as session:
        assert refusal(session) == want
        if name == "leaves":
            assert refusal(session) == want
        else:
            session.timeout = 30.0
            np.testing.assert_array_equal(session.answer(TANH, BATCH).values, WANT)


def test_only_the_process_that_was_asked_answers() -> None:
    """A child that the kernel forks and that returns, too, is not taken for it."""
    with Session(spec("forks")) as session:
        for n in (1, 40, 7, 40):
            batch = {"x": BATCH["x"][:n]}
            np.testing.assert_array_equal(session.answer(TANH, batch).values, WANT[:n])
            assert session.covers(TANH) == ""


def test_a_reply_that_was_not_asked_for() -> None:
    with Session(spec("speaks_for_itself")) as session:
        for _ in range(2):
            assert refusal(session) == ("died", "sent a reply that was not asked for, and was ended")


def test_faults_travel() -> None:
    with Session(spec("of_wrong_dtype")) as session:
        assert session.answer(TANH, BATCH).faults == {"dtype": "returned float64, want float32"}


def test_what_cannot_be_loaded() -> None:
    with pytest.raises(UsageError) as caught:
        Session(spec("goood"))
    want = f"{PLANTED}:goood: planted has no 'goood': did you mean good"
    assert str(caught.value).startswith(want)


@pytest.mark.parametrize(
    ("source", "startup", "sentence"),
    [
        ("import os; os._exit(5)", STARTUP, "its process exited with status 5"),
        ("import time; time.sleep(600)", 2.0, "its process gave no answer within 2 s"),
    ],
)
def test_a_file_that_ends_its_process(source: str, startup: float, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "kernels.py"
    path.write_text(source)
    with pytest.raises(UsageError) as caught:
        Session(TargetSpec(f"{path}:f"), startup=startup)
    assert str(caught.value) == f"{path}:f cannot be loaded: {sentence}"


def test_a_probe_that_ends_its_process(tmp_path: Path) -> None:
    """A library beside NumPy is in use, so that the kernel is called to find out; it dies of that."""
    (tmp_path / "torch.py").write_text("__version__ = '0'")
    path = tmp_path / "kernels.py"
    path.write_text("import os, torch\ndef f(x): os._exit(4)")
    with Session(TargetSpec(f"{path}:f")) as session:
        want = "NumPy arrays, by the names in its code (a probe exited with status 4)"
        assert session.said == f"{path}:f gets {want}"
        assert refusal(session) == ("died", "exited with status 4")
        assert refusal(session) == ("died", "exited with status 4")


SCRIPT = """
import sys
import numpy as np
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec
from tests.targets.asking import numbers, question
asked = question("tanh")
with Session(TargetSpec({text!r})) as session:
    print(len(session.answer(asked, numbers(asked)).values))
"""


def test_stdout_is_ours(tmp_path: Path) -> None:
    """In a script without a guard, too, which a spawned process would run anew."""
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(text=f"{PLANTED}:talks"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    done = subprocess.run([sys.executable, str(path)], env=environment, capture_output=True, text=True)
    assert done.stdout == "40\n", done.stderr
    for word in ("printed", "warned", "written"):
        assert word in done.stderr


def test_without_stderr(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(text=f"{PLANTED}:talks"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"exec 2>&-; exec {sys.executable} {path}"
    done = subprocess.run(["sh", "-c", command], env=environment, stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (0, "40\n")


def in_a_pool(given: Question) -> int:
    with Session(spec("good")) as session:
        return len(session.answer(given, BATCH).values)


def test_in_a_worker_of_a_pool() -> None:
    assert pickle.loads(pickle.dumps(TANH)) == TANH
    assert pickle.loads(pickle.dumps(spec("good"))) == spec("good")
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert pool.submit(in_a_pool, TANH).result() == 40


def gone(process: int, seconds: float = 10.0) -> bool:
    """Whether a process ends within that time."""
    for _ in range(int(seconds * 20)):
        try:
            status = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if status == "Z":
            return True
        time.sleep(0.05)
    return False


WAITING = """
import sys, threading, time
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec
from tests.targets.asking import numbers, question
session = Session(TargetSpec({text!r}), timeout=60)
print(session._process.pid, flush=True)
session.answer(question("tanh"), {{"x": __import__("numpy").array([3.0])}})
"""


@pytest.mark.parametrize("name", ["good", "hangs"])
def test_it_ends_with_its_parent(name: str) -> None:
    code = WAITING.format(text=f"{PLANTED}:{name}") + "time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert not gone(worker, 0.2)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone(worker)


def test_a_reply_that_nobody_waits_for_is_not_complained_of(capfd: pytest.CaptureFixture[str]) -> None:
    with Session(spec("naps")) as session:
        operands = encoded(TANH, BATCH)
        session._send((1, "compute", 30.0, (TANH, operands, "plain")))
        session._connection.close()
        assert session._process is not None
        assert session._process.wait(20) == 1
    assert capfd.readouterr().err == ""


def test_an_interrupted_call_is_not_answered_later() -> None:
    """Its process is ended, so that its answer is not taken for the next one's."""

    def interrupt(*given: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with Session(spec("hangs")) as session:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(KeyboardInterrupt):
                session.answer(TANH, BAD)
            assert session._process is None
            np.testing.assert_array_equal(session.answer(TANH, BATCH).values, WANT)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_closing_ends_what_it_started(tmp_path: Path) -> None:
    path = tmp_path / "kernels.py"
    path.write_text(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "def f(x): x[:] = child.pid; return x\n"
    )
    with Session(TargetSpec(f"{path}:f")) as session:
        child = int(session.answer(TANH, BATCH).values[0])
        worker = session._process
        assert worker is not None
        assert not gone(child, 0.1)
    assert gone(child)
    assert worker.poll() is not None


def test_what_a_target_did_travels() -> None:
    """From a worker of a pool, which an error that cannot be made anew would break."""
    error = pickle.loads(pickle.dumps(NoAnswerError("died", "died of SIGABRT")))
    assert (error.kind, error.sentence, str(error)) == ("died", "died of SIGABRT", "died of SIGABRT")
