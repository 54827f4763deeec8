/* image_config.c -- configurations of images: what a registry keeps, what `docker inspect` prints.
 * Relies on yaml.c's strict JSON. Members are those of the OCI image specification, config.md, and
 * of Docker's, which adds Healthcheck, Shell and OnBuild.
 * Never takes a document of another kind for a configuration that says nothing. */
#include <string.h>

#include "dockerfile/io.h"
#include "io/error.h"
#include "io/yaml.h"

struct dfl_io_image_config {
    dfl__yaml json;   /* holds all texts */
    dfl__arena arena; /* holds all lists, and this struct's configuration points into both */
    dfl_image_config values;
};

typedef struct {
    const dfl__yaml *json;
    dfl__arena *arena;
    dfl_image_config *out;
    const char *path;
    dfl_io_error *error;
} reader;

static dfl__place place_of(const reader *r, uint32_t at) {
    return (dfl__place){r->path, r->json->nodes[at].line, r->json->nodes[at].column};
}

static dfl_status wrong(const reader *r, uint32_t at, const char *key, const char *wanted) {
    return dfl__io_fail(r->error, DFL_E_FORMAT, place_of(r, at), "`%s` must be %s", key, wanted);
}

static dfl_status refuse(const reader *r, uint32_t at, const char *why) {
    return dfl__io_fail(r->error, DFL_E_FORMAT, place_of(r, at), "%s", why);
}

/* The value of `key`; 0 when it is absent or null. */
static uint32_t value_of(const reader *r, uint32_t map, const char *key) {
    uint32_t at = dfl__yaml_get(r->json, map, key);
    return at != 0 && dfl__yaml_is_null(&r->json->nodes[at]) ? 0 : at;
}

static int is_string(const reader *r, uint32_t at) {
    return r->json->nodes[at].kind == DFL__YAML_TEXT && !r->json->nodes[at].plain;
}

/* --- members: each kind of value has one reader */

static dfl_status read_text(const reader *r, uint32_t at, const char *key, void *out) {
    if (!is_string(r, at)) return wrong(r, at, key, "a string");
    *(dfl_str *)out = r->json->nodes[at].text;
    return DFL_OK;
}

typedef struct {
    const dfl_str **items;
    size_t *count;
} list;

static dfl_status new_list(const reader *r, uint32_t count, dfl_str **items) {
    *items = dfl__arena_get(r->arena, count * sizeof **items);
    return *items != NULL ? DFL_OK : dfl__io_nomem(r->error, r->path);
}

static dfl_status read_list(const reader *r, uint32_t at, const char *key, list out) {
    const dfl__yaml_node *nodes = r->json->nodes;
    dfl_str *items;
    if (nodes[at].kind != DFL__YAML_LIST) return wrong(r, at, key, "a list of strings");
    dfl_status status = new_list(r, nodes[at].count, &items);
    for (uint32_t i = 0, item = at + 1; status == DFL_OK && i < nodes[at].count; i++) {
        if (!is_string(r, item)) return wrong(r, item, key, "a list of strings");
        items[i] = nodes[item].text;
        item = nodes[item].next;
    }
    if (status != DFL_OK) return status;
    *out.items = items;
    *out.count = nodes[at].count;
    return DFL_OK;
}

/* A set is an object whose values say nothing. */
static dfl_status read_set(const reader *r, uint32_t at, const char *key, list out) {
    const dfl__yaml_node *nodes = r->json->nodes;
    dfl_str *items;
    if (nodes[at].kind != DFL__YAML_MAP) return wrong(r, at, key, "an object such as {\"X\":{}}");
    uint32_t count = nodes[at].count / 2;
    dfl_status status = new_list(r, count, &items);
    for (uint32_t i = 0, name = at + 1; status == DFL_OK && i < count; i++) {
        items[i] = nodes[name].text;
        name = nodes[nodes[name].next].next;
    }
    if (status != DFL_OK) return status;
    *out.items = items;
    *out.count = count;
    return DFL_OK;
}

static dfl_status read_env(const reader *r, uint32_t at) {
    const dfl__yaml_node *nodes = r->json->nodes;
    if (nodes[at].kind != DFL__YAML_LIST) return wrong(r, at, "Env", "a list of NAME=VALUE");
    dfl_binding *items = dfl__arena_get(r->arena, nodes[at].count * sizeof *items);
    if (items == NULL) return dfl__io_nomem(r->error, r->path);
    for (uint32_t i = 0, item = at + 1; i < nodes[at].count; i++) {
        if (!is_string(r, item)) return wrong(r, item, "Env", "a list of NAME=VALUE");
        dfl_str text = nodes[item].text;
        size_t equals = dfl__find(text, '=', 0);
        if (equals == text.len)
            return dfl__io_fail(r->error, DFL_E_FORMAT, place_of(r, item),
                                "`Env` entry \"%s\" has no =; write NAME=VALUE", text.ptr);
        if (equals == 0) return refuse(r, item, "`Env` entry has no name before its =");
        items[i] = (dfl_binding){dfl__sub(text, 0, equals), dfl__sub(text, equals + 1, text.len)};
        item = nodes[item].next;
    }
    r->out->env = items;
    r->out->env_count = nodes[at].count;
    return DFL_OK;
}

static dfl_status read_labels(const reader *r, uint32_t at) {
    const dfl__yaml_node *nodes = r->json->nodes;
    if (nodes[at].kind != DFL__YAML_MAP) return wrong(r, at, "Labels", "an object of strings");
    uint32_t count = nodes[at].count / 2;
    dfl_binding *items = dfl__arena_get(r->arena, count * sizeof *items);
    if (items == NULL) return dfl__io_nomem(r->error, r->path);
    for (uint32_t i = 0, name = at + 1; i < count; i++) {
        uint32_t value = nodes[name].next;
        if (!is_string(r, value)) return wrong(r, value, "Labels", "an object of strings");
        items[i] = (dfl_binding){nodes[name].text, nodes[value].text};
        name = nodes[value].next;
    }
    r->out->labels = items;
    r->out->labels_count = count;
    return DFL_OK;
}

/* Digits alone, up to `most`. */
static int parse_whole(dfl_str s, int64_t most, int64_t *out) {
    int64_t number = 0;
    for (size_t i = 0; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9 || number > (most - digit) / 10) return 0;
        number = number * 10 + digit;
    }
    *out = number;
    return s.len > 0;
}

static dfl_status read_number(const reader *r, uint32_t map, const char *key, int64_t most,
                              int64_t *out) {
    uint32_t at = value_of(r, map, key);
    if (at == 0) return DFL_OK;
    const dfl__yaml_node *node = &r->json->nodes[at];
    if (node->kind == DFL__YAML_TEXT && node->plain && parse_whole(node->text, most, out))
        return DFL_OK;
    return wrong(r, at, key, "a whole number (of nanoseconds, where it is a time)");
}

static dfl_status read_health(const reader *r, uint32_t at) {
    dfl_image_config *out = r->out;
    int64_t retries = 0;
    if (r->json->nodes[at].kind != DFL__YAML_MAP) return wrong(r, at, "Healthcheck", "an object");
    uint32_t test = value_of(r, at, "Test");
    dfl_status status = DFL_OK;
    if (test != 0)
        status = read_list(r, test, "Test", (list){&out->health_test, &out->health_test_count});
    if (status == DFL_OK) status = read_number(r, at, "Interval", INT64_MAX, &out->health_interval);
    if (status == DFL_OK) status = read_number(r, at, "Timeout", INT64_MAX, &out->health_timeout);
    if (status == DFL_OK)
        status = read_number(r, at, "StartPeriod", INT64_MAX, &out->health_start_period);
    if (status == DFL_OK)
        status = read_number(r, at, "StartInterval", INT64_MAX, &out->health_start_interval);
    if (status == DFL_OK) status = read_number(r, at, "Retries", INT32_MAX, &retries);
    out->health_retries = (int32_t)retries;
    return status;
}

/* --- the document */

static dfl_status read_lists(const reader *r, uint32_t config) {
    dfl_image_config *c = r->out;
    const struct {
        const char *key;
        dfl_status (*read)(const reader *r, uint32_t at, const char *key, list out);
        list to;
    } members[] = {
        {"Entrypoint", read_list, {&c->entrypoint, &c->entrypoint_count}},
        {"Cmd", read_list, {&c->cmd, &c->cmd_count}},
        {"Shell", read_list, {&c->shell, &c->shell_count}},
        {"OnBuild", read_list, {&c->onbuild, &c->onbuild_count}},
        {"ExposedPorts", read_set, {&c->exposed_ports, &c->exposed_ports_count}},
        {"Volumes", read_set, {&c->volumes, &c->volumes_count}},
    };
    dfl_status status = DFL_OK;
    for (size_t i = 0; i < sizeof members / sizeof *members && status == DFL_OK; i++) {
        uint32_t at = value_of(r, config, members[i].key);
        if (at != 0) status = members[i].read(r, at, members[i].key, members[i].to);
    }
    return status;
}

static dfl_status read_texts(const reader *r, uint32_t root, uint32_t config, int docker) {
    dfl_image_config *c = r->out;
    const struct {
        uint32_t map;
        const char *key;
        dfl_str *to;
    } members[] = {
        {config, "User", &c->user},
        {config, "WorkingDir", &c->working_dir},
        {config, "StopSignal", &c->stop_signal},
        {root, docker ? "Author" : "author", &c->author},
        {root, docker ? "Os" : "os", &c->os},
        {root, docker ? "Architecture" : "architecture", &c->architecture},
        {root, docker ? "Variant" : "variant", &c->variant},
    };
    dfl_status status = DFL_OK;
    for (size_t i = 0; i < sizeof members / sizeof *members && status == DFL_OK; i++) {
        uint32_t at = value_of(r, members[i].map, members[i].key);
        if (at != 0) status = read_text(r, at, members[i].key, members[i].to);
    }
    return status;
}

static dfl_status read_members(const reader *r, uint32_t root, uint32_t config, int docker) {
    dfl_status status = read_texts(r, root, config, docker);
    if (status == DFL_OK) status = read_lists(r, config);
    uint32_t env = value_of(r, config, "Env"), labels = value_of(r, config, "Labels");
    uint32_t health = value_of(r, config, "Healthcheck");
    if (status == DFL_OK && env != 0) status = read_env(r, env);
    if (status == DFL_OK && labels != 0) status = read_labels(r, labels);
    if (status == DFL_OK && health != 0) status = read_health(r, health);
    return status;
}

/* What the members of an object show it to be, when it is no configuration. */
static const struct {
    const char *key;
    const char *why;
} others[] = {
    {"manifests", "an index of images; the configuration of one image is wanted"},
    {"schemaVersion", "a manifest; the configuration that its `config` names by digest is wanted"},
    {"State", "a container; `docker image inspect` prints its image"},
};

static dfl_status read_object(const reader *r, uint32_t root) {
    static const char wanted[] =
        "no image configuration: neither `config`, `architecture` and `os` as in a registry, nor "
        "`Config` as `docker image inspect` prints it";
    if (r->json->nodes[root].kind != DFL__YAML_MAP) return refuse(r, root, "not an object");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (dfl__yaml_get(r->json, root, others[i].key) != 0) return refuse(r, root, others[i].why);
    int docker = dfl__yaml_get(r->json, root, "Config") != 0;
    uint32_t config = value_of(r, root, docker ? "Config" : "config");
    if (!docker && config == 0 && value_of(r, root, "architecture") == 0)
        return refuse(r, root, wanted);
    /* a registry may leave `config` out; then all is at its default, as with one that is empty */
    if (config != 0 && r->json->nodes[config].kind != DFL__YAML_MAP)
        return wrong(r, config, docker ? "Config" : "config", "an object");
    return read_members(r, root, config != 0 ? config : UINT32_MAX, docker);
}

static dfl_status read_document(const reader *r) {
    const dfl__yaml_node *nodes = r->json->nodes;
    if (r->json->count == 0)
        return dfl__io_fail(r->error, DFL_E_FORMAT, (dfl__place){r->path, 1, 1},
                            "empty; the configuration of an image is wanted");
    if (nodes[0].kind != DFL__YAML_LIST) return read_object(r, 0);
    if (nodes[0].count != 1)
        return dfl__io_fail(r->error, DFL_E_FORMAT, place_of(r, 0),
                            "%u images; inspect one at a time", nodes[0].count);
    return read_object(r, 1);
}

static void make_empty(dfl_image_config *config) {
    const dfl_str none = {"", 0};
    config->user = config->working_dir = config->stop_signal = config->author = none;
    config->os = config->architecture = config->variant = none;
}

dfl_status dfl_io_image_config_parse(dfl_str bytes, const char *path, dfl_io_image_config **out,
                                     dfl_io_error *error) {
    if (path == NULL || out == NULL || (bytes.ptr == NULL && bytes.len > 0)) return DFL_E_ARG;
    dfl__yaml_options options = {path, DFL__JSON_MAX_BYTES, 1};
    dfl_alloc alloc = dfl__alloc_of(NULL);
    dfl_io_image_config *config = dfl__calloc(&alloc, sizeof *config);
    if (config == NULL) return dfl__io_nomem(error, path);
    dfl__arena_init(&config->arena, &alloc);
    dfl__arena_init(&config->json.arena, &alloc);
    make_empty(&config->values);
    reader r = {&config->json, &config->arena, &config->values, path, error};
    dfl_status status = dfl__yaml_read(bytes, &options, &alloc, &config->json, error);
    if (status == DFL_OK) status = read_document(&r);
    if (status == DFL_OK)
        *out = config;
    else
        dfl_io_image_config_free(config);
    return status;
}

dfl_status dfl_io_image_config_read(const char *path, dfl_io_image_config **out,
                                    dfl_io_error *error) {
    dfl_io_file *file = NULL;
    if (path == NULL || out == NULL) return DFL_E_ARG;
    dfl_status status = dfl_io_read(path, DFL__JSON_MAX_BYTES, &file, error);
    if (status != DFL_OK) return status;
    status = dfl_io_image_config_parse(dfl_io_file_bytes(file), path, out, error);
    dfl_io_file_free(file);
    return status;
}

const dfl_image_config *dfl_io_image_config_values(const dfl_io_image_config *config) {
    return config != NULL ? &config->values : NULL;
}

void dfl_io_image_config_free(dfl_io_image_config *config) {
    if (config == NULL) return;
    dfl_alloc alloc = config->arena.alloc;
    dfl__yaml_free(&config->json);
    dfl__arena_free(&config->arena);
    dfl__free(&alloc, config, sizeof *config);
}
