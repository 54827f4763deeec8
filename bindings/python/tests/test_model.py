"""Models: stages, edges, targets, build arguments."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest
from conftest import SAMPLE

import libdockerfile
from libdockerfile import (
    Channel,
    Document,
    EdgeFlags,
    EdgeKind,
    Limits,
    Model,
    Need,
    NodeKind,
    Severity,
    StaleError,
    parse,
)
from libdockerfile._native import lib

DIAMOND = """\
FROM alpine:3.20 AS one
FROM one AS two
COPY --from=busybox /bin/sh /sh
FROM scratch AS unused
FROM debian:12
RUN --mount=type=bind,from=two,target=/two true
COPY --from=one /x /y
"""


def test_stages(sample: Document) -> None:
    build, final = Model(sample).stages
    assert (build.index, build.name, build.base) == (0, "build", "golang:1.22")
    assert build.base_known and build.base_stage is None
    assert build.node == sample.instructions[1]
    assert sample.source[slice(*build.range)].startswith(b"FROM --platform")
    assert (final.name, final.base, final.platform) == (None, "scratch", None)


def test_build_arguments() -> None:
    doc = parse("ARG BASE\nFROM $BASE\n")
    assert not Model(doc).stages[0].base_known
    (stage,) = Model(doc, {"BASE": "alpine:3.20"}).stages
    assert (stage.base, stage.base_known) == ("alpine:3.20", True)
    assert Model(doc, {"BASE": b"busybox"}).stages[0].base == "busybox"


def test_edges() -> None:
    model = Model(parse(DIAMOND))
    seen = [
        (edge.kind, edge.stage, edge.image if edge.target is None else edge.target)
        for edge in model.edges
        if edge.image != "scratch"
    ]
    assert seen == [
        (EdgeKind.FROM, 0, "alpine:3.20"),
        (EdgeKind.FROM, 1, 0),
        (EdgeKind.COPY, 1, "busybox"),
        (EdgeKind.FROM, 3, "debian:12"),
        (EdgeKind.MOUNT, 3, 1),
        (EdgeKind.COPY, 3, 0),
    ]
    for edge in model.edges:
        assert edge.known and not edge.cyclic
        word = model.document.source[slice(*edge.range)].decode()
        assert word == (edge.image or model.stages[edge.target or 0].name)


def test_reachable() -> None:
    model = Model(parse(DIAMOND))

    def names(*target: object) -> list[int]:
        return [stage.index for stage in model.reachable(*target)]  # type: ignore[arg-type]

    assert names() == [0, 1, 3]
    assert names("TWO") == names(1) == names(model.stages[1]) == [0, 1]
    assert names(-1) == [0, 1, 3]
    with pytest.raises(KeyError):
        names("missing")
    with pytest.raises(IndexError):
        names(4)


def test_order_levels_needs() -> None:
    model = Model(parse(DIAMOND))
    assert [stage.index for stage in model.order()] == [0, 1, 3]
    assert [[stage.index for stage in level] for level in model.levels()] == [[0], [1], [3]]
    assert model.needs() == (Need.YES, Need.YES, Need.NO, Need.YES)
    assert [stage.index for stage in model.order("one")] == [0]
    assert model.cycles == ()


def test_what_an_edge_may_mean() -> None:
    model = Model(parse("ARG S\nFROM a AS x-1\nFROM a AS y\nFROM x-$S\n"))
    edge = model.edges[-1]
    assert not edge.known
    assert model.targets(edge) == ((model.stages[0],), True)
    assert model.needs() == (Need.PERHAPS, Need.NO, Need.YES)
    assert model.targets(model.edges[0]) == ((), True)


def test_cycles() -> None:
    model = Model(parse("FROM a AS x\nCOPY --from=y / /\nFROM a AS y\nCOPY --from=x / /\n"))
    ((there, back),) = model.cycles
    assert (there.stage, there.target, back.target) == (0, 1, 0)
    assert there.flags == EdgeFlags.CYCLE | EdgeFlags.FORWARD and back.flags == EdgeFlags.CYCLE
    assert there.node.text == "COPY --from=y / /"
    assert model.order() == () and model.levels() == ()
    verdict = model.verdict()
    assert verdict is not None and verdict.name == "cycle"


def test_contexts() -> None:
    doc = parse("FROM alpine AS x\nFROM x\n")
    model = Model(doc, contexts={"alpine": "docker-image://busybox"})
    assert model.edges[0].flags == EdgeFlags.CONTEXT
    assert not Model(doc).edges[0].flags


def test_diagnostics_and_verdict() -> None:
    model = Model(parse("FROM a AS x\nSTOPSIGNAL SIGFOO\nFROM b AS y\nEXPOSE 1:2:3:4\n"))
    signal, port = model.diagnostics
    assert (signal.name, signal.severity, signal.stage) == ("signal", Severity.ERROR, 0)
    assert model.document.source[slice(*signal.range)] == b"SIGFOO" and "SIGFOO" in signal.message
    assert (port.name, port.stage) == ("port", 1)
    assert model.verdict() == model.verdict("y") == port
    assert model.verdict("x") == signal
    assert Model(parse("FROM a\n")).verdict() is None
    unknown = Model(parse("FROM a AS test\n"), target="tset").verdict()
    assert unknown is not None and (unknown.name, unknown.stage) == ("target-unknown", None)
    assert "test" in unknown.message


def test_stage_by_name_and_by_node(sample: Document) -> None:
    model = Model(sample)
    assert model.stage("BUILD") == model.stages[0]
    assert model.stage() == model.stages[1]
    assert model.stage("none") is None
    assert model.stage_of(sample.instructions[0]) is None
    assert model.stage_of(sample.instructions[2]) == model.stages[0]
    assert model.stage_of(sample.instructions[-1]) == model.stages[1]


def test_what_another_document_holds(sample: Document) -> None:
    """Its numbers would name something in this one, too."""
    model, other = Model(sample), Model(parse(SAMPLE))
    uses: list[Callable[[], Any]] = [
        lambda: model.stage_of(other.stages[0].node),
        lambda: model.reachable(other.stages[0]),
        lambda: model.config(other.stages[0]),
        lambda: model.targets(other.edges[0]),
        lambda: model.set_images({other.images[0]: "a"}),
    ]
    for use in uses:
        with pytest.raises(StaleError, match="another document"):
            use()
    again = Model(sample, {"VERSION": "2"})
    assert model.reachable(again.stages[0]) == model.reachable(0)


def test_instructions_of_a_stage(sample: Document) -> None:
    model = Model(sample)
    kinds = [instruction.kind for instruction in model.instructions()]
    assert kinds[0] == NodeKind.FROM and kinds[-1] == NodeKind.CMD
    assert len(model.instructions(0)) + len(kinds) + 1 == len(sample.instructions)


def test_file_without_stages() -> None:
    model = Model(parse("# nothing\n"))
    assert (model.stages, model.edges, model.reachable(), model.instructions()) == ((), (), (), ())
    assert model.stage() is None
    assert model.to_dict()["stages"] == []
    assert (model.order(), model.levels(), model.needs(), model.cycles) == ((), (), (), ())
    assert model.diagnostics == () and model.verdict() is None


def test_graph(sample: Document) -> None:
    model = Model(sample)
    assert "golang:1.22" in model.graph()
    described = json.loads(model.graph("json"))
    assert described["schema_version"] == 1
    assert [stage["name"] for stage in described["stages"]] == ["build", None]
    assert model.graph("dot").startswith("digraph")
    assert "-->" in model.graph(libdockerfile.GraphFormat.MERMAID, "build")
    assert model.graph("svg").startswith("<svg ")
    with pytest.raises(KeyError):
        model.graph("png")


def test_json(sample: Document) -> None:
    described = Model(sample).to_dict()
    assert described["schema_version"] == 1
    assert len(described["instructions"]) == len(sample.instructions)


def test_frontend() -> None:
    named = Model(parse("# syntax=docker/dockerfile:1.3.1\nFROM a\nRUN <<E\ntrue\nE\n")).frontend
    assert (named.channel, named.reference) == (Channel.STABLE, "docker/dockerfile:1.3.1")
    assert named.oldest == named.newest == (1, 3, 1)
    assert (named.stable, named.enough, named.feature) == ((1, 4, 0), False, "heredoc")
    assert named.node is not None and "E" in named.node.text
    plain = Model(parse("FROM a\n")).frontend
    assert (plain.channel, plain.reference, plain.oldest) == (Channel.BUILDER, None, None)
    assert (plain.node, plain.feature) == (None, None)


def test_limit_on_stages() -> None:
    doc = parse("FROM a\nFROM b\nFROM c\n")
    assert len(Model(doc, limits=Limits(max_stages=3)).stages) == 3
    with pytest.raises(libdockerfile.LimitError):
        Model(doc, limits=Limits(max_stages=2))


def test_document_of_a_model(sample: Document) -> None:
    model = Model(sample)
    assert model.document is sample
    assert lib.dfl_model_doc(model._live) == sample._live.address
    assert repr(model).startswith("<Model of 2 stages")
    assert model.document.text == SAMPLE
