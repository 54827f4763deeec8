/* text.h -- bytes and UTF-8: classes, comparison, decoding, a growing buffer.
 * Relies on memory.h.
 * Never uses a locale or <ctype.h>; classes are those of the language specification, appendix A. */
#ifndef DFL_BASE_TEXT_H
#define DFL_BASE_TEXT_H

#include <stdarg.h>

#include "base/memory.h"

#define DFL__LIT(s) ((dfl_str){(s), sizeof(s) - 1})

dfl_str dfl__str(const char *z); /* NUL-terminated text; NULL gives the empty string */
dfl_str dfl__sub(dfl_str s, size_t start, size_t end);
int dfl__eq(dfl_str a, dfl_str b);
int dfl__eqz(dfl_str a, const char *z);
int dfl__compare(dfl_str a, dfl_str b);      /* by bytes: below 0, 0, above 0 */
int dfl__same(const char *a, const char *b); /* NUL-terminated texts are equal */
int dfl__ieqz(dfl_str a, const char *z);     /* ASCII case-insensitive */
int dfl__is_one_of(dfl_str s, const char *const *words, size_t count);
/* The same of an array. */
#define DFL__IS_ONE_OF(s, words) dfl__is_one_of((s), (words), sizeof(words) / sizeof *(words))
int dfl__starts(dfl_str s, const char *z);
int dfl__ends(dfl_str s, const char *z);
size_t dfl__find(dfl_str s, char c, size_t from); /* s.len when absent */
size_t dfl__find_str(dfl_str s, const char *z);   /* s.len when absent */
/* Shell-style match of `*` (any run, `/` included) and `?`; for catalog patterns. Linear space,
 * at most len(pattern) * len(s) steps. */
int dfl__glob(const char *pattern, dfl_str s);

/* `number` in decimal, at the end of `digits`. */
dfl_str dfl__decimal(uint64_t number, char digits[20]);

/* Character classes. */
int dfl__is_list_space(unsigned char c);   /* TAB VT FF CR SPACE */
int dfl__is_byte_space(unsigned char c);   /* TAB LF VT FF CR SPACE 85 A0 */
int dfl__is_regexp_space(unsigned char c); /* TAB LF FF CR SPACE */
int dfl__is_digit(unsigned char c);
int dfl__is_alpha(unsigned char c); /* ASCII */
int dfl__hex_value(uint32_t rune);  /* of a hexadecimal digit of either case; -1 = it is none */
int dfl__is_any_of(uint32_t rune, const char *set); /* a character of ASCII that `set` holds */
int dfl__is_unicode_space(uint32_t rune);
int dfl__is_unicode_letter(uint32_t rune); /* L* */
int dfl__is_unicode_digit(uint32_t rune);  /* Nd */
int dfl__is_unicode_word(uint32_t rune);   /* a letter, a digit, or an underscore */
uint32_t dfl__rune_lower(uint32_t rune);   /* simple mapping, as Go's unicode.ToLower */
unsigned char dfl__lower(unsigned char c); /* ASCII */
unsigned char dfl__upper(unsigned char c); /* ASCII */

#define DFL__RUNE_ERROR 0xFFFDu

/* Decode one rune at s[at] (at < len). An invalid byte gives DFL__RUNE_ERROR and width 1, exactly
 * as Go's utf8.DecodeRune: overlong forms, surrogates and values over 10FFFF are invalid. */
uint32_t dfl__rune(dfl_str s, size_t at, unsigned *width);
/* Encode; returns the number of bytes (1-4). Invalid runes encode as U+FFFD. */
unsigned dfl__rune_encode(uint32_t rune, char out[4]);

/* Number of leading/trailing bytes of `s` that are Unicode white space. */
size_t dfl__space_prefix(dfl_str s);
size_t dfl__space_suffix(dfl_str s);
dfl_str dfl__trim(dfl_str s);

/* A growing byte buffer. `max` = 0 means no maximum but memory. After a failure `failed` stays set
 * (DFL_E_NOMEM or DFL_E_LIMIT) and further calls do nothing. */
typedef struct {
    dfl_alloc alloc;
    char *ptr;
    size_t len;
    size_t cap;
    size_t max;
    dfl_status failed;
} dfl__buf;

void dfl__buf_init(dfl__buf *buf, const dfl_alloc *alloc, size_t max);
void dfl__buf_free(dfl__buf *buf);
int dfl__buf_reserve(dfl__buf *buf, size_t more); /* make room; 0 when `failed` is set */
void dfl__buf_add(dfl__buf *buf, dfl_str s);
void dfl__buf_addz(dfl__buf *buf, const char *z);
void dfl__buf_addc(dfl__buf *buf, char c);
void dfl__buf_addu(dfl__buf *buf, uint32_t number); /* decimal */
void dfl__buf_rune(dfl__buf *buf, uint32_t rune);
/* Format with %s (const char *), %S (dfl_str *), %u (uint32_t), %c, %%: nothing else. */
void dfl__buf_fmt(dfl__buf *buf, const char *format, ...);
void dfl__buf_vfmt(dfl__buf *buf, const char *format, va_list args);
dfl_str dfl__buf_str(const dfl__buf *buf); /* ptr never NULL */

#endif
