/* quote.c -- see quote.h.
 * Relies on the rules of specification sections 1.4, 1.7, 1.8, 1.9 and 3.
 * Never quotes what can stand bare, unless what it replaces was quoted. */
#include "edit/quote.h"

/* How a text is protected; quotes are their own character. */
typedef enum { BARE = 0, ESCAPED = 1, DOUBLE = '"', SINGLE = '\'' } style;

/* One level of quoting: the word lexer's, or the flag lexer's around it. */
typedef struct {
    unsigned char escape;
    int no_escape;
    const char *special;   /* bytes with a meaning outside quotes, beside the escape character */
    const char *in_double; /* bytes with a meaning inside double quotes, beside `"` and escape */
    int escape_in_single;  /* the escape character works inside single quotes */
    int spaces;            /* 1: white space anywhere needs protection; 2: at the ends only */
} level;

static int has_byte(dfl_str s, const char *set) {
    for (; *set != '\0'; set++) {
        if (dfl__find(s, *set, 0) < s.len) return 1;
    }
    return 0;
}

static int has_char(dfl_str s, unsigned char c) {
    return dfl__find(s, (char)c, 0) < s.len;
}

static int is_valid_utf8(dfl_str s) {
    unsigned width;
    for (size_t at = 0; at < s.len; at += width) {
        if (dfl__rune(s, at, &width) == DFL__RUNE_ERROR && width == 1) return 0;
    }
    return 1;
}

static int has_space(dfl_str s) {
    unsigned width;
    for (size_t at = 0; at < s.len; at += width) {
        if (dfl__is_unicode_space(dfl__rune(s, at, &width))) return 1;
    }
    return 0;
}

/* Whether the first character has a meaning only because it comes first. */
static int odd_start(dfl_str s, const dfl__place *place) {
    if (place->line_start && dfl__starts(s, "#")) return 1;
    if (place->first && (dfl__starts(s, "--") || dfl__starts(s, "["))) return 1;
    if (place->lexing == DFL__LEX_FLAG || place->lexing == DFL__LEX_WORDS) return 0;
    return dfl__looks_like_heredoc(s);
}

static int needs_protection(dfl_str s, const level *lv) {
    if (has_byte(s, lv->special) || has_char(s, lv->escape)) return 1;
    if (lv->no_escape && has_char(s, '\\')) return 1;
    if (lv->spaces == 1) return has_space(s);
    return lv->spaces == 2 && (dfl__space_prefix(s) > 0 || dfl__space_suffix(s) > 0);
}

/* Whether the style can hold the text at all. */
static int style_holds(dfl_str s, const level *lv, style st) {
    int can_escape = !lv->no_escape;
    switch (st) {
    case BARE: return 1;
    case ESCAPED: return can_escape && s.len > 0 && dfl__space_suffix(s) == 0;
    case DOUBLE:
        return can_escape || !(has_char(s, '"') || has_byte(s, lv->in_double) ||
                               has_char(s, lv->escape) || has_char(s, '\\'));
    case SINGLE:
        if (!lv->escape_in_single) return !has_char(s, '\'');
        return can_escape || !(has_char(s, '\'') || has_char(s, lv->escape) || has_char(s, '\\'));
    }
    return 0;
}

/* The style of the text that is there now. */
static style style_of(dfl_str s, unsigned char escape) {
    if (s.len >= 2 && s.ptr[0] == s.ptr[s.len - 1]) {
        if (s.ptr[0] == '"') return DOUBLE;
        if (s.ptr[0] == '\'') return SINGLE;
    }
    return has_char(s, escape) ? ESCAPED : BARE;
}

/* The style to write in: the present one where it can be kept; for a bare text that needs quotes,
 * those that need no escapes. 0 when no style holds the text. */
static int choose_style(dfl_str s, const level *lv, style now, int protect, style *out) {
    int busy = has_char(s, '"') || has_byte(s, lv->in_double) || has_char(s, lv->escape);
    style order[4] = {now, DOUBLE, SINGLE, ESCAPED};
    if (now == BARE || now == ESCAPED) {
        if (!protect) {
            *out = BARE;
            return 1;
        }
        order[1] = busy && !has_char(s, '\'') ? SINGLE : DOUBLE;
        order[2] = order[1] == SINGLE ? DOUBLE : SINGLE;
        if (now == BARE) order[0] = order[1];
    }
    for (size_t i = 0; i < 4; i++) {
        *out = order[i];
        if (style_holds(s, lv, order[i])) return 1;
    }
    return 0;
}

/* Whether the character at `at` needs an escape character before it. */
static int needs_escape(dfl_str s, size_t at, uint32_t rune, const level *lv, style st, int odd) {
    char c = s.ptr[at];
    const dfl_str one = {&c, 1};
    switch (st) {
    case BARE: return 0;
    case SINGLE: return lv->escape_in_single && (c == '\'' || rune == lv->escape);
    case DOUBLE: return c == '"' || rune == lv->escape || has_byte(one, lv->in_double);
    case ESCAPED:
        if (rune == lv->escape || has_byte(one, lv->special)) return 1;
        if (at == 0 && odd) return 1;
        return dfl__is_unicode_space(rune) && (lv->spaces == 1 || at == 0);
    }
    return 0;
}

/* Append `s` at one level of quoting; 0 when it cannot be written. `odd` demands protection. */
static int protect(dfl_str s, const level *lv, style now, int odd, dfl__buf *out) {
    style st;
    unsigned width;
    if (!choose_style(s, lv, now, odd || needs_protection(s, lv), &st)) return 0;
    if (st == DOUBLE || st == SINGLE) dfl__buf_addc(out, (char)st);
    for (size_t at = 0; at < s.len; at += width) {
        uint32_t rune = dfl__rune(s, at, &width);
        if (needs_escape(s, at, rune, lv, st, odd)) dfl__buf_addc(out, (char)lv->escape);
        dfl__buf_add(out, dfl__sub(s, at, at + width));
    }
    if (st == DOUBLE || st == SINGLE) dfl__buf_addc(out, (char)st);
    return 1;
}

static int has_list_space(dfl_str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (dfl__is_list_space((unsigned char)s.ptr[i])) return 1;
    }
    return 0;
}

/* A value that is expanded: quoted for the word lexer. */
static int quote_word(dfl_str value, const dfl__place *place, dfl_str now, dfl__buf *out) {
    const level lv = {place->escape,
                      place->no_escape,
                      "'\"$",
                      "$",
                      0,
                      place->lexing == DFL__LEX_WORDS || place->expansion == DFL__EXPAND_SPLIT ? 1
                                                                                               : 2};
    int odd = odd_start(value, place) || dfl__starts(value, "\xEF\xBB\xBF");
    if (!is_valid_utf8(value)) return 0;
    if (place->lexing != DFL__LEX_JSON && has_byte(value, "\r\n")) return 0;
    if (place->lexing == DFL__LEX_LIST && has_list_space(value)) return 0;
    if (value.len == 0) {
        if (place->expansion == DFL__EXPAND_SPLIT) return 0;
        odd = place->lexing == DFL__LEX_LIST || place->lexing == DFL__LEX_LINE;
    }
    return protect(value, &lv, style_of(now, place->escape), odd, out);
}

/* A value that is used as it is: it can be written or it cannot. */
static int write_plain(dfl_str value, const dfl__place *place, dfl__buf *out) {
    size_t n = value.len;
    if (n == 0 || has_byte(value, "\r\n") || odd_start(value, place)) return 0;
    if (dfl__space_prefix(value) > 0 || dfl__space_suffix(value) > 0) return 0;
    if (place->lexing == DFL__LEX_LIST && has_list_space(value)) return 0;
    int escapes = (unsigned char)value.ptr[n - 1] == place->escape &&
                  (n == 1 || (unsigned char)value.ptr[n - 2] != place->escape);
    if (escapes) return 0; /* it would continue the line */
    dfl__buf_add(out, value);
    return 1;
}

static int write_directive(dfl_str value, dfl__buf *out) {
    if (value.len == 0 || has_byte(value, "\r\n")) return 0;
    if (dfl__is_regexp_space((unsigned char)value.ptr[0]) ||
        dfl__is_regexp_space((unsigned char)value.ptr[value.len - 1]))
        return 0;
    dfl__buf_add(out, value);
    return 1;
}

/* The flag lexer works on bytes, and turns those from 0x80 on into something else. */
static int quote_flag(dfl_str value, const dfl__place *place, dfl_str now, dfl__buf *out) {
    const level lv = {place->escape, place->no_escape, "'\" \t\v\f", "", 1, 0};
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.ptr[i] >= 0x80) return 0;
    }
    if (has_byte(value, "\r\n")) return 0;
    int odd = place->line_start && dfl__starts(value, "#");
    return protect(value, &lv, style_of(now, place->escape), odd, out);
}

static int quote_json(dfl_str value, dfl__buf *out) {
    static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt",
                      hex[] = "0123456789abcdef";
    if (!is_valid_utf8(value)) return 0;
    dfl__buf_addc(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        size_t at = dfl__find(DFL__LIT(named), (char)c, 0);
        if (at < sizeof letters - 1) {
            dfl__buf_addc(out, '\\');
            dfl__buf_addc(out, letters[at]);
        } else if (c < 0x20) {
            dfl__buf_addz(out, "\\u00");
            dfl__buf_addc(out, hex[c >> 4]);
            dfl__buf_addc(out, hex[c & 15]);
        } else {
            dfl__buf_addc(out, (char)c);
        }
    }
    dfl__buf_addc(out, '"');
    return 1;
}

/* --- heredoc bodies */

/* The line at `at` with its line end. */
static dfl_str line_at(dfl_str s, size_t at) {
    size_t end = dfl__find(s, '\n', at);
    return dfl__sub(s, at, end < s.len ? end + 1 : end);
}

static size_t leading_tabs(dfl_str line) {
    size_t n = 0;
    while (n < line.len && line.ptr[n] == '\t')
        n++;
    return n;
}

static dfl_str without_line_end(dfl_str line) {
    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    return line;
}

/* Tabs that all lines with content begin with: the body's own indentation. */
static size_t common_tabs(dfl_str body) {
    size_t least = SIZE_MAX;
    for (size_t at = 0; at < body.len;) {
        dfl_str line = line_at(body, at);
        size_t tabs = leading_tabs(line);
        at += line.len;
        if (without_line_end(line).len > tabs && tabs < least) least = tabs;
    }
    return least == SIZE_MAX ? 0 : least;
}

/* Add a line of the value; 0 when it would close the heredoc or lose its own tabs. */
static int add_body_line(dfl_str line, const dfl__place *place, dfl_str name, size_t tabs,
                         dfl__buf *out) {
    size_t start = out->len;
    if (place->chomp && leading_tabs(line) > 0) return 0;
    if (without_line_end(line).len > 0) {
        for (size_t i = 0; i < tabs; i++)
            dfl__buf_addc(out, '\t');
        start += tabs;
    }
    for (size_t i = 0; i < line.len; i++) {
        int escape = line.ptr[i] == '\\' || line.ptr[i] == '$';
        if (escape && place->expansion == DFL__EXPAND_BODY) dfl__buf_addc(out, '\\');
        dfl__buf_addc(out, line.ptr[i]);
    }
    if (out->failed != DFL_OK) return 1;
    return !dfl__eq(without_line_end(dfl__sub(dfl__buf_str(out), start, out->len)), name);
}

static int quote_body(const dfl_doc *doc, uint32_t node, const dfl__place *place, dfl_str value,
                      dfl__buf *out) {
    uint32_t heredoc = doc->nodes.items[node].parent;
    dfl_range range = dfl__node_range(doc, node);
    dfl_str before = dfl__sub(doc->source, 0, range.start);
    dfl_str name = dfl__node_value(doc, heredoc);
    size_t tabs = place->chomp ? common_tabs(dfl__node_value(doc, node)) : 0;
    if (place->expansion == DFL__EXPAND_BODY) {
        if (!is_valid_utf8(value)) return 0;
        if (dfl__starts(value, "\xEF\xBB\xBF")) return 0;
    }
    for (size_t at = 0; at < value.len;) {
        dfl_str line = line_at(value, at);
        if (!add_body_line(line, place, name, tabs, out)) return 0;
        at += line.len;
    }
    if (value.len > 0 && value.ptr[value.len - 1] != '\n')
        dfl__buf_addz(out, dfl__ends(before, "\r\n") ? "\r\n" : "\n");
    return 1;
}

/* --- */

/* A value that passes two levels: the word lexer's, then that of the flag or the JSON string. */
static int quote_nested(const dfl_doc *doc, uint32_t node, const dfl__place *place, dfl_str value,
                        dfl__buf *out) {
    dfl_range range = dfl__node_range(doc, node);
    dfl_str text = dfl__sub(doc->source, range.start, range.end);
    dfl__buf word;
    int done = 1;
    dfl__buf_init(&word, &out->alloc, 0);
    if (place->expansion == DFL__EXPAND_WORD) {
        done = quote_word(value, place, dfl__node_value(doc, node), &word);
        value = dfl__buf_str(&word);
    } else if (place->expansion == DFL__EXPAND_REFUSED) {
        done = !has_byte(value, "'\"$") && !has_char(value, place->escape);
    }
    if (done) {
        done = place->lexing == DFL__LEX_JSON ? quote_json(value, out)
                                              : quote_flag(value, place, text, out);
    }
    if (word.failed != DFL_OK) out->failed = word.failed;
    dfl__buf_free(&word);
    return done;
}

dfl_status dfl__quote(const dfl_doc *doc, uint32_t node, const dfl__place *place, dfl_str value,
                      dfl__buf *out) {
    int done = 0;
    switch (place->lexing) {
    case DFL__LEX_WORDS:
    case DFL__LEX_LIST:
    case DFL__LEX_LINE:
        done = place->expansion == DFL__EXPAND_NONE
                   ? write_plain(value, place, out)
                   : quote_word(value, place, dfl__node_value(doc, node), out);
        break;
    case DFL__LEX_FLAG:
    case DFL__LEX_JSON: done = quote_nested(doc, node, place, value, out); break;
    case DFL__LEX_DIRECTIVE: done = write_directive(value, out); break;
    case DFL__LEX_BODY: done = quote_body(doc, node, place, value, out); break;
    }
    if (out->failed != DFL_OK) return out->failed;
    if (done && place->lexing != DFL__LEX_BODY)
        done = dfl__place_keeps_heredocs(doc, node, dfl__buf_str(out));
    if (done < 0) return DFL_E_NOMEM;
    return done ? DFL_OK : DFL_E_UNSUPPORTED;
}
