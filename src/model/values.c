/* values.c -- see values.h.
 * Relies on syntax/number.h. Follows convert_expose.go and what convert_copy.go, dispatchStopSignal
 * and instructions/commands_runmount.go call: dchapes-mode, moby/sys/signal, docker/go-units.
 * Never computes a value that only its validity is asked of. */
#include "model/values.h"

#include <string.h>

#include "syntax/number.h"

static size_t digits_from(dfl_str s, size_t at) {
    while (at < s.len && dfl__is_digit((unsigned char)s.ptr[at]))
        at++;
    return at;
}

/* --- modes */

static int is_octal_mode(dfl_str s) {
    uint32_t mode = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!dfl__is_any_of((unsigned char)s.ptr[i], "01234567")) return 0;
        mode = mode * 8 + (uint32_t)(s.ptr[i] - '0');
        if (mode > 07777) return 0;
    }
    return s.len > 0;
}

/* Clauses, comma-separated: who, then one or more operators with permissions. */
int dfl__is_mode(dfl_str s) {
    size_t at = 0;
    if (s.len > 0 && dfl__is_digit((unsigned char)s.ptr[0])) return is_octal_mode(s);
    for (;; at++) {
        while (at < s.len && dfl__is_any_of((unsigned char)s.ptr[at], "augo"))
            at++;
        if (at == s.len || !dfl__is_any_of((unsigned char)s.ptr[at], "+-=")) return 0;
        while (at < s.len && dfl__is_any_of((unsigned char)s.ptr[at], "+-=rwxXstugo"))
            at++;
        if (at == s.len) return 1;
        if (s.ptr[at] != ',') return 0;
    }
}

/* --- signals */

static const char *const signals[] = {
    "ABRT", "ALRM",   "BUS",  "CHLD",   "CLD",   "CONT", "FPE",  "HUP",  "ILL",
    "INT",  "IO",     "IOT",  "KILL",   "PIPE",  "POLL", "PROF", "PWR",  "QUIT",
    "SEGV", "STKFLT", "STOP", "SYS",    "TERM",  "TRAP", "TSTP", "TTIN", "TTOU",
    "URG",  "USR1",   "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
};

/* RTMIN, RTMIN+1 to RTMIN+15, RTMAX-14 to RTMAX-1, RTMAX. */
static int is_realtime(const char *name) {
    int least = dfl__starts(dfl__str(name), "RTMIN");
    if (!least && !dfl__starts(dfl__str(name), "RTMAX")) return 0;
    if (name[5] == '\0') return 1;
    if (name[5] != (least ? '+' : '-') || name[6] < '1' || name[6] > '9') return 0;
    if (name[7] == '\0') return 1;
    return name[6] == '1' && name[7] >= '0' && name[7] <= (least ? '5' : '4') && name[8] == '\0';
}

/* Go's upper case maps these letters beyond ASCII to S and I. */
static char upper(uint32_t rune) {
    if (rune == 0x17F) return 'S';
    if (rune == 0x131) return 'I';
    return rune < 0x80 ? (char)dfl__upper((unsigned char)rune) : '\0';
}

int dfl__is_signal(dfl_str s) {
    char text[16];
    size_t len = 0;
    int64_t number;
    unsigned width;
    if (dfl__go_int(s, 64, &number)) return number != 0;
    for (size_t at = 0; at < s.len; at += width) {
        char c = upper(dfl__rune(s, at, &width));
        if (c == '\0' || len + 1 == sizeof text) return 0;
        text[len++] = c;
    }
    text[len] = '\0';
    const char *name = dfl__starts(dfl__str(text), "SIG") ? text + 3 : text;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (strcmp(name, signals[i]) == 0) return 1;
    return is_realtime(name);
}

/* --- numbers */

int dfl__is_u32(dfl_str s, unsigned base) {
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)((unsigned char)s.ptr[i] - '0');
        if (digit >= base) return 0;
        value = value * base + digit;
        if (value > UINT32_MAX) return 0;
    }
    return s.len > 0;
}

/* The number of a size, which Go's strconv.ParseFloat reads: digits with a point and an exponent;
 * underscores between digits; hexadecimal with a binary exponent; "inf" and "nan". */
typedef struct {
    dfl_str text;
    size_t at;
    int hex;
    uint32_t digits; /* significant ones before the point: the number's magnitude */
    int any;         /* any digit */
    int nonzero;
} number;

static int number_digit(const number *n, char c) {
    return dfl__is_digit((unsigned char)c) || (n->hex && dfl__hex_value((unsigned char)c) >= 0);
}

/* Digits with underscores, which stand between digits only (or behind `0x`). */
static int read_digits(number *n, int whole, int after_prefix) {
    int last = after_prefix; /* 1 when an underscore may come */
    for (; n->at < n->text.len; n->at++) {
        char c = n->text.ptr[n->at];
        if (c == '_') {
            if (!last) return 0;
            last = 0;
            continue;
        }
        if (!number_digit(n, c)) break;
        last = n->any = 1;
        if (c != '0') n->nonzero = 1;
        if (whole && (n->digits > 0 || c != '0')) n->digits++;
    }
    return n->at == 0 || n->text.ptr[n->at - 1] != '_';
}

static int read_exponent(number *n, int64_t *exponent) {
    *exponent = 0;
    if (n->at == n->text.len) return !n->hex;
    if (dfl__lower((unsigned char)n->text.ptr[n->at]) != (n->hex ? 'p' : 'e')) return 0;
    dfl_str rest = dfl__sub(n->text, n->at + 1, n->text.len);
    size_t sign = rest.len > 0 && (rest.ptr[0] == '+' || rest.ptr[0] == '-');
    if (rest.len == sign || digits_from(rest, sign) != rest.len) return 0;
    /* beyond any float either way: Go stops counting there, too */
    if (!dfl__go_int(rest, 16, exponent)) *exponent = rest.ptr[0] == '-' ? -32768 : 32767;
    return 1;
}

/* Whether what has been read overflows a float of 64 bits; the edge itself is left to its digits.
 */
static int overflows(const number *n, int64_t exponent) {
    if (!n->nonzero) return 0;
    int64_t magnitude = n->hex ? 4 * (int64_t)n->digits + exponent : (int64_t)n->digits + exponent;
    return n->hex ? magnitude > 1024 : magnitude > 309;
}

static int is_word(dfl_str s, const char *word) {
    if (s.len > 0 && (s.ptr[0] == '+' || s.ptr[0] == '-') && !dfl__eqz(dfl__str(word), "nan"))
        s = dfl__sub(s, 1, s.len);
    return dfl__ieqz(s, word);
}

/* `*negative` when it is below zero. */
static int is_float(dfl_str s, int *negative) {
    number n = {s, 0, 0, 0, 0, 0};
    int64_t exponent;
    int minus = s.len > 0 && s.ptr[0] == '-';
    *negative = minus;
    if (is_word(s, "inf") || is_word(s, "infinity") || is_word(s, "nan")) return 1;
    if (minus || (s.len > 0 && s.ptr[0] == '+')) n.text = dfl__sub(s, 1, s.len);
    if (n.text.len > 1 && n.text.ptr[0] == '0' && dfl__lower((unsigned char)n.text.ptr[1]) == 'x')
        n.hex = 1, n.at = 2;
    if (!read_digits(&n, 1, n.hex)) return 0;
    if (n.at < n.text.len && n.text.ptr[n.at] == '.') {
        n.at++;
        if (!read_digits(&n, 0, 0)) return 0;
    }
    if (!n.any || !read_exponent(&n, &exponent)) return 0;
    *negative = minus && n.nonzero;
    return !overflows(&n, exponent);
}

/* A unit: b, or k m g t p with b or ib behind it. */
static int is_unit(dfl_str s) {
    if (s.len == 0 || dfl__ieqz(s, "b")) return 1;
    if (!dfl__is_any_of(dfl__lower((unsigned char)s.ptr[0]), "kmgtp")) return 0;
    dfl_str rest = dfl__sub(s, 1, s.len);
    return rest.len == 0 || dfl__ieqz(rest, "b") || dfl__ieqz(rest, "ib");
}

int dfl__is_size(dfl_str s) {
    size_t end = s.len;
    int negative;
    while (end > 0 && !dfl__is_any_of((unsigned char)s.ptr[end - 1], "0123456789. "))
        end--;
    if (end == 0) return 0;
    dfl_str unit = dfl__sub(s, end, s.len);
    if (s.ptr[end - 1] == ' ') end--;
    return is_float(dfl__sub(s, 0, end), &negative) && !negative && is_unit(unit);
}

/* --- addresses */

static int is_ipv4(dfl_str s) {
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        size_t end = digits_from(s, at);
        dfl_str digits = dfl__sub(s, at, end);
        if (digits.len == 0 || digits.len > 3 || !dfl__is_u32(digits, 10)) return 0;
        if (digits.len > 1 && digits.ptr[0] == '0') return 0;
        if (digits.len == 3 && memcmp(digits.ptr, "255", 3) > 0) return 0;
        if (part < 3 && (end == s.len || s.ptr[end] != '.')) return 0;
        at = part < 3 ? end + 1 : end;
    }
    return at == s.len;
}

static size_t hex_from(dfl_str s, size_t at) {
    while (at < s.len && dfl__hex_value((unsigned char)s.ptr[at]) >= 0)
        at++;
    return at;
}

/* Groups of up to four digits, one `::` for missing ones, an IPv4 address for the last two. */
static int is_ipv6(dfl_str s) {
    int groups = 0, gap = 0;
    size_t at = 0;
    if (s.len >= 2 && s.ptr[0] == ':' && s.ptr[1] == ':') gap = 1, at = 2;
    while (at < s.len) {
        size_t end = hex_from(s, at);
        if (end < s.len && s.ptr[end] == '.')
            return is_ipv4(dfl__sub(s, at, s.len)) && (gap ? groups < 6 : groups == 6);
        if (end == at || end - at > 4 || ++groups > 8) return 0;
        if (end == s.len) break;
        if (s.ptr[end] != ':' || end + 1 == s.len) return 0;
        at = end + 1;
        if (s.ptr[at] != ':') continue;
        if (gap) return 0;
        gap = 1;
        at++;
    }
    return gap ? groups < 8 : groups == 8;
}

int dfl__is_ip(dfl_str s) {
    size_t colon = dfl__find(s, ':', 0), dot = dfl__find(s, '.', 0);
    return colon < dot ? is_ipv6(s) : is_ipv4(s);
}

/* --- ports */

static int port_number(dfl_str s, uint32_t *port) {
    int64_t value;
    if (!dfl__go_int(s, 64, &value) || value < 0 || value > 65535) return 0;
    *port = (uint32_t)value;
    return 1;
}

static int port_range(dfl_str s, uint32_t *first, uint32_t *last) {
    size_t dash = dfl__find(s, '-', 0);
    dfl_str start = dfl__sub(s, 0, dash);
    dfl_str end = dash < s.len ? dfl__sub(s, dash + 1, s.len) : start;
    if (!port_number(start, first)) return 0;
    *last = *first;
    return dfl__eq(start, end) || (port_number(end, last) && *last >= *first);
}

/* The address before the ports, which may stand in brackets. */
static int is_host_address(dfl_str ip) {
    if (ip.len == 0 || ip.ptr[0] != '[') return ip.len == 0 || dfl__is_ip(ip);
    if (dfl__find(ip, ']', 0) != ip.len - 1 || dfl__find(ip, '[', 1) != ip.len) return 0;
    ip = dfl__sub(ip, 1, ip.len - 1);
    return ip.len == 0 || dfl__is_ip(ip);
}

static dfl_str behind_last_colon(dfl_str s, dfl_str *before) {
    size_t colon = s.len;
    while (colon > 0 && s.ptr[colon - 1] != ':')
        colon--;
    *before = dfl__sub(s, 0, colon > 0 ? colon - 1 : 0);
    return dfl__sub(s, colon, s.len);
}

const char *const dfl__protocols[DFL__PROTOCOLS] = {"tcp", "udp", "sctp"};

int dfl__ports_parse(dfl_str s, dfl__ports *out) {
    dfl_str before, ip, container = behind_last_colon(s, &before);
    dfl_str host = behind_last_colon(before, &ip);
    size_t slash = dfl__find(container, '/', 0);
    dfl_str protocol =
        slash < container.len ? dfl__sub(container, slash + 1, container.len) : DFL__LIT("");
    dfl__ports ports = {0, 0, protocol.len == 0 ? dfl__protocols[0] : NULL};
    uint32_t first, last;
    for (size_t i = 0; i < DFL__PROTOCOLS; i++)
        if (dfl__ieqz(protocol, dfl__protocols[i])) ports.protocol = dfl__protocols[i];
    if (slash == 0 || ports.protocol == NULL || !is_host_address(ip)) return 0;
    if (!port_range(dfl__sub(container, 0, slash), &ports.first, &ports.last)) return 0;
    if (host.len > 0) {
        if (!port_range(host, &first, &last)) return 0;
        if (ports.last - ports.first != last - first && ports.last != ports.first) return 0;
    }
    *out = ports;
    return 1;
}
