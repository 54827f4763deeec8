"""symbols.py BUILD -- what the libraries export, need and write, against headers and version maps.

Exports, headers and maps name the same functions; the core needs libc alone, calls only what it may
of it, and holds no data that can be written; nothing but dfl_ names leaves the archives.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

LIBRARIES = {
    # name: (SONAME, headers, libraries it may need)
    "dockerfile": (
        "libdockerfile.so.0",
        [h for h in sorted((ROOT / "include/dockerfile").glob("*.h")) if h.name != "io.h"],
        {"libc.so.6"},
    ),
    "dockerfile-io": (
        "libdockerfile-io.so.0",
        [ROOT / "include/dockerfile/io.h"],
        {"libc.so.6", "libdockerfile.so.0", "libfyaml.so.0"},
    ),
}
# All that the core calls of the C library: memory and bytes. Compilers add the last two lines.
CORE_CALLS = {
    "malloc", "calloc", "realloc", "free", "qsort", "bsearch",
    "memcpy", "memmove", "memset", "memcmp", "memchr", "strlen", "strcmp", "strchr", "strrchr",
    "__assert_fail", "__stack_chk_fail", "__cxa_finalize", "__gmon_start__",
    "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable",
}

failures = []
checks = 0


def expect(condition, message):
    global checks
    checks += 1
    if not condition:
        failures.append(message)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def same(label, got, label_want, want):
    expect(got == want, f"{label} without {label_want}: {sorted(got - want)}; "
                        f"{label_want} without {label}: {sorted(want - got)}")


def declared(headers):
    text = "\n".join(h.read_text() for h in headers)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"^\s*#.*(?:\\\n.*)*", "", text, flags=re.M)
    return set(re.findall(r"DFL_API\s[^;]*?\b(dfl_\w+)\s*\(", text))


def mapped(path):
    body = re.search(r"global:(.*?)local:\s*\*;", path.read_text(), flags=re.S)
    return set(re.findall(r"(\w+);", body[1])) if body else set()


def exported(library):
    lines = run("nm", "-D", "--defined-only", "--format=posix", library).splitlines()
    names = (line.split() for line in lines)
    # The version itself is listed as an absolute symbol.
    return {name.split("@")[0] for name, kind, *_ in names if kind != "A"}


def dynamic(library, tag):
    return set(re.findall(rf"\({tag}\).*\[(.*?)\]", run("readelf", "-dW", library)))


def check_library(build, name):
    soname, headers, may_need = LIBRARIES[name]
    shared, static = build / f"lib{name}.so", build / f"lib{name}.a"
    functions = declared(headers)
    expect(len(functions) > 5, f"{name}: headers declare nothing")
    same(f"{name}: map", mapped(ROOT / f"src/lib{name}.map"), "headers", functions)
    same(f"{name}: exports", exported(shared), "headers", functions)
    expect(dynamic(shared, "SONAME") == {soname}, f"{name}: SONAME {dynamic(shared, 'SONAME')}")
    needed = dynamic(shared, "NEEDED")
    expect(needed <= may_need, f"{name}: needs {sorted(needed - may_need)}")
    lines = run("nm", "-A", "--defined-only", "--extern-only", static).splitlines()
    strangers = {line.split()[-1] for line in lines if line.split()[-1][:3] != "dfl"}
    expect(not strangers, f"{name}: the archive defines {sorted(strangers)}")


def check_core_calls(build):
    lines = run("nm", "-D", "--undefined-only", "--format=posix", build / "libdockerfile.so")
    calls = {line.split()[0].split("@")[0] for line in lines.splitlines()}
    calls = {re.sub(r"^__(\w+)_chk$", r"\1", name) if name != "__stack_chk_fail" else name
             for name in calls}
    expect(calls <= CORE_CALLS, f"the core calls {sorted(calls - CORE_CALLS)}")


def check_core_data(build):
    """No section of the core's objects holds bytes that can be written at run time."""
    member, found = "?", []
    for line in run("readelf", "-SW", build / "libdockerfile.a").splitlines():
        if line.startswith("File: "):
            member = line.split("(")[-1].rstrip(")")
        match = re.match(r"\s*\[\s*\d+\]\s+(\S+)\s+\S+\s+\S+\s+\S+\s+(\S+)", line)
        if not match or int(match[2], 16) == 0:
            continue
        section = match[1]
        writable = re.match(r"\.(data|bss|tdata|tbss)(\.|$)", section)
        if writable and not section.startswith(".data.rel.ro"):
            found.append(f"{member}{section}")
    expect(not found, f"the core holds writable data: {found}")


def main():
    build = pathlib.Path(sys.argv[1])
    for name in LIBRARIES:
        check_library(build, name)
    check_core_calls(build)
    check_core_data(build)
    for failure in failures:
        print(failure)
    print(f"{checks - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
