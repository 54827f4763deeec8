/* heap.c -- see heap.h.
 * Relies on the caller's allocator for blocks.
 * Never searches: a piece that was freed is at the head of the list of its size. */
#include "base/heap.h"

#include <string.h>

#define SMALLEST 4u /* logarithm of a piece that holds the link of its list */

struct dfl__heap_block {
    dfl__heap_block *next;
    size_t size; /* of the whole block */
    max_align_t data[];
};

_Static_assert((1u << SMALLEST) >= sizeof(void *) && (1u << SMALLEST) >= _Alignof(max_align_t),
               "every piece can hold a link and is aligned");

static unsigned logarithm(size_t size) {
    unsigned power = SMALLEST;
    if (size == 0) return power;
    for (size_t rest = (size - 1) >> SMALLEST; rest != 0; rest >>= 1)
        power++;
    return power;
}

size_t dfl__heap_piece(size_t size) {
    return (size_t)1 << logarithm(size);
}

static dfl__heap_block *add_block(dfl__heap *heap, size_t size) {
    if (size > SIZE_MAX - sizeof(dfl__heap_block)) return NULL;
    dfl__heap_block *block = dfl__alloc(&heap->alloc, sizeof *block + size);
    if (block == NULL) return NULL;
    block->size = sizeof *block + size;
    block->next = heap->blocks;
    heap->blocks = block;
    return block;
}

int dfl__heap_init(dfl__heap *heap, const dfl_alloc *alloc, size_t size) {
    memset(heap, 0, sizeof *heap);
    heap->alloc = *alloc;
    dfl__heap_block *block = add_block(heap, size);
    if (block == NULL) return 0;
    heap->at = (char *)block->data;
    heap->left = size;
    return 1;
}

void dfl__heap_free(dfl__heap *heap) {
    while (heap->blocks != NULL) {
        dfl__heap_block *block = heap->blocks;
        heap->blocks = block->next;
        dfl__free(&heap->alloc, block, block->size);
    }
}

static void *take(dfl__heap *heap, unsigned power) {
    size_t size = (size_t)1 << power;
    char *piece = heap->freed[power];
    if (piece != NULL) {
        memcpy(&heap->freed[power], piece, sizeof(void *));
        return piece;
    }
    if (size > heap->left) {
        dfl__heap_block *block = add_block(heap, size);
        return block != NULL ? block->data : NULL;
    }
    piece = heap->at;
    heap->at += size;
    heap->left -= size;
    return piece;
}

static void give_back(dfl__heap *heap, void *piece, unsigned power) {
    memcpy(piece, &heap->freed[power], sizeof(void *));
    heap->freed[power] = piece;
}

static void *resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    dfl__heap *heap = ctx;
    if (new_size > SIZE_MAX / 2) return NULL; /* there is no such power of two, or no such memory */
    unsigned was = logarithm(old_size), power = logarithm(new_size);
    if (ptr != NULL && new_size != 0 && power == was) return ptr;
    void *piece = new_size != 0 ? take(heap, power) : NULL;
    if (ptr == NULL || (new_size != 0 && piece == NULL)) return piece;
    if (piece != NULL) memcpy(piece, ptr, old_size < new_size ? old_size : new_size);
    give_back(heap, ptr, was);
    return piece;
}

dfl_alloc dfl__heap_alloc(dfl__heap *heap) {
    return (dfl_alloc){resize, heap};
}

uint64_t dfl__heap_bound(size_t size) {
    return sizeof(dfl__heap_block) + (uint64_t)size;
}

/* A thing has one piece at a time, and a piece is cut only where none of its size is free: no more
 * are cut of a size than there are things that come to it. */
uint64_t dfl__heap_bound_of(uint64_t size) {
    uint64_t sum = 0, piece = (uint64_t)1 << SMALLEST;
    for (;; piece *= 2) {
        sum += sizeof(dfl__heap_block) + piece;
        if (piece >= size) return sum;
    }
}
