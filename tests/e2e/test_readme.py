"""The programs in README.md and examples/ compile, run and do what is said of them."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["BUILD"])
GO = b'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\nCMD ["./app"]\n'
TAGS = b"FROM golang:1.22 AS a\nFROM golang@sha256:00 AS b\nFROM golangci\nFROM \\\n golang\n"


def block(language):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf"```{language}\n(.*?)```", text, re.S)
    return code


def run(command, **kw):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "bindings/python"),
        "LIBDOCKERFILE_PATH": str(BUILD),
    }
    return subprocess.run(command, capture_output=True, timeout=60, env=environment, **kw)


@pytest.fixture
def compiled(tmp_path):
    def make(source, *libraries):
        program = tmp_path / "program"
        flags = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include"]
        links = [f"-L{BUILD}", f"-Wl,-rpath,{BUILD}", *(f"-l{name}" for name in libraries)]
        done = run(["cc", *flags, "-o", program, source, *links])
        assert done.returncode == 0, done.stderr.decode()
        return program

    return make


def test_c_program_of_the_readme(compiled, tmp_path):
    code = block("c")
    assert len(code.splitlines()) <= 20
    source = tmp_path / "mounts.c"
    source.write_text(code, encoding="utf-8")
    done = run([compiled(source, "dockerfile")], input=GO)
    assert done.returncode == 0
    assert b"--mount=type=cache,target=/go/pkg/mod" in done.stdout
    assert done.stderr


def test_picture_of_the_readme():
    folder = ROOT / "examples" / "graph"
    done = run([BUILD / "bin" / "dockerfile", "graph", "--format", "svg", folder / "Dockerfile"])
    assert done.stdout == (folder / "stages.svg").read_bytes()
    assert "](examples/graph/stages.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_python_program_of_the_readme(tmp_path):
    code = block("python")
    assert len(code.splitlines()) <= 10
    (tmp_path / "Dockerfile").write_bytes(GO)
    done = run([sys.executable, "-c", code], cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert b"0 None golang:1.22\n" in done.stdout
    assert b"+++ b/Dockerfile\n" in done.stdout


def test_c_images(compiled):
    program = compiled(ROOT / "examples/c/images.c", "dockerfile")
    done = run([program], input=GO + b"FROM alpine AS x\nCOPY --from=busybox a b\nFROM x\n")
    assert done.stdout == b"stage 0 \n    golang:1.22\nstage 1 x\n    alpine\n    busybox\nstage 2 \n"
    assert run([program], input=b"NOPE\n").returncode == 1


def test_c_bump(compiled):
    program = compiled(ROOT / "examples/c/bump.c", "dockerfile")
    done = run([program, "golang", "1.23"], input=TAGS)
    assert done.returncode == 0
    assert done.stdout == TAGS.replace(b"1.22", b"1.23").replace(b" golang\n", b" golang:1.23\n")
    argument = b"ARG V=1.22\nFROM golang:$V\nFROM %s:$V\n"
    done = run([program, "golang", "1.23"], input=argument % b"golang")
    assert done.stdout == argument.replace(b"1.22", b"1.23") % b"golang"
    done = run([program, "golang", "1.23"], input=argument % b"alpine")
    assert done.returncode == 1 and b"alpine:1.23" in done.stderr
    assert run([program]).returncode == 2


def test_c_review(compiled, tmp_path):
    program = compiled(ROOT / "examples/c/review.c", "dockerfile-io", "dockerfile")
    (tmp_path / "Dockerfile").write_bytes(GO)
    done = run([program, "Dockerfile", "."], cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"Dockerfile: changed") and b"+++ b/Dockerfile\n" in done.stdout
    assert run([program, "missing"], cwd=tmp_path).stderr.startswith(b"review: missing: ")


def test_python_images(tmp_path):
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"ARG V\nFROM golang:$V\nFROM alpine\n")
    script = ROOT / "examples/python/images.py"
    done = run([sys.executable, script, path])
    assert done.stdout.decode() == (
        f"{path}:2: golang:$V  (depends on a build argument)\n{path}:3: alpine\n"
    )
    done = run([sys.executable, script, "--build-arg", "V=1.22", path])
    assert done.stdout.decode().startswith(f"{path}:2: golang:1.22\n")


def test_python_programs(tmp_path):
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"FROM a\nRUN x && (y || z)\nRUN sudo sh -c 'x || y'\nRUN case\n")
    done = run([sys.executable, ROOT / "examples/python/programs.py", path])
    assert done.stdout.decode() == (
        f"{path}:2: always x, y; perhaps z\n"
        f"{path}:3: always sh, x; perhaps y\n"
        f"{path}:4: always nothing (and more: not all is understood)\n"
    )


def test_python_review_tree(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/Dockerfile").write_bytes(GO)
    (tmp_path / "Dockerfile.test").write_bytes(b"FROM scratch\n")
    done = run([sys.executable, ROOT / "examples/python/review_tree.py", tmp_path])
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().endswith("2 files, 1 of them could be better\n")
