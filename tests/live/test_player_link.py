"""The link to a real player process, without listeners: starting, speaking, hearing, ending, and a player that dies too often."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from mvae.core.errors import UserError
from mvae.core.score import Due, Handoff
from mvae.live import wire
from mvae.live.player_link import DEATHS, Kept, PlayerLink
from tests.live.jack import server, wait_until


def phrase(generation: int = 1, start: int = 0, take_hold: int = 0, steps: int = 16) -> Handoff:
    notes = tuple(Due(0, step, step * 240, step * 240 + 200, 9, 36, 100) for step in range(start, start + steps))
    return Handoff(0, generation, start, steps, max(start, take_hold), notes)


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayerLink]:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "mvae-nobody")
    with PlayerLink(None, "mvae-link-test", 240.0) as link:
        yield link


def hear(link: PlayerLink, kind: type, count: int = 1, timeout_s: float = 10.0) -> list[wire.Up]:
    """Everything up to and including the `count`-th message of a kind."""
    heard: list[wire.Up] = []
    deadline_s = time.monotonic() + timeout_s
    while sum(isinstance(message, kind) for message in heard) < count:
        assert time.monotonic() < deadline_s, f"no {kind.__name__} in {heard}"
        heard += link.wait(0.1)
    return heard


def test_a_player_without_listeners_plays_and_tells_what_it_does(link: PlayerLink) -> None:
    link.send(wire.Play(0, (phrase(),)))
    heard = hear(link, wire.Sent, 6)
    kinds = [type(message) for message in heard if not isinstance(message, wire.Sent)]
    assert kinds == [wire.Accepted, wire.Started]
    sent = [(message.tick, message.on) for message in heard if isinstance(message, wire.Sent)]
    assert sent[:6] == [(0, True), (200, False), (240, True), (440, False), (480, True), (680, False)]
    status = link.status()
    assert status.playing and status.clock.bpm == 240.0 and status.tick_at(time.monotonic()) >= 680
    assert status.counters.sent >= 6 and link.lateness_us(0.5) > 0


def test_what_is_asked_from_many_threads_all_arrives(link: PlayerLink) -> None:
    link.send(wire.Play(0, (phrase(),)))
    threads = [threading.Thread(target=lambda part=part: [link.send(phrase(n)) for n in range(20)]) for part in range(4)]
    for thread in threads:
        thread.start()
    accepted = hear(link, wire.Accepted, 81)
    for thread in threads:
        thread.join()
    assert sum(isinstance(message, wire.Accepted) for message in accepted) == 81


def test_a_stop_at_a_step_ends_the_song_there(link: PlayerLink) -> None:
    link.send(wire.Play(0, (phrase(),)))
    link.send(wire.Stop(4))
    heard = hear(link, wire.Stopped)
    assert heard[-1] == wire.Stopped(960)
    assert [message.step for message in heard if isinstance(message, wire.Sent) and message.on] == [0, 1, 2, 3]
    assert link.sounding() == []


def test_closing_silences_the_player_and_its_last_words_are_heard(link: PlayerLink) -> None:
    link.send(wire.Play(0, (phrase(),)))
    hear(link, wire.Sent, 3)
    link.close()
    ends = [message.on for message in link.events() if isinstance(message, wire.Sent)]
    assert not ends or ends[-1] is False
    with pytest.raises(ProcessLookupError):
        os.kill(link.pid, 0)


def test_after_a_death_the_song_the_tempo_and_the_stop_go_on(link: PlayerLink) -> None:
    link.send(wire.Play(0, (phrase(steps=64),)))
    link.send(wire.Stop(48))
    hear(link, wire.Sent, 5)
    link.send(wire.Tempo(200.0))
    hear(link, wire.TempoAt)
    before = link.status()
    os.kill(link.pid, signal.SIGKILL)
    heard = hear(link, wire.Stopped, timeout_s=20)
    (succeeded,) = (message for message in heard if isinstance(message, wire.Succeeded))
    ons = [message.step for message in heard if isinstance(message, wire.Sent) and message.on and message.tick >= succeeded.tick]
    assert ons == list(range(succeeded.step, 48))
    assert heard[-1] == wire.Stopped(48 * 240)
    after = link.status()
    assert after.clock.bpm == 200.0 and after.origin_tick == before.origin_tick and after.counters.successors == 1
    assert link.sounding() == []


def test_a_message_to_a_dead_player_reaches_its_successor(link: PlayerLink) -> None:
    link.send(wire.Play(0, (phrase(),)))
    hear(link, wire.Sent)
    os.kill(link.pid, signal.SIGKILL)
    link.send(wire.Tempo(99.0))
    link.send(wire.Stop(wire.STOP_NOW))
    hear(link, wire.Stopped, timeout_s=20)
    assert wait_until(lambda: round(link.status().clock.bpm, 9) == 99.0, 5)


def test_a_player_that_dies_again_and_again_is_given_up_with_a_word(link: PlayerLink) -> None:
    for _ in range(DEATHS):
        os.kill(link.pid, signal.SIGKILL)
        assert hear(link, wire.Died, timeout_s=20)[-1] == wire.Died("the player died and was replaced")
    os.kill(link.pid, signal.SIGKILL)
    (died,) = (message for message in hear(link, wire.Died) if isinstance(message, wire.Died))
    assert "not replaced" in died.remark
    link.send(phrase(2))


def test_an_unknown_port_is_the_callers_error_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "mvae-nobody")
    with pytest.raises(UserError, match="--port 'nowhere'"):
        PlayerLink("nowhere", "mvae-link-test")


def test_a_player_whose_jack_server_dies_plays_on() -> None:
    with server():
        link = PlayerLink(None, "mvae-link-test", 240.0)
        assert link.ready.api in ("JACK", "ALSA")
        link.send(wire.Play(0, (phrase(),)))
        hear(link, wire.Sent, 3)
    hear(link, wire.Repeated, 2)
    link.close()
    assert not any(isinstance(message, wire.Died) for message in link.events())


def test_a_successor_is_told_what_splices_made_of_a_phrase() -> None:
    kept = Kept((phrase(1), phrase(2, take_hold=4), phrase(3, start=16)))
    first, second = kept.handoffs()
    assert (first.generation, first.take_hold_step, first.start_step) == (2, 0, 0)
    assert [note.step for note in first.notes] == list(range(16))
    assert second == phrase(3, start=16)
    for start in range(0, 64 * 16, 16):
        kept.add(phrase(start=start))
    assert len(kept.handoffs()) <= 8


def test_the_player_imports_neither_numpy_nor_the_runtime() -> None:
    code = "import sys, mvae.live.player_process; print(sorted({'numpy', 'onnxruntime', 'asyncio', 'mido', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
