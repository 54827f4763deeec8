/* cache_decide.c -- which caches are mounted.
 * Relies on cache.h and on everything being read.
 * Never mounts over what a later step reads, needs, or has put there. */
#include <string.h>

#include "base/path.h"
#include "rewrite/cache.h"

#define NONE DFL__CACHE_NONE

void dfl__cache_leave(dfl__cache_mount *mount, const char *code, dfl_str why) {
    mount->state = DFL__MOUNT_LEFT;
    mount->code = code;
    mount->why = why;
}

#define LEAVE(c, m, code, ...) dfl__cache_leave((m), (code), dfl__rewrite_fmt((c)->rw, __VA_ARGS__))

/* --- results of a build that lie in the cache */

static int is_set(const dfl__shell *shell, uint32_t cmd, dfl_str *words, uint32_t *count) {
    const dfl__sh_cmd *k = &shell->cmds[cmd];
    uint32_t first;
    if (k->parent != NONE || k->conditional || k->in_pipe) return 0;
    *count = dfl__command_words(shell, cmd, words, 8, &first);
    return *count > 0 && dfl__eqz(words[0], "set");
}

int dfl__cache_errexit(const dfl__cache_run *run, uint32_t cmd) {
    int on = run->errexit_shell;
    for (uint32_t i = 0; i < cmd; i++) {
        dfl_str words[8];
        uint32_t count;
        if (!is_set(&run->shell, i, words, &count)) continue;
        for (uint32_t w = 1; w < count; w++) {
            int option = words[w].len > 1 && (words[w].ptr[0] == '-' || words[w].ptr[0] == '+');
            int named = w > 1 && dfl__eqz(words[w], "errexit");
            if (named) on = words[w - 1].ptr[0] == '-';
            if (option && dfl__find(words[w], 'e', 0) < words[w].len) on = words[w].ptr[0] == '-';
        }
    }
    return on;
}

/* Whether what is appended to the RUN runs only when command `cmd` succeeded. `*last` is the
 * command that it is appended to. */
static int can_append(const dfl__cache_run *run, uint32_t cmd, uint32_t *last) {
    const dfl__sh_cmd *cmds = run->shell.cmds, *k = &cmds[cmd];
    int errexit = dfl__cache_errexit(run, cmd);
    if (run->exec || run->frozen || k->parent != NONE || k->conditional || k->in_pipe || k->negated)
        return 0;
    for (*last = cmd; cmds[*last].next != NONE; *last = cmds[*last].next) {
        dfl__op op = cmds[cmds[*last].next].op;
        if (op != DFL__OP_AND && !(op == DFL__OP_SEQ && errexit)) return 0;
    }
    return !cmds[*last].negated && !cmds[*last].background;
}

/* Whether a command behind `cmd` in the RUN copies something out of a directory named `base`. */
static int copies_out(const dfl__cache_run *run, uint32_t cmd, dfl_str base) {
    static const char *const copiers[] = {"cp", "mv", "install"};
    for (uint32_t i = cmd + 1; i < run->shell.cmd_count; i++) {
        const dfl__sh_cmd *k = &run->shell.cmds[i];
        dfl_str word;
        uint32_t first;
        if (dfl__command_words(&run->shell, i, &word, 1, &first) == 0) continue;
        for (size_t p = 0; p < sizeof copiers / sizeof *copiers; p++) {
            if (dfl__eqz(word, copiers[p]) &&
                dfl__cache_mentions(dfl__sub(run->shell.text, k->start, k->end), base))
                return 1;
        }
    }
    return 0;
}

/* Whether an instruction of the family behind the RUN may read the directory. */
static int is_read_in_family(dfl__caching *c, const dfl__cache_run *run, dfl_str base) {
    const dfl_model *model = c->rw->model;
    for (uint32_t s = run->root; s != NONE; s = c->stages[s].family_next) {
        const dfl__stage *stage = &model->stages.items[s];
        if (c->stages[s].last_runner > run->index) return 1;
        for (uint32_t i = stage->first; i < stage->end; i++) {
            dfl_range range = dfl__node_range(c->rw->doc, model->instrs.items[i].node);
            if (i <= run->index || model->instrs.items[i].kind == DFL_NODE_FROM) continue;
            if (dfl__cache_mentions(dfl__sub(c->rw->doc->source, range.start, range.end), base))
                return 1;
        }
    }
    return 0;
}

static int is_plain_name(dfl_str name) {
    for (size_t i = 0; i < name.len; i++) {
        unsigned char b = (unsigned char)name.ptr[i];
        if (!dfl__is_alpha(b) && !dfl__is_digit(b) && b != '.' && b != '_' && b != '-') return 0;
    }
    return name.len > 0 && name.ptr[0] != '-';
}

/* Whether the reader takes one file that is known by name, two levels or more inside `dir`. */
static int reads_one_file(const dfl__caching *c, const dfl__cache_reader *reader, dfl_str dir) {
    if (reader->word == 0 || !reader->exact || !dfl__path_is_below(reader->path, dir)) return 0;
    dfl_str text = dfl__node_value(c->rw->doc, reader->word);
    dfl_str rest = dfl__sub(reader->path, dir.len + 1, reader->path.len);
    if (dfl__find(text, '$', 0) < text.len || dfl__ends(text, "/")) return 0;
    return dfl__find(rest, '/', 0) < rest.len && is_plain_name(dfl__path_base(rest));
}

/* The one reader of the directory; its number of readers. */
static uint32_t count_readers(const dfl__caching *c, const dfl__cache_run *run, dfl_str dir,
                              uint32_t *reader) {
    uint32_t count = 0;
    for (uint32_t i = c->stages[run->root].readers; i != NONE; i = c->readers.items[i].next) {
        dfl_str path = c->readers.items[i].path;
        if (!dfl__path_is_below(path, dir) && !dfl__path_is_below(dir, path)) continue;
        *reader = i;
        count++;
    }
    return count;
}

/* A directory that the file does not speak of; the file is searched once. */
static const char *free_directory(dfl__caching *c) {
    static const char *const names[] = {"/out", "/artifacts", "/build-output"};
    dfl_str source = c->rw->doc->source;
    size_t count = sizeof names / sizeof *names;
    while (c->out_dir < count && !c->out_checked) {
        if (dfl__find_str(source, names[c->out_dir]) == source.len) break;
        c->out_dir++;
    }
    c->out_checked = 1;
    return c->out_dir < count ? names[c->out_dir] : NULL;
}

/* Copy the file out of the mount in the same RUN, and let the reader take that. 0 when it cannot be
 * done. */
static int redirect(dfl__caching *c, dfl__cache_run *run, uint32_t mount, uint32_t reader) {
    const dfl__cache_mount *m = &run->mounts.items[mount];
    const dfl__cache_reader *r = &c->readers.items[reader];
    const char *dir = free_directory(c);
    uint32_t last;
    if (run->is_root != 1 || dir == NULL || !reads_one_file(c, r, m->target)) return 0;
    if (!can_append(run, m->cmd, &last)) return 0;
    dfl_str name = dfl__path_base(r->path);
    run->copy_reader = reader;
    run->copy_mount = mount;
    run->copy_to = dfl__rewrite_fmt(c->rw, "%s/%S", dir, &name);
    return 1;
}

static void decide_output(dfl__caching *c, dfl__cache_run *run, uint32_t mount) {
    dfl__cache_mount *m = &run->mounts.items[mount];
    dfl_str tool = dfl__str(m->tool->name), base = dfl__path_base(m->target);
    uint32_t reader = NONE, readers = count_readers(c, run, m->target, &reader);
    const char *because = NULL;
    if (dfl__cache_noted(c, 'F', run->root, tool) > 1 ||
        dfl__cache_noted(c, 'L', run->root, tool) > run->index) {
        because = "another RUN builds on what lies there";
    } else if (dfl__cache_noted(c, 'U', run->root, tool)) {
        because = "another command of the tool keeps its results there";
    } else if (is_read_in_family(c, run, base)) {
        because = "a later step may read it";
    } else if (readers == 0 && !copies_out(run, m->cmd, base)) {
        because = "nothing is copied out of it";
    } else if (readers > 0 && (readers > 1 || !redirect(c, run, mount, reader))) {
        because = "a later step copies from it, in a way that cannot be redirected";
    }
    if (because != NULL)
        LEAVE(c, m, "cache.output-kept",
              "%S is not mounted, as the results of the build in it have to stay in the image: %s. "
              "Copy what is needed out of it in this RUN to get the mount",
              &m->target, because);
}

/* --- each mount by itself */

/* Whether the family's `path`, or what lies above it, is read as a whole. */
static int is_read_above(dfl__caching *c, uint32_t root, dfl_str path) {
    for (;;) {
        if (dfl__cache_noted(c, 'R', root, path)) return 1;
        if (path.len <= 1) return 0;
        path.len -= dfl__path_base(path).len + 1;
        if (path.len == 0) path = DFL__LIT("/");
    }
}

/* Whether something of a RUN behind this one, or what the image starts, needs the cache's content.
 */
static int is_needed(dfl__caching *c, const dfl__cache_run *run, dfl__cache_mount *m) {
    const dfl__cache_stage *stage = &c->stages[run->stage];
    if (dfl__cache_noted(c, 'S', run->stage, dfl__str(m->tool->name))) {
        LEAVE(c, m, "cache.needed-at-run",
              "%S is not mounted, as the image starts %s, which looks there for what it needs",
              &m->target, m->tool->name);
        return 1;
    }
    if (stage->last_runner <= run->index && !stage->runner_above) return 0;
    LEAVE(c, m, "cache.needed-later",
          "%S is not mounted, as a later RUN runs a program that may look there for what it needs. "
          "Add the mount to both if it does",
          &m->target);
    return 1;
}

/* Whether the RUN removes what lies in the cache itself. */
static int is_emptied(const dfl__cache_run *run, uint32_t mount) {
    for (uint32_t i = 0; i < run->cleanups.count; i++) {
        if (run->cleanups.items[i].kind != DFL__CLEANUP_OPERAND) continue;
        dfl__cache_relation r = dfl__cache_relate(run, i, mount);
        if (r == DFL__INSIDE || r == DFL__PARENT) return 1;
    }
    return 0;
}

/* Whether an image that is built on this one may need what a trigger leaves in the cache. */
static int is_needed_above(dfl__caching *c, const dfl__cache_run *run, uint32_t index) {
    dfl__cache_mount *m = &run->mounts.items[index];
    int needed = m->cache->needed_later || m->cache->filled_by.count > 0;
    if (!needed || is_emptied(run, index)) return 0;
    LEAVE(c, m, "cache.needed-later",
          "%S is not mounted, as the images that are built on this one may look there for what "
          "they need",
          &m->target);
    return 1;
}

static void leave_made(dfl__caching *c, dfl__cache_mount *m, uint32_t by) {
    dfl_range range = dfl__node_range(c->rw->doc, c->rw->model->instrs.items[by].node);
    LEAVE(
        c, m, "cache.hides-files",
        "%S is not mounted, as line %u puts something there, or makes something else of it, which "
        "the mount would hide or stand in the way of",
        &m->target, dfl__line_of(c->rw, range.start));
}

static void decide_mount(dfl__caching *c, dfl__cache_run *run, uint32_t index) {
    dfl__cache_mount *m = &run->mounts.items[index];
    const dfl__cache *cache = m->cache;
    uint32_t by;
    if (m->state != DFL__MOUNT_NEW) return;
    if (cache->filled_by.count > 0 && dfl__cache_noted(c, 'N', run->root, m->target)) {
        LEAVE(c, m, "cache.needed-later",
              "%S is not mounted, as a later RUN takes from it without filling it first",
              &m->target);
    } else if (dfl__cache_noted(c, 'C', run->root, m->target)) {
        LEAVE(c, m, "cache.hides-files",
              "%S is not mounted, as the mount would hide files that are copied there", &m->target);
    } else if (dfl__cache_is_made(c, run, m, &by)) {
        leave_made(c, m, by);
    } else if (cache->holds_output && run->is_trigger) {
        (void)is_needed_above(c, run, index);
    } else if (cache->holds_output) {
        decide_output(c, run, index);
    } else if (dfl__cache_noted(c, 'A', run->root, m->target) ||
               (cache->needed_later && is_read_above(c, run->root, m->target))) {
        LEAVE(c, m, "cache.output-kept", "%S is not mounted, as a later step copies from it",
              &m->target);
    } else if (dfl__cache_noted(c, 'O', run->root, dfl__str(m->tool->name))) {
        LEAVE(
            c, m, "cache.needed-later",
            "%S is not mounted, as a command takes what it needs from it without fetching: that a "
            "cache may be emptied between builds would make it fail",
            &m->target);
    } else if (run->is_trigger ? is_needed_above(c, run, index)
                               : cache->needed_later && is_needed(c, run, m)) {
        return;
    }
    if (m->state == DFL__MOUNT_NEW && dfl__cache_blocked(run, index))
        LEAVE(c, m, "cache.cleanup-kept",
              "%S is not mounted, as this RUN empties it, or switches it off, in a way that cannot "
              "be taken out without changing what else it does",
              &m->target);
}

static void decide_run(dfl__caching *c, dfl__cache_run *run) {
    for (uint32_t i = 0; i < run->mounts.count && c->rw->failed == DFL_OK; i++)
        decide_mount(c, run, i);
    /* Earlier RUNs have to leave in the image what this one takes without filling it. */
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        const dfl__cache_mount *m = &run->mounts.items[i];
        if (m->state == DFL__MOUNT_LEFT && m->code == NULL)
            dfl__cache_note(c, 'N', run->root, m->target, 1);
    }
}

/* --- what mounts mean for each other */

/* What a cache that later RUNs look into is known by among them. */
static dfl_str group_name(const dfl__cache_mount *m) {
    return m->target.len > 0 ? m->target : dfl__str(m->tool->name);
}

static int is_group_left(dfl__caching *c, const dfl__cache_run *run, const dfl__cache_mount *m) {
    return dfl__cache_noted(c, 'G', run->root, m->target) ||
           dfl__cache_noted(c, 'G', run->root, dfl__str(m->tool->name));
}

/* A cache that RUNs share is mounted in all of them or in none: what one leaves in the image would
 * be hidden from the other, or the other way round. */
static int spread_needed(dfl__caching *c) {
    int changed = 0;
    for (uint32_t i = 0; i < c->runs.count; i++) {
        const dfl__cache_run *run = &c->runs.items[i];
        for (uint32_t k = 0; k < run->mounts.count; k++) {
            const dfl__cache_mount *m = &run->mounts.items[k];
            if (m->cache->needed_later && m->state == DFL__MOUNT_LEFT)
                dfl__cache_note(c, 'G', run->root, group_name(m), 1);
        }
    }
    for (uint32_t i = 0; i < c->runs.count && c->rw->failed == DFL_OK; i++) {
        const dfl__cache_run *run = &c->runs.items[i];
        for (uint32_t k = 0; k < run->mounts.count; k++) {
            dfl__cache_mount *m = &run->mounts.items[k];
            if (m->state != DFL__MOUNT_NEW || !m->cache->needed_later || !is_group_left(c, run, m))
                continue;
            LEAVE(c, m, "cache.needed-later",
                  "%S is not mounted, as another RUN that uses it cannot have the mount",
                  &m->target);
            changed = 1;
        }
    }
    return changed;
}

/* Tools that share a directory share the mount. */
static int spread_in_run(dfl__cache_run *run) {
    int changed = 0;
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        const dfl__cache_mount *from = &run->mounts.items[i];
        if (from->state != DFL__MOUNT_LEFT || from->code == NULL) continue;
        for (uint32_t k = 0; k < run->mounts.count; k++) {
            dfl__cache_mount *to = &run->mounts.items[k];
            if (to->state != DFL__MOUNT_NEW || !dfl__eq(to->target, from->target)) continue;
            dfl__cache_leave(to, from->code, from->why);
            changed = 1;
        }
    }
    return changed;
}

static int has_mount(const dfl__cache_run *run, const dfl__tool *tool) {
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        if (run->mounts.items[i].tool == tool && run->mounts.items[i].state != DFL__MOUNT_LEFT)
            return 1;
    }
    return 0;
}

static int leave_switched_off(dfl__caching *c, dfl__cache_run *run, const dfl__cache_use *use) {
    const dfl__env_group *group = &c->groups.items[use->env];
    int changed = 0;
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        dfl__cache_mount *m = &run->mounts.items[i];
        if (m->tool != use->tool || m->state != DFL__MOUNT_NEW) continue;
        LEAVE(
            c, m, "cache.cleanup-kept",
            "%S is not mounted, as %S switches the cache off, and it is needed where no mount can "
            "be had",
            &m->target, &group->name);
        changed = 1;
    }
    return changed;
}

/* A variable that switches caches off is removed when all its users get mounts, else none does. */
static int spread_env(dfl__caching *c) {
    int changed = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < c->runs.count; i++) {
            dfl__cache_run *run = &c->runs.items[i];
            for (uint32_t u = 0; u < run->uses.count; u++) {
                const dfl__cache_use *use = &run->uses.items[u];
                if (use->env == NONE) continue;
                dfl__env_group *group = &c->groups.items[use->env];
                group->used = 1;
                if (pass == 0) group->kept |= !has_mount(run, use->tool);
                if (pass == 1 && group->kept) changed |= leave_switched_off(c, run, use);
            }
        }
    }
    return changed;
}

/* Take out what fights the mounts; where that cannot be done, the mounts that need it go. */
static int take_out(dfl__caching *c, dfl__cache_run *run) {
    if (dfl__cache_take_out(c, run)) return 0;
    run->frozen = 1;
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        dfl__cache_mount *m = &run->mounts.items[i];
        if (m->state != DFL__MOUNT_NEW || !dfl__cache_blocked(run, i)) continue;
        LEAVE(c, m, "cache.cleanup-kept",
              "%S is not mounted, as what empties it in this RUN cannot be taken out", &m->target);
    }
    (void)dfl__cache_take_out(c, run);
    return 1;
}

/* Each round leaves at least one more mount of an environment or a group; the catalog's tools have
 * one or the other, so that two rounds are the rule. */
void dfl__cache_decide(dfl__caching *c) {
    int changed = 1;
    dfl__cache_note_said(c);
    /* The last first: triggers run behind everything. */
    for (int triggers = 1; triggers >= 0; triggers--) {
        for (uint32_t i = c->runs.count; i-- > 0 && c->rw->failed == DFL_OK;)
            if (c->runs.items[i].is_trigger == triggers) decide_run(c, &c->runs.items[i]);
    }
    while (changed && c->rw->failed == DFL_OK) {
        changed = spread_env(c) | spread_needed(c);
        for (uint32_t i = 0; i < c->runs.count && c->rw->failed == DFL_OK; i++) {
            changed |= spread_in_run(&c->runs.items[i]);
            changed |= take_out(c, &c->runs.items[i]);
        }
        if (!changed) changed = dfl__cache_leave_unprepared(c);
    }
}
