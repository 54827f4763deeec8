"""Files, catalogs and facts: what libdockerfile-io does."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

import libdockerfile
from libdockerfile import (
    Catalog,
    Fact,
    FileError,
    FormatError,
    LimitError,
    StaleError,
    load_catalog,
    parse,
    read_facts,
    read_file,
)

pytestmark = pytest.mark.usefixtures("needs_io")


def test_read_and_replace(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"FROM a\n\x00\xff")
    path.chmod(0o640)
    with read_file(path) as file:
        assert file.source == b"FROM a\n\x00\xff"
        file.replace("FROM b\n")
    assert path.read_bytes() == b"FROM b\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["Dockerfile"]


def test_replace_refuses_what_changed_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM a\n")
    file = read_file(path)
    path.write_text("FROM somebody-else\n")
    with pytest.raises(StaleError, match="Dockerfile"):
        file.replace("FROM b\n")
    assert path.read_text() == "FROM somebody-else\n"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="missing") as caught:
        read_file(tmp_path / "missing")
    assert isinstance(caught.value, OSError)
    with pytest.raises(FileError):
        read_file(tmp_path)
    with pytest.raises(ValueError, match="NUL"):
        read_file("a\0b")


def test_limit_on_files(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM a\n")
    assert read_file(path, max_bytes=7).source == b"FROM a\n"
    with pytest.raises(LimitError, match="Dockerfile"):
        read_file(path, max_bytes=6)


def test_facts(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"main": "server.js", "scripts": {"start": "node ."}}')
    (tmp_path / "src").mkdir()
    facts = read_facts(tmp_path)
    assert Fact("npm.main", "server.js") in facts
    assert ("npm.script.start", "node .") in facts
    assert {fact.value for fact in facts if fact.name == "file"} == {"package.json", "src/"}


def test_facts_of_a_broken_manifest(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{nonsense")
    with pytest.raises(FormatError, match=r"package\.json"):
        read_facts(tmp_path)
    with pytest.raises(FileError):
        read_facts(tmp_path / "missing")


def test_catalog_that_is_malformed(tmp_path: Path) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text("images:\n  - name: [\n")
    with pytest.raises(FormatError, match=r"overlay\.yaml") as caught:
        load_catalog(path)
    assert caught.value.line >= 2
    with pytest.raises(FileError):
        load_catalog(tmp_path / "missing.yaml")


def test_catalogs_outlive_their_names(tmp_path: Path) -> None:
    """An overlay keeps what lies below it, in whatever order the collector takes them."""
    path = tmp_path / "overlay.yaml"
    path.write_text("")
    lowest = load_catalog(path)
    upper = load_catalog(path, load_catalog(path, lowest))
    lowest.close()
    gc.collect()
    doc = parse("FROM debian:12\nRUN apt-get update && apt-get install -y curl\n")
    expected = libdockerfile.cache(doc).result.text
    assert libdockerfile.cache(doc, catalog=upper).result.text == expected
    assert libdockerfile.cache(doc, catalog=Catalog.builtin()).result.text == expected
