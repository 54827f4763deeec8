"""The structs of the C headers as ctypes sees them, and Python's values in them.

Owns the layouts (one table, STRUCTS) and how texts, numbers and lists go in and come out.
Relies on ctypes only. Never calls the library: _native.py does. tests/test_abi.py holds every
member against the C headers.
"""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Iterable
from ctypes import POINTER, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_void_p
from typing import Any, Optional, Union

Text = Union[str, bytes]
Buffer = Union[str, bytes, bytearray, memoryview]

ENCODING, ERRORS = "utf-8", "surrogateescape"

STRUCTS: dict[str, type[ctypes.Structure]] = {}


# --- texts and numbers


def encode(text: Buffer) -> bytes:
    """Bytes of a text. A string that came from this package gives back its very bytes."""
    if isinstance(text, str):
        return text.encode(ENCODING, ERRORS)
    return text if isinstance(text, bytes) else memoryview(text).tobytes()


def decode(data: bytes) -> str:
    return data.decode(ENCODING, ERRORS)


def fit(value: int, kind: Any, what: str) -> int:
    """`value` if C can take it; ctypes itself would cut off the high bits without a word."""
    number = operator.index(value)
    if kind(number).value != number:
        every = (1 << 8 * ctypes.sizeof(kind)) - 1
        low, high = (0, every) if kind(-1).value == every else (-(every // 2) - 1, every // 2)
        raise ValueError(f"{what} {number} is not between {low} and {high}")
    return number


def u32(value: int, what: str = "offset") -> int:
    """The same for what most numbers are."""
    return fit(value, c_uint32, what)


# --- layouts


class Struct(ctypes.Structure):
    """A C struct, filed in STRUCTS under its C name. A leading `size` member fills itself in."""

    def __init_subclass__(cls, c_name: str) -> None:
        super().__init_subclass__()
        STRUCTS[c_name] = cls

    def __init__(self, **members: Any) -> None:
        if self._fields_[0][0] == "size":
            members["size"] = ctypes.sizeof(self)
        super().__init__(**members)


class Str(Struct, c_name="dfl_str"):
    _fields_ = [("ptr", POINTER(c_char)), ("len", c_size_t)]

    @classmethod
    def of(cls, text: Optional[Text]) -> Str:
        """A dfl_str that keeps its bytes alive; None gives the empty one."""
        data = encode(text or b"")
        return cls(ptr=ctypes.cast(c_char_p(data), POINTER(c_char)), len=len(data))

    def __bytes__(self) -> bytes:
        data: bytes = self.ptr[: self.len] if self.len else b""
        return data

    def __str__(self) -> str:
        return decode(bytes(self))


class CRange(Struct, c_name="dfl_range"):
    _fields_ = [("start", c_uint32), ("end", c_uint32)]


class CAlloc(Struct, c_name="dfl_alloc"):
    RESIZE = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_size_t, c_size_t)
    _fields_ = [("resize", RESIZE), ("ctx", c_void_p)]


class CPool(Struct, c_name="dfl_pool"):
    _fields_ = [("base", CAlloc), ("state", c_void_p * 4)]


class CLimits(Struct, c_name="dfl_limits"):
    _fields_ = [
        ("size", c_uint32),
        ("max_source_bytes", c_uint32),
        ("max_diags", c_uint32),
        ("max_depth", c_uint32),
        ("max_stages", c_uint32),
        ("max_heredocs", c_uint32),
        ("max_expand_bytes", c_uint32),
        ("max_model_bytes", c_uint32),
    ]


class CBinding(Struct, c_name="dfl_binding"):
    _fields_ = [("name", Str), ("value", Str)]


class CNode(Struct, c_name="dfl_node"):
    _fields_ = [("doc", c_void_p), ("id", c_uint32), ("reserved", c_uint32)]


class CPos(Struct, c_name="dfl_pos"):
    _fields_ = [("line", c_uint32), ("byte", c_uint32), ("utf8", c_uint32), ("utf16", c_uint32)]


class CTokenRec(Struct, c_name="dfl_token_rec"):
    _fields_ = [("start", c_uint32), ("kind", ctypes.c_uint16), ("flags", ctypes.c_uint16)]


class CNodeRec(Struct, c_name="dfl_node_rec"):
    _fields_ = [
        ("kind", ctypes.c_uint16),
        ("flags", ctypes.c_uint16),
        ("first_token", c_uint32),
        ("end_token", c_uint32),
        ("next", c_uint32),
        ("parent", c_uint32),
    ]


class CParseOptions(Struct, c_name="dfl_parse_options"):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("alloc", POINTER(CAlloc)),
        ("limits", POINTER(CLimits)),
    ]


class CDiag(Struct, c_name="dfl_diag"):
    _fields_ = [
        ("size", c_uint32),
        ("code", c_uint32),
        ("severity", c_uint32),
        ("range", CRange),
        ("name", c_char_p),
        ("message", Str),
    ]


class CDiagRec(Struct, c_name="dfl_diag_rec"):
    _fields_ = [("code", c_uint32), ("severity", c_uint32), ("start", c_uint32), ("end", c_uint32)]


class CImageConfig(Struct, c_name="dfl_image_config"):
    _fields_ = [
        ("env", POINTER(CBinding)),
        ("env_count", c_size_t),
        ("entrypoint", POINTER(Str)),
        ("entrypoint_count", c_size_t),
        ("cmd", POINTER(Str)),
        ("cmd_count", c_size_t),
        ("shell", POINTER(Str)),
        ("shell_count", c_size_t),
        ("exposed_ports", POINTER(Str)),
        ("exposed_ports_count", c_size_t),
        ("volumes", POINTER(Str)),
        ("volumes_count", c_size_t),
        ("onbuild", POINTER(Str)),
        ("onbuild_count", c_size_t),
        ("labels", POINTER(CBinding)),
        ("labels_count", c_size_t),
        ("health_test", POINTER(Str)),
        ("health_test_count", c_size_t),
        ("health_interval", c_int64),
        ("health_timeout", c_int64),
        ("health_start_period", c_int64),
        ("health_start_interval", c_int64),
        ("health_retries", c_int32),
        ("reserved", c_int32),
        ("user", Str),
        ("working_dir", Str),
        ("stop_signal", Str),
        ("author", Str),
        ("os", Str),
        ("architecture", Str),
        ("variant", Str),
    ]


class CBaseImage(Struct, c_name="dfl_base_image"):
    _fields_ = [("reference", Str), ("config", POINTER(CImageConfig))]


class CModelOptions(Struct, c_name="dfl_model_options"):
    _fields_ = [
        ("size", c_uint32),
        ("args_count", c_uint32),
        ("args", POINTER(CBinding)),
        ("alloc", POINTER(CAlloc)),
        ("limits", POINTER(CLimits)),
        ("flags", c_uint32),
        ("contexts_count", c_uint32),
        ("contexts", POINTER(CBinding)),
        ("bases", POINTER(CBaseImage)),
        ("bases_count", c_size_t),
        ("target", Str),
        ("target_platform", Str),
        ("build_platform", Str),
        ("catalog", c_void_p),
    ]


class CStage(Struct, c_name="dfl_stage"):
    _fields_ = [
        ("size", c_uint32),
        ("index", c_uint32),
        ("node", c_uint32),
        ("base_stage", c_uint32),
        ("range", CRange),
        ("name", Str),
        ("base", Str),
        ("platform", Str),
        ("base_known", c_int32),
        ("reserved", c_int32),
    ]


class CFrontend(Struct, c_name="dfl_frontend"):
    _fields_ = [
        ("size", c_uint32),
        ("channel", c_uint32),
        ("reference", Str),
        ("oldest", c_uint32),
        ("newest", c_uint32),
        ("stable", c_uint32),
        ("labs", c_uint32),
        ("node", c_uint32),
        ("range", CRange),
        ("enough", c_int32),
        ("feature", c_char_p),
    ]


class CEdge(Struct, c_name="dfl_edge"):
    _fields_ = [
        ("size", c_uint32),
        ("kind", c_uint32),
        ("stage", c_uint32),
        ("target", c_uint32),
        ("range", CRange),
        ("image", Str),
        ("known", c_int32),
        ("cyclic", c_int32),
        ("flags", c_uint32),
        ("node", c_uint32),
    ]


class CDefinition(Struct, c_name="dfl_definition"):
    _fields_ = [
        ("size", c_uint32),
        ("kind", c_uint32),
        ("state", c_uint32),
        ("stage", c_uint32),
        ("node", c_uint32),
        ("from", c_uint32),
        ("name", Str),
        ("value", Str),
    ]


class CVariable(Struct, c_name="dfl_variable"):
    _fields_ = [
        ("size", c_uint32),
        ("state", c_uint32),
        ("definition", c_uint32),
        ("declared", c_int32),
        ("name", Str),
        ("value", Str),
    ]


class CExpanded(Struct, c_name="dfl_expanded"):
    _fields_ = [
        ("size", c_uint32),
        ("mode", c_uint32),
        ("error", c_uint32),
        ("known", c_int32),
        ("text", Str),
        ("pieces", c_size_t),
        ("undefined", c_size_t),
        ("words", c_size_t),
    ]


class CPiece(Struct, c_name="dfl_piece"):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("start", c_uint32),
        ("end", c_uint32),
        ("source", CRange),
        ("definition", c_uint32),
        ("node", c_uint32),
    ]


class CUndefined(Struct, c_name="dfl_undefined"):
    _fields_ = [
        ("size", c_uint32),
        ("declared", c_int32),
        ("name", Str),
        ("suggestion", Str),
        ("source", CRange),
    ]


class CEdit(Struct, c_name="dfl_edit"):
    _fields_ = [("range", CRange), ("text", Str)]


class CPattern(Struct, c_name="dfl_pattern"):
    _fields_ = [
        ("size", c_uint32),
        ("line", c_uint32),
        ("range", CRange),
        ("text", Str),
        ("exception", c_int32),
        ("error", c_uint32),
    ]


class CLintOptions(Struct, c_name="dfl_lint_options"):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("alloc", POINTER(CAlloc)),
        ("ignore", c_void_p),
        ("options", Str),
    ]


class CFinding(Struct, c_name="dfl_finding"):
    _fields_ = [
        ("size", c_uint32),
        ("severity", c_uint32),
        ("rule", c_char_p),
        ("url", c_char_p),
        ("range", CRange),
        ("lines", CRange),
        ("related", CRange),
        ("node", c_uint32),
        ("edits", c_uint32),
        ("message", Str),
    ]


class CRewriteOptions(Struct, c_name="dfl_rewrite_options"):
    _fields_ = [
        ("size", c_uint32),
        ("user", c_uint32),
        ("catalog", c_void_p),
        ("facts", POINTER(CBinding)),
        ("facts_count", c_size_t),
        ("args", POINTER(CBinding)),
        ("args_count", c_size_t),
        ("to", Str),
        ("stage", Str),
        ("runtime", Str),
        ("artifact", Str),
        ("alloc", POINTER(CAlloc)),
        ("builder", c_uint32),
        ("sharing", c_uint32),
        ("id", Str),
    ]


class CStep(Struct, c_name="dfl_step"):
    _fields_ = [
        ("size", c_uint32),
        ("risk", c_uint32),
        ("code", c_char_p),
        ("message", Str),
        ("range", CRange),
        ("edit_count", c_size_t),
        ("assumption_count", c_size_t),
    ]


class CRefusal(Struct, c_name="dfl_refusal"):
    _fields_ = [
        ("size", c_uint32),
        ("reserved", c_uint32),
        ("code", c_char_p),
        ("message", Str),
        ("range", CRange),
    ]


class CImagePart(Struct, c_name="dfl_image_part"):
    _fields_ = [("text", Str), ("range", CRange), ("place", c_uint32), ("definition", c_uint32)]


class CImage(Struct, c_name="dfl_image"):
    _fields_ = [
        ("size", c_uint32),
        ("kind", c_uint32),
        ("flags", c_uint32),
        ("known", c_int32),
        ("stage", c_uint32),
        ("node", c_uint32),
        ("range", CRange),
        ("first", c_uint32),
        ("reserved", c_uint32),
        ("reference", Str),
        ("full", Str),
        ("familiar", Str),
        ("registry", Str),
        ("repository", Str),
        ("whole", CImagePart),
        ("name", CImagePart),
        ("tag", CImagePart),
        ("digest", CImagePart),
        ("pieces", c_size_t),
    ]


class CImageChange(Struct, c_name="dfl_image_change"):
    _fields_ = [("reference", Str), ("image", c_uint32), ("reserved", c_uint32)]


class CCatalogEntry(Struct, c_name="dfl_catalog_entry"):
    _fields_ = [
        ("size", c_uint32),
        ("kind", c_uint32),
        ("name", Str),
        ("family", Str),
        ("sources", Str),
    ]


class CCodeInfo(Struct, c_name="dfl_code_info"):
    _fields_ = [
        ("size", c_uint32),
        ("kinds", c_uint32),
        ("name", c_char_p),
        ("meaning", c_char_p),
        ("remedy", c_char_p),
        ("url", c_char_p),
    ]


class CSink(Struct, c_name="dfl_sink"):
    WRITE = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t)
    _fields_ = [("write", WRITE), ("ctx", c_void_p)]


class CIoError(Struct, c_name="dfl_io_error"):
    _fields_ = [("line", c_uint32), ("column", c_uint32), ("message", c_char * 504)]


class CContextPath(Struct, c_name="dfl_context_path"):
    _fields_ = [("path", Str), ("link", Str), ("kind", c_uint32), ("reserved", c_uint32)]


class CContextOptions(Struct, c_name="dfl_context_options"):
    _fields_ = [
        ("size", c_uint32),
        ("target", c_uint32),
        ("ignore", c_void_p),
        ("paths", POINTER(CContextPath)),
        ("paths_count", c_size_t),
    ]


class CTransfer(Struct, c_name="dfl_transfer"):
    _fields_ = [
        ("size", c_uint32),
        ("kind", c_uint32),
        ("stage", c_uint32),
        ("node", c_uint32),
        ("range", CRange),
        ("destination", Str),
        ("destination_known", c_int32),
        ("directory", c_int32),
        ("trigger", c_int32),
        ("first", c_uint32),
        ("count", c_uint32),
        ("reserved", c_uint32),
    ]


class CSource(Struct, c_name="dfl_source"):
    _fields_ = [
        ("size", c_uint32),
        ("kind", c_uint32),
        ("transfer", c_uint32),
        ("node", c_uint32),
        ("range", CRange),
        ("text", Str),
        ("known", c_int32),
        ("found", c_uint32),
        ("flags", c_uint32),
        ("stage", c_uint32),
        ("image", Str),
    ]


class CRead(Struct, c_name="dfl_read"):
    _fields_ = [
        ("size", c_uint32),
        ("path", c_uint32),
        ("name", Str),
        ("destination", Str),
        ("kind", c_uint32),
        ("flags", c_uint32),
    ]


class CShellInfo(Struct, c_name="dfl_shell_info"):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("node", c_uint32),
        ("commands", c_uint32),
        ("range", CRange),
        ("text", Str),
    ]


class CCommand(Struct, c_name="dfl_command"):
    _fields_ = [
        ("size", c_uint32),
        ("kind", c_uint32),
        ("op", c_uint32),
        ("flags", c_uint32),
        ("range", CRange),
        ("op_range", CRange),
        ("parent", c_uint32),
        ("next", c_uint32),
        ("words", c_uint32),
        ("assignments", c_uint32),
        ("redirections", c_uint32),
        ("program", c_uint32),
        ("script", c_uint32),
        ("reserved", c_uint32),
    ]


class CWord(Struct, c_name="dfl_word"):
    _fields_ = [
        ("range", CRange),
        ("text", Str),
        ("value", Str),
        ("flags", c_uint32),
        ("reserved", c_uint32),
    ]


class CRedirection(Struct, c_name="dfl_redirection"):
    _fields_ = [
        ("size", c_uint32),
        ("fd", c_uint32),
        ("op", c_char_p),
        ("range", CRange),
        ("body", CRange),
        ("target", CWord),
    ]


# --- arrays


def bindings(pairs: Iterable[tuple[Text, Text]]) -> ctypes.Array[CBinding]:
    """An array of dfl_binding that keeps its strings alive."""
    items = [CBinding(name=Str.of(name), value=Str.of(value)) for name, value in pairs]
    return (CBinding * len(items))(*items)


def texts(items: Optional[Iterable[Text]]) -> Optional[ctypes.Array[Str]]:
    """An array of dfl_str that keeps its bytes alive; None for None."""
    if items is None:
        return None
    made = [Str.of(item) for item in items]
    return (Str * len(made))(*made)
