/* loader.c -- see loader.h.
 * Relies on the schema for every name, type and rule: there is no code for a single section.
 * Never recurses deeper than the schema nests (facts, entries, rules of an entry). */
#include "io/loader.h"

#include <stdlib.h>
#include <string.h>

/* A text that names something else. */
typedef struct {
    const dfl__field *field;
    uint32_t node;
} reference;

typedef struct {
    const dfl__yaml *yaml;
    const char *path;
    dfl__arena *arena;
    dfl_io_error *error;
    DFL__VEC(reference) references; /* in the order of the text */
} loader;

static dfl_status load_record(loader *l, const dfl__record_type *type, uint32_t map, char *record);

static const dfl__yaml_node *node_of(const loader *l, uint32_t at) {
    return &l->yaml->nodes[at];
}

static dfl__place place_of(const loader *l, uint32_t at) {
    return (dfl__place){l->path, node_of(l, at)->line, node_of(l, at)->column};
}

static dfl_status nomem(const loader *l) {
    return dfl__io_nomem(l->error, l->path);
}

static dfl_status wrong(const loader *l, uint32_t at, const dfl__field *field, const char *wanted) {
    return dfl__io_fail(l->error, DFL_E_FORMAT, place_of(l, at), "`%s` must be %s", field->name,
                        wanted);
}

/* Each brace of a place encloses an option, a variable or the last operand. */
static int is_place(dfl_str text) {
    for (size_t at = dfl__find(text, '{', 0); at < text.len; at = dfl__find(text, '{', at + 1)) {
        size_t close = dfl__find(text, '}', at);
        dfl_str name = dfl__sub(text, at + 1, close);
        if (close == text.len || dfl__find(name, '{', 0) < name.len) return 0;
        if (dfl__eqz(name, "#")) continue;
        if (name.len < 2 || (name.ptr[0] != '-' && name.ptr[0] != '$')) return 0;
    }
    return text.len > 0;
}

static dfl_status check_form(loader *l, const dfl__field *field, uint32_t at) {
    dfl_str text = node_of(l, at)->text;
    reference r = {field, at};
    if (text.len == 0) return DFL_OK;
    if ((field->flags & DFL__FIELD_PLACE) != 0 && !is_place(text))
        return dfl__io_fail(l->error, DFL_E_FORMAT, place_of(l, at),
                            "`%s` cannot be `%.64s`; braces hold an option {--dir}, a variable "
                            "{$NAME} or {#}",
                            field->name, text.ptr);
    size_t equals = dfl__find(text, '=', 0);
    if ((field->flags & DFL__FIELD_PAIR) != 0 && (equals == text.len || equals == 0))
        return dfl__io_fail(l->error, DFL_E_FORMAT, place_of(l, at),
                            "`%s` cannot be `%.64s`; write NAME=value", field->name, text.ptr);
    if ((field->flags & (DFL__FIELD_RELEASE | DFL__FIELD_FAMILY)) == 0) return DFL_OK;
    return DFL__PUSH(&l->arena->alloc, &l->references, r) ? DFL_OK : nomem(l);
}

/* A text that can be a C string. `**out` lies in the arena. */
static dfl_status load_text(loader *l, const dfl__field *field, uint32_t at, const char **out) {
    const dfl__yaml_node *node = node_of(l, at);
    if (node->kind != DFL__YAML_TEXT) return wrong(l, at, field, "a text");
    if (dfl__yaml_is_null(node))
        return dfl__io_fail(l->error, DFL_E_FORMAT, place_of(l, at),
                            "`%s` has no value; give one or leave the key out", field->name);
    if (dfl__find(node->text, '\0', 0) < node->text.len)
        return wrong(l, at, field, "a text without NUL");
    if (!dfl__schema_allows(field, node->text))
        return dfl__io_fail(l->error, DFL_E_FORMAT, place_of(l, at),
                            "`%s` cannot be `%s`; it is one of: %s", field->name, node->text.ptr,
                            field->allowed);
    dfl_status status = check_form(l, field, at);
    if (status != DFL_OK) return status;
    *out = dfl__arena_copy(l->arena, node->text.ptr, node->text.len);
    return *out != NULL ? DFL_OK : nomem(l);
}

static dfl_status load_names(loader *l, const dfl__field *field, uint32_t at, dfl__names *out) {
    const dfl__yaml_node *node = node_of(l, at);
    if (node->kind == DFL__YAML_MAP) return wrong(l, at, field, "a text or a list of texts");
    uint32_t count = node->kind == DFL__YAML_LIST ? node->count : 1;
    const char **items = dfl__arena_get(l->arena, count * sizeof *items);
    if (items == NULL) return nomem(l);
    uint32_t item = node->kind == DFL__YAML_LIST ? at + 1 : at;
    for (uint32_t i = 0; i < count; i++, item = node_of(l, item)->next) {
        dfl_status status = load_text(l, field, item, &items[i]);
        if (status != DFL_OK) return status;
    }
    *out = (dfl__names){items, count};
    return DFL_OK;
}

/* Digits from `*at` on; 0 when there are none or the number is over `max`. */
static int read_digits(dfl_str text, size_t *at, uint32_t max, uint32_t *out) {
    uint64_t number = 0;
    size_t start = *at;
    while (*at < text.len && dfl__is_digit((unsigned char)text.ptr[*at])) {
        number = number * 10 + (uint32_t)(text.ptr[(*at)++] - '0');
        if (number > max) return 0;
    }
    *out = (uint32_t)number;
    return *at > start;
}

static int read_number(dfl_str text, uint32_t *out) {
    size_t at = 0;
    return read_digits(text, &at, UINT32_MAX, out) && at == text.len;
}

static int read_flag(dfl_str text, uint32_t *out) {
    *out = dfl__eqz(text, "true") || dfl__eqz(text, "1");
    return *out != 0 || dfl__eqz(text, "false") || dfl__eqz(text, "0");
}

/* "2.36"; a third part, as in musl's "1.2.5", is dropped. */
static int read_version(dfl_str text, uint32_t *out) {
    uint32_t major, minor, patch;
    size_t at = 0;
    if (!read_digits(text, &at, 999, &major) || at == text.len || text.ptr[at++] != '.') return 0;
    if (!read_digits(text, &at, 999, &minor)) return 0;
    *out = major * 1000 + minor;
    if (at == text.len) return 1;
    return text.ptr[at++] == '.' && read_digits(text, &at, 999, &patch) && at == text.len;
}

/* How the types that are one number in the record are read. */
static const struct {
    int (*read)(dfl_str text, uint32_t *out);
    const char *wanted;
} numbers[] = {
    [DFL__FIELD_NUMBER] = {read_number, "a number from 0 to 4294967295"},
    [DFL__FIELD_FLAG] = {read_flag, "true or false"},
    [DFL__FIELD_VERSION] = {read_version, "a version such as \"2.36\""},
};

static dfl_status load_number(loader *l, const dfl__field *field, uint32_t at, char *member) {
    const dfl__yaml_node *node = node_of(l, at);
    uint32_t number;
    if (node->kind != DFL__YAML_TEXT || !numbers[field->type].read(node->text, &number))
        return wrong(l, at, field, numbers[field->type].wanted);
    memcpy(member, &number, sizeof number); /* flags are int32_t: of equal size, 0 or 1 */
    return DFL_OK;
}

typedef struct {
    const dfl__record_type *type;
    const char *record;
    uint32_t node;
} entry;

static int compare_entries(const void *a, const void *b) {
    const entry *left = a, *right = b;
    int order = dfl__record_compare(left->type, left->record, right->record,
                                    DFL__FIELD_KEY | DFL__FIELD_APART);
    return order != 0 ? order : left->node < right->node ? -1 : 1;
}

static int has_key(const dfl__record_type *type) {
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].flags & DFL__FIELD_KEY) return 1;
    }
    return 0;
}

/* Refuse entries that cannot be told apart. `entries` is in the order of the text. */
static dfl_status check_apart(const loader *l, entry *entries, uint32_t count) {
    if (count < 2 || !has_key(entries[0].type)) return DFL_OK;
    qsort(entries, count, sizeof *entries, compare_entries);
    const entry *again = NULL;
    for (uint32_t i = 1; i < count; i++) {
        int same = dfl__record_compare(entries[i].type, entries[i - 1].record, entries[i].record,
                                       DFL__FIELD_KEY | DFL__FIELD_APART) == 0;
        if (same && (again == NULL || entries[i].node < again->node)) again = &entries[i];
    }
    if (again == NULL) return DFL_OK;
    return dfl__io_fail(l->error, DFL_E_FORMAT, place_of(l, again->node),
                        "this %s stands in the file twice; keep one", again->type->name);
}

static dfl_status load_list(loader *l, const dfl__field *field, uint32_t at, dfl__list *out) {
    const dfl__record_type *type = field->record;
    const dfl__yaml_node *node = node_of(l, at);
    if (node->kind != DFL__YAML_LIST) return wrong(l, at, field, "a list of mappings");
    char *records = dfl__arena_get(l->arena, (size_t)node->count * type->size);
    entry *entries = dfl__arena_get(l->arena, node->count * sizeof *entries);
    if (records == NULL || entries == NULL) return nomem(l);
    for (uint32_t i = 0, item = at + 1; i < node->count; i++, item = node_of(l, item)->next) {
        entries[i] = (entry){type, records + (size_t)i * type->size, item};
        if (node_of(l, item)->kind != DFL__YAML_MAP)
            return wrong(l, item, field, "a list of mappings");
        dfl_status status = load_record(l, type, item, records + (size_t)i * type->size);
        if (status != DFL_OK) return status;
    }
    *out = (dfl__list){records, node->count};
    return check_apart(l, entries, node->count);
}

static void set_text(char *member, const char *text) {
    memcpy(member, &text, sizeof text);
}

static dfl_status load_member(loader *l, const dfl__field *field, uint32_t at, char *member) {
    union {
        const char *text;
        dfl__names names;
        dfl__list list;
    } value = {""};
    dfl_status status;
    switch (field->type) {
    case DFL__FIELD_TEXT:
        status = load_text(l, field, at, &value.text);
        if (status == DFL_OK) set_text(member, value.text);
        return status;
    case DFL__FIELD_NAMES:
        status = load_names(l, field, at, &value.names);
        if (status == DFL_OK) memcpy(member, &value.names, sizeof value.names);
        return status;
    case DFL__FIELD_RECORDS:
        status = load_list(l, field, at, &value.list);
        if (status == DFL_OK) memcpy(member, &value.list, sizeof value.list);
        return status;
    case DFL__FIELD_NUMBER:
    case DFL__FIELD_FLAG:
    case DFL__FIELD_VERSION: return load_number(l, field, at, member);
    }
    return DFL_E_ARG;
}

/* A record with every member left out: texts are "", never NULL. */
static void clear_record(const dfl__record_type *type, char *record) {
    memset(record, 0, type->size);
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].type == DFL__FIELD_TEXT) set_text(record + type->fields[i].offset, "");
    }
}

static int is_empty(const dfl__field *field, const char *record) {
    if (field->type == DFL__FIELD_TEXT) return *dfl__record_text(record, field) == '\0';
    return dfl__record_list(record, field).count == 0; /* names or records */
}

static dfl_status check_required(const loader *l, const dfl__record_type *type, uint32_t map,
                                 const char *record) {
    for (uint32_t i = 0; i < type->field_count; i++) {
        const dfl__field *field = &type->fields[i];
        if ((field->flags & DFL__FIELD_REQUIRED) == 0 || !is_empty(field, record)) continue;
        return dfl__io_fail(l->error, DFL_E_FORMAT, place_of(l, map), "this %s has no `%s`; add it",
                            type->name, field->name);
    }
    return DFL_OK;
}

static dfl_status unknown_key(const loader *l, const dfl__record_type *type, uint32_t key) {
    dfl__buf known;
    dfl__buf_init(&known, &l->arena->alloc, 0);
    for (uint32_t i = 0; i < type->field_count; i++)
        dfl__buf_fmt(&known, i == 0 ? "%s" : ", %s", type->fields[i].name);
    dfl_str list = dfl__buf_str(&known);
    dfl_status status =
        dfl__io_fail(l->error, DFL_E_FORMAT, place_of(l, key),
                     "unknown key `%.64s` in this %s; its keys are: %.*s",
                     node_of(l, key)->text.ptr, type->name, (int)list.len, list.ptr);
    dfl__buf_free(&known);
    return status;
}

static dfl_status load_record(loader *l, const dfl__record_type *type, uint32_t map, char *record) {
    clear_record(type, record);
    uint32_t pairs = node_of(l, map)->count / 2;
    for (uint32_t i = 0, key = map + 1; i < pairs; i++) {
        uint32_t value = node_of(l, key)->next;
        const dfl__field *field = dfl__schema_field(type, node_of(l, key)->text);
        if (field == NULL) return unknown_key(l, type, key);
        dfl_status status = load_member(l, field, value, record + field->offset);
        if (status != DFL_OK) return status;
        key = node_of(l, value)->next;
    }
    return check_required(l, type, map, record);
}

/* --- references */

typedef DFL__VEC(const char *) text_list;

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What fields with `flag` may name: sorted. */
static int collect(const dfl_alloc *alloc, const dfl__facts *facts, uint32_t flag, text_list *out) {
    for (uint32_t i = 0; i < facts->releases.count; i++) {
        const dfl__release *release = &facts->releases.items[i];
        int is_name = flag == DFL__FIELD_RELEASE;
        if (!DFL__PUSH(alloc, out, is_name ? release->name : release->family)) return 0;
        for (uint32_t k = 0; is_name && k < release->aliases.count; k++)
            if (!DFL__PUSH(alloc, out, release->aliases.items[k])) return 0;
    }
    return 1;
}

static dfl_status check_references(const loader *l, uint32_t flag, const text_list *known) {
    for (uint32_t i = 0; i < l->references.count; i++) {
        const reference *r = &l->references.items[i];
        const char *text = node_of(l, r->node)->text.ptr;
        if ((r->field->flags & flag) == 0) continue;
        if (bsearch(&text, known->items, known->count, sizeof text, compare_texts) != NULL)
            continue;
        return dfl__io_fail(l->error, DFL_E_FORMAT, place_of(l, r->node),
                            flag == DFL__FIELD_RELEASE
                                ? "there is no release `%.64s`; describe it under `releases`"
                                : "no release is of the family `%.64s`; describe one under "
                                  "`releases`",
                            text);
    }
    return DFL_OK;
}

static dfl_status resolve(const loader *l, const dfl__facts *own, const dfl__facts *known) {
    static const uint32_t flags[] = {DFL__FIELD_RELEASE, DFL__FIELD_FAMILY};
    const dfl_alloc *alloc = &l->arena->alloc;
    dfl_status status = DFL_OK;
    for (size_t i = 0; i < sizeof flags / sizeof *flags && status == DFL_OK; i++) {
        text_list texts = {NULL, 0, 0};
        if (collect(alloc, own, flags[i], &texts) && collect(alloc, known, flags[i], &texts)) {
            if (texts.count > 0)
                qsort(texts.items, texts.count, sizeof *texts.items, compare_texts);
            status = check_references(l, flags[i], &texts);
        } else {
            status = nomem(l);
        }
        DFL__VEC_FREE(alloc, &texts);
    }
    return status;
}

dfl_status dfl__facts_load(dfl_str bytes, const char *path, const dfl__facts *known,
                           dfl__arena *arena, dfl__facts *out, dfl_io_error *error) {
    dfl__yaml_options options = {path, DFL__YAML_MAX_BYTES, 0};
    dfl__yaml yaml;
    dfl_status status = dfl__yaml_read(bytes, &options, &arena->alloc, &yaml, error);
    if (status != DFL_OK) return status;
    loader l = {&yaml, path, arena, error, {NULL, 0, 0}};
    dfl__facts facts;
    clear_record(&dfl__schema, (char *)&facts);
    if (yaml.count > 0 && yaml.nodes[0].kind != DFL__YAML_MAP) {
        status = dfl__io_fail(error, DFL_E_FORMAT, place_of(&l, 0),
                              "a catalog is a mapping of sections: tools, releases, images, "
                              "ecosystems, programs, packages");
    } else if (yaml.count > 0) {
        status = load_record(&l, &dfl__schema, 0, (char *)&facts);
    }
    if (status == DFL_OK && known != NULL) status = resolve(&l, &facts, known);
    if (status == DFL_OK) *out = facts;
    DFL__VEC_FREE(&arena->alloc, &l.references);
    dfl__yaml_free(&yaml);
    return status;
}
