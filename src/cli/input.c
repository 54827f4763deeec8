/* input.c -- a file named on the command line, read and parsed.
 * Relies on libdockerfile-io for reading.
 * Never treats a missing file as any other failure: it has its own exit status. */
#include "cli/cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Missing is told before reading, so that the message can say what to do about it. */
static int is_missing(const char *path) {
    struct stat st;
    return strcmp(path, "-") != 0 && stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static int parse(input *in) {
    dfl_str bytes = dfl_io_file_bytes(in->file);
    if (bytes.len == 0) {
        say("dockerfile: %s: empty; a Dockerfile has at least a FROM instruction", in->name);
        return STATUS_NO_INPUT;
    }
    dfl_status status = dfl_parse(bytes.ptr, bytes.len, NULL, &in->doc);
    return status == DFL_OK ? STATUS_DONE : say_status(in->name, status);
}

int input_open(const char *path, input *out) {
    input in = {path, strcmp(path, "-") == 0 ? "<stdin>" : path, NULL, NULL};
    dfl_io_error error = {0};
    int status = STATUS_USAGE;
    if (is_missing(path)) {
        say("dockerfile: %s: no such file; name the Dockerfile to read, or - for standard input",
            path);
        return STATUS_NO_INPUT;
    }
    if (dfl_io_read(path, 0, &in.file, &error) != DFL_OK)
        say("dockerfile: %s", error.message);
    else
        status = parse(&in);
    if (status == STATUS_DONE)
        *out = in;
    else
        input_close(&in);
    return status;
}

void input_close(input *in) {
    dfl_doc_unref(in->doc);
    dfl_io_file_free(in->file);
}
