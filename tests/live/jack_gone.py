"""Run by itself: JACK clients whose server goes, let go in every way. `python -m tests.live.jack_gone`; ends with 0 if it lives."""

import gc
from types import ModuleType

from mvae.live.peers import JackPackage, jack_package
from tests.live.jack import server, wait_until


def main() -> None:
    package = jack_package()
    assert package is not None
    forgotten_while_it_runs(package)
    for told in (None, lambda name: None):
        with server():
            let_go, closed, kept = (JackPackage(package, told) for _ in range(3))
            for one in (let_go, closed, kept):
                assert isinstance(one.ports(outputs=True), list) and not one.waits
        assert wait_until(lambda those=(let_go, closed, kept): all(one.waits for one in those), 5)
        closed.close()
        del let_go
        gc.collect()
        assert kept.ports(outputs=True) == []
        with server():
            assert wait_until(lambda one=kept: one.ports(outputs=True) == [] and not one.waits, 5)
            kept.close()


def forgotten_while_it_runs(package: ModuleType) -> None:
    """A client that nobody holds any more, while other callbacks are made, which would lie where its own lay."""
    with server():
        forgotten = JackPackage(package, lambda name: None)
        assert isinstance(forgotten.ports(outputs=True), list)
        del forgotten
        gc.collect()
        ffi = package._ffi
        others = [ffi.callback("void (*)(const char *)", ffi.string) for _ in range(64)]
    assert len(others) == 64  # still there


if __name__ == "__main__":
    main()
