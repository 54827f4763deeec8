/* facts_cargo.c -- Cargo.toml: the package and the binaries that Cargo builds of it.
 * Relies on a scanner of TOML's lexical structure: tables, dotted keys, the four kinds of strings,
 * arrays and inline tables that may run over lines.
 * Never names binaries when it cannot know them all. */
#include <assert.h>
#include <string.h>

#include "io/context.h"

#define MAX_BINS 256u
#define MAX_NESTING 64u

typedef struct {
    dfl_str name;
    dfl_str path;
} binary;

typedef struct {
    dfl__context *context;
    dfl_str text;
    const char *path; /* of the manifest */
    size_t at;
    dfl__buf table; /* "package", "bin", ... of the header in force */
    dfl__buf key;   /* that header and the key, joined by dots */
    int in_bin;     /* inside [[bin]] */
    int unsure;     /* what decides on the binaries is written in a way that is not followed */
    int unsure_edition;
    dfl_str name, default_run, edition, autobins;
    binary bins[MAX_BINS];
    uint32_t bin_count;
} toml;

static dfl_status malformed(const toml *t, size_t at, const char *why) {
    return dfl__context_malformed(t->context, t->path, t->text, at, why);
}

static dfl_status nomem(const toml *t) {
    return dfl__io_nomem(t->context->error, t->path);
}

static char peek(const toml *t, size_t ahead) {
    return (char)(t->at + ahead < t->text.len ? t->text.ptr[t->at + ahead] : '\0');
}

static void skip_blanks(toml *t) {
    while (peek(t, 0) == ' ' || peek(t, 0) == '\t' || peek(t, 0) == '\r')
        t->at++;
}

static void skip_comment(toml *t) {
    if (peek(t, 0) == '#') t->at = dfl__find(t->text, '\n', t->at);
}

/* Blanks, comments and line ends. */
static void skip_lines(toml *t) {
    for (;;) {
        skip_blanks(t);
        skip_comment(t);
        if (peek(t, 0) != '\n') return;
        t->at++;
    }
}

/* Move past a string. `*out` is its text; `*escaped` tells that it holds escapes. */
static dfl_status read_string(toml *t, dfl_str *out, int *escaped) {
    size_t start = t->at;
    char quote = peek(t, 0);
    int triple = peek(t, 1) == quote && peek(t, 2) == quote;
    t->at += triple ? 3 : 1;
    size_t first = t->at;
    *escaped = 0;
    for (; t->at < t->text.len; t->at++) {
        char c = peek(t, 0);
        if (c == '\\' && quote == '"') {
            *escaped = 1;
            t->at++;
        } else if (c == '\n' && !triple) {
            break;
        } else if (c == quote && (!triple || (peek(t, 1) == quote && peek(t, 2) == quote))) {
            /* up to two more quotes may belong to the text before the closing three */
            while (triple && peek(t, 3) == quote)
                t->at++;
            *out = dfl__sub(t->text, first, t->at);
            t->at += triple ? 3 : 1;
            return DFL_OK;
        }
    }
    return malformed(t, start, "string without its closing quote; close it");
}

static int is_bare(char c) {
    return dfl__is_alpha((unsigned char)c) || dfl__is_digit((unsigned char)c) || c == '_' ||
           c == '-';
}

/* Append a dotted key to `out`, up to `=` or `]`. */
static dfl_status read_key(toml *t, dfl__buf *out) {
    for (;;) {
        skip_blanks(t);
        size_t start = t->at;
        dfl_str part = {"", 0};
        int escaped = 0;
        if (peek(t, 0) == '"' || peek(t, 0) == '\'') {
            dfl_status status = read_string(t, &part, &escaped);
            if (status != DFL_OK) return status;
        } else {
            while (is_bare(peek(t, 0)))
                t->at++;
            part = dfl__sub(t->text, start, t->at);
            if (part.len == 0) return malformed(t, start, "a key is expected here");
        }
        if (escaped) t->unsure = 1;
        if (out->len > 0) dfl__buf_addc(out, '.');
        dfl__buf_add(out, part);
        skip_blanks(t);
        if (peek(t, 0) != '.') return DFL_OK;
        t->at++;
    }
}

/* Move past a bracketed value, which may run over lines. It starts with a bracket. */
static dfl_status skip_brackets(toml *t) {
    size_t start = t->at;
    char open[MAX_NESTING] = {0};
    uint32_t depth = 0;
    do {
        skip_lines(t);
        char c = peek(t, 0);
        if (c == '"' || c == '\'') {
            dfl_str text;
            int escaped = 0;
            dfl_status status = read_string(t, &text, &escaped);
            if (status != DFL_OK) return status;
            continue;
        }
        if (t->at == t->text.len) return malformed(t, start, "bracket that is never closed");
        if (c == '[' || c == '{') {
            if (depth == MAX_NESTING) return malformed(t, t->at, "nested deeper than 64 levels");
            open[depth++] = c;
        }
        if (c == ']' || c == '}') {
            assert(depth > 0);
            if (open[--depth] != (c == ']' ? '[' : '{'))
                return malformed(t, t->at, "bracket that closes another kind");
        }
        t->at++;
    } while (depth > 0);
    return DFL_OK;
}

/* Where a text value is wanted: by the full name of its key. */
static dfl_str *wanted(toml *t) {
    dfl_str key = dfl__buf_str(&t->key);
    if (dfl__eqz(key, "package.name")) return &t->name;
    if (dfl__eqz(key, "package.default-run")) return &t->default_run;
    if (dfl__eqz(key, "package.edition")) return &t->edition;
    if (dfl__eqz(key, "package.autobins")) return &t->autobins;
    if (!t->in_bin || t->bin_count == 0) return NULL;
    if (dfl__eqz(key, "bin.name")) return &t->bins[t->bin_count - 1].name;
    if (dfl__eqz(key, "bin.path")) return &t->bins[t->bin_count - 1].path;
    return NULL;
}

/* Keys that decide on the binaries, whose value is not a plain text: `edition.workspace = true`. */
static void note_unsure(toml *t) {
    static const char *const decisive[] = {
        "package",  "bin",      "package.autobins",     "package.default-run",
        "bin.name", "bin.path", "bin.required-features"};
    dfl_str key = dfl__buf_str(&t->key);
    if (dfl__starts(key, "package.edition")) t->unsure_edition = 1;
    if (DFL__IS_ONE_OF(key, decisive)) t->unsure = 1;
}

static dfl_status read_value(toml *t) {
    skip_blanks(t);
    size_t start = t->at;
    dfl_str value = {"", 0}, *place = wanted(t);
    int escaped = 0;
    char c = peek(t, 0);
    dfl_status status = DFL_OK;
    if (c == '"' || c == '\'') {
        status = read_string(t, &value, &escaped);
    } else if (c == '[' || c == '{') {
        status = skip_brackets(t);
    } else {
        while (t->at < t->text.len && peek(t, 0) != '\n' && peek(t, 0) != '#')
            t->at++;
        value = dfl__trim(dfl__sub(t->text, start, t->at));
        if (value.len == 0) return malformed(t, start, "a value is expected here");
    }
    if (status != DFL_OK) return status;
    if (place != NULL && value.len > 0 && !escaped) {
        *place = value;
    } else {
        note_unsure(t);
    }
    return DFL_OK;
}

static dfl_status end_of_line(toml *t) {
    skip_blanks(t);
    skip_comment(t);
    if (t->at == t->text.len || peek(t, 0) == '\n') return DFL_OK;
    return malformed(t, t->at, "the line should end here");
}

static dfl_status read_header(toml *t) {
    size_t start = t->at;
    int array = peek(t, 1) == '[';
    t->at += array ? 2 : 1;
    t->table.len = 0;
    dfl_status status = read_key(t, &t->table);
    if (status != DFL_OK) return status;
    if (peek(t, 0) != ']' || (array && peek(t, 1) != ']'))
        return malformed(t, start, "table header without its closing bracket");
    t->at += array ? 2 : 1;
    t->in_bin = array && dfl__eqz(dfl__buf_str(&t->table), "bin");
    if (!t->in_bin) return end_of_line(t);
    if (t->bin_count == MAX_BINS) {
        t->unsure = 1;
        t->in_bin = 0;
    } else {
        t->bins[t->bin_count++] = (binary){{"", 0}, {"", 0}};
    }
    return end_of_line(t);
}

static dfl_status read_pair(toml *t) {
    t->key.len = 0;
    dfl__buf_add(&t->key, dfl__buf_str(&t->table));
    dfl_status status = read_key(t, &t->key);
    if (status != DFL_OK) return status;
    if (peek(t, 0) != '=') return malformed(t, t->at, "`=` is expected here");
    t->at++;
    status = read_value(t);
    return status == DFL_OK ? end_of_line(t) : status;
}

static dfl_status read_toml(toml *t) {
    for (;;) {
        skip_lines(t);
        if (t->at == t->text.len) return DFL_OK;
        dfl_status status = peek(t, 0) == '[' ? read_header(t) : read_pair(t);
        if (status == DFL_OK && (t->table.failed != DFL_OK || t->key.failed != DFL_OK))
            status = nomem(t);
        if (status != DFL_OK) return status;
    }
}

static int is_declared(const toml *t, dfl_str name, dfl_str path) {
    for (uint32_t i = 0; i < t->bin_count; i++) {
        if (dfl__eq(t->bins[i].name, name) || dfl__eq(t->bins[i].path, path)) return 1;
    }
    return 0;
}

/* A binary that Cargo would find by itself, unless the manifest speaks of it. */
static dfl_status discover(toml *t, dfl_str name, const char *path) {
    if (is_declared(t, name, dfl__str(path))) return DFL_OK;
    if (t->bin_count == MAX_BINS) {
        t->unsure = 1;
        return DFL_OK;
    }
    char *kept = dfl__arena_copy(&t->context->scratch, name.ptr, name.len);
    if (kept == NULL) return nomem(t);
    t->bins[t->bin_count++] = (binary){{kept, name.len}, dfl__str(path)};
    return DFL_OK;
}

static int holds_main(dfl__arena *arena, const char *path) {
    dfl__directory list;
    if (path == NULL || dfl__directory_list(path, arena, &list, NULL) != DFL_OK) return 0;
    for (uint32_t i = 0; i < list.count; i++) {
        if (list.items[i].is_file && strcmp(list.items[i].name, "main.rs") == 0) return 1;
    }
    return 0;
}

/* src/bin/NAME.rs and src/bin/NAME/main.rs. */
static dfl_status discover_in_bin(toml *t, const char *bin) {
    dfl__arena *arena = &t->context->scratch;
    dfl__directory list;
    if (dfl__directory_list(bin, arena, &list, NULL) != DFL_OK) return DFL_OK;
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; status == DFL_OK && i < list.count; i++) {
        const dfl__entry *entry = &list.items[i];
        dfl_str name = dfl__str(entry->name);
        const char *file = dfl__context_join(arena, "src/bin", entry->name);
        if (file != NULL && entry->is_directory) {
            if (!holds_main(arena, dfl__context_join(arena, bin, entry->name))) continue;
            file = dfl__context_join(arena, file, "main.rs");
        } else if (!entry->is_file || !dfl__ends(name, ".rs")) {
            continue;
        } else {
            name = dfl__sub(name, 0, name.len - 3);
        }
        status = file != NULL ? discover(t, name, file) : nomem(t);
    }
    return status;
}

/* Cargo looks for binaries unless told not to, or the edition is 2015 and some are declared. */
static dfl_status discover_all(toml *t) {
    if (dfl__eqz(t->autobins, "false")) return DFL_OK;
    uint32_t declared = t->bin_count;
    if (declared > 0 && !t->unsure_edition && !dfl__eqz(t->autobins, "true") &&
        (t->edition.len == 0 || dfl__eqz(t->edition, "2015")))
        return DFL_OK;
    dfl__arena *arena = &t->context->scratch;
    const char *src = dfl__context_join(arena, t->context->root, "src");
    const char *bin = src != NULL ? dfl__context_join(arena, src, "bin") : NULL;
    if (bin == NULL) return nomem(t);
    dfl_status status = DFL_OK;
    if (holds_main(arena, src)) status = discover(t, t->name, "src/main.rs");
    if (status == DFL_OK) status = discover_in_bin(t, bin);
    if (declared > 0 && t->unsure_edition && t->bin_count > declared) t->unsure = 1;
    return status;
}

static dfl_status add_bins(toml *t) {
    dfl_str none = {"", 0};
    for (uint32_t i = 0; i < t->bin_count; i++) {
        if (t->bins[i].name.len == 0)
            return DFL_OK; /* a nameless [[bin]] is Cargo's error to tell */
    }
    for (int pass = 0; pass < 2; pass++) { /* the one that `cargo run` takes comes first */
        for (uint32_t i = 0; i < t->bin_count; i++) {
            if (dfl__eq(t->bins[i].name, t->default_run) != (pass == 0)) continue;
            dfl_status status = dfl__context_add(t->context, "cargo.bin", none, t->bins[i].name);
            if (status != DFL_OK) return status;
        }
    }
    return DFL_OK;
}

static dfl_status add_facts(toml *t) {
    if (t->name.len == 0) return DFL_OK;
    dfl_status status = dfl__context_add(t->context, "cargo.package", (dfl_str){"", 0}, t->name);
    if (status == DFL_OK) status = discover_all(t);
    return status == DFL_OK && !t->unsure ? add_bins(t) : status;
}

dfl_status dfl__manifest_cargo(dfl__context *context, dfl_str bytes, const char *path) {
    toml *t = dfl__arena_get(&context->scratch, sizeof *t);
    if (t == NULL) return dfl__io_nomem(context->error, path);
    *t = (toml){.context = context, .text = bytes, .path = path};
    dfl__buf_init(&t->table, &context->scratch.alloc, 0);
    dfl__buf_init(&t->key, &context->scratch.alloc, 0);
    dfl_status status = read_toml(t);
    if (status == DFL_OK) status = add_facts(t);
    dfl__buf_free(&t->table);
    dfl__buf_free(&t->key);
    return status;
}
