/* parse.c -- parses each file given, for programs that count what that takes.
 * Relies on the public face of trees.
 * Never fails on content: its exit code tells of files that cannot be read or parsed. */
#include <stdio.h>
#include <stdlib.h>

#include "dockerfile/tree.h"
#include "read_file.h"

static int parse_file(const char *path) {
    size_t len;
    dfl_doc *doc = NULL;
    char *bytes = read_file(path, &len);
    if (bytes == NULL || dfl_parse(bytes, len, NULL, &doc) != DFL_OK) {
        fprintf(stderr, "%s: cannot be parsed\n", path);
        free(bytes);
        return 0;
    }
    dfl_doc_unref(doc);
    free(bytes);
    return 1;
}

int main(int argc, char **argv) {
    int done = 1;
    for (int i = 1; i < argc; i++)
        done &= parse_file(argv[i]);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
