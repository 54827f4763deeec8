/* io.c -- a program as a user of libdockerfile-io writes it: read a file named by its argument.
 * Relies on what is installed.
 * Never writes a file. */
#include <dockerfile/dockerfile.h>
#include <dockerfile/io.h>
#include <stdio.h>

int main(int argc, char **argv) {
    dfl_io_error error;
    dfl_io_file *file = NULL;
    dfl_doc *doc = NULL;
    if (argc != 2) return 2;
    if (dfl_io_read(argv[1], 0, &file, &error) != DFL_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    dfl_str text = dfl_io_file_bytes(file);
    int ok = dfl_parse(text.ptr, text.len, NULL, &doc) == DFL_OK && dfl_doc_error_count(doc) == 0;
    dfl_doc_unref(doc);
    dfl_io_file_free(file);
    return ok ? 0 : 1;
}
