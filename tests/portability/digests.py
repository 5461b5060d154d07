"""Digests of results: `python -m tests.portability.digests [--scale N] [--write]` prints them as JSON.

Needs Python, NumPy, mpmath and ml_dtypes only, so that it runs inside an emulated machine. Equal digests
from two machines mean equal bits; NaN counts as one number. `--write` renews the committed file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from tests.portability import beside_ties
from tests.portability.cases import Case, cases
from tests.portability.environment import environment
from tests.portability.integers import LAYOUTS, moderate
from tests.portability.planted import without_a_bound

COMMITTED = Path(__file__).parent / "digests.json"
RAW = {"exp": np.exp, "expm1": np.expm1, "log1p": np.log1p, "tanh": np.tanh}
RAW_INPUTS = 20_000
Digests = dict[str, str]


def digest(case: Case) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the results' bits and shapes."""
    hashed = sha256()
    for result in case.results():
        hashed.update(f"{np.shape(result)}".encode())
        hashed.update(case.layout.canonical_bytes(result))
    return hashed.hexdigest()[:16]


def digests(some: Iterable[Case]) -> Digests:
    """The digest of every case, by its name."""
    found: Digests = {}
    for case in some:
        assert case.name not in found, f"{case.name} would be digested twice"
        found[case.name] = digest(case)
    return found


def committed() -> dict[str, Any]:
    """The document in the repository."""
    found: dict[str, Any] = json.loads(COMMITTED.read_text(encoding="ascii"))
    return found


def raw() -> Digests:
    """Digests of NumPy's own functions in float64, which differ between machines."""
    layout = LAYOUTS["float64"]
    x = layout.floats(moderate(layout, 1, RAW_INPUTS, -4, 3))
    found = {}
    for name, function in RAW.items():
        results = function(np.abs(x) if name == "log1p" else x)
        found[name] = sha256(layout.canonical_bytes(results)).hexdigest()[:16]
    return found


def document(scale: int = 1) -> dict[str, Any]:
    """All digests: refacts' results, NumPy's own, and those of the float64 tier without its bound."""
    made: dict[str, Any] = {"environment": environment(), "scale": scale, "raw": raw()}
    made |= results(scale)
    with without_a_bound():
        short = (case for case in cases(scale) if case.layout.name == "float32")
        made["planted"] = {"random": digests(short), "beside ties": digests(beside_ties.cases())}
    return made


def results(scale: int = 1) -> dict[str, Digests]:
    """The digests that are the same on every machine."""
    return {"random": digests(cases(scale)), "beside ties": digests(beside_ties.cases())}


def main() -> None:
    parser = argparse.ArgumentParser(description="Digests of results of refacts, as JSON.")
    parser.add_argument("--scale", type=int, default=1, help="this many times as many random inputs")
    parser.add_argument("--write", action="store_true", help=f"renew {COMMITTED.name}")
    options = parser.parse_args()
    text = json.dumps(document(options.scale), indent=1)
    if options.write:
        COMMITTED.write_text(text + "\n", encoding="ascii")
    else:
        print(text)


if __name__ == "__main__":
    main()
