from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.ledger import LEDGER, lines

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50, database=None)
settings.register_profile("nightly", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LEDGER:
        terminalreporter.section("measured against the oracles")
        for line in lines():
            terminalreporter.write_line(line)
