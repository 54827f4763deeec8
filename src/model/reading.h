/* reading.h -- what one source of COPY, ADD or a mount reads of the context.
 * Relies on files.h and ignore.h. Follows solver/llbsolver/file/backend.go of BuildKit and
 * copy/copy.go of tonistiigi/fsutil (specification 6.3, 6.4).
 * Never judges what is sent: sent.c has. */
#ifndef DFL_MODEL_READING_H
#define DFL_MODEL_READING_H

#include "model/destination.h"
#include "model/files.h"
#include "model/ignore.h"

/* A path that is read. */
typedef struct {
    uint32_t file;
    int root;     /* it is what the source names, or a match of its wildcards */
    int whole;    /* all that lies below it is read, too, and not told of */
    dfl_str base; /* where the root goes */
    size_t skip;  /* how much of the file's path the root stands for */
} dfl__read_path;

/* What a source asks for, and who is told. */
typedef struct {
    dfl__view view;
    dfl__arena *arena;
    const dfl__transfer *transfer;
    const dfl__destination *destination;
    dfl_str text;
    int mount;
    int summary;   /* what is read whole is told of once */
    int directory; /* whether the destination is one by now: 1, 0 = a file, -1 = nobody knows */
    dfl_status (*tell)(void *ctx, const dfl__read_path *path);
    void *ctx;
    uint32_t found; /* out: DFL_FOUND_* */
    int wildcard;   /* out */
    int roots;      /* out: whether anything is copied, so that the destination is made */
} dfl__reader;

/* DFL_E_NOMEM, or what `tell` fails with. */
dfl_status dfl__read_source(dfl__reader *reader);

/* The path below the root by which BuildKit asks for a source. NULL ptr without memory. */
dfl_str dfl__wanted_path(dfl__arena *arena, const dfl__transfer *transfer, dfl_str text);

#endif
