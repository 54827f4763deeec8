"""The sample projects: `dockerfile optimize` makes of each what the lesson asks for, once and for all.

$DOCKERFILE names the command. Each project's own folder is the build context.
"""

import json
import pathlib
import shutil
import subprocess

import pytest
from cli import BIN

PROJECTS = pathlib.Path(__file__).resolve().parents[2] / "examples/projects"
# The image that runs it; what the runtime stage copies; the start command.
EXPECTED = {
    "go-web": ("gcr.io/distroless/static-", ["/src/app"], "CMD", ["./app"]),
    "java-spring": (
        "eclipse-temurin:21-jre",
        ["/src/target/greeting.jar"],
        "ENTRYPOINT",
        ["java", "-jar", "target/greeting.jar"],
    ),
    "node-api": (
        "node:20-slim",
        ["./node_modules", "./dist"],
        "CMD",
        ["node", "dist/server.js"],
    ),
    "python-flask": ("python:3.12-slim", ["/usr/local"], "CMD", ["python", "app.py"]),
    "rust-cli": (
        "gcr.io/distroless/cc-",
        ["/src/target/release/wordfreq"],
        "ENTRYPOINT",
        ["/src/target/release/wordfreq"],
    ),
}
# Configuration that the image has before and must have after.
CARRIED = ["EXPOSE", "ENV", "USER"]


def dockerfile(*arguments, cwd=None, status=0):
    command = [BIN, *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stderr
    return done.stdout


def parsed(folder):
    return json.loads(dockerfile("parse", "--format", "json", cwd=folder))


@pytest.fixture(params=sorted(EXPECTED))
def project(request, tmp_path):
    """A copy of a project, its Dockerfile rewritten in place."""
    folder = tmp_path / request.param
    shutil.copytree(PROJECTS / request.param, folder)
    dockerfile("optimize", "--context", ".", "--write", cwd=folder)
    return folder


def test_every_project_is_expected():
    assert sorted(EXPECTED) == sorted(p.name for p in PROJECTS.iterdir() if p.is_dir())


def test_result(project):
    image, copied, start, argv = EXPECTED[project.name]
    tree = parsed(project)
    last = tree["stages"][-1]
    instructions = [i for i in tree["instructions"] if i["stage"] == last["index"]]
    assert len(tree["stages"]) > 1 and last["base"].startswith(image)
    copies = [
        i["arguments"][-1]
        for i in instructions
        if i["name"] == "COPY" and any(f["name"] == "from" for f in i["flags"])
    ]
    assert copies == copied
    (command,) = [i for i in instructions if i["name"] in ("CMD", "ENTRYPOINT")]
    assert (command["name"], command["json"], command["arguments"]) == (start, True, argv)


def test_caches(project):
    tree = parsed(project)
    runs = [i for i in tree["instructions"] if i["name"] == "RUN"]
    mounts = [f["value"] for i in runs for f in i["flags"] if f["name"] == "mount"]
    assert mounts and all(m.startswith("type=cache,target=/") for m in mounts)


def test_configuration_is_carried(project):
    def configuration(tree):
        stage = len(tree["stages"]) - 1
        return [
            (i["name"], i["arguments"])
            for i in tree["instructions"]
            if i["stage"] == stage and i["name"] in CARRIED
        ]

    assert configuration(parsed(PROJECTS / project.name)) == configuration(parsed(project))


def test_again(project):
    before = (project / "Dockerfile").read_bytes()
    plan = json.loads(dockerfile("optimize", "--context", ".", "--json", cwd=project))
    assert plan["outcome"] == "unchanged" and plan["steps"] == []
    dockerfile("optimize", "--context", ".", "--write", cwd=project)
    assert (project / "Dockerfile").read_bytes() == before


def test_diff_applies(project):
    original = PROJECTS / project.name
    diff = dockerfile("optimize", "--context", ".", "--diff", cwd=original)
    wanted = (project / "Dockerfile").read_bytes()
    shutil.copy(original / "Dockerfile", project / "Dockerfile")
    subprocess.run(["git", "apply"], cwd=project, input=diff, text=True, check=True, timeout=60)
    assert (project / "Dockerfile").read_bytes() == wanted
