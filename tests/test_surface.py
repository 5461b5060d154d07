"""What users can pass in, and what they are told when they cannot."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import refacts
from refacts import LeakyReLU, LogSumExp, Softmax, relu, sigmoid, softmax, tanh
from tests.checks import same_bits
from tests.variants import VARIANTS

ELEMENTWISE = [f for f in refacts.CATALOGUE if f.spec.kind == "elementwise"]
ROWWISE = [f for f in refacts.CATALOGUE if f.spec.kind == "rowwise"]
every = pytest.mark.parametrize("f", refacts.CATALOGUE, ids=lambda f: f.spec.name)
SINGLE = [f for f in refacts.CATALOGUE if f.spec.kind != "gated"]  # of one argument
single = pytest.mark.parametrize("f", SINGLE, ids=lambda f: f.spec.name)
SAME_SHAPE = [f for f in SINGLE if f is not refacts.logsumexp]
of_same_shape = pytest.mark.parametrize("f", SAME_SHAPE, ids=lambda f: f.spec.name)


@single
@pytest.mark.parametrize(
    ("x", "named"),
    [
        (np.ones(2, complex), "complex128"),
        (np.ones(2, object), "object"),
        (np.array(["1", "2"]), "<U1"),
        (np.ones(2, np.longdouble), np.dtype(np.longdouble).name),
        (np.array(["2020-01-01"], "M8[D]"), "datetime64"),
    ],
)
def test_other_dtypes_are_refused_by_name(f: Any, x: Any, named: str) -> None:
    for call in (f, f.gradient, lambda a: f.vjp(a, a)):
        with pytest.raises(TypeError, match=named):
            call(x)


@single
def test_integers_and_bools_become_float64(f: Any) -> None:
    want = f(np.array([0.0, 1.0]))
    for x in ([0, 1], [False, True], np.array([0, 1], np.uint8), np.array([0, 1], np.int16)):
        assert same_bits(f(x), want)


@pytest.mark.parametrize("f", ELEMENTWISE, ids=lambda f: f.spec.name)
def test_zero_dimensional_input_gives_a_scalar(f: Any) -> None:
    assert isinstance(f(1.5), np.float64)
    assert isinstance(f(np.float32(1.5)), np.float32)
    assert isinstance(f(np.array(1.5, np.float16)), np.float16)


@of_same_shape
def test_empty_arrays_are_fine(f: Any) -> None:
    for shape in ((0,), (3, 0), (0, 3)):
        assert f(np.empty(shape, np.float32)).shape == shape
        assert f.vjp(np.empty(shape), np.empty(shape)).shape == shape


@of_same_shape
def test_a_masked_array_is_refused(f: Any) -> None:
    with pytest.raises(TypeError, match="masked"):
        f(np.ma.array([1.0, 2.0], mask=[True, False]))
    with pytest.raises(TypeError, match="out must not be a masked array"):
        f(np.ones(2), out=np.ma.array([1.0, 2.0]))
    with pytest.raises(TypeError, match="g must not be a masked array"):
        f.vjp(np.ones(2), np.ma.array([1.0, 2.0]))


@of_same_shape
def test_out_is_checked_and_nothing_written(f: Any) -> None:
    x = np.ones((2, 3), np.float32)
    wrong = np.full((2, 3), 7.0)
    with pytest.raises(TypeError, match="out must have dtype float32 .got float64"):
        f(x, out=wrong)
    assert (wrong == 7).all()
    with pytest.raises(ValueError, match=r"out must have shape \(2, 3\) .got \(3, 2\)"):
        f(x, out=np.empty((3, 2), np.float32))
    with pytest.raises(TypeError, match="out must be an array .got list"):
        f(x, out=[0.0])
    frozen = np.zeros((2, 3), np.float32)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="writeable"):
        f(x, out=frozen)


@of_same_shape
def test_cotangents_are_checked(f: Any) -> None:
    x = np.ones((2, 3), np.float32)
    with pytest.raises(ValueError, match=r"g must have the shape of x, \(2, 3\) .got \(3,\)"):
        f.vjp(x, np.ones(3, np.float32))
    with pytest.raises(ValueError, match="v must have the shape"):
        f.jvp(x, np.ones(3, np.float32))
    with pytest.raises(TypeError, match="g must have the dtype of x, float32 .got float64"):
        f.vjp(x, np.ones((2, 3)))
    with pytest.raises(TypeError, match="complex"):
        f.vjp(x, np.ones((2, 3), complex))
    with pytest.raises(TypeError, match="dtype object is not supported: g must be"):
        f.vjp(x, None)
    for integer, wide in ((2**24 + 1, x), (2**53 + 1, x), (2**53 + 1, np.ones((2, 3)))):
        with pytest.raises(TypeError, match="g must hold numbers that float"):
            f.vjp(wide, np.full((2, 3), integer))
    assert same_bits(f.vjp(x, np.full((2, 3), 2**54)), f.vjp(x, np.full((2, 3), 2**54, np.float32)))
    assert same_bits(f.vjp(x, [[1, 2, 3]] * 2), f.vjp(x, np.array([[1, 2, 3]] * 2, np.float32)))


@pytest.mark.parametrize(
    ("alpha", "error", "said"),
    [
        (float("nan"), ValueError, "alpha must be finite .got nan"),
        (float("inf"), ValueError, "alpha must be finite .got inf"),
        ("0.1", TypeError, "alpha must be a real number .got '0.1'"),
        (1j, TypeError, "alpha must be a real number"),
        (None, TypeError, "alpha must be a real number"),
        (True, TypeError, "alpha must be a real number"),
        (Fraction(1, 10**400), ValueError, "alpha must be a float64 of magnitude below"),
        (10**400, ValueError, "alpha must be a float64 of magnitude below"),
        pytest.param(10**5000, ValueError, r"alpha must be .* .got about 2\^16609", id="huge"),
        pytest.param(Fraction(1, 10**5000), ValueError, r"alpha .* .got about 2\^-16609", id="tiny"),
    ],
)
def test_bad_alpha(alpha: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        LeakyReLU(alpha=alpha)


NAN, INF, THIRD = float("nan"), float("inf"), Fraction(1, 3)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: refacts.CELU(alpha=0), "alpha must be nonzero .got 0.0"),
        (lambda: refacts.CELU(alpha=-0.0), "alpha must be nonzero .got 0.0"),
        (lambda: refacts.Softplus(beta=0), "beta must be positive .got 0.0"),
        (lambda: refacts.Softplus(beta=-1.5), "beta must be positive .got -1.5"),
        (lambda: refacts.Softplus(beta=-THIRD), "beta must be positive .got -1/3"),
        (lambda: refacts.Squareplus(b=-4), "b must be at least 0 .got -4.0"),
        (lambda: refacts.Squareplus(b=-5e-324), "b must be at least 0 .got -5e-324"),
        (lambda: refacts.HardTanh(2, 1), "min_val must be at most max_val = 1.0 .got 2.0"),
        (lambda: refacts.HardTanh(THIRD, 0), "min_val must be at most max_val = 0.0 .got 1/3"),
        (lambda: refacts.Hardshrink(-0.5), "lambd must be at least 0 .got -0.5"),
        (lambda: refacts.Softshrink(lambd=-1), "lambd must be at least 0 .got -1.0"),
        (lambda: refacts.Shrink(lambd=-1), "lambd must be at least 0 .got -1.0"),
    ],
)
def test_parameters_out_of_range(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize("f", [f for f in ELEMENTWISE if f.parameters], ids=lambda f: f.spec.name)
def test_parameters_must_be_finite_numbers(f: Any) -> None:
    for name in f.parameters:
        for wrong in (NAN, INF, -INF, np.float32("nan"), 10**400):
            with pytest.raises(ValueError, match=f"{name} must be"):
                type(f)(**{name: wrong})
        for alien in ("1", None, 1j, [None], True):
            with pytest.raises(TypeError, match=f"{name} must"):
                type(f)(**{name: alien})
        assert type(f)(**{name: 1}).parameters[name] == 1.0


def test_bad_axis_and_where() -> None:
    x = np.ones((2, 3))
    with pytest.raises(ValueError, match="axis 5 is out of range for x of 2 dimensions"):
        Softmax(axis=5)(x)
    with pytest.raises(ValueError, match="axis -1 is out of range for x of 0 dimensions"):
        softmax(1.0)
    for axis in (1.5, "0", None, True):
        with pytest.raises(TypeError, match="axis must be an integer"):
            Softmax(axis=axis)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="where must be boolean .got dtype int64"):
        softmax(x, where=np.ones((2, 3), np.int64))
    with pytest.raises(TypeError, match="where must not be a masked array"):
        softmax(x, where=np.ma.array(x > 0))
    with pytest.raises(ValueError, match="where must broadcast"):
        softmax(x, where=np.ones(2, np.bool_))


@pytest.mark.parametrize("f", ROWWISE, ids=lambda f: f.spec.name)
def test_any_axis(f: Any) -> None:
    x, g = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    for axis in range(-3, 3):
        turned, last = type(f)(axis=axis), np.moveaxis(x, axis, -1)

        def back(y: Any, axis: int = axis) -> Any:
            return np.moveaxis(y, -1, axis) if y.shape == last.shape else y  # noqa: B023

        assert same_bits(turned(x), back(f(last)))
        assert same_bits(turned.jvp(x, g), back(f.jvp(last, np.moveaxis(g, axis, -1))))
        assert same_bits(turned.jacobian(x), f.jacobian(last))


def test_logsumexp_keeps_or_drops_the_axis() -> None:
    x, v = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    for axis, shape, kept in ((0, (4, 5), (1, 4, 5)), (1, (3, 5), (3, 1, 5)), (-1, (3, 4), (3, 4, 1))):
        drop, keep = LogSumExp(axis=axis), LogSumExp(axis=axis, keepdims=True)
        g = np.ones(shape, np.float32)
        assert drop(x).shape == drop.jvp(x, v).shape == shape
        assert keep(x).shape == keep.jvp(x, v).shape == kept
        assert same_bits(np.asarray(keep(x)).reshape(shape), drop(x))
        assert same_bits(keep.vjp(x, g.reshape(kept)), drop.vjp(x, g))
        assert keep.jacobian(x).shape == (*drop.jacobian(x).shape[:-1], 1, x.shape[axis])
        out = np.empty(shape, np.float32)
        assert drop(x, out=out) is out
        with pytest.raises(ValueError, match="out must have shape"):
            drop(x, out=np.empty_like(x))
        with pytest.raises(ValueError, match="g must have the shape of the value"):
            drop.vjp(x, x)
        with pytest.raises(ValueError, match="v must have the shape of x"):
            drop.jvp(x, g)
    assert isinstance(refacts.logsumexp([0.0, 1.0]), np.float64)
    with pytest.raises(TypeError, match="keepdims must be True or False .got 1"):
        LogSumExp(keepdims=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("f", ROWWISE, ids=lambda f: f.spec.name)
def test_rows_of_no_entries(f: Any) -> None:
    """Results of no entries; the sum of none is 0, and its logarithm -inf."""
    x = np.empty((3, 0))
    if f is refacts.logsumexp:
        assert f(x).tolist() == [-np.inf] * 3
        assert f.jvp(x, x).tolist() == [0.0] * 3
        assert f.vjp(x, np.ones(3)).shape == (3, 0)
        assert f(np.empty((0, 3))).shape == (0,)
    else:
        assert f(x).shape == f.vjp(x, x).shape == f.jvp(x, x).shape == (3, 0)
        assert f.jacobian(x).shape == (3, 0, 0)
    assert f.jacobian(np.empty((0, 3))).shape == ((0, 3) if f is refacts.logsumexp else (0, 3, 3))


def test_masked_and_undefined_rows() -> None:
    mask = np.array([True, False, True])
    assert softmax([0.0, np.nan, 0.0], where=mask).tolist() == [0.5, 0.0, 0.5]
    assert softmax([0.0, 1.0, 0.0], where=np.zeros(3, np.bool_)).tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(softmax([-np.inf, -np.inf])).all()
    assert np.isnan(softmax([0.0, np.inf])).all()
    assert np.isnan(softmax([0.0, np.nan])).all()
    masked = refacts.log_softmax([0.0, 1.0, 0.0], where=mask)
    assert masked[1] == -np.inf
    assert masked[0] == -np.log(2)
    everything = np.zeros(3, np.bool_)
    assert (refacts.log_softmax([0.0, np.nan, 0.0], where=everything) == -np.inf).all()
    assert refacts.sparsemax([0.0, 1.0, 0.0], where=everything).tolist() == [0.0, 0.0, 0.0]
    assert refacts.logsumexp([0.0, np.nan, 0.0], where=everything) == -np.inf
    assert refacts.logsumexp([0.0, np.nan, np.inf], where=[True, False, True]) == np.inf


@every
def test_objects_are_values(f: Any) -> None:
    twin = type(f)(**{name: getattr(f, name) for name in f.__dataclass_fields__})
    assert f == twin
    assert hash(f) == hash(twin)
    assert pickle.loads(pickle.dumps(f)) == f
    assert copy.deepcopy(f) == f
    assert eval(repr(f), {**vars(refacts), "Fraction": Fraction}) == f
    with pytest.raises(AttributeError):
        f.alpha = 3.0
    with pytest.raises(AttributeError):
        del f.spec


@pytest.mark.parametrize("f", VARIANTS, ids=repr)
def test_objects_with_parameters_are_values(f: Any) -> None:
    assert pickle.loads(pickle.dumps(f)) == f
    assert eval(repr(f), {**vars(refacts), "Fraction": Fraction}) == f
    assert hash(type(f)(**f.parameters)) == hash(f)


def test_bfloat16_parameters_are_numbers() -> None:
    import ml_dtypes

    tenth = ml_dtypes.bfloat16(0.1)
    assert LeakyReLU(tenth).alpha == float(tenth)
    weights = np.array([0.1, 0.25]).astype(ml_dtypes.bfloat16)
    assert refacts.PReLU(weights).weight.tolist() == [float(w) for w in weights]
    assert refacts.PReLU(tenth).weight == float(tenth)


def test_parameters_tell_objects_apart() -> None:
    assert LeakyReLU(0.1) != LeakyReLU(0.2)
    assert LeakyReLU(0.2) == refacts.leaky_relu
    assert LeakyReLU(alpha=np.float32(0.1)).alpha == float(np.float32(0.1))
    assert LeakyReLU(2).alpha == 2.0
    assert not np.signbit(LeakyReLU(-0.0).alpha)  # equal objects give equal bits
    assert relu != sigmoid


def test_threads_agree() -> None:
    """Exact-tier calls from several threads at once give the bits of one."""
    x = 2.0**-27 * (1 + 2.0 ** -np.arange(8.0))
    row = np.array([800.0, 0.0, 0.0])
    g = np.array([1.0, 3.0, 2.0])

    def work(_: int) -> Any:
        return [tanh.gradient(x), sigmoid(2.0**-52 * np.arange(1, 9)), softmax.vjp(row, g)]

    alone = work(0)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(work, range(16)):
            assert all(same_bits(a, b) for a, b in zip(found, alone, strict=True))


def test_import_is_light_and_touches_no_global_precision() -> None:
    code = (
        "import sys, numpy as np, refacts; x = np.linspace(-9, 9, 1000);"
        "one = [f for f in refacts.CATALOGUE if f.spec.kind != 'gated'];"
        "[f(x) for f in one]; [f.gradient(x) for f in one]; refacts.glu.vjp(x, x[:500]);"
        "assert 'mpmath' not in sys.modules, 'mpmath imported before the last tier';"
        "assert 'ml_dtypes' not in sys.modules;"
        "refacts.sigmoid(2.0 ** -52);"
        "import mpmath; assert mpmath.mp.prec == 53"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
