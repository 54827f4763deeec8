/* model.h -- what a Dockerfile means: stages, scopes, expanded values.
 * Relies on diag.h and catalog.h.
 * Never opens files, pulls images or guesses: what cannot be known is "unknown". */
#ifndef DOCKERFILE_MODEL_H
#define DOCKERFILE_MODEL_H

#include "dockerfile/catalog.h"
#include "dockerfile/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The meaning of one document under given build arguments. Immutable once made. */
typedef struct dfl_model dfl_model;

#define DFL_NO_STAGE UINT32_MAX /**< "no such stage" */

/** What is known of an image: its configuration. Members that say nothing are empty. */
typedef struct {
    const dfl_binding *env; /**< Env, in its order */
    size_t env_count;
    const dfl_str *entrypoint; /**< Entrypoint; NULL = none */
    size_t entrypoint_count;
    const dfl_str *cmd; /**< Cmd; NULL = none */
    size_t cmd_count;
    const dfl_str *shell; /**< Shell; NULL = the default of the operating system */
    size_t shell_count;
    const dfl_str *exposed_ports; /**< ExposedPorts, such as "80/tcp" */
    size_t exposed_ports_count;
    const dfl_str *volumes; /**< Volumes */
    size_t volumes_count;
    const dfl_str *onbuild; /**< OnBuild: triggers, in their order */
    size_t onbuild_count;
    const dfl_binding *labels; /**< Labels */
    size_t labels_count;
    const dfl_str *health_test; /**< Healthcheck.Test: {"NONE"}, {"CMD", ...}, {"CMD-SHELL", text};
                                     NULL = no health check */
    size_t health_test_count;
    int64_t health_interval; /**< nanoseconds; 0 = inherited */
    int64_t health_timeout;
    int64_t health_start_period;
    int64_t health_start_interval;
    int32_t health_retries; /**< 0 = inherited */
    int32_t reserved;
    dfl_str user;         /**< User */
    dfl_str working_dir;  /**< WorkingDir */
    dfl_str stop_signal;  /**< StopSignal */
    dfl_str author;       /**< author, as MAINTAINER sets it */
    dfl_str os;           /**< operating system; empty = that of the platform */
    dfl_str architecture; /**< processor; empty = that of the platform */
    dfl_str variant;      /**< of the processor; counts where `architecture` is given */
} dfl_image_config;

/** A base image and what is known of it. */
typedef struct {
    dfl_str reference; /**< as a file may spell it: compared after normalisation */
    const dfl_image_config *config;
} dfl_base_image;

/* Flags of dfl_model_options. */
#define DFL_MODEL_F_ALL_ARGS                                                                       \
    0x0001 /**< `args` are all there are: an ARG to which nothing gives a                          \
                value is unset, as in a build, not unknown */

/** Options of dfl_model_new. The strings and arrays are copied or read during the call only. */
typedef struct {
    uint32_t size;               /**< sizeof(dfl_model_options) */
    uint32_t args_count;         /**< number of build arguments */
    const dfl_binding *args;     /**< build arguments (`--build-arg`) */
    const dfl_alloc *alloc;      /**< NULL = the C library's */
    const dfl_limits *limits;    /**< NULL = the document's */
    uint32_t flags;              /**< DFL_MODEL_F_* */
    uint32_t contexts_count;     /**< number of named contexts */
    const dfl_binding *contexts; /**< named contexts (`--build-context`): name and source */
    const dfl_base_image *bases; /**< what is known of base images; the first of a name counts */
    size_t bases_count;
    dfl_str target;             /**< `--target` as typed; empty = none is asked for */
    dfl_str target_platform;    /**< `--platform`; empty = not known */
    dfl_str build_platform;     /**< of the builder; empty = not known */
    const dfl_catalog *catalog; /**< what is known of base images that `bases` does not list: part
                                     of their configuration, the rest is unknown; NULL = nothing.
                                     Outlives the model */
} dfl_model_options;
#define DFL_MODEL_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(dfl_model_options), 0, NULL, NULL, NULL, 0, 0, NULL, NULL, 0, {NULL, 0}, {NULL, 0}, \
            {NULL, 0}, NULL                                                                        \
    }

/**
 * Build the model of `doc`, on which it holds a reference. `opt` may be NULL. Freed by
 * dfl_model_free. Errors in the file are diagnostics of the document and of the model; what they
 * leave readable is used. Fails with DFL_E_NOMEM, DFL_E_ARG, DFL_E_ABI, DFL_E_LIMIT (stages), or
 * DFL_E_FORMAT when a platform of `opt` is none. A model may be read from several threads.
 * Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_model_new(const dfl_doc *doc, const dfl_model_options *opt,
                                               dfl_model **out);

/** Free the model and its reference; NULL is accepted. Since 0.1. */
DFL_API void dfl_model_free(dfl_model *model);

/** The document, borrowed. Since 0.1. */
DFL_API const dfl_doc *dfl_model_doc(const dfl_model *model);

/** A stage. Strings are borrowed from the model. */
typedef struct {
    uint32_t size;       /**< in: sizeof(dfl_stage) */
    uint32_t index;      /**< 0-based */
    uint32_t node;       /**< its FROM instruction */
    uint32_t base_stage; /**< index of the earlier stage it is built on, or DFL_NO_STAGE */
    dfl_range range;     /**< from FROM to the end of its last instruction */
    dfl_str name;        /**< lower-cased name after AS; empty when unnamed */
    dfl_str base;        /**< base after expansion; as written when it is unknown */
    dfl_str platform;    /**< --platform after expansion; as written when it is unknown */
    int32_t base_known;  /**< 0 when the base depends on a value that is not given */
    int32_t reserved;
} dfl_stage;

/** Number of stages. Since 0.1. */
DFL_API size_t dfl_model_stage_count(const dfl_model *model);

/** Fill `*out` with stage `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_model_stage(const dfl_model *model, size_t index, dfl_stage *out);

/**
 * Index of the stage that `name` (as in `--target`) means, DFL_NO_STAGE when none: names compare
 * lower-cased and the last duplicate wins, as in BuildKit's resolveTarget; an empty name is the
 * last stage. Since 0.1.
 */
DFL_API uint32_t dfl_model_stage_find(const dfl_model *model, dfl_str name);

/** Index of the stage that holds instruction `node`; DFL_NO_STAGE before the first FROM. Since 0.1.
 */
DFL_API uint32_t dfl_model_stage_of(const dfl_model *model, dfl_node node);

/** Diagnostics about what the file means, in the order of their position. Since 0.1. */
DFL_API size_t dfl_model_diag_count(const dfl_model *model);

/**
 * Fill `*out` with diagnostic `index`; strings are borrowed from the model or static. DFL_E_ARG
 * when there is none, DFL_E_ABI for a bad size. Since 0.1.
 */
DFL_API dfl_status dfl_model_diag(const dfl_model *model, size_t index, dfl_diag *out);

/**
 * The stage that must be built for diagnostic `index` to matter; DFL_NO_STAGE when every build
 * meets it. Since 0.1.
 */
DFL_API uint32_t dfl_model_diag_stage(const dfl_model *model, size_t index);

/**
 * Set `*index` to the diagnostic for which BuildKit rejects a build of `target`, a stage index or
 * DFL_NO_STAGE for the target that the options name: the first error of its first pass that has
 * one. SIZE_MAX when there is none. Errors of the document (diag.h) come before any of these.
 * DFL_E_ARG, DFL_E_NOMEM. Since 0.1.
 */
DFL_API dfl_status dfl_model_verdict(const dfl_model *model, uint32_t target, size_t *index);

/* Which frontend reads the document: what its `# syntax=` names. */
#define DFL_FRONTEND_BUILDER 1 /**< nothing is named: the builder's own, of unknown version */
#define DFL_FRONTEND_STABLE 2  /**< docker/dockerfile */
#define DFL_FRONTEND_LABS 3    /**< docker/dockerfile, -labs (or, before 1.2, -experimental) */
#define DFL_FRONTEND_OTHER 4   /**< another image: nothing is known of it */

/** "No version has it." */
#define DFL_FRONTEND_NEVER UINT32_MAX

/**
 * What a document asks of its frontend. A version is `(major << 16) | (minor << 8) | patch`.
 * Strings are borrowed from the document or static.
 */
typedef struct {
    uint32_t size;       /**< in: sizeof(dfl_frontend) */
    uint32_t channel;    /**< DFL_FRONTEND_* */
    dfl_str reference;   /**< image after `syntax=`; empty */
    uint32_t oldest;     /**< oldest version the reference can mean; 0 when unknown */
    uint32_t newest;     /**< newest one, 255 for each part left open; 0 when unknown */
    uint32_t stable;     /**< least docker/dockerfile that has all the document uses; or NEVER */
    uint32_t labs;       /**< the same of the -labs channel */
    uint32_t node;       /**< the first node that asks for so much, 0 = the document asks for 1.0 */
    dfl_range range;     /**< of that node */
    int32_t enough;      /**< 1: the frontend has all of it, 0: it lacks something, -1: unknown */
    const char *feature; /**< permanent name of what that node uses, such as "heredoc"; or "" */
} dfl_frontend;

/**
 * Fill `*out`: the least version of the frontend that reads the document as this library does, the
 * node that asks for it, and whether the frontend which the document names is as new. When the
 * document names one of the -labs channel, `node` is about that channel. Features that only the
 * value of a variable would show are not seen. DFL_E_ARG, DFL_E_ABI, DFL_E_NOMEM; `*out` is then
 * untouched. Thread-safe. Since 0.1.
 */
DFL_API dfl_status dfl_model_frontend(const dfl_model *model, dfl_frontend *out);

#ifdef __cplusplus
}
#endif
#endif
