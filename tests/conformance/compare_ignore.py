#!/usr/bin/env python3
""".dockerignore, ours beside BuildKit's: what is read, what is refused, which paths are excluded.

`src` holds the file and, behind NUL bytes, the paths, so that both shrink.
"""
import posixpath
import re

import generate
import sides

NAMES = [b"a", b"b", b"c", b"ab", b"abc", b"aa", b"x", b"A", b"1", b"22", b"a.b", b"a.go", b"b.md", b".a", b"_", b"-",
         b"a b", b"!a", b"#a", b"a^", b"^", b"{", b"a{2}", b"}", b"|", b"a|b", b"$", b"a$", b"(", b")", b"+", b"[", b"]",
         b"[a]", b"\\", b"a\\", b"*", b"**", b"?", b",", b"a\nb", b"\t", b"\xc3\xa9", b"\xe2\x84\xaa", b"\xff", b"\xef\xbf\xbd",
         b"\xef\xbb\xbf", b"\xef\xbb\xbfa", b"\xf0\x9f\x90\xb3", b"d", b"D", b"s", b"w", b"/", b"..a", b"...", b" a", b"Q", b"E"]
ATOMS = [b"a", b"b", b"c", b"1", b".", b"-", b"_", b"\\d", b"\\w", b"\\s", b"\\D", b"\\W", b"\\S", b"\\b", b"\\B", b"\\A", b"\\z",
         b"\\.", b"\\*", b"\\[", b"\\]", b"\\!", b"\\#", b"\\ ", b"\\q", b"\\n", b"\\t", b"\\x61", b"\\x{62}", b"\\x{1F433}", b"\\x6",
         b"\\x{", b"\\x{}", b"\\141", b"\\1", b"\\18", b"\\0", b"\\08", b"\\777", b"\\a", b"\\f", b"\\v", b"\\r", b"\\C", b"\\E",
         b"\\Q", b"\\Qa", b"\\Q\\E", b"\\Q*\\E", b"\\Qa.b\\E", b"\\\\", b"\\\xc3\xa9", b"\\_", b"\\-", b"\\/",
         b"[a]", b"[ab]", b"[a-c]", b"[^a]", b"[!a]", b"[^/]", b"[]a]", b"[^]a]", b"[a-]", b"[-a]", b"[a", b"[", b"]", b"[]", b"[^]",
         b"[c-a]", b"[[:digit:]]", b"[[:^digit:]]", b"[[:alpha:]_]", b"[^[:space:]]", b"[[:x:]]", b"[[:digit:]", b"[[:]", b"[[:word:]-c]",
         b"[\\d]", b"[\\D]", b"[\\w-z]", b"[^\\s]", b"[\\]]", b"[\\\\]", b"[\\-a]", b"[a\\-c]", b"[\\x61-c]", b"[\\q]", b"[\\b]", b"[\\Q]",
         b"[*]", b"[?]", b"[a*]", b"[a?b]", b"[**]", b"[.]", b"[.+$]", b"[(a)]", b"[a|b]", b"[{]", b"[^^]", b"[[]", b"[[a]", b"[a[b]",
         b"[\xc3\xa9]", b"[\xff]", b"[\xc3\xa9-\xc3\xbf]", b"[\x00-\x7f]", b"[A-?]", b"[a-*]", b"[[:*:]]", b"[+--]", b"[---]",
         b"{2}", b"{0}", b"{1,2}", b"{1,}", b"{0,}", b"{,2}", b"{02}", b"{1001}", b"{1000}", b"{99999999999}", b"{2,1}", b"{", b"}", b"{a}",
         b"{2}{3}", b"{2", b"{3}\\Q\\E{4}", b"{40}\\Q\\E{30}", b"{0}\\Q\\E{2000}", b"{0,1}",
         b"|", b"^", b"$", b"+", b"(", b")", b"()", b"(a)", b"\xc3\xa9", b"\xff", b"\xef\xbf\xbd", b"\xef\xbb\xbf", b"\x00", b" ", b"\t"]
STARS = [b"*", b"*", b"*", b"**", b"**", b"?", b"***", b"****"]
MARKS = [b"!", b"!", b"! ", b"!!", b"!/", b"#", b" #", b"\\!", b"\\#", b"/!"]
ENDS = [b"\n"] * 8 + [b"\r\n", b"\r\r\n", b"\n\n", b" \n"]
TOKENS = ATOMS + STARS * 3 + MARKS + [b"/", b"//", b"./", b"../", b"/..", b"/.", b"\n", b"\r"] + generate.SPACES + generate.ODD
UNDECIDED = re.compile(rb"\\[pP]")


class Maker:
    def __init__(self, rng):
        self.rng = rng
        self.plain = rng.random() < 0.4  # names and stars only
        self.names = rng.sample(NAMES[:14] if self.plain else NAMES, 4)

    def name(self):
        return self.rng.choice(self.names if self.rng.random() < 0.8 else NAMES[:8])

    def element(self):
        kind = self.rng.random()
        if kind < (0.6 if self.plain else 0.3):
            return self.name()
        if kind < 0.75:
            return self.rng.choice(STARS)
        parts = [self.name, lambda: self.rng.choice(STARS)]
        if not self.plain:
            parts += [lambda: self.rng.choice(ATOMS)] * 3
        return b"".join(self.rng.choice(parts)() for _ in range(self.rng.choice([1, 2, 2, 3, 4])))

    def pattern(self):
        text = b"/".join(self.element() for _ in range(self.rng.choice([1, 1, 1, 2, 2, 3])))
        if self.rng.random() < 0.1:
            text = self.rng.choice([b"/", b"./", b"../", b"//", b"a/../", b"**/"]) + text
        if self.rng.random() < 0.1:
            text += self.rng.choice([b"/", b"/.", b"/..", b"//", b"/../x", b"/**", b"/*"])
        if self.rng.random() < 0.3:
            text = self.rng.choice(MARKS[:2] if self.rng.random() < 0.7 else MARKS) + text
        if self.rng.random() < 0.08:
            text = self.rng.choice(generate.SPACES) + text + self.rng.choice(generate.SPACES)
        return text

    def line(self):
        kind = self.rng.random()
        if kind < 0.02:
            return self.rng.choice([b"", b" ", b"#", b"# c", b" # c", b"!", b"/", b"!/", b".", b"!.", b"..", b"\xc2\xa0", b"\t#"])
        if kind < 0.0203:
            return self.rng.choice([b"", b"#", b"a*"]) + b"x" * self.rng.choice([65533, 65534, 65535, 65536, 70000])
        if kind < 0.1 and not self.plain:
            return generate.mutate(self.rng, self.pattern(), TOKENS)
        if kind < 0.13 and not self.plain:
            return generate.soup(self.rng, TOKENS, 5)
        return self.pattern()

    def file(self):
        text = b"".join(self.line() + self.rng.choice(ENDS) for _ in range(self.rng.choice([1, 1, 1, 2, 2, 3, 4])))
        if self.rng.random() < 0.05:
            text = b"\xef\xbb\xbf" + text
        return text.rstrip(b"\r\n") if self.rng.random() < 0.3 else text

    def path(self):
        elements = [self.name() + (self.name() if self.rng.random() < 0.2 else b"")
                    for _ in range(self.rng.choice([1, 1, 2, 2, 3, 4]))]
        # BuildKit is asked about clean paths below the root; what is not clean has its unit tests.
        return posixpath.normpath(b"/" + b"/".join(elements)).lstrip(b"/") or b"a"


def parts(case):
    """The file and the paths of a case; NUL bytes part them."""
    src, *paths = case["src"].split(b"\x00\x00")
    return src, [posixpath.normpath(b"/" + path).lstrip(b"/") or b"a" for path in paths]


class Ignore(sides.Comparison):
    title = ".dockerignore"

    def case(self, rng):
        maker = Maker(rng)
        paths = [maker.path() for _ in range(6)]
        return {"src": b"\x00\x00".join([maker.file().replace(b"\x00\x00", b"\x00"), *paths])}

    def request(self, case):
        src, paths = parts(case)
        return {"op": "ignore", "src": sides.b64(src), "paths": [sides.b64(path) for path in paths]}

    def message(self, case):
        src, paths = parts(case)
        return [b"ignore", src, *paths]

    def theirs(self, case, answer):
        failure = answer["failure"]
        if failure:
            return {"category": failure["category"]}
        out = {"category": "", "patterns": sides.unb64s(answer["patterns"])}
        for kind in ("full", "walk"):
            out[kind] = ["failed" if path[kind + "_failed"] else "excluded" if path[kind] else "kept"
                         for path in answer["paths"] or []]
        return out

    def ours(self, case, answer):
        lists = sides.Lists(answer)
        out = {"category": lists.next().decode()}
        if out["category"]:
            return out
        out["patterns"] = lists.list()
        verdicts = [text.decode() for text in answer[lists.at:]]
        out["full"], out["walk"] = verdicts[0::2], verdicts[1::2]
        return out

    def differences(self, sides_, cases):
        # What `\p` means hangs on the release of Go: ours gives no verdict, on purpose.
        for case, want, got in super().differences(sides_, cases):
            for kind in ("full", "walk"):
                if len(want.get(kind, [])) == len(got.get(kind, [])) and UNDECIDED.search(case["src"]):
                    want[kind] = ["unsupported" if ours == "unsupported" else theirs
                                  for theirs, ours in zip(want.get(kind, []), got.get(kind, []))]
            if want != got:
                yield case, want, got


if __name__ == "__main__":
    sides.main(Ignore())
