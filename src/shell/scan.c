/* scan.c -- see shell.h: lists, pipelines, simple commands, redirections, substitutions.
 * Relies on lex.h for tokens and compound.c for the small grammars of compound commands.
 * Never recurses: one frame of the stack for each command or substitution that is open. */
#include "shell/scan.h"

#include <assert.h>
#include <string.h>

enum { DEFAULT_DEPTH = 64 };

static const struct {
    char text[9];
    uint8_t word;
} reserved[] = {
    {"!", DFL__WORD_BANG},        {"{", DFL__WORD_LBRACE},  {"}", DFL__WORD_RBRACE},
    {"[[", DFL__WORD_LTEST},      {"]]", DFL__WORD_RTEST},  {"case", DFL__WORD_CASE},
    {"coproc", DFL__WORD_COPROC}, {"do", DFL__WORD_DO},     {"done", DFL__WORD_DONE},
    {"elif", DFL__WORD_ELIF},     {"else", DFL__WORD_ELSE}, {"esac", DFL__WORD_ESAC},
    {"fi", DFL__WORD_FI},         {"for", DFL__WORD_FOR},   {"function", DFL__WORD_FUNCTION},
    {"if", DFL__WORD_IF},         {"in", DFL__WORD_IN},     {"select", DFL__WORD_SELECT},
    {"then", DFL__WORD_THEN},     {"time", DFL__WORD_TIME}, {"until", DFL__WORD_UNTIL},
    {"while", DFL__WORD_WHILE},
};

/* Which word ends which part, and what is read then. */
static const struct {
    uint8_t part, word, next;
} closers[] = {
    {DFL__PART_GROUP, DFL__WORD_RBRACE, DFL__PART_AFTER},
    {DFL__PART_IF, DFL__WORD_THEN, DFL__PART_THEN},
    {DFL__PART_THEN, DFL__WORD_ELIF, DFL__PART_IF},
    {DFL__PART_THEN, DFL__WORD_ELSE, DFL__PART_ELSE},
    {DFL__PART_THEN, DFL__WORD_FI, DFL__PART_AFTER},
    {DFL__PART_ELSE, DFL__WORD_FI, DFL__PART_AFTER},
    {DFL__PART_WHILE, DFL__WORD_DO, DFL__PART_DO},
    {DFL__PART_DO, DFL__WORD_DONE, DFL__PART_AFTER},
    {DFL__PART_ITEM, DFL__WORD_ESAC, DFL__PART_AFTER},
};

/* Which word begins which part of which command. */
static const struct {
    uint8_t word, kind, part, bash;
} openers[] = {
    {DFL__WORD_LBRACE, DFL__CMD_GROUP, DFL__PART_GROUP, 0},
    {DFL__WORD_IF, DFL__CMD_COMPOUND, DFL__PART_IF, 0},
    {DFL__WORD_WHILE, DFL__CMD_COMPOUND, DFL__PART_WHILE, 0},
    {DFL__WORD_UNTIL, DFL__CMD_COMPOUND, DFL__PART_WHILE, 0},
    {DFL__WORD_FOR, DFL__CMD_COMPOUND, DFL__PART_FOR, 0},
    {DFL__WORD_CASE, DFL__CMD_COMPOUND, DFL__PART_CASE, 0},
    {DFL__WORD_SELECT, DFL__CMD_COMPOUND, DFL__PART_FOR, 1},
    {DFL__WORD_LTEST, DFL__CMD_COMPOUND, DFL__PART_TEST, 1},
    {DFL__WORD_FUNCTION, DFL__CMD_COMPOUND, DFL__PART_FUNCTION, 1},
};

/* Commands of bash whose arguments may be arrays. */
static const char *const declarations[] = {"declare", "typeset", "local", "export", "readonly"};

static dfl__step no_memory(dfl__scan *s) {
    s->lex.status = DFL_E_NOMEM;
    return DFL__BAD;
}

dfl__frame *dfl__scan_top(dfl__scan *s) {
    assert(s->frames.count > 0);
    return &s->frames.items[s->frames.count - 1];
}

static dfl__sh_cmd *command(dfl__scan *s, uint32_t index) {
    return &s->entries.items[index].cmd;
}

/* A word whose bytes are all plain, whatever else they could mean. */
static int is_bare(const dfl__sh_word *word) {
    return !word->quoted && !word->has_var && !word->has_subst && word->value.len > 0;
}

dfl__reserved dfl__scan_reserved(const dfl__sh_word *word) {
    if (!is_bare(word) || word->value.len > 8) return DFL__WORD_NONE;
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (dfl__eqz(word->value, reserved[i].text)) return (dfl__reserved)reserved[i].word;
    }
    return DFL__WORD_NONE;
}

/* Commands. */

static dfl__step push_frame(dfl__scan *s, dfl__part part, uint32_t cmd, int inherited) {
    dfl__frame frame = {.part = (uint8_t)part,
                        .inherited = (uint8_t)inherited,
                        .cmd = cmd,
                        .last = DFL__NONE,
                        .first = DFL__NONE,
                        .words = s->words.count,
                        .redirs = s->redirs.count};
    if (s->frames.count > 0) frame.in_subst = dfl__scan_top(s)->in_subst;
    if (part != DFL__PART_SIMPLE && !dfl__lex_enter(&s->lex)) return DFL__BAD;
    return DFL__PUSH(&s->lex.alloc, &s->frames, frame) ? DFL__TOOK : no_memory(s);
}

static void pop_frame(dfl__scan *s) {
    if (dfl__scan_top(s)->part != DFL__PART_SIMPLE) s->lex.depth--;
    s->frames.count--;
}

/* Link the command that comes next into the list on top. */
static void link_command(dfl__scan *s, dfl__sh_cmd *cmd) {
    dfl__frame *f = dfl__scan_top(s);
    uint32_t index = s->entries.count;
    if (f->last != DFL__NONE) {
        command(s, f->last)->next = index;
        if (f->op == DFL__OP_PIPE) command(s, f->last)->in_pipe = cmd->in_pipe = 1;
    }
    if (f->first == DFL__NONE) f->first = index;
    cmd->op = f->op;
    cmd->op_start = f->op == DFL__OP_NONE ? cmd->start : f->op_start;
    cmd->op_end = f->op == DFL__OP_NONE ? cmd->start : f->op_end;
    cmd->negated = f->negated != 0;
    cmd->in_subst = f->in_subst != 0;
    cmd->conditional = f->inherited || f->after_or;
    f->last = index;
}

dfl__step dfl__scan_begin(dfl__scan *s, dfl__cmd_kind kind, dfl__part part, uint32_t start) {
    dfl__entry entry = {.cmd = {.kind = kind,
                                .start = start,
                                .end = start,
                                .parent = dfl__scan_top(s)->cmd,
                                .next = DFL__NONE}};
    link_command(s, &entry.cmd);
    uint32_t index = s->entries.count;
    if (!DFL__PUSH(&s->lex.alloc, &s->entries, entry)) return no_memory(s);
    int inherited = entry.cmd.conditional || kind == DFL__CMD_COMPOUND;
    return push_frame(s, part, index, inherited);
}

dfl__step dfl__scan_close(dfl__scan *s, uint32_t end) {
    dfl__frame *f = dfl__scan_top(s);
    f->part = DFL__PART_AFTER;
    f->words = s->words.count;
    f->redirs = s->redirs.count;
    command(s, f->cmd)->end = end;
    return DFL__TOOK;
}

/* Move the command's words and redirections to the final arrays. */
static int settle(dfl__scan *s, dfl__frame *f) {
    dfl__entry *e = &s->entries.items[f->cmd];
    uint32_t words = s->words.count - f->words, redirs = s->redirs.count - f->redirs;
    if (!DFL__RESERVE(&s->lex.alloc, &s->all_words, words)) return 0;
    if (!DFL__RESERVE(&s->lex.alloc, &s->all_redirs, redirs)) return 0;
    e->words = s->all_words.count;
    e->redirs = s->all_redirs.count;
    for (uint32_t i = 0; i < words; i++)
        s->all_words.items[s->all_words.count++] = s->words.items[f->words + i];
    for (uint32_t i = 0; i < redirs; i++)
        s->all_redirs.items[s->all_redirs.count++] = s->redirs.items[f->redirs + i];
    e->cmd.word_count = words - e->cmd.assign_count;
    e->cmd.redir_count = redirs;
    s->words.count = f->words;
    s->redirs.count = f->redirs;
    return 1;
}

dfl__step dfl__scan_finish(dfl__scan *s, dfl__list_state state) {
    dfl__frame *f = dfl__scan_top(s);
    if (f->target) return DFL__BAD;
    if (!settle(s, f)) return no_memory(s);
    pop_frame(s);
    dfl__scan_top(s)->state = (uint8_t)state;
    return DFL__AGAIN;
}

/* Redirections. */

static dfl__step add_redirection(dfl__scan *s, const dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    if (f->target) return DFL__BAD;
    dfl__sh_redir redir = {.start = t->start, .end = t->end, .fd = t->fd};
    memcpy(redir.op, t->op, sizeof redir.op);
    f->target = 1;
    return DFL__PUSH(&s->lex.alloc, &s->redirs, redir) ? DFL__TOOK : no_memory(s);
}

static dfl__step add_target(dfl__scan *s, const dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    dfl__sh_redir *redir = &s->redirs.items[s->redirs.count - 1];
    f->target = 0;
    redir->target = t->word;
    redir->end = command(s, f->cmd)->end = t->end;
    /* `>&-x` closes for bash, and x is a word. */
    if (redir->op[1] == '&' && t->end - t->start > 1 && s->lex.text.ptr[t->start] == '-')
        return DFL__BAD;
    if (!dfl__is_heredoc(redir)) return DFL__TOOK;
    /* Its number for now; place_bodies puts the range there. */
    redir->body_start = s->lex.bodies.count;
    redir->target.literal = 1;
    redir->target.has_glob = redir->target.has_tilde = 0;
    return dfl__lex_heredoc(&s->lex, &t->word, redir->op[2] == '-') ? DFL__TOOK : DFL__BAD;
}

/* Substitutions. */

static dfl__step open_word(dfl__scan *s, const dfl__tok *t) {
    static const uint8_t parts[] = {[DFL__OPEN_PAREN] = DFL__PART_SUBST,
                                    [DFL__OPEN_TICK] = DFL__PART_TICK,
                                    [DFL__OPEN_ARRAY] = DFL__PART_ARRAY};
    dfl__frame *f = dfl__scan_top(s);
    if (f->target && dfl__is_heredoc(&s->redirs.items[s->redirs.count - 1])) return DFL__BAD;
    uint32_t cmd = f->cmd, last = f->last;
    int inherited = f->inherited || t->maybe;
    if (push_frame(s, (dfl__part)parts[t->open], cmd, inherited) == DFL__BAD) return DFL__BAD;
    dfl__scan_top(s)->last = last;
    if (t->open != DFL__OPEN_ARRAY) dfl__scan_top(s)->in_subst = 1;
    return DFL__TOOK;
}

/* The substitution on top has ended: its word goes on, and is a token for the frame below. */
static dfl__step close_word(dfl__scan *s, dfl__tok *t) {
    uint32_t last = dfl__scan_top(s)->last;
    pop_frame(s);
    dfl__scan_top(s)->last = last;
    dfl__lex_resume(&s->lex, t);
    return DFL__AGAIN;
}

static dfl__step on_array(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_RPAREN) return close_word(s, t);
    if (t->kind == DFL__TOK_OPEN) return open_word(s, t);
    if (t->kind == DFL__TOK_WORD && !t->subscript) return DFL__TOOK;
    return t->kind == DFL__TOK_NEWLINE ? DFL__TOOK : DFL__BAD;
}

static dfl__step on_body(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_OPEN) return open_word(s, t);
    s->done = 1;
    return t->kind == DFL__TOK_WORD ? DFL__TOOK : DFL__BAD;
}

/* Simple commands. */

static uint32_t program_words(dfl__scan *s, const dfl__frame *f) {
    return s->words.count - f->words - command(s, f->cmd)->assign_count;
}

/* `time` without a command: what follows is a pipeline for bash. */
static int is_bare_time(dfl__scan *s, const dfl__frame *f) {
    const dfl__sh_cmd *cmd = command(s, f->cmd);
    if (cmd->assign_count > 0 || s->redirs.count > f->redirs) return 0;
    if (s->words.count == f->words) return 0;
    const dfl__sh_word *w = &s->words.items[f->words];
    if (dfl__scan_reserved(&w[0]) != DFL__WORD_TIME) return 0;
    for (uint32_t i = 1; i < program_words(s, f); i++) {
        if (!dfl__eqz(w[i].value, "-p") && !dfl__eqz(w[i].value, "--") &&
            !dfl__eqz(w[i].value, "!"))
            return 0;
    }
    return 1;
}

static dfl__step end_simple(dfl__scan *s, const dfl__tok *t) {
    int ends = t->kind == DFL__TOK_SEMI || t->kind == DFL__TOK_NEWLINE || t->kind == DFL__TOK_EOF;
    if (!ends && is_bare_time(s, dfl__scan_top(s))) return DFL__BAD;
    return dfl__scan_finish(s, DFL__AT_COMMAND);
}

static dfl__step simple_word(dfl__scan *s, const dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    dfl__sh_word word = t->word;
    if (f->target) return add_target(s, t);
    if (program_words(s, f) == 0) {
        if (t->subscript) return DFL__BAD;
        if (t->assign) {
            s->lex.bash |= (int)t->assign_bash;
            word.literal |= word.has_glob && !word.has_tilde && !word.has_var && !word.has_subst;
            command(s, f->cmd)->assign_count++;
        }
    }
    int is_reserved = dfl__scan_reserved(&word) > DFL__WORD_BANG;
    if (is_reserved && is_bare_time(s, f)) return DFL__BAD;
    command(s, f->cmd)->end = t->end;
    return DFL__PUSH(&s->lex.alloc, &s->words, word) ? DFL__TOOK : no_memory(s);
}

/* NAME( begins a function. */
static dfl__step simple_paren(dfl__scan *s) {
    dfl__frame *f = dfl__scan_top(s);
    const dfl__sh_cmd *cmd = command(s, f->cmd);
    int alone = cmd->assign_count == 0 && s->words.count == f->words + 1 &&
                s->redirs.count == f->redirs && !f->target;
    return alone ? dfl__scan_function(s) : DFL__BAD;
}

static dfl__step on_simple(dfl__scan *s, dfl__tok *t) {
    switch (t->kind) {
    case DFL__TOK_WORD: return simple_word(s, t);
    case DFL__TOK_REDIR: return add_redirection(s, t);
    case DFL__TOK_OPEN: return open_word(s, t);
    case DFL__TOK_LPAREN: return simple_paren(s);
    case DFL__TOK_BAD: return DFL__BAD;
    case DFL__TOK_EOF:
    case DFL__TOK_NEWLINE:
    case DFL__TOK_AND:
    case DFL__TOK_OR:
    case DFL__TOK_SEMI:
    case DFL__TOK_ITEM_END:
    case DFL__TOK_BG:
    case DFL__TOK_PIPE:
    case DFL__TOK_RPAREN: break;
    }
    return end_simple(s, t);
}

static dfl__step on_after(dfl__scan *s, dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    if (t->kind == DFL__TOK_REDIR) return add_redirection(s, t);
    if (f->target && t->kind == DFL__TOK_OPEN) return open_word(s, t);
    if (f->target && t->kind == DFL__TOK_WORD) return add_target(s, t);
    int redirected = s->redirs.count > f->redirs;
    return dfl__scan_finish(s, redirected ? DFL__AT_COMMAND : DFL__AT_COMPOUND);
}

/* Lists. */

dfl__step dfl__scan_list(dfl__scan *s, dfl__part part) {
    dfl__frame *f = dfl__scan_top(s);
    f->part = (uint8_t)part;
    f->state = DFL__AT_START;
    f->op = DFL__OP_NONE;
    f->after_or = f->negated = 0;
    f->first = DFL__NONE;
    return DFL__TOOK;
}

static int is_after_command(const dfl__frame *f) {
    return f->state >= DFL__AT_COMMAND;
}

/* May the list end here? `word`: with a reserved word. */
static int may_end(const dfl__frame *f, int word) {
    if (f->state == DFL__AT_SEPARATED || f->state == DFL__AT_COMPOUND) return 1;
    if (f->state == DFL__AT_COMMAND) return !word;
    int empty = f->part <= DFL__PART_SUBST || f->part == DFL__PART_ITEM;
    return f->state == DFL__AT_START && empty;
}

static dfl__step separate(dfl__frame *f, const dfl__tok *t, dfl__op op) {
    if (!is_after_command(f)) return DFL__BAD;
    f->op = op;
    f->op_start = t->start;
    f->op_end = t->end;
    f->state = DFL__AT_SEPARATED;
    f->negated = f->after_or = 0;
    f->first = DFL__NONE;
    return DFL__TOOK;
}

static dfl__step on_semi(dfl__scan *s, dfl__tok *t) {
    return separate(dfl__scan_top(s), t, DFL__OP_SEQ);
}

static dfl__step on_newline(dfl__scan *s, dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    if (is_after_command(f)) return separate(f, t, DFL__OP_SEQ);
    return f->state == DFL__AT_BANG ? DFL__BAD : DFL__TOOK;
}

/* Visits a command once for each level of nesting at most. */
static dfl__step on_background(dfl__scan *s, dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    if (!is_after_command(f)) return DFL__BAD;
    for (uint32_t i = f->first; i < s->entries.count; i++)
        command(s, i)->background = command(s, i)->conditional = 1;
    return separate(f, t, DFL__OP_BG);
}

static dfl__step on_joiner(dfl__scan *s, dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    if (!is_after_command(f)) return DFL__BAD;
    f->op = t->kind == DFL__TOK_AND  ? DFL__OP_AND
            : t->kind == DFL__TOK_OR ? DFL__OP_OR
                                     : DFL__OP_PIPE;
    f->op_start = t->start;
    f->op_end = t->end;
    f->state = DFL__AT_JOINED;
    if (f->op == DFL__OP_OR) f->after_or = 1;
    if (f->op != DFL__OP_PIPE) f->negated = 0;
    return DFL__TOOK;
}

static dfl__step on_end(dfl__scan *s, dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    if (!may_end(f, 0)) return DFL__BAD;
    if (f->part == DFL__PART_TICK) return close_word(s, t);
    s->done = 1;
    return f->part == DFL__PART_TOP ? DFL__TOOK : DFL__BAD;
}

static dfl__step on_rparen(dfl__scan *s, dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    if (!may_end(f, 0)) return DFL__BAD;
    if (f->part == DFL__PART_SUBST) return close_word(s, t);
    return f->part == DFL__PART_SUBSHELL ? dfl__scan_close(s, t->end) : DFL__BAD;
}

static dfl__step on_item_end(dfl__scan *s, dfl__tok *t) {
    (void)t;
    dfl__frame *f = dfl__scan_top(s);
    if (f->part != DFL__PART_ITEM || !may_end(f, 0)) return DFL__BAD;
    f->part = DFL__PART_PATTERN;
    return DFL__TOOK;
}

static dfl__step on_simple_begin(dfl__scan *s, dfl__tok *t) {
    if (is_after_command(dfl__scan_top(s))) return DFL__BAD;
    uint32_t start = t->kind == DFL__TOK_OPEN ? t->word.start : t->start;
    if (dfl__scan_begin(s, DFL__CMD_SIMPLE, DFL__PART_SIMPLE, start) == DFL__BAD) return DFL__BAD;
    return DFL__AGAIN;
}

static dfl__step bang(dfl__frame *f) {
    if (f->state == DFL__AT_BANG) return DFL__BAD;
    if (f->state == DFL__AT_JOINED && f->op == DFL__OP_PIPE) return DFL__BAD;
    f->negated = 1;
    f->state = DFL__AT_BANG;
    return DFL__TOOK;
}

static dfl__step close_list(dfl__scan *s, dfl__reserved word, uint32_t end) {
    const dfl__frame *f = dfl__scan_top(s);
    if (!may_end(f, 1)) return DFL__BAD;
    for (size_t i = 0; i < sizeof closers / sizeof closers[0]; i++) {
        if (closers[i].part != f->part || closers[i].word != word) continue;
        if (closers[i].next == DFL__PART_AFTER) return dfl__scan_close(s, end);
        return dfl__scan_list(s, (dfl__part)closers[i].next);
    }
    return DFL__BAD;
}

static dfl__step open_parens(dfl__scan *s, const dfl__tok *t) {
    dfl__parens parens = DFL__PARENS_SUBSHELLS;
    if (dfl__lex_peek(&s->lex, t->end) == '(') parens = dfl__lex_parens(&s->lex, t->start);
    if (parens == DFL__PARENS_DOUBT) return DFL__BAD;
    if (parens == DFL__PARENS_SUBSHELLS)
        return dfl__scan_begin(s, DFL__CMD_SUBSHELL, DFL__PART_SUBSHELL, t->start);
    s->lex.bash = 1;
    return dfl__scan_begin(s, DFL__CMD_COMPOUND, DFL__PART_ARITH, t->start);
}

dfl__step dfl__scan_open(dfl__scan *s, const dfl__tok *t, int body) {
    if (t->kind == DFL__TOK_LPAREN) return open_parens(s, t);
    dfl__reserved word = dfl__scan_reserved(&t->word);
    if (body && word == DFL__WORD_FUNCTION) return DFL__BAD;
    for (size_t i = 0; i < sizeof openers / sizeof openers[0]; i++) {
        if (openers[i].word != word) continue;
        s->lex.bash |= openers[i].bash;
        return dfl__scan_begin(s, (dfl__cmd_kind)openers[i].kind, (dfl__part)openers[i].part,
                               t->start);
    }
    return DFL__BAD;
}

static dfl__step on_lparen(dfl__scan *s, dfl__tok *t) {
    return is_after_command(dfl__scan_top(s)) ? DFL__BAD : dfl__scan_open(s, t, 0);
}

/* What a coprocess is depends on its second word: not understood, but its end is. */
static dfl__step coprocess(dfl__scan *s, dfl__tok *t) {
    dfl__step result = on_simple_begin(s, t);
    if (result != DFL__BAD) command(s, s->entries.count - 1)->kind = DFL__CMD_OPAQUE;
    s->opaque = 1;
    return result;
}

static dfl__step on_word(dfl__scan *s, dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    dfl__reserved word = dfl__scan_reserved(&t->word);
    if (is_after_command(f)) return close_list(s, word, t->end);
    if (word == DFL__WORD_NONE || word == DFL__WORD_TIME) return on_simple_begin(s, t);
    if (word == DFL__WORD_BANG) return bang(f);
    if (word == DFL__WORD_COPROC) return coprocess(s, t);
    dfl__step opened = dfl__scan_open(s, t, 0);
    if (opened != DFL__BAD || s->lex.status != DFL_OK) return opened;
    return close_list(s, word, t->end);
}

/* For every kind but BAD. */
static dfl__handler *const list_handlers[DFL__TOK_BAD] = {
    [DFL__TOK_EOF] = on_end,           [DFL__TOK_NEWLINE] = on_newline,
    [DFL__TOK_WORD] = on_word,         [DFL__TOK_REDIR] = on_simple_begin,
    [DFL__TOK_AND] = on_joiner,        [DFL__TOK_OR] = on_joiner,
    [DFL__TOK_SEMI] = on_semi,         [DFL__TOK_ITEM_END] = on_item_end,
    [DFL__TOK_BG] = on_background,     [DFL__TOK_PIPE] = on_joiner,
    [DFL__TOK_LPAREN] = on_lparen,     [DFL__TOK_RPAREN] = on_rparen,
    [DFL__TOK_OPEN] = on_simple_begin,
};

/* The run. */

static int is_declaration(dfl__scan *s, const dfl__frame *f) {
    dfl_str program = s->words.items[f->words + command(s, f->cmd)->assign_count].value;
    return DFL__IS_ONE_OF(program, declarations);
}

/* What the next word may be. */
static unsigned mode_of(dfl__scan *s) {
    const dfl__frame *f = dfl__scan_top(s);
    if (f->part == DFL__PART_TEST_REGEX) return DFL__LEX_REGEX;
    if (f->part == DFL__PART_TEST_RIGHT) return DFL__LEX_PATTERN;
    if (f->part == DFL__PART_ARRAY) return DFL__LEX_ELEMENT;
    if (f->part <= DFL__PART_LAST_LIST) return DFL__LEX_ASSIGN;
    if (f->part != DFL__PART_SIMPLE || f->target) return 0;
    return program_words(s, f) == 0 || is_declaration(s, f) ? DFL__LEX_ASSIGN : 0;
}

/* Bodies of here-documents come after a newline that ends a command or stands before one. Inside
 * the head of a compound shells differ. */
static int misplaces_bodies(const dfl__tok *t, dfl__part part) {
    return t->kind == DFL__TOK_NEWLINE && t->bodies && part > DFL__PART_AFTER;
}

static dfl__step dispatch(dfl__scan *s, dfl__tok *t) {
    dfl__part part = (dfl__part)dfl__scan_top(s)->part;
    if (t->kind == DFL__TOK_BAD || misplaces_bodies(t, part)) return DFL__BAD;
    if (part <= DFL__PART_LAST_LIST) return list_handlers[t->kind](s, t);
    if (part == DFL__PART_SIMPLE) return on_simple(s, t);
    if (part == DFL__PART_AFTER) return on_after(s, t);
    if (part == DFL__PART_ARRAY) return on_array(s, t);
    if (part == DFL__PART_BODY) return on_body(s, t);
    if (t->kind == DFL__TOK_OPEN) return open_word(s, t);
    return dfl__scan_compound(part)(s, t);
}

static void next_token(dfl__scan *s, dfl__tok *t) {
    const dfl__frame *f = dfl__scan_top(s);
    if (f->part == DFL__PART_BODY)
        dfl__lex_body(&s->lex, t);
    else if (f->part == DFL__PART_ARITH || f->part == DFL__PART_FOR_ARITH)
        dfl__lex_arith(&s->lex, t);
    else
        dfl__lex_next(&s->lex, mode_of(s), t);
}

/* Read `text`; 0 when it is no shell text, in doubt, or on failure (lex.status). */
static int run(dfl__scan *s, dfl_str text, uint32_t depth, int body) {
    dfl__tok tok;
    s->done = 0;
    s->frames.count = s->words.count = s->redirs.count = 0;
    dfl__lex_start(&s->lex, text, depth);
    dfl__step step = push_frame(s, body ? DFL__PART_BODY : DFL__PART_TOP, DFL__NONE, 0);
    while (step != DFL__BAD && !s->done) {
        if (step == DFL__TOOK) next_token(s, &tok);
        step = dispatch(s, &tok);
    }
    return step != DFL__BAD;
}

/* Each job is a part of the text of the one that queued it, a level deeper: at most text times
 * depth steps in all. What they hold is checked, not listed. */
static int run_jobs(dfl__scan *s) {
    uint32_t kept = s->entries.count;
    for (uint32_t i = 0; i < s->lex.jobs.count; i++) {
        dfl__job job = s->lex.jobs.items[i];
        if (!run(s, job.text, job.depth, job.body) || s->lex.pending.count > 0) return 0;
        s->entries.count = kept;
    }
    return 1;
}

/* Here-documents of the main text have their number until now. */
static void place_bodies(dfl__scan *s) {
    for (uint32_t i = 0; i < s->all_redirs.count; i++) {
        dfl__sh_redir *redir = &s->all_redirs.items[i];
        if (!dfl__is_heredoc(redir)) continue;
        dfl_range body = s->lex.bodies.items[redir->body_start];
        redir->body_start = body.start;
        redir->body_end = body.end;
    }
}

static int opaque_text(dfl__scan *s) {
    dfl__entry entry = {.cmd = {.kind = DFL__CMD_OPAQUE,
                                .end = (uint32_t)s->lex.text.len,
                                .parent = DFL__NONE,
                                .next = DFL__NONE}};
    s->opaque = 1;
    s->entries.count = 0;
    return DFL__PUSH(&s->lex.alloc, &s->entries, entry);
}

static dfl_status read_text(dfl__scan *s, dfl_str text) {
    int ok = dfl__find(text, '\0', 0) == text.len && run(s, text, 0, 0);
    if (ok) {
        place_bodies(s);
        ok = run_jobs(s);
    }
    if (s->lex.status != DFL_OK) return s->lex.status;
    s->lex.text = text;
    return ok || opaque_text(s) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status refuse_text(dfl__scan *s, dfl_str text) {
    s->lex.text = text;
    return text.len == 0 || opaque_text(s) ? DFL_OK : DFL_E_NOMEM;
}

static void *arena_array(dfl__arena *arena, const void *items, uint32_t count, size_t size) {
    void *copy = count > SIZE_MAX / size ? NULL : dfl__arena_get(arena, count * size);
    if (copy != NULL && count > 0) memcpy(copy, items, count * size);
    return copy;
}

static dfl_status deliver(dfl__scan *s, dfl__shell *out) {
    size_t count = s->entries.count;
    dfl__sh_word *words =
        arena_array(&out->arena, s->all_words.items, s->all_words.count, sizeof *words);
    dfl__sh_redir *redirs =
        arena_array(&out->arena, s->all_redirs.items, s->all_redirs.count, sizeof *redirs);
    if (count > SIZE_MAX / sizeof *out->cmds) return DFL_E_NOMEM;
    out->cmds = dfl__arena_get(&out->arena, count * sizeof *out->cmds);
    if (words == NULL || redirs == NULL || out->cmds == NULL) return DFL_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const dfl__entry *e = &s->entries.items[i];
        out->cmds[i] = e->cmd;
        out->cmds[i].assigns = words + e->words;
        out->cmds[i].words = words + e->words + e->cmd.assign_count;
        out->cmds[i].redirs = redirs + e->redirs;
    }
    out->cmd_count = (uint32_t)count;
    out->opaque = s->opaque;
    out->bash = s->lex.bash;
    return DFL_OK;
}

static void scan_free(dfl__scan *s) {
    DFL__VEC_FREE(&s->lex.alloc, &s->frames);
    DFL__VEC_FREE(&s->lex.alloc, &s->entries);
    DFL__VEC_FREE(&s->lex.alloc, &s->words);
    DFL__VEC_FREE(&s->lex.alloc, &s->redirs);
    DFL__VEC_FREE(&s->lex.alloc, &s->all_words);
    DFL__VEC_FREE(&s->lex.alloc, &s->all_redirs);
    dfl__lex_free(&s->lex);
}

/* `reads`: the text is a POSIX shell's. */
static dfl_status scan_text(dfl_str text, uint32_t max_depth, int reads, const dfl_alloc *alloc,
                            dfl__shell *out) {
    dfl__shell shell = {.opaque = 0};
    dfl__scan scan;
    dfl_status status = DFL_E_NOMEM;
    if (text.len >= UINT32_MAX) return DFL_E_LIMIT;
    memset(&scan, 0, sizeof scan);
    dfl__arena_init(&shell.arena, alloc);
    /* The frame of the text itself is one level. */
    dfl__lex_init(&scan.lex, &shell.arena, max_depth + 1);
    shell.text.ptr = dfl__arena_copy(&shell.arena, text.ptr, text.len);
    shell.text.len = text.len;
    if (shell.text.ptr != NULL)
        status = reads ? read_text(&scan, shell.text) : refuse_text(&scan, shell.text);
    if (status == DFL_OK) status = deliver(&scan, &shell);
    scan_free(&scan);
    if (status == DFL_OK)
        *out = shell;
    else
        dfl__shell_free(&shell);
    return status;
}

dfl_status dfl__shell_scan(dfl_str text, uint32_t max_depth, const dfl_alloc *alloc,
                           dfl__shell *out) {
    if (max_depth == 0) max_depth = DEFAULT_DEPTH;
    if (max_depth > UINT32_MAX / 2) max_depth = UINT32_MAX / 2;
    return scan_text(text, max_depth, 1, alloc, out);
}

dfl_status dfl__shell_opaque(dfl_str text, const dfl_alloc *alloc, dfl__shell *out) {
    return scan_text(text, 0, 0, alloc, out);
}

void dfl__shell_free(dfl__shell *shell) {
    if (shell == NULL) return;
    dfl__arena_free(&shell->arena);
    memset(shell, 0, sizeof *shell);
}
