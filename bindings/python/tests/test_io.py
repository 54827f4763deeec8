"""Files, catalogs and facts: what libdockerfile-io does."""

from __future__ import annotations

import gc
import json
import os
from pathlib import Path

import pytest

import libdockerfile
from libdockerfile import (
    Catalog,
    CatalogKind,
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
    with pytest.raises(ValueError, match="max_bytes"):
        read_file(tmp_path / "missing", max_bytes=-1)


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


def overlay(path: Path, tool: str) -> Path:
    """A catalog that knows one program and where it caches."""
    path.write_text(
        f"tools:\n  - name: {tool}\n    commands: [{tool}]\n    subcommands: [install]\n"
        f"    caches:\n      - {{places: [/var/cache/{tool}], sharing: shared}}\n"
    )
    return path


def test_overlays_add_knowledge(tmp_path: Path) -> None:
    """Each lies over another and keeps it, whoever lets go of it first."""
    doc = parse("FROM debian:12\nRUN ours install a && theirs install b\n")
    assert not libdockerfile.cache(doc).changed
    lower = load_catalog(overlay(tmp_path / "lower.yaml", "ours"))
    upper = load_catalog(overlay(tmp_path / "upper.yaml", "theirs"), lower)
    assert "/var/cache/theirs" not in libdockerfile.cache(doc, catalog=lower).result.text
    lower.close()
    gc.collect()
    result = libdockerfile.cache(doc, catalog=upper).result.text
    assert "/var/cache/ours" in result and "/var/cache/theirs" in result


def test_collector_takes_catalogs_in_any_order(tmp_path: Path) -> None:
    path = overlay(tmp_path / "overlay.yaml", "ours")
    for _ in range(50):
        lower = load_catalog(path)
        cycle: list[object] = [lower, load_catalog(path, lower)]
        cycle.append(cycle)
        del lower, cycle
        gc.collect()
    assert load_catalog(path, Catalog.builtin()).closed is False


def test_image_configurations(tmp_path: Path) -> None:
    text = (
        '{"architecture":"arm64","os":"linux","variant":"v8","author":"me","config":{"User":"u",'
        '"Env":["A=1=2"],"Cmd":[],"ExposedPorts":{"80/tcp":{}},"Labels":{"l":"v"},'
        '"Healthcheck":{"Test":["NONE"],"Interval":5}}}'
    )
    image = libdockerfile.parse_image_config(text)
    assert image.env == {"A": "1=2"} and image.cmd == () and image.entrypoint is None
    assert (image.os, image.architecture, image.variant) == ("linux", "arm64", "v8")
    assert image.exposed_ports == ("80/tcp",) and image.health_interval == 5
    path = tmp_path / "image.json"
    path.write_text(text, encoding="utf-8")
    assert libdockerfile.read_image_config(path) == image
    doc = libdockerfile.parse("FROM base\nENV B=$A\n")
    model = libdockerfile.Model(doc, bases={"base": image})
    assert model.config().image.env["B"] == "1=2"
    assert model.config().image.architecture == "arm64"
    again = libdockerfile.parse_image_config(json.dumps(json.loads(model.config_json())["config"]))
    assert again == model.config().image
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(libdockerfile.FormatError, match="image.json:1:1: 0 images"):
        libdockerfile.read_image_config(path)
    with pytest.raises(libdockerfile.FormatError, match="<image>:1:1: empty"):
        libdockerfile.parse_image_config(b"")


def test_entries_of_the_catalog() -> None:
    catalog = Catalog.builtin()
    tools = catalog.entries("tool")
    assert len(tools) >= 40
    assert all(tool.kind is CatalogKind.TOOL and tool.sources for tool in tools)
    names = [entry.name for entry in catalog.entries(CatalogKind.IMAGE)]
    assert "golang" in names and len(names) == len(set(names)) >= 60
    assert {entry.kind for entry in catalog.entries()} == set(CatalogKind)
    packages = [entry for entry in catalog.entries("package") if entry.name == "libssl-dev"]
    assert {entry.family for entry in packages} == {"debian", "ubuntu"}
    with pytest.raises(ValueError, match="tolls"):
        catalog.entries("tolls")
    assert catalog.listing("tool").splitlines()[0] == f"tool      {tools[0].name}"
    assert json.loads(catalog.listing(format="json"))["entries"][0]["sources"] == tools[0].sources


def test_entries_whole(tmp_path: Path) -> None:
    """What is shown of an entry is a catalog that has it."""
    catalog = Catalog.builtin()
    (apk,) = catalog.show("tool", "apk")
    assert apk["commands"] == ["apk"] and apk["caches"][0]["sharing"] == "locked"
    (text,) = catalog.to_yaml("tool", "apk")
    path = tmp_path / "apk.yaml"
    path.write_text(text)
    again = load_catalog(path)
    assert again.show("tool", "apk") == (apk,)
    assert len(again.entries()) == len(catalog.entries())
    assert catalog.show("image", "no such image") == ()
    catalog.close()
    with pytest.raises(ValueError, match="closed"):
        catalog.entries()


def test_catalog_that_names_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text("images:\n  - {name: x, repositories: x, role: os, release: bookwrm}\n")
    with pytest.raises(FormatError, match="bookwrm") as caught:
        load_catalog(path)
    assert (caught.value.line, caught.value.column) == (2, 51)
