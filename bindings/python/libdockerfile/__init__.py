"""libdockerfile: read, understand and rewrite Dockerfiles without losing a byte.

    >>> import libdockerfile
    >>> doc = libdockerfile.parse("FROM golang:1.22\\nRUN go build -o /app .\\n")
    >>> [instruction.name for instruction in doc.instructions]
    ['FROM', 'RUN']
    >>> libdockerfile.Model(doc).stages[0].base
    'golang:1.22'

`parse` never fails on content: what is wrong is in `Document.diagnostics`. `Model` says what the
file means, `Edits` changes it under proof, and the rewrites `cache`, `base`, `split` and `optimize`
answer a `Plan`. Offsets are bytes. Text is `str`; bytes that are not UTF-8 become surrogates, so
that every text gives back the bytes it came from. Objects may be shared between threads; each is
released when it is collected, or earlier by `close` or `with`.
"""

from ._config import Config, ImageConfig
from ._constants import (
    Channel,
    ConfigMember,
    ContextFormat,
    DefinitionKind,
    EdgeFlags,
    EdgeKind,
    ExpandMode,
    Found,
    GraphFormat,
    IgnoreError,
    IgnoreMode,
    ImageFlags,
    ImageKind,
    Need,
    NodeFlags,
    NodeKind,
    Outcome,
    PathFlags,
    PathKind,
    PieceFlags,
    Place,
    ReadFlags,
    Risk,
    Sent,
    Severity,
    SourceFlags,
    SourceKind,
    TokenKind,
    User,
    VariableState,
)
from ._context import BuildContext, ContextPath, ReadPath, Source, Transfer, read_tree
from ._document import (
    Diagnostic,
    Document,
    Heredoc,
    Instruction,
    Limits,
    Node,
    Option,
    Pair,
    Position,
    Range,
    Token,
    parse,
    parse_file,
)
from ._edits import Edit, Edits
from ._errors import (
    AbiError,
    ArgumentError,
    ConflictError,
    DockerfileError,
    FileError,
    FormatError,
    LibraryNotFoundError,
    LimitError,
    OutOfMemoryError,
    RefusedError,
    StaleError,
    UnsupportedError,
)
from ._ignore import Ignore, Pattern, Verdict
from ._images import Image, ImagePart
from ._io import Catalog, Fact, SourceFile, load_catalog, read_facts, read_file
from ._lint import Finding, Report, check
from ._model import Edge, Frontend, Model, ModelDiagnostic, Stage, Targets
from ._native import library_version
from ._rewrite import Plan, Refusal, Step, base, cache, optimize, split
from ._scope import Definition, Expansion, Piece, Scope, Undefined, Variable

__version__ = "0.1.0"

__all__ = [
    "AbiError",
    "ArgumentError",
    "BuildContext",
    "Catalog",
    "Channel",
    "Config",
    "ConfigMember",
    "ConflictError",
    "ContextFormat",
    "ContextPath",
    "Definition",
    "DefinitionKind",
    "Diagnostic",
    "DockerfileError",
    "Document",
    "Edge",
    "EdgeFlags",
    "EdgeKind",
    "Edit",
    "Edits",
    "ExpandMode",
    "Expansion",
    "Fact",
    "FileError",
    "Finding",
    "FormatError",
    "Found",
    "Frontend",
    "GraphFormat",
    "Heredoc",
    "Ignore",
    "IgnoreError",
    "IgnoreMode",
    "Image",
    "ImageConfig",
    "ImageFlags",
    "ImageKind",
    "ImagePart",
    "Instruction",
    "LibraryNotFoundError",
    "LimitError",
    "Limits",
    "Model",
    "ModelDiagnostic",
    "Need",
    "Node",
    "NodeFlags",
    "NodeKind",
    "Option",
    "OutOfMemoryError",
    "Outcome",
    "Pair",
    "PathFlags",
    "PathKind",
    "Pattern",
    "Piece",
    "PieceFlags",
    "Place",
    "Plan",
    "Position",
    "Range",
    "ReadFlags",
    "ReadPath",
    "Refusal",
    "RefusedError",
    "Report",
    "Risk",
    "Scope",
    "Sent",
    "Severity",
    "Source",
    "SourceFile",
    "SourceFlags",
    "SourceKind",
    "Stage",
    "StaleError",
    "Step",
    "Targets",
    "Token",
    "TokenKind",
    "Transfer",
    "Undefined",
    "UnsupportedError",
    "User",
    "Variable",
    "VariableState",
    "Verdict",
    "base",
    "cache",
    "check",
    "library_version",
    "load_catalog",
    "optimize",
    "parse",
    "parse_file",
    "read_facts",
    "read_file",
    "read_tree",
    "split",
]
