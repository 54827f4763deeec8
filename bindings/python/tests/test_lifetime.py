"""Lifetimes: who keeps what alive, what closing does, collectors, threads, exit."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from ctypes import c_void_p
from typing import Any, Callable

import pytest
from conftest import SAMPLE

import libdockerfile
from libdockerfile import Document, Edits, Model, parse
from libdockerfile._native import Handle, lib

APT = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n"


def run(program: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


# --- closing


def test_closed_documents_say_so() -> None:
    with parse(SAMPLE) as doc:
        node, nodes = doc.instructions[0], doc.nodes
        assert not doc.closed
    assert doc.closed and "closed" in repr(doc) and "closed" in repr(node)
    uses: list[Callable[[], Any]] = [
        lambda: doc.source,
        lambda: doc.root,
        lambda: doc.tokens,
        lambda: doc.diagnostics,
        lambda: doc.position(0),
        lambda: len(nodes),
        lambda: node.kind,
        lambda: node.value,
        lambda: list(node.children),
        lambda: Model(doc),
        lambda: Edits(doc),
        lambda: libdockerfile.cache(doc),
        lambda: doc.__enter__(),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="closed"):
            use()
    doc.close()


def test_nodes_keep_their_document() -> None:
    node = parse(SAMPLE).instructions[4]
    gc.collect()
    assert node.children[-1].value == "go mod     download"


def test_models_outlive_documents() -> None:
    doc = parse(SAMPLE)
    model = Model(doc)
    doc.close()
    gc.collect()
    assert model.to_dict()["stages"][0]["base"] == "golang:1.22"
    assert [stage.index for stage in model.reachable()] == [0, 1]


def test_answers_outlive_models() -> None:
    doc = parse(SAMPLE)
    model = Model(doc)
    run = doc.instructions[-1]
    scope, config, definitions = model.scope_end(), model.config("build"), model.definitions
    expansion = model.expand(doc.instructions[2].children[1])
    model.close()
    gc.collect()
    assert list(scope) == ["PATH"] and scope["PATH"].value
    assert config.image.env["CGO_ENABLED"] == "0" and definitions[-1].name == "PATH"
    assert [piece.text for piece in expansion.pieces]
    uses: list[Callable[[], Any]] = [
        lambda: model.scope(run),
        lambda: model.scope_end(0),
        lambda: model.expand(run),
        lambda: model.config(0),
        lambda: model.definitions,
        lambda: model.diagnostics,
        lambda: model.verdict(),
        lambda: model.order(),
        lambda: model.levels(),
        lambda: model.needs(),
        lambda: model.cycles,
        lambda: model.targets(model.edges[0]),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="closed"):
            use()


def test_models_keep_what_they_were_told() -> None:
    """The caller's world is copied while the model is made."""

    def made() -> Model:
        base = libdockerfile.ImageConfig(env={"A" * 40: "b" * 40}, cmd=["c" * 40])
        return Model(parse("FROM img\nARG X\nENV Y=$X\n"), {"X": "d" * 40}, bases={"img": base})

    model = made()
    gc.collect()
    image = model.config().image
    assert image.env["A" * 40] == "b" * 40 and image.cmd == ("c" * 40,)
    assert image.env["Y"] == "d" * 40


def test_results_outlive_plans() -> None:
    doc = parse(APT)
    plan = libdockerfile.cache(doc)
    result = plan.result
    doc.close()
    explained = plan.explain()
    plan.close()
    del plan, doc
    gc.collect()
    assert "type=cache" in result.text and explained
    assert libdockerfile.cache(result).outcome == libdockerfile.Outcome.UNCHANGED


def test_closing_waits_for_no_one_but_frees_late() -> None:
    """A call that is under way holds the handle, so the object outlives `close`."""
    doc = parse(SAMPLE)
    held = doc._live
    freed = weakref.ref(held)
    doc.close()
    assert bytes(lib.dfl_doc_source(held)) == SAMPLE.encode()
    del held
    gc.collect()
    assert freed() is None


@pytest.mark.parametrize("name", ["scope", "scope_end", "expand", "context", "reading"])
def test_closing_between_a_call_and_its_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another thread closes while C works: the answer comes all the same, and is freed."""
    doc = parse("FROM a\nCOPY f /g/\n")
    model = Model(doc)
    context = libdockerfile.BuildContext(model, ["f"])
    copy, word = doc.instructions[1], doc.instructions[1].children[1]
    cases: dict[str, tuple[str, Any, Callable[[], Any]]] = {
        "scope": ("dfl_model_scope", model, lambda: model.scope(copy)),
        "scope_end": ("dfl_model_scope_end", model, lambda: model.scope_end()),
        "expand": ("dfl_model_expand", model, lambda: model.expand(word).text),
        "context": ("dfl_context_new", model, lambda: libdockerfile.BuildContext(model).sent),
        "reading": (
            "dfl_context_reading",
            context,
            lambda: context.reading(context.transfers[0].sources[0]),
        ),
    }
    function, owner, use = cases[name]
    expected, call = use(), getattr(lib, function)

    def closing(*arguments: Any) -> Any:
        status = call(*arguments)
        owner.close()
        return status

    monkeypatch.setattr(lib, function, closing)
    assert use() == expected


def test_edits_closed_between_a_refusal_and_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    doc = parse("FROM a:1\n")
    edits = Edits(doc)
    edits.replace((5, 8), "b" * 64)
    call = lib.dfl_edits_replace

    def closing(*arguments: Any) -> Any:
        try:
            return call(*arguments)
        finally:
            edits.close()

    monkeypatch.setattr(lib, "dfl_edits_replace", closing)
    with pytest.raises(libdockerfile.ConflictError) as caught:
        edits.replace((5, 6), "c")
    assert caught.value.conflict == ((5, 8), "b" * 64)


def test_objects_are_freed_once() -> None:
    freed: list[int] = []
    below = Handle(c_void_p(1), freed.append)
    above = Handle(c_void_p(2), freed.append, below)
    del below
    gc.collect()
    assert freed == []
    del above
    gc.collect()
    assert freed == [2, 1]


@pytest.mark.parametrize("again", [copy.deepcopy, pickle.dumps])
def test_no_second_owner(again: Callable[[Any], Any]) -> None:
    """A copy of the handle would hold an address that the first one frees."""
    for thing in (libdockerfile.Ignore("a\n"), libdockerfile.Catalog.builtin()):
        with pytest.raises(TypeError, match="C library"):
            again(thing)
    shared = copy.copy(parse(SAMPLE))
    gc.collect()
    assert shared.instructions[0].name == "ARG" and not shared.error_count


# --- collectors and the end of the process


def test_collector_under_stress() -> None:
    threshold = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    try:
        for _ in range(30):
            doc = parse(SAMPLE)
            cycle: dict[str, Any] = {"model": Model(doc), "nodes": list(doc.walk())}
            cycle["self"] = cycle
            with Edits(doc) as edits:
                edits.insert(0, "# x\n")
                cycle["result"] = edits.apply()
            cycle["plan"] = libdockerfile.cache(cycle["result"])
            assert cycle["plan"].document.text == "# x\n" + SAMPLE
            del cycle, doc
    finally:
        gc.set_threshold(*threshold)


@pytest.mark.skipif("asan" in os.environ.get("LD_PRELOAD", ""), reason="ASan delays every free")
def test_memory_is_given_back() -> None:
    resource = pytest.importorskip("resource")
    source = b"FROM debian:12\n" + b"RUN apt-get install -y curl\n" * 20000

    def round_trip() -> None:
        doc = parse(source)
        Model(doc)
        edits = Edits(doc)
        edits.insert(0, "# x\n")
        assert edits.apply().source == b"# x\n" + source

    def peak() -> int:
        return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    for _ in range(5):
        round_trip()
    before = peak()
    for _ in range(50):
        round_trip()
    # Each round makes two documents of half a megabyte of source; losing one of them would show.
    assert peak() - before < 50 * len(source) // 1024 // 4


def test_objects_alive_at_exit() -> None:
    program = f"""
import libdockerfile
doc = libdockerfile.parse({SAMPLE!r})
model, edits = libdockerfile.Model(doc), libdockerfile.Edits(doc)
plan = libdockerfile.optimize(doc)
cycle = [doc, model, plan]
cycle.append(cycle)
print(len(doc.nodes) > 1)
"""
    assert run(program) == "True\n"


# --- threads


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work` in threads that start at once; the first exception comes out."""
    gate = threading.Barrier(count)

    def start(index: int) -> Any:
        gate.wait()
        return work(index)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(start, range(count)))
    finally:
        sys.setswitchinterval(interval)


def test_threads_share_a_document() -> None:
    doc = parse(SAMPLE)
    expected = [(node.kind, node.value) for node in parse(SAMPLE).walk()]

    def read(_: int) -> Any:
        for _ in range(20):
            assert [(node.kind, node.value) for node in doc.walk()] == expected
            assert len(Model(doc).stages) == 2
        return libdockerfile.cache(doc).outcome

    assert len(set(together(8, read))) == 1


def test_threads_share_a_model() -> None:
    doc = parse(SAMPLE * 4)
    model = Model(doc, all_args=True)
    words = [node for node in doc.walk() if node.kind == libdockerfile.NodeKind.WORD]

    def answers() -> Any:
        return (
            [dict(model.scope(node)) for node in doc.instructions],
            [model.expand(node, trace=True) for node in words],
            [model.config(stage) for stage in model.stages],
            [model.verdict(stage) for stage in model.stages],
            (model.order(), model.levels(), model.needs(), model.definitions),
        )

    expected = answers()

    def read(_: int) -> bool:
        return all(answers() == expected for _ in range(3))

    assert all(together(4, read))


def test_threads_share_edits() -> None:
    doc = parse("FROM a\n")
    edits = Edits(doc)

    def add(index: int) -> None:
        for number in range(50):
            edits.insert(7, f"# {index} {number}\n")
            assert len(edits) > 0

    together(8, add)
    lines = edits.apply().text.splitlines()
    assert len(lines) == 401
    assert set(lines[1:]) == {f"# {index} {number}" for index in range(8) for number in range(50)}


def test_closing_while_others_read() -> None:
    for _ in range(20):
        doc: Document = parse(SAMPLE * 20)

        def read(index: int, doc: Document = doc) -> int:
            if index == 0:
                doc.close()
                return 0
            try:
                for _ in range(5):
                    Model(doc).to_json()
                    sum(len(node.value) for node in doc.walk())
            except ValueError as error:
                assert "closed" in str(error)
            return 1

        assert sum(together(4, read)) == 3
