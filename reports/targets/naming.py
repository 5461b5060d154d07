"""From "module:callable" or "path/to/file.py:callable" to the object, or a sentence what is missing."""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
import inspect
import pkgutil
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from refacts.reports.exits import UsageError
from refacts.reports.targets.frameworks import NAMES, missing
from refacts.reports.targets.loaded import described

FORMS = "module:callable, path/to/file.py:callable, path/to/lib.so:symbol or model.onnx"

SHORT = {  # what people import modules as
    "np": "numpy",
    "sp": "scipy",
    "tf": "tensorflow",
    "jnp": "jax.numpy",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
}


@dataclass(frozen=True)
class Named:
    """What a text names. setup: statements that make ``expression`` mean it in another Python."""

    found: Any
    setup: str
    expression: str
    root: str = ""  # of the module's name; empty for a file
    made: bool = False  # of a class


def named(text: str, call: dict[str, Any]) -> Named:
    """The callable that the text names; a class is made an instance, with the arguments ``call``.

    UsageError for a missing module, file or attribute, and for something that cannot be called.
    """
    require_form(text)
    place, _, path = text.rpartition(":")
    if place.endswith(".py"):
        module: Any = _of_file(Path(place))
        file = Path(place).resolve()
        setup = f"import runpy, sys; sys.path.insert(0, {str(file.parent)!r})"  # where its own imports are
        expression = f"runpy.run_path({str(file)!r})[{_first(path)!r}]{path[len(_first(path)) :]}"
        root = ""
    else:
        imported, module = _imported(place)
        setup, expression, root = f"import {imported}", f"{place}.{path}", place.partition(".")[0]
    found = _attribute(module, path, text)
    made = isinstance(found, type)
    if made:
        arguments = _with_dim(found, call)
        found = _made(found, arguments, text)
        expression += f"({_written(arguments)})"
    if not callable(found):
        raise UsageError(f"{text} is not callable: it is {_a(type(found).__name__)}")
    if not made:
        _require_parameters(found, call, text)
    return Named(found, setup, expression, root, made)


def require_form(text: str) -> None:
    """UsageError for a text that names no part of a module, a file or a library."""
    place, colon, path = text.rpartition(":")
    if not (colon and place and path):
        forms = f"{FORMS}, results.npz or results.csv"
        raise UsageError(f"a target must be {forms} (got {text!r}{_offered(text)})")


def require_file(path: Path) -> None:
    """UsageError where it is not there, with the names of files like it that are."""
    if not path.is_file():
        folder = path.parent
        files = [str(folder / p.name) for p in folder.glob(f"*{path.suffix}")] if folder.is_dir() else []
        raise UsageError(f"there is no file {path}{near(str(path), files)}")


def _offered(text: str) -> str:
    """What a Python file that was named alone defines: ", which defines gelu and silu"."""
    path = Path(text)
    if path.suffix != ".py" or not path.is_file():
        return ""
    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except (OSError, ValueError, SyntaxError):
        return ""
    names = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return f"; it defines {', '.join(names[:5])}{', ...' if len(names) > 5 else ''}" if names else ""


def near(name: str, known: Iterable[str]) -> str:
    """A question with the names closest to one that is unknown: ": did you mean gelu?", or nothing."""
    close = difflib.get_close_matches(name, list(known), n=3)
    return f": did you mean {', '.join(close)}?" if close else ""


def _first(path: str) -> str:
    return path.partition(".")[0]


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _written(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


def _of_file(path: Path) -> ModuleType:
    """Run as `python path` would run it, with its folder on the path, but under its own name."""
    require_file(path)
    specification = importlib.util.spec_from_file_location(path.stem, path)
    if specification is None or specification.loader is None:
        raise UsageError(f"{path} is not a Python file")
    sys.path.insert(0, str(path.resolve().parent))
    module = importlib.util.module_from_spec(specification)
    before = sys.modules.get(path.stem)
    sys.modules[path.stem] = module  # where pickle and dataclasses look
    try:
        specification.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise _failed(str(path), error) from error
    finally:
        if before is not None:  # a file named as a module that others use
            sys.modules[path.stem] = before
    return module


def _imported(name: str) -> tuple[str, Any]:
    """The module, and the name that an import statement must have: tensorflow.nn is an attribute."""
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        raise UsageError(f"{name!r} is neither a module nor a Python file: a target must be {FORMS}")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        try:
            return module, _attribute(importlib.import_module(module), ".".join(parts[length:]), name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise _failed(module, error) from error
            if length == 1:
                raise UsageError(_no_module(module)) from error
        except UsageError:
            raise
        except (Exception, SystemExit) as error:
            raise _failed(module, error) from error
    raise UsageError(_no_module(name))


def _no_module(root: str) -> str:
    if root in NAMES:
        return missing(root)
    meant = f": did you mean {SHORT[root]}?" if root in SHORT else ""
    return f"there is no module {root}{meant or near(root, (m.name for m in pkgutil.iter_modules()))}"


def _failed(name: str, error: BaseException) -> UsageError:
    root = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if root in NAMES:
        return UsageError(f"{name} imports {root}, and {missing(root)}")
    return UsageError(f"importing {name} raised {described(error)}{_line(error)}")


def _line(error: BaseException) -> str:
    """Where the user's code raised it: " (kernels.py, line 3)"; empty where that is not known."""
    if isinstance(error, SyntaxError) and error.filename:
        return ""  # its text says it
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""


def _is_users(file: str) -> bool:
    return not file.startswith("<") and file != __file__ and "importlib" not in file


def _attribute(module: Any, path: str, text: str) -> Any:
    found = module
    for part in path.split(".") if path else ():
        if not hasattr(found, part):
            owner = getattr(found, "__name__", type(found).__name__)
            raise UsageError(f"{text}: {owner} has no {part!r}{near(part, dir(found))}")
        found = getattr(found, part)
    return found


def _with_dim(kind: type, call: dict[str, Any]) -> dict[str, Any]:
    """The arguments, and dim=-1 for a class whose instances guess the dimension where none is given."""
    parameters = parameters_of(kind)
    if "dim" in parameters and parameters["dim"] is None:
        return {"dim": -1, **call}
    return call


def _made(kind: type, arguments: dict[str, Any], text: str) -> Any:
    try:
        made = kind(**arguments)
    except Exception as error:
        raise UsageError(f"{text}({_written(arguments)}) raised {described(error)}") from error
    if callable(getattr(made, "eval", None)) and hasattr(made, "train"):
        made.eval()  # a torch.nn.Module
    return made


def _require_parameters(function: Any, call: dict[str, Any], text: str) -> None:
    """UsageError for an argument that a function does not take, where Python knows that."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    for name in call:
        if name not in signature.parameters and inspect.Parameter.VAR_KEYWORD not in kinds:
            takes = ", ".join(signature.parameters) or "none"
            raise UsageError(f"--call {name}: {text} has no parameter {name!r} (it has {takes})")


def parameters_of(function: Any) -> dict[str, Any]:
    """The names of a callable's parameters and their defaults; empty where Python does not know them."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return {}
    return {name: parameter.default for name, parameter in signature.parameters.items()}
