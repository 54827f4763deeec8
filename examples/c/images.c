/* images.c -- prints the stages of the Dockerfile on standard input, and the images they build on.
 *
 *     images < Dockerfile
 *
 * Uses the core library alone: it parses bytes and opens no file. */
#include <stdio.h>

#include <dockerfile/dockerfile.h>

#define MAX_BYTES (4u << 20)

static void print_images(const dfl_model *model, size_t stage) {
    for (size_t i = 0; i < dfl_model_edge_count(model); i++) {
        dfl_edge edge = {.size = sizeof edge};
        if (dfl_model_edge(model, i, &edge) == DFL_OK && edge.stage == stage &&
            edge.target == DFL_NO_STAGE)
            printf("    %.*s%s\n", (int)edge.image.len, edge.image.ptr,
                   edge.known ? "" : " (depends on a build argument)");
    }
}

int main(void) {
    static char bytes[MAX_BYTES];
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    int done = 0;
    size_t len = fread(bytes, 1, sizeof bytes, stdin);

    if (dfl_parse(bytes, len, NULL, &doc) == DFL_OK && dfl_model_new(doc, NULL, &model) == DFL_OK) {
        for (size_t i = 0; i < dfl_model_stage_count(model); i++) {
            dfl_stage stage = {.size = sizeof stage};
            if (dfl_model_stage(model, i, &stage) != DFL_OK) continue;
            printf("stage %u %.*s\n", (unsigned)stage.index, (int)stage.name.len, stage.name.ptr);
            print_images(model, i);
        }
        done = dfl_doc_error_count(doc) == 0;
    }
    dfl_model_free(model);
    dfl_doc_unref(doc);
    return done ? 0 : 1;
}
