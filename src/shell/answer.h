/* answer.h -- the public face's object, and from where in a source each byte of its text came.
 * Relies on shell.h and syntax. Public face in dockerfile/shell.h.
 * Never gives a place that is not the byte's: where none is exact, the whole part is the place. */
#ifndef DFL_SHELL_ANSWER_H
#define DFL_SHELL_ANSWER_H

#include "shell/shell.h"
#include "syntax/origin.h"

/* A here-document whose body is a heredoc of the Dockerfile. */
typedef struct {
    uint32_t redir; /* where the redirection starts in the text */
    dfl_range body; /* in the source */
} dfl__outer_body;

struct dfl_shell {
    dfl_alloc alloc;
    dfl__shell scan;
    dfl__origins origins;
    dfl__outer_body *bodies; /* the arena's; by `redir` */
    uint32_t body_count;
    uint32_t max_depth;
    uint32_t node;
    uint32_t flags; /* of DFL_SHELL_F_ those that the scan does not tell */
    dfl_range range;
};

/* source.c: where the value of a literal word came from, which stands in `text`, that of `outer`.
 * DFL_E_NOMEM. */
dfl_status dfl__origins_of_word(const dfl__origins *outer, dfl_str text, const dfl__sh_word *word,
                                dfl__origins *out);
/* The strings of an instruction's JSON form as shell words, each in single quotes; `origins` may be
 * NULL. DFL_E_NOMEM, or what the buffer has failed with. */
dfl_status dfl__exec_text(const dfl_doc *doc, uint32_t instruction, dfl__buf *text,
                          dfl__origins *origins);

/* answer.c: scan what an instruction gives to a shell, POSIX or not. `body`: the heredoc body that
 * is asked for, 0 = the command. Statuses of dfl_model_shell. */
typedef struct {
    const dfl_doc *doc;
    uint32_t instruction;
    uint32_t body;
    int posix;
    uint32_t max_depth;
    const dfl_alloc *alloc;
} dfl__shell_args;
dfl_status dfl__shell_of(const dfl__shell_args *args, dfl_shell **out);

#endif
