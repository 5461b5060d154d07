"""A process may fork while its threads compute: no child hangs, and all have the same bits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path

import pytest

from tests.forks import WAYS, WORK, Answer, Plan, Report
from tests.planted_forks import SLOWNESS

ROOT = Path(__file__).parent.parent
FAMILIES = {  # interpreters and children of each; the first use of mpmath happens once in an interpreter
    "rows": (5, 10),
    "tables": (5, 10),
    "mpmath": (10, 5),
    "oracle": (5, 10),
}
every_work = pytest.mark.parametrize("work", WORK)
every_way = pytest.mark.parametrize("way", WAYS)


def carried_out(plan: Plan) -> Report:
    """What a plan comes to in a fresh interpreter; neither it nor a child of it outlives this call."""
    command = [sys.executable, "-m", "tests.forks", json.dumps(asdict(plan))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            printed, _ = process.communicate(timeout=60 + 2 * plan.timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, f"{plan}: status {process.returncode}"
    return Report(**json.loads(printed))


@cache
def alone(work: str) -> tuple[Answer, float]:
    """What a process without threads and children computes, and how many seconds that takes it."""
    report = carried_out(Plan(work))
    (answer,) = report.answers
    return answer, report.seconds


def different(who: str, answer: Answer, want: Answer) -> list[str]:
    return [f"{who} has another {name}" for name in want | answer if answer.get(name) != want.get(name)]


def complaints(plan: Plan, report: Report) -> list[str]:
    """What is wrong with a process that forked, in sentences."""
    want, _ = alone(plan.work)
    said = list(report.complaints)
    for answer in report.answers:
        said += different("a child", answer, want)
    for answer in report.by_thread:
        said += different("the thread", answer, want)
    if len(report.answers) + len(report.complaints) != plan.children or not report.by_thread:
        said.append(f"{plan.children} children were to answer, and a thread")
    return [f"{sentence} ({plan.work}, {plan.way}, seed {plan.seed})" for sentence in said]


@every_way
@every_work
def test_children_forked_at_the_first_use_answer_with_the_same_bits(work: str, way: str) -> None:
    _, seconds = alone(work)
    interpreters, children = FAMILIES[work]
    answered = at_first_use = 0
    for seed in range(interpreters):
        plan = Plan(work, way, seed, children, window=seconds)
        report = carried_out(plan)
        assert complaints(plan, report) == []
        answered += len(report.answers)
        at_first_use += report.at_first_use
    assert answered == interpreters * children
    assert at_first_use, "no child was forked while the thread computed for the first time"


def test_the_first_use_of_mpmath_reaches_mpmath() -> None:
    assert alone("mpmath")[0]["by mpmath"] > 20


@every_way
def test_children_forked_during_a_long_import_answer(way: str) -> None:
    plan = Plan("mpmath", way, 1, 5, window=SLOWNESS, planted="slow import")
    report = carried_out(plan)
    assert complaints(plan, report) == []
    assert report.at_first_use


@every_way
@pytest.mark.parametrize(
    ("work", "planted"),
    [("rows", "lock rows"), ("tables", "lock tables"), ("mpmath", "slow import unguarded")],
)
def test_a_lock_that_a_child_inherits_is_seen(work: str, planted: str, way: str) -> None:
    """The control: forks while a thread holds a lock that the children need."""
    plan = Plan(work, way, 2, 6, window=SLOWNESS, timeout=3.0, planted=planted)
    said = complaints(plan, carried_out(plan))
    assert any(sentence.startswith("a child did not answer within 3.0 s (") for sentence in said), said


@every_way
@pytest.mark.parametrize(
    ("planted", "sentence"),
    [
        ("wrong in children", "a child has another softmax, float64"),
        ("wrong in the thread", "the thread has another softmax, float64"),
        ("death in children", "a child died with status 3"),
    ],
)
def test_wrong_bits_and_deaths_are_seen(planted: str, sentence: str, way: str) -> None:
    plan = Plan("rows", way, 3, 2, planted=planted)
    assert f"{sentence} (rows, {way}, seed 3)" in complaints(plan, carried_out(plan))


def imported_late(prelude: str = "") -> list[str]:
    """Modules outside mpmath that calls import, none of which forks wait for."""
    code = f"""
import sys, ml_dtypes, numpy as np, refacts
{prelude}
before, x = set(sys.modules), np.array([[0.5, 1.5, -2.0]])
for f in refacts.CATALOGUE:
    operands = (x, x) if f.spec.kind == "gated" and f is not refacts.glu else (np.hstack([x, x]),)
    for dtype in (np.float16, ml_dtypes.bfloat16, np.float32, np.float64):
        f(*(a.astype(dtype) for a in operands))
    f.gradient(*operands)
print(*sorted(set(sys.modules) - before))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in run.stdout.split() if name.split(".")[0] != "mpmath"]


def test_no_call_imports_anything_before_mpmath() -> None:
    assert imported_late() == []


def test_a_late_import_is_seen() -> None:
    """The control: the first call of softsign imports a module."""
    late = (
        "call = refacts.Softsign.__call__\n"
        "refacts.Softsign.__call__ = lambda self, x: (__import__('quopri'), call(self, x))[1]"
    )
    assert "quopri" in imported_late(late)
