/* invoke.c -- how shells are called: their names, their options, `#!`, `sh -c`, a script as input.
 * Relies on shell.h.
 * Never guesses an option: an unknown one of a shell hides the script. */
#include "shell/shell.h"

#include <string.h>

#include "base/path.h"

int dfl__is_posix_shell(dfl_str path) {
    static const char *const shells[] = {"sh", "bash", "dash", "ash", "zsh", "ksh"};
    return DFL__IS_ONE_OF(dfl__path_base(path), shells);
}

int dfl__has_option(dfl_str word, char letter) {
    if (word.len < 2 || word.ptr[0] != '-' || word.ptr[1] == '-') return 0;
    return dfl__find(word, letter, 0) < word.len;
}

/* The next word of a `#!` line. */
static dfl_str next_word(dfl_str line, size_t *at) {
    while (*at < line.len && (line.ptr[*at] == ' ' || line.ptr[*at] == '\t'))
        ++*at;
    size_t start = *at;
    while (*at < line.len && line.ptr[*at] != ' ' && line.ptr[*at] != '\t')
        ++*at;
    return dfl__sub(line, start, *at);
}

int dfl__is_shell_script(dfl_str body, int *errexit) {
    if (!dfl__starts(body, "#!")) return 1;
    dfl_str line = dfl__trim(dfl__sub(body, 2, dfl__find(body, '\n', 0)));
    size_t at = 0;
    dfl_str program = dfl__path_base(next_word(line, &at));
    if (dfl__eqz(program, "env")) {
        program = next_word(line, &at);
        if (dfl__eqz(program, "-S")) program = next_word(line, &at);
    }
    if (!dfl__is_posix_shell(program)) return 0;
    *errexit = 0;
    for (dfl_str word = next_word(line, &at); word.len > 0; word = next_word(line, &at))
        *errexit |= dfl__has_option(word, 'e');
    return 1;
}

/* How many words an option of a shell takes, itself included; 0 when it is not known. `*script` is
 * set when one of its letters says that a script follows the options. */
static uint32_t option_words(dfl_str word, int *script) {
    static const char *const names[] = {"--login", "--noprofile", "--norc",
                                        "--posix", "--verbose",   "--restricted"};
    static const char letters[] = "abefhiklmnprstuvxBCEHPTcoO";
    uint32_t count = 1;
    if (DFL__IS_ONE_OF(word, names)) return 1;
    for (size_t i = 1; i < word.len; i++) {
        char c = word.ptr[i];
        if (c == '\0' || strchr(letters, c) == NULL) return 0;
        if (c == 'c') *script |= word.ptr[0] == '-';
        if (c == 'o' || c == 'O') count++;
    }
    return count;
}

/* Index of the first operand of the program, a POSIX shell; word_count when there is none,
 * UINT32_MAX when it is not known. */
static uint32_t operand_of(const dfl__sh_cmd *cmd, int *script) {
    uint32_t at = dfl__shell_program(cmd);
    *script = 0;
    if (at == UINT32_MAX || !dfl__is_posix_shell(cmd->words[at].value)) return UINT32_MAX;
    for (at++; at < cmd->word_count;) {
        dfl_str word = cmd->words[at].value;
        int ends = dfl__eqz(word, "--") || dfl__eqz(word, "-");
        if (!cmd->words[at].literal) return UINT32_MAX;
        if (ends) return at + 1;
        if (word.len == 0 || (word.ptr[0] != '-' && word.ptr[0] != '+')) return at;
        uint32_t count = option_words(word, script);
        if (count == 0 || count > cmd->word_count - at) return UINT32_MAX;
        at += count;
    }
    return at;
}

uint32_t dfl__shell_script(const dfl__sh_cmd *cmd) {
    int script;
    uint32_t at = operand_of(cmd, &script);
    return script && at < cmd->word_count && cmd->words[at].literal ? at : UINT32_MAX;
}

int dfl__reads_script(const dfl__sh_cmd *cmd) {
    int script;
    return operand_of(cmd, &script) == cmd->word_count && !script;
}

int dfl__is_heredoc(const dfl__sh_redir *redir) {
    return redir->op[0] == '<' && redir->op[1] == '<' && redir->op[2] != '<';
}

int dfl__is_lone_heredoc(const dfl__shell *shell) {
    const dfl__sh_cmd *cmd = shell->cmds;
    return shell->cmd_count == 1 && cmd->kind == DFL__CMD_SIMPLE && cmd->word_count == 0 &&
           cmd->assign_count == 0 && cmd->redir_count == 1 && dfl__is_heredoc(cmd->redirs);
}
