"""Where commands are to write is tried before anything is measured, and refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from refacts.reports.command import main

KERNEL = "def relu(x):\n    open('measured', 'w').close()\n    return x\n"
VERIFY = ["verify", "kernels.py:relu", "--quantity", "value", "--format", "float16", "--jobs", "1"]
LINES = [  # commands, and the name of the file that each is to write
    ([*VERIFY, "--json"], "v.json"),
    ([*VERIFY, "--markdown"], "v.md"),
    ([*VERIFY, "--html"], "v.html"),
    ([*VERIFY, "--junit"], "v.xml"),
    ([*VERIFY, "--update-budget", "--budget"], "v.toml"),
    (["plot", *VERIFY[1:], "--out"], "v.svg"),
    (["inputs", "relu", "--out"], "v.npz"),
    (["golden", "relu", "--out"], "v.csv"),
    (["golden", "relu", "--format", "float16", "--table", "--out"], "v.npy"),
]
COMMANDS = [pytest.param(*line, id=f"{line[0][0]} {line[0][-1]} {line[1]}") for line in LINES]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a kernel that leaves a file where it is called."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kernels.py").write_text(KERNEL)
    return tmp_path


def refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence of a command that measures nothing and changes no file."""
    before = sorted(Path().rglob("*"))
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert sorted(path for path in Path().rglob("*") if "__pycache__" not in path.parts) == before
    return err


@pytest.mark.parametrize(("command", "name"), COMMANDS)
def test_a_directory(command: list[str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(name).mkdir()
    assert refused([*command, name], capsys) == f"refacts: {command[-1]}: {name} is a directory\n"


@pytest.mark.parametrize(("command", "name"), COMMANDS)
def test_a_folder_that_is_missing(command: list[str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    err = refused([*command, f"none/{name}"], capsys)
    assert err == f"refacts: {command[-1]}: none is no directory\n"


@pytest.mark.parametrize(("command", "name"), COMMANDS)
def test_a_file_in_the_place_of_a_folder(
    command: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    err = refused([*command, f"kernels.py/{name}"], capsys)
    assert err == f"refacts: {command[-1]}: kernels.py/{name} cannot be written: Not a directory\n"


@pytest.mark.parametrize(("command", "name"), COMMANDS)
def test_a_folder_that_cannot_be_written_to(
    command: list[str], name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o500)
    try:
        (closed / "tried").touch()
    except PermissionError:
        pass
    else:  # root may write everywhere, except where the kernel makes the files
        (closed / "tried").unlink()
        closed = Path("/proc")
    err = refused([*command, f"{closed}/{name}"], capsys)
    assert err.startswith(f"refacts: {command[-1]}: {closed}/{name} cannot be written: ")


@pytest.mark.parametrize(("command", "name"), COMMANDS)
def test_a_name_that_is_too_long(command: list[str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of 250 letters, to which those of a temporary file come."""
    long = "v" * (250 - len(name)) + name
    assert refused([*command, long], capsys) == (
        f"refacts: {command[-1]}: {long} cannot be written: File name too long\n"
    )


@pytest.mark.parametrize(
    ("option", "name", "said"),
    [
        ("--html", "x.txt", "must end in .html or .htm"),
        ("--html", "x", "must end in .html or .htm"),
        ("--json", "x.html", "must end in .json"),
        ("--markdown", "x.html", "must end in .md or .markdown"),
        ("--junit", "x.json", "must end in .xml"),
    ],
)
def test_another_ending(option: str, name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused([*VERIFY, option, name], capsys) == f"refacts: {option} {said} (got {name})\n"


def test_what_may_be_written_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The control: names without an ending, and in capitals."""
    names = {"--html": "X.HTM", "--json": "x", "--markdown": "summary", "--junit": "x.XML"}
    assert main([*VERIFY, *[each for pair in names.items() for each in pair]]) == 0
    assert capsys.readouterr().out
    assert Path("measured").exists()
    assert all(Path(name).stat().st_size for name in names.values())
