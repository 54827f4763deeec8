/* runtime.c -- the image that the runtime stage is built on, its packages and start command.
 * Relies on split.h.
 * Never takes an image that lacks something the program is seen to need. */
#include <string.h>

#include "base/path.h"
#include "syntax/reference.h"
#include "rewrite/split.h"

int dfl__object(dfl__split *s, const char *code, dfl_range range, dfl_str text) {
    dfl__objection objection = {code, range, text};
    for (uint32_t i = 0; i < s->objections.count; i++) {
        const dfl__objection *o = &s->objections.items[i];
        if (dfl__same(o->code, code) && o->range.start == range.start) return 0;
    }
    if (!DFL__PUSH(&s->rw->plan->alloc, &s->objections, objection)) s->rw->failed = DFL_E_NOMEM;
    return 0;
}

int dfl__split_is_tree(const dfl__split *s) {
    return dfl__same(s->eco->shape, "application") || dfl__same(s->eco->shape, "packages");
}

/* Whether what was built for the builder's C library runs on the target's: same kind, not older. */
static int libc_fits(const dfl__split *s, const dfl__image_info *target) {
    const dfl__image_info *builder = &s->image;
    if (dfl__same(s->linkage, "static")) return 1;
    if (dfl__same(target->libc, "none")) return 0;
    if (*builder->libc == '\0' || *target->libc == '\0') return 1;
    if (!dfl__same(builder->libc, target->libc)) return 0;
    if (builder->release == NULL || target->release == NULL) return 1;
    if (dfl__same(builder->release->family, target->release->family))
        return target->release->order >= builder->release->order;
    if (builder->release->libc_version == 0 || target->release->libc_version == 0) return 0;
    return target->release->libc_version >= builder->release->libc_version;
}

/* Names of packages, each once, in their order. */
typedef struct {
    dfl__buf text; /* blank-separated */
    dfl__env seen;
} name_list;

static void add_name(dfl__split *s, name_list *list, dfl_str name) {
    dfl_str value;
    if (dfl__env_get(&list->seen, name, &value) == DFL__VAR_SET) return;
    if (!dfl__env_set(&list->seen, name, DFL__LIT(""), DFL__VAR_SET)) s->rw->failed = DFL_E_NOMEM;
    if (list->text.len > 0) dfl__buf_addc(&list->text, ' ');
    dfl__buf_add(&list->text, name);
}

/* Packages that stand for `package` at run time on the target. */
static void add_runtime_packages(dfl__split *s, const dfl__os_package *package,
                                 const dfl__image_info *target, name_list *list) {
    const dfl__package *entry =
        dfl__catalog_find_package(s->rw->catalog, package->name, s->image.release);
    if (target->image != NULL && dfl__names_has(target->image->provides, package->name, 0)) return;
    if (entry == NULL || !dfl__same(entry->role, "build")) {
        add_name(s, list, package->name);
        return;
    }
    for (uint32_t i = 0; i < entry->runtime.count; i++) {
        dfl_str name = dfl__str(entry->runtime.items[i]);
        if (target->image == NULL || !dfl__names_has(target->image->provides, name, 0))
            add_name(s, list, name);
    }
}

/* A static executable needs no libraries: only packages known as run-time tools count. */
static int is_needed(const dfl__split *s, const dfl__os_package *package) {
    const dfl__package *entry =
        dfl__catalog_find_package(s->rw->catalog, package->name, s->image.release);
    if (entry != NULL && dfl__same(entry->role, "build"))
        return entry->runtime.count > 0 && !dfl__same(s->linkage, "static");
    return 1;
}

static dfl_str runtime_packages(dfl__split *s, const dfl__image_info *target,
                                const dfl__tool **tool) {
    name_list list;
    dfl__buf_init(&list.text, &s->rw->plan->alloc, 0);
    dfl__env_init(&list.seen, s->rw->arena);
    *tool = NULL;
    for (uint32_t i = 0; i < s->packages.count; i++) {
        size_t before = list.text.len;
        if (!is_needed(s, &s->packages.items[i])) continue;
        add_runtime_packages(s, &s->packages.items[i], target, &list);
        if (list.text.len > before) *tool = s->packages.items[i].tool;
    }
    if (list.text.failed != DFL_OK) s->rw->failed = DFL_E_NOMEM;
    dfl_str names = dfl__rewrite_text(s->rw, dfl__buf_str(&list.text));
    dfl__buf_free(&list.text);
    return names;
}

/* Whether the package may come from a source that a RUN adds: it is a file, or no package of the
 * distribution is known by that name, and something before it is not known either. */
static int is_from_elsewhere(const dfl__split *s, const dfl__os_package *package) {
    if (dfl__find(package->name, '/', 0) < package->name.len) return 1;
    if (dfl__catalog_find_package(s->rw->catalog, package->name, s->image.release) != NULL)
        return 0;
    for (uint32_t i = 0; i <= package->item; i++) {
        if ((s->items.items[i].does & DFL__RUN_FOREIGN) != 0 || s->items.items[i].intricate)
            return 1;
    }
    return 0;
}

static int object_sources(dfl__split *s) {
    for (uint32_t i = 0; i < s->packages.count; i++) {
        const dfl__os_package *p = &s->packages.items[i];
        if (!is_needed(s, p) || !is_from_elsewhere(s, p)) continue;
        dfl_range range = dfl__split_range(s, p->item);
        (void)dfl__object(s, "runtime.packages", range,
                          dfl__rewrite_fmt(s->rw,
                                           "line %u installs %S, which may be needed at run time, "
                                           "and may come from a package source that only the "
                                           "builder has",
                                           dfl__line_of(s->rw, range.start), &p->name));
        return 1;
    }
    return 0;
}

static int packages_fit(dfl__split *s, const dfl__image_info *target) {
    const dfl__tool *tool;
    if (object_sources(s)) return 0;
    dfl_str names = runtime_packages(s, target, &tool);
    if (s->rw->failed != DFL_OK || names.len == 0) {
        s->runtime_packages = dfl__str("");
        return s->rw->failed == DFL_OK;
    }
    dfl_range range = dfl__split_range(s, s->packages.items[0].item);
    int same_family = target->release != NULL &&
                      (tool->families.count == 0 ||
                       dfl__names_has(tool->families, dfl__str(target->release->family), 0));
    if (target->image == NULL || target->image->no_shell || !same_family ||
        tool->install_line[0] == '\0')
        return dfl__object(
            s, "runtime.packages", range,
            dfl__rewrite_fmt(s->rw,
                             "line %u installs packages that the program may need at run "
                             "time (%S), and the image cannot install them",
                             dfl__line_of(s->rw, range.start), &names));
    s->runtime_packages = names;
    s->runtime_tool = tool;
    return 1;
}

/* The first RUN that has to stay in the runtime stage of a split may be this one. */
static uint32_t first_at_runtime(const dfl__split *s) {
    int application = dfl__same(s->eco->shape, "application");
    if ((!application && !dfl__same(s->eco->shape, "packages")) || s->installs.count == 0 ||
        (application && dfl__split_does(s, DFL__RUN_BUILDS, 0)))
        return s->items.count;
    return s->installs.items[s->installs.count - 1].item + 1;
}

int dfl__split_same_image(const dfl__split *s, dfl_str reference) {
    return dfl__eq(reference, s->rw->model->stages.items[s->stage].base);
}

/* Whether `dir` is in the PATH of the image; the file's own PATH is not looked at. */
static int on_image_path(const dfl__image *image, dfl_str dir) {
    dfl_str path = DFL__LIT("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    for (uint32_t i = 0; i < image->env.count; i++) {
        dfl_str pair = dfl__str(image->env.items[i]);
        if (dfl__starts(pair, "PATH=")) path = dfl__sub(pair, 5, pair.len);
    }
    return dfl__path_list_has(path, dir);
}

/* A program that the builder found through PATH is called by its path where PATH does not lead to
 * it: the only word of the start command that may change. */
static void write_program_path(dfl__split *s, const dfl__image *image) {
    dfl_str path = s->program_path;
    if (path.len == 0) return;
    if (on_image_path(image, dfl__path_dir(path))) return;
    s->start.argv[s->program] = path;
    s->start.path_written = 1;
}

static int copies_from_stage(const dfl__split *s) {
    for (uint32_t i = 0; i < s->items.count; i++) {
        uint32_t flag = 0;
        if (s->items.items[i].instr->kind == DFL_NODE_COPY &&
            dfl__flag_value(s->rw->doc, s->items.items[i].instr->node, "from", &flag) != 0)
            return 1;
    }
    return 0;
}

int dfl__split_is_build_path(const dfl__split *s, dfl_str path) {
    if (path.len == 0) return 0;
    if (dfl__path_is_below(s->scope.workdir, path)) return 1;
    for (uint32_t i = 0; i < s->artifacts.count; i++) {
        if (dfl__path_is_below(s->artifacts.items[i].from, path)) return 1;
    }
    return 0;
}

uint32_t dfl__split_sets_up(const dfl__split *s) {
    for (uint32_t i = 0; i < s->setups.count; i++) {
        if (!dfl__split_is_build_path(s, s->setups.items[i].path)) return s->setups.items[i].item;
    }
    return s->items.count;
}

/* Programs that RUNs of the runtime stage call. */
static void check_strangers(dfl__split *s, const dfl__image_info *target) {
    dfl_str base = s->rw->model->stages.items[s->stage].base;
    if (s->image.is_runtime && strcmp(target->image->name, s->image.image->name) == 0) return;
    for (uint32_t i = first_at_runtime(s); i < s->items.count; i++) {
        dfl_str program = s->items.items[i].stranger;
        dfl_range range = dfl__split_range(s, i);
        if (!dfl__is_lost(s, program, target)) continue;
        (void)dfl__object(s, "runtime.program", range,
                          dfl__rewrite_fmt(s->rw,
                                           "RUN at line %u calls %S, which %S has, and which this "
                                           "image may not have",
                                           dfl__line_of(s->rw, range.start), &program, &base));
        return;
    }
}

/* A program that starts the program, and that only the builder may have. */
static void check_wrapper(dfl__split *s, const dfl__image_info *target) {
    dfl_str word = s->start.argv[0];
    if (s->program == 0 || dfl__move_can_start(s, word, target) ||
        dfl__move_can_start(s, dfl__path_base(word), target))
        return;
    (void)dfl__object(s, "runtime.program", s->start.range,
                      dfl__rewrite_fmt(s->rw,
                                       "line %u starts %S, which is not seen to be a package or to "
                                       "be copied, and which the image does not have",
                                       dfl__line_of(s->rw, s->start.range.start), &word));
}

/* Whether what stays of a split's stage can be built on the image. */
static void check_split(dfl__split *s, const dfl__image_info *target) {
    (void)packages_fit(s, target);
    check_strangers(s, target);
    if (dfl__same(s->eco->shape, "binary")) dfl__split_files(s, target);
    if (!target->image->no_shell) return;
    if (dfl__split_does(s, ~0u, first_at_runtime(s)))
        (void)dfl__object(s, "runtime.needs-shell", dfl__split_stage_range(s),
                          DFL__LIT("RUN instructions of the stage need a shell"));
    uint32_t setup = dfl__split_sets_up(s);
    if (setup == s->items.count) return;
    dfl_range range = dfl__split_range(s, setup);
    (void)dfl__object(s, "runtime.needs-shell", range,
                      dfl__rewrite_fmt(s->rw,
                                       "RUN at line %u sets up paths that the program may use, "
                                       "which takes a shell",
                                       dfl__line_of(s->rw, range.start)));
}

static void check_dependencies(dfl__split *s, const dfl__image_info *target) {
    if (!dfl__same(s->eco->shape, "packages") || (s->moving && !copies_from_stage(s)) ||
        strcmp(target->image->name, s->image.image->name) == 0)
        return;
    (void)dfl__object(
        s, "runtime.install-place", dfl__split_stage_range(s),
        DFL__LIT("its interpreter does not look where the dependencies are installed"));
}

static void check_start(dfl__split *s, const dfl__image_info *target) {
    const char *reason = "";
    if (target->image->no_shell && s->shell_program) {
        (void)dfl__object(s, "runtime.needs-shell", s->start.range,
                          DFL__LIT("the start command is a shell or a script for one"));
        return;
    }
    write_program_path(s, target->image);
    if (!dfl__start_on(s->rw, &s->start, target, !s->moving, &s->start_edit, &reason))
        (void)dfl__object(s, "runtime.needs-shell", s->start.range, dfl__str(reason));
}

/* Whether the runtime stage can be built on `reference`; all objections are noted. */
static int fits(dfl__split *s, dfl_str reference) {
    dfl__image_info target;
    s->objections.count = 0;
    dfl__catalog_describe(s->rw->catalog, reference, &target);
    if (target.image == NULL)
        return dfl__object(s, "image.unknown", dfl__split_stage_range(s),
                           DFL__LIT("the catalog does not know the image"));
    if (!dfl__split_same_image(s, reference)) {
        if (!libc_fits(s, &target) && !dfl__same(s->eco->shape, "archive"))
            (void)dfl__object(
                s, "runtime.libc", dfl__split_stage_range(s),
                DFL__LIT("its C library is another one, or older, than the one that the "
                         "program is built for"));
        dfl__health_check(s, &target);
        if (!s->moving) check_wrapper(s, &target);
    }
    if (s->moving)
        dfl__move_check(s, &target);
    else
        check_split(s, &target);
    check_dependencies(s, &target);
    check_start(s, &target);
    if (s->objections.count > 0 || s->rw->failed != DFL_OK) return 0;
    s->runtime = dfl__rewrite_text(s->rw, reference);
    dfl__catalog_describe(s->rw->catalog, s->runtime, &s->runtime_info);
    return s->rw->failed == DFL_OK;
}

/* Texts of a list, for a sentence. */
static dfl_str joined(dfl__split *s, dfl__names names) {
    dfl_str text = dfl__str(names.count > 0 ? names.items[0] : "");
    for (uint32_t i = 1; i < names.count; i++)
        text = dfl__rewrite_fmt(s->rw, "%S, %s", &text, names.items[i]);
    return text;
}

/* Why a counterpart of the wanted kind does not apply to the image. */
static dfl_str inapplicable(dfl__split *s, const dfl__counterpart *c) {
    if (*c->libc != '\0' && !dfl__same(c->libc, s->image.libc))
        return dfl__rewrite_fmt(s->rw, "it is only for what is built with %s, and %S has %s",
                                c->libc, &s->rw->model->stages.items[s->stage].base,
                                *s->image.libc != '\0' ? s->image.libc : "an unknown C library");
    if (*c->linkage != '\0' && !dfl__same(c->linkage, s->linkage))
        return dfl__rewrite_fmt(s->rw, "it is only for a %s executable, and this one is %s",
                                c->linkage,
                                s->linkage[0] != '\0' ? s->linkage : "not known to be one");
    if (c->versions.count > 0) {
        dfl_str versions = joined(s, c->versions);
        return dfl__rewrite_fmt(s->rw, "it exists for version %S, not for %S", &versions,
                                &s->image.language_version);
    }
    return DFL__LIT("the tag does not say enough");
}

/* Whether an image is named, and not a kind of images. */
static int names_image(dfl_str wanted) {
    return dfl__find(wanted, '/', 0) < wanted.len || dfl__find(wanted, ':', 0) < wanted.len ||
           dfl__find(wanted, '@', 0) < wanted.len;
}

/* Try the image that the caller named. */
static int try_named(dfl__split *s, dfl_str wanted) {
    dfl__reference ref;
    if (dfl__reference_parse(wanted, &ref) != DFL__REF_OK)
        return dfl__object(s, "image.invalid", dfl__split_stage_range(s),
                           dfl__rewrite_fmt(s->rw, "\"%S\" is not an image reference", &wanted));
    return fits(s, wanted);
}

/* The base as the file writes it. */
static dfl_str written_base(const dfl__split *s) {
    uint32_t base = dfl__next_argument(s->rw->doc, s->rw->model->stages.items[s->stage].node, 0);
    return dfl__node_value(s->rw->doc, base);
}

/* Write the chosen reference with the variables that the old one holds: what the counterpart is
 * for the unexpanded base must expand to the reference. 0 when it does not. */
static int write_with_variables(dfl__split *s, const dfl__counterpart *counterpart) {
    dfl_str base = written_base(s);
    dfl__image_info raw;
    dfl__counterpart any = *counterpart;
    dfl__buf text, expanded;
    int known = 0, fitting = 0;
    s->written = dfl__split_same_image(s, s->runtime) ? base : s->runtime;
    if (dfl__find(base, '$', 0) == base.len || dfl__split_same_image(s, s->runtime)) return 1;
    any.versions.count = 0;
    dfl__catalog_describe(s->rw->catalog, base, &raw);
    raw.release = s->image.release;
    raw.libc = s->image.libc;
    dfl__buf_init(&text, &s->rw->plan->alloc, 0);
    dfl__buf_init(&expanded, &s->rw->plan->alloc, 0);
    if (raw.image != NULL &&
        dfl__catalog_counterpart(s->rw->catalog, &raw, &any, s->linkage, &text)) {
        dfl_status status = dfl__expand(s->rw->model, &s->rw->model->globals, dfl__buf_str(&text),
                                        &expanded, &known);
        if (status != DFL_OK) s->rw->failed = status;
        fitting = known && dfl__eq(dfl__buf_str(&expanded), s->runtime);
    }
    if (fitting) s->written = dfl__rewrite_text(s->rw, dfl__buf_str(&text));
    dfl__buf_free(&text);
    dfl__buf_free(&expanded);
    return fitting;
}

static int object_variable(dfl__split *s) {
    dfl_str base = written_base(s);
    return dfl__object(
        s, "base.arg-held", dfl__split_stage_range(s),
        dfl__rewrite_fmt(s->rw,
                         "the base \"%S\" takes its tag from a build argument in a way "
                         "that the new image's tag cannot follow",
                         &base));
}

/* Why a counterpart of the wanted kind is none here; told when nothing was tried. */
static void note_inapplicable(dfl__split *s, const dfl__counterpart *c, dfl_str wanted) {
    if (wanted.len == 0 || s->objections.count > 0) return;
    dfl_str why = inapplicable(s, c);
    (void)dfl__object(s, "runtime.none", dfl__split_stage_range(s),
                      dfl__rewrite_fmt(s->rw, "no %s image can be used: %S", c->to, &why));
}

/* An image that stands in for itself stays as it is, where the template knows no word for its tag:
 * without a tag it would be another one. */
static dfl_str own_where_untagged(const dfl__split *s, dfl_str reference) {
    dfl_str repository = s->image.repository;
    return dfl__eq(reference, repository) && !dfl__same(s->image.image->name, "scratch")
               ? s->rw->model->stages.items[s->stage].base
               : reference;
}

/* Try one counterpart. */
static int try_counterpart(dfl__split *s, const dfl__counterpart *c, dfl_str wanted,
                           dfl__buf *text) {
    text->len = 0;
    if (!dfl__catalog_counterpart(s->rw->catalog, &s->image, c, s->linkage, text)) {
        note_inapplicable(s, c, wanted);
        return 0;
    }
    dfl_str tried = own_where_untagged(s, dfl__buf_str(text));
    int found = fits(s, tried);
    s->note = c->note;
    if (found && !write_with_variables(s, c)) found = object_variable(s);
    for (uint32_t i = 0; i < s->objections.count; i++) {
        dfl_str *why = &s->objections.items[i].text;
        *why = dfl__rewrite_fmt(s->rw, "%S cannot run it: %S", &tried, why);
    }
    return found;
}

/* Whether an image was tried and does not do, rather than none was there to try. */
static int was_tried(const dfl__split *s) {
    return s->objections.count > 0 && !dfl__same(s->objections.items[0].code, "runtime.none");
}

static void swap_objections(dfl__objections *a, dfl__objections *b) {
    dfl__objections old = *a;
    *a = *b;
    *b = old;
}

/* Counterparts in their order; `wanted` narrows them, and so does `linkage`, if not NULL, to those
 * that are only for it. */
static int choose_from(dfl__split *s, const dfl__counterparts *list, const char *linkage,
                       dfl_str wanted) {
    int found = 0;
    dfl__objections first = {NULL, 0, 0}; /* to the best choice: what is told */
    dfl__buf text;
    dfl__buf_init(&text, &s->rw->plan->alloc, 0);
    for (uint32_t i = 0; i < list->count && !found && s->rw->failed == DFL_OK; i++) {
        const dfl__counterpart *c = &list->items[i];
        if (wanted.len > 0 && !dfl__eqz(wanted, c->to)) continue;
        if (linkage != NULL && !dfl__same(c->linkage, linkage)) continue;
        found = try_counterpart(s, c, wanted, &text);
        if (first.count == 0 && was_tried(s)) swap_objections(&first, &s->objections);
    }
    if (!found && first.count > 0) swap_objections(&first, &s->objections);
    if (text.failed != DFL_OK) s->rw->failed = DFL_E_NOMEM;
    DFL__VEC_FREE(&s->rw->plan->alloc, &first);
    dfl__buf_free(&text);
    return found;
}

/* The image that a language is built with; NULL when the catalog has none. */
static const dfl__image *language_image(const dfl__split *s) {
    const dfl__image *image;
    for (uint32_t i = 0; (image = dfl__catalog_image(s->rw->catalog, i)) != NULL; i++) {
        if (image->language[0] != '\0' && dfl__same(image->role, "build") &&
            dfl__names_has(s->eco->languages, dfl__str(image->language), 0))
            return image;
    }
    return NULL;
}

/* What the catalog names for the builder's image. A static executable that was built on a plain
 * distribution runs where its language's own static executables do. */
static int choose_counterpart(dfl__split *s, dfl_str wanted) {
    const dfl__image *language = language_image(s);
    if (s->image.image->language[0] == '\0' && language != NULL &&
        dfl__same(s->linkage, "static") &&
        choose_from(s, &language->counterparts, "static", wanted))
        return 1;
    return choose_from(s, &s->image.image->counterparts, NULL, wanted);
}

/* One refusal for each objection to what was tried last. */
static void refuse_image(dfl__split *s, dfl_str wanted) {
    dfl_str base = s->rw->model->stages.items[s->stage].base;
    if (s->objections.count == 0)
        (void)dfl__object(
            s, "runtime.none", dfl__split_stage_range(s),
            dfl__rewrite_fmt(s->rw,
                             "the catalog knows no %s%S image that can run what is built on %S%s",
                             wanted.len > 0 ? "" : "runtime", &wanted, &base,
                             s->image.language_version.len == 0 && *s->image.image->language != '\0'
                                 ? " (its tag names no version)"
                                 : ""));
    for (uint32_t i = 0; i < s->objections.count; i++) {
        const dfl__objection *o = &s->objections.items[i];
        dfl__plan_refuse(s->rw, o->code, o->range,
                         "%S. Name an image that can with %s, or describe one with --catalog",
                         &o->text, s->moving ? "--to" : "--runtime");
    }
}

static int choose_image(dfl__split *s) {
    dfl_str wanted = s->moving ? s->rw->opt->to : s->rw->opt->runtime,
            base = s->rw->model->stages.items[s->stage].base;
    int found = 0;
    if (dfl__eqz(wanted, "auto")) wanted = dfl__str("");
    if (names_image(wanted)) {
        found = try_named(s, wanted);
        s->written = s->runtime;
    } else {
        int as_it_is = s->image.is_runtime && dfl__split_is_tree(s);
        if (wanted.len == 0 && as_it_is) found = fits(s, base);
        s->written = written_base(s);
        if (!found) found = choose_counterpart(s, wanted);
    }
    if (!found && s->rw->failed == DFL_OK) refuse_image(s, wanted);
    return found;
}

uint32_t dfl__start_step(dfl__split *s) {
    return dfl__plan_add_step(s->rw, "runtime.start", DFL_RISK_SAFE, s->start.range,
                              "The start command at line %u is written for %S: %s",
                              dfl__line_of(s->rw, s->start.range.start), &s->runtime,
                              s->start_edit.why);
}

int dfl__split_runtime(dfl__split *s) {
    if (s->packages_unknown && !s->moving) {
        dfl_range range = dfl__split_stage_range(s);
        dfl__plan_refuse(
            s->rw, "runtime.packages", range,
            "OS packages are named by a variable, so it is not known which of them the "
            "program needs at run time. Write their names out");
        return 0;
    }
    return choose_image(s) && dfl__left_refuse(s) && dfl__split_user(s) && s->rw->failed == DFL_OK;
}
