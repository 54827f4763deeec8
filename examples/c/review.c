/* review.c -- says what a rewrite would do to a file, and why, without doing it.
 *
 *     review Dockerfile [CONTEXT]
 *
 * Uses libdockerfile-io for the file and for what the build context says. */
#include <stdio.h>
#include <string.h>

#include <dockerfile/dockerfile.h>
#include <dockerfile/io.h>

static int32_t to_stdout(void *ctx, const char *ptr, size_t len) {
    (void)ctx;
    return fwrite(ptr, 1, len, stdout) == len ? 0 : 1;
}

static dfl_status review(const char *path, dfl_str source, const dfl_io_facts *facts) {
    dfl_rewrite_options options = DFL_REWRITE_OPTIONS_INIT;
    dfl_sink sink = {to_stdout, NULL};
    dfl_str name = {path, strlen(path)};
    dfl_doc *doc = NULL;
    dfl_plan *plan = NULL;
    if (facts != NULL) options.facts = dfl_io_facts_list(facts, &options.facts_count);

    dfl_status status = dfl_parse(source.ptr, source.len, NULL, &doc);
    if (status == DFL_OK) status = dfl_rewrite_optimize(doc, &options, &plan);
    if (status == DFL_OK) status = dfl_print_plan_text(plan, name, &sink);
    if (status == DFL_OK) status = dfl_print_diff(doc, dfl_plan_result(plan), name, &sink);
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
    return status;
}

int main(int argc, char **argv) {
    dfl_io_error error = {0, 0, ""};
    dfl_io_file *file = NULL;
    dfl_io_facts *facts = NULL;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: review Dockerfile [CONTEXT]\n");
        return 2;
    }
    dfl_status status = dfl_io_read(argv[1], 0, &file, &error);
    if (status == DFL_OK && argc == 3) status = dfl_io_facts_read(argv[2], &facts, &error);
    if (status == DFL_OK)
        status = review(argv[1], dfl_io_file_bytes(file), facts);
    else
        fprintf(stderr, "review: %s\n", error.message);
    dfl_io_facts_free(facts);
    dfl_io_file_free(file);
    return status == DFL_OK ? 0 : 1;
}
