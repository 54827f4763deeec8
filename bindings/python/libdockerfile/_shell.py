"""Commands of shell text: what a RUN, a CMD or any script calls, and where that stands.

Owns Shell and its parts. Relies on the library's scanner, which never guesses.
Never keeps the C object: what it says is copied out, so that it outlives the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ctypes import byref, c_void_p, pointer
from dataclasses import dataclass
from typing import Optional

from ._constants import CommandFlags, CommandKind, Operator, ShellFlags, WordFlags
from ._document import Document, Limits, Node, Range
from ._native import NO_COMMAND, NO_FD, NO_WORD, Handle, lib
from ._scope import optional
from ._structs import Buffer, CCommand, CParseOptions, CRedirection, CShellInfo, CWord, encode


@dataclass(frozen=True)
class Word:
    """A word as written (`text`, with its quotes) and what the program gets for it.

    `value` is None unless the word is literal: no expansion of any kind can change it.
    """

    text: str
    value: Optional[str]
    flags: WordFlags
    range: Range


@dataclass(frozen=True)
class Redirection:
    """A redirection such as `2>/dev/null`; `fd` is None when no number stands before it.

    Of a here-document, `target` is the delimiter and `body` its lines.
    """

    fd: Optional[int]
    op: str
    target: Word
    range: Range
    body: Optional[Range]


@dataclass(frozen=True)
class Command:
    """A command. `parent` and `next` are indexes in `Shell.commands`.

    `words` begins with the program as written; the assignments before it stand apart. `program` is
    the word that names what really runs, past env, exec, sudo, time and the like; None when that is
    not known. `script` is what `sh -c SCRIPT` gives to another shell.
    """

    index: int
    kind: CommandKind
    operator: Operator
    flags: CommandFlags
    range: Range
    operator_range: Optional[Range]
    parent: Optional[int]
    next: Optional[int]
    assignments: Sequence[Word]
    words: Sequence[Word]
    redirections: Sequence[Redirection]
    program: Optional[Word]
    script: Optional[Shell]

    @property
    def always(self) -> bool:
        """Whether it runs unless a command before it fails or leaves the shell."""
        return not self.flags & CommandFlags.CONDITIONAL


@dataclass(frozen=True)
class Shell:
    """The commands of a text in preorder: a parent before its children.

    `node` is the node whose value the text is; None when no document holds it. Ranges are bytes of
    the document, else of the text.
    """

    text: str
    flags: ShellFlags
    range: Range
    node: Optional[Node]
    commands: Sequence[Command]

    @property
    def opaque(self) -> bool:
        """Whether some command is not understood."""
        return bool(self.flags & ShellFlags.OPAQUE)


def word_of(found: CWord) -> Word:
    flags = WordFlags(found.flags)
    return Word(
        text=str(found.text),
        value=str(found.value) if flags & WordFlags.LITERAL else None,
        flags=flags,
        range=Range(found.range.start, found.range.end),
    )


def words_of(shell: Handle, command: int, count: int) -> Iterator[Word]:
    found = CWord()
    for index in range(count):
        lib.dfl_shell_word(shell, command, index, byref(found))
        yield word_of(found)


def redirections_of(shell: Handle, command: int, count: int) -> Iterator[Redirection]:
    found = CRedirection()
    for index in range(count):
        lib.dfl_shell_redirection(shell, command, index, byref(found))
        body = Range(found.body.start, found.body.end)
        yield Redirection(
            fd=optional(found.fd, NO_FD),
            op=found.op.decode(),
            target=word_of(found.target),
            range=Range(found.range.start, found.range.end),
            body=body if found.op.startswith(b"<<") and body.end else None,
        )


def script_of(document: Optional[Document], shell: Handle, command: int) -> Shell:
    out = c_void_p()
    lib.dfl_shell_script(shell, command, byref(out))
    return shell_of(document, Handle(out, lib.dfl_shell_free))


def command_of(document: Optional[Document], shell: Handle, index: int) -> Command:
    found = CCommand()
    lib.dfl_shell_command(shell, index, byref(found))
    words = tuple(words_of(shell, index, found.words))
    operator = Operator(found.op)
    return Command(
        index=index,
        kind=CommandKind(found.kind),
        operator=operator,
        flags=CommandFlags(found.flags),
        range=Range(found.range.start, found.range.end),
        operator_range=Range(found.op_range.start, found.op_range.end) if operator else None,
        parent=optional(found.parent, NO_COMMAND),
        next=optional(found.next, NO_COMMAND),
        assignments=words[: found.assignments],
        words=words[found.assignments :],
        redirections=tuple(redirections_of(shell, index, found.redirections)),
        program=None if found.program == NO_WORD else words[found.program],
        script=None if found.script == NO_WORD else script_of(document, shell, index),
    )


def shell_of(document: Optional[Document], shell: Handle) -> Shell:
    found = CShellInfo()
    lib.dfl_shell_get(shell, byref(found))
    return Shell(
        text=str(found.text),
        flags=ShellFlags(found.flags),
        range=Range(found.range.start, found.range.end),
        node=document.node(found.node) if document is not None and found.node else None,
        commands=tuple(command_of(document, shell, index) for index in range(found.commands)),
    )


def scan_shell(text: Buffer, *, limits: Optional[Limits] = None) -> Shell:
    """Scan POSIX shell text: what a shell rejects, or shells read differently, is one opaque
    command. LimitError when it is too long, or nested deeper than `max_depth`."""
    data = encode(text)
    options = CParseOptions()
    if limits is not None:
        options.limits = pointer(limits._native())
    out = c_void_p()
    lib.dfl_shell_scan(data, len(data), byref(options), byref(out))
    return shell_of(None, Handle(out, lib.dfl_shell_free))
