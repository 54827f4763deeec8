"""Finds and opens the C libraries.

Owns the search order: $LIBDOCKERFILE_PATH, beside this package, the system.
Relies on the dynamic loader. Never goes on to another place once $LIBDOCKERFILE_PATH is set.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ._errors import LibraryNotFoundError

VARIABLE = "LIBDOCKERFILE_PATH"
PACKAGE = Path(__file__).resolve().parent


def file_names(name: str) -> tuple[str, ...]:
    """What the shared library `name` may be called on this system."""
    if sys.platform == "win32":
        return (f"{name}.dll", f"lib{name}.dll")
    if sys.platform == "darwin":
        return (f"lib{name}.dylib", f"lib{name}.0.dylib")
    return (f"lib{name}.so", f"lib{name}.so.0")


def in_folder(folder: Path, name: str) -> Iterator[str]:
    for file in file_names(name):
        if (folder / file).is_file():
            yield str(folder / file)


def named_by_variable(value: str, name: str) -> Iterator[str]:
    """$LIBDOCKERFILE_PATH is a folder, or the core library itself with its sister beside it."""
    path = Path(value)
    if path.is_dir():
        yield from in_folder(path, name)
    elif path.is_file() and name == "dockerfile":
        yield str(path)
    elif path.is_file():
        yield from in_folder(path.parent, name)


def candidates(name: str) -> Iterator[str]:
    value = os.environ.get(VARIABLE)
    if value:
        yield from named_by_variable(value, name)
        return
    yield from in_folder(PACKAGE, name)
    found = ctypes.util.find_library(name)
    if found:
        yield found
    # find_library needs ldconfig or a compiler, which a slim container lacks: ask the loader too.
    yield from file_names(name)[::-1]


def advice(name: str, failures: list[str]) -> str:
    value = os.environ.get(VARIABLE)
    where = f"in {VARIABLE}={value}" if value else f"in {PACKAGE} or on the system's library path"
    tried = "".join(f"\n  {failure}" for failure in failures)
    return (
        f"The C library {file_names(name)[0]} was not found {where}. Install lib{name}, or build "
        f"it (cmake --preset release && cmake --build --preset release) and set {VARIABLE} to the "
        f"folder that holds it.{tried}"
    )


def open_library(name: str) -> ctypes.CDLL:
    """Open `dockerfile` or `dockerfile-io`; LibraryNotFoundError says what to do."""
    failures = []
    for path in candidates(name):
        try:
            return ctypes.CDLL(path)
        except OSError as error:
            failures.append(str(error))
    raise LibraryNotFoundError(advice(name, failures))
