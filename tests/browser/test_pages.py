"""The HTML report in Chromium: it sorts, filters, shows plots, and asks nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from refacts.reports.command import main
from refacts.reports.render.html.pages import html

from tests.browser.chromium import SCHEMES, WIDTHS, Chromium
from tests.judge.made import OTHER, wrong
from tests.render import many
from tests.render.test_verdicts import document

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
KERNEL = """
import math
import numpy as np

def gelu(x):
    root = x.dtype.type(2**0.5)
    erf = np.array([math.erf(each) for each in (x / root).tolist()], x.dtype)
    return x * (1 + erf) / 2
"""
BROKEN = """<!DOCTYPE html><html><head><title></title>
<style>p {color: #bbb; background: #fff; width: 2000px}</style></head><body><p>pale and wide</p><img src="https://refacts.invalid/a.png">
<script>console.error("planted"); throw new Error("thrown")</script></body></html>"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    chromium = Chromium(tmp_path_factory.mktemp("profile"))
    yield chromium
    chromium.driver.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def small(folder: Path) -> Path:
    """A kernel that is wrong, judged by the command."""
    kernel, page = folder / "kernels.py", folder / "small.html"
    kernel.write_text(KERNEL)
    asked = [f"{kernel}:gelu", "--samples", "2000", "--jobs", "1", "--max-ulp", "2", "--html", str(page)]
    assert main(["verify", *asked, "--format", "float32", "--format", "float16"]) == 1
    return page


@pytest.fixture(scope="module")
def large(folder: Path) -> Path:
    page = folder / "large.html"
    page.write_text(html(many.document()), encoding="utf-8")
    return page


@pytest.fixture(scope="module")
def hostile(folder: Path) -> Path:
    """A target, an activation and everything else that is named by others."""
    page = folder / "hostile.html"
    one = wrong(
        target=SCRIPT,
        activation=SCRIPT,
        parameters={"alpha": SCRIPT},
        reasons=(SCRIPT,),
        diagnosis=replace(OTHER, sentence=SCRIPT),
        worst=tuple(replace(each, reproducer=SCRIPT) for each in wrong().worst),
        incidents=tuple(replace(each, sentence=SCRIPT, reproducer=SCRIPT) for each in wrong().incidents),
    )
    page.write_text(html(document(one, cpu=SCRIPT)), encoding="utf-8")
    return page


@pytest.fixture(scope="module")
def broken(folder: Path) -> Path:
    """What every check must reject."""
    page = folder / "broken.html"
    page.write_text(BROKEN)
    return page


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["small", "large", "hostile"])
def test_a_page_is_sound(
    name: str, width: int, scheme: str, browser: Chromium, request: pytest.FixtureRequest
) -> None:
    page: Path = request.getfixturevalue(name)
    browser.open(page, width, scheme)
    browser.wait("'ready' in document.documentElement.dataset")
    browser.js("document.querySelector('a[data-group]').click()")
    browser.wait("document.querySelector('details.entry[open] .figures')")
    assert browser.overflow() == 0
    if name == "large":  # axe-core takes minutes for 13,000 cells, and looks at none that is hidden
        browser.driver.find_element("id", "filter").send_keys("gelu float32 textbook")
    assert browser.violations() == []
    assert browser.errors() == []
    assert browser.outside(page) == []


def test_a_broken_page_is_rejected_by_each_check(browser: Chromium, broken: Path) -> None:
    """The control."""
    browser.open(broken, 390)
    assert browser.overflow() > 0
    found = " ".join(browser.violations())
    for rule in ("document-title", "html-has-lang", "image-alt", "color-contrast"):
        assert rule in found
    errors = " ".join(browser.errors())
    assert "planted" in errors
    assert "thrown" in errors
    assert browser.outside(broken) == ["https://refacts.invalid/a.png"]


def column(browser: Chromium, place: int) -> list[str]:
    """The texts of a column of the table, of the rows that are shown."""
    code = (
        "const rows = [...document.querySelectorAll('#overview tbody tr')].filter((row) => !row.hidden);"
        "return rows.map((row) => row.cells[arguments[0]]).map((cell) => cell.dataset.v || cell.textContent)"
    )
    return list(browser.js(code, place))


def sorted_by(browser: Chromium, head: str) -> int:
    """Click on a heading; its column."""
    code = (
        "const all = [...document.querySelectorAll('#overview th button')];"
        "const place = all.findIndex((each) => each.textContent === arguments[0]);"
        "all[place].click(); return place"
    )
    return int(browser.js(code, head))


@pytest.mark.parametrize("name", ["small", "large"])
def test_the_table_sorts(name: str, browser: Chromium, request: pytest.FixtureRequest) -> None:
    browser.open(request.getfixturevalue(name))
    browser.wait("'ready' in document.documentElement.dataset")
    for head in ("wrong %", "max ulp"):
        place = sorted_by(browser, head)
        falling = [float(text) for text in column(browser, place)]
        assert len(falling) == {"small": 2, "large": many.ROWS}[name]
        assert falling == sorted(falling, reverse=True)
        assert browser.js("return document.querySelectorAll('[aria-sort=descending]').length") == 1
        sorted_by(browser, head)
        rising = [float(text) for text in column(browser, place)]
        assert rising == sorted(rising)
        assert rising != falling
    place = sorted_by(browser, "format")
    order = ["bfloat16", "float16", "float32", "float64"]  # 16 before 32
    rising = [order.index(text) for text in column(browser, place)]
    assert rising == sorted(rising)
    sorted_by(browser, "format")
    falling = [order.index(text) for text in column(browser, place)]
    assert falling == sorted(falling, reverse=True)


def test_the_table_filters(browser: Chromium, large: Path) -> None:
    browser.open(large)
    browser.wait("'ready' in document.documentElement.dataset")
    field = browser.driver.find_element("id", "filter")
    field.send_keys("Gelu float32 textbook")
    shown = set(zip(column(browser, 2), column(browser, 4), column(browser, 5), strict=True))
    assert shown == {(name, "float32", "textbook") for name in ("gelu", "gelu_tanh", "quick_gelu")}
    assert browser.driver.find_element("id", "count").text == f"15 of {many.ROWS}"
    field.send_keys(" nothing")
    assert column(browser, 2) == []


def test_the_plots_are_there(browser: Chromium, small: Path, large: Path) -> None:
    code = (
        "const all = [...document.querySelectorAll('main svg.plot[role=img]')];"
        "const shown = all.filter((each) => each.checkVisibility());"
        "return shown.map((each) => [each.querySelectorAll('.max').length, each.clientWidth])"
    )
    browser.open(small)
    plots = browser.js(code)
    assert len(plots) >= 1
    assert all(steps >= 1 and width > 500 for steps, width in plots)
    browser.open(large)
    browser.wait("'ready' in document.documentElement.dataset")
    assert browser.js(code) == []
    browser.js("[...document.querySelectorAll('.map a')].find((each) => each.textContent > '1').click()")
    browser.wait("document.querySelector('details.entry[open] svg.plot')")
    assert len(browser.js(code)) == 1


def test_a_reproducer_is_copied(browser: Chromium, small: Path) -> None:
    browser.open(small)
    browser.js("navigator.clipboard.writeText = async (text) => { window.taken = text; }")
    browser.driver.find_element("css selector", "#answers button.copy").click()
    browser.wait("window.taken")
    taken = browser.js("return window.taken")
    assert taken == browser.js("return document.querySelector('#answers code').textContent")
    assert taken.startswith(str(small.parent))
    assert "float32" in taken
    assert "\nreproduce:\nimport" in taken


CUT = """const cut = [...document.querySelectorAll('.scroll, pre')].filter((each) => each.checkVisibility()
    && each.scrollWidth > each.clientWidth);
return cut.map((each) => [each.className, each.tabIndex, getComputedStyle(each, '::before').content])"""


@pytest.mark.parametrize("name", ["small", "hostile"])
def test_what_is_wide_is_whole_or_says_that_it_scrolls(
    name: str, browser: Chromium, request: pytest.FixtureRequest
) -> None:
    page: Path = request.getfixturevalue(name)
    browser.open(page, 1280)
    assert browser.js(CUT) == []
    browser.open(page, 375)
    cut = browser.js(CUT)
    assert cut  # plots at least
    assert all((kind, focus) == ("scroll", 0) for kind, focus, _ in cut)
    assert sum("scrolls sideways" in said for *_, said in cut) >= 2
    browser.js("document.querySelector('pre').style.whiteSpace = 'pre'")  # the control
    assert "" in {kind for kind, *_ in browser.js(CUT)}


def test_names_of_others_are_text(browser: Chromium, hostile: Path) -> None:
    browser.open(hostile)
    browser.wait("'ready' in document.documentElement.dataset")
    assert browser.js("return document.scripts.length") == 1
    assert browser.js("return document.images.length") == 0
    assert browser.js("return document.body.textContent.split(arguments[0]).length", SCRIPT) > 10
    assert SCRIPT in browser.js("return document.querySelector('svg.plot title').textContent")


def test_it_prints(browser: Chromium, small: Path) -> None:
    browser.open(small, scheme="dark")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    ground = "return getComputedStyle(document.documentElement).backgroundColor"
    assert browser.js(ground) == "rgb(255, 255, 255)"
    assert browser.js("return getComputedStyle(document.querySelector('.copy')).display") == "none"
    browser.js("dispatchEvent(new Event('beforeprint'))")
    assert browser.js("return document.querySelectorAll('details:not([open])').length") == 0
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
