/* models.h -- what tests of models share: models from text, nodes by their text.
 * Relies on cmocka and the public headers.
 * Never frees what it hands out: callers do. */
#ifndef TESTS_UNIT_MODEL_MODELS_H
#define TESTS_UNIT_MODEL_MODELS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dockerfile/config.h"
#include "dockerfile/graph.h"
#include "dockerfile/scope.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define assert_text(s, z)                                                                          \
    do {                                                                                           \
        dfl_str text_ = (s);                                                                       \
        if (!dfl__eqz(text_, (z)))                                                                 \
            fail_msg("\"%.*s\", not \"%s\"", (int)text_.len, text_.ptr, (z));                      \
    } while (0)

static inline dfl_model *model_under(const char *text, const dfl_model_options *options) {
    dfl_model *model = NULL;
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_parse(text, strlen(text), NULL, &doc), DFL_OK);
    assert_int_equal(dfl_model_new(doc, options, &model), DFL_OK);
    dfl_doc_unref(doc); /* the model keeps its own reference */
    return model;
}

static inline dfl_model *model_of(const char *text) {
    return model_under(text, NULL);
}

/* The model as a build sees it: no build arguments but those given, for linux/amd64. */
static inline dfl_model_options closed(void) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    options.flags = DFL_MODEL_F_ALL_ARGS;
    options.target_platform = options.build_platform = dfl__str("linux/amd64");
    return options;
}

/* The first node of `kind` whose text is `text`. */
static inline dfl_node node_with(const dfl_model *model, uint32_t kind, const char *text) {
    const dfl_doc *doc = dfl_model_doc(model);
    size_t count;
    (void)dfl_doc_nodes(doc, &count);
    for (uint32_t i = 0; i < count; i++) {
        dfl_node node = dfl_doc_node(doc, i);
        if (dfl_node_kind(node) == kind && dfl__eqz(dfl_node_text(node), text)) return node;
    }
    fail_msg("there is no node \"%s\"", text);
    return dfl_doc_root(NULL);
}

/* Source bytes of a range. */
static inline dfl_str source_of(const dfl_model *model, dfl_range range) {
    return dfl__sub(dfl_doc_source(dfl_model_doc(model)), range.start, range.end);
}

#endif
