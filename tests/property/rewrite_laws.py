#!/usr/bin/env python3
"""rewrite_laws.py -- the laws of rewrites on generated Dockerfiles.

usage: rewrite_laws.py [--count N] [--seed N] [--rewrites NAME...] [--driver FILE] [--workers N]

Laws, judged by the driver beside this file with the spec runner's checks: the edits splice to the
result and nothing else changes, no comment and no flag is lost, the result has no errors, a second
run changes nothing, a refusal leaves the file as it is, line ends and escape character are the
file's; a cache rewrite leaves instructions without commands alone.
"""
import argparse
import collections
import concurrent.futures
import os
import random
import struct
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "conformance"))
import dockerfiles  # noqa: E402
import generate  # noqa: E402

CHUNK = 500
REWRITES = ["cache", "base slim", "base distroless", "base alpine", "base debian:12", "split", "optimize"]
NAMES = ["cache", "base", "split", "optimize"]

BASES = """debian:12 debian:12-slim debian:bookworm ubuntu:24.04 ubuntu alpine:3.20 python:3.12-alpine python:3.12
 python:3.11-slim node:20 node:20-alpine node:20-slim golang:1.22 golang:1.22-alpine rust:1.78 rust:1-alpine
 maven:3.9-eclipse-temurin-21 gradle:8-jdk21 eclipse-temurin:21 mcr.microsoft.com/dotnet/sdk:8.0 php:8.3-cli ruby:3.3
 composer:2 fedora:40 fedora:41 fedora almalinux:9 archlinux:latest opensuse/leap:15.6 registry.example.com:5000/team/base:1
 $BASE scratch gcr.io/distroless/static debian@sha256:""".split()
BASES[-1] += "0" * 64

COMMANDS = """apt-get update|apt-get install -y curl|apt-get install -y --no-install-recommends a b|apt update|apt install -y git
apt-get clean|apt-get dist-clean|rm -rf /var/lib/apt/lists/*|rm -rf /var/lib/apt/lists/* /tmp/x|rm -rf /var/cache/apt
apt-get autoremove -y|rm -f /etc/apt/apt.conf.d/docker-clean|apk add --no-cache curl|apk update|apk add curl|rm -rf /var/cache/apk/*
apk cache clean|dnf install -y curl|dnf clean all|dnf5 install -y x|microdnf install -y x|microdnf clean all|yum install -y x
zypper --non-interactive install x|zypper clean -a|pacman -Syu --noconfirm|pacman -Scc --noconfirm|pacman -R x|tdnf install -y x
pip install x|pip install --no-cache-dir -r requirements.txt|pip3 install --user x|python -m pip install x|pip cache purge
PIP_NO_CACHE_DIR=1 pip install x|pip --version|uv sync --frozen|uv pip install --system --no-cache x|uvx ruff check|uv run x --no-cache
poetry install|poetry cache clear --all pypi|pdm sync|pipenv install --clear|npm ci|npm install -g x|npm cache clean --force|npm run build
npx tsc|yarn|yarn install --frozen-lockfile|yarn cache clean|yarn --version|yarn global bin|pnpm install|pnpm store prune|bun install
go build -o app .|go mod download|go mod init x|CGO_ENABLED=0 go build -o /out/app .|go clean -modcache|go install x@latest
cargo build --release|cargo fetch|cargo build --release --offline|cp target/release/app /app|cargo install x|mvn -B package|mvn -o package
./mvnw package|gradle build --no-daemon|./gradlew build|mvn --version|dotnet restore|dotnet publish -c Release -o /out|dotnet nuget locals all --clear
bundle install|gem install x|composer install --no-cache|mix deps.get|sbt compile|ccache -s|ln -s /var/cache/apk /etc/apk/cache
mkdir /root/.npm|mkdir -p ~/.cache|cp -r x ~/.m2/repository|rm -rf ~/.cache|rm -rf /root/.cache/pip /root/.npm|rm -rf $HOME/.npm
find /root/.cache -type f -delete|useradd -m -u 1001 app|useradd -m app|adduser -D -u 1002 app|usermod -u 1003 node|make|./build.sh
cd /src|cd sub|export PIP_NO_CACHE_DIR=1|set -ex|set -e|true|:|echo done|echo "a && b"|curl -fsSL x \\| sh|sh -c 'npm ci'|bash -ec "pip install x"
sudo apt-get update|sudo apt-get install -y x|env A=b pip install x|time npm ci|exec npm ci|! pip cache purge|pip install x > /log 2>&1
""".replace("\\|", "\x01").replace("\n", "|").split("|")
COMMANDS = [c.replace("\x01", "|") for c in COMMANDS if c]

OTHERS = """WORKDIR /src|WORKDIR app|WORKDIR /root|USER node|USER app|USER 1000:1000|USER root|USER $U|ENV A=1|ENV HOME=/home/app
ENV PIP_NO_CACHE_DIR=1|ENV A=1 PIP_NO_CACHE_DIR=off B="c d"|ENV UV_NO_CACHE 1|ENV GOPATH=/go GOCACHE=/gocache|ENV CARGO_HOME=/cargo
ENV NPM_CONFIG_CACHE=/cache/npm|ARG A|ARG PIP_NO_CACHE_DIR=1|ARG TARGETARCH|COPY . .|COPY package*.json ./|COPY --chown=1:1 a /root/.npm/
COPY --from=0 /src/target/release/app /app|COPY --from=s0 /root/.m2 /root/.m2|COPY --from=s0 /src /src|COPY ["a", "b"]|ADD x.tar /root/.m2
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]|SHELL ["powershell"]|LABEL a="b c" d=e|EXPOSE 80|VOLUME /data|STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s CMD curl -f localhost|HEALTHCHECK NONE|CMD ["./app"]|CMD npm start|ENTRYPOINT ["python", "-m", "app"]|CMD ["go", "run", "."]
ONBUILD COPY . .|ONBUILD RUN make|MAINTAINER me""".replace("\n", "|").split("|")

FLAGS = """--mount=type=cache,target=/root/.npm --mount=type=cache,target=/root/.cache,id=x --mount=type=cache,dst=/var/cache/apt,sharing=locked
 --mount=type=cache,target=$CACHE --mount=type=cache,target=cache --mount=type=bind,target=. --mount=type=bind,from=s0,source=/src,target=/x
 --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=tmpfs,target=/root/.cache --mount=type=ssh --network=none --security=insecure""".split()

SYNTAX = ["docker/dockerfile:1", "docker/dockerfile:1.1", "docker/dockerfile:1.0@sha256:0", "example.com/frontend", "docker/dockerfile:1.4"]


class Maker:
    """One file: its line end, escape character and case are the file's own."""

    def __init__(self, rng):
        self.rng = rng
        self.eol = "\r\n" if rng.random() < 0.06 else "\n"
        self.escape = "`" if rng.random() < 0.06 else "\\"
        self.lower = rng.random() < 0.1
        self.indent = rng.choice(["    ", "    ", "  ", "\t", " ", "        "])

    def chance(self, odds):
        return self.rng.random() < odds

    def keyword(self, text):
        word, blank, rest = text.partition(" ")
        return (word.lower() if self.lower else word) + blank + rest

    def line_break(self):
        """A continuation, with what may stand between continued lines."""
        text = self.escape + (" " if self.chance(0.03) else "") + self.eol
        while self.chance(0.12):
            text += self.rng.choice([self.indent + "# why", "# why \\", "", self.indent + "#", "  "]) + self.eol
        return text + self.indent

    def joined(self, commands):
        """Commands with operators, here and there on lines of their own."""
        out, breaks = commands[0], self.chance(0.5)
        for command in commands[1:]:
            op = self.rng.choices(["&&", ";", "||", "|", "&"], [16, 4, 2, 1, 1])[0]
            if not breaks or self.chance(0.2):
                out += self.rng.choice([" %s ", "%s "] if op == ";" else [" %s "]) % op + command
            elif self.chance(0.7):
                out += " " + op + " " + self.line_break() + command
            else:
                out += " " + self.line_break() + op + " " + command
        return out

    def command(self, depth=0):
        if depth < 2 and self.chance(0.08):
            inner = self.joined([self.command(depth + 1) for _ in range(self.rng.randint(1, 3))])
            return self.rng.choice(["( %s )", "{ %s; }", "if true; then %s; fi", "for i in 1 2; do %s; done"]) % inner
        text = self.rng.choice(COMMANDS)
        if self.chance(0.08) and " " in text and "'" not in text and '"' not in text:
            at = self.rng.choice([i for i, c in enumerate(text) if c == " "])
            text = text[:at] + " " + self.line_break() + text[at + 1:]
        return text

    def script(self):
        lines = []
        if self.chance(0.2):
            lines.append(self.rng.choice(["#!/bin/bash", "#!/bin/sh -e", "#!/usr/bin/env -S bash -eu", "#!/usr/bin/python3"]))
        for _ in range(self.rng.randint(1, 5)):
            lines.append(self.rng.choice([lambda: self.rng.choice(COMMANDS), lambda: "# note", lambda: " && ".join(self.rng.sample(COMMANDS, 2)),
                                          lambda: "  " + self.rng.choice(COMMANDS) + " # tidy", lambda: ""])())
        return lines

    def heredoc(self):
        name, dash = self.rng.choice(["EOF", "E", '"EOF"', "'E O'"]), self.rng.choice(["", "-"])
        tab = "\t" if dash and self.chance(0.7) else ""
        end = tab + name.strip("\"'")
        if self.chance(0.6):
            head = self.rng.choice(["<<%s%s", "<<%s%s", "<< %s%s"]) % ("" if "<< " in "" else dash, name)
            lines = self.script()
        else:
            head = self.rng.choice(["%s && cat <<X%s > /x", "cat <<X%s > /x && %s", "bash <<X%s", "<<X%s bash -e", "tee /x <<X%s && %s"])
            head = head.replace("X%s", dash + name).replace("%s", self.rng.choice(COMMANDS))
            lines = self.script()
        return head + self.eol + "".join(tab + line + self.eol for line in lines) + end

    def form(self):
        kind = self.rng.random()
        if kind < 0.78:
            return self.joined([self.command() for _ in range(self.rng.choice([1, 1, 2, 2, 3, 4, 6]))])
        if kind < 0.86:
            return self.heredoc()
        words = self.rng.choice(COMMANDS).split(" ")
        if kind < 0.91:
            words = ["/bin/sh", "-c", " && ".join(self.rng.sample(COMMANDS, 2))]
        return "[" + ", ".join('"' + w.replace("\\", "\\\\").replace('"', '\\"') + '"' for w in words) + "]"

    def run(self):
        flags = "".join(self.rng.choice(FLAGS) + (" " if self.chance(0.7) else " " + self.line_break())
                        for _ in range(self.rng.choice([0, 0, 0, 0, 1, 2])))
        start = self.rng.choice(["RUN ", "RUN ", "RUN  ", "RUN\t"]) if self.chance(0.95) else "RUN " + self.line_break()
        text = self.keyword(start + flags + self.form())
        return self.keyword("ONBUILD ") + text if self.chance(0.04) else text

    def file(self):
        lines = []
        if self.escape == "`":
            lines.append("# escape=`")
        if self.chance(0.12):
            lines.append("# syntax=" + self.rng.choice(SYNTAX))
        if self.chance(0.1):
            lines.append(self.keyword("ARG BASE=debian:12"))
        for stage in range(self.rng.choice([1, 1, 1, 2, 2, 3])):
            base = "s%d" % self.rng.randrange(stage) if stage and self.chance(0.25) else self.rng.choice(BASES)
            flag = "--platform=$BUILDPLATFORM " if self.chance(0.06) else ""
            lines.append(self.keyword("FROM %s%s AS s%d" % (flag, base, stage)))
            for _ in range(self.rng.choice([1, 2, 3, 4, 6])):
                kind = self.rng.random()
                lines.append(self.run() if kind < 0.6 else self.rng.choice(["", "# a comment", "#", "  # indented"])
                             if kind < 0.72 else self.keyword(self.rng.choice(OTHERS)))
        text = self.eol.join(lines)
        return (text if self.chance(0.08) else text + self.eol).encode()


def known():
    """Inputs of the spec cases that whole programs are built by."""
    names = ("split", "lesson", "refusals", "base")
    return [text for name in names for text in dockerfiles.dft_inputs(os.path.join(ROOT, "tests", "spec", name + ".dft"))]


KNOWN = known()


def varied(rng):
    """A file that is known, with lines put in between its instructions."""
    lines = rng.choice(KNOWN).split(b"\n")
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        at = rng.randint(0, len(lines) - 1)
        if at > 0 and not lines[at - 1].rstrip().endswith((b"\\", b"`")):
            lines.insert(at, rng.choice(["# a comment", "", "#", "ENV A=1", "LABEL a=b", "ARG X", "EXPOSE 80", "RUN " + rng.choice(COMMANDS)]).encode())
    return b"\n".join(lines)


def make(rng):
    kind = rng.random()
    if kind < 0.25:
        return varied(rng)
    if kind < 0.9:
        return Maker(rng).file()
    if kind < 0.96:
        return generate.mutate(rng, Maker(rng).file(), dockerfiles.SOUP)
    text = dockerfiles.Maker(rng).file()
    # The variants that the laws try lengthen lines: to one that BuildKit takes they may do too much.
    return text if max(map(len, text.split(b"\n"))) < 60000 else b""


def choose(rng, rewrites):
    """The rewrite and its options, as the driver numbers them; most files are the first one's."""
    rewrite = rewrites[0] if rng.random() < 0.7 else rng.choice(rewrites)
    builder = rng.choice([0, 0, 0, 0, 1, 2, 3])
    return rewrite, builder, rng.choice([0, 0, 0, 1, 2, 3]), rng.choice([0, 0, 0, 1, 2, 3, 4])


def check(job):
    """The outcomes of a chunk of files, and those that break a law."""
    driver, rewrites, seed, count = job
    rng = random.Random(seed)
    cases = [(make(rng), choose(rng, rewrites)) for _ in range(count)]
    data = b"".join(struct.pack("<5I", len(text), *options) + text for text, options in cases)
    done = subprocess.run([driver], input=data, capture_output=True)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    outcomes, broken = collections.Counter(), []
    for line, (text, options) in zip(lines, cases):
        outcome, _, problem = line.partition("\t")
        outcomes[REWRITES[options[0]].split(" ")[0] + " " + outcome] += 1
        if problem:
            broken.append((problem, text, options))
    if len(lines) < count:
        broken.append((f"the driver stopped: {done.stderr.decode('utf-8', 'replace')[-2000:]}",) + cases[len(lines)])
    return outcomes, broken


def main():
    quick = os.environ.get("QUICK") == "1"
    build = os.environ.get("BUILD", os.path.join(ROOT, "build", "dev"))
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=5000 if quick else 65000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rewrites", nargs="+", default=NAMES, choices=NAMES)
    parser.add_argument("--driver", default=os.path.join(build, "rewrite-laws"))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    rewrites = [i for name in options.rewrites for i, full in enumerate(REWRITES) if full.split(" ")[0] == name]
    jobs = [(options.driver, rewrites, f"{options.seed}.{at}", min(CHUNK, options.count - at)) for at in range(0, options.count, CHUNK)]
    outcomes, broken = collections.Counter(), []
    with concurrent.futures.ProcessPoolExecutor(options.workers) as pool:
        for some, bad in pool.map(check, jobs):
            outcomes += some
            broken += bad
    for problem, text, (rewrite, *rest) in sorted(broken, key=lambda b: len(b[1]))[:5]:
        print(f"FAIL {REWRITES[rewrite]} {rest}: {problem}\n{text!r}\n{text.decode('utf-8', 'replace')}")
    for name, count in sorted(outcomes.items()):
        print(f"{name}: {count}")
    few = "cache" in options.rewrites and outcomes["cache changed"] < options.count / 5
    print(f"{options.count} files: {options.count - len(broken)} passed, {len(broken) + few} failed"
          + (", too few are changed" if few else ""))
    return 1 if broken or few else 0


if __name__ == "__main__":
    sys.exit(main())
