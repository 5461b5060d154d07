"""Assertions about kernels, for people's own tests: the one door from refacts to its judge.

A kernel is a function of NumPy, torch, JAX or TensorFlow arrays, or the array of its results. It is judged in
this process, at the inputs given, with which it is called once. One that fails is called again, with about
2,000 probes: they tell the definition that it follows. The exact values are those of refacts' kernels; the
worst inputs and a sample of at least 1,000 results are confirmed by the mpmath oracle.

The operands are arrays of float16, bfloat16, float32 or float64. ``quantity`` says what the results are:
"value" of x, "derivative" of x, "vjp" of x and the cotangent g, "jvp" of x and the tangent v; of gated
units "value" of x (their a) and b, "vjp_a" and "vjp_b" of x, b and g, "jvp" of x, b, v_a and v_b. A kernel
is the function itself, which its library or methods of its own differentiate; ``backward`` is a kernel
(x, g) -> dx that does it instead. ``format``, such as "float32:bfloat16", names the formats of input and
output; by default both are x's. Other operands are given by name:
`assert_max_ulp(kernel, "swiglu", a, 2, b=b)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from refacts.reports.judge.rows import Row

__all__ = ["assert_correctly_rounded", "assert_max_ulp", "hard_inputs", "ulp_error", "verify"]


def assert_correctly_rounded(
    kernel: Any,
    activation: Any,
    x: Any,
    *,
    quantity: str = "value",
    format: str | None = None,
    backward: Any = None,
    **operands: Any,
) -> None:
    """AssertionError, naming the worst input, unless every result is the correctly rounded value.

    At a kink that is the derivative from the right. Arguments and errors as of `assert_max_ulp`.
    """
    from refacts.reports.run.assertions import assert_correctly_rounded as check

    check(kernel, activation, {"x": x, **operands}, quantity, format, backward)


def assert_max_ulp(
    kernel: Any,
    activation: Any,
    x: Any,
    max_ulp: float,
    *,
    quota: float = 0.0,
    quantity: str = "value",
    format: str | None = None,
    allow: Iterable[str] = (),
    profile: Iterable[str] = (),
    kink: str = "any",
    backward: Any = None,
    **operands: Any,
) -> None:
    """AssertionError, naming the worst input, unless results are within ``max_ulp`` of the exact values.

    activation: a name ("gelu") or an object (`refacts.LeakyReLU(alpha=0.01)`). quota: the share of results
    that may lie above, where x holds all 65,536 numbers of a 16-bit format; never NaN, an infinity, a sign
    or a false zero. allow, profile ("ftz", "daz", "saturate"), kink ("any", "left", "right"): as in
    `refacts verify`. TypeError or ValueError for bad input.
    """
    from refacts.reports.run.assertions import assert_max_ulp as check

    check(
        kernel,
        activation,
        {"x": x, **operands},
        max_ulp,
        quota,
        quantity,
        format,
        allow,
        profile,
        kink,
        backward,
    )


def ulp_error(
    got: Any,
    activation: Any,
    x: Any,
    *,
    quantity: str = "value",
    format: str | None = None,
    **operands: Any,
) -> NDArray[np.float64]:
    """|got - exact|/ulp(exact) of each result, of their shape; NaN where NaN or infinity do not match."""
    from refacts.reports.run.assertions import ulp_error as error

    return error(got, activation, {"x": x, **operands}, quantity, format)


def hard_inputs(activation: Any, format: str = "float32", **options: Any) -> Any:
    """A Hypothesis strategy of arrays of inputs on which kernels of an activation go wrong.

    Elements are the edges of the format, neighbours of every threshold, any bit pattern, within 20 of 0 or
    between the outermost thresholds; of gated units they are for b. options: quantity ("value"), whose
    thresholds; shape, an int, a tuple or a strategy of them; finite (False), whether NaN and infinities are
    left out. ImportError without Hypothesis, which `pip install 'hypothesis[numpy]'` installs; ValueError
    for bad input.
    """
    from refacts.reports.inputs.strategy import hard_inputs as strategy

    return strategy(activation, format, **options)


def verify(
    kernel: Any,
    as_: Any,
    *,
    quantity: str | Iterable[str] = "value",
    format: str | Iterable[str] = "float32",
    samples: int = 100_000,
    seed: int = 0,
    exhaustive: bool = False,
    max_ulp: float | None = None,
    quota: float = 0.0,
    allow: Iterable[str] = (),
    profile: Iterable[str] = (),
    kink: str = "any",
    backward: Any = None,
    call: Mapping[str, Any] | None = None,
) -> list[Row]:
    """What `refacts verify` finds of a kernel, in this process: the rows of its document, frozen objects.

    as_: the activation, a name or an object. backward: a kernel (x, g) -> dx. call: keywords of each call.
    ValueError for bad input.
    """
    from refacts.reports.run.assertions import verify as run

    return run(
        kernel,
        as_,
        (quantity,) if isinstance(quantity, str) else tuple(quantity),
        (format,) if isinstance(format, str) else tuple(format),
        {"samples": samples, "seed": seed, "exhaustive": exhaustive},
        {"max_ulp": max_ulp, "quota": quota, "allow": allow},
        profile,
        kink,
        backward,
        dict(call or {}),
    )
