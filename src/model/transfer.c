/* transfer.c -- what a build reads of its context.
 * Relies on sent.h and reading.h. Public face in dockerfile/context.h.
 * Never opens a file; what each source reads in full is found when somebody asks. */
#include "dockerfile/context.h"

#include <string.h>

#include "base/path.h"
#include "model/destination.h"
#include "model/gomatch.h"
#include "model/graph.h"
#include "model/reading.h"
#include "model/remote.h"
#include "model/sent.h"

typedef struct {
    dfl_transfer shown;
    const dfl__transfer *from;
    dfl__destination destination;
} transfer;

typedef struct {
    dfl_source shown;
    int directory; /* whether the destination is one when this source's turn comes */
    int arrives;   /* something is put there */
} source;

struct dfl_context {
    dfl__arena arena;
    const dfl_model *model;
    dfl__files files;
    int has_paths;
    int complete;
    uint32_t sent;
    DFL__VEC(transfer) transfers;
    DFL__VEC(source) sources;
    const uint32_t *excluded; /* [files + 1]: how many of those before are left out */
    dfl__env *made;  /* while it is made: [stages], directories that each has for certain */
    uint32_t *whole; /* while it is made: [files + 1], changes of what is read whole */
    DFL__VEC(dfl__read_path) pending; /* of the source that is judged */
    const uint32_t *file_of;          /* [given]: the file of each path */
    size_t given;
};

/* --- transfers */

static uint32_t kind_of(const dfl__transfer *t) {
    return t->doc->nodes.items[t->node].kind;
}

static dfl_range place_of(const dfl_context *c, const dfl__transfer *t, uint32_t node) {
    if (t->doc == c->model->doc) return dfl__node_range(t->doc, node);
    return dfl__node_range(c->model->doc, c->model->stages.items[t->stage].node);
}

static uint32_t node_of(const dfl_context *c, const dfl__transfer *t, uint32_t node) {
    return t->doc == c->model->doc ? node : c->model->stages.items[t->stage].node;
}

/* What a text says it is, whatever `--from` says. */
static dfl_status classify(dfl_context *c, const dfl__transfer *t, const dfl__taken *taken,
                           uint32_t *kind) {
    dfl__source read;
    *kind = taken->heredoc ? DFL_SOURCE_HEREDOC : DFL_SOURCE_CONTEXT;
    if (taken->heredoc || !taken->known || kind_of(t) == DFL_NODE_RUN) return DFL_OK;
    dfl_status status = dfl__source_read(taken->text, &c->arena, &read);
    if (status != DFL_OK) return status;
    if (read.kind == DFL__SOURCE_HTTP) *kind = DFL_SOURCE_URL;
    if (read.kind == DFL__SOURCE_GIT) *kind = DFL_SOURCE_GIT;
    return DFL_OK;
}

/* Another stage or image, unless the text says that it is none of these. */
static void name_origin(const dfl__transfer *t, dfl_source *shown) {
    if (t->from == 0 || shown->kind != DFL_SOURCE_CONTEXT) return;
    if (t->origin != DFL_NO_STAGE) {
        shown->kind = DFL_SOURCE_STAGE;
        shown->stage = t->origin;
    } else {
        shown->kind = DFL_SOURCE_IMAGE;
        shown->image = t->image;
    }
}

static dfl_status add_source(dfl_context *c, const dfl__transfer *t, const dfl__taken *taken) {
    source s = {.shown = {.size = sizeof s.shown, .stage = DFL_NO_STAGE, .image = {"", 0}}};
    dfl_status status = classify(c, t, taken, &s.shown.kind);
    if (status != DFL_OK) return status;
    s.shown.transfer = c->transfers.count - 1;
    s.shown.node = node_of(c, t, taken->node);
    s.shown.range = place_of(c, t, taken->node);
    s.shown.text = taken->text;
    s.shown.known = taken->known;
    if (!taken->known && taken->text.len == 0) s.shown.text = dfl__node_value(t->doc, taken->node);
    name_origin(t, &s.shown);
    int by_default = s.shown.kind == DFL_SOURCE_CONTEXT && kind_of(t) == DFL_NODE_ADD;
    int can = by_default || s.shown.kind == DFL_SOURCE_URL;
    if (can && (t->unpack < 0 ? by_default : t->unpack)) s.shown.flags |= DFL_SOURCE_F_UNPACK;
    if (t->parents && s.shown.kind != DFL_SOURCE_HEREDOC) s.shown.flags |= DFL_SOURCE_F_PARENTS;
    if (s.shown.kind == DFL_SOURCE_CONTEXT && !taken->known) c->complete = 0;
    return DFL__PUSH(&c->arena.alloc, &c->sources, s) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status add_transfer(dfl_context *c, const dfl__transfer *from) {
    int mount = kind_of(from) == DFL_NODE_RUN;
    transfer t = {.from = from};
    dfl_status status = dfl__destination_of(from, mount, &c->arena, &t.destination);
    if (status != DFL_OK || from->unread) return status;
    t.shown.size = sizeof t.shown;
    t.shown.kind = kind_of(from);
    t.shown.stage = from->stage;
    t.shown.node = node_of(c, from, from->node);
    t.shown.range = place_of(c, from, from->destination.node);
    t.shown.destination = t.destination.path;
    t.shown.destination_known = t.destination.known;
    t.shown.directory = t.destination.directory;
    t.shown.trigger = from->doc != c->model->doc;
    t.shown.first = c->sources.count;
    t.shown.count = from->count;
    if (!DFL__PUSH(&c->arena.alloc, &c->transfers, t)) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < from->count && status == DFL_OK; i++)
        status = add_source(c, from, &c->model->taken.items[from->first + i]);
    return status;
}

/* The stages that are built; NULL when all are. */
static dfl_status needed_stages(const dfl_context *c, uint32_t target, dfl__arena *arena,
                                uint8_t **out) {
    *out = NULL;
    if (target == DFL_NO_STAGE) return DFL_OK;
    if (target >= c->model->stages.count) return DFL_E_ARG;
    *out = dfl__arena_get(arena, c->model->stages.count);
    if (*out == NULL) return DFL_E_NOMEM;
    return dfl_model_reachable(c->model, target, *out, c->model->stages.count);
}

static dfl_status add_transfers(dfl_context *c, const uint8_t *needed) {
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < c->model->transfers.count && status == DFL_OK; i++) {
        const dfl__transfer *t = &c->model->transfers.items[i];
        if (needed == NULL || needed[t->stage]) status = add_transfer(c, t);
    }
    return status;
}

/* --- what is asked for */

typedef struct {
    DFL__VEC(dfl_str) paths;
    int all; /* the context as a whole */
} wanted;

/* BuildKit asks for Git repositories, too, as if they were paths. */
static int is_asked_for(const dfl__transfer *t, const dfl__taken *taken) {
    if (t->from != 0 || taken->heredoc) return 0;
    if (kind_of(t) != DFL_NODE_ADD) return 1;
    return !dfl__starts(taken->text, "http://") && !dfl__starts(taken->text, "https://");
}

static dfl_status want(dfl_context *c, const dfl__transfer *t, wanted *w) {
    for (uint32_t i = 0; i < t->count && !w->all; i++) {
        const dfl__taken *taken = &c->model->taken.items[t->first + i];
        if (!is_asked_for(t, taken)) continue;
        dfl_str path = dfl__wanted_path(&c->arena, t, taken->text);
        if (path.ptr == NULL) return DFL_E_NOMEM;
        w->all = !taken->known || path.len == 0;
        if (!w->all && !DFL__PUSH(&c->arena.alloc, &w->paths, path)) return DFL_E_NOMEM;
    }
    return DFL_OK;
}

static dfl_status send(dfl_context *c, const uint8_t *needed, const dfl_ignore *ignore) {
    wanted w = {{NULL, 0, 0}, 0};
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < c->model->transfers.count && status == DFL_OK; i++) {
        const dfl__transfer *t = &c->model->transfers.items[i];
        if (needed == NULL || needed[t->stage]) status = want(c, t, &w);
    }
    int filtered = !w.all && w.paths.count > 0;
    if (status == DFL_OK)
        status =
            dfl__send(&c->files, ignore, filtered ? w.paths.items : NULL, w.paths.count, &c->sent);
    /* a build that asks for nothing sends nothing, though without a filter all would be */
    for (uint32_t i = 0; i < c->files.items.count && !w.all && !filtered; i++)
        c->files.items.items[i].flags &= (uint16_t)~DFL_PATH_F_SENT;
    DFL__VEC_FREE(&c->arena.alloc, &w.paths);
    return status;
}

/* --- what is read */

static dfl__view view_of(const dfl_context *c, int all) {
    return (dfl__view){&c->files, all, NULL, NULL};
}

static dfl__reader reader_of(const dfl_context *c, uint32_t index, dfl__arena *arena, int all) {
    const source *s = &c->sources.items[index];
    const transfer *t = &c->transfers.items[s->shown.transfer];
    return (dfl__reader){.view = view_of(c, all),
                         .arena = arena,
                         .transfer = t->from,
                         .destination = &t->destination,
                         .text = s->shown.text,
                         .mount = t->shown.kind == DFL_NODE_RUN,
                         .directory = s->directory};
}

static dfl_status mark_read(void *ctx, const dfl__read_path *path) {
    dfl_context *c = ctx;
    return DFL__PUSH(&c->arena.alloc, &c->pending, *path) ? DFL_OK : DFL_E_NOMEM;
}

/* A link that is followed must be there as well. */
static dfl_status mark_link(void *ctx, uint32_t link) {
    dfl__read_path path = {.file = link};
    return mark_read(ctx, &path);
}

/* Of a source that fails the build, nothing is read. */
static void settle_pending(dfl_context *c, uint32_t found) {
    for (uint32_t i = 0; i < c->pending.count && found == DFL_FOUND_YES; i++) {
        const dfl__read_path *path = &c->pending.items[i];
        uint32_t end = path->whole ? c->files.items.items[path->file].end : path->file + 1;
        c->whole[path->file]++;
        c->whole[end]--;
    }
    c->pending.count = 0;
}

typedef struct {
    const dfl_context *c;
    int ignored;
} ignored_search;

static dfl_status find_ignored(void *ctx, const dfl__read_path *path) {
    ignored_search *s = ctx;
    uint32_t end = path->whole ? s->c->files.items.items[path->file].end : path->file + 1;
    if (s->c->excluded[end] != s->c->excluded[path->file]) s->ignored = 1;
    return DFL_OK;
}

static int is_judged(const dfl_context *c, const source *s) {
    return c->sent == DFL_SENT_YES && s->shown.kind == DFL_SOURCE_CONTEXT && s->shown.known;
}

static dfl_status judge(dfl_context *c, uint32_t index) {
    source *s = &c->sources.items[index];
    dfl__reader reader = reader_of(c, index, &c->arena, 0);
    ignored_search search = {c, 0};
    reader.summary = 1;
    reader.tell = mark_read;
    reader.ctx = c;
    reader.view.follow = mark_link;
    reader.view.ctx = c;
    dfl_status status = dfl__read_source(&reader);
    if (status != DFL_OK) return status;
    settle_pending(c, reader.found);
    s->shown.found = reader.found;
    if (reader.wildcard) s->shown.flags |= DFL_SOURCE_F_WILDCARD;
    int directory = reader.directory;
    s->arrives = reader.roots;
    if (c->excluded[c->files.items.count] > 0) {
        reader = reader_of(c, index, &c->arena, 1);
        reader.summary = 1;
        reader.tell = find_ignored;
        reader.ctx = &search;
        status = dfl__read_source(&reader);
        if (search.ignored) s->shown.flags |= DFL_SOURCE_F_IGNORED;
    }
    s->directory = directory; /* for the next one; set back by judge_all */
    return status;
}

/* What is not in the context leaves the destination a directory or a file as well. */
static int after_remote(const source *s, int directory) {
    if (s->shown.kind == DFL_SOURCE_GIT) return 1;
    return directory == 1 ? 1 : 0;
}

/* When the context cannot be asked for the sources, tell which of them is no pattern. */
static dfl_status blame(dfl_context *c, source *s, const dfl__transfer *from) {
    dfl_ignore *pattern = NULL;
    if (c->sent != DFL_SENT_SOURCE || s->shown.kind != DFL_SOURCE_CONTEXT) return DFL_OK;
    dfl_str path = dfl__wanted_path(&c->arena, from, s->shown.text);
    if (path.ptr == NULL) return DFL_E_NOMEM;
    dfl_status status = dfl__ignore_list(&path, 1, &c->arena.alloc, &pattern);
    if (status != DFL_OK) return status;
    if (pattern->patterns.count > 0 && pattern->patterns.items[0].error != DFL_IGNORE_OK)
        s->shown.found = DFL_FOUND_MALFORMED;
    dfl_ignore_free(pattern);
    return DFL_OK;
}

/* A directory is there, and what it lies in. */
static dfl_status note_made(dfl_context *c, uint32_t stage, dfl_str path) {
    while (path.len > 1) {
        dfl__binding name = {path, {"", 0}, DFL__VAR_SET, 0, 0, 0, 0};
        if (dfl__env_find(&c->made[stage], path) != NULL) return DFL_OK;
        if (!dfl__env_put(&c->made[stage], DFL__LAYER_ENV, &name)) return DFL_E_NOMEM;
        path = dfl__path_dir(path);
    }
    return DFL_OK;
}

/* What earlier instructions have made may settle where a single file goes. */
static dfl_status look_up_made(dfl_context *c, transfer *t) {
    const dfl__transfer *from = t->from;
    dfl_status status = DFL_OK;
    if (from->workdir_set && from->workdir_known && !from->windows)
        status = note_made(c, from->stage, from->workdir);
    if (t->shown.kind == DFL_NODE_RUN || !t->destination.known) return status;
    if (dfl__env_find(&c->made[from->stage], t->destination.path) != NULL)
        t->shown.directory = t->destination.directory = 1;
    return status;
}

static dfl_status note_destination(dfl_context *c, const transfer *t, int directory) {
    dfl_str path = t->destination.path;
    if (t->shown.kind == DFL_NODE_RUN || !t->destination.known) return DFL_OK;
    int arrives = 0;
    for (uint32_t i = t->shown.first; i < t->shown.first + t->shown.count; i++) {
        if (c->sources.items[i].shown.found >= DFL_FOUND_MISSING) return DFL_OK;
        arrives |= c->sources.items[i].arrives;
    }
    if (!arrives) return DFL_OK;
    return note_made(c, t->shown.stage, directory == 1 ? path : dfl__path_dir(path));
}

static dfl_status judge_transfer(dfl_context *c, transfer *t) {
    dfl_status made = look_up_made(c, t);
    int directory = t->destination.directory;
    if (made != DFL_OK) return made;
    for (uint32_t i = t->shown.first; i < t->shown.first + t->shown.count; i++) {
        source *s = &c->sources.items[i];
        int before = s->directory = directory;
        dfl_status status = blame(c, s, t->from);
        if (status != DFL_OK) return status;
        if (is_judged(c, s)) {
            status = judge(c, i);
            if (status != DFL_OK) return status;
            directory = s->directory;
        } else if (s->shown.kind >= DFL_SOURCE_URL && s->shown.kind <= DFL_SOURCE_HEREDOC) {
            directory = after_remote(s, directory);
        }
        if (!is_judged(c, s)) s->arrives = s->shown.known && !dfl__has_wildcards(s->shown.text);
        s->directory = before;
    }
    return note_destination(c, t, directory);
}

static dfl_status begin_made(dfl_context *c) {
    uint32_t count = c->model->stages.count;
    c->made = dfl__arena_get(&c->arena, count * sizeof *c->made);
    if (c->made == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        dfl__env_init(&c->made[i], &c->arena);
    return DFL_OK;
}

/* A stage has what its base has: that of the nearest one that has transfers of its own. */
static void inherit_made(dfl_context *c, uint32_t stage) {
    uint32_t base = c->model->stages.items[stage].base_stage;
    while (base != DFL_NO_STAGE && c->made[base].root == NULL)
        base = c->model->stages.items[base].base_stage;
    if (base != DFL_NO_STAGE) c->made[stage] = c->made[base];
}

static dfl_status count_excluded(dfl_context *c) {
    uint32_t count = c->files.items.count, sum = 0;
    uint32_t *excluded = dfl__arena_get(&c->arena, (count + (size_t)1) * sizeof *excluded);
    if (excluded == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t flags = c->files.items.items[i].flags;
        excluded[i] = sum;
        sum += (flags & DFL_PATH_F_EXCLUDED) != 0 && (flags & DFL_PATH_F_SENT) == 0;
    }
    excluded[count] = sum;
    c->excluded = excluded;
    return DFL_OK;
}

static void settle_read(dfl_context *c) {
    dfl__file *items = c->files.items.items;
    uint32_t open = 0;
    for (uint32_t i = 0; i < c->files.items.count; i++) {
        open += c->whole[i];
        if (open != 0 && dfl__files_visible(view_of(c, 0), i)) items[i].flags |= DFL_PATH_F_READ;
    }
}

static dfl_status judge_all(dfl_context *c) {
    size_t size = (c->files.items.count + (size_t)1) * sizeof *c->whole;
    uint32_t stage = DFL_NO_STAGE;
    dfl_status status = count_excluded(c);
    if (status == DFL_OK) status = begin_made(c);
    if (status != DFL_OK) return status;
    c->whole = dfl__calloc(&c->arena.alloc, size);
    if (c->whole == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < c->transfers.count && status == DFL_OK; i++) {
        transfer *t = &c->transfers.items[i];
        if (t->shown.stage != stage) inherit_made(c, t->shown.stage);
        stage = t->shown.stage;
        status = judge_transfer(c, t);
    }
    settle_read(c);
    dfl__free(&c->arena.alloc, c->whole, size);
    c->whole = NULL;
    return status;
}

/* --- the whole */

static dfl_status index_paths(dfl_context *c, size_t count) {
    uint32_t *file_of = dfl__arena_get(&c->arena, count * sizeof *file_of);
    if (file_of == NULL) return DFL_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        file_of[i] = DFL__NO_FILE;
    for (uint32_t i = 0; i < c->files.items.count; i++)
        if (c->files.items.items[i].given != DFL_NO_PATH)
            file_of[c->files.items.items[i].given] = i;
    c->file_of = file_of;
    c->given = count;
    return DFL_OK;
}

static dfl_status make(dfl_context *c, const dfl_context_options *opt) {
    dfl__arena scratch;
    uint8_t *needed = NULL;
    c->has_paths = opt->paths != NULL;
    c->complete = c->has_paths;
    c->sent = DFL_SENT_NOTHING;
    dfl__arena_init(&scratch, &c->arena.alloc);
    dfl_status status = needed_stages(c, opt->target, &scratch, &needed);
    if (status == DFL_OK)
        status = dfl__files_make(&c->files, &c->arena.alloc, opt->paths,
                                 c->has_paths ? opt->paths_count : 0);
    if (status == DFL_OK) status = index_paths(c, c->has_paths ? opt->paths_count : 0);
    if (status == DFL_OK) status = add_transfers(c, needed);
    if (status == DFL_OK && c->has_paths) status = send(c, needed, opt->ignore);
    if (status == DFL_OK) status = judge_all(c);
    dfl__arena_free(&scratch);
    return status;
}

dfl_status dfl_context_new(const dfl_model *model, const dfl_context_options *opt,
                           dfl_context **out) {
    const dfl_context_options none = DFL_CONTEXT_OPTIONS_INIT;
    if (model == NULL || out == NULL) return DFL_E_ARG;
    if (opt != NULL && opt->size != sizeof *opt) return DFL_E_ABI;
    const dfl_alloc alloc = model->arena.alloc;
    dfl_context *c = dfl__calloc(&alloc, sizeof *c);
    if (c == NULL) return DFL_E_NOMEM;
    dfl__arena_init(&c->arena, &alloc);
    dfl__arena_init(&c->files.arena, &alloc);
    c->model = model;
    dfl_status status = make(c, opt != NULL ? opt : &none);
    if (status == DFL_OK)
        *out = c;
    else
        dfl_context_free(c);
    return status;
}

void dfl_context_free(dfl_context *context) {
    if (context == NULL) return;
    dfl_alloc alloc = context->arena.alloc;
    DFL__VEC_FREE(&alloc, &context->transfers);
    DFL__VEC_FREE(&alloc, &context->sources);
    DFL__VEC_FREE(&alloc, &context->pending);
    dfl__files_free(&context->files);
    dfl__arena_free(&context->arena);
    dfl__free(&alloc, context, sizeof *context);
}

uint32_t dfl_context_sent(const dfl_context *context) {
    return context != NULL ? context->sent : DFL_SENT_NOTHING;
}

int32_t dfl_context_complete(const dfl_context *context) {
    return context != NULL && context->complete;
}

size_t dfl_context_transfer_count(const dfl_context *context) {
    return context != NULL ? context->transfers.count : 0;
}

dfl_status dfl_context_transfer(const dfl_context *context, size_t index, dfl_transfer *out) {
    if (context == NULL || out == NULL || index >= context->transfers.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    *out = context->transfers.items[index].shown;
    return DFL_OK;
}

size_t dfl_context_source_count(const dfl_context *context) {
    return context != NULL ? context->sources.count : 0;
}

dfl_status dfl_context_source(const dfl_context *context, size_t index, dfl_source *out) {
    if (context == NULL || out == NULL || index >= context->sources.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    *out = context->sources.items[index].shown;
    return DFL_OK;
}

size_t dfl_context_path_count(const dfl_context *context) {
    return context != NULL ? context->given : 0;
}

dfl_str dfl_context_path_name(const dfl_context *context, size_t index) {
    if (context == NULL || index >= context->given) return dfl__str("");
    uint32_t file = context->file_of[index];
    return file != DFL__NO_FILE ? context->files.items.items[file].path : dfl__str("");
}

uint32_t dfl_context_path_flags(const dfl_context *context, size_t index) {
    if (context == NULL || index >= context->given) return 0;
    uint32_t file = context->file_of[index];
    return file != DFL__NO_FILE ? context->files.items.items[file].flags : 0;
}

/* --- path by path */

struct dfl_reading {
    const dfl_context *context;
    dfl__arena arena;
    DFL__VEC(dfl_read) paths;
    unsigned char *seen; /* while it is made: [files], ignored ones that are listed */
    int all;
};

static dfl_str goes_to(dfl_reading *r, const dfl__read_path *path, dfl_str rest) {
    dfl_str base = path->base, result = {base.len > 0 ? base.ptr : "", base.len};
    if (rest.len == 0) return result;
    if (dfl__starts(rest, "/")) rest = dfl__sub(rest, 1, rest.len);
    char *text = dfl__arena_get(&r->arena, base.len + rest.len + 1);
    result.ptr = text;
    if (text == NULL) return result;
    memcpy(text, base.ptr, base.len);
    size_t len = base.len;
    if (len > 0 && text[len - 1] != '/') text[len++] = '/';
    memcpy(text + len, rest.ptr, rest.len);
    result.len = len + rest.len;
    return result;
}

static dfl_status list(void *ctx, const dfl__read_path *path) {
    dfl_reading *r = ctx;
    const dfl__file *file = &r->context->files.items.items[path->file];
    dfl_read read = {.size = sizeof read, .path = file->given, .name = file->path};
    read.kind = file->kind;
    read.flags = path->root ? DFL_READ_F_ROOT : 0;
    read.destination = dfl__str("");
    if (r->all) {
        int kept_back =
            (file->flags & DFL_PATH_F_EXCLUDED) != 0 && (file->flags & DFL_PATH_F_SENT) == 0;
        if (!kept_back || r->seen[path->file]) return DFL_OK;
        r->seen[path->file] = 1;
        read.flags |= DFL_READ_F_IGNORED;
    } else {
        read.destination = goes_to(r, path, dfl__sub(file->path, path->skip, file->path.len));
        if (read.destination.ptr == NULL) return DFL_E_NOMEM;
    }
    return DFL__PUSH(&r->arena.alloc, &r->paths, read) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status list_all(dfl_reading *r, uint32_t index) {
    const dfl_context *c = r->context;
    dfl__reader reader = reader_of(c, index, &r->arena, 0);
    reader.tell = list;
    reader.ctx = r;
    dfl_status status = dfl__read_source(&reader);
    if (status != DFL_OK) return status;
    if (reader.found != DFL_FOUND_YES) r->paths.count = 0;
    if (c->excluded[c->files.items.count] == 0) return DFL_OK;
    r->seen = dfl__calloc(&r->arena.alloc, c->files.items.count);
    if (r->seen == NULL) return DFL_E_NOMEM;
    r->all = 1;
    reader = reader_of(c, index, &r->arena, 1);
    reader.tell = list;
    reader.ctx = r;
    status = dfl__read_source(&reader);
    dfl__free(&r->arena.alloc, r->seen, c->files.items.count);
    return status;
}

dfl_status dfl_context_reading(const dfl_context *context, size_t index, dfl_reading **out) {
    if (context == NULL || out == NULL || index >= context->sources.count) return DFL_E_ARG;
    const dfl_alloc alloc = context->arena.alloc;
    dfl_reading *r = dfl__calloc(&alloc, sizeof *r);
    if (r == NULL) return DFL_E_NOMEM;
    r->context = context;
    dfl__arena_init(&r->arena, &alloc);
    dfl_status status = DFL_OK;
    if (is_judged(context, &context->sources.items[index])) status = list_all(r, (uint32_t)index);
    if (status == DFL_OK)
        *out = r;
    else
        dfl_reading_free(r);
    return status;
}

void dfl_reading_free(dfl_reading *reading) {
    if (reading == NULL) return;
    dfl_alloc alloc = reading->arena.alloc;
    DFL__VEC_FREE(&alloc, &reading->paths);
    dfl__arena_free(&reading->arena);
    dfl__free(&alloc, reading, sizeof *reading);
}

size_t dfl_reading_count(const dfl_reading *reading) {
    return reading != NULL ? reading->paths.count : 0;
}

dfl_status dfl_reading_path(const dfl_reading *reading, size_t index, dfl_read *out) {
    if (reading == NULL || out == NULL || index >= reading->paths.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    *out = reading->paths.items[index];
    return DFL_OK;
}
