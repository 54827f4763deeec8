/* health.c -- what a HEALTHCHECK runs, and the same request made by the image's own interpreter.
 * Relies on split.h. The requests that an interpreter can make are the catalog's (`probe`).
 * Never writes a check whose request or verdict would differ from the old one's. */
#include <string.h>

#include "base/path.h"
#include "rewrite/split.h"
#include "syntax/number.h"

#define WORDS_MAX 32u

/* A program that a health check starts: there, or in a package that is installed. */
static int has_program(const dfl__split *s, const dfl__image_info *target, dfl_str program) {
    static const char *const builtins[] = {"exit", "test", "[", "true", "false", ":", "echo"};
    if (!target->image->no_shell && DFL__IS_ONE_OF(program, builtins)) return 1;
    if (dfl__names_has(target->image->provides, program, 0)) return 1;
    /* An interpreter that only the image's ENTRYPOINT finds. */
    if (dfl__names_has(target->image->interpreters, program, 0)) return 0;
    if (!target->image->no_shell && dfl__names_has(s->eco->interpreters, program, 0)) return 1;
    if (s->program < s->start.argc && dfl__eq(program, s->start.argv[s->program])) return 1;
    for (uint32_t i = 0; i < s->packages.count && !target->image->no_shell; i++) {
        if (dfl__eq(s->packages.items[i].name, program)) return 1;
    }
    return 0;
}

/* The words of the check: of its JSON form, or of the first command of its shell form. */
typedef struct {
    dfl_str words[WORDS_MAX];
    uint32_t count;
    uint32_t node; /* of the instruction */
    dfl_range form;
    int simple;      /* one literal command that at most `|| exit 1` follows */
    dfl_str missing; /* first program that the target lacks */
} check;

static void read_json(dfl__split *s, const dfl__image_info *target, uint32_t node, check *out) {
    uint32_t form = dfl__node_child(s->rw->doc, node, DFL_NODE_JSON_FORM);
    uint32_t word = form != 0 ? dfl__node_child(s->rw->doc, form, DFL_NODE_JSON_STRING) : 0;
    if (form == 0) return; /* NONE */
    out->form = dfl__node_range(s->rw->doc, form);
    for (; word != 0 && out->count < WORDS_MAX; word = dfl__next_argument(s->rw->doc, node, word))
        out->words[out->count++] = dfl__node_value(s->rw->doc, word);
    out->simple = word == 0;
    if (out->count > 0 && !has_program(s, target, out->words[0])) out->missing = out->words[0];
}

static int is_exit_1(const dfl__shell *shell, uint32_t cmd) {
    dfl_str words[3];
    uint32_t first, count = dfl__command_words(shell, cmd, words, 3, &first);
    return shell->cmds[cmd].op == DFL__OP_OR && count == 2 && dfl__eqz(words[0], "exit") &&
           dfl__eqz(words[1], "1");
}

/* Redirections that only silence the command. */
static int is_silenced(const dfl__shell *shell, const dfl__sh_cmd *cmd) {
    for (uint32_t i = 0; i < cmd->redir_count; i++) {
        const dfl__sh_redir *r = &cmd->redirs[i];
        dfl_str target = dfl__sub(shell->text, r->target.start, r->target.end);
        int to_null = strcmp(r->op, ">") == 0 && dfl__eqz(target, "/dev/null");
        if (!to_null && strcmp(r->op, ">&") != 0) return 0;
    }
    return 1;
}

static int is_one_command(const dfl__shell *shell, uint32_t first, uint32_t count) {
    const dfl__sh_cmd *cmd = &shell->cmds[0];
    if (shell->cmd_count > 2 || cmd->negated || cmd->background || cmd->assign_count > 0) return 0;
    if (shell->cmd_count == 2 && !is_exit_1(shell, 1)) return 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!cmd->words[first + i].literal) return 0;
    }
    return count > 0 && count < WORDS_MAX && is_silenced(shell, cmd);
}

static void read_shell(dfl__split *s, const dfl__image_info *target, uint32_t form, check *out) {
    dfl__shell shell;
    uint32_t first = 0;
    out->form = dfl__node_range(s->rw->doc, form);
    out->missing = target->image->no_shell ? DFL__LIT("sh") : dfl__str("");
    if (dfl__shell_scan(dfl__node_value(s->rw->doc, form), s->rw->doc->limits.max_depth,
                        &s->rw->plan->alloc, &shell) != DFL_OK) {
        out->missing = DFL__LIT("sh");
        return;
    }
    for (uint32_t i = 0; i < shell.cmd_count && out->missing.len == 0; i++) {
        dfl_str word;
        if (dfl__command_words(&shell, i, &word, 1, &first) == 1 && !has_program(s, target, word))
            out->missing = dfl__rewrite_text(s->rw, word);
    }
    if (shell.cmd_count > 0) {
        out->count = dfl__command_words(&shell, 0, out->words, WORDS_MAX, &first);
        out->simple = is_one_command(&shell, first, out->count);
    }
    for (uint32_t i = 0; i < out->count; i++)
        out->words[i] = dfl__rewrite_text(s->rw, out->words[i]);
    dfl__shell_free(&shell);
}

/* A request over HTTP, and how the program that makes it judges the answer. */
typedef struct {
    dfl_str url, host, port, path;
    int follows; /* redirections */
    int fails;   /* on an answer of 400 or more */
} request;

/* Short options of `letters` only: -fsS. */
static int are_flags(dfl_str word, const char *letters) {
    if (word.len < 2 || word.ptr[0] != '-' || word.ptr[1] == '-') return 0;
    for (size_t i = 1; i < word.len; i++) {
        if (memchr(letters, word.ptr[i], strlen(letters)) == NULL) return 0;
    }
    return 1;
}

static int read_curl(const check *c, request *r) {
    static const char *const flags[] = {"--fail", "--silent", "--show-error"};
    static const char *const outputs[] = {"-o", "--output"};
    for (uint32_t i = 1; i < c->count; i++) {
        dfl_str word = c->words[i];
        if (dfl__eqz(word, "--fail") ||
            (are_flags(word, "fsS") && dfl__find(word, 'f', 0) < word.len))
            r->fails = 1;
        if (DFL__IS_ONE_OF(word, flags) || are_flags(word, "fsS")) continue;
        if (DFL__IS_ONE_OF(word, outputs) && i + 1 < c->count &&
            dfl__eqz(c->words[i + 1], "/dev/null")) {
            i++;
        } else if (dfl__starts(word, "-") || r->url.len > 0) {
            return 0;
        } else {
            r->url = word;
        }
    }
    return r->fails;
}

static int read_wget(const check *c, request *r) {
    static const char *const flags[] = {"-q",   "--quiet", "-nv", "--no-verbose", "--spider",
                                        "-qO-", "-O-",     "-t1", "--tries=1"};
    static const char *const outputs[] = {"-O", "-qO", "--output-document"};
    r->follows = r->fails = 1;
    for (uint32_t i = 1; i < c->count; i++) {
        dfl_str word = c->words[i];
        if (DFL__IS_ONE_OF(word, flags)) continue;
        if (DFL__IS_ONE_OF(word, outputs) && i + 1 < c->count &&
            (dfl__eqz(c->words[i + 1], "/dev/null") || dfl__eqz(c->words[i + 1], "-"))) {
            i++;
        } else if (dfl__starts(word, "-") || r->url.len > 0) {
            return 0;
        } else {
            r->url = word;
        }
    }
    return 1;
}

/* Characters that stand for themselves in a URL and in a string of every language. */
static int is_plain(dfl_str s) {
    static const char others[] = "-._~:/?=&%+,";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (!dfl__is_alpha(c) && !dfl__is_digit(c) && memchr(others, c, sizeof others - 1) == NULL)
            return 0;
    }
    return s.len > 0;
}

static int split_url(dfl__rewrite *rw, request *r) {
    if (dfl__find_str(r->url, "://") == r->url.len)
        r->url = dfl__rewrite_fmt(rw, "http://%S", &r->url);
    if (!dfl__starts(r->url, "http://") || !is_plain(r->url)) return 0;
    dfl_str rest = dfl__sub(r->url, strlen("http://"), r->url.len);
    size_t slash = dfl__find(rest, '/', 0);
    dfl_str where = dfl__sub(rest, 0, slash);
    size_t colon = dfl__find(where, ':', 0);
    r->host = dfl__sub(where, 0, colon);
    r->port = colon < where.len ? dfl__sub(where, colon + 1, where.len) : DFL__LIT("80");
    r->path = slash < rest.len ? dfl__sub(rest, slash, rest.len) : DFL__LIT("/");
    for (size_t i = 0; i < r->port.len; i++) {
        if (!dfl__is_digit((unsigned char)r->port.ptr[i])) return 0;
    }
    return r->host.len > 0 && r->port.len > 0 && dfl__find(where, '?', 0) == where.len;
}

static int read_request(dfl__rewrite *rw, const check *c, request *out) {
    memset(out, 0, sizeof *out);
    out->url = dfl__str("");
    if (!c->simple || c->count < 2) return 0;
    dfl_str program = dfl__path_base(c->words[0]);
    int read = dfl__eqz(program, "curl")   ? read_curl(c, out)
               : dfl__eqz(program, "wget") ? read_wget(c, out)
                                           : 0;
    return read && out->url.len > 0 && split_url(rw, out);
}

static dfl_str fill(dfl__rewrite *rw, const char *template, const request *r) {
    const struct {
        const char *name;
        dfl_str value;
    } parts[] = {{"{url}", r->url}, {"{host}", r->host}, {"{port}", r->port}, {"{path}", r->path}};
    dfl_str text = dfl__str(template);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t at = dfl__find_str(text, parts[i].name);
        if (at == text.len) continue;
        dfl_str before = dfl__sub(text, 0, at);
        dfl_str after = dfl__sub(text, at + strlen(parts[i].name), text.len);
        text = dfl__rewrite_fmt(rw, "%S%S%S", &before, &parts[i].value, &after);
    }
    return text;
}

/* The language's interpreter as the target starts it; empty when it has none. */
static dfl_str interpreter_on(const dfl__split *s, const dfl__image *target) {
    for (uint32_t i = 0; i < s->eco->interpreters.count; i++) {
        dfl_str name = dfl__str(s->eco->interpreters.items[i]);
        if (dfl__names_has(target->provides, name, 0)) return name;
    }
    for (uint32_t i = 0; i < s->eco->interpreters.count && target->entrypoint.count > 0; i++) {
        if (dfl__names_has(target->interpreters, dfl__str(s->eco->interpreters.items[i]), 0))
            return dfl__str(target->entrypoint.items[0]);
    }
    return dfl__str("");
}

/* Whether the target's version of the language knows what the probes are written with. */
static int is_new_enough(const dfl__split *s, const dfl__image_info *target) {
    int64_t have, want;
    dfl_str version = target->language_version;
    return dfl__go_int(dfl__str(s->eco->probe_since), 32, &want) &&
           dfl__go_int(dfl__sub(version, 0, dfl__find(version, '.', 0)), 32, &have) && have >= want;
}

static void set_probe(dfl__split *s, const check *c, dfl_str interpreter, const dfl_str *words,
                      uint32_t count) {
    dfl_str text = dfl__json_words(s->rw, words, count);
    dfl_str comments = dfl__comments_in(s->rw, c->node, c->form);
    s->probe.range = c->form;
    if (comments.len > 0) { /* they stand above the instruction then */
        s->probe.range.start = dfl__node_range(s->rw->doc, c->node).start;
        dfl_str head = dfl__sub(s->rw->doc->source, s->probe.range.start, c->form.start);
        text = dfl__rewrite_fmt(s->rw, "%S%S%S", &comments, &head, &text);
    }
    s->probe.text = text;
    s->probe.old = c->words[0];
    s->probe.interpreter = interpreter;
}

/* The same request made by the interpreter; of a check that the interpreter runs, the same words.
 * 0 when that cannot be told. */
static int write_probe(dfl__split *s, const dfl__image_info *target, check *c) {
    dfl_str words[8];
    request r;
    dfl_str interpreter = interpreter_on(s, target->image);
    s->probe.is_same = interpreter.len > 0 && c->simple && c->count > 0 &&
                       dfl__names_has(s->eco->interpreters, c->words[0], 1);
    if (s->probe.is_same) {
        dfl_str old = c->words[0];
        c->words[0] = interpreter;
        set_probe(s, c, interpreter, c->words, c->count);
        s->probe.old = old;
        return s->rw->failed == DFL_OK;
    }
    if (interpreter.len == 0 || !is_new_enough(s, target) || !read_request(s->rw, c, &r)) return 0;
    dfl__names probe = r.follows ? s->eco->probe_follow : s->eco->probe;
    if (probe.count == 0 || probe.count + 1 > sizeof words / sizeof *words) return 0;
    words[0] = interpreter;
    for (uint32_t i = 0; i < probe.count; i++)
        words[i + 1] = fill(s->rw, probe.items[i], &r);
    set_probe(s, c, interpreter, words, probe.count + 1);
    return s->rw->failed == DFL_OK;
}

void dfl__health_check(dfl__split *s, const dfl__image_info *target) {
    s->probe.text = dfl__str("");
    for (uint32_t i = s->items.count; i-- > 0;) {
        const dfl__instr *instr = s->items.items[i].instr;
        check c;
        if (instr->kind != DFL_NODE_HEALTHCHECK) continue;
        memset(&c, 0, sizeof c);
        c.node = instr->node;
        c.missing = dfl__str("");
        uint32_t form = dfl__node_child(s->rw->doc, instr->node, DFL_NODE_SHELL_FORM);
        if (form != 0)
            read_shell(s, target, form, &c);
        else
            read_json(s, target, instr->node, &c);
        if (c.missing.len == 0 || write_probe(s, target, &c)) return;
        dfl_range range = dfl__node_range(s->rw->doc, instr->node);
        (void)dfl__object(s, "runtime.healthcheck", range,
                          dfl__rewrite_fmt(s->rw,
                                           "HEALTHCHECK at line %u runs %S, which the image does "
                                           "not have",
                                           dfl__line_of(s->rw, range.start), &c.missing));
        return;
    }
}

uint32_t dfl__probe_step(dfl__split *s, const char *code) {
    const dfl__probe *p = &s->probe;
    uint32_t line = dfl__line_of(s->rw, p->range.start);
    if (p->is_same)
        return dfl__plan_add_step(s->rw, code, DFL_RISK_SAFE, p->range,
                                  "HEALTHCHECK at line %u starts %S as %S, as %S finds it nowhere "
                                  "else",
                                  line, &p->old, &p->interpreter, &s->runtime);
    uint32_t step =
        dfl__plan_add_step(s->rw, code, DFL_RISK_LIKELY, p->range,
                           "HEALTHCHECK at line %u makes its request with %S, as %S has no %S",
                           line, &p->interpreter, &s->runtime, &p->old);
    dfl__plan_assume(s->rw, step, "the program answers a request of %S as it answers one of %S",
                     &p->interpreter, &p->old);
    return step;
}
