/* image.c -- what a reference says of its image, and what can stand in for it.
 * Relies on catalog.c for the entries; tags follow the habits of the official images: parts joined
 * by `-`, the version first, one part (or two: alpine-3.20) for the release.
 * Never contacts a registry, never takes a tag's release from anything but the catalog. */
#include "catalog/catalog.h"

#include <string.h>

#include "base/path.h"
#include "syntax/reference.h"

#define EMPTY ((dfl_str){"", 0})

/* The name by which the catalog knows a repository: "golang" for docker.io/library/golang, also
 * under the name of the hub's registry itself. */
static dfl_str familiar(dfl_str repository) {
    dfl__reference ref;
    if (dfl__starts(repository, "registry-1.docker.io/"))
        repository = dfl__sub(repository, sizeof "registry-1." - 1, repository.len);
    return dfl__reference_parse(repository, &ref) == DFL__REF_OK ? ref.familiar : repository;
}

/* How closely a pattern fits: the bytes that it spells out, more when it has no wildcard. */
static size_t fit(const char *pattern, dfl_str name) {
    if (!dfl__glob(pattern, name)) return 0;
    size_t spelled = 0;
    int exact = 1;
    for (; *pattern != '\0'; pattern++) {
        int wild = *pattern == '*' || *pattern == '?';
        exact = exact && !wild;
        spelled += !wild;
    }
    return spelled + 1 + (exact ? SIZE_MAX / 2 : 0);
}

/* How closely the best of the patterns fits. */
static size_t fit_any(dfl__names patterns, dfl_str name) {
    size_t best = 0;
    for (uint32_t i = 0; i < patterns.count; i++) {
        size_t how = fit(patterns.items[i], name);
        if (how > best) best = how;
    }
    return best;
}

/* The entry that spells most of the repository, and then of the tag. */
static const dfl__image *find_image(const dfl_catalog *catalog, dfl_str name, dfl_str tag) {
    const dfl__image *best = NULL, *image;
    size_t best_name = 0, best_tag = 0;
    for (uint32_t i = 0; (image = dfl__catalog_image(catalog, i)) != NULL; i++) {
        size_t by_name = fit_any(image->repositories, name), by_tag = fit_any(image->tags, tag);
        if (by_name == 0 || (image->tags.count > 0 && by_tag == 0)) continue;
        if (by_name < best_name || (by_name == best_name && by_tag <= best_tag && best != NULL))
            continue;
        best = image;
        best_name = by_name;
        best_tag = by_tag;
    }
    return best;
}

/* The part of `text` that starts at `at`, up to the next `-`. */
static dfl_str part_at(dfl_str text, size_t at) {
    return dfl__sub(text, at, dfl__find(text, '-', at));
}

static int is_numeric(dfl_str s) {
    return s.len > 0 && dfl__is_digit((unsigned char)s.ptr[0]);
}

/* "3" leads 3, 3.12 and 3rc1, not 31; "lts" leads no ltsc. */
static int leads_version(const char *prefix, dfl_str version) {
    size_t n = strlen(prefix);
    if (n == 0 || !dfl__starts(version, prefix)) return 0;
    if (version.len == n) return 1;
    unsigned char next = (unsigned char)version.ptr[n];
    return !dfl__is_digit(next) &&
           (dfl__is_digit((unsigned char)prefix[n - 1]) || !dfl__is_alpha(next));
}

/* Whether tags of the image can name releases of a family by their number: debian:12. */
static int numbers_name(const dfl_catalog *catalog, const dfl__image *image,
                        const dfl__release *release) {
    if (strcmp(image->role, "os") != 0) return 0;
    if (strcmp(image->name, release->family) == 0) return 1;
    for (uint32_t i = 0; i < image->defaults.count; i++) {
        const dfl__release *known =
            dfl__catalog_find_release(catalog, dfl__str(image->defaults.items[i].release));
        if (known != NULL && strcmp(known->family, release->family) == 0) return 1;
    }
    return 0;
}

static uint32_t dashes(dfl_str s) {
    uint32_t count = 0;
    for (size_t at = dfl__find(s, '-', 0); at < s.len; at = dfl__find(s, '-', at + 1))
        count++;
    return count;
}

/* The release that one or two tag parts name. A `*` of an alias does not reach over a dash. */
static const dfl__release *release_of_part(const dfl_catalog *catalog, const dfl__image *image,
                                           dfl_str part) {
    const dfl__release *release, *found = NULL;
    for (uint32_t i = 0; (release = dfl__catalog_release(catalog, i)) != NULL; i++) {
        if (is_numeric(part) && !numbers_name(catalog, image, release)) continue;
        if (dfl__eqz(part, release->name)) return release;
        for (uint32_t j = 0; found == NULL && j < release->aliases.count; j++) {
            const char *alias = release->aliases.items[j];
            if (dashes(dfl__str(alias)) == dashes(part) && dfl__glob(alias, part)) found = release;
        }
    }
    return found;
}

/* Find the tag part that names the release; the last one counts, a pair before its members. */
static void find_release_part(const dfl_catalog *catalog, dfl__image_info *info) {
    dfl_str tag = info->tag;
    for (size_t at = 0; at < tag.len;) {
        dfl_str one = part_at(tag, at);
        size_t next = at + one.len + 1;
        dfl_str part = next < tag.len ? dfl__sub(tag, at, next + part_at(tag, next).len) : one;
        const dfl__release *release = release_of_part(catalog, info->image, part);
        if (release == NULL && part.len > one.len) {
            part = one;
            release = release_of_part(catalog, info->image, part);
        }
        if (release != NULL) {
            info->release = release;
            info->release_part = part;
            info->release_named = 1;
            next = at + part.len + 1;
        }
        at = next;
    }
}

/* The language version that `word` introduces in `text`: the part after it, or the rest of the
 * part that it leads (jdk21). Empty when it does not. */
static dfl_str version_behind(dfl_str text, dfl_str word) {
    for (size_t at = 0; at < text.len;) {
        dfl_str part = part_at(text, at);
        at += part.len + 1;
        if (part.len < word.len || !dfl__eq(dfl__sub(part, 0, word.len), word)) continue;
        dfl_str rest = dfl__sub(part, word.len, part.len);
        if (rest.len == 0 && at < text.len) rest = part_at(text, at);
        if (is_numeric(rest)) return rest;
    }
    return EMPTY;
}

static void find_language_version(dfl__image_info *info) {
    dfl_str words = dfl__str(info->image->version_after);
    if (*info->image->version != '\0') {
        info->language_version = dfl__str(info->image->version);
        return;
    }
    if (words.len == 0) {
        if (*info->image->language != '\0' && is_numeric(info->version))
            info->language_version = info->version;
        return;
    }
    for (size_t at = 0; at < words.len && info->language_version.len == 0;) {
        dfl_str word = dfl__sub(words, at, dfl__find(words, ' ', at));
        at += word.len + 1;
        if (word.len == 0) continue;
        info->language_version = version_behind(info->tag, word);
        if (info->language_version.len == 0)
            info->language_version = version_behind(dfl__path_base(info->repository), word);
    }
}

/* Whether a flavour, of one or more parts, stands in the tag. A `*` stays within one part. */
static int has_flavour(dfl_str tag, const char *flavour) {
    dfl_str want = dfl__str(flavour);
    uint32_t extra = dashes(want);
    for (size_t at = 0; at < tag.len;) {
        size_t next = at + part_at(tag, at).len + 1, end = next - 1;
        for (uint32_t i = 0; i < extra && end < tag.len; i++)
            end += 1 + part_at(tag, end + 1).len;
        dfl_str run = dfl__sub(tag, at, end);
        if (dashes(run) == extra && dfl__glob(flavour, run)) return 1;
        at = next;
    }
    return 0;
}

static int is_runtime_flavour(const dfl__image *image, dfl_str tag) {
    for (uint32_t i = 0; i < image->runtime_flavours.count; i++) {
        if (has_flavour(tag, image->runtime_flavours.items[i])) return 1;
    }
    return 0;
}

static int is_flavour(const dfl__image *image, dfl_str part) {
    if (is_runtime_flavour(image, part)) return 1;
    for (uint32_t i = 0; i < image->counterparts.count; i++) {
        const char *flavour = image->counterparts.items[i].flavour;
        if (*flavour != '\0' && has_flavour(part, flavour)) return 1;
    }
    return 0;
}

/* The first part of the tag is the version unless it is something else: "latest", the tag of a
 * user, a release, a flavour, or the word before a language version. */
static void find_version(dfl__image_info *info) {
    dfl_str first = part_at(info->tag, 0);
    if (first.len == 0 || dfl__eqz(first, "latest")) return;
    if (dfl__eqz(info->tag, info->image->nonroot_tag)) return;
    if (!is_numeric(first)) {
        if (info->release_part.ptr == first.ptr && info->release_named) return;
        if (is_flavour(info->image, first)) return;
        dfl_str word = dfl__str(info->image->version_after);
        for (size_t at = 0; at < word.len; at = dfl__find(word, ' ', at) + 1) {
            dfl_str one = dfl__sub(word, at, dfl__find(word, ' ', at));
            if (one.len > 0 && version_behind(info->tag, one).len > 0 && first.len >= one.len &&
                dfl__eq(dfl__sub(first, 0, one.len), one))
                return;
        }
    }
    info->version = first;
}

/* The release that the catalog says a tag without one means: by the longest version that leads the
 * tag's, then by "*". */
static void default_release(const dfl_catalog *catalog, dfl__image_info *info) {
    const dfl__image *image = info->image;
    dfl_str version = info->version.len > 0 ? info->version : DFL__LIT("latest");
    const char *best = NULL;
    size_t best_len = 0;
    for (uint32_t i = 0; i < image->defaults.count; i++) {
        const dfl__default *entry = &image->defaults.items[i];
        size_t len = strcmp(entry->version, "*") == 0         ? 1
                     : leads_version(entry->version, version) ? strlen(entry->version) + 1
                                                              : 0;
        if (len <= best_len) continue;
        best = entry->release;
        best_len = len;
    }
    if (best != NULL) info->release = dfl__catalog_find_release(catalog, dfl__str(best));
}

static const char *libc_of(const dfl__image_info *info) {
    if (strcmp(info->image->libc, "none") == 0) return info->image->libc;
    if (info->release != NULL && *info->release->libc != '\0') return info->release->libc;
    return info->image->libc;
}

void dfl__catalog_describe(const dfl_catalog *catalog, dfl_str reference, dfl__image_info *out) {
    dfl__image_info info = {.version = EMPTY, .language_version = EMPTY, .release_part = EMPTY};
    info.libc = "";
    dfl__reference_split split = dfl__reference_split_of(reference);
    info.repository = split.name;
    info.tag = split.tag;
    info.digest = split.digest;
    info.image = find_image(catalog, familiar(info.repository), info.tag);
    if (info.image != NULL) {
        if (*info.image->release != '\0') {
            info.release = dfl__catalog_find_release(catalog, dfl__str(info.image->release));
        } else {
            find_release_part(catalog, &info);
        }
        find_version(&info);
        find_language_version(&info);
        if (*info.image->release == '\0' && !info.release_named) default_release(catalog, &info);
        info.is_runtime =
            strcmp(info.image->role, "runtime") == 0 || is_runtime_flavour(info.image, info.tag);
        info.libc = libc_of(&info);
    }
    *out = info;
}

/* The version that {version} stands for. */
static dfl_str template_version(const dfl__image_info *info) {
    return *info->image->version_after != '\0' ? info->language_version : info->version;
}

static dfl_str major_of(dfl_str version) {
    size_t end = 0;
    while (end < version.len && dfl__is_digit((unsigned char)version.ptr[end]))
        end++;
    return dfl__sub(version, 0, end);
}

static int applies(const dfl__image_info *info, const dfl__counterpart *counterpart,
                   const char *linkage) {
    if (*counterpart->libc != '\0' && strcmp(counterpart->libc, info->libc) != 0) return 0;
    if (*counterpart->linkage != '\0' && strcmp(counterpart->linkage, linkage) != 0) return 0;
    if (counterpart->versions.count == 0) return 1;
    dfl_str version = *info->image->language != '\0' ? info->language_version : info->version;
    for (uint32_t i = 0; i < counterpart->versions.count; i++) {
        if (leads_version(counterpart->versions.items[i], version)) return 1;
    }
    return 0;
}

static char last_byte(const dfl__buf *out, size_t start) {
    return (char)(out->len > start ? out->ptr[out->len - 1] : '\0');
}

/* What a name in braces stands for. 0 when it must be known and is not: a version may be left out
 * only where it is the tag's first part. */
static int fill(const dfl__image_info *info, dfl_str name, int opens_tag, dfl_str *value) {
    *value = EMPTY;
    if (dfl__eqz(name, "version")) {
        *value = template_version(info);
        return value->len > 0 || opens_tag;
    }
    if (dfl__eqz(name, "major")) {
        *value = major_of(template_version(info));
        return value->len > 0;
    }
    if (dfl__eqz(name, "release")) {
        if (info->release != NULL) *value = dfl__str(info->release->name);
        return value->len > 0;
    }
    if (dfl__eqz(name, "-release")) {
        if (info->release_named) *value = info->release_part;
        return 1;
    }
    return 0;
}

/* Append literal text; where the version before it is empty its dash goes with it. */
static void add_literal(dfl__buf *out, size_t start, dfl_str text) {
    if (last_byte(out, start) == ':' && text.len > 0 && text.ptr[0] == '-')
        text = dfl__sub(text, 1, text.len);
    dfl__buf_add(out, text);
}

static int fill_template(const dfl__image_info *info, dfl_str template, size_t start,
                         dfl__buf *out) {
    for (size_t at = 0; at < template.len;) {
        size_t open = dfl__find(template, '{', at);
        add_literal(out, start, dfl__sub(template, at, open));
        if (open == template.len) break;
        size_t close = dfl__find(template, '}', open);
        if (close == template.len) return 0;
        dfl_str name = dfl__sub(template, open + 1, close), value;
        if (!fill(info, name, last_byte(out, start) == ':', &value)) return 0;
        if (value.len > 0 && name.ptr[0] == '-' && last_byte(out, start) != ':')
            dfl__buf_addc(out, '-');
        dfl__buf_add(out, value);
        at = close + 1;
    }
    if (last_byte(out, start) == ':') out->len--; /* nothing was left for the tag */
    return 1;
}

/* The habit of most images: version, flavour, release. */
static void compose_tag(const dfl__image_info *info, const char *flavour, dfl__buf *out) {
    dfl_str parts[] = {template_version(info), dfl__str(flavour), info->release_part};
    char joint = ':';
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].len == 0) continue;
        dfl__buf_addc(out, joint);
        dfl__buf_add(out, parts[i]);
        joint = '-';
    }
}

static int has_tag(const char *template) {
    const char *slash = strrchr(template, '/');
    return strchr(slash != NULL ? slash : template, ':') != NULL;
}

int dfl__catalog_counterpart(const dfl_catalog *catalog, const dfl__image_info *info,
                             const dfl__counterpart *counterpart, const char *linkage,
                             dfl__buf *out) {
    (void)catalog;
    if (info->image == NULL || !applies(info, counterpart, linkage)) return 0;
    size_t start = out->len;
    if (!fill_template(info, dfl__str(counterpart->image), start, out)) {
        out->len = start;
        return 0;
    }
    if (*counterpart->flavour != '\0' && !has_tag(counterpart->image))
        compose_tag(info, counterpart->flavour, out);
    return 1;
}
