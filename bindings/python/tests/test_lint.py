"""BuildKit's checks through the package."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import libdockerfile


def rules(text: str, **options: object) -> list[str]:
    doc = libdockerfile.parse(text)
    return [finding.rule for finding in libdockerfile.check(doc, **options).findings]


def test_findings_have_rule_range_and_message() -> None:
    text = "FROM alpine AS Stage\nMAINTAINER me\n"
    found = {f.rule: f for f in libdockerfile.check(libdockerfile.parse(text)).findings}
    assert {"StageNameCasing", "MaintainerDeprecated"} <= found.keys()
    casing = found["StageNameCasing"]
    assert casing.severity is libdockerfile.Severity.WARNING
    assert text[casing.range.start : casing.range.end]
    assert casing.url.startswith("https://docs.docker.com/")
    assert casing.message


def test_a_fix_applies() -> None:
    doc = libdockerfile.parse("from alpine as base\nRUN x\nENV a b\n")
    fixes = [f for f in libdockerfile.check(doc).findings if f.rule == "LegacyKeyValueFormat"]
    assert fixes and fixes[0].fix
    with libdockerfile.Edits(doc) as edits:
        for edit in fixes[0].fix:
            edits.replace(edit.range, edit.text)
        assert "ENV a=b" in str(edits.apply().source, "utf-8")


def test_options_replace_the_directive() -> None:
    text = "# check=skip=all\nFROM alpine\nMAINTAINER me\n"
    assert rules(text) == []
    assert "MaintainerDeprecated" in rules(text, options="")
    report = libdockerfile.check(libdockerfile.parse(text), options="error=true")
    assert report.failed
    with pytest.raises(libdockerfile.FormatError, match=r"options .* 'nonsense'"):
        rules(text, options="nonsense")


def test_json_and_lifetime() -> None:
    report = libdockerfile.check(libdockerfile.parse("FROM alpine\nMAINTAINER me\n"))
    assert json.loads(report.to_json("D"))
    assert report.to_json(Path("D")) == report.to_json(b"D") == report.to_json("D")
    assert report.dropped == 0
    report.close()
    assert report.findings
    with pytest.raises(ValueError):
        report.to_json()


def test_base_images_of_a_check() -> None:
    text = "FROM base\nENV B=$A\nCMD run\n"
    image = libdockerfile.ImageConfig(shell=["/bin/ash", "-c"], env={"A": "1"})
    assert "JSONArgsRecommended" in rules(text)
    assert rules(text, bases={"base": image}) == []
    arm = libdockerfile.ImageConfig(os="linux", architecture="arm64")
    assert "InvalidBaseImagePlatform" in rules("FROM base\n", bases={"base": arm})
    with pytest.raises(libdockerfile.ArgumentError, match="'nosuch'"):
        rules("FROM base\n", target="nosuch")
