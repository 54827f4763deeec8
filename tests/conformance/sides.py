"""The two sides of a comparison: BuildKit's answers and ours, and the loop that holds them together.

A comparer is a subclass of Comparison: it makes cases, words one for each side, and brings both
answers to one form. Everything else (batches, counting, shrinking a difference) is here.
"""
import argparse
import base64
import json
import os
import random
import struct
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))


def b64(data):
    return base64.b64encode(data).decode("ascii")


def unb64(text):
    return base64.b64decode(text) if text else b""


def unb64s(texts):
    return [base64.b64decode(text) for text in texts or []]


def pack(strings):
    """A message of the driver (wire.h)."""
    parts = [struct.pack("<I", len(strings))]
    for s in strings:
        parts.append(struct.pack("<I", len(s)))
        parts.append(s)
    return b"".join(parts)


def unpack_all(data):
    at, messages = 0, []
    while at < len(data):
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
        strings = []
        for _ in range(count):
            (n,) = struct.unpack_from("<I", data, at)
            at += 4
            strings.append(data[at:at + n])
            at += n
        messages.append(strings)
    return messages


class Lists:
    """Reads an answer of the driver from its start: strings, and lists behind their counts."""

    def __init__(self, strings):
        self.strings, self.at = strings, 0

    def next(self):
        self.at += 1
        return self.strings[self.at - 1]

    def number(self):
        return int(self.next())

    def list(self):
        return [self.next() for _ in range(self.number())]


def build_oracle():
    """Build the oracle where the Go tool keeps its own results, once for its sources."""
    cache = subprocess.run(["go", "env", "GOCACHE"], check=True, capture_output=True, text=True)
    path = os.path.join(cache.stdout.strip(), "libdockerfile-oracle")
    subprocess.run(["go", "build", "-o", path, "."], check=True, cwd=os.path.join(HERE, "oracle"))
    return path


def run(command, data):
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}")
    return done.stdout


class Sides:
    def __init__(self, oracle, driver):
        self.oracle, self.driver = oracle, driver

    def theirs(self, requests):
        data = "".join(json.dumps(r) + "\n" for r in requests).encode()
        return [json.loads(line) for line in run([self.oracle], data).splitlines()]

    def ours(self, messages):
        return unpack_all(run([self.driver], b"".join(map(pack, messages))))

    def both(self, requests, messages):
        """Run the two at the same time."""
        result, failure = [], []

        def ask():
            try:
                result.extend(self.theirs(requests))
            except Exception as error:  # told in the main thread
                failure.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        ours = self.ours(messages)
        thread.join()
        if failure:
            raise failure[0]
        if not len(ours) == len(result) == len(requests):
            raise RuntimeError(f"{len(requests)} cases, {len(result)} and {len(ours)} answers")
        return result, ours


class Comparison:
    """What a comparer defines. A case is a dict; the bytes under `src` are what is shrunk."""

    title = ""

    def case(self, rng):
        """A new case."""
        raise NotImplementedError

    def request(self, case):
        """The case for the oracle: a dict for JSON."""
        raise NotImplementedError

    def message(self, case):
        """The case for the driver: a list of bytes."""
        raise NotImplementedError

    def theirs(self, case, answer):
        """The oracle's answer in the form that is compared."""
        raise NotImplementedError

    def ours(self, case, answer):
        """The driver's answer in the same form."""
        raise NotImplementedError

    def simpler(self, case):
        """Cases a little simpler than this one, most promising first."""
        src = case["src"]
        step = max(1, len(src) // 2)
        while True:
            for at in range(0, len(src), step):
                yield dict(case, src=src[:at] + src[at + step:])
            if step == 1:
                return
            step //= 2

    def differences(self, sides, cases):
        requests = [self.request(c) for c in cases]
        messages = [self.message(c) for c in cases]
        theirs, ours = sides.both(requests, messages)
        for case, t, o in zip(cases, theirs, ours):
            want, got = self.theirs(case, t), self.ours(case, o)
            if want != got:
                yield case, want, got

    def shrink(self, sides, case, rounds=200):
        """The smallest case found that still differs."""
        for _ in range(rounds):
            candidates = list(self.simpler(case))[:500]
            found = next(self.differences(sides, candidates), None) if candidates else None
            if found is None:
                return case
            case = found[0]
        return case


def show(case, want, got):
    for name, value in case.items():
        print(f"  {name}: {value!r}")
    if isinstance(want, dict) and isinstance(got, dict):
        for name in want:
            if want[name] != got.get(name):
                print(f"  {name}\n    BuildKit: {want[name]!r}\n    ours:     {got.get(name)!r}")
    else:
        print(f"  BuildKit: {want!r}\n  ours:     {got!r}")


def batches(comparison, rng, total, size):
    while total > 0:
        n = min(total, size)
        yield [comparison.case(rng) for _ in range(n)]
        total -= n


def report(comparison, sides, found, limit):
    for case, _, _ in found[:limit]:
        small = comparison.shrink(sides, case)
        print("difference:")
        show(*next(comparison.differences(sides, [small])))


def main(comparison):
    parser = argparse.ArgumentParser(description=comparison.title)
    parser.add_argument("--driver", required=True, help="built dfl-conformance-driver")
    parser.add_argument("--oracle", help="built oracle; default: built with go")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=5000)
    parser.add_argument("--show", type=int, default=5, help="differences to shrink and print")
    args = parser.parse_args()
    sides = Sides(args.oracle or build_oracle(), args.driver)
    rng, different, shown = random.Random(args.seed), 0, 0
    for cases in batches(comparison, rng, args.count, args.batch):
        found = list(comparison.differences(sides, cases))
        report(comparison, sides, found, args.show - shown)
        different += len(found)
        shown += min(len(found), args.show - shown)
    print(f"{comparison.title}: {args.count} cases (seed {args.seed}), {different} differences")
    sys.exit(1 if different else 0)
