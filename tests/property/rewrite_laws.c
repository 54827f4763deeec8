/* rewrite_laws.c -- runs a rewrite on each file on standard input and holds its plan to the laws.
 * Relies on the laws of the spec runner (derived.h) and on rewrite_laws.py, which makes the files.
 * Never stops at a broken law: it answers a line for each file, the outcome and what is broken.
 * A file is five numbers of four bytes, least significant first, and its bytes: their length, the
 * rewrite, the builder, the sharing and the id. */
#include "../spec/derived.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    dfl_status (*run)(const dfl_doc *doc, const dfl_rewrite_options *opt, dfl_plan **out);
    const char *to;
    int keeps_instructions; /* all but those that hold commands and their variables stay */
} rewrites[] = {{dfl_rewrite_cache, "", 1},          {dfl_rewrite_base, "slim", 0},
                {dfl_rewrite_base, "distroless", 0}, {dfl_rewrite_base, "alpine", 0},
                {dfl_rewrite_base, "debian:12", 0},  {dfl_rewrite_split, "", 0},
                {dfl_rewrite_optimize, "", 0}};
static const char *const ids[] = {"", "none", "tool", "platform", "shop"};

static int read_number(uint32_t *out) {
    unsigned char b[4];
    if (fread(b, 1, sizeof b, stdin) != sizeof b) return 0;
    *out = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    return 1;
}

/* The next instruction from `at` on that a cache rewrite has no business with; 0 at the end. */
static uint32_t other_instruction(const dfl_node_rec *nodes, size_t count, uint32_t at) {
    for (uint32_t i = at; i < count; i++) {
        uint16_t kind = nodes[i].kind;
        if (kind < DFL_NODE_ADD || (nodes[i].flags & DFL_NODE_F_NESTED) != 0) continue;
        if (kind != DFL_NODE_RUN && kind != DFL_NODE_ENV && kind != DFL_NODE_ONBUILD &&
            kind != DFL_NODE_COPY)
            return i;
    }
    return 0;
}

static int same_text(const dfl_doc *a, uint32_t i, const dfl_doc *b, uint32_t k) {
    dfl_range x = dfl_node_range(dfl_doc_node(a, i)), y = dfl_node_range(dfl_doc_node(b, k));
    return x.end - x.start == y.end - y.start &&
           memcmp(dfl_doc_source(a).ptr + x.start, dfl_doc_source(b).ptr + y.start,
                  x.end - x.start) == 0;
}

static int keeps_instructions(const dfl_doc *doc, const dfl_doc *result) {
    size_t count, result_count;
    const dfl_node_rec *nodes = dfl_doc_nodes(doc, &count);
    const dfl_node_rec *others = dfl_doc_nodes(result, &result_count);
    uint32_t i = other_instruction(nodes, count, 1);
    uint32_t k = other_instruction(others, result_count, 1);
    while (i != 0 && k != 0 && same_text(doc, i, result, k)) {
        i = other_instruction(nodes, count, i + 1);
        k = other_instruction(others, result_count, k + 1);
    }
    return i == 0 && k == 0;
}

static void answer(const bytes *file, const uint32_t options[4]) {
    static const char *const outcomes[] = {"", "changed", "unchanged", "refused"};
    rewrite rw = {rewrites[options[0]].run, DFL_REWRITE_OPTIONS_INIT};
    bytes why = {NULL, 0, 0};
    dfl_doc *doc = NULL;
    dfl_plan *plan = NULL;
    rw.options.to = (dfl_str){rewrites[options[0]].to, strlen(rewrites[options[0]].to)};
    rw.options.builder = options[1];
    rw.options.sharing = options[2];
    rw.options.id = (dfl_str){ids[options[3]], strlen(ids[options[3]])};
    if (dfl_parse(file->ptr != NULL ? file->ptr : "", file->len, NULL, &doc) != DFL_OK ||
        rw.run(doc, &rw.options, &plan) != DFL_OK) {
        bytes_addz(&why, "it fails");
    } else if (derived_plan(file, &rw, plan, &why) && rewrites[options[0]].keeps_instructions &&
               !keeps_instructions(doc, dfl_plan_result(plan))) {
        bytes_addz(&why, "an instruction without commands is not the same");
    }
    printf("%s\t%s\n", outcomes[dfl_plan_outcome(plan)], why.len > 0 ? why.ptr : "");
    bytes_free(&why);
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
}

int main(void) {
    uint32_t len, options[4];
    while (read_number(&len)) {
        bytes file = {NULL, 0, 0};
        char *text = malloc(len + 1);
        if (text == NULL) return 1;
        for (int i = 0; i < 4; i++)
            if (!read_number(&options[i])) return 1;
        if (options[0] >= sizeof rewrites / sizeof *rewrites || fread(text, 1, len, stdin) != len)
            return 1;
        bytes_add(&file, text, len);
        answer(&file, options);
        bytes_free(&file);
        free(text);
    }
    return 0;
}
