/* test_images.c -- images: platforms, contexts, base images, limits; what callers may get wrong.
 * Relies on cmocka and the public images.h. tests/spec/images.dft has the references themselves.
 * Never sets an image: that is tests/unit/edit. */
#include "dockerfile/images.h"

#include <stdio.h>

#include "model/models.h"

static dfl_images *images_of(const dfl_model *model) {
    dfl_images *images = NULL;
    assert_int_equal(dfl_model_images(model, &images), DFL_OK);
    assert_ptr_equal(dfl_images_model(images), model);
    return images;
}

static dfl_image image_at(const dfl_images *images, size_t index) {
    dfl_image image = {.size = sizeof image};
    assert_int_equal(dfl_images_get(images, index, &image), DFL_OK);
    return image;
}

/* devcontainers/cli 275 */
static void a_platform_chooses_the_stage(void **state) {
    (void)state;
    static const char text[] = "FROM node:20 AS base-arm64\nFROM node:22 AS base-amd64\n"
                               "FROM base-${TARGETARCH} AS base\nFROM tool:$TARGETARCH\n";
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_model *model = model_under(text, &options);
    dfl_images *images = images_of(model);
    assert_int_equal(dfl_images_count(images), 4);
    assert_int_equal(image_at(images, 2).known, 0);
    assert_text(image_at(images, 2).reference, "base-${TARGETARCH}");
    assert_int_equal(image_at(images, 2).whole.place, DFL_PLACE_UNKNOWN);
    dfl_images_free(images);
    dfl_model_free(model);
    options.target_platform = dfl__str("linux/arm64");
    model = model_under(text, &options);
    images = images_of(model);
    assert_int_equal(dfl_images_count(images), 3);
    dfl_image tool = image_at(images, 2);
    assert_text(tool.full, "docker.io/library/tool:arm64");
    assert_int_equal(tool.tag.place, DFL_PLACE_AUTOMATIC);
    assert_int_equal(tool.name.place, DFL_PLACE_TYPED);
    assert_text(source_of(model, tool.name.range), "tool");
    dfl_images_free(images);
    dfl_model_free(model);
}

static void a_context_stands_in(void **state) {
    (void)state;
    const dfl_binding contexts[] = {{DFL__LIT("node:20"), DFL__LIT("docker-image://node:21")}};
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    options.contexts = contexts;
    options.contexts_count = COUNT(contexts);
    dfl_model *model = model_under("FROM node:20\nCOPY --from=alpine /a /b\n", &options);
    dfl_images *images = images_of(model);
    assert_int_equal(image_at(images, 0).flags, DFL_IMAGE_F_CONTEXT);
    assert_int_equal(image_at(images, 1).flags, 0);
    dfl_images_free(images);
    dfl_model_free(model);
}

static void a_base_image_names_images_of_its_own(void **state) {
    (void)state;
    const dfl_str triggers[] = {DFL__LIT("COPY --from=busybox:1 /a /b")};
    dfl_image_config config = {.onbuild = triggers, .onbuild_count = COUNT(triggers)};
    dfl_base_image base = {DFL__LIT("node:20-onbuild"), &config};
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    options.bases = &base;
    options.bases_count = 1;
    dfl_model *model = model_under("FROM node:20-onbuild\n", &options);
    dfl_images *images = images_of(model);
    assert_int_equal(dfl_images_count(images), 2);
    dfl_image image = image_at(images, 1);
    assert_text(image.reference, "busybox:1");
    assert_int_equal(image.flags, DFL_IMAGE_F_TRIGGER);
    assert_int_equal(image.tag.place, DFL_PLACE_TRIGGER);
    assert_text(source_of(model, image.range), "node:20-onbuild");
    dfl_images_free(images);
    dfl_model_free(model);
}

static void all_arguments_are_given(void **state) {
    (void)state;
    dfl_model_options options = closed();
    dfl_model *model = model_under("ARG X\nFROM a$X\nFROM ${X:-b:1}\n", &options);
    dfl_images *images = images_of(model);
    assert_text(image_at(images, 0).reference, "a");
    assert_text(image_at(images, 1).reference, "b:1");
    assert_int_equal(image_at(images, 1).flags, 0); /* nothing is assumed */
    assert_text(source_of(model, image_at(images, 1).tag.range), "1");
    dfl_images_free(images);
    dfl_model_free(model);
}

/* What is assumed of an ARG holds for the ARGs made of it. */
static void defaults_are_assumed_through_arguments(void **state) {
    (void)state;
    dfl_model *model = model_of("ARG V\nARG A=node:${V:-20}\nARG B=node:$V\nFROM $A\nFROM $B\n"
                                "FROM ${V:-$B}\nFROM ${V:?needed}\n");
    dfl_images *images = images_of(model);
    dfl_image image = image_at(images, 0);
    assert_int_equal(image.flags, DFL_IMAGE_F_ASSUMED);
    assert_text(image.reference, "node:20");
    assert_text(source_of(model, image.tag.range), "20");
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(image_at(images, i).known, 0);
    dfl_images_free(images);
    dfl_model_free(model);
}

static void pieces_tile_the_reference(void **state) {
    (void)state;
    dfl_model *model = model_of("ARG V=20\nARG I=\"node:$V\"\nFROM \"${I}\"-slim\n");
    dfl_images *images = images_of(model);
    dfl_image image = image_at(images, 0);
    static const char *const want[] = {"node:", "20", "-slim"};
    uint32_t at = 0;
    assert_int_equal(image.pieces, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        dfl_piece piece = {.size = sizeof piece};
        assert_int_equal(dfl_images_piece(images, 0, i, &piece), DFL_OK);
        assert_int_equal(piece.start, at);
        assert_text(source_of(model, piece.source), want[i]);
        at = piece.end;
    }
    assert_int_equal(at, image.reference.len);
    dfl_images_free(images);
    dfl_model_free(model);
}

static void names_are_found_however_spelt(void **state) {
    (void)state;
    size_t index = 0;
    dfl_model *model = model_of("FROM docker.io/library/node\nFROM node:latest\nFROM Bad:1\n");
    dfl_images *images = images_of(model);
    assert_int_equal(dfl_images_find(images, dfl__str("node"), 0, &index), DFL_OK);
    assert_int_equal(index, 0);
    assert_int_equal(dfl_images_find(images, dfl__str("node"), 1, &index), DFL_OK);
    assert_int_equal(index, 1);
    assert_int_equal(dfl_images_find(images, dfl__str("node"), 2, &index), DFL_OK);
    assert_true(index == SIZE_MAX);
    assert_int_equal(dfl_images_find(images, dfl__str("Bad:1"), 0, &index), DFL_OK);
    assert_int_equal(index, 2);
    assert_int_equal(image_at(images, 1).first, 0);
    assert_int_equal(image_at(images, 2).first, 2);
    dfl_images_free(images);
    dfl_model_free(model);
}

/* Each ARG is the one before: what is too deep to trace has no place, and is said so. */
static void chains_keep_to_the_limits(void **state) {
    (void)state;
    const size_t links = 4000, froms = 400;
    dfl__buf text;
    dfl__buf_init(&text, NULL, 0);
    dfl__buf_addz(&text, "ARG A0=node:20\n");
    for (uint32_t i = 1; i < links; i++)
        dfl__buf_fmt(&text, "ARG A%u=$A%u\n", i, i - 1);
    for (size_t i = 0; i < froms; i++)
        dfl__buf_fmt(&text, "FROM $A%u\n", (uint32_t)links - 1);
    dfl__buf_addc(&text, '\0');
    dfl_model *model = model_of(text.ptr);
    dfl_images *images = images_of(model);
    assert_int_equal(dfl_images_count(images), froms);
    dfl_image last = image_at(images, froms - 1);
    assert_text(last.familiar, "node:20");
    assert_int_equal(last.tag.place, DFL_PLACE_LIMIT);
    dfl_images_free(images);
    dfl_model_free(model);
    dfl__buf_free(&text);
}

static void mistakes_of_callers(void **state) {
    (void)state;
    dfl_image image = {.size = sizeof image};
    dfl_piece piece = {.size = sizeof piece};
    dfl_images *images = NULL;
    size_t index = 7;
    assert_int_equal(dfl_model_images(NULL, &images), DFL_E_ARG);
    assert_null(images);
    dfl_model *model = model_of("FROM a\n");
    assert_int_equal(dfl_model_images(model, NULL), DFL_E_ARG);
    images = images_of(model);
    assert_int_equal(dfl_images_get(images, 1, &image), DFL_E_ARG);
    assert_int_equal(dfl_images_piece(images, 0, 1, &piece), DFL_E_ARG);
    assert_int_equal(dfl_images_piece(images, 1, 0, &piece), DFL_E_ARG);
    image.size--;
    piece.size--;
    assert_int_equal(dfl_images_get(images, 0, &image), DFL_E_ABI);
    assert_int_equal(dfl_images_piece(images, 0, 0, &piece), DFL_E_ABI);
    assert_int_equal(dfl_images_find(images, (dfl_str){NULL, 0}, 0, &index), DFL_E_ARG);
    assert_int_equal(index, 7);
    assert_int_equal(dfl_images_count(NULL), 0);
    assert_null(dfl_images_model(NULL));
    dfl_images_free(NULL);
    dfl_images_free(images);
    dfl_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_platform_chooses_the_stage),
        cmocka_unit_test(a_context_stands_in),
        cmocka_unit_test(a_base_image_names_images_of_its_own),
        cmocka_unit_test(all_arguments_are_given),
        cmocka_unit_test(defaults_are_assumed_through_arguments),
        cmocka_unit_test(pieces_tile_the_reference),
        cmocka_unit_test(names_are_found_however_spelt),
        cmocka_unit_test(chains_keep_to_the_limits),
        cmocka_unit_test(mistakes_of_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
