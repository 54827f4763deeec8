"""Finding the C library, and refusing the wrong one. Each case is a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import libdockerfile
from libdockerfile import _native
from libdockerfile._library import file_names

PACKAGE = Path(libdockerfile.__file__).parent
FILE = file_names("dockerfile")[0]


def imported(path: str, package: Path = PACKAGE) -> str:
    """What the import prints, or the last exception's text."""
    program = "import libdockerfile; print(libdockerfile._native.lib._name)"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LIBDOCK")}
    environment["PYTHONPATH"] = str(package.parent)
    if path:
        environment["LIBDOCKERFILE_PATH"] = path
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        cwd=package.parent,
    )
    return done.stdout.strip() or done.stderr.partition("libdockerfile._errors.")[2]


def library_in_use() -> Path:
    path = Path(_native.lib._name)
    if not path.is_file():
        pytest.skip("the library comes from the system's path")
    return path


def compiled(folder: Path, names: Iterable[str], version: int) -> Path:
    """A library with functions of these names, of which dfl_version gives `version`."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("needs a C compiler")
    lines = [f"int {name}(void) {{ return 0; }}" for name in names if name != "dfl_version"]
    lines.append(f"unsigned dfl_version(void) {{ return {version}u; }}")
    source = folder / "wrong.c"
    source.write_text("\n".join(lines))
    command = [compiler, "-shared", "-fPIC", "-o", str(folder / FILE), str(source)]
    subprocess.run(command, check=True)
    return folder / FILE


def test_version() -> None:
    assert libdockerfile.library_version()[:2] == _native.API_VERSION
    assert ".".join(map(str, libdockerfile.library_version())) == libdockerfile.__version__


def test_variable_names_a_folder_or_a_file() -> None:
    library = library_in_use()
    assert imported(str(library.parent)) == str(library.parent / FILE)
    assert imported(str(library)) == str(library)


def test_library_beside_the_package(tmp_path: Path) -> None:
    package = tmp_path / "libdockerfile"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(library_in_use(), package / FILE)
    assert imported("", package) == str(package / FILE)


def test_missing_library_says_what_to_do(tmp_path: Path) -> None:
    message = imported(str(tmp_path))
    assert message.startswith("LibraryNotFoundError")
    for part in (FILE, f"LIBDOCKERFILE_PATH={tmp_path}", "Install", "cmake"):
        assert part in message


def test_file_that_is_no_library(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a library")
    message = imported(str(tmp_path))
    assert message.startswith("LibraryNotFoundError") and str(tmp_path / FILE) in message


def test_library_that_lacks_a_function(tmp_path: Path) -> None:
    message = imported(str(compiled(tmp_path, [], 1 << 8)))
    assert message.startswith("AbiError") and "dfl_status_name" in message


@pytest.mark.parametrize("version", [0, 1 << 16, 99 << 16])
def test_library_of_another_version(version: int, tmp_path: Path) -> None:
    message = imported(str(compiled(tmp_path, _native.CORE, version)))
    assert message.startswith("AbiError") and f"version {version >> 16}.0" in message


def test_errors_without_docstrings() -> None:
    """`python -OO` leaves out those that a message is made of."""
    program = f"""
import sys
sys.path.insert(0, {str(PACKAGE.parent)!r})
import libdockerfile
try:
    libdockerfile.Edits(libdockerfile.parse("FROM a")).insert(99, "x")
except libdockerfile.ArgumentError as error:
    print(error)
"""
    command = [sys.executable, "-OO", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "ArgumentError [DFL_E_ARG from dfl_edits_insert]\n"


def test_import_error() -> None:
    assert issubclass(libdockerfile.LibraryNotFoundError, ImportError)
    assert issubclass(libdockerfile.AbiError, ImportError)
