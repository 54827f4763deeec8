/* files.h -- the paths of a build context as a tree.
 * Relies on base. Links are followed as containerd's continuity does (fs.RootPath).
 * Never looks at a file system: what there is, the caller has said. */
#ifndef DFL_MODEL_FILES_H
#define DFL_MODEL_FILES_H

#include "dockerfile/context.h"
#include "base/memory.h"
#include "base/text.h"

#define DFL__NO_FILE UINT32_MAX

typedef struct {
    dfl_str path; /* below the root, without slashes at its ends; empty for the root */
    dfl_str link; /* of a link: where it leads */
    uint32_t kind;
    uint32_t end; /* one past what lies below it */
    uint32_t parent;
    uint32_t given; /* the caller's index, or DFL_NO_PATH */
    uint16_t level; /* number of elements, less one; of the root 0, too */
    uint16_t flags; /* DFL_PATH_F_* */
} dfl__file;

/* In the order of a walk: a directory, then what lies below it, names in the order of their
 * bytes. The first is the root. */
typedef struct {
    dfl__arena arena;
    DFL__VEC(dfl__file) items;
} dfl__files;

/* DFL_E_NOMEM, DFL_E_ARG (something lies below what is no directory), DFL_E_LIMIT. What was made
 * by then is freed by dfl__files_free, too. */
dfl_status dfl__files_make(dfl__files *files, const dfl_alloc *alloc, const dfl_context_path *paths,
                           size_t count);
void dfl__files_free(dfl__files *files);

/* A context as far as it can be seen: all of it, or what reaches the builder. */
typedef struct {
    const dfl__files *files;
    int all;
    dfl_status (*follow)(void *ctx, uint32_t link); /* told of each link that is followed; NULL */
    void *ctx;
} dfl__view;

/* The file at `path`, which is clean and below the root; DFL__NO_FILE. */
uint32_t dfl__files_find(dfl__view view, dfl_str path);
int dfl__files_visible(dfl__view view, uint32_t file);

typedef enum {
    DFL__RESOLVED,
    DFL__RESOLVE_MISSING,
    DFL__RESOLVE_LINKS /* too many of them */
} dfl__resolved;

/* Follow all links of `path`, clean and below the root. DFL_E_NOMEM, or what `follow` gives. */
dfl_status dfl__files_resolve(dfl__view view, dfl_str path, uint32_t *file, dfl__resolved *how);

/* Join a link's target to the directory of the link, and `rest` behind it, cleaned and below the
 * root, in `out`. */
void dfl__link_target(dfl_str directory, dfl_str target, dfl_str rest, dfl__buf *out);

#endif
