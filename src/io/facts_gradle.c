/* facts_gradle.c -- settings.gradle, build.gradle, gradle.properties: the jar that Gradle writes.
 * Relies on what Groovy and Kotlin share: comments, quotes, names, braces.
 * Never evaluates a script: a name or version that is computed gives no fact. */
#include <string.h>

#include "io/context.h"

typedef enum { END, NAME, STRING, MARK, LINE_END } token_kind;

typedef struct {
    token_kind kind;
    dfl_str text;   /* of a string: without its quotes */
    int is_known;   /* string: nothing in it is computed or escaped */
    uint32_t depth; /* of braces */
} token;

typedef struct {
    dfl_str text;
    size_t at;
    uint32_t depth;
} lexer;

static int is_name_char(char c) {
    unsigned char u = (unsigned char)c;
    return dfl__is_alpha(u) || dfl__is_digit(u) || u == '_' || u >= 0x80;
}

/* A string of any kind; an unclosed one ends with the text. */
static token read_string(lexer *l) {
    char quote = l->text.ptr[l->at];
    const char *triple = quote == '"' ? "\"\"\"" : "'''";
    int is_triple = dfl__starts(dfl__sub(l->text, l->at, l->text.len), triple);
    size_t start = l->at + (is_triple ? 3 : 1);
    token t = {STRING, {"", 0}, 1, l->depth};
    for (l->at = start; l->at < l->text.len; l->at++) {
        char c = l->text.ptr[l->at];
        if (c == '\\' || (c == '$' && quote == '"') || (c == '\n' && !is_triple)) t.is_known = 0;
        if (c == '\\') {
            l->at++;
        } else if (is_triple ? dfl__starts(dfl__sub(l->text, l->at, l->text.len), triple)
                             : c == quote || c == '\n') {
            t.text = dfl__sub(l->text, start, l->at);
            l->at += is_triple ? 3 : 1;
            return t;
        }
    }
    l->at = l->text.len;
    t.is_known = 0;
    return t;
}

/* Move past blanks and comments; 1 when a line ended on the way. */
static int skip_blanks(lexer *l) {
    int ended = 0;
    while (l->at < l->text.len) {
        char c = l->text.ptr[l->at];
        dfl_str rest = dfl__sub(l->text, l->at, l->text.len);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            ended |= c == '\n';
            l->at++;
        } else if (dfl__starts(rest, "//")) {
            l->at = dfl__find(l->text, '\n', l->at);
        } else if (dfl__starts(rest, "/*")) {
            dfl_str body = dfl__sub(rest, 2, rest.len);
            size_t end = dfl__find_str(body, "*/");
            l->at = end == body.len ? l->text.len : l->at + 2 + end + 2;
        } else {
            break;
        }
    }
    return ended;
}

static token next_token(lexer *l) {
    token t = {LINE_END, {"", 0}, 0, l->depth};
    if (skip_blanks(l)) return t;
    t.kind = END;
    if (l->at == l->text.len) return t;
    size_t start = l->at;
    char c = l->text.ptr[start];
    if (c == '"' || c == '\'') return read_string(l);
    t.kind = is_name_char(c) ? NAME : MARK;
    l->at++;
    while (t.kind == NAME && l->at < l->text.len && is_name_char(l->text.ptr[l->at]))
        l->at++;
    t.text = dfl__sub(l->text, start, l->at);
    if (c == '{') l->depth++;
    if (c == '}' && l->depth > 0) l->depth--;
    return t;
}

typedef struct {
    dfl_str name, version;
    int names, versions; /* how often they are set */
    int unsure;
    int makes_jar;
} gradle;

/* Names whose appearance anywhere means that the jar is not the ordinary one, or not the only. */
static const char *const unsettling[] = {
    "archiveFileName",
    "archiveBaseName",
    "archivesBaseName",
    "archivesName",
    "archiveName",
    "archiveVersion",
    "archiveAppendix",
    "archiveClassifier",
    "buildDir",
    "buildDirectory",
    "libsDirName",
    "libsDirectory",
    "destinationDirectory",
    "shadowJar",
    "allprojects",
    "subprojects",

    "baseName",
    "classifier",
    "war",
    "destinationDir",
};

/* Plugins that give a project a jar. */
static const char *const jar_plugins[] = {
    "java", "java-library", "application", "groovy", "scala", "org.jetbrains.kotlin.jvm", "jvm",
};

static const char *const unsettling_plugins[] = {
    "war",        "com.github.johnrengelman.shadow",    "com.gradleup.shadow",
    "io.quarkus", "org.jetbrains.kotlin.multiplatform", "multiplatform",
};

/* `NAME = "text"` or `NAME "text"` of which NAME has been read, up to the line's end. 1 when it
 * sets something; `*out` is empty when what it sets is not known. */
static int read_setting(lexer *l, dfl_str *out) {
    token t = next_token(l);
    int assigned = t.kind == MARK && dfl__eqz(t.text, "=");
    if (assigned) t = next_token(l);
    if (t.kind != STRING) {
        *out = (dfl_str){"", 0};
        return assigned;
    }
    token after = next_token(l);
    int ends = after.kind == LINE_END || after.kind == END ||
               (after.kind == MARK && dfl__eqz(after.text, ";"));
    *out = ends && t.is_known ? t.text : (dfl_str){"", 0};
    return 1;
}

static void read_settings(dfl_str text, gradle *g) {
    lexer l = {text, 0, 0};
    int after_root = 0;
    for (token t = next_token(&l); t.kind != END; t = next_token(&l)) {
        if (t.kind == NAME && (dfl__eqz(t.text, "include") || dfl__eqz(t.text, "includeFlat")))
            g->unsure = 1;
        if (after_root && dfl__eqz(t.text, "name") && t.kind == NAME) {
            dfl_str name;
            g->names += read_setting(&l, &name);
            g->name = name;
        }
        after_root = (t.kind == NAME && dfl__eqz(t.text, "rootProject")) ||
                     (after_root && t.kind == MARK && dfl__eqz(t.text, "."));
    }
}

/* Where in a build script a token stands. */
typedef struct {
    int line_starts;
    int in_plugins; /* plugins { ... } */
    int in_apply;   /* apply ... up to the line's end */
} position;

static void move_on(position *at, const token *t) {
    char mark = (char)(t->kind == MARK ? t->text.ptr[0] : '\0');
    at->line_starts = t->kind == LINE_END || mark == '{' || mark == '}' || mark == ';';
    if (t->kind == LINE_END) at->in_apply = 0;
    if (t->kind == NAME && dfl__eqz(t->text, "apply")) at->in_apply = 1;
    if (t->kind == NAME && t->depth == 0 && dfl__eqz(t->text, "plugins")) at->in_plugins = 1;
    if (mark == '}' && t->depth <= 1) at->in_plugins = 0;
}

static void note_plugin(const position *at, const token *t, gradle *g) {
    if (t->kind == NAME && DFL__IS_ONE_OF(t->text, unsettling)) g->unsure = 1;
    if (t->kind == NAME && at->in_apply && dfl__eqz(t->text, "from")) g->unsure = 1;
    if (t->kind == STRING && DFL__IS_ONE_OF(t->text, unsettling_plugins)) g->unsure = 1;
    if ((at->in_plugins || at->in_apply) && (t->kind == STRING || t->kind == NAME) &&
        DFL__IS_ONE_OF(t->text, jar_plugins))
        g->makes_jar = 1;
}

static void read_build(dfl_str text, gradle *g) {
    lexer l = {text, 0, 0};
    position at = {1, 0, 0};
    for (token t = next_token(&l); t.kind != END; t = next_token(&l)) {
        note_plugin(&at, &t, g);
        int sets =
            t.kind == NAME && dfl__eqz(t.text, "version") && (t.depth == 0 || at.line_starts);
        dfl_str version;
        if (sets && read_setting(&l, &version)) {
            if (t.depth > 0) g->unsure = 1;
            g->versions++;
            g->version = version;
            t = (token){LINE_END, {"", 0}, 0, l.depth};
        }
        move_on(&at, &t);
    }
}

/* `version=1.0` of gradle.properties. */
static void read_properties(dfl_str text, gradle *g) {
    for (size_t at = 0; at < text.len;) {
        size_t end = dfl__find(text, '\n', at);
        dfl_str line = dfl__trim(dfl__sub(text, at, end));
        at = end + 1;
        size_t equals = dfl__find(line, '=', 0);
        if (equals == line.len || !dfl__eqz(dfl__trim(dfl__sub(line, 0, equals)), "version"))
            continue;
        g->version = dfl__trim(dfl__sub(line, equals + 1, line.len));
        g->versions++;
    }
}

static dfl_status add_jar(dfl__context *context, const gradle *g, const char *path) {
    if (g->unsure || !g->makes_jar || g->names != 1 || g->versions > 1) return DFL_OK;
    if (!dfl__is_plain_name(g->name) || (g->versions == 1 && !dfl__is_plain_name(g->version)))
        return DFL_OK;
    dfl__buf jar;
    dfl__buf_init(&jar, &context->scratch.alloc, 0);
    dfl__buf_fmt(&jar, "build/libs/%S", &g->name);
    if (g->versions == 1) dfl__buf_fmt(&jar, "-%S", &g->version);
    dfl__buf_addz(&jar, ".jar");
    dfl_status status =
        jar.failed != DFL_OK
            ? dfl__io_nomem(context->error, path)
            : dfl__context_add(context, "gradle.jar", (dfl_str){"", 0}, dfl__buf_str(&jar));
    dfl__buf_free(&jar);
    return status;
}

/* Read a file beside the settings, if there is one. The bytes live as long as `*file`. */
static dfl_status read_beside(dfl__context *context, const char *name, gradle *g,
                              void (*read)(dfl_str text, gradle *g), dfl_io_file **file) {
    const char *path;
    dfl_status status = dfl__context_read(context, name, file, &path);
    if (status == DFL_OK && *file != NULL) read(dfl_io_file_bytes(*file), g);
    return status;
}

dfl_status dfl__manifest_gradle(dfl__context *context, dfl_str bytes, const char *path) {
    gradle g = {.names = 0};
    dfl_io_file *build = NULL, *kotlin = NULL, *properties = NULL;
    read_settings(bytes, &g);
    dfl_status status = read_beside(context, "build.gradle", &g, read_build, &build);
    if (status == DFL_OK)
        status = read_beside(context, "build.gradle.kts", &g, read_build, &kotlin);
    if (status == DFL_OK && g.versions == 0)
        status = read_beside(context, "gradle.properties", &g, read_properties, &properties);
    if (status == DFL_OK) status = add_jar(context, &g, path);
    dfl_io_file_free(build);
    dfl_io_file_free(kotlin);
    dfl_io_file_free(properties);
    return status;
}
