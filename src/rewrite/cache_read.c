/* cache_read.c -- the RUNs: which tools they call, and where those cache.
 * Relies on cache.h.
 * Never guesses a place: a variable or option whose value is not known leaves it unknown. */
#include <string.h>

#include "base/path.h"
#include "rewrite/cache.h"

#define WORDS_MAX 64u
/* Longer RUNs are not read: finding a command's directory looks at those before it. */
#define COMMANDS_MAX 1000u
#define MOUNTS_MAX 64u
/* Further calls of a RUN are taken to cache where these do. */
#define USES_MAX 64u

/* Programs that run others, which may be any tool. */
static const char *const runners[] = {"sh",   "bash",   "dash", "ash",   "zsh",  "ksh",
                                      ".",    "eval",   "make", "gmake", "just", "ninja",
                                      "task", "source", "pwsh", "fish"};

typedef struct {
    const dfl__cache *cache;
} filled_cache;

/* A RUN being read. */
typedef struct {
    dfl__caching *c;
    dfl__cache_run run;
    const dfl__scope *scope;
    const dfl__image_info *image;
    uint32_t cmd;
    dfl_str words[WORDS_MAX];
    uint32_t count, first;
    DFL__VEC(filled_cache) filled; /* by the commands so far */
} reader;

static void no_memory(reader *r) {
    r->c->rw->failed = DFL_E_NOMEM;
}

static int failed(const reader *r) {
    return r->c->rw->failed != DFL_OK;
}

/* --- what is known where a command runs */

/* Whether the words name a value for `name`: NAME=value. */
static int gives(dfl_str word, dfl_str name) {
    return word.len > name.len && word.ptr[name.len] == '=' &&
           dfl__eq(dfl__sub(word, 0, name.len), name);
}

static dfl_str raw_word(const reader *r, const dfl__sh_word *word) {
    return dfl__sub(r->run.shell.text, word->start, word->end);
}

/* Whether the RUN itself gives the variable a value that dfl__place does not see: it is exported,
 * assigned by a command before, handed to a wrapper, or not literal. */
static int is_overridden(const reader *r, dfl_str name) {
    const dfl__shell *shell = &r->run.shell;
    for (uint32_t i = 0; i <= r->cmd; i++) {
        const dfl__sh_cmd *cmd = &shell->cmds[i];
        uint32_t end = i == r->cmd ? r->first : cmd->word_count;
        for (uint32_t a = 0; a < cmd->assign_count; a++) {
            int own = i == r->cmd && cmd->assigns[a].literal && !dfl__eqz(name, "HOME");
            if ((i == r->cmd || cmd->word_count == 0) && !own &&
                gives(raw_word(r, &cmd->assigns[a]), name))
                return 1;
        }
        for (uint32_t w = 0; w < end; w++) {
            if (gives(raw_word(r, &cmd->words[w]), name)) return 1;
        }
    }
    return 0;
}

/* Whether option `name` of the command has a value that only the shell knows. */
static int has_open_option(const reader *r, dfl_str name) {
    const dfl__sh_cmd *cmd = &r->run.shell.cmds[r->cmd];
    for (uint32_t w = 0; w < cmd->word_count; w++) {
        dfl_str raw = raw_word(r, &cmd->words[w]);
        if (raw.len < name.len || !dfl__eq(dfl__sub(raw, 0, name.len), name)) continue;
        if (raw.len > name.len && raw.ptr[name.len] == '=' && !cmd->words[w].literal) return 1;
        if (raw.len == name.len && w + 1 < cmd->word_count && !cmd->words[w + 1].literal) return 1;
    }
    return 0;
}

/* Whether all that the place refers to is known, be it set or not. */
static int is_settled(const reader *r, dfl_str place) {
    dfl_str value;
    if (dfl__starts(place, "~") && is_overridden(r, DFL__LIT("HOME"))) return 0;
    for (size_t at = dfl__find(place, '{', 0); at < place.len;) {
        size_t close = dfl__find(place, '}', at);
        dfl_str name = dfl__sub(place, at + 1, close);
        if (dfl__starts(name, "$")) {
            name = dfl__sub(name, 1, name.len);
            if (dfl__env_get(&r->scope->env, name, &value) == DFL__VAR_UNKNOWN) return 0;
            if (is_overridden(r, name)) return 0;
        } else if (has_open_option(r, name)) {
            return 0;
        }
        at = dfl__find(place, '{', close);
    }
    return 1;
}

/* --- the user */

/* Who runs a command. */
typedef struct {
    dfl__scope scope; /* shares the stage's; the user in it is the effective one */
    int is_root;
    int known; /* uid is */
    uint32_t uid, gid;
    const dfl__cache_user *made; /* NULL: the image has it, or nothing is known of it */
} user;

/* A user of the image by number gets its name, which its home directory is known by. */
static void name_user(user *u, const dfl__image *image) {
    if (image == NULL || u->uid == 0) return;
    if (u->uid == image->nonroot_uid && image->nonroot_user[0] != '\0') {
        u->scope.user = dfl__str(image->nonroot_user);
    } else if (u->uid == image->uid && image->user[0] != '\0') {
        u->scope.user = dfl__str(image->user);
    }
}

/* Number of a user that the catalog knows by name. */
static void find_image_user(const dfl__image *image, dfl_str name, user *u) {
    if (image == NULL) return;
    if (image->nonroot_uid != 0 && dfl__eqz(name, image->nonroot_user)) {
        u->known = 1;
        u->uid = u->gid = image->nonroot_uid;
    } else if (image->uid != 0 && dfl__eqz(name, image->user)) {
        u->known = 1;
        u->uid = image->uid;
        u->gid = image->gid != 0 ? image->gid : image->uid;
    }
}

static void find_user(const reader *r, user *u) {
    dfl_str whole = r->scope->user;
    size_t colon = dfl__find(whole, ':', 0);
    dfl_str name = dfl__sub(whole, 0, colon);
    memset(u, 0, sizeof *u);
    u->scope = *r->scope;
    u->is_root = r->run.is_root;
    if (u->is_root != 0) return;
    u->made = dfl__cache_find_user(r->c, r->run.stage, name);
    u->known = dfl__cache_number(name, &u->uid);
    u->gid = u->uid;
    if (u->made != NULL && !u->known) {
        u->known = u->made->known;
        u->uid = u->made->uid;
        u->gid = u->made->gid;
    } else if (!u->known) {
        find_image_user(r->image->image, name, u);
    } else if (u->made == NULL) {
        name_user(u, r->image->image);
    }
    if (colon < whole.len) (void)dfl__cache_number(dfl__sub(whole, colon + 1, whole.len), &u->gid);
}

/* `sudo` makes a command root's, of whose home it is not known what sudo makes. 0 for `sudo -u`. */
static int apply_sudo(const reader *r, user *u) {
    const dfl__sh_cmd *cmd = &r->run.shell.cmds[r->cmd];
    for (uint32_t w = 0; w < r->first; w++) {
        if (!dfl__eqz(dfl__path_base(cmd->words[w].value), "sudo")) continue;
        for (w++; w < r->first; w++) {
            if (dfl__starts(cmd->words[w].value, "-u")) return 0;
        }
        if (u->is_root != 1) u->scope.user_known = 0;
        u->is_root = 1;
    }
    return 1;
}

/* --- where a cache is */

/* Bytes that need no quoting in a field of --mount. */
static int is_plain_path(dfl_str path) {
    for (size_t i = 0; i < path.len; i++) {
        unsigned char b = (unsigned char)path.ptr[i];
        if (!dfl__is_alpha(b) && !dfl__is_digit(b) && strchr("/._-+@%=:~", b) == NULL) return 0;
    }
    return path.len > 1;
}

/* A mount may not hide the directory that the command works in, or a home. */
static int is_mountable(const reader *r, const user *u, dfl_str target) {
    dfl_str home = dfl__scope_home(r->c->rw, &u->scope, r->image);
    if (!is_plain_path(target)) return 0;
    if (r->scope->workdir_known && dfl__path_is_below(r->scope->workdir, target)) return 0;
    return home.len == 0 || !dfl__path_is_below(home, target);
}

/* Directory of the cache. 0 when none can be told; `*homeless` when the home directory is what is
 * missing. */
static int find_target(reader *r, const user *u, const dfl__cache *cache, dfl_str *target,
                       int *homeless) {
    *homeless = 0;
    for (uint32_t i = 0; i < cache->places.count && !failed(r); i++) {
        dfl__names place = {&cache->places.items[i], 1};
        dfl_str text = dfl__str(cache->places.items[i]);
        if (!is_settled(r, text)) return 0;
        /* A directory of the system is what root uses. */
        if (dfl__starts(text, "/") && u->is_root == 0) continue;
        if (dfl__place(r->c->rw, place, &r->run.shell, r->cmd, &u->scope, r->image, target)) {
            if (target->len > 1 && dfl__ends(*target, "/")) target->len--;
            return is_mountable(r, u, *target);
        }
        if (dfl__starts(text, "~")) *homeless = 1;
    }
    return 0;
}

static int add_mount(reader *r, const dfl__cache_mount *mount) {
    if (DFL__PUSH(&r->c->arena.alloc, &r->run.mounts, *mount)) return 1;
    no_memory(r);
    return 0;
}

static dfl__cache_mount *find_mount(reader *r, const dfl__tool *tool, dfl_str target) {
    for (uint32_t i = 0; i < r->run.mounts.count; i++) {
        dfl__cache_mount *m = &r->run.mounts.items[i];
        if (m->tool == tool && dfl__eq(m->target, target)) return m;
    }
    return NULL;
}

/* A cache is mounted already, and it may be this one. */
static void leave_open(const reader *r, dfl__cache_mount *mount) {
    dfl__cache_leave(
        mount, "cache.place-unknown",
        dfl__rewrite_fmt(r->c->rw,
                         "%S is not mounted, as the RUN has a cache mount whose target "
                         "is not known, and it may be the same",
                         &mount->target));
}

/* What the RUN's own mounts mean for the target. 0: another mount lies there. */
static int apply_there(const reader *r, dfl__cache_mount *mount) {
    for (uint32_t i = 0; i < r->run.there.count; i++) {
        const dfl__cache_there *there = &r->run.there.items[i];
        if (there->open && there->is_cache) leave_open(r, mount);
        if (there->target.len == 0) continue;
        if (!dfl__path_is_below(mount->target, there->target) &&
            !dfl__path_is_below(there->target, mount->target))
            continue;
        if (!there->is_cache) return 0;
        mount->state = DFL__MOUNT_THERE;
    }
    return 1;
}

/* What would make the user's number known: ". Write USER ..." */
static dfl_str number_advice(reader *r, const user *u) {
    if (u->made == NULL) return dfl__str(". Write USER with the number, as in USER 1000:1000");
    uint32_t node = r->c->rw->model->instrs.items[u->made->index].node;
    return dfl__rewrite_fmt(r->c->rw,
                            ": line %u makes or changes it, and writes no number there. Give it "
                            "one, as in useradd --uid 1000, or write USER with the number",
                            dfl__line_of(r->c->rw, dfl__node_range(r->c->rw->doc, node).start));
}

static void leave_homeless(reader *r, const user *u, dfl__cache_mount *mount) {
    dfl_str name = r->scope->user, advice = number_advice(r, u);
    dfl_str why =
        u->known ? dfl__rewrite_fmt(r->c->rw,
                                    "%s runs as user %S, whose home directory, where its cache "
                                    "lies, is not known. Set ENV HOME to make it known",
                                    mount->tool->name, &name)
                 : dfl__rewrite_fmt(r->c->rw,
                                    "%s runs as user %S, whose number and home directory are not "
                                    "known%S, and set ENV HOME",
                                    mount->tool->name, &name, &advice);
    dfl__cache_leave(mount, "cache.user-unknown", why);
}

static void apply_user(reader *r, const user *u, dfl__cache_mount *mount) {
    dfl_str name = r->scope->user, advice;
    if (u->is_root == 1 || mount->state != DFL__MOUNT_NEW) return;
    mount->owned = 1;
    mount->uid = u->uid;
    mount->gid = u->gid;
    dfl_str home = dfl__scope_home(r->c->rw, &u->scope, r->image);
    mount->in_folder = home.len > 0 && dfl__path_is_below(mount->target, home) &&
                       !dfl__eq(dfl__path_dir(mount->target), home);
    if (u->is_root == 0 && u->known) return;
    advice = number_advice(r, u);
    dfl__cache_leave(mount, "cache.user-unknown",
                     dfl__rewrite_fmt(r->c->rw,
                                      "%s runs as user %S, whose number is not known, and a cache "
                                      "that another user owns cannot be written%S",
                                      mount->tool->name, &name, &advice));
}

static int same_place(const dfl__cache *a, const dfl__cache *b) {
    return a == b || (a->places.count > 0 && b->places.count > 0 &&
                      strcmp(a->places.items[0], b->places.items[0]) == 0);
}

static int is_filled(const reader *r, const dfl__cache *cache) {
    for (uint32_t i = 0; i < r->filled.count; i++) {
        if (same_place(r->filled.items[i].cache, cache)) return 1;
    }
    return cache->filled_by.count == 0;
}

/* --- whether it is one that can be mounted */

/* Whether the command runs with NAME=value in its environment; the value may hold `*`. */
static int holds(const reader *r, const char *pair) {
    const dfl__sh_cmd *cmd = &r->run.shell.cmds[r->cmd];
    dfl_str whole = dfl__str(pair), value;
    size_t equals = dfl__find(whole, '=', 0);
    dfl_str name = dfl__sub(whole, 0, equals);
    if (equals == whole.len) return 0;
    for (uint32_t a = cmd->assign_count; a-- > 0;) {
        dfl_str raw = raw_word(r, &cmd->assigns[a]);
        if (!gives(raw, name)) continue;
        value = cmd->assigns[a].value;
        return cmd->assigns[a].literal && gives(value, name) &&
               dfl__glob(pair + equals + 1, dfl__sub(value, equals + 1, value.len));
    }
    return !is_overridden(r, name) && dfl__env_get(&r->scope->env, name, &value) == DFL__VAR_SET &&
           dfl__glob(pair + equals + 1, value);
}

static int holds_any(const reader *r, dfl__names pairs) {
    for (uint32_t i = 0; i < pairs.count; i++) {
        if (holds(r, pairs.items[i])) return 1;
    }
    return 0;
}

/* Whether the base image brings the program that is called. */
static int is_brought(const reader *r) {
    const dfl__image *image = r->image->image;
    return image != NULL && dfl__names_has(image->provides, dfl__path_base(r->words[0]), 0);
}

/* Whether the tool has the cache here at all. */
static int is_here(const reader *r, const dfl__cache *cache) {
    if (!dfl__cache_fits_release(r->c, cache, r->image->release)) return 0;
    if (cache->in_tool && !is_brought(r)) return 0;
    return cache->only_with.count == 0 || cache->left[0] != '\0' || holds_any(r, cache->only_with);
}

static void leave_alone(reader *r, dfl__cache_mount *mount) {
    const dfl__cache *cache = mount->cache;
    if (mount->state != DFL__MOUNT_NEW || cache->left[0] == '\0' || holds_any(r, cache->only_with))
        return;
    dfl_str name = mount->target.len > 0 ? mount->target : dfl__str(mount->tool->name);
    dfl__cache_leave(mount, "cache.output-kept",
                     dfl__rewrite_fmt(r->c->rw,
                                      mount->target.len > 0
                                          ? "%S is not mounted, as %s"
                                          : "the cache of %S is not mounted, as %s",
                                      &name, cache->left));
}

/* What the tool needs of the cache lies in the image: an earlier RUN has to leave it there. */
static void leave_unfilled(reader *r, dfl__cache_mount *mount) {
    if (mount->tool->install.count == 0) return;
    dfl__cache_leave(mount, NULL, dfl__str(""));
    (void)add_mount(r, mount);
}

/* The variable that would say where the cache lies; empty where the catalog has a default. */
static dfl_str place_variable(const dfl__cache *cache) {
    for (uint32_t i = 0; i < cache->places.count; i++) {
        if (!dfl__starts(dfl__str(cache->places.items[i]), "{$")) return dfl__str("");
    }
    if (cache->places.count == 0) return dfl__str("");
    dfl_str first = dfl__str(cache->places.items[0]);
    return dfl__sub(first, 2, dfl__find(first, '}', 0));
}

/* Only a variable says where the tool caches, and none is set. */
static void leave_placeless(reader *r, const dfl__tool *tool, const dfl__cache *cache) {
    dfl__cache_mount mount = {.tool = tool, .cache = cache, .cmd = r->cmd};
    dfl_str variable = place_variable(cache);
    mount.target = dfl__str("");
    if (variable.len == 0 || tool->caches.count > 1 || find_mount(r, tool, mount.target) != NULL)
        return;
    dfl__cache_leave(&mount, "cache.place-unknown",
                     dfl__rewrite_fmt(r->c->rw,
                                      "No cache is mounted for %s, as its default place depends on "
                                      "what else is in the image. Set ENV %S to make it known",
                                      tool->name, &variable));
    (void)add_mount(r, &mount);
}

static void read_cache(reader *r, const user *u, const dfl__tool *tool, const dfl__cache *cache) {
    int homeless, filled = is_filled(r, cache);
    if (!is_here(r, cache)) return;
    dfl__cache_mount mount = {.tool = tool, .cache = cache, .cmd = r->cmd, .why = {"", 0}};
    int found = find_target(r, u, cache, &mount.target, &homeless);
    if (!found) mount.target = dfl__str("");
    if (failed(r) || r->run.mounts.count == MOUNTS_MAX) return;
    if (!found && !homeless && filled) leave_placeless(r, tool, cache);
    if (!found && !(homeless && filled)) return;
    if (!found) {
        leave_alone(r, &mount);
        if (mount.state == DFL__MOUNT_NEW) leave_homeless(r, u, &mount);
        if (find_mount(r, tool, mount.target) == NULL) (void)add_mount(r, &mount);
        return;
    }
    mount.target = dfl__rewrite_text(r->c->rw, mount.target);
    mount.assumed = r->image->image == NULL;
    dfl__cache_mount *old = find_mount(r, tool, mount.target);
    if (old != NULL && (old->code != NULL || old->state != DFL__MOUNT_LEFT || !filled)) return;
    if (!filled) {
        leave_unfilled(r, &mount);
        return;
    }
    if (!apply_there(r, &mount)) return;
    leave_alone(r, &mount);
    apply_user(r, u, &mount);
    if (cache->holds_output) {
        dfl_str name = dfl__str(tool->name);
        dfl__cache_note(r->c, 'F', r->run.root, name,
                        dfl__cache_noted(r->c, 'F', r->run.root, name) + 1);
    }
    if (old != NULL) {
        *old = mount;
    } else {
        (void)add_mount(r, &mount);
    }
}

/* --- calls */

/* The group of ENV pairs that switch the tool's caches off here. */
static uint32_t find_env(reader *r, const dfl__tool *tool, int *fixed) {
    dfl_str value;
    for (uint32_t i = 0; i < tool->drop_env.count; i++) {
        dfl_str name = dfl__str(tool->drop_env.items[i]);
        if (dfl__env_get(&r->scope->env, name, &value) == DFL__VAR_UNSET) continue;
        uint32_t group = dfl__cache_noted(r->c, 'E', r->run.root, name);
        if (group != 0) return group - 1;
        *fixed = 1;
    }
    return DFL__CACHE_NONE;
}

/* The variable comes from an ARG or the base image: it stays. */
static void leave_fixed(reader *r, const dfl__tool *tool) {
    dfl_str name = dfl__str(tool->drop_env.items[0]);
    dfl_str why = dfl__rewrite_fmt(r->c->rw,
                                   "%S, set by an ARG or by the base image, switches the cache of "
                                   "%s off. Remove it to get a cache mount",
                                   &name, tool->name);
    for (uint32_t i = 0; i < r->run.mounts.count; i++) {
        dfl__cache_mount *m = &r->run.mounts.items[i];
        if (m->tool == tool && m->state == DFL__MOUNT_NEW)
            dfl__cache_leave(m, "cache.cleanup-kept", why);
    }
}

/* Whether the command takes only what earlier steps have fetched; what this RUN has fetched itself
 * is there. */
static int is_offline(const reader *r, const dfl__tool *tool) {
    for (uint32_t i = 0; i < r->run.uses.count; i++) {
        if (r->run.uses.items[i].tool == tool) return 0;
    }
    for (uint32_t i = 1; i < r->count; i++) {
        if (dfl__names_has(tool->offline, r->words[i], 0)) return 1;
    }
    return 0;
}

/* The image is of a family that does not have the tool. */
static void leave_foreign(reader *r, const dfl__tool *tool) {
    dfl__cache_mount mount = {.tool = tool, .cache = tool->caches.items, .cmd = r->cmd};
    if (tool->caches.count == 0) return;
    mount.target = dfl__str("");
    dfl__cache_leave(
        &mount, "cache.other-family",
        dfl__rewrite_fmt(r->c->rw,
                         "No cache is mounted for %s, as images of the %s family, such "
                         "as this stage's, do not have it",
                         tool->name, r->image->release->family));
    (void)add_mount(r, &mount);
}

/* The instruction by which the tool's caches are moved by now; 0 when there is none. */
static uint32_t moved_by(const reader *r, const dfl__tool *tool) {
    if (!r->c->moves) return 0;
    uint32_t by = dfl__cache_noted(r->c, 'M', r->run.stage, dfl__str(tool->name));
    return by != 0 ? by : dfl__cache_inherited(r->c, 'M', r->run.stage, dfl__str(tool->name), 0);
}

static void leave_moved(reader *r, const dfl__tool *tool, uint32_t by) {
    uint32_t node = r->c->rw->model->instrs.items[by].node;
    dfl_str why = dfl__rewrite_fmt(
        r->c->rw,
        "No cache is mounted for %s, as line %u moves its cache to where it is not looked for. Say "
        "the place with a variable in ENV instead",
        tool->name, dfl__line_of(r->c->rw, dfl__node_range(r->c->rw->doc, node).start));
    for (uint32_t i = 0; i < r->run.mounts.count; i++) {
        dfl__cache_mount *m = &r->run.mounts.items[i];
        if (m->tool == tool && m->state == DFL__MOUNT_NEW)
            dfl__cache_leave(m, "cache.place-unknown", why);
    }
}

static void read_use(reader *r, const dfl__tool *tool) {
    int fixed = 0;
    user u;
    if (r->run.uses.count == USES_MAX) return;
    find_user(r, &u);
    if (!apply_sudo(r, &u)) return;
    dfl__cache_use use = {tool, r->cmd, find_env(r, tool, &fixed)};
    if (!dfl__cache_fits_family(tool, r->image->release)) {
        use.env = DFL__CACHE_NONE;
        leave_foreign(r, tool);
        if (!DFL__PUSH(&r->c->arena.alloc, &r->run.uses, use)) no_memory(r);
        return;
    }
    if (is_offline(r, tool)) dfl__cache_note(r->c, 'O', r->run.root, dfl__str(tool->name), 1);
    for (uint32_t i = 0; i < tool->caches.count && !failed(r); i++)
        read_cache(r, &u, tool, &tool->caches.items[i]);
    if (fixed) leave_fixed(r, tool);
    uint32_t by = moved_by(r, tool);
    if (by != 0) leave_moved(r, tool, by);
    if (!DFL__PUSH(&r->c->arena.alloc, &r->run.uses, use)) no_memory(r);
}

static void note_filled(reader *r, const dfl__tool *tool, dfl_str sub) {
    for (uint32_t i = 0; i < tool->caches.count; i++) {
        const dfl__cache *cache = &tool->caches.items[i];
        if (!dfl__names_has(cache->filled_by, sub, 0)) continue;
        if (r->filled.count > 0 && is_filled(r, cache)) continue;
        if (!DFL__PUSH(&r->c->arena.alloc, &r->filled, (filled_cache){cache})) no_memory(r);
    }
}

static int holds_output(const dfl__tool *tool) {
    for (uint32_t i = 0; i < tool->caches.count; i++) {
        if (tool->caches.items[i].holds_output) return 1;
    }
    return 0;
}

/* 1 when the command calls the tool. */
static int read_tool(reader *r, const dfl__tool *tool) {
    dfl_str name = dfl__str(tool->name);
    dfl__cache_call call;
    if (dfl__cache_moves(tool, r->words, r->count) &&
        dfl__cache_noted(r->c, 'M', r->run.stage, name) == 0) {
        dfl__cache_note(r->c, 'M', r->run.stage, name, r->run.index);
        r->c->moves = 1;
    }
    if (!dfl__cache_calls(tool, r->words, r->count, &call)) return 0;
    if (dfl__cache_drops(tool, r->words, r->count)) return 1;
    int uses = dfl__cache_uses(tool, &call);
    note_filled(r, tool, call.sub);
    if (holds_output(tool)) {
        dfl__cache_note(r->c, 'L', r->run.root, name, r->run.index);
        if (!uses && call.sub.len > 0 && !dfl__cache_fills(tool, call.sub))
            dfl__cache_note(r->c, 'U', r->run.root, name, 1);
    }
    if (uses) read_use(r, tool);
    return 1;
}

/* Whether the program is known to run others. */
static int is_named_runner(const reader *r) {
    return DFL__IS_ONE_OF(dfl__path_base(r->words[0]), runners);
}

/* Whether it may be a script: it does not lie where programs of the system do. */
static int is_script(const reader *r) {
    dfl_str program = r->words[0], name = dfl__path_base(program);
    static const char *const system[] = {"/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"};
    int known = name.len == program.len;
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        known |= dfl__starts(program, system[i]);
    return !known;
}

static void read_command(reader *r, uint32_t cmd) {
    const dfl__tool *tool;
    int called = 0;
    r->cmd = cmd;
    if (r->run.shell.cmds[cmd].kind == DFL__CMD_OPAQUE) dfl__cache_see_runner(r->c, r->run.index);
    r->count = dfl__command_words(&r->run.shell, cmd, r->words, WORDS_MAX, &r->first);
    for (uint32_t i = 0;
         r->count > 0 && (tool = dfl__catalog_tool(r->c->rw->catalog, i)) != NULL && !failed(r);
         i++)
        called |= read_tool(r, tool);
    if (failed(r)) return;
    if (r->count > 0 && (is_named_runner(r) || (!called && is_script(r))))
        dfl__cache_see_runner(r->c, r->run.index);
    if (!called) dfl__cache_see_made(r->c, &r->run, r->scope, r->image, cmd);
}

static void read_commands(reader *r) {
    dfl__caching *c = r->c;
    int keep = 0;
    dfl__cache_see_mounts(c, r->scope, r->run.index, &r->run);
    if (r->run.shell.cmd_count > COMMANDS_MAX) {
        dfl__cache_see_runner(c, r->run.index);
    } else {
        for (uint32_t i = 0; i < r->run.shell.cmd_count && !failed(r); i++)
            read_command(r, i);
    }
    if (r->run.uses.count > 0) dfl__cache_cleanups(c, &r->run, r->scope, r->image);
    if (r->run.uses.count > 0 && !failed(r)) keep = DFL__PUSH(&c->arena.alloc, &c->runs, r->run);
    if (!keep && r->run.uses.count > 0) no_memory(r);
    if (keep) return;
    dfl__shell_free(&r->run.shell);
    DFL__VEC_FREE(&c->arena.alloc, &r->run.uses);
    DFL__VEC_FREE(&c->arena.alloc, &r->run.mounts);
    DFL__VEC_FREE(&c->arena.alloc, &r->run.there);
    DFL__VEC_FREE(&c->arena.alloc, &r->run.cleanups);
    DFL__VEC_FREE(&c->arena.alloc, &r->run.made);
}

/* The RUN of the instruction: itself, or what ONBUILD triggers; 0 when that is another. */
static uint32_t run_node(const dfl_doc *doc, const dfl__instr *instr) {
    return instr->kind == DFL_NODE_RUN ? instr->node
                                       : dfl__node_child(doc, instr->node, DFL_NODE_RUN);
}

void dfl__cache_read(dfl__caching *c, const dfl__scope *scope, uint32_t index,
                     const dfl__image_info *image) {
    const dfl__instr *instr = &c->rw->model->instrs.items[index];
    const dfl__cache_user *made = dfl__cache_find_user(
        c, instr->stage, dfl__sub(scope->user, 0, dfl__find(scope->user, ':', 0)));
    uint32_t node = run_node(c->rw->doc, instr);
    dfl_str arch;
    dfl__scope own = *scope;
    reader r;
    if (node == 0) return;
    memset(&r, 0, sizeof r);
    if (made != NULL) own.home = made->home;
    r.c = c;
    r.scope = &own;
    r.image = image;
    r.run.stage = instr->stage;
    r.run.root = c->stages[instr->stage].root;
    r.run.index = index;
    r.run.node = node;
    r.run.is_trigger = instr->kind == DFL_NODE_ONBUILD;
    r.run.copy_reader = r.run.copy_mount = DFL__CACHE_NONE;
    r.run.is_root = dfl__user_is_root(scope);
    r.run.has_arch = dfl__env_get(&scope->env, DFL__LIT("TARGETARCH"), &arch) != DFL__VAR_UNSET;
    r.run.workdir = scope->workdir_known ? scope->workdir : dfl__str("");
    /* What a trigger takes from stages, it takes from those of other files. */
    if (!r.run.is_trigger) dfl__cache_see_mounts(c, scope, index, NULL);
    if (failed(&r)) return;
    /* Documents of a trigger are not read. */
    if (dfl__node_child(c->rw->doc, instr->node, DFL_NODE_HEREDOC) != 0 && r.run.is_trigger) {
        dfl__cache_see_runner(c, index);
        return;
    }
    if (!dfl__cache_scan(c, &own, &r.run)) {
        dfl__cache_see_runner(c, index);
        return;
    }
    read_commands(&r);
    DFL__VEC_FREE(&c->arena.alloc, &r.filled);
}
