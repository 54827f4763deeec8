/* shell.c -- the shell scanner: commands in preorder, positions inside the text; and its public
 * face on the text alone, as the command of a RUN, as a heredoc and as the script of `sh -c`.
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

static void require_inside(dfl_range inner, dfl_range outer) {
    REQUIRE(inner.start <= inner.end);
    REQUIRE(outer.start <= inner.start && inner.end <= outer.end);
}

/* `same`: the source holds the very text. */
static void check_answer(const dfl_shell *shell, uint32_t index, dfl_str source, int same) {
    dfl_shell_info info = {.size = sizeof info};
    dfl_command c = {.size = sizeof c}, parent = {.size = sizeof parent};
    dfl_redirection redir = {.size = sizeof redir};
    dfl_word word;
    REQUIRE(dfl_shell_get(shell, &info) == DFL_OK);
    REQUIRE(dfl_shell_command(shell, index, &c) == DFL_OK);
    require_inside(c.range, info.range);
    require_inside(c.op_range, info.range);
    REQUIRE(c.program == DFL_NO_WORD || (c.assignments <= c.program && c.program < c.words));
    REQUIRE(c.script == DFL_NO_WORD || (c.program < c.script && c.script < c.words));
    if (c.parent != DFL_NO_COMMAND) {
        REQUIRE(dfl_shell_command(shell, c.parent, &parent) == DFL_OK);
        require_inside(c.range, parent.range);
    }
    for (uint32_t i = 0; i < c.words; i++) {
        REQUIRE(dfl_shell_word(shell, index, i, &word) == DFL_OK);
        require_inside(word.range, c.range);
        dfl_str there = dfl__sub(source, word.range.start, word.range.end);
        REQUIRE(!same || dfl__eq(there, word.text));
    }
    for (uint32_t i = 0; i < c.redirections; i++) {
        REQUIRE(dfl_shell_redirection(shell, index, i, &redir) == DFL_OK);
        require_inside(redir.range, c.range);
        require_inside(redir.target.range, redir.range);
        REQUIRE(redir.body.start <= redir.body.end && redir.body.end <= source.len);
    }
}

/* A script is checked as the text around it; each level is shorter, and few are looked at. */
static void check_answers(dfl_shell *shell, dfl_str source, int same) {
    dfl_shell_info info = {.size = sizeof info};
    for (unsigned level = 0; shell != NULL && level < 8; level++) {
        dfl_shell *script = NULL;
        REQUIRE(dfl_shell_get(shell, &info) == DFL_OK);
        REQUIRE(info.range.end <= source.len);
        for (uint32_t i = 0; i < info.commands; i++) {
            check_answer(shell, i, source, same && level == 0);
            if (script == NULL) (void)!dfl_shell_script(shell, i, &script);
        }
        dfl_shell_free(shell);
        shell = script;
    }
    dfl_shell_free(shell);
}

/* Every instruction of a file with the text between `head` and `tail`. */
static void check_file(const char *head, dfl_str text, const char *tail) {
    dfl__buf source;
    dfl_model *model = NULL;
    dfl__buf_init(&source, NULL, 0);
    dfl__buf_addz(&source, head);
    dfl__buf_add(&source, text);
    dfl__buf_addz(&source, tail);
    dfl_doc *doc = fuzz_parse(dfl__buf_str(&source));
    REQUIRE(dfl_model_new(doc, NULL, &model) == DFL_OK);
    size_t count;
    (void)dfl_doc_nodes(doc, &count);
    for (uint32_t i = 0; i < count; i++) {
        dfl_node node = dfl_doc_node(doc, i);
        dfl_shell *shell = NULL;
        dfl_status status = dfl_model_shell(model, node, &shell);
        REQUIRE(status == DFL_OK || status == DFL_E_UNSUPPORTED || status == DFL_E_LIMIT);
        REQUIRE((status == DFL_OK) == (shell != NULL));
        check_answers(shell, dfl_doc_source(doc), dfl_node_kind(node) == DFL_NODE_HEREDOC_BODY);
    }
    dfl_model_free(model);
    dfl_doc_unref(doc);
    dfl__buf_free(&source);
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
    dfl_str text = {(const char *)data, size};
    dfl_shell *face = NULL;
    REQUIRE(dfl_shell_scan(text.ptr, size, NULL, &face) == DFL_OK);
    check_answers(face, text, 1);
    check_file("FROM a\nRUN ", text, "\n");
    check_file("FROM a\nRUN <<'FUZZ'\n", text, "\nFUZZ\n");
    check_file("FROM a\nCMD [\"sh\", \"-c\", \"", text, "\"]\n");
    return 0;
}
