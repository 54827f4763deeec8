/* parse.c -- parses each file given, for programs that count what that takes.
 * Relies on the public face of trees.
 * Never fails on content: its exit code tells of files that cannot be read or parsed. */
#include <stdio.h>
#include <stdlib.h>

#include "dockerfile/tree.h"

static char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    long size = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
    if (size >= 0 && fseek(file, 0, SEEK_SET) == 0) bytes = malloc((size_t)size + 1);
    *len = bytes != NULL ? fread(bytes, 1, (size_t)size, file) : 0;
    if (file != NULL) (void)fclose(file);
    return bytes;
}

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
