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

#ifdef __cplusplus
}
#endif
#endif
