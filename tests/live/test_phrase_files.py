"""A phrase as a .mid: read back it is the same phrase, on the channel of its part, as long as its bars."""

from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.errors import UserError
from mvae.core.excerpt import groove_excerpt, token_excerpt
from mvae.core.groove import FEATURES
from mvae.core.groove import decode as decode_groove
from mvae.core.midifile import read_performance
from mvae.core.png import png_bytes
from mvae.core.roll import Lane, picture
from mvae.core.tokens import DRUM_TOKENS, FIRST_PITCH, STREAMS, Tokens, canonical_mono, decode
from mvae.live.phrase_files import make_folder, midi_bytes, write_file, write_phrase

STEPS = 32
EVENTS = st.sampled_from([0, 0, 1, FIRST_PITCH, FIRST_PITCH + 60, FIRST_PITCH + 67, FIRST_PITCH + 127])
MONO = st.lists(EVENTS, min_size=STEPS, max_size=STEPS)
DRUMS = st.lists(st.integers(0, DRUM_TOKENS - 1), min_size=STEPS, max_size=STEPS)


def lanes_of(tokens: Tokens) -> list[Lane]:
    phrases = decode("trio", tokens)
    return [Lane(name, phrase, name == "drums") for name, phrase in zip(STREAMS["trio"], phrases, strict=True)]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("phrase") / "phrase.mid"


@given(MONO, MONO, DRUMS)
def test_a_trio_read_back_from_its_file_is_the_trio(file: Path, melody: list[int], bass: list[int], drums: list[int]) -> None:
    melody[0], bass[0], drums[0], drums[16] = FIRST_PITCH + 60, FIRST_PITCH + 40, 1, 1  # all three play from the first step on
    tokens = np.array([melody, bass, drums], np.int64).T
    file.write_bytes(midi_bytes(lanes_of(tokens), 120.0))
    back = token_excerpt(read_performance(file), "trio", 2, 1).music
    for column in (0, 1):
        assert back[:, column].tolist() == canonical_mono(tokens[:, column]).tolist()
    assert back[:, 2].tolist() == drums


def test_each_part_plays_on_its_channel_and_a_bass_says_that_it_is_one(file: Path) -> None:
    tokens = np.zeros((16, 3), np.int64)
    tokens[0] = FIRST_PITCH + 60, FIRST_PITCH + 36, 0b11
    file.write_bytes(midi_bytes(lanes_of(tokens), 97.0))
    read = read_performance(file)
    assert {(note.channel, note.pitch) for note in read.notes} == {(0, 60), (1, 36), (9, 36), (9, 38)}
    assert {note.program for note in read.notes if note.channel == 1} == {33}
    assert read.bpm_at(0.0) == pytest.approx(97.0, abs=1e-3)


def test_a_file_is_as_long_as_its_bars_however_soon_the_music_ends(file: Path) -> None:
    tokens = np.zeros((STEPS, 3), np.int64)
    tokens[0] = FIRST_PITCH + 60, FIRST_PITCH + 36, 1
    tokens[1] = 1, 1, 0
    file.write_bytes(midi_bytes(lanes_of(tokens), 120.0))
    assert sum(message.time for message in mido.MidiFile(file).tracks[0]) == STEPS * 240


def test_a_groove_keeps_its_timing_but_for_what_comes_before_its_first_line(file: Path) -> None:
    array = np.zeros((16, FEATURES), np.float32)
    for step, offset in ((0, -0.5), (4, -0.5), (8, 0.5), (12, 0.0), (15, 0.0)):
        array[step, [0, 9, 18]] = 1, 100 / 127, offset
    file.write_bytes(midi_bytes([Lane("drums", decode_groove(array), drums=True)], 120.0))
    assert [note.beat * 960 for note in read_performance(file).notes] == [0, 900, 1980, 2880, 3600]
    assert groove_excerpt(read_performance(file), 1).music[:, [0, 9]].tolist() == array[:, [0, 9]].tolist()


def test_a_phrase_is_written_as_midi_and_as_a_picture(tmp_path: Path) -> None:
    lanes = lanes_of(np.full((16, 3), 1, np.int64))
    write_phrase(make_folder(tmp_path / "a" / "b"), "one", lanes, 120.0)
    assert (tmp_path / "a" / "b" / "one.mid").read_bytes() == midi_bytes(lanes, 120.0)
    assert (tmp_path / "a" / "b" / "one.png").read_bytes() == png_bytes(picture(lanes))


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"--out .*file: .*give a folder"):
        make_folder(tmp_path / "file")
    with pytest.raises(UserError, match="cannot be written"):
        write_file(tmp_path / "nowhere" / "a.mid", b"")
