"""codes.py -- the table of codes of the rewrites against the rewrites and their cases.

A rewrite uses no code outside src/rewrite/codes.def, no row is without a use, no more codes are
documented than a person can know, and each refusal stands in at least two cases of tests/spec.
"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "src/rewrite/codes.def"
MOST = 60
ROW = re.compile(r'^CODE\("([a-z.-]+)", ([A-Z| ]+),\s*"([^"]|\\")+?"', re.M | re.S)
# Reached by a defect or by a missing context only: no case of the runner can show them twice.
FEW_CASES = {"plan.unproved"}


def table():
    return {m[1]: set(m[2].replace(" ", "").split("|")) for m in ROW.finditer(TABLE.read_text())}


def used(prefixes):
    """Codes that the sources and the catalog name, and where."""
    pattern = re.compile(rf'"((?:{"|".join(prefixes)})\.[a-z-]+|syntax-error)"')
    found = collections.defaultdict(set)
    for path in (ROOT / "src/rewrite").glob("*.c"):
        for match in pattern.finditer(path.read_text()):
            found[match[1]].add(path.name)
    for path in (ROOT / "src/catalog").glob("*.yaml"):
        for match in re.finditer(r"^\s+refuse: (\S+)$", path.read_text(), re.M):
            found[match[1]].add(path.name)
    return found


def cases():
    """How many cases expect each refusal."""
    count = collections.Counter()
    for path in (ROOT / "tests/spec").glob("*.dft"):
        for case in re.split(r"^=== ", path.read_text(), flags=re.M):
            count.update(set(re.findall(r"^refused ([a-z.-]+) \d", case, re.M)))
    return count


def problems():
    rows = table()
    uses = used({name.split(".")[0] for name in rows if "." in name})
    for name in sorted(set(uses) - set(rows)):
        yield f"{name}: used in {', '.join(sorted(uses[name]))}, and not in codes.def"
    for name in sorted(set(rows) - set(uses)):
        yield f"{name}: in codes.def, and nothing uses it"
    if len(rows) > MOST:
        yield f"{len(rows)} codes are documented, at most {MOST} should be"
    seen = cases()
    for name in sorted(n for n, kinds in rows.items() if kinds == {"REFUSAL"}):
        if seen[name] < 2 and name not in FEW_CASES:
            yield f"{name}: {seen[name]} case(s) of tests/spec show it, at least 2 should"


def main():
    found = list(problems())
    for problem in found:
        print(problem)
    print(f"{len(table())} codes, {len(found)} problems")
    return 1 if found or not table() else 0


if __name__ == "__main__":
    sys.exit(main())
