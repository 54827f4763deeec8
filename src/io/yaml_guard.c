/* yaml_guard.c -- what must hold of a text before libfyaml may see it.
 * Relies on dfl__rune for the rules of UTF-8.
 * Never parses: it follows quotes, comments, block texts and brackets just as far as it must to
 * know where a node starts. */
#include "io/yaml.h"

#include <string.h>

#define NO_BLOCK UINT32_MAX

typedef struct {
    dfl_str text;
    const dfl__yaml_options *options;
    dfl_io_error *error;
    size_t at;          /* next byte */
    size_t line_start;  /* offset of this line */
    uint32_t line;      /* 1-based */
    uint32_t blank;     /* blank lines in a row before this one */
    uint32_t depth;     /* of brackets */
    size_t owner;       /* column of the key or dash that a block text here would belong to */
    char quote;         /* inside a quoted text: its quote, else 0 */
    int block;          /* inside a block text ... */
    int block_is_empty; /* ... of which only the head has come so far ... */
    size_t block_owner; /* ... and that goes on while lines are indented deeper than this */
} guard;

static dfl_status refuse(const guard *g, size_t at, const char *why) {
    dfl__place place = {g->options->path, g->line, (uint32_t)(at - g->line_start) + 1};
    return dfl__io_fail(g->error, DFL_E_FORMAT, place, "%s", why);
}

static size_t line_end(const guard *g) {
    return dfl__find(g->text, '\n', g->line_start);
}

static int is_blank_char(char c) {
    return c == ' ' || c == '\t';
}

/* Whether the byte at `at` ends a word: a blank, a line end or the end of the text. */
static int is_gap(const guard *g, size_t at) {
    return at >= g->text.len || is_blank_char(g->text.ptr[at]) || g->text.ptr[at] == '\n' ||
           g->text.ptr[at] == '\r';
}

static int is_flow_char(char c) {
    return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

/* Bytes that are allowed at all: UTF-8, no control characters but TAB, LF and CR before LF. */
static dfl_status check_rune(const guard *g, size_t at, size_t end, unsigned *width) {
    uint32_t rune = dfl__rune(g->text, at, width);
    if (rune == DFL__RUNE_ERROR && *width == 1)
        return refuse(g, at, "this byte is not UTF-8; save the file as UTF-8");
    if (rune == 0) return refuse(g, at, "NUL byte; save the file as UTF-8 text");
    if (rune == '\r' && at + 1 != end)
        return refuse(g, at, "carriage return inside a line; end lines with LF or CR LF");
    if ((rune < 0x20 && rune != '\t' && rune != '\r') || (rune >= 0x7F && rune < 0xA0))
        return refuse(g, at, "control character; remove it, or write it as an escape in \"...\"");
    if (rune == 0xFEFF) return refuse(g, at, "byte order mark inside the text; remove it");
    return DFL_OK;
}

static dfl_status check_line(guard *g) {
    size_t end = line_end(g);
    if (!g->options->json && end - g->line_start > DFL__YAML_MAX_LINE_BYTES)
        return refuse(g, g->line_start, "line longer than 65536 bytes; break it");
    int blank = 1;
    unsigned width;
    for (size_t at = g->line_start; at < end; at += width) {
        dfl_status status = check_rune(g, at, end, &width);
        if (status != DFL_OK) return status;
        char c = g->text.ptr[at];
        blank = blank && (is_blank_char(c) || c == '\r');
    }
    g->blank = blank ? g->blank + 1 : 0;
    if (g->blank > DFL__YAML_MAX_BLANK_LINES)
        return refuse(g, g->line_start, "more than 256 blank lines in a row; remove some");
    if (end > g->line_start && g->text.ptr[g->line_start] == '%')
        return refuse(g, g->line_start, "directives (`%`) are not supported; remove the line");
    return DFL_OK;
}

/* A doubled quote has just been passed. libfyaml 0.7.12 reads two in a row as three. */
static int is_doubled_again(const guard *g, size_t end) {
    return end - g->at >= 2 && g->text.ptr[g->at] == '\'' && g->text.ptr[g->at + 1] == '\'';
}

/* Move past the rest of a quoted text on this line. What follows its closing quote must be a gap or
 * an indicator. */
static dfl_status skip_quoted(guard *g, size_t end) {
    while (g->at < end) {
        char c = g->text.ptr[g->at++];
        if (c == '\\' && g->quote == '"') {
            if (g->at < end) g->at++;
        } else if (c == '\'' && c == g->quote && g->at < end && g->text.ptr[g->at] == c) {
            g->at++;
            if (is_doubled_again(g, end))
                return refuse(g, g->at, "doubled quotes in a row; put the text in \"...\"");
        } else if (c == g->quote) {
            g->quote = 0;
            char next = (char)(g->at < end ? g->text.ptr[g->at] : '\n');
            if (is_gap(g, g->at) || next == ':' || is_flow_char(next)) return DFL_OK;
            return refuse(g, g->at, "text right after a closing quote; quote all of it");
        }
    }
    return DFL_OK;
}

/* Move past a plain text: up to `: `, ` #`, the line's end or, in brackets, an indicator. */
static void skip_plain(guard *g, size_t end) {
    while (g->at < end) {
        char c = g->text.ptr[g->at];
        if (c == ':' &&
            (is_gap(g, g->at + 1) || (g->depth > 0 && is_flow_char(g->text.ptr[g->at + 1]))))
            return;
        if (c == '#' && is_blank_char(g->text.ptr[g->at - 1])) return;
        if (g->depth > 0 && is_flow_char(c)) return;
        g->at++;
    }
}

static dfl_status open_bracket(guard *g) {
    if (++g->depth > DFL__YAML_MAX_DEPTH)
        return refuse(g, g->at, "nested deeper than 32 levels; flatten it");
    g->at++;
    return DFL_OK;
}

static dfl_status node_start(guard *g, size_t end) {
    char c = g->text.ptr[g->at];
    if (c == '&' || c == '*' || c == '!')
        return refuse(g, g->at,
                      "anchors (`&`), aliases (`*`) and tags (`!`) are not supported; "
                      "put a text that begins so in quotes");
    if ((c == '|' || c == '>') && g->depth == 0) {
        g->block = g->block_is_empty = 1;
        g->block_owner = g->owner;
        g->at = end;
        return DFL_OK;
    }
    if (c == '"' || c == '\'') {
        g->owner = g->at - g->line_start + 1;
        g->quote = c;
        g->at++;
        return skip_quoted(g, end);
    }
    g->owner = g->at - g->line_start + 1;
    g->at++;
    skip_plain(g, end);
    return DFL_OK;
}

/* One token at a place that is neither inside a quoted nor inside a block text. */
static dfl_status step(guard *g, size_t end) {
    char c = g->text.ptr[g->at];
    size_t column = g->at - g->line_start;
    if (is_blank_char(c) || c == '\r' || c == ':' || (c == ',' && g->depth > 0)) {
        g->at++;
    } else if (c == '#' && (column == 0 || is_blank_char(g->text.ptr[g->at - 1]))) {
        g->at = end;
    } else if (c == '[' || c == '{') {
        return open_bracket(g);
    } else if (c == ']' || c == '}') {
        g->depth -= g->depth > 0;
        g->at++;
    } else if ((c == '-' || c == '?') && is_gap(g, g->at + 1)) {
        g->owner = column + 1;
        g->at++;
    } else {
        return node_start(g, end);
    }
    return DFL_OK;
}

/* Whether this line belongs to the block text that is open: blank, or indented deeper. libfyaml
 * 0.7.12 takes the lines after a block text without lines for its own. */
static dfl_status follow_block(guard *g, size_t end) {
    size_t at = g->line_start;
    while (at < end && g->text.ptr[at] == ' ')
        at++;
    if (is_gap(g, at)) return DFL_OK;
    if (at - g->line_start >= g->block_owner) {
        g->block_is_empty = 0;
        return DFL_OK;
    }
    g->block = 0;
    if (!g->block_is_empty) return DFL_OK;
    return refuse(g, at, "the block text above has no lines; indent them, or write \"\" instead");
}

static dfl_status scan_line(guard *g) {
    dfl_status status = check_line(g);
    if (status != DFL_OK) return status;
    size_t end = line_end(g);
    g->at = g->line_start;
    if (g->block) status = follow_block(g, end);
    if (g->block || status != DFL_OK) return status;
    if (g->depth == 0) g->owner = 0;
    if (g->quote != 0) status = skip_quoted(g, end);
    while (status == DFL_OK && g->at < end && g->quote == 0)
        status = step(g, end);
    return status;
}

/* libfyaml 0.7.12 looks at the blanks behind a JSON text once for each of them. */
static dfl_str without_blank_end(dfl_str text) {
    while (text.len > 0 && strchr(" \t\r\n", text.ptr[text.len - 1]) != NULL)
        text.len--;
    return text;
}

dfl_status dfl__yaml_guard(dfl_str bytes, const dfl__yaml_options *options, dfl_str *body,
                           dfl_io_error *error) {
    if (bytes.len > options->max_bytes)
        return dfl__io_fail(error, DFL_E_LIMIT, (dfl__place){options->path, 0, 0},
                            "larger than %zu bytes; split it", options->max_bytes);
    if (dfl__starts(bytes, "\xEF\xBB\xBF")) bytes = dfl__sub(bytes, 3, bytes.len);
    guard g = {.text = bytes, .options = options, .error = error, .line = 1};
    while (g.line_start < bytes.len) {
        dfl_status status = scan_line(&g);
        if (status != DFL_OK) return status;
        g.line_start = line_end(&g) + 1;
        g.line++;
    }
    *body = options->json ? without_blank_end(bytes) : bytes;
    return DFL_OK;
}
