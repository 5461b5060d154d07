"""Where a measurement was made: nothing that changes between two runs of the same code there."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

import refacts
from refacts import oracles

FOLDERS = {  # side by side in a checkout, one in another where they are installed
    "refacts": Path(refacts.__file__).resolve().parent,
    "oracles": Path(oracles.__file__).resolve().parent,
    "reports": Path(__file__).resolve().parent,
}
ROOT = FOLDERS["refacts"].parent
FORMULAS = (  # what is measured, and what it is measured by
    "refacts/activations/*.py",
    "refacts/columns.py",
    "refacts/dot.py",
    "refacts/exact_row.py",
    "refacts/exponential_arm.py",
    "refacts/far.py",
    "refacts/gate.py",
    "refacts/gated.py",
    "refacts/gated_unit.py",
    "refacts/hard.py",
    "refacts/infinite.py",
    "refacts/shrinkage.py",
    "refacts/surd.py",
    "oracles/gated.py",
    "oracles/rows/*.py",
    "oracles/textbook/*.py",
    "reports/targets/shifted.py",
    "reports/targets/textbook*.py",
)


def environment() -> dict[str, Any]:
    """CPU, versions, commit and a digest of the source; keys in a fixed order."""
    return {
        "cpu": _cpu_model(),
        "cpu_features": _cpu_features(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": np.__version__,
        "mpmath": mpmath.__version__,
        "ml_dtypes": _version("ml_dtypes"),
        "scipy": _version("scipy"),
        "refacts": version(),
        "commit": _commit(),
        "formulas_sha256": formulas_digest(),
        "source_sha256": _source_digest(),
    }


def version() -> str:
    """The installed version of refacts; "not installed" in a bare checkout."""
    return _version("refacts") or "not installed"


def _version(package: str) -> str | None:
    """The installed version of a package; None if it is not there."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    for line in text.splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _cpu_features() -> list[str]:
    """The SIMD extensions NumPy was built for and those it found here."""
    config: Any = np.show_config(mode="dicts")
    extensions = config.get("SIMD Extensions", {})
    return [*extensions.get("baseline", []), *extensions.get("found", [])]


def _commit() -> str | None:
    """The commit of the checkout we run from, "-dirty" if changed; None if it is not one."""
    if _git("ls-files", "--error-unmatch", "refacts/__init__.py") is None:
        return None
    return _git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _git(*arguments: str) -> str | None:
    command = ["git", "-C", str(ROOT), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def formulas_digest() -> str:
    """One digest over the formulas that are measured, and those they are measured by."""
    return _digest(_files(*FORMULAS))


def _source_digest() -> str:
    """One digest over the text of our packages: an unfinished run of other code is not resumed."""
    return _digest(_files(*(f"{package}/**/*.py" for package in FOLDERS)))


def _files(*patterns: str) -> dict[str, Path]:
    """The files of patterns, each of which begins with a package, by their names in a checkout."""
    found: dict[str, Path] = {}
    for pattern in patterns:
        package, _, rest = pattern.partition("/")
        folder = FOLDERS[package]
        inner = [other for other in FOLDERS.values() if other != folder and other.is_relative_to(folder)]
        paths = [p for p in sorted(folder.glob(rest)) if not any(p.is_relative_to(other) for other in inner)]
        if not paths:
            raise FileNotFoundError(f"{folder} has no {rest}")
        found |= {f"{package}/{path.relative_to(folder).as_posix()}": path for path in paths}
    return found


def _digest(files: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in files.items():
        digest.update(name.encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
