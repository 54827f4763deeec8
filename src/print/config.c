/* config.c -- the configuration of a stage's image as text and as JSON, schema_version 1.
 * Relies on config.h and writer.h.
 * Never prints a value that is not known: the text says so, and JSON lists it under `unknown`. */
#include "dockerfile/config.h"

#include <string.h>

#include "dockerfile/print.h"
#include "dockerfile/scope.h"
#include "print/writer.h"
#include "syntax/tree.h"

#define NAME_WIDTH 14u

typedef struct {
    dfl__out *out;
    const dfl_model *model;
    const dfl_doc *doc;
    const dfl_config *config;
    const dfl_image_config *values;
    uint32_t unknown; /* DFL_CONFIG_* */
    dfl_str base;     /* the image below all stages that this one is built on */
} printer;

/* --- the members, in the order in which `docker inspect` prints them */

typedef enum { TEXT, LIST, SET, PAIRS, HEALTH } form;

typedef struct {
    const char *name;
    uint32_t bit; /* DFL_CONFIG_* */
    form form;
    size_t at;    /* of the value in dfl_image_config; of lists, the count follows */
    size_t count; /* ... at this place */
} member;

#define TEXT_MEMBER(name, bit, field)                                                              \
    { name, bit, TEXT, offsetof(dfl_image_config, field), 0 }
#define MANY(name, bit, form, field)                                                               \
    {                                                                                              \
        name, bit, form, offsetof(dfl_image_config, field),                                        \
            offsetof(dfl_image_config, field##_count)                                              \
    }

static const member members[] = {
    TEXT_MEMBER("User", DFL_CONFIG_USER, user),
    MANY("ExposedPorts", DFL_CONFIG_EXPOSED_PORTS, SET, exposed_ports),
    MANY("Env", DFL_CONFIG_ENV, PAIRS, env),
    MANY("Entrypoint", DFL_CONFIG_ENTRYPOINT, LIST, entrypoint),
    MANY("Cmd", DFL_CONFIG_CMD, LIST, cmd),
    MANY("Healthcheck", DFL_CONFIG_HEALTHCHECK, HEALTH, health_test),
    MANY("Volumes", DFL_CONFIG_VOLUMES, SET, volumes),
    TEXT_MEMBER("WorkingDir", DFL_CONFIG_WORKING_DIR, working_dir),
    MANY("Labels", DFL_CONFIG_LABELS, PAIRS, labels),
    TEXT_MEMBER("StopSignal", DFL_CONFIG_STOP_SIGNAL, stop_signal),
    MANY("Shell", DFL_CONFIG_SHELL, LIST, shell),
    MANY("OnBuild", DFL_CONFIG_ONBUILD, SET, onbuild),
    TEXT_MEMBER("Author", DFL_CONFIG_AUTHOR, author),
};
#define MEMBER_COUNT (sizeof members / sizeof *members)

static dfl_str text_of(const printer *p, const member *m) {
    dfl_str text;
    memcpy(&text, (const char *)p->values + m->at, sizeof text);
    return text;
}

static size_t count_of(const printer *p, const member *m) {
    size_t count;
    memcpy(&count, (const char *)p->values + m->count, sizeof count);
    return count;
}

/* Its items; NULL when there is no such list. */
static const void *items_of(const printer *p, const member *m) {
    const void *items;
    memcpy(&items, (const char *)p->values + m->at, sizeof items);
    return items;
}

static const dfl_binding *pairs_of(const printer *p, const member *m) {
    return items_of(p, m);
}

static const dfl_str *list_of(const printer *p, const member *m) {
    return items_of(p, m);
}

static int is_unknown(const printer *p, const member *m) {
    return (p->unknown & m->bit) != 0;
}

static int pair_known(const printer *p, const member *m, size_t index) {
    return m->bit == DFL_CONFIG_ENV ? dfl_config_env_known(p->config, index)
                                    : dfl_config_label_known(p->config, index);
}

/* --- where values come from */

typedef enum { NOWHERE, LINE, BASE, DEFAULT } origin_kind;

typedef struct {
    origin_kind kind;
    uint32_t node;
} origin;

/* What no instruction gives comes from the image below, or is BuildKit's when that is empty. */
static origin origin_of_node(const printer *p, uint32_t node) {
    origin o = {LINE, node};
    if (node == 0) o.kind = dfl__eqz(p->base, "scratch") || p->base.len == 0 ? DEFAULT : BASE;
    return o;
}

static origin origin_of_entry(const printer *p, const member *m, size_t index) {
    dfl_definition definition = {.size = sizeof definition};
    origin o = origin_of_node(p, dfl_config_entry_node(p->config, m->bit, index));
    if (m->bit != DFL_CONFIG_ENV) return o;
    uint32_t at = dfl_config_env_definition(p->config, index);
    if (dfl_model_definition(p->model, at, &definition) == DFL_OK &&
        definition.kind == DFL_DEFINITION_PATH)
        o.kind = DEFAULT;
    return o;
}

/* Whether a member that is one value, not many, says anything. */
static int has_value(const printer *p, const member *m) {
    return m->form == TEXT ? text_of(p, m).len > 0 : items_of(p, m) != NULL;
}

static origin origin_of_member(const printer *p, const member *m) {
    uint32_t node = dfl_config_node(p->config, m->bit);
    if (node == 0 && !has_value(p, m) && !is_unknown(p, m)) return (origin){NOWHERE, 0};
    return origin_of_node(p, node);
}

static uint32_t line_of(const printer *p, uint32_t node) {
    return dfl__doc_line(p->doc, dfl__node_range(p->doc, node).start) + 1;
}

/* --- text */

static void text_name(const printer *p, const char *name) {
    dfl__out_z(p->out, name);
    dfl__out_indent(p->out, NAME_WIDTH - (uint32_t)strlen(name));
}

static void text_origin(const printer *p, origin o) {
    if (o.kind != NOWHERE) dfl__out_z(p->out, "  # ");
    switch (o.kind) {
    case NOWHERE: break;
    case LINE:
        dfl__out_z(p->out, "line ");
        dfl__out_u(p->out, line_of(p, o.node));
        break;
    case BASE:
        dfl__out_z(p->out, "base image ");
        dfl__out_shown(p->out, p->base);
        break;
    case DEFAULT: dfl__out_z(p->out, "default"); break;
    }
    dfl__out_c(p->out, '\n');
}

static void text_list(const printer *p, const member *m) {
    const dfl_str *items = list_of(p, m);
    dfl__out_c(p->out, '[');
    for (size_t i = 0; i < count_of(p, m); i++) {
        dfl__out_z(p->out, i > 0 ? ", " : "");
        dfl__out_quoted(p->out, items[i]);
    }
    dfl__out_c(p->out, ']');
}

/* As Go writes a duration that is whole in some unit. */
static void text_time(const printer *p, const char *name, int64_t time) {
    static const struct {
        int64_t size;
        const char *unit;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    size_t i = 0;
    if (time <= 0) return;
    while (time % units[i].size != 0)
        i++;
    dfl__out_z(p->out, name);
    dfl__out_u(p->out, (uint64_t)(time / units[i].size));
    dfl__out_z(p->out, units[i].unit);
}

static void text_health(const printer *p, const member *m) {
    const dfl_image_config *v = p->values;
    if (list_of(p, m) != NULL) text_list(p, m);
    text_time(p, " interval=", v->health_interval);
    text_time(p, " timeout=", v->health_timeout);
    text_time(p, " start-period=", v->health_start_period);
    text_time(p, " start-interval=", v->health_start_interval);
    if (v->health_retries > 0) {
        dfl__out_z(p->out, " retries=");
        dfl__out_u(p->out, (uint32_t)v->health_retries);
    }
}

static void text_single(const printer *p, const member *m) {
    text_name(p, m->name);
    if (is_unknown(p, m))
        dfl__out_z(p->out, "unknown");
    else if (!has_value(p, m))
        dfl__out_z(p->out, "none");
    else if (m->form == TEXT)
        dfl__out_quoted(p->out, text_of(p, m));
    else if (m->form == LIST)
        text_list(p, m);
    else
        text_health(p, m);
    text_origin(p, origin_of_member(p, m));
}

static void text_pair(const printer *p, const member *m, size_t index) {
    const dfl_binding *pair = &pairs_of(p, m)[index];
    dfl__out_shown(p->out, pair->name);
    dfl__out_c(p->out, '=');
    if (pair_known(p, m, index))
        dfl__out_quoted(p->out, pair->value);
    else
        dfl__out_z(p->out, "unknown");
}

/* Each entry has its line, and what is not known of the others has one. */
static void text_many(const printer *p, const member *m) {
    size_t count = count_of(p, m);
    for (size_t i = 0; i < count; i++) {
        text_name(p, m->name);
        if (m->form == PAIRS)
            text_pair(p, m, i);
        else
            dfl__out_quoted(p->out, list_of(p, m)[i]);
        text_origin(p, origin_of_entry(p, m, i));
    }
    if (count > 0 && !is_unknown(p, m)) return;
    text_name(p, m->name);
    if (is_unknown(p, m))
        dfl__out_z(p->out, count > 0 ? "others are unknown" : "unknown");
    else
        dfl__out_z(p->out, "none");
    dfl__out_c(p->out,
               '\n'); /* the image may hold them, or an instruction whose words are unknown */
}

static void text_platform(const printer *p) {
    const dfl_image_config *v = p->values;
    text_name(p, "Platform");
    if (v->os.len == 0 || v->architecture.len == 0) {
        dfl__out_z(p->out, "unknown\n");
        return;
    }
    dfl__out_shown(p->out, v->os);
    dfl__out_c(p->out, '/');
    dfl__out_shown(p->out, v->architecture);
    if (v->variant.len > 0) dfl__out_c(p->out, '/');
    dfl__out_shown(p->out, v->variant);
    dfl__out_c(p->out, '\n');
}

static void print_text(const printer *p) {
    text_platform(p);
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        const member *m = &members[i];
        if (m->form == SET || m->form == PAIRS)
            text_many(p, m);
        else
            text_single(p, m);
    }
}

/* --- JSON */

static void json_list(const printer *p, const member *m) {
    const dfl_str *items = list_of(p, m);
    dfl__js_open(p->out, '[');
    for (size_t i = 0; i < count_of(p, m); i++)
        dfl__js_str(p->out, items[i]);
    dfl__js_close(p->out, ']');
}

static void json_time(const printer *p, const char *name, int64_t time) {
    if (time <= 0) return;
    dfl__js_key(p->out, name);
    dfl__js_uint(p->out, (uint64_t)time);
}

static void json_health(const printer *p, const member *m) {
    const dfl_image_config *v = p->values;
    dfl__js_open(p->out, '{');
    dfl__js_key(p->out, "Test");
    json_list(p, m);
    json_time(p, "Interval", v->health_interval);
    json_time(p, "Timeout", v->health_timeout);
    json_time(p, "StartPeriod", v->health_start_period);
    json_time(p, "StartInterval", v->health_start_interval);
    json_time(p, "Retries", v->health_retries);
    dfl__js_close(p->out, '}');
}

/* Ports and volumes are sets: objects with empty values. Triggers are a list. */
static void json_set(const printer *p, const member *m) {
    const dfl_str *items = list_of(p, m);
    dfl__js_open(p->out, '{');
    for (size_t i = 0; i < count_of(p, m); i++) {
        dfl__js_name_key(p->out, "", items[i]);
        dfl__js_open(p->out, '{');
        dfl__js_close(p->out, '}');
    }
    dfl__js_close(p->out, '}');
}

static void json_labels(const printer *p, const member *m) {
    const dfl_binding *pairs = pairs_of(p, m);
    dfl__js_open(p->out, '{');
    for (size_t i = 0; i < count_of(p, m); i++) {
        if (!pair_known(p, m, i)) continue;
        dfl__js_name_key(p->out, "", pairs[i].name);
        dfl__js_str(p->out, pairs[i].value);
    }
    dfl__js_close(p->out, '}');
}

static void json_env(const printer *p, const member *m) {
    const dfl_binding *pairs = pairs_of(p, m);
    dfl__js_open(p->out, '[');
    for (size_t i = 0; i < count_of(p, m); i++) {
        if (!pair_known(p, m, i)) continue;
        dfl__js_str_open(p->out);
        dfl__js_str_part(p->out, pairs[i].name);
        dfl__js_str_part(p->out, DFL__LIT("="));
        dfl__js_str_part(p->out, pairs[i].value);
        dfl__js_str_close(p->out);
    }
    dfl__js_close(p->out, ']');
}

/* Whether anything can be said of it. */
static int is_told(const printer *p, const member *m) {
    size_t at = 0;
    if (m->form == SET) return count_of(p, m) > 0;
    if (m->form != PAIRS) return !is_unknown(p, m) && has_value(p, m);
    while (at < count_of(p, m) && !pair_known(p, m, at))
        at++;
    return at < count_of(p, m);
}

static void json_member(const printer *p, const member *m) {
    if (!is_told(p, m)) return;
    dfl__js_key(p->out, m->name);
    if (m->form == TEXT)
        dfl__js_str(p->out, text_of(p, m));
    else if (m->form == LIST || m->bit == DFL_CONFIG_ONBUILD)
        json_list(p, m);
    else if (m->form == SET)
        json_set(p, m);
    else if (m->form == HEALTH)
        json_health(p, m);
    else if (m->bit == DFL_CONFIG_ENV)
        json_env(p, m);
    else
        json_labels(p, m);
}

static void json_text(const printer *p, const char *name, dfl_str text) {
    if (text.len == 0) return;
    dfl__js_key(p->out, name);
    dfl__js_str(p->out, text);
}

/* As the OCI image specification has it: what is not there is at its default, or unknown. */
static void json_image(const printer *p) {
    const dfl_image_config *v = p->values;
    dfl__js_key(p->out, "config");
    dfl__js_open(p->out, '{');
    json_text(p, "architecture", v->architecture);
    json_text(p, "os", v->os);
    json_text(p, "variant", v->variant);
    if ((p->unknown & DFL_CONFIG_AUTHOR) == 0) json_text(p, "author", v->author);
    dfl__js_key(p->out, "config");
    dfl__js_open(p->out, '{');
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (members[i].bit != DFL_CONFIG_AUTHOR) json_member(p, &members[i]);
    dfl__js_close(p->out, '}');
    dfl__js_close(p->out, '}');
}

static const char *json_name(const member *m) {
    return m->bit == DFL_CONFIG_AUTHOR ? "author" : m->name;
}

static void json_unknown_pairs(const printer *p, const member *m) {
    const dfl_binding *pairs = pairs_of(p, m);
    for (size_t i = 0; i < count_of(p, m); i++) {
        if (pair_known(p, m, i)) continue;
        dfl__js_str_open(p->out);
        dfl__js_str_part(p->out, dfl__str(m->name));
        dfl__js_str_part(p->out, DFL__LIT("."));
        dfl__js_str_part(p->out, pairs[i].name);
        dfl__js_str_close(p->out);
    }
}

static void json_unknown(const printer *p) {
    dfl__js_key(p->out, "unknown");
    dfl__js_open(p->out, '[');
    if (p->values->architecture.len == 0) dfl__js_str(p->out, DFL__LIT("architecture"));
    if (p->values->os.len == 0) dfl__js_str(p->out, DFL__LIT("os"));
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (is_unknown(p, &members[i])) dfl__js_str(p->out, dfl__str(json_name(&members[i])));
        if (members[i].form == PAIRS) json_unknown_pairs(p, &members[i]);
    }
    dfl__js_close(p->out, ']');
}

static void json_origin(const printer *p, origin o) {
    static const char *const kinds[] = {"none", "instruction", "base", "default"};
    dfl__js_open(p->out, '{');
    dfl__js_key(p->out, "kind");
    dfl__js_str(p->out, dfl__str(kinds[o.kind]));
    if (o.kind == BASE) {
        dfl__js_key(p->out, "image");
        dfl__js_str(p->out, p->base);
    }
    if (o.kind == LINE) {
        dfl__js_key(p->out, "line");
        dfl__js_uint(p->out, line_of(p, o.node));
        dfl__js_range(p->out, "range", dfl_node_range(dfl_doc_node(p->doc, o.node)));
    }
    dfl__js_close(p->out, '}');
}

/* Entries are called by their names, triggers by their numbers. */
static void json_entry_key(const printer *p, const member *m, size_t index) {
    if (m->bit != DFL_CONFIG_ONBUILD) {
        dfl_str name = m->form == PAIRS ? pairs_of(p, m)[index].name : list_of(p, m)[index];
        dfl__js_name_key(p->out, m->name, name);
        return;
    }
    dfl__js_str_open(p->out);
    dfl__js_str_part(p->out, DFL__LIT("OnBuild."));
    dfl__out_u(p->out, index);
    dfl__js_str_close(p->out);
    dfl__out_c(p->out, ':');
}

static void json_sources_of(const printer *p, const member *m) {
    int many = m->form == SET || m->form == PAIRS;
    for (size_t i = 0; many && i < count_of(p, m); i++) {
        json_entry_key(p, m, i);
        json_origin(p, origin_of_entry(p, m, i));
    }
    origin o = many ? (origin){NOWHERE, 0} : origin_of_member(p, m);
    if (o.kind == NOWHERE) return;
    dfl__js_key(p->out, json_name(m));
    json_origin(p, o);
}

static void print_json(const printer *p, uint32_t stage) {
    dfl__js_begin(p->out);
    dfl__js_key(p->out, "stage");
    dfl__js_uint(p->out, stage);
    json_image(p);
    json_unknown(p);
    dfl__js_key(p->out, "sources");
    dfl__js_open(p->out, '{');
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        json_sources_of(p, &members[i]);
    dfl__js_close(p->out, '}');
    dfl__js_end(p->out);
}

/* --- the whole */

/* The base below `stage` and all stages that it is built on. */
static dfl_str base_below(const dfl_model *model, uint32_t stage) {
    dfl_stage s = {.size = sizeof s};
    dfl_str base = {"", 0};
    while (stage != DFL_NO_STAGE && dfl_model_stage(model, stage, &s) == DFL_OK) {
        base = s.base;
        stage = s.base_stage;
    }
    return base;
}

/* A file without stages makes no image. */
static dfl_status print_none(dfl__out *out, int json) {
    dfl__out_z(out, json ? "{\"schema_version\":1,\"stage\":null,\"config\":null,"
                           "\"unknown\":[],\"sources\":{}}\n"
                         : "no stages\n");
    return dfl__out_done(out);
}

static dfl_status print(const dfl_model *model, uint32_t stage, const dfl_sink *sink, int json) {
    dfl__out out;
    dfl_config *config = NULL;
    if (model == NULL) return DFL_E_ARG;
    dfl_status status = dfl__out_init(&out, sink);
    if (status == DFL_OK && dfl_model_stage_count(model) == 0) return print_none(&out, json);
    if (status == DFL_OK) status = dfl_model_config(model, stage, &config);
    if (status != DFL_OK) return status;
    printer p = {&out,
                 model,
                 dfl_model_doc(model),
                 config,
                 dfl_config_values(config),
                 dfl_config_unknown(config),
                 base_below(model, stage)};
    if (json)
        print_json(&p, stage);
    else
        print_text(&p);
    dfl_config_free(config);
    return dfl__out_done(&out);
}

dfl_status dfl_print_config_json(const dfl_model *model, uint32_t stage, const dfl_sink *sink) {
    return print(model, stage, sink, 1);
}

dfl_status dfl_print_config_text(const dfl_model *model, uint32_t stage, const dfl_sink *sink) {
    return print(model, stage, sink, 0);
}
