/* from.c -- the global scope, and what FROM says with it.
 * Relies on lint.h. Follows buildMetaArgs and buildDispatchStates of
 * frontend/dockerfile/dockerfile2llb/convert.go and validations.go (specification 4.1, 8.2).
 * Never stops at an error: what cannot be expanded is empty. */
#include "lint/lint.h"

static int build_arg(const dfl__linter *l, dfl_str name, dfl_str *value) {
    return dfl__env_get(&l->model->args, name, value) == DFL__VAR_SET;
}

static void define_automatic(dfl__linter *l, const char *name, dfl_str value) {
    dfl_str given;
    dfl__lint_set(l, &l->automatic, dfl__str(name),
                  build_arg(l, dfl__str(name), &given) ? given : value, 0);
}

static void automatic(dfl__linter *l, const dfl__platform *build) {
    const dfl__platform *target = &l->target_platform;
    dfl_str stage = l->model->target;
    if (stage.len == 0 && l->model->stages.count > 0)
        stage = l->model->stages.items[l->model->stages.count - 1].name;
    if (stage.len == 0) stage = DFL__LIT("default");
    define_automatic(l, "BUILDPLATFORM", dfl__lint_platform_text(l, build));
    define_automatic(l, "BUILDOS", build->os);
    define_automatic(l, "BUILDOSVERSION", build->version);
    define_automatic(l, "BUILDARCH", build->arch);
    define_automatic(l, "BUILDVARIANT", build->variant);
    define_automatic(l, "TARGETPLATFORM", dfl__lint_platform_text(l, target));
    define_automatic(l, "TARGETOS", target->os);
    define_automatic(l, "TARGETOSVERSION", target->version);
    define_automatic(l, "TARGETARCH", target->arch);
    define_automatic(l, "TARGETVARIANT", target->variant);
    define_automatic(l, "TARGETSTAGE", stage);
}

/* Values of the ARGs before the first FROM. 0 when a default that counts is malformed. */
static int global_args(dfl__linter *l, dfl__env *vars, int with_build_args) {
    int sound = 1;
    for (uint32_t i = 0; i < l->model->instrs.count; i++) {
        const dfl__instr *instr = &l->model->instrs.items[i];
        if (instr->stage != DFL_NO_STAGE) break;
        if (instr->kind != DFL_NODE_ARG) continue;
        for (uint32_t a = dfl__next_argument(l->doc, instr->node, 0); a != 0;
             a = dfl__next_argument(l->doc, instr->node, a)) {
            dfl_str name = dfl__node_value(l->doc, dfl__node_child(l->doc, a, DFL_NODE_NAME));
            uint32_t value = dfl__node_child(l->doc, a, DFL_NODE_VALUE);
            dfl_str given;
            dfl__lint_set(l, &l->global_names, name, DFL__LIT(""), 0);
            if (with_build_args && build_arg(l, name, &given)) {
                dfl__lint_set(l, vars, name, dfl__lint_keep(l, given), 0);
            } else if (value != 0) {
                dfl__expanded_word out;
                dfl__lint_word word = dfl__lint_word_of(l, vars, value);
                dfl__lint_expand(l, &word, &out);
                sound = sound && out.ok;
                if (out.ok) dfl__lint_set(l, vars, name, out.text, 0);
            }
        }
    }
    return sound;
}

/* Whether each FROM names an image when no build argument is given. */
static void default_args(dfl__linter *l) {
    dfl__env vars = l->automatic;
    if (!global_args(l, &vars, 0)) return;
    for (uint32_t i = 0; i < l->model->stages.count; i++) {
        const dfl__stage *stage = &l->model->stages.items[i];
        uint32_t base = dfl__lint_argument(l, stage->node, 0);
        if (base == 0) continue; /* an error, and said to be one */
        dfl__lint_word word = dfl__lint_word_of(l, &vars, base);
        dfl__expanded_word out;
        dfl__reference ref;
        dfl__lint_expand(l, &word, &out);
        if (!out.ok) return;
        if (dfl__reference_parse(out.text, &ref) == DFL__REF_OK) continue;
        dfl__site site = dfl__lint_site(l, stage->first);
        dfl__lint_item report = {.rule = DFL__RULE_DEFAULT_FROM_ARG, .a = word.word};
        report.range = dfl__node_range(l->doc, base);
        dfl__lint_report(l, &site, &report);
    }
}

void dfl__lint_globals(dfl__linter *l) {
    dfl__platform build = l->target_platform;
    if (l->model->build_platform.os.len > 0) build = l->model->build_platform;
    automatic(l, &build);
    default_args(l);
    l->globals = l->automatic;
    global_args(l, &l->globals, 1);
}

static void report_undeclared(dfl__linter *l, const dfl__site *site, const dfl__lint_word *word,
                              dfl__expanded_word *out) {
    dfl__env_walk walk = {{NULL}, 0, 0};
    dfl__env_entry entry;
    while (dfl__env_next(&out->unmatched, &walk, &entry)) {
        if (dfl__env_find(&l->global_names, entry.name) != NULL) continue;
        dfl__lint_item report = {.rule = DFL__RULE_UNDEFINED_FROM_ARG,
                                 .range = dfl__lint_place(l, word, entry.binding),
                                 .a = entry.name,
                                 .hint = dfl__lint_nearest(l, &l->globals, entry.name)};
        dfl__lint_report(l, site, &report);
    }
}

/* The flag with the blanks behind it. */
static dfl_range flag_range(const dfl__linter *l, uint32_t flag) {
    dfl_range range = dfl__node_range(l->doc, flag);
    dfl_str src = l->doc->source;
    while (range.end < src.len && (src.ptr[range.end] == ' ' || src.ptr[range.end] == '\t'))
        range.end++;
    return range;
}

static int contains(dfl_str text, dfl_str part) {
    for (size_t at = 0; at + part.len <= text.len; at++)
        if (dfl__eq(dfl__sub(text, at, at + part.len), part)) return 1;
    return 0;
}

static void check_platform(dfl__linter *l, const dfl__site *site, const dfl__stage *stage,
                           const dfl__lint_word *word, const dfl__expanded_word *out) {
    uint32_t flag = l->doc->nodes.items[word->node].parent;
    dfl_edit edit = {flag_range(l, flag), {"", 0}};
    dfl__lint_item report = {.range = dfl__node_range(l->doc, flag), .a = word->word};
    dfl__platform platform;
    dfl_str name = DFL__LIT("TARGETPLATFORM");
    if (out->matched_count == 1 && out->unmatched_count == 0 &&
        dfl__env_find(&out->matched, name) != NULL) {
        const dfl__binding *value = dfl__env_find(&l->globals, name);
        if (value == NULL || !dfl__eq(value->value, out->text)) return;
        report.rule = DFL__RULE_REDUNDANT_PLATFORM;
        report.edits = &edit;
        report.edit_count = 1;
    } else {
        if (out->matched_count > 0 || out->unmatched_count > 0) return;
        if (!dfl__lint_platform(l, out->text, &platform)) return;
        if (contains(stage->name, platform.os) || contains(stage->name, platform.arch)) return;
        report.rule = DFL__RULE_CONST_PLATFORM;
        report.a = out->text;
    }
    dfl__lint_report(l, site, &report);
}

void dfl__lint_from(dfl__linter *l, uint32_t index) {
    const dfl__stage *stage = &l->model->stages.items[index];
    dfl__site site = dfl__lint_site(l, stage->first);
    dfl__expanded_word out;
    uint32_t flag = 0, base = dfl__lint_argument(l, stage->node, 0);
    dfl__lint_word word = dfl__lint_word_of(l, &l->globals, base);
    dfl__lint_expand(l, &word, &out);
    report_undeclared(l, &site, &word, &out);
    word.node = dfl__flag_value(l->doc, stage->node, "platform", &flag);
    if (word.node == 0) return;
    word = dfl__lint_word_of(l, &l->globals, word.node);
    if (word.word.len == 0) return;
    dfl__lint_expand(l, &word, &out);
    report_undeclared(l, &site, &word, &out);
    if (out.ok) check_platform(l, &site, stage, &word, &out);
}
