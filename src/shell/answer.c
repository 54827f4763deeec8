/* answer.c -- what a text, a node or a script holds for a shell, in the source's own positions.
 * Relies on answer.h. Public face in dockerfile/shell.h.
 * Never takes a heredoc for a script when a program gets it. */
#include "shell/answer.h"

#include <stdlib.h>
#include <string.h>

/* --- making one */

/* `model` gives what the new one shares: allocator, depth, node, range. */
static dfl_shell *make(const dfl_shell *model) {
    dfl_shell *shell = dfl__calloc(&model->alloc, sizeof *shell);
    if (shell == NULL) return NULL;
    shell->alloc = shell->origins.alloc = model->alloc;
    shell->max_depth = model->max_depth;
    shell->node = model->node;
    shell->range = model->range;
    shell->flags = model->flags;
    return shell;
}

static dfl_status hand_over(dfl_shell *shell, dfl_status status, dfl_shell **out) {
    if (status == DFL_OK)
        *out = shell;
    else
        dfl_shell_free(shell);
    return status;
}

static dfl_status scan(dfl_shell *shell, dfl_str text) {
    if ((shell->flags & DFL_SHELL_F_FOREIGN) != 0)
        return dfl__shell_opaque(text, &shell->alloc, &shell->scan);
    return dfl__shell_scan(text, shell->max_depth, &shell->alloc, &shell->scan);
}

dfl_status dfl_shell_scan(const char *text, size_t len, const dfl_parse_options *opt,
                          dfl_shell **out) {
    dfl_limits limits;
    dfl_status status = out != NULL ? dfl__text_limits(text, len, opt, &limits) : DFL_E_ARG;
    if (status != DFL_OK) return status;
    dfl_range range = {0, (uint32_t)len};
    dfl_shell like = {.alloc = dfl__alloc_of(opt != NULL ? opt->alloc : NULL),
                      .max_depth = limits.max_depth,
                      .range = range};
    dfl_shell *shell = make(&like);
    if (shell == NULL) return DFL_E_NOMEM;
    status = scan(shell, (dfl_str){len != 0 ? text : "", len});
    if (status == DFL_OK && !dfl__origins_add(&shell->origins, range.end, range, 1))
        status = DFL_E_NOMEM;
    return hand_over(shell, status, out);
}

/* Forget what was scanned. */
static void clear(dfl_shell *shell) {
    dfl__origins_free(&shell->origins);
    dfl__shell_free(&shell->scan);
    shell->bodies = NULL;
    shell->body_count = 0;
}

void dfl_shell_free(dfl_shell *shell) {
    if (shell == NULL) return;
    dfl_alloc alloc = shell->alloc;
    clear(shell);
    dfl__free(&alloc, shell, sizeof *shell);
}

/* --- of an instruction */

static int by_redir(const void *a, const void *b) {
    uint32_t left = ((const dfl__outer_body *)a)->redir,
             right = ((const dfl__outer_body *)b)->redir;
    return left < right ? -1 : left > right;
}

/* The node that holds the heredocs of an instruction: of a trigger, its ONBUILD. */
static uint32_t holder_of(const dfl_doc *doc, uint32_t instruction) {
    const dfl_node_rec *rec = &doc->nodes.items[instruction];
    return (rec->flags & DFL_NODE_F_NESTED) != 0 ? rec->parent : instruction;
}

/* Here-documents of the command whose lines are not in its text. */
static uint32_t list_bodies(const dfl__shell *s, dfl__outer_body *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->cmd_count; i++) {
        for (uint32_t r = 0; r < s->cmds[i].redir_count; r++) {
            const dfl__sh_redir *redir = &s->cmds[i].redirs[r];
            if (!dfl__is_heredoc(redir) || redir->body_end > redir->body_start) continue;
            if (out != NULL) out[count].redir = redir->start;
            count++;
        }
    }
    return count;
}

/* Pair them with the heredocs that the builder found on the line; none when it found others. */
static dfl_status pair_bodies(dfl_shell *shell, const dfl_doc *doc, uint32_t holder) {
    uint32_t count = list_bodies(&shell->scan, NULL), at = 0;
    if (count == 0 || dfl__node_child(doc, holder, DFL_NODE_HEREDOC) == 0) return DFL_OK;
    dfl__outer_body *bodies = dfl__arena_get(&shell->scan.arena, count * sizeof *bodies);
    if (bodies == NULL) return DFL_E_NOMEM;
    (void)list_bodies(&shell->scan, bodies);
    qsort(bodies, count, sizeof *bodies, by_redir);
    for (uint32_t n = dfl__node_first(doc, holder); n != 0; n = doc->nodes.items[n].next) {
        if (doc->nodes.items[n].kind != DFL_NODE_HEREDOC) continue;
        uint32_t body = dfl__node_child(doc, n, DFL_NODE_HEREDOC_BODY);
        if (at < count && body != 0) bodies[at].body = dfl__node_range(doc, body);
        at++;
    }
    if (at != count) return DFL_OK;
    shell->bodies = bodies;
    shell->body_count = count;
    return DFL_OK;
}

static dfl_range body_of(const dfl_shell *shell, const dfl__sh_redir *redir) {
    dfl_range none = {0, 0};
    dfl__outer_body key = {redir->start, none};
    if (!dfl__is_heredoc(redir)) return none;
    if (redir->body_end > redir->body_start)
        return dfl__origins_range(&shell->origins, redir->body_start, redir->body_end);
    if (shell->body_count == 0) return none;
    const dfl__outer_body *found =
        bsearch(&key, shell->bodies, shell->body_count, sizeof key, by_redir);
    return found != NULL ? found->body : none;
}

static dfl_status scan_node(dfl_shell *shell, const dfl_doc *doc, uint32_t node) {
    shell->node = node;
    shell->range = dfl__node_range(doc, node);
    dfl_status status = dfl__origins_of_node(doc, node, &shell->origins);
    return status == DFL_OK ? scan(shell, dfl__node_value(doc, node)) : status;
}

static dfl_status scan_exec(dfl_shell *shell, const dfl_doc *doc, uint32_t instruction) {
    dfl__buf text;
    shell->node = dfl__node_child(doc, instruction, DFL_NODE_JSON_FORM);
    shell->range = dfl__node_range(doc, shell->node);
    shell->flags = DFL_SHELL_F_EXEC;
    dfl__buf_init(&text, &shell->alloc, 0);
    dfl_status status = dfl__exec_text(doc, instruction, &text, &shell->origins);
    if (status == DFL_OK) status = scan(shell, dfl__buf_str(&text));
    dfl__buf_free(&text);
    return status;
}

static int is_input(const dfl__sh_redir *redir) {
    return redir->op[0] == '<' && (redir->fd == UINT32_MAX || redir->fd == 0);
}

/* Whether the heredoc is what a command of the text gets to run. */
static int is_fed(const dfl_shell *shell, dfl_range body) {
    for (uint32_t i = 0; i < shell->scan.cmd_count; i++) {
        const dfl__sh_cmd *cmd = &shell->scan.cmds[i];
        const dfl__sh_redir *input = NULL;
        for (uint32_t r = 0; r < cmd->redir_count; r++)
            if (is_input(&cmd->redirs[r])) input = &cmd->redirs[r];
        if (input == NULL || !dfl__is_heredoc(input)) continue;
        dfl_range found = body_of(shell, input);
        if (found.start == body.start && found.end == body.end) return dfl__reads_script(cmd);
    }
    return 0;
}

/* A heredoc that is the `whole` command is the shell's, unless its `#!` says otherwise; `fed`: it
 * is another POSIX shell's. */
static dfl_status scan_body(const dfl__shell_args *a, dfl_shell *shell, uint32_t body, int whole,
                            int fed) {
    int errexit;
    dfl_str text = dfl__node_value(a->doc, body);
    int own = whole && (a->posix || dfl__starts(text, "#!"));
    int reads = (own && dfl__is_shell_script(text, &errexit)) || (fed && a->posix);
    if (!reads) shell->flags = DFL_SHELL_F_FOREIGN;
    return scan_node(shell, a->doc, body);
}

/* The command, read as a POSIX shell's: what becomes of its heredocs does not hang on the shell. */
static dfl_status scan_command(const dfl__shell_args *a, dfl_shell *shell, uint32_t form) {
    dfl_status status = scan_node(shell, a->doc, form);
    if (status == DFL_OK) status = pair_bodies(shell, a->doc, holder_of(a->doc, a->instruction));
    return status == DFL_E_LIMIT && !a->posix ? DFL_OK : status;
}

static dfl_status scan_form(const dfl__shell_args *a, dfl_shell *shell, uint32_t form) {
    const dfl_doc *doc = a->doc;
    uint32_t heredoc = dfl__node_child(doc, holder_of(doc, a->instruction), DFL_NODE_HEREDOC);
    uint32_t body = heredoc != 0 ? dfl__node_child(doc, heredoc, DFL_NODE_HEREDOC_BODY) : 0;
    int whole = 0, fed = 0;
    if (a->posix || body != 0) {
        dfl_status status = scan_command(a, shell, form);
        if (status != DFL_OK) return status;
        whole = body != 0 && dfl__is_lone_heredoc(&shell->scan);
        fed = a->body != 0 && is_fed(shell, dfl__node_range(doc, a->body));
        if (a->posix && a->body == 0 && !whole) return DFL_OK;
        clear(shell);
    }
    if (a->body != 0 || whole)
        return scan_body(a, shell, a->body != 0 ? a->body : body, whole, fed);
    shell->flags = DFL_SHELL_F_FOREIGN;
    return scan_node(shell, doc, form);
}

dfl_status dfl__shell_of(const dfl__shell_args *a, dfl_shell **out) {
    uint32_t form = dfl__node_child(a->doc, a->instruction, DFL_NODE_SHELL_FORM);
    uint32_t json = dfl__node_child(a->doc, a->instruction, DFL_NODE_JSON_FORM);
    dfl_shell like = {.alloc = *a->alloc, .max_depth = a->max_depth};
    if (form == 0 && json == 0) return DFL_E_UNSUPPORTED;
    dfl_shell *shell = make(&like);
    if (shell == NULL) return DFL_E_NOMEM;
    dfl_status status =
        json != 0 ? scan_exec(shell, a->doc, a->instruction) : scan_form(a, shell, form);
    return hand_over(shell, status, out);
}

/* --- answers */

static const dfl__sh_cmd *command_at(const dfl_shell *shell, uint32_t index) {
    return shell != NULL && index < shell->scan.cmd_count ? &shell->scan.cmds[index] : NULL;
}

dfl_status dfl_shell_script(const dfl_shell *shell, uint32_t command, dfl_shell **out) {
    const dfl__sh_cmd *cmd = command_at(shell, command);
    if (cmd == NULL || out == NULL) return DFL_E_ARG;
    uint32_t script = dfl__shell_script(cmd);
    if (script == UINT32_MAX) return DFL_E_UNSUPPORTED;
    const dfl__sh_word *word = &cmd->words[script];
    dfl_shell *inner = make(shell);
    if (inner == NULL) return DFL_E_NOMEM;
    inner->flags = 0;
    inner->range = dfl__origins_range(&shell->origins, word->start, word->end);
    dfl_status status = scan(inner, word->value);
    if (status == DFL_OK)
        status = dfl__origins_of_word(&shell->origins, shell->scan.text, word, &inner->origins);
    return hand_over(inner, status, out);
}

dfl_status dfl_shell_get(const dfl_shell *shell, dfl_shell_info *out) {
    if (shell == NULL || out == NULL) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    out->flags = shell->flags | (shell->scan.opaque ? DFL_SHELL_F_OPAQUE : 0u) |
                 (shell->scan.bash ? DFL_SHELL_F_BASH : 0u);
    out->node = shell->node;
    out->commands = shell->scan.cmd_count;
    out->range = shell->range;
    out->text = shell->scan.text;
    return DFL_OK;
}

static uint32_t flags_of(const dfl__sh_cmd *c) {
    return (c->conditional ? DFL_COMMAND_F_CONDITIONAL : 0u) |
           (c->in_pipe ? DFL_COMMAND_F_PIPE : 0u) |
           (c->background ? DFL_COMMAND_F_BACKGROUND : 0u) |
           (c->negated ? DFL_COMMAND_F_NEGATED : 0u) |
           (c->in_subst ? DFL_COMMAND_F_SUBSTITUTION : 0u) |
           (c->function ? DFL_COMMAND_F_FUNCTION : 0u);
}

/* Words are counted with the assignments before them. */
static uint32_t word_number(const dfl__sh_cmd *c, uint32_t word) {
    return word == UINT32_MAX ? DFL_NO_WORD : c->assign_count + word;
}

dfl_status dfl_shell_command(const dfl_shell *shell, uint32_t index, dfl_command *out) {
    const dfl__sh_cmd *c = command_at(shell, index);
    if (c == NULL || out == NULL) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    out->kind = c->kind;
    out->op = c->op;
    out->flags = flags_of(c);
    out->range = dfl__origins_range(&shell->origins, c->start, c->end);
    out->op_range = dfl__origins_range(&shell->origins, c->op_start, c->op_end);
    out->parent = c->parent;
    out->next = c->next;
    out->words = c->assign_count + c->word_count;
    out->assignments = c->assign_count;
    out->redirections = c->redir_count;
    out->program = word_number(c, dfl__shell_program(c));
    out->script = word_number(c, dfl__shell_script(c));
    out->reserved = 0;
    return DFL_OK;
}

static dfl_word word_of(const dfl_shell *shell, const dfl__sh_word *w) {
    dfl_word word = {.range = dfl__origins_range(&shell->origins, w->start, w->end),
                     .text = dfl__sub(shell->scan.text, w->start, w->end),
                     .value = w->literal ? w->value : dfl__str("")};
    word.flags = (w->literal ? DFL_WORD_F_LITERAL : 0u) | (w->quoted ? DFL_WORD_F_QUOTED : 0u) |
                 (w->has_var ? DFL_WORD_F_VARIABLE : 0u) |
                 (w->has_subst ? DFL_WORD_F_SUBSTITUTION : 0u) |
                 (w->has_glob ? DFL_WORD_F_GLOB : 0u) | (w->has_tilde ? DFL_WORD_F_TILDE : 0u);
    return word;
}

dfl_status dfl_shell_word(const dfl_shell *shell, uint32_t command, uint32_t index, dfl_word *out) {
    const dfl__sh_cmd *c = command_at(shell, command);
    if (c == NULL || out == NULL || index >= c->assign_count + c->word_count) return DFL_E_ARG;
    *out = word_of(shell, index < c->assign_count ? &c->assigns[index]
                                                  : &c->words[index - c->assign_count]);
    return DFL_OK;
}

dfl_status dfl_shell_redirection(const dfl_shell *shell, uint32_t command, uint32_t index,
                                 dfl_redirection *out) {
    const dfl__sh_cmd *c = command_at(shell, command);
    if (c == NULL || out == NULL || index >= c->redir_count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl__sh_redir *redir = &c->redirs[index];
    out->fd = redir->fd;
    out->op = redir->op;
    out->range = dfl__origins_range(&shell->origins, redir->start, redir->end);
    out->body = body_of(shell, redir);
    out->target = word_of(shell, &redir->target);
    return DFL_OK;
}
