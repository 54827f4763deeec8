/* cache_take.c -- the commands of a RUN without what fights its mounts.
 * Relies on cache.h and shell.h.
 * Never takes out what would change which of the other commands run: the text that is left is read
 * again and compared. */
#include <string.h>

#include "rewrite/cache.h"

#define NONE DFL__CACHE_NONE

static void no_memory(dfl__caching *c) {
    c->rw->failed = DFL_E_NOMEM;
}

static dfl_str raw_word(const dfl__shell *shell, const dfl__sh_word *word) {
    return dfl__sub(shell->text, word->start, word->end);
}

/* Work of one take: what goes, and what joins the rest. */
typedef struct {
    dfl__caching *c;
    dfl__cache_run *run;
    const dfl__shell *shell;
    unsigned char *gone; /* of each command */
    uint32_t *before;    /* the command before it at its level */
    dfl__op *op;         /* that will join it */
} take;

static int tool_is_mounted(const dfl__cache_run *run, const dfl__tool *tool) {
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        if (run->mounts.items[i].tool == tool && run->mounts.items[i].state != DFL__MOUNT_LEFT)
            return 1;
    }
    return 0;
}

static void mark_words(take *t, const dfl__cleanup *u, unsigned why) {
    const dfl__sh_cmd *k = &t->shell->cmds[u->cmd];
    for (uint32_t i = 0; i < u->count; i++) {
        const dfl__sh_word *w = u->is_assign ? &k->assigns[u->word] : &k->words[u->word + i];
        dfl__cache_mark(&t->run->lines, w->start, w->end, why);
    }
    t->run->has_gone = 1;
}

/* Whether the operand is the parent of a cache that is mounted. */
static int is_parent(const dfl__cache_run *run, uint32_t cleanup) {
    for (uint32_t m = 0; m < run->mounts.count; m++) {
        if (run->mounts.items[m].state != DFL__MOUNT_LEFT &&
            dfl__cache_relate(run, cleanup, m) == DFL__PARENT)
            return 1;
    }
    return 0;
}

static void mark_operand(take *t, uint32_t cleanup) {
    const dfl__cleanup *u = &t->run->cleanups.items[cleanup];
    int whole = dfl__cache_goes_whole(t->run, cleanup, 1);
    if (!dfl__cache_lies_inside(t->run, cleanup, 1) || !(whole ? u->removable : u->plain)) return;
    t->run->drops_parent |= is_parent(t->run, cleanup);
    if (whole) {
        t->gone[u->cmd] = 1;
    } else {
        mark_words(t, u, DFL__GONE_CLEANUP);
    }
}

/* Find the commands that go, mark the words that go. */
static void mark_cleanups(take *t) {
    dfl__cache_run *run = t->run;
    for (uint32_t i = 0; i < run->cleanups.count; i++) {
        const dfl__cleanup *u = &run->cleanups.items[i];
        switch (u->kind) {
        case DFL__CLEANUP_WORDS:
            if (tool_is_mounted(run, u->tool)) mark_words(t, u, DFL__GONE_FLAG);
            break;
        case DFL__CLEANUP_COMMAND:
            if (tool_is_mounted(run, u->tool) && u->removable) t->gone[u->cmd] = 1;
            break;
        case DFL__CLEANUP_OPERAND: mark_operand(t, i); break;
        }
    }
}

/* Of `X || true`, both go. */
static void mark_true(take *t) {
    const dfl__sh_cmd *cmds = t->shell->cmds;
    for (uint32_t i = 0; i < t->shell->cmd_count; i++) {
        uint32_t next = cmds[i].next;
        int starts = cmds[i].op == DFL__OP_NONE || cmds[i].op == DFL__OP_SEQ;
        if (t->gone[i] && starts && next != NONE && cmds[next].op == DFL__OP_OR) t->gone[next] = 1;
    }
}

/* Whether the command begins its line. */
static int begins_line(const take *t, uint32_t at) {
    uint32_t source = dfl__cache_source(&t->run->lines, at);
    return dfl__cache_line_at(&t->run->lines, source)->text == source;
}

static int same_line(const take *t, uint32_t a, uint32_t b) {
    const dfl__cache_text *text = &t->run->lines;
    return dfl__cache_line_at(text, dfl__cache_source(text, a)) ==
           dfl__cache_line_at(text, dfl__cache_source(text, b));
}

static void mark_op(take *t, uint32_t cmd) {
    const dfl__sh_cmd *k = &t->shell->cmds[cmd];
    dfl__cache_mark(&t->run->lines, k->op_start, k->op_end, DFL__GONE_CLEANUP);
}

/* The command whose operator stays between what stands before commands [x, y] and `after`. A `;`
 * must stay where there is one; else the operator stays that is on a line of its own. */
static uint32_t op_that_stays(const take *t, uint32_t x, uint32_t y, uint32_t after) {
    const dfl__sh_cmd *cmds = t->shell->cmds;
    uint32_t inner = NONE;
    if (cmds[after].op == DFL__OP_OR) return after;
    int seq = cmds[after].op == DFL__OP_SEQ;
    for (uint32_t i = x;; i = cmds[i].next) {
        if (cmds[i].op == DFL__OP_SEQ && inner == NONE) inner = i;
        seq |= cmds[i].op == DFL__OP_SEQ;
        if (i == y) break;
    }
    int first = !seq || cmds[x].op == DFL__OP_SEQ, last = !seq || cmds[after].op == DFL__OP_SEQ;
    int own_line =
        begins_line(t, cmds[x].start) && same_line(t, cmds[y].end - 1, cmds[after].op_start);
    if (first && (own_line || !last)) return x;
    return last ? after : inner;
}

/* A `;` that ends the list behind `at`; 0 when there is none. */
static uint32_t closing_semicolon(const dfl__shell *shell, uint32_t at) {
    while (at < shell->text.len && (shell->text.ptr[at] == ' ' || shell->text.ptr[at] == '\t'))
        at++;
    if (at == shell->text.len || shell->text.ptr[at] != ';') return 0;
    return at + 1 < shell->text.len && shell->text.ptr[at + 1] == ';' ? 0 : at;
}

/* Whether the failure of what stands before was hidden by the commands that go. */
static int hides_failure(const take *t, uint32_t x, uint32_t after) {
    const dfl__sh_cmd *k = &t->shell->cmds[x];
    int errexit = dfl__cache_errexit(t->run, x);
    if (after == NONE) return k->op == DFL__OP_SEQ && !errexit;
    return k->op == DFL__OP_AND && t->shell->cmds[after].op == DFL__OP_SEQ && errexit;
}

/* Commands [x, y], neighbours, go; 0 when none would be left at their level. */
static int mark_group(take *t, uint32_t x, uint32_t y) {
    const dfl__sh_cmd *cmds = t->shell->cmds;
    uint32_t after = cmds[y].next, before = t->before[x], stays = NONE, semicolon = 0;
    if (before == NONE && after == NONE) return 0;
    if (before == NONE) {
        t->op[after] = DFL__OP_NONE;
    } else if (after != NONE) {
        stays = op_that_stays(t, x, y, after);
        t->op[after] = cmds[stays].op;
    } else {
        semicolon = closing_semicolon(t->shell, cmds[y].end);
        if (semicolon != 0 && cmds[x].op == DFL__OP_SEQ && begins_line(t, cmds[x].start)) stays = x;
    }
    if (before != NONE && hides_failure(t, x, after)) t->run->assumes_success = 1;
    for (uint32_t i = x;; i = cmds[i].next) {
        dfl__cache_mark(&t->run->lines, cmds[i].start, cmds[i].end, DFL__GONE_CLEANUP);
        if (i != stays && (i != x || before != NONE)) mark_op(t, i);
        if (i == y) break;
    }
    if (after != NONE && after != stays) mark_op(t, after);
    if (semicolon != 0 && stays == x)
        dfl__cache_mark(&t->run->lines, semicolon, semicolon + 1, DFL__GONE_CLEANUP);
    t->run->has_gone = 1;
    return 1;
}

static int mark_commands(take *t) {
    const dfl__sh_cmd *cmds = t->shell->cmds;
    for (uint32_t i = 0; i < t->shell->cmd_count; i++) {
        uint32_t y = i;
        if (!t->gone[i] || (t->before[i] != NONE && t->gone[t->before[i]])) continue;
        while (cmds[y].next != NONE && t->gone[cmds[y].next])
            y = cmds[y].next;
        if (!mark_group(t, i, y)) return 0;
    }
    return 1;
}

/* Whether the words of both commands are the same but for those that go. */
static int same_words(const take *t, const dfl__shell *rest, const dfl__sh_word *a,
                      uint32_t a_count, const dfl__sh_word *b, uint32_t b_count) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < a_count; i++) {
        if (dfl__cache_marked(&t->run->lines, dfl__cache_source(&t->run->lines, a[i].start)))
            continue;
        if (at == b_count || !dfl__eq(raw_word(t->shell, &a[i]), raw_word(rest, &b[at++])))
            return 0;
    }
    return at == b_count;
}

static int same_command(const take *t, const dfl__shell *rest, const dfl__sh_cmd *a,
                        const dfl__sh_cmd *b) {
    return a->kind == b->kind && a->negated == b->negated && a->conditional == b->conditional &&
           a->in_pipe == b->in_pipe && a->in_subst == b->in_subst &&
           a->background == b->background && a->redir_count == b->redir_count &&
           same_words(t, rest, a->assigns, a->assign_count, b->assigns, b->assign_count) &&
           same_words(t, rest, a->words, a->word_count, b->words, b->word_count);
}

/* Whether the commands of `rest` are those that stay, in the same order and places. `map` has room
 * for a number a command. */
static int same_rest(const take *t, const dfl__shell *rest, uint32_t *map) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < t->shell->cmd_count; i++) {
        const dfl__sh_cmd *a = &t->shell->cmds[i];
        map[i] = at;
        /* What a command that goes holds goes with it. */
        if (a->parent != NONE && t->gone[a->parent]) t->gone[i] = 1;
        if (t->gone[i]) continue;
        if (at == rest->cmd_count) return 0;
        const dfl__sh_cmd *b = &rest->cmds[at++];
        if (t->op[i] != b->op || !same_command(t, rest, a, b)) return 0;
        if (b->parent != (a->parent == NONE ? NONE : map[a->parent])) return 0;
    }
    return at == rest->cmd_count && rest->opaque == t->shell->opaque;
}

static int means_the_same(const take *t) {
    dfl__caching *c = t->c;
    dfl__shell rest;
    dfl__buf text;
    int same = 0;
    dfl__buf_init(&text, &c->arena.alloc, 0);
    dfl__cache_rest(c->rw->doc, &t->run->lines, &text);
    dfl_status status = text.failed;
    if (status == DFL_OK)
        status = dfl__shell_scan(dfl__buf_str(&text), c->rw->doc->limits.max_depth, &c->arena.alloc,
                                 &rest);
    if (status == DFL_OK) {
        uint32_t *map = dfl__arena_get(&c->arena, (t->shell->cmd_count + 1) * sizeof *map);
        if (map == NULL) status = DFL_E_NOMEM;
        same = map != NULL && same_rest(t, &rest, map);
        dfl__shell_free(&rest);
    }
    if (status == DFL_E_NOMEM) no_memory(c);
    dfl__buf_free(&text);
    return same;
}

static int begin_take(take *t, dfl__caching *c, dfl__cache_run *run) {
    uint32_t count = run->shell.cmd_count;
    memset(t, 0, sizeof *t);
    t->c = c;
    t->run = run;
    t->shell = &run->shell;
    t->gone = dfl__arena_get(&c->arena, count + 1);
    t->before = dfl__arena_get(&c->arena, (count + 1) * sizeof *t->before);
    t->op = dfl__arena_get(&c->arena, (count + 1) * sizeof *t->op);
    if (t->gone == NULL || t->before == NULL || t->op == NULL) {
        no_memory(c);
        return 0;
    }
    memset(t->gone, 0, count + 1);
    for (uint32_t i = 0; i < count; i++)
        t->before[i] = NONE;
    for (uint32_t i = 0; i < count; i++) {
        t->op[i] = run->shell.cmds[i].op;
        if (run->shell.cmds[i].next != NONE) t->before[run->shell.cmds[i].next] = i;
    }
    return 1;
}

int dfl__cache_take_out(dfl__caching *c, dfl__cache_run *run) {
    const dfl_doc *doc = c->rw->doc;
    const dfl_node_rec *rec = &doc->nodes.items[run->text];
    take t;
    dfl__cache_text_free(c, &run->lines);
    run->has_gone = run->assumes_success = run->drops_parent = 0;
    if (!begin_take(&t, c, run)) return 1;
    if (!dfl__cache_text_of(c, rec->first_token, rec->end_token, &run->lines)) return 1;
    if (!run->exec && !run->frozen) mark_cleanups(&t);
    mark_true(&t);
    if (!mark_commands(&t)) return 0;
    if (!run->has_gone || c->rw->failed != DFL_OK) return 1;
    return dfl__cache_cut(doc, &run->lines) && means_the_same(&t);
}

int dfl__cache_is_gone(const dfl__cache_run *run, uint32_t cmd) {
    if (!run->has_gone) return 0;
    uint32_t at = dfl__cache_source(&run->lines, run->shell.cmds[cmd].start);
    return run->lines.gone[at - run->lines.start] == DFL__GONE_CLEANUP;
}
