"""Files for the command, in a folder of the test's own."""

import pytest
from cli import GO


@pytest.fixture
def write(tmp_path):
    def make(content, name="Dockerfile"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


@pytest.fixture
def go(write):
    return write(GO)
