/* reference.c -- see reference.h.
 * Relies on text.h for runes and their lower case.
 * Never backtracks: after the first slash is found, each part is decided by its next character. */
#include "syntax/reference.h"

#include <string.h>

#define PATH_MAX_BYTES 255u
#define TAG_MAX 128u
#define DIGEST_MIN 32u
#define LIBRARY DFL__LIT("library/")

static const char hub[] = "docker.io";
static const char hub_legacy[] = "index.docker.io";
static const char localhost[] = "localhost";

/* --- characters */

static int is_lower(unsigned char c) {
    return c >= 'a' && c <= 'z';
}
static int is_lower_alnum(unsigned char c) {
    return is_lower(c) || dfl__is_digit(c);
}
static int is_alnum(unsigned char c) {
    return dfl__is_alpha(c) || dfl__is_digit(c);
}
static int is_tag_start(unsigned char c) {
    return is_alnum(c) || c == '_';
}
static int is_tag(unsigned char c) {
    return is_tag_start(c) || c == '.' || c == '-';
}
static int is_hex(unsigned char c) {
    return dfl__hex_value(c) >= 0;
}
static int is_lower_hex(unsigned char c) {
    return dfl__is_digit(c) || (c >= 'a' && c <= 'f');
}

/* A reader of ASCII: what is not ASCII is 0x80, the end is 0 (a NUL is read as 0x80). `fold` reads
 * the lower case of the text, which a few other runes have in ASCII as well. */
typedef struct {
    dfl_str s;
    size_t at;
    int fold;
} cursor;

static unsigned char see(const cursor *c, unsigned *width) {
    *width = 1;
    if (c->at >= c->s.len) return 0;
    unsigned char byte = (unsigned char)c->s.ptr[c->at];
    if (byte == 0) return 0x80;
    if (byte < 0x80) return c->fold ? dfl__lower(byte) : byte;
    if (!c->fold) return 0x80;
    uint32_t rune = dfl__rune_lower(dfl__rune(c->s, c->at, width));
    return rune < 0x80 ? (unsigned char)rune : 0x80;
}

static unsigned char peek(const cursor *c) {
    unsigned width;
    return see(c, &width);
}

static void skip(cursor *c) {
    unsigned width;
    see(c, &width);
    c->at += width;
}

static int take(cursor *c, char wanted) {
    if (peek(c) != (unsigned char)wanted) return 0;
    skip(c);
    return 1;
}

/* Number of characters of the class that follow. */
static size_t run(cursor *c, int (*is)(unsigned char)) {
    size_t n = 0;
    while (is(peek(c))) {
        skip(c);
        n++;
    }
    return n;
}

static int at_end(const cursor *c) {
    return c->at >= c->s.len;
}

/* Whether lower-casing changes the text; it changes invalid UTF-8 too. */
static int has_upper(dfl_str s) {
    unsigned width;
    for (size_t at = 0; at < s.len; at += width) {
        uint32_t rune = dfl__rune(s, at, &width);
        if (rune == DFL__RUNE_ERROR && width == 1) return 1;
        if (dfl__rune_lower(rune) != rune) return 1;
    }
    return 0;
}

/* --- grammar */

/* Letters and digits, with dashes inside. */
static int label(cursor *c) {
    if (run(c, is_alnum) == 0) return 0;
    while (peek(c) == '-') {
        while (take(c, '-')) {
        }
        if (run(c, is_alnum) == 0) return 0;
    }
    return 1;
}

static int is_address(unsigned char c) {
    return is_hex(c) || c == ':';
}

static int domain(cursor *c) {
    if (take(c, '[')) {
        if (run(c, is_address) == 0 || !take(c, ']')) return 0;
    } else {
        do {
            if (!label(c)) return 0;
        } while (take(c, '.'));
    }
    return !take(c, ':') || run(c, dfl__is_digit) > 0;
}

/* A dot, one or two underscores, any number of dashes. */
static int separator(cursor *c) {
    if (take(c, '.')) return 1;
    if (take(c, '_')) {
        take(c, '_');
        return 1;
    }
    int dashes = 0;
    while (take(c, '-'))
        dashes = 1;
    return dashes;
}

static int path(cursor *c) {
    do {
        do {
            if (run(c, is_lower_alnum) == 0) return 0;
        } while (separator(c));
    } while (take(c, '/'));
    return 1;
}

static int is_algorithm_separator(unsigned char c) {
    return c == '-' || c == '_' || c == '+' || c == '.';
}

static int digest(cursor *c) {
    for (;;) {
        if (!dfl__is_alpha(peek(c))) return 0;
        run(c, is_alnum);
        if (!is_algorithm_separator(peek(c))) break;
        skip(c);
    }
    return take(c, ':') && run(c, is_hex) >= DIGEST_MIN;
}

dfl__reference_split dfl__reference_split_of(dfl_str text) {
    dfl__reference_split split = {text, DFL__LIT(""), DFL__LIT(""), 0, 0};
    size_t at = dfl__find(text, '@', 0), colon = at;
    split.has_digest = at < text.len;
    if (split.has_digest) split.digest = dfl__sub(text, at + 1, text.len);
    while (colon > 0 && text.ptr[colon - 1] != ':' && text.ptr[colon - 1] != '/')
        colon--;
    split.has_tag = colon > 0 && text.ptr[colon - 1] == ':';
    if (split.has_tag) split.tag = dfl__sub(text, colon, at);
    split.name = dfl__sub(text, 0, split.has_tag ? colon - 1 : at);
    return split;
}

static int is_path(dfl_str s, int fold) {
    cursor c = {s, 0, fold};
    return path(&c) && at_end(&c);
}

static int is_valid_tag(dfl_str s, int fold) {
    cursor c = {s, 0, fold};
    return is_tag_start(peek(&c)) && run(&c, is_tag) <= TAG_MAX && at_end(&c);
}

static int is_digest(dfl_str s, int fold) {
    cursor c = {s, 0, fold};
    return digest(&c) && at_end(&c);
}

/* `path[:tag][@digest]`, all of it. */
static int repository(dfl_str text, int fold, dfl__reference *ref) {
    dfl__reference_split split = dfl__reference_split_of(text);
    ref->path = split.name;
    ref->tag = split.tag;
    ref->digest = split.digest;
    return is_path(split.name, fold) && (!split.has_tag || is_valid_tag(split.tag, fold)) &&
           (!split.has_digest || is_digest(split.digest, fold));
}

/* Split off the domain; `*rest` is what follows. Without one, the domain is the hub's. */
static dfl_str split_domain(dfl_str text, dfl_str *rest) {
    size_t slash = dfl__find(text, '/', 0);
    dfl_str first = dfl__sub(text, 0, slash);
    *rest = text;
    if (slash == text.len) return dfl__str(hub);
    int is_domain = dfl__eqz(first, localhost) || dfl__find(first, '.', 0) < slash ||
                    dfl__find(first, ':', 0) < slash || has_upper(first);
    if (!is_domain) return dfl__str(hub);
    *rest = dfl__sub(text, slash + 1, text.len);
    return dfl__eqz(first, hub_legacy) ? dfl__str(hub) : first;
}

/* The grammar over `domain/rest`, a part of `text` unless the domain is implied. */
static int grammar(dfl_str text, dfl_str rest, int fold, dfl__reference *ref) {
    cursor name = {ref->domain, 0, fold};
    int valid = domain(&name) && at_end(&name);
    /* What cannot be a domain may still be the first component of the path. */
    if (!valid) ref->domain = DFL__LIT("");
    return repository(valid ? rest : text, fold, ref);
}

static dfl_str familiar_name(const dfl__reference *ref) {
    size_t prefix = LIBRARY.len;
    if (!dfl__eqz(ref->domain, hub)) return ref->name;
    if (!dfl__starts(ref->path, LIBRARY.ptr)) return ref->path;
    if (dfl__find(ref->path, '/', prefix) < ref->path.len) return ref->path;
    return dfl__sub(ref->path, prefix, ref->path.len);
}

static int is_identifier(dfl_str text) {
    cursor c = {text, 0, 0};
    return text.len == 64 && run(&c, is_lower_hex) == 64;
}

dfl__reference_error dfl__reference_parse(dfl_str text, dfl__reference *out) {
    const dfl_str none = DFL__LIT("");
    dfl__reference ref = {none, none, none, none, none, none, 0};
    dfl_str rest;
    if (is_identifier(text)) return DFL__REF_HEX;
    ref.domain = split_domain(text, &rest);
    ref.library = dfl__eqz(ref.domain, hub) && dfl__find(rest, '/', 0) == rest.len;
    if (has_upper(dfl__sub(rest, 0, dfl__find(rest, ':', 0)))) return DFL__REF_CASE;
    dfl__reference folded = ref;
    if (!grammar(text, rest, 0, &ref))
        return grammar(text, rest, 1, &folded) ? DFL__REF_CASE : DFL__REF_FORMAT;
    if (ref.path.len + (ref.library ? LIBRARY.len : 0) > PATH_MAX_BYTES) return DFL__REF_LONG;
    if (ref.digest.len != 0) {
        dfl__reference_error error = dfl__digest_check(ref.digest);
        if (error != DFL__REF_OK) return error;
    }
    ref.name = dfl__sub(text, 0, (size_t)(ref.path.ptr - text.ptr) + ref.path.len);
    ref.familiar = familiar_name(&ref);
    *out = ref;
    return DFL__REF_OK;
}

void dfl__reference_write(const dfl__reference *ref, dfl__buf *out) {
    dfl__buf_add(out, ref->domain);
    if (ref->domain.len != 0) dfl__buf_addc(out, '/');
    if (ref->library) dfl__buf_add(out, LIBRARY);
    dfl__buf_add(out, ref->path);
    if (ref->tag.len != 0) dfl__buf_fmt(out, ":%S", &ref->tag);
    if (ref->digest.len != 0) dfl__buf_fmt(out, "@%S", &ref->digest);
    if (ref->tag.len == 0 && ref->digest.len == 0) dfl__buf_addz(out, ":latest");
}

/* --- digests */

static const struct {
    const char *name;
    size_t digits;
} algorithms[] = {{"sha256", 64}, {"sha384", 96}, {"sha512", 128}};

static int is_encoded(unsigned char c) {
    return is_alnum(c) || c == '=' || c == '_' || c == '-';
}

/* Whether the text could be a digest of some algorithm. */
static int other_digest(dfl_str text) {
    cursor c = {text, 0, 0};
    for (;;) {
        if (run(&c, is_lower_alnum) == 0) return 0;
        if (!is_algorithm_separator(peek(&c))) break;
        skip(&c);
    }
    return take(&c, ':') && run(&c, is_encoded) > 0 && at_end(&c);
}

dfl__reference_error dfl__digest_check(dfl_str text) {
    size_t colon = dfl__find(text, ':', 0);
    if (colon == 0 || colon + 1 >= text.len) return DFL__REF_DIGEST_FORMAT;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (!dfl__eqz(dfl__sub(text, 0, colon), algorithms[i].name)) continue;
        if (text.len - colon - 1 != algorithms[i].digits) return DFL__REF_DIGEST_LENGTH;
        cursor c = {text, colon + 1, 0};
        run(&c, is_lower_hex);
        return at_end(&c) ? DFL__REF_OK : DFL__REF_DIGEST_FORMAT;
    }
    return other_digest(text) ? DFL__REF_DIGEST_ALGORITHM : DFL__REF_DIGEST_FORMAT;
}
