/* images.c -- images: what a file pulls, and other references for it.
 * Relies on cli.h.
 * Never prints or writes a file of which not all was changed as asked. */
#include "cli/cli.h"

#include <stdlib.h>

static dfl_status print_list(const session *s, const dfl_model *model, uint32_t target,
                             const dfl_sink *sink) {
    dfl_images *images = NULL;
    dfl_status status = dfl_model_images(model, &images);
    if (status == DFL_OK)
        status = dfl_print_images(images, target, s->opt->json ? DFL_IMAGES_JSON : DFL_IMAGES_TEXT,
                                  sink);
    dfl_images_free(images);
    return status;
}

/* --- --set */

/* What is being done with one file. */
typedef struct {
    const session *s;
    const input *in;
    const dfl_images *images;
} work;

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

static int set_in_file(const session *s, const char *path) {
    query q;
    dfl_images *images = NULL;
    int status = query_open(s, path, &q);
    if (status != STATUS_DONE) return status;
    dfl_status made = dfl_model_images(q.model, &images);
    work w = {s, &q.in, images};
    status = made == DFL_OK ? set_images(&w) : say_status(q.in.name, made);
    dfl_images_free(images);
    query_close(&q);
    return status;
}

int run_images(const session *s, const char *path) {
    return s->opt->set_count > 0 ? set_in_file(s, path) : run_query(s, path, print_list);
}
