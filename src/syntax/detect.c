/* detect.c -- what BuildKit reads of a file before it parses it: the image of its frontend, and
 * the options of its checks.
 * Relies on parser.h. Follows DetectSyntax and ParseDirective of frontend/dockerfile/parser/
 * directives.go and ParseLintOptions of frontend/dockerfile/linter (specification 1.4.1).
 * Never agrees with the parser where BuildKit does not: a shebang line is skipped here, indented
 * directives are none, and directives end at a line that is too long. */
#include "syntax/number.h"
#include "syntax/parser.h"

/* The text behind byte order mark and shebang. */
static uint32_t start_of(dfl_str src) {
    uint32_t at = dfl__starts(src, "\xEF\xBB\xBF") ? 3 : 0;
    if (!dfl__starts(dfl__sub(src, at, src.len), "#!")) return at;
    size_t lf = dfl__find(src, '\n', at);
    return (uint32_t)(lf < src.len ? lf + 1 : lf);
}

/* End of the line at `at` as Go's line scanner gives it: without LF and one CR. */
static uint32_t end_of_line(dfl_str src, uint32_t at, uint32_t *next) {
    uint32_t end = (uint32_t)dfl__find(src, '\n', at);
    *next = end < src.len ? end + 1 : end;
    return end > at && src.ptr[end - 1] == '\r' ? end - 1 : end;
}

/* Directive `key` of lines that begin with `mark`; 0 when there is none. */
static int detect(dfl_str src, const char *mark, unsigned key, dfl__detected *out) {
    dfl_str prefix = dfl__str(mark);
    dfl__directive d;
    unsigned seen = 0;
    uint32_t next;
    for (uint32_t at = start_of(src); at < src.len; at = next) {
        uint32_t end = end_of_line(src, at, &next);
        if (dfl__is_too_long(src, at, next)) return 0;
        if (!dfl__starts(dfl__sub(src, at, end), mark)) return 0;
        if (!dfl__directive_read(src, at + (uint32_t)prefix.len, end, &d)) return 0;
        unsigned which = dfl__directive_key(src, &d);
        if (which == DFL__DIRECTIVES || (seen & 1u << which) != 0) return 0;
        seen |= 1u << which;
        if (which != key) continue;
        dfl_str value = dfl__sub(src, d.value, d.value_end);
        out->value = dfl__sub(value, 0, dfl__find(value, ' ', 0));
        out->range.start = d.value;
        out->range.end = d.value_end;
        return 1;
    }
    return 0;
}

int dfl__detect_check(dfl_str src, dfl__detected *out) {
    return detect(src, "#", DFL__CHECK, out);
}

int dfl__detect_syntax(dfl_str src, dfl__buf *scratch, dfl__detected *out) {
    if (detect(src, "#", DFL__SYNTAX, out) || detect(src, "//", DFL__SYNTAX, out)) return 1;
    uint32_t start = start_of(src);
    if (!dfl__json_member(dfl__sub(src, start, src.len), "syntax", scratch, &out->range)) return 0;
    out->range.start += start;
    out->range.end += start;
    out->value = dfl__buf_str(scratch);
    return 1;
}

static int is_option(dfl_str option) {
    size_t equals = dfl__find(option, '=', 0);
    int truth;
    if (equals == option.len) return 0;
    dfl_str key = dfl__trim(dfl__sub(option, 0, equals));
    dfl_str value = dfl__trim(dfl__sub(option, equals + 1, option.len));
    if (dfl__eqz(key, "error")) return dfl__go_bool(value, &truth);
    return dfl__eqz(key, "skip") || dfl__eqz(key, "experimental");
}

/* At most three options are told apart: the third takes the rest. */
void dfl__check_options(dfl__parser *p) {
    dfl__detected check;
    if (!dfl__detect_check(p->src, &check)) return;
    dfl_str value = dfl__trim(check.value);
    for (size_t at = 0, n = 1; n <= 3 && value.len > 0; n++) {
        size_t end = n < 3 ? dfl__find(value, ';', at) : value.len;
        dfl_str option = dfl__sub(value, at, end);
        if (!is_option(option)) {
            uint32_t start = (uint32_t)(option.ptr - p->src.ptr);
            dfl_range range = {start, start + (uint32_t)option.len};
            dfl__report(p, DFL_D_CHECK_OPTION, range, option, NULL);
        }
        if (end == value.len) return;
        at = end + 1;
    }
}
