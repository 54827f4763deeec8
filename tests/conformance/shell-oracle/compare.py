#!/usr/bin/env python3
"""compare.py -- simple commands of generated scripts: the scanner's against those of mvdan.cc/sh.

usage: compare.py [--count N] [--seed N]

Builds the oracle with Go and the scanner's driver with the makers of tests/property/shell_soup.py. For a
script that both understand, these must be equal: which words every simple command has, where they are,
what they are (assignment, word, target), where the command stands (conditional, in a pipeline, negated, in the
background, in a substitution), and the values of literal words.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "property"))
import shell_soup  # noqa: E402

KINDS = {"a": "assign", "w": "word", "r": "redir"}
FLAGS = {"c": "conditional", "p": "pipe", "n": "negated", "b": "background", "s": "subst"}
SIMPLE = "1"
# Where mvdan.cc/sh 3.14 departs from bash and dash.
QUIRKS = re.compile("|".join([
    r"(?:^|[\s;&|()])#[^\n]*\\\n",   # a comment that ends in a backslash goes on
    r"\$\\\n|\$[-#?@*$!\d]\\\n",   # a parameter and a continuation
    r"\w\\\n\w*\+?=",               # a continuation before the = of an assignment
    r"\$(?:\w+|\W)#|['\"`)}]#(?![\"'])",  # `#` after a parameter or a quote may begin a comment
    r"<<(?s:.)*\[\[|\[\[(?s:.)*<<",   # a here-document is not read after [[ ]]
    r"(?:^|[\s;&|(])(?![A-Za-z_]\w*=)[^\s;&|()]*=\[",  # any word before =[ is the name of a variable
    r"``(?s:.)*\+=\+",  # behind empty back quotes, the end of `a+=+` is told one byte too far
]))


def oracle(program, scripts):
    data = b"".join(s.encode() + b"\0" for s in scripts)
    done = subprocess.run([program], input=data, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(commands):
    """The driver's simple commands in the oracle's form."""
    result = []
    for command in commands:
        kind, flags = command[0].split(".")
        if kind != SIMPLE:
            continue
        words = []
        for field in command[1:]:
            tag, start, end, literal = re.fullmatch(r"(.)\[(\d+),(\d+)\)(?:=([0-9a-f]*))?", field).groups()
            value = None if literal is None else bytes.fromhex(literal).decode()
            words.append({"kind": KINDS[tag], "start": int(start), "end": int(end), "literal": value})
        words.sort(key=lambda word: word["start"])
        result.append({"words": words, **{name: letter in flags for letter, name in FLAGS.items()}})
    return sorted(result, key=lambda command: command["words"][0]["start"])


def differs(mine, theirs):
    """The first difference of two lists of commands, or None."""
    if len(mine) != len(theirs):
        return f"{len(mine)} commands, oracle {len(theirs)}"
    for a, b in zip(mine, theirs):
        for name in FLAGS.values():
            if a[name] != b[name]:
                return f"{name} of the command at {a['words'][0]['start']}: {a[name]}"
        where = [[(w["kind"], w["start"], w["end"]) for w in c["words"]] for c in (a, b)]
        if where[0] != where[1]:
            return f"words {where[0]}, oracle {where[1]}"
        for v, w in zip(a["words"], b["words"]):
            if v["literal"] is not None and w["literal"] is not None and v["literal"] != w["literal"]:
                return f"value {v['literal']!r}, oracle {w['literal']!r}"
            if v["literal"] is None and w["plain"]:
                return f"the word at {v['start']} is literal"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    r = random.Random(options.seed)
    scripts = [shell_soup.make(r, ("grammar", "grammar", "mutated")[i % 3]) for i in range(options.count)]
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "oracle")
        subprocess.run(["go", "build", "-o", program, "."], cwd=HERE, check=True)
        driver = shell_soup.build(folder)
        both = list(zip(scripts, shell_soup.scan(driver, scripts), oracle(program, scripts)))

        def check(script):
            if not script:
                return None
            answer, theirs = shell_soup.scan(driver, [script])[0], oracle(program, [script])[0]
            skipped = theirs is None or answer[1] or QUIRKS.search(script)
            return None if skipped else differs(ours(answer[3]), theirs)

        compared, wrong = 0, []
        for script, answer, theirs in both:
            if theirs is None or answer[1] or QUIRKS.search(script):
                continue
            compared += 1
            if differs(ours(answer[3]), theirs):
                wrong.append(script)
        for script in sorted(wrong, key=len)[:10]:
            short = shell_soup.shrink(script, check)
            print(f"FAIL {check(short)}: {short!r}")
    print(f"{len(scripts)} scripts, {compared} compared, {len(wrong)} differ")
    return 1 if wrong or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
