/* test_memory.c -- what a parse asks for, what it keeps, and allocations that fail, one after the
 * other, once and for ever.
 * Relies on cmocka.
 * Never accepts a leak, a wrong size told to the allocator, or an output that was touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "describe.h"

enum { HEADER = 16 };

/* Counts what lives; fails call `fail_at`, and those after it when `for_ever`. */
typedef struct {
    size_t calls, fail_at;
    int for_ever;
    size_t live, blocks;
} failing;

static void *resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    char *block = ptr != NULL ? (char *)ptr - HEADER : NULL;
    size_t known = 0;
    if (block != NULL) memcpy(&known, block, sizeof known);
    assert_int_equal(known, old_size);
    assert_true((ptr == NULL) == (old_size == 0));
    if (new_size != 0) {
        f->calls++;
        if (f->calls == f->fail_at) return NULL;
        if (f->for_ever && f->fail_at != 0 && f->calls > f->fail_at) return NULL;
    }
    f->live += new_size - known;
    f->blocks += (old_size == 0) - (size_t)(new_size == 0);
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    block = realloc(block, new_size + HEADER);
    assert_non_null(block);
    memcpy(block, &new_size, sizeof new_size);
    return block + HEADER;
}

/* Parse with call `fail_at` failing. 1 when that call was reached. */
static int parse_failing(dfl_str source, size_t fail_at, int for_ever) {
    failing f = {.fail_at = fail_at, .for_ever = for_ever};
    dfl_alloc alloc = {resize, &f};
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *const untouched = (dfl_doc *)(uintptr_t)&f;
    dfl_doc *doc = untouched;
    options.alloc = &alloc;
    dfl_status status = dfl_parse(source.ptr, source.len, &options, &doc);
    int reached = fail_at != 0 && f.calls >= fail_at;
    if (status == DFL_OK) {
        assert_false(reached);
        assert_true(dfl__tree_check(doc));
        dfl_doc_unref(doc);
    } else {
        assert_int_equal(status, DFL_E_NOMEM);
        assert_true(reached);
        assert_ptr_equal(doc, untouched);
    }
    assert_int_equal(f.live, 0);
    return reached;
}

static const char *const inputs[] = {
    "",
    "\n",
    "# c\n",
    "FROM a\n",
    "FROM --platform=linux/amd64 a AS b\n",
    "\xEF\xBB\xBF# escape=`\n# syntax=x\n# escape=y\nFROM a `\n\n",
    "FROM a \\\n # c\n\n AS \\\n b",
    "NOPE x\nFORM y\n",
    "FROM a\nRUN b\nRUN [\"c\", \"\\u0041\\n\"]\n",
    "FROM a\nRUN [\"c\", \\\n# d\n\"e\"]\n",
    "FROM a\nRUN [1]\n",
    "FROM a\nRUN [\"a\",\n",
    "FROM a\nRUN <<E\nx\nE\n",
    "FROM a\nRUN <<-'E' <<F\n\tx\n\tE\ny\nF\n",
    "FROM a\nRUN <<E\nx\n",
    "FROM a\nRUN <<A <<-B\nx\nA\nRUN <<C\nRUN <<-D\n\tx\nB\n",
    "FROM a\nRUN <<${A:-b${C}}\n",
    "FROM a\nRUN \"${A:-\"b\"}\" '<<' <<\"E F\"\nE F\n",
    "FROM a\nRUN \\\n<<E \\\n# c\nb\nx\nE\n",
    "FROM a\nCOPY <<E <<F /x\nE\nF\n",
    "FROM a\nCOPY a <<E\nE\n",
    "FROM a\nCOPY --from=b --chown='c d' --link e f\n",
    "FROM a\nCOPY --chown=\xC3\xA9 --exclude=a --exclude=b e f\n",
    "FROM a\nCOPY --fr\\\nom=b --x --link=1 --link= --from c d\n",
    "FROM a\nCOPY a\n",
    "FROM a\nADD [\"a\", \"b\"]\n",
    "FROM a\nARG A B=c \"D\"=e\n",
    "FROM a\nARG \xff=\xfe\n",
    "FROM a\nENV A=b C=\"d e\" F='g'\n",
    "FROM a\nENV A=\\\nb C\\\nD=\\\ne\n",
    "FROM a\nENV A b c\n",
    "FROM a\nENV A\n",
    "FROM a\nENV A=b c =d\n",
    "FROM a\nENV =b =c\n",
    "FROM a\nLABEL a=b \\\n  # c\n\n  d=e\n",
    "FROM a\nEXPOSE 80 443/tcp\n",
    "FROM a\nVOLUME /a /b\nVOLUME [\"\", \" \"]\n",
    "FROM a\nUSER\nWORKDIR\nSTOPSIGNAL\nMAINTAINER\n",
    "FROM a\nUSER b \\\n c\nWORKDIR /d\\\ne\n",
    "FROM a\nSHELL [\"a\"]\nSHELL b\nSHELL []\n",
    "FROM a\nCMD b\nENTRYPOINT [\"c\"]\nCMD -- --d\n",
    "FROM a\nHEALTHCHECK NONE\nHEALTHCHECK NONE x\nHEALTHCHECK x\n",
    "FROM a\nHEALTHCHECK --interval=1 --timeout=1s --retries=x CMD [\"b\"]\n",
    "FROM a\nHEALTHCHECK --retries=-1 \\\n CMD \\\n b\n",
    "FROM a\nONBUILD RUN b\nONBUILD COPY <<E /x\ny\nE\n",
    "FROM a\nONBUILD ONBUILD \\\nENV A=b \\\nC=d\n",
    "FROM a\nONBUILD FROM b\nONBUILD x\nONBUILD\n",
    "FROM a\nRUN --mount=type=cache,target=/x --mount='\"a\"\"b\",from=$c' d\n",
    "FROM a\nRUN --mount=\"a --device=b,c,name=d --network=e --security=f g\n",
    "FROM a\nRUN --device=required=x,\"y\nRUN --device=a,b=c\n",
    "RUN a\nARG b\nCOPY c d\n",
    "\\\n\\\nFROM a\n\\\n\\",
    "FROM a\r\nRUN b \\\r\n c\r\n\r\n# d\r\nRUN e\r",
    "FROM a\nRUN b\\\n\n\n\nc\n\n# d\n\n",
    "FROM a AS 1\nFROM b c\nFROM d AS e f\nFROM\n",
    "A\nB\nC\nD\nE\nF\nG\nH\nI\nJ\nK\nL\nM\nN\nO\nP\nQ\nR\nS\nT\nU\nV\nW\nX\nY\nZ\n",
};

static void sweep(int for_ever) {
    for (size_t i = 0; i < COUNT(inputs); i++) {
        dfl_str source = {inputs[i], strlen(inputs[i])};
        size_t call = 1;
        while (parse_failing(source, call, for_ever))
            call++;
        assert_true(call > 1);
        assert_false(parse_failing(source, 0, 0));
    }
}

static void one_failure(void **state) {
    (void)state;
    sweep(0);
}

static void failures_for_ever(void **state) {
    (void)state;
    sweep(1);
}

static void the_last_reference_frees(void **state) {
    (void)state;
    failing f = {0};
    dfl_alloc alloc = {resize, &f};
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    options.alloc = &alloc;
    assert_int_equal(dfl_parse("FROM a\n", 7, &options, &doc), DFL_OK);
    size_t live = f.live;
    assert_true(live > 0);
    assert_ptr_equal(dfl_doc_ref(doc), doc);
    dfl_doc_unref(doc);
    assert_int_equal(f.live, live);
    dfl_doc_unref(doc);
    assert_int_equal(f.live, 0);
}

/* What a parse asked for and keeps. */
static failing measure(dfl_str source, const dfl_limits *limits) {
    failing f = {0}, parsed;
    dfl_alloc alloc = {resize, &f};
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    options.alloc = &alloc;
    options.limits = limits;
    assert_int_equal(dfl_parse(source.ptr, source.len, &options, &doc), DFL_OK);
    parsed = f;
    dfl_doc_unref(doc);
    assert_true(f.blocks == 0 && f.live == 0);
    return parsed;
}

static void a_document_is_one_block(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(inputs); i++) {
        failing parsed = measure((dfl_str){inputs[i], strlen(inputs[i])}, NULL);
        assert_int_equal(parsed.blocks, 1);
        assert_true(parsed.calls >= 2 && parsed.calls <= 4);
    }
}

/* Arrays double: allocations grow with the logarithm of the source, memory with the source. */
static void memory_grows_as_the_source(void **state) {
    (void)state;
    dfl__buf source;
    dfl__buf_init(&source, NULL, 0);
    for (int i = 0; i < 4000; i++)
        dfl__buf_addz(&source, "RUN --mount=type=cache,target=/x \\\n a && b\nENV A=b C=d\n");
    failing parsed = measure(dfl__buf_str(&source), NULL);
    assert_true(parsed.live < source.len * 12);
    assert_true(parsed.calls < 16);
    dfl__buf_free(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failure),
        cmocka_unit_test(failures_for_ever),
        cmocka_unit_test(the_last_reference_frees),
        cmocka_unit_test(a_document_is_one_block),
        cmocka_unit_test(memory_grows_as_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
