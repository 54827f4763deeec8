/* lex.h -- bytes of shell text to tokens: blanks, operators, words, here-documents.
 * Relies on shell.h. A word is suspended where a command substitution opens in it: the scanner
 * reads the commands, then has the word resumed.
 * Never recurses, never decides what a word means where it stands. */
#ifndef DFL_SHELL_LEX_H
#define DFL_SHELL_LEX_H

#include "shell/shell.h"

#define DFL__NONE UINT32_MAX

typedef enum {
    DFL__TOK_EOF, /* the end, or that of the back quotes in hand */
    DFL__TOK_NEWLINE,
    DFL__TOK_WORD,
    DFL__TOK_REDIR,    /* operator alone, with its number */
    DFL__TOK_AND,      /* && */
    DFL__TOK_OR,       /* || */
    DFL__TOK_SEMI,     /* ; */
    DFL__TOK_ITEM_END, /* ;; ;& ;;& */
    DFL__TOK_BG,       /* & */
    DFL__TOK_PIPE,     /* | |& */
    DFL__TOK_LPAREN,
    DFL__TOK_RPAREN,
    DFL__TOK_OPEN, /* a word is suspended at a substitution or at an array */
    DFL__TOK_BAD   /* not shell, or doubtful; or out of memory or depth: see dfl__lex.status */
} dfl__tok_kind;

typedef enum { DFL__OPEN_PAREN, DFL__OPEN_TICK, DFL__OPEN_ARRAY } dfl__open;

/* What a word may be where it stands. */
#define DFL__LEX_ASSIGN 1u   /* NAME=value, with arrays */
#define DFL__LEX_REGEX 2u    /* right side of =~ */
#define DFL__LEX_PATTERN 4u  /* right side of ==: with @(a|b) */
#define DFL__LEX_ARITH 8u    /* the parentheses of a command (( )) */
#define DFL__LEX_ELEMENT 16u /* of an array: [index]=value */

typedef struct {
    dfl__tok_kind kind;
    uint32_t start, end;
    dfl__sh_word word;        /* WORD; OPEN: its start */
    char op[4];               /* operators */
    uint32_t fd;              /* REDIR */
    dfl__open open;           /* OPEN */
    unsigned assign : 1;      /* WORD: begins with NAME= */
    unsigned assign_bash : 1; /* or with NAME[i]= or NAME+= */
    unsigned subscript : 1;   /* WORD: ends inside NAME[ */
    unsigned maybe : 1;       /* OPEN: inside ${...} */
    unsigned bodies : 1;      /* NEWLINE: here-documents follow */
} dfl__tok;

/* How far a word is like NAME=, NAME[i]= or NAME+=. */
typedef enum {
    DFL__NAME_OPEN,
    DFL__NAME_INDEX,
    DFL__NAME_INDEXED,
    DFL__NAME_PLUS,
    DFL__NAME_DONE,
    DFL__NAME_NOT
} dfl__name_state;

/* A word in progress. */
typedef struct {
    dfl__sh_word word;
    uint32_t value_from;   /* in `value` */
    uint32_t quotes_from;  /* in `quotes` */
    uint32_t pending_from; /* of the text around it, when suspended */
    uint32_t limit;        /* the same */
    uint32_t bracket;      /* one past an unquoted [; 0 = none */
    uint32_t parens;       /* open in a regular expression or pattern */
    uint32_t index;        /* brackets open in NAME[ */
    dfl__open open;        /* why it is suspended */
    uint8_t mode;          /* DFL__LEX_ */
    uint8_t name;          /* dfl__name_state */
    uint8_t brace;         /* 1 after an unquoted {, 2 after its comma or .. */
    uint8_t varies;        /* not literal for another reason than the flags of the word */
    uint8_t assign_bash;
    uint32_t assigned; /* length of the value up to NAME= */
} dfl__partial;

typedef enum { DFL__IN_DOUBLE, DFL__IN_BRACE, DFL__IN_ARITH, DFL__IN_BODY } dfl__quote_kind;

/* An open quote. */
typedef struct {
    dfl__quote_kind kind;
    uint32_t parens;       /* ARITH: open inside */
    unsigned quoted : 1;   /* double-quote rules hold inside */
    unsigned in_body : 1;  /* of a here-document */
    unsigned in_arith : 1; /* where shells count parentheses */
    unsigned pattern : 1;  /* BRACE: after # or % */
    unsigned odd : 1;      /* ARITH: after an odd number of " */
} dfl__quote;

typedef struct {
    dfl_str delimiter;
    uint32_t number; /* its place in `bodies` */
    int quoted;
    int strip;
} dfl__heredoc;

/* Text that is checked after the one that holds it. */
typedef struct {
    dfl_str text;
    uint32_t depth;
    int body; /* of a here-document, else commands */
} dfl__job;

typedef struct {
    dfl__arena *arena;
    dfl_alloc alloc;
    dfl_str text;
    uint32_t at;
    uint32_t limit; /* end of what is read: of the text, or of back quotes */
    uint32_t depth;
    uint32_t max_depth;
    dfl_status status;
    int bash;
    dfl__buf value;
    dfl__partial w;
    DFL__VEC(dfl__partial) saved;
    DFL__VEC(dfl__quote) quotes;
    DFL__VEC(dfl__heredoc) pending; /* whose bodies come after the next newline */
    uint32_t pending_from;          /* first that belongs to the substitution in hand */
    DFL__VEC(dfl_range) bodies;     /* one a here-document; 0, 0 until it is read */
    DFL__VEC(dfl__job) jobs;
} dfl__lex;

void dfl__lex_init(dfl__lex *lex, dfl__arena *arena, uint32_t max_depth);
void dfl__lex_free(dfl__lex *lex);
void dfl__lex_start(dfl__lex *lex, dfl_str text, uint32_t depth);

void dfl__lex_next(dfl__lex *lex, unsigned mode, dfl__tok *out);
/* The body of a here-document as if it were a word. */
void dfl__lex_body(dfl__lex *lex, dfl__tok *out);
/* `((` of a command, `at` its first byte: is it closed by `))`, or are these two subshells? In
 * doubt where bash fails to see the subshells. */
typedef enum { DFL__PARENS_SUBSHELLS, DFL__PARENS_ARITH, DFL__PARENS_DOUBT } dfl__parens;
dfl__parens dfl__lex_parens(const dfl__lex *lex, uint32_t at);
/* The word `((...))`, whose first byte was the last token. */
void dfl__lex_arith(dfl__lex *lex, dfl__tok *out);
/* The substitution or array at which the last word was suspended has ended. */
void dfl__lex_resume(dfl__lex *lex, dfl__tok *out);
/* A here-document begins on this line; its body is the next of `bodies`. 0 when it is doubtful or
 * memory is out. */
int dfl__lex_heredoc(dfl__lex *lex, const dfl__sh_word *delimiter, int strip);

/* One level deeper; 0 beyond the limit. */
int dfl__lex_enter(dfl__lex *lex);
int dfl__sh_is_name(dfl_str s);

/* Between lex.c, heredoc.c and word.c. */
int dfl__lex_peek(const dfl__lex *lex, uint32_t at);        /* a byte, -1 at the limit */
uint32_t dfl__lex_joined(const dfl__lex *lex, uint32_t at); /* past backslash-newlines */
int dfl__lex_operator(dfl__lex *lex, dfl__tok *out);
int dfl__lex_bodies(dfl__lex *lex);
void dfl__lex_word(dfl__lex *lex, unsigned mode, dfl__tok *out);

#endif
