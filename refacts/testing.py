"""Assertions about kernels, for people's own tests: the one door from refacts to its judge.

A kernel is a function of NumPy, torch, JAX or TensorFlow arrays, or it is the array of its results. It
is judged in this process, at the inputs given. The exact values are refacts' kernels'; the worst inputs and a
sample of at least 1,000 results are confirmed by the mpmath oracle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from refacts.reports.judge.rows import Row

__all__ = ["assert_correctly_rounded", "assert_max_ulp", "hard_inputs", "ulp_error", "verify"]


def assert_correctly_rounded(kernel: Any, activation: Any, x: Any, **options: Any) -> None:
    """AssertionError unless every result is the correctly rounded value; see `assert_max_ulp`."""
    from refacts.reports.judge.assertions import assert_correctly_rounded as check

    check(kernel, activation, x, **options)


def assert_max_ulp(
    kernel: Any, activation: Any, x: Any, max_ulp: float, *, quota: float = 0.0, **options: Any
) -> None:
    """AssertionError, naming the worst input, unless results are within ``max_ulp`` of the exact values.

    kernel: a callable, or the array of its results. activation: a name ("gelu") or an object
    (`refacts.LeakyReLU(alpha=0.01)`). x: an array; of gated units a pair. quota: the share of results that
    may lie above; never NaN, infinity, a sign or a false zero. Options: ``format``, such as
    "float32:bfloat16", by default that of x; ``quantity`` with ``g`` (or ``v``), for results that are
    derivatives, VJPs or JVPs; ``allow``, ``profile``, ``kink`` as in the command. TypeError or ValueError
    for bad input.
    """
    from refacts.reports.judge.assertions import assert_max_ulp as check

    check(kernel, activation, x, max_ulp, quota=quota, **options)


def ulp_error(got: Any, activation: Any, x: Any, **options: Any) -> NDArray[np.float64]:
    """|got - exact|/ulp(exact) of each result, a float64 array; NaN where there is no distance."""
    from refacts.reports.judge.assertions import ulp_error as error

    return error(got, activation, x, **options)


def hard_inputs(activation: Any, format: str = "float32", **options: Any) -> Any:
    """A Hypothesis strategy of arrays of inputs on which kernels of an activation go wrong."""
    from refacts.reports.inputs.strategy import hard_inputs as strategy

    return strategy(activation, format, **options)


def verify(
    kernel: Any,
    as_: Any,
    *,
    quantities: Iterable[str] = ("value",),
    formats: Iterable[str] = ("float32",),
    samples: int = 100_000,
    seed: int = 0,
    max_ulp: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> list[Row]:
    """What `refacts verify` finds of a kernel, in this process: the rows of its document."""
    from refacts.reports.run.here import verify_here

    return verify_here(kernel, as_, quantities, formats, samples, seed, max_ulp, dict(options or {}))
