/* context_driver.c -- what a build reads of its context, for the comparer.
 * Relies on wire.h and dockerfile/context.h.
 * Never looks at files: the request says which there are. */
#include "dockerfile/context.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

static void must(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "conformance driver: context: %s\n", what);
    exit(1);
}

/* Paths, kinds and links from operand 3 on. */
static dfl_context_path *read_paths(const wire_message *request, size_t *count) {
    *count = (request->count - 3) / 3;
    dfl_context_path *paths = calloc(*count + 1, sizeof *paths);
    must(paths != NULL, "no memory");
    for (uint32_t i = 0; i < *count; i++) {
        paths[i].path = wire_get(request, 3 + i * 3);
        paths[i].kind = (uint32_t)wire_get(request, 4 + i * 3).ptr[0] - '0';
        paths[i].link = wire_get(request, 5 + i * 3);
    }
    return paths;
}

static void add_source(wire_message *answer, const dfl_context *context, size_t index) {
    dfl_source source = {.size = sizeof source};
    dfl_reading *reading = NULL;
    must(dfl_context_source(context, index, &source) == DFL_OK, "source");
    must(dfl_context_reading(context, index, &reading) == DFL_OK, "reading");
    size_t count = dfl_reading_count(reading);
    wire_add_number(answer, source.kind);
    wire_add_number(answer, source.found);
    wire_add_number(answer, source.flags);
    wire_add_number(answer, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        dfl_read read = {.size = sizeof read};
        must(dfl_reading_path(reading, i, &read) == DFL_OK, "path");
        wire_add(answer, read.name);
        wire_add(answer, read.destination);
        wire_add_number(answer, read.kind);
        wire_add_number(answer, read.flags);
    }
    dfl_reading_free(reading);
}

static void add_transfers(wire_message *answer, const dfl_context *context) {
    size_t count = dfl_context_transfer_count(context);
    wire_add_number(answer, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        dfl_transfer transfer = {.size = sizeof transfer};
        must(dfl_context_transfer(context, i, &transfer) == DFL_OK, "transfer");
        wire_add(answer, transfer.destination);
        wire_add_number(answer, transfer.directory == 1);
        wire_add_number(answer, transfer.count);
        for (uint32_t k = 0; k < transfer.count; k++)
            add_source(answer, context, transfer.first + k);
    }
}

/* Operands: the file, the ignore file, then for each path its name, kind and link. Answers whether
 * the context is sent, the flags of each path, and the transfers with what they read. */
void context_answer(const wire_message *request, wire_message *answer) {
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    dfl_ignore *ignore = NULL;
    dfl_context *context = NULL;
    dfl_context_options opt = DFL_CONTEXT_OPTIONS_INIT;
    dfl_str src = wire_get(request, 1), patterns = wire_get(request, 2);
    dfl_model_options given = DFL_MODEL_OPTIONS_INIT;
    given.flags = DFL_MODEL_F_ALL_ARGS;
    given.target_platform = (dfl_str){"linux/amd64", 11};
    dfl_context_path *paths = read_paths(request, &opt.paths_count);
    must(dfl_parse(src.ptr, src.len, NULL, &doc) == DFL_OK, "parse");
    must(dfl_model_new(doc, &given, &model) == DFL_OK, "model");
    must(dfl_ignore_new(patterns.ptr, patterns.len, NULL, &ignore) == DFL_OK, "ignore");
    opt.ignore = ignore;
    opt.paths = paths;
    opt.target = dfl_model_stage_find(model, (dfl_str){"", 0});
    must(dfl_context_new(model, &opt, &context) == DFL_OK, "context");
    wire_add_number(answer, dfl_context_sent(context));
    wire_add_number(answer, (uint32_t)opt.paths_count);
    for (size_t i = 0; i < opt.paths_count; i++)
        wire_add_number(answer, dfl_context_path_flags(context, i));
    add_transfers(answer, context);
    dfl_context_free(context);
    dfl_ignore_free(ignore);
    dfl_model_free(model);
    dfl_doc_unref(doc);
    free(paths);
}
