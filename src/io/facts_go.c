/* facts_go.c -- go.mod: module and requirements; *.go files: `import "C"` and `//go:embed`.
 * Relies on the lexical grammar of Go alone: comments, strings, raw strings, runes.
 * Never walks for ever: files, bytes, entries and depth are bounded, and beyond a bound "no cgo" is
 * not said. */
#include <string.h>

#include "io/context.h"

#define MAX_FILES 20000u
#define MAX_ENTRIES 200000u
#define MAX_BYTES ((size_t)64 << 20)
#define MAX_DEPTH 64u

/* One word of a go.mod line or of a go:embed directive; quotes are taken off. */
typedef struct {
    dfl_str text;
    size_t at;
    size_t end;
} word;

static int is_gap(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/* The word at or after `at` in `line`. 0 when there is none, -1 for a quote without its match. */
static int next_word(dfl_str line, size_t at, word *out) {
    while (at < line.len && is_gap(line.ptr[at]))
        at++;
    if (at == line.len) return 0;
    char quote = line.ptr[at];
    size_t end = at + 1;
    if (quote == '"' || quote == '`') {
        end = dfl__find(line, quote, at + 1);
        if (end == line.len) return -1;
        *out = (word){dfl__sub(line, at + 1, end), at, end + 1};
        return 1;
    }
    while (end < line.len && !is_gap(line.ptr[end]))
        end++;
    *out = (word){dfl__sub(line, at, end), at, end};
    return 1;
}

typedef struct {
    dfl__context *context;
    dfl_str text;
    const char *path;
    dfl_str block; /* the verb whose `( ... )` is open; empty = none */
    size_t block_at;
} mod_file;

static dfl_status malformed(const mod_file *mod, const char *at, const char *why) {
    return dfl__context_malformed(mod->context, mod->path, mod->text, (size_t)(at - mod->text.ptr),
                                  why);
}

static dfl_status read_entry(mod_file *mod, dfl_str verb, dfl_str line, size_t at) {
    int is_module = dfl__eqz(verb, "module"), is_require = dfl__eqz(verb, "require");
    if (!is_module && !is_require) return DFL_OK;
    word path = {{"", 0}, at, at}, version;
    int found = next_word(line, at, &path);
    if (found > 0 && is_require) found = next_word(line, path.end, &version);
    if (found < 0) return malformed(mod, line.ptr + at, "quote without its match; close it");
    if (found == 0)
        return malformed(mod, line.ptr + at,
                         is_module ? "`module` without a path; write `module example.com/name`"
                                   : "`require` needs a module path and a version");
    return dfl__context_add(mod->context, is_module ? "go.module" : "go.require", (dfl_str){"", 0},
                            path.text);
}

static dfl_status read_mod_line(mod_file *mod, dfl_str line) {
    size_t comment = dfl__find_str(line, "//");
    line = dfl__sub(line, 0, comment);
    word first = {{"", 0}, 0, 0}, second;
    int found = next_word(line, 0, &first);
    if (found == 0) return DFL_OK;
    if (found < 0) return malformed(mod, line.ptr, "quote without its match; close it");
    if (dfl__eqz(first.text, ")")) {
        if (mod->block.len == 0) return malformed(mod, line.ptr + first.at, "`)` closes nothing");
        mod->block.len = 0;
        return DFL_OK;
    }
    if (mod->block.len > 0) return read_entry(mod, mod->block, line, first.at);
    if (first.text.len > 1 && first.text.ptr[first.text.len - 1] == '(') {
        mod->block = dfl__sub(first.text, 0, first.text.len - 1);
    } else if (next_word(line, first.end, &second) > 0 && dfl__eqz(second.text, "(")) {
        mod->block = first.text;
    } else {
        return read_entry(mod, first.text, line, first.end);
    }
    mod->block_at = (size_t)(line.ptr - mod->text.ptr) + first.at;
    return DFL_OK;
}

static dfl_status read_mod(mod_file *mod) {
    for (size_t at = 0; at < mod->text.len;) {
        size_t end = dfl__find(mod->text, '\n', at);
        dfl_status status = read_mod_line(mod, dfl__sub(mod->text, at, end));
        if (status != DFL_OK) return status;
        at = end + 1;
    }
    if (mod->block.len == 0) return DFL_OK;
    return malformed(mod, mod->text.ptr + mod->block_at, "`(` is never closed; add `)`");
}

/* A directory still to be read. `below` is its path from the context's root, "" or with a slash at
 * the end. */
typedef struct {
    const char *path;
    const char *below;
    uint32_t depth;
} pending;

typedef struct {
    dfl__context *context;
    DFL__VEC(pending) stack;
    uint32_t files;
    uint32_t entries;
    size_t bytes;
    int complete; /* everything was read */
    int cgo;
} walk;

/* Patterns of a directive, relative to the root. */
static dfl_status add_patterns(walk *w, const char *below, dfl_str list) {
    word pattern;
    for (size_t at = 0; next_word(list, at, &pattern) > 0; at = pattern.end) {
        dfl_str text = pattern.text;
        if (dfl__starts(text, "all:")) text = dfl__sub(text, 4, text.len);
        dfl__buf value;
        dfl__buf_init(&value, &w->context->scratch.alloc, 0);
        dfl__buf_addz(&value, below);
        dfl__buf_add(&value, text);
        dfl_status status =
            value.failed != DFL_OK
                ? dfl__io_nomem(w->context->error, w->context->root)
                : dfl__context_add(w->context, "go.embed", (dfl_str){"", 0}, dfl__buf_str(&value));
        dfl__buf_free(&value);
        if (status != DFL_OK) return status;
    }
    return DFL_OK;
}

/* End of the quoted text that starts at `at`: one past its closing quote. */
static size_t skip_quoted(dfl_str text, size_t at) {
    char quote = text.ptr[at++];
    for (; at < text.len && text.ptr[at] != quote; at++) {
        if (quote != '`' && text.ptr[at] == '\n') return at;
        if (quote != '`' && text.ptr[at] == '\\') at++;
    }
    return at < text.len ? at + 1 : text.len;
}

static size_t skip_block_comment(dfl_str text, size_t at) {
    dfl_str rest = dfl__sub(text, at + 2, text.len);
    size_t end = dfl__find_str(rest, "*/");
    return end == rest.len ? text.len : at + 2 + end + 2;
}

static size_t skip_name(dfl_str text, size_t at) {
    while (at < text.len) {
        unsigned char c = (unsigned char)text.ptr[at];
        if (!dfl__is_alpha(c) && !dfl__is_digit(c) && c != '_' && c < 0x80) break;
        at++;
    }
    return at;
}

typedef enum { OUTSIDE, AFTER_IMPORT, IN_IMPORTS } import_state;

/* A token that is no comment; `token` tells whether C is imported. */
static import_state step_import(walk *w, import_state state, dfl_str token) {
    char c = token.ptr[0];
    if (dfl__eqz(token, "import")) return AFTER_IMPORT;
    if (state == OUTSIDE) return OUTSIDE;
    if (c == '"' || c == '`') {
        w->cgo |= dfl__eqz(token, "\"C\"") || dfl__eqz(token, "`C`");
        return state == IN_IMPORTS ? IN_IMPORTS : OUTSIDE;
    }
    if (c == '(') return IN_IMPORTS;
    if (c == ')') return OUTSIDE;
    return state;
}

static dfl_status scan_source(walk *w, const char *below, dfl_str text) {
    import_state state = OUTSIDE;
    for (size_t at = 0, end; at < text.len; at = end) {
        char c = text.ptr[at], next = (char)(at + 1 < text.len ? text.ptr[at + 1] : '\0');
        end = at + 1;
        if (is_gap(c) || c == '\n') continue;
        if (c == '/' && next == '/') {
            end = dfl__find(text, '\n', at);
            dfl_str line = dfl__sub(text, at, end);
            int first = at == 0 || text.ptr[at - 1] == '\n';
            if (!first || !dfl__starts(line, "//go:embed") || line.len < 11 ||
                !is_gap(line.ptr[10]))
                continue;
            dfl_status status = add_patterns(w, below, dfl__sub(line, 10, line.len));
            if (status != DFL_OK) return status;
            continue;
        }
        if (c == '/' && next == '*') {
            end = skip_block_comment(text, at);
            continue;
        }
        if (c == '"' || c == '`' || c == '\'') {
            end = skip_quoted(text, at);
        } else if (skip_name(text, at) > at) {
            end = skip_name(text, at);
        }
        state = step_import(w, state, dfl__sub(text, at, end));
    }
    return DFL_OK;
}

static dfl_status read_source(walk *w, const pending *dir, const char *name) {
    char *path = dfl__context_join(&w->context->scratch, dir->path, name);
    if (path == NULL) return dfl__io_nomem(w->context->error, w->context->root);
    dfl_io_file *file = NULL;
    if (w->files++ >= MAX_FILES || w->bytes >= MAX_BYTES ||
        dfl_io_read(path, DFL__MANIFEST_MAX_BYTES, &file, NULL) != DFL_OK) {
        w->complete = 0;
        return DFL_OK;
    }
    dfl_str text = dfl_io_file_bytes(file);
    w->bytes += text.len;
    dfl_status status = scan_source(w, dir->below, text);
    dfl_io_file_free(file);
    return status;
}

/* What the go command leaves out of a module. */
static int is_left_out(const char *name) {
    return *name == '.' || *name == '_' || strcmp(name, "testdata") == 0 ||
           strcmp(name, "node_modules") == 0;
}

static dfl_status push_directory(walk *w, const pending *dir, const char *name) {
    dfl__arena *arena = &w->context->scratch;
    if (dir->depth == MAX_DEPTH) {
        w->complete = 0;
        return DFL_OK;
    }
    const char *path = dfl__context_join(arena, dir->path, name);
    const char *below = dfl__context_join(arena, dir->below, name);
    if (below != NULL) below = dfl__context_join(arena, below, "");
    pending next = {path, below, dir->depth + 1};
    if (path == NULL || below == NULL || !DFL__PUSH(&arena->alloc, &w->stack, next))
        return dfl__io_nomem(w->context->error, w->context->root);
    return DFL_OK;
}

static dfl_status visit(walk *w, const pending *dir, const dfl__entry *entry) {
    dfl_str name = dfl__str(entry->name);
    if (is_left_out(entry->name)) return DFL_OK;
    if (entry->is_directory) return entry->is_link ? DFL_OK : push_directory(w, dir, entry->name);
    if (!entry->is_file || !dfl__ends(name, ".go") || dfl__ends(name, "_test.go")) return DFL_OK;
    return read_source(w, dir, entry->name);
}

static dfl_status walk_all(walk *w) {
    while (w->stack.count > 0) {
        pending dir = w->stack.items[--w->stack.count];
        dfl__directory list;
        dfl_status status = dfl__directory_list(dir.path, &w->context->scratch, &list, NULL);
        if (status == DFL_E_NOMEM) return dfl__io_nomem(w->context->error, dir.path);
        if (status != DFL_OK || list.count > MAX_ENTRIES - w->entries) {
            w->complete = 0;
            continue;
        }
        w->entries += list.count;
        for (uint32_t i = 0; i < list.count; i++) {
            status = visit(w, &dir, &list.items[i]);
            if (status != DFL_OK) return status;
        }
    }
    return DFL_OK;
}

static dfl_status read_sources(dfl__context *context) {
    walk w = {.context = context, .complete = 1};
    pending root = {context->root, "", 0};
    dfl_status status = DFL__PUSH(&context->scratch.alloc, &w.stack, root)
                            ? walk_all(&w)
                            : dfl__io_nomem(context->error, context->root);
    DFL__VEC_FREE(&context->scratch.alloc, &w.stack);
    if (status != DFL_OK || (!w.cgo && !w.complete)) return status;
    return dfl__context_add(context, "go.cgo", (dfl_str){"", 0},
                            w.cgo ? DFL__LIT("yes") : DFL__LIT("no"));
}

dfl_status dfl__manifest_go(dfl__context *context, dfl_str bytes, const char *path) {
    mod_file mod = {context, bytes, path, {"", 0}, 0};
    dfl_status status = read_mod(&mod);
    return status == DFL_OK ? read_sources(context) : status;
}
