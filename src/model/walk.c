/* walk.c -- stage after stage: variables, configuration, checks.
 * Relies on walk.h. Follows resolveStages and dispatchStages of
 * frontend/dockerfile/dockerfile2llb/convert.go (specification 4.2, 5.6).
 * Never walks a stage twice: what one inherits is a snapshot of where its base ended. */
#include "model/walk.h"

#include <string.h>

#include "diag/codes.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

dfl_status dfl__walk_word(dfl__walk *w, uint32_t node, dfl_str *out, int *known) {
    return dfl__scope_word(&w->scope, node, dfl__node_value(w->doc, node), out, known);
}

dfl_status dfl__walk_report(dfl__walk *w, uint32_t node, uint32_t code, dfl_str detail) {
    return dfl__scope_report(&w->scope, node, code, detail);
}

/* The edge of the document at hand that a flag's value makes; NULL when it makes none. They are in
 * the order of stages and values. */
static const dfl__edge *edge_of(const dfl__walk *w, uint32_t value) {
    uint32_t low = w->first_edge, high = w->edges->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const dfl__edge *edge = &w->edges->items[mid];
        if (edge->stage == w->stage && edge->value == value) return edge;
        if (edge->stage < w->stage || (edge->stage == w->stage && edge->value < value))
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

dfl_status dfl__walk_transfer(dfl__walk *w, dfl__transfer transfer, const dfl__taken *sources,
                              uint32_t count) {
    dfl_model *model = w->model;
    const dfl__edge *edge = transfer.from != 0 ? edge_of(w, transfer.from) : NULL;
    transfer.doc = w->doc;
    transfer.stage = w->stage;
    transfer.origin = edge != NULL ? edge->target : DFL_NO_STAGE;
    transfer.image = edge != NULL ? edge->image : dfl__str("");
    transfer.first = model->taken.count;
    transfer.count = count;
    transfer.workdir = w->scope.workdir;
    transfer.workdir_known = w->scope.workdir_known;
    transfer.workdir_set = w->scope.workdir_set;
    transfer.windows = w->scope.windows;
    for (uint32_t i = 0; i < count; i++)
        if (!DFL__PUSH(&model->arena.alloc, &model->taken, sources[i])) return DFL_E_NOMEM;
    return DFL__PUSH(&model->arena.alloc, &model->transfers, transfer) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_str stage_label(const dfl__stage *stage, const dfl__edge *edge) {
    return stage->name.len > 0 ? stage->name : edge->image;
}

dfl_status dfl__walk_order(dfl__walk *w, uint32_t value, int implied) {
    const dfl__edge *edges = w->edges->items;
    while (w->edge < w->edges->count && edges[w->edge].stage == w->stage &&
           edges[w->edge].value < value)
        w->edge++;
    for (uint32_t i = w->edge; i < w->edges->count && edges[i].value == value; i++) {
        const dfl__edge *edge = &edges[i];
        if (edge->stage != w->stage || edge->target == DFL_NO_STAGE || edge->target <= w->stage)
            continue;
        if (((edge->flags & DFL_EDGE_F_IMPLICIT) != 0) != (implied != 0)) continue;
        const dfl__stage *stage = &w->model->stages.items[edge->target];
        if (stage->context != 0) continue;
        dfl__report_args args = {.code = DFL_D_STAGE_ORDER,
                                 .stage = w->stage,
                                 .range = edge->range,
                                 .detail = stage_label(stage, edge)};
        return dfl__model_report(w->model, &args);
    }
    return DFL_OK;
}

/* --- the start of a stage */

static dfl_status add_variable(dfl__walk *w, uint32_t kind, dfl_str name, dfl_str value) {
    dfl__definition d = {name, value, kind, DFL__VAR_SET, 0, DFL_NO_STAGE, DFL_NO_DEFINITION, NULL};
    return dfl__scope_define(&w->scope, DFL__LAYER_ENV, d);
}

/* An image without PATH gets one, unless it is for Windows. */
static dfl_status add_path(dfl__walk *w) {
    dfl_str name = DFL__LIT("PATH");
    if (w->scope.windows || dfl__env_layer(&w->scope.env, DFL__LAYER_ENV, name) != NULL)
        return DFL_OK;
    return add_variable(w, DFL_DEFINITION_PATH, name, DFL__LIT(DEFAULT_PATH));
}

static void begin_unknown(dfl__walk *w) {
    w->config.unknown = DFL__CONFIG_ALL;
    w->scope.env.open = 1;
    w->scope.workdir_known = w->scope.user_known = 0;
}

static dfl__list list_of(const dfl_str *items, size_t count) {
    dfl__list list = {items, count};
    return list;
}

static dfl_status add_texts(dfl__env *to, const dfl_str *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        dfl__binding binding = {items[i], {"", 0}, DFL__VAR_SET, 0, 0, 0, 0};
        if (!dfl__env_put(to, DFL__LAYER_ENV, &binding)) return DFL_E_NOMEM;
    }
    return DFL_OK;
}

static dfl_status add_pairs(dfl__env *to, const dfl_binding *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        dfl__binding binding = {items[i].name, items[i].value, DFL__VAR_SET, 0, 0, 0, 0};
        if (!dfl__env_put(to, DFL__LAYER_ENV, &binding)) return DFL_E_NOMEM;
    }
    return DFL_OK;
}

/* The ports of an image: kept as texts, which EXPOSE's are not. */
static dfl_status add_ports(dfl__walk *w, const dfl_image_config *from) {
    for (size_t i = 0; i < from->exposed_ports_count; i++) {
        dfl__link *link = dfl__arena_get(&w->model->arena, sizeof *link);
        if (link == NULL) return DFL_E_NOMEM;
        *link = (dfl__link){w->config.ports, from->exposed_ports[i], 1, 0, 0, 0};
        w->config.ports = link;
    }
    return DFL_OK;
}

static void copy_settings(dfl__walk *w, const dfl_image_config *from) {
    dfl__config *to = &w->config;
    to->cmd = list_of(from->cmd, from->cmd_count);
    to->entrypoint = list_of(from->entrypoint, from->entrypoint_count);
    to->shell = list_of(from->shell, from->shell_count);
    to->health = list_of(from->health_test, from->health_test_count);
    to->health_times[0] = from->health_interval;
    to->health_times[1] = from->health_timeout;
    to->health_times[2] = from->health_start_period;
    to->health_times[3] = from->health_start_interval;
    to->health_retries = from->health_retries;
    to->stop_signal = from->stop_signal;
    to->author = from->author;
    if (from->os.len > 0) to->os = from->os;
    if (from->architecture.len == 0) return;
    to->arch = from->architecture;
    to->variant = from->variant;
}

/* What an image has many of: stages that begin with it share them. */
static dfl_status read_base(dfl__walk *w, dfl__base *base) {
    const dfl_image_config *config = &base->config;
    dfl_status status = DFL_OK;
    if ((base->unknown & DFL__CONFIG_ENV) != 0) w->scope.env.open = 1;
    for (size_t i = 0; i < config->env_count && status == DFL_OK; i++)
        status = add_variable(w, DFL_DEFINITION_BASE, config->env[i].name, config->env[i].value);
    if (status == DFL_OK)
        status = add_pairs(&w->config.labels, config->labels, config->labels_count);
    if (status == DFL_OK)
        status = add_texts(&w->config.volumes, config->volumes, config->volumes_count);
    if (status == DFL_OK) status = add_ports(w, config);
    base->env = w->scope.env;
    base->start = w->config;
    base->begun = 1;
    return status;
}

static dfl_status share_base(dfl__walk *w, dfl__base *base) {
    uint32_t stage = w->scope.env.stage;
    if (!base->begun) return read_base(w, base);
    w->scope.env = base->env;
    w->scope.env.stage = stage;
    w->config.labels = base->start.labels;
    w->config.volumes = base->start.volumes;
    w->config.ports = base->start.ports;
    return DFL_OK;
}

/* BuildKit applies an image's working directory to itself, which matters for a relative one. */
static dfl_status begin_directory(dfl__walk *w, const dfl__base *base) {
    const dfl_image_config *config = &base->config;
    if ((base->unknown & DFL__CONFIG_WORKDIR) != 0) w->scope.workdir_known = 0;
    if (config->working_dir.len == 0) return DFL_OK;
    w->config.workdir_set = 1;
    w->scope.workdir = config->working_dir;
    return dfl__scope_workdir(&w->scope, w->model->stages.items[w->stage].node,
                              config->working_dir);
}

static dfl_status begin_base(dfl__walk *w, dfl__base *base) {
    const dfl_image_config *config = &base->config;
    if (base->unknown != 0 && w->scope.windows) { /* the catalog is about images for Linux */
        begin_unknown(w);
        return DFL_OK;
    }
    dfl_status status = share_base(w, base);
    copy_settings(w, config);
    w->config.unknown = base->unknown;
    w->scope.user = config->user;
    w->scope.user_known = (base->unknown & DFL__CONFIG_USER) == 0;
    if (status == DFL_OK) status = begin_directory(w, base);
    return status;
}

/* The image that a named context stands for; 0 when it is none, or an empty one. A context of files
 * has no configuration at all; of some kinds only the builder knows what they hold. */
static int context_image(const dfl_model *model, uint32_t context, dfl_str *image, int *unknown) {
    static const char docker_image[] = "docker-image:";
    dfl_str source = model->contexts.items[context - 1].source;
    *unknown = dfl__starts(source, "oci-layout:") || dfl__starts(source, "input:");
    if (!dfl__starts(source, docker_image)) return 0;
    *image = dfl__sub(source, sizeof docker_image - 1, source.len);
    if (dfl__starts(*image, "//")) *image = dfl__sub(*image, 2, image->len);
    return !dfl__eqz(*image, "scratch");
}

static dfl_status begin_empty(dfl__walk *w) {
    w->config.workdir_set = 1;
    return dfl__scope_workdir(&w->scope, w->model->stages.items[w->stage].node, DFL__LIT("/"));
}

/* A context takes the place of the whole stage, or of its base image. */
static dfl_status begin_context(dfl__walk *w, uint32_t context, int whole) {
    dfl_str image;
    dfl__base *base = NULL;
    int unknown;
    if (!context_image(w->model, context, &image, &unknown)) {
        if (unknown) begin_unknown(w);
        return unknown || whole ? DFL_OK : begin_empty(w);
    }
    dfl_status status = dfl__base_find(w->model, image, &base);
    if (status == DFL_OK && base != NULL) return begin_base(w, base);
    begin_unknown(w);
    return status;
}

static dfl_status begin_image(dfl__walk *w, const dfl__stage *stage) {
    dfl__base *base = NULL;
    dfl_status status = DFL_OK;
    int empty = stage->base_known && dfl__eqz(stage->base, "scratch");
    const dfl__platform *platform = stage->parsed;
    if (platform == NULL || (empty && stage->context == 0)) platform = &w->model->target_platform;
    w->scope.windows = dfl__eqz(platform->os, "windows");
    w->config.os = platform->os;
    w->config.arch = platform->arch;
    w->config.variant = platform->variant;
    if (stage->context != 0) return begin_context(w, stage->context, 1);
    if (stage->base_context != 0) return begin_context(w, stage->base_context, 0);
    if (empty) return begin_empty(w);
    if (stage->base_known) status = dfl__base_find(w->model, stage->base, &base);
    if (status == DFL_OK && base != NULL) return begin_base(w, base);
    begin_unknown(w);
    return status;
}

/* What the stage is built on hands over where it ended, but for ONBUILD, which runs now. */
static void begin_stage(dfl__walk *w, const dfl__stage_end *end) {
    w->scope = end->scope;
    w->scope.env.stage = w->stage;
    w->scope.record = &w->record;
    w->config = end->config;
    w->config.onbuild = NULL;
    w->config.cmd_set = 0;
}

static dfl_status begin(dfl__walk *w) {
    dfl_model *model = w->model;
    const dfl__stage *stage = &model->stages.items[w->stage];
    dfl_status status = DFL_OK;
    dfl__scope_init(&w->scope, model, &model->arena);
    memset(&w->config, 0, sizeof w->config);
    dfl__env_init(&w->config.labels, &model->arena);
    dfl__env_init(&w->config.volumes, &model->arena);
    w->config.stop_signal = w->config.author = DFL__LIT("");
    w->config.os = w->config.arch = w->config.variant = DFL__LIT("");
    w->scope.env.stage = w->stage;
    w->scope.budget = &model->budget;
    w->scope.record = &w->record;
    if (stage->base_stage != DFL_NO_STAGE)
        begin_stage(w, &model->ends[stage->base_stage]);
    else
        status = begin_image(w, stage);
    return status == DFL_OK && !w->scope.env.open ? add_path(w) : status;
}

/* --- instructions */

typedef dfl_status instruction(dfl__walk *w, uint32_t node);

static dfl_status apply_scope(dfl__walk *w, uint32_t node) {
    uint16_t kind = w->doc->nodes.items[node].kind;
    int open = w->scope.env.open;
    dfl_status status = dfl__scope_step(&w->scope, w->doc, node, kind);
    if (w->scope.env.open && !open) w->config.unknown |= DFL__CONFIG_ENV;
    if (kind == DFL_NODE_USER)
        w->config.nodes[dfl__config_member(DFL__CONFIG_USER)] = w->instruction;
    if (kind != DFL_NODE_WORKDIR) return status;
    w->config.workdir_set = 1;
    w->config.nodes[dfl__config_member(DFL__CONFIG_WORKDIR)] = w->instruction;
    return status;
}

#define STEP(kind) [(kind)-DFL_NODE_ADD]
static instruction *const instructions[] = {
    STEP(DFL_NODE_ADD) = dfl__walk_copy,
    STEP(DFL_NODE_ARG) = apply_scope,
    STEP(DFL_NODE_CMD) = dfl__walk_command,
    STEP(DFL_NODE_COPY) = dfl__walk_copy,
    STEP(DFL_NODE_ENTRYPOINT) = dfl__walk_command,
    STEP(DFL_NODE_ENV) = apply_scope,
    STEP(DFL_NODE_EXPOSE) = dfl__walk_expose,
    STEP(DFL_NODE_HEALTHCHECK) = dfl__walk_healthcheck,
    STEP(DFL_NODE_LABEL) = dfl__walk_label,
    STEP(DFL_NODE_MAINTAINER) = dfl__walk_maintainer,
    STEP(DFL_NODE_ONBUILD) = dfl__walk_onbuild,
    STEP(DFL_NODE_RUN) = dfl__walk_run,
    STEP(DFL_NODE_SHELL) = dfl__walk_shell,
    STEP(DFL_NODE_STOPSIGNAL) = dfl__walk_stopsignal,
    STEP(DFL_NODE_USER) = apply_scope,
    STEP(DFL_NODE_VOLUME) = dfl__walk_volume,
    STEP(DFL_NODE_WORKDIR) = apply_scope,
};

/* Whether the parser has rejected the instruction or a part of it. */
static int has_error(const dfl_doc *doc, uint32_t node) {
    const dfl_node_rec *nodes = doc->nodes.items;
    uint32_t end = nodes[node].end_token;
    for (uint32_t at = node; at < doc->nodes.count; at++) {
        if (at != node && nodes[at].first_token >= end) break;
        if ((nodes[at].flags & DFL_NODE_F_ERROR) != 0) return 1;
    }
    return 0;
}

static dfl_status step(dfl__walk *w, uint32_t node) {
    uint32_t index = w->doc->nodes.items[node].kind - DFL_NODE_ADD;
    if (index >= sizeof instructions / sizeof *instructions || instructions[index] == NULL)
        return DFL_OK;
    /* variables are kept even then, so that what follows can be read */
    int skip = instructions[index] != apply_scope && !w->record.is_trigger;
    if (skip && has_error(w->doc, node)) return DFL_OK;
    return instructions[index](w, node);
}

/* --- triggers */

static dfl_status report_trigger(dfl__walk *w, const dfl__trigger *trigger, int at_once) {
    dfl__report_args args = {.code = trigger->code,
                             .stage = w->stage,
                             .pass = 81,
                             .at_once = at_once,
                             .range = w->record.place,
                             .detail = trigger->text};
    return dfl__model_report(w->model, &args);
}

/* What running a trigger may take in memory besides its text. */
#define TRIGGER_COST 256u

/* Every stage that takes a trigger over runs it again: hostile files could make that expensive. */
static int may_run(dfl__walk *w, const dfl__trigger *trigger, dfl_status *status) {
    int enough = dfl__spend(&w->model->budget, TRIGGER_COST + trigger->text.len);
    *status = DFL_OK;
    if (enough) return 1;
    begin_unknown(w);
    *status = dfl__scope_spent(&w->scope, w->model->stages.items[w->stage].node, trigger->text);
    return 0;
}

static dfl_status run_trigger(dfl__walk *w, uint32_t index, uint32_t onbuild) {
    const dfl__trigger *trigger = &w->model->triggers.items[index];
    const dfl__edges *edges = w->edges;
    uint32_t edge = w->edge, first_edge = w->first_edge;
    dfl_status status;
    if (!may_run(w, trigger, &status)) return status;
    status = dfl__trigger_read(w->model, index);
    if (status != DFL_OK) return status;
    if (trigger->code != 0) return report_trigger(w, trigger, 0);
    dfl__linker l = {w->model, w->stage, DFL_EDGE_F_TRIGGER, w->record.place,
                     &w->model->trigger_edges};
    w->record.is_trigger = 1;
    w->record.onbuild = w->instruction = onbuild;
    w->doc = trigger->doc;
    w->edges = &w->model->trigger_edges;
    w->edge = w->first_edge = w->model->trigger_edges.count;
    status = dfl__link_instruction(&l, trigger->doc, trigger->node);
    if (status == DFL_OK && w->model->stages.items[w->stage].context == 0)
        status = step(w, trigger->node);
    w->record.is_trigger = 0;
    w->doc = w->model->doc;
    w->edges = edges;
    w->edge = edge;
    w->first_edge = first_edge;
    return status;
}

/* What is known of an image, or of that in the context that takes its place. */
static dfl_status image_base(dfl__walk *w, dfl_str image, uint32_t context, dfl__base **base) {
    int unknown;
    *base = NULL;
    if (context != 0 && !context_image(w->model, context, &image, &unknown)) return DFL_OK;
    return dfl__base_find(w->model, image, base);
}

/* Those of the image, or those that the stage below adds, the oldest first. */
static dfl_status run_triggers(dfl__walk *w) {
    dfl_model *model = w->model;
    const dfl__stage *stage = &model->stages.items[w->stage];
    dfl_status status = DFL_OK;
    DFL__VEC(const dfl__link *) links = {NULL, 0, 0};
    dfl__base *base = NULL;
    w->record.place = dfl__node_range(model->doc, stage->node);
    if (stage->base_stage == DFL_NO_STAGE) {
        uint32_t context = stage->context != 0 ? stage->context : stage->base_context;
        if (stage->base_known) status = image_base(w, stage->base, context, &base);
        for (uint32_t i = 0; base != NULL && i < base->config.onbuild_count && status == DFL_OK;
             i++)
            status = run_trigger(w, base->first_trigger + i, 0);
        return status;
    }
    const dfl__link *newest = model->ends[stage->base_stage].config.onbuild;
    if (newest != NULL && model->budget.left == 0) begin_unknown(w); /* none would run */
    for (const dfl__link *l = newest; l != NULL && model->budget.left > 0; l = l->older)
        if (!DFL__PUSH(&model->arena.alloc, &links, l)) status = DFL_E_NOMEM;
    while (links.count > 0 && status == DFL_OK) {
        const dfl__link *link = links.items[--links.count];
        status = run_trigger(w, link->trigger, link->node);
    }
    DFL__VEC_FREE(&model->arena.alloc, &links);
    return status;
}

/* --- triggers of images that are only copied from */

/* BuildKit looks for what they need, though it never runs them. */
static dfl_status link_triggers(dfl__walk *w, const dfl__base *base, dfl_range place, int at_once) {
    dfl_model *model = w->model;
    uint32_t flags = DFL_EDGE_F_INDIRECT | (at_once ? DFL_EDGE_F_AT_ONCE : 0u);
    dfl__linker l = {model, w->stage, flags, place, &model->trigger_edges};
    dfl_status status = DFL_OK;
    w->record.place = place;
    for (uint32_t i = 0; i < base->config.onbuild_count && status == DFL_OK; i++) {
        uint32_t index = base->first_trigger + i;
        if (!may_run(w, &model->triggers.items[index], &status)) return status;
        status = dfl__trigger_read(model, index);
        const dfl__trigger *trigger = &model->triggers.items[index];
        if (status != DFL_OK) return status;
        status = trigger->code != 0 ? report_trigger(w, trigger, at_once)
                                    : dfl__link_instruction(&l, trigger->doc, trigger->node);
    }
    return status;
}

static dfl_status follow_image(dfl__walk *w, const dfl__edge *edge, dfl__env *seen) {
    dfl__base *base;
    uint32_t context = 0;
    dfl__binding name = {edge->image, {"", 0}, DFL__VAR_SET, 0, 0, 0, 0};
    if (edge->kind == DFL_EDGE_FROM || edge->target != DFL_NO_STAGE || !edge->known) return DFL_OK;
    const dfl__platform *target = &w->model->target_platform;
    if ((edge->flags & DFL_EDGE_F_CONTEXT) != 0)
        (void)dfl__context_find(w->model, edge->image, target->os.len > 0 ? target : NULL,
                                &context);
    dfl_status status = image_base(w, edge->image, context, &base);
    if (status != DFL_OK || base == NULL || base->config.onbuild_count == 0) return status;
    if (dfl__env_find(seen, edge->image) != NULL) return DFL_OK;
    if (!dfl__env_put(seen, DFL__LAYER_ENV, &name)) return DFL_E_NOMEM;
    return link_triggers(w, base, edge->range,
                         (edge->flags & DFL_EDGE_F_TRIGGER) == 0 &&
                             (edge->flags & DFL_EDGE_F_INDIRECT) == 0);
}

/* What they name may be such an image again. */
static dfl_status follow_images(dfl__walk *w, uint32_t first) {
    dfl_model *model = w->model;
    dfl__env seen;
    dfl_status status = DFL_OK;
    uint32_t at, end;
    if (model->bases.count == 0 && model->catalog == NULL) return DFL_OK;
    dfl__env_init(&seen, &model->arena);
    dfl__stage_edges(model, w->stage, &at, &end);
    for (; at < end && status == DFL_OK; at++)
        status = follow_image(w, &model->edges.items[at], &seen);
    dfl__env_init(&seen, &model->arena);
    for (uint32_t i = first; i < model->trigger_edges.count && status == DFL_OK; i++) {
        dfl__edge edge = model->trigger_edges.items[i];
        status = follow_image(w, &edge, &seen);
    }
    return status;
}

/* --- the whole */

static dfl_status walk_stage(dfl__walk *w) {
    dfl_model *model = w->model;
    const dfl__stage *stage = &model->stages.items[w->stage];
    uint32_t first = model->trigger_edges.count;
    if (w->stage > 0) model->instrs.items[stage->first].definition = model->definitions.count;
    dfl_status status = begin(w);
    if (status == DFL_OK) status = run_triggers(w);
    if (status == DFL_OK) status = follow_images(w, first);
    for (uint32_t i = stage->first; i < stage->end && status == DFL_OK; i++) {
        dfl__instr *instr = &model->instrs.items[i];
        instr->env = w->scope.env.root;
        instr->open = w->scope.env.open != 0;
        instr->foreign = !dfl__config_is_posix(&w->config);
        if (instr->kind == DFL_NODE_FROM) continue;
        instr->definition = model->definitions.count;
        while (w->edge < model->edges.count && model->edges.items[w->edge].node < instr->node)
            w->edge++;
        w->instruction = instr->node;
        /* a named context takes the place of all of them, but what is built on it runs its triggers
         */
        if (stage->context == 0 || instr->kind == DFL_NODE_ONBUILD) status = step(w, instr->node);
    }
    model->ends[w->stage].scope = w->scope;
    model->ends[w->stage].scope.record = NULL;
    model->ends[w->stage].config = w->config;
    return status;
}

/* Whether `own` stands before `trigger`: those of triggers come with FROM, behind its edge. */
static int stands_first(const dfl__edge *own, const dfl__edge *trigger) {
    if (own->stage != trigger->stage) return own->stage < trigger->stage;
    return own->kind == DFL_EDGE_FROM;
}

/* Put both in order into `merged`, which has room; `moved` receives where each of the file's own
 * edges went. */
static void interleave(const dfl_model *model, dfl__edges *merged, uint32_t *moved) {
    const dfl__edges *own = &model->edges, *more = &model->trigger_edges;
    uint32_t at = 0, extra = 0;
    while (at < own->count || extra < more->count) {
        int take_own = extra == more->count ||
                       (at < own->count && stands_first(&own->items[at], &more->items[extra]));
        if (take_own) moved[at] = merged->count;
        dfl__edge *edge = &merged->items[merged->count++];
        *edge = take_own ? own->items[at++] : more->items[extra++];
        if (edge->target != DFL_NO_STAGE && edge->target > edge->stage)
            edge->flags |= DFL_EDGE_F_FORWARD;
    }
}

/* Cycles hold numbers of edges, which move. */
static dfl_status merge_edges(dfl_model *model) {
    dfl__edges merged = {NULL, 0, 0};
    const dfl_alloc *alloc = &model->arena.alloc;
    size_t size = model->edges.count * sizeof(uint32_t);
    if (model->trigger_edges.count == 0) return DFL_OK;
    uint32_t *moved = dfl__alloc(alloc, size);
    int room = DFL__RESERVE(alloc, &merged, model->edges.count + model->trigger_edges.count);
    if (room && (moved != NULL || size == 0)) {
        interleave(model, &merged, moved);
        for (uint32_t i = 0; i < model->cycle_edges.count; i++)
            model->cycle_edges.items[i] = moved[model->cycle_edges.items[i]];
        DFL__VEC_FREE(alloc, &model->edges);
        model->edges = merged;
    } else {
        DFL__VEC_FREE(alloc, &merged);
        room = 0;
    }
    dfl__free(alloc, moved, size);
    return room ? DFL_OK : DFL_E_NOMEM;
}

dfl_status dfl__model_walk(dfl_model *model) {
    dfl__walk w;
    dfl_status status = DFL_OK;
    memset(&w, 0, sizeof w);
    w.model = model;
    w.doc = model->doc;
    w.edges = &model->edges;
    w.record.model = model;
    w.record.pass = 90;
    model->ends = dfl__arena_get(&model->arena, model->stages.count * sizeof *model->ends);
    if (model->ends == NULL) return DFL_E_NOMEM;
    for (w.stage = 0; w.stage < model->stages.count && status == DFL_OK; w.stage++)
        status = walk_stage(&w);
    return status == DFL_OK ? merge_edges(model) : status;
}
