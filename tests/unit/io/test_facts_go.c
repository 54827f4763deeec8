/* test_facts_go.c -- go.mod, cgo, embedded files.
 * Relies on facts_support.h.
 * Never needs the Go tools. */
#include "io/facts_support.h"

static void reads_go_mod(void **state) {
    fixture *f = *state;
    put(f, "go.mod",
        "// a comment\nmodule \"example.com/app\" // Deprecated\n\ngo 1.22\n\n"
        "require github.com/a/b v1.0.0\r\n"
        "require (\n\tgithub.com/c/d v0.1.0 // indirect\n\n\t// no\n\t`github.com/e/f` v2.0.0\n)\n"
        "replace (\n\tgithub.com/x/y => ../y\n)\nexclude github.com/z/z v1\n"
        "require(\n github.com/g/h v1\n)\n");
    assert_facts(f, "go.",
                 "go.module=example.com/app\ngo.require=github.com/a/b\n"
                 "go.require=github.com/c/d\ngo.require=github.com/e/f\n"
                 "go.require=github.com/g/h\ngo.cgo=no\n");
}

static void tells_what_is_wrong_in_go_mod(void **state) {
    fixture *f = *state;
    static const malformed cases[] = {
        {"module\n", 1, 7, "`module` without a path"},
        {"module a\nrequire b\n", 2, 8, "a module path and a version"},
        {"module a\nrequire (\n  b\n)\n", 3, 3, "a module path and a version"},
        {"module a\nrequire (\n  b v1\n", 2, 1, "never closed"},
        {"module a\n)\n", 2, 1, "closes nothing"},
        {"module \"a\n", 1, 7, "quote"},
        {"\"module a\n", 1, 1, "quote"},
    };
    ASSERT_MALFORMED(f, "go.mod", cases);
}

static void finds_cgo(void **state) {
    fixture *f = *state;
    static const struct {
        const char *source, *want;
    } cases[] = {
        {"package a\nimport \"C\"\n", "yes"},
        {"package a\nimport `C`\n", "yes"},
        {"package a\n/*\n#include <a.h>\n*/\nimport \"C\"\n", "yes"},
        {"package a\nimport (\n\t\"fmt\"\n\t// x\n\t\"C\"\n)\n", "yes"},
        {"package a; import \"fmt\"; import \"C\"", "yes"},
        {"package a\nimport(\"C\")\n", "yes"},
        {"package a\nimport (\n\tx \"y\"; . \"z\"\n\t_ \"C\"\n)\n", "yes"},
        {"package a\nimport \"fmt\"\nvar x = \"C\"\n", "no"},
        {"package a\n// import \"C\"\n", "no"},
        {"package a\n/* import \"C\" */\n", "no"},
        {"package a\nvar x = `\nimport \"C\"\n`\n", "no"},
        {"package a\nvar x = \"\\\" import \\\"C\\\"\"\n", "no"},
        {"package a\nvar q = '\"'\nvar x = \" import \"\nvar y = \"C\"\n", "no"},
        {"package a\nvar q = '\\''; var imports = \"C\"\n", "no"},
        {"package a\nimport (\n\t\"fmt\"\n)\nvar x = []string{\"C\"}\n", "no"},
        {"", "no"},
    };
    put(f, "go.mod", "module a\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[32];
        put(f, "internal/x/a.go", cases[i].source);
        snprintf(want, sizeof want, "go.cgo=%s\n", cases[i].want);
        assert_facts(f, "go.cgo", want);
    }
}

static void leaves_out_what_go_leaves_out(void **state) {
    fixture *f = *state;
    static const char cgo[] = "package a\nimport \"C\"\n";
    put(f, "go.mod", "module a\n");
    put(f, "main.go", "package main\n");
    put(f, "main_test.go", cgo);
    put(f, "_off.go", cgo);
    put(f, ".off.go", cgo);
    put(f, "main.c", cgo);
    put(f, "testdata/a.go", cgo);
    put(f, "_old/a.go", cgo);
    put(f, ".git/a.go", cgo);
    put(f, "node_modules/x/a.go", cgo);
    put(f, "d/README", "");
    assert_int_equal(symlink("..", at(f, "d/up")), 0); /* no loop */
    assert_facts(f, "go.cgo", "go.cgo=no\n");
    put(f, "vendor/example.com/x/a.go", cgo);
    assert_facts(f, "go.cgo", "go.cgo=yes\n");
}

static void says_nothing_where_it_could_not_look(void **state) {
    fixture *f = *state;
    char deep[400] = "";
    put(f, "go.mod", "module a\n");
    for (int i = 0; i < 66; i++)
        strcat(deep, "d/");
    strcat(deep, "a.go");
    put(f, deep, "package a\n");
    assert_facts(f, "go.cgo", "");
    put(f, "b.go", "import \"C\"\n"); /* one is enough for a yes */
    assert_facts(f, "go.cgo", "go.cgo=yes\n");
}

static void reads_no_sources_without_a_module(void **state) {
    fixture *f = *state;
    put(f, "a.go", "import \"C\"\n");
    assert_facts(f, "go.", "");
}

static void finds_embedded_files(void **state) {
    fixture *f = *state;
    put(f, "go.mod", "module a\n");
    put(f, "main.go",
        "package main\n\nimport _ \"embed\"\n\n//go:embed  templates/*.html static\nvar a b\n"
        "//go:embed all:web\n//go:embed \"with space\" `raw`\r\nvar c d\n"
        " //go:embed indented\n//go:embedded x\n// go:embed x\nvar s = `\n//go:embed\tno\n`\n");
    put(f, "internal/web/web.go", "package web\n//go:embed *.css\nvar x y\n");
    assert_facts(f, "go.embed",
                 "go.embed=templates/*.html\ngo.embed=static\ngo.embed=web\n"
                 "go.embed=with space\ngo.embed=raw\ngo.embed=internal/web/*.css\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(reads_go_mod),
        FIXTURE_TEST(tells_what_is_wrong_in_go_mod),
        FIXTURE_TEST(finds_cgo),
        FIXTURE_TEST(leaves_out_what_go_leaves_out),
        FIXTURE_TEST(says_nothing_where_it_could_not_look),
        FIXTURE_TEST(reads_no_sources_without_a_module),
        FIXTURE_TEST(finds_embedded_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
