#!/usr/bin/env python3
"""config_laws.py -- the image that a rewritten file makes, beside that of the file as it was.

usage: config_laws.py [--count N] [--seed N]

Files are those of rewrite_laws.py. Of the last stage's image, everything that the file sets must
be as before: user, working directory, start command, health check, stop signal, ports, volumes,
labels, and after `cache` the environment; except what a step of the plan says to change. A program
that did not run as root never does. What the base images say, and what nobody knows, is not
compared.
"""
import argparse
import collections
import concurrent.futures
import os
import random
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "bindings", "python"))
sys.path.insert(0, os.path.join(ROOT, "tests", "property"))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build", "dev"))
os.environ.setdefault("LIBDOCKERFILE_PATH", os.path.join(os.path.abspath(BUILD), "libdockerfile.so"))
import rewrite_laws  # noqa: E402
from libdockerfile import Catalog, ConfigMember, Model, base, base_targets, cache, optimize, parse, split  # noqa: E402

CATALOG = Catalog.builtin()
VALUES = {
    "user": (ConfigMember.USER, {"runtime.user"}),
    "working_dir": (ConfigMember.WORKING_DIR, set()),
    "stop_signal": (ConfigMember.STOP_SIGNAL, set()),
    "entrypoint": (ConfigMember.ENTRYPOINT, {"runtime.start"}),
    "cmd": (ConfigMember.CMD, {"runtime.start"}),
    "health_test": (ConfigMember.HEALTHCHECK, {"runtime.healthcheck", "base.adapted"}),
}
LISTS = {"exposed_ports": ConfigMember.EXPOSED_PORTS, "volumes": ConfigMember.VOLUMES, "labels": ConfigMember.LABELS}
REWRITES = {"cache": cache, "split": split, "optimize": optimize,
            **{f"base --to {word}": (lambda doc, word=word: base(doc, to=word)) for word in base_targets()}}


def config_of(doc):
    model = Model(doc, catalog=CATALOG, all_args=True)
    return model.config() if model.stages else None


def is_root(user):
    return user.split(":")[0] in ("", "root", "0")


def changed_values(before, after, codes):
    """Members that the file sets and that no step says to change."""
    for name, (member, stated) in VALUES.items():
        old, new = getattr(before.image, name), getattr(after.image, name)
        if member in before.unknown | after.unknown or old == new or stated & codes:
            continue
        if before.nodes.get(member) is not None and not (name == "user" and is_root(old) and is_root(new)):
            yield name, old, new


def lost_entries(before, after):
    for name, member in LISTS.items():
        old, new = getattr(before.image, name), getattr(after.image, name)
        for entry, node in zip(old, before.entries[member]):
            kept = entry in new and (name != "labels" or old[entry] == new[entry])
            if node is not None and not kept:
                yield name, entry, new


def broken(name, plan, before):
    """What differs that may not."""
    after = config_of(plan.result)
    codes = {step.code for step in plan.steps}
    found = list(changed_values(before, after, codes)) + list(lost_entries(before, after))
    if ConfigMember.USER not in before.unknown | after.unknown and is_root(after.image.user) and not is_root(before.image.user):
        found.append(("root", before.image.user, after.image.user))
    if name == "cache" and "cache.env" not in codes and before.image.env != after.image.env:
        found.append(("env", before.image.env, after.image.env))
    return found


def judge(seed):
    rng = random.Random(seed)
    text = rewrite_laws.varied(rng) if rng.random() < 0.75 else rewrite_laws.make(rng)
    doc = parse(text)
    before = config_of(doc)
    changed, wrong = collections.Counter(), []
    for name, rewrite in REWRITES.items() if before is not None else ():
        plan = rewrite(doc)
        if plan.changed:
            changed[name] += 1
            wrong += [(name, text, what) for what in broken(name, plan, before)]
    return changed, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000 if os.environ.get("QUICK") == "1" else 20000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    changed, wrong = collections.Counter(), []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        for count, bad in pool.map(judge, [f"{options.seed}.{i}" for i in range(options.count)], chunksize=50):
            changed += count
            wrong += bad
    for name, text, (what, old, new) in sorted(wrong, key=lambda w: len(w[1]))[:5]:
        print(f"FAIL {name}: {what} was {old!r}, is {new!r}\n{text.decode('utf-8', 'replace')}")
    few = min(changed[name] for name in REWRITES) < options.count // 100
    print(", ".join(f"{name} {count}" for name, count in sorted(changed.items())) + (", too few" if few else ""))
    print(f"{changed.total()} images compared: {changed.total() - len(wrong)} passed, {len(wrong) + few} failed")
    return 1 if wrong or few else 0


if __name__ == "__main__":
    sys.exit(main())
