"""The demands on an elementwise kernel. Each raises AssertionError with a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
from refacts.oracles import Format

from refacts import oracles
from refacts.formats import REMAINDER
from tests.ledger import record
from tests.strategies import format_of

QUANTITIES = ("value", "derivative", "vjp", "jvp")


def call(kernel: Any, quantity: str, x: Any, g: Any = None, **options: Any) -> Any:
    """One quantity of a kernel, any floating-point warning an error."""
    method = {"value": kernel, "derivative": kernel.gradient}.get(quantity)
    with np.errstate(all="raise"):
        if method is not None:
            return method(x, **options)
        return getattr(kernel, quantity)(x, g, **options)


def remainder(kernel: Any, quantity: str, *operands: Any) -> Any:
    """(exact - rounded)/ulp of float64 results, to 2^-30: NaN where they overflow; two of gated units."""
    method = {"value": "__call__", "derivative": "gradient"}.get(quantity, quantity)
    found = getattr(kernel, method)(*operands, dtype=REMAINDER)
    finite = [np.where(np.isinf(y), np.nan, y) for y in (found if isinstance(found, tuple) else (found,))]
    return tuple(finite) if isinstance(found, tuple) else finite[0]


def as_float64(a: Any) -> Any:
    """Format values as float64; bfloat16's signalling NaNs warn when cast."""
    with np.errstate(invalid="ignore"):
        return np.asarray(a).astype(np.float64)


def same_bits(a: Any, b: Any) -> bool:
    """Equal shape, dtype and bits, any NaN for any NaN."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    a, b = as_float64(a), as_float64(b)
    same = (a == b) & (np.signbit(a) == np.signbit(b)) | (np.isnan(a) & np.isnan(b))
    return bool(same.all())


def matches_oracle(
    kernel: Any, quantity: str, x: Any, g: Any = None, measured: bool = True, dtype: Any = None
) -> None:
    """Bit equality with the oracle at every element; shape of the input, and its dtype or the one named."""
    fmt = format_of(x if dtype is None else np.empty(0, dtype))
    y = call(kernel, quantity, x, g, **({} if dtype is None else {"dtype": dtype}))
    assert y.shape == x.shape, f"{kernel}.{quantity}: shape {y.shape}, want {x.shape}"
    assert y.dtype == fmt.dtype, f"{kernel}.{quantity}: dtype {y.dtype}, want {fmt.dtype}"
    flat = as_float64(x).ravel()
    cotangent = None if g is None else as_float64(g).ravel()
    name, asked = kernel.spec.name, "vjp" if quantity == "jvp" else quantity
    reference = oracles.reference(name, asked, flat, fmt, kernel.parameters, cotangent)
    compare(kernel, quantity, fmt, y, reference, flat, measured)


def compare(
    kernel: Any, quantity: str, fmt: Format, y: Any, reference: Any, x: Any, measured: bool = True
) -> None:
    """The oracle's verdict on results `y`, written into the ledger."""
    computed = as_float64(y).ravel()
    verdict = oracles.compare(computed, reference)
    if measured:
        record(kernel.spec.name, quantity, fmt.name, verdict)
    if not verdict.correct.all():
        i = int(np.flatnonzero(~verdict.correct)[0])
        inputs = np.ravel(x)
        at = f"{float(inputs[i]).hex()}" if inputs.size == computed.size else f"row, element {i}"
        raise AssertionError(
            f"{kernel.spec.name}.{quantity}({at}) in {fmt.name} = {float(computed[i]).hex()}, "
            f"want {float(reference.rounded[i]).hex()}: {verdict.ulps[i]:.4g} ulp "
            f"({(~verdict.correct).sum()} of {computed.size} wrong)"
        )


def input_unchanged(kernel: Any, quantity: str, x: Any, g: Any = None) -> None:
    """Neither x nor the cotangent is written to."""
    before = x.tobytes(), None if g is None else g.tobytes()
    call(kernel, quantity, x, g)
    after = x.tobytes(), None if g is None else g.tobytes()
    assert before == after, f"{kernel.spec.name}.{quantity} changed its input"


def independent_of_layout(kernel: Any, quantity: str, x: Any, g: Any = None) -> None:
    """The same bits for a lone element, for a strided view and inside a long array."""
    y = call(kernel, quantity, x, g)
    plain = np.ascontiguousarray(x).ravel().astype(format_of(x).dtype)
    gs = None if g is None else np.ascontiguousarray(g).ravel().astype(plain.dtype)
    flat = np.asarray(y).ravel()
    for i in range(plain.size):
        alone = call(kernel, quantity, plain[i], None if gs is None else gs[i])
        assert same_bits(alone, flat[i]), f"{kernel.spec.name}.{quantity}({plain[i]!r}) alone"
    tiled = np.tile(plain, 3)
    gt = None if gs is None else np.tile(gs, 3)
    long = call(kernel, quantity, tiled, gt)
    assert same_bits(long, np.tile(flat, 3)), f"{kernel.spec.name}.{quantity}: in a long array"
    every_third = np.repeat(plain, 3)[::3]
    g3 = None if gs is None else np.repeat(gs, 3)[::3]
    strided = call(kernel, quantity, every_third, g3)
    assert same_bits(strided, flat), f"{kernel.spec.name}.{quantity}: of a strided view"


def writes_out(kernel: Any, quantity: str, x: Any, g: Any = None) -> None:
    """`out=` gets the same bits and is returned, also when it is the input itself."""
    want = call(kernel, quantity, x, g)
    native = np.array(x, dtype=format_of(x).dtype)
    out = np.full_like(native, 7)
    assert call(kernel, quantity, native, g, out=out) is out
    assert same_bits(out, want), f"{kernel.spec.name}.{quantity}: out differs"
    assert call(kernel, quantity, native, g, out=native) is native
    assert same_bits(native, want), f"{kernel.spec.name}.{quantity}: out=x differs"
