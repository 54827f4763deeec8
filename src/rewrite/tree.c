/* tree.c -- programs that run from a tree: an application with its dependencies, or dependencies
 * apart from sources, and which directories of it are copied.
 * Relies on split.h.
 * Never takes a directory for all of an installation that may lie elsewhere. */
#include "base/path.h"
#include "rewrite/split.h"

/* The start command may need what is installed for development. */
void dfl__tree_keep_development(dfl__split *s) {
    s->development = 1;
    for (uint32_t i = 0; i < s->installs.count; i++)
        s->installs.items[i].used = 1;
}

/* Whether a path of the start command lies in what is installed, or comes with a COPY. */
static int is_in_tree(dfl__split *s, dfl_str program) {
    dfl_str path = dfl__split_absolute(s, program);
    if (path.len == 0 || dfl__find(program, '/', 0) == program.len) return 0;
    for (uint32_t i = 0; i < s->installs.count; i++) {
        dfl_str into = s->installs.items[i].into;
        if (into.len == 0 || !dfl__path_is_below(path, into)) continue;
        dfl__tree_keep_development(s);
        return 1;
    }
    return dfl__move_is_copied(s, path);
}

/* The program of a tree: an interpreter, or something its image or its dependencies bring. */
static int starts_from_tree(dfl__split *s) {
    dfl_str program = s->start.argv[s->program];
    if (s->script != NULL || is_in_tree(s, program) ||
        dfl__names_has(s->eco->interpreters, program, 1) ||
        dfl__names_has(s->image.image->provides, program, 0))
        return 1;
    /* A console script lies where the dependencies are copied to. */
    if (dfl__same(s->eco->shape, "packages") && dfl__find(program, '/', 0) == program.len) return 1;
    dfl__plan_refuse(s->rw, "split.artifact-unknown", s->start.range,
                     "line %u starts %S, which neither the image nor what is installed or copied "
                     "is known to have. Start the program with its interpreter, or COPY it",
                     dfl__line_of(s->rw, s->start.range.start), &program);
    return 0;
}

static int refuse_cannot(dfl__split *s, const dfl__install *install) {
    dfl_range range = dfl__split_range(s, install->item);
    dfl__plan_refuse(s->rw, "split.editable", range,
                     "line %u installs in place (editable), so what it installs points back at the "
                     "sources and cannot be copied. Install without that option",
                     dfl__line_of(s->rw, range.start));
    return 0;
}

/* The script of the start command, resolved through a named script of the context. */
static dfl_str start_script(dfl__split *s) {
    dfl_str command, *argv;
    dfl__shell shell;
    uint32_t argc, used;
    if (dfl__names_has(s->eco->interpreters, s->start.argv[s->program], 1)) {
        for (uint32_t i = s->program + 1; i < s->start.argc; i++) {
            if (!dfl__starts(s->start.argv[i], "-")) return s->start.argv[i];
        }
        return dfl__str("");
    }
    for (uint32_t i = 0; i < s->eco->script_runners.count; i++) {
        if (!dfl__command_matches(s->eco->script_runners.items[i], s->start.argv + s->program,
                                  s->start.argc - s->program, &used))
            continue;
        dfl_str name = s->program + used < s->start.argc ? s->start.argv[s->program + used]
                                                         : DFL__LIT("start");
        dfl_str fact = dfl__rewrite_fmt(s->rw, "%s%S", s->eco->script_fact, &name);
        if (!dfl__fact(s->rw, dfl__rewrite_z(s->rw, fact), 0, &command)) continue;
        if (dfl__shell_scan(command, 64, &s->rw->plan->alloc, &shell) != DFL_OK) break;
        dfl_str script = {"", 0};
        if (dfl__shell_argv(&shell, &argv, &argc) && argc > 1 &&
            dfl__names_has(s->eco->interpreters, argv[0], 1))
            script = dfl__rewrite_text(s->rw, argv[argc - 1]);
        dfl__shell_free(&shell);
        return script;
    }
    return dfl__str("");
}

/* Directory, as a build rule names it, that the script lies in; empty when there is none. */
static dfl_str output_of(dfl__split *s, dfl_str script) {
    if (script.len == 0) return script;
    dfl_str path = dfl__split_absolute(s, script);
    const dfl__writer *writer = dfl__split_writer(s, path);
    return writer != NULL && writer->rule != NULL ? writer->path : dfl__str("");
}

static int refuse_elsewhere(dfl__split *s, const dfl__install *install, const char *because) {
    dfl_range range = dfl__split_range(s, install->item);
    dfl__plan_refuse(s->rw, "split.install-place", range, "line %u installs %s",
                     dfl__line_of(s->rw, range.start), because);
    return 0;
}

/* Whether the path lies below a working directory of the stage. */
static int is_in_workdir(const dfl__split *s, dfl_str path) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        dfl_str dir = s->items.items[i].workdir;
        if (dir.len > 1 && dfl__path_is_below(path, dir)) return 1;
    }
    return s->scope.workdir_known && dfl__path_is_below(path, s->scope.workdir);
}

/* The last installation into the application's own tree; NULL when there is none, or one whose
 * result would not be copied with it: that is refused. Those of the tree are marked. */
static const dfl__install *own_install(dfl__split *s) {
    const dfl__install *found = NULL;
    int builds = dfl__split_does(s, DFL__RUN_BUILDS, 0);
    for (uint32_t i = 0; i < s->installs.count; i++) {
        dfl__install *install = &s->installs.items[i];
        int outside =
            install->into.len == 0 || (builds ? !dfl__path_is_below(install->into, s->scope.workdir)
                                              : !is_in_workdir(s, install->into));
        if (install->tools_only && outside) continue;
        if (outside) {
            (void)refuse_elsewhere(s, install,
                                   "outside of the last WORKDIR, which is what is copied. Install "
                                   "there, or keep one WORKDIR for all of the application");
            return NULL;
        }
        install->own = 1;
        found = install;
    }
    if (found == NULL) dfl__split_nothing_built(s);
    return found;
}

static int has_artifact(const dfl__split *s, dfl_str from) {
    for (uint32_t i = 0; i < s->artifacts.count; i++) {
        if (dfl__eq(s->artifacts.items[i].from, from)) return 1;
    }
    return 0;
}

/* What each installation of the application's own tree writes. */
static int add_installs(dfl__split *s) {
    for (uint32_t i = 0; i < s->installs.count; i++) {
        const dfl__install *install = &s->installs.items[i];
        if (install->own && !has_artifact(s, install->into))
            (void)dfl__split_add(s, install->into, install->into, NULL, 1);
    }
    return s->rw->failed == DFL_OK;
}

static int is_only_place(const dfl__split *s, const dfl__install *install) {
    for (uint32_t i = 0; i < s->installs.count; i++) {
        const dfl__install *other = &s->installs.items[i];
        if (other->own && !dfl__eq(other->into, install->into)) return 0;
    }
    return 1;
}

/* The dependencies that run from a stage of their own, beside what is built. */
static int trace_production(dfl__split *s, const dfl__install *install, dfl_str output) {
    s->production_stage = 1;
    s->production = (uint32_t)(install - s->installs.items);
    (void)dfl__split_add(s, install->into, install->into, "deps", 1);
    (void)dfl__split_add(s, output, output, NULL, 1);
    dfl__split_add_assets(s, output);
    return s->rw->failed == DFL_OK;
}

/* Sources, dependencies and build results in one tree. */
int dfl__tree_application(dfl__split *s) {
    const dfl__install *install = own_install(s);
    if (install == NULL || !starts_from_tree(s)) return 0;
    if (install->rule->bare_start &&
        !dfl__names_has(s->eco->interpreters, s->start.argv[s->program], 1))
        return refuse_elsewhere(s, install,
                                "where the package manager links packages from, which may lie "
                                "outside of the application. Start the program with its "
                                "interpreter");
    if (!dfl__split_does(s, DFL__RUN_BUILDS, 0)) return add_installs(s);
    dfl_str output = dfl__has_context(s->rw) ? output_of(s, start_script(s)) : dfl__str("");
    if (output.len > 0 && !install->production && install->rule->production.count > 0 &&
        is_only_place(s, install))
        return trace_production(s, install, output);
    if (!install->production && !s->development) s->prune = dfl__str(install->rule->prune);
    if (!s->scope.workdir_known || dfl__eqz(s->scope.workdir, "/"))
        return dfl__split_refuse_artifact(s, s->scope.workdir);
    return dfl__split_add(s, s->scope.workdir, s->scope.workdir, NULL, 0);
}

/* The environment that an earlier command made and that PATH leads to. */
static dfl_str active_environment(const dfl__split *s) {
    dfl_str path = {"", 0};
    (void)dfl__env_get(&s->scope.env, DFL__LIT("PATH"), &path);
    for (uint32_t i = 0; i < s->installs.count; i++) {
        dfl_str into = s->installs.items[i].into;
        if (!s->installs.items[i].rule->environment || into.len == 0) continue;
        if (path.len > into.len && dfl__eq(dfl__sub(path, 0, into.len), into) &&
            path.ptr[into.len] == '/')
            return into;
    }
    return dfl__str("");
}

static int refuse_place(dfl__split *s, const dfl__install *install) {
    dfl_range range = dfl__split_range(s, install->item);
    int home = install->as_user && install->rule->stage_flag[0] != '\0';
    dfl__plan_refuse(s->rw, "split.install-place", range,
                     "it is not known where line %u installs%s", dfl__line_of(s->rw, range.start),
                     home ? ", as it does not run as root and the user's home directory is not "
                            "known. Install before USER, or set ENV HOME and install with --user"
                          : ". Install into an environment of its own, or below the working "
                            "directory");
    return 0;
}

/* Dependencies that are installed apart from the sources. */
int dfl__tree_packages(dfl__split *s) {
    dfl_str environment = active_environment(s);
    if (!starts_from_tree(s)) return 0;
    for (uint32_t i = 0; i < s->installs.count && s->rw->failed == DFL_OK; i++) {
        dfl__install *install = &s->installs.items[i];
        if (install->cannot) return refuse_cannot(s, install);
        if (install->tools_only) continue;
        if (install->into.len == 0) install->into = environment;
        int staged = install->into.len == 0;
        if (staged &&
            (install->rule->stage_flag[0] == '\0' || install->sourced || install->as_user))
            return refuse_place(s, install);
        dfl_str from = staged ? dfl__str(install->rule->stage_path) : install->into;
        dfl_str to = staged ? dfl__str(install->rule->runtime_path) : install->into;
        if (!has_artifact(s, from)) (void)dfl__split_add(s, from, to, NULL, 0);
    }
    if (s->artifacts.count > 0) return s->rw->failed == DFL_OK;
    dfl__split_nothing_built(s);
    return 0;
}
