"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write(path: Path, content: str | bytes) -> None:
    """Replace ``path`` by a text in UTF-8, or by bytes: old or new content, whatever happens in between."""
    with replacing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def attempt(path: Path) -> None:
    """OSError where ``path`` could not be replaced: a file is made beside it, and removed."""
    temporary = _beside(path)
    open(temporary, "xb").close()
    temporary.unlink()


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of ``path`` when the block ends, and is gone if it fails."""
    temporary = _beside(path)
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")


def _sync_directory(directory: Path) -> None:
    """Make the renaming durable where directories can be synced."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
