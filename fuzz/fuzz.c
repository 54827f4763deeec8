/* fuzz.c -- what the harnesses share.
 * Relies on fuzz.h and the tree check.
 * Never goes on after a broken law. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syntax/tree.h"

_Noreturn void fuzz_stop(const char *file, int line, const char *law) {
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, law);
    abort();
}

int fuzz_option(dfl_str *text, dfl_str *name, dfl_str *value) {
    if (!dfl__starts(*text, "#!")) return 0;
    size_t end = dfl__find(*text, '\n', 0);
    size_t blank = dfl__find(dfl__sub(*text, 0, end), ' ', 0);
    *name = dfl__sub(*text, 2, blank);
    *value = blank < end ? dfl__sub(*text, blank + 1, end) : dfl__sub(*text, end, end);
    *text = dfl__sub(*text, end < text->len ? end + 1 : end, text->len);
    return 1;
}

uint32_t fuzz_number(dfl_str *text) {
    uint32_t number = 0;
    size_t i = 0;
    while (i < text->len && text->ptr[i] == ' ')
        i++;
    for (; i < text->len && dfl__is_digit((unsigned char)text->ptr[i]); i++)
        number = (number * 10 + (uint32_t)(text->ptr[i] - '0')) % 1000003;
    if (i < text->len && text->ptr[i] == ' ') i++;
    *text = dfl__sub(*text, i, text->len);
    return number;
}

dfl_doc *fuzz_parse(dfl_str source) {
    dfl_doc *doc = NULL;
    size_t count = 0;
    REQUIRE(dfl_parse(source.ptr, source.len, NULL, &doc) == DFL_OK);
    REQUIRE(dfl__eq(dfl_doc_source(doc), source));
    const dfl_token_rec *tokens = dfl_doc_tokens(doc, &count);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(i == 0 ? tokens[i].start == 0 : tokens[i].start > tokens[i - 1].start);
        REQUIRE(tokens[i].start < source.len);
    }
    REQUIRE(count > 0 || source.len == 0);
    REQUIRE(dfl__tree_check(doc));
    return doc;
}

int32_t fuzz_count(void *ctx, const char *ptr, size_t len) {
    size_t *total = ctx;
    REQUIRE(ptr != NULL || len == 0);
    *total += len;
    return 0;
}

void fuzz_io_error(const dfl_io_error *error) {
    size_t len = 0;
    while (len < sizeof(error->message) && error->message[len] != '\0')
        len++;
    REQUIRE(len > 0 && len < sizeof(error->message));
    REQUIRE(error->line > 0 || error->column == 0);
}
