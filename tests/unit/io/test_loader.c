/* test_loader.c -- YAML into records, each kind of mistake with its place, merging.
 * Relies on data/overlay.yaml and on the YAML files of src/catalog.
 * Never compares with anything but what the text says. */
#include "io/fixture.h"

#include <glob.h>

#include "io/loader.h"

static void load_file(const char *path, dfl__arena *arena, dfl__facts *out) {
    dfl_io_file *file = NULL;
    dfl_io_error error = {0};
    if (dfl_io_read(path, DFL__YAML_MAX_BYTES, &file, &error) != DFL_OK ||
        dfl__facts_load(dfl_io_file_bytes(file), path, NULL, arena, out, &error) != DFL_OK)
        fail_msg("%s", error.message);
    dfl_io_file_free(file);
}

/* The facts of data/overlay.yaml, which has a record of every type. */
static void load_overlay(dfl__arena *arena, dfl__facts *out) {
    dfl__arena_init(arena, NULL);
    load_file("tests/unit/io/data/overlay.yaml", arena, out);
}

static void fills_tools(void **state) {
    (void)state;
    dfl__arena arena;
    dfl__facts facts;
    load_overlay(&arena, &facts);
    assert_int_equal(facts.tools.count, 1);
    const dfl__tool *tool = &facts.tools.items[0];
    assert_string_equal(tool->name, "brew");
    assert_int_equal(tool->commands.count, 2);
    assert_string_equal(tool->commands.items[1], "/opt/*/bin/brew");
    assert_int_equal(tool->subcommands.count, 1); /* a single text is a list of one */
    assert_string_equal(tool->subcommands.items[0], "install");
    assert_int_equal(tool->caches.count, 2);
    assert_string_equal(tool->caches.items[0].places.items[2], "~/.cache/Homebrew");
    assert_string_equal(tool->caches.items[0].sharing, "locked");
    assert_string_equal(tool->caches.items[0].reason, "one writer\nat a time\n");
    assert_int_equal(tool->caches.items[0].filled_by.count, 0);
    assert_int_equal(tool->caches.items[0].holds_output, 1);
    assert_string_equal(tool->caches.items[1].reason, ""); /* left out: never NULL */
    assert_int_equal(tool->caches.items[1].holds_output, 0);
    assert_string_equal(tool->prepare, "");
    assert_string_equal(tool->source, "");
    dfl__arena_free(&arena);
}

static void fills_releases(void **state) {
    (void)state;
    dfl__arena arena;
    dfl__facts facts;
    load_overlay(&arena, &facts);
    assert_int_equal(facts.releases.count, 2);
    assert_int_equal(facts.releases.items[0].order, UINT32_MAX);
    assert_int_equal(facts.releases.items[0].libc_version, 2036);
    assert_int_equal(facts.releases.items[1].libc_version, 1002);
    assert_string_equal(facts.releases.items[1].libc, "");
    dfl__arena_free(&arena);
}

static void fills_the_other_types(void **state) {
    (void)state;
    dfl__arena arena;
    dfl__facts facts;
    load_overlay(&arena, &facts);
    const dfl__image *image = &facts.images.items[0];
    assert_int_equal(image->gid, 65532);
    assert_int_equal(image->no_shell, 1);
    assert_string_equal(image->defaults.items[0].release, "plan9");
    assert_string_equal(image->counterparts.items[0].versions.items[0], "1");
    assert_string_equal(image->nonroot_workdir, "");
    assert_string_equal(facts.ecosystems.items[0].build.items[0].outputs.items[0], "{-o}");
    assert_int_equal(facts.programs.items[0].needs_shell, 1);
    assert_int_equal(facts.programs.items[0].wrapper, 0);
    assert_int_equal(facts.packages.count, 3); /* told apart by releases and family */
    dfl__arena_free(&arena);
}

static void loads_nothing_from_nothing(void **state) {
    (void)state;
    static const char *const cases[] = {"", "# nothing yet\n", "tools: []\n", "{}"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dfl__arena arena;
        dfl__arena_init(&arena, NULL);
        dfl__facts facts;
        assert_int_equal(dfl__facts_load(dfl__str(cases[i]), "x", NULL, &arena, &facts, NULL),
                         DFL_OK);
        assert_int_equal(facts.tools.count, 0);
        assert_int_equal(facts.packages.count, 0);
        dfl__arena_free(&arena);
    }
}

static const struct {
    const char *text;
    uint32_t line, column;
    const char *want;
} mistakes[] = {
    {"[]", 1, 1, "mapping of sections"},
    {"text", 1, 1, "mapping of sections"},
    {"tool: []", 1, 1, "unknown key `tool` in this catalog; its keys are: tools, releases"},
    {"tools:\n  - name: a\n    commands: a\n    cache: []\n", 4, 5, "unknown key `cache`"},
    {"tools:", 1, 1, "`tools` must be a list of mappings"},
    {"tools: {}", 1, 8, "`tools` must be a list of mappings"},
    {"tools:\n  - a\n", 2, 5, "`tools` must be a list of mappings"},
    {"tools:\n  - commands: a\n", 2, 5, "this tool has no `name`"},
    {"tools:\n  - name: a\n", 2, 5, "this tool has no `commands`"},
    {"tools:\n  - {name: '', commands: a}\n", 2, 5, "has no `name`"},
    {"tools:\n  - {name: a, commands: []}\n", 2, 5, "has no `commands`"},
    {"tools:\n  - {name: [a], commands: a}\n", 2, 12, "`name` must be a text"},
    {"tools:\n  - {name: {a: b}, commands: a}\n", 2, 12, "`name` must be a text"},
    {"tools:\n  - {name: a, commands: {a: b}}\n", 2, 25, "a text or a list of texts"},
    {"tools:\n  - {name: a, commands: [a, [b]]}\n", 2, 29, "`commands` must be a text"},
    {"tools:\n  - {name: a, commands: [a, ~]}\n", 2, 29, "has no value"},
    {"tools:\n  - name:\n    commands: a\n", 2, 5, "`name` has no value"},
    {"tools:\n  - {name: null, commands: a}\n", 2, 12, "`name` has no value"},
    {"tools:\n  - {name: \"a\\0b\", commands: a}\n", 2, 12, "without NUL"},
    {"tools:\n  - {name: a, commands: a, caches: [{places: /a}]}\n", 2, 37,
     "this cache has no `sharing`"},
    {"tools:\n  - {name: a, commands: a, caches: [{places: /a, sharing: open}]}\n", 2, 59,
     "`sharing` cannot be `open`; it is one of: shared locked private"},
    {"releases:\n  - {name: a, family: b, order: -1}\n", 2, 33, "a number from 0"},
    {"releases:\n  - {name: a, family: b, order: 4294967296}\n", 2, 33, "a number from 0"},
    {"releases:\n  - {name: a, family: b, order: ''}\n", 2, 33, "a number from 0"},
    {"releases:\n  - {name: a, family: b, order: [1]}\n", 2, 33, "a number from 0"},
    {"releases:\n  - {name: a, family: b, libc_version: 2}\n", 2, 40, "a version such as"},
    {"releases:\n  - {name: a, family: b, libc_version: 2.}\n", 2, 40, "a version such as"},
    {"releases:\n  - {name: a, family: b, libc_version: 2.1000}\n", 2, 40, "a version"},
    {"releases:\n  - {name: a, family: b, libc_version: 2.1.x}\n", 2, 40, "a version"},
    {"releases:\n  - {name: a, family: b, libc: uclibc}\n", 2, 32, "glibc musl none"},
    {"programs:\n  - {name: a, commands: a, wrapper: yes}\n", 2, 37, "true or false"},
    {"programs:\n  - {name: a, commands: a, wrapper: 2}\n", 2, 37, "true or false"},
    {"images:\n  - {name: a, repositories: a, role: base}\n", 2, 38,
     "build runtime both os service"},
    {"images:\n  - {name: a, repositories: a, role: os, defaults: [{version: 1}]}\n", 2, 53,
     "this default has no `release`"},
    {"ecosystems:\n  - {name: a, shape: round}\n", 2, 22, "binary archive application"},
    {"packages:\n  - {name: a, role: os}\n", 2, 21, "build runtime both"},
    {"tools:\n  - {name: b, commands: a}\n  - {name: a, commands: a}\n"
     "  - {name: b, commands: a}\n",
     4, 5, "this tool stands in the file twice"},
    {"packages:\n  - {name: a, role: both, releases: [x]}\n"
     "  - {name: a, role: build, releases: [x]}\n",
     3, 5, "this package stands in the file twice"},
    {"a: *b", 1, 4, "not supported"},
    {"tools:\n  - {name: a, commands: a, caches: [{places: '{-d', sharing: shared}]}\n", 2, 46,
     "`places` cannot be `{-d`"},
    {"tools:\n  - {name: a, commands: a, caches: [{places: [/a, '{HOME}/x'], sharing: "
     "shared}]}\n",
     2, 51, "braces hold an option"},
    {"images:\n  - {name: a, repositories: a, role: os, env: [A=1, B]}\n", 2, 53,
     "write NAME=value"},
    {"images:\n  - {name: a, repositories: a, role: os, env: =1}\n", 2, 47, "NAME=value"},
};

static void tells_each_mistake(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        dfl__arena arena;
        dfl__arena_init(&arena, NULL);
        dfl__facts facts = {.tools = {NULL, 77}};
        dfl_io_error error = {0};
        dfl_status status =
            dfl__facts_load(dfl__str(mistakes[i].text), "u.yaml", NULL, &arena, &facts, &error);
        if (status != DFL_E_FORMAT) fail_msg("accepted: %s", mistakes[i].text);
        assert_error(&error, mistakes[i].line, mistakes[i].column, mistakes[i].want);
        assert_true(dfl__starts(dfl__str(error.message), "u.yaml:"));
        assert_int_equal(facts.tools.count, 77);
        dfl__arena_free(&arena);
    }
}

/* Names of releases and families are looked up in the text itself and in what lies below. */
static void looks_names_up(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t line, column; /* 0: accepted */
        const char *want;
    } cases[] = {
        {"images:\n  - {name: a, repositories: a, role: os, release: bookworm}\n", 0, 0, NULL},
        {"images:\n  - {name: a, repositories: a, role: os, release: \"12\"}\n", 0, 0, NULL},
        {"images:\n  - {name: a, repositories: a, role: os, release: own}\n"
         "releases:\n  - {name: own, family: mine}\n",
         0, 0, NULL},
        {"packages:\n  - {name: p, family: debian, releases: [bookworm], role: both}\n", 0, 0,
         NULL},
        {"images:\n  - {name: a, repositories: a, role: os, release: bookwrm}\n", 2, 51,
         "no release `bookwrm`"},
        {"images:\n  - name: a\n    repositories: a\n    role: os\n    defaults:\n"
         "      - {version: \"1\", release: x}\n",
         6, 33, "no release `x`"},
        {"tools:\n  - {name: a, commands: a, families: [debian, debain]}\n", 2, 47,
         "of the family `debain`"},
        {"packages:\n  - {name: p, family: slackware, role: both}\n", 2, 23, "`slackware`"},
        {"packages:\n  - {name: p, releases: [sid, nope], role: both}\n", 2, 31, "`nope`"},
        {"tools:\n  - {name: a, commands: a, caches: [{places: /a, sharing: shared, since: "
         "o}]}\n",
         2, 74, "no release `o`"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dfl__arena arena;
        dfl__arena_init(&arena, NULL);
        dfl__facts facts;
        dfl_io_error error = {0};
        dfl_status status = dfl__facts_load(dfl__str(cases[i].text), "u.yaml",
                                            dfl_catalog_builtin()->facts, &arena, &facts, &error);
        if (status == DFL_OK && cases[i].line != 0) fail_msg("accepted: %s", cases[i].text);
        if (cases[i].line == 0 && status != DFL_OK) fail_msg("%s", error.message);
        if (cases[i].line != 0) assert_error(&error, cases[i].line, cases[i].column, cases[i].want);
        dfl__arena_free(&arena);
    }
}

static void merges_by_key(void **state) {
    (void)state;
    dfl__arena arena;
    dfl__arena_init(&arena, NULL);
    dfl__facts below, top, all;
    dfl_str lower = DFL__LIT("tools: [{name: a, commands: old}, {name: b, commands: b}]\n"
                             "packages:\n"
                             "  - {name: p, family: debian, role: build}\n"
                             "  - {name: p, family: debian, role: both, releases: [x]}\n"
                             "  - {name: p, family: alpine, role: both}\n");
    dfl_str upper = DFL__LIT("tools: [{name: c, commands: c}, {name: a, commands: new}]\n"
                             "packages: [{name: p, family: debian, role: runtime}]\n"
                             "programs: [{name: q, commands: q}]\n");
    assert_int_equal(dfl__facts_load(lower, "l", NULL, &arena, &below, NULL), DFL_OK);
    assert_int_equal(dfl__facts_load(upper, "u", NULL, &arena, &top, NULL), DFL_OK);
    assert_true(dfl__facts_merge(&arena, &top, &below, &all));
    assert_int_equal(all.tools.count, 3);
    assert_string_equal(all.tools.items[0].name, "c");
    assert_string_equal(all.tools.items[1].name, "a");
    assert_string_equal(all.tools.items[1].commands.items[0], "new");
    assert_string_equal(all.tools.items[2].name, "b");
    assert_int_equal(all.packages.count, 2);
    assert_string_equal(all.packages.items[0].role, "runtime");
    assert_string_equal(all.packages.items[1].family, "alpine");
    assert_int_equal(all.programs.count, 1);
    assert_int_equal(all.images.count, 0);
    assert_int_equal(below.tools.count, 2); /* neither layer is changed */
    assert_int_equal(top.tools.count, 2);
    dfl__arena_free(&arena);
}

static void assert_equal_lists(const dfl__record_type *type, dfl__list a, dfl__list b);

static void assert_equal_members(const dfl__field *field, const char *a, const char *b) {
    switch (field->type) {
    case DFL__FIELD_TEXT:
        assert_string_equal(dfl__record_text(a, field), dfl__record_text(b, field));
        return;
    case DFL__FIELD_NAMES: {
        dfl__names left = dfl__record_names(a, field), right = dfl__record_names(b, field);
        assert_int_equal(left.count, right.count);
        for (uint32_t i = 0; i < left.count; i++)
            assert_string_equal(left.items[i], right.items[i]);
        return;
    }
    case DFL__FIELD_RECORDS:
        assert_equal_lists(field->record, dfl__record_list(a, field), dfl__record_list(b, field));
        return;
    case DFL__FIELD_NUMBER:
    case DFL__FIELD_FLAG:
    case DFL__FIELD_VERSION:
        assert_memory_equal(a + field->offset, b + field->offset, sizeof(uint32_t));
        return;
    }
}

static void assert_equal_records(const dfl__record_type *type, const char *a, const char *b) {
    for (uint32_t i = 0; i < type->field_count; i++)
        assert_equal_members(&type->fields[i], a, b);
}

static void assert_equal_lists(const dfl__record_type *type, dfl__list a, dfl__list b) {
    assert_int_equal(a.count, b.count);
    for (uint32_t i = 0; i < a.count; i++)
        assert_equal_records(type, (const char *)a.items + (size_t)i * type->size,
                             (const char *)b.items + (size_t)i * type->size);
}

/* What the generator compiled in is what the YAML files say, member by member. */
static void builtin_facts_are_the_files(void **state) {
    (void)state;
    glob_t files;
    assert_int_equal(glob("src/catalog/*.yaml", 0, NULL, &files), 0);
    dfl__arena arena;
    dfl__arena_init(&arena, NULL);
    dfl__facts all;
    memset(&all, 0, sizeof all);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        dfl__facts facts, merged;
        load_file(files.gl_pathv[i], &arena, &facts);
        assert_true(dfl__facts_merge(&arena, &all, &facts, &merged));
        all = merged;
    }
    const char *builtin = (const char *)dfl_catalog_builtin()->facts;
    assert_equal_records(&dfl__schema, builtin, (const char *)&all);
    assert_true(all.tools.count > 0 && all.releases.count > 0 && all.images.count > 0);
    dfl__arena_free(&arena);
    globfree(&files);
}

static void schema_covers_the_structs(void **state) {
    (void)state;
    /* Members that follow each other leave no room for one the schema forgot but padding. */
    const dfl__record_type *pending[16] = {&dfl__schema};
    uint32_t count = 1;
    for (uint32_t i = 0; i < count; i++) {
        const dfl__record_type *type = pending[i];
        uint32_t end = 0;
        for (uint32_t j = 0; j < type->field_count; j++) {
            const dfl__field *field = &type->fields[j];
            if (field->offset < end || field->offset - end >= sizeof(void *))
                fail_msg("%s.%s does not follow the member before it", type->name, field->name);
            end = field->offset +
                  (uint32_t)(field->type == DFL__FIELD_TEXT ? sizeof(char *)
                             : field->type == DFL__FIELD_NAMES || field->type == DFL__FIELD_RECORDS
                                 ? sizeof(dfl__list)
                                 : sizeof(uint32_t));
            assert_int_equal(field->record != NULL, field->type == DFL__FIELD_RECORDS);
            assert_ptr_equal(dfl__schema_field(type, dfl__str(field->name)), field);
            if (field->record != NULL) pending[count++] = field->record;
        }
        assert_true(type->size >= end && type->size - end < sizeof(void *));
    }
    assert_int_equal(count, 12);
    assert_null(dfl__schema_field(&dfl__schema, dfl__str("tool")));
}

static void survives_want_of_memory(void **state) {
    (void)state;
    dfl_io_file *file = NULL;
    assert_int_equal(dfl_io_read("tests/unit/io/data/overlay.yaml", 0, &file, NULL), DFL_OK);
    int ended = 0;
    for (unsigned k = 1; !ended && k < 500; k++) {
        failing f = {k, 0};
        dfl_alloc alloc = {fail_resize, &f};
        dfl__arena arena;
        dfl__arena_init(&arena, &alloc);
        dfl__facts facts, all = {.tools = {NULL, 77}};
        dfl_status status = dfl__facts_load(dfl_io_file_bytes(file), "x",
                                            dfl_catalog_builtin()->facts, &arena, &facts, NULL);
        int merged = status == DFL_OK &&
                     dfl__facts_merge(&arena, &facts, dfl_catalog_builtin()->facts, &all);
        ended = f.left > 0;
        assert_true(status == DFL_OK || (status == DFL_E_NOMEM && !ended));
        assert_int_equal(merged, ended);
        if (!merged) assert_int_equal(all.tools.count, 77);
        dfl__arena_free(&arena);
        assert_int_equal(f.live, 0);
    }
    assert_true(ended);
    dfl_io_file_free(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_tools),
        cmocka_unit_test(fills_releases),
        cmocka_unit_test(fills_the_other_types),
        cmocka_unit_test(loads_nothing_from_nothing),
        cmocka_unit_test(tells_each_mistake),
        cmocka_unit_test(looks_names_up),
        cmocka_unit_test(merges_by_key),
        cmocka_unit_test(builtin_facts_are_the_files),
        cmocka_unit_test(schema_covers_the_structs),
        cmocka_unit_test(survives_want_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
