/* scan.h -- the scanner's stack: what scan.c (lists, simple commands) and compound.c share.
 * Relies on lex.h.
 * Never holds a command that the text does not. */
#ifndef DFL_SHELL_SCAN_H
#define DFL_SHELL_SCAN_H

#include "shell/lex.h"

/* What a frame of the stack is reading. Those up to PART_LAST_LIST read a list of commands. */
typedef enum {
    DFL__PART_TOP,
    DFL__PART_TICK,  /* `...` */
    DFL__PART_SUBST, /* $(...) <(...) */
    DFL__PART_SUBSHELL,
    DFL__PART_GROUP,
    DFL__PART_IF, /* up to `then` */
    DFL__PART_THEN,
    DFL__PART_ELSE,
    DFL__PART_WHILE, /* up to `do` */
    DFL__PART_DO,
    DFL__PART_ITEM, /* commands of a case item */
    DFL__PART_LAST_LIST = DFL__PART_ITEM,
    DFL__PART_SIMPLE,
    DFL__PART_AFTER,    /* a compound is closed: redirections */
    DFL__PART_FOR,      /* expects a name or (( */
    DFL__PART_FOR_IN,   /* expects `in`, `do`, ; or newline */
    DFL__PART_FOR_LINE, /* the same after a newline */
    DFL__PART_FOR_WORDS,
    DFL__PART_FOR_ARITH,
    DFL__PART_FOR_SEMI, /* after for ((...)) */
    DFL__PART_FOR_DO,   /* expects `do` */
    DFL__PART_CASE,     /* expects the subject */
    DFL__PART_CASE_IN,
    DFL__PART_PATTERN, /* expects a pattern, ( or `esac` */
    DFL__PART_PATTERN_WORD,
    DFL__PART_PATTERN_NEXT, /* expects | or ) */
    DFL__PART_FUNCTION,     /* after `function`: expects a name */
    DFL__PART_FUNCTION_OPEN,
    DFL__PART_FUNCTION_CLOSE, /* expects ) */
    DFL__PART_FUNCTION_BODY,
    DFL__PART_FUNCTION_DONE,
    DFL__PART_ARITH,     /* the word of (( )) */
    DFL__PART_TEST,      /* [[: expects an operand, ! or ( */
    DFL__PART_TEST_ARG,  /* operand of a unary operator */
    DFL__PART_TEST_NEXT, /* after a word: operator or ]] */
    DFL__PART_TEST_RIGHT,
    DFL__PART_TEST_REGEX,
    DFL__PART_TEST_DONE, /* after an expression */
    DFL__PART_ARRAY,
    DFL__PART_BODY, /* of a here-document */
    DFL__PART_COUNT
} dfl__part;

/* Where a list stands. */
typedef enum {
    DFL__AT_START,
    DFL__AT_JOINED, /* after && || |: a command must follow */
    DFL__AT_BANG,
    DFL__AT_SEPARATED, /* a command may follow */
    DFL__AT_COMMAND,   /* after a command */
    DFL__AT_COMPOUND   /* the same; words that close the list may follow at once */
} dfl__list_state;

typedef enum {
    DFL__WORD_NONE,
    DFL__WORD_BANG,
    DFL__WORD_LBRACE,
    DFL__WORD_RBRACE,
    DFL__WORD_LTEST,
    DFL__WORD_RTEST,
    DFL__WORD_CASE,
    DFL__WORD_COPROC,
    DFL__WORD_DO,
    DFL__WORD_DONE,
    DFL__WORD_ELIF,
    DFL__WORD_ELSE,
    DFL__WORD_ESAC,
    DFL__WORD_FI,
    DFL__WORD_FOR,
    DFL__WORD_FUNCTION,
    DFL__WORD_IF,
    DFL__WORD_IN,
    DFL__WORD_SELECT,
    DFL__WORD_THEN,
    DFL__WORD_TIME,
    DFL__WORD_UNTIL,
    DFL__WORD_WHILE
} dfl__reserved;

typedef struct {
    uint8_t part;
    uint8_t state;     /* of its list */
    uint8_t target;    /* a redirection waits for its word */
    uint8_t inherited; /* its commands are conditional */
    uint8_t after_or;
    uint8_t negated;
    uint8_t in_subst;
    uint32_t cmd;    /* the command whose parts these are; DFL__NONE at top level */
    uint32_t last;   /* its last child so far, across its lists */
    uint32_t first;  /* first command of the and-or list in hand */
    uint32_t parens; /* open in [[ ]] */
    uint32_t words;  /* SIMPLE, AFTER: first in `words` and `redirs` */
    uint32_t redirs;
    dfl__op op; /* before the next command */
    uint32_t op_start, op_end;
} dfl__frame;

/* A command, and where its words and redirections will be in the final arrays. */
typedef struct {
    dfl__sh_cmd cmd;
    uint32_t words, redirs;
} dfl__entry;

typedef DFL__VEC(dfl__sh_word) dfl__sh_words;
typedef DFL__VEC(dfl__sh_redir) dfl__sh_redirs;

typedef struct {
    dfl__lex lex;
    DFL__VEC(dfl__frame) frames;
    DFL__VEC(dfl__entry) entries;
    dfl__sh_words words; /* of the commands in hand */
    dfl__sh_redirs redirs;
    dfl__sh_words all_words; /* of the finished ones */
    dfl__sh_redirs all_redirs;
    int opaque;
    int done;
} dfl__scan;

/* What a handler made of a token: took it, left it to the frame now on top, or cannot be. */
typedef enum { DFL__TOOK, DFL__AGAIN, DFL__BAD } dfl__step;

typedef dfl__step dfl__handler(dfl__scan *scan, dfl__tok *tok);

dfl__frame *dfl__scan_top(dfl__scan *scan);
dfl__reserved dfl__scan_reserved(const dfl__sh_word *word);
/* Begin a command in the list on top, of which `part` is read next. */
dfl__step dfl__scan_begin(dfl__scan *scan, dfl__cmd_kind kind, dfl__part part, uint32_t start);
/* Begin what an opening reserved word or `(` begins; DFL__BAD for others. */
dfl__step dfl__scan_open(dfl__scan *scan, const dfl__tok *tok, int body);
/* The command on top ends at `end`; redirections may follow. */
dfl__step dfl__scan_close(dfl__scan *scan, uint32_t end);
/* Finish the command on top, which leaves the stack. */
dfl__step dfl__scan_finish(dfl__scan *scan, dfl__list_state state);
dfl__step dfl__scan_list(dfl__scan *scan, dfl__part part);

/* compound.c */
dfl__handler *dfl__scan_compound(dfl__part part);
dfl__step dfl__scan_function(dfl__scan *scan);

#endif
