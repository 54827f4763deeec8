/* image_parts.c -- the parts of an image reference, and which bytes of the file hold each.
 * Relies on images.h and reference.h.
 * Never calls a byte the place of a part unless replacing it replaces the part. */
#include "model/images.h"

#define NO_PART ((dfl_image_part){{"", 0}, {0, 0}, DFL_PLACE_ABSENT, DFL_NO_DEFINITION})

int dfl__piece_is_value(const dfl_model *model, const dfl_piece *piece) {
    if (piece->definition >= model->definitions.count) return 0;
    /* text typed in a definition lies in that definition's own value */
    uint32_t pair = model->definitions.items[piece->definition].node;
    return pair == 0 || dfl__node_child(model->doc, pair, DFL_NODE_VALUE) != piece->node;
}

static uint32_t value_place(const dfl_model *model, const dfl_piece *piece) {
    switch (model->definitions.items[piece->definition].kind) {
    case DFL_DEFINITION_BUILD_ARG: return DFL_PLACE_BUILD_ARG;
    case DFL_DEFINITION_AUTOMATIC: return DFL_PLACE_AUTOMATIC;
    case DFL_DEFINITION_NONE: return DFL_PLACE_UNKNOWN;
    default: return DFL_PLACE_CHANGED;
    }
}

uint32_t dfl__piece_place(const dfl_model *model, const dfl_piece *piece) {
    if ((piece->flags & DFL_PIECE_F_CHANGED) != 0) return DFL_PLACE_CHANGED;
    if ((piece->flags & DFL_PIECE_F_UNKNOWN) != 0) return DFL_PLACE_UNKNOWN;
    if (dfl__piece_is_value(model, piece)) return value_place(model, piece);
    return (piece->flags & DFL_PIECE_F_EXACT) != 0 ? DFL_PLACE_TYPED : DFL_PLACE_ESCAPED;
}

/* The part's place after `piece`, whose bytes [from, to) of the source belong to it, is added. */
static void extend(const dfl_model *model, dfl_image_part *part, const dfl_piece *piece,
                   uint32_t from, uint32_t to) {
    uint32_t place = dfl__piece_place(model, piece);
    if (part->place == DFL_PLACE_ABSENT) {
        part->place = place;
        part->definition = piece->definition;
        if (place == DFL_PLACE_TYPED) part->range = (dfl_range){from, to};
    } else if (part->place == DFL_PLACE_TYPED && place == DFL_PLACE_TYPED &&
               part->range.end == from && part->definition == piece->definition) {
        part->range.end = to;
    } else if (part->place == DFL_PLACE_TYPED || part->place == DFL_PLACE_SPLIT) {
        part->place = place == DFL_PLACE_TYPED ? DFL_PLACE_SPLIT : place;
        part->definition = place == DFL_PLACE_TYPED ? DFL_NO_DEFINITION : piece->definition;
        part->range = (dfl_range){0, 0};
    }
}

/* The part that is bytes [start, end) of the reference. */
static dfl_image_part part_of(const dfl_model *model, const dfl__image_ref *image, size_t start,
                              size_t end) {
    dfl_image_part part = NO_PART;
    part.text = dfl__sub(image->shown.reference, start, end);
    if (image->reason != 0) {
        part.place = image->reason;
        return part;
    }
    for (uint32_t i = 0; i < image->leaves.count; i++) {
        const dfl_piece *piece = &image->leaves.items[i];
        size_t from = piece->start > start ? piece->start : start;
        size_t to = piece->end < end ? piece->end : end;
        if (from >= to) continue;
        extend(model, &part, piece, piece->source.start + (uint32_t)(from - piece->start),
               piece->source.start + (uint32_t)(to - piece->start));
    }
    return part;
}

static dfl_status write_names(dfl_images *images, dfl_image *shown, const dfl__reference *ref) {
    dfl__buf buf;
    dfl__buf_init(&buf, &images->arena.alloc, 0);
    dfl__reference_write(ref, &buf);
    size_t full = buf.len;
    dfl__buf_add(&buf, ref->familiar);
    if (ref->tag.len > 0) dfl__buf_fmt(&buf, ":%S", &ref->tag);
    if (ref->digest.len > 0) dfl__buf_fmt(&buf, "@%S", &ref->digest);
    char *copy = dfl__arena_copy(&images->arena, dfl__buf_str(&buf).ptr, buf.len);
    dfl_status status = buf.failed != DFL_OK || copy == NULL ? DFL_E_NOMEM : DFL_OK;
    if (status == DFL_OK) {
        dfl_str all = {copy, buf.len};
        size_t path = ref->domain.len > 0 ? ref->domain.len + 1 : 0;
        size_t library = ref->library ? sizeof "library/" - 1 : 0;
        shown->full = dfl__sub(all, 0, full);
        shown->familiar = dfl__sub(all, full, all.len);
        shown->registry = dfl__sub(all, 0, ref->domain.len);
        shown->repository = dfl__sub(all, path, path + library + ref->path.len);
    }
    dfl__buf_free(&buf);
    return status;
}

/* Where `part`, a slice of `text` that is not empty, stands in it. */
static size_t offset_of(dfl_str text, dfl_str part) {
    return (size_t)(part.ptr - text.ptr);
}

dfl_status dfl__image_parts(dfl_images *images, dfl__image_ref *image) {
    const dfl_model *model = images->model;
    dfl_image *shown = &image->shown;
    dfl_str text = shown->reference;
    dfl__reference ref;
    shown->whole = shown->name = shown->tag = shown->digest = NO_PART;
    if (!shown->known) {
        shown->whole.place = image->reason != 0 ? image->reason : DFL_PLACE_UNKNOWN;
        return DFL_OK;
    }
    shown->whole = part_of(model, image, 0, text.len);
    if (dfl__reference_parse(text, &ref) != DFL__REF_OK) {
        shown->flags |= DFL_IMAGE_F_INVALID;
        return DFL_OK;
    }
    shown->name = part_of(model, image, 0, ref.name.len);
    if (ref.tag.len > 0) {
        size_t at = offset_of(text, ref.tag);
        shown->tag = part_of(model, image, at, at + ref.tag.len);
    }
    if (ref.digest.len > 0) {
        size_t at = offset_of(text, ref.digest);
        shown->digest = part_of(model, image, at, at + ref.digest.len);
    }
    return write_names(images, shown, &ref);
}
