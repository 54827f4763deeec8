/* reference.h -- image references, digests and platform specifiers: grammar and normal forms.
 * Relies on base. Language specification, section 9.
 * Never expands variables and never looks anything up: text in, parts out. */
#ifndef DFL_MODEL_REFERENCE_H
#define DFL_MODEL_REFERENCE_H

#include "base/memory.h"
#include "base/text.h"

typedef enum {
    DFL__REF_OK,
    DFL__REF_FORMAT,          /* not a reference at all */
    DFL__REF_CASE,            /* the repository is not lower-case */
    DFL__REF_HEX,             /* 64 hexadecimal digits: could be an image id */
    DFL__REF_LONG,            /* path over 255 bytes, an implied `library/` included */
    DFL__REF_DIGEST_FORMAT,   /* digest: not `algorithm:text`, or not lower-case hexadecimal */
    DFL__REF_DIGEST_LENGTH,   /* digest: not as long as its algorithm makes it */
    DFL__REF_DIGEST_ALGORITHM /* digest: an algorithm other than sha256, sha384, sha512 */
} dfl__reference_error;

/* Parts of a reference. All but an implied domain are parts of the text that was parsed. */
typedef struct {
    dfl_str domain;   /* docker.io when implied; empty when the first part cannot be a domain */
    dfl_str path;     /* as written: without `library/` where that is implied */
    dfl_str familiar; /* shortest name: without docker.io/ and a single-level library/ */
    dfl_str tag;      /* empty when absent */
    dfl_str digest;   /* empty when absent */
    int library;      /* 1: `library/` stands before `path` without being written */
} dfl__reference;

/* `*out` is untouched on failure. */
dfl__reference_error dfl__reference_parse(dfl_str text, dfl__reference *out);

/* Append the reference in full, as BuildKit completes it: `:latest` when it has neither tag nor
 * digest. */
void dfl__reference_write(const dfl__reference *ref, dfl__buf *out);

/* DFL__REF_OK or one of DFL__REF_DIGEST_*. */
dfl__reference_error dfl__digest_check(dfl_str text);

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
