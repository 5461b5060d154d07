"""Plots: where numbers lie, what is drawn, the same bytes, and `refacts plot`."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import StepPatch
from refacts.oracles import FORMATS
from refacts.reports.command import main
from refacts.reports.judge.rows import Bin
from refacts.reports.render.html import plot, svg
from refacts.reports.render.html.axis import Line, Scale, columns

from tests.judge.made import NAN, REGION, row, wrong
from tests.render import many

BINS = (Bin(True, 2, 1, 10, 1.75, 1.5),)
SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("name", FORMATS)
def test_the_line_is_in_order(name: str) -> None:
    fmt = FORMATS[name]
    line = Line(fmt, 50.0, 650.0)
    sizes = [fmt.smallest_subnormal, 2.0**fmt.emin, 1e-3, 1.0, 10.0, fmt.max, math.inf]
    xs = [*(-size for size in reversed(sizes)), 0.0, *sizes, math.nan]
    places = [line.place(x) for x in xs]
    assert places == sorted(set(places))
    assert (places[0], places[-1]) == (50.0, 650.0)
    labelled = [x for x, _ in line.marks()]
    assert labelled == sorted(labelled)
    assert min(right - left for left, right in pairwise(labelled)) > 15
    assert {"0", "1", "inf", "NaN"} <= {label for _, label in line.marks()}


def test_the_scale_holds_every_error() -> None:
    ends = {0.0: 10, 0.5: 10, 10.0: 10, 11.0: 100, 17e6: 1e8, 1e83: 1e83}
    assert {ulp: Scale.up_to(ulp) for ulp in ends} == ends
    scale = Scale(1e8, 0.0, 100.0)
    assert scale.place(0.0) == scale.place(0.01) == 0.0 < scale.place(0.5) < scale.place(1e8) == 100.0
    assert scale.place(math.inf) == 100.0
    assert all(len(list(Scale(10.0**k, 0, 100).marks())) <= 6 for k in range(1, 20))


@pytest.mark.parametrize("least", [0.1, 2.0, 5.0, 40.0])
def test_columns_lose_nothing(least: float) -> None:
    line = Line(FORMATS["float32"], 50.0, 650.0)
    one = next(each for each in many.document(8).rows if each.bins[1:] and each.formats == "float32")
    runs = columns(one.bins, line, least)
    flat = [column for run in runs for column in run]
    assert max(column.max for column in flat) == max(each.max for each in one.bins)
    assert max(column.p99 for column in flat) == max(each.p99 for each in one.bins)
    for each in one.bins:
        middle = line.edge(each.negative, each.exponent + each.width / 2)
        (over,) = [column for column in flat if column.left <= middle <= column.right]
        assert over.max >= each.max
    assert all(left.right <= right.left for left, right in pairwise(flat))


def test_what_is_drawn() -> None:
    artefact = replace(REGION, low="0x1p+3", high="0x1p+4", artefact=True)
    infinite = replace(REGION, low="-inf", high="-inf", max_ulp=None)
    text = svg.inline(wrong(regions=(REGION, artefact, infinite), worst=(NAN,), bins=BINS), 2.0)
    root = ElementTree.fromstring(text)
    kinds = [part.get("class") for part in root]
    drawn = {"max": 1, "usual": 1, "region": 2, "artefact": 1, "half": 1, "gate": 1, "special": 1}
    assert {name: kinds.count(name) for name in drawn} == drawn
    written = [part.text for part in root if part.tag == "text"]
    assert {"1", "2", "3", "gate 2", "0.5", "ulp", "0", "NaN"} <= set(written)
    assert "special" not in svg.inline(row(), 2.0)
    assert "style=" not in text
    assert len(re.findall("<title>", text)) == 1


def test_an_example_at_a_special_is_a_cross() -> None:
    assert 'class="special"' in svg.inline(wrong(regions=(), worst=(NAN,)), 2.0)


def test_texts_of_others_are_text() -> None:
    one = wrong(target=f"{SCRIPT} $x^2$ a\nb", activation=SCRIPT)
    root = ElementTree.fromstring(svg.standing(one))
    (title,) = [part.text for part in root if part.get("class") == "title"]
    assert title == f"value of {SCRIPT} in float32: {SCRIPT} $x^2$ a\\nb"
    assert not [part for part in root.iter() if "script" in part.tag]


def test_equal_rows_are_equal_bytes() -> None:
    assert svg.standing(wrong()) == svg.standing(wrong())
    assert plot.png(plot.whole(wrong())) == plot.png(plot.whole(wrong()))
    first = svg.inline(wrong(), 5.0)
    svg._frame.cache_clear()
    assert svg.inline(wrong(), 5.0) == first


def test_a_curve_is_refused() -> None:
    assert svg._steps("M 1 2 L 5 2 L 9.04 2 L 9.04 7 L 1 3 z", 1) == "M1 2H9V7L1 3z"
    with pytest.raises(ValueError, match="straight lines"):
        svg._steps("M 1 2 C 1 2 3 4 5 6", 1)


ASKED = ["plot", "refacts:relu", "--samples", "100", "--jobs", "1", "--format", "float16", "--out"]


def test_the_command_writes_both_kinds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, begins in (("p.svg", b"<!-- refacts plot --><svg"), ("p.png", b"\x89PNG")):
        path = tmp_path / name
        assert main([*ASKED, str(path)]) == 0
        first = path.read_bytes()
        assert first.startswith(begins)
        assert main([*ASKED, str(path)]) == 0  # ours may be written over
        assert path.read_bytes() == first
        assert f"the plot is {path}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (["p.pdf"], "--out must end in .svg or .png (got '"),
        (["mine.svg"], "mine.svg is not one of refacts' files: it is not overwritten"),
        (["mine.png"], "mine.png is not one of refacts' files: it is not overwritten"),
        (["no/p.svg"], "no is no directory"),
        (["p.svg", "--format", "float32"], "--format is given 2 times: a plot is of one entry"),
        (["p.svg", "--max-ulp", "-1"], "--max-ulp must be a finite number of at least 0 (got -1)"),
    ],
)
def test_the_command_refuses(
    changed: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.svg").write_text("<svg/>")
    (tmp_path / "mine.png").write_bytes(plot.png(Figure()).replace(b"refacts", b"someone"))
    name, *more = changed
    assert main([*ASKED, str(tmp_path / name), *more]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.png", "mine.svg"]


def test_a_wrong_kernel_is_drawn_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kernel = tmp_path / "k.py"
    kernel.write_text("import numpy as np\n\ndef relu(x):\n    return np.maximum(x, 0) * x.dtype.type(1.5)\n")
    out = tmp_path / "p.svg"
    asked = ["plot", f"{kernel}:relu", "--samples", "100", "--jobs", "1", "--max-ulp", "1", "--out", str(out)]
    assert main(asked) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    said = f"refacts: FAIL: {kernel}:relu as relu/value/float32: at most 8.32e+06 ulp (1 allowed)"
    assert last.startswith(f"{said}, ")
    assert last.endswith(f" infinity mismatches, 1 wrong sign; the plot is {out}")
    assert "gate" in out.read_text()


def test_what_has_no_distance_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kernel = tmp_path / "k.py"
    kernel.write_text("import numpy as np\n\ndef relu(x):\n    return np.where(x == 1, np.float16('nan'), x)")
    asked = ["plot", f"{kernel}:relu", "--samples", "100", "--jobs", "1", "--format", "float16", "--out"]
    assert main([*asked, str(tmp_path / "p.svg")]) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert "relu/value/float16: at most " in last
    assert " ulp, 1 NaN mismatch, " in last
    assert "at most 1.75 ulp (2 allowed); regions" in plot.described(row(regions=(REGION,)))  # none has none
    assert "at most 1.7e+07 ulp (2 allowed), 12 NaN mismatches; regions" in plot.described(wrong())


def test_the_help_says_that_a_plot_is_of_one_entry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "for input and output (default: float32)" in text
    assert "vjp, jvp (default: value)" in text
    assert "all it covers" not in text
    assert main(["verify", "--help"]) == 0
    assert "output; repeatable (default: all it covers)" in " ".join(capsys.readouterr().out.split())


def test_percentiles_are_a_line_in_a_png_too() -> None:
    """A filled step would colour the dip in it."""
    bins = tuple(Bin(False, 10 * k - 20, 10, 10, 1e-9, p99) for k, p99 in enumerate((1e6, 0.1, 1e6)))
    figure = plot.whole(wrong(regions=(), worst=(), bins=bins))
    steps = [artist for artist in figure.artists if isinstance(artist, StepPatch)]
    assert {artist.get_gid(): artist.get_fill() for artist in steps} == {"max": True, "usual": False}
    pixels = imread(BytesIO(plot.png(figure)))[..., :3]
    blue = (pixels[..., 2] - pixels[..., 0] > 0.2).sum()
    assert 0 < blue < 0.02 * pixels[..., 0].size
    for artist in steps:
        artist.set_fill(True)  # the control
    pixels = imread(BytesIO(plot.png(figure)))[..., :3]
    assert (pixels[..., 2] - pixels[..., 0] > 0.2).sum() > 10 * blue
