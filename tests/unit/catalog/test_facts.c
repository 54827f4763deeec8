/* test_facts.c -- the built-in facts hold together: what one names, another defines.
 * Relies on the generated facts.
 * Never judges whether a fact is true of the world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/catalog.h"

static const dfl_catalog *catalog(void) {
    return dfl_catalog_builtin();
}

static int is_release(const char *name) {
    const dfl__release *release = dfl__catalog_find_release(catalog(), dfl__str(name));
    return release != NULL && strcmp(release->name, name) == 0;
}

static int is_family(const char *name) {
    const dfl__release *release;
    for (uint32_t i = 0; (release = dfl__catalog_release(catalog(), i)) != NULL; i++) {
        if (strcmp(release->family, name) == 0) return 1;
    }
    return 0;
}

static void check_pairs(const char *owner, dfl__names pairs) {
    for (uint32_t i = 0; i < pairs.count; i++) {
        const char *equals = strchr(pairs.items[i], '=');
        if (equals == NULL || equals == pairs.items[i])
            fail_msg("%s: \"%s\" is no NAME=value", owner, pairs.items[i]);
    }
}

static void check_places(const char *owner, dfl__names places) {
    for (uint32_t i = 0; i < places.count; i++) {
        const char *p = places.items[i];
        int open = 0;
        for (; *p != '\0'; p++) {
            if (*p == '{') open++;
            if (*p == '}') open--;
            if (open < 0 || open > 1) break;
        }
        if (open != 0 || *places.items[i] == '\0')
            fail_msg("%s: \"%s\" is no place", owner, places.items[i]);
    }
}

static void check_commands(const char *owner, dfl__names commands) {
    for (uint32_t i = 0; i < commands.count; i++) {
        dfl_str command = dfl__str(commands.items[i]);
        if (command.len == 0 || !dfl__eq(dfl__trim(command), command))
            fail_msg("%s: \"%s\" is no command", owner, commands.items[i]);
    }
}

static void releases_are_ordered(void **state) {
    (void)state;
    const dfl__release *a, *b;
    for (uint32_t i = 0; (a = dfl__catalog_release(catalog(), i)) != NULL; i++) {
        if (strcmp(a->libc, "glibc") != 0 && a->libc_version != 0)
            assert_string_equal(a->libc, "musl");
        for (uint32_t j = 0; j < i; j++) {
            b = dfl__catalog_release(catalog(), j);
            if (strcmp(a->family, b->family) != 0 || strcmp(a->libc, b->libc) != 0) continue;
            if (a->libc_version == 0 || b->libc_version == 0) continue;
            if ((a->order < b->order && a->libc_version > b->libc_version) ||
                (a->order > b->order && a->libc_version < b->libc_version))
                fail_msg("%s and %s: a newer release has an older C library", a->name, b->name);
        }
    }
}

static void check_counterpart(const dfl__image *image, const dfl__counterpart *counterpart) {
    static const char *const fields[] = {"{version}", "{major}", "{release}", "{-release}"};
    for (const char *p = strchr(counterpart->image, '{'); p != NULL; p = strchr(p + 1, '{')) {
        int known = 0;
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            known |= strncmp(p, fields[i], strlen(fields[i])) == 0;
        if (!known) fail_msg("%s: counterpart %s", image->name, counterpart->image);
    }
}

static void images_name_what_exists(void **state) {
    (void)state;
    const dfl__image *image;
    for (uint32_t i = 0; (image = dfl__catalog_image(catalog(), i)) != NULL; i++) {
        if (*image->release != '\0' && !is_release(image->release))
            fail_msg("%s: release %s", image->name, image->release);
        for (uint32_t j = 0; j < image->defaults.count; j++) {
            if (!is_release(image->defaults.items[j].release))
                fail_msg("%s: release %s", image->name, image->defaults.items[j].release);
        }
        for (uint32_t j = 0; j < image->counterparts.count; j++)
            check_counterpart(image, &image->counterparts.items[j]);
        check_pairs(image->name, image->env);
        if (*image->workdir != '\0') assert_int_equal(*image->workdir, '/');
        if (*image->nonroot_tag != '\0' && *image->nonroot_user == '\0')
            fail_msg("%s: nonroot_tag without nonroot_user", image->name);
    }
}

/* A tag that the pattern takes: `*` stands for a version. */
static dfl_str reference_of(const char *repository, dfl__names tags, char *out, size_t size) {
    size_t len = 0;
    for (const char *p = repository; *p != '\0' && len + 8 < size; p++)
        out[len++] = *p;
    if (tags.count > 0) out[len++] = ':';
    for (const char *p = tags.count > 0 ? tags.items[0] : ""; *p != '\0' && len + 8 < size; p++) {
        if (*p == '*') {
            memcpy(out + len, "10", 2);
            len += 2;
        } else {
            out[len++] = *p;
        }
    }
    return (dfl_str){out, len};
}

/* Every repository without a wildcard is found as the image that lists it. */
static void images_are_found_by_their_repositories(void **state) {
    (void)state;
    const dfl__image *image;
    for (uint32_t i = 0; (image = dfl__catalog_image(catalog(), i)) != NULL; i++) {
        for (uint32_t j = 0; j < image->repositories.count; j++) {
            const char *repository = image->repositories.items[j];
            if (strchr(repository, '*') != NULL || strchr(repository, '?') != NULL) continue;
            char text[256];
            dfl_str reference = reference_of(repository, image->tags, text, sizeof text);
            dfl__image_info info;
            dfl__catalog_describe(catalog(), reference, &info);
            if (info.image != image)
                fail_msg("%.*s of %s is claimed twice", (int)reference.len, text, image->name);
        }
    }
}

static void tools_hold_together(void **state) {
    (void)state;
    const dfl__tool *tool;
    for (uint32_t i = 0; (tool = dfl__catalog_tool(catalog(), i)) != NULL; i++) {
        check_commands(tool->name, tool->commands);
        check_commands(tool->name, tool->drop_commands);
        for (uint32_t j = 0; j < tool->families.count; j++) {
            if (!is_family(tool->families.items[j]))
                fail_msg("%s: family %s", tool->name, tool->families.items[j]);
        }
        for (uint32_t j = 0; j < tool->caches.count; j++)
            check_places(tool->name, tool->caches.items[j].places);
        for (uint32_t j = 0; j < tool->settings.count; j++) {
            if (tool->settings.items[j][0] != '/')
                fail_msg("%s: settings %s", tool->name, tool->settings.items[j]);
        }
        int packages = strstr(tool->install_line, "{packages}") != NULL;
        if ((tool->install.count > 0 && *tool->install_line != '\0') != packages)
            fail_msg("%s: install and install_line with {packages} go together", tool->name);
    }
}

static void ecosystems_hold_together(void **state) {
    (void)state;
    const dfl__ecosystem *e;
    for (uint32_t i = 0; (e = dfl__catalog_ecosystem(catalog(), i)) != NULL; i++) {
        for (uint32_t j = 0; j < e->build.count; j++) {
            check_commands(e->name, e->build.items[j].commands);
            check_places(e->name, e->build.items[j].outputs);
        }
        for (uint32_t j = 0; j < e->install.count; j++) {
            check_commands(e->name, e->install.items[j].commands);
            check_places(e->name, e->install.items[j].into);
            check_pairs(e->name, e->install.items[j].production_env);
        }
        check_pairs(e->name, e->dynamic_env);
        check_pairs(e->name, e->dynamic_facts);
        check_pairs(e->name, e->static_facts);
    }
}

static void packages_belong_to_families(void **state) {
    (void)state;
    const dfl__package *package;
    for (uint32_t i = 0; (package = dfl__catalog_package(catalog(), i)) != NULL; i++) {
        if (*package->family != '\0' && !is_family(package->family))
            fail_msg("%s: family %s", package->name, package->family);
        for (uint32_t j = 0; j < package->releases.count; j++) {
            if (!is_release(package->releases.items[j]))
                fail_msg("%s: release %s", package->name, package->releases.items[j]);
        }
        if (strcmp(package->role, "runtime") == 0 && package->runtime.count > 0)
            fail_msg("%s: a runtime package needs no other in its place", package->name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releases_are_ordered),
        cmocka_unit_test(images_name_what_exists),
        cmocka_unit_test(images_are_found_by_their_repositories),
        cmocka_unit_test(tools_hold_together),
        cmocka_unit_test(ecosystems_hold_together),
        cmocka_unit_test(packages_belong_to_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
