/* stage.c -- what a stage is built on, and the scope at its start.
 * Relies on rewrite.h.
 * Never guesses an image's configuration: it is the catalog's, or unknown. */
#include <string.h>

#include "syntax/reference.h"
#include "rewrite/rewrite.h"

static void refuse_image(dfl__rewrite *rw, const dfl__stage *s, int valid) {
    dfl_range range = dfl__node_range(rw->doc, s->node);
    if (!s->base_known)
        dfl__plan_refuse(rw, "base.arg-without-default", range,
                         "the base image \"%S\" depends on a build argument that has no "
                         "default. Give the ARG a default, or pass --build-arg",
                         &s->base);
    else if (!valid)
        dfl__plan_refuse(rw, "image.invalid", range,
                         "the base \"%S\" at line %u is not an image reference, so no build can "
                         "pull it. Correct it first",
                         &s->base, dfl__line_of(rw, range.start));
    else
        dfl__plan_refuse(rw, "image.unknown", range,
                         "the catalog does not know the image \"%S\". Describe it in a YAML file "
                         "and pass it with --catalog",
                         &s->base);
}

int dfl__stage_image(dfl__rewrite *rw, uint32_t stage, int quiet, dfl__image_info *out) {
    const dfl__stage *stages = rw->model->stages.items, *s = &stages[stages[stage].bottom];
    dfl__reference ref;
    int valid = s->base_known && dfl__reference_parse(s->base, &ref) == DFL__REF_OK;
    memset(out, 0, sizeof *out);
    out->libc = "";
    if (valid) dfl__catalog_describe(rw->catalog, s->base, out);
    if (out->image == NULL && !quiet) refuse_image(rw, s, valid);
    return out->image != NULL;
}

int dfl__image_is_nonroot(const dfl__image_info *info) {
    dfl_str tag = info->tag;
    const char *nonroot = info->image != NULL ? info->image->nonroot_tag : "";
    if (dfl__starts(tag, "debug-")) tag = dfl__sub(tag, strlen("debug-"), tag.len);
    return nonroot[0] != '\0' && dfl__starts(tag, nonroot) &&
           (tag.len == strlen(nonroot) || tag.ptr[strlen(nonroot)] == '-');
}

uint32_t dfl__image_uid(const dfl__image_info *info) {
    return dfl__image_is_nonroot(info) ? info->image->nonroot_uid : info->image->uid;
}

dfl_str dfl__image_workdir(const dfl__image_info *info) {
    const dfl__image *image = info->image;
    int own = dfl__image_is_nonroot(info) && image->nonroot_workdir[0] != '\0';
    const char *workdir = own ? image->nonroot_workdir : image->workdir;
    return dfl__str(workdir[0] != '\0' ? workdir : "/");
}

static void seed_image(dfl__rewrite *rw, dfl__scope *scope, const dfl__image_info *info) {
    const dfl__image *image = info->image;
    if (image == NULL) return;
    for (uint32_t i = 0; i < image->env.count; i++) {
        dfl_str pair = dfl__str(image->env.items[i]);
        size_t equals = dfl__find(pair, '=', 0);
        if (equals == pair.len) continue;
        if (!dfl__env_set(&scope->env, dfl__sub(pair, 0, equals),
                          dfl__sub(pair, equals + 1, pair.len), DFL__VAR_SET))
            rw->failed = DFL_E_NOMEM;
    }
    scope->workdir = dfl__image_workdir(info);
    scope->user = dfl__str(dfl__image_is_nonroot(info) ? image->nonroot_user : image->user);
}

static void apply_stage(dfl__rewrite *rw, dfl__scope *scope, uint32_t stage) {
    const dfl__stage *s = &rw->model->stages.items[stage];
    for (uint32_t i = s->first; i < s->end && rw->failed == DFL_OK; i++)
        rw->failed = dfl__scope_apply(scope, &rw->model->instrs.items[i]);
}

/* Where a stage begins: its base stage has been walked. */
static void begin_stage(dfl__rewrite *rw, uint32_t stage, dfl__scope *scope) {
    uint32_t base = rw->model->stages.items[stage].base_stage;
    dfl__image_info info;
    if (base != DFL_NO_STAGE) {
        *scope = rw->ends[base].scope;
        return;
    }
    dfl__scope_init(scope, rw->model, rw->arena);
    if (dfl__stage_image(rw, stage, 1, &info)) seed_image(rw, scope, &info);
}

static void walk_stage(dfl__rewrite *rw, uint32_t stage) {
    dfl__rewrite_end *end = &rw->ends[stage];
    begin_stage(rw, stage, &end->scope);
    apply_stage(rw, &end->scope, stage);
    end->walked = 1;
}

static int make_ends(dfl__rewrite *rw) {
    size_t size = rw->model->stages.count * sizeof *rw->ends;
    if (rw->ends != NULL) return 1;
    rw->ends = dfl__arena_get(rw->arena, size);
    if (rw->ends != NULL) memset(rw->ends, 0, size);
    return rw->ends != NULL;
}

void dfl__stage_scope(dfl__rewrite *rw, uint32_t stage, dfl__scope *scope) {
    const dfl__stage *stages = rw->model->stages.items;
    DFL__VEC(uint32_t) chain = {NULL, 0, 0};
    dfl__scope_init(scope, rw->model, rw->arena);
    if (!make_ends(rw)) rw->failed = DFL_E_NOMEM;
    if (rw->failed != DFL_OK) return;
    for (uint32_t s = stages[stage].base_stage; s != DFL_NO_STAGE && !rw->ends[s].walked;
         s = stages[s].base_stage)
        if (!DFL__PUSH(&rw->arena->alloc, &chain, s)) rw->failed = DFL_E_NOMEM;
    while (chain.count > 0 && rw->failed == DFL_OK)
        walk_stage(rw, chain.items[--chain.count]);
    DFL__VEC_FREE(&rw->arena->alloc, &chain);
    if (rw->failed == DFL_OK) begin_stage(rw, stage, scope);
}

/* "name" of "name:group". */
static dfl_str user_name(dfl_str user) {
    return dfl__sub(user, 0, dfl__find(user, ':', 0));
}

int dfl__user_is_root(const dfl__scope *scope) {
    dfl_str name = user_name(scope->user);
    if (!scope->user_known) return -1;
    return name.len == 0 || dfl__eqz(name, "root") || dfl__eqz(name, "0");
}

dfl_str dfl__scope_home(dfl__rewrite *rw, const dfl__scope *scope, const dfl__image_info *image) {
    dfl_str home = {"", 0}, name = user_name(scope->user);
    dfl__var state = dfl__env_get(&scope->env, DFL__LIT("HOME"), &home);
    if (state == DFL__VAR_SET) return home;
    if (state == DFL__VAR_UNKNOWN || !scope->user_known) return dfl__str("");
    if (scope->home.len > 0) return scope->home;
    if (dfl__user_is_root(scope) == 1) return DFL__LIT("/root");
    if (image == NULL || image->image == NULL) return dfl__str("");
    const dfl__image *i = image->image;
    int named = i->nonroot_user[0] != '\0' && dfl__eqz(name, i->nonroot_user);
    int own = i->user[0] != '\0' && dfl__eqz(name, i->user);
    if (dfl__is_digit((unsigned char)name.ptr[0])) return dfl__str(""); /* a number names no home */
    return named || own ? dfl__rewrite_fmt(rw, "/home/%S", &name) : dfl__str("");
}

/* Whether SHELL names a shell of Windows. */
static int is_windows_shell(dfl__rewrite *rw, uint32_t instruction) {
    uint32_t program = dfl__next_argument(rw->doc, instruction, 0);
    static const char *const shells[] = {"powershell", "powershell.exe", "pwsh", "cmd", "cmd.exe"};
    for (size_t i = 0; program != 0 && i < sizeof shells / sizeof *shells; i++) {
        if (dfl__ieqz(dfl__node_value(rw->doc, program), shells[i])) return 1;
    }
    return 0;
}

int dfl__stage_is_windows(dfl__rewrite *rw, uint32_t stage) {
    dfl__image_info info;
    const dfl__stage *s = &rw->model->stages.items[stage];
    (void)dfl__stage_image(rw, stage, 1, &info);
    if (info.release != NULL && strcmp(info.release->family, "windows") == 0) return 1;
    if (dfl__find_str(s->base, "windows") < s->base.len ||
        dfl__find_str(s->base, "nanoserver") < s->base.len || dfl__starts(s->platform, "windows"))
        return 1;
    for (uint32_t i = s->first; i < s->end; i++) {
        const dfl__instr *instr = &rw->model->instrs.items[i];
        if (instr->kind == DFL_NODE_SHELL && is_windows_shell(rw, instr->node)) return 1;
    }
    return 0;
}
