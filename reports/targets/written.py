"""How a callable is called by hand: one line of Python for each library, quantity and operands."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

from refacts.reports.quantities import reduces
from refacts.reports.question import Question
from refacts.reports.targets.halves import halves_joined, joined


@dataclass(frozen=True)
class Notation:
    """Text of one library, with names in braces.

    array: of {numbers} and {dtype}. vjp: statements that set d to the cotangents, of f, {xs} and {g}.
    shown: d as a NumPy array.
    """

    imports: str
    array: str
    vjp: str
    shown: str


NOTATIONS = {
    "numpy": Notation("import numpy as np", "np.array({numbers}, {dtype!r})", "", "{d}"),
    "torch": Notation(
        "import torch",
        "torch.tensor({numbers}, dtype=torch.{dtype})",
        "xs = [x.requires_grad_() for x in ({xs},)]; d = torch.autograd.grad(f(*xs), xs, {g})",
        "{d}.detach().cpu().double().numpy()",
    ),
    "jax": Notation(
        "import jax, numpy as np",
        "jax.numpy.asarray(np.array({numbers}, jax.numpy.{dtype}))",
        "d = jax.vjp(f, {xs})[1]({g})",
        "np.asarray({d})",
    ),
    "tensorflow": Notation(
        "import tensorflow as tf",
        "tf.constant({numbers}, tf.{dtype})",
        "t = tf.GradientTape(); t.__enter__(); [t.watch(x) for x in ({xs},)]; y = f({xs}); "
        "d = t.gradient(y, [{xs}], {g})",
        "{d}.numpy()",
    ),
}
OURS = (  # in forward mode, or what takes its place where f has none; g in the dtype of the value
    "from refacts.reports.targets.frameworks import arrays_of; "
    "d = arrays_of({name!r}).{mode}(f, ({xs},), {rest})[1]"
)
METHODS = {"derivative": "gradient", "vjp_a": "vjp", "vjp_b": "vjp"}
PARTS = {"vjp_a": "[0]", "vjp_b": "[1]"}


@dataclass(frozen=True)
class WrittenCallable:
    """A callable by its text: ``expression`` means it after the statements ``setup``.

    methods: whether it has derivatives of its own. backward: setup and expression of a backward kernel.
    """

    arrays: str
    setup: str
    expression: str
    call: dict[str, Any]
    row_call: dict[str, Any]
    methods: bool
    backward: tuple[str, str] | None
    device: str | None

    def line(self, question: Question, operands: dict[str, list[str]]) -> str:
        """One line of Python that prints the results for operands given as hex floats, of one row."""
        notation, way = NOTATIONS[self.arrays], self._way(question)
        arrays = _arrays(question, operands, notation)
        if question.quantity == "derivative" and way != "methods":
            name = "v" if way == "forward" else "g"
            arrays[name] = _array(notation, question, name, ["1"] * len(operands["x"]))
        xs = ", ".join(name for name in arrays if name in ("x", "a", "b"))
        rest = ", ".join(name for name in arrays if name not in ("x", "a", "b"))
        statements = [
            notation.imports,
            self.backward[0] if way == "kernel" and self.backward else self.setup,
            "import ml_dtypes" if self.arrays == "numpy" and "bfloat16" in question.formats else "",
            "jax.config.update('jax_enable_x64', True)"
            if self.arrays == "jax" and "float64" in question.formats
            else "",
            "h = float.fromhex",
            *(f"{name} = {self._on_device(array)}" for name, array in arrays.items()),
            self._computed(question, way, xs, rest),
        ]
        first = "[0]" if way == "reverse" else ""
        part = PARTS.get(question.quantity, "") if "a" in arrays else first
        shown = notation.shown.format(d=f"d{part}")
        statements.append(f"print(*map(float.hex, {shown}.astype(float).ravel().tolist()))")
        return "; ".join(statement for statement in statements if statement)

    def _on_device(self, array: str) -> str:
        """The array's text, moved to the device."""
        if self.device is None:
            return array
        if self.arrays == "torch":
            return f"{array}.to({self.device!r})"
        kind, _, number = self.device.partition(":")
        return f"jax.device_put({array}, jax.devices({kind!r})[{number or 0}])"

    def _way(self, question: Question) -> str:
        """Which of a call, a backward kernel, methods, reverse and forward mode leads to the quantity."""
        if question.quantity == "value":
            return "call"
        narrower = question.quantity == "derivative" and question.source != question.output
        if self.backward and question.quantity != "jvp" and not narrower:
            return "kernel"
        if self.methods:
            return "methods"
        return "forward" if narrower or question.quantity == "jvp" else "reverse"

    def _computed(self, question: Question, way: str, xs: str, rest: str) -> str:
        """The statements that set d."""
        keywords = {**(self.row_call if question.kind == "rowwise" else {}), **self.call}
        named = "".join(f", {name}={value!r}" for name, value in keywords.items())
        told = f", dtype={question.result.name!r}" if self.methods and ":" in question.formats else ""
        if way == "call":
            return f"d = {self.expression}({xs}{named}{told})"
        if way == "kernel" and self.backward:
            return f"d = {self.backward[1]}({xs}, {rest})"
        if way == "methods":
            method = METHODS.get(question.quantity, question.quantity)
            return f"d = {self.expression}.{method}({', '.join(filter(None, (xs, rest)))}{told})"
        f = f"lambda *xs: {self.expression}(*xs{named})" if named else self.expression
        if way == "forward":
            derived = OURS.format(name=self.arrays, mode="jvp", xs=xs, rest=f"({rest},)")
        elif ":" in question.formats:
            derived = OURS.format(name=self.arrays, mode="vjp", xs=xs, rest=rest)
        else:
            derived = NOTATIONS[self.arrays].vjp.format(xs=xs, g=rest)
        return f"f = {f}; {derived}"


def _arrays(question: Question, operands: dict[str, list[str]], notation: Notation) -> dict[str, str]:
    """The operands' arrays as text; of rows one row; the halves of glu in one array."""
    numbers = {name: list(values) for name, values in operands.items()}
    if joined(question):
        numbers = halves_joined(numbers, operator.add)
    return {name: _array(notation, question, name, values) for name, values in numbers.items()}


def _array(notation: Notation, question: Question, name: str, numbers: list[str]) -> str:
    text = f"[{', '.join(f'h({number!r})' for number in numbers)}]"
    rows = question.kind == "rowwise" and not (name == "g" and reduces(question.activation, "value"))
    dtype = question.format_of(name).name
    return notation.array.format(numbers=f"[{text}]" if rows else text, dtype=dtype)
