#!/usr/bin/env python3
"""What models cost: hostile families at n, 2n and 4n, and a file of 20 stages beside its parse.

Making a model, asking it and checking it are counted apart, in instructions. A doubling may cost
2.2 times as much, a model of an ordinary file twice its parse.
"""
import argparse
import sys
import tempfile

import counting

FAMILIES = {}  # name -> (maker, n)
FULL = {}      # name -> n, where the family is modelled at full size as well
PARSES = 2


def family(name, n, maker, full=None):
    FAMILIES[name] = (maker, n)
    if full:
        FULL[name] = full


def lines(text, head="FROM scratch\n", tail=""):
    """n times `text`, whose {i} is the number, {p} the one before, {n} the one after."""
    def make(n):
        return head + "".join(text.format(i=i, p=i - 1, n=i + 1) for i in range(n)) + tail
    return make


def on_one(start, text, end="\n", head="FROM scratch\n"):
    """An instruction with n times `text`."""
    return lines(text, head + start, end)


# Stages and what leads from one to another.
family("stages", 1000, lines("FROM a AS s{i}\n", ""), full=100000)
family("chain of stages", 1000, lines("FROM s{p} AS s{i}\n", ""), full=100000)
family("chain of stages with variables", 500, lines("FROM s{p} AS s{i}\nENV A{i}=$A{p}b\n", ""), full=50000)
family("stages of one name", 1000, lines("FROM a AS s\n", "", "FROM s\n"), full=100000)
family("chain of one name", 1000, lines("FROM s AS s\n", ""), full=100000)
family("unknown bases", 500, lines("FROM $X AS s{i}\n", "ARG X\n"), full=100000)
family("unknown parts of bases", 500, lines("FROM s{i}$X AS s{i}\n", "ARG X\n"), full=100000)
family("copies", 1000, lines("COPY --from=s / /\n", "FROM a AS s\nFROM b\n"), full=100000)
family("copies from images", 1000, lines("COPY --from=i{i} / /\n"), full=100000)
family("copies by number", 1000, lines("COPY --from={i} / /\n"), full=100000)
family("ring of copies", 500, lines("FROM a AS s{i}\nCOPY --from=s{n} / /\n", "", "FROM a AS s0\n"), full=50000)
family("pairs of stages", 500, lines("FROM a AS s{i}\nCOPY --from=s{n} / /\nCOPY --from=s{p} / /\n", ""), full=30000)
family("mounts", 500, on_one("RUN", " --mount=from=i{i},target=/x", " y\n"), full=50000)
family("mounts from later stages", 500, on_one("RUN", " --mount=from=s,target=/x", " y\nFROM a AS s\n"))
family("sources of a mount", 2000, on_one("RUN --mount=target=/x", ",from=i{i}", " y\n"), full=200000)
family("fields of a mount", 2000, on_one("RUN --mount=target=/x", ",ro", " y\n"), full=1000000)

# Variables.
family("variables", 1000, lines("ENV A{i}=b\n"), full=200000)
family("variables of an instruction", 3000, on_one("ENV", " A{i}=b"), full=200000)
family("arguments", 2000, lines("ARG A{i}=b\n"), full=200000)
family("arguments of an instruction", 3000, on_one("ARG", " A{i}=b"), full=200000)
family("arguments before FROM", 1000, lines("ARG A{i}=b\n", "", "FROM a\n"), full=200000)
family("chain of variables", 500, lines("ENV A{i}=$A{p}\n"), full=100000)
family("chain of arguments", 1000, on_one("ARG", " A{i}=$A{p}"), full=100000)
family("growing variables", 2000, lines("ENV A{i}=$A{p}b\n"), full=100000)
family("variables of a word", 1000, on_one("ENV B=x\nWORKDIR ", "$B"), full=300000)
family("names that are not set", 300, lambda n: lines("ENV A{i}=b\n")(n) + on_one("WORKDIR ", "$B{i}", head="")(n))
family("nested defaults", 1000, lambda n: "FROM scratch\nWORKDIR " + "${A:-" * n + "}" * n + "\n")
family("doubling variables", 200, lines("ENV A=x$A$A\n"))
family("doubling arguments", 300, lines("ARG A{i}=x$A{p}$A{p}\n", "", "FROM a\n"))
family("doubling arguments of an instruction", 200, on_one("ARG A=x", " A=$A$A"))
family("patterns", 100, lines("ENV A=x$A$A B=${{A//x/yyyy}}\n"))

# Configurations.
family("relative directories", 1000, lines("WORKDIR a\n"), full=200000)
family("labels", 3000, on_one("LABEL", " a{i}=b"), full=200000)
family("labels of one name", 1000, lines("LABEL a=b\n"), full=200000)
family("ports", 3000, on_one("EXPOSE", " {i}"), full=200000)
family("volumes", 3000, on_one("VOLUME", " /v{i}"), full=200000)
family("commands", 1000, lines("CMD a\n"), full=200000)
family("commands under a long shell", 1000, lambda n: on_one('SHELL ["a"', ',"b"', "]\n")(n) + "CMD a\n" * n)
family("health checks", 500, lines("HEALTHCHECK --interval=1s --retries=2 CMD a\n"))
family("heredocs", 300,
       lambda n: "FROM scratch\nCOPY" + "".join(f" <<E{i}" for i in range(n)) + " /x/\n" +
       "".join(f"$A\nE{i}\n" for i in range(n)))

# Triggers.
family("triggers", 300, lines("ONBUILD ENV A{i}=b\n", "FROM scratch AS s\n", "FROM s\n"), full=50000)
family("stages that run triggers", 300,
       lambda n: "FROM scratch AS s\n" + "ONBUILD ENV A=b\n" * n + "FROM s\n" * n)
family("triggers that copy", 300, lines("ONBUILD COPY --from=s{i} / /\n", "FROM scratch AS s\n", "FROM s\n"))

# What a stage takes over from another.
family("stages on hidden variables", 200,
       lambda n: lines("ENV A{i}=b\nARG A{i}=c\n", "FROM a AS s\n")(n) + "FROM s\n" * n)


def ordinary():
    """20 stages, 200 instructions, as projects write them."""
    text = ["# syntax=docker/dockerfile:1", "ARG GO=1.22", "ARG REGISTRY=docker.io/library"]
    for i in range(20):
        base = "${REGISTRY}/golang:${GO}" if i % 3 == 0 else f"stage{i - 1}"
        source = f"stage{i - 1}" if i else "alpine"
        text += [
            f"FROM {base} AS stage{i}",
            "ARG TARGETARCH",
            f"WORKDIR /src/service{i}",
            f"ENV CGO_ENABLED=0 GOFLAGS=-mod=readonly SERVICE=service{i}",
            "COPY --chown=1000:1000 go.mod go.sum ./",
            "RUN --mount=type=cache,target=/root/.cache/go-build,sharing=locked \\\n    go mod download",
            f"COPY . /src/service{i}/${{TARGETARCH}}",
            f"RUN --mount=type=bind,from={source},source=/out,target=/in \\\n"
            f"    go build -o /out/${{SERVICE}} ./cmd/service{i} && \\\n    strip /out/${{SERVICE}}",
            f"EXPOSE 80{i:02}/tcp",
            f'LABEL org.example.service="service{i}" org.example.version=$TARGETARCH',
        ]
    return "\n".join(text) + "\n"


def check_ordinary(program):
    with tempfile.TemporaryDirectory() as folder:
        files = [counting.write(folder, "ordinary", ordinary())]
        (parse,) = counting.count(program, "dfl_parse", files, folder)
        (model,) = counting.count(program, "dfl_model_new", files, folder)
    over = model > PARSES * parse
    print(f"20 stages, 200 instructions: parse {parse}, model {model}, {model / parse:.2f} of it"
          f"{'  TOO MUCH' if over else ''}")
    return over


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="built dfl-bench-model")
    parser.add_argument("--only", default="", help="families whose name holds this")
    args = parser.parse_args()
    families = {name: family for name, family in FAMILIES.items() if args.only in name}
    bad = check_ordinary(args.program)
    for function in ("dfl_model_new", "bench_ask", "dfl_lint_run"):
        print(f"--- {function}")
        bad += counting.check(args.program, function, families)
    bad += counting.check_full(args.program, families, FULL)
    print(f"{len(families)} families, {bad} bad")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
