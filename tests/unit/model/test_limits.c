/* test_limits.c -- files whose variables grow without end: what a model of them takes, and says.
 * Relies on cmocka and the public headers; memory is counted by an allocator of its own.
 * Never measures time: tests/bench counts instructions. */
#include "diag/codes.h"
#include "model/models.h"

typedef struct {
    size_t live, peak;
} memory;

static void *resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    memory *m = ctx;
    if (new_size == 0) {
        m->live -= old_size;
        free(ptr);
        return NULL;
    }
    void *made = realloc(ptr, new_size);
    assert_non_null(made);
    m->live += new_size - old_size;
    /* both blocks exist while one is copied to the other */
    if (m->live + old_size > m->peak) m->peak = m->live + old_size;
    return made;
}

/* `text` behind a comment so long that the file alone does not set the budget. */
static dfl_doc *padded(const char *text, size_t padding) {
    size_t len = strlen(text);
    char *source = malloc(padding + 2 + len);
    dfl_doc *doc = NULL;
    assert_non_null(source);
    memset(source, '#', padding);
    source[padding] = '\n';
    memcpy(source + padding + 1, text, len + 1);
    assert_int_equal(dfl_parse(source, padding + 1 + len, NULL, &doc), DFL_OK);
    free(source);
    return doc;
}

static const dfl_diag *limit_of(const dfl_model *model, dfl_diag *diag) {
    const dfl_diag *found = NULL;
    for (size_t i = 0; i < dfl_model_diag_count(model); i++) {
        dfl_diag d = {.size = sizeof d};
        assert_int_equal(dfl_model_diag(model, i, &d), DFL_OK);
        if (d.code != DFL_D_EXPAND_LIMIT) continue;
        assert_null(found); /* the spent budget is told once */
        *diag = d;
        found = diag;
    }
    return found;
}

/* Blocks of an arena double, so that at most half of what it takes is not used; besides it there is
 * the word at hand. */
enum { BUDGET = 1 << 20, WORD = 64 << 10, MOST = 2 * BUDGET + 4 * WORD };

/* Make the model of a bomb within BUDGET; it must say so at `where`. */
static void check_bomb(const char *text, const dfl_model_options *given, const char *where) {
    const dfl_limits limits = {
        .size = sizeof limits, .max_expand_bytes = WORD, .max_model_bytes = BUDGET};
    dfl_doc *doc = padded(text, BUDGET / 100 + 1000);
    dfl_model_options options = *given;
    memory m = {0, 0};
    const dfl_alloc alloc = {resize, &m};
    dfl_model *model = NULL;
    dfl_diag diag;
    options.limits = &limits;
    options.alloc = &alloc;
    assert_int_equal(dfl_model_new(doc, &options, &model), DFL_OK);
    assert_true(m.peak <= MOST);
    const dfl_diag *found = limit_of(model, &diag);
    assert_non_null(found);
    assert_int_equal(found->severity, DFL_SEVERITY_WARNING);
    assert_text(source_of(model, found->range), where);
    dfl_model_free(model);
    assert_int_equal(m.live, 0);
    dfl_doc_unref(doc);
}

/* A line again and again, behind `head`. The caller frees. */
static char *repeated(const char *head, const char *line, size_t count) {
    size_t start = strlen(head), len = strlen(line);
    char *text = malloc(start + count * len + 1);
    assert_non_null(text);
    memcpy(text, head, start);
    for (size_t i = 0; i < count; i++)
        memcpy(text + start + i * len, line, len);
    text[start + count * len] = '\0';
    return text;
}

static void check_lines(const char *head, const char *line, const char *where) {
    const dfl_model_options open = DFL_MODEL_OPTIONS_INIT;
    char *text = repeated(head, line, 400);
    check_bomb(text, &open, where);
    free(text);
}

#define EIGHT(s) s s s s s s s s
/* A variable of 32 KiB, which is no more than one word may have. */
#define LONG_ENV "FROM scratch\nENV A=xxxxxxxx\n" EIGHT("ENV A=$A$A\n") "ENV A=" EIGHT("$A") "\n"
#define LONG_ARG "ARG A=xxxxxxxx\n" EIGHT("ARG A=$A$A\n") "ARG A=" EIGHT("$A") "\n"

static void one_word_that_doubles(void **state) {
    (void)state;
    check_lines("FROM scratch\nENV A=x\n", "ENV A=$A$A\n", "$A$A");
    check_lines("FROM scratch\nENV A=x\n", "ENV A=${A:-b}$A${A/x/xx}\n", "${A:-b}$A${A/x/xx}");
    check_lines("ARG A=x\n", "ARG A=$A$A\n", "$A$A");
    check_lines("ARG A=x", " A=$A$A", "$A$A");
    check_lines("FROM scratch\nENV A=xx\n", "ENV A=${A//x/xxxx}\n", "${A//x/xxxx}");
    check_lines("FROM scratch\nARG A=x\n", "ARG A=\"${A:+$A}${A:-$A}\"\n", "\"${A:+$A}${A:-$A}\"");
}

static void many_words_that_are_long(void **state) {
    (void)state;
    check_lines(LONG_ENV, "ENV B=$A\n", "$A");
    check_lines(LONG_ENV, "LABEL b=$A\n", "$A");
    check_lines(LONG_ENV, "LABEL $A=b\n", "$A");
    check_lines(LONG_ENV, "VOLUME $A\n", "$A");
    check_lines(LONG_ENV, "EXPOSE $A\n", "$A");
    check_lines(LONG_ENV, "USER $A\n", "$A");
    check_lines(LONG_ENV, "WORKDIR $A\n", "$A");
    check_lines(LONG_ENV, "COPY $A /x\n", "$A");
    check_lines(LONG_ENV, "RUN --mount=target=$A,ro x\n", "target=$A,ro");
    check_lines(LONG_ENV, "COPY <<E /x\n$A\nE\n", "$A\n");
    check_lines(LONG_ARG, "ARG B=$A\n", "$A");
    check_lines(LONG_ARG, "FROM $A\n", "$A");
    check_lines(LONG_ARG, "FROM --platform=$A x\n", "$A");
}

static void paths_that_add_up(void **state) {
    (void)state;
    char *part = repeated("WORKDIR ", "a/b.", 250);
    char *line = repeated(part, "\n", 1);
    check_lines("FROM scratch\n", line, part + sizeof "WORKDIR " - 1);
    free(part);
    free(line);
}

static void triggers_that_run_again_and_again(void **state) {
    const dfl_model_options open = DFL_MODEL_OPTIONS_INIT;
    (void)state;
    char *triggers = repeated("FROM scratch AS s\n", "ONBUILD ENV A=b\n", 100);
    char *text = repeated(triggers, "FROM s\n", 300);
    check_bomb(text, &open, "FROM s");
    free(triggers);
    free(text);
}

static void words_of_a_shell(void **state) {
    (void)state;
    char *words = repeated("FROM scratch\nSHELL [\"a\"", ",\"b\"", 2000);
    char *head = repeated(words, "]\n", 1);
    check_lines(head, "CMD x\n", "CMD x");
    free(words);
    free(head);
}

/* What the caller hands in is the caller's; what is made of it counts. */
static void long_build_arguments(void **state) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    (void)state;
    char *value = repeated("", "x", WORD / 2);
    const dfl_binding arg = {{"A", 1}, {value, WORD / 2}};
    options.args = &arg;
    options.args_count = 1;
    char *text = repeated("FROM scratch\nARG A\n", "ENV B=-$A\n", 400);
    check_bomb(text, &options, "-$A");
    free(text);
    free(value);
}

/* A budget that suffices leaves nothing to say. */
static void ordinary_files_are_within_it(void **state) {
    (void)state;
    dfl_diag diag;
    dfl_model *model = model_of(LONG_ENV "WORKDIR /a\nWORKDIR b\n");
    assert_null(limit_of(model, &diag));
    dfl_model_free(model);
}

/* A trace opens each value once for each place where it is used. */
static void traces_are_limited(void **state) {
    (void)state;
    dfl_expansion *e = NULL;
    dfl_expanded got = {.size = sizeof got};
    dfl_model *model = model_of("FROM scratch\nENV A=xxxxxxxx\n" EIGHT("ENV A=$A$A\n") "USER $A\n");
    dfl_node user = node_with(model, DFL_NODE_WORD, "$A");
    assert_int_equal(dfl_model_expand(model, user, DFL_EXPAND_F_TRACE, &e), DFL_E_LIMIT);
    assert_null(e);
    assert_int_equal(dfl_model_expand(model, user, 0, &e), DFL_OK);
    assert_int_equal(dfl_expansion_get(e, &got), DFL_OK);
    assert_int_equal(got.text.len, 2048);
    dfl_expansion_free(e);
    dfl_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_word_that_doubles),
        cmocka_unit_test(many_words_that_are_long),
        cmocka_unit_test(paths_that_add_up),
        cmocka_unit_test(triggers_that_run_again_and_again),
        cmocka_unit_test(words_of_a_shell),
        cmocka_unit_test(long_build_arguments),
        cmocka_unit_test(ordinary_files_are_within_it),
        cmocka_unit_test(traces_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
