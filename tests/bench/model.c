/* model.c -- makes a model of each file given, for programs that count what that takes.
 * Relies on the public faces of trees and models.
 * Never fails on content: its exit code tells of files that cannot be read or modelled. */
#include <stdio.h>
#include <stdlib.h>

#include "dockerfile/model.h"
#include "read_file.h"

static int model_file(const char *path) {
    const dfl_limits limits = {sizeof limits, 64u << 20, 0, 0, 1u << 20, 0, 0, 256u << 20};
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    size_t len;
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    char *bytes = read_file(path, &len);
    options.limits = &limits;
    int done = bytes != NULL && dfl_parse(bytes, len, &options, &doc) == DFL_OK &&
               dfl_model_new(doc, NULL, &model) == DFL_OK;
    if (!done) fprintf(stderr, "%s: no model can be made of it\n", path);
    dfl_model_free(model);
    dfl_doc_unref(doc);
    free(bytes);
    return done;
}

int main(int argc, char **argv) {
    int done = 1;
    for (int i = 1; i < argc; i++)
        done &= model_file(argv[i]);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
