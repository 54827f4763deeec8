/* overlay.c -- catalogs loaded at run time.
 * Relies on the loader, and on dfl_catalog_free releasing the arena a catalog lies in.
 * Never copies the facts below: they must outlive the overlay, as io.h says. */
#include "dockerfile/io.h"
#include "io/loader.h"

static dfl_status build(dfl_str bytes, const char *path, const dfl_catalog *below,
                        dfl__arena *arena, dfl_catalog **out, dfl_io_error *error) {
    dfl__facts own;
    dfl_status status = dfl__facts_load(bytes, path, below->facts, arena, &own, error);
    if (status != DFL_OK) return status;
    dfl__facts *all = dfl__arena_get(arena, sizeof *all);
    dfl_catalog *catalog = dfl__arena_get(arena, sizeof *catalog);
    if (all == NULL || catalog == NULL || !dfl__facts_merge(arena, &own, below->facts, all))
        return dfl__io_nomem(error, path);
    *catalog = (dfl_catalog){.facts = all, .arena = *arena};
    *out = catalog;
    return DFL_OK;
}

dfl_status dfl_io_catalog_load(const char *path, const dfl_catalog *below, dfl_catalog **out,
                               dfl_io_error *error) {
    if (path == NULL || out == NULL) return DFL_E_ARG;
    if (below == NULL) below = dfl_catalog_builtin();
    dfl_io_file *file = NULL;
    dfl_status status = dfl_io_read(path, DFL__YAML_MAX_BYTES, &file, error);
    if (status != DFL_OK) return status;
    dfl__arena arena;
    dfl__arena_init(&arena, NULL);
    status = build(dfl_io_file_bytes(file), path, below, &arena, out, error);
    if (status != DFL_OK) dfl__arena_free(&arena);
    dfl_io_file_free(file);
    return status;
}
