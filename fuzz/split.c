/* split.c -- dfl_rewrite_split: a builder and a runtime stage, under the laws of every rewrite.
 * Relies on fuzz.h.
 * Never expects a plan to change anything. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_rewrite(data, size, dfl_rewrite_split);
    return 0;
}
