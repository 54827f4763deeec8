/* cache.h -- the state of one cache rewrite, shared by its files.
 * Relies on rewrite.h.
 * cache.c runs it, cache_read.c reads the RUNs, cache_seen.c what else the file does with paths,
 * cache_decide.c decides, cache_clean.c finds what fights the mounts, cache_take.c takes it out of
 * the commands and cache_text.c out of their lines, cache_write.c writes, cache_env.c cares for ENV
 * and the syntax directive. */
#ifndef DFL_REWRITE_CACHE_H
#define DFL_REWRITE_CACHE_H

#include "rewrite/rewrite.h"

#define DFL__CACHE_NONE UINT32_MAX

/* Why bytes go. */
#define DFL__GONE_CLEANUP 1u
#define DFL__GONE_FLAG 2u

/* A physical line of a text that words are taken out of. Offsets are of the source. */
typedef struct {
    uint32_t line;    /* first byte; of a first line that begins with a keyword, that of its text */
    uint32_t text;    /* first byte that is not blank */
    uint32_t end;     /* one past its last one */
    uint32_t eol;     /* first byte of what ends it: of a continuation, its escape character */
    uint32_t newline; /* first byte of its line end */
    uint32_t next;    /* first byte of the next line */
    uint32_t value;   /* value offset of the line's first byte of the value */
    uint32_t from;    /* source offset of that byte */
    uint32_t kept;    /* one past its last byte that stays */
    unsigned is_text : 1; /* no comment and no blank line between continued ones */
    unsigned continues : 1;
    unsigned gone : 1; /* nothing of its text stays */
} dfl__cache_line;

typedef struct {
    uint32_t start, end; /* source */
    int is_body;         /* lines of a heredoc: line ends are part of the value */
    DFL__VEC(dfl__cache_line) lines;
    unsigned char *gone; /* a DFL__GONE_ for each byte, 0 = stays */
    unsigned char *cut;  /* the same with blanks, continuations and line ends */
} dfl__cache_text;

typedef enum {
    DFL__MOUNT_NEW,   /* to be written */
    DFL__MOUNT_THERE, /* the RUN has a cache mount that covers it */
    DFL__MOUNT_LEFT   /* not mounted; `code` says why */
} dfl__mount_state;

/* A directory that a tool of a RUN caches in. */
typedef struct {
    dfl_str target; /* empty: it is not known where, see `code` */
    const dfl__tool *tool;
    const dfl__cache *cache;
    uint32_t cmd; /* that uses it */
    dfl__mount_state state;
    const char *code; /* of the note */
    dfl_str why;
    int32_t owned; /* write uid and gid */
    uint32_t uid, gid;
    int in_folder; /* of an owner's home: the folder that it lies in may have to be made for it */
    dfl_str id;    /* to write; empty = none */
    int assumed;   /* rests on defaults of an image that is not known */
} dfl__cache_mount;

/* A call of a tool that uses its caches. */
typedef struct {
    const dfl__tool *tool;
    uint32_t cmd;
    uint32_t env; /* group of ENV pairs that switch the cache off; DFL__CACHE_NONE */
} dfl__cache_use;

/* A --mount that is there. */
typedef struct {
    dfl_str target; /* absolute; empty when not known */
    dfl_str id;     /* as written; empty */
    int is_cache;
    int open; /* something about it is not known */
} dfl__cache_there;

typedef enum { DFL__CLEANUP_COMMAND, DFL__CLEANUP_OPERAND, DFL__CLEANUP_WORDS } dfl__cleanup_kind;

/* Something that empties a cache or switches it off. */
typedef struct {
    dfl__cleanup_kind kind;
    uint32_t cmd;
    uint32_t word, count;  /* OPERAND, WORDS: words of the command */
    int is_assign;         /* WORDS: of its assignments */
    const dfl__tool *tool; /* COMMAND, WORDS */
    dfl_str path;          /* OPERAND: absolute; a pattern when `glob` */
    int glob;
    uint32_t operands;      /* OPERAND: of its rm */
    unsigned stays : 1;     /* neither may go, whatever it stands in */
    unsigned plain : 1;     /* words of the command may go */
    unsigned removable : 1; /* the command may go */
    unsigned whole : 1;     /* OPERAND: with all caches mounted, nothing of the rm would be left */
} dfl__cleanup;

/* How a path lies to a cache. */
typedef enum {
    DFL__APART,
    DFL__INSIDE, /* or the same */
    DFL__PARENT, /* above it, and holds nothing but caches */
    DFL__ABOVE
} dfl__cache_relation;

/* A command that makes a tool keep its cache, and where it goes. */
typedef struct {
    const dfl__tool *tool;
    uint32_t before; /* command */
    int sudo;
} dfl__cache_prepare;

/* A RUN that calls a tool with caches. */
typedef struct {
    uint32_t stage, root; /* root: the stage at the bottom of the chain of base stages */
    uint32_t index;       /* in the model's instructions */
    uint32_t node, text;  /* text: SHELL_FORM, HEREDOC_BODY or JSON_FORM */
    dfl__shell shell;
    int exec;          /* JSON form: its words cannot be taken out */
    int frozen;        /* the same: it is not understood well enough */
    int errexit_shell; /* the shell of the stage stops at errors */
    int is_root;       /* -1: not known */
    int has_arch;      /* ARG TARGETARCH is in force */
    int is_trigger;    /* of ONBUILD: it runs behind all of its stage */
    DFL__VEC(dfl__cache_use) uses;
    DFL__VEC(dfl__cache_mount) mounts;
    DFL__VEC(dfl__cache_there) there;
    DFL__VEC(dfl__cleanup) cleanups;
    DFL__VEC(dfl_str) made;   /* paths that its commands make, and that must not be there before */
    unsigned char *relations; /* dfl__cache_relation of each clean-up to each mount */
    dfl_str workdir;          /* empty when not known */
    uint32_t copy_reader;     /* reader whose source is redirected */
    uint32_t copy_mount;      /* ... and the mount it reads; DFL__CACHE_NONE */
    dfl_str copy_to;
    DFL__VEC(dfl__cache_prepare) prepares;
    /* Of the last look at what goes (cache_clean.c). */
    dfl__cache_text lines;
    int has_gone;
    int assumes_success; /* an exit status that was hidden will show */
    int drops_parent;    /* an rm goes of more than the caches that are mounted */
} dfl__cache_run;

/* ENV pairs of one name in a family of stages. */
typedef struct {
    dfl_str name;
    uint32_t root;
    int used; /* by a tool in a RUN */
    int kept; /* some user of the variable gets no mount */
} dfl__env_group;

typedef struct {
    uint32_t group;
    uint32_t node; /* PAIR */
    uint32_t instruction;
} dfl__env_pair;

/* A user that a RUN has made or changed. */
typedef struct {
    uint32_t index; /* of the RUN */
    int known;      /* the number is */
    uint32_t uid, gid;
    dfl_str home; /* empty when not known */
} dfl__cache_user;

/* A later step that reads a path of a stage. */
typedef struct {
    uint32_t next;        /* of the same family; DFL__CACHE_NONE */
    uint32_t stage;       /* that is read */
    uint32_t instruction; /* that reads */
    uint32_t word;        /* COPY: node of the one source; else 0 */
    dfl_str path;         /* up to its first wildcard */
    int exact;
} dfl__cache_reader;

typedef struct {
    uint32_t root;
    uint32_t family_next; /* next stage of the same root; DFL__CACHE_NONE */
    uint32_t last_runner; /* last instruction that may run anything; 0 = none */
    int runner_above;     /* such an instruction in a stage built on this one */
    uint32_t readers;     /* of its family, kept at the root; DFL__CACHE_NONE */
} dfl__cache_stage;

typedef struct {
    dfl__rewrite *rw;
    dfl__arena arena;
    dfl__cache_stage *stages;
    DFL__VEC(dfl__cache_run) runs;
    DFL__VEC(dfl__env_group) groups;
    DFL__VEC(dfl__env_pair) pairs;
    DFL__VEC(dfl__cache_reader) readers;
    DFL__VEC(dfl__cache_user) users;
    DFL__VEC(dfl_str) ids;       /* of mounts that are there */
    DFL__VEC(dfl_str) platforms; /* that places are first used on */
    dfl__env seen;               /* see dfl__cache_note */
    dfl__buf key;
    uint32_t edge;     /* next edge of the model */
    uint32_t searches; /* of the whole file so far */
    int moves;         /* some command moves a tool's caches */
    uint32_t round;    /* of leaving mounts that cannot be prepared */
    uint32_t out_dir;  /* index of the directory for results */
    int out_checked;
} dfl__caching;

/* The body of dfl_rewrite_cache, for merged plans. */
void dfl__cache_body(dfl__rewrite *rw);

/* cache_seen.c ----------------------------------------------------------------------------- */

/* A table of numbers by kind, stage and text. Kinds:
 *   A  a path at or above one that is read from the family
 *   R  a path that is read from the family
 *   C  a path at or above one that a COPY or ADD writes
 *   S  a tool that the stage, or one built on it, starts
 *   F  runs of the family in which the tool fills a cache with results
 *   L  last instruction of the family that calls the tool
 *   U  1: the family calls the tool in a way that the catalog does not know
 *   N  1: a later RUN needs the path in the image
 *   G  1: some RUN of the family that needs the path is left without the mount
 *   E  group of the environment variable, plus one
 *   P  first instruction that prepares a tool, by the text that shows it
 *   W  first instruction with a command that puts something at the path, or below it
 *   H  instruction that puts a directory, or a link, with unknown contents at the path
 *   X  users by name or number: index among the users, plus one
 *   B  groups by name: the number, plus one
 *   Z  last round in which a RUN is given a tool's preparation
 *   T  a cache mount that is there at the path: index of its id, plus one
 *   M  first instruction that moves the tool's caches
 *   J  platform on which the path is first used, index plus one (stage 0)
 *   K  1: the path is used on several platforms (stage 0)
 *   Q  first instruction whose text says that a tool is prepared
 *   D  how often the file names a directory (stage 0)
 *   V  whether the file reads the variable: 1 no, 2 yes (stage 0) */
void dfl__cache_note(dfl__caching *c, char kind, uint32_t stage, dfl_str text, uint32_t number);
uint32_t dfl__cache_noted(dfl__caching *c, char kind, uint32_t stage, dfl_str text);
/* The number noted of a stage that `stage` is built on, the nearest; 0 when there is none. With
 * `wanted` only that number counts. The stages below must be complete in what is asked for: that
 * there was none is kept. */
uint32_t dfl__cache_inherited(dfl__caching *c, char kind, uint32_t stage, dfl_str text,
                              uint32_t wanted);
/* Instructions other than RUN: what they read, write and start. */
void dfl__cache_see(dfl__caching *c, const dfl__scope *scope, const dfl__instr *instr);
/* What the start command of `stage` needs. */
void dfl__cache_see_start(dfl__caching *c, uint32_t stage);
/* Note that the instruction may run anything. */
void dfl__cache_see_runner(dfl__caching *c, uint32_t index);
/* The --mount flags of a RUN; `there` may be NULL. */
void dfl__cache_see_mounts(dfl__caching *c, const dfl__scope *scope, uint32_t index,
                           dfl__cache_run *run);
/* Instruction `index` puts something at `path`. */
void dfl__cache_note_made(dfl__caching *c, uint32_t root, dfl_str path, uint32_t index);
/* Whether `name` stands in `text` as a whole word. */
int dfl__cache_mentions(dfl_str text, dfl_str name);
/* Expand a Dockerfile word; empty when it is not known. */
dfl_str dfl__cache_expand(dfl__caching *c, const dfl__scope *scope, dfl_str word, int *known);

/* cache_read.c ----------------------------------------------------------------------------- */

/* Read instruction `index`, a RUN or ONBUILD. */
void dfl__cache_read(dfl__caching *c, const dfl__scope *scope, uint32_t index,
                     const dfl__image_info *image);
/* cache_form.c ----------------------------------------------------------------------------- */

/* Fill in the shell, the text and what they say about themselves, for the RUN's node. 0 when its
 * commands cannot be read; the shell then holds nothing. */
int dfl__cache_scan(dfl__caching *c, const dfl__scope *scope, dfl__cache_run *run);

/* cache_call.c ----------------------------------------------------------------------------- */

/* A call of a tool. */
typedef struct {
    dfl_str sub;     /* its sub-command; empty when there is none */
    dfl_str operand; /* the operand behind that; empty */
    int is_idle;     /* an option makes it do something else, or somewhere else */
} dfl__cache_call;

/* Whether the words call the tool. */
int dfl__cache_calls(const dfl__tool *tool, const dfl_str *words, uint32_t count,
                     dfl__cache_call *call);
/* Whether the words are a command that only empties the tool's caches. */
int dfl__cache_drops(const dfl__tool *tool, const dfl_str *words, uint32_t count);
/* Whether the words are a command after which the tool's caches lie elsewhere. */
int dfl__cache_moves(const dfl__tool *tool, const dfl_str *words, uint32_t count);
/* Whether the call uses the tool's caches. */
int dfl__cache_uses(const dfl__tool *tool, const dfl__cache_call *call);
/* Whether sub-command `sub` of the tool fills one of its caches. */
int dfl__cache_fills(const dfl__tool *tool, dfl_str sub);
/* How many operands stand before those of a program that the call runs; UINT32_MAX when it runs
 * none. */
uint32_t dfl__cache_own_operands(const dfl__tool *tool, const dfl__cache_call *call);
/* Whether the tool belongs to images of the release's family; of an unknown one it may. */
int dfl__cache_fits_family(const dfl__tool *tool, const dfl__release *release);
/* Whether the tool of the release has the cache there. */
int dfl__cache_fits_release(dfl__caching *c, const dfl__cache *cache, const dfl__release *release);

/* cache_made.c ----------------------------------------------------------------------------- */

/* Note what the command makes: paths, users. */
void dfl__cache_see_made(dfl__caching *c, dfl__cache_run *run, const dfl__scope *scope,
                         const dfl__image_info *image, uint32_t cmd);
/* Whether something is put where the mount goes, or is to be made there, by instruction `*by`. */
int dfl__cache_is_made(dfl__caching *c, const dfl__cache_run *run, const dfl__cache_mount *m,
                       uint32_t *by);
/* The user of this name or number that the stage has by now; NULL when no RUN made it. */
const dfl__cache_user *dfl__cache_find_user(dfl__caching *c, uint32_t stage, dfl_str name);
/* A number of up to nine digits. */
int dfl__cache_number(dfl_str text, uint32_t *out);

/* cache_decide.c --------------------------------------------------------------------------- */

void dfl__cache_decide(dfl__caching *c);
void dfl__cache_leave(dfl__cache_mount *mount, const char *code, dfl_str why);
/* Whether the shell stops at the first command that fails, from command `cmd` on. */
int dfl__cache_errexit(const dfl__cache_run *run, uint32_t cmd);

/* cache_prepare.c -------------------------------------------------------------------------- */

/* Note which RUNs say themselves that a tool is prepared. */
void dfl__cache_note_said(dfl__caching *c);
/* Leave mounts that are of no use without a preparation which cannot be had; 1 when there are any.
 * Wants dfl__cache_note_said. */
int dfl__cache_leave_unprepared(dfl__caching *c);
/* Note which RUNs prepare a tool themselves, once what goes is gone. */
void dfl__cache_note_prepared(dfl__caching *c);
/* Find the preparations of the RUN; those before it come first. */
void dfl__cache_prepare_run(dfl__caching *c, dfl__cache_run *run);

/* cache_clean.c ---------------------------------------------------------------------------- */

/* Find what fights the caches. */
void dfl__cache_cleanups(dfl__caching *c, dfl__cache_run *run, const dfl__scope *scope,
                         const dfl__image_info *image);
/* Absolute path that the word names; empty when it is not known. `home` is that of the user. */
dfl_str dfl__cache_word_path(dfl__caching *c, const dfl__cache_run *run, const dfl__scope *scope,
                             dfl_str home, uint32_t cmd, const dfl__sh_word *word);
/* Whether a clean-up that cannot be removed makes the mount useless. */
int dfl__cache_blocked(const dfl__cache_run *run, uint32_t mount);
dfl__cache_relation dfl__cache_relate(const dfl__cache_run *run, uint32_t cleanup, uint32_t mount);
/* Whether the operand lies in a cache: in any, or in one that is mounted. */
int dfl__cache_lies_inside(const dfl__cache_run *run, uint32_t cleanup, int mounted);
/* Whether all operands of its rm do. */
int dfl__cache_goes_whole(const dfl__cache_run *run, uint32_t cleanup, int mounted);
/* `true` or `:` alone. */
int dfl__cache_is_true(const dfl__sh_cmd *cmd);

/* cache_take.c ----------------------------------------------------------------------------- */

/* Fill run->lines with what goes under the states of the mounts. 0 when the commands that stay
 * would not mean the same. */
int dfl__cache_take_out(dfl__caching *c, dfl__cache_run *run);
/* Whether command `cmd` goes as a whole. */
int dfl__cache_is_gone(const dfl__cache_run *run, uint32_t cmd);

/* cache_text.c ----------------------------------------------------------------------------- */

/* The lines of tokens [first, end), whose first byte is the text's. */
int dfl__cache_text_of(dfl__caching *c, uint32_t first, uint32_t end, dfl__cache_text *out);
void dfl__cache_text_free(dfl__caching *c, dfl__cache_text *text);
/* Source offset of value offset `at`. */
uint32_t dfl__cache_source(const dfl__cache_text *text, uint32_t at);
/* The line that holds source offset `at`. */
const dfl__cache_line *dfl__cache_line_at(const dfl__cache_text *text, uint32_t at);
/* Bytes [start, end) of the value go. */
void dfl__cache_mark(dfl__cache_text *text, uint32_t start, uint32_t end, unsigned why);
int dfl__cache_marked(const dfl__cache_text *text, uint32_t at);
/* From the marks, find the bytes that are to be cut so that the lines stay whole. 0 when nothing
 * would be left. */
int dfl__cache_cut(const dfl_doc *doc, dfl__cache_text *text);
/* The value without the cut bytes. */
void dfl__cache_rest(const dfl_doc *doc, const dfl__cache_text *text, dfl__buf *out);

/* cache_id.c ------------------------------------------------------------------------------- */

/* Whether the builder takes what is to be written: 1, 0 after a refusal. */
int dfl__cache_check_builder(dfl__caching *c);
/* Whether the file's syntax directive says what reads it. */
int dfl__cache_has_frontend(const dfl__caching *c);
/* Give the mounts that are to be written their ids. */
void dfl__cache_name(dfl__caching *c);
/* How the mount is to be shared. */
const char *dfl__cache_sharing(const dfl__caching *c, const dfl__cache_mount *m);

/* cache_write.c ---------------------------------------------------------------------------- */

void dfl__cache_write(dfl__caching *c);
/* Deletions of step `step`: what was cut for the reason `why`. */
void dfl__cache_write_cuts(dfl__caching *c, const dfl__cache_text *text, unsigned why,
                           uint32_t step);

/* cache_env.c ------------------------------------------------------------------------------ */

/* Note the pairs of an ENV that switch caches off. */
void dfl__cache_see_env(dfl__caching *c, const dfl__instr *instr);
/* Remove those that no RUN needs any more. */
void dfl__cache_write_env(dfl__caching *c);
/* Whether the frontend that the file asks for knows RUN --mount: 1, 0 after a refusal. */
int dfl__cache_check_syntax(dfl__caching *c);
/* Raise it where it is too old. */
void dfl__cache_write_syntax(dfl__caching *c);

#endif
