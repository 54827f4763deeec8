/* dft.h -- files of data-driven cases (tests/spec/README.md describes the format).
 * Relies on the C library.
 * Never interprets a section: the runner does. */
#ifndef TESTS_SPEC_DFT_H
#define TESTS_SPEC_DFT_H

#include <stddef.h>

/* Bytes that grow; always followed by a NUL that is not counted. */
typedef struct {
    char *ptr;
    size_t len;
    size_t cap;
} bytes;

void bytes_add(bytes *b, const char *ptr, size_t len);
void bytes_addz(bytes *b, const char *z);
void bytes_clear(bytes *b);
void bytes_free(bytes *b);
int bytes_equal(const bytes *a, const bytes *b);

/* A section: "--- title", then its lines. */
typedef struct {
    char *title; /* without the words that say how the lines are written */
    size_t line; /* of the title, 1-based */
    bytes body;  /* decoded */
    bytes raw;   /* lines as they stand in the file; rebuilt from `body` when empty */
} section;

/* A case: "=== name", a note of any lines, then sections. */
typedef struct {
    char *name;
    size_t line;
    bytes note;
    section *sections;
    size_t count;
} dft_case;

typedef struct {
    const char *path;
    bytes preamble;
    dft_case *cases;
    size_t count;
} dft_file;

/* Read a file; 0 after a message on stderr when it cannot be read or is malformed. */
int dft_read(const char *path, dft_file *out);
/* Write it back, sections with an empty `raw` in the plainest notation that holds them. */
int dft_write(const dft_file *file);
void dft_free(dft_file *file);

/* Section `title` after index `from`; NULL when there is none. */
section *dft_find(dft_case *c, const char *title, size_t from);
/* Put a section at `index`; its body is empty. */
section *dft_insert(dft_case *c, size_t index, const char *title);
void dft_remove(dft_case *c, size_t index);
/* Replace the body of a section, if it differs. */
void dft_set(section *s, const bytes *body);

#endif
