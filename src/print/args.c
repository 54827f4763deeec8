/* args.c -- variables and their definitions as text and as JSON, schema_version 1.
 * Relies on scope.h, graph.h and writer.h.
 * Never prints a value that is not known, and follows a chain as far as definitions go. */
#include <string.h>

#include "base/memory.h"
#include "dockerfile/graph.h"
#include "dockerfile/print.h"
#include "dockerfile/scope.h"
#include "model/model.h"
#include "print/writer.h"
#include "syntax/tree.h"

/* Pairs of one ARG whose values are traced: each is read after those before it. */
#define MOST_PAIRS 64u
/* Names and values, of which stages inherit what others set. */
#define MOST_BYTES ((size_t)64 << 20)
#define VARIABLE_COST 32u

typedef struct {
    dfl__out *out;
    const dfl_model *model;
    const dfl_doc *doc;
    uint8_t *needed; /* [stages] */
    dfl_str *below;  /* [stages]: the image below the stage and all that it is built on */
    uint32_t *seen;  /* [definitions]: the expansion that has met it */
    uint32_t stamp;  /* of the expansion at hand */
    size_t left;     /* bytes that may still be printed */
} printer;

static const char *const kind_names[] = {[DFL_DEFINITION_AUTOMATIC] = "automatic",
                                         [DFL_DEFINITION_BUILD_ARG] = "build-arg",
                                         [DFL_DEFINITION_DEFAULT] = "default",
                                         [DFL_DEFINITION_GLOBAL] = "global",
                                         [DFL_DEFINITION_NONE] = "none",
                                         [DFL_DEFINITION_ENV] = "env",
                                         [DFL_DEFINITION_BASE] = "base",
                                         [DFL_DEFINITION_PATH] = "path",
                                         [DFL_DEFINITION_PREDEFINED] = "predefined"};

static const char *state_name(uint32_t state) {
    return state == DFL_VARIABLE_SET ? "set" : state == DFL_VARIABLE_UNKNOWN ? "unknown" : "unset";
}

static int is_shown(const printer *p, uint32_t stage) {
    return stage == DFL_NO_STAGE || p->needed[stage];
}

static uint32_t line_of(const printer *p, uint32_t node) {
    return dfl__doc_line(p->doc, dfl__node_range(p->doc, node).start) + 1;
}

static dfl_definition definition_at(const printer *p, uint32_t index) {
    dfl_definition d = {.size = sizeof d};
    (void)dfl_model_definition(p->model, index, &d);
    return d;
}

/* --- what a value is made of */

/* Whether the value of `d` is worth expanding again to see what takes part in it. */
static int is_made(const printer *p, const dfl_definition *d) {
    dfl_node pair = dfl_doc_node(p->doc, d->node);
    if (d->kind != DFL_DEFINITION_DEFAULT && d->kind != DFL_DEFINITION_ENV) return 0;
    if (d->node == 0 || dfl_node_kind(pair) != DFL_NODE_PAIR) return 0;
    dfl_str text = dfl_node_text(pair);
    if (dfl__find(text, '$', 0) == text.len) return 0;
    dfl_node instruction = dfl_node_parent(pair), n = dfl_node_first(instruction);
    uint32_t before = 0;
    while (n.id != pair.id && before < MOST_PAIRS) {
        n = dfl_node_next(n);
        before++;
    }
    return before < MOST_PAIRS || dfl_node_kind(instruction) != DFL_NODE_ARG;
}

/* Call `visit` with each definition whose value takes part in that of `d`. */
typedef void visitor(printer *p, uint32_t used, uint32_t nth);
static dfl_status each_use(printer *p, const dfl_definition *d, visitor *visit) {
    dfl_expansion *expansion = NULL;
    dfl_expanded expanded = {.size = sizeof expanded};
    uint32_t count = 0;
    if (!is_made(p, d)) return DFL_OK;
    dfl_status status = dfl_model_expand(p->model, dfl_doc_node(p->doc, d->node), 0, &expansion);
    if (status != DFL_OK) return status;
    p->stamp++;
    status = dfl_expansion_get(expansion, &expanded);
    for (size_t i = 0; status == DFL_OK && i < expanded.pieces; i++) {
        dfl_piece piece = {.size = sizeof piece};
        status = dfl_expansion_piece(expansion, i, &piece);
        if (status != DFL_OK || piece.definition == DFL_NO_DEFINITION) continue;
        if (p->seen[piece.definition] == p->stamp) continue;
        p->seen[piece.definition] = p->stamp;
        visit(p, piece.definition, count++);
    }
    dfl_expansion_free(expansion);
    return status;
}

/* --- text */

static void text_use(printer *p, uint32_t used, uint32_t nth) {
    dfl_definition d = definition_at(p, used);
    dfl__out_z(p->out, nth == 0 ? ", with $" : ", $");
    dfl__out_shown(p->out, d.name);
}

static void text_line(const printer *p, const char *before, uint32_t node) {
    dfl__out_z(p->out, before);
    if (node == 0) return;
    dfl__out_z(p->out, before[0] != '\0' ? ", line " : "line ");
    dfl__out_u(p->out, line_of(p, node));
}

/* One definition of a chain. `base` is the image that the stage stands on. */
static void text_definition(const printer *p, const dfl_definition *d, dfl_str base) {
    switch (d->kind) {
    case DFL_DEFINITION_AUTOMATIC: text_line(p, "automatic", 0); break;
    case DFL_DEFINITION_BUILD_ARG: text_line(p, "build argument", d->node); break;
    case DFL_DEFINITION_DEFAULT: text_line(p, "default", d->node); break;
    case DFL_DEFINITION_GLOBAL: text_line(p, "global argument", d->node); break;
    case DFL_DEFINITION_NONE: text_line(p, "no value given", d->node); break;
    case DFL_DEFINITION_ENV: text_line(p, "ENV", d->node); break;
    case DFL_DEFINITION_BASE:
        dfl__out_z(p->out, "base image ");
        dfl__out_shown(p->out, base);
        break;
    case DFL_DEFINITION_PATH: dfl__out_z(p->out, "BuildKit's default"); break;
    case DFL_DEFINITION_PREDEFINED: dfl__out_z(p->out, "build argument, for RUN only"); break;
    }
}

/* What an inherited value is made of is said where it is defined. */
static dfl_status text_chain(printer *p, uint32_t index, uint32_t stage) {
    dfl_str base = stage != DFL_NO_STAGE ? p->below[stage] : DFL__LIT("");
    dfl_status status = DFL_OK;
    dfl__out_z(p->out, "  # ");
    while (index != DFL_NO_DEFINITION && status == DFL_OK) {
        dfl_definition d = definition_at(p, index);
        text_definition(p, &d, base);
        if (d.stage == stage || d.stage == DFL_NO_STAGE) status = each_use(p, &d, text_use);
        index = d.from; /* of a global one, which has none: two definitions at most */
        if (index != DFL_NO_DEFINITION) dfl__out_z(p->out, " <- ");
    }
    dfl__out_c(p->out, '\n');
    return status;
}

static dfl_status text_variable(printer *p, const dfl_variable *v, uint32_t stage) {
    dfl__out_indent(p->out, 2);
    dfl__out_shown(p->out, v->name);
    dfl__out_z(p->out, " = ");
    if (v->state == DFL_VARIABLE_SET)
        dfl__out_quoted(p->out, v->value);
    else
        dfl__out_z(p->out, state_name(v->state));
    if (v->definition != DFL_NO_DEFINITION) return text_chain(p, v->definition, stage);
    dfl__out_c(p->out, '\n');
    return DFL_OK;
}

static void text_head(const printer *p, uint32_t index) {
    dfl_stage stage = {.size = sizeof stage};
    if (index == DFL_NO_STAGE) {
        dfl__out_z(p->out, "global scope\n");
        return;
    }
    (void)dfl_model_stage(p->model, index, &stage);
    dfl__out_z(p->out, "stage ");
    dfl__out_u(p->out, index);
    if (stage.name.len > 0) {
        dfl__out_c(p->out, ' ');
        dfl__out_quoted(p->out, stage.name);
    }
    dfl__out_c(p->out, '\n');
}

static dfl_status text_scope(printer *p, uint32_t stage, const dfl_scope *scope) {
    dfl_status status = DFL_OK;
    text_head(p, stage);
    for (size_t i = 0; i < dfl_scope_count(scope) && status == DFL_OK; i++) {
        dfl_variable v = {.size = sizeof v};
        status = dfl_scope_variable(scope, i, &v);
        if (status == DFL_OK) status = text_variable(p, &v, stage);
    }
    if (!dfl_scope_complete(scope)) dfl__out_z(p->out, "  others are unknown\n");
    return status;
}

/* --- JSON */

static void json_value(const printer *p, uint32_t state, dfl_str value) {
    dfl__js_key(p->out, "state");
    dfl__js_str(p->out, dfl__str(state_name(state)));
    dfl__js_key(p->out, "value");
    if (state == DFL_VARIABLE_SET)
        dfl__js_str(p->out, value);
    else
        dfl__js_word(p->out, "null");
}

static void json_place(const printer *p, uint32_t node) {
    dfl__js_index(p->out, "line", node != 0 ? line_of(p, node) : UINT32_MAX);
    if (node != 0) dfl__js_range(p->out, "range", dfl_node_range(dfl_doc_node(p->doc, node)));
}

static void json_use(printer *p, uint32_t used, uint32_t nth) {
    (void)nth;
    dfl__js_uint(p->out, used);
}

static dfl_status json_definition(printer *p, uint32_t index, const dfl_definition *d) {
    dfl__js_open(p->out, '{');
    dfl__js_index(p->out, "index", index);
    dfl__js_key(p->out, "name");
    dfl__js_str(p->out, d->name);
    dfl__js_key(p->out, "kind");
    dfl__js_str(p->out, dfl__str(kind_names[d->kind]));
    json_value(p, d->state, d->value);
    dfl__js_index(p->out, "stage", d->stage);
    json_place(p, d->node);
    dfl__js_index(p->out, "from", d->from);
    dfl__js_key(p->out, "uses");
    dfl__js_open(p->out, '[');
    dfl_status status = each_use(p, d, json_use);
    dfl__js_close(p->out, ']');
    dfl__js_close(p->out, '}');
    return status;
}

static dfl_status json_definitions(printer *p) {
    dfl_status status = DFL_OK;
    size_t count = dfl_model_definition_count(p->model);
    dfl__js_key(p->out, "definitions");
    dfl__js_open(p->out, '[');
    for (uint32_t i = 0; i < count && status == DFL_OK; i++) {
        dfl_definition d = definition_at(p, i);
        if (is_shown(p, d.stage)) status = json_definition(p, i, &d);
    }
    dfl__js_close(p->out, ']');
    return status;
}

static void json_variable(const printer *p, const dfl_variable *v) {
    dfl__js_open(p->out, '{');
    dfl__js_key(p->out, "name");
    dfl__js_str(p->out, v->name);
    json_value(p, v->state, v->value);
    dfl__js_flag(p->out, "declared", v->declared);
    dfl__js_index(p->out, "definition", v->definition);
    dfl__js_close(p->out, '}');
}

static dfl_status json_scope(printer *p, uint32_t index, const dfl_scope *scope) {
    dfl_stage stage = {.size = sizeof stage, .name = {"", 0}};
    dfl_status status = DFL_OK;
    if (index != DFL_NO_STAGE) (void)dfl_model_stage(p->model, index, &stage);
    dfl__js_open(p->out, '{');
    dfl__js_index(p->out, "stage", index);
    dfl__js_key(p->out, "name");
    dfl__js_name(p->out, stage.name);
    dfl__js_key(p->out, "base");
    dfl__js_name(p->out, index != DFL_NO_STAGE ? p->below[index] : stage.name);
    dfl__js_flag(p->out, "complete", dfl_scope_complete(scope));
    dfl__js_key(p->out, "variables");
    dfl__js_open(p->out, '[');
    for (size_t i = 0; i < dfl_scope_count(scope) && status == DFL_OK; i++) {
        dfl_variable v = {.size = sizeof v};
        status = dfl_scope_variable(scope, i, &v);
        if (status == DFL_OK) json_variable(p, &v);
    }
    dfl__js_close(p->out, ']');
    dfl__js_close(p->out, '}');
    return status;
}

/* --- the whole */

typedef dfl_status scope_printer(printer *p, uint32_t stage, const dfl_scope *scope);

static int may_print(printer *p, const dfl_scope *scope) {
    for (size_t i = 0; i < dfl_scope_count(scope); i++) {
        dfl_variable v = {.size = sizeof v};
        if (dfl_scope_variable(scope, i, &v) != DFL_OK) return 0;
        size_t cost = v.name.len + v.value.len + VARIABLE_COST;
        if (cost > p->left) return 0;
        p->left -= cost;
    }
    return 1;
}

/* The global scope as a FROM sees it, or what a stage ends with. */
static dfl_status print_scope(printer *p, uint32_t stage, scope_printer *print) {
    dfl_scope *scope = NULL;
    dfl_stage first = {.size = sizeof first};
    dfl_status status;
    if (stage == DFL_NO_STAGE) {
        status = dfl_model_stage(p->model, 0, &first);
        if (status == DFL_OK)
            status = dfl_model_scope(p->model, dfl_doc_node(p->doc, first.node), &scope);
    } else {
        status = dfl_model_scope_end(p->model, stage, &scope);
    }
    if (status == DFL_OK && !may_print(p, scope)) status = DFL_E_LIMIT;
    if (status == DFL_OK) status = print(p, stage, scope);
    dfl_scope_free(scope);
    return status;
}

static dfl_status print_scopes(printer *p, scope_printer *print) {
    size_t count = dfl_model_stage_count(p->model);
    if (count == 0 && print == text_scope) dfl__out_z(p->out, "no stages\n");
    dfl_status status = count > 0 ? print_scope(p, DFL_NO_STAGE, print) : DFL_OK;
    for (uint32_t i = 0; i < count && status == DFL_OK; i++)
        if (p->needed[i]) status = print_scope(p, i, print);
    return status;
}

static dfl_status print_json(printer *p, uint32_t target) {
    dfl__js_begin(p->out);
    dfl__js_index(p->out, "target", target);
    dfl_status status = json_definitions(p);
    dfl__js_key(p->out, "scopes");
    dfl__js_open(p->out, '[');
    if (status == DFL_OK) status = print_scopes(p, json_scope);
    dfl__js_close(p->out, ']');
    dfl__js_end(p->out);
    return status;
}

static dfl_status prepare(printer *p, uint32_t target, dfl__arena *arena) {
    size_t stages = dfl_model_stage_count(p->model), count = dfl_model_definition_count(p->model);
    p->needed = dfl__arena_get(arena, stages);
    p->seen = dfl__arena_get(arena, count * sizeof *p->seen);
    p->below = dfl__arena_get(arena, stages * sizeof *p->below);
    if (p->needed == NULL || p->seen == NULL || p->below == NULL) return DFL_E_NOMEM;
    for (size_t i = 0; i < stages; i++) {
        dfl_stage stage = {.size = sizeof stage};
        (void)dfl_model_stage(p->model, i, &stage);
        p->below[i] = stage.base_stage != DFL_NO_STAGE ? p->below[stage.base_stage] : stage.base;
    }
    memset(p->needed, 1, stages);
    memset(p->seen, 0, count * sizeof *p->seen);
    return target == DFL_NO_STAGE ? DFL_OK
                                  : dfl_model_reachable(p->model, target, p->needed, stages);
}

static dfl_status print(const dfl_model *model, uint32_t target, const dfl_sink *sink, int json) {
    dfl__out out;
    dfl__arena arena;
    if (model == NULL) return DFL_E_ARG;
    dfl_status status = dfl__out_init(&out, sink);
    if (status != DFL_OK) return status;
    printer p = {&out, model, dfl_model_doc(model), NULL, NULL, NULL, 0, MOST_BYTES};
    dfl__arena_init(&arena, &model->arena.alloc);
    status = prepare(&p, target, &arena);
    if (status == DFL_OK) status = json ? print_json(&p, target) : print_scopes(&p, text_scope);
    dfl__arena_free(&arena);
    return status == DFL_OK ? dfl__out_done(&out) : status;
}

dfl_status dfl_print_args_json(const dfl_model *model, uint32_t target, const dfl_sink *sink) {
    return print(model, target, sink, 1);
}

dfl_status dfl_print_args_text(const dfl_model *model, uint32_t target, const dfl_sink *sink) {
    return print(model, target, sink, 0);
}
