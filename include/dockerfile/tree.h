/* tree.h -- documents and their lossless syntax tree.
 * Relies on base.h.
 * Never fails on content: any bytes give a tree; what is wrong is a diagnostic (diag.h).
 *
 * Tokens tile the source: token i covers [start(i), start(i + 1)), the last one ends at the
 * source's length. Nodes stand in preorder: the first child of node i is i + 1, a subtree is a
 * contiguous run of records, and each node covers a run of tokens. */
#ifndef DOCKERFILE_TREE_H
#define DOCKERFILE_TREE_H

#include "dockerfile/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An immutable parsed Dockerfile. Reference-counted; may be shared across threads. */
typedef struct dfl_doc dfl_doc;

/** A node handle, passed by value. The null node (doc NULL) answers every call. Frozen layout. */
typedef struct {
    const dfl_doc *doc;
    uint32_t id;
    uint32_t reserved;
} dfl_node;

/** A position. Lines and columns are 0-based. Frozen layout. */
typedef struct {
    uint32_t line;  /**< number of LF before the offset */
    uint32_t byte;  /**< bytes since the line's start */
    uint32_t utf8;  /**< code points since the line's start; a bad byte counts as one */
    uint32_t utf16; /**< UTF-16 code units since the line's start */
} dfl_pos;

/* Token kinds. */
#define DFL_TOKEN_BOM 1           /**< the UTF-8 byte order mark at offset 0 */
#define DFL_TOKEN_WHITESPACE 2    /**< blanks between or around words */
#define DFL_TOKEN_NEWLINE 3       /**< CR and LF bytes that end a physical line */
#define DFL_TOKEN_COMMENT 4       /**< `#` to the end of its line */
#define DFL_TOKEN_CONTINUATION 5  /**< escape character, blanks after it, and the line end */
#define DFL_TOKEN_KEYWORD 6       /**< (part of) an instruction name */
#define DFL_TOKEN_TEXT 7          /**< (part of) a word or of a command in shell form */
#define DFL_TOKEN_FLAG 8          /**< (part of) a flag, from `--` */
#define DFL_TOKEN_PUNCT 9         /**< `[`, `]`, `,` of a JSON form; `=` of a pair or directive */
#define DFL_TOKEN_STRING 10       /**< (part of) a JSON string with its quotes */
#define DFL_TOKEN_HEREDOC_BODY 11 /**< the lines of a heredoc before its terminator */
#define DFL_TOKEN_HEREDOC_END 12  /**< the terminator, without its line end */
#define DFL_TOKEN_DIRECTIVE 13    /**< `#`, the key or the value of a parser directive */
#define DFL_TOKEN_JUNK 14         /**< bytes that belong to nothing */

/* Node kinds. Instructions have their own; their range is 64 to 95. */
#define DFL_NODE_NONE 0          /**< kind of the null node */
#define DFL_NODE_FILE 1          /**< the root */
#define DFL_NODE_DIRECTIVE 2     /**< `# key=value`; children NAME and VALUE */
#define DFL_NODE_COMMENT 3       /**< one comment line, outside or inside an instruction */
#define DFL_NODE_NAME 4          /**< name of a directive, flag or pair */
#define DFL_NODE_VALUE 5         /**< value of a directive, flag or pair */
#define DFL_NODE_KEYWORD 6       /**< name of an instruction; value as typed, joined */
#define DFL_NODE_FLAG 7          /**< `--name[=value]`; value unquoted, with the dashes */
#define DFL_NODE_WORD 8          /**< one argument; value as BuildKit's parser gives it */
#define DFL_NODE_SHELL_FORM 9    /**< all the rest of the line as one argument */
#define DFL_NODE_JSON_FORM 10    /**< `["a", "b"]`; children JSON_STRING */
#define DFL_NODE_JSON_STRING 11  /**< value decoded */
#define DFL_NODE_PAIR 12         /**< ENV, LABEL, ARG: children NAME and, if given, VALUE */
#define DFL_NODE_HEREDOC 13      /**< children HEREDOC_BODY and HEREDOC_END; value is the name */
#define DFL_NODE_HEREDOC_BODY 14 /**< raw lines; zero-width when empty */
#define DFL_NODE_HEREDOC_END 15  /**< the terminator; zero-width and MISSING when absent */
#define DFL_NODE_ERROR 16        /**< bytes that were skipped over */
#define DFL_NODE_ADD 64
#define DFL_NODE_ARG 65
#define DFL_NODE_CMD 66
#define DFL_NODE_COPY 67
#define DFL_NODE_ENTRYPOINT 68
#define DFL_NODE_ENV 69
#define DFL_NODE_EXPOSE 70
#define DFL_NODE_FROM 71
#define DFL_NODE_HEALTHCHECK 72
#define DFL_NODE_LABEL 73
#define DFL_NODE_MAINTAINER 74
#define DFL_NODE_ONBUILD 75 /**< its trigger is a nested instruction node */
#define DFL_NODE_RUN 76
#define DFL_NODE_SHELL 77
#define DFL_NODE_STOPSIGNAL 78
#define DFL_NODE_USER 79
#define DFL_NODE_VOLUME 80
#define DFL_NODE_WORKDIR 81
#define DFL_NODE_UNKNOWN 95 /**< an instruction whose name is not known */

/* Node flags. */
#define DFL_NODE_F_VALUE 0x0001   /**< the value differs from the text */
#define DFL_NODE_F_ERROR 0x0002   /**< an error diagnostic lies on this node */
#define DFL_NODE_F_MISSING 0x0004 /**< zero-width: a required part is absent */
#define DFL_NODE_F_JSON 0x0008    /**< instruction: arguments are in JSON form */
#define DFL_NODE_F_LEGACY 0x0010  /**< PAIR: `ENV key value`, without `=` */
#define DFL_NODE_F_EXPAND 0x0020  /**< HEREDOC: delimiter is unquoted, the body expands */
#define DFL_NODE_F_CHOMP 0x0040   /**< HEREDOC: `<<-` */
#define DFL_NODE_F_NESTED 0x0080  /**< instruction inside ONBUILD */

/** A token as stored. Bulk tier; frozen layout. */
typedef struct {
    uint32_t start; /**< offset of its first byte; it ends where the next begins */
    uint16_t kind;  /**< DFL_TOKEN_* */
    uint16_t flags; /**< reserved */
} dfl_token_rec;

/** A node as stored. Bulk tier; frozen layout. Node 0 is the root; 0 as a link means none. */
typedef struct {
    uint16_t kind;        /**< DFL_NODE_* */
    uint16_t flags;       /**< DFL_NODE_F_* */
    uint32_t first_token; /**< index of its first token */
    uint32_t end_token;   /**< index one past its last token */
    uint32_t next;        /**< next sibling, 0 = none */
    uint32_t parent;      /**< parent, 0 = the root (or, for the root, none) */
} dfl_node_rec;

/** Options of dfl_parse. */
typedef struct {
    uint32_t size;            /**< sizeof(dfl_parse_options) */
    uint32_t flags;           /**< must be 0 */
    const dfl_alloc *alloc;   /**< NULL = the C library's */
    const dfl_limits *limits; /**< NULL = defaults */
} dfl_parse_options;
#define DFL_PARSE_OPTIONS_INIT                                                                     \
    { sizeof(dfl_parse_options), 0, NULL, NULL }

/**
 * Parse `len` bytes at `src`, which are copied. Follows BuildKit's
 * frontend/dockerfile/parser/parser.go and instructions/parse.go, but goes on after an error: an
 * instruction in error keeps its extent, and parsing resumes at the next physical line. By code:
 * - bad-escape, dup-directive, check-option: the DIRECTIVE stays and is not followed.
 * - line-too-long: the line is read like any other.
 * - unknown-instruction, json-not-strings: the arguments, over all their lines, are one ERROR.
 * - kv-syntax: the word is an ERROR, other pairs of the instruction are PAIR. kv-arity: a PAIR
 *   without VALUE.
 * - heredoc-open: a HEREDOC whose body is empty and whose end is MISSING; other heredocs of the
 *   instruction get their bodies, and what follows those is read as instructions.
 * - subst-... (of a heredoc's name), heredoc-limit, depth-limit (of `${`): the word opens no
 *   HEREDOC, and what would be its body is read as instructions.
 * - depth-limit (of ONBUILD): the trigger that is too deep is an ERROR.
 * - any other (arity, names, flags, values): the instruction has all its parts, the part at fault
 *   or the instruction has the flag ERROR.
 *
 * `opt` may be NULL. On success `*out` holds one reference, released by dfl_doc_unref. The
 * document is one block of the allocator, and all else is given back before the call returns.
 * Fails with DFL_E_NOMEM, DFL_E_LIMIT (source too long), DFL_E_ARG or DFL_E_ABI; `*out` is then
 * untouched. Thread-safe. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_parse(const char *src, size_t len,
                                           const dfl_parse_options *opt, dfl_doc **out);

/**
 * A ceiling of the bytes that dfl_parse of `len` bytes asks `opt->alloc` for, all requests added
 * up: it holds even where nothing that is freed or outgrown is used again. A dfl_pool of that many
 * bytes, at any address, is enough for a source of that length, whatever it says. The ceiling is at
 * most 600 bytes for each byte of source, 2 KiB for each diagnostic that may be kept (`max_diags`,
 * and no more than one for two bytes and 4), and 64 KiB; an ordinary file takes 20 for each byte
 * and 4 KiB, of which 6 and 2 KiB stay. SIZE_MAX when there is no ceiling: dfl_parse refuses these
 * options or this length, or the number is too large. `opt` may be NULL. Thread-safe. Since 0.1.
 */
DFL_API size_t dfl_parse_bound(size_t len, const dfl_parse_options *opt);

/** Take one more reference; returns `doc`. Thread-safe. Since 0.1. */
DFL_API dfl_doc *dfl_doc_ref(const dfl_doc *doc);

/** Release one reference; NULL is accepted. Thread-safe. Since 0.1. */
DFL_API void dfl_doc_unref(dfl_doc *doc);

/** The bytes that were parsed. Borrowed from `doc`. Thread-safe. Since 0.1. */
DFL_API dfl_str dfl_doc_source(const dfl_doc *doc);

/** The escape character in force: '\\' or '`'. Thread-safe. Since 0.1. */
DFL_API uint32_t dfl_doc_escape(const dfl_doc *doc);

/** Position of byte `offset` (clamped to the source's length). O(log lines + line). Since 0.1. */
DFL_API dfl_pos dfl_doc_pos(const dfl_doc *doc, uint32_t offset);

/**
 * Offset of a position given by `line` and a column counted in bytes (unit 1), code points
 * (unit 2) or UTF-16 units (unit 3); clamped to the line and to the source. Since 0.1.
 */
DFL_API uint32_t dfl_doc_offset(const dfl_doc *doc, uint32_t line, uint32_t column, uint32_t unit);

/** All nodes in preorder, borrowed from `doc`; `*count` receives their number. Since 0.1. */
DFL_API const dfl_node_rec *dfl_doc_nodes(const dfl_doc *doc, size_t *count);

/** All tokens, borrowed from `doc`; `*count` receives their number. Since 0.1. */
DFL_API const dfl_token_rec *dfl_doc_tokens(const dfl_doc *doc, size_t *count);

/** The root. Since 0.1. */
DFL_API dfl_node dfl_doc_root(const dfl_doc *doc);

/** The handle of record `id`; the null node when there is none. Since 0.1. */
DFL_API dfl_node dfl_doc_node(const dfl_doc *doc, uint32_t id);

/** The deepest node that covers byte `offset`; at the very end, the root. Since 0.1. */
DFL_API dfl_node dfl_doc_node_at(const dfl_doc *doc, uint32_t offset);

/** 1 for the null node, else 0. Since 0.1. */
DFL_API int32_t dfl_node_is_null(dfl_node node);

/** DFL_NODE_*; DFL_NODE_NONE for the null node. Since 0.1. */
DFL_API uint32_t dfl_node_kind(dfl_node node);

/** 1 if the node is an instruction (kinds 64 to 95), else 0. Since 0.1. */
DFL_API int32_t dfl_node_is_instruction(dfl_node node);

/** DFL_NODE_F_* of the node. Since 0.1. */
DFL_API uint32_t dfl_node_flags(dfl_node node);

/** Bytes it covers. An instruction ends before its last line end. Since 0.1. */
DFL_API dfl_range dfl_node_range(dfl_node node);

/** Raw bytes, borrowed from the document. Since 0.1. */
DFL_API dfl_str dfl_node_text(dfl_node node);

/**
 * Value: continuations, comments inside them and, where BuildKit's parser does so, quotes and
 * escapes removed. Variables are not expanded (see model.h). Borrowed from the document. Since 0.1.
 */
DFL_API dfl_str dfl_node_value(dfl_node node);

/**
 * For a node whose value is its text with continuations removed (WORD, SHELL_FORM, KEYWORD, NAME
 * and VALUE of pairs): the source offset of byte `at` of the value; `at` = length gives the end.
 * For other nodes an offset inside the node's range. Since 0.1.
 */
DFL_API uint32_t dfl_node_source_offset(dfl_node node, uint32_t at);

/** Parent, first child, next sibling; the null node when there is none. Since 0.1. */
DFL_API dfl_node dfl_node_parent(dfl_node node);
DFL_API dfl_node dfl_node_first(dfl_node node);
DFL_API dfl_node dfl_node_next(dfl_node node);

/** First child of the given kind; the null node when there is none. Since 0.1. */
DFL_API dfl_node dfl_node_child(dfl_node node, uint32_t kind);

/** Upper-case name of an instruction kind, such as "FROM"; "" for other kinds. Since 0.1. */
DFL_API const char *dfl_instruction_name(uint32_t kind);

/** Name of a node kind for dumps, such as "shell-form"; "" for unknown ones. Since 0.1. */
DFL_API const char *dfl_node_kind_name(uint32_t kind);

#ifdef __cplusplus
}
#endif
#endif
