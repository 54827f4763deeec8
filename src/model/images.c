/* images.c -- the images a file names, from the edges of the graph and from what makes none.
 * Relies on images.h. Public face in dockerfile/images.h.
 * Never takes the name of a stage for an image. */
#include "model/images.h"

#include <string.h>

#include "base/sort.h"
#include "model/graph.h"
#include "syntax/number.h"
#include "syntax/parser.h"

dfl_status dfl__image_expand(dfl_images *images, const dfl_model *model, uint32_t node,
                             dfl_expansion **out) {
    dfl_expansion *e = NULL;
    if (images->budget.left == 0) return DFL_E_LIMIT;
    dfl_status status = dfl__expansion_new(model, node, &e);
    if (status != DFL_OK) return status;
    dfl__spend(&images->budget, dfl__opening(model, node) + e->value.len + e->text.len);
    *out = e;
    return DFL_OK;
}

/* --- pieces */

static dfl_status copy_pieces(dfl_images *images, const dfl_expansion *e, dfl__pieces *out) {
    size_t size = e->pieces.count * sizeof *out->items;
    out->items = dfl__arena_get(&images->arena, size);
    if (out->items == NULL) return DFL_E_NOMEM;
    if (size > 0) memcpy(out->items, e->pieces.items, size);
    out->count = e->pieces.count;
    return DFL_OK;
}

/* The reference as one piece of text at `range`, which holds it unless it is quoted inside. */
static dfl_status one_piece(dfl_images *images, dfl__image_ref *image, dfl_range range,
                            uint32_t node) {
    dfl_str text = image->shown.reference;
    dfl_piece *piece = dfl__arena_get(&images->arena, sizeof *piece);
    if (piece == NULL) return DFL_E_NOMEM;
    *piece = (dfl_piece){sizeof *piece, 0, 0, (uint32_t)text.len, range, DFL_NO_DEFINITION, node};
    if (dfl__eq(dfl__sub(images->model->doc->source, range.start, range.end), text))
        piece->flags = DFL_PIECE_F_EXACT;
    else
        image->reason = DFL_PLACE_ESCAPED;
    image->leaves = image->tops = (dfl__pieces){piece, 1};
    return DFL_OK;
}

/* The one definition whose typed text is all of the expansion; DFL_NO_DEFINITION. */
static uint32_t whole_holder(const dfl_expansion *e) {
    uint32_t found = DFL_NO_DEFINITION;
    for (uint32_t i = 0; i < e->pieces.count; i++) {
        const dfl_piece *piece = &e->pieces.items[i];
        if (piece->start == piece->end) continue;
        if (piece->end - piece->start != e->text.len || piece->flags != 0) return found;
        found = dfl__definition_holder(e->model, piece->definition);
    }
    return found;
}

/* Go down from `e` while a single variable is all of it, then keep the pieces. */
static dfl_status find_tops(dfl_images *images, dfl__image_ref *image, dfl_expansion *e) {
    dfl_status status = DFL_OK;
    for (;;) {
        dfl_expansion *inner = NULL;
        uint32_t holder = whole_holder(e);
        if (holder == DFL_NO_DEFINITION) break;
        const dfl_model *model = e->model;
        status = dfl__image_expand(images, model, model->definitions.items[holder].node, &inner);
        int same = status == DFL_OK && dfl__eq(dfl__buf_str(&inner->text), image->shown.reference);
        if (!same) {
            dfl_expansion_free(inner);
            break;
        }
        dfl_expansion_free(e);
        e = inner;
    }
    if (status == DFL_OK) status = copy_pieces(images, e, &image->tops);
    dfl_expansion_free(e);
    return status;
}

/* Expand `node` and keep where each byte comes from. */
static dfl_status trace(dfl_images *images, dfl__image_ref *image, const dfl_model *model,
                        uint32_t node) {
    dfl_expansion *e = NULL;
    dfl_status status = dfl__image_expand(images, model, node, &e);
    if (status != DFL_OK) return status;
    if (!dfl__eq(dfl__buf_str(&e->text), image->shown.reference)) {
        dfl_expansion_free(e);
        return one_piece(images, image, dfl__node_range(model->doc, node), node);
    }
    status = dfl__expansion_trace(e, &images->budget);
    if (status == DFL_OK) status = copy_pieces(images, e, &image->leaves);
    dfl_expansion_free(e);
    if (status == DFL_OK) status = dfl__image_expand(images, model, node, &e);
    return status == DFL_OK ? find_tops(images, image, e) : status;
}

/* The same, within the limits. */
static dfl_status find_pieces(dfl_images *images, dfl__image_ref *image, const dfl_model *model,
                              uint32_t node) {
    dfl_status status = trace(images, image, model, node);
    if (status != DFL_E_LIMIT) return status;
    image->reason = DFL_PLACE_LIMIT;
    image->leaves.count = image->tops.count = 0;
    return DFL_OK;
}

/* --- one image of each kind */

static dfl__image_ref image_of(uint32_t kind, uint32_t stage, uint32_t node, dfl_range range) {
    dfl__image_ref image;
    memset(&image, 0, sizeof image);
    image.shown.size = sizeof image.shown;
    image.shown.kind = kind;
    image.shown.stage = stage;
    image.shown.node = node;
    image.shown.range = range;
    image.shown.known = 1;
    image.shown.full = image.shown.familiar = image.shown.registry = image.shown.repository =
        dfl__str("");
    return image;
}

static dfl_status add(dfl_images *images, dfl__image_ref *image) {
    dfl_status status = dfl__image_parts(images, image);
    if (status != DFL_OK) return status;
    image->shown.pieces = image->leaves.count;
    return DFL__PUSH(&images->arena.alloc, &images->list, *image) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status copy_text(dfl_images *images, dfl_str *text) {
    text->ptr = dfl__arena_copy(&images->arena, text->ptr, text->len);
    return text->ptr != NULL ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status add_from(dfl_images *images, const dfl__edge *edge) {
    const dfl_model *model = images->model;
    uint32_t base = dfl__next_argument(model->doc, edge->node, 0);
    dfl__image_ref image = image_of(edge->kind, edge->stage, edge->node, edge->range);
    dfl_str assumed = {NULL, 0};
    dfl_status status = DFL_OK;
    image.shown.reference = edge->image;
    image.shown.known = edge->known;
    if ((edge->flags & DFL_EDGE_F_CONTEXT) != 0) image.shown.flags = DFL_IMAGE_F_CONTEXT;
    if (!edge->known) status = dfl__image_assume(images, edge->stage, &assumed);
    if (status == DFL_OK && assumed.ptr != NULL) {
        image.shown.reference = assumed;
        image.shown.known = 1;
        image.shown.flags |= DFL_IMAGE_F_ASSUMED;
        model = images->assumed;
    }
    if (status == DFL_OK && image.shown.known) status = find_pieces(images, &image, model, base);
    return status == DFL_OK ? add(images, &image) : status;
}

/* `--from=NUMBER` */
static int is_number(const dfl_doc *doc, const dfl__edge *edge) {
    int64_t number;
    return edge->kind == DFL_EDGE_COPY &&
           dfl__go_int(dfl__node_value(doc, edge->value), 64, &number);
}

static dfl_status add_flag(dfl_images *images, const dfl__edge *edge) {
    const dfl_model *model = images->model;
    dfl__image_ref image = image_of(edge->kind, edge->stage, edge->node, edge->range);
    dfl_status status = DFL_OK;
    image.shown.reference = edge->image;
    image.shown.known = edge->known;
    if ((edge->flags & DFL_EDGE_F_CONTEXT) != 0) image.shown.flags |= DFL_IMAGE_F_CONTEXT;
    if ((edge->flags & DFL_EDGE_F_TRIGGER) != 0) {
        uint32_t base = dfl__next_argument(model->doc, edge->node, 0);
        image.shown.flags |= DFL_IMAGE_F_TRIGGER;
        image.reason = DFL_PLACE_TRIGGER;
        if (base != 0) image.shown.range = dfl__node_range(model->doc, base);
    } else if (is_number(model->doc, edge)) {
        image.reason = DFL_PLACE_NUMBER;
    } else if (edge->known && edge->kind == DFL_EDGE_COPY) {
        status = find_pieces(images, &image, model, edge->value);
    } else if (edge->known) {
        status = one_piece(images, &image, edge->range, edge->value);
    }
    return status == DFL_OK ? add(images, &image) : status;
}

static dfl_status add_edges(dfl_images *images) {
    const dfl_model *model = images->model;
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < model->edges.count && status == DFL_OK; i++) {
        const dfl__edge *edge = &model->edges.items[i];
        if (edge->target != DFL_NO_STAGE || edge->image.len == 0) continue;
        int own = edge->kind == DFL_EDGE_FROM && (edge->flags & DFL_EDGE_F_TRIGGER) == 0;
        status = own ? add_from(images, edge) : add_flag(images, edge);
    }
    return status;
}

/* --- ONBUILD: what it names is no edge before somebody builds on the stage */

/* What the value of a flag means is an image for whoever reads the trigger. */
static int means_image(const dfl_model *model, dfl_str name, dfl_range range) {
    int64_t number;
    return name.len > 0 && !dfl__eqz(name, "scratch") && !dfl__go_int(name, 64, &number) &&
           dfl__word_is_plain(name, model->doc->escape) && dfl__word_is_plain(name, '\\') &&
           dfl__stage_named(model, name) == DFL_NO_STAGE &&
           dfl__eq(dfl__sub(model->doc->source, range.start, range.end), name);
}

static dfl_status add_onbuild(dfl_images *images, const dfl__instr *instr, uint32_t kind,
                              uint32_t value, dfl_str name, dfl_range range) {
    dfl__image_ref image = image_of(kind, instr->stage, instr->node, range);
    if (!means_image(images->model, name, range)) return DFL_OK;
    image.shown.flags = DFL_IMAGE_F_ONBUILD;
    image.shown.reference = name;
    dfl_status status = copy_text(images, &image.shown.reference);
    if (status == DFL_OK) status = one_piece(images, &image, range, value);
    return status == DFL_OK ? add(images, &image) : status;
}

static dfl_status onbuild_mount(dfl_images *images, const dfl__instr *instr, uint32_t value) {
    const dfl_doc *doc = images->model->doc;
    dfl_range range = dfl__node_range(doc, value);
    dfl__buf from;
    dfl__buf_init(&from, &images->arena.alloc, 0);
    dfl_status status = dfl__mount_from(doc, value, &images->arena, &from, &range);
    if (status == DFL_OK)
        status = add_onbuild(images, instr, DFL_EDGE_MOUNT, value, dfl__buf_str(&from), range);
    dfl__buf_free(&from);
    return status == DFL_E_FORMAT ? DFL_OK : status;
}

static dfl_status onbuild_flags(dfl_images *images, const dfl__instr *instr, uint32_t trigger) {
    const dfl_doc *doc = images->model->doc;
    int copies = doc->nodes.items[trigger].kind == DFL_NODE_COPY;
    uint32_t flag = 0, value;
    dfl_status status = DFL_OK;
    do {
        value = dfl__flag_value(doc, trigger, copies ? "from" : "mount", &flag);
        if (value == 0) continue;
        if (!copies)
            status = onbuild_mount(images, instr, value);
        else
            status = add_onbuild(images, instr, DFL_EDGE_COPY, value, dfl__node_value(doc, value),
                                 dfl__node_range(doc, value));
    } while (flag != 0 && !copies && status == DFL_OK);
    return status;
}

static dfl_status add_triggers(dfl_images *images) {
    const dfl_model *model = images->model;
    const dfl_node_rec *nodes = model->doc->nodes.items;
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < model->instrs.count && status == DFL_OK; i++) {
        const dfl__instr *instr = &model->instrs.items[i];
        if (instr->kind != DFL_NODE_ONBUILD || instr->stage == DFL_NO_STAGE) continue;
        uint32_t trigger = dfl__node_first(model->doc, instr->node);
        while (trigger != 0 && !dfl__kind_is_instruction(nodes[trigger].kind))
            trigger = nodes[trigger].next;
        if (trigger == 0) continue;
        if (nodes[trigger].kind == DFL_NODE_COPY || nodes[trigger].kind == DFL_NODE_RUN)
            status = onbuild_flags(images, instr, trigger);
    }
    return status;
}

/* --- # syntax= */

static dfl_status add_syntax(dfl_images *images) {
    const dfl_doc *doc = images->model->doc;
    dfl__detected syntax;
    dfl__buf scratch;
    dfl_status status = DFL_OK;
    dfl__buf_init(&scratch, &images->arena.alloc, 0);
    if (dfl__detect_syntax(doc->source, &scratch, &syntax) && syntax.value.len > 0) {
        dfl_range range = {syntax.range.start, syntax.range.start + (uint32_t)syntax.value.len};
        if (range.end > syntax.range.end) range.end = syntax.range.end;
        dfl_node at = dfl_doc_node_at(doc, range.start);
        while (dfl_node_parent(at).id != 0)
            at = dfl_node_parent(at);
        dfl__image_ref image = image_of(DFL_IMAGE_SYNTAX, DFL_NO_STAGE, at.id, range);
        image.shown.reference = syntax.value;
        status = copy_text(images, &image.shown.reference);
        if (status == DFL_OK) status = one_piece(images, &image, range, at.id);
        if (status == DFL_OK) status = add(images, &image);
    }
    if (scratch.failed != DFL_OK) status = scratch.failed;
    dfl__buf_free(&scratch);
    return status;
}

/* --- the whole */

/* What the base of a FROM names stands behind that base. */
static int comes_before(const void *ctx, const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const dfl_images *images = ctx;
    const dfl_image *left = &images->list.items[a].shown, *right = &images->list.items[b].shown;
    uint32_t left_trigger = left->flags & DFL_IMAGE_F_TRIGGER,
             right_trigger = right->flags & DFL_IMAGE_F_TRIGGER;
    if (left->range.start != right->range.start) return left->range.start < right->range.start;
    return left_trigger != right_trigger ? left_trigger < right_trigger : a < b;
}

static dfl_status settle(dfl_images *images) {
    const dfl_alloc *alloc = &images->arena.alloc;
    uint32_t count = images->list.count;
    if (count == 0) return DFL_OK;
    uint32_t *order = dfl__arena_get(&images->arena, count * sizeof *order);
    dfl__image_ref *sorted = dfl__alloc(alloc, count * sizeof *sorted);
    if (order == NULL || sorted == NULL) {
        dfl__free(alloc, sorted, count * sizeof *sorted);
        return DFL_E_NOMEM;
    }
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    dfl__sort(order, count, sizeof(uint32_t), comes_before, images);
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = images->list.items[order[i]];
    DFL__VEC_FREE(alloc, &images->list);
    images->list.items = sorted;
    images->list.count = images->list.cap = count;
    return DFL_OK;
}

/* Which images are the same. */
static dfl_status compare(dfl_images *images) {
    dfl__env seen;
    dfl__env_init(&seen, &images->arena);
    for (uint32_t i = 0; i < images->list.count; i++) {
        dfl_image *shown = &images->list.items[i].shown;
        shown->first = i;
        if (shown->full.len == 0) continue;
        const dfl__binding *earlier = dfl__env_find(&seen, shown->full);
        dfl__binding binding = {shown->full, {"", 0}, DFL__VAR_SET, i, 0, 0, 0};
        if (earlier != NULL)
            shown->first = earlier->definition;
        else if (!dfl__env_put(&seen, DFL__LAYER_ENV, &binding))
            return DFL_E_NOMEM;
    }
    return DFL_OK;
}

dfl_status dfl_model_images(const dfl_model *model, dfl_images **out) {
    if (model == NULL || out == NULL) return DFL_E_ARG;
    dfl_images *images = dfl__calloc(&model->arena.alloc, sizeof *images);
    if (images == NULL) return DFL_E_NOMEM;
    images->model = model;
    images->budget.left = dfl__budget_of(model);
    dfl__arena_init(&images->arena, &model->arena.alloc);
    dfl_status status = add_syntax(images);
    if (status == DFL_OK) status = add_edges(images);
    if (status == DFL_OK) status = add_triggers(images);
    if (status == DFL_OK) status = settle(images);
    if (status == DFL_OK) status = compare(images);
    if (status == DFL_OK)
        *out = images;
    else
        dfl_images_free(images);
    return status;
}

void dfl_images_free(dfl_images *images) {
    if (images == NULL) return;
    dfl_alloc alloc = images->arena.alloc;
    dfl_model_free(images->assumed);
    DFL__VEC_FREE(&alloc, &images->list);
    dfl__arena_free(&images->arena);
    dfl__free(&alloc, images, sizeof *images);
}

const dfl_model *dfl_images_model(const dfl_images *images) {
    return images != NULL ? images->model : NULL;
}

size_t dfl_images_count(const dfl_images *images) {
    return images != NULL ? images->list.count : 0;
}

dfl_status dfl_images_get(const dfl_images *images, size_t index, dfl_image *out) {
    if (images == NULL || out == NULL || index >= images->list.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    *out = images->list.items[index].shown;
    return DFL_OK;
}

dfl_status dfl_images_piece(const dfl_images *images, size_t index, size_t piece, dfl_piece *out) {
    if (images == NULL || out == NULL || index >= images->list.count) return DFL_E_ARG;
    const dfl__image_ref *image = &images->list.items[index];
    if (piece >= image->leaves.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    *out = image->leaves.items[piece];
    return DFL_OK;
}

dfl_status dfl_images_find(const dfl_images *images, dfl_str reference, size_t from,
                           size_t *index) {
    dfl__reference ref;
    dfl__buf full;
    if (images == NULL || index == NULL || reference.ptr == NULL) return DFL_E_ARG;
    dfl__buf_init(&full, &images->arena.alloc, 0);
    int named = dfl__reference_parse(reference, &ref) == DFL__REF_OK;
    if (named) dfl__reference_write(&ref, &full);
    size_t found = SIZE_MAX;
    for (size_t i = from; i < images->list.count && found == SIZE_MAX; i++) {
        const dfl_image *shown = &images->list.items[i].shown;
        int same = named ? dfl__eq(shown->full, dfl__buf_str(&full))
                         : dfl__eq(shown->reference, reference);
        if (same) found = i;
    }
    dfl_status status = full.failed;
    if (status == DFL_OK) *index = found;
    dfl__buf_free(&full);
    return status;
}
