/* facts_npm.c -- package.json: entry point, scripts, dependencies.
 * Relies on yaml.c's strict JSON.
 * Never looks into node_modules or a lock file. */
#include "io/context.h"
#include "io/yaml.h"

static const struct {
    const char *key;
    const char *prefix; /* of the facts */
    int with_value;     /* each text is a fact NAME = text; else each key is a value */
} sections[] = {
    {"scripts", "npm.script.", 1},
    {"dependencies", "npm.dependency", 0},
    {"optionalDependencies", "npm.dependency", 0},
    {"devDependencies", "npm.dev-dependency", 0},
};

static dfl_status wrong(const dfl__context *context, const char *path, const dfl__yaml_node *node,
                        const char *key, const char *wanted) {
    return dfl__io_fail(context->error, DFL_E_FORMAT, (dfl__place){path, node->line, node->column},
                        "`%s` must be %s", key, wanted);
}

static dfl_status add_section(dfl__context *context, const dfl__yaml *json, const char *path,
                              size_t index) {
    const dfl__yaml_node *nodes = json->nodes;
    uint32_t map = dfl__yaml_get(json, 0, sections[index].key);
    if (map == 0 || dfl__yaml_is_null(&nodes[map])) return DFL_OK;
    if (nodes[map].kind != DFL__YAML_MAP)
        return wrong(context, path, &nodes[map], sections[index].key, "an object");
    uint32_t pairs = nodes[map].count / 2;
    for (uint32_t i = 0, key = map + 1; i < pairs; i++) {
        uint32_t value = nodes[key].next;
        if (nodes[value].kind != DFL__YAML_TEXT || nodes[value].plain)
            return wrong(context, path, &nodes[value], nodes[key].text.ptr, "a string");
        dfl_status status = sections[index].with_value
                                ? dfl__context_add(context, sections[index].prefix, nodes[key].text,
                                                   nodes[value].text)
                                : dfl__context_add(context, sections[index].prefix,
                                                   (dfl_str){"", 0}, nodes[key].text);
        if (status != DFL_OK) return status;
        key = nodes[value].next;
    }
    return DFL_OK;
}

static dfl_status add_main(dfl__context *context, const dfl__yaml *json, const char *path) {
    uint32_t at = dfl__yaml_get(json, 0, "main");
    if (at == 0 || dfl__yaml_is_null(&json->nodes[at])) return DFL_OK;
    const dfl__yaml_node *node = &json->nodes[at];
    if (node->kind != DFL__YAML_TEXT || node->plain)
        return wrong(context, path, node, "main", "a string");
    return dfl__context_add(context, "npm.main", (dfl_str){"", 0}, node->text);
}

dfl_status dfl__manifest_npm(dfl__context *context, dfl_str bytes, const char *path) {
    dfl__yaml_options options = {path, DFL__JSON_MAX_BYTES, 1};
    dfl__yaml json;
    dfl_status status =
        dfl__yaml_read(bytes, &options, &context->scratch.alloc, &json, context->error);
    if (status != DFL_OK) return status;
    if (json.count == 0 || json.nodes[0].kind != DFL__YAML_MAP) {
        status = dfl__io_fail(context->error, DFL_E_FORMAT, (dfl__place){path, 1, 1},
                              "package.json must hold one object");
    } else {
        status = add_main(context, &json, path);
        for (size_t i = 0; status == DFL_OK && i < sizeof sections / sizeof *sections; i++)
            status = add_section(context, &json, path, i);
    }
    dfl__yaml_free(&json);
    return status;
}
