"""The command `catalog`: what is known, shown as it can be read again, and what is wrong with overlays."""

import json
import os

import pytest
from cli import fails, ok


def test_catalog_lists_kinds_and_names():
    lines = ok("catalog", "list").stdout.decode().splitlines()
    kinds = {line.split()[0] for line in lines}
    assert kinds == {"tool", "release", "image", "ecosystem", "program", "package"}
    assert "tool      apt" in lines and "image     golang" in lines
    assert "package   libssl-dev (debian)" in lines
    for word in ("tool", "tools"):
        tools = ok("catalog", "list", word).stdout.decode().splitlines()
        assert len(tools) >= 40 and all(line.startswith("tool ") for line in tools)
    entries = json.loads(ok("catalog", "list", "--json", "image").stdout)["entries"]
    assert len(entries) >= 60 and {entry["kind"] for entry in entries} == {"image"}
    assert all(entry["sources"] for entry in entries)


def test_catalog_shows_what_it_takes_back(write):
    for name in ("tool/apt", "tool/yarn-berry", "image/golang", "release/bookworm", "ecosystem/go", "program/delve"):
        shown = ok("catalog", "show", name).stdout
        entry = json.loads(ok("catalog", "show", "--json", name).stdout)
        assert f"{entry['kind']}/{entry['name']}" == name and entry["schema_version"] == 1
        overlay = write(shown, "shown.yaml")
        assert ok("catalog", "check", overlay).stdout == b""
        assert ok("catalog", "show", "--catalog", overlay, name).stdout == shown


def test_catalog_shows_all_of_a_name():
    documents = ok("catalog", "show", "composer").stdout.decode().split("---\n")
    assert [document.split(":")[0] for document in documents] == ["tools", "images"]
    assert len(ok("catalog", "show", "--json", "apt", "apk").stdout.splitlines()) == 2


def test_catalog_shows_overlays(write):
    overlay = write(b"tools:\n  - {name: brew, commands: brew, source: brew.sh}\n", "own.yaml")
    lines = ok("catalog", "list", "--catalog", overlay, "tool").stdout.splitlines()
    assert lines[0] == b"tool      brew"
    assert b"brew.sh" in ok("catalog", "show", "--catalog", overlay, "brew").stdout


BAD_OVERLAYS = {
    "syntax": (b"tools:\n  - name: [a\n", "3:1", ""),
    "key": (b"tools:\n  - name: a\n    comands: [a]\n", "3:5", "unknown key `comands`"),
    "type": (b"releases:\n  - name: a\n    family: f\n    order: many\n", "4:12", "`order` must be a number"),
    "choice": (
        b"tools:\n  - name: a\n    commands: a\n    caches:\n      - {places: /a, sharing: open}\n",
        "5:31",
        "shared locked private",
    ),
    "missing": (b"images:\n  - name: a\n    role: os\n", "2:5", "no `repositories`"),
    "release": (
        b"images:\n  - name: a\n    repositories: a\n    role: os\n    release: bookwrm\n",
        "5:14",
        "no release `bookwrm`",
    ),
    "family": (b"packages:\n  - {name: p, family: debain, role: both}\n", "2:23", "`debain`"),
    "place": (
        b"tools:\n  - {name: a, commands: a, caches: [{places: '{-d', sharing: shared}]}\n",
        "2:46",
        "`places` cannot be `{-d`",
    ),
    "twice": (b"tools:\n  - {name: a, commands: a}\n  - {name: a, commands: b}\n", "3:5", "twice"),
}


@pytest.mark.parametrize("bad", BAD_OVERLAYS)
def test_catalog_check_says_where(bad, write):
    text, place, words = BAD_OVERLAYS[bad]
    overlay = write(text, "own.yaml")
    message = fails(2, "catalog", "check", overlay)
    assert message.startswith(f"{overlay}:{place}: ") and words in message
    assert fails(2, "catalog", "list", "--catalog", overlay) == message
    assert fails(2, "catalog", "check", "-", stdin=text).endswith(message[len(str(overlay)) :])


def test_catalog_check_takes_several_files(write):
    good = write(b"tools:\n  - {name: a, commands: a}\n", "good.yaml")
    crlf = write(b"tools:\r\n  - {name: a, commands: a}\r\n", "crlf.yaml")
    assert ok("catalog", "check", good, crlf).stdout == b""
    bad = write(b"tool: []\n", "bad.yaml")
    message = fails(2, "catalog", "check", bad, good, "nowhere.yaml")
    assert f"{bad}:1:1: " in message and "nowhere.yaml" in message and "good.yaml" not in message
    needs = write(b"images:\n  - {name: i, repositories: i, role: os, release: plan9}\n", "needs.yaml")
    gives = write(b"releases:\n  - {name: plan9, family: plan9}\n", "gives.yaml")
    fails(2, "catalog", "check", needs)
    ok("catalog", "check", "--catalog", gives, needs)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([], "list, show NAME or check FILE"),
        (["shw"], "did you mean show?"),
        (["list", "imge"], "did you mean image?"),
        (["list", "x" * 40], "kinds: tool"),
        (["list", "tool", "image"], "one kind at most"),
        (["show"], "needs a name"),
        (["show", "golng"], "did you mean golang?"),
        (["show", "apt", "tool/golang"], 'no tool "golang"'),
        (["check"], "needs a file"),
        (["list", "--write"], "no option --write"),
    ],
)
def test_catalog_usage(words, hint):
    assert hint in fails(2, "catalog", *words)


RECORDS = {
    "catalog": "zz: 1",
    "tool": "tools: [{zz: 1}]",
    "cache": "tools: [{caches: [{zz: 1}]}]",
    "release": "releases: [{zz: 1}]",
    "image": "images: [{zz: 1}]",
    "default": "images: [{defaults: [{zz: 1}]}]",
    "counterpart": "images: [{counterparts: [{zz: 1}]}]",
    "ecosystem": "ecosystems: [{zz: 1}]",
    "build rule": "ecosystems: [{build: [{zz: 1}]}]",
    "install rule": "ecosystems: [{install: [{zz: 1}]}]",
    "program": "programs: [{zz: 1}]",
    "package": "packages: [{zz: 1}]",
}


@pytest.mark.parametrize("record", RECORDS)
def test_schema_page_has_every_key(record, write):
    """The message for a key that is not known names those that are."""
    here = os.path.dirname(__file__)
    with open(os.path.join(here, "../../src/catalog/README.md"), encoding="utf-8") as f:
        page = f.read()
    message = fails(2, "catalog", "check", write(RECORDS[record].encode(), "own.yaml"))
    assert f"unknown key `zz` in this {record}; its keys are: " in message
    keys = message.strip().partition("keys are: ")[2].split(", ")
    absent = [key for key in keys if f"`{key}`" not in page and f"\n## {key}\n" not in page]
    assert keys and not absent


def test_schema_page_example_is_a_catalog(write):
    here = os.path.dirname(__file__)
    with open(os.path.join(here, "../../src/catalog/README.md"), encoding="utf-8") as f:
        example = f.read().partition("```yaml\n")[2].partition("```")[0]
    overlay = write(example.encode(), "own.yaml")
    source = write(b"FROM debian:12\nRUN brew install jq\n")
    assert b"target=/root/.cache/Homebrew,sharing=locked" in ok("cache", "--catalog", overlay, source).stdout
