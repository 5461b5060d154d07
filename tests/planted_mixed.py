"""Kernels with a `dtype=` that round twice, or somewhere else than at the end."""

from __future__ import annotations

from typing import Any

import numpy as np


class RoundsTwice:
    """The exact result rounded to float64, and that to the format; of rows and gated units too."""

    def __init__(self, like: Any):
        self.like = like

    def __getattr__(self, name: str) -> Any:
        return getattr(self.like, name)

    def _run(self, method: Any, operands: Any, dtype: Any) -> Any:
        with np.errstate(all="ignore"):
            found = method(*(self._taken(a, dtype) for a in operands), dtype=np.float64)
            several = isinstance(found, tuple)
            results = tuple(np.asarray(y).astype(dtype) for y in (found if several else (found,)))
        return results if several else results[0]

    def _taken(self, a: Any, dtype: Any) -> Any:
        return a

    def __call__(self, *operands: Any, dtype: Any) -> Any:
        return self._run(self.like, operands, dtype)

    def gradient(self, *operands: Any, dtype: Any) -> Any:
        return self._run(self.like.gradient, operands, dtype)

    def vjp(self, *operands: Any, dtype: Any) -> Any:
        return self._run(self.like.vjp, operands, dtype)

    def jvp(self, *operands: Any, dtype: Any) -> Any:
        return self._run(self.like.jvp, operands, dtype)

    def jacobian(self, *operands: Any, dtype: Any) -> Any:
        return self._run(self.like.jacobian, operands, dtype)


class CastsFirst(RoundsTwice):
    """Operands cast to the format of results, as ufuncs of NumPy do."""

    def _run(self, method: Any, operands: Any, dtype: Any) -> Any:
        with np.errstate(all="ignore"):
            return method(*(np.asarray(a).astype(dtype) for a in operands))
