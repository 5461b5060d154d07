"""The files of `refacts report`: which are replaced, which are left as they are, and what a kill leaves."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from refacts.reports.command import main
from refacts.reports.targets.kernels import KERNELS, REFACTS

ROOT = Path(__file__).parents[2]
RELU = ["report", "--quick", "--only", "relu", "--jobs", "1", "--out"]
NAMES = ("accuracy.html", "accuracy.json", "accuracy.md")
LEFT_ALONE = "it is not replaced: delete it, or name another --out"
KILLED = """
import os, signal, sys
from dataclasses import replace
from refacts.reports.command import main
from refacts.reports.run import measure
from refacts.reports.targets.kernels import KERNELS, REFACTS

def evaluate(activation, quantity, x, *g):
    if (quantity, x.dtype.name) == ("derivative", "bfloat16"):
        os.kill(os.getpid(), signal.SIGKILL)
    return REFACTS.evaluate(activation, quantity, x, *g)

if __name__ == "__main__":  # which workers import, too
    measure.SAVE_EVERY = 0.0
    main(sys.argv[1:], [replace(REFACTS, evaluate=evaluate), *KERNELS[1:]])
"""


def interrupted(activation: Any, quantity: str, x: Any, *g: Any) -> Any:
    if quantity == "vjp":
        raise KeyboardInterrupt
    return REFACTS.evaluate(activation, quantity, x, *g)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a whole run."""
    folder = tmp_path_factory.mktemp("finished")
    assert main([*RELU, str(folder)]) == 0
    found = contents(folder)
    assert tuple(sorted(found)) == NAMES
    return found


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run that was interrupted."""
    folder = tmp_path_factory.mktemp("begun")
    assert main([*RELU, str(folder)], [replace(REFACTS, evaluate=interrupted), *KERNELS[1:]]) == 3
    return contents(folder)


@pytest.fixture
def refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[dict[str, bytes]], str]:
    """What is said where these files are there and nothing is measured: every byte of them is left."""

    def found(files: dict[str, bytes]) -> str:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)

        def measured(*_: Any) -> Any:
            raise AssertionError

        capsys.readouterr()
        code = main([*RELU, str(tmp_path)], [replace(REFACTS, evaluate=measured)])
        out, err = capsys.readouterr()
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert contents(tmp_path) == files
        return err

    return found


def edited(content: bytes, edit: Callable[[dict[str, Any]], None]) -> bytes:
    """A document that somebody has changed, in the form it was written in."""
    found = json.loads(content)
    edit(found)
    head = ",\n".join(f'"{key}": {json.dumps(value)}' for key, value in found.items())
    return f"{{\n{head}\n}}\n".encode()


def of_version_1(found: dict[str, Any]) -> None:
    found["schema"] = "refacts-verdict/1"


def with_another_count(found: dict[str, Any]) -> None:
    found["rows"][0]["inputs"] += 1


def with_a_broken_row(found: dict[str, Any]) -> None:
    found["rows"][0] = {"inputs": "many"}


def without_rows(found: dict[str, Any]) -> None:
    del found["rows"]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (of_version_1, "has schema 'refacts-verdict/1': this refacts reads refacts-verdict/2"),
        (with_another_count, "was edited: its digest is of other rows"),
        (with_a_broken_row, "row 1 is broken: it lacks "),
        (without_rows, "rows must be a list (got None)"),
    ],
)
def test_a_document_of_another_version_or_damaged_is_left(
    edit: Any, said: str, whole: bool, finished: Any, begun: Any, refusal: Any
) -> None:
    files = finished if whole else begun
    err = refusal({**files, "accuracy.json": edited(files["accuracy.json"], edit)})
    assert said in err
    assert err.endswith(f"; {LEFT_ALONE}\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"schema": ', "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"schema": "other/1"}', "is not a document of"),
        (b"[1, 2]", "is not a document of"),
    ],
)
def test_a_file_that_is_no_document_is_left(content: bytes, said: str, refusal: Any) -> None:
    err = refusal({"accuracy.json": content})
    assert said in err
    assert err.endswith(f"; {LEFT_ALONE}\n")


def test_half_a_document_is_left(finished: Any, refusal: Any) -> None:
    whole = finished["accuracy.json"]
    assert LEFT_ALONE in refusal({**finished, "accuracy.json": whole[: len(whole) // 2]})


@pytest.mark.parametrize("name", ["accuracy.md", "accuracy.html"])
@pytest.mark.parametrize("content", [b"mine\n", b"# Accuracy of refactsmen\n", b"<!DOCTYPE html>\n<html>"])
def test_a_page_that_is_not_ours_is_left(name: str, content: bytes, finished: Any, refusal: Any) -> None:
    err = refusal({**finished, name: content})
    assert f"{name} is not one of refacts' files: it is not overwritten" in err


@pytest.mark.parametrize("name", NAMES)
def test_a_directory_in_the_place_of_a_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).mkdir()
    assert main([*RELU, str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"refacts: --out: {tmp_path / name} is a directory\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_document_of_ours_is_replaced_if_it_is_of_other_settings(
    finished: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in finished.items():
        (tmp_path / name).write_bytes(content)
    assert main([*RELU, str(tmp_path), "--seed", "1"]) == 0
    assert "is of other settings: it will be replaced" in capsys.readouterr().err
    for name in NAMES:
        assert (tmp_path / name).read_bytes() != finished[name]
    assert main([*RELU, str(tmp_path)]) == 0
    assert contents(tmp_path) == finished


def test_an_empty_file_is_nobodys(finished: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        (tmp_path / name).touch()
    assert main([*RELU, str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""
    assert contents(tmp_path) == finished


def test_the_old_page_stays_until_the_new_one_is_there(
    finished: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in finished.items():
        (tmp_path / name).write_bytes(content)
    kernels = [replace(REFACTS, evaluate=interrupted), *KERNELS[1:]]
    assert main([*RELU, str(tmp_path)], kernels) == 3
    assert f"{tmp_path}, where accuracy.html is of another run" in capsys.readouterr().err
    assert (tmp_path / "accuracy.html").read_bytes() == finished["accuracy.html"]
    assert (tmp_path / "accuracy.json").read_bytes() != finished["accuracy.json"]


@pytest.mark.parametrize("module", ["jinja2", "matplotlib"])
def test_what_the_page_needs_is_said_once_before_the_work(
    module: str,
    finished: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    said: list[str] = []

    def noted(*given: Any) -> Any:
        said.append(capsys.readouterr().err)
        return REFACTS.evaluate(*given)

    assert main([*RELU, str(tmp_path)], [replace(REFACTS, evaluate=noted), *KERNELS[1:]]) == 0
    name = module.capitalize() if module == "matplotlib" else "Jinja2"
    told = f"accuracy.html needs {name}: pip install {module}; the other files are written without it"
    assert said[0] == f"refacts: {told}\n"
    assert "".join(said[1:]) + capsys.readouterr().err == ""
    assert {**contents(tmp_path), "accuracy.html": finished["accuracy.html"]} == finished

    (tmp_path / "accuracy.html").write_bytes(finished["accuracy.html"])
    assert main([*RELU, str(tmp_path)]) == 0
    assert f"{told}, beside one that is there of another run\n" in capsys.readouterr().err
    assert contents(tmp_path) == finished


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_was_killed_ends_with_the_same_bytes(jobs: str, finished: Any, tmp_path: Path) -> None:
    script, out = tmp_path / "killed.py", tmp_path / "out"
    script.write_text(KILLED)
    command = [sys.executable, str(script), *RELU, str(out)]
    command[command.index("--jobs") + 1] = jobs
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    left = json.loads((out / "accuracy.json").read_bytes())
    assert (left["complete"], len(left["rows"])) == (False, 10)
    assert not (out / "accuracy.html").exists()
    command[1:2] = ["-m", "refacts"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, "resuming after 10 finished rows" in done.stderr) == (0, True)
    assert contents(out) == finished


def test_a_killed_write_leaves_the_old_file(finished: Any, tmp_path: Path) -> None:
    """A temporary file may stay; what is read is whole."""
    for name, content in finished.items():
        (tmp_path / name).write_bytes(content)
    script = tmp_path / "killed.py"
    script.write_text(f"import os\nos.replace = lambda *_: os.kill(os.getpid(), 9)\n{KILLED}")
    command = [sys.executable, str(script), *RELU, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    found = contents(tmp_path)
    assert [name for name in found if re.fullmatch(r"\.accuracy\.\w+\.[0-9a-f]+\.tmp", name)]
    assert {name: found[name] for name in NAMES} == finished
    assert main([*RELU, str(tmp_path)]) == 0
    assert {name: contents(tmp_path)[name] for name in NAMES} == finished
