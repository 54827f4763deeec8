/* winpath.c -- see winpath.h. */
#include "model/winpath.h"

#include <string.h>

/* --- cleaning */

/* Go's path.Clean: what `out` holds is clean; `floor` is how far back ".." may go. `out` may be the
 * path itself: what is written never passes what is read. */
static size_t clean(dfl_str path, char *out) {
    int rooted = path.len > 0 && path.ptr[0] == '/';
    size_t len = 0, floor = 0;
    if (rooted) out[len++] = '/', floor = 1;
    for (size_t at = 0; at < path.len;) {
        size_t end = dfl__find(path, '/', at);
        dfl_str part = dfl__sub(path, at, end);
        at = end + 1;
        if (part.len == 0 || dfl__eqz(part, ".")) continue;
        int up = dfl__eqz(part, "..");
        if (up && len > floor) {
            do {
                len--;
            } while (len > floor && out[len] != '/');
            continue;
        }
        if (up && rooted) continue;
        if (len > (rooted ? 1u : 0u)) out[len++] = '/';
        memmove(out + len, part.ptr, part.len);
        len += part.len;
        if (up) floor = len;
    }
    if (len == 0) out[len++] = '.';
    return len;
}

dfl_str dfl__path_clean(dfl__arena *arena, dfl_str path) {
    dfl_str result = {NULL, 0};
    char *out = dfl__arena_get(arena, path.len + 2);
    if (out == NULL) return result;
    result.len = clean(path, out);
    result.ptr = out;
    return result;
}

dfl_str dfl__path_join(dfl__arena *arena, dfl_str workdir, dfl_str path) {
    dfl_str result = {NULL, 0};
    if (path.len > 0 && path.ptr[0] == '/') return dfl__path_clean(arena, path);
    char *text = dfl__arena_get(arena, workdir.len + path.len + 2);
    if (text == NULL) return result;
    text[0] = '/';
    if (workdir.len > 0) memcpy(text + 1, workdir.ptr, workdir.len);
    text[workdir.len + 1] = '/';
    if (path.len > 0) memcpy(text + workdir.len + 2, path.ptr, path.len);
    result = (dfl_str){text, workdir.len + path.len + 2};
    result.len = clean(result, text);
    return result;
}

/* --- separators */

static dfl_str with_separator(dfl__arena *arena, dfl_str path, char from, char to) {
    char *copy = dfl__arena_copy(arena, path.ptr, path.len);
    dfl_str result = {copy, path.len};
    for (size_t i = 0; copy != NULL && i < path.len; i++)
        if (copy[i] == from) copy[i] = to;
    return result;
}

dfl_str dfl__winpath_slashes(dfl__arena *arena, dfl_str path) {
    return with_separator(arena, path, '\\', '/');
}

static int is_separator(char c) {
    return c == '/' || c == '\\';
}

/* --- drives */

/* What stands behind the drive letter. */
static dfl__winpath_error behind_drive(dfl_str path, dfl_str *rest) {
    if (path.len == 2 && path.ptr[1] == ':') return DFL__WINPATH_DRIVE_ONLY;
    if (path.len >= 2 && is_separator(path.ptr[0]) && is_separator(path.ptr[1]))
        return DFL__WINPATH_UNC;
    size_t colon = dfl__find(path, ':', 0);
    *rest = path;
    if (colon == path.len) return DFL__WINPATH_OK;
    if (!dfl__ieqz(dfl__sub(path, 0, colon), "c")) return DFL__WINPATH_DRIVE;
    *rest = dfl__sub(path, colon + 1, path.len);
    return DFL__WINPATH_OK;
}

dfl__winpath_error dfl__winpath_strip(dfl__arena *arena, dfl_str path, int keep_slash,
                                      dfl_str *out) {
    dfl_str rest;
    dfl__winpath_error error = behind_drive(path, &rest);
    if (error != DFL__WINPATH_OK) return error;
    int slash = rest.len > 0 && is_separator(rest.ptr[rest.len - 1]);
    rest = with_separator(arena, rest, '\\', '/');
    if (rest.ptr == NULL) return DFL__WINPATH_NOMEM;
    char *text = dfl__arena_get(arena, rest.len + 3);
    if (text == NULL) return DFL__WINPATH_NOMEM;
    size_t len = clean(rest, text);
    if (keep_slash && slash && len > 1) text[len++] = '/';
    *out = (dfl_str){text, len};
    return DFL__WINPATH_OK;
}

int dfl__path_is_absolute(dfl_str path, int windows) {
    dfl_str rest;
    if (!windows) return path.len > 0 && path.ptr[0] == '/';
    return behind_drive(path, &rest) == DFL__WINPATH_OK && rest.len > 0 &&
           is_separator(rest.ptr[0]);
}

/* --- WORKDIR */

dfl__winpath_error dfl__winpath_workdir(dfl__arena *arena, dfl_str current, dfl_str path,
                                        dfl_str *out) {
    dfl_str parent = current.len > 0 ? current : DFL__LIT("/");
    dfl__winpath_error error = dfl__winpath_strip(arena, parent, 0, &parent);
    if (error != DFL__WINPATH_OK) return error;
    if (!dfl__path_is_absolute(parent, 1)) parent = dfl__path_join(arena, DFL__LIT("/"), parent);
    if (parent.ptr == NULL) return DFL__WINPATH_NOMEM;
    error = dfl__winpath_strip(arena, path.len > 0 ? path : parent, 0, &path);
    if (error != DFL__WINPATH_OK) return error;
    if (!dfl__path_is_absolute(path, 1)) path = dfl__path_join(arena, parent, path);
    if (path.ptr == NULL) return DFL__WINPATH_NOMEM;
    *out = with_separator(arena, path, '/', '\\');
    return out->ptr != NULL ? DFL__WINPATH_OK : DFL__WINPATH_NOMEM;
}
