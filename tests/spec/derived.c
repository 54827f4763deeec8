/* derived.c -- what must hold for every case: losslessness, variants, the laws of a rewrite.
 * Relies on derived.h and src/syntax/tree.h.
 * Never looks at what a case expects. */
#include "derived.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syntax/tree.h"

enum { MAX_PREFIXES = 2048, MAX_PREFIX_BYTES = 1 << 26, MAX_SPLITS = 64 };

static int fail(bytes *why, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    bytes_clear(why);
    bytes_addz(why, text);
    return 0;
}

static dfl_str view(const bytes *b) {
    return (dfl_str){b->ptr == NULL ? "" : b->ptr, b->len};
}

static int holds(const bytes *b, const char *z) {
    dfl_str s = view(b);
    return dfl__find_str(s, z) < s.len;
}

/* Parse and check that the tree holds every byte. NULL after telling why. */
static dfl_doc *parse_lossless(const char *what, const char *ptr, size_t len, bytes *why) {
    dfl_doc *doc = NULL;
    dfl_status status = dfl_parse(ptr, len, NULL, &doc);
    if (status != DFL_OK) {
        fail(why, "%s: dfl_parse gives %s", what, dfl_status_name(status));
        return NULL;
    }
    size_t count = 0;
    const dfl_token_rec *tokens = dfl_doc_tokens(doc, &count);
    dfl_str source = dfl_doc_source(doc);
    int ok = source.len == len && (len == 0 || memcmp(source.ptr, ptr, len) == 0);
    ok = ok && (len == 0 ? count == 0 || tokens[0].start == 0 : count > 0 && tokens[0].start == 0);
    for (size_t i = 1; ok && i < count; i++)
        ok = tokens[i].start > tokens[i - 1].start && tokens[i].start < len;
    if (ok && dfl__tree_check(doc)) return doc;
    fail(why, ok ? "%s: tree check fails (%zu bytes)" : "%s: tokens do not tile %zu bytes", what,
         len);
    dfl_doc_unref(doc);
    return NULL;
}

/* --- what a document says, without how it is laid out */

static int is_leaf(uint32_t kind) {
    switch (kind) {
    case DFL_NODE_NAME:
    case DFL_NODE_VALUE:
    case DFL_NODE_KEYWORD:
    case DFL_NODE_FLAG:
    case DFL_NODE_WORD:
    case DFL_NODE_SHELL_FORM:
    case DFL_NODE_JSON_STRING:
    case DFL_NODE_HEREDOC_BODY:
    case DFL_NODE_HEREDOC_END: return 1;
    default: return 0;
    }
}

/* Kinds and values in preorder, one a line; directives and comments left out. */
static void shape(const dfl_doc *doc, bytes *out) {
    size_t count = 0;
    const dfl_node_rec *nodes = dfl_doc_nodes(doc, &count);
    bytes_clear(out);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind = nodes[i].kind, parent = nodes[nodes[i].parent].kind;
        if (kind == DFL_NODE_COMMENT || kind == DFL_NODE_DIRECTIVE || parent == DFL_NODE_DIRECTIVE)
            continue;
        bytes_addz(out, dfl_node_kind_name(kind));
        if (is_leaf(kind)) {
            dfl_str value = dfl_node_value(dfl_doc_node(doc, i));
            bytes_addz(out, " ");
            bytes_add(out, value.ptr, value.len);
        }
        bytes_addz(out, "\n");
    }
}

/* CRLF to LF, and `from` to `to`. */
static void normalise(bytes *b, char from, char to) {
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++) {
        if (b->ptr[i] == '\r' && i + 1 < b->len && b->ptr[i + 1] == '\n') continue;
        b->ptr[n++] = b->ptr[i] == from ? to : b->ptr[i];
    }
    b->len = n;
}

static void to_crlf(dfl_str s, bytes *out) {
    bytes_clear(out);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\n') bytes_addz(out, "\r");
        bytes_add(out, s.ptr + i, 1);
    }
}

/* Parse `variant`; its shape, normalised, must be `want`. */
static int same_shape(const char *what, const bytes *variant, const bytes *want, char from, char to,
                      bytes *why) {
    bytes got = {NULL, 0, 0};
    dfl_doc *doc = parse_lossless(what, variant->ptr, variant->len, why);
    int ok = doc != NULL;
    if (ok) {
        shape(doc, &got);
        normalise(&got, from, to);
        if (!bytes_equal(&got, want)) {
            size_t i = 0;
            while (i < got.len && i < want->len && got.ptr[i] == want->ptr[i])
                i++;
            while (i > 0 && got.ptr[i - 1] != '\n')
                i--;
            ok = fail(why, "%s: other values from \"%.60s\", wanted \"%.60s\"", what, got.ptr + i,
                      i < want->len ? want->ptr + i : "");
        }
    }
    dfl_doc_unref(doc);
    bytes_free(&got);
    return ok;
}

/* --- variants of the input */

static int check_prefixes(const bytes *input, bytes *why) {
    size_t count = MAX_PREFIX_BYTES / (input->len + 1) + 1; /* a large input has fewer */
    size_t step = input->len / (count < MAX_PREFIXES ? count : MAX_PREFIXES) + 1;
    for (size_t len = 0; len < input->len; len += step) {
        char *exact = malloc(len == 0 ? 1 : len); /* a read past the end shows under ASan */
        if (exact == NULL) return fail(why, "out of memory");
        memcpy(exact, input->ptr, len);
        dfl_doc *doc = parse_lossless("prefix", exact, len, why);
        free(exact);
        if (doc == NULL) return 0;
        dfl_doc_unref(doc);
    }
    return 1;
}

static int check_crlf(const bytes *input, const bytes *plain, bytes *why) {
    bytes variant = {NULL, 0, 0};
    if (memchr(view(input).ptr, '\r', input->len) != NULL) return 1;
    to_crlf(view(input), &variant);
    int ok = same_shape("CRLF variant", &variant, plain, '\0', '\0', why);
    bytes_free(&variant);
    return ok;
}

/* Whether the escape character can be swapped by replacing bytes: no directive stands in the way,
 * no other use of either character, none that is fixed by the language (JSON, heredoc names). */
static int can_swap_escape(const bytes *input) {
    dfl_str text = view(input);
    size_t lead = dfl__space_prefix(text);
    return !(lead < text.len && text.ptr[lead] == '#') && !holds(input, "`") &&
           !holds(input, "<<") && !holds(input, "[") && !dfl__starts(text, "\xEF\xBB\xBF") &&
           holds(input, "\\");
}

static int check_escape(const bytes *input, const bytes *plain, bytes *why) {
    bytes variant = {NULL, 0, 0}, want = {NULL, 0, 0};
    if (!can_swap_escape(input)) return 1;
    bytes_addz(&variant, "# escape=`\n");
    bytes_add(&variant, input->ptr, input->len);
    normalise(&variant, '\\', '`');
    bytes_add(&want, plain->ptr, plain->len);
    normalise(&want, '\\', '`');
    int ok = same_shape("backtick variant", &variant, &want, '\0', '\0', why);
    bytes_free(&variant);
    bytes_free(&want);
    return ok;
}

/* Whether a continuation may be put before the blank at `at` without changing a value. */
static int can_split(const dfl_doc *doc, uint32_t at) {
    dfl_str s = dfl_doc_source(doc);
    dfl_node node = dfl_doc_node_at(doc, at);
    if (s.ptr[at] != ' ' || at == 0 || at + 1 >= s.len) return 0;
    char before = s.ptr[at - 1], after = s.ptr[at + 1];
    if (memchr(" \t\r\n\\`", before, 6) != NULL || memchr(" \t\r\n#\v\f", after, 7) != NULL)
        return 0;
    for (int inside = 0; !dfl_node_is_null(node); node = dfl_node_parent(node)) {
        uint32_t kind = dfl_node_kind(node);
        if (kind == DFL_NODE_COMMENT || kind == DFL_NODE_DIRECTIVE || kind == DFL_NODE_HEREDOC ||
            kind == DFL_NODE_HEREDOC_BODY || kind == DFL_NODE_HEREDOC_END || kind == DFL_NODE_ERROR)
            return 0;
        inside = inside || dfl_node_is_instruction(node);
        if (kind == DFL_NODE_FILE) return inside;
    }
    return 0;
}

static int check_splits(const dfl_doc *doc, const bytes *plain, bytes *why) {
    dfl_str s = dfl_doc_source(doc);
    char mark[2] = {(char)dfl_doc_escape(doc), '\n'};
    bytes variant = {NULL, 0, 0};
    int ok = 1, done = 0;
    for (uint32_t at = 0; ok && at < s.len && done < MAX_SPLITS; at++) {
        if (!can_split(doc, at)) continue;
        done++;
        bytes_clear(&variant);
        bytes_add(&variant, s.ptr, at);
        bytes_add(&variant, mark, 2);
        bytes_add(&variant, s.ptr + at, s.len - at);
        char what[64];
        snprintf(what, sizeof(what), "continuation at byte %u", (unsigned)at);
        ok = same_shape(what, &variant, plain, '\0', '\0', why);
    }
    bytes_free(&variant);
    return ok;
}

int derived_parse(const bytes *input, bytes *why) {
    bytes plain = {NULL, 0, 0};
    dfl_doc *doc = parse_lossless("input", view(input).ptr, input->len, why);
    int ok = doc != NULL;
    if (ok) {
        shape(doc, &plain);
        normalise(&plain, '\0', '\0');
    }
    ok = ok && check_prefixes(input, why) && check_crlf(input, &plain, why);
    ok = ok && check_escape(input, &plain, why) && check_splits(doc, &plain, why);
    dfl_doc_unref(doc);
    bytes_free(&plain);
    return ok;
}

/* --- the laws of a plan */

static int by_start(const void *a, const void *b) {
    const dfl_edit *x = a, *y = b;
    if (x->range.start != y->range.start) return x->range.start < y->range.start ? -1 : 1;
    return x->range.end < y->range.end ? -1 : x->range.end > y->range.end;
}

/* All edits of a plan in source order; an identical one is kept once. */
static dfl_edit *collect(const dfl_plan *plan, size_t *count) {
    dfl_edit *edits = NULL;
    *count = 0;
    for (size_t i = 0; i < dfl_plan_step_count(plan); i++) {
        dfl_step step = {.size = sizeof(step)};
        if (dfl_plan_step(plan, i, &step) != DFL_OK) continue;
        for (size_t k = 0; k < step.edit_count; k++) {
            dfl_edit *more = realloc(edits, (*count + 1) * sizeof(*edits));
            if (more == NULL) abort();
            edits = more;
            if (dfl_plan_edit(plan, i, k, &edits[*count]) == DFL_OK) ++*count;
        }
    }
    if (*count > 1) qsort(edits, *count, sizeof(*edits), by_start);
    return edits;
}

static int check_splice(const bytes *input, const dfl_plan *plan, bytes *why) {
    bytes spliced = {NULL, 0, 0};
    size_t count = 0, at = 0;
    dfl_edit *edits = collect(plan, &count);
    int ok = 1;
    for (size_t i = 0; ok && i < count; i++) {
        dfl_edit e = edits[i];
        if (i > 0 && by_start(&edits[i - 1], &e) == 0 && e.text.len == edits[i - 1].text.len &&
            memcmp(e.text.ptr, edits[i - 1].text.ptr, e.text.len) == 0)
            continue;
        if (e.range.start < at || e.range.end < e.range.start || e.range.end > input->len) {
            ok = fail(why, "edit %u..%u overlaps or leaves the source", (unsigned)e.range.start,
                      (unsigned)e.range.end);
            break;
        }
        bytes_add(&spliced, view(input).ptr + at, e.range.start - at);
        bytes_add(&spliced, e.text.ptr, e.text.len);
        at = e.range.end;
    }
    bytes_add(&spliced, view(input).ptr + at, input->len - at);
    dfl_str result = dfl_doc_source(dfl_plan_result(plan));
    if (ok && !dfl__eq(view(&spliced), result))
        ok = fail(why, "the edits do not splice to the result");
    bytes_free(&spliced);
    free(edits);
    return ok;
}

static int check_range(const char *what, const char *code, dfl_str message, dfl_range range,
                       size_t len, bytes *why) {
    if (code == NULL || code[0] == '\0' || message.len == 0)
        return fail(why, "a %s without code or message", what);
    if (range.start > range.end || range.end > len)
        return fail(why, "%s %s: range outside the source", what, code);
    return 1;
}

static int check_reasons(const bytes *input, const dfl_plan *plan, bytes *why) {
    for (size_t i = 0; i < dfl_plan_step_count(plan); i++) {
        dfl_step s = {.size = sizeof(s)};
        if (dfl_plan_step(plan, i, &s) != DFL_OK ||
            !check_range("step", s.code, s.message, s.range, input->len, why))
            return 0;
        if (s.risk < DFL_RISK_SAFE || s.risk > DFL_RISK_REVIEW)
            return fail(why, "step %s: risk %u", s.code, (unsigned)s.risk);
        for (size_t k = 0; k < s.assumption_count; k++)
            if (dfl_plan_assumption(plan, i, k).len == 0)
                return fail(why, "step %s: empty assumption", s.code);
    }
    for (size_t i = 0; i < dfl_plan_refusal_count(plan); i++) {
        dfl_refusal r = {.size = sizeof(r)};
        if (dfl_plan_refusal(plan, i, &r) != DFL_OK ||
            !check_range("refusal", r.code, r.message, r.range, input->len, why))
            return 0;
    }
    return 1;
}

/* Run on `source`; the result's bytes. 0 when it cannot. */
static int run_on(const rewrite *rw, dfl_str source, uint32_t *outcome, bytes *result) {
    dfl_doc *doc = NULL;
    dfl_plan *plan = NULL;
    int ok = dfl_parse(source.ptr, source.len, NULL, &doc) == DFL_OK &&
             rw->run(doc, &rw->options, &plan) == DFL_OK;
    if (ok) {
        dfl_str text = dfl_doc_source(dfl_plan_result(plan));
        *outcome = dfl_plan_outcome(plan);
        bytes_clear(result);
        bytes_add(result, text.ptr, text.len);
    }
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
    return ok;
}

static int check_again(const rewrite *rw, const dfl_plan *plan, bytes *why) {
    dfl_str result = dfl_doc_source(dfl_plan_result(plan));
    bytes again = {NULL, 0, 0};
    uint32_t outcome = 0;
    int ok = run_on(rw, result, &outcome, &again);
    if (!ok)
        fail(why, "a second run fails");
    else if (outcome == DFL_OUTCOME_CHANGED || !dfl__eq(view(&again), result))
        ok = fail(why, "a second run still changes the file");
    else if (outcome == DFL_OUTCOME_REFUSED && dfl_plan_refusal_count(plan) == 0)
        ok = fail(why, "a second run is refused");
    bytes_free(&again);
    return ok;
}

static int check_plan_crlf(const bytes *input, const rewrite *rw, const dfl_plan *plan,
                           bytes *why) {
    bytes variant = {NULL, 0, 0}, want = {NULL, 0, 0}, got = {NULL, 0, 0};
    uint32_t outcome = 0;
    int ok = 1;
    /* The bytes of a heredoc are its shell's, to which CR is no part of a line end. */
    if (memchr(view(input).ptr, '\r', input->len) == NULL && !holds(input, "<<")) {
        to_crlf(view(input), &variant);
        to_crlf(dfl_doc_source(dfl_plan_result(plan)), &want);
        if (!run_on(rw, view(&variant), &outcome, &got))
            ok = fail(why, "the CRLF variant fails");
        else if (outcome != dfl_plan_outcome(plan) || !bytes_equal(&got, &want))
            ok = fail(why, "the CRLF variant gives another result");
    }
    bytes_free(&variant);
    bytes_free(&want);
    bytes_free(&got);
    return ok;
}

/* Whether each escape character ends its line. */
static int only_continues(dfl_str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\\' && (i + 1 == text.len || text.ptr[i + 1] != '\n')) return 0;
    return 1;
}

/* `text` under the directive for the other escape character. */
static void swap_escape(dfl_str text, bytes *out) {
    bytes_addz(out, "# escape=`\n");
    bytes_add(out, text.ptr, text.len);
    for (size_t i = 0; i + 1 < out->len; i++)
        if (out->ptr[i] == '\\' && out->ptr[i + 1] == '\n') out->ptr[i] = '`';
}

/* The same with the other escape character. */
static int check_plan_escape(const bytes *input, const rewrite *rw, const dfl_plan *plan,
                             bytes *why) {
    bytes variant = {NULL, 0, 0}, want = {NULL, 0, 0}, got = {NULL, 0, 0};
    dfl_str result = dfl_doc_source(dfl_plan_result(plan));
    uint32_t outcome = 0;
    int ok = 1;
    /* A line end more may decide which one a file of both kinds is given. */
    int mixed = memchr(view(input).ptr, '\r', input->len) != NULL;
    if (!mixed && can_swap_escape(input) && only_continues(view(input))) {
        swap_escape(view(input), &variant);
        swap_escape(result, &want);
        if (!run_on(rw, view(&variant), &outcome, &got))
            ok = fail(why, "the backtick variant fails");
        else if (outcome != dfl_plan_outcome(plan) || !bytes_equal(&got, &want))
            ok = fail(why, "the backtick variant gives another result");
    }
    bytes_free(&variant);
    bytes_free(&want);
    bytes_free(&got);
    return ok;
}

/* Texts of a document, in no order. */
typedef struct {
    dfl_str *items;
    size_t count;
} texts;

static void add_text(texts *t, dfl_str text) {
    dfl_str *more = realloc(t->items, (t->count + 1) * sizeof(*more));
    if (more == NULL) abort();
    t->items = more;
    t->items[t->count++] = text;
}

static int by_bytes(const void *a, const void *b) {
    const dfl_str *x = a, *y = b;
    size_t common = x->len < y->len ? x->len : y->len;
    int order = common > 0 ? memcmp(x->ptr, y->ptr, common) : 0;
    if (order != 0) return order;
    return x->len < y->len ? -1 : x->len > y->len;
}

static texts sorted(texts t) {
    if (t.count > 1) qsort(t.items, t.count, sizeof(*t.items), by_bytes);
    return t;
}

static texts comments_of(const dfl_doc *doc) {
    texts found = {NULL, 0};
    for (uint32_t i = 0; i < doc->tokens.count; i++) {
        if (doc->tokens.items[i].kind == DFL_TOKEN_COMMENT)
            add_text(&found,
                     dfl__sub(doc->source, doc->tokens.items[i].start, dfl__token_end(doc, i)));
    }
    return sorted(found);
}

/* An owner's name may become its number, so its value does not count. */
static texts flags_of(const dfl_doc *doc) {
    texts found = {NULL, 0};
    for (uint32_t i = 0; i < doc->nodes.count; i++) {
        dfl_range range = dfl__node_range(doc, i);
        if (doc->nodes.items[i].kind != DFL_NODE_FLAG) continue;
        dfl_str flag = dfl__sub(doc->source, range.start, range.end);
        if (dfl__starts(flag, "--chown=")) flag.len = sizeof "--chown=" - 1;
        add_text(&found, flag);
    }
    return sorted(found);
}

/* Whether each of `some` is among `all`, as often. Frees both. */
static int are_among(texts some, texts all) {
    size_t at = 0, found = 0;
    for (size_t i = 0; i < some.count; i++) {
        while (at < all.count && by_bytes(&all.items[at], &some.items[i]) < 0)
            at++;
        if (at == all.count || by_bytes(&all.items[at], &some.items[i]) != 0) break;
        at++;
        found++;
    }
    int among = found == some.count;
    free(some.items);
    free(all.items);
    return among;
}

/* No rewrite loses a comment or a flag. */
static int check_kept(const bytes *input, const dfl_plan *plan, bytes *why) {
    const dfl_doc *result = dfl_plan_result(plan);
    dfl_doc *doc = parse_lossless("input", view(input).ptr, input->len, why);
    int ok = doc != NULL;
    if (ok && !are_among(comments_of(doc), comments_of(result)))
        ok = fail(why, "a comment is lost");
    if (ok && !are_among(flags_of(doc), flags_of(result))) ok = fail(why, "a flag is lost");
    dfl_doc_unref(doc);
    return ok;
}

int derived_plan(const bytes *input, const rewrite *rw, const dfl_plan *plan, bytes *why) {
    uint32_t outcome = dfl_plan_outcome(plan);
    const dfl_doc *result = dfl_plan_result(plan);
    if (!check_splice(input, plan, why) || !check_reasons(input, plan, why) ||
        !check_plan_crlf(input, rw, plan, why) || !check_plan_escape(input, rw, plan, why) ||
        !check_kept(input, plan, why))
        return 0;
    if (!dfl__tree_check(result)) return fail(why, "result: tree check fails");
    int same = dfl__eq(dfl_doc_source(result), view(input));
    if ((outcome == DFL_OUTCOME_CHANGED) == same)
        return fail(why, same ? "changed, but the source is the same" : "not changed, but it is");
    if (outcome == DFL_OUTCOME_REFUSED && dfl_plan_refusal_count(plan) == 0)
        return fail(why, "refused without a reason");
    if (outcome != DFL_OUTCOME_CHANGED) return 1;
    if (dfl_doc_error_count(result) > 0) return fail(why, "the result has errors");
    return check_again(rw, plan, why);
}
