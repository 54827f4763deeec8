/* cache_id.c -- what the options say about mounts: the builder that reads them, ids, sharing.
 * Relies on cache.h and on everything being decided.
 * Never lets files that depend on a release or a C library mix under one id within the file. */
#include <string.h>

#include "rewrite/cache.h"

#include "base/path.h"

static void no_memory(dfl__caching *c) {
    c->rw->failed = DFL_E_NOMEM;
}

/* --- the builder */

/* What the builders take. */
static const struct {
    const char *name;
    int mounts;   /* RUN --mount=type=cache */
    int private;  /* sharing=private */
    int frontend; /* the syntax directive names what reads the file */
} builders[] = {
    /* docs.docker.com reference/dockerfile */
    [DFL_BUILDER_BUILDKIT] = {"BuildKit", 1, 1, 1},
    /* containers/buildah docs/buildah-run.1.md; internal/volumes knows shared and locked alone */
    [DFL_BUILDER_BUILDAH] = {"buildah", 1, 0, 0},
    /* GoogleContainerTools/kaniko#969, #1568 */
    [DFL_BUILDER_KANIKO] = {"kaniko", 0, 0, 0},
    /* moby/moby builder/dockerfile */
    [DFL_BUILDER_CLASSIC] = {"the classic builder", 0, 0, 0}};

int dfl__cache_has_frontend(const dfl__caching *c) {
    return builders[c->rw->opt->builder].frontend;
}

/* The first RUN with a mount that is to be written, or, with `there`, that there is. */
static const dfl__cache_run *first_mounted(const dfl__caching *c, int there) {
    for (uint32_t i = 0; i < c->runs.count; i++) {
        for (uint32_t k = 0; k < c->runs.items[i].mounts.count; k++) {
            dfl__mount_state state = c->runs.items[i].mounts.items[k].state;
            if (state == DFL__MOUNT_NEW || (there && state == DFL__MOUNT_THERE))
                return &c->runs.items[i];
        }
    }
    return NULL;
}

int dfl__cache_check_builder(dfl__caching *c) {
    const dfl_rewrite_options *opt = c->rw->opt;
    const char *name = builders[opt->builder].name;
    /* What makes room for a mount that is there is of no use either where it is not mounted. */
    const dfl__cache_run *run = first_mounted(c, !builders[opt->builder].mounts);
    if (run == NULL) return 1;
    dfl_range range = dfl__node_range(c->rw->doc, run->node);
    if (!builders[opt->builder].mounts) {
        dfl__plan_refuse(c->rw, "cache.builder", range,
                         "%s has no cache mounts: RUN --mount is an error to it, or of no effect. "
                         "Build with BuildKit or buildah",
                         name);
        return 0;
    }
    if (opt->sharing != DFL_SHARING_PRIVATE || builders[opt->builder].private) return 1;
    dfl__plan_refuse(c->rw, "cache.builder", range,
                     "%s knows sharing=shared and sharing=locked only. Ask for one of them", name);
    return 0;
}

/* --- sharing */

const char *dfl__cache_sharing(const dfl__caching *c, const dfl__cache_mount *m) {
    static const char *const words[] = {NULL, "shared", "private", "locked"};
    const char *word = words[c->rw->opt->sharing];
    return word != NULL ? word : m->cache->sharing;
}

/* --- ids */

static int is_id_byte(char b) {
    return dfl__is_alpha((unsigned char)b) || dfl__is_digit((unsigned char)b) || b == '.' ||
           b == '_' || b == '-';
}

/* `text` with a `-` for what does not belong into an id. */
static dfl_str slug(dfl__caching *c, dfl_str text) {
    char *copy = dfl__arena_copy(&c->arena, text.ptr, text.len);
    if (copy == NULL) {
        no_memory(c);
        return dfl__str("");
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_id_byte(copy[i])) copy[i] = '-';
    }
    return (dfl_str){copy, text.len};
}

/* Caches of one kind have the same place where nothing is set, which is the last. */
static int same_place(const dfl__cache *a, const dfl__cache *b) {
    if (a == b || a->places.count == 0 || b->places.count == 0) return a == b;
    return strcmp(a->places.items[a->places.count - 1], b->places.items[b->places.count - 1]) == 0;
}

/* The catalog's first tool that caches there, and which of its caches it is: tools that share a
 * directory share its id. */
static const dfl__tool *first_tool(const dfl__caching *c, const dfl__cache_mount *m,
                                   uint32_t *index) {
    const dfl__tool *tool;
    for (uint32_t t = 0; (tool = dfl__catalog_tool(c->rw->catalog, t)) != NULL; t++) {
        for (uint32_t i = 0; i < tool->caches.count; i++) {
            if (!same_place(&tool->caches.items[i], m->cache)) continue;
            *index = i;
            return tool;
        }
    }
    *index = 0;
    return m->tool;
}

/* What the files are: apt, apt-lists, cargo-src-target. */
static dfl_str label_of(dfl__caching *c, const dfl__cache_mount *m) {
    uint32_t index;
    const dfl__tool *tool = first_tool(c, m, &index);
    dfl_str name = dfl__str(tool->name), last = dfl__path_base(m->target);
    if (m->cache->holds_output) last = slug(c, dfl__sub(m->target, 1, m->target.len));
    if (index == 0) return name;
    last = slug(c, last);
    return dfl__starts(last, tool->name) ? last : dfl__rewrite_fmt(c->rw, "%S-%S", &name, &last);
}

/* What they depend on: bookworm, musl; empty when on nothing, or when it is not known. */
static dfl_str platform_of(dfl__caching *c, const dfl__cache_run *run, const dfl__cache_mount *m) {
    dfl__image_info image;
    const char *per = m->cache->per;
    if (per[0] == '\0') return dfl__str("");
    int known = dfl__stage_image(c->rw, run->stage, 1, &image);
    if (image.libc != NULL && image.libc[0] != '\0' && strcmp(per, "libc") == 0)
        return dfl__str(image.libc);
    if (image.release != NULL) return dfl__str(image.release->name);
    return slug(c, known ? dfl__path_base(image.repository)
                         : dfl__path_base(c->rw->model->stages.items[run->root].base));
}

/* Note which places are used on several platforms. */
static void note_platform(dfl__caching *c, const dfl__cache_run *run, const dfl__cache_mount *m) {
    dfl_str platform = platform_of(c, run, m);
    if (platform.len == 0 || c->rw->failed != DFL_OK) return;
    uint32_t first = dfl__cache_noted(c, 'J', 0, m->target);
    if (first == 0) {
        if (!DFL__PUSH(&c->arena.alloc, &c->platforms, platform)) no_memory(c);
        dfl__cache_note(c, 'J', 0, m->target, c->platforms.count);
    } else if (!dfl__eq(c->platforms.items[first - 1], platform)) {
        dfl__cache_note(c, 'K', 0, m->target, 1);
    }
}

/* The id that another mount of the family has at the place; 0 when there is none. */
static int id_there(dfl__caching *c, const dfl__cache_run *run, dfl_str target, dfl_str *id) {
    uint32_t index = dfl__cache_noted(c, 'T', run->root, target);
    if (index == 0) return 0;
    *id = c->ids.items[index - 1];
    return 1;
}

static dfl_str id_of(dfl__caching *c, const dfl__cache_run *run, const dfl__cache_mount *m) {
    dfl_str want = c->rw->opt->id, id = {"", 0};
    if (id_there(c, run, m->target, &id) || dfl__eqz(want, "none")) return id;
    dfl_str platform = platform_of(c, run, m), label = label_of(c, m);
    /* Objects of one architecture are no use to another; downloads are told apart by their names.
     */
    int by_arch = run->has_arch && m->cache->holds_output;
    int mixes = by_arch || dfl__cache_noted(c, 'K', 0, m->target) != 0;
    int is_auto = want.len == 0 || dfl__eqz(want, "auto"), is_tool = dfl__eqz(want, "tool");
    int is_prefix = !is_auto && !is_tool && !dfl__eqz(want, "platform");
    if (is_auto && !mixes) return id;
    id = is_prefix ? dfl__rewrite_fmt(c->rw, "%S-%S", &want, &label) : label;
    if (platform.len == 0 || ((is_auto || is_tool) && !mixes)) return id;
    return dfl__rewrite_fmt(c->rw, "%S-%S%s", &id, &platform,
                            by_arch || (!is_auto && run->has_arch) ? "-$TARGETARCH" : "");
}

/* Two places under one id in one RUN are one directory: the second is named by its place. */
static void set_apart(dfl__caching *c, dfl__cache_run *run, uint32_t index) {
    dfl__cache_mount *m = &run->mounts.items[index];
    for (uint32_t i = 0; i < index && m->id.len > 0; i++) {
        const dfl__cache_mount *o = &run->mounts.items[i];
        if (o->state != DFL__MOUNT_NEW || !dfl__eq(o->id, m->id) || dfl__eq(o->target, m->target))
            continue;
        dfl_str place = slug(c, m->target);
        m->id = dfl__rewrite_fmt(c->rw, "%S%S", &m->id, &place);
        return;
    }
}

void dfl__cache_name(dfl__caching *c) {
    for (uint32_t i = 0; i < c->runs.count; i++) {
        for (uint32_t k = 0; k < c->runs.items[i].mounts.count; k++) {
            const dfl__cache_mount *m = &c->runs.items[i].mounts.items[k];
            if (m->state != DFL__MOUNT_LEFT) note_platform(c, &c->runs.items[i], m);
        }
    }
    for (uint32_t i = 0; i < c->runs.count; i++) {
        dfl__cache_run *run = &c->runs.items[i];
        for (uint32_t k = 0; k < run->mounts.count && c->rw->failed == DFL_OK; k++) {
            if (run->mounts.items[k].state != DFL__MOUNT_NEW) continue;
            run->mounts.items[k].id = id_of(c, run, &run->mounts.items[k]);
            set_apart(c, run, k);
        }
    }
}
