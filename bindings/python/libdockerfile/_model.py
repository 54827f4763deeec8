"""The meaning of a document: stages, how they depend on each other, what a target needs.

Owns Model, Stage and Edge. Relies on the library for every rule of the language.
Never pulls an image or guesses: a value that depends on an argument not given is not known.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping, Sequence
from ctypes import byref, c_uint8, c_void_p, pointer
from dataclasses import dataclass
from typing import Any, Optional, Union

from ._constants import Channel, EdgeKind, GraphFormat
from ._document import Document, Instruction, Limits, Node, Range
from ._native import (
    NEVER,
    NO_STAGE,
    CEdge,
    CFrontend,
    CModelOptions,
    CStage,
    Handle,
    Resource,
    Str,
    Text,
    bindings,
    lib,
    printed,
    version_of,
)

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Stage:
    """A stage. `base` is expanded; where `base_known` is false it is as written."""

    index: int
    name: Optional[str]
    base: str
    base_known: bool
    base_stage: Optional[int]
    platform: Optional[str]
    range: Range
    node: Node


@dataclass(frozen=True)
class Edge:
    """A dependency of `stage` on the stage `target`, or on `image` where `target` is None."""

    kind: EdgeKind
    stage: int
    target: Optional[int]
    image: Optional[str]
    range: Range
    known: bool
    cyclic: bool


@dataclass(frozen=True)
class Frontend:
    """The frontend that a document names, and the versions it asks for.

    `oldest` and `newest` bound what `reference` can mean, None when that is unknown; `stable` and
    `labs` are the least versions that read the document, None when none does. `feature`, used at
    `node`, is what asks for so much. `enough` is None when it cannot be told.
    """

    channel: Channel
    reference: Optional[str]
    oldest: Optional[Version]
    newest: Optional[Version]
    stable: Optional[Version]
    labs: Optional[Version]
    enough: Optional[bool]
    feature: Optional[str]
    node: Optional[Node]
    range: Range


Target = Union[Stage, int, str, None]


class Model(Resource):
    """The meaning of a document under given build arguments. May be read from several threads."""

    __slots__ = ("document", "edges", "stages")

    def __init__(
        self,
        document: Document,
        args: Optional[Mapping[str, Text]] = None,
        *,
        limits: Optional[Limits] = None,
    ) -> None:
        values = bindings((args or {}).items())
        options = CModelOptions(args=values, args_count=len(values))
        if limits is not None:
            options.limits = pointer(limits._native())
        out = c_void_p()
        lib.dfl_model_new(document._live, byref(options), byref(out))
        super().__init__(Handle(out, lib.dfl_model_free))
        self.document = document
        self.stages: Sequence[Stage] = tuple(self._stages())
        self.edges: Sequence[Edge] = tuple(self._edges())

    def _stages(self) -> list[Stage]:
        handle = self._live
        stage = CStage()
        found = []
        for index in range(lib.dfl_model_stage_count(handle)):
            lib.dfl_model_stage(handle, index, byref(stage))
            found.append(stage_of(self.document, stage))
        return found

    def _edges(self) -> list[Edge]:
        handle = self._live
        edge = CEdge()
        found = []
        for index in range(lib.dfl_model_edge_count(handle)):
            lib.dfl_model_edge(handle, index, byref(edge))
            found.append(edge_of(edge))
        return found

    def __repr__(self) -> str:
        return f"<Model of {len(self.stages)} stages, {len(self.edges)} edges>"

    def stage(self, name: str = "") -> Optional[Stage]:
        """The stage that `docker build --target` would take; without a name, the last one."""
        index = lib.dfl_model_stage_find(self._live, Str.of(name))
        return None if index == NO_STAGE else self.stages[index]

    def stage_of(self, node: Node) -> Optional[Stage]:
        """The stage that holds an instruction; None before the first FROM."""
        handle = self.document._live if node.document is self.document else node.document._live
        index = lib.dfl_model_stage_of(self._live, node._native(handle))
        return None if index == NO_STAGE else self.stages[index]

    def instructions(self, stage: Target = None) -> Sequence[Instruction]:
        """The instructions of a stage, its FROM first; without a stage, of the last one."""
        if not self.stages:
            return ()
        start, end = self.stages[self._index(stage)].range
        inside = self.document.instructions
        return tuple(node for node in inside if start <= node.range.start < end)

    def reachable(self, target: Target = None) -> Sequence[Stage]:
        """The stages that building `target` (by default the last) needs, itself included."""
        if not self.stages:
            return ()
        marks = (c_uint8 * len(self.stages))()
        lib.dfl_model_reachable(self._live, self._index(target), marks, len(marks))
        return tuple(stage for stage, mark in zip(self.stages, marks) if mark)

    def _index(self, target: Target) -> int:
        if isinstance(target, Stage):
            return target.index
        if isinstance(target, int):
            return range(len(self.stages))[target]
        stage = self.stage(target or "")
        if stage is None:
            raise KeyError(target)
        return stage.index

    @property
    def frontend(self) -> Frontend:
        """What the document asks of the frontend that reads it."""
        handle = self._live
        frontend = CFrontend()
        lib.dfl_model_frontend(handle, byref(frontend))
        return frontend_of(self.document, frontend)

    def graph(self, format: Union[GraphFormat, str] = "text", target: Target = None) -> str:
        """The stage graph as "text", "json", "dot" or "mermaid"."""
        code = GraphFormat[format.upper()] if isinstance(format, str) else format
        index = self._index(target) if self.stages else 0
        return printed(lib.dfl_print_graph, self._live, index, code)

    def to_json(self) -> str:
        """Stages, instructions and diagnostics as JSON, schema version 1."""
        return printed(lib.dfl_print_json, self._live)

    def to_dict(self) -> dict[str, Any]:
        """`to_json`, decoded."""
        decoded: dict[str, Any] = json.loads(self.to_json())
        return decoded


def stage_of(document: Document, stage: ctypes.Structure) -> Stage:
    return Stage(
        index=stage.index,
        name=str(stage.name) or None,
        base=str(stage.base),
        base_known=bool(stage.base_known),
        base_stage=None if stage.base_stage == NO_STAGE else stage.base_stage,
        platform=str(stage.platform) or None,
        range=Range(stage.range.start, stage.range.end),
        node=document.node(stage.node),
    )


def frontend_of(document: Document, frontend: ctypes.Structure) -> Frontend:
    def version(number: int, absent: int) -> Optional[Version]:
        return None if number == absent else version_of(number)

    return Frontend(
        channel=Channel(frontend.channel),
        reference=str(frontend.reference) or None,
        oldest=version(frontend.oldest, 0),
        newest=version(frontend.newest, 0),
        stable=version(frontend.stable, NEVER),
        labs=version(frontend.labs, NEVER),
        enough=None if frontend.enough < 0 else bool(frontend.enough),
        feature=frontend.feature.decode() or None,
        node=document.node(frontend.node) if frontend.node else None,
        range=Range(frontend.range.start, frontend.range.end),
    )


def edge_of(edge: ctypes.Structure) -> Edge:
    to_image = edge.target == NO_STAGE
    return Edge(
        kind=EdgeKind(edge.kind),
        stage=edge.stage,
        target=None if to_image else edge.target,
        image=str(edge.image) if to_image else None,
        range=Range(edge.range.start, edge.range.end),
        known=bool(edge.known),
        cyclic=bool(edge.cyclic),
    )
