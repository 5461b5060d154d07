"""Kernels that follow a definition, with the one they are said to be of: for the fingerprint to tell."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from refacts.oracles import FORMATS
from refacts.oracles.numbers.formats import Floats
from refacts.reports.question import Batch, Question, pair

import refacts as r

Ask = Callable[[Question, Batch], Floats]


@dataclass(frozen=True)
class Planted:
    """A kernel of arrays, judged as `named`; follows: what the fingerprint must call it."""

    named: Any
    quantity: str
    formats: str
    kernel: Callable[..., Any]
    follows: str

    @property
    def question(self) -> Question:
        return Question(self.named, self.quantity, *pair(self.formats))

    @property
    def answer(self) -> Ask:
        return asking(self.kernel)


def asking(kernel: Callable[..., Any]) -> Ask:
    """What a kernel of arrays of the operands' formats answers."""

    def answer(question: Question, batch: Batch) -> Floats:
        operands = [question.format_of(name).encode(batch[name]) for name in question.operands]
        with np.errstate(all="ignore"):
            results = np.asarray(kernel(*operands)).astype(question.result.dtype)
        return results.astype(np.float64)

    return answer


def held(number: float, fmt: str) -> float:
    return float(np.asarray(number).astype(FORMATS[fmt].dtype))


def gelu_tanh(x: Any, peak: float = math.sqrt(2 / math.pi), cubic: float = 0.044715) -> Any:
    """As JAX writes it, in the format of x."""
    return x * (0.5 * (1 + np.tanh(peak * (x + cubic * x**3))))


def in_float32(kernel: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands: kernel(*(each.astype(np.float32) for each in operands))


def base_two(x: Any) -> Any:
    powers = np.exp2(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


SINGLE = held(0.2, "float32")
WRONG = [
    Planted(r.gelu, "value", "float32", gelu_tanh, "gelu_tanh"),
    Planted(r.gelu, "value", "bfloat16", in_float32(gelu_tanh), "gelu_tanh"),
    Planted(r.gelu, "value", "float32:bfloat16", gelu_tanh, "gelu_tanh"),
    Planted(r.gelu, "value", "float64", gelu_tanh, "gelu_tanh"),
    Planted(r.gelu, "value", "float16", r.quick_gelu, "quick_gelu"),
    Planted(r.gelu_tanh, "value", "float32", r.gelu, "gelu"),
    Planted(r.gelu_tanh, "derivative", "float32", r.gelu.gradient, "gelu'"),
    Planted(r.silu, "value", "float32", r.mish, "mish"),
    Planted(r.sigmoid, "value", "bfloat16", r.hard_sigmoid, "hard_sigmoid(slope=1/6, offset=0.5)"),
    Planted(r.leaky_relu, "value", "float32", r.LeakyReLU(0.01), "leaky_relu(alpha=0.01)"),
    Planted(r.leaky_relu, "value", "float32", r.LeakyReLU(0.3), "leaky_relu(alpha=0.3)"),
    Planted(r.leaky_relu, "vjp", "float16", r.LeakyReLU(0.1).vjp, "g times leaky_relu(alpha=0.1)'"),
    Planted(r.leaky_relu, "value", "float32", r.LeakyReLU(0.137), "leaky_relu(alpha=0.137)"),
    Planted(r.PReLU(0.5), "value", "float32", r.PReLU(0.75), "prelu(weight=0.75)"),
    Planted(r.hard_sigmoid, "value", "float32", r.HardSigmoid(0.2), "hard_sigmoid(slope=0.2, offset=0.5)"),
    Planted(
        r.hard_sigmoid, "derivative", "float32", r.HardSigmoid(0.3).gradient,
        "hard_sigmoid(slope=0.3, offset=0.5)'",
    ),
    Planted(r.hard_tanh, "value", "float32", r.HardTanh(-0.7, 1.2), "hard_tanh(min_val=-0.7, max_val=1.2)"),
    Planted(
        r.hard_tanh, "derivative", "float32", r.HardTanh(-2, 3).gradient,
        "hard_tanh(min_val=-2.0, max_val=3.0)'",
    ),
    Planted(r.threshold, "value", "float32", r.Threshold(0.3, 0.1), "threshold(threshold=0.3, value=0.1)"),
    Planted(r.hardshrink, "value", "bfloat16", r.Hardshrink(0.3), "hardshrink(lambd=0.3)"),
    Planted(r.softshrink, "value", "float32", r.Softshrink(0.3), "softshrink(lambd=0.3)"),
    Planted(r.shrink, "value", "float32", r.Shrink(0.3, 0.1), "shrink(lambd=0.3, bias=0.1)"),
    Planted(r.elu, "value", "float32", r.ELU(0.7), "elu(alpha=0.7)"),
    Planted(r.celu, "derivative", "float32", r.CELU(0.7).gradient, "celu(alpha=0.7)'"),
    Planted(r.swish, "derivative", "float64", r.Swish(1.3).gradient, "swish(beta=1.3)'"),
    Planted(r.softplus, "value", "float32", r.Softplus(3), "softplus(beta=3.0)"),
    Planted(r.squareplus, "value", "float32", r.Squareplus(2.5), "squareplus(b=2.5)"),
    Planted(
        r.leaky_relu, "value", "float64", r.LeakyReLU(SINGLE),
        "leaky_relu with alpha = 0.2 rounded to float32",
    ),
    Planted(
        r.leaky_relu, "value", "float32", r.LeakyReLU(held(0.2, "bfloat16")),
        "leaky_relu with alpha = 0.2 rounded to bfloat16",
    ),
    Planted(
        r.hard_sigmoid, "value", "float64", r.HardSigmoid(held(1 / 6, "float32")),
        "hard_sigmoid with slope = 1/6 rounded to float32",
    ),
    Planted(
        r.quick_gelu, "value", "float64", r.Swish(held(1.702, "float32")),
        "quick_gelu with 1.702 rounded to float32",
    ),
    Planted(
        r.gelu_tanh, "value", "float64", lambda x: gelu_tanh(x, held(math.sqrt(2 / math.pi), "float32")),
        "gelu_tanh with sqrt(2/pi) rounded to float32",
    ),
    Planted(
        r.selu, "value", "float64", lambda x: 1.0507 * np.where(x > 0, x, 1.67326 * np.expm1(x)),
        "selu with 1.0507 and 1.67326",
    ),
    Planted(r.gelu, "value", "float32", lambda x: 1.5 * r.gelu(x), "1.5 times gelu"),
    Planted(r.tanh, "value", "float32", lambda x: r.tanh(x) + np.float32(0.01), "tanh + 0.01"),
    Planted(r.gelu, "value", "float32", lambda x: x * np.float32(0.5), "0.5 times x"),
    Planted(r.gelu, "vjp", "float32", lambda x, g: g * np.float32(0.5), "0.5 times g times x'"),
    Planted(r.tanh, "value", "float32", lambda x: r.tanh(2 * x), "tanh(2.0 x)"),
    Planted(r.tanh, "derivative", "float32", lambda x: r.tanh.gradient(2 * x), "tanh'(2.0 x)"),
    Planted(r.silu, "value", "float32", lambda x: -r.silu(x), "-silu"),
    Planted(r.gelu, "derivative", "float32", r.gelu, "the value of gelu"),
    Planted(r.sigmoid, "derivative", "float32", lambda x: x * (1 - x), "y (1 - y) with x for y"),
    Planted(r.gelu, "vjp", "float32", lambda x, g: r.gelu.gradient(x), "gelu'(x) without g"),
    Planted(r.gelu, "vjp", "float32", lambda x, g: r.gelu.vjp(g, x), "x times gelu'(g)"),
    Planted(
        r.tanh, "vjp", "float32", lambda x, g: g * (1 - np.tanh(r.tanh(x)) ** 2),
        "g times tanh'(y) at y = tanh(x)",
    ),
    Planted(r.silu, "vjp", "float32", lambda x, g: g * r.silu.vjp(x, g), "g^2 times silu'(x)"),
    Planted(r.softmax, "value", "float32", r.softmin, "softmin"),
    Planted(r.softmax, "value", "float32", r.log_softmax, "log_softmax"),
    Planted(r.softmax, "value", "bfloat16", r.sparsemax, "sparsemax"),
    Planted(r.softmax, "value", "float32", r.Softmax(axis=0), "softmax over axis 0"),
    Planted(r.softmax, "value", "float32", base_two, "softmax with base 2 for e"),
    Planted(r.softmax, "value", "float32", np.exp, "e^x, not divided by its sum"),
    Planted(
        r.softmax, "vjp", "float32", lambda x, g: g * r.softmax.gradient(x),
        "g times the Jacobian's diagonal alone",
    ),
    Planted(r.log_softmax, "vjp", "float32", r.log_softmax.jvp, "g - sum s g"),
    Planted(r.logsumexp, "value", "float32", lambda x: x.max(-1), "max x"),
    Planted(r.logsumexp, "vjp", "float32", lambda x, g: r.softmax(x), "softmax without g"),
    Planted(r.glu, "value", "float32", lambda a, b: b * r.sigmoid(a), "b sigmoid(a), the operands swapped"),
    Planted(r.swiglu, "value", "float32", lambda a, b: a * r.sigmoid(b), "a sigmoid(b)"),
    Planted(r.geglu, "value", "bfloat16", in_float32(lambda a, b: a * gelu_tanh(b)), "a gelu_tanh(b)"),
    Planted(r.reglu, "vjp_a", "float32", lambda a, b, g: g * r.silu(b), "g silu(b)"),
    Planted(r.swiglu, "vjp_b", "float32", lambda a, b, g: g * r.silu.gradient(b), "g silu'(b) without a"),
    Planted(
        r.geglu, "jvp", "float32", lambda a, b, v, w: r.geglu.jvp(a, b, w, v),
        "v_b gelu(b) + v_a a gelu'(b), the tangents swapped",
    ),
    Planted(
        r.softplus, "value", "float64", lambda x: np.where(x > 20, x, r.softplus(x)),
        "softplus(beta=1.0) with x itself where beta x > 20",
    ),
    Planted(
        r.softplus, "derivative", "float64", lambda x: np.where(x > 20, 1.0, r.softplus.gradient(x)),
        "the derivative of softplus(beta=1.0) with x itself where beta x > 20",
    ),
    Planted(
        r.leaky_relu, "value", "float64", r.LeakyReLU(held(0.07, "float32")),
        "leaky_relu(alpha=0.07 rounded to float32)",
    ),
    Planted(r.gelu, "value", "float64", in_float32(r.gelu), "gelu with the precision of float32"),
    Planted(
        r.gelu, "value", "float64", in_float32(gelu_tanh), "gelu_tanh with the precision of float32"
    ),
]  # fmt: skip
