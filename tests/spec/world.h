/* world.h -- what surrounds the build of a case: arguments, platforms, contexts, base images.
 * Relies on dft.h and the library's public face.
 * Never outlives its case: texts are those of its sections. */
#ifndef TESTS_SPEC_WORLD_H
#define TESTS_SPEC_WORLD_H

#include "dft.h"
#include "dockerfile/io.h"

typedef struct {
    dfl_model_options options;
    dfl_binding *args, *contexts;
    size_t args_count, contexts_count;
    dfl_base_image *bases;
    dfl_io_image_config **images; /* [options.bases_count] */
    dfl_io_error error;
} world;

/* Read the sections `args`, `world` and `image REF`. 0 when one is wrong: `*line` and `*why` say
 * what. world_free is due in any case. */
int world_read(world *w, const dft_case *c, size_t *line, const char **why);
void world_free(world *w);

/* Append `NAME=value`. */
void world_add_binding(dfl_binding **list, size_t *count, dfl_str text);

/* The line at `*at`, which moves behind it, without blanks around it. */
dfl_str next_line(dfl_str text, size_t *at);
/* The word before the first blank; `*rest` is what follows it. */
dfl_str first_word(dfl_str text, dfl_str *rest);

#endif
