/* test_number.c -- numbers, booleans and durations as Go reads them.
 * Relies on cmocka.
 * Never asks Go itself: the values were taken from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "syntax/number.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

typedef struct {
    const char *text;
    int valid;
    int64_t value;
} number_case;

enum { UNTOUCHED = -99 }; /* no case has it */

static void expect(const number_case *c, int valid, int64_t value) {
    if (valid != c->valid || value != (valid ? c->value : UNTOUCHED))
        fail_msg("%s: %d %lld", c->text, valid, (long long)value);
}

static const number_case duration_texts[] = {
    {"0", 1, 0},
    {"-0", 1, 0},
    {"+0", 1, 0},
    {"", 0, 0},
    {"-", 0, 0},
    {"+", 0, 0},
    {"1", 0, 0},
    {"0s", 1, 0},
    {"1s", 1, 1000000000},
    {"1.5s", 1, 1500000000},
    {".5s", 1, 500000000},
    {"0.1s", 1, 100000000},
    {"1.s", 1, 1000000000},
    {".0s", 1, 0},
    {".s", 0, 0},
    {"-1s", 1, -1000000000},
    {"+1s", 1, 1000000000},
    {"00001s", 1, 1000000000},
    {"1h1m1s1ms1us1ns", 1, 3661001001001},
    {"1\xC2\xB5s", 1, 1000},
    {"1\xCE\xBCs", 1, 1000},
    {"1m.5s", 1, 60500000000},
    {"1d", 0, 0},
    {"s", 0, 0},
    {"1 s", 0, 0},
    {" 1s", 0, 0},
    {"1e3s", 0, 0},
    {"1s1", 0, 0},
    {"1s-1s", 0, 0},
    {"9223372036854775807ns", 1, INT64_MAX},
    {"9223372036854775808ns", 0, 0},
    {"-9223372036854775808ns", 1, INT64_MIN},
    {"-9223372036854775809ns", 0, 0},
    {"9223372036854775807ns2ns", 0, 0},
    {"-9223372036854775807ns1ns", 1, INT64_MIN},
    {"-9223372036854775807ns2ns", 0, 0},
    {"18446744073709551616ns", 0, 0},
    {"92233720368547758070ns", 0, 0},
    {"99999999999999999999s", 0, 0},
    {"2562047h47m16.854775807s", 1, INT64_MAX},
    {"2562047h47m16.854775808s", 0, 0},
    {"-2562047h47m16.854775808s", 1, INT64_MIN},
    {"9223372036s", 1, 9223372036000000000},
    {"9223372037s", 0, 0},
    {"922337203685477580.8us", 0, 0},
    {"9223372036.854775807s", 1, INT64_MAX},
    {"9223372036.8547758079s", 1, INT64_MAX},
    {"9223372036.8547758089s", 0, 0},
    {"0.000000000000000000000000001h", 1, 0},
    {"0.9999999999999999999s", 1, 1000000000},
    {"0.99999999999999999999999s", 1, 1000000000},
    {"0.922337203685477580799999s", 1, 922337203},
    {"0.33333333333333333333h", 1, 1200000000000},
    {"3.0000000000000001ns", 1, 3},
};

static void durations(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(duration_texts); i++) {
        int64_t value = UNTOUCHED;
        int valid = dfl__go_duration(dfl__str(duration_texts[i].text), &value);
        expect(&duration_texts[i], valid, value);
    }
}

static void integers(void **state) {
    (void)state;
    static const struct {
        unsigned bits;
        number_case number;
    } cases[] = {
        {32, {"0", 1, 0}},
        {32, {"-0", 1, 0}},
        {32, {"+7", 1, 7}},
        {32, {"00", 1, 0}},
        {32, {"", 0, 0}},
        {32, {"-", 0, 0}},
        {32, {"+", 0, 0}},
        {32, {"--1", 0, 0}},
        {32, {"2147483647", 1, INT32_MAX}},
        {32, {"2147483648", 0, 0}},
        {32, {"-2147483648", 1, INT32_MIN}},
        {32, {"-2147483649", 0, 0}},
        {32, {"99999999999999999999", 0, 0}},
        {32, {"0x1", 0, 0}},
        {32, {"1_0", 0, 0}},
        {32, {"1a", 0, 0}},
        {32, {" 1", 0, 0}},
        {64, {"9223372036854775807", 1, INT64_MAX}},
        {64, {"9223372036854775808", 0, 0}},
        {64, {"-9223372036854775808", 1, INT64_MIN}},
        {64, {"-9223372036854775809", 0, 0}},
        {64, {"18446744073709551616", 0, 0}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = UNTOUCHED;
        int valid = dfl__go_int(dfl__str(cases[i].number.text), cases[i].bits, &value);
        expect(&cases[i].number, valid, value);
    }
}

static void booleans(void **state) {
    (void)state;
    static const number_case cases[] = {
        {"1", 1, 1},     {"t", 1, 1},     {"T", 1, 1},    {"TRUE", 1, 1}, {"true", 1, 1},
        {"True", 1, 1},  {"0", 1, 0},     {"f", 1, 0},    {"F", 1, 0},    {"FALSE", 1, 0},
        {"false", 1, 0}, {"False", 1, 0}, {"tRUE", 0, 0}, {"yes", 0, 0},  {"", 0, 0},
        {" 1", 0, 0},    {"truee", 0, 0}, {"2", 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int value = UNTOUCHED;
        int valid = dfl__go_bool(dfl__str(cases[i].text), &value);
        expect(&cases[i], valid, value);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),
        cmocka_unit_test(integers),
        cmocka_unit_test(booleans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
