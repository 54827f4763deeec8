/* test_cache.c -- cache mounts: what is written, what is left alone, and the laws of rewrites.
 * Relies on cmocka, the built-in catalog and the shell scanner.
 * Never builds an image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dockerfile/dockerfile.h"
#include "model/model.h"
#include "shell/shell.h"

/* `plan` is the outcome and the codes of the steps, "cache." left out: `?` behind one that rests on
 * an assumption, `!` before a refusal. */
typedef struct {
    const char *name, *plan, *input, *output; /* output NULL: as the input */
} row;

static const row rows[] = {
    {"apt: mounts, docker-clean, clean-up", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN apt-get update && \\\n"
     "    apt-get install -y curl && \\\n"
     "    rm -rf /var/lib/apt/lists/*\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && \\\n"
     "    apt-get install -y curl\n"},
    {"apt: operators in front", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN apt-get update \\\n"
     " && apt-get install -y curl \\\n"
     " # tidy\n"
     " && apt-get clean \\\n"
     " && rm -rf /var/lib/apt/lists/* /tmp/x \\\n"
     " && echo done\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     " --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     " rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update \\\n"
     " && apt-get install -y curl \\\n"
     " # tidy\n"
     " && rm -rf /tmp/x \\\n"
     " && echo done\n"},
    {"apt: semicolons under set -e", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN set -eux; \\\n"
     "    apt-get update; \\\n"
     "    apt-get install -y --no-install-recommends \\\n"
     "        curl \\\n"
     "        git \\\n"
     "    ; \\\n"
     "    apt-get clean; \\\n"
     "    rm -rf /var/lib/apt/lists/*;\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    set -eux; \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update; \\\n"
     "    apt-get install -y --no-install-recommends \\\n"
     "        curl \\\n"
     "        git \\\n"
     "    ;\n"},
    {"apt: a hidden failure is an assumption", "changed: mount prepare cleanup?",
     "FROM debian:12\n"
     "RUN apt-get update; apt-get install -y a; rm -rf /var/lib/apt/lists/*\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update; apt-get install -y a\n"},
    {"apt: comment before the last line", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN apt-get update && \\\n"
     "    apt-get install -y curl && \\\n"
     "    # tidy up\n"
     "    apt-get clean && \\\n"
     "    rm -rf /var/lib/apt/lists/*\n"
     "# next\n"
     "CMD x\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && \\\n"
     "    apt-get install -y curl\n"
     "    # tidy up\n"
     "# next\n"
     "CMD x\n"},
    {"apt: clean-up first", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN apt-get clean && apt-get update && apt-get install -y curl\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y curl\n"},
    {"apt: clean-up first, on its own line", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN apt-get clean && \\\n"
     "    apt-get update && apt-get install -y curl\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y curl\n"},
    {"apt: clean-up first, text on its own line", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN \\\n"
     "    apt-get clean && \\\n"
     "    apt-get update && apt-get install -y curl\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y curl\n"},
    {"apt: without update no lists", "changed: mount prepare",
     "FROM debian:12\n"
     "RUN apt-get install -y curl\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get install -y curl\n"},
    {"apt: lists that a later RUN needs", "changed: mount prepare needed-later mount",
     "FROM debian:12\n"
     "RUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*\n"
     "RUN apt-get install -y b\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y b\n"},
    {"apt: lists that a stage above needs", "changed: mount prepare needed-later mount",
     "FROM debian:12 AS a\n"
     "RUN apt-get update && apt-get install -y a\n"
     "FROM a\n"
     "RUN apt-get install -y b\n",
     "FROM debian:12 AS a\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y a\n"
     "FROM a\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y b\n"},
    {"apt: update alone is no use", "unchanged:",
     "FROM debian:12\n"
     "RUN apt-get update\n",
     NULL},
    {"apt: prepared once a chain", "changed: mount prepare mount mount prepare",
     "FROM debian:12 AS a\n"
     "RUN apt-get update && apt-get install -y x\n"
     "FROM a\n"
     "RUN apt-get update && apt-get install -y y\n"
     "FROM debian:12\n"
     "RUN apt-get update && apt-get install -y y\n",
     "FROM debian:12 AS a\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y x\n"
     "FROM a\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    apt-get update && apt-get install -y y\n"
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y y\n"},
    {"apt: prepared by an earlier RUN", "changed: mount",
     "FROM debian:12\n"
     "RUN echo > /etc/apt/apt.conf.d/docker-clean\n"
     "RUN apt-get update && apt-get install -y x\n",
     "FROM debian:12\n"
     "RUN echo > /etc/apt/apt.conf.d/docker-clean\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    apt-get update && apt-get install -y x\n"},
    {"apt: options with values", "changed: mount prepare",
     "FROM debian:12\n"
     "RUN apt-get -o X=y -qq update && apt-get -qy -o Dpkg::Options::=--force-confold install x\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    apt-get -o X=y -qq update && apt-get -qy -o Dpkg::Options::=--force-confold install x\n"},
    {"apt: the front end", "changed: mount prepare",
     "FROM debian:12\n"
     "RUN apt update && apt install -y curl\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    echo 'Binary::apt::APT::Keep-Downloaded-Packages \"true\";' > "
     "/etc/apt/apt.conf.d/keep-cache && \\\n"
     "    apt update && apt install -y curl\n"},
    {"apt: both front ends", "changed: mount prepare",
     "FROM debian:12\n"
     "RUN apt-get update && apt install -y curl && apt-get install -y git\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    echo 'Binary::apt::APT::Keep-Downloaded-Packages \"true\";' > "
     "/etc/apt/apt.conf.d/keep-cache && \\\n"
     "    apt-get update && apt install -y curl && apt-get install -y git\n"},
    {"apt: with sudo", "changed: mount prepare",
     "FROM debian:12\n"
     "USER nobody\n"
     "RUN sudo apt-get update && sudo apt-get install -y x\n",
     "FROM debian:12\n"
     "USER nobody\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    sudo rm -f /etc/apt/apt.conf.d/docker-clean && sudo apt-get update && sudo apt-get "
     "install -y x\n"},
    {"apt: flag in two words", "changed: mount prepare flag",
     "FROM debian:12\n"
     "RUN apt-get update && apt-get install -y x -o APT::Keep-Downloaded-Packages=false\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y x\n"},
    {"apt: behind a pipe", "changed: mount prepare",
     "FROM debian:12\n"
     "RUN yes | apt-get update && apt-get install -y x\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && yes | apt-get update && apt-get install -y "
     "x\n"},
    {"apt: behind ||", "changed: mount prepare",
     "FROM debian:12\n"
     "RUN apt-get update || apt-get update; apt-get install -y x\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update || apt-get update; apt-get "
     "install -y x\n"},
    {"apt: conditional clean-up stays", "changed: mount prepare cleanup-kept",
     "FROM debian:12\n"
     "RUN if [ -n \"$X\" ]; then apt-get update && apt-get install -y x && rm -rf "
     "/var/lib/apt/lists/*; fi\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    if [ -n \"$X\" ]; then rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*; fi\n"},
    {"apt: clean-up behind || stays", "changed: mount prepare cleanup-kept",
     "FROM debian:12\n"
     "RUN apt-get update && apt-get install -y a || rm -rf /var/lib/apt/lists/*\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    apt-get update && apt-get install -y a || rm -rf /var/lib/apt/lists/*\n"},
    {"apt: subshell", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN (apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*)\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    (rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y x)\n"},
    {"apt: a pattern above the lists", "changed: mount prepare cleanup-kept",
     "FROM debian:12\n"
     "RUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/*\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    apt-get update && apt-get install -y x && rm -rf /var/lib/apt/*\n"},
    {"apt: braces above the lists", "changed: mount prepare cleanup-kept",
     "FROM debian:12\n"
     "RUN apt-get update && apt-get install -y x && rm -rf /var/lib/{apt,dpkg,cache,log}/ /tmp/*\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    apt-get update && apt-get install -y x && rm -rf /var/lib/{apt,dpkg,cache,log}/ "
     "/tmp/*\n"},
    {"apt: some operands of rm", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN apt-get update && apt-get install -y x && rm -rf /var/cache/apt/archives "
     "/var/lib/apt/lists /var/cache/debconf/*-old\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    apt-get update && apt-get install -y x && rm -rf /var/cache/debconf/*-old\n"},
    {"apt: autoremove stays", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN apt-get update && apt-get install -y x && apt-get autoremove -y && apt-get clean -y\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && \\\n"
     "    apt-get update && apt-get install -y x && apt-get autoremove -y\n"},
    {"apt: blank line in a RUN", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN apt-get update && \\\n"
     "\n"
     "    apt-get install -y x && \\\n"
     "    rm -rf /var/lib/apt/lists/*\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && \\\n"
     "\n"
     "    apt-get install -y x\n"},
    {"apt: no line end at the end", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN apt-get update && apt-get install -y \\\n"
     "      x \\\n"
     "      # y is needed\n"
     "      y \\\n"
     "    # done\n"
     "    && rm -rf /var/lib/apt/lists/*\n"
     "RUN z",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "      --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "      rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y \\\n"
     "      x \\\n"
     "      # y is needed\n"
     "      y\n"
     "    # done\n"
     "RUN z"},
    {"apt: script", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN <<EOF\n"
     "set -e\n"
     "apt-get update\n"
     "apt-get install -y curl\n"
     "apt-get clean\n"
     "rm -rf /var/lib/apt/lists/*\n"
     "EOF\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    <<EOF\n"
     "set -e\n"
     "rm -f /etc/apt/apt.conf.d/docker-clean\n"
     "apt-get update\n"
     "apt-get install -y curl\n"
     "EOF\n"},
    {"apt: script with && and continuation", "changed: mount prepare cleanup",
     "FROM debian:12\n"
     "RUN <<-EOF\n"
     "\tapt-get update &&\n"
     "\tapt-get install -y \\\n"
     "\t  curl && \\\n"
     "\tapt-get clean # tidy\n"
     "\techo done\n"
     "\tEOF\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    <<-EOF\n"
     "\trm -f /etc/apt/apt.conf.d/docker-clean\n"
     "\tapt-get update &&\n"
     "\tapt-get install -y \\\n"
     "\t  curl \\\n"
     "\t# tidy\n"
     "\techo done\n"
     "\tEOF\n"},
    {"apt: mounts that are there", "unchanged:",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked "
     "--mount=type=cache,target=/var/lib/apt,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean; apt-get update && apt-get install -y x\n",
     NULL},
    {"apt: half of the mounts is there", "changed: mount prepare",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    apt-get update && apt-get install -y x\n",
     "FROM debian:12\n"
     "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
     "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
     "    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y x\n"},
    {"apk: --no-cache goes", "changed: mount flag",
     "FROM alpine:3.19\n"
     "RUN apk add --no-cache curl\n",
     "FROM alpine:3.19\n"
     "RUN --mount=type=cache,target=/etc/apk/cache,sharing=locked apk add curl\n"},
    {"apk: flag on a line of its own", "changed: mount flag",
     "FROM alpine:3.19\n"
     "RUN apk add \\\n"
     "    --no-cache \\\n"
     "    curl \\\n"
     "    git\n",
     "FROM alpine:3.19\n"
     "RUN --mount=type=cache,target=/etc/apk/cache,sharing=locked \\\n"
     "    apk add \\\n"
     "    curl \\\n"
     "    git\n"},
    {"apk: cache clean", "changed: mount cleanup",
     "FROM alpine:3.19\n"
     "RUN apk update && apk add curl && apk cache clean\n",
     "FROM alpine:3.19\n"
     "RUN --mount=type=cache,target=/etc/apk/cache,sharing=locked apk update && apk add curl\n"},
    {"apk: del is no use", "unchanged:",
     "FROM alpine:3.19\n"
     "RUN apk del curl\n",
     NULL},
    {"pip: flag goes", "changed: mount flag",
     "FROM python:3.12-slim\n"
     "WORKDIR /app\n"
     "COPY requirements.txt .\n"
     "RUN pip install --user --no-cache-dir -r requirements.txt\n",
     "FROM python:3.12-slim\n"
     "WORKDIR /app\n"
     "COPY requirements.txt .\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install --user -r requirements.txt\n"},
    {"pip: one of several ENV pairs", "changed: env mount",
     "FROM python:3.12\n"
     "ENV PYTHONUNBUFFERED=1 \\\n"
     "    # no cache\n"
     "    PIP_NO_CACHE_DIR=off \\\n"
     "    PIP_DISABLE_PIP_VERSION_CHECK=1\n"
     "RUN pip install -r r.txt\n",
     "FROM python:3.12\n"
     "ENV PYTHONUNBUFFERED=1 \\\n"
     "    # no cache\n"
     "    PIP_DISABLE_PIP_VERSION_CHECK=1\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install -r r.txt\n"},
    {"pip: first ENV pair", "changed: env mount",
     "FROM python:3.12\n"
     "ENV PIP_NO_CACHE_DIR=1 \\\n"
     "    A=1\n"
     "RUN pip install -r r.txt\n",
     "FROM python:3.12\n"
     "ENV A=1\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install -r r.txt\n"},
    {"pip: last ENV pair", "changed: env mount",
     "FROM python:3.12\n"
     "ENV A=1 \\\n"
     "    PIP_NO_CACHE_DIR=1\n"
     "RUN pip install -r r.txt\n",
     "FROM python:3.12\n"
     "ENV A=1\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install -r r.txt\n"},
    {"pip: the whole ENV", "changed: env mount",
     "FROM python:3.12\n"
     "# keep me\n"
     "ENV PIP_NO_CACHE_DIR=1\n"
     "RUN pip install -r r.txt\n",
     "FROM python:3.12\n"
     "# keep me\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install -r r.txt\n"},
    {"pip: ENV without =", "changed: env mount",
     "FROM python:3.12\n"
     "ENV PIP_NO_CACHE_DIR 1\n"
     "RUN pip install -r r.txt\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install -r r.txt\n"},
    {"pip: two variables in one ENV", "changed: env mount",
     "FROM python:3.12\n"
     "ENV PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1\n"
     "RUN pip install uv && uv sync\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip \\\n"
     "    --mount=type=cache,target=/root/.cache/uv \\\n"
     "    pip install uv && uv sync\n"},
    {"pip: ENV that a RUN without mount needs", "refused: !cleanup-kept !user-unknown",
     "FROM python:3.12\n"
     "ENV PIP_NO_CACHE_DIR=1\n"
     "RUN pip install -r r.txt\n"
     "USER app\n"
     "RUN pip install x\n",
     NULL},
    {"pip: ENV that is read", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "ENV PIP_NO_CACHE_DIR=1\n"
     "ENV X=$PIP_NO_CACHE_DIR\n"
     "RUN pip install -r r.txt\n",
     NULL},
    {"pip: ENV that nobody uses", "unchanged:",
     "FROM python:3.12\n"
     "ENV PIP_NO_CACHE_DIR=1\n"
     "RUN echo\n",
     NULL},
    {"pip: ENV whose comment would go", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "ENV \\\n"
     "    # why\n"
     "    PIP_NO_CACHE_DIR=1\n"
     "RUN pip install x\n",
     NULL},
    {"pip: ARG", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "ARG PIP_NO_CACHE_DIR=1\n"
     "RUN pip install -r r.txt\n",
     NULL},
    {"pip: assignment before the command", "changed: mount flag",
     "FROM python:3.12\n"
     "RUN PIP_NO_CACHE_DIR=1 FOO=1 pip install -r r.txt\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip FOO=1 pip install -r r.txt\n"},
    {"pip: export stays", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "RUN export PIP_NO_CACHE_DIR=1 && pip install x\n",
     NULL},
    {"pip: python -m pip, pip3.12", "changed: mount flag",
     "FROM python:3.12\n"
     "RUN python -m pip install --upgrade pip && pip3.12 install --no-cache-dir=1 x\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip \\\n"
     "    python -m pip install --upgrade pip && pip3.12 install x\n"},
    {"pip: flag in a condition", "changed: mount flag",
     "FROM python:3.12\n"
     "RUN if true; then pip install --no-cache-dir x; fi\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip if true; then pip install x; fi\n"},
    {"pip: flag whose line is glued", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "RUN pip install\\\n"
     " --no-cache-dir \\\n"
     "-r r.txt\n",
     NULL},
    {"pip: group", "changed: mount cleanup?",
     "FROM python:3.12\n"
     "RUN { pip install x; pip cache purge; }\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip { pip install x; }\n"},
    {"pip: nothing left in a subshell", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "RUN pip install x && (pip cache purge)\n",
     NULL},
    {"pip: || true behind the chain", "changed: mount cleanup",
     "FROM python:3.12\n"
     "RUN pip install x && pip cache purge || true\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install x || true\n"},
    {"pip: || true goes too", "changed: mount cleanup",
     "FROM python:3.12\n"
     "RUN pip install x; \\\n"
     "    pip cache purge || true; \\\n"
     "    echo\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip \\\n"
     "    pip install x; \\\n"
     "    echo\n"},
    {"pip: || with another command", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "RUN pip install x && pip cache purge || echo failed\n",
     NULL},
    {"pip: pipe and negation", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "RUN pip install x | tee log && ! pip cache purge\n",
     NULL},
    {"pip: quiet redirection", "changed: mount cleanup",
     "FROM python:3.12\n"
     "RUN pip cache purge > /dev/null 2>&1 && pip install x\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install x\n"},
    {"pip: redirection to a file", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "RUN pip install x && pip cache purge > log\n",
     NULL},
    {"pip: background", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "RUN pip install x && pip cache purge & wait\n",
     NULL},
    {"pip: mixed operators", "changed: mount cleanup",
     "FROM python:3.12\n"
     "RUN pip install a && pip cache purge; pip cache purge && pip install b\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install a; pip install b\n"},
    {"pip: home in operands", "changed: mount cleanup",
     "FROM python:3.12\n"
     "RUN pip install x && rm -rf ~/.cache/pip \"$HOME/.npm\"\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install x && rm -rf \"$HOME/.npm\"\n"},
    {"pip: all of ~/.cache", "changed: mount cleanup?",
     "FROM python:3.12\n"
     "RUN pip install x && rm -rf /root/.cache\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install x\n"},
    {"pip: all of home", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "RUN pip install x && rm -rf /root\n",
     NULL},
    {"pip: uv, and -n of another program", "changed: mount cleanup flag",
     "FROM python:3.12\n"
     "RUN uv sync --no-cache && uv run pytest -n 4 && uv cache clean\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/uv uv sync && uv run pytest -n 4\n"},
    {"pip: existing mount, flag against it", "changed: flag",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir -r r.txt\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install -r r.txt\n"},
    {"pip: poetry keeps its environments", "changed: mount",
     "FROM python:3.12\n"
     "RUN pip install poetry && poetry install\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip \\\n"
     "    --mount=type=cache,target=/root/.cache/pypoetry/cache,sharing=locked \\\n"
     "    --mount=type=cache,target=/root/.cache/pypoetry/artifacts,sharing=locked \\\n"
     "    pip install poetry && poetry install\n"},
    {"pip: option that is not known", "unchanged:",
     "FROM python:3.12\n"
     "RUN pip install --cache-dir=$X y\n",
     NULL},
    {"pip: exec form with the flag", "refused: !cleanup-kept",
     "FROM python:3.12\n"
     "RUN [\"pip\", \"install\", \"--no-cache-dir\", \"x\"]\n",
     NULL},
    {"pip: shell comment", "changed: mount flag",
     "FROM python:3.12\n"
     "RUN pip install --no-cache-dir y # why\n",
     "FROM python:3.12\n"
     "RUN --mount=type=cache,target=/root/.cache/pip pip install y # why\n"},
    {"npm: one line", "changed: mount",
     "FROM node:20\n"
     "WORKDIR /app\n"
     "RUN npm ci\n",
     "FROM node:20\n"
     "WORKDIR /app\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"npm: cache clean", "changed: mount cleanup",
     "FROM node:20\n"
     "RUN npm ci && npm cache clean --force\n",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"npm: lower case, tab", "changed: mount",
     "from node:20\n"
     "run\tnpm ci\n",
     "from node:20\n"
     "run\t--mount=type=cache,target=/root/.npm npm ci\n"},
    {"npm: exec form", "changed: mount",
     "FROM node:20\n"
     "RUN [\"npm\", \"ci\"]\n",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm [\"npm\", \"ci\"]\n"},
    {"npm: script", "changed: mount",
     "FROM node:20\n"
     "RUN <<EOF\n"
     "npm ci\n"
     "npm run build\n"
     "EOF\n",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm <<EOF\n"
     "npm ci\n"
     "npm run build\n"
     "EOF\n"},
    {"npm: comment between RUN and command", "changed: mount",
     "FROM node:20\n"
     "RUN \\\n"
     "    # install\n"
     "    npm ci\n",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm \\\n"
     "    # install\n"
     "    npm ci\n"},
    {"npm: flag on the line before", "changed: mount",
     "FROM node:20\n"
     "RUN --network=default \\\n"
     "    npm ci\n",
     "FROM node:20\n"
     "RUN --network=default \\\n"
     "    --mount=type=cache,target=/root/.npm \\\n"
     "    npm ci\n"},
    {"npm: flag on the line", "changed: mount",
     "FROM node:20\n"
     "RUN --network=default npm ci\n",
     "FROM node:20\n"
     "RUN --network=default --mount=type=cache,target=/root/.npm npm ci\n"},
    {"npm: -- ends the flags", "changed: mount",
     "FROM node:20\n"
     "RUN -- npm ci\n",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm -- npm ci\n"},
    {"npm: bind mount beside", "changed: mount",
     "FROM node:20\n"
     "RUN --mount=type=bind,target=/x npm ci\n",
     "FROM node:20\n"
     "RUN --mount=type=bind,target=/x \\\n"
     "    --mount=type=cache,target=/root/.npm \\\n"
     "    npm ci\n"},
    {"npm: bind mount there", "unchanged:",
     "FROM node:20\n"
     "RUN --mount=type=bind,source=x,target=/root/.npm npm ci\n",
     NULL},
    {"npm: mount above", "unchanged:",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root npm ci\n",
     NULL},
    {"npm: mount with a variable", "unchanged:",
     "FROM node:20\n"
     "ENV C=/root/.npm\n"
     "RUN --mount=type=cache,target=$C npm ci\n",
     NULL},
    {"npm: mount below", "unchanged:",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm/_cacache npm ci\n",
     NULL},
    {"npm: --cache", "changed: mount",
     "FROM node:20\n"
     "RUN npm ci --cache /tmp/npm && npm run build\n",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/tmp/npm npm ci --cache /tmp/npm && npm run build\n"},
    {"npm: variable", "changed: mount",
     "FROM node:20\n"
     "ENV npm_config_cache=/opt/npm\n"
     "RUN npm ci\n",
     "FROM node:20\n"
     "ENV npm_config_cache=/opt/npm\n"
     "RUN --mount=type=cache,target=/opt/npm npm ci\n"},
    {"npm: HOME", "changed: mount",
     "FROM node:20\n"
     "ENV HOME=/srv\n"
     "RUN npm ci\n",
     "FROM node:20\n"
     "ENV HOME=/srv\n"
     "RUN --mount=type=cache,target=/srv/.npm npm ci\n"},
    {"npm: HOME of the RUN", "unchanged:",
     "FROM node:20\n"
     "RUN export HOME=/srv && npm ci\n",
     NULL},
    {"npm: user of the image", "changed: mount",
     "FROM node:20\n"
     "USER node\n"
     "RUN npm ci\n",
     "FROM node:20\n"
     "USER node\n"
     "RUN --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 npm ci\n"},
    {"npm: user of the image by number", "changed: mount",
     "FROM node:20\n"
     "USER 1000\n"
     "RUN npm ci\n",
     "FROM node:20\n"
     "USER 1000\n"
     "RUN --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 npm ci\n"},
    {"npm: numeric user and group", "changed: mount",
     "FROM node:20\n"
     "USER 1001:1002\n"
     "ENV HOME=/home/me\n"
     "RUN npm ci\n",
     "FROM node:20\n"
     "USER 1001:1002\n"
     "ENV HOME=/home/me\n"
     "RUN --mount=type=cache,target=/home/me/.npm,uid=1001,gid=1002 npm ci\n"},
    {"npm: numeric user without home", "refused: !user-unknown",
     "FROM node:20\n"
     "USER 1001\n"
     "RUN npm ci\n",
     NULL},
    {"npm: unknown user", "refused: !user-unknown",
     "FROM node:20\n"
     "USER app\n"
     "RUN npm ci\n",
     NULL},
    {"npm: unknown user beside a known one", "changed: mount user-unknown",
     "FROM node:20\n"
     "RUN npm ci\n"
     "USER app\n"
     "RUN npm ci\n",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"
     "USER app\n"
     "RUN npm ci\n"},
    {"npm: user behind an ARG", "refused: !user-unknown",
     "FROM node:20\n"
     "ARG U\n"
     "USER $U\n"
     "RUN npm ci\n",
     NULL},
    {"npm: run is no use", "unchanged:",
     "FROM node:20\n"
     "RUN npm run build\n",
     NULL},
    {"npm: backtick", "changed: mount cleanup",
     "# escape=`\n"
     "FROM node:20\n"
     "RUN npm ci `\n"
     " && npm cache clean --force\n",
     "# escape=`\n"
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm `\n"
     " npm ci\n"},
    {"npm: ONBUILD", "unchanged:",
     "FROM node:20\n"
     "ONBUILD RUN npm ci\n",
     NULL},
    {"npm: Windows", "unchanged:",
     "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
     "RUN npm ci\n",
     NULL},
    {"npm: PowerShell", "unchanged:",
     "FROM node:20\n"
     "SHELL [\"powershell\", \"-Command\"]\n"
     "RUN npm ci\n",
     NULL},
    {"npm: interpreter of its own", "unchanged:",
     "FROM node:20\n"
     "RUN <<EOF\n"
     "#!/usr/bin/env python3\n"
     "npm ci\n"
     "EOF\n",
     NULL},
    {"npm: unknown image", "changed: mount?",
     "FROM example.org/x/y\n"
     "RUN npm ci\n",
     "FROM example.org/x/y\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"npm: long line", "changed: mount",
     "FROM node:20\n"
     "RUN npm ci --no-audit --no-fund --loglevel=error --include=dev --foreground-scripts=1\n",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm \\\n"
     "    npm ci --no-audit --no-fund --loglevel=error --include=dev --foreground-scripts=1\n"},
    {"yarn: bare", "changed: mount cleanup",
     "FROM node:20\n"
     "RUN yarn && yarn cache clean\n",
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/usr/local/share/.cache/yarn,sharing=locked yarn\n"},
    {"yarn: asks for its directory", "refused: !cleanup-kept",
     "FROM node:20\n"
     "RUN yarn && rm -rf $(yarn cache dir)\n",
     NULL},
    {"go: build", "changed: mount",
     "FROM golang:1.22\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN CGO_ENABLED=0 go build -o app .\n"
     "CMD [\"./app\"]\n",
     "FROM golang:1.22\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/go/pkg/mod \\\n"
     "    --mount=type=cache,target=/root/.cache/go-build \\\n"
     "    CGO_ENABLED=0 go build -o app .\n"
     "CMD [\"./app\"]\n"},
    {"go: download, then build", "changed: mount mount cleanup",
     "FROM golang:1.22\n"
     "WORKDIR /src\n"
     "COPY go.mod go.sum ./\n"
     "RUN go mod download\n"
     "COPY . .\n"
     "RUN go build -o /app && go clean -cache -modcache\n"
     "CMD [\"/app\"]\n",
     "FROM golang:1.22\n"
     "WORKDIR /src\n"
     "COPY go.mod go.sum ./\n"
     "RUN --mount=type=cache,target=/go/pkg/mod go mod download\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/go/pkg/mod \\\n"
     "    --mount=type=cache,target=/root/.cache/go-build \\\n"
     "    go build -o /app\n"
     "CMD [\"/app\"]\n"},
    {"go: variables", "changed: mount",
     "FROM golang:1.22\n"
     "WORKDIR /src\n"
     "ENV GOPATH=/gopath GOCACHE=/gocache\n"
     "RUN go install ./...\n",
     "FROM golang:1.22\n"
     "WORKDIR /src\n"
     "ENV GOPATH=/gopath GOCACHE=/gocache\n"
     "RUN --mount=type=cache,target=/gopath/pkg/mod \\\n"
     "    --mount=type=cache,target=/gocache \\\n"
     "    go install ./...\n"},
    {"go: make may need the modules", "unchanged: needed-later",
     "FROM golang:1.22\n"
     "WORKDIR /src\n"
     "RUN go mod download\n"
     "COPY . .\n"
     "RUN make\n",
     NULL},
    {"go: make in a stage above", "changed: needed-later mount needed-later",
     "FROM golang:1.22 AS a\n"
     "RUN go mod download\n"
     "FROM a AS t\n"
     "RUN go test ./...\n"
     "FROM a\n"
     "RUN make\n",
     "FROM golang:1.22 AS a\n"
     "RUN go mod download\n"
     "FROM a AS t\n"
     "RUN --mount=type=cache,target=/root/.cache/go-build go test ./...\n"
     "FROM a\n"
     "RUN make\n"},
    {"go: go run starts", "unchanged: needed-at-run",
     "FROM golang:1.22\n"
     "WORKDIR /src\n"
     "RUN go mod download\n"
     "CMD [\"go\", \"run\", \".\"]\n",
     NULL},
    {"go: modules are copied", "changed: mount output-kept",
     "FROM golang:1.22 AS b\n"
     "RUN go build -o /app\n"
     "FROM scratch\n"
     "COPY --from=b /go/pkg/mod /m\n"
     "COPY --from=b /app /app\n",
     "FROM golang:1.22 AS b\n"
     "RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app\n"
     "FROM scratch\n"
     "COPY --from=b /go/pkg/mod /m\n"
     "COPY --from=b /app /app\n"},
    {"go: all of GOPATH is copied", "changed: mount output-kept",
     "FROM golang:1.22 AS b\n"
     "RUN go install ./...\n"
     "FROM debian:12\n"
     "COPY --from=b /go /go\n",
     "FROM golang:1.22 AS b\n"
     "RUN --mount=type=cache,target=/root/.cache/go-build go install ./...\n"
     "FROM debian:12\n"
     "COPY --from=b /go /go\n"},
    {"cargo: copied out, reader redirected", "changed: mount output?",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    --mount=type=cache,target=/src/target,sharing=locked \\\n"
     "    cargo build --release && mkdir -p /out && cp target/release/app /out/app\n"
     "FROM debian:12\n"
     "COPY --from=b /out/app /app\n"},
    {"cargo: copied out already", "changed: mount",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release && cp target/release/app /usr/local/bin/app\n"
     "FROM debian:12\n"
     "COPY --from=b /usr/local/bin/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    --mount=type=cache,target=/src/target,sharing=locked \\\n"
     "    cargo build --release && cp target/release/app /usr/local/bin/app\n"
     "FROM debian:12\n"
     "COPY --from=b /usr/local/bin/app /app\n"},
    {"cargo: the start command reads it", "changed: mount output-kept",
     "FROM rust:1.78\n"
     "WORKDIR /src\n"
     "RUN cargo build --release\n"
     "CMD [\"./target/release/app\"]\n",
     "FROM rust:1.78\n"
     "WORKDIR /src\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "CMD [\"./target/release/app\"]\n"},
    {"cargo: two readers", "changed: mount output-kept",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n"
     "COPY --from=b /src/target/release/lib.so /\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n"
     "COPY --from=b /src/target/release/lib.so /\n"},
    {"cargo: two files", "changed: mount output-kept",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /src/target/release/lib.so /app/\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /src/target/release/lib.so /app/\n"},
    {"cargo: wildcard", "changed: mount output-kept",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app* /app/\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app* /app/\n"},
    {"cargo: a whole directory", "changed: mount output-kept",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src /src\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src /src\n"},
    {"cargo: failure would be hidden", "changed: mount output-kept",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release; strip target/release/app\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release; strip target/release/app\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n"},
    {"cargo: set -e, JSON, comment", "changed: mount output?",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN set -e; cargo build --release; strip target/release/app # done\n"
     "FROM debian:12\n"
     "COPY --from=b [\"/src/target/release/app\", \"/app\"]\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    --mount=type=cache,target=/src/target,sharing=locked \\\n"
     "    set -e; cargo build --release; strip target/release/app \\\n"
     "    && mkdir -p /out && cp target/release/app /out/app # done\n"
     "FROM debian:12\n"
     "COPY --from=b [\"/out/app\", \"/app\"]\n"},
    {"cargo: chef", "changed: mount output-kept",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo chef cook --release\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo chef cook --release\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n"},
    {"cargo: two builds", "changed: mount output-kept mount output-kept",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n"},
    {"cargo: test behind the build", "changed: mount output-kept mount",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "RUN cargo test\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo test\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n"},
    {"cargo: target directory of its own", "changed: mount output? cleanup",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "ENV CARGO_TARGET_DIR=/tgt\n"
     "RUN cargo build --release --target x86_64-unknown-linux-musl && rm -rf /tgt/x\n"
     "FROM debian:12\n"
     "COPY --from=b /tgt/x86_64-unknown-linux-musl/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "ENV CARGO_TARGET_DIR=/tgt\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    --mount=type=cache,target=/tgt,sharing=locked \\\n"
     "    cargo build --release --target x86_64-unknown-linux-musl \\\n"
     "    && mkdir -p /out && cp /tgt/x86_64-unknown-linux-musl/release/app /out/app\n"
     "FROM debian:12\n"
     "COPY --from=b /out/app /app\n"},
    {"cargo: not root", "changed: mount output-kept",
     "FROM rust:1.78 AS b\n"
     "USER 1000\n"
     "ENV HOME=/home/x\n"
     "WORKDIR /src\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "USER 1000\n"
     "ENV HOME=/home/x\n"
     "WORKDIR /src\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry,uid=1000,gid=1000 \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db,uid=1000,gid=1000 \\\n"
     "    cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n"},
    {"cargo: script", "changed: mount output?",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN <<EOF\n"
     "set -e\n"
     "cargo build --release\n"
     "EOF\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    --mount=type=cache,target=/src/target,sharing=locked \\\n"
     "    <<EOF\n"
     "set -e\n"
     "cargo build --release && mkdir -p /out && cp target/release/app /out/app\n"
     "EOF\n"
     "FROM debian:12\n"
     "COPY --from=b /out/app /app\n"},
    {"cargo: removes what lies in the mount", "changed: mount output? cleanup",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release && \\\n"
     "    strip target/release/app && \\\n"
     "    rm -rf target/release/build\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    --mount=type=cache,target=/src/target,sharing=locked \\\n"
     "    cargo build --release && \\\n"
     "    strip target/release/app && mkdir -p /out && cp target/release/app /out/app\n"
     "FROM debian:12\n"
     "COPY --from=b /out/app /app\n"},
    {"cargo: mounted by bind from another stage", "changed: mount output-kept",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "RUN --mount=type=bind,from=b,source=/src/target,target=/t cp /t/release/app /app\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    cargo build --release\n"
     "FROM debian:12\n"
     "RUN --mount=type=bind,from=b,source=/src/target,target=/t cp /t/release/app /app\n"},
    {"cargo: /out is taken", "changed: mount output?",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM debian:12\n"
     "COPY --from=b /src/target/release/app /app\n"
     "VOLUME /out\n",
     "FROM rust:1.78 AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
     "    --mount=type=cache,target=/usr/local/cargo/git/db \\\n"
     "    --mount=type=cache,target=/src/target,sharing=locked \\\n"
     "    cargo build --release && mkdir -p /artifacts && cp target/release/app /artifacts/app\n"
     "FROM debian:12\n"
     "COPY --from=b /artifacts/app /app\n"
     "VOLUME /out\n"},
    {"maven: package", "changed: mount",
     "FROM maven:3.9-eclipse-temurin-21\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN mvn package\n"
     "CMD [\"java\", \"-jar\", \"target/a.jar\"]\n",
     "FROM maven:3.9-eclipse-temurin-21\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked mvn package\n"
     "CMD [\"java\", \"-jar\", \"target/a.jar\"]\n"},
    {"maven: wrapper", "changed: mount",
     "FROM eclipse-temurin:21-jdk AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN ./mvnw -DskipTests package\n"
     "FROM eclipse-temurin:21-jre\n"
     "COPY --from=b /src/target/*.jar /app.jar\n",
     "FROM eclipse-temurin:21-jdk AS b\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked \\\n"
     "    --mount=type=cache,target=/root/.m2/wrapper/dists,sharing=locked \\\n"
     "    ./mvnw -DskipTests package\n"
     "FROM eclipse-temurin:21-jre\n"
     "COPY --from=b /src/target/*.jar /app.jar\n"},
    {"maven: both or none", "changed: mount mount",
     "FROM maven:3.9 AS b\n"
     "RUN mvn -B dependency:resolve\n"
     "RUN mvn package\n",
     "FROM maven:3.9 AS b\n"
     "RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked mvn -B "
     "dependency:resolve\n"
     "RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked mvn package\n"},
    {"maven: none, as the other is offline", "unchanged: needed-later needed-later",
     "FROM maven:3.9 AS b\n"
     "RUN mvn -B dependency:go-offline\n"
     "RUN mvn -o package\n",
     NULL},
    {"maven: none, as one cannot", "refused: needed-later !user-unknown",
     "FROM maven:3.9 AS b\n"
     "RUN mvn -B dependency:go-offline\n"
     "USER foo\n"
     "RUN mvn -o package\n",
     NULL},
    {"maven: spring-boot:run", "unchanged: needed-at-run",
     "FROM maven:3.9\n"
     "RUN mvn package\n"
     "CMD [\"mvn\", \"spring-boot:run\"]\n",
     NULL},
    {"maven: ~/.m2 goes", "changed: mount cleanup?",
     "FROM maven:3.9 AS b\n"
     "RUN mvn package && rm -rf ~/.m2\n",
     "FROM maven:3.9 AS b\n"
     "RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked mvn package\n"},
    {"maven: ~/.m2 holds more", "refused: !cleanup-kept",
     "FROM maven:3.9 AS b\n"
     "COPY s.xml /root/.m2/settings.xml\n"
     "RUN mvn package && rm -rf ~/.m2\n",
     NULL},
    {"gradle", "changed: mount",
     "FROM gradle:8 AS b\n"
     "RUN gradle build --no-daemon\n",
     "FROM gradle:8 AS b\n"
     "RUN --mount=type=cache,target=/root/.gradle/caches,sharing=locked gradle build "
     "--no-daemon\n"},
    {"dnf: keepcache", "changed: mount prepare cleanup flag mount",
     "FROM fedora:40\n"
     "RUN dnf install -y --setopt=keepcache=0 gcc && dnf clean all && rm -rf /var/cache/dnf\n"
     "RUN dnf install -y make\n",
     "FROM fedora:40\n"
     "RUN --mount=type=cache,target=/var/cache/dnf,sharing=locked \\\n"
     "    echo keepcache=1 >> /etc/dnf/dnf.conf && dnf install -y gcc\n"
     "RUN --mount=type=cache,target=/var/cache/dnf,sharing=locked dnf install -y make\n"},
    {"zypper", "changed: mount? cleanup",
     "FROM opensuse/leap\n"
     "RUN zypper refresh && zypper install -y gcc && zypper clean --all\n",
     "FROM opensuse/leap\n"
     "RUN --mount=type=cache,target=/var/cache/zypp,sharing=locked zypper refresh && zypper "
     "install -y gcc\n"},
    {"dotnet: restore, publish", "unchanged: needed-later needed-later",
     "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS b\n"
     "RUN dotnet restore\n"
     "RUN dotnet publish --no-restore\n",
     NULL},
    {"composer", "changed: mount flag",
     "FROM composer:2\n"
     "RUN composer install --no-cache\n",
     "FROM composer:2\n"
     "RUN --mount=type=cache,target=/tmp/cache,sharing=locked composer install\n"},
    {"files are copied into the cache", "unchanged: hides-files",
     "FROM python:3.12\n"
     "COPY wheels /root/.cache/pip/wheels\n"
     "RUN pip install y\n",
     NULL},
    {"another stage reads the cache", "unchanged: output-kept",
     "FROM python:3.12 AS b\n"
     "RUN pip install x\n"
     "FROM debian:12\n"
     "COPY --from=b /root/.cache/pip /c\n",
     NULL},
    {"syntax: docker/dockerfile:1.0", "changed: syntax mount",
     "# syntax=docker/dockerfile:1.0\n"
     "FROM node:20\n"
     "RUN npm ci\n",
     "# syntax=docker/dockerfile:1\n"
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"syntax: docker.io/docker/dockerfile:1.1.7", "changed: syntax mount",
     "# syntax=docker.io/docker/dockerfile:1.1.7\n"
     "FROM node:20\n"
     "RUN npm ci\n",
     "# syntax=docker.io/docker/dockerfile:1\n"
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"syntax: docker/dockerfile:1.1.7-experimental", "changed: mount",
     "# syntax=docker/dockerfile:1.1.7-experimental\n"
     "FROM node:20\n"
     "RUN npm ci\n",
     "# syntax=docker/dockerfile:1.1.7-experimental\n"
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"syntax: docker/dockerfile", "changed: mount",
     "# syntax=docker/dockerfile\n"
     "FROM node:20\n"
     "RUN npm ci\n",
     "# syntax=docker/dockerfile\n"
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"syntax: docker/dockerfile:1", "changed: mount",
     "# syntax=docker/dockerfile:1\n"
     "FROM node:20\n"
     "RUN npm ci\n",
     "# syntax=docker/dockerfile:1\n"
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"syntax: docker/dockerfile:1.2", "changed: mount",
     "# syntax=docker/dockerfile:1.2\n"
     "FROM node:20\n"
     "RUN npm ci\n",
     "# syntax=docker/dockerfile:1.2\n"
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"syntax: docker/dockerfile:labs", "changed: mount",
     "# syntax=docker/dockerfile:labs\n"
     "FROM node:20\n"
     "RUN npm ci\n",
     "# syntax=docker/dockerfile:labs\n"
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"syntax: example.org:5000/my/frontend:3", "changed: syntax? mount",
     "# syntax=example.org:5000/my/frontend:3\n"
     "FROM node:20\n"
     "RUN npm ci\n",
     "# syntax=example.org:5000/my/frontend:3\n"
     "FROM node:20\n"
     "RUN --mount=type=cache,target=/root/.npm npm ci\n"},
    {"syntax: docker/dockerfile:1.1@sha256:...", "refused: !syntax-pinned",
     "# "
     "syntax=docker/"
     "dockerfile:1.1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
     "FROM node:20\n"
     "RUN npm ci\n",
     NULL},
    {"syntax: old, but nothing to mount", "unchanged:",
     "# syntax=docker/dockerfile:1.0\n"
     "FROM node:20\n"
     "RUN echo\n",
     NULL},
    {"nothing to do", "unchanged:",
     "FROM node:20\n"
     "RUN echo hello\n",
     NULL},
    {"empty stage", "unchanged:", "FROM scratch\n", NULL},
};

static dfl_doc *parse(const char *text, size_t len) {
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_parse(text, len, NULL, &doc), DFL_OK);
    return doc;
}

static dfl_plan *plan_of(const dfl_doc *doc) {
    dfl_plan *plan = NULL;
    assert_int_equal(dfl_rewrite_cache(doc, NULL, &plan), DFL_OK);
    return plan;
}

static void add(char *out, size_t size, const char *text) {
    assert_true(strlen(out) + strlen(text) < size);
    strcat(out, text);
}

/* Codes of steps that only tell why something is left alone. */
static int is_note(const char *code) {
    static const char *const notes[] = {"cache.cleanup-kept",  "cache.output-kept",
                                        "cache.user-unknown",  "cache.needed-later",
                                        "cache.needed-at-run", "cache.hides-files"};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        if (strcmp(code, notes[i]) == 0) return 1;
    }
    return 0;
}

/* The plan as the rows write it. */
static void describe(const dfl_plan *plan, char *out, size_t size) {
    static const char *const outcomes[] = {"", "changed:", "unchanged:", "refused:"};
    out[0] = '\0';
    add(out, size, outcomes[dfl_plan_outcome(plan)]);
    for (size_t i = 0; i < dfl_plan_step_count(plan); i++) {
        dfl_step step = {.size = sizeof step};
        assert_int_equal(dfl_plan_step(plan, i, &step), DFL_OK);
        assert_memory_equal(step.code, "cache.", 6);
        assert_true(step.message.len > 10 && step.range.start <= step.range.end);
        assert_true((step.assumption_count > 0) == (step.risk != DFL_RISK_SAFE));
        assert_true(step.edit_count == 0 || !is_note(step.code));
        add(out, size, " ");
        add(out, size, step.code + 6);
        if (step.risk == DFL_RISK_LIKELY) add(out, size, "?");
    }
    for (size_t i = 0; i < dfl_plan_refusal_count(plan); i++) {
        dfl_refusal refusal = {.size = sizeof refusal};
        assert_int_equal(dfl_plan_refusal(plan, i, &refusal), DFL_OK);
        add(out, size, " !");
        add(out, size, refusal.code + 6);
    }
}

static size_t count_nodes(const dfl_doc *doc, uint32_t kind) {
    size_t count, found = 0;
    const dfl_node_rec *nodes = dfl_doc_nodes(doc, &count);
    for (size_t i = 0; i < count; i++)
        found += nodes[i].kind == kind;
    return found;
}

static void fail_text(const char *what, const char *name, dfl_str got, const char *want) {
    fail_msg("%s: %s\n--- got\n%.*s\n--- want\n%s", name, what, (int)got.len, got.ptr, want);
}

/* What holds for every plan. */
static void check_laws(const char *name, const dfl_doc *doc, const dfl_plan *plan) {
    const dfl_doc *result = dfl_plan_result(plan);
    if (dfl_doc_error_count(result) > dfl_doc_error_count(doc))
        fail_text("errors", name, dfl_doc_source(result), "");
    if (count_nodes(result, DFL_NODE_COMMENT) != count_nodes(doc, DFL_NODE_COMMENT))
        fail_text("comments", name, dfl_doc_source(result), "");
    assert_true(count_nodes(result, DFL_NODE_FLAG) >= count_nodes(doc, DFL_NODE_FLAG));
    dfl_plan *again = plan_of(result);
    if (dfl_plan_outcome(again) == DFL_OUTCOME_CHANGED ||
        (dfl_plan_outcome(plan) == DFL_OUTCOME_CHANGED &&
         dfl_plan_outcome(again) != DFL_OUTCOME_UNCHANGED))
        fail_text("second run", name, dfl_doc_source(result), "");
    dfl_plan_free(again);
}

static void check_row(const char *name, const char *plan_text, const char *input,
                      const char *output) {
    char plan_got[512];
    dfl_doc *doc = parse(input, strlen(input));
    dfl_plan *plan = plan_of(doc);
    dfl_str got = dfl_doc_source(dfl_plan_result(plan));
    describe(plan, plan_got, sizeof plan_got);
    if (strcmp(plan_got, plan_text) != 0) fail_text(plan_got, name, got, plan_text);
    if (output == NULL) output = input;
    if (got.len != strlen(output) || memcmp(got.ptr, output, got.len) != 0)
        fail_text("result", name, got, output);
    check_laws(name, doc, plan);
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
}

/* `text` with `from` replaced by `to`, behind `prefix`. */
static char *replace(const char *prefix, const char *text, const char *from, const char *to) {
    size_t size = strlen(prefix) + strlen(text) * 2 + 1, n = strlen(from), at;
    char *out = malloc(size);
    assert_non_null(out);
    strcpy(out, prefix);
    for (at = strlen(out); *text != '\0';) {
        if (strncmp(text, from, n) == 0) {
            strcpy(out + at, to);
            at += strlen(to);
            text += n;
        } else {
            out[at++] = *text++;
        }
    }
    out[at] = '\0';
    return out;
}

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(rows[i].name, rows[i].plan, rows[i].input, rows[i].output);
}

/* The same with the line ends of Windows. Scripts are left out: their bytes are the shell's. */
static void test_rows_with_crlf(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strstr(rows[i].input, "<<") != NULL) continue;
        char *in = replace("", rows[i].input, "\n", "\r\n");
        char *out = rows[i].output != NULL ? replace("", rows[i].output, "\n", "\r\n") : NULL;
        check_row(rows[i].name, rows[i].plan, in, out);
        free(in);
        free(out);
    }
}

/* The same with the other escape character. */
static void test_rows_with_backtick(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strchr(rows[i].input, '`') != NULL || strstr(rows[i].input, "<<") != NULL) continue;
        char *in = replace("# escape=`\n", rows[i].input, "\\\n", "`\n");
        char *out =
            rows[i].output != NULL ? replace("# escape=`\n", rows[i].output, "\\\n", "`\n") : NULL;
        check_row(rows[i].name, rows[i].plan, in, out);
        free(in);
        free(out);
    }
}

/* What a reader is told. */
static void test_messages(void **state) {
    static const char text[] = "FROM debian:12\n"
                               "RUN apt-get update && apt-get install -y x && apt-get clean\n";
    static const char *const parts[] = {
        "Cache mounts keep the files of apt in /var/cache/apt and /var/lib/apt/lists",
        "Without `rm -f /etc/apt/apt.conf.d/docker-clean`",
        "`apt-get clean` would empty the cache"};
    dfl_doc *doc = parse(text, sizeof text - 1);
    dfl_plan *plan = plan_of(doc);
    (void)state;
    assert_int_equal(dfl_plan_step_count(plan), 3);
    for (size_t i = 0; i < 3; i++) {
        dfl_step step = {.size = sizeof step};
        assert_int_equal(dfl_plan_step(plan, i, &step), DFL_OK);
        if (step.message.len < strlen(parts[i]) ||
            memcmp(step.message.ptr, parts[i], strlen(parts[i])) != 0)
            fail_text("message", parts[i], step.message, parts[i]);
    }
    dfl_step step = {.size = sizeof step};
    assert_int_equal(dfl_plan_step(plan, 2, &step), DFL_OK);
    assert_memory_equal(text + step.range.start, "apt-get clean", 13);
    assert_int_equal(step.range.end - step.range.start, 13);
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
}

/* --- generated files */

static uint32_t seed;

static uint32_t pick(uint32_t n) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

#define PICK(list) ((list)[pick(sizeof(list) / sizeof *(list))])

static const char *const bases[] = {"debian:12", "node:20",       "python:3.12", "golang:1.22",
                                    "rust:1.78", "alpine:3.19",   "maven:3.9",   "fedora:40",
                                    "s0",        "example.org/x", "scratch"};
static const char *const commands[] = {"apt-get update",
                                       "apt-get install -y curl git",
                                       "apt-get -qq -o A=b install x",
                                       "apt-get clean",
                                       "rm -rf /var/lib/apt/lists/*",
                                       "rm -rf /var/lib/apt/lists/* /tmp/x",
                                       "rm -rf /tmp/y",
                                       "pip install --no-cache-dir -r r.txt",
                                       "pip install x",
                                       "pip cache purge",
                                       "PIP_NO_CACHE_DIR=1 A=2 pip install y",
                                       "rm -rf ~/.cache/pip /root/.npm",
                                       "rm -rf /root/.cache",
                                       "npm ci",
                                       "npm cache clean --force",
                                       "npm run build",
                                       "yarn",
                                       "apk add --no-cache curl",
                                       "go mod download",
                                       "go build -o /app",
                                       "go clean -cache",
                                       "cargo build --release",
                                       "cp -v target/release/app /app",
                                       "mvn package",
                                       "rm -rf $HOME/.m2",
                                       "dnf install -y gcc",
                                       "dnf clean all",
                                       "set -eux",
                                       "cd sub",
                                       "echo 'a && b' \"c; d\"",
                                       "true",
                                       "make",
                                       "uv sync -n",
                                       "sudo apt-get install -y x",
                                       "! false",
                                       "export A=1",
                                       "python -m pip install --no-cache-dir=1 z",
                                       "apt update",
                                       "apt install -y x",
                                       "echo $(pip cache dir)"};
static const char *const operators[] = {"&&", "&&", "&&", "&&", ";", ";", "||", "|", "&"};
static const char *const others[] = {"WORKDIR /src",
                                     "USER node",
                                     "USER 1000",
                                     "USER root",
                                     "USER app",
                                     "ENV PIP_NO_CACHE_DIR=1 A=1",
                                     "ENV PIP_NO_CACHE_DIR=1",
                                     ("ENV A=1 \\\n    PIP_NO_CACHE_DIR=1 \\\n    # b\n    B=1"),
                                     "COPY . .",
                                     "COPY x /root/.npm/y",
                                     "COPY --from=s0 /src/target/release/app /app",
                                     "# comment",
                                     "CMD [\"go\", \"run\", \".\"]",
                                     "ENTRYPOINT npm start",
                                     "ARG X",
                                     "ENV HOME=/home/x",
                                     "COPY --from=0 /root/.cache /c",
                                     "SHELL [\"/bin/bash\", \"-ec\"]",
                                     "ONBUILD RUN npm ci",
                                     ""};

static void add_command(char *out, size_t size) {
    switch (pick(12)) {
    case 0:
        add(out, size, "{ ");
        add(out, size, PICK(commands));
        add(out, size, "; ");
        add(out, size, PICK(commands));
        add(out, size, "; }");
        break;
    case 1:
        add(out, size, "(");
        add(out, size, PICK(commands));
        add(out, size, " && ");
        add(out, size, PICK(commands));
        add(out, size, ")");
        break;
    case 2:
        add(out, size, "if [ -e x ]; then ");
        add(out, size, PICK(commands));
        add(out, size, "; fi");
        break;
    default: add(out, size, PICK(commands));
    }
}

/* A break of the line, with comments and blank lines now and then. */
static void add_break(char *out, size_t size) {
    add(out, size, "\\\n");
    if (pick(8) == 0) add(out, size, "    # tidy up\n");
    if (pick(30) == 0) add(out, size, "\n");
    add(out, size, pick(2) ? "    " : "\t");
}

static void add_run(char *out, size_t size) {
    static const char *const flags[] = {"",
                                        "",
                                        "",
                                        "--network=default ",
                                        "--mount=type=cache,target=/root/.npm ",
                                        "--mount=type=cache,target=/var/cache/apt,sharing=locked ",
                                        "--mount=type=bind,target=/mnt ",
                                        "-- "};
    uint32_t style = pick(5), count = 1 + pick(6);
    add(out, size, pick(9) ? "RUN " : "run ");
    add(out, size, PICK(flags));
    if (style == 4) add(out, size, "<<EOF\n");
    if (style != 4 && pick(6) == 0) add_break(out, size);
    for (uint32_t i = 0; i < count; i++) {
        add_command(out, size);
        if (i + 1 == count) break;
        if (style == 0 || style == 3) add(out, size, " ");
        if (style == 1) add_break(out, size);
        if (style == 2 && pick(2)) add(out, size, " ");
        if (style == 4 && pick(3)) {
            add(out, size, pick(6) ? "\n" : " # note\n");
            continue;
        }
        add(out, size, style == 4 ? " && " : PICK(operators));
        add(out, size, " ");
        if (style == 2) add_break(out, size);
    }
    if (style != 4 && pick(6) == 0) add(out, size, ";");
    add(out, size, style == 4 ? "\nEOF\n" : "\n");
}

static void generate(char *out, size_t size) {
    uint32_t stages = 1 + pick(3);
    out[0] = '\0';
    if (pick(10) == 0) add(out, size, pick(2) ? "# syntax=docker/dockerfile:1.1\n" : "# note\n");
    for (uint32_t s = 0; s < stages; s++) {
        char name[24];
        snprintf(name, sizeof name, " AS s%u\n", s);
        add(out, size, "FROM ");
        add(out, size, s == 0 ? bases[pick(8)] : PICK(bases));
        add(out, size, name);
        for (uint32_t i = 0, n = 1 + pick(5); i < n; i++) {
            if (pick(3) == 0) {
                add(out, size, PICK(others));
                add(out, size, "\n");
            } else {
                add_run(out, size);
            }
        }
    }
}

/* --- an independent look at what became of the commands */

static int starts(dfl_str s, const char *z) {
    return s.len >= strlen(z) && memcmp(s.ptr, z, strlen(z)) == 0;
}

static dfl_str cmd_text(const dfl__shell *shell, const dfl__sh_cmd *k) {
    dfl_str text = {shell->text.ptr + k->start, k->end - k->start};
    return text;
}

static int is_simple(const dfl__sh_cmd *k) {
    return k->kind == DFL__CMD_SIMPLE;
}

/* A command that the rewrite may add, or take out. */
static int is_added(dfl_str text) {
    static const char *const added[] = {
        "rm -f /etc/apt", "sudo rm -f /etc/apt", "echo keepcache",
        "echo 'Binary::", "mkdir -p /out",       "cp target/release/app",
        "cp /src/target", "mkdir -p /artifacts", "cp /target"};
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        if (starts(text, added[i])) return 1;
    }
    return 0;
}

static int may_go(dfl_str text) {
    static const char *const going[] = {"apt-get clean", "rm -rf",    "pip cache", "npm cache",
                                        "go clean",      "dnf clean", "true"};
    for (size_t i = 0; i < sizeof going / sizeof *going; i++) {
        if (starts(text, going[i])) return 1;
    }
    return 0;
}

/* Whether `b` runs where `a` does, and its words are some of `a`'s, in order. */
static int stays_as(const dfl__shell *sa, const dfl__sh_cmd *a, const dfl__shell *sb,
                    const dfl__sh_cmd *b) {
    uint32_t at = 0;
    if (a->conditional != b->conditional || a->in_pipe != b->in_pipe || a->negated != b->negated ||
        a->background != b->background)
        return 0;
    for (uint32_t i = 0; i < a->word_count && at < b->word_count; i++) {
        const dfl__sh_word *wa = &a->words[i], *wb = &b->words[at];
        at += wa->end - wa->start == wb->end - wb->start &&
              memcmp(sa->text.ptr + wa->start, sb->text.ptr + wb->start, wa->end - wa->start) == 0;
    }
    return at == b->word_count && b->assign_count <= a->assign_count;
}

/* Each command of the result is one of the original's, in order; what is missing is a clean-up. */
static void compare_commands(const char *file, const dfl__shell *before, const dfl__shell *after) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < after->cmd_count; i++) {
        const dfl__sh_cmd *k = &after->cmds[i];
        if (!is_simple(k)) continue;
        while (at < before->cmd_count &&
               (!is_simple(&before->cmds[at]) || !stays_as(before, &before->cmds[at], after, k))) {
            if (is_simple(&before->cmds[at]) && is_added(cmd_text(after, k))) break;
            if (is_simple(&before->cmds[at]) && !may_go(cmd_text(before, &before->cmds[at])))
                fail_text("lost", file, cmd_text(before, &before->cmds[at]), "");
            at++;
        }
        if (at < before->cmd_count && stays_as(before, &before->cmds[at], after, k)) {
            at++;
        } else if (!is_added(cmd_text(after, k))) {
            fail_text("new", file, cmd_text(after, k), "");
        }
    }
    for (; at < before->cmd_count; at++) {
        if (is_simple(&before->cmds[at]) && !may_go(cmd_text(before, &before->cmds[at])))
            fail_text("lost", file, cmd_text(before, &before->cmds[at]), "");
    }
}

/* The shell text of RUN number `index`; 0 when there is none. */
static int run_text(const dfl_doc *doc, size_t index, dfl_str *text) {
    size_t count;
    const dfl_node_rec *nodes = dfl_doc_nodes(doc, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (nodes[i].kind != DFL_NODE_RUN || (nodes[i].flags & DFL_NODE_F_NESTED) != 0) continue;
        if (index-- > 0) continue;
        dfl_node run = dfl_doc_node(doc, i), heredoc = dfl_node_child(run, DFL_NODE_HEREDOC);
        dfl_node body = dfl_node_is_null(heredoc) ? dfl_node_child(run, DFL_NODE_SHELL_FORM)
                                                  : dfl_node_child(heredoc, DFL_NODE_HEREDOC_BODY);
        *text = dfl_node_value(body);
        return 1;
    }
    return 0;
}

static void compare_runs(const char *file, const dfl_doc *doc, const dfl_doc *result) {
    dfl_alloc alloc = dfl__alloc_of(NULL);
    dfl_str old_text, new_text;
    for (size_t i = 0; run_text(doc, i, &old_text); i++) {
        dfl__shell before, after;
        assert_true(run_text(result, i, &new_text));
        assert_int_equal(dfl__shell_scan(old_text, 0, &alloc, &before), DFL_OK);
        assert_int_equal(dfl__shell_scan(new_text, 0, &alloc, &after), DFL_OK);
        assert_int_equal(before.opaque, after.opaque);
        compare_commands(file, &before, &after);
        dfl__shell_free(&before);
        dfl__shell_free(&after);
    }
}

static void test_generated(void **state) {
    enum { FILES = 6000 };
    static char file[16384];
    size_t changed = 0;
    (void)state;
    for (uint32_t i = 1; i <= FILES; i++) {
        seed = i * 2654435761u;
        generate(file, sizeof file);
        dfl_doc *doc = parse(file, strlen(file));
        dfl_plan *plan = plan_of(doc);
        changed += dfl_plan_outcome(plan) == DFL_OUTCOME_CHANGED;
        check_laws(file, doc, plan);
        if (dfl_doc_error_count(doc) == 0) compare_runs(file, doc, dfl_plan_result(plan));
        dfl_plan_free(plan);
        dfl_doc_unref(doc);
    }
    assert_true(changed > FILES / 3);
}

/* Each allocation fails, alone or with all that follow; nothing leaks, nothing is given out. */
typedef struct {
    unsigned at, calls;
    int forever;
    long live;
} failing;

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    if (new_size == 0) {
        f->live -= (long)old_size;
        free(ptr);
        return NULL;
    }
    unsigned call = f->calls++;
    if (call == f->at || (f->forever && call > f->at)) return NULL;
    void *grown = realloc(ptr, new_size);
    if (grown != NULL) f->live += (long)new_size - (long)old_size;
    return grown;
}

/* 1 when all allocations up to number `at` sufficed. */
static int try_memory(const char *text, unsigned at, int forever) {
    failing f = {at, 0, forever, 0};
    dfl_alloc alloc = {failing_resize, &f};
    dfl_rewrite_options options = DFL_REWRITE_OPTIONS_INIT;
    dfl_doc *doc = parse(text, strlen(text));
    dfl_plan *plan = NULL;
    options.alloc = &alloc;
    dfl_status status = dfl_rewrite_cache(doc, &options, &plan);
    assert_true(status == DFL_E_NOMEM || f.calls <= at);
    assert_true((plan != NULL) == (status == DFL_OK));
    dfl_plan_free(plan);
    dfl_doc_unref(doc);
    assert_int_equal(f.live, 0);
    return status == DFL_OK;
}

static void test_without_memory(void **state) {
    static const char text[] =
        "# syntax=docker/dockerfile:1.1\nFROM rust:1.78 AS b\nENV PIP_NO_CACHE_DIR=1 A=1\n"
        "WORKDIR /src\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*\n"
        "RUN pip install --no-cache-dir x\nRUN cargo build --release\nFROM debian:12\n"
        "COPY --from=b /src/target/release/app /app\nUSER x\nRUN npm ci\n";
    (void)state;
    for (int forever = 0; forever <= 1; forever++) {
        unsigned at = 0;
        while (!try_memory(text, at, forever))
            at++;
        assert_true(at > 100);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_rows_with_crlf),
        cmocka_unit_test(test_rows_with_backtick),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_generated),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
