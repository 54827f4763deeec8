/* image.h -- where a new image reference is to be written.
 * Relies on edits.h and model/images.h.
 * Never changes the set of edits: a plan is text and ranges. */
#ifndef DFL_EDIT_IMAGE_H
#define DFL_EDIT_IMAGE_H

#include "edit/edits.h"
#include "model/images.h"

/* What is to be replaced for the changes of one call, each range by itself sound. */
typedef struct {
    const dfl_images *images;
    dfl__arena *arena; /* of the texts */
    dfl__buf *reason;
    DFL__VEC(dfl_edit) list;
} dfl__image_plan;

/* Add what makes image `index` read `reference`, which is one. DFL_E_REFUSED with a reason,
 * DFL_E_NOMEM. */
dfl_status dfl__image_plan_add(dfl__image_plan *plan, uint32_t index, dfl_str reference);

/* Fill the reason; `format` as for dfl__buf_fmt. DFL_E_REFUSED, or DFL_E_NOMEM. */
dfl_status dfl__image_refuse(dfl__buf *reason, const char *format, ...);
/* Line of an offset of the document, counted from 1. */
uint32_t dfl__image_line(const dfl_images *images, const dfl_image *image);

#endif
