/* directive.c -- recognises a parser directive: `# key=value`.
 * Relies on parser.h. Follows frontend/dockerfile/parser/directives.go (specification 1.4).
 * Never decides whether the directive is in force: that is parse.c, or detect.c. */
#include "syntax/parser.h"

static uint32_t skip_space(dfl_str src, uint32_t at, uint32_t end) {
    while (at < end && dfl__is_regexp_space((unsigned char)src.ptr[at]))
        at++;
    return at;
}

static uint32_t skip_key(dfl_str src, uint32_t at, uint32_t end) {
    if (at == end || !dfl__is_alpha((unsigned char)src.ptr[at])) return at;
    while (at < end &&
           (dfl__is_alpha((unsigned char)src.ptr[at]) || dfl__is_digit((unsigned char)src.ptr[at])))
        at++;
    return at;
}

int dfl__directive_read(dfl_str src, uint32_t at, uint32_t end, dfl__directive *out) {
    at += (uint32_t)dfl__space_prefix(dfl__sub(src, at, end));
    out->key = at;
    out->key_end = skip_key(src, at, end);
    if (out->key_end == out->key) return 0;
    out->equals = skip_space(src, out->key_end, end);
    if (out->equals == end || src.ptr[out->equals] != '=' || out->equals + 1 == end) return 0;
    out->value = skip_space(src, out->equals + 1, end);
    /* A value of blanks only: the pattern needs one character and takes the last blank. */
    if (out->value == end) out->value = end - 1;
    out->value_end = end;
    while (out->value_end > out->value + 1 &&
           dfl__is_regexp_space((unsigned char)src.ptr[out->value_end - 1]))
        out->value_end--;
    return 1;
}

unsigned dfl__directive_key(dfl_str src, const dfl__directive *directive) {
    static const char *const keys[DFL__DIRECTIVES] = {"syntax", "escape", "check"};
    dfl_str key = dfl__sub(src, directive->key, directive->key_end);
    unsigned which = 0;
    while (which < DFL__DIRECTIVES && !dfl__ieqz(key, keys[which]))
        which++;
    return which;
}
