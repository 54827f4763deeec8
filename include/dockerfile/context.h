/* context.h -- what a build reads of its context, and where that goes.
 * Relies on model.h and ignore.h.
 * Never looks at a file system: which paths there are, the caller says. */
#ifndef DOCKERFILE_CONTEXT_H
#define DOCKERFILE_CONTEXT_H

#include "dockerfile/ignore.h"
#include "dockerfile/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of paths. */
#define DFL_PATH_ANY 0  /**< a directory if it ends in `/` or others lie below it, else a file */
#define DFL_PATH_FILE 1 /**< anything that is neither of these */
#define DFL_PATH_DIRECTORY 2 /**< a directory */
#define DFL_PATH_LINK 3      /**< a symbolic link */

#define DFL_NO_PATH UINT32_MAX /**< "no such path" */

/** A path of the build context. Frozen layout. */
typedef struct {
    dfl_str path;  /**< slash-separated, below the root of the context however it begins */
    dfl_str link;  /**< of a DFL_PATH_LINK: where it leads; else empty */
    uint32_t kind; /**< DFL_PATH_* */
    uint32_t reserved;
} dfl_context_path;

/** Options of dfl_context_new. All it points to is read during the call only. */
typedef struct {
    uint32_t size;                 /**< sizeof(dfl_context_options) */
    uint32_t target;               /**< the stage that is built; DFL_NO_STAGE = every stage */
    const dfl_ignore *ignore;      /**< the ignore file of the context; NULL = there is none */
    const dfl_context_path *paths; /**< all there is, in any order; NULL = it is not known */
    size_t paths_count;
} dfl_context_options;
#define DFL_CONTEXT_OPTIONS_INIT                                                                   \
    { sizeof(dfl_context_options), DFL_NO_STAGE, NULL, NULL, 0 }

/** What a build reads. Immutable once made; may be read from several threads. */
typedef struct dfl_context dfl_context;

/**
 * Find what COPY, ADD and `RUN --mount=type=bind` of `model`, which must outlive the result, read.
 * Matches as BuildKit does when it sends the context and copies from it: fsutil's followlinks.go,
 * filter.go and copy/copy.go, moby/patternmatcher, Go's filepath.Match. `opt` may be NULL. Freed by
 * dfl_context_free. Takes time in proportion to the paths times the patterns and the sources with
 * wildcards. DFL_E_NOMEM; DFL_E_ARG: no such stage, or a path below one that is given as a file or
 * a link; DFL_E_LIMIT: a path of 64 KiB or of more than 1,024 elements, or too many patterns for
 * paths that deep; DFL_E_ABI. `*out` is then untouched. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_context_new(const dfl_model *model,
                                                 const dfl_context_options *opt, dfl_context **out);

/** Free it; NULL is accepted. Since 0.1. */
DFL_API void dfl_context_free(dfl_context *context);

/* Whether the context reaches the builder. */
#define DFL_SENT_YES 1
#define DFL_SENT_IGNORE 2  /**< BuildKit fails: the ignore file is refused, or a pattern of it */
#define DFL_SENT_SOURCE 3  /**< BuildKit fails: a source is no pattern to ask the context by */
#define DFL_SENT_UNKNOWN 4 /**< it hangs on the Go release BuildKit is built by (`\p`) */
#define DFL_SENT_NOTHING 5 /**< paths are not given */

/**
 * Whether the context reaches the builder: DFL_SENT_*. With any but YES no source is found.
 * Since 0.1.
 */
DFL_API uint32_t dfl_context_sent(const dfl_context *context);

/**
 * Whether all is known that the build reads: 0 when paths are not given, or a source depends on a
 * value that is not given. Since 0.1.
 */
DFL_API int32_t dfl_context_complete(const dfl_context *context);

/** An instruction, or a mount, that takes files somewhere. Strings are borrowed from the model or
 * the dfl_context. */
typedef struct {
    uint32_t size;       /**< in: sizeof(dfl_transfer) */
    uint32_t kind;       /**< DFL_NODE_COPY, DFL_NODE_ADD, or DFL_NODE_RUN for a mount */
    uint32_t stage;      /**< in which it runs */
    uint32_t node;       /**< the instruction; of an ONBUILD trigger, the FROM it runs behind */
    dfl_range range;     /**< of the destination; of a mount, of its value */
    dfl_str destination; /**< absolute and clean; as written when it is not known */
    int32_t destination_known; /**< 0: it depends on a value or a working directory that is not */
    int32_t directory;         /**< 1: files land in it: it ends in `/` or `/.`, or the file makes
                                    it by WORKDIR or an earlier transfer. -1: a single file takes
                                    its name, unless the image has a directory there */
    int32_t trigger;           /**< 1: an ONBUILD of what the stage is built on */
    uint32_t first;            /**< its first source */
    uint32_t count;            /**< number of sources, in the order in which BuildKit takes them */
    uint32_t reserved;
} dfl_transfer;

/** Number of transfers, in the order in which BuildKit meets them. Since 0.1. */
DFL_API size_t dfl_context_transfer_count(const dfl_context *context);

/** Fill `*out` with transfer `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_context_transfer(const dfl_context *context, size_t index,
                                        dfl_transfer *out);

/* What a source is. */
#define DFL_SOURCE_CONTEXT 1 /**< a path or a pattern in the context */
#define DFL_SOURCE_URL 2     /**< a file that is fetched */
#define DFL_SOURCE_GIT 3     /**< a Git repository */
#define DFL_SOURCE_HEREDOC 4 /**< text of the file */
#define DFL_SOURCE_STAGE 5   /**< a path or a pattern in a stage */
#define DFL_SOURCE_IMAGE 6   /**< the same in an image or a named context */

/* What is found of a source in the context. */
#define DFL_FOUND_UNKNOWN 0   /**< paths or a value are not given, or it is not in the context */
#define DFL_FOUND_YES 1       /**< it is there */
#define DFL_FOUND_NOTHING 2   /**< its wildcards match nothing: nothing is copied */
#define DFL_FOUND_MISSING 3   /**< BuildKit fails: it is not there, or ignored */
#define DFL_FOUND_LINKS 4     /**< BuildKit fails: too many symbolic links */
#define DFL_FOUND_MALFORMED 5 /**< BuildKit fails: it, or an --exclude, is no pattern */
#define DFL_FOUND_CLASH 6     /**< a directory meets a file; fails unless the image has one there */

#define DFL_SOURCE_F_WILDCARD 0x0001 /**< has wildcards */
#define DFL_SOURCE_F_IGNORED 0x0002  /**< the ignore file keeps back some of it or all */
#define DFL_SOURCE_F_UNPACK 0x0004   /**< an archive is unpacked */
#define DFL_SOURCE_F_PARENTS 0x0008  /**< --parents: what is copied keeps its directories */

/** A source. Strings are borrowed from the model. */
typedef struct {
    uint32_t size;     /**< in: sizeof(dfl_source) */
    uint32_t kind;     /**< DFL_SOURCE_* */
    uint32_t transfer; /**< that it belongs to */
    uint32_t node;     /**< its word; of a mount, the flag's value; of a trigger, FROM */
    dfl_range range;
    dfl_str text;   /**< after expansion; as written when it is not known; a heredoc's name */
    int32_t known;  /**< 0 when it depends on a value that is not given */
    uint32_t found; /**< DFL_FOUND_* */
    uint32_t flags; /**< DFL_SOURCE_F_* */
    uint32_t stage; /**< of a DFL_SOURCE_STAGE; else DFL_NO_STAGE */
    dfl_str image;  /**< of a DFL_SOURCE_IMAGE: its name; else empty */
} dfl_source;

/** Number of sources of all transfers. Since 0.1. */
DFL_API size_t dfl_context_source_count(const dfl_context *context);

/** Fill `*out` with source `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_context_source(const dfl_context *context, size_t index, dfl_source *out);

#define DFL_PATH_F_EXCLUDED 0x0001 /**< the ignore file leaves it out, or all that holds it */
#define DFL_PATH_F_SENT 0x0002     /**< it reaches the builder */
#define DFL_PATH_F_READ 0x0004     /**< it is copied or mounted */

/** Number of the caller's paths. Since 0.1. */
DFL_API size_t dfl_context_path_count(const dfl_context *context);

/**
 * Path `index` of the caller's list, clean and below the root; empty when there is none. Borrowed.
 * Since 0.1.
 */
DFL_API dfl_str dfl_context_path_name(const dfl_context *context, size_t index);

/**
 * What becomes of path `index` of the caller's list: DFL_PATH_F_*; 0 when there is none. A
 * directory is SENT with what is sent below it, and READ when it is copied itself. Since 0.1.
 */
DFL_API uint32_t dfl_context_path_flags(const dfl_context *context, size_t index);

/** What one source reads, path by path. Relies on the dfl_context, which must outlive it. */
typedef struct dfl_reading dfl_reading;

#define DFL_READ_F_IGNORED 0x0001 /**< the source names it, but the ignore file keeps it back */
#define DFL_READ_F_ROOT 0x0002    /**< the source itself, or a match of its wildcards */

/** A path that a source reads. Strings are borrowed from the dfl_reading or the dfl_context. */
typedef struct {
    uint32_t size;       /**< in: sizeof(dfl_read) */
    uint32_t path;       /**< the caller's index; DFL_NO_PATH for a directory that was not given */
    dfl_str name;        /**< the path, below the root of the context; empty for the root */
    dfl_str destination; /**< where it goes: an absolute path, but relative to the working directory
                              where that is not known; empty for what is ignored */
    uint32_t kind;       /**< DFL_PATH_* */
    uint32_t flags;      /**< DFL_READ_F_* */
} dfl_read;

/**
 * The paths that source `index` reads: those that go, in the order in which BuildKit copies them,
 * then those that the ignore file keeps back. None when nothing is found. Freed by
 * dfl_reading_free. DFL_E_ARG when there is no such source, DFL_E_NOMEM, DFL_E_LIMIT. Thread-safe.
 * Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_context_reading(const dfl_context *context, size_t index,
                                                     dfl_reading **out);

/** Free it; NULL is accepted. Since 0.1. */
DFL_API void dfl_reading_free(dfl_reading *reading);

/** Number of paths. Since 0.1. */
DFL_API size_t dfl_reading_count(const dfl_reading *reading);

/** Fill `*out` with path `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_reading_path(const dfl_reading *reading, size_t index, dfl_read *out);

#ifdef __cplusplus
}
#endif
#endif
