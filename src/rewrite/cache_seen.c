/* cache_seen.c -- what the file does with paths, beside calling tools: who reads what a RUN leaves
 * in its directories, what is copied there, what the stages start.
 * Relies on cache.h.
 * Never takes a path that is not known for one that is not read. */
#include <string.h>

#include "base/path.h"
#include "rewrite/cache.h"
#include "syntax/csv.h"

#define PATH_BYTES_MAX 4096u

static dfl_str make_key(dfl__caching *c, char kind, uint32_t stage, dfl_str text) {
    c->key.len = 0;
    dfl__buf_fmt(&c->key, "%c%u:%S", kind, stage, &text);
    if (c->key.failed != DFL_OK) c->rw->failed = c->key.failed;
    return dfl__buf_str(&c->key);
}

void dfl__cache_note(dfl__caching *c, char kind, uint32_t stage, dfl_str text, uint32_t number) {
    dfl_str key = make_key(c, kind, stage, text);
    dfl_str value = {(const char *)&number, sizeof number};
    if (c->rw->failed != DFL_OK || dfl__cache_noted(c, kind, stage, text) == number) return;
    if (!dfl__env_set(&c->seen, key, value, DFL__VAR_SET)) c->rw->failed = DFL_E_NOMEM;
}

uint32_t dfl__cache_noted(dfl__caching *c, char kind, uint32_t stage, dfl_str text) {
    uint32_t number = 0;
    dfl_str value;
    if (dfl__env_get(&c->seen, make_key(c, kind, stage, text), &value) == DFL__VAR_SET)
        memcpy(&number, value.ptr, sizeof number);
    return number;
}

/* What is found out is kept with the stage right below, for all that are built on it: the number,
 * or in small letters that there is none. Without it a long chain of stages would take its square.
 */
uint32_t dfl__cache_inherited(dfl__caching *c, char kind, uint32_t stage, dfl_str text,
                              uint32_t wanted) {
    const dfl__stage *stages = c->rw->model->stages.items;
    uint32_t base = stages[stage].base_stage, none = wanted != 0 ? wanted : 1, found = 0;
    char none_kind = (char)(kind - 'A' + 'a');
    if (base == DFL_NO_STAGE) return 0;
    for (uint32_t s = base; s != DFL_NO_STAGE && found == 0; s = stages[s].base_stage) {
        uint32_t number = dfl__cache_noted(c, kind, s, text);
        if (wanted != 0 ? number == wanted : number != 0) found = number;
        if (dfl__cache_noted(c, none_kind, s, text) == none) break;
    }
    dfl__cache_note(c, found != 0 ? kind : none_kind, base, text, found != 0 ? found : none);
    return found;
}

static int is_word_byte(char c) {
    return dfl__is_alpha((unsigned char)c) || dfl__is_digit((unsigned char)c) || c == '_' ||
           c == '-';
}

int dfl__cache_mentions(dfl_str text, dfl_str name) {
    for (size_t at = 0; name.len > 0 && at + name.len <= text.len; at++) {
        if (text.ptr[at] != name.ptr[0] || !dfl__eq(dfl__sub(text, at, at + name.len), name))
            continue;
        size_t end = at + name.len;
        if ((at == 0 || !is_word_byte(text.ptr[at - 1])) &&
            (end == text.len || !is_word_byte(text.ptr[end])))
            return 1;
    }
    return 0;
}

dfl_str dfl__cache_expand(dfl__caching *c, const dfl__scope *scope, dfl_str word, int *known) {
    dfl__buf buf;
    dfl__buf_init(&buf, &c->arena.alloc, 0);
    dfl_status status = dfl__expand(c->rw->model, &scope->env, word, &buf, known);
    if (buf.failed == DFL_E_NOMEM) status = DFL_E_NOMEM;
    if (status != DFL_OK) c->rw->failed = status;
    dfl_str text = {"", 0};
    if (*known && status == DFL_OK) {
        text.len = buf.len;
        text.ptr = dfl__arena_copy(&c->arena, dfl__buf_str(&buf).ptr, buf.len);
        if (text.ptr == NULL) {
            c->rw->failed = DFL_E_NOMEM;
            text = dfl__str("");
        }
    }
    dfl__buf_free(&buf);
    return text;
}

/* `path` and everything above it, the first time. A path that is longer than a system takes is
 * none.
 */
static void note_above(dfl__caching *c, char kind, uint32_t root, dfl_str path, uint32_t number) {
    while (path.len <= PATH_BYTES_MAX && path.len > 1 && c->rw->failed == DFL_OK) {
        if (dfl__cache_noted(c, kind, root, path)) return;
        dfl__cache_note(c, kind, root, path, number);
        path.len -= dfl__path_base(path).len + 1;
    }
}

void dfl__cache_note_made(dfl__caching *c, uint32_t root, dfl_str path, uint32_t index) {
    note_above(c, 'W', root, path, index);
}

/* What stands before the first path part with a wildcard. */
static dfl_str literal_part(dfl_str path, int *exact) {
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] != '*' && path.ptr[i] != '?' && path.ptr[i] != '[') continue;
        *exact = 0;
        while (i > 0 && path.ptr[i - 1] != '/')
            i--;
        return dfl__sub(path, 0, i);
    }
    return path;
}

static dfl_str join(dfl__caching *c, dfl_str workdir, dfl_str path) {
    dfl_str joined = dfl__path_join(&c->arena, workdir, path);
    if (joined.ptr != NULL) return joined;
    c->rw->failed = DFL_E_NOMEM;
    return DFL__LIT("/");
}

/* `path` of `stage` is read; of a path that is not known, anything may be. */
static void add_reader(dfl__caching *c, uint32_t stage, uint32_t instruction, uint32_t word,
                       dfl_str path, int known) {
    uint32_t root = c->stages[stage].root;
    dfl__cache_reader reader = {c->stages[root].readers, stage, instruction, word, {"", 0}, known};
    reader.path = join(c, DFL__LIT("/"), known ? literal_part(path, &reader.exact) : path);
    if (!known) reader.path = DFL__LIT("/");
    dfl__cache_note(c, 'R', root, reader.path, 1);
    note_above(c, 'A', root, reader.path, 1);
    if (!DFL__PUSH(&c->arena.alloc, &c->readers, reader)) {
        c->rw->failed = DFL_E_NOMEM;
        return;
    }
    c->stages[root].readers = c->readers.count - 1;
}

/* The stage that an edge within the instruction leads to; edges stand in order. */
static uint32_t edge_target(dfl__caching *c, uint32_t kind, dfl_range range) {
    const dfl_model *model = c->rw->model;
    for (; c->edge < model->edges.count; c->edge++) {
        const dfl__edge *edge = &model->edges.items[c->edge];
        if (edge->range.start >= range.end) return DFL_NO_STAGE;
        if (edge->range.start < range.start || edge->kind != kind) continue;
        c->edge++;
        return edge->target;
    }
    return DFL_NO_STAGE;
}

/* Number of arguments, and the last of them. */
static uint32_t count_arguments(const dfl_doc *doc, uint32_t node, uint32_t *last) {
    uint32_t count = 0;
    for (uint32_t a = dfl__next_argument(doc, node, 0); a != 0;
         a = dfl__next_argument(doc, node, a)) {
        *last = a;
        count++;
    }
    return count;
}

/* Whether what is copied to the directory may hold a cache: a directory of another image or stage,
 * or one of the context that goes somewhere else than sources and whole systems do. */
static int may_bring_caches(dfl__caching *c, const dfl__scope *scope, const dfl__instr *instr,
                            dfl_str to) {
    uint32_t flag = 0;
    if (to.len <= 1) return 0;
    if (dfl__flag_value(c->rw->doc, instr->node, "from", &flag) != 0) return 1;
    if (scope->workdir_known && dfl__eq(to, scope->workdir)) return 0;
    int is_home =
        dfl__eqz(to, "/root") || (dfl__starts(to, "/home/") && dfl__find(to, '/', 6) == to.len);
    return !is_home;
}

static uint32_t instruction_index(const dfl__caching *c, const dfl__instr *instr) {
    return (uint32_t)(instr - c->rw->model->instrs.items);
}

static void see_copy(dfl__caching *c, const dfl__scope *scope, const dfl__instr *instr) {
    const dfl_doc *doc = c->rw->doc;
    uint32_t last = 0, count = count_arguments(doc, instr->node, &last);
    uint32_t from = edge_target(c, DFL_EDGE_COPY, dfl__node_range(doc, instr->node));
    int known;
    for (uint32_t a = dfl__next_argument(doc, instr->node, 0);
         a != last && from != DFL_NO_STAGE && c->rw->failed == DFL_OK;
         a = dfl__next_argument(doc, instr->node, a)) {
        dfl_str path = dfl__cache_expand(c, scope, dfl__node_value(doc, a), &known);
        add_reader(c, from, instr->node, count == 2 ? a : 0, path, known);
    }
    if (last == 0) return;
    dfl_str to = dfl__cache_expand(c, scope, dfl__node_value(doc, last), &known);
    if (!known || (!scope->workdir_known && !dfl__starts(to, "/"))) return;
    to = join(c, scope->workdir, to);
    note_above(c, 'C', c->stages[instr->stage].root, to, 1);
    if (may_bring_caches(c, scope, instr, to))
        dfl__cache_note(c, 'H', c->stages[instr->stage].root, to, instruction_index(c, instr));
}

void dfl__cache_see(dfl__caching *c, const dfl__scope *scope, const dfl__instr *instr) {
    if (instr->kind == DFL_NODE_COPY || instr->kind == DFL_NODE_ADD) see_copy(c, scope, instr);
}

/* The tool is started in `stage`: it needs what the stages below leave. */
static void note_started(dfl__caching *c, uint32_t stage, const char *tool) {
    for (; stage != DFL_NO_STAGE; stage = c->rw->model->stages.items[stage].base_stage) {
        if (dfl__cache_noted(c, 'S', stage, dfl__str(tool))) return;
        dfl__cache_note(c, 'S', stage, dfl__str(tool), 1);
    }
}

static void see_started(dfl__caching *c, uint32_t stage, const dfl_str *words, uint32_t count) {
    const dfl__tool *tool;
    dfl__cache_call call;
    for (uint32_t i = 0; (tool = dfl__catalog_tool(c->rw->catalog, i)) != NULL; i++) {
        if (dfl__cache_calls(tool, words, count, &call) && dfl__cache_uses(tool, &call))
            note_started(c, stage, tool->name);
    }
}

/* A CMD that the image's ENTRYPOINT hands to a program: CMD ["run", "main.ts"] on an image of deno.
 */
static void see_handed(dfl__caching *c, uint32_t stage, const dfl__start *start) {
    dfl__image_info image;
    if (start->entry != 0 || !dfl__stage_image(c->rw, stage, 1, &image)) return;
    for (uint32_t i = 0; i < image.image->interpreters.count; i++) {
        dfl_str words[8] = {dfl__str(image.image->interpreters.items[i])};
        uint32_t count = 1;
        for (; count < 8 && count <= start->argc; count++)
            words[count] = start->argv[count - 1];
        see_started(c, stage, words, count);
    }
}

void dfl__cache_see_start(dfl__caching *c, uint32_t stage) {
    dfl__start start;
    uint32_t skip;
    if (!dfl__start_of(c->rw, stage, &start)) return;
    (void)dfl__start_program(c->rw, &start, &skip);
    see_started(c, stage, start.argv + skip, start.argc - skip);
    see_handed(c, stage, &start);
}

void dfl__cache_see_runner(dfl__caching *c, uint32_t index) {
    const dfl__instr *instr = &c->rw->model->instrs.items[index];
    uint32_t stage = instr->stage;
    /* A trigger runs in a stage that is built on this one. */
    if (instr->kind != DFL_NODE_ONBUILD) {
        c->stages[stage].last_runner = index;
        stage = c->rw->model->stages.items[stage].base_stage;
    }
    for (; stage != DFL_NO_STAGE; stage = c->rw->model->stages.items[stage].base_stage) {
        if (c->stages[stage].runner_above) return;
        c->stages[stage].runner_above = 1;
    }
}

/* --- the mounts that a RUN has */

typedef struct {
    dfl_str target, source, id;
    int is_cache, from, known;
} mount_flag;

static dfl_str copy_text(dfl__caching *c, dfl_str text) {
    dfl_str copy = {dfl__arena_copy(&c->arena, text.ptr, text.len), text.len};
    if (copy.ptr != NULL) return copy;
    c->rw->failed = DFL_E_NOMEM;
    return dfl__str("");
}

static void read_field(dfl__caching *c, const dfl__scope *scope, dfl__buf *field, mount_flag *out) {
    dfl_str key, value;
    int known = 1;
    if (!dfl__csv_pair(field, &key, &value)) return;
    if (dfl__eqz(key, "from")) {
        out->from = 1;
        return;
    }
    int target = dfl__eqz(key, "target") || dfl__eqz(key, "dst") || dfl__eqz(key, "destination");
    int source = dfl__eqz(key, "source") || dfl__eqz(key, "src");
    int type = dfl__eqz(key, "type");
    if (dfl__eqz(key, "id")) out->id = copy_text(c, value);
    if (!target && !source && !type) return;
    value = dfl__cache_expand(c, scope, value, &known);
    if (type) out->is_cache = dfl__ieqz(value, "cache");
    if (target) out->target = value;
    if (source) out->source = value;
    if (!known) out->known = 0;
}

static mount_flag read_mount(dfl__caching *c, const dfl__scope *scope, dfl_str text) {
    mount_flag flag = {{"", 0}, {"", 0}, {"", 0}, 0, 0, 1};
    size_t at = 0;
    dfl__buf field;
    dfl__buf_init(&field, &c->arena.alloc, 0);
    while (c->rw->failed == DFL_OK && dfl__csv_next(text, &at, &field) > 0)
        read_field(c, scope, &field, &flag);
    if (field.failed != DFL_OK) c->rw->failed = field.failed;
    dfl__buf_free(&field);
    return flag;
}

static void add_there(dfl__caching *c, const dfl__scope *scope, const mount_flag *flag,
                      dfl__cache_run *run) {
    dfl__cache_there there = {{"", 0}, flag->id, flag->is_cache, !flag->known};
    /* Without a target a secret lies where nothing is cached, and nothing is said of other types.
     */
    if (flag->known && flag->target.len > 0 &&
        (scope->workdir_known || dfl__starts(flag->target, "/")))
        there.target = join(c, scope->workdir, flag->target);
    if (!DFL__PUSH(&c->arena.alloc, &run->there, there)) c->rw->failed = DFL_E_NOMEM;
    if (!there.is_cache || there.target.len == 0) return;
    if (!DFL__PUSH(&c->arena.alloc, &c->ids, there.id)) c->rw->failed = DFL_E_NOMEM;
    dfl__cache_note(c, 'T', run->root, there.target, c->ids.count);
}

void dfl__cache_see_mounts(dfl__caching *c, const dfl__scope *scope, uint32_t index,
                           dfl__cache_run *run) {
    const dfl_doc *doc = c->rw->doc;
    uint32_t node = run != NULL ? run->node : c->rw->model->instrs.items[index].node;
    uint32_t flag = 0, value;
    do {
        value = dfl__flag_value(doc, node, "mount", &flag);
        if (value == 0) continue;
        mount_flag mount = read_mount(c, scope, dfl__node_value(doc, value));
        if (run != NULL) add_there(c, scope, &mount, run);
        if (run != NULL || !mount.from) continue;
        uint32_t from = edge_target(c, DFL_EDGE_MOUNT, dfl__node_range(doc, value));
        if (from != DFL_NO_STAGE) add_reader(c, from, node, 0, mount.source, mount.known);
    } while (flag != 0 && c->rw->failed == DFL_OK);
}
