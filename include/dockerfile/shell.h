/* shell.h -- the commands of shell text: RUN, CMD, ENTRYPOINT, HEALTHCHECK, heredoc scripts.
 * Relies on tree.h.
 * Never evaluates, never guesses: what is not understood is one opaque command over its bytes. */
#ifndef DOCKERFILE_SHELL_H
#define DOCKERFILE_SHELL_H

#include "dockerfile/tree.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A scanned text. Immutable; thread-safe to read; owns its memory and keeps no document. */
typedef struct dfl_shell dfl_shell;

#define DFL_SHELL_F_OPAQUE 0x0001 /**< some command is not understood */
#define DFL_SHELL_F_BASH 0x0002   /**< some part means something to bash only */
#define DFL_SHELL_F_EXEC 0x0004   /**< the words of a JSON form: no shell reads them */
/** No POSIX shell is known to read it (SHELL, Windows, `#!`): opaque. */
#define DFL_SHELL_F_FOREIGN 0x0008

#define DFL_NO_COMMAND UINT32_MAX /**< "no such command" */
#define DFL_NO_WORD UINT32_MAX    /**< "no such word" */
#define DFL_NO_FD UINT32_MAX      /**< "no number before the redirection" */

/** A text as a whole. Strings are borrowed from the shell. */
typedef struct {
    uint32_t size;     /**< in: sizeof(dfl_shell_info) */
    uint32_t flags;    /**< DFL_SHELL_F_* */
    uint32_t node;     /**< whose value it is; 0 for a text without a document */
    uint32_t commands; /**< number of commands */
    dfl_range range;   /**< bytes of the source in which it stands */
    dfl_str text;      /**< as the shell gets it, without continuations and comments of the
                            Dockerfile; of a JSON form, its strings in single quotes */
} dfl_shell_info;

/* What a command is. */
#define DFL_COMMAND_SIMPLE 1   /**< assignments, words, redirections */
#define DFL_COMMAND_GROUP 2    /**< `{ ...; }` around its children */
#define DFL_COMMAND_SUBSHELL 3 /**< `( ... )` around its children */
#define DFL_COMMAND_COMPOUND                                                                       \
    4                        /**< if, for, while, until, case, a function, bash's select, [[, (( */
#define DFL_COMMAND_OPAQUE 5 /**< not understood */

/* What joins a command to the one before it in the same list. */
#define DFL_OPERATOR_NONE 0       /**< it is the first, or begins another part of a compound */
#define DFL_OPERATOR_AND 1        /**< `&&` */
#define DFL_OPERATOR_OR 2         /**< `||` */
#define DFL_OPERATOR_SEQUENCE 3   /**< `;` or a line end */
#define DFL_OPERATOR_BACKGROUND 4 /**< `&` */
#define DFL_OPERATOR_PIPE 5       /**< `|` or `|&` */

#define DFL_COMMAND_F_CONDITIONAL                                                                  \
    0x0001 /**< it may not run although nothing failed before it: right of `||`, in a compound, a  \
                function or the background. Without: it runs unless a command before it fails or   \
                leaves the shell */
#define DFL_COMMAND_F_PIPE 0x0002         /**< part of a pipeline of two or more */
#define DFL_COMMAND_F_BACKGROUND 0x0004   /**< it runs behind an `&` */
#define DFL_COMMAND_F_NEGATED 0x0008      /**< `!` before its pipeline */
#define DFL_COMMAND_F_SUBSTITUTION 0x0010 /**< inside `$(...)`, backquotes or `<(...)` */
#define DFL_COMMAND_F_FUNCTION 0x0020     /**< it defines a function; the body is its child */

/**
 * A command. Commands stand in preorder: a parent before its children. Those of a substitution are
 * children of the command whose word holds it; those of escaped backquotes and of here-documents
 * are checked, not listed. Ranges are bytes of the source; of a child, within its parent's.
 */
typedef struct {
    uint32_t size;         /**< in: sizeof(dfl_command) */
    uint32_t kind;         /**< DFL_COMMAND_* */
    uint32_t op;           /**< DFL_OPERATOR_* before it */
    uint32_t flags;        /**< DFL_COMMAND_F_* */
    dfl_range range;       /**< without operators around it and bodies of here-documents */
    dfl_range op_range;    /**< that operator; empty when there is none */
    uint32_t parent;       /**< index of the enclosing command, or DFL_NO_COMMAND */
    uint32_t next;         /**< index of the next command at its level, or DFL_NO_COMMAND */
    uint32_t words;        /**< number of its words, assignments before the program included */
    uint32_t assignments;  /**< how many of the first are these, NAME=value */
    uint32_t redirections; /**< number of its redirections */
    uint32_t program;      /**< the word that names what really runs, past env, exec, sudo, time,
                                nice, nohup and command with their options; DFL_NO_WORD when it is
                                not literal, or an option of these is not known */
    uint32_t script;       /**< the literal word that a POSIX shell, which is the program, runs as
                                a script (`sh -c`), for dfl_shell_script; else DFL_NO_WORD */
    uint32_t reserved;
} dfl_command;

#define DFL_WORD_F_LITERAL 0x0001      /**< no expansion of any kind can change it */
#define DFL_WORD_F_QUOTED 0x0002       /**< some part is quoted */
#define DFL_WORD_F_VARIABLE 0x0004     /**< `$name`, `${...}` */
#define DFL_WORD_F_SUBSTITUTION 0x0008 /**< `$(...)`, backquotes, `$((...))` */
#define DFL_WORD_F_GLOB 0x0010         /**< unquoted `*`, `?`, `[x]`, `{a,b}` or `{1..3}` */
#define DFL_WORD_F_TILDE 0x0020        /**< unquoted `~` at its start */

/** A word. Strings are borrowed from the shell. Frozen layout. */
typedef struct {
    dfl_range range; /**< bytes of the source, with its quotes */
    dfl_str text;    /**< as it stands in the scanned text */
    dfl_str value;   /**< of a LITERAL word: what the program gets; else empty */
    uint32_t flags;  /**< DFL_WORD_F_* */
    uint32_t reserved;
} dfl_word;

/** A redirection. Strings are borrowed from the shell. */
typedef struct {
    uint32_t size;   /**< in: sizeof(dfl_redirection) */
    uint32_t fd;     /**< the number before it, or DFL_NO_FD */
    const char *op;  /**< "<", ">", ">>", "<<", "<<-", ">|", "<>", ">&", "<&", or bash's "&>",
                          "&>>", "<<<" */
    dfl_range range; /**< bytes of the source, with number and target */
    dfl_range body;  /**< of a here-document: its lines, with the delimiter's where it stands in
                          the text, without where it is a heredoc of the Dockerfile; else empty */
    dfl_word target; /**< of a here-document: its delimiter; QUOTED: nothing expands in it */
} dfl_redirection;

/**
 * Scan `len` bytes of POSIX shell text at `text`, which are copied; positions are offsets into it.
 * `opt` may be NULL: its allocator, max_source_bytes and max_depth (groups, compounds, functions,
 * substitutions and `${` within one another) count. Text that a shell rejects, and text that shells
 * read differently, is one opaque command. Freed by dfl_shell_free. DFL_E_ARG, DFL_E_ABI,
 * DFL_E_NOMEM, DFL_E_LIMIT (too long or too deep); `*out` is then untouched. Thread-safe.
 * Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_shell_scan(const char *text, size_t len,
                                                const dfl_parse_options *opt, dfl_shell **out);

struct dfl_model;

/**
 * Scan what `node` gives to a shell: RUN, CMD, ENTRYPOINT or HEALTHCHECK, also inside ONBUILD (or
 * that itself), or their shell form, JSON form or heredoc. A RUN that is a heredoc and nothing else
 * is its body, which its `#!` may give to another program; any other heredoc is the input of a
 * command, and opaque unless a POSIX shell runs it (`bash <<EOF`). The shell is that of SHELL at
 * that place (for HEALTHCHECK and ONBUILD, at the end of the stage), inherited from base stages and
 * from what the model knows of base images; one of which nothing is known is taken to have its
 * platform's. Follows dispatchRun and withShell of BuildKit's
 * frontend/dockerfile/dockerfile2llb/convert.go. Ranges are bytes of the document. Allocator and
 * limits are the model's. Freed by dfl_shell_free. DFL_E_UNSUPPORTED when the node gives a shell
 * nothing, DFL_E_STALE for another document's node, DFL_E_ARG, DFL_E_NOMEM, DFL_E_LIMIT; `*out` is
 * then untouched. Thread-safe. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_model_shell(const struct dfl_model *model, dfl_node node,
                                                 dfl_shell **out);

/**
 * Scan the script that command `command` gives to another shell, `sh -c SCRIPT`: its word `script`.
 * Ranges are those of the outer text's source; a part whose quoting leaves no exact place has the
 * range of the whole word. Otherwise as dfl_shell_scan, with the outer text's allocator and limits;
 * DFL_E_UNSUPPORTED when the command has no script. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_shell_script(const dfl_shell *shell, uint32_t command,
                                                  dfl_shell **out);

/** Free; NULL is accepted. Since 0.1. */
DFL_API void dfl_shell_free(dfl_shell *shell);

/** Fill `*out`. DFL_E_ARG, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_shell_get(const dfl_shell *shell, dfl_shell_info *out);

/** Fill `*out` with command `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_shell_command(const dfl_shell *shell, uint32_t index, dfl_command *out);

/** Fill `*out` with word `index` of a command, assignments first. DFL_E_ARG. Since 0.1. */
DFL_API dfl_status dfl_shell_word(const dfl_shell *shell, uint32_t command, uint32_t index,
                                  dfl_word *out);

/** Fill `*out` with redirection `index` of a command. DFL_E_ARG, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_shell_redirection(const dfl_shell *shell, uint32_t command, uint32_t index,
                                         dfl_redirection *out);

#ifdef __cplusplus
}
#endif
#endif
