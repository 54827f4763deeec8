"""Rewrites and plans."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable, Union

import pytest

import libdockerfile
from libdockerfile import Builder, Catalog, Document, Outcome, Plan, Risk, User, parse

GO = """\
FROM golang:1.22
WORKDIR /src
COPY . .
RUN go build -o app .
CMD ["./app"]
"""
APT = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n"
NODE = 'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["node", "main.js"]\n'
REWRITES: dict[str, Callable[[Document], Plan]] = {
    "cache": libdockerfile.cache,
    "base": lambda doc: libdockerfile.base(doc, to="slim"),
    "split": libdockerfile.split,
    "optimize": libdockerfile.optimize,
}


def check(plan: Plan) -> None:
    """What holds for every plan."""
    source = plan.document.source
    assert plan.changed == (plan.outcome == Outcome.CHANGED) == (plan.result is not plan.document)
    assert plan.changed == bool(plan.diff())
    for step in plan.steps:
        assert step.code and step.message and step.risk in list(Risk)
        assert 0 <= step.range.start <= step.range.end <= len(source)
        assert all(0 <= edit.range.start <= edit.range.end <= len(source) for edit in step.edits)
        assert all(step.assumptions)
    for refusal in plan.refusals:
        assert refusal.code and refusal.message
        assert refusal.code in plan.explain()
        assert refusal.message in plan.explain() or not refusal.message.isprintable()


def check_json(plan: Plan) -> None:
    described = plan.to_dict()
    assert described["schema_version"] == 1
    assert described["outcome"] == plan.outcome.name.lower()
    ours = [
        {
            "code": step.code,
            "message": step.message,
            "risk": step.risk.name.lower(),
            "range": step.range._asdict(),
            "assumptions": list(step.assumptions),
            "edits": [{**edit.range._asdict(), "text": edit.text} for edit in step.edits],
        }
        for step in plan.steps
    ]
    assert described["steps"] == ours
    assert [refusal["code"] for refusal in described["refusals"]] == [
        refusal.code for refusal in plan.refusals
    ]


@pytest.mark.parametrize("name", REWRITES)
@pytest.mark.parametrize("source", [GO, APT, NODE, "", "NONSENSE\n", "FROM $X\n", b"\xff\x00"])
def test_every_plan(name: str, source: Any) -> None:
    plan = REWRITES[name](parse(source))
    check(plan)
    check_json(plan)
    again = REWRITES[name](plan.result)
    assert not plan.changed or again.outcome != Outcome.CHANGED, again.diff()


def test_cache() -> None:
    plan = libdockerfile.cache(parse(APT))
    assert plan.outcome == Outcome.CHANGED
    assert "--mount=type=cache" in plan.result.text
    assert "type=cache" in plan.diff("docker/Dockerfile")
    assert "+++ b/docker/Dockerfile" in plan.diff("docker/Dockerfile")
    assert plan.steps[0].message in plan.explain("docker/Dockerfile")
    assert repr(plan).startswith("<Plan changed")


def test_split() -> None:
    plan = libdockerfile.split(parse(GO))
    assert plan.outcome == Outcome.CHANGED
    assert len(libdockerfile.Model(plan.result).stages) > 1


def test_base() -> None:
    plan = libdockerfile.base(parse(NODE), to="slim")
    assert plan.result.instructions[0].arguments[0] == "node:20-slim"


def test_base_of_a_stage() -> None:
    two = parse(NODE.replace("20", "20 AS one") + NODE)

    def bases(stage: Union[str, int, None]) -> list[str]:
        plan = libdockerfile.base(two, to="slim", stage=stage)
        return [stage.base for stage in libdockerfile.Model(plan.result).stages]

    assert bases("one") == bases(0) == ["node:20-slim", "node:20"]
    assert bases(None) == bases(1) == ["node:20", "node:20-slim"]


def test_optimize_is_idempotent() -> None:
    plan = libdockerfile.optimize(parse(GO))
    assert plan.outcome == Outcome.CHANGED
    assert "type=cache" in plan.result.text and "distroless" in plan.result.text
    assert libdockerfile.optimize(plan.result).outcome == Outcome.UNCHANGED


def test_refusal_says_why() -> None:
    plan = libdockerfile.split(parse("FROM golang:1.22\nNONSENSE\n"))
    assert plan.outcome == Outcome.REFUSED
    assert plan.refusals[0].message
    assert plan.result is plan.document


def test_user() -> None:
    by_name = libdockerfile.split(parse(GO), user="nonroot")
    assert by_name.result.text == libdockerfile.split(parse(GO), user=User.NONROOT).result.text
    with pytest.raises(KeyError):
        libdockerfile.split(parse(GO), user="root")


def test_how_caches_are_mounted() -> None:
    doc = parse("FROM debian:12\nRUN apt-get install -y curl\n")
    text = libdockerfile.cache(doc, id="platform", sharing="private").result.text
    assert "type=cache,id=apt-bookworm,target=/var/cache/apt,sharing=private" in text
    assert "id=mine-apt-bookworm," in libdockerfile.cache(doc, id="mine").result.text
    assert "id=" not in libdockerfile.cache(doc).result.text
    refused = libdockerfile.cache(doc, builder=Builder.KANIKO)
    assert [refusal.code for refusal in refused.refusals] == ["cache.builder"]
    assert libdockerfile.optimize(doc, builder="classic").result.text.count("--mount") == 0
    with pytest.raises(libdockerfile.ArgumentError):
        libdockerfile.cache(doc, id="a,b")


def test_facts_and_arguments_are_passed() -> None:
    doc = parse(
        "ARG TAG\nFROM golang:${TAG}\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\n"
        'CMD ["./app"]\n'
    )
    facts = [("file", "main.go"), ("go.module", "example.com/app"), ("go.cgo", "no")]
    assert not libdockerfile.split(doc, facts=facts).changed
    plan = libdockerfile.split(doc, args={"TAG": "1.22"}, facts=facts)
    check(plan)
    assert {refusal.code for refusal in plan.refusals} != {
        refusal.code for refusal in libdockerfile.split(doc).refusals
    } or plan.changed


def test_catalog_that_is_built_in() -> None:
    with Catalog.builtin() as catalog:
        plan = libdockerfile.cache(parse(APT), catalog=catalog)
        assert plan.result.text == libdockerfile.cache(parse(APT)).result.text
    with pytest.raises(ValueError, match="closed"):
        libdockerfile.cache(parse(APT), catalog=catalog)


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_git_takes_the_diff(tmp_path: Path) -> None:
    plan = libdockerfile.optimize(parse(GO))
    (tmp_path / "Dockerfile").write_text(GO)
    diff = plan.diff().encode()
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff, check=True)
    assert (tmp_path / "Dockerfile").read_bytes() == plan.result.source


def test_base_report_has_a_plan_for_every_target() -> None:
    document = parse(NODE.replace("node:20", "node:22"))
    report = libdockerfile.base_report(document)
    assert list(report) == libdockerfile.base_targets()
    assert {"distroless", "slim", "alpine", "scratch", "wolfi", "dhi", "ubi-micro"} == set(report)
    for target, plan in report.items():
        check(plan)
        assert plan.to_dict() == libdockerfile.base(document, to=target).to_dict()
    assert report["distroless"].changed
    printed = report.to_dict()
    assert [entry["to"] for entry in printed["targets"]] == list(report)
    for entry in printed["targets"]:
        assert {"schema_version": 1, **entry}.items() >= report[entry["to"]].to_dict().items()
        assert f"  {entry['to']} " in report.explain("D")
    assert report.explain("D").startswith("D:\n")
    assert [refusal.code for refusal in report["scratch"].refusals] == ["runtime.none"]


def test_base_report_keeps_the_arguments_it_was_made_with() -> None:
    args = {"V": "22"}
    report = libdockerfile.base_report(parse("ARG V\n" + NODE.replace("20", "$V")), args=args)
    before = report.to_dict()
    assert report["slim"].changed
    args["V"] = "none"
    assert report.to_dict() == before
