"""What a library of arrays must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from refacts.oracles import FORMATS, Format
from refacts.oracles.numbers.formats import Bits
from refacts.reports.question import Question
from refacts.reports.targets.returned import rounded
from refacts.reports.targets.target import NoAnswerError

Function = Callable[..., Any]
LAYOUTS = ("plain", "strided", "offset")
GIVEN = "given"  # the layout that bits have themselves


class Arrays(ABC):
    """Arrays of one library on one device. They are made of bit patterns, and read as such."""

    name: ClassVar[str]
    noun: ClassVar[str]  # "a torch.Tensor"
    layouts: ClassVar[tuple[str, ...]] = ("plain",)
    differentiates: ClassVar[bool] = True

    @abstractmethod
    def array(self, bits: Bits, fmt: Format, layout: str = "plain") -> Any:
        """A fresh array of the values that the bits are of."""

    @abstractmethod
    def is_array(self, found: object) -> bool:
        """Whether that is an array of this library."""

    @abstractmethod
    def dtype(self, array: Any) -> str:
        """The name of its dtype, as formats are named."""

    @abstractmethod
    def numpy(self, array: Any) -> npt.NDArray[Any]:
        """The array as NumPy's, in native byte order; bfloat16 as uint16."""

    def covers(self, fmt: Format) -> str:
        """Empty if the library has arrays of that format, else a sentence that says why not."""
        return ""

    def lives(self) -> bool:
        """Whether the device can still be used."""
        return True

    def scope(self, question: Question) -> AbstractContextManager[object]:
        """What the target is called in."""
        return nullcontext()

    def vjp(self, f: Function, xs: Sequence[Any], g: Any) -> tuple[Any, Sequence[Any]]:
        """The value, and the cotangent g of its shape pulled back to each x."""
        raise NotImplementedError(f"{self.name} does not differentiate")

    def jvp(self, f: Function, xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
        """The value, and the tangents of all x pushed forward."""
        raise NotImplementedError(f"{self.name} does not differentiate")

    def cast(self, array: Any, like: Any) -> Any:
        """The array in the dtype of another."""
        raise NotImplementedError(f"{self.name} does not differentiate")

    def patterns(self, array: Any) -> Bits:
        """The bits of an array of one of our formats."""
        own = self.numpy(array)
        return own.view(FORMATS[self.dtype(array)].unsigned)

    def result(self, found: object, fmt: Format, shape: tuple[int, ...]) -> tuple[Bits, dict[str, str]]:
        """The bits of what was returned, in the format wanted, and the fault if it has another.

        NoAnswerError if it is no array, of another shape, or of no real numbers.
        """
        dtype = self.require(found, "returned", shape)
        if dtype == fmt.name:
            return self.patterns(found), {}
        faults = {"dtype": f"returned {dtype}, want {fmt.name}"}
        if dtype in FORMATS:
            return rounded(FORMATS[dtype].decode(self.patterns(found)), fmt), faults
        numbers = self.numpy(found)
        if numbers.dtype.kind not in "biuf":
            raise NoAnswerError("type", f"returned {dtype}, no real numbers")
        return rounded(numbers, fmt), faults

    def cotangent(self, g: Any, y: object) -> Any:
        """The cotangent g in the dtype of the value y, which must hold it; NoAnswerError if not."""
        dtype = self.require(y, "its value is", tuple(g.shape))
        wanted = self.dtype(g)
        if dtype == wanted:
            return g
        there = self.cast(g, y)
        if dtype not in FORMATS or not np.array_equal(
            FORMATS[dtype].decode(self.patterns(there)),
            FORMATS[wanted].decode(self.patterns(g)),
            equal_nan=True,
        ):
            raise NoAnswerError("type", f"its value is {dtype}, want {wanted}, and does not hold all of g")
        return there

    def value_fault(self, y: object, fmt: Format) -> dict[str, str]:
        """The fault of a value on the way to a derivative."""
        dtype = self.dtype(y)
        return {} if dtype == fmt.name else {"dtype": f"its value is {dtype}, want {fmt.name}"}

    def require(self, found: object, verb: str, shape: tuple[int, ...]) -> str:
        """The dtype of an array of that shape; NoAnswerError for anything else."""
        if not self.is_array(found):
            kind = type(found)
            name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
            raise NoAnswerError("type", f"{verb} {name}, want {self.noun}")
        got = tuple(found.shape)  # type: ignore[attr-defined]  # it is an array
        if got != shape:
            raise NoAnswerError("shape", f"{verb} shape {got}, want {shape}".replace("is shape", "has shape"))
        return self.dtype(found)


def laid_out(bits: Bits, layout: str) -> Bits:
    """A fresh copy: contiguous and aligned, every other element, one element off alignment, or as it is."""
    if layout == GIVEN:
        return _copied(bits)
    if layout == "strided":
        wide: Bits = np.zeros((*bits.shape[:-1], 2 * bits.shape[-1]), bits.dtype)
        view: Bits = wide[..., ::2]
    elif layout == "offset":
        view = np.zeros(bits.size + 1, bits.dtype)[1:].reshape(bits.shape)
    else:
        view = np.empty(bits.shape, bits.dtype)
    view[...] = bits
    return view


def _copied(bits: Bits) -> Bits:
    """A copy with the same strides; contiguous where these are no multiples of an element."""
    size = bits.itemsize
    if 0 in bits.shape or any(stride % size for stride in bits.strides):
        return bits.copy()
    reach = [(n - 1) * (stride // size) for n, stride in zip(bits.shape, bits.strides, strict=True)]
    before, behind = (sum(max(sign * each, 0) for each in reach) for sign in (-1, 1))
    memory: Bits = np.zeros(before + behind + 1, bits.dtype)
    view: Bits = np.lib.stride_tricks.as_strided(memory[before:], bits.shape, bits.strides)
    view[...] = bits
    return view
