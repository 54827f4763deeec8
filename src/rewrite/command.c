/* command.c -- commands of RUN instructions, and the places they use.
 * Relies on rewrite.h and shell.h.
 * Never reads a shell it does not understand. */
#include <string.h>

#include "rewrite/rewrite.h"
#include "shell/lex.h"

#define WORDS_MAX 64u

int dfl__shell_is_posix(const dfl__rewrite *rw, uint32_t instruction) {
    if (instruction == 0) return 1;
    uint32_t program = dfl__next_argument(rw->doc, instruction, 0);
    return program != 0 && dfl__is_posix_shell(dfl__node_value(rw->doc, program));
}

/* A RUN whose whole command is one heredoc runs its body; `<<EOF` beside words feeds it to them.
 * The body's own `#!` makes it a program, not a script of the stage's shell. */
static uint32_t script_node(const dfl__rewrite *rw, uint32_t instruction, uint32_t form) {
    uint32_t heredoc = dfl__node_child(rw->doc, instruction, DFL_NODE_HEREDOC);
    if (heredoc == 0) return form;
    dfl_str text = dfl__node_value(rw->doc, form);
    size_t at = 0;
    while (at < text.len && dfl__is_digit((unsigned char)text.ptr[at]))
        at++;
    if (!dfl__starts(dfl__sub(text, at, text.len), "<<")) return 0;
    if (dfl__find(text, ' ', 0) < text.len || dfl__find(text, '\t', 0) < text.len) return 0;
    uint32_t body = dfl__node_child(rw->doc, heredoc, DFL_NODE_HEREDOC_BODY);
    return body != 0 && !dfl__starts(dfl__node_value(rw->doc, body), "#!") ? body : 0;
}

int dfl__run_commands(dfl__rewrite *rw, const dfl__scope *scope, uint32_t instruction,
                      dfl__shell *shell, uint32_t *node) {
    uint32_t form = dfl__node_child(rw->doc, instruction, DFL_NODE_SHELL_FORM);
    if (rw->failed != DFL_OK || form == 0 || !dfl__shell_is_posix(rw, scope->shell)) return 0;
    *node = script_node(rw, instruction, form);
    if (*node == 0) return 0;
    dfl_status status = dfl__shell_scan(dfl__node_value(rw->doc, *node), rw->doc->limits.max_depth,
                                        &rw->plan->alloc, shell);
    if (status == DFL_E_NOMEM) rw->failed = status;
    return status == DFL_OK;
}

/* Text of a word: its value when it is literal, else as written. */
static dfl_str word_text(const dfl__shell *shell, const dfl__sh_word *word) {
    return word->literal ? word->value : dfl__sub(shell->text, word->start, word->end);
}

uint32_t dfl__command_words(const dfl__shell *shell, uint32_t cmd, dfl_str *words, uint32_t max,
                            uint32_t *first) {
    const dfl__sh_cmd *c = &shell->cmds[cmd];
    uint32_t count = 0;
    *first = 0;
    if (c->kind != DFL__CMD_SIMPLE || c->word_count == 0) return 0;
    uint32_t program = dfl__shell_program(c);
    if (program == UINT32_MAX) return 0;
    *first = program;
    for (uint32_t i = program; i < c->word_count && count < max; i++)
        words[count++] = word_text(shell, &c->words[i]);
    return count;
}

int dfl__command_is(const dfl__shell *shell, uint32_t cmd, dfl__names patterns, uint32_t *used) {
    dfl_str words[WORDS_MAX];
    uint32_t first, count = dfl__command_words(shell, cmd, words, WORDS_MAX, &first);
    for (uint32_t i = 0; count > 0 && i < patterns.count; i++) {
        if (dfl__command_matches(patterns.items[i], words, count, used)) return 1;
    }
    return 0;
}

dfl_str dfl__command_workdir(dfl__rewrite *rw, const dfl__shell *shell, uint32_t cmd,
                             dfl_str workdir) {
    for (uint32_t i = 0; i < cmd && workdir.len > 0; i++) {
        dfl_str words[3];
        uint32_t first, count = dfl__command_words(shell, i, words, 3, &first);
        if (count == 0 || !dfl__eqz(words[0], "cd")) continue;
        const dfl__sh_cmd *c = &shell->cmds[i];
        /* A cd of a subshell or a pipe ends with it. */
        if (c->in_pipe || c->in_subst ||
            (c->parent != shell->cmds[cmd].parent && c->parent != UINT32_MAX))
            continue;
        if (count != 2 || c->conditional || !c->words[first + 1].literal) return dfl__str("");
        workdir = dfl__path_join(rw->arena, workdir, words[1]);
        if (workdir.ptr == NULL) {
            rw->failed = DFL_E_NOMEM;
            return dfl__str("");
        }
    }
    return workdir;
}

/* What a place may refer to. */
typedef struct {
    dfl__rewrite *rw;
    const dfl__shell *shell;
    const dfl__sh_cmd *cmd;
    const dfl__scope *scope;
} place_of;

/* Value of option `name` among the command's words: "--x v", "--x=v". `*bare` when it is there
 * without a value. */
static int option_value(const place_of *p, dfl_str name, dfl_str *value, int *bare) {
    for (uint32_t i = 0; i < p->cmd->word_count; i++) {
        const dfl__sh_word *word = &p->cmd->words[i];
        dfl_str text = word_text(p->shell, word);
        if (text.len < name.len || !dfl__eq(dfl__sub(text, 0, name.len), name)) continue;
        if (text.len == name.len) {
            *bare = 1;
            if (i + 1 >= p->cmd->word_count || !p->cmd->words[i + 1].literal) return 0;
            *value = word_text(p->shell, &p->cmd->words[i + 1]);
            return 1;
        }
        if (text.ptr[name.len] != '=' || !word->literal) continue;
        *value = dfl__sub(text, name.len + 1, text.len);
        return 1;
    }
    return 0;
}

/* Value of an assignment before the command: NAME=value cmd. */
static int assigned_value(const place_of *p, dfl_str name, dfl_str *value, int *known) {
    for (uint32_t i = p->cmd->assign_count; i-- > 0;) {
        dfl_str text = word_text(p->shell, &p->cmd->assigns[i]);
        if (text.len <= name.len || text.ptr[name.len] != '=' ||
            !dfl__eq(dfl__sub(text, 0, name.len), name))
            continue;
        *known = p->cmd->assigns[i].literal;
        *value = dfl__sub(text, name.len + 1, text.len);
        return 1;
    }
    return 0;
}

static int variable_value(const place_of *p, dfl_str name, dfl_str *value) {
    int known;
    if (assigned_value(p, name, value, &known)) return known && value->len > 0;
    return dfl__env_get(&p->scope->env, name, value) == DFL__VAR_SET && value->len > 0;
}

/* Name of the variable that a word is as a whole: $NAME, "${NAME}". Empty when it is none. */
static dfl_str variable_name(dfl_str text) {
    if (text.len > 2 && text.ptr[0] == '"' && dfl__ends(text, "\""))
        text = dfl__sub(text, 1, text.len - 1);
    if (!dfl__starts(text, "$")) return dfl__str("");
    text = dfl__sub(text, 1, text.len);
    if (dfl__starts(text, "{") && dfl__ends(text, "}")) text = dfl__sub(text, 1, text.len - 1);
    return dfl__sh_is_name(text) ? text : dfl__str("");
}

static int begins_with_name(const dfl__shell *shell, const dfl__sh_word *words, uint32_t count,
                            dfl_str name) {
    for (uint32_t i = 0; i < count; i++) {
        dfl_str text = dfl__sub(shell->text, words[i].start, words[i].end);
        if (dfl__starts(text, "\"")) text = dfl__sub(text, 1, text.len);
        if (text.len >= name.len && dfl__eq(dfl__sub(text, 0, name.len), name)) return 1;
    }
    return 0;
}

/* Whether the script may give the variable another value: an assignment, a word of export, read or
 * their like, or a loop. */
static int may_assign(const dfl__shell *shell, dfl_str name) {
    for (uint32_t i = 0; i < shell->cmd_count; i++) {
        const dfl__sh_cmd *cmd = &shell->cmds[i];
        if (cmd->kind == DFL__CMD_COMPOUND || cmd->kind == DFL__CMD_OPAQUE ||
            begins_with_name(shell, cmd->assigns, cmd->assign_count, name) ||
            begins_with_name(shell, cmd->words, cmd->word_count, name))
            return 1;
    }
    return 0;
}

/* The command's last word, if it is no option: a literal, or a variable of the stage. */
static int last_operand(const place_of *p, dfl_str *value) {
    const dfl__sh_word *word = &p->cmd->words[p->cmd->word_count - 1];
    if (!word->literal) {
        dfl_str name = variable_name(dfl__sub(p->shell->text, word->start, word->end));
        return name.len > 0 && !may_assign(p->shell, name) && variable_value(p, name, value) &&
               dfl__find(*value, ' ', 0) == value->len && !dfl__starts(*value, "-");
    }
    if (word->value.len == 0 || word->value.ptr[0] == '-') return 0;
    *value = word->value;
    return 1;
}

/* Whether a switch in the environment is set to "no". */
static int is_off(dfl_str value) {
    static const char *const words[] = {"0", "false", "no", "off", "n", "f"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (dfl__ieqz(value, words[i])) return 1;
    }
    return 0;
}

/* Append what "{...}" stands for; 0 when it does not resolve. */
static int add_reference(const place_of *p, dfl_str reference, dfl__buf *out) {
    dfl_str value = {"", 0};
    int bare = 0;
    if (dfl__eqz(reference, "#")) {
        if (!last_operand(p, &value)) return 0;
    } else if (reference.len > 0 && reference.ptr[0] == '$') {
        int bare_name = dfl__ends(reference, "?");
        if (!variable_value(p, dfl__sub(reference, 1, reference.len - (size_t)bare_name), &value))
            return 0;
        if (bare_name) return !is_off(value);
    } else if (dfl__ends(reference, "?")) {
        int found = option_value(p, dfl__sub(reference, 0, reference.len - 1), &value, &bare);
        return found || bare;
    } else if (!option_value(p, reference, &value, &bare)) {
        return 0;
    }
    dfl__buf_add(out, value);
    return 1;
}

/* Append the path that `place` spells; 0 when a part does not resolve. */
static int add_place(const place_of *p, dfl_str place, dfl_str home, dfl__buf *out) {
    size_t at = 0;
    if (place.len > 0 && place.ptr[0] == '~') {
        if (home.len == 0) return 0;
        dfl__buf_add(out, home);
        at = 1;
    }
    while (at < place.len) {
        size_t open = dfl__find(place, '{', at);
        dfl__buf_add(out, dfl__sub(place, at, open));
        if (open == place.len) break;
        size_t close = dfl__find(place, '}', open);
        if (close == place.len) return 0;
        if (!add_reference(p, dfl__sub(place, open + 1, close), out)) return 0;
        at = close + 1;
    }
    return out->failed == DFL_OK;
}

/* Make `path` absolute below `workdir`, keeping a "/" at its end. */
static int absolute(dfl__rewrite *rw, dfl_str workdir, dfl_str path, dfl_str *out) {
    int directory = dfl__ends(path, "/");
    if (path.len == 0 || (path.ptr[0] != '/' && workdir.len == 0)) return 0;
    dfl_str joined = dfl__path_join(rw->arena, workdir, path);
    if (joined.ptr == NULL) {
        rw->failed = DFL_E_NOMEM;
        return 0;
    }
    *out = directory && joined.len > 1 ? dfl__rewrite_fmt(rw, "%S/", &joined) : joined;
    return 1;
}

int dfl__place(dfl__rewrite *rw, dfl__names places, const dfl__shell *shell, uint32_t cmd,
               const dfl__scope *scope, const dfl__image_info *image, dfl_str *out) {
    place_of p = {rw, shell, &shell->cmds[cmd], scope};
    dfl_str home = dfl__scope_home(rw, scope, image);
    dfl_str workdir =
        scope->workdir_known ? dfl__command_workdir(rw, shell, cmd, scope->workdir) : dfl__str("");
    int found = 0;
    dfl__buf path;
    dfl__buf_init(&path, &rw->plan->alloc, 0);
    for (uint32_t i = 0; i < places.count && !found && rw->failed == DFL_OK; i++) {
        path.len = 0;
        if (!add_place(&p, dfl__str(places.items[i]), home, &path)) continue;
        found = absolute(rw, workdir, dfl__buf_str(&path), out);
    }
    if (path.failed == DFL_E_NOMEM) rw->failed = DFL_E_NOMEM;
    dfl__buf_free(&path);
    return found;
}
