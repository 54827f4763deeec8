/* cache_clean.c -- what empties a cache or switches it off, and whether it can go.
 * Relies on cache.h.
 * Never takes a clean-up for removable whose result decides what else runs. */
#include <string.h>

#include "base/path.h"
#include "rewrite/cache.h"

#define WORDS_MAX 64u
/* A RUN with more clean-ups is left alone: some comparisons take the square of their number. */
#define CLEANUPS_MAX 256u
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
static int fill_in(lookup_of *l, dfl_str raw, dfl__buf *out) {
    dfl__word_options options;
    memset(&options, 0, sizeof options);
    options.escape = '\\';
    options.max_bytes = l->c->rw->doc->limits.max_expand_bytes;
    options.lookup = look_up;
    options.ctx = l;
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

static dfl_str operand_path(lookup_of *l, uint32_t cmd, const dfl__sh_word *word) {
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

dfl_str dfl__cache_word_path(dfl__caching *c, const dfl__cache_run *run, const dfl__scope *scope,
                             dfl_str home, uint32_t cmd, const dfl__sh_word *word) {
    lookup_of l = {c, run, scope, home};
    return operand_path(&l, cmd, word);
}

/* Whether the command is rm; `*first` is the word behind it. */
static int is_rm(const dfl__shell *shell, uint32_t cmd, uint32_t *first) {
    dfl_str word;
    if (dfl__command_words(shell, cmd, &word, 1, first) == 0) return 0;
    ++*first;
    return dfl__eqz(dfl__path_base(word), "rm");
}

/* Whether the command is a find that removes all it finds; `*first` is the word behind it. One that
 * goes by names leaves a cache whole enough. */
static int is_sweep(const dfl__shell *shell, uint32_t cmd, uint32_t *first) {
    static const char *const by_name[] = {"-name", "-iname", "-path", "-wholename", "-regex"};
    dfl_str words[WORDS_MAX];
    uint32_t count = dfl__command_words(shell, cmd, words, WORDS_MAX, first);
    int removes = 0;
    if (count == 0 || !dfl__eqz(dfl__path_base(words[0]), "find")) return 0;
    ++*first;
    for (uint32_t i = 1; i < count; i++) {
        removes |= dfl__eqz(words[i], "-delete") || dfl__eqz(dfl__path_base(words[i]), "rm");
        for (size_t n = 0; n < sizeof by_name / sizeof *by_name; n++) {
            if (dfl__eqz(words[i], by_name[n])) return 0;
        }
    }
    return removes;
}

static int is_operand(const dfl__shell *shell, const dfl__sh_word *word) {
    dfl_str raw = raw_word(shell, word);
    return raw.len > 0 && raw.ptr[0] != '-';
}

static void find_operands(lookup_of *l, dfl__cache_run *run, uint32_t cmd) {
    const dfl__sh_cmd *k = &run->shell.cmds[cmd];
    uint32_t first, operands = 0;
    int sweeps = is_sweep(&run->shell, cmd, &first);
    if (!sweeps && !is_rm(&run->shell, cmd, &first)) return;
    for (uint32_t w = first; w < k->word_count; w++)
        operands += is_operand(&run->shell, &k->words[w]) != 0;
    for (uint32_t w = first; w < k->word_count && l->c->rw->failed == DFL_OK; w++) {
        dfl__cleanup cleanup = {
            .kind = DFL__CLEANUP_OPERAND, .cmd = cmd, .word = w, .count = 1, .operands = operands};
        if (!is_operand(&run->shell, &k->words[w])) continue;
        cleanup.path = operand_path(l, cmd, &k->words[w]);
        cleanup.glob = k->words[w].has_glob;
        cleanup.stays = sweeps != 0;
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

/* How many operands are the tool's own. */
static uint32_t own_operands(const dfl__cache_run *run, const dfl__cache_use *use) {
    dfl_str words[WORDS_MAX];
    dfl__cache_call call;
    uint32_t first, count = dfl__command_words(&run->shell, use->cmd, words, WORDS_MAX, &first);
    if (!dfl__cache_calls(use->tool, words, count, &call)) return UINT32_MAX;
    return dfl__cache_own_operands(use->tool, &call);
}

static void find_flags(dfl__caching *c, dfl__cache_run *run, const dfl__cache_use *use) {
    const dfl__sh_cmd *k = &run->shell.cmds[use->cmd];
    uint32_t first = dfl__shell_program(k), operands = 0, own = own_operands(run, use);
    for (uint32_t w = first == NONE ? k->word_count : first + 1; w < k->word_count; w++) {
        dfl__cleanup cleanup = {
            .kind = DFL__CLEANUP_WORDS, .cmd = use->cmd, .word = w, .tool = use->tool};
        dfl_str raw = raw_word(&run->shell, &k->words[w]);
        if (dfl__eqz(raw, "--") || operands > own) return;
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

/* --- how a path lies to a cache */

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
static dfl__cache_relation relate_pattern(dfl__caching *c, dfl_str pattern, dfl_str target) {
    size_t p = 1, t = 1;
    while (p < pattern.len && t < target.len) {
        size_t p_end = dfl__find(pattern, '/', p), t_end = dfl__find(target, '/', t);
        dfl_str part = dfl__sub(pattern, p, p_end), name = dfl__sub(target, t, t_end);
        int is_glob = 0;
        for (size_t i = 0; i < part.len; i++)
            is_glob |= is_glob_byte(part.ptr[i]);
        if (is_glob ? !part_may_match(c, part, name) : !dfl__eq(part, name)) return DFL__APART;
        if (is_glob) return DFL__ABOVE; /* it matches others as well */
        p = p_end + 1;
        t = t_end + 1;
    }
    return t >= target.len ? DFL__INSIDE : DFL__ABOVE;
}

static dfl__cache_relation relate(dfl__caching *c, const dfl__cleanup *operand, dfl_str target) {
    if (operand->glob) return relate_pattern(c, operand->path, target);
    if (dfl__path_is_below(operand->path, target)) return DFL__INSIDE;
    return dfl__path_is_below(target, operand->path) ? DFL__ABOVE : DFL__APART;
}

static uint32_t count_mentions(dfl_str text, dfl_str name) {
    uint32_t count = 0;
    for (size_t at = 0; at + name.len <= text.len; at++)
        count += text.ptr[at] == name.ptr[0] && dfl__eq(dfl__sub(text, at, at + name.len), name);
    return count;
}

/* ... in the cache mounts of the file: those that are written must not change what is decided. */
static uint32_t count_in_mounts(const dfl__caching *c, dfl_str name) {
    const dfl_doc *doc = c->rw->doc;
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->rw->model->instrs.count; i++) {
        const dfl__instr *instr = &c->rw->model->instrs.items[i];
        uint32_t flag = 0, value;
        if (instr->kind != DFL_NODE_RUN) continue;
        do {
            value = dfl__flag_value(doc, instr->node, "mount", &flag);
            if (value != 0) count += count_mentions(dfl__node_value(doc, value), name);
        } while (flag != 0);
    }
    return count;
}

/* Whether the file speaks of a directory of this name only where this RUN removes it. The file is
 * searched for a few names only. */
static int is_only_removed(dfl__caching *c, const dfl__cache_run *run, dfl_str name) {
    uint32_t all = dfl__cache_noted(c, 'D', 0, name), removed = 0;
    if (all == 0) {
        if (c->searches == SEARCHES_MAX) return 0;
        c->searches++;
        all = count_mentions(c->rw->doc->source, name) - count_in_mounts(c, name);
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

/* Whether the operand is $NAME, and NAME is the variable that a mounted cache lies below: it gives
 * the tool a directory for its caches. */
static int is_cache_variable(const dfl__cache_run *run, const dfl__cleanup *operand) {
    dfl_str raw = raw_word(&run->shell, &run->shell.cmds[operand->cmd].words[operand->word]);
    if (raw.len > 2 && raw.ptr[0] == '"' && dfl__ends(raw, "\""))
        raw = dfl__sub(raw, 1, raw.len - 1);
    if (!dfl__starts(raw, "$")) return 0;
    int braces = dfl__starts(raw, "${") && dfl__ends(raw, "}");
    dfl_str name = dfl__sub(raw, braces ? 2 : 1, raw.len - (size_t)braces);
    for (uint32_t m = 0; m < run->mounts.count; m++) {
        dfl__names places = run->mounts.items[m].cache->places;
        for (uint32_t i = 0; i < places.count; i++) {
            dfl_str place = dfl__str(places.items[i]);
            size_t close = dfl__find(place, '}', 0);
            if (dfl__starts(place, "{$") && close + 1 < place.len &&
                dfl__eq(dfl__sub(place, 2, close), name))
                return 1;
        }
    }
    return 0;
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
    dfl_str name = dfl__path_base(path);
    if (dfl__eqz(name, ".cache") || is_cache_variable(run, operand)) return 1;
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
static int is_plain(const dfl__sh_cmd *k) {
    return !k->conditional && !k->in_pipe && !k->negated && !k->in_subst && !k->background;
}

/* `true` or `:` alone, which takes the failure of what stands before `||` away. */
int dfl__cache_is_true(const dfl__sh_cmd *k) {
    if (k->kind != DFL__CMD_SIMPLE || k->word_count != 1 || k->assign_count > 0 ||
        k->redir_count > 0)
        return 0;
    return k->words[0].literal &&
           (dfl__eqz(k->words[0].value, "true") || dfl__eqz(k->words[0].value, ":"));
}

/* Whether its group or subshell holds more than clean-ups; at top level there is the tool's call.
 */
static int has_company(const dfl__shell *shell, const unsigned char *cleans, uint32_t cmd) {
    const dfl__sh_cmd *cmds = shell->cmds;
    uint32_t i = cmds[cmd].parent;
    if (i == NONE) return 1;
    for (i++; i != NONE; i = cmds[i].next) {
        if (!cleans[i] && !dfl__cache_is_true(&cmds[i])) return 1;
    }
    return 0;
}

/* Whether the command may go: nothing runs, or does not, because of its result. */
static int is_removable(const dfl__shell *shell, const unsigned char *cleans, uint32_t cmd) {
    const dfl__sh_cmd *cmds = shell->cmds, *k = &cmds[cmd];
    if (!is_plain(k) || k->op == DFL__OP_BG || !has_company(shell, cleans, cmd)) return 0;
    for (uint32_t i = 0; i < k->redir_count; i++) {
        if (!is_quiet_redirection(&k->redirs[i])) return 0;
    }
    for (uint32_t n = k->next; n != NONE; n = cmds[n].next) {
        int is_true = dfl__cache_is_true(&cmds[n]) && !cmds[n].in_pipe;
        if (cmds[n].op == DFL__OP_OR && !is_true) return 0;
        if (cmds[n].op == DFL__OP_SEQ || cmds[n].op == DFL__OP_BG) break;
    }
    return 1;
}

/* How the operand lies to each mount of the RUN. */
static void relate_all(dfl__caching *c, dfl__cache_run *run, uint32_t cleanup) {
    const dfl__cleanup *u = &run->cleanups.items[cleanup];
    int parent = -1;
    for (uint32_t m = 0; m < run->mounts.count; m++) {
        dfl_str target = run->mounts.items[m].target;
        dfl__cache_relation r = target.len > 0 ? relate(c, u, target) : DFL__APART;
        if (r == DFL__ABOVE && parent < 0) parent = holds_only_caches(c, run, u);
        if (r == DFL__ABOVE && parent) r = DFL__PARENT;
        run->relations[cleanup * run->mounts.count + m] = (unsigned char)r;
    }
}

/* What does not depend on which mounts there will be. */
static void settle(dfl__caching *c, dfl__cache_run *run) {
    uint32_t count = run->cleanups.count, mounts = run->mounts.count;
    unsigned char *cleans = dfl__arena_get(&c->arena, run->shell.cmd_count + 1);
    run->relations = dfl__arena_get(&c->arena, (size_t)count * mounts + 1);
    if (cleans == NULL || run->relations == NULL) {
        no_memory(c);
        return;
    }
    memset(cleans, 0, run->shell.cmd_count + 1);
    memset(run->relations, DFL__APART, (size_t)count * mounts + 1);
    for (uint32_t i = 0; i < count; i++)
        cleans[run->cleanups.items[i].cmd] |= run->cleanups.items[i].kind != DFL__CLEANUP_WORDS;
    for (uint32_t i = 0; i < count; i++) {
        dfl__cleanup *u = &run->cleanups.items[i];
        u->plain = !u->stays && is_plain(&run->shell.cmds[u->cmd]);
        u->removable = !u->stays && is_removable(&run->shell, cleans, u->cmd);
        if (u->kind == DFL__CLEANUP_OPERAND) relate_all(c, run, i);
    }
    for (uint32_t i = 0; i < count; i++)
        run->cleanups.items[i].whole = dfl__cache_goes_whole(run, i, 0) != 0;
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
    if (c->rw->failed == DFL_OK) settle(c, run);
}

/* --- what stands in the way of a mount */

dfl__cache_relation dfl__cache_relate(const dfl__cache_run *run, uint32_t cleanup, uint32_t mount) {
    return (dfl__cache_relation)run->relations[cleanup * run->mounts.count + mount];
}

int dfl__cache_lies_inside(const dfl__cache_run *run, uint32_t cleanup, int mounted) {
    for (uint32_t m = 0; m < run->mounts.count; m++) {
        if (mounted && run->mounts.items[m].state == DFL__MOUNT_LEFT) continue;
        dfl__cache_relation r = dfl__cache_relate(run, cleanup, m);
        if (r == DFL__INSIDE || r == DFL__PARENT) return 1;
    }
    return 0;
}

int dfl__cache_goes_whole(const dfl__cache_run *run, uint32_t cleanup, int mounted) {
    const dfl__cleanup *u = &run->cleanups.items[cleanup];
    uint32_t inside = 0;
    for (uint32_t i = 0; i < run->cleanups.count; i++) {
        const dfl__cleanup *o = &run->cleanups.items[i];
        if (o->kind == DFL__CLEANUP_OPERAND && o->cmd == u->cmd)
            inside += dfl__cache_lies_inside(run, i, mounted) != 0;
    }
    return inside == u->operands;
}

static int operand_blocks(const dfl__cache_run *run, uint32_t cleanup, uint32_t mount) {
    const dfl__cleanup *u = &run->cleanups.items[cleanup];
    dfl__cache_relation r = dfl__cache_relate(run, cleanup, mount);
    if (r == DFL__APART || r == DFL__ABOVE) return r == DFL__ABOVE;
    if (run->exec || run->frozen) return 1;
    return u->whole ? !u->removable : !u->plain;
}

/* A substitution in an operand of rm that asks the tool itself: $(yarn cache dir). */
static int asks_tool(const dfl__cache_run *run, const dfl__tool *tool) {
    const dfl__shell *shell = &run->shell;
    dfl__cache_call call;
    dfl_str words[8];
    uint32_t first;
    for (uint32_t i = 0; i < shell->cmd_count; i++) {
        const dfl__sh_cmd *k = &shell->cmds[i];
        if (!k->in_subst || k->parent == NONE || !is_rm(shell, k->parent, &first)) continue;
        uint32_t count = dfl__command_words(shell, i, words, 8, &first);
        if (dfl__cache_calls(tool, words, count, &call)) return 1;
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

int dfl__cache_blocked(const dfl__cache_run *run, uint32_t index) {
    const dfl__cache_mount *mount = &run->mounts.items[index];
    int fixed = run->exec || run->frozen;
    if (run->cleanups.count == CLEANUPS_MAX) return 1;
    for (uint32_t i = 0; i < run->cleanups.count; i++) {
        const dfl__cleanup *u = &run->cleanups.items[i];
        switch (u->kind) {
        case DFL__CLEANUP_COMMAND:
            if (u->tool == mount->tool && (fixed || !u->removable)) return 1;
            break;
        case DFL__CLEANUP_OPERAND:
            if (operand_blocks(run, i, index)) return 1;
            break;
        case DFL__CLEANUP_WORDS:
            if (u->tool == mount->tool && fixed) return 1;
            break;
        }
    }
    return asks_tool(run, mount->tool) || has_other_switch(run, mount->tool);
}
