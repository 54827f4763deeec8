/* test_memory.c -- what a parse asks for, what it keeps, its bound, and allocations that fail, one
 * after the other, once and for ever.
 * Relies on cmocka.
 * Never accepts a leak, a wrong size told to the allocator, or an output that was touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "describe.h"
#include "diag/codes.h"

enum { HEADER = 16 };

/* Counts what lives; fails call `fail_at`, and those after it when `for_ever`. */
typedef struct {
    size_t calls, fail_at;
    int for_ever;
    size_t live, blocks, asked;
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
    f->asked += new_size;
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

/* Hostile files: `head`, then `again` many times. */
static const struct {
    const char *head, *again;
} families[] = {
    {"", "\n"},
    {"", "A\n"},
    {"", "#\n"},
    {"", "\\\n"},
    {"", "\xff"},
    {"", "\r"},
    {"", "FROM\n"},
    {"# escape=`\n", "`\n"},
    {"# check=", ";"},
    {"FROM a\n", "NOPE x\n"},
    {"FROM a\n", "RUN [\n"},
    {"FROM a\n", "RUN <<E\n"},
    {"FROM a\n", "COPY <<a\n"},
    {"FROM a\n", "RUN a \\\n\nb\n"},
    {"FROM a\n", "ONBUILD "},
    {"FROM a\n", "HEALTHCHECK --interval=x --x CMD a\n"},
    {"FROM a\nRUN", " <<a"},
    {"FROM a\nCOPY", " <<a"},
    {"FROM a\nCOPY", " <<\"\""},
    {"FROM a\nCOPY", " <<'E'<<"},
    {"FROM a\nRUN <<E", "\xff"},
    {"FROM a\nRUN <<", "\"a\"\xff"},
    {"FROM a\nRUN << ${", "${+\""},
    {"FROM a\nRUN <<E ", "\"${A:-"},
    {"FROM a\nRUN <<E\n", "\tx\n"},
    {"FROM a\nRUN <<E <<-F\n", "\tx\n"},
    {"FROM a\nRUN ", "a \\\n"},
    {"FROM a\nRUN", " --="},
    {"FROM a\nRUN \\\n", " --=''"},
    {"FROM a\nRUN --mount=", "\xff,"},
    {"FROM a\nRUN", " --mount=from=$a"},
    {"FROM a\nRUN [\"\"", ",\"\""},
    {"FROM a\nRUN [\"", "\xff"},
    {"FROM a\nCOPY", " a"},
    {"FROM a\nENV", " ="},
    {"FROM a\nENV", " a=b"},
    {"FROM a\nENV", " \xff=\xff"},
    {"FROM a\nENV a=b", " c"},
    {"FROM a\nENV a=", "\\\n"},
    {"FROM a\nENV a=\\\n", " b=\xff"},
    {"FROM a\nLABEL a", " \xe3\x80\x80"},
    {"FROM a\nVOLUME [\"\"", ",\" \""},
};

static const uint32_t counts[] = {0, 1, 2, 9, 70, 2500};

/* Each request is as large as a pool makes it. */
static void *add_up(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    const size_t align = _Alignof(max_align_t);
    failing *f = ctx;
    void *got = resize(ctx, ptr, old_size, new_size);
    f->asked += (align - new_size % align) % align;
    return got;
}

/* What the bound is made of: so much for one byte of source, whatever the bytes are. */
static void assert_ceilings(const dfl_doc *doc) {
    size_t len = doc->source.len, diags = doc->diags.count;
    assert_true(doc->tokens.count <= len);
    assert_true(2 * (size_t)doc->nodes.count <= 3 * len + 4);
    assert_true(doc->value_index.count <= len + 1);
    assert_true(doc->values.len <= 7 * len);
    assert_true(doc->lines.count <= len + 1);
    assert_true(diags <= len / 2 + 4 && diags <= doc->limits.max_diags);
    assert_true(doc->messages.len <= diags * DFL__MESSAGE_MAX + 6 * len);
}

/* A parse whose requests stay below its bound even all together; and in a pool of that size. */
static void parse_within(dfl_str source, const dfl_limits *limits) {
    failing f = {0};
    dfl_alloc alloc = {add_up, &f};
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    dfl_pool pool;
    options.limits = limits;
    size_t bound = dfl_parse_bound(source.len, &options);
    char *buffer = malloc(bound + 1);
    assert_non_null(buffer);
    options.alloc = &alloc;
    assert_int_equal(dfl_parse(source.ptr, source.len, &options, &doc), DFL_OK);
    assert_true(f.asked <= bound);
    assert_ceilings(doc);
    dfl_doc_unref(doc);
    assert_int_equal(dfl_pool_init(&pool, buffer + 1, bound), DFL_OK);
    options.alloc = &pool.base;
    assert_int_equal(dfl_parse(source.ptr, source.len, &options, &doc), DFL_OK);
    assert_true(dfl__tree_check(doc));
    assert_memory_equal(dfl_doc_source(doc).ptr, source.ptr, source.len);
    dfl_doc_unref(doc);
    free(buffer);
}

static void hostile_files_within_the_bound(void **state) {
    (void)state;
    static const char zeros[] = "\0\0\n\0<<\0 \0=\0\nRUN <<\0\n\0\n";
    dfl_limits wide = DFL_LIMITS_INIT, narrow = DFL_LIMITS_INIT;
    wide.max_diags = wide.max_depth = wide.max_heredocs = UINT32_MAX;
    narrow.max_diags = narrow.max_depth = narrow.max_heredocs = 1;
    for (size_t i = 0; i < COUNT(families); i++) {
        for (size_t k = 0; k < COUNT(counts); k++) {
            dfl__buf source;
            dfl__buf_init(&source, NULL, 0);
            dfl__buf_addz(&source, families[i].head);
            for (uint32_t n = 0; n < counts[k]; n++)
                dfl__buf_addz(&source, families[i].again);
            parse_within(dfl__buf_str(&source), NULL);
            parse_within(dfl__buf_str(&source), &wide);
            parse_within(dfl__buf_str(&source), &narrow);
            dfl__buf_free(&source);
        }
    }
    for (size_t i = 0; i < COUNT(inputs); i++)
        for (size_t len = 0; len <= strlen(inputs[i]); len++)
            parse_within((dfl_str){inputs[i], len}, NULL);
    parse_within((dfl_str){zeros, sizeof zeros - 1}, NULL);
}

/* Anything less than what it takes is no memory, and touches nothing. */
static void pools_that_are_too_small(void **state) {
    (void)state;
    static const char source[] = "FROM a\nRUN <<E \\\n b\nx\nE\nNOPE\n";
    static _Alignas(max_align_t) char buffer[1 << 15];
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *const untouched = (dfl_doc *)(uintptr_t)buffer;
    size_t enough = 0;
    for (size_t size = 0; enough == 0 || size < enough + 1024; size += 8) {
        dfl_pool pool;
        dfl_doc *doc = untouched;
        assert_true(size <= sizeof buffer);
        assert_int_equal(dfl_pool_init(&pool, buffer, size), DFL_OK);
        options.alloc = &pool.base;
        dfl_status status = dfl_parse(source, sizeof source - 1, &options, &doc);
        assert_int_equal(status, enough == 0 && doc == untouched ? DFL_E_NOMEM : DFL_OK);
        if (status == DFL_OK && enough == 0) enough = size;
        if (status == DFL_OK) dfl_doc_unref(doc);
    }
    assert_true(enough <= dfl_parse_bound(sizeof source - 1, NULL));
}

/* The words of tree.h: linear in the source, with so much for a byte. */
static void the_bound_is_linear(void **state) {
    (void)state;
    dfl_limits limits = DFL_LIMITS_INIT;
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    static const uint32_t diags[] = {1, 0, 50000};
    options.limits = &limits;
    limits.max_source_bytes = 1u << 30;
    for (size_t i = 0; i < COUNT(diags); i++) {
        size_t last = 0;
        limits.max_diags = diags[i];
        for (size_t len = 0; len <= (size_t)1 << 30; len += 1 + len / 64) {
            size_t bound = dfl_parse_bound(len, &options);
            uint64_t kept = diags[i] != 0 ? diags[i] : 1000;
            if (kept > len / 2 + 4) kept = len / 2 + 4;
            if (bound == SIZE_MAX) break; /* where sizes have 32 bits */
            assert_true(bound >= last);
            assert_true(bound <= 600 * (uint64_t)len + 2048 * kept + 65536);
            last = bound;
        }
        assert_true(last > (size_t)1 << 30);
    }
}

static void options_without_a_bound(void **state) {
    (void)state;
    dfl_limits limits = DFL_LIMITS_INIT;
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    assert_true(dfl_parse_bound((size_t)4 << 20, NULL) < SIZE_MAX);
    assert_true(dfl_parse_bound(((size_t)4 << 20) + 1, NULL) == SIZE_MAX);
    options.limits = &limits;
    limits.max_source_bytes = 7;
    assert_int_equal(dfl_parse_bound(7, &options), dfl_parse_bound(7, NULL));
    assert_true(dfl_parse_bound(8, &options) == SIZE_MAX);
    limits.size = 1;
    assert_true(dfl_parse_bound(0, &options) == SIZE_MAX);
    limits.size = sizeof limits;
    options.flags = 1;
    assert_true(dfl_parse_bound(0, &options) == SIZE_MAX);
    options.flags = 0;
    options.size = 0;
    assert_true(dfl_parse_bound(0, &options) == SIZE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failure),
        cmocka_unit_test(failures_for_ever),
        cmocka_unit_test(the_last_reference_frees),
        cmocka_unit_test(a_document_is_one_block),
        cmocka_unit_test(memory_grows_as_the_source),
        cmocka_unit_test(hostile_files_within_the_bound),
        cmocka_unit_test(pools_that_are_too_small),
        cmocka_unit_test(the_bound_is_linear),
        cmocka_unit_test(options_without_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
