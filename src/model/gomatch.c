/* gomatch.c -- see gomatch.h. */
#include "model/gomatch.h"

/* A pattern is stars and, between them, pieces without. */
typedef struct {
    int bad; /* it is malformed */
} matcher;

size_t dfl__go_piece_end(dfl_str pattern, size_t at) {
    int in_class = 0;
    for (; at < pattern.len; at++) {
        char c = pattern.ptr[at];
        if (c == '*' && !in_class) break;
        if (c == '[' || c == ']') in_class = c == '[';
        if (c == '\\' && at + 1 < pattern.len) at++;
    }
    return at;
}

/* One end of a range of a class; 0 when there is none. */
static int class_rune(dfl_str piece, size_t *at, uint32_t *rune) {
    unsigned width;
    if (*at >= piece.len || piece.ptr[*at] == '-' || piece.ptr[*at] == ']') return 0;
    if (piece.ptr[*at] == '\\') (*at)++;
    if (*at >= piece.len) return 0;
    *rune = dfl__rune(piece, *at, &width);
    if (*rune == DFL__RUNE_ERROR && width == 1) return 0;
    *at += width;
    return *at < piece.len;
}

/* Step over a class from behind its `[`; `*found` is whether `rune` is one of those it means. */
static int class_match(dfl_str piece, size_t *at, uint32_t rune, int *found) {
    int negated = *at < piece.len && piece.ptr[*at] == '^';
    *at += (size_t)negated;
    *found = negated;
    for (int first = 1;; first = 0) {
        uint32_t low, high;
        if (!first && *at < piece.len && piece.ptr[*at] == ']') break;
        if (!class_rune(piece, at, &low)) return 0;
        high = low;
        if (piece.ptr[*at] == '-') {
            (*at)++;
            if (!class_rune(piece, at, &high)) return 0;
        }
        if (low <= rune && rune <= high) *found = !negated;
    }
    (*at)++;
    return 1;
}

/* Match a piece at the start of `name`; `*used` is how much of it. Reads all of the piece, whether
 * it still matches or not: what is malformed is so anywhere. */
static int match_piece(matcher *m, dfl_str piece, dfl_str name, size_t *used) {
    size_t to = 0;
    int same = 1;
    for (size_t at = 0; at < piece.len;) {
        char c = piece.ptr[at++];
        unsigned width = 1;
        uint32_t rune = 0;
        int fits = 1;
        same = same && to < name.len;
        if (same && (c == '[' || c == '?')) rune = dfl__rune(name, to, &width);
        if (c == '[') {
            if (!class_match(piece, &at, rune, &fits)) return m->bad = 1, 0;
        } else if (c == '?') {
            fits = rune != '/';
        } else {
            if (c == '\\' && at == piece.len) return m->bad = 1, 0;
            if (c == '\\') c = piece.ptr[at++];
            fits = same && name.ptr[to] == c;
        }
        same = same && fits;
        to += width;
    }
    *used = to;
    return same;
}

/* Let a star take one character more at a time until the piece behind it matches. */
static int match_star(matcher *m, dfl_str piece, int last, dfl_str name, size_t *used) {
    for (size_t i = 0; i < name.len && name.ptr[i] != '/'; i++) {
        dfl_str rest = dfl__sub(name, i + 1, name.len);
        size_t taken;
        int matched = match_piece(m, piece, rest, &taken);
        if (m->bad) return 0;
        if (!matched || (last && taken < rest.len)) continue;
        *used = i + 1 + taken;
        return 1;
    }
    return 0;
}

int dfl__go_match(dfl_str pattern, dfl_str name) {
    matcher m = {0};
    for (size_t at = 0; at < pattern.len;) {
        int star = pattern.ptr[at] == '*';
        while (at < pattern.len && pattern.ptr[at] == '*')
            at++;
        size_t end = dfl__go_piece_end(pattern, at), used = 0;
        dfl_str piece = dfl__sub(pattern, at, end);
        int last = end == pattern.len;
        if (star && piece.len == 0) return dfl__find(name, '/', 0) == name.len;
        int matched = match_piece(&m, piece, name, &used);
        matched = matched && (used == name.len || !last);
        if (!matched && !m.bad && star) matched = match_star(&m, piece, last, name, &used);
        if (!matched || m.bad) return 0;
        name = dfl__sub(name, used, name.len);
        at = end;
    }
    return name.len == 0;
}

int dfl__go_valid(dfl_str pattern) {
    matcher m = {0};
    for (size_t at = 0; at < pattern.len && !m.bad;) {
        size_t end, used;
        while (at < pattern.len && pattern.ptr[at] == '*')
            at++;
        end = dfl__go_piece_end(pattern, at);
        (void)match_piece(&m, dfl__sub(pattern, at, end), DFL__LIT(""), &used);
        at = end;
    }
    return !m.bad;
}

int dfl__has_wildcards(dfl_str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '*' || c == '?' || c == '[') return 1;
        if (c == '\\') i++;
    }
    return 0;
}

size_t dfl__literal_prefix(dfl_str path) {
    for (size_t at = 0; at < path.len;) {
        size_t end = dfl__find(path, '/', at);
        if (dfl__has_wildcards(dfl__sub(path, at, end))) return at > 0 ? at - 1 : 0;
        at = end + 1;
    }
    return path.len;
}
