"""Rolls: notes lie where they sound, louder is brighter, pictures to compare have one scale."""

import numpy as np
import pytest

from mvae.core.phrase import Note, Phrase
from mvae.core.png import Pixels
from mvae.core.roll import BAR_LINE, BEAT_LINE, NOTE_COLOURS, Lane, Look, large, picture, pitch_name, sheet, small

LOOK = Look(step=8, pitch=5, drum=6, labels=0)
DRUM, MELODY, BASS = NOTE_COLOURS


def lit(pixels: Pixels, colour: tuple[int, int, int]) -> list[tuple[int, int]]:
    return [(int(y), int(x)) for y, x in np.argwhere((pixels == np.array(colour)).all(2))]


def one(pitch: int, beat: float, duration: float, velocity: int = 127, bars: int = 1) -> Phrase:
    return Phrase(bars, (Note(round(beat * 4), 0, pitch, velocity, beat, duration),))


def test_a_note_lies_at_its_time_and_as_long_as_it_sounds() -> None:
    found = lit(picture([Lane("melody", one(60, 1.0, 0.5))], LOOK), MELODY)
    columns = {x for _, x in found}
    assert (min(columns), max(columns)) == (4 * LOOK.step + 1, 6 * LOOK.step - 1)  # between its lines


def test_a_note_played_late_lies_right_of_its_line() -> None:
    columns = [{x for _, x in lit(picture([Lane("melody", one(60, beat, 0.5))], LOOK), MELODY)} for beat in (1.0, 1.0625)]
    assert min(columns[1]) - min(columns[0]) == LOOK.step // 4


def test_higher_pitches_lie_higher() -> None:
    phrase = Phrase(1, (Note(0, 0, 60, 127, 0.0, 0.25), Note(8, 0, 67, 127, 2.0, 0.25)))
    found = lit(picture([Lane("melody", phrase)], LOOK), MELODY)
    rows = [min(y for y, x in found if (x > 8 * LOOK.step) is late) for late in (False, True)]
    assert rows[0] - rows[1] == 7 * LOOK.pitch


def test_each_drum_class_has_its_row_the_kick_the_lowest() -> None:
    hits = Phrase(1, tuple(Note(voice, voice, 36, 127, voice / 4, 0.25) for voice in range(9)))
    found = lit(picture([Lane("drums", hits, drums=True)], LOOK), DRUM)
    tops = [min(y for y, x in found if x // LOOK.step == voice) for voice in range(9)]
    assert tops == [(8 - voice) * LOOK.drum for voice in range(9)]


def test_louder_is_brighter() -> None:
    sums = [int(picture([Lane("melody", one(60, 0.0, 4.0, velocity))], LOOK).sum()) for velocity in (1, 64, 127)]
    assert sums[0] < sums[1] < sums[2]


def test_bars_and_beats_are_ruled() -> None:
    top = picture([Lane("melody", Phrase(2, ()))], LOOK)[0]
    assert [x for x in range(len(top)) if tuple(top[x]) == BAR_LINE] == [0, 16 * LOOK.step, 32 * LOOK.step]
    assert [x for x in range(len(top)) if tuple(top[x]) == BEAT_LINE] == [beat * 4 * LOOK.step for beat in (1, 2, 3, 5, 6, 7)]


def test_pictures_drawn_like_each_other_have_one_scale() -> None:
    lanes = [[Lane("melody", one(pitch, 0.0, 1.0))] for pitch in (40, 80)]
    alone = [picture(each, LOOK) for each in lanes]
    together = [picture(each, LOOK, lanes) for each in lanes]
    assert alone[0].shape == alone[1].shape and together[0].shape == together[1].shape
    rows = [min(y for y, _ in lit(pixels, MELODY)) for pixels in together]
    assert rows[0] - rows[1] == 40 * LOOK.pitch


@pytest.mark.parametrize("pitch", [0, 60, 127])
def test_the_lowest_and_the_highest_pitch_are_seen(pitch: int) -> None:
    assert lit(picture([Lane("bass", one(pitch, 0.0, 1.0))], LOOK), BASS)


def test_parts_lie_one_under_the_other_in_colours_of_their_own() -> None:
    lanes = [Lane("melody", one(60, 0.0, 1.0)), Lane("bass", one(40, 0.0, 1.0)), Lane("drums", one(36, 0.0, 1.0), drums=True)]
    pixels = picture(lanes)
    rows = [np.mean([y for y, _ in lit(pixels, colour)]) for colour in (MELODY, BASS, DRUM)]
    assert rows == sorted(rows)


@pytest.mark.parametrize("bars", [1, 2, 4, 16])
def test_a_picture_of_any_length_fits_a_screen(bars: int) -> None:
    assert picture([Lane("drums", Phrase(bars, ()), drums=True)]).shape[1] <= 1440
    assert picture([Lane("drums", Phrase(bars, ()), drums=True)], small(bars * 16)).shape[1] <= 600
    assert large(bars * 16).labels > 0


def test_a_sheet_holds_every_picture_in_rows() -> None:
    pictures = [(f"{n}", np.full((10, 20, 3), 100 + n, np.uint8)) for n in range(5)]
    pixels = sheet(pictures, 3)
    corners = [lit(pixels, (100 + n,) * 3)[0] for n in range(5)]
    assert [len(lit(pixels, (100 + n,) * 3)) for n in range(5)] == [200] * 5
    assert len({y for y, _ in corners}) == 2 and [x for _, x in corners[:2]] == [x for _, x in corners[3:]]


def test_names_of_pitches_are_the_ones_that_musicians_use() -> None:
    assert [pitch_name(pitch) for pitch in (0, 59, 60, 61, 127)] == ["C-1", "B3", "C4", "C#4", "G9"]


def test_nothing_is_no_picture_and_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="one lane or more"):
        picture([])
    with pytest.raises(ValueError, match="same length"):
        picture([Lane("melody", Phrase(1, ())), Lane("bass", Phrase(2, ()))])
    with pytest.raises(ValueError, match="one picture"):
        sheet([], 3)
