"""Where the tests find the library, and the Dockerfile that several of them read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable

import pytest

ROOT = Path(__file__).resolve().parents[3]


def newest_build() -> str:
    libraries = sorted(ROOT.glob("build/*/libdockerfile.so"), key=lambda path: path.stat().st_mtime)
    return str(libraries[-1].parent) if libraries else ""


if not os.environ.get("LIBDOCKERFILE_PATH") and newest_build():
    os.environ["LIBDOCKERFILE_PATH"] = newest_build()

import libdockerfile  # noqa: E402
from libdockerfile import _native  # noqa: E402

SAMPLE = """\
# syntax=docker/dockerfile:1
# A service in Go.
ARG VERSION=1.22
FROM --platform=$BUILDPLATFORM golang:${VERSION} AS Build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod \\
    # a comment inside
    download
ENV CGO_ENABLED=0 GOFLAGS="-mod=readonly"
COPY <<EOF <<-'RAW' /etc/
plain
EOF
\traw $text
\tRAW
RUN ["go", "build", "-o", "/bin/app"]
FROM scratch
ONBUILD COPY . /data
COPY --from=build /bin/app /app
LABEL a=b "c d"=é
CMD ["/app"]
"""


@pytest.fixture
def sample() -> libdockerfile.Document:
    return libdockerfile.parse(SAMPLE)


class Calls:
    """Stands in for the C library and counts its calls."""

    def __init__(self, library: Any) -> None:
        self.library = library
        self.count: dict[str, int] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        self.count[name] = self.count.get(name, 0) + 1
        function: Callable[..., Any] = getattr(self.library, name)
        return function


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Counts every C call that the document module makes."""
    counter = Calls(_native.lib)
    monkeypatch.setattr("libdockerfile._document.lib", counter)
    return counter


@pytest.fixture
def needs_io() -> None:
    try:
        _native.io()
    except libdockerfile.LibraryNotFoundError as error:
        pytest.skip(str(error))
