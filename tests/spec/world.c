/* world.c -- see world.h.
 * Relies on the library's reader of image configurations.
 * Never guesses: a line it does not know is an error of the case. */
#include "world.h"

#include <stdlib.h>

#include "base/text.h"

dfl_str next_line(dfl_str text, size_t *at) {
    size_t end = dfl__find(text, '\n', *at);
    dfl_str line = dfl__sub(text, *at, end);
    *at = end + 1;
    return dfl__trim(line);
}

dfl_str first_word(dfl_str text, dfl_str *rest) {
    size_t end = dfl__find(text, ' ', 0);
    *rest = dfl__trim(dfl__sub(text, end, text.len));
    return dfl__sub(text, 0, end);
}

void world_add_binding(dfl_binding **list, size_t *count, dfl_str text) {
    size_t eq = dfl__find(text, '=', 0);
    *list = realloc(*list, (*count + 1) * sizeof(**list));
    if (*list == NULL) abort();
    dfl_str value = eq < text.len ? dfl__sub(text, eq + 1, text.len) : (dfl_str){"", 0};
    (*list)[(*count)++] = (dfl_binding){dfl__sub(text, 0, eq), value};
}

static int set_argument(world *w, dfl_str line) {
    world_add_binding(&w->args, &w->args_count, line);
    return 1;
}

static int set_option(world *w, dfl_str line) {
    dfl_model_options *o = &w->options;
    dfl_str value, name = first_word(line, &value);
    if (dfl__eqz(name, "all-args"))
        o->flags = DFL_MODEL_F_ALL_ARGS;
    else if (dfl__eqz(name, "target"))
        o->target = value;
    else if (dfl__eqz(name, "platform"))
        o->target_platform = value;
    else if (dfl__eqz(name, "build"))
        o->build_platform = value;
    else if (dfl__eqz(name, "context"))
        world_add_binding(&w->contexts, &w->contexts_count, value);
    else
        return 0;
    return 1;
}

static int read_lines(world *w, const section *s, int set(world *w, dfl_str line)) {
    dfl_str body = {s->body.ptr, s->body.len};
    for (size_t at = 0; at < body.len;) {
        dfl_str line = next_line(body, &at);
        if (line.len > 0 && !set(w, line)) return 0;
    }
    return 1;
}

/* The configuration of a base image, as JSON. */
static int read_image(world *w, const section *s, dfl_str reference) {
    size_t count = w->options.bases_count;
    dfl_str body = {s->body.ptr, s->body.len};
    w->images = realloc(w->images, (count + 1) * sizeof(*w->images));
    w->bases = realloc(w->bases, (count + 1) * sizeof(*w->bases));
    if (w->images == NULL || w->bases == NULL) abort();
    if (dfl_io_image_config_parse(body, s->title, &w->images[count], &w->error) != DFL_OK) return 0;
    w->bases[count] = (dfl_base_image){reference, dfl_io_image_config_values(w->images[count])};
    w->options.bases = w->bases;
    w->options.bases_count = count + 1;
    return 1;
}

/* 0 when the section is wrong. */
static int read_section(world *w, const section *s, const char **why) {
    dfl_str arg, name = first_word(dfl__str(s->title), &arg);
    *why = "a line is not known";
    if (dfl__eqz(name, "args")) return read_lines(w, s, set_argument);
    if (dfl__eqz(name, "world")) return read_lines(w, s, set_option);
    *why = w->error.message;
    return dfl__eqz(name, "image") ? read_image(w, s, arg) : 1;
}

int world_read(world *w, const dft_case *c, size_t *line, const char **why) {
    *w = (world){.options = DFL_MODEL_OPTIONS_INIT};
    w->options.catalog = dfl_catalog_builtin();
    for (size_t i = 1; i < c->count; i++) {
        *line = c->sections[i].line;
        if (!read_section(w, &c->sections[i], why)) return 0;
    }
    w->options.args = w->args;
    w->options.args_count = (uint32_t)w->args_count;
    w->options.contexts = w->contexts;
    w->options.contexts_count = (uint32_t)w->contexts_count;
    return 1;
}

void world_free(world *w) {
    for (size_t i = 0; i < w->options.bases_count; i++)
        dfl_io_image_config_free(w->images[i]);
    free(w->images);
    free(w->bases);
    free(w->args);
    free(w->contexts);
}
