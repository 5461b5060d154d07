"""Updates of a file of budgets: tightened, loosened only on request, everything else kept."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from refacts.reports.exits import UsageError, confirmed
from refacts.reports.judge import budgets
from refacts.reports.judge.allowances import ALLOWANCES
from refacts.reports.judge.budget_updates import HEAD, better, fill, update
from refacts.reports.judge.budgets import Budgets
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import Error

from tests.judge.made import NONE, RAISED, UNSTEADY, row
from tests.judge.test_budgets import FILE

GELU = row(gate=Gate(2.0, 0.0, ("nan-at-inf",)))
LEAKY = row(activation="leaky_relu", parameters={"alpha": "0.01"}, quantity="vjp", gate=Gate(1.0, 1e-5),
            error=Error(1.0, 1.0, 1.0, 0.25))  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "accuracy.toml"
    path.write_text(FILE)
    return path


def each(*rows: Any) -> list[list[Any]]:
    """A row for each budget."""
    return [[one] for one in rows]


def with_error(one: Any, largest: float, **changes: Any) -> Any:
    right = {"correct": one.inputs} if largest <= 0.5 else {}
    return replace(one, error=Error(largest, 1.0, 1.0, 0.25), **right | changes)


def test_what_got_better_is_listed_and_tightened(path: Path) -> None:
    found, rows = budgets.read(path), each(with_error(GELU, 1.5001), LEAKY)
    assert better(found, rows) == [
        "kernel:f as gelu/value/float32 is better than its budget: max error 1.51 ulp, 2 allowed"
    ]
    assert update(found, rows) == ["kernel:f as gelu/value/float32: max_ulp is 1.51 (was 2)"]
    assert path.read_text() == FILE.replace("2.0  ", "1.51  ")


@pytest.mark.parametrize("change", [lambda text: text, lambda text: text.replace("\n", "\r\n")])
def test_an_update_keeps_every_other_byte(change: Any, path: Path) -> None:
    path.write_bytes(change(FILE).encode())
    update(budgets.read(path), each(with_error(GELU, 1.25), with_error(LEAKY, 0.5)))
    wanted = change(FILE).replace("2.0  ", "1.25  ").replace("max_ulp = 1", "max_ulp = 0.5")
    assert path.read_bytes() == wanted.encode()


@pytest.mark.parametrize("verdict", ["fail", "incomplete", "void"])
def test_only_what_passes_is_tightened(verdict: str, path: Path) -> None:
    changed = with_error(GELU, 1.25, verdict=verdict)
    assert update(budgets.read(path), each(changed, LEAKY)) == []
    assert path.read_text() == FILE
    assert better(budgets.read(path), each(changed, LEAKY)) == []


def test_wrong_ties_are_kept_within_the_bound(path: Path) -> None:
    tie = with_error(GELU, 0.5, correct=GELU.inputs - 1)
    assert update(budgets.read(path), each(tie, LEAKY)) == [f"{GELU.key}: max_ulp is 0.501 (was 2)"]
    right = replace(tie, correct=tie.inputs)
    assert update(budgets.read(path), each(right, LEAKY)) == [f"{GELU.key}: max_ulp is 0.5 (was 0.501)"]


def test_nothing_is_changed_where_nothing_got_better(path: Path) -> None:
    assert update(budgets.read(path), each(with_error(GELU, 1.999), LEAKY), accept_worse=True, ask=int) == []
    assert path.read_text() == FILE


def test_a_budget_of_several_rows_is_that_of_the_worst(path: Path) -> None:
    first, second = with_error(GELU, 1.5), with_error(replace(GELU, quantity="vjp_b"), 1.25)
    found = budgets.read(path)
    assert update(found, [[replace(first, verdict="fail"), second], [LEAKY]]) == []
    assert update(found, [[with_error(GELU, 2.5, verdict="fail"), second], [LEAKY]]) == []
    assert update(found, [[first, with_error(second, float("inf"))], [LEAKY]]) == []
    assert update(found, [[], [LEAKY]]) == []
    name = "kernel:f as gelu/value/float32 and kernel:f as gelu/vjp_b/float32"
    assert update(found, [[first, second], [LEAKY]]) == [f"{name}: max_ulp is 1.5 (was 2)"]
    assert budgets.read(path).rows[0].gate.max_ulp == 1.5


WORSE = with_error(GELU, 2.5001, verdict="fail", over_budget=3)


@pytest.mark.parametrize(("accept", "answer"), [(False, True), (True, False), (True, True)])
def test_what_got_worse_is_loosened_only_if_the_user_says_so(accept: bool, answer: bool, path: Path) -> None:
    asked = []

    def ask(question: str) -> bool:
        asked.append(question)
        return answer

    (sentence,) = update(budgets.read(path), each(WORSE, LEAKY), accept, ask)
    worse = "kernel:f as gelu/value/float32 is worse: max error 2.51 ulp, 2 allowed"
    if accept and answer:
        assert path.read_text() == FILE.replace("2.0  ", "2.51  ")
        assert sentence == "kernel:f as gelu/value/float32: max_ulp is 2.51 (was 2), loosened"
    else:
        assert path.read_text() == FILE
        assert sentence == f"{worse}; its budget is kept"
    assert asked == ([f"{worse}; loosen its budget to 2.51?"] if accept else [])


def test_mismatches_and_infinite_errors_are_never_loosened(path: Path) -> None:
    nan = replace(GELU, verdict="fail", mismatches=NONE | {"nan": 3})
    infinite = with_error(LEAKY, float("inf"), verdict="fail", over_budget=1)
    assert update(budgets.read(path), each(nan, infinite), True, lambda _: True) == []
    assert path.read_text() == FILE


def test_nobody_is_asked_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Typed:
        def __init__(self, line: str, terminal: bool) -> None:
            self.isatty, self.readline = lambda: terminal, lambda: line

    answers = {"y\n": True, "YES\n": True, "\n": False, "": False, "yellow\n": False}
    for (line, yes), terminal in itertools.product(answers.items(), (True, False)):
        monkeypatch.setattr(sys, "stdin", Typed(line, terminal))
        assert confirmed("loosen?") is (yes and terminal)
        assert capsys.readouterr().err == ("refacts: loosen? [y/N] " if terminal else "")
    monkeypatch.setattr(sys, "stdin", None)
    assert not confirmed("loosen?")


EVERY = Gate(allow=tuple(ALLOWANCES))  # what a row is measured with that has no gate


@pytest.mark.parametrize("content", ["", "# mine\nsamples = 1000 # few\n"])
def test_rows_are_written_where_the_file_has_none(content: str, path: Path) -> None:
    asked = [replace(one, gate=Gate()) for one in budgets.read(path).rows]
    asked += [replace(asked[0], scalar=True, kink="left", number=3), replace(asked[0], target="nan:f")]
    asked += [replace(asked[0], target="half:f"), replace(asked[0], target="crash:f")]
    new = Budgets(path.with_name("new.toml"), 1000, None, tuple(asked), content)
    if content:
        new.path.write_text(content)
        assert budgets.read(new.path, filling=True) == replace(new, rows=())
    measured = [replace(one, verdict="measured", gate=EVERY) for one in (GELU, LEAKY, with_error(GELU, 0.0))]
    nothing = row(target="nan:f", verdict="measured", error=Error(None, None, None, None), gate=EVERY)
    half = row(target="half:f", verdict="incomplete", unanswered=3, gate=EVERY)
    crash = row(target="crash:f", verdict="incomplete", incidents=(RAISED,), gate=EVERY)
    sentences, verdicts = fill(new, [*measured, nothing, half, crash])
    assert sentences[0] == "kernel:f as gelu/value/float32: max_ulp is 1.75"
    assert sentences[3:] == [
        "nan:f as gelu/value/float32 gets no budget: it has no finite error",
        "half:f as gelu/value/float32 gets no budget: 3 of 100,003 results are missing",
        "crash:f as gelu/value/float32 gets no budget: raised ValueError: too many, at x = 1.0",
    ]
    assert verdicts == ["pass", "pass", "pass", "fail", "incomplete", "fail"]
    head = content or "".join(f"# {line}\n" for line in HEAD.splitlines())
    assert new.path.read_text().startswith(head)
    found = budgets.read(new.path)
    wanted = [replace(one, gate=Gate(bound)) for one, bound in zip(asked, (1.75, 1.0, 0.0), strict=False)]
    assert replace(found, text="") == replace(new, rows=tuple(wanted), text="")


def filled(path: Path, one: Any, gate: Gate | None = None, kink: str = "any") -> tuple[list[str], list[str]]:
    """What is said and found of a row that the first budget of a new file is about."""
    budget = replace(budgets.read(path).rows[0], gate=gate or Gate(), kink=kink)
    return fill(Budgets(path.with_name("new.toml"), None, None, (budget,)), [one])


def test_a_budget_allows_what_was_excused_and_no_more(path: Path) -> None:
    excused = {"kink": 9, "ftz": 8, "nan-at-inf": 2, "false-zero": 1234}
    one = row(verdict="measured", gate=EVERY, excused=excused, incidents=(UNSTEADY,))
    sentences, verdicts = filled(path, one)
    allowed = "nan-at-inf (2), false-zero (1,234), unsteady"
    assert sentences == [f"{GELU.key}: max_ulp is 1.75, allowed: {allowed}"]
    assert verdicts == ["pass"]
    (found,) = budgets.read(path.with_name("new.toml")).rows
    assert found.gate == Gate(1.75, allow=("nan-at-inf", "false-zero", "unsteady"))
    path.with_name("new.toml").unlink()
    assert filled(path, one, kink="right")[1] == ["pass"]
    (found,) = budgets.read(path.with_name("new.toml")).rows
    assert "kink" in found.gate.allow


@pytest.mark.parametrize("kind", NONE)
def test_mismatches_that_nothing_excuses_get_no_budget(kind: str, path: Path) -> None:
    one = row(verdict="measured", gate=EVERY, mismatches=NONE | {kind: 3}, excused={"nan-at-inf": 2})
    (sentence,), verdicts = filled(path, one)
    assert sentence.startswith(f"{GELU.key} gets no budget: 3 ")
    assert verdicts == ["fail"]
    assert not path.with_name("new.toml").exists()


def test_a_gate_that_was_given_is_written_where_it_holds(path: Path) -> None:
    for gate, bounds in (
        (Gate(2.0, 1e-3, ("inf",)), "max_ulp is 1.75, allowed: inf"),
        (Gate(1.75), "max_ulp is 1.75"),
        (Gate(max_ratio=2.0), "max_ratio is 2"),
    ):
        assert filled(path, row(gate=gate), gate) == ([f"{GELU.key}: {bounds}"], ["pass"])
        (found,) = budgets.read(path.with_name("new.toml")).rows
        assert found.gate == (replace(gate, max_ulp=1.75) if gate.max_ulp else gate)
        path.with_name("new.toml").unlink()
    failed = row(gate=Gate(1.0), verdict="fail", over_budget=9, reasons=("max error 1.75 ulp",))
    assert filled(path, failed, Gate(1.0)) == ([f"{GELU.key} gets no budget: max error 1.75 ulp"], ["fail"])
    assert not path.with_name("new.toml").exists()


def test_a_file_edited_during_the_run_is_kept(path: Path) -> None:
    found = budgets.read(path)
    path.write_text(FILE + "# mine")
    with pytest.raises(UsageError, match="was edited during the run"):
        update(found, each(with_error(GELU, 1.25), LEAKY))
    assert path.read_text() == FILE + "# mine"


def test_a_missing_extra_is_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomlkit", None)
    with pytest.raises(UsageError, match="tomlkit is missing: pip install tomlkit"):
        update(budgets.read(path), each(with_error(GELU, 1.25), LEAKY))
    assert path.read_text() == FILE
