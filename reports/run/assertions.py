"""What `refacts.testing` does, once it is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.points import Plan
from refacts.reports.judge import gate as gates
from refacts.reports.judge.rows import Row
from refacts.reports.render.verdict_words import details
from refacts.reports.run.given import Given, given, integer
from refacts.reports.run.here import judged_here, rules_of, ulps_here, value_errors, verify_here

Operands = dict[str, Any]
MEANT = {"kernel": "the function under test", "backward": "the one given as backward="}  # in lines of Python


def assert_correctly_rounded(
    kernel: Any, activation: Any, operands: Operands, quantity: str, formats: str | None, backward: Any
) -> None:
    """See `refacts.testing`."""
    with value_errors():
        inputs = _given(activation, operands, quantity, formats)
        gate = gates.asked(0.5)
        row = judged_here(kernel, inputs, rules_of(gate, (), "right"), gate, backward)
    if row.verdict != "pass" or row.wrong:
        of_all = f"{row.wrong:,} of {row.inputs:,} results are not correctly rounded"
        raise AssertionError(failure(row, of_all if row.wrong and row.verdict != "void" else _reasons(row)))


def assert_max_ulp(
    kernel: Any,
    activation: Any,
    operands: Operands,
    max_ulp: float,
    quota: float,
    quantity: str,
    formats: str | None,
    allow: Iterable[str],
    profile: Iterable[str],
    kink: str,
    backward: Any,
) -> None:
    """See `refacts.testing`."""
    with value_errors():
        inputs = _given(activation, operands, quantity, formats)
        gate = gates.asked(max_ulp, quota or None, _names(allow))
        row = judged_here(kernel, inputs, rules_of(gate, profile, kink), gate, backward)
    if row.verdict != "pass":
        raise AssertionError(failure(row, _reasons(row)))


def ulp_error(got: Any, activation: Any, operands: Operands, quantity: str, formats: str | None) -> Floats:
    """See `refacts.testing`."""
    with value_errors():
        return ulps_here(got, _given(activation, operands, quantity, formats))


def verify(
    kernel: Any,
    activation: Any,
    quantities: Sequence[str],
    formats: Sequence[str],
    plan: dict[str, Any],
    bound: dict[str, Any],
    profile: Iterable[str],
    kink: str,
    backward: Any,
    call: dict[str, Any],
) -> list[Row]:
    """See `refacts.testing`."""
    with value_errors():
        for name, named in (("quantity", quantities), ("format", formats)):
            if not named:
                raise ValueError(f"{name} must name at least one (got {named!r})")
        gate = gates.asked(bound["max_ulp"], bound["quota"] or None, _names(bound["allow"]))
        samples, seed = (integer(name, plan[name]) for name in ("samples", "seed"))
        inputs = Plan(samples, seed, bool(plan["exhaustive"]), uniform=gate.quota > 0)
        rules = rules_of(gate, profile, kink)
        return verify_here(kernel, activation, quantities, formats, inputs, rules, gate, backward, call)


def _names(given: Iterable[str]) -> Iterable[str]:
    """Several, or one that stands alone."""
    return [given] if isinstance(given, str) else given


def _reasons(row: Row) -> str:
    """Why a row did not pass; a void one says nothing of the kernel."""
    about = "VOID, which says nothing of the kernel: " if row.verdict == "void" else ""
    return about + "; ".join(row.reasons)


def failure(row: Row, first: str) -> str:
    """The message of a failed assertion: what is wrong, then the worst of each kind and how to repeat it."""
    lines = [f"{row.target} as {row.subject}, {row.quantity} in {row.formats}: {first}"]
    meant: dict[str, str] = {}
    for detail in details(row):
        lines += [f"  {text}" for text in detail.sentences if text not in row.reasons]
        if detail.code:
            lines.append(f"    {detail.code}")
            meant |= {name: what for name, what in MEANT.items() if re.search(rf"\b{name}\b", detail.code)}
    if meant:
        said = ", and ".join(f"{name} is {what}" for name, what in meant.items())
        lines.append(f"  In such a line {said}.")
    return "\n".join(lines)


def _given(activation: Any, operands: Operands, quantity: str, formats: str | None) -> Given:
    if "a" in operands:
        raise ValueError("a must not be given by name: x is the a of a gated unit")
    if "b" in operands:  # a gated unit's first operand is a
        operands = {"a" if name == "x" else name: array for name, array in operands.items()}
    return given(activation, quantity, formats, operands)
