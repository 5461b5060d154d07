"""Callables of JAX arrays as targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
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
    unsteady,
)
from tests.targets.asking import numbers, question

FILE = Path(__file__).with_name("of_jax.py")
GELU = "jax.nn:gelu"


def array(asked: Any, batch: Any, name: str) -> Any:
    return jax.numpy.asarray(batch[name].astype(asked.format_of(name).dtype))


@pytest.mark.parametrize("fmt", ["float16", "bfloat16", "float32"])
def test_the_bits_are_those_of_jax(fmt: str) -> None:
    f, found = jax.nn.gelu, target(GELU)
    asked = question("gelu", "value", fmt)
    batch = numbers(asked)
    x = array(asked, batch, "x")
    assert x.dtype.name == fmt
    np.testing.assert_array_equal(answered(found, asked, batch), np.asarray(f(x), np.float64))
    asked = question("gelu", "vjp", fmt)
    batch = numbers(asked)
    (dx,) = jax.vjp(f, array(asked, batch, "x"))[1](array(asked, batch, "g"))
    np.testing.assert_array_equal(answered(found, asked, batch), np.asarray(dx, np.float64))
    asked = question("gelu", "jvp", fmt)
    batch = numbers(asked)
    _, tangent = jax.jvp(f, (array(asked, batch, "x"),), (array(asked, batch, "v"),))
    np.testing.assert_array_equal(answered(found, asked, batch), np.asarray(tangent, np.float64))


def test_float64_stays_float64() -> None:
    x = np.array([1 + 2.0**-52, 1e300, 5e-324])
    asked = question("relu", "value", "float64")
    np.testing.assert_array_equal(answered(target(f"{FILE}:identity", arrays="jax"), asked, {"x": x}), x)
    by_itself = np.asarray(jax.numpy.asarray([0.1]))
    assert by_itself.dtype == np.float32  # the control


def test_reproducers() -> None:
    for text, asked in [
        (GELU, question("gelu", "value", "bfloat16")),
        (GELU, question("gelu", "vjp", "float64")),
        (f"{FILE}:without_forward_mode", question("silu", "jvp")),
        ("jax.nn:softmax", question("softmax", "vjp")),
        ("jax.nn:glu", question("glu", "vjp_b")),
        (f"{FILE}:narrow", question("tanh", "vjp", "float32:bfloat16")),
    ]:
        reproduces(target(text), asked)
    on_device = target(GELU, device="cpu:0").reproducer(question("gelu"), {"x": ["0x1p+0"]})
    assert ", jax.devices('cpu')[0]);" in on_device


def test_a_backward_kernel() -> None:
    found = target(f"{FILE}:compiled", backward=f"{FILE}:silu_backward")
    asked = question("silu", "vjp")
    batch = numbers(asked)
    near_refacts(asked, batch, answered(found, asked, batch))
    reproduces(found, asked)


def test_two_formats() -> None:
    for quantity in ("value", "derivative", "vjp", "jvp"):
        asked = question("tanh", quantity, "float32:bfloat16")
        assert target(f"{FILE}:narrow").answer(asked, numbers(asked)).faults == {}
    batch = numbers(question("tanh", "vjp", "float32:bfloat16"))
    found = target("jax.numpy:tanh").answer(question("tanh", "vjp", "float32:bfloat16"), batch)
    assert found.faults == {"dtype": "its value is float32, want bfloat16"}
    narrowed = question("tanh", "vjp")
    with pytest.raises(NoAnswerError, match="its value is bfloat16, want float32, and does not hold"):
        target(f"{FILE}:narrow").answer(narrowed, numbers(narrowed))


def test_no_jax_array() -> None:
    asked = question("tanh")
    with pytest.raises(NoAnswerError, match="returned numpy.ndarray, want a jax.Array"):
        target(f"{FILE}:to_numpy", arrays="jax").answer(asked, numbers(asked))


def test_arrays_are_found_out() -> None:
    for text, said in [
        (GELU, "JAX arrays, since it is of jax"),
        (f"{FILE}:compiled", "JAX arrays, since it is of jaxlib"),
        (f"{FILE}:swiglu", "JAX arrays, since it answered a probe of them"),
    ]:
        with Session(TargetSpec(text)) as session:
            assert session.said == f"{text} gets {said}"
            assert session.layouts == ("plain",)
            if text == GELU:
                assert unsteady(session, question("gelu")) == []


def test_devices() -> None:
    assert target(GELU, device="cpu").arrays == "jax"
    for device in ("nix", "cpu:77", "cpu:x"):
        with pytest.raises(UsageError, match=f"--device {device} is not to be had from JAX: "):
            target(GELU, device=device)


def test_swapped_operands_are_seen() -> None:
    other_operands_are_seen(target(GELU), "gelu_tanh")
