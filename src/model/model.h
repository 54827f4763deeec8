/* model.h -- the stored form of a model, and scopes that walk along instructions.
 * Relies on env.h and syntax. Public face in dockerfile/model.h, scope.h and graph.h.
 * Never knows images itself: what a base image says comes from the caller, or its catalog. */
#ifndef DFL_MODEL_MODEL_H
#define DFL_MODEL_MODEL_H

#include "dockerfile/graph.h"
#include "dockerfile/model.h"
#include "dockerfile/scope.h"
#include "model/config.h"
#include "model/env.h"
#include "model/platform.h"
#include "model/winpath.h"
#include "syntax/reference.h"
#include "syntax/tree.h"
#include "syntax/word.h"

/* An instruction of the file. */
typedef struct {
    const dfl__env_node *env; /* variables before it */
    uint32_t node;
    uint32_t stage;      /* DFL_NO_STAGE before the first FROM */
    uint32_t definition; /* where its own begin in dfl_model.definitions: of FROM, what the stage
                            begins with */
    uint16_t kind;       /* DFL_NODE_* */
    uint8_t open;        /* of the env */
    uint8_t foreign;     /* the shell before it is no POSIX shell */
} dfl__instr;

typedef struct {
    uint32_t node;       /* its FROM */
    uint32_t first, end; /* its instructions in dfl_model.instrs, FROM included */
    uint32_t base_stage; /* DFL_NO_STAGE for an image */
    uint32_t bottom;     /* the stage in which its chain of base stages ends */
    dfl_str name;        /* lower case; empty */
    dfl_str base;
    dfl_str platform;
    int base_known;
    int platform_known;
    const dfl__env_node *earlier; /* stages before it by name */
    uint32_t next_of_name;        /* the next stage of its name; DFL_NO_STAGE */
    const dfl__platform *parsed;  /* platform; NULL when there is none to be had */
    uint32_t context;             /* named context that replaces the stage, plus one; 0 = none */
    uint32_t base_context;        /* the same of its base image */
} dfl__stage;

typedef struct {
    uint32_t kind; /* DFL_EDGE_* */
    uint32_t stage, target;
    dfl_range range;
    dfl_str image;
    int known;
    uint32_t flags; /* DFL_EDGE_F_* */
    uint32_t node;  /* the instruction */
    uint32_t value; /* of the flag that names it, in the document it stands in; 0 for FROM */
} dfl__edge;
typedef DFL__VEC(dfl__edge) dfl__edges;

/* What BuildKit keeps a list of and COPY --from=NUMBER counts: the stages, then an entry for each
 * source that is none. */
typedef struct {
    uint32_t stage; /* DFL_NO_STAGE for a source that is no stage */
    dfl_str name;   /* of that source */
} dfl__state;

typedef struct {
    dfl_str name;
    dfl_str value;
    uint32_t kind; /* DFL_DEFINITION_* */
    dfl__var state;
    uint32_t node;
    uint32_t stage;
    uint32_t from;
    const dfl__env_node *before; /* variables before it */
} dfl__definition;

typedef struct {
    uint32_t code;
    uint32_t stage; /* DFL_NO_STAGE: met by every build */
    uint32_t pass;  /* of BuildKit in which it is met, in tenths: its parts are told apart */
    int at_once;    /* met only if the stage is needed without any ONBUILD */
    dfl_range range;
    dfl_str message;
} dfl__issue;

/* What expansion may still write, all words together. */
typedef struct {
    size_t left;
} dfl__budget;

/* A named context of the caller. */
typedef struct {
    dfl_str name;
    dfl_str source;
} dfl__context;

/* An instruction that a stage takes from what it is built on. */
typedef struct {
    dfl_doc *doc;  /* one reference; NULL when it is not read yet, or cannot be read */
    dfl_str text;  /* as it is stored in an image */
    uint32_t node; /* its instruction in `doc` */
    uint32_t code; /* of the diagnostic when it cannot be read, 0 = it can */
    int read;
} dfl__trigger;

/* What is known of a base image, and the variables of a stage that begins with it. */
typedef struct {
    dfl_image_config config; /* copied */
    uint32_t unknown;        /* DFL__CONFIG_*: what `config` does not say */
    dfl__env env;
    dfl__config start;      /* labels, volumes, ports */
    int begun;              /* these are made */
    uint32_t first_trigger; /* of its OnBuild, in dfl_model.triggers */
} dfl__base;

/* What COPY, ADD or a mount takes from somewhere: a word with its variables put in. */
typedef struct {
    dfl_str text;
    uint32_t node;
    int known;
    int heredoc; /* the text is its name */
} dfl__taken;

/* COPY, ADD or a mount, as it was when the walk came by. */
typedef struct {
    const dfl_doc *doc; /* in which the nodes lie: the file's own, or a trigger's */
    uint32_t node;      /* the instruction */
    uint32_t from;      /* the flag's value that names a source other than the context; 0 */
    uint32_t origin;    /* the stage that it names; DFL_NO_STAGE */
    dfl_str image;      /* or the image */
    uint32_t stage;
    uint32_t first, count; /* of dfl_model.taken: paths, then heredocs */
    dfl__taken destination;
    dfl_str workdir;
    int workdir_known, workdir_set;
    int windows;
    int parents;
    int unpack; /* 1, 0, or -1 when the file does not say */
    int unread; /* BuildKit asks for the source and then does not read it */
} dfl__transfer;

struct dfl_model {
    const dfl_doc *doc; /* one reference */
    dfl_limits limits;  /* the caller's; the document's where none are given */
    uint32_t flags;     /* DFL_MODEL_F_* */
    dfl__arena arena;
    dfl__env args;    /* build arguments of the caller */
    dfl__env globals; /* ARGs before the first FROM, automatic ones included */
    dfl__env names;   /* stages: a binding's definition is the stage's index */
    dfl_str target;   /* as asked for; empty */
    dfl__platform target_platform, build_platform; /* normalised; no `os` when not known */
    dfl__budget budget;
    int exhausted;          /* the budget ran out, and that was said */
    dfl__env context_names; /* a binding's definition is the context's index */
    DFL__VEC(dfl__context) contexts;
    dfl__env base_names; /* images by their shortest name: a binding's definition is an index */
    DFL__VEC(dfl__base *) bases;
    const dfl_catalog *catalog; /* the caller's; NULL = none */
    DFL__VEC(dfl__instr) instrs;
    DFL__VEC(dfl__stage) stages;
    DFL__VEC(dfl__state) states;
    dfl__edges edges; /* in the order of their stages */
    DFL__VEC(uint32_t) cycle_edges;
    DFL__VEC(uint32_t) cycles; /* where each begins in cycle_edges */
    DFL__VEC(dfl__definition) definitions;
    uint32_t predefined;            /* how many of the first are proxies, which only RUN sees */
    DFL__VEC(dfl__issue) issues;    /* in the order in which they were found */
    DFL__VEC(uint32_t) issue_order; /* by position */
    DFL__VEC(dfl__trigger) triggers;
    DFL__VEC(dfl__transfer) transfers;
    DFL__VEC(dfl__taken) taken;
    dfl__edges trigger_edges;    /* while the model is made: they join `edges` at the end */
    struct dfl__stage_end *ends; /* [stages]: what is in force behind each */
};

/* report.c ----------------------------------------------------------------------------------- */

/* Add a diagnostic. `detail` fills the message's %S, `suggestion` may be NULL. DFL_E_NOMEM. */
typedef struct {
    uint32_t code;
    uint32_t stage;
    uint32_t pass; /* in tenths; 0 = that of the code */
    int at_once;
    dfl_range range;
    dfl_str detail;
    dfl_str suggestion; /* empty = none */
} dfl__report_args;
dfl_status dfl__model_report(dfl_model *model, const dfl__report_args *args);
/* Bring the diagnostics into the order of their positions. DFL_E_NOMEM. */
dfl_status dfl__model_settle(dfl_model *model);
/* The name in `env` nearest to `word`, values and not declarations alone; empty when none is. */
dfl_str dfl__env_nearest(const dfl__env *env, dfl_str word);

/* context.c: the named context that `name`, a stage or an image, is replaced by for `platform`
 * (NULL = not known): its index plus one, 0 = none. DFL_E_ARG when `name` is no image reference. */
dfl_status dfl__context_find(const dfl_model *model, dfl_str name, const dfl__platform *platform,
                             uint32_t *context);
/* Append the shortest name of an image, without `:latest`: equal for equal images. 0 when
 * `reference` is none. */
int dfl__image_key(dfl_str reference, dfl__buf *out);

/* base.c: copies for configurations; `*failed` is set without memory. An empty list is one, NULL is
 * none. */
dfl_str dfl__copy_text(dfl__arena *arena, dfl_str s, int *failed);
const dfl_str *dfl__copy_list(dfl__arena *arena, const dfl_str *items, size_t count, int *failed);
/* base.c: copy what the caller knows of base images; the one that `reference` names, or NULL. What
 * only the catalog knows becomes one when it is asked for. */
dfl_status dfl__bases_copy(dfl_model *model, const dfl_model_options *opt);
dfl_status dfl__base_find(dfl_model *model, dfl_str reference, dfl__base **base);
/* The same of a model that is made: only what has been asked for before is known. */
dfl_status dfl__base_known(const dfl_model *model, dfl_str reference, const dfl__base **base);
/* known.c: what the catalog knows of the image `reference`; all of it is the arena's or static. 0
 * when it knows nothing, or without memory, which `*status` tells. */
int dfl__catalog_config(const dfl_catalog *catalog, dfl_str reference, dfl__arena *arena,
                        dfl__base *out, dfl_status *status);

/* again.c: the model of `doc` in the build that `model` is about, with `flags` (DFL_MODEL_F_*)
 * added. As dfl_model_new. */
dfl_status dfl__model_again(const dfl_model *model, const dfl_doc *doc, uint32_t flags,
                            dfl_model **out);

/* graph.c: fill the edges; DFL_E_NOMEM. */
dfl_status dfl__model_link(dfl_model *model);
/* graph.c: say that there is no target of the name asked for. */
dfl_status dfl__model_target(dfl_model *model);
/* Parse a platform, with what the builder's gives where a part is missing. */
dfl__platform_error dfl__model_platform(const dfl_model *model, dfl_str text, dfl__arena *arena,
                                        dfl__platform *out);
/* Stage by lower-cased name among all stages, last one first; DFL_NO_STAGE. */
uint32_t dfl__stage_named(const dfl_model *model, dfl_str name);
/* Lower-case `name` into the arena; NULL ptr without memory. */
dfl_str dfl__lower_name(dfl__arena *arena, dfl_str name);

/* Where a recording walk is. */
typedef struct {
    dfl_model *model; /* under construction */
    uint32_t pass;    /* in tenths */
    dfl_range place;  /* of a trigger: where its diagnostics and definitions stand */
    uint32_t onbuild; /* of a trigger: the ONBUILD instruction, 0 = not of this file */
    int is_trigger;
} dfl__record;

/* What is in force at a point of a stage. */
typedef struct {
    const dfl_model *model;
    dfl__arena *arena;
    dfl__env env;
    dfl_str workdir; /* absolute; "/" at the start */
    dfl_str user;    /* as expanded; empty = root by default */
    int workdir_known;
    int user_known;
    uint32_t shell;  /* the SHELL instruction in force, 0 = the default */
    int windows;     /* paths are those of Windows */
    int workdir_set; /* a WORKDIR of the file was met */
    dfl_str home;    /* directory of `user`, where a caller knows it; empty */
    dfl__budget own;
    dfl__budget *budget;
    dfl__record *record; /* NULL: nothing is recorded */
} dfl__scope;

/* globals.c: what stands in the global scope before the first ARG, and what ends it. `scope` has
 * its variables; it records. */
dfl_status dfl__globals_begin(dfl_model *model, const dfl_model_options *opt, dfl_str last_stage,
                              dfl__scope *scope);
dfl_status dfl__globals_end(dfl_model *model, dfl__scope *scope);

typedef struct dfl__stage_end {
    dfl__scope scope;
    dfl__config config;
} dfl__stage_end;

/* walk.c: go through all stages as BuildKit's last pass does. DFL_E_NOMEM. */
dfl_status dfl__model_walk(dfl_model *model);

void dfl__scope_init(dfl__scope *scope, const dfl_model *model, dfl__arena *arena);
/* Step over an instruction of the stage. DFL_E_NOMEM. */
dfl_status dfl__scope_apply(dfl__scope *scope, const dfl__instr *instr);
/* The same of an instruction in any document. */
dfl_status dfl__scope_step(dfl__scope *scope, const dfl_doc *doc, uint32_t node, uint16_t kind);
/* Write a variable that no instruction writes; the texts outlive the scope. */
dfl_status dfl__scope_define(dfl__scope *scope, dfl__layer layer, dfl__definition definition);
/* One pair of an ARG. */
dfl_status dfl__scope_arg(dfl__scope *scope, const dfl_doc *doc, uint32_t pair);
/* Expand `word`, the value of `node`, into `*out`, which is the arena's, the document's or static.
 * When the value is not known, it is the word as written. Errors are recorded. */
dfl_status dfl__scope_word(dfl__scope *scope, uint32_t node, dfl_str word, dfl_str *out,
                           int *known);
/* The same in words mode: words and their ends are appended, as dfl__word_split does, when known.
 */
dfl_status dfl__scope_words(dfl__scope *scope, uint32_t node, dfl_str word, dfl__buf *text,
                            dfl__offsets *ends, int *known);
/* Check the body of a heredoc whose variables ADD or COPY puts in. */
dfl_status dfl__scope_body(dfl__scope *scope, const dfl_doc *doc, uint32_t node);
/* Set WORKDIR to `path`, expanded; what is wrong with it is recorded for `node`. */
dfl_status dfl__scope_workdir(dfl__scope *scope, uint32_t node, dfl_str path);
/* Record a diagnostic about `node` of the document that is walked. */
dfl_status dfl__scope_report(dfl__scope *scope, uint32_t node, uint32_t code, dfl_str detail);
/* Record that the budget is spent, of all of a model once: later words are not known, either. */
dfl_status dfl__scope_spent(dfl__scope *scope, uint32_t node, dfl_str word);

/* query.c: index of the instruction that is `node`; UINT32_MAX when there is none. */
uint32_t dfl__instr_of(const dfl_model *model, uint32_t node);
/* query.c: the variables that the words of `node` may name; what is written to it goes to `arena`.
 */
void dfl__env_at(const dfl_model *model, uint32_t node, dfl__arena *arena, dfl__env *env);

/* Whether expansion leaves `word` as it is. */
int dfl__word_is_plain(dfl_str word, unsigned char escape);
/* Options to expand words of the model against `env`, which must outlive them. */
dfl__word_options dfl__expand_options(const dfl_model *model, const dfl__env *env);
/* Take what an expansion cost; 0 when the budget is spent. */
int dfl__spend(dfl__budget *budget, size_t cost);
size_t dfl__budget_of(const dfl_model *model);
/* Expand `word` into `out` against `env`; `*known` is 0 when the result is not known or the word is
 * malformed. DFL_E_NOMEM. */
dfl_status dfl__expand(const dfl_model *model, const dfl__env *env, dfl_str word, dfl__buf *out,
                       int *known);

/* Value node of flag `name` of the instruction, searched after flag `*flag` (0 = the first), which
 * is moved to it; 0 when there is none. */
uint32_t dfl__flag_value(const dfl_doc *doc, uint32_t instruction, const char *name,
                         uint32_t *flag);

#endif
