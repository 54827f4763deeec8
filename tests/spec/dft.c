/* dft.c -- reading and writing files of data-driven cases.
 * Relies on dft.h and stdio.
 * Never changes a section that nobody set. */
#include "dft.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void *must(void *ptr) {
    if (ptr == NULL) {
        fputs("out of memory\n", stderr);
        exit(2);
    }
    return ptr;
}

static char *copy_text(const char *ptr, size_t len) {
    char *text = must(malloc(len + 1));
    memcpy(text, ptr, len);
    text[len] = '\0';
    return text;
}

void bytes_add(bytes *b, const char *ptr, size_t len) {
    if (len > SIZE_MAX / 4) must(NULL); /* no text is that long: a release build wants to know */
    if (b->len + len + 1 > b->cap) {
        b->cap = (b->len + len + 1) * 2;
        b->ptr = must(realloc(b->ptr, b->cap));
    }
    if (len > 0) memcpy(b->ptr + b->len, ptr, len);
    b->len += len;
    b->ptr[b->len] = '\0';
}

void bytes_addz(bytes *b, const char *z) {
    bytes_add(b, z, strlen(z));
}

void bytes_clear(bytes *b) {
    b->len = 0;
    bytes_add(b, "", 0);
}

void bytes_free(bytes *b) {
    free(b->ptr);
    *b = (bytes){NULL, 0, 0};
}

int bytes_equal(const bytes *a, const bytes *b) {
    return a->len == b->len && (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

/* --- the two notations */

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);
    return at == NULL ? -1 : (int)(at - digits);
}

/* One escape after a backslash at `p`; its length, 0 when it is not one. */
static size_t decode_escape(const char *p, size_t len, char *out) {
    static const char names[] = "rnt0\\", values[] = "\r\n\t\0\\";
    const char *at = len == 0 ? NULL : memchr(names, p[0], sizeof(names) - 1);
    if (at != NULL) {
        *out = values[at - names];
        return 1;
    }
    if (len < 3 || p[0] != 'x' || hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0) return 0;
    *out = (char)(hex_digit(p[1]) * 16 + hex_digit(p[2]));
    return 3;
}

static int decode(const char *p, size_t len, bytes *out);

/* `{count:text}` after a backslash at `p`: the text, escapes decoded, so many times over. Its
 * length, 0 when it is not one. */
static size_t decode_run(const char *p, size_t len, bytes *out) {
    bytes text = {NULL, 0, 0};
    size_t i = 1, count = 0;
    for (; i < len && p[i] >= '0' && p[i] <= '9' && count < (1u << 24); i++)
        count = count * 10 + (size_t)(p[i] - '0');
    const char *end = i < len && i > 1 && p[i] == ':' ? memchr(p + i, '}', len - i) : NULL;
    if (end == NULL || !decode(p + i + 1, (size_t)(end - p) - i - 1, &text)) count = i = 0;
    for (; count > 0; count--)
        bytes_add(out, text.ptr == NULL ? "" : text.ptr, text.len);
    bytes_free(&text);
    return i == 0 ? 0 : (size_t)(end - p) + 1;
}

/* Decode lines written with escapes; 0 for a bad escape. A backslash at the end of a line says that
 * no line end follows. */
static int decode(const char *p, size_t len, bytes *out) {
    size_t i = 0;
    while (i < len) {
        char c = p[i++];
        if (c != '\\') {
            bytes_add(out, &c, 1);
        } else if (i < len && p[i] == '\n') {
            i++;
        } else {
            int run = i < len && p[i] == '{';
            size_t used = run ? decode_run(p + i, len - i, out) : decode_escape(p + i, len - i, &c);
            if (used == 0) return 0;
            if (!run) bytes_add(out, &c, 1);
            i += used;
        }
    }
    return 1;
}

static int is_mark(const char *p, size_t len) {
    return len >= 4 && (memcmp(p, "--- ", 4) == 0 || memcmp(p, "=== ", 4) == 0);
}

/* How a byte that cannot stand for itself is written; 0 when it can. */
static int escape_text(unsigned char c, int at_mark, char out[8]) {
    static const char values[] = "\r\t\\", names[] = "rt\\";
    const char *at = c == '\0' ? NULL : strchr(values, c);
    if (at != NULL)
        snprintf(out, 8, "\\%c", names[at - values]);
    else if (c < 0x20 || c >= 0x7f || at_mark)
        snprintf(out, 8, "\\x%02x", c);
    return at != NULL || c < 0x20 || c >= 0x7f || at_mark;
}

static void encode(const bytes *body, bytes *out) {
    size_t tail = body->len; /* blank lines from here on would be dropped by the reader */
    while (tail > 0 && body->ptr[tail - 1] == '\n')
        tail--;
    if (tail > 0) tail++;
    for (size_t i = 0; i < body->len; i++) {
        int at_start = i == 0 || body->ptr[i - 1] == '\n';
        char text[8];
        if (body->ptr[i] == '\n')
            bytes_addz(out, i < tail ? "\n" : "\\n\\\n");
        else if (escape_text((unsigned char)body->ptr[i],
                             at_start && is_mark(body->ptr + i, body->len - i), text))
            bytes_addz(out, text);
        else
            bytes_add(out, body->ptr + i, 1);
    }
    if (body->len > 0 && body->ptr[body->len - 1] != '\n') bytes_addz(out, "\\\n");
}

static int is_plain(const bytes *body) {
    dfl_str s = {body->ptr, body->len};
    for (size_t i = 0; i < s.len;) {
        unsigned width = 0;
        uint32_t rune = dfl__rune(s, i, &width);
        int control = rune < 0x20 && rune != '\n' && rune != '\t';
        int line_start = i == 0 || s.ptr[i - 1] == '\n';
        if (control || rune == 0x7f || (rune == DFL__RUNE_ERROR && width == 1) || rune == 0xFEFF ||
            (line_start && is_mark(s.ptr + i, s.len - i)))
            return 0;
        i += width;
    }
    return s.len == 0 || (s.ptr[0] != '\n' &&
                          !(s.len > 1 && s.ptr[s.len - 1] == '\n' && s.ptr[s.len - 2] == '\n'));
}

/* --- reading */

typedef struct {
    const char *ptr;
    size_t len; /* with its line end */
} line;

static int next_line(const bytes *text, size_t *at, line *out) {
    if (*at >= text->len) return 0;
    const char *start = text->ptr + *at;
    const char *end = memchr(start, '\n', text->len - *at);
    out->ptr = start;
    out->len = end == NULL ? text->len - *at : (size_t)(end - start) + 1;
    *at += out->len;
    return 1;
}

/* The text after "--- " or "=== ", without blanks and line end. */
static dfl_str mark_text(line l) {
    return dfl__trim((dfl_str){l.ptr + 4, l.len - 4});
}

static int take_word(dfl_str *title, const char *word) {
    size_t len = strlen(word);
    if (!dfl__ends(*title, word) || (title->len > len && title->ptr[title->len - len - 1] != ' '))
        return 0;
    title->len -= len;
    *title = dfl__trim(*title);
    return 1;
}

/* Blank lines at the end of a section are not content. */
static size_t content_length(const bytes *raw) {
    size_t len = raw->len;
    while (len > 0 && raw->ptr[len - 1] == '\n' && (len == 1 || raw->ptr[len - 2] == '\n'))
        len--;
    return len;
}

static int finish_section(const char *path, section *s) {
    dfl_str title = dfl__str(s->title);
    int escaped = take_word(&title, "escaped");
    int chomp = take_word(&title, "no-newline");
    size_t len = content_length(&s->raw);
    s->title[(title.ptr - s->title) + (ptrdiff_t)title.len] = '\0';
    if (escaped && !decode(s->raw.ptr, len, &s->body)) {
        fprintf(stderr, "%s:%zu: bad escape\n", path, s->line);
        return 0;
    }
    if (!escaped) bytes_add(&s->body, s->raw.ptr, chomp && len > 0 ? len - 1 : len);
    bytes shown = {NULL, 0, 0}; /* the title as it stands is part of what is kept */
    bytes_addz(&shown, "--- ");
    bytes_addz(&shown, s->title);
    bytes_addz(&shown, escaped ? " escaped\n" : chomp ? " no-newline\n" : "\n");
    bytes_add(&shown, s->raw.ptr, len);
    bytes_free(&s->raw);
    s->raw = shown;
    return 1;
}

section *dft_insert(dft_case *c, size_t index, const char *title) {
    c->sections = must(realloc(c->sections, (c->count + 1) * sizeof(section)));
    memmove(c->sections + index + 1, c->sections + index, (c->count - index) * sizeof(section));
    c->count++;
    section *s = &c->sections[index];
    *s = (section){copy_text(title, strlen(title)), 0, {NULL, 0, 0}, {NULL, 0, 0}};
    bytes_clear(&s->body);
    return s;
}

static void section_free(section *s) {
    free(s->title);
    bytes_free(&s->body);
    bytes_free(&s->raw);
}

void dft_remove(dft_case *c, size_t index) {
    section_free(&c->sections[index]);
    c->count--;
    memmove(c->sections + index, c->sections + index + 1, (c->count - index) * sizeof(section));
}

static dft_case *add_case(dft_file *file, dfl_str name, size_t number) {
    file->cases = must(realloc(file->cases, (file->count + 1) * sizeof(dft_case)));
    dft_case *c = &file->cases[file->count++];
    *c = (dft_case){copy_text(name.ptr, name.len), number, {NULL, 0, 0}, NULL, 0};
    bytes_clear(&c->note);
    return c;
}

static int read_all(const char *path, bytes *out) {
    FILE *f = fopen(path, "rb");
    char chunk[4096];
    size_t got;
    if (f == NULL) return 0;
    bytes_clear(out);
    while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0)
        bytes_add(out, chunk, got);
    int ok = !ferror(f);
    fclose(f);
    return ok;
}

static int split_cases(const bytes *text, dft_file *out) {
    bytes *target = &out->preamble;
    size_t at = 0, number = 0;
    line l;
    while (next_line(text, &at, &l)) {
        number++;
        if (!is_mark(l.ptr, l.len)) {
            bytes_add(target, l.ptr, l.len);
        } else if (l.ptr[0] == '=') {
            target = &add_case(out, mark_text(l), number)->note;
        } else if (out->count == 0) {
            fprintf(stderr, "%s:%zu: a section before the first case\n", out->path, number);
            return 0;
        } else {
            dft_case *c = &out->cases[out->count - 1];
            dfl_str title = mark_text(l);
            char *name = copy_text(title.ptr, title.len);
            section *s = dft_insert(c, c->count, name);
            free(name);
            s->line = number;
            bytes_clear(&s->raw);
            target = &s->raw;
        }
    }
    return 1;
}

int dft_read(const char *path, dft_file *out) {
    bytes text = {NULL, 0, 0};
    *out = (dft_file){path, {NULL, 0, 0}, NULL, 0};
    bytes_clear(&out->preamble);
    int ok = read_all(path, &text);
    if (!ok) fprintf(stderr, "%s: cannot be read\n", path);
    if (ok && text.len > 0 && text.ptr[text.len - 1] != '\n') bytes_addz(&text, "\n");
    ok = ok && split_cases(&text, out);
    for (size_t i = 0; ok && i < out->count; i++)
        for (size_t k = 0; ok && k < out->cases[i].count; k++)
            ok = finish_section(path, &out->cases[i].sections[k]);
    bytes_free(&text);
    if (!ok) dft_free(out);
    return ok;
}

/* --- writing */

static void show_section(const section *s, bytes *out) {
    bytes chomped = {NULL, 0, 0};
    if (s->raw.len > 0) {
        bytes_add(out, s->raw.ptr, s->raw.len);
        return;
    }
    int open = s->body.len > 0 && s->body.ptr[s->body.len - 1] != '\n';
    bytes_add(&chomped, s->body.ptr, s->body.len);
    if (open) bytes_addz(&chomped, "\n");
    bytes_addz(out, "--- ");
    bytes_addz(out, s->title);
    if (is_plain(&chomped)) {
        bytes_addz(out, open ? " no-newline\n" : "\n");
        bytes_add(out, chomped.ptr, chomped.len);
    } else {
        bytes_addz(out, " escaped\n");
        encode(&s->body, out);
    }
    bytes_free(&chomped);
}

int dft_write(const dft_file *file) {
    bytes text = {NULL, 0, 0};
    bytes_add(&text, file->preamble.ptr, file->preamble.len);
    for (size_t i = 0; i < file->count; i++) {
        const dft_case *c = &file->cases[i];
        if (i > 0) bytes_addz(&text, "\n");
        bytes_addz(&text, "=== ");
        bytes_addz(&text, c->name);
        bytes_addz(&text, "\n");
        bytes_add(&text, c->note.ptr, c->note.len);
        for (size_t k = 0; k < c->count; k++)
            show_section(&c->sections[k], &text);
    }
    FILE *f = fopen(file->path, "wb");
    int ok = f != NULL && fwrite(text.ptr, 1, text.len, f) == text.len;
    ok = f != NULL && fclose(f) == 0 && ok;
    if (!ok) fprintf(stderr, "%s: cannot be written\n", file->path);
    bytes_free(&text);
    return ok;
}

void dft_free(dft_file *file) {
    for (size_t i = 0; i < file->count; i++) {
        for (size_t k = 0; k < file->cases[i].count; k++)
            section_free(&file->cases[i].sections[k]);
        free(file->cases[i].sections);
        free(file->cases[i].name);
        bytes_free(&file->cases[i].note);
    }
    free(file->cases);
    bytes_free(&file->preamble);
    *file = (dft_file){NULL, {NULL, 0, 0}, NULL, 0};
}

section *dft_find(dft_case *c, const char *title, size_t from) {
    for (size_t i = from; i < c->count; i++)
        if (strcmp(c->sections[i].title, title) == 0) return &c->sections[i];
    return NULL;
}

void dft_set(section *s, const bytes *body) {
    if (bytes_equal(&s->body, body)) return;
    bytes_clear(&s->body);
    bytes_add(&s->body, body->ptr, body->len);
    bytes_free(&s->raw);
}
