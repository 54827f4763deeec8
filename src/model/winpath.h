/* winpath.h -- joining and cleaning paths, and paths of images for Windows.
 * Relies on base. Follows util/system/path.go (specification 6.5).
 * Never looks at a file system. */
#ifndef DFL_MODEL_WINPATH_H
#define DFL_MODEL_WINPATH_H

#include "base/memory.h"
#include "base/text.h"

typedef enum {
    DFL__WINPATH_OK,
    DFL__WINPATH_NOMEM,
    DFL__WINPATH_DRIVE_ONLY, /* "C:" */
    DFL__WINPATH_UNC,        /* \\server\share */
    DFL__WINPATH_DRIVE       /* a drive other than C: */
} dfl__winpath_error;

/* Lexically cleaned as Go's path.Clean: "." for an empty path. NULL ptr without memory. */
dfl_str dfl__path_clean(dfl__arena *arena, dfl_str path);
/* `path` below `workdir`, from the root and cleaned. NULL ptr without memory. */
dfl_str dfl__path_join(dfl__arena *arena, dfl_str workdir, dfl_str path);
/* Without its drive letter, cleaned, with slashes; a trailing slash stays if `keep_slash`. */
dfl__winpath_error dfl__winpath_strip(dfl__arena *arena, dfl_str path, int keep_slash,
                                      dfl_str *out);
/* The working directory after WORKDIR `path`, with backslashes. */
dfl__winpath_error dfl__winpath_workdir(dfl__arena *arena, dfl_str current, dfl_str path,
                                        dfl_str *out);
/* The path with slashes for backslashes. NULL ptr without memory. */
dfl_str dfl__winpath_slashes(dfl__arena *arena, dfl_str path);
/* Whether it starts at the root; of Windows, at that of the system drive. */
int dfl__path_is_absolute(dfl_str path, int windows);

#endif
