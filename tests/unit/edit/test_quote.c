/* test_quote.c -- setting values: what is written for each place.
 * Relies on support.h; every accepted value is applied, so the proof reads it back.
 * Never checks a place by its name only: the whole result is compared. */
#include "edit/support.h"

#define BACKTICK "# escape=`\n"

typedef struct {
    const char *source;
    uint32_t kind;
    unsigned index;
    const char *value;
    const char *want; /* NULL: DFL_E_UNSUPPORTED */
} test_case;

static void check(const test_case *c) {
    dfl_edits *edits = edits_of(c->source);
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_edits_apply(edits, &doc), DFL_OK); /* a second document, same source */
    dfl_edits_free(edits);
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    dfl_status status = dfl_edits_set_value(edits, nth(doc, c->kind, c->index), str(c->value));
    if (status != (c->want != NULL ? DFL_OK : DFL_E_UNSUPPORTED))
        fail_msg("%s: <%s> in <%s>", dfl_status_name(status), c->value, c->source);
    if (c->want != NULL) {
        assert_applied(edits, c->want);
    } else {
        assert_int_equal(dfl_edits_count(edits), 0);
    }
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
}

#define CHECK_ALL(cases)                                                                           \
    for (size_t i = 0; i < sizeof(cases) / sizeof *(cases); i++)                                   \
    check(&(cases)[i])

#define VALUE DFL_NODE_VALUE
#define WORD DFL_NODE_WORD
#define JSON DFL_NODE_JSON_STRING
#define BODY DFL_NODE_HEREDOC_BODY
#define F "FROM a\n"

static const test_case pairs[] = {
    {F "ENV A=$B\n", VALUE, 0, "x", F "ENV A=x\n"},
    {F "ENV A=\"b\n", VALUE, 0, "x", F "ENV A=x\n"}, /* never closed */
    {F "ENV A=\\\nb\n", VALUE, 0, "a b", F "ENV A=\\\n\"a b\"\n"},
    {F "LABEL 'a b'=c\n", VALUE, 0, "d", F "LABEL 'a b'=d\n"},
    {F "LABEL a\\\"b=c\n", VALUE, 0, "d", F "LABEL a\\\"b=d\n"},
    {F "ENV A=b C=d\n", VALUE, 0, "x", F "ENV A=x C=d\n"},
    {F "ENV A=b C=d\n", VALUE, 1, "x y", F "ENV A=b C=\"x y\"\n"},
    {F "ENV A=b\n", VALUE, 0, "", F "ENV A=\n"},
    {F "ENV A=\n", VALUE, 0, "v", F "ENV A=v\n"},
    {F "ENV A=\"b\"\n", VALUE, 0, "", F "ENV A=\"\"\n"},
    {F "ENV A=\"b\"\n", VALUE, 0, "x", F "ENV A=\"x\"\n"},
    {F "ENV A='b'\n", VALUE, 0, "x y", F "ENV A='x y'\n"},
    {F "ENV A='b'\n", VALUE, 0, "it's", F "ENV A=\"it's\"\n"},
    {F "ENV A=b\\ c\n", VALUE, 0, "x y$z", F "ENV A=x\\ y\\$z\n"},
    {F "ENV A=b\\ c\n", VALUE, 0, "x ", F "ENV A=\"x \"\n"},
    {F "ENV A=b\\ c\n", VALUE, 0, "x", F "ENV A=x\n"},
    {F "ENV A=b\n", VALUE, 0, "$HOME", F "ENV A='$HOME'\n"},
    {F "ENV A=\"b\"\n", VALUE, 0, "$HOME", F "ENV A=\"\\$HOME\"\n"},
    {F "ENV A=b\n", VALUE, 0, "it's $5 \\ \"", F "ENV A=\"it's \\$5 \\\\ \\\"\"\n"},
    {F "ENV A=b\n", VALUE, 0, "a\\nb", F "ENV A='a\\nb'\n"},
    {F "ENV A=\"b\"\n", VALUE, 0, "a\\nb", F "ENV A=\"a\\\\nb\"\n"},
    {F "ENV A=b\n", VALUE, 0, "x\xC2\xA0y", F "ENV A=\"x\xC2\xA0y\"\n"},
    {F "ENV A=b\n", VALUE, 0, "\xEF\xBB\xBFx", F "ENV A=\"\xEF\xBB\xBFx\"\n"},
    {F "ENV A=b\n", VALUE, 0, "caf\xC3\xA9", F "ENV A=caf\xC3\xA9\n"},
    {F "ENV A=b\n", VALUE, 0, "bad\xFF", NULL},
    {F "ENV A=b\n", VALUE, 0, "two\nlines", NULL},
    {F "ENV A=b\n", VALUE, 0, "cr\r", NULL},
    {F "ENV A=b\n", VALUE, 0, "#x", F "ENV A=#x\n"},
    {F "ENV A=\\\nb\n", VALUE, 0, "x", F "ENV A=\\\nx\n"},
    {F "ENV A=\\\nb\n", VALUE, 0, "#x", F "ENV A=\\\n\"#x\"\n"},
    {F "LABEL \"a b\"=c\n", VALUE, 0, "d e", F "LABEL \"a b\"=\"d e\"\n"},
    {F "LABEL \"a=b c\"\n", VALUE, 0, "d", NULL}, /* the value is inside the quotes */
    {"ARG V=1\nFROM a:$V\n", VALUE, 0, "2 3", "ARG V=\"2 3\"\nFROM a:$V\n"},
    {F "ENV A=one\\\n# note\ntwo B=c\n", VALUE, 0, "x", F "ENV A=x B=c\n"},
    /* legacy: the rest of the line */
    {F "ENV A b c\\ d\n", VALUE, 0, " x", F "ENV A \\ x\n"},
    {F "ENV A b c\n", VALUE, 0, "x  y", F "ENV A x  y\n"},
    {F "ENV A b c\n", VALUE, 0, "x ", F "ENV A \"x \"\n"},
    {F "ENV A b c\n", VALUE, 0, "", F "ENV A \"\"\n"},
    {F "ENV A b c\n", VALUE, 0, "a=b", F "ENV A a=b\n"},
    {BACKTICK F "ENV A=b\n", VALUE, 1, "C:\\x", BACKTICK F "ENV A=C:\\x\n"},
    {BACKTICK F "ENV A=\"b\"\n", VALUE, 1, "a`$", BACKTICK F "ENV A=\"a```$\"\n"},
};

static void test_pairs(void **state) {
    (void)state;
    CHECK_ALL(pairs);
}

static const test_case words[] = {
    {F "EXPOSE $P\n", WORD, 1, "80", F "EXPOSE 80\n"},
    {F "EXPOSE a\"\n", WORD, 1, "80", F "EXPOSE 80\n"},
    {F "COPY a\\b c d\n", WORD, 1, "--x", F "COPY \\--x c d\n"},
    {F "WORKDIR /a\\b\n", WORD, 1, " x", F "WORKDIR \\ x\n"},
    {F "MAINTAINER a\n", WORD, 1, "x ", NULL},
    {F "MAINTAINER a\n", WORD, 1, "x\ny", NULL},
    {F "MAINTAINER a\n", WORD, 1, "\\", NULL},
    {F "MAINTAINER a\n", WORD, 1, "x\\\\", F "MAINTAINER x\\\\\n"},
    {F "MAINTAINER a\n", WORD, 1, "--x", NULL},
    {BACKTICK F "ONBUILD WORKDIR /a\n", WORD, 1, "a\"b", BACKTICK F "ONBUILD WORKDIR 'a\"b'\n"},
    {BACKTICK F "ONBUILD WORKDIR /a\n", WORD, 1, "'\"", NULL},
    {BACKTICK F "ONBUILD WORKDIR /a\n", WORD, 1, "'`", NULL},
    {BACKTICK F "ONBUILD WORKDIR /a\n", WORD, 1, "'\\", NULL},
    {"FROM a:1 AS b\n", WORD, 0, "golang:1.22", "FROM golang:1.22 AS b\n"},
    {"FROM a:1 AS b\n", WORD, 0, "x$y", "FROM 'x$y' AS b\n"},
    {"FROM a:1 AS b\n", WORD, 0, "x y", NULL},
    {"FROM a:1 AS b\n", WORD, 0, "--x", "FROM \"--x\" AS b\n"},
    {"FROM a:1 AS b\n", WORD, 2, "build", "FROM a:1 AS build\n"},
    {"FROM a:1 AS b\n", WORD, 2, "", NULL},
    {"FROM a:1 AS b\n", WORD, 2, "c d", NULL},
    {F "COPY a b /d/\n", WORD, 3, "/e", F "COPY a b /e\n"},
    {F "COPY a b /d/\n", WORD, 1, "[x]", F "COPY \"[x]\" b /d/\n"},
    {F "COPY a b /d/\n", WORD, 2, "[x]", F "COPY a [x] /d/\n"},
    {F "COPY a b /d/\n", WORD, 1, "<<E", F "COPY \"<<E\" b /d/\n"},
    {F "COPY a b /d/\n", WORD, 2, "2<<E", F "COPY a \"2<<E\" /d/\n"},
    {F "COPY a b /d/\n", WORD, 2, "", F "COPY a \"\" /d/\n"},
    {F "COPY a b /d/\n", WORD, 2, "it's", F "COPY a \"it's\" /d/\n"},
    {F "COPY a b /d/\n", WORD, 2, "a\\b", F "COPY a 'a\\b' /d/\n"},
    {F "COPY a \\\n  b\n", WORD, 2, "#x", F "COPY a \\\n  \"#x\"\n"},
    {F "COPY a \\\n  b\n", WORD, 1, "#x", F "COPY #x \\\n  b\n"},
    {F "EXPOSE 80 81\n", WORD, 2, "8080/tcp", F "EXPOSE 80 8080/tcp\n"},
    {F "EXPOSE 80 81\n", WORD, 2, "", NULL},
    {F "EXPOSE 80 81\n", WORD, 2, "$P", F "EXPOSE 80 '$P'\n"},
    {F "VOLUME /a /b\n", WORD, 2, "/c", F "VOLUME /a /c\n"},
    {F "WORKDIR /a\n", WORD, 1, "/a b", F "WORKDIR /a b\n"},
    {F "WORKDIR \"/a\"\n", WORD, 1, "/a b", F "WORKDIR \"/a b\"\n"},
    {F "WORKDIR /a\n", WORD, 1, " x", F "WORKDIR \" x\"\n"},
    {F "WORKDIR /a\n", WORD, 1, "", F "WORKDIR \"\"\n"},
    {F "WORKDIR /a\n", WORD, 1, "/$x", F "WORKDIR '/$x'\n"},
    {F "WORKDIR /a\n", WORD, 1, "/x\\", F "WORKDIR '/x\\'\n"},
    {F "WORKDIR /a\n", WORD, 1, "two\nlines", NULL},
    {F "USER a\n", WORD, 1, "1000:1000", F "USER 1000:1000\n"},
    {F "USER a\r\nWORKDIR /\r\n", WORD, 1, "b", F "USER b\r\nWORKDIR /\r\n"},
    {F "STOPSIGNAL 9\n", WORD, 1, "SIGTERM", F "STOPSIGNAL SIGTERM\n"},
    {F "MAINTAINER a b\n", WORD, 1, "$me \"x\"", F "MAINTAINER $me \"x\"\n"},
    {F "MAINTAINER a b\n", WORD, 1, "x\\", NULL}, /* would continue the line */
    {F "MAINTAINER a b\n", WORD, 1, " x", NULL},
    {F "HEALTHCHECK NONE\n", WORD, 1, "none", F "HEALTHCHECK none\n"},
    {F "ONBUILD WORKDIR /a\n", WORD, 1, "/$b", F "ONBUILD WORKDIR '/$b'\n"},
    /* a trigger is read again with a backslash: no escape of its own may be written */
    {BACKTICK F "ONBUILD WORKDIR /a\n", WORD, 1, "it's $b", NULL},
    {BACKTICK F "ONBUILD WORKDIR /a\n", WORD, 1, "$b\\", BACKTICK F "ONBUILD WORKDIR '$b\\'\n"},
    {BACKTICK F "ONBUILD WORKDIR /a\n", WORD, 1, "it's", BACKTICK F "ONBUILD WORKDIR \"it's\"\n"},
};

static void test_words(void **state) {
    (void)state;
    CHECK_ALL(words);
}

static const test_case flags[] = {
    {F "COPY --ch'own=a' b c\n", VALUE, 0, "x", NULL},
    {F "COPY --ch\\own=a b c\n", VALUE, 0, "x", NULL},
    {F "COPY --exclude=a b c\n", VALUE, 0, "x\ny", NULL},
    {F "COPY --exclude=\\\na b c\n", VALUE, 0, "#x", F "COPY --exclude=\\\n\"#x\" b c\n"},
    {F "COPY --exclude=\\\na b c\n", VALUE, 0, "x", F "COPY --exclude=\\\nx b c\n"},
    {F "COPY --from=a b c\n", VALUE, 0, "a\\b", NULL},
    {BACKTICK F "ONBUILD COPY --exclude=a b c\n", VALUE, 1, "a\"'", NULL},
    {BACKTICK F "ONBUILD COPY --exclude=a b c\n", VALUE, 1, "a\"",
     BACKTICK F "ONBUILD COPY --exclude='a\"' b c\n"},
    {BACKTICK F "ONBUILD COPY --exclude=a b c\n", VALUE, 1, "a`", NULL},
    {F "COPY --chown=a b c\n", VALUE, 0, "1000:1000", F "COPY --chown=1000:1000 b c\n"},
    {F "COPY --chown=a b c\n", VALUE, 0, "x y", F "COPY --chown=\"x y\" b c\n"},
    {F "COPY --chown='a' b c\n", VALUE, 0, "x y", F "COPY --chown='x y' b c\n"},
    {F "COPY --chown=a b c\n", VALUE, 0, "$x", F "COPY --chown=\"'$x'\" b c\n"},
    {F "COPY --chown=a b c\n", VALUE, 0, "", F "COPY --chown= b c\n"},
    {F "COPY --chown=a b c\n", VALUE, 0, "\xC3\xA9", NULL}, /* the flag lexer mangles it */
    {F "COPY --chown=a b c\n", VALUE, 0, "x\ny", NULL},
    {F "COPY --chown=a\\ b b c\n", VALUE, 0, "x y", F "COPY --chown=x\\ y b c\n"},
    {F "COPY --ch\"own=a\" b c\n", VALUE, 0, "x", NULL},
    {F "COPY --from=a b c\n", VALUE, 0, "builder", F "COPY --from=builder b c\n"},
    {F "COPY --from=a b c\n", VALUE, 0, "$x", NULL},
    {F "COPY --from=a b c\n", VALUE, 0, "'x'", NULL},
    {F "COPY --exclude=a b c\n", VALUE, 0, "$x", F "COPY --exclude=$x b c\n"},
    {F "COPY --exclude=a b c\n", VALUE, 0, "a\\b", F "COPY --exclude='a\\\\b' b c\n"},
    {F "COPY --exclude=\"a\" b c\n", VALUE, 0, "a\"\\b", F "COPY --exclude=\"a\\\"\\\\b\" b c\n"},
    {F "RUN --mount=type=cache,target=/a x\n", VALUE, 0, "type=cache,target=/b",
     F "RUN --mount=type=cache,target=/b x\n"},
    {F "RUN --mount=type=cache,target=/a x\n", VALUE, 0, "type=cache,target=$b", NULL},
    {F "RUN --mount=type=cache,target=/a x\n", VALUE, 0, "target=/b b",
     F "RUN --mount=\"target=/b b\" x\n"},
    {"FROM --platform=a b\n", VALUE, 0, "linux/$x", "FROM --platform=\"'linux/$x'\" b\n"},
    {F "HEALTHCHECK --interval=1s CMD x\n", VALUE, 0, "30s",
     F "HEALTHCHECK --interval=30s CMD x\n"},
    {BACKTICK F "COPY --exclude=a b c\n", VALUE, 1, "a\\b", BACKTICK F "COPY --exclude=a\\b b c\n"},
    {BACKTICK F "ONBUILD COPY --exclude=a b c\n", VALUE, 1, "a\\b", NULL},
    {BACKTICK F "ONBUILD COPY --exclude=a b c\n", VALUE, 1, "a b",
     BACKTICK F "ONBUILD COPY --exclude=\"a b\" b c\n"},
};

static void test_flags(void **state) {
    (void)state;
    CHECK_ALL(flags);
}

static void test_json(void **state) {
    (void)state;
    static const test_case cases[] = {
        {F "CMD [\"a\", \"b\"]\n", JSON, 1, "x y", F "CMD [\"a\", \"x y\"]\n"},
        {F "CMD [\"a\"]\n", JSON, 0, "$x 'y' \"z\" \\ \n\t\x01",
         F "CMD [\"$x 'y' \\\"z\\\" \\\\ \\n\\t\\u0001\"]\n"},
        {F "CMD [\"a\"]\n", JSON, 0, "", F "CMD [\"\"]\n"},
        {F "CMD [\"a\"]\n", JSON, 0, "\xC3\xA9", F "CMD [\"\xC3\xA9\"]\n"},
        {F "CMD [\"a\"]\n", JSON, 0, "\xC3", NULL},
        {F "RUN [\"a\"]\n", JSON, 0, "$x", F "RUN [\"$x\"]\n"},
        {F "HEALTHCHECK CMD [\"a\"]\n", JSON, 0, "b", F "HEALTHCHECK CMD [\"b\"]\n"},
        /* elements of COPY, ADD and VOLUME are words too */
        {F "COPY [\"a\", \"/b\"]\n", JSON, 0, "x y", F "COPY [\"x y\", \"/b\"]\n"},
        {F "COPY [\"a\", \"/b\"]\n", JSON, 0, "$x", F "COPY [\"'$x'\", \"/b\"]\n"},
        {F "COPY [\"'a'\", \"/b\"]\n", JSON, 0, "x", F "COPY [\"'x'\", \"/b\"]\n"},
        {F "COPY [\"a\", \"/b\"]\n", JSON, 0, "it's", F "COPY [\"\\\"it's\\\"\", \"/b\"]\n"},
        {F "COPY [\"a\", \"/b\"]\n", JSON, 0, "<<E", F "COPY [\"\\\"<<E\\\"\", \"/b\"]\n"},
        {F "VOLUME [\"/a\"]\n", JSON, 0, "/b ", F "VOLUME [\"\\\"/b \\\"\"]\n"},
    };
    CHECK_ALL(cases);
}

static const test_case bodies[] = {
    {F "COPY <<E /x\nRUN y\nE\n", WORD, 1, "z", NULL}, /* stands for its body */
    {F "COPY <<E /x\nRUN y\nE\n", WORD, 2, "it's", F "COPY <<E \"it's\"\nRUN y\nE\n"},
    /* heredocs are looked for with a backslash: a quote behind "`" would hide them */
    {BACKTICK F "COPY <<E \"/x\"\nRUN y\nE\n", WORD, 2, "a\"$b", NULL},
    {BACKTICK F "COPY <<E \"/x\"\nRUN y\nE\n", WORD, 2, "a'b",
     BACKTICK F "COPY <<E \"a'b\"\nRUN y\nE\n"},
    {BACKTICK F "COPY \"y\" \"/x\"\n", WORD, 2, "a\"$b", BACKTICK F "COPY \"y\" \"a`\"`$b\"\n"},
    {BACKTICK F "COPY --chown=\"x\" <<E /x\nRUN y\nE\n", VALUE, 1, "a\"", NULL},
    {F "ONBUILD COPY <<E /x\none\nE\n", BODY, 0, "$a\n", F "ONBUILD COPY <<E /x\n\\$a\nE\n"},
    {F "ONBUILD RUN <<E\none\nE\n", BODY, 0, "$a\n", F "ONBUILD RUN <<E\n$a\nE\n"},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "\xEF\xBB\xBFx\n", NULL},
    {F "COPY <<E /x\n$x\nE\n", BODY, 0, "$x\n", F "COPY <<E /x\n\\$x\nE\n"},
    {F "RUN <<-E\n\n\tE\n", BODY, 0, "x\n", F "RUN <<-E\nx\n\tE\n"},
    {F "RUN <<-E\n\t\ta\n\tb\n\tE\n", BODY, 0, "x\n", F "RUN <<-E\n\tx\n\tE\n"},
    {F "COPY <<E /x\r\none\r\nE\r\n", BODY, 0, "a\r\nb", F "COPY <<E /x\r\na\r\nb\r\nE\r\n"},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "two\nthree\n", F "COPY <<E /x\ntwo\nthree\nE\n"},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "two", F "COPY <<E /x\ntwo\nE\n"},
    {F "COPY <<E /x\r\none\r\nE\r\n", BODY, 0, "two", F "COPY <<E /x\r\ntwo\r\nE\r\n"},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "", F "COPY <<E /x\nE\n"},
    {F "COPY <<E /x\nE\n", BODY, 0, "two\n", F "COPY <<E /x\ntwo\nE\n"},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "a\nE\nb\n", NULL},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "a\nE", NULL},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "a\nE\r\nb\n", NULL},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "E \n", F "COPY <<E /x\nE \nE\n"},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "$a\\b\n", F "COPY <<E /x\n\\$a\\\\b\nE\n"},
    {F "COPY <<'E' /x\none\nE\n", BODY, 0, "$a\\b\n", F "COPY <<'E' /x\n$a\\b\nE\n"},
    {F "RUN <<E\none\nE\n", BODY, 0, "echo $a\\b\n", F "RUN <<E\necho $a\\b\nE\n"},
    {F "RUN <<-E\n\tone\n\tE\n", BODY, 0, "two\n\nthree\n", F "RUN <<-E\n\ttwo\n\n\tthree\n\tE\n"},
    {F "RUN <<-E\none\nE\n", BODY, 0, "\ttwo\n", NULL}, /* the tab would be lost */
    {F "RUN <<-E\n\tone\nE\n", BODY, 0, "E\n", NULL},
    {F "COPY <<E <<G /x\none\nE\ntwo\nG\n", BODY, 1, "E\n", F "COPY <<E <<G /x\none\nE\nE\nG\n"},
    {F "COPY <<'E' /x\none\nE\n", BODY, 0, "\xFF\n", F "COPY <<'E' /x\n\xFF\nE\n"},
    {F "COPY <<E /x\none\nE\n", BODY, 0, "\xFF\n", NULL},
    {F "RUN <<E\none\n", BODY, 0, "two\n", NULL}, /* never closed */
};

static void test_bodies(void **state) {
    (void)state;
    CHECK_ALL(bodies);
}

static void test_directives(void **state) {
    (void)state;
    static const test_case cases[] = {
        {"# syntax=a/b:1\n" F, VALUE, 0, "docker/dockerfile:1", "# syntax=docker/dockerfile:1\n" F},
        {"# syntax=a/b:1\n" F, VALUE, 0, "", NULL},
        {"# syntax=a/b:1\n" F, VALUE, 0, " a", NULL},
        {"# syntax=a/b:1\n" F, VALUE, 0, "a ", NULL},
        {"# syntax=a/b:1\n" F, VALUE, 0, "a\nb", NULL},
        {"# escape=\\\n" F, VALUE, 0, "`", "# escape=`\n" F},
    };
    CHECK_ALL(cases);
}

/* Other kinds of node have no value that can be set. */
static void test_other_kinds(void **state) {
    (void)state;
    static const uint32_t kinds[] = {DFL_NODE_FILE,      DFL_NODE_COMMENT,    DFL_NODE_KEYWORD,
                                     DFL_NODE_FLAG,      DFL_NODE_SHELL_FORM, DFL_NODE_NAME,
                                     DFL_NODE_PAIR,      DFL_NODE_RUN,        DFL_NODE_HEREDOC,
                                     DFL_NODE_JSON_FORM, DFL_NODE_HEREDOC_END};
    dfl_doc *doc = parse("# c\nFROM a\nENV A=b\nRUN --network=host <<E\nE\nCMD [\"a\"]\n"
                         "CMD x\n");
    dfl_edits *edits = NULL;
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        assert_int_equal(dfl_edits_set_value(edits, nth(doc, kinds[i], 0), str("x")),
                         DFL_E_UNSUPPORTED);
    assert_int_equal(dfl_edits_count(edits), 0);
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
}

/* What stands there already is not written again, and still has to hold in the end. */
static void test_same_value(void **state) {
    (void)state;
    static const test_case cases[] = {
        {F "ENV A=\"b c\"\n", VALUE, 0, "b c", F "ENV A=\"b c\"\n"},
        {F "ENV A=b\\ c\n", VALUE, 0, "b c", F "ENV A=b\\ c\n"},
        {F "ENV A=\"b\"'c'\n", VALUE, 0, "bc", F "ENV A=\"b\"'c'\n"},
        {F "COPY --chown=\"a b\" c d\n", VALUE, 0, "a b", F "COPY --chown=\"a b\" c d\n"},
        {F "CMD [\"\\u0041\"]\n", JSON, 0, "A", F "CMD [\"\\u0041\"]\n"},
        {F "RUN <<-E\n\tone\n\tE\n", BODY, 0, "one\n", F "RUN <<-E\n\tone\n\tE\n"},
        {F "RUN <<E\none\nE\n", BODY, 0, "one", F "RUN <<E\none\nE\n"},
    };
    CHECK_ALL(cases);
    dfl_doc *doc = parse(F "ENV A=b\n");
    dfl_edits *edits = NULL;
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    dfl_node node = nth(doc, VALUE, 0);
    assert_int_equal(dfl_edits_set_value(edits, node, str("b")), DFL_OK);
    assert_int_equal(dfl_edits_count(edits), 0);
    assert_int_equal(dfl_edits_replace(edits, dfl_node_range(node), str("c")), DFL_OK);
    assert_refused(edits, "line 2: the value set would not read back as \"b\"");
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
}

/* A value that was set must be found again; a long one is cut in the reason, between characters. */
static void test_set_and_gone(void **state) {
    (void)state;
    char value[121];
    for (size_t i = 0; i + 1 < sizeof value; i += 3)
        memcpy(value + i, "\xE2\x82\xAC", 3);
    value[120] = '\0';
    dfl_doc *doc = parse(F "ENV A=b\nRUN c\n");
    dfl_edits *edits = NULL;
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    assert_int_equal(dfl_edits_set_value(edits, nth(doc, VALUE, 0), str("b")), DFL_OK);
    assert_int_equal(dfl_edits_delete(edits, nth(doc, DFL_NODE_ENV, 0), 0), DFL_OK);
    assert_refused(edits, "line 2: the value set would not read back as \"b\"");
    dfl_edits_free(edits);
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    assert_int_equal(dfl_edits_set_value(edits, nth(doc, VALUE, 0), str(value)), DFL_OK);
    dfl_range at = dfl_node_range(nth(doc, VALUE, 0));
    assert_int_equal(dfl_edits_insert(edits, at.end, str("x")), DFL_OK);
    value[78] = '"';
    value[79] = '\0';
    assert_refused(edits, value);
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
}

static void test_nodes(void **state) {
    (void)state;
    dfl_doc *doc = parse(F "ENV A=b\n"), *other = parse(F "ENV A=b\n");
    dfl_edits *edits = NULL;
    const dfl_node null_node = {NULL, 0, 0};
    const dfl_str null_value = {NULL, 1};
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    assert_int_equal(dfl_edits_set_value(edits, nth(other, VALUE, 0), str("x")), DFL_E_STALE);
    assert_int_equal(dfl_edits_delete(edits, nth(other, DFL_NODE_ENV, 0), 0), DFL_E_STALE);
    assert_int_equal(dfl_edits_set_value(edits, null_node, str("x")), DFL_E_ARG);
    assert_int_equal(dfl_edits_delete(edits, null_node, 0), DFL_E_ARG);
    assert_int_equal(dfl_edits_set_value(NULL, nth(doc, VALUE, 0), str("x")), DFL_E_ARG);
    assert_int_equal(dfl_edits_set_value(edits, nth(doc, VALUE, 0), null_value), DFL_E_ARG);
    assert_int_equal(dfl_edits_set_value(edits, nth(doc, VALUE, 0), str("x")), DFL_OK);
    assert_int_equal(dfl_edits_set_value(edits, nth(doc, VALUE, 0), str("x")), DFL_OK);
    assert_int_equal(dfl_edits_set_value(edits, nth(doc, VALUE, 0), str("y")), DFL_E_CONFLICT);
    assert_int_equal(dfl_edits_count(edits), 1);
    assert_applied(edits, F "ENV A=x\n");
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
    dfl_doc_unref(other);
}

static const struct {
    const char *source;
    uint32_t kind;
    unsigned index;
} places[] = {
    {F "ENV A=b\n", VALUE, 0},           {F "ENV A=\"b\"\n", VALUE, 0},
    {F "ENV A=b\\ c D=e\n", VALUE, 0},   {F "ENV A b\n", VALUE, 0},
    {F "COPY a b\n", WORD, 1},           {F "COPY a 'b'\n", WORD, 2},
    {F "WORKDIR /a\n", WORD, 1},         {F "COPY --chown=a b c\n", VALUE, 0},
    {F "ADD [\"a\", \"b\"]\n", JSON, 0}, {F "CMD [\"a\"]\n", JSON, 0},
    {F "EXPOSE \\\n 1 2\n", WORD, 1},    {F "COPY <<E /x\na\nE\n", BODY, 0},
    {BACKTICK F "ENV A=b\n", VALUE, 1},  {BACKTICK F "ADD --chmod='1' a b\n", VALUE, 1},
};

/* Values of every small combination of the characters that matter, in every kind of place: each is
 * refused or reads back. */
static void test_all_short_values(void **state) {
    (void)state;
    static const char alphabet[] = {'a', ' ', '\'', '"', '\\', '$', '`', '#', '<', '-'};
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        dfl_doc *doc = parse(places[p].source);
        unsigned accepted = 0;
        for (unsigned n = 0; n < 1000; n++) {
            char value[4] = {alphabet[n / 100], alphabet[n / 10 % 10], alphabet[n % 10], 0};
            dfl_edits *edits = NULL;
            dfl_doc *result = NULL;
            assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
            dfl_node node = nth(doc, places[p].kind, places[p].index);
            dfl_status status = dfl_edits_set_value(edits, node, str(value));
            if (status != DFL_E_UNSUPPORTED) {
                assert_int_equal(status, DFL_OK);
                status = dfl_edits_apply(edits, &result);
                if (status != DFL_OK) {
                    dfl_str why = dfl_edits_reason(edits);
                    fail_msg("<%s> in <%s>: %.*s", value, places[p].source, (int)why.len, why.ptr);
                }
                accepted++;
            }
            dfl_doc_unref(result);
            dfl_edits_free(edits);
        }
        assert_true(accepted > 700);
        dfl_doc_unref(doc);
    }
}

static void test_no_memory(void **state) {
    (void)state;
    static const char source[] = F "ENV A=b\nCOPY --chown=a [\"b\", \"c\"]\nRUN <<-E\n\ta\n\tE\n";
    for (unsigned at = 0, done = 0; !done; at++) {
        failing f = {at, 0, 0, 0, 0};
        dfl_alloc alloc = {failing_resize, &f};
        dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
        options.alloc = &alloc;
        dfl_doc *doc = NULL, *result = NULL;
        dfl_edits *edits = NULL;
        dfl_status status = dfl_parse(source, strlen(source), &options, &doc);
        if (status == DFL_OK) status = dfl_edits_new(doc, &edits);
        if (status == DFL_OK) status = dfl_edits_set_value(edits, nth(doc, VALUE, 0), str("x y"));
        if (status == DFL_OK) status = dfl_edits_set_value(edits, nth(doc, VALUE, 1), str("$x"));
        if (status == DFL_OK) status = dfl_edits_set_value(edits, nth(doc, JSON, 0), str("$x"));
        if (status == DFL_OK) status = dfl_edits_set_value(edits, nth(doc, BODY, 0), str("b"));
        if (status == DFL_OK) status = dfl_edits_apply(edits, &result);
        assert_int_equal(status, f.failed ? DFL_E_NOMEM : DFL_OK);
        done = !f.failed;
        if (done)
            assert_str(dfl_doc_source(result),
                       F "ENV A=\"x y\"\nCOPY --chown=\"'$x'\" [\"'$x'\", \"c\"]\n"
                         "RUN <<-E\n\tb\n\tE\n");
        dfl_doc_unref(result);
        dfl_edits_free(edits);
        dfl_doc_unref(doc);
        assert_int_equal(f.live, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),        cmocka_unit_test(test_words),
        cmocka_unit_test(test_flags),        cmocka_unit_test(test_json),
        cmocka_unit_test(test_bodies),       cmocka_unit_test(test_directives),
        cmocka_unit_test(test_other_kinds),  cmocka_unit_test(test_same_value),
        cmocka_unit_test(test_nodes),        cmocka_unit_test(test_all_short_values),
        cmocka_unit_test(test_set_and_gone), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
