/* reference_driver.c -- image references, digests and platforms for the comparers.
 * Relies on wire.h, syntax/reference.h and model/platform.h.
 * Never decides which categories count as equal. */
#include "model/platform.h"
#include "syntax/reference.h"
#include "wire.h"

static const char *const reference_categories[] = {
    [DFL__REF_OK] = "",
    [DFL__REF_FORMAT] = "ref-format",
    [DFL__REF_CASE] = "ref-case",
    [DFL__REF_HEX] = "ref-hex",
    [DFL__REF_LONG] = "ref-too-long",
    [DFL__REF_DIGEST_FORMAT] = "digest-format",
    [DFL__REF_DIGEST_LENGTH] = "digest-length",
    [DFL__REF_DIGEST_ALGORITHM] = "digest-algorithm",
};

static void add_written(wire_message *answer, const dfl__buf *buf) {
    wire_add(answer, dfl__buf_str(buf));
}

/* Answers category, domain, path, familiar name, tag, digest, completed form. */
void reference_answer(const wire_message *request, wire_message *answer) {
    dfl__reference ref;
    dfl__reference_error error = dfl__reference_parse(wire_get(request, 1), &ref);
    wire_addz(answer, reference_categories[error]);
    if (error != DFL__REF_OK) return;
    dfl__buf buf;
    dfl__buf_init(&buf, NULL, 0);
    wire_add(answer, ref.domain);
    dfl__buf_addz(&buf, ref.library ? "library/" : "");
    dfl__buf_add(&buf, ref.path);
    add_written(answer, &buf);
    wire_add(answer, ref.familiar);
    wire_add(answer, ref.tag);
    wire_add(answer, ref.digest);
    buf.len = 0;
    dfl__reference_write(&ref, &buf);
    add_written(answer, &buf);
    dfl__buf_free(&buf);
}

/* Answers category. */
void digest_answer(const wire_message *request, wire_message *answer) {
    wire_addz(answer, reference_categories[dfl__digest_check(wire_get(request, 1))]);
}

static const char *const platform_categories[] = {
    [DFL__PLATFORM_OK] = "",
    [DFL__PLATFORM_NOMEM] = "nomem",
    [DFL__PLATFORM_WILDCARD] = "platform-wildcard",
    [DFL__PLATFORM_FORMAT] = "platform-format",
    [DFL__PLATFORM_UNKNOWN] = "platform-unknown",
};

static void add_platform(wire_message *answer, const dfl__platform *platform) {
    dfl__buf buf;
    dfl__buf_init(&buf, NULL, 0);
    dfl__platform_write(platform, &buf);
    add_written(answer, &buf);
    dfl__buf_free(&buf);
}

/* Answers category, os, architecture, variant, version, features behind their count, formatted,
 * formatted after normalising. The host is linux/amd64. */
void platform_answer(const wire_message *request, wire_message *answer) {
    const dfl__host host = {DFL__LIT("linux"), DFL__LIT("amd64")};
    dfl__platform platform;
    dfl__arena arena;
    dfl__arena_init(&arena, NULL);
    dfl__platform_error error = dfl__platform_parse(wire_get(request, 1), &host, &arena, &platform);
    wire_addz(answer, platform_categories[error]);
    if (error == DFL__PLATFORM_OK) {
        wire_add(answer, platform.os);
        wire_add(answer, platform.arch);
        wire_add(answer, platform.variant);
        wire_add(answer, platform.version);
        wire_add_number(answer, platform.feature_count);
        for (uint32_t i = 0; i < platform.feature_count; i++)
            wire_add(answer, platform.features[i]);
        add_platform(answer, &platform);
        dfl__platform_normalize(&platform);
        add_platform(answer, &platform);
    }
    dfl__arena_free(&arena);
}
