/* scope.c -- ARG, ENV, WORKDIR and USER along the instructions of a stage.
 * Relies on model.h. Follows frontend/dockerfile/dockerfile2llb/convert.go (specification 4, 6.1).
 * Never looks into an image: the caller seeds `env`, `workdir` and `user`. */
#include <string.h>

#include "diag/codes.h"
#include "model/model.h"

size_t dfl__budget_of(const dfl_model *model) {
    const size_t floor = (size_t)64 << 10;
    size_t factor = model->doc->source.len * 100;
    if (factor < floor) factor = floor;
    return factor < model->limits.max_model_bytes ? factor : model->limits.max_model_bytes;
}

int dfl__spend(dfl__budget *budget, size_t cost) {
    int enough = cost <= budget->left;
    budget->left -= enough ? cost : budget->left;
    return enough;
}

void dfl__scope_init(dfl__scope *scope, const dfl_model *model, dfl__arena *arena) {
    memset(scope, 0, sizeof *scope);
    scope->model = model;
    scope->arena = arena;
    dfl__env_init(&scope->env, arena);
    scope->workdir = DFL__LIT("/");
    scope->user = DFL__LIT("");
    scope->workdir_known = scope->user_known = 1;
    scope->own.left = dfl__budget_of(model);
    scope->budget = NULL;
}

/* --- words */

int dfl__word_is_plain(dfl_str word, unsigned char escape) {
    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.ptr[i];
        if (c == '$' || c == '"' || c == '\'' || c == escape || c >= 0x80) return 0;
    }
    return 1;
}

static dfl__var look_up(void *ctx, dfl_str name, dfl_str *value) {
    return dfl__env_get(ctx, name, value);
}

dfl__word_options dfl__expand_options(const dfl_model *model, const dfl__env *env) {
    dfl__word_options options;
    memset(&options, 0, sizeof options);
    options.escape = model->doc->escape;
    options.max_depth = model->limits.max_depth;
    options.max_bytes = model->limits.max_expand_bytes;
    options.lookup = look_up;
    options.ctx = (void *)(uintptr_t)env;
    return options;
}

dfl_status dfl__expand(const dfl_model *model, const dfl__env *env, dfl_str word, dfl__buf *out,
                       int *known) {
    dfl__word_options options = dfl__expand_options(model, env);
    dfl__word_result result = dfl__word_expand(word, &options, out);
    *known = result.error == DFL__WORD_OK && !result.unknown;
    return result.error == DFL__WORD_NOMEM ? DFL_E_NOMEM : DFL_OK;
}

dfl_status dfl__scope_report(dfl__scope *scope, uint32_t node, uint32_t code, dfl_str detail) {
    const dfl__record *record = scope->record;
    if (record == NULL) return DFL_OK;
    dfl__report_args args = {.code = code,
                             .stage = scope->env.stage,
                             .pass = record->pass,
                             .range = record->place,
                             .detail = detail};
    if (!record->is_trigger) args.range = dfl__node_range(scope->model->doc, node);
    return dfl__model_report(record->model, &args);
}

/* What a word that failed is told with: the message of `${x?message}`, else the word. */
static dfl_status report_word(dfl__scope *scope, uint32_t node, dfl_str word,
                              const dfl__word_result *result, const dfl__buf *out) {
    dfl_str detail = result->error == DFL__WORD_REQUIRED ? dfl__buf_str(out) : word;
    return dfl__scope_report(scope, node, dfl__word_code(result->error), detail);
}

dfl_status dfl__scope_spent(dfl__scope *scope, uint32_t node, dfl_str word) {
    if (scope->record == NULL || scope->record->model->exhausted) return DFL_OK;
    scope->record->model->exhausted = 1;
    return dfl__scope_report(scope, node, dfl__word_code(DFL__WORD_LIMIT), word);
}

/* Expand into `buf`, as words when `ends` is given. Errors are recorded. */
static dfl_status expand_word(dfl__scope *scope, uint32_t node, dfl_str word,
                              dfl__word_options options, dfl__buf *buf, dfl__offsets *ends,
                              int *known) {
    dfl__budget *budget = scope->budget != NULL ? scope->budget : &scope->own;
    if (options.max_bytes > budget->left) options.max_bytes = budget->left > 0 ? budget->left : 1;
    dfl__word_result result = ends != NULL ? dfl__word_split(word, &options, buf, ends)
                                           : dfl__word_expand(word, &options, buf);
    int enough = dfl__spend(budget, result.work);
    if (result.error == DFL__WORD_NOMEM) return DFL_E_NOMEM;
    *known = result.error == DFL__WORD_OK && !result.unknown && enough;
    if (!enough || (result.error == DFL__WORD_LIMIT && budget->left == 0))
        return dfl__scope_spent(scope, node, word);
    if (result.error == DFL__WORD_OK) return DFL_OK;
    return report_word(scope, node, word, &result, buf);
}

dfl_status dfl__scope_word(dfl__scope *scope, uint32_t node, dfl_str word, dfl_str *out,
                           int *known) {
    *out = word;
    *known = 1;
    if (dfl__word_is_plain(word, scope->model->doc->escape)) return DFL_OK;
    dfl__buf buf;
    dfl__buf_init(&buf, &scope->arena->alloc, 0);
    dfl__word_options options = dfl__expand_options(scope->model, &scope->env);
    dfl_status status = expand_word(scope, node, word, options, &buf, NULL, known);
    if (status == DFL_OK && *known) {
        dfl_str text = dfl__buf_str(&buf);
        out->ptr = dfl__arena_copy(scope->arena, text.ptr, text.len);
        out->len = text.len;
        if (out->ptr == NULL) status = DFL_E_NOMEM;
    }
    dfl__buf_free(&buf);
    return status;
}

dfl_status dfl__scope_words(dfl__scope *scope, uint32_t node, dfl_str word, dfl__buf *text,
                            dfl__offsets *ends, int *known) {
    size_t len = text->len;
    uint32_t count = ends->count;
    dfl__word_options options = dfl__expand_options(scope->model, &scope->env);
    dfl_status status = expand_word(scope, node, word, options, text, ends, known);
    if (status != DFL_OK || *known) return status;
    text->len = len;
    ends->count = count;
    return DFL_OK;
}

dfl_status dfl__scope_body(dfl__scope *scope, const dfl_doc *doc, uint32_t node) {
    dfl_str body = dfl__node_value(doc, node);
    dfl__word_options options = dfl__expand_options(scope->model, &scope->env);
    int known;
    dfl__buf buf;
    if (dfl__find(body, '$', 0) == body.len) return DFL_OK; /* nothing that can be wrong */
    options.escape = '\\';
    options.skip_quotes = 1;
    dfl__buf_init(&buf, &scope->arena->alloc, 0);
    dfl_status status = expand_word(scope, node, body, options, &buf, NULL, &known);
    dfl__buf_free(&buf);
    return status;
}

static dfl_status expand_node(dfl__scope *scope, const dfl_doc *doc, uint32_t node, dfl_str *out,
                              int *known) {
    return dfl__scope_word(scope, node, dfl__node_value(doc, node), out, known);
}

/* --- paths */

/* Relative WORKDIRs add up: what they add to is spent again each time. */
static int spend_path(dfl__scope *scope, dfl_str path) {
    dfl__budget *budget = scope->budget != NULL ? scope->budget : &scope->own;
    return dfl__spend(budget, scope->workdir.len + path.len);
}

static dfl_status set_windows(dfl__scope *scope, uint32_t node, dfl_str path) {
    dfl_str result;
    dfl__winpath_error error = dfl__winpath_workdir(scope->arena, scope->workdir, path, &result);
    if (error == DFL__WINPATH_NOMEM) return DFL_E_NOMEM;
    if (error != DFL__WINPATH_OK) return dfl__scope_report(scope, node, DFL_D_PATH_WINDOWS, path);
    scope->workdir = result;
    return DFL_OK;
}

dfl_status dfl__scope_workdir(dfl__scope *scope, uint32_t node, dfl_str path) {
    int absolute = dfl__path_is_absolute(path, scope->windows);
    scope->workdir_known = absolute || scope->workdir_known;
    if (scope->windows) return set_windows(scope, node, path);
    if (path.len == 0) return DFL_OK;
    if (absolute) {
        scope->workdir = path;
        return DFL_OK;
    }
    if (!spend_path(scope, path)) {
        scope->workdir_known = 0;
        return dfl__scope_spent(scope, node, path);
    }
    scope->workdir = dfl__path_join(scope->arena, scope->workdir, path);
    return scope->workdir.ptr != NULL ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status apply_workdir(dfl__scope *scope, const dfl_doc *doc, uint32_t argument) {
    dfl_str path;
    int known;
    dfl_status status = expand_node(scope, doc, argument, &path, &known);
    scope->workdir_set = 1;
    if (status == DFL_OK && known) return dfl__scope_workdir(scope, argument, path);
    scope->workdir_known = 0;
    return status;
}

/* --- definitions */

/* Remember a definition; `*index` is DFL_NO_DEFINITION when nothing is recorded. */
static dfl_status define(dfl__scope *scope, dfl__definition definition, uint32_t *index) {
    dfl__record *record = scope->record;
    *index = DFL_NO_DEFINITION;
    if (record == NULL) return DFL_OK;
    if (record->is_trigger) definition.node = record->onbuild;
    definition.before = scope->env.root;
    *index = record->model->definitions.count;
    return DFL__PUSH(&scope->arena->alloc, &record->model->definitions, definition) ? DFL_OK
                                                                                    : DFL_E_NOMEM;
}

dfl_status dfl__scope_define(dfl__scope *scope, dfl__layer layer, dfl__definition definition) {
    uint32_t index;
    dfl_status status = define(scope, definition, &index);
    if (status != DFL_OK) return status;
    dfl__binding binding = {definition.name, definition.value, definition.state, index, 0, 0, 0};
    if (binding.state != DFL__VAR_SET) binding.value = DFL__LIT("");
    return dfl__env_put(&scope->env, layer, &binding) ? DFL_OK : DFL_E_NOMEM;
}

/* Both names and values of an ENV are expanded against what was in force before it. */
static dfl_status apply_env(dfl__scope *scope, const dfl_doc *doc, uint32_t node) {
    dfl_status status = DFL_OK;
    dfl__scope before = *scope;
    for (uint32_t a = dfl__next_argument(doc, node, 0); a != 0 && status == DFL_OK;
         a = dfl__next_argument(doc, node, a)) {
        dfl__definition d = {{"", 0}, {"", 0},          DFL_DEFINITION_ENV, DFL__VAR_SET,
                             a,       scope->env.stage, DFL_NO_DEFINITION,  NULL};
        uint32_t name = dfl__node_child(doc, a, DFL_NODE_NAME);
        uint32_t value = dfl__node_child(doc, a, DFL_NODE_VALUE);
        int name_known = 0, known = 0;
        if (name == 0 || value == 0) continue;
        before.own = scope->own;
        status = expand_node(&before, doc, name, &d.name, &name_known);
        if (status == DFL_OK) status = expand_node(&before, doc, value, &d.value, &known);
        scope->own = before.own;
        d.state = known ? DFL__VAR_SET : DFL__VAR_UNKNOWN;
        if (!name_known) scope->env.open = 1; /* whichever it sets, nobody knows */
        if (status == DFL_OK && name_known) status = dfl__scope_define(scope, DFL__LAYER_ENV, d);
    }
    return status;
}

/* Arguments that BuildKit keeps out of the environment of a stage. */
static int hides(const dfl__scope *scope, dfl_str name) {
    return scope->env.stage != DFL_NO_STAGE && (dfl__eqz(name, "BUILDKIT_SBOM_SCAN_CONTEXT") ||
                                                dfl__eqz(name, "BUILDKIT_SBOM_SCAN_STAGE"));
}

/* An ARG to which nothing gives a value leaves what is there; else it is unknown, because the
 * command line may give one, or unset when the arguments are known to be all. */
static dfl_status declare(dfl__scope *scope, dfl__definition d) {
    dfl_str value;
    int closed = (scope->model->flags & DFL_MODEL_F_ALL_ARGS) != 0;
    if (hides(scope, d.name)) closed = 1;
    d.kind = DFL_DEFINITION_NONE;
    d.state = DFL__VAR_UNSET;
    dfl_status status = dfl__scope_define(scope, DFL__LAYER_DECLARED, d);
    if (status != DFL_OK || closed) return status;
    const dfl__binding *binding = dfl__env_find(&scope->env, d.name);
    if (binding != NULL && binding->state != DFL__VAR_UNSET) return DFL_OK;
    if (dfl__env_get(&scope->env, d.name, &value) == DFL__VAR_UNKNOWN) return DFL_OK;
    dfl__binding unknown = {d.name, {"", 0}, DFL__VAR_UNKNOWN, DFL_NO_DEFINITION, 0, 0, 0};
    if (scope->record != NULL) {
        dfl_model *model = scope->record->model;
        unknown.definition = model->definitions.count - 1;
        model->definitions.items[unknown.definition].state = DFL__VAR_UNKNOWN;
    }
    return dfl__env_put(&scope->env, DFL__LAYER_ARG, &unknown) ? DFL_OK : DFL_E_NOMEM;
}

/* `ARG name[=default]`: build argument, default, or in a stage the value of the global scope. */
dfl_status dfl__scope_arg(dfl__scope *scope, const dfl_doc *doc, uint32_t pair) {
    const dfl_model *model = scope->model;
    uint32_t value = dfl__node_child(doc, pair, DFL_NODE_VALUE);
    dfl__definition d = {dfl__node_value(doc, dfl__node_child(doc, pair, DFL_NODE_NAME)),
                         {"", 0},
                         DFL_DEFINITION_BUILD_ARG,
                         DFL__VAR_SET,
                         pair,
                         scope->env.stage,
                         DFL_NO_DEFINITION,
                         NULL};
    const dfl__binding *given = dfl__env_find(&model->args, d.name);
    const dfl__binding *global = NULL;
    int known = 1;
    if (scope->env.stage != DFL_NO_STAGE) global = dfl__env_find(&model->globals, d.name);
    if (given != NULL) {
        d.value = given->value;
        d.state = given->state;
    } else if (value != 0) {
        dfl_status status = expand_node(scope, doc, value, &d.value, &known);
        if (status != DFL_OK) return status;
        d.kind = DFL_DEFINITION_DEFAULT;
        d.state = known ? DFL__VAR_SET : DFL__VAR_UNKNOWN;
    } else if (global != NULL && global->state != DFL__VAR_UNSET) {
        d.kind = DFL_DEFINITION_GLOBAL;
        d.from = global->definition;
        d.value = global->value;
        d.state = global->state;
    } else {
        return declare(scope, d);
    }
    if (!hides(scope, d.name)) return dfl__scope_define(scope, DFL__LAYER_ARG, d);
    d.state = DFL__VAR_UNSET;
    return dfl__scope_define(scope, DFL__LAYER_DECLARED, d);
}

static dfl_status apply_args(dfl__scope *scope, const dfl_doc *doc, uint32_t node) {
    dfl_status status = DFL_OK;
    for (uint32_t a = dfl__next_argument(doc, node, 0); a != 0 && status == DFL_OK;
         a = dfl__next_argument(doc, node, a)) {
        if (dfl__node_child(doc, a, DFL_NODE_NAME) != 0) status = dfl__scope_arg(scope, doc, a);
    }
    return status;
}

dfl_status dfl__scope_step(dfl__scope *scope, const dfl_doc *doc, uint32_t node, uint16_t kind) {
    uint32_t argument = dfl__next_argument(doc, node, 0);
    if (argument == 0) return DFL_OK;
    switch (kind) {
    case DFL_NODE_ARG: return apply_args(scope, doc, node);
    case DFL_NODE_ENV: return apply_env(scope, doc, node);
    case DFL_NODE_WORKDIR: return apply_workdir(scope, doc, argument);
    case DFL_NODE_USER: return expand_node(scope, doc, argument, &scope->user, &scope->user_known);
    case DFL_NODE_SHELL: scope->shell = node; return DFL_OK;
    default: return DFL_OK;
    }
}

dfl_status dfl__scope_apply(dfl__scope *scope, const dfl__instr *instr) {
    scope->env.stage = instr->stage;
    return dfl__scope_step(scope, scope->model->doc, instr->node, instr->kind);
}
