"""Files of budgets: what is read, what is refused, and what an update changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from refacts.reports.exits import UsageError
from refacts.reports.judge import budgets
from refacts.reports.judge.budget_keys import PROFILES
from refacts.reports.judge.budgets import Budget
from refacts.reports.judge.gate import Gate

FILE = """\
# What our kernels must reach.
samples = 1000   # of each
seed = 7

[[budget]]   # the old one
target = 'kernel:f'
as = "gelu"
format = "float32"
max_ulp  =  2.0   # measured on the old machine
allow = [ "nan-at-inf", ]


# and the new one
[[budget]]
target = "kernel:f"
as = "leaky_relu"
parameters = {alpha = 0.01}
quantity = "vjp"
format = "float32:bfloat16"
max_ulp = 1
quota=1e-5
profile = ["saturate", "ftz"]
call = {dim = -1, approximate = "none"}
# the end"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "accuracy.toml"
    path.write_text(FILE)
    return path


def test_a_file_is_read(path: Path) -> None:
    found = budgets.read(path)
    assert (found.samples, found.seed) == (1000, 7)
    assert found.rows == (
        Budget("kernel:f", "gelu", "float32", gate=Gate(2.0, 0.0, ("nan-at-inf",)), number=1),
        Budget(
            "kernel:f",
            "leaky_relu",
            "float32:bfloat16",
            "vjp",
            {"alpha": "0.01"},
            profile="ftz+saturate",
            gate=Gate(1.0, 1e-5),
            call={"dim": -1, "approximate": "none"},
            number=2,
        ),
    )
    assert found.where(found.rows[1]) == f"{path}, budget 2 (kernel:f)"


def test_the_profiles_are_those_of_the_judge() -> None:
    from refacts.reports.judge import judging

    assert set(PROFILES) == set(judging.PROFILES)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seed = 7", "seed = ", "is not TOML: Invalid value (at line 3"),
        ("seed = 7", "seed = 7\nseed = 8", "at line 4"),
        ("seed = 7", "seed = -1", "seed must be an integer from 0 to 9223372036854775807 (got -1)"),
        ("samples = 1000", "samples = true", "samples must be an integer from 1 to 10000000000 (got True)"),
        ("samples", "sample", "unknown key 'sample': did you mean samples"),
        ("[[budget]]   #", "[budget]   #", "is not TOML"),
        ("max_ulp  =", "max_ulps =", "budget 1 (kernel:f): unknown key 'max_ulps': did you mean max_ulp"),
        ("2.0  ", '"2"', "budget 1 (kernel:f): max_ulp must be a number (got '2')"),
        ("2.0  ", "1" + "0" * 400, "budget 1 (kernel:f): max_ulp must be a number that float64 holds"),
        ("samples = 1000", "samples = 10000000001", "samples must be an integer from 1 to 10000000000"),
        ("2.0  ", "nan", "budget 1 (kernel:f): max_ulp must be a finite number of at least 0 (got nan)"),
        ("'kernel:f'", "3", "budget 1: target must be a text (got 3)"),
        ("'kernel:f'", "''", "budget 1 (): target must be a text (got '')"),
        ('[ "nan-at-inf", ]', '["nan"]', "(kernel:f): unknown allowance 'nan': did you mean nan-at-inf"),
        ('[ "nan-at-inf", ]', '"kink"', "allow must be a list of texts (got 'kink')"),
        ("quota=1e-5", "quota = 1", "budget 2 (kernel:f): quota must be below 1 (got 1.0)"),
        ("max_ulp = 1\n", "", "budget 2 (kernel:f) lacks max_ulp"),
        ("max_ulp  =  2.0", "kink = 'right'", "budget 1 (kernel:f) lacks max_ulp"),
        ('as = "gelu"', "", "budget 1 (kernel:f) lacks as"),
        ('"saturate"', '"saturated"', "profile must be some of ftz, daz, saturate, not 'saturated'"),
        ("{alpha = 0.01}", "{alpha = true}", "parameters must be a table of numbers"),
        ("{dim = -1, ", "{dim = [1], ", "call must be a table of texts, numbers, true or false"),
        ("{dim = -1, ", "{dim = 1979-05-27, ", "call must be a table"),
    ],
)
def test_a_wrong_line_or_key_is_named(old: str, new: str, said: str, path: Path) -> None:
    assert FILE.count(old)
    path.write_text(FILE.replace(old, new, 1))
    with pytest.raises(UsageError) as raised:
        budgets.read(path)
    assert said in str(raised.value)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "has no [[budget]]"), (b"\xff", "is not UTF-8"), (b"a = " + b"[" * 9999, "is not TOML")],
)
def test_what_is_no_file_of_budgets(content: bytes, said: str, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        budgets.read(path)
    assert said in str(raised.value)
    with pytest.raises(UsageError, match="nothing.toml cannot be read: No such file"):
        budgets.read(path.with_name("nothing.toml"))


def test_a_row_that_is_there_twice(path: Path) -> None:
    again = FILE[FILE.index("[[budget]]   #") : FILE.index("# and")].replace("2.0", "3")
    path.write_text(f"{FILE}\n{again}")
    with pytest.raises(UsageError, match=r"budget 3 \(kernel:f\) is the same row as budget 1"):
        budgets.read(path)
    path.write_text(f"{FILE}\n{again}quantity = 'derivative'\n")
    assert len(budgets.read(path).rows) == 3
