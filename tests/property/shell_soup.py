#!/usr/bin/env python3
"""shell_soup.py -- random shell text: what bash or dash rejects must be opaque to the scanner.

usage: shell_soup.py [--count N] [--seed N] [--keep FILE]

The scanner is built with ASan and UBSan. Text comes from three makers: tokens at random, a grammar,
and the grammar's text with tokens dropped, doubled or exchanged. Laws:
  bash -n rejects            => opaque
  dash -n rejects            => opaque, or noted as bash's
  a word is called literal   => dash and bash print exactly its value, in a folder full of files
At most 1 % of the grammar's text that the shells accept may be opaque.
"""
import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

TOKENS = """a b echo x=1 y=$x ls -la foo.txt ' " ` $ \\ ( ) (( )) { } [ ] [[ ]] < > << <<- <<< >> <& >& <> >| &> |&
 | || & && ; ;; ;& ! # if then elif else fi for in do done while until case esac function select time coproc
 $x ${x} ${x:-y} ${x#y} ${ $( $(( )) 'a b' "a $x" "$(a)" `a` \\a \\; $'a' $"a" 2 2> 10> 1 {a,b} {} a{ ~ ~/x * ? [a-z] @(a)
 a[1]=2 a+=b a=( f() =~ == -f -eq !a @ % ^ + - , . : = E 'E' "E" é""".split()
GLUE = [" "] * 6 + ["", "", "\n", "\t", "\\\n", "\n# c\n", " ; "]


def soup(r):
    return "".join(r.choice(TOKENS) + r.choice(GLUE) for _ in range(r.randrange(1, 14)))


class Grammar:
    """Valid text, mostly: what people write, and its corners."""

    def __init__(self, r):
        self.r, self.depth, self.pending = r, 0, []

    def pick(self, *rows):
        row = self.r.choice(rows)
        return row() if callable(row) else row

    def many(self, make, low, high, glue=" "):
        return glue.join(make() for _ in range(self.r.randrange(low, high + 1)))

    def deeper(self, make, other):
        if self.depth > 3:
            return other
        self.depth += 1
        text = make()
        self.depth -= 1
        return text

    def few(self, counts):
        return self.r.choice(counts) if self.depth == 0 or self.r.random() < 0.3 else 0

    def name(self):
        return self.pick("a", "foo", "_x1", "PATH", "DEBIAN_FRONTEND")

    def plain(self):
        return self.pick("a", "foo.txt", "-y", "--no-cache", "/usr/bin/x", "1.2.3", "a=b", "x:y", "%s", "@", "^x", "a,b",
                         "{}", "[", "]", "a\\ b", "\\$x", "\\\\", "a#b", "é", "+", "10", "a{b}c", "in", "=", "a+=1")

    def quoted(self):
        return self.pick("'a b'", '"a b"', "''", '""', "'$x'", '"\\$x"', '"a\\"b"', "'\\'", '"a\nb"', "'a\nb'", '"it\'s"',
                         "'\"'", '"a\\\nb"', '"\\a"', '"#"', "';'", '"{a,b}"', '"*"', '"~"', '"(a) && b"')

    def parameter(self):
        x = self.name()
        word = lambda: self.deeper(self.word, "d").replace("'", "")
        return self.pick(f"${x}", f"${{{x}}}", "$1", "$@", "$?", "$$", "$#", f"${{#{x}}}", "${1}", "${@}",
                         lambda: f"${{{x}{self.pick(':-', '-', ':=', '+', ':+', '?', '#', '##', '%', '%%')}{word()}}}",
                         f"${{{x}:-}}", f"${{{x}%/*}}", f"${{{x}##*/}}")

    def bash_parameter(self):
        x = self.name()
        return self.pick(f"${{{x}/a/b}}", f"${{{x}//a}}", f"${{{x}:1:2}}", f"${{{x}^^}}", f"${{!{x}}}", f"${{{x}[@]}}",
                         f"${{#{x}[@]}}", f"${{{x}@Q}}", f"${{{x}[$i]}}",
                         f'${{{x}["a b"]}}', f"${{{x}[${{i}}]:-1}}")

    def substitution(self):
        return self.pick(lambda: f"$({self.body()})", lambda: f"`{self.old()}`",
                         lambda: f"$(({self.arith()}))")

    def old(self):
        return self.pick("a", "a b | c", "date +%s", "uname -m && x", "awk '{print \\$1}' f", "echo \\`a\\`", "(a)", "")

    def arith(self):
        return self.pick("1+2", "x*(y+1)", "$x << 2", " x > 0 ? 1 : 2 ", "$(a)+1", "${x:-1}", "(1)", "a=(2)")

    def double(self):
        parts = [lambda: self.pick("a", " ", "-", "'", "\\\\", "{", "#"), self.parameter, self.substitution]
        return '"' + self.many(lambda: self.pick(*parts), 1, 3, "") + '"'

    def ansi(self):
        return self.pick("$'a\\n'", "$'it\\'s'", '$"a"', "$'a b'")

    def part(self):
        kinds = [self.plain] * 8 + [self.quoted] * 3 + [self.parameter] * 2
        kinds += [self.double, self.substitution, lambda: self.pick("*", "?.txt", "[a-z]*", "{a,b}", "{1..3}")]
        if self.r.random() < 0.05:
            kinds = [self.ansi, self.bash_parameter]
        return self.r.choice(kinds)()

    def word(self):
        text = self.many(self.part, 1, 2, "") if self.r.random() < 0.3 else self.part()
        return self.pick("~", "~/x", "a=~") if self.r.random() < 0.02 else text

    def redirection(self):
        fd = self.pick("", "", "", "2", "1")
        if self.r.random() < 0.1 and self.depth == 0:
            return self.heredoc()
        if self.r.random() < 0.05:
            return self.pick("&>/dev/null", "&>>f", "<<<x", "< <(a)", '<<< "$x"', "> >(a)")
        return self.pick(lambda: fd + self.pick(">", "<", ">>", ">|", "<>") + self.pick("", " ") + self.word(),
                         ">/dev/null", "2>&1", ">&2", "2>&-", "<&3")

    def heredoc(self):
        delimiter, dash = self.pick("EOF", "E", "'EOF'", '"E"', "\\E"), self.pick("", "-")
        name = delimiter.strip("'\"\\")
        lines = self.many(lambda: self.pick("a", "$x", "$(a)", "'", '"', "x && y", "`a`", "\\$x", "", "#"), 0, 3, "\n")
        if "'" in delimiter or '"' in delimiter or "\\" in delimiter:
            lines += self.pick("", "\n$(", "\n`")
        self.pending.append((lines + "\n" if lines else "") + ("\t" if dash and self.r.random() < 0.5 else "") + name + "\n")
        return f"<<{dash}{self.pick('', ' ')}{delimiter}"

    def assignment(self):
        if self.r.random() < 0.04:
            return self.pick("a=(1 2)", "a+=x", "a+=(b)", "a[1]=x", "a=([0]=x\n[1]=y)", "a=($(a))")
        return self.name() + "=" + self.pick("", self.word)

    def simple(self):
        parts = [self.assignment() for _ in range(self.r.choice([0] * 5 + [1, 1, 2]))]
        if self.r.random() < 0.95 or not parts:
            parts.append(self.pick("echo", "apt-get", "rm", "a", "env", "exec", "set", ":", "[", "test", "cd", self.word))
            parts += [self.word() for _ in range(self.r.randrange(0, 5 - self.depth // 2))]
        parts += [self.redirection() for _ in range(self.r.choice([0] * 5 + [1, 2]))]
        return self.pick(" ", " ", " ", "  ", " \\\n ", "\t").join(parts)

    def end(self):
        """A newline, with the bodies that wait for it."""
        bodies, self.pending = "".join(self.pending), []
        return "\n" + bodies

    def semi(self):
        return self.pick("; ", ";", " ; ", self.end, lambda: self.end() + "  ", lambda: ";" + self.end())

    def line(self):
        """Ends the words of `for`: before a newline no body may wait there."""
        return self.pick("; ", "\n", ";\n") if not self.pending else "; "

    def inner(self):
        return self.deeper(self.sequence, "a") + self.semi()

    def compound(self):
        redirect = self.redirection() if self.r.random() < 0.15 else ""
        rows = [lambda: f"{{ {self.inner()}}}", lambda: f"({self.deeper(self.sequence, 'a')})",
                lambda: f"if {self.inner()}then {self.inner()}fi",
                lambda: f"if {self.inner()}then\n{self.inner()}elif {self.inner()}then {self.inner()}else {self.inner()}fi",
                lambda: f"{self.pick('while', 'until')} {self.inner()}do {self.inner()}done",
                lambda: f"for {self.name()} in {self.many(self.word, 0, 3)}{self.line()}do {self.inner()}done",
                lambda: f"for {self.name()}{self.pick('; ', ' ')}do {self.inner()}done",
                lambda: f"case {self.word()} in {self.many(self.item, 0, 3, '')}esac"]
        if self.r.random() < 0.06:
            rows = [lambda: f"[[ {self.test()} ]]", lambda: f"(({self.arith()}))", "for ((i=0;i<3;i++)); do a; done",
                    lambda: f"function f {{ {self.inner()}}}", lambda: f"select x in a; do {self.inner()}done"]
        return self.pick(*rows) + (" " + redirect if redirect else "")

    def item(self):
        patterns = self.many(lambda: self.pick("a", "*", "a*b", '"$x"', "[0-9]*", "-h", "$x"), 1, 2, self.pick("|", " | "))
        return (self.pick("", "", "(") + patterns + ")" + self.pick(" ", "\n") +
                self.pick("", lambda: self.deeper(self.sequence, "a")) + ";;" + self.pick("\n", " "))

    def test(self):
        return self.pick("-f x", "$a == b", "a = b && -z $x", "! -d y", "$x =~ ^(a|b)$", "( a || b )", "a < b", "x -eq 1",
                         "$a == *.txt", "$a != @(a|b c)", "-n $(a)", "$x =~ [0-9]+", "$a")

    def function(self):
        return f"{self.name()}() {{ {self.inner()}}}"

    def command(self):
        kind = self.r.random()
        if self.depth > 3 or kind < 0.8:
            return self.simple()
        return self.function() if kind > 0.98 else self.compound()

    def pipeline(self):
        bar = self.pick(" | ", "|", " |\\\n  ") if self.r.random() < 0.97 else " |& "
        return ("! " if self.r.random() < 0.04 else "") + self.many(self.command, 1, self.pick(1, 1, 2, 3), bar)

    def and_or(self):
        text = self.pipeline()
        for _ in range(self.few([0, 0, 0, 1, 1, 2, 4])):
            text += self.pick(" && ", " && ", " || ", " && \\\n    ") + self.pipeline()
        return text

    def sequence(self):
        text = self.and_or()
        for _ in range(self.few([0, 0, 0, 1, 2])):
            text += self.pick(self.semi, self.semi, " & ") + self.and_or()
        return text

    def body(self):
        text = self.deeper(self.sequence, "a")
        return " " + text + " " if text.startswith("(") else text

    def script(self):
        text = self.pick("", "", "", "\n", "# comment\n", " ") + self.sequence()
        text += self.pick("", "", "", ";", " &", " # end", "\n") if not self.pending else ""
        return text + (self.end() if self.pending else "")


def mutate(r, text):
    parts = re.findall(r"\s+|\w+|.", text, re.S) or [""]
    for _ in range(r.randrange(1, 4)):
        i, j = r.randrange(len(parts)), r.randrange(len(parts))
        kind = r.randrange(5)
        if kind == 0:
            parts[i] = ""
        elif kind == 1:
            parts[i] += parts[i]
        elif kind == 2:
            parts[i], parts[j] = parts[j], parts[i]
        elif kind == 3:
            parts[i] = r.choice(TOKENS)
        else:
            parts.insert(i, r.choice(TOKENS) + r.choice(GLUE))
    return "".join(parts)


def make(r, kind):
    if kind == "soup":
        return soup(r)
    text = Grammar(r).script()
    return mutate(r, text) if kind == "mutated" else text


def build(folder):
    driver = os.path.join(folder, "driver")
    sources = [os.path.join(ROOT, "tests/property/shell_soup.c")]
    for area in ("base", "diag", "syntax", "shell"):
        path = os.path.join(ROOT, "src", area)
        sources += sorted(os.path.join(path, name) for name in os.listdir(path) if name.endswith(".c"))
    subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-g", "-O1",
                    "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I" + os.path.join(ROOT, "include"),
                    "-I" + os.path.join(ROOT, "src"), "-o", driver] + sources, check=True)
    return driver


def scan(driver, scripts):
    """The driver's answers, each (status, opaque, bash, commands)."""
    data = b"".join(s.encode() + b"\0" for s in scripts)
    done = subprocess.run([driver], input=data, capture_output=True)
    lines = done.stdout.decode().splitlines()
    if done.returncode != 0 or len(lines) != len(scripts):
        sys.exit(f"the driver stopped after {len(lines)} scripts, before {scripts[len(lines)]!r}:\n{done.stderr.decode()}")
    answers = []
    for line in lines:
        status, opaque, bash, rest = (line + " ").split(" ", 3)
        answers.append((int(status), opaque == "1", bash == "1", [c.split() for c in rest.split("|")[1:]]))
    return answers


def accepts(shell, script):
    return subprocess.run([shell, "-n", "-c", "--", script], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def literals(script, commands):
    """Pairs of a literal word of the program or its arguments, and its value."""
    data = script.encode()
    for command in commands:
        for field in command[1:]:
            found = re.fullmatch(r"w\[(\d+),(\d+)\)=([0-9a-f]*)", field)
            if found:
                yield data[int(found[1]):int(found[2])], bytes.fromhex(found[3])


def check_literals(pairs, folder):
    """What both shells make of the words, among files whose names are one and two letters long."""
    where = os.path.join(folder, "files")
    os.mkdir(where)
    for name in "abcdefxyz1234567890-_+%@^=,.:{}[]éE":
        for more in ("", "a", ".txt"):
            open(os.path.join(where, "-" * 0 + name + more + "_"), "w").close()
            if name + more not in (".",):
                open(os.path.join(where, name + more), "w").close()
    wrong = []
    pairs = sorted(set(pairs))
    for shell in ("dash", "bash"):
        for at in range(0, len(pairs), 500):
            chunk = pairs[at:at + 500]
            text = b"printf '%s\\0' " + b" ".join(raw for raw, _ in chunk)
            out = subprocess.run([shell, "-c", text], cwd=where, capture_output=True).stdout
            got = out.split(b"\0")[:-1]
            if got != [value for _, value in chunk]:
                wrong += [(shell, pair, g) for pair, g in zip(chunk, got) if pair[1] != g][:3] or [(shell, chunk[0], b"?")]
    return wrong, len(pairs)


def shrink(script, holds):
    """The script with every part taken away that `holds` does not need."""
    size = max(len(script) // 2, 1)
    while size >= 1:
        at = 0
        while at < len(script):
            less = script[:at] + script[at + size:]
            if holds(less):
                script = less
            else:
                at += size
        size //= 2
    return script


def judge(answer, bash, dash):
    """What is wrong with the answer, or None."""
    status, opaque, noted, _ = answer
    if status != 0:
        return f"status {status}"
    if not bash and not opaque:
        return "bash rejects it"
    if not dash and not opaque and not noted:
        return "dash rejects it"
    return None


def ask(driver, script):
    """What is wrong with one script, and whether it is opaque though the shells accept it."""
    answer, bash, dash = scan(driver, [script])[0], accepts("bash", script), accepts("dash", script)
    return judge(answer, bash, dash), answer[1] and bash and dash


def run(options, folder):
    r = random.Random(options.seed)
    kinds = [("soup", "grammar", "mutated")[i % 3] for i in range(options.count)]
    scripts = [make(r, kind).replace("\0", "") for kind in kinds]
    driver = build(folder)
    answers = scan(driver, scripts)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        bash = list(pool.map(lambda s: accepts("bash", s), scripts, chunksize=50))
        dash = list(pool.map(lambda s: accepts("dash", s), scripts, chunksize=50))
    wrong, totals, pairs = [], {}, []
    for kind, script, answer, b, d in zip(kinds, scripts, answers, bash, dash):
        problem = judge(answer, b, d)
        if problem and len(wrong) < 5:
            wrong.append((problem, shrink(script, lambda s: s and ask(driver, s)[0] == problem)))
        elif problem:
            wrong.append((problem, script))
        total = totals.setdefault(kind, [0, 0, []])
        if b and (d or answer[2]):
            total[0] += 1
            total[1] += answer[1]
            if answer[1]:
                total[2].append(script)
        if not answer[1]:
            pairs += list(literals(script, answer[3]))
    if options.keep:
        for total in totals.values():
            total[2] = [shrink(s, lambda s: s and ask(driver, s)[1]) for s in sorted(total[2], key=len)[:8]]
    bad, words = check_literals(pairs, folder)
    return wrong + [(f"{shell} prints {got!r}", pair) for shell, pair, got in bad], totals, words


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="write the shortest accepted but opaque scripts here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong, totals, words = run(options, folder)
    for problem, script in wrong[:20]:
        print(f"FAIL {problem}: {script!r}")
    for kind, (accepted, opaque, _) in sorted(totals.items()):
        print(f"{kind}: {accepted} accepted, {opaque} of them opaque ({100 * opaque / max(accepted, 1):.2f} %)")
    if options.keep:
        with open(options.keep, "w", encoding="utf-8") as file:
            for kind, (_, _, scripts) in sorted(totals.items()):
                file.writelines(f"{kind} {script!r}\n" for script in scripts)
    accepted, opaque, _ = totals["grammar"]
    too_many = opaque > accepted / 100
    print(f"{options.count} scripts, {words} literal words: {len(wrong)} failed{', too many opaque' if too_many else ''}")
    return 1 if wrong or too_many else 0


if __name__ == "__main__":
    sys.exit(main())
