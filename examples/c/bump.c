/* bump.c -- gives every image of a repository another tag, and leaves all other bytes alone.
 *
 *     bump golang 1.23 < Dockerfile > Dockerfile.new
 *
 * The tag is changed where it is held, in the instruction or in the default of an ARG. The result
 * is read again and proved; a change that would give another image a new tag, too, is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dockerfile/dockerfile.h>

#define MAX_BYTES (4u << 20)

/* `golang` and `golang:1.22-alpine` are of repository "golang"; `golang@sha256:...` is pinned. */
static int is_of(const dfl_image *image, const char *repository) {
    size_t n = strlen(repository);
    dfl_str name = image->familiar;
    if (!image->known || image->digest.text.len != 0) return 0;
    if (name.len < n || memcmp(name.ptr, repository, n) != 0) return 0;
    return name.len == n || name.ptr[n] == ':';
}

static dfl_status bump(dfl_edits *edits, const dfl_images *images, const char *repository,
                       dfl_str to) {
    size_t count = 0, all = dfl_images_count(images);
    dfl_image_change *changes = calloc(all + 1, sizeof *changes);
    if (changes == NULL) return DFL_E_NOMEM;
    for (size_t i = 0; i < all; i++) {
        dfl_image image = {.size = sizeof image};
        if (dfl_images_get(images, i, &image) == DFL_OK && is_of(&image, repository))
            changes[count++] = (dfl_image_change){to, (uint32_t)i, 0};
    }
    dfl_status status = dfl_edits_set_images(edits, images, changes, count, 0);
    free(changes);
    return status;
}

int main(int argc, char **argv) {
    static char bytes[MAX_BYTES];
    char reference[512];
    dfl_doc *doc = NULL, *changed = NULL;
    dfl_model *model = NULL;
    dfl_images *images = NULL;
    dfl_edits *edits = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: bump REPOSITORY TAG < Dockerfile\n");
        return 2;
    }
    int n = snprintf(reference, sizeof reference, "%s:%s", argv[1], argv[2]);
    if (n < 0 || (size_t)n >= sizeof reference) return 2;
    dfl_str to = {reference, (size_t)n};
    size_t len = fread(bytes, 1, sizeof bytes, stdin);

    dfl_status status = dfl_parse(bytes, len, NULL, &doc);
    if (status == DFL_OK) status = dfl_model_new(doc, NULL, &model);
    if (status == DFL_OK) status = dfl_model_images(model, &images);
    if (status == DFL_OK) status = dfl_edits_new(doc, &edits);
    if (status == DFL_OK) status = bump(edits, images, argv[1], to);
    if (status == DFL_OK) status = dfl_edits_apply(edits, &changed);
    if (status == DFL_OK) {
        dfl_str result = dfl_doc_source(changed);
        fwrite(result.ptr, 1, result.len, stdout);
    } else {
        dfl_str why = dfl_edits_reason(edits);
        fprintf(stderr, "bump: %s: %.*s\n", dfl_status_name(status), (int)why.len, why.ptr);
    }
    dfl_doc_unref(changed);
    dfl_edits_free(edits);
    dfl_images_free(images);
    dfl_model_free(model);
    dfl_doc_unref(doc);
    return status == DFL_OK ? 0 : 1;
}
