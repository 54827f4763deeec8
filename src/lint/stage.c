/* stage.c -- the instructions of a stage, one after the other.
 * Relies on lint.h. Follows dispatch of frontend/dockerfile/dockerfile2llb/convert.go
 * (specification 4.2, 8.2).
 * Never stops at an instruction in error: its parts that can be read are checked. */
#include "lint/lint.h"
#include "model/winpath.h"
#include "syntax/csv.h"

typedef struct {
    dfl_str name, value;
} pair;

/* Whether a part of `key` between underscores is one of `words`, in any case. */
static int has_token(dfl_str key, const char *const *words) {
    for (size_t at = 0; at <= key.len;) {
        size_t end = dfl__find(key, '_', at);
        dfl_str part = dfl__sub(key, at, end);
        for (const char *const *word = words; *word != NULL; word++)
            if (dfl__ieqz(part, *word)) return 1;
        at = end + 1;
    }
    return 0;
}

/* BuildKit's regular expressions fold cases by Unicode: a Kelvin sign is a k, a long s an s. */
static dfl_str folded(dfl__linter *l, dfl_str key) {
    dfl__buf buf;
    unsigned width;
    dfl__buf_init(&buf, &l->arena->alloc, 0);
    for (size_t at = 0; at < key.len; at += width) {
        uint32_t rune = dfl__rune(key, at, &width);
        dfl__buf_rune(&buf, rune == 0x212A ? 'k' : rune == 0x17F ? 's' : rune);
    }
    return dfl__lint_take(l, &buf);
}

static void check_secret(dfl__linter *l, const dfl__site *site, uint32_t node, dfl_str key) {
    static const char *const deny[] = {"apikey", "auth",     "credential", "credentials",
                                       "key",    "password", "pword",      "passwd",
                                       "secret", "token",    NULL};
    static const char *const allow[] = {"public", "file", "version", NULL};
    dfl_str text = folded(l, key);
    if (!has_token(text, deny) || has_token(text, allow)) return;
    dfl__lint_item report = {
        .rule = DFL__RULE_SECRETS,
        .range = dfl__node_range(l->doc, node),
        .a = dfl__str(dfl_instruction_name(l->doc->nodes.items[site->node].kind)),
        .b = key};
    dfl__lint_report(l, site, &report);
}

/* A value that can stand in double quotes, or bare, and mean the same. */
static int is_plain(dfl_str value, int *blank) {
    *blank = value.len == 0;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c == '"' || c == '\'' || c == '\\' || c == '`' || c >= 0x7F || (c < 0x20 && c != '\t'))
            return 0;
        *blank = *blank || c == ' ' || c == '\t';
    }
    return 1;
}

static void check_legacy(dfl__linter *l, const dfl__site *site, uint32_t node) {
    uint32_t name = dfl__node_child(l->doc, node, DFL_NODE_NAME);
    uint32_t value = dfl__node_child(l->doc, node, DFL_NODE_VALUE);
    dfl_edit edits[2] = {{{0, 0}, {"=", 1}}, {{0, 0}, {"\"", 1}}};
    dfl__lint_item report = {
        .rule = DFL__RULE_LEGACY_PAIR,
        .range = dfl__node_range(l->doc, node),
        .a = dfl__str(dfl_instruction_name(l->doc->nodes.items[site->node].kind)),
        .edits = edits};
    int blank;
    if ((l->doc->nodes.items[node].flags & DFL_NODE_F_LEGACY) == 0) return;
    if (name != 0 && value != 0 && dfl__is_verbatim(l, name) && dfl__is_verbatim(l, value) &&
        is_plain(dfl__node_value(l->doc, value), &blank)) {
        dfl_range left = dfl__node_range(l->doc, name), right = dfl__node_range(l->doc, value);
        edits[0].range = (dfl_range){left.end, right.start};
        edits[1].range = (dfl_range){right.end, right.end};
        if (blank) edits[0].text = DFL__LIT("=\"");
        report.edit_count = blank ? 2 : 1;
    }
    dfl__lint_report(l, site, &report);
}

/* ENV and LABEL: all names and values are expanded before any of them counts. */
static void step_pairs(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    int is_env = l->doc->nodes.items[site->node].kind == DFL_NODE_ENV;
    dfl__env env = stage->env;
    for (uint32_t a = dfl__next_argument(l->doc, site->node, 0); a != 0 && l->status == DFL_OK;
         a = dfl__next_argument(l->doc, site->node, a)) {
        uint32_t name = dfl__node_child(l->doc, a, DFL_NODE_NAME);
        uint32_t value = dfl__node_child(l->doc, a, DFL_NODE_VALUE);
        if (name == 0 || value == 0) continue;
        dfl__lint_word word = dfl__lint_word_of(l, &env, name);
        pair made = {dfl__stage_expand(l, site, stage, &word), {"", 0}};
        word = dfl__lint_word_of(l, &env, value);
        made.value = dfl__stage_expand(l, site, stage, &word);
        check_legacy(l, site, a);
        if (!is_env) continue;
        check_secret(l, site, name, made.name);
        dfl__lint_set(l, &stage->env, made.name, made.value, 0);
        dfl__lint_set(l, &stage->config, made.name, made.value, 0);
    }
}

static int is_kept_out(dfl_str name) {
    return dfl__eqz(name, "BUILDKIT_SBOM_SCAN_CONTEXT") ||
           dfl__eqz(name, "BUILDKIT_SBOM_SCAN_STAGE");
}

static void step_arg(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    for (uint32_t a = dfl__next_argument(l->doc, site->node, 0); a != 0 && l->status == DFL_OK;
         a = dfl__next_argument(l->doc, site->node, a)) {
        uint32_t node = dfl__node_child(l->doc, a, DFL_NODE_NAME);
        uint32_t value = dfl__node_child(l->doc, a, DFL_NODE_VALUE);
        if (node == 0) continue;
        dfl_str name = dfl__node_value(l->doc, node), text = {"", 0};
        const dfl__binding *global = dfl__env_find(&l->globals, name);
        int has_value = 1;
        check_secret(l, site, node, name);
        if (dfl__env_get(&l->model->args, name, &text) == DFL__VAR_SET) {
            text = dfl__lint_keep(l, text);
        } else if (value != 0) {
            dfl__lint_word word = dfl__lint_word_of(l, &stage->env, value);
            text = dfl__stage_expand(l, site, stage, &word);
        } else if (global != NULL) {
            text = global->value;
        } else {
            has_value = 0;
        }
        if (has_value && !is_kept_out(name)) {
            dfl__lint_set(l, &stage->env, name, text, 0);
            dfl__lint_set(l, &stage->shadowed, name, text, 0);
        }
        dfl__lint_set(l, &stage->declared, name, text, 0);
    }
}

/* The values of the fields of each --mount. */
static void step_run(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    uint32_t flag = 0, node;
    dfl__buf field;
    dfl__buf_init(&field, &l->arena->alloc, 0);
    do {
        size_t at = 0, before = 0;
        node = dfl__flag_value(l->doc, site->node, "mount", &flag);
        dfl_str text = node != 0 ? dfl__node_value(l->doc, node) : (dfl_str){"", 0};
        while (node != 0 && l->status == DFL_OK && dfl__csv_next(text, &at, &field) > 0) {
            dfl_str key, value;
            size_t start = before;
            before = at;
            if (!dfl__csv_pair(&field, &key, &value)) continue;
            dfl__lint_word word = {&stage->env, node, dfl__lint_keep(l, value), UINT32_MAX, 0};
            if (text.ptr[start] == '"') start++;
            dfl_str written = dfl__sub(text, start + key.len + 1, start + key.len + 1 + value.len);
            if (dfl__eq(written, value)) word.at = (uint32_t)(start + key.len + 1);
            dfl__stage_expand(l, site, stage, &word);
        }
    } while (flag != 0);
    if (field.failed != DFL_OK) dfl__lint_nomem(l);
    dfl__buf_free(&field);
}

static void step_words(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    for (uint32_t a = dfl__next_argument(l->doc, site->node, 0); a != 0 && l->status == DFL_OK;
         a = dfl__next_argument(l->doc, site->node, a)) {
        dfl__lint_word word = dfl__lint_word_of(l, &stage->env, a);
        dfl__stage_expand(l, site, stage, &word);
    }
}

static void step_workdir(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    uint32_t argument = dfl__next_argument(l->doc, site->node, 0);
    if (argument == 0) return;
    dfl__lint_word word = dfl__lint_word_of(l, &stage->env, argument);
    dfl_str path = dfl__stage_expand(l, site, stage, &word);
    dfl__lint_item report = {
        .rule = DFL__RULE_WORKDIR_RELATIVE, .range = dfl__node_range(l->doc, argument), .a = path};
    if (!stage->has_workdir && !dfl__path_is_absolute(path, stage->windows))
        dfl__lint_report(l, site, &report);
    stage->has_workdir = 1;
}

static void step_shell(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    int json = (l->doc->nodes.items[site->node].flags & DFL_NODE_F_JSON) != 0;
    if (json && dfl__next_argument(l->doc, site->node, 0) != 0) stage->has_shell = 1;
}

typedef void step(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage);

void dfl__lint_step(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    static const struct {
        uint16_t kind;
        step *run;
    } steps[] = {
        {DFL_NODE_ADD, dfl__lint_copy},        {DFL_NODE_ARG, step_arg},
        {DFL_NODE_CMD, dfl__lint_once},        {DFL_NODE_COPY, dfl__lint_copy},
        {DFL_NODE_ENTRYPOINT, dfl__lint_once}, {DFL_NODE_ENV, step_pairs},
        {DFL_NODE_EXPOSE, dfl__lint_expose},   {DFL_NODE_HEALTHCHECK, dfl__lint_once},
        {DFL_NODE_LABEL, step_pairs},          {DFL_NODE_RUN, step_run},
        {DFL_NODE_SHELL, step_shell},          {DFL_NODE_STOPSIGNAL, step_words},
        {DFL_NODE_USER, step_words},           {DFL_NODE_VOLUME, step_words},
        {DFL_NODE_WORKDIR, step_workdir},
    };
    uint16_t kind = l->doc->nodes.items[site->node].kind;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i].kind == kind) steps[i].run(l, site, stage);
}
