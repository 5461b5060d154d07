"""The frameworks of a survey: their modules, packages and installed versions, and whose a function is."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata
from importlib.util import find_spec

FRAMEWORKS = {  # by name: how it is written, the module it cannot do without, its packages
    "refacts": ("refacts", "refacts", ("refacts",)),
    "torch": ("torch", "torch", ("torch", "torch-cpu")),
    "jax": ("JAX", "jax", ("jax",)),
    "tensorflow": ("TensorFlow", "tensorflow", ("tensorflow", "tensorflow-cpu")),
    "scipy": ("SciPy", "scipy", ("scipy",)),
    "onnx": ("ONNX Runtime", "onnxruntime", ("onnxruntime",)),
}
BESIDE = {"tensorflow": ("keras",), "onnx": ("onnx",), "jax": ("jaxlib",)}  # whose versions matter, too
ROOTS = {"keras": "tensorflow", "numpy": "scipy"}  # modules that belong to another framework


def framework_of(target: str) -> str:
    """The key of FRAMEWORKS that a target's text belongs to: "onnx" of "onnx:Gelu (approximate='tanh')"."""
    root = target.partition(":")[0].partition(".")[0]
    return ROOTS.get(root, root)


def versions(names: Iterable[str]) -> dict[str, str]:
    """The installed versions of frameworks and of the packages beside them."""
    found = {}
    for name in names:
        _, module, packages = FRAMEWORKS[name]
        if find_spec(module) is not None:
            for package in (*packages, *BESIDE.get(name, ())):
                version = _version(package)
                if version:
                    found[package] = version
    return found


def installed(name: str) -> bool:
    """Whether a framework is there: onnxruntime takes onnx, by which the models are made."""
    modules = [FRAMEWORKS[name][1], *(BESIDE["onnx"] if name == "onnx" else ())]
    return all(find_spec(module) is not None for module in modules)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
