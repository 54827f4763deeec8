/* facts_maven.c -- pom.xml: the jar that `mvn package` writes.
 * Relies on a scanner of XML's structure; of the project model it knows names, versions, properties
 * and what changes the jar's name or place.
 * Never names a jar that a parent, a profile or a plugin might name otherwise. */
#include <string.h>

#include "io/context.h"

#define MAX_DEPTH 64u
#define MAX_TAG_BYTES 128u
#define MAX_PROPERTIES 1000u
#define MAX_NAME_BYTES 1024u
#define MAX_PASSES 8

typedef struct {
    dfl_str name;
    dfl_str value;
} property;

typedef struct {
    dfl__context *context;
    dfl_str text;
    const char *file;
    size_t at;
    dfl__buf path;            /* of the open elements: project/build/finalName */
    size_t ends[MAX_DEPTH];   /* length of `path` before each of them */
    size_t opened[MAX_DEPTH]; /* where each starts, for messages */
    uint32_t depth;
    size_t text_start; /* of the element that is open; valid while it has no child */
    int is_leaf;
    dfl_str artifact, version, packaging, final_name;
    dfl_str parent_group, parent_artifact, parent_version;
    DFL__VEC(property) properties;
    int unsure;
    int plugin_names_jar;  /* the plugin that is open makes the jar ... */
    int plugin_is_changed; /* ... and sets a name or place of its own */
} pom;

static dfl_status malformed(const pom *p, size_t at, const char *why) {
    return dfl__context_malformed(p->context, p->file, p->text, at, why);
}

static dfl_status nomem(const pom *p) {
    return dfl__io_nomem(p->context->error, p->file);
}

static int starts_at(const pom *p, const char *text) {
    return dfl__starts(dfl__sub(p->text, p->at, p->text.len), text);
}

/* Move past `end`, which must follow. */
static dfl_status skip_past(pom *p, const char *end, const char *why) {
    size_t found = dfl__find_str(dfl__sub(p->text, p->at, p->text.len), end);
    if (p->at + found >= p->text.len) return malformed(p, p->at, why);
    p->at += found + strlen(end);
    return DFL_OK;
}

/* <!DOCTYPE ...> with or without an internal part in brackets. */
static dfl_status skip_declaration(pom *p) {
    size_t start = p->at;
    int inside = 0;
    for (; p->at < p->text.len; p->at++) {
        char c = p->text.ptr[p->at];
        if (c == '[') inside = 1;
        if (c == ']') inside = 0;
        if (c == '>' && !inside) {
            p->at++;
            return DFL_OK;
        }
    }
    return malformed(p, start, "declaration that is never closed");
}

static dfl_str current_path(const pom *p) {
    return dfl__buf_str(&p->path);
}

/* Elements whose text is kept. */
static dfl_str *place_of(pom *p) {
    const struct {
        const char *path;
        dfl_str *place;
    } kept[] = {
        {"project/artifactId", &p->artifact},
        {"project/version", &p->version},
        {"project/packaging", &p->packaging},
        {"project/build/finalName", &p->final_name},
        {"project/parent/groupId", &p->parent_group},
        {"project/parent/artifactId", &p->parent_artifact},
        {"project/parent/version", &p->parent_version},
    };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (dfl__eqz(current_path(p), kept[i].path)) return kept[i].place;
    }
    return NULL;
}

/* Plugins that write or rewrite the project's jar. */
static int makes_jar(dfl_str artifact) {
    return dfl__eqz(artifact, "maven-jar-plugin") || dfl__eqz(artifact, "maven-shade-plugin") ||
           dfl__eqz(artifact, "spring-boot-maven-plugin");
}

/* What the end of an element tells of plugins and profiles. `path` is still the element's own. */
static void note_changes(pom *p, dfl_str value) {
    dfl_str path = current_path(p);
    int names = dfl__ends(path, "/finalName") || dfl__ends(path, "/classifier") ||
                dfl__ends(path, "/outputDirectory") || dfl__ends(path, "/outputFile");
    if (dfl__eqz(path, "project/build/directory")) p->unsure = 1;
    if (dfl__ends(path, "/profile/build/finalName") || dfl__ends(path, "/profile/build/directory"))
        p->unsure = 1;
    if (dfl__find_str(path, "/plugins/plugin") == path.len) return;
    if (dfl__ends(path, "/plugins/plugin/artifactId")) p->plugin_names_jar = makes_jar(value);
    if (names && dfl__find_str(path, "/configuration/") < path.len) p->plugin_is_changed = 1;
    if (!dfl__ends(path, "/plugins/plugin")) return;
    if (p->plugin_names_jar && p->plugin_is_changed) p->unsure = 1;
    p->plugin_names_jar = p->plugin_is_changed = 0;
}

/* A property; one that a profile sets as well has no certain value. */
static dfl_status keep_property(pom *p, dfl_str value) {
    dfl_str path = current_path(p);
    dfl_str name = dfl__sub(path, p->ends[p->depth - 1] + 1, path.len);
    dfl_str above = dfl__sub(path, 0, p->ends[p->depth - 1]);
    int in_profile = dfl__eqz(above, "project/profiles/profile/properties");
    if (!in_profile && !dfl__eqz(above, "project/properties")) return DFL_OK;
    if (p->properties.count == MAX_PROPERTIES) {
        p->unsure = 1;
        return DFL_OK;
    }
    property kept = {{NULL, 0}, in_profile ? DFL__LIT("${") : value};
    char *copy = dfl__arena_copy(&p->context->scratch, name.ptr, name.len);
    if (copy == NULL) return nomem(p);
    kept.name = (dfl_str){copy, name.len};
    return DFL__PUSH(&p->context->scratch.alloc, &p->properties, kept) ? DFL_OK : nomem(p);
}

static dfl_status open_element(pom *p, dfl_str name, size_t start) {
    if (p->depth == MAX_DEPTH) return malformed(p, start, "nested deeper than 64 levels");
    p->ends[p->depth] = p->path.len;
    p->opened[p->depth++] = start;
    if (p->path.len > 0) dfl__buf_addc(&p->path, '/');
    dfl__buf_add(&p->path, name);
    p->text_start = p->at;
    p->is_leaf = 1;
    return p->path.failed == DFL_OK ? DFL_OK : nomem(p);
}

/* The element that is open ends at `end`, the start of its end tag. */
static dfl_status close_element(pom *p, size_t end) {
    dfl_str value = {"", 0};
    if (p->is_leaf) value = dfl__trim(dfl__sub(p->text, p->text_start, end));
    dfl_str *place = place_of(p);
    if (place != NULL) *place = value;
    note_changes(p, value);
    dfl_status status = p->is_leaf ? keep_property(p, value) : DFL_OK;
    p->path.len = p->ends[--p->depth];
    p->is_leaf = 0;
    return status;
}

static size_t name_end(const pom *p, size_t at) {
    while (at < p->text.len && strchr(" \t\r\n/>", p->text.ptr[at]) == NULL)
        at++;
    return at;
}

/* Move past the attributes of a start tag to its `>`. 0 when it never comes. */
static int skip_attributes(pom *p) {
    char quote = '\0';
    for (; p->at < p->text.len; p->at++) {
        char c = p->text.ptr[p->at];
        if (quote != '\0') {
            if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return 1;
        }
    }
    return 0;
}

static dfl_status read_start_tag(pom *p) {
    size_t start = p->at, end = name_end(p, start + 1);
    dfl_str name = dfl__sub(p->text, start + 1, end);
    if (name.len == 0) return malformed(p, start, "`<` without a name; write it as &lt;");
    if (name.len > MAX_TAG_BYTES) return malformed(p, start, "name longer than 128 bytes");
    p->at = end;
    if (!skip_attributes(p)) return malformed(p, start, "tag without its `>`");
    int is_empty = p->text.ptr[p->at - 1] == '/';
    p->at++;
    dfl_status status = open_element(p, name, start);
    return status == DFL_OK && is_empty ? close_element(p, p->at) : status;
}

static dfl_status read_end_tag(pom *p) {
    size_t start = p->at, end = name_end(p, start + 2);
    dfl_str name = dfl__sub(p->text, start + 2, end), path = current_path(p);
    if (p->depth == 0) return malformed(p, start, "end tag that closes nothing");
    size_t above = p->ends[p->depth - 1];
    if (!dfl__eq(name, dfl__sub(path, above + (above > 0), path.len)))
        return malformed(p, start, "end tag of another element than the one that is open");
    p->at = end;
    dfl_status status = skip_past(p, ">", "tag without its `>`");
    return status == DFL_OK ? close_element(p, start) : status;
}

static dfl_status read_markup(pom *p) {
    if (starts_at(p, "<!--")) return skip_past(p, "-->", "comment that is never closed");
    if (starts_at(p, "<![CDATA[")) return skip_past(p, "]]>", "CDATA that is never closed");
    if (starts_at(p, "<?")) return skip_past(p, "?>", "instruction that is never closed");
    if (starts_at(p, "<!")) return skip_declaration(p);
    return starts_at(p, "</") ? read_end_tag(p) : read_start_tag(p);
}

static dfl_status read_xml(pom *p) {
    int any = 0;
    while (p->at < p->text.len) {
        p->at = dfl__find(p->text, '<', p->at);
        if (p->at == p->text.len) break;
        any = 1;
        dfl_status status = read_markup(p);
        if (status != DFL_OK) return status;
    }
    if (!any) return malformed(p, 0, "not XML");
    if (p->depth == 0) return DFL_OK;
    return malformed(p, p->opened[p->depth - 1], "element that is never closed");
}

static int find_value(const pom *p, dfl_str name, dfl_str *value) {
    const struct {
        const char *name;
        dfl_str value;
    } known[] = {
        {"artifactId", p->artifact},
        {"version", p->version},
        {"parent.version", p->parent_version},
        {"packaging", p->packaging},
    };
    dfl_str bare = name;
    if (dfl__starts(name, "project.")) bare = dfl__sub(name, 8, name.len);
    if (dfl__starts(name, "pom.")) bare = dfl__sub(name, 4, name.len);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!dfl__eqz(bare, known[i].name)) continue;
        *value = known[i].value;
        return value->len > 0;
    }
    *value = (dfl_str){"", 0};
    for (uint32_t i = 0; i < p->properties.count; i++) { /* a profile's comes later and spoils it */
        if (dfl__eq(p->properties.items[i].name, name)) {
            *value = p->properties.items[i].value;
            if (dfl__eqz(*value, "${")) return 0;
        }
    }
    return value->len > 0;
}

/* Replace each `${name}` of `text` once. 0 when one is not known. */
static int expand_once(const pom *p, dfl_str text, dfl__buf *out) {
    for (size_t at = 0; at < text.len;) {
        size_t open = at + dfl__find_str(dfl__sub(text, at, text.len), "${");
        dfl__buf_add(out, dfl__sub(text, at, open));
        if (open == text.len) break;
        size_t close = dfl__find(text, '}', open);
        dfl_str value;
        if (close == text.len || !find_value(p, dfl__sub(text, open + 2, close), &value)) return 0;
        dfl__buf_add(out, value);
        at = close + 1;
    }
    return out->failed == DFL_OK;
}

/* Expand `name` until nothing is left to expand, then add the fact. */
static dfl_status add_jar(const pom *p, dfl_str name) {
    dfl__buf bufs[2];
    for (int i = 0; i < 2; i++)
        dfl__buf_init(&bufs[i], &p->context->scratch.alloc, MAX_NAME_BYTES);
    dfl__buf_add(&bufs[0], name);
    int known = 1, now = 0;
    for (int pass = 0; known && pass < MAX_PASSES; pass++) {
        if (dfl__find(dfl__buf_str(&bufs[now]), '$', 0) == bufs[now].len) break;
        bufs[!now].len = 0;
        known = expand_once(p, dfl__buf_str(&bufs[now]), &bufs[!now]);
        now = !now;
    }
    dfl_status status = DFL_OK;
    if (known && dfl__is_plain_name(dfl__buf_str(&bufs[now]))) {
        dfl__buf path;
        dfl__buf_init(&path, &p->context->scratch.alloc, 0);
        dfl_str jar = dfl__buf_str(&bufs[now]);
        dfl__buf_fmt(&path, "target/%S.jar", &jar);
        status = path.failed != DFL_OK ? nomem(p)
                                       : dfl__context_add(p->context, "maven.jar", (dfl_str){"", 0},
                                                          dfl__buf_str(&path));
        dfl__buf_free(&path);
    }
    for (int i = 0; i < 2; i++)
        dfl__buf_free(&bufs[i]);
    return status;
}

/* A parent may set the final name for its children; Spring Boot's is known not to. */
static int parent_may_name(const pom *p) {
    return p->parent_artifact.len > 0 &&
           !(dfl__eqz(p->parent_group, "org.springframework.boot") &&
             dfl__eqz(p->parent_artifact, "spring-boot-starter-parent"));
}

static dfl_status add_facts(pom *p) {
    if (p->version.len == 0) p->version = p->parent_version;
    if (p->unsure || p->artifact.len == 0) return DFL_OK;
    if (p->packaging.len > 0 && !dfl__eqz(p->packaging, "jar")) return DFL_OK;
    if (p->final_name.len > 0) return add_jar(p, p->final_name);
    if (p->version.len == 0 || parent_may_name(p)) return DFL_OK;
    return add_jar(p, DFL__LIT("${project.artifactId}-${project.version}"));
}

dfl_status dfl__manifest_maven(dfl__context *context, dfl_str bytes, const char *path) {
    pom p = {.context = context, .text = bytes, .file = path};
    dfl__buf_init(&p.path, &context->scratch.alloc, 0);
    dfl_status status = read_xml(&p);
    if (status == DFL_OK) status = add_facts(&p);
    dfl__buf_free(&p.path);
    DFL__VEC_FREE(&context->scratch.alloc, &p.properties);
    return status;
}
