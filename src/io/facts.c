/* facts.c -- what a build context says: its top-level entries and its manifests.
 * Relies on one reader a manifest, in the table below.
 * Never guesses: what a manifest leaves open gives no fact. */
#define _XOPEN_SOURCE 700 /* NOLINT: the name is POSIX's */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/context.h"

static const struct {
    const char *file;
    dfl__manifest_reader *read;
} manifests[] = {
    {"package.json", dfl__manifest_npm},       {"go.mod", dfl__manifest_go},
    {"Cargo.toml", dfl__manifest_cargo},       {"pom.xml", dfl__manifest_maven},
    {"settings.gradle", dfl__manifest_gradle}, {"settings.gradle.kts", dfl__manifest_gradle},
};

static dfl__place whole(const char *path) {
    return (dfl__place){path, 0, 0};
}

static int compare_entries(const void *a, const void *b) {
    const dfl__entry *left = a, *right = b;
    return strcmp(left->name, right->name);
}

/* What kind of file `name` in the open directory is; a dangling link is neither. */
static dfl__entry look_at(int directory, const char *name) {
    dfl__entry entry = {name, 0, 0, 0};
    struct stat st;
    if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return entry;
    entry.is_link = S_ISLNK(st.st_mode);
    if (entry.is_link && fstatat(directory, name, &st, 0) != 0) return entry;
    entry.is_directory = S_ISDIR(st.st_mode);
    entry.is_file = S_ISREG(st.st_mode);
    return entry;
}

typedef DFL__VEC(dfl__entry) entries;

static dfl_status read_entries(DIR *dir, const char *path, dfl__arena *arena, entries *found,
                               dfl_io_error *error) {
    for (;;) {
        errno = 0;
        const struct dirent *next = readdir(dir);
        if (next == NULL && errno != 0)
            return dfl__io_fail(error, DFL_E_IO, whole(path), "cannot list (error %d)", errno);
        if (next == NULL) return DFL_OK;
        if (strcmp(next->d_name, ".") == 0 || strcmp(next->d_name, "..") == 0) continue;
        if (found->count == DFL__DIRECTORY_MAX_ENTRIES)
            return dfl__io_fail(error, DFL_E_LIMIT, whole(path),
                                "more than %u entries; is it the right directory?",
                                DFL__DIRECTORY_MAX_ENTRIES);
        const char *name = dfl__arena_copy(arena, next->d_name, strlen(next->d_name));
        if (name == NULL || !DFL__PUSH(&arena->alloc, found, look_at(dirfd(dir), name)))
            return dfl__io_nomem(error, path);
    }
}

static dfl_status open_failed(const char *path, int number, dfl_io_error *error) {
    const char *why = number == ENOENT    ? "no such directory; check the path"
                      : number == ENOTDIR ? "not a directory; name the build context"
                      : number == EACCES  ? "permission denied; change its mode"
                                          : "cannot open the directory";
    return dfl__io_fail(error, DFL_E_IO, whole(path), "%s", why);
}

dfl_status dfl__directory_list(const char *path, dfl__arena *arena, dfl__directory *out,
                               dfl_io_error *error) {
    DIR *dir = opendir(path);
    if (dir == NULL) return open_failed(path, errno, error);
    entries found = {NULL, 0, 0};
    dfl_status status = read_entries(dir, path, arena, &found, error);
    closedir(dir);
    dfl__entry *items = dfl__arena_get(arena, found.count * sizeof *items);
    if (status == DFL_OK && items == NULL) status = dfl__io_nomem(error, path);
    if (status == DFL_OK && items != NULL) {
        if (found.count > 0) memcpy(items, found.items, found.count * sizeof *items);
        qsort(items, found.count, sizeof *items, compare_entries);
        *out = (dfl__directory){items, found.count};
    }
    DFL__VEC_FREE(&arena->alloc, &found);
    return status;
}

char *dfl__context_join(dfl__arena *arena, const char *base, const char *name) {
    dfl_str lead = dfl__str(base), rest = dfl__str(name);
    char *path = dfl__arena_get(arena, lead.len + rest.len + 2);
    if (path == NULL) return NULL;
    size_t at = lead.len;
    memcpy(path, lead.ptr, lead.len);
    if (at > 0 && path[at - 1] != '/') path[at++] = '/';
    memcpy(path + at, rest.ptr, rest.len);
    path[at + rest.len] = '\0';
    return path;
}

int dfl__context_has(const dfl__context *context, const char *name) {
    dfl__entry wanted = {name, 0, 0, 0};
    const dfl__entry *found = context->top.count == 0
                                  ? NULL
                                  : bsearch(&wanted, context->top.items, context->top.count,
                                            sizeof wanted, compare_entries);
    return found != NULL && found->is_file;
}

dfl_status dfl__context_read(dfl__context *context, const char *name, dfl_io_file **out,
                             const char **path) {
    *out = NULL;
    *path = dfl__context_join(&context->scratch, context->root, name);
    if (*path == NULL) return dfl__io_nomem(context->error, context->root);
    if (!dfl__context_has(context, name)) return DFL_OK;
    return dfl_io_read(*path, DFL__MANIFEST_MAX_BYTES, out, context->error);
}

dfl_status dfl__context_add(dfl__context *context, const char *prefix, dfl_str name,
                            dfl_str value) {
    dfl_io_facts *facts = context->facts;
    size_t lead = strlen(prefix);
    char *full = dfl__arena_get(&facts->arena, lead + name.len + 1);
    char *copy = dfl__arena_copy(&facts->arena, value.ptr, value.len);
    if (full == NULL || copy == NULL) return dfl__io_nomem(context->error, context->root);
    memcpy(full, prefix, lead);
    if (name.len > 0) memcpy(full + lead, name.ptr, name.len);
    full[lead + name.len] = '\0';
    dfl_binding fact = {{full, lead + name.len}, {copy, value.len}};
    if (!DFL__PUSH(&facts->arena.alloc, &facts->list, fact))
        return dfl__io_nomem(context->error, context->root);
    return DFL_OK;
}

int dfl__is_plain_name(dfl_str name) {
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (!dfl__is_alpha(c) && !dfl__is_digit(c) && c != '.' && c != '_' && c != '+' && c != '-')
            return 0;
    }
    return name.len > 0 && name.ptr[0] != '.' && name.ptr[0] != '-';
}

dfl_status dfl__context_malformed(const dfl__context *context, const char *path, dfl_str text,
                                  size_t at, const char *why) {
    dfl__place place = {path, 1, 1};
    size_t start = 0;
    for (size_t i = dfl__find(text, '\n', 0); i < at && i < text.len;
         i = dfl__find(text, '\n', i + 1)) {
        place.line++;
        start = i + 1;
    }
    place.column = (uint32_t)(at - start) + 1;
    return dfl__io_fail(context->error, DFL_E_FORMAT, place, "%s", why);
}

static dfl_status add_entries(dfl__context *context) {
    for (uint32_t i = 0; i < context->top.count; i++) {
        const dfl__entry *entry = &context->top.items[i];
        const char *name = entry->is_directory
                               ? dfl__context_join(&context->scratch, entry->name, "/")
                               : entry->name;
        if (name == NULL) return dfl__io_nomem(context->error, context->root);
        dfl_str value = {name, strlen(entry->name) + (entry->is_directory ? 1 : 0)};
        dfl_status status = dfl__context_add(context, "file", (dfl_str){"", 0}, value);
        if (status != DFL_OK) return status;
    }
    return DFL_OK;
}

static dfl_status read_manifests(dfl__context *context) {
    for (size_t i = 0; i < sizeof manifests / sizeof *manifests; i++) {
        dfl_io_file *file;
        const char *path;
        dfl_status status = dfl__context_read(context, manifests[i].file, &file, &path);
        if (status == DFL_OK && file != NULL)
            status = manifests[i].read(context, dfl_io_file_bytes(file), path);
        dfl_io_file_free(file);
        if (status != DFL_OK) return status;
    }
    return DFL_OK;
}

dfl_status dfl_io_facts_read(const char *path, dfl_io_facts **out, dfl_io_error *error) {
    if (path == NULL || out == NULL) return DFL_E_ARG;
    dfl_alloc alloc = dfl__alloc_of(NULL);
    dfl_io_facts *facts = dfl__calloc(&alloc, sizeof *facts);
    if (facts == NULL) return dfl__io_nomem(error, path);
    dfl__arena_init(&facts->arena, &alloc);
    dfl__context context = {.root = path, .facts = facts, .error = error};
    dfl__arena_init(&context.scratch, &alloc);
    dfl_status status = dfl__directory_list(path, &context.scratch, &context.top, error);
    if (status == DFL_OK) status = add_entries(&context);
    if (status == DFL_OK) status = read_manifests(&context);
    dfl__arena_free(&context.scratch);
    if (status == DFL_OK) {
        *out = facts;
    } else {
        dfl_io_facts_free(facts);
    }
    return status;
}

const dfl_binding *dfl_io_facts_list(const dfl_io_facts *facts, size_t *count) {
    *count = facts->list.count;
    return facts->list.items;
}

void dfl_io_facts_free(dfl_io_facts *facts) {
    if (facts == NULL) return;
    dfl_alloc alloc = facts->arena.alloc;
    DFL__VEC_FREE(&alloc, &facts->list);
    dfl__arena_free(&facts->arena);
    dfl__free(&alloc, facts, sizeof *facts);
}
