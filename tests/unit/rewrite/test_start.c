/* test_start.c -- start commands, and the same program on another image.
 * Relies on cmocka and rewrite/rewrite.h.
 * Never goes through a whole rewrite. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rewrite/rewrite.h"

static struct {
    const char *target;
    int make_exec;
    int possible;
    char argv[200]; /* "word|word", "!" in front when it is not exact */
    char entry[200], cmd[200];
    char program[50];
    uint32_t skip;
} asked;

static void copy(char *out, size_t size, dfl_str s) {
    assert_true(s.len < size);
    if (s.len > 0) memcpy(out, s.ptr, s.len);
    out[s.len] = '\0';
}

static void start(dfl__rewrite *rw) {
    dfl__start found;
    dfl__start_edit edit;
    dfl__image_info info;
    const char *why = "";
    asked.argv[0] = asked.entry[0] = asked.cmd[0] = asked.program[0] = '\0';
    asked.possible = 0;
    if (!dfl__start_of(rw, 0, &found)) return;
    dfl_str text = dfl__str(found.exact ? "" : "!");
    for (uint32_t i = 0; i < found.argc; i++)
        text = dfl__rewrite_fmt(rw, "%S%s%S", &text, i > 0 ? "|" : "", &found.argv[i]);
    copy(asked.argv, sizeof asked.argv, text);
    const dfl__program *program = dfl__start_program(rw, &found, &asked.skip);
    if (program != NULL) copy(asked.program, sizeof asked.program, dfl__str(program->name));
    dfl__catalog_describe(rw->catalog, dfl__str(asked.target), &info);
    asked.possible = dfl__start_on(rw, &found, &info, asked.make_exec, &edit, &why);
    if (edit.entry_changed) copy(asked.entry, sizeof asked.entry, edit.entry);
    if (edit.cmd_changed) copy(asked.cmd, sizeof asked.cmd, edit.cmd);
}

static void run(const char *lines, const char *target, int make_exec) {
    char text[400];
    dfl_doc *doc;
    dfl_plan *plan;
    copy(text, sizeof text, dfl__str("FROM alpine\n"));
    strcat(text, lines);
    asked.target = target;
    asked.make_exec = make_exec;
    assert_int_equal(dfl_parse(text, strlen(text), NULL, &doc), DFL_OK);
    assert_int_equal(dfl__rewrite_run(doc, NULL, start, &plan), DFL_OK);
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
}

static void check_argv(const char *lines, const char *argv) {
    run(lines, "alpine", 0);
    assert_string_equal(asked.argv, argv);
}

static void argv_is_entrypoint_then_cmd(void **state) {
    (void)state;
    check_argv("CMD [\"a\", \"b c\"]", "a|b c");
    check_argv("ENTRYPOINT [\"a\"]\nCMD [\"b\"]", "a|b");
    check_argv("CMD [\"x\"]\nCMD [\"y\"]", "y");
    check_argv("ENTRYPOINT a b\nCMD [\"ignored\"]", "a|b");
    check_argv("CMD exec a 'b c'", "a|b c");
    check_argv("CMD a $B c", "!a");
    check_argv("CMD a && b", "!a");
    check_argv("ENTRYPOINT []\nCMD [\"a\"]", "a");
    check_argv("CMD []", "");
    check_argv("EXPOSE 1", "");
}

/* Expect the new instructions; "" where nothing changes. */
static void check_on(const char *target, const char *lines, const char *entry, const char *cmd) {
    run(lines, target, 0);
    assert_true(asked.possible);
    assert_string_equal(asked.entry, entry);
    assert_string_equal(asked.cmd, cmd);
}

#define NODE "gcr.io/distroless/nodejs22-debian13"
#define JAVA "gcr.io/distroless/java21-debian13"
#define STATIC "gcr.io/distroless/static-debian13"

static void the_new_entrypoint_supplies_words(void **state) {
    (void)state;
    check_on(NODE, "CMD [\"node\", \"a.js\"]", "", "CMD [\"a.js\"]");
    check_on(NODE, "CMD node a.js", "", "CMD [\"a.js\"]");
    check_on(JAVA, "CMD [\"java\", \"-jar\", \"a.jar\", \"-x\"]", "", "CMD [\"a.jar\", \"-x\"]");
    check_on(JAVA, "ENTRYPOINT [\"java\", \"-jar\", \"a.jar\"]", "", "");
}

static void other_words_need_an_entrypoint_of_their_own(void **state) {
    (void)state;
    check_on(JAVA, "CMD [\"java\", \"-cp\", \"x\", \"M\"]",
             "ENTRYPOINT [\"java\", \"-cp\", \"x\", \"M\"]", "");
    assert_string_equal(asked.cmd, "");
    check_on(NODE, "ENTRYPOINT [\"node\"]\nCMD [\"a.js\"]", "ENTRYPOINT [\"/nodejs/bin/node\"]",
             "");
    check_on(NODE, "CMD [\"/app/bin\"]", "ENTRYPOINT [\"/app/bin\"]", "");
}

static void a_shell_is_only_left_where_it_is_not_needed(void **state) {
    (void)state;
    check_on(STATIC, "CMD /app --x", "", "CMD [\"/app\", \"--x\"]");
    check_on(STATIC, "CMD [\"/app\"]", "", "");
    check_on("debian:bookworm-slim", "CMD /app --x", "", "");
    run("CMD /app --x", "debian:bookworm-slim", 1);
    assert_string_equal(asked.cmd, "CMD [\"/app\", \"--x\"]");
    run("CMD /app $X", STATIC, 1);
    assert_false(asked.possible);
    run("CMD /app $X", "debian:bookworm-slim", 1);
    assert_true(asked.possible);
    assert_string_equal(asked.cmd, "");
}

static void json_is_escaped(void **state) {
    (void)state;
    check_on(STATIC, "CMD /app 'a\"b\\c'", "", "CMD [\"/app\", \"a\\\"b\\\\c\"]");
}

static void wrappers_are_seen_through(void **state) {
    (void)state;
    run("ENTRYPOINT [\"tini\", \"--\", \"supervisord\"]", "alpine", 0);
    assert_string_equal(asked.program, "supervisord");
    run("ENTRYPOINT [\"/usr/bin/dumb-init\", \"--\"]\nCMD [\"/app\"]", "alpine", 0);
    assert_int_equal(asked.skip, 2);
    run("CMD [\"/app\"]", "alpine", 0);
    assert_string_equal(asked.program, "");
    assert_int_equal(asked.skip, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(argv_is_entrypoint_then_cmd),
        cmocka_unit_test(the_new_entrypoint_supplies_words),
        cmocka_unit_test(other_words_need_an_entrypoint_of_their_own),
        cmocka_unit_test(a_shell_is_only_left_where_it_is_not_needed),
        cmocka_unit_test(json_is_escaped),
        cmocka_unit_test(wrappers_are_seen_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
