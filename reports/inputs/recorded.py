"""The inputs that a dump holds, in place of a plan, and the results it gives for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.exits import UsageError
from refacts.reports.inputs import dumps
from refacts.reports.inputs.dumps import Dump
from refacts.reports.inputs.points import PROBES, SHARD, Plan, batches, exhaustible
from refacts.reports.quantities import results
from refacts.reports.question import Batch, Question


def every_number(fmt: Format, x: Floats) -> bool:
    """Whether x holds each pattern of a 16-bit format once (NaNs count as any): none has more weight."""
    if fmt.bits != 16 or x.size != 2**16:
        return False
    every = fmt.decode(np.arange(2**16))
    numbers = np.unique(fmt.bit_patterns(x[~np.isnan(x)]))
    missing = np.count_nonzero(np.isnan(x)) - np.count_nonzero(np.isnan(every))
    return missing == 0 and numbers.size == np.count_nonzero(~np.isnan(every))


@dataclass(frozen=True)
class Recorded:
    """A dump as what a question is judged on; it travels as its path and is read where it is needed.

    path: ends in .npz or .csv. formats: those the user says. All methods raise UsageError for a file
    that cannot be read and for a question that it does not answer.
    """

    path: str
    formats: str | None = None
    seed: int = 0

    @property
    def dump(self) -> Dump:
        """What is in the file."""
        return _read(self.path, self.formats)

    def coverage(self, question: Question) -> str:
        """"exhaustive" where the file holds every number of a 16-bit format, else "uniform" or "sampled".

        Uniform are the inputs of such a plan, if the file says so and holds just them.
        """
        return _coverage(self, question)

    def uniform(self, question: Question) -> int:
        """How many results, the first ones, have inputs uniform over bit patterns."""
        about, covered = self.dump.about, self.coverage(question)
        if covered == "uniform" and about is not None:
            return about.samples
        return self.count(question) if covered == "exhaustive" else 0

    def shards(self, question: Question) -> int:
        """How many batches of at most 2^17 results or entries."""
        return self._answering(question).shards(question, SHARD)

    def count(self, question: Question) -> int:
        """How many results."""
        dump = self._answering(question)
        return int(dump.columns[dumps.RESULTS[question.quantity]].bits.size)

    def batch(self, question: Question, k: int) -> Batch:
        """The operands of batch ``k``."""
        return self._answering(question).batch(question, k, SHARD)

    def probes(self, question: Question, n: int = PROBES) -> Batch:
        """About n inputs with finite operands of moderate size, spread over the file; of rows one length."""
        return _probes(self, question, n)[0]

    def answer(self, question: Question, batch: Batch) -> Floats:
        """What the file gives for one of its batches, or its probes; UsageError for other inputs."""
        dump = self._answering(question)
        found = _by_digest(self, question).get(_digest(batch))
        if found is None:
            raise UsageError(f"{dump.file} has no results for other inputs than its own")
        return _probes(self, question, PROBES)[1] if found < 0 else dump.results(question, found, SHARD)

    def _answering(self, question: Question) -> Dump:
        dump = self.dump
        why = dump.lacks(question)
        if why:
            raise UsageError(why)
        return dump

    def _holds(self, question: Question, plan: Plan) -> bool:
        """Whether the operands are those of a plan, in its order."""
        dump, start = self.dump, 0
        for made in batches(question, plan):
            here = slice(start, start + len(made[question.operands[0]]))
            for name, values in made.items():
                if not np.array_equal(dump.columns[name].values(here), values, equal_nan=True):
                    return False
            start = here.stop
        return start == dump.columns[question.operands[0]].bits.size


@lru_cache(maxsize=8)
def _coverage(recorded: Recorded, question: Question) -> str:
    dump = recorded._answering(question)
    about = dump.about
    if about is not None and about.coverage == "uniform":
        plan = Plan(about.samples, about.seed, uniform=True)
        if recorded._holds(question, plan):
            return "uniform"
    if exhaustible(question) and every_number(question.source, dump.columns["x"].values()):
        return "exhaustive"
    return "sampled"


def _read(path: str, formats: str | None) -> Dump:
    try:
        changed = Path(path).stat().st_mtime_ns
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    return _kept(path, formats, changed)


@lru_cache(maxsize=2)
def _kept(path: str, formats: str | None, changed: int) -> Dump:
    return dumps.read(Path(path), formats)


def _digest(batch: Batch) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for name, values in batch.items():
        digest.update(f"{name}{values.shape}".encode())
        digest.update(np.ascontiguousarray(values).data)
    return digest.digest()


@lru_cache(maxsize=8)
def _by_digest(recorded: Recorded, question: Question) -> dict[bytes, int]:
    """The number of every batch by its digest, -1 for the probes."""
    found = {_digest(recorded.probes(question)): -1}
    return found | {_digest(recorded.batch(question, k)): k for k in range(recorded.shards(question))}


@lru_cache(maxsize=8)
def _probes(recorded: Recorded, question: Question, n: int) -> tuple[Batch, Floats]:
    """Operands and results, of the first batch that has finite operands."""
    dump = recorded._answering(question)
    per_row = 1
    for k in range(recorded.shards(question)):
        batch, values = recorded.batch(question, k), dump.results(question, k, SHARD)
        first = next(iter(batch.values()))
        if question.kind == "rowwise":
            per_row = results(question.activation, question.quantity, first.shape[1])
        good = np.ones(len(first), bool)
        for operand in batch.values():
            sizes = np.abs(operand.reshape(len(first), -1))
            good &= ((sizes == 0) | ((sizes > 2.0**-20) & (sizes < 2.0**10))).all(-1)
        places = np.flatnonzero(good)
        if len(places):
            wanted = min(len(places), max(1, n // per_row))
            places = places[np.linspace(0, len(places) - 1, wanted).astype(int)]
            return {name: operand[places] for name, operand in batch.items()}, values[places]
    return {name: operand[:0] for name, operand in recorded.batch(question, 0).items()}, values[:0]
