"""The images a file names: what each reference is, and which bytes of the file hold it.

Owns Image and ImagePart. Relies on the library for what a reference means and where it is held.
Never keeps the C object: what it says is copied out, so that it outlives the model.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from ctypes import byref, c_size_t, c_void_p
from dataclasses import dataclass
from typing import Optional

from ._constants import ImageFlags, ImageKind, PieceFlags, Place
from ._document import Document, Node, Range
from ._native import NO_DEFINITION, NO_STAGE, Handle, lib
from ._scope import Piece, optional
from ._structs import CImage, CPiece, Str, Text, decode


@dataclass(frozen=True)
class ImagePart:
    """A part of a reference and where it is held.

    `range` is what to replace, None unless the place is TYPED. `definition` is the number of the
    one in `Model.definitions` whose text or value it is, None for the instruction's own text.
    """

    text: Optional[str]
    place: Place
    range: Optional[Range]
    definition: Optional[int]


@dataclass(frozen=True)
class Image:
    """An image that is pulled, or would be; `index` is its number in `Model.images`.

    `reference` is expanded; where `known` is false it is as written, and what is read from it is
    None. `full` is the normal form, `familiar` the shortest one. `first` is the number of the first
    image with the same full form. `range` is the reference as written, `pieces` tile it expanded.
    """

    index: int
    kind: ImageKind
    flags: ImageFlags
    known: bool
    stage: Optional[int]
    node: Node
    range: Range
    first: int
    reference: str
    full: Optional[str]
    familiar: Optional[str]
    registry: Optional[str]
    repository: Optional[str]
    whole: ImagePart
    name: ImagePart
    tag: ImagePart
    digest: ImagePart
    pieces: Sequence[Piece]


def images_handle(model: Handle) -> Handle:
    """The C object."""
    out = c_void_p()
    lib.dfl_model_images(model, byref(out))
    return Handle(out, lib.dfl_images_free, model)


def part_of(part: ctypes.Structure) -> ImagePart:
    place = Place(part.place)
    typed = place == Place.TYPED
    return ImagePart(
        text=str(part.text) or None,
        place=place,
        range=Range(part.range.start, part.range.end) if typed else None,
        definition=optional(part.definition, NO_DEFINITION),
    )


def pieces_of(
    document: Document, images: Handle, index: int, found: ctypes.Structure
) -> Iterator[Piece]:
    reference = bytes(found.reference)
    piece = CPiece()
    for number in range(found.pieces):
        lib.dfl_images_piece(images, index, number, byref(piece))
        yield Piece(
            text=decode(reference[piece.start : piece.end]),
            source=Range(piece.source.start, piece.source.end),
            flags=PieceFlags(piece.flags),
            definition=optional(piece.definition, NO_DEFINITION),
            node=document.node(piece.node),
        )


def images_of(document: Document, model: Handle) -> Iterator[Image]:
    found = CImage()
    images = images_handle(model)
    for index in range(lib.dfl_images_count(images)):
        lib.dfl_images_get(images, index, byref(found))
        yield Image(
            index=index,
            kind=ImageKind(found.kind),
            flags=ImageFlags(found.flags),
            known=bool(found.known),
            stage=optional(found.stage, NO_STAGE),
            node=document.node(found.node),
            range=Range(found.range.start, found.range.end),
            first=found.first,
            reference=str(found.reference),
            full=str(found.full) or None,
            familiar=str(found.familiar) or None,
            registry=str(found.registry) or None,
            repository=str(found.repository) or None,
            whole=part_of(found.whole),
            name=part_of(found.name),
            tag=part_of(found.tag),
            digest=part_of(found.digest),
            pieces=tuple(pieces_of(document, images, index, found)),
        )


def find_images(images: Handle, reference: Text) -> Iterator[int]:
    """The images that a reference means, however it is spelt."""
    none = c_size_t(-1).value
    index = c_size_t(none)
    lib.dfl_images_find(images, Str.of(reference), 0, byref(index))
    while index.value != none:
        yield index.value
        lib.dfl_images_find(images, Str.of(reference), index.value + 1, byref(index))
