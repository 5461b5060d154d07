"""What is wrong in a row as lines to paste into a bug report."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator
from typing import Any

from refacts.oracles import Format
from refacts.reports.judge import severity
from refacts.reports.judge.rows import Row, Worst
from refacts.reports.notation import decimal, ulps, upper_percent
from refacts.reports.question import pair
from refacts.reports.render.texts import printable
from refacts.reports.targets.dump import SUFFIXES

KINDS = {
    "nan": "NaN mismatch",
    "inf": "infinity mismatch",
    "sign": "wrong sign",
    "false_zero": "false zero",
    "finite": "distance",
}
_CALLED = re.compile(r"backward (?P<backward>\S+)|on (?P<device>\S+)|(?P<call>\w+=[^\s,()\[\]{}]+)")
_VERSIONS = ("refacts", "numpy", "python", "system", "cpu")


def bug_report(row: Row, environment: dict[str, Any]) -> list[str]:
    """Lines: target, input, result, exact value, error, interval, and two commands; none of a right row."""
    worst = severity.example(row)
    if worst is None and not row.incidents:
        return []
    on = f", on {row.drawn}" if row.drawn else ""
    lines = [f"{row.target} as {row.subject}, {row.quantity}, {row.formats}{on}"]
    if worst is not None:
        lines += [*_operands(row, worst), *_results(row, worst)]
    region = severity.worst_region(row)
    if region is not None:
        fmt = pair(row.formats)[0]
        low, high = (decimal(float.fromhex(end), fmt) for end in (region.low, region.high))
        share = f"{upper_percent(region.wrong, region.inputs)} % of {region.inputs:,} inputs"
        lines.append(f"interval  [{low}, {high}]: {region.kind}, {share} there")
    for incident in row.incidents[:1]:
        lines.append(f"incident  {incident.kind}: {incident.sentence}")
    right = f"{row.correct:,} of {row.inputs:,} results are correctly rounded"
    lines.append(f"measured  {right} ({row.coverage} inputs)")
    lines += [f"command   {call}"] if (call := command(row)) else []
    lines.append(f"versions  {', '.join(f'{k} {environment[k]}' for k in _VERSIONS if environment.get(k))}")
    if worst is not None and worst.reproducer:
        lines += ["reproduce:", worst.reproducer]
    if row.incidents:
        lines += ["reproduce the incident:", row.incidents[0].reproducer]
    return [*map(printable, lines)]


def command(row: Row) -> str:
    """The call that judges the row anew; empty where the row does not say it."""
    target, _, given = row.target.partition(" (")
    if row.drawn or not (":" in target or target.endswith((".onnx", *SUFFIXES))):
        return ""  # a target or inputs of `refacts report`
    words = ["refacts", "verify", target, "--as", row.activation]
    for part in given.removesuffix(")").split(", ") if given else ():
        option = _CALLED.fullmatch(part)
        if option is None:
            return ""
        name = option.lastgroup or ""
        words += [f"--{name}", option[name]]
    words += [word for name, number in row.parameters.items() for word in ("--param", f"{name}={number}")]
    quantity = "vjp" if row.quantity.startswith("vjp") else row.quantity
    words += ["--quantity", quantity, "--format", row.formats]
    words += [f"--{name}" for name in row.profile.split("+") if name]
    return printable(shlex.join(words))


def number(written: str, bits: str, fmt: Format) -> str:
    """A number in decimal, as a hex float and as bits."""
    value = float.fromhex(written)
    return f"{decimal(value, fmt)} ({written}, {bits})" if math.isfinite(value) else f"{written} ({bits})"


def _operands(row: Row, worst: Worst) -> Iterator[str]:
    source, output = pair(row.formats)
    place = "" if worst.place is None else f"row {worst.place[0]}, entry {worst.place[1]}: "
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
