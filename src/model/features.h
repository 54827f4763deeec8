/* features.h -- which version of docker/dockerfile brought which feature, and what a document uses.
 * Relies on syntax. Language specification, section 11.
 * Never looks into variables: what only a value would tell is not seen. */
#ifndef DFL_MODEL_FEATURES_H
#define DFL_MODEL_FEATURES_H

#include "dockerfile/model.h"
#include "syntax/tree.h"

/* Everything the first stable version had is not listed. In the order of the table. */
typedef enum {
    DFL__FEATURE_CHOWN_VARIABLE,
    DFL__FEATURE_REQUIRED_VARIABLE,
    DFL__FEATURE_ADD_CHOWN_VARIABLE,
    DFL__FEATURE_ESCAPED_LINE_END,
    DFL__FEATURE_MOUNT,
    DFL__FEATURE_CHMOD,
    DFL__FEATURE_SEVERAL_ARGS,
    DFL__FEATURE_NETWORK,
    DFL__FEATURE_MOUNT_VARIABLE,
    DFL__FEATURE_HEREDOC,
    DFL__FEATURE_LINK,
    DFL__FEATURE_TMPFS_SIZE,
    DFL__FEATURE_HEALTH_ZERO,
    DFL__FEATURE_SBOM_ARG,
    DFL__FEATURE_ADD_GIT,
    DFL__FEATURE_KEEP_GIT_DIR,
    DFL__FEATURE_ADD_CHECKSUM,
    DFL__FEATURE_UNSET_DEFAULT,
    DFL__FEATURE_START_INTERVAL,
    DFL__FEATURE_PATTERN,
    DFL__FEATURE_CHECK,
    DFL__FEATURE_CHMOD_VARIABLE,
    DFL__FEATURE_SECRET_ENV,
    DFL__FEATURE_CHECK_EXPERIMENTAL,
    DFL__FEATURE_ONBUILD_FROM,
    DFL__FEATURE_TARGET_STAGE,
    DFL__FEATURE_OS_VERSION,
    DFL__FEATURE_SYMBOLIC_CHMOD,
    DFL__FEATURE_DEVICE,
    DFL__FEATURE_HEREDOC_BLANK,
    DFL__FEATURE_GIT_CHECKSUM,
    DFL__FEATURE_UNPACK,
    DFL__FEATURE_GIT_QUERY,
    DFL__FEATURE_EXCLUDE,
    DFL__FEATURE_PARENTS,
    DFL__FEATURE_SECURITY,
    DFL__FEATURE_INSTRUCTION_CHECK,
    DFL__FEATURE_EPOCH_DEFAULT,
    DFL__FEATURE_GIT_MTIME,
    DFL__FEATURE_EPOCH_SOURCE,
    DFL__FEATURE_GIT_FETCH,
    DFL__FEATURE_COUNT
} dfl__feature;

#define DFL__VERSION(major, minor, patch)                                                          \
    ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8 | (uint32_t)(patch))

/* First version of docker/dockerfile with the feature, or of its labs channel;
 * DFL_FRONTEND_NEVER when there is none. */
uint32_t dfl__feature_version(dfl__feature feature, int labs);
const char *dfl__feature_name(dfl__feature feature); /* permanent, such as "heredoc" */

/* A use of a feature in a document. */
typedef struct {
    dfl__feature feature;
    uint32_t node;
} dfl__feature_use;

/* Tell `visit` of every use, in the order of the file for each kind of place. DFL_E_NOMEM. */
typedef void dfl__feature_visit(void *ctx, const dfl__feature_use *use);
dfl_status dfl__features_scan(const dfl_doc *doc, dfl__feature_visit *visit, void *ctx);

/* What a word asks of the expansion. */
typedef struct {
    int variables;                /* it names one */
    int required;                 /* `${name?text}`, `${name:?text}` */
    int unset;                    /* `${name-word}`, `${name+word}` */
    int pattern;                  /* `${name#p}`, `${name%p}`, `${name/p/r}` */
    int target_stage, os_version; /* it names an automatic variable that came late */
} dfl__word_traits;

/* `heredoc`: the text is a heredoc's body, where quotes are ordinary. */
dfl__word_traits dfl__word_traits_of(dfl_str text, unsigned char escape, int heredoc);

/* Whether a source of ADD is a Git repository whatever its variables are (specification 2.2.2). */
int dfl__is_git_source(dfl_str text);

/* --- frontends */

/* The frontend a document asks for. A tag without all its parts means the newest such version,
 * unless a digest holds it at one that is not known: then oldest and newest differ. */
typedef struct {
    uint32_t channel; /* DFL_FRONTEND_* */
    uint32_t oldest, newest;
    dfl_str reference; /* part of the source; empty */
} dfl__frontend;

/* `reference` as it stands after `syntax=`, up to a blank. */
dfl__frontend dfl__frontend_of(dfl_str reference);

/* The one that BuildKit detects in the source (specification 1.4.1). DFL_E_NOMEM. */
dfl_status dfl__frontend_of_doc(const dfl_doc *doc, dfl__frontend *out);

/* Whether it has the feature: 1, 0, or -1 when that cannot be known. */
int dfl__frontend_has(const dfl__frontend *frontend, dfl__feature feature);

/* Report each feature that the document uses and the frontend which it names lacks, at its first
 * use. */
dfl_status dfl__frontend_lacks(dfl_model *model);

#endif
