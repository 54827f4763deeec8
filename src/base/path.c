/* path.c -- see path.h. */
#include "base/path.h"

static size_t last_slash_end(dfl_str path) {
    size_t at = path.len;
    while (at > 0 && path.ptr[at - 1] != '/')
        at--;
    return at;
}

dfl_str dfl__path_base(dfl_str path) {
    return dfl__sub(path, last_slash_end(path), path.len);
}

dfl_str dfl__path_dir(dfl_str path) {
    size_t end = last_slash_end(path);
    return dfl__sub(path, 0, end > 1 ? end - 1 : end);
}

int dfl__path_is_below(dfl_str path, dfl_str dir) {
    if (dfl__eqz(dir, "/")) return path.len > 0 && path.ptr[0] == '/';
    return path.len >= dir.len && dfl__eq(dfl__sub(path, 0, dir.len), dir) &&
           (path.len == dir.len || path.ptr[dir.len] == '/');
}

int dfl__path_list_has(dfl_str list, dfl_str dir) {
    for (size_t at = 0; at <= list.len;) {
        size_t end = dfl__find(list, ':', at);
        if (dfl__eq(dfl__sub(list, at, end), dir)) return 1;
        at = end + 1;
    }
    return 0;
}
