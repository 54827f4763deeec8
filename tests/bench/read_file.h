/* read_file.h -- the bytes of a file.
 * Relies on stdio.
 * Never used by the library: it opens files. */
#ifndef TESTS_BENCH_READ_FILE_H
#define TESTS_BENCH_READ_FILE_H

#include <stdio.h>
#include <stdlib.h>

/* Freed by the caller; NULL when the file cannot be read. */
static inline char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    long size = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
    if (size >= 0 && fseek(file, 0, SEEK_SET) == 0) bytes = malloc((size_t)size + 1);
    *len = bytes != NULL ? fread(bytes, 1, (size_t)size, file) : 0;
    if (file != NULL) (void)fclose(file);
    return bytes;
}

#endif
