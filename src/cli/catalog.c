/* catalog.c -- what the catalog knows: listed, shown, and overlays checked.
 * Relies on the public catalog functions of both libraries.
 * Never shows half of what was asked for: one name that is not there and nothing is printed. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static const dfl_catalog *catalog_of(const session *s) {
    return s->catalog_count > 0 ? s->catalogs[s->catalog_count - 1] : dfl_catalog_builtin();
}

static uint32_t format_of(const session *s) {
    return s->opt->json ? DFL_LISTING_JSON : DFL_LISTING_TEXT;
}

static const char *kind_name(const void *ctx, size_t n) {
    (void)ctx;
    return n < UINT32_MAX ? dfl_catalog_kind_name((uint32_t)n + 1) : NULL;
}

/* "tool" or "tools"; 0 when it is no kind. */
static uint32_t kind_of(const char *word, size_t len) {
    const char *name;
    for (uint32_t kind = 1; (name = dfl_catalog_kind_name(kind)) != NULL; kind++) {
        size_t own = strlen(name);
        if (strncmp(word, name, own) == 0 && (len == own || (len == own + 1 && word[own] == 's')))
            return kind;
    }
    return 0;
}

static int run_list(const session *s, const char **words, size_t count) {
    uint32_t kind = 0;
    if (count > 1) {
        say("dockerfile: catalog list takes one kind at most: \"%s\"", words[1]);
        return STATUS_USAGE;
    }
    if (count == 1 && (kind = kind_of(words[0], strlen(words[0]))) == 0) {
        const char *near = nearest(words[0], kind_name, NULL);
        if (near != NULL)
            say("dockerfile: there is no kind \"%s\"; did you mean %s?", words[0], near);
        else
            say("dockerfile: there is no kind \"%s\"; kinds: tool, release, image, ecosystem, "
                "program, package",
                words[0]);
        return STATUS_USAGE;
    }
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    return output_finish(out, "catalog",
                         dfl_print_catalog(catalog_of(s), kind, format_of(s), &sink));
}

/* --- show */

/* What is asked for: NAME, or KIND/NAME. */
typedef struct {
    const dfl_catalog *catalog;
    uint32_t kind; /* 0: all */
    dfl_str name;
} wanted;

static wanted read_wanted(const session *s, const char *word) {
    const char *slash = strchr(word, '/');
    wanted w = {catalog_of(s), 0, {word, strlen(word)}};
    if (slash != NULL) w.kind = kind_of(word, (size_t)(slash - word));
    if (w.kind != 0) w.name = (dfl_str){slash + 1, strlen(slash + 1)};
    return w;
}

static int is_wanted(const wanted *w, uint32_t kind, size_t index) {
    dfl_catalog_entry entry = {.size = sizeof entry};
    if (dfl_catalog_get(w->catalog, kind, index, &entry) != DFL_OK) return 0;
    return entry.name.len == w->name.len && memcmp(entry.name.ptr, w->name.ptr, w->name.len) == 0;
}

/* Names end in NUL: those of the catalog are C strings. */
static const char *entry_name(const void *ctx, size_t n) {
    const wanted *w = ctx;
    for (uint32_t kind = 1; dfl_catalog_kind_name(kind) != NULL; kind++) {
        dfl_catalog_entry entry = {.size = sizeof entry};
        size_t count = dfl_catalog_count(w->catalog, kind);
        if (w->kind != 0 && w->kind != kind) continue;
        if (n < count)
            return dfl_catalog_get(w->catalog, kind, n, &entry) == DFL_OK ? entry.name.ptr : NULL;
        n -= count;
    }
    return NULL;
}

static int say_unknown(const wanted *w) {
    const char *near = nearest(w->name.ptr, entry_name, w);
    const char *what = w->kind != 0 ? dfl_catalog_kind_name(w->kind) : "entry";
    if (near != NULL)
        say("dockerfile: the catalog has no %s \"%S\"; did you mean %s?", what, &w->name, near);
    else
        say("dockerfile: the catalog has no %s \"%S\"; `dockerfile catalog list` names them", what,
            &w->name);
    return STATUS_USAGE;
}

/* Write all entries of the name; documents of YAML are parted by ---. */
static dfl_status show(const session *s, const wanted *w, const dfl_sink *sink, size_t *shown,
                       size_t *found) {
    for (uint32_t kind = 1; dfl_catalog_kind_name(kind) != NULL; kind++) {
        size_t count = dfl_catalog_count(w->catalog, kind);
        for (size_t i = 0; i < count; i++) {
            if ((w->kind != 0 && w->kind != kind) || !is_wanted(w, kind, i)) continue;
            if (*shown > 0 && !s->opt->json && sink->write(sink->ctx, "---\n", 4) != 0)
                return DFL_E_IO;
            dfl_status status = dfl_io_catalog_show(w->catalog, kind, i, format_of(s), sink);
            if (status != DFL_OK) return status;
            ++*shown;
            ++*found;
        }
    }
    return DFL_OK;
}

static int run_show(const session *s, const char **words, size_t count) {
    size_t shown = 0;
    if (count == 0) {
        say("dockerfile: catalog show needs a name; `dockerfile catalog list` has them");
        return STATUS_USAGE;
    }
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    for (size_t i = 0; i < count; i++) {
        size_t found = 0;
        wanted w = read_wanted(s, words[i]);
        dfl_status status = show(s, &w, &sink, &shown, &found);
        if (status == DFL_OK && found > 0) continue;
        output_drop(out);
        return status != DFL_OK ? say_status("catalog", status) : say_unknown(&w);
    }
    return output_send(out);
}

/* --- check */

static int run_check_overlays(const session *s, const char **words, size_t count) {
    int worst = STATUS_DONE;
    if (count == 0) {
        say("dockerfile: catalog check needs a file");
        return STATUS_USAGE;
    }
    for (size_t i = 0; i < count; i++) {
        dfl_catalog *catalog = NULL;
        dfl_io_error error = {0};
        if (dfl_io_catalog_load(words[i], catalog_of(s), &catalog, &error) != DFL_OK)
            worst = say_io(&error);
        dfl_catalog_free(catalog);
    }
    return worst;
}

static const struct {
    const char *word;
    int (*run)(const session *s, const char **words, size_t count);
} actions[] = {{"list", run_list}, {"show", run_show}, {"check", run_check_overlays}};
#define ACTION_COUNT (sizeof actions / sizeof *actions)

static const char *action_name(const void *ctx, size_t n) {
    (void)ctx;
    return n < ACTION_COUNT ? actions[n].word : NULL;
}

int run_catalog(const session *s) {
    const options *opt = s->opt;
    const char *word = opt->file_count > 0 ? opt->files[0] : NULL;
    for (size_t i = 0; word != NULL && i < ACTION_COUNT; i++) {
        if (strcmp(word, actions[i].word) == 0)
            return actions[i].run(s, opt->files + 1, opt->file_count - 1);
    }
    const char *near = word != NULL ? nearest(word, action_name, NULL) : NULL;
    if (near != NULL)
        say("dockerfile: catalog cannot \"%s\"; did you mean %s?", word, near);
    else
        say("dockerfile: catalog needs an action: list, show NAME or check FILE");
    return STATUS_USAGE;
}
