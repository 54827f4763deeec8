/* place.c -- see place.h.
 * Relies on BuildKit's word lexer in syntax/word.h.
 * Never guesses: a text that depends on a variable has no literal. */
#include "edit/place.h"

#include "syntax/origin.h"
#include "syntax/word.h"

/* Arguments of an instruction. Kinds that are not listed have none that can be set. */
static const struct {
    uint16_t kind;
    dfl__lexing lexing;
    dfl__expansion word; /* of WORD, and of VALUE in pairs */
    dfl__expansion json; /* of JSON_STRING */
} arguments[] = {
    {DFL_NODE_ADD, DFL__LEX_LIST, DFL__EXPAND_WORD, DFL__EXPAND_WORD},
    {DFL_NODE_ARG, DFL__LEX_WORDS, DFL__EXPAND_WORD, DFL__EXPAND_NONE},
    {DFL_NODE_CMD, DFL__LEX_LINE, DFL__EXPAND_NONE, DFL__EXPAND_NONE},
    {DFL_NODE_COPY, DFL__LEX_LIST, DFL__EXPAND_WORD, DFL__EXPAND_WORD},
    {DFL_NODE_ENTRYPOINT, DFL__LEX_LINE, DFL__EXPAND_NONE, DFL__EXPAND_NONE},
    {DFL_NODE_ENV, DFL__LEX_WORDS, DFL__EXPAND_WORD, DFL__EXPAND_NONE},
    {DFL_NODE_EXPOSE, DFL__LEX_LIST, DFL__EXPAND_SPLIT, DFL__EXPAND_NONE},
    {DFL_NODE_FROM, DFL__LEX_LIST, DFL__EXPAND_WORD, DFL__EXPAND_NONE},
    {DFL_NODE_HEALTHCHECK, DFL__LEX_LIST, DFL__EXPAND_NONE, DFL__EXPAND_NONE},
    {DFL_NODE_LABEL, DFL__LEX_WORDS, DFL__EXPAND_WORD, DFL__EXPAND_NONE},
    {DFL_NODE_MAINTAINER, DFL__LEX_LINE, DFL__EXPAND_NONE, DFL__EXPAND_NONE},
    {DFL_NODE_RUN, DFL__LEX_LINE, DFL__EXPAND_NONE, DFL__EXPAND_NONE},
    {DFL_NODE_SHELL, DFL__LEX_LINE, DFL__EXPAND_NONE, DFL__EXPAND_NONE},
    {DFL_NODE_STOPSIGNAL, DFL__LEX_LINE, DFL__EXPAND_WORD, DFL__EXPAND_NONE},
    {DFL_NODE_USER, DFL__LEX_LINE, DFL__EXPAND_WORD, DFL__EXPAND_NONE},
    {DFL_NODE_VOLUME, DFL__LEX_LIST, DFL__EXPAND_WORD, DFL__EXPAND_WORD},
    {DFL_NODE_WORKDIR, DFL__LEX_LINE, DFL__EXPAND_WORD, DFL__EXPAND_NONE},
};
#define ARGUMENTS (sizeof arguments / sizeof *arguments)

/* Flags whose value does not stay as it is. */
static const struct {
    const char *name;
    uint16_t kind;
    dfl__expansion expansion;
} flags[] = {
    {"chown", DFL_NODE_ADD, DFL__EXPAND_WORD},    {"chmod", DFL_NODE_ADD, DFL__EXPAND_WORD},
    {"checksum", DFL_NODE_ADD, DFL__EXPAND_WORD}, {"chown", DFL_NODE_COPY, DFL__EXPAND_WORD},
    {"chmod", DFL_NODE_COPY, DFL__EXPAND_WORD},   {"platform", DFL_NODE_FROM, DFL__EXPAND_WORD},
    {"from", DFL_NODE_COPY, DFL__EXPAND_REFUSED}, {"mount", DFL_NODE_RUN, DFL__EXPAND_REFUSED},
};
#define FLAGS (sizeof flags / sizeof *flags)

static const dfl_node_rec *record(const dfl_doc *doc, uint32_t node) {
    return &doc->nodes.items[node];
}

static uint32_t kind_of(const dfl_doc *doc, uint32_t node) {
    return record(doc, node)->kind;
}

/* The nearest instruction above the node, 0 when there is none. */
static uint32_t instruction_of(const dfl_doc *doc, uint32_t node) {
    while (node != 0 && !dfl__kind_is_instruction(kind_of(doc, node)))
        node = record(doc, node)->parent;
    return node;
}

/* The instruction that is carried out: past ONBUILD, to the trigger. */
static uint32_t trigger_of(const dfl_doc *doc, uint32_t instruction) {
    while (kind_of(doc, instruction) == DFL_NODE_ONBUILD) {
        uint32_t child = dfl__node_first(doc, instruction);
        while (child != 0 && !dfl__kind_is_instruction(kind_of(doc, child)))
            child = record(doc, child)->next;
        if (child == 0) break;
        instruction = child;
    }
    return instruction;
}

static int starts_line(const dfl_doc *doc, uint32_t at) {
    while (at > 0 && (doc->source.ptr[at - 1] == ' ' || doc->source.ptr[at - 1] == '\t'))
        at--;
    return at == 0 || doc->source.ptr[at - 1] == '\n';
}

/* Whether a quote is open at the end of a name: then the value behind it is part of a quoted run
 * and cannot be written alone. */
static int quote_open(dfl_str name, unsigned char escape) {
    char quote = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if ((unsigned char)c == escape && quote != '\'') {
            i++;
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        }
    }
    return quote != 0;
}

static int flag_place(const dfl_doc *doc, uint32_t flag, uint32_t kind, dfl__place *place) {
    uint32_t name = dfl__node_child(doc, flag, DFL_NODE_NAME);
    dfl_range range = dfl__node_range(doc, name);
    dfl_str text = dfl__sub(doc->source, range.start, range.end);
    place->lexing = DFL__LEX_FLAG;
    for (size_t i = 0; i < FLAGS; i++) {
        if (flags[i].kind == kind && dfl__eqz(dfl__node_value(doc, name), flags[i].name))
            place->expansion = flags[i].expansion;
    }
    return dfl__find(text, '"', 0) == text.len && dfl__find(text, '\'', 0) == text.len &&
           dfl__find(text, (char)doc->escape, 0) == text.len;
}

static int value_place(const dfl_doc *doc, uint32_t node, uint32_t kind, dfl__place *place) {
    uint32_t parent = record(doc, node)->parent;
    if (kind_of(doc, parent) == DFL_NODE_FLAG) return flag_place(doc, parent, kind, place);
    if (kind_of(doc, parent) != DFL_NODE_PAIR) return 0;
    if (record(doc, parent)->flags & DFL_NODE_F_LEGACY) {
        place->lexing = DFL__LEX_LINE;
        return 1;
    }
    uint32_t name = dfl__node_child(doc, parent, DFL_NODE_NAME);
    return !quote_open(dfl__node_value(doc, name), doc->escape);
}

int dfl__looks_like_heredoc(dfl_str text) {
    size_t at = 0;
    while (at < text.len && dfl__is_digit((unsigned char)text.ptr[at]))
        at++;
    return at + 1 < text.len && text.ptr[at] == '<' && text.ptr[at + 1] == '<';
}

/* FROM expands its base only: what follows are AS and a name. A word that opens a heredoc stands
 * for its body. */
static int word_place(const dfl_doc *doc, uint32_t node, uint32_t kind, dfl__place *place) {
    uint32_t parent = record(doc, node)->parent;
    if ((kind == DFL_NODE_ADD || kind == DFL_NODE_COPY) &&
        dfl__looks_like_heredoc(dfl__node_value(doc, node)))
        return 0;
    place->first = dfl__node_child(doc, parent, DFL_NODE_WORD) == node;
    if (kind == DFL_NODE_FROM && !place->first) place->expansion = DFL__EXPAND_NONE;
    return 1;
}

static int body_place(const dfl_doc *doc, uint32_t node, dfl__place *place) {
    uint32_t heredoc = record(doc, node)->parent;
    uint32_t end = dfl__node_child(doc, heredoc, DFL_NODE_HEREDOC_END);
    uint32_t kind = kind_of(doc, trigger_of(doc, instruction_of(doc, node)));
    uint16_t bits = record(doc, heredoc)->flags;
    place->lexing = DFL__LEX_BODY;
    place->expansion = (bits & DFL_NODE_F_EXPAND) != 0 && kind != DFL_NODE_RUN ? DFL__EXPAND_BODY
                                                                               : DFL__EXPAND_NONE;
    place->chomp = (bits & DFL_NODE_F_CHOMP) != 0;
    return end != 0 && (record(doc, end)->flags & DFL_NODE_F_MISSING) == 0;
}

static int argument_place(const dfl_doc *doc, uint32_t node, dfl__place *place) {
    uint32_t instruction = instruction_of(doc, node), kind = kind_of(doc, instruction);
    size_t i = 0;
    while (i < ARGUMENTS && arguments[i].kind != kind)
        i++;
    if (instruction == 0 || i == ARGUMENTS) return 0;
    place->no_escape =
        (record(doc, instruction)->flags & DFL_NODE_F_NESTED) != 0 && doc->escape != '\\';
    place->lexing = arguments[i].lexing;
    place->expansion = arguments[i].word;
    switch (kind_of(doc, node)) {
    case DFL_NODE_VALUE:
        if (kind_of(doc, record(doc, node)->parent) == DFL_NODE_FLAG)
            place->expansion = DFL__EXPAND_NONE;
        return value_place(doc, node, kind, place);
    case DFL_NODE_WORD: return word_place(doc, node, kind, place);
    case DFL_NODE_JSON_STRING:
        place->lexing = DFL__LEX_JSON;
        place->expansion = arguments[i].json;
        return 1;
    default: return 0;
    }
}

int dfl__place_of(const dfl_doc *doc, uint32_t node, dfl__place *place) {
    const dfl_node_rec *rec = record(doc, node);
    const dfl__place none = {DFL__LEX_DIRECTIVE, DFL__EXPAND_NONE, doc->escape, 0, 0, 0, 0};
    *place = none;
    if (rec->flags & DFL_NODE_F_MISSING) return 0;
    place->line_start = starts_line(doc, dfl__node_range(doc, node).start);
    if (rec->kind == DFL_NODE_HEREDOC_BODY) return body_place(doc, node, place);
    if (rec->kind == DFL_NODE_VALUE && kind_of(doc, rec->parent) == DFL_NODE_DIRECTIVE) return 1;
    return argument_place(doc, node, place);
}

/* --- reading */

static dfl__word_options word_options(const dfl_doc *doc, const dfl__place *place) {
    dfl__word_options options = {0};
    options.escape = place->escape;
    options.max_depth = doc->limits.max_depth;
    options.max_bytes = doc->limits.max_expand_bytes;
    if (place->expansion == DFL__EXPAND_BODY) {
        options.escape = '\\';
        options.skip_quotes = 1;
    }
    return options;
}

static int read_words(dfl_str text, const dfl__word_options *options, dfl__buf *out) {
    dfl__offsets ends = {NULL, 0, 0};
    size_t start = out->len;
    dfl__word_result result = dfl__word_split(text, options, out, &ends);
    int one = result.error == DFL__WORD_OK && result.unmatched == 0 && ends.count == 1;
    out->len = one ? ends.items[0] : start;
    DFL__VEC_FREE(&out->alloc, &ends);
    return result.error == DFL__WORD_NOMEM ? -1 : one;
}

static int read_expanded(const dfl_doc *doc, const dfl__place *place, dfl_str text, dfl__buf *out) {
    dfl__word_options options = word_options(doc, place);
    if (place->expansion == DFL__EXPAND_SPLIT) return read_words(text, &options, out);
    dfl__word_result result = dfl__word_expand(text, &options, out);
    if (result.error == DFL__WORD_NOMEM) return -1;
    return result.error == DFL__WORD_OK && result.unmatched == 0;
}

int dfl__place_read(const dfl_doc *doc, uint32_t node, const dfl__place *place, dfl__buf *out) {
    dfl_str text = dfl__node_value(doc, node);
    int expands = place->expansion != DFL__EXPAND_NONE && place->expansion != DFL__EXPAND_REFUSED;
    int known = 1;
    dfl__buf chomped;
    dfl__buf_init(&chomped, &doc->alloc, 0);
    if (place->chomp) {
        (void)dfl__chomped_body(doc, node, &chomped, NULL); /* `chomped` says that it failed */
        text = dfl__buf_str(&chomped);
    }
    if (chomped.failed != DFL_OK) {
        known = -1;
    } else if (expands) {
        known = read_expanded(doc, place, text, out);
    } else {
        dfl__buf_add(out, text);
    }
    dfl__buf_free(&chomped);
    return out->failed != DFL_OK ? -1 : known;
}

int dfl__place_keeps_heredocs(const dfl_doc *doc, uint32_t node, dfl_str text) {
    while (record(doc, node)->parent != 0)
        node = record(doc, node)->parent;
    if (doc->escape == '\\' || dfl__node_child(doc, node, DFL_NODE_HEREDOC) == 0) return 1;
    dfl__word_options options = {
        .escape = '\\', .raw_quotes = 1, .raw_escapes = 1, .skip_unset = 1};
    dfl__buf word;
    dfl__buf_init(&word, &doc->alloc, 0);
    dfl__word_result result = dfl__word_expand(text, &options, &word);
    dfl__buf_free(&word);
    return result.error == DFL__WORD_NOMEM ? -1 : result.error == DFL__WORD_OK;
}

static dfl_str without_line_end(dfl_str s) {
    if (s.len > 0 && s.ptr[s.len - 1] == '\n') s.len--;
    if (s.len > 0 && s.ptr[s.len - 1] == '\r') s.len--;
    return s;
}

int dfl__place_means(const dfl_doc *doc, uint32_t node, const dfl__place *place, dfl_str value) {
    dfl__buf literal;
    dfl__buf_init(&literal, &doc->alloc, 0);
    int means = dfl__place_read(doc, node, place, &literal);
    if (means == 1) {
        dfl_str is = dfl__buf_str(&literal);
        means = dfl__eq(is, value) ||
                (place->lexing == DFL__LEX_BODY && value.len > 0 &&
                 value.ptr[value.len - 1] != '\n' && dfl__eq(without_line_end(is), value));
    }
    dfl__buf_free(&literal);
    return means;
}
