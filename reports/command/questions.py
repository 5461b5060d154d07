"""From the options of `refacts verify` to the questions that are put to targets."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from refacts.reports.command.parameters import with_parameters
from refacts.reports.exits import UsageError, say
from refacts.reports.inputs import dumps, points
from refacts.reports.inputs.marks import About
from refacts.reports.inputs.points import Plan
from refacts.reports.inputs.recorded import Recorded
from refacts.reports.judge import gate as gates
from refacts.reports.judge.activation_names import activation_named, candidate, guessed
from refacts.reports.judge.judging import PROFILES, Rules
from refacts.reports.quantities import quantity_named
from refacts.reports.question import Question, pair
from refacts.reports.run.asking import Asked, Sessions
from refacts.reports.targets.c_library import is_library
from refacts.reports.targets.dump import SUFFIXES, RecordedTarget
from refacts.reports.targets.naming import FORMS, require_file, require_form
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec, call_arguments, file_of

FORMATS = ("float16", "bfloat16", "float32", "float64")
QUANTITIES = {  # judged where none is asked for
    "elementwise": ("value", "derivative", "vjp"),
    "rowwise": ("value", "vjp"),
    "gated": ("value", "vjp"),
}
UNASKED = ("jvp",)  # said to be missing where it is, and judged where it is asked for, or a dump has it


@dataclass(frozen=True)
class Wanted:
    """One target and what is asked of it; no quantities or formats: all that it covers."""

    target: TargetSpec
    activation: Any
    quantities: tuple[str, ...]
    formats: tuple[str, ...]
    rules: Rules
    gate: gates.Gate
    peer: TargetSpec | None
    exhaustive: bool


def of_options(arguments: argparse.Namespace) -> Wanted:
    """What the options ask of their target."""
    text: str | None = arguments.target
    if text is None:
        raise UsageError(f"a target is missing: {FORMS}, or a dump")
    dump = text.endswith(SUFFIXES)
    if not dump and not text.endswith(".onnx"):
        require_form(text)
    path, _ = file_of(text)
    if path and (not is_library(text) or Path(path).name != path):  # else the system may find it
        require_file(Path(path))
    formats = arguments.format[0] if dump and arguments.format else None
    about = Recorded(text, formats).dump.about if dump else None
    name = arguments.activation or guessed(text) or (about.activation if about else "")
    if not name:
        if not (dump or text.endswith(".onnx") or is_library(text)):
            spec = TargetSpec(text, device=arguments.device, call=call_arguments(arguments.call))
            Session(spec, arguments.timeout).close()  # UsageError for a callable that is not there
        meant = candidate(text)
        hint = f"did you mean --as {meant}?" if meant else "it is not obvious"
        raise UsageError(f"--as must name the activation that {text} should be: {hint}")
    if not arguments.activation:
        say(f"{text} is taken for {name} (--as names another)")
    for option in ("arrays", "device", "backward", "call", "scalar", "peer") if dump else ():
        if getattr(arguments, option):
            raise UsageError(f"--{option} is not for a dump ({text}), which is not called")
    for option in ("samples", "exhaustive") if dump else ():
        if getattr(arguments, option) not in (None, False):
            raise UsageError(f"--{option} is not for a dump ({text}), which has its own inputs")
    if arguments.max_ratio is not None and arguments.peer is None:
        raise UsageError("--max-ratio needs --peer, whose error is the unit")
    gate = gates.asked(arguments.max_ulp, arguments.quota, arguments.allow, arguments.max_ratio)
    target = TargetSpec(
        text,
        arrays=arguments.arrays,
        device=arguments.device,
        backward=arguments.backward,
        call=call_arguments(arguments.call),
        scalar=arguments.scalar,
        formats=formats,
    )
    _require_format(arguments)
    profile = [name for name in PROFILES if getattr(arguments, name)]
    return Wanted(
        target,
        with_parameters(activation_named(name), arguments.parameter or _parameters(about)),
        tuple(dict.fromkeys(map(quantity_named, arguments.quantity or ()))),
        tuple(dict.fromkeys(arguments.format or ())),
        rules(profile, arguments.kink, gate),
        gate,
        None if arguments.peer is None else TargetSpec(arguments.peer, device=arguments.device),
        arguments.exhaustive,
    )


def _require_format(arguments: argparse.Namespace) -> None:
    """UsageError where a C function would be called in formats that nobody said are its own."""
    for text in (arguments.target, arguments.peer or ""):
        if is_library(text) and not arguments.format:
            raise UsageError(
                f"--format must say what numbers {text} takes: a C function does not tell, "
                "and others would corrupt its memory"
            )


def rules(profile: Sequence[str], kink: str, gate: gates.Gate) -> Rules:
    """The rules for a gate; without one the budget is 1 ulp."""
    return Rules(frozenset(profile), kink, gate.allow, 1.0 if gate.max_ulp is None else gate.max_ulp)


def _parameters(about: About | None) -> list[str]:
    """Those of the activation that a dump says it is of."""
    return [f"{name}={number}" for name, number in about.parameters.items()] if about else []


def asked(wanted: Wanted, samples: int, seed: int, sessions: Sessions) -> Iterator[Asked]:
    """The questions that a target covers; UsageError where one asked for by name is not covered."""
    session = sessions.of(wanted.target)
    peer = sessions.of(wanted.peer) if wanted.peer else None
    if session.said:
        say(session.said)
    found: list[Question] = []
    others: list[Question] = []
    refused: dict[tuple[str, str], str] = {}
    plan = _plan(wanted, samples, seed)
    unasked = () if wanted.quantities or isinstance(session, RecordedTarget) else UNASKED
    for quantity in (*_quantities(wanted), *unasked):
        for text in wanted.formats or _formats(wanted):
            question = Question(wanted.activation, quantity, *pair(text))
            why = _uncovered(question, session) or _uncountable(question, plan)
            if peer is not None and not why and (lacking := peer.covers(question)):
                why = f"the peer {peer.name}: {lacking}"
            if why:
                refused[question.quantity, question.formats] = why
                others.append(question)
            elif question not in found and quantity not in unasked:
                found.append(question)
    for (quantity, formats), why in refused.items():
        if wanted.formats and wanted.quantities:
            raise UsageError(f"{wanted.target.text}: {quantity} in {formats}: {why}")
    if not found and len(set(refused.values())) == 1:
        raise UsageError(f"{wanted.target.text} cannot be judged: {next(iter(refused.values()))}")
    if not found and isinstance(session, RecordedTarget):
        dump = session.recorded.dump
        near = [each for each in others if set(dumps.needed(each)) <= set(dump.columns)]
        why = refused[near[0].quantity, near[0].formats] if near else dump.lacks_columns(others)
        raise UsageError(f"{wanted.target.text} cannot be judged as {wanted.activation.spec.name}: {why}")
    for why in dict.fromkeys(refused.values()):
        if wanted.quantities or wanted.formats or not isinstance(session, RecordedTarget):
            missed = [asked for asked, each in refused.items() if each == why]
            quantities, formats = (", ".join(dict.fromkeys(names)) for names in zip(*missed, strict=True))
            judged = {question.formats for question in found}
            where = "" if judged.issuperset(name for _, name in missed) else f" in {formats}"
            say(f"not judged: {quantities}{where}: {why}")
    if not found:
        name, how = wanted.activation.spec.name, " with --exhaustive" if wanted.exhaustive else ""
        raise UsageError(f"{wanted.target.text} covers nothing that is asked of {name}{how}")
    for note in dict.fromkeys(session.note(question) for question in found):
        if note:
            say(f"{wanted.target.text} is called with {note}")
    for question in found:
        refusal = wanted.gate.refuses(points.coverage(question, plan), points.uniform(question, plan))
        if refusal:
            raise UsageError(f"--quota: {refusal}")
        yield Asked(question, wanted.target, plan, wanted.rules, wanted.gate, wanted.peer)


def _plan(wanted: Wanted, samples: int, seed: int) -> Plan | Recorded:
    """The inputs: those of the dump, or made; where a quota is given, uniform over the bit patterns."""
    if wanted.target.text.endswith(SUFFIXES):
        return Recorded(wanted.target.text, wanted.target.formats, seed)
    return Plan(samples, seed, wanted.exhaustive, wanted.gate.quota > 0)


def _quantities(wanted: Wanted) -> tuple[str, ...]:
    """Those asked for, by the names that the activation has for them; by default all that are judged."""
    kind = wanted.activation.spec.kind
    found: list[str] = []
    own = UNASKED if wanted.target.text.endswith(SUFFIXES) else ()
    for quantity in wanted.quantities or (*QUANTITIES[kind], *own):
        if quantity == "derivative" and kind != "elementwise":
            name = wanted.activation.spec.name
            raise UsageError(f"{name} is {kind}: ask for its vjp or jvp, not for a derivative")
        found += ["vjp_a", "vjp_b"] if (kind, quantity) == ("gated", "vjp") else [quantity]
    return tuple(found)


def _formats(wanted: Wanted) -> tuple[str, ...]:
    """All formats, or those of a dump."""
    if wanted.target.text.endswith(SUFFIXES):
        return (Recorded(wanted.target.text, wanted.target.formats).dump.formats,)
    return FORMATS


def _uncountable(question: Question, plan: Plan | Recorded) -> str:
    """Why not all inputs of a question can be walked, if that is asked for; empty if they can."""
    if isinstance(plan, Recorded) or not plan.exhaustive or points.exhaustible(question):
        return ""
    return "--exhaustive takes at most 2^32 inputs of one operand"


def _uncovered(question: Question, session: Any) -> str:
    """Why a question is not judged; empty if it is."""
    if "bfloat16" in question.formats and find_spec("ml_dtypes") is None:
        return "bfloat16 needs ml_dtypes: pip install ml_dtypes"
    return str(session.covers(question))
