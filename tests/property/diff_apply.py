#!/usr/bin/env python3
"""diff_apply.py -- git applies every diff that the library prints, and gets the same bytes.

Relies on git and on the shared library in $BUILD (or as argument 1), called through ctypes.
Never needs a repository: each round is a folder of files and one patch over all of them.
"""
import ctypes
import os
import pathlib
import random
import subprocess
import sys
import tempfile

WRITE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class Sink(ctypes.Structure):
    _fields_ = [("write", WRITE), ("ctx", ctypes.c_void_p)]


class Str(ctypes.Structure):
    _fields_ = [("ptr", ctypes.c_char_p), ("len", ctypes.c_size_t)]


class Library:
    def __init__(self, path):
        self.lib = ctypes.CDLL(str(path))
        self.lib.dfl_parse.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p,
                                       ctypes.POINTER(ctypes.c_void_p)]
        self.lib.dfl_doc_unref.argtypes = [ctypes.c_void_p]
        self.lib.dfl_doc_unref.restype = None
        self.lib.dfl_print_diff.argtypes = [ctypes.c_void_p, ctypes.c_void_p, Str,
                                            ctypes.POINTER(Sink)]

    def parse(self, text):
        doc = ctypes.c_void_p()
        assert self.lib.dfl_parse(text, len(text), None, ctypes.byref(doc)) == 0
        return doc

    def diff(self, before, after, path):
        parts = []

        def take(_ctx, ptr, size):
            parts.append(ctypes.string_at(ptr, size))
            return 0

        x, y = self.parse(before), self.parse(after)
        sink = Sink(WRITE(take), None)
        status = self.lib.dfl_print_diff(x, y, Str(path, len(path)), ctypes.byref(sink))
        self.lib.dfl_doc_unref(x)
        self.lib.dfl_doc_unref(y)
        assert status == 0, status
        return b"".join(parts)


FIXED = [
    (b"FROM a\n", b"FROM b\n", b"Dockerfile"),
    (b"FROM a", b"FROM a\n", b"no newline before"),
    (b"FROM a\n", b"FROM a", b"no newline after"),
    (b"FROM a", b"FROM b", b"none on either side"),
    (b"", b"FROM a\nRUN b\n", b"was-empty"),
    (b"FROM a\nRUN b\n", b"", b"becomes-empty"),
    (b"FROM a\r\nRUN b\r\n", b"FROM a\r\nRUN c\r\n", b"crlf"),
    (b"FROM a\r\nRUN b\r\n", b"FROM a\nRUN b\n", b"crlf-to-lf"),
    (b"FROM a\rRUN b\n", b"FROM a\rRUN c\n", b"lone-cr"),
    (b"FROM a\n\n\nRUN b  \n", b"FROM a\n\nRUN b\n", b"blanks"),
    (b"-- a\n++ b\n@@ c\n", b"-- x\n++ b\n@@ y\n", b"looks-like-a-diff"),
    (b"\\ x\n", b"\\ y\n", b"backslash"),
    (b"FROM a\n", b"FROM b\n", b"dir/sub/Dockerfile.x"),
    (b"FROM a\n", b"FROM b\n", "caf\u00e9 \U0001f433".encode()),
    (b"FROM a\n", b"FROM b\n", b'quote"back\\slash'),
    (b"FROM a\n", b"FROM b\n", b"tab\there"),
    (b"FROM a\n", b"FROM b\n", b"line\nend"),
    (b"FROM \xff\xfe\n", b"FROM \xff\n", b"not-utf8"),
]


def random_text(rng):
    words = [b"FROM a", b"RUN b", b"", b"COPY c d", b"  && e \\", b"# f", b"ENV G=h", b"\t"]
    ending = rng.choice([b"\n", b"\n", b"\r\n"])
    lines = [rng.choice(words) for _ in range(rng.randrange(40))]
    text = b"".join(line + ending for line in lines)
    return text[:-len(ending)] if text and rng.random() < 0.2 else text


def random_change(rng, text):
    lines = text.splitlines(keepends=True)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(lines) + 1)
        kind = rng.randrange(3)
        if kind == 0:
            lines.insert(at, b"NEW %d\n" % rng.randrange(3))
        elif at < len(lines) and kind == 1:
            del lines[at]
        elif at < len(lines):
            lines[at] = lines[at].replace(b"a", b"x").replace(b"R", b"Q")
    return b"".join(lines)


def random_cases(rng, count):
    for i in range(count):
        before = random_text(rng)
        after = random_change(rng, before) if rng.random() < 0.8 else random_text(rng)
        yield before, after, b"random/%d" % i


def failures(library, cases):
    """Names of the files that git does not turn into what was wanted."""
    with tempfile.TemporaryDirectory() as folder:
        patch, wanted = b"", {}
        for before, after, name in cases:
            path = pathlib.Path(folder, os.fsdecode(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(before)
            wanted[path] = after
            patch += library.diff(before, after, name)
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": folder,
                       "GIT_CONFIG_NOSYSTEM": "1", "HOME": folder, "LC_ALL": "C"}
        done = subprocess.run(["git", "apply", "--whitespace=nowarn", "-p1", "-"], cwd=folder,
                              input=patch, env=environment, capture_output=True, check=False)
        if done.returncode != 0:
            return [done.stderr.decode(errors="replace")]
        # git takes a file away when a patch leaves nothing of it
        return [str(path) for path, after in wanted.items()
                if (path.read_bytes() if path.exists() else b"") != after]


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BUILD", "build/dev"))
    library = Library(build if build.is_file() else build / "libdockerfile.so")
    rng = random.Random(20240607)
    rounds = [[case] for case in FIXED] + [list(random_cases(rng, 100)) for _ in range(10)]
    failed = 0
    for cases in rounds:
        wrong = failures(library, cases)
        failed += bool(wrong)
        for what in wrong:
            print(f"{cases[0][2]!r}...: {what}")
    print(f"{len(rounds) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
