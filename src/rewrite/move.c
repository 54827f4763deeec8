/* move.c -- what a stage that moves to another image needs there: its RUNs, its start command, its
 * interpreter's version, certificates and time zones, the owners that it names.
 * Relies on split.h; what an image holds is what the catalog says of it.
 * Never drops a RUN whose effect the new image does not have. */
#include <string.h>

#include "base/path.h"
#include "rewrite/split.h"

int dfl__move_is_family(const dfl__split *s, const dfl__image_info *target) {
    const dfl__image_info *own = &s->own;
    if (own->image == NULL || !dfl__same(own->image->name, target->image->name)) return 0;
    if (own->release == NULL || target->release == NULL) return 1;
    return dfl__same(own->release->family, target->release->family);
}

/* --- files of packages that can be copied: certificates, time zones */

static dfl__names files_of(const dfl__split *s, dfl_str package, const dfl__release *release) {
    static const dfl__names none = {NULL, 0};
    const dfl__package *entry = dfl__catalog_find_package(s->rw->catalog, package, release);
    return entry != NULL ? entry->files : none;
}

/* Whether the image comes with what a package writes to `file`. */
static int image_has_file(const dfl__split *s, const dfl__image_info *info, dfl_str file) {
    for (uint32_t i = 0; info->image != NULL && i < info->image->provides.count; i++) {
        dfl_str package = dfl__str(info->image->provides.items[i]);
        if (dfl__names_has(files_of(s, package, info->release), file, 0)) return 1;
    }
    return 0;
}

static int installs_file(const dfl__split *s, dfl_str file) {
    const dfl__release *release = s->moving ? s->own.release : s->image.release;
    for (uint32_t i = 0; i < s->packages.count; i++) {
        if (dfl__names_has(files_of(s, s->packages.items[i].name, release), file, 0)) return 1;
    }
    return 0;
}

static int builder_has_file(const dfl__split *s, dfl_str file) {
    for (uint32_t i = 0; i < s->builder_packages.count; i++) {
        if (dfl__names_has(files_of(s, s->builder_packages.items[i], NULL), file, 0)) return 1;
    }
    return 0;
}

/* Whether the item is a COPY or ADD that writes `path`, or the directory it lies in. */
static int is_copied_by(dfl__split *s, const dfl__item *item, dfl_str path) {
    if (item->instr->kind != DFL_NODE_COPY && item->instr->kind != DFL_NODE_ADD) return 0;
    uint32_t last = 0;
    for (uint32_t a = dfl__next_argument(s->rw->doc, item->instr->node, 0); a != 0;
         a = dfl__next_argument(s->rw->doc, item->instr->node, a))
        last = a;
    dfl_str to = last != 0 ? dfl__node_value(s->rw->doc, last) : dfl__str("");
    if (to.len == 0 || (item->workdir.len == 0 && !dfl__starts(to, "/"))) return 0;
    dfl_str target = dfl__rewrite_join(s->rw, item->workdir, to);
    /* What a copy to the root puts below /usr or /etc is not known. */
    if (dfl__eqz(target, "/") && !dfl__eqz(dfl__path_dir(path), "/")) return 0;
    return target.len > 0 && dfl__path_is_below(path, target);
}

int dfl__move_is_copied(dfl__split *s, dfl_str path) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        if (is_copied_by(s, &s->items.items[i], path)) return 1;
    }
    return 0;
}

static int is_carried(const dfl__split *s, dfl_str file) {
    for (uint32_t i = 0; i < s->carried.count; i++) {
        if (dfl__eq(s->carried.items[i], file)) return 1;
    }
    return 0;
}

static void push_file(dfl__split *s, dfl_str file) {
    if (!DFL__PUSH(&s->rw->plan->alloc, &s->carried, file)) s->rw->failed = DFL_E_NOMEM;
}

static void carry_file(dfl__split *s, const dfl__image_info *target, dfl_str file) {
    if (is_carried(s, file) || image_has_file(s, target, file) || dfl__move_is_copied(s, file))
        return;
    if (builder_has_file(s, file)) {
        push_file(s, file);
        return;
    }
    dfl_range range = dfl__split_stage_range(s);
    (void)dfl__object(s, "runtime.files", range,
                      dfl__rewrite_fmt(s->rw,
                                       "it has no %S, which the program may use, and no stage that "
                                       "is copied from is known to have it",
                                       &file));
}

/* What becomes of a file of the catalog's packages; `wanted` unless it is one on demand that
 * nothing asks for. */
typedef void file_rule(dfl__split *s, const dfl__image_info *target, dfl_str file, int wanted);

/* Time zones are on demand: where something names one. */
static void each_file(dfl__split *s, const dfl__image_info *target, file_rule *rule) {
    dfl_str zone;
    int zones = dfl__env_get(&s->scope.env, DFL__LIT("TZ"), &zone) != DFL__VAR_UNSET;
    const dfl__package *package;
    s->carried.count = 0;
    for (uint32_t i = 0; (package = dfl__catalog_package(s->rw->catalog, i)) != NULL; i++) {
        for (uint32_t f = 0; f < package->files.count; f++)
            rule(s, target, dfl__str(package->files.items[f]), !package->files_on_demand || zones);
    }
}

/* What the old image has may be used. */
static void keep_file(dfl__split *s, const dfl__image_info *target, dfl_str file, int wanted) {
    int own = wanted && image_has_file(s, &s->own, file);
    if (installs_file(s, file) ? !s->keeps_packages : own) carry_file(s, target, file);
}

static void check_files(dfl__split *s, const dfl__image_info *target) {
    each_file(s, target, keep_file);
}

/* What the builder's image has may be used. */
static void bring_file(dfl__split *s, const dfl__image_info *target, dfl_str file, int wanted) {
    if (wanted && image_has_file(s, &s->image, file) && !image_has_file(s, target, file) &&
        !installs_file(s, file) && !is_carried(s, file) && !dfl__move_is_copied(s, file))
        push_file(s, file);
}

void dfl__split_files(dfl__split *s, const dfl__image_info *target) {
    each_file(s, target, bring_file);
}

/* --- RUNs */

/* Packages that RUN `item` installs and the target lacks, for a sentence. */
static dfl_str lacking(dfl__split *s, uint32_t item, const dfl__image_info *target) {
    dfl_str text = dfl__str("");
    for (uint32_t i = 0; i < s->packages.count; i++) {
        const dfl__os_package *p = &s->packages.items[i];
        if (p->item != item || dfl__names_has(target->image->provides, p->name, 0)) continue;
        dfl__names files = files_of(s, p->name, s->own.release);
        if (files.count > 0) continue; /* check_files sees to them */
        text = text.len > 0 ? dfl__rewrite_fmt(s->rw, "%S, %S", &text, &p->name) : p->name;
    }
    return text;
}

static const dfl__tool *tool_of(const dfl__split *s, uint32_t item) {
    for (uint32_t i = 0; i < s->packages.count; i++) {
        if (s->packages.items[i].item == item) return s->packages.items[i].tool;
    }
    return NULL;
}

static int tool_works(const dfl__tool *tool, const dfl__image_info *target) {
    return target->release != NULL && !target->image->no_shell && !target->image->no_packages &&
           dfl__names_has(tool->families, dfl__str(target->release->family), 0);
}

/* The package manager that the target's family installs with. */
static const dfl__tool *tool_for(const dfl__split *s, const dfl__image_info *target) {
    const dfl__tool *tool;
    for (uint32_t i = 0; (tool = dfl__catalog_tool(s->rw->catalog, i)) != NULL; i++) {
        if (tool->install_line[0] != '\0' && tool_works(tool, target)) return tool;
    }
    return NULL;
}

/* The package by the name that it has in the target's family; empty when that is not known. */
static dfl_str elsewhere(const dfl__split *s, dfl_str package, const dfl__image_info *target) {
    const dfl__package *entry = dfl__catalog_find_package(s->rw->catalog, package, s->own.release);
    for (uint32_t i = 0; entry != NULL && i < entry->elsewhere.count; i++) {
        dfl_str pair = dfl__str(entry->elsewhere.items[i]);
        size_t equals = dfl__find(pair, '=', 0);
        if (equals < pair.len && dfl__eqz(dfl__sub(pair, 0, equals), target->release->family))
            return dfl__sub(pair, equals + 1, pair.len);
    }
    return dfl__str("");
}

static void object_packages(dfl__split *s, uint32_t item, dfl_str names) {
    (void)dfl__object(s, "runtime.packages", dfl__split_range(s, item),
                      dfl__rewrite_fmt(s->rw,
                                       "line %u installs packages that the program may need (%S), "
                                       "and the image cannot install them",
                                       dfl__split_line(s, item), &names));
}

/* Install the same packages with the target's package manager. */
static void translate(dfl__split *s, uint32_t item, const dfl__image_info *target) {
    const dfl__tool *tool = tool_for(s, target);
    dfl_str names = dfl__str(""), unknown = dfl__str(""), keyword = dfl__keyword(s->rw, "RUN");
    if (tool == NULL) {
        unknown = lacking(s, item, target);
        if (unknown.len > 0) object_packages(s, item, unknown);
        s->items.items[item].fate = DFL__FATE_DROP;
        return;
    }
    for (uint32_t i = 0; i < s->packages.count; i++) {
        const dfl__os_package *p = &s->packages.items[i];
        dfl__names files = files_of(s, p->name, s->own.release);
        if (p->item != item || dfl__names_has(target->image->provides, p->name, 0)) continue;
        if (files.count > 0 && image_has_file(s, target, dfl__str(files.items[0]))) continue;
        dfl_str name = elsewhere(s, p->name, target);
        dfl_str *list = name.len > 0 ? &names : &unknown;
        const char *joint = list->len == 0 ? "" : name.len > 0 ? " " : ", ";
        *list = dfl__rewrite_fmt(s->rw, "%S%s%S", list, joint, name.len > 0 ? &name : &p->name);
    }
    if (unknown.len > 0) {
        object_packages(s, item, unknown);
        return;
    }
    s->items.items[item].fate = names.len > 0 ? DFL__FATE_REPLACE : DFL__FATE_DROP;
    if (names.len == 0) return;
    dfl_str line = dfl__str(tool->install_line);
    size_t at = dfl__find_str(line, "{packages}");
    dfl_str before = dfl__sub(line, 0, at), after = dfl__sub(line, at + 10, line.len);
    if (at == line.len) after = dfl__str("");
    s->items.items[item].runtime_text =
        dfl__rewrite_fmt(s->rw, "%S %S%S%S", &keyword, &before, &names, &after);
    s->keeps_packages = 1;
}

/* Whether the stage's user is one that it names, and not root: another image's takes its place. */
static int names_user(const dfl__split *s) {
    if (dfl__user_is_root(&s->scope) != 0) return 0;
    for (uint32_t i = 0; i < s->items.count; i++) {
        if (s->items.items[i].instr->kind == DFL_NODE_USER) return 1;
    }
    return 0;
}

/* Whether the COPY makes the directory `path` as root, whether it is there or not. */
static int copy_makes(dfl__split *s, const dfl__item *item, dfl_str path) {
    uint32_t node = item->instr->node, last = 0, count = 0, flag = 0;
    for (uint32_t a = dfl__next_argument(s->rw->doc, node, 0); a != 0;
         a = dfl__next_argument(s->rw->doc, node, a), count++)
        last = a;
    dfl_str to = last != 0 ? dfl__node_value(s->rw->doc, last) : dfl__str("");
    if (!dfl__starts(to, "/") || dfl__find(to, '$', 0) < to.len ||
        dfl__flag_value(s->rw->doc, node, "chown", &flag) != 0 ||
        dfl__flag_value(s->rw->doc, node, "chmod", &flag) != 0)
        return 0;
    int into = dfl__ends(to, "/") || count > 2;
    dfl_str target = dfl__rewrite_join(s->rw, to, DFL__LIT("."));
    return dfl__path_is_below(into ? target : dfl__path_dir(target), path);
}

/* Whether the first instruction behind `item` that has to do with the directory makes it as well.
 */
static int is_made_later(dfl__split *s, uint32_t item, dfl_str path) {
    for (uint32_t i = item + 1; i < s->items.count; i++) {
        const dfl__instr *instr = s->items.items[i].instr;
        if (instr->kind == DFL_NODE_COPY || instr->kind == DFL_NODE_ADD) {
            if (copy_makes(s, &s->items.items[i], path)) return 1;
            if (is_copied_by(s, &s->items.items[i], path)) return 0;
        }
        if (instr->kind == DFL_NODE_RUN || instr->kind == DFL_NODE_WORKDIR) return 0;
    }
    return 0;
}

/* Whether a RUN only makes directories that a COPY behind it makes too. */
static int is_needless(dfl__split *s, uint32_t item) {
    int made = 0;
    if (s->items.items[item].does != DFL__RUN_SETS_UP || s->items.items[item].intricate ||
        dfl__image_uid(&s->own) != 0 ||
        dfl__node_child(s->rw->doc, s->items.items[item].instr->node, DFL_NODE_FLAG) != 0)
        return 0;
    for (uint32_t i = 0; i < item; i++) {
        if (s->items.items[i].instr->kind == DFL_NODE_USER) return 0;
    }
    for (uint32_t i = 0; i < s->setups.count; i++) {
        const dfl__setup *setup = &s->setups.items[i];
        if (setup->item != item) continue;
        if (!setup->is_made || setup->path.len < 2 || !is_made_later(s, item, setup->path))
            return 0;
        made = 1;
    }
    return made;
}

/* A RUN on an image without a shell can only go. */
static void check_without_shell(dfl__split *s, uint32_t item, const dfl__image_info *target) {
    unsigned does = s->items.items[item].does;
    dfl_str names = lacking(s, item, target);
    if (names.len == 0 && s->packages_unknown && (does & DFL__RUN_PACKAGES) != 0)
        names = DFL__LIT("some named by a variable");
    if (is_needless(s, item)) {
        s->items.items[item].fate = DFL__FATE_DROP;
        return;
    }
    if (does == 0 || s->items.items[item].intricate ||
        (does & ~(unsigned)(DFL__RUN_PACKAGES | DFL__RUN_USERS)) != 0 ||
        ((does & DFL__RUN_USERS) != 0 && !names_user(s))) {
        (void)dfl__object(
            s, "runtime.needs-shell", dfl__split_range(s, item),
            dfl__rewrite_fmt(s->rw, "RUN at line %u needs a shell", dfl__split_line(s, item)));
    } else if (names.len > 0) {
        object_packages(s, item, names);
    } else {
        s->items.items[item].fate = DFL__FATE_DROP;
    }
}

static void check_packages(dfl__split *s, uint32_t item, const dfl__image_info *target) {
    const dfl__tool *tool = tool_of(s, item);
    uint32_t node = s->items.items[item].instr->node;
    int plain = !s->items.items[item].intricate && !s->packages_unknown &&
                dfl__node_child(s->rw->doc, node, DFL_NODE_FLAG) == 0;
    if (tool == NULL ? dfl__move_is_family(s, target) : tool_works(tool, target)) {
        s->keeps_packages = 1;
    } else if (s->items.items[item].does == DFL__RUN_PACKAGES && plain) {
        translate(s, item, target);
    } else {
        dfl_str names = lacking(s, item, target);
        object_packages(s, item, names.len > 0 ? names : DFL__LIT("with its package manager"));
    }
}

int dfl__is_lost(const dfl__split *s, dfl_str program, const dfl__image_info *target) {
    if (program.len == 0 || dfl__find(program, '/', 0) < program.len) return 0;
    if (dfl__names_has(target->image->provides, program, 0)) return 0;
    for (uint32_t i = 0; i < s->packages.count; i++) {
        if (dfl__eq(s->packages.items[i].name, program)) return 0;
    }
    return 1;
}

static void check_run(dfl__split *s, uint32_t item, const dfl__image_info *target) {
    const unsigned works = DFL__RUN_BUILDS | DFL__RUN_INSTALLS | DFL__RUN_UNKNOWN;
    unsigned does = s->items.items[item].does;
    int family = dfl__move_is_family(s, target);
    dfl_str stranger = s->items.items[item].stranger;
    int compiles = (does & DFL__RUN_BUILDS) != 0 && !s->own.is_runtime && target->is_runtime &&
                   (dfl__same(s->eco->shape, "archive") || dfl__same(s->eco->shape, "binary"));
    if (((does & works) != 0 && !family) || compiles) {
        (void)dfl__object(s, "base.needs-tools", dfl__split_range(s, item),
                          dfl__rewrite_fmt(s->rw,
                                           "RUN at line %u builds or installs with what is in the "
                                           "old image; `dockerfile split` moves it to a builder "
                                           "first",
                                           dfl__split_line(s, item)));
    } else if (!s->own.is_runtime && target->is_runtime && dfl__is_lost(s, stranger, target)) {
        (void)dfl__object(s, "base.needs-tools", dfl__split_range(s, item),
                          dfl__rewrite_fmt(s->rw,
                                           "RUN at line %u runs %S, which the smaller image may "
                                           "not have",
                                           dfl__split_line(s, item), &stranger));
    } else if (target->image->no_shell) {
        check_without_shell(s, item, target);
    } else {
        if ((does & DFL__RUN_USERS) != 0 && !family)
            (void)dfl__object(s, "runtime.user", dfl__split_range(s, item),
                              dfl__rewrite_fmt(s->rw,
                                               "RUN at line %u makes users with a program that the "
                                               "image lacks or has with other options; a USER with "
                                               "a number needs no such RUN",
                                               dfl__split_line(s, item)));
        if ((does & DFL__RUN_PACKAGES) != 0) check_packages(s, item, target);
    }
}

/* The program of the last SHELL before `item`, when the target lacks it; else empty. */
static dfl_str lacking_shell(dfl__split *s, uint32_t item, const dfl__image_info *target) {
    dfl_str program = dfl__str("");
    for (uint32_t i = 0; i < item; i++) {
        const dfl__instr *instr = s->items.items[i].instr;
        uint32_t word =
            instr->kind == DFL_NODE_SHELL ? dfl__next_argument(s->rw->doc, instr->node, 0) : 0;
        if (word != 0) program = dfl__path_base(dfl__node_value(s->rw->doc, word));
    }
    int has = target->image->no_shell || dfl__move_is_family(s, target) ||
              dfl__names_has(target->image->provides, program, 0);
    return has ? dfl__str("") : program;
}

/* RUNs, and a start command in shell form, are run by the SHELL before them. */
static void check_shell(dfl__split *s, uint32_t item, const dfl__image_info *target) {
    const dfl__instr *instr = s->items.items[item].instr;
    int starts =
        s->start.shell_form && (instr->node == s->start.entry || instr->node == s->start.cmd);
    if (instr->kind != DFL_NODE_RUN && !starts) return;
    dfl_str program = lacking_shell(s, item, target);
    if (program.len == 0 || s->items.items[item].fate == DFL__FATE_DROP) return;
    (void)dfl__object(s, "runtime.needs-shell", dfl__split_range(s, item),
                      dfl__rewrite_fmt(s->rw, "line %u needs %S, which SHELL names",
                                       dfl__split_line(s, item), &program));
}

/* A RUN before any USER has the image's own user. */
static void check_run_user(dfl__split *s, uint32_t item, const dfl__image_info *target) {
    if (s->items.items[item].fate == DFL__FATE_DROP || target->image->no_shell ||
        dfl__image_uid(target) == dfl__image_uid(&s->own))
        return;
    for (uint32_t i = 0; i < item; i++) {
        if (s->items.items[i].instr->kind == DFL_NODE_USER) return;
    }
    (void)dfl__object(s, "runtime.user", dfl__split_range(s, item),
                      dfl__rewrite_fmt(s->rw,
                                       "RUN at line %u would run as another user than it does now. "
                                       "Write a USER before it",
                                       dfl__split_line(s, item)));
}

/* --- the start command */

/* Whether a package of that name is in the new stage. */
static int is_installed(const dfl__split *s, dfl_str name) {
    for (uint32_t i = 0; (s->keeps_packages || !s->moving) && i < s->packages.count; i++) {
        if (dfl__eq(s->packages.items[i].name, name)) return 1;
    }
    return 0;
}

/* Whether a name without a slash is found: in the image, a package, or what the stage copies to a
 * directory of PATH. */
static int is_found(dfl__split *s, dfl_str name, const dfl__image_info *target) {
    dfl_str path = DFL__LIT("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    if (dfl__names_has(target->image->provides, name, 0) ||
        dfl__names_has(target->image->interpreters, name, 0))
        return 1;
    if (is_installed(s, name)) return 1;
    (void)dfl__env_get(&s->scope.env, DFL__LIT("PATH"), &path);
    for (size_t at = 0; at < path.len;) {
        size_t end = dfl__find(path, ':', at);
        dfl_str file = dfl__rewrite_join(s->rw, dfl__sub(path, at, end), name);
        if (dfl__move_is_copied(s, file)) return 1;
        at = end + 1;
    }
    return 0;
}

/* What has a path must have come into the stage with a COPY, as the old image's own programs lie
 * elsewhere or nowhere. */
int dfl__move_can_start(dfl__split *s, dfl_str word, const dfl__image_info *target) {
    if (dfl__find(word, '/', 0) == word.len) return is_found(s, word, target);
    if (!s->scope.workdir_known && !dfl__starts(word, "/")) return 1;
    return dfl__move_is_copied(s, dfl__rewrite_join(s->rw, s->scope.workdir, word));
}

static void check_program(dfl__split *s, const dfl__image_info *target) {
    uint32_t words[] = {0, s->program};
    if (dfl__move_is_family(s, target) || (target->image->no_shell && s->shell_program)) return;
    for (uint32_t i = 0; i < 2 && (i == 0 || words[1] != 0); i++) {
        dfl_str word = s->start.argv[words[i]];
        if (dfl__move_can_start(s, word, target)) continue;
        (void)dfl__object(s, "runtime.program", s->start.range,
                          dfl__rewrite_fmt(s->rw,
                                           "line %u starts %S, which the image does not have",
                                           dfl__line_of(s->rw, s->start.range.start), &word));
        return;
    }
}

/* Whether the old image's ENTRYPOINT does no more than start what CMD names. */
static int entry_is_plain(const dfl__split *s) {
    const dfl__image *own = s->own.image;
    dfl_str value;
    if (own == NULL || own->entrypoint.count == 0) return 1;
    for (uint32_t i = 0; i < own->entry_env.count; i++) {
        if (dfl__env_get(&s->scope.env, dfl__str(own->entry_env.items[i]), &value) !=
            DFL__VAR_UNSET)
            return 0;
    }
    return own->execs_command && (s->start.shell_form || s->shell_program ||
                                  dfl__names_has(own->provides, s->start.argv[0], 0));
}

/* The entry script of an image runs before what CMD names. */
static void check_entry_point(dfl__split *s, const dfl__image_info *target) {
    const dfl__image *now = target->image;
    if (s->start.entry != 0 || dfl__move_is_family(s, target)) return;
    int plain = entry_is_plain(s);
    int adds = now->entrypoint.count > 0 && now->interpreters.count == 0 && !now->execs_command;
    if (plain && !adds) return;
    const char *script = plain ? now->entrypoint.items[0] : s->own.image->entrypoint.items[0];
    (void)dfl__object(
        s, "runtime.entry-point", s->start.range,
        dfl__rewrite_fmt(s->rw,
                         "the %s image's ENTRYPOINT %s has a say in what CMD at line %u starts. "
                         "Write the whole start command as an ENTRYPOINT",
                         plain ? "new" : "old", script, dfl__line_of(s->rw, s->start.range.start)));
}

/* --- the interpreter's version */

/* The first `parts` numbers of a version; empty when it has fewer. */
static dfl_str leading(dfl_str version, uint32_t parts) {
    size_t at = 0;
    for (uint32_t part = 0; part < parts; part++) {
        size_t start = part > 0 ? at + 1 : 0;
        if (part > 0 && (at >= version.len || version.ptr[at] != '.')) return dfl__str("");
        for (at = start; at < version.len && dfl__is_digit((unsigned char)version.ptr[at]);)
            at++;
        if (at == start) return dfl__str("");
    }
    return dfl__sub(version, 0, at);
}

/* Numbers without leading zeros. */
static int is_less(dfl_str a, dfl_str b) {
    return a.len != b.len ? a.len < b.len : dfl__compare(a, b) < 0;
}

static int version_fits(const char *abi, const dfl__image_info *own,
                        const dfl__image_info *target) {
    dfl_str a = own->language_version, b = target->language_version;
    uint32_t parts = dfl__same(abi, "minor") ? 2 : 1;
    int same_tag = dfl__same(own->image->name, target->image->name) &&
                   dfl__eq(own->version, target->version) && own->digest.len == 0;
    if (same_tag) return 1; /* "latest", "lts" and "3" mean one version of one family */
    a = leading(a, parts);
    b = leading(b, parts);
    if (a.len == 0 || b.len == 0) return 0;
    return dfl__same(abi, "newer") ? !is_less(b, a) : dfl__eq(a, b);
}

static void check_version(dfl__split *s, const dfl__image_info *target) {
    const dfl__image_info *own = &s->own;
    if (own->image == NULL || own->image->abi[0] == '\0' ||
        !dfl__same(own->image->language, target->image->language) ||
        version_fits(own->image->abi, own, target))
        return;
    dfl_range range = dfl__split_stage_range(s);
    dfl_str a = own->language_version, b = target->language_version;
    (void)dfl__object(
        s, "runtime.version", range,
        dfl__rewrite_fmt(s->rw, "its %s is %s%S, and the program is made for %s%S",
                         own->image->language, b.len > 0 ? "version " : "of an unknown version", &b,
                         a.len > 0 ? "version " : "a version that the tag does not say", &a));
}

/* --- variables */

/* Whether the text names the variable: $NAME or ${NAME. */
static int names_variable(dfl_str text, dfl_str name) {
    for (size_t at = dfl__find(text, '$', 0); at < text.len; at = dfl__find(text, '$', at + 1)) {
        size_t start = at + 1 + (at + 1 < text.len && text.ptr[at + 1] == '{');
        dfl_str rest = dfl__sub(text, start < text.len ? start : text.len, text.len);
        if (rest.len < name.len || !dfl__eq(dfl__sub(rest, 0, name.len), name)) continue;
        unsigned char next = rest.len > name.len ? (unsigned char)rest.ptr[name.len] : ' ';
        if (!dfl__is_alpha(next) && !dfl__is_digit(next) && next != '_') return 1;
    }
    return 0;
}

/* Variables of the old image that an instruction uses and the new one does not set. Every image has
 * a PATH. */
static void check_variables(dfl__split *s, const dfl__image_info *target) {
    for (uint32_t e = 0; s->own.image != NULL && e < s->own.image->env.count; e++) {
        dfl_str pair = dfl__str(s->own.image->env.items[e]);
        dfl_str name = dfl__sub(pair, 0, dfl__find(pair, '=', 0));
        if (dfl__names_has(target->image->env, pair, 0) || dfl__eqz(name, "PATH")) continue;
        for (uint32_t i = 0; i < s->items.count; i++) {
            dfl_range range = dfl__split_range(s, i);
            dfl_str text = dfl__sub(s->rw->doc->source, range.start, range.end);
            if (s->items.items[i].fate == DFL__FATE_DROP || !names_variable(text, name)) continue;
            (void)dfl__object(s, "base.variable", range,
                              dfl__rewrite_fmt(s->rw,
                                               "line %u uses %S, which the old image sets and the "
                                               "new one does not. Write its value out",
                                               dfl__split_line(s, i), &name));
        }
    }
}

void dfl__move_check(dfl__split *s, const dfl__image_info *target) {
    s->keeps_packages = 0;
    for (uint32_t i = 0; i < s->items.count; i++) {
        s->items.items[i].fate = DFL__FATE_KEEP;
        if (s->items.items[i].instr->kind == DFL_NODE_RUN) {
            check_run(s, i, target);
            check_run_user(s, i, target);
        }
        check_shell(s, i, target);
    }
    check_variables(s, target);
    check_version(s, target);
    check_files(s, target);
    check_program(s, target);
    check_entry_point(s, target);
}

/* --- owners that COPY and ADD name */

static int is_number(dfl_str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (!dfl__is_digit((unsigned char)s.ptr[i])) return 0;
    }
    return s.len > 0;
}

static int target_knows(const dfl__split *s, dfl_str name) {
    const dfl__image *image = s->runtime_info.image;
    if (is_number(name) || dfl__move_is_family(s, &s->runtime_info)) return 1;
    if (!dfl__image_has_names(image)) return 0;
    return dfl__eqz(name, "root") || dfl__eqz(name, image->nonroot_user) ||
           dfl__eqz(name, image->user);
}

/* Number of a user or group by its name; 0 when it is not known. */
static uint32_t number_of(const dfl__split *s, dfl_str name) {
    const dfl__image *own = s->own.image, *now = s->runtime_info.image;
    dfl_str user = dfl__sub(s->scope.user, 0, dfl__find(s->scope.user, ':', 0));
    if (s->drop_user && dfl__eq(name, user))
        return now->nonroot_uid != 0 ? now->nonroot_uid : now->uid;
    if (own == NULL) return 0;
    if (own->nonroot_user[0] != '\0' && dfl__eqz(name, own->nonroot_user)) return own->nonroot_uid;
    return own->user[0] != '\0' && dfl__eqz(name, own->user) ? own->uid : 0;
}

/* One name of user:group as the target knows it. 0 when it does not. */
static int owner_part(dfl__split *s, dfl_str name, dfl_str *out) {
    *out = name;
    if (target_knows(s, name)) return 1;
    uint32_t number = number_of(s, name);
    if (number == 0) return 0;
    *out = dfl__rewrite_fmt(s->rw, "%u", number);
    return 1;
}

static int change_owner(dfl__split *s, uint32_t item, uint32_t value) {
    dfl_str text = dfl__node_value(s->rw->doc, value);
    size_t colon = dfl__find(text, ':', 0);
    dfl_str user, group = dfl__sub(text, colon + (colon < text.len), text.len);
    int known = owner_part(s, dfl__sub(text, 0, colon), &user) &&
                (group.len == 0 || owner_part(s, group, &group));
    if (!known || dfl__find(text, '$', 0) < text.len) {
        if (dfl__move_is_family(s, &s->runtime_info)) return 1;
        dfl_range range = dfl__split_range(s, item);
        dfl__plan_refuse(s->rw, "runtime.user", range,
                         "line %u gives its files to \"%S\", whom %S does not know. Write the "
                         "owner as a number",
                         dfl__split_line(s, item), &text, &s->runtime);
        return 0;
    }
    s->items.items[item].owner =
        group.len > 0 ? dfl__rewrite_fmt(s->rw, "%S:%S", &user, &group) : user;
    if (dfl__eq(s->items.items[item].owner, text)) s->items.items[item].owner = dfl__str("");
    return 1;
}

int dfl__move_owners(dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        const dfl__instr *instr = s->items.items[i].instr;
        uint32_t flag = 0;
        s->items.items[i].owner = dfl__str("");
        if (instr->kind != DFL_NODE_COPY && instr->kind != DFL_NODE_ADD) continue;
        uint32_t value = dfl__flag_value(s->rw->doc, instr->node, "chown", &flag);
        if (value != 0 && !change_owner(s, i, value)) return 0;
    }
    return 1;
}
