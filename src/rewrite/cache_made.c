/* cache_made.c -- what the commands of a RUN make: paths that a mount would hide or break, users.
 * Relies on cache.h.
 * Never takes a command whose words it does not know for one that makes nothing. */
#include <string.h>

#include "base/path.h"
#include "rewrite/cache.h"

#define WORDS_MAX 64u
/* Paths that are made in a RUN; beyond them, every path may be. */
#define MADE_MAX 256u

static void no_memory(dfl__caching *c) {
    c->rw->failed = DFL_E_NOMEM;
}

/* The command being looked at. */
typedef struct {
    dfl__caching *c;
    dfl__cache_run *run;
    const dfl__scope *scope;
    dfl_str home;
    const dfl__image_info *image;
    const dfl__sh_cmd *k;
    uint32_t cmd;
    dfl_str words[WORDS_MAX];
    uint32_t count, first;
} look;

/* --- paths */

/* Commands that leave what lies at their operands as it is: a mount changes nothing for them. */
static const char *const harmless[] = {
    "rm",  "rmdir", "mkdir",  "chown", "chmod", "chgrp", "ls",    "du",   "df",   "stat",
    "cat", "grep",  "test",   "[",     "echo",  "cd",    "pushd", "find", "true", "export",
    "set", "which", "printf", "diff",  "head",  "tail",  "wc",    "file", "read", "command"};

static int has_option(const look *l, char letter, const char *word) {
    for (uint32_t i = 1; i < l->count; i++) {
        dfl_str w = l->words[i];
        if (dfl__eqz(w, word)) return 1;
        if (w.len > 1 && w.ptr[0] == '-' && w.ptr[1] != '-' && dfl__find(w, letter, 0) < w.len)
            return 1;
    }
    return 0;
}

static void add_made(const look *l, dfl_str path) {
    /* Too many: anything may be made. */
    if (l->run->made.count == MADE_MAX) l->run->made.items[0] = DFL__LIT("/");
    if (l->run->made.count == MADE_MAX) return;
    if (!DFL__PUSH(&l->c->arena.alloc, &l->run->made, path)) no_memory(l->c);
}

/* The command makes its operands itself, and fails where one is there: mkdir without -p, ln. */
static int makes_operands(const look *l, dfl_str program) {
    if (dfl__eqz(program, "mkdir")) return !has_option(l, 'p', "--parents");
    return dfl__eqz(program, "ln");
}

static void see_paths(look *l) {
    dfl_str program = l->count > 0 ? dfl__path_base(l->words[0]) : dfl__str("");
    int makes = makes_operands(l, program);
    int counts = !DFL__IS_ONE_OF(program, harmless);
    /* Of ln, the last operand is what it makes. */
    uint32_t from = makes && counts ? l->k->word_count - 1 : l->first + 1;
    for (uint32_t i = from; i < l->k->word_count && (makes || counts); i++) {
        dfl_str path =
            dfl__cache_word_path(l->c, l->run, l->scope, l->home, l->cmd, &l->k->words[i]);
        if (path.len == 0 || l->c->rw->failed != DFL_OK) continue;
        if (makes) add_made(l, path);
        if (counts) dfl__cache_note_made(l->c, l->run->root, path, l->run->index);
        if (makes && counts) dfl__cache_note(l->c, 'H', l->run->root, path, l->run->index);
    }
    for (uint32_t i = 0; i < l->k->redir_count; i++) {
        const dfl__sh_redir *redir = &l->k->redirs[i];
        if (strchr(redir->op, '>') == NULL || redir->op[1] == '&') continue;
        dfl_str path =
            dfl__cache_word_path(l->c, l->run, l->scope, l->home, l->cmd, &redir->target);
        if (path.len > 0) dfl__cache_note_made(l->c, l->run->root, path, l->run->index);
    }
}

int dfl__cache_is_made(dfl__caching *c, const dfl__cache_run *run, const dfl__cache_mount *m,
                       uint32_t *by) {
    dfl_str target = m->target;
    /* What a RUN does with its own results is to take them out. */
    uint32_t last = m->cache->holds_output ? run->index - 1 : run->index;
    *by = run->index;
    for (uint32_t i = 0; i < run->made.count; i++) {
        dfl_str path = run->made.items[i];
        if (dfl__path_is_below(target, path) || dfl__path_is_below(path, target)) return 1;
    }
    uint32_t at = dfl__cache_noted(c, 'W', run->root, target);
    if (at > 0 && (at <= last || run->is_trigger)) {
        *by = at;
        return 1;
    }
    for (dfl_str above = target; above.len > 1;) {
        at = dfl__cache_noted(c, 'H', run->root, above);
        if (at > 0) {
            *by = at;
            return 1;
        }
        above.len -= dfl__path_base(above).len + 1;
    }
    return 0;
}

/* --- users */

typedef enum { USER_ADD, USER_CHANGE, USER_GONE, GROUP_ADD } verb;

static const struct {
    const char *program;
    verb verb;
} programs[] = {{"useradd", USER_ADD},   {"adduser", USER_ADD},  {"usermod", USER_CHANGE},
                {"userdel", USER_GONE},  {"deluser", USER_GONE}, {"groupadd", GROUP_ADD},
                {"addgroup", GROUP_ADD}, {"groupmod", GROUP_ADD}};

/* What an option of those programs says. */
typedef enum { SAYS_UID, SAYS_GROUP, SAYS_HOME, SAYS_NAME, SAYS_SYSTEM, SAYS_NOTHING } says;

static const struct {
    const char *name; /* letters that share a meaning, or a long option */
    says says;
} valued[] = {{"u", SAYS_UID},
              {"--uid", SAYS_UID},
              {"--gid", SAYS_GROUP},
              {"--ingroup", SAYS_GROUP},
              {"d", SAYS_HOME},
              {"--home", SAYS_HOME},
              {"--home-dir", SAYS_HOME},
              {"l", SAYS_NAME},
              {"--login", SAYS_NAME},
              {"b", SAYS_NAME},
              {"--base-dir", SAYS_NAME},
              {"cefkKpRPsZG", SAYS_NOTHING},
              {"--comment", SAYS_NOTHING},
              {"--gecos", SAYS_NOTHING},
              {"--shell", SAYS_NOTHING},
              {"--groups", SAYS_NOTHING},
              {"--skel", SAYS_NOTHING},
              {"--password", SAYS_NOTHING},
              {"--key", SAYS_NOTHING},
              {"--expiredate", SAYS_NOTHING},
              {"--conf", SAYS_NOTHING},
              {"--firstuid", SAYS_NOTHING},
              {"--lastuid", SAYS_NOTHING},
              {"--inactive", SAYS_NOTHING},
              {"--root", SAYS_NOTHING},
              {"--prefix", SAYS_NOTHING}};

/* A command about users, read. */
typedef struct {
    verb verb;
    int is_adduser; /* adduser and addgroup: BusyBox's and Debian's */
    dfl_str uid, group, home;
    dfl_str operands[2];
    uint32_t operand_count;
    int open; /* something about it is not known */
    int is_system;
} user_command;

/* Meaning of an option that takes a value; -1 when it takes none. */
static int meaning(const user_command *u, dfl_str option) {
    int is_letter = option.len == 1;
    if (is_letter && option.ptr[0] == 'g')
        return u->is_adduser && u->verb == USER_ADD ? SAYS_NOTHING : SAYS_GROUP;
    if (is_letter && option.ptr[0] == 'G' && u->is_adduser) return SAYS_GROUP;
    if (is_letter && option.ptr[0] == 'h') return u->is_adduser ? SAYS_HOME : -1;
    /* useradd -l: no entry in lastlog. */
    if (is_letter && option.ptr[0] == 'l' && u->verb != USER_CHANGE) return -1;
    for (size_t i = 0; i < sizeof valued / sizeof *valued; i++) {
        dfl_str name = dfl__str(valued[i].name);
        if (is_letter ? name.ptr[0] != '-' && dfl__find(name, option.ptr[0], 0) < name.len
                      : dfl__eq(name, option))
            return (int)valued[i].says;
    }
    return -1;
}

static void take_value(user_command *u, int what, dfl_str value) {
    if (what == SAYS_UID) u->uid = value;
    if (what == SAYS_GROUP) u->group = value;
    if (what == SAYS_HOME) u->home = value;
    if (what == SAYS_NAME) u->open = 1;
}

/* Option word number `i`; the number of words it takes. */
static uint32_t take_option(const look *l, user_command *u, uint32_t i) {
    dfl_str word = l->words[i], next = i + 1 < l->count ? l->words[i + 1] : dfl__str("");
    if (dfl__starts(word, "--")) {
        size_t equals = dfl__find(word, '=', 0);
        int what = meaning(u, dfl__sub(word, 0, equals));
        u->is_system |= dfl__eqz(word, "--system");
        if (what < 0) return 1;
        take_value(u, what, equals < word.len ? dfl__sub(word, equals + 1, word.len) : next);
        return equals < word.len ? 1 : 2;
    }
    for (size_t at = 1; at < word.len; at++) {
        int what = meaning(u, dfl__sub(word, at, at + 1));
        if (what < 0) continue;
        take_value(u, what, at + 1 < word.len ? dfl__sub(word, at + 1, word.len) : next);
        return at + 1 < word.len ? 1 : 2;
    }
    return 1;
}

static void read_user_command(const look *l, user_command *u) {
    for (uint32_t i = 1; i < l->count;) {
        dfl_str word = l->words[i];
        if (word.len > 1 && word.ptr[0] == '-') {
            i += take_option(l, u, i);
            continue;
        }
        if (u->operand_count < 2) u->operands[u->operand_count] = word;
        u->operand_count++;
        i++;
    }
    for (uint32_t i = l->first; i < l->k->word_count; i++)
        u->open |= !l->k->words[i].literal;
    u->open |= l->k->conditional || l->k->in_pipe || l->k->in_subst || l->count == WORDS_MAX;
}

/* Number of a group: written, or of one that the stage has made. */
static int group_number(const look *l, dfl_str group, uint32_t *out) {
    if (dfl__cache_number(group, out)) return 1;
    if (group.len == 0) return 0;
    uint32_t noted = dfl__cache_noted(l->c, 'B', l->run->stage, group);
    if (noted == 0) noted = dfl__cache_inherited(l->c, 'B', l->run->stage, group, 0);
    if (noted > 0) *out = noted - 1;
    return noted > 0;
}

static dfl_str user_home(const look *l, const user_command *u, dfl_str name) {
    const dfl__release *release = l->image->release;
    int is_busybox = release != NULL && (strcmp(release->family, "alpine") == 0 ||
                                         strcmp(release->family, "wolfi") == 0);
    if (u->home.len > 0) return u->home.ptr[0] == '/' ? u->home : dfl__str("");
    /* Debian's gives users of the system no directory. */
    if (u->verb != USER_ADD || (u->is_adduser && u->is_system && !is_busybox)) return dfl__str("");
    return dfl__rewrite_fmt(l->c->rw, "/home/%S", &name);
}

static void note_user(const look *l, const user_command *u) {
    dfl__caching *c = l->c;
    dfl_str name = u->operands[0];
    dfl__cache_user made = {l->run->index, 0, 0, 0, {"", 0}};
    if (u->verb == USER_CHANGE && u->uid.len == 0 && u->home.len == 0 && !u->open) return;
    made.known = !u->open && dfl__cache_number(u->uid, &made.uid) && made.uid != 0;
    made.gid = made.uid;
    if (made.known) (void)group_number(l, u->group, &made.gid);
    if (!u->open) made.home = dfl__rewrite_text(c->rw, user_home(l, u, name));
    /* A directory that is there before is not filled from /etc/skel. */
    if (u->verb == USER_ADD && made.home.len > 0) add_made(l, made.home);
    if (!DFL__PUSH(&c->arena.alloc, &c->users, made)) no_memory(c);
    dfl__cache_note(c, 'X', l->run->stage, name, c->users.count);
    if (made.known) dfl__cache_note(c, 'X', l->run->stage, u->uid, c->users.count);
}

static void see_users(look *l) {
    user_command u;
    uint32_t number;
    memset(&u, 0, sizeof u);
    dfl_str program = l->count > 0 ? dfl__path_base(l->words[0]) : dfl__str("");
    size_t p = 0;
    while (p < sizeof programs / sizeof *programs && !dfl__eqz(program, programs[p].program))
        p++;
    if (p == sizeof programs / sizeof *programs) return;
    u.verb = programs[p].verb;
    u.is_adduser = dfl__eqz(program, "adduser") || dfl__eqz(program, "addgroup");
    read_user_command(l, &u);
    /* adduser USER GROUP makes neither. */
    if (u.operand_count != 1) return;
    if (u.verb != GROUP_ADD) {
        note_user(l, &u);
    } else if (!u.open && dfl__cache_number(u.group, &number)) {
        dfl__cache_note(l->c, 'B', l->run->stage, u.operands[0], number + 1);
    }
}

const dfl__cache_user *dfl__cache_find_user(dfl__caching *c, uint32_t stage, dfl_str name) {
    if (name.len == 0 || c->users.count == 0) return NULL;
    uint32_t number = dfl__cache_noted(c, 'X', stage, name);
    if (number == 0) number = dfl__cache_inherited(c, 'X', stage, name, 0);
    return number > 0 ? &c->users.items[number - 1] : NULL;
}

int dfl__cache_number(dfl_str text, uint32_t *out) {
    uint32_t number = 0;
    if (text.len == 0 || text.len > 9) return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!dfl__is_digit((unsigned char)text.ptr[i])) return 0;
        number = number * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    *out = number;
    return 1;
}

void dfl__cache_see_made(dfl__caching *c, dfl__cache_run *run, const dfl__scope *scope,
                         const dfl__image_info *image, uint32_t cmd) {
    look l;
    memset(&l, 0, sizeof l);
    l.c = c;
    l.run = run;
    l.scope = scope;
    l.image = image;
    l.cmd = cmd;
    l.k = &run->shell.cmds[cmd];
    if (l.k->kind != DFL__CMD_SIMPLE) return;
    l.home = dfl__scope_home(c->rw, scope, image);
    l.count = dfl__command_words(&run->shell, cmd, l.words, WORDS_MAX, &l.first);
    see_users(&l);
    see_paths(&l);
}
