/* ignore.c -- .dockerignore: any bytes as patterns, any path held against them.
 * Relies on fuzz.h; "#!path TEXT" before the patterns are the paths.
 * Never expects a pattern to be valid. */
#include "dockerfile/ignore.h"

#include "fuzz.h"

static void check_patterns(const dfl_ignore *ignore, size_t len) {
    uint32_t last = 0, refused = dfl_ignore_refused(ignore);
    size_t count = dfl_ignore_pattern_count(ignore);
    for (size_t i = 0; i < count; i++) {
        dfl_pattern p = {.size = sizeof(p)};
        REQUIRE(dfl_ignore_pattern(ignore, i, &p) == DFL_OK);
        REQUIRE(p.range.start >= last && p.range.start <= p.range.end && p.range.end <= len);
        REQUIRE(p.text.ptr != NULL && p.error <= DFL_IGNORE_SIZE);
        last = p.range.end;
    }
    REQUIRE(refused == DFL_NO_PATTERN || refused < count);
}

static void check_path(const dfl_ignore *ignore, dfl_str path, uint32_t mode) {
    int32_t excluded = -1;
    uint32_t pattern = 0;
    dfl_status status = dfl_ignore_match(ignore, path, mode, &excluded, &pattern);
    if (status == DFL_OK) {
        REQUIRE(excluded == 0 || excluded == 1);
        REQUIRE(pattern == DFL_NO_PATTERN ? !excluded : pattern < dfl_ignore_pattern_count(ignore));
    } else {
        REQUIRE(status != DFL_E_NOMEM && status != DFL_E_ARG && excluded == -1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl_str text = {(const char *)data, size}, rest = text, name, value;
    dfl_ignore *ignore = NULL;
    while (fuzz_option(&rest, &name, &value))
        ;
    REQUIRE(dfl_ignore_new(rest.ptr, rest.len, NULL, &ignore) == DFL_OK);
    check_patterns(ignore, rest.len);
    while (fuzz_option(&text, &name, &value)) {
        check_path(ignore, value, DFL_IGNORE_WALK);
        check_path(ignore, value, DFL_IGNORE_PATH);
    }
    dfl_ignore_free(ignore);
    return 0;
}
