/* context.c -- build contexts: any file, any paths, any ignore file.
 * Relies on fuzz.h; "#!path NAME", "#!link NAME TARGET" and "#!ignore PATTERN" say what there is.
 * Never expects a source to be found. */
#include "dockerfile/context.h"

#include "fuzz.h"

enum { MOST_PATHS = 64 };

typedef struct {
    dfl_context_path paths[MOST_PATHS];
    size_t count;
    dfl__buf patterns;
} world;

static void read_world(world *w, dfl_str *text) {
    dfl_str name, value;
    while (fuzz_option(text, &name, &value)) {
        size_t blank = dfl__find(value, ' ', 0);
        dfl_context_path path = {value, {"", 0}, DFL_PATH_ANY, 0};
        if (dfl__eqz(name, "ignore")) {
            dfl__buf_add(&w->patterns, value);
            dfl__buf_addc(&w->patterns, '\n');
            continue;
        }
        if (dfl__eqz(name, "link") && blank < value.len) {
            path.path = dfl__sub(value, 0, blank);
            path.link = dfl__sub(value, blank + 1, value.len);
            path.kind = DFL_PATH_LINK;
        }
        if (w->count < MOST_PATHS) w->paths[w->count++] = path;
    }
}

/* What a source reads is sent and marked; what is ignored is neither. */
static void check_reading(const dfl_context *context, size_t index, const dfl_source *source) {
    dfl_reading *reading = NULL;
    int ignored = 0;
    REQUIRE(dfl_context_reading(context, index, &reading) == DFL_OK);
    for (size_t i = 0; i < dfl_reading_count(reading); i++) {
        dfl_read read = {.size = sizeof(read)};
        REQUIRE(dfl_reading_path(reading, i, &read) == DFL_OK);
        int kept_back = (read.flags & DFL_READ_F_IGNORED) != 0;
        REQUIRE(!ignored || kept_back);
        ignored |= kept_back;
        REQUIRE(!kept_back || read.destination.len == 0);
        REQUIRE(kept_back || source->found == DFL_FOUND_YES);
        if (read.path == DFL_NO_PATH) continue;
        uint32_t flags = dfl_context_path_flags(context, read.path);
        REQUIRE(((flags & DFL_PATH_F_SENT) != 0) != kept_back);
        REQUIRE(kept_back || (flags & DFL_PATH_F_READ) != 0);
        REQUIRE(dfl__eq(dfl_context_path_name(context, read.path), read.name));
    }
    REQUIRE(ignored == ((source->flags & DFL_SOURCE_F_IGNORED) != 0));
    dfl_reading_free(reading);
}

static void check_sources(const dfl_context *context) {
    uint32_t next = 0;
    for (size_t i = 0; i < dfl_context_transfer_count(context); i++) {
        dfl_transfer t = {.size = sizeof(t)};
        REQUIRE(dfl_context_transfer(context, i, &t) == DFL_OK);
        REQUIRE(t.first == next && t.range.start <= t.range.end);
        REQUIRE(!t.destination_known || dfl__starts(t.destination, "/"));
        next += t.count;
    }
    REQUIRE(next == dfl_context_source_count(context));
    for (size_t i = 0; i < next; i++) {
        dfl_source source = {.size = sizeof(source)};
        REQUIRE(dfl_context_source(context, i, &source) == DFL_OK);
        REQUIRE(source.kind >= DFL_SOURCE_CONTEXT && source.kind <= DFL_SOURCE_IMAGE);
        REQUIRE(source.found <= DFL_FOUND_CLASH && source.range.start <= source.range.end);
        check_reading(context, i, &source);
    }
}

static void check_context(const dfl_context *context, const dfl_model *model) {
    size_t total = 0;
    dfl_sink sink = {fuzz_count, &total};
    for (size_t i = 0; i < dfl_context_path_count(context); i++) {
        uint32_t flags = dfl_context_path_flags(context, i);
        REQUIRE((flags & DFL_PATH_F_READ) == 0 || (flags & DFL_PATH_F_SENT) != 0);
    }
    check_sources(context);
    REQUIRE(dfl_print_context(context, model, DFL_CONTEXT_TEXT, &sink) == DFL_OK);
    REQUIRE(dfl_print_context(context, model, DFL_CONTEXT_JSON, &sink) == DFL_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl_str text = {(const char *)data, size};
    world w = {.count = 0};
    dfl_model *model = NULL;
    dfl_ignore *ignore = NULL;
    dfl_context *context = NULL;
    dfl_context_options opt = DFL_CONTEXT_OPTIONS_INIT;
    dfl__buf_init(&w.patterns, NULL, 0);
    read_world(&w, &text);
    dfl_doc *doc = fuzz_parse(text);
    dfl_str patterns = dfl__buf_str(&w.patterns);
    REQUIRE(dfl_model_new(doc, NULL, &model) == DFL_OK);
    REQUIRE(dfl_ignore_new(patterns.ptr, patterns.len, NULL, &ignore) == DFL_OK);
    opt.ignore = ignore;
    opt.paths = w.paths;
    opt.paths_count = w.count;
    dfl_status status = dfl_context_new(model, &opt, &context);
    if (status == DFL_OK)
        check_context(context, model);
    else
        REQUIRE((status == DFL_E_ARG || status == DFL_E_LIMIT) && context == NULL);
    dfl_context_free(context);
    dfl_ignore_free(ignore);
    dfl_model_free(model);
    dfl_doc_unref(doc);
    dfl__buf_free(&w.patterns);
    return 0;
}
