/* facts_support.h -- facts of a fixture directory, held against a list.
 * Relies on fixture.h.
 * Never ignores a fact: all that begin with the prefix must be in the list, in its order. */
#ifndef TESTS_UNIT_IO_FACTS_SUPPORT_H
#define TESTS_UNIT_IO_FACTS_SUPPORT_H

#include "io/fixture.h"

/* The facts whose name begins with `prefix`, one "name=value" a line. */
static inline void assert_facts(fixture *f, const char *prefix, const char *want) {
    dfl_io_facts *facts = NULL;
    dfl_io_error error = {0};
    if (dfl_io_facts_read(f->root, &facts, &error) != DFL_OK) fail_msg("%s", error.message);
    size_t count;
    const dfl_binding *list = dfl_io_facts_list(facts, &count);
    dfl__buf got;
    dfl__buf_init(&got, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        if (dfl__starts(list[i].name, prefix))
            dfl__buf_fmt(&got, "%S=%S\n", &list[i].name, &list[i].value);
    }
    dfl_str text = dfl__buf_str(&got);
    if (!dfl__eqz(text, want)) fail_msg("<%.*s>, wanted <%s>", (int)text.len, text.ptr, want);
    dfl__buf_free(&got);
    dfl_io_facts_free(facts);
}

static inline void assert_malformed(fixture *f, uint32_t line, uint32_t column, const char *want) {
    dfl_io_facts *facts = NULL;
    dfl_io_error error = {0};
    assert_int_equal(dfl_io_facts_read(f->root, &facts, &error), DFL_E_FORMAT);
    assert_error(&error, line, column, want);
    assert_null(facts);
}

/* A file that cannot be read, and what is said of it. */
typedef struct {
    const char *text;
    uint32_t line, column;
    const char *want;
} malformed;

static inline void assert_all_malformed(fixture *f, const char *path, const malformed *cases,
                                        size_t count) {
    for (size_t i = 0; i < count; i++) {
        put(f, path, cases[i].text);
        assert_malformed(f, cases[i].line, cases[i].column, cases[i].want);
    }
}
#define ASSERT_MALFORMED(f, path, cases)                                                           \
    assert_all_malformed(f, path, cases, sizeof(cases) / sizeof *(cases))

#endif
