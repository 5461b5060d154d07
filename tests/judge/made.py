"""Rows made by hand, of a target that nobody has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import (
    MISMATCHES,
    Bin,
    Control,
    Diagnosis,
    Error,
    Incident,
    Peer,
    Region,
    Row,
    Worst,
)

FINITE = Worst(
    kind="finite",
    operands={"x": "-0x1.6p+2"},
    bits={"x": "0xc0b00000"},
    got="-0x1p-24",
    got_bits="0xb3800000",
    want="-0x1.8p-24",
    want_bits="0xb3c00000",
    ulp=17e6,
    excused="",
    artefact="",
    place=None,
    reproducer="import kernel; print(kernel.f(float.fromhex('-0x1.6p+2')).hex())",
    confirmed=True,
)
NAN = replace(FINITE, kind="nan", operands={"x": "-inf"}, bits={"x": "0xff800000"}, got="nan",
              got_bits="0x7fc00000", want="-0x0p+0", want_bits="0x80000000", ulp=None)  # fmt: skip
FLUSHED = replace(FINITE, kind="false_zero", operands={"x": "-0x1.6p+6"}, bits={"x": "0xc2b00000"},
                  got="0x0p+0", got_bits="0x00000000", want="0x1p-127", want_bits="0x00400000",
                  artefact="flushed", ulp=4194304.0)  # fmt: skip
REGION = Region("tail cancellation", "-0x1.6p+3", "-0x1.6p+2", 5000, 1000, 17e6, 25.5, "-0x1.6p+2", False)
RAISED = Incident(
    "raised", "raised ValueError: too many", {"x": ["0x1p+0"]}, "import kernel; kernel.f(1.0)"
)
UNSTEADY = Incident("unsteady", "differs from run to run", {"x": ["0x1p+0", "nan"]}, "import kernel")
OTHER = Diagnosis("gelu", "gelu_tanh", 0.25, 1.0, True, "kernel:f is gelu_tanh, not gelu")
NONE = dict.fromkeys(MISMATCHES, 0)
PEER = Peer("other:f", Error(2.5, 2.0, 1.0, 0.25), NONE, 1.25, "kernel:f is 0.7 times as far off")


def row(**changes: Any) -> Row:
    """A row that passes at 2 ulp, with changes."""
    right = Row(
        target="kernel:f",
        activation="gelu",
        parameters={},
        quantity="value",
        formats="float32",
        profile="",
        coverage="sampled",
        inputs=100_000,
        seed=0,
        correct=90_000,
        within_one=99_000,
        over_budget=0,
        error=Error(1.75, 1.5, 1.25, 0.25),
        mismatches=NONE,
        artefacts={"flushed": 0, "saturated": 0, "kink": 0},
        excused={},
        loud=(),
        unanswered=0,
        confirmed=1003,
        worst=(replace(FINITE, ulp=1.75),),
        regions=(),
        bins=(Bin(True, 2, 1, 10, 1.75, 1.5),),
        incidents=(),
        diagnosis=None,
        kinks="",
        control=Control(100_000, 1563, True, True),
        peer=None,
        gate=Gate(2.0),
        verdict="pass",
        reasons=(),
    )
    return replace(right, **changes)


def wrong(**changes: Any) -> Row:
    """A row that fails at 2 ulp in many ways, with changes."""
    failing: dict[str, Any] = {
        "over_budget": 1000,
        "error": Error(17e6, 1e6, 25.5, 3.25),
        "mismatches": NONE | {"nan": 12},
        "artefacts": {"flushed": 7, "saturated": 0, "kink": 0},
        "excused": {"kink": 1500},
        "loud": ("kink",),
        "worst": (NAN, FLUSHED, FINITE),
        "regions": (REGION,),
        "incidents": (UNSTEADY,),
        "diagnosis": OTHER,
        "verdict": "fail",
        "reasons": ("12 NaN mismatches: at x = -inf got nan, want -0.0; --allow nan-at-inf excuses such",
                    "max error 1.7e+07 ulp at x = -5.5, at most 2 allowed"),
    }  # fmt: skip
    return row(**failing | changes)
