/* features_word.c -- what single words ask of a frontend: modifiers of variables, kinds of sources.
 * Relies on features.h. Language specification, sections 2.2.2, 3 and 11.
 * Never expands anything; a malformed word is read as far as it makes sense. */
#include <string.h>

#include "model/features.h"
#include "model/remote.h"
#include "syntax/word.h"

#define DEPTH_MAX 64u /* of quotes and braces in each other: as deep as expansion goes */

typedef struct {
    dfl_str text;
    size_t at;
    unsigned char escape;
    int heredoc;
    char open[DEPTH_MAX]; /* `"` or `{` */
    uint32_t depth;
    dfl__word_traits traits;
} reader;

static int at_char(const reader *r, char c) {
    return r->at < r->text.len && r->text.ptr[r->at] == c;
}

static int is_open(const reader *r, char c) {
    return r->depth > 0 && r->open[r->depth - 1] == c;
}

/* Past the limit the rest is not read: such a word does not expand either. */
static void open_one(reader *r, char c) {
    if (r->depth == DEPTH_MAX)
        r->at = r->text.len;
    else
        r->open[r->depth++] = c;
}

static dfl_str take_name(reader *r) {
    size_t start = r->at;
    r->at = dfl__name_end(r->text, start);
    return dfl__sub(r->text, start, r->at);
}

static void note_name(reader *r, dfl_str name) {
    r->traits.variables |= name.len != 0;
    r->traits.target_stage |= dfl__eqz(name, "TARGETSTAGE");
    r->traits.os_version |= dfl__eqz(name, "TARGETOSVERSION") || dfl__eqz(name, "BUILDOSVERSION");
}

/* Behind the name of `${name`. */
static void take_modifier(reader *r) {
    int colon = at_char(r, ':');
    r->at += (size_t)colon;
    if (r->at == r->text.len) return;
    char c = r->text.ptr[r->at];
    if (c == '?') r->traits.required = 1;
    if (!colon && (c == '-' || c == '+')) r->traits.unset = 1;
    if (!colon && (c == '#' || c == '%' || c == '/')) r->traits.pattern = 1;
    if (c != '}') r->at++;
}

/* Behind `$`. */
static void take_variable(reader *r) {
    if (!at_char(r, '{')) {
        note_name(r, take_name(r));
        return;
    }
    r->at++;
    open_one(r, '{');
    note_name(r, take_name(r));
    r->traits.variables = 1; /* the name may be empty: `${+x}` */
    take_modifier(r);
}

static void take_quote(reader *r, char c) {
    if (c == '\'' && is_open(r, '"')) return;
    if (c == '\'') {
        r->at = dfl__find(r->text, '\'', r->at);
        if (r->at < r->text.len) r->at++;
    } else if (is_open(r, '"')) {
        r->depth--;
    } else {
        open_one(r, '"');
    }
}

dfl__word_traits dfl__word_traits_of(dfl_str text, unsigned char escape, int heredoc) {
    reader r = {.text = text, .escape = heredoc ? '\\' : escape, .heredoc = heredoc};
    while (r.at < text.len) {
        char c = text.ptr[r.at++];
        if ((unsigned char)c == r.escape) {
            if (r.at < text.len) r.at++;
        } else if (c == '$') {
            take_variable(&r);
        } else if (c == '}' && is_open(&r, '{')) {
            r.depth--;
        } else if ((c == '"' || c == '\'') && !heredoc) {
            take_quote(&r, c);
        }
    }
    return r.traits;
}

/* --- sources of ADD */

/* Whether the path of the URL, up to `?` or `#`, ends in .git. */
static int is_git_path(dfl_str url) {
    size_t query = dfl__find(url, '?', 0), fragment = dfl__find(url, '#', 0);
    return dfl__ends(dfl__sub(url, 0, query < fragment ? query : fragment), ".git");
}

int dfl__is_git_source(dfl_str text) {
    dfl_str scheme = dfl__url_scheme(text);
    if (dfl__starts(text, "./") || dfl__starts(text, "../") || dfl__starts(text, "github.com/"))
        return 0;
    if (scheme.len == 0) return dfl__scp_path(text) > 0;
    if (dfl__ieqz(scheme, "ssh") || dfl__ieqz(scheme, "git")) return 1;
    return (dfl__ieqz(scheme, "http") || dfl__ieqz(scheme, "https")) && is_git_path(text);
}
