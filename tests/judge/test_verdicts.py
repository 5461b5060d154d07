"""The document of verdicts: the same when read back, the same bytes, and nothing else is taken for one."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from refacts.reports import outputs, verdicts
from refacts.reports.command import main
from refacts.reports.exits import UsageError
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import Error, Row
from refacts.reports.schema import FILE, schema
from refacts.reports.schema import text as schema_text
from refacts.reports.typed import has_default
from refacts.reports.verdicts import Document

from tests.judge.made import FINITE, PEER, RAISED, row, wrong

DOCUMENT = Document(
    complete=True,
    environment={"cpu": "\ud800\x1b[1mé"},
    run={"seed": 0, "files": ["a|b"]},
    rows=(
        row(gate=Gate(2.0, 1e-5, ("kink", "dtype"), 1.5)),
        wrong(quantity="vjp", peer=PEER, parameters={"alpha": "1/6"}, incidents=(RAISED,)),
        wrong(target="infinite:f", error=Error(float("inf"), None, None, float("inf")), diagnosis=None,
              worst=(replace(FINITE, place=(3, 1), ulp=float("inf")),)),
    ),
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "verdict.json"
    verdicts.write("--json", path, DOCUMENT)
    return path


def test_what_is_written_is_read(path: Path) -> None:
    assert verdicts.read(path) == DOCUMENT
    assert verdicts.text(verdicts.read(path)).encode() == path.read_bytes()
    verdicts.write("--json", path, replace(DOCUMENT, rows=()))
    assert verdicts.read(path).rows == ()


def test_it_is_strict_json(path: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    found = json.loads(path.read_text(encoding="ascii"), parse_constant=refuse)
    assert found["schema"] == "refacts-verdict/2"
    assert found["rows"][2]["error"]["max"] == "inf"
    with pytest.raises(ValueError, match="not JSON compliant"):
        verdicts.text(replace(DOCUMENT, run={"quota": float("nan")}))


def edited(path: Path, **changes: Any) -> None:
    found = json.loads(path.read_text())
    path.write_text(json.dumps({key: value for key, value in {**found, **changes}.items() if value != ()}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": "other/1"}, "is not a document of `refacts verify --json` or `refacts report`"),
        ({"schema": ()}, "is not a document of `refacts verify --json` or `refacts report`"),
        (
            {"schema": "refacts-verdict/1"},
            "has schema 'refacts-verdict/1': this refacts reads refacts-verdict/2",
        ),
        (
            {"schema": "refacts-accuracy/3"},
            "has schema 'refacts-accuracy/3': this refacts reads refacts-verdict/2",
        ),
        ({"sha256": 1}, "sha256 must be a text (got 1)"),
        ({"complete": 1}, "complete must be true or false (got 1)"),
        ({"run": ()}, "run must be an object (got None)"),
        ({"rows": {}}, "rows must be a list (got {})"),
        ({"extra": 1}, "has an unknown field 'extra'"),
    ],
)
def test_a_foreign_document_is_refused(changes: dict[str, Any], said: str, path: Path) -> None:
    edited(path, **changes)
    with pytest.raises(UsageError) as raised:
        verdicts.read(path)
    assert str(raised.value) == f"{path} {said}" or str(raised.value) == f"{path}: {said}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b'{"schema": ', "is not JSON"),
        (b'{"schema": NaN}', "NaN is no number of JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is not a document"),
        (b"3", "is not a document"),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, said: str, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said) as raised:
        verdicts.read(path)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none.json cannot be read: No such file"):
        verdicts.read(tmp_path / "none.json")


@pytest.mark.parametrize("name", [field.name for field in fields(Row)])
@pytest.mark.parametrize("value", [(), "\0", -0.5, ["\0"], {"\0": "\0"}, [{}]])
def test_a_broken_row_is_named(name: str, value: Any, path: Path) -> None:
    found = json.loads(path.read_text())["rows"]
    broken = {key: each for key, each in {**found[1], name: value}.items() if each != ()}
    fits = {("parameters", "{"), ("reasons", "["), ("loud", "[")}
    fits |= {(field.name, "\0") for field in fields(Row) if field.type == "str"}
    fits -= {(name, "\0") for name in ("formats", "verdict", "coverage")}  # these are words of a list
    fits |= {(field.name, "(") for field in fields(Row) if has_default(field)}  # it is not there
    fits |= {("normwise", "-")}
    edited(path, rows=[found[0], broken])
    if (name, str(value)[:1]) in fits and value != [{}]:
        verdicts.read(path)
        return
    with pytest.raises(UsageError) as raised:
        verdicts.read(path)
    assert f"{path}: row 2 (" in str(raised.value)
    assert name in str(raised.value).partition("is broken")[2]


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("worst", 0, "ulp"), "1", "worst[0].ulp must be a number"),
        (("worst", 0, "place"), [1], "worst[0].place must be a list of 2"),
        (("worst", 0, "extra"), 1, "worst[0] has an unknown field 'extra'"),
        (("control", "moved"), True, "control.moved must be an integer (got True)"),
        (("mismatches", "nan"), None, "mismatches.nan must be an integer"),
        (("bins", 0), [True, 2, 1, 10, 1.75], "bins[0] must be a list of 6"),
        (("bins", 0, 4), "much", "bins[0][4] must be a number"),
        (("worst", 0, "bits"), {"x": "0x0"}, "worst[0] has an unknown field 'bits'"),
        (("worst", 0, "got"), "0x1p-999", "worst holds '0x1p-999', which is no number of float32"),
        (("incidents", 0, "operands", "x"), [1], "incidents[0].operands.x[0] must be a text"),
        (("gate", "max_ulp"), "nan!", "gate.max_ulp must be a number"),
        (("inputs",), 3.0, "inputs must be an integer"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(place: Any, value: Any, said: str, path: Path) -> None:
    rows = json.loads(path.read_text())["rows"]
    inside = rows[1]
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    edited(path, rows=rows)
    with pytest.raises(UsageError) as raised:
        verdicts.read(path)
    assert said in str(raised.value)


def test_two_rows_of_one_key_are_refused(path: Path) -> None:
    edited(path, rows=json.loads(path.read_text())["rows"][:1] * 2)
    with pytest.raises(UsageError, match="has two rows of kernel:f as gelu/value/float32"):
        verdicts.read(path)


@pytest.mark.parametrize(
    "content", [b"mine", b'{"schema": "other/1"}', b"\x00\xff", b"a note on " + verdicts.MARK.encode()]
)
def test_a_file_that_is_not_ours_is_never_overwritten(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    for attempt in (outputs.claimed, lambda *_: verdicts.write("--json", path, DOCUMENT)):
        with pytest.raises(UsageError, match=r"--json: .*mine\.json is not one of refacts' files"):
            attempt("--json", str(path), verdicts.MARK)
    assert path.read_bytes() == content


def test_what_may_be_written(tmp_path: Path, path: Path) -> None:
    (tmp_path / "empty").touch()
    for name in ("empty", "new", path.name):
        assert outputs.claimed("--json", str(tmp_path / name), verdicts.MARK) == tmp_path / name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "--json must name a file (got '')"),
        (".", "--json: . is a directory"),
        ("nowhere/x.json", "--json: nowhere is no directory"),
        ("a\0b", "cannot be written"),
        ("/dev/null", "is not one of refacts' files"),
    ],
)
def test_a_path_that_cannot_be_written(
    name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as raised:
        outputs.claimed("--json", name, verdicts.MARK)
    assert said in str(raised.value)
    assert not [*tmp_path.iterdir()]


def test_only_what_is_marked_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not say that it is ours"):
        outputs.write("--json", tmp_path / "x", "{}", verdicts.MARK)


def test_what_equals_its_default_is_not_written(path: Path) -> None:
    found = json.loads(path.read_text())["rows"][0]
    for name in ("drawn", "seed", "excused", "mismatches", "regions", "tiers", "peer", "reasons", "coverage"):
        assert name not in found
    assert found["bins"] == [[True, 2, 1, 10, 1.75, 1.5]]
    assert "bits" not in found["worst"][0]
    assert "excused" not in found["worst"][0]


def test_rows_on_other_inputs_have_other_keys() -> None:
    drawn = row(drawn="logits N(0,1), n = 10", normwise=0.5)
    assert drawn.key == "kernel:f as gelu/value/float32 on logits N(0,1), n = 10"
    assert row(profile="ftz").key == "kernel:f as gelu/value/float32 ftz"


def test_an_edited_document_is_seen(path: Path) -> None:
    assert verdicts.untouched(verdicts.parsed(path))
    rows = json.loads(path.read_text())["rows"]
    rows[0]["inputs"] += 1
    edited(path, rows=rows)
    assert not verdicts.untouched(verdicts.parsed(path))


def invalid(found: Any) -> list[str]:
    """Where a document breaks the schema."""
    checker = jsonschema.Draft202012Validator(schema())
    return [error.json_path for error in checker.iter_errors(found)]


def test_the_schema_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), (
        "reports/verdict.schema.json is stale: python -m refacts.reports.schema > reports/verdict.schema.json"
    )
    jsonschema.Draft202012Validator.check_schema(schema())


def test_documents_keep_the_schema(path: Path, tmp_path: Path) -> None:
    assert invalid(json.loads(path.read_text())) == []
    for name, command in {
        "verify": ["verify", "refacts:relu", "--format", "float32", "--samples", "100", "--json"],
        "report": ["report", "--quick", "--only", "relu", "--jobs", "1", "--out"],
    }.items():
        assert main([*command, str(tmp_path / name)]) == 0
        written = tmp_path / name / "accuracy.json" if name == "report" else tmp_path / name
        assert invalid(json.loads(written.read_text())) == []
        assert verdicts.text(verdicts.read(written)) == written.read_text()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema",), "refacts-verdict/1"),
        (("sha256",), "?"),
        (("rows",), {}),
        (("extra",), 1),
        (("rows", 0, "extra"), 1),
        (("rows", 0, "inputs"), "1"),
        (("rows", 0, "inputs"), None),
        (("rows", 0, "error", "max"), "much"),
        (("rows", 0, "error", "p999"), "nan"),
        (("rows", 0, "bins", 0), [True, 2, 1, 10, 1.75]),
        (("rows", 0, "bins", 0, 0), 1),
        (("rows", 1, "worst", 0, "operands"), ["x"]),
        (("rows", 1, "worst", 0, "bits"), {}),
        (("rows", 1, "mismatches", "nan"), 1.5),
        (("rows", 1, "control", "moved"), ()),
        (("rows", 2, "worst", 0, "place"), [1]),
    ],
)
def test_a_damaged_document_breaks_the_schema_and_is_refused(place: Any, value: Any, path: Path) -> None:
    found = json.loads(path.read_text())
    inside = found
    for step in place[:-1]:
        inside = inside[step]
    if value == ():
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    path.write_text(json.dumps(found))
    assert invalid(found)
    if place != ("sha256",):
        with pytest.raises(UsageError):
            verdicts.read(path)
