/* word.c -- the word lexer: expansion and splitting in every mode, within its budgets.
 * Relies on fuzz.h; "#!mode N" before the word is a bit set of modes.
 * Never expects a word to be valid. */
#include "syntax/word.h"

#include "fuzz.h"

enum { MAX_BYTES = 4096, MAX_DEPTH = 16 };

/* U... is unset, Q... unknown, E... empty, S... two words; any other name is its own value. */
static dfl__var look_up(void *ctx, dfl_str name, dfl_str *value) {
    (void)ctx;
    char first = name.len > 0 ? name.ptr[0] : 'U';
    *value = first == 'E' ? DFL__LIT("") : first == 'S' ? DFL__LIT("two 'words'") : name;
    return first == 'U' ? DFL__VAR_UNSET : first == 'Q' ? DFL__VAR_UNKNOWN : DFL__VAR_SET;
}

/* The pieces tile the output, but for what is kept as written, and stand in the word in order. */
typedef struct {
    size_t word, at, from;
    int gaps; /* something may stand between them */
} tiling;

static void piece(void *ctx, const dfl__word_piece *piece) {
    tiling *seen = ctx;
    REQUIRE(seen->gaps ? piece->at >= seen->at : piece->at == seen->at);
    REQUIRE(piece->from >= seen->from && piece->to >= piece->from);
    REQUIRE(piece->to <= seen->word && (piece->name.ptr != NULL || piece->name.len == 0));
    seen->at = piece->at + piece->len;
    seen->from = piece->to;
}

static void check_expand(dfl_str word, const dfl__word_options *options) {
    dfl__buf out;
    dfl__buf_init(&out, NULL, 0);
    tiling *seen = options->ctx;
    dfl__word_result result = dfl__word_expand(word, options, &out);
    if (options->piece != NULL && result.error == DFL__WORD_OK)
        REQUIRE(seen->gaps ? seen->at <= out.len : seen->at == out.len);
    REQUIRE(out.len <= MAX_BYTES || result.error != DFL__WORD_OK);
    REQUIRE(result.error == DFL__WORD_OK || result.at <= word.len);
    REQUIRE(result.error != DFL__WORD_NOMEM);
    dfl__buf_free(&out);
}

static void check_split(dfl_str word, const dfl__word_options *options) {
    dfl__buf out;
    dfl__offsets ends = {NULL, 0, 0};
    dfl_alloc alloc = dfl__alloc_of(NULL);
    dfl__buf_init(&out, NULL, 0);
    dfl__word_result result = dfl__word_split(word, options, &out, &ends);
    for (uint32_t i = 0; result.error == DFL__WORD_OK && i < ends.count; i++)
        REQUIRE(ends.items[i] <= out.len && (i == 0 || ends.items[i] >= ends.items[i - 1]));
    DFL__VEC_FREE(&alloc, &ends);
    dfl__buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl_str word = {(const char *)data, size}, name, value;
    uint32_t mode = 0;
    tiling seen = {size, 0, 0, 0};
    while (fuzz_option(&word, &name, &value))
        mode = fuzz_number(&value);
    dfl__word_options options = {.escape = mode & 1 ? '`' : '\\',
                                 .raw_quotes = (mode & 2) != 0,
                                 .raw_escapes = (mode & 4) != 0,
                                 .skip_quotes = (mode & 8) != 0,
                                 .skip_unset = (mode & 16) != 0,
                                 .max_depth = MAX_DEPTH,
                                 .max_bytes = MAX_BYTES,
                                 .lookup = mode & 32 ? NULL : look_up,
                                 .piece = mode & 64 ? NULL : piece,
                                 .ctx = &seen};
    seen.gaps = options.raw_quotes || options.skip_unset;
    check_expand(word, &options);
    check_split(word, &options);
    return 0;
}
