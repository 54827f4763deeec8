/* edits.h -- the stored form of an edit set, shared by the edit layer and the plans.
 * Relies on syntax/tree.h; public face in dockerfile/edit.h.
 * Never holds two edits that overlap: every way in keeps the list sorted and disjoint. */
#ifndef DFL_EDIT_EDITS_H
#define DFL_EDIT_EDITS_H

#include "base/memory.h"
#include "base/text.h"
#include "dockerfile/edit.h"
#include "syntax/tree.h"

/* An edit and the step that asked for it. */
typedef struct {
    dfl_range range;
    dfl_str text;
    uint32_t owner;
} dfl__owned_edit;

/* A value that was set: what must read back from the result. */
typedef struct {
    uint32_t node; /* of the old document */
    dfl_str value; /* arena-owned */
} dfl__set_value;

/* The list is sorted by start, then end; insertions at one offset stand in their order and before
 * a replacement that starts there. shifts[i] is how far the edits before i move what follows. */
struct dfl_edits {
    dfl_alloc alloc;
    dfl_doc *doc; /* one reference */
    dfl__arena arena;
    DFL__VEC(dfl__owned_edit) list;
    DFL__VEC(int64_t) shifts;
    DFL__VEC(dfl__set_value) sets;
    dfl_edit conflict;
    dfl__buf reason;
    uint32_t owner; /* given to the edits that are added */
};

/* Edits added from now on belong to `owner`; 0 at first. An edit asked for twice keeps the lower.
 */
void dfl__edits_set_owner(dfl_edits *edits, uint32_t owner);

/* The list in source order, borrowed until the set changes. */
const dfl__owned_edit *dfl__edits_list(const dfl_edits *edits, size_t *count);

/* Fill an empty set with a sorted disjoint list, such as a composed one: several insertions at one
 * offset keep their order. Texts are copied. DFL_E_CONFLICT when the list is not sorted and
 * disjoint, DFL_E_ARG (range, set not empty), DFL_E_LIMIT, DFL_E_NOMEM; the set is then empty. */
dfl_status dfl__edits_load(dfl_edits *edits, const dfl__owned_edit *list, size_t count);

/* Append the edited source to `out`, whose failure is then set in it. */
void dfl__edits_splice(const dfl_edits *edits, dfl__buf *out);

/* How far edit `index` and those before it move the bytes behind it. */
int64_t dfl__edits_shift_after(const dfl_edits *edits, uint32_t index);

/* Index of the first edit whose (start, end) is not before `range`; the count when none. */
uint32_t dfl__edits_find(const dfl_edits *edits, dfl_range range);

/* Where old `range`, replaced as a whole or only edited inside, stands in the result. */
dfl_range dfl__edits_new_range(const dfl_edits *edits, dfl_range range);

#endif
