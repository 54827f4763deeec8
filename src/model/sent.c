/* sent.c -- see sent.h. */
#include "model/sent.h"

#include <string.h>

#include "base/sort.h"
#include "base/path.h"
#include "model/env.h"
#include "model/gomatch.h"

typedef DFL__VEC(dfl_str) texts;

/* --- paths that are asked for
 *
 * A link on the way is asked for itself, and then what it leads to. */

typedef struct {
    const dfl__files *files;
    dfl__arena *arena;
    texts todo;     /* paths, the next one last */
    texts resolved; /* what is asked for */
    dfl__env seen;  /* the same, by name */
} follower;

static int text_before(const void *ctx, const void *a, const void *b) {
    const dfl_str *x = a, *y = b;
    (void)ctx;
    return dfl__compare(*x, *y) < 0;
}

/* Sort, and drop what lies below another. 0 when the root is among them. */
static int settle(texts *list) {
    uint32_t count = 0;
    dfl__sort(list->items, list->count, sizeof *list->items, text_before, NULL);
    for (uint32_t i = 0; i < list->count; i++) {
        dfl_str text = list->items[i];
        if (text.len == 0) return 0;
        const dfl_str *last = count > 0 ? &list->items[count - 1] : NULL;
        if (last != NULL && text.len > last->len && text.ptr[last->len] == '/' &&
            memcmp(text.ptr, last->ptr, last->len) == 0)
            continue;
        list->items[count++] = text;
    }
    list->count = count;
    return 1;
}

static int was_seen(follower *f, dfl_str path) {
    return dfl__env_find(&f->seen, path) != NULL;
}

static dfl_status ask_for(follower *f, dfl_str path) {
    dfl__binding name = {path, {"", 0}, DFL__VAR_SET, 0, 0, 0, 0};
    if (was_seen(f, path)) return DFL_OK;
    if (!dfl__env_put(&f->seen, DFL__LAYER_ENV, &name)) return DFL_E_NOMEM;
    return DFL__PUSH(&f->arena->alloc, &f->resolved, path) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status push_target(follower *f, uint32_t link, dfl_str rest) {
    const dfl__file *file = &f->files->items.items[link];
    dfl_str directory = dfl__sub(file->path, 0, file->path.len - dfl__path_base(file->path).len);
    dfl__buf buf;
    dfl__buf_init(&buf, &f->arena->alloc, 0);
    dfl__link_target(directory, file->link, rest, &buf);
    dfl_str target = {dfl__arena_copy(f->arena, dfl__buf_str(&buf).ptr, buf.len), buf.len};
    dfl_status status = buf.failed;
    dfl__buf_free(&buf);
    if (status != DFL_OK) return status;
    if (target.ptr == NULL) return DFL_E_NOMEM;
    return DFL__PUSH(&f->arena->alloc, &f->todo, target) ? DFL_OK : DFL_E_NOMEM;
}

/* The next entry of the directory that holds `at`; DFL__NO_FILE behind the last. */
static uint32_t next_in(const dfl__files *files, uint32_t at) {
    uint32_t parent = files->items.items[at].parent, next = files->items.items[at].end;
    return next < files->items.items[parent].end ? next : DFL__NO_FILE;
}

/* Links that `path` names, one without wildcards, or by its last element. `*links` = whether there
 * are any; unless that was known of the path already, what they lead to is to do. */
static dfl_status visit_links(follower *f, dfl_str path, dfl_str rest, int *links) {
    dfl__view view = {f->files, 1, NULL, NULL};
    const dfl__file *items = f->files->items.items;
    dfl_str name = dfl__path_base(path);
    uint32_t first = f->todo.count;
    dfl_status status = DFL_OK;
    int known = was_seen(f, path);
    *links = 0;
    if (path.len == 0) return DFL_OK;
    if (!dfl__has_wildcards(name)) {
        uint32_t file = dfl__files_find(view, path);
        *links = file != DFL__NO_FILE && items[file].kind == DFL_PATH_LINK;
        return *links && !known ? push_target(f, file, rest) : DFL_OK;
    }
    dfl_str holder = dfl__sub(path, 0, path.len > name.len ? path.len - name.len - 1 : 0);
    uint32_t directory = dfl__files_find(view, holder);
    if (directory == DFL__NO_FILE) return DFL_OK;
    uint32_t at = directory + 1 < items[directory].end ? directory + 1 : DFL__NO_FILE;
    for (; at != DFL__NO_FILE && status == DFL_OK; at = next_in(f->files, at)) {
        if (items[at].kind != DFL_PATH_LINK) continue;
        if (!dfl__go_match(name, dfl__path_base(items[at].path))) continue;
        *links = 1;
        if (known) break;
        status = push_target(f, at, rest);
    }
    /* the first of them is done first */
    for (uint32_t i = first, j = f->todo.count; i + 1 < j; i++) {
        dfl_str swap = f->todo.items[i];
        f->todo.items[i] = f->todo.items[--j];
        f->todo.items[j] = swap;
    }
    return status;
}

static dfl_status follow_one(follower *f, dfl_str path) {
    for (size_t at = 0;; at++) {
        int links;
        at = dfl__find(path, '/', at);
        dfl_str current = dfl__sub(path, 0, at);
        dfl_str rest = dfl__sub(path, at < path.len ? at + 1 : at, path.len);
        dfl_status status = visit_links(f, current, rest, &links);
        if (status != DFL_OK) return status;
        if (links || rest.len == 0) return ask_for(f, current);
    }
}

static dfl_status follow_all(follower *f, const dfl_str *wanted, uint32_t count) {
    texts paths = {NULL, 0, 0};
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < count && status == DFL_OK; i++)
        if (!DFL__PUSH(&f->arena->alloc, &paths, wanted[i])) status = DFL_E_NOMEM;
    dfl__sort(paths.items, paths.count, sizeof *paths.items, text_before, NULL);
    for (uint32_t i = 0; i < paths.count && status == DFL_OK; i++) {
        if (!DFL__PUSH(&f->arena->alloc, &f->todo, paths.items[i])) status = DFL_E_NOMEM;
        while (f->todo.count > 0 && status == DFL_OK)
            status = follow_one(f, f->todo.items[--f->todo.count]);
    }
    DFL__VEC_FREE(&f->arena->alloc, &paths);
    return status;
}

/* --- the walk */

typedef struct {
    dfl__files *files;
    dfl__ignore_walk include, exclude;
    int prefixes, exceptions;    /* whether directories may be left out for good, by the two */
    uint32_t unwanted, excluded; /* below these ends all is left out */
} sender;

/* Without the stars at its end that take all that lies in a directory. */
static dfl_str without_glob(dfl_str text) {
    if (dfl__ends(text, "/**")) text.len -= 3;
    if (dfl__ends(text, "/*")) text.len -= 2;
    return text;
}

/* Whether each pattern that takes paths back in (`exception`), or that does not, is plain. */
static int all_plain(const dfl_ignore *patterns, int exception) {
    for (uint32_t i = 0; patterns != NULL && i < patterns->patterns.count; i++) {
        const dfl__ignored *p = &patterns->patterns.items[i];
        dfl_str text = without_glob(p->text);
        if (p->exception != exception) continue;
        for (size_t k = 0; k < text.len; k++)
            if (strchr("*[]?^\\", text.ptr[k]) != NULL && text.ptr[k] != '\0') return 0;
    }
    return 1;
}

/* Whether a plain pattern of the kind names something below `directory`. */
static int some_below(const dfl_ignore *patterns, int exception, dfl_str directory) {
    for (uint32_t i = 0; i < patterns->patterns.count; i++) {
        const dfl__ignored *p = &patterns->patterns.items[i];
        dfl_str text = without_glob(p->text);
        if (p->exception != exception || text.len < directory.len) continue;
        if (memcmp(text.ptr, directory.ptr, directory.len) != 0) continue;
        if (text.len == directory.len || text.ptr[directory.len] == '/') return 1;
    }
    return 0;
}

static dfl_status judge_wanted(sender *s, uint32_t at, int *wanted) {
    const dfl__file *file = &s->files->items.items[at];
    *wanted = at >= s->unwanted;
    if (s->include.ignore == NULL || !*wanted) return DFL_OK;
    dfl_status status = dfl__ignore_walk_enter(&s->include, file->level, file->path, wanted);
    if (status != DFL_OK || *wanted || file->kind != DFL_PATH_DIRECTORY) return status;
    if (s->prefixes && !some_below(s->include.ignore, 0, file->path)) s->unwanted = file->end;
    return DFL_OK;
}

static dfl_status judge_excluded(sender *s, uint32_t at, int *excluded) {
    const dfl__file *file = &s->files->items.items[at];
    *excluded = at < s->excluded;
    if (s->exclude.ignore == NULL || *excluded) return DFL_OK;
    dfl_status status = dfl__ignore_walk_enter(&s->exclude, file->level, file->path, excluded);
    if (status != DFL_OK || !*excluded || file->kind != DFL_PATH_DIRECTORY) return status;
    if (s->exceptions && !some_below(s->exclude.ignore, 1, file->path)) s->excluded = file->end;
    return DFL_OK;
}

/* A directory is sent with what is sent below it. */
static void mark_sent(dfl__files *files, uint32_t at) {
    dfl__file *items = files->items.items;
    for (; at != 0 && (items[at].flags & DFL_PATH_F_SENT) == 0; at = items[at].parent)
        items[at].flags |= DFL_PATH_F_SENT;
}

static dfl_status walk(sender *s, uint32_t *sent) {
    dfl__file *items = s->files->items.items;
    for (uint32_t i = 1; i < s->files->items.count; i++) {
        int wanted, excluded;
        dfl_status status = judge_wanted(s, i, &wanted);
        *sent = DFL_SENT_SOURCE;
        if (status != DFL_OK) return status;
        status = judge_excluded(s, i, &excluded);
        *sent = DFL_SENT_IGNORE;
        /* BuildKit does not look at what nobody wants */
        if (status == DFL_E_NOMEM || (status != DFL_OK && i >= s->unwanted)) return status;
        if (excluded) items[i].flags |= DFL_PATH_F_EXCLUDED;
        if (wanted && !excluded) mark_sent(s->files, i);
    }
    *sent = DFL_SENT_YES;
    return DFL_OK;
}

/* What is wrong with a pattern is not the caller's mistake: it is what becomes of the sending. */
static dfl_status settle_status(dfl_status status, uint32_t *sent) {
    if (status == DFL_OK || status == DFL_E_NOMEM) return status;
    if (status != DFL_E_FORMAT) *sent = DFL_SENT_UNKNOWN;
    return DFL_OK;
}

static dfl_status send(dfl__files *files, const dfl_ignore *ignore, const dfl_ignore *wanted,
                       uint32_t *sent) {
    sender s = {.files = files};
    *sent = DFL_SENT_SOURCE;
    dfl_status status = dfl__ignore_walk_init(&s.include, wanted);
    if (status == DFL_OK) {
        *sent = DFL_SENT_IGNORE;
        status = dfl__ignore_walk_init(&s.exclude, ignore);
    }
    s.prefixes = all_plain(wanted, 0);
    s.exceptions = all_plain(ignore, 1);
    if (status == DFL_OK) status = walk(&s, sent);
    dfl__ignore_walk_free(&s.include);
    dfl__ignore_walk_free(&s.exclude);
    return settle_status(status, sent);
}

dfl_status dfl__send(dfl__files *files, const dfl_ignore *ignore, const dfl_str *wanted,
                     uint32_t count, uint32_t *sent) {
    dfl__arena arena;
    dfl_ignore *patterns = NULL;
    follower f = {.files = files, .arena = &arena};
    dfl_status status = DFL_OK;
    int some = 0;
    dfl__arena_init(&arena, &files->arena.alloc);
    dfl__env_init(&f.seen, &arena);
    *sent = DFL_SENT_YES;
    if (wanted != NULL) status = follow_all(&f, wanted, count);
    if (status == DFL_OK && wanted != NULL) some = settle(&f.resolved);
    if (some < 0) status = DFL_E_NOMEM;
    if (status == DFL_OK && some > 0 && f.resolved.count > 0)
        status = dfl__ignore_list(f.resolved.items, f.resolved.count, &arena.alloc, &patterns);
    if (status == DFL_OK) status = send(files, ignore, patterns, sent);
    if (status == DFL_OK && *sent != DFL_SENT_YES)
        for (uint32_t i = 0; i < files->items.count; i++)
            files->items.items[i].flags = 0;
    dfl_ignore_free(patterns);
    DFL__VEC_FREE(&arena.alloc, &f.todo);
    DFL__VEC_FREE(&arena.alloc, &f.resolved);
    dfl__arena_free(&arena);
    return status;
}
