/* report.c -- messages on standard error, and the nearest word to one that is not known.
 * Relies on cli.h.
 * Never passes a control character of a file on to the terminal. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 32 /* longer words have no near ones */

/* Length of the character at `p` when it may be shown as it is; 0 for a control character and for
 * what is not UTF-8. */
static size_t plain(const unsigned char *p, size_t len) {
    if (p[0] < 0x80) return p[0] >= 0x20 && p[0] != 0x7F;
    size_t n = p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (n == 0 || n > len) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    /* C1 controls, and second bytes that make a sequence overlong, a surrogate or too large */
    static const struct {
        unsigned char lead, low, high;
    } second[] = {{0xC2, 0xA0, 0xBF},
                  {0xE0, 0xA0, 0xBF},
                  {0xED, 0x80, 0x9F},
                  {0xF0, 0x90, 0xBF},
                  {0xF4, 0x80, 0x8F}};
    for (size_t i = 0; i < sizeof second / sizeof *second; i++)
        if (p[0] == second[i].lead && (p[1] < second[i].low || p[1] > second[i].high)) return 0;
    return n;
}

static void put(const char *bytes, size_t len) {
    for (size_t i = 0; i < len;) {
        const unsigned char *at = (const unsigned char *)bytes + i;
        size_t n = plain(at, len - i);
        if (n == 0)
            fprintf(stderr, "\\x%02x", *at);
        else
            fwrite(at, 1, n, stderr);
        i += n != 0 ? n : 1;
    }
}

static void put_z(const char *z) {
    put(z, strlen(z));
}

dfl_str text_of(const char *z) {
    dfl_str s = {z, z != NULL ? strlen(z) : 0};
    return s;
}

void say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            put(format, 1);
            continue;
        }
        switch (*++format) {
        case 's': put_z(va_arg(args, const char *)); break;
        case 'S': {
            const dfl_str *s = va_arg(args, const dfl_str *);
            put(s->ptr, s->len);
            break;
        }
        case 'u': fprintf(stderr, "%u", (unsigned)va_arg(args, uint32_t)); break;
        default: put(format, 1);
        }
    }
    va_end(args);
    fputc('\n', stderr);
}

static const char *severity_name(uint32_t severity) {
    switch (severity) {
    case DFL_SEVERITY_ERROR: return "error";
    case DFL_SEVERITY_WARNING: return "warning";
    default: return "note";
    }
}

static void say_diag(const input *in, const dfl_diag *diag) {
    dfl_pos pos = dfl_doc_pos(in->doc, diag->range.start);
    say("%s:%u:%u: %s: %S [%s]", in->name, pos.line + 1, pos.utf8 + 1,
        severity_name(diag->severity), &diag->message, diag->name);
}

void say_diags(const input *in, size_t max, int errors_only) {
    size_t said = 0, left = 0;
    for (size_t i = 0; i < dfl_doc_diag_count(in->doc); i++) {
        dfl_diag diag = {.size = sizeof diag};
        if (dfl_doc_diag(in->doc, i, &diag) != DFL_OK) continue;
        if (errors_only && diag.severity != DFL_SEVERITY_ERROR) continue;
        if (said == max) {
            left++;
            continue;
        }
        say_diag(in, &diag);
        said++;
    }
    if (left != 0) say("%s: %u more; `dockerfile parse` lists them", in->name, (uint32_t)left);
}

size_t say_model_errors(const input *in, const dfl_model *model) {
    size_t errors = 0;
    for (size_t i = 0; i < dfl_model_diag_count(model); i++) {
        dfl_diag diag = {.size = sizeof diag};
        if (dfl_model_diag(model, i, &diag) != DFL_OK) continue;
        say_diag(in, &diag);
        errors += diag.severity == DFL_SEVERITY_ERROR;
    }
    return errors;
}

void say_refusals(const input *in, const dfl_plan *plan) {
    for (size_t i = 0; i < dfl_plan_refusal_count(plan); i++) {
        dfl_refusal refusal = {.size = sizeof refusal};
        if (dfl_plan_refusal(plan, i, &refusal) != DFL_OK) continue;
        say("%s:%u: refused: %s: %S", in->name, dfl_doc_pos(in->doc, refusal.range.start).line + 1,
            refusal.code, &refusal.message);
    }
}

int say_status(const char *name, dfl_status status) {
    switch (status) {
    case DFL_E_NOMEM: say("dockerfile: %s: out of memory", name); break;
    case DFL_E_LIMIT: say("dockerfile: %s: larger than the library's limits allow", name); break;
    default: say("dockerfile: %s: internal error: %s", name, dfl_status_name(status));
    }
    return STATUS_USAGE;
}

/* Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`. */
static size_t distance(const char *a, const char *b) {
    size_t rows[3][WORD_MAX + 1], m = strlen(a), n = strlen(b);
    if (m > WORD_MAX || n > WORD_MAX) return WORD_MAX;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t *row = rows[i % 3];
        const size_t *up = rows[(i - 1) % 3], *up2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = up[j - 1] + (a[i - 1] != b[j - 1]);
            if (up[j] + 1 < best) best = up[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && up2[j - 2] + 1 < best) best = up2[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[m % 3][n];
}

const char *nearest(const char *word, const char *(*next)(const void *ctx, size_t n),
                    const void *ctx) {
    const char *best = NULL, *candidate;
    size_t least = strlen(word) / 3 + 1;
    for (size_t i = 0; (candidate = next(ctx, i)) != NULL; i++) {
        size_t d = distance(word, candidate);
        if (d < strlen(candidate) && d <= least && (best == NULL || d < least)) {
            best = candidate;
            least = d;
        }
    }
    return best;
}
