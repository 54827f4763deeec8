/* base.h -- what every other header relies on: status, values, memory, limits.
 * Relies on the C library's integer types only.
 * Never performs I/O, reads the environment or keeps global state. */
#ifndef DOCKERFILE_BASE_H
#define DOCKERFILE_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(DFL_STATIC)
#define DFL_API
#elif defined(_WIN32)
#ifdef DFL_BUILDING
#define DFL_API __declspec(dllexport)
#else
#define DFL_API __declspec(dllimport)
#endif
#else
#define DFL_API __attribute__((visibility("default")))
#endif

#if defined(__GNUC__)
#define DFL_NODISCARD __attribute__((warn_unused_result))
#else
#define DFL_NODISCARD
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the headers. The library's own is `dfl_version()`. */
#define DFL_VERSION_MAJOR 0
#define DFL_VERSION_MINOR 1
#define DFL_VERSION_PATCH 0

/**
 * Version of the library that is linked: `(major << 16) | (minor << 8) | patch`.
 * Thread-safe. Since 0.1.
 */
DFL_API uint32_t dfl_version(void);

/** A borrowed run of bytes. Not NUL-terminated; `ptr` is never NULL in results. Frozen layout. */
typedef struct {
    const char *ptr; /**< first byte */
    size_t len;      /**< number of bytes */
} dfl_str;

/** A half-open range of byte offsets into a document's source. Frozen layout. */
typedef struct {
    uint32_t start; /**< first byte */
    uint32_t end;   /**< one past the last byte */
} dfl_range;

/** Result of every call that can fail. Constants are only ever appended. */
typedef int32_t dfl_status;

#define DFL_OK 0            /**< done */
#define DFL_E_NOMEM 1       /**< the allocator gave no memory */
#define DFL_E_ARG 2         /**< an argument is not valid */
#define DFL_E_LIMIT 3       /**< a limit of the caller or a hard one is exceeded */
#define DFL_E_CONFLICT 4    /**< the edit conflicts with an earlier one */
#define DFL_E_STALE 5       /**< a node or an edit belongs to another document */
#define DFL_E_REFUSED 6     /**< the change was refused or its proof failed */
#define DFL_E_UNSUPPORTED 7 /**< the operation does not apply to this object */
#define DFL_E_ABI 8         /**< a struct size is not one this library knows */
#define DFL_E_IO 9          /**< libdockerfile-io: the operating system refused */
#define DFL_E_FORMAT 10     /**< libdockerfile-io: a catalog or manifest is malformed */

/**
 * The constant's name, such as "DFL_E_NOMEM"; "DFL_E_?" for an unknown one. Static text, never
 * NULL. Thread-safe. Since 0.1.
 */
DFL_API const char *dfl_status_name(dfl_status status);

/**
 * An allocator. `resize(ctx, p, old, new)` behaves like realloc: p is NULL exactly when old is 0,
 * new = 0 frees and returns NULL, and failing returns NULL with p untouched. Every object keeps
 * the allocator it was made with; the struct is copied, `ctx` must outlive the object. If an
 * object is shared across threads, the functions must be thread-safe. Frozen layout.
 */
typedef struct {
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx;
} dfl_alloc;

/**
 * An allocator over one buffer of the caller's: hand `&pool.base` to whatever takes a dfl_alloc.
 * Blocks are cut from the front to the back. The last one grows, shrinks and is freed in its place;
 * what another one gives up is lost until the pool is set up again. Since 0.1. Frozen layout.
 */
typedef struct {
    dfl_alloc base; /**< `ctx` is the pool itself: it must stay where it is */
    void *state[4]; /**< the pool's own */
} dfl_pool;

/**
 * Set `pool` up over the `size` bytes at `buffer`, which may have any alignment; both must outlive
 * what is made with them, and nothing needs to be freed. Calling it again takes the whole buffer
 * back. An empty pool gives no memory. How much a parse takes tells dfl_parse_bound (tree.h).
 * Fails with DFL_E_ARG when `pool` is NULL, or `buffer` is and `size` is not 0. A pool is for one
 * thread at a time: objects that share it may not be made or released by two at once. Since 0.1.
 */
DFL_API dfl_status dfl_pool_init(dfl_pool *pool, void *buffer, size_t size);

/** Limits. A zero means the library's default; a limit may be lowered or raised. */
typedef struct {
    uint32_t size;             /**< sizeof(dfl_limits) */
    uint32_t max_source_bytes; /**< default 4 MiB, hard limit 1 GiB */
    uint32_t max_diags;        /**< default 1,000; later ones are counted, not kept */
    uint32_t max_depth;        /**< `${...}`, shell and JSON nesting; default 64 */
    uint32_t max_stages;       /**< default 10,000 */
    uint32_t max_heredocs;     /**< heredocs on one instruction; default 1,000 */
    uint32_t max_expand_bytes; /**< one expanded word; default 1 MiB */
    uint32_t max_model_bytes;  /**< all expanded words of a model; default 16 MiB */
} dfl_limits;
#define DFL_LIMITS_INIT                                                                            \
    { sizeof(dfl_limits), 0, 0, 0, 0, 0, 0, 0 }

/** A name and its value: a build argument, or a fact about the build context. Frozen layout. */
typedef struct {
    dfl_str name;
    dfl_str value;
} dfl_binding;

#ifdef __cplusplus
}
#endif
#endif
