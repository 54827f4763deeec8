/* test_image.c -- setting images: beside other edits, all or nothing, and a proof by re-reading.
 * Relies on cmocka and the public headers. tests/spec/images.dft has the places themselves.
 * Never looks at a plan: only what is read back counts. */
#include "support.h"

#include <stdio.h>

typedef struct {
    dfl_doc *doc;
    dfl_model *model;
    dfl_images *images;
    dfl_edits *edits;
} fixture;

static fixture open_text(const char *text) {
    fixture f = {parse(text), NULL, NULL, NULL};
    assert_int_equal(dfl_model_new(f.doc, NULL, &f.model), DFL_OK);
    assert_int_equal(dfl_model_images(f.model, &f.images), DFL_OK);
    assert_int_equal(dfl_edits_new(f.doc, &f.edits), DFL_OK);
    return f;
}

static void close_text(fixture *f) {
    dfl_edits_free(f->edits);
    dfl_images_free(f->images);
    dfl_model_free(f->model);
    dfl_doc_unref(f->doc);
}

static dfl_status set_one(fixture *f, uint32_t image, const char *reference) {
    dfl_image_change change = {str(reference), image, 0};
    return dfl_edits_set_images(f->edits, f->images, &change, 1, 0);
}

static void joins_other_edits(void **state) {
    (void)state;
    fixture f = open_text("ARG V=1\nFROM a:$V\nRUN x\nFROM b:2\n");
    assert_int_equal(dfl_edits_replace(f.edits, range(22, 23), str("y")), DFL_OK);
    assert_int_equal(set_one(&f, 0, "a:3"), DFL_OK);
    assert_int_equal(set_one(&f, 1,
                             "b:4@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                             "aaaaaaaaaaa"),
                     DFL_OK);
    assert_int_equal(set_one(&f, 0, "a:3"), DFL_OK); /* the same once more */
    assert_applied(f.edits,
                   "ARG V=3\nFROM a:$V\nRUN y\nFROM b:4@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    close_text(&f);
}

/* Of two edits, the second is in the way of an earlier one. */
static void adds_all_or_nothing(void **state) {
    (void)state;
    fixture f = open_text("ARG V=1\nARG W=2\nFROM a:$V.$W\n");
    assert_int_equal(dfl_edits_replace(f.edits, range(14, 15), str("9")), DFL_OK);
    assert_int_equal(set_one(&f, 0, "a:3.4"), DFL_E_CONFLICT);
    assert_int_equal(dfl_edits_count(f.edits), 1);
    assert_int_equal(dfl_edits_conflict(f.edits).range.start, 14);
    assert_applied(f.edits, "ARG V=1\nARG W=9\nFROM a:$V.$W\n");
    close_text(&f);
}

static void refusals_say_why(void **state) {
    (void)state;
    fixture f = open_text("ARG V=1\nFROM a:$V\nFROM b:$V\n");
    assert_int_equal(set_one(&f, 0, "a:2"), DFL_E_REFUSED);
    assert_str(dfl_edits_reason(f.edits),
               "line 3: the change would make another image of \"b:1\", too: \"b:2\"");
    assert_int_equal(dfl_edits_count(f.edits), 0);
    dfl_image_change twice[] = {{str("a:2"), 0, 0}, {str("a:3"), 0, 0}};
    assert_int_equal(dfl_edits_set_images(f.edits, f.images, twice, 2, 0), DFL_E_REFUSED);
    assert_str(dfl_edits_reason(f.edits), "line 2: two new references for one image");
    dfl_image_change both[] = {{str("a:2"), 0, 0}, {str("b:2"), 1, 0}};
    assert_int_equal(dfl_edits_set_images(f.edits, f.images, both, 2, 0), DFL_OK);
    assert_str(dfl_edits_reason(f.edits), "");
    assert_applied(f.edits, "ARG V=2\nFROM a:$V\nFROM b:$V\n");
    close_text(&f);
}

/* Numbers and names of stages would mean something else. */
static void references_that_mean_a_stage(void **state) {
    (void)state;
    fixture f = open_text("# syntax=docker/dockerfile:1\nFROM a AS stage\nCOPY --from=b:1 /x /y\n");
    assert_int_equal(set_one(&f, 2, "0"), DFL_E_REFUSED);
    assert_int_equal(set_one(&f, 2, "Stage"), DFL_E_REFUSED);
    assert_int_equal(set_one(&f, 1, "stage"), DFL_E_REFUSED);
    assert_int_equal(set_one(&f, 0, "not one"), DFL_E_REFUSED);
    assert_str(dfl_edits_reason(f.edits), "line 1: \"not one\" is no image reference");
    assert_int_equal(set_one(&f, 2, "stage:1"), DFL_OK);
    close_text(&f);
}

static void mistakes_of_callers(void **state) {
    (void)state;
    fixture f = open_text("FROM a\n"), other = open_text("FROM a\n");
    dfl_image_change change = {str("b"), 1, 0}, none = {{NULL, 0}, 0, 0};
    assert_int_equal(dfl_edits_set_images(f.edits, f.images, &change, 1, 0), DFL_E_ARG);
    assert_int_equal(dfl_edits_set_images(f.edits, f.images, &none, 1, 0), DFL_E_ARG);
    assert_int_equal(dfl_edits_set_images(f.edits, f.images, NULL, 1, 0), DFL_E_ARG);
    assert_int_equal(dfl_edits_set_images(f.edits, f.images, NULL, 0, 0), DFL_OK);
    assert_int_equal(dfl_edits_set_images(f.edits, f.images, NULL, 0, 2), DFL_E_ARG);
    assert_int_equal(dfl_edits_set_images(f.edits, NULL, NULL, 0, 0), DFL_E_ARG);
    assert_int_equal(dfl_edits_set_images(f.edits, other.images, NULL, 0, 0), DFL_E_STALE);
    close_text(&f);
    close_text(&other);
}

/* --- whatever is accepted reads back */

static uint32_t pick(uint32_t *seed, uint32_t count) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % count;
}

#define PICK(seed, table) ((table)[pick(seed, sizeof(table) / sizeof *(table))])

/* Files of ARGs in ARGs, with quotes, defaults and patterns between them. */
static void write_file(uint32_t *seed, char *text, size_t size) {
    static const char *const names[] = {"node",       "$R/node", "${R}/a/b", "x.io:5/y",
                                        "${N:-tool}", "\"$N\"",  "de\\bian", "'q'"};
    static const char *const tags[] = {"",           ":20",        ":$T",
                                       ":${T}-slim", ":$T.$U",     ":${T%.*}",
                                       ":\"$T\"-x",  ":${X:-7}.1", ":${T:+9}"};
    static const char *const registries[] = {"docker.io", "ghcr.io/acme", "\"r.example:80\""};
    static const char *const values[] = {"1", "1.2", "3.4-slim", "\"5.6\"", "'7'", "$R"};
    snprintf(text, size,
             "ARG R=%s\nARG N=nginx T=%s U=%s X\nARG I=%s%s\nFROM %s%s AS one\nFROM %s\n"
             "FROM \"${I}\"\nCOPY --from=%s /a /b\n",
             PICK(seed, registries), PICK(seed, values), PICK(seed, values), PICK(seed, names),
             PICK(seed, tags), PICK(seed, names), PICK(seed, tags), pick(seed, 2) ? "$I" : "a:1",
             pick(seed, 2) ? "node:20"
                           : "b@sha256:"
                             "cccccccccccccccccccccccccccccccccccccccccccccccc"
                             "cccccccccccccccc");
}

/* The references after the edits, read as a new file. */
static void check_read_back(fixture *f, const dfl_image_change *change) {
    dfl_doc *result = NULL;
    dfl_model *model = NULL;
    dfl_images *images = NULL;
    dfl_image was = {.size = sizeof was}, is = {.size = sizeof is}, asked = {.size = sizeof asked};
    assert_int_equal(dfl_edits_apply(f->edits, &result), DFL_OK);
    assert_int_equal(dfl_model_new(result, NULL, &model), DFL_OK);
    assert_int_equal(dfl_model_images(model, &images), DFL_OK);
    assert_int_equal(dfl_images_count(images), dfl_images_count(f->images));
    assert_int_equal(dfl_images_get(f->images, change->image, &asked), DFL_OK);
    for (size_t i = 0; i < dfl_images_count(images); i++) {
        assert_int_equal(dfl_images_get(f->images, i, &was), DFL_OK);
        assert_int_equal(dfl_images_get(images, i, &is), DFL_OK);
        int changed = was.reference.len != is.reference.len ||
                      memcmp(was.reference.ptr, is.reference.ptr, is.reference.len) != 0;
        int along = was.reference.len == asked.reference.len &&
                    memcmp(was.reference.ptr, asked.reference.ptr, was.reference.len) == 0;
        if (i == change->image || (along && changed))
            assert_memory_equal(is.reference.ptr, change->reference.ptr, change->reference.len);
        else
            assert_false(changed);
    }
    dfl_images_free(images);
    dfl_model_free(model);
    dfl_doc_unref(result);
}

static void what_is_accepted_reads_back(void **state) {
    (void)state;
    static const char *const news[] = {
        "node",
        "node:22",
        "ghcr.io/acme/node:1.3-slim",
        "nginx:9.8",
        "docker.io/node:1.2.3-slim",
        "docker.io/node:1.3-alpine",
        "r.example:80/a/b:2.4",
        "node@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
        "nginx:1.2@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"};
    uint32_t seed = 1, accepted = 0, rounds = 4000;
    for (uint32_t i = 0; i < rounds; i++) {
        char text[1024];
        write_file(&seed, text, sizeof text);
        fixture f = open_text(text);
        dfl_image_change change = {str(PICK(&seed, news)), 0, 0};
        change.image = pick(&seed, (uint32_t)dfl_images_count(f.images));
        dfl_status status = dfl_edits_set_images(f.edits, f.images, &change, 1, 0);
        if (status == DFL_OK) {
            accepted++;
            check_read_back(&f, &change);
        } else {
            assert_int_equal(status, DFL_E_REFUSED);
            assert_true(dfl_edits_reason(f.edits).len > 0);
            assert_int_equal(dfl_edits_count(f.edits), 0);
        }
        close_text(&f);
    }
    assert_in_range(accepted, rounds / 4, rounds); /* it does not refuse everything */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_other_edits),   cmocka_unit_test(adds_all_or_nothing),
        cmocka_unit_test(refusals_say_why),    cmocka_unit_test(references_that_mean_a_stage),
        cmocka_unit_test(mistakes_of_callers), cmocka_unit_test(what_is_accepted_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
