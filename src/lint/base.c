/* base.c -- what a stage starts with: from an earlier stage, or from an image.
 * Relies on lint.h, and on what the model knows of images. Follows resolveBaseImage and
 * dispatchStages of frontend/dockerfile/dockerfile2llb/convert.go (specification 4.2, 5.2). Never
 * guesses: an image of which nothing is known leaves the stage open. */
#include <string.h>

#include "lint/lint.h"

#define PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void give(dfl__linter *l, dfl__lint_stage *stage, dfl_str name, dfl_str value) {
    dfl__lint_set(l, &stage->env, name, value, 0);
    dfl__lint_set(l, &stage->config, name, value, 0);
}

static void from_stage(const dfl__lint_stage *base, dfl__lint_stage *stage) {
    *stage = *base;
    memset(&stage->cmd, 0, sizeof stage->cmd);
    memset(&stage->entrypoint, 0, sizeof stage->entrypoint);
    memset(&stage->health, 0, sizeof stage->health);
    stage->shadowed.root = NULL;
}

/* What ENV gave counts again for the stages built on this one where an ARG of it hides it: done
 * once, not for each of them. */
void dfl__lint_end(dfl__linter *l, uint32_t index) {
    dfl__lint_stage *stage = &l->stages[index];
    dfl__env_walk walk = {{NULL}, 0, 0};
    dfl__env_entry entry;
    while (l->status == DFL_OK && dfl__env_next(&stage->shadowed, &walk, &entry)) {
        const dfl__binding *value = dfl__env_find(&stage->config, entry.name);
        if (value != NULL) dfl__lint_set(l, &stage->env, entry.name, value->value, 0);
    }
}

static void check_platform(dfl__linter *l, uint32_t index, const dfl_image_config *image,
                           const dfl__platform *wanted) {
    const dfl__stage *stage = &l->model->stages.items[index];
    dfl__site site = dfl__lint_site(l, stage->first);
    dfl__platform actual = {.os = image->os, .arch = image->architecture};
    if (actual.os.len == 0 || actual.arch.len == 0) return;
    if (dfl__eq(actual.os, wanted->os) && dfl__eq(actual.arch, wanted->arch)) return;
    actual.variant = image->variant;
    dfl__lint_item report = {.rule = DFL__RULE_BASE_PLATFORM};
    report.a = dfl__lint_platform_text(l, &actual);
    report.b = dfl__lint_platform_text(l, wanted);
    report.range = dfl__node_range(l->doc, dfl__lint_argument(l, stage->node, 0));
    dfl__lint_report(l, &site, &report);
}

static dfl__platform platform_of(dfl__linter *l, uint32_t index) {
    dfl__platform platform = l->target_platform;
    uint32_t flag = 0;
    uint32_t node = dfl__flag_value(l->doc, l->model->stages.items[index].node, "platform", &flag);
    dfl__lint_word word = dfl__lint_word_of(l, &l->globals, node);
    dfl__expanded_word out;
    dfl__lint_expand(l, &word, &out);
    if (out.text.len > 0 && !dfl__lint_platform(l, out.text, &platform)) return l->target_platform;
    return platform;
}

/* What the model knows of the image; the catalog's part is about images for Linux. */
static const dfl__base *known_image(dfl__linter *l, uint32_t index, dfl_str reference,
                                    int windows) {
    const dfl__stage *stage = &l->model->stages.items[index];
    const dfl__base *base = NULL;
    if (stage->context != 0 || stage->base_context != 0) return NULL;
    if (l->status == DFL_OK) l->status = dfl__base_known(l->model, reference, &base);
    return base != NULL && base->unknown != 0 && windows ? NULL : base;
}

static void from_image(dfl__linter *l, uint32_t index, dfl_str base, dfl__lint_stage *stage) {
    dfl__platform platform = platform_of(l, index);
    int scratch = dfl__eqz(base, "scratch");
    stage->windows = dfl__eqz(scratch ? l->target_platform.os : platform.os, "windows");
    const dfl__base *image = scratch ? NULL : known_image(l, index, base, stage->windows);
    stage->open = !scratch && (image == NULL || (image->unknown & DFL__CONFIG_ENV) != 0);
    if (image != NULL) {
        const dfl_image_config *config = &image->config;
        stage->has_shell = config->shell_count > 0;
        for (size_t i = 0; i < config->env_count; i++)
            give(l, stage, config->env[i].name, dfl__lint_keep(l, config->env[i].value));
        check_platform(l, index, config, &platform);
    }
    if (!stage->windows && dfl__env_find(&stage->config, DFL__LIT("PATH")) == NULL)
        give(l, stage, DFL__LIT("PATH"), DFL__LIT(PATH));
}

void dfl__lint_start(dfl__linter *l, uint32_t index) {
    const dfl__stage *stage = &l->model->stages.items[index];
    uint32_t node = dfl__lint_argument(l, stage->node, 0);
    dfl__lint_word word = dfl__lint_word_of(l, &l->globals, node);
    dfl__expanded_word out;
    dfl__lint_expand(l, &word, &out);
    const dfl__binding *base = dfl__env_find(&l->stage_names, out.text);
    if (base != NULL)
        from_stage(&l->stages[base->definition], &l->stages[index]);
    else
        from_image(l, index, out.text, &l->stages[index]);
    if (stage->name.len > 0) dfl__lint_set(l, &l->stage_names, stage->name, DFL__LIT(""), index);
}
