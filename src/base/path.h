/* path.h -- slash-separated paths as text.
 * Relies on text.h.
 * Never looks at a file system, never cleans a path: model/scope.c joins and cleans. */
#ifndef DFL_BASE_PATH_H
#define DFL_BASE_PATH_H

#include "base/text.h"

dfl_str dfl__path_base(dfl_str path); /* behind the last slash */
dfl_str dfl__path_dir(dfl_str path);  /* before it; "/" for what lies in the root */
/* Whether `path` is `dir` or lies below it. */
int dfl__path_is_below(dfl_str path, dfl_str dir);
/* Whether a colon-separated list, such as PATH, holds `dir`. */
int dfl__path_list_has(dfl_str list, dfl_str dir);

#endif
