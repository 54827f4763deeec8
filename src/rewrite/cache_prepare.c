/* cache_prepare.c -- commands that make a tool keep its cache: which are wanted, and where they go.
 * Relies on cache.h.
 * Never puts one where it would change what else runs. */
#include <string.h>

#include "rewrite/cache.h"

#include "base/path.h"

#define NONE DFL__CACHE_NONE
#define PREPARES_MAX 32u

/* A RUN being prepared. */
typedef struct {
    dfl__caching *c;
    dfl__cache_run *run;
} preparing;

static dfl__rewrite *rw_of(const preparing *w) {
    return w->c->rw;
}

/* Whether a cache of the tool is mounted that its preparation does something for. */
static int is_mounted(const dfl__cache_run *run, const dfl__tool *tool) {
    for (uint32_t i = 0; i < run->mounts.count; i++) {
        const dfl__cache_mount *m = &run->mounts.items[i];
        if (m->tool == tool && m->state != DFL__MOUNT_LEFT &&
            strcmp(m->cache->prepared, "nothing") != 0)
            return 1;
    }
    return 0;
}

/* First command of the tool that is no clean-up of it; NONE. */
static uint32_t first_call(const preparing *w, const dfl__tool *tool) {
    const dfl__shell *shell = &w->run->shell;
    dfl__cache_call call;
    dfl_str words[16];
    uint32_t first;
    for (uint32_t i = 0; i < shell->cmd_count; i++) {
        uint32_t count = dfl__command_words(shell, i, words, 16, &first);
        if (dfl__cache_calls(tool, words, count, &call) && !dfl__cache_drops(tool, words, count))
            return i;
    }
    return NONE;
}

static uint32_t command_before(const dfl__shell *shell, uint32_t cmd) {
    for (uint32_t i = 0; i < cmd; i++) {
        if (shell->cmds[i].next == cmd) return i;
    }
    return NONE;
}

/* The command in front of which another and `&&` can be put without changing what runs: not behind
 * `||`, not inside a pipe or a substitution. NONE when there is none. */
static uint32_t list_start(const preparing *w, uint32_t cmd) {
    const dfl__sh_cmd *cmds = w->run->shell.cmds;
    while (cmd != NONE && cmds[cmd].in_subst)
        cmd = cmds[cmd].parent;
    while (cmd != NONE && (cmds[cmd].op == DFL__OP_OR || cmds[cmd].op == DFL__OP_PIPE))
        cmd = command_before(&w->run->shell, cmd);
    if (cmd == NONE || cmds[cmd].negated || dfl__cache_is_gone(w->run, cmd)) return NONE;
    return cmd;
}

static int is_sudo(const preparing *w, uint32_t cmd) {
    const dfl__sh_cmd *k = &w->run->shell.cmds[cmd];
    return k->word_count > 0 && k->words[0].literal &&
           dfl__eqz(dfl__path_base(k->words[0].value), "sudo");
}

/* Whether the command is one simple command, which sudo can run. */
static int is_simple(const char *text) {
    return strchr(text, '&') == NULL && strchr(text, '>') == NULL && strchr(text, ';') == NULL;
}

static int fits_family(const preparing *w, const dfl__tool *tool) {
    dfl__image_info image;
    (void)dfl__stage_image(rw_of(w), w->run->stage, 1, &image);
    return dfl__cache_fits_family(tool, image.release);
}

static int has_text(dfl_str text, const char *part) {
    return part[0] != '\0' && dfl__find_str(text, part) < text.len;
}

/* Where the tool can be prepared; 0 when it cannot. */
static int find_place(const preparing *w, const dfl__tool *tool, dfl__cache_prepare *out) {
    uint32_t call = first_call(w, tool);
    if (call == NONE || w->run->exec || w->run->frozen) return 0;
    *out = (dfl__cache_prepare){tool, list_start(w, call), 0};
    if (out->before == NONE) return 0;
    if (w->run->is_root == 1) return 1;
    out->sudo = 1;
    return is_sudo(w, call) && is_simple(tool->prepare);
}

static void add_prepare(preparing *w, const dfl__tool *tool) {
    dfl__cache_prepare p;
    if (w->run->prepares.count == PREPARES_MAX || !find_place(w, tool, &p)) return;
    /* One preparation may hold another. */
    for (uint32_t i = 0; i < w->run->prepares.count; i++) {
        dfl__cache_prepare *other = &w->run->prepares.items[i];
        uint32_t first = other->before < p.before ? other->before : p.before;
        if (has_text(dfl__str(other->tool->prepare), tool->prepared_by)) {
            other->before = first;
            return;
        }
        if (has_text(dfl__str(tool->prepare), other->tool->prepared_by)) {
            p.before = first;
            *other = p;
            return;
        }
    }
    if (!DFL__PUSH(&w->c->arena.alloc, &w->run->prepares, p)) rw_of(w)->failed = DFL_E_NOMEM;
}

static int own_text_has(const dfl__caching *c, const dfl__cache_run *run, const char *part) {
    dfl_range range = dfl__node_range(c->rw->doc, run->node);
    return has_text(dfl__sub(c->rw->doc->source, range.start, range.end), part);
}

/* Whether the tool's preparation is noted of the run's stage by then, or of one that it is built
 * on: any number, or `round`. */
static int is_noted(dfl__caching *c, char kind, const dfl__cache_run *run, const dfl__tool *tool,
                    uint32_t round) {
    dfl_str by = dfl__str(tool->prepared_by);
    uint32_t at = dfl__cache_noted(c, kind, run->stage, by);
    if (round != 0 ? at == round : at != 0 && (at <= run->index || run->is_trigger)) return 1;
    return dfl__cache_inherited(c, kind, run->stage, by, round) != 0;
}

/* Whether the stage, or one that it is built on, is prepared by now. */
static int is_prepared(preparing *w, const dfl__tool *tool) {
    return is_noted(w->c, 'P', w->run, tool, 0) ||
           (w->run->is_trigger && own_text_has(w->c, w->run, tool->prepared_by));
}

static void note_prepared(preparing *w, const char *by) {
    uint32_t at = dfl__cache_noted(w->c, 'P', w->run->stage, dfl__str(by));
    if (by[0] == '\0' || w->run->is_trigger || (at != 0 && at <= w->run->index)) return;
    dfl__cache_note(w->c, 'P', w->run->stage, dfl__str(by), w->run->index);
}

void dfl__cache_prepare_run(dfl__caching *c, dfl__cache_run *run) {
    const dfl__tool *tool;
    preparing w = {c, run};
    for (uint32_t i = 0; (tool = dfl__catalog_tool(c->rw->catalog, i)) != NULL; i++) {
        if (tool->prepare[0] == '\0' || !is_mounted(run, tool)) continue;
        if (is_prepared(&w, tool) || !fits_family(&w, tool)) continue;
        add_prepare(&w, tool);
    }
    for (uint32_t i = 0; i < run->prepares.count; i++) {
        const char *text = run->prepares.items[i].tool->prepare;
        note_prepared(&w, run->prepares.items[i].tool->prepared_by);
        for (uint32_t k = 0; (tool = dfl__catalog_tool(c->rw->catalog, k)) != NULL; k++) {
            if (has_text(dfl__str(text), tool->prepared_by)) note_prepared(&w, tool->prepared_by);
        }
    }
}

/* Note which tools the text of instruction `index` prepares. */
static void note_text(dfl__caching *c, char kind, uint32_t index, dfl_str text) {
    const dfl__tool *tool;
    uint32_t stage = c->rw->model->instrs.items[index].stage;
    for (uint32_t t = 0; (tool = dfl__catalog_tool(c->rw->catalog, t)) != NULL; t++) {
        dfl_str by = dfl__str(tool->prepared_by);
        if (has_text(text, tool->prepared_by) && dfl__cache_noted(c, kind, stage, by) == 0)
            dfl__cache_note(c, kind, stage, by, index);
    }
}

/* RUNs that prepare a tool themselves, once what goes is gone. */
void dfl__cache_note_prepared(dfl__caching *c) {
    const dfl_model *model = c->rw->model;
    uint32_t run = 0;
    dfl__buf rest;
    dfl__buf_init(&rest, &c->arena.alloc, 0);
    for (uint32_t i = 0; i < model->instrs.count && c->rw->failed == DFL_OK; i++) {
        const dfl__instr *instr = &model->instrs.items[i];
        dfl_range range = dfl__node_range(c->rw->doc, instr->node);
        if (instr->kind != DFL_NODE_RUN || instr->stage == DFL_NO_STAGE) continue;
        while (run < c->runs.count && c->runs.items[run].index < i)
            run++;
        rest.len = 0;
        if (run < c->runs.count && c->runs.items[run].index == i && c->runs.items[run].has_gone) {
            dfl__cache_rest(c->rw->doc, &c->runs.items[run].lines, &rest);
        } else {
            dfl__buf_add(&rest, dfl__sub(c->rw->doc->source, range.start, range.end));
        }
        if (rest.failed != DFL_OK) c->rw->failed = rest.failed;
        note_text(c, 'P', i, dfl__buf_str(&rest));
    }
    dfl__buf_free(&rest);
}

void dfl__cache_note_said(dfl__caching *c) {
    const dfl_model *model = c->rw->model;
    for (uint32_t i = 0; i < model->instrs.count && c->rw->failed == DFL_OK; i++) {
        const dfl__instr *instr = &model->instrs.items[i];
        dfl_range range = dfl__node_range(c->rw->doc, instr->node);
        if (instr->kind == DFL_NODE_RUN && instr->stage != DFL_NO_STAGE)
            note_text(c, 'Q', i, dfl__sub(c->rw->doc->source, range.start, range.end));
    }
}

/* --- what cannot be had without */

/* Whether the file itself says, by this RUN, that the tool is prepared. */
static int is_said(dfl__caching *c, const dfl__cache_run *run, const dfl__tool *tool) {
    return own_text_has(c, run, tool->prepared_by) || is_noted(c, 'Q', run, tool, 0);
}

/* Whether a RUN before has been given the preparation in this round. */
static int is_given(dfl__caching *c, const dfl__cache_run *run, const dfl__tool *tool) {
    return is_noted(c, 'Z', run, tool, c->round);
}

static int can_be_kept(dfl__caching *c, dfl__cache_run *run, const dfl__tool *tool) {
    dfl__cache_prepare place;
    const dfl__tool *other;
    preparing w = {c, run};
    if (!fits_family(&w, tool) || is_said(c, run, tool) || is_given(c, run, tool)) return 1;
    if (!find_place(&w, tool, &place)) return 0;
    for (uint32_t i = 0; (other = dfl__catalog_tool(c->rw->catalog, i)) != NULL; i++) {
        if (!run->is_trigger && has_text(dfl__str(tool->prepare), other->prepared_by))
            dfl__cache_note(c, 'Z', run->stage, dfl__str(other->prepared_by), c->round);
    }
    return 1;
}

static void leave_unprepared(dfl__caching *c, dfl__cache_mount *m) {
    dfl__cache_leave(m, "cache.cleanup-kept",
                     dfl__rewrite_fmt(c->rw,
                                      "%S is not mounted, as the image makes %s throw away what "
                                      "lies there, and `%s` cannot be put in front of it here. Run "
                                      "that in a RUN before, as root",
                                      &m->target, m->tool->name, m->tool->prepare));
}

/* Leave the mounts of a RUN whose tools cannot be made to keep them. */
static int leave_mounts(dfl__caching *c, dfl__cache_run *run) {
    int changed = 0;
    for (uint32_t k = 0; k < run->mounts.count; k++) {
        dfl__cache_mount *m = &run->mounts.items[k];
        if (m->state == DFL__MOUNT_LEFT || strcmp(m->cache->prepared, "needed") != 0) continue;
        if (can_be_kept(c, run, m->tool) || m->state != DFL__MOUNT_NEW) continue;
        leave_unprepared(c, m);
        changed = 1;
    }
    return changed;
}

int dfl__cache_leave_unprepared(dfl__caching *c) {
    int changed = 0;
    c->round++;
    /* Triggers last: they run behind everything, so that what any RUN prepares serves them. */
    for (int triggers = 0; triggers <= 1; triggers++) {
        for (uint32_t i = 0; i < c->runs.count && c->rw->failed == DFL_OK; i++) {
            if (c->runs.items[i].is_trigger == triggers)
                changed |= leave_mounts(c, &c->runs.items[i]);
        }
    }
    return changed;
}
