/* heap.h -- the memory of one task: what is freed serves the task again, and all of it goes at
 * once. Relies on memory.h. Never gives a piece back before the end: what a task asks for in all is
 * what lives at one time. */
#ifndef DFL_BASE_HEAP_H
#define DFL_BASE_HEAP_H

#include "base/memory.h"

#define DFL__HEAP_SIZES 64u

/* Pieces have sizes that are powers of two. They are cut from the first block; one that finds no
 * room there gets a block of its own. */
typedef struct dfl__heap_block dfl__heap_block;
typedef struct {
    dfl_alloc alloc;
    dfl__heap_block *blocks;
    char *at; /* what is left of the first block */
    size_t left;
    void *freed[DFL__HEAP_SIZES]; /* pieces to be used again, by the logarithm of their size */
} dfl__heap;

/* Start with a block for pieces of `size` bytes together. 0 without memory. */
int dfl__heap_init(dfl__heap *heap, const dfl_alloc *alloc, size_t size);
void dfl__heap_free(dfl__heap *heap);

/* An allocator of pieces; `heap` must stay where it is. What is still in use goes with the heap. */
dfl_alloc dfl__heap_alloc(dfl__heap *heap);

/* Size of the piece that `size` bytes, at most half of all, are put in. */
size_t dfl__heap_piece(size_t size);

/* The most that the heap asks for to start with `size` bytes; and for one thing that is resized, or
 * freed and made again, as often as it likes, but never to more than `size` bytes. */
uint64_t dfl__heap_bound(size_t size);
uint64_t dfl__heap_bound_of(uint64_t size);

#endif
