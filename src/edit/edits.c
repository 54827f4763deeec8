/* edits.c -- the edit set: a sorted list of disjoint edits and the rules of what conflicts.
 * Relies on the document for bounds, line ends and UTF-8 sequences.
 * Never changes the set when an edit is refused. */
#include "edit/edits.h"

#include <assert.h>
#include <string.h>

/* Longest result a set may describe: the hard limit of a source. */
#define MAX_RESULT ((int64_t)1 << 30)

dfl_status dfl_edits_new(const dfl_doc *doc, dfl_edits **out) {
    if (doc == NULL || out == NULL) return DFL_E_ARG;
    dfl_edits *edits = dfl__calloc(&doc->alloc, sizeof *edits);
    if (edits == NULL) return DFL_E_NOMEM;
    edits->alloc = doc->alloc;
    edits->doc = dfl_doc_ref(doc);
    dfl__arena_init(&edits->arena, &edits->alloc);
    dfl__buf_init(&edits->reason, &edits->alloc, 0);
    edits->conflict.text = DFL__LIT("");
    *out = edits;
    return DFL_OK;
}

void dfl_edits_free(dfl_edits *edits) {
    if (edits == NULL) return;
    dfl_alloc alloc = edits->alloc;
    DFL__VEC_FREE(&alloc, &edits->list);
    DFL__VEC_FREE(&alloc, &edits->shifts);
    DFL__VEC_FREE(&alloc, &edits->sets);
    dfl__arena_free(&edits->arena);
    dfl__buf_free(&edits->reason);
    dfl_doc_unref(edits->doc);
    dfl__free(&alloc, edits, sizeof *edits);
}

void dfl__edits_set_owner(dfl_edits *edits, uint32_t owner) {
    edits->owner = owner;
}

const dfl__owned_edit *dfl__edits_list(const dfl_edits *edits, size_t *count) {
    *count = edits->list.count;
    return edits->list.items;
}

static int range_before(dfl_range a, dfl_range b) {
    return a.start != b.start ? a.start < b.start : a.end < b.end;
}

uint32_t dfl__edits_find(const dfl_edits *edits, dfl_range range) {
    uint32_t low = 0, high = edits->list.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (range_before(edits->list.items[mid].range, range)) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

/* How much longer than its range an edit's text is. */
static int64_t growth(dfl_range range, size_t text_len) {
    return (int64_t)text_len - (int64_t)(range.end - range.start);
}

int64_t dfl__edits_shift_after(const dfl_edits *edits, uint32_t index) {
    const dfl__owned_edit *edit = &edits->list.items[index];
    return edits->shifts.items[index] + growth(edit->range, edit->text.len);
}

static int64_t total_shift(const dfl_edits *edits) {
    return edits->list.count == 0 ? 0 : dfl__edits_shift_after(edits, edits->list.count - 1);
}

/* Whether `at` cuts a well-formed UTF-8 sequence. */
static int inside_rune(dfl_str source, size_t at) {
    for (size_t back = 1; back <= 3 && back <= at && at < source.len; back++) {
        unsigned width;
        (void)dfl__rune(source, at - back, &width);
        if (width > back) return 1;
    }
    return 0;
}

static int inside_crlf(dfl_str source, size_t at) {
    return at > 0 && at < source.len && source.ptr[at - 1] == '\r' && source.ptr[at] == '\n';
}

/* A replacement may take one half of a CRLF pair (that is how line ends are converted), but
 * nothing may cut a character, and nothing may be put between CR and LF. */
static int cuts_source(dfl_str source, dfl_range range) {
    if (inside_rune(source, range.start) || inside_rune(source, range.end)) return 1;
    return range.start == range.end && inside_crlf(source, range.start);
}

static dfl_status refuse(dfl_edits *edits, const dfl__owned_edit *earlier) {
    const dfl_edit none = {{0, 0}, DFL__LIT("")};
    edits->conflict = none;
    if (earlier != NULL) {
        edits->conflict.range = earlier->range;
        edits->conflict.text = earlier->text;
    }
    return DFL_E_CONFLICT;
}

/* First edit at or after `at` with exactly this range and text; NULL when there is none. */
static dfl__owned_edit *find_same(dfl_edits *edits, uint32_t at, dfl_range range, dfl_str text) {
    for (; at < edits->list.count; at++) {
        dfl__owned_edit *edit = &edits->list.items[at];
        if (edit->range.start != range.start || edit->range.end != range.end) return NULL;
        if (dfl__eq(edit->text, text)) return edit;
    }
    return NULL;
}

/* The edit in the way of a new one that would stand at `at`; NULL when there is none. Ends never
 * decrease along the list, so that only the two neighbours can be. */
static const dfl__owned_edit *find_obstacle(const dfl_edits *edits, uint32_t at, dfl_range range) {
    if (at > 0) {
        const dfl__owned_edit *before = &edits->list.items[at - 1];
        if (before->range.end > range.start) return before;
    }
    if (at < edits->list.count) {
        const dfl__owned_edit *after = &edits->list.items[at];
        if (after->range.start < range.end) return after;
    }
    return NULL;
}

/* Put the edit at `at`. Moving the tail makes adding in reverse order quadratic: n * n / 2 records
 * of 40 bytes for n edits; plans and fix-its add in source order. */
static dfl_status put(dfl_edits *edits, uint32_t at, dfl_range range, dfl_str text) {
    int64_t grown = growth(range, text.len);
    if ((int64_t)text.len > MAX_RESULT ||
        (int64_t)edits->doc->source.len + total_shift(edits) + grown > MAX_RESULT)
        return DFL_E_LIMIT;
    char *copy = dfl__arena_copy(&edits->arena, text.ptr, text.len);
    if (copy == NULL || !DFL__RESERVE(&edits->alloc, &edits->list, 1) ||
        !DFL__RESERVE(&edits->alloc, &edits->shifts, 1))
        return DFL_E_NOMEM;
    int64_t shift = at == 0 ? 0 : dfl__edits_shift_after(edits, at - 1);
    size_t tail = edits->list.count - at;
    dfl__owned_edit *slot = edits->list.items + at;
    int64_t *shift_slot = edits->shifts.items + at;
    if (tail != 0) {
        memmove(slot + 1, slot, tail * sizeof *slot);
        memmove(shift_slot + 1, shift_slot, tail * sizeof *shift_slot);
    }
    for (size_t i = 1; i <= tail; i++)
        shift_slot[i] += grown;
    slot->range = range;
    slot->text.ptr = copy;
    slot->text.len = text.len;
    slot->owner = edits->owner;
    *shift_slot = shift;
    edits->list.count++;
    edits->shifts.count++;
    return DFL_OK;
}

static int args_valid(const dfl_edits *edits, dfl_range range, dfl_str text) {
    return edits != NULL && range.start <= range.end && range.end <= edits->doc->source.len &&
           (text.ptr != NULL || text.len == 0);
}

dfl_status dfl_edits_replace(dfl_edits *edits, dfl_range range, dfl_str text) {
    if (!args_valid(edits, range, text)) return DFL_E_ARG;
    uint32_t at = dfl__edits_find(edits, range);
    dfl__owned_edit *same = find_same(edits, at, range, text);
    if (same != NULL) {
        if (edits->owner < same->owner) same->owner = edits->owner;
        return DFL_OK;
    }
    if (cuts_source(edits->doc->source, range)) return refuse(edits, NULL);
    const dfl__owned_edit *earlier = find_obstacle(edits, at, range);
    if (earlier != NULL) return refuse(edits, earlier);
    if (range.start == range.end) {
        if (text.len == 0) return DFL_OK; /* changes nothing */
        if (at < edits->list.count && edits->list.items[at].range.start == range.start &&
            edits->list.items[at].range.end == range.end)
            return refuse(edits, &edits->list.items[at]);
    }
    return put(edits, at, range, text);
}

dfl_status dfl_edits_insert(dfl_edits *edits, uint32_t offset, dfl_str text) {
    const dfl_range range = {offset, offset};
    if (!args_valid(edits, range, text)) return DFL_E_ARG;
    if (cuts_source(edits->doc->source, range)) return refuse(edits, NULL);
    uint32_t at = dfl__edits_find(edits, range);
    while (at < edits->list.count && edits->list.items[at].range.end == offset)
        at++;
    const dfl__owned_edit *earlier = find_obstacle(edits, at, range);
    if (earlier != NULL) return refuse(edits, earlier);
    return text.len == 0 ? DFL_OK : put(edits, at, range, text);
}

size_t dfl_edits_count(const dfl_edits *edits) {
    return edits == NULL ? 0 : edits->list.count;
}

dfl_status dfl_edits_get(const dfl_edits *edits, size_t index, dfl_edit *out) {
    if (edits == NULL || out == NULL || index >= edits->list.count) return DFL_E_ARG;
    out->range = edits->list.items[index].range;
    out->text = edits->list.items[index].text;
    return DFL_OK;
}

dfl_edit dfl_edits_conflict(const dfl_edits *edits) {
    const dfl_edit none = {{0, 0}, DFL__LIT("")};
    return edits == NULL ? none : edits->conflict;
}

dfl_str dfl_edits_reason(const dfl_edits *edits) {
    return edits == NULL ? DFL__LIT("") : dfl__buf_str(&edits->reason);
}

static dfl_status load_one(dfl_edits *edits, const dfl__owned_edit *edit) {
    uint32_t count = edits->list.count;
    if (!args_valid(edits, edit->range, edit->text)) return DFL_E_ARG;
    if (count > 0) {
        dfl_range last = edits->list.items[count - 1].range;
        if (range_before(edit->range, last) || edit->range.start < last.end) return DFL_E_CONFLICT;
    }
    edits->owner = edit->owner;
    return put(edits, count, edit->range, edit->text);
}

dfl_status dfl__edits_load(dfl_edits *edits, const dfl__owned_edit *list, size_t count) {
    if (edits->list.count != 0) return DFL_E_ARG;
    uint32_t owner = edits->owner;
    dfl_status status = DFL_OK;
    for (size_t i = 0; i < count && status == DFL_OK; i++)
        status = load_one(edits, &list[i]);
    if (status != DFL_OK) edits->list.count = edits->shifts.count = 0;
    edits->owner = owner;
    return status;
}

void dfl__edits_splice(const dfl_edits *edits, dfl__buf *out) {
    dfl_str source = edits->doc->source;
    size_t at = 0;
    for (uint32_t i = 0; i < edits->list.count; i++) {
        const dfl__owned_edit *edit = &edits->list.items[i];
        assert(at <= edit->range.start);
        dfl__buf_add(out, dfl__sub(source, at, edit->range.start));
        dfl__buf_add(out, edit->text);
        at = edit->range.end;
    }
    dfl__buf_add(out, dfl__sub(source, at, source.len));
}
