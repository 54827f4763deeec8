/* test_transfer.c -- what a build reads: calls, errors, destinations, what is sent.
 * Relies on models.h.
 * Never judges matching in full: tests/spec/context.dft and tests/conformance do. */
#include "dockerfile/context.h"

#include <stdio.h>

#include "model/models.h"

static const dfl_context_path paths[] = {
    {{"a/b", 3}, {"", 0}, DFL_PATH_ANY, 0},
    {{"c.md", 4}, {"", 0}, DFL_PATH_FILE, 0},
    {{"l", 1}, {"a", 1}, DFL_PATH_LINK, 0},
};

static dfl_context *context_under(const dfl_model *model, const dfl_context_options *opt) {
    dfl_context *context = NULL;
    assert_int_equal(dfl_context_new(model, opt, &context), DFL_OK);
    return context;
}

static dfl_context_options with_paths(void) {
    dfl_context_options opt = DFL_CONTEXT_OPTIONS_INIT;
    opt.paths = paths;
    opt.paths_count = COUNT(paths);
    return opt;
}

static void calls_that_are_wrong(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM scratch\nCOPY a /\n");
    dfl_context_options opt = with_paths();
    dfl_context *context = NULL;
    dfl_reading *reading = NULL;
    dfl_transfer t = {.size = sizeof t};
    dfl_source s = {.size = sizeof s};
    dfl_read r = {.size = sizeof r};
    assert_int_equal(dfl_context_new(NULL, &opt, &context), DFL_E_ARG);
    assert_int_equal(dfl_context_new(model, &opt, NULL), DFL_E_ARG);
    opt.target = 1;
    assert_int_equal(dfl_context_new(model, &opt, &context), DFL_E_ARG);
    opt.size--;
    assert_int_equal(dfl_context_new(model, &opt, &context), DFL_E_ABI);
    assert_null(context);
    opt = with_paths();
    context = context_under(model, &opt);
    assert_int_equal(dfl_context_transfer(context, 1, &t), DFL_E_ARG);
    assert_int_equal(dfl_context_source(context, 1, &s), DFL_E_ARG);
    assert_int_equal(dfl_context_reading(context, 1, &reading), DFL_E_ARG);
    assert_null(reading);
    t.size = s.size = r.size = 1;
    assert_int_equal(dfl_context_transfer(context, 0, &t), DFL_E_ABI);
    assert_int_equal(dfl_context_source(context, 0, &s), DFL_E_ABI);
    assert_int_equal(dfl_context_reading(context, 0, &reading), DFL_OK);
    assert_int_equal(dfl_reading_path(reading, 0, &r), DFL_E_ABI);
    r.size = sizeof r;
    assert_int_equal(dfl_reading_path(reading, dfl_reading_count(reading), &r), DFL_E_ARG);
    assert_int_equal(dfl_context_path_flags(context, COUNT(paths)), 0);
    assert_text(dfl_context_path_name(context, COUNT(paths)), "");
    dfl_reading_free(reading);
    dfl_context_free(context);
    dfl_model_free(model);
    dfl_context_free(NULL);
    dfl_reading_free(NULL);
}

static void flags_of_paths(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM scratch\nCOPY l /x/\n");
    dfl_context_options opt = with_paths();
    dfl_ignore *ignore = NULL;
    assert_int_equal(dfl_ignore_new("*.md\n", 5, NULL, &ignore), DFL_OK);
    opt.ignore = ignore;
    dfl_context *context = context_under(model, &opt);
    dfl_ignore_free(ignore); /* it is not kept */
    assert_int_equal(dfl_context_sent(context), DFL_SENT_YES);
    assert_int_equal(dfl_context_path_count(context), COUNT(paths));
    assert_int_equal(dfl_context_path_flags(context, 0), DFL_PATH_F_SENT | DFL_PATH_F_READ);
    assert_int_equal(dfl_context_path_flags(context, 1), DFL_PATH_F_EXCLUDED);
    /* the link is followed, and so it must be there */
    assert_int_equal(dfl_context_path_flags(context, 2), DFL_PATH_F_SENT | DFL_PATH_F_READ);
    dfl_context_free(context);
    dfl_model_free(model);
}

static void destinations(void **state) {
    (void)state;
    static const struct {
        const char *text, *path;
        int32_t directory;
    } cases[] = {
        {".", "/base", 1},
        {"./", "/base", 1},
        {"dir/..", "/base", 1},
        {"../../x", "/x", -1},
        {"/a/../b/", "/b", 1},
        {"/dir/.", "/dir", 1},
        {"./.", "/base", 1},
        {"x//y//", "/base/x/y", 1},
        {"..", "/", 1},
        {"/base", "/base", 1},
        {"/basement", "/basement", -1},
        {"/", "/", 1},
        {"$UNSET", "/base", 1},
        {"$UNSET/", "/", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[128];
        dfl_model_options options = closed();
        snprintf(text, sizeof text, "FROM scratch\nWORKDIR /base\nCOPY a %s\n", cases[i].text);
        dfl_model *model = model_under(text, &options);
        dfl_context *context = context_under(model, NULL);
        dfl_transfer t = {.size = sizeof t};
        assert_int_equal(dfl_context_transfer(context, 0, &t), DFL_OK);
        assert_text(t.destination, cases[i].path);
        assert_int_equal(t.directory, cases[i].directory);
        assert_int_equal(t.destination_known, 1);
        assert_text(source_of(model, t.range), cases[i].text);
        dfl_context_free(context);
        dfl_model_free(model);
    }
}

static void targets(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM scratch AS a\nCOPY a /\nFROM scratch\nCOPY c.md /\n"
                                "RUN --mount=from=a,target=/m x\n");
    static const size_t counts[] = {1, 3};
    for (uint32_t i = 0; i < 2; i++) {
        dfl_context_options opt = with_paths();
        opt.target = i;
        dfl_context *context = context_under(model, &opt);
        assert_int_equal(dfl_context_transfer_count(context), counts[i]);
        assert_int_equal(dfl_context_path_flags(context, 1) != 0, i == 1);
        dfl_context_free(context);
    }
    dfl_model_free(model);
}

/* What BuildKit asks for as a whole, and what it asks for by name. */
static void what_is_sent(void **state) {
    (void)state;
    static const struct {
        const char *line;
        uint32_t sent, other; /* of the context; flags of c.md, which no source names */
    } cases[] = {
        {"COPY a /", DFL_SENT_YES, 0},
        {"COPY a . /", DFL_SENT_YES, DFL_PATH_F_SENT | DFL_PATH_F_READ},
        {"COPY a / /x/", DFL_SENT_YES, DFL_PATH_F_SENT | DFL_PATH_F_READ},
        {"RUN --mount=type=tmpfs,target=/t x", DFL_SENT_YES, DFL_PATH_F_SENT},
        {"RUN --mount=type=cache,target=/t x", DFL_SENT_YES, 0},
        {"RUN true", DFL_SENT_YES, 0},
        {"ARG A\nCOPY $A a /x/", DFL_SENT_YES, DFL_PATH_F_SENT},
        {"COPY a* /", DFL_SENT_YES, 0},
        {"COPY a b[ /", DFL_SENT_SOURCE, 0},
        {"ADD https://h/x[ a /", DFL_SENT_YES, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[128];
        dfl_context_options opt = with_paths();
        snprintf(text, sizeof text, "FROM scratch\n%s\n", cases[i].line);
        dfl_model *model = model_of(text);
        dfl_context *context = context_under(model, &opt);
        assert_int_equal(dfl_context_sent(context), cases[i].sent);
        assert_int_equal(dfl_context_path_flags(context, 1), cases[i].other);
        dfl_context_free(context);
        dfl_model_free(model);
    }
}

static void ignore_files_that_fail(void **state) {
    (void)state;
    static const struct {
        const char *patterns;
        uint32_t sent;
    } cases[] = {
        {"!", DFL_SENT_IGNORE},      {"[", DFL_SENT_IGNORE}, {"\\q*", DFL_SENT_IGNORE},
        {"\\pL*", DFL_SENT_UNKNOWN}, {"z", DFL_SENT_YES},
    };
    dfl_model *model = model_of("FROM scratch\nCOPY . /\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_context_options opt = with_paths();
        dfl_ignore *ignore = NULL;
        dfl_source s = {.size = sizeof s};
        const char *text = cases[i].patterns;
        assert_int_equal(dfl_ignore_new(text, strlen(text), NULL, &ignore), DFL_OK);
        opt.ignore = ignore;
        dfl_context *context = context_under(model, &opt);
        assert_int_equal(dfl_context_sent(context), cases[i].sent);
        assert_int_equal(dfl_context_source(context, 0, &s), DFL_OK);
        assert_int_equal(s.found,
                         cases[i].sent == DFL_SENT_YES ? DFL_FOUND_YES : DFL_FOUND_UNKNOWN);
        dfl_context_free(context);
        dfl_ignore_free(ignore);
    }
    dfl_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_that_are_wrong), cmocka_unit_test(flags_of_paths),
        cmocka_unit_test(destinations),         cmocka_unit_test(targets),
        cmocka_unit_test(what_is_sent),         cmocka_unit_test(ignore_files_that_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
