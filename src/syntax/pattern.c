/* pattern.c -- see pattern.h.
 * Relies on text.h for runes.
 * Never tries two placements of one segment when the first decides: `*` stays on its line, so the
 * earliest place of a segment leaves everything open that a later one would. */
#include "syntax/pattern.h"

#include <assert.h>

#define STAR 0x110000u /* any run without LF */
#define ANY 0x110001u  /* any rune but LF */
#define BOM 0xFEFFu

void dfl__pattern_init(dfl__pattern *pattern, const dfl_alloc *alloc) {
    *pattern = (dfl__pattern){.alloc = dfl__alloc_of(alloc)};
}

void dfl__pattern_free(dfl__pattern *pattern) {
    DFL__VEC_FREE(&pattern->alloc, &pattern->code);
}

int dfl__pattern_spent(const dfl__pattern *pattern) {
    return pattern->steps > DFL__PATTERN_STEPS;
}

static int decode(dfl__pattern *pattern, dfl_str text) {
    pattern->code.count = 0;
    for (size_t at = 0; at < text.len;) {
        unsigned width;
        uint32_t rune = dfl__rune(text, at, &width);
        if (!DFL__PUSH(&pattern->alloc, &pattern->code, rune)) return 0;
        at += width;
    }
    return 1;
}

static void reverse(uint32_t *runes, uint32_t count) {
    for (uint32_t i = 0; i < count / 2; i++) {
        uint32_t other = runes[count - 1 - i];
        runes[count - 1 - i] = runes[i];
        runes[i] = other;
    }
}

/* Backwards, but a backslash stays before the rune it escapes. A lone one at the end comes to
 * stand before the rune that preceded it, as in BuildKit. */
static void reverse_escaped(uint32_t *runes, uint32_t count) {
    for (uint32_t i = 0; i + 1 < count; i++) {
        if (runes[i] != '\\') continue;
        runes[i] = runes[i + 1];
        runes[++i] = '\\';
    }
    reverse(runes, count);
}

/* Turn the runes of the pattern into code, in place. */
static int translate(dfl__pattern *pattern) {
    uint32_t *code = pattern->code.items, count = pattern->code.count, out = 0;
    uint32_t at = count != 0 && code[0] == BOM ? 1 : 0;
    for (; at < count; at++) {
        uint32_t rune = code[at];
        if (rune == '*') {
            if (out != 0 && code[out - 1] == STAR) continue;
            rune = STAR;
        } else if (rune == '?') {
            rune = ANY;
        } else if (rune == '\\') {
            rune = ++at < count ? code[at] : 0;
            if (rune != '*' && rune != '?' && rune != '\\' && rune != '}' && rune != '/') return 0;
        }
        code[out++] = rune;
    }
    pattern->code.count = out;
    return 1;
}

dfl_status dfl__pattern_compile(dfl__pattern *pattern, dfl_str text, int reversed) {
    if (!decode(pattern, text)) return DFL_E_NOMEM;
    if (reversed) reverse_escaped(pattern->code.items, pattern->code.count);
    return translate(pattern) ? DFL_OK : DFL_E_ARG;
}

/* End of the run of code without a star that begins at `from`. */
static uint32_t segment_end(const dfl__pattern *pattern, uint32_t from) {
    while (from < pattern->code.count && pattern->code.items[from] != STAR)
        from++;
    return from;
}

/* Match the segment [from, to) at `at`; `*after` is where it ends. */
static int segment_at(dfl__pattern *pattern, uint32_t from, uint32_t to, dfl_str subject, size_t at,
                      size_t *after) {
    pattern->steps++;
    for (uint32_t i = from; i < to; i++) {
        if (at == subject.len || dfl__pattern_spent(pattern)) return 0;
        unsigned width;
        uint32_t rune = dfl__rune(subject, at, &width), code = pattern->code.items[i];
        pattern->steps++;
        if (code == ANY ? rune == '\n' : rune != code) return 0;
        at += width;
    }
    *after = at;
    return 1;
}

/* Place a segment after a star that begins at `at`: at the first place of the line where it
 * matches, or at the last. */
static int segment_after_star(dfl__pattern *pattern, uint32_t from, uint32_t to, dfl_str subject,
                              size_t at, int latest, size_t *after) {
    int found = 0;
    while (!dfl__pattern_spent(pattern)) {
        if (segment_at(pattern, from, to, subject, at, after)) {
            found = 1;
            if (!latest) break;
        }
        if (at == subject.len || subject.ptr[at] == '\n') break;
        unsigned width;
        dfl__rune(subject, at, &width);
        at += width;
    }
    return found;
}

static size_t line_end(dfl_str subject, size_t at) {
    return dfl__find(subject, '\n', at);
}

/* Match the code from `next` on: a star, or the end. */
static int match_tail(dfl__pattern *pattern, uint32_t next, dfl_str subject, size_t at, int greedy,
                      size_t *end) {
    const uint32_t count = pattern->code.count;
    while (next < count) {
        assert(pattern->code.items[next] == STAR);
        uint32_t from = next + 1;
        next = segment_end(pattern, from);
        if (from == count) {
            if (greedy) at = line_end(subject, at);
        } else if (!segment_after_star(pattern, from, next, subject, at, greedy && next == count,
                                       &at)) {
            return 0;
        }
    }
    *end = at;
    return 1;
}

int dfl__pattern_match(dfl__pattern *pattern, dfl_str subject, size_t start, int greedy,
                       size_t *end) {
    uint32_t first = segment_end(pattern, 0);
    size_t at;
    return segment_at(pattern, 0, first, subject, start, &at) &&
           match_tail(pattern, first, subject, at, greedy, end);
}

static int has_newline(const dfl__pattern *pattern, uint32_t to) {
    for (uint32_t i = 0; i < to; i++) {
        if (pattern->code.items[i] == '\n') return 1;
    }
    return 0;
}

int dfl__pattern_find(dfl__pattern *pattern, dfl_str subject, size_t *start, size_t *end) {
    uint32_t first = segment_end(pattern, 0);
    int newline = has_newline(pattern, first);
    size_t at = *start, after;
    while (!dfl__pattern_spent(pattern)) {
        int opened = segment_at(pattern, 0, first, subject, at, &after);
        if (opened && match_tail(pattern, first, subject, after, 1, end)) {
            *start = at;
            return 1;
        }
        /* What follows the first star was not found from here: nor will it be from any later
         * place on the line. */
        if (opened && !newline) at = line_end(subject, at);
        if (at >= subject.len) break;
        unsigned width;
        dfl__rune(subject, at, &width);
        at += width;
    }
    return 0;
}

/* The runes of `s` from last to first, invalid bytes as U+FFFD, in `*size` bytes of new memory;
 * NULL when there is none, or nothing to reverse. */
static char *reversed_copy(const dfl_alloc *alloc, dfl_str s, size_t *size) {
    unsigned width;
    char bytes[4];
    *size = 0;
    for (size_t at = 0; at < s.len; at += width) {
        *size += dfl__rune_encode(dfl__rune(s, at, &width), bytes);
    }
    char *copy = dfl__alloc(alloc, *size);
    if (copy == NULL) return NULL;
    size_t to = *size;
    for (size_t at = 0; at < s.len; at += width) {
        unsigned n = dfl__rune_encode(dfl__rune(s, at, &width), bytes);
        to -= n;
        for (unsigned i = 0; i < n; i++)
            copy[to + i] = bytes[i];
    }
    return copy;
}

dfl_status dfl__pattern_suffix(dfl__pattern *pattern, dfl_str subject, int greedy, size_t *drop) {
    if (subject.len == 0) {
        *drop = 0;
        return DFL_OK;
    }
    if (subject.len > SIZE_MAX / 4) return DFL_E_NOMEM;
    size_t size, end = 0;
    char *copy = reversed_copy(&pattern->alloc, subject, &size);
    if (copy == NULL) return DFL_E_NOMEM;
    dfl_str text = {copy, size};
    dfl__pattern_match(pattern, text, 0, greedy, &end);
    dfl__free(&pattern->alloc, copy, size);
    *drop = end;
    return DFL_OK;
}

/* Length of the reference after `$` in a template, 0 when there is none; `*whole` when it names the
 * whole match, the only group there is. */
static size_t template_name(dfl_str s, int *whole) {
    size_t at = s.len != 0 && s.ptr[0] == '{', start = at;
    int brace = start == 1;
    unsigned width;
    while (at < s.len && dfl__is_unicode_word(dfl__rune(s, at, &width)))
        at += width;
    if (at == start || (brace && (at == s.len || s.ptr[at] != '}'))) return 0;
    *whole = at - start == 1 && s.ptr[start] == '0';
    return at + (size_t)brace;
}

static void add_template(dfl_str template, dfl_str match, dfl__buf *out) {
    for (size_t at = 0; at < template.len;) {
        size_t dollar = dfl__find(template, '$', at);
        dfl__buf_add(out, dfl__sub(template, at, dollar));
        if (dollar == template.len) break;
        int whole = 0;
        at = dollar + 1;
        size_t name = template_name(dfl__sub(template, at, template.len), &whole);
        int dollars = at < template.len && template.ptr[at] == '$';
        if (name == 0) dfl__buf_addc(out, '$');
        if (whole) dfl__buf_add(out, match);
        at += dollars ? 1 : name;
    }
}

void dfl__pattern_replace(dfl__pattern *pattern, dfl_str subject, dfl_str replacement, int all,
                          dfl__buf *out) {
    size_t from = 0, done = 0;
    while (from <= subject.len && out->failed == DFL_OK) {
        size_t start = from, end;
        if (!dfl__pattern_find(pattern, subject, &start, &end)) break;
        dfl__buf_add(out, dfl__sub(subject, done, start));
        int next_to_last = end == done && start > 0;
        if (!next_to_last && all)
            add_template(replacement, dfl__sub(subject, start, end), out);
        else if (!next_to_last)
            dfl__buf_add(out, replacement);
        done = end;
        unsigned width = 1;
        if (from < subject.len) dfl__rune(subject, from, &width);
        from = from + width > end ? from + width : end;
        if (!all) break;
    }
    dfl__buf_add(out, dfl__sub(subject, done, subject.len));
}
