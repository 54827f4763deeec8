/* fixture.h -- a directory for one test: made before it, removed after it.
 * Relies on POSIX; must be the first include of a test.
 * Never writes outside that directory. */
#ifndef TESTS_UNIT_IO_FIXTURE_H
#define TESTS_UNIT_IO_FIXTURE_H

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "dockerfile/io.h"

#define FIXTURE_PATHS 16

typedef struct {
    char root[512];
    char paths[FIXTURE_PATHS][1024]; /* handed out by at(), in turn */
    unsigned next;
} fixture;

static inline int fixture_make(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL) return -1;
    const char *base = getenv("TMPDIR");
    snprintf(f->root, sizeof f->root, "%s/dfl-test-XXXXXX", base != NULL ? base : P_tmpdir);
    *state = f;
    return mkdtemp(f->root) != NULL ? 0 : -1;
}

static inline int fixture_remove(const char *path, const struct stat *st, int flag,
                                 struct FTW *ftw) {
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static inline int fixture_drop(void **state) {
    fixture *f = *state;
    int result = nftw(f->root, fixture_remove, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return result;
}

static inline void join(char *out, size_t size, const char *root, const char *name) {
    size_t a = strlen(root), b = strlen(name);
    assert_true(a + b + 2 <= size);
    memcpy(out, root, a);
    out[a] = '/';
    memcpy(out + a + 1, name, b + 1);
}

/* Path of `name` in the directory; valid for the next FIXTURE_PATHS - 1 calls. */
static inline const char *at(fixture *f, const char *name) {
    char *path = f->paths[f->next++ % FIXTURE_PATHS];
    join(path, sizeof f->paths[0], f->root, name);
    return path;
}

/* Write a file; the directories of its name are made. */
static inline void put_bytes(fixture *f, const char *name, const void *bytes, size_t len) {
    char path[1024];
    join(path, sizeof path, f->root, name);
    for (char *slash = strchr(path + strlen(f->root) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static inline void put(fixture *f, const char *name, const char *text) {
    put_bytes(f, name, text, strlen(text));
}

static inline unsigned entries_of(const char *path) {
    DIR *dir = opendir(path);
    assert_non_null(dir);
    unsigned count = 0;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2;
}

/* The message must name the place and say `want` somewhere. */
static inline void assert_error(const dfl_io_error *error, uint32_t line, uint32_t column,
                                const char *want) {
    if (error->line != line || error->column != column || strstr(error->message, want) == NULL)
        fail_msg("%u:%u \"%s\", wanted %u:%u \"%s\"", error->line, error->column, error->message,
                 line, column, want);
}

/* An allocator that fails once, at the k-th request. */
typedef struct {
    unsigned left;
    size_t live;
} failing;

static inline void *fail_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    if (new_size == 0) {
        f->live -= old_size;
        free(ptr);
        return NULL;
    }
    if (f->left > 0 && --f->left == 0) return NULL;
    void *grown = realloc(ptr, new_size);
    if (grown != NULL) f->live += new_size - old_size;
    return grown;
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

#endif
