/* ignore_pattern.c -- see ignore_pattern.h.
 * Follows moby/patternmatcher, its ignorefile package, and Go's path/filepath.
 * Never judges what the translation leaks: ignore_regexp.c reads it as Go would. */
#include "model/ignore_pattern.h"

#include "model/gomatch.h"

#include <string.h>

#define LONGEST_LINE 65536u /* of BuildKit's reader, the line end included */
#define BOM "\xEF\xBB\xBF"

/* --- lines */

static size_t skip_bom(dfl_str src, size_t start, uint32_t number) {
    int found = number == 0 && dfl__starts(dfl__sub(src, start, src.len), BOM);
    return found ? start + sizeof BOM - 1 : start;
}

/* Bytes of the line [start, end) that hold its pattern; empty when there is none. */
static dfl_str pattern_of(dfl_str src, size_t start, size_t end) {
    dfl_str line = dfl__sub(src, start, end);
    return dfl__starts(line, "#") ? dfl__sub(line, 0, 0) : dfl__trim(line);
}

int dfl__ignore_next(dfl__ignore_reader *reader, dfl__ignore_line *line) {
    while (reader->at < reader->src.len) {
        size_t start = reader->at, end = dfl__find(reader->src, '\n', start);
        uint32_t number = reader->number++;
        reader->at = end == reader->src.len ? end : end + 1;
        line->number = number;
        line->too_long = end - start >= LONGEST_LINE;
        size_t first = skip_bom(reader->src, start, number);
        dfl_str pattern = pattern_of(reader->src, first, end);
        if (line->too_long) pattern = dfl__sub(reader->src, start, end);
        if (pattern.len == 0) continue;
        line->start = (uint32_t)(pattern.ptr - reader->src.ptr);
        line->end = line->start + (uint32_t)pattern.len;
        return 1;
    }
    return 0;
}

/* --- cleaning */

typedef struct {
    char *out;
    size_t len;
    size_t keep; /* what `..` cannot take away */
    int rooted;
} path_builder;

static void add_element(path_builder *path, dfl_str element) {
    if (path->len > (path->rooted ? path->keep : 0)) path->out[path->len++] = '/';
    memmove(path->out + path->len, element.ptr, element.len);
    path->len += element.len;
}

static void go_up(path_builder *path) {
    if (path->len > path->keep) {
        path->len--;
        while (path->len > path->keep && path->out[path->len] != '/')
            path->len--;
    } else if (!path->rooted) {
        add_element(path, DFL__LIT(".."));
        path->keep = path->len;
    }
}

/* Writing never overtakes reading, so that `out` may be the text itself. */
static size_t clean(dfl_str text, path_builder path) {
    for (size_t at = 0; at < text.len;) {
        size_t end = dfl__find(text, '/', at);
        dfl_str element = dfl__sub(text, at, end);
        at = end + 1;
        if (dfl__eqz(element, ".."))
            go_up(&path);
        else if (element.len != 0 && !dfl__eqz(element, "."))
            add_element(&path, element);
    }
    return path.len;
}

size_t dfl__ignore_clean(dfl_str path, char *out) {
    if (dfl__starts(path, "/")) {
        out[0] = '/';
        return clean(path, (path_builder){out, 1, 1, 1});
    }
    size_t len = clean(path, (path_builder){out, 0, 0, 0});
    if (len == 0) out[len++] = '.';
    return len;
}

size_t dfl__ignore_anchor(dfl_str path, char *out) {
    return clean(path, (path_builder){out, 0, 0, 1});
}

size_t dfl__ignore_tidy(dfl_str pattern, char *out) {
    size_t mark = dfl__starts(pattern, "!") ? 1 : 0;
    if (mark != 0) out[0] = '!';
    dfl_str rest = dfl__trim(dfl__sub(pattern, mark, pattern.len));
    if (rest.len == 0) return mark;
    size_t len = dfl__ignore_clean(rest, out + mark);
    if (len > 1 && out[mark] == '/') memmove(out + mark, out + mark + 1, --len);
    return mark + len;
}

/* --- what Go's filepath.Match takes
 *
 * BuildKit matches each pattern against "." to learn whether it is well-formed. That reads the
 * pattern from star to star and gives up at the first piece that does not match: what lies behind
 * it may be malformed. */

/* Read one character of a class; 0 when it cannot stand there or ends the pattern. */
static int class_character(dfl_str piece, size_t *at, uint32_t *rune) {
    if (*at < piece.len && (piece.ptr[*at] == '-' || piece.ptr[*at] == ']')) return 0;
    if (*at < piece.len && piece.ptr[*at] == '\\') (*at)++;
    if (*at >= piece.len) return 0;
    unsigned width;
    *rune = dfl__rune(piece, *at, &width);
    if (*rune == DFL__RUNE_ERROR && width == 1) return 0;
    *at += width;
    return *at < piece.len;
}

/* Step over a class, from behind its `[` to behind its `]`; `*dot` is whether it matches ".". */
static int class_valid(dfl_str piece, size_t *at, int *dot) {
    int negated = *at < piece.len && piece.ptr[*at] == '^';
    *at += (size_t)negated;
    *dot = negated;
    do {
        uint32_t low, high;
        if (!class_character(piece, at, &low)) return 0;
        high = low;
        if (piece.ptr[*at] == '-') {
            (*at)++;
            if (!class_character(piece, at, &high)) return 0;
        }
        if (low <= '.' && '.' <= high) *dot = !negated;
    } while (piece.ptr[*at] != ']');
    (*at)++;
    return 1;
}

typedef enum { PIECE_BAD, PIECE_DIFFERS, PIECE_MATCHES } piece_result;

/* Match a piece without stars at the start of a name, "." or empty; `*dots` is its length, and
 * what of it is left after a match. */
static piece_result match_piece(dfl_str piece, int *dots) {
    int left = *dots, same = 1;
    for (size_t at = 0; at < piece.len;) {
        char c = piece.ptr[at++];
        int dot = c == '.' || c == '?';
        if (c == '[' && !class_valid(piece, &at, &dot)) return PIECE_BAD;
        if (c == '\\') {
            if (at == piece.len) return PIECE_BAD;
            dot = piece.ptr[at++] == '.';
        }
        same = same && left > 0 && dot;
        left = 0;
    }
    if (same) *dots = left;
    return same ? PIECE_MATCHES : PIECE_DIFFERS;
}

int dfl__ignore_valid(dfl_str pattern) {
    int dots = 1; /* length of what is left of "." */
    for (size_t at = 0; at < pattern.len;) {
        int star = pattern.ptr[at] == '*';
        while (at < pattern.len && pattern.ptr[at] == '*')
            at++;
        size_t end = dfl__go_piece_end(pattern, at);
        if (star && end == at) return 1;
        /* A star that took the dot would leave nothing for the piece: no second try. */
        piece_result result = match_piece(dfl__sub(pattern, at, end), &dots);
        if (result == PIECE_BAD) return 0;
        if (result == PIECE_DIFFERS || (dots > 0 && end == pattern.len)) return 1;
        at = end;
    }
    return 1;
}

/* --- translation */

#define END UINT32_MAX
#define BOM_RUNE 0xFEFFu

typedef struct {
    dfl_str text;
    size_t at;
    dfl__ignore_kind kind;
    dfl__buf *out;
} translator;

static uint32_t peek(const translator *t) {
    unsigned width;
    return t->at < t->text.len ? dfl__rune(t->text, t->at, &width) : END;
}

static uint32_t next(translator *t) {
    unsigned width;
    uint32_t rune = dfl__rune(t->text, t->at, &width);
    t->at += width;
    return rune;
}

static void special(translator *t, const char *expression) {
    dfl__buf_addz(t->out, expression);
    t->kind = DFL__IGNORE_REGEXP;
}

/* Behind `**`. The kind of a pattern that begins so is "suffix", whatever this one is. */
static void two_stars(translator *t, int first) {
    if (peek(t) == '/') next(t);
    if (peek(t) != END)
        special(t, "(.*/)?");
    else if (t->kind == DFL__IGNORE_EXACT)
        t->kind = DFL__IGNORE_PREFIX;
    else
        special(t, ".*");
    if (first) t->kind = DFL__IGNORE_SUFFIX;
}

static void escaped(translator *t) {
    dfl__buf_addc(t->out, '\\');
    if (peek(t) == END) return;
    dfl__buf_rune(t->out, next(t));
    t->kind = DFL__IGNORE_REGEXP;
}

/* The characters that BuildKit escapes; it means to do so with `{`, `|` and `}` as well. */
static int is_escaped(uint32_t rune) {
    return rune == '.' || rune == '+' || rune == '(' || rune == ')' || rune == '$';
}

static void translate_one(translator *t, int first) {
    uint32_t rune = next(t);
    if (rune == '*' && peek(t) == '*') {
        next(t);
        two_stars(t, first);
    } else if (rune == '*') {
        special(t, "[^/]*");
    } else if (rune == '?') {
        special(t, "[^/]");
    } else if (rune == '\\') {
        escaped(t);
    } else {
        if (is_escaped(rune)) dfl__buf_addc(t->out, '\\');
        dfl__buf_rune(t->out, rune);
        if (rune == '[' || rune == ']') t->kind = DFL__IGNORE_REGEXP;
    }
}

dfl__ignore_kind dfl__ignore_translate(dfl_str pattern, dfl__buf *out) {
    translator t = {pattern, 0, DFL__IGNORE_EXACT, out};
    dfl__buf_addc(out, '^');
    if (peek(&t) == BOM_RUNE) next(&t); /* as Go's text/scanner */
    for (int first = 1; peek(&t) != END; first = 0)
        translate_one(&t, first);
    if (t.kind == DFL__IGNORE_REGEXP) dfl__buf_addc(out, '$');
    return t.kind;
}
