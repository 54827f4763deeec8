/* image.c -- configurations of images: strict JSON, the reader, a stage built on what it says.
 * Relies on fuzz.h and the public headers.
 * Never expects a configuration to be valid. */
#include "dockerfile/config.h"
#include "dockerfile/io.h"
#include "dockerfile/print.h"

#include <string.h>

#include "fuzz.h"

static int32_t ignore_bytes(void *ctx, const char *ptr, size_t len) {
    (void)ctx;
    (void)ptr;
    (void)len;
    return 0;
}

/* What an image says is known in full, whatever it says; its triggers may fail. */
static void build_on(const dfl_image_config *image) {
    static const char source[] = "FROM base\nLABEL fuzz=$A\nEXPOSE 1\nWORKDIR sub\nCMD x\n";
    const dfl_base_image base = {{"base", 4}, image};
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_sink sink = {ignore_bytes, NULL};
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    options.bases = &base;
    options.bases_count = 1;
    options.flags = DFL_MODEL_F_ALL_ARGS;
    REQUIRE(dfl_parse(source, sizeof source - 1, NULL, &doc) == DFL_OK);
    REQUIRE(dfl_model_new(doc, &options, &model) == DFL_OK);
    REQUIRE(dfl_print_config_json(model, 0, &sink) == DFL_OK);
    REQUIRE(dfl_print_config_text(model, 0, &sink) == DFL_OK);
    REQUIRE(dfl_print_args_json(model, 0, &sink) == DFL_OK);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl_io_image_config *config = NULL;
    dfl_io_error error = {0, 0, {0}};
    dfl_str bytes = {(const char *)data, size};
    dfl_status status = dfl_io_image_config_parse(bytes, "image.json", &config, &error);
    if (status == DFL_OK) {
        build_on(dfl_io_image_config_values(config));
    } else {
        REQUIRE(status == DFL_E_FORMAT || status == DFL_E_LIMIT);
        REQUIRE(config == NULL);
        fuzz_io_error(&error);
    }
    dfl_io_image_config_free(config);
    return 0;
}
