"""The gate: every reason can be provoked, and nothing else is one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from refacts.reports.exits import UsageError
from refacts.reports.judge.allowances import ALLOWANCES
from refacts.reports.judge.gate import Gate, asked, exit_code, judged
from refacts.reports.judge.rows import Control, Error

from tests.judge.made import FINITE, FLUSHED, NAN, NONE, OTHER, PEER, RAISED, UNSTEADY, row, wrong

TWO = Gate(2.0)
MISSED = {
    "over_budget": 3,
    "error": Error(2.5, 2.0, 1.0, 0.25),
    "worst": (replace(FINITE, ulp=2.5),),
}


def fails(gate: Gate, **changes: Any) -> str:
    """The only reason for which a changed row fails."""
    verdict, reasons = judged(row(**changes), gate)
    assert verdict == "fail"
    (reason,) = reasons
    return reason


def test_what_is_right_passes_without_a_reason() -> None:
    assert judged(row(), TWO) == ("pass", ())
    assert judged(wrong(), Gate()) == ("measured", ())


def test_one_result_over_the_budget_fails() -> None:
    assert fails(TWO, **MISSED) == "max error 2.5 ulp at x = -5.5, at most 2 allowed"


def test_a_bound_of_half_an_ulp_allows_the_nearest_number_only() -> None:
    tie = MISSED | {"error": Error(0.5, 0.5, 0.5, 0.25), "worst": (replace(FINITE, ulp=0.5),)}
    said = "rounded to the wrong side: at x = -5.5 got -5.9604645e-08, want -8.940697e-08"
    assert fails(Gate(0.5), **tie) == f"3 results are a tie {said}"
    assert fails(Gate(0.5), **tie | {"over_budget": 1}) == f"1 result is a tie {said}"


def test_errors_of_other_kinds_are_told_apart_from_the_largest() -> None:
    missed = MISSED | {"error": Error(1.68e7, 2.0, 1.0, 0.25)}  # a false zero's
    assert fails(TWO, **missed).startswith("max error of the other results 2.5 ulp at x = -5.5,")


def test_the_place_is_a_defect_not_an_artefact_or_an_excused_result() -> None:
    excused = replace(FINITE, ulp=9e9, excused="kink")
    artefact = replace(FINITE, ulp=9e9, artefact="saturated")
    worst = (excused, artefact, *MISSED["worst"])
    assert fails(TWO, **MISSED | {"worst": worst}).startswith("max error 2.5 ulp")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("nan", "1,200 NaN mismatches: at x = -inf got nan, want -0.0; --allow nan-at-inf excuses only such"),
        ("inf", "1,200 infinity mismatches"),
        ("sign", "1,200 wrong signs"),
        ("false_zero", "1,200 false zeros"),
    ],
)
def test_a_mismatch_fails_whatever_the_quota(kind: str, said: str) -> None:
    gate = Gate(2.0, 0.5)
    assert fails(gate, coverage="uniform", mismatches=NONE | {kind: 1200}, worst=(NAN, FINITE)) == said


@pytest.mark.parametrize(
    ("kind", "profile"), [("flushed", "--ftz"), ("saturated", "--saturate"), ("kink", "--kink")]
)
def test_an_artefact_fails_and_the_reason_names_the_profile(kind: str, profile: str) -> None:
    reason = fails(Gate(2.0, 0.5), coverage="uniform", artefacts={kind: 7}, worst=(FLUSHED,))
    assert reason.startswith("7 results are ")
    assert profile in reason
    assert (": at x = -88.0 got 0.0, want 5.877472e-39;" in reason) == (kind == "flushed")


def test_a_zero_is_said_to_be_one_and_no_device_is_blamed() -> None:
    changes = {"artefacts": {"flushed": 1}, "worst": (FLUSHED,)}
    assert fails(TWO, **changes) == (
        "1 result is zero where the exact result is subnormal: at x = -88.0 got 0.0, want 5.877472e-39; "
        "--ftz or --allow flushed excuses such"
    )


@pytest.mark.parametrize("profile", ["ftz", "ftz+saturate"])
def test_a_profile_that_was_given_is_not_recommended(profile: str) -> None:
    reason = fails(TWO, artefacts={"flushed": 7}, worst=(FLUSHED,), profile=profile)
    assert "--ftz" not in reason
    assert "--daz or --allow flushed excuses such" in reason


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("nan", {"got": "nan", "want": "0x1p+0"}, ""),
    ("nan", {"got": "0x1p+0", "want": "nan"}, ""),
    ("inf", {"got": "inf", "want": "0x1.fffffep+127"}, "early-overflow"),
    ("inf", {"got": "0x1p+0", "want": "inf"}, "inf"),
    ("inf", {"got": "-inf", "want": "0x1.fffffep+127"}, "inf"),
    ("inf", {"got": "inf", "want": "0x1.fffffep+119"}, "inf"),
    ("inf", {"got": "-inf", "want": "inf"}, ""),
    ("sign", {"got": "0x0p+0", "want": "-0x0p+0"}, "sign-of-zero"),
    ("sign", {"got": "0x0p+0", "want": "-0x1p-149"}, "sign-of-zero"),
    ("sign", {"got": "0x1p+0", "want": "-0x1p+0"}, ""),
    ("false_zero", {"got": "0x0p+0", "want": "0x1p+0"}, "false-zero"),
]


@pytest.mark.parametrize(("kind", "numbers", "name"), WRONG)
def test_a_reason_names_what_excuses_such(kind: str, numbers: dict[str, str], name: str) -> None:
    ulp = 0.75 if kind == "sign" else None
    worst = replace(NAN, kind=kind, operands={"x": "0x1p+0"}, ulp=ulp, **numbers)
    reason = fails(TWO, mismatches=NONE | {kind: 1}, worst=(worst,))
    assert reason.startswith("1 ")
    assert reason.partition("; ")[2] == (f"--allow {name} excuses such" if name else "")
    several = fails(TWO, mismatches=NONE | {kind: 2}, worst=(worst,)).partition("; ")[2]
    narrow = name in ("nan-at-inf", "early-overflow", "sign-of-zero")  # others of the kind may be left
    assert several == (f"--allow {name} excuses {'only ' if narrow else ''}such" if name else "")
    if name:
        row_allowed = {"mismatches": NONE | {kind: 1}, "worst": (worst,)}
        assert "--allow" not in fails(Gate(2.0, 0.0, (name,)), **row_allowed)


def test_an_incident_fails_and_is_told_once() -> None:
    once = "raised ValueError: too many, at x = 1.0"
    assert fails(TWO, incidents=(RAISED,)) == once
    assert fails(TWO, incidents=(RAISED,) * 2) == f"{once} and 1 other place"
    assert fails(TWO, incidents=(RAISED,) * 3) == f"{once} and 2 other places"
    assert fails(TWO, incidents=(UNSTEADY,)) == "differs from run to run; --allow unsteady excuses such"


def test_a_peer_is_a_measure() -> None:
    gate = Gate(max_ratio=2.0)
    assert judged(row(peer=PEER), gate) == ("pass", ())
    far = replace(PEER, ratio=2.125)
    assert fails(gate, peer=far) == "max error is 2.13 times that of other:f, at most 2 allowed"
    unjudged = "the ratio to the peer's error cannot be judged"
    assert judged(row(peer=None), gate) == ("incomplete", (unjudged,))
    silent = replace(PEER, ratio=None, error=Error(), sentence="it is silent")
    assert judged(row(peer=silent), gate) == ("incomplete", (f"{unjudged}: it is silent",))
    assert judged(row(peer=silent, mismatches=NONE | {"nan": 1}), gate)[0] == "incomplete"
    nan = {"mismatches": NONE | {"nan": 1}}
    assert judged(row(peer=replace(silent, mismatches=NONE | {"inf": 1}), **nan), gate)[0] == "fail"
    nan = NONE | {"nan": 2}
    assert fails(gate, peer=replace(PEER, mismatches=nan, shared={"nan": 1}), mismatches=nan, worst=()) == (
        "2 NaN mismatches (the peer has 1 of them)"
    )
    same = replace(PEER, shared={"nan": 2})
    assert judged(row(peer=same, mismatches=nan), gate)[0] == "pass"
    assert judged(row(peer=same, mismatches=nan), Gate(2.0, 0, (), 2.0))[0] == "fail"


def test_a_peer_excuses_artefacts_as_it_excuses_mismatches() -> None:
    gate, flushed = Gate(max_ratio=2.0), {"artefacts": {"flushed": 7}, "worst": (FLUSHED,)}
    assert judged(row(peer=replace(PEER, shared={"flushed": 7}), **flushed), gate) == ("pass", ())
    assert "(the peer has 6 of them)" in fails(gate, peer=replace(PEER, shared={"flushed": 6}), **flushed)
    assert fails(Gate(2.0, 0, (), 2.0), peer=replace(PEER, shared={"flushed": 7}), **flushed)


def test_all_reasons_are_told_the_other_definition_first() -> None:
    verdict, reasons = judged(wrong(incidents=(UNSTEADY, RAISED)), TWO)
    assert verdict == "fail"
    starts = [OTHER.sentence, RAISED.sentence, "12 NaN", "max error", "7 results", UNSTEADY.sentence]
    assert [reason[: len(start)] for reason, start in zip(reasons, starts, strict=True)] == starts


def test_another_definition_alone_is_no_reason() -> None:
    assert judged(row(diagnosis=OTHER), TWO) == ("pass", ())


@pytest.mark.parametrize("gate", [Gate(), TWO])
def test_a_failed_control_makes_the_verdict_void(gate: Gate) -> None:
    verdict, reasons = judged(wrong(control=Control(5000, 79, False, True)), gate)
    assert (verdict, reasons) == ("void", ("the control failed: the exact results did not pass",))
    verdict, reasons = judged(row(control=Control(5000, 79, True, False)), gate)
    assert verdict == "void"
    assert "79 of 5,000 moved past the budget" in reasons[0]


def test_what_is_not_answered_is_incomplete() -> None:
    missing = ("3 of 100,003 results are missing",)
    assert judged(row(unanswered=3), TWO) == ("incomplete", missing)
    assert judged(row(unanswered=3), Gate()) == ("incomplete", missing)
    assert judged(row(incidents=(RAISED,)), Gate()) == ("incomplete", (f"{RAISED.sentence}, at x = 1.0",))
    verdict, reasons = judged(row(unanswered=3, **MISSED), TWO)
    assert (verdict, reasons[-1:]) == ("fail", missing)


def test_nothing_judged_is_no_pass() -> None:
    nothing = {"inputs": 0, "control": Control(0, 0, True, False)}
    assert judged(row(**nothing), TWO) == ("incomplete", ("no result was judged",))


@pytest.mark.parametrize("coverage", ["uniform", "exhaustive"])
def test_a_quota_may_lie_above(coverage: str) -> None:
    gate, share = Gate(2.0, 1e-3), MISSED | {"coverage": coverage, "quota_of": 50_000}
    assert judged(row(**share | {"over_budget": 900, "quota_over": 50}), gate) == ("pass", ())
    reason = fails(gate, **share | {"over_budget": 51, "quota_over": 51})
    assert reason.endswith("; 51 of 50,000 uniform results lie above, 0.001 of them may")
    reason = fails(gate, **share | {"over_budget": 101, "quota_of": 100_000, "quota_over": 101})
    assert reason.endswith("; 101 of 100,000 results lie above, 0.001 of them may")


@pytest.mark.parametrize(
    ("coverage", "inputs", "said"),
    [
        ("sampled", 10**9, "exhaustive or uniform over bit patterns (these are sampled)"),
        ("uniform", 9_999, "needs at least 10,000 results (there are 9,999)"),
    ],
)
def test_a_quota_that_does_not_fit_is_not_used(coverage: str, inputs: int, said: str) -> None:
    changes = MISSED | {"coverage": coverage, "quota_of": inputs, "over_budget": 1}
    verdict, reasons = judged(row(**changes), Gate(2.0, 1e-3))
    assert verdict == "fail"
    assert said in reasons[1]
    assert Gate(2.0, 2.0**-10).refuses("uniform", 10_240) == ""


@pytest.mark.parametrize("kind", ["unsteady", "dtype", "input"])
def test_an_allowance_excuses_the_incidents_it_names(kind: str) -> None:
    for allowed in ALLOWANCES:
        verdict, _ = judged(row(incidents=(replace(UNSTEADY, kind=kind),)), Gate(2.0, 0, (allowed,)))
        assert verdict == ("pass" if allowed == kind else "fail")


def test_the_other_allowances_are_those_of_the_judge() -> None:
    from refacts.reports.judge import judging

    assert {name for name, one in ALLOWANCES.items() if not one.incident} == {*judging.ALLOWANCES}


def test_a_gate_is_read_from_texts() -> None:
    assert asked("2", "1e-5", ["kink", "nan-at-inf", "kink"]) == Gate(2.0, 1e-5, ("nan-at-inf", "kink"))
    assert asked() == Gate()
    assert asked(0) == Gate(0.0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_ulp": "two"}, "--max-ulp must be a finite number of at least 0 (got two)"),
        ({"max_ulp": "-1"}, "--max-ulp must be"),
        ({"max_ulp": "nan"}, "--max-ulp must be"),
        ({"max_ulp": math.inf}, "--max-ulp must be"),
        ({"max_ulp": True}, "--max-ulp must be"),
        ({"max_ulp": [2]}, "--max-ulp must be"),
        ({"max_ulp": 2, "quota": 1}, "--quota must be below 1 (got 1)"),
        ({"quota": "1e-5"}, "--quota needs --max-ulp"),
        ({"max_ratio": "0x2"}, "--max-ratio must be"),
        ({"allow": ["inf"]}, "--allow needs a gate"),
        ({"max_ulp": 2, "allow": ["nan_at_inf"]}, "unknown allowance 'nan_at_inf': did you mean nan-at-inf"),
    ],
)
def test_a_gate_that_is_none(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        asked(**given)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["pass", "measured"], 0),
        (["pass", "fail", "incomplete"], 1),
        (["pass", "incomplete"], 3),
        (["fail", "void"], 3),
        ([], 3),
    ],
)
def test_exit_codes(verdicts: list[str], code: int) -> None:
    assert exit_code(verdicts) == code
