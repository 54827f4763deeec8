"""What codes mean."""

from __future__ import annotations

import pytest

import libdockerfile
from libdockerfile import ArgumentError, CodeKind, parse


def test_every_code_is_explained_once() -> None:
    known = list(libdockerfile.codes())
    names = [code.name for code in known]
    assert len(names) == len(set(names)) > 100
    for code in known:
        assert code.meaning and code.remedy and code.kinds
        assert libdockerfile.explain(code.name) == code
    kinds = {kind for code in known for kind in CodeKind if kind in code.kinds}
    assert kinds == set(CodeKind)


def test_codes_of_results_are_explained() -> None:
    document = parse("FROM golang:1.22\nRUN go build\nCMD x\nFOO\n")
    for diagnostic in document.diagnostics:
        assert libdockerfile.explain(diagnostic.name).kinds == CodeKind.DIAGNOSTIC
    plan = libdockerfile.split(document)
    assert [libdockerfile.explain(r.code).kinds for r in plan.refusals] == [CodeKind.REFUSAL]


def test_unknown_code() -> None:
    with pytest.raises(ArgumentError, match="'no-such-code'"):
        libdockerfile.explain("no-such-code")
