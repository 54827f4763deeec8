/* base.c -- move a stage to another base image.
 * Relies on split.h: what a stage needs at run time is read, and the image chosen, as for a split.
 * Never moves a stage to an image that lacks something the stage is seen to need. */
#include "rewrite/base.h"

#include <string.h>

#include "rewrite/split.h"

static dfl_range from_range(const dfl__split *s) {
    return dfl__node_range(s->rw->doc, s->rw->model->stages.items[s->stage].node);
}

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
    dfl__plan_refuse(s->rw, "base.stage-unknown", range,
                     "the file has no stage \"%S\"; it has %u. Name one of them, or its index",
                     &wanted, count);
    return 0;
}

/* A stage on another stage of the file has that one's image. */
static int refuse_stage_base(dfl__split *s) {
    const dfl__stage *stage = &s->rw->model->stages.items[s->stage];
    dfl_range range = from_range(s);
    if (stage->base_stage == DFL_NO_STAGE) return 1;
    dfl__plan_refuse(s->rw, "base.stage-base", range,
                     "line %u builds on the stage \"%S\", so its image is that stage's. Name that "
                     "one with --stage",
                     dfl__line_of(s->rw, range.start), &stage->base);
    return 0;
}

/* Absolute destination of a COPY's single source, with the source's name added to a directory. */
static dfl_str copied_to(dfl__split *s, const dfl__item *item, dfl_str source, dfl_str to) {
    if (item->workdir.len == 0 && !dfl__starts(to, "/")) return dfl__str("");
    dfl_str path = dfl__path_join(s->rw->arena, item->workdir, to);
    size_t name = source.len;
    while (name > 0 && source.ptr[name - 1] != '/')
        name--;
    dfl_str base = dfl__sub(source, name, source.len);
    if (dfl__ends(to, "/") || dfl__eqz(to, ".")) return dfl__path_join(s->rw->arena, path, base);
    return path;
}

/* The stage of the file that the start command's program is copied from, and its path there. */
static uint32_t artifact_stage(dfl__split *s, dfl_str program, dfl_str *path) {
    const dfl_model *model = s->rw->model;
    for (uint32_t i = s->items.count; i-- > 0;) {
        const dfl__item *item = &s->items.items[i];
        uint32_t flag = 0, source, to;
        if (item->instr->kind != DFL_NODE_COPY) continue;
        uint32_t from = dfl__flag_value(s->rw->doc, item->instr->node, "from", &flag);
        source = dfl__next_argument(s->rw->doc, item->instr->node, 0);
        to = source != 0 ? dfl__next_argument(s->rw->doc, item->instr->node, source) : 0;
        if (from == 0 || to == 0) continue;
        dfl_str name = dfl__node_value(s->rw->doc, source);
        dfl_str target = copied_to(s, item, name, dfl__node_value(s->rw->doc, to));
        if (!dfl__eq(target, program)) continue;
        *path = name;
        for (uint32_t e = 0; e < model->edges.count; e++) {
            const dfl__edge *edge = &model->edges.items[e];
            if (edge->kind == DFL_EDGE_COPY &&
                edge->range.start >= dfl__node_range(s->rw->doc, item->instr->node).start &&
                edge->range.end <= dfl__node_range(s->rw->doc, item->instr->node).end)
                return edge->target;
        }
    }
    return DFL_NO_STAGE;
}

/* What is known of how the builder stage made the artifact: image, ecosystem, linkage. */
static void read_builder(dfl__split *s, uint32_t stage, dfl_str path) {
    dfl__split b;
    memset(&b, 0, sizeof b);
    b.rw = s->rw;
    b.stage = stage;
    if (dfl__stage_image(s->rw, stage, 1, &b.image) && dfl__split_ecosystem(&b) &&
        dfl__split_read(&b)) {
        s->eco = b.eco;
        s->image = b.image;
        dfl__split_linkage(
            &b, dfl__split_writer(&b, dfl__path_join(s->rw->arena, b.scope.workdir, path)));
        s->linkage = b.make_static ? "dynamic" : b.linkage;
    }
    dfl__split_free(&b);
}

/* The ecosystem of what the stage runs: its image's language, or that of the stage which built the
 * program. */
static int find_program(dfl__split *s) {
    static const dfl__ecosystem none = {.name = "",
                                        .shape = "",
                                        .static_env = "",
                                        .archive_flag = "",
                                        .script_fact = "",
                                        .source = ""};
    s->linkage = "";
    s->assumption = "";
    s->eco = dfl__split_language(s, s->image.image->language);
    int by_language = s->eco != NULL;
    if (!by_language) s->eco = &none;
    if (!dfl__split_read(s)) return 0;
    if (!dfl__start_of(s->rw, s->stage, &s->start)) {
        dfl__plan_refuse(s->rw, "stage.no-start", from_range(s),
                         "the stage has no CMD or ENTRYPOINT, so it is the old base that says what "
                         "runs. Write the start command out");
        return 0;
    }
    const dfl__program *program = dfl__start_program(s->rw, &s->start, &s->program);
    if (s->program >= s->start.argc) s->program = 0;
    s->shell_program = program != NULL && program->needs_shell;
    dfl_str path = dfl__path_join(s->rw->arena, s->scope.workdir, s->start.argv[s->program]);
    dfl_str source = {"", 0};
    uint32_t builder = path.ptr != NULL ? artifact_stage(s, path, &source) : DFL_NO_STAGE;
    if (!by_language && builder != DFL_NO_STAGE) read_builder(s, builder, source);
    return s->rw->failed == DFL_OK;
}

/* Whether the stage stands on an image of the kind that is asked for already. */
static int is_there(const dfl__split *s, const dfl__image_info *now) {
    dfl_str to = s->rw->opt->to;
    if (dfl__eq(to, s->rw->model->stages.items[s->stage].base)) return 1;
    if (dfl__eqz(to, "distroless")) return dfl__starts(now->repository, "gcr.io/distroless/");
    if (dfl__eqz(to, "alpine")) return dfl__same(now->libc, "musl") && now->is_runtime;
    return dfl__eqz(to, "slim") && dfl__find_str(now->tag, "slim") < now->tag.len;
}

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

static void keep_workdir(dfl__split *s, uint32_t step, dfl_str old) {
    const dfl__image *image = s->runtime_info.image;
    int nonroot =
        image->nonroot_tag[0] != '\0' && dfl__eqz(s->runtime_info.tag, image->nonroot_tag);
    const char *own =
        nonroot && image->nonroot_workdir[0] != '\0' ? image->nonroot_workdir : image->workdir;
    for (uint32_t i = 0; i < s->items.count; i++) {
        if (s->items.items[i].instr->kind == DFL_NODE_WORKDIR) return;
    }
    if (!s->scope.workdir_known || dfl__eqz(old, own[0] != '\0' ? own : "/")) return;
    add_before_start(s, step, "WORKDIR", old);
}

static void write_start(dfl__split *s) {
    const dfl__start_edit *e = &s->start_edit;
    if (!e->entry_changed && !e->cmd_changed) return;
    uint32_t step =
        dfl__plan_add_step(s->rw, "runtime.start", DFL_RISK_SAFE, s->start.range,
                           "The start command at line %u is written for %S: %s",
                           dfl__line_of(s->rw, s->start.range.start), &s->runtime, e->why);
    dfl_range entry = {0, 0}, cmd = {0, 0};
    if (s->start.entry != 0) entry = dfl__node_range(s->rw->doc, s->start.entry);
    if (s->start.cmd != 0) cmd = dfl__node_range(s->rw->doc, s->start.cmd);
    if (e->entry_changed) dfl__plan_replace(s->rw, step, s->start.entry ? entry : cmd, e->entry);
    if (e->cmd_changed && s->start.cmd != 0 && !(e->entry_changed && s->start.entry == 0))
        dfl__plan_replace(s->rw, step, cmd, e->cmd);
}

static void write_base(dfl__split *s) {
    const dfl__stage *stage = &s->rw->model->stages.items[s->stage];
    uint32_t base = dfl__next_argument(s->rw->doc, stage->node, 0);
    dfl_range range = dfl__node_range(s->rw->doc, base);
    uint32_t step = dfl__plan_add_step(s->rw, "base.image", DFL_RISK_LIKELY, range,
                                       "Line %u: %S takes the place of %S",
                                       dfl__line_of(s->rw, range.start), &s->runtime, &stage->base);
    dfl__plan_assume(s->rw, step, "the program calls no other program of the old base image");
    if (dfl__same(s->eco->shape, "archive") || dfl__same(s->eco->shape, "application"))
        dfl__plan_assume(s->rw, step, "no native library in it was built for another release");
    dfl__plan_replace(s->rw, step, range, s->written);
    change_user(s, step);
    if (s->user.len > 0) add_before_start(s, step, "USER", s->user);
    keep_workdir(s, step, s->scope.workdir);
    write_start(s);
}

static int refuse_target(dfl__split *s) {
    dfl_str to = s->rw->opt->to;
    if (to.len > 0) return 1;
    dfl__plan_refuse(
        s->rw, "base.no-target", from_range(s),
        "no target was named. Pass --to distroless, slim, alpine, scratch or an image");
    return 0;
}

void dfl__base_body(dfl__rewrite *rw) {
    dfl__split s;
    memset(&s, 0, sizeof s);
    s.rw = rw;
    s.moving = 1;
    if (refuse_target(&s) && find_stage(&s) && refuse_stage_base(&s) && dfl__split_accepts(&s)) {
        const dfl__stage *stage = &rw->model->stages.items[s.stage];
        int scratch = stage->base_known && dfl__eqz(stage->base, "scratch");
        if (dfl__stage_image(rw, s.stage, scratch, &s.image) && !is_there(&s, &s.image)) {
            s.own_image = s.image.image;
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
