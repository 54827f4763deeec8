/* runner.c -- runs data-driven cases: runner [--bless] [--only TEXT] FILE.dft...
 * Relies on dft.h, derived.h and the library's public face.
 * Never changes a file without --bless. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "derived.h"
#include "dft.h"
#include "dockerfile/io.h"
#include "world.h"

/* What a case is about while it runs. */
typedef struct {
    const dft_file *file;
    dft_case *source;
    int bless;
    int failed;
    int touched; /* a section was set */
    dfl_doc *doc;
    dfl_model *model;
    world world;
    dfl_binding *facts; /* of the rewrite at hand */
    size_t facts_count;
    rewrite rw;
    dfl_plan *plan; /* NULL before the first rewrite */
} run;

static void complain(run *r, size_t line, const char *what, const char *why) {
    printf("%s:%zu: %s: %s%s%s\n", r->file->path, line, r->source->name, what,
           why[0] == '\0' ? "" : ": ", why);
    r->failed = 1;
}

static int32_t sink_write(void *ctx, const char *ptr, size_t len) {
    bytes_add(ctx, ptr, len);
    return 0;
}

static void add_range(bytes *out, dfl_range range) {
    char text[32];
    snprintf(text, sizeof(text), "%u..%u", (unsigned)range.start, (unsigned)range.end);
    bytes_addz(out, text);
}

/* --- what can be expected: each prints what is, and answers 0 when it cannot */

static int print_sexp(run *r, dfl_str arg, bytes *out) {
    dfl_sink sink = {sink_write, out};
    return arg.len == 0 && dfl_print_sexp(r->doc, &sink) == DFL_OK;
}

static int print_json(run *r, dfl_str arg, bytes *out) {
    dfl_sink sink = {sink_write, out};
    return arg.len == 0 && dfl_print_json(r->model, &sink) == DFL_OK;
}

/* "line 3: error unknown-instruction 20..23", with the message if asked for. */
static int add_diag(const run *r, const dfl_diag *d, int message, bytes *out) {
    static const char *const severities[] = {"?", "error", "warning", "note"};
    char text[64];
    if (d->severity > 3) return 0;
    snprintf(text, sizeof(text), "line %u: %s ",
             (unsigned)dfl_doc_pos(r->doc, d->range.start).line + 1, severities[d->severity]);
    bytes_addz(out, text);
    bytes_addz(out, d->name);
    bytes_addz(out, " ");
    add_range(out, d->range);
    if (message) {
        bytes_addz(out, " ");
        bytes_add(out, d->message.ptr, d->message.len);
    }
    return 1;
}

static int print_diags(run *r, dfl_str arg, bytes *out) {
    if (arg.len > 0 && !dfl__eqz(arg, "messages")) return 0;
    for (size_t i = 0; i < dfl_doc_diag_count(r->doc); i++) {
        dfl_diag d = {.size = sizeof(d)};
        if (dfl_doc_diag(r->doc, i, &d) != DFL_OK || !add_diag(r, &d, arg.len > 0, out)) return 0;
        bytes_addz(out, "\n");
    }
    return 1;
}

/* "accepted", or "rejected" and for what. */
static int add_verdict(const run *r, bytes *out) {
    dfl_diag d = {.size = sizeof(d)};
    size_t index;
    if (dfl_model_verdict(r->model, DFL_NO_STAGE, &index) != DFL_OK) return 0;
    if (index != SIZE_MAX && dfl_model_diag(r->model, index, &d) != DFL_OK) return 0;
    bytes_addz(out, index == SIZE_MAX ? "accepted" : "rejected ");
    if (index != SIZE_MAX) bytes_addz(out, d.name);
    bytes_addz(out, "\n");
    return 1;
}

/* "model diags [messages]": the verdict, then each diagnostic, with the stage it is about. */
static int print_model(run *r, dfl_str arg, bytes *out) {
    int message = dfl__eqz(arg, "diags messages");
    if ((!message && !dfl__eqz(arg, "diags")) || !add_verdict(r, out)) return 0;
    for (size_t i = 0; i < dfl_model_diag_count(r->model); i++) {
        dfl_diag d = {.size = sizeof(d)};
        uint32_t stage = dfl_model_diag_stage(r->model, i);
        char text[32] = "\n";
        if (dfl_model_diag(r->model, i, &d) != DFL_OK || !add_diag(r, &d, message, out)) return 0;
        if (stage != DFL_NO_STAGE) snprintf(text, sizeof(text), " stage %u\n", (unsigned)stage);
        bytes_addz(out, text);
    }
    return 1;
}

/* "graph [text|json|dot|mermaid|svg]". */
static int print_graph(run *r, dfl_str arg, bytes *out) {
    static const char *const formats[] = {"", "text", "json", "dot", "mermaid", "svg"};
    dfl_sink sink = {sink_write, out};
    uint32_t format = arg.len == 0 ? DFL_GRAPH_TEXT : 0;
    for (uint32_t i = 1; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (dfl__eqz(arg, formats[i])) format = i;
    uint32_t target = dfl_model_stage_find(r->model, (dfl_str){"", 0});
    return format != 0 && dfl_print_graph(r->model, target, format, &sink) == DFL_OK;
}

/* "images [text|json]". */
static int print_images(run *r, dfl_str arg, bytes *out) {
    dfl_sink sink = {sink_write, out};
    dfl_images *images = NULL;
    uint32_t format = arg.len == 0 || dfl__eqz(arg, "text") ? DFL_IMAGES_TEXT : DFL_IMAGES_JSON;
    uint32_t target = dfl_model_stage_find(r->model, (dfl_str){"", 0});
    if (format == DFL_IMAGES_JSON && !dfl__eqz(arg, "json")) return 0;
    int printed = dfl_model_images(r->model, &images) == DFL_OK &&
                  dfl_print_images(images, target, format, &sink) == DFL_OK;
    dfl_images_free(images);
    return printed;
}

/* Each image that OLD means gets NEW. */
static dfl_status add_changes(const dfl_images *images, dfl_str pair, dfl_image_change *changes,
                              size_t *count) {
    size_t equals = dfl__find(pair, '=', 0), at = SIZE_MAX;
    dfl_str old = dfl__sub(pair, 0, equals), new = dfl__sub(pair, equals + 1, pair.len);
    do {
        dfl_status status = dfl_images_find(images, old, at + 1, &at);
        if (status != DFL_OK) return status;
        if (at != SIZE_MAX) changes[(*count)++] = (dfl_image_change){new, (uint32_t)at, 0};
    } while (at != SIZE_MAX);
    return DFL_OK;
}

/* The file with the images set, or "refused: WHY". */
static int set_images(run *r, const dfl_images *images, dfl_str arg, bytes *out) {
    dfl_image_change changes[32];
    dfl_edits *edits = NULL;
    dfl_doc *doc = NULL;
    size_t count = 0;
    uint32_t flags = 0;
    dfl_status status = dfl_edits_new(r->doc, &edits);
    while (arg.len > 0 && status == DFL_OK) {
        dfl_str word = first_word(arg, &arg);
        if (dfl__eqz(word, "others"))
            flags = DFL_SET_IMAGES_F_OTHERS;
        else
            status = add_changes(images, word, changes, &count);
    }
    int asked = status == DFL_OK && count > 0;
    if (status == DFL_OK) status = dfl_edits_set_images(edits, images, changes, count, flags);
    if (status == DFL_OK) status = dfl_edits_apply(edits, &doc);
    if (status == DFL_E_REFUSED) bytes_addz(out, "refused: ");
    dfl_str text = status == DFL_OK ? dfl_doc_source(doc) : dfl_edits_reason(edits);
    bytes_add(out, text.ptr, text.len);
    if (status == DFL_E_REFUSED) bytes_addz(out, "\n");
    dfl_doc_unref(doc);
    dfl_edits_free(edits);
    return asked && (status == DFL_OK || status == DFL_E_REFUSED);
}

/* "set [others] OLD=NEW ..." */
static int print_set(run *r, dfl_str arg, bytes *out) {
    dfl_images *images = NULL;
    if (dfl_model_images(r->model, &images) != DFL_OK) return 0;
    int printed = dfl_images_count(images) <= 8 && set_images(r, images, arg, out);
    dfl_images_free(images);
    return printed;
}

/* A line of `files`: "dir/", "link -> target", or a file. */
static dfl_context_path path_of(dfl_str line) {
    static const char arrow[] = " -> ";
    dfl_context_path path = {line, {"", 0}, DFL_PATH_ANY, 0};
    size_t at = dfl__find_str(line, arrow);
    if (at == line.len) return path;
    path.path = dfl__sub(line, 0, at);
    path.link = dfl__sub(line, at + sizeof(arrow) - 1, line.len);
    path.kind = DFL_PATH_LINK;
    return path;
}

static dfl_context_path *paths_of(const section *files, size_t *count) {
    dfl_str text = {files->body.ptr, files->body.len};
    dfl_context_path *paths = calloc(text.len + 1, sizeof(*paths));
    if (paths == NULL) abort();
    *count = 0;
    for (size_t at = 0, end; at < text.len; at = end + 1) {
        end = dfl__find(text, '\n', at);
        if (end > at) paths[(*count)++] = path_of(dfl__sub(text, at, end));
    }
    return paths;
}

/* "context [text|json]", of the sections `files` and `ignore` if there are such. */
static int print_context(run *r, dfl_str arg, bytes *out) {
    dfl_sink sink = {sink_write, out};
    dfl_context_options options = DFL_CONTEXT_OPTIONS_INIT;
    dfl_context_path *paths = NULL;
    dfl_ignore *ignore = NULL;
    dfl_context *context = NULL;
    uint32_t format = dfl__eqz(arg, "json") ? DFL_CONTEXT_JSON : DFL_CONTEXT_TEXT;
    const section *files = dft_find(r->source, "files", 0);
    const section *patterns = dft_find(r->source, "ignore", 0);
    if (arg.len > 0 && format != DFL_CONTEXT_JSON && !dfl__eqz(arg, "text")) return 0;
    if (files != NULL) options.paths = paths = paths_of(files, &options.paths_count);
    int done = patterns == NULL ||
               dfl_ignore_new(patterns->body.ptr, patterns->body.len, NULL, &ignore) == DFL_OK;
    options.ignore = ignore;
    done = done && dfl_context_new(r->model, &options, &context) == DFL_OK &&
           dfl_print_context(context, r->model, format, &sink) == DFL_OK;
    dfl_context_free(context);
    dfl_ignore_free(ignore);
    free(paths);
    return done;
}

/* "config [json]" and "variables [json]": of the target, or the last stage, or all of them. */
static int print_config(run *r, dfl_str arg, bytes *out) {
    dfl_sink sink = {sink_write, out};
    uint32_t target = dfl_model_stage_find(r->model, r->world.options.target);
    if (dfl__eqz(arg, "json")) return dfl_print_config_json(r->model, target, &sink) == DFL_OK;
    return arg.len == 0 && dfl_print_config_text(r->model, target, &sink) == DFL_OK;
}

static int print_variables(run *r, dfl_str arg, bytes *out) {
    dfl_sink sink = {sink_write, out};
    uint32_t target = dfl_model_stage_find(r->model, r->world.options.target);
    if (r->world.options.target.len == 0) target = DFL_NO_STAGE;
    if (dfl__eqz(arg, "json")) return dfl_print_args_json(r->model, target, &sink) == DFL_OK;
    return arg.len == 0 && dfl_print_args_text(r->model, target, &sink) == DFL_OK;
}

static void print_steps(const dfl_plan *plan, bytes *out) {
    static const char *const risks[] = {"?", "safe", "likely", "review"};
    for (size_t i = 0; i < dfl_plan_step_count(plan); i++) {
        dfl_step s = {.size = sizeof(s)};
        if (dfl_plan_step(plan, i, &s) != DFL_OK) continue;
        bytes_addz(out, s.code);
        bytes_addz(out, " ");
        bytes_addz(out, s.risk <= 3 ? risks[s.risk] : "?");
        bytes_addz(out, " ");
        add_range(out, s.range);
        bytes_addz(out, "\n");
    }
}

/* The outcome, then "code risk range" a step and "refused code range" a refusal. */
static int print_plan(run *r, dfl_str arg, bytes *out) {
    static const char *const outcomes[] = {"?", "changed", "unchanged", "refused"};
    uint32_t outcome = r->plan == NULL ? 0 : dfl_plan_outcome(r->plan);
    if (arg.len > 0 || outcome < 1 || outcome > 3) return 0;
    bytes_addz(out, outcomes[outcome]);
    bytes_addz(out, "\n");
    print_steps(r->plan, out);
    for (size_t i = 0; i < dfl_plan_refusal_count(r->plan); i++) {
        dfl_refusal f = {.size = sizeof(f)};
        if (dfl_plan_refusal(r->plan, i, &f) != DFL_OK) return 0;
        bytes_addz(out, "refused ");
        bytes_addz(out, f.code);
        bytes_addz(out, " ");
        add_range(out, f.range);
        bytes_addz(out, "\n");
    }
    return 1;
}

static int print_result(run *r, dfl_str arg, bytes *out) {
    if (r->plan == NULL || arg.len > 0) return 0;
    dfl_str text = dfl_doc_source(dfl_plan_result(r->plan));
    bytes_add(out, text.ptr, text.len);
    return 1;
}

static int print_diff(run *r, dfl_str arg, bytes *out) {
    dfl_sink sink = {sink_write, out};
    return r->plan != NULL && arg.len == 0 &&
           dfl_print_diff(r->doc, dfl_plan_result(r->plan), DFL__LIT("Dockerfile"), &sink) ==
               DFL_OK;
}

static int print_explain(run *r, dfl_str arg, bytes *out) {
    dfl_sink sink = {sink_write, out};
    return r->plan != NULL && arg.len == 0 &&
           dfl_print_plan_text(r->plan, DFL__LIT("Dockerfile"), &sink) == DFL_OK;
}

static int print_plan_json(run *r, dfl_str arg, bytes *out) {
    dfl_sink sink = {sink_write, out};
    return r->plan != NULL && arg.len == 0 && dfl_print_plan_json(r->plan, &sink) == DFL_OK;
}

static const struct {
    const char *title;
    int (*print)(run *r, dfl_str arg, bytes *out);
} expectations[] = {
    {"sexp", print_sexp},       {"json", print_json},       {"diags", print_diags},
    {"graph", print_graph},     {"plan", print_plan},       {"result", print_result},
    {"diff", print_diff},       {"explain", print_explain}, {"plan-json", print_plan_json},
    {"model", print_model},     {"images", print_images},   {"set", print_set},
    {"context", print_context}, {"config", print_config},   {"variables", print_variables},
};

static const struct {
    const char *title;
    dfl_status (*run)(const dfl_doc *doc, const dfl_rewrite_options *opt, dfl_plan **out);
} rewrites[] = {
    {"cache", dfl_rewrite_cache},
    {"base", dfl_rewrite_base},
    {"split", dfl_rewrite_split},
    {"optimize", dfl_rewrite_optimize},
};

/* --- options */

/* The number of a word that an option takes. */
static int set_choice(uint32_t *out, dfl_str value, const char *const *names, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (dfl__eqz(value, names[i])) {
            *out = i;
            return 1;
        }
    }
    return 0;
}

static const char *const users[] = {"auto", "keep", "nonroot"};
static const char *const builders[] = {"buildkit", "buildah", "kaniko", "classic"};
static const char *const sharings[] = {"catalog", "shared", "private", "locked"};

/* One option line of a rewrite: "fact NAME=value", "to WHAT", "stage NAME", ... */
static int set_option(run *r, dfl_str line) {
    dfl_rewrite_options *o = &r->rw.options;
    dfl_str value, name = first_word(line, &value);
    if (line.len == 0) return 1;
    if (dfl__eqz(name, "fact"))
        world_add_binding(&r->facts, &r->facts_count, value);
    else if (dfl__eqz(name, "to"))
        o->to = value;
    else if (dfl__eqz(name, "stage"))
        o->stage = value;
    else if (dfl__eqz(name, "runtime"))
        o->runtime = value;
    else if (dfl__eqz(name, "artifact"))
        o->artifact = value;
    else if (dfl__eqz(name, "user"))
        return set_choice(&o->user, value, users, 3);
    else if (dfl__eqz(name, "builder"))
        return set_choice(&o->builder, value, builders, 4);
    else if (dfl__eqz(name, "sharing"))
        return set_choice(&o->sharing, value, sharings, 4);
    else if (dfl__eqz(name, "id"))
        o->id = value;
    else
        return 0;
    return 1;
}

static int read_options(run *r, section *s, dfl_str arg) {
    dfl_str body = {s->body.ptr, s->body.len};
    r->rw.options = (dfl_rewrite_options)DFL_REWRITE_OPTIONS_INIT;
    r->facts_count = 0;
    if (arg.len > 0) r->rw.options.to = arg;
    for (size_t at = 0; at < body.len;) {
        dfl_str line = next_line(body, &at);
        if (!set_option(r, line)) {
            complain(r, s->line, "unknown option line", s->title);
            return 0;
        }
    }
    r->rw.options.facts = r->facts;
    r->rw.options.facts_count = r->facts_count;
    r->rw.options.args = r->world.args;
    r->rw.options.args_count = r->world.args_count;
    return 1;
}

/* --- running a case */

static const char *line_at(const bytes *text, size_t number, int *len) {
    const char *p = text->ptr, *end = text->ptr + text->len;
    for (; number > 0 && p < end; number--) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        p = nl == NULL ? end : nl + 1;
    }
    const char *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    *len = (int)((nl == NULL ? end : nl) - p);
    return p;
}

static void show_difference(run *r, const section *s, const bytes *got) {
    size_t line = 0;
    int a_len = 0, b_len = 0;
    const char *a, *b;
    do {
        a = line_at(&s->body, line, &a_len);
        b = line_at(got, line++, &b_len);
    } while (a_len == b_len && memcmp(a, b, (size_t)a_len) == 0 &&
             (a < s->body.ptr + s->body.len || b < got->ptr + got->len));
    complain(r, s->line, s->title, "not as expected");
    printf("  line %zu of it\n  - %.*s\n  + %.*s\n  now:\n", line, a_len, a, b_len, b);
    for (size_t i = 0; i < 60; i++) {
        b = line_at(got, i, &b_len);
        if (b >= got->ptr + got->len) break;
        printf("  | %.*s\n", b_len, b);
    }
}

/* Index of `name` in a table whose entries begin with a title; its count when absent. */
#define FIND(table, name, index)                                                                   \
    do {                                                                                           \
        for (index = 0; index < sizeof(table) / sizeof((table)[0]); index++)                       \
            if (dfl__eqz(name, (table)[index].title)) break;                                       \
    } while (0)
#define HAS(table, index) ((index) < sizeof(table) / sizeof((table)[0]))

static void check_expectation(run *r, section *s, size_t kind, dfl_str arg) {
    bytes got = {NULL, 0, 0};
    bytes_clear(&got);
    if (!expectations[kind].print(r, arg, &got)) {
        complain(r, s->line, s->title, "cannot be printed");
    } else if (!bytes_equal(&got, &s->body)) {
        if (r->bless) {
            dft_set(s, &got);
            r->touched = 1;
        } else {
            show_difference(r, s, &got);
        }
    }
    bytes_free(&got);
}

static void run_rewrite(run *r, section *s, size_t kind, dfl_str arg) {
    bytes why = {NULL, 0, 0};
    dfl_plan_free(r->plan);
    r->plan = NULL;
    r->rw.run = rewrites[kind].run;
    if (!read_options(r, s, arg)) return;
    dfl_status status = r->rw.run(r->doc, &r->rw.options, &r->plan);
    if (status != DFL_OK) {
        complain(r, s->line, s->title, dfl_status_name(status));
        return;
    }
    if (!derived_plan(&r->source->sections[0].body, &r->rw, r->plan, &why))
        complain(r, s->line, s->title, why.ptr);
    bytes_free(&why);
}

static int open_case(run *r) {
    dft_case *c = r->source;
    size_t line = c->line;
    const char *why = "";
    if (c->count == 0 || strcmp(c->sections[0].title, "input") != 0) {
        complain(r, line, "the first section must be \"input\"", "");
        return 0;
    }
    if (!world_read(&r->world, c, &line, &why)) {
        complain(r, line, "what surrounds the build", why);
        return 0;
    }
    if (dfl_parse(c->sections[0].body.ptr, c->sections[0].body.len, NULL, &r->doc) != DFL_OK ||
        dfl_model_new(r->doc, &r->world.options, &r->model) != DFL_OK) {
        complain(r, line, "the input cannot be parsed or modelled", "");
        return 0;
    }
    return 1;
}

/* Sections that others read. */
static int is_given(dfl_str name) {
    static const char *const titles[] = {"args", "files", "ignore", "image", "world"};
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        if (dfl__eqz(name, titles[i])) return 1;
    return 0;
}

/* A section; 1 when it is an expectation. */
static int run_section(run *r, size_t index) {
    section *s = &r->source->sections[index];
    dfl_str arg, title = dfl__str(s->title), name = first_word(title, &arg);
    size_t kind;
    FIND(expectations, name, kind);
    if (HAS(expectations, kind)) {
        check_expectation(r, s, kind, arg);
        return 1;
    }
    FIND(rewrites, name, kind);
    if (HAS(rewrites, kind))
        run_rewrite(r, s, kind, arg);
    else if (index > 0 && !is_given(name))
        complain(r, s->line, s->title, "unknown section");
    return 0;
}

static int is_rewrite(const dft_case *c, size_t index) {
    dfl_str arg, name = first_word(dfl__str(c->sections[index].title), &arg);
    size_t kind;
    FIND(rewrites, name, kind);
    return HAS(rewrites, kind);
}

static int is_titled(const dft_case *c, size_t index, const char *title) {
    return index < c->count && strcmp(c->sections[index].title, title) == 0;
}

/* Under --bless: what a case without expectations gets. */
static void add_expectations(run *r) {
    dft_case *c = r->source;
    int found = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (!is_rewrite(c, i)) continue;
        found = 1;
        if (is_titled(c, i + 1, "plan")) continue;
        dft_insert(c, i + 1, "plan");
        dft_insert(c, i + 2, "result");
        r->touched = 1;
    }
    if (!found && c->count == 1) {
        dft_insert(c, 1, "diags");
        dft_insert(c, 2, "sexp");
        r->touched = 1;
    }
}

/* A result that is the input says nothing: only a changed plan has one. */
static void drop_results(run *r) {
    dft_case *c = r->source;
    for (size_t i = 1; i + 1 < c->count; i++) {
        if (is_titled(c, i, "plan") && is_titled(c, i + 1, "result") &&
            bytes_equal(&c->sections[0].body, &c->sections[i + 1].body)) {
            dft_remove(c, i + 1);
            r->touched = 1;
        }
    }
}

static int run_case(run *r) {
    bytes why = {NULL, 0, 0};
    size_t expected = 0;
    if (open_case(r)) {
        if (r->bless) add_expectations(r);
        for (size_t i = 0; i < r->source->count; i++)
            expected += (size_t)run_section(r, i);
        if (expected == 0) complain(r, r->source->line, "expects nothing", "");
        if (!derived_parse(&r->source->sections[0].body, &why))
            complain(r, r->source->line, "derived check", why.ptr);
        if (r->bless) drop_results(r);
    }
    bytes_free(&why);
    dfl_plan_free(r->plan);
    dfl_model_free(r->model);
    dfl_doc_unref(r->doc);
    world_free(&r->world);
    free(r->facts);
    return !r->failed;
}

static int run_file(const char *path, const char *only, int bless, size_t counts[2]) {
    dft_file file;
    int touched = 0;
    if (!dft_read(path, &file)) return 0;
    for (size_t i = 0; i < file.count; i++) {
        run r = {.file = &file, .source = &file.cases[i], .bless = bless};
        if (only != NULL && strstr(file.cases[i].name, only) == NULL) continue;
        counts[run_case(&r) ? 0 : 1]++;
        touched = touched || r.touched;
    }
    int ok = !touched || dft_write(&file);
    dft_free(&file);
    return ok;
}

int main(int argc, char **argv) {
    const char *only = NULL;
    size_t counts[2] = {0, 0};
    int bless = 0, files = 0, ok = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--bless") == 0)
            bless = 1;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (argv[i][0] == '-')
            ok = 0;
        else
            files++, ok = run_file(argv[i], only, bless, counts) && ok;
    }
    if (files == 0) {
        fputs("usage: runner [--bless] [--only TEXT] FILE.dft...\n", stderr);
        return 2;
    }
    printf("%zu passed, %zu failed\n", counts[0], counts[1]);
    return ok && counts[1] == 0 && counts[0] > 0 ? 0 : 1;
}
