"""`python -m refacts` is the `refacts` command, which lives in `refacts.reports`."""

import sys
from pathlib import Path


def main() -> int:
    """Run the command; the exit code."""
    try:
        from refacts.reports.command import main as command
    except ModuleNotFoundError as error:
        if error.name not in ("refacts.reports", "refacts.oracles"):
            raise
        here = Path(__file__).parent
        print(f"{here} is a clone's, without {error.name}: in a clone, pip install -e .", file=sys.stderr)
        return 2
    return command()


if __name__ == "__main__":
    sys.exit(main())
