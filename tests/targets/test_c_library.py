"""C functions of arrays and of numbers, in libraries compiled here and in libm."""

from __future__ import annotations

import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.reports.exits import UsageError
from refacts.reports.targets.careful import careful
from refacts.reports.targets.loaded import Loaded
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec, load

from tests.targets.asking import first, numbers, operands, question, run_line

SOURCE = r"""
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdlib.h>
void twice_f(const float *x, float *y, size_t n) { for (size_t i = 0; i < n; i++) y[i] = 2 * x[i]; }
void twice_d(const double *x, double *y, size_t n) { for (size_t i = 0; i < n; i++) y[i] = 2 * x[i]; }
void same_bits(const uint16_t *x, uint16_t *y, size_t n) { for (size_t i = 0; i < n; i++) y[i] = x[i]; }
void narrow(const float *x, uint16_t *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = ((const uint32_t *)x)[i] >> 16;
}
void back_f(const float *x, const float *g, float *dx, size_t n) {
    for (size_t i = 0; i < n; i++) dx[i] = x[i] * g[i];
}
float scalar_back(float x, float g) { return x * g; }
double scalar_d(double x) { return 3 * x; }
void beyond(const float *x, float *y, size_t n) { for (size_t i = 0; i <= n; i++) y[i] = x[0]; }
void before(const float *x, float *y, size_t n) { for (size_t i = 0; i < n; i++) y[i] = y[-1] = 0; }
void lazy(const float *x, float *y, size_t n) { for (size_t i = 0; i + 1 < n; i++) y[i] = 0; }
void in_place(float *x, float *y, size_t n) { for (size_t i = 0; i < n; i++) y[i] = x[i] *= 2; }
void segfaults(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) { if (x[i] == 3.0f) *(volatile int *)0 = 1; y[i] = x[i]; }
}
void aborts(const float *x, float *y, size_t n) { abort(); }
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source above, compiled; CI has a compiler, and so has whoever writes C functions."""
    compiler = shutil.which("cc")
    assert compiler is not None, "these tests need a C compiler called cc"
    folder = tmp_path_factory.mktemp("c")
    (folder / "kernels.c").write_text(SOURCE)
    path = folder / "libkernels.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(path), str(folder / "kernels.c"), "-lm"]
    subprocess.run(command, check=True)
    return path


def loaded(library: Path, name: str, backward: str | None = None, *, scalar: bool = False) -> Loaded:
    return load(TargetSpec(f"{library}:{name}", backward=backward and f"{library}:{backward}", scalar=scalar))


@pytest.mark.parametrize(
    ("name", "formats", "factor"),
    [
        ("twice_f", "float32", 2),
        ("twice_d", "float64", 2),
        ("same_bits", "float16", 1),
        ("same_bits", "bfloat16", 1),
    ],
)
def test_arrays(library: Path, name: str, formats: str, factor: float) -> None:
    target = loaded(library, name)
    assert target.said == f"{library}:{name} gets C arrays"
    asked = question("relu", "value", formats)
    batch = numbers(asked)
    for layout in target.described.layouts:
        answer = target.answer(asked, batch, layout)
        np.testing.assert_array_equal(answer.values, factor * batch["x"])
        assert answer.faults == {}
    printed = run_line(target.reproducer(asked, operands(first(batch))))
    want = answer.values[:1]
    if asked.source.bits == 16:
        want = np.array([int(asked.result.bit_patterns(want)[0])], np.float64)  # it prints bits
    assert printed == want.tolist()


def test_two_formats(library: Path) -> None:
    asked = question("relu", "value", "float32:bfloat16")
    batch = numbers(asked)
    found = loaded(library, "narrow").answer(asked, batch).values
    cut = batch["x"].astype(np.float32).view(np.uint32) >> 16
    np.testing.assert_array_equal(found, FORMATS["bfloat16"].decode(cut))


@pytest.mark.parametrize(("name", "scalar"), [("back_f", False), ("scalar_back", True)])
def test_backward(library: Path, name: str, scalar: bool) -> None:
    target = load(
        TargetSpec("libm.so.6:tanhf", scalar=True, backward=f"{library}:{name}")
        if scalar
        else TargetSpec(f"{library}:twice_f", backward=f"{library}:{name}")
    )
    for quantity in ("vjp", "derivative"):
        asked = question("relu", quantity)
        batch = numbers(asked)
        want = batch["x"].astype(np.float32) * batch.get("g", np.ones(40)).astype(np.float32)
        np.testing.assert_array_equal(target.answer(asked, batch).values, want)
        assert run_line(target.reproducer(asked, operands(first(batch)))) == want[:1].tolist()
    assert (
        target.covers(question("relu", "jvp"))
        == "a backward function gives VJPs, and derivatives in one format"
    )


def test_numbers(library: Path) -> None:
    asked = question("relu", "value", "float64")
    batch = numbers(asked)
    target = loaded(library, "scalar_d", scalar=True)
    np.testing.assert_array_equal(target.answer(asked, batch).values, 3 * batch["x"])
    assert run_line(target.reproducer(asked, operands(first(batch)))) == [3 * batch["x"][0]]


def test_libm() -> None:
    asked = question("tanh", "value", "float64")
    batch = numbers(asked)
    target = load(TargetSpec("libm.so.6:tanh", scalar=True))
    assert target.said == "libm.so.6:tanh gets C numbers, one a call"
    np.testing.assert_array_equal(target.answer(asked, batch).values, [math.tanh(x) for x in batch["x"]])


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("beyond", {"bounds": "wrote beyond the end of y"}),
        ("before", {"bounds": "wrote before the start of y"}),
        ("in_place", {"input": "changed x"}),
        ("lazy", {}),
    ],
)
def test_faults(library: Path, name: str, faults: dict[str, str]) -> None:
    asked = question("relu")
    answer = loaded(library, name).answer(asked, numbers(asked))
    assert answer.faults == faults
    if name == "lazy":
        assert np.isnan(answer.values[-1])  # a result that is not written is no number
        assert not answer.values[:-1].any()


def test_a_crash_is_narrowed(library: Path) -> None:
    asked = question("relu")
    batch = numbers(asked, 4)
    batch["x"][1] = 3.0
    with Session(TargetSpec(f"{library}:segfaults")) as session:
        found = careful(session, asked, batch)
        assert [(each.kind, each.sentence, each.operands) for each in found.incidents] == [
            ("died", "died of SIGSEGV", {"x": [3.0]})
        ]
        assert np.flatnonzero(~found.answered).tolist() == [1]
        np.testing.assert_array_equal(np.delete(found.values, 1), np.delete(batch["x"], 1))


def test_abort(library: Path) -> None:
    asked = question("relu")
    with Session(TargetSpec(f"{library}:aborts")) as session:
        (found,) = careful(session, asked, numbers(asked, 1)).incidents
    assert (found.kind, found.sentence) == ("died", "died of SIGABRT")


@pytest.mark.parametrize(
    ("asked", "scalar", "sentence"),
    [
        (
            question("softmax"),
            False,
            "a C function is asked for elementwise activations only, not rowwise",
        ),
        (question("swiglu"), False, "a C function is asked for elementwise activations only, not gated"),
        (question("relu", "vjp"), False, "a C function has no derivatives: --backward names one for them"),
        (
            question("relu", "value", "float16"),
            True,
            "a C function of a number takes float or double, ",
        ),
        (
            question("relu", "value", "float32:bfloat16"),
            True,
            "a C function of a number takes float or double",
        ),
    ],
)
def test_what_is_not_covered(library: Path, asked: Any, scalar: bool, sentence: str) -> None:
    assert loaded(library, "twice_f", scalar=scalar).covers(asked).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("libm.so.6:tanhff", {}, "libm.so.6 has no symbol 'tanhff'"),
        ("./libnix.so:f", {}, "./libnix.so cannot be loaded: "),
        ("libm.so.6:tanhf", {"device": "cuda"}, "--device is not for a C function (libm.so.6:tanhf)"),
        ("libm.so.6:tanhf", {"call": {"a": 1}}, "--call is not for a C function (libm.so.6:tanhf)"),
        ("libm.so.6:tanhf", {"arrays": "numpy"}, "--arrays is not for a C function (libm.so.6:tanhf)"),
        ("libm.so.6:tanhf", {"backward": "numpy:sin"}, "--backward numpy:sin must be a C function"),
    ],
)
def test_usage(text: str, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(TargetSpec(text, **options))
    assert str(caught.value).startswith(sentence)


def test_a_file_that_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "lib.so.1.2").write_text("text")
    with pytest.raises(UsageError, match="cannot be loaded: .*invalid ELF header|file too short"):
        load(TargetSpec(f"{tmp_path}/lib.so.1.2:f"))
