#!/usr/bin/env python3
"""svg_geometry.py -- the picture of the stage graph, read back: nothing overlaps, lines end at their
boxes and cross no other, and it shows the edges that the JSON has.

Relies on the command in $BUILD/bin (or the build folder as argument 1), and an optional count and
seed after it. Never looks at colours: a person does.
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?\d+$")
COMMAND = re.compile(r"([MHC])([^MHC]*)")
SAMPLES = 24
APART = 10    # least room between two boxes
ADVANCE = .602  # width of a fixed-width letter, in em

IMAGES = ["alpine", "golang:1.22", "scratch", "registry.example.com:5000/team/some/where/app:1.2.3-rc1",
          "debian@sha256:" + "ab" * 32, "${UNKNOWN}", "${BASE}-base", "a&<b>'\"", "日本語のイメージ",
          "\u202eturned", "bad\udcff\udc80", "x" * 3000]


# --- files

def name_of(rng, i):
    return rng.choice([f"s{i}", f"s{i}", f"stage-with-a-long-name-{i}", f"{'n' * 80}{i}", ""])


def random_file(rng):
    count = rng.choice([1, 2, 3, 5, 8, 13, 20, 35, 60])
    density = rng.choice([0, .3, 1, 3])
    forward = rng.choice([0, 0, .05, .3])
    names = [name_of(rng, i) for i in range(count)]
    text = ["ARG UNKNOWN", "ARG BASE"]
    for i, name in enumerate(names):
        earlier = [n for n in names[:i] if n]
        base = rng.choice(earlier) if earlier and rng.random() < .5 else rng.choice(IMAGES)
        text.append(f"FROM {base}" + (f" AS {name}" if name else ""))
        references = 0
        while references < 40 and rng.random() < density / (density + 1):
            references += 1
            other = str(rng.randrange(count)) if rng.random() < forward else \
                rng.choice((earlier or IMAGES) if rng.random() < .7 else IMAGES)
            text.append(rng.choice([f"COPY --from={other} /a /b",
                                    f"RUN --mount=type=bind,from={other},target=/m true"]))
    return "\n".join(text) + "\n"


def chain(count, more):
    lines = ["FROM alpine AS s0"]
    for i in range(1, count):
        lines += [f"FROM s{i - 1} AS s{i}", *(m % {"half": i // 2, "i": i} for m in more)]
    return "\n".join(lines) + "\n"


FIXED = [
    "FROM alpine\n",
    "FROM scratch\n",
    "FROM a AS x\nCOPY --from=x / /\nRUN --mount=from=x,target=/m true\n",
    "FROM a AS x\nCOPY --from=y / /\nFROM b AS y\nCOPY --from=x / /\nFROM y\nCOPY --from=x / /\n",
    "FROM a\n" + "".join(f"COPY --from=i{i} / /\n" for i in range(200)),
    "FROM a AS s\n" + "".join(f"FROM s AS s{i}\nCOPY --from=s / /\n" for i in range(59)),
    chain(60, []),
    chain(60, ["COPY --from=s0 / /"]),
    chain(60, ["COPY --from=s%(half)d / /", "RUN --mount=from=s0,target=/m true"]),
]


# --- the picture

class Box:
    def __init__(self, group):
        rect = group.find(SVG + "rect")
        self.x, self.y, self.width, self.height = (
            int(rect.get(key)) for key in ("x", "y", "width", "height"))
        self.right, self.bottom = self.x + self.width, self.y + self.height
        self.texts = group.findall(SVG + "text")
        self.title = group.find(SVG + "title").text

    def holds(self, x, y):
        return self.x < x < self.right and self.y < y < self.bottom

    def overlaps(self, other):
        return (self.x < other.right + APART and other.x < self.right + APART and
                self.y < other.bottom + APART and other.y < self.bottom + APART)


def numbers(text):
    values = text.split()
    assert all(NUMBER.match(value) for value in values), f"not whole numbers: {text}"
    return [int(value) for value in values]


def flatten(path):
    """Points along a path, close to one another."""
    points = []
    for command, text in COMMAND.findall(path):
        values = numbers(text)
        if command == "M":
            points = [tuple(values)]
            continue
        x0, y0 = points[-1]
        if command == "H":
            values = [x0, y0, values[0], y0, values[0], y0]
        x1, y1, x2, y2, x3, y3 = values
        steps = max(SAMPLES, int(abs(x3 - x0) + abs(y3 - y0)) // 8)
        for i in range(1, steps + 1):
            t, u = i / steps, 1 - i / steps
            points.append((u**3 * x0 + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * x3,
                           u**3 * y0 + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * y3))
    return points


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def check_texts(box):
    rows = {}
    for text in box.texts:
        width = columns(text.text) * ADVANCE * int(text.get("font-size", "11"))
        end = int(text.get("x")) if text.get("text-anchor") else int(text.get("x")) + width
        assert end - width > box.x and end < box.right, f"{text.text!r} leaves its box"
        assert box.y + 8 < int(text.get("y")) < box.bottom
        for start, stop in rows.setdefault(text.get("y"), []):
            assert end - width > stop or end < start, f"{text.text!r} runs into its neighbour"
        rows[text.get("y")].append((end - width, end))


def check_line(line, boxes, width, height):
    source, user = line.get("data-from"), line.get("data-to")
    points = flatten(line.get("d"))
    (x0, y0), (x1, y1) = points[0], points[-1]
    left, right = (boxes[source], boxes[user])
    if x0 == x1 and source == user:
        assert x0 == left.right and left.y < y0 < left.bottom and left.y < y1 < left.bottom
    else:
        if left.x > right.x:
            left, right = right, left
        assert x0 == left.right and left.y < y0 < left.bottom, "does not begin at its box"
        assert x1 == right.x and right.y < y1 < right.bottom, "does not end at its box"
    for x, y in points:
        assert 0 < x < width and 0 < y < height, "leaves the picture"
        for name, box in boxes.items():
            assert not box.holds(x, y), f"crosses {name}"
    return source, user


def check_picture(svg, graph):
    root = ET.fromstring(svg)
    width, height = int(root.get("width")), int(root.get("height"))
    assert root.get("viewBox") == f"0 0 {width} {height}"
    assert root.get("role") == "img" and root[0].tag == SVG + "title" and root[0].text
    boxes = {}
    for group in root.iter(SVG + "g"):
        if group.get("data-node") is None:
            continue
        assert group.get("data-node") not in boxes
        boxes[group.get("data-node")] = box = Box(group)
        assert box.x > 0 and box.y > 0 and box.right < width and box.bottom < height
        check_texts(box)
    by_place = sorted(boxes.values(), key=lambda box: box.x)
    for i, box in enumerate(by_place):
        for other in by_place[i + 1:]:
            assert not box.overlaps(other), f"{box.title!r} overlaps {other.title!r}"
    lines = {check_line(path, boxes, width, height) for path in root.iter(SVG + "path")
             if path.get("data-from") is not None}
    check_graph(lines, boxes, graph)


def check_graph(lines, boxes, graph):
    assert len(graph["stages"]) == sum(name[0] == "s" for name in boxes)
    for stage in graph["stages"]:
        box = boxes[f"s{stage['index']}"]
        assert box.title.startswith((stage["name"] or f"stage {stage['index']}") + ": ")
        tag = {"yes": "", "no": "unused", "perhaps": "perhaps"}[stage["needed"]]
        if stage["index"] == graph["target"]:
            tag = "target"
        assert not tag or box.title.endswith(", " + tag)
    wanted = set()
    images = sorted({e["from"] for e in graph["edges"] if isinstance(e["from"], str)},
                    key=lambda image: image.encode("utf-8", "surrogateescape"))
    exact = len(images) == sum(name[0] == "i" for name in boxes)  # else bad bytes made some equal
    for edge in graph["edges"]:
        user = f"s{edge['to']}"
        if isinstance(edge["from"], int):
            wanted.add((f"s{edge['from']}", user))
        elif exact:
            wanted.add((f"i{images.index(edge['from'])}", user))
        wanted |= {(f"s{stage}", user) for stage in edge["possible"] or []}
    shown = lines if exact else {line for line in lines if line[0][0] == "s"}
    assert shown == wanted, f"edges differ: {shown ^ wanted}"


def graph_of(command, form, text):
    done = subprocess.run([command, "graph", "--format", form, "-"], capture_output=True, check=True,
                          input=text.encode("utf-8", "surrogateescape"))
    return done.stdout


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BUILD", "build/dev"))
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 150
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 20240608)
    command = str(build / "bin" / "dockerfile")
    failed = 0
    files = FIXED + [random_file(rng) for _ in range(count)]
    for i, text in enumerate(files):
        try:
            svg = graph_of(command, "svg", text)
            assert svg == graph_of(command, "svg", text), "not the same twice"
            check_picture(svg.decode(), json.loads(graph_of(command, "json", text)))
        except (AssertionError, ET.ParseError, subprocess.CalledProcessError) as wrong:
            failed += 1
            print(f"file {i}: {wrong}\n{text[:400]}")
    print(f"{len(files) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
