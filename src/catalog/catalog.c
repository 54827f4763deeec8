/* catalog.c -- the built-in catalog, going through entries, lookups by name.
 * Relies on the generated dfl__builtin_facts and on overlays being merged when they are loaded.
 * Never allocates. */
#include "catalog/catalog.h"

#include <string.h>

#include "base/path.h"

static const dfl_catalog builtin = {.facts = &dfl__builtin_facts};

const dfl_catalog *dfl_catalog_builtin(void) {
    return &builtin;
}

void dfl_catalog_free(dfl_catalog *catalog) {
    if (catalog == NULL || catalog == &builtin) return;
    dfl__arena arena = catalog->arena; /* the catalog lies in it */
    dfl__arena_free(&arena);
}

/* Where the entries of each kind are, and what names them. */
#define KIND(word, section, type, family_at, source_at)                                            \
    {                                                                                              \
        word, (uint32_t)offsetof(dfl__facts, section), (uint32_t)sizeof(type),                     \
            (uint32_t)offsetof(type, name), (uint32_t)(family_at), (uint32_t)(source_at)           \
    }
#define NO_MEMBER UINT32_MAX

static const struct {
    const char *word;
    uint32_t section, size, name, family, source;
} kinds[] = {
    [DFL_CATALOG_TOOL] = KIND("tool", tools, dfl__tool, NO_MEMBER, offsetof(dfl__tool, source)),
    [DFL_CATALOG_RELEASE] =
        KIND("release", releases, dfl__release, NO_MEMBER, offsetof(dfl__release, source)),
    [DFL_CATALOG_IMAGE] =
        KIND("image", images, dfl__image, NO_MEMBER, offsetof(dfl__image, source)),
    [DFL_CATALOG_ECOSYSTEM] =
        KIND("ecosystem", ecosystems, dfl__ecosystem, NO_MEMBER, offsetof(dfl__ecosystem, source)),
    [DFL_CATALOG_PROGRAM] =
        KIND("program", programs, dfl__program, NO_MEMBER, offsetof(dfl__program, source)),
    [DFL_CATALOG_PACKAGE] = KIND("package", packages, dfl__package, offsetof(dfl__package, family),
                                 offsetof(dfl__package, source)),
};

static int is_kind(uint32_t kind) {
    return kind > 0 && kind < sizeof kinds / sizeof *kinds;
}

const char *dfl_catalog_kind_name(uint32_t kind) {
    return is_kind(kind) ? kinds[kind].word : NULL;
}

static dfl__names section_of(const dfl_catalog *catalog, uint32_t kind) {
    dfl__names list; /* all lists of the facts are laid out like this one: schema.c asserts it */
    memcpy(&list, (const char *)catalog->facts + kinds[kind].section, sizeof list);
    return list;
}

size_t dfl_catalog_count(const dfl_catalog *catalog, uint32_t kind) {
    return is_kind(kind) ? section_of(catalog != NULL ? catalog : &builtin, kind).count : 0;
}

static dfl_str text_at(const char *record, uint32_t offset) {
    const char *text = "";
    if (offset != NO_MEMBER) memcpy(&text, record + offset, sizeof text);
    return dfl__str(text);
}

dfl_status dfl_catalog_get(const dfl_catalog *catalog, uint32_t kind, size_t index,
                           dfl_catalog_entry *out) {
    if (catalog == NULL) catalog = &builtin;
    if (out == NULL || index >= dfl_catalog_count(catalog, kind)) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const void *items = section_of(catalog, kind).items;
    const char *record = (const char *)items + index * kinds[kind].size;
    out->kind = kind;
    out->name = text_at(record, kinds[kind].name);
    out->family = text_at(record, kinds[kind].family);
    out->sources = text_at(record, kinds[kind].source);
    return DFL_OK;
}

#define ENTRY(section)                                                                             \
    (n < catalog->facts->section.count ? &catalog->facts->section.items[n] : NULL)

const dfl__tool *dfl__catalog_tool(const dfl_catalog *catalog, uint32_t n) {
    return ENTRY(tools);
}

const dfl__release *dfl__catalog_release(const dfl_catalog *catalog, uint32_t n) {
    return ENTRY(releases);
}

const dfl__image *dfl__catalog_image(const dfl_catalog *catalog, uint32_t n) {
    return ENTRY(images);
}

const dfl__ecosystem *dfl__catalog_ecosystem(const dfl_catalog *catalog, uint32_t n) {
    return ENTRY(ecosystems);
}

const dfl__program *dfl__catalog_program(const dfl_catalog *catalog, uint32_t n) {
    return ENTRY(programs);
}

const dfl__package *dfl__catalog_package(const dfl_catalog *catalog, uint32_t n) {
    return ENTRY(packages);
}

int dfl__names_has(dfl__names names, dfl_str s, int glob) {
    if (!glob) return dfl__is_one_of(s, names.items, names.count);
    for (uint32_t i = 0; i < names.count; i++) {
        if (dfl__glob(names.items[i], s)) return 1;
    }
    return 0;
}

const dfl__release *dfl__catalog_find_release(const dfl_catalog *catalog, dfl_str name) {
    const dfl__release *release;
    for (uint32_t i = 0; (release = dfl__catalog_release(catalog, i)) != NULL; i++) {
        if (dfl__eqz(name, release->name)) return release;
    }
    for (int glob = 0; glob <= 1; glob++) {
        for (uint32_t i = 0; (release = dfl__catalog_release(catalog, i)) != NULL; i++) {
            if (dfl__names_has(release->aliases, name, glob)) return release;
        }
    }
    return NULL;
}

/* How specific an entry is for `name` under `release`: 0 = it does not apply. An exact name counts
 * for more than any pattern, a pattern for the bytes it spells out; among equals an entry for
 * certain releases comes before one for a family, and that before one for all. */
static uint64_t package_rank(const dfl__package *package, dfl_str name,
                             const dfl__release *release) {
    if (!dfl__glob(package->name, name)) return 0;
    int tied = package->releases.count > 0, local = *package->family != '\0';
    if (tied && (release == NULL || !dfl__names_has(package->releases, dfl__str(release->name), 0)))
        return 0;
    if (!tied && local &&
        (release == NULL || !dfl__eqz(dfl__str(release->family), package->family)))
        return 0;
    uint64_t spelled = 0;
    int pattern = 0;
    for (const char *p = package->name; *p != '\0'; p++) {
        pattern |= *p == '*' || *p == '?';
        spelled += *p != '*' && *p != '?';
    }
    return ((uint64_t)!pattern << 40 | spelled << 2) + (tied ? 3 : local ? 2 : 1);
}

const dfl__package *dfl__catalog_find_package(const dfl_catalog *catalog, dfl_str name,
                                              const dfl__release *release) {
    const dfl__package *best = NULL, *package;
    uint64_t best_rank = 0;
    for (uint32_t i = 0; (package = dfl__catalog_package(catalog, i)) != NULL; i++) {
        uint64_t rank = package_rank(package, name, release);
        if (rank <= best_rank) continue;
        best = package;
        best_rank = rank;
    }
    return best;
}

/* The next blank-separated word of a pattern; NULL at its end. */
static const char *next_word(const char *pattern, size_t *len) {
    while (*pattern == ' ')
        pattern++;
    *len = 0;
    while (pattern[*len] != '\0' && pattern[*len] != ' ')
        ++*len;
    return *len > 0 ? pattern : NULL;
}

static int word_matches(const char *pattern, size_t len, dfl_str word) {
    char copy[128]; /* dfl__glob wants NUL; longer words are no command's */
    if (len >= sizeof copy) return 0;
    for (size_t i = 0; i < len; i++)
        copy[i] = pattern[i];
    copy[len] = '\0';
    return dfl__glob(copy, word);
}

static int is_option(dfl_str word) {
    return word.len > 1 && word.ptr[0] == '-';
}

static int program_matches(const char *pattern, size_t len, dfl_str word) {
    int is_path = dfl__find((dfl_str){pattern, len}, '/', 0) < len;
    return word_matches(pattern, len, is_path ? word : dfl__path_base(word));
}

int dfl__command_matches(const char *pattern, const dfl_str *words, uint32_t count,
                         uint32_t *matched_words) {
    size_t len;
    const char *want = next_word(pattern, &len);
    if (want == NULL || count == 0 || !program_matches(want, len, words[0])) return 0;
    uint32_t at = 1;
    for (want = next_word(want + len, &len); want != NULL; want = next_word(want + len, &len)) {
        while (at < count && is_option(words[at]) &&
               (*want != '-' || !word_matches(want, len, words[at])))
            at++;
        if (at == count || !word_matches(want, len, words[at++])) return 0;
    }
    if (matched_words != NULL) *matched_words = at;
    return 1;
}
