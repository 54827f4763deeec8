#!/usr/bin/env python3
"""What files mean, ours beside BuildKit's: verdict, graph, expanded values, variables, configurations.

Files of several stages are made from a grammar whose parts go wrong now and then; the world around
them (build arguments, base images, named contexts, platforms, target) is made with them.
"""
import base64
import json
import re

import generate
import sides

IMAGES = [b"alpine", b"golang:1.22", b"a", b"x/y:1", b"reg.example.com:5000/a/b", b"scratch", b"node:20-alpine",
          b"a@sha256:" + b"0123456789abcdef" * 4, b"debian:latest"]
BAD_IMAGES = [b"", b"Bad", b"a b", b"a:", b"A/B:c", b"x@sha256:1", b"..", b"-a", b"http://x", b"a" * 300]
STAGES = [b"base", b"build", b"test", b"Final", b"a", b"scratch", b"b1", b"build-1", b"context", b"golang"]
VARS = [b"V", b"W", b"X", b"IMAGE", b"TAG", b"PATH", b"HOME", b"TARGETARCH", b"BUILDPLATFORM", b"TARGETSTAGE",
        b"UNSET", b"HTTP_PROXY", b"http_proxy", b"TARGETVARIANT", b"Q"]
TEXTS = [b"1", b"a", b"alpine", b"golang", b"1.22", b"x y", b"/d", b"linux/amd64", b"base", b"", b"/", b"..", b"80", b"v*",
         b"0755", b"cache", b"SIGTERM", b"sha256:" + b"ab" * 32, b"build", b"\xc3\xa9", b"\xff"]
MODIFIERS = [b"", b"", b"", b"", b":-d", b":+p", b"-d", b"+p", b"#*/", b"%.*", b"/a/b", b"##*a", b"//a/$0", b":?no", b"?"]
BROKEN = [b"${V", b"${", b"${V:", b"${V^^}", b'"', b"'", b"${V?}", b"${UNSET:?}", b"${V/a}", b"${V#\\q}", b"${:}", b"${V=a}"]
PATHS = [b"/x", b"x", b"./x", b".", b"/", b"a/b/", b"/a/../b", b"..", b"x y", b"\\\\a", b"C:\\a", b"d:/x", b"C:", b"c:x", b"//s/x",
         b"/a/./b", b"a:b"]
SOURCES = PATHS + [b"http://h/f", b"https://h/f.git", b"https://h/r.git#v1:d", b"git@h:r.git", b"u@h:p?ref=a", b"ftp://h/x",
                   b"HTTP://h/x", b"https://h/r.git?ref=a", b"https://h/r.git?foo=1", b"https://h/r.git?ref=", b"ssh://g@h/r",
                   b"https://h/r.git?tag=a&branch=b", b"git://h/r?checksum=aa", b"https://h/r%2egit", b"http://h:x/f", b"http://[::1]/f",
                   b"http://[x]/f", b"https://h/r.git?keep-git-dir=1", b"https://h/r.git?keep-git-dir=x", b"github.com/a/b",
                   b"github.com/a/b?z=1", b"https://h/r.git?submodules", b"https://h/r.git?mtime=x", b"https://h/%zz", b"https://h/r.git#%zz",
                   b"https://u:p@h/r.git", b"https://u p@h/r.git", b"https://h/r.git?ref=a&ref=a", b"https://h/r.git?a;b", b"a@b:c#r:s",
                   b"https://h/r.git?ref=b#a", b"https://h/r.git?commit=bb", b"u@h:p?x=1", b"u@h:p?ref=%zz", b"http://h/a\x01b",
                   b"https://h/r.git?subdir=d#v:d", b"https://h/r.git?tag=v1#refs/tags/v1", b"https://h/r.git?fetch-by-commit=no"]
MODES = [b"755", b"0644", b"u+x", b"a=", b"go-w,u=rwX", b"u", b",", b"8", b"10000", b"07777", b"+t", b"u=g-w", b"rwx", b"a b", b"-1",
         b"00000755", b"u+x,", b"=", b"99999999999999", b"+755", b"7_5"]
SUMS = [b"sha256:" + b"0" * 64, b"sha256:1", b"md5:1", b"x", b"sha512:" + b"a" * 128, b"SHA256:" + b"0" * 64]
PORTS = [b"80", b"80/tcp", b"53/UDP", b"1-3", b"3-1", b"0", b"65535", b"65536", b"a", b"1.1.1.1:80:80", b"[::1]:1:2", b":80", b"8:9",
         b"80/", b"/tcp", b"80/tcp/udp", b"80/x", b"5-5", b"5-", b"+5", b"-5", b"007", b"1-2:3-5", b"1-2:3", b"1:2:3:4", b"::1:1:2",
         b"[]:1:2", b"1.2.3.4.5:1:2", b"01.1.1.1:1:2", b"80/sctp", b"[::1:1:2", b"1::2", b"1.1.1.1::80", b"fe80::1%e:1:2", b"8-9/udp",
         b"1:2-3", b"1-1:2-3", b"99999999999999999999"]
SIGNALS = [b"SIGTERM", b"9", b"0", b"-1", b"sigkill", b"KILL", b"RTMIN+15", b"RTMIN+16", b"RTMAX-14", b"RTMAX-15", b"SIGFOO", b"SIG",
           b"", b"1000", b"sigrtmin+1", b"SIGSIGKILL", b"+9", b"rtmax", b"RTMIN+01", b"\xc5\xbfIGKILL", b"kill ", b"99999999999999999999"]
MOUNT_FIELDS = [b"type=bind", b"type=cache", b"type=tmpfs", b"type=secret", b"type=ssh", b"type=BIND", b"type=foo", b"type=$V",
                b"type=lo\xe2\x84\xaaed", b"target=/x", b"dst=x", b"target=/", b"target=.", b"target=", b"destination=$V", b"source=/s",
                b"src=$W", b"from=base", b"from=build", b"from=alpine", b"from=0", b"from=Bad", b"from=a$", b"from=", b"from=scratch",
                b"id=i", b"id=$UNSET", b"sharing=locked", b"sharing=LOC\xe2\x84\xaaED", b"sharing=foo", b"sharing=", b"ro", b"rw", b"readonly=1",
                b"readwrite=maybe", b"required", b"required=true", b"required=x", b"size=1g", b"size=x", b"size=1.5 GiB", b"size=-1", b"size=1kk",
                b"size=0x10p1", b"size=1e400", b"size=1_0", b"size=5.", b"size=", b"size=b", b"size=1 b", b"size= 1", b"size=1  k", b"mode=0700",
                b"mode=8", b"mode=", b"mode=40000000000", b"uid=1", b"uid=-1", b"gid=x", b"gid=4294967295", b"gid=4294967296", b"env=E", b"foo=1",
                b"foo", b"", b"=", b"=x", b"TARGET=/y", b"\xc4\xb0D=x", b"sIze=1"]
FLAG_SOURCES = [b"base", b"build", b"BUILD", b"final", b"alpine", b"golang", b"0", b"1", b"2", b"+0", b"00", b"-1", b"9",
                b"99999999999999999999", b"$V", b"a$", b"'base'", b"scratch", b"Bad", b"x/y:1", b"b1", b"", b"\"a", b"build-1", b"context",
                b"a\\b", b"1_0", b"0x1", b"ghost"]
BASES = {
    b"alpine": {"Env": ["PATH=/bin", "A=1"], "Cmd": ["/bin/sh"]},
    b"golang:1.22": {"Env": ["PATH=/go/bin:/bin", "GOPATH=/go", "V=base"], "WorkingDir": "/go", "Cmd": ["bash"]},
    b"a": {"Env": ["W=w"], "User": "u:g", "WorkingDir": "rel", "Entrypoint": ["/e", "x"], "ExposedPorts": {"80/tcp": {}, "9/udp": {}},
           "Volumes": {"/v": {}}, "Labels": {"l": "1"}, "Shell": ["/bin/bash", "-c"], "StopSignal": "SIGINT"},
    b"x/y:1": {"OnBuild": ["ENV Q=$V-q", "COPY --from=base /x /y", "RUN --mount=from=build,target=/m z", "ARG X=ob"]},
    b"node:20-alpine": {"OnBuild": ["WORKDIR app", "COPY . ."]},
    b"debian": {"OnBuild": ["FROM a", "RUN x"]},
}
BAD_TRIGGERS = ["FROM a", "RUN a\nRUN b", "FOO", "ENV a", "", "ONBUILD RUN x", "COPY --from=99 a b", "COPY --from=$V a b", "EXPOSE x",
                "STOPSIGNAL 0", "COPY a", "MAINTAINER x", "COPY --from=base a b", "LABEL a=${", "ADD --from=x a b", "SHELL x"]
PLATFORMS = [b"linux/amd64", b"linux/arm64", b"linux/arm/v7", b"windows/amd64", b"$TARGETPLATFORM", b"$BUILDPLATFORM", b"", b"foo", b"linux",
             b"arm64", b"${UNSET}", b"a/b/c/d", b"*", b"linux/$TARGETARCH", b"windows(10.0)/amd64", b"${V:?x}"]


class Maker:
    """Makes one file; `odds` is how often a part goes wrong."""

    def __init__(self, rng):
        self.rng = rng
        self.odds = rng.choice([0, 0, 0, 0.01, 0.03, 0.1])
        self.names = []  # of stages so far
        self.escape = b"`" if rng.random() < 0.08 else b"\\"
        self.globals = rng.random() < 0.6  # IMAGE and TAG have defaults

    def wrong(self):
        return self.rng.random() < self.odds

    def variable(self):
        name = self.rng.choice(VARS)
        if self.wrong():
            return self.rng.choice(BROKEN)
        modifier = self.rng.choice(MODIFIERS[:-2] if not self.wrong() else MODIFIERS)
        return b"${" + name + modifier + b"}" if modifier or self.rng.random() < 0.5 else b"$" + name

    def text(self, literal):
        """A word: mostly literal, with variables, quotes, escapes."""
        kind = self.rng.random()
        if kind < 0.55:
            return self.rng.choice(literal)
        if kind < 0.75:
            return self.variable()
        if kind < 0.85:
            return self.rng.choice(literal) + self.variable()
        if kind < 0.9:
            return b'"' + self.rng.choice(literal) + self.variable() + b'"'
        if kind < 0.95:
            return b"'" + self.rng.choice(literal) + b"'"
        return self.escape + self.rng.choice([b"a", b"$V", b'"', b"n"]) + self.rng.choice(literal)

    def value(self):
        text = self.text(TEXTS)
        return b'"' + text.replace(b'"', b"") + b'"' if b" " in text else text

    def earlier(self):
        """Sources that can be copied from: earlier stages and images, mostly."""
        return [n for n in self.names[:-1]] * 3 + [b"alpine", b"golang", b"x/y:1", b"debian"] + self.names[-1:] * (self.rng.random() < 0.05)

    def word(self, literal):
        return self.text([t for t in literal if b" " not in t] or [b"x"]).replace(b" ", b"_") or b"x"

    # instructions

    def arg(self):
        return b" ".join(self.rng.choice(VARS) + (b"=" + self.value() if self.rng.random() < 0.6 else b"")
                         for _ in range(self.rng.choice([1, 1, 1, 2, 3])))

    def env(self):
        if self.rng.random() < 0.1:
            return self.rng.choice(VARS) + b" " + self.text(TEXTS[:6])
        return b" ".join((self.rng.choice(VARS) if self.rng.random() < 0.9 else self.variable()) + b"=" + self.value()
                         for _ in range(self.rng.choice([1, 1, 2, 3])))

    def mount(self):
        good = [[b"type=cache", b"target=/x"], [b"type=bind", b"target=/x", b"from=base"], [b"type=secret", b"id=i"], [b"type=ssh"],
                [b"type=tmpfs", b"target=/x", b"size=1g"], [b"target=x"], [b"type=bind", b"from=alpine", b"target=/y"],
                [b"type=cache", b"target=$V/c", b"sharing=locked"], [b"type=cache", b"target=/c", b"from=build"],
                [b"type=bind", b"from=scratch", b"target=/z"]]
        fields = [f.replace(b"from=base", b"from=" + self.rng.choice(self.earlier())) for f in self.rng.choice(good)]
        if self.rng.random() < 0.15 or self.wrong():
            for _ in range(self.rng.randint(1, 3)):
                fields.insert(self.rng.randint(0, len(fields)), self.rng.choice(MOUNT_FIELDS))
        value = b",".join(fields)
        if b" " in value or b"\"" in value:
            value = b"'" + value + b"'"
        return b"--mount=" + value + b" "

    def run(self):
        mounts = b"".join(self.mount() for _ in range(self.rng.choice([0, 1, 1, 2])))
        other = self.rng.choice([b"", b"", b"", b"--network=none ", b"--security=sandbox "])
        if self.wrong():
            other += b"--device=a/b=c "
        return mounts + other + self.rng.choice([b"echo $V", b"[\"a\",\"b\"]", b"x && y", b""])

    def copy(self, add, trigger=False):
        flags = []
        if trigger and self.rng.random() < 0.5:  # which number a source of a trigger gets is left to chance
            flags.append(b"--from=" + self.rng.choice(self.earlier()))
        elif not add and not trigger and self.rng.random() < 0.6:
            pool = FLAG_SOURCES if self.wrong() else FLAG_SOURCES[:13] if self.rng.random() < 0.3 else self.earlier()
            flags.append(b"--from=" + self.rng.choice(pool))
        if self.rng.random() < 0.15:
            flags.append(b"--chmod=" + (self.rng.choice(MODES[:5]) if not self.wrong() else self.rng.choice(MODES)))
        if self.rng.random() < 0.1:
            flags.append(b"--chown=" + self.word([b"a:b", b"0"]))
        if add and self.rng.random() < 0.15:
            flags.append(b"--checksum=" + self.word(SUMS if self.wrong() else SUMS[:1]))
        if add and self.rng.random() < 0.1:
            flags.append(b"--keep-git-dir" + self.rng.choice([b"", b"=false"]))
        if not add and self.rng.random() < 0.1:
            flags.append(b"--parents")
        pool = SOURCES if self.wrong() or (add and self.rng.random() < 0.5) else PATHS
        pool = [p for p in pool if b" " not in p]
        paths = [self.word(pool) for _ in range(self.rng.choice([1, 1, 2]))] + [self.word([p for p in PATHS if b" " not in p])]
        body = b""
        if self.rng.random() < 0.1:
            paths[0] = self.rng.choice([b"<<E", b"<<-E", b"<<'E'"])
            body = b"\n\ta " + self.text(TEXTS[:8]).replace(b"\n", b"") + b"\nE"
        if self.rng.random() < 0.1 and not body:
            paths = [json.dumps(p.decode("latin-1")).encode() for p in paths]
            return b" ".join(flags + [b"[" + b", ".join(paths) + b"]"])
        return b" ".join(flags + paths) + body

    def command(self):
        if self.rng.random() < 0.5:
            return b'["a", "$V"]' if self.rng.random() < 0.8 else b"[]"
        return self.rng.choice([b"echo  $V 'a b'", b"", b"x"])

    def instruction(self, name=None):
        name = name or generate.pick(self.rng, [
            (4, "ARG"), (4, "ENV"), (4, "COPY"), (3, "RUN"), (2, "WORKDIR"), (1, "USER"), (1, "ADD"), (1, "LABEL"), (1, "EXPOSE"),
            (1, "VOLUME"), (1, "STOPSIGNAL"), (1, "CMD"), (1, "ENTRYPOINT"), (1, "SHELL"), (1, "HEALTHCHECK"), (1, "ONBUILD"),
            (1, "MAINTAINER")])
        bad = self.wrong()
        args = {
            "ARG": self.arg, "ENV": self.env, "RUN": self.run, "COPY": lambda: self.copy(False), "ADD": lambda: self.copy(True),
            "WORKDIR": lambda: self.text(PATHS if bad else PATHS[:9]), "USER": lambda: self.text(TEXTS[:6]),
            "LABEL": self.env, "EXPOSE": lambda: b" ".join(self.word(PORTS if bad else PORTS[:4]) for _ in range(self.rng.choice([1, 1, 2, 3]))),
            "VOLUME": lambda: b" ".join(self.word(PATHS[:6]) for _ in range(self.rng.choice([1, 2]))) if not bad else b'"" ' + self.variable(),
            "STOPSIGNAL": lambda: self.text(SIGNALS if bad else SIGNALS[:2]) or b"9",
            "CMD": self.command, "ENTRYPOINT": self.command, "SHELL": lambda: b'["/bin/' + self.rng.choice([b"bash", b"zsh"]) + b'", "-c"]',
            "HEALTHCHECK": lambda: self.rng.choice([b"NONE", b"CMD x $V", b"--interval=3s --retries=2 CMD [\"a\", \"b\"]", b"none",
                                                    b"--start-period=1m --timeout=1ms cmd a b"]),
            "ONBUILD": lambda: self.rng.choice([lambda: b"COPY " + self.copy(False, True), lambda: self.instruction(self.rng.choice(
                ["ARG", "ENV", "RUN", "WORKDIR", "LABEL", "CMD", "EXPOSE"]))])(),
            "MAINTAINER": lambda: b"me",
        }[name]()
        if name in ("WORKDIR", "USER", "STOPSIGNAL") and not args.strip():
            args = b'""'
        return name.encode() + b" " + args

    def base(self, names):
        names = [n for n in names if n != b"ghost"]
        kind = self.rng.random()
        if self.wrong():
            return self.rng.choice(BAD_IMAGES + BROKEN) or b'""'
        if kind < 0.45 and names:
            return self.rng.choice(names).lower() if self.rng.random() < 0.9 else self.rng.choice(names)
        if kind < 0.75 or not self.globals:
            return self.rng.choice(IMAGES)
        return self.rng.choice([b"$IMAGE", b"${IMAGE:-alpine}", b"golang:$TAG", b"golang:${TAG:-1.22}", b"${IMAGE}:${TAG}", b"${V:-base}",
                                b"'alpine'", b"${W:-a}", b"build${V:+}", b"${IMAGE:-${TAG:-a}}"])

    def stage(self, names):
        flag = b""
        if self.rng.random() < 0.2:
            flag = b"--platform=" + self.rng.choice(PLATFORMS if self.wrong() else PLATFORMS[:7]) + b" "
        name = self.rng.choice(STAGES) if self.rng.random() < 0.8 else b""
        line = b"FROM " + flag + self.base(names) + (b" AS " + name if name else b"")
        names.append(name or b"ghost")
        body = [self.instruction() for _ in range(self.rng.choice([0, 1, 2, 3, 4, 6]))]
        return [line] + body

    def file(self):
        lines = []
        if self.escape == b"`":
            lines.append(b"# escape=`")
        lines += [b"ARG " + self.arg() for _ in range(self.rng.choice([0, 0, 1, 2, 3]))]
        if self.globals:
            lines.append(b"ARG IMAGE=" + self.rng.choice([b"alpine", b"golang", b"a", b"base", b"x", b"x/y"]))
            lines.append(b"ARG TAG=" + self.rng.choice([b"1.22", b"1", b"${V:-1}"]))
        elif self.rng.random() < 0.2:
            self.globals = True
        self.names = []
        for _ in range(self.rng.choice([1, 2, 2, 3, 3, 4, 6])):
            lines += self.stage(self.names)
        return b"\n".join(lines) + b"\n"


def text_of(data):
    return data.decode("utf-8", "surrogateescape")


class Models(sides.Comparison):
    title = "models"

    def case(self, rng):
        src = Maker(rng).file()
        if rng.random() < 0.05:
            src = generate.mutate(rng, src, [b"\n", b" ", b"$V", b"FROM a\n", b"--from=base ", b"\\\n", b"# c\n", b"AS ", b"base", b"'", b'"'])
        args = {rng.choice(VARS): rng.choice(TEXTS[:-1]) for _ in range(rng.choice([0, 0, 0, 1, 2]))}
        if rng.random() < 0.02:
            args[b"SOURCE_DATE_EPOCH"] = rng.choice([b"1", b"+5", b"x", b"", b"-3", b"0x1", b"a b"])
        contexts = {}
        for _ in range(rng.choice([0, 0, 0, 0, 1, 2])):
            contexts[rng.choice([b"alpine", b"golang:1.22", b"base", b"build", b"a::linux/amd64", b"ghost", b"final", b"debian"])] = \
                b"docker-image://" + rng.choice([b"ctx", b"busybox:1"])
        bases = {k: v for k, v in BASES.items() if rng.random() < 0.9}
        if rng.random() < 0.05:
            bases[b"debian"] = {"OnBuild": [rng.choice(BAD_TRIGGERS)]}
        build = rng.choice([b"linux/amd64", b"linux/amd64", b"linux/arm/v7", b"darwin/arm64"])
        if b"a::linux/amd64" in contexts:
            build = b"linux/amd64"  # without a target, BuildKit looks contexts up for the machine it runs on
        return {"src": src, "args": args, "contexts": contexts, "bases": bases,
                "target": self.target(rng, src),
                "target_platform": rng.choice([b"", b"", b"linux/amd64", b"linux/arm64", b"linux/arm/v7", b"windows/amd64", b"linux/arm64/v8"]),
                "build_platform": build}

    @staticmethod
    def target(rng, src):
        names = re.findall(rb"^FROM .* AS (\S+)$", src, re.M) or [b""]
        return generate.pick(rng, [(6, b""), (3, rng.choice(names)), (1, rng.choice([b"base", b"BUILD", b"ghost", b"bild", b"1", b"stage-0"]))])

    def request(self, case):
        return {"op": "convert", "src": sides.b64(case["src"]),
                "build_args": {text_of(k): sides.b64(v) for k, v in case["args"].items()},
                "contexts": {text_of(k): sides.b64(v) for k, v in case["contexts"].items()},
                "bases": {text_of(k): v for k, v in case["bases"].items()},
                "target": text_of(case["target"]), "target_platform": text_of(case["target_platform"]),
                "build_platform": text_of(case["build_platform"])}

    def message(self, case):
        strings = [b"model", case["src"], case["target"], case["target_platform"], case["build_platform"]]
        for pairs in (case["args"], case["contexts"]):
            strings.append(str(len(pairs)).encode())
            for name, value in pairs.items():
                strings += [name, value]
        strings.append(str(len(case["bases"])).encode())
        for name, config in case["bases"].items():
            strings += [name] + base_strings(config)
        return strings

    def theirs(self, case, answer):
        if "bad_request" in answer:
            raise RuntimeError(answer["bad_request"])
        failure = answer["failure"]
        if failure:
            return {"category": failure["category"]}
        return dict(their_states(answer), category="")

    def ours(self, case, answer):
        lists = sides.Lists(answer)
        category, rivals = lists.next().decode(), lists.list()
        if category:
            return {"category": category, "rivals": [r.decode() for r in rivals]}
        return dict(our_model(lists), category="")

    def differences(self, sides, cases):
        for case, want, got in super().differences(sides, cases):
            got = same_extent(got, want)
            if want != got:
                yield case, want, got

    def simpler(self, case):
        for key in ("args", "contexts", "bases"):
            for name in case[key]:
                yield dict(case, **{key: {k: v for k, v in case[key].items() if k != name}})
        for key in ("target", "target_platform"):
            if case[key]:
                yield dict(case, **{key: b""})
        lines = case["src"].split(b"\n")
        for i in range(len(lines)):
            yield dict(case, src=b"\n".join(lines[:i] + lines[i + 1:]))
        yield from super().simpler(case)


def pair_strings(pairs):
    out = [str(len(pairs)).encode()]
    for name, value in pairs:
        out += [name.encode(), value.encode()]
    return out


def list_strings(items):
    if items is None:
        return [b"-1"]
    return [str(len(items)).encode()] + [i.encode() for i in items]


def base_strings(config):
    env = [e.split("=", 1) for e in config.get("Env", [])]
    ports, volumes = config.get("ExposedPorts"), config.get("Volumes")
    return (pair_strings(env) + list_strings(config.get("Entrypoint")) + list_strings(config.get("Cmd"))
            + list_strings(config.get("Shell")) + list_strings(sorted(ports) if ports else None)
            + list_strings(sorted(volumes) if volumes else None) + list_strings(config.get("OnBuild"))
            + pair_strings(sorted(config.get("Labels", {}).items()))
            + [config.get(k, "").encode() for k in ("User", "WorkingDir", "StopSignal")])


def unpair(pairs):
    return [(sides.unb64(k), sides.unb64(v)) for k, v in pairs or []]


def their_config(config):
    if config is None:
        return None
    health = config["healthcheck"] or {}
    return {"env": [tuple(e.split(b"=", 1)) for e in sides.unb64s(config["env"])],
            "entrypoint": sides.unb64s(config["entrypoint"]), "cmd": sides.unb64s(config["cmd"]),
            "shell": sides.unb64s(config["shell"]), "ports": sorted(sides.unb64s(config["ports"])),
            "volumes": sides.unb64s(config["volumes"]), "onbuild": sides.unb64s(config["onbuild"]),
            "labels": unpair(config["labels"]), "user": sides.unb64(config["user"]),
            "workdir": sides.unb64(config["workdir"]), "signal": sides.unb64(config["stop_signal"]),
            "health": [h.encode() for h in health.get("Test") or []],
            "times": [health.get(k, 0) for k in ("Interval", "Timeout", "StartPeriod", "StartInterval", "Retries")]}


def their_states(answer):
    """Stages, and edges as (stage, what it needs, line of the instruction that says so)."""
    states = answer["states"] or []
    stages = [i for i, s in enumerate(states) if s["registered"]]
    place = {at: n for n, at in enumerate(stages)}

    def name(at):
        return ("stage", place[at]) if at in place else ("image", sides.unb64(states[at]["base"]))

    out, edges = [], set()
    for n, at in enumerate(stages):
        state = states[at]
        own = {"name": sides.unb64(state["name"]), "reachable": state["reachable"], "context": state["context"]}
        if state["reachable"] and not state["context"]:
            own["variables"] = unpair(state["variables"])
            own["config"] = their_config(state["config"])
        out.append(own)
        if state["base_state"] >= 0:
            edges.add((n, name(state["base_state"]), "from"))
        elif not state["context"]:
            edges.add((n, ("image", sides.unb64(state["base"])), "from"))
        edges.update((n, name(source["state"]), source["line"]) for source in state["sources"] or [])
    edges = {e for e in edges if e[1] != ("image", b"scratch")}
    return {"target": place.get(answer["target"], -1), "stages": out, "edges": sorted(edges, key=repr)}


def our_config(lists):
    unknown = lists.number()
    out = {"env": [(lists.next(), lists.next()) for _ in range(lists.number())]}
    out["entrypoint"], out["cmd"], out["shell"] = lists.list(), lists.list(), lists.list()
    out["ports"], out["volumes"], out["onbuild"] = sorted(lists.list()), lists.list(), lists.list()
    out["labels"] = [(lists.next(), lists.next()) for _ in range(lists.number())]
    out["user"], out["workdir"], out["signal"] = lists.next(), lists.next(), lists.next()
    out["health"] = lists.list()
    out["times"] = [int(lists.next()) for _ in range(5)]
    return out, unknown


EDGE_TRIGGER, EDGE_INDIRECT = 16, 32


def our_model(lists):
    target, stages, edges = lists.number(), [], set()
    for _ in range(lists.number()):
        own = {"reachable": lists.number() == 1, "name": lists.next()}
        _, _, _ = lists.next(), lists.number(), lists.number()
        variables = [(lists.next(), lists.number(), lists.next()) for _ in range(lists.number())]
        config, unknown = our_config(lists)
        own["variables"] = [(n, v) for n, state, v in variables if state in (1, 2)]
        own["config"] = config if not unknown else unknown
        stages.append(own)
    for _ in range(lists.number()):
        kind, stage, to = lists.number(), lists.number(), lists.number()
        image, flags, line = lists.next(), lists.number(), lists.number()
        if flags & EDGE_TRIGGER and not stages[stage]["reachable"]:
            continue  # BuildKit reads no triggers of what it does not build
        if flags & EDGE_INDIRECT:
            continue  # they go out from an image: what they lead to is reachable
        edges.add((stage, ("stage", to - 1) if to else ("image", image), "from" if kind == 1 else line))
    return {"target": target, "stages": stages, "edges": sorted(edges, key=repr)}


def same_extent(ours, theirs):
    """What BuildKit does not tell is not compared: stages it does not build, or that a context replaces. Of
    errors that it meets in no order, any will do."""
    if theirs["category"] in ours.pop("rivals", []):
        ours["category"] = theirs["category"]
    if "stages" not in ours or "stages" not in theirs:
        return ours
    if theirs["target"] < 0:
        return theirs  # the target itself is replaced: nothing is built
    replaced = set()
    for n, (own, other) in enumerate(zip(ours["stages"], theirs["stages"])):
        if "config" not in other:
            own.pop("config")
            own.pop("variables")
        if other.get("context"):
            replaced.add(n)
        other.pop("context", None)
    ours["edges"] = [e for e in ours["edges"] if not (e[2] == "from" and e[0] in replaced)]
    return ours


if __name__ == "__main__":
    sides.main(Models())
