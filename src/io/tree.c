/* tree.c -- the paths of a build context, as they lie in a directory.
 * Relies on context.h for listing and on POSIX for reading links.
 * Never follows a link, never recurses: directories wait in the list itself. */
#define _XOPEN_SOURCE 700 /* NOLINT: the name is POSIX's */

#include <string.h>
#include <unistd.h>

#include "io/context.h"

#define MOST_PATHS ((uint32_t)1 << 20)
#define LONGEST_LINK 4096u

typedef struct {
    uint32_t path;
    dfl_io_error error;
} unread;

struct dfl_io_tree {
    dfl__arena arena;
    DFL__VEC(dfl_context_path) paths;
    DFL__VEC(unread) unread;
};

typedef struct {
    dfl_io_tree *tree;
    const char *root;
    dfl_io_error *error;
} walk;

static dfl_status nomem(const walk *w) {
    return dfl__io_nomem(w->error, w->root);
}

/* Where the link at `full` leads; one that cannot be read leads nowhere. */
static int read_link(walk *w, const char *full, dfl_str *out) {
    char target[LONGEST_LINK];
    ssize_t len = readlink(full, target, sizeof target);
    size_t used = len > 0 ? (size_t)len : 0;
    out->ptr = dfl__arena_copy(&w->tree->arena, target, used);
    out->len = used;
    return out->ptr != NULL;
}

/* `name` in the directory `below`, whose own place is `full`. */
static dfl_status add_entry(walk *w, const char *below, const char *full, const dfl__entry *entry,
                            dfl__arena *scratch) {
    dfl_context_path path = {{NULL, 0}, {"", 0}, DFL_PATH_FILE, 0};
    if (w->tree->paths.count == MOST_PATHS)
        return dfl__io_fail(w->error, DFL_E_LIMIT, (dfl__place){w->root, 0, 0},
                            "more than %u paths; is it the right directory?", MOST_PATHS);
    const char *name = dfl__context_join(&w->tree->arena, below, entry->name);
    if (name == NULL) return nomem(w);
    path.path = dfl__str(name);
    if (entry->is_link) {
        const char *place = dfl__context_join(scratch, full, entry->name);
        if (place == NULL || !read_link(w, place, &path.link)) return nomem(w);
        path.kind = DFL_PATH_LINK;
    } else if (entry->is_directory) {
        path.kind = DFL_PATH_DIRECTORY;
    }
    return DFL__PUSH(&w->tree->arena.alloc, &w->tree->paths, path) ? DFL_OK : nomem(w);
}

/* List a directory, the root for `at` = UINT32_MAX. */
static dfl_status list(walk *w, uint32_t at) {
    const char *below = at != UINT32_MAX ? w->tree->paths.items[at].path.ptr : "";
    dfl__arena scratch;
    dfl__directory found = {NULL, 0};
    unread failed = {.path = at};
    dfl__arena_init(&scratch, &w->tree->arena.alloc);
    const char *full = at != UINT32_MAX ? dfl__context_join(&scratch, w->root, below) : w->root;
    dfl_status status =
        full != NULL ? dfl__directory_list(full, &scratch, &found, &failed.error) : nomem(w);
    if (status == DFL_E_IO && at != UINT32_MAX) {
        status = DFL__PUSH(&w->tree->arena.alloc, &w->tree->unread, failed) ? DFL_OK : nomem(w);
    } else if (status != DFL_OK && full != NULL && w->error != NULL) {
        *w->error = failed.error;
    }
    for (uint32_t i = 0; i < found.count && status == DFL_OK; i++)
        status = add_entry(w, below, full, &found.items[i], &scratch);
    dfl__arena_free(&scratch);
    return status;
}

dfl_status dfl_io_tree_read(const char *path, dfl_io_tree **out, dfl_io_error *error) {
    if (path == NULL || out == NULL) return DFL_E_ARG;
    dfl_alloc alloc = dfl__alloc_of(NULL);
    dfl_io_tree *tree = dfl__calloc(&alloc, sizeof *tree);
    if (tree == NULL) return dfl__io_nomem(error, path);
    dfl__arena_init(&tree->arena, &alloc);
    walk w = {tree, path, error};
    dfl_status status = list(&w, UINT32_MAX);
    for (uint32_t i = 0; i < tree->paths.count && status == DFL_OK; i++)
        if (tree->paths.items[i].kind == DFL_PATH_DIRECTORY) status = list(&w, i);
    if (status == DFL_OK) {
        *out = tree;
    } else {
        dfl_io_tree_free(tree);
    }
    return status;
}

const dfl_context_path *dfl_io_tree_paths(const dfl_io_tree *tree, size_t *count) {
    static const dfl_context_path none = {{"", 0}, {"", 0}, DFL_PATH_ANY, 0};
    *count = tree->paths.count;
    return tree->paths.count > 0 ? tree->paths.items : &none;
}

dfl_status dfl_io_tree_unread(const dfl_io_tree *tree, size_t index, size_t *path,
                              dfl_io_error *error) {
    if (tree == NULL || path == NULL || index >= tree->unread.count) return DFL_E_ARG;
    *path = tree->unread.items[index].path;
    if (error != NULL) *error = tree->unread.items[index].error;
    return DFL_OK;
}

void dfl_io_tree_free(dfl_io_tree *tree) {
    if (tree == NULL) return;
    dfl_alloc alloc = tree->arena.alloc;
    DFL__VEC_FREE(&alloc, &tree->paths);
    DFL__VEC_FREE(&alloc, &tree->unread);
    dfl__arena_free(&tree->arena);
    dfl__free(&alloc, tree, sizeof *tree);
}
