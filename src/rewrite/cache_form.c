/* cache_form.c -- the commands of a RUN in each of its forms: shell, exec, script, beside
 * documents, `sh -c` in either. Relies on cache.h and shell.h. Never reads a text as a shell's that
 * another program may get. */
#include <string.h>

#include "rewrite/cache.h"
#include "base/path.h"
#include "shell/answer.h"

static void no_memory(dfl__caching *c) {
    c->rw->failed = DFL_E_NOMEM;
}

/* --- does the shell stop at errors */

/* Whether SHELL itself makes its shell stop at errors: -e, -ec, -o errexit. */
static int shell_has_errexit(const dfl__caching *c, const dfl__scope *scope) {
    const dfl_doc *doc = c->rw->doc;
    for (uint32_t a = scope->shell != 0 ? dfl__next_argument(doc, scope->shell, 0) : 0; a != 0;
         a = dfl__next_argument(doc, scope->shell, a)) {
        dfl_str word = dfl__node_value(doc, a);
        if (dfl__eqz(word, "errexit") || dfl__has_option(word, 'e')) return 1;
    }
    return 0;
}

/* --- scanning */

static int scan_text(dfl__caching *c, dfl_str text, dfl__shell *out) {
    dfl_status status = dfl__shell_scan(text, c->rw->doc->limits.max_depth, &c->arena.alloc, out);
    if (status == DFL_E_NOMEM) no_memory(c);
    return status == DFL_OK;
}

/* The words of a JSON form as a shell command. */
static int scan_words(dfl__caching *c, dfl__cache_run *run) {
    dfl__buf text;
    dfl__buf_init(&text, &c->arena.alloc, 0);
    dfl_status status = dfl__exec_text(c->rw->doc, run->node, &text, NULL);
    if (status == DFL_E_NOMEM) no_memory(c);
    int scanned = status == DFL_OK && scan_text(c, dfl__buf_str(&text), &run->shell);
    dfl__buf_free(&text);
    return scanned;
}

/* --- sh -c */

/* The RUN is nothing but a shell with its script: look into that. Its words are quoted, and nothing
 * is taken out of them. 0 when it cannot be read. */
static int unwrap(dfl__caching *c, dfl__cache_run *run) {
    const dfl__sh_cmd *k = run->shell.cmds;
    dfl__shell inner;
    if (run->shell.cmd_count != 1 || k->kind != DFL__CMD_SIMPLE || k->word_count == 0) return 1;
    if (k->assign_count > 0 || k->redir_count > 0 || k->negated) return 1;
    uint32_t script = dfl__shell_program(k) == 0 ? dfl__shell_script(k) : UINT32_MAX;
    if (script == UINT32_MAX) return 1;
    if (!scan_text(c, k->words[script].value, &inner)) return 0;
    dfl__shell_free(&run->shell);
    run->shell = inner;
    run->exec = 1;
    return 1;
}

/* --- documents */

static uint32_t count_documents(const dfl__sh_cmd *k) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < k->redir_count; i++)
        count += dfl__is_heredoc(&k->redirs[i]) != 0;
    return count;
}

/* Whether what gets a document may run it: anything but a program that copies its input. 1 also for
 * documents that no program gets. */
static int may_run_document(const dfl__shell *shell) {
    static const char *const copiers[] = {"cat", "tee"};
    for (uint32_t i = 0; i < shell->cmd_count; i++) {
        const dfl__sh_cmd *k = &shell->cmds[i];
        dfl_str program;
        uint32_t first;
        int copies = 0;
        if (count_documents(k) == 0) continue;
        if (dfl__command_words(shell, i, &program, 1, &first) == 0) return 1;
        for (size_t n = 0; n < sizeof copiers / sizeof *copiers; n++)
            copies |= dfl__eqz(dfl__path_base(program), copiers[n]);
        if (!copies) return 1;
    }
    return shell->opaque;
}

static int scan_script(dfl__caching *c, dfl__cache_run *run, uint32_t document) {
    uint32_t body = dfl__node_child(c->rw->doc, document, DFL_NODE_HEREDOC_BODY);
    dfl__shell_free(&run->shell);
    memset(&run->shell, 0, sizeof run->shell);
    if (body == 0) return 0;
    dfl_str text = dfl__node_value(c->rw->doc, body);
    if (!dfl__is_shell_script(text, &run->errexit_shell)) return 0;
    run->text = body;
    return scan_text(c, text, &run->shell);
}

static int scan_shell_form(dfl__caching *c, const dfl__scope *scope, dfl__cache_run *run,
                           uint32_t form) {
    uint32_t document = dfl__node_child(c->rw->doc, run->node, DFL_NODE_HEREDOC);
    if (!dfl__shell_is_posix(c->rw, scope->shell)) return 0;
    run->errexit_shell = shell_has_errexit(c, scope);
    run->text = form;
    if (!scan_text(c, dfl__node_value(c->rw->doc, form), &run->shell)) return 0;
    if (document == 0) return unwrap(c, run);
    if (dfl__is_lone_heredoc(&run->shell)) return scan_script(c, run, document);
    if (!may_run_document(&run->shell)) return 1;
    dfl__shell_free(&run->shell);
    memset(&run->shell, 0, sizeof run->shell);
    return 0;
}

int dfl__cache_scan(dfl__caching *c, const dfl__scope *scope, dfl__cache_run *run) {
    uint32_t json = dfl__node_child(c->rw->doc, run->node, DFL_NODE_JSON_FORM);
    uint32_t form = dfl__node_child(c->rw->doc, run->node, DFL_NODE_SHELL_FORM);
    int scanned = 0;
    if (json != 0) {
        run->exec = 1;
        run->text = json;
        scanned = scan_words(c, run) && unwrap(c, run);
    } else if (form != 0) {
        scanned = scan_shell_form(c, scope, run, form);
    }
    if (scanned) run->frozen = run->shell.opaque;
    return scanned;
}
