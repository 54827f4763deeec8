/* config.h -- the configuration of the image that a stage gives.
 * Relies on model.h.
 * Never pulls an image: on top of a base of which nothing is known, what is inherited is unknown.
 */
#ifndef DOCKERFILE_CONFIG_H
#define DOCKERFILE_CONFIG_H

#include "dockerfile/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A configuration. Immutable; thread-safe to read; owns its memory. */
typedef struct dfl_config dfl_config;

/* Members of a configuration, as bits. */
#define DFL_CONFIG_CMD 0x0001
#define DFL_CONFIG_ENTRYPOINT 0x0002
#define DFL_CONFIG_SHELL 0x0004
#define DFL_CONFIG_USER 0x0008
#define DFL_CONFIG_WORKING_DIR 0x0010
#define DFL_CONFIG_HEALTHCHECK 0x0020
#define DFL_CONFIG_STOP_SIGNAL 0x0040
#define DFL_CONFIG_AUTHOR 0x0080
#define DFL_CONFIG_ENV 0x0100
#define DFL_CONFIG_LABELS 0x0200
#define DFL_CONFIG_VOLUMES 0x0400
#define DFL_CONFIG_EXPOSED_PORTS 0x0800
#define DFL_CONFIG_ONBUILD 0x1000

/**
 * The configuration behind the last instruction of `stage`, as BuildKit writes it into the image:
 * on top of its base stage, of the empty image, or of what dfl_model_options says of its base
 * image, or has a catalog say. Freed by dfl_config_free. DFL_E_ARG when there is no such stage,
 * DFL_E_NOMEM. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_model_config(const dfl_model *model, uint32_t stage,
                                                  dfl_config **out);

/** Free; NULL is accepted. Since 0.1. */
DFL_API void dfl_config_free(dfl_config *config);

/**
 * What the configuration says. Env stands in the order in which BuildKit writes it; labels,
 * volumes and ports are sorted. `os` is empty when the platform is not known. Borrowed. Since 0.1.
 */
DFL_API const dfl_image_config *dfl_config_values(const dfl_config *config);

/**
 * Members that are not known (their value is then empty) or, for env, labels, volumes, exposed
 * ports and onbuild, to which more may belong: DFL_CONFIG_* joined. Since 0.1.
 */
DFL_API uint32_t dfl_config_unknown(const dfl_config *config);

/**
 * The instruction that sets a member: `member` is one DFL_CONFIG_* up to AUTHOR. 0 when it comes
 * from the base image, or is BuildKit's default. Since 0.1.
 */
DFL_API uint32_t dfl_config_node(const dfl_config *config, uint32_t member);

/**
 * The instruction that gives an entry: `member` is ENV, LABELS, VOLUMES, EXPOSED_PORTS or ONBUILD,
 * `index` that of the entry. 0 when it comes from the base image, or is BuildKit's default (PATH),
 * or when there is none. Since 0.1.
 */
DFL_API uint32_t dfl_config_entry_node(const dfl_config *config, uint32_t member, size_t index);

/** Whether the value of Env entry `index` is known: 1 or 0. Since 0.1. */
DFL_API int32_t dfl_config_env_known(const dfl_config *config, size_t index);

/** The definition (scope.h) that Env entry `index` comes from. Since 0.1. */
DFL_API uint32_t dfl_config_env_definition(const dfl_config *config, size_t index);

/** Whether the value of label `index` is known: 1 or 0. Since 0.1. */
DFL_API int32_t dfl_config_label_known(const dfl_config *config, size_t index);

#ifdef __cplusplus
}
#endif
#endif
