"""layers.py -- the include graph against the layers of the house.

Each folder of src/ has a level; a file includes its own folder and lower levels only. A public
header has the level of the folder that implements it.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

LEVELS = {
    "base": 0,
    "diag": 1,  # the registry of codes; the syntax reports through it
    "syntax": 2,
    "shell": 3,
    "catalog": 3,
    "model": 4,  # a base image may be one that the catalog knows
    "edit": 5,
    "rewrite": 6,
    "lint": 6,
    "print": 7,
    "io": 8,
    "cli": 9,
}
# Which folder a public header belongs to. The types of a document are known from the bottom up.
PUBLIC = {
    "base.h": "base",
    "tree.h": "diag",
    "diag.h": "diag",
    "shell.h": "shell",
    "model.h": "model",
    "graph.h": "model",
    "scope.h": "model",
    "config.h": "model",
    "ignore.h": "model",
    "images.h": "model",
    "context.h": "model",
    "catalog.h": "catalog",
    "edit.h": "edit",
    "rewrite.h": "rewrite",
    "lint.h": "lint",
    "print.h": "print",
    "explain.h": "print",
    "dockerfile.h": "print",
    "io.h": "io",
}
# The host tool that makes the built-in facts stands on the reader of YAML.
FOLDER_OF = {"src/catalog/generator.c": "io"}
# What the core may include of the system: nothing that prints, knows a locale or a clock.
CORE_SYSTEM = {
    "assert.h", "limits.h", "stdarg.h", "stdatomic.h", "stddef.h", "stdint.h", "stdlib.h", "string.h",
}
YAML_ONLY = "src/io/yaml.c"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def folder_of(name):
    """Folder that a quoted include or a file of src/ or include/ belongs to; None if unknown."""
    if name in FOLDER_OF:
        return FOLDER_OF[name]
    parts = pathlib.PurePosixPath(name).parts
    if "dockerfile" in parts:
        return PUBLIC.get(parts[-1])
    return parts[-2] if len(parts) > 1 and parts[-2] in LEVELS else None


def quoted_problem(name, here, target):
    there = folder_of(target)
    if there is None:
        return f'includes "{target}", which belongs to no folder'
    if here == "cli" and not target.startswith(("dockerfile/", "cli/")):
        return f'the command includes "{target}": it uses public headers only'
    if there != here and LEVELS[there] >= LEVELS[here]:
        return f'{here} includes "{target}" of {there}'
    return None


def system_problem(name, here, target):
    if target == "libfyaml.h":
        return None if name == YAML_ONLY else f"only {YAML_ONLY} includes libfyaml"
    if LEVELS[here] < LEVELS["io"] and target not in CORE_SYSTEM:
        return f"the core includes <{target}>"
    return None


def check_file(path):
    """Problems of one file, and how many includes were looked at."""
    name = path.relative_to(ROOT).as_posix()
    here = folder_of(name)
    if here is None:
        return [f"{name}: belongs to no folder"], 0
    problems, seen = [], 0
    for match in INCLUDE.finditer(path.read_text()):
        seen += 1
        check = quoted_problem if match[1] == '"' else system_problem
        problem = check(name, here, match[2])
        if problem:
            problems.append(f"{name}: {problem}")
    return problems, seen


def main():
    files = sorted((ROOT / "src").rglob("*.[ch]")) + sorted((ROOT / "include").rglob("*.h"))
    problems, seen = [], 0
    for path in files:
        found, includes = check_file(path)
        problems += found
        seen += includes
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {seen} includes, {len(problems)} against the layers")
    return 1 if problems or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
