"""A row of a verdict's document comes back from JSON as it went."""

import json
import math

import pytest
from refacts.reports.judge.rows import (
    Bin,
    Control,
    Diagnosis,
    Error,
    Incident,
    Peer,
    Region,
    Row,
    Worst,
    as_json,
    from_json,
)

ERROR = Error(1.7e7, math.inf, 3.0, None)
ROW = Row(
    target="torch.nn.functional:gelu",
    activation="gelu",
    parameters={"alpha": "0.1"},
    quantity="value",
    formats="float32:bfloat16",
    profile="ftz+daz",
    coverage="sampled",
    inputs=100,
    seed=0,
    correct=90,
    within_one=95,
    over_budget=3,
    error=ERROR,
    mismatches={"nan": 1},
    artefacts={"flushed": 1},
    excused={"ftz": 1},
    unanswered=0,
    confirmed=100,
    worst=(
        Worst("nan", {"x": "-inf"}, {"x": "0xff800000"}, "nan", "0x7fc00000", "-0x0p+0", "0x80000000", None,
              "", "", (0, 3), "python -c ...", True),
    ),
    regions=(Region("tail cancellation", "-0x1p+3", "-0x1p+2", 50, 40, 1.7e7, math.inf, "-0x1p+2", False),),
    bins=(Bin(True, 3, 10, math.inf, 2.0),),
    bin_width=1,
    incidents=(Incident("raised", "raised ValueError: no", {"x": ["0x1p+0"]}, "python -c ..."),),
    diagnosis=Diagnosis("gelu", "gelu_tanh", 0.1, 1.0, True, "it is gelu_tanh"),
    kinks="",
    control=Control(100, 2, True, True),
    peer=Peer("refacts:gelu", ERROR, {"nan": 0}, 3.4e7, "the peer is nearer"),
    verdict="fail",
    reasons=("max error 1.7e7 ulp, at most 2 allowed",),
)  # fmt: skip


def test_a_row_comes_back_from_strict_json() -> None:
    assert from_json(json.loads(json.dumps(as_json(ROW), allow_nan=False))) == ROW


@pytest.mark.parametrize("lost", ["error", "reasons", "control"])
def test_a_row_that_lacks_something_is_refused(lost: str) -> None:
    found = as_json(ROW)
    del found[lost]
    with pytest.raises(ValueError, match=lost):
        from_json(found)


def test_the_key_names_all_that_was_asked() -> None:
    assert ROW.key == "torch.nn.functional:gelu as gelu(alpha=0.1)/value/float32:bfloat16 ftz+daz"
