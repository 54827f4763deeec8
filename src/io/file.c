/* file.c -- whole files in, and whole files replaced.
 * Relies on POSIX: open, fstat, rename within one directory being atomic.
 * Never leaves a half-written or a temporary file behind, never follows a path twice unchecked. */
#define _XOPEN_SOURCE 700 /* NOLINT: the name is POSIX's */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/error.h"

#define DEFAULT_MAX_BYTES ((size_t)4 << 20)

struct dfl_io_file {
    dfl_alloc alloc;
    dfl__buf bytes;
    char *path; /* NULL for standard input */
    struct stat seen;
};

static dfl__place whole(const char *path) {
    return (dfl__place){path, 0, 0};
}

/* What to say of the errors that users meet; others are told in the system's words. */
static const struct {
    int number;
    const char *text;
} os_errors[] = {
    {ENOENT, "no such file; check the path"},
    {ENOTDIR, "a part of the path is not a directory; check the path"},
    {EACCES, "permission denied; change its mode or run as another user"},
    {EISDIR, "is a directory; name a file in it"},
    {ELOOP, "too many symbolic links; check where they lead"},
    {ENOSPC, "no space left on the device; free some"},
    {EROFS, "the file system is read-only"},
};

static dfl_status os_fail(dfl_io_error *error, const char *path, const char *doing, int number) {
    for (size_t i = 0; i < sizeof os_errors / sizeof *os_errors; i++) {
        if (os_errors[i].number == number)
            return dfl__io_fail(error, DFL_E_IO, whole(path), "cannot %s: %s", doing,
                                os_errors[i].text);
    }
    char text[128];
    if (strerror_r(number, text, sizeof text) != 0) text[0] = '\0';
    return dfl__io_fail(error, DFL_E_IO, whole(path), "cannot %s: %s (error %d)", doing, text,
                        number);
}

static dfl_status too_large(dfl_io_error *error, const char *path, size_t max) {
    return dfl__io_fail(error, DFL_E_LIMIT, whole(path),
                        "larger than %zu bytes; is it the right "
                        "file?",
                        max);
}

/* Append the rest of `fd` to `out`, whose maximum is one byte more than may be read. */
static dfl_status read_all(int fd, const char *path, size_t max, dfl__buf *out,
                           dfl_io_error *error) {
    char chunk[16384];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return os_fail(error, path, "read", errno);
        if (got == 0) return DFL_OK;
        if ((size_t)got > max - out->len) return too_large(error, path, max);
        dfl__buf_add(out, (dfl_str){chunk, (size_t)got});
        if (out->failed != DFL_OK) return dfl__io_nomem(error, path);
    }
}

/* Open a regular file. A pipe or a device must not make us wait: hence O_NONBLOCK. */
static dfl_status open_regular(const char *path, int *fd, struct stat *seen, dfl_io_error *error) {
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0) return os_fail(error, path, "read", errno);
    dfl_status status = DFL_OK;
    if (fstat(opened, seen) != 0) {
        status = os_fail(error, path, "read", errno);
    } else if (S_ISDIR(seen->st_mode)) {
        status = os_fail(error, path, "read", EISDIR);
    } else if (!S_ISREG(seen->st_mode)) {
        status = dfl__io_fail(error, DFL_E_IO, whole(path),
                              "not a regular file; use - to read standard input");
    }
    if (status == DFL_OK) {
        *fd = opened;
    } else {
        close(opened);
    }
    return status;
}

static dfl_status read_path(dfl_io_file *file, const char *path, size_t max, dfl_io_error *error) {
    int fd = -1;
    dfl_status status = open_regular(path, &fd, &file->seen, error);
    if (status != DFL_OK) return status;
    size_t len = strlen(path) + 1;
    file->path = dfl__alloc(&file->alloc, len);
    if (file->path == NULL) {
        status = dfl__io_nomem(error, path);
    } else if (file->seen.st_size > 0 && (uint64_t)file->seen.st_size > max) {
        status = too_large(error, path, max);
    } else {
        status = read_all(fd, path, max, &file->bytes, error);
    }
    if (file->path != NULL) memcpy(file->path, path, len);
    close(fd);
    return status;
}

dfl_status dfl_io_read(const char *path, size_t max_bytes, dfl_io_file **out, dfl_io_error *error) {
    if (path == NULL || out == NULL) return DFL_E_ARG;
    size_t max = max_bytes != 0 ? max_bytes : DEFAULT_MAX_BYTES;
    dfl_alloc alloc = dfl__alloc_of(NULL);
    dfl_io_file *file = dfl__calloc(&alloc, sizeof *file);
    if (file == NULL) return dfl__io_nomem(error, path);
    file->alloc = alloc;
    dfl__buf_init(&file->bytes, &alloc, 0);
    dfl_status status = strcmp(path, "-") == 0
                            ? read_all(STDIN_FILENO, "standard input", max, &file->bytes, error)
                            : read_path(file, path, max, error);
    if (status == DFL_OK) {
        *out = file;
    } else {
        dfl_io_file_free(file);
    }
    return status;
}

dfl_str dfl_io_file_bytes(const dfl_io_file *file) {
    return dfl__buf_str(&file->bytes);
}

void dfl_io_file_free(dfl_io_file *file) {
    if (file == NULL) return;
    dfl_alloc alloc = file->alloc;
    if (file->path != NULL) dfl__free(&alloc, file->path, strlen(file->path) + 1);
    dfl__buf_free(&file->bytes);
    dfl__free(&alloc, file, sizeof *file);
}

static dfl_status stale(const dfl_io_file *file, dfl_io_error *error) {
    return dfl__io_fail(error, DFL_E_STALE, whole(file->path),
                        "changed since it was read; run again on what it holds now");
}

static int same_file(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Hold the file at `target` against what was read: who, how long, when, and every byte, since a
 * change within one tick of the clock shows only there. `*now` receives its present state. */
static dfl_status check_unchanged(const dfl_io_file *file, const char *target, struct stat *now,
                                  dfl_io_error *error) {
    int fd = -1;
    if (open_regular(target, &fd, now, NULL) != DFL_OK) return stale(file, error);
    dfl__buf bytes;
    dfl__buf_init(&bytes, &file->alloc, 0);
    int same = same_file(&file->seen, now);
    dfl_status status = DFL_OK;
    if (same) status = read_all(fd, target, file->bytes.len, &bytes, error);
    close(fd);
    if (status == DFL_OK && !(same && dfl__eq(dfl__buf_str(&bytes), dfl__buf_str(&file->bytes))))
        status = stale(file, error);
    if (status == DFL_E_LIMIT) status = stale(file, error);
    dfl__buf_free(&bytes);
    return status;
}

static int write_all(int fd, dfl_str bytes) {
    for (size_t at = 0; at < bytes.len;) {
        ssize_t put = write(fd, bytes.ptr + at, bytes.len - at);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return 0;
        at += (size_t)put;
    }
    return 1;
}

/* Fill the temporary file: bytes, owner as far as we may, mode, all on the disk. Changing the owner
 * comes first because it clears mode bits. */
static int fill_temporary(int fd, dfl_str bytes, const struct stat *old) {
    int owner = fchown(fd, old->st_uid, old->st_gid);
    (void)owner; /* without the right to it, the new file is ours, as any editor's would be */
    return write_all(fd, bytes) && fchmod(fd, old->st_mode & 07777) == 0 && fsync(fd) == 0;
}

/* The rename itself is safe without this; it only lasts through a power failure with it. */
static void sync_directory(const char *directory) {
    int fd = open(directory, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

/* `target` with its last part replaced by a template for mkstemp; the slash stays. */
static char *temporary_beside(const dfl_alloc *alloc, const char *target, size_t *size) {
    static const char name[] = ".dockerfile-XXXXXX";
    const char *slash = strrchr(target, '/');
    size_t directory = slash != NULL ? (size_t)(slash - target) + 1 : 0;
    *size = directory + sizeof name;
    char *path = dfl__alloc(alloc, *size);
    if (path == NULL) return NULL;
    memcpy(path, target, directory);
    memcpy(path + directory, name, sizeof name);
    return path;
}

static dfl_status write_beside(const dfl_io_file *file, const char *target, char *temporary,
                               const struct stat *old, dfl_str bytes, dfl_io_error *error) {
    int fd = mkstemp(temporary);
    if (fd < 0) return os_fail(error, file->path, "write a file beside it", errno);
    int failed = fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || !fill_temporary(fd, bytes, old) ? errno : 0;
    if (close(fd) != 0 && failed == 0) failed = errno;
    struct stat now = {0};
    dfl_status status = failed != 0 ? os_fail(error, file->path, "write", failed)
                                    : check_unchanged(file, target, &now, error);
    if (status == DFL_OK && rename(temporary, target) != 0)
        status = os_fail(error, file->path, "replace", errno);
    if (status != DFL_OK) unlink(temporary);
    return status;
}

static dfl_status replace_target(const dfl_io_file *file, const char *target, dfl_str bytes,
                                 dfl_io_error *error) {
    struct stat old = {0};
    dfl_status status = check_unchanged(file, target, &old, error);
    if (status != DFL_OK) return status;
    if (faccessat(AT_FDCWD, target, W_OK, AT_EACCESS) != 0)
        return dfl__io_fail(error, DFL_E_IO, whole(file->path),
                            "cannot write: it is read-only; change its mode first");
    size_t size;
    char *temporary = temporary_beside(&file->alloc, target, &size);
    if (temporary == NULL) return dfl__io_nomem(error, file->path);
    status = write_beside(file, target, temporary, &old, bytes, error);
    if (status == DFL_OK) {
        char *slash = strrchr(temporary, '/');
        if (slash != NULL) slash[1] = '\0';
        sync_directory(slash != NULL ? temporary : ".");
    }
    dfl__free(&file->alloc, temporary, size);
    return status;
}

dfl_status dfl_io_replace(const dfl_io_file *file, dfl_str bytes, dfl_io_error *error) {
    if (file == NULL || (bytes.ptr == NULL && bytes.len != 0)) return DFL_E_ARG;
    if (file->path == NULL)
        return dfl__io_fail(error, DFL_E_UNSUPPORTED, whole("standard input"),
                            "cannot be replaced; name a file instead of -");
    char *target = realpath(file->path, NULL); /* symbolic links stay, what they lead to changes */
    if (target == NULL) return stale(file, error);
    dfl_status status = replace_target(file, target, bytes, error);
    free(target);
    return status;
}
