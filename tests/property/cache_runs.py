#!/usr/bin/env python3
"""cache_runs.py -- runs the commands of RUNs before and after a cache rewrite, beside each other.

usage: cache_runs.py [--count N] [--seed N]

The texts of generated files are run by bash, in which every program is a function that notes its
words and fails now and then, by its words. What empties a cache, what a rewrite puts in, and the
flags that it takes out are not noted and never fail. Laws: the same commands run in the same order,
and the RUN succeeds or fails as before. Where a step of the plan assumes that the commands before a
clean-up succeed, they do.
"""
import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "bindings", "python"))
sys.path.insert(0, os.path.join(ROOT, "tests", "property"))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build", "dev"))
os.environ.setdefault("LIBDOCKERFILE_PATH", os.path.join(os.path.abspath(BUILD), "libdockerfile.so"))
import rewrite_laws  # noqa: E402
from libdockerfile import Risk, cache, parse  # noqa: E402

BUILTINS = {"set", "export", "exec", "true", "time", "echo", "cd", "!", ":"}
PROGRAMS = sorted({word for command in rewrite_laws.COMMANDS for word in re.findall(r"(?:^|[|] )(?:[A-Z_]+=\S+ )*([a-z][a-z0-9._-]*)", command)}
                  - BUILTINS | {"sed"})
DROPS = ["apt-get clean*", "apt-get dist-clean*", "apk cache clean*", "*dnf*clean*", "zypper clean*", "pacman -Scc*", "pip cache *",
         "npm cache *", "yarn cache *", "pnpm store *", "go clean *", "dotnet nuget locals *", "poetry cache *",
         "sed -i --follow-symlinks /^keepcache=/d*", "sudo sed -i --follow-symlinks /^keepcache=/d*",
         "rm -f /etc/apt/apt.conf.d/docker-clean", "sudo rm -f /etc/apt/apt.conf.d/docker-clean", "mkdir -p /out", "cp *target/release/* /out/*"]
CACHES = ["/var/lib/apt/lists*", "/var/cache/*", "/root/.cache*", "/root/.npm*", "/.cache*", "/.npm*"]
FLAGS = ["--no-cache", "--no-cache-dir", "--clear"]

PRELUDE = """
note() {
    local line="" a operands=0 all=0
    for a in "$@"; do
        case $a in %(flags)s) continue;; esac
        if [ "$1" = rm ]; then
            case $a in -*|rm) ;; %(caches)s) all=1; continue;; *) operands=1;; esac
        fi
        line="$line${line:+ }$a"
    done
    if [ "$1" = rm ] && [ $all = 1 ] && [ $operands = 0 ]; then return 0; fi
    case $line in %(drops)s) return 0;; esac
    printf '%%s\\n' "$line" >&9
    return $(( SEED > 0 && (${#line} * 31 + SEED) %% 7 == 0 ))
}
""" % {"flags": "|".join(FLAGS), "caches": "|".join(CACHES), "drops": "|".join(d.replace(" ", "\\ ") for d in DROPS)}
PRELUDE += "".join(f'{name}() {{ note {name} "$@"; }}\n' for name in PROGRAMS) + 'cd() { note cd "$@"; }\nsed() { note sed "$@"; }\n'


def script_of(run):
    """The text that a shell runs for the instruction; None where bash alone does not say."""
    if run.json or len(run.heredocs) > 1:
        return None
    text = run.arguments[-1] if run.arguments else ""
    if run.heredocs:
        if not re.fullmatch(r"<<-?\S+", text):
            return None
        text = run.heredocs[0].content
    if "\r" in text:  # a part of its words
        return None
    # Background jobs and pipes have no order; a path to write to is not ours.
    if re.search(r"(?<![&>])&(?![&>1])|(?<!\|)\|(?!\|)|sh -c|bash -ec", text):
        return None
    return re.sub(r"(>>?)\s*/[^\s;&|)]+", r"\1 /dev/null", text)


def play(text, seed):
    """What was run, one command a line, and whether it succeeded."""
    done = subprocess.run(["/bin/bash", "--norc", "-f", "-c", PRELUDE + f"SEED={seed}\nset --\neval \"$TEXT\" 9>&1 >/dev/null 2>&1"],
                          env={"TEXT": text, "HOME": "", "PATH": "/nonexistent", "LC_ALL": "C"},
                          stdin=subprocess.DEVNULL, capture_output=True, cwd="/", timeout=20)
    return done.stdout, done.returncode == 0


def compare(seed):
    """Number of RUNs compared, of commands that they ran, and what differs."""
    rng = random.Random(seed)
    doc = parse(rewrite_laws.Maker(rng).file())
    plan = cache(doc)
    if not plan.changed:
        return 0, 0, []
    assumed = [step.range for step in plan.steps if step.code == "cache.cleanup" and step.risk != Risk.SAFE]
    before = [i for i in doc.instructions if i.name == "RUN"]
    after = [i for i in plan.result.instructions if i.name == "RUN"]
    compared, lines, wrong = 0, 0, []
    for old, new in zip(before, after):
        old_text, new_text = script_of(old), script_of(new)
        if old_text is None or new_text is None or old_text == new_text:
            continue
        # None fails at odds 0: what a failure would do is said in the plan.
        free = any(old.range.start <= r.start < old.range.end for r in assumed)
        for odds in range(1 if free else 4):
            (ran, ok), (runs, still) = play(old_text, odds), play(new_text, odds)
            compared += 1
            lines += ran.count(b"\n")
            if ran != runs or ok != still:
                wrong.append((old_text, new_text, ran, runs, ok, still))
                break
    return compared, lines, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=400 if os.environ.get("QUICK") == "1" else 4000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    total, commands, wrong = 0, 0, []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        for compared, lines, bad in pool.map(compare, [f"{options.seed}.{i}" for i in range(options.count)], chunksize=20):
            total += compared
            commands += lines
            wrong += bad
    for old, new, ran, runs, ok, still in sorted(wrong, key=lambda w: len(w[0]))[:5]:
        print(f"FAIL\n--- before: {ok}\n{old}\n--- after: {still}\n{new}\n--- ran before\n{ran.decode()}--- ran after\n{runs.decode()}")
    few = total < options.count // 2 or commands < total
    print(f"{total} runs of {commands} commands compared: {total - len(wrong)} passed, {len(wrong) + few} failed" + (", too few" if few else ""))
    return 1 if wrong or few else 0


if __name__ == "__main__":
    sys.exit(main())
