/* rewrite.h -- what all rewrites share: the plan under construction, the file's manners, what is
 * known of a stage and of its start command.
 * Relies on edit, model, shell, catalog. Public face in dockerfile/rewrite.h.
 * Never holds a fact about a tool or an image: those are the catalog's. */
#ifndef DFL_REWRITE_REWRITE_H
#define DFL_REWRITE_REWRITE_H

#include "catalog/catalog.h"
#include "dockerfile/rewrite.h"
#include "edit/edits.h"
#include "model/model.h"
#include "shell/shell.h"

/* A step or a refusal; the texts are owned by the plan's arena. */
typedef struct {
    const char *code;
    uint32_t risk;
    dfl_str message;
    dfl_range range;
    DFL__VEC(dfl_str) assumptions;
} dfl__step;

struct dfl_plan {
    dfl_alloc alloc;
    dfl__arena arena;
    dfl_doc *doc;    /* one reference */
    dfl_doc *result; /* one reference */
    uint32_t outcome;
    DFL__VEC(dfl__step) steps;
    DFL__VEC(dfl__step) refusals;
    dfl_edits *edits;     /* owner = index of the step */
    uint32_t *edit_order; /* indices of the edits, by step; set when the plan is finished */
    uint32_t *edit_first; /* where each step's begin in it; one more than there are steps */
};

/* How the file is written; new text follows it. */
typedef struct {
    const char *eol;   /* "\n" or "\r\n" */
    int lower;         /* keywords in lower case */
    dfl_str indent;    /* of continued lines */
    int final_newline; /* the last line ends with a line end */
    char escape;
} dfl__style;

/* Where the text that a merged plan's later part works on came from. */
typedef struct {
    const dfl_doc *doc; /* the original */
    const dfl__owned_edit *edits;
    size_t count;
} dfl__origin;

/* The scope behind a stage's last instruction, once it was asked for. */
typedef struct {
    dfl__scope scope;
    int walked;
} dfl__rewrite_end;

/* A rewrite at work. `failed` is sticky: once set, the helpers below do nothing. */
typedef struct {
    dfl_plan *plan;
    const dfl_doc *doc;
    dfl_model *model;
    const dfl_catalog *catalog;
    const dfl_rewrite_options *opt;
    dfl__style style;
    dfl__arena *arena; /* the plan's */
    dfl_status failed;
    const dfl__origin *origin; /* NULL when the document is the original */
    dfl__rewrite_end *ends;    /* [stages]; NULL until a stage's scope is asked for */
} dfl__rewrite;

/* Run `body` on a new plan: options are checked, a file with errors is refused, the edits are
 * proved. The four public functions are this with their own body. */
typedef void dfl__rewrite_body(dfl__rewrite *rw);
dfl_status dfl__rewrite_run(const dfl_doc *doc, const dfl_rewrite_options *opt,
                            dfl__rewrite_body *body, dfl_plan **out);
/* The same for a part of a merged plan: messages speak of the original's lines. */
dfl_status dfl__rewrite_part(const dfl_doc *doc, const dfl__origin *origin,
                             const dfl_rewrite_options *opt, dfl__rewrite_body *body,
                             dfl_plan **out);
/* Where byte `at` of the text behind the edits stood before them; inside new text, where that was
 * put in. */
uint32_t dfl__origin_offset(const dfl__origin *origin, uint32_t at);

/* For merged plans: an empty plan; and the proof that its edits give `expected`, with which the
 * plan is finished. A plan without edits keeps its outcome. */
dfl_status dfl__plan_new(const dfl_doc *doc, const dfl_alloc *alloc, dfl_plan **out);
dfl_status dfl__plan_prove(dfl_plan *plan, const dfl_doc *expected);

/* The plan's contents. Formats are those of dfl__buf_fmt: %s %S %u %c. */
uint32_t dfl__plan_add_step(dfl__rewrite *rw, const char *code, uint32_t risk, dfl_range range,
                            const char *format, ...);
/* The text goes on from "assumes that". */
void dfl__plan_assume(dfl__rewrite *rw, uint32_t step, const char *format, ...);
void dfl__plan_refuse(dfl__rewrite *rw, const char *code, dfl_range range, const char *format, ...);
/* Edits of a step. A conflict is a defect of the rewrite: it makes the plan fail its proof. */
void dfl__plan_replace(dfl__rewrite *rw, uint32_t step, dfl_range range, dfl_str text);
void dfl__plan_insert(dfl__rewrite *rw, uint32_t step, uint32_t offset, dfl_str text);
void dfl__plan_delete(dfl__rewrite *rw, uint32_t step, uint32_t node, int comments);

/* Arena text. Empty texts with a sticky failure when there is no memory. */
dfl_str dfl__rewrite_text(dfl__rewrite *rw, dfl_str s);
dfl_str dfl__rewrite_fmt(dfl__rewrite *rw, const char *format, ...);
/* `path` below `workdir`, cleaned. */
dfl_str dfl__rewrite_join(dfl__rewrite *rw, dfl_str workdir, dfl_str path);
const char *dfl__rewrite_z(dfl__rewrite *rw, dfl_str s);

dfl__style dfl__style_of(const dfl_doc *doc);
/* `word` ("FROM", "AS") in the file's keyword case. */
dfl_str dfl__keyword(dfl__rewrite *rw, const char *word);

/* 1-based line of a source offset, in the original, for messages. */
uint32_t dfl__line_of(const dfl__rewrite *rw, uint32_t offset);
/* Facts of the context: the n-th value of `name`; 0 when there is none. */
int dfl__fact(const dfl__rewrite *rw, const char *name, uint32_t n, dfl_str *value);
/* Whether any fact was given, that is, whether the context is known. */
int dfl__has_context(const dfl__rewrite *rw);

/* stage.c ---------------------------------------------------------------------------------- */

/* Image at the bottom of a stage's chain of base stages. 0 when it is not known; then a refusal
 * (image.unknown, image.invalid or base.arg-without-default) is made unless `quiet`. */
int dfl__stage_image(dfl__rewrite *rw, uint32_t stage, int quiet, dfl__image_info *out);
/* Whether the tag is the one of the image that runs as its nonroot user. */
int dfl__image_is_nonroot(const dfl__image_info *info);
/* Number of the user that a known image runs as where no USER says otherwise; 0 = root. */
uint32_t dfl__image_uid(const dfl__image_info *info);
/* The working directory that a known image sets; "/" when it sets none. */
dfl_str dfl__image_workdir(const dfl__image_info *info);
/* A scope that stands at the stage's first instruction after FROM: image configuration and the
 * instructions of the stages below are applied. */
void dfl__stage_scope(dfl__rewrite *rw, uint32_t stage, dfl__scope *scope);
/* Home directory of the user in force; empty when it is not known. */
dfl_str dfl__scope_home(dfl__rewrite *rw, const dfl__scope *scope, const dfl__image_info *image);
/* Whether the user in force is root. -1 when it is not known. */
int dfl__user_is_root(const dfl__scope *scope);
/* Whether the stage runs on Windows: base family, or SHELL of powershell or cmd. */
int dfl__stage_is_windows(dfl__rewrite *rw, uint32_t stage);

/* command.c -------------------------------------------------------------------------------- */

/* Whether the SHELL instruction (0 = the default) names a POSIX shell. */
int dfl__shell_is_posix(const dfl__rewrite *rw, uint32_t instruction);
/* The shell commands of a RUN (shell form, or its one heredoc script). 0 when there is none to
 * read: exec form, a heredoc with an interpreter of its own, a shell that is not POSIX. Freed with
 * dfl__shell_free. `*node` is the node whose value is the text: SHELL_FORM or HEREDOC_BODY. */
int dfl__run_commands(dfl__rewrite *rw, const dfl__scope *scope, uint32_t instruction,
                      dfl__shell *shell, uint32_t *node);
/* Words of a simple command from its program on, as literal texts; a word that is not literal has
 * its raw text. Returns their number, at most `max`. `*first` is the index of the program. */
uint32_t dfl__command_words(const dfl__shell *shell, uint32_t cmd, dfl_str *words, uint32_t max,
                            uint32_t *first);
/* Whether the command matches one of `patterns` (see catalog.h); `*used` words were matched. */
int dfl__command_is(const dfl__shell *shell, uint32_t cmd, dfl__names patterns, uint32_t *used);
/* Working directory of command `cmd`: `workdir` moved by the literal `cd` commands before it.
 * Empty when it is not known. */
dfl_str dfl__command_workdir(dfl__rewrite *rw, const dfl__shell *shell, uint32_t cmd,
                             dfl_str workdir);
/* First of `places` that resolves for the command, as an absolute path. 0 when none does. */
int dfl__place(dfl__rewrite *rw, dfl__names places, const dfl__shell *shell, uint32_t cmd,
               const dfl__scope *scope, const dfl__image_info *image, dfl_str *out);

/* start.c ---------------------------------------------------------------------------------- */

/* What a stage starts: its last ENTRYPOINT and CMD. */
typedef struct {
    uint32_t entry, cmd; /* instruction nodes; 0 = none */
    dfl_str *argv;       /* entry's words, then cmd's */
    uint32_t argc;
    uint32_t entry_argc; /* how many of them are the entry's */
    int exact;           /* argv is what runs; else the shell has a say, and argv holds the
                            literal words the command begins with */
    int shell_form;      /* ENTRYPOINT or CMD is in shell form */
    int path_written;    /* argv's program was given its path: the instructions must be written */
    dfl_range range;     /* of the instruction that names the program */
} dfl__start;
/* 0 when the stage starts nothing. */
int dfl__start_of(dfl__rewrite *rw, uint32_t stage, dfl__start *out);
/* The comments between the lines of `range`, a part of node `node`: one on each line, the last line
 * ended as well. They stand above what takes the place of the range. */
dfl_str dfl__comments_in(dfl__rewrite *rw, uint32_t node, dfl_range range);
/* argv as a JSON form: ["a", "b"]. */
dfl_str dfl__json_words(dfl__rewrite *rw, const dfl_str *words, uint32_t count);

/* New instructions that start the same program on `target`, or the old ones. `entry` and `cmd` are
 * whole instructions without line end; empty = as before when the flag says unchanged, else none.
 */
typedef struct {
    int entry_changed, cmd_changed;
    dfl_str entry, cmd;
    const char *why; /* sentence part for the step's message */
} dfl__start_edit;
/* 0 when the program cannot be started there: `*why` says why. `make_exec` turns provable shell
 * forms into exec forms even where the target has a shell. */
int dfl__start_on(dfl__rewrite *rw, const dfl__start *start, const dfl__image_info *target,
                  int make_exec, dfl__start_edit *out, const char **why);

/* Catalog entry of a start program (wrapper, dev server, ...) that `argv` begins with, or NULL;
 * wrappers are skipped: `*skip` is the index of the program they start. */
const dfl__program *dfl__start_program(dfl__rewrite *rw, const dfl__start *start, uint32_t *skip);

#endif
