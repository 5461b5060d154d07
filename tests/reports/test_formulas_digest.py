"""The digest by which an accuracy table is known to be of the formulas as they are."""

from __future__ import annotations

import ast
import inspect
import shutil
from pathlib import Path

import pytest
from refacts.reports import environment

from refacts import oracles

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "file",
    [
        "refacts/activations/relu.py",
        "refacts/gate.py",
        "oracles/textbook/piecewise.py",
        "reports/targets/textbook_piecewise.py",
        "reports/targets/shifted.py",
    ],
)
def test_the_digest_sees_every_formula(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package, folder in environment.FOLDERS.items():
        shutil.copytree(folder, tmp_path / package)
        monkeypatch.setitem(environment.FOLDERS, package, tmp_path / package)
    before = environment.formulas_digest()
    path = tmp_path / file
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert environment.formulas_digest() != before


def imported(path: Path, package: str) -> set[Path]:
    """The modules of a package that a file imports; of refacts those directly under it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    prefix = "refacts" if package == "refacts" else f"refacts.{package}"
    inner = [name.removeprefix(f"{prefix}.") for name in names if name.startswith(f"{prefix}.")]
    if package == "refacts":  # what is deeper is arithmetic
        inner = [name.partition(".")[0] for name in inner]
    found = {ROOT / package / f"{name.replace('.', '/')}.py" for name in inner}
    return {path for path in found if path.is_file()}


# What these hold is no activation's: how formulas are evaluated, not what they say.
MACHINERY = {
    *(ROOT / "refacts" / f"{name}.py" for name in ("activation", "arguments", "blocks", "environment")),
    *(ROOT / "refacts" / f"{name}.py" for name in ("exact_numbers", "formats", "operands")),
    *(ROOT / "refacts" / f"{name}.py" for name in ("dot", "rounding", "rowtiers", "rowwise", "spec")),
    *(ROOT / "oracles" / "numbers" / f"{name}.py" for name in ("formats", "precision", "real", "rounding")),
    ROOT / "oracles" / "elementwise.py",
}


def test_the_digest_covers_all_files_with_formulas() -> None:
    covered = set(environment._files(*environment.FORMULAS).values())
    used = set(covered)
    for path in covered:
        used |= imported(path, path.relative_to(ROOT).parts[0])
    unsaid = sorted(path.relative_to(ROOT).as_posix() for path in used - MACHINERY - covered)
    assert not unsaid, f"FORMULAS in reports/environment.py or MACHINERY here must name {unsaid}"
    assert {Path(inspect.getfile(d.value)) for d in oracles.DEFINITIONS.values()} <= covered


def test_a_digest_of_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(environment.FOLDERS, "refacts", tmp_path)
    with pytest.raises(FileNotFoundError, match="has no activations"):
        environment.formulas_digest()
