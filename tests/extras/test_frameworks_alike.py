"""What is asked of callables of torch, JAX and TensorFlow alike."""

from __future__ import annotations

from pathlib import Path

import jax
import numpy as np
import pytest
from refacts.reports.question import pair

from tests.extras.frameworks import FORMATS, answered, near_refacts, questions, target
from tests.targets.asking import numbers, question

OF = {library: Path(__file__).with_name(f"of_{library}.py") for library in ("torch", "jax", "tensorflow")}
TARGETS = {
    "torch": [
        ("torch.nn.functional:gelu", "gelu"),
        ("torch:tanh", "tanh"),
        ("torch.nn:SiLU", "silu"),
        (f"{OF['torch']}:without_forward_mode", "silu"),
        ("torch.nn.functional:softmax", "softmax"),
        ("torch:log_softmax", "log_softmax"),
        ("torch:logsumexp", "logsumexp"),
        ("torch.nn:Softmax", "softmax"),
        ("torch.nn.functional:glu", "glu"),
        (f"{OF['torch']}:swiglu", "swiglu"),
    ],
    "jax": [
        ("jax.nn:gelu", "gelu_tanh"),
        ("jax.nn:relu", "relu"),
        ("jax.numpy:tanh", "tanh"),
        (f"{OF['jax']}:without_forward_mode", "silu"),
        (f"{OF['jax']}:compiled", "silu"),
        ("jax.nn:softmax", "softmax"),
        ("jax.nn:log_softmax", "log_softmax"),
        ("jax.scipy.special:logsumexp", "logsumexp"),
        ("jax.nn:glu", "glu"),
        (f"{OF['jax']}:swiglu", "swiglu"),
    ],
    "tensorflow": [
        ("tensorflow.nn:silu", "silu"),
        ("tensorflow.nn:softplus", "softplus"),
        (f"{OF['tensorflow']}:compiled", "silu"),
        ("tensorflow.nn:softmax", "softmax"),
        ("tensorflow.nn:log_softmax", "log_softmax"),
        ("tensorflow:reduce_logsumexp", "logsumexp"),
        (f"{OF['tensorflow']}:swiglu", "swiglu"),
    ],
}
each_target = pytest.mark.parametrize(
    ("library", "text", "name"),
    [(library, *each) for library, targets in TARGETS.items() for each in targets],
)


@each_target
def test_quantities_and_formats(library: str, text: str, name: str) -> None:
    found = target(text)
    assert found.arrays == library
    for asked in questions(name, FORMATS if library == "torch" else ("bfloat16", "float32", "float64")):
        batch = numbers(asked)
        near_refacts(asked, batch, answered(found, asked, batch))
    assert not jax.config.jax_enable_x64  # as it was


@pytest.mark.parametrize("fmt", ["float16", "bfloat16"])
@pytest.mark.parametrize("library", ["jax", "tensorflow"])
def test_all_patterns_go_in_and_out(library: str, fmt: str) -> None:
    source, _ = pair(fmt)
    x = source.decode(np.arange(1 << 16, dtype=np.uint16))
    x = x[~np.isnan(x)]
    asked = question("relu", "value", fmt)
    values = answered(target(f"{OF[library]}:identity", arrays=library), asked, {"x": x})
    np.testing.assert_array_equal(values, x)
    np.testing.assert_array_equal(np.signbit(values), np.signbit(x))
