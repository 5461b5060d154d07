"""A file of budgets names files from its own folder, whatever the working directory is."""

from __future__ import annotations

from pathlib import Path

import pytest
from refacts.reports.command import main
from refacts.reports.judge import budgets
from refacts.reports.targets.spec import from_folder, to_folder

KERNELS = "import numpy as np\n\n\ndef relu(x):\n    return np.maximum(x, 0) + 0\n"
ASKED = ["--as", "relu", "--quantity", "value", "--format", "float16", "--jobs", "1"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: kernels and their budgets are in a folder of it, beside each other."""
    monkeypatch.chdir(tmp_path)
    Path("gate").mkdir()
    Path("gate", "kernels.py").write_text(KERNELS)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kernels.py:relu", "gate/kernels.py:relu"),
        ("../kernels.py:relu", "gate/../kernels.py:relu"),
        ("results.npz", "gate/results.npz"),
        ("model.onnx", "gate/model.onnx"),
        ("lib/libk.so:relu", "gate/lib/libk.so:relu"),
        ("libm.so.6:tanhf", "libm.so.6:tanhf"),
        ("/usr/lib/libk.so:relu", "/usr/lib/libk.so:relu"),
        ("torch.nn.functional:relu", "torch.nn.functional:relu"),
        ("onnx:Relu", "onnx:Relu"),
        ("", ""),
    ],
)
@pytest.mark.usefixtures("project")
def test_files_are_named_from_the_folder(text: str, found: str) -> None:
    assert from_folder(Path("gate"), text).replace("\\", "/") == found
    assert from_folder(Path(), text) == text


@pytest.mark.usefixtures("project")
def test_a_library_beside_the_budgets_goes_before_the_systems() -> None:
    Path("gate", "libm.so.6").touch()
    assert Path(from_folder(Path("gate"), "libm.so.6:tanhf")) == Path("gate/libm.so.6:tanhf")


@pytest.mark.usefixtures("project")
def test_the_way_back() -> None:
    assert to_folder(Path("gate"), "gate/kernels.py:relu") == "kernels.py:relu"
    assert to_folder(Path("other/deep"), "gate/kernels.py:relu") == "../../gate/kernels.py:relu"
    assert to_folder(Path("gate"), "libm.so.6:tanhf") == "libm.so.6:tanhf"
    assert to_folder(Path("gate"), "onnx:Relu") == "onnx:Relu"


def test_a_budget_is_written_in_one_folder_and_judged_in_another(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("gate", "accuracy.toml")
    assert main(["verify", "gate/kernels.py:relu", *ASKED, "--budget", str(path), "--update-budget"]) == 0
    (row,) = budgets.read(path).rows
    assert row.target == "kernels.py:relu"
    assert main(["verify", "--budget", str(path), "--jobs", "1"]) == 0
    monkeypatch.chdir(project / "gate")
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 0
    Path("kernels.py").rename(project / "kernels.py")  # the control: not taken from there
    monkeypatch.chdir(project)
    capsys.readouterr()
    assert main(["verify", "--budget", str(path), "--jobs", "1"]) == 3
    said = capsys.readouterr().err.replace("\\", "/")
    assert "gate/accuracy.toml, budget 1 (kernels.py:relu): there is no file gate/kernels.py" in said
