/* config.c -- a configuration as a program sees it, made from where a stage ended.
 * Relies on model.h. Public face in dockerfile/config.h.
 * Never lasts less than its strings: all are copied. */
#include "dockerfile/config.h"

#include <string.h>

#include "base/sort.h"
#include "model/model.h"
#include "model/values.h"

#define PORT_COUNT 65536u

/* Where a value comes from. */
typedef struct {
    uint32_t definition; /* Env */
    uint32_t node;       /* instruction; 0 = none of the file */
    int known;
} source;

struct dfl_config {
    dfl__arena arena;
    dfl_image_config values;
    uint32_t unknown;
    uint32_t nodes[8];
    const source *env; /* [values.env_count] */
    const source *labels;
    const uint32_t *volumes, *ports, *onbuild; /* instructions; 0 = none of the file */
};

/* --- copying */

static void copy_list(dfl_config *c, dfl__list from, const dfl_str **items, size_t *count,
                      int *failed) {
    *items = dfl__copy_list(&c->arena, from.items, from.count, failed);
    *count = from.items != NULL ? from.count : 0;
}

/* Bindings of the layer of ENV, in the order of their names. */
static const dfl__binding **bindings_of(dfl_config *c, const dfl__env *env, size_t *count,
                                        int *failed) {
    dfl__env_walk walk = {{NULL}, 0, 0};
    dfl__env_entry entry;
    size_t total = 0, at = 0;
    while (dfl__env_next(env, &walk, &entry))
        total += entry.layers[DFL__LAYER_ENV] != NULL;
    const dfl__binding **items = dfl__arena_get(&c->arena, total * sizeof *items);
    if (items == NULL) *failed = 1;
    memset(&walk, 0, sizeof walk);
    while (items != NULL && dfl__env_next(env, &walk, &entry))
        if (entry.layers[DFL__LAYER_ENV] != NULL) items[at++] = entry.layers[DFL__LAYER_ENV];
    *count = at;
    return items;
}

static const dfl_binding *pairs_of(dfl_config *c, const dfl__binding **from, size_t count,
                                   int *failed) {
    dfl_binding *items = dfl__arena_get(&c->arena, count * sizeof *items);
    if (items == NULL) *failed = 1;
    for (size_t i = 0; items != NULL && i < count; i++) {
        items[i].name = dfl__copy_text(&c->arena, from[i]->name, failed);
        items[i].value = dfl__copy_text(&c->arena, from[i]->value, failed);
    }
    return items;
}

static source *sources_of(dfl_config *c, const dfl__binding **from, size_t count, int *failed) {
    source *items = dfl__arena_get(&c->arena, count * sizeof *items);
    if (items == NULL) *failed = 1;
    for (size_t i = 0; items != NULL && i < count; i++)
        items[i] =
            (source){from[i]->definition, from[i]->definition, from[i]->state == DFL__VAR_SET};
    return items;
}

static uint32_t *new_nodes(dfl_config *c, size_t count, int *failed) {
    uint32_t *nodes = dfl__arena_get(&c->arena, count * sizeof *nodes);
    if (nodes == NULL) *failed = 1;
    return nodes;
}

/* --- members */

static int was_set_before(const void *ctx, const void *a, const void *b) {
    const dfl__binding *const *x = a, *const *y = b;
    (void)ctx;
    return (*x)->first < (*y)->first;
}

/* The instruction that a definition of ENV stands in: the parent of its PAIR. */
static uint32_t instruction_of(const dfl_model *model, uint32_t definition) {
    const dfl_node_rec *nodes = model->doc->nodes.items;
    if (definition >= model->definitions.count) return 0;
    uint32_t node = model->definitions.items[definition].node;
    return node != 0 && nodes[node].kind == DFL_NODE_PAIR ? nodes[node].parent : node;
}

/* An image lists its variables in the order in which each was set first. */
static void make_env(dfl_config *c, const dfl__scope *scope, int *failed) {
    size_t count = 0;
    const dfl__binding **bindings = bindings_of(c, &scope->env, &count, failed);
    if (bindings == NULL) return;
    dfl__sort(bindings, (uint32_t)count, sizeof *bindings, was_set_before, NULL);
    source *sources = sources_of(c, bindings, count, failed);
    for (size_t i = 0; sources != NULL && i < count; i++)
        sources[i].node = instruction_of(scope->model, sources[i].definition);
    c->env = sources;
    c->values.env = pairs_of(c, bindings, count, failed);
    c->values.env_count = count;
}

static void make_labels(dfl_config *c, const dfl__config *from, int *failed) {
    size_t count = 0;
    const dfl__binding **bindings = bindings_of(c, &from->labels, &count, failed);
    if (bindings == NULL) return;
    c->labels = sources_of(c, bindings, count, failed);
    c->values.labels = pairs_of(c, bindings, count, failed);
    c->values.labels_count = count;
}

static void make_volumes(dfl_config *c, const dfl__config *from, int *failed) {
    size_t count = 0;
    const dfl__binding **bindings = bindings_of(c, &from->volumes, &count, failed);
    dfl_str *items = dfl__arena_get(&c->arena, count * sizeof *items);
    uint32_t *nodes = new_nodes(c, count, failed);
    if (bindings == NULL || items == NULL || nodes == NULL) {
        *failed = 1;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = dfl__copy_text(&c->arena, bindings[i]->name, failed);
        nodes[i] = bindings[i]->definition;
    }
    c->volumes = nodes;
    c->values.volumes = items;
    c->values.volumes_count = count;
}

/* The ports from `low` on: the instruction that exposes each, plus one; and where to look for the
 * next port that none does yet, so that a port is painted once. */
typedef struct {
    uint32_t low, span;
    size_t count;                    /* exposed */
    uint32_t *owner[DFL__PROTOCOLS]; /* [span] */
    uint32_t *next[DFL__PROTOCOLS];  /* [span + 1] */
} port_map;

/* Ranges are kept as such until somebody asks; those of a base image as texts. */
static int ports_of(const dfl__link *l, dfl__ports *out) {
    if (l->first > l->last) return dfl__ports_parse(l->text, out);
    *out = (dfl__ports){l->first, l->last, NULL};
    for (uint32_t p = 0; p < DFL__PROTOCOLS; p++)
        if (dfl__eqz(l->text, dfl__protocols[p])) out->protocol = dfl__protocols[p];
    return out->protocol != NULL;
}

static void measure(port_map *map, const dfl__config *from) {
    dfl__ports ports;
    uint32_t end = 0;
    map->low = PORT_COUNT;
    for (const dfl__link *l = from->ports; l != NULL; l = l->older) {
        if (!ports_of(l, &ports)) continue;
        if (ports.first < map->low) map->low = ports.first;
        if (ports.last >= end) end = ports.last + 1;
    }
    map->span = end > map->low ? end - map->low : 0;
}

static uint32_t next_free(uint32_t *next, uint32_t port) {
    uint32_t found = port;
    while (next[found] != found)
        found = next[found];
    while (next[port] != found) {
        uint32_t step = next[port];
        next[port] = found;
        port = step;
    }
    return found;
}

static void mark(port_map *map, const dfl__ports *ports, uint32_t node) {
    uint32_t first = ports->first - map->low, last = ports->last - map->low;
    for (uint32_t p = 0; p < DFL__PROTOCOLS; p++) {
        if (strcmp(ports->protocol, dfl__protocols[p]) != 0) continue;
        uint32_t *next = map->next[p];
        for (uint32_t at = next_free(next, first); at <= last; at = next_free(next, at)) {
            map->owner[p][at] = node + 1;
            next[at] = at + 1;
            map->count++;
        }
    }
}

/* The newest comes first. */
static void mark_all(port_map *map, const dfl__config *from) {
    dfl__ports ports;
    for (uint32_t p = 0; p < DFL__PROTOCOLS; p++)
        for (uint32_t i = 0; i <= map->span; i++)
            map->next[p][i] = i;
    for (const dfl__link *l = from->ports; l != NULL; l = l->older)
        if (ports_of(l, &ports)) mark(map, &ports, l->node);
}

static dfl_str port_text(dfl_config *c, uint32_t port, const char *protocol, int *failed) {
    char text[16], digits[8];
    size_t len = 0, count = 0;
    do {
        digits[count++] = (char)('0' + port % 10);
        port /= 10;
    } while (port > 0);
    while (count > 0)
        text[len++] = digits[--count];
    text[len++] = '/';
    for (; *protocol != '\0'; protocol++)
        text[len++] = *protocol;
    return dfl__copy_text(&c->arena, (dfl_str){text, len}, failed);
}

static void write_ports(dfl_config *c, const port_map *map, int *failed) {
    dfl_str *items = dfl__arena_get(&c->arena, map->count * sizeof *items);
    uint32_t *nodes = new_nodes(c, map->count, failed);
    size_t at = 0;
    if (items == NULL) *failed = 1;
    for (uint32_t i = 0; !*failed && i < map->span; i++) {
        for (uint32_t p = 0; p < DFL__PROTOCOLS; p++) {
            if (map->owner[p][i] == 0) continue;
            nodes[at] = map->owner[p][i] - 1;
            items[at++] = port_text(c, map->low + i, dfl__protocols[p], failed);
        }
    }
    c->ports = nodes;
    c->values.exposed_ports = items;
    c->values.exposed_ports_count = at;
}

static void make_ports(dfl_config *c, const dfl__config *from, int *failed) {
    port_map map = {0, 0, 0, {NULL, NULL, NULL}, {NULL, NULL, NULL}};
    measure(&map, from);
    if (map.span == 0) return;
    size_t row = 2 * (size_t)map.span + 1, size = DFL__PROTOCOLS * row * sizeof(uint32_t);
    uint32_t *rows = dfl__calloc(&c->arena.alloc, size);
    if (rows == NULL) {
        *failed = 1;
        return;
    }
    for (uint32_t p = 0; p < DFL__PROTOCOLS; p++) {
        map.owner[p] = rows + p * row;
        map.next[p] = map.owner[p] + map.span;
    }
    mark_all(&map, from);
    write_ports(c, &map, failed);
    dfl__free(&c->arena.alloc, rows, size);
}

static void make_onbuild(dfl_config *c, const dfl__config *from, int *failed) {
    size_t count = 0;
    for (const dfl__link *l = from->onbuild; l != NULL; l = l->older)
        count++;
    dfl_str *items = dfl__arena_get(&c->arena, count * sizeof *items);
    uint32_t *nodes = new_nodes(c, count, failed);
    if (items == NULL) *failed = 1;
    size_t at = count;
    for (const dfl__link *l = from->onbuild; !*failed && l != NULL; l = l->older) {
        nodes[--at] = l->node;
        items[at] = dfl__copy_text(&c->arena, l->text, failed);
    }
    c->onbuild = nodes;
    c->values.onbuild = items;
    c->values.onbuild_count = count;
}

static void make_lists(dfl_config *c, const dfl__config *from, int *failed) {
    const dfl__list none = {NULL, 0};
    dfl_image_config *v = &c->values;
    uint32_t unknown = from->unknown;
    copy_list(c, unknown & DFL__CONFIG_CMD ? none : from->cmd, &v->cmd, &v->cmd_count, failed);
    copy_list(c, unknown & DFL__CONFIG_ENTRYPOINT ? none : from->entrypoint, &v->entrypoint,
              &v->entrypoint_count, failed);
    copy_list(c, unknown & DFL__CONFIG_SHELL ? none : from->shell, &v->shell, &v->shell_count,
              failed);
    copy_list(c, unknown & DFL__CONFIG_HEALTH ? none : from->health, &v->health_test,
              &v->health_test_count, failed);
    v->health_interval = from->health_times[0];
    v->health_timeout = from->health_times[1];
    v->health_start_period = from->health_times[2];
    v->health_start_interval = from->health_times[3];
    v->health_retries = from->health_retries;
}

static void make_texts(dfl_config *c, const dfl__scope *scope, const dfl__config *from,
                       int *failed) {
    const dfl_str none = {"", 0};
    uint32_t unknown = from->unknown & DFL__CONFIG_ALL;
    unknown &= ~(DFL__CONFIG_USER | DFL__CONFIG_WORKDIR);
    if (!scope->user_known) unknown |= DFL__CONFIG_USER;
    if (!scope->workdir_known) unknown |= DFL__CONFIG_WORKDIR;
    c->values.user =
        dfl__copy_text(&c->arena, unknown & DFL__CONFIG_USER ? none : scope->user, failed);
    c->values.working_dir = dfl__copy_text(
        &c->arena, unknown & DFL__CONFIG_WORKDIR || !from->workdir_set ? none : scope->workdir,
        failed);
    c->values.stop_signal =
        dfl__copy_text(&c->arena, unknown & DFL__CONFIG_STOP ? none : from->stop_signal, failed);
    c->values.author =
        dfl__copy_text(&c->arena, unknown & DFL__CONFIG_AUTHOR ? none : from->author, failed);
    c->values.os = dfl__copy_text(&c->arena, from->os, failed);
    c->values.architecture = dfl__copy_text(&c->arena, from->arch, failed);
    c->values.variant = dfl__copy_text(&c->arena, from->variant, failed);
    c->unknown = unknown;
}

/* --- the whole */

dfl_status dfl_model_config(const dfl_model *model, uint32_t stage, dfl_config **out) {
    if (model == NULL || out == NULL || stage >= model->stages.count) return DFL_E_ARG;
    const dfl__stage_end *end = &model->ends[stage];
    dfl_alloc alloc = model->arena.alloc;
    dfl_config *config = dfl__calloc(&alloc, sizeof *config);
    int failed = 0;
    if (config == NULL) return DFL_E_NOMEM;
    dfl__arena_init(&config->arena, &alloc);
    make_lists(config, &end->config, &failed);
    make_texts(config, &end->scope, &end->config, &failed);
    make_env(config, &end->scope, &failed);
    make_labels(config, &end->config, &failed);
    make_volumes(config, &end->config, &failed);
    make_ports(config, &end->config, &failed);
    make_onbuild(config, &end->config, &failed);
    memcpy(config->nodes, end->config.nodes, sizeof config->nodes);
    if (failed) {
        dfl_config_free(config);
        return DFL_E_NOMEM;
    }
    *out = config;
    return DFL_OK;
}

void dfl_config_free(dfl_config *config) {
    if (config == NULL) return;
    dfl_alloc alloc = config->arena.alloc;
    dfl__arena_free(&config->arena);
    dfl__free(&alloc, config, sizeof *config);
}

const dfl_image_config *dfl_config_values(const dfl_config *config) {
    return config != NULL ? &config->values : NULL;
}

uint32_t dfl_config_unknown(const dfl_config *config) {
    return config != NULL ? config->unknown : 0;
}

uint32_t dfl_config_node(const dfl_config *config, uint32_t member) {
    if (config == NULL || member == 0 || (member & (member - 1)) != 0) return 0;
    return member <= DFL_CONFIG_AUTHOR ? config->nodes[dfl__config_member(member)] : 0;
}

uint32_t dfl_config_entry_node(const dfl_config *config, uint32_t member, size_t index) {
    if (config == NULL) return 0;
    const dfl_image_config *v = &config->values;
    switch (member) {
    case DFL_CONFIG_ENV: return index < v->env_count ? config->env[index].node : 0;
    case DFL_CONFIG_LABELS: return index < v->labels_count ? config->labels[index].node : 0;
    case DFL_CONFIG_VOLUMES: return index < v->volumes_count ? config->volumes[index] : 0;
    case DFL_CONFIG_EXPOSED_PORTS: return index < v->exposed_ports_count ? config->ports[index] : 0;
    case DFL_CONFIG_ONBUILD: return index < v->onbuild_count ? config->onbuild[index] : 0;
    default: return 0;
    }
}

int32_t dfl_config_env_known(const dfl_config *config, size_t index) {
    if (config == NULL || index >= config->values.env_count) return 0;
    return config->env[index].known;
}

uint32_t dfl_config_env_definition(const dfl_config *config, size_t index) {
    if (config == NULL || index >= config->values.env_count) return DFL_NO_DEFINITION;
    return config->env[index].definition;
}

int32_t dfl_config_label_known(const dfl_config *config, size_t index) {
    if (config == NULL || index >= config->values.labels_count) return 0;
    return config->labels[index].known;
}
