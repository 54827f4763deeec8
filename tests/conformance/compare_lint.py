#!/usr/bin/env python3
"""Build checks, ours beside BuildKit's: rule and line of each finding.

BuildKit stops at its first error; of a file it rejects, what it had found by then must be among ours.
"""
import collections

import generate
import sides

NAMES = ["A", "B", "VERSION", "API_KEY", "MY_TOKEN", "SECRET_FILE", "TARGETPLATFORM", "TARGETARCH",
         "BUILDPLATFORM", "OF_IMAGE", "PATH", "HOME", "BASE", "auth", "public_key", "password", "verson"]
RULES = ["StageNameCasing", "FromAsCasing", "NoEmptyContinuation", "ConsistentInstructionCasing",
         "DuplicateStageName", "ReservedStageName", "JSONArgsRecommended", "MaintainerDeprecated",
         "UndefinedArgInFrom", "WorkdirRelativePath", "UndefinedVar", "MultipleInstructionsDisallowed",
         "LegacyKeyValueFormat", "InvalidBaseImagePlatform", "RedundantTargetPlatform",
         "SecretsUsedInArgOrEnv", "InvalidDefaultArgInFrom", "FromPlatformFlagConstDisallowed",
         "InvalidDefinitionDescription", "ExposeProtoCasing", "ExposeInvalidFormat", "CopyIgnoredFile",
         "Nothing", "all", "ALL"]
STAGES = ["a", "b", "build", "Build", "BASE", "scratch", "context", "final-amd64", "linux-x", "x.y", "A"]
IMAGES = ["alpine", "debian:12", "scratch", "shell", "arm", "shell:latest", "docker.io/library/arm",
          "ghcr.io/o/p@sha256:" + "0" * 64, "a", "b", "build", "base", "localhost:5000/x", "a", "b"]
PLATFORMS = ["linux/amd64", "$TARGETPLATFORM", "${TARGETPLATFORM}", "$BUILDPLATFORM", "linux/arm64", "arm64",
             "${TARGETPLATFORM:-x}", "$TARGETOS/$TARGETARCH", "linux/$TARGETARCH", "windows", "linux$NOPE",
             "x86_64", "linux", "${A:-linux/amd64}", "'linux/amd64'", "$TARGETPLATFORM/v8"]
DRIVES = ["C:/x", "c:\\\\x", "d:/x", "//x", "c:x", "c:", "\\\\x", "1:/x", ":", "C:"]
BROKEN = ["$A", "TARGETPLATFORM", "$NOPE", "a/b/c/d/e/f", "${A", "*"]


def some(rng, chance):
    return rng.random() < chance


def word(rng, depth=1):
    return generate.pick(rng, [
        (6, lambda: rng.choice(["x", "lib", "/usr", "1.2", "a/b", "v-1", ".", "/"])),
        (3, lambda: "$" + rng.choice(NAMES)),
        (3, lambda: "${" + rng.choice(NAMES) + "}"),
        (2, lambda: "${%s%s%s}" % (rng.choice(NAMES), rng.choice([":-", "-", ":+", "+", "#", "%%"]),
                                  word(rng, depth - 1) if depth > 0 else "d")),
        (1, lambda: '"%s %s"' % (word(rng, 0), word(rng, 0))),
        (1, lambda: "'$%s'" % rng.choice(NAMES)),
        (1, lambda: "\\$" + rng.choice(NAMES)),
        (1, lambda: word(rng, 0) + word(rng, 0)),
        (1, lambda: "\u00e9" + word(rng, 0)),
    ])()


def option(rng):
    parts = []
    for _ in range(rng.randint(1, 3)):
        key = rng.choice(["skip", "skip", "experimental", "error"] if some(rng, 0.98) else ["Skip", "", " skip "])
        value = ",".join(rng.choice(RULES) for _ in range(rng.randint(1, 4)))
        if key == "error":
            value = rng.choice(["false", "0", "f", "F"]) if some(rng, 0.97) else "maybe"
        if key == "experimental" and some(rng, 0.7):
            value = rng.choice(["all", "InvalidDefinitionDescription"])
        parts.append(key + "=" + value if some(rng, 0.98) else key)
    return (";" if some(rng, 0.95) else "; ").join(parts)


def comment(rng):
    return generate.pick(rng, [
        (4, lambda: "# " + rng.choice(STAGES + NAMES + ["this"]) + rng.choice(["", " is it", ": x", "\tx"])),
        (4, lambda: rng.choice(["# check=", "#check=", "# CHECK = ", "  # check=", "## check="]) + option(rng)),
        (1, lambda: rng.choice(["#", "# ", "  #", "##"])),
        (1, lambda: ""),
    ])()


def pair(rng, sign="="):
    name = rng.choice(NAMES) if some(rng, 0.9) else word(rng)
    return name + sign + (word(rng) if sign == "=" or some(rng, 0.8) else "a b c")


def mount(rng):
    return "--mount=" + ",".join(rng.choice([
        "type=cache", "target=/c" + word(rng, 0), "id=" + word(rng, 0), "type=bind", "from=alpine", "ro",
        "type=secret", "target=/x", "source=$A"]) for _ in range(rng.randint(1, 4)))


def port(rng):
    if some(rng, 0.03):
        return rng.choice(["1:2:3:4", "80/xyz", "$B", "\"80 81\"", "/tcp", "9-8"])
    return rng.choice(["80", "80/tcp", "80/TCP", "443/Udp", "8080:80", "127.0.0.1:80:80", ":80", "::80", "80-90/SCTP",
                       "[::1]:8080:80", "$NOT", "${NOT:-80}", "${NOT:-8/TCP}", "1-2:3-4/Tcp", "1.1.1.1::5/"])


def json_form(rng):
    return "[" + ", ".join('"%s"' % rng.choice(["a", "-c", "$A", "x y"]) for _ in range(rng.randint(0, 3))) + "]"


def shell(rng):
    return rng.choice(["run it", "echo $A", "a \\\n\n  b", "a && \\\n# c\n  b", "x \\\n \t\n y", json_form(rng), json_form(rng)])


def heredoc(rng):
    end = rng.choice(["EOF", "'EOF'", '"EOF"', "-EOF"])
    return "<<%s /dest\n$%s ${%s} '$A' \\$B\nEOF" % (end, rng.choice(NAMES), rng.choice(NAMES))


def copy(rng):
    flags = "".join(" --%s=%s" % (rng.choice(["chown", "chmod"]), rng.choice(["1:1", "0644", "$A", "u+x"]))
                    for _ in range(1)) if some(rng, 0.2) else ""
    if some(rng, 0.2):
        return "COPY" + flags + " " + heredoc(rng)
    source = " --from=" + rng.choice(["a", "alpine", "0", "build"]) if some(rng, 0.2) else ""
    return rng.choice(["COPY" + source, "ADD"]) + flags + " " + " ".join(word(rng) for _ in range(rng.randint(2, 3)))


def plain(rng):
    return generate.pick(rng, [
        (4, lambda: "ENV " + (pair(rng, " ") if some(rng, 0.3) else
                              " ".join(pair(rng) for _ in range(rng.randint(1, 3))))),
        (4, lambda: "ARG " + " ".join(pair(rng) if some(rng, 0.6) else rng.choice(NAMES)
                                      for _ in range(rng.randint(1, 3)))),
        (2, lambda: "LABEL " + (pair(rng, " ") if some(rng, 0.3) else pair(rng))),
        (3, lambda: copy(rng)),
        (2, lambda: "RUN " + (mount(rng) + " " if some(rng, 0.3) else "") + shell(rng)),
        (2, lambda: "WORKDIR " + (word(rng) if some(rng, 0.8) else rng.choice(DRIVES))),
        (1, lambda: rng.choice(["USER ", "VOLUME "]) + word(rng)),
        (1, lambda: "STOPSIGNAL " + rng.choice(["9", "SIGTERM", "9$NOT", "${A:-}9"])),
        (3, lambda: "EXPOSE " + " ".join(port(rng) for _ in range(rng.randint(1, 3)))),
        (3, lambda: "CMD " + shell(rng)),
        (3, lambda: "ENTRYPOINT " + shell(rng)),
        (2, lambda: "HEALTHCHECK " + rng.choice(["NONE", "CMD x", "--retries=3 CMD [\"x\"]"])),
        (1, lambda: "SHELL " + json_form(rng)),
        (1, lambda: "MAINTAINER me"),
    ])()


def cased(rng, text):
    name, blank, rest = text.partition(" ")
    how = rng.random()
    return (name if how < 0.8 else name.lower() if how < 0.95 else name.title()) + blank + rest


def instruction(rng):
    text = cased(rng, plain(rng))
    if some(rng, 0.07):
        text = "ONBUILD " + text
    return text


def start(rng):
    flag = " --platform=" + rng.choice(PLATFORMS if some(rng, 0.97) else BROKEN) if some(rng, 0.3) else ""
    base = generate.pick(rng, [
        (20, lambda: rng.choice(IMAGES)),
        (3, lambda: "alpine%s" % rng.choice(["$VERSION", "${A}", "${B:-:1}", ":${VERSION:-3}"])),
        (2, lambda: "${BASE:-%s}" % rng.choice(IMAGES)),
        (1, lambda: "$BASE" if some(rng, 0.6) else "alpine"),
        (1, lambda: rng.choice([word(rng), "Build", "UPPER"]) if some(rng, 0.4) else "debian"),
    ])()
    name = " %s %s" % (rng.choice(["AS", "as", "As", "AS"]), rng.choice(STAGES)) if some(rng, 0.6) else ""
    return cased(rng, "FROM" + flag + " " + base + name)


class Lint(sides.Comparison):
    title = "build checks"

    def case(self, rng):
        lines = ["# check=" + option(rng)] if some(rng, 0.2) else []
        backtick = some(rng, 0.05)
        lines += ["# escape=`"] if backtick else []
        for _ in range(rng.randint(0, 2)):
            lines += ["ARG " + (pair(rng) if some(rng, 0.8) else rng.choice(NAMES))]
        for _ in range(rng.randint(1, 4)):
            lines += [comment(rng)] if some(rng, 0.3) else []
            lines += [start(rng)]
            for _ in range(rng.randint(0, 5)):
                lines += [comment(rng)] if some(rng, 0.25) else []
                lines += [instruction(rng)]
        text = ("\n".join(lines) + rng.choice(["\n", ""])).encode()
        if backtick and some(rng, 0.5):
            text = text.replace(b"\\", b"`")
        if some(rng, 0.1):
            text = text.replace(b"\n", b"\r\n")
        if some(rng, 0.08):
            text = generate.mutate(rng, text, [b"\\\n", b"$", b"\n", b" ", b"#", b"FROM a\n", b"${", b"\"", b"="])
        args = {rng.choice(NAMES): rng.choice(["", "v", "alpine", "linux/arm64"])
                for _ in range(rng.randint(0, 2) if some(rng, 0.3) else 0)}
        if some(rng, 0.2):
            text = rng.choice([b"ARG BASE\n", b"ARG BASE=UPPER\n", b"ARG BASE=alpine\n"]) + text
            args["BASE"] = rng.choice(["alpine", "arm", "scratch"])
        return {"src": text or b"FROM a\n", "target": rng.choice(STAGES) if some(rng, 0.15) else "", "args": args}

    def request(self, case):
        return {"op": "lint", "src": sides.b64(case["src"]), "target": case["target"],
                "env": {k: sides.b64(v.encode()) for k, v in case["args"].items()}}

    def message(self, case):
        strings = [b"lint", case["src"], case["target"].encode()]
        for name, value in case["args"].items():
            strings += [name.encode(), value.encode()]
        return strings

    def theirs(self, case, answer):
        found = collections.Counter((f["rule"], f["line"]) for f in answer["findings"])
        return {"accepted": not answer["failure"], "found": found, "fixes": True, "failure": answer["failure"]}

    def ours(self, case, answer):
        lists = sides.Lists(answer)
        fixes = lists.number() == 1
        found = collections.Counter((lists.next().decode(), lists.number()) for _ in range(lists.number()))
        return {"found": found, "fixes": fixes}

    def differences(self, sides_, cases):
        for case, want, got in self.answers(sides_, cases):
            if want.pop("failure"):
                want["found"] = want["found"] | got["found"] if not want["found"] - got["found"] else want["found"]
            if not want.pop("accepted"):
                got = dict(got, fixes=True)  # edits of a file in error are not promised
            if want != got:
                yield case, want, got

    def answers(self, sides_, cases):
        theirs, ours = sides_.both([self.request(c) for c in cases], [self.message(c) for c in cases])
        for case, t, o in zip(cases, theirs, ours):
            yield case, self.theirs(case, t), self.ours(case, o)


if __name__ == "__main__":
    sides.main(Lint())
