/* word.h -- BuildKit's word lexer: expansion, quote removal and splitting of words.
 * Relies on base, and on diag for the codes of what fails. Follows frontend/dockerfile/shell/lex.go
 * (language specification, section 3). Never recurses over its input without the limit, never looks
 * a variable up itself. */
#ifndef DFL_SYNTAX_WORD_H
#define DFL_SYNTAX_WORD_H

#include "base/memory.h"
#include "base/text.h"

/* What a lookup says of a variable. */
typedef enum {
    DFL__VAR_UNSET,
    DFL__VAR_SET,
    DFL__VAR_UNKNOWN /* nobody knows whether or to what: the result becomes unknown */
} dfl__var;

/* Where a run of output comes from: bytes `from` .. `to` of the word, quotes around literal text
 * not included, an escape character with what it escapes. */
typedef struct {
    dfl_str name; /* of the variable, a part of the word; `ptr` is NULL for literal text */
    size_t at, len;
    size_t from, to;
} dfl__word_piece;

#define DFL__WORD_FRAME 80u /* bytes that a `${` or quote takes while it is open, at most */

typedef struct {
    unsigned char escape; /* '\\' or '`' */
    int raw_quotes;       /* keep quotes in the output */
    int raw_escapes;      /* keep escape characters in the output */
    int skip_quotes;      /* quotes are ordinary characters (heredoc bodies) */
    int skip_unset;       /* leave unset variables as written */
    uint32_t max_depth;   /* of `${` nesting; 0 = 64 */
    size_t max_bytes;     /* of the output, and of what is built on the way to it; 0 = no maximum */
    /* Look `name` up; `*value` is borrowed until the next lookup. NULL = nothing is set. */
    dfl__var (*lookup)(void *ctx, dfl_str name, dfl_str *value);
    /* Word mode, on success only, in order: told of each piece of the output; they tile it but for
     * what `raw_quotes` and `skip_unset` keep as written. A value that a pattern changed is one
     * piece of that variable, its replacement included. May be NULL. */
    void (*piece)(void *ctx, const dfl__word_piece *piece);
    void *ctx;
} dfl__word_options;

/* Outcome of lexing a word; categories of specification appendix B.2 (subst-*). */
typedef enum {
    DFL__WORD_OK,
    DFL__WORD_NOMEM,
    DFL__WORD_LIMIT,    /* depth, output budget, or DFL__PATTERN_STEPS */
    DFL__WORD_BRACE,    /* missing '}' or missing '/' in substitution */
    DFL__WORD_BAD,      /* bad substitution */
    DFL__WORD_MODIFIER, /* unsupported modifier */
    DFL__WORD_QUOTE,    /* unexpected end of statement while looking for matching quote */
    DFL__WORD_REQUIRED, /* ${x?msg} */
    DFL__WORD_PATTERN   /* invalid pattern */
} dfl__word_error;

typedef struct {
    dfl__word_error error;
    size_t at;     /* byte of the input at which the error was seen (best effort) */
    dfl_str name;  /* of the variable at fault, a part of the input; empty when there is none */
    int unknown;   /* 1: a variable whose value is unknown took part in the result */
    int unmatched; /* number of lookups that found nothing */
    size_t work;   /* bytes copied and matched on the way, for the caller's own budget */
} dfl__word_result;

/* End of the name of a variable at `at`, where there may be none: a run of digits, one special
 * character, or a run of name characters. */
size_t dfl__name_end(dfl_str s, size_t at);

/* Code of the diagnostic for a word that failed so; 0 for DFL__WORD_OK and DFL__WORD_NOMEM. */
uint32_t dfl__word_code(dfl__word_error error);

/* Word mode: append the expansion of `word` to `out` (initialised by the caller). On failure `out`
 * is as it was, except that DFL__WORD_REQUIRED appends its message (what follows `name: `). */
dfl__word_result dfl__word_expand(dfl_str word, const dfl__word_options *options, dfl__buf *out);

/* Words mode: append the resulting words to `out`, each followed by a NUL byte. Words may hold NUL,
 * so the end of each (offset in `out` one past the word, of its NUL) is pushed to `ends` as well,
 * with the allocator of `out`. On failure both are as they were, but for DFL__WORD_REQUIRED. */
typedef DFL__VEC(uint32_t) dfl__offsets;
dfl__word_result dfl__word_split(dfl_str text, const dfl__word_options *options, dfl__buf *out,
                                 dfl__offsets *ends);

#endif
