"""The frameworks: whose a function is, what is installed."""

from __future__ import annotations

import pytest
from refacts.reports.survey.frameworks import FRAMEWORKS, framework_of, installed, versions


@pytest.mark.parametrize(
    ("target", "framework"),
    [
        ("torch.nn.functional:gelu (approximate='tanh')", "torch"),
        ("keras.activations:mish", "tensorflow"),
        ("numpy:tanh", "scipy"),
        ("onnx:Gelu", "onnx"),
        ("refacts:gelu", "refacts"),
    ],
)
def test_whose_a_target_is(target: str, framework: str) -> None:
    assert framework_of(target) == framework


def test_versions_are_of_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(versions(["refacts", "scipy"])) == ["refacts", "scipy"]
    monkeypatch.setitem(FRAMEWORKS, "torch", ("torch", "no_such_module", ("no-such-package",)))
    assert versions(["torch"]) == {}
    assert not installed("torch")
    assert installed("scipy")
