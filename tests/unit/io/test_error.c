/* test_error.c -- messages: place, truncation.
 * Relies on fixture.h for its includes.
 * Never depends on the system's words. */
#include "io/fixture.h"

#include "io/error.h"

static void names_the_place(void **state) {
    (void)state;
    dfl_io_error e;
    assert_int_equal(dfl__io_fail(&e, DFL_E_FORMAT, (dfl__place){"a.yaml", 3, 7}, "bad %s", "key"),
                     DFL_E_FORMAT);
    assert_string_equal(e.message, "a.yaml:3:7: bad key");
    assert_int_equal(e.line, 3);
    assert_int_equal(e.column, 7);
    dfl__io_fail(&e, DFL_E_IO, (dfl__place){"a.yaml", 0, 0}, "gone");
    assert_string_equal(e.message, "a.yaml: gone");
    dfl__io_fail(&e, DFL_E_IO, (dfl__place){"a.yaml", 4, 0}, "x");
    assert_string_equal(e.message, "a.yaml:4: x");
    assert_int_equal(dfl__io_nomem(&e, "p"), DFL_E_NOMEM);
    assert_string_equal(e.message, "p: out of memory");
    assert_int_equal(dfl__io_fail(NULL, DFL_E_IO, (dfl__place){"a", 0, 0}, "x"), DFL_E_IO);
}

static void cuts_between_characters(void **state) {
    (void)state;
    char text[700];
    for (size_t lead = 0; lead < 4; lead++) {
        memset(text, 'x', lead);
        for (size_t i = lead; i + 2 < sizeof text; i += 2)
            memcpy(text + i, "\xC3\xA9", 3);
        dfl_io_error e;
        dfl__io_fail(&e, DFL_E_IO, (dfl__place){"p", 0, 0}, "%s", text);
        dfl_str message = dfl__str(e.message);
        assert_true(message.len > sizeof e.message - 8 && message.len < sizeof e.message);
        assert_true(dfl__ends(message, "..."));
        unsigned width;
        for (size_t i = 0; i < message.len; i += width)
            assert_true(dfl__rune(message, i, &width) != DFL__RUNE_ERROR);
    }
}

static void keeps_room_beside_a_long_path(void **state) {
    (void)state;
    char path[2000];
    memset(path, 'd', sizeof path);
    memcpy(path + sizeof path - 12, "/catalog.yml", 12);
    path[sizeof path - 1] = '\0';
    dfl_io_error e;
    dfl__io_fail(&e, DFL_E_IO, (dfl__place){path, 1, 2}, "the reason");
    assert_true(dfl__starts(dfl__str(e.message), "...d"));
    assert_non_null(strstr(e.message, "/catalog.ym:1:2: the reason"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_place),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(keeps_room_beside_a_long_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
