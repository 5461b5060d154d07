"""The `refacts` command: report, exact, readme, compare, bench.

Data goes to stdout, progress and diagnostics to stderr. Exit codes: 0 pass, 1 a gate failed,
2 usage error, 3 incomplete.
"""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from refacts.reports.command import compare
from refacts.reports.exits import INCOMPLETE, PASS, USAGE, UsageError, say, show


def main(argv: Sequence[str] | None = None, kernels: Sequence[Any] | None = None) -> int:
    """Run the command; the exit code.

    ``argv``: the arguments, by default the process's. ``kernels``: what `report` measures, by
    default refacts and the textbook formulas.
    """
    given = sys.argv[1:] if argv is None else argv
    try:
        arguments = _parser().parse_args([*map(_positional, given)] if "exact" in given else given)
    except SystemExit as stop:  # argparse has said why
        return int(stop.code or 0)
    try:
        return int(arguments.run(arguments, kernels))
    except UsageError as error:
        say(str(error))
        return USAGE
    except (MemoryError, OSError) as error:
        say(f"{type(error).__name__}: {error}")
        return INCOMPLETE
    except KeyboardInterrupt:
        say("interrupted")
        return INCOMPLETE
    finally:
        if argv is None:  # the process is about to end: nothing is left that Ctrl-C could stop
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="refacts", description="Exact activations, measured.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_report(commands.add_parser("report", help="measure accuracy; exit 1 if anything is wrong"))
    _add_exact(commands.add_parser("exact", help="one result to 40 digits"))
    _add_readme(commands.add_parser("readme", help="show a finished thorough report in the README"))
    compare.add(commands.add_parser("compare", help="two documents of verdicts; exit 1 if one got worse"))
    _add_bench(commands.add_parser("bench", help="speed and memory beside the textbook formulas"))
    return parser


def _add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("--out", type=Path, default=Path("accuracy"), metavar="DIR", help="default: accuracy")
    report.add_argument("--quick", action="store_true", help="small samples, in seconds")
    cpus = os.cpu_count() or 1
    report.add_argument("--jobs", type=_within(1), default=cpus, metavar="N", help=f"processes ({cpus})")
    report.add_argument("--seed", type=_within(0), default=0, metavar="N", help="of the samples (0)")
    report.add_argument("--only", nargs="+", metavar="NAME", help="activations to measure (default: all)")
    report.set_defaults(run=_report)


def _add_exact(exact: argparse.ArgumentParser) -> None:
    exact.add_argument("name", metavar="NAME", help="of an elementwise activation")
    exact.add_argument("x", metavar="X", help="decimal, hex float, inf or nan")
    formats = "float16, bfloat16, float32 or float64 (default)"
    exact.add_argument("--format", default="float64", metavar="F", help=formats)
    given = "alpha=0.1 (the float64 nearest to 0.1) or slope=1/6 (that fraction); may be repeated"
    exact.add_argument("--parameter", action="append", default=[], metavar="NAME=NUMBER", help=given)
    exact.add_argument("--derivative", action="store_true", help="f'(x) instead of f(x)")
    exact.set_defaults(run=_exact)


def _add_readme(readme: argparse.ArgumentParser) -> None:
    readme.add_argument("document", type=Path, metavar="DOCUMENT", help="accuracy.json of the report")
    checkout = "with README.md (default: the working directory)"
    readme.add_argument("--directory", type=Path, default=Path(), metavar="DIR", help=checkout)
    readme.set_defaults(run=_readme)


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("--size", type=_within(1, 10**9), default=10**6, metavar="N", help="elements (1e6)")
    bench.add_argument("--repeats", type=_within(1), default=7, metavar="K", help="medians of (7)")
    bench.set_defaults(run=_bench)


class _Version(argparse.Action):
    """Prints the version, importing what knows it only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from refacts.reports.environment import version

        show(f"refacts {version()}")
        parser.exit()


def _positional(text: str) -> str:
    """A negative number argparse would take for an option (-0x1p-3, -inf, -1e5), marked as none."""
    is_number = text[:1] == "-" and text[1:2] and (text[1] in "0123456789." or text[1:].lower() in _WORDS)
    return f" {text}" if is_number else text


_WORDS = ("inf", "infinity", "nan")


def _within(least: int, most: float = float("inf")) -> Any:
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


def _known(name: str) -> str:
    """``name`` if it is in the catalogue; else UsageError with the closest names."""
    from refacts.reports.quantities import CATALOGUE

    if name not in CATALOGUE:
        near = difflib.get_close_matches(name.lower(), CATALOGUE, n=3, cutoff=0.4)
        meant = f"did you mean {', '.join(near)}? " if near else ""
        hint = f"{meant}known are {', '.join(CATALOGUE)}"
        raise UsageError(f"unknown activation {name!r}: {hint}")
    return name


def _report(arguments: argparse.Namespace, kernels: Sequence[Any] | None) -> int:
    from refacts.reports.command.report import report
    from refacts.reports.inputs.modes import QUICK, THOROUGH, Settings
    from refacts.reports.quantities import CATALOGUE
    from refacts.reports.targets.kernels import KERNELS

    wanted = [_known(name) for name in arguments.only or CATALOGUE]
    names = tuple(name for name in CATALOGUE if name in wanted)
    settings = Settings(QUICK if arguments.quick else THOROUGH, arguments.seed, names)
    return report(settings, arguments.out, arguments.jobs, KERNELS if kernels is None else kernels)


def _exact(arguments: argparse.Namespace, _: object) -> int:
    from refacts.oracles import FORMATS
    from refacts.reports.command import exact
    from refacts.reports.command.parameters import with_parameters
    from refacts.reports.quantities import CATALOGUE

    name = _known(arguments.name)
    if CATALOGUE[name].spec.kind != "elementwise":
        raise UsageError(f"{name} is not elementwise: exact takes elementwise activations")
    if arguments.format not in FORMATS:
        raise UsageError(f"--format must be one of {', '.join(FORMATS)} (got {arguments.format!r})")
    activation = with_parameters(CATALOGUE[name], arguments.parameter)
    quantity = "derivative" if arguments.derivative else "value"
    try:
        lines = exact.lines(activation, quantity, arguments.x, FORMATS[arguments.format])
    except ValueError as error:
        raise UsageError(f"X must be a number: {error}") from error
    show("\n".join(lines))
    return PASS


def _readme(arguments: argparse.Namespace, _: object) -> int:
    from refacts.reports.render.readme import readme

    return readme(arguments.document, arguments.directory)


def _bench(arguments: argparse.Namespace, _: object) -> int:
    from refacts.reports import bench

    for line in bench.lines(arguments.size, arguments.repeats):
        show(line)
    return PASS
