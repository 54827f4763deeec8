/* base.c -- move a stage to another base image.
 * Relies on split.h: what a stage needs at run time is read, and the image chosen, as for a split.
 * Never moves a stage to an image that lacks something the stage is seen to need. */
#include "rewrite/base.h"

#include <string.h>

#include "base/path.h"
#include "rewrite/split.h"

/* The stage that --stage names: by name, by index, or the last. */
static int find_stage(dfl__split *s) {
    dfl_str wanted = s->rw->opt->stage;
    uint32_t count = s->rw->model->stages.count, index = 0;
    s->stage = dfl_model_stage_find(s->rw->model, wanted);
    for (size_t i = 0; i < wanted.len && index <= count; i++) {
        if (!dfl__is_digit((unsigned char)wanted.ptr[i])) {
            index = DFL_NO_STAGE;
            break;
        }
        index = index * 10 + (uint32_t)(wanted.ptr[i] - '0');
    }
    if (s->stage == DFL_NO_STAGE && wanted.len > 0 && index < count) s->stage = index;
    if (s->stage != DFL_NO_STAGE) return 1;
    dfl_range range = {0, 0};
    dfl__plan_refuse(s->rw, "base.stage", range,
                     "the file has no stage \"%S\"; it has %u. Name one of them, or its index",
                     &wanted, count);
    return 0;
}

/* A stage on another stage of the file has that one's image. */
static int refuse_stage_base(dfl__split *s) {
    const dfl__stage *stage = &s->rw->model->stages.items[s->stage];
    dfl_range range = dfl__split_stage_range(s);
    if (stage->base_stage == DFL_NO_STAGE) return 1;
    dfl__plan_refuse(s->rw, "base.stage", range,
                     "line %u builds on the stage \"%S\", so its image is that stage's. Name that "
                     "one with --stage",
                     dfl__line_of(s->rw, range.start), &stage->base);
    return 0;
}

/* Absolute destination of a COPY's single source, with the source's name added to a directory. */
static dfl_str copied_to(dfl__split *s, const dfl__item *item, dfl_str source, dfl_str to) {
    if (item->workdir.len == 0 && !dfl__starts(to, "/")) return dfl__str("");
    dfl_str path = dfl__rewrite_join(s->rw, item->workdir, to);
    dfl_str base = dfl__path_base(source);
    if (dfl__ends(to, "/") || dfl__eqz(to, ".")) return dfl__rewrite_join(s->rw, path, base);
    return path;
}

/* Where `path` of this stage comes from, when a COPY with that source and destination writes it:
 * the same file, or one below a directory. Empty when it does not. */
static dfl_str source_of(dfl__split *s, const dfl__item *item, dfl_str source, dfl_str to,
                         dfl_str path) {
    if (dfl__eq(copied_to(s, item, source, to), path)) return source;
    if (item->workdir.len == 0 && !dfl__starts(to, "/")) return dfl__str("");
    dfl_str target = dfl__rewrite_join(s->rw, item->workdir, to);
    if (!dfl__path_is_below(path, target) || path.len <= target.len) return dfl__str("");
    dfl_str rest = dfl__sub(path, target.len + (target.len > 1), path.len);
    return dfl__rewrite_fmt(s->rw, "%S/%S", &source, &rest);
}

/* The stage whose files the COPY takes; DFL_NO_STAGE for an image or the context. */
static uint32_t copied_stage(const dfl__split *s, uint32_t node) {
    const dfl_model *model = s->rw->model;
    dfl_range range = dfl__node_range(s->rw->doc, node);
    for (uint32_t e = 0; e < model->edges.count; e++) {
        const dfl__edge *edge = &model->edges.items[e];
        if (edge->kind == DFL_EDGE_COPY && edge->range.start >= range.start &&
            edge->range.end <= range.end)
            return edge->target;
    }
    return DFL_NO_STAGE;
}

/* Where `path` comes from when the COPY writes it; empty when it does not. */
static dfl_str source_in(dfl__split *s, const dfl__item *item, dfl_str path) {
    const dfl_doc *doc = s->rw->doc;
    uint32_t node = item->instr->node, last = 0;
    dfl_str found = dfl__str("");
    for (uint32_t a = dfl__next_argument(doc, node, 0); a != 0;
         a = dfl__next_argument(doc, node, a))
        last = a;
    if (last == 0) return found;
    for (uint32_t a = dfl__next_argument(doc, node, 0); a != last && found.len == 0;
         a = dfl__next_argument(doc, node, a))
        found = source_of(s, item, dfl__node_value(doc, a), dfl__node_value(doc, last), path);
    return found;
}

/* The stage of the file that the start command's program is copied from, and its path there. */
static uint32_t artifact_stage(dfl__split *s, dfl_str program, dfl_str *path) {
    for (uint32_t i = s->items.count; i-- > 0;) {
        const dfl__item *item = &s->items.items[i];
        uint32_t flag = 0;
        if (item->instr->kind != DFL_NODE_COPY ||
            dfl__flag_value(s->rw->doc, item->instr->node, "from", &flag) == 0)
            continue;
        *path = source_in(s, item, program);
        if (path->len > 0) return copied_stage(s, item->instr->node);
    }
    return DFL_NO_STAGE;
}

/* The same for a program that is looked up in PATH. */
static uint32_t looked_up_stage(dfl__split *s, dfl_str name, dfl_str *path) {
    dfl_str list = DFL__LIT("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    (void)dfl__env_get(&s->scope.env, DFL__LIT("PATH"), &list);
    for (size_t at = 0; at < list.len;) {
        size_t end = dfl__find(list, ':', at);
        dfl_str file = dfl__rewrite_join(s->rw, dfl__sub(list, at, end), name);
        uint32_t stage = artifact_stage(s, file, path);
        if (stage != DFL_NO_STAGE) return stage;
        at = end + 1;
    }
    return DFL_NO_STAGE;
}

static void note_package(dfl__split *s, dfl_str name) {
    if (!DFL__PUSH(&s->rw->plan->alloc, &s->builder_packages, name)) s->rw->failed = DFL_E_NOMEM;
}

/* What is known of how the builder stage made the artifact: image, ecosystem, linkage; and what
 * else it holds. */
static void read_builder(dfl__split *s, uint32_t stage, dfl_str path) {
    dfl__split b;
    memset(&b, 0, sizeof b);
    b.rw = s->rw;
    b.stage = stage;
    b.moving = 1;
    if (dfl__stage_image(s->rw, stage, 1, &b.image) && dfl__split_ecosystem(&b) &&
        dfl__split_read(&b)) {
        s->eco = b.eco;
        s->image = b.image;
        (void)dfl__split_linkage(
            &b, dfl__split_writer(&b, dfl__rewrite_join(s->rw, b.scope.workdir, path)));
        s->linkage = b.make_static ? "dynamic" : b.linkage;
        for (uint32_t i = 0; i < b.image.image->provides.count; i++)
            note_package(s, dfl__str(b.image.image->provides.items[i]));
        for (uint32_t i = 0; i < b.packages.count; i++)
            note_package(s, b.packages.items[i].name);
    }
    dfl__split_free(&b);
}

static void find_builder(dfl__split *s, int by_language) {
    dfl_str program = s->start.argv[s->program], source = {"", 0};
    if (dfl__find(program, '/', 0) == program.len) {
        s->source_stage = looked_up_stage(s, program, &source);
    } else {
        dfl_str path = dfl__rewrite_join(s->rw, s->scope.workdir, program);
        s->source_stage = artifact_stage(s, path, &source);
    }
    if (!by_language && s->source_stage != DFL_NO_STAGE) read_builder(s, s->source_stage, source);
}

/* The ecosystem of what the stage runs: its image's language, or that of the stage which built the
 * program. */
static int find_program(dfl__split *s) {
    static const dfl__ecosystem none = {.name = "",
                                        .shape = "",
                                        .static_env = "",
                                        .archive_flag = "",
                                        .script_fact = "",
                                        .probe_since = "",
                                        .source = ""};
    s->linkage = "";
    s->assumption = "";
    s->source_stage = DFL_NO_STAGE;
    s->eco = dfl__split_language(s, s->image.image->language);
    int by_language = s->eco != NULL;
    if (!by_language) s->eco = &none;
    if (!dfl__split_read(s)) return 0;
    if (!dfl__start_of(s->rw, s->stage, &s->start)) {
        dfl__plan_refuse(s->rw, "stage.no-start", dfl__split_stage_range(s),
                         "the stage has no CMD or ENTRYPOINT, so it is the old base that says what "
                         "runs. Write the start command out");
        return 0;
    }
    const dfl__program *program = dfl__start_program(s->rw, &s->start, &s->program);
    if (s->program >= s->start.argc) s->program = 0;
    s->shell_program = program != NULL && program->needs_shell;
    find_builder(s, by_language);
    return s->rw->failed == DFL_OK;
}

/* The words of --to for which a kind of images is known, and the repositories that are of it. The
 * others are told by their tags. */
static const struct {
    const char *name, *repositories;
} targets[] = {
    {"distroless", "gcr.io/distroless/*"},
    {"slim", NULL},
    {"alpine", NULL},
    {"scratch", "scratch"},
    {"wolfi", "cgr.dev/chainguard/*"},
    {"dhi", "dhi.io/*"},
    {"ubi-micro", "registry.access.redhat.com/ubi*/ubi-micro"},
};

const char *dfl_base_target(size_t index) {
    return index < sizeof targets / sizeof *targets ? targets[index].name : NULL;
}

/* Whether `base` is what `to` names, or the same with the tag of its nonroot user. */
static int is_named(const dfl__split *s, const dfl__image_info *now) {
    dfl_str to = s->rw->opt->to;
    if (dfl__eq(to, s->rw->model->stages.items[s->stage].base)) return 1;
    return dfl__image_is_nonroot(now) && dfl__eqz(now->tag, now->image->nonroot_tag) &&
           dfl__eq(to, now->repository);
}

/* Whether the catalog has the image stand in for itself, as there is no other of the kind: a
 * template without anything for its tag means the same one. */
static int stands_in(const dfl__split *s, const dfl__image_info *now) {
    const dfl__counterparts *list = &now->image->counterparts;
    int found = 0;
    dfl__buf text;
    dfl__buf_init(&text, &s->rw->plan->alloc, 0);
    for (uint32_t i = 0; i < list->count && !found; i++) {
        const dfl__counterpart *c = &list->items[i];
        text.len = 0;
        if (!dfl__eqz(s->rw->opt->to, c->to) || c->linkage[0] != '\0' ||
            dfl__same(now->image->name, "scratch") ||
            !dfl__catalog_counterpart(s->rw->catalog, now, c, "", &text))
            continue;
        found = dfl__eq(dfl__buf_str(&text), now->repository);
    }
    if (text.failed != DFL_OK) s->rw->failed = DFL_E_NOMEM;
    dfl__buf_free(&text);
    return found;
}

/* Whether the stage stands on an image of the kind that is asked for already. */
static int is_there(const dfl__split *s, const dfl__image_info *now) {
    dfl_str to = s->rw->opt->to;
    if (is_named(s, now) || stands_in(s, now)) return 1;
    if (dfl__eqz(to, "alpine"))
        return dfl__same(now->libc, "musl") &&
               (now->is_runtime || dfl__same(now->image->role, "os"));
    if (dfl__eqz(to, "slim"))
        return dfl__find_str(now->tag, "slim") < now->tag.len ||
               (dfl__same(now->image->role, "runtime") && now->image->language[0] != '\0' &&
                !now->image->no_shell);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (dfl__eqz(to, targets[i].name) && targets[i].repositories != NULL)
            return dfl__glob(targets[i].repositories, now->repository);
    }
    return 0;
}

/* --- edits */

static void change_user(dfl__split *s, uint32_t step) {
    for (uint32_t i = 0; i < s->items.count && s->drop_user; i++) {
        if (s->items.items[i].instr->kind == DFL_NODE_USER)
            dfl__plan_delete(s->rw, step, s->items.items[i].instr->node, 0);
    }
    if (s->drop_user)
        dfl__plan_assume(s->rw, step,
                         "the program writes nowhere that only its former "
                         "user may write");
}

/* An instruction on a line of its own in front of the start command. */
static void add_before_start(dfl__split *s, uint32_t step, const char *keyword, dfl_str value) {
    uint32_t node = s->start.entry != 0 ? s->start.entry : s->start.cmd;
    dfl_str name = dfl__keyword(s->rw, keyword);
    uint32_t at = dfl__node_range(s->rw->doc, node).start;
    dfl__plan_insert(s->rw, step, at,
                     dfl__rewrite_fmt(s->rw, "%S %S%s", &name, &value, s->rw->style.eol));
}

/* An instruction on a line of its own behind FROM. */
static void add_behind_from(dfl__split *s, uint32_t step, dfl_str text) {
    dfl__plan_insert(s->rw, step, dfl__split_stage_range(s).end,
                     dfl__rewrite_fmt(s->rw, "%s%S", s->rw->style.eol, &text));
}

/* Whether an instruction is read before the first absolute WORKDIR that depends on the working
 * directory, or none follows at all. */
static int uses_workdir(const dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__instr *instr = s->items.items[i].instr;
        uint32_t last = 0;
        if (s->items.items[i].fate == DFL__FATE_DROP) continue;
        if (instr->kind == DFL_NODE_RUN) return 1;
        if (instr->kind != DFL_NODE_WORKDIR && instr->kind != DFL_NODE_COPY &&
            instr->kind != DFL_NODE_ADD)
            continue;
        for (uint32_t a = dfl__next_argument(s->rw->doc, instr->node, 0); a != 0;
             a = dfl__next_argument(s->rw->doc, instr->node, a))
            last = a;
        if (last == 0 || !dfl__starts(dfl__node_value(s->rw->doc, last), "/")) return 1;
        if (instr->kind == DFL_NODE_WORKDIR) return 0;
    }
    return 1;
}

/* The working directory that the old base set, where the new one sets another. */
static void keep_workdir(dfl__split *s, uint32_t step) {
    dfl_str old = dfl__image_workdir(&s->own), keyword = dfl__keyword(s->rw, "WORKDIR");
    if (dfl__eq(old, dfl__image_workdir(&s->runtime_info)) || !uses_workdir(s)) return;
    add_behind_from(s, step, dfl__rewrite_fmt(s->rw, "%S %S", &keyword, &old));
}

static void write_runs(dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__item *item = &s->items.items[i];
        dfl_range range = dfl__node_range(s->rw->doc, item->instr->node);
        uint32_t line = dfl__line_of(s->rw, range.start), step;
        if (item->fate == DFL__FATE_DROP) {
            step = dfl__plan_add_step(s->rw, "base.adapted", DFL_RISK_SAFE, range,
                                      "RUN at line %u goes: what it was there for comes with %S, "
                                      "is made by a COPY behind it, or is written out elsewhere in "
                                      "this plan",
                                      line, &s->runtime);
            dfl__plan_delete(s->rw, step, item->instr->node, 0);
        } else if (item->fate == DFL__FATE_REPLACE) {
            step = dfl__plan_add_step(s->rw, "base.adapted", DFL_RISK_LIKELY, range,
                                      "RUN at line %u installs the same packages by the names that "
                                      "they have in %S",
                                      line, &s->runtime);
            dfl__plan_assume(s->rw, step, "the program takes them as they are built there");
            dfl__plan_replace(s->rw, step, range, item->runtime_text);
        }
    }
}

static void write_owners(dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__item *item = &s->items.items[i];
        uint32_t flag = 0;
        if (item->owner.len == 0) continue;
        uint32_t value = dfl__flag_value(s->rw->doc, item->instr->node, "chown", &flag);
        dfl_range range = dfl__node_range(s->rw->doc, value);
        dfl_str old = dfl__node_value(s->rw->doc, value);
        uint32_t step =
            dfl__plan_add_step(s->rw, "base.adapted", DFL_RISK_SAFE, range,
                               "Line %u names the owner %S, whom %S does not know, as "
                               "%S",
                               dfl__line_of(s->rw, range.start), &old, &s->runtime, &item->owner);
        dfl__plan_replace(s->rw, step, range, item->owner);
    }
}

static void write_probe(dfl__split *s) {
    const dfl__probe *probe = &s->probe;
    if (probe->text.len == 0) return;
    uint32_t step = dfl__probe_step(s, "base.adapted");
    dfl__plan_replace(s->rw, step, probe->range, probe->text);
}

/* Files of packages that the new image lacks come from the stage that built the program. */
static void write_carried(dfl__split *s) {
    dfl_str keyword = dfl__keyword(s->rw, "COPY");
    if (s->carried.count == 0) return;
    dfl_str from = s->rw->model->stages.items[s->source_stage].name;
    if (from.len == 0) from = dfl__rewrite_fmt(s->rw, "%u", s->source_stage);
    for (uint32_t i = 0; i < s->carried.count; i++) {
        const dfl_str *file = &s->carried.items[i];
        uint32_t step =
            dfl__plan_add_step(s->rw, "base.adapted", DFL_RISK_SAFE, dfl__split_stage_range(s),
                               "%S is copied from the stage \"%S\", as %S does not "
                               "have it",
                               file, &from, &s->runtime);
        add_behind_from(s, step,
                        dfl__rewrite_fmt(s->rw, "%S --from=%S %S %S", &keyword, &from, file, file));
    }
}

static void write_start(dfl__split *s) {
    const dfl__start_edit *e = &s->start_edit;
    if (!e->entry_changed && !e->cmd_changed) return;
    uint32_t step = dfl__start_step(s);
    dfl_range entry = {0, 0}, cmd = {0, 0};
    if (s->start.entry != 0) entry = dfl__node_range(s->rw->doc, s->start.entry);
    if (s->start.cmd != 0) cmd = dfl__node_range(s->rw->doc, s->start.cmd);
    if (e->entry_changed) dfl__plan_replace(s->rw, step, s->start.entry ? entry : cmd, e->entry);
    if (e->cmd_changed && s->start.cmd != 0 && !(e->entry_changed && s->start.entry == 0))
        dfl__plan_replace(s->rw, step, cmd, e->cmd);
}

/* Whether a RUN works with what the larger image of the family holds. */
static int works_in_stage(const dfl__split *s) {
    const unsigned works = DFL__RUN_BUILDS | DFL__RUN_INSTALLS | DFL__RUN_UNKNOWN;
    return !s->own.is_runtime && dfl__split_does(s, works, 0);
}

/* What the step that exchanges the image rests on. */
static void assume_image(dfl__split *s, uint32_t step) {
    const dfl__image *image = s->runtime_info.image;
    dfl__plan_assume(s->rw, step, "the program calls no other program of the old base image");
    if (works_in_stage(s))
        dfl__plan_assume(s->rw, step,
                         "what a RUN builds or installs needs no compiler of the old base image");
    if (dfl__same(s->eco->shape, "archive") || dfl__same(s->eco->shape, "application"))
        dfl__plan_assume(s->rw, step, "no native library in it was built for another release");
    if (s->own.digest.len > 0)
        dfl__plan_assume(s->rw, step,
                         "%S need not be pinned, as the old base is by its digest; add the new "
                         "digest if it must",
                         &s->runtime);
    if (dfl__same(image->name, "scratch"))
        dfl__plan_assume(s->rw, step, "the program writes no temporary files, as there is no /tmp");
    if (s->note != NULL && s->note[0] != '\0')
        (void)dfl__plan_add_step(s->rw, "runtime.note", DFL_RISK_SAFE, dfl__split_stage_range(s),
                                 "%S: %s", &s->runtime, s->note);
}

static void write_base(dfl__split *s) {
    const dfl__stage *stage = &s->rw->model->stages.items[s->stage];
    uint32_t base = dfl__next_argument(s->rw->doc, stage->node, 0);
    dfl_range range = dfl__node_range(s->rw->doc, base);
    uint32_t risk = works_in_stage(s) ? DFL_RISK_REVIEW : DFL_RISK_LIKELY;
    uint32_t step =
        dfl__plan_add_step(s->rw, "base.image", risk, range, "Line %u: %S takes the place of %S",
                           dfl__line_of(s->rw, range.start), &s->runtime, &stage->base);
    dfl__plan_replace(s->rw, step, range, s->written);
    keep_workdir(s, step);
    assume_image(s, step);
    write_carried(s);
    write_runs(s);
    write_owners(s);
    write_probe(s);
    uint32_t user = dfl__runtime_user_step(s);
    if (user != UINT32_MAX) change_user(s, user);
    if (s->user.len > 0) add_before_start(s, user, "USER", s->user);
    write_start(s);
}

static int refuse_target(dfl__split *s) {
    if (s->rw->opt->to.len > 0) return 1;
    dfl__plan_refuse(s->rw, "image.invalid", dfl__split_stage_range(s),
                     "no image was named. Pass --to with distroless, slim, alpine, scratch, wolfi, "
                     "dhi, ubi-micro or an image");
    return 0;
}

void dfl__base_body(dfl__rewrite *rw) {
    dfl__split s;
    memset(&s, 0, sizeof s);
    s.rw = rw;
    s.moving = 1;
    if (find_stage(&s) && refuse_target(&s) && refuse_stage_base(&s) && dfl__split_accepts(&s)) {
        const dfl__stage *stage = &rw->model->stages.items[s.stage];
        int scratch = stage->base_known && dfl__eqz(stage->base, "scratch");
        if (dfl__stage_image(rw, s.stage, scratch, &s.image) && !is_there(&s, &s.image)) {
            s.own = s.image;
            if (find_program(&s) && dfl__split_runtime(&s) &&
                !dfl__eq(s.runtime, rw->model->stages.items[s.stage].base))
                write_base(&s);
        }
    }
    dfl__split_free(&s);
}

dfl_status dfl_rewrite_base(const dfl_doc *doc, const dfl_rewrite_options *opt, dfl_plan **out) {
    return dfl__rewrite_run(doc, opt, dfl__base_body, out);
}
