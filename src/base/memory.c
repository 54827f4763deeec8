/* memory.c -- see memory.h.
 * Relies on the C library's realloc as the default allocator.
 * Never frees what it did not allocate. */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK 4096u

struct dfl__arena_block {
    dfl__arena_block *next;
    size_t size; /* of the whole block */
    max_align_t data[];
};

static void *libc_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    (void)ctx;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

dfl_alloc dfl__alloc_of(const dfl_alloc *given) {
    const dfl_alloc libc = {libc_resize, NULL};
    return given != NULL && given->resize != NULL ? *given : libc;
}

void *dfl__alloc(const dfl_alloc *alloc, size_t size) {
    return size == 0 ? NULL : alloc->resize(alloc->ctx, NULL, 0, size);
}

void *dfl__calloc(const dfl_alloc *alloc, size_t size) {
    void *ptr = dfl__alloc(alloc, size);
    if (ptr != NULL) memset(ptr, 0, size);
    return ptr;
}

void dfl__free(const dfl_alloc *alloc, void *ptr, size_t size) {
    if (ptr != NULL) alloc->resize(alloc->ctx, ptr, size, 0);
}

void dfl__arena_init(dfl__arena *arena, const dfl_alloc *alloc) {
    arena->alloc = dfl__alloc_of(alloc);
    arena->first = NULL;
    arena->used = 0;
}

static int arena_grow(dfl__arena *arena, size_t size) {
    size_t head = sizeof(dfl__arena_block);
    if (size > SIZE_MAX / 2 - head) return 0;
    size_t want = head + size;
    size_t last = arena->first != NULL ? arena->first->size : ARENA_BLOCK / 2;
    if (want < last * 2 && last < ((size_t)1 << 20)) want = last * 2;
    if (want < ARENA_BLOCK) want = ARENA_BLOCK;
    dfl__arena_block *block = dfl__alloc(&arena->alloc, want);
    if (block == NULL) return 0;
    block->next = arena->first;
    block->size = want;
    arena->first = block;
    arena->used = 0;
    return 1;
}

void *dfl__arena_get(dfl__arena *arena, size_t size) {
    const size_t align = sizeof(max_align_t);
    if (size > SIZE_MAX - align) return NULL;
    size = size == 0 ? align : (size + align - 1) / align * align;
    size_t room = arena->first == NULL ? 0 : arena->first->size - sizeof(dfl__arena_block);
    if (arena->first == NULL || size > room - arena->used) {
        if (!arena_grow(arena, size)) return NULL;
    }
    char *ptr = (char *)arena->first->data + arena->used;
    arena->used += size;
    return ptr;
}

char *dfl__arena_copy(dfl__arena *arena, const char *ptr, size_t len) {
    if (len == SIZE_MAX) return NULL;
    char *copy = dfl__arena_get(arena, len + 1);
    if (copy == NULL) return NULL;
    if (len != 0) memcpy(copy, ptr, len);
    copy[len] = '\0';
    return copy;
}

void dfl__arena_free(dfl__arena *arena) {
    while (arena->first != NULL) {
        dfl__arena_block *block = arena->first;
        arena->first = block->next;
        dfl__free(&arena->alloc, block, block->size);
    }
    arena->used = 0;
}

int dfl__grow(const dfl_alloc *alloc, void *items, uint32_t count, uint32_t *cap, size_t elem,
              uint32_t extra) {
    if (extra <= *cap - count) return 1;
    if (extra > UINT32_MAX - count) return 0;
    uint32_t need = count + extra;
    uint32_t more = *cap <= UINT32_MAX / 2 ? *cap * 2 : UINT32_MAX;
    if (more < need) more = need;
    if (more < 8) more = 8;
    if (more > SIZE_MAX / elem) return 0;
    void *old; /* the array's pointer has its own type: copied, not aliased */
    memcpy(&old, items, sizeof old);
    void *grown = alloc->resize(alloc->ctx, old, *cap * elem, more * elem);
    if (grown == NULL) return 0;
    memcpy(items, &grown, sizeof grown);
    *cap = more;
    return 1;
}
