"""The C libraries as ctypes sees them.

Owns the table of functions, the mapping of statuses to exceptions, and the lifetime of C objects.
Relies on _library.py for the libraries themselves and on _structs.py for what goes in and out.
Never interprets: what the data mean is the other modules' work. tests/test_abi.py holds every
line of the table against the C headers.
"""

from __future__ import annotations

import ctypes
import functools
import weakref
from ctypes import POINTER, byref, c_char_p, c_int32, c_size_t, c_uint32, c_void_p, string_at
from types import TracebackType
from typing import Any, Callable, NoReturn, Optional, TypeVar

from ._errors import AbiError, DockerfileError, FormatError, error_of
from ._library import open_library
from ._structs import (
    CBinding,
    CCatalogEntry,
    CCodeInfo,
    CCommand,
    CContextOptions,
    CContextPath,
    CDefinition,
    CDiag,
    CEdge,
    CEdit,
    CExpanded,
    CFinding,
    CFrontend,
    CImage,
    CImageChange,
    CImageConfig,
    CIoError,
    CLimits,
    CLintOptions,
    CModelOptions,
    CNode,
    CParseOptions,
    CPattern,
    CPiece,
    CPool,
    CPos,
    CRange,
    CRead,
    CRedirection,
    CRefusal,
    CRewriteOptions,
    CShellInfo,
    CSink,
    CSource,
    CStage,
    CStep,
    CTransfer,
    CUndefined,
    CVariable,
    CWord,
    Str,
    Struct,
    decode,
)

API_VERSION = (0, 1)
NO_STAGE = NO_PATTERN = NO_DEFINITION = NO_LEVEL = NEVER = NO_PATH = 0xFFFFFFFF
NO_COMMAND = NO_WORD = NO_FD = 0xFFFFFFFF
ALL_ARGS, TRACE = 0x0001, 0x0001
OTHERS = 0x0001  # DFL_SET_IMAGES_F_OTHERS
IMAGES_TEXT, IMAGES_JSON = 1, 2

# --- functions: name, result, parameters


class Status(c_int32):
    """Result of a function that can fail: any but 0 raises."""


OBJECT = c_void_p  # an opaque handle
OUT = POINTER(c_void_p)  # receives a handle
COUNT = POINTER(c_size_t)
SINK = POINTER(CSink)
NUMBERS = POINTER(c_uint32)
BYTES = POINTER(ctypes.c_uint8)
FAILURE = POINTER(CIoError)
REWRITE = (Status, OBJECT, POINTER(CRewriteOptions), OUT)
Prototypes = dict[str, tuple[Any, ...]]

CORE: Prototypes = {
    # base.h, catalog.h
    "dfl_version": (c_uint32,),
    "dfl_status_name": (c_char_p, c_int32),
    "dfl_pool_init": (Status, POINTER(CPool), c_void_p, c_size_t),
    "dfl_catalog_builtin": (OBJECT,),
    "dfl_catalog_free": (None, OBJECT),
    "dfl_catalog_kind_name": (c_char_p, c_uint32),
    "dfl_catalog_count": (c_size_t, OBJECT, c_uint32),
    "dfl_catalog_get": (Status, OBJECT, c_uint32, c_size_t, POINTER(CCatalogEntry)),
    # tree.h
    "dfl_parse": (Status, c_char_p, c_size_t, POINTER(CParseOptions), OUT),
    "dfl_parse_bound": (c_size_t, c_size_t, POINTER(CParseOptions)),
    "dfl_doc_ref": (OBJECT, OBJECT),
    "dfl_doc_unref": (None, OBJECT),
    "dfl_doc_source": (Str, OBJECT),
    "dfl_doc_escape": (c_uint32, OBJECT),
    "dfl_doc_pos": (CPos, OBJECT, c_uint32),
    "dfl_doc_offset": (c_uint32, OBJECT, c_uint32, c_uint32, c_uint32),
    "dfl_doc_nodes": (OBJECT, OBJECT, COUNT),
    "dfl_doc_tokens": (OBJECT, OBJECT, COUNT),
    "dfl_doc_root": (CNode, OBJECT),
    "dfl_doc_node": (CNode, OBJECT, c_uint32),
    "dfl_doc_node_at": (CNode, OBJECT, c_uint32),
    "dfl_node_is_null": (c_int32, CNode),
    "dfl_node_kind": (c_uint32, CNode),
    "dfl_node_is_instruction": (c_int32, CNode),
    "dfl_node_flags": (c_uint32, CNode),
    "dfl_node_range": (CRange, CNode),
    "dfl_node_text": (Str, CNode),
    "dfl_node_value": (Str, CNode),
    "dfl_node_source_offset": (c_uint32, CNode, c_uint32),
    "dfl_node_parent": (CNode, CNode),
    "dfl_node_first": (CNode, CNode),
    "dfl_node_next": (CNode, CNode),
    "dfl_node_child": (CNode, CNode, c_uint32),
    "dfl_instruction_name": (c_char_p, c_uint32),
    "dfl_node_kind_name": (c_char_p, c_uint32),
    # diag.h
    "dfl_doc_diag_count": (c_size_t, OBJECT),
    "dfl_doc_error_count": (c_size_t, OBJECT),
    "dfl_doc_diag": (Status, OBJECT, c_size_t, POINTER(CDiag)),
    "dfl_doc_diags": (OBJECT, OBJECT, COUNT),
    "dfl_diag_name": (c_char_p, c_uint32),
    # model.h, graph.h
    "dfl_model_new": (Status, OBJECT, POINTER(CModelOptions), OUT),
    "dfl_model_free": (None, OBJECT),
    "dfl_model_doc": (OBJECT, OBJECT),
    "dfl_model_stage_count": (c_size_t, OBJECT),
    "dfl_model_stage": (Status, OBJECT, c_size_t, POINTER(CStage)),
    "dfl_model_stage_find": (c_uint32, OBJECT, Str),
    "dfl_model_stage_of": (c_uint32, OBJECT, CNode),
    "dfl_model_frontend": (Status, OBJECT, POINTER(CFrontend)),
    "dfl_model_edge_count": (c_size_t, OBJECT),
    "dfl_model_edge": (Status, OBJECT, c_size_t, POINTER(CEdge)),
    "dfl_model_reachable": (Status, OBJECT, c_uint32, BYTES, c_size_t),
    "dfl_model_diag_count": (c_size_t, OBJECT),
    "dfl_model_diag": (Status, OBJECT, c_size_t, POINTER(CDiag)),
    "dfl_model_diag_stage": (c_uint32, OBJECT, c_size_t),
    "dfl_model_verdict": (Status, OBJECT, c_uint32, COUNT),
    "dfl_model_edge_targets": (
        *(Status, OBJECT, c_size_t, NUMBERS, c_size_t, COUNT),
        POINTER(c_int32),
    ),
    "dfl_model_needs": (Status, OBJECT, c_uint32, BYTES, c_size_t),
    "dfl_model_order": (Status, OBJECT, c_uint32, NUMBERS, COUNT),
    "dfl_model_levels": (Status, OBJECT, c_uint32, NUMBERS, c_size_t),
    "dfl_model_cycle_count": (c_size_t, OBJECT),
    "dfl_model_cycle": (Status, OBJECT, c_size_t, NUMBERS, c_size_t, COUNT),
    # scope.h
    "dfl_model_definition_count": (c_size_t, OBJECT),
    "dfl_model_definition": (Status, OBJECT, c_size_t, POINTER(CDefinition)),
    "dfl_model_scope": (Status, OBJECT, CNode, OUT),
    "dfl_model_scope_end": (Status, OBJECT, c_uint32, OUT),
    "dfl_scope_free": (None, OBJECT),
    "dfl_scope_count": (c_size_t, OBJECT),
    "dfl_scope_complete": (c_int32, OBJECT),
    "dfl_scope_variable": (Status, OBJECT, c_size_t, POINTER(CVariable)),
    "dfl_model_expand": (Status, OBJECT, CNode, c_uint32, OUT),
    "dfl_expansion_free": (None, OBJECT),
    "dfl_expansion_get": (Status, OBJECT, POINTER(CExpanded)),
    "dfl_expansion_piece": (Status, OBJECT, c_size_t, POINTER(CPiece)),
    "dfl_expansion_word": (Str, OBJECT, c_size_t),
    "dfl_expansion_undefined": (Status, OBJECT, c_size_t, POINTER(CUndefined)),
    # config.h
    "dfl_model_config": (Status, OBJECT, c_uint32, OUT),
    "dfl_config_free": (None, OBJECT),
    "dfl_config_values": (POINTER(CImageConfig), OBJECT),
    "dfl_config_unknown": (c_uint32, OBJECT),
    "dfl_config_node": (c_uint32, OBJECT, c_uint32),
    "dfl_config_env_known": (c_int32, OBJECT, c_size_t),
    "dfl_config_entry_node": (c_uint32, OBJECT, c_uint32, c_size_t),
    "dfl_config_env_definition": (c_uint32, OBJECT, c_size_t),
    "dfl_config_label_known": (c_int32, OBJECT, c_size_t),
    # lint.h
    "dfl_lint_run": (Status, OBJECT, POINTER(CLintOptions), OUT),
    "dfl_lint_free": (None, OBJECT),
    "dfl_lint_count": (c_size_t, OBJECT),
    "dfl_lint_dropped": (c_size_t, OBJECT),
    "dfl_lint_failed": (c_int32, OBJECT),
    "dfl_lint_finding": (Status, OBJECT, c_size_t, POINTER(CFinding)),
    "dfl_lint_edit": (Status, OBJECT, c_size_t, c_size_t, POINTER(CEdit)),
    # ignore.h
    "dfl_ignore_new": (Status, c_char_p, c_size_t, POINTER(CParseOptions), OUT),
    "dfl_ignore_free": (None, OBJECT),
    "dfl_ignore_pattern_count": (c_size_t, OBJECT),
    "dfl_ignore_pattern": (Status, OBJECT, c_size_t, POINTER(CPattern)),
    "dfl_ignore_refused": (c_uint32, OBJECT),
    "dfl_ignore_match": (Status, OBJECT, Str, c_uint32, POINTER(c_int32), POINTER(c_uint32)),
    # edit.h
    "dfl_edits_new": (Status, OBJECT, OUT),
    "dfl_edits_free": (None, OBJECT),
    "dfl_edits_replace": (Status, OBJECT, CRange, Str),
    "dfl_edits_insert": (Status, OBJECT, c_uint32, Str),
    "dfl_edits_set_value": (Status, OBJECT, CNode, Str),
    "dfl_edits_delete": (Status, OBJECT, CNode, c_int32),
    "dfl_edits_count": (c_size_t, OBJECT),
    "dfl_edits_get": (Status, OBJECT, c_size_t, POINTER(CEdit)),
    "dfl_edits_conflict": (CEdit, OBJECT),
    "dfl_edits_apply": (Status, OBJECT, OUT),
    "dfl_edits_reason": (Str, OBJECT),
    "dfl_edits_map": (c_uint32, OBJECT, c_uint32, c_int32),
    # rewrite.h
    "dfl_rewrite_cache": REWRITE,
    "dfl_rewrite_base": REWRITE,
    "dfl_rewrite_split": REWRITE,
    "dfl_rewrite_optimize": REWRITE,
    "dfl_base_target": (c_char_p, c_size_t),
    "dfl_plan_free": (None, OBJECT),
    "dfl_plan_outcome": (c_uint32, OBJECT),
    "dfl_plan_result": (OBJECT, OBJECT),
    "dfl_plan_step_count": (c_size_t, OBJECT),
    "dfl_plan_step": (Status, OBJECT, c_size_t, POINTER(CStep)),
    "dfl_plan_edit": (Status, OBJECT, c_size_t, c_size_t, POINTER(CEdit)),
    "dfl_plan_assumption": (Str, OBJECT, c_size_t, c_size_t),
    "dfl_plan_refusal_count": (c_size_t, OBJECT),
    "dfl_plan_refusal": (Status, OBJECT, c_size_t, POINTER(CRefusal)),
    # explain.h
    "dfl_code_at": (Status, c_size_t, POINTER(CCodeInfo)),
    "dfl_code_explain": (Status, Str, POINTER(CCodeInfo)),
    # print.h
    "dfl_print_json": (Status, OBJECT, SINK),
    "dfl_print_sexp": (Status, OBJECT, SINK),
    "dfl_print_graph": (Status, OBJECT, c_uint32, c_uint32, SINK),
    "dfl_print_catalog": (Status, OBJECT, c_uint32, c_uint32, SINK),
    "dfl_print_plan_json": (Status, OBJECT, SINK),
    "dfl_print_plan_text": (Status, OBJECT, Str, SINK),
    "dfl_print_base_report_json": (Status, OBJECT, POINTER(CRewriteOptions), SINK),
    "dfl_print_base_report_text": (Status, OBJECT, POINTER(CRewriteOptions), Str, SINK),
    "dfl_print_lint_json": (Status, OBJECT, OBJECT, Str, SINK),
    "dfl_print_config_json": (Status, OBJECT, c_uint32, SINK),
    "dfl_print_config_text": (Status, OBJECT, c_uint32, SINK),
    "dfl_print_args_json": (Status, OBJECT, c_uint32, SINK),
    "dfl_print_args_text": (Status, OBJECT, c_uint32, SINK),
    "dfl_print_diff": (Status, OBJECT, OBJECT, Str, SINK),
    # images.h, and what edit.h and print.h do with them
    "dfl_model_images": (Status, OBJECT, OUT),
    "dfl_images_free": (None, OBJECT),
    "dfl_images_model": (OBJECT, OBJECT),
    "dfl_images_count": (c_size_t, OBJECT),
    "dfl_images_get": (Status, OBJECT, c_size_t, POINTER(CImage)),
    "dfl_images_piece": (Status, OBJECT, c_size_t, c_size_t, POINTER(CPiece)),
    "dfl_images_find": (Status, OBJECT, Str, c_size_t, COUNT),
    "dfl_edits_set_images": (Status, OBJECT, OBJECT, POINTER(CImageChange), c_size_t, c_uint32),
    "dfl_print_images": (Status, OBJECT, c_uint32, c_uint32, SINK),
    # context.h
    "dfl_context_new": (Status, OBJECT, POINTER(CContextOptions), OUT),
    "dfl_context_free": (None, OBJECT),
    "dfl_context_sent": (c_uint32, OBJECT),
    "dfl_context_complete": (c_int32, OBJECT),
    "dfl_context_transfer_count": (c_size_t, OBJECT),
    "dfl_context_transfer": (Status, OBJECT, c_size_t, POINTER(CTransfer)),
    "dfl_context_source_count": (c_size_t, OBJECT),
    "dfl_context_source": (Status, OBJECT, c_size_t, POINTER(CSource)),
    "dfl_context_path_count": (c_size_t, OBJECT),
    "dfl_context_path_name": (Str, OBJECT, c_size_t),
    "dfl_context_path_flags": (c_uint32, OBJECT, c_size_t),
    "dfl_context_reading": (Status, OBJECT, c_size_t, OUT),
    "dfl_reading_free": (None, OBJECT),
    "dfl_reading_count": (c_size_t, OBJECT),
    "dfl_reading_path": (Status, OBJECT, c_size_t, POINTER(CRead)),
    "dfl_print_context": (Status, OBJECT, OBJECT, c_uint32, SINK),
    # shell.h
    "dfl_shell_scan": (Status, c_char_p, c_size_t, POINTER(CParseOptions), OUT),
    "dfl_model_shell": (Status, OBJECT, CNode, OUT),
    "dfl_shell_script": (Status, OBJECT, c_uint32, OUT),
    "dfl_shell_free": (None, OBJECT),
    "dfl_shell_get": (Status, OBJECT, POINTER(CShellInfo)),
    "dfl_shell_command": (Status, OBJECT, c_uint32, POINTER(CCommand)),
    "dfl_shell_word": (Status, OBJECT, c_uint32, c_uint32, POINTER(CWord)),
    "dfl_shell_redirection": (Status, OBJECT, c_uint32, c_uint32, POINTER(CRedirection)),
}

IO: Prototypes = {
    "dfl_io_read": (Status, c_char_p, c_size_t, OUT, FAILURE),
    "dfl_io_file_bytes": (Str, OBJECT),
    "dfl_io_file_free": (None, OBJECT),
    "dfl_io_replace": (Status, OBJECT, Str, FAILURE),
    "dfl_io_catalog_load": (Status, c_char_p, OBJECT, OUT, FAILURE),
    "dfl_io_catalog_show": (Status, OBJECT, c_uint32, c_size_t, c_uint32, SINK),
    "dfl_io_facts_read": (Status, c_char_p, OUT, FAILURE),
    "dfl_io_facts_list": (POINTER(CBinding), OBJECT, COUNT),
    "dfl_io_facts_free": (None, OBJECT),
    "dfl_io_tree_read": (Status, c_char_p, OUT, FAILURE),
    "dfl_io_tree_paths": (POINTER(CContextPath), OBJECT, COUNT),
    "dfl_io_tree_unread": (c_int32, OBJECT, c_size_t, COUNT, FAILURE),
    "dfl_io_tree_free": (None, OBJECT),
    "dfl_io_image_config_read": (Status, c_char_p, OUT, FAILURE),
    "dfl_io_image_config_parse": (Status, Str, c_char_p, OUT, FAILURE),
    "dfl_io_image_config_values": (POINTER(CImageConfig), OBJECT),
    "dfl_io_image_config_free": (None, OBJECT),
}


def raise_for_status(status: int, function: Any, arguments: tuple[Any, ...]) -> int:
    """ctypes' errcheck: turn a status into an exception, with the io library's message if any."""
    if status == 0:
        return status
    failure = getattr(arguments[-1], "_obj", None)
    if not isinstance(failure, CIoError):
        raise error_of(status, function.__name__)
    error = error_of(status, function.__name__, decode(failure.message))
    if isinstance(error, FormatError):
        error.line, error.column = failure.line, failure.column
    raise error


def bind(library: ctypes.CDLL, prototypes: Prototypes) -> ctypes.CDLL:
    for name, (result, *parameters) in prototypes.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            reason = f"{library._name} has no {name}: it is too old, or another library"
            raise AbiError(reason) from None
        function.argtypes = parameters
        function.restype = result
        if result is Status:
            function.restype = c_int32
            function.errcheck = raise_for_status
    return library


def probe(library: ctypes.CDLL) -> None:
    """Refuse a library of another version, or one that disagrees on the size of the structs that
    every use needs; the calls that take others refuse them."""
    version = library.dfl_version()
    major, minor = version >> 16, version >> 8 & 0xFF
    if major != API_VERSION[0] or minor < API_VERSION[1]:
        wanted = ".".join(map(str, API_VERSION))
        raise AbiError(f"{library._name} is version {major}.{minor}; this package needs {wanted}")
    doc, model, count = c_void_p(), c_void_p(), c_size_t()
    source = b"FROM image\nNO\n"
    limits = CLimits()
    try:
        options = CParseOptions(limits=ctypes.pointer(limits))
        library.dfl_parse(source, len(source), byref(options), byref(doc))
        library.dfl_doc_diag(doc, 0, byref(CDiag()))
        library.dfl_model_new(doc, byref(CModelOptions()), byref(model))
        library.dfl_model_stage(model, 0, byref(CStage()))
        library.dfl_model_edge(model, 0, byref(CEdge()))
        library.dfl_doc_nodes(doc, byref(count))
    finally:
        library.dfl_model_free(model)
        library.dfl_doc_unref(doc)


lib = bind(open_library("dockerfile"), CORE)
probe(lib)


@functools.cache
def io() -> ctypes.CDLL:
    """libdockerfile-io, opened when first wanted: it needs libfyaml, the core does not."""
    return bind(open_library("dockerfile-io"), IO)


def library_version() -> tuple[int, int, int]:
    """Version of the C library in use."""
    return version_of(lib.dfl_version())


def version_of(number: int) -> tuple[int, int, int]:
    return number >> 16, number >> 8 & 0xFF, number & 0xFF


# --- results


def records(
    function: Callable[..., Optional[int]], handle: Handle, record: type[Struct]
) -> memoryview:
    """The whole array that a bulk function hands out: one call, one copy."""
    count = c_size_t()
    address = function(handle, byref(count))
    size = count.value * ctypes.sizeof(record)
    return memoryview(string_at(address, size) if address else b"")


def printed(function: Callable[..., object], *arguments: object) -> str:
    """What a print function writes to its sink."""
    chunks: list[bytes] = []
    interrupts: list[BaseException] = []

    def write(_: object, data: int, size: int) -> int:
        try:
            chunks.append(string_at(data, size))
        except BaseException as error:  # must not unwind through C: handed on below
            interrupts.append(error)
            return 1
        return 0

    sink = CSink(write=CSink.WRITE(write))
    try:
        function(*arguments, byref(sink))
    except DockerfileError:
        if interrupts:
            raise interrupts[0] from None
        raise
    return decode(b"".join(chunks))


# --- lifetime


class Handle:
    """A C object that Python owns, freed once, when the last reference to the handle is gone.

    ctypes keeps its arguments alive while a call runs, so that no thread can free an object in
    which another thread is at work. `keep` are handles that this object needs until it is freed.
    """

    __slots__ = ("__weakref__", "_as_parameter_")

    def __init__(self, address: c_void_p, free: Callable[[int], object], *keep: Handle) -> None:
        self._as_parameter_ = address.value or 0
        weakref.finalize(self, release, free, self._as_parameter_, keep)

    def __reduce__(self) -> NoReturn:
        """A second handle on the object would outlive it, and in another process it is nowhere."""
        raise TypeError("an object of the C library can be neither pickled nor deeply copied")

    @property
    def address(self) -> int:
        return self._as_parameter_


def release(free: Callable[[int], object], address: int, keep: tuple[Handle, ...]) -> None:
    free(address)


Self = TypeVar("Self", bound="Resource")


class Resource:
    """Base of what owns a C object: closed by `with`, by `close`, or when it is collected."""

    __slots__ = ("__weakref__", "_handle")

    def __init__(self, handle: Handle) -> None:
        self._handle: Optional[Handle] = handle

    @property
    def _live(self) -> Handle:
        handle = self._handle
        if handle is None:
            raise ValueError(f"this {type(self).__name__} is closed")
        return handle

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._handle is None

    def close(self) -> None:
        """Let go of the C object. It is freed once no call in another thread uses it any more."""
        self._handle = None

    def __enter__(self: Self) -> Self:
        if self.closed:
            raise ValueError(f"this {type(self).__name__} is closed")
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()
