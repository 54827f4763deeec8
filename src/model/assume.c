/* assume.c -- the image that `${NAME:-image}` means while nobody gives NAME.
 * Relies on images.h.
 * Never assumes a variable unset where the text has nothing to say for that case: `node:$TAG` stays
 * unknown, `node:${TAG:-20}` does not. */
#include "model/images.h"

#define MAX_TEXTS 64u /* ARG defaults that one reference may be made of */

/* Texts that are still to be looked at, and those that have been. */
typedef struct {
    uint32_t nodes[MAX_TEXTS];
    uint32_t count;
} texts;

static int add_text(texts *t, uint32_t node) {
    for (uint32_t i = 0; i < t->count; i++)
        if (t->nodes[i] == node) return 1;
    if (t->count == MAX_TEXTS) return 0;
    t->nodes[t->count++] = node;
    return 1;
}

static int is_name_byte(unsigned char c) {
    return c == '_' || c >= 0x80 || dfl__is_alpha(c) || dfl__is_digit(c);
}

/* Whether what stands behind the name at [.., end) tells what an unset variable means. */
static int has_answer(dfl_str word, size_t end) {
    size_t at = end < word.len && word.ptr[end] == ':' ? end + 1 : end;
    return at < word.len && (word.ptr[at] == '-' || word.ptr[at] == '+');
}

/* One variable that is named in the text. */
static int can_assume(const dfl_expansion *e, dfl_str name, int answered, texts *t) {
    dfl_str value;
    const dfl_model *model = e->model;
    if (dfl__env_get(&e->env, name, &value) != DFL__VAR_UNKNOWN) return 1;
    const dfl__binding *binding = dfl__env_find(&e->env, name);
    if (binding == NULL || binding->definition >= model->definitions.count) return 0;
    const dfl__definition *d = &model->definitions.items[binding->definition];
    if (d->kind == DFL_DEFINITION_NONE) return answered;
    uint32_t holder = dfl__definition_holder(model, binding->definition);
    return holder != DFL_NO_DEFINITION && add_text(t, model->definitions.items[holder].node);
}

/* Every `$` of the text is taken for a variable: one that is quoted makes it too careful only. */
static int check_text(const dfl_expansion *e, texts *t) {
    dfl_str word = e->value;
    for (size_t at = dfl__find(word, '$', 0); at < word.len; at = dfl__find(word, '$', at)) {
        int brace = ++at < word.len && word.ptr[at] == '{';
        size_t start = at + (size_t)brace;
        for (at = start; at < word.len && is_name_byte((unsigned char)word.ptr[at]);)
            at++;
        if (!can_assume(e, dfl__sub(word, start, at), brace && has_answer(word, at), t)) return 0;
    }
    return e->error == 0;
}

static dfl_status check_all(dfl_images *images, uint32_t base, int *possible) {
    const dfl_model *model = images->model;
    texts t = {{base}, 1};
    dfl_status status = DFL_OK;
    *possible = 1;
    for (uint32_t i = 0; i < t.count && *possible && status == DFL_OK; i++) {
        dfl_expansion *e = NULL;
        status = dfl__image_expand(images, model, t.nodes[i], &e);
        *possible = status == DFL_OK && check_text(e, &t);
        dfl_expansion_free(e);
    }
    return status == DFL_E_LIMIT ? DFL_OK : status;
}

dfl_status dfl__image_assume(dfl_images *images, uint32_t stage, dfl_str *reference) {
    const dfl_model *model = images->model;
    uint32_t base = dfl__next_argument(model->doc, model->stages.items[stage].node, 0);
    int possible = 0;
    dfl_status status = check_all(images, base, &possible);
    *reference = (dfl_str){NULL, 0};
    if (status == DFL_OK && possible && images->assumed == NULL)
        status = dfl__model_again(model, model->doc, DFL_MODEL_F_ALL_ARGS, &images->assumed);
    if (status != DFL_OK || !possible) return status;
    const dfl__stage *assumed = &images->assumed->stages.items[stage];
    int is_image = assumed->base_known && assumed->base_stage == DFL_NO_STAGE &&
                   assumed->base.len > 0 && !dfl__eqz(assumed->base, "scratch");
    if (is_image) *reference = assumed->base;
    return DFL_OK;
}
