"""A Link session as the player hears it: the beat that all peers share, starts at bar lines, and nobody's tempo changed. No network."""

import sys
from typing import Any

import pytest

from mvae.core.errors import UserError
from mvae.core.sync import Beats, Begin, End, Heard
from mvae.live import sync_link
from mvae.live.sync_link import ALL_BEATS, DISCOVERY_S, LinkMaster

LEAD_S, NOW_S = 0.15, 500.0


class Peer:
    """A session without a network, whose clock is an hour ahead of ours; `beat` at NOW_S. It has no way to be told a tempo."""

    def __init__(self, bpm: float = 120.0) -> None:
        self.beat, self.bpm, self.peers, self.now_s = 10.0, bpm, 1, NOW_S
        self.playing, self.since = False, 0
        self.enabled = self.startStopSyncEnabled = False
        self.commits = 0

    def clock(self) -> "Peer":
        return self

    def micros(self) -> int:
        return round((self.now_s + 3600) * 1e6)

    def captureSessionState(self) -> "Peer":
        return self

    def commitSessionState(self, state: "Peer") -> None:
        self.commits += 1

    def phaseAtTime(self, micros: int, quantum: float) -> float:
        assert quantum == ALL_BEATS
        return self.beat + (micros / 1e6 - 3600 - NOW_S) * self.bpm / 60

    def tempo(self) -> float:
        return self.bpm

    def isPlaying(self) -> bool:
        return self.playing

    def timeForIsPlaying(self) -> int:
        return self.since

    def setIsPlaying(self, playing: bool, micros: int) -> None:
        self.playing, self.since = playing, micros

    def numPeers(self) -> int:
        return self.peers


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Peer:
    made = Peer()
    monkeypatch.setattr(sync_link, "open_link", lambda bpm: made)
    monkeypatch.setattr(sync_link.time, "monotonic", lambda: made.now_s)
    return made


def of(kind: type, said: Any) -> list[Any]:
    return [one for one in said if isinstance(one, kind)]


def test_the_beat_is_the_sessions_and_told_when_it_moves(peer: Peer) -> None:
    master = LinkMaster(99.0)
    first = master.take(NOW_S)
    assert of(Beats, first)[0].clock.beat_at(NOW_S + 1.0) == pytest.approx(12.0) and of(Heard, first) == [Heard("locked", 1)]
    peer.now_s += 3.0
    assert master.take(peer.now_s) == []
    peer.beat += 0.01
    (moved,) = master.take(peer.now_s)
    assert moved.clock.beat_at(NOW_S) == pytest.approx(10.01)
    peer.bpm, peer.peers = 140.0, 0
    said = master.take(peer.now_s)
    assert of(Beats, said)[0].clock.bpm == pytest.approx(140.0) and of(Heard, said) == [Heard("waiting", 0)]


@pytest.mark.parametrize(("since_beat", "line"), [(10.2, 12), (12.0, 12), (12.04, 12), (12.2, 16), (8.0, 8)])
def test_a_start_of_the_session_is_at_its_next_bar_line(peer: Peer, since_beat: float, line: int) -> None:
    master = LinkMaster(120.0)
    master.take(NOW_S)
    peer.setIsPlaying(True, round((NOW_S + 3600 + (since_beat - 10.0) * 0.5) * 1e6))
    assert of(Begin, master.take(NOW_S)) == [Begin(line * 960, line * 960)]
    assert of(Begin, master.take(NOW_S)) == []
    peer.playing = False
    assert of(End, master.take(NOW_S)) == [End()]


def test_joining_a_session_that_plays_is_at_the_next_bar_line_and_tells_nobody(peer: Peer) -> None:
    peer.playing = True
    master = LinkMaster(120.0)
    master.take(NOW_S)
    assert master.join(NOW_S, LEAD_S, 0, 0) == (Begin(12 * 960, 12 * 960, 0),)
    assert master.join(NOW_S + 0.9, LEAD_S, 0, 1) == (Begin(20 * 960, 20 * 960, 1),)
    assert peer.commits == 0


@pytest.mark.parametrize("bars", [0, 2])
def test_who_starts_a_session_that_stands_starts_the_others_where_the_music_enters(peer: Peer, bars: int) -> None:
    master = LinkMaster(120.0)
    master.take(NOW_S)
    line = 12 + 4 * bars
    assert master.join(NOW_S, LEAD_S, 0, bars) == (Begin(line * 960, line * 960, bars),)
    assert peer.playing and peer.phaseAtTime(peer.since, ALL_BEATS) == pytest.approx(line, abs=1e-5)
    assert of(Begin, master.take(NOW_S)) == []
    master.share(False, NOW_S + 3.0)
    assert not peer.playing and of(End, master.take(NOW_S)) == [] and peer.commits == 2
    master.share(False, NOW_S + 3.0)
    assert peer.commits == 2


def test_alone_it_waits_until_a_session_would_have_been_found(peer: Peer) -> None:
    peer.peers = 0
    master = LinkMaster(120.0)
    master.take(NOW_S)
    assert master.join(NOW_S + 0.9 * DISCOVERY_S, LEAD_S, 0, 0) == ()
    assert len(master.join(NOW_S + 1.1 * DISCOVERY_S, LEAD_S, 0, 0)) == 1


def test_without_the_package_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "link", None)
    with pytest.raises(UserError, match=r"pip install 'mvae\[link\]'"):
        LinkMaster(120.0)
