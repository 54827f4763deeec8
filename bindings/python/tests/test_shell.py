"""Commands of RUN, CMD and scripts: structure, places in the file, what runs always."""

from __future__ import annotations

import pytest

import libdockerfile
from libdockerfile import (
    CommandFlags,
    CommandKind,
    Limits,
    LimitError,
    Model,
    NodeKind,
    Operator,
    Range,
    Shell,
    ShellFlags,
    StaleError,
    UnsupportedError,
    WordFlags,
    parse,
    scan_shell,
)

FILE = """\
FROM debian
RUN apt-get upd\\
ate \\
  # why
  && A=1 sudo -E make "$x" 2>&1 | tee log || exit 1
CMD ["sh", "-c", "exec \\"run\\" it"]
RUN cat <<EOF > /motd
hello
EOF
SHELL ["pwsh", "-c"]
RUN a; b
"""


def shells() -> tuple[libdockerfile.Document, list[Shell]]:
    doc = parse(FILE)
    model = Model(doc)
    kinds = (NodeKind.RUN, NodeKind.CMD)
    return doc, [model.shell(node) for node in doc.instructions if node.kind in kinds]


def cut(doc: libdockerfile.Document, range: Range) -> str:
    return doc.source[range.start : range.end].decode()


def test_commands() -> None:
    doc, (shell, *_) = shells()
    update, make, tee, leave = shell.commands
    assert shell.node is not None and shell.node.kind is NodeKind.SHELL_FORM
    assert shell.flags == ShellFlags(0) and not shell.opaque
    assert cut(doc, update.range) == "apt-get upd\\\nate"
    assert [word.value for word in update.words] == ["apt-get", "update"]
    assert (update.kind, update.operator, update.operator_range) == (
        CommandKind.SIMPLE,
        Operator.NONE,
        None,
    )
    assert make.operator is Operator.AND and make.operator_range is not None
    assert cut(doc, make.operator_range) == "&&"
    assert [word.value for word in make.assignments] == ["A=1"]
    assert make.program is not None and make.program.value == "make"
    assert make.words[-1].value is None
    assert make.words[-1].flags == WordFlags.VARIABLE | WordFlags.QUOTED
    (redirection,) = make.redirections
    assert (redirection.fd, redirection.op, redirection.body) == (2, ">&", None)
    assert cut(doc, redirection.range) == "2>&1" and redirection.target.value == "1"
    assert tee.flags == CommandFlags.PIPE
    assert [command.always for command in shell.commands] == [True, True, True, False]
    assert [command.next for command in shell.commands] == [1, 2, 3, None]
    assert leave.parent is None


def test_script_of_another_shell() -> None:
    doc, (_, start, *_) = shells()
    assert start.flags == ShellFlags.EXEC
    (command,) = start.commands
    assert command.script is not None
    (inner,) = command.script.commands
    assert inner.program is not None and inner.program.value == "run"
    assert cut(doc, inner.program.range) == '\\"run\\"'
    assert cut(doc, inner.range) == 'exec \\"run\\" it'


def test_heredoc() -> None:
    doc, (_, _, cat, _) = shells()
    document, _ = cat.commands[0].redirections
    assert document.op == "<<" and document.body is not None
    assert cut(doc, document.body) == "hello\n"


def test_other_shells_are_opaque() -> None:
    _, (*_, last) = shells()
    assert last.opaque and ShellFlags.FOREIGN in last.flags
    assert [command.kind for command in last.commands] == [CommandKind.OPAQUE]


def test_nodes_that_give_a_shell_nothing() -> None:
    doc, _ = shells()
    with pytest.raises(UnsupportedError):
        Model(doc).shell(doc.instructions[0])
    with pytest.raises(StaleError):
        Model(parse(FILE)).shell(doc.instructions[1])


def test_text() -> None:
    shell = scan_shell("if a; then b; fi\n[[ c ]]")
    assert shell.node is None and ShellFlags.BASH in shell.flags
    assert [command.parent for command in shell.commands] == [None, 0, 0, None]
    assert shell.commands[2].range == Range(11, 12) and not shell.commands[2].always
    assert scan_shell("case").opaque
    assert scan_shell("").commands == ()
    with pytest.raises(LimitError):
        scan_shell("( ( a ) )", limits=Limits(max_depth=1))


def test_outlives_the_document() -> None:
    doc, found = shells()
    doc.close()
    assert found[0].commands[0].words[1].value == "update"
