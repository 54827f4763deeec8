/* cache_clean.c -- words that empty a cache or switch it off, and commands without them.
 * Relies on cache.h.
 * Never takes out what would change which of the other commands run: the text that is left is read
 * again and compared. */
#include <string.h>

#include "rewrite/cache.h"

#define WORDS_MAX 64u
/* A RUN with more clean-ups, or an rm with more words, is left alone: comparing them takes the
 * square of their number. */
#define CLEANUPS_MAX 256u
#define OPERANDS_MAX 1000u
/* Names that the whole file is searched for. */
#define SEARCHES_MAX 64u
#define NONE DFL__CACHE_NONE

static void no_memory(dfl__caching *c) {
    c->rw->failed = DFL_E_NOMEM;
}

static void add_cleanup(dfl__caching *c, dfl__cache_run *run, dfl__cleanup cleanup) {
    if (run->cleanups.count == CLEANUPS_MAX) return;
    if (!DFL__PUSH(&c->arena.alloc, &run->cleanups, cleanup)) no_memory(c);
}

static dfl_str raw_word(const dfl__shell *shell, const dfl__sh_word *word) {
    return dfl__sub(shell->text, word->start, word->end);
}

/* --- operands of rm */

typedef struct {
    dfl__caching *c;
    const dfl__cache_run *run;
    const dfl__scope *scope;
    dfl_str home;
} lookup_of;

/* Whether any command of the RUN may set the variable. */
static int run_sets(const dfl__shell *shell, dfl_str name) {
    dfl_str text = shell->text;
    for (size_t at = 0; at + name.len < text.len; at++) {
        if (text.ptr[at] != name.ptr[0] || text.ptr[at + name.len] != '=') continue;
        if (dfl__eq(dfl__sub(text, at, at + name.len), name)) return 1;
    }
    return 0;
}

static dfl__var look_up(void *ctx, dfl_str name, dfl_str *value) {
    const lookup_of *l = ctx;
    if (name.len == 0 || run_sets(&l->run->shell, name)) return DFL__VAR_UNKNOWN;
    if (dfl__eqz(name, "HOME") && l->home.len > 0) {
        *value = l->home;
        return DFL__VAR_SET;
    }
    dfl__var state = dfl__env_get(&l->scope->env, name, value);
    return state == DFL__VAR_SET ? state : DFL__VAR_UNKNOWN;
}

/* Text of an operand with its variables filled in; 0 when it is not known. */
static int fill_in(const lookup_of *l, dfl_str raw, dfl__buf *out) {
    dfl__word_options options;
    memset(&options, 0, sizeof options);
    options.escape = '\\';
    options.max_bytes = l->c->rw->doc->limits.max_expand_bytes;
    options.lookup = look_up;
    options.ctx = (void *)(uintptr_t)l;
    if (dfl__find(raw, '\\', 0) < raw.len) return 0;
    if (dfl__starts(raw, "~/") || dfl__eqz(raw, "~")) {
        if (l->home.len == 0) return 0;
        dfl__buf_add(out, l->home);
        raw = dfl__sub(raw, 1, raw.len);
    }
    dfl__word_result result = dfl__word_expand(raw, &options, out);
    if (result.error == DFL__WORD_NOMEM || out->failed == DFL_E_NOMEM) no_memory(l->c);
    return result.error == DFL__WORD_OK && !result.unknown;
}

static dfl_str operand_path(const lookup_of *l, uint32_t cmd, const dfl__sh_word *word) {
    const dfl__shell *shell = &l->run->shell;
    dfl__caching *c = l->c;
    dfl_str path = {"", 0};
    dfl__buf buf;
    if (word->has_subst) return path;
    dfl__buf_init(&buf, &c->arena.alloc, 0);
    int known = 1;
    if (word->literal) {
        dfl__buf_add(&buf, word->value);
    } else {
        known = fill_in(l, raw_word(shell, word), &buf);
    }
    dfl_str text = dfl__buf_str(&buf), workdir = DFL__LIT("/");
    if (known && text.len > 0 && text.ptr[0] != '/') {
        workdir = dfl__command_workdir(c->rw, shell, cmd, l->run->workdir);
        known = workdir.len > 0;
    }
    if (known && text.len > 0) {
        path = dfl__path_join(&c->arena, workdir, text);
        if (path.ptr == NULL) {
            no_memory(c);
            path = dfl__str("");
        }
    }
    dfl__buf_free(&buf);
    return path;
}

/* Whether the command is rm; `*first` is the word behind it. */
static int is_rm(const dfl__shell *shell, uint32_t cmd, uint32_t *first) {
    dfl_str word;
    if (dfl__command_words(shell, cmd, &word, 1, first) == 0) return 0;
    ++*first;
    return dfl__eqz(dfl__cache_base_name(word), "rm");
}

static int is_operand(const dfl__shell *shell, const dfl__sh_word *word) {
    dfl_str raw = raw_word(shell, word);
    return raw.len > 0 && raw.ptr[0] != '-';
}

static void find_operands(const lookup_of *l, dfl__cache_run *run, uint32_t cmd) {
    const dfl__sh_cmd *k = &run->shell.cmds[cmd];
    uint32_t first;
    if (!is_rm(&run->shell, cmd, &first)) return;
    for (uint32_t w = first; w < k->word_count && l->c->rw->failed == DFL_OK; w++) {
        dfl__cleanup cleanup = {.kind = DFL__CLEANUP_OPERAND, .cmd = cmd, .word = w, .count = 1};
        if (!is_operand(&run->shell, &k->words[w])) continue;
        cleanup.path = operand_path(l, cmd, &k->words[w]);
        cleanup.glob = k->words[w].has_glob;
        if (cleanup.path.len > 0) add_cleanup(l->c, run, cleanup);
    }
}

/* --- the tools' own commands, flags and variables */

static void find_commands(dfl__caching *c, dfl__cache_run *run, uint32_t cmd) {
    dfl_str words[WORDS_MAX];
    const dfl__tool *tool;
    uint32_t first, count = dfl__command_words(&run->shell, cmd, words, WORDS_MAX, &first);
    for (uint32_t t = 0; count > 0 && (tool = dfl__catalog_tool(c->rw->catalog, t)) != NULL; t++) {
        dfl__cleanup cleanup = {.kind = DFL__CLEANUP_COMMAND, .cmd = cmd, .tool = tool};
        if (dfl__cache_drops(tool, words, count)) add_cleanup(c, run, cleanup);
    }
}

/* Where a flag may be split into a word and its value: behind "-o" or before "=". */
static size_t split_of(dfl_str flag, size_t *value) {
    if (flag.len > 2 && flag.ptr[0] == '-' && flag.ptr[1] != '-') {
        *value = 2;
        return 2;
    }
    size_t equals = dfl__find(flag, '=', 0);
    *value = equals + 1;
    return equals;
}

/* How many words the flag takes at word `w`; 0 when it is another. */
static uint32_t flag_words(const dfl__sh_cmd *k, uint32_t w, dfl_str flag) {
    size_t value, split = split_of(flag, &value);
    const dfl__sh_word *word = &k->words[w];
    dfl_str head = dfl__sub(flag, 0, split);
    if (!word->literal) return 0;
    if (dfl__eq(word->value, flag)) return 1;
    if (split == flag.len) { /* it takes no value, but may be given one: --no-cache=true */
        return word->value.len > flag.len && word->value.ptr[flag.len] == '=' &&
               dfl__eq(dfl__sub(word->value, 0, flag.len), flag);
    }
    if (!dfl__eq(word->value, head) || w + 1 == k->word_count || !k->words[w + 1].literal) return 0;
    return dfl__eq(k->words[w + 1].value, dfl__sub(flag, value, flag.len)) ? 2 : 0;
}

/* The flag at word `w`, behind `operands` operands. Behind the first, a letter may be an option of
 * the program that the tool runs: uv run pytest -n 4. */
static uint32_t drop_flag_at(const dfl__tool *tool, const dfl__sh_cmd *k, uint32_t w,
                             uint32_t operands) {
    for (uint32_t f = 0; f < tool->drop_flags.count; f++) {
        dfl_str flag = dfl__str(tool->drop_flags.items[f]);
        uint32_t count = flag_words(k, w, flag);
        if (count > 0 && (flag.len > 2 || operands <= 1)) return count;
    }
    return 0;
}

static void find_flags(dfl__caching *c, dfl__cache_run *run, const dfl__cache_use *use) {
    const dfl__sh_cmd *k = &run->shell.cmds[use->cmd];
    uint32_t first = dfl__shell_program(k), operands = 0;
    for (uint32_t w = first == NONE ? k->word_count : first + 1; w < k->word_count; w++) {
        dfl__cleanup cleanup = {
            .kind = DFL__CLEANUP_WORDS, .cmd = use->cmd, .word = w, .tool = use->tool};
        dfl_str raw = raw_word(&run->shell, &k->words[w]);
        if (dfl__eqz(raw, "--")) return;
        cleanup.count = drop_flag_at(use->tool, k, w, operands);
        operands += raw.len > 0 && raw.ptr[0] != '-';
        if (cleanup.count == 0) continue;
        add_cleanup(c, run, cleanup);
        w += cleanup.count - 1;
    }
}

/* Variables that switch the cache off, assigned before the command. */
static void find_assignments(dfl__caching *c, dfl__cache_run *run, const dfl__cache_use *use) {
    const dfl__sh_cmd *k = &run->shell.cmds[use->cmd];
    for (uint32_t a = 0; a < k->assign_count; a++) {
        dfl_str raw = raw_word(&run->shell, &k->assigns[a]);
        dfl_str name = dfl__sub(raw, 0, dfl__find(raw, '=', 0));
        if (!dfl__names_has(use->tool->drop_env, name, 0)) continue;
        add_cleanup(c, run,
                    (dfl__cleanup){.kind = DFL__CLEANUP_WORDS,
                                   .cmd = use->cmd,
                                   .word = a,
                                   .count = 1,
                                   .is_assign = 1,
                                   .tool = use->tool});
    }
}

void dfl__cache_cleanups(dfl__caching *c, dfl__cache_run *run, const dfl__scope *scope,
                         const dfl__image_info *image) {
    lookup_of l = {c, run, scope, dfl__scope_home(c->rw, scope, image)};
    for (uint32_t i = 0; i < run->shell.cmd_count && c->rw->failed == DFL_OK; i++) {
        find_commands(c, run, i);
        find_operands(&l, run, i);
    }
    for (uint32_t i = 0; i < run->uses.count && c->rw->failed == DFL_OK; i++) {
        int again = 0;
        for (uint32_t e = 0; e < i; e++)
            again |= run->uses.items[e].cmd == run->uses.items[i].cmd &&
                     run->uses.items[e].tool == run->uses.items[i].tool;
        if (again) continue;
        find_flags(c, run, &run->uses.items[i]);
        find_assignments(c, run, &run->uses.items[i]);
    }
}

/* --- how a path lies to a cache */

typedef enum { APART, INSIDE, ABOVE } relation;

static int is_glob_byte(char b) {
    return b == '*' || b == '?' || b == '[' || b == '{';
}

/* Whether pattern part `p` may match `name`; brackets and braces may match anything. */
static int part_may_match(dfl__caching *c, dfl_str p, dfl_str name) {
    if (dfl__find(p, '[', 0) < p.len || dfl__find(p, '{', 0) < p.len) return 1;
    const char *z = dfl__arena_copy(&c->arena, p.ptr, p.len);
    if (z == NULL) {
        no_memory(c);
        return 1;
    }
    return dfl__glob(z, name);
}

/* A pattern: its parts are compared with those of `target` up to the shorter one's end. */
static relation relate_pattern(dfl__caching *c, dfl_str pattern, dfl_str target) {
    size_t p = 1, t = 1;
    while (p < pattern.len && t < target.len) {
        size_t p_end = dfl__find(pattern, '/', p), t_end = dfl__find(target, '/', t);
        dfl_str part = dfl__sub(pattern, p, p_end), name = dfl__sub(target, t, t_end);
        int is_glob = 0;
        for (size_t i = 0; i < part.len; i++)
            is_glob |= is_glob_byte(part.ptr[i]);
        if (is_glob ? !part_may_match(c, part, name) : !dfl__eq(part, name)) return APART;
        if (is_glob) return ABOVE; /* it matches others as well */
        p = p_end + 1;
        t = t_end + 1;
    }
    return t >= target.len ? INSIDE : ABOVE;
}

static relation relate(dfl__caching *c, const dfl__cleanup *operand, dfl_str target) {
    if (operand->glob) return relate_pattern(c, operand->path, target);
    if (dfl__cache_inside(operand->path, target)) return INSIDE;
    return dfl__cache_inside(target, operand->path) ? ABOVE : APART;
}

static uint32_t count_mentions(dfl_str text, dfl_str name) {
    uint32_t count = 0;
    for (size_t at = 0; at + name.len <= text.len; at++)
        count += text.ptr[at] == name.ptr[0] && dfl__eq(dfl__sub(text, at, at + name.len), name);
    return count;
}

/* Whether the file speaks of a directory of this name only where this RUN removes it. The file is
 * searched for a few names only. */
static int is_only_removed(dfl__caching *c, const dfl__cache_run *run, dfl_str name) {
    uint32_t all = dfl__cache_noted(c, 'D', 0, name), removed = 0;
    if (all == 0) {
        if (c->searches == SEARCHES_MAX) return 0;
        c->searches++;
        all = count_mentions(c->rw->doc->source, name);
        dfl__cache_note(c, 'D', 0, name, all);
    }
    for (uint32_t i = 0; i < run->cleanups.count; i++) {
        const dfl__cleanup *u = &run->cleanups.items[i];
        if (u->kind != DFL__CLEANUP_OPERAND) continue;
        removed +=
            count_mentions(raw_word(&run->shell, &run->shell.cmds[u->cmd].words[u->word]), name);
    }
    return all == removed;
}

/* A directory for nothing but caches, or a tool's own that nothing else is put into: rm of it goes
 * with the mount below it. */
static int holds_only_caches(dfl__caching *c, const dfl__cache_run *run,
                             const dfl__cleanup *operand) {
    dfl_str path = operand->path;
    if (operand->glob && !dfl__ends(path, "/*")) return 0;
    if (operand->glob) path.len -= 2;
    for (size_t i = 0; i < path.len; i++) {
        if (operand->glob && is_glob_byte(path.ptr[i])) return 0;
    }
    dfl_str name = dfl__cache_base_name(path);
    if (dfl__eqz(name, ".cache")) return 1;
    return name.len > 1 && name.ptr[0] == '.' && is_only_removed(c, run, name);
}

/* --- what can be taken out */

/* A redirection that leaves nothing behind. */
static int is_quiet_redirection(const dfl__sh_redir *redir) {
    if (redir->op[0] == '<') return redir->op[1] != '<';
    if (redir->op[1] == '&') return 1;
    return redir->target.literal && dfl__eqz(redir->target.value, "/dev/null");
}

/* Whether the words of the command may be changed. */
static int is_plain(const dfl__cache_run *run, uint32_t cmd) {
    const dfl__sh_cmd *k = &run->shell.cmds[cmd];
    return !run->exec && !run->frozen && !k->conditional && !k->in_pipe && !k->negated &&
           !k->in_subst && !k->background;
}

/* `true` or `:` alone, which takes the failure of what stands before `||` away. */
static int is_true(const dfl__sh_cmd *k) {
    if (k->kind != DFL__CMD_SIMPLE || k->word_count != 1 || k->assign_count > 0 ||
        k->redir_count > 0)
        return 0;
    return k->words[0].literal &&
           (dfl__eqz(k->words[0].value, "true") || dfl__eqz(k->words[0].value, ":"));
}

/* Whether the command may go: nothing runs, or does not, because of its result. */
static int is_removable(const dfl__cache_run *run, uint32_t cmd) {
    const dfl__sh_cmd *cmds = run->shell.cmds, *k = &cmds[cmd];
    if (!is_plain(run, cmd) || k->op == DFL__OP_BG) return 0;
    for (uint32_t i = 0; i < k->redir_count; i++) {
        if (!is_quiet_redirection(&k->redirs[i])) return 0;
    }
    for (uint32_t n = k->next; n != NONE; n = cmds[n].next) {
        if (cmds[n].op == DFL__OP_OR && !(is_true(&cmds[n]) && !cmds[n].in_pipe)) return 0;
        if (cmds[n].op == DFL__OP_SEQ || cmds[n].op == DFL__OP_BG) break;
    }
    return 1;
}

static int is_mounted(const dfl__cache_mount *m) {
    return m->state != DFL__MOUNT_LEFT;
}

/* Whether the operand lies in a directory that is, or could be, mounted. */
static int lies_inside(dfl__caching *c, const dfl__cache_run *run, const dfl__cleanup *operand,
                       int mounted_only) {
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        const dfl__cache_mount *m = &run->mounts.items[i];
        if (m->target.len == 0 || (mounted_only && !is_mounted(m))) continue;
        relation r = relate(c, operand, m->target);
        if (r == INSIDE || (r == ABOVE && holds_only_caches(c, run, operand))) return 1;
    }
    return 0;
}

/* Whether nothing of the rm would be left: all its operands lie in mounts. */
static int goes_whole(dfl__caching *c, const dfl__cache_run *run, uint32_t cmd, int mounted_only) {
    const dfl__sh_cmd *k = &run->shell.cmds[cmd];
    uint32_t first, operands = 0, inside = 0;
    if (k->word_count > OPERANDS_MAX || !is_rm(&run->shell, cmd, &first)) return 0;
    for (uint32_t w = first; w < k->word_count; w++)
        operands += is_operand(&run->shell, &k->words[w]) != 0;
    for (uint32_t i = 0; i < run->cleanups.count; i++) {
        const dfl__cleanup *u = &run->cleanups.items[i];
        if (u->kind == DFL__CLEANUP_OPERAND && u->cmd == cmd)
            inside += lies_inside(c, run, u, mounted_only) != 0;
    }
    return inside == operands;
}

static int operand_blocks(dfl__caching *c, const dfl__cache_run *run, const dfl__cleanup *u,
                          dfl_str target) {
    relation r = relate(c, u, target);
    if (r == APART) return 0;
    if (r == ABOVE && !holds_only_caches(c, run, u)) return 1;
    return goes_whole(c, run, u->cmd, 0) ? !is_removable(run, u->cmd) : !is_plain(run, u->cmd);
}

/* A substitution in an operand of rm that asks the tool itself: $(yarn cache dir). */
static int asks_tool(const dfl__cache_run *run, const dfl__tool *tool) {
    const dfl__shell *shell = &run->shell;
    dfl_str sub, words[8];
    uint32_t first;
    for (uint32_t i = 0; i < shell->cmd_count; i++) {
        const dfl__sh_cmd *k = &shell->cmds[i];
        if (!k->in_subst || k->parent == NONE || !is_rm(shell, k->parent, &first)) continue;
        uint32_t count = dfl__command_words(shell, i, words, 8, &first);
        if (dfl__cache_calls(tool, words, count, &sub)) return 1;
    }
    return 0;
}

/* Whether the RUN switches the cache off in a way that is not taken out: export, env. */
static int has_other_switch(const dfl__cache_run *run, const dfl__tool *tool) {
    const dfl__shell *shell = &run->shell;
    for (uint32_t e = 0; e < tool->drop_env.count; e++) {
        dfl_str name = dfl__str(tool->drop_env.items[e]);
        uint32_t found = 0, taken = 0;
        for (size_t at = 0; at + name.len <= shell->text.len; at++)
            found += shell->text.ptr[at] == name.ptr[0] &&
                     dfl__eq(dfl__sub(shell->text, at, at + name.len), name);
        for (uint32_t i = 0; i < run->cleanups.count; i++)
            taken += run->cleanups.items[i].is_assign && run->cleanups.items[i].tool == tool;
        if (found > taken) return 1;
    }
    return 0;
}

int dfl__cache_blocked(dfl__caching *c, const dfl__cache_run *run, const dfl__cache_mount *mount) {
    if (run->cleanups.count == CLEANUPS_MAX) return 1;
    for (uint32_t i = 0; i < run->cleanups.count; i++) {
        const dfl__cleanup *u = &run->cleanups.items[i];
        switch (u->kind) {
        case DFL__CLEANUP_COMMAND:
            if (u->tool == mount->tool && !is_removable(run, u->cmd)) return 1;
            break;
        case DFL__CLEANUP_OPERAND:
            if (operand_blocks(c, run, u, mount->target)) return 1;
            break;
        case DFL__CLEANUP_WORDS:
            if (u->tool == mount->tool && (run->exec || run->frozen)) return 1;
            break;
        }
    }
    return asks_tool(run, mount->tool) || has_other_switch(run, mount->tool);
}

/* --- taking out */

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
        if (run->mounts.items[i].tool == tool && is_mounted(&run->mounts.items[i])) return 1;
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

/* Whether the operand holds more than the cache. */
static int is_above(dfl__caching *c, const dfl__cache_run *run, const dfl__cleanup *operand) {
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        const dfl__cache_mount *m = &run->mounts.items[i];
        if (is_mounted(m) && relate(c, operand, m->target) == ABOVE) return 1;
    }
    return 0;
}

/* Find the commands that go, mark the words that go. */
static void mark_cleanups(take *t) {
    dfl__cache_run *run = t->run;
    for (uint32_t i = 0; i < run->cleanups.count; i++) {
        const dfl__cleanup *u = &run->cleanups.items[i];
        if (u->kind == DFL__CLEANUP_WORDS) {
            if (tool_is_mounted(run, u->tool) && !run->exec && !run->frozen)
                mark_words(t, u, DFL__GONE_FLAG);
        } else if (u->kind == DFL__CLEANUP_COMMAND) {
            if (tool_is_mounted(run, u->tool) && is_removable(run, u->cmd)) t->gone[u->cmd] = 1;
        } else if (lies_inside(t->c, run, u, 1)) {
            run->drops_parent |= is_above(t->c, run, u);
            if (goes_whole(t->c, run, u->cmd, 1)) {
                if (is_removable(run, u->cmd)) t->gone[u->cmd] = 1;
            } else if (is_plain(run, u->cmd)) {
                mark_words(t, u, DFL__GONE_CLEANUP);
            }
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
    mark_cleanups(&t);
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
