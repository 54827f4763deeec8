/* cli.h -- what the files of the command share.
 * Relies on the public headers of both libraries and on POSIX.
 * Never reaches into the libraries: the command is an embedder like any other. */
#ifndef DFL_CLI_CLI_H
#define DFL_CLI_CLI_H

#define _POSIX_C_SOURCE 200809L

#include <stddef.h>
#include <stdint.h>

#include "dockerfile/dockerfile.h"
#include "dockerfile/io.h"

/* Exit status; of several files the highest counts. */
enum {
    STATUS_DONE = 0,     /* changed, or nothing to do */
    STATUS_REFUSED = 1,  /* a rewrite was refused */
    STATUS_USAGE = 2,    /* usage, input or output */
    STATUS_NO_INPUT = 3, /* a file is missing or empty */
    STATUS_SYNTAX = 4    /* errors in the file forbid the rewrite */
};

typedef struct command command;

/* The command line, read. Strings are argv's own. */
typedef struct {
    const command *command;
    uint32_t format; /* of the command's table of formats; 0 = not given */
    int help, diff, write, json, explain, others, report;
    uint32_t user, builder, sharing;
    const char *to, *stage, *runtime, *artifact, *id, *context, *target, *platform, *rules, *ignore;
    const char **catalogs;
    size_t catalog_count;
    dfl_binding *args;
    size_t arg_count;
    dfl_binding *contexts; /* --build-context */
    size_t context_count;
    dfl_binding *sets; /* --set: old reference and new one */
    size_t set_count;
    const char **bases; /* --base-config */
    size_t base_count;
    const char **files;
    size_t file_count;
} options;

/* A configuration that --base-config names. */
typedef struct {
    dfl_str reference; /* empty: of whatever image the target is built on */
    const char *path;
    dfl_io_image_config *config;
} base_config;

/* What is loaded once and serves every file. */
typedef struct {
    const options *opt;
    dfl_catalog **catalogs; /* overlays, each above the one before */
    size_t catalog_count;
    dfl_io_facts *facts;
    dfl_io_tree *tree;     /* of the context command: what lies in --context; NULL */
    struct reader *reader; /* context.c's own */
    base_config *bases;
    size_t base_count;
} session;

/* A word an option takes, and what it means. */
typedef struct {
    const char *word;
    uint32_t value;
} choice;

/* Commands as bits, for the options they take. */
enum {
    ON_PARSE = 1 << 0,
    ON_GRAPH = 1 << 1,
    ON_CACHE = 1 << 2,
    ON_BASE = 1 << 3,
    ON_SPLIT = 1 << 4,
    ON_OPTIMIZE = 1 << 5,
    ON_CHECK = 1 << 6,
    ON_IMAGES = 1 << 7,
    ON_CONTEXT = 1 << 8,
    ON_CONFIG = 1 << 9,
    ON_ARGS = 1 << 10,
    ON_CATALOG = 1 << 11,
    ON_REWRITE = ON_CACHE | ON_BASE | ON_SPLIT | ON_OPTIMIZE,
    /* what asks for the meaning of a build */
    ON_QUERY = ON_GRAPH | ON_IMAGES | ON_CONTEXT | ON_CHECK | ON_CONFIG | ON_ARGS
};

struct command {
    const char *name;
    unsigned bit;          /* 0: takes no files */
    const char *summary;   /* for the list of commands */
    const char *details;   /* for its own help */
    const choice *formats; /* of --format, the default first; NULL = none */
    /* One file: its exit status. */
    int (*run)(const session *s, const char *path);
    /* rewrite.c: which rewrite */
    dfl_status (*rewrite)(const dfl_doc *doc, const dfl_rewrite_options *opt, dfl_plan **out);
};

/* main.c */
extern const command commands[]; /* the last has no name */
const command *command_find(const char *name);

/* options.c */
/* Read argv after the command's name into `*opt`, which options_free frees. 0, or a message has
 * been written and the status is returned. */
int options_read(const command *cmd, int argc, char **argv, options *opt);
void options_free(options *opt);
void options_help(const command *cmd);

/* session.c */
int session_open(const options *opt, session *out);
void session_close(session *s);
void session_rewrite_options(const session *s, dfl_rewrite_options *out);
/* What is known of images and tools: the overlays, or what is built in. */
const dfl_catalog *session_catalog(const session *s);
/* A failed call of libdockerfile-io: its exit status. */
int say_io(const dfl_io_error *error);

/* input.c */
typedef struct {
    const char *path; /* as given */
    const char *name; /* for messages: <stdin> for - */
    dfl_io_file *file;
    dfl_doc *doc;
} input;
/* Read and parse. 0, or a message has been written and the status is returned. */
int input_open(const char *path, input *out);
void input_close(input *in);

/* model.c: what a file means in the build that the options describe */
/* 0, or a message has been written and the status is returned. */
int model_open(const session *s, const input *in, dfl_model **out);
/* The stage that --target names, or the last one. 0, or the message and the status. */
int model_target(const input *in, const options *opt, const dfl_model *model, uint32_t *out);

/* output.c: what goes to standard output is complete before its first byte is written */
typedef struct output output;
output *output_new(void); /* NULL: no memory, said */
dfl_sink output_sink(output *out);
int output_send(output *out); /* exit status; frees `out` */
void output_drop(output *out);
/* Send it, or drop it and say why the printer failed: exit status; frees `out`. */
int output_finish(output *out, const char *name, dfl_status status);
int output_bytes(dfl_str bytes); /* exit status */

/* report.c: standard error */
dfl_str text_of(const char *z); /* NULL gives a NULL one */
/* %s text, %S dfl_str *, %u uint32_t; a line end is added. Control characters and what is
 * not UTF-8 are shown as \xNN. */
void say(const char *format, ...);
void say_diags(const input *in, size_t max, int errors_only);
/* What the model finds wrong with a build; its errors, which are counted. */
size_t say_model_errors(const input *in, const dfl_model *model);
/* Build arguments and base configurations that nothing in the file takes, as notes. */
void say_unused(const input *in, const session *s, const dfl_model *model);
void say_refusals(const input *in, const dfl_plan *plan);
/* A failed call of the library: its exit status. */
int say_status(const char *name, dfl_status status);
/* The candidate nearest to `word`, or NULL when none is near. `next` gives them one by one. */
const char *nearest(const char *word, const char *(*next)(const void *ctx, size_t n),
                    const void *ctx);

/* queries.c: what a file means in a build. `print` writes the answer for the stage `target`,
 * DFL_NO_STAGE when the file has none; what is wrong with the file has been said by then. */
typedef struct {
    input in;
    dfl_model *model;
    uint32_t target; /* DFL_NO_STAGE when the file has no stage */
} query;
/* 0, what is wrong with the file having been said; or a message and the status, with nothing to
 * close. */
int query_open(const session *s, const char *path, query *out);
void query_close(query *q);
typedef dfl_status query_print(const session *s, const dfl_model *model, uint32_t target,
                               const dfl_sink *sink);
int run_query(const session *s, const char *path, query_print *print);

/* rewrite.c: print what `in` became, as it is or as a diff, or write it back. */
int deliver_result(const input *in, const dfl_doc *result, const options *opt);

/* catalog.c: all words of the command line at once */
int run_catalog(const session *s);

/* check.c, context.c, explain.c, images.c, queries.c, rewrite.c */
int run_check(const session *s, const char *path);
int run_context(const session *s, const char *path);
int run_explain(int argc, char **argv); /* its arguments are codes */
int run_parse(const session *s, const char *path);
int run_graph(const session *s, const char *path);
int run_images(const session *s, const char *path);
int run_config(const session *s, const char *path);
int run_args(const session *s, const char *path);
int run_rewrite(const session *s, const char *path);

#endif
