/* platform.c -- see platform.h.
 * Relies on the arena for lower-cased and decoded parts.
 * Never asks which machine it runs on: the caller says what a missing part is. */
#include "model/platform.h"

#include <string.h>

#include "base/sort.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define MAX_PARTS 4u

static const char *const known_os[] = {
    "aix",   "android", "darwin", "dragonfly", "freebsd", "hurd",    "illumos", "ios", "js",
    "linux", "nacl",    "netbsd", "openbsd",   "plan9",   "solaris", "windows", "zos"};

static const char *const known_arch[] = {
    "386",     "amd64",   "amd64p32", "arm",    "armbe",  "arm64",    "arm64be",   "ppc64",
    "ppc64le", "loong64", "mips",     "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le",
    "ppc",     "riscv",   "riscv64",  "s390",   "s390x",  "sparc",    "sparc64",   "wasm"};

/* Other names of architectures; `variant` replaces what was given, NULL keeps it. */
static const struct {
    const char *name, *arch, *variant;
} arch_names[] = {
    {"i386", "386", ""},        {"x86_64", "amd64", NULL}, {"x86-64", "amd64", NULL},
    {"aarch64", "arm64", NULL}, {"armhf", "arm", "v7"},    {"armel", "arm", "v6"},
};

/* Other names of variants of an architecture that was not itself renamed to one. */
static const struct {
    const char *arch, *variant, *normal;
} variant_names[] = {
    {"amd64", "v1", ""},  {"arm64", "8", ""},     {"arm64", "v8", ""},     {"arm64", "v8.0", ""},
    {"arm64", "9", "v9"}, {"arm64", "9.0", "v9"}, {"arm64", "v9.0", "v9"}, {"arm", "", "v7"},
    {"arm", "7", "v7"},   {"arm", "5", "v5"},     {"arm", "6", "v6"},      {"arm", "8", "v8"},
};

static int is_component(unsigned char c, const char *also) {
    return dfl__is_alpha(c) || dfl__is_digit(c) || dfl__is_any_of(c, also);
}

/* End of the run of component characters. */
static size_t component_end(dfl_str s, size_t at, const char *also) {
    while (at < s.len && is_component((unsigned char)s.ptr[at], also))
        at++;
    return at;
}

static const char os_chars[] = "_-";
static const char option_chars[] = "_.%-";
static const char part_chars[] = "_.-";

/* --- normal forms; texts are lower-case already */

static void normalize_os(dfl_str *os) {
    if (dfl__eqz(*os, "macos")) *os = DFL__LIT("darwin");
}

static void normalize_arch(dfl_str *arch, dfl_str *variant) {
    for (size_t i = 0; i < COUNT(arch_names); i++) {
        if (!dfl__eqz(*arch, arch_names[i].name)) continue;
        *arch = dfl__str(arch_names[i].arch);
        if (arch_names[i].variant == NULL) break;
        *variant = dfl__str(arch_names[i].variant);
        return;
    }
    for (size_t i = 0; i < COUNT(variant_names); i++) {
        if (!dfl__eqz(*arch, variant_names[i].arch)) continue;
        if (!dfl__eqz(*variant, variant_names[i].variant)) continue;
        *variant = dfl__str(variant_names[i].normal);
        return;
    }
}

/* --- parsing */

/* Lower-cased copy; a NULL pointer without memory. */
static dfl_str lowered(dfl__arena *arena, dfl_str s) {
    char *copy = dfl__arena_copy(arena, s.ptr, s.len);
    for (size_t i = 0; copy != NULL && i < s.len; i++)
        copy[i] = (char)dfl__lower((unsigned char)copy[i]);
    return (dfl_str){copy, s.len};
}

/* Copy of a version or feature with its `%XX` decoded. */
static dfl__platform_error decode(dfl__arena *arena, dfl_str s, dfl_str *out) {
    char *copy = dfl__arena_copy(arena, s.ptr, s.len);
    size_t len = 0;
    if (copy == NULL) return DFL__PLATFORM_NOMEM;
    for (size_t at = 0; at < s.len; at++) {
        copy[len] = s.ptr[at];
        if (s.ptr[at] == '%') {
            int high = at + 2 < s.len ? dfl__hex_value((unsigned char)s.ptr[at + 1]) : -1;
            int low = high >= 0 ? dfl__hex_value((unsigned char)s.ptr[at + 2]) : -1;
            if (low < 0) return DFL__PLATFORM_FORMAT;
            copy[len] = (char)(high * 16 + low);
            at += 2;
        }
        len++;
    }
    *out = (dfl_str){copy, len};
    return DFL__PLATFORM_OK;
}

static int before(const void *ctx, const void *a, const void *b) {
    const dfl_str *x = a, *y = b;
    (void)ctx;
    return dfl__compare(*x, *y) < 0;
}

/* Sort and drop duplicates; the number that stays. */
static uint32_t sort_features(dfl_str *items, uint32_t count) {
    dfl__sort(items, count, sizeof *items, before, NULL);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || !dfl__eq(items[kept - 1], items[i])) items[kept++] = items[i];
    }
    return kept;
}

/* `+feature+feature`, up to `)` at `end`; a feature is not empty. */
static dfl__platform_error read_features(dfl_str s, size_t at, size_t end, dfl__arena *arena,
                                         dfl__platform *out) {
    uint32_t count = 0;
    for (size_t i = at; i < end; i++)
        count += s.ptr[i] == '+';
    if (count == 0) return DFL__PLATFORM_OK;
    out->features = dfl__arena_get(arena, count * sizeof *out->features);
    if (out->features == NULL) return DFL__PLATFORM_NOMEM;
    while (at < end) {
        size_t stop = component_end(s, at + 1, option_chars);
        dfl__platform_error error =
            decode(arena, dfl__sub(s, at + 1, stop), &out->features[out->feature_count++]);
        if (error != DFL__PLATFORM_OK) return error;
        at = stop;
    }
    out->feature_count = sort_features(out->features, count);
    return DFL__PLATFORM_OK;
}

/* Whether `s` from `at` to `end` is a series of `+feature`. */
static int are_features(dfl_str s, size_t at, size_t end) {
    while (at < end) {
        size_t stop = component_end(s, at + 1, option_chars);
        if (s.ptr[at] != '+' || stop == at + 1) return 0;
        at = stop;
    }
    return at == end;
}

/* `os`, `os(version)`, `os(version+feature+feature)` */
static dfl__platform_error read_os(dfl_str part, dfl__arena *arena, dfl__platform *out) {
    size_t end = component_end(part, 0, os_chars);
    if (end == 0) return DFL__PLATFORM_FORMAT;
    out->os = lowered(arena, dfl__sub(part, 0, end));
    if (out->os.ptr == NULL) return DFL__PLATFORM_NOMEM;
    normalize_os(&out->os);
    if (end == part.len) return DFL__PLATFORM_OK;
    size_t close = part.len - 1;
    if (part.ptr[end] != '(' || part.ptr[close] != ')') return DFL__PLATFORM_FORMAT;
    size_t start = end + 1, stop = component_end(part, start, option_chars);
    if (!are_features(part, stop, close)) return DFL__PLATFORM_FORMAT;
    dfl__platform_error error = decode(arena, dfl__sub(part, start, stop), &out->version);
    if (error != DFL__PLATFORM_OK) return error;
    return read_features(part, stop, close, arena, out);
}

/* Split at slashes; what follows the third one stays together. */
static uint32_t split(dfl_str text, dfl_str parts[MAX_PARTS]) {
    uint32_t count = 0;
    size_t at = 0;
    while (count < MAX_PARTS - 1) {
        size_t slash = dfl__find(text, '/', at);
        if (slash == text.len) break;
        parts[count++] = dfl__sub(text, at, slash);
        at = slash + 1;
    }
    parts[count++] = dfl__sub(text, at, text.len);
    return count;
}

/* An operating system or an architecture; the host has the other. */
static dfl__platform_error complete(dfl_str part, const dfl__host *host, dfl__arena *arena,
                                    dfl__platform *out) {
    if (DFL__IS_ONE_OF(out->os, known_os)) {
        out->arch = host->arch;
        return DFL__PLATFORM_OK;
    }
    out->arch = lowered(arena, part);
    if (out->arch.ptr == NULL) return DFL__PLATFORM_NOMEM;
    normalize_arch(&out->arch, &out->variant);
    if (!DFL__IS_ONE_OF(out->arch, known_arch)) return DFL__PLATFORM_UNKNOWN;
    out->os = host->os;
    return DFL__PLATFORM_OK;
}

/* `v7` is what 32-bit ARM is without a variant, `v8` what BuildKit adds to a given one. */
static void settle_variant(uint32_t count, dfl__platform *out) {
    if (count < 3 && dfl__eqz(out->arch, "arm") && dfl__eqz(out->variant, "v7"))
        out->variant = DFL__LIT("");
    if (count == 3 && dfl__eqz(out->arch, "arm64") && out->variant.len == 0)
        out->variant = DFL__LIT("v8");
}

static dfl__platform_error read_parts(const dfl_str *parts, uint32_t count, dfl__arena *arena,
                                      dfl__platform *out) {
    for (uint32_t i = 1; i < count; i++) {
        if (parts[i].len == 0) return DFL__PLATFORM_FORMAT;
        if (component_end(parts[i], 0, part_chars) != parts[i].len) return DFL__PLATFORM_FORMAT;
    }
    if (count == MAX_PARTS) return DFL__PLATFORM_FORMAT;
    if (count > 1) out->arch = lowered(arena, parts[1]);
    if (count > 2) out->variant = lowered(arena, parts[2]);
    if (out->arch.ptr == NULL || out->variant.ptr == NULL) return DFL__PLATFORM_NOMEM;
    if (count > 1) normalize_arch(&out->arch, &out->variant);
    return DFL__PLATFORM_OK;
}

dfl__platform_error dfl__platform_parse(dfl_str text, const dfl__host *host, dfl__arena *arena,
                                        dfl__platform *out) {
    const dfl_str none = DFL__LIT("");
    dfl__platform parsed = {none, none, none, none, NULL, 0};
    dfl_str parts[MAX_PARTS];
    if (dfl__find(text, '*', 0) < text.len) return DFL__PLATFORM_WILDCARD;
    uint32_t count = split(text, parts);
    dfl__platform_error error = read_os(parts[0], arena, &parsed);
    if (error == DFL__PLATFORM_OK) error = read_parts(parts, count, arena, &parsed);
    if (error == DFL__PLATFORM_OK && count == 1) error = complete(parts[0], host, arena, &parsed);
    if (error != DFL__PLATFORM_OK) return error;
    settle_variant(count, &parsed);
    *out = parsed;
    return DFL__PLATFORM_OK;
}

/* --- text */

/* Encode what would read as syntax. */
static void write_option(dfl_str s, dfl__buf *out) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == 0 || strchr("%+()/", c) == NULL) {
            dfl__buf_addc(out, (char)c);
            continue;
        }
        dfl__buf_addc(out, '%');
        dfl__buf_addc(out, digits[c >> 4]);
        dfl__buf_addc(out, digits[c & 15]);
    }
}

static void write_os(const dfl__platform *platform, dfl__buf *out) {
    dfl__buf_add(out, platform->os);
    if (platform->version.len == 0 && platform->feature_count == 0) return;
    dfl__buf_addc(out, '(');
    write_option(platform->version, out);
    for (uint32_t i = 0; i < platform->feature_count; i++) {
        dfl__buf_addc(out, '+');
        write_option(platform->features[i], out);
    }
    dfl__buf_addc(out, ')');
}

/* BuildKit joins the parts as a path, in which an architecture or a variant of dots means steps. */
void dfl__platform_write(const dfl__platform *platform, dfl__buf *out) {
    const dfl_str given[] = {platform->os, platform->arch, platform->variant};
    uint32_t kept[COUNT(given)], count = 1;
    kept[0] = 0;
    for (uint32_t i = 1; i < COUNT(given); i++) {
        if (given[i].len == 0 || dfl__eqz(given[i], ".")) continue;
        int up = dfl__eqz(given[i], "..");
        if (up && count > 0 && !dfl__eqz(given[kept[count - 1]], ".."))
            count--;
        else
            kept[count++] = i;
    }
    if (count == 0) dfl__buf_addc(out, '.');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) dfl__buf_addc(out, '/');
        if (kept[i] == 0)
            write_os(platform, out);
        else
            dfl__buf_add(out, given[kept[i]]);
    }
}

void dfl__platform_normalize(dfl__platform *platform) {
    normalize_os(&platform->os);
    normalize_arch(&platform->arch, &platform->variant);
}
