"""A JACK server for the tests of a module that asks for it: by name, or `pytestmark = pytest.mark.usefixtures("jack_server")` for all."""

from collections.abc import Iterator

import pytest

from tests.live.jack import server


@pytest.fixture(scope="module")
def jack_server() -> Iterator[str]:
    with server() as name:
        yield name
