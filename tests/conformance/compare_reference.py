#!/usr/bin/env python3
"""Image references, digests and platform specifiers, ours beside BuildKit's."""
import generate
import sides

COMPONENTS = [b"a", b"alpine", b"library", b"foo", b"bar", b"x86", b"a.b", b"a_b", b"a__b", b"a---b",
              b"a..b", b"a___b", b"-a", b"a-", b"a.", b"_a", b"0", b"9a", b"Foo", b"fooBar", b"docker.io",
              b"index.docker.io", b"localhost", b"a" * 120, b"b" * 126, b"c" * 127, b"d" * 247, b"e" * 248,
              b"\xc3\xa9", b"\xc3\x89", b"\xe2\x84\xaa", b"\xc4\xb0", b"\xff", b"", b"a b", b"$x"]
DOMAINS = [b"docker.io", b"index.docker.io", b"localhost", b"localhost:5000", b"ghcr.io", b"quay.io",
           b"a:80", b"a:", b"a:x", b"Foo", b"FOO.com", b"a-b.c", b"-a.b", b"a-.b", b"a..b", b"a.b.",
           b"foo_bar.com", b"Foo_bar", b"[::1]", b"[::1]:5000", b"[fe80::1%25x]", b"[]", b"[x]", b"127.0.0.1",
           b"xn--a.com", b"a.b:99999999999", b"registry-1.docker.io", b"\xc3\x89", b"\xe2\x84\xaa.b", b"a.\xff"]
TAGS = [b"latest", b"3.20", b"1", b"_x", b"-x", b".x", b"a" * 128, b"a" * 129, b"A.B-c_d", b"", b"a/b", b"a:b",
        b"\xc3\xa9", b"\xe2\x84\xaa", b"a+b"]
HEX = {n: (b"0123456789abcdef" * 16)[:n] for n in (1, 31, 32, 33, 63, 64, 65, 96, 127, 128)}
ALGORITHMS = [b"sha256", b"sha384", b"sha512", b"SHA256", b"md5", b"sha256+b64", b"a.b-c_d", b"1a", b"a..b",
              b"a+1", b"", b"a-", b"sha"]
TOKENS = (COMPONENTS[:22] + [b":", b"/", b"@", b".", b"_", b"-", b"//", b"::", b"A", b"[", b"]", b"5000", b"sha256:",
                             HEX[64], HEX[32], HEX[31], b" ", b"\n", b"\x00", b"*", b"http://"] + generate.ODD)


def digest(rng):
    text = rng.choice(ALGORITHMS) + b":" + HEX[rng.choice(list(HEX))]
    if rng.random() < 0.2:
        text = rng.choice(ALGORITHMS[:3]) + b":" + HEX[{0: 64, 1: 96, 2: 128}[rng.randrange(3)]]
    if rng.random() < 0.1:
        text = text.upper()
    if rng.random() < 0.1:
        text = text[:-1] + rng.choice([b"g", b"=", b"-", b"_", b"", b"\n", b"F"])
    return text


def reference(rng):
    parts = [rng.choice(COMPONENTS[:9] if rng.random() < 0.7 else COMPONENTS)
             for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 4]))]
    if rng.random() < 0.4:
        parts.insert(0, rng.choice(DOMAINS))
    text = b"/".join(parts)
    if rng.random() < 0.4:
        text += b":" + rng.choice(TAGS[:2] if rng.random() < 0.4 else TAGS)
    if rng.random() < 0.3:
        text += b"@" + digest(rng)
    return text


def any_reference(rng):
    return generate.pick(rng, [
        (6, lambda: reference(rng)),
        (3, lambda: generate.mutate(rng, reference(rng), TOKENS)),
        (2, lambda: generate.soup(rng, TOKENS, 6)),
        (1, lambda: rng.choice([HEX[64], HEX[63], HEX[64].upper(), HEX[64] + b":x"])),
    ])()


SYSTEMS = [b"linux", b"windows", b"darwin", b"macos", b"MacOS", b"Linux", b"freebsd", b"js", b"plan9", b"foo", b"a_b",
           b"a-b", b"a.b", b"", b"nacl", b"zos", b"android"]
OPTIONS = [b"", b"", b"", b"(10.0.17763)", b"(10.0+win32k)", b"(+a+b+a)", b"(+)", b"()", b"(1%2F2)", b"(a%)", b"(a%4)",
           b"(%zz)", b"(x+%41+A)", b"(1", b"1)", b"(a)(b)", b"(+b+a+%2B)", b"(%00%ff)", b"(a b)", b"(%28+c++d)"]
MACHINES = [b"amd64", b"arm64", b"arm", b"i386", b"386", b"x86_64", b"x86-64", b"X86_64", b"aarch64", b"AArch64", b"armhf",
            b"armel", b"riscv64", b"s390x", b"ppc64le", b"foo", b"..", b".", b"...", b"", b"a b", b"wasm", b"loong64",
            b"mips64p32le", b"armv7"]
VARIANTS = [b"v1", b"v2", b"v5", b"v6", b"v7", b"v8", b"v9", b"5", b"6", b"7", b"8", b"9", b"8.0", b"v8.0", b"9.0", b"v9.0",
            b"V8", b"", b"..", b".", b"x", b"v8.1"]


def platform(rng):
    first = rng.choice(SYSTEMS if rng.random() < 0.85 else MACHINES)
    parts = [first + (rng.choice(OPTIONS) if rng.random() < 0.4 else b"")]
    if rng.random() < 0.8:
        parts.append(rng.choice(MACHINES))
        if rng.random() < 0.6:
            parts.append(rng.choice(VARIANTS))
            if rng.random() < 0.1:
                parts.append(rng.choice(VARIANTS))
    text = b"/".join(parts)
    if rng.random() < 0.2:
        text = generate.mutate(rng, text, SYSTEMS + OPTIONS + MACHINES + [b"/", b"*", b"%", b"+", b"\xff", b"\x00", b"\n"])
    return text


class References(sides.Comparison):
    title = "references, digests, platforms"

    def case(self, rng):
        op, make = generate.pick(rng, [(6, ("reference", any_reference)), (2, ("digest", digest)),
                                       (3, ("platform", platform))])
        return {"src": make(rng), "op": op}

    def request(self, case):
        return {"op": case["op"], "src": sides.b64(case["src"])}

    def message(self, case):
        return [case["op"].encode(), case["src"]]

    def theirs(self, case, answer):
        failure = answer["failure"]
        if failure or case["op"] == "digest":
            return {"category": failure["category"] if failure else ""}
        if case["op"] == "reference":
            names = ["domain", "path", "familiar", "tag", "digest", "full"]
            return dict({"category": ""}, **{name: sides.unb64(answer[name]) for name in names})
        names = ["os", "arch", "variant", "version", "format", "normalized"]
        out = dict({"category": ""}, **{name: sides.unb64(answer[name]) for name in names})
        # Ours are sorted at once; BuildKit sorts them when it formats and when it normalises.
        out["features"] = sorted(set(sides.unb64s(answer["features"])))
        return out

    def ours(self, case, answer):
        lists = sides.Lists(answer)
        out = {"category": lists.next().decode()}
        if out["category"] or case["op"] == "digest":
            return out
        if case["op"] == "reference":
            for name in ["domain", "path", "familiar", "tag", "digest", "full"]:
                out[name] = lists.next()
            return out
        for name in ["os", "arch", "variant", "version"]:
            out[name] = lists.next()
        out["features"] = lists.list()
        out["format"], out["normalized"] = lists.next(), lists.next()
        return out


if __name__ == "__main__":
    sides.main(References())
