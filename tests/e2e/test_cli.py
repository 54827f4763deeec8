"""The command `dockerfile`, driven from outside: every option, every exit status, every kind of input.

$DOCKERFILE_BIN (or $DOCKERFILE) names the binary. What a rewrite makes of a file is judged by the spec cases; here
it only matters that the command delivers it, all of it or nothing, and says the truth about it.
"""

import json
import os
import re
import stat
import subprocess
from xml.etree import ElementTree

import pytest

BIN = os.environ.get("DOCKERFILE_BIN") or os.environ["DOCKERFILE"]
REWRITES = {"cache": [], "base": ["--to", "slim"], "split": [], "optimize": []}
QUERIES = ["graph", "check", "config", "args", "images", "context"]
COMMANDS = ["parse", *QUERIES, *REWRITES, "catalog", "explain", "version", "help"]

GO = b"""FROM golang:1.22
WORKDIR /src
COPY . .
RUN go build -o app .
CMD ["./app"]
"""
PYTHON = b"""FROM python:3.12
WORKDIR /app
COPY . .
CMD ["python", "app.py"]
"""
TWO_STAGES = b"""ARG BASE=alpine
FROM golang:1.22 AS build
RUN --mount=type=bind,from=tools,target=/t true

FROM busybox AS unused

FROM ${BASE}:3.20
COPY --from=build /a /a
COPY --from=build /b /b
"""
BROKEN = b"FROM alpine\nFROBNICATE all\n"


def run(*args, stdin=b"", cwd=None, env=None):
    done = subprocess.run(
        [BIN, *map(str, args)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        timeout=60,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode in range(5), f"died: {done.returncode} {done.stderr!r}"
    return done


def ok(*args, **kw):
    done = run(*args, **kw)
    assert done.returncode == 0, done.stderr.decode()
    return done


def fails(status, *args, **kw):
    """The command says why on standard error, and nothing on standard output."""
    done = run(*args, **kw)
    assert (done.returncode, done.stdout) == (status, b""), done.stderr.decode()
    message = done.stderr.decode()
    assert message.endswith("\n")
    return message


@pytest.fixture
def write(tmp_path):
    def make(content, name="Dockerfile"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


@pytest.fixture
def go(write):
    return write(GO)


# --- the command line


def test_no_command_is_a_usage_error():
    message = fails(2)
    for command in COMMANDS:
        assert re.search(rf"^  {command}\b", message, re.M)


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["help"]])
def test_help_lists_the_commands(args):
    text = ok(*args).stdout.decode()
    for command in COMMANDS:
        assert re.search(rf"^  {command}\b", text, re.M)


OPTIONS = {
    "parse": "format build-arg json help",
    "graph": "format target platform build-arg build-context base-config catalog json help",
    "check": "rules ignore target platform build-arg build-context base-config catalog json help",
    "config": "target platform build-arg build-context base-config catalog json help",
    "args": "target platform build-arg build-context base-config catalog json help",
    "images": "set others target platform build-arg build-context base-config catalog diff write json "
    "help",
    "context": "context ignore target platform build-arg build-context base-config catalog json help",
    "cache": "builder id sharing context catalog build-arg diff write json explain help",
    "base": "to report stage user context catalog build-arg diff write json explain help",
    "split": "runtime user artifact context catalog build-arg diff write json explain help",
    "optimize": "runtime user artifact builder id sharing context catalog build-arg diff write json "
    "explain help",
    "catalog": "catalog json help",
}


@pytest.mark.parametrize("command", OPTIONS)
def test_help_of_a_command_lists_exactly_its_options(command):
    text = ok(command, "--help").stdout.decode()
    assert ok("help", command).stdout.decode() == text
    assert ok(command, "-h").stdout.decode() == text
    assert sorted(re.findall(r"^ .{4} --([a-z-]+)", text, re.M)) == sorted(OPTIONS[command].split())


def test_man_page_names_every_option_and_command():
    here = os.path.dirname(__file__)
    with open(os.path.join(here, "../../src/cli/dockerfile.1"), encoding="utf-8") as f:
        page = f.read()
    for names in OPTIONS.values():
        for name in names.split():
            assert f"Fl -{name}" in page
    for command in COMMANDS:
        assert f"Cm {command}" in page


def test_version():
    text = ok("version").stdout.decode()
    assert re.fullmatch(r"dockerfile \d+\.\d+\.\d+\n", text)
    assert ok("--version").stdout.decode() == text
    assert "version" in fails(2, "version", "x")


def test_unknown_command_gets_a_suggestion():
    assert "split" in fails(2, "spilt")
    assert "optimize" in fails(2, "optimise")
    assert "optimize" in fails(2, "help", "optimise")
    assert "--help" in fails(2, "zzzzzzzz")


@pytest.mark.parametrize(
    "args, hint",
    [
        (["parse", "--fromat", "json"], "--format"),
        (["parse", "--write"], "parse"),
        (["split", "--runtme=slim"], "--runtime"),
        (["split", "--to", "slim"], "split"),
        (["cache", "-x"], "-x"),
        (["cache", "-ww"], "-ww"),
        (["parse", "--format"], "needs a value"),
        (["cache", "--diff=yes"], "takes no value"),
        (["cache", "--write=no"], "takes no value"),
        (["parse", "--format", "jsno"], "json"),
        (["graph", "--format=sexp"], "sexp"),
        (["split", "--user", "no-root"], "nonroot"),
        (["base"], "--to"),
        (["cache", "--builder", "buildha"], "buildah"),
        (["cache", "--sharing", "lock"], "locked"),
        (["cache", "--id", "a,b"], "--id"),
        (["base", "--report", "--to", "slim"], "--report"),
        (["base", "--report", "-w"], "--report"),
        (["cache", "--diff", "--json"], "--diff"),
        (["cache", "--write", "-"], "standard input"),
        (["parse", "--build-arg", "=x"], "name"),
    ],
)
def test_usage_errors_say_what_is_wrong(args, hint, go):
    assert hint in fails(2, *args, cwd=go.parent)


def test_base_report_compares_the_targets(write):
    node = write(b'FROM node:22\nCOPY . .\nCMD ["node", "a.js"]\n')
    before = node.read_bytes()
    report = json.loads(ok("base", "--report", "--json", node).stdout)
    targets = {entry["to"]: entry for entry in report["targets"]}
    assert list(targets) == ["distroless", "slim", "alpine", "scratch", "wolfi", "dhi", "ubi-micro"]
    for to, entry in targets.items():
        alone = json.loads(run("base", "--to", to, "--json", node).stdout)
        assert {name: entry[name] for name in alone if name != "schema_version"} == {
            name: alone[name] for name in alone if name != "schema_version"
        }
    assert targets["slim"]["image"] == "node:22-slim"
    assert targets["scratch"]["image"] is None
    text = ok("base", "--report", node).stdout.decode()
    assert "slim        changed: node:22-slim, " in text
    assert "refused: runtime.none: " in text
    assert node.read_bytes() == before


def test_a_long_list_of_targets_is_cut(write):
    path = write(b"".join(b"FROM a AS s%d\n" % i for i in range(30)))
    message = fails(2, "graph", "--target", "t", path)
    assert 'there is no stage "t"; targets: s0, s1, ' in message
    assert message.endswith(", s19 and 10 more\n")


def test_an_answer_that_is_too_large(write):
    path = write(b"FROM a AS s0\n" + b"".join(b"FROM s%d AS s%d\nENV A%d=1\n" % (i, i + 1, i) for i in range(2500)))
    assert "the answer is larger than" in fails(2, "args", path)
    assert ok("args", "--target", "s9", path).stdout


def test_base_report_of_a_file_with_errors(write):
    assert "[unknown-instruction]" in fails(4, "base", "--report", write(b"FROM a\nFOO\n"))


def test_explain():
    text = ok("explain").stdout.decode()
    names = [line.split()[0] for line in text.splitlines()]
    assert {"kv-arity", "StageNameCasing", "cache.mount", "runtime.libc"} < set(names)
    done = ok("explain", "runtime.libc", "StageNameCasing").stdout.decode()
    assert done.startswith("runtime.libc: a refusal of a rewrite\n  meaning: ")
    assert "stage-name-casing" in done
    assert "runtime.libc" in fails(2, "explain", "runtime.lbc")
    assert "dockerfile explain" in fails(2, "explain", "zzzzzzzzzzz")


def test_values_follow_or_are_joined(go):
    assert ok("parse", "--format", "sexp", go).stdout == ok("parse", "--format=sexp", go).stdout
    assert ok("split", "--runtime", "debian:12-slim", go).stdout == ok(
        "split", go, "--runtime=debian:12-slim"
    ).stdout


def test_last_of_an_option_counts(go):
    assert ok("parse", "--format", "json", "--format", "sexp", go).stdout.startswith(b"(file ")


def test_double_dash_ends_the_options(write):
    path = write(GO, "--help")
    assert json.loads(ok("parse", "--", "--help", cwd=path.parent).stdout)["stages"]


# --- where input comes from


def test_file_defaults_to_dockerfile(go):
    assert ok("parse", cwd=go.parent).stdout == ok("parse", go).stdout


def test_dash_is_standard_input(write):
    path = write(PYTHON)
    for command, extra in {"parse": [], "graph": [], **REWRITES}.items():
        expected = run(command, *extra, path)
        done = run(command, *extra, "-", stdin=PYTHON)
        assert (done.returncode, done.stdout) == (expected.returncode, expected.stdout)


def test_several_files_in_order_and_the_highest_status(write, tmp_path):
    first, second = write(GO, "first"), write(TWO_STAGES, "second")
    done = ok("parse", first, second)
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [d["stages"][-1]["base"] for d in documents] == ["golang:1.22", "alpine:3.20"]
    done = run("parse", first, tmp_path / "missing", second)
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 2
    done = run("cache", first, write(BROKEN, "third"), tmp_path / "missing")
    assert done.returncode == 4


@pytest.mark.parametrize("command", ["parse", "graph", *REWRITES])
class TestInput:
    def args(self, command):
        return [command, *REWRITES.get(command, [])]

    def test_missing(self, command, tmp_path):
        message = fails(3, *self.args(command), cwd=tmp_path)
        assert "Dockerfile: no such file" in message
        assert "nowhere/D" in fails(3, *self.args(command), tmp_path / "nowhere/D")

    def test_missing_below_a_file(self, command, go):
        assert "no such file" in fails(3, *self.args(command), go / "D")

    def test_dangling_link(self, command, tmp_path):
        (tmp_path / "link").symlink_to("gone")
        assert "no such file" in fails(3, *self.args(command), tmp_path / "link")

    def test_empty(self, command, write):
        assert "empty" in fails(3, *self.args(command), write(b""))
        assert "<stdin>: empty" in fails(3, *self.args(command), "-", stdin=b"")

    def test_directory(self, command, tmp_path):
        message = fails(2, *self.args(command), tmp_path)
        assert str(tmp_path) in message and "directory" in message

    def test_unreadable(self, command, go):
        if os.geteuid() == 0:  # no mode stops root; memory that is not mapped does
            assert "/proc/self/mem" in fails(2, *self.args(command), "/proc/self/mem")
        else:
            go.chmod(0)
            assert "ermission" in fails(2, *self.args(command), go)

    def test_too_long(self, command, write):
        path = write(b"FROM a\n" + b"#" * 4 * 1024 * 1024)
        assert str(path) in fails(2, *self.args(command), path)


JUNK = {
    "every byte": bytes(range(256)) * 16,
    "elf": b"\x7fELF\x02\x01\x01" + bytes(500),
    "nul": bytes(64),
    "bom": b"\xef\xbb\xbf",
    "utf-16": "FROM alpine\n".encode("utf-16"),
    "blank": b" \n\t\n",
    "comments": b"# nothing\n# here\n",
    "one byte": b"\xff",
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_junk_is_parsed_and_forbids_rewrites(junk, write):
    path = write(junk)
    parsed = json.loads(ok("parse", path).stdout.decode("utf-8"))
    assert any(d["severity"] == "error" for d in parsed["diagnostics"])
    ok("graph", path)
    ok("parse", "--format=sexp", path)
    for command, extra in REWRITES.items():
        message = fails(4, command, *extra, path)
        assert re.search(rf"^{re.escape(str(path))}:\d+:\d+: error: .* \[[a-z-]+\]$", message, re.M)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", message)
    assert path.read_bytes() == junk


def test_long_file_is_read_whole(write):
    line = b"RUN echo 0123456789abcdef\n"
    body = b"FROM alpine\n" + line * ((4 * 1024 * 1024 - 12) // len(line))
    body += b"#" * (4 * 1024 * 1024 - len(body))
    path = write(body)
    assert path.stat().st_size == 4 * 1024 * 1024
    parsed = json.loads(ok("parse", path).stdout)
    assert len(parsed["instructions"]) == body.count(b"\n")
    assert ok("cache", path).stdout == body


# --- parse


def test_parse_json(write):
    source = (
        b"ARG V=1 X\n"
        b"from --platform='linux/amd64' alpine:$V as Base\n"
        b'ENV a="b c" d=e\n'
        b"ENV old  form here\n"
        b"RUN --mount=type=cache,target=/x --network=none a \\\n"
        b"  # comment\n"
        b"  b <<E\n"
        b"$body\n"
        b"E\n"
        b'CMD [ "x\\u00e9", "\\n" ]\n'
        b"COPY --link <<-'F' /f\n"
        b"\traw\n"
        b"\tF\n"
        b"HEALTHCHECK NONE\n"
        b'HEALTHCHECK CMD ["curl", "x"]\n'
        b"ONBUILD RUN c \\\n"
        b" d\n"
        b"FROM scratch\n"
        b"LABEL k=\n"
    )
    parsed = json.loads(ok("parse", write(source)).stdout)
    assert list(parsed) == ["schema_version", "stages", "instructions", "diagnostics"]
    assert parsed["schema_version"] == 1
    start = source.index(b"from")
    second = source.index(b"FROM scratch")
    assert parsed["stages"] == [
        {"name": "base", "index": 0, "base": "alpine:1", "range": {"start": start, "end": second - 1}},
        {
            "name": None,
            "index": 1,
            "base": "scratch",
            "range": {"start": second, "end": len(source) - 1},
        },
    ]
    rows = [
        (i["name"], i["lines"]["start"], i["lines"]["end"], i["arguments"], i["json"], i["stage"])
        for i in parsed["instructions"]
    ]
    assert rows == [
        ("ARG", 1, 1, ["V=1", "X"], False, None),
        ("FROM", 2, 2, ["alpine:$V", "as", "Base"], False, 0),
        ("ENV", 3, 3, ['a="b c"', "d=e"], False, 0),
        ("ENV", 4, 4, ["old=form here"], False, 0),
        ("RUN", 5, 9, ["a   b <<E"], False, 0),
        ("CMD", 10, 10, ["x\u00e9", "\n"], True, 0),
        ("COPY", 11, 13, ["<<-'F'", "/f"], False, 0),
        ("HEALTHCHECK", 14, 14, ["NONE"], False, 0),
        ("HEALTHCHECK", 15, 15, ["CMD", "curl", "x"], True, 0),
        ("ONBUILD", 16, 17, ["RUN c  d"], False, 0),
        ("FROM", 18, 18, ["scratch"], False, 1),
        ("LABEL", 19, 19, ["k="], False, 1),
    ]
    by_line = {i["lines"]["start"]: i for i in parsed["instructions"]}
    assert by_line[2]["flags"] == [{"name": "platform", "value": "linux/amd64"}]
    assert by_line[5]["flags"] == [
        {"name": "mount", "value": "type=cache,target=/x"},
        {"name": "network", "value": "none"},
    ]
    assert by_line[11]["flags"] == [{"name": "link", "value": None}]
    assert by_line[5]["heredocs"] == [{"name": "E", "content": "$body\n", "expand": True}]
    assert by_line[11]["heredocs"] == [{"name": "F", "content": "\traw\n", "expand": False}]
    for i in parsed["instructions"]:
        text = source[i["range"]["start"] : i["range"]["end"]]
        assert text.upper().startswith(i["name"].encode())
        assert text.count(b"\n") == i["lines"]["end"] - i["lines"]["start"]
    assert parsed["diagnostics"] == []


def test_parse_reports_errors_and_succeeds(write):
    path = write(BROKEN)
    done = ok("parse", path)
    (diagnostic,) = json.loads(done.stdout)["diagnostics"]
    assert list(diagnostic) == ["code", "severity", "message", "range"]
    assert (diagnostic["code"], diagnostic["severity"]) == ("unknown-instruction", "error")
    assert BROKEN[diagnostic["range"]["start"] : diagnostic["range"]["end"]].startswith(b"FROB")
    assert done.stderr == b""
    assert f"{path}:2:1: error: " in ok("parse", "--format=sexp", path).stderr.decode()


def test_parse_counts_columns_in_characters(write):
    path = write("FROM alpine\n\u00e9\u00e9FOO\n".encode())
    assert f"{path}:2:1: error: " in ok("parse", "--format=sexp", path).stderr.decode()


def test_unknown_instructions_keep_their_text(write):
    parsed = json.loads(ok("parse", write(b"FROM a\nfoo\xff b c\n")).stdout)
    assert parsed["instructions"][1]["name"] == "FOO\ufffd"
    assert parsed["instructions"][1]["arguments"] == ["b c"]


def test_parse_sexp_is_balanced_and_covers_the_file(write):
    text = ok("parse", "--format=sexp", write(TWO_STAGES)).stdout.decode()
    assert text.startswith(f"(file 0..{len(TWO_STAGES)}\n")
    bare = re.sub(r'"(\\.|[^"\\])*"', "", text)
    assert bare.count("(") == bare.count(")") == len(text.splitlines())


def test_json_flag_is_the_json_format(go):
    for command in ("parse", "graph"):
        assert ok(command, "--json", go).stdout == ok(command, "--format=json", go).stdout


# --- build arguments


def test_build_arguments(write):
    path = write(b"ARG V\nFROM alpine:$V\n")

    def base(*args, **kw):
        return json.loads(ok("parse", *args, path, **kw).stdout)["stages"][0]["base"]

    assert base("--build-arg", "V=3.19") == "alpine:3.19"
    assert base("--build-arg=V=3.19", "--build-arg", "V=3.20") == "alpine:3.20"
    assert base("--build-arg", "V", env={"V": "edge"}) == "alpine:edge"
    assert base() == base("--build-arg", "V", env={"W": "x"}) == "alpine:$V"


# --- graph


def test_graph_json(write):
    graph = json.loads(ok("graph", "--format", "json", write(TWO_STAGES)).stdout)
    stages, edges = graph.pop("stages"), graph.pop("edges")
    assert graph == {"schema_version": 1, "target": 2, "order": [0, 2], "cycles": []}
    assert [[s[key] for key in ("name", "index", "base", "reachable", "level")] for s in stages] == [
        ["build", 0, "golang:1.22", True, 0],
        ["unused", 1, "busybox", False, None],
        [None, 2, "alpine:3.20", True, 1],
    ]
    assert [[e["from"], e["to"], e["kind"]] for e in edges] == [
        ["golang:1.22", 0, "from"],
        ["tools", 0, "mount"],
        ["busybox", 1, "from"],
        ["alpine:3.20", 2, "from"],
        [0, 2, "copy"],
        [0, 2, "copy"],
    ]
    for edge in edges:
        start, end = edge["range"]["start"], edge["range"]["end"]
        assert edge["known"] and edge["flags"] == []
        assert TWO_STAGES.count(b"\n", 0, start) + 1 == edge["line"]
        assert TWO_STAGES[start:end] in (b"golang:1.22", b"tools", b"busybox", b"${BASE}:3.20", b"build")


def test_graph_says_perhaps(write):
    path = write(b"ARG V\nFROM alpine AS dev-base\nFROM debian AS other\nFROM ${V}-base\n")
    graph = json.loads(ok("graph", "--json", path).stdout)
    assert [s["needed"] for s in graph["stages"]] == ["perhaps", "no", "yes"]
    assert [e["possible"] for e in graph["edges"] if not e["known"]] == [[0]]
    text = ok("graph", path).stdout.decode()
    assert 'stage 0 "dev-base" (perhaps)' in text and "${V}-base (unknown)" in text
    given = ok("graph", "--build-arg=V=dev", path).stdout.decode()
    assert "perhaps" not in given and "unknown" not in given


def test_graph_shows_named_contexts(write):
    path = write(b"FROM alpine AS a\nFROM a AS b\nCOPY --from=tools / /\n")
    text = ok("graph", "--build-context=tools=./t", "--build-context", "a=docker-image://x", path)
    lines = text.stdout.decode().splitlines()
    assert '├─ from   stage 0 "a" (named context)' in lines
    assert "└─ copy   tools (named context)" in lines
    for form in ("dot", "mermaid", "svg"):
        drawn = ok("graph", "--format", form, "--build-context=tools=./t", path).stdout.decode()
        assert "named context" in drawn


def test_graph_text(write):
    assert ok("graph", write(TWO_STAGES)).stdout.decode() == (
        "stage 2 (target)\n"
        "├─ from   alpine:3.20\n"
        '└─ copy   stage 0 "build"\n'
        "   ├─ from   golang:1.22\n"
        "   └─ mount  tools\n"
        "\n"
        'stage 1 "unused" (unreachable)\n'
        "└─ from   busybox\n"
    )


def test_graph_drawings(write):
    path = write(TWO_STAGES)
    dot = ok("graph", "--format=dot", path).stdout.decode()
    assert dot.startswith("digraph ") and dot.endswith("}\n")
    assert dot.count("s0 -> s2") == 1
    assert "unused (unreachable)" in dot
    mermaid = ok("graph", "--format=mermaid", path).stdout.decode()
    assert mermaid.startswith("flowchart ")
    assert mermaid.count("s0 -. copy .-> s2") == 1
    assert "unused (unreachable)" in mermaid
    svg = ElementTree.fromstring(ok("graph", "--format=svg", path).stdout)
    assert [g.get("data-node") for g in svg.iter("{http://www.w3.org/2000/svg}g")][-1][0] == "i"
    assert any(t.text == "unused: FROM busybox, unused" for t in svg.iter())


def test_graph_target(write):
    path = write(TWO_STAGES)
    stages = json.loads(ok("graph", "--format=json", "--target", "UNUSED", path).stdout)["stages"]
    assert [s["reachable"] for s in stages] == [False, True, False]
    message = fails(2, "graph", "--target=nosuch", path)
    assert '"nosuch"' in message and "build, unused" in message


DISPATCH = b"FROM a AS x\nRUN --mount=type=foo true\nEXPOSE 99999999\nFROM x\nSTOPSIGNAL SIGFOO\n"


def test_check_reports_what_fails_the_build(write):
    path = write(DISPATCH)
    done = run("check", "--json", path)
    places = [
        (2, 13, "mount-type"),
        (3, 8, "port"),
        (5, 12, "signal"),
    ]
    assert done.returncode == 4
    lines = done.stderr.decode().splitlines()
    for line, (row, column, code) in zip(lines, places, strict=True):
        assert line.startswith(f"{path}:{row}:{column}: error: ") and line.endswith(f"[{code}]")
    diagnostics = json.loads(done.stdout)["diagnostics"]
    assert [d["code"] for d in diagnostics] == [code for _, _, code in places]
    assert DISPATCH[slice(*diagnostics[0]["range"].values())] == b"type=foo"


@pytest.mark.parametrize("command", QUERIES)
def test_the_build_is_checked(command, write):
    path = write(TWO_STAGES)
    assert "targets: build, unused" in fails(2, command, "--target", "nosuch", path)
    assert '"x/y/z/w"' in fails(2, command, "--platform", "x/y/z/w", path)
    assert "NAME=SOURCE" in fails(2, command, "--build-context", "=x", path)
    assert '"=1"' in fails(2, command, "--build-arg", "=1", path)


@pytest.mark.parametrize("command", QUERIES)
def test_build_arguments_without_use_are_noted(command, write):
    path = write(b"ARG VERSION=1\nFROM alpine:$VERSION\nARG USER_ID\n")
    done = ok(command, "--build-arg", "VERSON=2", "--build-arg", "zzzzzzzzzz=1", path)
    notes = [line for line in done.stderr.decode().splitlines() if "--build-arg" in line]
    assert notes == [
        f"{path}: note: --build-arg VERSON: no ARG takes it; did you mean VERSION? "
        "(ARGs: VERSION, USER_ID)",
        f"{path}: note: --build-arg zzzzzzzzzz: no ARG takes it (ARGs: VERSION, USER_ID)",
    ]
    names = "VERSION USER_ID HTTP_PROXY no_proxy BUILDKIT_INLINE_CACHE SOURCE_DATE_EPOCH TARGETARCH"
    args = [word for name in names.split() for word in ("--build-arg", f"{name}=1")]
    assert b"--build-arg" not in ok(command, *args, path).stderr
    bare = write(b"FROM alpine\n")
    assert "the file has no ARG" in ok(command, "--build-arg", "A=1", bare).stderr.decode()


BASE_CONFIG = b"""{"architecture": "amd64", "os": "linux", "config": {"User": "base", "Env": ["A=1"]}}"""


@pytest.mark.parametrize("command", QUERIES)
@pytest.mark.parametrize(
    "content, hint",
    [
        (b"FROM alpine\n", ":1:1: not valid JSON"),
        (b"", ":1:1: empty"),
        (b"[]", ":1:1: 0 images"),
        (b'{"config":\n {"Env":["A"]}}', ':2:10: `Env` entry "A" has no ='),
        (b'{"schemaVersion":2,"config":{}}', ":1:1: a manifest"),
        (b'{"name":"package"}', ":1:1: no image configuration"),
    ],
)
def test_bad_base_configurations_are_told(command, content, hint, write):
    path, config = write(TWO_STAGES), write(content, "base.json")
    message = fails(2, command, "--base-config", config, path)
    assert message.startswith(f"{config}{hint}")


@pytest.mark.parametrize("command", QUERIES)
def test_base_configurations_have_an_image(command, write, tmp_path):
    path, config = write(TWO_STAGES), write(BASE_CONFIG, "base.json")
    assert "nosuch.json" in fails(2, command, "--base-config", tmp_path / "nosuch.json", path)
    message = fails(2, command, "--base-config", f"No Image={config}", path)
    assert '"No Image" is no image reference' in message
    message = fails(2, command, "--base-config", f"a={config}", "--platform", "x/y/z/w", path)
    assert '"x/y/z/w" is no platform' in message
    scratch = write(b"FROM scratch\n")
    assert f"REF={config}" in fails(2, command, "--base-config", config, scratch)
    open_base = write(b"ARG B\nFROM $B\n")
    assert f"REF={config}" in fails(2, command, "--base-config", config, open_base)
    assert "targets: a" in fails(
        2, command, "--target=b", "--base-config", config, write(b"FROM alpine AS a\n")
    )


@pytest.mark.parametrize("command", QUERIES)
def test_base_configurations_that_no_image_takes_are_noted(command, write):
    path, config = write(TWO_STAGES), write(BASE_CONFIG, "base.json")
    done = ok(command, "--base-config", f"docker.io/alpine:3.20={config}", path)
    assert b"--base-config" not in done.stderr
    done = ok(command, "--base-config", f"alpine:3.21={config}", path)
    assert f"{path}: note: --base-config alpine:3.21: the file names no such image" in done.stderr.decode()
    done = ok(command, "--base-config", f"b={config}", write(b"ARG B\nFROM $B\n"))
    assert b"--base-config" not in done.stderr


def test_triggers_of_a_base_configuration_count(write):
    path = write(b"FROM busybox AS tools\nFROM node:onbuild\n")
    config = write(
        b'{"config":{"OnBuild":["COPY . /app","COPY --from=tools /a /b","COPY --from=alpine /c /d"]}}', "base.json"
    )
    given = ["--json", "--base-config", f"node:onbuild={config}", path]
    edges = json.loads(ok("graph", *given).stdout)["edges"]
    assert [(e["from"], e["flags"]) for e in edges[2:]] == [(0, ["trigger"]), ("alpine", ["trigger"])]
    images = json.loads(ok("images", *given).stdout)["images"]
    assert [i["reference"] for i in images] == ["busybox", "node:onbuild", "alpine"]
    transfers = json.loads(ok("context", *given).stdout)["transfers"]
    assert [t["sources"][0]["kind"] for t in transfers] == ["context", "stage", "image"]


def test_config_text(write):
    path = write(b"FROM alpine AS x\nENV B=$A\nFROM x\nWORKDIR /w\n")
    config = write(BASE_CONFIG, "base.json")
    lines = ok("config", "--base-config", config, path).stdout.decode().splitlines()
    assert lines[0] == "Platform      linux/amd64"
    assert 'User          "base"  # base image alpine' in lines
    assert 'Env           A="1"  # base image alpine' in lines
    assert 'Env           B="1"  # line 2' in lines
    assert 'WorkingDir    "/w"  # line 4' in lines
    assert "Cmd           none" in lines
    lines = ok("config", "--base-config", f"other={config}", path).stdout.decode().splitlines()
    assert "Env           B=unknown  # line 2" in lines
    assert 'User          "builder"  # line 2' in ok(
        "config", "--target=x", write(b"FROM alpine AS x\nUSER builder\nFROM x\nUSER y\n")
    ).stdout.decode()


def test_config_json_is_a_base_configuration(write, tmp_path):
    path = write(
        b"FROM scratch\nENV A=1\nUSER u\nEXPOSE 80\nVOLUME /v\nLABEL l=1\nCMD [\"c\"]\n"
        b"HEALTHCHECK --interval=3s CMD x\nSTOPSIGNAL 9\nSHELL [\"s\"]\nONBUILD ENV T=1\n"
    )
    made = json.loads(ok("config", "--json", "--platform=linux/arm64", path).stdout)
    assert (made["schema_version"], made["stage"], made["unknown"]) == (1, 0, [])
    assert made["sources"]["User"] == {
        "kind": "instruction",
        "line": 3,
        "range": {"start": 21, "end": 27},
    }
    config = write(json.dumps(made["config"]).encode(), "made.json")
    next_file = write(b"FROM made\n", "Next")
    again = json.loads(ok("config", "--json", "--base-config", config, next_file).stdout)
    expected = made["config"]
    expected["config"]["Env"].append("T=1")
    del expected["config"]["OnBuild"]
    assert (again["config"], again["unknown"]) == (expected, [])


def test_config_says_what_is_unknown(write):
    path = write(b"ARG V\nFROM some/image:$V\nENV A=$V\nUSER u\n")
    done = json.loads(ok("config", "--json", path).stdout)
    assert done["config"] == {"config": {"User": "u"}}
    assert {"Cmd", "Env", "Env.A", "os", "architecture"} <= set(done["unknown"])
    assert "User" not in done["unknown"]
    none = json.loads(run("config", "--json", write(b"ARG A\n")).stdout)
    assert none["stage"] is None and none["config"] is None


def test_catalogs_know_base_images(write):
    path = write(b"FROM corp/base:1\nCMD run\n")
    facts = write(
        b"images:\n  - name: corp\n    repositories: [corp/base]\n    role: both\n"
        b"    user: corp\n    shell: [/bin/ash, -c]\n    env: [CORP=1]\n",
        "facts.yaml",
    )
    lines = ok("config", "--catalog", facts, path).stdout.decode().splitlines()
    assert 'User          "corp"  # base image corp/base:1' in lines
    assert 'Cmd           ["/bin/ash", "-c", "run"]  # line 2' in lines
    assert "JSONArgsRecommended" not in ok("check", "--catalog", facts, path).stdout.decode()
    assert "JSONArgsRecommended" in ok("check", path).stdout.decode()
    assert '  CORP = "1"  # base image corp/base:1' in ok(
        "args", "--catalog", facts, path
    ).stdout.decode()


def test_args_follow_values_to_where_they_come_from(write):
    path = write(
        b"ARG V=1\nFROM alpine AS a\nARG V\nENV W=x$V\nFROM alpine AS b\nARG V=2\nFROM a AS c\n"
    )
    text = ok("args", "--build-arg=V=3", path).stdout.decode()
    assert '  V = "3"  # build argument, line 1\n' in text
    text = ok("args", path).stdout.decode()
    assert 'stage 0 "a"\n' in text and 'stage 1 "b"\n' in text
    assert '  V = "1"  # global argument, line 3 <- default, line 1\n' in text
    assert '  W = "x1"  # ENV, line 4, with $V\n' in text
    report = json.loads(ok("args", "--json", "--target", "c", path).stdout)
    assert [scope["stage"] for scope in report["scopes"]] == [None, 0, 2]
    definitions = {d["index"]: d for d in report["definitions"]}
    assert 1 not in {d["stage"] for d in definitions.values()}
    (variable,) = [v for v in report["scopes"][2]["variables"] if v["name"] == "W"]
    w = definitions[variable["definition"]]
    assert (w["kind"], w["line"], w["value"], w["stage"]) == ("env", 4, "x1", 0)
    (used,) = [definitions[index] for index in w["uses"]]
    assert (used["kind"], definitions[used["from"]]["kind"]) == ("global", "default")


def test_graph_reports_cycles(write):
    path = write(b"FROM a AS one\nCOPY --from=two /x /x\nFROM b AS two\nCOPY --from=one /y /y\n")
    done = ok("graph", path)
    assert f'{path}:2:13: error: stage "two" is defined later in the file [stage-order]' in done.stderr.decode()
    assert "(defined later)" in done.stdout.decode()


# --- rewrites


@pytest.mark.parametrize("command", REWRITES)
class TestRewrite:
    def args(self, command, *more):
        return [command, *REWRITES[command], *more]

    @pytest.fixture
    def path(self, command, write):
        return write(PYTHON if command == "base" else GO)

    def test_result_on_standard_output(self, command, path):
        result = ok(*self.args(command, path)).stdout
        source = path.read_bytes()
        assert result != source and result.startswith(b"FROM ")
        assert ok(*self.args(command, path)).stdout == result
        assert path.read_bytes() == source

    def test_again_is_unchanged(self, command, path, write):
        result = ok(*self.args(command, path)).stdout
        write(result)
        before = path.stat()
        assert ok(*self.args(command, path)).stdout == result
        assert ok(*self.args(command, "--diff", path)).stdout == b""
        plan = json.loads(ok(*self.args(command, "--json", path)).stdout)
        assert (plan["outcome"], plan["steps"]) == ("unchanged", [])
        assert ok(*self.args(command, "-w", path)).stdout == b""
        assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_diff_applies(self, command, path, tmp_path):
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
        result = ok(*self.args(command, path)).stdout
        patch = ok(*self.args(command, "--diff", "./Dockerfile"), cwd=tmp_path).stdout
        assert patch.startswith((b"--- a/Dockerfile\n", b"diff --git a/Dockerfile b/Dockerfile\n"))
        subprocess.run(["git", "apply", "-"], input=patch, cwd=tmp_path, check=True)
        assert path.read_bytes() == result

    def test_plan_gives_the_result(self, command, path):
        source = path.read_bytes()
        plan = json.loads(ok(*self.args(command, "--json", path)).stdout)
        assert list(plan) == ["schema_version", "outcome", "steps", "refusals"]
        assert (plan["schema_version"], plan["outcome"]) == (1, "changed")
        edits = []
        for step in plan["steps"]:
            assert set(step) == {"code", "message", "risk", "range", "assumptions", "edits"}
            assert step["risk"] in ("safe", "likely", "review")
            assert 0 <= step["range"]["start"] <= step["range"]["end"] <= len(source)
            edits += step["edits"]
        assert len({edit["start"] for edit in edits}) == len(edits)
        out = source
        for edit in sorted(edits, key=lambda e: e["start"], reverse=True):
            out = out[: edit["start"]] + edit["text"].encode() + out[edit["end"] :]
        assert out == ok(*self.args(command, path)).stdout

    def test_explain_is_for_people_and_leaves_the_result_alone(self, command, path):
        done = ok(*self.args(command, "--explain", path))
        assert done.stdout == ok(*self.args(command, path)).stdout
        text = done.stderr.decode()
        assert text.startswith(f"{path}: changed")
        plan = json.loads(ok(*self.args(command, "--json", path)).stdout)
        for step in plan["steps"]:
            line = path.read_bytes()[: step["range"]["start"]].count(b"\n") + 1
            assert f"line {line}: {step['message']} [{step['risk']}]" in text
            for assumption in step["assumptions"]:
                assert assumption in text

    def test_write_keeps_mode_and_links(self, command, path, tmp_path):
        result = ok(*self.args(command, path)).stdout
        path.chmod(0o640)
        link = tmp_path / "link"
        link.symlink_to("Dockerfile")
        assert ok(*self.args(command, "--write", link)).stdout == b""
        assert link.is_symlink()
        assert path.read_bytes() == result
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert sorted(os.listdir(tmp_path)) == ["Dockerfile", "link"]

    def test_write_with_diff_does_both(self, command, path, tmp_path):
        patch = ok(*self.args(command, "--diff", path)).stdout
        result = ok(*self.args(command, path)).stdout
        assert ok(*self.args(command, "-w", "--diff", path)).stdout == patch != b""
        assert path.read_bytes() == result

    def test_line_ends_and_final_line_are_kept(self, command, path):
        result = ok(*self.args(command, path)).stdout
        source = path.read_bytes()
        crlf = ok(*self.args(command, "-"), stdin=source.replace(b"\n", b"\r\n")).stdout
        assert crlf == result.replace(b"\n", b"\r\n")
        assert ok(*self.args(command, "-"), stdin=source[:-1]).stdout == result[:-1]

    def test_errors_in_the_file_forbid_it(self, command, write):
        path = write(BROKEN)
        message = fails(4, *self.args(command, path))
        assert f"{path}:2:1: error: " in message and "[unknown-instruction]" in message
        assert fails(4, *self.args(command, "--diff", path))
        assert fails(4, *self.args(command, "-w", path))
        assert path.read_bytes() == BROKEN
        done = run(*self.args(command, "--json", path))
        assert done.returncode == 4
        assert json.loads(done.stdout)["outcome"] == "refused"

    def test_what_the_build_would_reject_forbids_it(self, command, write):
        path = write(PYTHON + b"EXPOSE 70000\n")
        message = fails(4, *self.args(command, path))
        assert f"{path}:5: refused: syntax-error: " in message and "[port]" in message
        assert ok(*self.args(command, write(b"FROM alpine\nEXPOSE 70000\n" + PYTHON))).stdout

    def test_catalog_and_context_must_be_right(self, command, path, write, tmp_path):
        assert "nowhere.yaml" in fails(2, *self.args(command, "--catalog", "nowhere.yaml", path))
        broken = write(b"tools:\n  - name: [\n", "broken.yaml")
        message = fails(2, *self.args(command, "--catalog", broken, path))
        assert re.search(rf"{re.escape(str(broken))}:\d+:\d+: ", message)
        assert "nodir" in fails(2, *self.args(command, "--context", tmp_path / "nodir", path))
        assert ok(*self.args(command, "--context", tmp_path, path)).stdout


REFUSED = b"FROM golang:1.22\nONBUILD RUN x\nRUN go build -o app .\nCMD [\"./app\"]\n"


def test_refusal(write):
    path = write(REFUSED)
    pattern = rf"^{re.escape(str(path))}:\d+: refused: [a-z-]+\.[a-z-]+: .+\n"
    assert re.match(pattern, fails(1, "split", path))
    assert re.match(pattern, fails(1, "split", "--diff", path))
    assert re.match(pattern, fails(1, "split", "-w", path))
    assert path.read_bytes() == REFUSED
    done = run("split", "--json", path)
    plan = json.loads(done.stdout)
    assert (done.returncode, plan["outcome"], plan["steps"]) == (1, "refused", [])
    (refusal,) = plan["refusals"]
    assert list(refusal) == ["code", "message", "range"]
    text = run("split", "--explain", path).stderr.decode()
    assert text.startswith(f"{path}: refused")
    assert f"refused: {refusal['code']}: {refusal['message']}" in text


def test_optimize_keeps_what_is_not_refused(write):
    path = write(REFUSED)
    done = ok("optimize", path)
    assert b"type=cache" in done.stdout
    assert f"{path}:2: refused: " in done.stderr.decode()
    plan = json.loads(ok("optimize", "--json", path).stdout)
    assert plan["outcome"] == "changed" and plan["refusals"]


def test_options_reach_the_rewrite(go, write):
    assert b"\nFROM debian:bookworm-slim\n" in ok(
        "split", "--runtime", "debian:bookworm-slim", go
    ).stdout
    assert b"nonroot" in ok("split", "--user", "nonroot", go).stdout
    named = write(b"FROM golang:1.22 AS a\nFROM python:3.12 AS b\nCMD [\"python\", \"x.py\"]\n", "D")
    assert ok("base", "--to=slim", "--stage=b", named).stdout == ok(
        "base", "--to=slim", "--stage", "1", named
    ).stdout
    assert fails(1, "split", write(GO.replace(b"go build -o app .", b"make"), "make"))
    assert b"/src/app" in ok("split", "--artifact", "/src/app", go).stdout


def test_options_reach_the_cache_mounts(go):
    assert b"id=go," in ok("cache", "--id", "tool", go).stdout
    assert b",sharing=private" in ok("cache", "--sharing=private", "--builder=buildkit", go).stdout
    assert "cache.builder" in fails(1, "cache", "--builder", "kaniko", go)
    assert b"--mount" not in ok("optimize", "--builder", "classic", go).stdout


def test_catalog_overlays_are_used_in_order(write):
    source = write(b"FROM alpine\nRUN frob install x\n")
    overlay = b"""tools:
  - name: frob
    commands: [frob]
    caches:
      - places: [%s]
        sharing: shared
        reason: a test
    source: test
"""
    one, two = write(overlay % b"/one", "one.yaml"), write(overlay % b"/two", "two.yaml")
    assert b"type=cache" not in run("cache", source).stdout
    assert b"target=/one" in ok("cache", "--catalog", one, source).stdout
    assert b"target=/two" in ok("cache", "--catalog", one, "--catalog", two, source).stdout


# --- the build context

CONTEXT = """FROM scratch AS base
WORKDIR /app
COPY package*.json ./
COPY ["src dir", "main", "/app/src/"]
COPY docs/ /docs/
FROM base
COPY secret.env /x
"""


@pytest.fixture
def tree(tmp_path):
    files = ["package.json", "package-lock.json", "src dir/\u00fc.js", "src dir/node_modules/m.js", "docs/a.md", "docs/keep.md",
             "secret.env", ".git/HEAD", "Dockerfile"]
    for name in files:
        path = tmp_path / "c" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CONTEXT if name == "Dockerfile" else name)
    (tmp_path / "c" / "main").symlink_to("src dir/\u00fc.js")
    (tmp_path / "c" / "outside").symlink_to("/")
    (tmp_path / "c" / ".dockerignore").write_text("**/node_modules\n.git\n*.env\ndocs/*\n!docs/keep.md\n")
    return tmp_path / "c"


def test_context_reads_a_directory(tree):
    done = run("context", "--context", tree, tree / "Dockerfile")
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode() == """3: COPY to /app/, stage 0 "base"
    package*.json
        package-lock.json -> /app/package-lock.json
        package.json -> /app/package.json
4: COPY to /app/src/, stage 0 "base"
    src dir
        src dir/\u00fc.js -> /app/src/\u00fc.js
        ignored: src dir/node_modules/
    main
        src dir/\u00fc.js -> /app/src/main
5: COPY to /docs/, stage 0 "base"
    docs/
        docs/keep.md -> /docs/keep.md
        ignored: docs/a.md
7: COPY to /x, stage 1
    secret.env: not found: the build fails (the ignore file leaves it out)
        ignored: secret.env
context: 16 paths, 7 read, 6 ignored
"""


def test_context_json(tree):
    done = run("context", "--json", "--context", tree, "--target", "base", tree / "Dockerfile")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["schema_version"], answer["sent"], answer["complete"]) == (1, "yes", True)
    assert [t["destination"] for t in answer["transfers"]] == ["/app", "/app/src", "/docs"]
    sources = [s for t in answer["transfers"] for s in t["sources"]]
    assert [(s["text"], s["found"], s["ignored"]) for s in sources] == [
        ("package*.json", "yes", False), ("src dir", "yes", True), ("main", "yes", False), ("docs/", "yes", True)]
    assert sorted(answer["read"]) == ["docs", "docs/keep.md", "main", "package-lock.json", "package.json", "src dir", "src dir/\u00fc.js"]
    assert set(answer["ignored"]) >= {".git", ".git/HEAD", "secret.env", "docs/a.md"}


def test_context_finds_the_ignore_file_as_builds_do(tree, tmp_path):
    def ignored(*args, **kw):
        return json.loads(run("context", "--json", "--context", tree, *args, **kw).stdout)["ignored"]

    (tree / "Dockerfile.dockerignore").write_text("docs\n")
    assert sorted(ignored(tree / "Dockerfile")) == ["docs", "docs/a.md", "docs/keep.md"]
    assert "secret.env" in ignored("-", stdin=CONTEXT.encode())
    other = tmp_path / "other"
    other.write_text("main\n")
    assert ignored("--ignore", other, tree / "Dockerfile") == ["main"]
    (tree / "Dockerfile.dockerignore").unlink()
    (tree / ".dockerignore").unlink()
    assert ignored(tree / "Dockerfile") == []
    (tree / ".dockerignore").mkdir()
    assert ".dockerignore: cannot read: is a directory" in fails(2, "context", "--context", tree, tree / "Dockerfile")


def test_context_without_a_directory(write):
    path = write(CONTEXT.encode())
    assert b"package*.json\n4: COPY" in ok("context", path).stdout
    assert "--ignore needs --context" in fails(2, "context", "--ignore", "x", path)
    answer = json.loads(ok("context", "--json", "--build-arg", "A=1", path).stdout)
    assert (answer["sent"], answer["complete"], answer["read"]) == ("nothing", False, [])


def test_context_tells_what_it_cannot_list(tree):
    assert "no such directory" in fails(2, "context", "--context", tree / "none", tree / "Dockerfile")
    if os.geteuid() == 0:
        pytest.skip("nothing is closed to root")
    (tree / "docs").chmod(0)
    message = fails(2, "context", "--context", tree, tree / "Dockerfile")
    assert "docs" in message and "permission denied" in message
    (tree / ".dockerignore").write_text("docs\n")
    assert run("context", "--context", tree, tree / "Dockerfile").returncode == 1
    (tree / "docs").chmod(0o700)


def test_context_with_a_refused_ignore_file(tree):
    (tree / ".dockerignore").write_text("a\n!\n")
    done = run("context", "--context", tree, tree / "Dockerfile")
    assert done.returncode == 1
    assert b"the build fails: a pattern of the ignore file is malformed" in done.stdout


# --- standard output


def test_closed_pipe_is_harmless(write):
    path = write(b"FROM alpine\n" + b"RUN echo 0123456789\n" * 100000)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([BIN, "parse", path], stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("args", [["parse"], ["graph"], ["cache"], ["cache", "--diff"], ["version"]])
def test_full_disk_is_an_error(args, go):
    with open("/dev/full", "wb") as full:
        words = args if args == ["version"] else [*args, str(go)]
        done = subprocess.run([BIN, *words], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2
    assert b"standard output" in done.stderr


def test_messages_cannot_drive_a_terminal(write):
    path = write(b"FROM alpine\n\x1b[31mRED x\n")
    message = fails(4, "cache", path)
    assert "\x1b" not in message and "\\x1b[31mRED" in message


# --- images

IMAGES = b"""# syntax=docker/dockerfile:1
ARG TAG=1.2
FROM node:${TAG}-slim AS build
FROM alpine:3.19
COPY --from=build /a /a
"""


def test_images_table(write):
    done = run("images", write(b"ARG V=20\nFROM node:$V AS a\nFROM alpine\nCOPY --from=b:1 /x /y\n"))
    assert done.stdout.decode() == (
        "LINE  IMAGE    NAMED BY     VERSION HELD BY\n"
        "2     node:20  FROM of a    ARG V, line 1; not needed\n"
        "3     alpine   FROM         line 3\n"
        "4     b:1      COPY --from  line 4\n"
    )
    assert ok("images", write(b"FROM scratch\n")).stdout == b""


def test_images_json(write):
    path = write(b"ARG V=20\nFROM node:$V AS a\nFROM base-$TARGETARCH\n")

    def images(*args):
        answer = json.loads(ok("images", "--json", *args, path).stdout)
        assert answer["schema_version"] == 1
        return answer["images"]

    node, base = images()
    assert (node["full"], node["tag"], node["needed"]) == ("docker.io/library/node:20", "20", False)
    assert node["places"]["tag"] == {
        "place": "typed",
        "argument": "V",
        "line": 1,
        "range": {"start": 6, "end": 8},
    }
    assert not base["known"] and base["places"]["reference"]["place"] == "unknown"
    assert images("--target", "a")[0]["needed"] is True
    assert images("--platform=linux/arm64")[1]["reference"] == "base-arm64"
    node = images("--build-arg=V=21")[0]
    assert node["reference"] == "node:21"
    assert node["places"]["tag"] == {"place": "build-arg", "argument": "V"}


def test_images_set(write):
    text = IMAGES
    path = write(text)
    sets = ["--set", "node:1.2-slim=node:1.3-slim", "--set=docker.io/library/alpine:3.19=alpine:3.20"]
    want = text.replace(b"1.2", b"1.3").replace(b"3.19", b"3.20")
    assert ok("images", *sets, path).stdout == want
    assert path.read_bytes() == text
    diff = ok("images", *sets, "--diff", path).stdout.decode()
    assert "-ARG TAG=1.2\n+ARG TAG=1.3\n" in diff and "+FROM alpine:3.20\n" in diff
    done = ok("images", *sets, "-w", path)
    assert (done.stdout, done.stderr, path.read_bytes()) == (b"", b"", want)
    assert ok("images", *sets, "-w", path).stdout == b""  # done before
    assert path.read_bytes() == want
    assert ok("images", *sets, "-", stdin=text).stdout == want


def test_images_set_is_refused(write):
    path = write(b"ARG V=1\nFROM a:$V\nFROM b:$V\n")
    before = path.read_bytes()
    message = fails(1, "images", "--set", "a:1=a:2", "-w", path)
    assert "refused: line 3:" in message and "b:2" in message
    assert path.read_bytes() == before
    assert ok("images", "--others", "--set", "a:1=a:2", path).stdout.startswith(b"ARG V=2\n")
    assert "V decides" in fails(1, "images", "--build-arg=V=5", "--set=a:5=a:6", path)
    assert "no image is c:1" in fails(1, "images", "--set", "c:1=c:2", path)
    assert "no image reference" in fails(1, "images", "--set", "a:1=A", path)


def test_images_usage(write):
    path = write(b"FROM a\n")
    assert "OLD=NEW" in fails(2, "images", "--set", "a", path)
    assert "OLD=NEW" in fails(2, "images", "--set", "a=", path)
    assert "need --set" in fails(2, "images", "-w", path)
    assert "one of them" in fails(2, "images", "--json", "--set=a=b", path)
    assert "targets" not in fails(2, "images", "--target=x", path)


# --- catalog


def test_catalog_lists_kinds_and_names():
    lines = ok("catalog", "list").stdout.decode().splitlines()
    kinds = {line.split()[0] for line in lines}
    assert kinds == {"tool", "release", "image", "ecosystem", "program", "package"}
    assert "tool      apt" in lines and "image     golang" in lines
    assert "package   libssl-dev (debian)" in lines
    for word in ("tool", "tools"):
        tools = ok("catalog", "list", word).stdout.decode().splitlines()
        assert len(tools) >= 40 and all(line.startswith("tool ") for line in tools)
    entries = json.loads(ok("catalog", "list", "--json", "image").stdout)["entries"]
    assert len(entries) >= 60 and {entry["kind"] for entry in entries} == {"image"}
    assert all(entry["sources"] for entry in entries)


def test_catalog_shows_what_it_takes_back(write):
    for name in ("tool/apt", "tool/yarn-berry", "image/golang", "release/bookworm", "ecosystem/go", "program/delve"):
        shown = ok("catalog", "show", name).stdout
        entry = json.loads(ok("catalog", "show", "--json", name).stdout)
        assert f"{entry['kind']}/{entry['name']}" == name and entry["schema_version"] == 1
        overlay = write(shown, "shown.yaml")
        assert ok("catalog", "check", overlay).stdout == b""
        assert ok("catalog", "show", "--catalog", overlay, name).stdout == shown


def test_catalog_shows_all_of_a_name():
    documents = ok("catalog", "show", "composer").stdout.decode().split("---\n")
    assert [document.split(":")[0] for document in documents] == ["tools", "images"]
    assert len(ok("catalog", "show", "--json", "apt", "apk").stdout.splitlines()) == 2


def test_catalog_shows_overlays(write):
    overlay = write(b"tools:\n  - {name: brew, commands: brew, source: brew.sh}\n", "own.yaml")
    lines = ok("catalog", "list", "--catalog", overlay, "tool").stdout.splitlines()
    assert lines[0] == b"tool      brew"
    assert b"brew.sh" in ok("catalog", "show", "--catalog", overlay, "brew").stdout


BAD_OVERLAYS = {
    "syntax": (b"tools:\n  - name: [a\n", "3:1", ""),
    "key": (b"tools:\n  - name: a\n    comands: [a]\n", "3:5", "unknown key `comands`"),
    "type": (b"releases:\n  - name: a\n    family: f\n    order: many\n", "4:12", "`order` must be a number"),
    "choice": (
        b"tools:\n  - name: a\n    commands: a\n    caches:\n      - {places: /a, sharing: open}\n",
        "5:31",
        "shared locked private",
    ),
    "missing": (b"images:\n  - name: a\n    role: os\n", "2:5", "no `repositories`"),
    "release": (
        b"images:\n  - name: a\n    repositories: a\n    role: os\n    release: bookwrm\n",
        "5:14",
        "no release `bookwrm`",
    ),
    "family": (b"packages:\n  - {name: p, family: debain, role: both}\n", "2:23", "`debain`"),
    "place": (
        b"tools:\n  - {name: a, commands: a, caches: [{places: '{-d', sharing: shared}]}\n",
        "2:46",
        "`places` cannot be `{-d`",
    ),
    "twice": (b"tools:\n  - {name: a, commands: a}\n  - {name: a, commands: b}\n", "3:5", "twice"),
}


@pytest.mark.parametrize("bad", BAD_OVERLAYS)
def test_catalog_check_says_where(bad, write):
    text, place, words = BAD_OVERLAYS[bad]
    overlay = write(text, "own.yaml")
    message = fails(2, "catalog", "check", overlay)
    assert message.startswith(f"{overlay}:{place}: ") and words in message
    assert fails(2, "catalog", "list", "--catalog", overlay) == message
    assert fails(2, "catalog", "check", "-", stdin=text).endswith(message[len(str(overlay)) :])


def test_catalog_check_takes_several_files(write):
    good = write(b"tools:\n  - {name: a, commands: a}\n", "good.yaml")
    crlf = write(b"tools:\r\n  - {name: a, commands: a}\r\n", "crlf.yaml")
    assert ok("catalog", "check", good, crlf).stdout == b""
    bad = write(b"tool: []\n", "bad.yaml")
    message = fails(2, "catalog", "check", bad, good, "nowhere.yaml")
    assert f"{bad}:1:1: " in message and "nowhere.yaml" in message and "good.yaml" not in message
    needs = write(b"images:\n  - {name: i, repositories: i, role: os, release: plan9}\n", "needs.yaml")
    gives = write(b"releases:\n  - {name: plan9, family: plan9}\n", "gives.yaml")
    fails(2, "catalog", "check", needs)
    ok("catalog", "check", "--catalog", gives, needs)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([], "list, show NAME or check FILE"),
        (["shw"], "did you mean show?"),
        (["list", "imge"], "did you mean image?"),
        (["list", "x" * 40], "kinds: tool"),
        (["list", "tool", "image"], "one kind at most"),
        (["show"], "needs a name"),
        (["show", "golng"], "did you mean golang?"),
        (["show", "apt", "tool/golang"], 'no tool "golang"'),
        (["check"], "needs a file"),
        (["list", "--write"], "no option --write"),
    ],
)
def test_catalog_usage(words, hint):
    assert hint in fails(2, "catalog", *words)


RECORDS = {
    "catalog": "zz: 1",
    "tool": "tools: [{zz: 1}]",
    "cache": "tools: [{caches: [{zz: 1}]}]",
    "release": "releases: [{zz: 1}]",
    "image": "images: [{zz: 1}]",
    "default": "images: [{defaults: [{zz: 1}]}]",
    "counterpart": "images: [{counterparts: [{zz: 1}]}]",
    "ecosystem": "ecosystems: [{zz: 1}]",
    "build rule": "ecosystems: [{build: [{zz: 1}]}]",
    "install rule": "ecosystems: [{install: [{zz: 1}]}]",
    "program": "programs: [{zz: 1}]",
    "package": "packages: [{zz: 1}]",
}


@pytest.mark.parametrize("record", RECORDS)
def test_schema_page_has_every_key(record, write):
    """The message for a key that is not known names those that are."""
    here = os.path.dirname(__file__)
    with open(os.path.join(here, "../../src/catalog/README.md"), encoding="utf-8") as f:
        page = f.read()
    message = fails(2, "catalog", "check", write(RECORDS[record].encode(), "own.yaml"))
    assert f"unknown key `zz` in this {record}; its keys are: " in message
    keys = message.strip().partition("keys are: ")[2].split(", ")
    absent = [key for key in keys if f"`{key}`" not in page and f"\n## {key}\n" not in page]
    assert keys and not absent


def test_schema_page_example_is_a_catalog(write):
    here = os.path.dirname(__file__)
    with open(os.path.join(here, "../../src/catalog/README.md"), encoding="utf-8") as f:
        example = f.read().partition("```yaml\n")[2].partition("```")[0]
    overlay = write(example.encode(), "own.yaml")
    source = write(b"FROM debian:12\nRUN brew install jq\n")
    assert b"target=/root/.cache/Homebrew,sharing=locked" in ok("cache", "--catalog", overlay, source).stdout
