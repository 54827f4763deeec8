/* session.c -- catalogs and context facts: loaded once, used for every file.
 * Relies on libdockerfile-io.
 * Never goes on after one of them failed: a rewrite without it would be another one. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

/* A message about a place in a file begins with it; any other is the command's own. */
int say_io(const dfl_io_error *error) {
    if (error->line != 0)
        say("%s", error->message);
    else
        say("dockerfile: %s", error->message);
    return STATUS_USAGE;
}

static int load_catalogs(session *s) {
    const options *opt = s->opt;
    dfl_io_error error = {0};
    if (opt->catalog_count == 0) return STATUS_DONE;
    s->catalogs = calloc(opt->catalog_count, sizeof(dfl_catalog *));
    if (s->catalogs == NULL) return say_status("--catalog", DFL_E_NOMEM);
    for (size_t i = 0; i < opt->catalog_count; i++) {
        const dfl_catalog *below = i != 0 ? s->catalogs[i - 1] : NULL;
        if (dfl_io_catalog_load(opt->catalogs[i], below, &s->catalogs[i], &error) != DFL_OK)
            return say_io(&error);
        s->catalog_count++;
    }
    return STATUS_DONE;
}

static int read_context(session *s) {
    dfl_io_error error = {0};
    if (s->opt->context == NULL) return STATUS_DONE;
    dfl_status status = s->opt->command->bit == ON_CONTEXT
                            ? dfl_io_tree_read(s->opt->context, &s->tree, &error)
                            : dfl_io_facts_read(s->opt->context, &s->facts, &error);
    if (status == DFL_OK) return STATUS_DONE;
    return say_io(&error);
}

/* [REF=]FILE: a file whose name holds a = needs its REF. */
static int read_bases(session *s) {
    const options *opt = s->opt;
    dfl_io_error error = {0};
    if (opt->base_count == 0) return STATUS_DONE;
    s->bases = calloc(opt->base_count, sizeof *s->bases);
    if (s->bases == NULL) return say_status("--base-config", DFL_E_NOMEM);
    for (size_t i = 0; i < opt->base_count; i++) {
        const char *text = opt->bases[i], *equals = strchr(text, '=');
        base_config *base = &s->bases[i];
        if (equals != NULL) base->reference = (dfl_str){text, (size_t)(equals - text)};
        base->path = equals != NULL ? equals + 1 : text;
        if (dfl_io_image_config_read(base->path, &base->config, &error) != DFL_OK)
            return say_io(&error);
        s->base_count++;
    }
    return STATUS_DONE;
}

int session_open(const options *opt, session *out) {
    session s = {.opt = opt};
    int status = load_catalogs(&s);
    if (status == STATUS_DONE) status = read_bases(&s);
    if (status == STATUS_DONE) status = read_context(&s);
    if (status == STATUS_DONE)
        *out = s;
    else
        session_close(&s);
    return status;
}

void session_close(session *s) {
    while (s->catalog_count > 0)
        dfl_catalog_free(s->catalogs[--s->catalog_count]);
    free(s->catalogs);
    while (s->base_count > 0)
        dfl_io_image_config_free(s->bases[--s->base_count].config);
    free(s->bases);
    dfl_io_facts_free(s->facts);
    dfl_io_tree_free(s->tree);
}

static dfl_str text(const char *z) {
    dfl_str s = {z != NULL ? z : "", z != NULL ? strlen(z) : 0};
    return s;
}

const dfl_catalog *session_catalog(const session *s) {
    return s->catalog_count > 0 ? s->catalogs[s->catalog_count - 1] : dfl_catalog_builtin();
}

void session_rewrite_options(const session *s, dfl_rewrite_options *out) {
    const options *opt = s->opt;
    *out = (dfl_rewrite_options)DFL_REWRITE_OPTIONS_INIT;
    out->user = opt->user;
    out->catalog = session_catalog(s);
    if (s->facts != NULL) out->facts = dfl_io_facts_list(s->facts, &out->facts_count);
    out->args = opt->args;
    out->args_count = opt->arg_count;
    out->to = text(opt->to);
    out->stage = text(opt->stage);
    out->runtime = text(opt->runtime);
    out->artifact = text(opt->artifact);
    out->builder = opt->builder;
    out->sharing = opt->sharing;
    out->id = text(opt->id);
}
