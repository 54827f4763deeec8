/* model.c -- dfl_model_new and every question that a model answers, in a world that the input sets.
 * Relies on fuzz.h. Options: `arg N=V`, `all`, `catalog`, `context N=SOURCE`, `target`, `platform`,
 * `build`; `base NAME` begins an image, of which `env N=V`, `label N=V`, `onbuild`, `port`,
 * `volume`, `cmd`, `workdir`, `user`, `os` speak. Never expects a file to be without errors. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { MAX = 8, QUESTIONS = 60 };

typedef struct {
    dfl_binding env[MAX], labels[MAX];
    dfl_str onbuild[MAX], ports[MAX], volumes[MAX], cmd[MAX];
    dfl_image_config config;
} known_image;

typedef struct {
    dfl_model_options options;
    dfl_binding args[MAX], contexts[MAX];
    dfl_base_image bases[MAX];
    known_image images[MAX];
} world;

static dfl_binding pair_of(dfl_str text) {
    size_t equals = dfl__find(text, '=', 0);
    dfl_binding pair = {dfl__sub(text, 0, equals), dfl__sub(text, equals, text.len)};
    if (pair.value.len > 0) pair.value = dfl__sub(pair.value, 1, pair.value.len);
    return pair;
}

static void add_pair(dfl_binding *items, size_t *count, dfl_str text) {
    if (*count < MAX) items[(*count)++] = pair_of(text);
}

static void add_text(dfl_str *items, size_t *count, dfl_str text) {
    if (*count < MAX) items[(*count)++] = text;
}

static void add_base(world *w, dfl_str name) {
    if (w->options.bases_count == MAX) return;
    known_image *i = &w->images[w->options.bases_count];
    dfl_base_image base = {name, &i->config};
    i->config.env = i->env;
    i->config.labels = i->labels;
    i->config.onbuild = i->onbuild;
    i->config.exposed_ports = i->ports;
    i->config.volumes = i->volumes;
    w->bases[w->options.bases_count++] = base;
}

static void set_image(known_image *i, dfl_str name, dfl_str value) {
    dfl_image_config *c = &i->config;
    if (dfl__eqz(name, "env")) add_pair(i->env, &c->env_count, value);
    if (dfl__eqz(name, "label")) add_pair(i->labels, &c->labels_count, value);
    if (dfl__eqz(name, "onbuild")) add_text(i->onbuild, &c->onbuild_count, value);
    if (dfl__eqz(name, "port")) add_text(i->ports, &c->exposed_ports_count, value);
    if (dfl__eqz(name, "volume")) add_text(i->volumes, &c->volumes_count, value);
    if (dfl__eqz(name, "cmd")) add_text(i->cmd, &c->cmd_count, value);
    if (c->cmd_count > 0) c->cmd = i->cmd;
    if (dfl__eqz(name, "workdir")) c->working_dir = value;
    if (dfl__eqz(name, "user")) c->user = value;
    if (dfl__eqz(name, "os")) c->os = value;
}

static void set_option(world *w, dfl_str name, dfl_str value) {
    dfl_model_options *o = &w->options;
    size_t args = o->args_count, contexts = o->contexts_count;
    if (dfl__eqz(name, "arg")) add_pair(w->args, &args, value);
    if (dfl__eqz(name, "context")) add_pair(w->contexts, &contexts, value);
    o->args_count = (uint32_t)args;
    o->contexts_count = (uint32_t)contexts;
    if (dfl__eqz(name, "all")) o->flags = DFL_MODEL_F_ALL_ARGS;
    if (dfl__eqz(name, "catalog")) o->catalog = dfl_catalog_builtin();
    if (dfl__eqz(name, "target")) o->target = value;
    if (dfl__eqz(name, "platform")) o->target_platform = value;
    if (dfl__eqz(name, "build")) o->build_platform = value;
    if (dfl__eqz(name, "base"))
        add_base(w, value);
    else if (o->bases_count > 0)
        set_image(&w->images[o->bases_count - 1], name, value);
}

/* --- what is asked; all that is answered goes to `out`, so that two askings can be compared */

typedef struct {
    const dfl_model *model;
    dfl_str source;
    uint32_t nodes;
    uint32_t stages;
    size_t definitions;
    dfl__buf *out;
} asking;

static void note(asking *a, uint32_t number) {
    dfl__buf_addu(a->out, number);
    dfl__buf_addc(a->out, ' ');
}

static void note_text(asking *a, dfl_str text) {
    REQUIRE(text.ptr != NULL || text.len == 0);
    dfl__buf_add(a->out, text);
    dfl__buf_addc(a->out, '\n');
}

static void note_range(asking *a, dfl_range range) {
    REQUIRE(range.start <= range.end && range.end <= a->source.len);
    note(a, range.start);
    note(a, range.end);
}

static void ask_diags(asking *a) {
    uint32_t last = 0;
    for (size_t i = 0; i < dfl_model_diag_count(a->model); i++) {
        dfl_diag diag = {.size = sizeof diag};
        REQUIRE(dfl_model_diag(a->model, i, &diag) == DFL_OK);
        REQUIRE(diag.range.start >= last && diag.message.len > 0);
        REQUIRE(strcmp(diag.name, dfl_diag_name(diag.code)) == 0);
        last = diag.range.start;
        note(a, diag.code);
        note_range(a, diag.range);
        note_text(a, diag.message);
        uint32_t stage = dfl_model_diag_stage(a->model, i);
        REQUIRE(stage < a->stages || stage == DFL_NO_STAGE);
    }
}

/* The verdict is an error of a stage that the target needs, or of none. */
static void ask_verdict(asking *a, uint32_t target, const uint8_t *reachable) {
    dfl_diag diag = {.size = sizeof diag};
    size_t index = 0;
    REQUIRE(dfl_model_verdict(a->model, target, &index) == DFL_OK);
    note(a, (uint32_t)index);
    if (index == SIZE_MAX) return;
    REQUIRE(dfl_model_diag(a->model, index, &diag) == DFL_OK);
    REQUIRE(diag.severity == DFL_SEVERITY_ERROR);
    uint32_t stage = dfl_model_diag_stage(a->model, index);
    REQUIRE(stage == DFL_NO_STAGE || reachable == NULL || reachable[stage]);
}

/* --- the graph */

static int ask_edges(asking *a) {
    int all_known = 1;
    for (size_t i = 0; i < dfl_model_edge_count(a->model); i++) {
        dfl_edge edge = {.size = sizeof edge};
        size_t count = 0;
        int32_t image = 0;
        uint32_t targets[4] = {0, 0, 0, 0};
        REQUIRE(dfl_model_edge(a->model, i, &edge) == DFL_OK);
        REQUIRE(edge.stage < a->stages && edge.node > 0 && edge.node < a->nodes);
        REQUIRE(edge.target < a->stages || edge.target == DFL_NO_STAGE);
        note(a, edge.target);
        note_range(a, edge.range);
        note_text(a, edge.image);
        if (i >= QUESTIONS) continue;
        REQUIRE(dfl_model_edge_targets(a->model, i, targets, 4, &count, &image) == DFL_OK);
        REQUIRE(!edge.known || count == (edge.target != DFL_NO_STAGE));
        REQUIRE(count == 0 || edge.target == DFL_NO_STAGE || targets[0] == edge.target);
        for (size_t k = 0; k < count && k < 4; k++)
            REQUIRE(targets[k] < (edge.known ? a->stages : edge.stage));
        note(a, (uint32_t)count);
        all_known = all_known && edge.known;
    }
    return all_known && dfl_model_edge_count(a->model) <= QUESTIONS;
}

/* Whether each stage of the order stands behind all that it needs, one level higher at least. */
static void check_order(asking *a, const uint8_t *reachable, const uint32_t *order, size_t count,
                        const uint32_t *levels) {
    uint32_t *place = calloc(a->stages + 1u, sizeof *place);
    REQUIRE(place != NULL);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(order[i] < a->stages && reachable[order[i]] && place[order[i]] == 0);
        place[order[i]] = (uint32_t)i + 1;
    }
    for (uint32_t i = 0; i < a->stages; i++)
        REQUIRE((place[i] != 0) == (levels[i] != DFL_NO_LEVEL));
    for (size_t i = 0; i < dfl_model_edge_count(a->model); i++) {
        dfl_edge edge = {.size = sizeof edge};
        REQUIRE(dfl_model_edge(a->model, i, &edge) == DFL_OK);
        if (edge.target == DFL_NO_STAGE || place[edge.stage] == 0 || !reachable[edge.target])
            continue;
        REQUIRE(place[edge.target] != 0 && place[edge.target] < place[edge.stage]);
        REQUIRE(levels[edge.target] < levels[edge.stage]);
    }
    free(place);
}

static void ask_target(asking *a, uint32_t target, int all_known) {
    size_t room = a->stages, count = 0;
    uint8_t *reachable = malloc(room), *needs = malloc(room);
    uint32_t *order = malloc(room * sizeof *order), *levels = malloc(room * sizeof *levels);
    REQUIRE(reachable != NULL && needs != NULL && order != NULL && levels != NULL);
    REQUIRE(dfl_model_reachable(a->model, target, reachable, room) == DFL_OK);
    REQUIRE(dfl_model_needs(a->model, target, needs, room) == DFL_OK);
    REQUIRE(dfl_model_order(a->model, target, order, &count) == DFL_OK);
    REQUIRE(dfl_model_levels(a->model, target, levels, room) == DFL_OK);
    REQUIRE(reachable[target] && needs[target] == DFL_NEED_YES && count <= room);
    for (size_t i = 0; i < room; i++) {
        REQUIRE((needs[i] == DFL_NEED_YES) == reachable[i]);
        REQUIRE(!all_known || needs[i] != DFL_NEED_PERHAPS);
        note(a, needs[i]);
    }
    for (size_t i = 0; i < count; i++)
        note(a, order[i]);
    check_order(a, reachable, order, count, levels);
    ask_verdict(a, target, reachable);
    free(reachable);
    free(needs);
    free(order);
    free(levels);
}

static void ask_cycles(asking *a) {
    for (size_t i = 0; i < dfl_model_cycle_count(a->model); i++) {
        size_t count = 0, again = 0;
        REQUIRE(dfl_model_cycle(a->model, i, NULL, 0, &count) == DFL_OK && count > 0);
        uint32_t *edges = malloc(count * sizeof *edges);
        REQUIRE(edges != NULL);
        REQUIRE(dfl_model_cycle(a->model, i, edges, count, &again) == DFL_OK && again == count);
        for (size_t k = 0; k < count; k++) {
            dfl_edge edge = {.size = sizeof edge}, next = {.size = sizeof next};
            REQUIRE(dfl_model_edge(a->model, edges[k], &edge) == DFL_OK);
            REQUIRE(dfl_model_edge(a->model, edges[(k + 1) % count], &next) == DFL_OK);
            REQUIRE(edge.target == next.stage && (edge.flags & DFL_EDGE_F_CYCLE) != 0);
        }
        free(edges);
    }
}

/* --- variables */

static void ask_definitions(asking *a) {
    for (size_t i = 0; i < a->definitions; i++) {
        dfl_definition d = {.size = sizeof d};
        REQUIRE(dfl_model_definition(a->model, i, &d) == DFL_OK);
        REQUIRE(d.node < a->nodes && (d.stage < a->stages || d.stage == DFL_NO_STAGE));
        REQUIRE(d.from == DFL_NO_DEFINITION || d.from < i);
        REQUIRE(d.state == DFL_VARIABLE_SET || d.value.len == 0);
        note_text(a, d.name);
        note_text(a, d.value);
    }
}

static int is_before(dfl_str a, dfl_str b) {
    size_t least = a.len < b.len ? a.len : b.len;
    int order = least > 0 ? memcmp(a.ptr, b.ptr, least) : 0;
    return order != 0 ? order < 0 : a.len < b.len;
}

static void ask_scope(asking *a, dfl_scope *scope) {
    dfl_str last = {NULL, 0};
    for (size_t i = 0; i < dfl_scope_count(scope); i++) {
        dfl_variable v = {.size = sizeof v};
        REQUIRE(dfl_scope_variable(scope, i, &v) == DFL_OK);
        REQUIRE(i == 0 || is_before(last, v.name));
        REQUIRE(v.definition < a->definitions && v.state <= DFL_VARIABLE_UNKNOWN);
        REQUIRE(v.state == DFL_VARIABLE_SET || v.value.len == 0);
        last = v.name;
        note_text(a, v.name);
        note_text(a, v.value);
    }
    dfl_scope_free(scope);
}

/* Pieces tile the text; their sources lie in the file, and hold the bytes that they say. */
static void check_pieces(asking *a, const dfl_expansion *e, const dfl_expanded *got) {
    uint32_t at = 0;
    for (size_t i = 0; i < got->pieces; i++) {
        dfl_piece p = {.size = sizeof p};
        REQUIRE(dfl_expansion_piece(e, i, &p) == DFL_OK);
        REQUIRE(p.start == at && p.end >= p.start && p.node < a->nodes);
        REQUIRE(p.definition == DFL_NO_DEFINITION || p.definition < a->definitions);
        REQUIRE((p.flags & DFL_PIECE_F_UNKNOWN) == 0 || p.start == p.end);
        note_range(a, p.source);
        dfl_str source = dfl__sub(a->source, p.source.start, p.source.end);
        REQUIRE((p.flags & DFL_PIECE_F_EXACT) == 0 ||
                dfl__eq(source, dfl__sub(got->text, p.start, p.end)));
        at = p.end;
    }
    REQUIRE(at == got->text.len);
}

static void check_expansion(asking *a, const dfl_expansion *e, dfl_expanded *got) {
    size_t len = 0;
    got->size = sizeof *got;
    REQUIRE(dfl_expansion_get(e, got) == DFL_OK);
    REQUIRE(got->error == 0 || (!got->known && got->text.len == 0));
    note_text(a, got->text);
    check_pieces(a, e, got);
    for (size_t i = 0; i < got->words; i++)
        len += dfl_expansion_word(e, i).len + (i > 0);
    REQUIRE(got->words == 0 || len == got->text.len);
    for (size_t i = 0; i < got->undefined; i++) {
        dfl_undefined u = {.size = sizeof u};
        REQUIRE(dfl_expansion_undefined(e, i, &u) == DFL_OK);
        note_range(a, u.source);
        note_text(a, u.suggestion);
    }
}

static void ask_expansion(asking *a, dfl_node node) {
    dfl_expansion *plain = NULL, *traced = NULL;
    dfl_expanded text, same;
    dfl_status status = dfl_model_expand(a->model, node, 0, &plain);
    REQUIRE(status == DFL_OK || status == DFL_E_UNSUPPORTED);
    if (status != DFL_OK) return;
    check_expansion(a, plain, &text);
    status = dfl_model_expand(a->model, node, DFL_EXPAND_F_TRACE, &traced);
    REQUIRE(status == DFL_OK || status == DFL_E_LIMIT);
    if (status == DFL_OK) {
        check_expansion(a, traced, &same);
        REQUIRE(dfl__eq(text.text, same.text) && text.known == same.known);
    }
    dfl_expansion_free(plain);
    dfl_expansion_free(traced);
}

static void ask_nodes(asking *a) {
    const dfl_doc *doc = dfl_model_doc(a->model);
    uint32_t asked = 0;
    for (uint32_t i = 1; i < a->nodes && asked < QUESTIONS; i++) {
        dfl_node node = dfl_doc_node(doc, i);
        uint32_t kind = dfl_node_kind(node);
        dfl_scope *scope = NULL;
        if (dfl_node_is_instruction(node) || kind == DFL_NODE_PAIR) {
            REQUIRE(dfl_model_scope(a->model, node, &scope) == DFL_OK);
            ask_scope(a, scope);
        }
        ask_expansion(a, node);
        asked++;
    }
}

/* --- configurations */

static void ask_config(asking *a, uint32_t stage) {
    dfl_config *config = NULL;
    dfl_scope *scope = NULL;
    REQUIRE(dfl_model_config(a->model, stage, &config) == DFL_OK);
    const dfl_image_config *values = dfl_config_values(config);
    note(a, dfl_config_unknown(config));
    for (size_t i = 0; i < values->env_count; i++) {
        REQUIRE(dfl_config_env_definition(config, i) < a->definitions);
        note_text(a, values->env[i].name);
        note_text(a, values->env[i].value);
    }
    for (size_t i = 1; i < values->labels_count; i++)
        REQUIRE(is_before(values->labels[i - 1].name, values->labels[i].name));
    for (size_t i = 0; i < values->volumes_count; i++)
        note_text(a, values->volumes[i]);
    for (uint32_t member = DFL_CONFIG_CMD; member <= DFL_CONFIG_AUTHOR; member *= 2)
        REQUIRE(dfl_config_node(config, member) < a->nodes);
    note_text(a, values->working_dir);
    note_text(a, values->user);
    dfl_config_free(config);
    REQUIRE(dfl_model_scope_end(a->model, stage, &scope) == DFL_OK);
    ask_scope(a, scope);
}

static void ask(const dfl_model *model, dfl__buf *out) {
    size_t nodes;
    (void)dfl_doc_nodes(dfl_model_doc(model), &nodes);
    asking a = {model,
                dfl_doc_source(dfl_model_doc(model)),
                (uint32_t)nodes,
                (uint32_t)dfl_model_stage_count(model),
                dfl_model_definition_count(model),
                out};
    out->len = 0;
    ask_diags(&a);
    ask_verdict(&a, DFL_NO_STAGE, NULL);
    int all_known = ask_edges(&a);
    for (uint32_t i = 0; i < a.stages && i < MAX; i++)
        ask_target(&a, a.stages - 1 - i, all_known);
    ask_cycles(&a);
    ask_definitions(&a);
    ask_nodes(&a);
    for (uint32_t i = 0; i < a.stages && i < QUESTIONS; i++)
        ask_config(&a, i);
    REQUIRE(out->failed == DFL_OK);
}

/* Asked twice, and of a second model of the same file, the answers are the same. */
static void check(dfl_doc *doc, const dfl_model_options *options) {
    dfl_model *model = NULL, *other = NULL;
    dfl__buf first, again;
    size_t printed = 0;
    dfl_sink sink = {fuzz_count, &printed};
    dfl_status status = dfl_model_new(doc, options, &model);
    REQUIRE(status == DFL_OK || status == DFL_E_FORMAT || status == DFL_E_LIMIT);
    if (status != DFL_OK) return;
    REQUIRE(dfl_model_new(doc, options, &other) == DFL_OK);
    dfl__buf_init(&first, NULL, 0);
    dfl__buf_init(&again, NULL, 0);
    ask(model, &first);
    ask(model, &again);
    REQUIRE(dfl__eq(dfl__buf_str(&first), dfl__buf_str(&again)));
    ask(other, &again);
    REQUIRE(dfl__eq(dfl__buf_str(&first), dfl__buf_str(&again)));
    REQUIRE(dfl_print_json(model, &sink) == DFL_OK && printed > 0);
    dfl__buf_free(&first);
    dfl__buf_free(&again);
    dfl_model_free(model);
    dfl_model_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl_str text = {(const char *)data, size}, name, value;
    /* limits that small inputs reach, so that each is over soon */
    const dfl_limits limits = {
        .size = sizeof limits, .max_expand_bytes = 8 << 10, .max_model_bytes = 64 << 10};
    const dfl_model_options none = DFL_MODEL_OPTIONS_INIT;
    world *w = calloc(1, sizeof *w);
    REQUIRE(w != NULL);
    w->options = none;
    while (fuzz_option(&text, &name, &value))
        set_option(w, name, value);
    w->options.limits = &limits;
    w->options.args = w->args;
    w->options.contexts = w->contexts;
    w->options.bases = w->bases;
    dfl_doc *doc = fuzz_parse(text);
    check(doc, &w->options);
    dfl_doc_unref(doc);
    free(w);
    return 0;
}
