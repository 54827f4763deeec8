"""The package as its users meet it: README, docstrings, types, the list of public names."""

from __future__ import annotations

import doctest
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import libdockerfile

FOLDER = Path(__file__).resolve().parents[1]


def test_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = 'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\nCMD ["./app"]\n'
    (tmp_path / "Dockerfile").write_text(source)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (FOLDER / "README.md").read_text(), re.DOTALL)
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)


def test_docstring_of_the_package() -> None:
    results = doctest.testmod(libdockerfile)
    assert results.attempted > 2 and not results.failed


def test_public_names_have_docstrings() -> None:
    for name in libdockerfile.__all__:
        thing = getattr(libdockerfile, name)
        assert inspect.getdoc(thing), name
        for key, member in vars(thing).items() if inspect.isclass(thing) else ():
            if not key.startswith("_") and isinstance(member, (property, classmethod)):
                assert inspect.getdoc(member), f"{name}.{key}"
            if not key.startswith("_") and inspect.isfunction(member):
                assert inspect.getdoc(member), f"{name}.{key}"


def test_all_is_complete() -> None:
    public = {
        name
        for name, thing in vars(libdockerfile).items()
        if not name.startswith("_") and not inspect.ismodule(thing)
    }
    assert public == set(libdockerfile.__all__)


def test_types() -> None:
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "-p", "libdockerfile"]
    done = subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stdout
