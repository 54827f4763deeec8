"""Edits: conflict-free changes to one document, applied with proof.

Owns Edits and Edit. Relies on the library for conflicts, quoting and the proof.
Never touches a byte that no edit names.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Mapping
from ctypes import byref, c_void_p
from typing import TYPE_CHECKING, NamedTuple, Union

from ._document import Document, Node, Range, check_owner
from ._errors import ConflictError, RefusedError
from ._images import Image, find_images, images_handle
from ._native import OTHERS, Handle, Resource, lib
from ._structs import CEdit, CImageChange, CRange, Str, Text, u32

if TYPE_CHECKING:
    from ._model import Model


class Edit(NamedTuple):
    """Replace `range` of the source by `text`."""

    range: Range
    text: str


class Edits(Resource):
    """A set of edits against one document.

    An edit that is refused raises ConflictError, StaleError, UnsupportedError or ArgumentError and
    leaves the set as it was. Every method locks the set, so that threads may share it.
    """

    __slots__ = ("_lock", "document")

    def __init__(self, document: Document) -> None:
        out = c_void_p()
        lib.dfl_edits_new(document._live, byref(out))
        super().__init__(Handle(out, lib.dfl_edits_free))
        self.document = document
        self._lock = threading.Lock()

    def replace(self, range: tuple[int, int], text: Text) -> None:
        """Replace a range of bytes; an empty text deletes it."""
        start, end = range
        with self._lock:
            self._add(lib.dfl_edits_replace, CRange(start=u32(start), end=u32(end)), Str.of(text))

    def insert(self, offset: int, text: Text) -> None:
        """Insert at an offset, after what was inserted there before."""
        with self._lock:
            self._add(lib.dfl_edits_insert, u32(offset), Str.of(text))

    def set_value(self, node: Node, value: Text) -> None:
        """Make a word, value or heredoc body mean `value`, quoted as its place requires."""
        handle = node.document._live
        with self._lock:
            self._add(lib.dfl_edits_set_value, node._native(handle), Str.of(value))

    def delete(self, node: Node, *, comments: bool = False) -> None:
        """Delete an instruction with its line end and, if asked, the comments right above it."""
        handle = node.document._live
        with self._lock:
            self._add(lib.dfl_edits_delete, node._native(handle), comments)

    def set_images(
        self,
        model: Model,
        changes: Mapping[Union[Image, int, Text], Text],
        *,
        others: bool = False,
    ) -> None:
        """Give images of the model new references, where the file holds them.

        A key is one of `Model.images`, its index, or a reference: then all images that mean it;
        KeyError where none does. RefusedError says why it cannot be done: no text of the file
        decides, it is not clear which text is meant, or an image that is not listed would change,
        which `others` allows.
        """
        images = images_handle(model._live)
        with self._lock:
            handle = self._live
            wanted = []
            for key, reference in changes.items():
                for index in indices_of(model.document, images, key):
                    wanted.append(CImageChange(reference=Str.of(reference), image=u32(index)))
            array = (CImageChange * len(wanted))(*wanted)
            flags = OTHERS if others else 0
            try:
                self._add(lib.dfl_edits_set_images, images, array, len(wanted), flags)
            except RefusedError:
                raise RefusedError(str(lib.dfl_edits_reason(handle))) from None

    def _add(self, function: ctypes._NamedFuncPointer, *arguments: object) -> None:
        handle = self._live
        try:
            function(handle, *arguments)
        except ConflictError as error:
            error.conflict = edit_of(lib.dfl_edits_conflict(handle))
            raise

    def __len__(self) -> int:
        with self._lock:
            return int(lib.dfl_edits_count(self._live))

    def __iter__(self) -> Iterator[Edit]:
        """The edits, in the order of the source."""
        edit = CEdit()
        edits = []
        with self._lock:
            handle = self._live
            for index in range(lib.dfl_edits_count(handle)):
                lib.dfl_edits_get(handle, index, byref(edit))
                edits.append(edit_of(edit))
        return iter(edits)

    def apply(self) -> Document:
        """The document with the edits made. RefusedError when the proof fails; it says why."""
        out = c_void_p()
        with self._lock:
            handle = self._live
            try:
                lib.dfl_edits_apply(handle, byref(out))
            except RefusedError:
                raise RefusedError(str(lib.dfl_edits_reason(handle))) from None
        return Document(Handle(out, lib.dfl_doc_unref))

    def map(self, offset: int, *, after: bool = False) -> int:
        """Where an offset of the old source stands in the new one.

        Inside a replaced range it goes to the start of the replacement, or to its end if `after`.
        """
        with self._lock:
            return int(lib.dfl_edits_map(self._live, u32(offset), after))


def indices_of(document: Document, images: Handle, key: Union[Image, int, Text]) -> list[int]:
    if isinstance(key, Image):
        check_owner(document, key.node)
        return [key.index]
    if isinstance(key, int):
        return [key]
    found = list(find_images(images, key))
    if not found:
        raise KeyError(key)
    return found


def edit_of(edit: ctypes.Structure) -> Edit:
    return Edit(Range(edit.range.start, edit.range.end), str(edit.text))
