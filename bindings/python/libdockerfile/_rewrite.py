"""Rewrites: plans of minimal edits with reasons, or refusals.

Owns the four rewrites and Plan. Relies on catalogs and facts from _io.py where they are given.
Never changes a document: a plan holds the proved result.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ctypes import byref, c_void_p
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from ._constants import Builder, Outcome, Risk, Sharing, User
from ._document import Document, Range
from ._edits import Edit, edit_of
from ._io import Catalog
from ._native import Handle, Resource, lib, printed
from ._structs import CEdit, CRefusal, CRewriteOptions, CStep, Str, Text, bindings

Args = Optional[Mapping[str, Text]]
Facts = Iterable[tuple[Text, Text]]


@dataclass(frozen=True)
class Step:
    """One step of a plan: what, why, on what evidence, under which assumptions."""

    code: str
    message: str
    risk: Risk
    range: Range
    edits: Sequence[Edit]
    assumptions: Sequence[str]


@dataclass(frozen=True)
class Refusal:
    """Why something is not done, and what would make it possible."""

    code: str
    message: str
    range: Range


class Plan(Resource):
    """What a rewrite wants to do to `document`, and the `result`, which is proved: the document
    itself unless `changed`."""

    __slots__ = ("document", "outcome", "refusals", "result", "steps")

    def __init__(self, document: Document, handle: Handle) -> None:
        super().__init__(handle)
        self.document = document
        self.outcome = Outcome(lib.dfl_plan_outcome(handle))
        self.steps: Sequence[Step] = tuple(
            step_of(handle, index) for index in range(lib.dfl_plan_step_count(handle))
        )
        self.refusals: Sequence[Refusal] = tuple(
            refusal_of(handle, index) for index in range(lib.dfl_plan_refusal_count(handle))
        )
        self.result = document
        if self.changed:
            reference = c_void_p(lib.dfl_doc_ref(lib.dfl_plan_result(handle)))
            self.result = Document(Handle(reference, lib.dfl_doc_unref))

    def __repr__(self) -> str:
        outcome = self.outcome.name.lower()
        return f"<Plan {outcome}, {len(self.steps)} steps, {len(self.refusals)} refusals>"

    @property
    def changed(self) -> bool:
        """Whether there is something to write."""
        return self.outcome == Outcome.CHANGED

    def diff(self, path: Union[str, os.PathLike[str]] = "Dockerfile") -> str:
        """A unified diff that `git apply` takes; empty when nothing changes."""
        return self.document.diff(self.result, path)

    def explain(self, path: Union[str, os.PathLike[str]] = "Dockerfile") -> str:
        """Steps, assumptions and refusals as text for a person."""
        return printed(lib.dfl_print_plan_text, self._live, Str.of(os.fsencode(path)))

    def to_json(self) -> str:
        """The plan as JSON, schema version 1."""
        return printed(lib.dfl_print_plan_json, self._live)

    def to_dict(self) -> dict[str, Any]:
        """`to_json`, decoded."""
        decoded: dict[str, Any] = json.loads(self.to_json())
        return decoded


def step_of(plan: Handle, index: int) -> Step:
    step, edit = CStep(), CEdit()
    lib.dfl_plan_step(plan, index, byref(step))
    edits = []
    for number in range(step.edit_count):
        lib.dfl_plan_edit(plan, index, number, byref(edit))
        edits.append(edit_of(edit))
    numbers = range(step.assumption_count)
    return Step(
        code=step.code.decode(),
        message=str(step.message),
        risk=Risk(step.risk),
        range=Range(step.range.start, step.range.end),
        edits=tuple(edits),
        assumptions=tuple(str(lib.dfl_plan_assumption(plan, index, number)) for number in numbers),
    )


def refusal_of(plan: Handle, index: int) -> Refusal:
    refusal = CRefusal()
    lib.dfl_plan_refusal(plan, index, byref(refusal))
    where = Range(refusal.range.start, refusal.range.end)
    return Refusal(refusal.code.decode(), str(refusal.message), where)


def options_of(
    args: Args,
    facts: Facts,
    knowledge: Optional[Handle],
    user: Union[User, str],
    builder: Union[Builder, str] = Builder.BUILDKIT,
    sharing: Union[Sharing, str] = Sharing.CATALOG,
    **texts: Optional[Text],
) -> CRewriteOptions:
    """Options of a rewrite; `knowledge` must be held until the call returns."""
    given, known = bindings((args or {}).items()), bindings(facts)
    return CRewriteOptions(
        user=User[user.upper()] if isinstance(user, str) else user,
        builder=Builder[builder.upper()] if isinstance(builder, str) else builder,
        sharing=Sharing[sharing.upper()] if isinstance(sharing, str) else sharing,
        catalog=knowledge.address if knowledge is not None else None,
        facts=known,
        facts_count=len(known),
        args=given,
        args_count=len(given),
        **{name: Str.of(text) for name, text in texts.items()},
    )


def plan(
    function: Callable[..., object],
    document: Document,
    args: Args,
    facts: Facts,
    catalog: Optional[Catalog],
    user: Union[User, str] = User.AUTO,
    builder: Union[Builder, str] = Builder.BUILDKIT,
    sharing: Union[Sharing, str] = Sharing.CATALOG,
    **texts: Optional[Text],
) -> Plan:
    """Call a rewrite; `texts` are the string members of its options."""
    knowledge = catalog._live if catalog is not None else None  # held until the call returns
    options = options_of(args, facts, knowledge, user, builder, sharing, **texts)
    out = c_void_p()
    function(document._live, byref(options), byref(out))
    return Plan(document, Handle(out, lib.dfl_plan_free))


def cache(
    document: Document,
    *,
    args: Args = None,
    facts: Facts = (),
    catalog: Optional[Catalog] = None,
    builder: Union[Builder, str] = Builder.BUILDKIT,
    id: str = "auto",
    sharing: Union[Sharing, str] = Sharing.CATALOG,
) -> Plan:
    """Give RUN the cache mounts of the package managers that the catalog knows.

    `builder` is what will read the file. `id` is "none", "tool", "platform" or a prefix of the ids
    of new mounts; "auto" writes one where stages of the file would mix what must not be mixed.
    """
    function = lib.dfl_rewrite_cache
    return plan(
        function, document, args, facts, catalog, builder=builder, sharing=sharing, id=id
    )


def base(
    document: Document,
    *,
    to: str,
    stage: Union[str, int, None] = None,
    user: Union[User, str] = User.AUTO,
    args: Args = None,
    facts: Facts = (),
    catalog: Optional[Catalog] = None,
) -> Plan:
    """Move a stage (the final one unless given) to another base image.

    `to` is an image or one of the words that `base_report` is keyed by: "distroless", "slim",
    "alpine", "scratch", "wolfi", "dhi", "ubi-micro".
    """
    name = None if stage is None else str(stage)
    return plan(lib.dfl_rewrite_base, document, args, facts, catalog, user, to=to, stage=name)


class BaseReport(Mapping[str, Plan]):
    """The plans of `base` by the word that its `to` takes, in the library's order. Made by
    `base_report`."""

    def __init__(self, document: Document, **given: Any) -> None:
        self.document = document
        self._given = given
        self._plans = {word: base(document, to=word, **given) for word in base_targets()}

    def __getitem__(self, target: str) -> Plan:
        return self._plans[target]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plans)

    def __len__(self) -> int:
        return len(self._plans)

    def _printed(self, function: Callable[..., object], *rest: object) -> str:
        given = dict(self._given)
        stage, catalog = given.pop("stage"), given.pop("catalog")
        knowledge = catalog._live if catalog is not None else None  # held until the call returns
        options = options_of(knowledge=knowledge, stage=stage, **given)
        return printed(function, self.document._live, byref(options), *rest)

    def explain(self, path: Union[str, os.PathLike[str]] = "Dockerfile") -> str:
        """Outcomes and refusals as text for a person."""
        return self._printed(lib.dfl_print_base_report_text, Str.of(os.fsencode(path)))

    def to_json(self) -> str:
        """The report as JSON, schema version 1."""
        return self._printed(lib.dfl_print_base_report_json)

    def to_dict(self) -> dict[str, Any]:
        """`to_json`, decoded."""
        decoded: dict[str, Any] = json.loads(self.to_json())
        return decoded


def base_report(
    document: Document,
    *,
    stage: Union[str, int, None] = None,
    user: Union[User, str] = User.AUTO,
    args: Args = None,
    facts: Facts = (),
    catalog: Optional[Catalog] = None,
) -> BaseReport:
    """What `base` does for every word that its `to` takes, to compare them for a file."""
    name = None if stage is None else str(stage)
    known, given = tuple(facts), dict(args or {})  # what is printed later is what was planned
    return BaseReport(document, stage=name, user=user, args=given, facts=known, catalog=catalog)


def base_targets() -> list[str]:
    """The words that `to` of `base` takes beside images."""
    words: list[str] = []
    while word := lib.dfl_base_target(len(words)):
        words.append(word.decode())
    return words


def split(
    document: Document,
    *,
    runtime: str = "auto",
    artifact: Optional[str] = None,
    user: Union[User, str] = User.AUTO,
    args: Args = None,
    facts: Facts = (),
    catalog: Optional[Catalog] = None,
) -> Plan:
    """Make one stage into a builder and a runtime stage.

    `runtime` is the base of the runtime stage, as `to` of `base`, or "auto"; `artifact` is the path
    of what runs, traced unless given.
    """
    function = lib.dfl_rewrite_split
    return plan(function, document, args, facts, catalog, user, runtime=runtime, artifact=artifact)


def optimize(
    document: Document,
    *,
    runtime: str = "auto",
    artifact: Optional[str] = None,
    user: Union[User, str] = User.AUTO,
    args: Args = None,
    facts: Facts = (),
    catalog: Optional[Catalog] = None,
    builder: Union[Builder, str] = Builder.BUILDKIT,
    id: str = "auto",
    sharing: Union[Sharing, str] = Sharing.CATALOG,
) -> Plan:
    """Split, base to distroless and cache in one plan; a part that refuses leaves the others."""
    return plan(
        lib.dfl_rewrite_optimize,
        document,
        args,
        facts,
        catalog,
        user,
        builder,
        sharing,
        runtime=runtime,
        artifact=artifact,
        id=id,
    )
