from __future__ import annotations

import gc
import os
from typing import Any

import pytest
from hypothesis import settings

from tests import ledger

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=30, database=None)
settings.register_profile("nightly", deadline=None, max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


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
