"""Inputs of a question gathered for a file, and the exact results for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from refacts.oracles import Format
from refacts.reports.environment import version
from refacts.reports.exits import UsageError
from refacts.reports.inputs.drawn import drawn_rows
from refacts.reports.inputs.dumps import RESULTS, Column, Dump
from refacts.reports.inputs.marks import About
from refacts.reports.inputs.points import SHARD, Plan, batches, coverage
from refacts.reports.judge.truth import oracle, truth
from refacts.reports.question import Batch, Question

CONFIRMED = 1000  # results that the oracle checks, at least


def questions(activation: Any, quantity: str, source: Format, output: Format) -> tuple[Question, ...]:
    """What a quantity asks: of the VJP of a gated unit both products, which have the same inputs.

    quantity: "value", "derivative", "vjp" or "jvp". UsageError for what the activation has not got.
    """
    gated = activation.spec.kind == "gated"
    if gated and quantity == "derivative":
        raise UsageError(f"{activation.spec.name} has no derivative here: --quantity value, vjp or jvp")
    parts = ("vjp_a", "vjp_b") if gated and quantity == "vjp" else (quantity,)
    return tuple(Question(activation, part, source, output) for part in parts)


def gathered(asked: Sequence[Question], quantity: str, plan: Plan, length: int | None, kind: str) -> Dump:
    """The inputs of a plan; of rows with a ``length`` about so many samples in rows of that length only.

    asked: what `questions` returned. kind: "inputs" or "golden".
    """
    question = asked[0]
    if length is not None and question.kind != "rowwise":
        raise UsageError(f"--length is for row-wise activations, not {question.activation.spec.name}")
    made = list(batches(question, plan)) if length is None else [_of_length(question, plan, length)]
    lengths = None
    if question.kind == "rowwise":
        lengths = np.concatenate([np.full(len(one["x"]), one["x"].shape[1], np.int64) for one in made])
    columns = {}
    for name in question.operands:
        columns[name] = _column([one[name] for one in made], question.format_of(name))
    about = About(
        kind=kind,
        activation=question.activation.spec.name,
        parameters={name: str(number) for name, number in question.activation.parameters.items()},
        quantity=quantity,
        formats=question.formats,
        samples=plan.samples,
        seed=plan.seed,
        coverage=coverage(question, plan),
        version=version(),
    )
    return Dump("the inputs", question.source, question.output, columns, lengths, about)


def answered(asked: Sequence[Question], inputs: Dump) -> Dump:
    """The inputs with their exact results, a sample of which the oracle has confirmed.

    ArithmeticError where it does not confirm one.
    """
    columns, confirmed = dict(inputs.columns), 0
    for question in asked:
        shards = range(inputs.shards(question, SHARD))
        found = [truth(question, inputs.batch(question, k, SHARD)).rounded for k in shards]
        columns[RESULTS[question.quantity]] = _column(found, question.result)
        confirmed += _confirmed(question, inputs, found)
    assert inputs.about is not None
    return replace(inputs, columns=columns, about=replace(inputs.about, confirmed=confirmed))


def _of_length(question: Question, plan: Plan, length: int) -> Batch:
    rng = np.random.default_rng([plan.seed, question.source.bits, question.source.precision, length])
    return drawn_rows(question, max(1, -(-plan.samples // length)), length, rng)


def _column(parts: Sequence[Any], fmt: Format) -> Column:
    return Column(np.concatenate([fmt.bit_patterns(part).ravel() for part in parts]), fmt)


def _confirmed(question: Question, inputs: Dump, found: Sequence[Any]) -> int:
    """How many results of a random sample the oracle gives too; ArithmeticError for another."""
    total, done = sum(len(values) for values in found), 0
    rng = np.random.default_rng([question.source.bits, total])
    for k, values in enumerate(found):
        wanted = min(len(values), -(-CONFIRMED * len(values) // total))
        places = np.sort(rng.choice(len(values), wanted, replace=False))
        batch = inputs.batch(question, k, SHARD)
        exact = oracle(question, batch, places).rounded
        ours = values[places]
        same = (ours == exact) & (np.signbit(ours) == np.signbit(exact)) | np.isnan(ours) & np.isnan(exact)
        if not same.all():
            i = int(np.flatnonzero(~same)[0])
            raise ArithmeticError(
                f"{question.key}: refacts says {ours[i]!r}, the oracle {exact[i]!r} for result {places[i]}"
            )
        done += wanted
    return done


def described(dump: Dump) -> str:
    """What a file holds, in words: "12,345 results of gelu, value, float32"."""
    about = dump.about
    assert about is not None
    results = [column.bits.size for name, column in dump.columns.items() if name in RESULTS.values()]
    count, what = (sum(results), "results") if results else (dump.size, "inputs")
    return f"{count:,} {what} of {about.subject}, {about.quantity}, {about.formats}"
