"""Imports flow one way, and an activation is in all three of its places."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import oracles
import refacts

ROOT = Path(__file__).parent.parent
OURS = {"refacts", "oracles", "reports", "tests"}
MAY_IMPORT = {"refacts": {"refacts"}, "oracles": {"oracles"}, "reports": OURS - {"tests"}}


def imported(source: str) -> set[str]:
    """The top-level packages a module imports, anywhere in its text."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0] if not node.level else "relative")
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_flow_one_way(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        astray = (imported(path.read_text()) & OURS) - MAY_IMPORT[package]
        assert not astray, f"{path.relative_to(ROOT)} imports {astray}"


def test_an_import_the_wrong_way_is_seen() -> None:
    assert imported("def f():\n    from oracles.ulp import compare") == {"oracles"}
    assert imported("import refacts.rounding as r") == {"refacts"}


def test_every_activation_has_its_oracle_and_export() -> None:
    for f in refacts.CATALOGUE:
        name = f.spec.name
        file = ROOT / "refacts" / "activations" / f"{name}.py"
        assert file.exists(), f"{name} has no file {file.relative_to(ROOT)}"
        assert getattr(refacts, name, None) is f, f"{name} is not exported by refacts/__init__.py"
        known = name in oracles.DEFINITIONS or f.spec.rowwise
        assert known, f"{name} has no line in oracles/definitions.py"
    files = {p.stem for p in (ROOT / "refacts" / "activations").glob("*.py")} - {"__init__"}
    assert files == {f.spec.name for f in refacts.CATALOGUE}
