/* shell.h -- tolerant scanner of POSIX shell text: RUN, CMD, HEALTHCHECK, heredoc bodies.
 * Relies on base. Positions are byte offsets into the scanned text (a joined value); the public
 * face in dockerfile/shell.h, which is answer.h's, speaks of the source. Never evaluates, never
 * guesses: what is not understood is an OPAQUE command over its bytes. */
#ifndef DFL_SHELL_SHELL_H
#define DFL_SHELL_SHELL_H

#include "base/memory.h"
#include "base/text.h"
#include "dockerfile/shell.h"

/* What joins a command to the one before it in the same list. */
typedef enum {
    DFL__OP_NONE = DFL_OPERATOR_NONE,     /* first of its list */
    DFL__OP_AND = DFL_OPERATOR_AND,       /* && */
    DFL__OP_OR = DFL_OPERATOR_OR,         /* || */
    DFL__OP_SEQ = DFL_OPERATOR_SEQUENCE,  /* ; or newline */
    DFL__OP_BG = DFL_OPERATOR_BACKGROUND, /* & */
    DFL__OP_PIPE = DFL_OPERATOR_PIPE      /* | or |& */
} dfl__op;

typedef enum {
    DFL__CMD_SIMPLE = DFL_COMMAND_SIMPLE,     /* assignments, words, redirections */
    DFL__CMD_GROUP = DFL_COMMAND_GROUP,       /* { ...; }   children in between */
    DFL__CMD_SUBSHELL = DFL_COMMAND_SUBSHELL, /* ( ... ) */
    DFL__CMD_COMPOUND =
        DFL_COMMAND_COMPOUND, /* if for while until case function, bash's select [[ and ((: children
          are its inner commands, those of all its parts in one chain */
    DFL__CMD_OPAQUE = DFL_COMMAND_OPAQUE /* not understood */
} dfl__cmd_kind;

/* A word: [start, end) of the text. `value` is its text after quote removal when it is literal. */
typedef struct {
    uint32_t start, end;
    dfl_str value;          /* valid when literal; arena-owned */
    unsigned literal : 1;   /* no expansion of any kind can change it */
    unsigned has_glob : 1;  /* unquoted * ? [x] {a,b} {1..3}: path name or brace expansion, which an
                               assignment never undergoes */
    unsigned has_var : 1;   /* $name, ${...} */
    unsigned has_subst : 1; /* $(...), `...`, $((...)) */
    unsigned has_tilde : 1; /* unquoted leading ~ */
    unsigned quoted : 1;    /* some part is quoted */
} dfl__sh_word;

typedef struct {
    uint32_t start, end; /* with the operand */
    uint32_t fd;         /* UINT32_MAX when not given */
    char op[4];          /* "<", ">", ">>", "<<", "<<-", ">|", "<>", ">&", "<&", and bash's "&>",
                            "&>>", "<<<" */
    dfl__sh_word target; /* of a here-document: its delimiter; quoted = nothing expands in it */
    uint32_t body_start, body_end; /* lines of a here-document with its delimiter's, outside the
                                      command; equal when the text holds none */
} dfl__sh_redir;

/* A command. Commands stand in preorder: children follow their parent. Commands of a substitution
 * $(...), `...`, <(...) are children of the command whose word it is; those of back quotes with
 * escapes and of here-documents are checked, not listed. */
typedef struct {
    dfl__cmd_kind kind;
    dfl__op op;                  /* before it */
    uint32_t op_start, op_end;   /* bytes of that operator; equal when none */
    uint32_t start, end;         /* bytes, without operators around it */
    uint32_t parent;             /* index of the enclosing command; UINT32_MAX at top level */
    uint32_t next;               /* index of the next command at this level; UINT32_MAX = none */
    unsigned negated : 1;        /* ! before the pipeline */
    unsigned conditional : 1;    /* may not run: right of && counts as "runs unless failure" = 0;
                                    right of ||, inside compound, function or background = 1 */
    unsigned in_pipe : 1;        /* part of a pipeline of two or more */
    unsigned in_subst : 1;       /* inside a command substitution */
    unsigned background : 1;     /* runs behind an `&` */
    unsigned function : 1;       /* a COMPOUND that defines a function; its body is its child */
    const dfl__sh_word *assigns; /* NAME=value words before the program */
    uint32_t assign_count;
    const dfl__sh_word *words; /* program and arguments; none but for SIMPLE */
    uint32_t word_count;
    const dfl__sh_redir *redirs;
    uint32_t redir_count;
} dfl__sh_cmd;

typedef struct {
    dfl__arena arena;
    dfl_str text;
    dfl__sh_cmd *cmds; /* arena-owned */
    uint32_t cmd_count;
    int opaque; /* 1 when any part was not understood */
    int bash;   /* 1 when any part means something to bash only */
} dfl__shell;

/* Scan `text` (copied; kept in the arena). DFL_E_NOMEM; DFL_E_LIMIT beyond `max_depth` (0 = 64)
 * groups, compounds, functions, substitutions and ${ within one another. Text that a shell rejects,
 * and text that shells read differently, is one OPAQUE command. On success `out` is initialised and
 * released by dfl__shell_free. */
dfl_status dfl__shell_scan(dfl_str text, uint32_t max_depth, const dfl_alloc *alloc,
                           dfl__shell *out);
/* The same of text that no POSIX shell reads: one OPAQUE command, none when it is empty. */
dfl_status dfl__shell_opaque(dfl_str text, const dfl_alloc *alloc, dfl__shell *out);
void dfl__shell_free(dfl__shell *shell);

/* Index into cmd->words of the program that really runs: past `env [-i] [A=b]`, `exec`, `sudo
 * [-E]`, `time`, `nice`, `nohup`, `command` (the wrapper itself when nothing follows it);
 * UINT32_MAX when it is not literal or an option of a wrapper is not known. */
uint32_t dfl__shell_program(const dfl__sh_cmd *cmd);

/* Split a shell-form start command into argv when word splitting is provable: exactly one simple
 * command (an `exec` before it is dropped), every word literal (no variable, glob, substitution,
 * tilde), no assignment, no redirection, no operator, and not a command that only a shell has
 * (`cd`). Returns 1 and fills argv (arena-owned by `shell`), else 0, also without memory. */
int dfl__shell_argv(dfl__shell *shell, dfl_str **argv, uint32_t *argc);

/* invoke.c: whether a program of this path is a POSIX shell. */
int dfl__is_posix_shell(dfl_str path);
/* Whether a script is a POSIX shell's: its `#!` names one, or there is none. `*errexit` is whether
 * the options of the line stop it at errors; untouched when there is no such line. */
int dfl__is_shell_script(dfl_str body, int *errexit);
/* Whether a word is options of one letter that hold `letter`, as in -eux. */
int dfl__has_option(dfl_str word, char letter);
/* Index into cmd->words of the literal script that the program, a POSIX shell, runs: `sh -c
 * SCRIPT`. UINT32_MAX when there is none, or an option is not known. */
uint32_t dfl__shell_script(const dfl__sh_cmd *cmd);
/* Whether the program, a POSIX shell, runs what it reads from its input. */
int dfl__reads_script(const dfl__sh_cmd *cmd);
int dfl__is_heredoc(const dfl__sh_redir *redir);
/* Whether the text is one here-document and nothing else: in a RUN its lines are the script. */
int dfl__is_lone_heredoc(const dfl__shell *shell);

#endif
