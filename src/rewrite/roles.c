/* roles.c -- which instruction stands in which stage.
 * Relies on split.h.
 * Never edits: what it finds is noted in the items. */
#include "base/path.h"
#include "model/destination.h"
#include "rewrite/split.h"

static const dfl__instr *instr_of(const dfl__split *s, uint32_t item) {
    return s->items.items[item].instr;
}

/* Kinds that configure the image and build nothing. */
int dfl__is_configuration(uint16_t kind) {
    switch (kind) {
    case DFL_NODE_CMD:
    case DFL_NODE_ENTRYPOINT:
    case DFL_NODE_EXPOSE:
    case DFL_NODE_HEALTHCHECK:
    case DFL_NODE_LABEL:
    case DFL_NODE_MAINTAINER:
    case DFL_NODE_STOPSIGNAL:
    case DFL_NODE_VOLUME: return 1;
    default: return 0;
    }
}

/* Whether only the build reads the variables that an ENV sets. */
static int is_build_env(const dfl__split *s, uint32_t node) {
    for (uint32_t a = dfl__next_argument(s->rw->doc, node, 0); a != 0;
         a = dfl__next_argument(s->rw->doc, node, a)) {
        uint32_t name = dfl__node_child(s->rw->doc, a, DFL_NODE_NAME);
        if (name != 0 && !dfl__names_has(s->eco->build_env, dfl__node_value(s->rw->doc, name), 1))
            return 0;
    }
    return 1;
}

static uint32_t last_install(const dfl__split *s) {
    return s->installs.count > 0 ? s->installs.items[s->installs.count - 1].item : 0;
}

int dfl__split_is_packages(const dfl__split *s) {
    return dfl__same(s->eco->shape, "packages");
}

/* An application without a build step: its sources run as they are. */
int dfl__split_runs_sources(const dfl__split *s) {
    return dfl__split_is_packages(s) ||
           (dfl__same(s->eco->shape, "application") && !dfl__split_does(s, DFL__RUN_BUILDS, 0));
}

/* Whether every source of a COPY is a file that names dependencies. */
static int copies_manifests(const dfl__split *s, uint32_t node) {
    uint32_t next, count = 0;
    for (uint32_t a = dfl__next_argument(s->rw->doc, node, 0); a != 0; a = next, count++) {
        next = dfl__next_argument(s->rw->doc, node, a);
        if (next == 0) break;
        dfl_str name = dfl__node_value(s->rw->doc, a);
        while (dfl__starts(name, "./"))
            name = dfl__sub(name, 2, name.len);
        int hit = dfl__names_has(s->eco->manifests, name, 1);
        /* "package*.json" matches the manifests that it stands for. */
        for (uint32_t i = 0; i < s->eco->manifests.count && !hit; i++)
            hit = dfl__find(name, '*', 0) < name.len &&
                  dfl__glob(dfl__rewrite_z(s->rw, name), dfl__str(s->eco->manifests.items[i]));
        if (!hit) return 0;
    }
    return count > 0;
}

int dfl__split_copies_context(const dfl__split *s, uint32_t item) {
    const dfl__transfer *t = s->items.items[item].transfer;
    uint32_t flag = 0;
    if (instr_of(s, item)->kind != DFL_NODE_COPY || t == NULL || t->from != 0 || t->parents ||
        t->count != 1)
        return 0;
    dfl_str name = s->rw->model->taken.items[t->first].text;
    (void)dfl__flag_value(s->rw->doc, t->node, "exclude", &flag);
    return flag == 0 && (dfl__eqz(name, ".") || dfl__eqz(name, "./"));
}

/* Where a COPY or ADD puts what it takes. 0 when that is not known. */
static int destination_of(dfl__split *s, uint32_t item, dfl__destination *to) {
    const dfl__transfer *t = s->items.items[item].transfer;
    if (t == NULL) return 0;
    if (dfl__destination_of(t, 0, s->rw->arena, to) != DFL_OK) s->rw->failed = DFL_E_NOMEM;
    return s->rw->failed == DFL_OK && to->known;
}

/* Whether the last COPY of the whole context brings what the item brings, to the same place. */
static int is_brought(dfl__split *s, uint32_t item) {
    const dfl__transfer *t = s->items.items[item].transfer;
    dfl__destination to, whole;
    if (s->copies_to == 0 || t == NULL || t->from != 0 || t->count == 0) return 0;
    if (!destination_of(s, item, &to) || !destination_of(s, s->copies_to - 1, &whole)) return 0;
    for (uint32_t i = 0; i < t->count; i++) {
        const dfl__taken *taken = &s->rw->model->taken.items[t->first + i];
        dfl_str root = dfl__rewrite_join(s->rw, DFL__LIT("/"), taken->text);
        dfl_str file = dfl__rewrite_join(s->rw, whole.path, dfl__sub(root, 1, root.len));
        dfl_str inside = dfl__rewrite_join(s->rw, to.path, dfl__path_base(root));
        if (taken->heredoc || !(dfl__eq(to.path, file) || dfl__eq(inside, file))) return 0;
    }
    return 1;
}

int dfl__split_is_brought(dfl__split *s, uint32_t item) {
    return is_brought(s, item) && (s->items.items[s->copies_to - 1].stages & DFL__IN_RUNTIME) != 0;
}

int dfl__split_copies_file(dfl__split *s, uint32_t item, dfl_str path) {
    const dfl__transfer *t = s->items.items[item].transfer;
    dfl__destination to;
    if (dfl__split_copies_context(s, item) || !destination_of(s, item, &to)) return 0;
    for (uint32_t i = 0; i < t->count; i++) {
        dfl_str base = dfl__path_base(s->rw->model->taken.items[t->first + i].text);
        dfl_str file = to.directory == 1 ? dfl__rewrite_join(s->rw, to.path, base) : to.path;
        if (dfl__path_is_below(path, file)) return 1;
    }
    return 0;
}

/* Whether a COPY brings something by its name that the start command names. */
static int copies_named(dfl__split *s, uint32_t item) {
    int found = 0;
    for (uint32_t i = 0; i < s->named.count; i++) {
        dfl__named *named = &s->named.items[i];
        if (dfl__split_is_covered(s, named->path) || !dfl__split_copies_file(s, item, named->path))
            continue;
        named->is_copied = found = 1;
    }
    return found;
}

/* Whether a COPY puts named files outside the working directory, where a build keeps its sources:
 * those are for the program, such as its configuration. */
static int copies_elsewhere(dfl__split *s, uint32_t item) {
    const dfl__transfer *t = s->items.items[item].transfer;
    dfl_str workdir = s->items.items[item].workdir;
    dfl__destination to;
    if (workdir.len == 0 || !destination_of(s, item, &to)) return 0;
    dfl_str first = t->count > 0 ? s->rw->model->taken.items[t->first].text : dfl__str("");
    return !dfl__eqz(first, ".") && !dfl__eqz(first, "./") &&
           !dfl__path_is_below(to.path, workdir) && !copies_manifests(s, instr_of(s, item)->node);
}

/* Whether a COPY names a directory that programs of the language read at run time. With a context,
 * what it shows is copied out of the builder. */
static int copies_assets(const dfl__split *s, uint32_t item) {
    const dfl__transfer *t = s->items.items[item].transfer;
    if (t == NULL || t->from != 0 || dfl__has_context(s->rw)) return 0;
    for (uint32_t i = 0; i < t->count; i++) {
        dfl_str name =
            dfl__rewrite_join(s->rw, DFL__LIT("/"), s->rw->model->taken.items[t->first + i].text);
        if (!dfl__names_has(s->eco->assets, dfl__path_base(name), 0)) return 0;
    }
    return t->count > 0;
}

static int is_compiled(const dfl__split *s) {
    return dfl__same(s->eco->shape, "binary") || dfl__same(s->eco->shape, "archive");
}

static unsigned copy_stages(dfl__split *s, uint32_t item) {
    /* What is copied behind the build is not for the build. */
    int behind = is_compiled(s) && s->builds_to > 0 && item >= s->builds_to;
    if (behind || (!dfl__split_runs_sources(s) && copies_elsewhere(s, item)) ||
        (is_compiled(s) && copies_assets(s, item)) || copies_named(s, item))
        return DFL__IN_BUILDER | DFL__IN_RUNTIME;
    if (s->production_stage && copies_manifests(s, instr_of(s, item)->node))
        return DFL__IN_BUILDER | DFL__IN_RUNTIME;
    if (!dfl__split_runs_sources(s)) return DFL__IN_BUILDER;
    if (item > last_install(s)) return DFL__IN_RUNTIME;
    int manifests = copies_manifests(s, instr_of(s, item)->node);
    if (manifests && (dfl__split_is_packages(s) || is_brought(s, item))) return DFL__IN_BUILDER;
    return DFL__IN_BUILDER | DFL__IN_RUNTIME;
}

unsigned dfl__split_run_stages(const dfl__split *s, uint32_t item) {
    unsigned does = s->items.items[item].does;
    int shell = s->runtime_info.image->no_shell == 0;
    if (dfl__split_runs_sources(s) && item > last_install(s)) return DFL__IN_RUNTIME;
    if (does != 0 && (does & ~(DFL__RUN_SETS_UP | DFL__RUN_USERS)) == 0 && shell)
        return DFL__IN_BUILDER | DFL__IN_RUNTIME;
    return DFL__IN_BUILDER;
}

static unsigned item_stages(dfl__split *s, uint32_t item) {
    const dfl__instr *instr = instr_of(s, item);
    if (dfl__is_configuration(instr->kind)) return DFL__IN_RUNTIME;
    switch (instr->kind) {
    case DFL_NODE_ENV:
        return is_build_env(s, instr->node) ? DFL__IN_BUILDER : DFL__IN_BUILDER | DFL__IN_RUNTIME;
    case DFL_NODE_WORKDIR: return DFL__IN_BUILDER | DFL__IN_RUNTIME;
    case DFL_NODE_ADD:
    case DFL_NODE_COPY: return copy_stages(s, item);
    case DFL_NODE_RUN: return dfl__split_run_stages(s, item);
    case DFL_NODE_USER: return s->drop_user ? DFL__IN_BUILDER : DFL__IN_BUILDER | DFL__IN_RUNTIME;
    default: return DFL__IN_BUILDER; /* ARG, SHELL: see share_variables, share_shell */
    }
}

/* Instructions that only prepare for the builder's RUNs are needless there behind the last one. */
static void trim_builder(dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        dfl__item *item = &s->items.items[i];
        if (i < s->runs_to || item->instr->kind == DFL_NODE_RUN) continue;
        if (item->instr->kind == DFL_NODE_USER && s->drop_user) item->stages = 0;
        if ((item->stages & DFL__IN_RUNTIME) != 0) item->stages = DFL__IN_RUNTIME;
    }
}

/* Only the WORKDIRs from the last absolute one on say where the runtime stage stands. */
static void trim_workdirs(dfl__split *s) {
    int seen = 0;
    for (uint32_t i = s->items.count; i-- > 0;) {
        dfl__item *item = &s->items.items[i];
        if (item->instr->kind != DFL_NODE_WORKDIR) continue;
        dfl_str path =
            dfl__node_value(s->rw->doc, dfl__next_argument(s->rw->doc, item->instr->node, 0));
        if (seen && !dfl__split_runs_sources(s)) item->stages &= ~DFL__IN_RUNTIME;
        if (item->stages == 0) item->stages = DFL__IN_BUILDER;
        if (dfl__starts(path, "/")) seen = 1;
    }
}

/* Whether the item is a command in shell form that is not written anew. */
static int starts_shell(const dfl__split *s, const dfl__instr *instr) {
    if (dfl__node_child(s->rw->doc, instr->node, DFL_NODE_SHELL_FORM) == 0) return 0;
    switch (instr->kind) {
    case DFL_NODE_CMD: return !s->start_edit.cmd_changed && !s->start_edit.entry_changed;
    case DFL_NODE_ENTRYPOINT: return !s->start_edit.entry_changed;
    case DFL_NODE_HEALTHCHECK: return s->probe.text.len == 0;
    default: return 0;
    }
}

int dfl__split_uses_shell(const dfl__split *s) {
    if (s->runtime_info.image->no_shell) return 0;
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__instr *instr = instr_of(s, i);
        if (starts_shell(s, instr) ||
            (instr->kind == DFL_NODE_RUN && (dfl__split_run_stages(s, i) & DFL__IN_RUNTIME) != 0))
            return 1;
    }
    return 0;
}

/* SHELL goes to the runtime stage where something there is run by it. */
static void share_shell(dfl__split *s) {
    if (!dfl__split_uses_shell(s)) return;
    for (uint32_t i = 0; i < s->items.count; i++) {
        if (instr_of(s, i)->kind == DFL_NODE_SHELL) s->items.items[i].stages |= DFL__IN_RUNTIME;
    }
}

/* Kinds whose text BuildKit, or a RUN's shell, expands: a start command reads no ARG. */
static int is_expanded(uint16_t kind) {
    return kind != DFL_NODE_CMD && kind != DFL_NODE_ENTRYPOINT && kind != DFL_NODE_HEALTHCHECK;
}

/* Add the names behind each `$` of the item to the set. */
static void collect_names(dfl__split *s, uint32_t item, dfl__env *names) {
    dfl_range r = dfl__node_range(s->rw->doc, instr_of(s, item)->node);
    dfl_str text = dfl__sub(s->rw->doc->source, r.start, r.end);
    for (size_t at = dfl__find(text, '$', 0); at < text.len; at = dfl__find(text, '$', at)) {
        size_t start = at + 1;
        if (start < text.len && text.ptr[start] == '{') start++;
        for (at = start; at < text.len; at++) {
            unsigned char c = (unsigned char)text.ptr[at];
            if (!dfl__is_alpha(c) && !dfl__is_digit(c) && c != '_') break;
        }
        if (at > start &&
            !dfl__env_set(names, dfl__sub(text, start, at), DFL__LIT(""), DFL__VAR_SET))
            s->rw->failed = DFL_E_NOMEM;
    }
}

static int declares_one_of(const dfl__split *s, uint32_t node, const dfl__env *names) {
    dfl_str value;
    for (uint32_t a = dfl__next_argument(s->rw->doc, node, 0); a != 0;
         a = dfl__next_argument(s->rw->doc, node, a)) {
        uint32_t name = dfl__node_child(s->rw->doc, a, DFL_NODE_NAME);
        if (name != 0 &&
            dfl__env_get(names, dfl__node_value(s->rw->doc, name), &value) == DFL__VAR_SET)
            return 1;
    }
    return 0;
}

/* An ARG, or an ENV of the build, goes to the runtime stage when something there uses it. From the
 * end on, because what is shared may use earlier ones; `s->used` keeps the names. */
static void share_variables(dfl__split *s) {
    for (uint32_t i = s->items.count; i-- > 0;) {
        const dfl__instr *instr = instr_of(s, i);
        if ((instr->kind == DFL_NODE_ARG || instr->kind == DFL_NODE_ENV) &&
            declares_one_of(s, instr->node, &s->used))
            s->items.items[i].stages |= DFL__IN_RUNTIME;
        if ((s->items.items[i].stages & DFL__IN_RUNTIME) != 0 && is_expanded(instr->kind))
            collect_names(s, i, &s->used);
    }
}

/* Where the last RUN that builds, the last RUN of the builder and the last COPY of everything are.
 */
static void find_ends(dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        if ((s->items.items[i].does & DFL__RUN_BUILDS) != 0) s->builds_to = i + 1;
        if (dfl__split_copies_context(s, i)) s->copies_to = i + 1;
    }
}

void dfl__split_roles(dfl__split *s) {
    find_ends(s);
    for (uint32_t i = 0; i < s->items.count; i++) {
        s->items.items[i].stages = item_stages(s, i);
        if (instr_of(s, i)->kind == DFL_NODE_RUN &&
            (s->items.items[i].stages & DFL__IN_BUILDER) != 0)
            s->runs_to = i + 1;
    }
    trim_workdirs(s);
    share_shell(s);
    trim_builder(s);
    share_variables(s);
    for (s->anchor = s->items.count; s->anchor > 0; s->anchor--) {
        if ((s->items.items[s->anchor - 1].stages & DFL__IN_BUILDER) != 0) break;
    }
}
