/* context.h -- a build context being read: its directory, and the facts found so far.
 * Relies on base and on file.c for reading.
 * Never follows a symbolic link to a directory: there are no loops. */
#ifndef DFL_IO_CONTEXT_H
#define DFL_IO_CONTEXT_H

#include "base/memory.h"
#include "base/text.h"
#include "io/error.h"

#define DFL__MANIFEST_MAX_BYTES ((size_t)4 << 20)
#define DFL__DIRECTORY_MAX_ENTRIES 65536u

struct dfl_io_facts {
    dfl__arena arena; /* of the facts */
    DFL__VEC(dfl_binding) list;
};

typedef struct {
    const char *name;
    int is_directory; /* itself or through a link */
    int is_file;      /* itself or through a link */
    int is_link;
} dfl__entry;

/* The entries of one directory, sorted by their bytes, without "." and "..". */
typedef struct {
    const dfl__entry *items;
    uint32_t count;
} dfl__directory;

typedef struct {
    const char *root; /* the context's directory */
    dfl__directory top;
    dfl__arena scratch; /* of what is needed while reading */
    dfl_io_facts *facts;
    dfl_io_error *error;
} dfl__context;

/* List `path`. DFL_E_IO, DFL_E_LIMIT, DFL_E_NOMEM; what `*out` points to lies in `arena`. */
dfl_status dfl__directory_list(const char *path, dfl__arena *arena, dfl__directory *out,
                               dfl_io_error *error);

/* Path of `name` below `base`, in `arena`; NULL without memory. */
char *dfl__context_join(dfl__arena *arena, const char *base, const char *name);

/* Whether the context has a file of this name at its top. */
int dfl__context_has(const dfl__context *context, const char *name);

/* Read a file at the top of the context; `*out` is NULL when there is none, and `*path` is its path
 * for messages. */
dfl_status dfl__context_read(dfl__context *context, const char *name, dfl_io_file **out,
                             const char **path);

/* Add a fact named `prefix` followed by `name`; both and the value are copied. */
dfl_status dfl__context_add(dfl__context *context, const char *prefix, dfl_str name, dfl_str value);

/* Whether a file name stands for itself in a path, a pattern and a shell. */
int dfl__is_plain_name(dfl_str name);

/* A manifest is malformed at byte `at` of `text`. */
dfl_status dfl__context_malformed(const dfl__context *context, const char *path, dfl_str text,
                                  size_t at, const char *why);

/* The readers: each says what its manifest, `bytes` of `path`, makes certain. */
typedef dfl_status dfl__manifest_reader(dfl__context *context, dfl_str bytes, const char *path);
dfl__manifest_reader dfl__manifest_npm;    /* package.json */
dfl__manifest_reader dfl__manifest_go;     /* go.mod, and the *.go files of the context */
dfl__manifest_reader dfl__manifest_cargo;  /* Cargo.toml */
dfl__manifest_reader dfl__manifest_maven;  /* pom.xml */
dfl__manifest_reader dfl__manifest_gradle; /* settings.gradle and its build.gradle */

#endif
