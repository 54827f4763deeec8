/* codes.c -- see codes.h.
 * Relies on codes.def for the list.
 * Never allocates. */
#include "rewrite/codes.h"

#define STEP DFL__CODE_STEP
#define REFUSAL DFL__CODE_REFUSAL
#define CODE(name, kinds, meaning, remedy) {name, kinds, meaning, remedy},
static const dfl__rewrite_code codes[] = {
#include "rewrite/codes.def"
};
#undef CODE

const dfl__rewrite_code *dfl__rewrite_code_at(size_t index) {
    return index < sizeof codes / sizeof *codes ? &codes[index] : NULL;
}

int dfl__rewrite_code_is(const char *name, uint32_t kinds) {
    const dfl__rewrite_code *code;
    for (size_t i = 0; (code = dfl__rewrite_code_at(i)) != NULL; i++) {
        if (dfl__same(name, code->name)) return (code->kinds & kinds) != 0;
    }
    return 0;
}
