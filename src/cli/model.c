/* model.c -- what a file means in the build that the command line describes.
 * Relies on cli.h.
 * Never takes a name for another: what is not known is an error that says what is. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void describe_build(const session *s, dfl_model_options *model) {
    const options *opt = s->opt;
    *model = (dfl_model_options)DFL_MODEL_OPTIONS_INIT;
    model->args = opt->args;
    model->args_count = (uint32_t)opt->arg_count;
    model->contexts = opt->contexts;
    model->contexts_count = (uint32_t)opt->context_count;
    model->target = text_of(opt->target);
    model->target_platform = text_of(opt->platform);
    model->catalog = session_catalog(s);
}

/* The image below the target and all that it is built on. 0, or the message and the status. */
static int base_of_target(const session *s, const input *in, const dfl_model *model,
                          const char *path, dfl_str *out) {
    dfl_stage stage = {.size = sizeof stage, .base_known = 0};
    uint32_t at;
    int status = model_target(in, s->opt, model, &at);
    if (status != STATUS_DONE) return status;
    while (at != DFL_NO_STAGE && dfl_model_stage(model, at, &stage) == DFL_OK)
        at = stage.base_stage;
    *out = stage.base;
    int empty =
        stage.base_known && stage.base.len == 7 && memcmp(stage.base.ptr, "scratch", 7) == 0;
    if (stage.base_known && !empty) return STATUS_DONE;
    if (empty)
        say("dockerfile: %s: --base-config %s: the target is built on no image but scratch; name "
            "the image: REF=%s",
            in->name, path, path);
    else
        say("dockerfile: %s: --base-config %s: which image the target is built on is not known; "
            "give its build arguments, or name the image: REF=%s",
            in->name, path, path);
    return STATUS_USAGE;
}

/* Why the library takes the options for malformed: they hold platforms and image references. */
static int say_malformed(const session *s, const input *in, const dfl_model_options *model) {
    for (size_t i = 0; i < model->bases_count; i++) {
        dfl_model_options one = DFL_MODEL_OPTIONS_INIT;
        dfl_model *made = NULL;
        one.bases = &model->bases[i];
        one.bases_count = 1;
        dfl_status status = dfl_model_new(in->doc, &one, &made);
        dfl_model_free(made);
        if (status != DFL_E_FORMAT) continue;
        say("dockerfile: --base-config: \"%S\" is no image reference; write it like alpine:3.20",
            &one.bases->reference);
        return STATUS_USAGE;
    }
    say("dockerfile: --platform: \"%s\" is no platform; write it like linux/amd64 or linux/arm/v7",
        s->opt->platform);
    return STATUS_USAGE;
}

static int model_make(const session *s, const input *in, const dfl_model_options *build,
                      dfl_model **out) {
    dfl_status status = dfl_model_new(in->doc, build, out);
    if (status == DFL_OK) return STATUS_DONE;
    if (status == DFL_E_FORMAT) return say_malformed(s, in, build);
    return say_status(in->name, status);
}

/* Which image a configuration without a reference is about shows only in a model without it. */
static int add_bases(const session *s, const input *in, const dfl_model *first,
                     dfl_base_image *bases) {
    for (size_t i = 0; i < s->base_count; i++) {
        const base_config *given = &s->bases[i];
        bases[i] = (dfl_base_image){given->reference, dfl_io_image_config_values(given->config)};
        if (given->reference.len > 0) continue;
        int status = base_of_target(s, in, first, given->path, &bases[i].reference);
        if (status != STATUS_DONE) return status;
    }
    return STATUS_DONE;
}

int model_open(const session *s, const input *in, dfl_model **out) {
    dfl_model_options build;
    dfl_model *first = NULL;
    describe_build(s, &build);
    if (s->base_count == 0) return model_make(s, in, &build, out);
    dfl_base_image *bases = calloc(s->base_count, sizeof *bases);
    if (bases == NULL) return say_status(in->name, DFL_E_NOMEM);
    int status = model_make(s, in, &build, &first);
    if (status == STATUS_DONE) status = add_bases(s, in, first, bases);
    build.bases = bases;
    build.bases_count = s->base_count;
    if (status == STATUS_DONE) status = model_make(s, in, &build, out);
    dfl_model_free(first);
    free(bases);
    return status;
}

#define MOST_TARGETS 20u /* of a message */

/* Names of the stages, for a message; NULL when none has one. The caller frees it. */
static char *stage_names(const dfl_model *model) {
    char *known = NULL;
    size_t len = 0, count = 0;
    FILE *list = open_memstream(&known, &len);
    for (size_t i = 0; list != NULL && i < dfl_model_stage_count(model); i++) {
        dfl_stage stage = {.size = sizeof stage};
        if (dfl_model_stage(model, i, &stage) != DFL_OK || stage.name.len == 0) continue;
        if (count++ >= MOST_TARGETS) continue;
        fprintf(list, "%s%.*s", count > 1 ? ", " : "", (int)stage.name.len, stage.name.ptr);
    }
    if (list != NULL && count > MOST_TARGETS) fprintf(list, " and %zu more", count - MOST_TARGETS);
    if (list != NULL) fclose(list);
    if (count != 0) return known;
    free(known);
    return NULL;
}

int model_target(const input *in, const options *opt, const dfl_model *model, uint32_t *out) {
    *out = dfl_model_stage_find(model, text_of(opt->target));
    if (*out != DFL_NO_STAGE || opt->target == NULL) return STATUS_DONE;
    char *known = stage_names(model);
    if (known != NULL)
        say("dockerfile: %s: there is no stage \"%s\"; targets: %s", in->name, opt->target, known);
    else
        say("dockerfile: %s: there is no stage \"%s\": no stage has a name", in->name, opt->target);
    free(known);
    return STATUS_USAGE;
}
