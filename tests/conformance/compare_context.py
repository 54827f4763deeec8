#!/usr/bin/env python3
"""What a build reads of its context, ours beside BuildKit's: which paths are sent, what each COPY, ADD and mount takes,
and where it lands. The oracle makes real files, sends and copies them with BuildKit's packages.

`src` holds the Dockerfile and, behind NUL bytes, the ignore file and the paths, so that all of it shrinks.
"""
import posixpath
import re

import sides

NAMES = [b"a", b"b", b"c", b"d", b"ab", b"a.md", b"b.md", b"c.go", b"a.go", b"x", b".git", b".env", b"a b", b"\xc3\xa9", b"!a", b"a*b",
         b"[a]", b"a\\b", b"a?c", b"{a}", b"a^b", b"^", b"-", b"a+b", b"$x", b"a'b", b"a|b", b"~", b"(a)", b"..a", b"...", b"a{2}", b"\xff"]
PATTERNS = [b"*", b"*.md", b"*.go", b"?", b"a*", b"[ab]", b"[^a]", b"*b", b"**", b"*.m?", b"[a-c]*", b"[", b"[]", b"[a", b"a[", b"\\a", b"\\*", b"a\\*b",
            b"[]a]", b"[a-]", b"*^*", b"*{2}", b"a|*", b"[^/]*", b"*\\", b"\\[a\\]", b"[!a]", b"??", b"*a*", b"[\\]]", b"[\xc3\xa9]"]
DESTINATIONS = [b"/x", b"/x/", b"x", b"x/", b".", b"./", b"/", b"/w", b"/w/", b"/w/x", b"..", b"../y/", b"/a/../b/", b"/x/.", b"./.", b"x//y//", b"dir/..",
                b"/w/..", b"w"]
EXCLUDES = [b"*.md", b"**/*.md", b"a", b"b/**", b"**/a", b"!a", b"**/b", b"*", b"**", b"!**/*.go", b"[", b"a/b", b"*/*", b"!", b"", b"./a", b"/a"]


class Maker:
    def __init__(self, rng):
        self.rng = rng
        self.plain = rng.random() < 0.6
        self.names = rng.sample(NAMES[:10] if self.plain else NAMES, 8)
        self.paths = []  # (path, kind, link)

    def name(self):
        return self.rng.choice(self.names)

    def tree(self):
        directories = [b""]
        for _ in range(self.rng.choice([2, 8, 16, 24, 40])):
            path = posixpath.join(self.rng.choice(directories), self.name())
            if any(path == p for p, _, _ in self.paths):
                continue
            kind = self.rng.choices(["file", "directory", "link"], [6, 4, 0 if self.plain and self.rng.random() < 0.5 else 1.5])[0]
            self.paths.append((path, kind, self.target() if kind == "link" else b""))
            if kind == "directory":
                directories.append(path)

    def target(self):
        to = [p for p, _, _ in self.paths] + [self.name(), b".", b"..", b"/", b"nowhere", b"a/b"]
        path = self.rng.choice(to)
        return self.rng.choice([b"", b"/", b"./", b"../"]) + path if path != b"/" else path

    def some_path(self):
        return self.rng.choice([p for p, _, _ in self.paths] or [b"a"])

    def element(self, element):
        kind = self.rng.random()
        if kind < 0.3:
            return element
        if kind < 0.6:
            return self.rng.choice([b"*", b"*", b"?", b"*.md", b"[a-c]*"])
        if kind < 0.75:
            return self.rng.choice(PATTERNS[:11] if self.plain else PATTERNS)
        if kind < 0.95:
            return element[:1] + b"*"
        return self.name()

    def source(self):
        path = self.some_path()
        if self.rng.random() < 0.5:
            elements = path.split(b"/")
            at = self.rng.randrange(len(elements))
            elements[at:] = [self.element(e) for e in elements[at:]]
            path = b"/".join(elements)
        if self.rng.random() < 0.1:
            path = posixpath.join(path, self.rng.choice([self.name(), b"*"]))
        if self.rng.random() < 0.15:
            path = self.rng.choice([b".", b"./", b"/", b"..", b"*", b"../" + path, b"a/../" + path])
        if self.rng.random() < 0.2:
            path = self.rng.choice([b"/", b"./", b"//", b"./././"]) + path
        if self.rng.random() < 0.15:
            path += self.rng.choice([b"/", b"/.", b"/./", b"//"])
        return path or b"."

    def parents(self):
        path = self.source()
        if self.rng.random() < 0.5:
            parts = path.split(b"/")
            parts.insert(self.rng.randint(0, len(parts)), b".")
            path = b"/".join(parts)
        if self.rng.random() < 0.15:
            path = posixpath.join(b"**", path)
        return path

    def ignore(self):
        if self.rng.random() < 0.6:
            return b""
        lines = []
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            line = self.some_path()
            if self.rng.random() < 0.5:
                line = b"/".join(self.element(e) for e in line.split(b"/"))
            if self.rng.random() < 0.2:
                line = self.rng.choice([b"**/", b"*/"]) + line
            if self.rng.random() < 0.1:
                line = self.rng.choice([b"*", b"**", b"*/*", b"**/*"])
            if self.rng.random() < 0.3:
                line = b"!" + line
            lines.append(line)
        return b"\n".join(lines)

    def words(self, sources, destination):
        return b"[" + b",".join(self.string(w) for w in sources + [destination]) + b"]"

    @staticmethod
    def string(word):
        # the word lexer takes off one level of quoting, the JSON another; what is no UTF-8 has none
        word = b"".join(b"\\" + bytes([c]) if bytes([c]) in b"\\'\"$" else bytes([c]) for c in word)
        return b'"' + word.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'

    def copy(self):
        flags, add = b"", self.rng.random() < 0.25
        parents = not add and self.rng.random() < 0.25
        if parents:
            flags += b" --parents"
        for _ in range(self.rng.choice([0, 0, 0, 1, 1, 2])):
            flags += b" --exclude=" + (self.rng.choice(EXCLUDES[:9] if self.plain else EXCLUDES) if self.rng.random() < 0.7 else self.some_path().replace(b" ", b"?"))
        sources = [self.parents() if parents else self.source() for _ in range(self.rng.choice([1, 1, 1, 1, 2, 3]))]
        return (b"ADD" if add else b"COPY") + flags + b" " + self.words(sources, self.rng.choice(DESTINATIONS))

    def mount(self):
        source = self.source().replace(b",", b"").replace(b'"', b"").replace(b" ", b"")
        if any(c in source for c in b"\\$'\"!\xff"):
            source = b"a"
        return b"RUN --mount=type=bind,source=" + source + b",target=/m true"

    def file(self):
        lines = [b"FROM scratch"]
        if self.rng.random() < 0.6:
            lines.append(b"WORKDIR /w")
        for _ in range(self.rng.choice([1, 1, 2])):
            lines.append(self.mount() if self.rng.random() < 0.1 else self.copy())
        return b"# syntax=docker/dockerfile:1-labs\n" * (self.rng.random() < 0.1) + b"\n".join(lines) + b"\n"


KINDS = {"file": b"1", "directory": b"2", "link": b"3"}
IGNORED, ROOT = 1, 2
FAILED = {3, 4, 5, 6}


def parts(case):
    """The Dockerfile, the ignore file, and paths that fit together."""
    chunks = case["src"].split(b"\x00\x00")
    src, ignore = chunks[0], chunks[1] if len(chunks) > 1 else b""
    kinds, tree = {b"": "directory"}, []
    for chunk in chunks[2:]:
        kind, _, rest = chunk.partition(b"\x00")
        path, _, link = rest.partition(b"\x00")
        path = posixpath.normpath(b"/" + path).lstrip(b"/")
        kind = {b"1": "file", b"2": "directory", b"3": "link"}.get(kind)
        if kind == "link" and re.search(rb"[*?[\\]", posixpath.basename(path)):
            kind = "file"  # differences.md
        if not path or path in kinds or kind is None or kind == "link" and not link or b"\x00" in path + link:
            continue
        parents = [path[:i] for i in range(len(path)) if path[i:i + 1] == b"/"]
        if any(kinds.get(p, "directory") != "directory" for p in parents):
            continue
        for p in parents:
            if p not in kinds:
                kinds[p] = "directory"
                tree.append((p, "directory", b""))
        kinds[path] = kind
        tree.append((path, kind, link))
    return src, ignore, tree


class Context(sides.Comparison):
    title = "build contexts"

    def __init__(self):
        self.skipped = {}

    def case(self, rng):
        maker = Maker(rng)
        maker.tree()
        tree = [b"\x00".join([KINDS[kind], path] + [link] * (kind == "link")) for path, kind, link in maker.paths]
        return {"src": b"\x00\x00".join([maker.file(), maker.ignore(), *tree])}

    def request(self, case):
        src, ignore, tree = parts(case)
        return {"op": "context", "src": sides.b64(src), "ignore": sides.b64(ignore),
                "tree": [{"path": sides.b64(p), "kind": k, "link": sides.b64(link)} for p, k, link in tree]}

    def message(self, case):
        src, ignore, tree = parts(case)
        out = [b"context", src, ignore]
        for path, kind, link in tree:
            out += [path, KINDS[kind], link]
        return out

    def theirs(self, case, answer):
        if answer.get("bad_request"):
            raise RuntimeError(answer["bad_request"])
        if answer["failure"]:
            return {"rejected": answer["failure"]["text"]}
        if answer["not_sent"]:
            return {"sent": False, "text": answer["not_sent"]}
        out = {"sent": True, "paths": sorted(sides.unb64s(answer["sent"])), "transfers": []}
        for t in answer["transfers"] or []:
            entries = {sides.unb64(e[0]): (sides.unb64(e[1]).decode(), sides.unb64(e[2])) for e in t["entries"] or []}
            out["transfers"].append({"failed": t["failed"], "entries": entries, "text": t["text"], "clash": t["clash"],
                                     "before": sides.unb64s(t["before"])})
        return out

    def ours(self, case, answer):
        lists = sides.Lists(answer)
        _, _, tree = parts(case)
        sent = lists.number()
        flags = [int(f) for f in lists.list()]
        out = {"sent": {1: True, 2: False, 3: False}.get(sent, "unknown"),
               "paths": sorted(p for (p, _, _), f in zip(tree, flags) if f & 2), "transfers": []}
        read, copied = set(), set()
        for _ in range(lists.number()):
            destination, directory = lists.next(), lists.number() == 1
            t = {"failed": -1, "entries": {}, "destination": destination}
            for index in range(lists.number()):
                lists.number()
                found = lists.number()
                lists.number()
                if found in FAILED and t["failed"] < 0:
                    t["failed"] = index
                for _ in range(lists.number()):
                    name, to, kind, flag = lists.next(), lists.next(), lists.number(), lists.number()
                    if flag & IGNORED:
                        continue
                    copied.add(name)
                    link = next((link for p, k, link in tree if p == name), b"")
                    value = {1: ("file", name), 2: ("directory", b""), 3: ("link", link)}[kind]
                    t["entries"][to.rstrip(b"/") or b"/"] = value
            out["transfers"].append(t)
        read = {p for (p, _, _), f in zip(tree, flags) if f & 4}
        links = {p for p, kind, _ in tree if kind == "link"}  # those that are followed are read, too
        if read - links != {p for p, _, _ in tree if p in copied} - links or links & copied - read:
            out["paths"] = ["what is read is not what is listed", sorted(read), sorted(copied)]
        return out

    def differences(self, sides_, cases):
        for case, want, got in super().differences(sides_, cases):
            # on another base, where relative paths lead to is not known to us
            workdir = re.search(rb"WORKDIR /?(\S+)", case["src"])
            for t in got["transfers"]:
                t["workdir"] = b"/" + workdir[1] if workdir else b"/"
            if b"FROM scratch\n" in case["src"] and not same(want, got):
                yield case, want, got


def above(path):
    """The directories that hold an absolute path, itself included."""
    out = {b"/"}
    while path not in (b"/", b""):
        out.add(path)
        path = posixpath.dirname(path)
    return out


def same(want, got):
    if "rejected" in want:
        return True
    if want["sent"] != got["sent"]:
        return got["sent"] == "unknown"
    if not want["sent"]:
        return True
    if not want["transfers"] and not got["transfers"]:
        return True  # nobody asks for the context
    if want["paths"] != got["paths"] or len(want["transfers"]) != len(got["transfers"]):
        return False
    for theirs, ours in zip(want["transfers"], got["transfers"]):
        if theirs["clash"]:
            return True  # what is put over each other is the image's affair; the build ends there
        if not same_transfer(theirs, ours):
            return False
    return True


def same_transfer(want, got):
    if want["failed"] != got["failed"]:
        return False
    if want["failed"] >= 0:
        return True
    # directories on the way to the destination are made whether anything is copied or not
    way = above(got["destination"]) | above(got["workdir"])
    for path in want["before"]:
        way |= above(path)
    left, right = (({k: v for k, v in side["entries"].items() if not (v[0] == "directory" and k in way)}) for side in (want, got))
    return left == right


if __name__ == "__main__":
    sides.main(Context())
