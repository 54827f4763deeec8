/* model.c -- what a file means in the build that the command line describes.
 * Relies on cli.h.
 * Never takes a name for another: what is not known is an error that says what is. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int model_open(const input *in, const options *opt, dfl_model **out) {
    dfl_model_options model = DFL_MODEL_OPTIONS_INIT;
    model.args = opt->args;
    model.args_count = (uint32_t)opt->arg_count;
    model.contexts = opt->contexts;
    model.contexts_count = (uint32_t)opt->context_count;
    model.target = text_of(opt->target);
    model.target_platform = text_of(opt->platform);
    dfl_status status = dfl_model_new(in->doc, &model, out);
    if (status == DFL_OK) return STATUS_DONE;
    if (status != DFL_E_FORMAT) return say_status(in->name, status);
    say("dockerfile: --platform: \"%s\" is no platform; write it like linux/amd64 or linux/arm/v7",
        opt->platform);
    return STATUS_USAGE;
}

/* Names of the stages, for a message; NULL when none has one. The caller frees it. */
static char *stage_names(const dfl_model *model) {
    char *known = NULL;
    size_t len = 0, count = 0;
    FILE *list = open_memstream(&known, &len);
    for (size_t i = 0; list != NULL && i < dfl_model_stage_count(model); i++) {
        dfl_stage stage = {.size = sizeof stage};
        if (dfl_model_stage(model, i, &stage) != DFL_OK || stage.name.len == 0) continue;
        fprintf(list, "%s%.*s", count++ != 0 ? ", " : "", (int)stage.name.len, stage.name.ptr);
    }
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
