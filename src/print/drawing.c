/* drawing.c -- see drawing.h.
 * Relies on the model for edges, reachability and memory.
 * Never takes more than O(n log n): images are told apart by sorting, repetitions by stamps. */
#include "print/drawing.h"

#include <string.h>

#include "model/model.h"

#define KINDS 4u /* DFL_EDGE_* and the unused 0 */

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

/* The model's edges while they are made into a drawing. */
typedef struct {
    dfl_edge *edges;
    uint32_t count;
    uint32_t *order;   /* indices of edges to images, sorted by image */
    uint32_t *scratch; /* of the sort */
    uint32_t images;   /* how many are edges to images */
    uint32_t *node;    /* of each edge */
} raw;

static int before(const raw *raw_edges, uint32_t a, uint32_t b) {
    dfl_str x = raw_edges->edges[a].image, y = raw_edges->edges[b].image;
    size_t shared = x.len < y.len ? x.len : y.len;
    int order = shared != 0 ? memcmp(x.ptr, y.ptr, shared) : 0;
    return order < 0 || (order == 0 && x.len <= y.len);
}

static void merge(raw *r, uint32_t start, uint32_t middle, uint32_t end) {
    uint32_t left = start, right = middle;
    for (uint32_t at = start; at < end; at++) {
        int from_left =
            left < middle && (right >= end || before(r, r->order[left], r->order[right]));
        r->scratch[at] = from_left ? r->order[left++] : r->order[right++];
    }
    memcpy(r->order + start, r->scratch + start, (size_t)(end - start) * sizeof *r->order);
}

/* Bottom-up, so that nothing recurses and hostile input costs no more than other input. */
static void sort_images(raw *r) {
    for (uint64_t width = 1; width < r->images; width *= 2) {
        for (uint64_t start = 0; start + width < r->images; start += 2 * width) {
            uint64_t end = start + 2 * width < r->images ? start + 2 * width : r->images;
            merge(r, (uint32_t)start, (uint32_t)(start + width), (uint32_t)end);
        }
    }
}

static dfl_status read_edges(dfl__drawing *d, raw *r) {
    size_t count = dfl_model_edge_count(d->model);
    if (count > UINT32_MAX / sizeof(dfl_edge)) return DFL_E_LIMIT;
    r->count = (uint32_t)count;
    r->images = 0;
    r->edges = dfl__arena_get(&d->arena, count * sizeof *r->edges);
    r->order = dfl__arena_get(&d->arena, count * sizeof *r->order);
    r->scratch = dfl__arena_get(&d->arena, count * sizeof *r->scratch);
    r->node = dfl__arena_get(&d->arena, count * sizeof *r->node);
    if (r->edges == NULL || r->order == NULL || r->scratch == NULL || r->node == NULL)
        return DFL_E_NOMEM;
    for (uint32_t i = 0; i < r->count; i++) {
        r->edges[i] = (dfl_edge){.size = sizeof(dfl_edge)};
        dfl_status status = dfl_model_edge(d->model, i, &r->edges[i]);
        if (status != DFL_OK) return status;
        r->node[i] = r->edges[i].target;
        if (r->edges[i].target == DFL_NO_STAGE) r->order[r->images++] = i;
    }
    return DFL_OK;
}

static dfl_status number_images(dfl__drawing *d, raw *r) {
    dfl_str *images = dfl__arena_get(&d->arena, (size_t)r->images * sizeof *images);
    if (images == NULL) return DFL_E_NOMEM;
    sort_images(r);
    for (uint32_t i = 0; i < r->images; i++) {
        uint32_t edge = r->order[i];
        dfl_str image = r->edges[edge].image;
        if (d->image_count == 0 || !dfl__eq(images[d->image_count - 1], image))
            images[d->image_count++] = image;
        r->node[edge] = d->stage_count + d->image_count - 1;
    }
    d->images = images;
    return DFL_OK;
}

/* The model gives edges in source order, which is the order of the stages that need them. */
static dfl_status merge_edges(dfl__drawing *d, const raw *r) {
    size_t nodes = (size_t)d->stage_count + d->image_count;
    uint32_t *stamp = dfl__arena_get(&d->arena, nodes * KINDS * sizeof *stamp);
    uint32_t *first = dfl__arena_get(&d->arena, ((size_t)d->stage_count + 1) * sizeof *first);
    dfl__drawing_edge *edges = dfl__arena_get(&d->arena, (size_t)r->count * sizeof *edges);
    if (stamp == NULL || first == NULL || edges == NULL) return DFL_E_NOMEM;
    memset(stamp, 0, nodes * KINDS * sizeof *stamp);
    uint32_t next = 0;
    for (uint32_t stage = 0; stage < d->stage_count; stage++) {
        first[stage] = d->edge_count;
        for (; next < r->count && r->edges[next].stage == stage; next++) {
            const dfl_edge *edge = &r->edges[next];
            uint32_t *seen = &stamp[(size_t)r->node[next] * KINDS + edge->kind % KINDS];
            if (*seen == stage + 1) continue;
            *seen = stage + 1;
            edges[d->edge_count++] =
                (dfl__drawing_edge){stage, r->node[next], edge->kind, edge->known, edge->cyclic};
        }
    }
    first[d->stage_count] = d->edge_count;
    d->first = first;
    d->edges = edges;
    return DFL_OK;
}

static dfl_status find_reachable(dfl__drawing *d) {
    uint8_t *reachable = dfl__arena_get(&d->arena, d->stage_count);
    if (reachable == NULL) return DFL_E_NOMEM;
    d->reachable = reachable;
    if (d->stage_count == 0) return DFL_OK;
    return dfl_model_reachable(d->model, d->target, reachable, d->stage_count);
}

dfl_status dfl__drawing_make(const dfl_model *model, uint32_t target, dfl__drawing *out) {
    size_t stages = dfl_model_stage_count(model);
    if (stages >= UINT32_MAX / KINDS / 2) return DFL_E_LIMIT;
    dfl__drawing d = {.model = model, .target = target, .stage_count = (uint32_t)stages};
    raw r;
    dfl__arena_init(&d.arena, &model->arena.alloc);
    dfl_status status = find_reachable(&d);
    if (status == DFL_OK) status = read_edges(&d, &r);
    if (status == DFL_OK) status = number_images(&d, &r);
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
