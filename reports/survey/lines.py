"""Each wrong region as one line, fit for a bug report: input, got, exact, ulp, interval, command."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator

from refacts.oracles import Format
from refacts.reports.judge.labels import LARGE
from refacts.reports.judge.rows import Region, Row, Worst
from refacts.reports.notation import decimal, upper_percent
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import pair
from refacts.reports.survey.findings import short
from refacts.reports.targets.spec import TargetSpec

LONGEST = 1500  # characters of a command: that of a long row is the judge's own
KINDS = {
    "finite": "large error",
    "nan": "NaN",
    "inf": "infinity",
    "sign": "wrong sign",
    "false_zero": "false zero",
}
_UNSAFE = set('"$`!\\')


def lines(row: Row, spec: TargetSpec) -> Iterator[str]:
    """The lines of a row: of an elementwise function one for each region, of others one for each kind."""
    if CATALOGUE[row.activation].spec.kind == "elementwise":
        examples = {worst.operands["x"]: worst for worst in reversed(row.worst)}
        for region in row.regions:
            if not region.artefact:
                yield _line(row, spec, examples.get(region.worst), _interval(row, region))
        return
    kinds: set[str] = set()
    for worst in row.worst:
        defect = worst.kind != "finite" or (worst.ulp or 0.0) > LARGE
        if defect and not worst.excused and not worst.artefact and worst.kind not in kinds:
            kinds.add(worst.kind)
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
    if len(worst.reproducer) > LONGEST:
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
