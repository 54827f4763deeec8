/* expose.c -- ports: protocol, and what is no port of the container.
 * Relies on lint.h. Follows frontend/dockerfile/dockerfile2llb/convert_expose.go
 * (specification 2.6).
 * Never checks numbers: a bad one is an error of the model. */
#include <string.h>

#include "lint/lint.h"

/* A mapping in parts: where the container's part begins, and whether anything stands before. */
static size_t container_at(dfl_str port, int *mapped) {
    size_t last = port.len, before;
    while (last > 0 && port.ptr[last - 1] != ':')
        last--;
    *mapped = 0;
    if (last == 0) return 0;
    before = last - 1;
    *mapped = before > 0 && port.ptr[before - 1] != ':';
    for (size_t i = 0; i < before && !*mapped; i++)
        *mapped = i + 1 < before || port.ptr[i] != ':';
    return last;
}

static void report(dfl__linter *l, const dfl__site *site, uint32_t node, uint32_t rule,
                   dfl_str port, dfl_range change, dfl_str text) {
    dfl_edit edit = {change, text};
    dfl__lint_item report = {.rule = rule, .range = dfl__node_range(l->doc, node), .a = port};
    if (dfl__is_verbatim(l, node) && dfl__eq(port, dfl__node_value(l->doc, node))) {
        report.edits = &edit;
        report.edit_count = 1;
    }
    dfl__lint_report(l, site, &report);
}

static void check_port(dfl__linter *l, const dfl__site *site, uint32_t node, dfl_str port) {
    uint32_t start = dfl__node_range(l->doc, node).start;
    int mapped;
    size_t at = container_at(port, &mapped);
    size_t slash = dfl__find(port, '/', at);
    if (slash == at) return; /* no port: an error */
    dfl_str protocol = slash < port.len ? dfl__sub(port, slash + 1, port.len) : (dfl_str){"", 0};
    static const char *const known[] = {"", "tcp", "udp", "sctp"};
    int is_known = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known = is_known || dfl__ieqz(protocol, known[i]);
    if (!is_known) return;
    dfl_range end = {start + (uint32_t)slash + 1, start + (uint32_t)port.len};
    dfl_range begin = {start, start + (uint32_t)at};
    if (!dfl__is_lower(protocol))
        report(l, site, node, DFL__RULE_EXPOSE_CASING, port, end, dfl__lint_cased(l, protocol, 0));
    if (mapped) report(l, site, node, DFL__RULE_EXPOSE_FORMAT, port, begin, DFL__LIT(""));
}

static dfl__var look_up(void *ctx, dfl_str name, dfl_str *value) {
    const dfl__env *env = ctx;
    const dfl__binding *found = dfl__env_find(env, name);
    if (found == NULL) return DFL__VAR_UNSET;
    *value = found->value;
    return DFL__VAR_SET;
}

static void check_argument(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage,
                           uint32_t node) {
    dfl__word_options options;
    dfl__offsets ends = {NULL, 0, 0};
    dfl__buf words;
    dfl_str text = dfl__node_value(l->doc, node);
    if (l->budget < text.len) return;
    memset(&options, 0, sizeof options);
    options.escape = l->doc->escape;
    options.max_depth = l->model->limits.max_depth;
    options.max_bytes = l->model->limits.max_expand_bytes;
    options.lookup = look_up;
    options.ctx = &stage->env;
    dfl__buf_init(&words, &l->arena->alloc, 0);
    dfl__word_result result = dfl__word_split(text, &options, &words, &ends);
    size_t cost = result.work + text.len + words.len, at = 0;
    l->budget = cost < l->budget ? l->budget - cost : 0;
    if (result.error == DFL__WORD_NOMEM) dfl__lint_nomem(l);
    for (uint32_t i = 0; result.error == DFL__WORD_OK && i < ends.count; i++) {
        check_port(l, site, node, dfl__sub(dfl__buf_str(&words), at, ends.items[i]));
        at = ends.items[i] + 1;
    }
    DFL__VEC_FREE(&l->arena->alloc, &ends);
    dfl__buf_free(&words);
}

void dfl__lint_expose(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    for (uint32_t a = dfl__next_argument(l->doc, site->node, 0); a != 0 && l->status == DFL_OK;
         a = dfl__next_argument(l->doc, site->node, a))
        check_argument(l, site, stage, a);
}
