/* place.h -- what a node's place does with the text that stands there.
 * Relies on syntax; follows the language specification, sections 1.4, 1.7, 1.8, 2.1 and 3.
 * Never changes anything: quote.c writes for a place, this reads what one means. */
#ifndef DFL_EDIT_PLACE_H
#define DFL_EDIT_PLACE_H

#include "base/text.h"
#include "syntax/tree.h"

/* How the text is cut out of its line. */
typedef enum {
    DFL__LEX_WORDS,     /* ENV, LABEL, ARG: ends at white space outside quotes */
    DFL__LEX_LIST,      /* ends at white space: quotes do not group */
    DFL__LEX_LINE,      /* the rest of the line */
    DFL__LEX_FLAG,      /* flag value: quotes and escapes are removed byte by byte */
    DFL__LEX_JSON,      /* JSON string */
    DFL__LEX_DIRECTIVE, /* parser directive */
    DFL__LEX_BODY       /* lines of a heredoc */
} dfl__lexing;

/* What is done with it afterwards. */
typedef enum {
    DFL__EXPAND_NONE,   /* used as it is */
    DFL__EXPAND_WORD,   /* variables, quotes and escapes */
    DFL__EXPAND_SPLIT,  /* the same, then split into words: EXPOSE */
    DFL__EXPAND_BODY,   /* variables and escapes; quotes are text */
    DFL__EXPAND_REFUSED /* must not change when it is expanded: COPY --from, and the fields of
                           RUN --mount, whose quoting is not this layer's work */
} dfl__expansion;

typedef struct {
    dfl__lexing lexing;
    dfl__expansion expansion;
    unsigned char escape; /* of the document */
    int no_escape;        /* ONBUILD: read again with `\`, so an escape of "`" may not be written */
    int line_start;       /* nothing but blanks before it: a `#` there would begin a comment */
    int first;            /* first operand: `--` would be a flag, `[` a JSON form */
    int chomp;            /* body: leading tabs are removed from each line */
} dfl__place;

/* The place of a node whose value can be set; 0 when it has none. */
int dfl__place_of(const dfl_doc *doc, uint32_t node, dfl__place *place);

/* Append the literal that `node` stands for in its place. 1 when there is one; 0 when the text
 * holds variables, is malformed or gives several words; -1 without memory. */
int dfl__place_read(const dfl_doc *doc, uint32_t node, const dfl__place *place, dfl__buf *out);

/* Whether the node means `value`: 1, 0, or -1 without memory. The line end that closes the last
 * line of a body may be missing in `value`. */
int dfl__place_means(const dfl_doc *doc, uint32_t node, const dfl__place *place, dfl_str value);

/* Whether the text would be taken for a heredoc: digits, then `<<`. */
int dfl__looks_like_heredoc(dfl_str text);

/* Whether BuildKit still sees the heredocs of the node's instruction when the node is written as
 * `text`: it looks for them with `\` as the escape character, whatever the file says. 1, 0, or -1
 * without memory. */
int dfl__place_keeps_heredocs(const dfl_doc *doc, uint32_t node, dfl_str text);

#endif
