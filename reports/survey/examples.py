"""What a survey keeps of a row: an example for each region, one that the line printed with it repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from refacts.reports.judge.judging import ARTEFACTS, KINDS, RIGHT, Rules, judged
from refacts.reports.judge.labels import LARGE
from refacts.reports.judge.rows import Region, Row, Worst
from refacts.reports.judge.truth import oracle
from refacts.reports.notation import bits, hexadecimal
from refacts.reports.question import Question
from refacts.reports.targets.session import Session
from refacts.reports.targets.target import NoAnswerError

EXCUSED = ("sign of zero",)  # labels of what the survey's rules excuse
LONGEST = 1500  # characters of a line that is kept: those of long rows are longer
TOGETHER = (1, 64)  # so many equal numbers: vector code may be wrong where scalar code is right


def exemplified(row: Row, question: Question, session: Session, rules: Rules) -> Row:
    """The row with what a survey shows of it: no bins, no means, and few of the worst inputs.

    Its regions are those that are wrong in no excused way, its diagnosis is there if it is another one.
    Elementwise: the worst input of each wrong region as a call by itself shows it; one that is right in every
    such call has no example, since what is wrong depends on what lies beside it in the array. Of rows and
    gated units, whose x alone is no input: the worst of each kind, and regions of one kind as one.
    """
    regions = defects(row)
    if question.kind == "elementwise":
        found = [_example(region, question, session, rules) for region in regions]
        worst = [_short(row, each) for each in found if each is not None]
    else:
        worst = [_short(row, each) for each in _of_each_kind(row)]
        regions = [
            _joined([r for r in regions if r.kind == kind]) for kind in sorted({r.kind for r in regions})
        ]
    diagnosis = row.diagnosis if row.diagnosis is not None and row.diagnosis.other else None
    shown = tuple(replace(region, mean_ulp=None) for region in regions)
    return replace(row, worst=tuple(worst), bins=(), regions=shown, diagnosis=diagnosis)


def defects(row: Row) -> list[Region]:
    """The regions in which it is wrong in no way that is excused, those of NaN of any payload as one."""
    found = [region for region in row.regions if not region.artefact and region.kind not in EXCUSED]
    nans = [region for region in found if region.low == "nan"]
    return [region for region in found if region.low != "nan"] + ([_joined(nans)] if nans else [])


def _joined(regions: Sequence[Region]) -> Region:
    """Regions of one kind as one, from the first to the last."""
    worst = max(regions, key=lambda region: region.max_ulp or 0.0)
    return replace(
        worst,
        low=min((region.low for region in regions), key=float.fromhex),
        high=max((region.high for region in regions), key=float.fromhex),
        inputs=sum(region.inputs for region in regions),
        wrong=sum(region.wrong for region in regions),
        mean_ulp=None,
    )


def _of_each_kind(row: Row) -> Iterator[Worst]:
    found: set[str] = set()
    for worst in row.worst:
        defect = worst.kind != "finite" or (worst.ulp or 0.0) > LARGE
        if defect and not worst.excused and not worst.artefact and worst.kind not in found:
            found.add(worst.kind)
            yield worst


def _short(row: Row, worst: Worst) -> Worst:
    """Without its line where the judge repeats it as well.

    That is of long rows, in bfloat16, of which all inputs are judged, and of derivatives where x is NaN.
    """
    convention = row.quantity != "value" and worst.operands.get("x") == "nan"
    kept = len(worst.reproducer) <= LONGEST and row.formats != "bfloat16" and not convention
    return worst if kept else replace(worst, reproducer="")


def _example(region: Region, question: Question, session: Session, rules: Rules) -> Worst | None:
    x = float.fromhex(region.worst)
    found = [_asked(question, session, x, n, rules) for n in TOGETHER]
    wrong = [each for each in found if each is not None]
    wanted = region.max_ulp
    for each in wrong:
        if each.ulp is None or wanted is None or each.ulp >= wanted:
            return each
    return max(wrong, key=lambda each: each.ulp or 0.0, default=None)


def _asked(question: Question, session: Session, x: float, n: int, rules: Rules) -> Worst | None:
    """What the target makes of n times x, if the first is wrong."""
    batch = {"x": np.full(n, x)}
    try:
        got = np.ravel(session.answer(question, batch).values)[:1]
    except NoAnswerError:
        return None  # it is an incident of the row
    one = {"x": batch["x"][:1]}
    exact = oracle(question, one, np.array([0]))
    result = judged(question, one, got, exact, rules)
    if result.kinds[0] == RIGHT:
        return None
    ulp, want = float(result.comparison.ulps[0]), float(exact.rounded[0])
    return Worst(
        kind=KINDS[result.kinds[0]],
        operands={"x": hexadecimal(x)},
        bits={"x": bits(x, question.source)},
        got=hexadecimal(float(got[0])),
        got_bits=bits(float(got[0]), question.result),
        want=hexadecimal(want),
        want_bits=bits(want, question.result),
        ulp=None if np.isnan(ulp) else ulp,
        excused=rules.names[result.excuses[0]],
        artefact=ARTEFACTS[result.artefacts[0]],
        place=None,
        reproducer=_line(question, session, hexadecimal(x), n),
        confirmed=True,
    )


def _line(question: Question, session: Session, x: str, n: int) -> str:
    """The line that prints the n results, with the equal numbers written once."""
    line = session.reproducer(question, {"x": [x] * n})
    if n == 1:
        return line
    for number in (f"h({x!r})", "h('1')"):
        line = line.replace(f"[{', '.join([number] * n)}]", f"[{number}] * {n}")
    return line
