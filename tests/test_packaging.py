"""The wheel, the sdist, and the installed command beside a user's packages called reports and oracles."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from refacts.reports.command import COMMANDS

from tests.conftest import MadeOnce

ROOT = Path(__file__).parent.parent
PACKAGES = {"refacts": "refacts", "oracles": "refacts/oracles", "reports": "refacts/reports"}


def build(folder: Path) -> None:
    """An sdist of this checkout's files and the wheel that is built from it."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True)
    names = listed.stdout.decode().split() or [str(p.relative_to(ROOT)) for p in ROOT.rglob("*.*")]
    for name in names:
        if (ROOT / name).is_file():
            copy = folder / "source" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(folder / "source")]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(made_once: MadeOnce) -> Path:
    """The folder with the sdist and the wheel."""
    return made_once("packages", build)


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel is installed."""
    site = tmp_path_factory.mktemp("site")
    (wheel,) = built.glob("*.whl")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return site


def strangers(names: list[str]) -> list[str]:
    """What a wheel would install beside `refacts`."""
    return [name for name in names if not name.startswith(("refacts/", "refacts-"))]


def test_the_wheel_installs_one_name(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert strangers(names) == []
    wanted = {
        f"{inside}/{path.relative_to(ROOT / package).as_posix()}"
        for package, inside in PACKAGES.items()
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".txt", ".html", ".css", ".js") or path.name == "py.typed"
    }
    assert sorted(wanted - set(names)) == []
    assert [name for name in names if "test" in name] == ["refacts/testing.py"]


def test_a_second_name_is_seen() -> None:
    assert strangers(["refacts/__init__.py", "reports/__init__.py"]) == ["reports/__init__.py"]


def test_the_sdist_holds_what_the_tests_need(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "README.md",
        "oracles/ulp.py",
        "reports/command/report.py",
        "tests/conftest.py",
        "pyproject.toml",
    } <= names
    assert {"tests/oracles/data/regressions.json", "docs/accuracy.json", "scripts/tables.py"} <= names


@pytest.fixture
def own_project(tmp_path: Path) -> Path:
    """A user's folder whose packages have the names of our folders."""
    for name in ("reports", "oracles"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise SystemExit('the {name} of the user')")
    return tmp_path


def run(command: list[str], folder: Path, *paths: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_command_beside_a_users_packages(installed: Path, own_project: Path) -> None:
    arguments = ["exact", "gelu", "0.5"]
    for command in ([str(installed / "bin" / "refacts")], [sys.executable, "-m", "refacts"]):
        done = run([*command, *arguments], own_project, own_project, installed)
        assert done.returncode == 0, done.stderr
        assert "0.34573123063700656" in done.stdout
    report = [*command, "report", "--quick", "--only", "relu", "--jobs", "2", "--out", "accuracy"]
    done = run(report, own_project, own_project, installed)
    assert done.returncode == 0, done.stderr
    assert (own_project / "accuracy" / "accuracy.json").exists()
    where = "import refacts, refacts.oracles, refacts.reports; print(refacts.oracles.__file__)"
    done = run([sys.executable, "-c", where], own_project, own_project, installed)
    assert done.stdout.startswith(str(installed / "refacts" / "oracles"))


def test_the_users_packages_come_first(installed: Path, own_project: Path) -> None:
    """The control: a command that imports `reports` dies there."""
    done = run([sys.executable, "-c", "import reports"], own_project, own_project, installed)
    assert "the reports of the user" in done.stderr


def test_a_clone_without_its_other_packages_says_so(tmp_path: Path) -> None:
    """As after a plain `pip install .`, where the clone comes first on the path."""
    (tmp_path / "refacts").symlink_to(ROOT / "refacts")
    code = (
        "import sys, runpy; sys.argv = ['refacts', 'exact', 'gelu', '1'];"
        "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in repr(f).lower()];"
        "runpy.run_module('refacts', run_name='__main__')"
    )
    done = run([sys.executable, "-c", code], tmp_path, tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("in a clone, pip install -e .\n")
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def plain(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment as `pip install .` makes it: refacts, NumPy and mpmath, no extras."""
    folder = tmp_path_factory.mktemp("plain")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "refacts.pth").write_text(f"{installed}\n")
    for name in ("numpy", "mpmath"):
        own = metadata.distribution(name)
        for top in {file.parts[0] for file in own.files or ()} - {".."}:
            (site / top).symlink_to(Path(str(own.locate_file(top))))
    return folder / "bin" / "python"


GELU = "def gelu(x):\n    return x / (1 + 2.718281828459045 ** (-1.702 * x))\n"
HTML = "pip install jinja2 matplotlib"
WITHOUT_EXTRAS = (  # a command, how it ends, and its last line on stderr where it cannot do its work
    ("verify own.py:gelu --format float16 --max-ulp 2 --json own.json", 1, ""),
    ("verify own.py:gelu --format float32 --samples 1000 --json own.json", 0, ""),
    ("verify own.py:gelu --format bfloat16", 2, "pip install ml_dtypes"),
    ("verify own.py:gelu --format float16 --html own.html", 2, HTML),
    ("verify own.py:gelu --format float16 --update-budget --budget own.toml", 2, "pip install tomlkit"),
    ("plot own.py:gelu --format float16 --out own.svg", 2, HTML),
    ("inputs gelu --format bfloat16 --out own.npz", 0, ""),
    ("golden gelu --format float16 --out golden.npz", 0, ""),
    ("golden gelu --format bfloat16 --out golden.npz", 2, "pip install ml_dtypes"),
    ("exact gelu 1 --format bfloat16", 0, ""),
    ("report --quick --only relu --out accuracy", 2, "pip install tqdm"),
    ("survey --out survey", 2, "pip install torch, for one"),
    ("compare own.json own.json", 2, "own.json cannot be read: No such file or directory"),
    ("readme own.json", 2, "own.json cannot be read: No such file or directory"),
    ("bench --size 100 --repeats 1", 0, ""),
)


def test_each_command_is_run_without_extras() -> None:
    assert {command.split()[0] for command, _, _ in WITHOUT_EXTRAS} == set(COMMANDS)


@pytest.mark.parametrize(("command", "code", "said"), WITHOUT_EXTRAS)
def test_a_command_without_extras(plain: Path, tmp_path: Path, command: str, code: int, said: str) -> None:
    (tmp_path / "own.py").write_text(GELU)
    done = run([str(plain), "-m", "refacts", *command.split()], tmp_path)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.rstrip().endswith(said)


def test_there_are_no_extras(plain: Path, tmp_path: Path) -> None:
    """The control: what the commands do without is not there."""
    for module in ("ml_dtypes", "tqdm", "matplotlib", "jinja2", "tomlkit", "scipy", "hypothesis"):
        done = run([str(plain), "-c", f"import {module}"], tmp_path)
        assert f"No module named '{module}'" in done.stderr
