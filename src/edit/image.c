/* image.c -- setting images: planned, proved on a copy, then added.
 * Relies on image_plan.c for the places, and on the model for the proof.
 * Never adds an edit before a result was read that has all images as asked. */
#include "edit/image.h"

#include <string.h>

#include "syntax/number.h"

typedef struct {
    dfl_edits *edits;
    const dfl_images *images;
    const dfl_image_change *changes;
    size_t count;
    uint32_t flags;
    dfl__arena arena;
    dfl_str *wanted; /* [images]: the new reference; a null one where none is asked for */
    dfl__env same;   /* old reference to new one */
    dfl__env held;   /* the same, of those that a text of the file holds */
} job;

/* --- what is asked for */

static dfl_status check_reference(job *j, const dfl_image *image, dfl_str text) {
    const dfl_model *model = j->images->model;
    uint32_t line = dfl__image_line(j->images, image);
    dfl__reference ref;
    int64_t number;
    int in_file = image->kind != DFL_IMAGE_SYNTAX;
    if (in_file && dfl__eqz(text, "scratch"))
        return dfl__image_refuse(&j->edits->reason, "line %u: scratch is no image", line);
    if (dfl__reference_parse(text, &ref) != DFL__REF_OK)
        return dfl__image_refuse(&j->edits->reason, "line %u: \"%S\" is no image reference", line,
                                 &text);
    if (in_file && dfl__stage_named(model, text) != DFL_NO_STAGE)
        return dfl__image_refuse(&j->edits->reason,
                                 "line %u: \"%S\" names a stage of the file, not an image", line,
                                 &text);
    if (image->kind == DFL_EDGE_COPY && dfl__go_int(text, 64, &number))
        return dfl__image_refuse(
            &j->edits->reason, "line %u: --from=%S would mean a stage by its number", line, &text);
    return DFL_OK;
}

static dfl_status take_change(job *j, const dfl_image_change *change) {
    if (change->image >= j->images->list.count || change->reference.ptr == NULL) return DFL_E_ARG;
    const dfl__image_ref *stored = &j->images->list.items[change->image];
    const dfl_image *image = &stored->shown;
    dfl_str *wanted = &j->wanted[change->image];
    dfl_status status = check_reference(j, image, change->reference);
    if (status != DFL_OK) return status;
    if (wanted->ptr != NULL && !dfl__eq(*wanted, change->reference))
        return dfl__image_refuse(&j->edits->reason, "line %u: two new references for one image",
                                 dfl__image_line(j->images, image));
    *wanted = change->reference;
    int kept = dfl__env_set(&j->same, image->reference, change->reference, DFL__VAR_SET);
    if (kept && stored->reason == 0)
        kept = dfl__env_set(&j->held, image->reference, change->reference, DFL__VAR_SET);
    return kept ? DFL_OK : DFL_E_NOMEM;
}

/* What a number or an ONBUILD means follows the image that it stands for. */
static int follows(const job *j, uint32_t index) {
    const dfl__image_ref *image = &j->images->list.items[index];
    dfl_str text;
    int stands_for = image->reason == DFL_PLACE_NUMBER || image->reason == DFL_PLACE_TRIGGER;
    return stands_for && dfl__env_get(&j->held, image->shown.reference, &text) == DFL__VAR_SET &&
           dfl__eq(text, j->wanted[index]);
}

static dfl_status plan_changes(job *j, dfl__image_plan *plan) {
    dfl_status status = DFL_OK;
    for (size_t i = 0; i < j->count && status == DFL_OK; i++)
        status = take_change(j, &j->changes[i]);
    for (uint32_t i = 0; i < j->images->list.count && status == DFL_OK; i++)
        if (j->wanted[i].ptr != NULL && !follows(j, i))
            status = dfl__image_plan_add(plan, i, j->wanted[i]);
    return status;
}

/* --- adding */

static dfl_status add_all(dfl_edits *edits, const dfl__image_plan *plan) {
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < plan->list.count && status == DFL_OK; i++)
        status = dfl_edits_replace(edits, plan->list.items[i].range, plan->list.items[i].text);
    return status;
}

/* All or none. */
static dfl_status commit(job *j, const dfl__image_plan *plan) {
    dfl_edits *edits = j->edits;
    uint32_t count = edits->list.count;
    size_t list_size = count * sizeof *edits->list.items;
    size_t shift_size = count * sizeof *edits->shifts.items;
    void *list = dfl__arena_get(&j->arena, list_size);
    void *shifts = dfl__arena_get(&j->arena, shift_size);
    if (list == NULL || shifts == NULL) return DFL_E_NOMEM;
    if (count > 0) {
        memcpy(list, edits->list.items, list_size);
        memcpy(shifts, edits->shifts.items, shift_size);
    }
    dfl_status status = add_all(edits, plan);
    if (status == DFL_OK) return status;
    if (count > 0) {
        memcpy(edits->list.items, list, list_size);
        memcpy(edits->shifts.items, shifts, shift_size);
    }
    edits->list.count = edits->shifts.count = count;
    return status;
}

/* --- the proof */

/* The next image that an instruction of the file names itself; the count at the end. */
static uint32_t next_own(const dfl_images *images, uint32_t at) {
    while (at < images->list.count &&
           (images->list.items[at].shown.flags & DFL_IMAGE_F_TRIGGER) != 0)
        at++;
    return at;
}

static dfl_status refuse_other(job *j, const dfl_image *was, const dfl_image *is) {
    return dfl__image_refuse(&j->edits->reason,
                             "line %u: the change would make another image of \"%S\", too: \"%S\"",
                             dfl__image_line(j->images, was), &was->reference, &is->reference);
}

static dfl_status compare_image(job *j, uint32_t index, const dfl_image *is) {
    const dfl_image *was = &j->images->list.items[index].shown;
    dfl_str wanted = j->wanted[index], along;
    if (is->kind != was->kind || is->stage != was->stage)
        return dfl__image_refuse(&j->edits->reason,
                                 "line %u: the file would name other images after the change",
                                 dfl__image_line(j->images, was));
    if (wanted.ptr != NULL) {
        if (is->known && dfl__eq(is->reference, wanted)) return DFL_OK;
        return dfl__image_refuse(&j->edits->reason, "line %u: it would read \"%S\", not \"%S\"",
                                 dfl__image_line(j->images, was), &is->reference, &wanted);
    }
    if (is->known == was->known && dfl__eq(is->reference, was->reference)) return DFL_OK;
    if ((j->flags & DFL_SET_IMAGES_F_OTHERS) != 0) return DFL_OK;
    if (was->known && is->known && dfl__env_get(&j->same, was->reference, &along) == DFL__VAR_SET &&
        dfl__eq(is->reference, along))
        return DFL_OK;
    return refuse_other(j, was, is);
}

static dfl_status compare_images(job *j, const dfl_images *result) {
    uint32_t at = next_own(j->images, 0), to = next_own(result, 0);
    dfl_status status = DFL_OK;
    while (at < j->images->list.count && to < result->list.count && status == DFL_OK) {
        status = compare_image(j, at, &result->list.items[to].shown);
        at = next_own(j->images, at + 1);
        to = next_own(result, to + 1);
    }
    if (status != DFL_OK || (at == j->images->list.count && to == result->list.count))
        return status;
    return dfl__image_refuse(&j->edits->reason,
                             "the file would name more or fewer images after the change");
}

/* What is built on a stage must stay so. */
static dfl_status compare_stages(job *j, const dfl_model *result) {
    const dfl_model *model = j->images->model;
    int same = model->stages.count == result->stages.count;
    for (uint32_t i = 0; same && i < model->stages.count; i++)
        same = model->stages.items[i].base_stage == result->stages.items[i].base_stage;
    if (same) return DFL_OK;
    return dfl__image_refuse(&j->edits->reason,
                             "a stage would be built on another one after the change");
}

static dfl_status prove(job *j, const dfl_doc *doc) {
    dfl_model *model = NULL;
    dfl_images *images = NULL;
    dfl_status status = dfl__model_again(j->images->model, doc, 0, &model);
    if (status == DFL_OK) status = compare_stages(j, model);
    if (status == DFL_OK) status = dfl_model_images(model, &images);
    if (status == DFL_OK) status = compare_images(j, images);
    dfl_images_free(images);
    dfl_model_free(model);
    return status;
}

static dfl_status refuse_conflict(job *j, const dfl_edits *trial) {
    uint32_t at = dfl_edits_conflict(trial).range.start;
    return dfl__image_refuse(&j->edits->reason,
                             "line %u: two of the changes need different text here",
                             dfl_doc_pos(j->edits->doc, at).line + 1);
}

/* Apply the edits by themselves, and look at the result. */
static dfl_status try_out(job *j, const dfl__image_plan *plan) {
    dfl_edits *trial = NULL;
    dfl_doc *doc = NULL;
    dfl_status status = dfl_edits_new(j->edits->doc, &trial);
    if (status != DFL_OK) return status;
    status = add_all(trial, plan);
    if (status == DFL_E_CONFLICT)
        status = refuse_conflict(j, trial);
    else if (status == DFL_OK)
        status = dfl_edits_apply(trial, &doc);
    dfl_str why = dfl_edits_reason(trial);
    if (status == DFL_E_REFUSED && why.len > 0)
        status = dfl__image_refuse(&j->edits->reason, "%S", &why);
    if (status == DFL_OK) status = prove(j, doc);
    dfl_doc_unref(doc);
    dfl_edits_free(trial);
    return status;
}

static dfl_status run(job *j) {
    dfl__image_plan plan = {j->images, &j->arena, &j->edits->reason, {NULL, 0, 0}};
    size_t size = j->images->list.count * sizeof *j->wanted;
    j->wanted = dfl__arena_get(&j->arena, size);
    if (j->wanted == NULL) return DFL_E_NOMEM;
    memset(j->wanted, 0, size);
    dfl__env_init(&j->same, &j->arena);
    dfl__env_init(&j->held, &j->arena);
    dfl_status status = plan_changes(j, &plan);
    if (status == DFL_OK && plan.list.count > 0) {
        status = try_out(j, &plan);
        if (status == DFL_OK) status = commit(j, &plan);
    }
    DFL__VEC_FREE(&j->arena.alloc, &plan.list);
    return status;
}

dfl_status dfl_edits_set_images(dfl_edits *edits, const dfl_images *images,
                                const dfl_image_change *changes, size_t count, uint32_t flags) {
    if (edits == NULL || images == NULL || (changes == NULL && count > 0)) return DFL_E_ARG;
    if ((flags & ~(uint32_t)DFL_SET_IMAGES_F_OTHERS) != 0) return DFL_E_ARG;
    if (images->model->doc != edits->doc) return DFL_E_STALE;
    job j = {.edits = edits, .images = images, .changes = changes, .count = count, .flags = flags};
    dfl__buf_free(&edits->reason);
    dfl__buf_init(&edits->reason, &edits->alloc, 0);
    dfl__arena_init(&j.arena, &edits->alloc);
    dfl_status status = run(&j);
    dfl__arena_free(&j.arena);
    return status;
}
