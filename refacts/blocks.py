"""Arrays in blocks: temporaries stay in the cache, and memory does not grow with the number of elements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
BLOCK = 9_216  # elements at a time, of which 4 MiB hold all temporaries, infinities' and NaN's too
SHORT_BLOCK = 8192  # where an element takes many temporaries
ROW_BLOCK = 20_480  # in rows, float64 tier
SHORT_ROW_BLOCK = 12_288  # in rows, the other tiers


def blocks(
    operands: Sequence[Array], outputs: Sequence[Array], dtypes: Sequence[np.dtype[Any]], size: int
) -> Iterator[tuple[list[Array], list[Array]]]:
    """Blocks of the operands and of the outputs, as 1-d arrays of these dtypes, elementwise.

    Outputs may overlap operands: every element is read before it is written over. An operand is copied
    only where no order does that.
    """
    operands, backwards = ordered(operands, outputs)
    arrays, order = [*operands, *outputs], "K"
    if backwards is not None:
        arrays, order = _by_address(arrays, outputs[0], backwards), "C"  # which no stride turns round
    op_flags = [["readonly"]] * len(operands) + [["writeonly"]] * len(outputs)
    nditer: Any = np.nditer
    walk = nditer(
        arrays,
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=op_flags,
        op_dtypes=dtypes,
        order=order,
        casting="same_kind",
        buffersize=size,
    )
    with walk:
        for block in walk:
            parts = block if isinstance(block, tuple) else (block,)
            yield list(parts[: len(operands)]), list(parts[len(operands) :])


def ordered(
    operands: Sequence[Array], outputs: Sequence[Array], by_rows: bool = False
) -> tuple[list[Array], bool | None]:
    """The operands, copied where they must be, and the order of addresses to walk in.

    None: any order, True: backwards, False: forwards. An output that lies ahead of an operand of its
    strides wants the walk backwards, one that lies behind forwards; other overlaps want a copy. `by_rows`:
    the walk is in C order, so that this must be the order of addresses.
    """
    kept: list[Array] = []
    backwards: bool | None = None
    for a in operands:
        wanted = {way for out in outputs if (way := _way(a, out, outputs[0], by_rows)) is not None}
        agreed = wanted if backwards is None else wanted | {backwards}
        if wanted and (len(agreed) > 1 or COPIED in agreed):
            a = a.copy()
        elif wanted:
            backwards = wanted == {BACKWARDS}
        kept.append(a)
    return kept, backwards


EFFORT = 1000  # to tell whether arrays that lie among each other, as the halves of rows, share an element
BACKWARDS, FORWARDS, COPIED = True, False, "copied"


def _way(a: Array, out: Array, like: Array, by_rows: bool) -> bool | str | None:
    """The order of addresses of `like` in which no element of a is written over before it is read."""
    share: Any = np.may_share_memory  # which takes any effort, whatever its types say
    if a is out or not share(a, out) or not share(a, out, max_work=EFFORT):
        return None
    same = a.shape == out.shape == like.shape and a.strides == out.strides
    same = same and (a.itemsize == out.itemsize or _ascends(a))  # no element of a lies over two of out
    ahead = out.__array_interface__["data"][0] - a.__array_interface__["data"][0]
    if same and not ahead:
        return None
    strides = [stride for stride, n in zip(out.strides, out.shape, strict=True) if n > 1]
    walked = out.strides == like.strides and _ascends(out) and out.ndim > 0
    if not same or not walked or (by_rows and strides != sorted(map(abs, strides), reverse=True)):
        return COPIED
    return BACKWARDS if ahead > 0 else FORWARDS


def _ascends(a: Array) -> bool:
    """Whether addresses ascend when axes are walked from the largest stride to the least."""
    reach = a.itemsize
    for stride, n in sorted((abs(s), n) for s, n in zip(a.strides, a.shape, strict=True) if n > 1):
        if stride < reach:
            return False
        reach += stride * (n - 1)
    return True


def _by_address(arrays: list[Array], like: Array, backwards: bool) -> list[Array]:
    """Arrays of one shape whose C order is the order of addresses of `like`, or the reverse of it."""
    axes = sorted(range(like.ndim), key=lambda k: -abs(like.strides[k]))
    step = tuple(slice(None, None, -1 if (like.strides[k] < 0) != backwards else None) for k in axes)
    return [a.transpose(axes)[step] for a in arrays]
