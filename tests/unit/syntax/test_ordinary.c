/* test_ordinary.c -- the memory of ordinary files: at most 4 allocations, of 20 bytes for one of
 * the source and 4 KiB, of which 6 and 2 KiB stay; for 99 of 100.
 * Relies on cmocka, and on examples/ where the test is run.
 * Never fits the files to the figures: they are what people write, from 20 to 200 lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "describe.h"

enum { FILES = 2000 };

/* Requests that allocate or grow, their bytes, and what lives. */
typedef struct {
    size_t calls, asked, live;
} counter;

static void *resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    counter *c = ctx;
    c->calls += new_size > old_size;
    c->asked += new_size;
    c->live += new_size - old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

typedef struct {
    size_t files, few, cheap, small;
} tally;

static void count_file(tally *t, dfl_str source) {
    counter c = {0, 0, 0};
    dfl_alloc alloc = {resize, &c};
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    options.alloc = &alloc;
    assert_int_equal(dfl_parse(source.ptr, source.len, &options, &doc), DFL_OK);
    t->files++;
    t->few += c.calls <= 4;
    t->cheap += c.asked <= 20 * source.len + 4096;
    t->small += c.live <= 6 * source.len + 2048;
    dfl_doc_unref(doc);
    assert_int_equal(c.live, 0);
}

/* --- a writer of Dockerfiles */

typedef struct {
    uint64_t seed;
    dfl__buf out;
} writer;

static uint32_t number(writer *w, uint32_t below) {
    w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(w->seed >> 33) % below;
}

#define PICK(w, texts) ((texts)[number((w), COUNT(texts))])

static const char *const images[] = {
    "debian:bookworm-slim",
    "alpine:3.20",
    "python:3.12-slim-bookworm",
    "node:20-alpine",
    "golang:1.22",
    "eclipse-temurin:21-jre",
    "mcr.microsoft.com/dotnet/sdk:8.0",
    "nginx:1.27",
};
static const char *const packages[] = {
    "ca-certificates", "curl",         "git",   "build-essential",
    "libpq-dev",       "openssl",      "tini",  "jq",
    "libxml2-dev",     "python3-venv", "gnupg", "unzip",
    "zlib1g-dev",      "pkg-config",   "make",  "gcc",
};
static const char *const commands[] = {
    "curl -fsSL https://example.org/tool.tar.gz | tar -xz -C /usr/local",
    "pip install --no-cache-dir -r requirements.txt",
    "npm ci --omit=dev && npm cache clean --force",
    "go build -trimpath -ldflags \"-s -w\" -o /out/server ./cmd/server",
    "addgroup -S app && adduser -S -G app app",
    "set -eux; for f in /etc/init.d/*; do test -x \"$f\"; done",
    "chmod +x /usr/local/bin/entrypoint.sh",
    "mkdir -p /var/lib/app /var/log/app",
    "echo \"${VERSION} $(uname -m)\" > /etc/release",
    "./gradlew --no-daemon assemble",
};
static const char *const comments[] = {
    "# Dependencies first: they change less often than the code.",
    "# Run as an ordinary user",
    "#",
    "# https://example.org/docs/install is where this comes from",
};
static const char *const others[] = {
    "WORKDIR /app",
    "COPY . .",
    "COPY package.json package-lock.json ./",
    "COPY --chown=app:app --chmod=755 docker/entrypoint.sh /usr/local/bin/",
    "COPY --from=build /out/server /usr/local/bin/server",
    "ADD https://example.org/file.zip /tmp/file.zip",
    "ARG VERSION=1.2.3",
    "ARG TARGETARCH",
    "ENV PATH=/opt/app/bin:$PATH",
    "ENV LANG=C.UTF-8 PYTHONUNBUFFERED=1",
    "ENV NODE_ENV production",
    "LABEL org.opencontainers.image.source=\"https://example.org/repository\"",
    "EXPOSE 8080",
    "EXPOSE 80 443",
    "VOLUME /var/lib/app",
    "VOLUME [\"/data\", \"/config\"]",
    "USER app",
    "STOPSIGNAL SIGTERM",
    "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]",
    "HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost:8080/health || exit 1",
    "ENTRYPOINT [\"/usr/local/bin/entrypoint.sh\"]",
    "CMD [\"python\", \"-m\", \"app\", \"--port\", \"8080\"]",
    "CMD node server.js",
    "MAINTAINER Somebody <somebody@example.org>",
};

static void install(writer *w) {
    dfl__buf_addz(&w->out, "RUN apt-get update && apt-get install -y --no-install-recommends \\\n");
    for (uint32_t n = 1 + number(w, 12); n > 0; n--)
        dfl__buf_fmt(&w->out, "    %s \\\n", PICK(w, packages));
    dfl__buf_addz(&w->out, "    && rm -rf /var/lib/apt/lists/*\n");
}

static void run(writer *w) {
    static const char *const mounts[] = {"", "", "", "--mount=type=cache,target=/root/.cache "};
    dfl__buf_fmt(&w->out, "RUN %s%s", PICK(w, mounts), PICK(w, commands));
    for (uint32_t n = number(w, 4) * number(w, 4); n > 0; n--)
        dfl__buf_fmt(&w->out, " \\\n    && %s", PICK(w, commands));
    dfl__buf_addc(&w->out, '\n');
}

static void heredoc(writer *w) {
    dfl__buf_addz(&w->out, number(w, 2) == 0 ? "RUN <<EOF\n" : "COPY <<'EOF' /etc/app/config\n");
    for (uint32_t n = 1 + number(w, 12); n > 0; n--)
        dfl__buf_fmt(&w->out, "%s\n", PICK(w, commands));
    dfl__buf_addz(&w->out, "EOF\n");
}

static void settings(writer *w) {
    dfl__buf_addz(&w->out, number(w, 2) == 0 ? "ENV" : "LABEL");
    for (uint32_t n = 1 + number(w, 6), i = 0; i <= n; i++)
        dfl__buf_fmt(&w->out, " APP_SETTING_%u=\"%s\"%s", i, PICK(w, packages),
                     i < n ? " \\\n   " : "\n");
}

static uint32_t lines_of(dfl_str text) {
    uint32_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n';
    return count;
}

static void statement(writer *w) {
    switch (number(w, 16)) {
    case 0: install(w); break;
    case 1:
    case 2:
    case 3:
    case 4: run(w); break;
    case 5: heredoc(w); break;
    case 6: settings(w); break;
    case 7: dfl__buf_fmt(&w->out, "\nFROM %s AS stage%u\n", PICK(w, images), number(w, 9)); break;
    case 8:
    case 9: dfl__buf_fmt(&w->out, "\n%s\n", PICK(w, comments)); break;
    default: dfl__buf_fmt(&w->out, "%s\n", PICK(w, others)); break;
    }
}

static void write_file(writer *w) {
    uint32_t lines = 20 + number(w, 181);
    w->out.len = 0;
    if (number(w, 2) == 0) dfl__buf_addz(&w->out, "# syntax=docker/dockerfile:1\n");
    dfl__buf_fmt(&w->out, "FROM %s\n", PICK(w, images));
    while (lines_of(dfl__buf_str(&w->out)) < lines)
        statement(w);
    assert_int_equal(w->out.failed, DFL_OK);
}

static void assert_ordinary(const tally *t) {
    size_t most = t->files - t->files / 100;
    if (t->few < most || t->cheap < most || t->small < most)
        fail_msg("of %zu files, %zu make few allocations, %zu ask for little, %zu keep little",
                 t->files, t->few, t->cheap, t->small);
}

static void files_of_20_to_200_lines(void **state) {
    writer w = {.seed = 20260101};
    tally t = {0, 0, 0, 0};
    (void)state;
    dfl__buf_init(&w.out, NULL, 0);
    for (int i = 0; i < FILES; i++) {
        write_file(&w);
        count_file(&t, dfl__buf_str(&w.out));
    }
    dfl__buf_free(&w.out);
    assert_ordinary(&t);
}

static void examples(void **state) {
    static const char *const paths[] = {
        "examples/graph/Dockerfile",
        "examples/projects/go-web/Dockerfile",
        "examples/projects/java-spring/Dockerfile",
        "examples/projects/node-api/Dockerfile",
        "examples/projects/python-flask/Dockerfile",
        "examples/projects/rust-cli/Dockerfile",
    };
    tally t = {0, 0, 0, 0};
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        char bytes[8192];
        FILE *file = fopen(paths[i], "rb");
        if (file == NULL) fail_msg("%s cannot be read", paths[i]);
        size_t len = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        assert_true(len > 0 && len < sizeof bytes);
        count_file(&t, (dfl_str){bytes, len});
    }
    assert_ordinary(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_20_to_200_lines),
        cmocka_unit_test(examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
