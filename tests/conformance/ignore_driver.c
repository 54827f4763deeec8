/* ignore_driver.c -- .dockerignore for the comparers: its patterns, and paths judged by them.
 * Relies on wire.h and model/ignore.h.
 * Never decides which categories count as equal. */
#include "model/ignore.h"

#include <stdlib.h>

#include "wire.h"

static const char *const categories[] = {
    [DFL_IGNORE_OK] = "",
    [DFL_IGNORE_LONG_LINE] = "ignore-read",
    [DFL_IGNORE_BARE] = "ignore-exclusion",
    [DFL_IGNORE_SYNTAX] = "ignore-pattern",
};

/* The patterns as BuildKit's reader hands them to its matcher, behind their count. */
static void add_patterns(wire_message *answer, dfl_str src) {
    dfl__ignore_reader reader = {src, 0, 0};
    dfl__ignore_line line;
    uint32_t count = 0;
    while (dfl__ignore_next(&reader, &line))
        count++;
    wire_add_number(answer, count);
    reader = (dfl__ignore_reader){src, 0, 0};
    while (dfl__ignore_next(&reader, &line)) {
        char *text = malloc(line.end - line.start + 1u);
        if (text == NULL) abort();
        size_t len = dfl__ignore_tidy(dfl__sub(src, line.start, line.end), text);
        wire_add(answer, (dfl_str){text, len});
        free(text);
    }
}

static void add_verdict(wire_message *answer, const dfl_ignore *ignore, dfl_str path,
                        uint32_t mode) {
    int32_t excluded = -1;
    switch (dfl_ignore_match(ignore, path, mode, &excluded, NULL)) {
    case DFL_OK: wire_addz(answer, excluded ? "excluded" : "kept"); break;
    case DFL_E_FORMAT: wire_addz(answer, "failed"); break;
    case DFL_E_UNSUPPORTED: wire_addz(answer, "unsupported"); break;
    case DFL_E_LIMIT: wire_addz(answer, "limit"); break;
    default: wire_addz(answer, "?");
    }
}

/* Operands: the file, then paths. Answers category; unless there is one, the patterns, and for
 * each path the verdict by the whole path and by a walk. */
void ignore_answer(const wire_message *request, wire_message *answer) {
    dfl_ignore *ignore = NULL;
    dfl_str src = wire_get(request, 1);
    dfl_pattern pattern = {.size = sizeof pattern};
    if (dfl_ignore_new(src.ptr, src.len, NULL, &ignore) != DFL_OK) abort();
    uint32_t refused = dfl_ignore_refused(ignore);
    if (refused != DFL_NO_PATTERN && dfl_ignore_pattern(ignore, refused, &pattern) != DFL_OK)
        abort();
    wire_addz(answer, categories[pattern.error]);
    if (refused == DFL_NO_PATTERN) {
        add_patterns(answer, src);
        for (uint32_t i = 2; i < request->count; i++) {
            add_verdict(answer, ignore, wire_get(request, i), DFL_IGNORE_PATH);
            add_verdict(answer, ignore, wire_get(request, i), DFL_IGNORE_WALK);
        }
    }
    dfl_ignore_free(ignore);
}
