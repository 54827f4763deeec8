/* cache_form.c -- the commands of a RUN in each of its forms: shell, exec, script, beside
 * documents, `sh -c` in either. Relies on cache.h and shell.h. Never reads a text as a shell's that
 * another program may get. */
#include <string.h>

#include "rewrite/cache.h"

static void no_memory(dfl__caching *c) {
    c->rw->failed = DFL_E_NOMEM;
}

static int is_option(dfl_str word) {
    return word.len > 1 && word.ptr[0] == '-';
}

/* --- does the shell stop at errors */

/* Options of one word, as in -eux. */
static int has_letter(dfl_str word, char letter) {
    return is_option(word) && word.ptr[1] != '-' && dfl__find(word, letter, 0) < word.len;
}

/* Whether SHELL itself makes its shell stop at errors: -e, -ec, -o errexit. */
static int shell_has_errexit(const dfl__caching *c, const dfl__scope *scope) {
    const dfl_doc *doc = c->rw->doc;
    for (uint32_t a = scope->shell != 0 ? dfl__next_argument(doc, scope->shell, 0) : 0; a != 0;
         a = dfl__next_argument(doc, scope->shell, a)) {
        dfl_str word = dfl__node_value(doc, a);
        if (dfl__eqz(word, "errexit") || has_letter(word, 'e')) return 1;
    }
    return 0;
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

/* Whether the script's `#!` names a shell; `*errexit` from its options. A script without is the
 * stage's shell's. */
static int is_shell_script(dfl_str body, int *errexit) {
    if (!dfl__starts(body, "#!")) return 1;
    dfl_str line = dfl__trim(dfl__sub(body, 2, dfl__find(body, '\n', 0)));
    size_t at = 0;
    dfl_str program = dfl__cache_base_name(next_word(line, &at));
    if (dfl__eqz(program, "env")) {
        program = next_word(line, &at);
        if (dfl__eqz(program, "-S")) program = next_word(line, &at);
        program = dfl__cache_base_name(program);
    }
    if (!dfl__is_posix_shell(program)) return 0;
    *errexit = 0;
    for (dfl_str word = next_word(line, &at); word.len > 0; word = next_word(line, &at))
        *errexit |= has_letter(word, 'e');
    return 1;
}

/* --- scanning */

static int scan_text(dfl__caching *c, dfl_str text, dfl__shell *out) {
    dfl_status status = dfl__shell_scan(text, c->rw->doc->limits.max_depth, &c->arena.alloc, out);
    if (status == DFL_E_NOMEM) no_memory(c);
    return status == DFL_OK;
}

/* The words of a JSON form as a shell command. */
static int scan_words(dfl__caching *c, dfl__cache_run *run) {
    const dfl_doc *doc = c->rw->doc;
    dfl__buf text;
    dfl__buf_init(&text, &c->arena.alloc, 0);
    for (uint32_t a = dfl__next_argument(doc, run->node, 0); a != 0;
         a = dfl__next_argument(doc, run->node, a)) {
        dfl_str word = dfl__node_value(doc, a);
        dfl__buf_addz(&text, text.len > 0 ? " '" : "'");
        for (size_t i = 0; i < word.len; i++) {
            if (word.ptr[i] == '\'') {
                dfl__buf_addz(&text, "'\\''");
            } else {
                dfl__buf_addc(&text, word.ptr[i]);
            }
        }
        dfl__buf_addc(&text, '\'');
    }
    if (text.failed == DFL_E_NOMEM) no_memory(c);
    int scanned = text.failed == DFL_OK && scan_text(c, dfl__buf_str(&text), &run->shell);
    dfl__buf_free(&text);
    return scanned;
}

/* --- sh -c */

/* Index of the script among the words of `sh -c script`; 0 when there is none. */
static uint32_t script_word(const dfl__sh_cmd *k) {
    for (uint32_t i = 1; i < k->word_count && k->words[i].literal; i++) {
        dfl_str word = k->words[i].value;
        if (!is_option(word)) return 0;
        if (has_letter(word, 'c')) return i + 1 < k->word_count ? i + 1 : 0;
        i += has_letter(word, 'o') != 0;
    }
    return 0;
}

/* The RUN is nothing but a shell with its script: look into that. Its words are quoted, and nothing
 * is taken out of them. 0 when it cannot be read. */
static int unwrap(dfl__caching *c, dfl__cache_run *run) {
    const dfl__sh_cmd *k = run->shell.cmds;
    dfl__shell inner;
    if (run->shell.cmd_count != 1 || k->kind != DFL__CMD_SIMPLE || k->word_count == 0) return 1;
    if (k->assign_count > 0 || k->redir_count > 0 || k->negated || !k->words[0].literal) return 1;
    if (!dfl__is_posix_shell(dfl__cache_base_name(k->words[0].value))) return 1;
    uint32_t script = script_word(k);
    if (script == 0 || !k->words[script].literal) return 1;
    if (!scan_text(c, k->words[script].value, &inner)) return 0;
    dfl__shell_free(&run->shell);
    run->shell = inner;
    run->exec = 1;
    return 1;
}

/* --- documents */

static int is_document(const dfl__sh_redir *redir) {
    return redir->op[0] == '<' && redir->op[1] == '<' && redir->op[2] != '<';
}

static uint32_t count_documents(const dfl__sh_cmd *k) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < k->redir_count; i++)
        count += is_document(&k->redirs[i]) != 0;
    return count;
}

/* Whether the command is one document and nothing else: its lines are the script. */
static int is_lone_document(const dfl__shell *shell) {
    const dfl__sh_cmd *k = shell->cmds;
    return shell->cmd_count == 1 && k->kind == DFL__CMD_SIMPLE && k->word_count == 0 &&
           k->assign_count == 0 && k->redir_count == 1 && is_document(k->redirs);
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
            copies |= dfl__eqz(dfl__cache_base_name(program), copiers[n]);
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
    if (!is_shell_script(text, &run->errexit_shell)) return 0;
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
    if (is_lone_document(&run->shell)) return scan_script(c, run, document);
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
