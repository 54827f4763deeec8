"""The meaning of a document: stages, how they depend on each other, what a target needs.

Owns Model, Stage, Edge and ModelDiagnostic. Relies on _scope.py and _config.py for what is asked of
a place or a stage, and on the library for every rule of the language.
Never pulls an image or guesses: a value that depends on an argument not given is not known.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping, Sequence
from ctypes import byref, c_int32, c_size_t, c_uint8, c_uint32, c_void_p, pointer
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional, Union

from ._config import Config, ImageConfig, bases_of, config_of
from ._constants import Channel, EdgeFlags, EdgeKind, GraphFormat, Need, Severity
from ._document import Diagnostic, Document, Instruction, Limits, Node, Range, check_owner
from ._edits import Edits
from ._errors import FormatError
from ._images import Image, images_handle, images_of
from ._io import Catalog
from ._native import (
    ALL_ARGS,
    IMAGES_JSON,
    IMAGES_TEXT,
    NEVER,
    NO_LEVEL,
    NO_STAGE,
    TRACE,
    Handle,
    Resource,
    lib,
    printed,
    version_of,
)
from ._scope import Definition, Expansion, Scope, definitions_of, expansion_of, scope_of
from ._shell import Shell, shell_of
from ._structs import CDiag, CEdge, CFrontend, CModelOptions, CStage, Str, Text, bindings

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
    flags: EdgeFlags
    node: Node
    index: int


@dataclass(frozen=True)
class ModelDiagnostic(Diagnostic):
    """A diagnostic of a model; `stage` is the one that must be built for it to matter, None when
    every build meets it."""

    stage: Optional[int]


class Targets(NamedTuple):
    """What an edge may lead to: stages, or an image."""

    stages: Sequence[Stage]
    image: bool


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
    """The meaning of a document in a given world. May be read from several threads.

    `args` are build arguments; with `all_args` they are all there are, so that an ARG to which
    nothing gives a value is unset, not unknown. `contexts` are named contexts (`--build-context`),
    `bases` says what is known of base images, `catalog` of those that it does not list; without
    either nothing is known of them. `target` is `--target`, the platforms are `--platform` and the
    builder's own.
    """

    __slots__ = ("document", "edges", "stages")

    def __init__(
        self,
        document: Document,
        args: Optional[Mapping[str, Text]] = None,
        *,
        contexts: Optional[Mapping[str, Text]] = None,
        bases: Optional[Mapping[str, ImageConfig]] = None,
        target: Text = "",
        target_platform: Text = "",
        build_platform: Text = "",
        all_args: bool = False,
        catalog: Optional[Catalog] = None,
        limits: Optional[Limits] = None,
    ) -> None:
        values, sources = bindings((args or {}).items()), bindings((contexts or {}).items())
        known = bases_of(bases or {})
        below = () if catalog is None else (catalog._live,)
        options = CModelOptions(
            args=values,
            args_count=len(values),
            flags=ALL_ARGS if all_args else 0,
            contexts=sources,
            contexts_count=len(sources),
            bases=known,
            bases_count=len(known),
            target=Str.of(target),
            target_platform=Str.of(target_platform),
            build_platform=Str.of(build_platform),
            catalog=below[0].address if below else None,
        )
        if limits is not None:
            options.limits = pointer(limits._native())
        out = c_void_p()
        try:
            lib.dfl_model_new(document._live, byref(options), byref(out))
        except FormatError:
            raise FormatError("a platform or the name of a base image is malformed") from None
        super().__init__(Handle(out, lib.dfl_model_free, *below))
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
            found.append(edge_of(self.document, edge, index))
        return found

    def __repr__(self) -> str:
        return f"<Model of {len(self.stages)} stages, {len(self.edges)} edges>"

    def stage(self, name: str = "") -> Optional[Stage]:
        """The stage that `docker build --target` would take; without a name, the last one."""
        index = lib.dfl_model_stage_find(self._live, Str.of(name))
        return None if index == NO_STAGE else self.stages[index]

    def stage_of(self, node: Node) -> Optional[Stage]:
        """The stage that holds a node; None before the first FROM. StaleError for a node of another
        document."""
        check_owner(self.document, node)
        handle = node.document._live
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

    # --- diagnostics

    @property
    def diagnostics(self) -> Sequence[ModelDiagnostic]:
        """What is wrong with what the file means, in the order of positions."""
        return tuple(map(self._diagnostic, range(lib.dfl_model_diag_count(self._live))))

    def verdict(self, target: Target = None) -> Optional[ModelDiagnostic]:
        """Why BuildKit rejects a build of `target` (by default the one the model was made for);
        None when it does not, as far as the model can tell. The document's errors come first."""
        index = c_size_t()
        number = NO_STAGE if target is None else self._index(target)
        lib.dfl_model_verdict(self._live, number, byref(index))
        return None if index.value == c_size_t(-1).value else self._diagnostic(index.value)

    def _diagnostic(self, index: int) -> ModelDiagnostic:
        handle = self._live
        diag = CDiag()
        lib.dfl_model_diag(handle, index, byref(diag))
        stage = lib.dfl_model_diag_stage(handle, index)
        return ModelDiagnostic(
            code=diag.code,
            name=diag.name.decode(),
            severity=Severity(diag.severity),
            message=str(diag.message),
            range=Range(diag.range.start, diag.range.end),
            stage=None if stage == NO_STAGE else stage,
        )

    # --- variables and configurations

    @property
    def definitions(self) -> Sequence[Definition]:
        """Every place where a variable gets a value, in the order in which BuildKit meets them."""
        return tuple(definitions_of(self.document, self._live))

    def scope(self, node: Node) -> Scope:
        """The variables that the words of a node may name, as they are before its instruction."""
        model, out, handle = self._live, c_void_p(), node.document._live
        lib.dfl_model_scope(model, node._native(handle), byref(out))
        return scope_of(Handle(out, lib.dfl_scope_free, model))

    def shell(self, node: Node) -> Shell:
        """The commands that a RUN, CMD, ENTRYPOINT or HEALTHCHECK, or its form or heredoc, gives to
        the shell in force there: opaque when that is no POSIX shell. UnsupportedError for a node
        that gives a shell nothing."""
        out, handle = c_void_p(), node.document._live
        lib.dfl_model_shell(self._live, node._native(handle), byref(out))
        return shell_of(self.document, Handle(out, lib.dfl_shell_free))

    def scope_end(self, stage: Target = None) -> Scope:
        """The variables behind the last instruction of a stage, by default the last one."""
        model, out = self._live, c_void_p()
        lib.dfl_model_scope_end(model, self._index(stage), byref(out))
        return scope_of(Handle(out, lib.dfl_scope_free, model))

    def expand(self, node: Node, *, trace: bool = False) -> Expansion:
        """The text of a node with its variables put in; with `trace`, the pieces of values are
        followed to the ARG or ENV in which they were typed. UnsupportedError where a node has no
        text to expand."""
        model, out, handle = self._live, c_void_p(), node.document._live
        flags = TRACE if trace else 0
        lib.dfl_model_expand(model, node._native(handle), flags, byref(out))
        return expansion_of(self.document, Handle(out, lib.dfl_expansion_free, model))

    def config(self, stage: Target = None) -> Config:
        """The configuration of the image that a stage gives, by default the last one."""
        out = c_void_p()
        lib.dfl_model_config(self._live, self._index(stage), byref(out))
        return config_of(self.document, Handle(out, lib.dfl_config_free))

    # --- the graph

    def targets(self, edge: Edge) -> Targets:
        """What an edge leads to or, where its reference hangs on a value that is not given, each
        earlier stage whose name the known parts of it allow, and whether it may be an image."""
        check_owner(self.document, edge.node)
        handle = self._live
        room = (c_uint32 * len(self.stages))()
        count, image = c_size_t(), c_int32()
        lib.dfl_model_edge_targets(handle, edge.index, room, len(room), byref(count), byref(image))
        return Targets(tuple(self.stages[at] for at in room[: count.value]), bool(image.value))

    def needs(self, target: Target = None) -> Sequence[Need]:
        """For each stage, whether building `target` needs it."""
        if not self.stages:
            return ()
        marks = (c_uint8 * len(self.stages))()
        lib.dfl_model_needs(self._live, self._index(target), marks, len(marks))
        return tuple(map(Need, marks))

    def order(self, target: Target = None) -> Sequence[Stage]:
        """What building `target` needs, each stage behind those it needs; of several the one that
        is first in the file. Stages on a cycle, and those that need them, are left out."""
        if not self.stages:
            return ()
        room, count = (c_uint32 * len(self.stages))(), c_size_t()
        lib.dfl_model_order(self._live, self._index(target), room, byref(count))
        return tuple(self.stages[at] for at in room[: count.value])

    def levels(self, target: Target = None) -> Sequence[Sequence[Stage]]:
        """The same stages in groups: those of one can be built at the same time."""
        if not self.stages:
            return ()
        room = (c_uint32 * len(self.stages))()
        lib.dfl_model_levels(self._live, self._index(target), room, len(room))
        groups: dict[int, list[Stage]] = {}
        for stage, level in zip(self.stages, room):
            if level != NO_LEVEL:
                groups.setdefault(level, []).append(stage)
        return tuple(tuple(groups[level]) for level in sorted(groups))

    @property
    def cycles(self) -> Sequence[Sequence[Edge]]:
        """Cycles, one for each group of stages that need one another."""
        return tuple(map(self._cycle, range(lib.dfl_model_cycle_count(self._live))))

    def _cycle(self, index: int) -> Sequence[Edge]:
        handle, count = self._live, c_size_t()
        lib.dfl_model_cycle(handle, index, None, 0, byref(count))
        room = (c_uint32 * count.value)()
        lib.dfl_model_cycle(handle, index, room, len(room), byref(count))
        return tuple(self.edges[at] for at in room)

    def _index(self, target: Target) -> int:
        if isinstance(target, Stage):
            check_owner(self.document, target.node)
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
        """The stage graph as "text", "json", "dot", "mermaid" or "svg"."""
        code = GraphFormat[format.upper()] if isinstance(format, str) else format
        index = self._index(target) if self.stages else 0
        return printed(lib.dfl_print_graph, self._live, index, code)

    @property
    def images(self) -> Sequence[Image]:
        """The images that the file names, in its order: not stages, not scratch."""
        return tuple(images_of(self.document, self._live))

    def images_table(self, target: Target = None) -> str:
        """The images as `dockerfile images` prints them."""
        return self._print_images(target, IMAGES_TEXT)

    def images_json(self, target: Target = None) -> str:
        """The images as JSON, schema version 1."""
        return self._print_images(target, IMAGES_JSON)

    def _print_images(self, target: Target, format: int) -> str:
        index = self._index(target) if self.stages else 0
        return printed(lib.dfl_print_images, images_handle(self._live), index, format)

    def set_images(
        self, changes: Mapping[Union[Image, int, Text], Text], *, others: bool = False
    ) -> Document:
        """The document with new references for images; see `Edits.set_images`."""
        with Edits(self.document) as edits:
            edits.set_images(self, changes, others=others)
            return edits.apply()

    def config_text(self, target: Target = None) -> str:
        """The configuration of a stage's image as `dockerfile config` prints it."""
        return printed(lib.dfl_print_config_text, self._live, self._number(target))

    def config_json(self, target: Target = None) -> str:
        """The same as JSON; its `config` is an OCI image configuration."""
        return printed(lib.dfl_print_config_json, self._live, self._number(target))

    def variables_text(self, target: Target = None) -> str:
        """The variables of the stages that `target` needs, as `dockerfile args` prints them.

        Without a target, those of all stages.
        """
        index = NO_STAGE if target is None else self._number(target)
        return printed(lib.dfl_print_args_text, self._live, index)

    def variables_json(self, target: Target = None) -> str:
        """The same as JSON, with every definition."""
        index = NO_STAGE if target is None else self._number(target)
        return printed(lib.dfl_print_args_json, self._live, index)

    def _number(self, target: Target) -> int:
        return self._index(target) if self.stages else NO_STAGE

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


def edge_of(document: Document, edge: ctypes.Structure, index: int) -> Edge:
    to_image = edge.target == NO_STAGE
    return Edge(
        kind=EdgeKind(edge.kind),
        stage=edge.stage,
        target=None if to_image else edge.target,
        image=str(edge.image) if to_image else None,
        range=Range(edge.range.start, edge.range.end),
        known=bool(edge.known),
        cyclic=bool(edge.cyclic),
        flags=EdgeFlags(edge.flags),
        node=document.node(edge.node),
        index=index,
    )
