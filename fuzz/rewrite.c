/* rewrite.c -- the harness of every rewrite: options, plan, laws, printers.
 * Relies on fuzz.h and the derived checks of tests/spec.
 * Never expects a plan to change anything. */
#include <stdio.h>

#include "derived.h"
#include "fuzz.h"

enum { MAX_FACTS = 16 };

typedef struct {
    dfl_binding facts[MAX_FACTS];
    size_t facts_count;
    rewrite rw;
} setup;

static const char *const ids[] = {"none", "tool", "platform", "x"};

static void set_option(setup *s, dfl_str name, dfl_str value) {
    dfl_rewrite_options *o = &s->rw.options;
    if (dfl__eqz(name, "to"))
        o->to = value;
    else if (dfl__eqz(name, "stage"))
        o->stage = value;
    else if (dfl__eqz(name, "runtime"))
        o->runtime = value;
    else if (dfl__eqz(name, "artifact"))
        o->artifact = value;
    else if (dfl__eqz(name, "user"))
        o->user = fuzz_number(&value) % 3;
    else if (dfl__eqz(name, "builder"))
        o->builder = fuzz_number(&value) % 4;
    else if (dfl__eqz(name, "sharing"))
        o->sharing = fuzz_number(&value) % 4;
    else if (dfl__eqz(name, "id"))
        o->id = dfl__str(ids[fuzz_number(&value) % 4]);
    else if (dfl__eqz(name, "fact") && s->facts_count < MAX_FACTS) {
        size_t eq = dfl__find(value, '=', 0);
        dfl_str text = eq < value.len ? dfl__sub(value, eq + 1, value.len) : DFL__LIT("");
        s->facts[s->facts_count++] = (dfl_binding){dfl__sub(value, 0, eq), text};
    }
}

void fuzz_rewrite(const uint8_t *data, size_t size, fuzz_rewrite_fn *run) {
    dfl_str text = {(const char *)data, size}, name, value;
    setup s = {.rw = {run, DFL_REWRITE_OPTIONS_INIT}};
    dfl_plan *plan = NULL;
    size_t printed = 0;
    dfl_sink sink = {fuzz_count, &printed};
    bytes why = {NULL, 0, 0}, input = {NULL, 0, 0};
    while (fuzz_option(&text, &name, &value))
        set_option(&s, name, value);
    s.rw.options.facts = s.facts;
    s.rw.options.facts_count = s.facts_count;
    dfl_doc *doc = fuzz_parse(text);
    REQUIRE(run(doc, &s.rw.options, &plan) == DFL_OK);
    bytes_add(&input, text.ptr, text.len);
    if (!derived_plan(&input, &s.rw, plan, &why)) fuzz_stop(__FILE__, __LINE__, why.ptr);
    REQUIRE(dfl_print_plan_json(plan, &sink) == DFL_OK && printed > 0);
    REQUIRE(dfl_print_plan_text(plan, DFL__LIT("Dockerfile"), &sink) == DFL_OK);
    REQUIRE(dfl_print_diff(doc, dfl_plan_result(plan), DFL__LIT("Dockerfile"), &sink) == DFL_OK);
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
    bytes_free(&input);
    bytes_free(&why);
}
