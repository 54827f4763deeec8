/* overlay.c -- YAML catalogs: the guard, libfyaml, the loader, the merge over the built-in facts.
 * Relies on fuzz.h and libdockerfile-io's internals.
 * Never expects a catalog to be valid. */
#include "io/loader.h"

#include <string.h>

#include "fuzz.h"

static void check_merge(dfl__arena *arena, const dfl__facts *facts) {
    const dfl__facts *below = dfl_catalog_builtin()->facts;
    dfl__facts all;
    REQUIRE(dfl__facts_merge(arena, facts, below, &all));
    REQUIRE(all.tools.count >= below->tools.count && all.tools.count >= facts->tools.count);
    REQUIRE(all.images.count <= below->images.count + facts->images.count);
}

/* What is well-formed may still name what nothing describes. */
static void check_references(dfl_str text, dfl__arena *arena) {
    dfl__facts facts;
    dfl_io_error error = {0, 0, {0}};
    dfl_status status =
        dfl__facts_load(text, "overlay.yaml", dfl_catalog_builtin()->facts, arena, &facts, &error);
    REQUIRE(status == DFL_OK || status == DFL_E_FORMAT);
    if (status != DFL_OK) fuzz_io_error(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl__arena arena;
    dfl__facts facts;
    dfl_io_error error = {0, 0, {0}};
    dfl__arena_init(&arena, NULL);
    dfl_str text = {(const char *)data, size};
    dfl_status status = dfl__facts_load(text, "overlay.yaml", NULL, &arena, &facts, &error);
    if (status == DFL_OK) {
        check_merge(&arena, &facts);
        check_references(text, &arena);
    } else {
        REQUIRE(status == DFL_E_FORMAT || status == DFL_E_LIMIT);
        fuzz_io_error(&error);
    }
    dfl__arena_free(&arena);
    return 0;
}
