"""The command `dockerfile`, driven from outside: every option, every exit status, every kind of input.

$DOCKERFILE_BIN (or $DOCKERFILE) names the binary. What a rewrite makes of a file is judged by the spec cases; here
it only matters that the command delivers it, all of it or nothing, and says the truth about it.
"""

import json
import os
import re
import stat
import subprocess

import pytest
from cli import BIN, BROKEN, COMMANDS, GO, PYTHON, REWRITES, TWO_STAGES, fails, ok, run

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
