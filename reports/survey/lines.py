"""Each wrong region as one line, fit for a bug report: input, got, exact, ulp, interval, command."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator

from refacts.oracles import Format
from refacts.reports.judge.rows import Region, Row, Worst
from refacts.reports.notation import decimal, upper_percent
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import pair
from refacts.reports.survey.examples import defects
from refacts.reports.survey.findings import short
from refacts.reports.targets.spec import TargetSpec

KINDS = {
    "finite": "large error",
    "nan": "NaN",
    "inf": "infinity",
    "sign": "wrong sign",
    "false_zero": "false zero",
}
_UNSAFE = set('"$`!\\')


def lines(row: Row, spec: TargetSpec) -> Iterator[str]:
    """The lines of a row: of an elementwise function one for each region, of others one for each kind.

    The row is one that `reports.survey.examples` has made.
    """
    if CATALOGUE[row.activation].spec.kind == "elementwise":
        examples = {worst.operands["x"]: worst for worst in row.worst}
        for region in defects(row):
            yield _line(row, spec, examples.get(region.worst), _interval(row, region))
        return
    for worst in row.worst:
        count = row.over_budget if worst.kind == "finite" else row.mismatches[worst.kind]
        share = upper_percent(count, row.inputs)
        yield _line(row, spec, worst, f"{KINDS[worst.kind]} in {share} % of {row.inputs:,} results")


def _line(row: Row, spec: TargetSpec, worst: Worst | None, where: str) -> str:
    head = f"{row.target} as {row.subject}, {row.quantity} in {row.formats}"
    if worst is None:
        return f"{head}: {where}, only beside other numbers in an array; `{_judged(row, spec)}`"
    source, output = pair(row.formats)
    result = source if row.quantity.startswith("vjp") else output
    place = "" if worst.place is None else f"entry {worst.place[1]} of a row, "
    given = ", ".join(f"{name} = {_number(x, source)}" for name, x in worst.operands.items())
    distance = "" if worst.ulp is None else f", {short(worst.ulp)} ulp"
    found = f"got {_number(worst.got, result)}, exact {_number(worst.want, result)}{distance}"
    return f"{head}: {place}{given}: {found}; {where}; `{_command(row, spec, worst)}`"


def _interval(row: Row, region: Region) -> str:
    fmt = pair(row.formats)[0]
    low, high = (decimal(float.fromhex(x), fmt) for x in (region.low, region.high))
    share = f"{upper_percent(region.wrong, region.inputs)} % of {region.inputs:,} inputs"
    return f"{region.kind} in [{low}, {high}], {share}"


def _number(written: str, fmt: Format) -> str:
    number = float.fromhex(written)
    return f"{decimal(number, fmt)} ({written})" if math.isfinite(number) and number else written


def _command(row: Row, spec: TargetSpec, worst: Worst) -> str:
    if not worst.reproducer:
        return _judged(row, spec)
    quoted = shlex.quote(worst.reproducer) if _UNSAFE & set(worst.reproducer) else f'"{worst.reproducer}"'
    return f"python -c {quoted}"


def _judged(row: Row, spec: TargetSpec) -> str:
    """The command that judges the row again."""
    words = ["refacts", "verify", spec.text, "--as", row.activation]
    words += ["--quantity", row.quantity.partition("_")[0]]
    words += ["--format", row.formats, *(["--arrays", spec.arrays] if spec.arrays else [])]
    words += [word for name, value in row.parameters.items() for word in ("--param", f"{name}={value}")]
    words += [word for name, value in spec.call.items() for word in ("--call", f"{name}={value!r}")]
    return shlex.join(words)
