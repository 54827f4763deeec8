"""What a build reads of its context: sources, destinations, ignored paths, directories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import libdockerfile
from libdockerfile import (
    BuildContext,
    ContextFormat,
    ContextPath,
    Found,
    Ignore,
    Model,
    NodeKind,
    PathFlags,
    PathKind,
    Sent,
    SourceFlags,
    SourceKind,
    parse,
    read_tree,
)

SOURCE = """FROM scratch AS one
WORKDIR /app
COPY package*.json ./
COPY missing x
FROM one
COPY --from=one /app /b
ADD https://h/f.tgz src /c/
RUN --mount=type=bind,source=src,target=/m true
"""
PATHS = ["package.json", "package-lock.json", "src/a.js", "src/b.md", "README.md"]


def context_of(source: str, *args: object, **options: object) -> BuildContext:
    return BuildContext(Model(parse(source)), *args, **options)  # type: ignore[arg-type]


def test_transfers() -> None:
    context = context_of(SOURCE, PATHS, ignore=Ignore("**/*.md\n"))
    assert context.sent is Sent.YES and context.complete
    assert [t.kind for t in context.transfers] == [
        NodeKind.COPY,
        NodeKind.COPY,
        NodeKind.COPY,
        NodeKind.ADD,
        NodeKind.RUN,
    ]
    first, missing, other, added, mount = context.transfers
    assert (first.destination, first.directory, first.stage) == ("/app", True, 0)
    assert SOURCE[slice(*first.range)] == "./"
    assert [r.destination for r in context.reading(first.sources[0])] == [
        "/app/package-lock.json",
        "/app/package.json",
    ]
    assert first.sources[0].flags == SourceFlags.WILDCARD
    assert (missing.directory, missing.sources[0].found) == (None, Found.MISSING)
    assert (other.sources[0].kind, other.sources[0].stage) == (SourceKind.STAGE, 0)
    assert [s.kind for s in added.sources] == [SourceKind.URL, SourceKind.CONTEXT]
    assert added.sources[1].flags == SourceFlags.IGNORED | SourceFlags.UNPACK
    ignored = [r for r in context.reading(added.sources[1]) if r.ignored]
    assert [(r.path, r.destination, r.index) for r in ignored] == [("src/b.md", "", 3)]
    assert mount.destination == "/m"
    assert context.read == ("package.json", "package-lock.json", "src/a.js")
    assert context.flags(4) == PathFlags.EXCLUDED


def test_target() -> None:
    context = context_of(SOURCE, PATHS, target=0)
    assert [t.stage for t in context.transfers] == [0, 0]
    with pytest.raises(libdockerfile.ArgumentError):
        context_of(SOURCE, PATHS, target=7)
    for target in (-1, 1 << 32):  # not "every stage", not stage 0
        with pytest.raises(ValueError, match="target"):
            context_of(SOURCE, PATHS, target=target)


def test_flags_of_paths_that_are_not_given() -> None:
    context = context_of(SOURCE, PATHS)
    assert context.flags(0) == context.flags(-5) == PathFlags.SENT | PathFlags.READ
    for index in (5, -6, 1 << 64):
        with pytest.raises(IndexError):
            context.flags(index)


def test_without_paths() -> None:
    context = context_of("FROM scratch\nARG D\nCOPY $D a /x/\n")
    assert context.sent is Sent.NOTHING and not context.complete
    unknown, known = context.transfers[0].sources
    assert (unknown.text, unknown.known, known.text, known.known) == ("$D", False, "a", True)
    assert known.found is Found.UNKNOWN and context.reading(known) == ()


def test_empty_context() -> None:
    context = context_of("FROM scratch\nCOPY . /x/\nCOPY *.c /y/\n", [])
    assert [t.sources[0].found for t in context.transfers] == [Found.YES, Found.NOTHING]


def test_paths_that_cannot_be() -> None:
    with pytest.raises(libdockerfile.ArgumentError):
        context_of(SOURCE, [ContextPath("a", PathKind.FILE), "a/b"])
    with pytest.raises(libdockerfile.LimitError):
        context_of(SOURCE, ["a/" * 2000])


def test_bytes_come_back() -> None:
    context = context_of("FROM scratch\nCOPY * /x/\n", [b"\xff", "\u00fc b"])
    paths = [r.path for r in context.reading(context.transfers[0].sources[0])]
    assert [p.encode("utf-8", "surrogateescape") for p in paths] == [b"\xc3\xbc b", b"\xff"]


def test_printing() -> None:
    context = context_of(SOURCE, PATHS)
    assert context.to_text().startswith('3: COPY to /app/, stage 0 "one"\n')
    assert json.loads(context.to_text(ContextFormat.JSON))["sent"] == "yes"
    with pytest.raises(libdockerfile.ArgumentError):
        context.to_text(ContextFormat(7))


@pytest.mark.usefixtures("needs_io")
def test_tree(tmp_path: Path) -> None:
    (tmp_path / "d e").mkdir()
    (tmp_path / "d e" / "\u00fc").write_text("")
    (tmp_path / "l").symlink_to("d e")
    paths = read_tree(tmp_path)
    assert set(paths) == {
        ContextPath("d e", PathKind.DIRECTORY),
        ContextPath("d e/\u00fc", PathKind.FILE),
        ContextPath("l", PathKind.LINK, "d e"),
    }
    context = context_of("FROM scratch\nCOPY l /x/\n", paths)
    assert [r.destination for r in context.reading(context.transfers[0].sources[0])] == [
        "/x",
        "/x/\u00fc",
    ]
    with pytest.raises(libdockerfile.FileError, match="no such directory"):
        read_tree(tmp_path / "nowhere")
