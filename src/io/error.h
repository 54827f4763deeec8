/* error.h -- filling a dfl_io_error.
 * Relies on the C library's vsnprintf, which truncates and never overruns.
 * Never allocates: an error can be told without memory. */
#ifndef DFL_IO_ERROR_H
#define DFL_IO_ERROR_H

#include "dockerfile/io.h"

#if defined(__GNUC__)
#define DFL__PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define DFL__PRINTF(string, first)
#endif

/* Where an error lies. `path` is NUL-terminated; line 0 = the file as a whole. */
typedef struct {
    const char *path;
    uint32_t line;
    uint32_t column;
} dfl__place;

/* Fill `error` (may be NULL) with "path:line:column: ..." and return `status`. A message that is
 * too long ends in "..."; a path that would crowd it out loses its beginning. */
dfl_status dfl__io_fail(dfl_io_error *error, dfl_status status, dfl__place place,
                        const char *format, ...) DFL__PRINTF(4, 5);

/* The same for want of memory. */
dfl_status dfl__io_nomem(dfl_io_error *error, const char *path);

#endif
