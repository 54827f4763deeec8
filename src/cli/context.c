/* context.c -- what a build reads of its context.
 * Relies on cli.h and libdockerfile-io for the directory.
 * Never takes a directory it could not list for an empty one, unless it is ignored. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int exists(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* `a` and `b` joined, which the caller frees; NULL without memory. */
static char *joined(const char *a, const char *b) {
    size_t size = strlen(a) + strlen(b) + 1;
    char *path = malloc(size);
    if (path != NULL) snprintf(path, size, "%s%s", a, b);
    return path;
}

/* The ignore file that BuildKit takes: one that is named after the Dockerfile, or that of the
 * context. `*out` is NULL when there is none; the caller frees it. */
static int find_ignore(const options *opt, const char *dockerfile, char **out) {
    const char *slash = "";
    if (opt->ignore != NULL) {
        *out = joined(opt->ignore, "");
        return *out != NULL ? STATUS_DONE : say_status(opt->ignore, DFL_E_NOMEM);
    }
    if (strcmp(dockerfile, "-") != 0) {
        *out = joined(dockerfile, ".dockerignore");
        if (*out == NULL) return say_status(dockerfile, DFL_E_NOMEM);
        if (exists(*out)) return STATUS_DONE;
        free(*out);
    }
    if (opt->context[0] != '\0' && opt->context[strlen(opt->context) - 1] != '/') slash = "/";
    char *directory = joined(opt->context, slash);
    *out = directory != NULL ? joined(directory, ".dockerignore") : NULL;
    free(directory);
    if (*out == NULL) return say_status(opt->context, DFL_E_NOMEM);
    if (exists(*out)) return STATUS_DONE;
    free(*out);
    *out = NULL;
    return STATUS_DONE;
}

/* What one file needs beside the session. */
typedef struct reader {
    session session;
    dfl_io_file *file;
    dfl_ignore *ignore;
    int fails; /* the build would */
    int unread;
} reader;

static int read_ignore(reader *r, const char *dockerfile) {
    char *path = NULL;
    dfl_io_error error = {0};
    if (r->session.tree == NULL) return STATUS_DONE;
    int status = find_ignore(r->session.opt, dockerfile, &path);
    if (status != STATUS_DONE || path == NULL) return status;
    if (dfl_io_read(path, 0, &r->file, &error) != DFL_OK) {
        say("dockerfile: %s", error.message);
        status = STATUS_USAGE;
    } else {
        dfl_str bytes = dfl_io_file_bytes(r->file);
        dfl_status made = dfl_ignore_new(bytes.ptr, bytes.len, NULL, &r->ignore);
        if (made != DFL_OK) status = say_status(path, made);
    }
    free(path);
    return status;
}

/* Directories that BuildKit would have to list, and could not either. */
static int say_unread(const dfl_io_tree *tree, const dfl_context *context) {
    size_t path;
    int found = 0;
    dfl_io_error error = {0};
    for (size_t i = 0; dfl_io_tree_unread(tree, i, &path, &error) == DFL_OK; i++) {
        if ((dfl_context_path_flags(context, path) & DFL_PATH_F_EXCLUDED) != 0) continue;
        say("dockerfile: %s", error.message);
        found = 1;
    }
    return found;
}

static int fails(const dfl_context *context) {
    uint32_t sent = dfl_context_sent(context);
    int failed = sent == DFL_SENT_IGNORE || sent == DFL_SENT_SOURCE;
    for (size_t i = 0; i < dfl_context_source_count(context); i++) {
        dfl_source source = {.size = sizeof source};
        if (dfl_context_source(context, i, &source) != DFL_OK) continue;
        /* where a directory meets a file, the image decides */
        if (source.found >= DFL_FOUND_MISSING && source.found != DFL_FOUND_CLASH) failed = 1;
    }
    return failed;
}

static dfl_status print_context(const session *s, const dfl_model *model, uint32_t target,
                                const dfl_sink *sink) {
    reader *r = s->reader;
    dfl_context *context = NULL;
    dfl_context_options opt = DFL_CONTEXT_OPTIONS_INIT;
    opt.ignore = r->ignore;
    if (s->opt->target != NULL) opt.target = target;
    if (s->tree != NULL) opt.paths = dfl_io_tree_paths(s->tree, &opt.paths_count);
    dfl_status status = dfl_context_new(model, &opt, &context);
    if (status != DFL_OK) return status;
    if (s->tree != NULL) r->unread = say_unread(s->tree, context);
    r->fails = fails(context);
    status =
        dfl_print_context(context, model, s->opt->json ? DFL_CONTEXT_JSON : DFL_CONTEXT_TEXT, sink);
    dfl_context_free(context);
    return status;
}

int run_context(const session *s, const char *path) {
    reader r = {.session = *s};
    r.session.reader = &r;
    int status = read_ignore(&r, path);
    if (status == STATUS_DONE) status = run_query(&r.session, path, print_context);
    if (status == STATUS_DONE && r.fails) status = STATUS_REFUSED;
    if (status <= STATUS_REFUSED && r.unread) status = STATUS_USAGE;
    dfl_ignore_free(r.ignore);
    dfl_io_file_free(r.file);
    return status;
}
