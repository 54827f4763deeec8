/* shell.c -- the shell scanner: commands in preorder, positions inside the text.
 * Relies on fuzz.h.
 * Never expects a script to be valid. */
#include "shell/shell.h"

#include "fuzz.h"

enum { MAX_DEPTH = 64 };

static void check_words(const dfl__shell *shell, const dfl__sh_word *words, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(words[i].start <= words[i].end && words[i].end <= shell->text.len);
        REQUIRE(!words[i].literal || words[i].value.ptr != NULL);
        REQUIRE(!words[i].literal || !words[i].has_var);
    }
}

static void check_command(const dfl__shell *shell, uint32_t index) {
    const dfl__sh_cmd *cmd = &shell->cmds[index];
    REQUIRE(cmd->start <= cmd->end && cmd->end <= shell->text.len);
    REQUIRE(cmd->op_start <= cmd->op_end && cmd->op_end <= shell->text.len);
    REQUIRE(cmd->parent == UINT32_MAX || cmd->parent < index);
    REQUIRE(cmd->next == UINT32_MAX || (cmd->next > index && cmd->next < shell->cmd_count));
    check_words(shell, cmd->assigns, cmd->assign_count);
    check_words(shell, cmd->words, cmd->word_count);
    for (uint32_t i = 0; i < cmd->redir_count; i++)
        REQUIRE(cmd->redirs[i].start <= cmd->redirs[i].end &&
                cmd->redirs[i].end <= shell->text.len);
    uint32_t program = dfl__shell_program(cmd);
    REQUIRE(program == UINT32_MAX || (program < cmd->word_count && cmd->words[program].literal));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl__shell shell;
    dfl_str *argv = NULL;
    uint32_t argc = 0;
    dfl_status status =
        dfl__shell_scan((dfl_str){(const char *)data, size}, MAX_DEPTH, NULL, &shell);
    REQUIRE(status == DFL_OK || status == DFL_E_LIMIT);
    if (status != DFL_OK) return 0;
    REQUIRE(shell.text.len == size);
    for (uint32_t i = 0; i < shell.cmd_count; i++)
        check_command(&shell, i);
    if (dfl__shell_argv(&shell, &argv, &argc)) REQUIRE(argc > 0 && argv[0].ptr != NULL);
    dfl__shell_free(&shell);
    return 0;
}
