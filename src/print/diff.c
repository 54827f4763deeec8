/* diff.c -- a unified diff between two documents.
 * Relies on writer.h, and on the line tables of the documents.
 * Never compares more than a fixed budget: past it, what is left is shown as replaced whole.
 *
 * Lines are matched by Myers' algorithm in its linear-space form, with an explicit stack: a box of
 * the edit grid is split at a snake in the middle of a shortest path, found by walking from both
 * corners at once. */
#include <string.h>

#include "print/writer.h"
#include "syntax/tree.h"

#define CONTEXT 3u
#define BUDGET ((uint64_t)1 << 25) /* line comparisons and 16-byte steps inside them */

/* One document. Lines [first, last) differ or stand between lines that do; the arrays are theirs.
 */
typedef struct {
    const dfl_doc *doc;
    uint32_t count; /* lines of the document */
    uint32_t first, last;
    uint32_t *hashes;
    unsigned char *changed; /* 1: the line is on this side only */
} side;

/* Lines [a, a_end) of the old side against [b, b_end) of the new one, from `first`. */
typedef struct {
    uint32_t a, a_end, b, b_end;
} box;

typedef struct {
    const dfl_alloc *alloc;
    side before, after;
    int32_t *forward, *backward; /* furthest old line reached on each diagonal */
    size_t diagonals;            /* their length, a power of two; diagonals are taken modulo it */
    uint64_t budget;
    DFL__VEC(box) stack;
} differ;

static uint32_t line_count(const dfl_doc *doc) {
    uint32_t count = doc->lines.count;
    return count > 0 && doc->lines.items[count - 1] == doc->source.len ? count - 1 : count;
}

/* A line with its line end. */
static dfl_str line_text(const side *s, uint32_t line) {
    const uint32_t *starts = s->doc->lines.items;
    size_t end = line + 1 < s->doc->lines.count ? starts[line + 1] : s->doc->source.len;
    return dfl__sub(s->doc->source, starts[line], end);
}

static uint32_t hash_line(dfl_str line) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < line.len; i++)
        hash = (hash ^ (unsigned char)line.ptr[i]) * 16777619u;
    return hash;
}

/* Set the ranges that differ: without the lines that both have at the start and at the end. */
static void trim(side *x, side *y) {
    uint32_t least = x->count < y->count ? x->count : y->count;
    uint32_t head = 0, tail = 0;
    while (head < least && dfl__eq(line_text(x, head), line_text(y, head)))
        head++;
    while (tail < least - head &&
           dfl__eq(line_text(x, x->count - 1 - tail), line_text(y, y->count - 1 - tail)))
        tail++;
    x->first = y->first = head;
    x->last = x->count - tail;
    y->last = y->count - tail;
}

static uint32_t side_length(const side *s) {
    return s->last - s->first;
}

static dfl_status side_prepare(side *s, const dfl_alloc *alloc) {
    uint32_t n = side_length(s);
    if (n == 0) return DFL_OK;
    s->changed = dfl__calloc(alloc, n);
    s->hashes = dfl__alloc(alloc, n * sizeof *s->hashes);
    if (s->changed == NULL || s->hashes == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        s->hashes[i] = hash_line(line_text(s, s->first + i));
    return DFL_OK;
}

static void side_free(side *s, const dfl_alloc *alloc) {
    dfl__free(alloc, s->changed, side_length(s));
    dfl__free(alloc, s->hashes, side_length(s) * sizeof *s->hashes);
}

/* Whether line `i` of the old side equals line `j` of the new one. */
static int same(differ *d, uint32_t i, uint32_t j) {
    if (d->budget > 0) d->budget--;
    if (d->before.hashes[i] != d->after.hashes[j]) return 0;
    dfl_str x = line_text(&d->before, d->before.first + i);
    uint64_t cost = x.len / 16;
    d->budget -= cost < d->budget ? cost : d->budget;
    return dfl__eq(x, line_text(&d->after, d->after.first + j));
}

/* Take the equal lines at both ends off the box. */
static void shrink(differ *d, box *x) {
    while (x->a < x->a_end && x->b < x->b_end && same(d, x->a, x->b))
        x->a++, x->b++;
    while (x->a < x->a_end && x->b < x->b_end && same(d, x->a_end - 1, x->b_end - 1))
        x->a_end--, x->b_end--;
}

static int32_t *slot(const differ *d, int32_t *reached, int64_t diagonal) {
    return &reached[(uint64_t)diagonal & (d->diagonals - 1)];
}

/* Diagonals that lie in a box of n by m lines and are walked at `step`: every second one. */
typedef struct {
    int64_t low, high;
} span;

static span walked(int64_t step, int64_t n, int64_t m) {
    span s = {step > m ? step - 2 * m : -step, step > n ? 2 * n - step : step};
    return s;
}

/* Walk one step further from one corner on one diagonal. `*to` counts old lines from that corner;
 * the snake that ends there began at `*from`. */
static void advance(differ *d, const box *in, int from_end, int64_t step, int64_t diagonal,
                    int64_t *from, int64_t *to) {
    int32_t *reached = from_end ? d->backward : d->forward;
    int64_t n = in->a_end - in->a, m = in->b_end - in->b;
    int64_t left = *slot(d, reached, diagonal - 1), right = *slot(d, reached, diagonal + 1);
    int64_t x = diagonal == -step || (diagonal != step && left < right) ? right : left + 1;
    *from = x;
    for (; x < n && x - diagonal < m; x++) {
        uint32_t i = (uint32_t)x, j = (uint32_t)(x - diagonal);
        if (from_end ? !same(d, in->a_end - 1 - i, in->b_end - 1 - j)
                     : !same(d, in->a + i, in->b + j))
            break;
    }
    *to = x;
    *slot(d, reached, diagonal) = (int32_t)x;
}

/* The boxes before and behind the snake [from, to) on a diagonal of one walk. */
static void cut(const box *in, int from_end, int64_t diagonal, int64_t from, int64_t to, box *head,
                box *tail) {
    int64_t x = from, y = from - diagonal, u = to, v = to - diagonal;
    if (from_end) {
        int64_t n = in->a_end - in->a, m = in->b_end - in->b;
        x = n - to, y = m - (to - diagonal), u = n - from, v = m - (from - diagonal);
    }
    *head = *tail = *in;
    head->a_end = in->a + (uint32_t)x;
    head->b_end = in->b + (uint32_t)y;
    tail->a = in->a + (uint32_t)u;
    tail->b = in->b + (uint32_t)v;
}

/* Walk `step` from one corner; 1 when the walk meets the one from the other corner. That can only
 * happen in the walk whose parity fits. */
static int walk(differ *d, const box *in, int from_end, int64_t step, box *head, box *tail) {
    int64_t n = in->a_end - in->a, m = in->b_end - in->b, delta = n - m;
    int32_t *other = from_end ? d->forward : d->backward;
    int meets = (delta & 1) != 0 ? !from_end : from_end;
    span own = walked(step, n, m), theirs = walked(from_end ? step : step - 1, n, m);
    for (int64_t k = own.low; k <= own.high && d->budget > 0; k += 2) {
        int64_t from, to, across = delta - k;
        advance(d, in, from_end, step, k, &from, &to);
        if (!meets || across < theirs.low || across > theirs.high) continue;
        if (to + *slot(d, other, across) < n) continue;
        cut(in, from_end, k, from, to, head, tail);
        return 1;
    }
    return 0;
}

/* Split a box whose sides are not empty and whose corners differ; 0 when the budget is spent. */
static int split(differ *d, const box *in, box *head, box *tail) {
    int64_t most = ((int64_t)(in->a_end - in->a) + (in->b_end - in->b) + 1) / 2;
    *slot(d, d->forward, 1) = *slot(d, d->backward, 1) = 0;
    for (int64_t step = 0; step <= most && d->budget > 0; step++) {
        if (walk(d, in, 0, step, head, tail) || walk(d, in, 1, step, head, tail)) return 1;
    }
    return 0;
}

static void mark_changed(differ *d, const box *x) {
    if (x->a < x->a_end) memset(d->before.changed + x->a, 1, x->a_end - x->a);
    if (x->b < x->b_end) memset(d->after.changed + x->b, 1, x->b_end - x->b);
}

static dfl_status match(differ *d) {
    uint32_t n = side_length(&d->before), m = side_length(&d->after);
    size_t least = n < m ? n : m;
    box whole = {0, n, 0, m};
    dfl_status status = DFL_E_NOMEM;
    for (d->diagonals = 4; d->diagonals < 2 * least + 2;)
        d->diagonals *= 2;
    size_t room = d->diagonals * sizeof *d->forward;
    d->forward = dfl__alloc(d->alloc, room);
    d->backward = dfl__alloc(d->alloc, room);
    if (d->forward == NULL || d->backward == NULL || !DFL__PUSH(d->alloc, &d->stack, whole))
        goto done;
    while (d->stack.count > 0) {
        box x = d->stack.items[--d->stack.count], head, tail;
        if (d->budget > 0) shrink(d, &x);
        if (x.a == x.a_end || x.b == x.b_end || d->budget == 0 || !split(d, &x, &head, &tail)) {
            mark_changed(d, &x);
        } else if (!DFL__PUSH(d->alloc, &d->stack, head) || !DFL__PUSH(d->alloc, &d->stack, tail)) {
            goto done;
        }
    }
    status = DFL_OK;
done:
    dfl__free(d->alloc, d->forward, room);
    dfl__free(d->alloc, d->backward, room);
    DFL__VEC_FREE(d->alloc, &d->stack);
    return status;
}

/* --- output */

static int is_changed(const side *s, uint32_t line) {
    return line >= s->first && line < s->last && s->changed[line - s->first];
}

/* Write a path as git does: in quotes with octal escapes when a byte of it is unusual; a blank in
 * it is closed by a TAB, so that the name's end can be told. */
static void write_path(dfl__out *out, const char *prefix, dfl_str path) {
    static const char named[] = "\a\b\t\n\v\f\r\"\\", letters[] = "abtnvfr\"\\";
    int odd = 0;
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        odd |= c < 0x20 || c >= 0x7F || c == '"' || c == '\\';
    }
    if (odd) dfl__out_c(out, '"');
    dfl__out_z(out, prefix);
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        const char *hit = c != 0 ? strchr(named, c) : NULL;
        if (hit != NULL || c < 0x20 || c >= 0x7F) dfl__out_c(out, '\\');
        if (hit != NULL) {
            dfl__out_c(out, letters[hit - named]);
        } else if (c < 0x20 || c >= 0x7F) {
            dfl__out_c(out, (char)('0' + (c >> 6)));
            dfl__out_c(out, (char)('0' + (c >> 3 & 7)));
            dfl__out_c(out, (char)('0' + (c & 7)));
        } else {
            dfl__out_c(out, (char)c);
        }
    }
    if (odd) dfl__out_c(out, '"');
    if (!odd && dfl__find(path, ' ', 0) < path.len) dfl__out_c(out, '\t');
    dfl__out_c(out, '\n');
}

static void write_line(dfl__out *out, char sign, dfl_str line) {
    dfl__out_c(out, sign);
    dfl__out_str(out, line);
    if (line.len == 0 || line.ptr[line.len - 1] != '\n')
        dfl__out_z(out, "\n\\ No newline at end of file\n");
}

/* Lines [start, start + count) in a hunk's head; an empty range names the line before it. */
static void write_range(dfl__out *out, char sign, uint32_t start, uint32_t count) {
    dfl__out_c(out, ' ');
    dfl__out_c(out, sign);
    dfl__out_u(out, count == 0 ? start : start + 1);
    if (count == 1) return;
    dfl__out_c(out, ',');
    dfl__out_u(out, count);
}

/* A hunk: old lines [i, i_end) and new lines [j, j_end). */
typedef struct {
    uint32_t i, i_end, j, j_end;
} hunk;

static int at_change(const differ *d, uint32_t i, uint32_t j) {
    return is_changed(&d->before, i) || is_changed(&d->after, j);
}

/* Find the next hunk from the unchanged position (*i, *j) on; 0 when there is none. Changes with
 * no more than twice the context between them share one. */
static int next_hunk(const differ *d, uint32_t *i, uint32_t *j, hunk *out) {
    while (*i < d->before.last && !at_change(d, *i, *j))
        ++*i, ++*j;
    if (!at_change(d, *i, *j)) return 0;
    uint32_t lead = *i < CONTEXT ? *i : CONTEXT, quiet = 0;
    out->i = *i - lead;
    out->j = *j - lead;
    while (quiet <= 2 * CONTEXT && (*i < d->before.count || *j < d->after.count)) {
        quiet = at_change(d, *i, *j) ? 0 : quiet + 1;
        if (is_changed(&d->before, *i)) {
            ++*i;
        } else if (is_changed(&d->after, *j)) {
            ++*j;
        } else {
            ++*i, ++*j;
        }
    }
    uint32_t extra = quiet > CONTEXT ? quiet - CONTEXT : 0;
    out->i_end = *i - extra;
    out->j_end = *j - extra;
    return 1;
}

static void write_hunk(const differ *d, dfl__out *out, const hunk *h) {
    dfl__out_z(out, "@@");
    write_range(out, '-', h->i, h->i_end - h->i);
    write_range(out, '+', h->j, h->j_end - h->j);
    dfl__out_z(out, " @@\n");
    for (uint32_t i = h->i, j = h->j; i < h->i_end || j < h->j_end;) {
        if (is_changed(&d->before, i)) {
            write_line(out, '-', line_text(&d->before, i++));
        } else if (is_changed(&d->after, j)) {
            write_line(out, '+', line_text(&d->after, j++));
        } else {
            write_line(out, ' ', line_text(&d->before, i++));
            j++;
        }
    }
}

static dfl_status write_diff(const differ *d, dfl_str path, const dfl_sink *sink) {
    dfl__out out;
    hunk h;
    dfl_status status = dfl__out_init(&out, sink);
    if (status != DFL_OK) return status;
    dfl__out_z(&out, "--- ");
    write_path(&out, "a/", path);
    dfl__out_z(&out, "+++ ");
    write_path(&out, "b/", path);
    uint32_t i = d->before.first, j = d->after.first;
    while (next_hunk(d, &i, &j, &h))
        write_hunk(d, &out, &h);
    return dfl__out_done(&out);
}

dfl_status dfl_print_diff(const dfl_doc *before, const dfl_doc *after, dfl_str path,
                          const dfl_sink *sink) {
    if (before == NULL || after == NULL || sink == NULL || sink->write == NULL ||
        (path.ptr == NULL && path.len != 0))
        return DFL_E_ARG;
    if (dfl__eq(before->source, after->source)) return DFL_OK;
    differ d = {.alloc = &before->alloc, .budget = BUDGET};
    d.before.doc = before;
    d.before.count = line_count(before);
    d.after.doc = after;
    d.after.count = line_count(after);
    trim(&d.before, &d.after);
    dfl_status status = side_prepare(&d.before, d.alloc);
    if (status == DFL_OK) status = side_prepare(&d.after, d.alloc);
    if (status == DFL_OK) status = match(&d);
    if (status == DFL_OK) status = write_diff(&d, path, sink);
    side_free(&d.before, d.alloc);
    side_free(&d.after, d.alloc);
    return status;
}
