/* memory.h -- allocation: the caller's allocator, arenas, growing arrays, checked sizes.
 * Relies on base.h.
 * Never allocates without a check, never wraps a size, knows nothing of Dockerfiles. */
#ifndef DFL_BASE_MEMORY_H
#define DFL_BASE_MEMORY_H

#include "dockerfile/base.h"

/* The allocator of `given`, or the C library's when NULL. */
dfl_alloc dfl__alloc_of(const dfl_alloc *given);

void *dfl__alloc(const dfl_alloc *alloc, size_t size);  /* NULL when size is 0 or on failure */
void *dfl__calloc(const dfl_alloc *alloc, size_t size); /* zeroed */
void dfl__free(const dfl_alloc *alloc, void *ptr, size_t size);

/* Blocks that are freed together. Zero-initialise `first`, set `alloc`. */
typedef struct dfl__arena_block dfl__arena_block;
typedef struct {
    dfl_alloc alloc;
    dfl__arena_block *first;
    size_t used; /* of the first block */
} dfl__arena;

void dfl__arena_init(dfl__arena *arena, const dfl_alloc *alloc);
void *dfl__arena_get(dfl__arena *arena, size_t size); /* max-aligned; NULL on failure */
char *dfl__arena_copy(dfl__arena *arena, const char *ptr, size_t len); /* adds a NUL */
void dfl__arena_free(dfl__arena *arena);

/* Make room for `extra` more elements in a growing array. `items` points to the array's pointer;
 * growth at least doubles. Returns 0 on failure, the array is then unchanged. */
int dfl__grow(const dfl_alloc *alloc, void *items, uint32_t count, uint32_t *cap, size_t elem,
              uint32_t extra);

/* Typed: DFL__VEC(T) name;  DFL__PUSH(alloc, &name, value) is 1 on success, 0 without memory. */
#define DFL__VEC(T)                                                                                \
    struct {                                                                                       \
        T *items;                                                                                  \
        uint32_t count;                                                                            \
        uint32_t cap;                                                                              \
    }
#define DFL__RESERVE(alloc, v, extra)                                                              \
    dfl__grow((alloc), (void *)&(v)->items, (v)->count, &(v)->cap, sizeof(*(v)->items), (extra))
#define DFL__PUSH(alloc, v, value)                                                                 \
    (DFL__RESERVE((alloc), (v), 1) ? ((v)->items[(v)->count++] = (value), 1) : 0)
#define DFL__VEC_FREE(alloc, v)                                                                    \
    (dfl__free((alloc), (v)->items, (v)->cap * sizeof(*(v)->items)), (v)->items = NULL,            \
     (v)->count = (v)->cap = 0)

#endif
