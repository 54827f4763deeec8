/* cache_write.c -- the steps and edits of what was decided.
 * Relies on cache.h.
 * Never reorders what is there: mounts come behind the flags, in the order of the commands. */
#include <string.h>

#include "base/path.h"
#include "rewrite/cache.h"

#define NONE DFL__CACHE_NONE
/* A RUN stays on one line up to this many columns. */
#define COLUMNS_MAX 100

/* A RUN being written. */
typedef struct {
    dfl__caching *c;
    dfl__cache_run *run;
    DFL__VEC(uint32_t) fresh; /* mounts to write, each target once */
    uint32_t flags_end;       /* where a flag can be put behind those there are */
    int has_flags;
    uint32_t text;  /* first byte of the command */
    int64_t growth; /* of a RUN on one line, mounts excluded */
} writer;

static dfl__rewrite *rw_of(const writer *w) {
    return w->c->rw;
}

static void no_memory(writer *w) {
    rw_of(w)->failed = DFL_E_NOMEM;
}

static dfl_range run_range(const writer *w) {
    return dfl__node_range(rw_of(w)->doc, w->run->node);
}

/* --- mounts */

/* Mount number `index` of those to write. */
static const dfl__cache_mount *fresh_mount(const writer *w, uint32_t index) {
    return &w->run->mounts.items[w->fresh.items[index]];
}

static int is_locked(const dfl__cache_mount *m) {
    return strcmp(m->cache->sharing, "shared") != 0;
}

/* Mounts to write: each directory once, as the strictest of its users wants it, and none inside
 * another. */
static void choose_mounts(writer *w) {
    for (uint32_t i = 0; i < w->run->mounts.count; i++) {
        const dfl__cache_mount *m = &w->run->mounts.items[i];
        int covered = m->state != DFL__MOUNT_NEW;
        for (uint32_t k = 0; k < w->run->mounts.count && !covered; k++) {
            const dfl__cache_mount *o = &w->run->mounts.items[k];
            if (k == i || o->state != DFL__MOUNT_NEW || !dfl__path_is_below(m->target, o->target))
                continue;
            if (o->target.len < m->target.len) {
                covered = 1;
            } else if (is_locked(o) != is_locked(m)) {
                covered = is_locked(o);
            } else {
                covered = k < i;
            }
        }
        if (!covered && !DFL__PUSH(&w->c->arena.alloc, &w->fresh, i)) no_memory(w);
    }
}

static dfl_str mount_text(writer *w, const dfl__cache_mount *m) {
    dfl__rewrite *rw = rw_of(w);
    const char *sharing = dfl__cache_sharing(w->c, m);
    dfl_str text = dfl__rewrite_fmt(rw, "--mount=type=cache,target=%S", &m->target);
    if (m->id.len > 0)
        text = dfl__rewrite_fmt(rw, "--mount=type=cache,id=%S,target=%S", &m->id, &m->target);
    if (strcmp(sharing, "shared") != 0)
        text = dfl__rewrite_fmt(rw, "%S,sharing=%s", &text, sharing);
    if (m->owned) text = dfl__rewrite_fmt(rw, "%S,uid=%u,gid=%u", &text, m->uid, m->gid);
    return text;
}

/* Where flags end and the command begins. */
static void find_places(writer *w) {
    const dfl_doc *doc = rw_of(w)->doc;
    for (uint32_t n = dfl__node_first(doc, w->run->node); n != 0; n = doc->nodes.items[n].next) {
        uint16_t kind = doc->nodes.items[n].kind;
        if (kind == DFL_NODE_KEYWORD || kind == DFL_NODE_FLAG)
            w->flags_end = dfl__node_range(doc, n).end;
        if (kind == DFL_NODE_FLAG) w->has_flags = 1;
        if (kind == DFL_NODE_SHELL_FORM || kind == DFL_NODE_JSON_FORM)
            w->text = dfl__node_range(doc, n).start;
    }
}

static int has_newline(const writer *w, uint32_t start, uint32_t end) {
    dfl_str source = rw_of(w)->doc->source;
    return dfl__find(dfl__sub(source, 0, end), '\n', start) < end;
}

/* Whether only blanks stand between the flags and the command. */
static int is_adjacent(const writer *w) {
    dfl_str source = rw_of(w)->doc->source;
    uint32_t at = w->flags_end;
    while (at < w->text && (source.ptr[at] == ' ' || source.ptr[at] == '\t'))
        at++;
    return at == w->text;
}

/* End of the line that the RUN begins on. */
static uint32_t first_line_end(const writer *w) {
    dfl_str source = rw_of(w)->doc->source;
    size_t end = dfl__find(source, '\n', w->text);
    if (end > 0 && source.ptr[end - 1] == '\r') end--;
    return (uint32_t)end;
}

/* Whether the RUN, up to a heredoc's body, is one line. */
static int is_one_line(const writer *w) {
    const dfl_doc *doc = rw_of(w)->doc;
    uint32_t form = dfl__node_child(doc, w->run->node, DFL_NODE_SHELL_FORM);
    if (form == 0) form = w->run->text;
    return !has_newline(w, run_range(w).start, dfl__node_range(doc, form).end);
}

static dfl_str line_break(writer *w) {
    const dfl__style *style = &rw_of(w)->style;
    return dfl__rewrite_fmt(rw_of(w), "%c%s%S", style->escape, style->eol, &style->indent);
}

/* Whether the one mount fits on the line of the RUN. */
static int fits(const writer *w, dfl_str mount) {
    uint32_t columns = dfl_doc_pos(rw_of(w)->doc, first_line_end(w)).utf8;
    return w->fresh.count == 1 && w->run->there.count == 0 && is_one_line(w) &&
           (int64_t)columns + w->growth + (int64_t)mount.len + 1 <= COLUMNS_MAX;
}

/* Mounts before the command: on its line, or each on one of its own. */
static void put_before_command(writer *w, uint32_t step) {
    dfl__rewrite *rw = rw_of(w);
    dfl_str brk = line_break(w), first = mount_text(w, fresh_mount(w, 0));
    if (fits(w, first)) {
        dfl__plan_insert(rw, step, w->text, dfl__rewrite_fmt(rw, "%S ", &first));
        return;
    }
    if (w->has_flags) dfl__plan_insert(rw, step, w->text, brk);
    for (uint32_t i = 0; i < w->fresh.count; i++) {
        dfl_str text = mount_text(w, fresh_mount(w, i));
        dfl__plan_insert(rw, step, w->text, dfl__rewrite_fmt(rw, "%S %S", &text, &brk));
    }
}

/* Mounts behind the flags, where the command begins on another line or behind `--`. */
static void put_behind_flags(writer *w, uint32_t step) {
    dfl__rewrite *rw = rw_of(w);
    dfl_str brk = line_break(w);
    for (uint32_t i = 0; i < w->fresh.count; i++) {
        dfl_str text = mount_text(w, fresh_mount(w, i));
        int same_line = i == 0 && !w->has_flags;
        dfl__plan_insert(rw, step, w->flags_end,
                         same_line ? dfl__rewrite_fmt(rw, " %S", &text)
                                   : dfl__rewrite_fmt(rw, " %S%S", &brk, &text));
    }
}

/* "a", "a and b", "a, b and c". */
static void add_item(dfl__buf *out, uint32_t index, uint32_t count, dfl_str item) {
    if (index > 0) dfl__buf_addz(out, index + 1 == count ? " and " : ", ");
    dfl__buf_add(out, item);
}

static dfl_str list_targets(writer *w) {
    dfl__buf buf;
    dfl__buf_init(&buf, &w->c->arena.alloc, 0);
    for (uint32_t i = 0; i < w->fresh.count; i++)
        add_item(&buf, i, w->fresh.count, fresh_mount(w, i)->target);
    if (buf.failed != DFL_OK) no_memory(w);
    dfl_str text = dfl__rewrite_text(rw_of(w), dfl__buf_str(&buf));
    dfl__buf_free(&buf);
    return text;
}

static int is_first_of_tool(const writer *w, uint32_t index) {
    for (uint32_t i = 0; i < index; i++) {
        if (fresh_mount(w, i)->tool == fresh_mount(w, index)->tool) return 0;
    }
    return 1;
}

static dfl_str list_tools(writer *w) {
    uint32_t count = 0, at = 0;
    dfl__buf buf;
    dfl__buf_init(&buf, &w->c->arena.alloc, 0);
    for (uint32_t i = 0; i < w->fresh.count; i++)
        count += is_first_of_tool(w, i) != 0;
    for (uint32_t i = 0; i < w->fresh.count; i++) {
        if (is_first_of_tool(w, i))
            add_item(&buf, at++, count, dfl__str(fresh_mount(w, i)->tool->name));
    }
    if (buf.failed != DFL_OK) no_memory(w);
    dfl_str text = dfl__rewrite_text(rw_of(w), dfl__buf_str(&buf));
    dfl__buf_free(&buf);
    return text;
}

/* Why mounts are locked: "; A is locked, as ...". */
static dfl_str lock_reasons(writer *w) {
    dfl_str text = {"", 0};
    for (uint32_t i = 0; i < w->fresh.count; i++) {
        const dfl__cache_mount *m = fresh_mount(w, i);
        if (!is_locked(m) || m->cache->reason[0] == '\0' ||
            strcmp(dfl__cache_sharing(w->c, m), m->cache->sharing) != 0)
            continue;
        text = dfl__rewrite_fmt(rw_of(w), "%S; %S is %s, as %s", &text, &m->target,
                                m->cache->sharing, m->cache->reason);
    }
    return text;
}

/* Mounts that the caller wants to be shared more freely than the catalog says. */
static void assume_single_writer(writer *w, uint32_t step) {
    for (uint32_t i = 0; i < w->fresh.count; i++) {
        const dfl__cache_mount *m = fresh_mount(w, i);
        if (!is_locked(m) || strcmp(dfl__cache_sharing(w->c, m), "shared") != 0) continue;
        dfl__plan_assume(rw_of(w), step, "no two builds write to %S at once: %s", &m->target,
                         m->cache->reason);
    }
}

/* Above a mount in a user's home buildah makes what is missing, as root, and leaves it; BuildKit
 * removes it again. */
static void assume_folders(writer *w, uint32_t step) {
    if (rw_of(w)->opt->builder != DFL_BUILDER_BUILDAH) return;
    for (uint32_t i = 0; i < w->fresh.count; i++) {
        const dfl__cache_mount *m = fresh_mount(w, i);
        dfl_str folder = dfl__path_dir(m->target);
        if (!m->owned || m->uid == 0 || !m->in_folder) continue;
        dfl__plan_assume(rw_of(w), step,
                         "user %u writes nothing else in %S, which is root's if buildah has to "
                         "make it for the mount",
                         m->uid, &folder);
    }
}

static void write_mounts(writer *w) {
    dfl__rewrite *rw = rw_of(w);
    if (w->fresh.count == 0) return;
    dfl_str tools = list_tools(w), targets = list_targets(w), locks = lock_reasons(w);
    uint32_t step =
        dfl__plan_add_step(rw, "cache.mount", DFL_RISK_SAFE, run_range(w),
                           w->fresh.count == 1 ? "A cache mount keeps the files of %S in "
                                                 "%S between builds and out of the image%S"
                                               : "Cache mounts keep the files of %S in %S "
                                                 "between builds and out of the image%S",
                           &tools, &targets, &locks);
    for (uint32_t i = 0; i < w->fresh.count; i++) {
        if (!fresh_mount(w, i)->assumed) continue;
        const dfl_str *base = &rw->model->stages.items[w->run->root].base;
        dfl__plan_assume(rw, step,
                         "%S, which the catalog does not know, runs as root unless USER says "
                         "otherwise, and leaves HOME and the variables of %S at their defaults",
                         base, &tools);
        break;
    }
    assume_single_writer(w, step);
    assume_folders(w, step);
    if (w->run->is_trigger)
        dfl__plan_assume(rw, step,
                         "what builds on this image is built by a frontend that knows RUN --mount");
    if (is_adjacent(w)) {
        put_before_command(w, step);
    } else {
        put_behind_flags(w, step);
    }
}

/* --- prepare */

/* Columns of the line that holds source offset `at`, once what goes is gone and the command stands
 * on a line of its own. */
static size_t columns_at(const writer *w, uint32_t at) {
    const dfl__cache_text *text = &w->run->lines;
    const dfl__cache_line *line = dfl__cache_line_at(text, at);
    size_t columns = line->line > w->text ? 0 : rw_of(w)->style.indent.len;
    for (uint32_t i = line->line; i < line->end; i++)
        columns += !text->cut[i - text->start];
    return columns;
}

/* `text` with a line break behind each && outside quotes. */
static dfl_str break_at_and(writer *w, dfl_str text) {
    dfl_str brk = line_break(w);
    char quote = 0;
    dfl__buf buf;
    dfl__buf_init(&buf, &w->c->arena.alloc, 0);
    for (size_t i = 0; i < text.len; i++) {
        char b = text.ptr[i];
        dfl__buf_addc(&buf, b);
        if (quote != 0 && b == quote) {
            quote = 0;
        } else if (quote == 0 && (b == '\'' || b == '"')) {
            quote = b;
        }
        if (quote == 0 && b == ' ' && i > 2 && text.ptr[i - 1] == '&' && text.ptr[i - 2] == '&')
            dfl__buf_add(&buf, brk);
    }
    if (buf.failed != DFL_OK) no_memory(w);
    dfl_str broken = dfl__rewrite_text(rw_of(w), dfl__buf_str(&buf));
    dfl__buf_free(&buf);
    return broken;
}

/* Text put in front of command `cmd`: a line of its own in a script, where the command begins one.
 */
static dfl_str prepare_text(writer *w, const dfl__cache_prepare *p) {
    dfl__rewrite *rw = rw_of(w);
    const dfl__cache_text *lines = &w->run->lines;
    const dfl__sh_cmd *k = &w->run->shell.cmds[p->before];
    uint32_t at = dfl__cache_source(lines, k->start);
    const dfl__cache_line *line = dfl__cache_line_at(lines, at);
    const char *sudo = p->sudo ? "sudo " : "";
    int starts = k->op == DFL__OP_NONE || k->op == DFL__OP_SEQ;
    if (lines->is_body && line->text == at && starts && k->parent == NONE) {
        dfl_str indent = dfl__sub(rw->doc->source, line->line, line->text);
        return dfl__rewrite_fmt(rw, "%s%s%s%S", sudo, p->tool->prepare, rw->style.eol, &indent);
    }
    dfl_str text = dfl__rewrite_fmt(rw, "%s%s && ", sudo, p->tool->prepare);
    if (lines->is_body || columns_at(w, at) + text.len <= COLUMNS_MAX) return text;
    return break_at_and(w, text);
}

static void write_prepares(writer *w) {
    dfl__rewrite *rw = rw_of(w);
    for (uint32_t i = 0; i < w->run->prepares.count; i++) {
        const dfl__cache_prepare *p = &w->run->prepares.items[i];
        const dfl__sh_cmd *k = &w->run->shell.cmds[p->before];
        dfl_range range = {dfl__cache_source(&w->run->lines, k->start),
                           dfl__cache_source(&w->run->lines, k->end)};
        if (range.end < range.start) range.end = range.start;
        uint32_t step = dfl__plan_add_step(rw, "cache.prepare", DFL_RISK_SAFE, range,
                                           "Without `%s` the image makes %s throw its "
                                           "cache away",
                                           p->tool->prepare, p->tool->name);
        dfl__plan_insert(rw, step, range.start, prepare_text(w, p));
    }
}

/* --- results that are copied out */

/* The last command at top level that stays. */
static uint32_t last_command(const writer *w) {
    const dfl__sh_cmd *cmds = w->run->shell.cmds;
    uint32_t last = NONE;
    for (uint32_t i = 0; i != NONE && i < w->run->shell.cmd_count; i = cmds[i].next) {
        if (!dfl__cache_is_gone(w->run, i)) last = i;
    }
    return last;
}

/* The file as the last command sees it. */
static dfl_str seen_path(writer *w, uint32_t last, dfl_str path) {
    dfl_str dir = dfl__command_workdir(rw_of(w), &w->run->shell, last, w->run->workdir);
    if (dir.len <= 1 || !dfl__eq(dir, w->run->workdir) || !dfl__path_is_below(path, dir))
        return path;
    return dfl__sub(path, dir.len + 1, path.len);
}

static void redirect_reader(writer *w, uint32_t step, const dfl__cache_reader *reader) {
    dfl__rewrite *rw = rw_of(w);
    if (rw->failed != DFL_OK) return;
    dfl__edits_set_owner(rw->plan->edits, step);
    dfl_status status =
        dfl_edits_set_value(rw->plan->edits, dfl_doc_node(rw->doc, reader->word), w->run->copy_to);
    if (status != DFL_OK) rw->failed = status == DFL_E_NOMEM ? status : DFL_E_REFUSED;
}

static void write_copy(writer *w) {
    dfl__rewrite *rw = rw_of(w);
    dfl__cache_run *run = w->run;
    uint32_t last = last_command(w);
    if (run->copy_mount == NONE || last == NONE ||
        run->mounts.items[run->copy_mount].state != DFL__MOUNT_NEW)
        return;
    const dfl__cache_reader *reader = &w->c->readers.items[run->copy_reader];
    dfl_range reads = dfl__node_range(rw->doc, reader->instruction);
    dfl_str from = seen_path(w, last, reader->path), to = run->copy_to;
    dfl_str dir = dfl__path_dir(to), brk = line_break(w);
    uint32_t at = dfl__cache_source(&run->lines, run->shell.cmds[last].end - 1) + 1;
    dfl_str text = dfl__rewrite_fmt(rw, "&& mkdir -p %S && cp %S %S", &dir, &from, &to);
    int wide = columns_at(w, at - 1) + text.len + 1 > COLUMNS_MAX && !run->lines.is_body;
    uint32_t step = dfl__plan_add_step(
        rw, "cache.output", DFL_RISK_LIKELY, run_range(w),
        "What is built in a cache mount does not get into the image, so %S is copied to "
        "%S, where line %u now takes it from",
        &reader->path, &to, dfl__line_of(rw, reads.start));
    dfl__plan_assume(rw, step, "%S is a file, and no other step reads what is built beside it",
                     &reader->path);
    dfl__plan_insert(rw, step, at,
                     wide ? dfl__rewrite_fmt(rw, " %S%S", &brk, &text)
                          : dfl__rewrite_fmt(rw, " %S", &text));
    redirect_reader(w, step, reader);
}

/* --- what goes */

void dfl__cache_write_cuts(dfl__caching *c, const dfl__cache_text *text, unsigned why,
                           uint32_t step) {
    uint32_t size = text->end - text->start;
    for (uint32_t at = 0; at < size;) {
        uint32_t end = at;
        while (end < size && text->cut[end] == why)
            end++;
        dfl_range range = {text->start + at, text->start + end};
        if (end > at) dfl__plan_replace(c->rw, step, range, DFL__LIT(""));
        at = end > at ? end : at + 1;
    }
}

/* A list of what goes, for a message, and the source range that holds it. */
typedef struct {
    dfl__buf text;
    uint32_t count;
    dfl_range range;
} gone_list;

static void add_gone(const writer *w, gone_list *list, uint32_t start, uint32_t end) {
    dfl_str part = dfl__sub(w->run->shell.text, start, end);
    start = dfl__cache_source(&w->run->lines, start);
    end = dfl__cache_source(&w->run->lines, end - 1) + 1;
    if (list->count == 0 || start < list->range.start) list->range.start = start;
    if (list->count == 0 || end > list->range.end) list->range.end = end;
    if (list->count++ > 0) dfl__buf_addz(&list->text, ", ");
    dfl__buf_fmt(&list->text, "`%S`", &part);
}

static void list_commands(const writer *w, gone_list *list) {
    const dfl__shell *shell = &w->run->shell;
    for (uint32_t i = 0; i < shell->cmd_count; i++) {
        const dfl__sh_cmd *k = &shell->cmds[i];
        if (!k->in_subst && dfl__cache_is_gone(w->run, i)) add_gone(w, list, k->start, k->end);
    }
}

/* Words that go while their command stays. */
static void list_words(const writer *w, gone_list *list, int flags) {
    for (uint32_t i = 0; i < w->run->cleanups.count; i++) {
        const dfl__cleanup *u = &w->run->cleanups.items[i];
        const dfl__sh_cmd *k = &w->run->shell.cmds[u->cmd];
        if (u->kind == DFL__CLEANUP_COMMAND || (u->kind == DFL__CLEANUP_WORDS) != flags) continue;
        const dfl__sh_word *first = (u->is_assign ? k->assigns : k->words) + u->word;
        uint32_t at = dfl__cache_source(&w->run->lines, first->start);
        if (dfl__cache_marked(&w->run->lines, at) && !dfl__cache_is_gone(w->run, u->cmd))
            add_gone(w, list, first->start, first[u->count - 1].end);
    }
}

static void write_gone(writer *w, unsigned why, const char *code, const char *format) {
    dfl__rewrite *rw = rw_of(w);
    gone_list list = {.count = 0};
    if (!w->run->has_gone) return;
    dfl__buf_init(&list.text, &w->c->arena.alloc, 0);
    if (why == DFL__GONE_CLEANUP) list_commands(w, &list);
    list_words(w, &list, why == DFL__GONE_FLAG);
    if (list.text.failed != DFL_OK) no_memory(w);
    dfl_str text = dfl__rewrite_text(rw, dfl__buf_str(&list.text));
    dfl__buf_free(&list.text);
    if (list.count == 0 || rw->failed != DFL_OK) return;
    uint32_t step = dfl__plan_add_step(rw, code, DFL_RISK_SAFE, list.range, format, &text);
    if (why == DFL__GONE_CLEANUP && w->run->assumes_success)
        dfl__plan_assume(
            rw, step, "the commands before succeed: the clean-up behind them hid when one failed");
    if (why == DFL__GONE_CLEANUP && w->run->drops_parent)
        dfl__plan_assume(
            rw, step, "nothing but the caches is left in the directory that is no longer removed");
    dfl__cache_write_cuts(w->c, &w->run->lines, why, step);
}

/* How much what goes, and what is put in, changes the length of a RUN of one line. */
static void measure(writer *w) {
    const dfl__cache_text *text = &w->run->lines;
    if (w->run->has_gone && !text->is_body) {
        for (uint32_t i = 0; i < text->end - text->start; i++)
            w->growth -= text->cut[i] != 0;
    }
    for (uint32_t i = 0; i < w->run->prepares.count && !text->is_body; i++)
        w->growth += (int64_t)strlen(w->run->prepares.items[i].tool->prepare) + 4;
}

/* --- notes */

static int is_refusal(const char *code) {
    return strcmp(code, "cache.user-unknown") == 0 || strcmp(code, "cache.cleanup-kept") == 0;
}

/* Tell why caches are left out, each reason once. */
static void write_notes(writer *w, int refuse) {
    const dfl__cache_run *run = w->run;
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        const dfl__cache_mount *m = &run->mounts.items[i];
        int told = m->state != DFL__MOUNT_LEFT || m->code == NULL;
        for (uint32_t k = 0; k < i && !told; k++)
            told = run->mounts.items[k].code == m->code &&
                   dfl__eq(run->mounts.items[k].target, m->target);
        if (told) continue;
        if (refuse && is_refusal(m->code)) {
            dfl__plan_refuse(rw_of(w), m->code, run_range(w), "%S", &m->why);
        } else {
            (void)dfl__plan_add_step(rw_of(w), m->code, DFL_RISK_SAFE, run_range(w), "%S", &m->why);
        }
    }
}

/* Whether any tool of the file has, or gets, a mount. */
static int has_any_mount(const dfl__caching *c) {
    for (uint32_t i = 0; i < c->runs.count; i++) {
        for (uint32_t k = 0; k < c->runs.items[i].mounts.count; k++) {
            if (c->runs.items[i].mounts.items[k].state != DFL__MOUNT_LEFT) return 1;
        }
    }
    return 0;
}

static void write_run(dfl__caching *c, dfl__cache_run *run, int refuse) {
    writer w;
    memset(&w, 0, sizeof w);
    w.c = c;
    w.run = run;
    find_places(&w);
    choose_mounts(&w);
    dfl__cache_prepare_run(c, run);
    measure(&w);
    write_mounts(&w);
    write_prepares(&w);
    write_copy(&w);
    write_gone(&w, DFL__GONE_CLEANUP, "cache.cleanup",
               "%S would empty the cache, and with the mount nothing of it is in the image");
    write_gone(&w, DFL__GONE_FLAG, "cache.flag", "%S would keep the tool from its cache");
    write_notes(&w, refuse);
    DFL__VEC_FREE(&c->arena.alloc, &w.fresh);
}

void dfl__cache_write(dfl__caching *c) {
    int refuse = !has_any_mount(c);
    dfl__cache_name(c);
    dfl__cache_write_syntax(c);
    dfl__cache_write_env(c);
    dfl__cache_note_prepared(c);
    for (uint32_t i = 0; i < c->runs.count && c->rw->failed == DFL_OK; i++)
        write_run(c, &c->runs.items[i], refuse);
}
