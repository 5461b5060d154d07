from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

from tests import ledger

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=30, database=None)
settings.register_profile("nightly", deadline=None, max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


MadeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """The folder of a name, which the first worker that wants it fills, while the others wait.

    Groups of pytest-xdist would do, but pytest 9.2 does not hear of them (pytest-dev/pytest-xdist#1386).
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                folder.mkdir(exist_ok=True)
                make(folder)
                done.touch()
        return folder

    return made


def pytest_collection_finish() -> None:
    """Thousands of tests are never garbage: collections of it need not look at them again and again."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands over what it measured."""
    output: Any = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["ledger"] = ledger.handed_over()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    ledger.take_over(getattr(node, "workeroutput", {}).get("ledger", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if ledger.LEDGER:
        terminalreporter.section("measured against the oracles")
        for line in ledger.lines():
            terminalreporter.write_line(line)
