"""NumPy arrays: nothing differentiates here."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Bits
from refacts.reports.exits import UsageError
from refacts.reports.question import Question
from refacts.reports.targets.frameworks.arrays import LAYOUTS, Arrays, laid_out


class NumpyArrays(Arrays):
    """Arrays of NumPy; of bfloat16 with ml_dtypes."""

    name = "numpy"
    noun = "a numpy.ndarray"
    layouts = LAYOUTS
    differentiates = False

    def __init__(self, device: str | None = None) -> None:
        if device is not None:
            raise UsageError(f"--device {device} is for torch and JAX: NumPy arrays have no device")

    def array(self, bits: Bits, fmt: Format, layout: str = "plain") -> Any:
        """A view of fresh bits."""
        return laid_out(bits, layout).view(fmt.dtype)

    def is_array(self, found: object) -> bool:
        """Whether it is an ndarray; NumPy's scalars are none."""
        return isinstance(found, np.ndarray)

    def dtype(self, array: Any) -> str:
        """Its name, whatever the byte order."""
        return str(array.dtype.name)

    def numpy(self, array: Any) -> npt.NDArray[Any]:
        """Itself, contiguous and native; bfloat16 as bits."""
        native = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))
        native = native.reshape(array.shape).view(np.ndarray)
        return native.view(np.uint16) if self.dtype(array) == "bfloat16" else native

    def covers(self, fmt: Format) -> str:
        """NumPy itself has no bfloat16."""
        if fmt.name == "bfloat16" and find_spec("ml_dtypes") is None:
            return "bfloat16 in NumPy arrays needs ml_dtypes: pip install ml_dtypes"
        return ""

    def scope(self, question: Question) -> AbstractContextManager[object]:
        """Floating-point warnings are not judged: results are."""
        return np.errstate(all="ignore")
