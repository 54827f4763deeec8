"""Dockerfiles for the comparers: made from a grammar, mutated, and token soup.

A grammar file is valid or nearly so: each choice goes wrong with the probability `odds` of its
maker, which is zero for many files, so that what follows an error is compared as well.
"""
import glob
import os
import re

import generate

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

BLANKS = [b" ", b" ", b" ", b" ", b" ", b"  ", b"\t", b" \t ", b"\v", b"\f", b"\r"]
WIDE = [b"\xc2\xa0", b"\xc2\x85", b"\xe2\x80\x83", b"\xe3\x80\x80", b"\xe1\x9a\x80", b"\xe2\x80\xa8",
        b"\xe2\x80\x8b", b"\xef\xbb\xbf", b"\xe1\xa0\x8e"]
LETTERS = [b"\xc3\xa9", b"\xc3\xa0", b"\xe2\x84\xaa", b"\xc4\xb0", b"\xc4\xb1", b"\xc5\xbf", b"\xc7\x85",
           b"\xe1\xba\x9e", b"\xf0\x9f\x90\xb3", b"\xf0\x90\x90\x80"]
WORDS = [b"a", b"b", b"/app", b"x.y", b"./c", b"dir/", b"alpine", b"golang:1.22", b"$A", b"${A}",
         b"${A:-b}", b"${A:-b c}", b"${A#*/}", b"${A/x/y}", b'"q r"', b"'q r'", b'"', b"'", b"''", b'""',
         b"\\ ", b"a\\ b", b"\\", b"`", b"\\\\", b"a=b", b"=", b"A=", b"<<", b"<<E", b"<E", b"--x", b"-x",
         b"-", b"#", b"# c", b"[", b"]", b"a#b", b"80", b"8080/tcp", b"9", b"SIGTERM", b";", b"&&", b"|",
         b">x", b"*", b"~", b"$", b"${", b"}", b"${A", b"$$"] + LETTERS + generate.ODD
NAMES = [b"A", b"B", b"x", b"name", b"a.b", b"_", b"a-b", b'"a"', b"'a b'", b"A1", b"\xc3\xa9", b"$A",
         b"a\\ b", b"com.x/y"]
KEYWORDS = ["ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
            "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"]
NEARLY = [b"FORM", b"RUN:", b"COPYY", b"RUNN", b"LABLE", b"'RUN'", b"\\RUN", b"--x", b"<<E", b"[", b"$A",
          b"\xef\xbb\xbfRUN", b"\xc2\xa0RUN", b"RUN\xc2\xa0", b"ONBU\xc4\xb1LD", b"MA\xc4\xb1NTAINER",
          b"FROM\xc2\xa0", b"ONBUILD\xe3\x80\x80", b"R\xffUN", b"//syntax=a", b"wor\xe2\x84\xaadir",
          b"onbu\xc4\xb0ld", b"A\xc4\xb0D", b"u\xc5\xbfer", b"_", b"0", b"RUN\x00", b"{}"]
SOUP = ([k.encode() for k in KEYWORDS] + NEARLY + WORDS + BLANKS * 3 + WIDE
        + [b"\n"] * 14 + [b"\r\n"] * 4 + [b"\\\n"] * 4 + [b"`\n", b"\\ \t\r\n", b"\\\\\n"]
        + [b"# escape=`\n", b"# escape=\\\n", b"#syntax=x\n", b"# check=skip=all\n", b"#\n", b"# c\n", b"\n#"]
        + [b"FROM a\n", b"\nFROM a AS b\n", b" AS ", b"E\n", b"\nE\n", b" <<E\n", b" <<-E\n", b" <<'E' ", b"<<",
           b'["', b'"]', b'", "', b"[", b"]", b",", b"{}", b"1", b"null", b"--from=", b"--mount=", b"--",
           b"--chown=", b"--link", b"CMD ", b"RUN ", b"COPY ", b"ENV "])

PATHS = [b"/x", b"a", b"a b", b"", b"$A", b"\xc3\xa0b", b"a,b", b"a=b"]
DURATIONS = [b"30s", b"1m", b"1h30m", b"0", b"", b"1ms", b"0.5ms", b"1.5h", b"-1s", b"+1s", b"1", b"s", b".5s",
             b"1.s", b".s", b"1us", b"1\xc2\xb5s", b"1000us", b"999999ns", b"1d", b"9223372036s", b"9223372037s",
             b"2562047h47m16.854775807s", b"2562047h47m16.854775808s", b"1e3s", b" 1s", b"$X", b"1m1", b"00s",
             b"0.000000000000000000000000001h", b"-2562047h47m16.854775808s", b"0.9999999999999999999ms",
             b"9223372036854775808ns", b"-9223372036854775808ns", b"1s1s", b"-", b"+", b"3.0000000000000001ns"]
INTEGERS = [b"3", b"0", b"", b"-1", b"+2", b"2147483647", b"2147483648", b"-2147483648", b"-2147483649", b"1.0",
            b"0x1", b"1_0", b"a", b" 1", b"99999999999999999999", b"00", b"-0", b"+"]
BOOLEANS = [b"true", b"false", b"TRUE", b"False", b"1", b"0", b"", b"yes", b"tru\xc3\xa9"]
FLAGS = {
    "ADD": {b"chown": [b"a:b", b"0"], b"chmod": [b"644", b"u+x"], b"link": None, b"keep-git-dir": None,
            b"checksum": [b"sha256:0", b""], b"exclude": PATHS, b"unpack": None},
    "COPY": {b"from": [b"a", b"0", b"$A", b""], b"chown": [b"a:b", b"\xc3\xa9"], b"chmod": [b"755", b""],
             b"link": None, b"exclude": PATHS, b"parents": None},
    "FROM": {b"platform": [b"linux/amd64", b"$BUILDPLATFORM", b"", b"linux/arm/v7"]},
    "HEALTHCHECK": {b"interval": DURATIONS, b"timeout": DURATIONS, b"start-period": DURATIONS,
                    b"start-interval": DURATIONS, b"retries": INTEGERS},
    "RUN": {b"mount": None, b"network": [b"default", b"none", b"host", b"NONE", b"", b"x"],
            b"security": [b"sandbox", b"insecure", b"Sandbox", b""], b"device": None},
}
FIELDS = [b"type=cache", b"type=bind", b"type=secret", b"type=nosuch", b"target=/x", b"dst=/root/.cache",
          b"source=a", b"from=a", b"from=0", b"from=$a", b"from=a$", b"from=$", b"from=a$$", b"FROM=a$b", b"from",
          b"from=", b"ro", b"rw=true", b"readonly=maybe", b"required", b"id=x", b"sharing=locked", b"mode=0700",
          b"size=1g", b"env=E", b"", b"=", b"=x", b"x", b"from =$a", b" from=$a", b"from=${a}", b"uid=1"]
DEVICES = [b"required", b"required=true", b"required=0", b"required=x", b"required=", b"name=a", b"name=",
           b"name=b", b"vendor/dev", b"vendor/dev=foo", b"x=y", b"NAME=a", b"Required", b"", b"=", b"nam=e"]
NUMBERS = [b"1", b"0", b"-0", b"-1.5e3", b"1e400", b"-1e400", b"1e-400", b"1.7976931348623157e308",
           b"1.797693134862315708145274237317043567981e308", b"1.7976931348623158079e308",
           b"1.7976931348623158e308", b"1.7976931348623159e308", b"0e999999", b"0.0001e312", b"01", b"1.", b".5", b"-",
           b"+1", b"1e", b"1e+", b"1E+2", b"0x1", b"1" + b"0" * 308, b"1" + b"0" * 309, b"1e99999999999999999999"]
STRINGS = [b"a", b"b c", b"/bin/sh", b"-c", b"", b"\xc3\xa9", b"\\n", b'\\"', b"\\\\", b"\\/", b"\\b\\f\\r\\t",
           b"\\u0041", b"\\u00e9", b"\\u0000", b"\\ud83d\\ude00", b"\\ud83d", b"\\ude00", b"\\ud83d\\u0041",
           b"\\ud83d\\ud83d\\ude00", b"\\uD83Dx", b"\\uFFFF", b"<<E", b"$A", b"'", b"#", b"[", b",", b"--x", b"`"]
BROKEN_STRINGS = [b"\\x", b"\\u12", b"\\u12g4", b"\t", b"\n", b"\x1f", b"\x00", b"\x7f", b"\xff", b"\xed\xa0\x80",
                  b"\xc3", b"\xef\xbb\xbf", b"\\'", b"\\U0041", b"\\"]
NAMES_OF_HEREDOCS = [b"E", b"E", b"E", b"EOF", b"'E'", b'"E"', b"E\\OF", b"e'o'f", b"eo\\'f", b"'e'o\\'f", b"$X",
                     b"${X}", b"${X:-y}", b"E>x", b"E;ls", b"a/b", b"'a b'", b'"a b"', b"a\\ b", b"\xc3\xa9", b"\xff",
                     b"-E", b"2", b"''", b'""', b"'", b"\\", b"`E", b"E#", b"(", b"E'F", b'"$X"', b"''E", b"E\x00",
                     b"${X?y}", b"${X%y}", b"'<'", b"E<", b"\\<", b"E\xc2\xa0F", b"E\xe3\x80\x80"]
BEFORE_HEREDOC = [b" ", b" ", b" ", b" ", b" 3", b" 0", b" 99999999999999999999", b"x", b"\t", b" \xc2\xa0", b" ;", b" -",
                  b" >", b' "', b" ${X:-y}", b" $X", b" 3x", b" \xd9\xa3"]
ARROWS = [b"<<", b"<<", b"<<", b"<<-", b"<<-", b"<< ", b"<<\t", b"<<- ", b"<< -", b"<<<", b"<", b"<<--", b"<<\v",
          b"<<\xc2\xa0"]
# An unset group is read as it is written but for its escapes: it can hold what no line could.
GROUPS = [b"${X:", b"${X:a ", b"${X: ", b"${X:- ", b"${X:-a ", b"${X+", b"${X?a ", b"${X:+ ", b"${X# ", b"${X%% ",
          b"${X/a/ ", b"${X:-${Y: ", b'"${X: ', b"${X "]
NAMES_IN_GROUPS = [b"E", b"\\'", b'\\"', b"\\${", b"\\${}", b"\\${Y:!}", b"\\${Y?no}", b"\\'\\'", b'"\\\'"', b"\\\\'",
                   b"\\$", b"\\}", b"\\\\", b"a\\ ''", b"'\\''", b"\\'E\\'", b"\\<", b"E\\'F", b"\\ ", b"\\\t\\'"]
CLOSERS = [b"}", b" }", b"} ", b" x}", b"", b"}}", b'}"']


class Maker:
    """Makes one file."""

    def __init__(self, rng):
        self.rng = rng
        self.odds = rng.choice([0, 0, 0, 0.003, 0.01, 0.03, 0.1, 0.3])
        self.parser_odds = rng.choice([0, 0, 0, 0.03])  # of what ends BuildKit's parse
        self.escape = b"\\"
        self.ends = rng.choice([[b"\n"]] * 6 + [[b"\r\n"], [b"\r\n", b"\n"], [b"\n", b"\n", b"\r\r\n", b"\n\r\n"]])
        self.bodies = []  # of the instruction that is being made

    def wrong(self):
        return self.rng.random() < self.odds

    def fatal(self):
        return self.rng.random() < self.parser_odds

    def end(self):
        return self.rng.choice(self.ends)

    def blank(self):
        if self.wrong():
            return self.rng.choice(WIDE + [b"", b"\n"])
        return self.rng.choice(BLANKS)

    def word(self):
        if self.rng.random() < 0.7:
            return self.rng.choice(WORDS[:12])
        return b"".join(self.rng.choice(WORDS) for _ in range(self.rng.randint(1, 3)))

    def words(self, least, most):
        if self.wrong():
            least, most = 0, most + 1
        count = self.rng.randint(least, most)
        return self.blank().join(self.word() for _ in range(count))

    # flags

    def list_value(self, fields):
        parts = [self.rng.choice(fields) for _ in range(self.rng.randint(0 if self.wrong() else 1, 4))]
        for i, part in enumerate(parts):
            if self.rng.random() < 0.1:
                parts[i] = b'"' + part + self.rng.choice([b'"', b'""x"', b'"' * (not self.wrong()), b'" '])
            elif self.wrong():
                parts[i] = part + self.rng.choice([b'"', b'"x', b",", b" "])
        value = b",".join(parts)
        return b"'" + value + b"'" if self.rng.random() < 0.4 else value

    def flag_value(self, keyword, name):
        values = FLAGS[keyword][name]
        if name == b"mount":
            return self.list_value(FIELDS if self.wrong() else FIELDS[:8])
        if name == b"device":
            return self.list_value(DEVICES if self.wrong() else DEVICES[3:7])
        if values is None:
            return self.rng.choice(BOOLEANS if self.wrong() else BOOLEANS[:4])
        return self.rng.choice(values if self.wrong() or self.odds and self.rng.random() < 0.2 else values[:3])

    def disguise(self, flag):
        """The flag in quotes and escapes."""
        at, to = sorted((self.rng.randint(0, len(flag)), self.rng.randint(0, len(flag))))
        quote = self.rng.choice([b"'", b'"'])
        return self.rng.choice([
            flag[:at] + quote + flag[at:to] + quote + flag[to:], flag[:at] + self.escape + flag[at:],
            flag[:at] + quote + flag[at:], flag + self.escape, flag[:at] + self.rng.choice(LETTERS) + flag[at:],
            flag[:at] + self.rng.choice([b"\x85", b"\xa0", b"\xff", b"\x00"]) + flag[at:]])

    def flag(self, keyword):
        known = FLAGS.get(keyword, {})
        if not known or self.wrong():
            return self.rng.choice([b"--", b'--""', b"---", b"--x", b"--x=y", b"--=v", b"--form=a", b"--lnk",
                                    b"--mont=a", b"--chwn=a", b"--intervall=1s", b"--FROM=a", b"--platforms=x", b"-x",
                                    b"--from", b"--platform", b"--mount", b"--link=", b"--retries", b'-""-x', b"--'a b'"])
        name = self.rng.choice(sorted(known))
        flag = b"--" + name
        if known[name] is not None or name in (b"mount", b"device") or self.rng.random() < 0.4:
            flag += b"=" + self.flag_value(keyword, name)
        return self.disguise(flag) if self.wrong() else flag

    def flags(self, keyword):
        count = self.rng.choice([0, 0, 1, 2, 3]) if keyword in FLAGS else int(self.wrong())
        flags, names = [], set()
        for _ in range(count):
            flag = self.flag(keyword)
            name = flag.split(b"=")[0]
            if name in names and name not in (b"--mount", b"--device", b"--exclude") and not self.wrong():
                continue
            names.add(name)
            flags.append(flag + self.blank())
        return b"".join(flags)

    # JSON

    def json_blank(self):
        return self.rng.choice([b"", b"", b"", b" ", b"  ", b"\t", b"\r"] if not self.wrong() else BLANKS + WIDE)

    def json_value(self, depth=0):
        if depth > 0 or self.fatal():
            kind = self.rng.randrange(5)
            if kind == 0:
                return self.rng.choice(NUMBERS)
            if kind == 1:
                return self.rng.choice([b"true", b"false", b"null", b"nul", b"True", b"truex", b"NaN"])
            if kind == 2 and depth < 4:
                return self.json_list(depth + 1)
            if kind == 3 and depth < 4:
                return self.json_object(depth + 1)
        pieces = [self.rng.choice(STRINGS) for _ in range(self.rng.randint(0, 3))]
        if self.wrong():
            pieces.append(self.rng.choice(BROKEN_STRINGS))
        quote = self.rng.choice([b"'", b""]) if self.wrong() else b'"'
        return quote + b"".join(pieces) + (b"" if self.wrong() else quote)

    def json_object(self, depth):
        members = [b'"' + self.rng.choice(STRINGS) + b'"' + self.json_blank() + b":" + self.json_blank()
                   + self.json_value(depth) for _ in range(self.rng.randint(0, 2))]
        return b"{" + self.json_blank() + b",".join(members) + self.json_blank() + b"}"

    def json_list(self, depth=0, least=0):
        if depth == 0 and self.rng.random() < 0.0003:
            n = self.rng.choice([64, 9999, 10000, 10001])
            return b"[" * n + b"]" * n
        comma = self.rng.choice([b",,", b"", b";"]) if self.wrong() else b","
        out = b"[" + self.json_blank()
        out += comma.join(self.json_value(depth) + self.json_blank()
                          for _ in range(self.rng.randint(least, 4)))
        if self.wrong():
            out += self.rng.choice([b",", b" x", b"[", b""])
        return out + (b"" if self.wrong() else b"]") + (self.rng.choice([b" x", b"]", b" \t", b"\xc2\xa0"]) if self.wrong()
                                                        else b"")

    # heredocs

    def body(self, name, chomp):
        lines = [self.rng.choice([b"", b" ", b"x", b"# c", b"RUN y", b"x \\", b"\tx", name + b" ", b" " + name, b"\t" + name,
                                  b"<<" + name, name + b"x", b"\r", b"x\r", b"\xff\x00", b"E", b"FROM a"])
                 + self.end() for _ in range(self.rng.randint(0, 3))]
        if self.fatal() and self.fatal():
            return b"".join(lines)
        tabs = b"\t" * self.rng.randint(0, 2) if chomp or self.fatal() else b""
        return b"".join(lines) + tabs + name + self.end()

    def heredoc(self):
        """The word, its body put aside. Names are unquoted roughly: what is wrong is never closed."""
        before = self.rng.choice(BEFORE_HEREDOC) if self.rng.random() < 0.3 else b" "
        arrow = self.rng.choice(ARROWS) if self.rng.random() < 0.3 else b"<<"
        name = self.rng.choice(NAMES_OF_HEREDOCS) if self.rng.random() < 0.5 else b"E"
        plain = re.sub(rb"\\(.)|[\"']", rb"\1", name)
        if b"'e'o" in name or b"eo\\'" in name:
            plain = b"eo'f"
        if arrow in (b"<<", b"<<-", b"<< ", b"<<\t", b"<< -") or self.rng.random() < 0.2:
            self.bodies.append(self.body(b"-" + plain if arrow == b"<< -" else plain, arrow == b"<<-"))
        return before + arrow + name

    def grouped(self):
        """A heredoc in the group of a variable: few have names that can be lexed."""
        name, close = self.rng.choice(NAMES_IN_GROUPS + NAMES_OF_HEREDOCS), self.rng.choice(CLOSERS)
        plain = re.sub(rb"\\(.)|[\"']", rb"\1", name) + close.strip(b' "') * (close[:1] != b" ")
        self.bodies.append(self.body(plain, False))
        return b" " + self.rng.choice(GROUPS) + b"<<" + name + close

    def heredocs(self):
        if self.rng.random() < 0.02:
            return self.heredoc() * (self.rng.random() < 0.3) + self.grouped()
        return b"".join(self.heredoc() for _ in range(self.rng.choice([1, 1, 1, 2, 3])))

    def with_heredocs(self, keyword):
        """Arguments around heredocs; mostly of words that leave the heredocs alone."""
        words = self.words if self.wrong() else lambda least, most: b" ".join(
            self.rng.choice(WORDS[:12]) for _ in range(self.rng.randint(least, most)))
        if keyword == "RUN":
            return words(0, 3) + self.heredocs() + self.blank() + words(0, 2)
        return words(0, 2) + self.heredocs() + b" " + words(1, 1)

    # arguments

    def command(self):
        if self.rng.random() < 0.4:
            return self.json_list()
        return self.words(1, 5)

    def value(self):
        parts = [self.rng.choice([b"v", b"1", b'"a b"', b"'c d'", b"\\ ", b'"\\""', b"$A", b"=", b'""', b"\xc3\xa9",
                                  b"#", b"<<E", self.escape + b"x"]) for _ in range(self.rng.randint(0, 3))]
        if self.wrong():
            parts.append(self.rng.choice([b'"', b"'", b"\\", b"`", b"\xff", b"\xe3\x81", b"\xc2\xa0", b"\x00", b'"a',
                                          self.escape * 2, b"'a" + self.escape]))
        return b"".join(parts)

    def pairs(self):
        if self.rng.random() < 0.2:
            return self.rng.choice(NAMES) + (b"" if self.fatal() else self.blank() + self.words(1, 3))
        pairs = [self.rng.choice(NAMES if not self.wrong() else NAMES + [b""]) + b"=" + self.value()
                 for _ in range(self.rng.randint(0 if self.wrong() else 1, 4))]
        if self.fatal():
            pairs.insert(self.rng.randint(0, len(pairs)), self.rng.choice(WORDS))
        return self.blank().join(pairs)

    def args(self):
        return self.blank().join(self.rng.choice(NAMES) + (b"=" + self.value() if self.rng.random() < 0.6 else b"")
                                 for _ in range(self.rng.randint(0 if self.wrong() else 1, 3)))

    def base(self):
        base = self.rng.choice([b"alpine", b"a", b"golang:1.22", b"$A", b"${A:-x}", b"scratch", b'"a"', b"a@sha256:0"])
        if self.rng.random() < 0.5 and not self.wrong():
            return base
        as_ = self.rng.choice([b"AS", b"as", b"As", b"aS"] if not self.wrong()
                              else [b"a\xc5\xbf", b"A\xc5\xbf", b"IS", b"A", b"", b"ass", b"\xc3\x85S"])
        name = self.rng.choice([b"build", b"b", b"Final", b"a-b_c.d", b"x1"] if not self.wrong()
                               else [b"1a", b"-a", b"a/b", b"", b"b c", b"\xe2\x84\xaax", b"\xc3\xa9", b"a\xff", b"$A",
                                     b"\xc4\xb0", b'"a"', b"a b # c", b"a\x00", b"A\xe2\x84\xaa"])
        return base + self.blank() + as_ + self.blank() + name

    def health(self):
        kind = self.rng.choice([b"CMD"] * 5 + [b"cmd", b"NONE", b"none"] if not self.wrong()
                               else [b"NONE x", b"CM", b"", b"CMD\xc2\xa0", b"\xc3\xa0", b"CMD\v", b"cmd\x85", b"C\xc4\xb1"])
        if kind.upper() == b"NONE":
            return kind
        return kind + self.blank() + (b"" if self.wrong() else self.command())

    def arguments(self, keyword):
        if keyword in ("RUN", "ADD", "COPY"):
            if self.rng.random() < 0.4:
                return self.with_heredocs(keyword)
            if self.rng.random() < 0.3:
                return self.json_list(least=2)
            return self.words(2, 4)
        if keyword == "ONBUILD":
            return self.instruction()
        return {"ARG": self.args, "ENV": self.pairs, "LABEL": self.pairs, "FROM": self.base,
                "HEALTHCHECK": self.health, "CMD": self.command, "ENTRYPOINT": self.command,
                "SHELL": lambda: self.json_list(least=1) if not self.wrong() else self.command(),
                "VOLUME": lambda: self.json_list() if self.rng.random() < 0.4 else self.words(1, 3),
                "EXPOSE": lambda: self.words(1, 3)}.get(keyword, lambda: self.words(1, 2))()

    # lines

    def spelled(self, keyword):
        name = keyword.encode()
        kind = self.rng.random()
        if kind < 0.15:
            name = name.lower()
        elif kind < 0.2:
            name = name.title()
        if self.wrong():
            name = self.rng.choice(NEARLY + [name.replace(b"K", b"\xe2\x84\xaa"), name.replace(b"I", b"\xc4\xb0"),
                                             name.replace(b"S", b"\xc5\xbf"), name.replace(b"I", b"\xc4\xb1")])
        return name

    def instruction(self, keyword=None):
        keyword = keyword or self.rng.choice(KEYWORDS)
        if keyword == "ONBUILD" and self.rng.random() < 0.5:
            keyword = "RUN"
        text = self.spelled(keyword) + self.blank() + self.flags(keyword) + self.arguments(keyword)
        return text + (self.rng.choice(BLANKS + WIDE) if self.rng.random() < 0.05 else b"")

    def skipped(self):
        """Blank and comment lines inside a continued instruction."""
        return b"".join(self.rng.choice([b"", b" ", b"\t", b"\xc2\xa0", b"# c", b"  # c \\", b"#", b"\xc2\x85#x", b"\v",
                                         b"# escape=`", b"\r"]) + self.end()
                        for _ in range(self.rng.choice([0, 0, 0, 1, 2])))

    def continued(self, text):
        """The text over several lines."""
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            at = self.rng.randint(0, len(text))
            if self.rng.random() < 0.6 and b" " in text:
                at = self.rng.choice([i for i, c in enumerate(text) if c == 32]) + self.rng.randint(0, 1)
            tail = self.rng.choice([b"", b"", b"", b" ", b" \t"] if not self.wrong() else [b"\v", b"\xc2\xa0", b"\\", b"`"])
            text = (text[:at] + self.escape + tail + self.end() + self.skipped()
                    + self.rng.choice([b"", b"", b"  ", b"\t"]) + text[at:])
        return text

    def line(self, keyword=None):
        self.bodies = []
        text = self.instruction(keyword)
        if self.rng.random() < 0.2:
            text = self.continued(text)
        if self.rng.random() < 0.05:
            text = self.rng.choice([b" ", b"\t", b"\xc2\xa0", self.escape + b"\n", b" " + self.escape + b" \n"]) + text
        return text + self.end() + b"".join(self.bodies)

    def frontend(self):
        """Lines that are read before the file is parsed, in the forms that the parser does not know."""
        mark = self.rng.choice([b"#", b"# ", b"//", b"// ", b" #", b"#\xc2\xa0", b"//#", b"/"])
        options = b";".join(self.rng.choice([b"skip=all", b"skip=A,B", b"skip", b"error=true", b"error=x", b" error = 1 ",
                                             b"error=", b"experimental=all", b"foo=bar", b"", b"=", b"skip=a,\xc2\xa0b"])
                            for _ in range(self.rng.randint(1, 4)))
        syntax = self.rng.choice([b"docker/dockerfile:1", b"a b", b"a\tb", b"$A", b"\xff", b"a \\", b"x\r"])
        lines = [mark + self.rng.choice([b"check=" + options, b"syntax=" + syntax, b"CHECK =\t" + options, b"escape=x",
                                         b"Syntax= " + syntax, b"syntax=", b"foo=x", b"check=", b"check= "])
                 + self.end() for _ in range(self.rng.randint(0, 3))]
        if self.rng.random() < 0.3:
            name = self.rng.choice([b"syntax", b"syntax", b"synt\\u0061x", b"Syntax", b"a"])
            value = self.json_value(1 if self.rng.random() < 0.3 else 0)
            member = b'"' + name + b'"' + self.json_blank() + b":" + self.json_blank() + value
            extra = b',"syntax":' + self.json_value(1) if self.rng.random() < 0.3 else b""
            lines = [self.json_blank() + b"{" + member + extra + b"}" + self.json_blank() + self.end()]
        elif self.rng.random() < 0.5:
            lines.append(self.line("FROM"))
        shebang = self.rng.choice([b"", b"", b"#!/bin/sh" + self.end(), b"#!" + self.end(), b"#!x"])
        return self.rng.choice([b"", b"", b"\xef\xbb\xbf"]) + shebang + b"".join(lines)

    def directives(self):
        if self.rng.random() > 0.3:
            return b""
        kinds = [b"escape=`", b"escape=`", b"escape=\\", b"syntax=docker/dockerfile:1", b"check=skip=all", b"Syntax = a b",
                 b"ESCAPE =\t`", b"check=error=true;skip=A, B"]
        lines, keys = [], set()
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            kind = self.rng.choice(kinds)
            key = kind.split(b"=")[0].strip().lower()
            if self.fatal():
                kind = self.rng.choice([b"escape=x", b"escape= ", b"escape=", b"escape=``", b"escape=` x", b"escape=\v`",
                                        b"syntax=", b"escape=\t", b"check=\xc2\xa0", b"escape=\r", b"es\xe2\x84\xaaape=`"])
            elif key in keys:
                kind = b"foo=bar"
            keys.add(key)
            hash_ = self.rng.choice([b"# "] * 5 + [b"#", b" # ", b"#\t", b"#\xc2\xa0", b"\v#", b"#\x0b"])
            lines.append(hash_ + kind + self.rng.choice([b"", b"", b"", b" ", b"\t"]) + self.end())
            if key == b"escape" and b"`" in kind:
                self.escape = b"`"
        if self.rng.random() < 0.1:
            lines.insert(self.rng.randint(0, len(lines)),
                         self.rng.choice([b"\n", b"#\n", b"# c\n", b"#!/bin/sh\n", b"# foo=bar\n", b" \n", b"#escape=\n"]))
        return b"".join(lines)

    def between(self):
        return self.rng.choice([b"", b" ", b"# c", b"#", b"  # c \\", b"\t", b"\xc2\xa0", b"# escape=`", b"\r"]) + self.end()

    def long_line(self):
        length = self.rng.choice([65535, 65536, 65536, 65537, 70000])
        start = self.rng.choice([b"RUN ", b"# ", b"", b" ", b"ENV a=", b"COPY a "])
        return start + b"x" * (length - len(start) - self.rng.randint(0, 2)) + self.rng.choice([b"\n", b"\r\n", b"", b"\\\n"])

    def file(self):
        if self.rng.random() < 0.06:
            return self.frontend()
        parts = [self.rng.choice([b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b" \xef\xbb\xbf"])
                 if self.rng.random() < 0.04 else b"", self.directives()]
        if self.rng.random() < 0.3:
            parts.append(self.line("ARG"))
        if self.rng.random() < 0.93:
            parts.append(self.line("FROM"))
        for _ in range(self.rng.choice([0, 1, 1, 2, 3, 5, 8])):
            parts.append(self.line())
            if self.rng.random() < 0.1:
                parts.append(self.between())
        if self.rng.random() < 0.002:
            parts.insert(self.rng.randint(1, len(parts)), self.long_line())
        text = b"".join(parts)
        return text.rstrip(b"\r\n") if self.rng.random() < 0.15 else text


def dft_inputs(path):
    """Inputs of the cases of a .dft file, near enough to be seeds."""
    with open(path, "rb") as file:
        text = file.read()
    for match in re.finditer(rb"^--- input([^\n]*)\n(.*?)(?=^---|^===|\Z)", text, re.M | re.S):
        body = match[2].rstrip(b"\n") + b"\n"
        yield body.decode("unicode_escape", "replace").encode("latin-1", "replace") if b"escaped" in match[1] else body


def seeds():
    """Inputs of the spec cases, the corpus of the fuzzer, and the example projects."""
    out = []
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "spec", "*.dft"))):
        out.extend(dft_inputs(path))
    for pattern in (("fuzz", "corpus", "parse", "*"), ("examples", "projects", "*", "Dockerfile")):
        for path in sorted(glob.glob(os.path.join(ROOT, *pattern))):
            with open(path, "rb") as file:
                out.append(file.read())
    return out


def case(rng, known):
    kind = rng.random()
    if kind < 0.7:
        return Maker(rng).file()
    if kind < 0.82:
        return generate.mutate(rng, Maker(rng).file(), SOUP)
    if kind < 0.92 and known:
        return generate.mutate(rng, rng.choice(known), SOUP)
    return generate.soup(rng, SOUP, 30)
