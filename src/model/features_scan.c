/* features_scan.c -- finds what a document uses of its frontend.
 * Relies on features.h and the syntax.
 * Never judges a document: what is malformed is passed over. */
#include <assert.h>
#include <string.h>

#include "model/features.h"
#include "model/model.h"
#include "syntax/csv.h"
#include "syntax/number.h"
#include "syntax/parser.h"

typedef struct {
    const dfl_doc *doc;
    dfl__feature_visit *visit;
    void *ctx;
    dfl_status failed;
    int in_stage;     /* a FROM has been seen */
    int target_stage; /* an ARG before the first FROM gives this automatic variable a default */
    int os_version;
    dfl__buf field; /* scratch */
} scan;

static uint16_t kind_of(const scan *s, uint32_t node) {
    return s->doc->nodes.items[node].kind;
}

static uint32_t next_of(const scan *s, uint32_t node) {
    return s->doc->nodes.items[node].next;
}

static void use(const scan *s, dfl__feature feature, uint32_t node) {
    dfl__feature_use u = {feature, node};
    s->visit(s->ctx, &u);
}

/* Modifiers in a word that is expanded. */
static dfl__word_traits scan_text(const scan *s, uint32_t node, dfl_str text, int heredoc) {
    dfl__word_traits traits = dfl__word_traits_of(text, s->doc->escape, heredoc);
    if (traits.required) use(s, DFL__FEATURE_REQUIRED_VARIABLE, node);
    if (traits.unset) use(s, DFL__FEATURE_UNSET_DEFAULT, node);
    if (traits.pattern) use(s, DFL__FEATURE_PATTERN, node);
    return traits;
}

static dfl__word_traits scan_node(const scan *s, uint32_t node) {
    return scan_text(s, node, dfl__node_value(s->doc, node), 0);
}

/* A word that sees the global scope, where automatic variables are without being declared. */
static void scan_global(const scan *s, uint32_t node) {
    dfl__word_traits traits = scan_node(s, node);
    if (traits.target_stage && !s->target_stage) use(s, DFL__FEATURE_TARGET_STAGE, node);
    if (traits.os_version && !s->os_version) use(s, DFL__FEATURE_OS_VERSION, node);
}

static void scan_arguments(const scan *s, uint32_t instruction) {
    for (uint32_t a = dfl__next_argument(s->doc, instruction, 0); a != 0;
         a = dfl__next_argument(s->doc, instruction, a))
        scan_node(s, a);
}

static void scan_pairs(const scan *s, uint32_t instruction) {
    for (uint32_t a = dfl__next_argument(s->doc, instruction, 0); a != 0;
         a = dfl__next_argument(s->doc, instruction, a)) {
        for (uint32_t part = dfl__node_first(s->doc, a); part != 0; part = next_of(s, part))
            scan_node(s, part);
    }
}

/* --- flags */

static const struct {
    uint16_t kind;
    const char *flag;
    dfl__feature feature;
} flag_features[] = {
    {DFL_NODE_RUN, "mount", DFL__FEATURE_MOUNT},
    {DFL_NODE_RUN, "network", DFL__FEATURE_NETWORK},
    {DFL_NODE_RUN, "security", DFL__FEATURE_SECURITY},
    {DFL_NODE_RUN, "device", DFL__FEATURE_DEVICE},
    {DFL_NODE_ADD, "chmod", DFL__FEATURE_CHMOD},
    {DFL_NODE_ADD, "link", DFL__FEATURE_LINK},
    {DFL_NODE_ADD, "keep-git-dir", DFL__FEATURE_KEEP_GIT_DIR},
    {DFL_NODE_ADD, "checksum", DFL__FEATURE_ADD_CHECKSUM},
    {DFL_NODE_ADD, "unpack", DFL__FEATURE_UNPACK},
    {DFL_NODE_ADD, "exclude", DFL__FEATURE_EXCLUDE},
    {DFL_NODE_COPY, "chmod", DFL__FEATURE_CHMOD},
    {DFL_NODE_COPY, "link", DFL__FEATURE_LINK},
    {DFL_NODE_COPY, "exclude", DFL__FEATURE_EXCLUDE},
    {DFL_NODE_COPY, "parents", DFL__FEATURE_PARENTS},
    {DFL_NODE_HEALTHCHECK, "start-interval", DFL__FEATURE_START_INTERVAL},
};

/* Mode letters came after octal digits, and variables in between. */
static void scan_chmod(const scan *s, uint32_t value) {
    dfl_str mode = dfl__node_value(s->doc, value);
    dfl__word_traits traits = scan_node(s, value);
    if (traits.variables)
        use(s, DFL__FEATURE_CHMOD_VARIABLE, value);
    else if (mode.len != 0 && !dfl__is_digit((unsigned char)mode.ptr[0]))
        use(s, DFL__FEATURE_SYMBOLIC_CHMOD, value);
}

static void scan_chown(const scan *s, uint16_t kind, uint32_t value) {
    if (!scan_node(s, value).variables) return;
    int add = kind == DFL_NODE_ADD;
    use(s, add ? DFL__FEATURE_ADD_CHOWN_VARIABLE : DFL__FEATURE_CHOWN_VARIABLE, value);
}

/* Once, zero meant the default; BuildKit took it in earnest only later. */
static void scan_health(const scan *s, dfl_str name, uint32_t value) {
    dfl_str text = dfl__node_value(s->doc, value);
    int64_t number = 1;
    int given = dfl__eqz(name, "retries") ? dfl__go_int(text, 32, &number)
                                          : dfl__go_duration(text, &number);
    if (given && number == 0) use(s, DFL__FEATURE_HEALTH_ZERO, value);
}

typedef struct {
    int tmpfs, secret, size, env, from;
} mount;

static void read_mount_field(scan *s, uint32_t value, mount *m) {
    dfl_str key, text;
    if (!dfl__csv_pair(&s->field, &key, &text)) return;
    int is_from = dfl__eqz(key, "from");
    if (dfl__eqz(key, "type")) {
        m->tmpfs = dfl__ieqz(text, "tmpfs");
        m->secret = dfl__ieqz(text, "secret");
    }
    m->size |= dfl__eqz(key, "size");
    m->env |= dfl__eqz(key, "env");
    m->from |= is_from;
    if (scan_text(s, value, text, 0).variables && !is_from)
        use(s, DFL__FEATURE_MOUNT_VARIABLE, value);
}

static mount scan_mount(scan *s, uint32_t value) {
    mount m = {0, 0, 0, 0, 0};
    dfl_str text = dfl__node_value(s->doc, value);
    size_t at = 0;
    while (dfl__csv_next(text, &at, &s->field) > 0 && s->field.failed == DFL_OK)
        read_mount_field(s, value, &m);
    if (s->field.failed != DFL_OK) s->failed = s->field.failed;
    if (m.tmpfs && m.size) use(s, DFL__FEATURE_TMPFS_SIZE, value);
    if (m.secret && m.env) use(s, DFL__FEATURE_SECRET_ENV, value);
    return m;
}

static void scan_flag_value(scan *s, uint16_t kind, dfl_str name, uint32_t value, int nested) {
    int copies = kind == DFL_NODE_COPY || kind == DFL_NODE_ADD;
    int from = kind == DFL_NODE_COPY && dfl__eqz(name, "from");
    if (copies && dfl__eqz(name, "chmod")) scan_chmod(s, value);
    if (copies && dfl__eqz(name, "chown")) scan_chown(s, kind, value);
    if (kind == DFL_NODE_ADD && dfl__eqz(name, "checksum")) scan_node(s, value);
    if (kind == DFL_NODE_HEALTHCHECK) scan_health(s, name, value);
    if (kind == DFL_NODE_FROM && dfl__eqz(name, "platform")) {
        dfl_str platform = dfl__node_value(s->doc, value);
        scan_global(s, value);
        if (dfl__find(platform, '(', 0) < platform.len) use(s, DFL__FEATURE_OS_VERSION, value);
    }
    if (kind == DFL_NODE_RUN && dfl__eqz(name, "mount")) from = scan_mount(s, value).from;
    if (nested && from) use(s, DFL__FEATURE_ONBUILD_FROM, value);
}

static void scan_flags(scan *s, uint32_t instruction, int nested) {
    uint16_t kind = kind_of(s, instruction);
    for (uint32_t f = dfl__node_first(s->doc, instruction); f != 0; f = next_of(s, f)) {
        if (kind_of(s, f) != DFL_NODE_FLAG) continue;
        uint32_t name_node = dfl__node_child(s->doc, f, DFL_NODE_NAME);
        uint32_t value = dfl__node_child(s->doc, f, DFL_NODE_VALUE);
        dfl_str name = name_node != 0 ? dfl__node_value(s->doc, name_node) : DFL__LIT("");
        for (size_t i = 0; i < sizeof flag_features / sizeof *flag_features; i++)
            if (flag_features[i].kind == kind && dfl__eqz(name, flag_features[i].flag))
                use(s, flag_features[i].feature, f);
        if (value != 0) scan_flag_value(s, kind, name, value, nested);
    }
}

/* --- ADD from Git */

/* One `key=value` of the query. */
static dfl__feature query_feature(dfl_str item) {
    dfl_str key = dfl__sub(item, 0, dfl__find(item, '=', 0));
    if (dfl__eqz(key, "mtime")) return DFL__FEATURE_GIT_MTIME;
    return dfl__eqz(key, "fetch-by-commit") ? DFL__FEATURE_GIT_FETCH : DFL__FEATURE_GIT_QUERY;
}

static void scan_query(const scan *s, uint32_t node, dfl_str url) {
    size_t end = dfl__find(url, '#', 0);
    for (size_t at = dfl__find(url, '?', 0); at < end;) {
        size_t next = dfl__find(url, '&', at + 1);
        if (next > end) next = end;
        if (next > at + 1) use(s, query_feature(dfl__sub(url, at + 1, next)), node);
        at = next;
    }
}

/* All arguments but the last, the destination. */
static void scan_sources(const scan *s, uint32_t instruction) {
    uint32_t flag = 0, a = dfl__next_argument(s->doc, instruction, 0), next;
    int checked = dfl__flag_value(s->doc, instruction, "checksum", &flag) != 0;
    for (; a != 0 && (next = dfl__next_argument(s->doc, instruction, a)) != 0; a = next) {
        dfl_str url = dfl__node_value(s->doc, a);
        if (!dfl__is_git_source(url)) continue;
        use(s, DFL__FEATURE_ADD_GIT, a);
        if (checked) use(s, DFL__FEATURE_GIT_CHECKSUM, a);
        scan_query(s, a, url);
    }
}

/* --- ARG */

static int is_epoch(dfl_str value) {
    int64_t number;
    return dfl__go_int(value, 64, &number);
}

static void scan_epoch(const scan *s, uint32_t value_node) {
    dfl_str value = dfl__node_value(s->doc, value_node);
    if (value.len == 0 || dfl__eqz(value, "\"\"") || dfl__eqz(value, "''")) return;
    use(s, DFL__FEATURE_EPOCH_DEFAULT, value_node);
    if (!is_epoch(value) && !dfl__word_traits_of(value, s->doc->escape, 0).variables)
        use(s, DFL__FEATURE_EPOCH_SOURCE, value_node);
}

static void scan_global_arg(scan *s, dfl_str name, uint32_t value) {
    if (value == 0) return;
    scan_global(s, value);
    if (dfl__eqz(name, "SOURCE_DATE_EPOCH")) scan_epoch(s, value);
    s->target_stage |= dfl__eqz(name, "TARGETSTAGE");
    s->os_version |= dfl__eqz(name, "TARGETOSVERSION") || dfl__eqz(name, "BUILDOSVERSION");
}

static void scan_stage_arg(const scan *s, uint32_t pair, dfl_str name, uint32_t value) {
    if (value != 0) {
        scan_node(s, value);
        return;
    }
    int os_version = dfl__eqz(name, "TARGETOSVERSION") || dfl__eqz(name, "BUILDOSVERSION");
    if (dfl__eqz(name, "TARGETSTAGE") && !s->target_stage) use(s, DFL__FEATURE_TARGET_STAGE, pair);
    if (os_version && !s->os_version) use(s, DFL__FEATURE_OS_VERSION, pair);
}

static void scan_args(scan *s, uint32_t instruction) {
    uint32_t count = 0;
    for (uint32_t a = dfl__next_argument(s->doc, instruction, 0); a != 0;
         a = dfl__next_argument(s->doc, instruction, a)) {
        uint32_t name_node = dfl__node_child(s->doc, a, DFL_NODE_NAME);
        uint32_t value = dfl__node_child(s->doc, a, DFL_NODE_VALUE);
        dfl_str name = name_node != 0 ? dfl__node_value(s->doc, name_node) : DFL__LIT("");
        if (++count == 2) use(s, DFL__FEATURE_SEVERAL_ARGS, a);
        if (dfl__starts(name, "BUILDKIT_SBOM_SCAN_")) use(s, DFL__FEATURE_SBOM_ARG, a);
        if (s->in_stage)
            scan_stage_arg(s, a, name, value);
        else
            scan_global_arg(s, name, value);
    }
}

/* --- heredocs */

/* Whether one of the words that open heredocs has a blank behind its `<<`. */
static int has_blank(dfl_str words, const dfl__offsets *ends, const dfl_alloc *alloc,
                     dfl_status *failed) {
    uint32_t start = 0;
    int found = 0;
    uint16_t flags;
    dfl__buf name;
    dfl__buf_init(&name, alloc, 0);
    for (uint32_t i = 0; i < ends->count && !found; i++) {
        dfl_str word = dfl__sub(words, start, ends->items[i]);
        size_t arrow = dfl__find_str(word, "<<");
        start = ends->items[i] + 1;
        name.len = 0;
        found = arrow + 2 < word.len && dfl__is_regexp_space((unsigned char)word.ptr[arrow + 2]) &&
                dfl__heredoc_word(word, &name, &flags, NULL);
    }
    if (name.failed != DFL_OK) *failed = name.failed;
    dfl__buf_free(&name);
    return found;
}

/* The words are found as the parser finds them: on the whole line, always with a backslash. */
static void scan_heredoc_blank(scan *s, uint32_t instruction) {
    dfl__word_options options;
    dfl__offsets ends = {NULL, 0, 0};
    dfl__buf words;
    memset(&options, 0, sizeof options);
    options.escape = '\\';
    options.raw_quotes = options.raw_escapes = options.skip_unset = 1;
    options.max_depth = s->doc->limits.max_depth;
    dfl__buf_init(&words, &s->doc->alloc, 0);
    dfl_str line = dfl__node_value(s->doc, instruction);
    dfl__word_result result = dfl__word_split(line, &options, &words, &ends);
    if (result.error == DFL__WORD_NOMEM) s->failed = DFL_E_NOMEM;
    if (result.error == DFL__WORD_OK &&
        has_blank(dfl__buf_str(&words), &ends, &s->doc->alloc, &s->failed))
        use(s, DFL__FEATURE_HEREDOC_BLANK, instruction);
    DFL__VEC_FREE(&s->doc->alloc, &ends);
    dfl__buf_free(&words);
}

static void scan_heredocs(scan *s, uint32_t instruction, int expanded) {
    int found = 0;
    for (uint32_t h = dfl__node_first(s->doc, instruction); h != 0; h = next_of(s, h)) {
        if (kind_of(s, h) != DFL_NODE_HEREDOC) continue;
        if (!found) use(s, DFL__FEATURE_HEREDOC, instruction);
        found = 1;
        uint32_t body = dfl__node_child(s->doc, h, DFL_NODE_HEREDOC_BODY);
        if (expanded && (s->doc->nodes.items[h].flags & DFL_NODE_F_EXPAND) != 0 && body != 0)
            scan_text(s, body, dfl__node_value(s->doc, body), 1);
    }
    if (found) scan_heredoc_blank(s, instruction);
}

/* --- instructions */

static uint32_t trigger_of(const scan *s, uint32_t onbuild) {
    uint32_t child = dfl__node_first(s->doc, onbuild);
    while (child != 0 && !dfl__kind_is_instruction(kind_of(s, child)))
        child = next_of(s, child);
    return child;
}

static void scan_words(scan *s, uint32_t instruction) {
    switch (kind_of(s, instruction)) {
    case DFL_NODE_FROM:
        s->in_stage = 1;
        scan_global(s, dfl__next_argument(s->doc, instruction, 0));
        break;
    case DFL_NODE_ARG: scan_args(s, instruction); break;
    case DFL_NODE_ENV:
    case DFL_NODE_LABEL: scan_pairs(s, instruction); break;
    case DFL_NODE_ADD:
        scan_sources(s, instruction);
        scan_arguments(s, instruction);
        break;
    case DFL_NODE_COPY:
    case DFL_NODE_EXPOSE:
    case DFL_NODE_STOPSIGNAL:
    case DFL_NODE_USER:
    case DFL_NODE_VOLUME:
    case DFL_NODE_WORKDIR: scan_arguments(s, instruction); break;
    default: break;
    }
}

static void scan_instruction(scan *s, uint32_t instruction) {
    uint32_t inner = instruction;
    while (kind_of(s, inner) == DFL_NODE_ONBUILD && trigger_of(s, inner) != 0)
        inner = trigger_of(s, inner);
    uint16_t kind = kind_of(s, inner);
    scan_flags(s, inner, inner != instruction);
    scan_words(s, inner);
    scan_heredocs(s, instruction, kind == DFL_NODE_ADD || kind == DFL_NODE_COPY);
}

/* --- the rest of the file */

static void scan_check_value(const scan *s, dfl__feature feature, uint32_t node, dfl_str value) {
    use(s, feature, node);
    value = dfl__sub(value, 0, dfl__find(value, ' ', 0));
    if (dfl__find_str(value, "experimental") < value.len)
        use(s, DFL__FEATURE_CHECK_EXPERIMENTAL, node);
}

/* Whether the comment is all that its line holds: an indented one configures nothing. */
static int at_line_start(const scan *s, uint32_t start) {
    return start == 0 || s->doc->source.ptr[start - 1] == '\n';
}

/* `# check=...` above an instruction. */
static int is_check(const scan *s, uint32_t comment, dfl_str *value) {
    dfl_range range = dfl__node_range(s->doc, comment);
    dfl__directive directive;
    if (!at_line_start(s, range.start)) return 0;
    if (!dfl__directive_read(s->doc->source, range.start + 1, range.end, &directive)) return 0;
    *value = dfl__sub(s->doc->source, directive.value, directive.value_end);
    return dfl__directive_key(s->doc->source, &directive) == DFL__CHECK;
}

static int is_bare(const scan *s, uint32_t comment) {
    dfl_range range = dfl__node_range(s->doc, comment);
    dfl_str text = dfl__sub(s->doc->source, range.start + 1, range.end);
    return at_line_start(s, range.start) && dfl__trim(text).len == 0;
}

/* Comments collect until an instruction takes them or an empty one drops them. */
static void scan_comment(const scan *s, uint32_t comment, uint32_t *check, dfl_str *check_value) {
    dfl_str value;
    if (is_bare(s, comment)) {
        *check = 0;
    } else if (*check == 0 && is_check(s, comment, &value)) {
        *check = comment;
        *check_value = value;
    }
}

static void scan_directives(const scan *s) {
    dfl__detected check;
    if (!dfl__detect_check(s->doc->source, &check)) return;
    uint32_t node = dfl__node_first(s->doc, 0);
    while (node != 0 && dfl__node_range(s->doc, node).end < check.range.end)
        node = next_of(s, node);
    if (node != 0) scan_check_value(s, DFL__FEATURE_CHECK, node, check.value);
}

/* Whether the token is a part of an instruction's line that is no blank. */
static int is_line_text(uint16_t kind) {
    return kind == DFL_TOKEN_KEYWORD || kind == DFL_TOKEN_TEXT || kind == DFL_TOKEN_FLAG ||
           kind == DFL_TOKEN_PUNCT || kind == DFL_TOKEN_STRING || kind == DFL_TOKEN_JUNK;
}

/* Where the text of a line ends in two escape characters; 0 where it does not. */
static uint32_t escaped_end(const scan *s, uint32_t newline) {
    const dfl_token_rec *tokens = s->doc->tokens.items;
    const char *src = s->doc->source.ptr;
    uint32_t at = tokens[newline].start, t = newline;
    while (at > 0 && (src[at - 1] == ' ' || src[at - 1] == '\t'))
        at--;
    while (t > 0 && tokens[t].start >= at)
        t--;
    int escaped = at >= 2 && (unsigned char)src[at - 1] == s->doc->escape &&
                  (unsigned char)src[at - 2] == s->doc->escape;
    return escaped && is_line_text(tokens[t].kind) ? at : 0;
}

/* A line that ends in two escape characters: once it went on behind the second. */
static void scan_line_ends(const scan *s) {
    for (uint32_t i = 1; i < s->doc->tokens.count; i++) {
        uint32_t at = 0;
        if (s->doc->tokens.items[i].kind == DFL_TOKEN_NEWLINE) at = escaped_end(s, i);
        if (at != 0) use(s, DFL__FEATURE_ESCAPED_LINE_END, dfl_doc_node_at(s->doc, at - 1).id);
    }
}

dfl_status dfl__features_scan(const dfl_doc *doc, dfl__feature_visit *visit, void *ctx) {
    scan s = {.doc = doc, .visit = visit, .ctx = ctx};
    uint32_t check = 0;
    dfl_str check_value = {"", 0};
    dfl__buf_init(&s.field, &doc->alloc, 0);
    scan_directives(&s);
    for (uint32_t node = dfl__node_first(doc, 0); node != 0 && s.failed == DFL_OK;
         node = next_of(&s, node)) {
        if (kind_of(&s, node) == DFL_NODE_COMMENT) {
            scan_comment(&s, node, &check, &check_value);
        } else if (dfl__kind_is_instruction(kind_of(&s, node))) {
            if (check != 0)
                scan_check_value(&s, DFL__FEATURE_INSTRUCTION_CHECK, check, check_value);
            check = 0;
            scan_instruction(&s, node);
        }
    }
    scan_line_ends(&s);
    dfl__buf_free(&s.field);
    return s.failed;
}
