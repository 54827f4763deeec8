"""BuildKit's build checks.

Owns check and what it finds. Relies on a Model of the document, made for the call.
Never changes a document: a fix is a list of edits.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from ctypes import byref, c_void_p
from dataclasses import dataclass
from typing import Optional, Union

from ._config import ImageConfig
from ._constants import Severity
from ._document import Document, Range
from ._edits import Edit, edit_of
from ._errors import ArgumentError, FormatError
from ._ignore import Ignore
from ._io import Catalog
from ._model import Model
from ._native import Handle, Resource, lib, printed
from ._structs import CEdit, CFinding, CLintOptions, Str, Text, decode


@dataclass(frozen=True)
class Finding:
    """What a check found; `rule` is BuildKit's name of it, `lines` what BuildKit points at.

    `related` is another place that takes part, empty when there is none; `fix` is empty when none
    is certain.
    """

    rule: str
    severity: Severity
    message: str
    url: str
    range: Range
    lines: Range
    related: Range
    fix: Sequence[Edit]


class Report(Resource):
    """The findings of one run, in the order of the file."""

    __slots__ = ("document", "dropped", "failed", "findings", "model")

    def __init__(self, model: Model, handle: Handle) -> None:
        super().__init__(handle)
        self.model = model
        self.document = model.document
        self.findings: Sequence[Finding] = tuple(self._findings())
        self.failed = bool(lib.dfl_lint_failed(handle))
        self.dropped = int(lib.dfl_lint_dropped(handle))

    def _findings(self) -> list[Finding]:
        handle = self._live
        finding = CFinding()
        found = []
        for index in range(lib.dfl_lint_count(handle)):
            lib.dfl_lint_finding(handle, index, byref(finding))
            found.append(self._finding(index, finding))
        return found

    def _finding(self, index: int, finding: CFinding) -> Finding:
        return Finding(
            rule=decode(finding.rule),
            severity=Severity(finding.severity),
            message=str(finding.message),
            url=decode(finding.url),
            range=Range(finding.range.start, finding.range.end),
            lines=Range(finding.lines.start, finding.lines.end),
            related=Range(finding.related.start, finding.related.end),
            fix=tuple(self._edit(index, number) for number in range(finding.edits)),
        )

    def _edit(self, index: int, number: int) -> Edit:
        edit = CEdit()
        lib.dfl_lint_edit(self._live, index, number, byref(edit))
        return edit_of(edit)

    def to_json(self, path: Union[Text, os.PathLike[str]] = "Dockerfile") -> str:
        """As `dockerfile check --json` prints it."""
        name = Str.of(os.fsencode(path))
        return printed(lib.dfl_print_lint_json, self._live, self.model._live, name)


def check(
    document: Document,
    *,
    args: Optional[Mapping[str, Text]] = None,
    bases: Optional[Mapping[str, ImageConfig]] = None,
    catalog: Optional[Catalog] = None,
    ignore: Optional[Ignore] = None,
    options: Optional[Text] = None,
    target: Text = "",
    target_platform: Text = "",
    build_platform: Text = "",
) -> Report:
    """Run BuildKit's checks; `options` replaces the file's `# check=`, as in "skip=all", and
    FormatError says that they are malformed; ArgumentError, that no stage is called as the target.
    The built-in catalog is taken where none is given."""
    model = Model(
        document,
        args,
        bases=bases,
        target=target,
        target_platform=target_platform,
        build_platform=build_platform,
        catalog=catalog if catalog is not None else Catalog.builtin(),
    )
    context = ignore._live if ignore is not None else None  # held until the call returns
    native = CLintOptions(ignore=context.address if context is not None else None)
    if options is not None:
        native.options = Str.of(options)
    out = c_void_p()
    try:
        lib.dfl_lint_run(model._live, byref(native), byref(out))
    except FormatError:
        raise FormatError(f"the options of the checks are malformed: {options!r}") from None
    except ArgumentError:
        raise ArgumentError(f"the document has no stage for the target {target!r}") from None
    return Report(model, Handle(out, lib.dfl_lint_free))
