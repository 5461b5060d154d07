"""How the command ends, and the two streams it speaks on."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable

PASS, FAILED, USAGE, INCOMPLETE = 0, 1, 2, 3


class UsageError(Exception):
    """What the user asked for cannot be done; the sentence says why."""


def say(sentence: str) -> None:
    """A diagnostic, on stderr."""
    print(f"refacts: {sentence}", file=sys.stderr)


def show(text: str) -> None:
    """Data, on stdout; a reader that has left (`| head`) changes nothing of the outcome."""
    if sys.stdout is None:
        raise OSError("standard output is closed")
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def confirmed(question: str) -> bool:
    """Whether the user answers yes, on the terminal; no where there is none."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    print(f"refacts: {question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def unknown(what: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is none of the known ones; it says the closest."""
    names = list(known)
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.4)
    said = f"did you mean {', '.join(near)}?" if near else f"known are {', '.join(names)}"
    return UsageError(f"unknown {what} {name!r}: {said}")
