/* driver.c -- the library's side of the comparison: a request in, its answer out.
 * Relies on wire.h; one file an operation.
 * Never compares: that is the comparers' work. */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    void (*answer)(const wire_message *request, wire_message *answer);
} operations[] = {
    {"expand", expand_answer}, {"ignore", ignore_answer},     {"model", model_answer},
    {"lint", lint_answer},     {"parse", parse_answer},       {"reference", reference_answer},
    {"digest", digest_answer}, {"platform", platform_answer}, {"context", context_answer},
};

static void serve(const wire_message *request, wire_message *answer) {
    dfl_str name = wire_get(request, 0);
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        if (name.len != strlen(operations[i].name)) continue;
        if (memcmp(name.ptr, operations[i].name, name.len) != 0) continue;
        operations[i].answer(request, answer);
        return;
    }
    fprintf(stderr, "conformance driver: no operation %.*s\n", (int)name.len, name.ptr);
    exit(1);
}

int main(void) {
    wire_message request = {0}, answer = {0};
    while (wire_read(&request)) {
        serve(&request, &answer);
        wire_write(&answer);
    }
    wire_free(&request);
    wire_free(&answer);
    return fflush(stdout) == 0 ? 0 : 1;
}
