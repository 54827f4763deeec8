"""Puts the C libraries into the wheel where a build of them is at hand; else the wheel is pure.

Owns the search (folder $LIBDOCKERFILE_PATH, else the newest build of the presets) and the wheel's
tag. Relies on pyproject.toml for everything else. Never builds C.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
CORE, IO = f"libdockerfile{SUFFIX}", f"libdockerfile-io{SUFFIX}"


def folder() -> Path | None:
    """Where the core library lies."""
    named = os.environ.get("LIBDOCKERFILE_PATH")
    if named:
        return Path(named) if (Path(named) / CORE).is_file() else None
    built = sorted(HERE.glob(f"../../build/*/{CORE}"), key=lambda path: path.stat().st_mtime)
    return built[-1].parent if built else None


def libraries() -> list[Path]:
    place = folder()
    return [place / name for name in (CORE, IO) if (place / name).is_file()] if place else []


class BuildWithLibraries(build_py):
    def run(self) -> None:
        super().run()
        for library in libraries():
            shutil.copy(library, Path(self.build_lib) / "libdockerfile" / library.name)


class AnyPython(bdist_wheel):
    def get_tag(self) -> tuple[str, str, str]:
        """Only the libraries are tied to a platform; any Python 3 opens them."""
        return "py3", "none", super().get_tag()[2]


class WithLibraries(Distribution):
    def has_ext_modules(self) -> bool:
        """What makes setuptools treat the wheel as one of a platform."""
        return bool(libraries())


setup(
    distclass=WithLibraries,
    cmdclass={"build_py": BuildWithLibraries, "bdist_wheel": AnyPython},
)
