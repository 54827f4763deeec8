/* known.c -- what the catalog knows of a base image, as a configuration.
 * Relies on catalog/catalog.h.
 * Never takes what the catalog does not state for empty: it is unknown. */
#include <string.h>

#include "catalog/catalog.h"
#include "model/model.h"

/* What an entry of the catalog can say. An image of the family may have more variables. */
#define NEVER_KNOWN                                                                                \
    (DFL__CONFIG_ENV | DFL__CONFIG_HEALTH | DFL__CONFIG_STOP | DFL__CONFIG_AUTHOR |                \
     DFL__CONFIG_LABELS | DFL__CONFIG_VOLUMES | DFL__CONFIG_PORTS)

static int lies_in(dfl_str part, dfl_str whole) {
    uintptr_t from = (uintptr_t)whole.ptr, at = (uintptr_t)part.ptr;
    return whole.len > 0 && at >= from && at + part.len <= from + whole.len;
}

static dfl_str next_part(dfl_str tag, size_t *at) {
    dfl_str part = dfl__sub(tag, *at, dfl__find(tag, '-', *at));
    *at += part.len + 1;
    return part;
}

/* Whether the catalog knows what each part of the tag means for the user: `chiseled`, `debug` and
 * their like may change it. */
static int reads_tag(const dfl__image_info *info) {
    for (size_t at = 0; at < info->tag.len;) {
        dfl_str part = next_part(info->tag, &at);
        if (!lies_in(part, info->version) && !lies_in(part, info->release_part) &&
            !dfl__eqz(part, "latest") && !dfl__names_has(info->image->runtime_flavours, part, 0))
            return 0;
    }
    return 1;
}

/* An image for Windows, and one that has triggers, is not what the family's entry describes. */
static int is_described(const dfl__image_info *info) {
    if (info->image == NULL || (info->digest.len > 0 && info->tag.len == 0)) return 0;
    if (info->release != NULL && strcmp(info->release->family, "windows") == 0) return 0;
    for (size_t at = 0; at < info->tag.len;)
        if (dfl__eqz(next_part(info->tag, &at), "onbuild")) return 0;
    return 1;
}

static void add_env(dfl__arena *arena, dfl__names env, dfl_image_config *out, int *failed) {
    dfl_binding *items = dfl__arena_get(arena, env.count * sizeof *items);
    if (items == NULL) {
        *failed = 1;
        return;
    }
    for (uint32_t i = 0; i < env.count; i++) {
        dfl_str pair = dfl__str(env.items[i]);
        size_t equals = dfl__find(pair, '=', 0);
        if (equals == pair.len) continue;
        items[out->env_count++] =
            (dfl_binding){dfl__sub(pair, 0, equals), dfl__sub(pair, equals + 1, pair.len)};
    }
    out->env = items;
}

/* A list that the entry does not have says nothing. */
static const dfl_str *list_of(dfl__arena *arena, dfl__names names, int *failed) {
    if (names.count == 0) return NULL;
    dfl_str *items = dfl__arena_get(arena, names.count * sizeof *items);
    if (items == NULL) *failed = 1;
    for (uint32_t i = 0; items != NULL && i < names.count; i++)
        items[i] = dfl__str(names.items[i]);
    return items;
}

static void add_lists(dfl__arena *arena, const dfl__image *image, dfl__base *out, int *failed) {
    dfl_image_config *config = &out->config;
    config->entrypoint = list_of(arena, image->entrypoint, failed);
    config->entrypoint_count = image->entrypoint.count;
    config->cmd = list_of(arena, image->cmd, failed);
    config->cmd_count = image->cmd.count;
    config->shell = list_of(arena, image->shell, failed);
    config->shell_count = image->shell.count;
    if (image->entrypoint.count == 0) out->unknown |= DFL__CONFIG_ENTRYPOINT;
    if (image->cmd.count == 0) out->unknown |= DFL__CONFIG_CMD;
}

static void add_texts(const dfl__image_info *info, dfl__base *out) {
    const dfl__image *image = info->image;
    const char *user = image->user, *workdir = image->workdir;
    int nonroot = image->nonroot_tag[0] != '\0' && dfl__eqz(info->tag, image->nonroot_tag);
    if (nonroot) user = image->nonroot_user;
    if (nonroot && image->nonroot_workdir[0] != '\0') workdir = image->nonroot_workdir;
    out->config.user = dfl__str(user);
    out->config.working_dir = dfl__str(workdir);
    if (!nonroot && !reads_tag(info)) out->unknown |= DFL__CONFIG_USER;
    if (workdir[0] == '\0') out->unknown |= DFL__CONFIG_WORKDIR;
}

int dfl__catalog_config(const dfl_catalog *catalog, dfl_str reference, dfl__arena *arena,
                        dfl__base *out, dfl_status *status) {
    dfl__image_info info;
    dfl__base base;
    int failed = 0;
    *status = DFL_OK;
    dfl__catalog_describe(catalog, reference, &info);
    if (!is_described(&info)) return 0;
    memset(&base, 0, sizeof base);
    base.unknown = NEVER_KNOWN;
    base.config.stop_signal = base.config.author = DFL__LIT("");
    base.config.os = base.config.architecture = base.config.variant = DFL__LIT("");
    add_env(arena, info.image->env, &base.config, &failed);
    add_lists(arena, info.image, &base, &failed);
    add_texts(&info, &base);
    if (failed) {
        *status = DFL_E_NOMEM;
        return 0;
    }
    *out = base;
    return 1;
}
