#!/usr/bin/env python3
"""Write vectors/: cases of the comparers' own makers, and the inputs of the spec cases, with the
oracle's answers. With --check, tell instead whether what is there is still what the oracle says.
"""
import argparse
import itertools
import random
import sys

import dockerfiles
import recorded
import sides

COUNTS = {"parse": 500, "expand": 1500, "ignore": 900, "reference": 900, "context": 600}
SEED = 20
LONGEST = 3000  # bytes of a case: the live comparers try longer ones


def fit(name, case):
    # What `\p` means hangs on the release of Go.
    return len(case["src"]) <= LONGEST and not (
        name == "ignore" and recorded.compare_ignore.UNDECIDED.search(case["src"]))


def cases_of(name, comparison):
    rng = random.Random(SEED)
    given = [{"src": src} for src in dockerfiles.seeds()] if name == "parse" else []
    made = (case for case in map(comparison.case, itertools.repeat(rng)) if fit(name, case))
    chosen = [case for case in given if fit(name, case)] + list(itertools.islice(made, COUNTS[name]))
    return list({repr(case): case for case in chosen}.values())


def steady(value):
    """Without messages, which nobody compares, but for those of the user and that a name is
    suggested. Of several names as near, BuildKit suggests any: it walks a map."""
    if isinstance(value, list):
        return [steady(member) for member in value]
    if not isinstance(value, dict):
        return value
    out = {key: steady(member) for key, member in value.items()}
    if "category" in out and out["category"] != "subst-required":
        out["text"] = "did you mean" if "did you mean" in out["text"] else ""
    if "clash" in out:
        out["text"] = ""
    if out.get("not_sent"):
        out["not_sent"] = "failed"
    return out


def ask(oracle, comparison, cases):
    return steady(sides.Sides(oracle, None).theirs([comparison.request(case) for case in cases]))


def record(oracle):
    for name, kind in recorded.COMPARISONS.items():
        comparison = kind()
        cases = cases_of(name, comparison)
        recorded.write(name, recorded.wanted_modules(), cases, ask(oracle, comparison, cases))
        print(f"{name}: {len(cases)} cases")


def check(oracle):
    passed, failed, wanted = 0, 0, recorded.wanted_modules()
    for name, kind in recorded.COMPARISONS.items():
        modules, cases, answers = recorded.read(name)
        now = {module: wanted.get(module) for module in modules}  # one that came later answers others
        if modules == now and "github.com/moby/buildkit" in modules:
            passed += 1
        else:
            failed += 1
            print(f"{name}: recorded with {modules}, go.mod says {now}")
        for case, stored, now in zip(cases, answers, ask(oracle, kind(), cases), strict=True):
            if stored == now:
                passed += 1
                continue
            failed += 1
            print(f"{name}: stale:")
            sides.show(case, stored, now)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--oracle", help="built oracle; default: built with go")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    args = parser.parse_args()
    oracle = args.oracle or sides.build_oracle()
    sys.exit(check(oracle) if args.check else record(oracle))


if __name__ == "__main__":
    main()
