"""The HTML report without a browser: what it says, what fits, what is escaped, the same bytes."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from refacts.reports.command import main
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import Error, Row
from refacts.reports.render import html as report
from refacts.reports.render.html import heat, pages
from refacts.reports.render.html.headline import headline
from refacts.reports.render.html.pages import html

from tests.judge.made import OTHER, PEER, RAISED, REGION, row, wrong
from tests.render import many
from tests.render.test_verdicts import HOSTILE, MEASURED, document, hostile

ROOT = Path(__file__).parent.parent.parent
SCRIPT = "<script>alert(1)</script>"


class Read(HTMLParser):
    """Elements and addresses of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def exact(**changes: object) -> Row:
    right = {"correct": 100_000, "within_one": 100_000, "error": Error(0.5, 0.5, 0.5, 0.25), "worst": ()}
    return row(**{**right, **changes})


def test_equal_documents_are_equal_bytes() -> None:
    code = (
        "from tests.render.test_html import *; import hashlib;"
        "print(hashlib.sha256(html(document(wrong(peer=PEER), exact())).encode()).hexdigest())"
    )
    command = [sys.executable, "-c", code]
    found = [
        subprocess.run(
            command, capture_output=True, check=True, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1] != b""


def test_a_large_report_is_small_and_has_every_entry() -> None:
    page = html(many.document())
    assert len(page.encode()) < 1_000_000
    assert "without details here" not in page
    packs = re.findall(r'<script type="application/octet-stream" id="pack\d+">(.*?)</script>', page)
    texts = [zlib.decompress(base64.b64decode(pack), -zlib.MAX_WBITS).decode() for pack in packs]
    assert texts[0].count("<tr>") == many.ROWS
    entries = "".join(texts[1:])
    assert entries.count('class="entry"') == many.ROWS // 2
    assert entries.count('<svg class="plot" viewBox="0 0 660') == many.ROWS // 2
    named = set(re.findall(r'href="#(e\d+)"', page + texts[0]))
    assert named == set(re.findall(r'id="(e\d+)"', entries))
    assert len(named) == many.ROWS
    assert "Correctly rounded everywhere: <b>refacts</b>." in page


def test_what_does_not_fit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LIMIT", 90_000)
    page = html(many.document(120))
    assert len(page.encode()) < 90_000
    left_out = re.search(r"<p>(\d+) of the entries listed, the least wrong, are without details here", page)
    assert left_out is not None
    assert 0 < int(left_out[1]) < 60


def unpacked(page: str) -> list[str]:
    """The table and the groups of a page that is packed."""
    packs = re.findall(r'<script type="application/octet-stream" id="pack\d+">(.*?)</script>', page)
    return [zlib.decompress(base64.b64decode(pack), -zlib.MAX_WBITS).decode() for pack in packs]


@pytest.mark.parametrize("own", [False, True])
def test_twenty_thousand_rows_fit(own: bool) -> None:
    """own: each of another target."""
    rows = [
        wrong(
            target=f"kernels:f{k if own else ''}",
            activation=f"activation{k % 40}",
            quantity=f"quantity{k // 40}",
            error=Error(1e6 + k, k / 7, k / 9, k / 11),
            diagnosis=None,
            reasons=(f"{k} NaN mismatches",),
        )
        for k in range(20_000)
    ]
    page = html(document(*rows, complete=True))
    assert len(page.encode()) < 1_000_000
    found = re.search(r"The ([\d,]+) worst of 20,000 entries are listed here.*?: ([\d,]+) others", page)
    assert found is not None
    listed, others = (int(each.replace(",", "")) for each in found.groups())
    assert (listed + others, listed > 1000) == (20_000, True)
    table, *groups = unpacked(page)
    assert table.count("<tr>") == listed
    assert "quantity499<" in table
    assert "quantity1<" not in table  # the least wrong
    without = int(re.findall(r"<p>([\d,]+) of the entries listed", page)[0].replace(",", ""))
    entries = "".join(groups)
    assert entries.count('class="entry"') == listed - without > 100
    assert entries.count("without details here") == without
    assert len(heat.maps(rows)) - 8 == 19_992 if own else "have no map here" not in page


def test_long_texts_fit() -> None:
    long = "x " * 300_000
    worst = tuple(replace(each, reproducer=long) for each in wrong().worst)
    incidents = tuple(replace(RAISED, sentence=f"{k}{long}", reproducer=long) for k in range(300))
    more = {"worst": worst, "incidents": incidents, "kinks": long, "diagnosis": None}
    reasons = tuple(f"{n}{long}" for n in range(200))
    page = html(document(*(wrong(target=f"{k}{long}", reasons=reasons, **more) for k in range(3)), cpu=long))
    assert len(page.encode()) < 1_000_000
    assert "(600,000 characters, all in the document that --json writes)" in page
    one = html(document(wrong(reasons=tuple(f"reason {n}" for n in range(200)), **more)))
    assert len(one.encode()) < 1_000_000
    assert "and 150 more, in the document that --json writes" in one
    assert "290 more incidents" in one
    assert "# 600,000 characters, in the document that --json writes" in one


def test_reasons_left_out_are_counted_beside_a_link() -> None:
    page = html(document(wrong(diagnosis=None, reasons=tuple(f"reason {n}" for n in range(9)))))
    link = re.search(r'<li>and <a href="#(e\d+)" data-group="\d+">5 more, in the entry</a></li>', page)
    assert link is not None
    assert f'id="{link[1]}"' in page
    assert page.count("<li>reason 8</li>") == 1
    assert "more, in the entry" not in html(document(wrong(diagnosis=None)))
    others = [wrong(target=str(k), diagnosis=replace(OTHER, sentence=f"{k} is another")) for k in range(9)]
    told = headline(document(*others)).enough
    assert told[:5] == (*(f"{k} is another" for k in range(4)),
                        "And 5 more sentences of this kind are in the entries.")  # fmt: skip


def test_the_rest_is_no_region() -> None:
    rest = replace(REGION, kind="elsewhere", low="-inf", high="inf")
    page = html(document(wrong(regions=(rest,), worst=wrong().worst[2:])))
    assert "all others, joined" in page
    assert "elsewhere" not in page.replace("Elsewhere:", "")


def test_texts_of_others_are_text() -> None:
    named = hostile(target=SCRIPT, activation=SCRIPT, worst=wrong().worst)
    read = Read(html(document(named, row(target=SCRIPT), hostile(), cpu=SCRIPT)))
    assert read.tags.count("script") == 1
    assert read.handlers == []
    assert read.text.count(SCRIPT) > 8
    assert "a|b\\n\\x1b[31m<script>&`*_[x](y)]]>@user\\u202e\\ud800\\x00表" in read.text
    assert not set(read.text) & set(HOSTILE) - set("a|b\n[31m<script>&`*_[x](y)]]>@user表")


def test_a_page_needs_nothing_else() -> None:
    page = html(document(wrong(), exact(), row(incidents=(RAISED,))))
    read = Read(page)
    assert read.addresses
    assert [each for each in read.addresses if not each.startswith("#")] == []
    assert "@import" not in page
    assert "url(" not in page
    script = page.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'\"" in page


def test_an_address_outside_is_seen() -> None:
    """The control."""
    read = Read('<img src="https://x.y/z"><svg><use xlink:href="a#b"/></svg>')
    assert read.addresses == ["https://x.y/z", "a#b"]
    assert Read("<p onclick='f()'>").handlers == ["onclick"]


@pytest.mark.parametrize(
    ("rows", "complete", "verdict", "said"),
    [
        ([exact()], True, "pass", "Yes: 1 entry passed, with at most 2 ulp allowed."),
        ([exact(), wrong(diagnosis=None)], True, "fail", "No: the gate failed in 1 of 2 entries."),
        ([row(**MEASURED)], True, "measured", "Yours to decide: no gate was set (--max-ulp) in 1 entry."),
        ([exact()], False, "incomplete", "Not known: the run was not finished, with 1 entry there."),
        ([row(verdict="incomplete")], True, "incomplete", "Not known: results are missing in 1 of 1"),
        ([row(verdict="void")], True, "void", "Not known: the judge failed its control in 1 of 1"),
        ([], True, "incomplete", "Not known: results are missing in 0 of 0 entries."),
    ],
)
def test_is_it_good_enough(rows: list[Row], complete: bool, verdict: str, said: str) -> None:
    found = headline(document(*rows, complete=complete))
    assert found.verdict == verdict
    assert any(sentence.startswith(said) for sentence in found.enough)
    assert said.partition(":")[2].strip(" .") in Read(html(document(*rows, complete=complete))).text


def test_where_is_it_worst() -> None:
    found = headline(document(exact(), wrong(worst=wrong().worst[::-1])))
    assert found.enough[0] == "kernel:f is gelu_tanh, not gelu"
    assert found.wrong == (
        "190,000 of 200,000 results are correctly rounded (95.0000 %); "
        "the largest error is 1.7e+07 ulp; "
        "12 are NaN, infinite, of the wrong sign or 0 where the exact value is not.",
    )
    assert found.where == (
        "value of gelu in float32 by kernel:f, x = -inf: got nan, the exact value is -0.0: NaN mismatch.",
        "The largest error of those with a distance: x = -5.5 (-0x1.6p+2): got -5.9604645e-08 (-0x1p-24), "
        "the exact value is -8.940697e-08 (-0x1.8p-24): 1.7e+07 ulp.",
        "It lies in [-11.0, -5.5]: tail cancellation, 20 % of 5,000 inputs there.",
    )
    assert headline(document(exact())).where == ("Nowhere: every result is correctly rounded.",)


def test_targets_are_told_apart() -> None:
    found = headline(document(exact(), row(target="other:f", verdict="measured", gate=Gate())))
    assert (found.verdict, found.title) == ("pass", "kernel:f, other:f as gelu")
    assert found.enough == (
        "Yes: 1 entry of kernel:f passed, with at most 2 ulp allowed; "
        "the others have no gate, and are measured beside.",
    )
    assert found.wrong == (
        "kernel:f: all 100,000 results are correctly rounded.",
        "other:f: 90,000 of 100,000 results are correctly rounded (90.0000 %); "
        "the largest error is 1.75 ulp.",
    )
    assert found.where[0] == "Nowhere in kernel:f: every result is correctly rounded. Elsewhere:"
    assert found.where[1].startswith("value of gelu in float32 by other:f, x = -5.5 (-0x1.6p+2): got")


def test_an_entry_tells_all() -> None:
    one = wrong(peer=PEER, kinks="takes the derivative from the left at 0", diagnosis=None, unanswered=5)
    text = re.sub(r"\s+", " ", Read(html(document(one))).text)
    for said in (
        "tail cancellation", "-11.0", "20 %", "25.5", "flushed (artefact)", "excused by kink",
        "1,500 results",
        "more than 1 % of those whose exact value is normal", "unanswered", "differs from run to run",
        "import kernel; print(kernel.f(float.fromhex('-0x1.6p+2')).hex())", "confirmed by mpmath",
        "sampled, seed 0",
        "takes the derivative from the left at 0", PEER.sentence, "1,563 of 100,000 moved past the budget",
        "90.0000 %", "99.0000 %", "1e+06", "at most 2 ulp",
    ):  # fmt: skip
        assert said in text, said


def test_more_regions_and_kinds_than_shown_are_counted() -> None:
    rows = [wrong(regions=(REGION,) * 12, target=f"kernel:{k}") for k in range(pages.MANY + 1)]
    packs = re.findall(r'octet-stream" id="pack\d+">(.*?)<', html(document(*rows)))
    assert "6 more regions are in the document" in zlib.decompress(base64.b64decode(packs[1]), -15).decode()


@pytest.mark.parametrize(
    ("ulp", "shown"),
    [(None, "–"), (0.0, "0"), (0.5, "0.5"), (0.50001, "0.51"), (1.01, "1.1"), (9.95, "10"), (17.2, "18"),
     (999.5, "1000"), (1000.0, "1e3"), (9.5e6, "1e7"), (float("inf"), "∞")],
)  # fmt: skip
def test_an_error_in_brief_is_never_below_the_truth(ulp: float | None, shown: str) -> None:
    assert heat.brief(ulp) == shown


def test_a_map_has_a_cell_for_each_row() -> None:
    rows = [exact(target="right"), exact(formats="bfloat16"), wrong(quantity="vjp"), wrong(activation="silu")]
    (found,) = heat.maps(rows)
    assert heat.exact(rows) == ["right"]
    assert (found.heads, found.formats) == ((("value", 2), ("vjp", 1)), ("bf16", "f32", "f32"))
    bad = ("2e7", 5, True)
    shown = {name: [c and (c.text, c.level, c.lost) for c in cells] for name, cells in found.lines}
    assert shown == {"gelu": [("0.5", 0, False), None, bad], "silu": [None, bad, None]}


def test_what_is_missing_is_said_before_the_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    asked = ["verify", "refacts:relu", "--quantity", "value", "--format", "float16", "--jobs", "1"]
    assert main([*asked, "--html", str(tmp_path / "v.html")]) == 2
    assert capsys.readouterr().err == "refacts: --html needs Jinja2: pip install jinja2\n"
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["plot", "refacts:relu", "--out", str(tmp_path / "p.svg")]) == 2
    said = "refacts plot needs Jinja2 and Matplotlib: pip install jinja2 matplotlib\n"
    assert capsys.readouterr().err.endswith(said)
    assert main([*asked, "--json", str(tmp_path / "v.json"), "--markdown", str(tmp_path / "v.md")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["v.json", "v.md"]


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "v.html"
    asked = ["verify", "refacts:relu", "--quantity", "value", "--format", "float16", "--max-ulp", "0.5"]
    asked += ["--jobs", "1"]
    assert main([*asked, "--html", str(path)]) == 0
    page = path.read_text(encoding="utf-8")
    assert page.startswith(report.MARK)
    assert "All 65,536 results are correctly rounded." in page
    assert main([*asked, "--html", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == page
    path.write_text("mine")
    assert main([*asked, "--html", str(path)]) == 2
    assert "is not one of refacts' files" in capsys.readouterr().err
    assert path.read_text() == "mine"


def test_gates_are_told() -> None:
    gate = Gate(2.0, 1e-5, ("nan-at-inf",), 3.0)
    text = Read(html(document(wrong(gate=gate)))).text
    assert "at most 2 ulp, except a share of 1e-05, at most 3 times the peer's error" in text
    assert "allowed: nan-at-inf" in text
