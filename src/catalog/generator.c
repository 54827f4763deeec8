/* generator.c -- host tool: the YAML facts as one C file of constants.
 * Usage: dfl-catalog-generate OUT.c IN.yaml...
 * Relies on the loader and the schema that run-time overlays use.
 * Never writes anything but OUT.c, and nothing into it that depends on the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/loader.h"

static void put_indent(dfl__buf *out, uint32_t depth) {
    dfl__buf_addc(out, '\n');
    for (uint32_t i = 0; i < depth; i++)
        dfl__buf_addz(out, "    ");
}

static void put_text(dfl__buf *out, const char *text) {
    dfl__buf_addc(out, '"');
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        /* `?` too: no trigraphs. Octal escapes have three digits, so nothing runs into them. */
        if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\' || *p == '?') {
            dfl__buf_fmt(out, "\\%c%c%c", '0' + (*p >> 6), '0' + (*p >> 3 & 7), '0' + (*p & 7));
        } else {
            dfl__buf_addc(out, (char)*p);
        }
    }
    dfl__buf_addc(out, '"');
}

static void put_names(dfl__buf *out, dfl__names names) {
    dfl__buf_addz(out, "{(const char *const[]){");
    for (uint32_t i = 0; i < names.count; i++) {
        if (i > 0) dfl__buf_addz(out, ", ");
        put_text(out, names.items[i]);
    }
    dfl__buf_fmt(out, "}, %u}", names.count);
}

static uint32_t number_of(const dfl__field *field, const char *record) {
    uint32_t number;
    memcpy(&number, record + field->offset, sizeof number);
    return number;
}

/* Whether a member is what C gives one that is left out. */
static int is_zero(const dfl__field *field, const char *record) {
    switch (field->type) {
    case DFL__FIELD_TEXT: return 0; /* "" is not NULL */
    case DFL__FIELD_NAMES:
    case DFL__FIELD_RECORDS: return dfl__record_list(record, field).count == 0;
    case DFL__FIELD_NUMBER:
    case DFL__FIELD_FLAG:
    case DFL__FIELD_VERSION: return number_of(field, record) == 0;
    }
    return 0;
}

static void put_list(dfl__buf *out, const dfl__record_type *type, dfl__list list, uint32_t depth);

static void put_member(dfl__buf *out, const dfl__field *field, const char *record, uint32_t depth) {
    dfl__buf_fmt(out, ".%s = ", field->name);
    switch (field->type) {
    case DFL__FIELD_TEXT: put_text(out, dfl__record_text(record, field)); return;
    case DFL__FIELD_NAMES: put_names(out, dfl__record_names(record, field)); return;
    case DFL__FIELD_RECORDS:
        put_list(out, field->record, dfl__record_list(record, field), depth);
        return;
    case DFL__FIELD_NUMBER:
    case DFL__FIELD_FLAG:
    case DFL__FIELD_VERSION: dfl__buf_addu(out, number_of(field, record)); return;
    }
}

static void put_record(dfl__buf *out, const dfl__record_type *type, const char *record,
                       uint32_t depth) {
    int any = 0;
    dfl__buf_addc(out, '{');
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (is_zero(&type->fields[i], record)) continue;
        if (any) dfl__buf_addc(out, ',');
        put_indent(out, depth + 1);
        put_member(out, &type->fields[i], record, depth + 1);
        any = 1;
    }
    dfl__buf_addz(out, any ? "}" : "0}");
}

/* Lists nest as deep as the schema does. Compound literals outside functions are static, and
 * constant because their type is. */
static void put_list(dfl__buf *out, const dfl__record_type *type, dfl__list list, uint32_t depth) {
    dfl__buf_fmt(out, "{(const %s[]){", type->c_name);
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0) dfl__buf_addc(out, ',');
        put_indent(out, depth + 1);
        put_record(out, type, (const char *)list.items + (size_t)i * type->size, depth + 1);
    }
    dfl__buf_fmt(out, "}, %u}", list.count);
}

static int complain(const char *path, const char *why) {
    (void)fprintf(stderr, "%s: %s\n", path, why);
    return 0;
}

/* The bytes of a file, as many as the loader takes and one more. 0 with a message on failure. */
static int slurp(const char *path, dfl__buf *out) {
    FILE *in = fopen(path, "rb");
    if (in == NULL) return complain(path, "cannot open");
    char chunk[4096];
    size_t got = 1;
    while (got > 0 && out->len <= DFL__YAML_MAX_BYTES) {
        got = fread(chunk, 1, sizeof chunk, in);
        dfl__buf_add(out, (dfl_str){chunk, got});
    }
    int bad = ferror(in) != 0 || out->failed != DFL_OK;
    bad |= fclose(in) != 0;
    return bad ? complain(path, "cannot read") : 1;
}

static uint32_t entries(const dfl__facts *facts) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < dfl__schema.field_count; i++)
        sum += dfl__record_list(facts, &dfl__schema.fields[i]).count;
    return sum;
}

/* Put the entries of a text after those of the earlier ones. */
static int add_facts(const char *path, dfl_str text, dfl__arena *arena, dfl__facts *all) {
    dfl_io_error error;
    dfl__facts facts, merged;
    if (dfl__facts_load(text, path, NULL, arena, &facts, &error) != DFL_OK) {
        (void)fprintf(stderr, "%s\n", error.message);
        return 0;
    }
    if (!dfl__facts_merge(arena, all, &facts, &merged)) return complain(path, "out of memory");
    if (entries(&merged) != entries(all) + entries(&facts))
        return complain(path, "an entry has the name of one in an earlier file");
    *all = merged;
    return 1;
}

static int add_file(const char *path, dfl__arena *arena, dfl__facts *all) {
    dfl__buf text;
    dfl__buf_init(&text, NULL, 0);
    int ok = slurp(path, &text) && add_facts(path, dfl__buf_str(&text), arena, all);
    dfl__buf_free(&text);
    return ok;
}

static int write_file(const char *path, const dfl__facts *facts) {
    dfl__buf text;
    dfl__buf_init(&text, NULL, 0);
    dfl__buf_addz(&text,
                  "/* Made by dfl-catalog-generate from the YAML files in src/catalog; do not "
                  "edit. */\n#include \"catalog/catalog.h\"\n\n"
                  "const dfl__facts dfl__builtin_facts = ");
    put_record(&text, &dfl__schema, (const char *)facts, 0);
    dfl__buf_addz(&text, ";\n");
    FILE *out = text.failed == DFL_OK ? fopen(path, "wb") : NULL;
    int ok = out != NULL && fwrite(text.ptr, 1, text.len, out) == text.len;
    if (out != NULL && fclose(out) != 0) ok = 0;
    dfl__buf_free(&text);
    return ok ? 1 : complain(path, "cannot write");
}

int main(int argc, char **argv) {
    if (argc < 2) {
        (void)fputs("usage: dfl-catalog-generate OUT.c IN.yaml...\n", stderr);
        return 2;
    }
    dfl__arena arena;
    dfl__arena_init(&arena, NULL);
    dfl__facts all;
    memset(&all, 0, sizeof all);
    int ok = 1;
    for (int i = 2; ok && i < argc; i++)
        ok = add_file(argv[i], &arena, &all);
    ok = ok && write_file(argv[1], &all);
    dfl__arena_free(&arena);
    return ok ? 0 : 1;
}
