/* io.h -- libdockerfile-io: what touches files or a third-party parser.
 * Relies on catalog.h, model.h and rewrite.h; links libfyaml.
 * Never writes a file but through dfl_io_replace. */
#ifndef DOCKERFILE_IO_H
#define DOCKERFILE_IO_H

#include "dockerfile/catalog.h"
#include "dockerfile/context.h"
#include "dockerfile/print.h"
#include "dockerfile/rewrite.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where and why an operation failed; fixed size, needs no freeing. */
typedef struct {
    uint32_t line;     /**< 1-based; 0 when it is not about a line */
    uint32_t column;   /**< 1-based, bytes; 0 when it is not about a column */
    char message[504]; /**< NUL-terminated; names the file, says what to do */
} dfl_io_error;

/** Bytes of a file, with what is needed to see later whether it changed. */
typedef struct dfl_io_file dfl_io_file;

/**
 * Read a whole regular file, or standard input for "-". DFL_E_IO, DFL_E_LIMIT (over `max_bytes`;
 * 0 = 4 MiB), DFL_E_NOMEM; `error` (may be NULL) is then filled. Freed by dfl_io_file_free.
 * Thread-safe. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_io_read(const char *path, size_t max_bytes, dfl_io_file **out,
                                             dfl_io_error *error);

/** The bytes. Borrowed. Since 0.1. */
DFL_API dfl_str dfl_io_file_bytes(const dfl_io_file *file);

/** Free; NULL is accepted. Since 0.1. */
DFL_API void dfl_io_file_free(dfl_io_file *file);

/**
 * Replace the file that was read by `bytes`: written beside it, synced, given the old mode, then
 * renamed over it, symbolic links followed. DFL_E_STALE when the file changed since it was read,
 * DFL_E_IO; the file is then as it was. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_io_replace(const dfl_io_file *file, dfl_str bytes,
                                                dfl_io_error *error);

/**
 * Load a YAML overlay over `below` (NULL = built-in), which must outlive the result. Entries add;
 * an entry with the name of an existing one replaces it. DFL_E_FORMAT with file, line and column,
 * DFL_E_IO, DFL_E_LIMIT, DFL_E_NOMEM. Freed by dfl_catalog_free. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_io_catalog_load(const char *path, const dfl_catalog *below,
                                                     dfl_catalog **out, dfl_io_error *error);

/**
 * Entry `index` of a kind (as in dfl_catalog_get) with all its members: DFL_LISTING_TEXT is YAML
 * that dfl_io_catalog_load takes back, DFL_LISTING_JSON one JSON object with its kind. Members that
 * have no value are left out. `catalog` may be NULL for the built-in one. DFL_E_ARG, DFL_E_NOMEM,
 * DFL_E_IO of the sink. Thread-safe. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_io_catalog_show(const dfl_catalog *catalog, uint32_t kind,
                                                     size_t index, uint32_t format,
                                                     const dfl_sink *sink);

/** Facts about a build context: names and values for dfl_rewrite_options. */
typedef struct dfl_io_facts dfl_io_facts;

/**
 * Read what manifests in directory `path` say. Names: `file` (one per top-level entry, directories
 * end in "/"), `npm.main`, `npm.script.NAME`, `npm.dependency`, `npm.dev-dependency`,
 * `go.module`, `go.require`, `go.cgo` ("yes" or "no"), `go.embed`, `cargo.package`, `cargo.bin`,
 * `maven.jar`, `gradle.jar`. A malformed manifest is DFL_E_FORMAT. Freed by dfl_io_facts_free.
 * Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_io_facts_read(const char *path, dfl_io_facts **out,
                                                   dfl_io_error *error);

/** The facts, borrowed; `*count` receives their number. Since 0.1. */
DFL_API const dfl_binding *dfl_io_facts_list(const dfl_io_facts *facts, size_t *count);

/** Free; NULL is accepted. Since 0.1. */
DFL_API void dfl_io_facts_free(dfl_io_facts *facts);

/** The paths of a build context, as dfl_context_options takes them. */
typedef struct dfl_io_tree dfl_io_tree;

/**
 * List all that lies in directory `path`. Symbolic links are listed and not followed. A directory
 * that cannot be listed is told by dfl_io_tree_unread: that matters only where it is sent.
 * DFL_E_IO when `path` itself cannot be listed, DFL_E_LIMIT (more than 1,048,576 paths, or 65,536
 * in one directory), DFL_E_NOMEM. Freed by dfl_io_tree_free. Thread-safe. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_io_tree_read(const char *path, dfl_io_tree **out,
                                                  dfl_io_error *error);

/** The paths, borrowed; `*count` receives their number. Since 0.1. */
DFL_API const dfl_context_path *dfl_io_tree_paths(const dfl_io_tree *tree, size_t *count);

/**
 * Directory `index` among those that could not be listed: `*path` is its index in the paths, and
 * `error` (may be NULL) says why. DFL_E_ARG when there is none. Since 0.1.
 */
DFL_API dfl_status dfl_io_tree_unread(const dfl_io_tree *tree, size_t index, size_t *path,
                                      dfl_io_error *error);

/** Free; NULL is accepted. Since 0.1. */
DFL_API void dfl_io_tree_free(dfl_io_tree *tree);

/** The configuration of an image that was read: immutable, thread-safe to read. */
typedef struct dfl_io_image_config dfl_io_image_config;

/**
 * Read the configuration of an image from a JSON file (4 MiB at most; "-" is standard input): as a
 * registry keeps it (the OCI image configuration) or as `docker image inspect` prints it. A
 * manifest, an index, a container, more than one image, an Env entry without `=` and values of the
 * wrong type are DFL_E_FORMAT with file, line and column; members it does not know are passed
 * over. DFL_E_IO, DFL_E_LIMIT, DFL_E_NOMEM, DFL_E_ARG; `error` (may be NULL) is then filled. Freed
 * by dfl_io_image_config_free. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_io_image_config_read(const char *path,
                                                          dfl_io_image_config **out,
                                                          dfl_io_error *error);

/** The same of bytes; `path` names them in messages. Since 0.1. */
DFL_API DFL_NODISCARD dfl_status dfl_io_image_config_parse(dfl_str bytes, const char *path,
                                                           dfl_io_image_config **out,
                                                           dfl_io_error *error);

/** What it says, borrowed: for dfl_base_image. Since 0.1. */
DFL_API const dfl_image_config *dfl_io_image_config_values(const dfl_io_image_config *config);

/** Free; NULL is accepted. Since 0.1. */
DFL_API void dfl_io_image_config_free(dfl_io_image_config *config);

#ifdef __cplusplus
}
#endif
#endif
