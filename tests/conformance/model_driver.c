/* model_driver.c -- models for the comparers: verdict, graph, variables, configurations.
 * Relies on wire.h, the public face of models, and diag/codes.h for the passes of documents.
 * Never limits what BuildKit does not limit. */
#include <stdio.h>
#include <stdlib.h>

#include "diag/codes.h"
#include "dockerfile/config.h"
#include "dockerfile/graph.h"
#include "dockerfile/scope.h"
#include "model/model.h"
#include "syntax/reference.h"
#include "wire.h"

/* model, source, target, target platform, build platform, then lists, each after its count: names
 * and values of build arguments; names and sources of contexts; base images. A base image is its
 * reference, then lists of Env pairs, Entrypoint, Cmd, Shell, ExposedPorts, Volumes, OnBuild, label
 * pairs, then User, WorkingDir, StopSignal. An absent list counts -1. */
enum { SOURCE = 1, TARGET, TARGET_PLATFORM, BUILD_PLATFORM, LISTS };

typedef struct {
    const wire_message *request;
    uint32_t at;
} reader;

static void *must(void *ptr) {
    if (ptr == NULL) exit(1);
    return ptr;
}

static dfl_str next(reader *r) {
    return wire_get(r->request, r->at++);
}

static long number(reader *r) {
    dfl_str s = next(r);
    char text[16] = "";
    for (size_t i = 0; i < s.len && i + 1 < sizeof text; i++)
        text[i] = s.ptr[i];
    return strtol(text, NULL, 10);
}

static dfl_binding *pairs(reader *r, size_t *count) {
    long n = number(r);
    *count = (size_t)n;
    dfl_binding *items = must(calloc((size_t)n + 1, sizeof *items));
    for (long i = 0; i < n; i++) {
        items[i].name = next(r);
        items[i].value = next(r);
    }
    return items;
}

static dfl_str *list(reader *r, size_t *count) {
    long n = number(r);
    *count = n < 0 ? 0 : (size_t)n;
    if (n < 0) return NULL;
    dfl_str *items = must(calloc((size_t)n + 1, sizeof *items));
    for (long i = 0; i < n; i++)
        items[i] = next(r);
    return items;
}

static void read_base(reader *r, dfl_base_image *out) {
    dfl_image_config *c = must(calloc(1, sizeof *c));
    out->reference = next(r);
    out->config = c;
    c->env = pairs(r, &c->env_count);
    c->entrypoint = list(r, &c->entrypoint_count);
    c->cmd = list(r, &c->cmd_count);
    c->shell = list(r, &c->shell_count);
    c->exposed_ports = list(r, &c->exposed_ports_count);
    c->volumes = list(r, &c->volumes_count);
    c->onbuild = list(r, &c->onbuild_count);
    c->labels = pairs(r, &c->labels_count);
    c->user = next(r);
    c->working_dir = next(r);
    c->stop_signal = next(r);
}

static void free_base(const dfl_base_image *base) {
    const dfl_image_config *c = base->config;
    const void *owned[] = {c->env,     c->entrypoint, c->cmd,    c->shell, c->exposed_ports,
                           c->volumes, c->onbuild,    c->labels, c};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free((void *)(uintptr_t)owned[i]);
}

/* --- answers */

static void add_list(wire_message *answer, const dfl_str *items, size_t count) {
    wire_add_number(answer, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        wire_add(answer, items[i]);
}

static void add_pairs(wire_message *answer, const dfl_binding *items, size_t count) {
    wire_add_number(answer, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        wire_add(answer, items[i].name);
        wire_add(answer, items[i].value);
    }
}

static void add_config(wire_message *answer, const dfl_model *model, uint32_t stage) {
    dfl_config *config = NULL;
    char number[32];
    if (dfl_model_config(model, stage, &config) != DFL_OK) exit(1);
    const dfl_image_config *c = dfl_config_values(config);
    wire_add_number(answer, dfl_config_unknown(config));
    add_pairs(answer, c->env, c->env_count);
    add_list(answer, c->entrypoint, c->entrypoint_count);
    add_list(answer, c->cmd, c->cmd_count);
    add_list(answer, c->shell, c->shell_count);
    add_list(answer, c->exposed_ports, c->exposed_ports_count);
    add_list(answer, c->volumes, c->volumes_count);
    add_list(answer, c->onbuild, c->onbuild_count);
    add_pairs(answer, c->labels, c->labels_count);
    wire_add(answer, c->user);
    wire_add(answer, c->working_dir);
    wire_add(answer, c->stop_signal);
    add_list(answer, c->health_test, c->health_test_count);
    int64_t times[] = {c->health_interval, c->health_timeout, c->health_start_period,
                       c->health_start_interval, c->health_retries};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        snprintf(number, sizeof number, "%lld", (long long)times[i]);
        wire_addz(answer, number);
    }
    dfl_config_free(config);
}

/* A reference as BuildKit completes it. */
static void add_image(wire_message *answer, dfl_str text) {
    dfl__reference ref;
    dfl__buf buf;
    dfl__buf_init(&buf, NULL, 0);
    if (text.len > 0 && dfl__reference_parse(text, &ref) == DFL__REF_OK) {
        dfl__reference_write(&ref, &buf);
        text = dfl__buf_str(&buf);
    }
    wire_add(answer, text);
    dfl__buf_free(&buf);
}

static int is_predefined(const dfl_model *model, uint32_t definition) {
    dfl_definition d = {.size = sizeof d};
    return dfl_model_definition(model, definition, &d) == DFL_OK &&
           d.kind == DFL_DEFINITION_PREDEFINED;
}

/* Variables at the end of a stage: names, states, values; 3 for the state of what only RUN sees. */
static void add_variables(wire_message *answer, const dfl_model *model, uint32_t stage) {
    dfl_scope *scope = NULL;
    if (dfl_model_scope_end(model, stage, &scope) != DFL_OK) exit(1);
    size_t count = dfl_scope_count(scope);
    wire_add_number(answer, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        dfl_variable variable = {.size = sizeof variable};
        if (dfl_scope_variable(scope, i, &variable) != DFL_OK) exit(1);
        wire_add(answer, variable.name);
        wire_add_number(answer, is_predefined(model, variable.definition) ? 3 : variable.state);
        wire_add(answer, variable.value);
    }
    dfl_scope_free(scope);
}

static void add_stage(wire_message *answer, const dfl_model *model, uint32_t index) {
    dfl_stage stage = {.size = sizeof stage};
    if (dfl_model_stage(model, index, &stage) != DFL_OK) exit(1);
    wire_add(answer, stage.name);
    wire_add(answer, stage.base);
    wire_add_number(answer, (uint32_t)stage.base_known);
    wire_add_number(answer, stage.base_stage == DFL_NO_STAGE ? 0 : stage.base_stage + 1);
    add_variables(answer, model, index);
    add_config(answer, model, index);
}

/* Kind, stage, target plus one, image, flags, line. */
static void add_edges(wire_message *answer, const dfl_model *model) {
    size_t count = dfl_model_edge_count(model);
    wire_add_number(answer, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        dfl_edge edge = {.size = sizeof edge};
        if (dfl_model_edge(model, i, &edge) != DFL_OK) exit(1);
        dfl_range range = dfl_node_range(dfl_doc_node(dfl_model_doc(model), edge.node));
        wire_add_number(answer, edge.kind);
        wire_add_number(answer, edge.stage);
        wire_add_number(answer, edge.target == DFL_NO_STAGE ? 0 : edge.target + 1);
        add_image(answer, edge.image);
        wire_add_number(answer, edge.flags);
        wire_add_number(answer, dfl_doc_pos(dfl_model_doc(model), range.start).line + 1);
    }
}

/* The first error of the document: passes before the model's, each over the whole file. */
static const dfl__code *document_error(const dfl_doc *doc) {
    const dfl__code *found = NULL;
    for (size_t i = 0; i < dfl_doc_diag_count(doc); i++) {
        dfl_diag diag = {.size = sizeof diag};
        if (dfl_doc_diag(doc, i, &diag) != DFL_OK) exit(1);
        const dfl__code *code = dfl__code_of(diag.code);
        if (code->severity != DFL_SEVERITY_ERROR) continue;
        if (found == NULL || dfl__code_parse_pass(code) < dfl__code_parse_pass(found)) found = code;
    }
    return found;
}

/* Other errors that BuildKit might as well meet first: it reads triggers in no order. */
static void add_rivals(wire_message *answer, const dfl_model *model, uint32_t code) {
    wire_message names = {0};
    uint32_t pass = 0;
    for (uint32_t i = 0; i < model->issues.count; i++)
        if (model->issues.items[i].code == code && model->issues.items[i].pass == 81) pass = 81;
    for (uint32_t i = 0; i < model->issues.count; i++)
        if (model->issues.items[i].pass == pass)
            wire_addz(&names, dfl_diag_name(model->issues.items[i].code));
    add_list(answer, names.items, names.count);
    wire_free(&names);
}

/* Categories of the first error and of its rivals; "" when BuildKit would build. */
static int add_verdict(wire_message *answer, const dfl_model *model) {
    const dfl__code *error = document_error(dfl_model_doc(model));
    dfl_diag diag = {.size = sizeof diag};
    size_t index;
    if (dfl_model_verdict(model, DFL_NO_STAGE, &index) != DFL_OK) exit(1);
    if (error == NULL && index != SIZE_MAX && dfl_model_diag(model, index, &diag) != DFL_OK)
        exit(1);
    wire_addz(answer, error != NULL ? error->name : diag.code != 0 ? diag.name : "");
    add_rivals(answer, model, diag.code);
    return error == NULL && diag.code == 0;
}

static void add_model(wire_message *answer, const dfl_model *model, dfl_str target) {
    uint32_t count = (uint32_t)dfl_model_stage_count(model);
    uint32_t index = dfl_model_stage_find(model, target);
    uint8_t *reachable = must(calloc(count + 1, 1));
    if (dfl_model_reachable(model, index, reachable, count) != DFL_OK) exit(1);
    wire_add_number(answer, index);
    wire_add_number(answer, count);
    for (uint32_t i = 0; i < count; i++) {
        wire_add_number(answer, reachable[i]);
        add_stage(answer, model, i);
    }
    add_edges(answer, model);
    free(reachable);
}

/* --- the whole */

typedef struct {
    dfl_model_options options;
    dfl_binding *args, *contexts;
    dfl_base_image *bases;
    size_t given; /* bases of the request; what follows is added */
} question;

static question read_question(const wire_message *request) {
    reader r = {request, LISTS};
    question q = {.options = DFL_MODEL_OPTIONS_INIT};
    size_t count;
    q.options.args = q.args = pairs(&r, &count);
    q.options.args_count = (uint32_t)count;
    q.options.contexts = q.contexts = pairs(&r, &count);
    q.options.contexts_count = (uint32_t)count;
    q.given = q.options.bases_count = (size_t)number(&r);
    q.options.bases = q.bases = must(calloc(q.given + 1, sizeof *q.bases));
    for (size_t i = 0; i < q.given; i++)
        read_base(&r, &q.bases[i]);
    q.options.flags = DFL_MODEL_F_ALL_ARGS;
    q.options.target = wire_get(request, TARGET);
    q.options.target_platform = wire_get(request, TARGET_PLATFORM);
    q.options.build_platform = wire_get(request, BUILD_PLATFORM);
    return q;
}

static void free_question(question *q) {
    for (size_t i = 0; i < q->given; i++)
        free_base(&q->bases[i]);
    free(q->bases);
    free(q->contexts);
    free(q->args);
}

static dfl_model *model_of(const dfl_doc *doc, const question *q) {
    dfl_model *model = NULL;
    if (dfl_model_new(doc, &q->options, &model) == DFL_OK) return model;
    fputs("conformance driver: no model\n", stderr);
    exit(1);
}

/* Images of which the request says nothing have an empty configuration. */
static void add_empty_bases(question *q, const dfl_model *model) {
    static const dfl_image_config empty = {0};
    size_t stages = dfl_model_stage_count(model);
    q->bases = must(
        realloc(q->bases, (q->given + stages + q->options.contexts_count + 1) * sizeof *q->bases));
    q->options.bases = q->bases;
    for (size_t i = 0; i < stages; i++) {
        dfl_stage stage = {.size = sizeof stage};
        dfl__reference ref;
        if (dfl_model_stage(model, i, &stage) != DFL_OK) exit(1);
        if (dfl__reference_parse(stage.base, &ref) != DFL__REF_OK) continue;
        q->bases[q->options.bases_count++] = (dfl_base_image){stage.base, &empty};
    }
    for (size_t i = 0; i < q->options.contexts_count; i++) {
        dfl_str source = q->contexts[i].value, image = source;
        dfl__reference ref;
        if (!dfl__starts(source, "docker-image://")) continue;
        image = dfl__sub(source, sizeof "docker-image://" - 1, source.len);
        if (dfl__reference_parse(image, &ref) != DFL__REF_OK) continue;
        q->bases[q->options.bases_count++] = (dfl_base_image){image, &empty};
    }
}

/* Answers verdict and rivals; when the file can be built, target, stages, edges. */
void model_answer(const wire_message *request, wire_message *answer) {
    question q = read_question(request);
    dfl_limits limits = DFL_LIMITS_INIT;
    dfl_parse_options parse = DFL_PARSE_OPTIONS_INIT;
    dfl_str source = wire_get(request, SOURCE);
    dfl_doc *doc = NULL;
    limits.max_source_bytes = limits.max_diags = limits.max_heredocs = limits.max_stages =
        limits.max_depth = limits.max_expand_bytes = limits.max_model_bytes = UINT32_MAX;
    parse.limits = &limits;
    if (dfl_parse(source.ptr, source.len, &parse, &doc) != DFL_OK) exit(1);
    dfl_model *images = model_of(doc, &q);
    add_empty_bases(&q, images);
    dfl_model *model = model_of(doc, &q);
    if (add_verdict(answer, model)) add_model(answer, model, q.options.target);
    dfl_model_free(model);
    dfl_model_free(images);
    dfl_doc_unref(doc);
    free_question(&q);
}
