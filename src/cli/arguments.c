/* arguments.c -- build arguments and base configurations that the file has no use for.
 * Relies on cli.h.
 * Never fails for them: a build only warns. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* BuildKit takes these from builds whose file does not name them. */
static int is_predefined(const dfl_binding *arg) {
    static const char epoch[] = "SOURCE_DATE_EPOCH", buildkit[] = "BUILDKIT_";
    const size_t lead = sizeof buildkit - 1;
    if (arg->name.len >= lead && memcmp(arg->name.ptr, buildkit, lead) == 0) return 1;
    return arg->name.len == sizeof epoch - 1 && memcmp(arg->name.ptr, epoch, arg->name.len) == 0;
}

static int is_same(dfl_str a, dfl_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Names of the file's ARGs, each once, in the order in which they are met. */
typedef struct {
    char **items; /* NUL-terminated */
    size_t count;
} names;

static int has_name(const names *list, dfl_str name) {
    for (size_t i = 0; i < list->count; i++)
        if (is_same(text_of(list->items[i]), name)) return 1;
    return 0;
}

static int is_arg(const dfl_definition *d) {
    return d->node != 0 &&
           (d->kind == DFL_DEFINITION_BUILD_ARG || d->kind == DFL_DEFINITION_DEFAULT ||
            d->kind == DFL_DEFINITION_GLOBAL || d->kind == DFL_DEFINITION_NONE);
}

#define MOST_NAMES 20u /* of a message */

static void list_names(const dfl_model *model, names *out) {
    dfl_definition d = {.size = sizeof d};
    out->count = 0;
    out->items = calloc(MOST_NAMES + 1, sizeof *out->items);
    for (size_t i = 0; out->items != NULL && out->count < MOST_NAMES; i++) {
        if (dfl_model_definition(model, i, &d) != DFL_OK) return;
        if (!is_arg(&d) || has_name(out, d.name)) continue;
        char *copy = malloc(d.name.len + 1);
        if (copy == NULL) return;
        memcpy(copy, d.name.ptr, d.name.len);
        copy[d.name.len] = '\0';
        out->items[out->count++] = copy;
    }
}

static const char *name_at(const void *ctx, size_t n) {
    const names *list = ctx;
    return n < list->count ? list->items[n] : NULL;
}

static void say_unused_arg(const input *in, dfl_str arg, const names *list) {
    char *known = NULL, word[64] = "";
    size_t len = 0;
    FILE *to = open_memstream(&known, &len);
    if (arg.len < sizeof word) memcpy(word, arg.ptr, arg.len);
    for (size_t i = 0; to != NULL && i < list->count; i++)
        fprintf(to, "%s%s", i > 0 ? ", " : "", list->items[i]);
    if (to != NULL && list->count == MOST_NAMES) fputs(", ...", to);
    if (to != NULL) fclose(to);
    const char *near = word[0] != '\0' ? nearest(word, name_at, list) : NULL;
    if (list->count == 0)
        say("%s: note: --build-arg %S: the file has no ARG", in->name, &arg);
    else if (near != NULL)
        say("%s: note: --build-arg %S: no ARG takes it; did you mean %s? (ARGs: %s)", in->name,
            &arg, near, known != NULL ? known : "");
    else
        say("%s: note: --build-arg %S: no ARG takes it (ARGs: %s)", in->name, &arg,
            known != NULL ? known : "");
    free(known);
}

/* Whether a definition holds the value that was given. */
static int is_taken(const dfl_model *model, dfl_str name) {
    dfl_definition d = {.size = sizeof d};
    for (size_t i = 0; dfl_model_definition(model, i, &d) == DFL_OK; i++) {
        int given = d.kind == DFL_DEFINITION_BUILD_ARG || d.kind == DFL_DEFINITION_PREDEFINED;
        if (given && is_same(d.name, name)) return 1;
    }
    return 0;
}

static void say_unused_args(const input *in, const options *opt, const dfl_model *model) {
    names list = {NULL, 0};
    for (size_t i = 0; i < opt->arg_count; i++) {
        if (is_predefined(&opt->args[i]) || is_taken(model, opt->args[i].name)) continue;
        if (list.items == NULL) list_names(model, &list);
        say_unused_arg(in, opt->args[i].name, &list);
    }
    for (size_t i = 0; i < list.count; i++)
        free(list.items[i]);
    free(list.items);
}

/* Whether the file names an image that may be the one that `reference` means. */
static int is_named(const dfl_images *images, dfl_str reference) {
    dfl_image image = {.size = sizeof image};
    size_t index = SIZE_MAX;
    if (dfl_images_find(images, reference, 0, &index) != DFL_OK || index != SIZE_MAX) return 1;
    for (size_t i = 0; dfl_images_get(images, i, &image) == DFL_OK; i++)
        if (!image.known) return 1;
    return 0;
}

static void say_unused_bases(const input *in, const session *s, const dfl_model *model) {
    dfl_images *images = NULL;
    if (s->base_count == 0 || dfl_model_images(model, &images) != DFL_OK) return;
    for (size_t i = 0; i < s->base_count; i++) {
        const dfl_str *reference = &s->bases[i].reference;
        if (reference->len == 0 || is_named(images, *reference)) continue;
        say("%s: note: --base-config %S: the file names no such image; `dockerfile images %s` "
            "lists them",
            in->name, reference, in->path);
    }
    dfl_images_free(images);
}

void say_unused(const input *in, const session *s, const dfl_model *model) {
    say_unused_args(in, s->opt, model);
    say_unused_bases(in, s, model);
}
