/* ignore.h -- .dockerignore: which files of the build context BuildKit leaves out.
 * Relies on tree.h for the options.
 * Never looks at a file system: a path is text, relative to the root of the context. */
#ifndef DOCKERFILE_IGNORE_H
#define DOCKERFILE_IGNORE_H

#include "dockerfile/tree.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The patterns of one .dockerignore. Immutable once made; may be shared across threads. */
typedef struct dfl_ignore dfl_ignore;

#define DFL_NO_PATTERN UINT32_MAX /**< "no such pattern" */

/* What is wrong with a pattern. With the first three BuildKit refuses the whole file; the others
 * make a match fail once a path is held against the pattern. */
#define DFL_IGNORE_OK 0        /**< nothing */
#define DFL_IGNORE_LONG_LINE 1 /**< not a pattern: a line of 64 KiB or more, its end included */
#define DFL_IGNORE_BARE 2      /**< `!` with nothing behind it */
#define DFL_IGNORE_SYNTAX 3    /**< an unclosed or empty `[`, or a backslash at the end */
#define DFL_IGNORE_REGEXP 4    /**< what it becomes is no regular expression: `\q`, `[b-a]` */
#define DFL_IGNORE_CLASS 5 /**< `\p`: its meaning hangs on the Go release BuildKit is built by */
#define DFL_IGNORE_SIZE 6  /**< repetitions `{n}` make it too large */

/* How a path is judged. BuildKit has two ways, and they differ where a `!` pattern stands before
 * the pattern that excludes: with `a/b` and then `!a`, a/b is kept by its path but not by a walk.
 */
#define DFL_IGNORE_WALK 1 /**< from the root down, as the context is sent: what a build sees */
#define DFL_IGNORE_PATH 2 /**< by the whole path: what the build check CopyIgnoredFile says */

/** A pattern. Strings are borrowed from the dfl_ignore. */
typedef struct {
    uint32_t size;     /**< in: sizeof(dfl_pattern) */
    uint32_t line;     /**< 0-based */
    dfl_range range;   /**< its bytes in the file, `!` included, blanks around it not */
    dfl_str text;      /**< as BuildKit matches it: cleaned, without `!` */
    int32_t exception; /**< 1: it began with `!` and takes paths back in */
    uint32_t error;    /**< DFL_IGNORE_* */
} dfl_pattern;

/**
 * Read the `len` bytes of a .dockerignore at `src`; the bytes are not kept. Never fails on
 * content: what is wrong is told for each pattern, and all of them are read. `opt` may be NULL.
 * Freed by dfl_ignore_free. Fails with DFL_E_NOMEM, DFL_E_LIMIT (source too long), DFL_E_ARG or
 * DFL_E_ABI; `*out` is then untouched. Thread-safe. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_ignore_new(const char *src, size_t len,
                                                const dfl_parse_options *opt, dfl_ignore **out);

/** Free it; NULL is accepted. Since 0.1. */
DFL_API void dfl_ignore_free(dfl_ignore *ignore);

/** Number of patterns, comments and blank lines left out. Thread-safe. Since 0.1. */
DFL_API size_t dfl_ignore_pattern_count(const dfl_ignore *ignore);

/**
 * Fill `*out` with pattern `index`, in the order of the file. DFL_E_ARG when there is none,
 * DFL_E_ABI for a bad size. Thread-safe. Since 0.1.
 */
DFL_API dfl_status dfl_ignore_pattern(const dfl_ignore *ignore, size_t index, dfl_pattern *out);

/**
 * Index of the pattern for which BuildKit refuses the whole file, so that the build fails;
 * DFL_NO_PATTERN when it reads the file. Thread-safe. Since 0.1.
 */
DFL_API uint32_t dfl_ignore_refused(const dfl_ignore *ignore);

/**
 * Whether `path` is excluded: `*excluded` is 1 or 0. The path is slash-separated and stands below
 * the context's root whether it begins with `/`, `./`, `../` or none of them; the root itself is
 * never excluded. Directories are judged like files. `mode` is DFL_IGNORE_WALK or
 * DFL_IGNORE_PATH. `pattern`, unless NULL, receives the index of the pattern that decided, or
 * DFL_NO_PATTERN when none did. Time is at most proportional to patterns times path.
 * Fails with DFL_E_ARG (mode), DFL_E_NOMEM, DFL_E_FORMAT (the file is refused, or a pattern that
 * was tried is no regular expression), DFL_E_UNSUPPORTED (a pattern with DFL_IGNORE_CLASS was
 * tried) or DFL_E_LIMIT (one with DFL_IGNORE_SIZE); outputs are then untouched.
 * Thread-safe. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_ignore_match(const dfl_ignore *ignore, dfl_str path,
                                                  uint32_t mode, int32_t *excluded,
                                                  uint32_t *pattern);

#ifdef __cplusplus
}
#endif
#endif
