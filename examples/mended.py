"""A wrong kernel, found and mended step by step: gelu in float32.

Four versions of one function. The judge says of each what is wrong, where, and with which input to begin; the
next version mends that. Run it with `python examples/mended.py` (it needs SciPy: `pip install ".[report]"`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import erf, erfc, ndtr

from refacts import testing

ROOT_2 = np.float32(np.sqrt(2))


# --8<-- [start:steps]
def first(x: Any) -> Any:
    """The paper's formula. Below -5.5, 1 + erf is 0: all digits are lost."""
    return x * (1 + erf(x / ROOT_2)) / 2


def second(x: Any) -> Any:
    """1 + erf(y) is erfc(-y), which keeps its digits.

    But x/sqrt 2 is rounded, and erfc magnifies that.
    """
    return x * erfc(-x / ROOT_2) / 2


def third(x: Any) -> Any:
    """In float64, rounded to float32 at the end. But -inf times 0 is NaN."""
    wide = x.astype(np.float64)
    return (wide * ndtr(wide)).astype(np.float32)


def fourth(x: Any) -> Any:
    """With the limit at -inf, which is -0."""
    return np.where(x == -np.inf, np.float32(-0.0), third(x))


# --8<-- [end:steps]


STEPS: tuple[Callable[[Any], Any], ...] = (first, second, third, fourth)
MAX_ULP = 0.51  # hardly more than rounding costs


def main() -> None:
    """Judge each version, and say what the judge says."""
    for kernel in STEPS:
        with np.errstate(all="ignore"):
            (row,) = testing.verify(kernel, "gelu", format="float32", samples=20_000, max_ulp=MAX_ULP)
        print(f"{kernel.__name__}: {row.verdict}")
        for reason in row.reasons[:4]:
            print(f"  {reason}")


if __name__ == "__main__":
    main()
