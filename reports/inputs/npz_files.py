"""Dumps as npz files.

Arrays have the columns' names. Floats carry their dtype; bfloat16, which NumPy has not got, is uint16 bits
(or what is left of ml_dtypes' in a file, two bytes without a type), with the format's name in `format`:
"bfloat16", "float32:bfloat16". Unsigned integers are bits of other formats too. Rows are x of two dimensions
or more, or x of one beside `lengths`. What refacts wrote says so in `refacts`. Pickles are never loaded.
"""

from __future__ import annotations

import pickle
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from refacts.oracles import FORMATS, Format
from refacts.reports import atomic
from refacts.reports.exits import UsageError
from refacts.reports.inputs.dumps import (
    NAMES,
    OPERANDS,
    Column,
    Dump,
    checked,
    format_of,
    stated,
)
from refacts.reports.inputs.marks import About
from refacts.reports.inputs.rows import to_format
from refacts.reports.question import pair

_BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, KeyError, NotImplementedError, RuntimeError)
_OTHERS = ("format", "lengths", "refacts")
Arrays = dict[str, Any]


def read(path: Path, formats: str | None) -> Dump:
    """What is in the file; UsageError where it is no dump. ``formats``: those that the user says."""
    arrays = _arrays(path)
    said = _text(arrays, "format", path.name)
    mark = _text(arrays, "refacts", path.name)
    about = None if mark is None else About.read(mark, path.name)
    columns = {name: arrays[name] for name in NAMES if name in arrays}
    if not {"x", "a"} & set(columns):
        raise UsageError(f"{path.name} has no array x or a: it holds {', '.join(arrays) or 'nothing'}")
    source, output = _formats(columns, stated(said, formats, path.name), path.name)
    found = {}
    for name, array in columns.items():
        found[name] = _column(array, name, format_of(name, source, output, columns), path.name)
    lengths = _lengths(arrays, path.name)
    _require_one_shape(columns, lengths, path.name)
    foreign = tuple(name for name in arrays if name not in (*NAMES, *_OTHERS))
    return checked(Dump(path.name, source, output, found, lengths, about, foreign))


def about(path: Path) -> tuple[About | None, list[str]]:
    """What a file says of itself, and the names of its arrays; UsageError where it is no npz file."""
    arrays = _arrays(path, only=("refacts",))
    mark = _text(arrays, "refacts", path.name)
    return (None if mark is None else About.read(mark, path.name)), list(arrays)


def write(path: Path, dump: Dump) -> None:
    """Write a dump, atomically; the same dump gives the same bytes."""
    arrays: Arrays = {"format": np.array(dump.formats)}
    if dump.about is not None:
        arrays["refacts"] = np.array(dump.about.text())
    lengths = dump.lengths
    alike = lengths is not None and len(lengths) > 0 and bool((lengths == lengths[0]).all())
    if lengths is not None and not alike:
        arrays["lengths"] = lengths
    for name, column in dump.columns.items():
        array = column.bits if column.format.name == "bfloat16" else column.bits.view(column.format.dtype)
        whole = lengths is not None and alike and array.size == lengths.sum()
        arrays[name] = array.reshape(len(lengths), -1) if whole and lengths is not None else array
    with atomic.replacing(path) as file:
        np.savez(file, **arrays)


def _arrays(path: Path, only: tuple[str, ...] | None = None) -> Arrays:
    """The arrays of the file by name; those that are not in ``only`` are not read, and None."""
    with open(path, "rb") as file:
        try:
            archive = np.load(file, allow_pickle=False)
        except (*_BROKEN, pickle.UnpicklingError):
            raise UsageError(f"{path.name} is not an npz file") from None
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise UsageError(f"{path.name} is one array, not an npz file of several")
        wanted = (*NAMES, *_OTHERS) if only is None else only
        return {name: _array(archive, name, path.name) if name in wanted else None for name in archive.files}


def _array(archive: Any, name: str, file: str) -> Any:
    try:
        return archive[name]
    except _BROKEN as error:
        what = "holds Python objects" if "allow_pickle" in str(error) else f"cannot be read: {error}"
        raise UsageError(f"{file}: {name} {what}") from None


def _text(arrays: Arrays, name: str, file: str) -> str | None:
    if name not in arrays:
        return None
    array = np.asarray(arrays[name])
    if array.dtype.kind not in "US" or array.size != 1:
        raise UsageError(f"{file}: {name} must be a string (got {array.dtype} of shape {array.shape})")
    text = array.ravel()[0]
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def _formats(columns: Arrays, said: str | None, file: str) -> tuple[Format, Format]:
    """Those that are said, else the dtypes of the first operand and of y, dy or g."""
    if said is not None:
        return pair(said)
    named = []
    for names in (("x", "a"), ("y", "dy", "g")):
        for name in names:
            if name in columns:
                dtype = columns[name].dtype
                if dtype.kind != "f" or dtype.newbyteorder("=").name not in FORMATS:
                    kind = f"has dtype {dtype}"
                    raise UsageError(f"{file}: {name} {kind}, and neither `format` nor --format says of what")
                named.append(FORMATS[dtype.newbyteorder("=").name])
                break
    return named[0], named[-1]


def _column(array: Any, name: str, fmt: Format, file: str) -> Column:
    """An array as bits of its format; results that are none of its values as those of their dtype."""
    flat, dtype = array.ravel(), array.dtype
    native = dtype.newbyteorder("=")
    if dtype.kind == "V" and dtype.names is None and dtype.itemsize == 2 and fmt.name == "bfloat16":
        return Column(flat.view(np.uint16), fmt)
    if dtype.kind == "u":
        if 8 * dtype.itemsize != fmt.bits:
            bits = 8 * dtype.itemsize
            raise UsageError(f"{file}: {name} has patterns of {bits} bits, {fmt.name} has {fmt.bits}")
        return Column(flat.astype(native), fmt)
    if dtype.kind != "f" or native.name not in FORMATS:
        raise UsageError(f"{file}: {name} has dtype {dtype}, want floats or unsigned bit patterns")
    own = FORMATS[native.name]
    bits = flat.astype(native).view(own.unsigned)
    if own == fmt:
        return Column(bits, own)
    values = own.decode(bits)
    foreign = np.flatnonzero((to_format(fmt, values) != values) & ~np.isnan(values))
    if foreign.size and name not in OPERANDS:
        return Column(bits, own)
    if foreign.size:
        place = ", ".join(str(int(i)) for i in np.unravel_index(foreign[0], array.shape))
        value = float(values[foreign[0]])
        raise UsageError(f"{file}: {name}[{place}] = {value!r} is not a {fmt.name} value")
    return Column(fmt.bit_patterns(values), fmt)


def _lengths(arrays: Arrays, file: str) -> Any:
    """Those of the rows of x: as they are given, or its last dimension."""
    x = arrays.get("x")
    if x is None:
        return None
    if "lengths" not in arrays:
        return np.full(x.size // max(x.shape[-1], 1), x.shape[-1], np.int64) if x.ndim > 1 else None
    lengths = arrays["lengths"]
    if lengths.dtype.kind not in "iu" or lengths.ndim != 1 or (lengths < 1).any() or x.ndim != 1:
        raise UsageError(f"{file}: lengths must be positive integers beside x of one dimension")
    total = sum(lengths.tolist())  # of Python's integers, which do not wrap
    if total != x.size:
        raise UsageError(f"{file}: lengths add up to {total}, x has {x.size} values")
    return lengths.astype(np.int64)


def _require_one_shape(columns: Arrays, lengths: Any, file: str) -> None:
    first = "x" if "x" in columns else "a"
    if first not in columns or columns[first].ndim < 2:
        return  # their lengths are compared
    shape = columns[first].shape
    for name, array in columns.items():
        if array.shape not in (shape, shape[:-1], (*shape[:-1], 1)):
            raise UsageError(f"{file}: {first} has shape {shape}, {name} has {array.shape}")
