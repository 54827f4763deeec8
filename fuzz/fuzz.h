/* fuzz.h -- what the harnesses share.
 * Relies on the library, its internals included.
 * Never reads files or the clock: one input, one run. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdint.h>

#include "base/text.h"
#include "dockerfile/dockerfile.h"
#include "dockerfile/io.h"

/* Stop with a message when a law does not hold; a fuzzer then keeps the input. */
#define REQUIRE(condition) ((condition) ? (void)0 : fuzz_stop(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_stop(const char *file, int line, const char *law);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An input is a Dockerfile; lines "#!name value" before it steer the harness. Takes the next such
 * line off `text`; 0 when there is none. */
int fuzz_option(dfl_str *text, dfl_str *name, dfl_str *value);

/* The number at the start of `text`, past blanks; what follows stays in `text`. */
uint32_t fuzz_number(dfl_str *text);

/* Parse; stops unless the tree holds every byte and is sound. */
dfl_doc *fuzz_parse(dfl_str source);

/* A sink that counts: `ctx` is a size_t. */
int32_t fuzz_count(void *ctx, const char *ptr, size_t len);

/* A failure of libdockerfile-io says what and where. */
void fuzz_io_error(const dfl_io_error *error);

/* A whole rewrite harness: options from the input, the plan, its laws. */
typedef dfl_status fuzz_rewrite_fn(const dfl_doc *doc, const dfl_rewrite_options *opt,
                                   dfl_plan **out);
void fuzz_rewrite(const uint8_t *data, size_t size, fuzz_rewrite_fn *run);

#endif
