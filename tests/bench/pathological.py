#!/usr/bin/env python3
"""Families of hostile files at n, 2n and 4n: a doubling may not cost more than 2.2 times as much.

Costs are instructions inside dfl_parse, counted by callgrind in one run over all files. Then a few
families are parsed at full size, natively, within a time that a defect would exceed by far.
"""
import argparse
import sys

import counting

FAMILIES = {}  # name -> (maker, n)
FULL = {}      # name -> n, where the family is parsed at full size as well


def lines(n, text):
    """n lines of `text`, in which %d is the number of the line."""
    return "FROM a\n" + "".join((text % i if "%" in text else text) + "\n" for i in range(n))


def instruction(n, start, text, end=""):
    return "FROM a\n" + start + "".join(text % i if "%" in text else text for i in range(n)) + end + "\n"


def repeated(name, n, how, *args, full=None):
    FAMILIES[name] = (lambda count: how(count, *args), n)
    if full:
        FULL[name] = full


# Lines and what stands between instructions.
repeated("blank lines", 5000, lines, "", full=4000000)
repeated("comments", 3000, lines, "# c")
repeated("directives", 3000, lambda n: "# syntax=a\n" * n)
repeated("byte order marks", 3000, lambda n: "\ufeff" * n)
repeated("lone carriage returns", 8000, lambda n: "FROM a\r" * n)
repeated("unknown instructions", 2000, lines, "NOPE x", full=500000)
repeated("misspelled instructions", 2000, lines, "HEALTHCHEKC x")
repeated("errors", 2000, lines, "COPY a")
repeated("stages", 2000, lines, "FROM a AS b%d", full=100000)

# Continuations.
repeated("continuations", 3000, instruction, "RUN a", " \\\na", "", full=1000000)
repeated("lone continuations", 4000, lambda n: "\\\n" * n)
repeated("comments in a continuation", 3000, instruction, "RUN a \\\n", "# c\n", "b")
repeated("blank lines in a continuation", 4000, instruction, "RUN a \\\n", "\n", "b")
repeated("continued words", 2000, instruction, "COPY a", " b\\\nc")
repeated("continued pairs", 1500, instruction, "ENV A=b", " \\\n # c\n B=\\\nc")
repeated("continued strings", 1500, instruction, 'RUN ["a"', ', \\\n# c\n"b\\\nc"', "]")
repeated("escape characters", 8000, instruction, "ENV A=", "\\", "x")

# Words, flags and pairs.
repeated("spaces", 10000, instruction, "RUN", " ", "x")
repeated("wide spaces", 5000, instruction, "ENV", "\u00a0", "x")
repeated("words", 3000, instruction, "COPY", " a")
repeated("unknown flags", 2000, instruction, "RUN", " --x", " y")
repeated("lists of flags", 1500, instruction, "RUN", " --mount=type=cache,target=/x", " y")
repeated("quotes in a flag", 3000, instruction, "RUN --x=", "'a'\"b\"")
repeated("fields of a mount", 3000, instruction, "RUN --mount=", "a=b,", "c=d x")
repeated("quoted fields", 3000, instruction, "RUN --mount='", '"a""b",', "' x")
repeated("pairs", 2000, instruction, "ENV", " A%d=b")
repeated("pairs without value", 2000, instruction, "ENV A=b", " c")
repeated("openers of quotes", 5000, instruction, "ENV A=", "\"'")
repeated("arguments", 2000, instruction, "ARG", " A=b")
repeated("bad bytes", 5000, lambda n: b"FROM a\nARG A=" + b"\xff" * n)
repeated("triggers", 2000, lines, "ONBUILD RUN a")
repeated("chain of triggers", 2000, instruction, "", "ONBUILD ", "RUN a", full=400000)
repeated("health checks", 800, lines, "HEALTHCHECK --interval=1s --retries=2 CMD [\"a\"]")
repeated("terms of a duration", 3000, instruction, "HEALTHCHECK --interval=", "1s", " CMD a")

# JSON.
repeated("strings", 2000, instruction, "RUN [\"a\"", ', "b"', "]", full=600000)
repeated("escapes in a string", 3000, instruction, 'RUN ["', "\\u0041\\n", '"]')
repeated("openers of lists", 2400, instruction, "RUN ", "[")
repeated("closed lists", 2400, lambda n: "FROM a\nRUN " + "[" * n + "]" * n)
repeated("openers of objects", 2400, instruction, "RUN [", '{"a":')
repeated("lines that open a list", 2000, lines, 'RUN ["a",')
repeated("digits", 8000, instruction, "RUN [", "1", "]")

# Heredocs.
repeated("heredocs", 1500, lines, "RUN <<E\nE", full=100000)
repeated("heredocs that are not closed", 1500, lines, "RUN <<E", full=100000)
repeated("names that are not closed", 6000, lines, "RUN <<E%d", full=100000)
repeated("tabbed names that are not closed", 6000, lines, "RUN <<-E%d")
repeated("like lines behind an open heredoc", 6000,
         lambda n: "FROM a\nRUN <<E <<F <<G\n" + ("a" * 60 + "\n") * n, full=60000)
repeated("tabs behind an open heredoc", 6000,
         lambda n: "FROM a\nRUN <<-E <<-F\n" + ("\t" * 40 + "a\n") * n)
repeated("heredocs of an instruction", 200, lambda n: "FROM a\nRUN" + " <<E" * n + "\n" + "E\n" * n)
repeated("quoted heredoc names", 2000, instruction, "RUN <<", "'a'\"b\"\\c")
repeated("arrows", 4000, instruction, "RUN", " <<")
repeated("openers of substitutions", 3000, instruction, "RUN <<E ", "${A:-")
repeated("nested substitutions", 3000, lambda n: "FROM a\nRUN <<E " + "${A:-" * n + "}" * n)
repeated("substitutions", 2000, instruction, "RUN <<E ", "${A:-${B#c}} $D ")
repeated("quotes around arrows", 3000, instruction, "RUN ", '"<<')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="built dfl-bench-parse")
    parser.add_argument("--only", default="", help="families whose name holds this")
    args = parser.parse_args()
    families = {name: family for name, family in FAMILIES.items() if args.only in name}
    bad = counting.check(args.program, "dfl_parse", families)
    bad += counting.check_full(args.program, families, FULL)
    print(f"{len(families)} families, {bad} bad")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
