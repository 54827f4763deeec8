/* output.c -- standard output, written only when what goes there is complete.
 * Relies on open_memstream of POSIX.
 * Never complains of a reader that has seen enough: a closed pipe is silent. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct output {
    FILE *stream;
    char *bytes;
    size_t len;
};

output *output_new(void) {
    output *out = calloc(1, sizeof *out);
    if (out != NULL) out->stream = open_memstream(&out->bytes, &out->len);
    if (out == NULL || out->stream == NULL) {
        say("dockerfile: out of memory");
        free(out);
        return NULL;
    }
    return out;
}

static int32_t write_memory(void *ctx, const char *ptr, size_t len) {
    return fwrite(ptr, 1, len, ctx) == len ? 0 : 1;
}

dfl_sink output_sink(output *out) {
    dfl_sink sink = {write_memory, out->stream};
    return sink;
}

int output_bytes(dfl_str bytes) {
    errno = 0;
    if ((bytes.len == 0 || fwrite(bytes.ptr, 1, bytes.len, stdout) == bytes.len) &&
        fflush(stdout) == 0)
        return STATUS_DONE;
    if (errno == EPIPE) return STATUS_DONE;
    say("dockerfile: cannot write standard output: %s", strerror(errno));
    return STATUS_USAGE;
}

int output_send(output *out) {
    int status = STATUS_USAGE;
    int closed = fclose(out->stream) == 0;
    out->stream = NULL;
    if (closed) {
        dfl_str bytes = {out->bytes, out->len};
        status = output_bytes(bytes);
    } else {
        say("dockerfile: out of memory");
    }
    output_drop(out);
    return status;
}

int output_finish(output *out, const char *name, dfl_status status) {
    if (status == DFL_OK) return output_send(out);
    output_drop(out);
    return say_status(name, status);
}

void output_drop(output *out) {
    if (out == NULL) return;
    if (out->stream != NULL) fclose(out->stream);
    free(out->bytes);
    free(out);
}
