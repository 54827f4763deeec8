/* reference.h -- image references and digests: grammar and normal forms.
 * Relies on base. Language specification, section 9.
 * Never expands variables and never looks anything up: text in, parts out. */
#ifndef DFL_SYNTAX_REFERENCE_H
#define DFL_SYNTAX_REFERENCE_H

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

/* What the separators alone tell: `name[:tag][@digest]`, whatever the parts are made of. They may
 * hold variables, or be empty. */
typedef struct {
    dfl_str name; /* a colon before its last slash is that of a registry's port */
    dfl_str tag, digest;
    int has_tag, has_digest; /* the separator is there */
} dfl__reference_split;

dfl__reference_split dfl__reference_split_of(dfl_str text);

/* Parts of a reference. All but an implied domain are parts of the text that was parsed. */
typedef struct {
    dfl_str domain;   /* docker.io when implied; empty when the first part cannot be a domain */
    dfl_str path;     /* as written: without `library/` where that is implied */
    dfl_str name;     /* as written, without tag and digest */
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

#endif
