/* reading.c -- see reading.h. */
#include "model/reading.h"

#include <string.h>

#include "base/path.h"
#include "model/gomatch.h"
#include "model/winpath.h"

/* A source that is being read. */
typedef struct {
    dfl__reader *r;
    dfl_str path;                  /* clean, below the root */
    dfl_ignore *include, *exclude; /* NULL: there are none */
    dfl_str required;              /* something below it must be copied; NULL ptr = nothing */
    int copied_required;
    int copied_some;      /* a file, or something in a directory */
    unsigned char *marks; /* of the files below a root: whether they are copied */
    size_t marks_size;
} job;

/* --- spelling */

/* Windows has both separators; a builder for it makes them one before it looks further. */
static dfl_str spelt(dfl__arena *arena, const dfl__transfer *t, dfl_str text) {
    return t->windows ? dfl__winpath_slashes(arena, text) : text;
}

static dfl_str anchored(dfl__arena *arena, dfl_str text) {
    dfl_str path = {NULL, 0};
    char *bytes = dfl__arena_get(arena, text.len + 1);
    if (bytes == NULL) return path;
    path.len = dfl__ignore_anchor(text, bytes);
    path.ptr = bytes;
    return path;
}

dfl_str dfl__wanted_path(dfl__arena *arena, const dfl__transfer *t, dfl_str text) {
    dfl_str slashes = spelt(arena, t, text);
    return slashes.ptr != NULL ? anchored(arena, slashes) : slashes;
}

/* Take the drive off a path for Windows; a path that has another one is refused elsewhere. */
static dfl_status strip(const job *j, dfl_str *path) {
    dfl_str text = *path;
    if (!j->r->transfer->windows) return DFL_OK;
    dfl__winpath_error error = dfl__winpath_strip(j->r->arena, text, 0, path);
    if (error == DFL__WINPATH_NOMEM) return DFL_E_NOMEM;
    if (error != DFL__WINPATH_OK) *path = text;
    return DFL_OK;
}

/* --- patterns */

static dfl_status no_pattern(job *j, dfl_status status) {
    if (status == DFL_E_NOMEM) return status;
    j->r->found = status == DFL_E_FORMAT ? DFL_FOUND_MALFORMED : DFL_FOUND_UNKNOWN;
    return DFL_OK;
}

static dfl_status compile(job *j, const dfl_str *patterns, uint32_t count, dfl_ignore **out) {
    dfl_status status = dfl__ignore_list(patterns, count, &j->r->arena->alloc, out);
    if (status != DFL_OK) return no_pattern(j, status);
    if ((*out)->refused != DFL_NO_PATTERN) j->r->found = DFL_FOUND_MALFORMED;
    return DFL_OK;
}

/* --parents: what stands before the first `/./` is where directories begin to be kept. */
static dfl_status read_parents(job *j, dfl_str *text) {
    size_t pivot = dfl__find_str(*text, "/./");
    dfl_str root = dfl__sub(*text, 0, pivot), pattern;
    dfl__arena *arena = j->r->arena;
    pattern = pivot < text->len ? dfl__sub(*text, pivot + 3, text->len) : *text;
    if (pivot == text->len) root = DFL__LIT("/");
    dfl_status status = strip(j, &pattern);
    if (status != DFL_OK) return status;
    if (!dfl__starts(pattern, "/")) pattern = dfl__path_join(arena, DFL__LIT("/"), pattern);
    if (pattern.ptr == NULL) return DFL_E_NOMEM;
    j->r->wildcard |= dfl__has_wildcards(pattern);
    if (!dfl__has_wildcards(root) && !dfl__has_wildcards(pattern)) {
        dfl_str directory = dfl__path_join(arena, DFL__LIT("/"), root);
        dfl_str below = dfl__path_join(arena, DFL__LIT("/"), pattern);
        if (directory.ptr == NULL || below.ptr == NULL) return DFL_E_NOMEM;
        below = dfl__sub(below, 1, below.len);
        j->required = below.len > 0 ? dfl__path_join(arena, directory, below) : directory;
        if (j->required.ptr == NULL) return DFL_E_NOMEM;
    }
    pattern = dfl__sub(pattern, 1, pattern.len);
    *text = root;
    return compile(j, &pattern, 1, &j->include);
}

static dfl_status read_excludes(job *j) {
    const dfl__transfer *t = j->r->transfer;
    DFL__VEC(dfl_str) patterns = {NULL, 0, 0};
    const dfl_alloc *alloc = &j->r->arena->alloc;
    dfl_status status = DFL_OK;
    for (uint32_t flag = 0; status == DFL_OK;) {
        uint32_t value = dfl__flag_value(t->doc, t->node, "exclude", &flag);
        if (flag == 0) break;
        dfl_str text = value != 0 ? dfl__node_value(t->doc, value) : dfl__str("");
        if (!DFL__PUSH(alloc, &patterns, text)) status = DFL_E_NOMEM;
    }
    if (status == DFL_OK && patterns.count > 0)
        status = compile(j, patterns.items, patterns.count, &j->exclude);
    DFL__VEC_FREE(alloc, &patterns);
    return status;
}

static dfl_status prepare(job *j) {
    dfl_str text = spelt(j->r->arena, j->r->transfer, j->r->text);
    dfl_status status = text.ptr != NULL ? DFL_OK : DFL_E_NOMEM;
    if (status == DFL_OK && !j->r->mount) status = read_excludes(j);
    if (status == DFL_OK && j->r->transfer->parents) status = read_parents(j, &text);
    if (status == DFL_OK && !j->r->mount) status = strip(j, &text);
    if (status != DFL_OK) return status;
    j->path = anchored(j->r->arena, text);
    return j->path.ptr != NULL ? DFL_OK : DFL_E_NOMEM;
}

/* --- what lies below a root */

/* Something is copied: what the source calls `name`, and then `rest`. */
static void note_required(job *j, dfl_str name, dfl_str rest) {
    dfl_str required = j->required;
    if (required.ptr == NULL || j->copied_required) return;
    const dfl_str parts[] = {DFL__LIT("/"), name, dfl__str(name.len > 0 ? "/" : ""), rest};
    size_t at = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (size_t k = 0; k < parts[i].len && at < required.len; k++, at++)
            if (parts[i].ptr[k] != required.ptr[at]) return;
    j->copied_required = at == required.len;
}

static int has_exceptions(const dfl_ignore *patterns) {
    for (uint32_t i = 0; patterns != NULL && i < patterns->patterns.count; i++)
        if (patterns->patterns.items[i].exception) return 1;
    return 0;
}

/* Mark a file with the directories that lead to it. */
static void mark(job *j, uint32_t root, uint32_t at) {
    const dfl__file *items = j->r->view.files->items.items;
    for (; at != root && !j->marks[at - root]; at = items[at].parent)
        j->marks[at - root] = 1;
}

/* Whether one file below a root is included; `*skip` is whether nothing below it can be. */
static dfl_status judge(job *j, dfl__ignore_walk *walks, uint32_t level, dfl_str path,
                        int *included, int *skip) {
    int excluded = 0;
    *included = 1;
    dfl_status status = DFL_OK;
    if (j->include != NULL) status = dfl__ignore_walk_enter(&walks[0], level, path, included);
    if (status == DFL_OK && j->exclude != NULL)
        status = dfl__ignore_walk_enter(&walks[1], level, path, &excluded);
    *included = *included && !excluded;
    *skip = excluded && !has_exceptions(j->exclude);
    return status;
}

static dfl_status judge_all(job *j, uint32_t root, dfl__ignore_walk *walks) {
    const dfl__files *files = j->r->view.files;
    const dfl__file *items = files->items.items, *top = &items[root];
    size_t prefix = top->path.len > 0 ? top->path.len + 1 : 0;
    uint32_t above = root == 0 ? 0 : top->level + 1u;
    dfl_status status = DFL_OK;
    for (uint32_t i = root + 1, next; i < top->end && status == DFL_OK; i = next) {
        int included, skip;
        next = i + 1;
        if (!dfl__files_visible(j->r->view, i)) continue;
        dfl_str path = dfl__sub(items[i].path, prefix, items[i].path.len);
        status = judge(j, walks, items[i].level - above, path, &included, &skip);
        if (skip) next = items[i].end;
        if (status == DFL_OK && included) mark(j, root, i);
    }
    return status;
}

/* The root itself is held against the patterns for its checksum, whatever comes of it. */
static dfl_status judge_root(job *j, dfl__ignore_walk *walks) {
    int included = 1, excluded;
    dfl_status status = DFL_OK;
    if (j->include != NULL) status = dfl__ignore_walk_enter(&walks[0], 0, DFL__LIT(""), &included);
    if (status == DFL_OK && included && j->exclude != NULL)
        status = dfl__ignore_walk_enter(&walks[1], 0, DFL__LIT(""), &excluded);
    return status;
}

static dfl_status choose(job *j, uint32_t root) {
    const dfl__file *top = &j->r->view.files->items.items[root];
    const dfl_alloc *alloc = &j->r->arena->alloc;
    dfl__ignore_walk walks[2] = {{.ignore = NULL}, {.ignore = NULL}};
    size_t size = top->end - root;
    if (size > j->marks_size) {
        dfl__free(alloc, j->marks, j->marks_size);
        j->marks_size = size;
        j->marks = dfl__alloc(alloc, size);
        if (j->marks == NULL) return j->marks_size = 0, DFL_E_NOMEM;
    }
    memset(j->marks, 0, size);
    dfl_status status = dfl__ignore_walk_init(&walks[0], j->include);
    if (status == DFL_OK) status = dfl__ignore_walk_init(&walks[1], j->exclude);
    if (status == DFL_OK) status = judge_root(j, walks);
    if (status == DFL_OK) status = judge_all(j, root, walks);
    dfl__ignore_walk_free(&walks[0]);
    dfl__ignore_walk_free(&walks[1]);
    return status == DFL_OK ? DFL_OK : no_pattern(j, status);
}

/* Tell of a root and of what is copied with it. `name` is how the source calls it. */
static dfl_status tell_root(job *j, uint32_t root, dfl_str base, dfl_str name) {
    dfl__reader *r = j->r;
    const dfl__file *items = r->view.files->items.items;
    int chosen =
        (j->include != NULL || j->exclude != NULL) && items[root].kind == DFL_PATH_DIRECTORY;
    dfl__read_path path = {root, 1, r->summary && !chosen, base, items[root].path.len};
    dfl_status status = chosen ? choose(j, root) : DFL_OK;
    if (status != DFL_OK || r->found != DFL_FOUND_YES) return status;
    status = r->tell(r->ctx, &path);
    r->roots = 1;
    if (items[root].kind != DFL_PATH_DIRECTORY) j->copied_some = 1;
    if (path.whole) return status;
    path.root = 0;
    for (uint32_t i = root + 1; i < items[root].end && status == DFL_OK; i++) {
        if (!dfl__files_visible(r->view, i) || (chosen && !j->marks[i - root])) continue;
        path.file = i;
        j->copied_some = 1;
        size_t skip = path.skip > 0 ? path.skip + 1 : 0;
        note_required(j, name, dfl__sub(items[i].path, skip, items[i].path.len));
        status = r->tell(r->ctx, &path);
    }
    return status;
}

/* --- roots */

static int find(job *j, dfl_str path, uint32_t *file, dfl_status *status) {
    dfl__resolved how;
    *status = dfl__files_resolve(j->r->view, path, file, &how);
    if (*status != DFL_OK || how == DFL__RESOLVED) return *status == DFL_OK;
    j->r->found = how == DFL__RESOLVE_LINKS ? DFL_FOUND_LINKS : DFL_FOUND_MISSING;
    return 0;
}

/* A path below the destination. NULL ptr without memory. */
static dfl_str below(dfl__arena *arena, dfl_str directory, dfl_str name) {
    dfl_str result = {NULL, 0};
    size_t len = directory.len;
    char *text = dfl__arena_get(arena, len + name.len + 1);
    if (text == NULL) return result;
    memcpy(text, directory.ptr, len);
    if (len > 0 && text[len - 1] != '/') text[len++] = '/';
    memcpy(text + len, name.ptr, name.len);
    result.ptr = text;
    result.len = len + name.len;
    return result;
}

/* What one root becomes: a directory's contents go to the destination, a file into it or in its
 * place. */
static dfl_status copy_root(job *j, dfl_str name) {
    uint32_t file;
    dfl_status status;
    dfl__reader *r = j->r;
    dfl_str base = r->destination->path;
    if (!find(j, name, &file, &status)) return status;
    if (r->view.files->items.items[file].kind == DFL_PATH_DIRECTORY) {
        if (r->directory == 0) {
            r->found = DFL_FOUND_CLASH;
            return DFL_OK;
        }
        r->directory = 1;
    } else if (r->directory == 1) {
        base = below(r->arena, base, dfl__path_base(name));
        if (base.ptr == NULL) return DFL_E_NOMEM;
    } else {
        r->directory = 0;
    }
    return tell_root(j, file, base, name);
}

/* Everything below `base` that the pattern matches; what lies below a match is not looked at. */
static dfl_status copy_matches(job *j, uint32_t base, dfl_str pattern) {
    dfl__reader *r = j->r;
    const dfl__file *items = r->view.files->items.items;
    size_t prefix = items[base].path.len > 0 ? items[base].path.len + 1 : 0;
    dfl_status status = DFL_OK;
    uint32_t matches = 0;
    for (uint32_t i = base + 1, next; i < items[base].end && status == DFL_OK; i = next) {
        next = i + 1;
        if (!dfl__files_visible(r->view, i)) continue;
        if (!dfl__go_match(pattern, dfl__sub(items[i].path, prefix, items[i].path.len))) continue;
        next = items[i].end;
        matches++;
        status = copy_root(j, items[i].path);
        if (r->found != DFL_FOUND_YES) return status;
    }
    if (matches == 0) r->found = DFL_FOUND_NOTHING;
    return status;
}

static dfl_status copy(job *j) {
    dfl__reader *r = j->r;
    size_t end = dfl__literal_prefix(j->path);
    dfl_str literal = dfl__sub(j->path, 0, end);
    dfl_status status;
    uint32_t base;
    if (end == j->path.len) return copy_root(j, j->path);
    dfl_str pattern = dfl__sub(j->path, end > 0 ? end + 1 : 0, j->path.len);
    r->wildcard = 1;
    if (!dfl__go_valid(j->path)) {
        r->found = DFL_FOUND_MALFORMED;
        return DFL_OK;
    }
    if (!find(j, literal, &base, &status)) return status;
    return copy_matches(j, base, pattern);
}

static dfl_status mount(job *j) {
    uint32_t file;
    dfl_status status;
    if (!find(j, j->path, &file, &status)) return status;
    return tell_root(j, file, j->r->destination->path, j->path);
}

dfl_status dfl__read_source(dfl__reader *r) {
    job j = {.r = r};
    r->found = DFL_FOUND_YES;
    r->wildcard = 0;
    r->roots = 0;
    dfl_status status = prepare(&j);
    if (status == DFL_OK && r->found == DFL_FOUND_YES) status = r->mount ? mount(&j) : copy(&j);
    if (status == DFL_OK && r->found == DFL_FOUND_YES && j.required.ptr != NULL &&
        !j.copied_required)
        r->found = DFL_FOUND_MISSING;
    else if (r->found == DFL_FOUND_YES && j.include != NULL && !j.copied_some)
        r->found = DFL_FOUND_NOTHING;
    dfl_ignore_free(j.include);
    dfl_ignore_free(j.exclude);
    dfl__free(&r->arena->alloc, j.marks, j.marks_size);
    return status;
}
