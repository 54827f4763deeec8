/* mount.c -- see mount.h. */
#include "model/mount.h"

#include <string.h>

#include "diag/codes.h"
#include "model/values.h"
#include "syntax/csv.h"
#include "syntax/number.h"
#include "syntax/origin.h"

static const char *const types[] = {"bind", "cache", "tmpfs", "secret", "ssh"};
static const char *const sharings[] = {"shared", "private", "locked"};
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* What a field is about; several names stand for one. */
typedef enum {
    F_TYPE,
    F_FROM,
    F_SOURCE,
    F_TARGET,
    F_READONLY,
    F_READWRITE,
    F_REQUIRED,
    F_SIZE,
    F_ID,
    F_SHARING,
    F_MODE,
    F_UID,
    F_GID,
    F_ENV
} field_kind;

static const struct {
    const char *name;
    field_kind kind;
} fields[] = {
    {"type", F_TYPE},       {"from", F_FROM},         {"source", F_SOURCE},
    {"target", F_TARGET},   {"readonly", F_READONLY}, {"id", F_ID},
    {"sharing", F_SHARING}, {"required", F_REQUIRED}, {"size", F_SIZE},
    {"mode", F_MODE},       {"uid", F_UID},           {"gid", F_GID},
    {"src", F_SOURCE},      {"dst", F_TARGET},        {"destination", F_TARGET},
    {"ro", F_READONLY},     {"rw", F_READWRITE},      {"readwrite", F_READWRITE},
    {"env", F_ENV},
};

/* A mount that is being read. */
typedef struct {
    dfl__scope *scope;
    const dfl_doc *doc;
    uint32_t node; /* the flag's value */
    dfl__mount mount;
    int type_known;
    unsigned given;  /* bits of field_kind: MODE, UID, GID, SHARING */
    size_t from, to; /* the field at hand in the value; both 0 for all of it */
    int failed;      /* an error was recorded: BuildKit reads no further */
} reader;

/* Where the field at hand stands. */
static dfl_status field_range(const reader *r, dfl_range *range) {
    dfl_range field = {(uint32_t)r->from, (uint32_t)r->to};
    *range = dfl__node_range(r->doc, r->node);
    if (field.start == field.end) return DFL_OK;
    return dfl__part_range(r->doc, r->node, field, &r->scope->arena->alloc, range);
}

/* Record an error about the field at hand, with the nearest of the words that would have been
 * right, which may be NULL. */
static dfl_status fail_near(reader *r, uint32_t code, dfl_str detail, const char *near) {
    const dfl__record *record = r->scope->record;
    r->failed = 1;
    if (record == NULL) return DFL_OK;
    dfl__report_args args = {.code = code,
                             .stage = r->scope->env.stage,
                             .pass = record->pass,
                             .range = record->place,
                             .detail = detail,
                             .suggestion = dfl__str(near)};
    dfl_status status = record->is_trigger ? DFL_OK : field_range(r, &args.range);
    return status == DFL_OK ? dfl__model_report(record->model, &args) : status;
}

static dfl_status fail(reader *r, uint32_t code, dfl_str detail) {
    return fail_near(r, code, detail, NULL);
}

/* Go's lower case: the dotted I is the one letter beyond ASCII that becomes one of a name. */
static dfl_str lower_key(char *key, size_t len) {
    dfl_str text = {key, len};
    size_t out = 0;
    unsigned width;
    for (size_t at = 0; at < len; at += width) {
        char bytes[4];
        uint32_t rune = dfl__rune(text, at, &width);
        unsigned n = dfl__rune_encode(dfl__rune_lower(rune), bytes);
        if (rune == DFL__RUNE_ERROR || n > width) n = width, memcpy(bytes, key + at, width);
        memmove(key + out, bytes, n);
        out += n;
    }
    text.len = out;
    return text;
}

/* Whether `s` is `word`, which is lower-case, whatever its case. */
static int is_word(dfl_str s, const char *word) {
    unsigned width;
    for (size_t at = 0; at < s.len; at += width) {
        uint32_t rune = dfl__rune_lower(dfl__rune(s, at, &width));
        if (rune == 0 || rune != (unsigned char)*word++) return 0;
    }
    return *word == '\0';
}

static int find_field(dfl_str key, field_kind *kind) {
    *kind = F_TYPE;
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (!dfl__eqz(key, fields[i].name)) continue;
        *kind = fields[i].kind;
        return 1;
    }
    return 0;
}

static dfl_status unexpected(reader *r, dfl_str key) {
    const char *names[COUNT(fields)];
    for (size_t i = 0; i < COUNT(fields); i++)
        names[i] = fields[i].name;
    return fail_near(r, DFL_D_KEY_UNEXPECTED, key, dfl__suggest(key, names, COUNT(names), 0));
}

/* `required` and `size` go with the type as far as it is known at that point of the text. */
static dfl_status check_type(reader *r, dfl_str key, int fits) {
    if (fits || !r->type_known) return DFL_OK;
    return fail(r, DFL_D_KEY_UNEXPECTED, key);
}

static int may_be_required(const reader *r) {
    return r->mount.type == DFL__MOUNT_SECRET || r->mount.type == DFL__MOUNT_SSH;
}

static dfl_status bare_field(reader *r, dfl_str key, dfl_str field) {
    field_kind kind;
    if (find_field(key, &kind)) {
        if (kind == F_READONLY || kind == F_READWRITE) return DFL_OK;
        if (kind == F_REQUIRED) return check_type(r, key, may_be_required(r));
    }
    return fail(r, DFL_D_DEVICE_FIELD, field);
}

static dfl_status set_type(reader *r, dfl_str value) {
    for (size_t i = 0; i < COUNT(types); i++) {
        if (!is_word(value, types[i])) continue;
        r->mount.type = (dfl__mount_type)i;
        r->type_known = 1;
        return DFL_OK;
    }
    return fail_near(r, DFL_D_MOUNT_TYPE, value, dfl__suggest(value, types, COUNT(types), 0));
}

static dfl_status set_sharing(reader *r, dfl_str value) {
    for (size_t i = 0; i < COUNT(sharings); i++)
        if (is_word(value, sharings[i])) return DFL_OK;
    return fail_near(r, DFL_D_MOUNT_SHARING, value,
                     dfl__suggest(value, sharings, COUNT(sharings), 0));
}

/* A value that is known; texts were taken by the caller. */
static dfl_status check_value(reader *r, field_kind kind, dfl_str value) {
    int truth;
    switch (kind) {
    case F_TYPE: return set_type(r, value);
    case F_SHARING: return set_sharing(r, value);
    case F_READONLY:
    case F_READWRITE:
    case F_REQUIRED: return dfl__go_bool(value, &truth) ? DFL_OK : fail(r, DFL_D_BOOL_VALUE, value);
    case F_SIZE: return dfl__is_size(value) ? DFL_OK : fail(r, DFL_D_MOUNT_NUMBER, value);
    case F_MODE: return dfl__is_u32(value, 8) ? DFL_OK : fail(r, DFL_D_MOUNT_NUMBER, value);
    case F_UID:
    case F_GID: return dfl__is_u32(value, 10) ? DFL_OK : fail(r, DFL_D_MOUNT_NUMBER, value);
    case F_FROM:
    case F_SOURCE:
    case F_TARGET:
    case F_ID:
    case F_ENV: break;
    }
    return DFL_OK;
}

static dfl__mount_text *text_of(dfl__mount *mount, field_kind kind) {
    dfl__mount_text *const texts[] = {
        [F_FROM] = &mount->from, [F_SOURCE] = &mount->source, [F_TARGET] = &mount->target,
        [F_ID] = &mount->id,     [F_ENV] = &mount->env,
    };
    return texts[kind];
}

static dfl_status pair_field(reader *r, dfl_str key, dfl_str value) {
    field_kind kind;
    dfl_str expanded;
    int known, found = find_field(key, &kind);
    uint32_t before = r->scope->record != NULL ? r->scope->record->model->issues.count : 0;
    dfl_str copy = {dfl__arena_copy(r->scope->arena, value.ptr, value.len), value.len};
    if (copy.ptr == NULL) return DFL_E_NOMEM;
    dfl_status status = dfl__scope_word(r->scope, r->node, copy, &expanded, &known);
    if (status != DFL_OK) return status;
    if (!known && r->scope->record != NULL && r->scope->record->model->issues.count > before) {
        r->failed = 1;
        return DFL_OK;
    }
    if (!found) return unexpected(r, key);
    if (kind == F_REQUIRED) status = check_type(r, key, may_be_required(r));
    if (kind == F_SIZE) status = check_type(r, key, r->mount.type == DFL__MOUNT_TMPFS);
    if (status != DFL_OK || r->failed) return status;
    r->given |= 1u << kind;
    dfl__mount_text *text = text_of(&r->mount, kind);
    if (text != NULL) *text = (dfl__mount_text){known ? expanded : DFL__LIT(""), known};
    if (known) return check_value(r, kind, expanded);
    if (kind == F_TYPE) r->type_known = 0;
    return DFL_OK;
}

/* --- what goes together */

static int is_empty(const dfl__mount_text *text) {
    return text->known && text->text.len == 0;
}

static int is_set(const dfl__mount_text *text) {
    return text->known && text->text.len > 0;
}

static dfl_status check_secret(reader *r) {
    const dfl__mount *m = &r->mount;
    if (is_set(&m->from)) return fail(r, DFL_D_MOUNT_SECRET, DFL__LIT("it has no from"));
    if ((r->given & 1u << F_SHARING) != 0)
        return fail(r, DFL_D_MOUNT_SECRET, DFL__LIT("it has no sharing"));
    if (is_empty(&m->source) && is_empty(&m->target) && is_empty(&m->id))
        return fail(r, DFL_D_MOUNT_SECRET, DFL__LIT("it needs an id, a source or a target"));
    if (is_set(&m->source) && is_set(&m->id))
        return fail(r, DFL_D_MOUNT_SECRET, DFL__LIT("it has a source or an id, not both"));
    return DFL_OK;
}

static dfl_status check_together(reader *r) {
    static const struct {
        field_kind kind;
        const char *name;
    } owners[] = {{F_MODE, "mode"}, {F_UID, "uid"}, {F_GID, "gid"}};
    dfl__mount_type type = r->mount.type;
    int has_owner = type == DFL__MOUNT_SECRET || type == DFL__MOUNT_SSH || type == DFL__MOUNT_CACHE;
    for (size_t i = 0; i < COUNT(owners) && !has_owner; i++)
        if ((r->given & 1u << owners[i].kind) != 0)
            return fail(r, DFL_D_MOUNT_PERM, dfl__str(owners[i].name));
    if (type == DFL__MOUNT_SECRET) return check_secret(r);
    if ((r->given & 1u << F_SHARING) != 0 && type != DFL__MOUNT_CACHE)
        return fail(r, DFL_D_MOUNT_SHARING, dfl__str(types[type]));
    return DFL_OK;
}

static dfl_status read_fields(reader *r, dfl__buf *field) {
    dfl_str text = dfl__node_value(r->doc, r->node);
    size_t at = 0, before = 0;
    dfl_status status = DFL_OK;
    for (; status == DFL_OK && !r->failed && dfl__csv_next(text, &at, field) > 0; before = at) {
        if (field->failed != DFL_OK) return DFL_E_NOMEM;
        r->from = before;
        r->to = at - 1;
        dfl_str all = dfl__buf_str(field);
        size_t equals = dfl__find(all, '=', 0);
        dfl_str value = dfl__sub(all, equals < all.len ? equals + 1 : equals, all.len);
        dfl_str key = equals > 0 ? lower_key(field->ptr, equals) : dfl__sub(all, 0, 0);
        status = equals < all.len ? pair_field(r, key, value) : bare_field(r, key, all);
    }
    r->from = r->to = 0;
    return status;
}

dfl_status dfl__mount_read(dfl__scope *scope, const dfl_doc *doc, uint32_t value, dfl__mount *out) {
    const dfl__mount_text none = {{"", 0}, 1};
    reader r = {scope, doc, value, {DFL__MOUNT_BIND, 0, none, none, none, none, none}, 1, 0,
                0,     0,   0};
    dfl__buf field;
    dfl__buf_init(&field, &scope->arena->alloc, 0);
    dfl_status status = read_fields(&r, &field);
    dfl__buf_free(&field);
    if (status == DFL_OK && !r.failed && r.type_known) status = check_together(&r);
    r.mount.valid = !r.failed && r.type_known;
    *out = r.mount;
    return status;
}
