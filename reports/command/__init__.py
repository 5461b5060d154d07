"""The `refacts` command: each subcommand is a file here with `add(parser)` and `run(arguments)`.

Data goes to stdout, progress and diagnostics to stderr. Exit codes: 0 pass, 1 a gate failed,
2 usage error, 3 incomplete.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from refacts.reports.command.arguments import Parser, negatives_marked
from refacts.reports.exits import INCOMPLETE, USAGE, UsageError, say, show

COMMANDS = {
    "verify": "judge a kernel, anybody's; exit 1 if it is worse than allowed",
    "plot": "draw the errors of a kernel over all inputs",
    "compare": "two documents of verdicts; exit 1 if one got worse",
    "inputs": "write the hard inputs, to be computed elsewhere",
    "golden": "write inputs with exact results",
    "exact": "single results to 40 digits",
    "report": "measure accuracy; exit 1 if anything is wrong",
    "survey": "judge what torch, JAX, TensorFlow, SciPy and ONNX Runtime have of the catalogue",
    "readme": "show a finished thorough report in docs/accuracy.md",
    "bench": "speed and memory beside the textbook formulas",
}


def main(argv: Sequence[str] | None = None, kernels: Sequence[Any] | None = None) -> int:
    """Run the command; the exit code.

    ``argv``: the arguments, by default the process's. ``kernels``: what `report` measures, by
    default refacts and the textbook formulas.
    """
    given = sys.argv[1:] if argv is None else argv
    try:
        arguments = _parsed(given)
        arguments.kernels = kernels
        return int(arguments.run(arguments))
    except SystemExit as stop:  # argparse has said what there is to say
        return int(stop.code or 0)
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


def _parsed(given: Sequence[str]) -> argparse.Namespace:
    """The arguments; only the file of the command that is wanted is imported."""
    parser = Parser(prog="refacts", description="Exact activations, measured.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    wanted = next((text for text in given if not text.startswith("-")), None)
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
        if name == wanted:
            module = import_module(f"refacts.reports.command.{name}")
            module.add(command)
            command.set_defaults(run=module.run)
    return parser.parse_args(negatives_marked(given) if wanted == "exact" else given)


class _Version(argparse.Action):
    """Prints the version, importing what knows it only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from refacts.reports.environment import version

        show(f"refacts {version()}")
        parser.exit()
