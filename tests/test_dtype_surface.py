"""What `dtype=` takes, what it makes of operands, and what users are told when it cannot."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import refacts
from refacts.formats import SIGN
from tests.checks import same_bits
from tests.layouts import Call, calls, operands_of, parts

every = pytest.mark.parametrize("kernel", refacts.CATALOGUE, ids=lambda f: f.spec.name)
ALLOWED = "dtype must be float16, bfloat16 .with ml_dtypes imported., float32 or float64 .got"


def with_dtype(call: Call, operands: dict[str, Any], dtype: Any, **options: Any) -> Any:
    """A call of a method with `dtype=`."""
    kernel = type(call.kernel)(operands["weight"]) if "weight" in operands else call.kernel
    named = {key: operands[key] for key in ("where",) if key in operands}
    given = [operands[name] for name in call.names if name not in ("where", "weight")]
    method = kernel if call.method == "value" else getattr(kernel, call.method)
    return method(*given, dtype=dtype, **named, **options)


@every
def test_every_method_takes_it_by_keyword(kernel: Any) -> None:
    for call in calls(kernel):
        method = kernel.__call__ if call.method == "value" else getattr(kernel, call.method)
        parameter = inspect.signature(method).parameters["dtype"]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default is None
        operands = operands_of(call, np.float64)
        plain = [y.astype(np.float64) for y in parts(with_dtype(call, operands, None))]
        wide = parts(with_dtype(call, operands, np.float64))
        assert all(map(same_bits, plain, wide)), call
        for y in parts(with_dtype(call, operands, ml_dtypes.bfloat16)):
            assert y.dtype == ml_dtypes.bfloat16, call


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (np.int32, "numpy.int32"),
        (int, "class 'int'"),
        (bool, "class 'bool'"),
        ("int64", "'int64'"),
        ("bool", "'bool'"),
        (np.dtype("u1"), "uint8"),
        (np.longdouble, "longdouble"),
        ("longdouble", "'longdouble'"),
        (np.complex64, "complex64"),
        (np.floating, "floating"),
        (object, "object"),
        ("O", "'O'"),
        ("S8", "'S8'"),
        ("M8[s]", "M8"),
        (np.dtype([("x", "f4")]), "f4"),
        ("f4,f4", "f4,f4"),
        ("float31", "'float31'"),
        ("", "''"),
        (ml_dtypes.float8_e5m2, "float8_e5m2"),
        (np.dtype(ml_dtypes.float8_e4m3fn), "float8_e4m3fn"),
        (32, "32"),
        (2.0, "2.0"),
        (np.zeros(2), "array"),
        (np.float32(1), "1.0"),
        (("f4", 2), "f4"),
        ([], "\\[\\]"),
        (True, "True"),
    ],
)
def test_others_are_refused_by_name(wrong: Any, said: str) -> None:
    for kernel in refacts.CATALOGUE:
        for call in calls(kernel):
            with pytest.raises(TypeError, match=f"{ALLOWED}.*{said}"):
                with_dtype(call, operands_of(call, np.float32), wrong)


@pytest.mark.parametrize(
    ("named", "dtype"),
    [
        *((spelt, np.float16) for spelt in (np.float16, "float16", "f2", "half", np.dtype("f2"), ">f2")),
        *((spelt, np.float32) for spelt in (np.float32, "float32", "single", "<f4", np.dtype(">f4"))),
        *((spelt, np.float64) for spelt in (np.float64, float, "float64", "float", "d", np.dtype(">f8"))),
        *((spelt, ml_dtypes.bfloat16) for spelt in (ml_dtypes.bfloat16, "bfloat16")),
        (np.dtype(ml_dtypes.bfloat16), ml_dtypes.bfloat16),
        (np.dtype(ml_dtypes.bfloat16).newbyteorder(), ml_dtypes.bfloat16),
    ],
)
def test_names_of_the_formats(named: Any, dtype: Any) -> None:
    """Results are native."""
    x = np.array([-1.0, 3.0], np.float32)
    for f in (refacts.gelu, refacts.softmax, refacts.glu):
        y = f(x, dtype=named)
        assert y.dtype == np.dtype(dtype)
        assert y.dtype.isnative
    assert isinstance(refacts.gelu(1.5, dtype=named), dtype)


def test_bfloat16_by_name_wants_ml_dtypes_imported() -> None:
    code = "import refacts, sys; refacts.relu(257.0, dtype='bfloat16')"
    found = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "TypeError: dtype must be float16, bfloat16 (with ml_dtypes imported)" in found.stderr
    code = "import ml_dtypes, refacts; assert refacts.relu(257.0, dtype='bfloat16') == 256"
    subprocess.run([sys.executable, "-c", code], check=True)


@every
def test_out_must_have_the_dtype(kernel: Any) -> None:
    for call in calls(kernel):
        if call.takes_out:
            operands = operands_of(call, np.float32)
            found = with_dtype(call, operands, np.float16)
            several = isinstance(found, tuple)
            shapes = [y.shape for y in (found if several else (found,))]
            for dtype, refused in ((np.float16, False), (np.float32, True)):
                outs = tuple(np.full(shape, 7, dtype) for shape in shapes)
                out = outs if several else outs[0]
                if refused:
                    with pytest.raises(TypeError, match="out must have dtype float16 .got float32"):
                        with_dtype(call, operands, np.float16, out=out)
                    assert all((y == 7).all() for y in outs)
                else:
                    assert with_dtype(call, operands, np.float16, out=out) is out or several
                    assert all(map(same_bits, parts(out), parts(found)))


def test_operands_without_a_dtype_keep_their_rule() -> None:
    x, g = np.ones(2, np.float32), np.ones(2, np.float64)
    with pytest.raises(TypeError, match="g must have the dtype of x, float32 .got float64"):
        refacts.tanh.vjp(x, g)
    with pytest.raises(TypeError, match="b must have the dtype of a, float32 .got float64"):
        refacts.swiglu(x, g)
    assert refacts.tanh.vjp(x, [1, 2]).dtype == np.float32
    with pytest.raises(TypeError, match="g must hold numbers that float32, the dtype of x, has"):
        refacts.tanh.vjp(x, [0.1, 2])


def test_operands_with_a_dtype_are_taken_as_they_are() -> None:
    """Python's floats are float64 numbers; integers too, or they are refused."""
    x = np.array([-2.0, 3.0], ml_dtypes.bfloat16)
    tenth = refacts.prelu.vjp(x, [0.1, 0.1], dtype=np.float32)
    assert tenth.tolist() == [float(np.float32(0.025)), float(np.float32(0.1))]
    assert refacts.relu(np.array([2**24 + 1]), dtype=np.float32).tolist() == [2.0**24]
    assert refacts.relu([2**53 + 2], dtype="float64").tolist() == [2.0**53 + 2]
    cases: list[tuple[str, Callable[[], Any]]] = [
        ("x", lambda: refacts.relu([2**53 + 1], dtype=np.float32)),
        ("g", lambda: refacts.relu.vjp(x, [2**53 + 1, 1], dtype=np.float32)),
        ("v", lambda: refacts.softmax.jvp(x, np.array([2**63 - 1, 1]), dtype=np.float32)),
        ("b", lambda: refacts.swiglu(x, np.array([2**64 - 1, 1], np.uint64), dtype=np.float32)),
        ("x", lambda: refacts.glu([2**53 + 1, 0], dtype="float16")),
        ("g", lambda: refacts.prelu.weight_vjp(x, [2**53 + 1, 1], dtype="float16")),
    ]
    for name, call in cases:
        with pytest.raises(TypeError, match=f"{name} must hold numbers that float64 has .got"):
            call()
    with pytest.raises(TypeError, match="dtype complex128 is not supported: g must be"):
        refacts.tanh.vjp(x, np.ones(2, complex), dtype=np.float32)
    with pytest.raises(ValueError, match="g must have the shape of x"):
        refacts.tanh.vjp(x, np.ones(3), dtype=np.float32)


def test_cotangents_of_a_forward_pass_to_fewer_bits() -> None:
    """Forward from float32 to bfloat16: g has the format of y, dx that of x."""
    x = np.array([-1.5, 0.3, 2.0], np.float32)
    y = refacts.gelu(x, dtype=ml_dtypes.bfloat16)
    g = np.array([1.0, -2.0, 0.5], y.dtype)
    assert same_bits(refacts.gelu.vjp(x, g, dtype=np.float32), refacts.gelu.vjp(x, g.astype(np.float32)))
    s = refacts.softmax.vjp(x, g, dtype=np.float32)
    assert same_bits(s, refacts.softmax.vjp(x, g.astype(np.float32)))


def test_weights_of_prelu() -> None:
    """weight_gradient and weight_vjp round once too: sums of products of float64 numbers that are ties."""
    x = -np.array([1.0, 2.0**-30, 2.0**-70])
    tie = 1 + 2.0**-24
    assert refacts.prelu.weight_gradient(-np.array([tie, tie + 2.0**-52]), dtype="f4").tolist() == [
        -1.0,
        -1.0 - 2.0**-23,
    ]
    for last, want in ((0.0, 1.0), (1.0, 1.0 + 2.0**-23), (-1.0, 1.0)):
        g = np.array([-tie, 0.0, -last])
        assert refacts.prelu.weight_vjp(x, g, dtype=np.float32) == np.float32(want)


def test_special_numbers() -> None:
    x = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0])
    for target in (np.float16, ml_dtypes.bfloat16, np.float32):
        for f in (refacts.relu, refacts.silu, refacts.tanh, refacts.selu, refacts.PReLU(-0.3)):
            with np.errstate(all="raise"):
                for got, want in (
                    (f(x, dtype=target), f(x)),
                    (f.gradient(x, dtype=target), f.gradient(x)),
                    (f.vjp(x[::-1], x, dtype=target), f.vjp(x[::-1], x)),
                ):
                    assert same_bits(got, np.asarray(want).astype(target))
        assert np.isscalar(refacts.tanh(1.0, dtype=target)) or refacts.tanh(1.0, dtype=target).ndim == 0


def test_targets_that_are_no_formats_are_internal() -> None:
    """A question of a sign is one of the formats that the kernels ask themselves."""
    assert refacts.gelu(np.array([-3.0, 0.0, 2.0]), dtype=SIGN).tolist() == [-1.0, 0.0, 1.0]
