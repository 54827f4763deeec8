/* layout.c -- the edits that put each instruction into its stage.
 * Relies on split.h; roles.c says which stage that is.
 * Never rewrites an instruction that can stay where it is: what follows the last instruction of the
 * builder stays in place, behind the runtime stage's FROM. */
#include <string.h>

#include "base/path.h"
#include "rewrite/split.h"

static const dfl__instr *instr_of(const dfl__split *s, uint32_t item) {
    return s->items.items[item].instr;
}

/* The comment lines right above a node: where the instruction with its comments begins. */
static uint32_t start_with_comments(const dfl__split *s, uint32_t node) {
    const dfl_doc *doc = s->rw->doc;
    uint32_t start = dfl__node_range(doc, node).start;
    uint32_t line = dfl_doc_pos(doc, start).line;
    for (uint32_t i = node; i-- > 1;) {
        if (doc->nodes.items[i].parent != 0) continue;
        if (doc->nodes.items[i].kind != DFL_NODE_COMMENT) break;
        uint32_t at = dfl__node_range(doc, i).start;
        if (dfl_doc_pos(doc, at).line + 1 != line) break;
        line--;
    }
    return doc->lines.items[line];
}

static dfl_str item_text(const dfl__split *s, uint32_t item, int comments) {
    const dfl__item *it = &s->items.items[item];
    dfl_range range = dfl__node_range(s->rw->doc, it->instr->node);
    uint32_t start = comments ? start_with_comments(s, it->instr->node) : range.start;
    if (it->runtime_text.len == 0) return dfl__sub(s->rw->doc->source, start, range.end);
    dfl_str above = dfl__sub(s->rw->doc->source, start, range.start);
    return dfl__rewrite_fmt(s->rw, "%S%S", &above, &it->runtime_text);
}

/* Whether line `line` holds nothing but blanks; a line past the end does not. */
static int is_blank_line(const dfl_doc *doc, uint32_t line) {
    if (line >= doc->lines.count) return 0;
    uint32_t start = doc->lines.items[line];
    uint32_t end =
        line + 1 < doc->lines.count ? doc->lines.items[line + 1] : (uint32_t)doc->source.len;
    return start < end && dfl__trim(dfl__sub(doc->source, start, end)).len == 0;
}

/* Whether the line before the one that begins at `at` is blank. */
static int follows_blank_line(const dfl__split *s, uint32_t at) {
    uint32_t line = dfl_doc_pos(s->rw->doc, at).line;
    return line > 0 && is_blank_line(s->rw->doc, line - 1);
}

/* Text of the runtime stage that is put before the instructions that stay in place. */
typedef struct {
    dfl__split *s;
    dfl__buf out;
} block;

static void add_line(block *b, dfl_str text) {
    dfl__buf_add(&b->out, text);
    dfl__buf_addz(&b->out, b->s->rw->style.eol);
}

/* Whether the runtime stage changes its working directory from item `from` on. */
static int moves_on(const dfl__split *s, uint32_t from) {
    for (uint32_t i = from; i < s->items.count; i++) {
        if (instr_of(s, i)->kind == DFL_NODE_WORKDIR &&
            (s->items.items[i].stages & DFL__IN_RUNTIME) != 0)
            return 1;
    }
    return 0;
}

/* A destination as people write it: below the working directory it is relative to it. */
static dfl_str destination(dfl__split *s, const dfl__artifact *a, uint32_t at) {
    dfl_str workdir = s->scope.workdir;
    if (a->relative && !moves_on(s, at) && s->scope.workdir_known && workdir.len > 1 &&
        a->to.len > workdir.len && dfl__path_is_below(a->to, workdir)) {
        dfl_str rest = dfl__sub(a->to, workdir.len + 1, a->to.len);
        return dfl__rewrite_fmt(s->rw, "./%S", &rest);
    }
    return a->to;
}

/* What is copied, in front of item `at`. */
static void add_artifacts(block *b, uint32_t at) {
    dfl__split *s = b->s;
    dfl_str copy = dfl__keyword(s->rw, "COPY");
    for (uint32_t i = 0; i < s->artifacts.count; i++) {
        const dfl__artifact *a = &s->artifacts.items[i];
        dfl_str words[2] = {a->from, destination(s, a, at)};
        const dfl_str *stage = a->stage.len > 0 ? &a->stage : &s->builder;
        dfl__buf_fmt(&b->out, "%S --from=%S ", &copy, stage);
        if (a->owner.len > 0) dfl__buf_fmt(&b->out, "--chown=%S ", &a->owner);
        if (dfl__find(words[0], ' ', 0) < words[0].len ||
            dfl__find(words[1], ' ', 0) < words[1].len) {
            dfl_str json = dfl__json_words(s->rw, words, 2);
            dfl__buf_add(&b->out, json);
        } else {
            dfl__buf_fmt(&b->out, "%S %S", &words[0], &words[1]);
        }
        dfl__buf_addz(&b->out, s->rw->style.eol);
    }
}

/* RUN that installs the packages which the program needs at run time. */
static void add_packages(block *b) {
    dfl__split *s = b->s;
    if (s->runtime_packages.len == 0) return;
    dfl_str line = dfl__str(s->runtime_tool->install_line), run = dfl__keyword(s->rw, "RUN");
    size_t at = dfl__find_str(line, "{packages}");
    dfl_str before = dfl__sub(line, 0, at);
    dfl_str after = dfl__sub(line, at < line.len ? at + strlen("{packages}") : at, line.len);
    dfl_str text =
        dfl__rewrite_fmt(s->rw, "%S %S%S%S", &run, &before, &s->runtime_packages, &after);
    add_line(b, text);
}

/* Packages need root, and may bring the shell that SHELL names. */
static int is_setting(const dfl__split *s, uint16_t kind) {
    if (kind == DFL_NODE_USER || kind == DFL_NODE_SHELL) return s->runtime_packages.len == 0;
    return kind == DFL_NODE_WORKDIR || kind == DFL_NODE_ENV || kind == DFL_NODE_ARG ||
           kind == DFL_NODE_LABEL;
}

/* WORKDIR where the runtime image stands elsewhere and the file itself does not say. */
static void add_workdir(block *b) {
    dfl__split *s = b->s;
    const dfl__image *image = s->runtime_info.image;
    int nonroot =
        image->nonroot_tag[0] != '\0' && dfl__eqz(s->runtime_info.tag, image->nonroot_tag);
    const char *own =
        nonroot && image->nonroot_workdir[0] != '\0' ? image->nonroot_workdir : image->workdir;
    if (own[0] == '\0') own = "/";
    for (uint32_t i = 0; i < s->items.count; i++) {
        if (instr_of(s, i)->kind == DFL_NODE_WORKDIR &&
            (s->items.items[i].stages & DFL__IN_RUNTIME) != 0)
            return;
    }
    if (!s->scope.workdir_known || dfl__eqz(s->scope.workdir, own)) return;
    dfl_str keyword = dfl__keyword(s->rw, "WORKDIR");
    dfl_str text = dfl__rewrite_fmt(s->rw, "%S %S", &keyword, &s->scope.workdir);
    add_line(b, text);
}

/* Variables that the old base image sets, the new one does not, and the runtime stage uses. */
static void add_base_env(block *b) {
    dfl__split *s = b->s;
    dfl_str env = dfl__keyword(s->rw, "ENV");
    const dfl__names *new_env = &s->runtime_info.image->env;
    for (uint32_t i = 0; i < s->image.image->env.count; i++) {
        dfl_str pair = dfl__str(s->image.image->env.items[i]);
        dfl_str name = dfl__sub(pair, 0, dfl__find(pair, '=', 0));
        dfl_str any = dfl__rewrite_fmt(s->rw, "%S=*", &name);
        dfl_str value;
        int has = dfl__eqz(name, "PATH");
        const char *pattern = dfl__rewrite_z(s->rw, any);
        for (uint32_t n = 0; n < new_env->count; n++)
            has |= dfl__glob(pattern, dfl__str(new_env->items[n]));
        if (has || dfl__env_get(&s->used, name, &value) != DFL__VAR_SET) continue;
        dfl_str text = dfl__rewrite_fmt(s->rw, "%S %S", &env, &pair);
        add_line(b, text);
    }
}

/* Whether the copies go behind item `item`, which configures the image: a WORKDIR follows that they
 * are written below. */
static int waits(const dfl__split *s, uint32_t item) {
    if (!dfl__is_configuration(instr_of(s, item)->kind)) return 0;
    for (uint32_t i = item + 1; i < s->anchor; i++) {
        if (instr_of(s, i)->kind == DFL_NODE_WORKDIR &&
            (s->items.items[i].stages & DFL__IN_RUNTIME) != 0)
            return 1;
    }
    return 0;
}

/* The item of the block in front of which packages are installed; with `users`, behind RUNs that
 * make users, in front of which the copies stand: they may be owned by one, and `useradd -m` wants
 * to make the home itself. The anchor when they end the block. */
static uint32_t place_in_block(const dfl__split *s, int users) {
    for (uint32_t i = 0; i < s->anchor; i++) {
        if ((s->items.items[i].stages & DFL__IN_RUNTIME) != 0 &&
            !is_setting(s, instr_of(s, i)->kind) && !waits(s, i) &&
            !(users && (s->items.items[i].does & DFL__RUN_USERS) != 0))
            return i;
    }
    return s->anchor;
}

/* What the runtime stage takes from in front of the anchor; with `here` packages and copies too. */
static void add_items(block *b, int here) {
    dfl__split *s = b->s;
    uint32_t packages = place_in_block(s, 0), copies = place_in_block(s, 1);
    add_base_env(b);
    add_workdir(b);
    for (uint32_t i = 0; i < s->anchor; i++) {
        const dfl__item *item = &s->items.items[i];
        if ((item->stages & DFL__IN_RUNTIME) == 0) continue;
        if (i == packages && here) add_packages(b);
        if (i == copies && here) add_artifacts(b, i);
        add_line(b, item_text(s, i, (item->stages & DFL__IN_BUILDER) == 0));
    }
    if (!here) return;
    /* Settings that stay in place come first in the stage all the same: the paths are absolute,
     * and what is relative stands behind the WORKDIR that the block holds. */
    if (packages == s->anchor) add_packages(b);
    if (copies == s->anchor) add_artifacts(b, s->anchor);
}

/* Settings right at the head of what stays in place stand before the copies, as people write it:
 * the block ends in front of the first instruction that is none. */
static uint32_t insertion_item(const dfl__split *s) {
    uint32_t at = s->anchor;
    while (at < s->items.count && is_setting(s, instr_of(s, at)->kind))
        at++;
    return at;
}

/* The stage with the dependencies that run: what leads to their installation, without the rest. */
static void add_production_stage(block *b, dfl_str base) {
    dfl__split *s = b->s;
    const dfl__install *install = &s->installs.items[s->production];
    dfl_str from = dfl__keyword(s->rw, "FROM"), as = dfl__keyword(s->rw, "AS");
    dfl__buf_fmt(&b->out, "%S %S %S deps%s", &from, &base, &as, s->rw->style.eol);
    for (uint32_t i = 0; i <= install->item; i++) {
        const dfl__item *item = &s->items.items[i];
        uint16_t kind = item->instr->kind;
        if (dfl__is_configuration(kind) || (item->stages & DFL__IN_BUILDER) == 0) continue;
        dfl_range range = dfl__node_range(s->rw->doc, item->instr->node);
        if (i != install->item) {
            add_line(b, dfl__sub(s->rw->doc->source, range.start, range.end));
            continue;
        }
        dfl_str head = dfl__sub(s->rw->doc->source, range.start, install->after);
        dfl_str tail = dfl__sub(s->rw->doc->source, install->after, range.end);
        dfl_str text =
            dfl__rewrite_fmt(s->rw, "%S %s%S", &head, install->rule->production.items[0], &tail);
        add_line(b, text);
    }
    dfl__buf_addz(&b->out, s->rw->style.eol);
}

static void add_user(block *b) {
    dfl__split *s = b->s;
    if (s->user.len == 0) return;
    dfl_str keyword = dfl__keyword(s->rw, "USER");
    dfl_str text = dfl__rewrite_fmt(s->rw, "%S %S", &keyword, &s->user);
    add_line(b, text);
}

/* FROM gets a name to copy from. */
static void name_builder(dfl__split *s, uint32_t step) {
    const dfl__stage *stage = &s->rw->model->stages.items[s->stage];
    if (stage->name.len > 0) {
        s->builder = stage->name;
        return;
    }
    s->builder = DFL__LIT("builder");
    uint32_t base = dfl__next_argument(s->rw->doc, stage->node, 0);
    dfl_str as = dfl__keyword(s->rw, "AS");
    dfl__plan_insert(s->rw, step, dfl__node_range(s->rw->doc, base).end,
                     dfl__rewrite_fmt(s->rw, " %S builder", &as));
}

/* The start instructions as the runtime image wants them: in the block, or in place. */
static void place_start(dfl__split *s, uint32_t step, uint32_t node, dfl_str text) {
    for (uint32_t i = 0; i < s->items.count && node != 0; i++) {
        if (instr_of(s, i)->node != node) continue;
        if (i < s->anchor) {
            s->items.items[i].runtime_text = text;
        } else {
            dfl__plan_replace(s->rw, step, dfl__node_range(s->rw->doc, node), text);
        }
        return;
    }
}

static void rewrite_start(dfl__split *s) {
    const dfl__start_edit *e = &s->start_edit;
    if (!e->entry_changed && !e->cmd_changed) return;
    uint32_t step = dfl__start_step(s);
    /* A new ENTRYPOINT takes the place of the CMD that it was made from. */
    if (s->start.entry == 0 && e->entry_changed) {
        place_start(s, step, s->start.cmd, e->entry);
        return;
    }
    if (e->entry_changed) place_start(s, step, s->start.entry, e->entry);
    if (e->cmd_changed) place_start(s, step, s->start.cmd, e->cmd);
}

/* A health check that the runtime image cannot run as it stands makes its request otherwise. */
static void rewrite_probe(dfl__split *s) {
    const dfl__probe *p = &s->probe;
    if (p->text.len == 0) return;
    uint32_t step = dfl__probe_step(s, "runtime.healthcheck");
    for (uint32_t i = 0; i < s->anchor; i++) {
        dfl_range range = dfl__node_range(s->rw->doc, instr_of(s, i)->node);
        if (p->range.start < range.start || p->range.end > range.end) continue;
        dfl_str head = dfl__sub(s->rw->doc->source, range.start, p->range.start);
        dfl_str tail = dfl__sub(s->rw->doc->source, p->range.end, range.end);
        s->items.items[i].runtime_text = dfl__rewrite_fmt(s->rw, "%S%S%S", &head, &p->text, &tail);
        return;
    }
    dfl__plan_replace(s->rw, step, p->range, p->text);
}

/* Files that the program may use, and that only the builder's image has, are copied as well. */
static void carry_files(dfl__split *s) {
    dfl_range range = dfl__split_stage_range(s);
    for (uint32_t i = 0; i < s->carried.count; i++) {
        dfl__artifact artifact = {s->carried.items[i], s->carried.items[i], {"", 0}, 0, {"", 0}};
        (void)dfl__plan_add_step(s->rw, "runtime.note", DFL_RISK_SAFE, range,
                                 "%S has no %S, which the program may use: the builder's is copied",
                                 &s->runtime, &artifact.from);
        if (!DFL__PUSH(&s->rw->plan->alloc, &s->artifacts, artifact)) s->rw->failed = DFL_E_NOMEM;
    }
}

/* Put the flag behind each command that installs to the system, so that the result can be copied.
 */
static void stage_installs(dfl__split *s) {
    for (uint32_t i = 0; i < s->installs.count; i++) {
        const dfl__install *install = &s->installs.items[i];
        if (!dfl__split_is_packages(s) || install->into.len > 0 || install->tools_only) continue;
        dfl_range range = dfl__node_range(s->rw->doc, instr_of(s, install->item)->node);
        uint32_t step = dfl__plan_add_step(
            s->rw, "split.prefix", DFL_RISK_SAFE, range,
            "The dependencies at line %u are installed below %s, from where they are copied to %s",
            dfl__line_of(s->rw, range.start), install->rule->stage_path,
            install->rule->runtime_path);
        dfl__plan_insert(s->rw, step, install->after,
                         dfl__rewrite_fmt(s->rw, " %s", install->rule->stage_flag));
    }
}

/* An application without a build step needs no development dependencies at all. */
static void production_only(dfl__split *s) {
    if (dfl__split_is_packages(s) || !dfl__split_runs_sources(s)) return;
    for (uint32_t i = 0; i < s->installs.count; i++) {
        const dfl__install *install = &s->installs.items[i];
        if (install->production || install->tools_only || install->used ||
            install->rule->production.count == 0)
            continue;
        dfl_range range = dfl__node_range(s->rw->doc, instr_of(s, install->item)->node);
        uint32_t step =
            dfl__plan_add_step(s->rw, "split.production", DFL_RISK_LIKELY, range,
                               "Line %u leaves development dependencies out: no step builds with "
                               "them",
                               dfl__line_of(s->rw, range.start));
        dfl__plan_assume(s->rw, step,
                         "the program does not load a development dependency when it "
                         "runs");
        dfl__plan_insert(s->rw, step, install->after,
                         dfl__rewrite_fmt(s->rw, " %s", install->rule->production.items[0]));
    }
}

static void make_static(dfl__split *s) {
    if (!s->make_static) return;
    dfl_range range = dfl__node_range(s->rw->doc, instr_of(s, s->built->item)->node);
    uint32_t step = dfl__plan_add_step(
        s->rw, "split.static", DFL_RISK_SAFE, range,
        "%s at line %u makes the executable static, so that it runs without a C library",
        s->eco->static_env, dfl__line_of(s->rw, range.start));
    if (!dfl__has_context(s->rw))
        dfl__plan_assume(s->rw, step,
                         "no package of the program needs C code; pass --context to "
                         "check");
    dfl__plan_insert(s->rw, step, s->built->start,
                     dfl__rewrite_fmt(s->rw, "%s ", s->eco->static_env));
}

/* What is copied, for a sentence: "/a", "/a and /b", "/a, /b and /c". */
static dfl_str artifact_list(const dfl__split *s) {
    dfl_str text = s->artifacts.items[0].from;
    for (uint32_t i = 1; i < s->artifacts.count; i++) {
        const char *joint = i + 1 == s->artifacts.count ? " and " : ", ";
        text = dfl__rewrite_fmt(s->rw, "%S%s%S", &text, joint, &s->artifacts.items[i].from);
    }
    return text;
}

/* What dependencies, and a script that starts the program, may want of the old image. */
static void assume_calls(dfl__split *s, uint32_t step) {
    const dfl_str *base = &s->rw->model->stages.items[s->stage].base;
    if (s->script != NULL && !dfl__split_is_tree(s))
        dfl__plan_assume(s->rw, step, "%S starts what CMD names", &s->script_word);
    if (s->script != NULL)
        dfl__plan_assume(s->rw, step, "%S calls no other program that only the builder has",
                         &s->script_word);
    if (dfl__split_is_tree(s) && !dfl__eq(s->runtime, *base))
        dfl__plan_assume(s->rw, step,
                         "no dependency loads a system library or calls a program that %S has and "
                         "%S lacks",
                         base, &s->runtime);
}

static void state_assumptions(dfl__split *s, uint32_t step) {
    const dfl__artifact *first = &s->artifacts.items[0];
    if (s->assumption[0] != '\0') dfl__plan_assume(s->rw, step, "%s", s->assumption);
    if (s->prune.len > 0)
        dfl__plan_assume(s->rw, step,
                         "the program does not load a development dependency when it "
                         "runs");
    assume_calls(s, step);
    if (s->prune.len > 0 || dfl__split_runs_sources(s) ||
        (s->artifacts.count == 1 && dfl__eq(first->from, s->scope.workdir))) {
        dfl__left_assume(s, step);
        return;
    }
    dfl__named_assume(s, step);
    dfl_str list = artifact_list(s);
    dfl__plan_assume(s->rw, step, "nothing the builder holds other than %S is read at run time%s",
                     &list, dfl__has_context(s->rw) ? "" : "; pass --context to check");
}

static void note_user(dfl__split *s) {
    uint32_t step = dfl__runtime_user_step(s);
    if (step != UINT32_MAX && s->drop_user && !s->root)
        dfl__plan_assume(s->rw, step, "it writes nowhere that only its former user may write");
}

/* Where the runtime stage is put in, and the line ends that set it apart. */
static uint32_t insertion_point(const dfl__split *s, uint32_t item, int *opens_line) {
    const dfl_doc *doc = s->rw->doc;
    *opens_line = 0;
    if (item < s->items.count) return start_with_comments(s, instr_of(s, item)->node);
    *opens_line = !s->rw->style.final_newline;
    return (uint32_t)doc->source.len;
}

static void write_prune(dfl__split *s, block *b) {
    if (s->prune.len == 0) return;
    dfl_str run = dfl__keyword(s->rw, "RUN");
    dfl_str text = dfl__rewrite_fmt(s->rw, "%S %S", &run, &s->prune);
    add_line(b, text);
}

static dfl_str builder_base(const dfl__split *s) {
    uint32_t base = dfl__next_argument(s->rw->doc, s->rw->model->stages.items[s->stage].node, 0);
    return dfl__node_value(s->rw->doc, base);
}

static void write_from(dfl__split *s, block *b) {
    uint32_t flag = 0,
             platform = dfl__flag_value(s->rw->doc, s->rw->model->stages.items[s->stage].node,
                                        "platform", &flag);
    dfl_str from = dfl__keyword(s->rw, "FROM");
    dfl__buf_add(&b->out, from);
    if (platform != 0) {
        dfl_range r = dfl__node_range(s->rw->doc, flag);
        dfl_str text = dfl__sub(s->rw->doc->source, r.start, r.end);
        dfl__buf_fmt(&b->out, " %S", &text);
    }
    dfl__buf_fmt(&b->out, " %S%s", &s->written, s->rw->style.eol);
}

/* The head of the runtime stage goes in where the builder ends; copies and packages go behind the
 * settings that follow in place. */
static void write_stages(dfl__split *s, uint32_t step) {
    block b;
    int opens_line;
    uint32_t second = insertion_item(s);
    uint32_t at = insertion_point(s, s->anchor, &opens_line);
    b.s = s;
    dfl__buf_init(&b.out, &s->rw->plan->alloc, 0);
    if (opens_line) dfl__buf_addz(&b.out, s->rw->style.eol);
    write_prune(s, &b);
    if (s->prune.len > 0 || opens_line || !follows_blank_line(s, at))
        dfl__buf_addz(&b.out, s->rw->style.eol);
    if (s->production_stage) add_production_stage(&b, builder_base(s));
    write_from(s, &b);
    add_items(&b, second == s->anchor);
    int keep_user = 0;
    for (uint32_t i = s->anchor; i < s->items.count; i++)
        keep_user |= instr_of(s, i)->kind == DFL_NODE_USER;
    if (second == s->anchor && !keep_user) add_user(&b);
    if (b.out.failed != DFL_OK) s->rw->failed = DFL_E_NOMEM;
    dfl__plan_insert(s->rw, step, at, dfl__rewrite_text(s->rw, dfl__buf_str(&b.out)));
    if (second > s->anchor) {
        b.out.len = 0;
        at = insertion_point(s, second, &opens_line);
        if (opens_line) dfl__buf_addz(&b.out, s->rw->style.eol);
        add_packages(&b);
        add_artifacts(&b, second);
        if (!keep_user) add_user(&b);
        if (b.out.failed != DFL_OK) s->rw->failed = DFL_E_NOMEM;
        dfl__plan_insert(s->rw, step, at, dfl__rewrite_text(s->rw, dfl__buf_str(&b.out)));
    }
    dfl__buf_free(&b.out);
}

/* Take an instruction out with its comments. Where it stood between blank lines one of them goes.
 */
static void remove_item(dfl__split *s, uint32_t step, uint32_t node) {
    const dfl_doc *doc = s->rw->doc;
    uint32_t next = dfl_doc_pos(doc, dfl__node_range(doc, node).end).line + 1;
    dfl__plan_delete(s->rw, step, node, 1);
    if (!follows_blank_line(s, start_with_comments(s, node)) || !is_blank_line(doc, next)) return;
    dfl_range blank = {doc->lines.items[next], (uint32_t)doc->source.len};
    if (next + 1 < doc->lines.count) blank.end = doc->lines.items[next + 1];
    dfl__plan_replace(s->rw, step, blank, dfl__str(""));
}

/* The first WORKDIR of the runtime stage, when it is relative, is written out: it was joined to the
 * working directory of the old image. */
static void write_workdir(dfl__split *s, uint32_t step) {
    uint32_t i = 0;
    while (i < s->items.count && (instr_of(s, i)->kind != DFL_NODE_WORKDIR ||
                                  (s->items.items[i].stages & DFL__IN_RUNTIME) == 0))
        i++;
    if (i == s->items.count) return;
    uint32_t node = instr_of(s, i)->node;
    dfl_str after = i + 1 < s->items.count ? s->items.items[i + 1].workdir : s->scope.workdir;
    dfl_str path = dfl__node_value(s->rw->doc, dfl__next_argument(s->rw->doc, node, 0));
    if (dfl__starts(path, "/") || dfl__find(path, '$', 0) < path.len || after.len == 0) return;
    dfl_str keyword = dfl__keyword(s->rw, "WORKDIR");
    dfl_str text = dfl__rewrite_fmt(s->rw, "%S %S", &keyword, &after);
    if (i < s->anchor) {
        s->items.items[i].runtime_text = text;
    } else {
        dfl__plan_replace(s->rw, step, dfl__node_range(s->rw->doc, node), text);
    }
}

/* What only the runtime stage needs leaves the builder; a dropped USER leaves the file. */
static void remove_moved(dfl__split *s, uint32_t step) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__item *item = &s->items.items[i];
        if (i < s->anchor && (item->stages & DFL__IN_BUILDER) == 0)
            remove_item(s, step, item->instr->node);
        if (i >= s->anchor && item->stages == 0)
            dfl__plan_delete(s->rw, step, item->instr->node, 0);
    }
}

void dfl__split_layout(dfl__split *s) {
    dfl_range range = dfl__split_stage_range(s);
    dfl__split_roles(s);
    rewrite_start(s);
    rewrite_probe(s);
    make_static(s);
    stage_installs(s);
    production_only(s);
    dfl_str list = artifact_list(s);
    uint32_t step = dfl__plan_add_step(
        s->rw, "split.stages", DFL_RISK_SAFE, range,
        "%S only builds; what runs moves to a stage on %S, with %S copied out of the builder",
        &s->rw->model->stages.items[s->stage].base, &s->runtime, &list);
    if (s->note != NULL && s->note[0] != '\0')
        (void)dfl__plan_add_step(s->rw, "runtime.note", DFL_RISK_SAFE, range, "%S: %s", &s->runtime,
                                 s->note);
    state_assumptions(s, step);
    dfl__split_owners(s, step, place_in_block(s, 1));
    carry_files(s);
    name_builder(s, step);
    write_workdir(s, step);
    write_stages(s, step);
    remove_moved(s, step);
    note_user(s);
}
