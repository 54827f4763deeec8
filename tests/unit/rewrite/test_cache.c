/* test_cache.c -- cache mounts: the laws of rewrites on generated files, and without memory; what
 * is written for a file is in tests/spec. Relies on cmocka, the built-in catalog and the shell
 * scanner. Never builds an image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dockerfile/dockerfile.h"
#include "model/model.h"
#include "shell/shell.h"

static dfl_doc *parse(const char *text, size_t len) {
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_parse(text, len, NULL, &doc), DFL_OK);
    return doc;
}

static dfl_plan *plan_of(const dfl_doc *doc) {
    dfl_plan *plan = NULL;
    assert_int_equal(dfl_rewrite_cache(doc, NULL, &plan), DFL_OK);
    return plan;
}

static void add(char *out, size_t size, const char *text) {
    assert_true(strlen(out) + strlen(text) < size);
    strcat(out, text);
}

static size_t count_nodes(const dfl_doc *doc, uint32_t kind) {
    size_t count, found = 0;
    const dfl_node_rec *nodes = dfl_doc_nodes(doc, &count);
    for (size_t i = 0; i < count; i++)
        found += nodes[i].kind == kind;
    return found;
}

static void fail_text(const char *what, const char *name, dfl_str got, const char *want) {
    fail_msg("%s: %s\n--- got\n%.*s\n--- want\n%s", name, what, (int)got.len, got.ptr, want);
}

/* What holds for every plan. */
static void check_laws(const char *name, const dfl_doc *doc, const dfl_plan *plan) {
    const dfl_doc *result = dfl_plan_result(plan);
    if (dfl_doc_error_count(result) > dfl_doc_error_count(doc))
        fail_text("errors", name, dfl_doc_source(result), "");
    if (count_nodes(result, DFL_NODE_COMMENT) != count_nodes(doc, DFL_NODE_COMMENT))
        fail_text("comments", name, dfl_doc_source(result), "");
    assert_true(count_nodes(result, DFL_NODE_FLAG) >= count_nodes(doc, DFL_NODE_FLAG));
    dfl_plan *again = plan_of(result);
    if (dfl_plan_outcome(again) == DFL_OUTCOME_CHANGED ||
        (dfl_plan_outcome(plan) == DFL_OUTCOME_CHANGED &&
         dfl_plan_outcome(again) != DFL_OUTCOME_UNCHANGED))
        fail_text("second run", name, dfl_doc_source(result), "");
    dfl_plan_free(again);
}

/* What a reader is told. */
static void test_messages(void **state) {
    static const char text[] = "FROM debian:12\n"
                               "RUN apt-get update && apt-get install -y x && apt-get clean\n";
    static const char *const parts[] = {
        "Cache mounts keep the files of apt in /var/cache/apt and /var/lib/apt/lists",
        "Without `rm -f /etc/apt/apt.conf.d/docker-clean`",
        "`apt-get clean` would empty the cache"};
    dfl_doc *doc = parse(text, sizeof text - 1);
    dfl_plan *plan = plan_of(doc);
    (void)state;
    assert_int_equal(dfl_plan_step_count(plan), 3);
    for (size_t i = 0; i < 3; i++) {
        dfl_step step = {.size = sizeof step};
        assert_int_equal(dfl_plan_step(plan, i, &step), DFL_OK);
        if (step.message.len < strlen(parts[i]) ||
            memcmp(step.message.ptr, parts[i], strlen(parts[i])) != 0)
            fail_text("message", parts[i], step.message, parts[i]);
    }
    dfl_step step = {.size = sizeof step};
    assert_int_equal(dfl_plan_step(plan, 2, &step), DFL_OK);
    assert_memory_equal(text + step.range.start, "apt-get clean", 13);
    assert_int_equal(step.range.end - step.range.start, 13);
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
}

/* --- generated files */

static uint32_t seed;

static uint32_t pick(uint32_t n) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

#define PICK(list) ((list)[pick(sizeof(list) / sizeof *(list))])

static const char *const bases[] = {"debian:12", "node:20",       "python:3.12", "golang:1.22",
                                    "rust:1.78", "alpine:3.19",   "maven:3.9",   "fedora:40",
                                    "s0",        "example.org/x", "scratch"};
static const char *const commands[] = {"apt-get update",
                                       "apt-get install -y curl git",
                                       "apt-get -qq -o A=b install x",
                                       "apt-get clean",
                                       "rm -rf /var/lib/apt/lists/*",
                                       "rm -rf /var/lib/apt/lists/* /tmp/x",
                                       "rm -rf /tmp/y",
                                       "pip install --no-cache-dir -r r.txt",
                                       "pip install x",
                                       "pip cache purge",
                                       "PIP_NO_CACHE_DIR=1 A=2 pip install y",
                                       "rm -rf ~/.cache/pip /root/.npm",
                                       "rm -rf /root/.cache",
                                       "npm ci",
                                       "npm cache clean --force",
                                       "npm run build",
                                       "yarn",
                                       "apk add --no-cache curl",
                                       "go mod download",
                                       "go build -o /app",
                                       "go clean -cache",
                                       "cargo build --release",
                                       "cp -v target/release/app /app",
                                       "mvn package",
                                       "rm -rf $HOME/.m2",
                                       "dnf install -y gcc",
                                       "dnf clean all",
                                       "set -eux",
                                       "cd sub",
                                       "echo 'a && b' \"c; d\"",
                                       "true",
                                       "make",
                                       "uv sync -n",
                                       "sudo apt-get install -y x",
                                       "! false",
                                       "export A=1",
                                       "python -m pip install --no-cache-dir=1 z",
                                       "apt update",
                                       "apt install -y x",
                                       "echo $(pip cache dir)"};
static const char *const operators[] = {"&&", "&&", "&&", "&&", ";", ";", "||", "|", "&"};
static const char *const others[] = {"WORKDIR /src",
                                     "USER node",
                                     "USER 1000",
                                     "USER root",
                                     "USER app",
                                     "ENV PIP_NO_CACHE_DIR=1 A=1",
                                     "ENV PIP_NO_CACHE_DIR=1",
                                     ("ENV A=1 \\\n    PIP_NO_CACHE_DIR=1 \\\n    # b\n    B=1"),
                                     "COPY . .",
                                     "COPY x /root/.npm/y",
                                     "COPY --from=s0 /src/target/release/app /app",
                                     "# comment",
                                     "CMD [\"go\", \"run\", \".\"]",
                                     "ENTRYPOINT npm start",
                                     "ARG X",
                                     "ENV HOME=/home/x",
                                     "COPY --from=0 /root/.cache /c",
                                     "SHELL [\"/bin/bash\", \"-ec\"]",
                                     "ONBUILD RUN npm ci",
                                     ""};

static void add_command(char *out, size_t size) {
    switch (pick(12)) {
    case 0:
        add(out, size, "{ ");
        add(out, size, PICK(commands));
        add(out, size, "; ");
        add(out, size, PICK(commands));
        add(out, size, "; }");
        break;
    case 1:
        add(out, size, "(");
        add(out, size, PICK(commands));
        add(out, size, " && ");
        add(out, size, PICK(commands));
        add(out, size, ")");
        break;
    case 2:
        add(out, size, "if [ -e x ]; then ");
        add(out, size, PICK(commands));
        add(out, size, "; fi");
        break;
    default: add(out, size, PICK(commands));
    }
}

/* A break of the line, with comments and blank lines now and then. */
static void add_break(char *out, size_t size) {
    add(out, size, "\\\n");
    if (pick(8) == 0) add(out, size, "    # tidy up\n");
    if (pick(30) == 0) add(out, size, "\n");
    add(out, size, pick(2) ? "    " : "\t");
}

static void add_run(char *out, size_t size) {
    static const char *const flags[] = {"",
                                        "",
                                        "",
                                        "--network=default ",
                                        "--mount=type=cache,target=/root/.npm ",
                                        "--mount=type=cache,target=/var/cache/apt,sharing=locked ",
                                        "--mount=type=bind,target=/mnt ",
                                        "-- "};
    uint32_t style = pick(5), count = 1 + pick(6);
    add(out, size, pick(9) ? "RUN " : "run ");
    add(out, size, PICK(flags));
    if (style == 4) add(out, size, "<<EOF\n");
    if (style != 4 && pick(6) == 0) add_break(out, size);
    for (uint32_t i = 0; i < count; i++) {
        add_command(out, size);
        if (i + 1 == count) break;
        if (style == 0 || style == 3) add(out, size, " ");
        if (style == 1) add_break(out, size);
        if (style == 2 && pick(2)) add(out, size, " ");
        if (style == 4 && pick(3)) {
            add(out, size, pick(6) ? "\n" : " # note\n");
            continue;
        }
        add(out, size, style == 4 ? " && " : PICK(operators));
        add(out, size, " ");
        if (style == 2) add_break(out, size);
    }
    if (style != 4 && pick(6) == 0) add(out, size, ";");
    add(out, size, style == 4 ? "\nEOF\n" : "\n");
}

static void generate(char *out, size_t size) {
    uint32_t stages = 1 + pick(3);
    out[0] = '\0';
    if (pick(10) == 0) add(out, size, pick(2) ? "# syntax=docker/dockerfile:1.1\n" : "# note\n");
    for (uint32_t s = 0; s < stages; s++) {
        char name[24];
        snprintf(name, sizeof name, " AS s%u\n", s);
        add(out, size, "FROM ");
        add(out, size, s == 0 ? bases[pick(8)] : PICK(bases));
        add(out, size, name);
        for (uint32_t i = 0, n = 1 + pick(5); i < n; i++) {
            if (pick(3) == 0) {
                add(out, size, PICK(others));
                add(out, size, "\n");
            } else {
                add_run(out, size);
            }
        }
    }
}

/* --- an independent look at what became of the commands */

static int starts(dfl_str s, const char *z) {
    return s.len >= strlen(z) && memcmp(s.ptr, z, strlen(z)) == 0;
}

static dfl_str cmd_text(const dfl__shell *shell, const dfl__sh_cmd *k) {
    dfl_str text = {shell->text.ptr + k->start, k->end - k->start};
    return text;
}

static int is_simple(const dfl__sh_cmd *k) {
    return k->kind == DFL__CMD_SIMPLE;
}

/* A command that the rewrite may add, or take out. */
static int is_added(dfl_str text) {
    static const char *const added[] = {
        "rm -f /etc/apt", "sudo rm -f /etc/apt", "echo keepcache",
        "echo 'Binary::", "mkdir -p /out",       "cp target/release/app",
        "cp /src/target", "mkdir -p /artifacts", "cp /target"};
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        if (starts(text, added[i])) return 1;
    }
    return 0;
}

static int may_go(dfl_str text) {
    static const char *const going[] = {"apt-get clean", "rm -rf",    "pip cache", "npm cache",
                                        "go clean",      "dnf clean", "true"};
    for (size_t i = 0; i < sizeof going / sizeof *going; i++) {
        if (starts(text, going[i])) return 1;
    }
    return 0;
}

/* Whether `b` runs where `a` does, and its words are some of `a`'s, in order. */
static int stays_as(const dfl__shell *sa, const dfl__sh_cmd *a, const dfl__shell *sb,
                    const dfl__sh_cmd *b) {
    uint32_t at = 0;
    if (a->conditional != b->conditional || a->in_pipe != b->in_pipe || a->negated != b->negated ||
        a->background != b->background)
        return 0;
    for (uint32_t i = 0; i < a->word_count && at < b->word_count; i++) {
        const dfl__sh_word *wa = &a->words[i], *wb = &b->words[at];
        at += wa->end - wa->start == wb->end - wb->start &&
              memcmp(sa->text.ptr + wa->start, sb->text.ptr + wb->start, wa->end - wa->start) == 0;
    }
    return at == b->word_count && b->assign_count <= a->assign_count;
}

/* Each command of the result is one of the original's, in order; what is missing is a clean-up. */
static void compare_commands(const char *file, const dfl__shell *before, const dfl__shell *after) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < after->cmd_count; i++) {
        const dfl__sh_cmd *k = &after->cmds[i];
        if (!is_simple(k)) continue;
        while (at < before->cmd_count &&
               (!is_simple(&before->cmds[at]) || !stays_as(before, &before->cmds[at], after, k))) {
            if (is_simple(&before->cmds[at]) && is_added(cmd_text(after, k))) break;
            if (is_simple(&before->cmds[at]) && !may_go(cmd_text(before, &before->cmds[at])))
                fail_text("lost", file, cmd_text(before, &before->cmds[at]), "");
            at++;
        }
        if (at < before->cmd_count && stays_as(before, &before->cmds[at], after, k)) {
            at++;
        } else if (!is_added(cmd_text(after, k))) {
            fail_text("new", file, cmd_text(after, k), "");
        }
    }
    for (; at < before->cmd_count; at++) {
        if (is_simple(&before->cmds[at]) && !may_go(cmd_text(before, &before->cmds[at])))
            fail_text("lost", file, cmd_text(before, &before->cmds[at]), "");
    }
}

/* The shell text of RUN number `index`; 0 when there is none. */
static int run_text(const dfl_doc *doc, size_t index, dfl_str *text) {
    size_t count;
    const dfl_node_rec *nodes = dfl_doc_nodes(doc, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (nodes[i].kind != DFL_NODE_RUN || (nodes[i].flags & DFL_NODE_F_NESTED) != 0) continue;
        if (index-- > 0) continue;
        dfl_node run = dfl_doc_node(doc, i), heredoc = dfl_node_child(run, DFL_NODE_HEREDOC);
        dfl_node body = dfl_node_is_null(heredoc) ? dfl_node_child(run, DFL_NODE_SHELL_FORM)
                                                  : dfl_node_child(heredoc, DFL_NODE_HEREDOC_BODY);
        *text = dfl_node_value(body);
        return 1;
    }
    return 0;
}

static void compare_runs(const char *file, const dfl_doc *doc, const dfl_doc *result) {
    dfl_alloc alloc = dfl__alloc_of(NULL);
    dfl_str old_text, new_text;
    for (size_t i = 0; run_text(doc, i, &old_text); i++) {
        dfl__shell before, after;
        assert_true(run_text(result, i, &new_text));
        assert_int_equal(dfl__shell_scan(old_text, 0, &alloc, &before), DFL_OK);
        assert_int_equal(dfl__shell_scan(new_text, 0, &alloc, &after), DFL_OK);
        assert_int_equal(before.opaque, after.opaque);
        compare_commands(file, &before, &after);
        dfl__shell_free(&before);
        dfl__shell_free(&after);
    }
}

static void test_generated(void **state) {
    enum { FILES = 6000 };
    static char file[16384];
    size_t changed = 0;
    (void)state;
    for (uint32_t i = 1; i <= FILES; i++) {
        seed = i * 2654435761u;
        generate(file, sizeof file);
        dfl_doc *doc = parse(file, strlen(file));
        dfl_plan *plan = plan_of(doc);
        changed += dfl_plan_outcome(plan) == DFL_OUTCOME_CHANGED;
        check_laws(file, doc, plan);
        if (dfl_doc_error_count(doc) == 0) compare_runs(file, doc, dfl_plan_result(plan));
        dfl_plan_free(plan);
        dfl_doc_unref(doc);
    }
    assert_true(changed > FILES / 3);
}

/* Each allocation fails, alone or with all that follow; nothing leaks, nothing is given out. */
typedef struct {
    unsigned at, calls;
    int forever;
    long live;
} failing;

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    if (new_size == 0) {
        f->live -= (long)old_size;
        free(ptr);
        return NULL;
    }
    unsigned call = f->calls++;
    if (call == f->at || (f->forever && call > f->at)) return NULL;
    void *grown = realloc(ptr, new_size);
    if (grown != NULL) f->live += (long)new_size - (long)old_size;
    return grown;
}

/* 1 when all allocations up to number `at` sufficed. */
static int try_memory(const char *text, unsigned at, int forever) {
    failing f = {at, 0, forever, 0};
    dfl_alloc alloc = {failing_resize, &f};
    dfl_rewrite_options options = DFL_REWRITE_OPTIONS_INIT;
    dfl_doc *doc = parse(text, strlen(text));
    dfl_plan *plan = NULL;
    options.alloc = &alloc;
    dfl_status status = dfl_rewrite_cache(doc, &options, &plan);
    assert_true(status == DFL_E_NOMEM || f.calls <= at);
    assert_true((plan != NULL) == (status == DFL_OK));
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
    assert_int_equal(f.live, 0);
    return status == DFL_OK;
}

static void test_without_memory(void **state) {
    static const char text[] =
        "# syntax=docker/dockerfile:1.1\nFROM rust:1.78 AS b\nENV PIP_NO_CACHE_DIR=1 A=1\n"
        "WORKDIR /src\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*\n"
        "RUN pip install --no-cache-dir x\nRUN cargo build --release\nFROM debian:12\n"
        "COPY --from=b /src/target/release/app /app\nUSER x\nRUN npm ci\n";
    (void)state;
    for (int forever = 0; forever <= 1; forever++) {
        unsigned at = 0;
        while (!try_memory(text, at, forever))
            at++;
        assert_true(at > 100);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_generated),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
