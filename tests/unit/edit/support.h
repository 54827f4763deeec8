/* support.h -- what the tests of the edit layer share.
 * Relies on cmocka and the public headers.
 * Never hides a failure: each helper asserts. */
#ifndef TESTS_UNIT_EDIT_SUPPORT_H
#define TESTS_UNIT_EDIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dockerfile/dockerfile.h"

static inline dfl_str str(const char *z) {
    dfl_str s = {z, strlen(z)};
    return s;
}

static inline dfl_range range(uint32_t start, uint32_t end) {
    dfl_range r = {start, end};
    return r;
}

static inline dfl_doc *parse(const char *z) {
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_parse(z, strlen(z), NULL, &doc), DFL_OK);
    return doc;
}

/* A set over a document that only the set holds. */
static inline dfl_edits *edits_of(const char *z) {
    dfl_doc *doc = parse(z);
    dfl_edits *edits = NULL;
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    dfl_doc_unref(doc);
    return edits;
}

/* Node number `index` (from 0, in preorder) of a kind. */
static inline dfl_node nth(const dfl_doc *doc, uint32_t kind, unsigned index) {
    size_t count;
    const dfl_node_rec *nodes = dfl_doc_nodes(doc, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (nodes[i].kind == kind && index-- == 0) return dfl_doc_node(doc, i);
    }
    fail_msg("no node %u of kind %u", index, kind);
    return dfl_doc_root(doc);
}

static inline void assert_str(dfl_str s, const char *want) {
    if (s.len != strlen(want) || memcmp(s.ptr, want, s.len) != 0)
        fail_msg("got  <%.*s>\nwant <%s>", (int)s.len, s.ptr, want);
}

/* Apply, compare the source, release the result. */
static inline void assert_applied(dfl_edits *edits, const char *want) {
    dfl_doc *result = NULL;
    dfl_status status = dfl_edits_apply(edits, &result);
    if (status != DFL_OK) {
        dfl_str why = dfl_edits_reason(edits);
        fail_msg("%s: %.*s", dfl_status_name(status), (int)why.len, why.ptr);
    }
    assert_int_equal(dfl_edits_reason(edits).len, 0);
    assert_str(dfl_doc_source(result), want);
    dfl_doc_unref(result);
}

/* Apply, expect a refusal whose reason holds `part`. */
static inline void assert_refused(dfl_edits *edits, const char *part) {
    dfl_doc *result = NULL;
    char reason[512];
    assert_int_equal(dfl_edits_apply(edits, &result), DFL_E_REFUSED);
    assert_null(result);
    dfl_str why = dfl_edits_reason(edits);
    assert_true(why.len > 0 && why.len < sizeof reason);
    memcpy(reason, why.ptr, why.len);
    reason[why.len] = '\0';
    if (strstr(reason, part) == NULL) fail_msg("reason: %s", reason);
}

/* An allocator that fails: call number `at` (from 0), and all later ones if `forever`. */
typedef struct {
    unsigned at, calls;
    int forever;
    int failed;
    long live; /* bytes not given back */
} failing;

static inline void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    if (new_size == 0) {
        f->live -= (long)old_size;
        free(ptr);
        return NULL;
    }
    unsigned call = f->calls++;
    if (call == f->at || (f->forever && call > f->at)) {
        f->failed = 1;
        return NULL;
    }
    void *grown = realloc(ptr, new_size);
    if (grown != NULL) f->live += (long)new_size - (long)old_size;
    return grown;
}

#endif
