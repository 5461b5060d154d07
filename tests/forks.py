"""A process that forks while a thread of it computes, to be run in an interpreter of its own.

`python -m tests.forks '{"work": "rows", "way": "os.fork", "seed": 7, "children": 5, "window": 0.2}'` starts
a thread that computes rows over and over, forks five times at random moments of the first 0.2 seconds, and
prints what the children and the thread computed.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import ml_dtypes
import numpy as np

import refacts
from refacts import activation
from refacts.rounding import census

DTYPES = (np.float16, ml_dtypes.bfloat16, np.float32, np.float64)
Answer = dict[str, Any]


def numbers(*shape: int) -> Any:
    """Float64 numbers from -6 to 6 of no order; numpy.random would be imported here for the first time."""
    count = int(np.prod(shape))
    return ((np.arange(count) * 7919 % 2003 - 1001) / 167).reshape(shape)


def digest(y: Any) -> str:
    return hashlib.sha256(np.asarray(y).tobytes()).hexdigest()


def rows() -> Answer:
    """Digests of softmax and its vjp in every format."""
    found = {}
    for dtype in DTYPES:
        x, g = numbers(2, 128, 40).astype(dtype)
        name = np.dtype(dtype).name
        found[f"softmax, {name}"] = digest(refacts.softmax(x))
        found[f"softmax.vjp, {name}"] = digest(refacts.softmax.vjp(x, g))
    return found


def tables() -> Answer:
    """Digests of all results of 16-bit formats; nobody has made these objects before."""
    codes = np.arange(1 << 16, dtype=np.uint16)
    swish, celu = refacts.Swish(1.3), refacts.CELU(0.7)
    return {
        "swish, bfloat16": digest(swish(codes.view(ml_dtypes.bfloat16))),
        "swish.gradient, bfloat16": digest(swish.gradient(codes.view(ml_dtypes.bfloat16))),
        "celu, float16": digest(celu(codes.view(np.float16))),
    }


def mpmath() -> Answer:
    """Digests of results that no tier before mpmath settles, and how many they are."""
    x = numbers(3, 10)
    with census() as counts:
        found = {
            "log_softmax.vjp, float64": digest(refacts.log_softmax.vjp(x, -refacts.softmax(x))),
            "sigmoid, float64": digest(refacts.sigmoid(2.0**-52 * np.arange(1, 5))),
        }
    return {**found, "by mpmath": counts["mpmath"]}


def oracle() -> Answer:
    """Digests of what the oracles answer, which use mpmath's constants."""
    from refacts.oracles import FORMATS, reference, reference_row

    found = {}
    row, g = np.array([-3.5, 0.25, 40.0, 0.25]), np.array([1.0, -2.0, 0.5, 0.0])
    for name in ("softmax", "log_softmax", "softmin", "logsumexp", "sparsemax"):
        for quantity in ("value", "jvp"):
            answers = reference_row(name, quantity, row, FORMATS["float64"], g if quantity == "jvp" else None)
            found[f"{name}.{quantity}, float64"] = digest([answers.rounded, answers.residual])
    for name in ("sigmoid", "gelu", "mish"):
        answers = reference(name, "value", [-700.0, -3.5, 0.25, 40.0], FORMATS["float64"])
        found[f"{name}, float64"] = digest([answers.rounded, answers.residual])
    return found


WORK: dict[str, Callable[[], Answer]] = {"rows": rows, "tables": tables, "mpmath": mpmath, "oracle": oracle}


@dataclass(frozen=True)
class Plan:
    """What is computed, how often and how this process forks, and within how many seconds children answer."""

    work: str
    way: str = "os.fork"
    seed: int = 0
    children: int = 0  # without children there is no thread either
    window: float = 0.1
    timeout: float = 30.0
    planted: str | None = None


@dataclass
class Report:
    """What the children and the thread computed, and sentences on children that did not."""

    answers: list[Answer] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    by_thread: list[Answer] = field(default_factory=list)
    at_first_use: int = 0  # children asked for while the thread computed for the first time
    seconds: float = 0.0  # of the first use in this process


class Forked:
    """A child by os.fork."""

    def __init__(self, task: Callable[[], None]):
        self.pid = os.fork()
        if self.pid:
            return
        try:
            task()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def status(self, timeout: float) -> int | None:
        """The exit status; None if the child still runs after the timeout."""
        end = time.monotonic() + timeout
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                return None
            time.sleep(0.001)


class Started:
    """A child by multiprocessing."""

    def __init__(self, task: Callable[[], None]):
        self.process = multiprocessing.get_context("fork").Process(target=task)
        self.process.start()

    def kill(self) -> None:
        self.process.kill()

    def status(self, timeout: float) -> int | None:
        """The exit status; None if the child still runs after the timeout."""
        self.process.join(timeout)
        return self.process.exitcode


WAYS: dict[str, Callable[[Callable[[], None]], Any]] = {"os.fork": Forked, "multiprocessing": Started}


class Family:
    """A process with children, and a thread that computes meanwhile."""

    def __init__(self, plan: Plan):
        self.plan, self.report = plan, Report()
        self.compute = WORK[plan.work]
        self.started, self.over = threading.Event(), threading.Event()
        self.children: list[tuple[Any, Any, float]] = []

    def run(self) -> Report:
        """Fork at random moments since the thread has started, then hear every child."""
        thread = threading.Thread(target=self.compute_on)
        thread.start()
        self.started.wait()
        chance = random.Random(self.plan.seed)
        start = time.monotonic()
        for moment in sorted(chance.uniform(0, self.plan.window) for _ in range(self.plan.children)):
            time.sleep(max(0.0, start + moment - time.monotonic()))
            self.fork()
        for child, receiver, born in self.children:
            self.hear(child, receiver, born)
        self.over.set()
        thread.join()
        return self.report

    def compute_on(self) -> None:
        self.started.set()
        while not self.over.is_set():
            activation._table.cache_clear()  # tables are filled for the first time again
            answer = self.compute()
            if answer not in self.report.by_thread:
                self.report.by_thread.append(answer)

    def fork(self) -> None:
        receiver, sender = multiprocessing.Pipe(duplex=False)
        self.report.at_first_use += not self.report.by_thread
        child = WAYS[self.plan.way](lambda: sender.send(self.compute()))
        sender.close()
        self.children.append((child, receiver, time.monotonic()))

    def hear(self, child: Any, receiver: Any, born: float) -> None:
        """Take a child's answer; one that gives none in time, or does not end, is killed."""
        timeout = self.plan.timeout
        answered = receiver.poll(max(0.0, born + timeout - time.monotonic()))
        if answered:
            try:
                self.report.answers.append(receiver.recv())
            except EOFError:
                self.report.complaints.append(f"a child died with status {child.status(timeout)}")
                return
        status = child.status(max(1.0, born + timeout - time.monotonic())) if answered else None
        if status is None:
            child.kill()
            child.status(timeout)
            failure = "end" if answered else "answer"
            self.report.complaints.append(f"a child did not {failure} within {timeout} s")


def main(plan: Plan) -> Report:
    """Carry out a plan; one without children measures its work in a lone process."""
    if plan.planted:
        from tests.planted_forks import PLANTED

        PLANTED[plan.planted]()
    assert "mpmath" not in sys.modules, "the first use of mpmath is over"
    if plan.work == "oracle":
        importlib.import_module("refacts.oracles")  # forks do not wait for this import
    if plan.children:
        return Family(plan).run()
    start = time.monotonic()
    answer = WORK[plan.work]()
    return Report([answer], seconds=time.monotonic() - start)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)  # it is what we try
    sys.setswitchinterval(1e-4)  # forks come sooner after the moments drawn
    print(json.dumps(asdict(main(Plan(**json.loads(sys.argv[1]))))))
