/* csv.c -- see csv.h. */
#include "syntax/csv.h"

static int quoted_field(dfl_str s, size_t *at, dfl__buf *field) {
    size_t i = *at + 1;
    for (; i < s.len; i++) {
        if (s.ptr[i] != '"') {
            dfl__buf_addc(field, s.ptr[i]);
        } else if (i + 1 < s.len && s.ptr[i + 1] == '"') {
            dfl__buf_addc(field, s.ptr[i++]);
        } else {
            break;
        }
    }
    if (i == s.len || (i + 1 < s.len && s.ptr[i + 1] != ',')) return -1;
    *at = i + 1;
    return 1;
}

int dfl__csv_next(dfl_str s, size_t *at, dfl__buf *field) {
    field->len = 0;
    if (*at > s.len) return 0;
    if (s.len == 0) return -1;
    if (*at < s.len && s.ptr[*at] == '"') {
        if (quoted_field(s, at, field) < 0) return -1;
    } else {
        size_t end = dfl__find(s, ',', *at);
        dfl_str text = dfl__sub(s, *at, end);
        if (dfl__find(text, '"', 0) < text.len) return -1;
        dfl__buf_add(field, text);
        *at = end;
    }
    (*at)++; /* behind the comma, or past the end */
    return 1;
}

int dfl__csv_pair(dfl__buf *field, dfl_str *key, dfl_str *value) {
    dfl_str all = dfl__buf_str(field);
    size_t equals = dfl__find(all, '=', 0);
    for (size_t i = 0; i < equals; i++)
        field->ptr[i] = (char)dfl__lower((unsigned char)field->ptr[i]);
    *key = dfl__sub(all, 0, equals);
    *value = dfl__sub(all, equals < all.len ? equals + 1 : all.len, all.len);
    return equals < all.len;
}
