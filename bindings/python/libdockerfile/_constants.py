"""The constants of the C headers as enums.

Owns their names and values; tests/test_abi.py holds each against the headers.
Relies on nothing. Never refuses a value that a newer library appended.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Optional


class Code(IntEnum):
    """An enum that a newer library may extend: a value not known here is named by its number."""

    @classmethod
    def _missing_(cls, value: object) -> Optional[Code]:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"CODE_{value}"
        member._value_ = value
        return member


class NodeKind(Code):
    """What a node is. Instructions are 64 to 95."""

    NONE = 0
    FILE = 1
    DIRECTIVE = 2
    COMMENT = 3
    NAME = 4
    VALUE = 5
    KEYWORD = 6
    FLAG = 7
    WORD = 8
    SHELL_FORM = 9
    JSON_FORM = 10
    JSON_STRING = 11
    PAIR = 12
    HEREDOC = 13
    HEREDOC_BODY = 14
    HEREDOC_END = 15
    ERROR = 16
    ADD = 64
    ARG = 65
    CMD = 66
    COPY = 67
    ENTRYPOINT = 68
    ENV = 69
    EXPOSE = 70
    FROM = 71
    HEALTHCHECK = 72
    LABEL = 73
    MAINTAINER = 74
    ONBUILD = 75
    RUN = 76
    SHELL = 77
    STOPSIGNAL = 78
    USER = 79
    VOLUME = 80
    WORKDIR = 81
    UNKNOWN = 95


class NodeFlags(IntFlag):
    """Properties of a node."""

    VALUE = 0x0001
    ERROR = 0x0002
    MISSING = 0x0004
    JSON = 0x0008
    LEGACY = 0x0010
    EXPAND = 0x0020
    CHOMP = 0x0040
    NESTED = 0x0080


class TokenKind(Code):
    """What a token is."""

    BOM = 1
    WHITESPACE = 2
    NEWLINE = 3
    COMMENT = 4
    CONTINUATION = 5
    KEYWORD = 6
    TEXT = 7
    FLAG = 8
    PUNCT = 9
    STRING = 10
    HEREDOC_BODY = 11
    HEREDOC_END = 12
    DIRECTIVE = 13
    JUNK = 14


class Severity(Code):
    """How bad a diagnostic is: ERROR means that BuildKit rejects the file."""

    ERROR = 1
    WARNING = 2
    NOTE = 3


class EdgeKind(Code):
    """What makes a stage depend on another: FROM, COPY --from or RUN --mount=from=."""

    FROM = 1
    COPY = 2
    MOUNT = 3


class EdgeFlags(IntFlag):
    """Properties of an edge.

    CYCLE: it lies on a cycle. FORWARD: its stage is defined later. CONTEXT: a named context stands
    in. IMPLICIT: a mount without `from=`. TRIGGER: an ONBUILD adds it. INDIRECT: an ONBUILD of an
    image that is only copied from does; AT_ONCE: only where the stage is needed without any.
    """

    CYCLE = 0x0001
    FORWARD = 0x0002
    CONTEXT = 0x0004
    IMPLICIT = 0x0008
    TRIGGER = 0x0010
    INDIRECT = 0x0020
    AT_ONCE = 0x0040


class Need(Code):
    """Whether building a target needs a stage; PERHAPS hangs on values that are not given."""

    NO = 0
    YES = 1
    PERHAPS = 2


class VariableState(Code):
    """UNSET: an ARG names it, nothing gives it a value. UNKNOWN: it hangs on what is not known."""

    UNSET = 0
    SET = 1
    UNKNOWN = 2


class DefinitionKind(Code):
    """Where a variable gets a value from."""

    AUTOMATIC = 1
    BUILD_ARG = 2
    DEFAULT = 3
    GLOBAL = 4
    NONE = 5
    ENV = 6
    BASE = 7
    PATH = 8
    PREDEFINED = 9


class ExpandMode(Code):
    """What BuildKit does with a text: NONE takes it as it stands."""

    NONE = 0
    WORD = 1
    WORDS = 2
    HEREDOC = 3
    FIELDS = 4


class PieceFlags(IntFlag):
    """EXACT: the source holds these very bytes. UNKNOWN: the value is not known, the piece empty.
    CHANGED: the value with a pattern or a default at work."""

    EXACT = 0x0001
    UNKNOWN = 0x0002
    CHANGED = 0x0004


class ConfigMember(IntFlag):
    """Members of the configuration of an image."""

    CMD = 0x0001
    ENTRYPOINT = 0x0002
    SHELL = 0x0004
    USER = 0x0008
    WORKING_DIR = 0x0010
    HEALTHCHECK = 0x0020
    STOP_SIGNAL = 0x0040
    AUTHOR = 0x0080
    ENV = 0x0100
    LABELS = 0x0200
    VOLUMES = 0x0400
    EXPOSED_PORTS = 0x0800
    ONBUILD = 0x1000


class Channel(Code):
    """Which frontend the `# syntax=` of a document names; BUILDER when it names none."""

    BUILDER = 1
    STABLE = 2
    LABS = 3
    OTHER = 4


class IgnoreError(Code):
    """What is wrong with a pattern of a .dockerignore. For LONG_LINE, BARE and SYNTAX BuildKit
    refuses the whole file; for the others a match fails that tries the pattern."""

    OK = 0
    LONG_LINE = 1
    BARE = 2
    SYNTAX = 3
    REGEXP = 4
    CLASS = 5
    SIZE = 6


class IgnoreMode(Code):
    """How a path is judged: from the root down, as a build sees it, or by the whole path."""

    WALK = 1
    PATH = 2


class Outcome(Code):
    """What a plan comes to."""

    CHANGED = 1
    UNCHANGED = 2
    REFUSED = 3


class Risk(Code):
    """How sure a step is: SAFE follows from the file, REVIEW wants a person's eye."""

    SAFE = 1
    LIKELY = 2
    REVIEW = 3


class User(Code):
    """Which user the runtime stage runs as."""

    AUTO = 0
    KEEP = 1
    NONROOT = 2


class Builder(Code):
    """What reads the file that a cache rewrite makes."""

    BUILDKIT = 0
    BUILDAH = 1
    KANIKO = 2
    CLASSIC = 3


class Sharing(Code):
    """How cache mounts are shared; CATALOG is what is known of each tool."""

    CATALOG = 0
    SHARED = 1
    PRIVATE = 2
    LOCKED = 3


class CodeKind(IntFlag):
    """What a code stands for; a code of a rewrite may be a step's and a refusal's."""

    DIAGNOSTIC = 1
    CHECK = 2
    STEP = 4
    REFUSAL = 8


class GraphFormat(Code):
    """Formats of `Model.graph`."""

    TEXT = 1
    JSON = 2
    DOT = 3
    MERMAID = 4
    SVG = 5


class CatalogKind(Code):
    """Kinds of entries of a catalog."""

    TOOL = 1
    RELEASE = 2
    IMAGE = 3
    ECOSYSTEM = 4
    PROGRAM = 5
    PACKAGE = 6


class ImageKind(Code):
    """What names an image: FROM, COPY --from, RUN --mount=from= or `# syntax=`."""

    FROM = 1
    COPY = 2
    MOUNT = 3
    SYNTAX = 4


class ImageFlags(IntFlag):
    """Properties of an image.

    CONTEXT: a named context stands in. TRIGGER: an ONBUILD of what the stage is built on names it.
    ONBUILD: an ONBUILD of the file does. INVALID: it is no reference. ASSUMED: an ARG that nothing
    gives a value is taken for unset.
    """

    CONTEXT = 0x0001
    TRIGGER = 0x0002
    ONBUILD = 0x0004
    INVALID = 0x0008
    ASSUMED = 0x0010


class Place(Code):
    """Whether the file holds a part of a reference (TYPED, SPLIT), and if not, why."""

    ABSENT = 0
    TYPED = 1
    SPLIT = 2
    UNKNOWN = 3
    BUILD_ARG = 4
    AUTOMATIC = 5
    CHANGED = 6
    NUMBER = 7
    TRIGGER = 8
    ESCAPED = 9
    LIMIT = 10


class PathKind(Code):
    """What a path of a build context is. ANY: a directory if it ends in / or others lie below
    it."""

    ANY = 0
    FILE = 1
    DIRECTORY = 2
    LINK = 3


class PathFlags(IntFlag):
    """What becomes of a path of a build context."""

    EXCLUDED = 1
    SENT = 2
    READ = 4


class Sent(Code):
    """Whether a build context reaches the builder."""

    YES = 1
    IGNORE = 2
    SOURCE = 3
    UNKNOWN = 4
    NOTHING = 5


class SourceKind(Code):
    """What a source of COPY, ADD or a mount is."""

    CONTEXT = 1
    URL = 2
    GIT = 3
    HEREDOC = 4
    STAGE = 5
    IMAGE = 6


class SourceFlags(IntFlag):
    """More about a source."""

    WILDCARD = 1
    IGNORED = 2
    UNPACK = 4
    PARENTS = 8


class Found(Code):
    """What is found of a source. From MISSING on, the build fails; CLASH unless the image helps."""

    UNKNOWN = 0
    YES = 1
    NOTHING = 2
    MISSING = 3
    LINKS = 4
    MALFORMED = 5
    CLASH = 6


class ReadFlags(IntFlag):
    """More about a path that a source reads."""

    IGNORED = 1
    ROOT = 2


class ListingFormat(Code):
    """Formats in which a catalog and its entries are printed; TEXT of an entry is YAML."""

    TEXT = 1
    JSON = 2


class ContextFormat(Code):
    """Formats in which a build context is printed."""

    TEXT = 1
    JSON = 2


class ShellFlags(IntFlag):
    """Properties of a scanned text.

    OPAQUE: some command is not understood. BASH: some part means something to bash only. EXEC: the
    words of a JSON form, which no shell reads. FOREIGN: no POSIX shell reads it.
    """

    OPAQUE = 0x0001
    BASH = 0x0002
    EXEC = 0x0004
    FOREIGN = 0x0008


class CommandKind(Code):
    """What a command of a shell is; OPAQUE is not understood."""

    SIMPLE = 1
    GROUP = 2
    SUBSHELL = 3
    COMPOUND = 4
    OPAQUE = 5


class Operator(Code):
    """What joins a command to the one before it."""

    NONE = 0
    AND = 1
    OR = 2
    SEQUENCE = 3
    BACKGROUND = 4
    PIPE = 5


class CommandFlags(IntFlag):
    """Properties of a command; CONDITIONAL: it may not run although nothing failed before it."""

    CONDITIONAL = 0x0001
    PIPE = 0x0002
    BACKGROUND = 0x0004
    NEGATED = 0x0008
    SUBSTITUTION = 0x0010
    FUNCTION = 0x0020


class WordFlags(IntFlag):
    """Properties of a word of a command; LITERAL: no expansion can change it."""

    LITERAL = 0x0001
    QUOTED = 0x0002
    VARIABLE = 0x0004
    SUBSTITUTION = 0x0008
    GLOB = 0x0010
    TILDE = 0x0020
