/* writer.h -- what the printers share: a small buffer over a sink, JSON, text for people.
 * Relies on base and print.h.
 * Never allocates; after the sink has refused once, it is not called again. */
#ifndef DFL_PRINT_WRITER_H
#define DFL_PRINT_WRITER_H

#include "base/text.h"
#include "dockerfile/print.h"

typedef struct {
    dfl_sink sink;
    dfl_status status;
    uint32_t used;
    char last; /* byte written last; NUL at the start */
    char bytes[512];
} dfl__out;

/* DFL_E_ARG when there is nothing to write to. */
dfl_status dfl__out_init(dfl__out *out, const dfl_sink *sink);
/* Hand the rest to the sink and say how everything went. */
dfl_status dfl__out_done(dfl__out *out);

void dfl__out_str(dfl__out *out, dfl_str s);
void dfl__out_z(dfl__out *out, const char *z);
void dfl__out_c(dfl__out *out, char c);
void dfl__out_u(dfl__out *out, uint64_t number); /* decimal */
/* `n` blanks. */
void dfl__out_indent(dfl__out *out, uint32_t n);
/* For people: bytes of control characters, and bytes that are not UTF-8, are shown as \xNN, so that
 * a file cannot drive a terminal. */
void dfl__out_shown(dfl__out *out, dfl_str s);
/* The same in double quotes with C escapes; every byte can be told from every other. */
void dfl__out_quoted(dfl__out *out, dfl_str s);
/* One rune at s[*at], which moves past it. Invalid bytes count as U+FFFD, one each. */
uint32_t dfl__next_rune(dfl_str s, size_t *at);
void dfl__out_rune(dfl__out *out, uint32_t rune);

/* JSON. A comma is written where one is due, so callers only say what comes next. */
void dfl__js_open(dfl__out *out, char bracket);
void dfl__js_close(dfl__out *out, char bracket);
void dfl__js_key(dfl__out *out, const char *name);
/* A key that holds a text of the file: `prefix.text`, or `text` without a prefix. */
void dfl__js_name_key(dfl__out *out, const char *prefix, dfl_str text);
void dfl__js_str(dfl__out *out, dfl_str s);  /* invalid bytes become U+FFFD */
void dfl__js_name(dfl__out *out, dfl_str s); /* null when empty */
void dfl__js_uint(dfl__out *out, uint64_t number);
void dfl__js_word(dfl__out *out, const char *word); /* null, true, false */
/* Members: true or false; a number, null when it is UINT32_MAX, which is none. */
void dfl__js_flag(dfl__out *out, const char *name, int truth);
void dfl__js_index(dfl__out *out, const char *name, uint32_t index);
void dfl__js_range(dfl__out *out, const char *name, dfl_range range);
void dfl__js_edit(dfl__out *out, const dfl_edit *edit);
void dfl__js_diag(dfl__out *out, const dfl_diag *diag);
/* The object that each of our documents is: its opening, which says the version, and its end. */
void dfl__js_begin(dfl__out *out);
void dfl__js_end(dfl__out *out);
/* A string value that is made in parts: open, any number of parts, close. */
void dfl__js_str_open(dfl__out *out);
void dfl__js_str_part(dfl__out *out, dfl_str s);
void dfl__js_str_close(dfl__out *out);

#endif
