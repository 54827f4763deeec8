/* map.c -- where offsets and ranges of the old source stand in the new one.
 * Relies on the shifts that the set keeps beside its list.
 * Never looks at a byte of the source. */
#include "edit/edits.h"

#include <assert.h>

static uint32_t moved(uint32_t offset, int64_t shift) {
    int64_t at = (int64_t)offset + shift;
    assert(at >= 0 && at <= UINT32_MAX);
    return (uint32_t)at;
}

/* Where byte `offset` stands; `*replaced` tells whether an edit replaces it, and the range is then
 * that of the edit's text. */
static dfl_range byte_range(const dfl_edits *edits, uint32_t offset, int *replaced) {
    const dfl_range beyond = {offset, UINT32_MAX};
    uint32_t count = dfl__edits_find(edits, beyond); /* edits that start at or before `offset` */
    dfl_range at = {offset, offset};
    *replaced = 0;
    if (count == 0) return at;
    const dfl__owned_edit *last = &edits->list.items[count - 1];
    if (offset >= last->range.end) {
        at.start = at.end = moved(offset, dfl__edits_shift_after(edits, count - 1));
        return at;
    }
    *replaced = 1;
    at.start = moved(last->range.start, edits->shifts.items[count - 1]);
    at.end = at.start + (uint32_t)last->text.len;
    return at;
}

uint32_t dfl_edits_map(const dfl_edits *edits, uint32_t offset, int32_t after) {
    int replaced;
    if (edits == NULL) return offset;
    if (offset > edits->doc->source.len) offset = (uint32_t)edits->doc->source.len;
    dfl_range at = byte_range(edits, offset, &replaced);
    return after != 0 ? at.end : at.start;
}

dfl_range dfl__edits_new_range(const dfl_edits *edits, dfl_range range) {
    int replaced;
    uint32_t at = dfl__edits_find(edits, range);
    if (at < edits->list.count && edits->list.items[at].range.start == range.start &&
        edits->list.items[at].range.end == range.end) {
        uint32_t start = moved(range.start, edits->shifts.items[at]);
        dfl_range whole = {start, start + (uint32_t)edits->list.items[at].text.len};
        return whole;
    }
    dfl_range out = byte_range(edits, range.start, &replaced);
    if (range.end == range.start) {
        out.end = out.start;
    } else {
        dfl_range last = byte_range(edits, range.end - 1, &replaced);
        out.end = replaced ? last.end : last.end + 1;
    }
    return out;
}
