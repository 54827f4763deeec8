/* config.c -- `check` options: of the caller, of the file, of one instruction; what they suppress.
 * Relies on lint.h. Follows frontend/dockerfile/linter/linter.go (specification 8.1).
 * Never refuses the name of a rule it does not know: BuildKit takes them silently. */
#include "lint/lint.h"
#include "syntax/number.h"

/* The next item of a list; 0 at the end. Start with *at = 0. */
static int next_item(dfl_str list, size_t *at, dfl_str *item) {
    if (*at > list.len) return 0;
    size_t end = dfl__find(list, ',', *at);
    *item = dfl__trim(dfl__sub(list, *at, end));
    *at = end + 1;
    return 1;
}

/* `all` stays, whatever a later list of the same key says; of lists the last one counts. */
static void read_rules(dfl_str list, uint32_t *rules, int *all) {
    dfl_str item;
    if (dfl__eqz(list, "all")) {
        *all = 1;
        return;
    }
    *rules = 0;
    for (size_t at = 0; next_item(list, &at, &item);) {
        uint32_t rule = dfl__rule_named(item);
        if (rule < DFL__RULE_COUNT) *rules |= 1u << rule;
    }
}

/* The next of at most three parts: the third takes the rest. 0 at the end. */
static int next_part(dfl_str text, size_t *at, int *n, dfl_str *key, dfl_str *value) {
    if (*at > text.len) return 0;
    size_t end = ++*n < 3 ? dfl__find(text, ';', *at) : text.len;
    dfl_str part = dfl__sub(text, *at, end);
    size_t equals = dfl__find(part, '=', 0);
    *at = end + 1;
    *key = dfl__trim(dfl__sub(part, 0, equals));
    *value = equals < part.len ? dfl__trim(dfl__sub(part, equals + 1, part.len)) : (dfl_str){"", 0};
    return equals < part.len ? 1 : -1;
}

int dfl__check_read(dfl_str text, dfl__check *out) {
    dfl__check check = {{"", 0}, 0, 0, 0, 0, 0, 0, 0};
    dfl_str key, value;
    size_t at = 0;
    int n = 0, part;
    check.text = dfl__trim(text);
    if (check.text.len == 0) {
        *out = check;
        return 1;
    }
    while ((part = next_part(check.text, &at, &n, &key, &value)) != 0) {
        if (part < 0) return 0;
        if (dfl__eqz(key, "skip"))
            read_rules(value, &check.skip, &check.skip_all);
        else if (dfl__eqz(key, "experimental"))
            read_rules(value, &check.experimental, &check.experimental_all);
        else if (!dfl__eqz(key, "error") || !dfl__go_bool(value, &check.error))
            return 0;
    }
    *out = check;
    return 1;
}

static void note(dfl__linter *l, uint32_t node, dfl_str item, uint32_t rule) {
    dfl_str source = l->doc->source;
    uintptr_t start = (uintptr_t)source.ptr, at = (uintptr_t)item.ptr;
    dfl__site site = {node, node, 0};
    dfl__lint_item report = {.rule = rule, .severity = DFL_SEVERITY_NOTE, .a = item};
    if (at >= start && at - start + item.len <= source.len) {
        report.range.start = (uint32_t)(at - start);
        report.range.end = report.range.start + (uint32_t)item.len;
    }
    report.lines = report.range;
    dfl__lint_report(l, &site, &report);
}

static void unused_of(dfl__linter *l, const dfl__check *check) {
    dfl_str key, value, item;
    size_t at = 0;
    int n = 0;
    while (check->text.len > 0 && next_part(check->text, &at, &n, &key, &value) == 1) {
        int skips = dfl__eqz(key, "skip");
        if (!skips && !dfl__eqz(key, "experimental")) continue;
        for (size_t from = 0; next_item(value, &from, &item);) {
            uint32_t rule = dfl__rule_named(item);
            int all = dfl__eqz(value, "all");
            if (!all && rule == DFL__RULE_COUNT)
                note(l, check->node, item, DFL__RULE_UNKNOWN);
            else if (skips && (all ? check->used == 0 : (check->used >> rule & 1u) == 0))
                note(l, check->node, item, DFL__RULE_UNUSED);
        }
    }
}

void dfl__lint_unused(dfl__linter *l) {
    unused_of(l, &l->file);
    for (uint32_t i = 0; i < l->checks.count; i++)
        unused_of(l, &l->checks.items[i]);
}
