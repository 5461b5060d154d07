"""Imports flow one way, and an activation is in all three of its places."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import refacts
from refacts import oracles

ROOT = Path(__file__).parent.parent
OURS = {"refacts", "oracles", "reports", "tests"}
MAY_IMPORT = {"refacts": {"refacts"}, "oracles": {"oracles"}, "reports": OURS - {"tests"}}
DOORS = {  # from the kernels to the judge, opened on demand
    ROOT / "refacts" / "__main__.py": {"refacts", "reports"},
    ROOT / "refacts" / "testing.py": {"refacts", "reports"},
}


def imported(source: str) -> set[str]:
    """The packages a module imports, anywhere in its text; `refacts.oracles` is one of its own."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {package(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "refacts" else [module]
            found |= {"relative"} if node.level else set(map(package, names))
    return found


def package(module: str) -> str:
    """The package a module is of."""
    first, _, rest = module.partition(".")
    inner = rest.partition(".")[0]
    return inner if first == "refacts" and inner in OURS else first


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_flow_one_way(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        astray = (imported(path.read_text()) & (OURS | {"relative"})) - DOORS.get(path, MAY_IMPORT[package])
        assert not astray, f"{path.relative_to(ROOT)} imports {astray}"


def test_the_doors_open_on_demand() -> None:
    behind = ("refacts.reports", "refacts.oracles", "mpmath")
    code = (
        "import sys, refacts.testing, refacts.__main__; "
        f"print(*(name for name in sys.modules if name.startswith({behind})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_an_import_the_wrong_way_is_seen() -> None:
    assert imported("def f():\n    from refacts.oracles.ulp import compare") == {"oracles"}
    assert imported("from refacts import oracles, relu") == {"oracles", "refacts"}
    assert imported("import refacts.reports") == {"reports"}
    assert imported("import refacts.rounding as r") == {"refacts"}


def missing(files: set[str], exports: set[str], definitions: set[str]) -> list[str]:
    """What lacks one of the three places of an activation, in sentences that say what to do."""
    sentences = []
    for name in sorted(files | exports | definitions):
        if name not in files:
            sentences.append(f"{name} has no file: write refacts/activations/{name}.py")
        if name not in exports:
            sentences.append(f"{name} is not exported: add it to refacts/__init__.py and its CATALOGUE")
        if name not in definitions:
            sentences.append(f"{name} has no oracle: add its textbook lines to oracles/ and DEFINITIONS")
    return sentences


def places() -> tuple[set[str], set[str], set[str]]:
    """The names in each of the three places."""
    files = {p.stem for p in (ROOT / "refacts" / "activations").glob("*.py")} - {"__init__"}
    exports = {f.spec.name for f in refacts.CATALOGUE if getattr(refacts, f.spec.name, None) is f}
    return files, exports, {*oracles.DEFINITIONS, *oracles.ROWWISE, *oracles.GATED}


def test_every_activation_is_in_its_three_places() -> None:
    assert missing(*places()) == []


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (0, "gelu has no file: write refacts/activations/gelu.py"),
        (1, "gelu is not exported: add it to refacts/__init__.py and its CATALOGUE"),
        (2, "gelu has no oracle: add its textbook lines to oracles/ and DEFINITIONS"),
    ],
)
def test_a_missing_place_is_named(place: int, said: str) -> None:
    found = places()
    found[place].remove("gelu")
    assert missing(*found) == [said]


def test_classes_are_exported_with_their_instances() -> None:
    for f in refacts.CATALOGUE:
        name = type(f).__name__
        assert getattr(refacts, name) is type(f)
        assert {name, f.spec.name} <= set(refacts.__all__)
