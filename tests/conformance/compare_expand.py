#!/usr/bin/env python3
"""Word expansion, ours beside BuildKit's: random words in random environments, both modes."""
import generate
import sides

NAMES = ["A", "B", "C", "_x", "A1", "1", "12", "@", "*", "#", "?", "-", "$", "!", "", "\u00e9",
         "\u0663", "HOME", "unset", "None", "0"]
VALUES = [b"", b"", b"value", b"a b", b" a  b ", b"x*y?z", b"/usr/lib/lib.so", b"one\ntwo\n", b"\\",
          b"*", b"?", b"a*\\", b"\\*", b"$0", b"${0}-$$", b"$1x", b"$x ${y} $", b"'q'", b'"', b"aaa",
          b"abcabcabc", b"\xff", b"a\xffb\xc3", b"\xc2\xa0", b"\xef\xbb\xbfz", b"\xef\xbf\xbd", b"}",
          b"/", b"linux/amd64", b"a.tar.gz", b"\n", b"a\nb*c\nd", b"<<X", b"#", b"%", b"${00}$01",
          b"\xe2\x84\xaa\xc3\xa9", b"$\xc3\xa9$0a", b"{0}", b"$", b"$$0", b"${0", b"\\}", b"\\/"]
PLAIN = [b"a", b"b", b"ab", b"lib", b"/", b".", b"x=y", b"-", b":", b"_", b"1", b"12", b"*", b"?",
         b"#", b"%", b"+", b"=", b"[x]", b"(", b")", b"|", b"^", b"{", b",", b"\xc3\xa9", b"usr", b"."]
TOKENS = ([b"$", b"${", b"}", b"{", b"'", b'"', b"\\", b"`", b"<", b"<<", b":", b"-", b"+", b"?", b"#",
           b"##", b"%", b"%%", b"/", b"//", b"*", b":-", b":+", b":?", b"A", b"B", b"_x", b"1", b"$A",
           b"${A", b"${B", b"${A}", b"EOF", b"\\}", b"\\/", b"\\*", b"\\\\", b"$$", b"=", b"^"]
          + PLAIN + generate.SPACES + generate.ODD)
MODIFIERS = [b"-", b":-", b"+", b":+", b"?", b":?", b"#", b"##", b"%", b"%%", b"/", b"//"]
BROKEN = [b"=", b"^^", b":=", b":#", b":%", b":/", b":", b"@", b"[0]", b" ", b",", b"\xff", b":\xc3"]

# Settings of BuildKit's own users of the lexer, then all of them.
PROFILES = ["", "", "", "", "s", "qeu", "qeu", "u", "uq"]


def name(rng):
    return rng.choice(NAMES).encode()


def variable(rng):
    return rng.choice([b"A", b"B", b"C", b"_x", b"A1", b"HOME", b"unset", b"None", name(rng)])


def escaped(rng, escape):
    return escape + rng.choice([b"n", b"$", b'"', b"'", escape, b"}", b"/", b"*", b"?", b" ", b"\n", b"x",
                                b"<", b"\xff"] + generate.ODD[:1])


def group(rng, escape, depth):
    modifier = rng.choice(MODIFIERS) if rng.random() < 0.95 else rng.choice(BROKEN)
    out = b"${" + variable(rng) + modifier
    if modifier[:1] == b"/":
        out += pattern(rng, escape, depth - 1) + b"/"
    out += pattern(rng, escape, depth - 1) if modifier[:1] in b"#%" else word(rng, escape, depth - 1)
    return out if rng.random() < 0.02 else out + b"}"


def pattern(rng, escape, depth):
    parts = []
    for _ in range(rng.randint(0, 4)):
        parts.append(generate.pick(rng, [
            (6, lambda: rng.choice([b"*", b"?", b"*", b"a", b"b", b"l", b"lib", b"/", b".", b"\n", b"x"])),
            (2, lambda: rng.choice(PLAIN)),
            (3, lambda: b"\\" + rng.choice([b"*", b"?", b"\\", b"}", b"/"])),
            (1, lambda: piece(rng, escape, depth)),
        ])())
    return b"".join(parts)


def quoted(rng, escape, depth):
    parts = [b'"']
    for _ in range(rng.randint(0, 4)):
        parts.append(generate.pick(rng, [
            (4, lambda: rng.choice(PLAIN + generate.SPACES)),
            (2, lambda: escaped(rng, escape)),
            (3, lambda: dollar(rng, escape, depth)),
            (1, lambda: rng.choice([b"'", b"<<", b"\\", b"`"] + generate.ODD)),
        ])())
    return b"".join(parts) + (b'"' if rng.random() < 0.98 else b"")


def dollar(rng, escape, depth):
    return generate.pick(rng, [
        (3, lambda: b"$" + variable(rng)),
        (2, lambda: b"${" + variable(rng) + b"}"),
        (1, lambda: b"$" + rng.choice(PLAIN)),
        (5, lambda: group(rng, escape, depth) if depth > 0 else b"$A"),
    ])()


def piece(rng, escape, depth):
    return generate.pick(rng, [
        (6, lambda: rng.choice(PLAIN)),
        (3, lambda: rng.choice(generate.SPACES)),
        (1, lambda: rng.choice(generate.ODD)),
        (2, lambda: escaped(rng, escape)),
        (2, lambda: b"'" + generate.soup(rng, PLAIN + generate.SPACES + [b"$A", b"\\"], 3) + b"'"),
        (3, lambda: quoted(rng, escape, depth)),
        (6, lambda: dollar(rng, escape, depth)),
        (1, lambda: rng.choice([b"<<", b"<", b"<<EOF", b"<< \t", b"3<<-E"])),
    ])()


def matching(rng, case):
    """Patterns of few characters over a value of few characters: much matches, in many ways."""
    text = generate.soup(rng, [b"a", b"b", b"*", b"?", b"*", b"\n", b"\\*", b"ab", b"\xc3\xa9", b"\xff"], 7)
    modifier = rng.choice([b"#", b"##", b"%", b"%%", b"/", b"//"])
    tail = b"/" + rng.choice([b"", b"-", b"<$B>", b"\\$0."]) if modifier[:1] == b"/" else b""
    value = generate.soup(rng, [b"a", b"b", b"a", b"b", b"\n", b"*", b"\xc3\xa9", b"\xff", b"\xc3"], 12)
    return dict(case, src=b"${A" + modifier + text + tail + b"}",
                env={"A": value, "B": rng.choice(VALUES)})


def word(rng, escape, depth):
    return b"".join(piece(rng, escape, depth) for _ in range(rng.randint(0, 5)))


def environment(rng):
    count = rng.randint(0, 8)
    return {rng.choice(NAMES): rng.choice(VALUES) for _ in range(count)}


class Expand(sides.Comparison):
    title = "word expansion"

    def case(self, rng):
        escape = b"\\" if rng.random() < 0.8 else b"`"
        text = generate.pick(rng, [
            (6, lambda: word(rng, escape, 4)),
            (3, lambda: generate.mutate(rng, word(rng, escape, 3), TOKENS)),
            (2, lambda: generate.soup(rng, TOKENS, 14)),
        ])()
        options = rng.choice(PROFILES)
        if rng.random() < 0.1:
            options = "".join(c for c in "qesu" if rng.random() < 0.5)
        case = {"src": text, "escape": escape, "mode": rng.choice(["word", "words"]),
                "options": options, "env": environment(rng)}
        return matching(rng, case) if rng.random() < 0.25 else case

    def request(self, case):
        return {"op": "expand", "src": sides.b64(case["src"]), "escape": case["escape"].decode(),
                "mode": case["mode"], "env": {k: sides.b64(v) for k, v in case["env"].items()},
                "raw_quotes": "q" in case["options"], "raw_escapes": "e" in case["options"],
                "skip_quotes": "s" in case["options"], "skip_unset": "u" in case["options"]}

    def message(self, case):
        strings = [b"expand", case["src"], case["escape"], case["mode"].encode(), case["options"].encode()]
        for key, value in case["env"].items():
            strings += [key.encode(), value]
        return strings

    def theirs(self, case, answer):
        failure = answer["failure"]
        words = sides.unb64s(answer["words"])
        if failure and failure["category"] == "subst-required":
            words = [failure["text"]]
        return {"category": failure["category"] if failure else "", "words": words,
                "matched": set(sides.unb64s(answer["matched"])),
                "unmatched": set(sides.unb64s(answer["unmatched"]))}

    def ours(self, case, answer):
        lists = sides.Lists(answer)
        category = lists.next().decode()
        words, matched, unmatched = lists.list(), set(lists.list()), set(lists.list())
        if category == "subst-required":
            words = [as_json_shows(b": ".join(words))]
        elif category:
            words = []
        return {"category": category, "words": words, "matched": matched, "unmatched": unmatched}

    def simpler(self, case):
        for key in case["env"]:
            yield dict(case, env={k: v for k, v in case["env"].items() if k != key})
        yield from super().simpler(case)


def as_json_shows(text):
    """Go writes invalid UTF-8 into JSON as U+FFFD, a byte each."""
    out, at = [], 0
    while at < len(text):
        for n in (1, 2, 3, 4):
            try:
                out.append(text[at:at + n].decode())
                at += n
                break
            except UnicodeDecodeError:
                continue
        else:
            out.append("\ufffd")
            at += 1
    return "".join(out)


if __name__ == "__main__":
    sides.main(Expand())
