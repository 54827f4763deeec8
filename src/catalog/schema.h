/* schema.h -- one description of every record type of the catalog, as data.
 * Relies on catalog.h; serves the YAML loader, the overlay merge and the generator alike.
 * Never part of the core library: programs that load no YAML do not need it. */
#ifndef DFL_CATALOG_SCHEMA_H
#define DFL_CATALOG_SCHEMA_H

#include "catalog/catalog.h"

typedef enum {
    DFL__FIELD_TEXT,    /* const char *, never NULL */
    DFL__FIELD_NAMES,   /* dfl__names: texts; in YAML a single text may stand for a list of one */
    DFL__FIELD_NUMBER,  /* uint32_t */
    DFL__FIELD_FLAG,    /* int32_t: true, false, 1, 0 */
    DFL__FIELD_VERSION, /* uint32_t: "2.36" is 2036 */
    DFL__FIELD_RECORDS  /* dfl__list of `record` */
} dfl__field_type;

#define DFL__FIELD_REQUIRED 1u /* the key must be given, and not be empty */
#define DFL__FIELD_KEY 2u      /* names the entry: an overlay's replaces those of equal keys */
#define DFL__FIELD_APART 4u    /* with the keys, tells entries of one layer apart */
/* What each text that is not empty must be: */
#define DFL__FIELD_RELEASE 8u /* the name or an alias of a release */
#define DFL__FIELD_FAMILY 16u /* the family of a release */
#define DFL__FIELD_PLACE 32u  /* a place, as catalog.h describes them */
#define DFL__FIELD_PAIR 64u   /* NAME=value */

typedef struct dfl__record_type dfl__record_type;

typedef struct {
    const char *name; /* of the member and of the YAML key */
    dfl__field_type type;
    uint32_t flags;
    uint32_t offset;
    const char *allowed;            /* blank-separated values; NULL = any */
    const dfl__record_type *record; /* of DFL__FIELD_RECORDS */
} dfl__field;

struct dfl__record_type {
    const char *name;   /* for people: "tool" */
    const char *c_name; /* for the generator: "dfl__tool" */
    uint32_t size;
    uint32_t field_count;
    const dfl__field *fields;
};

/* The layout that all lists of catalog.h share, dfl__names included. */
typedef struct {
    const void *items;
    uint32_t count;
} dfl__list;

/* dfl__facts: its fields are the sections of the YAML files. */
extern const dfl__record_type dfl__schema;

const dfl__field *dfl__schema_field(const dfl__record_type *type, dfl_str name); /* NULL = none */
int dfl__schema_allows(const dfl__field *field, dfl_str value);

/* Read members of a record. */
dfl__list dfl__record_list(const void *record, const dfl__field *field);
const char *dfl__record_text(const void *record, const dfl__field *field);
dfl__names dfl__record_names(const void *record, const dfl__field *field);

/* Compare two records of a type by the text and name fields that have one of `flags`, in the order
 * of the fields: less than, equal to or greater than 0. */
int dfl__record_compare(const dfl__record_type *type, const void *a, const void *b, uint32_t flags);

/* Put `top` over `below`: each section of `*out` holds the entries of `top`, then those of `below`
 * whose keys `top` does not have. The new arrays lie in `arena`, what they point to is shared.
 * 0 without memory; `*out` is then untouched. O(n log n). */
int dfl__facts_merge(dfl__arena *arena, const dfl__facts *top, const dfl__facts *below,
                     dfl__facts *out);

#endif
