"""Scopes, definitions, expansions, configurations: values and where they come from."""

from __future__ import annotations

import json

import pytest

import libdockerfile
from libdockerfile import (
    ConfigMember,
    DefinitionKind,
    ExpandMode,
    ImageConfig,
    Model,
    NodeKind,
    PieceFlags,
    Range,
    VariableState,
    parse,
)

FILE = """\
ARG V=3.20
ARG NONE
FROM alpine:$V AS base
ARG V
ENV DIR=/srv/$V OTHER="$NONE"
WORKDIR $DIR/app
COPY a ${DRI}/b
EXPOSE 80 $PORTS
RUN --mount=type=cache,target=$DIR true
FROM base
LABEL a=b
USER app
CMD ["run"]
"""


def closed() -> Model:
    return Model(parse(FILE), {"PORTS": "1 2"}, all_args=True, target_platform="linux/arm64")


def test_definitions() -> None:
    model = closed()
    by_name = {(d.name, d.stage): d for d in model.definitions}
    default = by_name["V", None]
    assert (default.kind, default.value) == (DefinitionKind.DEFAULT, "3.20")
    assert default.node is not None and default.node.text == "V=3.20"
    taken = by_name["V", 0]
    assert (taken.kind, taken.source) == (DefinitionKind.GLOBAL, default.index)
    assert by_name["TARGETARCH", None].value == "arm64"
    assert by_name["TARGETARCH", None].node is None
    unset = by_name["NONE", None]
    assert (unset.kind, unset.state, unset.value) == (
        DefinitionKind.NONE,
        VariableState.UNSET,
        None,
    )
    assert [d.index for d in model.definitions] == list(range(len(model.definitions)))


def test_scope_of_a_node() -> None:
    model = closed()
    base, final = model.stages
    scope = model.scope(model.instructions(0)[-1])
    assert list(scope) == sorted(scope)
    assert (scope["DIR"].value, scope["DIR"].state) == ("/srv/3.20", VariableState.SET)
    assert not scope["DIR"].declared and scope["V"].declared
    found = scope["DIR"].definition
    assert found is not None and model.definitions[found].kind is DefinitionKind.ENV
    assert not scope.complete and "and more" in repr(scope)
    assert "DIR" not in model.scope(model.instructions(0)[1])
    assert model.scope(base.node)["V"].value == "3.20"
    assert "PORTS" not in scope and len(model.scope_end(final)) == len(model.scope_end())
    assert model.scope_end("base")["OTHER"].state is VariableState.UNKNOWN
    with pytest.raises(libdockerfile.StaleError):
        model.scope(parse("FROM a\n").root)
    with pytest.raises(IndexError):
        model.scope_end(2)


def test_unknown_and_unset() -> None:
    doc = parse("ARG A\nFROM scratch\nARG A\nRUN a\n")
    run = doc.instructions[-1]
    assert Model(doc).scope(run)["A"].state is VariableState.UNKNOWN
    assert Model(doc, all_args=True).scope(run)["A"].state is VariableState.UNSET


def test_expansion_and_its_source() -> None:
    model = closed()
    workdir = model.instructions(0)[3]
    word = workdir.children[1]
    plain = model.expand(word)
    assert (plain.text, plain.mode, plain.known) == ("/srv/3.20/app", ExpandMode.WORD, True)
    source = model.document.source
    assert [(p.text, source[slice(*p.source)].decode()) for p in plain.pieces] == [
        ("/srv/3.20", "$DIR"),
        ("/app", "/app"),
    ]
    traced = model.expand(word, trace=True)
    assert [(p.text, source[slice(*p.source)].decode()) for p in traced.pieces] == [
        ("/srv/", "/srv/"),
        ("3.20", "3.20"),
        ("/app", "/app"),
    ]
    assert traced.pieces[1].source == Range(6, 10)
    assert all(p.flags & PieceFlags.EXACT for p in traced.pieces)
    assert "".join(p.text for p in traced.pieces) == traced.text
    held = traced.pieces[1].definition
    assert held is not None and model.definitions[held].kind is DefinitionKind.DEFAULT
    assert traced.pieces[1].node == model.document.instructions[0].pairs[0].node.children[1]


def test_undefined_names_and_words() -> None:
    model = Model(parse("FROM scratch\nENV DIR=1\nCOPY a ${DRI}/b\nEXPOSE 80 90/udp\n"))
    copy, expose = model.instructions()[2:]
    (missing,) = model.expand(copy.children[-1]).undefined
    assert (missing.name, missing.suggestion, missing.declared) == ("DRI", "DIR", False)
    assert model.document.source[slice(*missing.source)] == b"${DRI}"
    assert model.expand(expose.children[-1]).words == ("90/udp",)
    keyword = copy.child(NodeKind.KEYWORD)
    assert keyword is not None
    with pytest.raises(libdockerfile.UnsupportedError):
        model.expand(keyword)


def test_malformed_expansion() -> None:
    doc = parse("FROM scratch\nWORKDIR ${A:-b\n")
    expansion = Model(doc).expand(doc.instructions[1].children[1])
    assert (expansion.error, expansion.known, expansion.text) == ("subst-brace", False, "")


def test_bytes_that_are_no_text() -> None:
    doc = parse(b"FROM scratch\nENV A=\xc3\xa9 B=x\nWORKDIR /$A$B\n")
    expansion = Model(doc).expand(doc.instructions[2].children[1])
    assert [piece.text for piece in expansion.pieces] == ["/", "\u00e9", "x"]


# --- configurations

BASE = ImageConfig(
    env={"PATH": "/bin", "LANG": "C"},
    cmd=["sh"],
    exposed_ports=["80/tcp"],
    volumes=["/v"],
    labels={"by": "us"},
    health_test=["CMD", "true"],
    health_interval=5_000_000_000,
    user="root",
    working_dir="/w",
)


def test_numbers_that_a_configuration_cannot_hold() -> None:
    """They are refused: C would take what is left of them."""
    for name, value in (("health_interval", 1 << 64), ("health_retries", (1 << 32) + 5)):
        base = ImageConfig(**{name: value})  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=f"{name} {value} is not between -"):
            Model(parse("FROM a\n"), bases={"a": base})


def test_config_on_a_known_base() -> None:
    model = Model(
        parse('FROM img AS a\nWORKDIR x\nENV A=1 PATH=$PATH:/a\nFROM a\nENTRYPOINT ["e"]\n'),
        bases={"docker.io/library/img:latest": BASE},
        all_args=True,
    )
    config = model.config()
    image = config.image
    assert not config.unknown and not config.unknown_env and not config.unknown_labels
    assert dict(image.env) == {"PATH": "/bin:/a", "LANG": "C", "A": "1"}
    assert list(image.env) == ["PATH", "LANG", "A"]
    assert (image.entrypoint, image.cmd, image.shell) == (("e",), None, None)
    assert (image.working_dir, image.user, image.labels) == ("/w/x", "root", {"by": "us"})
    assert (image.exposed_ports, image.volumes) == (("80/tcp",), ("/v",))
    assert (image.health_test, image.health_interval) == (("CMD", "true"), 5_000_000_000)
    assert config.nodes[ConfigMember.ENTRYPOINT] == model.document.instructions[-1]
    assert ConfigMember.USER not in config.nodes
    where = config.env_definitions["A"]
    assert where is not None and model.definitions[where].kind is DefinitionKind.ENV
    again = Model(parse("FROM b\n"), bases={"b": image}, all_args=True).config("").image
    assert again == image


def test_config_on_an_unknown_base() -> None:
    config = Model(parse("FROM img\nARG X\nENV A=$X\nLABEL l=$X\nUSER me\n")).config(0)
    assert ConfigMember.CMD in config.unknown and ConfigMember.USER not in config.unknown
    assert config.unknown_env == {"A"} and config.unknown_labels == {"l"}
    assert config.image.user == "me"


def test_names_of_the_world_are_checked() -> None:
    doc = parse("FROM a\n")
    for options in ({"target_platform": "a/b/c/d"}, {"build_platform": "!"}):
        with pytest.raises(libdockerfile.FormatError, match="platform"):
            Model(doc, **options)
    with pytest.raises(libdockerfile.FormatError):
        Model(doc, bases={"Bad": BASE})


def test_what_the_catalog_knows() -> None:
    doc = parse("ARG V=1\nFROM golang:1.25 AS go\nARG V\nENV OUT=$GOPATH/$V\nFROM scratch\n")
    catalog = libdockerfile.Catalog.builtin()
    model = Model(doc, catalog=catalog)
    catalog.close()  # the model holds on to it
    config = model.config("go")
    assert config.image.env["OUT"] == "/go/1" and config.image.working_dir == "/go"
    assert ConfigMember.ENV in config.unknown and ConfigMember.USER not in config.unknown
    assert Model(doc).config("go").unknown_env == {"OUT"}
    assert 'Env           OUT="/go/1"  # line 4\n' in model.config_text("go")
    assert json.loads(model.config_json("go"))["sources"]["Env.OUT"]["line"] == 4
    assert 'stage 1\n' in model.variables_text()
    assert 'stage 1\n' not in model.variables_text("go")
    scopes = json.loads(model.variables_json("go"))["scopes"]
    assert [scope["stage"] for scope in scopes] == [None, 0]
    assert Model(parse("ARG A\n")).config_text() == "no stages\n"


def test_entries_know_their_instruction() -> None:
    config = Model(parse("FROM scratch\nENV A=1\nEXPOSE 1-2\nVOLUME /v\nLABEL l=1\n")).config()
    given = [
        [node and node.text for node in config.entries[member]]
        for member in (ConfigMember.ENV, ConfigMember.EXPOSED_PORTS, ConfigMember.VOLUMES)
    ]
    assert given == [[None, "ENV A=1"], ["EXPOSE 1-2"] * 2, ["VOLUME /v"]]
    assert len(config.entries[ConfigMember.LABELS]) == 1
    assert config.entries[ConfigMember.ONBUILD] == ()


def test_catalogs_are_taken_where_they_are_given() -> None:
    """A rewrite has the built-in one by default; a model knows nothing of a base image then."""
    doc = parse("FROM debian:12\nRUN apt-get update && apt-get install -y curl\n")
    builtin = libdockerfile.Catalog.builtin()
    assert libdockerfile.cache(doc).to_dict() == libdockerfile.cache(doc, catalog=builtin).to_dict()
    golang = parse("FROM golang:1.25\n")
    assert Model(golang).config().image.env == {}
    assert "GOPATH" in Model(golang, catalog=builtin).config().image.env
