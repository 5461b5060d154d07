"""What the user says of a target, in a form that travels, and the target made of it."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refacts.reports.exits import UsageError
from refacts.reports.targets import c_library
from refacts.reports.targets.callables import of_named
from refacts.reports.targets.dump import SUFFIXES
from refacts.reports.targets.loaded import Loaded
from refacts.reports.targets.naming import FORMS, named


@dataclass(frozen=True)
class TargetSpec:
    """A target as the command line names it.

    text: "torch.nn.functional:gelu", "kernels.py:gelu", "libm.so.6:tanhf", "model.onnx" or "onnx:Gelu".
    arrays: of which library ("numpy", "torch", "jax", "tensorflow"), None to find out. device: for torch and
    JAX. backward: the text of a kernel (x, g) -> dx. call: arguments by name, of each call, of a class when
    it is made an instance, or the attributes of an ONNX operator. scalar: a C function of one number.
    formats: of a dump that does not say them.
    """

    text: str
    arrays: str | None = None
    device: str | None = None
    backward: str | None = None
    call: dict[str, Any] = field(default_factory=dict, hash=False)
    scalar: bool = False
    formats: str | None = None

    @property
    def title(self) -> str:
        """The target in a document: its text, and what it is called with and where, if that was said."""
        given = [f"{name}={value!r}" for name, value in self.call.items()]
        given += [f"backward {self.backward}"] if self.backward else []
        given += [f"on {self.device}"] if self.device else []
        return f"{self.text} ({', '.join(given)})" if given else self.text


def call_arguments(given: Iterable[str]) -> dict[str, Any]:
    """The arguments that "dim=-1" and "approximate=tanh" name: literals of Python, else texts."""
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name.isidentifier():
            raise UsageError(f"--call must be name=value (got {text!r})")
        if name in found:
            raise UsageError(f"--call {name} is given twice")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            found[name] = value
    return found


def file_of(text: str) -> tuple[str, str]:
    """The path of a target's file and what follows it (":gelu"); no path where the target is in none."""
    if text.endswith((".onnx", *SUFFIXES)):
        return text, ""
    path, colon, name = text.rpartition(":")
    return (path, colon + name) if path.endswith(".py") or c_library.is_library(text) else ("", text)


def from_folder(folder: Path, text: str) -> str:
    """A target whose file is named from a folder, named from the working directory.

    What is in no file stays, as do absolute paths, and libraries ("libm.so.6") that the system finds.
    """
    path, rest = file_of(text)
    found = os.path.join(folder, path)
    by_system = c_library.is_library(text) and not os.path.dirname(path) and not os.path.exists(found)
    return text if not path or by_system or folder == Path() else found + rest


def to_folder(folder: Path, text: str) -> str:
    """The other way round."""
    path, rest = file_of(text)
    if not path or os.path.isabs(path) or not os.path.exists(path):
        return text
    return Path(os.path.relpath(path, folder)).as_posix() + rest


def load(spec: TargetSpec, probing: Callable[[str], None] = lambda likely: None) -> Loaded:
    """The target, in this process; UsageError if it is missing, cannot be called or contradicts an option.

    ``probing`` is called before the target is, if that is needed to find out which arrays it takes, with
    the name of the library to assume if no answer comes back.
    """
    if spec.text.endswith(".onnx"):
        from refacts.reports.targets.onnx_model import OnnxModel

        _refuse(spec, "an ONNX model", ("arrays", "device", "backward", "call", "scalar"))
        return OnnxModel(spec.text)
    if spec.text.startswith("onnx:"):
        from refacts.reports.targets.onnx_operator import OnnxOperator

        _refuse(spec, "an ONNX operator", ("arrays", "device", "backward", "scalar"))
        return OnnxOperator(spec.text, spec.call)
    if c_library.is_library(spec.text):
        _refuse(spec, "a C function", ("arrays", "device", "call"))
        if spec.backward is not None and not c_library.is_library(spec.backward):
            raise UsageError(f"--backward {spec.backward} must be a C function, as {spec.text} is")
        return c_library.CLibrary(spec.text, spec.backward, scalar=spec.scalar)
    _refuse(spec, "a Python callable", ("scalar",))
    if spec.backward is not None and c_library.is_library(spec.backward):
        raise UsageError(f"--backward {spec.backward} must be a Python callable, as {spec.text} is")
    return of_named(
        spec.text,
        named(spec.text, spec.call),
        arrays=spec.arrays,
        device=spec.device,
        backward=None if spec.backward is None else named(spec.backward, {}),
        call=spec.call,
        probing=probing,
    )


def _refuse(spec: TargetSpec, kind: str, options: Iterable[str]) -> None:
    for option in options:
        if getattr(spec, option):
            raise UsageError(f"--{option} is not for {kind} ({spec.text}): a target is {FORMS}")
