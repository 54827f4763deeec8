/* named.c -- files that the start command and the health check name beside the program.
 * Relies on split.h.
 * Never takes a word for a file that the context is seen not to hold. */
#include "base/path.h"
#include "model/destination.h"
#include "rewrite/split.h"

#define WORDS_MAX 32u

/* Whether a word may be a path: of a file with a suffix, or below a directory. */
static int is_path(dfl_str word) {
    dfl_str base = dfl__path_base(word);
    size_t dot = dfl__find(base, '.', 1);
    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.ptr[i];
        if (c <= ' ' || c == ':' || c == '@' || c == '$' || c == ',' || c == '*') return 0;
    }
    return base.len > 0 && (dot + 1 < base.len || base.len < word.len);
}

/* Note what the word, or the value of the option that it is, names. */
static void note_word(dfl__split *s, dfl_str word, uint32_t line) {
    if (dfl__starts(word, "-")) {
        size_t equals = dfl__find(word, '=', 0);
        word = dfl__sub(word, equals < word.len ? equals + 1 : word.len, word.len);
    }
    if (!is_path(word) || (!s->scope.workdir_known && !dfl__starts(word, "/"))) return;
    dfl__named named = {dfl__rewrite_join(s->rw, s->scope.workdir, word), line, 0};
    if (!DFL__PUSH(&s->rw->plan->alloc, &s->named, named)) s->rw->failed = DFL_E_NOMEM;
}

static void note_shell_form(dfl__split *s, uint32_t form, uint32_t line) {
    dfl__shell shell;
    dfl_status status = dfl__shell_scan(dfl__node_value(s->rw->doc, form),
                                        s->rw->doc->limits.max_depth, &s->rw->plan->alloc, &shell);
    if (status == DFL_E_NOMEM) s->rw->failed = status;
    if (status != DFL_OK) return;
    for (uint32_t i = 0; i < shell.cmd_count; i++) {
        dfl_str words[WORDS_MAX];
        uint32_t first, count = dfl__command_words(&shell, i, words, WORDS_MAX, &first);
        for (uint32_t w = 1; w < count; w++) {
            if (shell.cmds[i].words[first + w].literal) note_word(s, words[w], line);
        }
    }
    dfl__shell_free(&shell);
}

static void note_health_check(dfl__split *s, uint32_t node) {
    uint32_t line = dfl__line_of(s->rw, dfl__node_range(s->rw->doc, node).start);
    uint32_t form = dfl__node_child(s->rw->doc, node, DFL_NODE_SHELL_FORM);
    if (form != 0) {
        note_shell_form(s, form, line);
        return;
    }
    form = dfl__node_child(s->rw->doc, node, DFL_NODE_JSON_FORM);
    uint32_t word = form != 0 ? dfl__node_child(s->rw->doc, form, DFL_NODE_JSON_STRING) : 0;
    if (word == 0) return;
    while ((word = dfl__next_argument(s->rw->doc, node, word)) != 0)
        note_word(s, dfl__node_value(s->rw->doc, word), line);
}

/* The path below the directory that a COPY of the whole context fills; empty when there is none. */
static dfl_str in_context(dfl__split *s, dfl_str path) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        dfl__destination to;
        if (!dfl__split_copies_context(s, i)) continue;
        if (dfl__destination_of(s->items.items[i].transfer, 0, s->rw->arena, &to) != DFL_OK) {
            s->rw->failed = DFL_E_NOMEM;
            break;
        }
        if (!to.known || !dfl__path_is_below(path, to.path) || dfl__eq(path, to.path)) continue;
        return dfl__sub(path, to.path.len + (to.path.len > 1), path.len);
    }
    return dfl__str("");
}

/* What the context is seen to hold of `file`: it, or the directory at its top. Empty when it holds
 * neither. */
static dfl_str seen_in_context(const dfl__split *s, dfl_str file) {
    dfl_str fact, top = dfl__sub(file, 0, dfl__find(file, '/', 0));
    for (uint32_t n = 0; dfl__fact(s->rw, "file", n, &fact); n++) {
        int directory = dfl__ends(fact, "/");
        if (directory && dfl__eq(dfl__sub(fact, 0, fact.len - 1), top)) return top;
        if (!directory && dfl__eq(fact, file)) return file;
    }
    return dfl__str("");
}

static void bring(dfl__split *s, dfl_str path) {
    dfl_str file = in_context(s, path), seen = seen_in_context(s, file);
    if (file.len == 0 || seen.len == 0 || dfl__split_is_covered(s, path)) return;
    dfl_str from = dfl__sub(path, 0, path.len - file.len + seen.len);
    dfl__artifact artifact = {from, from, {"", 0}, 1, {"", 0}};
    if (!DFL__PUSH(&s->rw->plan->alloc, &s->artifacts, artifact)) s->rw->failed = DFL_E_NOMEM;
}

/* A script in front of the program comes along: with its own COPY, or out of the builder. */
static void bring_script(dfl__split *s) {
    dfl_str path = dfl__rewrite_join(s->rw, s->scope.workdir, s->script_word);
    dfl__named named = {path, 0, 0};
    dfl__artifact artifact = {path, path, {"", 0}, 1, {"", 0}};
    if (s->script == NULL || dfl__find(s->script_word, '/', 0) == s->script_word.len) return;
    if (!DFL__PUSH(&s->rw->plan->alloc, &s->named, named)) s->rw->failed = DFL_E_NOMEM;
    for (uint32_t i = 0; i < s->items.count; i++) {
        if (dfl__split_copies_file(s, i, path)) return;
    }
    if (!DFL__PUSH(&s->rw->plan->alloc, &s->artifacts, artifact)) s->rw->failed = DFL_E_NOMEM;
}

void dfl__named_read(dfl__split *s) {
    const dfl__start *start = &s->start;
    uint32_t check = 0;
    for (uint32_t i = s->program + 1; i < start->argc; i++) {
        uint32_t node = i < start->entry_argc || start->cmd == 0 ? start->entry : start->cmd;
        uint32_t at = dfl__node_range(s->rw->doc, node).start;
        note_word(s, start->argv[i], dfl__line_of(s->rw, at));
    }
    for (uint32_t i = 0; i < s->items.count; i++) {
        if (s->items.items[i].instr->kind == DFL_NODE_HEALTHCHECK)
            check = s->items.items[i].instr->node;
    }
    if (check != 0) note_health_check(s, check);
    bring_script(s);
    for (uint32_t i = 0; i < s->named.count && dfl__has_context(s->rw); i++)
        bring(s, s->named.items[i].path);
}

void dfl__named_assume(dfl__split *s, uint32_t step) {
    for (uint32_t i = 0; i < s->named.count && !dfl__has_context(s->rw); i++) {
        const dfl__named *named = &s->named.items[i];
        dfl_str file = in_context(s, named->path);
        if (file.len == 0 || dfl__split_is_covered(s, named->path) || named->is_copied) continue;
        dfl__plan_assume(s->rw, step,
                         "the context holds no %S, which line %u names; pass --context to check",
                         &file, named->line);
    }
}
