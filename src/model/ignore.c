/* ignore.c -- reading a .dockerignore and judging paths by it.
 * Follows moby/patternmatcher, which BuildKit uses: language specification, section 7.
 * Never allocates in proportion to the file while it judges a path. */
#include "model/ignore.h"

#include <assert.h>
#include <string.h>

#include "syntax/tree.h"

/* --- reading */

/* Repetitions multiply what a pattern comes to; without them, steps stay below eight a byte. */
static uint32_t step_limit(size_t len) {
    const size_t most = (size_t)1 << 28;
    return (uint32_t)(len > most / 16 ? most : len * 8 + ((size_t)1 << 20));
}

static uint16_t error_of(dfl__regexp_error error) {
    switch (error) {
    case DFL__REGEXP_OK:
    case DFL__REGEXP_NOMEM: return DFL_IGNORE_OK;
    case DFL__REGEXP_BAD: return DFL_IGNORE_REGEXP;
    case DFL__REGEXP_CLASS: return DFL_IGNORE_CLASS;
    case DFL__REGEXP_LARGE: return DFL_IGNORE_SIZE;
    }
    return DFL_IGNORE_OK;
}

/* Settle how the pattern is matched. */
static dfl_status compile(dfl_ignore *ignore, dfl__ignored *pattern, dfl__buf *expression) {
    expression->len = 0;
    pattern->kind = dfl__ignore_translate(pattern->text, expression);
    if (expression->failed != DFL_OK) return expression->failed;
    if (pattern->kind != DFL__IGNORE_REGEXP) return DFL_OK;
    dfl__regexp_error error =
        dfl__regexp_compile(&ignore->regexps, dfl__buf_str(expression), &pattern->regexp);
    if (error == DFL__REGEXP_NOMEM) return DFL_E_NOMEM;
    pattern->error = error_of(error);
    if (error == DFL__REGEXP_OK) {
        size_t scratch = dfl__regexp_scratch(pattern->regexp);
        if (scratch > ignore->scratch) ignore->scratch = scratch;
    }
    return DFL_OK;
}

/* Clean the pattern as BuildKit's matcher does, in `bytes`, of which `tidy` is the part in use. */
static void clean(char *bytes, dfl_str tidy, dfl__ignored *pattern) {
    dfl_str trimmed = dfl__trim(tidy);
    if (trimmed.len != 0) trimmed.len = dfl__ignore_clean(trimmed, bytes);
    pattern->exception = trimmed.len != 0 && bytes[0] == '!';
    pattern->text = (dfl_str){bytes + pattern->exception, trimmed.len - pattern->exception};
    if (pattern->exception && pattern->text.len == 0)
        pattern->error = DFL_IGNORE_BARE;
    else if (!dfl__ignore_valid(pattern->text))
        pattern->error = DFL_IGNORE_SYNTAX;
}

/* A line is cleaned once by BuildKit's reader and once by its matcher, which looks for the `!` only
 * then: `!/` is refused like `!`, and `/!a` is an exception. */
static int clean_line(dfl_ignore *ignore, dfl_str text, dfl__ignored *pattern) {
    char *bytes = dfl__arena_get(&ignore->arena, text.len + 1);
    if (bytes == NULL) return 0;
    clean(bytes, (dfl_str){bytes, dfl__ignore_tidy(text, bytes)}, pattern);
    return 1;
}

static int clean_listed(dfl_ignore *ignore, dfl_str text, dfl__ignored *pattern) {
    char *bytes = dfl__arena_copy(&ignore->arena, text.ptr, text.len);
    if (bytes == NULL) return 0;
    clean(bytes, (dfl_str){bytes, text.len}, pattern);
    return 1;
}

/* BuildKit reads all lines before it looks at any pattern: a long line comes first. */
static void note_refused(dfl_ignore *ignore, uint32_t error) {
    if (error == DFL_IGNORE_OK || error > DFL_IGNORE_SYNTAX) return;
    uint32_t known = ignore->refused;
    int first_long =
        error == DFL_IGNORE_LONG_LINE &&
        (known == DFL_NO_PATTERN || ignore->patterns.items[known].error != DFL_IGNORE_LONG_LINE);
    if (known == DFL_NO_PATTERN || first_long) ignore->refused = ignore->patterns.count - 1;
}

/* Keep a pattern that is cleaned, unless it is empty. */
static dfl_status add(dfl_ignore *ignore, dfl__ignored pattern, dfl__buf *expression) {
    if (pattern.error == DFL_IGNORE_OK && pattern.text.len == 0) return DFL_OK;
    dfl_status status =
        pattern.error == DFL_IGNORE_OK ? compile(ignore, &pattern, expression) : DFL_OK;
    if (status != DFL_OK) return status;
    if (!DFL__PUSH(&ignore->alloc, &ignore->patterns, pattern)) return DFL_E_NOMEM;
    note_refused(ignore, pattern.error);
    return DFL_OK;
}

static dfl_status add_line(dfl_ignore *ignore, dfl_str src, const dfl__ignore_line *line,
                           dfl__buf *expression) {
    dfl__ignored pattern = {.line = line->number, .range = {line->start, line->end}};
    pattern.text = DFL__LIT("");
    if (line->too_long)
        pattern.error = DFL_IGNORE_LONG_LINE;
    else if (!clean_line(ignore, dfl__sub(src, line->start, line->end), &pattern))
        return DFL_E_NOMEM;
    return add(ignore, pattern, expression);
}

static dfl_status read_lines(dfl_ignore *ignore, dfl_str src) {
    dfl__ignore_reader reader = {src, 0, 0};
    dfl__ignore_line line;
    dfl__buf expression;
    dfl_status status = DFL_OK;
    dfl__buf_init(&expression, &ignore->alloc, 0);
    while (status == DFL_OK && dfl__ignore_next(&reader, &line))
        status = add_line(ignore, src, &line, &expression);
    dfl__buf_free(&expression);
    return status;
}

/* An empty one that may grow to what `len` bytes of patterns come to. NULL without memory. */
static dfl_ignore *make(const dfl_alloc *given, size_t len) {
    dfl_alloc alloc = dfl__alloc_of(given);
    dfl_ignore *ignore = dfl__calloc(&alloc, sizeof *ignore);
    if (ignore == NULL) return NULL;
    ignore->alloc = alloc;
    ignore->refused = DFL_NO_PATTERN;
    dfl__arena_init(&ignore->arena, &alloc);
    dfl__regexps_init(&ignore->regexps, &alloc, step_limit(len));
    return ignore;
}

static dfl_status hand_over(dfl_ignore *ignore, dfl_status status, dfl_ignore **out) {
    if (status == DFL_OK)
        *out = ignore;
    else
        dfl_ignore_free(ignore);
    return status;
}

dfl_status dfl_ignore_new(const char *src, size_t len, const dfl_parse_options *opt,
                          dfl_ignore **out) {
    dfl_limits limits;
    dfl_status status = out != NULL ? dfl__text_limits(src, len, opt, &limits) : DFL_E_ARG;
    if (status != DFL_OK) return status;
    dfl_ignore *ignore = make(opt != NULL ? opt->alloc : NULL, len);
    if (ignore == NULL) return DFL_E_NOMEM;
    status = read_lines(ignore, (dfl_str){len != 0 ? src : "", len});
    return hand_over(ignore, status, out);
}

dfl_status dfl__ignore_list(const dfl_str *patterns, uint32_t count, const dfl_alloc *alloc,
                            dfl_ignore **out) {
    size_t len = 0;
    dfl__buf expression;
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < count; i++)
        len += patterns[i].len;
    dfl_ignore *ignore = make(alloc, len);
    if (ignore == NULL) return DFL_E_NOMEM;
    dfl__buf_init(&expression, &ignore->alloc, 0);
    for (uint32_t i = 0; i < count && status == DFL_OK; i++) {
        dfl__ignored pattern = {.text = {"", 0}};
        status = clean_listed(ignore, patterns[i], &pattern) ? add(ignore, pattern, &expression)
                                                             : DFL_E_NOMEM;
    }
    dfl__buf_free(&expression);
    return hand_over(ignore, status, out);
}

void dfl_ignore_free(dfl_ignore *ignore) {
    if (ignore == NULL) return;
    dfl_alloc alloc = ignore->alloc;
    DFL__VEC_FREE(&alloc, &ignore->patterns);
    dfl__regexps_free(&ignore->regexps);
    dfl__arena_free(&ignore->arena);
    dfl__free(&alloc, ignore, sizeof *ignore);
}

size_t dfl_ignore_pattern_count(const dfl_ignore *ignore) {
    return ignore->patterns.count;
}

uint32_t dfl_ignore_refused(const dfl_ignore *ignore) {
    return ignore->refused;
}

dfl_status dfl_ignore_pattern(const dfl_ignore *ignore, size_t index, dfl_pattern *out) {
    if (out == NULL || index >= ignore->patterns.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl__ignored *pattern = &ignore->patterns.items[index];
    *out = (dfl_pattern){sizeof *out,   pattern->line,      pattern->range,
                         pattern->text, pattern->exception, pattern->error};
    return DFL_OK;
}

/* --- judging */

/* A path under judgement. */
typedef struct {
    const dfl_ignore *ignore;
    dfl_str path;        /* anchored */
    uint32_t *scratch;   /* of the expressions */
    unsigned char *held; /* a walk: whether each pattern matched at the parent */
    int excluded;
    uint32_t decided; /* by which pattern */
    dfl_status failed;
} judgement;

static dfl_status status_of(uint32_t error) {
    if (error == DFL_IGNORE_CLASS) return DFL_E_UNSUPPORTED;
    return error == DFL_IGNORE_SIZE ? DFL_E_LIMIT : DFL_E_FORMAT;
}

static int ends_with(dfl_str s, dfl_str end) {
    return s.len >= end.len && dfl__eq(dfl__sub(s, s.len - end.len, s.len), end);
}

static int matches_suffix(dfl_str pattern, dfl_str path) {
    dfl_str suffix = dfl__sub(pattern, 2, pattern.len);
    if (ends_with(path, suffix)) return 1;
    return suffix.ptr[0] == '/' && dfl__eq(path, dfl__sub(suffix, 1, suffix.len));
}

static int matches_prefix(dfl_str pattern, dfl_str path) {
    size_t len = pattern.len - 2;
    return path.len >= len && dfl__eq(dfl__sub(path, 0, len), dfl__sub(pattern, 0, len));
}

static int matches(judgement *j, const dfl__ignored *pattern, dfl_str path) {
    if (pattern->error != DFL_IGNORE_OK) {
        j->failed = status_of(pattern->error);
        return 0;
    }
    switch (pattern->kind) {
    case DFL__IGNORE_EXACT: return dfl__eq(path, pattern->text);
    case DFL__IGNORE_PREFIX: return matches_prefix(pattern->text, path);
    case DFL__IGNORE_SUFFIX: return matches_suffix(pattern->text, path);
    case DFL__IGNORE_REGEXP:
        return dfl__regexp_match(&j->ignore->regexps, pattern->regexp, path, j->scratch);
    }
    return 0;
}

static void decide(judgement *j, uint32_t index) {
    j->excluded = !j->ignore->patterns.items[index].exception;
    j->decided = index;
}

/* The path itself first, then its ancestors from the root down. */
static int matches_or_ancestor(judgement *j, const dfl__ignored *pattern) {
    if (matches(j, pattern, j->path)) return 1;
    for (size_t at = 0; j->failed == DFL_OK;) {
        at = dfl__find(j->path, '/', at);
        if (at == j->path.len) break;
        if (matches(j, pattern, dfl__sub(j->path, 0, at++))) return 1;
    }
    return 0;
}

/* As MatchesOrParentMatches. */
static void by_path(judgement *j) {
    for (uint32_t i = 0; i < j->ignore->patterns.count && j->failed == DFL_OK; i++) {
        const dfl__ignored *pattern = &j->ignore->patterns.items[i];
        if (pattern->exception == j->excluded && matches_or_ancestor(j, pattern)) decide(j, i);
    }
}

/* As MatchesUsingParentResults: what matched at the parent matches here, even where it would be
 * passed over now. */
static void enter(judgement *j, dfl_str path) {
    j->excluded = 0;
    j->decided = DFL_NO_PATTERN;
    for (uint32_t i = 0; i < j->ignore->patterns.count && j->failed == DFL_OK; i++) {
        const dfl__ignored *pattern = &j->ignore->patterns.items[i];
        if (!j->held[i] && pattern->exception == j->excluded)
            j->held[i] = (unsigned char)matches(j, pattern, path);
        if (j->held[i]) decide(j, i);
    }
}

static void by_walk(judgement *j) {
    for (size_t at = 0; at < j->path.len && j->failed == DFL_OK; at++) {
        at = dfl__find(j->path, '/', at);
        enter(j, dfl__sub(j->path, 0, at));
    }
}

dfl_status dfl_ignore_match(const dfl_ignore *ignore, dfl_str path, uint32_t mode,
                            int32_t *excluded, uint32_t *pattern) {
    if (mode != DFL_IGNORE_WALK && mode != DFL_IGNORE_PATH) return DFL_E_ARG;
    if (path.len > UINT32_MAX / 2) return DFL_E_LIMIT;
    if (ignore->refused != DFL_NO_PATTERN) return DFL_E_FORMAT;
    const size_t words = ignore->scratch * sizeof(uint32_t), marks = ignore->patterns.count;
    const size_t size = words + marks + path.len + 1;
    char *memory = dfl__alloc(&ignore->alloc, size);
    if (memory == NULL) return DFL_E_NOMEM;
    judgement j = {.ignore = ignore, .decided = DFL_NO_PATTERN};
    j.scratch = (uint32_t *)(void *)memory;
    j.held = (unsigned char *)memory + words;
    memset(j.held, 0, marks);
    char *text = memory + words + marks;
    j.path = (dfl_str){text, dfl__ignore_anchor(path, text)};
    if (j.path.len != 0 && mode == DFL_IGNORE_WALK)
        by_walk(&j);
    else if (j.path.len != 0)
        by_path(&j);
    if (j.failed == DFL_OK) {
        *excluded = j.excluded;
        if (pattern != NULL) *pattern = j.decided;
    }
    dfl__free(&ignore->alloc, memory, size);
    return j.failed;
}

/* --- walking */

#define MOST_MARKS ((uint32_t)64 << 20)

dfl_status dfl__ignore_walk_init(dfl__ignore_walk *walk, const dfl_ignore *ignore) {
    *walk = (dfl__ignore_walk){.ignore = ignore};
    if (ignore == NULL) return DFL_OK;
    if (ignore->refused != DFL_NO_PATTERN) return DFL_E_FORMAT;
    walk->scratch = dfl__alloc(&ignore->alloc, (ignore->scratch + 1) * sizeof *walk->scratch);
    return walk->scratch != NULL ? DFL_OK : DFL_E_NOMEM;
}

void dfl__ignore_walk_free(dfl__ignore_walk *walk) {
    if (walk->ignore == NULL) return;
    const dfl_alloc *alloc = &walk->ignore->alloc;
    size_t size = (walk->ignore->scratch + 1) * sizeof *walk->scratch;
    dfl__free(alloc, walk->scratch, walk->scratch != NULL ? size : 0);
    DFL__VEC_FREE(alloc, &walk->held);
}

dfl_status dfl__ignore_walk_enter(dfl__ignore_walk *walk, uint32_t level, dfl_str path,
                                  int *matched) {
    *matched = 0;
    uint32_t marks = walk->ignore != NULL ? walk->ignore->patterns.count : 0;
    if (marks == 0) return DFL_OK;
    uint64_t end = ((uint64_t)level + 1) * marks;
    if (end > MOST_MARKS) return DFL_E_LIMIT;
    walk->held.count = (uint32_t)end - marks;
    if (!DFL__RESERVE(&walk->ignore->alloc, &walk->held, marks)) return DFL_E_NOMEM;
    walk->held.count = (uint32_t)end;
    judgement j = {.ignore = walk->ignore, .path = path, .scratch = walk->scratch};
    j.held = walk->held.items + (end - marks);
    if (level > 0)
        memcpy(j.held, j.held - marks, marks);
    else
        memset(j.held, 0, marks);
    enter(&j, path);
    *matched = j.excluded;
    return j.failed;
}
