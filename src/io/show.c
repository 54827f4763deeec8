/* show.c -- one entry of a catalog, whole, as YAML or JSON.
 * Relies on the schema for every member: there is no code for a single kind.
 * Never recurses deeper than the schema nests (an entry, its rules). */
#include <string.h>

#include "catalog/schema.h"
#include "dockerfile/io.h"

static uint32_t number_of(const dfl__field *field, const char *record) {
    uint32_t number;
    memcpy(&number, record + field->offset, sizeof number);
    return number;
}

/* Whether a member has no value, or the one that it has when it is left out. */
static int is_absent(const dfl__field *field, const char *record) {
    switch (field->type) {
    case DFL__FIELD_TEXT: return *dfl__record_text(record, field) == '\0';
    case DFL__FIELD_NAMES:
    case DFL__FIELD_RECORDS: return dfl__record_list(record, field).count == 0;
    case DFL__FIELD_NUMBER:
    case DFL__FIELD_FLAG:
    case DFL__FIELD_VERSION: return number_of(field, record) == 0;
    }
    return 1;
}

/* In double quotes, with the escapes that YAML and JSON share. */
static void put_quoted(dfl__buf *out, const char *text) {
    static const char hex[] = "0123456789abcdef";
    dfl__buf_addc(out, '"');
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') dfl__buf_addc(out, '\\');
        if (*p == '\n') {
            dfl__buf_addz(out, "\\n");
        } else if (*p < ' ' || *p == 0x7F) {
            dfl__buf_fmt(out, "\\u00%c%c", hex[*p >> 4], hex[*p & 15]);
        } else {
            dfl__buf_addc(out, (char)*p);
        }
    }
    dfl__buf_addc(out, '"');
}

static void put_version(dfl__buf *out, uint32_t version) {
    dfl__buf_fmt(out, "\"%u.%u\"", version / 1000, version % 1000);
}

/* The value of a member that is a number of some kind. */
static void put_number(dfl__buf *out, const dfl__field *field, const char *record) {
    uint32_t number = number_of(field, record);
    switch (field->type) {
    case DFL__FIELD_NUMBER: dfl__buf_addu(out, number); return;
    case DFL__FIELD_FLAG: dfl__buf_addz(out, number != 0 ? "true" : "false"); return;
    case DFL__FIELD_VERSION: put_version(out, number); return;
    case DFL__FIELD_TEXT:
    case DFL__FIELD_NAMES:
    case DFL__FIELD_RECORDS: return;
    }
}

/* --- YAML */

static void put_line(dfl__buf *out, uint32_t depth) {
    dfl__buf_addc(out, '\n');
    for (uint32_t i = 0; i < depth; i++)
        dfl__buf_addz(out, "  ");
}

static int is_plain_byte(char b) {
    return dfl__is_alpha((unsigned char)b) || dfl__is_digit((unsigned char)b) || b == '_' ||
           b == '/' || b == '.' || b == '-';
}

/* Whether a YAML reader of any version takes the text without quotes for itself. */
static int is_plain(dfl_str text) {
    static const char *const words[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (dfl__ieqz(text, words[i])) return 0;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_plain_byte(text.ptr[i])) return 0;
    }
    return text.len > 0 && (dfl__is_alpha((unsigned char)text.ptr[0]) || text.ptr[0] == '/');
}

static void yaml_text(dfl__buf *out, const char *text) {
    if (is_plain(dfl__str(text))) {
        dfl__buf_addz(out, text);
    } else {
        put_quoted(out, text);
    }
}

static void yaml_record(dfl__buf *out, const dfl__record_type *type, const char *record,
                        uint32_t depth);

static void yaml_member(dfl__buf *out, const dfl__field *field, const char *record,
                        uint32_t depth) {
    dfl__list list;
    dfl__buf_fmt(out, "%s:", field->name);
    switch (field->type) {
    case DFL__FIELD_TEXT:
        dfl__buf_addc(out, ' ');
        yaml_text(out, dfl__record_text(record, field));
        return;
    case DFL__FIELD_NAMES:
        list = dfl__record_list(record, field);
        for (uint32_t i = 0; i < list.count; i++) {
            put_line(out, depth + 1);
            dfl__buf_addz(out, "- ");
            yaml_text(out, ((const char *const *)list.items)[i]);
        }
        return;
    case DFL__FIELD_RECORDS:
        list = dfl__record_list(record, field);
        for (uint32_t i = 0; i < list.count; i++) {
            put_line(out, depth + 1);
            dfl__buf_addz(out, "- ");
            yaml_record(out, field->record,
                        (const char *)list.items + (size_t)i * field->record->size, depth + 2);
        }
        return;
    case DFL__FIELD_NUMBER:
    case DFL__FIELD_FLAG:
    case DFL__FIELD_VERSION:
        dfl__buf_addc(out, ' ');
        put_number(out, field, record);
        return;
    }
}

/* The members of a record, the first where the output stands, the others `depth` deep. */
static void yaml_record(dfl__buf *out, const dfl__record_type *type, const char *record,
                        uint32_t depth) {
    int any = 0;
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (is_absent(&type->fields[i], record)) continue;
        if (any) put_line(out, depth);
        yaml_member(out, &type->fields[i], record, depth);
        any = 1;
    }
}

static void yaml_entry(dfl__buf *out, const dfl__field *section, const char *record) {
    dfl__buf_fmt(out, "%s:\n  - ", section->name);
    yaml_record(out, section->record, record, 2);
    dfl__buf_addc(out, '\n');
}

/* --- JSON */

static void json_record(dfl__buf *out, const dfl__record_type *type, const char *record);

static void json_list(dfl__buf *out, const dfl__field *field, dfl__list list) {
    dfl__buf_addc(out, '[');
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0) dfl__buf_addc(out, ',');
        if (field->type == DFL__FIELD_NAMES) {
            put_quoted(out, ((const char *const *)list.items)[i]);
        } else {
            dfl__buf_addc(out, '{');
            json_record(out, field->record,
                        (const char *)list.items + (size_t)i * field->record->size);
            dfl__buf_addc(out, '}');
        }
    }
    dfl__buf_addc(out, ']');
}

static void json_record(dfl__buf *out, const dfl__record_type *type, const char *record) {
    int any = 0;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const dfl__field *field = &type->fields[i];
        if (is_absent(field, record)) continue;
        dfl__buf_fmt(out, any ? ",\"%s\":" : "\"%s\":", field->name);
        any = 1;
        if (field->type == DFL__FIELD_TEXT) {
            put_quoted(out, dfl__record_text(record, field));
        } else if (field->type == DFL__FIELD_NAMES || field->type == DFL__FIELD_RECORDS) {
            json_list(out, field, dfl__record_list(record, field));
        } else {
            put_number(out, field, record);
        }
    }
}

static void json_entry(dfl__buf *out, const dfl__field *section, const char *record) {
    dfl__buf_fmt(out, "{\"schema_version\":1,\"kind\":\"%s\",", section->record->name);
    json_record(out, section->record, record);
    dfl__buf_addz(out, "}\n");
}

dfl_status dfl_io_catalog_show(const dfl_catalog *catalog, uint32_t kind, size_t index,
                               uint32_t format, const dfl_sink *sink) {
    if (catalog == NULL) catalog = dfl_catalog_builtin();
    if (sink == NULL || sink->write == NULL || kind == 0 || kind > dfl__schema.field_count)
        return DFL_E_ARG;
    const dfl__field *section = &dfl__schema.fields[kind - 1];
    dfl__list list = dfl__record_list(catalog->facts, section);
    if (index >= list.count || (format != DFL_LISTING_TEXT && format != DFL_LISTING_JSON))
        return DFL_E_ARG;
    const char *record = (const char *)list.items + index * section->record->size;
    dfl__buf text;
    dfl__buf_init(&text, NULL, 0);
    if (format == DFL_LISTING_TEXT) {
        yaml_entry(&text, section, record);
    } else {
        json_entry(&text, section, record);
    }
    dfl_status status = text.failed;
    if (status == DFL_OK && sink->write(sink->ctx, text.ptr, text.len) != 0) status = DFL_E_IO;
    dfl__buf_free(&text);
    return status;
}
