/* test_codes.c -- the registry of diagnostic codes, and suggestions.
 * Relies on cmocka.
 * Never changes: a number and its name keep their meaning for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diag/codes.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Every code from 1 on, by its number. A new one is appended here as well. */
static const char *const names[] = {
    [1] = "empty-file",
    [2] = "no-instructions",
    [3] = "line-too-long",
    [4] = "bad-escape",
    [5] = "dup-directive",
    [6] = "json-not-strings",
    [7] = "kv-arity",
    [8] = "kv-syntax",
    [9] = "heredoc-open",
    [10] = "empty-continuation",
    [11] = "heredoc-limit",
    [12] = "depth-limit",
    [20] = "unknown-instruction",
    [21] = "arity-min",
    [22] = "arity-one",
    [23] = "arity-dest",
    [24] = "arity-from",
    [25] = "stage-name",
    [26] = "blank-name",
    [27] = "heredoc-dest",
    [28] = "flag-unknown",
    [29] = "flag-dup",
    [30] = "flag-value",
    [31] = "flag-bool",
    [32] = "onbuild-chain",
    [33] = "onbuild-forbidden",
    [34] = "health-none",
    [35] = "health-type",
    [36] = "health-empty",
    [37] = "health-interval",
    [38] = "health-retries",
    [39] = "duration",
    [40] = "integer",
    [41] = "volume-empty",
    [42] = "shell-json",
    [43] = "net-mode",
    [44] = "sec-mode",
    [45] = "mount-csv",
    [46] = "device-csv",
    [47] = "mount-from-var",
    [48] = "device-field",
    [49] = "device-name",
    [50] = "key-unexpected",
    [51] = "bool-value",
    [52] = "no-stage",
    [53] = "no-stages",
    [54] = "check-option",
};

static void codes_keep_their_names(void **state) {
    (void)state;
    for (uint32_t number = 0; number < COUNT(names); number++) {
        const dfl__code *code = dfl__code_of(number);
        const char *want = names[number];
        assert_int_equal(code != NULL, want != NULL);
        assert_string_equal(dfl_diag_name(number), want != NULL ? want : "");
        if (code == NULL) continue;
        assert_int_equal(code->number, number);
        assert_true(code->message[0] != '\0');
        assert_true(code->severity == DFL_SEVERITY_ERROR || code->severity == DFL_SEVERITY_WARNING);
    }
    assert_null(dfl__code_of(UINT32_MAX));
}

static void suggestions(void **state) {
    (void)state;
    static const char *const words[] = {"copy", "cmd", "env", "run", "\xC3\xA9t\xC3\xA9"};
    static const struct {
        const char *word, *want;
        int ignore_case;
    } cases[] = {
        {"cop", "copy", 0},
        {"ocpy", "copy", 0},
        {"COPI", "copy", 1},
        {"COPI", NULL, 0},
        {"copy", NULL, 0},
        {"COPY", NULL, 1},
        {"xxxx", NULL, 0},
        {"", NULL, 0},
        {"c", "cmd", 0},
        {"rnu", "run", 0},
        {"enx", "env", 0},
        {"\xC3\xA9"
         "te",
         "\xC3\xA9t\xC3\xA9", 0},
        {"copy123", NULL, 0},
        {"copy12", "copy", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *got =
            dfl__suggest(dfl__str(cases[i].word), words, COUNT(words), cases[i].ignore_case);
        if ((got == NULL) != (cases[i].want == NULL) || (got != NULL && strcmp(got, cases[i].want)))
            fail_msg("%s: got %s", cases[i].word, got != NULL ? got : "nothing");
    }
}

/* Words of more than 64 code points are not compared. */
static void long_words(void **state) {
    (void)state;
    char word[66];
    const char *const candidates[] = {word};
    memset(word, 'a', sizeof word);
    for (size_t len = 63; len <= 65; len++) {
        dfl_str typed = {word, len};
        word[len < 65 ? len + 1 : len] = '\0'; /* one letter more than typed */
        const char *got = dfl__suggest(typed, candidates, 1, 0);
        assert_int_equal(got != NULL, len == 63);
        memset(word, 'a', sizeof word);
    }
}

/* With the longest suggestion, and the longest name of an instruction. */
static void messages_have_a_maximum(void **state) {
    (void)state;
    size_t more = strlen(" (did you mean start-interval?)") + strlen("HEALTHCHECK");
    for (size_t i = 0; dfl__code_at(i) != NULL; i++)
        assert_true(strlen(dfl__code_at(i)->message) + more <= DFL__MESSAGE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_keep_their_names),
        cmocka_unit_test(suggestions),
        cmocka_unit_test(long_words),
        cmocka_unit_test(messages_have_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
