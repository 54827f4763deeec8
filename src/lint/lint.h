/* lint.h -- the table of rules, the state of one run, and the steps that share it.
 * Relies on model, syntax. Public face in dockerfile/lint.h.
 * Never outlives dfl_lint_run, but for struct dfl_lint. */
#ifndef DFL_LINT_LINT_H
#define DFL_LINT_LINT_H

#include "diag/codes.h"
#include "dockerfile/lint.h"
#include "model/model.h"
#include "syntax/reference.h"
#include "syntax/origin.h"

/* rules.c ------------------------------------------------------------------------------------ */

typedef enum {
    DFL__RULE_STAGE_NAME_CASING,
    DFL__RULE_FROM_AS_CASING,
    DFL__RULE_NO_EMPTY_CONTINUATION,
    DFL__RULE_CONSISTENT_CASING,
    DFL__RULE_DUPLICATE_STAGE,
    DFL__RULE_RESERVED_STAGE,
    DFL__RULE_JSON_ARGS,
    DFL__RULE_MAINTAINER,
    DFL__RULE_UNDEFINED_FROM_ARG,
    DFL__RULE_WORKDIR_RELATIVE,
    DFL__RULE_UNDEFINED_VAR,
    DFL__RULE_MULTIPLE,
    DFL__RULE_LEGACY_PAIR,
    DFL__RULE_BASE_PLATFORM,
    DFL__RULE_REDUNDANT_PLATFORM,
    DFL__RULE_SECRETS,
    DFL__RULE_DEFAULT_FROM_ARG,
    DFL__RULE_CONST_PLATFORM,
    DFL__RULE_COPY_IGNORED,
    DFL__RULE_DESCRIPTION,
    DFL__RULE_EXPOSE_CASING,
    DFL__RULE_EXPOSE_FORMAT,
    DFL__RULE_COUNT, /* of BuildKit's; the notes follow */
    DFL__RULE_UNUSED = DFL__RULE_COUNT,
    DFL__RULE_UNKNOWN,
    DFL__RULE_END
} dfl__rule_id;

#define DFL__RULE_F_EXPERIMENTAL 1u /* runs only when asked for, and cannot be skipped */
#define DFL__RULE_F_FILE 2u         /* a comment above the instruction does not change it */

typedef struct {
    const char *name;
    const char *url; /* "" = none */
    uint32_t flags;
    const char *message; /* %S, at most twice */
} dfl__rule;

extern const dfl__rule dfl__rules[DFL__RULE_END];
/* What a rule means, and what to do; explain.def. */
extern const dfl__explanation dfl__rule_explanations[DFL__RULE_END];
/* The rule of BuildKit's that is called so; DFL__RULE_COUNT when there is none. */
uint32_t dfl__rule_named(dfl_str name);

/* config.c ----------------------------------------------------------------------------------- */

/* A `check` option: what it says, and what of it was of use. Bit i stands for rule i. */
typedef struct {
    dfl_str text;
    uint32_t skip, experimental;
    int skip_all, experimental_all, error;
    uint32_t used; /* rules that were not reported for it */
    uint32_t node; /* instruction above which it stands, 0 = of the file */
} dfl__check;

/* Read an option string. 0 when it is malformed; `*out` is then untouched. */
int dfl__check_read(dfl_str text, dfl__check *out);

/* run.c, report.c ---------------------------------------------------------------------------- */

typedef struct {
    uint32_t rule, severity;
    dfl_range range, lines, related;
    uint32_t node;
    uint32_t first_edit, edits;
    dfl_str message;
} dfl__found;

struct dfl_lint {
    dfl__arena arena;
    const dfl_doc *doc; /* one reference */
    DFL__VEC(dfl__found) found;
    DFL__VEC(dfl_edit) edits;
    size_t dropped;
    int is_error; /* error=true is in force */
    int failed;
};

/* An instruction as it is evaluated: in its own stage, or as a trigger in another one. */
typedef struct {
    uint32_t node;  /* the instruction */
    uint32_t place; /* where BuildKit reports it: itself, or the FROM that pulls the trigger */
    uint32_t check; /* index of its own dfl__check plus one; 0 = none */
} dfl__site;

/* What a stage has after its instructions; the next one starts from its base's. */
typedef struct {
    dfl__env env;      /* everything a word may name */
    dfl__env config;   /* what the image's environment holds */
    dfl__env shadowed; /* of these, what an ARG hides: the number is 1 where it does */
    dfl__env declared; /* names of ARGs */
    int open;          /* the base image may set more */
    int has_shell, has_workdir;
    int windows;
    dfl__site cmd, entrypoint, health; /* node 0 = not met in this stage */
} dfl__lint_stage;

typedef struct {
    const dfl_model *model;
    const dfl_doc *doc;
    const dfl_lint_options *opt;
    dfl_lint *out;
    dfl__arena *arena; /* of `out` */
    dfl_status status;
    dfl__check file;
    DFL__VEC(dfl__check) checks;
    DFL__VEC(uint32_t) check_of; /* of each instruction of the model: index plus one */
    dfl__env automatic;          /* the global scope before the first ARG */
    dfl__env globals;
    dfl__env global_names; /* ARGs before the first FROM, with a value or without */
    dfl__env stage_names;  /* earlier stages; the number is the index */
    dfl__lint_stage *stages;
    dfl__platform target_platform;
    size_t budget;   /* what expansion may still cost */
    uint32_t pulled; /* triggers */
    size_t compared; /* names, for the one that was meant */
    uint32_t placed; /* node whose value `origins` is about; 0 = none */
    dfl__origins origins;
} dfl__linter;

/* What is to be reported. `edits` are copied, their texts outlive the run or are the arena's. */
typedef struct {
    uint32_t rule;
    uint32_t severity; /* 0 = warning */
    dfl_range range, related;
    dfl_range lines; /* empty = of the site's place */
    dfl_str a, b;    /* fill the message */
    dfl_str hint;    /* empty, or the name that was meant */
    const dfl_edit *edits;
    uint32_t edit_count;
} dfl__lint_item;

void dfl__lint_report(dfl__linter *l, const dfl__site *site, const dfl__lint_item *report);
void dfl__lint_settle(dfl__linter *l); /* order them */
void dfl__lint_nomem(dfl__linter *l);
/* `text` as the arena's; empty without memory. */
dfl_str dfl__lint_keep(dfl__linter *l, dfl_str text);
/* What was written to `buf`, which is freed, as the arena's; empty without memory. */
dfl_str dfl__lint_take(dfl__linter *l, dfl__buf *buf);
/* Bind `name`, which is copied, to `value`, which outlives the run, and to a number that is the
 * caller's: it is the binding's definition. */
void dfl__lint_set(dfl__linter *l, dfl__env *env, dfl_str name, dfl_str value, uint32_t number);
dfl__site dfl__lint_site(const dfl__linter *l, uint32_t instr);
/* Parse a platform; what is missing is that of linux/amd64. 0 when it is none, or without memory.
 */
int dfl__lint_platform(dfl__linter *l, dfl_str text, dfl__platform *out);
dfl_str dfl__lint_platform_text(dfl__linter *l, const dfl__platform *platform);
/* Report what no suppression needed. */
void dfl__lint_unused(dfl__linter *l);
/* The argument of an instruction, 0-based; 0 when there is none. */
uint32_t dfl__lint_argument(const dfl__linter *l, uint32_t node, uint32_t n);

/* expand.c ----------------------------------------------------------------------------------- */

#define DFL__EXPAND_HEREDOC 1u

typedef struct {
    const dfl__env *env;
    uint32_t node; /* in whose value the word lies */
    dfl_str word;
    uint32_t at; /* of the word in that value; UINT32_MAX when it does not stand there as it is */
    uint32_t flags; /* DFL__EXPAND_* */
} dfl__lint_word;

/* What an expansion looked up: the values of names that are set, the places of the others. */
typedef struct {
    dfl__env matched, unmatched;
    uint32_t matched_count, unmatched_count;
    int ok;
    dfl_str text; /* the arena's; empty when not ok */
} dfl__expanded_word;

void dfl__lint_expand(dfl__linter *l, const dfl__lint_word *word, dfl__expanded_word *out);
/* The value of `node` against `env`. */
dfl__lint_word dfl__lint_word_of(const dfl__linter *l, const dfl__env *env, uint32_t node);
/* Bytes of the file that hold `$name` or `${name}` of an entry of `unmatched`. */
dfl_range dfl__lint_place(dfl__linter *l, const dfl__lint_word *word, const dfl__binding *name);
/* The name in `vars` nearest to `name`; empty when none is near. */
dfl_str dfl__lint_nearest(dfl__linter *l, const dfl__env *vars, dfl_str name);
/* Expand a word of a stage and report what is undefined in it. */
dfl_str dfl__stage_expand(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage,
                          const dfl__lint_word *word);

/* Families of rules -------------------------------------------------------------------------- */

void dfl__lint_names(dfl__linter *l); /* names.c: casing, names of stages, descriptions */
void dfl__lint_comments(
    dfl__linter *l);                    /* comments.c: `check` above an instruction; descriptions */
void dfl__lint_globals(dfl__linter *l); /* from.c: the global scope */
void dfl__lint_from(dfl__linter *l, uint32_t stage);  /* from.c */
void dfl__lint_start(dfl__linter *l, uint32_t stage); /* base.c: what a stage starts with */
void dfl__lint_end(dfl__linter *l, uint32_t stage);   /* base.c: what it leaves to others */
void dfl__lint_step(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage);   /* stage.c */
void dfl__lint_copy(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage);   /* copy.c */
void dfl__lint_expose(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage); /* expose.c */
void dfl__lint_once(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage);   /* once.c */

int dfl__is_lower(dfl_str s); /* Go: s equals its lower-case form */
int dfl__is_upper(dfl_str s);
/* The letters of ASCII changed to one case; the arena's. */
dfl_str dfl__lint_cased(dfl__linter *l, dfl_str s, int upper);
/* Whether the source holds the node's value as it is. */
int dfl__is_verbatim(const dfl__linter *l, uint32_t node);

#endif
