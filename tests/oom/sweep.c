/* sweep.c -- fails each allocation of each operation, once and for ever: sweep FILE...
 * Relies on the library's public face and on every allocation going through dfl_alloc.
 * Never accepts another answer than "no memory" or the same result: no leak, no touched output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dockerfile/dockerfile.h"

enum { MAX_FAILURES = 600, HEADER = 16 };

/* Counts what lives, checks the sizes it is told, fails call `fail_at` (and later ones). */
typedef struct {
    unsigned long calls;
    unsigned long fail_at;
    int for_ever;
    size_t live;
    const char *broken; /* a rule of dfl_alloc that the library broke */
} counter;

static void *resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    counter *c = ctx;
    char *block = ptr == NULL ? NULL : (char *)ptr - HEADER;
    size_t known = 0;
    if (block != NULL) memcpy(&known, block, sizeof(known));
    if (known != old_size || (ptr == NULL) != (old_size == 0)) c->broken = "the old size is wrong";
    if (new_size == 0) {
        c->live -= known;
        free(block);
        return NULL;
    }
    unsigned long call = ++c->calls;
    if (call == c->fail_at || (c->for_ever && c->fail_at != 0 && call > c->fail_at)) return NULL;
    block = realloc(block, new_size + HEADER);
    if (block == NULL) abort();
    memcpy(block, &new_size, sizeof(new_size));
    c->live += new_size - known;
    return block + HEADER;
}

/* What is swept: an operation on a source whose result is a text of its own. */
typedef struct {
    const char *name;
    dfl_status (*run)(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc);
} operation;

static char sentinel; /* outputs point to it and must still do so after a failure */

static dfl_status sweep_parse(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = (dfl_doc *)(void *)&sentinel;
    (void)given;
    options.alloc = alloc;
    dfl_status status = dfl_parse(source.ptr, source.len, &options, &doc);
    if (status == DFL_OK)
        dfl_doc_unref(doc);
    else if ((void *)doc != (void *)&sentinel)
        return DFL_E_ARG;
    return status;
}

static dfl_status sweep_model(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_model *model = (dfl_model *)(void *)&sentinel;
    (void)source;
    options.alloc = alloc;
    options.catalog = dfl_catalog_builtin();
    dfl_status status = dfl_model_new(given, &options, &model);
    if (status == DFL_OK)
        dfl_model_free(model);
    else if ((void *)model != (void *)&sentinel)
        return DFL_E_ARG;
    return status;
}

/* Answers that are objects: freed at once. */
static dfl_status ask_place(const dfl_model *model, dfl_node node, uint32_t stage) {
    void *const untouched = &sentinel;
    dfl_scope *scope = untouched;
    dfl_expansion *expansion = untouched;
    dfl_config *config = untouched;
    dfl_status status = dfl_model_scope(model, node, &scope);
    if (status != DFL_OK) return scope == untouched ? status : DFL_E_ARG;
    dfl_scope_free(scope);
    status = dfl_model_expand(model, node, DFL_EXPAND_F_TRACE, &expansion);
    if (status == DFL_OK)
        dfl_expansion_free(expansion);
    else if (expansion != untouched)
        return DFL_E_ARG;
    if (status == DFL_E_NOMEM || stage == DFL_NO_STAGE)
        return status == DFL_E_NOMEM ? status : DFL_OK;
    status = dfl_model_config(model, stage, &config);
    if (status != DFL_OK) return config == untouched ? status : DFL_E_ARG;
    dfl_config_free(config);
    return DFL_OK;
}

enum { STAGES = 64, PLACES = 12 };

static dfl_status ask_graph(const dfl_model *model, uint32_t target) {
    uint8_t needs[STAGES];
    uint32_t numbers[STAGES];
    size_t count = dfl_model_stage_count(model), edges = dfl_model_edge_count(model), verdict;
    dfl_status status = dfl_model_needs(model, target, needs, count);
    if (status == DFL_OK) status = dfl_model_levels(model, target, numbers, count);
    if (status == DFL_OK) status = dfl_model_order(model, target, numbers, &count);
    if (status == DFL_OK) status = dfl_model_verdict(model, target, &verdict);
    if (status == DFL_OK && edges > 0)
        status = dfl_model_edge_targets(model, edges - 1, numbers, STAGES, &count, NULL);
    return status;
}

/* A model, and what it is asked of the last places and the last stage of the file. */
static dfl_status sweep_questions(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_model *model = NULL;
    size_t nodes;
    (void)source;
    (void)dfl_doc_nodes(given, &nodes);
    options.alloc = alloc;
    options.catalog = dfl_catalog_builtin();
    dfl_status status = dfl_model_new(given, &options, &model);
    size_t stages = status == DFL_OK ? dfl_model_stage_count(model) : 0;
    uint32_t last = stages > 0 ? (uint32_t)stages - 1 : DFL_NO_STAGE;
    if (stages > 0 && stages <= STAGES) status = ask_graph(model, last);
    for (size_t i = nodes > PLACES ? nodes - PLACES : 1; i < nodes && status == DFL_OK; i++)
        status = ask_place(model, dfl_doc_node(given, (uint32_t)i), last);
    dfl_model_free(model);
    return status;
}

typedef dfl_status rewrite_fn(const dfl_doc *doc, const dfl_rewrite_options *opt, dfl_plan **out);

static dfl_status sweep_plan(const dfl_doc *given, rewrite_fn *run, const char *to,
                             const dfl_alloc *alloc) {
    dfl_rewrite_options options = DFL_REWRITE_OPTIONS_INIT;
    dfl_plan *plan = (dfl_plan *)(void *)&sentinel;
    options.alloc = alloc;
    options.to = (dfl_str){to, strlen(to)};
    dfl_status status = run(given, &options, &plan);
    if (status == DFL_OK)
        dfl_plan_free(plan);
    else if ((void *)plan != (void *)&sentinel)
        return DFL_E_ARG;
    return status;
}

static dfl_status sweep_images(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    dfl_model_options opt = DFL_MODEL_OPTIONS_INIT;
    dfl_image_change change = {{"registry.example/other:9", 24}, 0, 0};
    dfl_model *model = NULL;
    dfl_images *images = NULL;
    dfl_edits *edits = NULL;
    dfl_doc *doc = NULL;
    (void)given;
    dfl_parse_options parse = DFL_PARSE_OPTIONS_INIT;
    opt.alloc = parse.alloc = alloc;
    dfl_status status = dfl_parse(source.ptr, source.len, &parse, &doc);
    if (status == DFL_OK) status = dfl_model_new(doc, &opt, &model);
    if (status == DFL_OK) status = dfl_model_images(model, &images);
    if (status == DFL_OK) status = dfl_edits_new(doc, &edits);
    if (status == DFL_OK && dfl_images_count(images) > 0)
        status = dfl_edits_set_images(edits, images, &change, 1, DFL_SET_IMAGES_F_OTHERS);
    if (status == DFL_E_NOMEM && edits != NULL && dfl_edits_count(edits) != 0) status = DFL_E_ARG;
    if (status == DFL_E_REFUSED) status = DFL_OK;
    dfl_edits_free(edits);
    dfl_images_free(images);
    dfl_model_free(model);
    dfl_doc_unref(doc);
    return status;
}

static dfl_status sweep_cache(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    (void)source;
    return sweep_plan(given, dfl_rewrite_cache, "", alloc);
}

static dfl_status sweep_base(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    (void)source;
    return sweep_plan(given, dfl_rewrite_base, "slim", alloc);
}

static dfl_status sweep_scratch(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    (void)source;
    return sweep_plan(given, dfl_rewrite_base, "scratch", alloc);
}

static dfl_status sweep_dhi(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    (void)source;
    return sweep_plan(given, dfl_rewrite_base, "dhi", alloc);
}

static dfl_status sweep_split(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    (void)source;
    return sweep_plan(given, dfl_rewrite_split, "", alloc);
}

static dfl_status sweep_optimize(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    (void)source;
    return sweep_plan(given, dfl_rewrite_optimize, "", alloc);
}

static int32_t count_bytes(void *ctx, const char *ptr, size_t len) {
    (void)ptr;
    *(size_t *)ctx += len;
    return 0;
}

/* The graph in each of its forms: nothing is written before all memory is there. */
static dfl_status sweep_graph(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_model *model = NULL;
    (void)source;
    options.alloc = alloc;
    dfl_status status = dfl_model_new(given, &options, &model);
    if (status != DFL_OK) return status;
    uint32_t target = dfl_model_stage_find(model, options.target);
    for (uint32_t i = DFL_GRAPH_TEXT; status == DFL_OK && i <= DFL_GRAPH_SVG; i++) {
        size_t written = 0;
        dfl_sink sink = {count_bytes, &written};
        status = dfl_print_graph(model, target, i, &sink);
        if (status == DFL_E_NOMEM && written != 0) status = DFL_E_ARG;
    }
    dfl_model_free(model);
    return status;
}

/* What each source reads, for want of anything else to fail. */
static dfl_status read_sources(const dfl_context *context) {
    dfl_status status = DFL_OK;
    for (size_t i = 0; i < dfl_context_source_count(context) && status == DFL_OK; i++) {
        dfl_reading *reading = (dfl_reading *)(void *)&sentinel;
        status = dfl_context_reading(context, i, &reading);
        if (status == DFL_OK)
            dfl_reading_free(reading);
        else if ((void *)reading != (void *)&sentinel)
            return DFL_E_ARG;
    }
    return status;
}

static dfl_status sweep_context(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    static const dfl_context_path paths[] = {
        {{"a/b.go", 6}, {"", 0}, DFL_PATH_ANY, 0}, {{"go.mod", 6}, {"", 0}, DFL_PATH_ANY, 0},
        {{"src/x", 5}, {"", 0}, DFL_PATH_ANY, 0},  {{"app", 3}, {"src", 3}, DFL_PATH_LINK, 0},
        {{"a/c/d", 5}, {"", 0}, DFL_PATH_ANY, 0},
    };
    static const char patterns[] = "**/*.go\n!a/c*\na/c/?";
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_context_options read = DFL_CONTEXT_OPTIONS_INIT;
    dfl_context *context = (dfl_context *)(void *)&sentinel;
    dfl_model *model = NULL;
    dfl_ignore *ignore = NULL;
    (void)source;
    options.alloc = alloc;
    if (dfl_ignore_new(patterns, sizeof patterns - 1, NULL, &ignore) != DFL_OK) abort();
    read.ignore = ignore;
    read.paths = paths;
    read.paths_count = sizeof paths / sizeof *paths;
    dfl_status status = dfl_model_new(given, &options, &model);
    if (status == DFL_OK) status = dfl_context_new(model, &read, &context);
    if (status == DFL_OK) {
        status = read_sources(context);
        dfl_context_free(context);
    } else if ((void *)context != (void *)&sentinel) {
        status = DFL_E_ARG;
    }
    dfl_model_free(model);
    dfl_ignore_free(ignore);
    return status;
}

/* Scripts of other shells inside `shell`, which may hold more. */
static dfl_status ask_shell(const dfl_shell *shell) {
    dfl_shell_info info = {.size = sizeof info};
    dfl_status status = dfl_shell_get(shell, &info);
    for (uint32_t i = 0; i < info.commands && status == DFL_OK; i++) {
        dfl_shell *inner = (dfl_shell *)(void *)&sentinel;
        status = dfl_shell_script(shell, i, &inner);
        if (status == DFL_OK)
            dfl_shell_free(inner);
        else if ((void *)inner != (void *)&sentinel)
            return DFL_E_ARG;
        if (status == DFL_E_UNSUPPORTED) status = DFL_OK;
    }
    return status;
}

static dfl_status sweep_shell(const dfl_doc *given, dfl_str source, const dfl_alloc *alloc) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_parse_options scan = DFL_PARSE_OPTIONS_INIT;
    dfl_model *model = NULL;
    dfl_node node = dfl_node_first(dfl_doc_root(given));
    options.alloc = scan.alloc = alloc;
    dfl_shell *shell = (dfl_shell *)(void *)&sentinel;
    dfl_status status = dfl_shell_scan(source.ptr, source.len, &scan, &shell);
    if (status != DFL_OK) return (void *)shell == (void *)&sentinel ? status : DFL_E_ARG;
    dfl_shell_free(shell);
    status = dfl_model_new(given, &options, &model);
    for (; !dfl_node_is_null(node) && status == DFL_OK; node = dfl_node_next(node)) {
        shell = (dfl_shell *)(void *)&sentinel;
        status = dfl_model_shell(model, node, &shell);
        if (status == DFL_OK) {
            status = ask_shell(shell);
            dfl_shell_free(shell);
        } else if ((void *)shell != (void *)&sentinel) {
            status = DFL_E_ARG;
        }
        if (status == DFL_E_UNSUPPORTED) status = DFL_OK;
    }
    dfl_model_free(model);
    return status;
}

static const operation operations[] = {
    {"parse", sweep_parse},
    {"model", sweep_model},
    {"questions", sweep_questions},
    {"cache", sweep_cache},
    {"base", sweep_base},
    {"split", sweep_split},
    {"optimize", sweep_optimize},
    {"images", sweep_images},
    {"graph", sweep_graph},
    {"context", sweep_context},
    {"base to scratch", sweep_scratch},
    {"base to dhi", sweep_dhi},
    {"shell", sweep_shell},
};

/* Run once with allocation `at` failing (0 = none). What is wrong, or NULL. */
static const char *run_once(const operation *op, const dfl_doc *given, dfl_str source,
                            unsigned long at, int for_ever, unsigned long *calls) {
    counter c = {0, at, for_ever, 0, NULL};
    dfl_alloc alloc = {resize, &c};
    dfl_status status = op->run(given, source, &alloc);
    *calls = c.calls;
    if (c.broken != NULL) return c.broken;
    if (c.live != 0) return "memory is left";
    if (status != DFL_OK && status != DFL_E_NOMEM)
        return status == DFL_E_ARG ? "an output was touched" : "another status";
    if (status != DFL_OK && at == 0) return "fails with memory at hand";
    return status == DFL_OK && for_ever && at != 0 ? "does not notice" : NULL;
}

/* 1 when each failure of an operation is answered well. */
static int sweep(const operation *op, const char *path, const dfl_doc *given, dfl_str source) {
    unsigned long total = 0, calls = 0;
    const char *wrong = run_once(op, given, source, 0, 0, &total);
    unsigned long step = total / MAX_FAILURES + 1, at = 1;
    int for_ever = 0;
    for (; wrong == NULL && at <= total; at += step)
        for (for_ever = 0; wrong == NULL && for_ever < 2; for_ever++)
            wrong = run_once(op, given, source, at, for_ever, &calls);
    if (wrong != NULL)
        printf("%s: %s: allocation %lu of %lu%s: %s\n", path, op->name, at - step, total,
               for_ever == 2 ? " and later ones" : "", wrong);
    return wrong == NULL && total > 0;
}

static char *read_file(const char *path, size_t *len) {
    FILE *f = fopen(path, "rb");
    char *text = malloc(1 << 16);
    if (f == NULL || text == NULL) abort();
    *len = fread(text, 1, 1 << 16, f);
    fclose(f);
    return text;
}

int main(int argc, char **argv) {
    unsigned passed = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        size_t len = 0;
        char *text = read_file(argv[i], &len);
        dfl_doc *given = NULL;
        if (dfl_parse(text, len, NULL, &given) != DFL_OK) return 1;
        for (size_t k = 0; k < sizeof(operations) / sizeof(operations[0]); k++)
            if (sweep(&operations[k], argv[i], given, (dfl_str){text, len}))
                passed++;
            else
                failed++;
        dfl_doc_unref(given);
        free(text);
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
