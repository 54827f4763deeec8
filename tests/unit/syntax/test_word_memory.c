/* test_word_memory.c -- expansions whose allocations fail, one after the other, once and for ever.
 * Relies on cmocka.
 * Never accepts a leak, an output that was touched, or another answer than without the failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/failing.h"
#include "base/text.h"
#include "syntax/word.h"

static const dfl_binding env[] = {
    {{"A", 1}, {"value", 5}},
    {{"E", 1}, {"", 0}},
    {{"S", 1}, {"a b  c", 6}},
    {{"P", 1}, {"/usr/local/lib/libexample.so.1.2.3", 34}},
    {{"L", 1}, {"one\ntwo\n", 8}},
    {{"X", 1}, {"a\xff\xc3\xa9*b?", 7}},
    {{"R", 1}, {"0123456789012345678901234567890123456789012345678901234567890123456789", 70}},
};

static dfl__var look(void *ctx, dfl_str name, dfl_str *value) {
    (void)ctx;
    for (size_t i = 0; i < COUNT(env); i++) {
        if (!dfl__eq(env[i].name, name)) continue;
        *value = env[i].value;
        return DFL__VAR_SET;
    }
    return DFL__VAR_UNSET;
}

static const char *const words[] = {
    "a",
    "plain words of some length",
    "$A",
    "${A}",
    "$R$R$R$R$R$R$R$R",
    "$S $S",
    "\"$S\" '$S'",
    "'single quotes keep $A and \\ as they are, and more than a block of a buffer holds'",
    "\"double \\\" \\$A `\"",
    "a\\ b\\$A\\\\",
    "a` b`$A``",
    "${N}x",
    "${N:-a}",
    "${N-$A}",
    "${N:-${N:-${N:-${N:-${N:-deep}}}}}",
    "${N:-\"quoted $S\" 'and' $S}",
    "${E:-empty}${E-empty}",
    "${A:+set}",
    "${A+$R$R}",
    "${N:+unset}x",
    "${A:?not seen}",
    "${N:?}",
    "${N?}",
    "${N:?a message with $A and $R}",
    "${E:?\"quoted $S\"}",
    "x${N?${N:-${A}}}",
    "${P#/usr}",
    "${P##*/}",
    "${P%.*}",
    "${P%%.*}",
    "${P#$A}",
    "${P#*${N:-l}}",
    "${P%\"?\"}",
    "${R##*0}",
    "${P/lib/LIB}",
    "${P//lib/$R}",
    "${P//[l]/x}",
    "${P//\\//\\\\}",
    "${P/*/}",
    "${R//?/$R}",
    "${X//\\*/$S}",
    "${X#a?}",
    "${L//\n/ }",
    "${L%%\n*}",
    "$S${S}\"$S\"${S// /$S}",
    "$L $L",
    "$",
    "$$",
    "$1$2$@$#",
    "a $N b \"\" c '' d",
    "<<EOF $A",
    "\xff\xc3 \xc3\xa9$X",
    "\xEF\xBB\xBF$A",
    "k=$A,j=${N:-v w},l=\"$S\"",
    "${A",
    "${N:-$R",
    "${}",
    "${A:=b}",
    "\"$R",
    "'$R $S",
    "${P/lib",
    "${P#\\",
    "$R ${A:^b}",
    "w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w",
};

typedef struct {
    int split; /* words mode */
    unsigned char escape;
    const char *options; /* letters, as tests/conformance has them */
} setting;

static const setting settings[] = {
    {0, '\\', ""}, {1, '\\', ""}, {0, '`', ""}, {1, '`', ""}, {0, '\\', "s"}, {1, '\\', "qeu"},
};

static void note_piece(void *ctx, const dfl__word_piece *piece) {
    *(size_t *)ctx += piece->name.len + piece->len;
}

/* An expansion, and all that it leaves. */
typedef struct {
    dfl__word_result result;
    dfl__buf out;
    dfl__offsets ends;
    size_t told;
} expansion;

static void expand(const char *word, const setting *how, expansion *e) {
    dfl__word_options options = {
        .escape = how->escape,
        .skip_quotes = strchr(how->options, 's') != NULL,
        .raw_quotes = strchr(how->options, 'q') != NULL,
        .raw_escapes = strchr(how->options, 'e') != NULL,
        .skip_unset = strchr(how->options, 'u') != NULL,
        .lookup = look,
        .piece = note_piece,
        .ctx = &e->told,
    };
    memset(&e->ends, 0, sizeof e->ends);
    e->told = 0;
    if (how->split)
        e->result = dfl__word_split(dfl__str(word), &options, &e->out, &e->ends);
    else
        e->result = dfl__word_expand(dfl__str(word), &options, &e->out);
}

static void start(expansion *e, const dfl_alloc *alloc) {
    dfl__buf_init(&e->out, alloc, 0);
    dfl__buf_addz(&e->out, "before:");
}

static void finish(expansion *e) {
    DFL__VEC_FREE(&e->out.alloc, &e->ends);
    dfl__buf_free(&e->out);
}

static void assert_untouched(const expansion *e) {
    assert_int_equal(e->result.error, DFL__WORD_NOMEM);
    assert_int_equal(e->out.len, 7);
    assert_memory_equal(e->out.ptr, "before:", 7);
    assert_int_equal(e->ends.count, 0);
    assert_int_equal(e->told, 0);
}

static void assert_same(const expansion *e, const expansion *want) {
    assert_int_equal(e->result.error, want->result.error);
    assert_int_equal(e->out.len, want->out.len);
    assert_memory_equal(e->out.ptr, want->out.ptr, want->out.len);
    assert_int_equal(e->ends.count, want->ends.count);
    assert_int_equal(e->told, want->told);
}

/* 1 when a call behind `good` good ones was made, and failed. */
static int expand_failing(const char *word, const setting *how, int good, int once,
                          const expansion *want) {
    failing f = {.good = NEVER};
    const dfl_alloc alloc = {failing_resize, &f};
    expansion e;
    start(&e, &alloc);
    f.good = good;
    f.once = once;
    expand(word, how, &e);
    if (f.failed)
        assert_untouched(&e);
    else
        assert_same(&e, want);
    finish(&e);
    assert_int_equal(f.live, 0);
    return f.failed;
}

static size_t sweep(const char *word, const setting *how, int once) {
    expansion want;
    size_t failures = 0;
    start(&want, NULL);
    expand(word, how, &want);
    assert_int_not_equal(want.result.error, DFL__WORD_NOMEM);
    while (expand_failing(word, how, (int)failures, once, &want))
        failures++;
    finish(&want);
    return failures;
}

static void sweep_all(int once) {
    for (size_t s = 0; s < COUNT(settings); s++) {
        size_t failures = 0;
        for (size_t i = 0; i < COUNT(words); i++)
            failures += sweep(words[i], &settings[s], once);
        assert_true(failures > COUNT(words)); /* more than one a word */
    }
}

static void one_failure(void **state) {
    (void)state;
    sweep_all(1);
}

static void failures_for_ever(void **state) {
    (void)state;
    sweep_all(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failure),
        cmocka_unit_test(failures_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
