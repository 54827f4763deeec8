""".dockerignore: patterns, verdicts, files that BuildKit refuses."""

from __future__ import annotations

import pytest

import libdockerfile
from libdockerfile import Ignore, IgnoreError, IgnoreMode, Limits

SOURCE = "# what is built\nnode_modules\n**/*.log\n!keep.log\n"


def test_patterns() -> None:
    patterns = Ignore(SOURCE).patterns
    assert [pattern.text for pattern in patterns] == ["node_modules", "**/*.log", "keep.log"]
    assert [pattern.line for pattern in patterns] == [1, 2, 3]
    assert [pattern.exception for pattern in patterns] == [False, False, True]
    assert SOURCE[slice(*patterns[2].range)] == "!keep.log"
    assert {pattern.error for pattern in patterns} == {IgnoreError.OK}


def test_verdicts() -> None:
    ignore = Ignore(SOURCE)
    assert ignore.excludes("node_modules/x") and ignore.excludes(b"a/b.log")
    assert not ignore.excludes("keep.log") and not ignore.excludes("src/main.js")
    assert ignore.match("a/b.log") == (True, ignore.patterns[1])
    assert ignore.match("keep.log").pattern == ignore.patterns[2]
    assert ignore.match("src").pattern is None


def test_modes_differ() -> None:
    ignore = Ignore("a/b\n!a\n")
    assert ignore.match("a/b", IgnoreMode.WALK).excluded
    assert not ignore.match("a/b", IgnoreMode.PATH).excluded
    with pytest.raises(libdockerfile.ArgumentError):
        ignore.match("a", IgnoreMode(9))


def test_file_that_is_refused() -> None:
    ignore = Ignore("good\n[\n")
    assert ignore.refused == ignore.patterns[1]
    assert ignore.patterns[1].error == IgnoreError.SYNTAX
    with pytest.raises(libdockerfile.FormatError, match="line 2: BuildKit refuses") as caught:
        ignore.match("good")
    assert (caught.value.line, caught.value.column) == (2, 0)
    assert Ignore(SOURCE).refused is None


@pytest.mark.parametrize(
    ("source", "error", "refused"),
    [
        ("a" * 65536, IgnoreError.LONG_LINE, True),
        ("!", IgnoreError.BARE, True),
        ("[", IgnoreError.SYNTAX, True),
        ("[b-a]", IgnoreError.REGEXP, False),
        ("\\pL", IgnoreError.CLASS, False),
    ],
)
def test_which_errors_refuse_the_file(source: str, error: IgnoreError, refused: bool) -> None:
    ignore = Ignore(source + "\n")
    assert ignore.patterns[0].error is error
    assert (ignore.refused is not None) is refused


def test_patterns_that_cannot_be_tried() -> None:
    with pytest.raises(libdockerfile.FormatError, match="pattern that was tried"):
        Ignore("[b-a]\n").match("x")
    with pytest.raises(libdockerfile.UnsupportedError):
        Ignore("\\pL\n").match("x")


def test_bytes_and_limits() -> None:
    assert Ignore(b"\xff\n").patterns[0].text == "\udcff"
    assert Ignore(b"").patterns == ()
    with pytest.raises(libdockerfile.LimitError):
        Ignore("abc", limits=Limits(max_source_bytes=2))


def test_closed() -> None:
    with Ignore(SOURCE) as ignore:
        pass
    with pytest.raises(ValueError, match="closed"):
        ignore.excludes("x")
