/* context.c -- named contexts: what a caller puts in the place of stages and images.
 * Relies on reference.h. Follows frontend/dockerui/namedcontext.go and config.go
 * (specification 5.3). Never opens a context: its source is text. */
#include "model/model.h"

/* As BuildKit spells a name before it looks it up: the shortest form, without `:latest`. */
static void write_name(const dfl__reference *ref, dfl__buf *out) {
    int latest = dfl__eqz(ref->tag, "latest") && ref->digest.len == 0;
    dfl__buf_add(out, ref->familiar);
    if (ref->tag.len > 0 && !latest) {
        dfl__buf_addc(out, ':');
        dfl__buf_add(out, ref->tag);
    }
    if (ref->digest.len > 0) {
        dfl__buf_addc(out, '@');
        dfl__buf_add(out, ref->digest);
    }
}

int dfl__image_key(dfl_str reference, dfl__buf *out) {
    dfl__reference ref;
    if (dfl__reference_parse(reference, &ref) != DFL__REF_OK) return 0;
    write_name(&ref, out);
    return 1;
}

static uint32_t index_of(const dfl_model *model, const dfl__buf *name) {
    const dfl__binding *binding = dfl__env_find(&model->context_names, dfl__buf_str(name));
    return binding != NULL ? binding->definition + 1 : 0;
}

static void write_platform(const dfl__platform *platform, dfl__buf *out) {
    dfl__platform normal = *platform;
    dfl__platform_normalize(&normal);
    dfl__buf_addz(out, "::");
    dfl__platform_write(&normal, out);
}

dfl_status dfl__context_find(const dfl_model *model, dfl_str name, const dfl__platform *platform,
                             uint32_t *context) {
    dfl__reference ref;
    dfl__buf buf;
    *context = 0;
    if (dfl__reference_parse(name, &ref) != DFL__REF_OK) return DFL_E_ARG;
    if (model->contexts.count == 0) return DFL_OK;
    dfl__buf_init(&buf, &model->arena.alloc, 0);
    write_name(&ref, &buf);
    size_t len = buf.len;
    if (platform != NULL) write_platform(platform, &buf);
    uint32_t found = index_of(model, &buf);
    if (found == 0 && buf.failed == DFL_OK) {
        buf.len = len;
        found = index_of(model, &buf);
    }
    dfl_status status = buf.failed;
    if (status == DFL_OK) *context = found;
    dfl__buf_free(&buf);
    return status;
}
