/* compose.c -- see compose.h.
 * Relies on both lists being sorted and disjoint.
 * Never looks at a document: a run of edits that overlap in the middle text covers that text from
 * end to end, either with what the first list wrote or with what the second one replaces. */
#include "edit/compose.h"

#include <assert.h>

/* A walk along both lists. Offsets of the middle text are 64 bits wide: they are computed. */
typedef struct {
    const dfl__owned_edit *a, *b;
    size_t na, nb;
    size_t i, j;   /* next edit of each list */
    int64_t shift; /* middle offset minus old offset, behind the first i edits of `a` */
    dfl__arena *arena;
    dfl__buf text; /* of the run in work */
    dfl__owned_edit *out;
    size_t nout;
} walk;

static int64_t length(dfl_range range) {
    return (int64_t)range.end - (int64_t)range.start;
}

/* Where the text of the next edit of `a` stands in the middle. */
static int64_t mid_start(const walk *w) {
    return (int64_t)w->a[w->i].range.start + w->shift;
}
static int64_t mid_end(const walk *w) {
    return mid_start(w) + (int64_t)w->a[w->i].text.len;
}

static void pass_a(walk *w) {
    w->shift += (int64_t)w->a[w->i].text.len - length(w->a[w->i].range);
    w->i++;
}

/* Give out an edit of old range [start, end). One that changes nothing is dropped. */
static dfl_status give(walk *w, int64_t start, int64_t end, dfl_str text, uint32_t owner) {
    if (start == end && text.len == 0) return DFL_OK;
    if (start < 0 || end < start || end > (int64_t)UINT32_MAX) return DFL_E_LIMIT;
    char *copy = dfl__arena_copy(w->arena, text.ptr, text.len);
    if (copy == NULL) return DFL_E_NOMEM;
    dfl__owned_edit *edit = &w->out[w->nout++];
    edit->range.start = (uint32_t)start;
    edit->range.end = (uint32_t)end;
    edit->text.ptr = copy;
    edit->text.len = text.len;
    edit->owner = owner;
    return DFL_OK;
}

/* A run of overlapping edits: a[i, i_end) and b[j, j_end) over middle bytes [start, end). */
typedef struct {
    size_t i_end, j_end;
    int64_t start, end;
    uint32_t owner;
} run;

static void run_absorb(run *r, int64_t end, uint32_t owner) {
    if (end > r->end) r->end = end;
    if (owner < r->owner) r->owner = owner;
}

/* The run that begins with the next edits of both lists, which overlap. */
static run find_run(const walk *w) {
    run r = {w->i, w->j, mid_start(w), 0, UINT32_MAX};
    if (w->b[w->j].range.start < r.start) r.start = w->b[w->j].range.start;
    r.end = r.start + 1;
    int64_t shift = w->shift;
    for (;;) {
        if (r.i_end < w->na && (int64_t)w->a[r.i_end].range.start + shift < r.end) {
            const dfl__owned_edit *a = &w->a[r.i_end++];
            run_absorb(&r, (int64_t)a->range.start + shift + (int64_t)a->text.len, a->owner);
            shift += (int64_t)a->text.len - length(a->range);
        } else if (r.j_end < w->nb && (int64_t)w->b[r.j_end].range.start < r.end) {
            const dfl__owned_edit *b = &w->b[r.j_end++];
            run_absorb(&r, b->range.end, b->owner);
        } else {
            return r;
        }
    }
}

/* Append what `a` wrote of middle bytes [from, to), passing the edits that end there. */
static void keep_text(walk *w, const run *r, int64_t from, int64_t to) {
    while (w->i < r->i_end && mid_start(w) <= to) {
        int64_t start = mid_start(w), end = mid_end(w);
        int64_t low = from > start ? from : start, high = to < end ? to : end;
        if (low < high) {
            dfl_str text = w->a[w->i].text;
            dfl__buf_add(&w->text, dfl__sub(text, (size_t)(low - start), (size_t)(high - start)));
        }
        if (end > to) return;
        pass_a(w);
    }
}

static dfl_status compose_run(walk *w) {
    run r = find_run(w);
    int64_t old_start = r.start - w->shift, at = r.start;
    w->text.len = 0;
    for (; w->j < r.j_end; w->j++) {
        const dfl__owned_edit *b = &w->b[w->j];
        keep_text(w, &r, at, b->range.start);
        dfl__buf_add(&w->text, b->text);
        at = b->range.end;
    }
    keep_text(w, &r, at, r.end);
    assert(w->i == r.i_end);
    if (w->text.failed != DFL_OK) return w->text.failed;
    return give(w, old_start, r.end - w->shift, dfl__buf_str(&w->text), r.owner);
}

/* One step: an edit of either list that overlaps none of the other, or a run of those that do. An
 * edit of `b` at the end of a text of `a` comes behind it. */
static dfl_status step(walk *w) {
    if (w->j == w->nb || (w->i < w->na && mid_end(w) <= (int64_t)w->b[w->j].range.start)) {
        const dfl__owned_edit *a = &w->a[w->i];
        dfl_status status = give(w, a->range.start, a->range.end, a->text, a->owner);
        pass_a(w);
        return status;
    }
    const dfl__owned_edit *b = &w->b[w->j];
    if (w->i == w->na || (int64_t)b->range.end <= mid_start(w)) {
        w->j++;
        return give(w, (int64_t)b->range.start - w->shift, (int64_t)b->range.end - w->shift,
                    b->text, b->owner);
    }
    return compose_run(w);
}

dfl_status dfl__edits_compose(const dfl__owned_edit *a, size_t na, const dfl__owned_edit *b,
                              size_t nb, dfl__arena *arena, dfl__owned_edit **out, size_t *nout) {
    const size_t most = SIZE_MAX / sizeof *a;
    if (nb > most || na > most - nb) return DFL_E_LIMIT;
    walk w = {.a = a, .b = b, .na = na, .nb = nb, .arena = arena};
    w.out = dfl__arena_get(arena, (na + nb) * sizeof *w.out);
    if (w.out == NULL) return DFL_E_NOMEM;
    dfl__buf_init(&w.text, &arena->alloc, 0);
    dfl_status status = DFL_OK;
    while (status == DFL_OK && (w.i < na || w.j < nb))
        status = step(&w);
    dfl__buf_free(&w.text);
    if (status != DFL_OK) return status;
    *out = w.out;
    *nout = w.nout;
    return DFL_OK;
}
