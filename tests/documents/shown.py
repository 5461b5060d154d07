"""Blocks of code in Markdown files, and commands run as a reader would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


class Block(NamedTuple):
    """A fenced block: its language and its text."""

    language: str
    text: str


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a file, in their order."""
    return [Block(*found) for found in BLOCK.findall(path.read_text(encoding="utf-8"))]


def sessions(path: Path) -> list[tuple[str, str]]:
    """Commands and the output that the file shows of them: each `text` block right after an `sh` block."""
    found = blocks(path)
    pairs = pairwise(found)
    return [
        (first.text, second.text)
        for first, second in pairs
        if (first.language, second.language) == ("sh", "text")
    ]


def run(commands: str, folder: Path) -> tuple[int, str]:
    """The exit code and the standard output of commands in this environment, which has what pip installs."""
    lines = [line for line in commands.splitlines() if not line.startswith("pip install ")]
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euc", "\n".join(lines)],
        cwd=folder,
        env={**os.environ, "PATH": paths},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def missing(shown: str, printed: str) -> list[str]:
    """The lines shown that are not printed in this order; only where `...` stands may others lie between."""
    wanted, given = shown.splitlines(), printed.splitlines()
    place, free, lost = 0, False, []
    for line in wanted:
        if line.strip() == "...":
            free = True
            continue
        rest = range(place, len(given)) if free else range(place, min(place + 1, len(given)))
        at = next((k for k in rest if given[k] == line), None)
        if at is None:
            lost.append(line)
        else:
            place, free = at + 1, False
    return lost
