"""What is pasted into a bug report."""

from __future__ import annotations

import pytest
from refacts.reports.render.bug_report import bug_report, command

from tests.judge.made import FINITE, RAISED, row, wrong

WHERE = {"refacts": "0.1", "numpy": "2.4", "commit": "abc"}


def test_a_report_has_all_that_is_asked_for() -> None:
    assert bug_report(wrong(worst=(FINITE,), incidents=()), WHERE) == [
        "kernel:f as gelu, value, float32",
        "input     x = -5.5 (-0x1.6p+2, 0xc0b00000)",
        "got       -5.9604645e-08 (-0x1p-24, 0xb3800000)",
        "exact     -8.940697e-08 (-0x1.8p-24, 0xb3c00000)",
        "error     1.7e+07 ulp, distance",
        "interval  [-11.0, -5.5]: tail cancellation, 20 % of 5,000 inputs there",
        "measured  90,000 of 100,000 results are correctly rounded (sampled inputs)",
        "command   refacts verify kernel:f --as gelu --quantity value --format float32",
        "versions  refacts 0.1, numpy 2.4",
        "reproduce:",
        FINITE.reproducer,
    ]


def test_an_incident_alone_is_one_too() -> None:
    lines = bug_report(row(worst=(), incidents=(RAISED,)), WHERE)
    assert "incident  raised: raised ValueError: too many" in lines
    assert lines[-2:] == ["reproduce the incident:", RAISED.reproducer]
    assert bug_report(row(worst=()), WHERE) == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("a b.py:f", "'a b.py:f' --as gelu"),
        ("k:f (dim=-1)", "k:f --as gelu --call dim=-1"),
        ("k:f (approximate='tanh', backward k:g, on cuda:0)",
         "k:f --as gelu --call 'approximate='\"'\"'tanh'\"'\"'' --backward k:g --device cuda:0"),
    ],
)  # fmt: skip
def test_the_command_calls_it_likewise(target: str, said: str) -> None:
    assert command(row(target=target)) == f"refacts verify {said} --quantity value --format float32"


def test_what_is_not_understood_is_not_guessed() -> None:
    assert command(row(target="k:f (dims=(1, 2))")) == ""


def test_parameters_and_rules_are_in_it() -> None:
    found = command(row(parameters={"alpha": "0.1"}, quantity="vjp_a", profile="daz+ftz"))
    given = "--param alpha=0.1 --quantity vjp --format float32 --daz --ftz"
    assert found == f"refacts verify kernel:f --as gelu {given}"
