"""The commands that say what a file means in a build: graph, check, config, args, images, context."""

import json
import os
from xml.etree import ElementTree

import pytest
from cli import QUERIES, TWO_STAGES, fails, ok, run

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
