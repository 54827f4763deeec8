/* images.c -- the images of a file as a table and as JSON, schema_version 1.
 * Relies on images.h and writer.h.
 * Never lets a reference of a file drive a terminal or end a string. */
#include "dockerfile/print.h"
#include "model/images.h"
#include "print/writer.h"
#include "syntax/tree.h"

#define WIDEST 64u /* column; a longer text moves what follows it */

/* What is printed, and what the target needs of it. */
typedef struct {
    const dfl_images *images;
    const dfl_model *model;
    const dfl_doc *doc;
    uint8_t *needs; /* [stages] */
    size_t stages;
} listing;

static const char *const kinds[] = {"", "from", "copy", "mount", "syntax"};
static const char *const keywords[] = {"", "FROM", "COPY --from", "RUN --mount", "# syntax"};
static const char *const places[] = {"absent",    "typed",     "split",   "unknown",
                                     "build-arg", "automatic", "changed", "number",
                                     "trigger",   "escaped",   "limit"};

static uint32_t line_of(const listing *l, uint32_t offset) {
    return dfl__doc_line(l->doc, offset) + 1;
}

static dfl_str stage_name(const listing *l, uint32_t index) {
    dfl_stage stage = {.size = sizeof stage};
    if (dfl_model_stage(l->model, index, &stage) != DFL_OK) return dfl__str("");
    return stage.name;
}

/* Frontends are always needed, what an ONBUILD names only by builds on top. */
static uint32_t need_of(const listing *l, const dfl_image *image) {
    if ((image->flags & DFL_IMAGE_F_ONBUILD) != 0) return DFL_NEED_NO;
    return image->stage < l->stages ? l->needs[image->stage] : DFL_NEED_YES;
}

static dfl_str definition_name(const listing *l, uint32_t index) {
    dfl_definition d = {.size = sizeof d};
    if (dfl_model_definition(l->model, index, &d) != DFL_OK) return dfl__str("");
    return d.name;
}

/* --- JSON */

static void json_argument(dfl__out *out, const listing *l, uint32_t definition) {
    dfl__js_key(out, "argument");
    dfl__js_name(out, definition_name(l, definition));
}

static void json_place(dfl__out *out, const listing *l, const char *name,
                       const dfl_image_part *part) {
    dfl__js_key(out, name);
    dfl__js_open(out, '{');
    dfl__js_key(out, "place");
    dfl__js_str(out, dfl__str(places[part->place]));
    json_argument(out, l, part->definition);
    if (part->place == DFL_PLACE_TYPED) {
        dfl__js_key(out, "line");
        dfl__js_uint(out, line_of(l, part->range.start));
        dfl__js_range(out, "range", part->range);
    }
    dfl__js_close(out, '}');
}

static void json_places(dfl__out *out, const listing *l, const dfl_image *image) {
    dfl__js_key(out, "places");
    dfl__js_open(out, '{');
    json_place(out, l, "reference", &image->whole);
    json_place(out, l, "name", &image->name);
    json_place(out, l, "tag", &image->tag);
    json_place(out, l, "digest", &image->digest);
    dfl__js_close(out, '}');
}

static void json_pieces(dfl__out *out, const listing *l, size_t index, const dfl_image *image) {
    dfl__js_key(out, "pieces");
    dfl__js_open(out, '[');
    for (size_t i = 0; i < image->pieces; i++) {
        dfl_piece piece = {.size = sizeof piece};
        if (dfl_images_piece(l->images, index, i, &piece) != DFL_OK) continue;
        dfl__js_open(out, '{');
        dfl__js_key(out, "text");
        dfl__js_str(out, dfl__sub(image->reference, piece.start, piece.end));
        dfl__js_range(out, "range", piece.source);
        dfl__js_flag(out, "exact", (piece.flags & DFL_PIECE_F_EXACT) != 0);
        json_argument(out, l, piece.definition);
        dfl__js_close(out, '}');
    }
    dfl__js_close(out, ']');
}

static void json_names(dfl__out *out, const dfl_image *image) {
    dfl__js_key(out, "reference");
    dfl__js_str(out, image->reference);
    dfl__js_flag(out, "known", image->known);
    dfl__js_key(out, "full");
    dfl__js_name(out, image->full);
    dfl__js_key(out, "familiar");
    dfl__js_name(out, image->familiar);
    dfl__js_key(out, "registry");
    dfl__js_name(out, image->registry);
    dfl__js_key(out, "repository");
    dfl__js_name(out, image->repository);
    dfl__js_key(out, "tag");
    dfl__js_name(out, image->tag.text);
    dfl__js_key(out, "digest");
    dfl__js_name(out, image->digest.text);
}

static void json_flags(dfl__out *out, const dfl_image *image) {
    static const struct {
        const char *name;
        uint32_t flag;
    } flags[] = {{"invalid", DFL_IMAGE_F_INVALID},
                 {"assumed", DFL_IMAGE_F_ASSUMED},
                 {"context", DFL_IMAGE_F_CONTEXT},
                 {"onbuild", DFL_IMAGE_F_ONBUILD},
                 {"trigger", DFL_IMAGE_F_TRIGGER}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        dfl__js_flag(out, flags[i].name, (image->flags & flags[i].flag) != 0);
}

static void json_stage(dfl__out *out, const listing *l, const dfl_image *image) {
    static const char *const needs[] = {"false", "true", "null"};
    dfl__js_key(out, "stage");
    if (image->stage == DFL_NO_STAGE)
        dfl__js_word(out, "null");
    else
        dfl__js_uint(out, image->stage);
    dfl__js_key(out, "stage_name");
    dfl__js_name(out, stage_name(l, image->stage));
    dfl__js_key(out, "needed");
    dfl__js_word(out, needs[need_of(l, image)]);
}

static void json_image(dfl__out *out, const listing *l, size_t index, const dfl_image *image,
                       dfl_pos pos) {
    dfl__js_open(out, '{');
    dfl__js_key(out, "kind");
    dfl__js_str(out, dfl__str(kinds[image->kind]));
    dfl__js_key(out, "line");
    dfl__js_uint(out, pos.line + 1);
    dfl__js_key(out, "column");
    dfl__js_uint(out, pos.utf8 + 1);
    dfl__js_range(out, "range", image->range);
    json_stage(out, l, image);
    json_names(out, image);
    json_flags(out, image);
    dfl__js_key(out, "first");
    dfl__js_uint(out, image->first);
    json_places(out, l, image);
    json_pieces(out, l, index, image);
    dfl__js_close(out, '}');
}

static void print_json(dfl__out *out, const listing *l) {
    dfl_image image = {.size = sizeof image};
    dfl__cursor at = {l->doc, 0, {0, 0, 0, 0}};
    dfl__js_begin(out);
    dfl__js_key(out, "images");
    dfl__js_open(out, '[');
    for (size_t i = 0; dfl_images_get(l->images, i, &image) == DFL_OK; i++)
        json_image(out, l, i, &image, dfl__cursor_pos(&at, image.range.start));
    dfl__js_close(out, ']');
    dfl__js_end(out);
}

/* --- a table */

/* What the last thing worth knowing hangs on: the digest, else the tag, else all of it. */
static const dfl_image_part *part_shown(const dfl_image *image) {
    if (image->digest.place != DFL_PLACE_ABSENT) return &image->digest;
    return image->tag.place != DFL_PLACE_ABSENT ? &image->tag : &image->whole;
}

/* "FROM", "ONBUILD COPY --from of build". */
static size_t write_user(dfl__out *out, const listing *l, const dfl_image *image) {
    static const char onbuild[] = "ONBUILD ", of[] = " of ";
    int triggers = (image->flags & (DFL_IMAGE_F_ONBUILD | DFL_IMAGE_F_TRIGGER)) != 0;
    dfl_str keyword = dfl__str(keywords[image->kind]), name = stage_name(l, image->stage);
    size_t width = keyword.len + (triggers ? sizeof onbuild - 1 : 0);
    if (name.len > 0) width += sizeof of - 1 + name.len;
    if (out == NULL) return width;
    if (triggers) dfl__out_z(out, onbuild);
    dfl__out_str(out, keyword);
    if (name.len > 0) dfl__out_z(out, of);
    dfl__out_shown(out, name);
    return width;
}

static void write_typed(dfl__out *out, const listing *l, uint32_t definition, uint32_t offset) {
    dfl_str name = definition_name(l, definition);
    if (name.len > 0) dfl__out_z(out, "ARG ");
    dfl__out_shown(out, name);
    dfl__out_z(out, name.len > 0 ? ", line " : "line ");
    dfl__out_u(out, line_of(l, offset));
}

/* Every place that gives some of the part. */
static void write_split(dfl__out *out, const listing *l, size_t index, const dfl_image *image) {
    dfl_str text = part_shown(image)->text;
    size_t start = (size_t)(text.ptr - image->reference.ptr), end = start + text.len;
    uint32_t definition = 0, line = 0;
    for (size_t i = 0; i < image->pieces; i++) {
        dfl_piece piece = {.size = sizeof piece};
        if (dfl_images_piece(l->images, index, i, &piece) != DFL_OK) continue;
        if (piece.start >= end || piece.end <= start || piece.start == piece.end) continue;
        uint32_t at = line_of(l, piece.source.start);
        if (at == line && piece.definition == definition) continue;
        if (line != 0) dfl__out_z(out, " + ");
        write_typed(out, l, piece.definition, piece.source.start);
        definition = piece.definition;
        line = at;
    }
}

static void write_holder(dfl__out *out, const listing *l, size_t index, const dfl_image *image) {
    static const char *const words[] = {"",
                                        "",
                                        "",
                                        "a value that is not given",
                                        "build argument ",
                                        "the builder: ",
                                        "a pattern",
                                        "a number",
                                        "an ONBUILD of the base",
                                        "text with escapes",
                                        "too much to trace"};
    const dfl_image_part *part = part_shown(image);
    int named = part->place == DFL_PLACE_BUILD_ARG || part->place == DFL_PLACE_AUTOMATIC;
    dfl__out_z(out, words[part->place]);
    if (part->place == DFL_PLACE_TYPED) write_typed(out, l, part->definition, part->range.start);
    if (part->place == DFL_PLACE_SPLIT) write_split(out, l, index, image);
    if (named) dfl__out_shown(out, definition_name(l, part->definition));
}

static void write_remarks(dfl__out *out, const listing *l, const dfl_image *image) {
    static const struct {
        uint32_t flag;
        const char *words;
    } remarks[] = {
        {DFL_IMAGE_F_INVALID, "; no image reference"},
        {DFL_IMAGE_F_CONTEXT, "; a named context replaces it"},
        {DFL_IMAGE_F_ASSUMED, "; a build argument may say otherwise"},
    };
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
        if ((image->flags & remarks[i].flag) != 0) dfl__out_z(out, remarks[i].words);
    if (need_of(l, image) == DFL_NEED_NO) dfl__out_z(out, "; not needed");
}

typedef struct {
    size_t image, user;
} widths;

static void pad(dfl__out *out, size_t width, size_t column) {
    dfl__out_indent(out, width < column ? (uint32_t)(column - width) + 2 : 2);
}

static void widen(size_t *column, size_t width) {
    if (width > *column && width <= WIDEST) *column = width;
}

static void write_row(dfl__out *out, const listing *l, size_t index, const dfl_image *image,
                      const widths *w) {
    uint32_t line = line_of(l, image->range.start), digits = 1;
    for (uint32_t rest = line; rest >= 10; rest /= 10)
        digits++;
    dfl__out_u(out, line);
    pad(out, digits, 4);
    dfl__out_shown(out, image->reference);
    pad(out, image->reference.len, w->image);
    pad(out, write_user(out, l, image), w->user);
    write_holder(out, l, index, image);
    write_remarks(out, l, image);
    dfl__out_c(out, '\n');
}

static void print_table(dfl__out *out, const listing *l) {
    dfl_image image = {.size = sizeof image};
    widths w = {sizeof "IMAGE" - 1, sizeof "NAMED BY" - 1};
    for (size_t i = 0; dfl_images_get(l->images, i, &image) == DFL_OK; i++) {
        widen(&w.image, image.reference.len);
        widen(&w.user, write_user(NULL, l, &image));
    }
    if (dfl_images_count(l->images) == 0) return;
    dfl__out_z(out, "LINE  IMAGE");
    pad(out, sizeof "IMAGE" - 1, w.image);
    dfl__out_z(out, "NAMED BY");
    pad(out, sizeof "NAMED BY" - 1, w.user);
    dfl__out_z(out, "VERSION HELD BY\n");
    for (size_t i = 0; dfl_images_get(l->images, i, &image) == DFL_OK; i++)
        write_row(out, l, i, &image, &w);
}

dfl_status dfl_print_images(const dfl_images *images, uint32_t target, uint32_t format,
                            const dfl_sink *sink) {
    dfl__out out;
    listing l = {.images = images, .model = dfl_images_model(images)};
    if (images == NULL || (format != DFL_IMAGES_TEXT && format != DFL_IMAGES_JSON))
        return DFL_E_ARG;
    dfl_status status = dfl__out_init(&out, sink);
    if (status != DFL_OK) return status;
    const dfl_alloc *alloc = &images->arena.alloc;
    l.doc = dfl_model_doc(l.model);
    l.stages = dfl_model_stage_count(l.model);
    l.needs = dfl__alloc(alloc, l.stages + 1);
    if (l.needs == NULL) return DFL_E_NOMEM;
    if (l.stages > 0) status = dfl_model_needs(l.model, target, l.needs, l.stages);
    if (status == DFL_OK && format == DFL_IMAGES_JSON) print_json(&out, &l);
    if (status == DFL_OK && format == DFL_IMAGES_TEXT) print_table(&out, &l);
    if (status == DFL_OK) status = dfl__out_done(&out);
    dfl__free(alloc, l.needs, l.stages + 1);
    return status;
}
