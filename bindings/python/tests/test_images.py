"""Images: where references are held, and setting them."""

from __future__ import annotations

import json

import pytest

from libdockerfile import (
    ConflictError,
    Edits,
    ImageFlags,
    ImageKind,
    Model,
    Place,
    Range,
    RefusedError,
    StaleError,
    parse,
)
from libdockerfile._images import images_handle
from libdockerfile._native import lib

TEXT = """\
# syntax=docker/dockerfile:1
ARG TAG=1.2
ARG V=20
FROM node:${TAG}-slim AS build
FROM debian:$V
COPY --from=ghcr.io/acme/tool:v1 /a /b
COPY --from=build /x /y
"""


def test_images() -> None:
    model = Model(parse(TEXT))
    syntax, node, debian, tool = model.images
    assert [image.kind for image in model.images] == [
        ImageKind.SYNTAX,
        ImageKind.FROM,
        ImageKind.FROM,
        ImageKind.COPY,
    ]
    assert (syntax.stage, syntax.tag.text, syntax.node.text) == (
        None,
        "1",
        "# syntax=docker/dockerfile:1",
    )
    assert node.reference == "node:1.2-slim" and node.known
    assert node.full == "docker.io/library/node:1.2-slim"
    assert (node.registry, node.repository) == ("docker.io", "library/node")
    assert node.tag.place == Place.SPLIT and node.tag.range is None
    assert [piece.text for piece in node.pieces] == ["node:", "1.2", "-slim"]
    assert debian.tag.place == Place.TYPED
    assert TEXT[slice(*debian.tag.range or ())] == "20"
    assert debian.tag.definition is not None
    assert model.definitions[debian.tag.definition].name == "V"
    assert debian.digest.text is None and debian.digest.place == Place.ABSENT
    assert (tool.stage, tool.familiar) == (1, "ghcr.io/acme/tool:v1")
    assert tool.whole.range == Range(*tool.range)


def test_unknown_and_assumed() -> None:
    model = Model(parse("ARG T\nFROM a:$T\nFROM b:${T:-1}\nFROM Bad\n"))
    unknown, assumed, bad = model.images
    assert not unknown.known and unknown.reference == "a:$T" and unknown.full is None
    assert unknown.whole.place == Place.UNKNOWN
    assert assumed.flags == ImageFlags.ASSUMED and assumed.reference == "b:1"
    assert bad.flags == ImageFlags.INVALID and bad.full is None


def test_set_images() -> None:
    model = Model(parse(TEXT))
    changes = {"node:1.2-slim": "node:1.3-slim", "docker.io/library/debian:20": "debian:21"}
    changed = model.set_images(changes)
    assert changed.source.decode() == TEXT.replace("1.2", "1.3").replace("V=20", "V=21")
    image = model.images[3]
    changed = model.set_images({image: "ghcr.io/acme/tool:v2", 0: "docker/dockerfile:1.7"})
    assert changed.source.decode() == TEXT.replace("tool:v1", "tool:v2").replace("file:1", "file:1.7")


def test_set_images_is_refused() -> None:
    document = parse("ARG V=1\nFROM a:$V\nFROM b:$V\n")
    model = Model(document)
    with pytest.raises(RefusedError, match='line 3: .*"b:1"'):
        model.set_images({"a:1": "a:2"})
    assert model.set_images({"a:1": "a:2"}, others=True).source.startswith(b"ARG V=2\n")
    with pytest.raises(RefusedError, match="build argument V decides"):
        Model(document, {"V": "7"}).set_images({"a:7": "a:2"})
    with pytest.raises(KeyError):
        model.set_images({"c:1": "c:2"})
    edits = Edits(document)
    edits.replace((6, 7), "9")
    with pytest.raises(ConflictError) as caught:
        edits.set_images(model, {0: "a:2", 1: "b:2"})
    assert caught.value.conflict == ((6, 7), "9")
    with pytest.raises(StaleError):
        Edits(parse("FROM a\n")).set_images(model, {})


def test_printed() -> None:
    model = Model(parse(TEXT))
    answer = json.loads(model.images_json("build"))
    assert answer["schema_version"] == 1
    assert [image["needed"] for image in answer["images"]] == [True, True, False, False]
    assert "ARG TAG, line 2 + line 4" in model.images_table()


def test_images_know_their_model() -> None:
    model = Model(parse(TEXT))
    assert lib.dfl_images_model(images_handle(model._live)) == model._live.address
