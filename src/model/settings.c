/* settings.c -- instructions that set what an image says of itself.
 * Relies on walk.h and values.h. Follows the dispatch functions of
 * frontend/dockerfile/dockerfile2llb/convert.go and convert_expose.go (specification 2).
 * Never copies a list that an instruction or an image already holds, unless a shell comes before.
 */
#include <string.h>

#include "base/sort.h"
#include "diag/codes.h"
#include "model/values.h"
#include "model/walk.h"
#include "shell/shell.h"
#include "syntax/number.h"

uint32_t dfl__config_member(uint32_t bit) {
    uint32_t index = 0;
    while (bit > 1) {
        bit >>= 1;
        index++;
    }
    return index;
}

/* A member is set by the instruction at hand: from now on it is known. */
static void set(dfl__walk *w, uint32_t bit) {
    w->config.unknown &= ~bit;
    w->config.nodes[dfl__config_member(bit)] = w->instruction;
}

/* --- lists of words */

static int is_json(const dfl__walk *w, uint32_t node) {
    return (w->doc->nodes.items[node].flags & DFL_NODE_F_JSON) != 0;
}

/* Arguments after `skip` of them, behind `before`. Arguments in JSON form stay as they are, others
 * are one text. */
static dfl_status collect(dfl__walk *w, uint32_t node, dfl__list before, uint32_t skip,
                          dfl__list *out) {
    uint32_t count = 0, first = 0;
    for (uint32_t a = dfl__next_argument(w->doc, node, 0); a != 0;
         a = dfl__next_argument(w->doc, node, a)) {
        if (count++ == skip) first = a;
    }
    size_t total = before.count + (count > skip ? count - skip : 0) + 1;
    dfl_str *items = dfl__arena_get(&w->model->arena, total * sizeof *items);
    if (items == NULL) return DFL_E_NOMEM;
    size_t at = before.count;
    if (at > 0) memcpy(items, before.items, at * sizeof *items);
    for (uint32_t a = first; a != 0; a = dfl__next_argument(w->doc, node, a))
        items[at++] = dfl__node_value(w->doc, a);
    if (first == 0 && !is_json(w, node)) items[at++] = DFL__LIT(""); /* `CMD` alone */
    *out = (dfl__list){items, at};
    return DFL_OK;
}

/* The shell that a command in shell form is given to. */
static dfl__list shell_of(const dfl__config *config) {
    static const dfl_str posix[] = {{"/bin/sh", 7}, {"-c", 2}};
    static const dfl_str windows[] = {{"cmd", 3}, {"/S", 2}, {"/C", 2}};
    if (config->shell.count > 0) return config->shell;
    if (dfl__eqz(config->os, "windows")) return (dfl__list){windows, 3};
    return (dfl__list){posix, 2};
}

int dfl__config_is_posix(const dfl__config *config) {
    return dfl__is_posix_shell(shell_of(config).items[0]);
}

/* A shell of many words before each of many commands would take much memory. */
static int spend_shell(dfl__walk *w, dfl__list shell) {
    return shell.count <= 8 || dfl__spend(&w->model->budget, shell.count * sizeof(dfl_str));
}

dfl_status dfl__walk_command(dfl__walk *w, uint32_t node) {
    int entry = w->doc->nodes.items[node].kind == DFL_NODE_ENTRYPOINT;
    uint32_t bit = entry ? DFL__CONFIG_ENTRYPOINT : DFL__CONFIG_CMD;
    dfl__list before = {NULL, 0}, list;
    int known = 1;
    dfl_status status = DFL_OK;
    if (!is_json(w, node)) {
        before = shell_of(&w->config);
        known = (w->config.unknown & DFL__CONFIG_SHELL) == 0;
        if (known && !spend_shell(w, before)) {
            known = 0;
            status = dfl__scope_spent(&w->scope, node, dfl__node_value(w->doc, node));
        }
        if (!known) before.count = 0;
    }
    if (status == DFL_OK) status = collect(w, node, before, 0, &list);
    if (status != DFL_OK) return status;
    if (entry && list.count == 0) list.items = NULL;
    *(entry ? &w->config.entrypoint : &w->config.cmd) = list;
    set(w, bit);
    if (!known) w->config.unknown |= bit;
    if (!entry) w->config.cmd_set = 1;
    if (entry && !w->config.cmd_set) {
        w->config.cmd = (dfl__list){NULL, 0};
        set(w, DFL__CONFIG_CMD);
    }
    return DFL_OK;
}

dfl_status dfl__walk_shell(dfl__walk *w, uint32_t node) {
    dfl__list none = {NULL, 0};
    dfl_status status = collect(w, node, none, 0, &w->config.shell);
    w->scope.shell = w->instruction;
    set(w, DFL__CONFIG_SHELL);
    return status;
}

/* --- HEALTHCHECK */

static void read_times(dfl__walk *w, uint32_t node) {
    static const char *const names[] = {"interval", "timeout", "start-period", "start-interval"};
    int64_t retries = 0;
    uint32_t flag;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        flag = 0;
        uint32_t value = dfl__flag_value(w->doc, node, names[i], &flag);
        w->config.health_times[i] = 0;
        if (value != 0)
            (void)dfl__go_duration(dfl__node_value(w->doc, value), &w->config.health_times[i]);
    }
    flag = 0;
    uint32_t value = dfl__flag_value(w->doc, node, "retries", &flag);
    if (value != 0) (void)dfl__go_int(dfl__node_value(w->doc, value), 32, &retries);
    w->config.health_retries = (int32_t)retries;
}

dfl_status dfl__walk_healthcheck(dfl__walk *w, uint32_t node) {
    static const dfl_str none[] = {{"NONE", 4}}, exec[] = {{"CMD", 3}},
                         shell[] = {{"CMD-SHELL", 9}};
    uint32_t type = dfl__next_argument(w->doc, node, 0);
    dfl__list before = {is_json(w, node) ? exec : shell, 1};
    set(w, DFL__CONFIG_HEALTH);
    if (dfl__ieqz(dfl__node_value(w->doc, type), "NONE")) {
        memset(w->config.health_times, 0, sizeof w->config.health_times);
        w->config.health_retries = 0;
        w->config.health = (dfl__list){none, 1};
        return DFL_OK;
    }
    read_times(w, node);
    return collect(w, node, before, 1, &w->config.health);
}

/* --- names and values */

dfl_status dfl__walk_label(dfl__walk *w, uint32_t node) {
    dfl_status status = DFL_OK;
    for (uint32_t a = dfl__next_argument(w->doc, node, 0); a != 0 && status == DFL_OK;
         a = dfl__next_argument(w->doc, node, a)) {
        uint32_t name = dfl__node_child(w->doc, a, DFL_NODE_NAME);
        uint32_t value = dfl__node_child(w->doc, a, DFL_NODE_VALUE);
        dfl__binding label = {{"", 0}, {"", 0}, DFL__VAR_SET, w->instruction, 0, 0, 0};
        int name_known = 0, known = 0;
        if (name == 0 || value == 0) continue;
        status = dfl__walk_word(w, name, &label.name, &name_known);
        if (status == DFL_OK) status = dfl__walk_word(w, value, &label.value, &known);
        if (!known) label.state = DFL__VAR_UNKNOWN;
        if (!name_known) w->config.unknown |= DFL__CONFIG_LABELS;
        if (status == DFL_OK && name_known &&
            !dfl__env_put(&w->config.labels, DFL__LAYER_ENV, &label))
            status = DFL_E_NOMEM;
    }
    return status;
}

static dfl_status add_volume(dfl__walk *w, uint32_t node, dfl__binding volume) {
    if (volume.name.len == 0)
        return dfl__walk_report(w, node, DFL_D_VOLUME_EMPTY, dfl__node_value(w->doc, node));
    volume.definition = w->instruction;
    return dfl__env_put(&w->config.volumes, DFL__LAYER_ENV, &volume) ? DFL_OK : DFL_E_NOMEM;
}

/* All paths are expanded before the first one is looked at: an empty one is told last. */
dfl_status dfl__walk_volume(dfl__walk *w, uint32_t node) {
    const dfl_alloc *alloc = &w->model->arena.alloc;
    DFL__VEC(dfl__binding) volumes = {NULL, 0, 0};
    dfl_status status = DFL_OK;
    for (uint32_t a = dfl__next_argument(w->doc, node, 0); a != 0 && status == DFL_OK;
         a = dfl__next_argument(w->doc, node, a)) {
        dfl__binding volume = {{"", 0}, {"", 0}, DFL__VAR_SET, a, 0, 0, 0};
        int known;
        status = dfl__scope_word(&w->scope, a, dfl__trim(dfl__node_value(w->doc, a)), &volume.name,
                                 &known);
        if (status == DFL_OK && !known) w->config.unknown |= DFL__CONFIG_VOLUMES;
        if (status == DFL_OK && known && !DFL__PUSH(alloc, &volumes, volume)) status = DFL_E_NOMEM;
    }
    for (uint32_t i = 0; i < volumes.count && status == DFL_OK; i++)
        status = add_volume(w, volumes.items[i].definition, volumes.items[i]);
    DFL__VEC_FREE(alloc, &volumes);
    return status;
}

dfl_status dfl__walk_maintainer(dfl__walk *w, uint32_t node) {
    w->config.author = dfl__node_value(w->doc, dfl__next_argument(w->doc, node, 0));
    set(w, DFL__CONFIG_AUTHOR);
    return DFL_OK;
}

dfl_status dfl__walk_stopsignal(dfl__walk *w, uint32_t node) {
    uint32_t argument = dfl__next_argument(w->doc, node, 0);
    dfl_str signal;
    int known;
    dfl_status status = dfl__walk_word(w, argument, &signal, &known);
    if (status != DFL_OK) return status;
    set(w, DFL__CONFIG_STOP);
    w->config.stop_signal = signal;
    if (!known) w->config.unknown |= DFL__CONFIG_STOP;
    if (!known || dfl__is_signal(signal)) return DFL_OK;
    return dfl__walk_report(w, argument, DFL_D_SIGNAL, signal);
}

/* --- ONBUILD */

dfl_status dfl__walk_onbuild(dfl__walk *w, uint32_t node) {
    dfl_model *model = w->model;
    dfl__trigger trigger = {NULL, dfl__trigger_text(model, w->doc, node), 0, 0, 0};
    dfl__link *link = dfl__arena_get(&model->arena, sizeof *link);
    if (trigger.text.ptr == NULL || link == NULL) return DFL_E_NOMEM;
    *link =
        (dfl__link){w->config.onbuild, trigger.text, 0, 0, w->instruction, model->triggers.count};
    if (!DFL__PUSH(&model->arena.alloc, &model->triggers, trigger)) return DFL_E_NOMEM;
    w->config.onbuild = link;
    return DFL_OK;
}

/* --- EXPOSE */

typedef DFL__VEC(uint32_t) nodes;

static int sorts_before(const void *ctx, const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const dfl_doc *doc = ctx;
    dfl_str left = dfl__node_value(doc, a), right = dfl__node_value(doc, b);
    int order = dfl__compare(left, right);
    return order != 0 ? order < 0 : a < b;
}

static dfl_status add_port(dfl__walk *w, uint32_t node, dfl_str text) {
    dfl__ports ports;
    if (!dfl__ports_parse(text, &ports)) return dfl__walk_report(w, node, DFL_D_PORT, text);
    dfl__link *link = dfl__arena_get(&w->model->arena, sizeof *link);
    if (link == NULL) return DFL_E_NOMEM;
    *link = (dfl__link){w->config.ports, dfl__str(ports.protocol), ports.first,
                        ports.last,      w->instruction,           0};
    w->config.ports = link;
    return DFL_OK;
}

/* The words an argument gives; each is followed by the argument's node in `owners`. */
static dfl_status split(dfl__walk *w, uint32_t node, dfl__buf *text, dfl__offsets *ends,
                        nodes *owners) {
    int known;
    dfl_status status =
        dfl__scope_words(&w->scope, node, dfl__node_value(w->doc, node), text, ends, &known);
    if (!known) w->config.unknown |= DFL__CONFIG_PORTS;
    while (status == DFL_OK && owners->count < ends->count)
        if (!DFL__PUSH(&text->alloc, owners, node)) status = DFL_E_NOMEM;
    return status;
}

static dfl_status add_ports(dfl__walk *w, dfl_str text, const dfl__offsets *ends,
                            const nodes *owners) {
    dfl_status status = DFL_OK;
    size_t start = 0;
    for (uint32_t i = 0; i < ends->count && status == DFL_OK; i++) {
        status = add_port(w, owners->items[i], dfl__sub(text, start, ends->items[i]));
        start = ends->items[i] + 1;
    }
    return status;
}

/* BuildKit sorts the arguments as they are written, expands all of them, then reads ports. */
dfl_status dfl__walk_expose(dfl__walk *w, uint32_t node) {
    const dfl_alloc *alloc = &w->model->arena.alloc;
    nodes arguments = {NULL, 0, 0}, owners = {NULL, 0, 0};
    dfl__offsets ends = {NULL, 0, 0};
    dfl_status status = DFL_OK;
    dfl__buf text;
    dfl__buf_init(&text, alloc, 0);
    for (uint32_t a = dfl__next_argument(w->doc, node, 0); a != 0 && status == DFL_OK;
         a = dfl__next_argument(w->doc, node, a))
        if (!DFL__PUSH(alloc, &arguments, a)) status = DFL_E_NOMEM;
    dfl__sort(arguments.items, arguments.count, sizeof(uint32_t), sorts_before, w->doc);
    for (uint32_t i = 0; i < arguments.count && status == DFL_OK; i++)
        status = split(w, arguments.items[i], &text, &ends, &owners);
    if (status == DFL_OK) status = add_ports(w, dfl__buf_str(&text), &ends, &owners);
    dfl__buf_free(&text);
    DFL__VEC_FREE(alloc, &ends);
    DFL__VEC_FREE(alloc, &owners);
    DFL__VEC_FREE(alloc, &arguments);
    return status;
}
