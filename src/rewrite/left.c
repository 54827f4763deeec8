/* left.c -- what the one stage held and the runtime stage does not: refused where a command is seen
 * to make it for the program, else stated.
 * Relies on split.h; runtime.c has chosen the image.
 * Never speaks of what the copies of the runtime stage bring all the same. */
#include "base/path.h"
#include "model/destination.h"
#include "rewrite/split.h"

int dfl__split_is_covered(const dfl__split *s, dfl_str path) {
    for (uint32_t i = 0; i < s->artifacts.count; i++) {
        const dfl__artifact *a = &s->artifacts.items[i];
        if (dfl__eq(a->from, a->to) && dfl__path_is_below(path, a->from)) return 1;
    }
    return 0;
}

/* --- what RUNs write */

/* Directories that no program expects to find anything in. */
static int is_passing(dfl_str path) {
    static const char *const dirs[] = {"/tmp", "/var/tmp", "/dev", "/proc", "/sys", "/run"};
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        if (dfl__path_is_below(path, dfl__str(dirs[i]))) return 1;
    }
    return 0;
}

/* Whether only tools of the build read the file. */
static int is_settings(const dfl__split *s, dfl_str path) {
    const dfl__tool *tool;
    if (dfl__names_has(s->eco->manifests, dfl__path_base(path), 1)) return 1;
    for (uint32_t i = 0; (tool = dfl__catalog_tool(s->rw->catalog, i)) != NULL; i++) {
        for (uint32_t n = 0; n < tool->settings.count; n++)
            if (dfl__path_is_below(path, dfl__str(tool->settings.items[n]))) return 1;
    }
    return 0;
}

static int stays_behind(const dfl__split *s, uint32_t item) {
    return s->items.items[item].instr->kind == DFL_NODE_RUN &&
           (dfl__split_run_stages(s, item) & DFL__IN_RUNTIME) == 0;
}

static int builds(const dfl__split *s) {
    return dfl__split_does(s, DFL__RUN_BUILDS, 0);
}

/* Whether the runtime stage lacks a path that a RUN of the builder writes. Of an application that
 * is built, what lies in its own directory is copied, or stated. */
static int is_lost(const dfl__split *s, uint32_t item, dfl_str path) {
    return path.len > 0 && stays_behind(s, item) && !is_passing(path) && !is_settings(s, path) &&
           !dfl__split_is_covered(s, path) &&
           !(builds(s) && dfl__path_is_below(path, s->scope.workdir));
}

static int refuse(dfl__split *s, uint32_t item, const char *what, dfl_str path, const char *hint) {
    dfl__plan_refuse(s->rw, "split.step-unknown", dfl__split_range(s, item),
                     "RUN at line %u %s%S, which the program may need, and has to stay in the "
                     "builder. %s",
                     dfl__split_line(s, item), what, &path, hint);
    return 0;
}

#define OWN_RUN "Put that into a RUN of its own, which goes to both stages"

static int refuse_writes(dfl__split *s) {
    for (uint32_t i = 0; i < s->writes.count; i++) {
        const dfl__write *w = &s->writes.items[i];
        if (!is_lost(s, w->item, w->path)) continue;
        return refuse(s, w->item, "writes ", w->path,
                      builds(s) ? "COPY it to its place, or write it below the working directory"
                                : "Move that behind the dependencies, into the runtime stage");
    }
    return 1;
}

/* Whether a directory is there without the RUN: VOLUME makes it. */
static int is_volume(const dfl__split *s, dfl_str path) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__instr *instr = s->items.items[i].instr;
        uint32_t a =
            instr->kind == DFL_NODE_VOLUME ? dfl__next_argument(s->rw->doc, instr->node, 0) : 0;
        for (; a != 0; a = dfl__next_argument(s->rw->doc, instr->node, a))
            if (dfl__path_is_below(dfl__node_value(s->rw->doc, a), path)) return 1;
    }
    return 0;
}

/* Of a program that is compiled only what is no part of the build counts. */
static int refuse_setups(dfl__split *s) {
    const unsigned works = DFL__RUN_BUILDS | DFL__RUN_INSTALLS | DFL__RUN_UNKNOWN;
    for (uint32_t i = 0; i < s->setups.count; i++) {
        const dfl__setup *setup = &s->setups.items[i];
        unsigned does = s->items.items[setup->item].does;
        if (!dfl__split_is_tree(s) && (does & works) != 0) continue;
        if (!is_lost(s, setup->item, setup->path) || dfl__split_is_build_path(s, setup->path))
            continue;
        if (setup->is_made && is_volume(s, setup->path)) continue;
        return refuse(s, setup->item, "sets up ", setup->path, OWN_RUN);
    }
    return 1;
}

static int refuse_users(dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        if ((s->items.items[i].does & DFL__RUN_USERS) == 0 || !stays_behind(s, i)) continue;
        return refuse(s, i, "makes users or groups", dfl__str(""), OWN_RUN);
    }
    return 1;
}

/* Whether a plain image of the target's distribution has the program. */
static int family_has(const dfl__split *s, dfl_str program) {
    const dfl__release *release = s->runtime_info.release;
    const dfl__image *image;
    for (uint32_t i = 0; (image = dfl__catalog_image(s->rw->catalog, i)) != NULL; i++) {
        dfl__image_info info;
        if (!dfl__same(image->role, "os") || release == NULL ||
            !dfl__names_has(image->provides, program, 0))
            continue;
        dfl__catalog_describe(s->rw->catalog, dfl__str(image->repositories.items[0]), &info);
        if (info.release != NULL && dfl__same(info.release->family, release->family)) return 1;
    }
    return 0;
}

static int has_program(const dfl__split *s, dfl_str program) {
    if (dfl__eqz(program, "sh") || dfl__split_same_image(s, s->runtime) ||
        dfl__names_has(s->runtime_info.image->provides, program, 0))
        return 1;
    for (uint32_t i = 0; i < s->packages.count; i++) {
        if (dfl__eq(s->packages.items[i].name, program)) return 1;
    }
    return family_has(s, program);
}

/* What stays in the runtime stage is run by the shell that SHELL names. */
static int refuse_shell(dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count && dfl__split_uses_shell(s); i++) {
        const dfl__instr *instr = s->items.items[i].instr;
        uint32_t word =
            instr->kind == DFL_NODE_SHELL ? dfl__next_argument(s->rw->doc, instr->node, 0) : 0;
        if (word == 0) continue;
        dfl_str program = dfl__path_base(dfl__node_value(s->rw->doc, word));
        if (has_program(s, program)) continue;
        dfl__plan_refuse(s->rw, "runtime.needs-shell", dfl__split_range(s, i),
                         "SHELL at line %u names %S, which %S is not known to have, and commands "
                         "of the runtime stage are run by it. Install it as a package, or name an "
                         "image that has it with --runtime",
                         dfl__split_line(s, i), &program, &s->runtime);
        return 0;
    }
    return 1;
}

int dfl__left_refuse(dfl__split *s) {
    int tree = dfl__split_is_tree(s), shell = !s->runtime_info.image->no_shell;
    return (!tree || (refuse_writes(s) && refuse_users(s))) && (!shell || refuse_setups(s)) &&
           refuse_shell(s);
}

/* --- what COPY and ADD bring */

/* Whether what the item copies is not in the runtime stage. */
static int is_left(dfl__split *s, uint32_t item) {
    const dfl__transfer *t = s->items.items[item].transfer;
    dfl__destination to;
    if (t == NULL || (s->items.items[item].stages & DFL__IN_RUNTIME) != 0) return 0;
    if (dfl__destination_of(t, 0, s->rw->arena, &to) != DFL_OK) {
        s->rw->failed = DFL_E_NOMEM;
        return 0;
    }
    return !(to.known && dfl__split_is_covered(s, to.path)) && !dfl__split_is_brought(s, item);
}

/* What the item copies, for a sentence; a here-document by where it goes. */
static dfl_str sources(dfl__split *s, const dfl__transfer *t) {
    dfl_str text = dfl__str("");
    for (uint32_t i = 0; i < t->count; i++) {
        const dfl__taken *taken = &s->rw->model->taken.items[t->first + i];
        const dfl_str *name = taken->heredoc ? &t->destination.text : &taken->text;
        text = dfl__rewrite_fmt(s->rw, "%S%s%S", &text, i > 0 ? ", " : "", name);
    }
    return text;
}

static void assume_copies(dfl__split *s, uint32_t step) {
    for (uint32_t i = 0; i < s->items.count && s->rw->failed == DFL_OK; i++) {
        if (!is_left(s, i)) continue;
        dfl_str names = sources(s, s->items.items[i].transfer);
        dfl__plan_assume(s->rw, step,
                         "the program reads nothing of what line %u copies to the builder alone "
                         "(%S)",
                         dfl__split_line(s, i), &names);
    }
}

void dfl__left_assume(dfl__split *s, uint32_t step) {
    assume_copies(s, step);
    for (uint32_t i = 0; i < s->items.count; i++) {
        if ((s->items.items[i].does & DFL__RUN_OWN) == 0 || !stays_behind(s, i)) continue;
        dfl__plan_assume(s->rw, step, "line %u writes nothing outside of %S that the program needs",
                         dfl__split_line(s, i), &s->scope.workdir);
    }
}
