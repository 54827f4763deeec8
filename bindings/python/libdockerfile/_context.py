"""What a build reads of its context, and where that goes.

Owns BuildContext, what it is made of, and the listing of directories. Relies on the library for
BuildKit's rules. Never looks at a file system but in read_tree: a context is a list of paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ctypes import byref, c_size_t, c_void_p
from dataclasses import dataclass
from typing import NamedTuple, Optional, Union

from ._constants import (
    ContextFormat,
    Found,
    NodeKind,
    PathFlags,
    PathKind,
    ReadFlags,
    Sent,
    SourceFlags,
    SourceKind,
)
from ._document import Range
from ._errors import FileError
from ._ignore import Ignore
from ._io import Path, c_path
from ._model import Model
from ._native import NO_PATH, NO_STAGE, Handle, Resource, io, lib, printed
from ._structs import (
    CContextOptions,
    CContextPath,
    CIoError,
    CRead,
    CSource,
    CTransfer,
    Str,
    Text,
    decode,
    u32,
)


class ContextPath(NamedTuple):
    """A path of a build context; `link` is where a symbolic link leads."""

    path: Text
    kind: PathKind = PathKind.ANY
    link: Text = ""


@dataclass(frozen=True)
class ReadPath:
    """A path that a source reads, and where it goes.

    `index` is its place in the paths that were given, None for a directory that was not. What the
    ignore file keeps back has no destination.
    """

    path: str
    kind: PathKind
    destination: str
    flags: ReadFlags
    index: Optional[int]

    @property
    def ignored(self) -> bool:
        """Whether the ignore file keeps it back."""
        return bool(self.flags & ReadFlags.IGNORED)


@dataclass(frozen=True)
class Source:
    """A source of COPY, ADD or a mount. `text` is expanded where `known`, else as written."""

    index: int
    kind: SourceKind
    text: str
    known: bool
    found: Found
    flags: SourceFlags
    stage: Optional[int]
    image: Optional[str]
    range: Range


@dataclass(frozen=True)
class Transfer:
    """COPY, ADD, or a mount (whose kind is RUN). `directory` is None where the image decides."""

    kind: NodeKind
    stage: int
    destination: str
    destination_known: bool
    directory: Optional[bool]
    trigger: bool
    range: Range
    sources: Sequence[Source]


class BuildContext(Resource):
    """What a build reads of its context. Immutable, safe to share between threads.

    `paths` is all there is in the context; without it, sources are told of and not looked for.
    `target` is the stage that is built; every stage when it is None.
    """

    __slots__ = ("complete", "model", "sent", "transfers")

    def __init__(
        self,
        model: Model,
        paths: Optional[Iterable[Union[Text, ContextPath]]] = None,
        *,
        ignore: Optional[Ignore] = None,
        target: Optional[int] = None,
    ) -> None:
        out, meaning = c_void_p(), model._live
        patterns = ignore._live if ignore is not None else None
        options = CContextOptions(target=NO_STAGE if target is None else u32(target, "target"))
        options.ignore = patterns.address if patterns is not None else None
        if paths is not None:
            items = [native_path(path) for path in paths]
            options.paths = (CContextPath * max(len(items), 1))(*items)
            options.paths_count = len(items)
        lib.dfl_context_new(meaning, byref(options), byref(out))
        super().__init__(Handle(out, lib.dfl_context_free, meaning))
        self.model = model
        self.sent = Sent(lib.dfl_context_sent(self._live))
        self.complete = bool(lib.dfl_context_complete(self._live))
        self.transfers: Sequence[Transfer] = tuple(self._transfers())

    def _transfers(self) -> list[Transfer]:
        handle, native = self._live, CTransfer()
        sources = self._sources()
        found = []
        for index in range(lib.dfl_context_transfer_count(handle)):
            lib.dfl_context_transfer(handle, index, byref(native))
            found.append(
                Transfer(
                    kind=NodeKind(native.kind),
                    stage=native.stage,
                    destination=str(native.destination),
                    destination_known=bool(native.destination_known),
                    directory=True if native.directory == 1 else None,
                    trigger=bool(native.trigger),
                    range=Range(native.range.start, native.range.end),
                    sources=tuple(sources[native.first : native.first + native.count]),
                )
            )
        return found

    def _sources(self) -> list[Source]:
        handle, native = self._live, CSource()
        found = []
        for index in range(lib.dfl_context_source_count(handle)):
            lib.dfl_context_source(handle, index, byref(native))
            found.append(
                Source(
                    index=index,
                    kind=SourceKind(native.kind),
                    text=str(native.text),
                    known=bool(native.known),
                    found=Found(native.found),
                    flags=SourceFlags(native.flags),
                    stage=None if native.stage == NO_STAGE else native.stage,
                    image=str(native.image) or None,
                    range=Range(native.range.start, native.range.end),
                )
            )
        return found

    def reading(self, source: Source) -> Sequence[ReadPath]:
        """What a source reads, path by path, then what the ignore file keeps back of it."""
        context, out, native = self._live, c_void_p(), CRead()
        lib.dfl_context_reading(context, source.index, byref(out))
        reading = Handle(out, lib.dfl_reading_free, context)
        found = []
        for index in range(lib.dfl_reading_count(reading)):
            lib.dfl_reading_path(reading, index, byref(native))
            found.append(
                ReadPath(
                    path=str(native.name),
                    kind=PathKind(native.kind),
                    destination=str(native.destination),
                    flags=ReadFlags(native.flags),
                    index=None if native.path == NO_PATH else native.path,
                )
            )
        return tuple(found)

    def flags(self, index: int) -> PathFlags:
        """What becomes of a path, by its place in the paths that were given. IndexError where none
        stands."""
        handle = self._live
        place = range(lib.dfl_context_path_count(handle))[index]
        return PathFlags(lib.dfl_context_path_flags(handle, place))

    @property
    def read(self) -> Sequence[str]:
        """The paths that go in: those that are copied or mounted."""
        handle = self._live
        return tuple(
            str(lib.dfl_context_path_name(handle, index))
            for index in range(lib.dfl_context_path_count(handle))
            if lib.dfl_context_path_flags(handle, index) & PathFlags.READ
        )

    def to_text(self, format: ContextFormat = ContextFormat.TEXT) -> str:
        """As `dockerfile context` prints it."""
        return printed(lib.dfl_print_context, self._live, self.model._live, format)


def native_path(path: Union[Text, ContextPath]) -> CContextPath:
    entry = path if isinstance(path, ContextPath) else ContextPath(path)
    return CContextPath(path=Str.of(entry.path), link=Str.of(entry.link), kind=entry.kind)


def read_tree(directory: Path) -> Sequence[ContextPath]:
    """All paths below a directory, for BuildContext. FileError when one cannot be listed."""
    library, out, count = io(), c_void_p(), c_size_t()
    library.dfl_io_tree_read(c_path(directory), byref(out), byref(CIoError()))
    tree = Handle(out, library.dfl_io_tree_free)
    error = CIoError()
    if library.dfl_io_tree_unread(tree, 0, byref(count), byref(error)) == 0:
        raise FileError(decode(error.message))
    found = library.dfl_io_tree_paths(tree, byref(count))
    return tuple(
        ContextPath(str(path.path), PathKind(path.kind), str(path.link))
        for path in found[: count.value]
    )
