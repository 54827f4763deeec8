/* reference.c -- image references, digests, platforms: parts lie in the text, forms are stable.
 * Relies on fuzz.h.
 * Never expects a reference to be valid. */
#include "model/platform.h"
#include "syntax/reference.h"

#include "fuzz.h"

static void check_reference(dfl_str text) {
    dfl__reference ref, again;
    if (dfl__reference_parse(text, &ref) != DFL__REF_OK) return;
    dfl__buf full, twice;
    dfl__buf_init(&full, NULL, 0);
    dfl__buf_init(&twice, NULL, 0);
    REQUIRE(ref.path.len > 0 && ref.path.len <= text.len);
    REQUIRE(ref.tag.len < text.len && ref.digest.len < text.len);
    dfl__reference_write(&ref, &full);
    REQUIRE(full.failed == DFL_OK);
    /* the full form is a reference whose full form is itself */
    REQUIRE(dfl__reference_parse(dfl__buf_str(&full), &again) == DFL__REF_OK);
    dfl__reference_write(&again, &twice);
    REQUIRE(dfl__eq(dfl__buf_str(&full), dfl__buf_str(&twice)));
    REQUIRE(ref.digest.len == 0 || dfl__digest_check(ref.digest) == DFL__REF_OK);
    dfl__buf_free(&full);
    dfl__buf_free(&twice);
}

static void check_platform(dfl_str text) {
    static const dfl__host host = {{"linux", 5}, {"amd64", 5}};
    dfl__arena arena;
    dfl__platform platform;
    dfl__arena_init(&arena, NULL);
    dfl__platform_error error = dfl__platform_parse(text, &host, &arena, &platform);
    REQUIRE(error != DFL__PLATFORM_NOMEM);
    if (error == DFL__PLATFORM_OK) {
        dfl__platform_normalize(&platform);
        REQUIRE(platform.os.len > 0 && platform.arch.len > 0);
    }
    dfl__arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl_str text = {(const char *)data, size};
    check_reference(text);
    check_platform(text);
    return 0;
}
