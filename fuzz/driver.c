/* driver.c -- main for a harness without libFuzzer: replays files and directories.
 * Relies on POSIX directories and stdio.
 * Never changes an input; an input that breaks a law ends the program. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

/* The file's name, so that an abort says which input it was. */
static int replay_file(const char *path) {
    FILE *f = fopen(path, "rb");
    struct stat about;
    int ok = f != NULL && fstat(fileno(f), &about) == 0;
    size_t size = ok ? (size_t)about.st_size : 0;
    uint8_t *data = malloc(size == 0 ? 1 : size);
    ok = ok && data != NULL && fread(data, 1, size, f) == size;
    if (ok) {
        fprintf(stderr, "%s\n", path);
        LLVMFuzzerTestOneInput(data, size);
    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
    }
    free(data);
    if (f != NULL) fclose(f);
    return ok;
}

static int replay(const char *path, unsigned *count) {
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISDIR(about.st_mode)) {
        ++*count;
        return replay_file(path);
    }
    struct dirent **names = NULL;
    int found = scandir(path, &names, NULL, alphasort), ok = found >= 0;
    if (!ok) fprintf(stderr, "%s: cannot be read\n", path);
    for (int i = 0; i < found; i++) {
        char full[4096];
        if (names[i]->d_name[0] != '.') {
            int len = snprintf(full, sizeof(full), "%s/%s", path, names[i]->d_name);
            ok = len > 0 && (size_t)len < sizeof(full) && replay(full, count) && ok;
        }
        free(names[i]);
    }
    free(names);
    return ok;
}

int main(int argc, char **argv) {
    unsigned count = 0;
    int ok = 1;
    for (int i = 1; i < argc; i++)
        ok = replay(argv[i], &count) && ok;
    printf("%u inputs replayed\n", count);
    return ok && count > 0 ? 0 : 1;
}
