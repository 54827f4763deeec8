"""Exceptions, one for each status of the C library.

Owns the classes and the table from status to class.
Relies on nothing. Never raises for what is wrong in the user's file: that is a Diagnostic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ._edits import Edit


class DockerfileError(Exception):
    """Base of every error of this package."""


class OutOfMemoryError(DockerfileError, MemoryError):
    """The allocator gave no memory."""


class ArgumentError(DockerfileError, ValueError):
    """An argument is not valid."""


class LimitError(DockerfileError):
    """A limit of the caller, or a hard one, is exceeded."""


class ConflictError(DockerfileError):
    """The edit conflicts with an earlier one, which is `conflict`."""

    conflict: Optional[Edit] = None


class StaleError(DockerfileError):
    """A node, an edit or a file belongs to another version than the one at hand."""


class RefusedError(DockerfileError):
    """The change was refused, or its proof failed; the message says why."""


class UnsupportedError(DockerfileError):
    """The operation does not apply to this object."""


class AbiError(DockerfileError, ImportError):
    """The C library is not one that this package can work with."""


class FileError(DockerfileError, OSError):
    """The operating system refused to read or write a file."""


class FormatError(DockerfileError, ValueError):
    """A text or a file is malformed at `line` and `column` (1-based; 0 when unknown)."""

    line: int = 0
    column: int = 0


class LibraryNotFoundError(DockerfileError, ImportError):
    """The C library was not found; the message says where it was looked for and what to do."""


ERRORS: dict[int, tuple[str, type[DockerfileError]]] = {
    1: ("DFL_E_NOMEM", OutOfMemoryError),
    2: ("DFL_E_ARG", ArgumentError),
    3: ("DFL_E_LIMIT", LimitError),
    4: ("DFL_E_CONFLICT", ConflictError),
    5: ("DFL_E_STALE", StaleError),
    6: ("DFL_E_REFUSED", RefusedError),
    7: ("DFL_E_UNSUPPORTED", UnsupportedError),
    8: ("DFL_E_ABI", AbiError),
    9: ("DFL_E_IO", FileError),
    10: ("DFL_E_FORMAT", FormatError),
}


def error_of(status: int, function: str, message: str = "") -> DockerfileError:
    """The exception for a status; `message` when the library gave one, else the class's own, which
    `python -OO` leaves without a docstring."""
    name, cls = ERRORS.get(status, (f"status {status}", DockerfileError))
    return cls(message or f"{cls.__doc__ or cls.__name__} [{name} from {function}]")
