/* ignore_regexp.c -- see ignore_regexp.h.
 * Follows Go's regexp and regexp/syntax, in the flags regexp.Compile sets.
 * Never tells which match is found: whether there is one is all that is asked. */
#include "model/ignore_regexp.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"

#define MAX_RUNE 0x10FFFFu
#define MAX_REPEAT 1000 /* of one repetition and of nested ones together */

enum {
    OP_RUNE,
    OP_CLASS,
    OP_NOT_NEWLINE,
    OP_GO,    /* on at `arg` */
    OP_SPLIT, /* on at the next step and at `arg` */
    OP_BEGIN, /* of the text */
    OP_END,
    OP_WORD_BOUNDARY,
    OP_NO_WORD_BOUNDARY,
    OP_FOUND
};

void dfl__regexps_init(dfl__regexps *pool, const dfl_alloc *alloc, uint32_t limit) {
    *pool = (dfl__regexps){.alloc = dfl__alloc_of(alloc), .limit = limit};
}

void dfl__regexps_free(dfl__regexps *pool) {
    DFL__VEC_FREE(&pool->alloc, &pool->steps);
    DFL__VEC_FREE(&pool->alloc, &pool->classes);
    DFL__VEC_FREE(&pool->alloc, &pool->ranges);
}

/* --- compiling */

#define NO_ATOM UINT32_MAX

typedef struct {
    dfl__regexps *pool;
    dfl_str text;
    size_t at;
    dfl__regexp_error error;
    uint32_t alternative; /* the step that leads to the next one */
    uint32_t atom;        /* first step of what a repetition would repeat */
    uint32_t weight;      /* of the atom: see repeat_weight */
    int repeated;         /* the text just before was a repetition */
} compiler;

static void fail(compiler *c, dfl__regexp_error error) {
    if (c->error == DFL__REGEXP_OK) c->error = error;
}

static int at_text(const compiler *c, const char *z) {
    return dfl__starts(dfl__sub(c->text, c->at, c->text.len), z);
}

static int take(compiler *c, const char *z) {
    if (!at_text(c, z)) return 0;
    c->at += strlen(z);
    return 1;
}

static uint32_t next_rune(compiler *c) {
    unsigned width;
    uint32_t rune = dfl__rune(c->text, c->at, &width);
    c->at += width;
    return rune;
}

static int make_room(compiler *c, size_t extra) {
    dfl__regexps *pool = c->pool;
    if (extra > pool->limit - pool->steps.count)
        fail(c, DFL__REGEXP_LARGE);
    else if (!DFL__RESERVE(&pool->alloc, &pool->steps, (uint32_t)extra))
        fail(c, DFL__REGEXP_NOMEM);
    return c->error == DFL__REGEXP_OK;
}

static void emit(compiler *c, uint32_t op, int32_t arg) {
    if (make_room(c, 1)) c->pool->steps.items[c->pool->steps.count++] = (dfl__regexp_step){op, arg};
}

/* What follows is the step or steps of one atom. */
static void begin_atom(compiler *c) {
    c->atom = c->pool->steps.count;
    c->weight = 0;
}

static void emit_atom(compiler *c, uint32_t op, int32_t arg) {
    begin_atom(c);
    emit(c, op, arg);
}

/* --- classes */

static void add_range(compiler *c, uint32_t low, uint32_t high) {
    dfl__regexp_range range = {low, high};
    if (!DFL__PUSH(&c->pool->alloc, &c->pool->ranges, range)) fail(c, DFL__REGEXP_NOMEM);
}

/* Named sets: pairs of bounds, ascending. */
static const struct named {
    const char *name;
    uint32_t bytes;
    const char *bounds;
} posix_sets[] = {
    {"alnum", 6, "09AZaz"},
    {"alpha", 4, "AZaz"},
    {"ascii", 2, "\0\x7f"},
    {"blank", 4, "\t\t  "},
    {"cntrl", 4, "\0\x1f\x7f\x7f"},
    {"digit", 2, "09"},
    {"graph", 2, "!~"},
    {"lower", 2, "az"},
    {"print", 2, " ~"},
    {"punct", 8, "!/:@[`{~"},
    {"space", 4, "\t\r  "},
    {"upper", 2, "AZ"},
    {"word", 8, "09AZ__az"},
    {"xdigit", 6, "09AFaf"},
};
static const struct named perl_sets[] = {
    {"d", 2, "09"},
    {"s", 6, "\t\n\f\r  "},
    {"w", 8, "09AZ__az"},
};

static void add_set(compiler *c, const struct named *set, int negated) {
    uint32_t from = 0;
    for (uint32_t i = 0; i < set->bytes; i += 2) {
        unsigned char low = (unsigned char)set->bounds[i], high = (unsigned char)set->bounds[i + 1];
        if (!negated)
            add_range(c, low, high);
        else if (low > from)
            add_range(c, from, low - 1u);
        from = high + 1u;
    }
    if (negated) add_range(c, from, MAX_RUNE);
}

/* `[:name:]`, when the text goes on with one; an unknown name is an error. */
static int take_posix_set(compiler *c) {
    if (!at_text(c, "[:")) return 0;
    dfl_str rest = dfl__sub(c->text, c->at + 2, c->text.len);
    size_t end = dfl__find_str(rest, ":]");
    if (end == rest.len) return 0;
    int negated = dfl__starts(rest, "^");
    dfl_str name = dfl__sub(rest, (size_t)negated, end);
    c->at += end + 4;
    for (size_t i = 0; i < sizeof posix_sets / sizeof *posix_sets; i++) {
        if (!dfl__eqz(name, posix_sets[i].name)) continue;
        add_set(c, &posix_sets[i], negated);
        return 1;
    }
    fail(c, DFL__REGEXP_BAD);
    return 1;
}

/* `\d`, `\S` and the like, when the text goes on with one. */
static int take_perl_set(compiler *c) {
    if (!at_text(c, "\\") || c->at + 1 >= c->text.len) return 0;
    unsigned char letter = (unsigned char)c->text.ptr[c->at + 1];
    for (size_t i = 0; i < sizeof perl_sets / sizeof *perl_sets; i++) {
        unsigned char name = (unsigned char)perl_sets[i].name[0];
        if (dfl__lower(letter) != name) continue;
        c->at += 2;
        add_set(c, &perl_sets[i], letter != name);
        return 1;
    }
    return 0;
}

static int take_unicode_set(compiler *c) {
    if (!at_text(c, "\\p") && !at_text(c, "\\P")) return 0;
    fail(c, DFL__REGEXP_CLASS);
    return 1;
}

static int before(const void *ctx, const void *a, const void *b) {
    const dfl__regexp_range *x = a, *y = b;
    (void)ctx;
    return x->low < y->low;
}

/* Join ranges that touch; returns how many are left. */
static uint32_t merge_ranges(dfl__regexp_range *items, uint32_t count) {
    uint32_t out = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (out > 0 && items[i].low <= items[out - 1].high + 1) {
            if (items[i].high > items[out - 1].high) items[out - 1].high = items[i].high;
        } else {
            items[out++] = items[i];
        }
    }
    return out;
}

/* Turn merged ranges into what lies between them; there is room for one more. */
static uint32_t negate_ranges(dfl__regexp_range *items, uint32_t count) {
    uint32_t from = 0, out = 0;
    for (uint32_t i = 0; i < count; i++) {
        dfl__regexp_range range = items[i];
        if (range.low > from) items[out++] = (dfl__regexp_range){from, range.low - 1};
        from = range.high + 1;
    }
    if (from <= MAX_RUNE) items[out++] = (dfl__regexp_range){from, MAX_RUNE};
    return out;
}

static void finish_class(compiler *c, uint32_t first, int negated) {
    dfl__regexps *pool = c->pool;
    if (!DFL__RESERVE(&pool->alloc, &pool->ranges, 1)) fail(c, DFL__REGEXP_NOMEM);
    if (c->error != DFL__REGEXP_OK) return;
    dfl__regexp_range *items = pool->ranges.items + first;
    uint32_t count = pool->ranges.count - first;
    dfl__sort(items, count, sizeof *items, before, NULL);
    count = merge_ranges(items, count);
    if (negated) count = negate_ranges(items, count);
    pool->ranges.count = first + count;
    dfl__regexp_class class = {first, count};
    if (!DFL__PUSH(&pool->alloc, &pool->classes, class))
        fail(c, DFL__REGEXP_NOMEM);
    else
        emit_atom(c, OP_CLASS, (int32_t)pool->classes.count - 1);
}

/* --- escapes */

/* Behind `\x{`. */
static uint32_t braced_hex(compiler *c) {
    uint32_t value = 0;
    size_t first = c->at;
    while (c->at < c->text.len) {
        uint32_t rune = next_rune(c);
        if (rune == '}' && c->at > first + 1) return value;
        int digit = dfl__hex_value(rune);
        if (digit < 0) break;
        value = value * 16 + (uint32_t)digit;
        if (value > MAX_RUNE) break;
    }
    fail(c, DFL__REGEXP_BAD);
    return 0;
}

/* Behind `\x`. */
static uint32_t hex_escape(compiler *c) {
    if (take(c, "{")) return braced_hex(c);
    int value = 0;
    for (int i = 0; i < 2 && value >= 0; i++) {
        int digit = c->at < c->text.len ? dfl__hex_value(next_rune(c)) : -1;
        value = digit < 0 ? -1 : value * 16 + digit;
    }
    if (value < 0) fail(c, DFL__REGEXP_BAD);
    return value < 0 ? 0 : (uint32_t)value;
}

static int at_octal(const compiler *c) {
    return c->at < c->text.len && c->text.ptr[c->at] >= '0' && c->text.ptr[c->at] <= '7';
}

/* Up to two more octal digits. */
static uint32_t octal_escape(compiler *c, uint32_t value) {
    for (int i = 0; i < 2 && at_octal(c); i++)
        value = value * 8 + (next_rune(c) - '0');
    return value;
}

/* The character behind a backslash that stands for one character. */
static uint32_t take_escape(compiler *c) {
    static const char names[] = "afnrtv", values[] = "\a\f\n\r\t\v";
    if (c->at >= c->text.len) {
        fail(c, DFL__REGEXP_BAD);
        return 0;
    }
    uint32_t rune = next_rune(c);
    if (rune == 'x') return hex_escape(c);
    if (rune == '0' || (rune > '0' && rune < '8' && at_octal(c)))
        return octal_escape(c, rune - '0');
    for (size_t i = 0; names[i] != '\0'; i++)
        if (rune == (unsigned char)names[i]) return (unsigned char)values[i];
    int is_word =
        rune >= 0x80 || dfl__is_alpha((unsigned char)rune) || dfl__is_digit((unsigned char)rune);
    if (is_word) fail(c, DFL__REGEXP_BAD);
    return rune;
}

/* One end of a range in a class. */
static uint32_t class_character(compiler *c) {
    if (c->at >= c->text.len) {
        fail(c, DFL__REGEXP_BAD);
        return 0;
    }
    return take(c, "\\") ? take_escape(c) : next_rune(c);
}

static void class_range(compiler *c) {
    uint32_t low = class_character(c), high = low;
    if (at_text(c, "-") && c->at + 1 < c->text.len && c->text.ptr[c->at + 1] != ']') {
        c->at++;
        high = class_character(c);
    }
    if (high < low) fail(c, DFL__REGEXP_BAD);
    add_range(c, low, high);
}

/* Behind `[`. A `]` in the first place is an ordinary character. */
static void take_class(compiler *c) {
    uint32_t first = c->pool->ranges.count;
    int negated = take(c, "^");
    do {
        if (!take_posix_set(c) && !take_unicode_set(c) && !take_perl_set(c)) class_range(c);
    } while (c->error == DFL__REGEXP_OK && !take(c, "]"));
    finish_class(c, first, negated);
}

/* --- repetitions */

/* A decimal number without leading zeros, MAX_REPEAT + 1 when it is larger; 0 when there is none.
 */
static int take_number(compiler *c, int32_t *number) {
    size_t at = c->at;
    int32_t value = 0;
    for (; at < c->text.len && dfl__is_digit((unsigned char)c->text.ptr[at]); at++) {
        if (at > c->at && c->text.ptr[c->at] == '0') return 0;
        value = value * 10 + (c->text.ptr[at] - '0');
        if (value > MAX_REPEAT) value = MAX_REPEAT + 1;
    }
    if (at == c->at) return 0;
    c->at = at;
    *number = value;
    return 1;
}

/* `{n}`, `{n,}` or `{n,m}`; without a second number `*max` is -1. Takes nothing else. */
static int take_counts(compiler *c, int32_t *min, int32_t *max) {
    size_t start = c->at;
    int taken = take(c, "{") && take_number(c, min);
    *max = *min;
    if (taken && take(c, ",")) {
        if (at_text(c, "}"))
            *max = -1;
        else
            taken = take_number(c, max);
    }
    taken = taken && take(c, "}");
    if (!taken) c->at = start;
    return taken;
}

/* Go bounds what nested repetitions come to. The weight of an atom is the least bound under which
 * it may stand; zero repetitions hide what is inside them. */
static int64_t repeat_weight(uint32_t weight, int32_t min, int32_t max) {
    int64_t times = max < 0 ? min : max;
    if (max == 0) return 0;
    if (times == 0) return weight;
    return times * (weight == 0 ? 1 : weight);
}

/* Append a copy of `count` steps from `first`; there is room. */
static void copy_steps(compiler *c, uint32_t first, uint32_t count) {
    dfl__regexp_step *items = c->pool->steps.items;
    memcpy(items + c->pool->steps.count, items + first, count * sizeof *items);
    c->pool->steps.count += count;
}

/* Put one step before the atom. */
static void push_before(compiler *c, dfl__regexp_step step) {
    dfl__regexp_step *atom = c->pool->steps.items + c->atom;
    memmove(atom + 1, atom, (c->pool->steps.count - c->atom) * sizeof *atom);
    *atom = step;
    c->pool->steps.count++;
}

static void repeat_forever(compiler *c, int32_t min, uint32_t size) {
    for (int32_t i = 1; i < min; i++)
        copy_steps(c, c->atom, size);
    if (min == 0) {
        push_before(c, (dfl__regexp_step){OP_SPLIT, (int32_t)size + 2});
        emit(c, OP_GO, -(int32_t)size - 1);
    } else {
        emit(c, OP_SPLIT, -(int32_t)size);
    }
}

/* The first `min` of `max` copies must be there; each other one may end the repetition. */
static void repeat_up_to(compiler *c, int32_t min, int32_t max, uint32_t size) {
    uint32_t copy = c->atom;
    int32_t optional = max - min, step = (int32_t)size + 1;
    if (min == 0) {
        push_before(c, (dfl__regexp_step){OP_SPLIT, optional-- * step});
        copy++;
        min = 1;
    }
    for (int32_t i = 1; i < min; i++)
        copy_steps(c, copy, size);
    for (; optional > 0; optional--) {
        emit(c, OP_SPLIT, optional * step);
        copy_steps(c, copy, size);
    }
}

static void repeat(compiler *c, int32_t min, int32_t max) {
    if (c->repeated || c->atom == NO_ATOM || min > MAX_REPEAT || max > MAX_REPEAT ||
        (max >= 0 && min > max)) {
        fail(c, DFL__REGEXP_BAD);
        return;
    }
    int64_t weight = repeat_weight(c->weight, min, max);
    if ((min >= 2 || max >= 2) && weight > MAX_REPEAT) fail(c, DFL__REGEXP_BAD);
    c->weight = (uint32_t)weight;
    c->repeated = 1;
    uint32_t size = c->pool->steps.count - c->atom;
    uint32_t copies = (uint32_t)(max < min ? min : max);
    if (!make_room(c, (size_t)copies * (size + 1) + 2)) return;
    if (max == 0)
        c->pool->steps.count = c->atom;
    else if (max < 0)
        repeat_forever(c, min, size);
    else
        repeat_up_to(c, min, max, size);
}

/* --- expressions */

/* The one group there is: any number of leading folders, or none. */
static void folders(compiler *c) {
    static const dfl__regexp_step steps[] = {
        {OP_SPLIT, 5}, {OP_SPLIT, 3}, {OP_NOT_NEWLINE, 0}, {OP_GO, -2}, {OP_RUNE, '/'}};
    begin_atom(c);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        emit(c, steps[i].op, steps[i].arg);
    c->repeated = 1;
}

static void link_alternative(compiler *c) {
    uint32_t from = c->alternative;
    c->alternative = c->pool->steps.count;
    c->pool->steps.items[from] = (dfl__regexp_step){OP_SPLIT, (int32_t)(c->alternative - from)};
}

static void next_alternative(compiler *c) {
    emit(c, OP_FOUND, 0);
    if (c->error == DFL__REGEXP_OK) link_alternative(c);
    emit(c, OP_GO, 1);
    c->atom = NO_ATOM;
}

/* Behind `\Q`: up to `\E` or the end, every character stands for itself. */
static void quoted(compiler *c) {
    while (c->at < c->text.len && !take(c, "\\E") && c->error == DFL__REGEXP_OK)
        emit_atom(c, OP_RUNE, (int32_t)next_rune(c));
}

static void take_backslash(compiler *c) {
    uint32_t first = c->pool->ranges.count;
    if (take_unicode_set(c)) return;
    if (take_perl_set(c))
        finish_class(c, first, 0);
    else if (take(c, "\\A"))
        emit_atom(c, OP_BEGIN, 0);
    else if (take(c, "\\z"))
        emit_atom(c, OP_END, 0);
    else if (take(c, "\\b"))
        emit_atom(c, OP_WORD_BOUNDARY, 0);
    else if (take(c, "\\B"))
        emit_atom(c, OP_NO_WORD_BOUNDARY, 0);
    else if (take(c, "\\Q"))
        quoted(c);
    else if (take(c, "\\"))
        emit_atom(c, OP_RUNE, (int32_t)take_escape(c));
}

static void take_one(compiler *c) {
    int32_t min = 0, max = 0;
    int repeated = c->repeated;
    c->repeated = 0;
    if (at_text(c, "\\")) {
        take_backslash(c);
    } else if (take(c, "(.*/)?")) {
        folders(c);
    } else if (take(c, "[")) {
        take_class(c);
    } else if (take(c, "|")) {
        next_alternative(c);
    } else if (take(c, "*")) {
        c->repeated = repeated;
        repeat(c, 0, -1);
    } else if (take_counts(c, &min, &max)) {
        c->repeated = repeated;
        repeat(c, min, max);
    } else {
        uint32_t rune = next_rune(c);
        if (rune == '.')
            emit_atom(c, OP_NOT_NEWLINE, 0);
        else if (rune == '^')
            emit_atom(c, OP_BEGIN, 0);
        else if (rune == '$')
            emit_atom(c, OP_END, 0);
        else
            emit_atom(c, OP_RUNE, (int32_t)rune);
    }
}

dfl__regexp_error dfl__regexp_compile(dfl__regexps *pool, dfl_str text, dfl__regexp *out) {
    compiler c = {.pool = pool, .text = text, .alternative = pool->steps.count, .atom = NO_ATOM};
    const uint32_t steps = pool->steps.count, classes = pool->classes.count,
                   ranges = pool->ranges.count;
    emit(&c, OP_GO, 1);
    while (c.at < text.len && c.error == DFL__REGEXP_OK)
        take_one(&c);
    emit(&c, OP_FOUND, 0);
    if (c.error != DFL__REGEXP_OK) {
        pool->steps.count = steps;
        pool->classes.count = classes;
        pool->ranges.count = ranges;
        return c.error;
    }
    *out = (dfl__regexp){steps, pool->steps.count};
    return DFL__REGEXP_OK;
}

/* --- matching */

typedef struct {
    const dfl__regexps *pool;
    const dfl__regexp_step *steps; /* of this program */
    uint32_t *marks;               /* the place at which a step was last reached, plus one */
    uint32_t *pending;
    uint32_t place;
    int at_begin, at_end, word_before, word_after;
    int found;
} machine;

typedef struct {
    uint32_t *items;
    uint32_t count;
} thread_list;

static int holds(const machine *m, uint32_t op) {
    switch (op) {
    case OP_BEGIN: return m->at_begin;
    case OP_END: return m->at_end;
    case OP_WORD_BOUNDARY: return m->word_before != m->word_after;
    default: return m->word_before == m->word_after;
    }
}

static uint32_t target_of(const machine *m, uint32_t at) {
    return (uint32_t)((int32_t)at + m->steps[at].arg);
}

static void reach(machine *m, uint32_t at, uint32_t *pending) {
    if (m->marks[at] == m->place + 1) return;
    m->marks[at] = m->place + 1;
    m->pending[(*pending)++] = at;
}

/* Add the steps that read a rune and can be reached from `at` without reading one. */
static void add_thread(machine *m, uint32_t at, thread_list *list) {
    uint32_t pending = 0;
    reach(m, at, &pending);
    while (pending > 0) {
        at = m->pending[--pending];
        uint32_t op = m->steps[at].op;
        if (op <= OP_NOT_NEWLINE)
            list->items[list->count++] = at;
        else if (op == OP_FOUND)
            m->found = 1;
        else if (op == OP_GO || op == OP_SPLIT)
            reach(m, target_of(m, at), &pending);
        if (op == OP_SPLIT || (op >= OP_BEGIN && op <= OP_NO_WORD_BOUNDARY && holds(m, op)))
            reach(m, at + 1, &pending);
    }
}

static int in_class(const dfl__regexps *pool, dfl__regexp_class class, uint32_t rune) {
    const dfl__regexp_range *ranges = pool->ranges.items + class.first;
    uint32_t low = 0, high = class.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rune > ranges[middle].high)
            low = middle + 1;
        else if (rune < ranges[middle].low)
            high = middle;
        else
            return 1;
    }
    return 0;
}

static int accepts(const machine *m, uint32_t at, uint32_t rune) {
    dfl__regexp_step step = m->steps[at];
    if (step.op == OP_RUNE) return rune == (uint32_t)step.arg;
    if (step.op == OP_NOT_NEWLINE) return rune != '\n';
    return in_class(m->pool, m->pool->classes.items[step.arg], rune);
}

static int is_word(unsigned char c) {
    return c == '_' || dfl__is_digit(c) || dfl__is_alpha(c);
}

static void look_around(machine *m, dfl_str text, size_t at) {
    m->at_begin = at == 0;
    m->at_end = at == text.len;
    m->word_before = at > 0 && is_word((unsigned char)text.ptr[at - 1]);
    m->word_after = at < text.len && is_word((unsigned char)text.ptr[at]);
}

size_t dfl__regexp_scratch(dfl__regexp regexp) {
    return 4 * (size_t)(regexp.end - regexp.first);
}

int dfl__regexp_match(const dfl__regexps *pool, dfl__regexp regexp, dfl_str text,
                      uint32_t *scratch) {
    const uint32_t size = regexp.end - regexp.first;
    machine m = {.pool = pool,
                 .steps = pool->steps.items + regexp.first,
                 .marks = scratch,
                 .pending = scratch + size};
    thread_list now = {scratch + size * 2, 0}, then = {scratch + size * 3, 0};
    assert(text.len < UINT32_MAX);
    memset(m.marks, 0, size * sizeof *m.marks);
    look_around(&m, text, 0);
    for (size_t at = 0;;) {
        add_thread(&m, 0, &now);
        if (m.found || at == text.len) return m.found;
        unsigned width;
        uint32_t rune = dfl__rune(text, at, &width);
        at += width;
        m.place++;
        look_around(&m, text, at);
        for (uint32_t i = 0; i < now.count; i++)
            if (accepts(&m, now.items[i], rune)) add_thread(&m, now.items[i] + 1, &then);
        thread_list other = now;
        now = then;
        then = (thread_list){other.items, 0};
    }
}
