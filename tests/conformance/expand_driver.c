/* expand_driver.c -- word expansion for the comparers.
 * Relies on wire.h and syntax/word.h.
 * Never limits what BuildKit does not limit. */
#include <stdlib.h>

#include "syntax/word.h"
#include "wire.h"

/* expand, word, escape, mode, options, name, value, name, value...
 * Options: letters of q (raw quotes), e (raw escapes), s (skip quotes), u (skip unset). */
enum { WORD = 1, ESCAPE, MODE, OPTIONS, ENVIRONMENT };

typedef struct {
    const wire_message *request;
    wire_message matched;
    wire_message unmatched;
} environment;

static dfl__var look_up(void *ctx, dfl_str name, dfl_str *value) {
    environment *env = ctx;
    for (uint32_t i = ENVIRONMENT; i + 1 < env->request->count; i += 2) {
        if (!dfl__eq(wire_get(env->request, i), name)) continue;
        *value = wire_get(env->request, i + 1);
        wire_add(&env->matched, name);
        return DFL__VAR_SET;
    }
    wire_add(&env->unmatched, name);
    return DFL__VAR_UNSET;
}

static const char *const categories[] = {
    [DFL__WORD_OK] = "",
    [DFL__WORD_NOMEM] = "nomem",
    [DFL__WORD_LIMIT] = "limit",
    [DFL__WORD_BRACE] = "subst-brace",
    [DFL__WORD_BAD] = "subst-bad",
    [DFL__WORD_MODIFIER] = "subst-modifier",
    [DFL__WORD_QUOTE] = "subst-quote",
    [DFL__WORD_REQUIRED] = "subst-required",
    [DFL__WORD_PATTERN] = "subst-pattern",
};

static dfl__word_options options_of(const wire_message *request, environment *env) {
    dfl_str letters = wire_get(request, OPTIONS), escape = wire_get(request, ESCAPE);
    dfl__word_options options = {
        .escape = (unsigned char)escape.ptr[0],
        .raw_quotes = dfl__find(letters, 'q', 0) < letters.len,
        .raw_escapes = dfl__find(letters, 'e', 0) < letters.len,
        .skip_quotes = dfl__find(letters, 's', 0) < letters.len,
        .skip_unset = dfl__find(letters, 'u', 0) < letters.len,
        .max_depth = UINT32_MAX,
        .lookup = look_up,
        .ctx = env,
    };
    return options;
}

static void add_names(wire_message *answer, const wire_message *names) {
    wire_add_number(answer, names->count);
    for (uint32_t i = 0; i < names->count; i++)
        wire_add(answer, names->items[i]);
}

/* The words that end at `ends`; each is followed by a NUL. */
static void add_words(wire_message *answer, dfl_str text, const dfl__offsets *ends) {
    size_t at = 0;
    wire_add_number(answer, ends->count);
    for (uint32_t i = 0; i < ends->count; i++) {
        wire_add(answer, dfl__sub(text, at, ends->items[i]));
        at = ends->items[i] + 1;
    }
}

/* Answers category, words, names that were set, names that were not; each list after its count.
 * A failed
 * `${x?...}` has its variable and its message as words. */
void expand_answer(const wire_message *request, wire_message *answer) {
    environment env = {.request = request};
    dfl__word_options options = options_of(request, &env);
    dfl__word_result result;
    dfl__offsets ends = {NULL, 0, 0};
    dfl__buf out;
    dfl__buf_init(&out, NULL, 0);
    int words = dfl__eqz(wire_get(request, MODE), "words");
    if (words)
        result = dfl__word_split(wire_get(request, WORD), &options, &out, &ends);
    else
        result = dfl__word_expand(wire_get(request, WORD), &options, &out);
    wire_addz(answer, categories[result.error]);
    if (words && result.error == DFL__WORD_OK) {
        add_words(answer, dfl__buf_str(&out), &ends);
    } else {
        int required = result.error == DFL__WORD_REQUIRED;
        wire_add_number(answer, required ? 2 : 1);
        if (required) wire_add(answer, result.name);
        wire_add(answer, dfl__buf_str(&out));
    }
    add_names(answer, &env.matched);
    add_names(answer, &env.unmatched);
    DFL__VEC_FREE(&out.alloc, &ends);
    dfl__buf_free(&out);
    wire_free(&env.matched);
    wire_free(&env.unmatched);
}
