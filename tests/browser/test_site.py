"""The site of docs/ in Chromium: it opens from files, searches, shows pictures, asks nothing of anybody."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import SCHEMES, WIDTHS, Chromium

ROOT = Path(__file__).parents[2]
ACTIVATIONS = ("activations/index", "activations/log_softmax")
PAGES = ("index", *ACTIVATIONS, "judge", "command-line", "accuracy", "glossary", "why", "api")


def built(root: Path, site: Path) -> Path:
    """The site of a checkout."""
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-d", str(site)]
    subprocess.run(command, cwd=root, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("site"))


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chromium]:
    """A new one for each test: pages remember the colours that were chosen."""
    chromium = Chromium(tmp_path / "profile")
    yield chromium
    chromium.driver.quit()


def outside(browser: Chromium, site: Path) -> list[str]:
    """The addresses asked for that are no files of the site."""
    return [url for url in browser.requests() if not url.startswith((site.as_uri(), "about:blank"))]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_open_by_themselves(browser: Chromium, site: Path, width: int, scheme: str) -> None:
    for name in PAGES:
        browser.open(site / f"{name}.html", width, scheme)
        assert browser.errors() == []
        assert outside(browser, site) == []
        assert browser.overflow() == 0
        assert browser.js("return [...document.images].every((image) => image.naturalWidth > 0)")
        shown = browser.js("return document.body.getAttribute('data-md-color-scheme')")
        assert shown == {"light": "default", "dark": "slate"}[scheme]


def test_examples_in_docstrings_are_code(browser: Chromium, site: Path) -> None:
    """Markdown alone would quote them."""
    browser.open(site / "api.html")
    assert browser.js("return document.querySelectorAll('blockquote').length") == 0
    code = "return [...document.querySelectorAll('pre')].filter((e) => e.textContent.includes('>>>')).length"
    assert browser.js(code) >= 3


def test_search_finds_an_activation(browser: Chromium, site: Path) -> None:
    browser.open(site / "activations" / "gelu.html")
    browser.js(
        "const q = document.querySelector('.md-search__input'); q.focus(); q.value = 'sparsemax';"
        "q.dispatchEvent(new KeyboardEvent('keyup', {bubbles: true}))"
    )
    browser.wait("document.querySelector('.md-search-result__item a[href*=\"sparsemax\"]') !== null")
    assert browser.errors() == []
    assert outside(browser, site) == []


def test_a_page_that_asks_and_fails_is_seen(browser: Chromium, site: Path) -> None:
    """The control: a script of another server, and an error."""
    page = site / "planted.html"
    text = (site / "index.html").read_text(encoding="utf-8")
    planted = '<img src="https://refacts.invalid/a.png"><script>throw new Error("planted")</script></body>'
    page.write_text(text.replace("</body>", planted), encoding="utf-8")
    browser.open(page)
    assert outside(browser, site) == ["https://refacts.invalid/a.png"]
    assert any("planted" in message for message in browser.errors())
    assert not browser.js("return [...document.images].every((image) => image.naturalWidth > 0)")
