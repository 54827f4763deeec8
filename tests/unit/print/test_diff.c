/* test_diff.c -- unified diffs: their text, their size, and that they lead from one to the other.
 * Relies on a small applier of its own; tests/property/diff_apply.py asks git.
 * Never compares with another diff program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dockerfile/dockerfile.h"

typedef struct {
    char *ptr;
    size_t len, cap;
    size_t refuse_at; /* the sink refuses what would go past this many bytes */
    unsigned refused;
} text;

static int32_t take(void *ctx, const char *ptr, size_t len) {
    text *t = ctx;
    if (t->refuse_at != 0 && t->len + len > t->refuse_at) {
        t->refused++;
        return 1;
    }
    if (t->len + len + 1 > t->cap) {
        t->cap = (t->len + len + 1) * 2;
        t->ptr = realloc(t->ptr, t->cap);
        assert_non_null(t->ptr);
    }
    memcpy(t->ptr + t->len, ptr, len);
    t->len += len;
    t->ptr[t->len] = '\0';
    return 0;
}

static void release(text *t) {
    free(t->ptr);
    memset(t, 0, sizeof *t);
}

static dfl_doc *parse(const char *ptr, size_t len) {
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_parse(ptr, len, NULL, &doc), DFL_OK);
    return doc;
}

static void diff_bytes(const char *before, size_t before_len, const char *after, size_t after_len,
                       const char *path, text *out) {
    dfl_doc *x = parse(before, before_len), *y = parse(after, after_len);
    dfl_sink sink = {take, out};
    dfl_str name = {path, strlen(path)};
    memset(out, 0, sizeof *out);
    take(out, "", 0);
    assert_int_equal(dfl_print_diff(x, y, name, &sink), DFL_OK);
    dfl_doc_unref(x);
    dfl_doc_unref(y);
}

static void expect(const char *before, const char *after, const char *want) {
    text out;
    diff_bytes(before, strlen(before), after, strlen(after), "f", &out);
    assert_string_equal(out.ptr, want);
    release(&out);
}

#define HEAD "--- a/f\n+++ b/f\n"

static void test_text(void **state) {
    (void)state;
    expect("a\nb\n", "a\nb\n", "");
    expect("", "", "");
    expect("a\n", "b\n", HEAD "@@ -1 +1 @@\n-a\n+b\n");
    expect("", "a\nb\n", HEAD "@@ -0,0 +1,2 @@\n+a\n+b\n");
    expect("a\n", "", HEAD "@@ -1 +0,0 @@\n-a\n");
    expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
           HEAD "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
    expect("1\n2\n", "1\nx\n2\n", HEAD "@@ -1,2 +1,3 @@\n 1\n+x\n 2\n");
    expect("a\r\nb\r\n", "a\r\nc\r\n", HEAD "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n");
    expect("a\rb\n", "a\rc\n", HEAD "@@ -1 +1 @@\n-a\rb\n+a\rc\n");
}

static void test_no_newline(void **state) {
    (void)state;
    expect("a", "b",
           HEAD "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"
                "\\ No newline at end of file\n");
    expect("a", "a\n", HEAD "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    expect("a\n", "a", HEAD "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
    expect("x\na", "y\na", HEAD "@@ -1,2 +1,2 @@\n-x\n+y\n a\n\\ No newline at end of file\n");
    expect("a", "a\nb",
           HEAD "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n"
                "\\ No newline at end of file\n");
}

static void test_hunks(void **state) {
    (void)state;
    /* six lines between two changes: one hunk; seven: two */
    expect("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
           HEAD "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
    expect("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
           HEAD "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
    expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n1\n2\n3\n4\n5\n6\n7\n8\n",
           HEAD "@@ -1,3 +1,4 @@\n+x\n 1\n 2\n 3\n@@ -6,4 +7,3 @@\n 6\n 7\n 8\n-9\n");
}

static void expect_path(const char *path, const char *want) {
    text out;
    diff_bytes("a\n", 2, "b\n", 2, path, &out);
    assert_int_equal(strncmp(out.ptr, want, strlen(want)), 0);
    release(&out);
}

static void test_paths(void **state) {
    (void)state;
    expect_path("dir/Dockerfile", "--- a/dir/Dockerfile\n+++ b/dir/Dockerfile\n@@");
    expect_path("my file", "--- a/my file\t\n+++ b/my file\t\n@@");
    expect_path("q\"\\\t\n\x01\x7F", "--- \"a/q\\\"\\\\\\t\\n\\001\\177\"\n"
                                     "+++ \"b/q\\\"\\\\\\t\\n\\001\\177\"\n@@");
    expect_path("caf\xC3\xA9 x", "--- \"a/caf\\303\\251 x\"\n+++ \"b/caf\\303\\251 x\"\n@@");
}

/* --- applying */

typedef struct {
    const char *at, *end;
} reader;

static size_t line_length(const reader *r) {
    const char *lf = memchr(r->at, '\n', (size_t)(r->end - r->at));
    return lf != NULL ? (size_t)(lf - r->at) + 1 : (size_t)(r->end - r->at);
}

static unsigned long number(reader *r) {
    char *end;
    unsigned long n = strtoul(r->at, &end, 10);
    assert_true(end > r->at);
    r->at = end;
    return n;
}

/* Read ` -start[,count]`; gives the 0-based first line and the count. */
static unsigned long read_span(reader *r, char sign, unsigned long *count) {
    assert_true(r->at[0] == ' ' && r->at[1] == sign);
    r->at += 2;
    unsigned long start = number(r);
    *count = 1;
    if (*r->at == ',') {
        r->at++;
        *count = number(r);
    }
    return *count == 0 ? start : start - 1;
}

static void copy_line(reader *from, text *to, unsigned long *line) {
    size_t n = line_length(from);
    take(to, from->at, n);
    from->at += n;
    ++*line;
}

/* One line of a hunk: read of `d`, passed over in `b`, written to `out`. Returns its sign. */
static char apply_line(reader *d, reader *b, text *out) {
    char sign = *d->at++;
    size_t n = line_length(d), content = n;
    if (d->at + n < d->end && d->at[n] == '\\') content = n - 1;
    if (sign != '+') {
        assert_true((size_t)(b->end - b->at) >= content);
        assert_memory_equal(b->at, d->at, content);
        b->at += content;
    }
    if (sign != '-') take(out, d->at, content);
    d->at += n;
    if (content < n) d->at += line_length(d);
    return sign;
}

/* Apply `diff` to `before`; counts removed and added lines. */
static void apply(const text *diff, const char *before, size_t before_len, text *out,
                  unsigned long *changes) {
    reader d = {diff->ptr, diff->ptr + diff->len}, b = {before, before + before_len};
    unsigned long line = 0;
    *changes = 0;
    memset(out, 0, sizeof *out);
    take(out, "", 0);
    for (int i = 0; i < 2 && diff->len > 0; i++)
        d.at += line_length(&d);
    while (d.at < d.end) {
        unsigned long removed, added;
        assert_int_equal(strncmp(d.at, "@@", 2), 0);
        d.at += 2;
        unsigned long start = read_span(&d, '-', &removed);
        (void)read_span(&d, '+', &added);
        assert_int_equal(strncmp(d.at, " @@\n", 4), 0);
        d.at += 4;
        while (line < start)
            copy_line(&b, out, &line);
        while (removed > 0 || added > 0) {
            char sign = apply_line(&d, &b, out);
            line += sign != '+';
            removed -= sign != '+';
            added -= sign != '-';
            *changes += sign != ' ';
        }
    }
    while (b.at < b.end)
        copy_line(&b, out, &line);
}

static unsigned long check_round(const char *x, size_t x_len, const char *y, size_t y_len) {
    text diff, made;
    unsigned long changes;
    diff_bytes(x, x_len, y, y_len, "f", &diff);
    apply(&diff, x, x_len, &made, &changes);
    assert_int_equal(made.len, y_len);
    assert_memory_equal(made.ptr, y, y_len);
    release(&diff);
    release(&made);
    return changes;
}

static uint32_t seed = 1;

static uint32_t pick(uint32_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % below;
}

/* Lines of one letter each; the length of the file. */
static size_t random_file(char *out, unsigned max, unsigned letters) {
    size_t len = 0;
    for (unsigned lines = pick(max + 1); lines > 0; lines--) {
        out[len++] = (char)('a' + (int)pick(letters));
        out[len++] = '\n';
    }
    if (len > 0 && pick(5) == 0) len--;
    return len;
}

/* Length of the longest common subsequence of lines, by the textbook. */
static unsigned long common(const char *x, size_t x_len, const char *y, size_t y_len) {
    static unsigned best[64][64];
    size_t n = (x_len + 1) / 2, m = (y_len + 1) / 2;
    memset(best, 0, sizeof best);
    for (size_t i = n; i-- > 0;) {
        for (size_t j = m; j-- > 0;) {
            int whole = (2 * i + 1 < x_len) == (2 * j + 1 < y_len);
            unsigned skip = best[i + 1][j] > best[i][j + 1] ? best[i + 1][j] : best[i][j + 1];
            best[i][j] = x[2 * i] == y[2 * j] && whole ? best[i + 1][j + 1] + 1 : skip;
        }
    }
    return best[0][0];
}

static void test_shortest(void **state) {
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        char x[128], y[128];
        seed = round * 2654435761u + 99;
        unsigned letters = 2 + pick(12);
        size_t x_len = random_file(x, 25, letters), y_len = random_file(y, 25, letters);
        unsigned long lines = (x_len + 1) / 2 + (y_len + 1) / 2;
        unsigned long changes = check_round(x, x_len, y, y_len);
        assert_int_equal(changes, lines - 2 * common(x, x_len, y, y_len));
    }
}

/* A file of numbered lines, some of them changed. */
static size_t numbered_file(char *out, unsigned lines, unsigned every, unsigned salt) {
    size_t len = 0;
    for (unsigned i = 0; i < lines; i++)
        len += (size_t)sprintf(out + len, "RUN line %u\n", i % every == 0 ? i * 7919 + salt : i);
    return len;
}

static void test_large(void **state) {
    (void)state;
    enum { LINES = 60000 };
    char *x = malloc(LINES * 32), *y = malloc(LINES * 32);
    assert_non_null(x);
    assert_non_null(y);
    size_t x_len = numbered_file(x, LINES, 100, 1), y_len = numbered_file(y, LINES, 100, 2);
    unsigned long changes = check_round(x, x_len, y, y_len);
    assert_int_equal(changes, 2 * LINES / 100);
    /* every line differs: no path is short, and the budget ends the search */
    x_len = numbered_file(x, LINES, 1, 1);
    y_len = numbered_file(y, LINES, 1, 4000000);
    assert_int_equal(check_round(x, x_len, y, y_len), 2 * LINES);
    /* two kinds of line in disorder: the worst for the search */
    for (x_len = y_len = 0; x_len < LINES; x_len += 2, y_len += 2) {
        memcpy(x + x_len, pick(2) ? "a\n" : "b\n", 2);
        memcpy(y + y_len, pick(2) ? "a\n" : "b\n", 2);
    }
    check_round(x, x_len, y, y_len);
    /* empty lines against one */
    memset(x, '\n', LINES);
    check_round(x, LINES, "\n", 1);
    free(x);
    free(y);
}

static void test_arguments(void **state) {
    (void)state;
    dfl_doc *doc = parse("a\n", 2), *other = parse("b\n", 2);
    text out = {0};
    dfl_sink sink = {take, &out}, no_sink = {NULL, NULL};
    const dfl_str path = {"f", 1}, bad_path = {NULL, 1};
    assert_int_equal(dfl_print_diff(NULL, other, path, &sink), DFL_E_ARG);
    assert_int_equal(dfl_print_diff(doc, NULL, path, &sink), DFL_E_ARG);
    assert_int_equal(dfl_print_diff(doc, other, path, NULL), DFL_E_ARG);
    assert_int_equal(dfl_print_diff(doc, other, path, &no_sink), DFL_E_ARG);
    assert_int_equal(dfl_print_diff(doc, other, bad_path, &sink), DFL_E_ARG);
    assert_int_equal(out.len, 0);
    out.refuse_at = 4;
    assert_int_equal(dfl_print_diff(doc, other, path, &sink), DFL_E_IO);
    assert_int_equal(out.refused, 1);
    release(&out);
    dfl_doc_unref(doc);
    dfl_doc_unref(other);
}

typedef struct {
    unsigned left;
    long live;
} failing;

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    if (new_size != 0 && f->left == 0) return NULL;
    if (new_size != 0) f->left--;
    f->live += (long)new_size - (long)old_size;
    if (new_size != 0) return realloc(ptr, new_size);
    free(ptr);
    return NULL;
}

static void test_no_memory(void **state) {
    (void)state;
    dfl_status status = DFL_E_NOMEM;
    dfl_doc *after = parse("a\nx\nb\ny\nc\n", 10);
    for (unsigned k = 0; k < 40 && status != DFL_OK; k++) {
        failing f = {UINT32_MAX, 0};
        dfl_alloc alloc = {failing_resize, &f};
        dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
        options.alloc = &alloc;
        dfl_doc *before = NULL;
        text out = {0};
        dfl_sink sink = {take, &out};
        const dfl_str path = {"f", 1};
        assert_int_equal(dfl_parse("a\nb\nz\nc\n", 8, &options, &before), DFL_OK);
        long live = f.live;
        f.left = k;
        status = dfl_print_diff(before, after, path, &sink);
        if (status != DFL_OK) {
            assert_int_equal(status, DFL_E_NOMEM);
            assert_int_equal(out.len, 0);
        }
        assert_int_equal(f.live, live);
        dfl_doc_unref(before);
        release(&out);
    }
    assert_int_equal(status, DFL_OK);
    dfl_doc_unref(after);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),      cmocka_unit_test(test_no_newline),
        cmocka_unit_test(test_hunks),     cmocka_unit_test(test_paths),
        cmocka_unit_test(test_large),     cmocka_unit_test(test_shortest),
        cmocka_unit_test(test_arguments), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
