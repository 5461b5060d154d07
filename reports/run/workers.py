"""Work on other processes; who does it, and how many, changes no result."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from refacts.reports.run.interrupts import Stop, interrupt_with, interruptible

Submit = Callable[[Callable[[], Any]], "Future[Any]"]


@contextmanager
def workers(jobs: int, begin: Callable[..., None] | None = None, *given: Any) -> Iterator[Submit]:
    """A function that starts a picklable task on one of ``jobs`` processes, each begun with ``begin``.

    Tasks not yet begun are dropped when the block ends. An exception in it, such as Ctrl-C, interrupts the
    others.
    """
    context = multiprocessing.get_context("spawn")
    stop, ours = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(jobs, context, initializer=_begun, initargs=(stop, begin, given))

    def submit(task: Callable[[], Any]) -> Future[Any]:
        # A worker begun here inherits the mask: Ctrl-C is for the parent, which waits for us.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return pool.submit(interruptible, task)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    try:
        yield submit
    except BaseException:
        ours.close()  # which those who listen on the other end take for a sign
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        ours.close()
        stop.close()


@contextmanager
def workers_if_any(jobs: int) -> Iterator[Submit]:
    """The same; for 1 job, work in this process, done at once."""
    if jobs == 1:
        yield at_once
        return
    with workers(jobs) as submit:
        yield submit


def at_once(task: Callable[[], Any]) -> Future[Any]:
    """The task done here and now."""
    future: Future[Any] = Future()
    future.set_result(task())
    return future


def _begun(stop: Stop, begin: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    """Begin a worker, which ends when its parent is gone, and its tasks when that closes ``stop``."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    interrupt_with(stop)
    if begin is not None:
        begin(*given)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
