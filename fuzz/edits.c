/* edits.c -- edit sets: conflicts, quoting, apply with proof, offset maps, diff.
 * Relies on fuzz.h; "#!replace START LEN TEXT", "#!insert AT TEXT", "#!set NODE TEXT",
 * "#!image INDEX REFERENCE" and "#!delete NODE" before the Dockerfile are the edits, numbers taken
 * modulo what there is.
 * Never expects an edit to be accepted. */
#include "fuzz.h"

static dfl_node pick_node(const dfl_doc *doc, dfl_str *value) {
    size_t count = 0;
    dfl_doc_nodes(doc, &count);
    return dfl_doc_node(doc, fuzz_number(value) % (uint32_t)count);
}

/* Places lie in the source, pieces tile the reference. */
static void check_image(const dfl_images *images, size_t index, size_t source) {
    dfl_image image = {.size = sizeof image};
    REQUIRE(dfl_images_get(images, index, &image) == DFL_OK);
    REQUIRE(image.first <= index && image.range.end <= source);
    const dfl_image_part parts[] = {image.whole, image.name, image.tag, image.digest};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        dfl_range range = parts[i].range;
        REQUIRE(range.start <= range.end && range.end <= source);
        if (parts[i].place == DFL_PLACE_TYPED)
            REQUIRE(range.end - range.start == parts[i].text.len);
    }
    uint32_t at = 0;
    for (size_t i = 0; i < image.pieces; i++) {
        dfl_piece piece = {.size = sizeof piece};
        REQUIRE(dfl_images_piece(images, index, i, &piece) == DFL_OK);
        REQUIRE(piece.start == at && piece.source.end <= source);
        at = piece.end;
    }
    REQUIRE(image.pieces == 0 || at == image.reference.len);
}

static dfl_status set_image(dfl_edits *edits, const dfl_doc *doc, dfl_str value) {
    dfl_model *model = NULL;
    dfl_images *images = NULL;
    size_t printed = 0;
    dfl_sink sink = {fuzz_count, &printed};
    uint32_t index = fuzz_number(&value);
    REQUIRE(dfl_model_new(doc, NULL, &model) == DFL_OK);
    REQUIRE(dfl_model_images(model, &images) == DFL_OK);
    size_t count = dfl_images_count(images);
    for (size_t i = 0; i < count; i++)
        check_image(images, i, dfl_doc_source(doc).len);
    uint32_t target = dfl_model_stage_find(model, DFL__LIT(""));
    for (uint32_t format = DFL_IMAGES_TEXT; format <= DFL_IMAGES_JSON; format++)
        REQUIRE(dfl_print_images(images, target, format, &sink) == DFL_OK);
    dfl_image_change change = {value, count > 0 ? index % (uint32_t)count : 0, 0};
    dfl_status status = dfl_edits_set_images(edits, images, &change, count > 0, index & 1);
    REQUIRE(status != DFL_E_REFUSED || dfl_edits_reason(edits).len > 0);
    dfl_images_free(images);
    dfl_model_free(model);
    return status;
}

static dfl_status add_edit(dfl_edits *edits, const dfl_doc *doc, dfl_str name, dfl_str value) {
    uint32_t len = (uint32_t)dfl_doc_source(doc).len;
    if (dfl__eqz(name, "replace")) {
        uint32_t start = fuzz_number(&value) % (len + 1);
        uint32_t end = start + fuzz_number(&value) % (len - start + 1);
        return dfl_edits_replace(edits, (dfl_range){start, end}, value);
    }
    if (dfl__eqz(name, "insert")) {
        uint32_t at = fuzz_number(&value) % (len + 1);
        return dfl_edits_insert(edits, at, value);
    }
    if (dfl__eqz(name, "image")) return set_image(edits, doc, value);
    dfl_node node = pick_node(doc, &value);
    if (dfl__eqz(name, "set")) return dfl_edits_set_value(edits, node, value);
    return dfl_edits_delete(edits, node, value.len > 0);
}

static void check_result(dfl_edits *edits, const dfl_doc *doc, const dfl_doc *result) {
    dfl__buf want;
    dfl_str source = dfl_doc_source(doc);
    uint32_t at = 0;
    dfl__buf_init(&want, NULL, 0);
    for (size_t i = 0; i < dfl_edits_count(edits); i++) {
        dfl_edit e;
        REQUIRE(dfl_edits_get(edits, i, &e) == DFL_OK);
        REQUIRE(e.range.start >= at && e.range.end >= e.range.start && e.range.end <= source.len);
        dfl__buf_add(&want, dfl__sub(source, at, e.range.start));
        dfl__buf_add(&want, e.text);
        at = e.range.end;
    }
    dfl__buf_add(&want, dfl__sub(source, at, source.len));
    REQUIRE(want.failed == DFL_OK && dfl__eq(dfl__buf_str(&want), dfl_doc_source(result)));
    REQUIRE(dfl_doc_error_count(result) <= dfl_doc_error_count(doc));
    dfl__buf_free(&want);
}

static void check_map(const dfl_edits *edits, size_t old_len, size_t new_len) {
    uint32_t last = 0;
    for (uint32_t at = 0; at <= old_len; at += 1 + (uint32_t)old_len / 64) {
        uint32_t before = dfl_edits_map(edits, at, 0), after = dfl_edits_map(edits, at, 1);
        REQUIRE(before >= last && before <= after && after <= new_len);
        last = before;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl_str text = {(const char *)data, size}, rest = text, name, value;
    dfl_edits *edits = NULL;
    dfl_doc *result = NULL;
    while (fuzz_option(&rest, &name, &value))
        ;
    dfl_doc *doc = fuzz_parse(rest);
    REQUIRE(dfl_edits_new(doc, &edits) == DFL_OK);
    while (fuzz_option(&text, &name, &value)) {
        size_t count = dfl_edits_count(edits);
        if (add_edit(edits, doc, name, value) != DFL_OK) REQUIRE(dfl_edits_count(edits) == count);
    }
    dfl_status status = dfl_edits_apply(edits, &result);
    if (status == DFL_OK) {
        size_t printed = 0;
        dfl_sink sink = {fuzz_count, &printed};
        check_result(edits, doc, result);
        check_map(edits, dfl_doc_source(doc).len, dfl_doc_source(result).len);
        REQUIRE(dfl_print_diff(doc, result, DFL__LIT("Dockerfile"), &sink) == DFL_OK);
        REQUIRE((printed == 0) == dfl__eq(dfl_doc_source(doc), dfl_doc_source(result)));
        dfl_doc_unref(result);
    } else {
        REQUIRE(status == DFL_E_REFUSED && dfl_edits_reason(edits).len > 0);
    }
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
    return 0;
}
