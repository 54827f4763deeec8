/* test_image.c -- references described, counterparts filled in.
 * Relies on a small catalog of its own, so that facts may change without changing the mechanism.
 * Never reads the built-in facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/catalog.h"

#define NAMES(...)                                                                                 \
    {                                                                                              \
        (const char *const[]){__VA_ARGS__},                                                        \
            (uint32_t)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))          \
    }
#define COUNT(array) (uint32_t)(sizeof(array) / sizeof *(array))

static const dfl__release releases[] = {
    {.name = "bookworm", .aliases = NAMES("12", "12.*"), .family = "debian", .libc = "glibc"},
    {.name = "trixie", .aliases = NAMES("13"), .family = "debian", .libc = "glibc"},
    {.name = "el9", .aliases = NAMES("9", "ubi9"), .family = "rhel", .libc = "glibc"},
    {.name = "noble", .aliases = NAMES("24.04"), .family = "ubuntu", .libc = "glibc"},
    {.name = "alpine",
     .aliases = NAMES("alpine3.*", "alpine-3.*"),
     .family = "alpine",
     .libc = "musl"},
};

static const dfl__default node_defaults[] = {
    {"lts", "bookworm"}, {"2", "el9"}, {"24", "bookworm"}, {"24.9", "noble"}, {"*", "trixie"}};
static const dfl__counterpart node_counterparts[] = {
    {.to = "slim",
     .image = "node:{version}{-release}-slim",
     .flavour = "slim",
     .linkage = "",
     .libc = "glibc",
     .note = ""},
    {.to = "distroless",
     .image = "gcr.io/distroless/nodejs{major}-debian13",
     .flavour = "",
     .linkage = "",
     .libc = "glibc",
     .versions = NAMES("22", "24"),
     .note = ""},
    {.to = "debian",
     .image = "debian:{release}-slim",
     .flavour = "",
     .linkage = "",
     .libc = "",
     .note = ""},
};
static const dfl__default debian_defaults[] = {{"*", "trixie"}};
static const dfl__default rocky_defaults[] = {{"9", "el9"}};
static const dfl__counterpart maven_counterparts[] = {
    {.to = "slim",
     .image = "eclipse-temurin",
     .flavour = "jre",
     .linkage = "",
     .libc = "",
     .note = ""},
    {.to = "jre",
     .image = "eclipse-temurin:{version}-jre",
     .flavour = "",
     .linkage = "",
     .libc = "",
     .note = ""},
    {.to = "glued",
     .image = "x/java{version}-y",
     .flavour = "",
     .linkage = "",
     .libc = "",
     .note = ""},
};
static const dfl__counterpart go_counterparts[] = {
    {.to = "scratch",
     .image = "scratch",
     .flavour = "",
     .linkage = "static",
     .libc = "",
     .note = ""},
    {.to = "cc",
     .image = "gcr.io/distroless/cc-debian13",
     .flavour = "",
     .linkage = "dynamic",
     .libc = "glibc",
     .note = ""},
    {.to = "open", .image = "x:{version", .flavour = "", .linkage = "", .libc = "", .note = ""},
    {.to = "odd", .image = "x:{nothing}", .flavour = "", .linkage = "", .libc = "", .note = ""},
    {.to = "bare",
     .image = "golang:{version}",
     .flavour = "",
     .linkage = "",
     .libc = "",
     .note = ""},
};

#define IMAGE(id, where, lang, after, what)                                                        \
    .name = id, .repositories = where, .language = lang, .version_after = after, .version = "",    \
    .abi = "", .role = what, .release = "", .libc = "", .user = "", .nonroot_tag = "",             \
    .nonroot_user = "", .workdir = "", .nonroot_workdir = "", .source = ""

static const dfl__image images[] = {
    {IMAGE("node", NAMES("node"), "node", "", "both"), .runtime_flavours = NAMES("slim"),
     .defaults = {node_defaults, COUNT(node_defaults)},
     .counterparts = {node_counterparts, COUNT(node_counterparts)}},
    {IMAGE("golang", NAMES("golang"), "go", "", "build"),
     .counterparts = {go_counterparts, COUNT(go_counterparts)}},
    {IMAGE("debian", NAMES("debian"), "", "", "os"), .defaults = {debian_defaults, 1}},
    {IMAGE("rockylinux", NAMES("rockylinux", "rockylinux/rockylinux"), "", "", "os"),
     .defaults = {rocky_defaults, 1}},
    {IMAGE("maven", NAMES("maven"), "java", "temurin  corretto", "build"),
     .counterparts = {maven_counterparts, COUNT(maven_counterparts)}},
    {IMAGE("gradle", NAMES("gradle"), "java", "jdk", "build")},
    {IMAGE("temurin", NAMES("eclipse-temurin"), "java", "", "both"),
     .runtime_flavours = NAMES("jre", "jre-headless", "jre2?")},
    {.name = "static",
     .repositories = NAMES("gcr.io/distroless/static-debian13"),
     .language = "",
     .version_after = "",
     .version = "",
     .role = "runtime",
     .release = "trixie",
     .libc = "none",
     .nonroot_tag = ""},
    {.name = "distroless",
     .repositories = NAMES("gcr.io/distroless/*"),
     .language = "",
     .version_after = "java",
     .version = "",
     .role = "runtime",
     .release = "",
     .libc = "glibc",
     .nonroot_tag = "nonroot"},
};

static const dfl__facts facts = {.releases = {releases, COUNT(releases)},
                                 .images = {images, COUNT(images)}};
static const dfl_catalog catalog = {.facts = &facts};

static dfl__image_info describe(const char *reference) {
    dfl__image_info info;
    dfl__catalog_describe(&catalog, dfl__str(reference), &info);
    return info;
}

static void check(dfl_str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.ptr, want, got.len);
}

static void splits_references(void **state) {
    (void)state;
    static const struct {
        const char *reference, *repository, *tag, *digest, *image;
    } cases[] = {
        {"node", "node", "", "", "node"},
        {"node:20", "node", "20", "", "node"},
        {"node@sha256:ab", "node", "", "sha256:ab", "node"},
        {"node:20@sha256:ab", "node", "20", "sha256:ab", "node"},
        {"library/node:20", "library/node", "20", "", "node"},
        {"docker.io/node:20", "docker.io/node", "20", "", "node"},
        {"docker.io/library/node:20", "docker.io/library/node", "20", "", "node"},
        {"index.docker.io/library/node", "index.docker.io/library/node", "", "", "node"},
        {"host:5000/node", "host:5000/node", "", "", NULL},
        {"host:5000/node:20", "host:5000/node", "20", "", NULL},
        {"someone/node:20", "someone/node", "20", "", NULL},
        {"gcr.io/distroless/static-debian13:nonroot", "gcr.io/distroless/static-debian13",
         "nonroot", "", "static"},
        {"gcr.io/distroless/base-debian13", "gcr.io/distroless/base-debian13", "", "",
         "distroless"},
        {"rockylinux/rockylinux:9", "rockylinux/rockylinux", "9", "", "rockylinux"},
        {"docker.io/rockylinux/rockylinux", "docker.io/rockylinux/rockylinux", "", "",
         "rockylinux"},
        {"docker.io/library/rockylinux/rockylinux", "docker.io/library/rockylinux/rockylinux", "",
         "", NULL},
        {"registry-1.docker.io/library/node", "registry-1.docker.io/library/node", "", "", "node"},
        {"node:${V}-slim@$D", "node", "${V}-slim", "$D", "node"},
        {"$R/node:20", "$R/node", "20", "", NULL},
        {"", "", "", "", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dfl__image_info info = describe(cases[i].reference);
        check(info.repository, cases[i].repository);
        check(info.tag, cases[i].tag);
        check(info.digest, cases[i].digest);
        if (cases[i].image == NULL) {
            assert_null(info.image);
            assert_string_equal(info.libc, "");
        } else {
            assert_string_equal(info.image->name, cases[i].image);
        }
    }
}

static const struct {
    const char *reference, *version, *language, *part, *release;
    int named, runtime;
    const char *libc;
} tags[] = {
    {"node", "", "", "", "trixie", 0, 0, "glibc"},
    {"node:latest", "", "", "", "trixie", 0, 0, "glibc"},
    {"node:lts", "lts", "", "", "bookworm", 0, 0, "glibc"},
    {"node:ltsc", "ltsc", "", "", "trixie", 0, 0, "glibc"},
    {"node:24", "24", "24", "", "bookworm", 0, 0, "glibc"},
    {"node:24.1.2", "24.1.2", "24.1.2", "", "bookworm", 0, 0, "glibc"},
    {"node:24.9.1-slim", "24.9.1", "24.9.1", "", "noble", 0, 1, "glibc"},
    {"node:2-slim", "2", "2", "", "el9", 0, 1, "glibc"},
    {"node:12", "12", "12", "", "trixie", 0, 0, "glibc"}, /* no release: not an OS image */
    {"node:slim", "", "", "", "trixie", 0, 1, "glibc"},
    {"node:bookworm", "", "", "bookworm", "bookworm", 1, 0, "glibc"},
    {"node:24-bookworm-slim", "24", "24", "bookworm", "bookworm", 1, 1, "glibc"},
    {"node:24-alpine3.20", "24", "24", "alpine3.20", "alpine", 1, 0, "musl"},
    {"node:24-alpine", "24", "24", "alpine", "alpine", 1, 0, "musl"},
    {"debian:12", "12", "", "12", "bookworm", 1, 0, "glibc"},
    {"debian:12.5-slim", "12.5", "", "12.5", "bookworm", 1, 0, "glibc"},
    {"debian:9", "9", "", "", "trixie", 0, 0, "glibc"}, /* 9 is no Debian here */
    {"debian:trixie-slim", "", "", "trixie", "trixie", 1, 0, "glibc"},
    {"rockylinux:9", "9", "", "9", "el9", 1, 0, "glibc"},
    {"maven:3.9-eclipse-temurin-21", "3.9", "21", "", NULL, 0, 0, ""},
    {"maven:3.9-eclipse-temurin-21-alpine", "3.9", "21", "alpine", "alpine", 1, 0, "musl"},
    {"maven:3.9-amazon-corretto-17", "3.9", "17", "", NULL, 0, 0, ""},
    {"maven:3.9", "3.9", "", "", NULL, 0, 0, ""},
    {"gradle:8-jdk21", "8", "21", "", NULL, 0, 0, ""},
    {"gradle:jdk17-alpine", "", "17", "alpine", "alpine", 1, 0, "musl"},
    {"eclipse-temurin:21-jre-noble", "21", "21", "noble", "noble", 1, 1, "glibc"},
    {"eclipse-temurin:21-jre-alpine-3.20", "21", "21", "alpine-3.20", "alpine", 1, 1, "musl"},
    {"eclipse-temurin:21-jdk", "21", "21", "", NULL, 0, 0, ""},
    {"eclipse-temurin:21-jre-headless", "21", "21", "", NULL, 0, 1, ""},
    {"eclipse-temurin:11-jre21", "11", "11", "", NULL, 0, 1, ""},
    {"eclipse-temurin:21-jdk-ubi9-minimal", "21", "21", "ubi9", "el9", 1, 0, "glibc"},
    {"gcr.io/distroless/static-debian13", "", "", "", "trixie", 0, 1, "none"},
    {"gcr.io/distroless/java21-debian13:nonroot", "", "21", "", NULL, 0, 1, "glibc"},
};

static void reads_tags(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        dfl__image_info info = describe(tags[i].reference);
        assert_non_null(info.image);
        check(info.version, tags[i].version);
        check(info.language_version, tags[i].language);
        check(info.release_part, tags[i].part);
        assert_int_equal(info.release_named, tags[i].named);
        assert_int_equal(info.is_runtime, tags[i].runtime);
        assert_string_equal(info.libc, tags[i].libc);
        if (tags[i].release == NULL) {
            assert_null(info.release);
        } else {
            assert_string_equal(info.release->name, tags[i].release);
        }
    }
}

static const struct {
    const char *reference, *to, *linkage, *want; /* NULL = does not apply */
} counterparts[] = {
    {"node:24", "slim", "", "node:24-slim"},
    {"node:24-bookworm", "slim", "", "node:24-bookworm-slim"},
    {"node", "slim", "", "node:slim"},
    {"node:latest", "slim", "", "node:slim"},
    {"node:lts", "slim", "", "node:lts-slim"},
    {"node:bookworm", "slim", "", "node:bookworm-slim"},
    {"node:24-alpine", "slim", "", NULL},
    {"node:24.3@sha256:ab", "distroless", "", "gcr.io/distroless/nodejs24-debian13"},
    {"node:20", "distroless", "", NULL},
    {"node:240", "distroless", "", NULL},
    {"node:lts", "distroless", "", NULL},
    {"node", "distroless", "", NULL},
    {"node:24", "debian", "", "debian:bookworm-slim"},
    {"golang:1.22", "scratch", "static", "scratch"},
    {"golang:1.22", "scratch", "dynamic", NULL},
    {"golang:1.22", "scratch", "", NULL},
    {"golang:1.22", "cc", "dynamic", NULL}, /* C library not known */
    {"golang:1.22-trixie", "cc", "dynamic", "gcr.io/distroless/cc-debian13"},
    {"golang:1.22", "open", "", NULL},
    {"golang:1.22", "odd", "", NULL},
    {"golang:1.22", "bare", "", "golang:1.22"},
    {"golang", "bare", "", "golang"},
    {"maven:3.9-eclipse-temurin-21", "slim", "", "eclipse-temurin:21-jre"},
    {"maven:3.9-eclipse-temurin-21-alpine", "slim", "", "eclipse-temurin:21-jre-alpine"},
    {"maven:3.9", "slim", "", "eclipse-temurin:jre"},
    {"maven:3.9-eclipse-temurin-21", "jre", "", "eclipse-temurin:21-jre"},
    {"maven:3.9", "glued", "", NULL},
    {"maven:3.9-eclipse-temurin-21", "glued", "", "x/java21-y"},
};

static void fills_counterparts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof counterparts / sizeof *counterparts; i++) {
        dfl__image_info info = describe(counterparts[i].reference);
        const dfl__counterpart *found = NULL;
        for (uint32_t j = 0; j < info.image->counterparts.count; j++) {
            if (strcmp(info.image->counterparts.items[j].to, counterparts[i].to) == 0)
                found = &info.image->counterparts.items[j];
        }
        assert_non_null(found);
        dfl__buf out;
        dfl__buf_init(&out, NULL, 0);
        dfl__buf_addz(&out, "FROM "); /* what is there before stays, also when nothing is added */
        int applies =
            dfl__catalog_counterpart(&catalog, &info, found, counterparts[i].linkage, &out);
        assert_int_equal(applies, counterparts[i].want != NULL);
        dfl_str text = dfl__buf_str(&out);
        assert_memory_equal(text.ptr, "FROM ", 5);
        check(dfl__sub(text, 5, text.len),
              counterparts[i].want != NULL ? counterparts[i].want : "");
        dfl__buf_free(&out);
    }
}

static void knows_no_counterpart_of_the_unknown(void **state) {
    (void)state;
    dfl__image_info info = describe("someone/thing:1");
    dfl__buf out;
    dfl__buf_init(&out, NULL, 0);
    assert_int_equal(dfl__catalog_counterpart(&catalog, &info, &node_counterparts[0], "", &out), 0);
    dfl__buf_free(&out);
}

#define PLAIN                                                                                      \
    .language = "", .version_after = "", .version = "", .role = "both", .release = "", .libc = ""

static const dfl__image tagged_images[] = {
    {.name = "net", .repositories = NAMES("r.example/net", "r.example/deps"), PLAIN},
    {.name = "thin", .repositories = NAMES("r.example/net"), .tags = NAMES("*-thin*"), PLAIN},
    {.name = "thin-extra",
     .repositories = NAMES("r.example/net"),
     .tags = NAMES("*-thin-extra", "thin"),
     PLAIN},
    {.name = "any", .repositories = NAMES("r.example/*"), .tags = NAMES("*-thin"), PLAIN},
    {.name = "dev", .repositories = NAMES("r.example/only"), .tags = NAMES("*-dev"), PLAIN},
};
static const dfl__facts tagged_facts = {.images = {tagged_images, COUNT(tagged_images)}};
static const dfl_catalog tagged = {.facts = &tagged_facts};

static void tags_choose_the_entry(void **state) {
    (void)state;
    static const struct {
        const char *reference, *want; /* NULL: not known */
    } cases[] = {
        {"r.example/net", "net"},
        {"r.example/net:10", "net"},
        {"r.example/net:10-thin", "thin"}, /* the repository counts before the tag */
        {"r.example/net:10-thin-extra", "thin-extra"},
        {"r.example/net:10-thin-more", "thin"},
        {"r.example/net:thin", "thin-extra"},
        {"r.example/deps:10-thin", "net"},
        {"r.example/other:1-thin", "any"},
        {"r.example/other:1", NULL},
        {"r.example/only:1-dev@sha256:0", "dev"},
        {"r.example/only:1", NULL},
        {"r.example/only", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__image_info info;
        dfl__catalog_describe(&tagged, dfl__str(cases[i].reference), &info);
        const char *got = info.image != NULL ? info.image->name : "";
        if (strcmp(got, cases[i].want != NULL ? cases[i].want : "") != 0)
            fail_msg("%s is %s", cases[i].reference, got);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_references),
        cmocka_unit_test(reads_tags),
        cmocka_unit_test(fills_counterparts),
        cmocka_unit_test(knows_no_counterpart_of_the_unknown),
        cmocka_unit_test(tags_choose_the_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
