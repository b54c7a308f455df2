"""Ableton Link between real peers in a network of their own: tempo, start and stop, phase, and two instruments in unison."""

import importlib.util
import json
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import pytest

from mvae.live import spinner
from mvae.live.rig import process
from tests.live.command import MvaeLive, mvae_live
from tests.live.jack import Heard, Listener, listener, server, undisturbed, wait_until
from tests.live.network import private
from tests.live.timing import TRIES, p99, period_ms
from tests.parts import need

ALLOWED_MS = 2.0  # besides what a spinner needs here
UNISON_MS = 3.0
HOW = "pip install 'mvae[link]'"


@pytest.fixture(scope="module", autouse=True)
def stage() -> Iterator[None]:
    """JACK, and a network."""
    need("Ableton Link", importlib.util.find_spec("link") is not None, HOW)
    with server(), private():
        yield


class Sample(NamedTuple):
    """Where the peer's beat was at a monotonic time."""

    at_s: float
    beat: float
    bpm: float
    peers: int


class Peer:
    """A foreign peer that does what its words say."""

    def __init__(self, started: "subprocess.Popen[str]") -> None:
        self._process = started
        self._read()

    def _read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def begin(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def samples(self) -> list[Sample]:
        """All of them, once it is through."""
        return [Sample(*row) for row in json.loads(self._read())]


def beat_at(samples: Sequence[Sample], at_s: float) -> float:
    near = min(samples, key=lambda sample: abs(sample.at_s - at_s))
    return near.beat + (at_s - near.at_s) * near.bpm / 60


def beats_of_notes(instrument: MvaeLive) -> list[float]:
    """The beats at which its notes were to sound, in the order in which they did."""
    return [float(values[3]) for values in instrument.heard("/mvae/note")]  # type: ignore[arg-type]


def ons(foreign: Listener) -> list[Heard]:
    return [note for note in foreign.notes() if note.is_on]


def late_ms(foreign: Listener, instrument: MvaeLive, samples: Sequence[Sample]) -> list[float]:
    """How much later than the peer's beat each note was heard."""
    pairs = zip(ons(foreign), beats_of_notes(instrument), strict=True)
    tempi = [min(samples, key=lambda sample: abs(sample.at_s - heard.at_s)).bpm for heard in ons(foreign)]
    return [(beat_at(samples, heard.at_s) - beat) * 60_000 / bpm for (heard, beat), bpm in zip(pairs, tempi, strict=True)]


def followed(peer: Peer, foreign: Listener) -> tuple[list[float], float, list[Sample], float]:
    """How late each note was, the beat of the first one, where the peer's beat was, and what a spinner beside needed (ms)."""
    with mvae_live("--sync", "link", "--tempo", "130", "--seed", "1", "--name", "mvae-link") as instrument:
        instrument.subscribe()
        foreign.connect("mvae-link:mvae-link")
        instrument.wait(lambda: ("locked", 1) in instrument.heard("/mvae/sync"))
        beside = spinner.start(14)
        peer.begin()
        samples = peer.samples()
        bare_ms = p99(sorted(us / 1000 for us in spinner.lateness_us(beside)))
        instrument.wait(lambda: wait_until(lambda: len(ons(foreign)) == len(beats_of_notes(instrument)), 2.0))
        assert {sample.bpm for sample in samples} == {97.0, 117.0} and {sample.peers for sample in samples} == {1}
        assert instrument.heard("/mvae/playing")[-1] == (0,) and foreign.open_notes() == set()
        assert (97.0,) in instrument.heard("/mvae/tempo") and instrument.heard("/mvae/tempo")[-1] == (117.0,)
        late = late_ms(foreign, instrument, samples)
        first_beat = beats_of_notes(instrument)[0]
        instrument.signal("SIGTERM")
        assert instrument.end() == 0
        assert "--tempo 130 is ignored: the tempo is the Link session's" in instrument.said()
    return late, first_beat, samples, bare_ms


def follows_a_peer(punctual: list[bool], foreign: Listener) -> None:
    words = ("wait:1.5", "start", "wait:7", "tempo:117", "wait:6", "stop", "wait:1")
    with process("mvae.live.metronome", "link", "97", *words) as started:
        peer = Peer(started)  # its session is there before the instrument's is
        late, first_beat, samples, bare_ms = followed(peer, foreign)
    assert len(late) > 40 and min(abs(first_beat - bar) for bar in range(0, 100, 4)) < 0.3
    print(f"notes {sorted(late)[len(late) // 2]:.2f} ms after the beat, p99 {p99(sorted(map(abs, late))):.2f}, spinner {bare_ms:.2f}")
    assert abs(sorted(late)[len(late) // 2]) < UNISON_MS + period_ms()
    jump = next(place for place, heard in enumerate(ons(foreign)) if heard.at_s > next(s.at_s for s in samples if s.bpm == 117.0))
    punctual.append(all(p99(sorted(map(abs, some))) <= max(bare_ms, period_ms()) + ALLOWED_MS for some in (late[:jump], late[jump + 20 :])))


def test_an_armed_instrument_starts_stops_and_keeps_time_with_a_peer_whose_tempo_it_never_changes() -> None:
    punctual: list[bool] = []
    while len(punctual) < TRIES and not any(punctual):
        undisturbed(partial(follows_a_peer, punctual))
    assert any(punctual)


def plays_in_unison(together: list[bool], first_ear: Listener) -> None:
    words = ("--sync", "link", "--start", "now", "--seed", "5")
    with listener("second-ear") as second_ear, mvae_live(*words, "--name", "mvae-one") as first:
        first.subscribe()
        first_ear.connect("mvae-one:mvae-one")
        first.wait(lambda: first.heard("/mvae/beat"))
        first.wait_beats(7)  # and in the middle of a bar somebody else comes
        with mvae_live(*words, "--name", "mvae-two") as second:
            second.subscribe()
            second_ear.connect("mvae-two:mvae-two")
            beside = spinner.start(14)
            second.wait(lambda: len(second.heard("/mvae/beat")) >= 20)
            for instrument in (first, second):
                instrument.signal("SIGTERM")
                assert instrument.end() == 0
            bare_ms = p99(sorted(us / 1000 for us in spinner.lateness_us(beside)))
    theirs = ons(second_ear)
    begin_s, end_s = theirs[0].at_s - 0.02, min(ons(first_ear)[-1].at_s, theirs[-1].at_s) - 0.1
    mine = [heard for heard in ons(first_ear) if begin_s < heard.at_s < end_s]
    theirs = [heard for heard in theirs if heard.at_s < end_s]
    pairs = [min(theirs, key=lambda other: (other.message != heard.message, abs(other.at_s - heard.at_s))) for heard in mine]
    apart = sorted(abs(heard.at_s - other.at_s) * 1000 for heard, other in zip(mine, pairs, strict=True))
    print(f"{len(mine)} and {len(theirs)} notes: apart p50 {apart[len(apart) // 2]:.2f}, max {apart[-1]:.2f} ms; spinner {bare_ms:.2f} ms")
    assert len(mine) > 30 and abs(len(mine) - len(theirs)) <= 2
    assert apart[len(apart) * 9 // 10] < 3 * UNISON_MS, apart  # the same music at the same place, however busy this machine is
    together.append(p99(apart) <= max(UNISON_MS, bare_ms + UNISON_MS))


def test_two_instruments_that_were_started_seconds_apart_play_in_unison() -> None:
    together: list[bool] = []
    while len(together) < TRIES and not any(together):
        undisturbed(partial(plays_in_unison, together))
    assert any(together)
