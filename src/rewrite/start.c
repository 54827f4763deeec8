/* start.c -- what a stage starts, and how the same program starts on another image.
 * Relies on rewrite.h.
 * Never changes argv: words are only removed where the image's ENTRYPOINT supplies them. */
#include <string.h>

#include "rewrite/rewrite.h"

#define ARGV_MAX 256u

static void add_word(dfl__rewrite *rw, dfl__start *start, dfl_str word) {
    if (start->argc == ARGV_MAX) {
        start->exact = 0;
        return;
    }
    start->argv[start->argc++] = dfl__rewrite_text(rw, word);
}

/* Literal words that a command begins with: what can be said of a line that only a shell can run.
 */
static void add_literal_prefix(dfl__rewrite *rw, dfl__start *start, const dfl__shell *shell) {
    start->exact = 0;
    if (shell->cmd_count == 0 || shell->cmds[0].kind != DFL__CMD_SIMPLE) return;
    const dfl__sh_cmd *cmd = &shell->cmds[0];
    uint32_t first = dfl__shell_program(cmd);
    for (uint32_t i = first; i < cmd->word_count && cmd->words[i].literal; i++)
        add_word(rw, start, cmd->words[i].value);
}

static void add_shell_form(dfl__rewrite *rw, dfl__start *start, uint32_t form) {
    dfl__shell shell;
    dfl_str *argv;
    uint32_t argc;
    start->shell_form = 1;
    dfl_status status = dfl__shell_scan(dfl__node_value(rw->doc, form), rw->doc->limits.max_depth,
                                        &rw->plan->alloc, &shell);
    if (status != DFL_OK) {
        if (status == DFL_E_NOMEM) rw->failed = status;
        start->exact = 0;
        return;
    }
    if (dfl__shell_argv(&shell, &argv, &argc)) {
        for (uint32_t i = 0; i < argc; i++)
            add_word(rw, start, argv[i]);
    } else {
        add_literal_prefix(rw, start, &shell);
    }
    dfl__shell_free(&shell);
}

static void add_instruction(dfl__rewrite *rw, dfl__start *start, uint32_t node) {
    uint32_t form = dfl__node_child(rw->doc, node, DFL_NODE_SHELL_FORM);
    if (form != 0) {
        add_shell_form(rw, start, form);
        return;
    }
    for (uint32_t a = dfl__next_argument(rw->doc, node, 0); a != 0;
         a = dfl__next_argument(rw->doc, node, a))
        add_word(rw, start, dfl__node_value(rw->doc, a));
}

static void find_last(const dfl__rewrite *rw, uint32_t stage, dfl__start *out) {
    const dfl__stage *s = &rw->model->stages.items[stage];
    for (uint32_t i = s->first; i < s->end; i++) {
        const dfl__instr *instr = &rw->model->instrs.items[i];
        if (instr->kind == DFL_NODE_ENTRYPOINT) out->entry = instr->node;
        if (instr->kind == DFL_NODE_CMD) out->cmd = instr->node;
    }
}

/* ENTRYPOINT [] and CMD [] set nothing. */
static uint32_t non_empty(const dfl__rewrite *rw, uint32_t node) {
    return node != 0 && dfl__next_argument(rw->doc, node, 0) != 0 ? node : 0;
}

int dfl__start_of(dfl__rewrite *rw, uint32_t stage, dfl__start *out) {
    memset(out, 0, sizeof *out);
    out->exact = 1;
    find_last(rw, stage, out);
    out->entry = non_empty(rw, out->entry);
    out->cmd = non_empty(rw, out->cmd);
    out->argv = dfl__arena_get(rw->arena, ARGV_MAX * sizeof *out->argv);
    if (out->argv == NULL) rw->failed = DFL_E_NOMEM;
    if (rw->failed != DFL_OK || (out->entry == 0 && out->cmd == 0)) return 0;
    if (out->entry != 0) add_instruction(rw, out, out->entry);
    out->entry_argc = out->argc;
    /* A shell-form ENTRYPOINT runs without CMD. */
    int ignores_cmd = out->entry != 0 && out->shell_form;
    if (out->cmd != 0 && !ignores_cmd) add_instruction(rw, out, out->cmd);
    out->range = dfl__node_range(rw->doc, out->entry != 0 ? out->entry : out->cmd);
    return out->argc > 0;
}

static void add_json_string(dfl__buf *out, dfl_str s) {
    static const char hex[] = "0123456789abcdef";
    dfl__buf_addc(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\') dfl__buf_addc(out, '\\');
        if (c >= 0x20) {
            dfl__buf_addc(out, (char)c);
        } else {
            dfl__buf_fmt(out, "\\u00%c%c", hex[c >> 4], hex[c & 15]);
        }
    }
    dfl__buf_addc(out, '"');
}

dfl_str dfl__json_words(dfl__rewrite *rw, const dfl_str *words, uint32_t count) {
    dfl__buf buf;
    dfl__buf_init(&buf, &rw->plan->alloc, 0);
    dfl__buf_addc(&buf, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) dfl__buf_addz(&buf, ", ");
        add_json_string(&buf, words[i]);
    }
    dfl__buf_addc(&buf, ']');
    if (buf.failed != DFL_OK) rw->failed = DFL_E_NOMEM;
    dfl_str text = dfl__rewrite_text(rw, dfl__buf_str(&buf));
    dfl__buf_free(&buf);
    return text;
}

dfl_str dfl__comments_in(dfl__rewrite *rw, uint32_t node, dfl_range range) {
    const dfl_node_rec *rec = &rw->doc->nodes.items[node];
    dfl__buf buf;
    dfl__buf_init(&buf, &rw->plan->alloc, 0);
    for (uint32_t i = rec->first_token; i < rec->end_token; i++) {
        const dfl_token_rec *token = &rw->doc->tokens.items[i];
        if (token->kind != DFL_TOKEN_COMMENT || token->start < range.start ||
            token->start >= range.end)
            continue;
        dfl__buf_add(&buf, dfl__sub(rw->doc->source, token->start, dfl__token_end(rw->doc, i)));
        dfl__buf_addz(&buf, rw->style.eol);
    }
    if (buf.failed != DFL_OK) rw->failed = DFL_E_NOMEM;
    dfl_str text = dfl__rewrite_text(rw, dfl__buf_str(&buf));
    dfl__buf_free(&buf);
    return text;
}

/* What takes the place of instruction `node`. */
static dfl_str instruction_text(dfl__rewrite *rw, uint32_t node, const char *name,
                                const dfl_str *words, uint32_t count) {
    dfl_str keyword = dfl__keyword(rw, name), json = dfl__json_words(rw, words, count);
    dfl_str comments = dfl__comments_in(rw, node, dfl__node_range(rw->doc, node));
    return dfl__rewrite_fmt(rw, "%S%S %S", &comments, &keyword, &json);
}

/* How many of argv's first words the target's ENTRYPOINT supplies: its program by another name,
 * then the same words. 0 when it does not start this program. */
static uint32_t supplied_words(const dfl__start *start, const dfl__image *target) {
    uint32_t count = target->entrypoint.count;
    if (count == 0 || start->argc < count) return 0;
    if (!dfl__names_has(target->interpreters, start->argv[0], 0)) return 0;
    for (uint32_t i = 1; i < count; i++) {
        if (!dfl__eqz(start->argv[i], target->entrypoint.items[i])) return 0;
    }
    return count;
}

/* The program as it can be found on the target: an interpreter that is not on PATH by its path. */
static dfl_str program_on(const dfl__start *start, const dfl__image *target) {
    dfl_str program = start->argv[0];
    if (target->entrypoint.count == 0 || !dfl__names_has(target->interpreters, program, 0) ||
        dfl__names_has(target->provides, program, 0))
        return program;
    return dfl__str(target->entrypoint.items[0]);
}

static void exec_forms(dfl__rewrite *rw, const dfl__start *start, dfl__start_edit *out) {
    uint32_t rest = start->argc - start->entry_argc;
    if (start->entry != 0) {
        out->entry_changed = 1;
        out->entry =
            instruction_text(rw, start->entry, "ENTRYPOINT", start->argv, start->entry_argc);
    }
    if (start->cmd != 0 && rest > 0) {
        out->cmd_changed = 1;
        out->cmd = instruction_text(rw, start->cmd, "CMD", start->argv + start->entry_argc, rest);
    }
}

static void use_entrypoint(dfl__rewrite *rw, const dfl__start *start, const dfl__image *target,
                           dfl__start_edit *out) {
    uint32_t supplied = supplied_words(start, target);
    out->cmd_changed = 1;
    if (supplied > 0 && supplied < start->argc) {
        out->cmd =
            instruction_text(rw, start->cmd, "CMD", start->argv + supplied, start->argc - supplied);
        out->why = "the image's ENTRYPOINT already starts the interpreter";
        return;
    }
    /* Another program, or other words before its arguments: name all of it. */
    dfl_str first = start->argv[0];
    start->argv[0] = program_on(start, target);
    out->entry_changed = 1;
    out->entry = instruction_text(rw, start->cmd, "ENTRYPOINT", start->argv, start->argc);
    start->argv[0] = first;
    out->why = "the image's own ENTRYPOINT would take the words as its arguments";
}

int dfl__start_on(dfl__rewrite *rw, const dfl__start *start, const dfl__image_info *target,
                  int make_exec, dfl__start_edit *out, const char **why) {
    memset(out, 0, sizeof *out);
    out->why = "";
    int needs_exec = target->image != NULL && target->image->no_shell;
    if (start->shell_form && !start->exact) {
        *why = "the start command needs a shell to run, and the image has none";
        return !needs_exec;
    }
    if (start->entry == 0 && target->image != NULL && target->image->entrypoint.count > 0 &&
        target->image->interpreters.count > 0) {
        use_entrypoint(rw, start, target->image, out);
        return 1;
    }
    if (start->entry != 0 && target->image != NULL) {
        dfl_str program = program_on(start, target->image);
        if (!dfl__eq(program, start->argv[0])) {
            dfl_str first = start->argv[0];
            start->argv[0] = program;
            exec_forms(rw, start, out);
            start->argv[0] = first;
            if (!start->shell_form) out->cmd_changed = 0;
            out->why = "the interpreter is not on the image's PATH";
            return 1;
        }
    }
    if (start->path_written) {
        exec_forms(rw, start, out);
        out->why = "the program is not on the image's PATH";
        return 1;
    }
    if (start->shell_form && (needs_exec || make_exec)) {
        exec_forms(rw, start, out);
        out->why = needs_exec ? "the image has no shell" : "an exec form gets signals directly";
    }
    return 1;
}

const dfl__program *dfl__start_program(dfl__rewrite *rw, const dfl__start *start, uint32_t *skip) {
    const dfl__program *found = NULL;
    *skip = 0;
    for (uint32_t i = 0; *skip < start->argc;) {
        const dfl__program *program = dfl__catalog_program(rw->catalog, i++);
        uint32_t used;
        if (program == NULL) return found;
        for (uint32_t n = 0; n < program->commands.count; n++) {
            if (!dfl__command_matches(program->commands.items[n], start->argv + *skip,
                                      start->argc - *skip, &used))
                continue;
            if (!program->wrapper) return program;
            found = program;
            *skip += used;
            while (*skip < start->argc && dfl__starts(start->argv[*skip], "-"))
                ++*skip;
            i = 0;
            break;
        }
    }
    return found;
}
