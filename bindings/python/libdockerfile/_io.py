"""Files, catalogs and facts, through libdockerfile-io.

Owns Catalog, CatalogEntry, Fact and SourceFile. Relies on libdockerfile-io, which is opened at the
first call. Never writes a file but through SourceFile.replace.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from ctypes import byref, c_size_t, c_void_p
from typing import Any, NamedTuple, Optional, Union

from ._config import ImageConfig, image_of
from ._constants import CatalogKind, ListingFormat
from ._native import Handle, Resource, io, lib, printed
from ._structs import Buffer, CCatalogEntry, CIoError, Str, decode, encode, fit

Path = Union[str, os.PathLike[str]]


class Fact(NamedTuple):
    """Something known of a build context, such as ("npm.main", "server.js"). Names may repeat."""

    name: str
    value: str


class CatalogEntry(NamedTuple):
    """What an entry of a catalog is known by, and where its facts come from ("" if not said)."""

    kind: CatalogKind
    name: str
    family: Optional[str]
    sources: str


Kind = Union[CatalogKind, str]


class Catalog(Resource):
    """What the rewrites know of images and package managers. Immutable, safe to share."""

    __slots__ = ()

    @classmethod
    def builtin(cls) -> Catalog:
        """The facts that are compiled in: what rewrites and checks take when they are given no
        catalog. A Model then takes none, and nothing is known of base images."""
        address = c_void_p(lib.dfl_catalog_builtin())
        return cls(Handle(address, lib.dfl_catalog_free))

    def entries(self, kind: Optional[Kind] = None) -> Sequence[CatalogEntry]:
        """The entries of one kind ("tool", "image", ...) or of all, over all layers."""
        wanted = kinds() if kind is None else (kind_of(kind),)
        return tuple(entry for one in wanted for entry in self._entries(one))

    def listing(
        self, kind: Optional[Kind] = None, format: Union[ListingFormat, str] = "text"
    ) -> str:
        """Kinds and names of the entries as "text" or "json"."""
        form = ListingFormat[format.upper()] if isinstance(format, str) else format
        code = 0 if kind is None else kind_of(kind)
        return printed(lib.dfl_print_catalog, self._live, code, form)

    def _entries(self, kind: CatalogKind) -> Iterator[CatalogEntry]:
        handle = self._live
        entry = CCatalogEntry()
        for index in range(lib.dfl_catalog_count(handle, kind)):
            lib.dfl_catalog_get(handle, kind, index, byref(entry))
            family = str(entry.family) or None
            yield CatalogEntry(kind, str(entry.name), family, str(entry.sources))

    def show(self, kind: Kind, name: str) -> Sequence[dict[str, Any]]:
        """All members of the entries with that name; only packages may have several."""
        code = kind_of(kind)
        return tuple(json.loads(text) for text in self._shown(code, name, ListingFormat.JSON))

    def to_yaml(self, kind: Kind, name: str) -> Sequence[str]:
        """The same entries, each as a text that `load_catalog` takes."""
        return tuple(self._shown(kind_of(kind), name, ListingFormat.TEXT))

    def _shown(self, kind: CatalogKind, name: str, format: ListingFormat) -> Iterator[str]:
        handle = self._live
        for index, entry in enumerate(self.entries(kind)):
            if entry.name == name:
                yield printed(io().dfl_io_catalog_show, handle, kind, index, format)


class SourceFile(Resource):
    """A file as it was read. `replace` refuses to overwrite what somebody else changed since."""

    __slots__ = ("path",)

    def __init__(self, path: Path, max_bytes: int = 0) -> None:
        out = c_void_p()
        library = io()
        most = fit(max_bytes, c_size_t, "max_bytes")
        library.dfl_io_read(c_path(path), most, byref(out), byref(CIoError()))
        super().__init__(Handle(out, library.dfl_io_file_free))
        self.path = path

    @property
    def source(self) -> bytes:
        """The bytes that were read."""
        handle = self._live
        return bytes(io().dfl_io_file_bytes(handle))

    def replace(self, content: Buffer) -> None:
        """Write the file anew, atomically and with its old mode. StaleError when it changed."""
        data = Str.of(encode(content))
        io().dfl_io_replace(self._live, data, byref(CIoError()))


def read_file(path: Path, *, max_bytes: int = 0) -> SourceFile:
    """Read a regular file (4 MiB at most unless said) so that it can be replaced safely; "-" is
    standard input."""
    return SourceFile(path, max_bytes)


def load_catalog(path: Path, below: Optional[Catalog] = None) -> Catalog:
    """Load a YAML overlay over another catalog, or over the built-in one.

    FormatError with line and column when it is malformed.
    """
    out = c_void_p()
    under = () if below is None else (below._live,)
    io().dfl_io_catalog_load(
        c_path(path), under[0] if under else None, byref(out), byref(CIoError())
    )
    return Catalog(Handle(out, lib.dfl_catalog_free, *under))


def read_facts(directory: Path) -> Sequence[Fact]:
    """What the manifests in a build context (package.json, go.mod, Cargo.toml, …) say. FormatError
    when one is malformed."""
    library = io()
    out = c_void_p()
    library.dfl_io_facts_read(c_path(directory), byref(out), byref(CIoError()))
    facts = Handle(out, library.dfl_io_facts_free)
    count = c_size_t()
    found = library.dfl_io_facts_list(facts, byref(count))
    return tuple(Fact(str(fact.name), str(fact.value)) for fact in found[: count.value])


def read_image_config(path: Path) -> ImageConfig:
    """Read the configuration of an image from JSON, for `Model(bases={...})`.

    It is what a registry keeps (the OCI image configuration) or what `docker image inspect` prints
    of one image; "-" is standard input. FormatError with line and column for anything else.
    """
    library = io()
    out = c_void_p()
    library.dfl_io_image_config_read(c_path(path), byref(out), byref(CIoError()))
    return taken(Handle(out, library.dfl_io_image_config_free))


def parse_image_config(source: Buffer, name: Path = "<image>") -> ImageConfig:
    """The same of bytes or a text; `name` stands in messages."""
    library = io()
    out = c_void_p()
    data = Str.of(encode(source))
    library.dfl_io_image_config_parse(data, c_path(name), byref(out), byref(CIoError()))
    return taken(Handle(out, library.dfl_io_image_config_free))


def taken(handle: Handle) -> ImageConfig:
    return image_of(io().dfl_io_image_config_values(handle).contents)


def kinds() -> Iterator[CatalogKind]:
    """The kinds that the library knows."""
    number = 1
    while lib.dfl_catalog_kind_name(number) is not None:
        yield CatalogKind(number)
        number += 1


def kind_of(kind: Kind) -> CatalogKind:
    if isinstance(kind, CatalogKind):
        return kind
    for known in kinds():
        if decode(lib.dfl_catalog_kind_name(known)) == kind:
            return known
    raise ValueError(f"a catalog has no kind {kind!r}")


def c_path(path: Path) -> bytes:
    name = os.fsencode(path)
    if b"\0" in name:
        raise ValueError(f"a path cannot hold a NUL: {decode(name)!r}")
    return name
