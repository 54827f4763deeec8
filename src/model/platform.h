/* platform.h -- platform specifiers: grammar and normal forms.
 * Relies on base. Language specification, section 9.
 * Never expands variables and never looks anything up: text in, parts out. */
#ifndef DFL_MODEL_PLATFORM_H
#define DFL_MODEL_PLATFORM_H

#include "base/memory.h"
#include "base/text.h"

typedef enum {
    DFL__PLATFORM_OK,
    DFL__PLATFORM_NOMEM,
    DFL__PLATFORM_WILDCARD, /* `*` */
    DFL__PLATFORM_FORMAT,   /* a component with other characters, or too many of them */
    DFL__PLATFORM_UNKNOWN   /* one component, neither an operating system nor an architecture */
} dfl__platform_error;

typedef struct {
    dfl_str os;
    dfl_str arch;
    dfl_str variant;   /* empty when absent */
    dfl_str version;   /* of the operating system, decoded; empty when absent */
    dfl_str *features; /* of the operating system, decoded; sorted, each once */
    uint32_t feature_count;
} dfl__platform;

/* What a missing component is taken from, such as linux and amd64. */
typedef struct {
    dfl_str os;
    dfl_str arch;
} dfl__host;

/* Parts live in `arena`, or are static, or are the host's. `*out` is untouched on failure. */
dfl__platform_error dfl__platform_parse(dfl_str text, const dfl__host *host, dfl__arena *arena,
                                        dfl__platform *out);

/* Bring a parsed platform to the form in which equal platforms are equal: parsing leaves
 * `linux/arm` without and `linux/arm64/v8` with the variant that is the default. */
void dfl__platform_normalize(dfl__platform *platform);

/* Append `os/arch/variant`, with version and features after the operating system where given. */
void dfl__platform_write(const dfl__platform *platform, dfl__buf *out);

#endif
