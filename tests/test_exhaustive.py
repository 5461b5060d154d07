"""All 65,536 inputs of the 16-bit formats, value and derivative, for every elementwise kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS

import refacts
from tests import checks, planted
from tests.variants import ELEMENTWISE


def every_value(fmt: str) -> Any:
    return np.arange(1 << 16, dtype=np.uint16).view(FORMATS[fmt].dtype)


@pytest.mark.parametrize("fmt", ["float16", "bfloat16"])
@pytest.mark.parametrize("quantity", ["value", "derivative"])
@pytest.mark.parametrize("kernel", ELEMENTWISE, ids=lambda f: f.spec.name)
def test_every_input(kernel: Any, quantity: str, fmt: str) -> None:
    x = every_value(fmt)
    checks.matches_oracle(kernel, quantity, x)


@pytest.mark.parametrize("quantity", ["value", "derivative"])
def test_one_wrong_result_in_all_is_found(quantity: str) -> None:
    def off_by_one(method: Any) -> Any:
        def run(x: Any) -> Any:
            y = np.array(method(x))
            y.view(np.uint16)[np.asarray(x).view(np.uint16) == 0x3555] ^= 1
            return y

        return run

    relu = refacts.relu
    wrong = planted.Planted(relu, off_by_one(relu), off_by_one(relu.gradient))
    with pytest.raises(AssertionError, match="1 of 65536 wrong"):
        checks.matches_oracle(wrong, quantity, every_value("float16"), measured=False)
