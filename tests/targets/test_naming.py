"""Texts of targets: what they mean, and the sentence for each that means nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.reports.exits import UsageError
from refacts.reports.targets.loaded import Loaded
from refacts.reports.targets.naming import named
from refacts.reports.targets.spec import TargetSpec, call_arguments, load

from tests.targets.asking import PLANTED, first, numbers, operands, question, run_line

TANH = question("tanh")


@pytest.fixture(autouse=True)
def unchanged_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))


def loaded(text: str, **options: Any) -> Loaded:
    return load(TargetSpec(text, **options))


@pytest.mark.parametrize(
    ("text", "call", "said"),
    [
        ("numpy:tanh", {}, "numpy:tanh gets NumPy arrays, since it is of numpy"),
        ("refacts:tanh", {}, "refacts:tanh gets NumPy arrays, since it is of refacts"),
        ("refacts:TanH", {}, "refacts:TanH gets NumPy arrays, since it is of refacts"),
        (f"{PLANTED}:good", {}, f"{PLANTED}:good gets NumPy arrays, since it uses no other library"),
        (f"{PLANTED}:np.tanh", {}, f"{PLANTED}:np.tanh gets NumPy arrays, since it is of numpy"),
        ("tests.targets.planted:good", {}, ""),
        (f"{PLANTED}:Scaled", {}, ""),
        (f"{PLANTED}:Scaled", {"by": 1.0}, ""),
    ],
)
def test_what_a_text_means(text: str, call: dict[str, Any], said: str) -> None:
    target = loaded(text, call=call, arrays=None if said else "numpy")
    assert target.name == text
    if said:
        assert target.said == said
    batch = numbers(TANH)
    want = np.tanh(batch["x"].astype(np.float32))
    if text.startswith("refacts"):
        want = TANH.activation(batch["x"].astype(np.float32))
    answer = target.answer(TANH, batch)
    np.testing.assert_array_equal(answer.values, want)
    assert answer.faults == {}
    line = target.reproducer(TANH, operands(first(batch)))
    assert run_line(line) == answer.values[:1].tolist()


def test_arguments_of_a_call_and_of_a_class() -> None:
    batch = numbers(TANH)
    scaled = loaded(f"{PLANTED}:Scaled", call={"by": 2.0})
    np.testing.assert_array_equal(
        scaled.answer(TANH, batch).values, 2 * np.tanh(batch["x"].astype(np.float32))
    )
    assert "['Scaled'](by=2.0)(x)" in scaled.reproducer(TANH, operands(first(batch)))
    called = loaded("numpy:tanh", call={"where": False, "out": None})
    assert called.answer(TANH, batch).values.shape == (40,)
    assert "numpy.tanh(x, where=False, out=None)" in called.reproducer(TANH, operands(first(batch)))


NOWHERE = PLANTED.with_name("plante.py")


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("gelu", {}, "a target must be module:callable, path/to/file.py:callable, path/to/lib.so:symbol or "),
        (":gelu", {}, "a target must be module:callable"),
        ("numpy:", {}, "a target must be module:callable"),
        ("a b:c", {}, "'a b' is neither a module nor a Python file"),
        ("numpyy:tanh", {}, "there is no module numpyy: did you mean numpy"),
        ("np:tanh", {}, "there is no module np: did you mean numpy?"),
        ("jnp:tanh", {}, "there is no module jnp: did you mean jax.numpy?"),
        ("numpy.nix:tanh", {}, "numpy.nix: numpy has no 'nix'"),
        ("numpy:tanhh", {}, "numpy:tanhh: numpy has no 'tanhh': did you mean tanh"),
        ("numpy:linalg.nrm", {}, "numpy:linalg.nrm: numpy.linalg has no 'nrm': did you mean norm?"),
        ("numpy:pi", {}, "numpy:pi is not callable: it is a float"),
        (f"{PLANTED}:number", {}, f"{PLANTED}:number is not callable: it is a float"),
        (f"{NOWHERE}:good", {}, f"there is no file {NOWHERE}: did you mean {PLANTED}"),
        (f"{PLANTED}:Needy", {}, f"{PLANTED}:Needy() raised TypeError: "),
        (f"{PLANTED}:Scaled", {"call": {"bye": 1}}, f"{PLANTED}:Scaled(bye=1) raised TypeError: "),
        ("numpy:tanh", {"scalar": True}, "--scalar is not for a Python callable (numpy:tanh)"),
        ("numpy:tanh", {"device": "cuda"}, "--device cuda is for torch and JAX: NumPy arrays have no device"),
        (
            "numpy:tanh",
            {"arrays": "cupy"},
            "--arrays must be one of numpy, torch, jax, tensorflow (got ",
        ),
        ("numpy:tanh", {"backward": "numpy:pi"}, "numpy:pi is not callable: it is a float"),
        ("numpy:tanh", {"backward": "libm.so.6:tanh"}, "--backward libm.so.6:tanh must be a Python callable"),
        ("nix.onnx", {"device": "cpu"}, "--device is not for an ONNX model (nix.onnx)"),
    ],
)
def test_what_means_nothing(text: str, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        loaded(text, **options)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def f(:", "raised SyntaxError: "),
        ("import nixnix", "raised ModuleNotFoundError: No module named 'nixnix'"),
        ("import refacts.nixnix", "raised ModuleNotFoundError: No module named 'refacts.nixnix'"),
        ("raise ValueError('a\\nb')", "raised ValueError: a"),
        ("raise SystemExit(4)", "raised SystemExit: 4"),
    ],
)
def test_a_file_that_cannot_be_run(tmp_path: Path, source: str, sentence: str) -> None:
    path = tmp_path / "kernels.py"
    path.write_text(source)
    with pytest.raises(UsageError) as caught:
        loaded(f"{path}:f")
    assert str(caught.value).startswith(f"importing {path} {sentence}")
    (tmp_path / "broken_module.py").write_text(source)
    sys.path.insert(0, str(tmp_path))
    with pytest.raises(UsageError) as caught:
        loaded("broken_module:f")
    assert str(caught.value).startswith(f"importing broken_module {sentence}")


def test_a_missing_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whether it is installed here or not."""
    for name in ("torch", "jax", "tensorflow", "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("refacts.reports.targets.frameworks.find_spec", lambda name: None)
    monkeypatch.setattr("refacts.reports.targets.onnx_model.find_spec", lambda name: None)
    path = tmp_path / "of_torch.py"
    path.write_text("import torch")
    for text, options, sentence in [
        ("torch.nn.functional:gelu", {}, "torch is missing: pip install torch"),
        ("jax.nn:gelu", {}, "jax is missing: pip install jax"),
        ("tensorflow.nn:gelu", {}, "tensorflow is missing: pip install tensorflow"),
        ("tests.targets.planted:good", {"arrays": "jax"}, "jax is missing: pip install jax"),
        ("model.onnx", {}, "onnxruntime is missing: pip install onnxruntime"),
        (f"{path}:f", {}, f"{path} imports torch, and torch is missing: pip install torch"),
    ]:
        with pytest.raises(UsageError) as caught:
            loaded(text, **options)
        assert str(caught.value) == sentence


def test_a_file_beside_its_modules(tmp_path: Path) -> None:
    """Its folder is on the path, and a module of its name stays what it was."""
    (tmp_path / "beside.py").write_text("from numpy import tanh as f")
    (tmp_path / "json.py").write_text("from beside import f")
    before = sys.modules["json"]
    assert loaded(f"{tmp_path}/json.py:f").arrays == "numpy"
    assert sys.modules["json"] is before


def test_the_reproducer_of_a_file_runs_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From another folder than the run's, with what the file imports from beside it."""
    (tmp_path / "beside_it.py").write_text("from numpy import tanh as f")
    (tmp_path / "kernels.py").write_text("from beside_it import f\ndef backward(x, g): return f(x) * g")
    monkeypatch.chdir(tmp_path)
    target, batch = loaded("kernels.py:f", backward="kernels.py:backward"), numbers(TANH)
    line = target.reproducer(TANH, operands(first(batch)))
    assert run_line(line) == target.answer(TANH, batch).values[:1].tolist()
    asked = question("tanh", "vjp")
    batch = numbers(asked)
    line = target.reproducer(asked, operands(first(batch)))
    assert run_line(line) == target.answer(asked, batch).values[:1].tolist()


def test_call_arguments() -> None:
    assert call_arguments(["dim=-1", "approximate=tanh", "a = 'b'", "c=None", "d=(1, 2)", "e=x=y"]) == {
        "dim": -1,
        "approximate": "tanh",
        "a": "b",
        "c": None,
        "d": (1, 2),
        "e": "x=y",
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["dim"], "--call must be name=value (got 'dim')"),
        (["=1"], "--call must be name=value (got '=1')"),
        (["a b=1"], "--call must be name=value (got 'a b=1')"),
        (["a=1", "a=2"], "--call a is given twice"),
    ],
)
def test_wrong_call_arguments(given: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        call_arguments(given)
    assert str(caught.value) == sentence


def test_an_import_that_fails_says_where(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("def f():\n    raise ValueError('no')\n\nf()\n")
    with pytest.raises(UsageError) as caught:
        named(f"{path}:g", {})
    assert str(caught.value) == f"importing {path} raised ValueError: no ({path}, line 2)"
