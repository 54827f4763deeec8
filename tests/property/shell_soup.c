/* shell_soup.c -- answers one line for each NUL-terminated script on standard input.
 * Relies on the shell scanner. A line: status, opaque, bash, then for each command `|kind`, a
 * letter for each flag, and its words, `[start,end)` with `=hex` of the value when it is literal.
 * Never prints a scan whose structure is inconsistent: it stops the process. */
#include "shell/shell.h"

#include <stdio.h>
#include <stdlib.h>

static void require(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static void print_word(const dfl__sh_word *word, const dfl__sh_cmd *cmd, char tag) {
    require(word->start >= cmd->start && word->end <= cmd->end, "word inside its command");
    require(word->start < word->end, "word not empty");
    require(!word->literal || !(word->has_var || word->has_subst || word->has_tilde), "flags");
    printf(" %c[%u,%u)", tag, word->start, word->end);
    if (!word->literal) return;
    putchar('=');
    for (size_t i = 0; i < word->value.len; i++)
        printf("%02x", (unsigned char)word->value.ptr[i]);
}

/* Children lie inside their parent and follow it; operators lie between neighbours. */
static void check_command(const dfl__shell *shell, uint32_t index) {
    const dfl__sh_cmd *cmd = &shell->cmds[index];
    require(cmd->start <= cmd->end && cmd->end <= shell->text.len, "range of a command");
    require((cmd->op == DFL__OP_NONE) == (cmd->op_start == cmd->op_end), "range of an operator");
    require(cmd->op_end <= cmd->start, "operator before its command");
    if (cmd->parent != UINT32_MAX) {
        const dfl__sh_cmd *parent = &shell->cmds[cmd->parent];
        require(cmd->parent < index, "preorder");
        require(parent->start <= cmd->start && cmd->end <= parent->end, "inside the parent");
        require(!parent->background || cmd->background, "background is inherited");
        require(!parent->conditional || cmd->conditional, "conditional is inherited");
    }
    if (cmd->next == UINT32_MAX) return;
    const dfl__sh_cmd *next = &shell->cmds[cmd->next];
    require(cmd->next > index && cmd->next < shell->cmd_count, "next follows");
    require(next->parent == cmd->parent && next->start >= cmd->end, "next is a neighbour");
    require(next->op == DFL__OP_NONE || next->op_start >= cmd->end, "operator between");
}

static void print_command(const dfl__shell *shell, uint32_t index) {
    const dfl__sh_cmd *cmd = &shell->cmds[index];
    check_command(shell, index);
    printf("|%d.%s%s%s%s%s", (int)cmd->kind, cmd->conditional ? "c" : "", cmd->in_pipe ? "p" : "",
           cmd->negated ? "n" : "", cmd->background ? "b" : "", cmd->in_subst ? "s" : "");
    for (uint32_t i = 0; i < cmd->assign_count; i++)
        print_word(&cmd->assigns[i], cmd, 'a');
    for (uint32_t i = 0; i < cmd->word_count; i++)
        print_word(&cmd->words[i], cmd, 'w');
    for (uint32_t i = 0; i < cmd->redir_count; i++) {
        const dfl__sh_redir *redir = &cmd->redirs[i];
        print_word(&redir->target, cmd, 'r');
        require(redir->start < redir->target.start && redir->end == redir->target.end, "redir");
        require(redir->body_start <= redir->body_end && redir->body_end <= shell->text.len, "body");
    }
}

static void answer(const char *script, size_t len) {
    dfl__shell shell;
    dfl_str *argv;
    uint32_t argc;
    dfl_status status = dfl__shell_scan((dfl_str){script, len}, 64, NULL, &shell);
    if (status != DFL_OK) {
        printf("%d 0 0\n", (int)status);
        return;
    }
    printf("0 %d %d ", shell.opaque, shell.bash);
    for (uint32_t i = 0; i < shell.cmd_count; i++)
        print_command(&shell, i);
    if (dfl__shell_argv(&shell, &argv, &argc)) require(argc > 0 && argv[0].len > 0, "argv");
    putchar('\n');
    dfl__shell_free(&shell);
}

int main(void) {
    char *script = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getdelim(&script, &cap, '\0', stdin)) > 0)
        answer(script, (size_t)len - (script[len - 1] == '\0'));
    free(script);
    return 0;
}
