"""What a file that refacts wrote says of itself, so that no other is ever overwritten."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import ClassVar

from refacts.reports import outputs
from refacts.reports.exits import UsageError


@dataclass(frozen=True)
class About:
    """What a file of ours says of itself; numbers of parameters as text.

    kind: "inputs", or "golden" with exact results. quantity: "value", "derivative", "vjp" or "jvp".
    coverage: "exhaustive" or "sampled". confirmed: results that the oracle checked.
    """

    kind: str
    activation: str
    parameters: dict[str, str]
    quantity: str
    formats: str
    samples: int
    seed: int
    coverage: str
    version: str
    confirmed: int = 0
    SCHEMAS: ClassVar[dict[str, str]] = {"inputs": "refacts-inputs/1", "golden": "refacts-golden/1"}

    @property
    def subject(self) -> str:
        """The activation as a user writes it."""
        given = ", ".join(f"{name}={number}" for name, number in self.parameters.items())
        return f"{self.activation}({given})" if given else self.activation

    def text(self) -> str:
        """All of it, as JSON with the schema first."""
        return json.dumps({"schema": self.SCHEMAS[self.kind], **asdict(self)})

    @classmethod
    def read(cls, text: str, file: str) -> About:
        """What ``text`` returned; UsageError for another version's or a damaged one."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not isinstance(found.get("schema"), str):
            raise UsageError(f"{file}: what it says of itself is damaged")
        known = {schema: kind for kind, schema in cls.SCHEMAS.items()}
        if found["schema"] not in known:
            raise UsageError(f"{file} has schema {found['schema']!r}: this refacts reads {', '.join(known)}")
        types = {field.name: field.type for field in fields(cls)}
        plain = {"str": str, "int": int}
        right = set(found) == {"schema", *types} and all(
            type(found[name]) is plain.get(str(kind), dict) for name, kind in types.items()
        )
        right = right and all(found[name] >= 0 for name, kind in types.items() if kind == "int")
        if not right or found["kind"] != known[found["schema"]]:
            raise UsageError(f"{file}: what it says of itself is damaged")
        return cls(**{name: found[name] for name in types})


def claimed(out: str, suffixes: tuple[str, ...]) -> Path:
    """The path of a file that may be written; UsageError where it may not, and says why.

    A file that is there must say that refacts wrote it, and hold no results of somebody else's.
    """
    if out and Path(out).suffix not in suffixes:
        raise UsageError(f"--out must end in {' or '.join(suffixes)} (got {out})")
    return outputs.writable("--out", out, _foreign)


def _foreign(path: Path) -> str:
    """Empty if refacts wrote the file, else why that is not known."""
    from refacts.reports.inputs import c_header, csv_files, npz_files
    from refacts.reports.inputs.dumps import RESULTS

    if path.suffix == ".npy":
        return "is there already"
    try:
        about, names = {".npz": npz_files, ".csv": csv_files, ".h": c_header}[path.suffix].about(path)
    except (UsageError, OSError):
        about, names = None, []
    if about is None:
        return "does not say that refacts wrote it"
    theirs = [name for name in dict.fromkeys(RESULTS.values()) if name in names and about.kind == "inputs"]
    return f"holds results that refacts did not write ({theirs[0]})" if theirs else ""
