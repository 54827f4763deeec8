"""The ctypes declarations against the C headers: structs, constants, prototypes.

Owns a small C program that prints what a compiler makes of the headers.
Relies on a C compiler. Never trusts one side: what either has and the other lacks is a failure.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

import libdockerfile
from libdockerfile import _errors, _native
from libdockerfile._native import CORE, IO, Status
from libdockerfile._structs import STRUCTS

INCLUDE = ROOT / "include"
UMBRELLA = INCLUDE / "dockerfile" / "dockerfile.h"
ENUMS: dict[str, Any] = {
    "DFL_NODE_F_": libdockerfile.NodeFlags,
    "DFL_NODE_": libdockerfile.NodeKind,
    "DFL_TOKEN_": libdockerfile.TokenKind,
    "DFL_SEVERITY_": libdockerfile.Severity,
    "DFL_IGNORE_": [*libdockerfile.IgnoreError, *libdockerfile.IgnoreMode],
    "DFL_FRONTEND_": libdockerfile.Channel,
    "DFL_EDGE_F_": libdockerfile.EdgeFlags,
    "DFL_EDGE_": libdockerfile.EdgeKind,
    "DFL_NEED_": libdockerfile.Need,
    "DFL_VARIABLE_": libdockerfile.VariableState,
    "DFL_DEFINITION_": libdockerfile.DefinitionKind,
    "DFL_EXPAND_": libdockerfile.ExpandMode,
    "DFL_PIECE_F_": libdockerfile.PieceFlags,
    "DFL_CONFIG_": libdockerfile.ConfigMember,
    "DFL_OUTCOME_": libdockerfile.Outcome,
    "DFL_RISK_": libdockerfile.Risk,
    "DFL_USER_": libdockerfile.User,
    "DFL_BUILDER_": libdockerfile.Builder,
    "DFL_SHARING_": libdockerfile.Sharing,
    "DFL_GRAPH_": libdockerfile.GraphFormat,
    "DFL_IMAGE_F_": libdockerfile.ImageFlags,
    "DFL_PLACE_": libdockerfile.Place,
    "DFL_PATH_": libdockerfile.PathKind,
    "DFL_PATH_F_": libdockerfile.PathFlags,
    "DFL_SENT_": libdockerfile.Sent,
    "DFL_SOURCE_": libdockerfile.SourceKind,
    "DFL_SOURCE_F_": libdockerfile.SourceFlags,
    "DFL_FOUND_": libdockerfile.Found,
    "DFL_READ_F_": libdockerfile.ReadFlags,
    "DFL_CONTEXT_": libdockerfile.ContextFormat,
    "DFL_CATALOG_": libdockerfile.CatalogKind,
    "DFL_LISTING_": libdockerfile.ListingFormat,
    "DFL_CODE_": libdockerfile.CodeKind,
    "DFL_SHELL_F_": libdockerfile.ShellFlags,
    "DFL_COMMAND_": libdockerfile.CommandKind,
    "DFL_COMMAND_F_": libdockerfile.CommandFlags,
    "DFL_OPERATOR_": libdockerfile.Operator,
    "DFL_WORD_F_": libdockerfile.WordFlags,
}
CLASSES: dict[Any, str] = {
    ctypes.c_uint16: "u16",
    ctypes.c_uint32: "u32",
    ctypes.c_int32: "i32",
    ctypes.c_int64: "i64",
    ctypes.c_size_t: "size",
}
PROGRAM = """\
#include <stdio.h>
#include "dockerfile/dockerfile.h"
#include "dockerfile/io.h"
#define CLASS(x) _Generic((x), uint16_t: "u16", uint32_t: "u32", int32_t: "i32", \\
                          int64_t: "i64", size_t: "size", default: "other")
#define STRUCT(t) printf("%s %zu\\n", #t, sizeof(t));
#define MEMBER(t, m) printf("%s.%s %zu %zu %s\\n", #t, #m, offsetof(t, m), sizeof(((t *)0)->m), \\
                            CLASS(((t *)0)->m));
#define CONSTANT(c) printf("%s %lld\\n", #c, (long long)(c));
int main(void) {
"""


def text_of_headers() -> str:
    """What a program may include: the headers of the umbrella, and io.h."""
    names = re.findall(r'#include "(.*)"', UMBRELLA.read_text())
    text = "\n".join((INCLUDE / name).read_text() for name in [*names, "dockerfile/io.h"])
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def constants() -> set[str]:
    """Every object-like macro with a number for a value, on its line or on the next."""
    found = re.findall(r"^#define (DFL_\w+)[ \\\n]+(?:\d|UINT)", text_of_headers(), re.MULTILINE)
    return set(found)


def python_constants() -> dict[str, int]:
    values = {f"{prefix}{code.name}": int(code) for prefix, enum in ENUMS.items() for code in enum}
    values.update({name: status for status, (name, _) in _errors.ERRORS.items()})
    values.update(
        {
            "DFL_OK": 0,
            "DFL_NO_STAGE": _native.NO_STAGE,
            "DFL_NO_PATTERN": _native.NO_PATTERN,
            "DFL_NO_DEFINITION": _native.NO_DEFINITION,
            "DFL_NO_LEVEL": _native.NO_LEVEL,
            "DFL_FRONTEND_NEVER": _native.NEVER,
            "DFL_MODEL_F_ALL_ARGS": _native.ALL_ARGS,
            "DFL_EXPAND_F_TRACE": _native.TRACE,
            "DFL_IMAGE_SYNTAX": int(libdockerfile.ImageKind.SYNTAX),
            "DFL_SET_IMAGES_F_OTHERS": _native.OTHERS,
            "DFL_IMAGES_TEXT": _native.IMAGES_TEXT,
            "DFL_IMAGES_JSON": _native.IMAGES_JSON,
            "DFL_NO_PATH": _native.NO_PATH,
            "DFL_NO_COMMAND": _native.NO_COMMAND,
            "DFL_NO_WORD": _native.NO_WORD,
            "DFL_NO_FD": _native.NO_FD,
        }
    )
    values.update(zip(("DFL_VERSION_MAJOR", "DFL_VERSION_MINOR"), _native.API_VERSION))
    values["DFL_VERSION_PATCH"] = int(libdockerfile.__version__.split(".")[2])
    return values


def program() -> str:
    lines = [PROGRAM]
    for name, struct in STRUCTS.items():
        lines.append(f"STRUCT({name})")
        lines.extend(f"MEMBER({name}, {field[0]})" for field in struct._fields_)
    lines.extend(f"CONSTANT({name})" for name in sorted(constants()))
    return "\n".join([*lines, "return 0; }\n"])


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the C program prints: name and the rest of each line."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler or not UMBRELLA.exists():
        pytest.skip("needs a C compiler and the headers")
    folder: Path = tmp_path_factory.mktemp("abi")
    source = folder / "abi.c"
    source.write_text(program())
    command = [compiler, "-std=c11", f"-I{INCLUDE}", str(source), "-o", str(folder / "abi")]
    subprocess.run(command, check=True)
    output = subprocess.run([folder / "abi"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(line.split(" ", 1) for line in output.splitlines())


@pytest.mark.parametrize("name", STRUCTS)
def test_struct_layout(name: str, compiled: dict[str, str]) -> None:
    struct = STRUCTS[name]
    assert compiled[name] == str(ctypes.sizeof(struct))
    for field, kind in struct._fields_:  # type: ignore[misc]
        place = getattr(struct, field)
        expected = f"{place.offset} {place.size} {CLASSES.get(kind, 'other')}"
        assert compiled[f"{name}.{field}"] == expected, field


def test_every_struct_is_declared() -> None:
    assert set(re.findall(r"\n\} (dfl_\w+);", text_of_headers())) == set(STRUCTS)


def test_constants(compiled: dict[str, str]) -> None:
    ours = {name: str(value) for name, value in python_constants().items()}
    assert ours == {name: compiled[name] for name in constants()}


# --- prototypes: both sides brought to one spelling


def c_type(text: str) -> str:
    words: list[str] = [word for word in re.findall(r"\w+|\*", text) if word != "const"]
    names = [word for word in words if word != "*"]
    return names[0] + "*" * words.count("*")


def c_prototypes() -> Iterator[tuple[str, list[str]]]:
    pattern = r"DFL_API\s+(?:DFL_NODISCARD\s+)?([\w\s*]+?)(dfl_\w+)\(([^;]*)\);"
    for result, name, parameters in re.findall(pattern, text_of_headers()):
        names = [] if parameters == "void" else parameters.split(",")
        yield name, [c_type(result), *map(c_type, names)]


C_NAMES: dict[Any, str] = {
    None: "void",
    Status: "dfl_status",
    ctypes.c_uint8: "uint8_t",
    ctypes.c_uint32: "uint32_t",
    ctypes.c_int32: "int32_t",
    ctypes.c_size_t: "size_t",
    ctypes.c_char_p: "char*",
    ctypes.c_void_p: "?*",
    **{struct: name for name, struct in STRUCTS.items()},
}


def python_type(kind: Any) -> str:
    return C_NAMES[kind] if kind in C_NAMES else python_type(kind._type_) + "*"


def loosened(declared: str, ours: str) -> str:
    """The header's spelling where ours says no more than "a pointer"."""
    if ours.startswith("?") and "*" in declared:
        return "?" + "*" * declared.count("*")
    return "int32_t" if (declared, ours) == ("dfl_status", "int32_t") else declared


def test_prototypes() -> None:
    declared = dict(c_prototypes())
    ours = {name: list(map(python_type, types)) for name, types in {**CORE, **IO}.items()}
    assert set(declared) == set(ours)
    for name, types in ours.items():
        assert len(types) == len(declared[name]), name
        assert list(map(loosened, declared[name], types)) == types, name


def test_every_function_is_used() -> None:
    package = Path(libdockerfile.__file__).parent
    files = [*package.glob("*.py"), *Path(__file__).parent.glob("*.py")]
    text = "\n".join(file.read_text() for file in files)
    assert [name for name in {**CORE, **IO} if len(re.findall(rf"\b{name}\b", text)) < 2] == []


def test_status_names() -> None:
    for status, (name, _) in _errors.ERRORS.items():
        assert _native.lib.dfl_status_name(status).decode() == name


def test_codes_of_a_newer_library() -> None:
    kind = libdockerfile.NodeKind(94)
    assert (kind, kind.name) == (94, "CODE_94")
    with pytest.raises(ValueError):
        libdockerfile.NodeKind("FROM")  # type: ignore[arg-type]
