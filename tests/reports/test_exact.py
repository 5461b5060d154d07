"""`refacts exact`: digits, the nearest float, the distance to a rounding boundary."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from refacts.oracles.textbook import rowwise
from refacts.reports.command import main
from refacts.reports.quantities import CATALOGUE, reduces

mp = mpmath.MPContext()
mp.prec = 2000


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, str]:
    """The lines of `refacts exact` after its first, by their first word; continued ones whole."""
    assert main(["exact", *argv]) == 0
    lines = capsys.readouterr().out.replace("\n          ", " ").splitlines()[1:]
    return {word: rest.strip() for word, _, rest in (line.partition(" ") for line in lines)}


def test_in_the_tail(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "sigmoid", "-745.2", "--format", "float64")
    assert found == {
        "x": "-745.2 = -0x1.749999999999ap+9 (bits 0xc08749999999999a)  (-745.2 rounded to float64)",
        "exact": "2.310745339009376163139973556502454552547e-324",
        "rounded": "0.0 = 0x0p+0 (bits 0x0000000000000000)",
        "distance": "0.0323 ulp from the nearest rounding boundary",
    }


def test_derivative(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "tanh", "1", "--format", "float32", "--derivative")
    assert found["exact"] == "0.4199743416140260693944967390417014449172"
    assert found["rounded"] == "0.41997433 = 0x1.ae0dcp-2 (bits 0x3ed706e0)"


@pytest.mark.parametrize(
    ("name", "x", "fmt", "digits", "decimal", "distance"),
    [
        ("sigmoid", "0", "float64", "0.5" + "0" * 39, "0.5 = 0x1p-1", "0.25 ulp"),
        ("relu", "-0.0", "float16", "0.0", "-0.0 = -0x0p+0", "0.5 ulp"),
        ("relu", "3", "bfloat16", "3." + "0" * 39, "3.0 = 0x1.8p+1", "0.5 ulp"),
        ("sigmoid", "-inf", "float32", "0.0, the limit", "0.0 = 0x0p+0", "none"),
        ("gelu", "-1e300", "float64", "-0.0, nearly: its magnitude is below 2^-1100", "-0.0 = -", "0.5 ulp"),
        ("tanh", "-0x1p3000", "float64", "-1.0, the limit", "-1.0 = -0x1p+0 ", "none"),
        ("tanh", "nan", "float64", "nan, not a number", "nan = nan", "none"),
        ("leaky_relu", "-0x1p-1074", "float64", "-9.8813129168249314", "-0.0 = -0x0p+0", "0.3 ulp"),
    ],
)
def test_special_cases(
    name: str,
    x: str,
    fmt: str,
    digits: str,
    decimal: str,
    distance: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = printed(capsys, name, x, "--format", fmt)
    assert found["exact"].startswith(digits)
    assert found["rounded"].startswith(decimal)
    assert found["distance"].startswith(distance)


@pytest.mark.parametrize(
    ("given", "shown", "digits"),
    [
        ("alpha=0.1", "alpha=0.1", "-0.3000000000000000166533453693773481063545"),  # that of the float64
        ("alpha=1/10", "alpha=1/10", "-0.30000000000000000000"),
        ("alpha = -0x1p-1", "alpha=-0.5", "1.5000"),
    ],
)
def test_with_a_parameter(
    given: str, shown: str, digits: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exact", "leaky_relu", "-3", "--param", given]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"leaky_relu(x, {shown}), float64"
    assert lines[2].startswith(f"exact     {digits}")


def test_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["exact", "softmax", "1 2,3", "--quantity", "vjp", "--g", "0 1 0"]
    assert main([*argv, "--format", "float32"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "softmax.vjp(x, g), float32",
        "x         1.0 2.0 3.0",
        "g         0.0 1.0 0.0",
        "     exact                                         rounded       ulp to boundary",
        "[0]  -0.02203304452017429603466754049114599998612  -0.022033045  0.2057",
        "[1]  0.1848364465099787200617632831416586671593    0.18483645    0.4511",
        "[2]  -0.1628034019898044240270957426505126671732   -0.1628034    0.1371",
    ]


@pytest.mark.parametrize("name", [name for name, f in CATALOGUE.items() if f.spec.kind == "rowwise"])
@pytest.mark.parametrize("quantity", ["value", "gradient", "vjp", "jvp"])
def test_digits_of_rows_are_those_of_the_textbook(
    name: str, quantity: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Evaluated as the textbook writes it, at a precision in which nothing is lost."""
    x, g = [0.5, -1.25, 300.0, 299.5], [1.0, -0.5, 0.25, 2.0]
    reduced = _reduced(name)
    argv = ["exact", name, " ".join(map(str, x)), "--quantity", quantity]
    factors = g[:1] if quantity == "vjp" and reduced else g
    if quantity in ("vjp", "jvp"):
        argv += ["--g" if quantity == "vjp" else "--v", " ".join(map(str, factors))]
    assert main(argv) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("[")]
    want = _by_the_textbook(name, quantity, x, factors)
    assert len(lines) == len(want)
    for (_, digits, shown, *_), number in zip(lines, want, strict=True):
        assert digits == (mp.nstr(number, 40, strip_zeros=False) if number else "0.0")
        assert float(shown) == float(number)


def _by_the_textbook(name: str, quantity: str, x: list[float], g: list[float]) -> list[Any]:
    fractions = name == "sparsemax"
    row = [Fraction(t) if fractions else mp.mpf(t) for t in x]
    factors = [Fraction(t) if fractions else mp.mpf(t) for t in g]
    line, jacobian = getattr(rowwise, name), getattr(rowwise, f"{name}_jacobian")
    entries = range(len(row))
    values = [0] if _reduced(name) else entries
    found = {
        "value": lambda: [line(mp, row, i) for i in values],
        "gradient": lambda: [jacobian(mp, row, i, i) for i in entries],
        "vjp": lambda: [rowwise.vjp(mp, jacobian, row, factors, k) for k in entries],
        "jvp": lambda: [rowwise.jvp(mp, jacobian, row, factors, i) for i in values],
    }[quantity]()
    return [mp.mpf(n.numerator) / n.denominator if isinstance(n, Fraction) else mp.mpf(n) for n in found]


def _reduced(name: str) -> bool:
    return reduces(CATALOGUE[name], "value")


def test_vjp_and_jvp_are_one_map(capsys: pytest.CaptureFixture[str]) -> None:
    vjp = printed(capsys, "gelu", "0.5", "--quantity", "vjp", "--g", "2")
    assert vjp["exact"] == "1.734990249312325685050089662813193132878"
    jvp = printed(capsys, "gelu", "0.5", "--quantity", "jvp", "--v", "2")
    assert {**jvp, "g": jvp["v"]} == {**vjp, "v": vjp["g"]}
    assert printed(capsys, "gelu", "0.5", "--quantity", "vjp", "--g", "-0x1p1")["exact"] == f"-{vjp['exact']}"


def test_of_gated_units(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "swiglu", "3", "--b", "2")["exact"] == "5.284782467867294664358374847814380771238"
    argv = ["exact", "swiglu", "3", "--b", "2", "--quantity", "vjp", "--g", "-1"]
    assert main(argv) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    assert first.startswith("swiglu.vjp(a, b, g) by a, float64\n")
    assert "exact     -1.761594155955764888119458282604793590413" in first  # silu(2)
    assert second.startswith("swiglu.vjp(a, b, g) by b, float64\n")
    assert "exact     -3.272352746354686436270932532469742552995" in second  # 3 silu'(2)
    found = printed(capsys, "swiglu", "3", "--b", "2", "--quantity", "jvp", "--v-a", "1", "--v-b", "0")
    assert found["exact"] == "1.761594155955764888119458282604793590413"


def test_in_two_formats(capsys: pytest.CaptureFixture[str]) -> None:
    """1 + 2^-8 + 2^-30 is above a tie of bfloat16; as a float32 it is the tie, and goes to even."""
    x = "0x1.01000004p0"
    found = printed(capsys, "relu", x, "--format", "float64:bfloat16")
    assert found["rounded"] == "1.01 = 0x1.02p+0 (bits 0x3f81)"
    assert found["distance"].startswith("1.192e-07 ulp")
    found = printed(capsys, "relu", x, "--format", "float32:bfloat16")
    assert found["rounded"] == "1.0 = 0x1p+0 (bits 0x3f80)"
    argv = ["exact", "relu", "1", "--format", "float32", "--format", "float64", "--quantity", "value"]
    assert main([*argv, "--derivative"]) == 0
    heads = [block.splitlines()[0] for block in capsys.readouterr().out.split("\n\n")]
    calls = ("relu(x)", "relu.gradient(x)")
    assert heads == [f"{call}, {fmt}" for call in calls for fmt in ("float32", "float64")]


def test_x_is_rounded_once(capsys: pytest.CaptureFixture[str]) -> None:
    # Just above the midpoint of 1 and its successor in float32; as a float64 it is the midpoint.
    x = "1.00000005960464477539062500000000000001"
    found = printed(capsys, "relu", x, "--format", "float32")
    assert found["rounded"].startswith("1.0000001 = 0x1.000002p+0")
    assert f"({x} rounded to float32)" in found["x"]
    assert "rounded" not in printed(capsys, "relu", "1.5", "--format", "float32")["x"]


@pytest.mark.parametrize(
    "argv",
    [
        ["softmax", " ".join(f"{k}.25" for k in range(26))],
        ["softmax", "-900 0 -1e-320 3", "--quantity", "vjp", "--g", "1e308 -2e-308 3 4"],
        ["hard_sigmoid", "0.1234567890123"],
        ["gelu", "-0." + "1" * 300],
    ],
)
def test_no_line_is_wider_than_a_terminal(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert main(["exact", *argv]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    assert all(line == line.rstrip() for line in lines)
    typed = "".join(argv[1].split())
    assert typed in "".join("".join(lines).split()) or argv[0] == "softmax"
