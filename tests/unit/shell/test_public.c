/* test_public.c -- the public face of the scanner: ranges of the source, shells that are none.
 * Relies on the public headers alone.
 * Never looks at an offset without the bytes that stand there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dockerfile/dockerfile.h"

static char got[8192];
static size_t got_len;

static void put(const char *text, size_t len) {
    assert_true(got_len + len < sizeof got);
    memcpy(got + got_len, text, len);
    got_len += len;
    got[got_len] = '\0';
}

static void puts_(const char *text) {
    put(text, strlen(text));
}

static void put_slice(const char *tag, dfl_str source, dfl_range range) {
    assert_true(range.start <= range.end && range.end <= source.len);
    puts_(tag);
    puts_("<");
    put(source.ptr + range.start, range.end - range.start);
    puts_(">");
}

static void put_word(const dfl_shell *shell, dfl_str source, const dfl_command *c, uint32_t command,
                     uint32_t index) {
    static const char letters[] = "lqvsgt";
    dfl_word word;
    assert_int_equal(dfl_shell_word(shell, command, index, &word), DFL_OK);
    assert_true(word.range.start >= c->range.start && word.range.end <= c->range.end);
    put_slice(index == c->program      ? " P"
              : index == c->script     ? " S"
              : index < c->assignments ? " A"
                                       : " ",
              source, word.range);
    for (size_t i = 0; i < sizeof letters - 1; i++)
        if ((word.flags & 1u << i) != 0 && letters[i] != 'l') put(&letters[i], 1);
    assert_true(word.value.ptr != NULL);
    if ((word.flags & DFL_WORD_F_LITERAL) == 0) {
        puts_("?");
        assert_int_equal(word.value.len, 0);
    } else if (word.value.len != word.range.end - word.range.start ||
               memcmp(word.value.ptr, source.ptr + word.range.start, word.value.len) != 0) {
        puts_("=");
        put(word.value.ptr, word.value.len);
    }
}

static void put_command(const dfl_shell *shell, dfl_str source, uint32_t index) {
    static const char *const kinds[] = {"", "simple", "group", "subshell", "compound", "opaque"};
    static const char *const ops[] = {"", "&&", "||", ";", "&", "|"};
    static const char letters[] = "cpbnsf";
    dfl_command c = {.size = sizeof c};
    assert_int_equal(dfl_shell_command(shell, index, &c), DFL_OK);
    puts_(ops[c.op]);
    assert_int_equal(c.op == DFL_OPERATOR_NONE, c.op_range.start == c.op_range.end);
    size_t len = strlen(ops[c.op]), written = c.op_range.end - c.op_range.start;
    int plain = written == len && memcmp(source.ptr + c.op_range.start, ops[c.op], len) == 0;
    if (!plain && c.op != DFL_OPERATOR_SEQUENCE) put_slice("", source, c.op_range);
    puts_(kinds[c.kind]);
    if (c.flags != 0) puts_("-");
    for (size_t i = 0; i < sizeof letters - 1; i++)
        if ((c.flags & 1u << i) != 0) put(&letters[i], 1);
    put_slice("", source, c.range);
    for (uint32_t i = 0; i < c.words; i++)
        put_word(shell, source, &c, index, i);
    for (uint32_t i = 0; i < c.redirections; i++) {
        dfl_redirection r = {.size = sizeof r};
        assert_int_equal(dfl_shell_redirection(shell, index, i, &r), DFL_OK);
        put_slice(" R", source, r.range);
        puts_(r.op);
        put_slice("", source, r.target.range);
        if (r.body.end > r.body.start) put_slice(" B", source, r.body);
    }
    puts_("\n");
    if (c.script == DFL_NO_WORD) return;
    dfl_shell *inner = NULL;
    dfl_shell_info info = {.size = sizeof info};
    assert_int_equal(dfl_shell_script(shell, index, &inner), DFL_OK);
    assert_int_equal(dfl_shell_get(inner, &info), DFL_OK);
    for (uint32_t i = 0; i < info.commands; i++) {
        puts_("  ");
        put_command(inner, source, i);
    }
    dfl_shell_free(inner);
}

static void put_shell(const dfl_shell *shell, dfl_str source) {
    dfl_shell_info info = {.size = sizeof info};
    got_len = 0;
    got[0] = '\0';
    assert_int_equal(dfl_shell_get(shell, &info), DFL_OK);
    if ((info.flags & DFL_SHELL_F_EXEC) != 0) puts_("exec\n");
    if ((info.flags & DFL_SHELL_F_FOREIGN) != 0) puts_("foreign\n");
    if ((info.flags & DFL_SHELL_F_BASH) != 0) puts_("bash\n");
    for (uint32_t i = 0; i < info.commands; i++)
        put_command(shell, source, i);
}

/* The last instruction of a file, or what ONBUILD holds. */
static dfl_node last_instruction(const dfl_doc *doc) {
    dfl_node last = dfl_node_first(dfl_doc_root(doc));
    for (dfl_node n = last; !dfl_node_is_null(n); n = dfl_node_next(n))
        if (dfl_node_is_instruction(n)) last = n;
    return last;
}

/* Scan the last instruction of a file; the status when it is not DFL_OK. */
static const char *scan(const char *text, uint32_t part) {
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    dfl_shell *shell = NULL;
    assert_int_equal(dfl_parse(text, strlen(text), NULL, &doc), DFL_OK);
    assert_int_equal(dfl_model_new(doc, NULL, &model), DFL_OK);
    dfl_node node = last_instruction(doc);
    if (part != DFL_NODE_NONE) node = dfl_node_child(node, part);
    dfl_status status = dfl_model_shell(model, node, &shell);
    dfl_model_free(model);
    if (status == DFL_OK)
        put_shell(shell, dfl_doc_source(doc));
    else
        snprintf(got, sizeof got, "%s", dfl_status_name(status));
    dfl_shell_free(shell);
    dfl_doc_unref(doc);
    return got;
}

static const struct {
    const char *text, *expected;
} files[] = {
    /* continuations, comments, CRLF */
    {"FROM a\nRUN apt-get upd\\\nate \\\n  # why\n  && apt-get install -y cu\\\nrl\n",
     "simple<apt-get upd\\\nate> P<apt-get> <upd\\\nate>=update\n"
     "&&simple<apt-get install -y cu\\\nrl> P<apt-get> <install> <-y> <cu\\\nrl>=curl\n"},
    {"FROM a\r\nRUN a b \\\r\n    || c 'x y'\r\n",
     "simple<a b> P<a> <b>\n||simple-c<c 'x y'> P<c> <'x y'>q=x y\n"},
    {"# escape=`\nFROM a\nRUN a `\n  c:\\\\x\n", "simple<a `\n  c:\\\\x> P<a> <c:\\\\x>q=c:\\x\n"},
    /* wrappers, assignments, pipes, redirections */
    {"FROM a\nRUN A=1 exec env -i B=2 sudo -E make 2>&1 | tee \"$log\" &\n",
     "simple-cpb<A=1 exec env -i B=2 sudo -E make 2>&1> A<A=1> <exec> <env> <-i> <B=2> <sudo> <-E> "
     "P<make> R<2>&1>>&<1>\n"
     "|simple-cpb<tee \"$log\"> P<tee> <\"$log\">qv?\n"},
    {"FROM a\nRUN if ! a; then b $(c *.x); fi; f() { d; }\n",
     "compound<if ! a; then b $(c *.x); fi>\nsimple-cn<a> P<a>\n"
     "simple-c<b $(c *.x)> P<b> <$(c *.x)>s?\nsimple-cs<c *.x> P<c> <*.x>g?\n"
     ";compound-f<f() { d; }>\ngroup-c<{ d; }>\nsimple-c<d> P<d>\n"},
    {"FROM a\nRUN case\n", "opaque<case>\n"},
    /* heredocs: a script, documents beside words, another program's */
    {"FROM a\nRUN <<E\nset -e\nx \\\n y\nE\n",
     "simple<set -e> P<set> <-e>\n;simple<x \\\n y> P<x> <y>\n"},
    {"FROM a\nRUN cat <<A >x && tee <<-\"B\" y\none\nA\n\ttwo\nB\n",
     "simple<cat <<A >x> P<cat> R<<<A><<<A> B<one\n> R<>x>><x>\n"
     "&&simple<tee <<-\"B\" y> P<tee> <y> R<<<-\"B\"><<-<\"B\"> B<\ttwo\n>\n"},
    {"FROM a\nRUN <<E\n#!/usr/bin/env python3\nprint(1)\nE\n",
     "foreign\nopaque<#!/usr/bin/env python3\nprint(1)\n>\n"},
    {"FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN <<E\n#!/bin/sh\nx\nE\n", "simple<x> P<x>\n"},
    {"FROM a\nRUN <<E\ncat <<F\nin\nF\nE\n", "simple<cat <<F> P<cat> R<<<F><<<F> B<in\nF\n>\n"},
    /* exec form, and scripts of another shell */
    {"FROM a\nCMD [\"/bin/sh\", \"-c\", \"a \\u0026\\u0026 \\\"b'c\\\"\"]\n",
     "exec\nsimple<\"/bin/sh\", \"-c\", \"a \\u0026\\u0026 \\\"b'c\\\"\"> P<\"/bin/sh\">q=/bin/sh "
     "<\"-c\">q=-c S<\"a \\u0026\\u0026 \\\"b'c\\\"\">q=a && \"b'c\"\n"
     "  simple<a> P<a>\n"
     "  &&<\\u0026\\u0026>simple<\\\"b'c\\\"> P<\\\"b'c\\\">q=b'c\n"},
    {"FROM a\nRUN sudo bash -euo pipefail -c 'x && '\\''y'\\'' z'\n",
     "simple<sudo bash -euo pipefail -c 'x && '\\''y'\\'' z'> <sudo> P<bash> <-euo> <pipefail> "
     "<-c> "
     "S<'x && '\\''y'\\'' z'>q=x && 'y' z\n"
     "  simple<x> P<x>\n  &&simple<\\''y'\\'' z> P<\\''y'\\'>q=y <z>\n"},
    {"FROM a\nRUN sh -c \"a \\\n  \\\"b\\\" | c\" d\n",
     "simple<sh -c \"a \\\n  \\\"b\\\" | c\" d> P<sh> <-c> S<\"a \\\n  \\\"b\\\" | c\">q=a   \"b\" "
     "| c "
     "<d>\n"
     "  simple-p<a \\\n  \\\"b\\\"> P<a> <\\\"b\\\">q=b\n  |simple-p<c> P<c>\n"},
    {"FROM a\nRUN bash -c $'a\\tb'\n",
     "bash\nsimple<bash -c $'a\\tb'> P<bash> <-c> <$'a\\tb'>q?\n"},
    /* a byte that BuildKit replaces: the places are not exact */
    {"FROM a\nCMD [\"sh\", \"-c\", \"a \xff\"]\n",
     "exec\nsimple<\"sh\", \"-c\", \"a \xff\"> P<\"sh\">q=sh <\"-c\">q=-c "
     "S<\"a \xff\">q=a \xef\xbf\xbd\n  simple<a \xff> P<a> <\xff>=\xef\xbf\xbd\n"},
    {"FROM a\nRUN sh -c \"$x\" && sh -x script -c a && sh -Z -c a && sh +c a -- b\n",
     "simple<sh -c \"$x\"> P<sh> <-c> <\"$x\">qv?\n"
     "&&simple<sh -x script -c a> P<sh> <-x> <script> <-c> <a>\n"
     "&&simple<sh -Z -c a> P<sh> <-Z> <-c> <a>\n"
     "&&simple<sh +c a -- b> P<sh> <+c> <a> <--> <b>\n"},
    {"FROM a\nRUN sh -c -e -- a\n",
     "simple<sh -c -e -- a> P<sh> <-c> <-e> <--> S<a>\n  simple<a> P<a>\n"},
    /* other shells */
    {"FROM a\nSHELL [\"powershell\", \"-Command\"]\nRUN a; b\n", "foreign\nopaque<a; b>\n"},
    {"FROM a\nSHELL [\"cmd\", \"/S\", \"/C\"]\nCMD a && b\n", "foreign\nopaque<a && b>\n"},
    {"FROM a\nSHELL [\"pwsh\"]\nRUN [\"a\", \"b\"]\n", "exec\nsimple<\"a\", \"b\"> P<\"a\">q=a "
                                                       "<\"b\">q=b\n"},
    {"FROM a\nSHELL [\"pwsh\"]\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a\n", "simple<a> P<a>\n"},
    {"FROM a AS x\nSHELL [\"pwsh\"]\nFROM x\nRUN a\n", "foreign\nopaque<a>\n"},
    {"FROM --platform=windows/amd64 a\nRUN a\n", "foreign\nopaque<a>\n"},
    {"FROM --platform=windows/amd64 a\nSHELL [\"/usr/bin/bash\", \"-c\"]\nRUN a\n",
     "simple<a> P<a>\n"},
    /* HEALTHCHECK, ONBUILD, what is no command */
    {"FROM a\nHEALTHCHECK --interval=5s CMD curl -f x || exit 1\n",
     "simple<curl -f x> P<curl> <-f> <x>\n||simple-c<exit 1> P<exit> <1>\n"},
    {"FROM a\nHEALTHCHECK CMD [\"a\"]\n", "exec\nsimple<\"a\"> P<\"a\">q=a\n"},
    {"FROM a\nHEALTHCHECK NONE\n", "DFL_E_UNSUPPORTED"},
    {"FROM a\nONBUILD RUN a \\\n b\n", "simple<a \\\n b> P<a> <b>\n"},
    {"FROM a\nONBUILD RUN <<E\na\nE\n", "simple<a> P<a>\n"},
    {"FROM a\nSHELL [\"pwsh\"]\nONBUILD RUN a\n", "foreign\nopaque<a>\n"},
    {"FROM a\nONBUILD ENV x=y\n", "DFL_E_UNSUPPORTED"},
    {"FROM a\nENV x=y\n", "DFL_E_UNSUPPORTED"},
    {"FROM a\nENTRYPOINT []\n", "exec\n"},
};

static void test_files(void **state) {
    int failed = 0;
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *found = scan(files[i].text, DFL_NODE_NONE);
        if (strcmp(found, files[i].expected) == 0) continue;
        failed = 1;
        print_error("%s\nexpected:\n%s\ngot:\n%s", files[i].text, files[i].expected, found);
    }
    assert_false(failed);
}

static void test_parts(void **state) {
    (void)state;
    static const char run[] = "FROM a\nRUN --mount=x <<E\na\nE\n",
                      fed[] = "FROM a\nRUN b <<E\na\nE\n";
    assert_string_equal(scan(run, DFL_NODE_SHELL_FORM), "simple<a> P<a>\n");
    assert_string_equal(scan(run, DFL_NODE_HEREDOC), "simple<a> P<a>\n");
    assert_string_equal(scan(run, DFL_NODE_FLAG), "DFL_E_UNSUPPORTED");
    assert_string_equal(scan(fed, DFL_NODE_HEREDOC), "foreign\nopaque<a\n>\n");
    assert_string_equal(scan("FROM a\nRUN bash -es <<E\na\nE\n", DFL_NODE_HEREDOC),
                        "simple<a> P<a>\n");
    assert_string_equal(scan("FROM a\nRUN bash x <<E\na\nE\n", DFL_NODE_HEREDOC),
                        "foreign\nopaque<a\n>\n");
    assert_string_equal(scan("FROM a\nRUN bash 3<<E\na\nE\n", DFL_NODE_HEREDOC),
                        "foreign\nopaque<a\n>\n");
    assert_string_equal(scan("FROM a\nSHELL [\"pwsh\"]\nRUN b <<E\na\nE\n", DFL_NODE_NONE),
                        "foreign\nopaque<b <<E>\n");
    assert_string_equal(scan("FROM a\nCMD [\"x\"]\n", DFL_NODE_JSON_FORM),
                        "exec\nsimple<\"x\"> P<\"x\">q=x\n");
}

/* SHELL after a HEALTHCHECK is that of the container, which runs it. */
static void test_later_shell(void **state) {
    (void)state;
    static const char text[] = "FROM a\nHEALTHCHECK CMD x\nRUN x\nSHELL [\"pwsh\"]\n";
    static const uint32_t kinds[] = {DFL_NODE_HEALTHCHECK, DFL_NODE_RUN};
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    assert_int_equal(dfl_parse(text, sizeof text - 1, NULL, &doc), DFL_OK);
    assert_int_equal(dfl_model_new(doc, NULL, &model), DFL_OK);
    for (size_t i = 0; i < 2; i++) {
        dfl_shell *shell = NULL;
        dfl_node node = dfl_node_child(dfl_doc_root(doc), kinds[i]);
        assert_int_equal(dfl_model_shell(model, node, &shell), DFL_OK);
        put_shell(shell, dfl_doc_source(doc));
        assert_string_equal(got, i == 0 ? "foreign\nopaque<x>\n" : "simple<x> P<x>\n");
        dfl_shell_free(shell);
    }
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

static void test_text(void **state) {
    (void)state;
    static const char text[] = "a <<E | b\n$x\nE\n[[ -f c ]]";
    dfl_shell *shell = NULL;
    dfl_shell_info info = {.size = sizeof info};
    assert_int_equal(dfl_shell_scan(text, sizeof text - 1, NULL, &shell), DFL_OK);
    assert_int_equal(dfl_shell_get(shell, &info), DFL_OK);
    assert_int_equal(info.node, 0);
    assert_int_equal(info.range.end, sizeof text - 1);
    put_shell(shell, (dfl_str){text, sizeof text - 1});
    assert_string_equal(got, "bash\nsimple-p<a <<E> P<a> R<<<E><<<E> B<$x\nE\n>\n"
                             "|simple-p<b> P<b>\n;compound<[[ -f c ]]>\n");
    dfl_shell_free(shell);
    assert_int_equal(dfl_shell_scan(NULL, 0, NULL, &shell), DFL_OK);
    assert_int_equal(dfl_shell_get(shell, &info), DFL_OK);
    assert_int_equal(info.commands, 0);
    dfl_shell_free(shell);
    dfl_shell_free(NULL);
}

static void test_limits(void **state) {
    (void)state;
    static const char text[] = "( ( a ) )";
    dfl_limits limits = DFL_LIMITS_INIT;
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_shell *shell = NULL;
    options.limits = &limits;
    for (uint32_t depth = 1; depth <= 3; depth++) {
        limits.max_depth = depth;
        dfl_status status = dfl_shell_scan(text, sizeof text - 1, &options, &shell);
        assert_int_equal(status, depth < 2 ? DFL_E_LIMIT : DFL_OK);
        dfl_shell_free(shell);
        shell = NULL;
    }
    limits.max_source_bytes = sizeof text - 2;
    assert_int_equal(dfl_shell_scan(text, sizeof text - 1, &options, &shell), DFL_E_LIMIT);
    assert_int_equal(dfl_shell_scan(text, sizeof text - 2, &options, &shell), DFL_OK);
    dfl_shell_free(shell);
}

static void test_arguments(void **state) {
    (void)state;
    static const char text[] = "a >b";
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_shell *shell = NULL, *other = NULL;
    dfl_shell_info info = {.size = 1};
    dfl_command command = {.size = 1};
    dfl_redirection redirection = {.size = 1};
    dfl_word word;
    dfl_node none = {NULL, 0, 0};
    assert_int_equal(dfl_shell_scan(NULL, 1, NULL, &shell), DFL_E_ARG);
    assert_int_equal(dfl_shell_scan(text, 1, NULL, NULL), DFL_E_ARG);
    options.flags = 1;
    assert_int_equal(dfl_shell_scan(text, 1, &options, &shell), DFL_E_ARG);
    options.size = 1;
    assert_int_equal(dfl_shell_scan(text, 1, &options, &shell), DFL_E_ABI);
    assert_null(shell);
    assert_int_equal(dfl_model_shell(NULL, none, &shell), DFL_E_ARG);
    assert_int_equal(dfl_shell_scan(text, sizeof text - 1, NULL, &shell), DFL_OK);
    assert_int_equal(dfl_shell_get(shell, &info), DFL_E_ABI);
    assert_int_equal(dfl_shell_get(shell, NULL), DFL_E_ARG);
    assert_int_equal(dfl_shell_command(shell, 0, &command), DFL_E_ABI);
    assert_int_equal(dfl_shell_command(shell, 1, &command), DFL_E_ARG);
    assert_int_equal(dfl_shell_word(shell, 0, 1, &word), DFL_E_ARG);
    assert_int_equal(dfl_shell_word(shell, 1, 0, &word), DFL_E_ARG);
    assert_int_equal(dfl_shell_redirection(shell, 0, 0, &redirection), DFL_E_ABI);
    assert_int_equal(dfl_shell_redirection(shell, 0, 1, &redirection), DFL_E_ARG);
    assert_int_equal(dfl_shell_script(shell, 0, &other), DFL_E_UNSUPPORTED);
    assert_int_equal(dfl_shell_script(shell, 1, &other), DFL_E_ARG);
    assert_null(other);
    dfl_shell_free(shell);
}

static void test_stale(void **state) {
    (void)state;
    dfl_doc *doc = NULL, *other = NULL;
    dfl_model *model = NULL;
    dfl_shell *shell = NULL;
    assert_int_equal(dfl_parse("FROM a\nRUN b\n", 13, NULL, &doc), DFL_OK);
    assert_int_equal(dfl_parse("FROM a\nRUN b\n", 13, NULL, &other), DFL_OK);
    assert_int_equal(dfl_model_new(doc, NULL, &model), DFL_OK);
    assert_int_equal(dfl_model_shell(model, last_instruction(other), &shell), DFL_E_STALE);
    dfl_node beyond = dfl_doc_root(doc);
    beyond.id = 1000;
    assert_int_equal(dfl_model_shell(model, beyond, &shell), DFL_E_ARG);
    assert_int_equal(dfl_model_shell(model, dfl_doc_root(doc), &shell), DFL_E_UNSUPPORTED);
    assert_null(shell);
    dfl_model_free(model);
    dfl_doc_unref(other);
    dfl_doc_unref(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),       cmocka_unit_test(test_parts),
        cmocka_unit_test(test_later_shell), cmocka_unit_test(test_text),
        cmocka_unit_test(test_limits),      cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_stale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
