/* optimize.c -- dfl_rewrite_optimize: everything in one merged plan, under the laws of every
 * rewrite. Relies on fuzz.h. Never expects a plan to change anything. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_rewrite(data, size, dfl_rewrite_optimize);
    return 0;
}
