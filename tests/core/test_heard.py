"""Notes played in, in the bars before a line, each where a phrase has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.drums import CLASS_OF_NOTE, CLASSES
from mvae.core.groove import decode, encode
from mvae.core.heard import (
    TAP,
    TICKS_PER_BAR,
    HeardNote,
    drum_phrase,
    in_bars,
    is_drum,
    line_phrase,
    nearest_line,
    notes_for,
    since_pause,
    tap_phrase,
    why_not,
)
from mvae.core.part import Part, Sound

STEP = 240
KICK, SNARE = 36, 38
DRUMS = Part("drums", "kit", tuple(Sound(9, 36) for _ in CLASSES))
LEAD, BASS = Part("lead", "tune", (), stream="melody", channel=0), Part("bass", "low", (), stream="bass", channel=1)


def hit(step: int, pitch: int = KICK, off: int = 0, velocity: int = 100, channel: int = 9, steps: float = 1.0) -> HeardNote:
    return HeardNote(step * STEP + off, pitch, velocity, channel, step * STEP + off + int(steps * STEP))


def test_a_note_belongs_to_its_nearest_step_so_an_early_one_is_of_the_bar_to_come() -> None:
    early, late, on = hit(16, off=-20), hit(15, off=110), hit(0, off=-30)
    assert [note.step for note in (early, late, on)] == [16, 15, 0]
    assert in_bars([early, late, on], TICKS_PER_BAR, 1) == (late, on)
    assert in_bars([early, late, on], 2 * TICKS_PER_BAR, 1) == (early,)


@given(st.integers(0, 10**6))
def test_the_line_that_is_meant_is_half_a_bar_away_at_most(tick: int) -> None:
    line = nearest_line(tick)
    assert line % TICKS_PER_BAR == 0 and abs(tick - line) <= TICKS_PER_BAR // 2


def test_what_was_played_in_an_odd_bar_is_played_there_by_the_phrase() -> None:
    odd, even = hit(5 * 16 + 4, SNARE), hit(6 * 16)
    phrase = drum_phrase([odd, even], 7 * TICKS_PER_BAR, 2, 2)
    assert [(note.step, note.voice) for note in phrase.notes] == [(0, 0), (20, 1)]


def test_fewer_bars_are_repeated() -> None:
    phrase = drum_phrase([hit(16), hit(24, SNARE, off=30)], 2 * TICKS_PER_BAR, 1, 4)
    expected = [(step + at, voice) for step in (0, 16, 32, 48) for at, voice in ((0, 0), (8, 1))]
    assert [(note.step, note.voice) for note in phrase.notes] == expected
    assert phrase.notes[-1].offset_steps == pytest.approx(30 / STEP)


def test_a_phrase_takes_bars_that_go_into_it_evenly_and_says_why_of_others() -> None:
    assert why_not(2, 2, "kit") is None and why_not(1, 4, "kit") is None
    assert why_not(4, 2, "kit") == "kit holds 2 bars, not 4" and "evenly" in str(why_not(3, 4, "kit"))


def test_taps_are_one_row_whatever_was_struck() -> None:
    phrase = tap_phrase([hit(0, 40, channel=0), hit(4, 61, channel=3, velocity=30)], TICKS_PER_BAR, 1, 1)
    assert [(note.step, note.voice, note.velocity) for note in phrase.notes] == [(0, TAP, 100), (4, TAP, 30)]


def test_a_line_keeps_its_pitches_and_lengths_and_what_still_sounds_lasts_to_the_line() -> None:
    phrase = line_phrase([hit(0, 50, steps=3), HeardNote(8 * STEP, 55, 90, 0)], TICKS_PER_BAR, 1, 1)
    assert [(note.pitch, note.duration) for note in phrase.notes] == [(50, 0.75), (55, 2.0)]


def test_drums_go_to_drums_and_pitches_to_the_part_of_their_channel_or_to_the_only_one() -> None:
    band, kick, high, low = (DRUMS, LEAD, BASS), hit(0), hit(0, 70, channel=0), hit(0, 40, channel=1)
    heard = (kick, high, low)
    assert [notes_for(part, band, heard) for part in band] == [(kick,), (high,), (low,)]
    assert notes_for(BASS, band, [high]) == () and notes_for(BASS, (DRUMS, BASS), [high]) == (high,)
    assert notes_for(DRUMS, band, [high]) == ()


def test_a_source_may_say_what_is_drums() -> None:
    pad = hit(0, KICK, channel=0)
    assert not is_drum(pad) and is_drum(pad, "drums") and not is_drum(hit(0), "notes")
    assert notes_for(DRUMS, (DRUMS,), [pad], "drums") == (pad,) and notes_for(LEAD, (LEAD,), [hit(0)], "notes") == (hit(0),)


hits = st.lists(st.builds(hit, st.integers(0, 31), st.sampled_from((36, 38, 42, 46, 49, 51)), st.integers(-110, 110), st.integers(1, 127)))


@given(hits, st.integers(1, 6))
def test_every_cell_that_was_struck_is_in_the_groove_and_no_other(played: list[HeardNote], bar: int) -> None:
    moved = [HeardNote(note.tick + bar * TICKS_PER_BAR, note.pitch, note.velocity, 9) for note in played]
    line = (bar + 2) * TICKS_PER_BAR
    phrase = drum_phrase(in_bars(moved, line, 2), line, 2, 2)
    assert {(note.step, note.voice) for note in phrase.notes} == {(note.step % 32, CLASS_OF_NOTE[note.pitch]) for note in moved}
    assert len(decode(encode(phrase)).notes) == len({(note.step, note.voice) for note in phrase.notes})


def test_a_hit_in_every_bar_is_one_take_and_two_bars_of_silence_begin_another() -> None:
    hits = [
        HeardNote(1000 + bar * TICKS_PER_BAR + late, 36, 100, 9, 1010 + bar * TICKS_PER_BAR + late) for bar, late in enumerate((0, 25, 5))
    ]
    own, line = since_pause(hits, 2)
    assert [note.tick for note in own] == [0, TICKS_PER_BAR + 25, 2 * TICKS_PER_BAR + 5] and line == 3 * TICKS_PER_BAR
    held = HeardNote(9 * TICKS_PER_BAR, 60, 100, 0, 12 * TICKS_PER_BAR)
    after = HeardNote(13 * TICKS_PER_BAR, 62, 100, 0)
    own, line = since_pause([*hits, held, after], 2)
    assert [(note.tick, note.off_tick) for note in own] == [(0, 3 * TICKS_PER_BAR), (4 * TICKS_PER_BAR, None)] and line == 5 * TICKS_PER_BAR
    assert since_pause([], 2) == ((), 2 * TICKS_PER_BAR)
