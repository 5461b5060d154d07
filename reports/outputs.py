"""Files that a user names: checked before the work begins, and never written over what is not ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from refacts.reports import atomic
from refacts.reports.exits import UsageError


def claimed(option: str, name: str, mark: str) -> Path:
    """The path ``name``, which can be written: nothing is there, or a text that begins with ``mark``.

    UsageError that begins with ``option`` otherwise.
    """
    return writable(option, name, partial(_unmarked, mark))


def writable(option: str, name: str, foreign: Callable[[Path], str]) -> Path:
    """The path ``name``, if a file can be written there; UsageError that begins with ``option`` otherwise.

    foreign: why a file that is there is not ours; empty if it is.
    """
    if not name:
        raise UsageError(f"{option} must name a file (got '')")
    path = Path(name)
    try:
        there = _there(path)
        if path.is_dir():
            raise UsageError(f"{option}: {name} is a directory")
        if not path.parent.is_dir():
            raise UsageError(f"{option}: {path.parent} is no directory")
        why = foreign(path) if there else ""
        if why:
            raise UsageError(f"{option}: {name} {why}: it is not overwritten")
        atomic.attempt(path)
    except OSError as error:
        raise UsageError(f"{option}: {name} cannot be written: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(f"{option}: {name!r} cannot be written: {error}") from error
    return path


def require_ending(option: str, path: Path, endings: tuple[str, ...]) -> None:
    """UsageError for another suffix, by which other programs would take the file for what it is not."""
    if path.suffix.lower() not in endings:
        raise UsageError(f"{option} must end in {' or '.join(filter(None, endings))} (got {path})")


def write(option: str, path: Path, text: str, mark: str) -> None:
    """Write a file that was `claimed`, if it still can be; UsageError where it cannot."""
    if not text.startswith(mark):
        raise ValueError(f"the text does not say that it is ours: {mark!r}")
    claimed(option, str(path), mark)
    try:
        atomic.write(path, text)
    except OSError as error:
        raise UsageError(f"{option}: {path} cannot be written: {error.strerror or error}") from error


def _there(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def _unmarked(mark: str, path: Path) -> str:
    """Empty for a regular file that is empty or begins with the mark."""
    if path.is_file():
        with open(path, "rb") as file:
            head = file.read(len(mark.encode()))
        if head in (b"", mark.encode()):
            return ""
    return "is not one of refacts' files"
