/* globals.c -- build arguments, automatic variables, and what ends the global scope.
 * Relies on model.h. Follows defaultArgs and buildMetaArgs of frontend/dockerfile/dockerfile2llb
 * and its epoch.go (specification 4.1, 4.5).
 * Never takes the machine it runs on for the builder: a platform that is not given is not known. */
#include <string.h>

#include "diag/codes.h"
#include "model/model.h"
#include "syntax/number.h"

static dfl_status copy_args(dfl_model *model, const dfl_model_options *opt) {
    for (uint32_t i = 0; i < (opt != NULL ? opt->args_count : 0); i++) {
        if (!dfl__env_set(&model->args, opt->args[i].name, opt->args[i].value, DFL__VAR_SET))
            return DFL_E_NOMEM;
    }
    return DFL_OK;
}

/* Proxies are handed to RUN without being declared. */
static int is_proxy(dfl_str name) {
    static const char *const names[] = {"http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
                                        "all_proxy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (dfl__ieqz(name, names[i])) return 1;
    return 0;
}

static dfl_status define_proxies(dfl_model *model) {
    dfl__env_walk walk = {{NULL}, 0, 0};
    dfl__env_entry entry;
    while (dfl__env_next(&model->args, &walk, &entry)) {
        dfl__definition d = {
            entry.name, entry.binding->value, DFL_DEFINITION_PREDEFINED, DFL__VAR_SET,
            0,          DFL_NO_STAGE,         DFL_NO_DEFINITION,         NULL};
        if (!is_proxy(entry.name)) continue;
        if (!DFL__PUSH(&model->arena.alloc, &model->definitions, d)) return DFL_E_NOMEM;
    }
    model->predefined = model->definitions.count;
    return DFL_OK;
}

/* --- automatic variables */

typedef enum { WHOLE, OS, OSVERSION, ARCH, VARIANT } platform_part;

static const struct {
    const char *name;
    int target;
    platform_part part;
} automatic[] = {
    {"BUILDPLATFORM", 0, WHOLE},
    {"BUILDOS", 0, OS},
    {"BUILDOSVERSION", 0, OSVERSION},
    {"BUILDARCH", 0, ARCH},
    {"BUILDVARIANT", 0, VARIANT},
    {"TARGETPLATFORM", 1, WHOLE},
    {"TARGETOS", 1, OS},
    {"TARGETOSVERSION", 1, OSVERSION},
    {"TARGETARCH", 1, ARCH},
    {"TARGETVARIANT", 1, VARIANT},
};

/* BuildKit leaves the version of the operating system out of BUILDPLATFORM only. */
static dfl_status whole(dfl_model *model, const dfl__platform *platform, int target, dfl_str *out) {
    dfl__platform shown = *platform;
    dfl__buf buf;
    if (!target) {
        shown.version.len = 0;
        shown.feature_count = 0;
    }
    dfl__buf_init(&buf, &model->arena.alloc, 0);
    dfl__platform_write(&shown, &buf);
    out->ptr = dfl__arena_copy(&model->arena, dfl__buf_str(&buf).ptr, buf.len);
    out->len = buf.len;
    dfl_status status = buf.failed != DFL_OK || out->ptr == NULL ? DFL_E_NOMEM : DFL_OK;
    dfl__buf_free(&buf);
    return status;
}

static dfl_status part_of(dfl_model *model, const dfl__platform *platform, int target,
                          platform_part part, dfl_str *out) {
    switch (part) {
    case WHOLE: return whole(model, platform, target, out);
    case OS: *out = platform->os; return DFL_OK;
    case OSVERSION: *out = platform->version; return DFL_OK;
    case ARCH: *out = platform->arch; return DFL_OK;
    case VARIANT: *out = platform->variant; return DFL_OK;
    }
    return DFL_OK;
}

/* A build argument of the same name counts instead. */
static dfl_status define(dfl__scope *scope, const char *name, dfl_str value, dfl__var state) {
    dfl__definition d = {dfl__str(name),    value, DFL_DEFINITION_AUTOMATIC, state, 0, DFL_NO_STAGE,
                         DFL_NO_DEFINITION, NULL};
    const dfl__binding *given = dfl__env_find(&scope->model->args, d.name);
    if (given != NULL) {
        d.kind = DFL_DEFINITION_BUILD_ARG;
        d.value = given->value;
        d.state = DFL__VAR_SET;
    }
    return dfl__scope_define(scope, DFL__LAYER_ARG, d);
}

static dfl_status define_platforms(dfl_model *model, dfl__scope *scope) {
    dfl_status status = DFL_OK;
    for (size_t i = 0; i < sizeof automatic / sizeof *automatic && status == DFL_OK; i++) {
        int target = automatic[i].target;
        const dfl__platform *platform = target ? &model->target_platform : &model->build_platform;
        dfl_str value = {"", 0};
        dfl__var state = platform->os.len > 0 ? DFL__VAR_SET : DFL__VAR_UNKNOWN;
        if (state == DFL__VAR_SET)
            status = part_of(model, platform, target, automatic[i].part, &value);
        if (status == DFL_OK) status = define(scope, automatic[i].name, value, state);
    }
    return status;
}

dfl_status dfl__globals_begin(dfl_model *model, const dfl_model_options *opt, dfl_str last_stage,
                              dfl__scope *scope) {
    dfl_str target = model->target.len > 0 ? model->target : last_stage;
    dfl_status status = copy_args(model, opt);
    if (status == DFL_OK) status = define_proxies(model);
    if (status == DFL_OK) status = define_platforms(model, scope);
    if (target.len == 0) target = DFL__LIT("default");
    if (status == DFL_OK) status = define(scope, "TARGETSTAGE", target, DFL__VAR_SET);
    return status;
}

/* --- SOURCE_DATE_EPOCH */

static const char epoch[] = "SOURCE_DATE_EPOCH";

/* BuildKit replaces what it was given by the seconds it makes of it. */
static dfl_status replace_epoch(dfl_model *model, dfl__scope *scope, dfl_str value,
                                dfl__var state) {
    dfl__definition d = {dfl__str(epoch),   value, DFL_DEFINITION_AUTOMATIC, state, 0, DFL_NO_STAGE,
                         DFL_NO_DEFINITION, NULL};
    int given = dfl__env_find(&model->args, d.name) != NULL;
    if (given && !dfl__env_set(&model->args, d.name, value, state)) return DFL_E_NOMEM;
    if (dfl__env_find(&scope->env, d.name) == NULL) return DFL_OK;
    return dfl__scope_define(scope, DFL__LAYER_ARG, d);
}

static dfl_str write_seconds(dfl_model *model, int64_t seconds) {
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (seconds < 0) digits[--at] = '-';
    dfl_str text = {dfl__arena_copy(&model->arena, digits + at, sizeof digits - at),
                    sizeof digits - at};
    return text;
}

static int names_a_context(const dfl_model *model, dfl_str value) {
    if (dfl__eqz(value, "context") || dfl__stage_named(model, value) != DFL_NO_STAGE) return 1;
    for (uint32_t i = 0; i < model->contexts.count; i++)
        if (dfl__eq(model->contexts.items[i].name, value)) return 1;
    return 0;
}

dfl_status dfl__globals_end(dfl_model *model, dfl__scope *scope) {
    dfl_str name = dfl__str(epoch), value = {"", 0};
    int64_t seconds;
    const dfl__binding *given = dfl__env_find(&model->args, name);
    dfl__var state = given != NULL ? given->state : dfl__env_get(&scope->env, name, &value);
    if (given != NULL) value = given->value;
    if (state != DFL__VAR_SET || value.len == 0) return DFL_OK;
    if (dfl__go_int(value, 64, &seconds)) {
        dfl_str text = write_seconds(model, seconds);
        return text.ptr != NULL ? replace_epoch(model, scope, text, DFL__VAR_SET) : DFL_E_NOMEM;
    }
    dfl__reference ref;
    if (names_a_context(model, value))
        return replace_epoch(model, scope, DFL__LIT(""), DFL__VAR_UNKNOWN);
    const dfl__binding *binding = dfl__env_find(&scope->env, name);
    dfl__report_args args = {
        .code = DFL_D_EPOCH, .stage = DFL_NO_STAGE, .pass = 40, .detail = value};
    if (dfl__reference_parse(value, &ref) != DFL__REF_OK) args.code = DFL_D_CONTEXT_NAME;
    if (binding != NULL && binding->definition < model->definitions.count) {
        uint32_t node = model->definitions.items[binding->definition].node;
        if (node != 0) args.range = dfl__node_range(model->doc, node);
    }
    return dfl__model_report(model, &args);
}
