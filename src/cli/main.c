/* main.c -- the table of commands and what runs them.
 * Relies on cli.h.
 * Never prints to standard output what was not asked for. */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const choice parse_formats[] = {{"json", 1}, {"sexp", 2}, {NULL, 0}};
static const choice graph_formats[] = {{"text", DFL_GRAPH_TEXT}, {"json", DFL_GRAPH_JSON},
                                       {"dot", DFL_GRAPH_DOT},   {"mermaid", DFL_GRAPH_MERMAID},
                                       {"svg", DFL_GRAPH_SVG},   {NULL, 0}};

const command commands[] = {
    {"parse", ON_PARSE, "stages, instructions and diagnostics",
     "Print stages, instructions and diagnostics as JSON, or the syntax tree. Any bytes can be\n"
     "parsed: what is wrong with them is a diagnostic, and the exit status is still 0.",
     parse_formats, run_parse, NULL},
    {"graph", ON_GRAPH, "what each stage needs",
     "Print which stages and images each stage needs, and which of them the target needs.",
     graph_formats, run_graph, NULL},
    {"check", ON_CHECK, "build checks, as BuildKit runs them",
     "Check for what builds but should be written otherwise. Rules are BuildKit's, and so are the\n"
     "comments that switch them: `# check=skip=RULE,RULE;experimental=all;error=true`.",
     NULL, run_check, NULL},
    {"images", ON_IMAGES, "images that are pulled, and what holds them",
     "Print the images that FROM, COPY --from, RUN --mount=from= and `# syntax=` name, and which\n"
     "line or ARG holds the version of each. With --set, change them where they are held: the\n"
     "result is printed, shown as a diff or written back.",
     NULL, run_images, NULL},
    {"context", ON_CONTEXT, "what a build reads of its context",
     "Print what each COPY, ADD and bind mount reads of the build context and where that goes, as\n"
     "BuildKit matches it. The exit status is 1 when the build would fail for want of a file.",
     NULL, run_context, NULL},
    {"config", ON_CONFIG, "configuration of the image",
     "Print what the image of the target says of itself (user, command, environment, ...), each\n"
     "with where it comes from; what depends on something that is not given is unknown.",
     NULL, run_config, NULL},
    {"args", ON_ARGS, "build arguments and variables",
     "Print the variables of the global scope and at the end of each stage, each with where its\n"
     "value comes from.",
     NULL, run_args, NULL},
    {"cache", ON_CACHE, "cache mounts for package managers",
     "Add `RUN --mount=type=cache` where a package manager or build tool can use it, and remove\n"
     "the words that fight it.",
     NULL, run_rewrite, dfl_rewrite_cache},
    {"base", ON_BASE, "another base image for a stage",
     "Move a stage to another base image, keeping what its configuration means; or compare what\n"
     "each base would take with --report.",
     NULL, run_rewrite, dfl_rewrite_base},
    {"split", ON_SPLIT, "one stage into builder and runtime",
     "Split a file of one stage into a builder and a runtime stage that holds what the start\n"
     "command needs.",
     NULL, run_rewrite, dfl_rewrite_split},
    {"optimize", ON_OPTIMIZE, "split, base --to distroless and cache",
     "Split, move to distroless and add cache mounts, as far as each of them is safe; what was\n"
     "not done is said on standard error.",
     NULL, run_rewrite, dfl_rewrite_optimize},
    {"catalog", ON_CATALOG, "what is known of package managers, images and packages",
     "  list [KIND]     print kinds and names of the entries: tool, release, image, ecosystem,\n"
     "                  program, package\n"
     "  show NAME...    print entries with all that is known and its sources, in the form that\n"
     "                  --catalog takes; KIND/NAME where kinds share the name\n"
     "  check FILE...   say what is wrong with files for --catalog, by line and column",
     NULL, NULL, NULL},
    {"explain", 0, "what a code means and what to do",
     "Print what codes of diagnostics, checks and rewrites mean and what to do about them:\n"
     "dockerfile explain CODE... Without a code, all of them are listed.",
     NULL, NULL, NULL},
    {"version", 0, "version of the command and the library", "Print the version.", NULL, NULL,
     NULL},
    {"help", 0, "help for a command", "Print help, or that of a command: dockerfile help COMMAND.",
     NULL, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};

const command *command_find(const char *name) {
    for (const command *c = commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0) return c;
    return NULL;
}

static const char *command_name(const void *ctx, size_t n) {
    (void)ctx;
    return commands[n].name;
}

static void print_usage(FILE *to) {
    fputs("usage: dockerfile COMMAND [options] [FILE...]\n\ncommands:\n", to);
    for (const command *c = commands; c->name != NULL; c++)
        fprintf(to, "  %-10s %s\n", c->name, c->summary);
    fputs("\n`dockerfile COMMAND --help` lists a command's options.\n", to);
}

static int unknown_command(const char *name) {
    const char *near = nearest(name, command_name, NULL);
    if (near != NULL)
        say("dockerfile: there is no command \"%s\"; did you mean %s?", name, near);
    else
        say("dockerfile: there is no command \"%s\"; `dockerfile --help` lists them", name);
    return STATUS_USAGE;
}

static int run_version(void) {
    uint32_t v = dfl_version();
    printf("dockerfile %u.%u.%u\n", (unsigned)(v >> 16), (unsigned)(v >> 8 & 0xFF),
           (unsigned)(v & 0xFF));
    return STATUS_DONE;
}

static int run_help(int argc, char **argv) {
    if (argc == 0) {
        print_usage(stdout);
        return STATUS_DONE;
    }
    const command *cmd = command_find(argv[0]);
    if (cmd == NULL) return unknown_command(argv[0]);
    options_help(cmd);
    return STATUS_DONE;
}

/* Commands that take no file. */
static int run_plain(const command *cmd, int argc, char **argv) {
    if (argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
        options_help(cmd);
        return STATUS_DONE;
    }
    if (strcmp(cmd->name, "help") == 0) return run_help(argc, argv);
    if (strcmp(cmd->name, "explain") == 0) return run_explain(argc, argv);
    if (argc == 0) return run_version();
    say("dockerfile: %s takes no arguments: \"%s\"", cmd->name, argv[0]);
    return STATUS_USAGE;
}

static int run_files(const options *opt) {
    session s;
    int worst = session_open(opt, &s);
    if (worst != STATUS_DONE) return worst;
    if (opt->command->bit == ON_CATALOG) worst = run_catalog(&s);
    for (size_t i = 0; opt->command->run != NULL && i < opt->file_count; i++) {
        int status = opt->command->run(&s, opt->files[i]);
        if (status > worst) worst = status;
    }
    session_close(&s);
    return worst;
}

static int run_command(const command *cmd, int argc, char **argv) {
    options opt;
    if (cmd->bit == 0) return run_plain(cmd, argc, argv);
    int status = options_read(cmd, argc, argv, &opt);
    if (status != STATUS_DONE) return status;
    if (opt.help)
        options_help(cmd);
    else
        status = run_files(&opt);
    options_free(&opt);
    return status;
}

static int run(int argc, char **argv) {
    if (argc < 2) {
        print_usage(stderr);
        return STATUS_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return run_help(argc - 2, argv + 2);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) return run_version();
    const command *cmd = command_find(argv[1]);
    if (cmd == NULL) return unknown_command(argv[1]);
    return run_command(cmd, argc - 2, argv + 2);
}

int main(int argc, char **argv) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* a closed pipe is an error of write, not a death */
    int status = run(argc, argv);
    dfl_str rest = {"", 0};
    int flushed = output_bytes(rest);
    return flushed > status ? flushed : status;
}
