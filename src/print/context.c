/* context.c -- what a build reads of its context: as text, as JSON.
 * Relies on context.h and writer.h.
 * Never lists what an ignored directory holds: the directory stands for it. */
#include "dockerfile/context.h"
#include "base/path.h"
#include "dockerfile/print.h"
#include "print/writer.h"
#include "syntax/tree.h"

typedef struct {
    dfl__out out;
    const dfl_context *context;
    const dfl_model *model;
} printer;

static const char *const kind_names[] = {"", "context", "url", "git", "heredoc", "stage", "image"};
static const char *const path_names[] = {"file", "file", "directory", "link"};
static const char *const sent_names[] = {"", "yes", "ignore", "source", "unknown", "nothing"};

/* What is found: the word for programs, the sentence for people. */
static const struct {
    const char *word, *text;
} found_names[] = {
    [DFL_FOUND_UNKNOWN] = {"unknown", ""},
    [DFL_FOUND_YES] = {"yes", ""},
    [DFL_FOUND_NOTHING] = {"nothing", "matches nothing: nothing is copied"},
    [DFL_FOUND_MISSING] = {"missing", "not found: the build fails"},
    [DFL_FOUND_LINKS] = {"links", "too many symbolic links: the build fails"},
    [DFL_FOUND_MALFORMED] = {"malformed", "malformed pattern: the build fails"},
    [DFL_FOUND_CLASH] =
        {"clash", "a directory in the place of a file: the build fails unless the image has one"},
};
static const char *const sent_texts[] = {
    [DFL_SENT_YES] = NULL,
    [DFL_SENT_IGNORE] = "the build fails: a pattern of the ignore file is malformed",
    [DFL_SENT_SOURCE] = "the build fails: a source is no pattern by which the context can be asked",
    [DFL_SENT_UNKNOWN] = "cannot be told: a pattern of the ignore file hangs on BuildKit's version",
    [DFL_SENT_NOTHING] = NULL,
};

static dfl_transfer transfer_of(const printer *p, size_t index) {
    dfl_transfer t = {.size = sizeof t};
    (void)dfl_context_transfer(p->context, index, &t);
    return t;
}

static dfl_source source_of(const printer *p, size_t index) {
    dfl_source s = {.size = sizeof s};
    (void)dfl_context_source(p->context, index, &s);
    return s;
}

/* Whether `read` is ignored together with the directory that was told of last. */
static int is_within(dfl_str last, const dfl_read *read) {
    return last.len > 0 && dfl__path_is_below(read->name, last);
}

/* --- text */

static void text_transfer(printer *p, const dfl_transfer *t) {
    dfl_stage stage = {.size = sizeof stage};
    dfl__out_u(&p->out, dfl__doc_line(dfl_model_doc(p->model), t->range.start) + 1);
    dfl__out_z(&p->out, ": ");
    dfl__out_z(&p->out, t->kind == DFL_NODE_COPY  ? "COPY"
                        : t->kind == DFL_NODE_ADD ? "ADD"
                                                  : "mount");
    dfl__out_z(&p->out, " to ");
    dfl__out_shown(&p->out, t->destination);
    if (t->directory == 1 && !dfl__ends(t->destination, "/")) dfl__out_c(&p->out, '/');
    if (!t->destination_known) dfl__out_z(&p->out, " (below an unknown directory)");
    dfl__out_z(&p->out, ", stage ");
    dfl__out_u(&p->out, t->stage);
    if (dfl_model_stage(p->model, t->stage, &stage) == DFL_OK && stage.name.len > 0) {
        dfl__out_c(&p->out, ' ');
        dfl__out_quoted(&p->out, stage.name);
    }
    if (t->trigger) dfl__out_z(&p->out, ", by ONBUILD");
    dfl__out_c(&p->out, '\n');
}

static void text_origin(printer *p, const dfl_source *s) {
    if (s->kind == DFL_SOURCE_CONTEXT) return;
    dfl__out_z(&p->out, " (");
    dfl__out_z(&p->out, kind_names[s->kind]);
    if (s->kind == DFL_SOURCE_STAGE) {
        dfl__out_c(&p->out, ' ');
        dfl__out_u(&p->out, s->stage);
    } else if (s->kind == DFL_SOURCE_IMAGE && s->image.len > 0) {
        dfl__out_c(&p->out, ' ');
        dfl__out_shown(&p->out, s->image);
    }
    dfl__out_c(&p->out, ')');
}

static void text_found(printer *p, const dfl_source *s) {
    if (!s->known) dfl__out_z(&p->out, ": depends on a value that is not given");
    if (found_names[s->found].text[0] != '\0') {
        dfl__out_z(&p->out, ": ");
        dfl__out_z(&p->out, found_names[s->found].text);
        if ((s->flags & DFL_SOURCE_F_IGNORED) != 0)
            dfl__out_z(&p->out, " (the ignore file leaves it out)");
    }
}

/* Files and links; directories for their own sake are not what a person looks for. */
static dfl_status text_paths(printer *p, const dfl_reading *reading) {
    dfl_str last = {"", 0};
    for (size_t i = 0; i < dfl_reading_count(reading); i++) {
        dfl_read read = {.size = sizeof read};
        dfl_status status = dfl_reading_path(reading, i, &read);
        int ignored = (read.flags & DFL_READ_F_IGNORED) != 0;
        if (status != DFL_OK) return status;
        if (ignored ? is_within(last, &read) : read.kind == DFL_PATH_DIRECTORY) continue;
        if (ignored) last = read.name;
        dfl__out_z(&p->out, ignored ? "        ignored: " : "        ");
        dfl__out_shown(&p->out, read.name);
        if (ignored && read.kind == DFL_PATH_DIRECTORY) dfl__out_c(&p->out, '/');
        if (!ignored) {
            dfl__out_z(&p->out, " -> ");
            dfl__out_shown(&p->out, read.destination);
        }
        dfl__out_c(&p->out, '\n');
    }
    return DFL_OK;
}

static dfl_status text_source(printer *p, size_t index) {
    dfl_source s = source_of(p, index);
    dfl_reading *reading = NULL;
    dfl__out_indent(&p->out, 4);
    dfl__out_shown(&p->out, s.known && s.text.len == 0 ? dfl__str(".") : s.text);
    text_origin(p, &s);
    text_found(p, &s);
    dfl__out_c(&p->out, '\n');
    dfl_status status = dfl_context_reading(p->context, index, &reading);
    if (status == DFL_OK) status = text_paths(p, reading);
    dfl_reading_free(reading);
    return status;
}

static void text_summary(printer *p) {
    uint32_t total = (uint32_t)dfl_context_path_count(p->context), read = 0, excluded = 0;
    const char *text = sent_texts[dfl_context_sent(p->context)];
    for (uint32_t i = 0; i < total; i++) {
        uint32_t flags = dfl_context_path_flags(p->context, i);
        read += (flags & DFL_PATH_F_READ) != 0;
        excluded += (flags & DFL_PATH_F_EXCLUDED) != 0;
    }
    if (dfl_context_sent(p->context) == DFL_SENT_NOTHING) return;
    dfl__out_z(&p->out, "context: ");
    if (text != NULL) {
        dfl__out_z(&p->out, text);
    } else {
        dfl__out_u(&p->out, total);
        dfl__out_z(&p->out, total == 1 ? " path, " : " paths, ");
        dfl__out_u(&p->out, read);
        dfl__out_z(&p->out, " read, ");
        dfl__out_u(&p->out, excluded);
        dfl__out_z(&p->out, " ignored");
        if (!dfl_context_complete(p->context))
            dfl__out_z(&p->out, "; more may be read: a source is not known");
    }
    dfl__out_c(&p->out, '\n');
}

static dfl_status print_text(printer *p) {
    dfl_status status = DFL_OK;
    for (size_t i = 0; i < dfl_context_transfer_count(p->context) && status == DFL_OK; i++) {
        dfl_transfer t = transfer_of(p, i);
        text_transfer(p, &t);
        for (uint32_t k = 0; k < t.count && status == DFL_OK; k++)
            status = text_source(p, t.first + k);
    }
    text_summary(p);
    return status;
}

/* --- JSON */

static void js_text(printer *p, const char *key, dfl_str text) {
    dfl__js_key(&p->out, key);
    dfl__js_str(&p->out, text);
}

static void js_path(printer *p, const dfl_read *read) {
    dfl__js_open(&p->out, '{');
    js_text(p, "path", read->name);
    js_text(p, "kind", dfl__str(path_names[read->kind]));
    if ((read->flags & DFL_READ_F_IGNORED) == 0) js_text(p, "destination", read->destination);
    dfl__js_close(&p->out, '}');
}

static dfl_status js_paths(printer *p, const dfl_reading *reading, const char *key, int ignored) {
    dfl_str last = {"", 0};
    dfl__js_key(&p->out, key);
    dfl__js_open(&p->out, '[');
    for (size_t i = 0; i < dfl_reading_count(reading); i++) {
        dfl_read read = {.size = sizeof read};
        dfl_status status = dfl_reading_path(reading, i, &read);
        if (status != DFL_OK) return status;
        if (((read.flags & DFL_READ_F_IGNORED) != 0) != ignored) continue;
        if (ignored && is_within(last, &read)) continue;
        if (ignored) last = read.name;
        js_path(p, &read);
    }
    dfl__js_close(&p->out, ']');
    return DFL_OK;
}

static dfl_status js_source(printer *p, size_t index) {
    dfl_source s = source_of(p, index);
    dfl_reading *reading = NULL;
    dfl_status status = dfl_context_reading(p->context, index, &reading);
    if (status != DFL_OK) return status;
    dfl__js_open(&p->out, '{');
    js_text(p, "kind", dfl__str(kind_names[s.kind]));
    js_text(p, "text", s.text);
    dfl__js_flag(&p->out, "known", s.known);
    js_text(p, "found", dfl__str(found_names[s.found].word));
    dfl__js_flag(&p->out, "wildcard", (s.flags & DFL_SOURCE_F_WILDCARD) != 0);
    dfl__js_flag(&p->out, "ignored", (s.flags & DFL_SOURCE_F_IGNORED) != 0);
    dfl__js_flag(&p->out, "unpack", (s.flags & DFL_SOURCE_F_UNPACK) != 0);
    dfl__js_flag(&p->out, "parents", (s.flags & DFL_SOURCE_F_PARENTS) != 0);
    if (s.kind == DFL_SOURCE_STAGE) {
        dfl__js_key(&p->out, "stage");
        dfl__js_uint(&p->out, s.stage);
    }
    if (s.kind == DFL_SOURCE_IMAGE) js_text(p, "image", s.image);
    dfl__js_range(&p->out, "range", s.range);
    status = js_paths(p, reading, "paths", 0);
    if (status == DFL_OK) status = js_paths(p, reading, "ignored_paths", 1);
    dfl__js_close(&p->out, '}');
    dfl_reading_free(reading);
    return status;
}

static dfl_status js_transfer(printer *p, size_t index) {
    dfl_transfer t = transfer_of(p, index);
    dfl_status status = DFL_OK;
    dfl__js_open(&p->out, '{');
    js_text(p, "instruction", dfl__str(dfl_instruction_name((uint16_t)t.kind)));
    dfl__js_flag(&p->out, "mount", t.kind == DFL_NODE_RUN);
    dfl__js_key(&p->out, "stage");
    dfl__js_uint(&p->out, t.stage);
    dfl__js_flag(&p->out, "trigger", t.trigger);
    js_text(p, "destination", t.destination);
    dfl__js_flag(&p->out, "destination_known", t.destination_known);
    dfl__js_key(&p->out, "directory");
    dfl__js_word(&p->out, t.directory == 1 ? "true" : "null");
    dfl__js_range(&p->out, "range", t.range);
    dfl__js_key(&p->out, "sources");
    dfl__js_open(&p->out, '[');
    for (uint32_t k = 0; k < t.count && status == DFL_OK; k++)
        status = js_source(p, t.first + k);
    dfl__js_close(&p->out, ']');
    dfl__js_close(&p->out, '}');
    return status;
}

/* The paths with a flag. */
static void js_flagged(printer *p, const char *key, uint32_t flag) {
    dfl__js_key(&p->out, key);
    dfl__js_open(&p->out, '[');
    for (size_t i = 0; i < dfl_context_path_count(p->context); i++)
        if ((dfl_context_path_flags(p->context, i) & flag) != 0)
            dfl__js_str(&p->out, dfl_context_path_name(p->context, i));
    dfl__js_close(&p->out, ']');
}

static dfl_status print_json(printer *p) {
    dfl_status status = DFL_OK;
    dfl__js_begin(&p->out);
    js_text(p, "sent", dfl__str(sent_names[dfl_context_sent(p->context)]));
    dfl__js_flag(&p->out, "complete", dfl_context_complete(p->context));
    dfl__js_key(&p->out, "transfers");
    dfl__js_open(&p->out, '[');
    for (size_t i = 0; i < dfl_context_transfer_count(p->context) && status == DFL_OK; i++)
        status = js_transfer(p, i);
    dfl__js_close(&p->out, ']');
    js_flagged(p, "read", DFL_PATH_F_READ);
    js_flagged(p, "ignored", DFL_PATH_F_EXCLUDED);
    dfl__js_end(&p->out);
    return status;
}

dfl_status dfl_print_context(const dfl_context *context, const dfl_model *model, uint32_t format,
                             const dfl_sink *sink) {
    printer p = {.context = context, .model = model};
    if (context == NULL || model == NULL) return DFL_E_ARG;
    if (format != DFL_CONTEXT_TEXT && format != DFL_CONTEXT_JSON) return DFL_E_ARG;
    dfl_status status = dfl__out_init(&p.out, sink);
    if (status != DFL_OK) return status;
    status = format == DFL_CONTEXT_TEXT ? print_text(&p) : print_json(&p);
    return status == DFL_OK ? dfl__out_done(&p.out) : status;
}
