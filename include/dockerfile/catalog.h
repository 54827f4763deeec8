/* catalog.h -- knowledge as data: package managers, images, releases, ecosystems, packages.
 * Relies on base.h. The facts are YAML in src/catalog/, compiled in; io.h loads overlays.
 * Never guesses: a fact that is not in the catalog is not known. */
#ifndef DOCKERFILE_CATALOG_H
#define DOCKERFILE_CATALOG_H

#include "dockerfile/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A catalog: the built-in facts below any number of overlays. Immutable; thread-safe to read. */
typedef struct dfl_catalog dfl_catalog;

/** The built-in catalog. Static; need not be freed. Since 0.1. */
DFL_API const dfl_catalog *dfl_catalog_builtin(void);

/** Free a catalog made by io.h; NULL and the built-in one are accepted. Since 0.1. */
DFL_API void dfl_catalog_free(dfl_catalog *catalog);

/** Kinds of entries, in the order of the sections of a catalog file. */
#define DFL_CATALOG_TOOL 1
#define DFL_CATALOG_RELEASE 2
#define DFL_CATALOG_IMAGE 3
#define DFL_CATALOG_ECOSYSTEM 4
#define DFL_CATALOG_PROGRAM 5
#define DFL_CATALOG_PACKAGE 6

/** What an entry is known by, and where its facts come from. */
typedef struct {
    uint32_t size;   /**< sizeof(dfl_catalog_entry) */
    uint32_t kind;   /**< DFL_CATALOG_* */
    dfl_str name;    /**< unique among the entries of its kind, but of packages */
    dfl_str family;  /**< of a package: the family of releases that it is for; empty = any. One for
                          certain releases may stand beside one for the family */
    dfl_str sources; /**< empty when none is given */
} dfl_catalog_entry;

/** Name of a kind, such as "tool"; NULL for an unknown one. Static. Thread-safe. Since 0.1. */
DFL_API const char *dfl_catalog_kind_name(uint32_t kind);

/**
 * Number of entries of a kind, over all layers: what a layer replaces counts once. `catalog` may be
 * NULL for the built-in one; 0 for an unknown kind. Thread-safe. Since 0.1.
 */
DFL_API size_t dfl_catalog_count(const dfl_catalog *catalog, uint32_t kind);

/**
 * Entry `index` of a kind: the top layer's first, in the order of its file. Strings are borrowed
 * from the catalog. DFL_E_ARG when there is none, DFL_E_ABI for a `size` that is not known.
 * Thread-safe, in constant time. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_catalog_get(const dfl_catalog *catalog, uint32_t kind,
                                                 size_t index, dfl_catalog_entry *out);

#ifdef __cplusplus
}
#endif
#endif
