"""A target in a process of its own, which may crash or hang without harm."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from refacts.reports.exits import UsageError
from refacts.reports.question import Batch, Question
from refacts.reports.targets.frameworks import NAMES
from refacts.reports.targets.frameworks.guess import NOUNS
from refacts.reports.targets.loaded import Described, Told, decoded, encoded
from refacts.reports.targets.prints import forwarded
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.target import Answer, NoAnswerError

STARTUP = 120.0  # seconds to import torch or TensorFlow on a busy machine
POLL = 0.05  # seconds between looks whether the process still lives
# A fresh interpreter, not multiprocessing's: that one would import the user's main module anew.
BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); descriptor = int(sys.argv[2]); "
    "sys.argv[:] = ['refacts']; from refacts.reports.targets.worker import main; main(descriptor)"
)


class Session(Told):
    """A target in a process of its own: ``with Session(TargetSpec("kernels.py:gelu")) as session``.

    A call that takes longer than ``timeout`` seconds is ended with its process; the next call starts a new
    one. UsageError if the target cannot be loaded.
    """

    def __init__(self, spec: TargetSpec, timeout: float = 30.0, startup: float = STARTUP) -> None:
        self._spec, self._startup = spec, startup
        self.timeout = timeout
        self.seconds = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._connection: Connection[Any, Any]
        self._number = 0  # of the request under way; what comes before the first has 0
        self._likely = ""
        try:
            self.described = self._start()
        except NoAnswerError as error:
            if not self._likely:
                raise UsageError(f"{spec.text} cannot be loaded: its process {error.sentence}") from error
            self._spec = replace(spec, arrays=self._likely)
            try:
                self.described = self._start()
            except NoAnswerError as again:
                raise UsageError(f"{spec.text} cannot be loaded: its process {again.sentence}") from again
            guess = f"{NOUNS[self._likely]}, by the names in its code (a probe {error.sentence})"
            self.described = replace(self.described, said=f"{spec.text} gets {guess}")
        if self.arrays in NAMES:  # found out once, not at each new process
            self._spec = replace(self._spec, arrays=self.arrays)

    def covers(self, question: Question) -> str:
        """Empty if the target can be asked, else a sentence that says why not."""
        return str(self._ask("covers", self.timeout, question)[1])

    def note(self, question: Question) -> str:
        """What the target is given beside the operands, unasked: "dim=-1". Empty if nothing."""
        return str(self._ask("covers", self.timeout, question)[2])

    def answer(
        self, question: Question, batch: Batch, layout: str = "plain", timeout: float | None = None
    ) -> Answer:
        """What it makes of the operands; NoAnswerError also for "hung" and "died"."""
        seconds = self.timeout if timeout is None else timeout
        reply = self._ask("compute", seconds, question, encoded(question, batch), layout)
        if reply[0] == "none":
            if reply[1] == "died":
                self._kill()
            raise NoAnswerError(*reply[1:])
        _, computed, self.seconds = reply
        return decoded(question, computed)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._connection.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)
            self._kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> Described:
        """A new process, with the target loaded; NoAnswerError if it died or hung of it."""
        self._connection, theirs = Pipe()
        with theirs, _printing() as (descriptor, self._reader):
            command = [sys.executable, "-c", BOOT, json.dumps(sys.path), str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C on the terminal is not for it
            )
        self._number = 0
        self._send(self._spec)
        reply = self._receive(self._startup)
        if reply[0] == "probing":
            self._likely = reply[1]
            reply = self._receive(self.timeout)
        if reply[0] == "usage":
            self._kill()
            raise UsageError(reply[1])
        described: Described = reply[1]
        return described

    def _ask(self, request: str, seconds: float, *given: Any) -> Any:
        if self._process is None:
            self._start()
        self._number += 1
        self._send((self._number, request, seconds, given))
        return self._receive(seconds)

    def _send(self, message: Any) -> None:
        try:
            self._connection.send(message)
        except OSError as error:
            raise self._died() from error

    def _receive(self, seconds: float) -> Any:
        """The reply to the request under way."""
        assert self._process is not None
        deadline = time.monotonic() + seconds
        try:
            while not self._connection.poll(max(0.0, min(POLL, deadline - time.monotonic()))):
                if self._process.poll() is not None and not self._connection.poll(0):
                    raise self._died()
                if time.monotonic() >= deadline:
                    self._kill()
                    raise NoAnswerError("hung", f"gave no answer within {seconds:.3g} s")
            number, reply = self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error
        except BaseException:  # Ctrl-C: what the process still sends would answer the next request
            self._kill()
            raise
        if number != self._number:
            self._kill()
            raise NoAnswerError("died", "sent a reply that was not asked for, and was ended")
        return reply

    def _died(self) -> NoAnswerError:
        """The error that says how the process ended."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)
        status = self._process.poll()
        self._kill()
        if status is None:
            return NoAnswerError("died", "closed the connection that it answers on")
        if status < 0:
            return NoAnswerError("died", f"died of {_signal(-status)}")
        return NoAnswerError("died", f"exited with status {status}")

    def _kill(self) -> None:
        """End the process and all that it started."""
        if self._process is None:
            return
        self._connection.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        if self._reader is not None:
            self._reader.join(1.0)  # what it printed comes before what is said of it


def _signal(number: int) -> str:
    """Its name; of a real-time signal between the two that have one, its number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextlib.contextmanager
def _printing() -> Iterator[tuple[int, threading.Thread | None]]:
    """The descriptor that the process prints to, and what reads it: nothing where there is no stderr."""
    try:
        os.fstat(2)
    except OSError:
        yield subprocess.DEVNULL, None
        return
    descriptor, reader = forwarded()
    try:
        yield descriptor, reader
    finally:
        os.close(descriptor)
