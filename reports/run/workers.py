"""The oracle's work on other processes; who does it, and how many, changes no result."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager

from refacts.oracles import Reference
from refacts.reports.run.tasks import Task

Submit = Callable[[Task], "Future[Reference]"]


@contextmanager
def oracle_workers(jobs: int) -> Iterator[Submit]:
    """A function that starts a task on one of ``jobs`` processes (on this one, at once, for 1).

    Tasks not yet begun are dropped when the block ends.
    """
    if jobs == 1:
        yield _at_once
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, initializer=end_with_parent)

    def submit(task: Task) -> Future[Reference]:
        # A worker begun here inherits the mask: Ctrl-C is for the parent, which waits for us.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return pool.submit(_run, task)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    try:
        yield submit
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _run(task: Task) -> Reference:
    return task.run()


def _at_once(task: Task) -> Future[Reference]:
    future: Future[Reference] = Future()
    future.set_result(task.run())
    return future


def end_with_parent() -> None:
    """End this process when its parent is gone."""
    threading.Thread(target=_end, daemon=True).start()


def _end() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
