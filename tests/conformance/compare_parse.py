#!/usr/bin/env python3
"""Parsed files, ours beside BuildKit's: made from a grammar, mutated, and token soup.

differences.md lists what differs on purpose. BuildKit stops at its first error and is held against
our first one of the same pass; where a line is too long, what stands before it is compared.
"""

import re

import dockerfiles
import sides

LONGEST_LINE = 65536  # BuildKit's scanner: with its line end, or one more byte to come


def cut_of(src):
    """Offset of the first line that is too long, plus one; 0 when there is none."""
    at = 0
    for line in src.split(b"\n"):
        if at + len(line) + 1 > at + LONGEST_LINE:
            return at + 1
        at += len(line) + 1
    return 0


def their_instruction(node):
    if node is None:
        return None
    return {"line": trimmed(sides.unb64(node["original"])),
            "name": sides.unb64(node["name"]), "json": bool(node["json"]),
            "flags": sides.unb64s(node["flags"]), "arguments": sides.unb64s(node["args"]),
            "heredocs": [(sides.unb64(h["name"]), sides.unb64(h["content"]), h["expand"], h["chomp"])
                         for h in node["heredocs"]],
            "trigger": their_instruction(node.get("trigger"))}


def trimmed(text):
    """Without the white space at both ends that Go's strings.TrimSpace removes."""
    blank = rb"(?:[\t-\r ]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)*"
    return re.fullmatch(blank + rb"(.*?)" + blank, text, re.S)[1]


def category(failure):
    return failure["category"] if failure else ""


def suggests(failure):
    return bool(failure) and "did you mean" in failure["text"]


def our_instruction(lists):
    line, name, kind = lists.next(), lists.next(), lists.next()
    out = {"line": line, "name": name, "json": lists.number() == 1, "flags": lists.list(), "arguments": lists.list()}
    if kind == b"UNKNOWN":
        out["arguments"] = [b""]  # BuildKit's parser keeps nothing of an unknown instruction
    out["heredocs"] = [(lists.next(), lists.next(), lists.number() == 1, lists.number() == 1)
                       for _ in range(lists.number())]
    out["trigger"] = our_instruction(lists) if lists.number() else None
    return out


def our_instructions(lists):
    out = []
    for _ in range(lists.number()):
        start, end, error = lists.number(), lists.number(), lists.next().decode()
        hint = lists.number() == 1
        out.append(dict(our_instruction(lists), start=start, end=end, error=error, hint=hint))
    return out


def first_error(instructions, stages):
    """What BuildKit's instruction parser says of the whole file."""
    for instruction in instructions:
        if instruction["error"]:
            return instruction["error"], instruction["start"]
    return ("", 0) if stages else ("no-stages", 0)


def detected(directive):
    """Value and whole value of a directive, or nothing."""
    return directive and (sides.unb64(directive["value"]), sides.unb64(directive["rest"]))


class Parse(sides.Comparison):
    title = "parsing"

    def __init__(self):
        self.seeds = dockerfiles.seeds()

    def case(self, rng):
        return {"src": dockerfiles.case(rng, self.seeds)}

    def request(self, case):
        return {"op": "parse", "src": sides.b64(case["src"]), "cut": cut_of(case["src"])}

    def message(self, case):
        return [b"parse", case["src"]]

    def theirs(self, case, answer):
        cut, failure = cut_of(case["src"]), answer["failure"]
        out = {"sound": 1, "cut": cut, "accepted": cut > 0 and not answer["whole_failure"],
               "failure": category(failure), "line": 0}
        out.update(syntax=detected(answer["syntax"]), check=detected(answer["check"]),
                   check_error=category(answer["check_failure"]))
        if failure:
            if failure["category"] not in ("no-instructions", "empty-file"):
                out["line"] = failure["line"]
            return out
        out["escape"] = answer["escape"].encode()
        out["warnings"] = answer["warnings"] or []
        out["instructions"] = [dict(their_instruction(n), start=n["start"], end=n["end"],
                                    error=category(n["failure"]), hint=suggests(n["failure"]))
                               for n in answer["nodes"]]
        error = answer["stage_failure"]
        out["error"] = (category(error), error["line"] if error and error["line"] >= 0 else 0)
        if not error:
            out["stages"] = [sides.unb64(s["name"]) for s in answer["stages"]]
        return out

    def ours(self, case, answer):
        lists = sides.Lists(answer)
        out = {"accepted": False}
        for name in ("syntax", "check"):
            found, value = lists.number(), (lists.next(), lists.next())
            out[name] = value if found else None
        out["check_error"] = lists.next().decode()
        out.update(sound=lists.number(), cut=lists.number())
        failure, line = lists.next().decode(), lists.number()
        escape = lists.next()
        warnings = [int(n) for n in lists.list()]
        _ = [(lists.next(), lists.next()) for _ in range(lists.number())]  # directives
        stages = [(lists.next(), lists.number()) for _ in range(lists.number())]
        instructions = our_instructions(lists)
        error = first_error(instructions, stages)
        if failure in ("no-instructions", "empty-file"):
            line = 0
        elif failure in ("bad-escape", "dup-directive"):
            line -= 1  # BuildKit counts the line after it has read the directive
        if failure:
            return dict(out, failure=failure, line=line)
        out.update(failure="", line=0, escape=escape, warnings=warnings, error=error, instructions=[
            dict(i, error="" if i["error"] == "no-stage" else i["error"]) for i in instructions])
        if error == ("", 0):
            out["stages"] = [name for name, _ in stages]
        return out


if __name__ == "__main__":
    sides.main(Parse())
