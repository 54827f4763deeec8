/* error.c -- see error.h.
 * Relies on vsnprintf.
 * Never leaves a message without its NUL, or with half a UTF-8 sequence at its end. */
#include "io/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATH_MAX_SHOWN 160u

/* The tail of a path that is too long to show, cut between UTF-8 sequences. */
static const char *path_tail(const char *path, const char **lead) {
    size_t len = strlen(path);
    *lead = "";
    if (len <= PATH_MAX_SHOWN) return path;
    path += len - PATH_MAX_SHOWN;
    while ((*path & 0xC0) == 0x80)
        path++;
    *lead = "...";
    return path;
}

static size_t put_place(char *out, size_t size, dfl__place place) {
    const char *lead;
    const char *path = path_tail(place.path, &lead);
    int n = place.line == 0 ? snprintf(out, size, "%s%s: ", lead, path)
            : place.column == 0
                ? snprintf(out, size, "%s%s:%u: ", lead, path, place.line)
                : snprintf(out, size, "%s%s:%u:%u: ", lead, path, place.line, place.column);
    return n < 0 ? 0 : (size_t)n;
}

static void mark_cut(char *message, size_t size) {
    size_t at = size - 4;
    while (at > 0 && (message[at] & 0xC0) == 0x80)
        at--;
    memcpy(message + at, "...", 4);
}

dfl_status dfl__io_fail(dfl_io_error *error, dfl_status status, dfl__place place,
                        const char *format, ...) {
    if (error == NULL) return status;
    error->line = place.line;
    error->column = place.column;
    size_t size = sizeof error->message;
    size_t at = put_place(error->message, size, place);
    va_list args;
    va_start(args, format);
    int n = vsnprintf(error->message + at, size - at, format, args);
    va_end(args);
    if (n > 0 && (size_t)n >= size - at) mark_cut(error->message, size);
    return status;
}

dfl_status dfl__io_nomem(dfl_io_error *error, const char *path) {
    return dfl__io_fail(error, DFL_E_NOMEM, (dfl__place){path, 0, 0}, "out of memory");
}
