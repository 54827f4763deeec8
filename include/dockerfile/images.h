/* images.h -- the images a file names: what each reference is, and which bytes of the file hold it.
 * Relies on graph.h and scope.h.
 * Never pulls an image; never names a place that does not decide what is pulled. */
#ifndef DOCKERFILE_IMAGES_H
#define DOCKERFILE_IMAGES_H

#include "dockerfile/graph.h"
#include "dockerfile/scope.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DFL_IMAGE_SYNTAX 4 /**< `# syntax=`: kinds are DFL_EDGE_* and this one */

#define DFL_IMAGE_F_CONTEXT 0x0001 /**< a named context of the caller stands in for it */
#define DFL_IMAGE_F_TRIGGER                                                                        \
    0x0002 /**< an ONBUILD of what the stage is built on names it, not this instruction */
#define DFL_IMAGE_F_ONBUILD                                                                        \
    0x0004 /**< an ONBUILD of the file names it: builds on top of the stage use it */
#define DFL_IMAGE_F_INVALID 0x0008 /**< it is known, and no image reference */
#define DFL_IMAGE_F_ASSUMED                                                                        \
    0x0010 /**< known only as long as ARGs to which nothing gives a value stay unset: the text of  \
                a `${NAME:-text}` or `${NAME:+text}` decides */

/* Whether the file holds a part of a reference, and if not, why. */
#define DFL_PLACE_ABSENT 0    /**< the reference has no such part */
#define DFL_PLACE_TYPED 1     /**< `range` holds these very bytes */
#define DFL_PLACE_SPLIT 2     /**< several places hold it: its pieces tell them */
#define DFL_PLACE_UNKNOWN 3   /**< it depends on a value that is not given */
#define DFL_PLACE_BUILD_ARG 4 /**< a build argument of the caller holds it, not the default */
#define DFL_PLACE_AUTOMATIC 5 /**< the builder sets it: TARGETARCH, ... */
#define DFL_PLACE_CHANGED 6   /**< a pattern, as in `${TAG%-*}`, makes it of another text */
#define DFL_PLACE_NUMBER 7    /**< `--from=1` means it by a number */
#define DFL_PLACE_TRIGGER 8   /**< an ONBUILD holds it: of an image, or listed by itself */
#define DFL_PLACE_ESCAPED 9   /**< it is typed with escapes or a continuation inside */
#define DFL_PLACE_LIMIT 10    /**< finding it would exceed the limits of the model */

/** A part of a reference. Frozen layout. */
typedef struct {
    dfl_str text;        /**< as in the expanded reference; empty when it is absent */
    dfl_range range;     /**< TYPED: the bytes to replace; else empty */
    uint32_t place;      /**< DFL_PLACE_* */
    uint32_t definition; /**< whose text or value it is; DFL_NO_DEFINITION: the instruction's own */
} dfl_image_part;

/**
 * An image that is pulled, or would be. Strings are borrowed from the images. Where `known` is 0,
 * `reference` is as written and what is read from it is empty.
 */
typedef struct {
    uint32_t size;   /**< in: sizeof(dfl_image) */
    uint32_t kind;   /**< DFL_EDGE_* or DFL_IMAGE_SYNTAX */
    uint32_t flags;  /**< DFL_IMAGE_F_* */
    int32_t known;   /**< 1: the reference is known */
    uint32_t stage;  /**< that names it; DFL_NO_STAGE for `# syntax=` */
    uint32_t node;   /**< the instruction or directive */
    dfl_range range; /**< bytes of the reference as written, variables and all */
    uint32_t first;  /**< index of the first image with the same full reference */
    uint32_t reserved;
    dfl_str reference;     /**< after expansion, as BuildKit reads it */
    dfl_str full;          /**< normalised: docker.io/library/node:20, :latest where nothing says */
    dfl_str familiar;      /**< shortest form: node:20 */
    dfl_str registry;      /**< docker.io where none is written; may be empty */
    dfl_str repository;    /**< normalised: library/node */
    dfl_image_part whole;  /**< the whole reference */
    dfl_image_part name;   /**< registry and repository as written */
    dfl_image_part tag;    /**< without its colon */
    dfl_image_part digest; /**< without its at sign */
    size_t pieces;         /**< number of pieces: they tile the reference */
} dfl_image;

/** The images of a model, on which they rely and which outlives them. Immutable. */
typedef struct dfl_images dfl_images;

/**
 * The images that FROM, COPY --from, RUN --mount=from= and `# syntax=` name, in the order of the
 * file: not stages, not scratch. Parts are traced to the bytes that were typed, through ARG
 * defaults and `${NAME:-text}`. Freed by dfl_images_free. DFL_E_ARG, DFL_E_NOMEM. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_model_images(const dfl_model *model, dfl_images **out);

/** Free; NULL is accepted. Since 0.1. */
DFL_API void dfl_images_free(dfl_images *images);

/** The model, borrowed. Since 0.1. */
DFL_API const dfl_model *dfl_images_model(const dfl_images *images);

/** Number of images. Since 0.1. */
DFL_API size_t dfl_images_count(const dfl_images *images);

/** Fill `*out` with image `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_images_get(const dfl_images *images, size_t index, dfl_image *out);

/**
 * Fill `*out` with piece `piece` of the reference of image `index`, traced as with
 * DFL_EXPAND_F_TRACE. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1.
 */
DFL_API dfl_status dfl_images_piece(const dfl_images *images, size_t index, size_t piece,
                                    dfl_piece *out);

/**
 * Set `*index` to the first image from index `from` on that `reference` means, however it is spelt:
 * "node" is docker.io/library/node:latest. SIZE_MAX when there is none. DFL_E_ARG, DFL_E_NOMEM.
 * Since 0.1.
 */
DFL_API dfl_status dfl_images_find(const dfl_images *images, dfl_str reference, size_t from,
                                   size_t *index);

#ifdef __cplusplus
}
#endif
#endif
