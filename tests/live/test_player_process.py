"""The pipes of the player's process: in without missing anything, out without ever waiting."""

import os
import time
from collections.abc import Callable
from typing import cast

import pytest

from mvae.live import frames, wire
from mvae.live.player import Player
from mvae.live.player_process import TAKING_S, PipeInbox, PipeUp, ThreadInbox, meet

INBOXES = pytest.mark.parametrize("open_inbox", [PipeInbox, ThreadInbox])
PATIENCE_S = 5.0


@INBOXES
def test_an_inbox_gives_what_came_then_nothing_then_the_end(open_inbox: Callable[[int], PipeInbox | ThreadInbox]) -> None:
    read, write = os.pipe()
    inbox = open_inbox(read)
    assert inbox.wait(-1.0) is None
    os.write(write, b"hello")
    assert inbox.wait(PATIENCE_S) == b"hello"
    assert inbox.wait(0.001) is None
    os.close(write)
    assert inbox.wait(PATIENCE_S) == b""
    os.close(read)


@INBOXES
def test_an_inbox_waits_no_longer_than_it_was_told(open_inbox: Callable[[int], PipeInbox | ThreadInbox]) -> None:
    read, write = os.pipe()
    begin_s = time.monotonic()
    assert open_inbox(read).wait(0.05) is None
    assert 0.045 < time.monotonic() - begin_s < PATIENCE_S
    os.close(write)


def test_what_a_full_pipe_does_not_take_is_counted_and_what_it_took_is_whole() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    up = PipeUp(write)
    message = wire.Sent(1, True, 9, 36, 100, 0, 0, 0, 50)
    for _ in range(100):
        for _ in range(100):
            up.post(message)
        up.flush()
    assert 0 < up.dropped < 10_000
    heard, reader = 0, frames.Reader()
    os.set_blocking(read, False)
    while heard + up.dropped < 10_000:
        messages = reader.feed(os.read(read, 1 << 16))
        assert set(messages) == {message}
        heard += len(messages)
    os.close(read)
    up.post(message)
    up.flush()  # nobody reads any more: no error
    os.close(write)


class Waiting:
    """A player that has one thing to do."""

    def __init__(self, in_s: float) -> None:
        self.due_s = time.monotonic() + in_s
        self.done_s: list[float] = []

    def deadline_s(self) -> float:
        return self.due_s

    def step(self, now_s: float) -> None:
        if now_s >= self.due_s:
            self.done_s.append(now_s)


@pytest.mark.parametrize(("in_s", "done"), [(0.001, True), (-0.5, True), (60.0, False)])
def test_what_is_due_in_a_moment_is_done_before_a_message_is_taken_and_nothing_else_is(in_s: float, done: bool) -> None:
    player = Waiting(in_s)
    meet(cast(Player, player), TAKING_S)
    assert [at_s >= player.due_s for at_s in player.done_s] == [True] * done
