/* sort.h -- sorting without a stack, without memory, without a worst case.
 * Relies on nothing.
 * Never keeps equal elements in their order: let the comparison decide. */
#ifndef DFL_BASE_SORT_H
#define DFL_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Whether the element at `a` stands before the one at `b`. */
typedef int dfl__before(const void *ctx, const void *a, const void *b);

#define DFL__SORT_SIZE 16u /* of an element, at most */

/* Sort `count` elements of `size` bytes each. */
void dfl__sort(void *items, uint32_t count, size_t size, dfl__before *before, const void *ctx);

#endif
