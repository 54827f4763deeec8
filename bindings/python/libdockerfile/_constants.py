"""The constants of the C headers as enums.

Owns their names and values; tests/test_abi.py holds each against the headers.
Relies on nothing. Never refuses a value that a newer library appended.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Optional


class Code(IntEnum):
    """An enum that a newer library may extend: a value not known here is named by its number."""

    @classmethod
    def _missing_(cls, value: object) -> Optional[Code]:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"CODE_{value}"
        member._value_ = value
        return member


class NodeKind(Code):
    """What a node is. Instructions are 64 to 95."""

    NONE = 0
    FILE = 1
    DIRECTIVE = 2
    COMMENT = 3
    NAME = 4
    VALUE = 5
    KEYWORD = 6
    FLAG = 7
    WORD = 8
    SHELL_FORM = 9
    JSON_FORM = 10
    JSON_STRING = 11
    PAIR = 12
    HEREDOC = 13
    HEREDOC_BODY = 14
    HEREDOC_END = 15
    ERROR = 16
    ADD = 64
    ARG = 65
    CMD = 66
    COPY = 67
    ENTRYPOINT = 68
    ENV = 69
    EXPOSE = 70
    FROM = 71
    HEALTHCHECK = 72
    LABEL = 73
    MAINTAINER = 74
    ONBUILD = 75
    RUN = 76
    SHELL = 77
    STOPSIGNAL = 78
    USER = 79
    VOLUME = 80
    WORKDIR = 81
    UNKNOWN = 95


class NodeFlags(IntFlag):
    """Properties of a node."""

    VALUE = 0x0001
    ERROR = 0x0002
    MISSING = 0x0004
    JSON = 0x0008
    LEGACY = 0x0010
    EXPAND = 0x0020
    CHOMP = 0x0040
    NESTED = 0x0080


class TokenKind(Code):
    """What a token is."""

    BOM = 1
    WHITESPACE = 2
    NEWLINE = 3
    COMMENT = 4
    CONTINUATION = 5
    KEYWORD = 6
    TEXT = 7
    FLAG = 8
    PUNCT = 9
    STRING = 10
    HEREDOC_BODY = 11
    HEREDOC_END = 12
    DIRECTIVE = 13
    JUNK = 14


class Severity(Code):
    """How bad a diagnostic is: ERROR means that BuildKit rejects the file."""

    ERROR = 1
    WARNING = 2
    NOTE = 3


class EdgeKind(Code):
    """What makes a stage depend on another: FROM, COPY --from or RUN --mount=from=."""

    FROM = 1
    COPY = 2
    MOUNT = 3


class Channel(Code):
    """Which frontend the `# syntax=` of a document names; BUILDER when it names none."""

    BUILDER = 1
    STABLE = 2
    LABS = 3
    OTHER = 4


class IgnoreError(Code):
    """What is wrong with a pattern of a .dockerignore; the first three refuse the whole file."""

    OK = 0
    LONG_LINE = 1
    BARE = 2
    SYNTAX = 3
    REGEXP = 4
    CLASS = 5
    SIZE = 6


class IgnoreMode(Code):
    """How a path is judged: from the root down, as a build sees it, or by the whole path."""

    WALK = 1
    PATH = 2


class Outcome(Code):
    """What a plan comes to."""

    CHANGED = 1
    UNCHANGED = 2
    REFUSED = 3


class Risk(Code):
    """How sure a step is: SAFE follows from the file, REVIEW wants a person's eye."""

    SAFE = 1
    LIKELY = 2
    REVIEW = 3


class User(Code):
    """Which user the runtime stage runs as."""

    AUTO = 0
    KEEP = 1
    NONROOT = 2


class GraphFormat(Code):
    """Formats of `Model.graph`."""

    TEXT = 1
    JSON = 2
    DOT = 3
    MERMAID = 4
