/* test_occurrence.c -- which heredocs are closed, and where, in files of many.
 * Relies on cmocka and describe.h.
 * Never knows how a terminator is looked for: here line is compared with line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "describe.h"

enum { LINES = 120, ROUNDS = 200 };

/* Some are as long as others, some begin as others. */
static const char *const names[] = {"E", "F", "G", "EO", "FO", "GO", "EOF", "EOT", "END", "FIN"};

typedef struct {
    const char *name;
    int opens; /* `RUN <<E`, else `E` */
    int tab;   /* `RUN <<-E`, or a tab before what ends only such heredocs */
} line;

static void choose(line *lines, uint32_t *seed) {
    for (unsigned i = 0; i < LINES; i++) {
        *seed = *seed * 1664525u + 1013904223u;
        lines[i].name = names[(*seed >> 24) % COUNT(names)];
        lines[i].opens = (*seed >> 20) % 2 != 0;
        lines[i].tab = (*seed >> 16) % 2 != 0;
    }
}

static dfl_doc *parse(const line *lines) {
    dfl__buf source;
    dfl__buf_init(&source, NULL, 0);
    dfl__buf_addz(&source, "FROM a\n");
    for (unsigned i = 0; i < LINES; i++) {
        if (lines[i].opens) dfl__buf_addz(&source, "RUN <<");
        if (lines[i].tab) dfl__buf_addc(&source, lines[i].opens ? '-' : '\t');
        dfl__buf_fmt(&source, "%s\n", lines[i].name);
    }
    dfl_doc *doc = parse_bytes(source.ptr, source.len);
    dfl__buf_free(&source);
    return doc;
}

/* The line that ends the heredoc of line `at`; `at` when none does. */
static unsigned end_of(const line *lines, unsigned at) {
    for (unsigned i = at + 1; i < LINES; i++) {
        if (!lines[i].opens && lines[i].name == lines[at].name && lines[i].tab <= lines[at].tab)
            return i;
    }
    return at;
}

/* First and last line of each instruction, `?` behind one whose heredoc is not closed. */
static void expect(dfl__buf *out, const line *lines, unsigned *closed, unsigned *lost) {
    for (unsigned i = 0; i < LINES; i++) {
        unsigned end = lines[i].opens ? end_of(lines, i) : i;
        int missing = lines[i].opens && end == i;
        *closed += end > i;
        *lost += missing != 0;
        dfl__buf_fmt(out, "%u-%u%s ", i + 1, end + 1, missing ? "?" : "");
        i = end;
    }
}

static void read_back(dfl__buf *out, const dfl_doc *doc) {
    dfl_node n = dfl_node_next(dfl_node_first(dfl_doc_root(doc))); /* behind FROM */
    for (; !dfl_node_is_null(n); n = dfl_node_next(n)) {
        dfl_range range = dfl_node_range(n);
        dfl_node heredoc = dfl_node_child(n, DFL_NODE_HEREDOC);
        uint32_t flags = dfl_node_flags(dfl_node_child(heredoc, DFL_NODE_HEREDOC_END));
        dfl__buf_fmt(out, "%u-%u%s ", dfl_doc_pos(doc, range.start).line,
                     dfl_doc_pos(doc, range.end).line, flags & DFL_NODE_F_MISSING ? "?" : "");
    }
}

static void many_heredocs(void **state) {
    (void)state;
    uint32_t seed = 1;
    unsigned closed = 0, lost = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        line lines[LINES];
        dfl__buf want, got;
        dfl__buf_init(&want, NULL, 0);
        dfl__buf_init(&got, NULL, 0);
        choose(lines, &seed);
        expect(&want, lines, &closed, &lost);
        dfl_doc *doc = parse(lines);
        read_back(&got, doc);
        dfl__buf_addc(&want, '\0');
        if (!dfl__eqz(dfl__buf_str(&got), want.ptr))
            fail_msg("%.*s\ngot:\n%.*s\nwant:\n%s", (int)dfl_doc_source(doc).len,
                     dfl_doc_source(doc).ptr, (int)got.len, got.ptr, want.ptr);
        dfl_doc_unref(doc);
        dfl__buf_free(&want);
        dfl__buf_free(&got);
    }
    assert_true(closed > ROUNDS && lost > ROUNDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_heredocs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
