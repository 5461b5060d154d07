"""What is wrong in a row as lines to paste into a bug report."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator

from refacts.oracles import Format
from refacts.reports.judge import severity
from refacts.reports.judge.rows import LEFT_OUT, Region, Row, Worst
from refacts.reports.notation import decimal, ulps, upper_percent
from refacts.reports.question import pair
from refacts.reports.render.texts import printable
from refacts.reports.verdicts import Document

KINDS = {
    "nan": "NaN mismatch",
    "inf": "infinity mismatch",
    "sign": "wrong sign",
    "false_zero": "false zero",
    "finite": "distance",
}
_VERSIONS = ("refacts", "numpy", "python", "system", "cpu")
_LONGEST = 4000  # characters of code that are pasted


def bug_report(row: Row, document: Document, most: int = 2) -> list[str]:
    """Lines: target, input, result, exact value, error, interval, and two commands; none of a right row.

    Of results it has those of `severity.shown`, so many at most.
    """
    results = severity.shown(row)[:most]
    if not results and not row.incidents:
        return []
    environment = document.environment
    on = f", on {row.drawn}" if row.drawn else ""
    lines = [f"{row.target} as {row.subject}, {row.quantity}, {row.formats}{on}"]
    for worst in results:
        lines += [*_operands(row, worst), *_results(row, worst)]
        region = severity.region_of(row, worst)
        lines += [f"interval  {interval(row, region)}"] if region is not None else []
    for incident in row.incidents[:1]:
        lines.append(f"incident  {incident.kind}: {incident.sentence}")
    right = f"{row.correct:,} of {row.inputs:,} results are correctly rounded"
    lines.append(f"measured  {right} ({row.coverage} inputs)")
    lines += [f"command   {call}"] if (call := command(row, document)) else []
    lines.append(f"versions  {', '.join(f'{k} {environment[k]}' for k in _VERSIONS if environment.get(k))}")
    for worst in results:
        lines += ["reproduce:", pasted(worst.reproducer)] if worst.reproducer else []
    if row.incidents:
        lines += ["reproduce the incident:", pasted(row.incidents[0].reproducer)]
    return [*map(printable, lines)]


def pasted(code: str) -> str:
    """Code that repeats a result; a comment instead of what is too long to be pasted."""
    size = len(code)
    return code if size <= _LONGEST else f"# {size:,} characters, in the document that --json writes"


def interval(row: Row, region: Region) -> str:
    """A region in words: its ends, kind, and share."""
    fmt = pair(row.formats)[0]
    low, high = (decimal(float.fromhex(end), fmt) for end in (region.low, region.high))
    share = f"{upper_percent(region.wrong, region.inputs)} % of {region.inputs:,} inputs"
    return f"[{low}, {high}]: {region.kind}, {share} there"


def whole(row: Row, name: str, entries: list[str]) -> str:
    """An operand's row in decimal: x = [1.0, 2.0, ..., 3.0]."""
    source, output = pair(row.formats)
    fmt = output if name == "g" else source
    shown = (each if each == LEFT_OUT else decimal(float.fromhex(each), fmt) for each in entries)
    return f"{name} = [{', '.join(shown)}]"


def command(row: Row, document: Document) -> str:
    """The call that judges the row anew; empty where the document does not say it."""
    run = document.run
    if row.key in run.get("commands", {}):
        return printable(run["commands"][row.key])
    if "mode" not in run or "seed" not in run:
        return ""
    mode = [] if run["mode"] == "default" else [f"--{run['mode']}"]
    return shlex.join(["refacts", "report", *mode, "--seed", str(run["seed"]), "--only", row.activation])


def number(written: str, bits: str, fmt: Format) -> str:
    """A number in decimal, as a hex float and as bits."""
    value = float.fromhex(written)
    return f"{decimal(value, fmt)} ({written}, {bits})" if math.isfinite(value) else f"{written} ({bits})"


def _operands(row: Row, worst: Worst) -> Iterator[str]:
    source, output = pair(row.formats)
    place = "" if worst.place is None else f"row {worst.place[0]}, entry {worst.place[1]}: "
    for name, entries in worst.row.items():
        yield f"row       {whole(row, name, entries)}"
    for name, written in worst.operands.items():
        shown = number(written, worst.bits[name], output if name == "g" else source)
        yield f"input     {place}{name} = {shown}"


def _results(row: Row, worst: Worst) -> Iterator[str]:
    source, output = pair(row.formats)
    fmt = source if row.quantity.startswith("vjp") else output
    yield f"got       {number(worst.got, worst.got_bits, fmt)}"
    yield f"exact     {number(worst.want, worst.want_bits, fmt)}"
    distance = "" if worst.ulp is None else f"{ulps(worst.ulp)} ulp, "
    yield f"error     {distance}{KINDS[worst.kind]}{f', {worst.artefact}' if worst.artefact else ''}"
