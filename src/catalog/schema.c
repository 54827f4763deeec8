/* schema.c -- the tables of schema.h, and what reads records through them.
 * Relies on every list of catalog.h being {pointer, count}; static assertions hold it to that.
 * Never knows a section by name outside the tables. */
#include "catalog/schema.h"

#include <stdlib.h>
#include <string.h>

#define REQUIRED DFL__FIELD_REQUIRED
#define KEY (DFL__FIELD_KEY | DFL__FIELD_REQUIRED)
#define RELEASE DFL__FIELD_RELEASE
#define FAMILY DFL__FIELD_FAMILY
#define PLACE DFL__FIELD_PLACE
#define PAIR DFL__FIELD_PAIR

#define FIELD(type, member, kind, flags, allowed, record)                                          \
    { #member, DFL__FIELD_##kind, flags, (uint32_t)offsetof(type, member), allowed, record }
#define TEXT(type, member, flags) FIELD(type, member, TEXT, flags, NULL, NULL)
#define WORD(type, member, flags, allowed) FIELD(type, member, TEXT, flags, allowed, NULL)
#define NAMES(type, member, flags) FIELD(type, member, NAMES, flags, NULL, NULL)
#define NUMBER(type, member) FIELD(type, member, NUMBER, 0, NULL, NULL)
#define FLAG(type, member) FIELD(type, member, FLAG, 0, NULL, NULL)
#define RECORDS(type, member, record) FIELD(type, member, RECORDS, 0, NULL, record)

#define RECORD_TYPE(name, c_type, fields)                                                          \
    {                                                                                              \
        name, #c_type, (uint32_t)sizeof(c_type), (uint32_t)(sizeof(fields) / sizeof *(fields)),    \
            fields                                                                                 \
    }

#define IS_LIST(type)                                                                              \
    _Static_assert(sizeof(type) == sizeof(dfl__list) &&                                            \
                       offsetof(type, items) == offsetof(dfl__list, items) &&                      \
                       offsetof(type, count) == offsetof(dfl__list, count),                        \
                   #type " is laid out as dfl__list")
IS_LIST(dfl__names);
IS_LIST(dfl__caches);
IS_LIST(dfl__defaults);
IS_LIST(dfl__counterparts);
IS_LIST(dfl__build_rules);
IS_LIST(dfl__install_rules);
_Static_assert(sizeof(dfl__facts) == 6 * sizeof(dfl__list), "each section is a dfl__list");

static const char libcs[] = "glibc musl none";

static const dfl__field cache_fields[] = {
    NAMES(dfl__cache, places, REQUIRED | PLACE),
    WORD(dfl__cache, sharing, REQUIRED, "shared locked private"),
    TEXT(dfl__cache, reason, 0),
    NAMES(dfl__cache, filled_by, 0),
    FLAG(dfl__cache, holds_output),
    FLAG(dfl__cache, needed_later),
    WORD(dfl__cache, prepared, 0, "needed helps nothing"),
    NAMES(dfl__cache, since, RELEASE),
    NAMES(dfl__cache, until, RELEASE),
    WORD(dfl__cache, per, 0, "release libc"),
    FLAG(dfl__cache, in_tool),
    NAMES(dfl__cache, only_with, PAIR),
    TEXT(dfl__cache, left, 0),
};
static const dfl__record_type cache_type = RECORD_TYPE("cache", dfl__cache, cache_fields);

static const dfl__field tool_fields[] = {
    TEXT(dfl__tool, name, KEY),
    NAMES(dfl__tool, commands, REQUIRED),
    NAMES(dfl__tool, except, 0),
    NAMES(dfl__tool, subcommands, 0),
    RECORDS(dfl__tool, caches, &cache_type),
    TEXT(dfl__tool, prepare, 0),
    TEXT(dfl__tool, prepared_by, 0),
    NAMES(dfl__tool, families, FAMILY),
    NAMES(dfl__tool, drop_commands, 0),
    NAMES(dfl__tool, drop_flags, 0),
    NAMES(dfl__tool, drop_env, 0),
    NAMES(dfl__tool, offline, 0),
    NAMES(dfl__tool, install, 0),
    TEXT(dfl__tool, install_line, 0),
    TEXT(dfl__tool, source, 0),
    NAMES(dfl__tool, idle, 0),
    NAMES(dfl__tool, elsewhere, 0),
    NAMES(dfl__tool, moved_by, 0),
    NAMES(dfl__tool, runs, 0),
    NAMES(dfl__tool, settings, 0),
};
static const dfl__record_type tool_type = RECORD_TYPE("tool", dfl__tool, tool_fields);

static const dfl__field release_fields[] = {
    TEXT(dfl__release, name, KEY),        NAMES(dfl__release, aliases, 0),
    TEXT(dfl__release, family, REQUIRED), NUMBER(dfl__release, order),
    WORD(dfl__release, libc, 0, libcs),   FIELD(dfl__release, libc_version, VERSION, 0, NULL, NULL),
    TEXT(dfl__release, source, 0),
};
static const dfl__record_type release_type = RECORD_TYPE("release", dfl__release, release_fields);

static const dfl__field default_fields[] = {
    TEXT(dfl__default, version, REQUIRED),
    TEXT(dfl__default, release, REQUIRED | RELEASE),
};
static const dfl__record_type default_type = RECORD_TYPE("default", dfl__default, default_fields);

static const dfl__field counterpart_fields[] = {
    TEXT(dfl__counterpart, to, REQUIRED),   TEXT(dfl__counterpart, image, REQUIRED),
    TEXT(dfl__counterpart, flavour, 0),     WORD(dfl__counterpart, linkage, 0, "static dynamic"),
    WORD(dfl__counterpart, libc, 0, libcs), NAMES(dfl__counterpart, versions, 0),
    TEXT(dfl__counterpart, note, 0),
};
static const dfl__record_type counterpart_type =
    RECORD_TYPE("counterpart", dfl__counterpart, counterpart_fields);

static const dfl__field image_fields[] = {
    TEXT(dfl__image, name, KEY),
    NAMES(dfl__image, repositories, REQUIRED),
    NAMES(dfl__image, tags, 0),
    TEXT(dfl__image, language, 0),
    TEXT(dfl__image, version_after, 0),
    WORD(dfl__image, role, REQUIRED, "build runtime both os service"),
    NAMES(dfl__image, runtime_flavours, 0),
    TEXT(dfl__image, release, RELEASE),
    RECORDS(dfl__image, defaults, &default_type),
    WORD(dfl__image, libc, 0, libcs),
    TEXT(dfl__image, user, 0),
    NUMBER(dfl__image, uid),
    NUMBER(dfl__image, gid),
    TEXT(dfl__image, nonroot_tag, 0),
    TEXT(dfl__image, nonroot_user, 0),
    NUMBER(dfl__image, nonroot_uid),
    TEXT(dfl__image, workdir, 0),
    TEXT(dfl__image, nonroot_workdir, 0),
    NAMES(dfl__image, env, PAIR),
    NAMES(dfl__image, entrypoint, 0),
    NAMES(dfl__image, cmd, 0),
    NAMES(dfl__image, shell, 0),
    FLAG(dfl__image, no_shell),
    NAMES(dfl__image, interpreters, 0),
    NAMES(dfl__image, provides, 0),
    NAMES(dfl__image, sizes, PAIR),
    RECORDS(dfl__image, counterparts, &counterpart_type),
    TEXT(dfl__image, source, 0),
    TEXT(dfl__image, version, 0),
    WORD(dfl__image, abi, 0, "major minor newer"),
    FLAG(dfl__image, execs_command),
    NAMES(dfl__image, entry_env, 0),
    FLAG(dfl__image, no_packages),
};
static const dfl__record_type image_type = RECORD_TYPE("image", dfl__image, image_fields);

static const dfl__field build_rule_fields[] = {
    NAMES(dfl__build_rule, commands, REQUIRED),
    NAMES(dfl__build_rule, outputs, REQUIRED | PLACE),
    TEXT(dfl__build_rule, assumes, 0),
};
static const dfl__record_type build_rule_type =
    RECORD_TYPE("build rule", dfl__build_rule, build_rule_fields);

static const dfl__field install_rule_fields[] = {
    NAMES(dfl__install_rule, commands, REQUIRED),
    NAMES(dfl__install_rule, into, PLACE),
    TEXT(dfl__install_rule, stage_flag, 0),
    TEXT(dfl__install_rule, stage_path, 0),
    TEXT(dfl__install_rule, runtime_path, 0),
    NAMES(dfl__install_rule, production, 0),
    NAMES(dfl__install_rule, production_env, PAIR),
    TEXT(dfl__install_rule, prune, 0),
    NAMES(dfl__install_rule, cannot, 0),
    FLAG(dfl__install_rule, environment),
    FLAG(dfl__install_rule, bare_start),
};
static const dfl__record_type install_rule_type =
    RECORD_TYPE("install rule", dfl__install_rule, install_rule_fields);

static const dfl__field ecosystem_fields[] = {
    TEXT(dfl__ecosystem, name, KEY),
    NAMES(dfl__ecosystem, languages, 0),
    WORD(dfl__ecosystem, shape, REQUIRED, "binary archive application packages"),
    RECORDS(dfl__ecosystem, build, &build_rule_type),
    RECORDS(dfl__ecosystem, install, &install_rule_type),
    NAMES(dfl__ecosystem, interpreters, 0),
    TEXT(dfl__ecosystem, archive_flag, 0),
    NAMES(dfl__ecosystem, archive_trees, 0),
    TEXT(dfl__ecosystem, static_env, PAIR),
    NAMES(dfl__ecosystem, static_words, 0),
    NAMES(dfl__ecosystem, static_libcs, 0),
    NAMES(dfl__ecosystem, dynamic_words, 0),
    NAMES(dfl__ecosystem, dynamic_env, PAIR),
    NAMES(dfl__ecosystem, dynamic_packages, 0),
    NAMES(dfl__ecosystem, dynamic_facts, 0),
    NAMES(dfl__ecosystem, static_facts, 0),
    NAMES(dfl__ecosystem, assets, 0),
    TEXT(dfl__ecosystem, embed_fact, 0),
    NAMES(dfl__ecosystem, build_env, 0),
    NAMES(dfl__ecosystem, manifests, 0),
    NAMES(dfl__ecosystem, tools, 0),
    TEXT(dfl__ecosystem, script_fact, 0),
    NAMES(dfl__ecosystem, script_runners, 0),
    TEXT(dfl__ecosystem, source, 0),
    NAMES(dfl__ecosystem, probe, 0),
    NAMES(dfl__ecosystem, probe_follow, 0),
    TEXT(dfl__ecosystem, probe_since, 0),
    NAMES(dfl__ecosystem, harmless, 0),
};
static const dfl__record_type ecosystem_type =
    RECORD_TYPE("ecosystem", dfl__ecosystem, ecosystem_fields);

static const dfl__field program_fields[] = {
    TEXT(dfl__program, name, KEY),
    NAMES(dfl__program, commands, REQUIRED),
    WORD(dfl__program, refuse, 0, "split.dev-server split.supervisor"),
    TEXT(dfl__program, because, 0),
    FLAG(dfl__program, wrapper),
    FLAG(dfl__program, needs_shell),
    FLAG(dfl__program, script),
    NAMES(dfl__program, runners, 0),
    TEXT(dfl__program, source, 0),
};
static const dfl__record_type program_type = RECORD_TYPE("program", dfl__program, program_fields);

static const dfl__field package_fields[] = {
    TEXT(dfl__package, name, KEY),
    TEXT(dfl__package, family, DFL__FIELD_KEY | FAMILY),
    NAMES(dfl__package, releases, DFL__FIELD_APART | RELEASE),
    WORD(dfl__package, role, REQUIRED, "build runtime both"),
    NAMES(dfl__package, runtime, 0),
    TEXT(dfl__package, source, 0),
    NAMES(dfl__package, files, 0),
    FLAG(dfl__package, files_on_demand),
    NAMES(dfl__package, elsewhere, 0),
};
static const dfl__record_type package_type = RECORD_TYPE("package", dfl__package, package_fields);

static const dfl__field sections[] = {
    RECORDS(dfl__facts, tools, &tool_type),       RECORDS(dfl__facts, releases, &release_type),
    RECORDS(dfl__facts, images, &image_type),     RECORDS(dfl__facts, ecosystems, &ecosystem_type),
    RECORDS(dfl__facts, programs, &program_type), RECORDS(dfl__facts, packages, &package_type),
};
const dfl__record_type dfl__schema = RECORD_TYPE("catalog", dfl__facts, sections);

const dfl__field *dfl__schema_field(const dfl__record_type *type, dfl_str name) {
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (dfl__eqz(name, type->fields[i].name)) return &type->fields[i];
    }
    return NULL;
}

int dfl__schema_allows(const dfl__field *field, dfl_str value) {
    if (field->allowed == NULL) return 1;
    if (value.len == 0) return (field->flags & DFL__FIELD_REQUIRED) == 0;
    dfl_str all = dfl__str(field->allowed);
    for (size_t at = 0; at < all.len;) {
        size_t end = dfl__find(all, ' ', at);
        if (dfl__eq(dfl__sub(all, at, end), value)) return 1;
        at = end + 1;
    }
    return 0;
}

dfl__list dfl__record_list(const void *record, const dfl__field *field) {
    dfl__list list;
    memcpy(&list, (const char *)record + field->offset, sizeof list);
    return list;
}

const char *dfl__record_text(const void *record, const dfl__field *field) {
    const char *text;
    memcpy(&text, (const char *)record + field->offset, sizeof text);
    return text;
}

dfl__names dfl__record_names(const void *record, const dfl__field *field) {
    dfl__names names;
    memcpy(&names, (const char *)record + field->offset, sizeof names);
    return names;
}

static int compare_names(dfl__names a, dfl__names b) {
    uint32_t least = a.count < b.count ? a.count : b.count;
    for (uint32_t i = 0; i < least; i++) {
        int order = strcmp(a.items[i], b.items[i]);
        if (order != 0) return order;
    }
    return a.count < b.count ? -1 : a.count > b.count;
}

int dfl__record_compare(const dfl__record_type *type, const void *a, const void *b,
                        uint32_t flags) {
    for (uint32_t i = 0; i < type->field_count; i++) {
        const dfl__field *field = &type->fields[i];
        if ((field->flags & flags & (DFL__FIELD_KEY | DFL__FIELD_APART)) == 0) continue;
        int order = field->type == DFL__FIELD_TEXT
                        ? strcmp(dfl__record_text(a, field), dfl__record_text(b, field))
                        : compare_names(dfl__record_names(a, field), dfl__record_names(b, field));
        if (order != 0) return order;
    }
    return 0;
}

/* The keys of one section, sorted: qsort and bsearch carry no context, so each key has its type. */
typedef struct {
    const dfl__record_type *type;
    const void *record;
} record_key;

static int compare_keys(const void *a, const void *b) {
    const record_key *left = a, *right = b;
    return dfl__record_compare(left->type, left->record, right->record, DFL__FIELD_KEY);
}

static const char *record_at(dfl__list list, const dfl__record_type *type, uint32_t index) {
    return (const char *)list.items + (size_t)index * type->size;
}

static int merge_section(dfl__arena *arena, const dfl__record_type *type, dfl__list top,
                         dfl__list below, dfl__list *out) {
    if (below.count > UINT32_MAX - top.count) return 0;
    record_key *keys = dfl__arena_get(arena, top.count * sizeof *keys);
    char *items = dfl__arena_get(arena, (size_t)(top.count + below.count) * type->size);
    if (keys == NULL || items == NULL) return 0;
    for (uint32_t i = 0; i < top.count; i++) {
        keys[i] = (record_key){type, record_at(top, type, i)};
        memcpy(items + (size_t)i * type->size, keys[i].record, type->size);
    }
    qsort(keys, top.count, sizeof *keys, compare_keys);
    uint32_t count = top.count;
    for (uint32_t i = 0; i < below.count; i++) {
        record_key key = {type, record_at(below, type, i)};
        if (bsearch(&key, keys, top.count, sizeof *keys, compare_keys) != NULL) continue;
        memcpy(items + (size_t)count++ * type->size, key.record, type->size);
    }
    *out = (dfl__list){items, count};
    return 1;
}

int dfl__facts_merge(dfl__arena *arena, const dfl__facts *top, const dfl__facts *below,
                     dfl__facts *out) {
    dfl__facts merged = *top;
    for (uint32_t i = 0; i < dfl__schema.field_count; i++) {
        const dfl__field *section = &dfl__schema.fields[i];
        dfl__list list;
        if (!merge_section(arena, section->record, dfl__record_list(top, section),
                           dfl__record_list(below, section), &list))
            return 0;
        memcpy((char *)&merged + section->offset, &list, sizeof list);
    }
    *out = merged;
    return 1;
}
