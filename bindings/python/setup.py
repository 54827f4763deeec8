"""Puts the C libraries into the wheel where a build of them is at hand; else the wheel is pure.

Owns the search (folder $LIBDOCKERFILE_PATH, else the newest build of the presets) and the wheel's
tag. Relies on pyproject.toml for everything else. Never builds C.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70.1
    from wheel.bdist_wheel import bdist_wheel

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


class WheelWithLibraries(bdist_wheel):
    def finalize_options(self) -> None:
        super().finalize_options()
        self.root_is_pure = not libraries()

    def get_tag(self) -> tuple[str, str, str]:
        """Any Python 3 will do: only the libraries are tied to a platform."""
        return "py3", "none", super().get_tag()[2]


setup(cmdclass={"build_py": BuildWithLibraries, "bdist_wheel": WheelWithLibraries})
