/* destination.c -- see destination.h. */
#include "model/destination.h"

#include "base/path.h"
#include "model/winpath.h"

/* Whether it is spelt as a directory. */
static int ends_as_directory(dfl_str text) {
    return text.len == 0 || dfl__eqz(text, ".") || dfl__ends(text, "/") || dfl__ends(text, "/.");
}

/* Its drive is taken off twice, as BuildKit does; what it refuses is not known. */
static dfl_status strip(const dfl__transfer *t, dfl__arena *arena, dfl_str *path, int *valid) {
    *valid = 1;
    for (int i = 0; i < 2 && t->windows && *valid; i++) {
        dfl__winpath_error error = dfl__winpath_strip(arena, *path, 1, path);
        if (error == DFL__WINPATH_NOMEM) return DFL_E_NOMEM;
        *valid = error == DFL__WINPATH_OK;
    }
    return DFL_OK;
}

/* The working directory exists, and what it lies in. */
static int is_working_directory(const dfl__transfer *t, dfl_str workdir, dfl_str path) {
    if (dfl__eqz(path, "/")) return 1;
    return t->workdir_set && t->workdir_known && dfl__path_is_below(workdir, path);
}

dfl_status dfl__destination_of(const dfl__transfer *t, int mount, dfl__arena *arena,
                               dfl__destination *out) {
    dfl_str text = t->destination.text, workdir = t->workdir;
    int valid;
    *out = (dfl__destination){text, 0, ends_as_directory(text) ? 1 : -1};
    if (!t->destination.known) return DFL_OK;
    dfl_status status = strip(t, arena, &text, &valid);
    if (status != DFL_OK || !valid) return status;
    if (t->windows) workdir = dfl__winpath_slashes(arena, workdir);
    if (workdir.ptr == NULL) return DFL_E_NOMEM;
    if (ends_as_directory(text)) out->directory = 1;
    if (mount) out->directory = -1;
    out->known = t->workdir_known || dfl__starts(text, "/");
    out->path = out->known ? dfl__path_join(arena, workdir, text) : dfl__path_clean(arena, text);
    if (out->path.ptr == NULL) return DFL_E_NOMEM;
    if (out->known && !mount && is_working_directory(t, workdir, out->path)) out->directory = 1;
    return DFL_OK;
}
