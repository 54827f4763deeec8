/* argv.c -- the program that a command runs, and start commands as a list of arguments.
 * Relies on shell.h.
 * Never guesses an option: an unknown one of a wrapper makes the program unknown. */
#include "shell/shell.h"

#include <string.h>

#include "base/path.h"

enum { PLAIN, SKIPPED, UNKNOWN };

/* Programs that run another one. Options with a value take it as the next word or, when the option
 * is one letter, from its own word. */
typedef struct {
    char name[8];
    const char *flags;  /* letters of options without a value; together in one word too */
    const char *values; /* letters of options with a value */
    int assigns;        /* NAME=value before the program */
} wrapper;

static const wrapper wrappers[] = {
    {"command", "p", "", PLAIN}, {"env", "i0", "uC", SKIPPED}, {"exec", "cl", "a", PLAIN},
    {"nice", "", "n", PLAIN},    {"nohup", "", "", PLAIN},     {"sudo", "EHn", "ug", SKIPPED},
    {"time", "p", "", UNKNOWN},
};

/* Commands that a shell alone has, or that mean something else as a program. */
static const char *const shell_only[] = {
    ".",       ":",      "[[",   "alias",   "bg",      "break",  "builtin",  "cd",
    "command", "coproc", "eval", "exec",    "exit",    "export", "fg",       "getopts",
    "hash",    "jobs",   "let",  "local",   "return",  "read",   "readonly", "set",
    "shift",   "source", "time", "times",   "trap",    "type",   "ulimit",   "umask",
    "unalias", "unset",  "wait", "declare", "typeset", "shopt",  "continue", "!"};

static const wrapper *find_wrapper(dfl_str program) {
    dfl_str name = dfl__path_base(program);
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++) {
        if (dfl__eqz(name, wrappers[i].name)) return &wrappers[i];
    }
    return NULL;
}

static int is_assignment(dfl_str word) {
    return dfl__find(word, '=', 1) < word.len;
}

/* How many words the option takes, itself included; 0 when it is not known. */
static uint32_t option_words(const wrapper *w, dfl_str option) {
    if (dfl__eqz(option, "-")) return dfl__eqz(dfl__str(w->name), "env") ? 1 : 0;
    for (size_t i = 1; i < option.len; i++) {
        char c = option.ptr[i];
        if (strchr(w->values, c) != NULL) return i + 1 == option.len ? 2 : 1;
        if (strchr(w->flags, c) == NULL) return 0;
    }
    return 1;
}

/* The word after the options of the wrapper at `at`; UINT32_MAX when one is not known. */
static uint32_t skip_options(const dfl__sh_cmd *cmd, const wrapper *w, uint32_t at) {
    int options = 1;
    for (at++; at < cmd->word_count;) {
        dfl_str word = cmd->words[at].value;
        if (!cmd->words[at].literal) return UINT32_MAX;
        if (options && dfl__eqz(word, "--")) {
            options = 0;
            at++;
        } else if (options && word.len > 0 && word.ptr[0] == '-') {
            uint32_t n = option_words(w, word);
            if (n == 0 || n > cmd->word_count - at) return UINT32_MAX;
            if (n == 2 && !cmd->words[at + 1].literal) return UINT32_MAX;
            at += n;
        } else if (w->assigns != PLAIN && is_assignment(word)) {
            /* For bash the assignment is one, for dash it is the name of a program. */
            if (w->assigns == UNKNOWN) return UINT32_MAX;
            options = 0;
            at++;
        } else {
            return at;
        }
    }
    return at;
}

uint32_t dfl__shell_program(const dfl__sh_cmd *cmd) {
    uint32_t at = 0;
    if (cmd->kind != DFL__CMD_SIMPLE || cmd->word_count == 0) return UINT32_MAX;
    for (;;) {
        if (!cmd->words[at].literal) return UINT32_MAX;
        const wrapper *w = find_wrapper(cmd->words[at].value);
        if (w == NULL) break;
        uint32_t next = skip_options(cmd, w, at);
        if (next == UINT32_MAX) return UINT32_MAX;
        if (next == cmd->word_count) return at;
        at = next;
    }
    /* `time ! program`: a pipeline after `time`. */
    return at > 0 && dfl__eqz(cmd->words[at].value, "!") ? UINT32_MAX : at;
}

static int is_shell_only(dfl_str program) {
    return DFL__IS_ONE_OF(program, shell_only);
}

/* Whether an operator follows the command: `;`, as others would have made another command of it or
 * are noted in it. */
static int ends_in_operator(const dfl__shell *shell, uint32_t at) {
    dfl_str text = shell->text;
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t' || text.ptr[at] == '\n' ||
                             text.ptr[at] == '\\'))
        at++;
    return at < text.len && text.ptr[at] != '#';
}

/* The first word of the arguments; UINT32_MAX when the text is more than one plain command. */
static uint32_t first_argument(const dfl__shell *shell) {
    if (shell->cmd_count != 1 || shell->opaque) return UINT32_MAX;
    const dfl__sh_cmd *cmd = &shell->cmds[0];
    if (cmd->kind != DFL__CMD_SIMPLE || cmd->negated || cmd->background) return UINT32_MAX;
    if (cmd->assign_count > 0 || cmd->redir_count > 0) return UINT32_MAX;
    if (ends_in_operator(shell, cmd->end)) return UINT32_MAX;
    for (uint32_t i = 0; i < cmd->word_count; i++) {
        if (!cmd->words[i].literal) return UINT32_MAX;
    }
    uint32_t first = cmd->word_count > 0 && dfl__eqz(cmd->words[0].value, "exec") ? 1 : 0;
    if (first == cmd->word_count) return UINT32_MAX;
    dfl_str program = cmd->words[first].value;
    int option = first == 1 && program.len > 0 && program.ptr[0] == '-';
    return option || program.len == 0 || (first == 0 && is_shell_only(program)) ? UINT32_MAX
                                                                                : first;
}

int dfl__shell_argv(dfl__shell *shell, dfl_str **argv, uint32_t *argc) {
    uint32_t first = first_argument(shell);
    if (first == UINT32_MAX) return 0;
    const dfl__sh_cmd *cmd = &shell->cmds[0];
    size_t count = cmd->word_count - first;
    if (count > SIZE_MAX / sizeof(dfl_str)) return 0;
    dfl_str *list = dfl__arena_get(&shell->arena, count * sizeof *list);
    if (list == NULL) return 0;
    for (size_t i = 0; i < count; i++)
        list[i] = cmd->words[first + i].value;
    *argv = list;
    *argc = (uint32_t)count;
    return 1;
}
