"""Counting instructions: what a function costs for each file, and how that grows.

Owns the calls of callgrind. Relies on a program that runs a function once for each file it is given.
Never measures time, but for files of full size, which only have to end.
"""
import os
import re
import subprocess
import tempfile

ALLOWED = 2.2
FULL_SECONDS = 20
FULL_BYTES = 4 << 20


def write(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


def count(program, function, files, folder):
    """Instructions inside `function`, for each file."""
    out = os.path.join(folder, "callgrind")
    subprocess.run(["valgrind", "--tool=callgrind", f"--toggle-collect={function}",
                    f"--dump-after={function}", f"--callgrind-out-file={out}", program, *files],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    totals = []
    for i in range(1, len(files) + 1):
        with open(f"{out}.{i}", encoding="utf-8") as dump:
            totals.append(int(re.search(r"^(?:totals|summary): (\d+)", dump.read(), re.M)[1]))
    return totals


def growth(program, function, families, folder):
    """For each family, name -> (maker, n), what n, 2n and 4n cost."""
    files = []
    for i, (maker, n) in enumerate(families.values()):
        files += [write(folder, f"{i}-{k}", maker(k * n)) for k in (1, 2, 4)]
    totals = count(program, function, files, folder)
    return {name: totals[3 * i:3 * i + 3] for i, name in enumerate(families)}


def check(program, function, families):
    """Print each family's growth; how many grow too fast."""
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, (a, b, c) in growth(program, function, families, folder).items():
            over = b > ALLOWED * a or c > ALLOWED * b
            bad += over
            print(f"{name:36} {a:>11} {b / a:5.2f} {c / b:5.2f}{'  TOO MUCH' if over else ''}")
    return bad


def check_full(program, families, full):
    """Run the program at full size, name -> n; how many take too long or fail."""
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in [name for name in families if name in full]:
            path = write(folder, "full", families[name][0](full[name])[:FULL_BYTES])
            try:
                done = subprocess.run([program, path], timeout=FULL_SECONDS, check=False)
                ended = done.returncode == 0
            except subprocess.TimeoutExpired:
                ended = False
            if not ended:
                bad += 1
                print(f"{name}: {full[name]} take too long or fail")
    return bad
