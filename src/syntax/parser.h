/* parser.h -- the state of one parse and the steps that share it.
 * Relies on tree.h.
 * Never outlives dfl_parse.
 *
 * An instruction is read in three steps: line.c joins its physical lines into one logical line and
 * remembers where each piece came from; split.c and friends lex the joined text; writer.c turns
 * what they found into tokens that tile the source, putting the continuations, comments and blank
 * lines back where they stood. */
#ifndef DFL_SYNTAX_PARSER_H
#define DFL_SYNTAX_PARSER_H

#include "base/heap.h"
#include "diag/codes.h"
#include "syntax/tree.h"
#include "syntax/word.h"

/* A physical line: content, then the CR and LF bytes that end it. */
typedef struct {
    uint32_t start;
    uint32_t content; /* end of the content */
    uint32_t end;     /* start of the next line */
} dfl__line;

/* A piece of the joined text: it begins at `at` and comes from source offset `raw`. */
typedef struct {
    uint32_t at;
    uint32_t raw;
} dfl__segment;

#define DFL__DETAIL_MAX 200u /* bytes of the source in a message */
#define DFL__NAME_DEPTH 64u  /* of `${` in the name of a heredoc */
#define DFL__OPEN_MAX 80u    /* FILE, 64 nested instructions, and the parts of the last one */

typedef struct {
    dfl__heap heap; /* all that the parse takes; the document is copied out of it */
    dfl_doc *doc;
    dfl_str src;
    dfl_status failed;
    uint32_t at;      /* next physical line */
    dfl__buf scratch; /* for one step at a time */
    struct {          /* occurrence.c: lines sorted by text; [1] is without leading tabs */
        DFL__VEC(dfl_range) lines;
        int built;
    } occurrences[2];

    /* The logical line. */
    DFL__VEC(dfl__segment) segs;
    dfl__buf joined;
    dfl_str text;        /* joined */
    uint32_t text_value; /* its offset in doc->values; UINT32_MAX when it lies in the source */
    uint32_t raw_end;    /* end of the last line's content */
    uint32_t next_line;  /* start of the line after it */

    /* The writer: everything before `pos` of the text is written as tokens. */
    uint32_t pos;
    uint32_t seg;
    struct {
        uint32_t node;
        uint32_t last_child;
    } open[DFL__OPEN_MAX];
    uint32_t open_count;
    uint32_t from_count; /* FROM instructions so far */
    uint32_t instruction_count;
} dfl__parser;

/* memory.c */
/* Start the parse of p->src into p->doc with memory for an ordinary file; 0 without it. */
int dfl__parser_init(dfl__parser *p, const dfl_alloc *alloc);
void dfl__parser_free(dfl__parser *p);
/* The document as it stays: one block of `alloc`. NULL without memory. */
dfl_doc *dfl__doc_seal(const dfl_doc *draft, const dfl_alloc *alloc);

/* writer.c */
void dfl__token(dfl__parser *p, uint32_t start, uint16_t kind);
uint32_t dfl__open(dfl__parser *p, uint16_t kind); /* node id */
void dfl__close(dfl__parser *p);
void dfl__begin_text(dfl__parser *p); /* the writer stands at the start of p->text */
void dfl__write(dfl__parser *p, uint32_t to, uint16_t kind); /* tokens up to `to` of the text */
/* Open a node for [start, end) of the text; what lies before is written as white space. An empty
 * one stands right behind that: what continues the line there is no part of it. */
uint32_t dfl__open_at(dfl__parser *p, uint32_t start, uint32_t end, uint16_t kind);
/* A node with one token: open at `start`, write to `end`, close. Its value is that slice. */
uint32_t dfl__leaf(dfl__parser *p, uint32_t start, uint32_t end, uint16_t node, uint16_t token);
void dfl__end_text(dfl__parser *p); /* what is left of the text and of its last lines */
void dfl__set_value(dfl__parser *p, uint32_t node, dfl_str value);
/* Give `node` the slice [start, end) of the joined text; dfl__set_slice does so only if it spans
 * lines, for a node that covers just these bytes. */
void dfl__set_joined(dfl__parser *p, uint32_t node, uint32_t start, uint32_t end);
/* Move the value set last before those of its node's descendants. */
void dfl__settle_value(dfl__parser *p);
void dfl__set_slice(dfl__parser *p, uint32_t node, uint32_t start, uint32_t end);
uint32_t dfl__raw_of(const dfl__parser *p, uint32_t at); /* source offset of text offset `at` */
/* Report on a node, or on a slice of the joined text. `detail` fills the message's %S. */
void dfl__report(dfl__parser *p, uint32_t code, dfl_range range, dfl_str detail,
                 const char *suggestion);
void dfl__report_node(dfl__parser *p, uint32_t code, uint32_t node, dfl_str detail);
void dfl__report_slice(dfl__parser *p, uint32_t code, uint32_t start, uint32_t end, dfl_str detail);

/* line.c */
int dfl__next_line(const dfl__parser *p, uint32_t at, dfl__line *line); /* 0 at the end */
/* Whether BuildKit's reader cannot take the line [start, end), its line end included. */
int dfl__is_too_long(dfl_str src, uint32_t start, uint32_t end);
void dfl__check_length(dfl__parser *p, dfl__line line);
/* Join the logical line that starts at `first`, whose content begins at `content`. */
void dfl__join(dfl__parser *p, dfl__line first, uint32_t content);

/* split.c */
/* Lex and write the instruction in p->text; returns its node. */
uint32_t dfl__instruction(dfl__parser *p);

/* args.c */
typedef struct {
    uint32_t start, end; /* arguments: trimmed, flags removed */
} dfl__span;
void dfl__flags(dfl__parser *p, dfl__span *rest);
/* The bytes that a flag stands for, one after another: its quotes and escapes are removed. */
typedef struct {
    dfl_str text;
    uint32_t at; /* next byte of the text */
    unsigned char escape;
    char quote; /* that is open; 0 */
} dfl__flag_reader;
/* The next one, which [*from, at) of the text gives. 0 at the end of the flag. */
int dfl__flag_byte(dfl__flag_reader *reader, uint32_t *from, char *byte);
void dfl__whole_string(dfl__parser *p, dfl__span rest);
void dfl__space_list(dfl__parser *p, dfl__span rest);
void dfl__string_or_json(dfl__parser *p, dfl__span rest);
void dfl__list_or_json(dfl__parser *p, dfl__span rest);
void dfl__names_args(dfl__parser *p, dfl__span rest); /* ARG */
void dfl__pairs(dfl__parser *p, dfl__span rest);      /* ENV, LABEL */
void dfl__healthcheck(dfl__parser *p, dfl__span rest);
void dfl__ignored(dfl__parser *p, dfl__span rest); /* unknown instructions */

/* json.c */
typedef enum { DFL__JSON_NONE, DFL__JSON_STRINGS, DFL__JSON_OTHER } dfl__json;
/* Whether text is a JSON array, and of strings only. */
dfl__json dfl__json_check(dfl_str text);
/* The string that is member `name` of the object that text is: its value in `out`, emptied first,
 * its place in `range`. 0 when there is none. */
int dfl__json_member(dfl_str text, const char *name, dfl__buf *out, dfl_range *range);
/* The next character of a string literal, quotes included, that was found to be one: the first
 * stands at 1, the last one before the closing quote. `*at` moves behind it. */
uint32_t dfl__json_rune(dfl_str literal, uint32_t *at);
void dfl__json_form(dfl__parser *p, dfl__span rest); /* write it; must be DFL__JSON_STRINGS */

/* heredoc.c */
void dfl__heredocs(dfl__parser *p, uint32_t instruction);
/* If `word` opens a heredoc: 1, its name in `name`, which was empty, DFL_NODE_F_EXPAND and _CHOMP
 * in
 * `*flags`. `*error`, unless NULL: why a word that might open one cannot be lexed. */
int dfl__heredoc_word(dfl_str word, dfl__buf *name, uint16_t *flags, dfl__word_error *error);
/* The part of a line that is compared with a heredoc's name. */
dfl_str dfl__terminator(dfl_str line, int chomp);

/* occurrence.c */
void dfl__occurrences_build(dfl__parser *p, uint32_t from, int chomp);
int dfl__occurs_from(const dfl__parser *p, dfl_str name, uint32_t from, int chomp);

/* directive.c */
typedef struct {
    uint32_t key, key_end, equals, value, value_end; /* source offsets */
} dfl__directive;
/* Match what follows the comment mark, up to the end of a line. */
int dfl__directive_read(dfl_str src, uint32_t at, uint32_t end, dfl__directive *out);
enum { DFL__SYNTAX, DFL__ESCAPE, DFL__CHECK, DFL__DIRECTIVES };
/* Which of them a directive is; DFL__DIRECTIVES for none. */
unsigned dfl__directive_key(dfl_str src, const dfl__directive *directive);

/* detect.c: what BuildKit reads of a file before it parses it */
typedef struct {
    dfl_str value;   /* up to the first space; of a JSON member, decoded */
    dfl_range range; /* of the whole value in the source */
} dfl__detected;
int dfl__detect_check(dfl_str src, dfl__detected *out);
/* The frontend's image. A JSON member is decoded into `scratch`. */
int dfl__detect_syntax(dfl_str src, dfl__buf *scratch, dfl__detected *out);
void dfl__check_options(dfl__parser *p); /* report a `check` directive that is malformed */

/* verify.c: what BuildKit's instruction parser checks, on a written instruction */
void dfl__verify(dfl__parser *p, uint32_t instruction);

#endif
