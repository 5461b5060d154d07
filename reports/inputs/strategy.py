"""A Hypothesis strategy of inputs on which kernels go wrong. Hypothesis is imported where it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.exits import UsageError
from refacts.reports.inputs.drawn import LIVELY, drawn_rows, hard, hard_rows, span, specials
from refacts.reports.inputs.rows import to_format
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.question import Question, pair

LONGEST = 40  # of rows


def hard_inputs(
    activation: Any,
    format: str = "float32",
    *,
    quantity: str = "value",
    shape: Any = None,
    finite: bool = False,
) -> Any:
    """Arrays of a format's dtype for an activation, by name or as an object with parameters.

    Elements are the edges of the format, neighbours of every threshold of the activation, any bit pattern,
    within 20 of 0 or between the outermost thresholds; of row-wise activations whole rows too. Of gated
    units they are for b.

    Parameters
    ----------
    format : of x, or "float32:bfloat16", where x is float32 and thresholds are those of bfloat16 results.
    quantity : "value", "derivative", "vjp" or "jvp": whose thresholds.
    shape : an int, a tuple or a strategy of them; by default up to two axes of up to eight.
    finite : whether NaN and infinities are left out.

    Raises
    ------
    ImportError : without hypothesis, and for bfloat16 without ml_dtypes.
    ValueError : for an unknown activation, format or quantity.
    """
    try:
        from hypothesis import strategies as st
        from hypothesis.extra import numpy as npst
    except ImportError:
        raise ImportError("hard_inputs needs hypothesis: pip install 'hypothesis[numpy]'") from None
    question = _question(activation, format, quantity)
    fmt = question.source
    dtype = _dtype(fmt)
    shapes = npst.array_shapes(max_dims=2, max_side=8) if shape is None else shape
    special = st.sampled_from(_codes(fmt, specials(fmt), finite))
    chosen = st.sampled_from(_codes(fmt, _hard(question), finite))
    spans = {(-LIVELY, LIVELY), (-LIVELY, LIVELY) if question.kind == "rowwise" else span(question)}
    lively = [st.floats(*ends).map(lambda number: _code(fmt, number)) for ends in sorted(spans)]
    patterns = st.one_of(special, chosen, *lively, _uniform(st, fmt, finite))
    alone = npst.arrays(fmt.unsigned, shapes, elements=patterns, fill=st.nothing())
    if question.kind == "rowwise" and shape is None:
        alone = alone | st.builds(
            lambda seed, rows, length: _rows(question, seed, rows, length, finite),
            st.integers(0, 2**32 - 1),
            st.integers(1, 8),
            st.integers(1, LONGEST),
        )
    return alone.map(lambda bits: bits.view(dtype))


def _question(activation: Any, format: str, quantity: str) -> Question:
    try:
        found = activation_named(activation) if isinstance(activation, str) else activation
        source, output = pair(format)
    except UsageError as error:
        raise ValueError(str(error).replace("--format", "format")) from None
    if quantity not in ("value", "derivative", "vjp", "jvp"):
        raise ValueError(f"quantity must be value, derivative, vjp or jvp (got {quantity!r})")
    if found.spec.kind == "gated":
        quantity = {"derivative": "vjp_b", "vjp": "vjp_b"}.get(quantity, quantity)
    return Question(found, quantity, source, output)


def _dtype(fmt: Format) -> Any:
    try:
        return fmt.dtype
    except ImportError:
        raise ImportError("bfloat16 needs ml_dtypes: pip install ml_dtypes") from None


def _hard(question: Question) -> Floats:
    if question.kind == "rowwise":
        return np.concatenate([hard_rows(question, n)["x"].ravel() for n in (2, 3)])
    return hard(question)["b" if question.kind == "gated" else "x"]


def _codes(fmt: Format, values: Floats, finite: bool) -> list[int]:
    """The bit patterns of values, each once."""
    codes: list[int] = fmt.bit_patterns(values[np.isfinite(values)] if finite else values).tolist()
    return list(dict.fromkeys(codes))


def _code(fmt: Format, number: float) -> int:
    return int(fmt.bit_patterns(to_format(fmt, np.array(number))))


def _uniform(st: Any, fmt: Format, finite: bool) -> Any:
    """All bit patterns; Hypothesis favours small integers among those of over 24 bits."""
    parts = st.tuples(*[st.integers(0, 2**16 - 1)] * (fmt.bits // 16))
    whole = parts.map(lambda drawn: sum(part << 16 * k for k, part in enumerate(drawn)))
    return whole.filter(lambda code: bool(np.isfinite(fmt.decode(code)))) if finite else whole


def _rows(question: Question, seed: int, rows: int, length: int, finite: bool) -> Any:
    x = drawn_rows(question, rows, length, np.random.default_rng(seed))["x"]
    if finite:
        x = np.where(np.isfinite(x), x, 0.0)
    return question.source.bit_patterns(x)
