/* test_facts.c -- entries of a context, package.json, failures.
 * Relies on facts_support.h.
 * Never needs npm. */
#include "io/facts_support.h"

static void lists_entries(void **state) {
    fixture *f = *state;
    assert_facts(f, "", "");
    put(f, "src/deep/a.c", "");
    put(f, "b.txt", "");
    put(f, "A", "");
    put(f, ".dockerignore", "");
    assert_int_equal(symlink("src", at(f, "link")), 0);
    assert_int_equal(symlink("nowhere", at(f, "dangling")), 0);
    assert_facts(f, "",
                 "file=.dockerignore\nfile=A\nfile=b.txt\nfile=dangling\nfile=link/\n"
                 "file=src/\n");
}

static void reads_package_json(void **state) {
    fixture *f = *state;
    put(f, "package.json",
        "{\n  \"name\": \"x\", \"main\": \"dist/main.js\",\n"
        "  \"scripts\": {\"start\": \"node dist/main.js\", \"build:prod\": \"tsc -p \\\".\\\"\"},\n"
        "  \"dependencies\": {\"@scope/a\": \"^1.0.0\", \"b\": \"*\"},\n"
        "  \"optionalDependencies\": {\"c\": \"1\"},\n"
        "  \"devDependencies\": {\"typescript\": \"5\"},\n"
        "  \"private\": true, \"files\": [\"a\", {\"b\": null}]\n}\n");
    assert_facts(f, "npm.",
                 "npm.main=dist/main.js\n"
                 "npm.script.start=node dist/main.js\n"
                 "npm.script.build:prod=tsc -p \".\"\n"
                 "npm.dependency=@scope/a\nnpm.dependency=b\nnpm.dependency=c\n"
                 "npm.dev-dependency=typescript\n");
    put(f, "package.json", "{}");
    assert_facts(f, "npm.", "");
    put(f, "package.json", "{\"main\": null, \"scripts\": null, \"dependencies\": {}}");
    assert_facts(f, "npm.", "");
}

static void tells_what_is_wrong_in_package_json(void **state) {
    fixture *f = *state;
    static const malformed cases[] = {
        {"", 1, 1, "must hold one object"},
        {"[]", 1, 1, "must hold one object"},
        {"{\n  \"main\": 1}", 2, 11, "`main` must be a string"},
        {"{\"scripts\": []}", 1, 13, "`scripts` must be an object"},
        {"{\"scripts\": {\n\"a\": false}}", 2, 6, "`a` must be a string"},
        {"{\"dependencies\": {\"a\": {}}}", 1, 24, "`a` must be a string"},
        {"{\"a\": 1\n \"b\": 2}", 2, 0, "not valid JSON"},
        {"{\"a\": 1,\n \"a\": 2}", 2, 2, "given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "package.json", cases[i].text);
        if (cases[i].column > 0) {
            assert_malformed(f, cases[i].line, cases[i].column, cases[i].want);
            continue;
        }
        dfl_io_facts *facts = NULL;
        dfl_io_error error = {0};
        assert_int_equal(dfl_io_facts_read(f->root, &facts, &error), DFL_E_FORMAT);
        assert_non_null(strstr(error.message, "package.json:"));
        assert_non_null(strstr(error.message, cases[i].want));
    }
}

static void tells_what_is_no_directory(void **state) {
    fixture *f = *state;
    dfl_io_facts *facts = NULL;
    dfl_io_error error = {0};
    put(f, "file", "");
    assert_int_equal(dfl_io_facts_read(at(f, "file"), &facts, &error), DFL_E_IO);
    assert_error(&error, 0, 0, "not a directory");
    assert_int_equal(dfl_io_facts_read(at(f, "none"), &facts, &error), DFL_E_IO);
    assert_error(&error, 0, 0, "no such directory");
    assert_int_equal(dfl_io_facts_read(NULL, &facts, NULL), DFL_E_ARG);
    assert_int_equal(dfl_io_facts_read(f->root, NULL, NULL), DFL_E_ARG);
    assert_null(facts);
    dfl_io_facts_free(NULL);
}

static void limits_manifests(void **state) {
    fixture *f = *state;
    put(f, "pom.xml", "");
    assert_int_equal(truncate(at(f, "pom.xml"), (4 << 20) + 1), 0);
    dfl_io_facts *facts = NULL;
    dfl_io_error error = {0};
    assert_int_equal(dfl_io_facts_read(f->root, &facts, &error), DFL_E_LIMIT);
    assert_error(&error, 0, 0, "pom.xml: larger than");
}

static void passes_over_directories_named_like_manifests(void **state) {
    fixture *f = *state;
    put(f, "package.json/x", "");
    put(f, "go.mod/x", "");
    assert_facts(f, "", "file=go.mod/\nfile=package.json/\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(lists_entries),
        FIXTURE_TEST(reads_package_json),
        FIXTURE_TEST(tells_what_is_wrong_in_package_json),
        FIXTURE_TEST(tells_what_is_no_directory),
        FIXTURE_TEST(limits_manifests),
        FIXTURE_TEST(passes_over_directories_named_like_manifests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
