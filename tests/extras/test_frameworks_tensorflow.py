"""Callables of TensorFlow tensors as targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from refacts.reports.exits import UsageError
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.target import NoAnswerError

from tests.extras.frameworks import (
    answered,
    near_refacts,
    other_operands_are_seen,
    reproduces,
    target,
)
from tests.targets.asking import numbers, question

FILE = Path(__file__).with_name("of_tensorflow.py")


def tensor(asked: Any, batch: Any, name: str) -> Any:
    return tf.constant(batch[name].tolist(), getattr(tf, asked.format_of(name).name))


def float64(result: Any) -> Any:
    return result.numpy().astype(np.float64)


@pytest.mark.parametrize("fmt", ["float16", "bfloat16", "float32", "float64"])
def test_the_bits_are_those_of_tensorflow(fmt: str) -> None:
    f, found = tf.nn.gelu, target("tensorflow.nn:gelu")
    asked = question("gelu", "value", fmt)
    batch = numbers(asked)
    np.testing.assert_array_equal(answered(found, asked, batch), float64(f(tensor(asked, batch, "x"))))
    asked = question("gelu", "vjp", fmt)
    batch = numbers(asked)
    x, g = tensor(asked, batch, "x"), tensor(asked, batch, "g")
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    want = float64(tape.gradient(y, x, output_gradients=g))
    np.testing.assert_array_equal(answered(found, asked, batch), want)
    asked = question("gelu", "jvp", fmt)
    batch = numbers(asked)
    x, v = tensor(asked, batch, "x"), tensor(asked, batch, "v")
    with tf.autodiff.ForwardAccumulator(x, v) as accumulator:
        y = f(x)
    np.testing.assert_array_equal(answered(found, asked, batch), float64(accumulator.jvp(y)))


def test_reproducers() -> None:
    for text, asked in [
        ("tensorflow.nn:gelu", question("gelu", "value", "bfloat16")),
        ("tensorflow.nn:softmax", question("softmax", "vjp")),
        (f"{FILE}:swiglu", question("swiglu", "vjp_b")),
        (f"{FILE}:narrow", question("tanh", "jvp", "float32:bfloat16")),
    ]:
        reproduces(target(text), asked)


def test_a_backward_kernel() -> None:
    found = target(f"{FILE}:compiled", backward=f"{FILE}:silu_backward")
    asked = question("silu", "vjp")
    batch = numbers(asked)
    near_refacts(asked, batch, answered(found, asked, batch))


def test_two_formats() -> None:
    for quantity in ("value", "derivative", "vjp", "jvp"):
        asked = question("tanh", quantity, "float32:bfloat16")
        assert target(f"{FILE}:narrow").answer(asked, numbers(asked)).faults == {}


@pytest.mark.parametrize(
    ("name", "quantity", "sentence"),
    [
        ("to_numpy", "value", "returned numpy.ndarray, want a tf.Tensor"),
        ("detached", "vjp", "its value does not depend on x, according to tf.GradientTape"),
        ("detached", "jvp", "its value does not depend on x, according to tf.autodiff.ForwardAccumulator"),
    ],
)
def test_no_answer(name: str, quantity: str, sentence: str) -> None:
    asked = question("tanh", quantity)
    with pytest.raises(NoAnswerError) as caught:
        target(f"{FILE}:{name}", arrays="tensorflow").answer(asked, numbers(asked))
    assert caught.value.sentence == sentence


def test_arrays_are_found_out_in_a_process() -> None:
    text = f"{FILE}:swiglu"
    with Session(TargetSpec(text)) as session:
        assert session.said == f"{text} gets TensorFlow tensors, since it answered a probe of them"
        asked = question("swiglu", "vjp_b")
        batch = numbers(asked)
        near_refacts(asked, batch, session.answer(asked, batch).values)


def test_devices() -> None:
    with pytest.raises(UsageError, match="--device gpu is for torch and JAX: TensorFlow picks its own"):
        target("tensorflow.nn:gelu", device="gpu")


def test_swapped_operands_are_seen() -> None:
    other_operands_are_seen(target("tensorflow.nn:silu"), "silu")
