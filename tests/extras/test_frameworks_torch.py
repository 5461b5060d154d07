"""Callables of torch tensors as targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from refacts.reports.exits import UsageError
from refacts.reports.question import pair
from refacts.reports.targets.careful import careful
from refacts.reports.targets.direct import Direct
from refacts.reports.targets.returned import to_format
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.target import NoAnswerError

from tests.environments import changed
from tests.extras import of_torch
from tests.extras.frameworks import (
    answered,
    near_refacts,
    other_operands_are_seen,
    reproduces,
    target,
)
from tests.targets.asking import numbers, question

FILE = Path(__file__).with_name("of_torch.py")
GELU = "torch.nn.functional:gelu"


def tensor(asked: Any, batch: Any, name: str) -> Any:
    return torch.tensor(batch[name].tolist(), dtype=getattr(torch, asked.format_of(name).name))


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # by torch.func.jvp itself
@pytest.mark.parametrize("fmt", ["float16", "bfloat16", "float32", "float64"])
def test_the_bits_are_those_of_torch(fmt: str) -> None:
    f, found = torch.nn.functional.gelu, target(GELU)
    asked = question("gelu", "value", fmt)
    batch = numbers(asked)
    x = tensor(asked, batch, "x")
    np.testing.assert_array_equal(answered(found, asked, batch), f(x).double().numpy())
    asked = question("gelu", "vjp", fmt)
    batch = numbers(asked)
    x, g = tensor(asked, batch, "x").requires_grad_(), tensor(asked, batch, "g")
    (dx,) = torch.autograd.grad(f(x), x, g)
    np.testing.assert_array_equal(answered(found, asked, batch), dx.double().numpy())
    asked = question("gelu", "derivative", fmt)
    (dx,) = torch.autograd.grad(f(x), x, torch.ones_like(x))
    np.testing.assert_array_equal(answered(found, asked, {"x": batch["x"]}), dx.double().numpy())
    asked = question("gelu", "jvp", fmt)
    batch = numbers(asked)
    _, tangent = torch.func.jvp(f, (tensor(asked, batch, "x"),), (tensor(asked, batch, "v"),))
    np.testing.assert_array_equal(answered(found, asked, batch), tangent.double().numpy())


@pytest.mark.parametrize("fmt", ["float16", "bfloat16", "float32"])
def test_all_patterns_go_in_and_out(fmt: str) -> None:
    """The identity of all 16-bit numbers; of float32 those, and subnormals."""
    source, _ = pair(fmt)
    bits = np.arange(1 << 16, dtype=source.unsigned) << (source.bits - 16 if fmt == "float32" else 0)
    x = source.decode(np.concatenate([bits, np.arange(1, 99, dtype=source.unsigned)]))
    x = x[~np.isnan(x)]
    asked = question("relu", "value", fmt)
    values = answered(Direct.of(torch.clone).target, asked, {"x": x})
    np.testing.assert_array_equal(values, x)
    np.testing.assert_array_equal(np.signbit(values), np.signbit(x))


def test_reproducers() -> None:
    for text, asked in [
        (GELU, question("gelu", "value", "bfloat16")),
        (GELU, question("gelu", "vjp", "float64")),
        (GELU, question("gelu", "derivative")),
        (f"{FILE}:without_forward_mode", question("silu", "jvp")),
        ("torch.nn:Softmax", question("softmax", "vjp")),
        ("torch:logsumexp", question("logsumexp", "vjp")),
        ("torch.nn.functional:glu", question("glu", "vjp_b")),
        (f"{FILE}:swiglu", question("swiglu", "vjp_b")),
        (f"{FILE}:narrow", question("tanh", "vjp", "float32:bfloat16")),
    ]:
        reproduces(target(text), asked)
    on_device = target(GELU, device="cpu").reproducer(question("gelu"), {"x": ["0x1p+0"]})
    assert "dtype=torch.float32).to('cpu');" in on_device


def test_a_backward_kernel() -> None:
    found = target(f"{FILE}:silu", backward=f"{FILE}:silu_backward")
    for quantity in ("derivative", "vjp", "jvp"):
        asked = question("silu", quantity)
        batch = numbers(asked)
        values = answered(found, asked, batch)
        near_refacts(asked, batch, values)
        if quantity == "vjp":
            x, g = tensor(asked, batch, "x"), tensor(asked, batch, "g")
            np.testing.assert_array_equal(values, of_torch.silu_backward(x, g).double().numpy())
    reproduces(found, question("silu", "vjp"))


def test_two_formats() -> None:
    found = target(f"{FILE}:narrow")
    for quantity in ("value", "derivative", "jvp", "vjp"):
        asked = question("tanh", quantity, "float32:bfloat16")
        batch = numbers(asked)
        answer = found.answer(asked, batch)
        assert answer.faults == {}
        np.testing.assert_array_equal(answer.values, to_format(answer.values, asked.result))
    wide = target("torch:tanh").answer(question("tanh", "value", "float32:bfloat16"), {"x": batch["x"]})
    assert wide.faults == {"dtype": "returned float32, want bfloat16"}
    cotangents = target("torch:tanh").answer(asked, batch)
    assert cotangents.faults == {"dtype": "its value is float32, want bfloat16"}


def test_faults() -> None:
    asked = question("tanh")
    batch = numbers(asked)
    widened = target(f"{FILE}:widens").answer(asked, batch)
    assert widened.faults == {"dtype": "returned float64, want float32"}
    want = torch.tanh(torch.tensor(batch["x"])).to(torch.float32).double().numpy()
    np.testing.assert_array_equal(widened.values, want)
    integers = target(f"{FILE}:as_integers").answer(asked, batch)
    assert integers.faults == {"dtype": "returned int64, want float32"}
    np.testing.assert_array_equal(integers.values, np.rint(batch["x"]))
    assert target(f"{FILE}:in_place").answer(asked, batch).faults == {"input": "changed x"}


@pytest.mark.parametrize(
    ("name", "quantity", "sentence"),
    [
        ("to_numpy", "value", "returned numpy.ndarray, want a torch.Tensor"),
        ("detached", "vjp", "raised RuntimeError: element 0 of tensors does not require grad"),
        ("detached", "jvp", "raised RuntimeError: element 0 of tensors does not require grad"),
        ("in_place", "vjp", "raised RuntimeError: a leaf Variable that requires grad"),
        ("raises", "value", "raised OutOfMemoryError: out of memory"),
    ],
)
def test_no_answer(name: str, quantity: str, sentence: str) -> None:
    asked = question("tanh", quantity)
    with pytest.raises(NoAnswerError) as caught:
        target(f"{FILE}:{name}", arrays="torch").answer(asked, numbers(asked))
    assert caught.value.sentence.startswith(sentence)


def test_arrays_are_found_out() -> None:
    for text, said in [
        (GELU, "torch tensors, since it is of torch"),
        ("torch.nn:GELU", "torch tensors, since it is of torch"),
        (f"{FILE}:silu", "torch tensors, since it answered a probe of them"),
        (f"{FILE}:of_numbers", "NumPy arrays, since it answered a probe of them"),
        (f"{FILE}:raises", "torch tensors, by the names in its code: it answered no probe"),
    ]:
        with Session(TargetSpec(text)) as session:
            assert session.said == f"{text} gets {said}"
    assert target(f"{FILE}:of_numbers", arrays="torch").arrays == "torch"
    assert target("torch.nn.functional:softmax").note(question("softmax")) == "dim=-1"


def test_flush_to_zero_of_a_kernel_spoils_no_bits() -> None:
    asked = question("relu")
    x = np.array([2.0**-149, -(2.0**-130)])
    with changed("nothing"):  # and put back
        values = answered(target(f"{FILE}:flushes"), asked, {"x": x})
    torch.set_flush_denormal(False)
    np.testing.assert_array_equal(values, x)


def test_devices() -> None:
    assert target(GELU, device="cpu").arrays == "torch"
    for device in ("nix", "cuda:77"):
        with pytest.raises(UsageError, match=f"--device {device} is not to be had from torch: "):
            target(GELU, device=device)


def test_a_culprit_is_found_in_a_process() -> None:
    asked = question("tanh")
    with Session(TargetSpec(f"{FILE}:raises")) as session:
        (found,) = careful(session, asked, numbers(asked, 100)).incidents
    assert found.sentence == "raised OutOfMemoryError: out of memory, on every input tried"


def test_a_broken_device_is_left_behind() -> None:
    """Each later call in the process raises, too: only the culprit may be blamed."""
    asked = question("sigmoid")
    x = np.concatenate([np.linspace(-6.0, 5.0, 30), [5.5], np.linspace(-5.0, 4.0, 30)])
    batch = {"x": x.astype(np.float32).astype(np.float64)}
    with Session(TargetSpec(f"{FILE}:breaks_its_device")) as session:
        found = careful(session, asked, batch)
    (one,) = found.incidents
    want = "raised RuntimeError: CUDA error: device-side assert triggered, and left its device unusable"
    assert (one.kind, one.sentence.partition(", on")[0]) == ("died", want)
    assert one.operands["x"] == [5.5]
    np.testing.assert_array_equal(found.answered, batch["x"] <= 5)


def test_arrays_are_found_out_on_the_device() -> None:
    made = target(f"{FILE}:only_on_meta", device="meta")
    assert made.arrays == "torch"
    assert "since it answered a probe of them" in made.said


def test_swapped_operands_are_seen() -> None:
    other_operands_are_seen(target(GELU), "gelu")
    other_operands_are_seen(target(f"{FILE}:swiglu"), "swiglu", "vjp_a")
