/* copy.c -- ADD and COPY: what is checked when they run.
 * Relies on walk.h, remote.h, values.h. Follows dispatchCopy of
 * frontend/dockerfile/dockerfile2llb/convert_copy.go (specification 2.2).
 * Never looks at files. */
#include <string.h>

#include "diag/codes.h"
#include "model/remote.h"
#include "model/values.h"
#include "model/walk.h"
#include "syntax/parser.h"

/* A source or destination, expanded. */
typedef struct {
    uint32_t node;
    dfl_str text;
    int known;
} operand;

typedef struct {
    dfl__walk *w;
    uint32_t node;
    int add;
    int parents;
    int unpack;
    int keep_git_dir; /* of the flag, then of what the sources say: 0, 1, or -1 */
    DFL__VEC(operand) paths;
    DFL__VEC(operand) inlined; /* heredocs: text is their name */
    operand destination;
    operand chmod, checksum; /* node 0 when the flag is absent or empty */
} copy;

/* --- operands */

static dfl_status expand_flag(copy *c, const char *name, operand *out) {
    uint32_t flag = 0, value = dfl__flag_value(c->w->doc, c->node, name, &flag);
    operand given = {value, {"", 0}, 1};
    if (value == 0) return DFL_OK;
    dfl_status status = dfl__walk_word(c->w, value, &given.text, &given.known);
    if (given.known && given.text.len == 0) given.node = 0;
    if (out != NULL) *out = given;
    return status;
}

/* The name of a source that is a heredoc; 0 when it is none. */
static dfl_status heredoc_name(copy *c, uint32_t node, dfl_str *name, uint16_t *flags, int *found) {
    dfl__buf buf;
    dfl__buf_init(&buf, &c->w->model->arena.alloc, 0);
    *found = dfl__heredoc_word(dfl__node_value(c->w->doc, node), &buf, flags, NULL);
    dfl_status status = buf.failed == DFL_E_NOMEM ? DFL_E_NOMEM : DFL_OK;
    if (*found && status == DFL_OK) {
        name->ptr = dfl__arena_copy(&c->w->model->arena, dfl__buf_str(&buf).ptr, buf.len);
        name->len = buf.len;
        if (name->ptr == NULL) status = DFL_E_NOMEM;
    }
    dfl__buf_free(&buf);
    return status;
}

static dfl_status add_source(copy *c, uint32_t node) {
    const dfl_alloc *alloc = &c->w->model->arena.alloc;
    operand source = {node, {"", 0}, 1};
    uint16_t flags;
    int found;
    dfl_status status = heredoc_name(c, node, &source.text, &flags, &found);
    if (status != DFL_OK) return status;
    if (found) {
        source.known = (flags & DFL_NODE_F_EXPAND) != 0; /* whether its body is to be expanded */
        return DFL__PUSH(alloc, &c->inlined, source) ? DFL_OK : DFL_E_NOMEM;
    }
    status = dfl__walk_word(c->w, node, &source.text, &source.known);
    if (status != DFL_OK) return status;
    return DFL__PUSH(alloc, &c->paths, source) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status read_operands(copy *c) {
    const dfl_doc *doc = c->w->doc;
    dfl_status status = DFL_OK;
    uint32_t at = dfl__next_argument(doc, c->node, 0), next;
    for (; at != 0 && status == DFL_OK; at = next) {
        next = dfl__next_argument(doc, c->node, at);
        if (next != 0) {
            status = add_source(c, at);
        } else {
            c->destination.node = at;
            status = dfl__walk_word(c->w, at, &c->destination.text, &c->destination.known);
        }
    }
    return status;
}

/* Bodies by name: the last heredoc of a name is what all sources of that name get. */
static dfl_status read_bodies(copy *c, dfl__env *bodies) {
    const dfl_doc *doc = c->w->doc;
    const dfl_node_rec *nodes = doc->nodes.items;
    for (uint32_t at = dfl__node_first(doc, c->node); at != 0; at = nodes[at].next) {
        if (nodes[at].kind != DFL_NODE_HEREDOC) continue;
        uint32_t body = dfl__node_child(doc, at, DFL_NODE_HEREDOC_BODY);
        dfl__binding binding = {dfl__node_value(doc, at), {"", 0}, DFL__VAR_SET, body, 0, 0, 0};
        if (!dfl__env_put(bodies, DFL__LAYER_ENV, &binding)) return DFL_E_NOMEM;
    }
    return DFL_OK;
}

static dfl_status check_bodies(copy *c) {
    dfl__arena arena;
    dfl__env bodies;
    if (c->inlined.count == 0) return DFL_OK;
    dfl__arena_init(&arena, &c->w->model->arena.alloc);
    dfl__env_init(&bodies, &arena);
    dfl_status status = read_bodies(c, &bodies);
    for (uint32_t i = 0; i < c->inlined.count && status == DFL_OK; i++) {
        const operand *source = &c->inlined.items[i];
        const dfl__binding *body = dfl__env_find(&bodies, source->text);
        if (source->known && body != NULL && body->definition != 0)
            status = dfl__scope_body(&c->w->scope, c->w->doc, body->definition);
    }
    dfl__arena_free(&arena);
    return status;
}

/* --- checks */

static dfl_status check_flags(copy *c) {
    if (c->chmod.node != 0 && c->chmod.known && !dfl__is_mode(c->chmod.text))
        return dfl__walk_report(c->w, c->chmod.node, DFL_D_CHMOD, c->chmod.text);
    return DFL_OK;
}

/* A path that BuildKit brings into one form for Windows, which not every path has. */
static dfl_status check_path(copy *c, const operand *path, dfl_str text, int keep_slash,
                             dfl_str *stripped) {
    switch (dfl__winpath_strip(&c->w->model->arena, text, keep_slash, stripped)) {
    case DFL__WINPATH_OK: return DFL_OK;
    case DFL__WINPATH_NOMEM: return DFL_E_NOMEM;
    case DFL__WINPATH_DRIVE_ONLY:
    case DFL__WINPATH_UNC:
    case DFL__WINPATH_DRIVE: break;
    }
    stripped->ptr = NULL;
    return dfl__walk_report(c->w, path->node, DFL_D_PATH_WINDOWS, path->text);
}

/* It is stripped of its drive, and then once more. */
static dfl_status check_destination(copy *c) {
    dfl_str once = {NULL, 0}, twice;
    const operand *path = &c->destination;
    if (!c->w->scope.windows || path->node == 0 || !path->known) return DFL_OK;
    dfl_status status = check_path(c, path, path->text, 1, &once);
    if (status != DFL_OK || once.ptr == NULL) return status;
    return check_path(c, path, once, 1, &twice);
}

static dfl_status check_local(copy *c, const operand *path) {
    dfl_str stripped = {NULL, 0};
    if (!c->w->scope.windows) return DFL_OK;
    size_t pivot = c->parents ? dfl__find_str(path->text, "/./") : path->text.len;
    if (pivot < path->text.len) {
        dfl_str pattern = dfl__sub(path->text, pivot + 3, path->text.len);
        dfl_status status = check_path(c, path, pattern, 0, &stripped);
        if (status != DFL_OK || stripped.ptr == NULL) return status;
    }
    return check_path(c, path, dfl__sub(path->text, 0, pivot), 0, &stripped);
}

static dfl_status check_git(copy *c, const operand *path, const dfl__source *source) {
    if (!c->add) return dfl__walk_report(c->w, path->node, DFL_D_COPY_REMOTE, path->text);
    if (source->keep_git_dir >= 0) {
        if (c->keep_git_dir >= 0 && c->keep_git_dir != source->keep_git_dir)
            return dfl__walk_report(c->w, path->node, DFL_D_GIT_QUERY, path->text);
        c->keep_git_dir = source->keep_git_dir;
    }
    if (source->checksum.len == 0) return DFL_OK;
    if (c->checksum.node != 0 && c->checksum.known && !dfl__eq(c->checksum.text, source->checksum))
        return dfl__walk_report(c->w, path->node, DFL_D_CHECKSUM, source->checksum);
    c->checksum = (operand){path->node, source->checksum, 1};
    return DFL_OK;
}

static dfl_status check_http(copy *c, const operand *path) {
    if (!c->add) return dfl__walk_report(c->w, path->node, DFL_D_COPY_REMOTE, path->text);
    if (c->checksum.node == 0 || !c->checksum.known) return DFL_OK;
    if (dfl__digest_check(c->checksum.text) == DFL__REF_OK) return DFL_OK;
    return dfl__walk_report(c->w, c->checksum.node, DFL_D_CHECKSUM, c->checksum.text);
}

static dfl_status check_source(copy *c, const operand *path) {
    dfl__source source;
    if (!path->known) return DFL_OK;
    dfl_status status = dfl__source_read(path->text, &c->w->model->arena, &source);
    if (status != DFL_OK) return status;
    if (source.bad_query) return dfl__walk_report(c->w, path->node, DFL_D_GIT_QUERY, path->text);
    switch (source.kind) {
    case DFL__SOURCE_GIT: return check_git(c, path, &source);
    case DFL__SOURCE_HTTP: return check_http(c, path);
    case DFL__SOURCE_LOCAL: break;
    }
    return check_local(c, path);
}

static int is_http(dfl_str url) {
    return dfl__starts(url, "http://") || dfl__starts(url, "https://");
}

/* A checksum is for one source that is fetched. */
static dfl_status check_checksum(copy *c) {
    dfl__source source = {DFL__SOURCE_HTTP, 0, 0, -1, {"", 0}};
    if (c->checksum.node == 0 || !c->checksum.known) return DFL_OK;
    if (c->paths.count == 1 && c->paths.items[0].known) {
        dfl_status status = dfl__source_read(c->paths.items[0].text, &c->w->model->arena, &source);
        if (status != DFL_OK) return status;
    }
    /* a Git URL whose query is wrong does not count as one here */
    int git = source.is_git && !source.bad_query;
    int fetched = git || source.kind == DFL__SOURCE_HTTP ||
                  (source.bad_query && is_http(c->paths.items[0].text));
    if (c->paths.count == 1 && fetched) return DFL_OK;
    return dfl__walk_report(c->w, c->checksum.node, DFL_D_CHECKSUM, c->checksum.text);
}

static dfl_status check_inlined(copy *c) {
    dfl_status status = DFL_OK;
    dfl_str stripped;
    for (uint32_t i = 0; c->w->scope.windows && i < c->inlined.count && status == DFL_OK; i++)
        status = check_path(c, &c->inlined.items[i], c->inlined.items[i].text, 0, &stripped);
    return status;
}

/* --- the whole */

static int is_switched_on(const dfl__walk *w, uint32_t node, const char *name) {
    const dfl_node_rec *nodes = w->doc->nodes.items;
    for (uint32_t at = dfl__node_first(w->doc, node); at != 0; at = nodes[at].next) {
        if (nodes[at].kind != DFL_NODE_FLAG) continue;
        uint32_t key = dfl__node_child(w->doc, at, DFL_NODE_NAME);
        uint32_t value = dfl__node_child(w->doc, at, DFL_NODE_VALUE);
        if (key == 0 || !dfl__eqz(dfl__node_value(w->doc, key), name)) continue;
        return value == 0 || dfl__ieqz(dfl__node_value(w->doc, value), "true");
    }
    return -1;
}

/* Paths are copied before heredocs, whatever their order. */
static dfl_status keep(const copy *c) {
    dfl__transfer transfer = {.node = c->node};
    DFL__VEC(dfl__taken) sources = {NULL, 0, 0};
    const dfl_alloc *alloc = &c->w->model->arena.alloc;
    uint32_t flag = 0, from = c->add ? 0 : dfl__flag_value(c->w->doc, c->node, "from", &flag);
    dfl_status status =
        DFL__RESERVE(alloc, &sources, c->paths.count + c->inlined.count) ? DFL_OK : DFL_E_NOMEM;
    if (from != 0 && dfl__node_value(c->w->doc, from).len > 0) transfer.from = from;
    transfer.parents = c->parents;
    transfer.unpack = c->unpack;
    transfer.destination =
        (dfl__taken){c->destination.text, c->destination.node, c->destination.known, 0};
    for (uint32_t i = 0; i < c->paths.count && status == DFL_OK; i++) {
        const operand *o = &c->paths.items[i];
        sources.items[sources.count++] = (dfl__taken){o->text, o->node, o->known, 0};
    }
    for (uint32_t i = 0; i < c->inlined.count && status == DFL_OK; i++) {
        const operand *o = &c->inlined.items[i];
        sources.items[sources.count++] = (dfl__taken){o->text, o->node, 1, 1};
    }
    if (status == DFL_OK) status = dfl__walk_transfer(c->w, transfer, sources.items, sources.count);
    DFL__VEC_FREE(alloc, &sources);
    return status;
}

/* In BuildKit's order: flags, sources, destination, bodies are expanded, then checks begin. */
static dfl_status expand(copy *c) {
    dfl_status status = expand_flag(c, "chown", NULL);
    if (status == DFL_OK) status = expand_flag(c, "chmod", &c->chmod);
    if (status == DFL_OK && c->add) status = expand_flag(c, "checksum", &c->checksum);
    if (status == DFL_OK) status = read_operands(c);
    return status == DFL_OK ? check_bodies(c) : status;
}

static dfl_status check(copy *c) {
    uint32_t flag = 0, from = dfl__flag_value(c->w->doc, c->node, "from", &flag);
    dfl_status status = from != 0 ? dfl__walk_order(c->w, from, 0) : DFL_OK;
    if (status == DFL_OK) status = check_destination(c);
    if (status == DFL_OK) status = check_flags(c);
    if (status == DFL_OK) status = check_checksum(c);
    for (uint32_t i = 0; i < c->paths.count && status == DFL_OK; i++)
        status = check_source(c, &c->paths.items[i]);
    return status == DFL_OK ? check_inlined(c) : status;
}

dfl_status dfl__walk_copy(dfl__walk *w, uint32_t node) {
    copy c;
    memset(&c, 0, sizeof c);
    c.w = w;
    c.node = node;
    c.add = w->doc->nodes.items[node].kind == DFL_NODE_ADD;
    c.parents = !c.add && is_switched_on(w, node, "parents") == 1;
    c.unpack = c.add ? is_switched_on(w, node, "unpack") : -1;
    c.keep_git_dir = c.add ? is_switched_on(w, node, "keep-git-dir") : -1;
    dfl_status status = expand(&c);
    if (status == DFL_OK) status = keep(&c);
    if (status == DFL_OK) status = check(&c);
    DFL__VEC_FREE(&w->model->arena.alloc, &c.paths);
    DFL__VEC_FREE(&w->model->arena.alloc, &c.inlined);
    return status;
}
