"""Kernels of NumPy arrays, in order and planted: each planted one is wrong in its own way."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import warnings
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

CULPRIT = 3.0


def good(x: Any) -> Any:
    return np.tanh(x)


def good_backward(x: Any, g: Any) -> Any:
    return (g * (1 - np.tanh(x) ** 2)).astype(x.dtype)


def good_gated(a: Any, b: Any) -> Any:
    return a * np.maximum(b, 0)


def good_gated_backward(a: Any, b: Any, g: Any) -> tuple[Any, Any]:
    return g * np.maximum(b, 0), g * a * (b >= 0)


def good_softmax(x: Any, axis: int | None = None) -> Any:
    """Sums in order, so that padding changes nothing."""
    t = np.exp(x - x.max(axis=axis, keepdims=True))
    total = np.cumsum(t, axis=axis)[..., -1:] if axis is not None else t.sum()
    return t / total


def segfaults(x: Any) -> Any:
    if (x == CULPRIT).any():
        os.kill(os.getpid(), signal.SIGSEGV)
    return np.tanh(x)


def dies_in_real_time(x: Any) -> Any:
    if (x == CULPRIT).any():
        os.kill(os.getpid(), signal.SIGRTMIN + 6)
    return np.tanh(x)


def forks(x: Any) -> Any:
    """The child returns, too, something else."""
    return np.tanh(x) * (0 if os.fork() == 0 else 1)


def speaks_for_itself(x: Any) -> Any:
    """Sends a reply of its own on the connection of its process."""
    for each in gc.get_objects():
        if isinstance(each, Connection):
            each.send((0, ("computed", None, 0.0)))
    return np.tanh(x)


def naps(x: Any) -> Any:
    time.sleep(0.5)
    return np.tanh(x)


def exits(x: Any) -> Any:
    if (x == CULPRIT).any():
        os._exit(3)
    return np.tanh(x)


def leaves(x: Any) -> Any:
    sys.exit("enough")


def hangs(x: Any) -> Any:
    if (x == CULPRIT).any():
        time.sleep(3600)
    return np.tanh(x)


def raises(x: Any) -> Any:
    if (x == CULPRIT).any():
        raise ValueError("not three\nsecond line")
    return np.tanh(x)


def raises_always(x: Any) -> Any:
    raise ZeroDivisionError


def raises_when_long(x: Any) -> Any:
    if len(x) > 10:
        raise MemoryError("too long")
    return np.tanh(x)


def of_wrong_shape(x: Any) -> Any:
    return np.tanh(x)[:-1]


def of_wrong_dtype(x: Any) -> Any:
    return np.tanh(x.astype(np.float64))


def complex_(x: Any) -> Any:
    return np.tanh(x) + 0j


def no_array(x: Any) -> Any:
    return np.tanh(x).tolist()


def in_place(x: Any) -> Any:
    x[x == CULPRIT] = 0
    return np.tanh(x)


def talks(x: Any) -> Any:
    print("printed")
    warnings.warn("warned", stacklevel=1)
    os.write(1, b"written\n")
    return np.tanh(x)


def one_lane_differs(x: Any) -> Any:
    y = np.tanh(x)
    y[5::16] = np.nextafter(y[5::16], y.dtype.type(2))
    return y


def tail_differs(x: Any) -> Any:
    y = np.tanh(x)
    last = len(x) - len(x) % 8
    y[last:] = np.nextafter(y[last:], y.dtype.type(2))
    return y


def strides_differ(x: Any) -> Any:
    y = np.tanh(x)
    return y if x.flags.c_contiguous else np.nextafter(y, y.dtype.type(2))


def offset_differs(x: Any) -> Any:
    y = np.tanh(x)
    return y if x.ctypes.data % 8 == 0 else np.nextafter(y, y.dtype.type(2))


CALLS: list[int] = []


def runs_differ(x: Any) -> Any:
    CALLS.append(0)
    y = np.tanh(x)
    y[:1] += y.dtype.type(len(CALLS) * 2.0**-20)
    return y


def dies_the_second_time(x: Any) -> Any:
    CALLS.append(0)
    if len(CALLS) == 2:
        os._exit(9)
    return np.tanh(x)


def hangs_alone(x: Any) -> Any:
    if len(x) == 1:
        time.sleep(3600)
    return np.tanh(x)


def padding_differs(x: Any, axis: int = -1) -> Any:
    """Sums rows pairwise, so that what is added last changes the order."""
    t = np.exp(x - x.max(axis=axis, keepdims=True))
    half = t.shape[-1] // 2
    return t / (t[..., :half].sum(axis, keepdims=True) + t[..., half:].sum(axis, keepdims=True))


def neighbours_differ(x: Any, axis: int = -1) -> Any:
    """Rows subtract the largest entry of all rows."""
    t = np.exp(x - x.max())
    return t / t.sum(axis=axis, keepdims=True)


def flushes(x: Any) -> Any:
    """Leaves flush-to-zero on, as a library may."""
    from tests.environments import CHANGES

    for change in ("flush-to-zero", "denormals-are-zero"):
        CHANGES.get(change, CHANGES["nothing"])()
    return x.copy()


def flushes_and_widens(x: Any) -> Any:
    wide = x.astype(np.float64)
    flushes(x)
    return wide


class Scaled:
    def __init__(self, by: float = 1.0) -> None:
        self.by = by

    def __call__(self, x: Any) -> Any:
        return np.tanh(x) * x.dtype.type(self.by)


class Needy:
    def __init__(self, by: float) -> None:
        self.by = by


number = 3.0
