"""What an image holds, and how two of them differ.

Relies on root, who may read every file. A difference counts unless a rule with a reason names it.
Never looks at times: two builds of one file differ there.
"""

import hashlib
import os
import re
import stat

# Kinds of difference: CONTENT and METADATA (mode, owner) are of paths that both images have.
CONTENT, METADATA, GONE, NEW = "content", "metadata", "gone", "new"
# What two builds of one Dockerfile differ in, and why.
NOISE = [
    (r"/var/log/(dpkg|alternatives|bootstrap)\.log", CONTENT, "log lines start with the time"),
    (r"/var/log/apt/(history|term)\.log", CONTENT, "log lines start with the time"),
    (r"/var/log/apt/eipp\.log\.xz", CONTENT, "apt's log of what it asked its solver"),
    (r"/var/cache/ldconfig/aux-cache", CONTENT, "holds the times and inodes of libraries"),
    (r".*/__pycache__/[^/]+\.pyc", CONTENT, "holds the time of its source"),
    (r"/usr/local/cargo/\.global-cache", CONTENT, "cargo's record of when it last used each crate"),
    (r".*/node_modules/\.modules\.yaml", CONTENT, "pnpm's record of when it last removed packages"),
    (r"/root/\.cache/pnpm/metadata/.*\.json", CONTENT, "an index page, and when pnpm read it"),
    (r"/root/\.local/state/pnpm/pnpm-state\.json", CONTENT, "when pnpm last looked for updates"),
    (r"/tmp/v8-compile-cache-0/.*", CONTENT, "code that V8 compiled, with the time of its source"),
    (r"/etc/shadow-?", CONTENT, "holds the day of a user's creation"),
]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entry(path):
    status = os.lstat(path)
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFREG:
        content = digest(path)
    elif kind == stat.S_IFLNK:
        content = os.readlink(path)
    else:
        content = status.st_rdev if kind in (stat.S_IFCHR, stat.S_IFBLK) else 0
    return (stat.filemode(status.st_mode), status.st_uid, status.st_gid), content


def read(root):
    """Every path below root: its mode and owner, its content."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            found[path[len(root):]] = entry(path)
    return found


def part(tree, tops):
    """The paths that are at or below one of tops."""
    return {p: e for p, e in tree.items() if any((p + "/").startswith(t + "/") for t in tops)}


def size(root):
    total = 0
    for folder, _, files in os.walk(root):
        total += sum(os.lstat(os.path.join(folder, name)).st_size for name in files)
    return total


def kind(old, new):
    if old is None or new is None:
        return NEW if old is None else GONE
    return METADATA if old[0] != new[0] else CONTENT


def differences(before, after, rules):
    """Lines that say what differs, and how many differences the rules took."""
    lines, taken = [], 0
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        found = kind(old, new)
        if any(found == wanted and re.fullmatch(pattern, path) for pattern, wanted, _ in rules):
            taken += 1
        else:
            detail = f": {old[0]} became {new[0]}" if found == METADATA else ""
            lines.append(f"{path}: {found}{detail}")
    return lines, taken


def mounts(targets):
    """Rules for what cache mounts, (target, options) each, keep out of an image."""
    for target, options in targets:
        yield re.escape(target) + "(/.*)?", GONE, "the cache is out of the image, as the plan says"
        yield "|".join(map(re.escape, ancestors(target))), NEW, "buildah leaves its empty folder"
        if ",uid=" in options:
            folders = "|".join(map(re.escape, ancestors(os.path.dirname(target))))
            yield folders, METADATA, "buildah makes it as root, to mount below it; the plan says so"


def ancestors(path):
    while path != "/":
        yield path
        path = os.path.dirname(path)
