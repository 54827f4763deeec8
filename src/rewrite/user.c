/* user.c -- who runs the program in the runtime stage.
 * Relies on split.h; runtime.c has chosen the image.
 * Never takes root where it was not root. */
#include "base/path.h"
#include "model/destination.h"
#include "rewrite/split.h"
#include "syntax/number.h"

/* Whether an EXPOSE may name a port below 1024. */
static int exposes_privileged(const dfl__split *s, const dfl__instr *instr) {
    for (uint32_t a = dfl__next_argument(s->rw->doc, instr->node, 0); a != 0;
         a = dfl__next_argument(s->rw->doc, instr->node, a)) {
        int64_t port;
        dfl_str text = dfl__node_value(s->rw->doc, a);
        text = dfl__sub(text, 0, dfl__find(text, '/', 0));
        if (!dfl__go_int(text, 32, &port) || port < 1024) return 1;
    }
    return 0;
}

/* Whether nothing hints at a need for root: no volume, no set-up of run-time paths, no privileged
 * port, a self-contained artifact and at most what it reads. */
static int root_is_needless(const dfl__split *s) {
    if (dfl__split_is_tree(s)) return 0;
    if (dfl__split_sets_up(s) < s->items.count) return 0;
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__instr *instr = s->items.items[i].instr;
        if (s->moving && instr->kind == DFL_NODE_RUN && s->items.items[i].fate != DFL__FATE_DROP)
            return 0;
        if (instr->kind == DFL_NODE_VOLUME) return 0;
        if (instr->kind == DFL_NODE_EXPOSE && exposes_privileged(s, instr)) return 0;
    }
    return 1;
}

static dfl_range user_range(const dfl__split *s) {
    for (uint32_t i = s->items.count; i-- > 0;) {
        if (s->items.items[i].instr->kind == DFL_NODE_USER) return dfl__split_range(s, i);
    }
    return dfl__split_stage_range(s);
}

/* Take the runtime image's nonroot user. 0 when it has none. */
static int use_nonroot(dfl__split *s) {
    const dfl__image *image = s->runtime_info.image;
    if (image->nonroot_tag[0] != '\0' && s->runtime_info.tag.len == 0 &&
        s->runtime_info.digest.len == 0) {
        s->runtime = dfl__rewrite_fmt(s->rw, "%S:%s", &s->runtime, image->nonroot_tag);
        s->written = dfl__rewrite_fmt(s->rw, "%S:%s", &s->written, image->nonroot_tag);
        if (s->rw->failed != DFL_OK) return 0;
        dfl__catalog_describe(s->rw->catalog, s->runtime, &s->runtime_info);
    } else if (image->nonroot_user[0] != '\0') {
        s->user = dfl__str(image->nonroot_user);
    } else if (image->uid == 0) {
        return 0;
    }
    s->root = 0;
    return 1;
}

/* Without its group. */
static dfl_str user_name(dfl_str user) {
    return dfl__sub(user, 0, dfl__find(user, ':', 0));
}

static int is_numeric_user(dfl_str user) {
    for (size_t i = 0; i < user.len; i++) {
        if (!dfl__is_digit((unsigned char)user.ptr[i]) && user.ptr[i] != ':') return 0;
    }
    return user.len > 0;
}

int dfl__image_has_names(const dfl__image *image) {
    return !is_numeric_user(dfl__str(image->nonroot_user));
}

/* Whether a RUN that makes users stays in the runtime stage. */
static int makes_users(const dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__item *item = &s->items.items[i];
        if ((item->does & DFL__RUN_USERS) == 0) continue;
        if (s->moving ? item->fate == DFL__FATE_KEEP
                      : (dfl__split_run_stages(s, i) & DFL__IN_RUNTIME) != 0)
            return 1;
    }
    return 0;
}

/* Whether the image is known to have the file's user. */
static int image_knows_user(const dfl__split *s) {
    const dfl__image *image = s->runtime_info.image;
    dfl_str name = user_name(s->scope.user);
    return is_numeric_user(s->scope.user) ||
           (dfl__image_has_names(image) &&
            (dfl__eqz(name, image->nonroot_user) || dfl__eqz(name, image->user) ||
             dfl__eqz(name, "nobody")));
}

/* Whether the runtime stage knows the file's user by name. */
static int knows_user(const dfl__split *s) {
    if (image_knows_user(s) || dfl__split_same_image(s, s->runtime)) return 1;
    if (s->moving && dfl__move_is_family(s, &s->runtime_info)) return 1;
    return !s->runtime_info.image->no_shell && makes_users(s);
}

static int refuse_user(dfl__split *s, const char *because) {
    dfl_range range = user_range(s);
    dfl__plan_refuse(s->rw, "runtime.user", range,
                     "%S has no user for it: the file runs as \"%S\", and %s. Name a numeric USER, "
                     "or choose an image that has the user with %s",
                     &s->runtime, &s->scope.user, because, s->moving ? "--to" : "--runtime");
    return 0;
}

/* Root where it was root: kept, unless it is needless or not wished. */
static int choose_for_root(dfl__split *s) {
    uint32_t wish = s->rw->opt->user;
    if (wish == DFL_USER_KEEP || (wish == DFL_USER_AUTO && !root_is_needless(s))) return 1;
    s->drop_user = 1;
    if (use_nonroot(s)) return 1;
    s->drop_user = 0;
    return wish == DFL_USER_AUTO || refuse_user(s, "--user nonroot asks for another one");
}

static int choose_user(dfl__split *s) {
    s->user = dfl__str("");
    s->root = dfl__user_is_root(&s->scope) == 1;
    if (s->root) return choose_for_root(s);
    if (knows_user(s)) return 1;
    s->drop_user = 1;
    if (s->rw->opt->user != DFL_USER_KEEP && use_nonroot(s)) return 1;
    return refuse_user(s, "that user is not known there");
}

/* --- the user of a stage that moves */

static int has_user(const dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        if (s->items.items[i].instr->kind == DFL_NODE_USER) return 1;
    }
    return 0;
}

/* Number of the file's user, where the catalog knows it; 0 when it does not. */
static uint32_t own_uid(const dfl__split *s) {
    const dfl__image *own = s->own.image;
    dfl_str name = user_name(s->scope.user);
    if (!has_user(s)) return dfl__image_uid(&s->own);
    if (own->nonroot_user[0] != '\0' && dfl__eqz(name, own->nonroot_user)) return own->nonroot_uid;
    return own->user[0] != '\0' && dfl__eqz(name, own->user) ? own->uid : 0;
}

static int refuse_port(dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__instr *instr = s->items.items[i].instr;
        if (instr->kind != DFL_NODE_EXPOSE || !exposes_privileged(s, instr)) continue;
        dfl_range range = dfl__split_range(s, i);
        dfl__plan_refuse(s->rw, "runtime.user", range,
                         "line %u exposes a port below 1024, or one that is not known, and some "
                         "container engines let only root listen there. Use a port from 1024 on, "
                         "or --user keep",
                         dfl__line_of(s->rw, range.start));
        return 0;
    }
    return 1;
}

static int move_root(dfl__split *s) {
    if (s->rw->opt->user == DFL_USER_NONROOT && !refuse_port(s)) return 0;
    if (!choose_for_root(s)) return 0;
    if (s->root && !has_user(s) && dfl__image_uid(&s->runtime_info) != 0) s->user = DFL__LIT("0");
    return 1;
}

/* A user that is not root stays one, by its number where the name is not known. */
static int move_user(dfl__split *s) {
    uint32_t uid = own_uid(s);
    if (has_user(s) && knows_user(s)) return 1;
    if (!has_user(s) && uid != 0 && uid == dfl__image_uid(&s->runtime_info)) return 1;
    s->drop_user = has_user(s);
    if (s->drop_user && s->rw->opt->user != DFL_USER_KEEP && use_nonroot(s)) return 1;
    if (uid != 0)
        s->user = dfl__rewrite_fmt(s->rw, "%u", uid);
    else if (!has_user(s) && is_numeric_user(s->scope.user))
        s->user = s->scope.user;
    else
        return refuse_user(s, "that user is not known there");
    return 1;
}

static int choose_moved_user(dfl__split *s) {
    int root = dfl__user_is_root(&s->scope);
    s->user = dfl__str("");
    s->root = root == 1;
    if (root == -1)
        return dfl__move_is_family(s, &s->runtime_info) ||
               refuse_user(s, "a build argument says which user that is");
    return (root == 1 ? move_root(s) : move_user(s)) && s->rw->failed == DFL_OK &&
           dfl__move_owners(s);
}

/* --- whose the artifacts are: a COPY gives them to root */

static int is_own_user(const dfl__split *s, dfl_str user) {
    return user.len > 0 && dfl__eq(user_name(user), user_name(s->scope.user));
}

/* Whether an artifact lies at `path`, below it, or around it. */
static int concerns_artifact(const dfl__split *s, dfl_str path) {
    for (uint32_t i = 0; path.len > 0 && i < s->artifacts.count; i++) {
        dfl_str from = s->artifacts.items[i].from;
        if (dfl__path_is_below(from, path) || dfl__path_is_below(path, from)) return 1;
    }
    return 0;
}

/* Whether a COPY gives what it puts into an artifact to the user. */
static int is_given(dfl__split *s, const dfl__item *item) {
    uint32_t flag = 0;
    dfl__destination to;
    if (item->transfer == NULL) return 0;
    uint32_t value = dfl__flag_value(s->rw->doc, item->instr->node, "chown", &flag);
    if (value == 0 || !is_own_user(s, dfl__node_value(s->rw->doc, value))) return 0;
    if (dfl__destination_of(item->transfer, 0, s->rw->arena, &to) != DFL_OK) {
        s->rw->failed = DFL_E_NOMEM;
        return 0;
    }
    for (uint32_t i = 0; to.known && i < s->artifacts.count; i++) {
        if (dfl__path_is_below(to.path, s->artifacts.items[i].from)) return 1;
    }
    return 0;
}

/* Whether the user owns something of the artifacts in the builder, which no RUN behind item `at`
 * of the runtime stage gives them again. */
static int owns_artifacts(dfl__split *s, uint32_t at) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__item *item = &s->items.items[i];
        int makes = (item->does & (DFL__RUN_INSTALLS | DFL__RUN_BUILDS)) != 0;
        if ((makes && is_own_user(s, item->user)) || is_given(s, item)) return 1;
    }
    for (uint32_t i = 0; i < s->setups.count; i++) {
        const dfl__setup *setup = &s->setups.items[i];
        const dfl__item *item = &s->items.items[setup->item];
        int before = (item->stages & DFL__IN_RUNTIME) == 0 || setup->item < at;
        if (before && is_own_user(s, setup->owner) && concerns_artifact(s, setup->path)) return 1;
    }
    return 0;
}

/* Whether the runtime stage has the user at item `at`: from its image, or from a RUN before it. */
static int is_there(const dfl__split *s, uint32_t at) {
    int made = 0;
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__item *item = &s->items.items[i];
        if ((item->does & DFL__RUN_USERS) == 0) continue;
        made = 1;
        if (i < at && (item->stages & DFL__IN_RUNTIME) != 0) return 1;
    }
    return image_knows_user(s) || (!made && dfl__split_same_image(s, s->runtime));
}

void dfl__split_owners(dfl__split *s, uint32_t step, uint32_t at) {
    dfl_str user = s->scope.user;
    if (!dfl__split_is_tree(s) || s->root || s->drop_user || s->user.len > 0 ||
        !s->scope.user_known || !owns_artifacts(s, at))
        return;
    int known = is_there(s, at);
    for (uint32_t i = 0; i < s->artifacts.count; i++) {
        dfl__artifact *artifact = &s->artifacts.items[i];
        if (known) {
            artifact->owner = user;
            continue;
        }
        dfl__plan_assume(s->rw, step,
                         "the program writes nothing below %S, which is %S's in the builder and "
                         "root's in the runtime stage",
                         &artifact->to, &user);
    }
}

uint32_t dfl__runtime_user_step(dfl__split *s) {
    dfl_range range = user_range(s);
    if (s->root)
        return dfl__plan_add_step(
            s->rw, "runtime.user", DFL_RISK_SAFE, range,
            "The runtime stage runs as root, as before; --user nonroot changes "
            "that where nothing needs root");
    if (s->drop_user && s->user.len > 0)
        return dfl__plan_add_step(s->rw, "runtime.user", DFL_RISK_LIKELY, range,
                                  "The program runs as the user %S", &s->user);
    if (s->drop_user)
        return dfl__plan_add_step(s->rw, "runtime.user", DFL_RISK_LIKELY, range,
                                  "The program runs as the nonroot user of %S", &s->runtime);
    if (s->user.len > 0)
        return dfl__plan_add_step(s->rw, "runtime.user", DFL_RISK_SAFE, range,
                                  "The program still runs as the user %S of the old base image",
                                  &s->user);
    return UINT32_MAX;
}

int dfl__split_user(dfl__split *s) {
    return s->moving ? choose_moved_user(s) : choose_user(s);
}
