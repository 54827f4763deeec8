#!/usr/bin/env python3
"""Print which programs the RUNs of Dockerfiles call always, and which perhaps.

python3 programs.py Dockerfile...
"""

import sys

import libdockerfile


def commands_of(shell):
    """The commands of a text and of the scripts that it gives to other shells, with whether they
    run whenever nothing before them fails."""
    for command in shell.commands:
        yield command, command.always
        if command.script:
            for inner, always in commands_of(command.script):
                yield inner, always and command.always


def main():
    for path in sys.argv[1:]:
        doc = libdockerfile.parse_file(path)
        model = libdockerfile.Model(doc)
        for run in doc.instructions:
            if run.name != "RUN":
                continue
            shell = model.shell(run)
            called = [(c.program.value, always) for c, always in commands_of(shell) if c.program]
            always = sorted({name for name, certain in called if certain})
            perhaps = sorted({name for name, certain in called if not certain} - set(always))
            note = " (and more: not all is understood)" if shell.opaque else ""
            print(f"{path}:{run.lines[0]}: always {', '.join(always) or 'nothing'}", end="")
            print(f"; perhaps {', '.join(perhaps)}{note}" if perhaps else note)


if __name__ == "__main__":
    main()
