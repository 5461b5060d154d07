"""Arguments that several commands take, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from refacts.reports.exits import USAGE, say

QUANTITIES = ("value", "derivative", "gradient", "vjp", "jvp")
_WORDS = ("inf", "infinity", "nan")


class _Once(argparse.Action):
    """Stores a value; a second one is refused, since nobody could tell which is meant."""

    _given: argparse.Namespace | None = None

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: Any = None
    ) -> None:
        """Keep the value, of a positional argument any."""
        if option is not None and self._given is namespace:
            before = getattr(namespace, self.dest)
            raise argparse.ArgumentError(self, f"is given twice ({before} and {values}): it takes one value")
        self._given = namespace
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    """Refuses in one sentence, also an option with one value that is given twice."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.register("action", None, _Once)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        say(f"{message} ({self.prog} --help says more)")
        raise SystemExit(USAGE)


def within(least: int, most: float = float("inf")) -> Any:
    """An integer of a range, as argparse's ``type``."""

    def integer(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be an integer (got {text!r})") from None
        if not least <= number <= most:
            allowed = f"at least {least}" if number < least else f"at most {most}"
            raise argparse.ArgumentTypeError(f"must be {allowed} (got {text})")
        return number

    return integer


def named(text: str) -> str:
    """A path that is not empty, as argparse's ``type``: '' would be the working directory."""
    if not text:
        raise argparse.ArgumentTypeError("must name a file or directory (got '')")
    return text


def add_parameters(parser: Any) -> None:
    """Add --param, which is repeatable."""
    given = "alpha=0.1 (the float64 nearest to 0.1) or slope=1/6 (that fraction); repeatable"
    names, form = ("--param", "--parameter"), "NAME=NUMBER"
    parser.add_argument(*names, dest="parameter", action="append", default=[], metavar=form, help=given)


def add_sampling(parser: Any, samples: int) -> None:
    """Add --samples and --seed."""
    beside = f"beside the hard inputs ({samples}); 16-bit formats of one operand are exhausted"
    parser.add_argument("--samples", type=within(0, 10**9), default=samples, metavar="N", help=beside)
    parser.add_argument("--seed", type=within(0), default=0, metavar="N", help="of the samples (0)")


def flat(lists: Iterable[Sequence[str]] | None) -> list[str]:
    """What an option that takes several names, and may be repeated, has been given, each once."""
    return list(dict.fromkeys(name for names in lists or () for name in names))


def negatives_marked(given: Sequence[str]) -> list[str]:
    """Negative numbers that argparse would take for options (-0x1p-3, -inf, -1e5), marked as none."""
    return [f" {text}" if _is_negative(text) else text for text in given]


def _is_negative(text: str) -> bool:
    return text[:1] == "-" and bool(text[1:2]) and (text[1] in "0123456789." or text[1:].lower() in _WORDS)
