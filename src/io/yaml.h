/* yaml.h -- YAML and JSON text as a flat tree of texts, lists and mappings.
 * Relies on libfyaml's event interface, which only yaml.c sees, behind the guard of yaml_guard.c.
 * Never resolves anchors, aliases or tags: they are refused. */
#ifndef DFL_IO_YAML_H
#define DFL_IO_YAML_H

#include "base/memory.h"
#include "base/text.h"
#include "io/error.h"

#define DFL__YAML_MAX_BYTES ((size_t)1 << 20) /* of a catalog */
#define DFL__JSON_MAX_BYTES ((size_t)4 << 20) /* of a JSON manifest */
#define DFL__YAML_MAX_DEPTH 32u
#define DFL__YAML_MAX_BLANK_LINES 256u
#define DFL__YAML_MAX_LINE_BYTES 65536u /* JSON is often one line */

typedef enum { DFL__YAML_TEXT, DFL__YAML_LIST, DFL__YAML_MAP } dfl__yaml_kind;

/* Nodes stand in preorder: the first child of node i is i + 1. The children of a mapping are a
 * text, its value, the next text, ... */
typedef struct {
    dfl__yaml_kind kind;
    int plain;       /* a text without quotes */
    uint32_t line;   /* 1-based */
    uint32_t column; /* 1-based, bytes */
    uint32_t next;   /* next sibling; 0 = none */
    uint32_t count;  /* of children */
    dfl_str text;    /* of a text; NUL-terminated, may hold NUL */
} dfl__yaml_node;

typedef struct {
    dfl__arena arena;      /* of the texts */
    dfl__yaml_node *nodes; /* node 0 is the root */
    uint32_t count;        /* 0 = the text holds nothing but comments */
    uint32_t cap;
} dfl__yaml;

typedef struct {
    const char *path; /* for messages */
    size_t max_bytes; /* DFL__YAML_MAX_BYTES or DFL__JSON_MAX_BYTES */
    int json;         /* strict JSON instead of YAML */
} dfl__yaml_options;

/* Read one document. DFL_E_FORMAT, DFL_E_LIMIT (max_bytes), DFL_E_NOMEM; `error` (may be NULL) is
 * then filled and `*out` untouched. Released by dfl__yaml_free. */
dfl_status dfl__yaml_read(dfl_str bytes, const dfl__yaml_options *options, const dfl_alloc *alloc,
                          dfl__yaml *out, dfl_io_error *error);
void dfl__yaml_free(dfl__yaml *yaml);

/* Index of the value of `key` in mapping `map`; 0 = none. */
uint32_t dfl__yaml_get(const dfl__yaml *yaml, uint32_t map, const char *key);

/* Whether a node is a plain null: nothing at all, `null` or `~`. */
int dfl__yaml_is_null(const dfl__yaml_node *node);

/* The guard: refuses what libfyaml does not take safely. On success `*body` is `bytes` without its
 * byte order mark. Linear. */
dfl_status dfl__yaml_guard(dfl_str bytes, const dfl__yaml_options *options, dfl_str *body,
                           dfl_io_error *error);

#endif
