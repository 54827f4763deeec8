/* report.c -- what is found: whether it is wanted, its message, its place among the others.
 * Relies on lint.h.
 * Never keeps more than the document's limit of diagnostics; the rest is counted. */
#include "lint/lint.h"

#include <string.h>

void dfl__lint_nomem(dfl__linter *l) {
    if (l->status == DFL_OK) l->status = DFL_E_NOMEM;
}

dfl_str dfl__lint_keep(dfl__linter *l, dfl_str text) {
    const char *copy = dfl__arena_copy(l->arena, text.ptr, text.len);
    if (copy == NULL) {
        dfl__lint_nomem(l);
        return DFL__LIT("");
    }
    return (dfl_str){copy, text.len};
}

void dfl__lint_set(dfl__linter *l, dfl__env *env, dfl_str name, dfl_str value, uint32_t number) {
    const dfl__binding *old = dfl__env_find(env, name);
    dfl__binding binding = {name, value, DFL__VAR_SET, number, 0, 0, 0};
    if (l->status != DFL_OK) return;
    binding.name = old != NULL ? old->name : dfl__lint_keep(l, name);
    if (!dfl__env_put(env, DFL__LAYER_ENV, &binding)) dfl__lint_nomem(l);
}

dfl_str dfl__lint_take(dfl__linter *l, dfl__buf *buf) {
    dfl_str text = {"", 0};
    if (buf->failed != DFL_OK)
        dfl__lint_nomem(l);
    else
        text = dfl__lint_keep(l, dfl__buf_str(buf));
    dfl__buf_free(buf);
    return text;
}

int dfl__lint_platform(dfl__linter *l, dfl_str text, dfl__platform *out) {
    const dfl__host host = {{"linux", 5}, {"amd64", 5}};
    dfl__platform_error error = dfl__platform_parse(text, &host, l->arena, out);
    if (error == DFL__PLATFORM_NOMEM) dfl__lint_nomem(l);
    return error == DFL__PLATFORM_OK;
}

dfl_str dfl__lint_platform_text(dfl__linter *l, const dfl__platform *platform) {
    dfl__buf buf;
    dfl__buf_init(&buf, &l->arena->alloc, 0);
    dfl__platform_write(platform, &buf);
    return dfl__lint_take(l, &buf);
}

uint32_t dfl__lint_argument(const dfl__linter *l, uint32_t node, uint32_t n) {
    uint32_t at = dfl__next_argument(l->doc, node, 0);
    while (at != 0 && n-- > 0)
        at = dfl__next_argument(l->doc, node, at);
    return at;
}

dfl__site dfl__lint_site(const dfl__linter *l, uint32_t instr) {
    uint32_t node = l->model->instrs.items[instr].node;
    return (dfl__site){node, node, l->check_of.items[instr]};
}

/* Whether `check` keeps the rule from being reported, which is then of use. */
static int skips(dfl__check *check, uint32_t rule) {
    if (!check->skip_all && (check->skip >> rule & 1u) == 0) return 0;
    check->used |= 1u << rule;
    return 1;
}

static int asks_for(const dfl__check *check, uint32_t rule) {
    return check->experimental_all || (check->experimental >> rule & 1u) != 0;
}

static int is_wanted(dfl__linter *l, const dfl__site *site, uint32_t rule) {
    if (rule >= DFL__RULE_COUNT) return 1;
    dfl__check *own = NULL;
    if (site->check != 0 && (dfl__rules[rule].flags & DFL__RULE_F_FILE) == 0)
        own = &l->checks.items[site->check - 1];
    if ((dfl__rules[rule].flags & DFL__RULE_F_EXPERIMENTAL) != 0)
        return asks_for(&l->file, rule) || (own != NULL && asks_for(own, rule));
    int by_file = skips(&l->file, rule), by_own = own != NULL && skips(own, rule);
    return !by_file && !by_own;
}

static dfl_str write_message(dfl__linter *l, const dfl__lint_item *report) {
    dfl__buf buf;
    dfl__buf_init(&buf, &l->arena->alloc, 0);
    dfl__buf_fmt(&buf, dfl__rules[report->rule].message, &report->a, &report->b);
    if (report->hint.len > 0) dfl__buf_fmt(&buf, "; did you mean \"%S\"?", &report->hint);
    return dfl__lint_take(l, &buf);
}

static void keep_edits(dfl__linter *l, const dfl__lint_item *report, dfl__found *found) {
    found->first_edit = l->out->edits.count;
    for (uint32_t i = 0; i < report->edit_count; i++) {
        if (!DFL__PUSH(&l->arena->alloc, &l->out->edits, report->edits[i])) {
            dfl__lint_nomem(l);
            return;
        }
    }
    found->edits = report->edit_count;
}

void dfl__lint_report(dfl__linter *l, const dfl__site *site, const dfl__lint_item *report) {
    dfl__found found;
    if (l->status != DFL_OK || !is_wanted(l, site, report->rule)) return;
    memset(&found, 0, sizeof found);
    found.rule = report->rule;
    found.severity = report->severity != 0 ? report->severity : DFL_SEVERITY_WARNING;
    if (found.severity == DFL_SEVERITY_WARNING && l->out->is_error) l->out->failed = 1;
    if (l->out->found.count >= l->doc->limits.max_diags) {
        l->out->dropped++;
        return;
    }
    found.range = report->range;
    found.related = report->related;
    found.lines = report->lines;
    if (site->place != 0 && report->lines.start == report->lines.end)
        found.lines = dfl__node_range(l->doc, site->place);
    found.node = site->node;
    found.message = write_message(l, report);
    keep_edits(l, report, &found);
    if (l->status == DFL_OK && !DFL__PUSH(&l->arena->alloc, &l->out->found, found))
        dfl__lint_nomem(l);
}

static int comes_before(const dfl__found *a, const dfl__found *b) {
    if (a->range.start != b->range.start) return a->range.start < b->range.start;
    return a->rule < b->rule;
}

/* Merge the sorted runs [from, mid) and [mid, end). Of equals the first stays first. */
static void merge(const dfl__found *in, dfl__found *out, uint32_t from, uint32_t mid,
                  uint32_t end) {
    uint32_t a = from, b = mid;
    for (uint32_t i = from; i < end; i++) {
        int second = b < end && (a == mid || comes_before(&in[b], &in[a]));
        out[i] = second ? in[b++] : in[a++];
    }
}

void dfl__lint_settle(dfl__linter *l) {
    uint32_t count = l->out->found.count;
    dfl__found *other = dfl__alloc(&l->arena->alloc, count * sizeof *other);
    if (count < 2 || l->status != DFL_OK || other == NULL) {
        if (count > 1 && other == NULL) dfl__lint_nomem(l);
        dfl__free(&l->arena->alloc, other, count * sizeof *other);
        return;
    }
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t from = 0; from < count; from += 2 * width) {
            uint32_t mid = count - from > width ? from + width : count;
            uint32_t end = count - mid > width ? mid + width : count;
            merge(l->out->found.items, other, from, mid, end);
        }
        memcpy(l->out->found.items, other, count * sizeof *other);
    }
    dfl__free(&l->arena->alloc, other, count * sizeof *other);
}
