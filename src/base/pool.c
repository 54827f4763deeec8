/* pool.c -- dfl_pool: an allocator over a buffer of the caller's.
 * Relies on the public face, base.h.
 * Never asks anybody for memory. */
#include <string.h>

#include "dockerfile/base.h"

#define ALIGN _Alignof(max_align_t)

/* What a block of `size` bytes takes; 0 when no buffer can hold it. */
static size_t room_of(size_t size) {
    return size > SIZE_MAX - (ALIGN - 1) ? 0 : (size + ALIGN - 1) / ALIGN * ALIGN;
}

/* state[0] is the first byte that is free, state[1] the end of the buffer. */
static void *resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    dfl_pool *pool = ctx;
    char *at = pool->state[0], *end = pool->state[1], *start = at;
    int last = ptr != NULL && (char *)ptr + room_of(old_size) == at;
    if (last) start = ptr;
    if (new_size == 0) {
        if (last) pool->state[0] = ptr;
        return NULL;
    }
    if (ptr != NULL && !last && new_size <= old_size) return ptr;
    size_t room = room_of(new_size);
    if (room == 0 || room > (size_t)(end - start)) return NULL;
    if (ptr != NULL && !last) memcpy(start, ptr, old_size);
    pool->state[0] = start + room;
    return start;
}

dfl_status dfl_pool_init(dfl_pool *pool, void *buffer, size_t size) {
    if (pool == NULL || (buffer == NULL && size != 0)) return DFL_E_ARG;
    char *start = size != 0 ? buffer : (void *)pool;
    size_t skip = (ALIGN - (uintptr_t)start % ALIGN) % ALIGN;
    if (skip > size) skip = size;
    pool->base.resize = resize;
    pool->base.ctx = pool;
    pool->state[0] = start + skip;
    pool->state[1] = start + skip + (size - skip) / ALIGN * ALIGN;
    pool->state[2] = pool->state[3] = NULL;
    return DFL_OK;
}
