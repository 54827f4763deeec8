/* test_file.c -- reading and replacing: messages, staleness, mode, links, nothing left behind.
 * Relies on fixture.h.
 * Never counts on not being root: modes bind root no more than a user it becomes for a while. */
#include "io/fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#define NOBODY 65534

static void become(uid_t user) {
    assert_int_equal(seteuid(user), 0);
}

/* Root hands the directory to nobody and becomes nobody; anyone else stays as they are. */
static uid_t become_nobody(fixture *f) {
    uid_t self = geteuid();
    if (self != 0) return self;
    assert_int_equal(chown(f->root, NOBODY, NOBODY), 0);
    become(NOBODY);
    return self;
}

static dfl_io_file *open_file(const char *path) {
    dfl_io_file *file = NULL;
    dfl_io_error error = {0};
    if (dfl_io_read(path, 0, &file, &error) != DFL_OK) fail_msg("%s", error.message);
    return file;
}

static void assert_content(const char *path, const char *want) {
    dfl_io_file *file = open_file(path);
    dfl_str bytes = dfl_io_file_bytes(file);
    if (!dfl__eqz(bytes, want)) fail_msg("<%.*s>, wanted <%s>", (int)bytes.len, bytes.ptr, want);
    dfl_io_file_free(file);
}

static void refuses_to_read(const char *path, size_t max, dfl_status status, const char *want) {
    dfl_io_file *file = NULL;
    dfl_io_error error = {7, 7, ""};
    assert_int_equal(dfl_io_read(path, max, &file, &error), status);
    assert_error(&error, 0, 0, want);
    assert_non_null(strstr(error.message, strrchr(path, '/') + 1));
    assert_null(file);
    assert_int_equal(dfl_io_read(path, max, &file, NULL), status);
}

static void reads(void **state) {
    fixture *f = *state;
    put_bytes(f, "bytes", "a\0b\xFF\r\n", 6);
    dfl_io_file *file = open_file(at(f, "bytes"));
    dfl_str bytes = dfl_io_file_bytes(file);
    assert_int_equal(bytes.len, 6);
    assert_memory_equal(bytes.ptr, "a\0b\xFF\r\n", 6);
    dfl_io_file_free(file);
    put(f, "empty", "");
    assert_content(at(f, "empty"), "");
    dfl_io_file_free(NULL);
}

static void refuses_what_is_no_file(void **state) {
    fixture *f = *state;
    refuses_to_read(at(f, "none"), 0, DFL_E_IO, "no such file; check the path");
    put(f, "dir/file", "x");
    refuses_to_read(at(f, "dir"), 0, DFL_E_IO, "is a directory; name a file");
    refuses_to_read(at(f, "dir/file/x"), 0, DFL_E_IO, "not a directory");
    assert_int_equal(mkfifo(at(f, "fifo"), 0666), 0);
    refuses_to_read(at(f, "fifo"), 0, DFL_E_IO, "not a regular file"); /* and does not wait */
    assert_int_equal(symlink("loop", at(f, "loop")), 0);
    refuses_to_read(at(f, "loop"), 0, DFL_E_IO, "symbolic links");
    put(f, "secret", "x");
    assert_int_equal(chmod(at(f, "secret"), 0), 0);
    uid_t self = become_nobody(f);
    refuses_to_read(at(f, "secret"), 0, DFL_E_IO, "permission denied");
    become(self);
}

static void limits_the_size(void **state) {
    fixture *f = *state;
    put(f, "ten", "0123456789");
    dfl_io_file *file = NULL;
    assert_int_equal(dfl_io_read(at(f, "ten"), 10, &file, NULL), DFL_OK);
    dfl_io_file_free(file);
    assert_int_equal(dfl_io_read(at(f, "ten"), 11, &file, NULL), DFL_OK);
    dfl_io_file_free(file);
    refuses_to_read(at(f, "ten"), 9, DFL_E_LIMIT, "larger than 9 bytes");
    assert_int_equal(truncate(at(f, "ten"), (4 << 20) + 1), 0);
    refuses_to_read(at(f, "ten"), 0, DFL_E_LIMIT, "larger than 4194304 bytes");
    assert_int_equal(truncate(at(f, "ten"), 4 << 20), 0);
    assert_int_equal(dfl_io_read(at(f, "ten"), 0, &file, NULL), DFL_OK);
    dfl_io_file_free(file);
}

static void reads_standard_input(void **state) {
    fixture *f = *state;
    put(f, "in", "FROM a\n");
    int saved = dup(STDIN_FILENO), fd = open(at(f, "in"), O_RDONLY);
    assert_true(saved >= 0 && fd >= 0);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    dfl_io_file *file = open_file("-");
    assert_true(dfl__eqz(dfl_io_file_bytes(file), "FROM a\n"));
    assert_int_equal(lseek(STDIN_FILENO, 0, SEEK_SET), 0);
    dfl_io_file *none = NULL;
    dfl_io_error error = {0};
    assert_int_equal(dfl_io_read("-", 3, &none, &error), DFL_E_LIMIT);
    assert_error(&error, 0, 0, "standard input: larger than 3 bytes");
    assert_int_equal(dfl_io_replace(file, DFL__LIT("x"), &error), DFL_E_UNSUPPORTED);
    assert_error(&error, 0, 0, "cannot be replaced");
    dfl_io_file_free(file);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(fd);
}

static void replaces(void **state) {
    fixture *f = *state;
    put(f, "Dockerfile", "FROM a\n");
    assert_int_equal(chmod(at(f, "Dockerfile"), 0640), 0);
    dfl_io_file *file = open_file(at(f, "Dockerfile"));
    assert_int_equal(dfl_io_replace(file, DFL__LIT("FROM bb\n"), NULL), DFL_OK);
    assert_content(at(f, "Dockerfile"), "FROM bb\n");
    struct stat st;
    assert_int_equal(stat(at(f, "Dockerfile"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(entries_of(f->root), 1); /* nothing is left beside it */
    dfl_io_error error = {0};
    assert_int_equal(dfl_io_replace(file, DFL__LIT("again"), &error), DFL_E_STALE);
    assert_error(&error, 0, 0, "changed since it was read");
    assert_content(at(f, "Dockerfile"), "FROM bb\n");
    dfl_io_file_free(file);
    file = open_file(at(f, "Dockerfile"));
    assert_int_equal(dfl_io_replace(file, (dfl_str){NULL, 0}, NULL), DFL_OK);
    assert_content(at(f, "Dockerfile"), "");
    dfl_io_file_free(file);
}

static void follows_links(void **state) {
    fixture *f = *state;
    put(f, "real/Dockerfile", "FROM a\n");
    assert_int_equal(symlink("real/Dockerfile", at(f, "one")), 0);
    assert_int_equal(symlink("one", at(f, "two")), 0);
    dfl_io_file *file = open_file(at(f, "two"));
    assert_int_equal(dfl_io_replace(file, DFL__LIT("FROM b\n"), NULL), DFL_OK);
    dfl_io_file_free(file);
    struct stat st;
    assert_int_equal(lstat(at(f, "two"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat(at(f, "one"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_content(at(f, "real/Dockerfile"), "FROM b\n");
    assert_int_equal(entries_of(at(f, "real")), 1);
    assert_int_equal(entries_of(f->root), 3);
}

/* Give a file the time it had before: as if both writes fell in one tick of the clock. */
static void set_time(const char *path, struct timespec when) {
    struct timespec times[2] = {when, when};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void sees_changes(void **state) {
    fixture *f = *state;
    struct stat st;
    dfl_io_error error = {0};
    const char *const steps[] = {"longer",     "touched", "same tick",
                                 "other file", "gone",    "directory"};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const char *path = at(f, "Dockerfile");
        put(f, "Dockerfile", "FROM a\n");
        assert_int_equal(stat(path, &st), 0);
        dfl_io_file *file = open_file(path);
        struct timespec later = {st.st_mtim.tv_sec, (st.st_mtim.tv_nsec + 1) % 1000000000};
        switch (i) {
        case 0: put(f, "Dockerfile", "FROM a\n\n"); break;
        case 1: set_time(path, later); break;
        case 2:
            put(f, "Dockerfile", "FROM b\n");
            set_time(path, st.st_mtim);
            break;
        case 3:
            put(f, "other", "FROM a\n");
            set_time(at(f, "other"), st.st_mtim);
            assert_int_equal(rename(at(f, "other"), path), 0);
            break;
        case 4: assert_int_equal(unlink(path), 0); break;
        default: assert_int_equal(unlink(path), 0); assert_int_equal(mkdir(path, 0777), 0);
        }
        if (dfl_io_replace(file, DFL__LIT("new"), &error) != DFL_E_STALE)
            fail_msg("not seen: %s", steps[i]);
        assert_error(&error, 0, 0, "Dockerfile: changed since it was read");
        dfl_io_file_free(file);
        assert_int_equal(entries_of(f->root), i == 4 ? 0 : 1);
    }
}

static void leaves_all_as_it_was_without_permission(void **state) {
    fixture *f = *state;
    uid_t self = become_nobody(f);
    dfl_io_error error = {0};
    put(f, "d/Dockerfile", "FROM a\n");
    dfl_io_file *file = open_file(at(f, "d/Dockerfile"));
    assert_int_equal(chmod(at(f, "d/Dockerfile"), 0444), 0);
    assert_int_equal(dfl_io_replace(file, DFL__LIT("x"), &error), DFL_E_IO);
    assert_error(&error, 0, 0, "read-only");
    assert_int_equal(chmod(at(f, "d/Dockerfile"), 0644), 0);
    assert_int_equal(chmod(at(f, "d"), 0555), 0);
    assert_int_equal(dfl_io_replace(file, DFL__LIT("x"), &error), DFL_E_IO);
    assert_error(&error, 0, 0, "permission denied");
    assert_int_equal(chmod(at(f, "d"), 0755), 0);
    assert_content(at(f, "d/Dockerfile"), "FROM a\n");
    assert_int_equal(entries_of(at(f, "d")), 1);
    dfl_io_file_free(file);
    become(self);
}

static void leaves_all_as_it_was_without_room(void **state) {
    fixture *f = *state;
    put(f, "Dockerfile", "FROM a\n");
    dfl_io_file *file = open_file(at(f, "Dockerfile"));
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 1000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    char large[4000];
    memset(large, '#', sizeof large);
    dfl_io_error error = {0};
    dfl_status status = dfl_io_replace(file, (dfl_str){large, sizeof large}, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, DFL_E_IO);
    assert_error(&error, 0, 0, "Dockerfile: cannot write");
    assert_content(at(f, "Dockerfile"), "FROM a\n");
    assert_int_equal(entries_of(f->root), 1);
    dfl_io_file_free(file);
}

static void refuses_bad_arguments(void **state) {
    fixture *f = *state;
    dfl_io_file *file = NULL;
    assert_int_equal(dfl_io_read(NULL, 0, &file, NULL), DFL_E_ARG);
    assert_int_equal(dfl_io_read("x", 0, NULL, NULL), DFL_E_ARG);
    assert_int_equal(dfl_io_replace(NULL, DFL__LIT("x"), NULL), DFL_E_ARG);
    put(f, "a", "a");
    file = open_file(at(f, "a"));
    assert_int_equal(dfl_io_replace(file, (dfl_str){NULL, 1}, NULL), DFL_E_ARG);
    dfl_io_file_free(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(reads),
        FIXTURE_TEST(refuses_what_is_no_file),
        FIXTURE_TEST(limits_the_size),
        FIXTURE_TEST(reads_standard_input),
        FIXTURE_TEST(replaces),
        FIXTURE_TEST(follows_links),
        FIXTURE_TEST(sees_changes),
        FIXTURE_TEST(leaves_all_as_it_was_without_permission),
        FIXTURE_TEST(leaves_all_as_it_was_without_room),
        FIXTURE_TEST(refuses_bad_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
