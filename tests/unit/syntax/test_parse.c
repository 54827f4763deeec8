/* test_parse.c -- files and what BuildKit's parser makes of them, a table for each topic.
 * Relies on cmocka and describe.h, which tells the notation of expectations.
 * Never asks BuildKit itself: that is tests/conformance, where most of these cases come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "describe.h"

typedef struct {
    const char *source;
    size_t len;
    const char *want;
} parse_case;

#define CASE(source, want)                                                                         \
    { source, sizeof(source) - 1, want }
#define BOM "\xEF\xBB\xBF"
#define NBSP "\xC2\xA0"

static void check(const parse_case *c) {
    dfl__buf got;
    dfl__buf_init(&got, NULL, 0);
    dfl_doc *doc = parse_bytes(c->source, c->len);
    describe(&got, doc);
    if (!dfl__eqz(dfl__buf_str(&got), c->want)) {
        dfl__buf source;
        dfl__buf_init(&source, NULL, 0);
        describe_bytes(&source, (dfl_str){c->source, c->len < 300 ? c->len : 300});
        dfl__buf_addc(&source, '\0');
        dfl__buf_addc(&got, '\0');
        fail_msg("%s\ngot:\n%s\nwant:\n%s", source.ptr, got.ptr, c->want);
    }
    dfl_doc_unref(doc);
    dfl__buf_free(&got);
}

#define CHECK_ALL(table)                                                                           \
    for (size_t i = 0; i < COUNT(table); i++)                                                      \
    check(&(table)[i])

static void whole_files(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("", "!empty-file"),
        CASE("\n \n", "!no-instructions"),
        CASE("# c\n", "!no-instructions"),
        CASE(BOM, "!no-instructions"),
        CASE("ARG A", "ARG 1 \"A\" !no-stages"),
        CASE("FROM a", "FROM 1 \"a\""),
        CASE("FROM a\nRUN b\n", "FROM 1 \"a\"\nRUN 2 \"b\""),
        CASE("RUN b\nFROM a\n", "RUN 1 \"b\" !no-stage\nFROM 2 \"a\""),
        CASE("NOPE x\nRUN b\nFROM a\n",
             "NOPE 1 ?\"x\" !unknown-instruction\nRUN 2 \"b\" !no-stage\nFROM 3 \"a\""),
        CASE(BOM "FROM a", "FROM 1 \"a\""),
        CASE(BOM "\nFROM a", "FROM 2 \"a\""),
        CASE(BOM BOM "FROM a", "\\xef\\xbb\\xbfFROM 1 ?\"a\" !unknown-instruction !no-stages"),
        CASE(" " BOM "FROM a", "\\xef\\xbb\\xbfFROM 1 ?\"a\" !unknown-instruction !no-stages"),
    };
    CHECK_ALL(cases);
}

static void line_ends(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM a\r\nRUN b\r\n", "FROM 1 \"a\"\nRUN 2 \"b\""),
        CASE("FROM a\rRUN b\r", "FROM 1 \"a\" \"RUN\" \"b\" !arity-from"),
        CASE("FROM a\r\r\nRUN b", "FROM 1 \"a\"\nRUN 2 \"b\""),
        CASE("FROM a\nRUN b \\\r\r\nc", "FROM 1 \"a\"\nRUN 2-3 \"b c\""),
        CASE("FROM a\n\rRUN b", "FROM 1 \"a\"\nRUN 2 \"b\""),
        CASE("\r\nFROM a", "FROM 2 \"a\""),
        CASE("FROM a\nRUN b\0c\n", "FROM 1 \"a\"\nRUN 2 \"b\\x00c\""),
        CASE("FROM a\nRUN \xff\xfe\n", "FROM 1 \"a\"\nRUN 2 \"\\xff\\xfe\""),
        CASE("FROM a\n" NBSP "RUN b" NBSP "\n", "FROM 1 \"a\"\nRUN 2 \"b\""),
        CASE("FROM" NBSP "a\n", "FROM\\xc2\\xa0a 1 !unknown-instruction !no-stages"),
        CASE("FROM a\nRUN\vb\f\n", "FROM 1 \"a\"\nRUN 2 \"b\""),
    };
    CHECK_ALL(cases);
}

static void directives(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("# escape=`\nFROM a\nRUN b `\nc\n",
             "# \"escape\"=\"`\"\nFROM 2 \"a\"\nRUN 3-4 \"b c\""),
        CASE("# EsCaPe = ` \nFROM a\nRUN b\\\n", "# \"EsCaPe\"=\"`\"\nFROM 2 \"a\"\nRUN 3 \"b\\\""),
        CASE("#syntax=x y\n#check=skip=all\nFROM a",
             "# \"syntax\"=\"x y\"\n# \"check\"=\"skip=all\"\nFROM 3 \"a\""),
        CASE("# foo=bar\n# escape=`\nFROM a\nRUN b `\n", "FROM 3 \"a\"\nRUN 4 \"b `\""),
        CASE("\n# escape=`\nFROM a `\n", "FROM 3 \"a\" \"`\" !arity-from"),
        CASE("#!/bin/sh\n# escape=`\nFROM a\\\n\n", "FROM 3-4 \"a\" !empty-continuation"),
        CASE("# escape=\n# escape=`\nFROM a", "FROM 3 \"a\""),
        CASE("# escape= \nFROM a", "# \"escape\"=\" \" !bad-escape\nFROM 2 \"a\""),
        CASE("# escape=x", "# \"escape\"=\"x\" !bad-escape !no-instructions"),
        CASE("# escape=``\nFROM a", "# \"escape\"=\"``\" !bad-escape\nFROM 2 \"a\""),
        CASE("# escape=`\n# Escape=\\\nFROM a `\n",
             "# \"escape\"=\"`\"\n# \"Escape\"=\"\\\" !dup-directive\nFROM 3 \"a\""),
        CASE("# syntax=a \\\nFROM a", "# \"syntax\"=\"a \\\"\nFROM 2 \"a\""),
        CASE(BOM "# escape=`\r\nFROM a\r\n", "# \"escape\"=\"`\"\nFROM 2 \"a\""),
        CASE(NBSP "#" NBSP "escape=`\nFROM a", "# \"escape\"=\"`\"\nFROM 2 \"a\""),
        CASE("# escape=\v`\nFROM a", "# \"escape\"=\"\\x0b`\" !bad-escape\nFROM 2 \"a\""),
    };
    CHECK_ALL(cases);
}

static void continuations(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM a\nRUN b \\\n  c", "FROM 1 \"a\"\nRUN 2-3 \"b   c\""),
        CASE("FROM a\nRU\\\nN b", "FROM 1 \"a\"\nRUN 2-3 \"b\""),
        CASE("FROM a\nRUN\\\nb", "FROM 1 \"a\"\nRUNb 2-3 !unknown-instruction"),
        CASE("FROM a\nRUN b \\ \t\nc", "FROM 1 \"a\"\nRUN 2-3 \"b c\""),
        CASE("FROM a\nRUN b \\\v\nc d",
             "FROM 1 \"a\"\nRUN 2 \"b \\\"\nc 3 ?\"d\" !unknown-instruction"),
        CASE("FROM a\nRUN b\\\\\nc d",
             "FROM 1 \"a\"\nRUN 2 \"b\\\\\"\nc 3 ?\"d\" !unknown-instruction"),
        CASE("FROM a\nRUN b\\\\\\\nc d",
             "FROM 1 \"a\"\nRUN 2 \"b\\\\\\\"\nc 3 ?\"d\" !unknown-instruction"),
        CASE("FROM a\nRUN b \\\n# c\n\nd", "FROM 1 \"a\"\nRUN 2-5 \"b d\" !empty-continuation"),
        CASE("FROM a\nRUN 'b \\\n  # c\nd'", "FROM 1 \"a\"\nRUN 2-4 \"'b d'\""),
        CASE("FROM a\nRUN b \\\n\n\nRUN c",
             "FROM 1 \"a\"\nRUN 2-5 \"b RUN c\" !empty-continuation"),
        CASE("FROM a\nRUN b \\", "FROM 1 \"a\"\nRUN 2 \"b\""),
        CASE("FROM a\nRUN b \\\n", "FROM 1 \"a\"\nRUN 2 \"b\""),
        CASE("FROM a\nRUN b \\\n\n", "FROM 1 \"a\"\nRUN 2-3 \"b\" !empty-continuation"),
        CASE("FROM a\nRUN b \\\n# c", "FROM 1 \"a\"\nRUN 2-3 \"b\""),
        CASE("\\\nFROM a", "FROM 1-2 \"a\""),
        CASE("  \\\n  FROM a", "FROM 1-2 \"a\""),
        CASE("\\", " 1 !unknown-instruction !no-stages"),
        CASE("FROM a\n\\ \n\\", "FROM 1 \"a\"\n 2-3 !unknown-instruction"),
        CASE("FROM a\nRUN b \\\n \\\nc", "FROM 1 \"a\"\nRUN 2-4 \"b  c\""),
        CASE("FROM a\nRUN b \\\n[\"c\"]", "FROM 1 \"a\"\nRUN 2-3 \"b [\"c\"]\""),
        CASE("FROM a\nRUN \\\n[\"c\"]", "FROM 1 \"a\"\nRUN 2-3 json \"c\""),
        CASE("FROM a\nRUN [\"c\", \\\n # x\n \"d\"]", "FROM 1 \"a\"\nRUN 2-4 json \"c\" \"d\""),
        CASE("FROM a\nRUN [\"c\\\nd\"]", "FROM 1 \"a\"\nRUN 2-3 json \"cd\""),
        CASE("FROM a\nRUN x # y", "FROM 1 \"a\"\nRUN 2 \"x # y\""),
        CASE("FROM x # y", "FROM 1 \"x\" \"#\" \"y\" !arity-from"),
        CASE("FROM a\n# c \\\nRUN b", "FROM 1 \"a\"\nRUN 3 \"b\""),
    };
    CHECK_ALL(cases);
}

static void names(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("from a\nrUn b", "from 1 \"a\"\nrUn 2 \"b\""),
        CASE("FROM a\nwor\xE2\x84\xAA"
             "dir /x",
             "FROM 1 \"a\"\nwor\\xe2\\x84\\xaadir 2 \"/x\""),
        CASE("FROM a\nonbu\xC4\xB0ld RUN x", "FROM 1 \"a\"\nonbu\\xc4\\xb0ld 2 > RUN \"x\""),
        CASE("FROM a\nRUN", "FROM 1 \"a\"\nRUN 2"),
        CASE("FROM a\nadd b c", "FROM 1 \"a\"\nadd 2 \"b\" \"c\""),
        CASE("FROM a\n\xC5\xB3hell [\"x\"]", /* U+0173: its low byte is an s */
             "FROM 1 \"a\"\n\\xc5\\xb3hell 2 ?\"[\"x\"]\" !unknown-instruction"),
        CASE("FROM a\n\"RUN\" x", "FROM 1 \"a\"\n\"RUN\" 2 ?\"x\" !unknown-instruction"),
        CASE("FROM a\nMAINTAINERMAINTAINER x",
             "FROM 1 \"a\"\nMAINTAINERMAINTAINER 2 ?\"x\" !unknown-instruction"),
    };
    CHECK_ALL(cases);
}

static void flags(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM --platform=x a", "FROM 1 [--platform=x] \"a\""),
        CASE("FROM a\nCOPY --from=b --link c d",
             "FROM 1 \"a\"\nCOPY 2 [--from=b] [--link] \"c\" \"d\""),
        CASE("FROM a\nCOPY c --from=b d", "FROM 1 \"a\"\nCOPY 2 \"c\" \"--from=b\" \"d\""),
        CASE("FROM a\nCOPY --fr'om=b c' d e", "FROM 1 \"a\"\nCOPY 2 [--from=b c] \"d\" \"e\""),
        CASE("FROM a\nCOPY --chown=\"a\\nb\" d e",
             "FROM 1 \"a\"\nCOPY 2 [--chown=anb] \"d\" \"e\""),
        CASE("FROM a\nCOPY --chown='a\\'b d e",
             "FROM 1 \"a\"\nCOPY 2 [--chown=a'b d e] !arity-dest"),
        CASE("FROM a\nCOPY --chown=\xC3\xA9 d e",
             "FROM 1 \"a\"\nCOPY 2 [--chown=\\xc3\\x83\\xc2\\xa9] \"d\" \"e\""),
        CASE("FROM a\nCOPY --chown=\xC3\xA0 d e",
             "FROM 1 \"a\"\nCOPY 2 [--chown=\\xc3\\x83] \"d\" \"e\""),
        CASE("FROM a\nCMD -- --x", "FROM 1 \"a\"\nCMD 2 \"--x\""),
        CASE("FROM a\nCMD --\"\" --x", "FROM 1 \"a\"\nCMD 2 \"--x\""),
        CASE("FROM a\nCMD --", "FROM 1 \"a\"\nCMD 2"),
        CASE("FROM a\nCMD --x\\", "FROM 1 \"a\"\nCMD 2 [--x] !flag-unknown"),
        CASE("FROM a\nCMD --x\\\"", "FROM 1 \"a\"\nCMD 2 [--x\"] !flag-unknown"),
        CASE("FROM a\nRUN --x y", "FROM 1 \"a\"\nRUN 2 [--x] \"y\" !flag-unknown"),
        CASE("FROM a\nRUN --=y z", "FROM 1 \"a\"\nRUN 2 [--=y] \"z\" !flag-unknown"),
        CASE("FROM a\nUSER --x y", "FROM 1 \"a\"\nUSER 2 [--x] \"y\" !flag-unknown"),
        CASE("FROM a\nCOPY --link --link a b",
             "FROM 1 \"a\"\nCOPY 2 [--link] [--link] \"a\" \"b\" !flag-dup"),
        CASE("FROM a\nCOPY --link=1 a b", "FROM 1 \"a\"\nCOPY 2 [--link=1] \"a\" \"b\" !flag-bool"),
        CASE("FROM a\nCOPY --link= a b", "FROM 1 \"a\"\nCOPY 2 [--link=] \"a\" \"b\" !flag-value"),
        CASE("FROM a\nCOPY --from a b", "FROM 1 \"a\"\nCOPY 2 [--from] \"a\" \"b\" !flag-value"),
        CASE("FROM a\nCOPY --link=TRUE a b", "FROM 1 \"a\"\nCOPY 2 [--link=TRUE] \"a\" \"b\""),
        CASE("FROM a\nCOPY --x a", "FROM 1 \"a\"\nCOPY 2 [--x] \"a\" !arity-dest"),
        CASE("FROM a\nSTOPSIGNAL --x 9", "FROM 1 \"a\"\nSTOPSIGNAL 2 [--x] \"9\""),
        CASE("FROM a\nARG --x b", "FROM 1 \"a\"\nARG 2 [--x] \"b\""),
        CASE("FROM a\nHEALTHCHECK --x NONE", "FROM 1 \"a\"\nHEALTHCHECK 2 [--x] \"NONE\""),
        CASE("FROM a\nCOPY --exclude=a --exclude=b c d",
             "FROM 1 \"a\"\nCOPY 2 [--exclude=a] [--exclude=b] \"c\" \"d\""),
        CASE("FROM a\nCOPY --fr\\\nom=b c d", "FROM 1 \"a\"\nCOPY 2-3 [--from=b] \"c\" \"d\""),
    };
    CHECK_ALL(cases);
}

static void json_forms(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM a\nCMD []", "FROM 1 \"a\"\nCMD 2 json"),
        CASE("FROM a\nCMD [ \"a\" , \"b\" ]", "FROM 1 \"a\"\nCMD 2 json \"a\" \"b\""),
        CASE("FROM a\nCMD [\"\\u0041\\n\\/\\\"\"]", "FROM 1 \"a\"\nCMD 2 json \"A\\n/\"\""),
        CASE("FROM a\nCMD [\"\\ud83d\\ude00\"]",
             "FROM 1 \"a\"\nCMD 2 json \"\\xf0\\x9f\\x98\\x80\""),
        CASE("FROM a\nCMD [\"\\ud83dx\\ude00\"]",
             "FROM 1 \"a\"\nCMD 2 json \"\\xef\\xbf\\xbdx\\xef\\xbf\\xbd\""),
        CASE("FROM a\nCMD [\"\\ud83d\\ue000\"]",
             "FROM 1 \"a\"\nCMD 2 json \"\\xef\\xbf\\xbd\\xee\\x80\\x80\""),
        CASE("FROM a\nCMD [\"\\ud800\\udc00\\udbff\\udfff\"]",
             "FROM 1 \"a\"\nCMD 2 json \"\\xf0\\x90\\x80\\x80\\xf4\\x8f\\xbf\\xbf\""),
        CASE("FROM a\nCMD [\"\xC3\xA9\"]", "FROM 1 \"a\"\nCMD 2 json \"\\xc3\\xa9\""),
        CASE("FROM a\nCMD [\"\xff\"]", "FROM 1 \"a\"\nCMD 2 json \"\\xef\\xbf\\xbd\""),
        CASE("FROM a\nCMD [\"a\tb\"]", "FROM 1 \"a\"\nCMD 2 \"[\"a\\x09b\"]\""),
        CASE("FROM a\nCMD [\"a\",]", "FROM 1 \"a\"\nCMD 2 \"[\"a\",]\""),
        CASE("FROM a\nCMD ['a']", "FROM 1 \"a\"\nCMD 2 \"['a']\""),
        CASE("FROM a\nCMD [\"a\"] x", "FROM 1 \"a\"\nCMD 2 \"[\"a\"] x\""),
        CASE("FROM a\nCMD [1]", "FROM 1 \"a\"\nCMD 2 ?\"[1]\" !json-not-strings"),
        CASE("FROM a\nCMD [\"a\",{\"b\":[null]}]",
             "FROM 1 \"a\"\nCMD 2 ?\"[\"a\",{\"b\":[null]}]\" !json-not-strings"),
        CASE("FROM a\nCMD [1e400]", "FROM 1 \"a\"\nCMD 2 \"[1e400]\""),
        CASE("FROM a\nCMD [1.7976931348623157e308]",
             "FROM 1 \"a\"\nCMD 2 ?\"[1.7976931348623157e308]\" !json-not-strings"),
        CASE("FROM a\nCMD [1.7976931348623159e308]",
             "FROM 1 \"a\"\nCMD 2 \"[1.7976931348623159e308]\""),
        CASE("FROM a\nCMD [1e-400]", "FROM 1 \"a\"\nCMD 2 ?\"[1e-400]\" !json-not-strings"),
        CASE("FROM a\nCMD [01]", "FROM 1 \"a\"\nCMD 2 \"[01]\""),
        CASE("FROM a\nCMD [truex]", "FROM 1 \"a\"\nCMD 2 \"[truex]\""),
        CASE("FROM a\nCOPY [\"a\",\"b\" c", "FROM 1 \"a\"\nCOPY 2 \"[\"a\",\"b\"\" \"c\""),
        CASE("FROM a\nVOLUME [\"/a b\"]", "FROM 1 \"a\"\nVOLUME 2 json \"/a b\""),
        CASE("FROM [\"a\"]", "FROM 1 \"[\"a\"]\""),
        CASE("# escape=`\nFROM a\nCMD [\"a\\nb\"]",
             "# \"escape\"=\"`\"\nFROM 2 \"a\"\nCMD 3 json \"a\\nb\""),
    };
    CHECK_ALL(cases);
}

static void pairs(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM a\nENV A=1 B='c d'", "FROM 1 \"a\"\nENV 2 \"A\"=\"1\" \"B\"=\"'c d'\""),
        CASE("FROM a\nENV A b  c", "FROM 1 \"a\"\nENV 2 \"A\" _ \"b  c\""),
        CASE("FROM a\nENV a = b", "FROM 1 \"a\"\nENV 2 \"a\" _ \"= b\""),
        CASE("FROM a\nENV 'a b' c", "FROM 1 \"a\"\nENV 2 \"'a\" _ \"b' c\""),
        CASE("FROM a\nENV A", "FROM 1 \"a\"\nENV 2 \"A\" !kv-arity"),
        CASE("FROM a\nENV a" NBSP "b", "FROM 1 \"a\"\nENV 2 \"a\\xc2\\xa0b\" !kv-arity"),
        CASE("FROM a\nENV a=b c", "FROM 1 \"a\"\nENV 2 \"a\"=\"b\" ?\"c\" !kv-syntax"),
        CASE("FROM a\nENV \"a=b\" c", "FROM 1 \"a\"\nENV 2 \"\"a\"=\"b\"\" ?\"c\" !kv-syntax"),
        CASE("FROM a\nENV", "FROM 1 \"a\"\nENV 2 !arity-min"),
        CASE("FROM a\nENV =b", "FROM 1 \"a\"\nENV 2 \"\"=\"b\" !blank-name"),
        CASE("FROM a\nENV A=b\\ c", "FROM 1 \"a\"\nENV 2 \"A\"=\"b\\ c\""),
        CASE("# escape=`\nFROM a\nENV A=b\\ c=d",
             "# \"escape\"=\"`\"\nFROM 2 \"a\"\nENV 3 \"A\"=\"b\\\" \"c\"=\"d\""),
        CASE("# escape=`\nFROM a\nENV A=b`" NBSP,
             "# \"escape\"=\"`\"\nFROM 2 \"a\"\nENV 3 \"A\"=\"b\""),
        CASE("# escape=`\nFROM a\nARG \xff`" NBSP,
             "# \"escape\"=\"`\"\nFROM 2 \"a\"\nARG 3 \"\\xef\\xbf\\xbd\""),
        CASE("# escape=`\nFROM a\nARG a'=`" NBSP,
             "# \"escape\"=\"`\"\nFROM 2 \"a\"\nARG 3 \"a'\"=\"`\""),
        CASE("# escape=`\nFROM a\nARG a `" NBSP, /* a dangling escape alone is no word */
             "# \"escape\"=\"`\"\nFROM 2 \"a\"\nARG 3 \"a\""),
        CASE("FROM a\nENV A=\xff", "FROM 1 \"a\"\nENV 2 \"A\"=\"\\xef\\xbf\\xbd\""),
        CASE("FROM a\nENV A \xff", "FROM 1 \"a\"\nENV 2 \"A\" _ \"\\xff\""),
        CASE("FROM a\nARG a = b", "FROM 1 \"a\"\nARG 2 \"a\" \"\"=\"\" \"b\" !blank-name"),
        CASE("FROM a\nARG \"a\"=1", "FROM 1 \"a\"\nARG 2 \"\"a\"\"=\"1\""),
        CASE("FROM a\nLABEL a=1 \\\n # c\n b=\"2 \\\n3\"",
             "FROM 1 \"a\"\nLABEL 2-5 \"a\"=\"1\" \"b\"=\"\"2 3\"\""),
    };
    CHECK_ALL(cases);
}

static const parse_case files_with_heredocs[] = {
    CASE("FROM a\nRUN <<E\nx\nE\nRUN y",
         "FROM 1 \"a\"\nRUN 2-4 \"<<E\" <<\"E\"+\"x\\n\"\nRUN 5 \"y\""),
    CASE("FROM a\nRUN <<E\nE", "FROM 1 \"a\"\nRUN 2-3 \"<<E\" <<\"E\"+\"\""),
    CASE("FROM a\nRUN <<-'E'\n\tx\n\tE\n",
         "FROM 1 \"a\"\nRUN 2-4 \"<<-'E'\" <<\"E\"-\"\\x09x\\n\""),
    CASE("FROM a\nRUN <<\"E\"\n$x\nE\n", "FROM 1 \"a\"\nRUN 2-4 \"<<\"E\"\" <<\"E\"\"$x\\n\""),
    CASE("FROM a\nRUN <<A cat <<B\na\nA\nb\nB\n",
         "FROM 1 \"a\"\nRUN 2-6 \"<<A cat <<B\" <<\"A\"+\"a\\n\" <<\"B\"+\"b\\n\""),
    CASE("FROM a\nRUN 3<<E\nE\n", "FROM 1 \"a\"\nRUN 2-3 \"3<<E\" <<\"E\"+\"\""),
    CASE("FROM a\nRUN x<<E\nE\n", "FROM 1 \"a\"\nRUN 2 \"x<<E\"\nE 3 !unknown-instruction"),
    CASE("FROM a\nRUN << E\nE\n", "FROM 1 \"a\"\nRUN 2-3 \"<< E\" <<\"E\"+\"\""),
    CASE("FROM a\nRUN <<- E\nE\n", "FROM 1 \"a\"\nRUN 2 \"<<- E\"\nE 3 !unknown-instruction"),
    CASE("FROM a\nRUN << -E\n-E\n", "FROM 1 \"a\"\nRUN 2-3 \"<< -E\" <<\"-E\"+\"\""),
    CASE("FROM a\nRUN <<E>x;y\nE>x;y\n", "FROM 1 \"a\"\nRUN 2-3 \"<<E>x;y\" <<\"E>x;y\"+\"\""),
    CASE("FROM a\nRUN <<<E\nE\n", "FROM 1 \"a\"\nRUN 2 \"<<<E\"\nE 3 !unknown-instruction"),
    CASE("FROM a\nRUN \"<<E\"\nE\n", "FROM 1 \"a\"\nRUN 2 \"\"<<E\"\"\nE 3 !unknown-instruction"),
    CASE("FROM a\nRUN it's <<E\nE\n", "FROM 1 \"a\"\nRUN 2 \"it's <<E\"\nE 3 !unknown-instruction"),
    CASE("FROM a\nRUN ${A^^} <<E\nE\n",
         "FROM 1 \"a\"\nRUN 2 \"${A^^} <<E\"\nE 3 !unknown-instruction"),
    CASE("FROM a\nRUN <<$X\n$X\n", "FROM 1 \"a\"\nRUN 2-3 \"<<$X\" <<\"$X\"+\"\""),
    CASE("FROM a\nRUN <<eo\\'f\neo'f\n", "FROM 1 \"a\"\nRUN 2-3 \"<<eo\\'f\" <<\"eo'f\"+\"\""),
    CASE("FROM a\nRUN <<'e'o\\'f\neo'f\n", "FROM 1 \"a\"\nRUN 2-3 \"<<'e'o\\'f\" <<\"eo'f\"\"\""),
    CASE("FROM a\nRUN <<E \\\n more\nbody\nE",
         "FROM 1 \"a\"\nRUN 2-5 \"<<E  more\" <<\"E\"+\"body\\n\""),
    CASE("FROM a\nRUN <<E\nE \nE\n", "FROM 1 \"a\"\nRUN 2-4 \"<<E\" <<\"E\"+\"E \\n\""),
    CASE("FROM a\r\nRUN <<E\r\nx\r\nE\r\n", "FROM 1 \"a\"\nRUN 2-4 \"<<E\" <<\"E\"+\"x\\x0d\\n\""),
    CASE("FROM a\nRUN <<E\nx \\\n# c\n\nE\n# d\nRUN y",
         "FROM 1 \"a\"\nRUN 2-6 \"<<E\" <<\"E\"+\"x \\\\n# c\\n\\n\"\nRUN 8 \"y\""),
    CASE("FROM a\nCOPY <<E /x\ny\nE\n", "FROM 1 \"a\"\nCOPY 2-4 \"<<E\" \"/x\" <<\"E\"+\"y\\n\""),
    CASE("FROM a\nCOPY [\"<<E\",\"/x\"]\n", "FROM 1 \"a\"\nCOPY 2 json \"<<E\" \"/x\""),
    CASE("FROM a\nCOPY a <<E\nE\n",
         "FROM 1 \"a\"\nCOPY 2-3 \"a\" \"<<E\" <<\"E\"+\"\" !heredoc-dest"),
    CASE("FROM a\nCMD <<E\nE\n", "FROM 1 \"a\"\nCMD 2 \"<<E\"\nE 3 !unknown-instruction"),
    CASE("FROM a\nONBUILD RUN <<E\nx\nE\n",
         "FROM 1 \"a\"\nONBUILD 2-4 <<\"E\"+\"x\\n\" > RUN \"<<E\""),
    CASE("FROM a\nONBUILD ONBUILD RUN <<E\nE\n",
         "FROM 1 \"a\"\nONBUILD 2 > ONBUILD > RUN \"<<E\" !onbuild-chain\n"
         "E 3 !unknown-instruction"),
    CASE("# escape=`\nFROM a\nRUN <<`E\n`E\n", /* the escape directive does not count here */
         "# \"escape\"=\"`\"\nFROM 2 \"a\"\nRUN 3-4 \"<<`E\" <<\"`E\"+\"\""),
};

static void heredocs(void **state) {
    (void)state;
    CHECK_ALL(files_with_heredocs);
}

/* What BuildKit does not do: an unclosed heredoc is empty and the next line is an instruction. */
static void unclosed_heredocs(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM a\nRUN <<E\nRUN x\n",
             "FROM 1 \"a\"\nRUN 2 \"<<E\" <<\"E\"+?\"\" !heredoc-open\nRUN 3 \"x\""),
        CASE("FROM a\nRUN <<E", "FROM 1 \"a\"\nRUN 2 \"<<E\" <<\"E\"+?\"\" !heredoc-open"),
        CASE("FROM a\nRUN <<E\n\tE\n",
             "FROM 1 \"a\"\nRUN 2 \"<<E\" <<\"E\"+?\"\" !heredoc-open\nE 3 !unknown-instruction"),
        CASE("FROM a\nRUN <<A <<B\nx\nB\nRUN y", "FROM 1 \"a\"\nRUN 2-4 \"<<A <<B\" <<\"A\"+?\"\" "
                                                 "<<\"B\"+\"x\\n\" !heredoc-open\nRUN 5 \"y\""),
        CASE("FROM a\nRUN <<A\nRUN <<-B\nRUN <<A\nA\nRUN <<B\n\tB\n",
             "FROM 1 \"a\"\nRUN 2-5 \"<<A\" <<\"A\"+\"RUN <<-B\\nRUN <<A\\n\"\n"
             "RUN 6 \"<<B\" <<\"B\"+?\"\" !heredoc-open\nB 7 !unknown-instruction"),
        CASE("FROM a\nRUN <<A\nRUN <<-B\nRUN <<-A\n\tB\nRUN <<-B\n\tB",
             "FROM 1 \"a\"\nRUN 2 \"<<A\" <<\"A\"+?\"\" !heredoc-open\n"
             "RUN 3-5 \"<<-B\" <<\"B\"+-\"RUN <<-A\\n\"\nRUN 6-7 \"<<-B\" <<\"B\"+-\"\""),
        CASE("FROM a\nRUN <<A\nRUN <<B\nx\nB\nRUN <<B\n",
             "FROM 1 \"a\"\nRUN 2 \"<<A\" <<\"A\"+?\"\" !heredoc-open\n"
             "RUN 3-5 \"<<B\" <<\"B\"+\"x\\n\"\nRUN 6 \"<<B\" <<\"B\"+?\"\" !heredoc-open"),
    };
    CHECK_ALL(cases);
}

static void stages(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM", "FROM 1 !arity-from"),
        CASE("FROM 1a", "FROM 1 \"1a\""),
        CASE("FROM a AS b", "FROM 1 \"a\" \"AS\" \"b\""),
        CASE("FROM a a\xC5\xBF b", "FROM 1 \"a\" \"a\\xc5\\xbf\" \"b\""),
        CASE("FROM a A\xC5\xBF \xE2\x84\xAAx", "FROM 1 \"a\" \"A\\xc5\\xbf\" \"\\xe2\\x84\\xaax\""),
        CASE("FROM a b", "FROM 1 \"a\" \"b\" !arity-from"),
        CASE("FROM a is b", "FROM 1 \"a\" \"is\" \"b\" !arity-from"),
        CASE("FROM a AS b c", "FROM 1 \"a\" \"AS\" \"b\" \"c\" !arity-from"),
        CASE("FROM a AS 1b", "FROM 1 \"a\" \"AS\" \"1b\" !stage-name"),
        CASE("FROM a AS B-c_d.e1", "FROM 1 \"a\" \"AS\" \"B-c_d.e1\""),
        CASE("FROM a AS \xC3\xA9", "FROM 1 \"a\" \"AS\" \"\\xc3\\xa9\" !stage-name"),
        CASE("FROM --x --y a AS 1", "FROM 1 [--x] [--y] \"a\" \"AS\" \"1\" !stage-name"),
    };
    CHECK_ALL(cases);
}

static void health_checks(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM a\nHEALTHCHECK none", "FROM 1 \"a\"\nHEALTHCHECK 2 \"none\""),
        CASE("FROM a\nHEALTHCHECK NONE x",
             "FROM 1 \"a\"\nHEALTHCHECK 2 \"NONE\" \"x\" !health-none"),
        CASE("FROM a\nHEALTHCHECK", "FROM 1 \"a\"\nHEALTHCHECK 2 !arity-min"),
        CASE("FROM a\nHEALTHCHECK CMD", "FROM 1 \"a\"\nHEALTHCHECK 2 \"CMD\" !health-empty"),
        CASE("FROM a\nHEALTHCHECK CMD []",
             "FROM 1 \"a\"\nHEALTHCHECK 2 \"CMD\" json !health-empty"),
        CASE("FROM a\nHEALTHCHECK cmd [\"x\"]", "FROM 1 \"a\"\nHEALTHCHECK 2 \"cmd\" json \"x\""),
        CASE("FROM a\nHEALTHCHECK CMD\vx", "FROM 1 \"a\"\nHEALTHCHECK 2 \"CMD\" \"x\""),
        CASE("FROM a\nHEALTHCHECK CMD" NBSP "x",
             "FROM 1 \"a\"\nHEALTHCHECK 2 \"CMD\\xc2\" \"x\" !health-type"),
        CASE("FROM a\nHEALTHCHECK D\xA0\xE3\x80\x80[]",
             "FROM 1 \"a\"\nHEALTHCHECK 2 \"D\" json !health-type"),
        CASE("FROM a\nHEALTHCHECK --interval=0 --retries= CMD x",
             "FROM 1 \"a\"\nHEALTHCHECK 2 [--interval=0] [--retries=] \"CMD\" \"x\""),
        CASE("FROM a\nHEALTHCHECK --interval=1us CMD x",
             "FROM 1 \"a\"\nHEALTHCHECK 2 [--interval=1us] \"CMD\" \"x\" !health-interval"),
        CASE("FROM a\nHEALTHCHECK --timeout=1 CMD x",
             "FROM 1 \"a\"\nHEALTHCHECK 2 [--timeout=1] \"CMD\" \"x\" !duration"),
        CASE("FROM a\nHEALTHCHECK --retries=-1 CMD x",
             "FROM 1 \"a\"\nHEALTHCHECK 2 [--retries=-1] \"CMD\" \"x\" !health-retries"),
        CASE("FROM a\nHEALTHCHECK --retries=-1 --start-interval=1s CMD x",
             "FROM 1 \"a\"\nHEALTHCHECK 2 [--retries=-1] [--start-interval=1s] \"CMD\" \"x\" "
             "!health-retries"),
        CASE("FROM a\nHEALTHCHECK --retries=2147483648 CMD x",
             "FROM 1 \"a\"\nHEALTHCHECK 2 [--retries=2147483648] \"CMD\" \"x\" !integer"),
    };
    CHECK_ALL(cases);
}

static void triggers(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM a\nONBUILD", "FROM 1 \"a\"\nONBUILD 2 !arity-min"),
        CASE("FROM a\nONBUILD RUN [\"x\"]", "FROM 1 \"a\"\nONBUILD 2 > RUN json \"x\""),
        CASE("FROM a\nONBUILD NOPE x", "FROM 1 \"a\"\nONBUILD 2 > NOPE ?\"x\""),
        CASE("FROM a\nONBUILD ONBUILD RUN x",
             "FROM 1 \"a\"\nONBUILD 2 > ONBUILD > RUN \"x\" !onbuild-chain"),
        CASE("FROM a\nONBUILD from b", "FROM 1 \"a\"\nONBUILD 2 > from \"b\" !onbuild-forbidden"),
        CASE("FROM a\nONBUILD FROM" NBSP " b",
             "FROM 1 \"a\"\nONBUILD 2 > FROM\\xc2\\xa0 ?\"b\" !onbuild-forbidden"),
        CASE("FROM a\nONBUILD onbu\xC4\xB1ld b",
             "FROM 1 \"a\"\nONBUILD 2 > onbu\\xc4\\xb1ld ?\"b\" !onbuild-chain"),
        CASE("FROM a\nONBUILD ENV a", "FROM 1 \"a\"\nONBUILD 2 > ENV \"a\" !kv-arity"),
        CASE("FROM a\nONBUILD CMD [1]", "FROM 1 \"a\"\nONBUILD 2 > CMD ?\"[1]\" !json-not-strings"),
        CASE("FROM a\nONBUILD -- RUN x", "FROM 1 \"a\"\nONBUILD 2 > RUN \"x\""),
        CASE("FROM a\nONBUILD --x RUN --y z",
             "FROM 1 \"a\"\nONBUILD 2 [--x] > RUN [--y] \"z\" !flag-unknown"),
    };
    CHECK_ALL(cases);
}

static void other_checks(void **state) {
    (void)state;
    static const parse_case cases[] = {
        CASE("FROM a\nSHELL []", "FROM 1 \"a\"\nSHELL 2 json !arity-min"),
        CASE("FROM a\nSHELL sh -c", "FROM 1 \"a\"\nSHELL 2 \"sh -c\" !shell-json"),
        CASE("FROM a\nVOLUME [\" \"]", "FROM 1 \"a\"\nVOLUME 2 json \" \" !volume-empty"),
        CASE("FROM a\nVOLUME []", "FROM 1 \"a\"\nVOLUME 2 json !arity-min"),
        CASE("FROM a\nWORKDIR", "FROM 1 \"a\"\nWORKDIR 2 !arity-one"),
        CASE("FROM a\nUSER a b", "FROM 1 \"a\"\nUSER 2 \"a b\""),
        CASE("FROM a\nEXPOSE", "FROM 1 \"a\"\nEXPOSE 2 !arity-min"),
        CASE("FROM a\nENTRYPOINT []", "FROM 1 \"a\"\nENTRYPOINT 2 json"),
        CASE("FROM a\nRUN --network=NONE x",
             "FROM 1 \"a\"\nRUN 2 [--network=NONE] \"x\" !net-mode"),
        CASE("FROM a\nRUN --security= x", "FROM 1 \"a\"\nRUN 2 [--security=] \"x\" !sec-mode"),
        CASE("FROM a\nRUN --mount= x", "FROM 1 \"a\"\nRUN 2 [--mount=] \"x\" !mount-csv"),
        CASE("FROM a\nRUN --mount=from=a$b x",
             "FROM 1 \"a\"\nRUN 2 [--mount=from=a$b] \"x\" !mount-from-var"),
        CASE("FROM a\nRUN --mount=from=a$ x", "FROM 1 \"a\"\nRUN 2 [--mount=from=a$] \"x\""),
        CASE("FROM a\nRUN --mount='from=$a,\"' x",
             "FROM 1 \"a\"\nRUN 2 [--mount=from=$a,\"] \"x\" !mount-csv"),
        CASE("FROM a\nRUN --device= x", "FROM 1 \"a\"\nRUN 2 [--device=] \"x\" !device-csv"),
        CASE("FROM a\nRUN --device='required=,\"' x",
             "FROM 1 \"a\"\nRUN 2 [--device=required=,\"] \"x\" !device-csv"),
        CASE("FROM a\nRUN --device=a,b x",
             "FROM 1 \"a\"\nRUN 2 [--device=a,b] \"x\" !device-field"),
        CASE("FROM a\nRUN --device=a,name=b x",
             "FROM 1 \"a\"\nRUN 2 [--device=a,name=b] \"x\" !device-name"),
        CASE("FROM a\nRUN --device=name=,name=b x",
             "FROM 1 \"a\"\nRUN 2 [--device=name=,name=b] \"x\""),
        CASE("FROM a\nRUN --device=a,b=c x",
             "FROM 1 \"a\"\nRUN 2 [--device=a,b=c] \"x\" !key-unexpected"),
        CASE("FROM a\nRUN --device=required=x x",
             "FROM 1 \"a\"\nRUN 2 [--device=required=x] \"x\" !bool-value"),
        CASE("FROM a\nRUN --network=x --mount= --device= y",
             "FROM 1 \"a\"\nRUN 2 [--network=x] [--mount=] [--device=] \"y\" !device-csv"),
    };
    CHECK_ALL(cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_files), cmocka_unit_test(line_ends),
        cmocka_unit_test(directives),  cmocka_unit_test(continuations),
        cmocka_unit_test(names),       cmocka_unit_test(flags),
        cmocka_unit_test(json_forms),  cmocka_unit_test(pairs),
        cmocka_unit_test(heredocs),    cmocka_unit_test(unclosed_heredocs),
        cmocka_unit_test(stages),      cmocka_unit_test(health_checks),
        cmocka_unit_test(triggers),    cmocka_unit_test(other_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
