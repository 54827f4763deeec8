/* failing.h -- an allocator that counts what lives and fails when told.
 * Relies on cmocka's asserts: include it behind cmocka.h.
 * Never accepts a wrong old size. */
#ifndef DFL_UNIT_BASE_FAILING_H
#define DFL_UNIT_BASE_FAILING_H

#include <stdlib.h>
#include <string.h>

#include "dockerfile/base.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { FAILING_HEADER = 16, NEVER = -1 };

typedef struct {
    int good; /* calls to serve before failing; NEVER = fail none */
    int once; /* serve those after the first that fails */
    int failed;
    size_t live;
    size_t calls;
} failing;

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    char *block = ptr != NULL ? (char *)ptr - FAILING_HEADER : NULL;
    size_t known = 0;
    if (block != NULL) memcpy(&known, block, sizeof known);
    assert_int_equal(known, old_size);
    assert_true((ptr == NULL) == (old_size == 0));
    if (new_size == 0) {
        f->live -= known;
        free(block);
        return NULL;
    }
    f->calls++;
    if (f->good == 0) {
        f->failed = 1;
        if (f->once) f->good = NEVER;
        return NULL;
    }
    if (f->good > 0) f->good--;
    block = realloc(block, new_size + FAILING_HEADER);
    assert_non_null(block);
    memcpy(block, &new_size, sizeof new_size);
    f->live += new_size - known;
    return block + FAILING_HEADER;
}

#endif
