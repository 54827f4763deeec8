/* generator.c -- host tool: the YAML facts as one C file of constants.
 * Usage: dfl-catalog-generate OUT.c IN.yaml...
 * Relies on the loader and the schema that run-time overlays use.
 * Never writes anything but OUT.c, and nothing into it that depends on the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/loader.h"

static void put_text(FILE *out, const char *text) {
    putc('"', out);
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        /* `?` too: no trigraphs. Octal escapes have three digits, so nothing runs into them. */
        if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\' || *p == '?') {
            fprintf(out, "\\%03o", *p);
        } else {
            putc(*p, out);
        }
    }
    putc('"', out);
}

static void put_names(FILE *out, dfl__names names) {
    if (names.count == 0) {
        fputs("{0, 0}", out);
        return;
    }
    fputs("{(const char *const[]){", out);
    for (uint32_t i = 0; i < names.count; i++) {
        if (i > 0) fputs(", ", out);
        put_text(out, names.items[i]);
    }
    fprintf(out, "}, %u}", names.count);
}

static void put_list(FILE *out, const dfl__record_type *type, dfl__list list, int depth);

static void put_member(FILE *out, const dfl__field *field, const char *record, int depth) {
    uint32_t number;
    switch (field->type) {
    case DFL__FIELD_TEXT: put_text(out, dfl__record_text(record, field)); return;
    case DFL__FIELD_NAMES: put_names(out, dfl__record_names(record, field)); return;
    case DFL__FIELD_RECORDS:
        put_list(out, field->record, dfl__record_list(record, field), depth + 1);
        return;
    case DFL__FIELD_NUMBER:
    case DFL__FIELD_FLAG:
    case DFL__FIELD_VERSION:
        memcpy(&number, record + field->offset, sizeof number);
        fprintf(out, "%u", number);
        return;
    }
}

static void put_record(FILE *out, const dfl__record_type *type, const char *record, int depth) {
    fputc('{', out);
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (i > 0) fprintf(out, ",\n%*s", 4 * depth + 1, "");
        fprintf(out, ".%s = ", type->fields[i].name);
        put_member(out, &type->fields[i], record, depth);
    }
    fputc('}', out);
}

/* Lists nest as deep as the schema does. Compound literals outside functions are static, and
 * constant because their type is. */
static void put_list(FILE *out, const dfl__record_type *type, dfl__list list, int depth) {
    if (list.count == 0) {
        fputs("{0, 0}", out);
        return;
    }
    fprintf(out, "{(const %s[]){\n", type->c_name);
    for (uint32_t i = 0; i < list.count; i++) {
        fprintf(out, "%*s", 4 * depth, "");
        put_record(out, type, (const char *)list.items + (size_t)i * type->size, depth);
        fputs(",\n", out);
    }
    fprintf(out, "%*s}, %u}", 4 * depth, "", list.count);
}

/* The bytes of a file, NULL with a message on failure. Freed by the caller. */
static char *slurp(const char *path, size_t *len) {
    char *bytes = malloc(DFL__YAML_MAX_BYTES + 1);
    FILE *in = fopen(path, "rb");
    if (bytes != NULL && in != NULL) *len = fread(bytes, 1, DFL__YAML_MAX_BYTES + 1, in);
    int bad = bytes == NULL || in == NULL || ferror(in);
    if (bad) perror(path);
    if (in != NULL) fclose(in);
    if (!bad) return bytes;
    free(bytes);
    return NULL;
}

static uint32_t entries(const dfl__facts *facts) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < dfl__schema.field_count; i++)
        sum += dfl__record_list(facts, &dfl__schema.fields[i]).count;
    return sum;
}

/* Load one file and put its entries after those of the earlier ones. */
static int add_file(const char *path, dfl__arena *arena, dfl__facts *all) {
    size_t len = 0;
    char *bytes = slurp(path, &len);
    if (bytes == NULL) return 0;
    dfl_io_error error;
    dfl__facts facts, merged;
    dfl_status status = dfl__facts_load((dfl_str){bytes, len}, path, arena, &facts, &error);
    free(bytes);
    if (status != DFL_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 0;
    }
    if (!dfl__facts_merge(arena, all, &facts, &merged)) {
        fprintf(stderr, "%s: out of memory\n", path);
        return 0;
    }
    if (entries(&merged) != entries(all) + entries(&facts)) {
        fprintf(stderr, "%s: an entry has the name of one in an earlier file\n", path);
        return 0;
    }
    *all = merged;
    return 1;
}

static int write_file(const char *path, const dfl__facts *facts) {
    FILE *out = fopen(path, "wb");
    if (out == NULL) {
        perror(path);
        return 0;
    }
    fputs("/* Made by dfl-catalog-generate from the YAML files in src/catalog; do not edit. */\n"
          "#include \"catalog/catalog.h\"\n\nconst dfl__facts dfl__builtin_facts = ",
          out);
    put_record(out, &dfl__schema, (const char *)facts, 0);
    fputs(";\n", out);
    int bad = ferror(out);
    if (fclose(out) != 0 || bad) {
        fprintf(stderr, "%s: cannot write\n", path);
        return 0;
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fputs("usage: dfl-catalog-generate OUT.c IN.yaml...\n", stderr);
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
