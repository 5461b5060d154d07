"""The process that a target lives in: it loads it, answers one request after the other, and may die of it.

What the target prints goes to the parent, which shows the first lines of it on stderr. Ctrl-C is for the
parent. The process ends with its parent, and a call that outlives its time by far ends it too.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

from refacts.reports.exits import UsageError
from refacts.reports.question import Question
from refacts.reports.targets.loaded import Computed, Loaded, Patterns, attempt, described
from refacts.reports.targets.spec import TargetSpec, load
from refacts.reports.targets.target import NoAnswerError

GRACE = 30.0  # seconds that the parent has to end a call that takes too long


def main(descriptor: int) -> None:
    """Answer on the socket until the parent closes it: each reply has the number of its request."""
    _begin()
    connection: Connection[Any, Any] = Connection(descriptor)
    process = os.getpid()

    def send(number: int, reply: Any) -> None:
        if os.getpid() != process:  # forked by the target: only one process answers
            os._exit(0)
        try:
            connection.send((number, reply))
        except ConnectionError:  # the parent is gone, and with it all who would read of that
            os._exit(1)

    spec: TargetSpec = connection.recv()
    try:
        target = load(spec, lambda likely: send(0, ("probing", likely)))
    except UsageError as error:
        send(0, ("usage", str(error)))
        return
    send(0, ("loaded", target.described))
    while True:
        try:
            number, request, seconds, given = connection.recv()
        except (EOFError, ConnectionError):  # the parent waits no longer
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(0)
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)  # its default action ends the process
        reply = HANDLERS[request](target, *given)
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(number, reply)


def _compute(target: Loaded, question: Question, operands: Patterns, layout: str) -> Any:
    start = time.perf_counter()
    try:
        computed: Computed = attempt(target, question, operands, layout)
    except NoAnswerError as error:
        return _none(target, error.kind, error.sentence)
    except BaseException as error:  # SystemExit, and what extensions raise beside exceptions
        return _none(target, "raised", f"raised {described(error)}")
    return "computed", computed, time.perf_counter() - start


def _none(target: Loaded, kind: str, sentence: str) -> Any:
    if kind == "raised" and not target.lives():  # as CUDA after an assertion fails: all later calls raise too
        return "none", "died", f"{sentence}, and left its device unusable"
    return "none", kind, sentence


def _covers(target: Loaded, question: Question) -> Any:
    return "said", target.covers(question), target.note(question)


HANDLERS: dict[str, Any] = {"compute": _compute, "covers": _covers}


def _begin() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    with contextlib.suppress(OSError, ValueError):  # a crash is expected: it leaves no core file
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # a GPU's memory is for several processes
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
