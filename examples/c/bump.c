/* bump.c -- gives every FROM of a repository another tag, and leaves all other bytes alone.
 *
 *     bump golang 1.23 < Dockerfile > Dockerfile.new
 *
 * Quoting is the library's work, and what it hands back is parsed again and proved. */
#include <stdio.h>
#include <string.h>

#include <dockerfile/dockerfile.h>

#define MAX_BYTES (4u << 20)

/* `golang` and `golang:1.22-alpine` are of repository "golang"; `golang@sha256:...` is pinned. */
static int is_of(dfl_str image, const char *repository) {
    size_t n = strlen(repository);
    if (image.len < n || memcmp(image.ptr, repository, n) != 0) return 0;
    if (memchr(image.ptr, '@', image.len) != NULL) return 0;
    return image.len == n || image.ptr[n] == ':';
}

static dfl_status bump(dfl_edits *edits, const dfl_doc *doc, const char *repository, dfl_str image) {
    dfl_node node = dfl_node_first(dfl_doc_root(doc));
    for (; !dfl_node_is_null(node); node = dfl_node_next(node)) {
        dfl_node base = dfl_node_child(node, DFL_NODE_WORD);
        if (dfl_node_kind(node) != DFL_NODE_FROM || !is_of(dfl_node_value(base), repository))
            continue;
        dfl_status status = dfl_edits_set_value(edits, base, image);
        if (status != DFL_OK) return status;
    }
    return DFL_OK;
}

int main(int argc, char **argv) {
    static char bytes[MAX_BYTES];
    char image[512];
    dfl_doc *doc = NULL, *changed = NULL;
    dfl_edits *edits = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: bump REPOSITORY TAG < Dockerfile\n");
        return 2;
    }
    int n = snprintf(image, sizeof image, "%s:%s", argv[1], argv[2]);
    if (n < 0 || (size_t)n >= sizeof image) return 2;
    dfl_str want = {image, (size_t)n};
    size_t len = fread(bytes, 1, sizeof bytes, stdin);

    dfl_status status = dfl_parse(bytes, len, NULL, &doc);
    if (status == DFL_OK) status = dfl_edits_new(doc, &edits);
    if (status == DFL_OK) status = bump(edits, doc, argv[1], want);
    if (status == DFL_OK) status = dfl_edits_apply(edits, &changed);
    if (status == DFL_OK) {
        dfl_str result = dfl_doc_source(changed);
        fwrite(result.ptr, 1, result.len, stdout);
    } else {
        fprintf(stderr, "bump: %s\n", dfl_status_name(status));
    }
    dfl_doc_unref(changed);
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
    return status == DFL_OK ? 0 : 1;
}
