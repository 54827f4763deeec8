/* options.c -- the command line: one table of options, read and explained from the same rows.
 * Relies on cli.h.
 * Never guesses: what is not in the table is an error that names the nearest row. */
#include "cli/cli.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    TAKES_NOTHING, /* int */
    TAKES_TEXT,    /* const char * */
    TAKES_CHOICE,  /* uint32_t */
    TAKES_FORMAT,  /* uint32_t, one of the command's formats */
    TAKES_CATALOG, /* appended to `catalogs` */
    TAKES_ARG,     /* appended to `args` */
    TAKES_CONTEXT, /* appended to `contexts` */
    TAKES_SET,     /* appended to `sets` */
    TAKES_BASE     /* appended to `bases` */
} kind;

typedef struct {
    const char *name;
    char letter;          /* '\0' = none */
    const char *argument; /* how help calls it; NULL = takes nothing */
    unsigned commands;
    kind kind;
    size_t at; /* of the member of options */
    const choice *choices;
    const char *help;
} option;

static const choice users[] = {
    {"auto", DFL_USER_AUTO}, {"keep", DFL_USER_KEEP}, {"nonroot", DFL_USER_NONROOT}, {NULL, 0}};

static const choice builders[] = {{"buildkit", DFL_BUILDER_BUILDKIT},
                                  {"buildah", DFL_BUILDER_BUILDAH},
                                  {"kaniko", DFL_BUILDER_KANIKO},
                                  {"classic", DFL_BUILDER_CLASSIC},
                                  {NULL, 0}};
static const choice sharings[] = {{"shared", DFL_SHARING_SHARED},
                                  {"private", DFL_SHARING_PRIVATE},
                                  {"locked", DFL_SHARING_LOCKED},
                                  {NULL, 0}};

#define ON_CACHERS (ON_CACHE | ON_OPTIMIZE)
#define ON_SPLITTERS (ON_SPLIT | ON_OPTIMIZE)
#define ON_MODEL (ON_PARSE | ON_QUERY | ON_REWRITE)
#define ON_CHANGE (ON_REWRITE | ON_IMAGES)

#define ID_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static const option table[] = {
    {"format", '\0', "FORMAT", ON_PARSE | ON_GRAPH, TAKES_FORMAT, offsetof(options, format), NULL,
     "form of the output: "},
    {"target", '\0', "NAME", ON_GRAPH | ON_IMAGES, TAKES_TEXT, offsetof(options, target), NULL,
     "stage whose needs are shown; the last one if absent"},
    {"target", '\0', "NAME", ON_CHECK, TAKES_TEXT, offsetof(options, target), NULL,
     "stage whose needs are checked; all stages if absent"},
    {"target", '\0', "NAME", ON_CONFIG, TAKES_TEXT, offsetof(options, target), NULL,
     "stage whose image is meant; the last one if absent"},
    {"target", '\0', "NAME", ON_ARGS, TAKES_TEXT, offsetof(options, target), NULL,
     "stage whose needs are shown; all stages if absent"},
    {"target", '\0', "NAME", ON_CONTEXT, TAKES_TEXT, offsetof(options, target), NULL,
     "stage that is built; all stages if absent"},
    {"rules", '\0', "OPTIONS", ON_CHECK, TAKES_TEXT, offsetof(options, rules), NULL,
     "in place of the file's `# check=`: skip=RULE,RULE;experimental=all;error=true"},
    {"ignore", '\0', "FILE", ON_CHECK, TAKES_TEXT, offsetof(options, ignore), NULL,
     "ignore file of the build context, .dockerignore as a rule"},
    {"to", '\0', "WHAT", ON_BASE, TAKES_TEXT, offsetof(options, to), NULL,
     "new base: distroless, slim, alpine, scratch, wolfi, dhi, ubi-micro or an image"},
    {"report", '\0', NULL, ON_BASE, TAKES_NOTHING, offsetof(options, report), NULL,
     "print what each of these bases would take, and change nothing"},
    {"stage", '\0', "NAME", ON_BASE, TAKES_TEXT, offsetof(options, stage), NULL,
     "stage to move, by name or index; the last one if absent"},
    {"runtime", '\0', "WHAT", ON_SPLITTERS, TAKES_TEXT, offsetof(options, runtime), NULL,
     "base of the runtime stage: auto, or as --to of base"},
    {"user", '\0', "USER", ON_SPLITTERS | ON_BASE, TAKES_CHOICE, offsetof(options, user), users,
     "who runs it: auto, keep or nonroot"},
    {"artifact", '\0', "PATH", ON_SPLITTERS, TAKES_TEXT, offsetof(options, artifact), NULL,
     "path of what runs, when it cannot be traced"},
    {"builder", '\0', "BUILDER", ON_CACHERS, TAKES_CHOICE, offsetof(options, builder), builders,
     "what reads the file: buildkit, buildah, kaniko or classic"},
    {"id", '\0', "ID", ON_CACHERS, TAKES_TEXT, offsetof(options, id), NULL,
     "ids of new cache mounts: none, tool, platform, or a prefix"},
    {"sharing", '\0', "MODE", ON_CACHERS, TAKES_CHOICE, offsetof(options, sharing), sharings,
     "of new cache mounts: shared, private or locked; the catalog's if absent"},
    {"context", '\0', "DIR", ON_REWRITE, TAKES_TEXT, offsetof(options, context), NULL,
     "build context; its manifests (package.json, go.mod, ...) are read"},
    {"catalog", '\0', "FILE", ON_REWRITE | ON_QUERY | ON_CATALOG, TAKES_CATALOG, 0, NULL,
     "YAML facts over the built-in ones; may be repeated, later ones win"},
    {"build-arg", '\0', "NAME=VALUE", ON_MODEL, TAKES_ARG, 0, NULL,
     "value of an ARG; NAME alone takes it from the environment"},
    {"platform", '\0', "PLATFORM", ON_QUERY, TAKES_TEXT, offsetof(options, platform), NULL,
     "platform that is built for, such as linux/arm64; unknown if absent"},
    {"build-context", '\0', "NAME=SOURCE", ON_QUERY, TAKES_CONTEXT, 0, NULL,
     "what stands in for the stage or image NAME; may be repeated"},
    {"set", '\0', "OLD=NEW", ON_IMAGES, TAKES_SET, 0, NULL,
     "give images that are OLD the reference NEW; may be repeated"},
    {"others", '\0', NULL, ON_IMAGES, TAKES_NOTHING, offsetof(options, others), NULL,
     "with --set: let images change that share an ARG with one of them"},
    {"context", '\0', "DIR", ON_CONTEXT, TAKES_TEXT, offsetof(options, context), NULL,
     "build context; without it, sources are printed and not looked for"},
    {"ignore", '\0', "FILE", ON_CONTEXT, TAKES_TEXT, offsetof(options, ignore), NULL,
     "ignore file; FILE.dockerignore beside the Dockerfile or .dockerignore in DIR if absent"},
    {"base-config", '\0', "[REF=]FILE", ON_QUERY, TAKES_BASE, 0, NULL,
     "configuration of the image REF, or of the target's base; may be repeated"},
    {"diff", '\0', NULL, ON_CHANGE, TAKES_NOTHING, offsetof(options, diff), NULL,
     "print a unified diff, not the result"},
    {"write", 'w', NULL, ON_CHANGE, TAKES_NOTHING, offsetof(options, write), NULL,
     "replace the file by the result; nothing is printed"},
    {"json", '\0', NULL, ON_MODEL | ON_CATALOG, TAKES_NOTHING, offsetof(options, json), NULL,
     "print JSON: of a rewrite, its plan"},
    {"explain", '\0', NULL, ON_REWRITE, TAKES_NOTHING, offsetof(options, explain), NULL,
     "say on standard error what is done, why, and what is assumed"},
    {"help", 'h', NULL, ~0u, TAKES_NOTHING, offsetof(options, help), NULL, "print this help"},
};
#define OPTION_COUNT (sizeof table / sizeof *table)

static const char *option_name(const void *ctx, size_t n) {
    const command *cmd = ctx;
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if ((table[i].commands & cmd->bit) != 0 && n-- == 0) return table[i].name;
    return NULL;
}

static const char *choice_word(const void *ctx, size_t n) {
    const choice *choices = ctx;
    return choices[n].word;
}

static int unknown_option(const command *cmd, const char *word, size_t len) {
    dfl_str given = {word, len};
    char name[64] = "";
    if (len > 2 && len < sizeof name) memcpy(name, word + 2, len - 2);
    const char *near = name[0] != '\0' ? nearest(name, option_name, cmd) : NULL;
    if (near != NULL)
        say("dockerfile: %s has no option %S; did you mean --%s?", cmd->name, &given, near);
    else
        say("dockerfile: %s has no option %S; `dockerfile %s --help` lists them", cmd->name, &given,
            cmd->name);
    return STATUS_USAGE;
}

/* The row for a word that starts with `-`; NULL when the command has none. `*value` points behind
 * `=`, or is NULL. */
static const option *find(const command *cmd, const char *word, const char **value, size_t *len) {
    const char *equal = strchr(word, '=');
    *len = equal != NULL ? (size_t)(equal - word) : strlen(word);
    *value = equal != NULL ? equal + 1 : NULL;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const option *o = &table[i];
        if ((o->commands & cmd->bit) == 0 && o->commands != ~0u) continue;
        if (*len == 2 && o->letter != '\0' && word[1] == o->letter) return o;
        if (*len > 2 && word[1] == '-' && strlen(o->name) == *len - 2 &&
            memcmp(o->name, word + 2, *len - 2) == 0)
            return o;
    }
    return NULL;
}

static int set_choice(const option *o, const choice *choices, const char *value, uint32_t *out) {
    for (const choice *c = choices; c->word != NULL; c++) {
        if (strcmp(c->word, value) != 0) continue;
        *out = c->value;
        return STATUS_DONE;
    }
    const char *near = nearest(value, choice_word, choices);
    if (near != NULL)
        say("dockerfile: --%s: \"%s\" is unknown; did you mean %s?", o->name, value, near);
    else
        say("dockerfile: --%s: \"%s\" is unknown; --help names what it takes", o->name, value);
    return STATUS_USAGE;
}

/* NAME=VALUE; NAME alone takes the environment's value and is not given when there is none. */
static int add_arg(options *opt, const char *text) {
    size_t name = strcspn(text, "=");
    const char *value = text[name] == '=' ? text + name + 1 : NULL;
    if (name == 0) {
        say("dockerfile: --build-arg: \"%s\" has no name before the =", text);
        return STATUS_USAGE;
    }
    if (value == NULL) value = getenv(text);
    if (value == NULL) return STATUS_DONE;
    opt->args[opt->arg_count++] = (dfl_binding){{text, name}, {value, strlen(value)}};
    return STATUS_DONE;
}

static int add_context(options *opt, const char *text) {
    size_t name = strcspn(text, "=");
    if (name == 0 || text[name] == '\0' || text[name + 1] == '\0') {
        say("dockerfile: --build-context: \"%s\" must be NAME=SOURCE", text);
        return STATUS_USAGE;
    }
    const char *source = text + name + 1;
    opt->contexts[opt->context_count++] = (dfl_binding){{text, name}, {source, strlen(source)}};
    return STATUS_DONE;
}

/* A reference holds no `=`. */
static int add_set(options *opt, const char *text) {
    size_t old = strcspn(text, "=");
    if (old == 0 || text[old] == '\0' || text[old + 1] == '\0') {
        say("dockerfile: --set: \"%s\" must be OLD=NEW, such as node:20=node:22", text);
        return STATUS_USAGE;
    }
    const char *to = text + old + 1;
    opt->sets[opt->set_count++] = (dfl_binding){{text, old}, {to, strlen(to)}};
    return STATUS_DONE;
}

static int set(options *opt, const option *o, const char *value) {
    void *member = (char *)opt + o->at;
    assert(value != NULL || o->kind == TAKES_NOTHING);
    switch (o->kind) {
    case TAKES_NOTHING: *(int *)member = 1; return STATUS_DONE;
    case TAKES_TEXT: *(const char **)member = value; return STATUS_DONE;
    case TAKES_CHOICE: return set_choice(o, o->choices, value, member);
    case TAKES_FORMAT: return set_choice(o, opt->command->formats, value, member);
    case TAKES_CATALOG: opt->catalogs[opt->catalog_count++] = value; return STATUS_DONE;
    case TAKES_ARG: return add_arg(opt, value);
    case TAKES_CONTEXT: return add_context(opt, value);
    case TAKES_SET: return add_set(opt, value);
    case TAKES_BASE: opt->bases[opt->base_count++] = value; return STATUS_DONE;
    }
    return STATUS_USAGE;
}

/* One word that starts with `-`, and the next one if its value stands there. */
static int read_option(options *opt, int argc, char **argv, int *at) {
    const char *value;
    size_t len;
    const option *o = find(opt->command, argv[*at], &value, &len);
    if (o == NULL) return unknown_option(opt->command, argv[*at], len);
    if (o->argument == NULL && value != NULL) {
        say("dockerfile: --%s takes no value", o->name);
        return STATUS_USAGE;
    }
    if (o->argument != NULL && value == NULL) {
        if (*at + 1 >= argc) {
            say("dockerfile: --%s needs a value: %s", o->name, o->argument);
            return STATUS_USAGE;
        }
        value = argv[++*at];
    }
    return set(opt, o, value);
}

/* What no row can say alone. */
static const char *conflict(const options *opt) {
    unsigned bit = opt->command->bit;
    int sets = opt->set_count > 0, changes = opt->diff || opt->write;
    const struct {
        int holds;
        const char *message;
    } rules[] = {
        {opt->diff && opt->json,
         "--diff and --json cannot both have standard output; give one of them"},
        {sets && opt->json, "--set gives a file, --json a list; give one of them"},
        {bit == ON_IMAGES && (changes || opt->others) && !sets,
         "--diff, --write and --others need --set OLD=NEW"},
        {bit == ON_BASE && opt->to == NULL && !opt->report,
         "base needs --to: distroless, slim, alpine, scratch, wolfi, dhi, ubi-micro or an image; "
         "--report compares them"},
        {opt->report && (opt->to != NULL || changes || opt->explain),
         "--report changes nothing: --to, --diff, --write and --explain go without it"},
        {bit == ON_CONTEXT && opt->ignore != NULL && opt->context == NULL,
         "--ignore needs --context: without a context there is nothing to ignore"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].holds) return rules[i].message;
    for (size_t i = 0; opt->write && i < opt->file_count; i++)
        if (strcmp(opt->files[i], "-") == 0)
            return "--write cannot write to standard input; name a file";
    return NULL;
}

static int check(const options *opt) {
    const char *message = conflict(opt);
    if (message != NULL) {
        say("dockerfile: %s", message);
        return STATUS_USAGE;
    }
    if (opt->id == NULL || opt->id[strspn(opt->id, ID_BYTES)] == '\0') return STATUS_DONE;
    say("dockerfile: --id: \"%s\": a prefix has letters, digits, `.`, `_` and `-` only", opt->id);
    return STATUS_USAGE;
}

static int allocate(options *opt, int argc) {
    size_t most = (size_t)argc + 1; /* calloc of nothing may be NULL */
    opt->catalogs = calloc(most, sizeof *opt->catalogs);
    opt->args = calloc(most, sizeof *opt->args);
    opt->contexts = calloc(most, sizeof *opt->contexts);
    opt->sets = calloc(most, sizeof *opt->sets);
    opt->bases = calloc(most, sizeof *opt->bases);
    opt->files = calloc(most, sizeof *opt->files);
    return opt->bases != NULL && opt->catalogs != NULL && opt->args != NULL &&
           opt->contexts != NULL && opt->sets != NULL && opt->files != NULL;
}

static int read_words(options *opt, int argc, char **argv) {
    int only_files = 0;
    for (int at = 0; at < argc; at++) {
        if (!only_files && strcmp(argv[at], "--") == 0) {
            only_files = 1;
        } else if (only_files || argv[at][0] != '-' || argv[at][1] == '\0') {
            opt->files[opt->file_count++] = argv[at];
        } else {
            int status = read_option(opt, argc, argv, &at);
            if (status != STATUS_DONE) return status;
        }
    }
    if (opt->help) return STATUS_DONE;
    if (opt->file_count == 0 && opt->command->run != NULL)
        opt->files[opt->file_count++] = "Dockerfile";
    return check(opt);
}

int options_read(const command *cmd, int argc, char **argv, options *opt) {
    options read = {.command = cmd};
    int status =
        allocate(&read, argc) ? read_words(&read, argc, argv) : say_status("options", DFL_E_NOMEM);
    if (status == STATUS_DONE)
        *opt = read;
    else
        options_free(&read);
    return status;
}

void options_free(options *opt) {
    free(opt->catalogs);
    free(opt->args);
    free(opt->contexts);
    free(opt->sets);
    free(opt->bases);
    free(opt->files);
}

static void help_row(const command *cmd, const option *o) {
    char left[64];
    snprintf(left, sizeof left, "%c%c%c --%s%s%s", o->letter != '\0' ? '-' : ' ',
             o->letter != '\0' ? o->letter : ' ', o->letter != '\0' ? ',' : ' ', o->name,
             o->argument != NULL ? " " : "", o->argument != NULL ? o->argument : "");
    printf("  %-26s %s", left, o->help);
    for (const choice *c = cmd->formats; o->kind == TAKES_FORMAT && c->word != NULL; c++)
        printf("%s%s", c == cmd->formats ? "" : ", ", c->word);
    putchar('\n');
}

void options_help(const command *cmd) {
    if (cmd->bit == 0) {
        printf("usage: dockerfile %s\n\n%s\n", cmd->name, cmd->details);
        return;
    }
    printf("usage: dockerfile %s [options] %s\n\n%s\n\noptions:\n", cmd->name,
           cmd->run != NULL ? "[FILE...]" : "ACTION [WORD...]", cmd->details);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if ((table[i].commands & cmd->bit) != 0) help_row(cmd, &table[i]);
    printf("\n%s- is standard input; -- ends the options.\n"
           "exit status: 0 done, 1 refused, 2 usage or I/O, 3 no input, 4 errors in the file\n",
           cmd->run != NULL ? "FILE defaults to Dockerfile; " : "");
}
