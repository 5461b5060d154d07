"""The committed inputs lie beside ties, are answered right, and are what the search finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS

import refacts
from refacts import oracles
from scripts.ties.found import CLOSENESS, to_tie
from scripts.ties.products import first_within, gated, products
from scripts.ties.rows import rows
from tests import checks
from tests import rows as rowwise
from tests.checks import as_float64
from tests.portability import beside_ties
from tests.portability.beside_ties import Entry
from tests.portability.planted import without_a_bound
from tests.test_gated import matches_oracle as gated_matches_oracle

TEXT = beside_ties.FILE.read_text(encoding="ascii")
GROUPS = beside_ties.grouped(beside_ties.read(TEXT))
every_group = pytest.mark.parametrize("group", GROUPS, ids="-".join)


def exact(entry: Entry) -> oracles.Reference:
    """The oracle's answer to the result that is beside a tie."""
    name, quantity, layout, element, operands = entry
    fmt, numbers = FORMATS[layout.name], [as_float64(o) for o in operands]
    kernel = getattr(refacts, name)
    if kernel.spec.kind == "elementwise":
        return oracles.reference(name, quantity, numbers[0], fmt, kernel.parameters, numbers[1])
    if kernel.spec.kind == "gated":
        asked = f"vjp_{'ab'[element]}" if quantity == "vjp" else quantity
        return oracles.reference_gated(name, asked, *numbers[:2], fmt, *numbers[2:])
    asked = "derivative" if quantity == "gradient" else quantity
    return oracles.reference_row(name, asked, numbers[0], fmt, *numbers[1:], only=[element])


def far_from_ties(entries: list[Entry]) -> list[Entry]:
    """Those that are further from a tie than claimed; none is at one, all results being irrational."""
    return [entry for entry in entries if not 0 <= to_tie(exact(entry)) <= CLOSENESS]


def matches_oracle(group: tuple[str, str, str], entries: list[Entry], measured: bool = True) -> None:
    """Equal bits at every element of every entry."""
    name, quantity, _ = group
    kernel = getattr(refacts, name)
    operands = [np.stack(each) for each in zip(*(entry.operands for entry in entries), strict=True)]
    if kernel.spec.kind == "gated":
        flat = [each[:, 0] for each in operands]
        filled = flat + [np.ones_like(flat[0])] * (4 - len(flat))
        gated_matches_oracle(kernel, *filled, measured=measured)
        return
    check: Any = rowwise.matches_oracle if kernel.spec.kind == "rowwise" else checks.matches_oracle
    if kernel.spec.kind == "rowwise" and operands[-1].shape[-1] == 1:
        operands[-1] = operands[-1][:, 0]
    check(kernel, "derivative" if quantity == "gradient" else quantity, *operands, measured=measured)


@every_group
def test_results_are_right_and_as_close_to_ties_as_claimed(group: tuple[str, str, str]) -> None:
    entries = GROUPS[group]
    assert far_from_ties(entries) == []
    matches_oracle(group, entries)


@every_group
def test_a_tier_without_a_bound_is_wrong_there(group: tuple[str, str, str]) -> None:
    with without_a_bound(), pytest.raises(AssertionError, match="ulp"):
        matches_oracle(group, GROUPS[group], measured=False)


def test_other_numbers_are_further_away() -> None:
    """The control: the last operand of every entry, times two thirds or so."""
    for group, entries in GROUPS.items():
        first = entries[0]
        *others, last = first.operands
        moved = first._replace(operands=(*others, (last * np.array(0.6875)).astype(last.dtype)))
        assert far_from_ties([first, moved]) == [moved], group


def test_every_smooth_derivative_and_row_is_there() -> None:
    names = {name for name, _, _ in GROUPS}
    rational = {f.spec.name for f in refacts.CATALOGUE if f.spec.rational}
    roots = {"softsign", "squareplus", "sparse_plus", "sparse_sigmoid"}
    others = {"reglu", "sparsemax", "softmin"}  # softmin is softmax of -x
    assert {f.spec.name for f in refacts.CATALOGUE} - names <= rational | roots | others
    assert len(beside_ties.read(TEXT)) > 1000


def test_the_search_finds_what_is_committed() -> None:
    there = set(TEXT.splitlines())
    found = [*products("silu"), *gated("geglu"), *rows("log_softmax", "vjp", FORMATS["bfloat16"])]
    lines = {entry.line() for entry in found}
    assert len(lines) == len(found)
    assert lines <= there


def test_the_first_solution_of_a_modular_inequality() -> None:
    for modulus in (1, 2, 7, 30, 64):
        for a in range(modulus):
            for low in range(modulus):
                for high in range(low, modulus, 3):
                    found = first_within(a, modulus, low, high)
                    hits = (x for x in range(modulus) if low <= a * x % modulus <= high)
                    assert found == next(hits, None), (a, modulus, low, high)
