"""Edits: conflicts, quoting, proof, maps."""

from __future__ import annotations

import pytest

import libdockerfile
from libdockerfile import (
    ConflictError,
    Document,
    Edit,
    Edits,
    Node,
    NodeKind,
    Range,
    StaleError,
    UnsupportedError,
    parse,
)

SOURCE = "# about\nFROM alpine:3.19 AS base\n# hello\nRUN echo hello\nENV NAME=value\n"


@pytest.fixture
def doc() -> Document:
    return parse(SOURCE)


def word(doc: Document, text: str) -> Node:
    return next(node for node in doc.walk() if node.text == text and not node.children)


def test_replace_and_insert(doc: Document) -> None:
    edits = Edits(doc)
    start = SOURCE.index("3.19")
    edits.replace((start, start + 4), "3.20")
    edits.insert(len(SOURCE), "USER app\n")
    edits.insert(len(SOURCE), b'CMD ["x"]\n')
    assert len(edits) == 3
    assert next(iter(edits)) == Edit(Range(start, start + 4), "3.20")
    result = edits.apply()
    assert result.text == SOURCE.replace("3.19", "3.20") + 'USER app\nCMD ["x"]\n'
    assert doc.text == SOURCE


def test_nothing_to_apply(doc: Document) -> None:
    assert Edits(doc).apply().text == SOURCE


def test_identical_edit_is_accepted_once(doc: Document) -> None:
    edits = Edits(doc)
    edits.replace(Range(0, 1), "#")
    edits.replace(Range(0, 1), "#")
    assert len(edits) == 1


def test_conflict_names_the_earlier_edit(doc: Document) -> None:
    edits = Edits(doc)
    edits.replace((8, 12), "from")
    with pytest.raises(ConflictError) as caught:
        edits.replace((10, 14), "x")
    assert caught.value.conflict == Edit(Range(8, 12), "from")
    assert len(edits) == 1


def test_bad_ranges(doc: Document) -> None:
    edits = Edits(doc)
    for start, end in ((5, 4), (0, len(SOURCE) + 1)):
        with pytest.raises(libdockerfile.ArgumentError):
            edits.replace((start, end), "")
    for start, end in ((-1, 4), (0, 2**40)):
        with pytest.raises(ValueError):
            edits.replace((start, end), "")
    assert list(edits) == []


def test_inside_a_character(doc: Document) -> None:
    edits = Edits(parse("FROM a\n# é\r\n"))
    with pytest.raises(ConflictError):
        edits.insert(10, "x")
    with pytest.raises(ConflictError):
        edits.insert(12, "x")


def test_set_value(doc: Document) -> None:
    edits = Edits(doc)
    edits.set_value(word(doc, "alpine:3.19"), "alpine:3.20")
    edits.set_value(word(doc, "value"), 'two words and "$HOME"')
    result = edits.apply()
    (pair,) = next(node for node in result.instructions if node.name == "ENV").pairs
    assert result.instructions[0].arguments[0] == "alpine:3.20"
    assert "\\$HOME" in pair.node.text or "'" in pair.node.text
    assert result.text.startswith("# about\nFROM alpine:3.20 AS base\n# hello\nRUN echo hello\n")


def test_set_value_of_a_place_that_cannot_hold_it(doc: Document) -> None:
    edits = Edits(doc)
    with pytest.raises(UnsupportedError):
        edits.set_value(word(doc, "alpine:3.19"), "two\nlines")
    with pytest.raises(UnsupportedError):
        edits.set_value(doc.root, "x")


def test_delete(doc: Document) -> None:
    run = next(node for node in doc.instructions if node.kind == NodeKind.RUN)
    alone, whole = Edits(doc), Edits(doc)
    alone.delete(run)
    whole.delete(run, comments=True)
    assert alone.apply().text == SOURCE.replace("RUN echo hello\n", "")
    assert whole.apply().text == SOURCE.replace("# hello\nRUN echo hello\n", "")


def test_node_of_another_document(doc: Document) -> None:
    other = parse(SOURCE)
    edits = Edits(doc)
    with pytest.raises(StaleError):
        edits.delete(other.instructions[1])
    with pytest.raises(StaleError):
        edits.set_value(word(other, "value"), "x")
    assert len(edits) == 0


def test_refused_by_the_proof(doc: Document) -> None:
    edits = Edits(doc)
    start = SOURCE.index("RUN")
    edits.replace((start, start + 3), "NUR")
    with pytest.raises(libdockerfile.RefusedError) as caught:
        edits.apply()
    assert str(caught.value) and "DFL_E_REFUSED" not in str(caught.value)


def test_map(doc: Document) -> None:
    edits = Edits(doc)
    edits.replace((8, 12), "from  ")
    assert [edits.map(at) for at in (0, 8, 12, 20)] == [0, 8, 14, 22]
    assert edits.map(10) == 8
    assert edits.map(10, after=True) == 14


def test_bytes_pass_unchanged() -> None:
    doc = parse(b"FROM a\nRUN \xff\n")
    edits = Edits(doc)
    edits.insert(11, b"\xfe\x00")
    assert edits.apply().source == b"FROM a\nRUN \xfe\x00\xff\n"
    assert next(iter(edits)).text == "\udcfe\0"


def test_edits_outlive_their_document(doc: Document) -> None:
    with Edits(doc) as edits:
        edits.insert(0, "# first\n")
        doc.close()
        assert edits.apply().text == "# first\n" + SOURCE
    with pytest.raises(ValueError, match="closed"):
        edits.apply()
