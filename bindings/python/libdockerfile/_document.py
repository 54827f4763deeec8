"""Documents: the lossless tree of one Dockerfile, its tokens, diagnostics and positions.

Owns parsing and navigation. Relies on the bulk tier: nodes, tokens and diagnostics come in one call
each and are read in place. Never changes a document; _edits.py makes new ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from ctypes import byref, c_void_p, pointer
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Callable, NamedTuple, Optional, TypeVar, Union, overload

from ._constants import NodeFlags, NodeKind, Severity, TokenKind
from ._errors import StaleError
from ._native import Handle, Resource, lib, printed, records
from ._structs import (
    Buffer,
    CDiag,
    CDiagRec,
    CLimits,
    CNode,
    CNodeRec,
    CParseOptions,
    CTokenRec,
    Str,
    decode,
    encode,
    u32,
)


class Range(NamedTuple):
    """A half-open range of byte offsets into the source."""

    start: int
    end: int


class Position(NamedTuple):
    """A place in the source; line and columns are counted from 0."""

    line: int
    byte: int
    utf8: int
    utf16: int


class Token(NamedTuple):
    """A token; the tokens of a document tile its source."""

    kind: TokenKind
    start: int
    end: int


class Option(NamedTuple):
    """A flag of an instruction, such as `--from=builder`; value None when there is no `=`."""

    name: str
    value: Optional[str]
    node: Node


class Pair(NamedTuple):
    """A pair of ENV, LABEL or ARG; the value is None where ARG gives none."""

    name: str
    value: Optional[str]
    node: Node


class Heredoc(NamedTuple):
    """A heredoc: its name, its raw lines, and whether variables in them are expanded (`expand`)
    and leading tabs removed (`chomp`)."""

    name: str
    content: str
    expand: bool
    chomp: bool
    node: Node


@dataclass(frozen=True)
class Diagnostic:
    """What is wrong with, or worth knowing about, a place in the source."""

    code: int
    name: str
    severity: Severity
    message: str
    range: Range


@dataclass(frozen=True)
class Limits:
    """How much the library may take on; 0 means its default."""

    max_source_bytes: int = 0
    max_diags: int = 0
    max_depth: int = 0
    max_stages: int = 0
    max_heredocs: int = 0
    max_expand_bytes: int = 0
    max_model_bytes: int = 0

    def _native(self) -> CLimits:
        return CLimits(**{name: u32(value, name) for name, value in vars(self).items()})


Member = TypeVar("Member", bound=Enum)


class Codes(dict[int, Member]):
    """Members of an enum by number: several times faster than calling the enum."""

    def __init__(self, enum: Callable[[int], Member]) -> None:
        super().__init__()
        self.enum = enum

    def __missing__(self, code: int) -> Member:
        member = self[code] = self.enum(code)
        return member


KINDS = Codes(NodeKind)
FLAGS = Codes(NodeFlags)
TOKEN_KINDS = Codes(TokenKind)
HAS_VALUE = NodeFlags.VALUE.value
FIRST_INSTRUCTION, LAST_INSTRUCTION = NodeKind.ADD.value, NodeKind.UNKNOWN.value


class Tables:
    """Source, nodes and tokens of a document, copied out once.

    A node is five 32-bit words, the first of which holds kind and flags as two halves; a token is
    two words. Indexing the views makes no object but the integer.
    """

    __slots__ = ("count", "halves", "source", "tokens", "words")

    def __init__(self, handle: Handle) -> None:
        nodes = records(lib.dfl_doc_nodes, handle, CNodeRec)
        self.source = bytes(lib.dfl_doc_source(handle))
        self.tokens = records(lib.dfl_doc_tokens, handle, CTokenRec).cast("I")
        self.halves = nodes.cast("H")
        self.words = nodes.cast("I")
        self.count = len(self.words) // 5

    def start_of(self, token: int) -> int:
        """Where a token starts; one past the last stands for the end of the source."""
        at = 2 * token
        return self.tokens[at] if at < len(self.tokens) else len(self.source)

    def range_of(self, node: int) -> tuple[int, int]:
        at = 5 * node
        return self.start_of(self.words[at + 1]), self.start_of(self.words[at + 2])

    def first_of(self, node: int) -> int:
        """First child, 0 when there is none."""
        child = node + 1
        return child if child < self.count and self.words[5 * child + 4] == node else 0

    def end_of(self, node: int) -> int:
        """One past the last node of a subtree."""
        while node:
            after = self.words[5 * node + 3]
            if after:
                return after
            node = self.words[5 * node + 4]
        return self.count


class ClosedTables(Tables):
    """Stands where the tables of a closed document were: none of its members is set."""

    __slots__ = ()

    def __init__(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        raise ValueError("this Document is closed")


class Document(Resource):
    """A parsed Dockerfile, immutable and shareable between threads. Made by `parse`."""

    __slots__ = ("_tables",)

    def __init__(self, handle: Handle) -> None:
        super().__init__(handle)
        self._tables = Tables(handle)

    def close(self) -> None:
        super().close()
        self._tables = ClosedTables()

    @property
    def source(self) -> bytes:
        """The bytes that were parsed."""
        return self._tables.source

    @property
    def text(self) -> str:
        """The source as text; bytes that are not UTF-8 become surrogates (PEP 383)."""
        return decode(self.source)

    def __bytes__(self) -> bytes:
        return self.source

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        if self.closed:
            return "<Document closed>"
        return f"<Document of {len(self.source)} bytes, {self._tables.count} nodes>"

    @property
    def escape(self) -> str:
        """The escape character in force, a backslash or a backtick."""
        return chr(lib.dfl_doc_escape(self._live))

    # --- tree

    @property
    def root(self) -> Node:
        """The node of the whole file."""
        return self.node(0)

    @property
    def nodes(self) -> Nodes:
        """All nodes in preorder."""
        return Nodes(self)

    @property
    def tokens(self) -> Sequence[Token]:
        """All tokens, in order."""
        tables = self._tables
        starts = tables.tokens[::2].tolist()
        ends = [*starts[1:], len(tables.source)]
        kinds = map(TOKEN_KINDS.__getitem__, tables.tokens.cast("B").cast("H")[2::4])
        return tuple(map(partial(tuple.__new__, Token), zip(kinds, starts, ends)))

    @property
    def instructions(self) -> Sequence[Instruction]:
        """The instructions of the file, in order; what ONBUILD triggers is inside its node."""
        return tuple(node for node in self.root.children if isinstance(node, Instruction))

    def node(self, id: int) -> Node:
        """The node with an id, which is its index in `nodes`."""
        if not 0 <= id < self._tables.count:
            raise IndexError(f"no node {id}")
        return node_of(self, id)

    def node_at(self, offset: int) -> Node:
        """The deepest node that covers a byte; at the very end, the root."""
        return node_of(self, lib.dfl_doc_node_at(self._live, u32(offset)).id)

    def walk(self) -> Iterator[Node]:
        """Every node, parents before children."""
        return self.root.walk()

    # --- diagnostics and positions

    @property
    def diagnostics(self) -> Sequence[Diagnostic]:
        """The diagnostics that were kept, in the order of their position."""
        handle = self._live
        stored = records(lib.dfl_doc_diags, handle, CDiagRec).cast("I")
        return tuple(
            Diagnostic(
                code=stored[at],
                name=lib.dfl_diag_name(stored[at]).decode(),
                severity=Severity(stored[at + 1]),
                message=message_of(handle, at // 4),
                range=Range(stored[at + 2], stored[at + 3]),
            )
            for at in range(0, len(stored), 4)
        )

    @property
    def error_count(self) -> int:
        """Errors found, those beyond the limit on diagnostics included."""
        return int(lib.dfl_doc_error_count(self._live))

    def position(self, offset: int) -> Position:
        """Line and columns of a byte offset (clamped to the source's length)."""
        pos = lib.dfl_doc_pos(self._live, u32(offset))
        return Position(pos.line, pos.byte, pos.utf8, pos.utf16)

    def offset(self, line: int, column: int, unit: str = "byte") -> int:
        """Byte offset of a line and a column in bytes, "utf8" code points or "utf16" units."""
        units = Position._fields[1:]
        if unit not in units:
            raise ValueError(f"unit is {unit!r}, not byte, utf8 or utf16")
        number = units.index(unit) + 1
        return int(lib.dfl_doc_offset(self._live, u32(line, "line"), u32(column, "column"), number))

    # --- output

    def to_sexp(self) -> str:
        """The tree as an S-expression, one node a line."""
        return printed(lib.dfl_print_sexp, self._live)

    def diff(self, other: Document, path: Union[str, os.PathLike[str]] = "Dockerfile") -> str:
        """A unified diff from this document to another, as `git apply` takes it."""
        name = Str.of(os.fsencode(path))
        return printed(lib.dfl_print_diff, self._live, other._live, name)


def message_of(handle: Handle, index: int) -> str:
    diag = CDiag()
    lib.dfl_doc_diag(handle, index, byref(diag))
    return str(diag.message)


def node_of(document: Document, id: int) -> Node:
    kind = document._tables.halves[10 * id]
    cls = Instruction if FIRST_INSTRUCTION <= kind <= LAST_INSTRUCTION else Node
    return cls(document, id)


class Nodes(Sequence["Node"]):
    """The nodes of a document, made when looked at."""

    __slots__ = ("_document",)

    def __init__(self, document: Document) -> None:
        self._document = document

    def __len__(self) -> int:
        return self._document._tables.count

    def __iter__(self) -> Iterator[Node]:
        return self._document.walk()

    @overload
    def __getitem__(self, index: int) -> Node: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Node]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[Node, Sequence[Node]]:
        ids = range(len(self))
        if isinstance(index, slice):
            return tuple(map(self._document.node, ids[index]))
        return self._document.node(ids[index])


class Node:
    """A node of the tree. Keeps its document alive; equal to another handle on the same node."""

    __slots__ = ("document", "id")

    def __init__(self, document: Document, id: int) -> None:
        self.document = document
        self.id = id

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return NotImplemented
        return self.document is other.document and self.id == other.id

    def __hash__(self) -> int:
        return hash((id(self.document), self.id))

    def __repr__(self) -> str:
        if self.document.closed:
            return f"<{type(self).__name__} {self.id} of a closed document>"
        start, end = self.range
        return f"<{type(self).__name__} {self.id} {self.kind_name} {start}:{end}>"

    def _native(self, handle: Handle) -> CNode:
        """The handle as C wants it; the caller holds `handle` while it is in use."""
        return CNode(doc=handle.address, id=self.id)

    @property
    def kind(self) -> NodeKind:
        """What it is."""
        return KINDS[self.document._tables.halves[10 * self.id]]

    @property
    def kind_name(self) -> str:
        """Name of the kind as in S-expressions, such as "shell-form"."""
        name: bytes = lib.dfl_node_kind_name(self.kind)
        return name.decode()

    @property
    def flags(self) -> NodeFlags:
        """Its properties."""
        return FLAGS[self.document._tables.halves[10 * self.id + 1]]

    @property
    def range(self) -> Range:
        """Bytes it covers; an instruction ends before its last line end."""
        return Range(*self.document._tables.range_of(self.id))

    @property
    def lines(self) -> tuple[int, int]:
        """First and last line it covers, counted from 1 as editors do."""
        start, end = self.range
        position = self.document.position
        return position(start).line + 1, position(max(start, end - 1)).line + 1

    @property
    def raw(self) -> bytes:
        """The bytes it covers."""
        tables = self.document._tables
        start, end = tables.range_of(self.id)
        return tables.source[start:end]

    @property
    def text(self) -> str:
        """The bytes it covers, as text."""
        return decode(self.raw)

    @property
    def raw_value(self) -> bytes:
        """`value` as bytes."""
        if not self.document._tables.halves[10 * self.id + 1] & HAS_VALUE:
            return self.raw
        handle = self.document._live
        return bytes(lib.dfl_node_value(self._native(handle)))

    @property
    def value(self) -> str:
        """What it means to BuildKit's parser: continuations, quotes and escapes removed."""
        return decode(self.raw_value)

    def source_offset(self, at: int) -> int:
        """Offset in the source of byte `at` of the value."""
        handle = self.document._live
        return int(lib.dfl_node_source_offset(self._native(handle), u32(at)))

    @property
    def parent(self) -> Optional[Node]:
        """The node it is a child of; None for the root."""
        if not self.id:
            return None
        return node_of(self.document, self.document._tables.words[5 * self.id + 4])

    @property
    def next(self) -> Optional[Node]:
        """The next sibling."""
        after = self.document._tables.words[5 * self.id + 3]
        return node_of(self.document, after) if after else None

    @property
    def children(self) -> Sequence[Node]:
        """Its children, in order."""
        tables = self.document._tables
        found = []
        child = tables.first_of(self.id)
        while child:
            found.append(node_of(self.document, child))
            child = tables.words[5 * child + 3]
        return tuple(found)

    def child(self, kind: NodeKind) -> Optional[Node]:
        """The first child of a kind."""
        return next((child for child in self.children if child.kind == kind), None)

    def walk(self) -> Iterator[Node]:
        """This node and every node below it, parents before children."""
        document, start = self.document, self.id
        end = document._tables.end_of(start)
        for id, kind in enumerate(document._tables.halves[10 * start : 10 * end : 10], start):
            cls = Instruction if FIRST_INSTRUCTION <= kind <= LAST_INSTRUCTION else Node
            yield cls(document, id)


class Instruction(Node):
    """A node that is an instruction, with its parts by name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Its name in upper case, such as "RUN"; for an unknown one, the word that was written."""
        name: bytes = lib.dfl_instruction_name(self.kind)
        keyword = self.child(NodeKind.KEYWORD)
        return name.decode() or (keyword.value.upper() if keyword else "")

    @property
    def json(self) -> bool:
        """Whether its arguments are in JSON form."""
        return bool(self.flags & NodeFlags.JSON)

    @property
    def options(self) -> Sequence[Option]:
        """Its flags, such as `--platform=linux/amd64`."""
        return tuple(option_of(child) for child in self.children if child.kind == NodeKind.FLAG)

    @property
    def arguments(self) -> Sequence[str]:
        """Values of its arguments, not expanded: words, JSON strings, the shell form as one, a pair
        as `name=value` (see `pairs`), a trigger of ONBUILD as one."""
        return tuple(value for child in self.children for value in arguments_of(child))

    @property
    def pairs(self) -> Sequence[Pair]:
        """What ENV, LABEL or ARG set."""
        return tuple(pair_of(child) for child in self.children if child.kind == NodeKind.PAIR)

    @property
    def heredocs(self) -> Sequence[Heredoc]:
        """Its heredocs."""
        return tuple(heredoc_of(child) for child in self.children if child.kind == NodeKind.HEREDOC)

    @property
    def trigger(self) -> Optional[Instruction]:
        """The instruction that an ONBUILD holds."""
        return next((child for child in self.children if isinstance(child, Instruction)), None)


def check_owner(document: Document, node: Node) -> None:
    """Refuse what was found in another document: its numbers mean something else in this one."""
    if node.document is not document:
        raise StaleError(f"{node!r} belongs to another document than the one at hand")


def value_of(node: Node, kind: NodeKind) -> Optional[str]:
    child = node.child(kind)
    return None if child is None else child.value


def option_of(node: Node) -> Option:
    name, equals, value = node.value.partition("=")
    return Option(name[2:], value if equals else None, node)


def pair_of(node: Node) -> Pair:
    return Pair(value_of(node, NodeKind.NAME) or "", value_of(node, NodeKind.VALUE), node)


def heredoc_of(node: Node) -> Heredoc:
    content = value_of(node, NodeKind.HEREDOC_BODY) or ""
    flags = node.flags
    expand, chomp = bool(flags & NodeFlags.EXPAND), bool(flags & NodeFlags.CHOMP)
    return Heredoc(node.value, content, expand, chomp, node)


def arguments_of(node: Node) -> Iterator[str]:
    """The arguments that a child of an instruction stands for."""
    if node.kind in (NodeKind.WORD, NodeKind.SHELL_FORM, NodeKind.ERROR):
        yield node.value
    elif node.kind == NodeKind.JSON_FORM:
        yield from (child.value for child in node.children if child.kind == NodeKind.JSON_STRING)
    elif node.kind == NodeKind.PAIR:
        name, value, _ = pair_of(node)
        yield name if value is None else f"{name}={value}"
    elif isinstance(node, Instruction):
        yield node.value


def parse(source: Buffer, *, limits: Optional[Limits] = None) -> Document:
    """Parse a Dockerfile, given as text or bytes.

    What is wrong in it never raises: it is in `Document.diagnostics`. LimitError when the source is
    longer than the limit (4 MiB unless `limits` says otherwise).
    """
    data = encode(source)
    options = CParseOptions()
    if limits is not None:
        options.limits = pointer(limits._native())
    out = c_void_p()
    lib.dfl_parse(data, len(data), byref(options), byref(out))
    return Document(Handle(out, lib.dfl_doc_unref))


def parse_file(path: Union[str, os.PathLike[str]], *, limits: Optional[Limits] = None) -> Document:
    """Parse the Dockerfile at a path."""
    with open(path, "rb") as file:
        return parse(file.read(), limits=limits)
