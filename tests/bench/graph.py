#!/usr/bin/env python3
"""Files of many stages at n, 2n and 4n: a doubling may not make a graph cost more than 2.4 times as
much, in any format.

Costs are instructions inside dfl_print_graph, counted by callgrind. 2.4 leaves room for the logarithm
of sorting; where passes are fewer for big graphs, a doubling costs less.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

ALLOWED = 2.4
STAGES = 2500  # n: 4n is what the library takes by default


def stages(count, first, line):
    return first + "".join(line(i) for i in range(1, count))


FAMILIES = {
    "alone": lambda n: stages(n, "FROM a\n", lambda i: f"FROM a{i}\n"),
    "chain": lambda n: stages(n, "FROM a AS s0\n", lambda i: f"FROM s{i - 1} AS s{i}\n"),
    "chain that copies from its head": lambda n: stages(
        n, "FROM a AS s0\n", lambda i: f"FROM s{i - 1} AS s{i}\nCOPY --from=s0 a b\n"),
    "chain that copies from the middle": lambda n: stages(
        n, "FROM a AS s0\n", lambda i: f"FROM s{i - 1} AS s{i}\nCOPY --from=s{i // 2} a b\n"),
    "star": lambda n: stages(n, "FROM a AS s0\n", lambda i: f"FROM s0 AS s{i}\n"),
    "funnel": lambda n: stages(n, "FROM a AS s0\n", lambda i: f"FROM b AS s{i}\n") + "".join(
        f"COPY --from=s{i} a b\n" for i in range(n - 1)),
    "tree": lambda n: stages(n, "FROM a AS s0\n", lambda i: f"FROM s{i // 2} AS s{i}\n"),
    "web": lambda n: stages(n, "FROM a AS s0\n", lambda i: f"FROM b AS s{i}\n" + "".join(
        f"COPY --from=s{i * k * 7919 % i} a b\n" for k in (3, 5, 11))),
    "forward": lambda n: stages(n, "FROM a AS s0\n",
                                lambda i: f"FROM a AS s{i}\nCOPY --from={(i * 7919) % n} a b\n"),
    "unknown": lambda n: "ARG X\n" + stages(n, "FROM a AS s0\n", lambda i: f"FROM ${{X}} AS s{i}\n"),
    "references of one line": lambda n: "FROM a AS s0\nFROM b\nRUN" + "".join(
        f" --mount=from=i{i},target=/{i}" for i in range(n)) + " true\n",
}
FORMATS = ["text", "json", "dot", "mermaid", "svg"]


def count(program, form, path, folder):
    out = os.path.join(folder, "callgrind")
    subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=dfl_print_graph",
                    f"--callgrind-out-file={out}", program, "graph", "--format", form, path],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(out, encoding="utf-8") as dump:
        return int(re.search(r"^(?:totals|summary): (\d+)", dump.read(), re.M)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the command")
    parser.add_argument("--only", default="", help="families whose name holds this")
    parser.add_argument("--format", action="append", help="these formats")
    args = parser.parse_args()
    names, bad = [name for name in FAMILIES if args.only in name], 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            files = [os.path.join(folder, str(k)) for k in (1, 2, 4)]
            for k, path in zip((1, 2, 4), files):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(FAMILIES[name](k * STAGES))
            for form in args.format or FORMATS:
                a, b, c = (count(args.program, form, path, folder) for path in files)
                over = b > ALLOWED * a or c > ALLOWED * b
                bad += over
                print(f"{name:34} {form:8} {a:>12} {b / a:5.2f} {c / b:5.2f}"
                      f"{'  TOO MUCH' if over else ''}", flush=True)
    print(f"{len(names)} families, {bad} bad")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
