/* images.h -- the stored form of the images of a model.
 * Relies on expand.h. Public face in dockerfile/images.h.
 * Never shared with the model: it has its own memory. */
#ifndef DFL_MODEL_IMAGES_H
#define DFL_MODEL_IMAGES_H

#include "dockerfile/images.h"
#include "model/expand.h"

/* Pieces that tile a reference. */
typedef struct {
    dfl_piece *items;
    uint32_t count;
} dfl__pieces;

typedef struct {
    dfl_image shown; /* what a caller gets */
    uint32_t reason; /* DFL_PLACE_*: why nothing in the file holds it; 0 = something may */
    /* down to what was typed */
    dfl__pieces leaves;
    /* of the innermost text that is the whole reference: the instruction's own, or that of an ARG
     * whose value is all of it */
    dfl__pieces tops;
} dfl__image_ref;

struct dfl_images {
    const dfl_model *model;
    dfl_model *assumed; /* the same with all ARGs given; NULL before it is asked for */
    dfl__arena arena;
    dfl__budget budget; /* of expanding and tracing */
    DFL__VEC(dfl__image_ref) list;
};

/* images.c: as dfl__expansion_new, within the budget of the images: DFL_E_LIMIT once it is spent.
 */
dfl_status dfl__image_expand(dfl_images *images, const dfl_model *model, uint32_t node,
                             dfl_expansion **out);
/* Whether a piece is the value of a variable as a whole, not text that was typed. */
int dfl__piece_is_value(const dfl_model *model, const dfl_piece *piece);
/* Why the bytes of a piece cannot be replaced one by one; DFL_PLACE_TYPED when they can. */
uint32_t dfl__piece_place(const dfl_model *model, const dfl_piece *piece);
/* image_parts.c: read the reference and find the places of its parts. DFL_E_NOMEM. */
dfl_status dfl__image_parts(dfl_images *images, dfl__image_ref *image);

/* assume.c: the reference of the FROM of stage `stage`, whose value is not known, as it is while
 * ARGs to which nothing gives a value stay unset; a null one when it cannot be told. The expansion
 * is that of `images->assumed`. DFL_E_NOMEM. */
dfl_status dfl__image_assume(dfl_images *images, uint32_t stage, dfl_str *reference);

#endif
