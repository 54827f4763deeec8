/* trace.c -- what the commands of a stage do, and which of them wrote a path.
 * Relies on split.h.
 * Never takes a command for more than the catalog, or a standard utility's manual, says of it. */
#include <string.h>

#include "base/path.h"
#include "rewrite/split.h"

#define WORDS_MAX 128u

/* Standard utilities that set up directories, owners and modes. */
static const char *const setup_commands[] = {"mkdir", "chown", "chmod",
                                             "chgrp", "touch", "install"};
/* ... that make users and groups. */
static const char *const user_commands[] = {"useradd",  "adduser", "groupadd",
                                            "addgroup", "usermod", "passwd"};
/* ... and those that change nothing which a later stage could miss. */
static const char *const neutral_commands[] = {
    "cd",     "set", "echo", "true",  ":",    "rm",   "ls",     "export", "test",  "[",   "pwd",
    "printf", "cat", "hash", "shopt", "trap", "type", "ulimit", "umask",  "unset", "wait"};
/* Utilities that the smallest images with a shell have as well, and what the shell itself does. */
static const char *const common_commands[] = {
    ".",    "eval", "source",  "awk", "basename", "bash", "cmp",  "cp",   "cut",
    "date", "diff", "dirname", "env", "find",     "grep", "gzip", "head", "id",
    "ln",   "mv",   "sed",     "sh",  "sleep",    "sort", "stat", "tail", "tar",
    "tee",  "tr",   "uname",   "wc",  "xargs",    "exit"};
/* Options of package managers whose next word is their value. */
static const char *const value_options[] = {
    "-t", "--target-release", "--virtual", "-X", "--repository", "-o", "-c", "--enablerepo"};

/* One command being read. */
typedef struct {
    dfl__split *s;
    uint32_t item;
    const dfl__shell *shell;
    uint32_t cmd;
    uint32_t node; /* its text */
    dfl_str words[WORDS_MAX];
    uint32_t count, first;
    dfl_str stranger; /* its program, when that is not known */
} reader;

static const dfl__sh_cmd *cmd_of(const reader *r) {
    return &r->shell->cmds[r->cmd];
}

static uint32_t source_offset(const reader *r, uint32_t at) {
    dfl_node node = {r->s->rw->doc, r->node, 0};
    return dfl_node_source_offset(node, at);
}

static void no_memory(dfl__split *s) {
    s->rw->failed = DFL_E_NOMEM;
}

/* Value of NAME in `NAME=value` facts of the catalog; 0 when `pair` is about another name. */
static int pair_matches(dfl_str pair, dfl_str name, dfl_str value) {
    size_t equals = dfl__find(pair, '=', 0);
    return equals < pair.len && dfl__eq(dfl__sub(pair, 0, equals), name) &&
           dfl__eq(dfl__sub(pair, equals + 1, pair.len), value);
}

/* Whether the command's environment, its own assignments first, has one of `pairs`. */
static int env_has(const reader *r, dfl__names pairs) {
    const dfl__sh_cmd *cmd = cmd_of(r);
    for (uint32_t i = 0; i < pairs.count; i++) {
        dfl_str pair = dfl__str(pairs.items[i]), value;
        dfl_str name = dfl__sub(pair, 0, dfl__find(pair, '=', 0));
        for (uint32_t a = 0; a < cmd->assign_count; a++) {
            if (cmd->assigns[a].literal && dfl__eq(cmd->assigns[a].value, pair)) return 1;
        }
        if (dfl__env_get(&r->s->scope.env, name, &value) == DFL__VAR_SET &&
            pair_matches(pair, name, value))
            return 1;
    }
    return 0;
}

static int env_sets(const reader *r, const char *pair) {
    const dfl__sh_cmd *cmd = cmd_of(r);
    dfl_str text = dfl__str(pair), value;
    dfl_str name = dfl__sub(text, 0, dfl__find(text, '=', 0));
    for (uint32_t a = 0; a < cmd->assign_count; a++) {
        dfl_str raw = dfl__sub(r->shell->text, cmd->assigns[a].start, cmd->assigns[a].end);
        if (raw.len > name.len && raw.ptr[name.len] == '=' &&
            dfl__eq(dfl__sub(raw, 0, name.len), name))
            return 1;
    }
    return dfl__env_get(&r->s->scope.env, name, &value) != DFL__VAR_UNSET;
}

static int words_have(const reader *r, dfl__names patterns) {
    for (uint32_t i = 1; i < r->count; i++) {
        if (dfl__names_has(patterns, r->words[i], 1)) return 1;
    }
    return 0;
}

static int read_build(reader *r) {
    dfl__split *s = r->s;
    const dfl__ecosystem *eco = s->eco;
    int found = 0;
    for (uint32_t i = 0; i < eco->build.count; i++) {
        const dfl__build_rule *rule = &eco->build.items[i];
        dfl__writer writer;
        uint32_t used;
        if (!dfl__command_is(r->shell, r->cmd, rule->commands, &used)) continue;
        found = 1;
        memset(&writer, 0, sizeof writer);
        if (!dfl__place(s->rw, rule->outputs, r->shell, r->cmd, &s->scope, &s->image, &writer.path))
            continue;
        writer.item = r->item;
        writer.start = source_offset(r, cmd_of(r)->start);
        writer.rule = rule;
        dfl__names own = {&eco->static_env, eco->static_env[0] != '\0'};
        writer.is_static = words_have(r, eco->static_words) || env_has(r, own);
        writer.is_dynamic = words_have(r, eco->dynamic_words) || env_has(r, eco->dynamic_env);
        writer.sets_linkage = eco->static_env[0] != '\0' && env_sets(r, eco->static_env);
        if (!DFL__PUSH(&s->rw->plan->alloc, &s->writers, writer)) no_memory(s);
    }
    return found;
}

/* Whether all operands behind the sub-command are tools that only the build needs. */
static int installs_tools(const reader *r, uint32_t used) {
    uint32_t operands = 0;
    for (uint32_t i = used; i < r->count; i++) {
        dfl_str name = dfl__sub(r->words[i], 0, dfl__find(r->words[i], '=', 0));
        name = dfl__sub(name, 0, dfl__find(name, '@', 1)); /* @scope/name@version */
        if (dfl__starts(name, "-")) continue;
        if (!dfl__names_has(r->s->eco->tools, name, 0)) return 0;
        operands++;
    }
    return operands > 0;
}

/* Whether an earlier command of the RUN reads a script into the shell, such as `activate`. */
static int is_sourced(const reader *r) {
    for (uint32_t i = 0; i < r->cmd; i++) {
        dfl_str word;
        uint32_t first;
        if (dfl__command_words(r->shell, i, &word, 1, &first) == 1 &&
            (dfl__eqz(word, ".") || dfl__eqz(word, "source")))
            return 1;
    }
    return 0;
}

static int read_install(reader *r) {
    dfl__split *s = r->s;
    for (uint32_t i = 0; i < s->eco->install.count; i++) {
        const dfl__install_rule *rule = &s->eco->install.items[i];
        dfl__install install;
        uint32_t used;
        if (!dfl__command_is(r->shell, r->cmd, rule->commands, &used)) continue;
        memset(&install, 0, sizeof install);
        const dfl__sh_word *last = &cmd_of(r)->words[r->first + used - 1];
        install.item = r->item;
        install.after = source_offset(r, last->end);
        install.rule = rule;
        install.into = dfl__str("");
        (void)dfl__place(s->rw, rule->into, r->shell, r->cmd, &s->scope, &s->image, &install.into);
        install.sourced = is_sourced(r);
        install.as_user = dfl__user_is_root(&s->scope) != 1;
        install.tools_only = installs_tools(r, used);
        install.cannot = words_have(r, rule->cannot);
        install.production = words_have(r, rule->production) || env_has(r, rule->production_env) ||
                             cmd_of(r)->conditional;
        if (!DFL__PUSH(&s->rw->plan->alloc, &s->installs, install)) no_memory(s);
        return 1;
    }
    return 0;
}

/* Whether the command is the rule's `prune`: the program and its sub-command. */
static int is_prune(const reader *r, const dfl__install_rule *rule) {
    dfl_str text = dfl__str(rule->prune);
    size_t program = dfl__find(text, ' ', 0), end = dfl__find(text, ' ', program + 1);
    return text.len > 0 && r->count > 1 && dfl__eq(r->words[0], dfl__sub(text, 0, program)) &&
           dfl__eq(r->words[1], dfl__sub(text, program + 1, end));
}

/* A command that takes development dependencies out of what was installed before. */
static void read_prune(reader *r) {
    for (uint32_t i = 0; i < r->s->installs.count; i++) {
        dfl__install *install = &r->s->installs.items[i];
        if (is_prune(r, install->rule) &&
            (words_have(r, install->rule->production) || env_has(r, install->rule->production_env)))
            install->production = 1;
    }
}

/* "libpq5" of "libpq5=15.1-0", "curl" of "curl~=8". */
static dfl_str package_name(dfl_str word) {
    size_t end = 0;
    while (end < word.len && memchr("=<>~", word.ptr[end], 4) == NULL)
        end++;
    return dfl__sub(word, 0, end);
}

static void read_packages(reader *r, const dfl__tool *tool, uint32_t subcommand) {
    dfl__split *s = r->s;
    for (uint32_t i = subcommand + 1; i < r->count; i++) {
        if (dfl__starts(r->words[i], "-")) {
            if (DFL__IS_ONE_OF(r->words[i], value_options)) i++;
            continue;
        }
        if (!cmd_of(r)->words[r->first + i].literal) {
            s->packages_unknown = 1;
            continue;
        }
        dfl__os_package package = {package_name(r->words[i]), tool, r->item};
        package.name = dfl__rewrite_text(s->rw, package.name);
        if (dfl__names_has(s->eco->dynamic_packages, package.name, 1)) s->linkage_hint = 1;
        if (!DFL__PUSH(&s->rw->plan->alloc, &s->packages, package)) no_memory(s);
    }
}

/* A call of an OS package manager: its packages are noted. */
static int read_tool(reader *r) {
    const dfl__tool *tool;
    for (uint32_t i = 0; (tool = dfl__catalog_tool(r->s->rw->catalog, i)) != NULL; i++) {
        if (tool->install.count == 0 || !dfl__command_is(r->shell, r->cmd, tool->commands, NULL))
            continue;
        uint32_t at = 1;
        while (at < r->count && dfl__starts(r->words[at], "-"))
            at++;
        if (at < r->count && dfl__names_has(tool->install, r->words[at], 0))
            read_packages(r, tool, at);
        return 1;
    }
    return 0;
}

/* Note that the command writes what `word` names, where that is known. */
static void note_write(reader *r, const dfl__sh_word *word) {
    dfl__split *s = r->s;
    dfl_str workdir = dfl__command_workdir(s->rw, r->shell, r->cmd, s->scope.workdir);
    if (!word->literal || word->value.len == 0 ||
        (workdir.len == 0 && !dfl__starts(word->value, "/")))
        return;
    dfl__write write = {r->item, dfl__rewrite_join(s->rw, workdir, word->value)};
    if (!DFL__PUSH(&s->rw->plan->alloc, &s->writes, write)) no_memory(s);
}

/* Utilities that may write what they are given: those operands count that say where from the root
 * on. */
static void note_operands(reader *r) {
    static const char *const writers[] = {"bash", "find", "gzip", "sed",
                                          "sh",   "tar",  "tee",  "xargs"};
    if (!DFL__IS_ONE_OF(r->words[0], writers)) return;
    for (uint32_t i = 1; i < r->count; i++) {
        if (dfl__starts(r->words[i], "/")) note_write(r, &cmd_of(r)->words[r->first + i]);
    }
}

/* cp, mv, install, ln: the last operand is written. */
static int read_copy(reader *r) {
    static const char *const copiers[] = {"cp", "mv", "install", "ln"};
    dfl__split *s = r->s;
    if (!DFL__IS_ONE_OF(r->words[0], copiers) || r->count < 3) return 0;
    const dfl__sh_word *last = &cmd_of(r)->words[r->first + r->count - 1];
    dfl_str workdir = dfl__command_workdir(s->rw, r->shell, r->cmd, s->scope.workdir);
    dfl_str to = r->words[r->count - 1];
    if (!last->literal || (workdir.len == 0 && !dfl__starts(to, "/"))) return 0;
    dfl__writer writer;
    memset(&writer, 0, sizeof writer);
    writer.item = r->item;
    writer.start = source_offset(r, cmd_of(r)->start);
    writer.path = dfl__rewrite_join(s->rw, workdir, to);
    if (dfl__ends(to, "/")) writer.path = dfl__rewrite_fmt(s->rw, "%S/", &writer.path);
    note_write(r, last);
    if (!DFL__PUSH(&s->rw->plan->alloc, &s->writers, writer)) no_memory(s);
    return 1;
}

/* mkdir, chown and their like: the paths they name. The first operand of chown, chmod and chgrp is
 * an owner or a mode, which no file is named like. */
static int read_setup(reader *r) {
    dfl__split *s = r->s;
    if (!DFL__IS_ONE_OF(r->words[0], setup_commands)) return 0;
    dfl_str workdir = dfl__command_workdir(s->rw, r->shell, r->cmd, s->scope.workdir);
    uint32_t first = dfl__starts(r->words[0], "ch") ? 2 : 1, operand = 0;
    dfl_str owner = dfl__str("");
    int makes = dfl__eqz(r->words[0], "mkdir");
    for (uint32_t i = 1; i < r->count; i++)
        makes &= !dfl__starts(r->words[i], "-") || dfl__eqz(r->words[i], "-p") ||
                 dfl__eqz(r->words[i], "--parents");
    for (uint32_t i = 1; i < r->count; i++) {
        dfl__setup setup = {r->item, {"", 0}, makes, owner};
        if (dfl__starts(r->words[i], "-")) continue;
        if (++operand < first) {
            if (dfl__eqz(r->words[0], "chown")) owner = dfl__rewrite_text(s->rw, r->words[i]);
            continue;
        }
        int known = cmd_of(r)->words[r->first + i].literal &&
                    (workdir.len > 0 || dfl__starts(r->words[i], "/"));
        if (known) setup.path = dfl__rewrite_join(s->rw, workdir, r->words[i]);
        if (!DFL__PUSH(&s->rw->plan->alloc, &s->setups, setup)) no_memory(s);
    }
    return 1;
}

/* Whether the program is one that the ecosystem builds or installs with. */
static int is_own_tool(const reader *r, const char *pattern) {
    dfl_str words = dfl__str(pattern);
    return dfl__eq(dfl__sub(words, 0, dfl__find(words, ' ', 0)), r->words[0]);
}

/* Whether a command that is not known may write outside the directory it works in: another
 * program than the language's own, or one of the sources. */
static int is_foreign(const reader *r) {
    const dfl__ecosystem *eco = r->s->eco;
    dfl_str program = r->words[0];
    if (DFL__IS_ONE_OF(program, common_commands) || dfl__names_has(eco->interpreters, program, 0))
        return 0;
    if (dfl__names_has(eco->tools, program, 0)) return 0;
    if (dfl__find(program, '/', 0) < program.len && !dfl__starts(program, "/")) return 0;
    for (uint32_t i = 0; i < eco->install.count; i++) {
        for (uint32_t c = 0; c < eco->install.items[i].commands.count; c++)
            if (is_own_tool(r, eco->install.items[i].commands.items[c])) return 0;
    }
    for (uint32_t i = 0; i < eco->build.count; i++) {
        for (uint32_t c = 0; c < eco->build.items[i].commands.count; c++)
            if (is_own_tool(r, eco->build.items[i].commands.items[c])) return 0;
    }
    return 1;
}

/* What was installed before may be used by the command. */
static void use_installs(dfl__split *s) {
    for (uint32_t i = 0; i < s->installs.count; i++)
        s->installs.items[i].used = 1;
}

static unsigned read_command(reader *r) {
    unsigned does = 0;
    read_prune(r);
    if (read_build(r)) does |= DFL__RUN_BUILDS;
    if (read_install(r)) does |= DFL__RUN_INSTALLS;
    if (does == 0 && dfl__command_is(r->shell, r->cmd, r->s->eco->harmless, NULL)) return 0;
    if (does == 0 && read_tool(r)) does = DFL__RUN_PACKAGES;
    if (does == 0 && read_copy(r)) does = DFL__RUN_UNKNOWN;
    if (does == 0 && read_setup(r)) does = DFL__RUN_SETS_UP;
    if (does == 0 && DFL__IS_ONE_OF(r->words[0], user_commands)) does = DFL__RUN_USERS;
    if (does == 0 && !DFL__IS_ONE_OF(r->words[0], neutral_commands)) {
        does = DFL__RUN_UNKNOWN;
        note_operands(r);
        int foreign = is_foreign(r);
        if (foreign) r->stranger = r->words[0];
        if (!foreign && !DFL__IS_ONE_OF(r->words[0], common_commands)) {
            does |= DFL__RUN_OWN;
            use_installs(r->s);
        }
        /* What the interpreter itself writes may be anywhere but where packages are installed. */
        if (foreign || (dfl__same(r->s->eco->shape, "packages") &&
                        dfl__names_has(r->s->eco->interpreters, r->words[0], 1)))
            does |= DFL__RUN_FOREIGN;
    }
    return does;
}

/* Whether the command's output goes to a file, which is noted. */
static int writes_file(reader *r) {
    const dfl__sh_cmd *cmd = cmd_of(r);
    int writes = 0;
    for (uint32_t i = 0; i < cmd->redir_count; i++) {
        const dfl__sh_redir *redir = &cmd->redirs[i];
        dfl_str target = dfl__sub(r->shell->text, redir->target.start, redir->target.end);
        int out = redir->op[0] == '>' || (redir->op[0] == '&' && redir->op[1] == '>');
        if (!out || strcmp(redir->op, ">&") == 0 || dfl__eqz(target, "/dev/null")) continue;
        note_write(r, &redir->target);
        writes = 1;
    }
    return writes;
}

/* What the RUN does; what else is noted of it goes to `out`. */
static unsigned read_run(dfl__split *s, uint32_t item, const dfl__instr *instr, dfl__item *out) {
    dfl__shell shell;
    uint32_t node;
    unsigned does = 0;
    if (!dfl__run_commands(s->rw, &s->scope, instr->node, &shell, &node))
        return DFL__RUN_UNKNOWN | DFL__RUN_FOREIGN;
    for (uint32_t i = 0; i < shell.cmd_count && s->rw->failed == DFL_OK; i++) {
        reader r;
        r.s = s;
        r.item = item;
        r.shell = &shell;
        r.cmd = i;
        r.node = node;
        r.stranger = dfl__str("");
        if (writes_file(&r) || shell.cmds[i].conditional) out->intricate = 1;
        r.count = dfl__command_words(&shell, i, r.words, WORDS_MAX, &r.first);
        if (r.count > 0) {
            does |= read_command(&r);
            if (out->stranger.len == 0 && r.stranger.len > 0)
                out->stranger = dfl__rewrite_text(s->rw, r.stranger);
        } else if (shell.cmds[i].kind == DFL__CMD_OPAQUE ||
                   (shell.cmds[i].kind == DFL__CMD_SIMPLE && shell.cmds[i].word_count > 0)) {
            does |= DFL__RUN_UNKNOWN;
        }
    }
    dfl__shell_free(&shell);
    return does;
}

/* The transfer of a COPY or ADD; `*next` is where those of the instructions behind it begin. Within
 * a stage they stand in its order. */
static const dfl__transfer *transfer_of(const dfl__split *s, uint32_t node, uint32_t *next) {
    const dfl_model *model = s->rw->model;
    for (uint32_t i = *next; i < model->transfers.count; i++) {
        const dfl__transfer *t = &model->transfers.items[i];
        if (t->stage != s->stage || t->doc != s->rw->doc || t->node != node) continue;
        *next = i + 1;
        return t;
    }
    return NULL;
}

int dfl__split_read(dfl__split *s) {
    dfl__rewrite *rw = s->rw;
    const dfl__stage *stage = &rw->model->stages.items[s->stage];
    dfl__stage_scope(rw, s->stage, &s->scope);
    dfl__env_init(&s->used, rw->arena);
    uint32_t transfers = 0;
    for (uint32_t i = stage->first + 1; i < stage->end && rw->failed == DFL_OK; i++) {
        dfl__item item;
        memset(&item, 0, sizeof item);
        item.instr = &rw->model->instrs.items[i];
        item.workdir = s->scope.workdir_known ? s->scope.workdir : dfl__str("");
        item.user = s->scope.user_known ? s->scope.user : dfl__str("");
        item.runtime_text = item.owner = item.stranger = dfl__str("");
        if (item.instr->kind == DFL_NODE_COPY || item.instr->kind == DFL_NODE_ADD)
            item.transfer = transfer_of(s, item.instr->node, &transfers);
        if (item.instr->kind == DFL_NODE_RUN)
            item.does = read_run(s, s->items.count, item.instr, &item);
        if (rw->failed == DFL_OK) rw->failed = dfl__scope_apply(&s->scope, item.instr);
        if (!DFL__PUSH(&rw->plan->alloc, &s->items, item)) no_memory(s);
    }
    return rw->failed == DFL_OK;
}

/* Whether a writer of `written` can have written `path`: the same, below it, or matched by the
 * pattern of its last part. */
static int can_write(dfl__rewrite *rw, dfl_str written, dfl_str path) {
    size_t slash = written.len - dfl__path_base(written).len;
    if (dfl__eq(written, path)) return 1;
    if (path.len > written.len && dfl__eq(dfl__sub(path, 0, written.len), written) &&
        (dfl__ends(written, "/") || path.ptr[written.len] == '/'))
        return 1;
    if (dfl__find(written, '*', 0) == written.len) return 0;
    if (path.len <= slash || !dfl__eq(dfl__sub(path, 0, slash), dfl__sub(written, 0, slash)))
        return 0;
    dfl_str name = dfl__sub(path, slash, path.len);
    return dfl__find(name, '/', 0) == name.len &&
           dfl__glob(dfl__rewrite_z(rw, dfl__path_base(written)), name);
}

const dfl__writer *dfl__split_writer(const dfl__split *s, dfl_str path) {
    for (uint32_t i = s->writers.count; i-- > 0;) {
        if (can_write(s->rw, s->writers.items[i].path, path)) return &s->writers.items[i];
    }
    return NULL;
}

int dfl__split_does(const dfl__split *s, unsigned flag, uint32_t from) {
    for (uint32_t i = from; i < s->items.count; i++) {
        if ((s->items.items[i].does & flag) != 0) return 1;
    }
    return 0;
}
