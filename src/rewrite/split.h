/* split.h -- the state of one split, shared by its files.
 * Relies on rewrite.h.
 * split.c decides, trace.c reads the commands, tree.c finds what is copied of trees, runtime.c
 * chooses the image and user.c its user, roles.c says what stands in which stage, named.c and
 * left.c what is lost thereby, layout.c writes. */
#ifndef DFL_REWRITE_SPLIT_H
#define DFL_REWRITE_SPLIT_H

#include "rewrite/rewrite.h"

#define DFL__IN_BUILDER 1u
#define DFL__IN_RUNTIME 2u

/* What the commands of a RUN do. */
#define DFL__RUN_BUILDS 1u   /* writes an artifact */
#define DFL__RUN_INSTALLS 2u /* installs dependencies */
#define DFL__RUN_PACKAGES 4u /* OS packages */
#define DFL__RUN_SETS_UP 8u  /* directories, owners, modes */
#define DFL__RUN_UNKNOWN 16u /* something else, or unreadable */
#define DFL__RUN_USERS 32u   /* makes users and groups */
#define DFL__RUN_FOREIGN 64u /* beside UNKNOWN: it may write anywhere, not just in its place */
#define DFL__RUN_OWN 128u    /* beside UNKNOWN: a program of the language or of the sources */

/* What becomes of an instruction of a stage that moves. */
#define DFL__FATE_KEEP 0
#define DFL__FATE_DROP 1
#define DFL__FATE_REPLACE 2 /* by `runtime_text` */

/* An instruction of the stage after FROM. */
typedef struct {
    const dfl__instr *instr;
    int fate;         /* DFL__FATE_* on the image tried last */
    dfl_str owner;    /* base: new value of --chown; empty = its own */
    unsigned stages;  /* DFL__IN_* */
    unsigned does;    /* DFL__RUN_* */
    int intricate;    /* not just commands one after another: some write a file or may not run */
    dfl_str stranger; /* program of its first foreign command; empty = none */
    dfl_str workdir;  /* in force before it */
    dfl_str user;     /* in force before it; empty = root, or not known */
    const dfl__transfer *transfer; /* of a COPY or ADD: what it takes, and where to */
    dfl_str runtime_text;          /* instead of its own text; empty = its own */
} dfl__item;

/* A command that writes an artifact. Offsets are of the source. */
typedef struct {
    uint32_t item;
    uint32_t start; /* of the command, assignments included */
    dfl_str path;   /* what it writes; the last part may hold `*`; a directory ends in / */
    const dfl__build_rule *rule; /* NULL for cp, mv, install */
    int is_static, is_dynamic;   /* its words or its environment say so */
    int sets_linkage;            /* the variable of static_env has a value already */
} dfl__writer;

/* A command that installs dependencies. */
typedef struct {
    uint32_t item;
    uint32_t after; /* source offset behind its sub-command */
    const dfl__install_rule *rule;
    dfl_str into;   /* where; empty when only the stage flag can tell */
    int production; /* leaves development dependencies out already, or hangs on a condition */
    int tools_only; /* installs nothing but tools of the build */
    int own;        /* into the application's own tree */
    int used;       /* a command behind it may need what it installs for development */
    int sourced;    /* a script was sourced before it: it may install anywhere */
    int as_user;    /* not, or not surely, as root: it cannot write to the system */
    int cannot;     /* has a word that forbids copying what it installs */
} dfl__install;

typedef struct {
    dfl_str name;
    const dfl__tool *tool;
    uint32_t item;
} dfl__os_package;

/* A path that a RUN makes, or whose owner or mode it sets. Empty when it is not known. */
typedef struct {
    uint32_t item;
    dfl_str path;
    int is_made;   /* by a mkdir without a mode of its own */
    dfl_str owner; /* that it is given; empty = none, or not known */
} dfl__setup;

/* A path that a command of a RUN writes, or may write. */
typedef struct {
    uint32_t item;
    dfl_str path;
} dfl__write;

/* Why an image does not do. */
typedef struct {
    const char *code;
    dfl_range range;
    dfl_str text;
} dfl__objection;
typedef DFL__VEC(dfl__objection) dfl__objections;

/* A health check written for the new image. */
typedef struct {
    dfl_range range; /* of the old command */
    dfl_str text;    /* empty = the old one stays */
    dfl_str old, interpreter;
    int is_same; /* the old words, only with the interpreter by its path */
} dfl__probe;

/* A path that the start command or the health check names. */
typedef struct {
    dfl_str path;
    uint32_t line; /* of the instruction */
    int is_copied; /* a COPY of the runtime stage brings it */
} dfl__named;

/* Something to copy out of the builder. */
typedef struct {
    dfl_str from, to;
    dfl_str stage; /* of the builder's */
    int relative;  /* write the destination below the working directory */
    dfl_str owner; /* for --chown; empty = root */
} dfl__artifact;

typedef struct {
    dfl__rewrite *rw;
    uint32_t stage;
    int moving;                 /* base, not split: the whole stage goes to the other image */
    int shell_program;          /* the start program needs a shell */
    const dfl__program *script; /* it is a script of the sources; NULL */
    dfl_str script_word;        /* as it is started */
    int development;            /* it may need what is installed for development */
    dfl__image_info image;
    dfl__image_info
        own; /* base: what the stage stands on; `image` is its builder's if it has one */
    uint32_t source_stage; /* base: the stage that the program is copied from; DFL_NO_STAGE */
    DFL__VEC(dfl_str) builder_packages; /* base: what that stage is known to have */
    DFL__VEC(dfl_str) carried;          /* files of packages to copy from the builder */
    int keeps_packages;                 /* base: RUNs that install packages stay */
    dfl__objections objections;         /* to the image tried last */
    dfl__probe probe;
    const dfl__ecosystem *eco;
    dfl__start start;
    uint32_t program;     /* index in start.argv, behind wrappers */
    dfl_str program_path; /* where PATH led to it in the builder; empty when it names a path */
    dfl__scope scope;     /* at the end of the stage */
    dfl__env used;        /* names of the variables that the runtime stage uses */
    DFL__VEC(dfl__item) items;
    DFL__VEC(dfl__writer) writers;
    DFL__VEC(dfl__install) installs;
    DFL__VEC(dfl__os_package) packages;
    DFL__VEC(dfl__setup) setups;
    DFL__VEC(dfl__write) writes;
    DFL__VEC(dfl__named) named;
    DFL__VEC(dfl__artifact) artifacts;
    int packages_unknown;     /* a package name that is not literal */
    int linkage_hint;         /* packages that hint at a dynamic executable */
    const char *linkage;      /* "static", "dynamic" or "" */
    int make_static;          /* put static_env before the build command */
    const dfl__writer *built; /* the command that writes what runs */
    const char *assumption;   /* of the rule that found it */
    const char *note;         /* what the catalog says of the runtime image */
    dfl_str builder;          /* name of the builder stage */
    dfl_str prune;            /* command for the builder's end; empty */
    int production_stage;     /* a deps stage of its own */
    uint32_t production;      /* its installation */

    dfl_str runtime; /* reference of the runtime image */
    dfl_str written; /* the same as it is written: with the variables of the old one */
    dfl__image_info runtime_info;
    dfl_str runtime_packages; /* names, blank-separated; empty = none */
    const dfl__tool *runtime_tool;
    dfl_str user;  /* USER to write; empty = as the file says */
    int drop_user; /* the file's USER does not go to the runtime stage */
    dfl__start_edit start_edit;
    const char *user_note;
    int root;           /* the runtime stage runs as root */
    uint32_t anchor;    /* one past the last item that stands in the builder */
    uint32_t builds_to; /* one past the last RUN that builds */
    uint32_t runs_to;   /* one past the last RUN that stands in the builder */
    uint32_t copies_to; /* one past the last COPY of the whole context */
} dfl__split;

/* trace.c: read every instruction and command. 0 after a failure. */
int dfl__split_read(dfl__split *s);
/* trace.c: the writer of `path`, the last one that can have written it; NULL. */
const dfl__writer *dfl__split_writer(const dfl__split *s, dfl_str path);
/* runtime.c: image, packages, user, start command. 0 after a refusal. */
int dfl__split_runtime(dfl__split *s);
/* runtime.c: whether the program runs from a tree of sources and dependencies. */
int dfl__split_is_tree(const dfl__split *s);
/* runtime.c: whether `reference` is the stage's own base. */
int dfl__split_same_image(const dfl__split *s, dfl_str reference);
/* runtime.c: the first RUN that sets up a path for the running program; the count of items when
 * there is none. */
uint32_t dfl__split_sets_up(const dfl__split *s);
/* runtime.c: whether a path that a RUN sets up is one that the build needs, or that is copied with
 * its mode: the way to the working directory or to an artifact. */
int dfl__split_is_build_path(const dfl__split *s, dfl_str path);
/* tree.c: what is copied of an application, or of dependencies apart from sources. 0 after a
 * refusal. */
int dfl__tree_application(dfl__split *s);
int dfl__tree_packages(dfl__split *s);
/* tree.c: the start command may need what is installed for development. */
void dfl__tree_keep_development(dfl__split *s);
/* split.c: the FROM of the stage; the instruction of an item, and its line from 1. */
dfl_range dfl__split_stage_range(const dfl__split *s);
dfl_range dfl__split_range(const dfl__split *s, uint32_t item);
uint32_t dfl__split_line(const dfl__split *s, uint32_t item);
/* split.c: something to copy; `stage` NULL = the builder. 0 without memory. */
int dfl__split_add(dfl__split *s, dfl_str from, dfl_str to, const char *stage, int relative);
/* split.c: directories of the context that programs of the language read at run time. */
void dfl__split_add_assets(dfl__split *s, dfl_str except);
/* split.c: absolute path of the file that `word` of the start command names; empty when not known.
 */
dfl_str dfl__split_absolute(dfl__split *s, dfl_str word);
/* split.c: refuse, as nothing is built; as no step is known to write `path`. The latter is 0. */
void dfl__split_nothing_built(dfl__split *s);
int dfl__split_refuse_artifact(dfl__split *s, dfl_str path);
/* split.c: whether the stage is of a kind that can be read; 0 after a refusal. */
int dfl__split_accepts(dfl__split *s);
/* split.c: the ecosystem that starts programs of `language`; NULL when none does. */
const dfl__ecosystem *dfl__split_language(const dfl__split *s, const char *language);
/* split.c: the ecosystem of the image's language, or of a command that builds. 0 when none is. */
int dfl__split_ecosystem(dfl__split *s);
/* split.c: linkage of what `writer` (NULL = not known) wrote. 0 after a refusal. */
int dfl__split_linkage(dfl__split *s, const dfl__writer *writer);
void dfl__split_free(dfl__split *s);
/* runtime.c: object to the image that is being tried; once for one code and place. Always 0. */
int dfl__object(dfl__split *s, const char *code, dfl_range range, dfl_str text);
/* user.c: the user of the chosen image. 0 after a refusal. */
int dfl__split_user(dfl__split *s);
/* user.c: whether the image has users with names. */
int dfl__image_has_names(const dfl__image *image);
/* user.c: the artifacts keep the user that runs the program as their owner; what cannot be kept is
 * an assumption of the step. They are copied in front of item `at`. */
void dfl__split_owners(dfl__split *s, uint32_t step, uint32_t at);
/* user.c: a step that says who runs the program; UINT32_MAX when nothing changes. */
uint32_t dfl__runtime_user_step(dfl__split *s);
/* runtime.c: the step that writes the start command anew. */
uint32_t dfl__start_step(dfl__split *s);
/* health.c: the step that writes the health check anew. */
uint32_t dfl__probe_step(dfl__split *s, const char *code);
/* health.c: object where a health check cannot run on the target; `probe` is set where it can be
 * written for it. */
void dfl__health_check(dfl__split *s, const dfl__image_info *target);
/* move.c: object to what a moving stage lacks on the target; the fates of its RUNs are set. */
void dfl__move_check(dfl__split *s, const dfl__image_info *target);
/* move.c: the files of the builder's image that the program may use and the target lacks. */
void dfl__split_files(dfl__split *s, const dfl__image_info *target);
/* move.c: whether a program that a RUN calls may be missing on the target. */
int dfl__is_lost(const dfl__split *s, dfl_str program, const dfl__image_info *target);
/* move.c: whether a COPY of the stage writes `path`, or the directory it lies in. */
int dfl__move_is_copied(dfl__split *s, dfl_str path);
/* move.c: whether a word of the start command can be started on the target. */
int dfl__move_can_start(dfl__split *s, dfl_str word, const dfl__image_info *target);
/* move.c: owners of COPY and ADD on the chosen image. 0 after a refusal. */
int dfl__move_owners(dfl__split *s);
/* move.c: whether the target is an image of the stage's own family: same programs, same users. */
int dfl__move_is_family(const dfl__split *s, const dfl__image_info *target);
/* roles.c: `stages` of each item, and where the builder ends. */
void dfl__split_roles(dfl__split *s);
/* roles.c: the stages of a RUN, DFL__IN_*, on the image that is chosen. */
unsigned dfl__split_run_stages(const dfl__split *s, uint32_t item);
/* roles.c: whether SHELL has a say in the runtime stage: in a RUN, or in a command of the image. */
int dfl__split_uses_shell(const dfl__split *s);
/* roles.c: whether the item, a COPY of something by its name, brings `path`. */
int dfl__split_copies_file(dfl__split *s, uint32_t item, dfl_str path);
/* roles.c: whether the item is a COPY of the whole context. */
int dfl__split_copies_context(const dfl__split *s, uint32_t item);
/* roles.c: whether the last COPY of the whole context brings what the item, a COPY, brings, to the
 * same place. */
int dfl__split_is_brought(dfl__split *s, uint32_t item);
/* roles.c: kinds that configure the image and build nothing. */
int dfl__is_configuration(uint16_t kind);
/* roles.c: dependencies apart from sources. */
int dfl__split_is_packages(const dfl__split *s);
/* roles.c: the sources run as they are, after no build step. */
int dfl__split_runs_sources(const dfl__split *s);
/* named.c: files that the start command names; those of the context become artifacts. */
void dfl__named_read(dfl__split *s);
/* named.c: files that are named, and that no copy is known to bring, as assumptions of the step. */
void dfl__named_assume(dfl__split *s, uint32_t step);
/* left.c: whether an artifact brings the path to the same place. */
int dfl__split_is_covered(const dfl__split *s, dfl_str path);
/* left.c: refuse what is seen to be lost with the builder. 0 after a refusal. */
int dfl__left_refuse(dfl__split *s);
/* left.c: state what may be lost with the builder as assumptions of the step. */
void dfl__left_assume(dfl__split *s, uint32_t step);
/* layout.c: roles and edits. */
void dfl__split_layout(dfl__split *s);

/* The body of dfl_rewrite_split, for merged plans. */
void dfl__split_body(dfl__rewrite *rw);

/* Whether any item has `flag` in `does`, from item `from` on. */
int dfl__split_does(const dfl__split *s, unsigned flag, uint32_t from);

#endif
