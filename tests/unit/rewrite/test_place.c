/* test_place.c -- places of the catalog, resolved for a command of a RUN.
 * Relies on cmocka and rewrite/rewrite.h.
 * Never goes through a whole rewrite. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rewrite/rewrite.h"

/* The last command of the last RUN of `text`; the place it is asked for, and what came out. */
static struct {
    const char *places[3];
    uint32_t count;
    char path[200];
    int found;
    char workdir[200];
} asked;

static void copy(char *out, size_t size, dfl_str s) {
    assert_true(s.len < size);
    if (s.len > 0) memcpy(out, s.ptr, s.len);
    out[s.len] = '\0';
}

static void resolve(dfl__rewrite *rw) {
    const dfl_model *model = rw->model;
    dfl__scope scope;
    dfl__shell shell;
    dfl__image_info image;
    uint32_t node, last = 0;
    dfl_str path = {"", 0};
    (void)dfl__stage_image(rw, 0, 1, &image);
    dfl__stage_scope(rw, 0, &scope);
    for (uint32_t i = model->stages.items[0].first + 1; i < model->instrs.count; i++) {
        if (model->instrs.items[i].kind == DFL_NODE_RUN) last = model->instrs.items[i].node;
        assert_int_equal(dfl__scope_apply(&scope, &model->instrs.items[i]), DFL_OK);
    }
    assert_true(dfl__run_commands(rw, &scope, last, &shell, &node));
    dfl__names places = {asked.places, asked.count};
    uint32_t cmd = shell.cmd_count - 1;
    asked.found = dfl__place(rw, places, &shell, cmd, &scope, &image, &path);
    copy(asked.path, sizeof asked.path, path);
    copy(asked.workdir, sizeof asked.workdir, dfl__command_workdir(rw, &shell, cmd, scope.workdir));
    dfl__shell_free(&shell);
}

static void run(const char *text) {
    dfl_doc *doc;
    dfl_plan *plan;
    assert_int_equal(dfl_parse(text, strlen(text), NULL, &doc), DFL_OK);
    assert_int_equal(dfl__rewrite_run(doc, NULL, resolve, &plan), DFL_OK);
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
}

/* Expect `path` (NULL = none) for the first of the places that resolves. */
static void check(const char *text, const char *a, const char *b, const char *path) {
    asked.places[0] = a;
    asked.places[1] = b;
    asked.count = b != NULL ? 2 : 1;
    run(text);
    assert_int_equal(asked.found, path != NULL);
    if (path != NULL) assert_string_equal(asked.path, path);
}

static void options_give_their_value(void **state) {
    (void)state;
    check("FROM alpine\nRUN go build -o bin/app .", "{-o}", NULL, "/bin/app");
    check("FROM alpine\nRUN go build -o=bin/app .", "{-o}", NULL, "/bin/app");
    check("FROM alpine\nRUN x --cache-dir /c", "{--cache-dir}/d", NULL, "/c/d");
    check("FROM alpine\nRUN x --cache-dir $C", "{--cache-dir}", "/else", "/else");
    check("FROM alpine\nRUN x --cache-dirs=/c", "{--cache-dir}", NULL, NULL);
    check("FROM alpine\nRUN cargo build --release", "t/{--release?}release", NULL, "/t/release");
    check("FROM alpine\nRUN cargo build", "t/{--release?}release", "t/debug", "/t/debug");
}

static void operands_are_the_last_word(void **state) {
    (void)state;
    check("FROM alpine\nRUN python -m venv /opt/v", "{#}", NULL, "/opt/v");
    check("FROM alpine\nRUN python -m venv --clear", "{#}", NULL, NULL);
    check("FROM alpine\nRUN python -m venv $V", "{#}", NULL, NULL);
}

static void variables_come_from_the_command_then_the_stage(void **state) {
    (void)state;
    check("FROM alpine\nENV D=/e\nRUN x", "{$D}/y", NULL, "/e/y");
    check("FROM alpine\nENV D=/e\nRUN D=/f x", "{$D}/y", NULL, "/f/y");
    check("FROM alpine\nENV D=/e\nRUN D=$Z x", "{$D}/y", "/z", "/z");
    check("FROM alpine\nARG D\nRUN x", "{$D}/y", "/z", "/z");
    check("FROM alpine\nENV D=\nRUN x", "{$D}/y", "/z", "/z");
    check("FROM golang:1.22\nRUN go build", "{$GOPATH}/pkg", NULL, "/go/pkg");
}

static void the_home_follows_the_user(void **state) {
    (void)state;
    check("FROM alpine\nRUN x", "~/.npm", NULL, "/root/.npm");
    check("FROM node:20\nUSER node\nRUN x", "~/.npm", NULL, "/home/node/.npm");
    check("FROM node:20\nUSER other\nRUN x", "~/.npm", NULL, NULL);
    check("FROM alpine\nUSER 1000\nRUN x", "~/.npm", NULL, NULL);
    check("FROM alpine\nUSER 1000\nENV HOME=/h\nRUN x", "~/.npm", NULL, "/h/.npm");
    check("FROM alpine\nARG U\nUSER $U\nRUN x", "~/.npm", NULL, NULL);
}

static void relative_places_join_the_working_directory(void **state) {
    (void)state;
    check("FROM alpine\nWORKDIR /w\nRUN x", "target", NULL, "/w/target");
    check("FROM alpine\nWORKDIR /w\nRUN cd sub && x", "target", NULL, "/w/sub/target");
    check("FROM alpine\nWORKDIR /w\nRUN cd /o/p && cd .. && x", "t/", NULL, "/o/t/");
    check("FROM alpine\nWORKDIR /w\nRUN cd $D && x", "target", "/abs", "/abs");
    check("FROM alpine\nARG D\nWORKDIR $D\nRUN x", "target", NULL, NULL);
    check("FROM alpine\nWORKDIR /w\nRUN (cd sub && y); x", "target", NULL, "/w/target");
    check("FROM alpine\nWORKDIR /w\nRUN true || cd sub; x", "target", NULL, NULL);
}

static void a_script_is_read_where_the_shell_runs_it(void **state) {
    (void)state;
    check("FROM alpine\nRUN <<E\ncd /a\nx\nE\n", "t", NULL, "/a/t");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_give_their_value),
        cmocka_unit_test(operands_are_the_last_word),
        cmocka_unit_test(variables_come_from_the_command_then_the_stage),
        cmocka_unit_test(the_home_follows_the_user),
        cmocka_unit_test(relative_places_join_the_working_directory),
        cmocka_unit_test(a_script_is_read_where_the_shell_runs_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
