"""What the codes of diagnostics, checks and rewrites mean.

Owns codes and explain. Relies on the library's list.
Never knows a code itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import byref
from dataclasses import dataclass

from ._constants import CodeKind
from ._errors import ArgumentError
from ._native import lib
from ._structs import CCodeInfo, Str


@dataclass(frozen=True)
class CodeInfo:
    """A code: what it means and what to do, in a clause each; `url` is "" when there is none."""

    name: str
    kinds: CodeKind
    meaning: str
    remedy: str
    url: str


def info_of(info: CCodeInfo) -> CodeInfo:
    return CodeInfo(
        name=info.name.decode(),
        kinds=CodeKind(info.kinds),
        meaning=info.meaning.decode(),
        remedy=info.remedy.decode(),
        url=info.url.decode(),
    )


def codes() -> Iterator[CodeInfo]:
    """Every code: diagnostics, then checks, then rewrites."""
    info, index = CCodeInfo(), 0
    while True:
        try:
            lib.dfl_code_at(index, byref(info))
        except ArgumentError:
            return
        yield info_of(info)
        index += 1


def explain(name: str) -> CodeInfo:
    """The code called `name`, such as "runtime.libc"; ArgumentError when there is none."""
    info = CCodeInfo()
    try:
        lib.dfl_code_explain(Str.of(name), byref(info))
    except ArgumentError:
        raise ArgumentError(f"no code is called {name!r}") from None
    return info_of(info)
