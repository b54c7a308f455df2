import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.change import Change
from mvae.core.patch import Button
from mvae.core.patch_file import load_patch
from mvae.live.keys import HELP, KEYS, MUTE, bindings, changes

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are of Unix", allow_module_level=True)

import pty
import termios

ACTIONS = Actions(table("ABCD", (), ("drums",)))
BOUND = bindings(ACTIONS)
WAIT_S = 20.0


def done(typed: str, playing: bool = True) -> list[tuple[str, object]]:
    return [(change.action, change.value) for change in changes(typed, BOUND, playing, 0.0)]


def test_every_key_does_an_action_that_exists_and_is_in_the_help() -> None:
    assert all(action in ACTIONS for action, _ in KEYS.values())
    assert all(f"{key} " in HELP for key in "tprmf")


def test_keys_become_changes_in_order() -> None:
    assert done("tprf4m") == [(name, None) for name in ("tap", "panic", "reseed", "fill", "recall D", "mute drums")]
    assert changes("t", BOUND, False, 1.5) == (Change("tap", None, 1.5, "keys"),)


def test_space_plays_when_stopped_and_stops_when_playing() -> None:
    assert (done(" ", playing=True), done(" ", playing=False)) == ([("stop", None)], [("play", None)])
    assert done("  ", playing=False) == [("play", None), ("stop", None)]


def test_arrows_and_unknown_keys_mean_nothing() -> None:
    assert done("\x1b[A") == done("\x1b[1~") == done("zq\n") == []


def test_with_two_anchors_there_are_two_anchor_keys() -> None:
    two = bindings(Actions(table("AB", (), ("drums",))))
    assert "2" in two and "3" not in two and MUTE in two


def test_a_patch_may_bind_keys_of_its_own() -> None:
    patch = replace(load_patch("first_light"), buttons=(Button("mine", "fill", 2, key="f"),))
    assert bindings(patch.actions(), patch)["f"] == ("fill", 2)


PROGRAM = """
import os, signal, sys, threading
from mvae.live.keys import Keys
os.open(os.ttyname(0), os.O_RDWR)  # takes the terminal for its own
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
over = threading.Event()
def heard(typed):
    print("heard", typed, flush=True)
    if "q" in typed: over.set()
keys = Keys(heard)
print("here", keys.here, flush=True)
if "{end}" == "raise": raise SystemExit(3)
over.wait(30)
if "{end}" == "close": keys.close()
"""


class Session:
    """A program on a pseudo-terminal of its own."""

    def __init__(self, end: str) -> None:
        self.ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.replace("{end}", end)], stdin=self.theirs, stdout=subprocess.PIPE, start_new_session=True
        )
        self.text = b""

    def wait_for(self, wanted: bytes) -> None:
        assert self.program.stdout is not None
        end_s = time.monotonic() + WAIT_S
        with selectors.DefaultSelector() as ready:
            ready.register(self.program.stdout, selectors.EVENT_READ)
            while wanted not in self.text:
                assert time.monotonic() < end_s, self.text
                if ready.select(0.1):
                    self.text += os.read(self.program.stdout.fileno(), 4096)

    def mode(self) -> object:
        return termios.tcgetattr(self.theirs)

    def close(self) -> None:
        self.program.kill()
        self.program.communicate()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.mark.parametrize("end", ["close", "leave", "SIGTERM", "raise"])
def test_the_terminals_mode_is_put_back_however_it_ends(end: str) -> None:
    session = Session(end)
    try:
        session.wait_for(b"here True")
        if end == "SIGTERM":
            assert session.mode() != session.before
            session.program.send_signal(signal.SIGTERM)
        elif end != "raise":
            os.write(session.ours, b"tq")
            session.wait_for(b"q")
        assert session.program.wait(WAIT_S) == (3 if end == "raise" else 0)
        assert session.mode() == session.before
    finally:
        session.close()


def test_without_a_terminal_there_are_no_keys() -> None:
    run = [sys.executable, "-c", "from mvae.live.keys import Keys\nwith Keys(print) as keys: print(keys.here)"]
    assert subprocess.run(run, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=60).stdout == b"False\n"
