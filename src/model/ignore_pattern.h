/* ignore_pattern.h -- one line of .dockerignore: reading, cleaning, checking, translating.
 * Relies on base. Language specification, sections 7.2 and 7.3.
 * Never matches anything: ignore.c does. */
#ifndef DFL_MODEL_IGNORE_PATTERN_H
#define DFL_MODEL_IGNORE_PATTERN_H

#include "base/memory.h"
#include "base/text.h"

/* A line with a pattern on it. */
typedef struct {
    uint32_t number; /* 0-based */
    uint32_t start,
        end; /* of the pattern, trimmed, `!` included; of the line when it is too long */
    int too_long;
} dfl__ignore_line;

typedef struct {
    dfl_str src;
    size_t at;
    uint32_t number;
} dfl__ignore_reader;

/* The next line with a pattern; 0 at the end. Comments and blank lines are passed over. */
int dfl__ignore_next(dfl__ignore_reader *reader, dfl__ignore_line *line);

/* The pattern as BuildKit's reader hands it on: cleaned, one leading slash dropped, `!` put back.
 * `out` has room for pattern.len + 1 bytes; returns the length. */
size_t dfl__ignore_tidy(dfl_str pattern, char *out);

/* Lexically clean a path, as Go's filepath.Clean on Linux. `out` has room for path.len + 1 bytes
 * and may be path.ptr; returns the length. */
size_t dfl__ignore_clean(dfl_str path, char *out);

/* The same for a path that stands below a root: without a leading slash, empty for the root. */
size_t dfl__ignore_anchor(dfl_str path, char *out);

/* Whether Go's filepath.Match takes the pattern. */
int dfl__ignore_valid(dfl_str pattern);

typedef enum {
    DFL__IGNORE_EXACT,
    DFL__IGNORE_PREFIX, /* ends in `**`, nothing else special */
    DFL__IGNORE_SUFFIX, /* begins with `**`, nothing else special */
    DFL__IGNORE_REGEXP
} dfl__ignore_kind;

/* How the pattern is matched; for DFL__IGNORE_REGEXP `out` receives the expression. */
dfl__ignore_kind dfl__ignore_translate(dfl_str pattern, dfl__buf *out);

#endif
