/* images.c -- images: what a file pulls, and other references for it.
 * Relies on cli.h.
 * Never prints or writes a file of which not all was changed as asked. */
#include "cli/cli.h"

#include <stdlib.h>

/* What is being done with one file. */
typedef struct {
    const session *s;
    const input *in;
    const dfl_model *model;
    dfl_images *images;
    uint32_t target;
} work;

static int list(const work *w) {
    uint32_t format = w->s->opt->json ? DFL_IMAGES_JSON : DFL_IMAGES_TEXT;
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    dfl_status status = dfl_print_images(w->images, w->target, format, &sink);
    if (status == DFL_OK) return output_send(out);
    output_drop(out);
    return say_status(w->in->name, status);
}

/* --- --set */

static dfl_status add_changes(const work *w, const dfl_binding *set, dfl_image_change *changes,
                              size_t *count) {
    size_t index, before = *count;
    dfl_status status = dfl_images_find(w->images, set->name, 0, &index);
    while (status == DFL_OK && index != SIZE_MAX) {
        changes[(*count)++] = (dfl_image_change){set->value, (uint32_t)index, 0};
        status = dfl_images_find(w->images, set->name, index + 1, &index);
    }
    if (status != DFL_OK || *count != before) return status;
    status = dfl_images_find(w->images, set->value, 0, &index);
    if (status != DFL_OK || index != SIZE_MAX) return status; /* that was done before */
    say("dockerfile: %s: no image is %S; `dockerfile images %s` lists them", w->in->name,
        &set->name, w->in->path);
    return DFL_E_REFUSED;
}

static int say_change(const work *w, const dfl_edits *edits, dfl_status status) {
    dfl_str why = dfl_edits_reason(edits);
    if (status != DFL_E_REFUSED) return say_status(w->in->name, status);
    if (why.len > 0) say("%s: refused: %S", w->in->name, &why);
    return STATUS_REFUSED;
}

static int change(const work *w, dfl_edits *edits, dfl_image_change *changes) {
    const options *opt = w->s->opt;
    dfl_doc *result = NULL;
    dfl_status status = DFL_OK;
    size_t count = 0;
    for (size_t i = 0; i < opt->set_count && status == DFL_OK; i++)
        status = add_changes(w, &opt->sets[i], changes, &count);
    if (status == DFL_OK)
        status = dfl_edits_set_images(edits, w->images, changes, count,
                                      opt->others ? DFL_SET_IMAGES_F_OTHERS : 0);
    if (status == DFL_OK) status = dfl_edits_apply(edits, &result);
    int done = status == DFL_OK ? deliver_result(w->in, result, opt) : say_change(w, edits, status);
    dfl_doc_unref(result);
    return done;
}

static int set_images(const work *w) {
    dfl_edits *edits = NULL;
    size_t most = w->s->opt->set_count * dfl_images_count(w->images) + 1;
    dfl_image_change *changes = calloc(most, sizeof *changes);
    dfl_status status = changes != NULL ? dfl_edits_new(w->in->doc, &edits) : DFL_E_NOMEM;
    int done = status == DFL_OK ? change(w, edits, changes) : say_status(w->in->name, status);
    dfl_edits_free(edits);
    free(changes);
    return done;
}

int run_images(const session *s, const char *path) {
    input in;
    dfl_model *model = NULL;
    work w = {.s = s, .in = &in};
    int status = input_open(path, &in);
    if (status != STATUS_DONE) return status;
    status = model_open(s, &in, &model);
    w.model = model;
    if (status == STATUS_DONE) status = model_target(&in, s->opt, model, &w.target);
    if (status == STATUS_DONE) {
        say_diags(&in, SIZE_MAX, 0);
        say_model_errors(&in, model);
        say_unused(&in, s, model);
        dfl_status made = dfl_model_images(model, &w.images);
        if (made != DFL_OK)
            status = say_status(in.name, made);
        else
            status = s->opt->set_count > 0 ? set_images(&w) : list(&w);
    }
    dfl_images_free(w.images);
    dfl_model_free(model);
    input_close(&in);
    return status;
}
