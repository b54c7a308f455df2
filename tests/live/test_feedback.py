"""What subscribers hear of the music: each note with its length, each beat and bar once, the gauges once a bar."""

from mvae.core.clock import Clock
from mvae.core.score import Due, Handoff
from mvae.live import wire
from mvae.live.feedback import Feedback
from mvae.live.gauges import Gauges
from mvae.live.status import Counters, Status
from tests.live.hall import BAR_S, BEAT_S, PHRASE, Hall

STEPS = 32


class Out:
    """Writes down what is said."""

    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []

    def send(self, *words: object) -> None:
        self.said.append(words)

    def publish(self, *words: object) -> None:
        self.said.append(("state", *words))

    def of(self, address: str) -> list[tuple[object, ...]]:
        return [words[1:] for words in self.said if words[0] == address]


def status(playing: bool = True, repeats: int = 0) -> Status:
    return Status(playing, Clock(0.0, 0.0, 0.5), 0, 0, Counters(repeats=repeats), 0.0, 0.0012, ())


def phrase(index: int, *notes: tuple[int, int, int]) -> Handoff:
    """Notes as (voice, step of the phrase, ticks)."""
    line = index * STEPS
    dues = tuple(Due(voice, line + step, (line + step) * 240, (line + step) * 240 + ticks, 9, 36, 100) for voice, step, ticks in notes)
    return Handoff(0, index + 1, line, STEPS, line, dues)


def on(voice: int, step: int) -> wire.Sent:
    return wire.Sent(step * 240 + 24, True, 9, 36, 100, 0, voice, step, 0)


def test_a_note_is_told_with_its_beat_and_the_length_it_was_handed_over_with() -> None:
    out = Out()
    feedback = Feedback(out, ["drums"])
    feedback.planned(phrase(0, (0, 4, 480), (1, 4, 120)))
    for voice in (0, 1, 2):
        feedback.hear(on(voice, 4))
    feedback.hear(wire.Sent(1200, False, 9, 36, 0, 0, 0, 4, 0))
    assert out.of("/mvae/note") == [("drums", 36, 100, 1.025, length) for length in (0.5, 0.125, 0.0)]


def test_a_note_of_a_phrase_that_the_player_repeats_has_its_length_too() -> None:
    out = Out()
    feedback = Feedback(out, ["drums"])
    feedback.planned(phrase(0, (0, 4, 480)))
    for line in (STEPS, 2 * STEPS):
        feedback.hear(wire.Repeated(0, line, 0))
        feedback.hear(on(0, line + 4))
    assert [words[-1] for words in out.of("/mvae/note")] == [0.5, 0.5]


def test_in_a_long_set_no_length_of_what_sounds_is_forgotten_and_what_is_over_is() -> None:
    with Hall() as hall:
        hall.play()
        most = 0
        for _ in range(30):
            hall.run(PHRASE / 960 * BEAT_S)
            most = max(most, len(hall.instrument.feedback._durations[0]))
        lengths = [words[-1] for words in hall.told if words[0] == "/mvae/note"]
        assert len(lengths) > 1000 and all(lengths) and most < 4 * STEPS * 9


def test_beats_and_bars_are_told_once_each_and_none_in_the_lead_in() -> None:
    out = Out()
    feedback = Feedback(out, ["drums"])
    for tick in range(-200, 5 * 960, 50):
        feedback.beat(tick, status(), Gauges())
    assert out.of("/mvae/beat") == [(beat,) for beat in range(5)] and out.of("/mvae/bar") == [(0,), (1,)]


def test_a_bar_is_told_though_its_first_beat_was_missed() -> None:
    out = Out()
    feedback = Feedback(out, ["drums"])
    for tick in (0, 3 * 960, 5 * 960):
        feedback.beat(tick, status(), Gauges())
    assert out.of("/mvae/bar") == [(0,), (1,)]


def test_the_gauges_are_published_with_each_bar() -> None:
    out, gauges = Out(), Gauges()
    gauges.decoded(0.0034567)
    Feedback(out, ["drums"]).beat(0, status(repeats=2), gauges)
    assert out.of("state") == [
        ("/mvae/gauge/decode_ms", 3.457), ("/mvae/gauge/late_phrases", 2), ("/mvae/gauge/lateness_ms", 1.2),
    ]  # fmt: skip


def test_nothing_is_told_of_a_song_that_stands_still() -> None:
    out = Out()
    Feedback(out, ["drums"]).beat(960, status(playing=False), Gauges())
    assert out.said == []


def test_playing_is_published_and_a_new_start_counts_from_its_own_beat() -> None:
    out = Out()
    feedback = Feedback(out, ["drums"])
    feedback.hear(wire.Started(-160, 0))
    feedback.beat(0, status(), Gauges())
    feedback.hear(wire.Stopped(500))
    feedback.hear(wire.Started(-160, 0))
    feedback.beat(0, status(), Gauges())
    assert out.of("/mvae/beat") == [(0,), (0,)] == out.of("/mvae/bar")
    assert [words[1:] for words in out.said if words[1] == "/mvae/playing"] == [("/mvae/playing", playing) for playing in (1, 0, 1)]


def test_an_instrument_tells_every_beat_it_plays() -> None:
    with Hall() as hall:
        hall.play(2 * BAR_S - 0.01)
        assert [words[1] for words in hall.told if words[0] == "/mvae/beat"] == list(range(8))
