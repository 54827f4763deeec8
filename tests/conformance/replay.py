#!/usr/bin/env python3
"""The library beside what BuildKit said when vectors/ was recorded: needs the driver, and no Go."""
import argparse
import sys

import recorded
import sides


class Replayed(sides.Sides):
    """The live driver, and answers that are known."""

    def __init__(self, driver, answers):
        super().__init__(None, driver)
        self.answers = answers

    def theirs(self, requests):
        return self.answers


def replay(name, comparison, driver):
    """Cases, and how many differ."""
    _, cases, answers = recorded.read(name)
    different = 0
    for case, want, got in comparison.differences(Replayed(driver, answers), cases):
        different += 1
        print(f"{name}: difference:")
        sides.show(case, want, got)
    return len(cases), different


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--driver", required=True, help="built dfl-conformance-driver")
    args = parser.parse_args()
    passed, failed = 0, 0
    for name, kind in recorded.COMPARISONS.items():
        count, different = replay(name, kind(), args.driver)
        print(f"{name}: {count} cases, {different} differences")
        passed += count - different
        failed += different
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
