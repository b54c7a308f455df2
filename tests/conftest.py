"""Every test begins with the floating-point arithmetic that Python starts with. The user's library is never theirs: they have their own.

onnxruntime lets denormal numbers count as zero in the thread that opens a session, as an instrument should; hypothesis needs them.
"""

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator

import pytest

LARGEST_ENVIRONMENT = 256  # bytes; what C calls fenv_t is smaller everywhere


def floating_point() -> Callable[[], object]:
    """What puts this thread's floating-point environment back to what it is now; nothing where the C library cannot."""
    name = ctypes.util.find_library("m")
    if name is None:
        return lambda: None
    library, environment = ctypes.CDLL(name), ctypes.create_string_buffer(LARGEST_ENVIRONMENT)
    library.fegetenv(environment)
    return lambda: library.fesetenv(environment)


as_at_the_start = floating_point()


@pytest.fixture(autouse=True, scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty folder for what tests, and the commands that they run, keep for the user."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MVAE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(autouse=True)
def arithmetic() -> Iterator[None]:
    as_at_the_start()
    yield
    as_at_the_start()
