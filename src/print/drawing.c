/* drawing.c -- see drawing.h.
 * Relies on the model for edges, reachability and memory.
 * Never takes more than O(n log n): images are told apart by sorting, repetitions by stamps. */
#include "print/drawing.h"

#include <string.h>

#include "base/sort.h"
#include "model/model.h"

#define KINDS 4u /* DFL_EDGE_*, and 0 for what is only possible */

/* Beyond these, what references that are not known may mean is not listed. */
#define POSSIBLE_STEPS (1u << 22)                    /* stages to look at */
#define POSSIBLE_MAX(stages) (4u * (stages) + 1024u) /* stages to list */

const char *dfl__edge_name(uint32_t kind) {
    switch (kind) {
    case DFL_EDGE_FROM: return "from";
    case DFL_EDGE_COPY: return "copy";
    case DFL_EDGE_MOUNT: return "mount";
    default: return "";
    }
}

dfl_stage dfl__drawing_stage(const dfl__drawing *drawing, uint32_t index) {
    dfl_stage stage = {.size = sizeof stage};
    (void)dfl_model_stage(drawing->model, index, &stage); /* index < stage_count: cannot fail */
    return stage;
}

dfl_str dfl__drawing_image(const dfl__drawing *drawing, uint32_t node) {
    dfl_str image = drawing->images[node - drawing->stage_count];
    return image.len != 0 ? image : DFL__LIT("(blank)");
}

int dfl__drawing_replaced(const dfl__drawing *drawing, uint32_t index) {
    return drawing->model->stages.items[index].context != 0;
}

/* The model's edges while they are made into a drawing. */
typedef struct {
    dfl_edge *edges;
    uint32_t count;
    uint32_t *order; /* indices of edges to images, sorted by image */
    uint32_t images; /* how many are edges to images */
    uint32_t *node;  /* of each edge */
} raw;

static int before(const void *ctx, const void *x, const void *y) {
    const raw *r = ctx;
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    int order = dfl__compare(r->edges[a].image, r->edges[b].image);
    return order != 0 ? order < 0 : a < b;
}

static dfl_status read_edges(dfl__drawing *d, raw *r) {
    size_t count = dfl_model_edge_count(d->model);
    if (count > UINT32_MAX / sizeof(dfl_edge)) return DFL_E_LIMIT;
    r->count = d->model_edge_count = (uint32_t)count;
    r->images = 0;
    r->edges = dfl__arena_get(&d->arena, count * sizeof *r->edges);
    r->order = dfl__arena_get(&d->arena, count * sizeof *r->order);
    r->node = dfl__arena_get(&d->arena, count * sizeof *r->node);
    if (r->edges == NULL || r->order == NULL || r->node == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < r->count; i++) {
        r->edges[i] = (dfl_edge){.size = sizeof(dfl_edge)};
        dfl_status status = dfl_model_edge(d->model, i, &r->edges[i]);
        if (status != DFL_OK) return status;
        r->node[i] = r->edges[i].target;
        if (r->edges[i].target == DFL_NO_STAGE) r->order[r->images++] = i;
    }
    return DFL_OK;
}

static uint8_t image_flags(const dfl__drawing *d, const dfl_edge *edge) {
    uint32_t flags = edge->known ? 0 : DFL__IMAGE_UNKNOWN;
    int replaced = edge->kind == DFL_EDGE_FROM && dfl__drawing_replaced(d, edge->stage);
    if ((edge->flags & DFL_EDGE_F_CONTEXT) != 0 && !replaced) flags |= DFL__IMAGE_CONTEXT;
    return (uint8_t)flags;
}

static dfl_status number_images(dfl__drawing *d, raw *r) {
    dfl_str *images = dfl__arena_get(&d->arena, (size_t)r->images * sizeof *images);
    uint8_t *flags = dfl__arena_get(&d->arena, r->images);
    if (images == NULL || flags == NULL) return DFL_E_NOMEM;
    memset(flags, 0, r->images);
    dfl__sort(r->order, r->images, sizeof *r->order, before, r);
    for (uint32_t i = 0; i < r->images; i++) {
        uint32_t edge = r->order[i];
        dfl_str image = r->edges[edge].image;
        if (d->image_count == 0 || !dfl__eq(images[d->image_count - 1], image))
            images[d->image_count++] = image;
        r->node[edge] = d->stage_count + d->image_count - 1;
        flags[d->image_count - 1] |= image_flags(d, &r->edges[edge]);
    }
    d->images = images;
    d->image_flags = flags;
    return DFL_OK;
}

/* How many edges are not known; `d->vague` when it takes too long to say what they may mean. */
static uint32_t count_unknown(dfl__drawing *d, const raw *r) {
    uint64_t steps = 0;
    uint32_t unknown = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->edges[i].known) continue;
        unknown++;
        steps += r->edges[i].stage;
    }
    d->vague = steps > POSSIBLE_STEPS;
    return unknown;
}

/* The model names the last one first; a file is read from its start. */
static void reverse(uint32_t *items, uint32_t count) {
    for (uint32_t i = 0; i < count / 2; i++) {
        uint32_t swapped = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = swapped;
    }
}

static dfl_status list_possible(dfl__drawing *d, const raw *r) {
    if (count_unknown(d, r) == 0 || d->vague) return DFL_OK;
    uint32_t max = POSSIBLE_MAX(d->stage_count), used = 0;
    uint32_t *list = dfl__arena_get(&d->arena, (size_t)max * sizeof *list);
    uint32_t *first = dfl__arena_get(&d->arena, ((size_t)r->count + 1) * sizeof *first);
    if (list == NULL || first == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < r->count; i++) {
        size_t found = 0;
        first[i] = used;
        if (r->edges[i].known) continue;
        dfl_status status =
            dfl_model_edge_targets(d->model, i, list + used, max - used, &found, NULL);
        if (status != DFL_OK) return status;
        d->vague = found > max - used;
        if (d->vague) return DFL_OK;
        reverse(list + used, (uint32_t)found);
        used += (uint32_t)found;
    }
    first[r->count] = used;
    d->possible = list;
    d->possible_first = first;
    return DFL_OK;
}

typedef struct {
    uint32_t *stamp; /* [nodes][KINDS]: the last stage with such an edge, plus one */
    dfl__drawing_edge *edges;
    uint32_t count;
} merger;

static void add_edge(merger *m, const dfl__drawing_edge *edge) {
    uint32_t *seen = &m->stamp[(size_t)edge->node * KINDS + (edge->perhaps ? 0 : edge->kind)];
    if (*seen == edge->stage + 1) return;
    *seen = edge->stage + 1;
    m->edges[m->count++] = *edge;
}

static void add_model_edge(const dfl__drawing *d, const raw *r, uint32_t index, merger *m) {
    const dfl_edge *from = &r->edges[index];
    dfl__drawing_edge edge = {from->stage, r->node[index], from->kind,
                              from->known, from->cyclic,   0};
    add_edge(m, &edge);
    if (d->possible_first == NULL) return;
    for (uint32_t i = d->possible_first[index]; i < d->possible_first[index + 1]; i++) {
        edge = (dfl__drawing_edge){from->stage, d->possible[i], from->kind, 0, 0, 1};
        add_edge(m, &edge);
    }
}

/* The model gives edges in source order, which is the order of the stages that need them. */
static dfl_status merge_edges(dfl__drawing *d, const raw *r) {
    size_t nodes = (size_t)d->stage_count + d->image_count;
    size_t most = (size_t)r->count;
    if (d->possible_first != NULL) most += d->possible_first[r->count];
    uint32_t *first = dfl__arena_get(&d->arena, ((size_t)d->stage_count + 1) * sizeof *first);
    merger m = {dfl__arena_get(&d->arena, nodes * KINDS * sizeof *m.stamp), NULL, 0};
    m.edges = dfl__arena_get(&d->arena, most * sizeof *m.edges);
    if (m.stamp == NULL || first == NULL || m.edges == NULL) return DFL_E_NOMEM;
    memset(m.stamp, 0, nodes * KINDS * sizeof *m.stamp);
    uint32_t next = 0;
    for (uint32_t stage = 0; stage < d->stage_count; stage++) {
        first[stage] = m.count;
        for (; next < r->count && r->edges[next].stage == stage; next++)
            add_model_edge(d, r, next, &m);
    }
    first[d->stage_count] = d->edge_count = m.count;
    d->first = first;
    d->edges = m.edges;
    return DFL_OK;
}

/* Where possible targets are not listed, each stage that is not needed for sure may be. */
static dfl_status find_needs(dfl__drawing *d) {
    uint8_t *needs = dfl__arena_get(&d->arena, d->stage_count);
    if (needs == NULL) return DFL_E_NOMEM;
    d->needs = needs;
    if (d->stage_count == 0) return DFL_OK;
    if (!d->vague) return dfl_model_needs(d->model, d->target, needs, d->stage_count);
    dfl_status status = dfl_model_reachable(d->model, d->target, needs, d->stage_count);
    for (uint32_t i = 0; status == DFL_OK && i < d->stage_count; i++)
        if (needs[i] == DFL_NEED_NO) needs[i] = DFL_NEED_PERHAPS;
    return status;
}

dfl_status dfl__drawing_make(const dfl_model *model, uint32_t target, dfl__drawing *out) {
    size_t stages = dfl_model_stage_count(model);
    if (stages >= UINT32_MAX / KINDS / 2) return DFL_E_LIMIT;
    dfl__drawing d = {.model = model, .target = target, .stage_count = (uint32_t)stages};
    raw r;
    dfl__arena_init(&d.arena, &model->arena.alloc);
    dfl_status status = read_edges(&d, &r);
    if (status == DFL_OK) status = number_images(&d, &r);
    if (status == DFL_OK) status = list_possible(&d, &r);
    if (status == DFL_OK) status = find_needs(&d);
    if (status == DFL_OK) status = merge_edges(&d, &r);
    if (status == DFL_OK)
        *out = d;
    else
        dfl__arena_free(&d.arena);
    return status;
}

void dfl__drawing_free(dfl__drawing *drawing) {
    dfl__arena_free(&drawing->arena);
}
