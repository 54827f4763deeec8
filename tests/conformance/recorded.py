"""Recorded vectors: cases with the oracle's answers, one file a comparer, in vectors/.

The first line of a file names the modules that answered; every other line is a case and its answer.
A case is what the comparer made of it, each byte a character; an answer is the oracle's own JSON.
"""
import json
import os
import re

import compare_context
import compare_expand
import compare_ignore
import compare_parse
import compare_reference
import sides

FOLDER = os.path.join(sides.HERE, "vectors")
COMPARISONS = {"parse": compare_parse.Parse, "expand": compare_expand.Expand,
               "ignore": compare_ignore.Ignore, "reference": compare_reference.References,
               "context": compare_context.Context}
BYTES = ("src", "escape", "env")  # members of cases that hold bytes


def path_of(name):
    return os.path.join(FOLDER, name + ".jsonl")


def text_of(value):
    if isinstance(value, dict):
        return {key: text_of(member) for key, member in value.items()}
    return value.decode("latin-1") if isinstance(value, bytes) else value


def bytes_of(value):
    if isinstance(value, dict):
        return {key: bytes_of(member) for key, member in value.items()}
    return value.encode("latin-1")


def write(name, modules, cases, answers):
    os.makedirs(FOLDER, exist_ok=True)
    lines = [modules] + [[text_of(case), answer] for case, answer in zip(cases, answers)]
    with open(path_of(name), "w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def read(name):
    """Modules, cases, answers."""
    with open(path_of(name), encoding="utf-8", newline="\n") as file:
        modules, *lines = [json.loads(line) for line in file]
    cases = [{key: bytes_of(value) if key in BYTES else value for key, value in case.items()}
             for case, _ in lines]
    return modules, cases, [answer for _, answer in lines]


def wanted_modules():
    """The oracle's direct requirements, as its go.mod states them."""
    with open(os.path.join(sides.HERE, "oracle", "go.mod"), encoding="utf-8") as file:
        direct = [line for line in file if "// indirect" not in line]
    return dict(re.findall(r"^\t(\S+) (v\S+)$", "".join(direct), re.M))
