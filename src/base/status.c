/* status.c -- names of status codes, and the library's version.
 * Relies on base.h.
 * Never changes the name of a code. */
#include "dockerfile/base.h"

static const char *const names[] = {
    "DFL_OK",         "DFL_E_NOMEM", "DFL_E_ARG",     "DFL_E_LIMIT",
    "DFL_E_CONFLICT", "DFL_E_STALE", "DFL_E_REFUSED", "DFL_E_UNSUPPORTED",
    "DFL_E_ABI",      "DFL_E_IO",    "DFL_E_FORMAT",
};

const char *dfl_status_name(dfl_status status) {
    if (status < 0 || (uint32_t)status >= sizeof names / sizeof *names) return "DFL_E_?";
    return names[status];
}

uint32_t dfl_version(void) {
    return (uint32_t)DFL_VERSION_MAJOR << 16 | (uint32_t)DFL_VERSION_MINOR << 8 | DFL_VERSION_PATCH;
}
