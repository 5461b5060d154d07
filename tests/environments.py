"""Floating-point environments that other libraries leave behind in a thread, set through the C library."""

from __future__ import annotations

import ctypes
import platform
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LIBRARY = ctypes.CDLL(None)
TRAPS = 0x1D if platform.machine() == "x86_64" else 0x0F  # all exceptions but inexact


def environment() -> bytes:
    """The floating-point environment of this thread: glibc's fenv_t."""
    buffer = ctypes.create_string_buffer(32)
    assert LIBRARY.fegetenv(buffer) == 0
    return buffer.raw


def _control() -> tuple[str, int]:
    """The layout of the word that flushes to zero, and its place in fenv_t."""
    return ("<I", 28) if platform.machine() == "x86_64" else ("<I", 0)


def _with_bits(bits: int) -> Callable[[], None]:
    def change() -> None:
        kind, at = _control()
        found = environment()
        (word,) = struct.unpack_from(kind, found, at)
        changed = bytearray(found)
        struct.pack_into(kind, changed, at, word | bits)
        assert LIBRARY.fesetenv(ctypes.create_string_buffer(bytes(changed), 32)) == 0

    return change


def _rounding(x86: int, arm: int) -> Callable[[], None]:
    def change() -> None:
        assert LIBRARY.fesetround(x86 if platform.machine() == "x86_64" else arm) == 0

    return change


def _unmasked() -> None:
    assert LIBRARY.feenableexcept(TRAPS) != -1


CHANGES: dict[str, Callable[[], None]] = {
    "nothing": lambda: None,
    "flush-to-zero": _with_bits(0x8000 if platform.machine() == "x86_64" else 1 << 24),
    "towards -inf": _rounding(0x400, 0x800000),
    "towards +inf": _rounding(0x800, 0x400000),
    "towards 0": _rounding(0xC00, 0xC00000),
    "exceptions unmasked": _unmasked,
}
if platform.machine() == "x86_64":  # elsewhere one bit stands for both
    CHANGES["denormals-are-zero"] = _with_bits(0x40)
WRONG = [
    name for name in CHANGES if name not in ("nothing", "exceptions unmasked")
]  # wrong bits


@contextmanager
def changed(name: str) -> Iterator[None]:
    """This thread in another environment."""
    before = environment()
    CHANGES[name]()
    try:
        yield
    finally:
        assert LIBRARY.fesetenv(ctypes.create_string_buffer(before, 32)) == 0


def control_words() -> tuple[int, int]:
    """What says how this thread computes, without the flags of what has happened: rounding, and the rest."""
    kind, at = _control()
    (word,) = struct.unpack_from(kind, environment(), at)
    return LIBRARY.fegetround(), word & ~0x3F | (word & 0x40)
