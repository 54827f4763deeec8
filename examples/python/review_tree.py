#!/usr/bin/env python3
"""Review every Dockerfile below a directory: what would be better, and what could not be decided.

python3 review_tree.py [DIRECTORY]

A Dockerfile's directory is taken for its build context. Nothing is written.
"""

import pathlib
import sys

import libdockerfile


def review(path):
    doc = libdockerfile.parse_file(path)
    try:
        facts = libdockerfile.read_facts(path.parent)
    except libdockerfile.FormatError as error:  # a manifest that is broken says nothing
        print(f"{path}: {error}")
        facts = ()
    with libdockerfile.optimize(doc, facts=facts) as plan:
        for step in plan.steps:
            line = doc.position(step.range.start).line + 1
            print(f"{path}:{line}: {step.message} [{step.risk.name.lower()}]")
        for refusal in plan.refusals:
            line = doc.position(refusal.range.start).line + 1
            print(f"{path}:{line}: not done: {refusal.message}")
        return plan.changed


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    files = sorted(p for p in root.rglob("*") if p.is_file() and p.name.startswith("Dockerfile"))
    changed = sum(review(path) for path in files)
    print(f"{len(files)} files, {changed} of them could be better")


if __name__ == "__main__":
    main()
