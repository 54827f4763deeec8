/* files.c -- see files.h. */
#include "model/files.h"

#include <string.h>

#include "base/sort.h"
#include "base/path.h"
#include "model/ignore_pattern.h"

#define LONGEST_PATH 65535u
#define DEEPEST_PATH 1024u
#define MOST_LINKS 255u /* of continuity */

/* --- order */

/* A slash stands before all other bytes, so that a directory stands before what is beside it. */
static int compare(dfl_str a, dfl_str b) {
    size_t len = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < len; i++) {
        if (a.ptr[i] == b.ptr[i]) continue;
        if (a.ptr[i] == '/' || b.ptr[i] == '/') return a.ptr[i] == '/' ? -1 : 1;
        return (unsigned char)a.ptr[i] < (unsigned char)b.ptr[i] ? -1 : 1;
    }
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

static int stands_before(const void *ctx, const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const dfl_str *paths = ctx;
    int order = compare(paths[a], paths[b]);
    return order != 0 ? order < 0 : a < b;
}

/* --- making */

typedef struct {
    dfl__files *files;
    const dfl_context_path *given;
    const dfl_str *clean;
    uint32_t open; /* the directory to which what comes next may belong */
} maker;

/* Leave directories until `path` lies in the one that is open. */
static void leave(maker *m, dfl_str path) {
    dfl__file *items = m->files->items.items;
    for (;;) {
        dfl__file *at = &items[m->open];
        if (m->open == 0) return;
        if (path.len > at->path.len && path.ptr[at->path.len] == '/' &&
            memcmp(path.ptr, at->path.ptr, at->path.len) == 0)
            return;
        at->end = m->files->items.count;
        m->open = at->parent;
    }
}

static dfl_status add(maker *m, dfl_str path, uint32_t given) {
    dfl__file *parent = &m->files->items.items[m->open];
    if (parent->kind == DFL_PATH_ANY) parent->kind = DFL_PATH_DIRECTORY;
    if (parent->kind != DFL_PATH_DIRECTORY) return DFL_E_ARG;
    uint32_t level = m->open == 0 ? 0 : parent->level + 1u;
    if (level >= DEEPEST_PATH) return DFL_E_LIMIT;
    dfl__file file = {.path = path, .kind = DFL_PATH_DIRECTORY, .parent = m->open, .given = given};
    file.link = DFL__LIT("");
    file.level = (uint16_t)level;
    if (given != DFL_NO_PATH) {
        const dfl_context_path *from = &m->given[given];
        file.kind = from->kind;
        if (file.kind == DFL_PATH_ANY && dfl__ends(from->path, "/")) file.kind = DFL_PATH_DIRECTORY;
        if (file.kind == DFL_PATH_LINK) {
            file.link.ptr = dfl__arena_copy(&m->files->arena, from->link.ptr, from->link.len);
            file.link.len = from->link.len;
            if (file.link.ptr == NULL) return DFL_E_NOMEM;
        }
    }
    file.end = m->files->items.count + 1;
    if (!DFL__PUSH(&m->files->arena.alloc, &m->files->items, file)) return DFL_E_NOMEM;
    m->open = m->files->items.count - 1;
    return DFL_OK;
}

/* A path, and before it the directories that were not given. */
static dfl_status add_path(maker *m, uint32_t given) {
    dfl_str path = m->clean[given];
    dfl_status status = DFL_OK;
    if (path.len == 0) return DFL_OK;
    if (dfl__eq(path, m->files->items.items[m->files->items.count - 1].path)) return DFL_OK;
    leave(m, path);
    size_t at = m->files->items.items[m->open].path.len;
    for (at = at > 0 ? at + 1 : 0; status == DFL_OK; at++) {
        at = dfl__find(path, '/', at);
        int whole = at == path.len;
        status = add(m, dfl__sub(path, 0, at), whole ? given : DFL_NO_PATH);
        if (whole) break;
    }
    return status;
}

static dfl_status add_root(dfl__files *files) {
    dfl__file root = {.path = {"", 0}, .link = {"", 0}, .kind = DFL_PATH_DIRECTORY, .end = 1};
    root.given = DFL_NO_PATH;
    return DFL__PUSH(&files->arena.alloc, &files->items, root) ? DFL_OK : DFL_E_NOMEM;
}

static void close_all(maker *m) {
    dfl__file *items = m->files->items.items;
    for (;; m->open = items[m->open].parent) {
        items[m->open].end = m->files->items.count;
        if (m->open == 0) break;
    }
    for (uint32_t i = 0; i < m->files->items.count; i++)
        if (items[i].kind == DFL_PATH_ANY) items[i].kind = DFL_PATH_FILE;
}

static dfl_status clean_paths(dfl__files *files, const dfl_context_path *paths, uint32_t count,
                              dfl_str *clean, uint32_t *order) {
    for (uint32_t i = 0; i < count; i++) {
        dfl_str path = paths[i].path;
        if (paths[i].kind > DFL_PATH_LINK || (path.ptr == NULL && path.len > 0)) return DFL_E_ARG;
        if (paths[i].link.ptr == NULL && paths[i].link.len > 0) return DFL_E_ARG;
        if (path.len > LONGEST_PATH || paths[i].link.len > LONGEST_PATH) return DFL_E_LIMIT;
        char *text = dfl__arena_get(&files->arena, path.len + 1);
        if (text == NULL) return DFL_E_NOMEM;
        clean[i] = (dfl_str){text, dfl__ignore_anchor(path, text)};
        order[i] = i;
    }
    return DFL_OK;
}

dfl_status dfl__files_make(dfl__files *files, const dfl_alloc *alloc, const dfl_context_path *paths,
                           size_t count) {
    memset(files, 0, sizeof *files);
    dfl__arena_init(&files->arena, alloc);
    if (count >= UINT32_MAX / 2 / sizeof(dfl__file)) return DFL_E_LIMIT;
    dfl_str *clean = dfl__arena_get(&files->arena, count * sizeof *clean);
    uint32_t *order = dfl__arena_get(&files->arena, count * sizeof *order);
    if (clean == NULL || order == NULL) return DFL_E_NOMEM;
    dfl_status status = clean_paths(files, paths, (uint32_t)count, clean, order);
    if (status == DFL_OK) status = add_root(files);
    if (status != DFL_OK) return status;
    dfl__sort(order, (uint32_t)count, sizeof(uint32_t), stands_before, clean);
    maker m = {files, paths, clean, 0};
    for (size_t i = 0; i < count && status == DFL_OK; i++)
        status = add_path(&m, order[i]);
    if (status == DFL_OK) close_all(&m);
    return status;
}

void dfl__files_free(dfl__files *files) {
    DFL__VEC_FREE(&files->arena.alloc, &files->items);
    dfl__arena_free(&files->arena);
}

/* --- looking */

int dfl__files_visible(dfl__view view, uint32_t file) {
    return view.all || file == 0 || (view.files->items.items[file].flags & DFL_PATH_F_SENT) != 0;
}

uint32_t dfl__files_find(dfl__view view, dfl_str path) {
    uint32_t low = 0, high = view.files->items.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int order = compare(view.files->items.items[mid].path, path);
        if (order == 0) return dfl__files_visible(view, mid) ? mid : DFL__NO_FILE;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return DFL__NO_FILE;
}

void dfl__link_target(dfl_str directory, dfl_str target, dfl_str rest, dfl__buf *out) {
    out->len = 0;
    if (!dfl__starts(target, "/")) dfl__buf_add(out, directory);
    dfl__buf_addc(out, '/');
    dfl__buf_add(out, target);
    dfl__buf_addc(out, '/');
    dfl__buf_add(out, rest);
    if (out->failed == DFL_OK) out->len = dfl__ignore_anchor(dfl__buf_str(out), out->ptr);
}

/* Go along the elements of `path` up to the first link. */
static uint32_t follow(dfl__view view, dfl_str path, size_t *at) {
    uint32_t file = 0;
    for (*at = 0; *at < path.len; (*at)++) {
        *at = dfl__find(path, '/', *at);
        file = dfl__files_find(view, dfl__sub(path, 0, *at));
        if (file == DFL__NO_FILE || view.files->items.items[file].kind == DFL_PATH_LINK)
            return file;
    }
    return file;
}

dfl_status dfl__files_resolve(dfl__view view, dfl_str path, uint32_t *file, dfl__resolved *how) {
    dfl__buf text, next;
    const dfl_alloc *alloc = &view.files->arena.alloc;
    dfl__buf_init(&text, alloc, 0);
    dfl__buf_init(&next, alloc, 0);
    dfl__buf_add(&text, path);
    *how = DFL__RESOLVE_LINKS;
    *file = DFL__NO_FILE;
    dfl_status status = DFL_OK;
    for (uint32_t links = 0; links <= MOST_LINKS && text.failed == DFL_OK; links++) {
        size_t at;
        dfl_str now = dfl__buf_str(&text);
        uint32_t found = follow(view, now, &at);
        const dfl__file *f = found != DFL__NO_FILE ? &view.files->items.items[found] : NULL;
        if (f == NULL || f->kind != DFL_PATH_LINK) {
            *how = f != NULL ? DFL__RESOLVED : DFL__RESOLVE_MISSING;
            *file = found;
            break;
        }
        if (view.follow != NULL) status = view.follow(view.ctx, found);
        if (status != DFL_OK) break;
        dfl_str directory = dfl__sub(now, 0, f->path.len - dfl__path_base(f->path).len);
        dfl__link_target(directory, f->link, dfl__sub(now, at, now.len), &next);
        dfl__buf swap = text;
        text = next;
        next = swap;
    }
    if (status == DFL_OK) status = text.failed;
    dfl__buf_free(&text);
    dfl__buf_free(&next);
    return status;
}
