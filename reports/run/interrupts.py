"""Ctrl-C and termination, which end a run once and in order, here and in its workers."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

Stop = Connection  # on which nothing is ever sent


@contextmanager
def termination_interrupts() -> Iterator[None]:
    """Ctrl-C or SIGTERM ends the block, once (in the main thread, which alone gets signals).

    More of them change nothing: what is left to do is to end the workers, whose tasks are interrupted.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Tasks:
    """Those of a worker, which does one after the other."""

    running = stopped = False


def interrupt_with(stop: Stop) -> None:
    """Interrupt the task that this process does, and all later ones, when the other end is closed.

    So does SIGUSR1. In between tasks nothing is raised, so that the process ends in order.
    """

    def interrupt(*_: object) -> None:
        _Tasks.stopped = True
        if _Tasks.running:
            raise KeyboardInterrupt

    def listen(thread: int) -> None:
        with suppress(EOFError):
            stop.recv()
        signal.pthread_kill(thread, signal.SIGUSR1)

    signal.signal(signal.SIGUSR1, interrupt)
    main = threading.main_thread().ident
    threading.Thread(target=listen, args=(main,), daemon=True).start()


def interruptible(task: Callable[[], Any]) -> Any:
    """What the task returns; KeyboardInterrupt from the moment that `interrupt_with` was told to."""
    _Tasks.running = True
    try:
        if _Tasks.stopped:
            raise KeyboardInterrupt
        return task()
    finally:
        _Tasks.running = False
