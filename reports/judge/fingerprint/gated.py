"""What a target of a gated unit a f(b) may compute instead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.fingerprint.elementwise import Candidate
from refacts.reports.judge.fingerprint.functions import Function, function, remembered
from refacts.reports.quantities import gate
from refacts.reports.question import Batch, Question

import refacts

GATES = (
    *map(function, (refacts.sigmoid, refacts.silu, refacts.gelu, refacts.gelu_tanh, refacts.quick_gelu)),
    *map(function, (refacts.relu, refacts.tanh, refacts.mish, refacts.softplus, refacts.hard_sigmoid)),
    *map(function, (refacts.hard_swish, refacts.leaky_relu, refacts.elu, refacts.selu, refacts.relu6)),
    Function("identity", lambda x: x, np.ones_like),
)


def named(question: Question, batch: Batch) -> Candidate:
    """The unit asked for."""
    f = function(gate(question.activation))
    return next(iter(_forms(question, batch, f)))


def candidates(question: Question, batch: Batch) -> Iterator[Candidate]:
    """All but the unit asked for, which gate and which slip."""
    own = function(gate(question.activation))
    with np.errstate(all="ignore"):
        forms = list(_forms(question, batch, own))
        yield from forms[1:]
        yield Candidate(f"-{forms[0].name}", -forms[0].values)
        for f in GATES:
            if f.name != own.name:
                yield from _forms(question, batch, f)


def _forms(question: Question, batch: Batch, f: Function) -> Iterator[Candidate]:
    """Combinations of the operands, the right one of a f(b) first."""
    for said, values in _FORMS[question.quantity](batch, remembered(f)):
        yield Candidate(said.replace("f'(", f"{f.name}'(").replace("f(", f"{f.name}("), values)


def _value(batch: Batch, f: Function) -> Iterator[tuple[str, Floats]]:
    a, b = batch["a"], batch["b"]
    yield "a f(b)", a * f.value(b)
    yield "b f(a), the operands swapped", b * f.value(a)
    yield "f(b) without a", f.value(b)
    yield "f(a) without b", f.value(a)
    yield "f(a b)", f.value(a * b)
    yield "a + f(b)", a + f.value(b)
    yield "f(a) f(b)", f.value(a) * f.value(b)


def _vjp_a(batch: Batch, f: Function) -> Iterator[tuple[str, Floats]]:
    a, b, g = batch["a"], batch["b"], batch["g"]
    yield "g f(b)", g * f.value(b)
    yield "g b f'(a), the operands swapped", g * b * f.slope(a)
    yield "g f(a)", g * f.value(a)
    yield "g a f'(b), the cotangent of b", g * a * f.slope(b)
    yield "f(b) without g", f.value(b)
    yield "g a f(b)", g * a * f.value(b)
    yield "g f'(b)", g * f.slope(b)
    yield "g^2 f(b)", g * g * f.value(b)
    yield "b f(g)", b * f.value(g)


def _vjp_b(batch: Batch, f: Function) -> Iterator[tuple[str, Floats]]:
    a, b, g = batch["a"], batch["b"], batch["g"]
    yield "g a f'(b)", g * a * f.slope(b)
    yield "g f(a), the operands swapped", g * f.value(a)
    yield "g f(b), the cotangent of a", g * f.value(b)
    yield "g b f'(a)", g * b * f.slope(a)
    yield "g f'(b) without a", g * f.slope(b)
    yield "a f'(b) without g", a * f.slope(b)
    yield "g a f(b)", g * a * f.value(b)
    yield "g a f'(y) at y = f(b)", g * a * f.slope(f.value(b))
    yield "g a f'(a)", g * a * f.slope(a)
    yield "g^2 a f'(b)", g * g * a * f.slope(b)


def _jvp(batch: Batch, f: Function) -> Iterator[tuple[str, Floats]]:
    a, b, v, w = (batch[name] for name in ("a", "b", "v_a", "v_b"))
    by_a, by_b = f.value(b), a * f.slope(b)
    yield "v_a f(b) + v_b a f'(b)", v * by_a + w * by_b
    yield "v_b f(b) + v_a a f'(b), the tangents swapped", w * by_a + v * by_b
    yield "v_b f(a) + v_a b f'(a), the operands swapped", w * f.value(a) + v * b * f.slope(a)
    yield "v_a f(a) + v_b b f'(a)", v * f.value(a) + w * b * f.slope(a)
    yield "v_a f(b) alone", v * by_a
    yield "v_b a f'(b) alone", w * by_b
    yield "v_a f(b) - v_b a f'(b)", v * by_a - w * by_b
    yield "v_a f(b) + v_b f'(b) without a", v * by_a + w * f.slope(b)
    yield "f(b) + a f'(b) without tangents", by_a + by_b
    yield "v_a v_b f'(b)", v * w * f.slope(b)


_FORMS = {"value": _value, "vjp_a": _vjp_a, "vjp_b": _vjp_b, "jvp": _jvp}
