/* test_word.c -- word and words mode against what BuildKit does with the same text.
 * Relies on cmocka.
 * Never asks BuildKit itself: that is tests/conformance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/pattern.h"
#include "syntax/word.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* The environment of the tables: names that are set; U is set to something unknown. */
static const struct {
    const char *name, *value;
} env[] = {
    {"A", "value"},
    {"E", ""},
    {"C", "x"},
    {"S", "a b  c"},
    {"P", "/usr/lib/lib.so"},
    {"L", "one\ntwo"},
    {"W", "x*y?z"},
    {"B", "a\xff"
          "b"},
    {"D", "$0-${0}-$$-$1-$x"},
    {"Q", "it's \"q\""},
    {"12", "twelve"},
    {"$", "dollar"},
    {"", "empty"},
    {"\xc3\xa9", "e"},
    {"BS", "\\"},
    {"SB", "*\\"},
    {"M", "\xEF\xBB\xBFm"},
};

static dfl__var look(void *ctx, dfl_str name, dfl_str *value) {
    (void)ctx;
    if (dfl__eqz(name, "U")) return DFL__VAR_UNKNOWN;
    for (size_t i = 0; i < COUNT(env); i++) {
        if (!dfl__eqz(name, env[i].name)) continue;
        *value = dfl__str(env[i].value);
        return DFL__VAR_SET;
    }
    return DFL__VAR_UNSET;
}

static dfl__word_options plain(void) {
    dfl__word_options options = {.escape = '\\', .max_depth = 64, .lookup = look};
    return options;
}

static dfl__word_options heredoc_detection(void) {
    dfl__word_options options = {
        .escape = '\\', .raw_quotes = 1, .raw_escapes = 1, .skip_unset = 1, .max_depth = 64};
    return options;
}

typedef struct {
    const char *word;
    const char *want; /* expansion, words joined by '|', or NULL */
    dfl__word_error error;
} word_case;

static const char *const error_names[] = {"ok",       "nomem", "limit",    "brace",  "bad",
                                          "modifier", "quote", "required", "pattern"};

static void check(const word_case *c, dfl__word_result r, dfl_str got) {
    const char *want = c->want != NULL ? c->want : "";
    if (r.error != c->error || (r.error == DFL__WORD_OK && !dfl__eqz(got, want))) {
        fail_msg("%s: got %s \"%.*s\", want %s \"%s\"", c->word, error_names[r.error], (int)got.len,
                 got.ptr, error_names[c->error], want);
    }
}

static void expand(const word_case *c, const dfl__word_options *options) {
    dfl__buf out;
    dfl__buf_init(&out, NULL, 0);
    dfl__buf_addz(&out, "before:");
    dfl__word_result r = dfl__word_expand(dfl__str(c->word), options, &out);
    dfl_str got = dfl__buf_str(&out);
    assert_true(dfl__starts(got, "before:"));
    if (r.error != DFL__WORD_OK && r.error != DFL__WORD_REQUIRED) assert_int_equal(got.len, 7);
    check(c, r, dfl__sub(got, 7, got.len));
    dfl__buf_free(&out);
}

static void split(const word_case *c, const dfl__word_options *options) {
    dfl__buf out, joined;
    dfl__offsets ends = {NULL, 0, 0};
    dfl__buf_init(&out, NULL, 0);
    dfl__buf_init(&joined, NULL, 0);
    dfl__word_result r = dfl__word_split(dfl__str(c->word), options, &out, &ends);
    size_t at = 0;
    for (uint32_t i = 0; i < ends.count; i++) {
        if (i != 0) dfl__buf_addc(&joined, '|');
        dfl__buf_add(&joined, dfl__sub(dfl__buf_str(&out), at, ends.items[i]));
        assert_int_equal(out.ptr[ends.items[i]], 0);
        at = ends.items[i] + 1;
    }
    if (r.error == DFL__WORD_OK) assert_int_equal(at, out.len);
    check(c, r, dfl__buf_str(&joined));
    DFL__VEC_FREE(&out.alloc, &ends);
    dfl__buf_free(&joined);
    dfl__buf_free(&out);
}

static const word_case words_of_one[] = {
    {"", "", 0},
    {"plain  text", "plain  text", 0},
    {"'a b'\"c d\"e", "a bc de", 0},
    {"'a\\b$A'", "a\\b$A", 0},
    {"a\\nb\\ c\\$A", "anb c$A", 0},
    {"end\\", "end", 0},
    {"\"a\\nb\\\"c\\$A\\\\\"", "a\\nb\"c$A\\", 0},
    {"\"it's\"", "it's", 0},
    {"'open", NULL, DFL__WORD_QUOTE},
    {"\"open", NULL, DFL__WORD_QUOTE},
    {"\"open\\", NULL, DFL__WORD_QUOTE},
    {"$A ${A} \"$A\" '$A'", "value value value $A", 0},
    {"$NONE.${NONE}.", "..", 0},
    {"$. $( $\" $\" $", "$. $( $ $ $", 0},
    {"$12a $123 $$A", "twelvea  dollarA", 0},
    {"$\xc3\xa9-", "e-", 0},
    {"a<b<<c<< d", "a<b<<c<< d", 0},
    {"\xEF\xBB\xBF"
     "a\xEF\xBB\xBF",
     "a\xEF\xBB\xBF", 0},
    {"a\xff\xfe"
     "b'\xff'\"\xff\"\\\xff",
     "a\xEF\xBF\xBD\xEF\xBF\xBD"
     "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
     0},
    {"$B",
     "a\xff"
     "b",
     0},
    /* opening a group */
    {"${", NULL, DFL__WORD_BRACE},
    {"${}", NULL, DFL__WORD_BAD},
    {"${{a}", NULL, DFL__WORD_BAD},
    {"${:a}", NULL, DFL__WORD_BAD},
    {"${A", NULL, DFL__WORD_MODIFIER},
    {"${A=b}", NULL, DFL__WORD_MODIFIER},
    {"${A^^}", NULL, DFL__WORD_MODIFIER},
    {"${A[0]}", NULL, DFL__WORD_MODIFIER},
    {"${.}", NULL, DFL__WORD_MODIFIER},
    {"${#A}", NULL, DFL__WORD_MODIFIER},
    {"${-x}", NULL, DFL__WORD_MODIFIER},
    {"${A:#x}", NULL, DFL__WORD_MODIFIER},
    {"${A:%", NULL, DFL__WORD_MODIFIER},
    {"${A:x}", NULL, DFL__WORD_MODIFIER},
    {"${A:x", NULL, DFL__WORD_BRACE},
    {"${A:}", NULL, DFL__WORD_BRACE},
    {"${A:/x/y}", NULL, DFL__WORD_MODIFIER},
    {"${+x}", "x", 0},
    {"${/m/n}", "enpty", 0},
    {"${$}", "dollar", 0},
    /* defaults */
    {"${N-d}${N:-d}${E-d}${E:-d}${A-d}${A:-d}", "dddvaluevalue", 0},
    {"[${N+d}${N:+d}${E+d}${E:+d}${A+d}${A:+d}]", "[ddd]", 0},
    {"${A?x}${A:?x}${E?x}", "valuevalue", 0},
    {"${a:-\"x y\"}", "x y", 0},
    {"${a:-${b:-${c-d}}}", "d", 0},
    {"${a-\\}}${a-{b}${a-b}}", "}{bb}", 0},
    {"\"${a:-\"x\"}${a-'y'}\"", "xy", 0},
    {"${N-'}'}${N-\"}\"}", "}}", 0},
    {"${N-", NULL, DFL__WORD_BRACE},
    {"${N-'x}", NULL, DFL__WORD_BRACE},
    {"${N-${M^", NULL, DFL__WORD_BRACE},
    {"${N-${M^}}", NULL, DFL__WORD_MODIFIER},
    {"${N-${A=", NULL, DFL__WORD_BRACE},
    {"${A-${N?x}}", NULL, DFL__WORD_REQUIRED},
    {"${A-${N?x}", NULL, DFL__WORD_BRACE},
    {"\"${N-\"x", NULL, DFL__WORD_BRACE},
    /* patterns */
    {"${P#/}|${P##*/}|${P#*/}|${P%/*}|${P%%/*}", "usr/lib/lib.so|lib.so|usr/lib/lib.so|/usr/lib|",
     0},
    {"${P%.so}|${P%.xy}|${P#usr}", "/usr/lib/lib|/usr/lib/lib.so|/usr/lib/lib.so", 0},
    {"${P%l?b*}|${P%%l?b*}|${P#?u*r}", "/usr/lib/|/usr/|/lib/lib.so", 0},
    {"${P/lib/LIB}|${P//lib/L}", "/usr/LIB/lib.so|/usr/L/L.so", 0},
    {"${P/\\//-}|${P//\\//}|${P/l*b/_}", "-usr/lib/lib.so|usrliblib.so|/usr/_.so", 0},
    {"${A//}", NULL, DFL__WORD_BRACE},
    {"${A///-}|${A/x/}|${A//\\//-}", "-v-a-l-u-e-|value|value", 0},
    {"${A/x}", NULL, DFL__WORD_BRACE},
    {"${A//a/}", "vlue", 0},
    {"${L#*}|${L##*}|${L%%*}|${L//o*/X}", "one\ntwo|\ntwo|one\n|X\ntwX", 0},
    {"${W#x\\*}|${W%\\?z}|${W//[xyz]/-}", "y?z|x*y|x*y?z", 0},
    {"${A%\\*}|${W%z\\?}|${W%%\\?*}", "value|x*y?z|x*y", 0},
    {"${A#\\v}", NULL, DFL__WORD_PATTERN},
    {"${A%\\v}", NULL, DFL__WORD_PATTERN},
    {"${A/\\v/}", NULL, DFL__WORD_PATTERN},
    {"${NONE#\\\"}", NULL, DFL__WORD_PATTERN},
    {"${N-${A#\\v}", NULL, DFL__WORD_BRACE},
    {"${A#$BS}", NULL, DFL__WORD_PATTERN},
    {"${A%$SB}", "value", 0},
    {"${A##}|${A#}|${A%}|${A%%}", "value|value|value|value", 0},
    {"${A//v/$D}", "v-v-$--alue", 0},
    {"${A/v/$D}", "$0-${0}-$$-$1-$xalue", 0},
    {"${A/v/\\/}", "\\/alue", 0},
    {"${A//v/'a b'\"c\"}", "a bcalue", 0},
    {"${B%x}|${B#a}",
     "a\xEF\xBF\xBD"
     "b|\xff"
     "b",
     0},
    {"${M#\xEF\xBB\xBF}", "\xEF\xBB\xBFm", 0},
    {"${A#\xEF\xBB\xBFv}", "alue", 0},
    {"[${E/*/x}][${E//*/x}][${E#*}][${E%*}][${E//a/x}]", "[x][x][][][]", 0},
    {"[${C/*/y}][${C//?/y}][${C#x}][${C%x}][${C/x/}]", "[y][y][][][]", 0},
    {"${A//$E/-}", "-v-a-l-u-e-", 0},
    {"${A/$E/-}", "-value", 0},
};

static void test_expand(void **state) {
    (void)state;
    dfl__word_options options = plain();
    for (size_t i = 0; i < COUNT(words_of_one); i++) {
        expand(&words_of_one[i], &options);
    }
}

static void test_split(void **state) {
    (void)state;
    static const word_case cases[] = {
        {"", "", 0},
        {"  a  b\tc\n\xc2\xa0"
         "d ",
         "a|b|c|d", 0},
        {"'a b' \"c d\" e\\ f", "a b|c d|e f", 0},
        {"\"\" '' $E $N x", "x", 0},
        {"$S \"$S\" x$S", "a|b|c|a b  c|xa|b|c", 0},
        {"a << b<<\t c <d", "a|<< b<<\t c|<d", 0},
        {"foo${X:-bar}baz", "barbaz", 0},
        {"8${N:-0} 9${A#v}", "0|alue", 0},
        {"a${X}b$X", "ab", 0},
        {"a\"b${N-c}\"d", "bcd", 0},
        {"a ${N-b c} d", "a|b|c|d", 0},
        {"a ${N-'b c'} \"${N-b c}\"", "a|b|c|b c", 0},
        {"$B \"$B\"",
         "a\xEF\xBF\xBD"
         "b|a\xff"
         "b",
         0},
        {"a 'b", NULL, DFL__WORD_QUOTE},
        {"a ${N?b c}", NULL, DFL__WORD_REQUIRED},
    };
    dfl__word_options options = plain();
    for (size_t i = 0; i < COUNT(cases); i++)
        split(&cases[i], &options);
}

static void test_backtick(void **state) {
    (void)state;
    static const word_case cases[] = {
        {"C:\\a`$A\\", "C:\\a$A\\", 0},          {"\"a\\b`\"c`x\"", "a\\b\"c`x", 0},
        {"${P#`*}", "/usr/lib/lib.so", 0},       {"${N-`}}", "}", 0},
        {"${P/\\//-}", NULL, DFL__WORD_PATTERN},
    };
    dfl__word_options options = plain();
    options.escape = '`';
    for (size_t i = 0; i < COUNT(cases); i++)
        expand(&cases[i], &options);
}

static void test_heredoc_detection(void **state) {
    (void)state;
    static const word_case cases[] = {
        {"RUN cat <<EOF", "RUN|cat|<<EOF", 0},
        {"RUN cat << 'E O' 3<<-\"X\"", "RUN|cat|<< 'E O'|3<<-\"X\"", 0},
        {"a\\ b \\<<X \\\\", "a\\ b|\\<<X|\\\\", 0},
        {"\"a\\nb\\\"\"", "\"a\\\\nb\\\"\"", 0},
        {"<<$X <<${X}", "<<$X|<<${X}", 0},
        {"x${A:-b c}y ${A-\\d}", "${A:-b|c}y|${A-d}", 0},
        {"${A#'x'\\y}${A/b/c}", "${A/b/c}", 0},
        {"${A//b/c} \"${A%x}\"", "${A/b/c}|\"${A%x}\"", 0},
        {"${A:x}", "${A:x}", 0},
        {"it's <<EOF", NULL, DFL__WORD_QUOTE},
        {"${A^^} <<EOF", NULL, DFL__WORD_MODIFIER},
        {"${N?} <<EOF", "${N?}|<<EOF", 0},
    };
    dfl__word_options options = heredoc_detection();
    for (size_t i = 0; i < COUNT(cases); i++)
        split(&cases[i], &options);
}

static void test_heredoc_body(void **state) {
    (void)state;
    static const word_case cases[] = {
        {"it's \"$A\"\n\\n\\\\\\$A\\\n", "it's \"value\"\nn\\$A\n", 0},
        {"${N:-'x'\"y}", "'x'\"y", 0},
    };
    dfl__word_options options = plain();
    options.skip_quotes = 1;
    for (size_t i = 0; i < COUNT(cases); i++)
        expand(&cases[i], &options);
}

static void test_kept_when_unset(void **state) {
    (void)state;
    static const word_case cases[] = {
        {"$A$N-${N}", "value$N-${N}", 0},
        {"${A-x}${N-x}${A+yes}${E:-w}", "value${N-x}yesw", 0},
        {"${A/a/$N}${A#v}${N/a/b}", "v$Nluealue${N/a/b}", 0},
        {"\"${N:-\"q\"}\"", "\"${N:-\"q\"}\"", 0},
    };
    dfl__word_options options = plain();
    options.skip_unset = options.raw_quotes = 1;
    for (size_t i = 0; i < COUNT(cases); i++)
        expand(&cases[i], &options);
}

/* --- what else a result says */

static void message_of(const char *word, const char *name, const char *message, int words) {
    dfl__word_options options = plain();
    dfl__buf out;
    dfl__offsets ends = {NULL, 0, 0};
    dfl__buf_init(&out, NULL, 0);
    dfl__buf_addz(&out, "<");
    dfl__word_result r = words ? dfl__word_split(dfl__str(word), &options, &out, &ends)
                               : dfl__word_expand(dfl__str(word), &options, &out);
    assert_int_equal(r.error, DFL__WORD_REQUIRED);
    assert_true(dfl__eqz(r.name, name));
    assert_true(dfl__eqz(dfl__sub(dfl__buf_str(&out), 1, out.len), message));
    assert_int_equal(ends.count, 0);
    DFL__VEC_FREE(&out.alloc, &ends);
    dfl__buf_free(&out);
}

static void test_required_message(void **state) {
    (void)state;
    for (int words = 0; words < 2; words++) {
        message_of("text ${N?no $A here} more", "N", "no value here", words);
        message_of("a ${N?}.", "N", "is not allowed to be unset", words);
        message_of("${E:?}.", "E", "is not allowed to be empty", words);
        message_of("b c\"x${A+y${E:?msg}}\"", "E", "msg", words);
    }
}

static void test_unmatched_and_unknown(void **state) {
    (void)state;
    static const struct {
        const char *word;
        int unmatched, unknown;
    } cases[] = {
        {"$A", 0, 0},        {"$N${N-x}$M", 2, 0},   {"${A-$N$N}", 2, 0},   {"$U", 0, 1},
        {"\"a${U}\"", 0, 1}, {"${A-$U}", 0, 0},      {"${N-\"$U\"}", 1, 1}, {"${U+x}", 0, 1},
        {"${U:+x}", 0, 1},   {"${U?x}", 0, 1},       {"${A#$U}", 0, 1},     {"${A/x/$U}", 0, 1},
        {"${U#x}", 0, 1},    {"${A+${A-$U}}", 0, 0}, {"${U-x}", 0, 1},      {"${U//x/y}", 0, 1},
    };
    dfl__word_options options = plain();
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__buf out;
        dfl__buf_init(&out, NULL, 0);
        dfl__word_result r = dfl__word_expand(dfl__str(cases[i].word), &options, &out);
        assert_int_equal(r.error, DFL__WORD_OK);
        assert_int_equal(r.unknown, cases[i].unknown);
        assert_int_equal(r.unmatched, cases[i].unmatched);
        dfl__buf_free(&out);
    }
}

static void write_run(void *ctx, const dfl__word_piece *piece) {
    if (piece->name.ptr == NULL) return;
    dfl__buf_fmt(ctx, "%S@%u+%u ", &piece->name, (uint32_t)piece->at, (uint32_t)piece->len);
}

static void test_produced(void **state) {
    (void)state;
    static const struct {
        const char *word, *runs;
        int kept;
    } cases[] = {
        {"a$A-${12}", "A@1+5 12@7+6 ", 0},    {"${N:-x$A}$A", "A@1+5 A@6+5 ", 0},
        {"${A:-x$S}", "A@0+5 ", 0},           {"${A+x$E}", "E@1+0 ", 0},
        {"${A:+\"$A\"}${N-$N}", "A@0+5 ", 0}, {".${A/a/$A}", "A@1+9 ", 0},
        {"${A%u$E*}", "A@0+3 ", 0},           {"$N${N}", "", 0},
        {"${E:-.$A}", "A@1+5 ", 1},           {"${N-$A}", "A@4+5 ", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__word_options options = plain();
        dfl__buf out, runs;
        dfl__buf_init(&out, NULL, 0);
        dfl__buf_init(&runs, NULL, 0);
        options.piece = write_run;
        options.ctx = &runs;
        options.skip_unset = cases[i].kept;
        dfl__word_result r = dfl__word_expand(dfl__str(cases[i].word), &options, &out);
        assert_int_equal(r.error, DFL__WORD_OK);
        if (!dfl__eqz(dfl__buf_str(&runs), cases[i].runs))
            fail_msg("%s: %.*s", cases[i].word, (int)runs.len, runs.ptr);
        dfl__buf_free(&out);
        dfl__buf_free(&runs);
    }
}

static void write_piece(void *ctx, const dfl__word_piece *piece) {
    if (piece->name.ptr != NULL) dfl__buf_fmt(ctx, "%S", &piece->name);
    dfl__buf_fmt(ctx, "@%u+%u=%u..%u ", (uint32_t)piece->at, (uint32_t)piece->len,
                 (uint32_t)piece->from, (uint32_t)piece->to);
}

static const struct {
    const char *word, *pieces;
} pieced_words[] = {
    {"golang:1.22", "@0+11=0..11 "},
    {"a$A-${12}b", "@0+1=0..1 A@1+5=1..3 @6+1=3..4 12@7+6=4..9 @13+1=9..10 "},
    {"${N:-x$A}y", "@0+1=5..6 A@1+5=6..8 @6+1=9..10 "},
    {"'a b'c", "@0+3=1..4 @3+1=5..6 "},
    {"\"a$A\\\"\"", "@0+1=1..2 A@1+5=2..4 @6+1=4..6 "},
    {"a\\b c", "@0+1=0..1 @1+1=1..3 @2+2=3..5 "},
    {"x\xff"
     "y",
     "@0+1=0..1 @1+3=1..2 @4+1=2..3 "},
    {"\xEF\xBB\xBF"
     "a",
     "@0+1=3..4 "},
    {"a<<b", "@0+4=0..4 "},
    {"$.''", "@0+2=0..2 "},
    {"${A+x}x", "@0+1=4..5 @1+1=6..7 "},
    {"${U:+x}x", "U@0+0=0..7 @0+1=7..8 "},
    {"${P##*/}x", "P@0+6=0..8 @6+1=8..9 "},
    {"${E}$N", "E@0+0=0..4 "},
    {"${U+x}", "U@0+0=0..6 "},
    {"${U/*/y}z", "U@0+0=0..8 @0+1=8..9 "},
};

/* Pieces tile the output, whatever the word. */
static void test_pieces(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(pieced_words); i++) {
        dfl__word_options options = plain();
        dfl__buf out, pieces;
        dfl__buf_init(&out, NULL, 0);
        dfl__buf_init(&pieces, NULL, 0);
        options.piece = write_piece;
        options.ctx = &pieces;
        dfl__word_result r = dfl__word_expand(dfl__str(pieced_words[i].word), &options, &out);
        assert_int_equal(r.error, DFL__WORD_OK);
        if (!dfl__eqz(dfl__buf_str(&pieces), pieced_words[i].pieces))
            fail_msg("%s: %.*s", pieced_words[i].word, (int)pieces.len, pieces.ptr);
        dfl__buf_free(&out);
        dfl__buf_free(&pieces);
    }
}

/* --- limits */

static dfl__word_error outcome(dfl_str word, const dfl__word_options *options, int words) {
    dfl__buf out;
    dfl__offsets ends = {NULL, 0, 0};
    dfl__buf_init(&out, NULL, 0);
    dfl__word_result r =
        words ? dfl__word_split(word, options, &out, &ends) : dfl__word_expand(word, options, &out);
    if (r.error != DFL__WORD_OK) assert_int_equal(out.len, 0);
    DFL__VEC_FREE(&out.alloc, &ends);
    dfl__buf_free(&out);
    return r.error;
}

static void test_depth(void **state) {
    (void)state;
    for (uint32_t depth = 9; depth <= 11; depth++) {
        dfl__word_options options = plain();
        dfl__buf word;
        dfl__buf_init(&word, NULL, 0);
        for (uint32_t i = 0; i < depth; i++)
            dfl__buf_addz(&word, "${N-\"");
        for (uint32_t i = 0; i < depth; i++)
            dfl__buf_addz(&word, "\"}");
        options.max_depth = 10;
        assert_int_equal(outcome(dfl__buf_str(&word), &options, 0),
                         depth > 10 ? DFL__WORD_LIMIT : DFL__WORD_OK);
        dfl__buf_free(&word);
    }
}

static void test_bytes(void **state) {
    (void)state;
    for (int words = 0; words < 2; words++) {
        dfl__word_options options = plain();
        options.max_bytes = 10;
        assert_int_equal(outcome(DFL__LIT("$A$A"), &options, words), DFL__WORD_OK);
        assert_int_equal(outcome(DFL__LIT("$A.$A"), &options, words), DFL__WORD_LIMIT);
        assert_int_equal(outcome(DFL__LIT("a b c d e f g h i j k l m"), &options, words),
                         DFL__WORD_LIMIT);
        assert_int_equal(outcome(DFL__LIT("${A//?/123}"), &options, words), DFL__WORD_LIMIT);
    }
}

static dfl_str long_value;

static dfl__var look_long(void *ctx, dfl_str name, dfl_str *value) {
    (void)ctx, (void)name;
    *value = long_value;
    return DFL__VAR_SET;
}

static void test_pattern_steps(void **state) {
    (void)state;
    dfl__word_options options = plain();
    options.lookup = look_long;
    size_t n = 1 << 16;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, 'a', n);
    long_value = (dfl_str){text, n};
    /* One miss decides a line, however many places the pattern could start at. */
    assert_int_equal(outcome(DFL__LIT("${x//a*b/c}"), &options, 0), DFL__WORD_OK);
    assert_int_equal(outcome(DFL__LIT("${x//*a*a*a*a*b/c}"), &options, 0), DFL__WORD_OK);
    assert_int_equal(outcome(DFL__LIT("${x##*a*a*a*a*b}"), &options, 0), DFL__WORD_OK);
    /* A variable as pattern: as long as the value, and one rune of it differs. */
    text[n - 1] = 'b';
    assert_int_equal(outcome(DFL__LIT("${x//$x$x/c}"), &options, 0), DFL__WORD_LIMIT);
    free(text);
}

/* --- allocation failure: the k-th call fails, once or from then on */

typedef struct {
    uint32_t countdown;
    int for_ever;
    int failed;
    size_t live;
} failing;

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    if (new_size == 0) {
        f->live -= old_size;
        free(ptr);
        return NULL;
    }
    if (f->countdown == 0 || (f->for_ever && f->failed)) {
        f->failed = 1;
        f->countdown--;
        return NULL;
    }
    f->countdown--;
    void *grown = realloc(ptr, new_size);
    if (grown != NULL) f->live += new_size - old_size;
    return grown;
}

/* Whether an allocation failed at all. */
static int sweep_step(const char *word, int words, uint32_t k, int for_ever) {
    failing f = {k, for_ever, 0, 0};
    dfl_alloc alloc = {failing_resize, &f};
    dfl__word_options options = plain();
    dfl__buf out, runs;
    dfl__offsets ends = {NULL, 0, 0};
    dfl__buf_init(&out, &alloc, 0);
    dfl__buf_init(&runs, NULL, 0);
    options.piece = write_piece;
    options.ctx = &runs;
    dfl__word_result r = words ? dfl__word_split(dfl__str(word), &options, &out, &ends)
                               : dfl__word_expand(dfl__str(word), &options, &out);
    if (f.failed) {
        assert_int_equal(r.error, DFL__WORD_NOMEM);
        assert_int_equal(out.len, 0);
        assert_int_equal(ends.count, 0);
        assert_int_equal(runs.len, 0);
    } else {
        assert_int_equal(r.error, DFL__WORD_OK);
    }
    DFL__VEC_FREE(&alloc, &ends);
    dfl__buf_free(&out);
    dfl__buf_free(&runs);
    assert_int_equal(f.live, 0);
    return f.failed;
}

static void test_out_of_memory(void **state) {
    (void)state;
    static const char *const cases[] = {
        "plain words and 'quoted ones' that are longer than the first block of the buffer is",
        "${N-${N:-${N-\"${N-\"${N-\"${N-\"${N-\"${N-deep}\"}\"}\"}\"}\"}}} $S$S$S$S",
        "${P%%l*b} ${P##*/} ${P//lib/$S$S$S$S$S$S$S$S$S$S$S$S} ${P/*?l?*?b?*?l?*?b?*?s?*?o*/$A}",
    };
    for (size_t i = 0; i < COUNT(cases) * 4; i++) {
        const char *word = cases[i / 4];
        uint32_t k = 0;
        while (sweep_step(word, (int)(i & 1), k, (int)(i & 2)))
            k++;
        assert_true(k > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expand),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_backtick),
        cmocka_unit_test(test_heredoc_detection),
        cmocka_unit_test(test_heredoc_body),
        cmocka_unit_test(test_kept_when_unset),
        cmocka_unit_test(test_required_message),
        cmocka_unit_test(test_unmatched_and_unknown),
        cmocka_unit_test(test_produced),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_pattern_steps),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
