"""How the tests drive the command: the binary that $DOCKERFILE_BIN or $DOCKERFILE names, files to give it."""

import os
import subprocess

BIN = os.path.abspath(os.environ.get("DOCKERFILE_BIN") or os.environ["DOCKERFILE"])
REWRITES = {"cache": [], "base": ["--to", "slim"], "split": [], "optimize": []}
QUERIES = ["graph", "check", "config", "args", "images", "context"]
COMMANDS = ["parse", *QUERIES, *REWRITES, "catalog", "explain", "version", "help"]

GO = b"""FROM golang:1.22
WORKDIR /src
COPY . .
RUN go build -o app .
CMD ["./app"]
"""
PYTHON = b"""FROM python:3.12
WORKDIR /app
COPY . .
CMD ["python", "app.py"]
"""
TWO_STAGES = b"""ARG BASE=alpine
FROM golang:1.22 AS build
RUN --mount=type=bind,from=tools,target=/t true

FROM busybox AS unused

FROM ${BASE}:3.20
COPY --from=build /a /a
COPY --from=build /b /b
"""
BROKEN = b"FROM alpine\nFROBNICATE all\n"


def run(*args, stdin=b"", cwd=None, env=None):
    done = subprocess.run(
        [BIN, *map(str, args)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        timeout=60,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode in range(5), f"died: {done.returncode} {done.stderr!r}"
    return done


def ok(*args, **kw):
    done = run(*args, **kw)
    assert done.returncode == 0, done.stderr.decode()
    return done


def fails(status, *args, **kw):
    """The command says why on standard error, and nothing on standard output."""
    done = run(*args, **kw)
    assert (done.returncode, done.stdout) == (status, b""), done.stderr.decode()
    message = done.stderr.decode()
    assert message.endswith("\n")
    return message
