"""Inputs on which shipping libraries were reported or measured wrong, as named cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import refacts

PATH = Path(__file__).parent / "oracles" / "data" / "regressions.json"
CASES = json.loads(PATH.read_text(encoding="utf-8"))["cases"]


def named(case: dict[str, Any]) -> str:
    return f"{case['activation']}-{case['quantity']}-{case['dtype']}-{case['decimal'][0]}-{case['source']}"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_reported_wrong_elsewhere(case: dict[str, Any]) -> None:
    activation = getattr(refacts, case["activation"])
    x = np.dtype(case["dtype"]).type(float.fromhex(case["x"]))
    y = activation(x) if case["quantity"] == "value" else activation.gradient(x)
    assert float(y).hex() == float.fromhex(case["exact"]).hex(), case["reported"]


def test_the_textbook_formula_fails_some() -> None:
    """The control: s(1 - s) is not what the cases at 40 ask for."""
    s = 1 / (1 + np.exp(-40.0))
    at_40 = [case for case in CASES if (case["activation"], case["decimal"][0]) == ("sigmoid", "40.0")]
    assert at_40
    assert all(float(s * (1 - s)) != float.fromhex(case["exact"]) for case in at_40)
