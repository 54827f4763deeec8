"""Variables: what they hold at a place, where that comes from, and texts with them put in.

Owns Definition, Variable, Scope, Expansion and its parts. Relies on the library for every value.
Never keeps the C object: what it says is copied out, so that it outlives the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ctypes import byref
from dataclasses import dataclass
from typing import Optional

from ._constants import DefinitionKind, ExpandMode, PieceFlags, VariableState
from ._document import Document, Node, Range
from ._native import NO_DEFINITION, NO_STAGE, Handle, lib
from ._structs import CDefinition, CExpanded, CPiece, CUndefined, CVariable, decode


@dataclass(frozen=True)
class Definition:
    """A place where a variable gets a value; `index` is its number in `Model.definitions`.

    `value` is None unless the state is SET. `node` is the pair of the ARG or ENV, None when it does
    not stand in the file; `stage` is None in the global scope. `source` is, for a GLOBAL one, the
    definition whose value it takes.
    """

    index: int
    kind: DefinitionKind
    state: VariableState
    name: str
    value: Optional[str]
    stage: Optional[int]
    node: Optional[Node]
    source: Optional[int]


@dataclass(frozen=True)
class Variable:
    """A variable at a place. `value` is None unless it is known; `definition` is in force."""

    name: str
    state: VariableState
    value: Optional[str]
    definition: Optional[int]
    declared: bool


class Scope(Mapping[str, Variable]):
    """The variables that can be named at a place, by name and sorted by name.

    `complete` is false when others may be set, too: the base image is not known.
    """

    __slots__ = ("_variables", "complete")

    def __init__(self, variables: Sequence[Variable], complete: bool) -> None:
        self._variables = {variable.name: variable for variable in variables}
        self.complete = complete

    def __getitem__(self, name: str) -> Variable:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __repr__(self) -> str:
        return f"<Scope of {len(self)} variables{'' if self.complete else ' and more'}>"


@dataclass(frozen=True)
class Piece:
    """A run of an expansion and the bytes of the source it comes from.

    `definition` is that of the variable that gave it, None for literal text; `node` is the node in
    whose text `source` lies.
    """

    text: str
    source: Range
    flags: PieceFlags
    definition: Optional[int]
    node: Node


@dataclass(frozen=True)
class Undefined:
    """A name that is not set; `declared` when an ARG names it all the same."""

    name: str
    declared: bool
    suggestion: Optional[str]
    source: Range


@dataclass(frozen=True)
class Expansion:
    """A text with its variables put in, as BuildKit does it at that place.

    `error` is the name of a diagnostic when the text is malformed. Where `known` is false, what is
    not known is left out of `text`. The pieces tile the text.
    """

    text: str
    mode: ExpandMode
    known: bool
    error: Optional[str]
    words: Sequence[str]
    pieces: Sequence[Piece]
    undefined: Sequence[Undefined]


def optional(number: int, absent: int) -> Optional[int]:
    return None if number == absent else number


def definitions_of(document: Document, model: Handle) -> Iterator[Definition]:
    found = CDefinition()
    for index in range(lib.dfl_model_definition_count(model)):
        lib.dfl_model_definition(model, index, byref(found))
        state = VariableState(found.state)
        yield Definition(
            index=index,
            kind=DefinitionKind(found.kind),
            state=state,
            name=str(found.name),
            value=str(found.value) if state is VariableState.SET else None,
            stage=optional(found.stage, NO_STAGE),
            node=document.node(found.node) if found.node else None,
            source=optional(getattr(found, "from"), NO_DEFINITION),
        )


def variables_of(scope: Handle) -> Iterator[Variable]:
    found = CVariable()
    for index in range(lib.dfl_scope_count(scope)):
        lib.dfl_scope_variable(scope, index, byref(found))
        state = VariableState(found.state)
        yield Variable(
            name=str(found.name),
            state=state,
            value=str(found.value) if state is VariableState.SET else None,
            definition=optional(found.definition, NO_DEFINITION),
            declared=bool(found.declared),
        )


def scope_of(scope: Handle) -> Scope:
    return Scope(tuple(variables_of(scope)), bool(lib.dfl_scope_complete(scope)))


def pieces_of(document: Document, expansion: Handle, text: bytes, count: int) -> Iterator[Piece]:
    found = CPiece()
    for index in range(count):
        lib.dfl_expansion_piece(expansion, index, byref(found))
        yield Piece(
            text=decode(text[found.start : found.end]),
            source=Range(found.source.start, found.source.end),
            flags=PieceFlags(found.flags),
            definition=optional(found.definition, NO_DEFINITION),
            node=document.node(found.node),
        )


def undefined_of(expansion: Handle, count: int) -> Iterator[Undefined]:
    found = CUndefined()
    for index in range(count):
        lib.dfl_expansion_undefined(expansion, index, byref(found))
        yield Undefined(
            name=str(found.name),
            declared=bool(found.declared),
            suggestion=str(found.suggestion) or None,
            source=Range(found.source.start, found.source.end),
        )


def expansion_of(document: Document, expansion: Handle) -> Expansion:
    found = CExpanded()
    lib.dfl_expansion_get(expansion, byref(found))
    text = bytes(found.text)
    return Expansion(
        text=decode(text),
        mode=ExpandMode(found.mode),
        known=bool(found.known),
        error=lib.dfl_diag_name(found.error).decode() if found.error else None,
        words=tuple(str(lib.dfl_expansion_word(expansion, at)) for at in range(found.words)),
        pieces=tuple(pieces_of(document, expansion, text, found.pieces)),
        undefined=tuple(undefined_of(expansion, found.undefined)),
    )
