"""Documents: bytes, nodes, tokens, diagnostics, positions."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_size_t, c_void_p
from typing import Any

import pytest
from conftest import SAMPLE, Calls

import libdockerfile
from libdockerfile import Document, Instruction, Limits, Node, NodeFlags, NodeKind, Range, parse
from libdockerfile._native import lib, printed
from libdockerfile._structs import CAlloc, CNode, CParseOptions, CPool

SOURCES = [
    b"",
    b"\n",
    SAMPLE.encode(),
    SAMPLE.replace("\n", "\r\n").encode(),
    b"\xef\xbb\xbfFROM a\n",
    b"FROM a\nRUN printf '\x00' \xff\xfe\x80 \\\n  b\x00",
    b"FROM a\nRUN <<E\n\xff\x00\nE\n",
    b"NOT a dockerfile\nFROM\nENV\n",
    bytes(range(256)),
]


@pytest.fixture(params=SOURCES, ids=range(len(SOURCES)))
def source(request: pytest.FixtureRequest) -> bytes:
    data: bytes = request.param
    return data


# --- bytes


def test_every_byte_is_kept(source: bytes) -> None:
    doc = parse(source)
    assert doc.source == bytes(doc) == source
    assert b"".join(source[token.start : token.end] for token in doc.tokens) == source
    assert parse(doc.text).source == source


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_source_may_be_any_buffer(kind: Any) -> None:
    assert parse(kind(b"FROM a")).source == b"FROM a"


def test_source_must_be_text_or_bytes() -> None:
    for wrong in (None, 7, ["FROM a"]):
        with pytest.raises(TypeError):
            parse(wrong)  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        parse("FROM \ud800")


def test_parse_file(tmp_path: Any) -> None:
    (tmp_path / "Dockerfile").write_bytes(SOURCES[5])
    assert libdockerfile.parse_file(tmp_path / "Dockerfile").source == SOURCES[5]
    with pytest.raises(FileNotFoundError):
        libdockerfile.parse_file(tmp_path / "missing")


def test_bytes_that_are_not_text() -> None:
    doc = parse(b"FROM a\nRUN \xff\x00 x")
    run = doc.instructions[1]
    assert run.arguments == ("\udcff\0 x",)
    assert run.children[-1].raw_value == b"\xff\0 x"


# --- tree


def handles(doc: Document) -> list[CNode]:
    return [lib.dfl_doc_node(doc._live, id) for id in range(len(doc.nodes))]


def test_bulk_tier_equals_handles(source: bytes) -> None:
    """What Python reads from the arrays is what the C functions answer, node by node."""
    doc = parse(source)
    for node, handle in zip(doc.nodes, handles(doc)):
        c_range = lib.dfl_node_range(handle)
        assert not lib.dfl_node_is_null(handle)
        assert node.kind == lib.dfl_node_kind(handle)
        assert node.flags == lib.dfl_node_flags(handle)
        assert node.range == (c_range.start, c_range.end)
        assert node.raw == bytes(lib.dfl_node_text(handle))
        assert node.raw_value == bytes(lib.dfl_node_value(handle))
        assert isinstance(node, Instruction) == bool(lib.dfl_node_is_instruction(handle))


def test_links_equal_handles(source: bytes) -> None:
    doc = parse(source)

    def id_of(handle: CNode) -> Any:
        return None if lib.dfl_node_is_null(handle) else handle.id

    for node, handle in zip(doc.nodes, handles(doc)):
        assert (node.parent.id if node.parent else None) == id_of(lib.dfl_node_parent(handle))
        assert (node.next.id if node.next else None) == id_of(lib.dfl_node_next(handle))
        first = node.children[0].id if node.children else None
        assert first == id_of(lib.dfl_node_first(handle))
        for kind in {child.kind for child in node.children} | {NodeKind.ERROR}:
            child = node.child(kind)
            assert (child.id if child else None) == id_of(lib.dfl_node_child(handle, kind))


def test_root() -> None:
    doc = parse(SAMPLE)
    assert doc.root.kind == NodeKind.FILE
    assert doc.root.id == lib.dfl_doc_root(doc._live).id
    assert doc.root.parent is None
    assert doc.root.range == (0, len(doc.source))


def test_walk_is_preorder(source: bytes) -> None:
    doc = parse(source)

    def below(node: Node) -> list[int]:
        found, todo = [], [node]
        while todo:
            top = todo.pop()
            found.append(top.id)
            todo.extend(reversed(top.children))
        return found

    assert [node.id for node in doc.walk()] == list(range(len(doc.nodes)))
    for node in doc.nodes:
        assert [inner.id for inner in node.walk()] == below(node)


def test_nodes_are_a_sequence(sample: Document) -> None:
    nodes = sample.nodes
    assert nodes[-1].id == len(nodes) - 1
    assert [node.id for node in nodes[1:4]] == [1, 2, 3]
    assert nodes[2] in nodes
    with pytest.raises(IndexError):
        nodes[len(nodes)]
    with pytest.raises(IndexError):
        sample.node(-1)


def test_equality_of_nodes(sample: Document) -> None:
    first, again = sample.instructions[0], sample.instructions[0]
    assert first == again and hash(first) == hash(again)
    assert first != sample.instructions[1]
    assert first != parse(SAMPLE).instructions[0]
    assert first != 1


def test_instructions(sample: Document) -> None:
    expected = "ARG FROM WORKDIR COPY RUN ENV COPY RUN FROM ONBUILD COPY LABEL CMD"
    assert " ".join(instruction.name for instruction in sample.instructions) == expected


def test_parts_of_instructions(sample: Document) -> None:
    arg, base, _, copy, run, env, heredoc, build, _, onbuild, _, label, cmd = sample.instructions
    assert [pair[:2] for pair in arg.pairs] == [("VERSION", "1.22")]
    assert [option[:2] for option in base.options] == [("platform", "$BUILDPLATFORM")]
    assert base.arguments == ("golang:${VERSION}", "AS", "Build")
    assert copy.arguments == ("go.mod", "go.sum", "./")
    assert run.arguments == ("go mod     download",) and not run.json
    assert run.lines == (7, 9)
    assert env.pairs[0][:2] == ("CGO_ENABLED", "0")
    assert build.json and build.arguments == ("go", "build", "-o", "/bin/app")
    assert cmd.arguments == ("/app",)
    assert len(label.pairs) == 2
    trigger = onbuild.trigger
    assert trigger is not None and trigger.name == "COPY"
    assert trigger.flags & NodeFlags.NESTED and trigger.parent == onbuild
    plain, raw = heredoc.heredocs
    assert (plain.name, plain.content, plain.expand, plain.chomp) == ("EOF", "plain\n", True, False)
    assert (raw.name, raw.content, raw.expand, raw.chomp) == ("RAW", "\traw $text\n", False, True)


def test_instructions_agree_with_json(source: bytes) -> None:
    doc = parse(source)
    described = libdockerfile.Model(doc).to_dict()["instructions"]
    assert len(described) == len(doc.instructions)
    for ours, theirs in zip(doc.instructions, described):
        raw = [text.encode("utf-8", "surrogateescape") for text in ours.arguments]
        assert [data.decode("utf-8", "replace") for data in raw] == theirs["arguments"]
        assert ours.range == (theirs["range"]["start"], theirs["range"]["end"])
        assert ours.lines == (theirs["lines"]["start"], theirs["lines"]["end"])
        assert ours.json == theirs["json"]
        assert [option.name for option in ours.options] == [f["name"] for f in theirs["flags"]]
        assert [option.value for option in ours.options] == [f["value"] for f in theirs["flags"]]
        assert [here.name for here in ours.heredocs] == [h["name"] for h in theirs["heredocs"]]
        assert [here.expand for here in ours.heredocs] == [h["expand"] for h in theirs["heredocs"]]


def test_name_of_an_unknown_instruction() -> None:
    (instruction,) = parse("Frobnicate x").instructions
    assert (instruction.kind, instruction.name) == (NodeKind.UNKNOWN, "FROBNICATE")


def test_value_and_its_offsets(sample: Document) -> None:
    word = sample.instructions[4].children[-1]
    assert word.kind == NodeKind.SHELL_FORM and word.text != word.value
    offset = word.source_offset(word.value.index("download"))
    assert sample.source[offset:].startswith(b"download")
    assert word.source_offset(len(word.raw_value)) == word.range.end


def test_every_byte_of_a_value_is_found_in_the_source() -> None:
    parts = [
        "RUN one \\",
        "    # indented",
        "",
        "  \t",
        "# comment",
        "two\\",
        "  three \\",
        " \\",
        "four",
    ]
    for end in ("\n", "\r\n"):
        doc = parse("FROM a\n" + end.join(parts) + end + "COPY a\\" + end + "b  /c")
        words = [node for node in doc.walk() if node.kind in (NodeKind.WORD, NodeKind.SHELL_FORM)]
        assert [word.value for word in words][2:] == ["ab", "/c"]
        for word in words:
            for at, byte in enumerate(word.raw_value):
                assert doc.source[word.source_offset(at)] == byte, (word.value, at)


def test_node_at(sample: Document) -> None:
    offset = sample.source.index(b"scratch")
    assert sample.node_at(offset).text == "scratch"
    assert sample.node_at(len(sample.source)) == sample.root


def test_names_for_people(sample: Document) -> None:
    assert "shell-form" in repr(sample.instructions[4].children[-1])
    assert "Document of" in repr(sample)
    assert sample.to_sexp().count("\n") >= len(sample.instructions)


# --- diagnostics, positions, limits


def test_diagnostics() -> None:
    doc = parse("FROM a\nNONSENSE b\n")
    assert doc.error_count == 1
    (found,) = doc.diagnostics
    assert found.severity == libdockerfile.Severity.ERROR
    assert found.name == lib.dfl_diag_name(found.code).decode() != ""
    assert "nonsense" in found.message.lower()
    assert doc.source[slice(*found.range)].startswith(b"NONSENSE")
    assert lib.dfl_doc_diag_count(doc._live) == 1


def test_limit_on_diagnostics() -> None:
    doc = parse("NO\n" * 50, limits=Limits(max_diags=10))
    assert len(doc.diagnostics) == 10
    assert doc.error_count >= 50


def test_limit_on_source() -> None:
    with pytest.raises(libdockerfile.LimitError, match="DFL_E_LIMIT"):
        parse(b"FROM a", limits=Limits(max_source_bytes=5))
    assert parse(b"FROM a", limits=Limits(max_source_bytes=6)).source == b"FROM a"
    with pytest.raises(ValueError, match="max_depth"):
        parse(b"FROM a", limits=Limits(max_depth=-1))


def test_positions() -> None:
    doc = parse("FROM a\nRUN é😀x")
    x = doc.source.index(b"x")
    assert doc.position(x) == (1, 10, 6, 7)
    assert doc.offset(1, 10) == doc.offset(1, 6, "utf8") == doc.offset(1, 7, "utf16") == x
    assert doc.position(10**6) == doc.position(len(doc.source))


def test_numbers_that_c_cannot_hold(sample: Document) -> None:
    for wrong in (-1, 2**32):
        with pytest.raises(ValueError):
            sample.position(wrong)
        with pytest.raises(ValueError):
            sample.offset(0, wrong)
    for unit in ("line", "utf32"):
        with pytest.raises(ValueError, match=f"'{unit}', not byte, utf8 or utf16"):
            sample.offset(0, 0, unit)
    with pytest.raises(TypeError):
        sample.position("3")  # type: ignore[arg-type]


def test_escape() -> None:
    assert parse("FROM a").escape == "\\"
    assert parse("# escape=`\nFROM a").escape == "`"


# --- errors of C reach Python


def test_no_memory() -> None:
    def refuse(*_: object) -> None:
        return None

    alloc = CAlloc(resize=CAlloc.RESIZE(refuse))
    options = CParseOptions(alloc=ctypes.pointer(alloc))
    out = c_void_p()
    with pytest.raises(MemoryError) as caught:
        lib.dfl_parse(b"FROM a", 6, byref(options), byref(out))
    assert isinstance(caught.value, libdockerfile.DockerfileError)
    assert not out


def test_a_buffer_of_ones_own() -> None:
    source = b"FROM a\nRUN b\n"
    size = lib.dfl_parse_bound(len(source), None)
    buffer, pool, out = ctypes.create_string_buffer(size), CPool(), c_void_p()
    lib.dfl_pool_init(byref(pool), buffer, size)
    options = CParseOptions(alloc=ctypes.pointer(pool.base))
    lib.dfl_parse(source, len(source), byref(options), byref(out))
    assert ctypes.addressof(buffer) <= out.value < ctypes.addressof(buffer) + size
    assert lib.dfl_doc_source(out).ptr[: len(source)] == source
    lib.dfl_doc_unref(out)
    with pytest.raises(MemoryError):
        lib.dfl_pool_init(byref(pool), buffer, 64)
        lib.dfl_parse(source, len(source), byref(options), byref(out))


def test_wrong_size_of_a_struct() -> None:
    options = CParseOptions()
    options.size = 1
    with pytest.raises(libdockerfile.AbiError):
        lib.dfl_parse(b"", 0, byref(options), byref(c_void_p()))


def test_errors_in_a_sink_come_through(sample: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(BaseException):
        pass

    def full(data: int, size: int) -> bytes:
        raise Stop

    monkeypatch.setattr("libdockerfile._native.string_at", full)
    with pytest.raises(Stop):
        printed(lib.dfl_print_sexp, sample._live)


# --- bulk


def test_a_large_file_takes_few_calls(calls: Calls) -> None:
    line = "RUN apt-get update && apt-get install -y curl\n"
    doc = parse("FROM debian:12\n" + line * (4 * 2**20 // len(line) - 1))
    kinds = {node.kind for node in doc.walk()}
    ends = [token.end for token in doc.tokens]
    assert kinds >= {NodeKind.FILE, NodeKind.RUN, NodeKind.SHELL_FORM}
    assert ends[-1] == len(doc.source) > 4 * 2**20 - 2 * len(line)
    assert sum(calls.count.values()) < 12, calls.count


def test_values_that_equal_their_text_need_no_call(calls: Calls) -> None:
    doc = parse("FROM a\n" + "COPY one two /three\n" * 1000)
    words = [node.value for node in doc.walk() if node.kind == NodeKind.WORD]
    assert len(words) == 3001
    assert "dfl_node_value" not in calls.count


def test_empty_bulk_arrays() -> None:
    doc = parse(b"")
    count = c_size_t(7)
    lib.dfl_doc_tokens(doc._live, byref(count))
    assert (count.value, doc.tokens) == (0, ())
    assert len(doc.nodes) == 1 and doc.root.range == Range(0, 0)


def test_diff(sample: Document) -> None:
    other = parse(SAMPLE.replace("scratch", "alpine"))
    diff = sample.diff(other, "sub/Dockerfile")
    assert "--- a/sub/Dockerfile\n+++ b/sub/Dockerfile\n" in diff
    assert "-FROM scratch\n+FROM alpine\n" in diff
    assert sample.diff(parse(SAMPLE)) == ""
