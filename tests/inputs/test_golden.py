"""Golden files hold the oracle's results, and say so; C reads the same bits."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS, Reference, reference
from refacts.reports.command import main
from refacts.reports.inputs import dumps, files
from refacts.reports.inputs.points import SHARD
from refacts.reports.judge.truth import oracle, truth
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import pair

CASES = [
    ("gelu", "value", "float32", ".npz"),
    ("gelu", "value", "float64:bfloat16", ".npz"),
    ("leaky_relu", "derivative", "float32:float16", ".csv"),
    ("tanh", "vjp", "float32:bfloat16", ".npz"),
    ("silu", "jvp", "float16", ".csv"),
    ("swiglu", "vjp", "bfloat16", ".npz"),
    ("reglu", "jvp", "float64", ".csv"),
    ("softmax", "vjp", "float32", ".npz"),
    ("logsumexp", "value", "float32:float16", ".csv"),
]


@pytest.mark.parametrize(("name", "quantity", "formats", "suffix"), CASES)
def test_every_result_is_the_oracles(
    name: str, quantity: str, formats: str, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"golden{suffix}"
    argv = ["golden", name, "--quantity", quantity, "--format", formats, "--samples", "60"]
    assert main([*argv, "--out", str(path)]) == 0
    found = dumps.read(path)
    said = capsys.readouterr().out
    assert found.about is not None
    subject = re.escape(found.about.subject)
    assert re.fullmatch(rf"[\d,]+ results of {subject}, {quantity}, {formats}, .*\n", said)
    compared = 0
    for question in files.questions(CATALOGUE[name], quantity, *pair(formats)):
        assert found.lacks(question) == ""
        for k in range(found.shards(question, SHARD)):
            batch, results = found.batch(question, k, SHARD), found.results(question, k, SHARD).ravel()
            want = oracle(question, batch, np.arange(results.size)).rounded
            assert np.array_equal(results, want, equal_nan=True)
            assert np.array_equal(np.signbit(results[results == 0]), np.signbit(want[want == 0]))
            compared += results.size
        assert found.result_format(question) == question.result
    assert f"{found.about.confirmed:,} of them confirmed by the oracle, are in {path}" in said
    assert min(compared, 1000) <= found.about.confirmed <= compared


def test_a_golden_file_that_the_oracle_does_not_confirm_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(question: Any, batch: Any) -> Reference:
        found = truth(question, batch)
        return Reference(-found.rounded, found.residual, found.ulp)

    monkeypatch.setattr(files, "truth", wrong)
    argv = ["golden", "relu", "--format", "bfloat16", "--out", str(tmp_path / "a.npz")]
    assert main(argv) == 3
    assert "VOID, nothing is written: relu/value/bfloat16: refacts says" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
@pytest.mark.parametrize("quantity", ["value", "derivative"])
def test_tables_are_in_the_order_of_the_bits(name: str, quantity: str, tmp_path: Path) -> None:
    fmt, paths = FORMATS[name], [tmp_path / "table.npy", tmp_path / "table.h"]
    argv = ["golden", "silu", "--table", "--format", name, "--quantity", quantity, "--out"]
    for path in paths:
        assert main([*argv, str(path)]) == 0
    table = np.load(paths[0], allow_pickle=False)
    assert (table.dtype, table.shape) == (np.dtype(np.uint16), (65536,))
    chosen = np.random.default_rng(0).integers(0, 2**16, 500, dtype=np.uint16)
    want = reference("silu", quantity, fmt.decode(chosen), fmt).rounded
    nan = np.isnan(want)
    assert np.array_equal(table[chosen][~nan], fmt.bit_patterns(want)[~nan])
    assert np.isnan(fmt.decode(table[chosen][nan])).all()
    assert np.array_equal(arrays(paths[1])[f"silu_{quantity}_{name}_table"], table)
    assert main([*argv, str(paths[0])]) == 2  # it cannot say that it is ours
    assert main([*argv, str(paths[1])]) == 0


def arrays(path: Path) -> dict[str, Any]:
    """The arrays of a C header, by name."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"static const uint(\d+)_t (\w+)\[(\d+)\] = \{(.*?)\};", text, re.S)
    made = {}
    for width, name, size, cells in found:
        numbers = [int(cell.rstrip("uUL"), 0) for cell in cells.split(",") if cell.strip()]
        assert len(numbers) == int(size)
        made[name] = np.array(numbers, dtype=f"uint{width}")
    return made


HEADERS = [
    ("leaky_relu", "value", "float32", ["--param", "alpha=-0x1p-3"]),
    ("gelu", "vjp", "float64:bfloat16", []),
    ("softmax", "vjp", "float32", []),
    ("logsumexp", "value", "float16", []),
]


@pytest.mark.parametrize(("name", "quantity", "formats", "more"), HEADERS)
def test_headers_hold_what_npz_files_hold(
    name: str, quantity: str, formats: str, more: list[str], tmp_path: Path
) -> None:
    argv = ["golden", name, "--quantity", quantity, "--format", formats, "--samples", "40", *more, "--out"]
    for suffix in (".npz", ".h"):
        assert main([*argv, str(tmp_path / f"golden{suffix}")]) == 0
    dump, header = dumps.read(tmp_path / "golden.npz"), tmp_path / "golden.h"
    text, found = header.read_text(encoding="utf-8"), arrays(header)
    stem = next(key.removesuffix("_x") for key in found if key.endswith("_x"))
    want = {f"{stem}_{key}": column.bits for key, column in dump.columns.items()}
    if dump.lengths is not None:
        want[f"{stem}_lengths"] = dump.lengths
    assert {key: values.tolist() for key, values in found.items()} == {k: v.tolist() for k, v in want.items()}
    assert dump.about is not None
    for said in (CATALOGUE[name].spec.definition, dump.about.subject, dump.about.version, formats):
        assert said in text
    assert f"{dump.about.confirmed} results were confirmed by an independent oracle" in text
    compiler = shutil.which("cc")
    if compiler:
        assert _printed_by_c(compiler, header, want) == {k: v.tolist() for k, v in want.items()}


def _printed_by_c(compiler: str, header: Path, wanted: dict[str, Any]) -> dict[str, list[int]]:
    """What a program that includes the header, twice, prints of its arrays."""
    loops = [
        f'for (size_t k = 0; k < {values.size}; k++) printf("{name} %llu\\n", (unsigned long long){name}[k]);'
        for name, values in wanted.items()
    ]
    program = [
        "#include <stddef.h>", "#include <stdio.h>", f'#include "{header.name}"', f'#include "{header.name}"',
        "int main(void) {", *loops, "return 0; }",
    ]  # fmt: skip
    source = header.with_suffix(".c")
    source.write_text("\n".join(program), encoding="utf-8")
    program_file = str(header.with_suffix(""))
    strict = [compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-o", program_file, str(source)]
    subprocess.run(strict, check=True, capture_output=True)
    printed = subprocess.run([program_file], check=True, capture_output=True, text=True).stdout
    found: dict[str, list[int]] = {name: [] for name in wanted}
    for line in printed.splitlines():
        name, number = line.split()
        found[name].append(int(number))
    return found
