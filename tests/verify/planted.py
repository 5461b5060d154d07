"""Kernels that are wrong in one known way each, and what the judge must say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import refacts
from tests.verify import wrong_kernels as wrong

F32, F64 = "float32", "float64"


@dataclass(frozen=True)
class Planted:
    """A wrong kernel. says: what its verdict must hold, all of it: phrases that name the cause.

    backward: whether it is a kernel (x, g) -> dx.
    """

    name: str
    kernel: Callable[..., Any]
    activation: Any
    says: tuple[str, ...]
    quantity: str = "value"
    formats: str = F32
    samples: int = 20_000
    backward: bool = False
    options: dict[str, Any] = field(default_factory=dict)


PLANTED = (
    Planted("gelu by erf", wrong.gelu, "gelu", ("tail cancellation", "false zeros", "NaN at infinity")),
    Planted("gelu' by erf", wrong.gelu_slope, "gelu", ("cancellation near the root",), "vjp", backward=True),
    Planted("gelu is gelu_tanh", refacts.gelu_tanh, "gelu", ("follows gelu_tanh (", "not gelu (")),
    Planted("gelu is quick_gelu", refacts.quick_gelu, "gelu", ("follows quick_gelu (", "not gelu (")),
    Planted("sigmoid of exp", lambda x: np.exp(x) / (1 + np.exp(x)), "sigmoid", ("NaN mismatches",)),
    Planted(
        "sigmoid flushes", wrong.exactly(refacts.sigmoid, wrong.flushed), "sigmoid", ("flushed subnormals",)
    ),
    Planted(
        "sigmoid in float32",
        lambda x: wrong.sigmoid(x.astype(np.float32)).astype(x.dtype),
        "sigmoid",
        ("with the precision of float32", "not of float64"),
        formats=F64,
    ),
    Planted(
        "softplus of exp", wrong.softplus, "softplus", ("overflow", "infinity mismatches", "false zeros")
    ),
    Planted(
        "log of sigmoid",
        lambda x: np.log(wrong.sigmoid(x)),
        "log_sigmoid",
        ("infinity mismatches", "false zeros"),
    ),
    Planted("tanh by exponentials", wrong.tanh_by_exponentials, "tanh", ("NaN mismatches", "false zeros")),
    Planted(
        "tanhshrink by difference",
        lambda x: x - np.tanh(x),
        "tanhshrink",
        ("cancellation near zero", "sign of zero"),
    ),
    Planted(
        "mish of exp", lambda x: x * np.tanh(wrong.softplus(x)), "mish", ("false zeros", "NaN at infinity")
    ),
    Planted("silu at -inf", lambda x: x * wrong.sigmoid(x), "silu", ("NaN at infinity",)),
    Planted(
        "elu without expm1",
        lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
        "elu",
        ("cancellation near zero",),
    ),
    Planted(
        "selu of float32 constants",
        wrong.selu_of_float32,
        "selu",
        ("constants rounded to float32",),
        formats=F64,
    ),
    Planted(
        "leaky slope as float32",
        lambda x: np.where(x >= 0, x, float(np.float32(0.2)) * x),
        "leaky_relu",
        ("alpha = 0.2 rounded to float32",),
        formats=F64,
    ),
    Planted(
        "leaky slope 0.01",
        lambda x: np.where(x >= 0, x, x.dtype.type(0.01) * x),
        "leaky_relu",
        ("follows leaky_relu(alpha=0.01)",),
    ),
    Planted(
        "hard_sigmoid of 0.2",
        refacts.HardSigmoid(slope=0.2, offset=0.5),
        "hard_sigmoid",
        ("follows hard_sigmoid(slope=0.2, offset=0.5)",),
    ),
    Planted("softplus beta 2", refacts.Softplus(beta=2.0), "softplus", ("follows softplus(beta=2.0)",)),
    Planted("elu alpha 0.5", refacts.ELU(alpha=0.5), "elu", ("follows elu(alpha=0.5)",)),
    Planted("swish for hard_swish", refacts.silu, "hard_swish", ("follows silu (",)),
    Planted(
        "sigmoid and a bit",
        wrong.exactly(refacts.sigmoid, lambda x, y: y + y.dtype.type(1e-3)),
        "sigmoid",
        ("follows sigmoid + 0.001",),
    ),
    Planted(
        "tanh times 1.01",
        wrong.exactly(refacts.tanh, lambda x, y: y * y.dtype.type(1.01)),
        "tanh",
        ("follows 1.01 times tanh",),
    ),
    Planted("relu swallows NaN", lambda x: np.where(x > 0, x, 0), "relu", ("NaN swallowed",)),
    Planted(
        "relu loses the sign of 0",
        lambda x: np.where(x == 0, np.abs(x), refacts.relu(x)),
        "relu",
        ("1 wrong sign", "sign of zero"),
    ),
    Planted("relu flushes", wrong.exactly(refacts.relu, wrong.flushed), "relu", ("flushed subnormals",)),
    Planted(
        "squareplus squares",
        lambda x: (x + np.sqrt(x * x + 4)) / 2,
        "squareplus",
        ("overflow", "false zeros", "NaN at infinity"),
    ),
    Planted(
        "one exponent",
        wrong.exactly(refacts.sigmoid, wrong.one_exponent),
        "sigmoid",
        ("max error 169 ulp", "large error"),
    ),
    Planted(
        "one input in 2^20",
        wrong.exactly(refacts.tanh, wrong.one_in_a_million),
        "tanh",
        ("max error 1.68e+07 ulp", "large error"),
        samples=6_000_000,
    ),
    Planted("one lane in 16", wrong.one_lane_in_16, "sigmoid", ("alone, ", "in an array of 8")),
    Planted("the tail of a vector", wrong.tail_of_a_vector, "silu", ("alone, ", "in an array of 2")),
    Planted("differs from run to run", wrong.differs_from_run_to_run, "tanh", ("when run again",)),
    Planted(
        "rounds by dropping bits",
        wrong.truncated,
        "relu",
        ("max error 1 ulp", "at most 0.5 allowed"),
        formats="float32:bfloat16",
        options={"max_ulp": 0.5},
    ),
    Planted(
        "ties away",
        wrong.away_at_ties,
        "relu",
        ("a tie rounded to the wrong side",),
        formats="float32:bfloat16",
        options={"max_ulp": 0.5},
    ),
    Planted("in place", wrong.in_place, "relu", ("changed x",)),
    Planted(
        "wrong dtype",
        lambda x: refacts.relu(x.astype(np.float64)),
        "relu",
        ("returned float64, want float32",),
    ),
    Planted("wrong shape", lambda x: refacts.relu(x)[..., :-1], "relu", ("returned shape (0,), want (1,)",)),
    Planted("raises", wrong.raises_beyond, "tanh", ("raised ValueError: out of range",)),
    Planted(
        "raises on long arrays",
        wrong.raises_on_long_arrays,
        "tanh",
        ("raised ValueError: at most 50 at once, on an array of",),
    ),
    Planted("cuts long arrays", wrong.cuts_long_arrays, "tanh", ("returned shape (50,), want (",)),
    Planted("always raises", wrong.always_raises, "tanh", ("raised NotImplementedError: to be written",)),
    Planted("softmax without the maximum", wrong.softmax, "softmax", ("NaN mismatches", "false zeros")),
    Planted(
        "softmax of the wrong axis", refacts.Softmax(axis=0), "softmax", ("follows softmax over axis 0",)
    ),
    Planted(
        "log of softmax",
        lambda x: np.log(refacts.softmax(x)),
        "log_softmax",
        ("infinity mismatches", "false zeros"),
    ),
    Planted(
        "logsumexp overflows",
        lambda x: np.log(np.exp(x).sum(axis=-1)),
        "logsumexp",
        ("infinity mismatches", "overflow"),
    ),
    Planted("sigmoid' from y", wrong.slope_of_value, "sigmoid", ("false zeros",), "vjp", backward=True),
    Planted(
        "tanh' from y", lambda x, g: g * (1 - np.tanh(x) ** 2), "tanh", ("false zeros",), "vjp", backward=True
    ),
    Planted(
        "operands swapped",
        lambda x, g: refacts.silu.vjp(g, x),
        "silu",
        ("follows x times silu'(g)",),
        "vjp",
        backward=True,
    ),
    Planted(
        "g forgotten",
        lambda x, g: refacts.silu.gradient(x),
        "silu",
        ("follows silu'(x) without g",),
        "vjp",
        backward=True,
    ),
    Planted(
        "value for derivative",
        lambda x, g: g * refacts.gelu(x),
        "gelu",
        ("follows g times the value of gelu",),
        "vjp",
        backward=True,
    ),
    Planted(
        "kink from the left",
        lambda x, g: g * (x > 0),
        "relu",
        ("derivative at kinks: left",),
        "vjp",
        backward=True,
        options={"kink": "right"},
    ),
    Planted(
        "mish' of exp", wrong.mish_slope, "mish", ("NaN mismatches", "wrong signs"), "vjp", backward=True
    ),
    Planted(
        "diagonal only",
        wrong.diagonal_only,
        "softmax",
        ("the Jacobian's diagonal alone",),
        "vjp",
        backward=True,
    ),
    Planted(
        "swiglu of the other half", lambda a, b: refacts.swiglu(b, a), "swiglu", ("the operands swapped",)
    ),
    Planted("geglu by sigmoid", refacts.swiglu, "geglu", ("follows a silu(b)",)),
)
