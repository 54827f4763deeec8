/* split.c -- one stage into a builder and a runtime stage.
 * Relies on split.h, whose other files do the parts.
 * Never splits what it cannot trace: each refusal says what would make it possible. */
#include "base/path.h"
#include "rewrite/split.h"

#include <string.h>

dfl_range dfl__split_stage_range(const dfl__split *s) {
    return dfl__node_range(s->rw->doc, s->rw->model->stages.items[s->stage].node);
}

dfl_range dfl__split_range(const dfl__split *s, uint32_t item) {
    return dfl__node_range(s->rw->doc, s->items.items[item].instr->node);
}

uint32_t dfl__split_line(const dfl__split *s, uint32_t item) {
    return dfl__line_of(s->rw, dfl__split_range(s, item).start);
}

int dfl__split_accepts(dfl__split *s) {
    const dfl__stage *stage = &s->rw->model->stages.items[s->stage];
    if (dfl__stage_is_windows(s->rw, s->stage)) {
        dfl__plan_refuse(s->rw, "stage.windows", dfl__split_stage_range(s),
                         "the stage is a Windows image, whose programs and shells are not read "
                         "here: only Linux images can be split or exchanged");
        return 0;
    }
    for (uint32_t i = stage->first; i < stage->end; i++) {
        const dfl__instr *instr = &s->rw->model->instrs.items[i];
        if (instr->kind != DFL_NODE_ONBUILD) continue;
        dfl_range range = dfl__node_range(s->rw->doc, instr->node);
        dfl__plan_refuse(s->rw, "stage.onbuild", range,
                         "ONBUILD at line %u makes this image a base for others, and its triggers "
                         "need what the image holds now. Move the triggers into the files that use "
                         "the image",
                         dfl__line_of(s->rw, range.start));
        return 0;
    }
    return 1;
}

static int find_base(dfl__split *s) {
    if (!dfl__stage_image(s->rw, s->stage, 0, &s->image)) return 0;
    if (!dfl__same(s->image.image->role, "service")) return 1;
    dfl__plan_refuse(s->rw, "split.service", dfl__split_stage_range(s),
                     "%S is a service of its own with its own start script: nothing in it is only "
                     "there to build. Keep it as it is",
                     &s->rw->model->stages.items[s->stage].base);
    return 0;
}

/* Refuse a start program: what it needs is not what is copied. */
static int refuse_program(dfl__split *s, const dfl__program *program) {
    dfl_str name = s->start.argv[s->program], because = dfl__str(program->because);
    int refused = program->refuse[0] != '\0';
    const char *code = refused ? program->refuse : "runtime.needs-shell";
    code = dfl__rewrite_z(s->rw, dfl__str(code)); /* the plan may outlive the catalog */
    dfl__plan_refuse(s->rw, code, s->start.range, "line %u starts %S (%s), %s. %S",
                     dfl__line_of(s->rw, s->start.range.start), &name, program->name,
                     refused ? "which cannot run apart from what it was built with"
                             : "and what that calls in turn is not known, so neither is what the "
                               "runtime stage must hold",
                     &because);
    return 0;
}

static int find_start(dfl__split *s) {
    if (!dfl__start_of(s->rw, s->stage, &s->start)) {
        dfl__plan_refuse(s->rw, "stage.no-start", dfl__split_stage_range(s),
                         "there is no CMD or ENTRYPOINT with a program that can be read, so it is "
                         "not known what the runtime stage must hold. Add a CMD in JSON form");
        return 0;
    }
    const dfl__program *program = dfl__start_program(s->rw, &s->start, &s->program);
    if (program == NULL || program->wrapper) return s->program < s->start.argc;
    /* A program of the image itself, such as npm, is at home in a runtime image with a shell. */
    s->shell_program = program->needs_shell;
    int at_home = dfl__names_has(s->image.image->provides, s->start.argv[s->program], 0);
    if (program->refuse[0] == '\0' && (!program->needs_shell || at_home)) return 1;
    if (program->refuse[0] != '\0' || !program->script) return refuse_program(s, program);
    s->script = program;
    return 1;
}

/* Whether a RUN of the stage calls one of the ecosystem's builders. */
static int builds_with(dfl__split *s, const dfl__ecosystem *eco) {
    const dfl__stage *stage = &s->rw->model->stages.items[s->stage];
    dfl__scope scope;
    int found = 0;
    dfl__scope_init(&scope, s->rw->model, s->rw->arena);
    for (uint32_t i = stage->first; i < stage->end && !found; i++) {
        dfl__shell shell;
        uint32_t node;
        const dfl__instr *instr = &s->rw->model->instrs.items[i];
        if (instr->kind != DFL_NODE_RUN ||
            !dfl__run_commands(s->rw, &scope, instr->node, &shell, &node))
            continue;
        for (uint32_t c = 0; c < shell.cmd_count && !found; c++) {
            for (uint32_t b = 0; b < eco->build.count && !found; b++)
                found = dfl__command_is(&shell, c, eco->build.items[b].commands, NULL);
        }
        dfl__shell_free(&shell);
    }
    return found;
}

const dfl__ecosystem *dfl__split_language(const dfl__split *s, const char *language) {
    const dfl__ecosystem *eco;
    for (uint32_t i = 0; (eco = dfl__catalog_ecosystem(s->rw->catalog, i)) != NULL; i++) {
        if (language[0] != '\0' && dfl__names_has(eco->languages, dfl__str(language), 0))
            return eco;
    }
    return NULL;
}

int dfl__split_ecosystem(dfl__split *s) {
    const char *language = s->image.image->language;
    const dfl__ecosystem *eco = dfl__split_language(s, language);
    for (uint32_t i = 0; eco == NULL && language[0] == '\0'; i++) {
        const dfl__ecosystem *next = dfl__catalog_ecosystem(s->rw->catalog, i);
        if (next == NULL) break;
        if (builds_with(s, next)) eco = next;
    }
    if (eco != NULL) s->eco = eco;
    return eco != NULL;
}

void dfl__split_nothing_built(dfl__split *s) {
    dfl_range range = s->start.range;
    dfl__plan_refuse(s->rw, "split.nothing-built", range,
                     "no RUN of the file is known to build or install anything that %S needs, so "
                     "there is no builder to split off. If a script does it, name what it writes "
                     "with --artifact",
                     &s->start.argv[s->program]);
}

int dfl__split_add(dfl__split *s, dfl_str from, dfl_str to, const char *stage, int relative) {
    dfl__artifact artifact = {from, to, {"", 0}, relative, {"", 0}};
    if (stage != NULL) artifact.stage = dfl__str(stage);
    if (DFL__PUSH(&s->rw->plan->alloc, &s->artifacts, artifact)) return 1;
    s->rw->failed = DFL_E_NOMEM;
    return 0;
}

/* Last RUN that does something which is not known; the stage's FROM when there is none. */
static dfl_range suspect(const dfl__split *s) {
    for (uint32_t i = s->items.count; i-- > 0;) {
        if ((s->items.items[i].does & (DFL__RUN_UNKNOWN | DFL__RUN_BUILDS)) != 0)
            return dfl__split_range(s, i);
    }
    return dfl__split_stage_range(s);
}

/* What is started comes with a COPY, and no RUN makes anything of it. */
static int refuse_brought(dfl__split *s, dfl_str path) {
    const unsigned works = DFL__RUN_BUILDS | DFL__RUN_INSTALLS | DFL__RUN_UNKNOWN;
    if (dfl__split_does(s, works, 0) || !dfl__move_is_copied(s, path)) return 0;
    dfl__plan_refuse(s->rw, "split.nothing-built", s->start.range,
                     "line %u starts %S, which a COPY brings, and no RUN builds anything, so there "
                     "is no builder to split off. `dockerfile base` can move the stage to a "
                     "smaller image",
                     dfl__line_of(s->rw, s->start.range.start), &path);
    return 1;
}

int dfl__split_refuse_artifact(dfl__split *s, dfl_str path) {
    dfl_range range = suspect(s);
    uint32_t line = dfl__line_of(s->rw, range.start);
    dfl_str who = dfl__str("");
    if (refuse_brought(s, path)) return 0;
    if (range.start != dfl__split_stage_range(s).start)
        who = dfl__rewrite_fmt(s->rw, " (line %u may)", line);
    dfl__plan_refuse(s->rw, "split.artifact-unknown", s->start.range,
                     "line %u starts %S, but no step is known to write it%S. Name it with "
                     "--artifact %S if it is all that runs",
                     dfl__line_of(s->rw, s->start.range.start), &path, &who, &path);
    return 0;
}

/* Whether `dir` is one of the directories of PATH. */
static int on_path(const dfl__split *s, dfl_str dir) {
    dfl_str path = DFL__LIT("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    (void)dfl__env_get(&s->scope.env, DFL__LIT("PATH"), &path);
    return dfl__path_list_has(path, dir);
}

/* Where the program named `name` without a slash was written: by a command whose result lies in a
 * directory of PATH. Empty when none did. */
static dfl_str looked_up(dfl__split *s, dfl_str name) {
    for (uint32_t i = s->writers.count; i-- > 0;) {
        dfl_str written = s->writers.items[i].path;
        dfl_str dir = dfl__path_dir(written);
        if (!on_path(s, dir)) continue;
        dfl_str path = dfl__rewrite_join(s->rw, dir, name);
        if (path.ptr != NULL && dfl__split_writer(s, path) == &s->writers.items[i]) return path;
    }
    return dfl__str("");
}

/* Absolute path of the file that `word` of the start command names. */
dfl_str dfl__split_absolute(dfl__split *s, dfl_str word) {
    if (!s->scope.workdir_known && !dfl__starts(word, "/")) return dfl__str("");
    return dfl__rewrite_join(s->rw, s->scope.workdir, word);
}

/* The command of the ecosystem that built what runs: the writer itself, or before a copy the last
 * one of them. */
static void find_builder(dfl__split *s, const dfl__writer *writer) {
    if (writer != NULL && writer->rule != NULL) {
        s->built = writer;
        return;
    }
    for (uint32_t i = s->writers.count; i-- > 0;) {
        if (s->writers.items[i].rule == NULL) continue;
        s->built = &s->writers.items[i];
        return;
    }
}

static int has_fact(const dfl__split *s, dfl__names pairs) {
    for (uint32_t i = 0; i < pairs.count; i++) {
        dfl_str pair = dfl__str(pairs.items[i]), value;
        size_t equals = dfl__find(pair, '=', 0);
        const char *name = dfl__rewrite_z(s->rw, dfl__sub(pair, 0, equals));
        for (uint32_t n = 0; equals < pair.len && dfl__fact(s->rw, name, n, &value); n++) {
            if (dfl__eq(value, dfl__sub(pair, equals + 1, pair.len))) return 1;
        }
    }
    return 0;
}

static int refuse_linkage(dfl__split *s) {
    dfl_range range = suspect(s);
    dfl__plan_refuse(s->rw, "split.linkage-unknown", range,
                     "a C compiler or -dev packages are installed, so the executable may link C "
                     "libraries, and it cannot be told whether it does. Set %s on the build if it "
                     "needs none, pass --context so that the sources can be read, or choose an "
                     "image with those libraries with --runtime",
                     s->eco->static_env[0] != '\0' ? s->eco->static_env : "a static target");
    return 0;
}

/* Whether the executable is static: evidence first, then what can be made so. */
int dfl__split_linkage(dfl__split *s, const dfl__writer *writer) {
    find_builder(s, writer);
    const dfl__writer *built = s->built;
    int is_static = built != NULL && built->is_static;
    if (dfl__names_has(s->eco->static_libcs, dfl__str(s->image.libc), 0) &&
        *s->image.libc != '\0' && built != NULL)
        is_static = 1;
    if (has_fact(s, s->eco->dynamic_facts) || (built != NULL && built->is_dynamic)) {
        s->linkage = "dynamic";
    } else if (is_static) {
        s->linkage = "static";
    } else if (s->linkage_hint && !has_fact(s, s->eco->static_facts) &&
               (s->moving || s->rw->opt->runtime.len == 0)) {
        if (!s->moving) return refuse_linkage(s);
        s->linkage = "";
    } else if (s->eco->static_env[0] != '\0' && built != NULL && !built->sets_linkage) {
        s->linkage = "static";
        s->make_static = 1;
    } else {
        s->linkage = "dynamic";
    }
    return 1;
}

/* Whether the build takes directory `name` into what it writes. */
static int is_embedded(const dfl__split *s, dfl_str name) {
    dfl_str pattern;
    for (uint32_t n = 0; dfl__fact(s->rw, s->eco->embed_fact, n, &pattern); n++) {
        if (dfl__starts(pattern, "all:")) pattern = dfl__sub(pattern, 4, pattern.len);
        if (dfl__eq(dfl__sub(pattern, 0, dfl__find(pattern, '/', 0)), name)) return 1;
    }
    return 0;
}

/* Whether a COPY or ADD of the context puts the directory `name` of it to `path`. */
static int is_copied_in(dfl__split *s, dfl_str name, dfl_str path) {
    const dfl_doc *doc = s->rw->doc;
    for (uint32_t i = 0; i < s->items.count; i++) {
        uint32_t node = s->items.items[i].instr->node, last = 0, flag = 0;
        uint16_t kind = s->items.items[i].instr->kind;
        if ((kind != DFL_NODE_COPY && kind != DFL_NODE_ADD) ||
            dfl__flag_value(doc, node, "from", &flag) != 0)
            continue;
        for (uint32_t a = dfl__next_argument(doc, node, 0); a != 0;
             a = dfl__next_argument(doc, node, a))
            last = a;
        if (last == 0) continue;
        dfl_str to =
            dfl__rewrite_join(s->rw, s->items.items[i].workdir, dfl__node_value(doc, last));
        for (uint32_t a = dfl__next_argument(doc, node, 0); a != last;
             a = dfl__next_argument(doc, node, a)) {
            dfl_str from = dfl__rewrite_join(s->rw, DFL__LIT("/"), dfl__node_value(doc, a));
            int whole = dfl__eqz(from, "/") && dfl__eq(to, dfl__path_dir(path));
            if (whole || (dfl__eq(to, path) && dfl__eq(dfl__sub(from, 1, from.len), name)))
                return 1;
        }
    }
    return 0;
}

/* Directories of the context that programs of the language read at run time. */
void dfl__split_add_assets(dfl__split *s, dfl_str except) {
    dfl_str file;
    for (uint32_t n = 0; dfl__fact(s->rw, "file", n, &file); n++) {
        if (!dfl__ends(file, "/")) continue;
        dfl_str name = dfl__rewrite_text(s->rw, dfl__sub(file, 0, file.len - 1));
        if (!dfl__names_has(s->eco->assets, name, 0) || is_embedded(s, name)) continue;
        dfl_str path = dfl__split_absolute(s, name);
        if (path.len > 0 && !dfl__eq(path, except) && is_copied_in(s, name, path))
            (void)dfl__split_add(s, path, path, NULL, 1);
    }
}

static int trace_binary(dfl__split *s) {
    dfl_str program = s->start.argv[s->program], path;
    if (s->rw->opt->artifact.len > 0) {
        path = dfl__split_absolute(s, dfl__rewrite_text(s->rw, s->rw->opt->artifact));
    } else if (dfl__find(program, '/', 0) < program.len) {
        path = dfl__split_absolute(s, program);
    } else {
        path = s->program_path = looked_up(s, program);
    }
    const dfl__writer *writer = path.len > 0 ? dfl__split_writer(s, path) : NULL;
    if (s->rw->failed != DFL_OK) return 0;
    if (writer == NULL && s->rw->opt->artifact.len == 0)
        return dfl__split_refuse_artifact(s, path.len > 0 ? path : program);
    if (writer != NULL && writer->rule != NULL && writer->rule->assumes[0] != '\0' &&
        dfl__find(writer->path, '*', 0) < writer->path.len)
        s->assumption = writer->rule->assumes;
    if (!dfl__split_add(s, path, path, NULL, 0) || !dfl__split_linkage(s, writer)) return 0;
    dfl__split_add_assets(s, path);
    return s->rw->failed == DFL_OK;
}

/* Index in argv of the file behind the archive flag; 0 when there is none. */
static uint32_t archive_word(const dfl__split *s) {
    for (uint32_t i = s->program + 1; i + 1 < s->start.argc; i++) {
        if (dfl__eqz(s->start.argv[i], s->eco->archive_flag)) return i + 1;
    }
    return 0;
}

static int refuse_archive(dfl__split *s) {
    dfl__plan_refuse(s->rw, "split.artifact-unknown", s->start.range,
                     "line %u does not start one archive with %s, so it is not known which files "
                     "run. Start the archive with %s and its full name, or name it with --artifact",
                     dfl__line_of(s->rw, s->start.range.start), s->eco->archive_flag,
                     s->eco->archive_flag);
    return 0;
}

/* A wildcard names one file only where the context says what the build calls it. */
static int resolve_wildcard(dfl__split *s, dfl_str *word) {
    static const char *const facts[] = {"maven.jar", "gradle.jar"};
    dfl_str value, pattern = dfl__split_absolute(s, *word);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (!dfl__fact(s->rw, facts[i], 0, &value)) continue;
        dfl_str path = dfl__split_absolute(s, value);
        if (!dfl__glob(dfl__rewrite_z(s->rw, pattern), path)) continue;
        *word = dfl__rewrite_text(s->rw, value);
        return 1;
    }
    dfl__plan_refuse(
        s->rw, "split.wildcard-artifact", s->start.range,
        "line %u starts \"%S\", and it is not certain that exactly one file matches. "
        "Write the archive's full name, or pass --context so that the project file can "
        "say it",
        dfl__line_of(s->rw, s->start.range.start), word);
    return 0;
}

static int is_fixed(const dfl__sh_word *word) {
    return !word->has_var && !word->has_subst && !word->has_tilde;
}

/* Words of a shell form that is one command, whose archive is written out. 0 when it is not. */
static uint32_t archive_words(const dfl__split *s, const dfl__shell *shell, dfl_str *words,
                              uint32_t max, int *fixed) {
    uint32_t first, count = dfl__command_words(shell, 0, words, max, &first);
    *fixed = 1;
    if (shell->cmd_count != 1 || count == max || shell->cmds[0].redir_count > 0 ||
        shell->cmds[0].assign_count > 0)
        return 0;
    for (uint32_t i = 0; i < count; i++) {
        if (is_fixed(&shell->cmds[0].words[first + i])) continue;
        if (i > 0 && dfl__eqz(words[i - 1], s->eco->archive_flag)) return 0;
        *fixed = 0;
    }
    return count;
}

/* `java -jar` in shell form: the archive may be a wildcard, and options may stand in a variable. */
static void read_shell_form(dfl__split *s) {
    dfl__shell shell;
    dfl_str words[64];
    int fixed;
    uint32_t node = s->start.entry != 0 ? s->start.entry : s->start.cmd;
    uint32_t form = dfl__node_child(s->rw->doc, node, DFL_NODE_SHELL_FORM);
    if (form == 0 || s->start.exact) return;
    dfl_status status = dfl__shell_scan(dfl__node_value(s->rw->doc, form),
                                        s->rw->doc->limits.max_depth, &s->rw->plan->alloc, &shell);
    if (status == DFL_E_NOMEM) s->rw->failed = status;
    if (status != DFL_OK) return;
    uint32_t count = shell.cmd_count > 0
                         ? archive_words(s, &shell, words, sizeof words / sizeof *words, &fixed)
                         : 0;
    for (uint32_t i = 0; i < count; i++)
        s->start.argv[i] = dfl__rewrite_text(s->rw, words[i]);
    if (count > 0) {
        s->start.argc = count;
        s->start.entry_argc = s->start.entry != 0 ? count : 0;
        s->start.exact = fixed;
    }
    dfl__shell_free(&shell);
}

static int trace_archive(dfl__split *s) {
    read_shell_form(s);
    uint32_t at = archive_word(s);
    dfl_str path;
    if (at == 0 && s->rw->opt->artifact.len == 0) return refuse_archive(s);
    if (s->rw->opt->artifact.len > 0) {
        path = dfl__split_absolute(s, dfl__rewrite_text(s->rw, s->rw->opt->artifact));
    } else {
        dfl_str *word = &s->start.argv[at];
        if (dfl__find(*word, '*', 0) < word->len && !resolve_wildcard(s, word)) return 0;
        path = dfl__split_absolute(s, *word);
        const dfl__writer *writer = dfl__split_writer(s, path);
        if (writer == NULL) return dfl__split_refuse_artifact(s, path);
        if (writer->rule != NULL) s->assumption = writer->rule->assumes;
    }
    if (dfl__names_has(s->eco->archive_trees, dfl__path_base(path), 0)) path = dfl__path_dir(path);
    if (s->rw->failed != DFL_OK || !dfl__split_add(s, path, path, NULL, 0)) return 0;
    dfl__split_add_assets(s, path);
    return s->rw->failed == DFL_OK;
}

/* RUNs of the builder whose effect on the runtime stage is not known: before the last installation,
 * or, of an application that is built, anywhere. */
static int refuse_unknown_steps(dfl__split *s) {
    int application = dfl__same(s->eco->shape, "application");
    if (!application && !dfl__same(s->eco->shape, "packages")) return 1;
    int builds = application && dfl__split_does(s, DFL__RUN_BUILDS, 0);
    uint32_t last = s->installs.items[s->installs.count - 1].item;
    for (uint32_t i = 0; i < (builds ? s->items.count : last + 1); i++) {
        /* A program of the sources may write among them, whence an application that is built is
         * copied. */
        unsigned unknown = DFL__RUN_FOREIGN | (builds ? 0 : DFL__RUN_OWN);
        if (!application && i < last) unknown = DFL__RUN_UNKNOWN;
        if ((s->items.items[i].does & unknown) == 0) continue;
        dfl_range range = dfl__split_range(s, i);
        dfl__plan_refuse(s->rw, "split.step-unknown", range,
                         "RUN at line %u may write files that the program needs to places that are "
                         "not copied to the runtime stage. %s",
                         dfl__line_of(s->rw, range.start),
                         builds ? "COPY them from an image that has them, or write the runtime "
                                  "stage by hand"
                                : "Move that behind the dependencies, into a RUN of its own, which "
                                  "stays in the runtime stage");
        return 0;
    }
    return 1;
}

/* Whether COPY reads the name as it stands: it expands variables, removes quotes, and takes
 * brackets for a set of characters. */
static int is_plain(dfl_str path) {
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (c < ' ' || dfl__is_any_of(c, "$[\\\"'`")) return 0;
    }
    return 1;
}

static int refuse_names(dfl__split *s) {
    for (uint32_t i = 0; i < s->artifacts.count; i++) {
        const dfl_str *from = &s->artifacts.items[i].from;
        if (is_plain(*from)) continue;
        dfl__plan_refuse(s->rw, "split.wildcard-artifact", s->start.range,
                         "%S would have to be copied out of the builder, and COPY does not read "
                         "that name as it stands. Give it a plain one",
                         from);
        return 0;
    }
    return 1;
}

typedef int tracer(dfl__split *s);
static const struct {
    const char *shape;
    tracer *trace;
} tracers[] = {
    {"binary", trace_binary},
    {"archive", trace_archive},
    {"application", dfl__tree_application},
    {"packages", dfl__tree_packages},
};

/* A script goes to an image with a shell, with the tree that it starts from, or with the program
 * that CMD gives it. What it calls is an assumption. One that nothing is seen to bring is any other
 * program. */
static int accepts_script(dfl__split *s) {
    if (s->script == NULL) return 1;
    s->script_word = s->start.argv[s->program];
    int is_there = dfl__move_can_start(s, s->script_word, &s->image);
    if (!dfl__split_is_tree(s)) {
        int given = s->start.entry != 0 && s->program < s->start.entry_argc &&
                    s->start.entry_argc < s->start.argc;
        if (!given || !is_there) return refuse_program(s, s->script);
        s->program = s->start.entry_argc;
    } else if (is_there) {
        dfl__tree_keep_development(s);
    } else {
        s->script = NULL;
    }
    return 1;
}

static int trace(dfl__split *s) {
    s->linkage = "";
    s->assumption = "";
    if (!accepts_script(s)) return 0;
    for (size_t i = 0; i < sizeof tracers / sizeof *tracers; i++) {
        if (!dfl__same(s->eco->shape, tracers[i].shape)) continue;
        if (!tracers[i].trace(s) || !refuse_unknown_steps(s)) return 0;
        if (!dfl__split_is_tree(s) || s->production_stage) dfl__named_read(s);
        return s->rw->failed == DFL_OK && refuse_names(s);
    }
    return 0;
}

void dfl__split_free(dfl__split *s) {
    const dfl_alloc *alloc = &s->rw->plan->alloc;
    DFL__VEC_FREE(alloc, &s->items);
    DFL__VEC_FREE(alloc, &s->writers);
    DFL__VEC_FREE(alloc, &s->installs);
    DFL__VEC_FREE(alloc, &s->packages);
    DFL__VEC_FREE(alloc, &s->setups);
    DFL__VEC_FREE(alloc, &s->writes);
    DFL__VEC_FREE(alloc, &s->named);
    DFL__VEC_FREE(alloc, &s->artifacts);
    DFL__VEC_FREE(alloc, &s->builder_packages);
    DFL__VEC_FREE(alloc, &s->carried);
    DFL__VEC_FREE(alloc, &s->objections);
}

/* Whether there is one stage, on an image that holds more than a program needs at run time. */
static int can_apply(const dfl__split *s) {
    const dfl__stage *stage = &s->rw->model->stages.items[s->stage];
    return s->rw->model->stages.count == 1 &&
           !(stage->base_known && dfl__eqz(stage->base, "scratch"));
}

void dfl__split_body(dfl__rewrite *rw) {
    dfl__split s;
    memset(&s, 0, sizeof s);
    s.rw = rw;
    if (!can_apply(&s)) return;
    if (dfl__split_accepts(&s) && find_base(&s) && find_start(&s)) {
        if (!dfl__split_ecosystem(&s)) {
            if (s.script != NULL)
                (void)refuse_program(&s, s.script);
            else if (!dfl__same(s.image.image->role, "runtime"))
                dfl__split_nothing_built(&s);
        } else if (dfl__split_read(&s) && trace(&s) && dfl__split_runtime(&s)) {
            dfl__split_layout(&s);
        }
    }
    dfl__split_free(&s);
}

dfl_status dfl_rewrite_split(const dfl_doc *doc, const dfl_rewrite_options *opt, dfl_plan **out) {
    return dfl__rewrite_run(doc, opt, dfl__split_body, out);
}
