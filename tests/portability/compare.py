"""Compares documents of digests: `python -m tests.portability.compare REFERENCE RUN...`.

Exits 1 and says why unless all results have equal bits while NumPy's own exp and the planted tier do not:
where those agree as well, the machines are too much alike for the comparison to show anything.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PARTS = ("random", "beside ties")
SHOWN = 5
Document = dict[str, Any]


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """The names whose digests differ, or that only one has."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def sentence(label: str, part: str, names: list[str]) -> str:
    """What differs, the first few by name."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{label}: other bits, {part}, in {', '.join(names[:SHOWN])}{more}"


def wrong(reference: Document, run: Document, label: str) -> list[str]:
    """Sentences on the results of a run that are not those of the reference."""
    if run["scale"] != reference["scale"]:
        return [f"{label}: scale {run['scale']}, that of the reference is {reference['scale']}"]
    names = {part: differing(reference[part], run[part]) for part in PARTS}
    return [sentence(label, part, found) for part, found in names.items() if found]


def uncontrolled(reference: Document, runs: dict[str, Document]) -> list[str]:
    """Sentences on what should differ between the runs with one NumPy, or the reference, and does not."""
    sentences = []
    for version in sorted({run["environment"]["numpy"] for run in runs.values()}):
        alike = [reference, *(run for run in runs.values() if run["environment"]["numpy"] == version)]
        if len({document["raw"]["exp"] for document in alike}) < 2:
            sentences.append(f"NumPy {version}: np.exp has the same bits everywhere, so this shows nothing")
        if not any(_planted(alike[0], other, "beside ties") for other in alike[1:]):
            sentences.append(f"NumPy {version}: a tier without a bound has the same bits everywhere")
    return sentences


def _planted(one: Document, other: Document, part: str) -> list[str]:
    return differing(one["planted"][part], other["planted"][part])


def described(reference: Document, run: Document, label: str) -> str:
    """A line on a run."""
    where = run["environment"]
    functions = ", ".join(differing(reference["raw"], run["raw"])) or "none"
    planted = ", ".join(
        f"{len(_planted(reference, run, part))} of {len(run['planted'][part])} {part}" for part in PARTS
    )
    compared = sum(len(run[part]) for part in PARTS)
    return (
        f"{label}: {where['machine']}, NumPy {where['numpy']}, features {where['features']}: {compared} "
        f"digests. Not the reference's: NumPy's {functions}; of a tier without a bound {planted}"
    )


def verdict(reference: Document, runs: dict[str, Document]) -> list[str]:
    """Everything that is wrong, in sentences."""
    if not runs:
        return ["no run was given to compare"]
    each = [said for label, run in runs.items() for said in wrong(reference, run, label)]
    return each + uncontrolled(reference, runs)


def main(paths: list[str]) -> int:
    """Compare the documents in these files."""
    first, *others = ((Path(p).stem, json.loads(Path(p).read_text(encoding="ascii"))) for p in paths)
    reference, runs = first[1], dict(others)
    for label, run in (first, *others):
        print(described(reference, run, label))
    found = verdict(reference, runs)
    print(*found or ["all bits are equal"], sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
