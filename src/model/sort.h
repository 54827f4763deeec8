/* sort.h -- sorting without a stack, without memory, without a worst case.
 * Relies on nothing.
 * Never keeps equal elements in their order: let the comparison decide. */
#ifndef DFL_MODEL_SORT_H
#define DFL_MODEL_SORT_H

#include <stdint.h>

/* Sort by `before`, which says whether `a` stands before `b`. */
void dfl__sort(uint32_t *items, uint32_t count,
               int (*before)(const void *ctx, uint32_t a, uint32_t b), const void *ctx);

#endif
