"""The band on a clock turned by hand: several bundles, one set of knobs; a take of it comes out again byte for byte."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.change import Value
from mvae.core.errors import UserError
from mvae.live import wire
from mvae.live.bounce import Bounce
from mvae.live.control_log import Act, Take, read
from mvae.live.take import log_path
from tests.live.hall import BAR, BAR_S, BPM, SEED, Hall, panel
from tests.live.orchestra import ORCHESTRA, TRIO_BARS, orchestra

TAKE = Take("toy", SEED, BPM, {})
HANDS: dict[str, st.SearchStrategy[Value]] = {
    "x": st.floats(0, 1), "density": st.floats(-2, 2), "hits": st.floats(-2, 2), "push": st.floats(-30, 30), "feel": st.floats(0, 2),
    "lead.temperature": st.floats(0, 2), "bass.length": st.floats(0, 2), "kit.swing": st.floats(0, 1), "drums.swing": st.floats(0, 1),
    "kit.velocity": st.floats(0, 2), "lead.delay_ms": st.floats(-50, 50),
    "solo bass": st.none(), "solo lead": st.none(), "mute kit": st.none(), "drums.map.kick": st.integers(34, 40),
    "bass.channel": st.integers(1, 16), "drums.channel": st.integers(1, 16), "lead.gate_ms": st.floats(0, 900),
    "drums.humanize": st.floats(0, 1), "kit.accent": st.floats(0, 1), "bass.curve": st.floats(0.1, 10),
    "melody.out": st.sampled_from(("main", "own")), "kit.out": st.sampled_from(("main", "own")),
    "melody.humanize": st.floats(0, 1), "bass.octave": st.integers(-1, 1), "lead.transpose": st.integers(-5, 5),
    "key": st.sampled_from(("C", "F#")), "scale": st.sampled_from(("chromatic", "major", "blues")),
    "temperature": st.floats(0, 1.5), "variation": st.floats(0, 1), "tempo": st.floats(60, 240), "mute bass": st.none(),
    "quantise": st.sampled_from(("now", "beat", "bar", "phrase")), "play": st.none(), "continue": st.none(), "panic": st.none(),
    "stop": st.sampled_from(("now", "bar")), "reseed": st.none(), "fill": st.integers(1, 3), "recall C": st.floats(0, 4),
}  # fmt: skip
hands = st.sampled_from(sorted(HANDS)).flatmap(lambda action: st.tuples(st.floats(0, 1.5), st.just(action), HANDS[action]))


def again(path: Path) -> tuple[bytes, Bounce]:
    """The .mid that a bounce makes of a take's log, and what it has to say."""
    take, acts = read(log_path(path))
    assert take is not None
    offline = Bounce(panel(ORCHESTRA), orchestra(take.seed), take)
    return offline.play(acts, None), offline


def sounding(hall: Hall) -> set[tuple[int, int]]:
    """(channel, pitch) of what the player has not ended."""
    open_ = set[tuple[int, int]]()
    for sent in hall.of(wire.Sent):
        assert isinstance(sent, wire.Sent)
        (open_.add if sent.on else open_.discard)((sent.channel, sent.pitch))
    return open_


@settings(deadline=None, max_examples=20)
@given(st.lists(hands, max_size=10), st.none() | st.integers(1, 4))
def test_whatever_hands_do_the_bands_take_comes_out_again_and_no_note_is_left(
    tmp_path_factory: pytest.TempPathFactory, script: list[tuple[float, str, Value]], bars: int | None
) -> None:
    path = tmp_path_factory.mktemp("take") / "take.mid"
    with Hall(path, bars, band=orchestra()) as hall:
        hall.do("x", 0.5)
        hall.do("play")
        for wait_s, action, value in script:
            hall.run(wait_s, page_s=0.02)
            hall.do(action, value)
        hall.run(1.5 * BAR_S, page_s=0.02)
        hall.instrument.finish()
        assert not sounding(hall)
    data, offline = again(path)
    assert data == path.read_bytes()
    assert offline.remarks() == []


def test_a_suspended_band_repeats_what_it_has_and_comes_out_again(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with Hall(path, band=orchestra()) as hall:
        hall.play(1.0)
        hall.link.run_to(hall.clock.now + 5 * BAR_S)  # suspended
        hall.run(0.3)
        hall.do("x", 0.9)
        hall.run(2 * BAR_S, page_s=0.02)
        repeated = Counter(message.part for message in hall.of(wire.Repeated) if isinstance(message, wire.Repeated))
        assert set(repeated) == {0, 1, 2, 3, 4}
        hall.instrument.finish()
    data, offline = again(path)
    assert data == path.read_bytes() and offline.remarks() == []


def test_every_part_plays_on_its_channel_and_is_told_by_its_name() -> None:
    with Hall(band=orchestra()) as hall:
        hall.play(2 * BAR_S)
        channels = {(message.part, message.channel) for message in hall.of(wire.Sent) if isinstance(message, wire.Sent)}
        assert channels == {(0, 9), (1, 0), (2, 1), (3, 2), (4, 10)}
        told = {words[1] for words in hall.told if words[0] == "/mvae/note"}
        assert told == {part.name for part in ORCHESTRA.parts}
        lengths = [words[-1] for words in hall.told if words[0] == "/mvae/note"]
        assert all(isinstance(length, float) and length > 0 for length in lengths)


def handed(hall: Hall, action: str, value: Value = None) -> set[int]:
    """The parts that are handed something new when a hand does this."""
    hall.run(0.5)
    before = len(hall.link.sent)
    hall.do(action, value)
    hall.run(0.02)
    return {message.part for message in hall.link.sent[before:] if hasattr(message, "notes")}


def test_a_move_reaches_the_parts_that_it_concerns_and_no_others() -> None:
    with Hall(band=orchestra()) as hall:
        hall.play(0.2)
        assert handed(hall, "hits", 1.0) == {0}
        assert handed(hall, "density", 1.0) == {0, 1, 2, 3, 4}
        assert handed(hall, "lead.temperature", 1.5) == {1}
        assert handed(hall, "drums.humanize", 1.0) == {0}
        assert handed(hall, "mute bass") == {2, 3, 4}  # what shares a latent is handed over together
        assert handed(hall, "fill", 1) == {0}
        assert handed(hall, "reseed") == {0, 1, 2, 3, 4}


def test_the_next_bar_is_always_with_the_player() -> None:
    with Hall(band=orchestra()) as hall:
        hall.play(0.2)
        for turn in range(200):
            hall.run(0.05)
            if turn % 7 == 0:
                hall.do("x", turn / 200)
            for ahead in hall.band.lookaheads:
                assert ahead.planned_to * 240 >= hall.tick + min(BAR, ahead.steps * 240) // 4
        assert not hall.of(wire.Repeated)


def test_parts_that_share_a_latent_are_decoded_together_and_others_by_themselves() -> None:
    band = orchestra()
    assert [ahead.numbers for ahead in band.lookaheads] == [(0,), (1,), (2, 3, 4)]
    assert [ahead.steps for ahead in band.lookaheads] == [32, 32, 16] and band.lookaheads[2].model.units == TRIO_BARS


def test_a_muted_part_is_silent_and_the_others_play_on() -> None:
    with Hall(band=orchestra()) as hall, Hall(band=orchestra()) as rest:
        for one in (hall, rest):
            one.do("play")
        hall.do("mute melody")
        for one in (hall, rest):
            one.run(2 * BAR_S)
        played = [{(s.part, s.tick, s.pitch) for s in one.of(wire.Sent) if isinstance(s, wire.Sent) and s.on} for one in (hall, rest)]
        assert {note for note in played[1] if note[0] != 2} == played[0] and any(note[0] == 2 for note in played[1])


def test_a_part_at_no_temperature_draws_no_chance_and_the_others_do() -> None:
    def played(seed: int) -> dict[int, set[tuple[int, int]]]:
        with Hall(band=orchestra(seed)) as hall:
            hall.do("melody.temperature", 0.0)
            hall.play(2 * BAR_S)
            sent = [s for s in hall.of(wire.Sent) if isinstance(s, wire.Sent) and s.on]
            return {part: {(s.tick, s.pitch) for s in sent if s.part == part} for part in range(5)}

    one, other = played(1), played(2)
    assert one[2] == other[2] and one[3] != other[3] and one[1] != other[1]


def notes_of(sent: list[wire.Up]) -> set[tuple[int, int, int, int]]:
    """(part, tick, pitch, velocity) of the note-ons of four bars."""
    ons = [s for s in sent if isinstance(s, wire.Sent) and s.on and s.tick < 4 * BAR - 240]
    return {(s.part, s.tick, s.pitch, s.velocity) for s in ons}


class Ears(Bounce):
    """A bounce that remembers what was sent."""

    heard: tuple[wire.Up, ...] = ()

    def hear(self) -> None:
        self.heard += tuple(self.up.messages)
        super().hear()


def by_hand(*acts: Act) -> set[tuple[int, int, int, int]]:
    offline = Ears(panel(ORCHESTRA), orchestra(), TAKE)
    offline.play(acts, 4)
    assert offline.bars() == 4
    return notes_of(list(offline.heard))


def test_without_a_log_a_bounce_of_the_band_is_what_the_stage_would_hear() -> None:
    with Hall(band=orchestra()) as hall:
        hall.play(4 * BAR_S)
        heard = notes_of(hall.link.heard)
    assert {part for part, *_ in heard} == {0, 1, 2, 3, 4} and by_hand() == heard


def test_lines_by_hand_reach_the_parts_that_they_name() -> None:
    rest, octave = by_hand(), by_hand(Act(tick=2 * BAR, changes={"bass.octave": 1}))
    assert {part for part, *_ in rest ^ octave} == {3} and min(tick for _, tick, _, _ in rest ^ octave) >= 2 * BAR - 120
    filled = by_hand(Act("fill", BAR + 1))
    assert {part for part, *_ in rest ^ filled} == {0}
    assert {part for part, *_ in rest ^ by_hand(Act("reseed", 2 * BAR))} == {0, 1, 2, 3, 4}


def test_a_log_of_a_larger_band_is_told() -> None:
    offline = Bounce(panel(ORCHESTRA), orchestra(), TAKE)
    with pytest.raises(UserError, match="control log: follow at tick 3: part 7: Orchestra has 5"):
        offline.play([Act("play"), Act("follow", 3, part=7)], None)
    offline.page.close()
