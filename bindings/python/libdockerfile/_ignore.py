""".dockerignore: which files of the build context BuildKit leaves out.

Owns Ignore and its patterns. Relies on the library for BuildKit's rules, quirks included.
Never looks at a file system: a path is text, relative to the root of the context.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import byref, c_int32, c_uint32, c_void_p, pointer
from dataclasses import dataclass
from typing import NamedTuple, Optional

from ._constants import IgnoreError, IgnoreMode
from ._document import Limits, Range
from ._errors import FormatError
from ._native import NO_PATTERN, Handle, Resource, lib
from ._structs import Buffer, CParseOptions, CPattern, Str, Text, encode


@dataclass(frozen=True)
class Pattern:
    """A pattern: its 0-based line, its bytes in the file, its text as it is matched."""

    line: int
    range: Range
    text: str
    exception: bool
    error: IgnoreError


class Verdict(NamedTuple):
    """Whether a path is excluded, and the pattern that decided; None when none did."""

    excluded: bool
    pattern: Optional[Pattern]


class Ignore(Resource):
    """The patterns of a .dockerignore. Immutable, safe to share between threads.

    Never fails on content: what is wrong with a pattern is its `error`, and `refused` is the
    pattern for which BuildKit refuses the whole file.
    """

    __slots__ = ("patterns", "refused")

    def __init__(self, source: Buffer, *, limits: Optional[Limits] = None) -> None:
        data = encode(source)
        options = CParseOptions()
        if limits is not None:
            options.limits = pointer(limits._native())
        out = c_void_p()
        lib.dfl_ignore_new(data, len(data), byref(options), byref(out))
        super().__init__(Handle(out, lib.dfl_ignore_free))
        self.patterns: Sequence[Pattern] = tuple(self._patterns())
        self.refused = self._pattern(lib.dfl_ignore_refused(self._live))

    def _patterns(self) -> list[Pattern]:
        handle = self._live
        pattern = CPattern()
        found = []
        for index in range(lib.dfl_ignore_pattern_count(handle)):
            lib.dfl_ignore_pattern(handle, index, byref(pattern))
            found.append(pattern_of(pattern))
        return found

    def _pattern(self, index: int) -> Optional[Pattern]:
        return None if index == NO_PATTERN else self.patterns[index]

    def match(self, path: Text, mode: IgnoreMode = IgnoreMode.WALK) -> Verdict:
        """Judge a path as the context is sent (WALK), or as build checks do (PATH).

        FormatError when BuildKit refuses the file, or a pattern that was tried is malformed;
        UnsupportedError when one was tried whose `error` is CLASS, LimitError for SIZE.
        """
        excluded, pattern = c_int32(), c_uint32()
        try:
            lib.dfl_ignore_match(self._live, Str.of(path), mode, byref(excluded), byref(pattern))
        except FormatError:
            raise self._malformed() from None
        return Verdict(bool(excluded.value), self._pattern(pattern.value))

    def _malformed(self) -> FormatError:
        wrong = self.refused
        if wrong is None:
            return FormatError("a pattern that was tried is malformed: its `error` is REGEXP")
        line = wrong.line + 1
        error = FormatError(f"line {line}: BuildKit refuses the file for it: {wrong.error.name}")
        error.line = line
        return error

    def excludes(self, path: Text) -> bool:
        """Whether a build does not see a path."""
        return self.match(path).excluded


def pattern_of(pattern: ctypes.Structure) -> Pattern:
    return Pattern(
        line=pattern.line,
        range=Range(pattern.range.start, pattern.range.end),
        text=str(pattern.text),
        exception=bool(pattern.exception),
        error=IgnoreError(pattern.error),
    )
