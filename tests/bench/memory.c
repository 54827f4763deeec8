/* memory.c -- what a parse of each file given asks for and keeps.
 * Relies on the public face of trees.
 * Never fails on content: its exit code tells of files that cannot be read or parsed. */
#include <stdio.h>
#include <stdlib.h>

#include "dockerfile/tree.h"
#include "read_file.h"

typedef struct {
    size_t calls, asked, live, peak; /* calls that allocate or grow, and bytes */
} counter;

static void *resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    counter *c = ctx;
    c->calls += new_size > old_size;
    c->asked += new_size;
    c->live += new_size - old_size;
    if (c->live > c->peak) c->peak = c->live;
    if (new_size != 0) return realloc(ptr, new_size);
    free(ptr);
    return NULL;
}

static int parse_file(const char *path) {
    counter c = {0, 0, 0, 0};
    dfl_alloc alloc = {resize, &c};
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    size_t len;
    char *bytes = read_file(path, &len);
    options.alloc = &alloc;
    int done = bytes != NULL && dfl_parse(bytes, len, &options, &doc) == DFL_OK;
    if (done)
        printf("%7zu bytes: %3zu allocations, %8zu asked for, %8zu at most, %8zu kept  %s\n", len,
               c.calls, c.asked, c.peak, c.live, path);
    else
        fprintf(stderr, "%s: cannot be parsed\n", path);
    dfl_doc_unref(doc);
    free(bytes);
    return done;
}

int main(int argc, char **argv) {
    int done = 1;
    for (int i = 1; i < argc; i++)
        done &= parse_file(argv[i]);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
