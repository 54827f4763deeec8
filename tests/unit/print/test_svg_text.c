/* test_svg_text.c -- texts of the picture: what is cut, replaced and counted.
 * Relies on cmocka.
 * Never looks at where they stand: test_svg.c does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "print/print_support.h"
#include "print/svg.h"

static void expect_svg_text(dfl_str s, uint32_t max, const char *want) {
    dfl__buf buf;
    dfl__out out;
    dfl_sink sink = capture_to(&buf);
    assert_int_equal(dfl__out_init(&out, &sink), DFL_OK);
    dfl__svg_text(&out, s, max);
    assert_int_equal(dfl__out_done(&out), DFL_OK);
    expect_text(&buf, want);
    dfl__buf_free(&buf);
}

static void what_xml_cannot_hold_is_replaced(void **state) {
    (void)state;
    expect_svg_text(DFL__LIT("a<b>&\"c'"), 99, "a&lt;b&gt;&amp;&quot;c'");
    expect_svg_text(DFL__LIT("\0\t\n\r\x7f"), 99,
                    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                    "\xef\xbf\xbd");
    expect_svg_text(DFL__LIT("\xff\xc3"), 99, "\xef\xbf\xbd\xef\xbf\xbd");
    expect_svg_text(DFL__LIT("\xef\xbf\xbe"), 99, "\xef\xbf\xbd");   /* U+FFFE */
    expect_svg_text(DFL__LIT("\xe2\x80\xaex"), 99, "\xef\xbf\xbdx"); /* turns what follows */
    expect_svg_text(DFL__LIT("\xc2\x85"), 99, "\xef\xbf\xbd");
    expect_svg_text(DFL__LIT("grün 日本"), 99, "grün 日本");
}

static void the_middle_is_cut(void **state) {
    (void)state;
    expect_svg_text(DFL__LIT("abcdefghij"), 10, "abcdefghij");
    expect_svg_text(DFL__LIT("abcdefghijk"), 10, "abcd…ghijk");
    expect_svg_text(DFL__LIT("日本語日本語"), 12, "日本語日本語");
    expect_svg_text(DFL__LIT("日本語日本語"), 10, "日本…本語"); /* no half of a wide one */
    expect_svg_text(DFL__LIT("<<<<<<<<<<<"), 10, "&lt;&lt;&lt;&lt;…&lt;&lt;&lt;&lt;&lt;");
}

static void of_a_digest_the_end_is_cut(void **state) {
    (void)state;
    expect_svg_text(DFL__LIT("ab@sha256:0123456789"), 20, "ab@sha256:0123456789");
    expect_svg_text(DFL__LIT("ab@sha256:0123456789"), 12, "ab@sha256:0…");
    expect_svg_text(DFL__LIT("abcdefghijklm:1@sha256:01"), 12, "abcd…klm:1@…");
}

static void columns_are_counted(void **state) {
    (void)state;
    assert_int_equal(dfl__svg_columns(DFL__LIT("")), 0);
    assert_int_equal(dfl__svg_columns(DFL__LIT("abc")), 3);
    assert_int_equal(dfl__svg_columns(DFL__LIT("grün")), 4);
    assert_int_equal(dfl__svg_columns(DFL__LIT("日本")), 4);
    assert_int_equal(dfl__svg_columns(DFL__LIT("\xff\xff")), 2);
}

static void boxes_are_as_wide_as_their_texts(void **state) {
    (void)state;
    dfl__svg_label image = {DFL__LIT("a"), DFL__SVG_NONE, NULL, {"", 0}, ""};
    dfl__svg_label stage = {DFL__LIT("a-name-of-some-length"), 7, "FROM ", DFL__LIT("x"), "target"};
    int32_t width = dfl__svg_label_width(&stage);
    assert_int_equal(dfl__svg_label_width(&image), 96);
    assert_in_range(width, 21 * 8 + 2 * 7 + 2 * DFL__SVG_PAD, 21 * 8 + 8 * 7 + 2 * DFL__SVG_PAD);
    stage.stage = 1234;
    assert_true(dfl__svg_label_width(&stage) > width);
    static const char lots[5000] = "x";
    stage.name = stage.detail = image.name = (dfl_str){lots, sizeof lots};
    assert_in_range(dfl__svg_label_width(&stage), 200, 350);
    assert_in_range(dfl__svg_label_width(&image), 200, 300);
}

static void numbers_have_signs(void **state) {
    (void)state;
    dfl__buf buf;
    dfl__out out;
    dfl_sink sink = capture_to(&buf);
    assert_int_equal(dfl__out_init(&out, &sink), DFL_OK);
    dfl__svg_int(&out, -7);
    dfl__svg_int(&out, 0);
    dfl__svg_int(&out, INT32_MIN);
    assert_int_equal(dfl__out_done(&out), DFL_OK);
    expect_text(&buf, "-70-2147483648");
    dfl__buf_free(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_xml_cannot_hold_is_replaced), cmocka_unit_test(the_middle_is_cut),
        cmocka_unit_test(of_a_digest_the_end_is_cut),       cmocka_unit_test(columns_are_counted),
        cmocka_unit_test(boxes_are_as_wide_as_their_texts), cmocka_unit_test(numbers_have_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
