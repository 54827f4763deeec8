/* writer.c -- see writer.h.
 * Relies on base for decoding.
 * Never splits what it was given except at its buffer's end. */
#include "print/writer.h"

#include <string.h>

dfl_status dfl__out_init(dfl__out *out, const dfl_sink *sink) {
    if (sink == NULL || sink->write == NULL) return DFL_E_ARG;
    out->sink = *sink;
    out->status = DFL_OK;
    out->used = 0;
    out->last = '\0';
    return DFL_OK;
}

static void flush(dfl__out *out) {
    if (out->status == DFL_OK && out->used != 0 &&
        out->sink.write(out->sink.ctx, out->bytes, out->used) != 0)
        out->status = DFL_E_IO;
    out->used = 0;
}

dfl_status dfl__out_done(dfl__out *out) {
    flush(out);
    return out->status;
}

void dfl__out_str(dfl__out *out, dfl_str s) {
    if (s.len == 0) return;
    out->last = s.ptr[s.len - 1];
    if (s.len > sizeof out->bytes - out->used) flush(out);
    if (s.len <= sizeof out->bytes) {
        memcpy(out->bytes + out->used, s.ptr, s.len);
        out->used += (uint32_t)s.len;
    } else if (out->status == DFL_OK && out->sink.write(out->sink.ctx, s.ptr, s.len) != 0) {
        out->status = DFL_E_IO;
    }
}

void dfl__out_z(dfl__out *out, const char *z) {
    dfl__out_str(out, dfl__str(z));
}

void dfl__out_c(dfl__out *out, char c) {
    dfl_str s = {&c, 1};
    dfl__out_str(out, s);
}

void dfl__out_u(dfl__out *out, uint64_t number) {
    char digits[20];
    dfl__out_str(out, dfl__decimal(number, digits));
}

void dfl__out_indent(dfl__out *out, uint32_t n) {
    while (n-- != 0)
        dfl__out_c(out, ' ');
}

static void write_hex(dfl__out *out, unsigned char byte) {
    static const char digits[] = "0123456789abcdef";
    dfl__out_z(out, "\\x");
    dfl__out_c(out, digits[byte >> 4]);
    dfl__out_c(out, digits[byte & 15]);
}

static int is_control(uint32_t rune) {
    return rune < 0x20 || (rune >= 0x7F && rune < 0xA0);
}

/* The letter after a backslash that stands for `rune`, or NUL. */
static char short_escape(uint32_t rune) {
    static const char plain[] = "\"\\\n\t\r\b\f";
    static const char letter[] = "\"\\ntrbf";
    const char *hit = rune != 0 && rune < 0x80 ? strchr(plain, (int)rune) : NULL;
    if (hit == NULL) return '\0';
    return letter[hit - plain];
}

uint32_t dfl__next_rune(dfl_str s, size_t *at) {
    unsigned width;
    uint32_t rune = dfl__rune(s, *at, &width);
    *at += width;
    return rune;
}

void dfl__out_rune(dfl__out *out, uint32_t rune) {
    char bytes[4];
    dfl_str s = {bytes, dfl__rune_encode(rune, bytes)};
    dfl__out_str(out, s);
}

/* Bytes of one rune: as they are where they can be shown, else each as \xNN. */
static void show_rune(dfl__out *out, dfl_str bytes, uint32_t rune) {
    if (!is_control(rune) && !(rune == DFL__RUNE_ERROR && bytes.len == 1)) {
        dfl__out_str(out, bytes);
        return;
    }
    for (size_t i = 0; i < bytes.len; i++)
        write_hex(out, (unsigned char)bytes.ptr[i]);
}

void dfl__out_shown(dfl__out *out, dfl_str s) {
    for (size_t at = 0, start; at < s.len;) {
        start = at;
        uint32_t rune = dfl__next_rune(s, &at);
        show_rune(out, dfl__sub(s, start, at), rune);
    }
}

void dfl__out_quoted(dfl__out *out, dfl_str s) {
    dfl__out_c(out, '"');
    for (size_t at = 0, start; at < s.len;) {
        start = at;
        uint32_t rune = dfl__next_rune(s, &at);
        char letter = short_escape(rune);
        if (letter != '\0') {
            dfl__out_c(out, '\\');
            dfl__out_c(out, letter);
        } else {
            show_rune(out, dfl__sub(s, start, at), rune);
        }
    }
    dfl__out_c(out, '"');
}

/* A value is about to come: after another one, not after an opening bracket or a key. */
static void json_separate(dfl__out *out) {
    switch (out->last) {
    case '\0':
    case '\n':
    case '{':
    case '[':
    case ':': return;
    default: dfl__out_c(out, ',');
    }
}

void dfl__js_open(dfl__out *out, char bracket) {
    json_separate(out);
    dfl__out_c(out, bracket);
}

void dfl__js_close(dfl__out *out, char bracket) {
    dfl__out_c(out, bracket);
}

void dfl__js_key(dfl__out *out, const char *name) {
    json_separate(out);
    dfl__out_c(out, '"');
    dfl__out_z(out, name);
    dfl__out_z(out, "\":");
}

void dfl__js_edit(dfl__out *out, const dfl_edit *edit) {
    dfl__js_open(out, '{');
    dfl__js_key(out, "start");
    dfl__js_uint(out, edit->range.start);
    dfl__js_key(out, "end");
    dfl__js_uint(out, edit->range.end);
    dfl__js_key(out, "text");
    dfl__js_str(out, edit->text);
    dfl__js_close(out, '}');
}

void dfl__js_diag(dfl__out *out, const dfl_diag *diag) {
    static const char *const severities[] = {[DFL_SEVERITY_ERROR] = "error",
                                             [DFL_SEVERITY_WARNING] = "warning",
                                             [DFL_SEVERITY_NOTE] = "note"};
    dfl__js_open(out, '{');
    dfl__js_key(out, "code");
    dfl__js_str(out, dfl__str(diag->name));
    dfl__js_key(out, "severity");
    dfl__js_str(out, dfl__str(severities[diag->severity]));
    dfl__js_key(out, "message");
    dfl__js_str(out, diag->message);
    dfl__js_range(out, "range", diag->range);
    dfl__js_close(out, '}');
}

void dfl__js_str_open(dfl__out *out) {
    json_separate(out);
    dfl__out_c(out, '"');
}

static void json_control(dfl__out *out, uint32_t rune) {
    static const char digits[] = "0123456789abcdef";
    char letter = short_escape(rune);
    dfl__out_c(out, '\\');
    if (letter != '\0') {
        dfl__out_c(out, letter);
    } else {
        dfl__out_z(out, "u00");
        dfl__out_c(out, digits[rune >> 4]);
        dfl__out_c(out, digits[rune & 15]);
    }
}

void dfl__js_str_part(dfl__out *out, dfl_str s) {
    size_t done = 0; /* runs that need no escape are written at once */
    for (size_t at = 0, start; at < s.len;) {
        start = at;
        uint32_t rune = dfl__next_rune(s, &at);
        int invalid = rune == DFL__RUNE_ERROR && at == start + 1;
        if (!invalid && !is_control(rune) && rune != '"' && rune != '\\') continue;
        dfl__out_str(out, dfl__sub(s, done, start));
        done = at;
        if (invalid)
            dfl__out_rune(out, rune);
        else
            json_control(out, rune);
    }
    dfl__out_str(out, dfl__sub(s, done, s.len));
}

void dfl__js_str_close(dfl__out *out) {
    dfl__out_c(out, '"');
}

void dfl__js_str(dfl__out *out, dfl_str s) {
    dfl__js_str_open(out);
    dfl__js_str_part(out, s);
    dfl__js_str_close(out);
}

void dfl__js_name_key(dfl__out *out, const char *prefix, dfl_str text) {
    dfl__js_str_open(out);
    if (prefix[0] != '\0') {
        dfl__js_str_part(out, dfl__str(prefix));
        dfl__js_str_part(out, DFL__LIT("."));
    }
    dfl__js_str_part(out, text);
    dfl__js_str_close(out);
    dfl__out_c(out, ':');
}

void dfl__js_name(dfl__out *out, dfl_str s) {
    if (s.len != 0)
        dfl__js_str(out, s);
    else
        dfl__js_word(out, "null");
}

void dfl__js_uint(dfl__out *out, uint64_t number) {
    json_separate(out);
    dfl__out_u(out, number);
}

void dfl__js_word(dfl__out *out, const char *word) {
    json_separate(out);
    dfl__out_z(out, word);
}

void dfl__js_flag(dfl__out *out, const char *name, int truth) {
    dfl__js_key(out, name);
    dfl__js_word(out, truth ? "true" : "false");
}

void dfl__js_index(dfl__out *out, const char *name, uint32_t index) {
    dfl__js_key(out, name);
    if (index != UINT32_MAX)
        dfl__js_uint(out, index);
    else
        dfl__js_word(out, "null");
}

void dfl__js_begin(dfl__out *out) {
    dfl__js_open(out, '{');
    dfl__js_key(out, "schema_version");
    dfl__js_uint(out, 1);
}

void dfl__js_end(dfl__out *out) {
    dfl__js_close(out, '}');
    dfl__out_c(out, '\n');
}

void dfl__js_range(dfl__out *out, const char *name, dfl_range range) {
    dfl__js_key(out, name);
    dfl__js_open(out, '{');
    dfl__js_key(out, "start");
    dfl__js_uint(out, range.start);
    dfl__js_key(out, "end");
    dfl__js_uint(out, range.end);
    dfl__js_close(out, '}');
}
