"""`from mvae.live import Model`: bundles from Python."""

from pathlib import Path

import mido
import numpy as np
import pytest

from mvae.core.errors import UserError
from mvae.core.groove import HITS
from mvae.core.midifile import read_performance
from mvae.core.png import SIGNATURE
from mvae.live import Model
from mvae.live.main import run


@pytest.fixture(scope="module")
def groove() -> Model:
    return Model.open("groove_2bar", provider="cpu")


@pytest.fixture(scope="module")
def melody() -> Model:
    return Model.open("Melody 2-bar", provider="cpu")


def test_samples_are_those_of_the_command(groove: Model, tmp_path: Path) -> None:
    words = ("sample", "--bundle", "groove_2bar", "--n", "3", "--seed", "7", "--temperature", "0.8", "--provider", "cpu", "--out")
    assert run([*words, str(tmp_path / "command")]) == 0
    phrases = groove.sample(3, temperature=0.8, seed=7)
    assert phrases.to_midi(tmp_path / "door") == tmp_path / "door"
    for number in (1, 2, 3):
        assert (tmp_path / f"door/phrase_0{number}.mid").read_bytes() == (tmp_path / f"command/sample_0{number}.mid").read_bytes()
    phrases[2].png(tmp_path / "third.png")
    assert (tmp_path / "third.png").read_bytes() == (tmp_path / "command/sample_03.png").read_bytes()


def test_several_phrases_written_as_one_file_follow_each_other(melody: Model, tmp_path: Path) -> None:
    phrases = melody.sample(3, seed=2, tempo=90)
    file = mido.MidiFile(phrases.to_midi(tmp_path / "all.mid"))
    assert file.length == pytest.approx(3 * 8 * 60 / 90, abs=0.01)
    ons = sum(message.type == "note_on" for track in file.tracks for message in track)
    assert ons == sum(len(bars.phrases["melody"].notes) for bars in phrases) > 0
    assert phrases[1:].z.shape == (2, *phrases[0].z.shape) and len(phrases[:2]) == 2 and repr(phrases).count("<2 bars: ") == 3
    assert phrases._repr_png_().startswith(SIGNATURE) and phrases[0]._repr_png_().startswith(SIGNATURE)


def test_what_is_encoded_may_be_a_file_bars_their_array_or_phrases(groove: Model, melody: Model, tmp_path: Path) -> None:
    for model in (groove, melody):
        (bars,) = model.sample(1, seed=3)
        points = [model.encode(bars), model.encode(bars.music), model.encode(list(bars.phrases.values()))]
        assert points[0].dtype == np.float32 and points[0].shape == bars.z.shape
        assert all(np.allclose(points[0], point, atol=0.05) for point in points)  # velocities of notes are whole numbers
    path = melody.sample(1, seed=3)[0].to_midi(tmp_path / "one.mid")
    assert np.array_equal(melody.encode(path), melody.encode(str(path), bar=1))
    (phrase,) = groove.sample(1, seed=3)[0].phrases.values()
    assert np.array_equal(groove.encode(phrase), groove.encode([phrase]))


def test_decode_says_what_lies_at_a_point_an_anchor_or_a_file(groove: Model, tmp_path: Path) -> None:
    funk = groove.decode("Funk", seed=4, tempo=101)
    assert np.array_equal(funk.music, groove.decode(groove.anchors["funk"], seed=4).music)
    assert np.array_equal(funk.music, groove.decode(funk, seed=4).music)
    path = funk.to_midi(tmp_path / "funk.mid")
    assert read_performance(path).bpm_at(0.0) == pytest.approx(101, abs=0.01)
    again = groove.decode(path, temperature=0)
    assert again.tempo_bpm == pytest.approx(101, abs=0.01) and ((again.music == funk.music)[:, HITS].mean()) > 0.9


def test_a_way_begins_and_ends_where_it_was_told(groove: Model, tmp_path: Path) -> None:
    way = groove.interpolate("rock", "funk", 5, seed=1)
    assert len(way) == 5 and np.array_equal(way[0].z, groove.anchors["rock"]) and np.array_equal(way[4].z, groove.anchors["funk"])
    assert np.array_equal(way[4].music, groove.decode("funk", seed=1).music)
    ends = groove.interpolate(way[1], way[1].z, 2)
    assert np.array_equal(ends[0].z, ends[1].z)
    assert len(groove.interpolate("rock", "funk")) == 9


def test_an_axis_moves_a_point(groove: Model) -> None:
    hits = [groove.decode(groove.move("rock", density=value), temperature=0).music[:, HITS].sum() for value in (-1.5, 0, 1.5)]
    assert hits == sorted(hits) and hits[0] < hits[2] and "density" in groove.axes


def test_a_model_says_what_it_is(groove: Model, melody: Model) -> None:
    assert repr(groove).startswith("<Model groove_2bar: groove, 2 bars, z 256, cpu; anchors rock, funk")
    assert "melody, 2 bars" in repr(melody) and melody.bars == 2


def test_a_mistake_is_one_line(groove: Model, melody: Model, tmp_path: Path) -> None:
    bars = melody.sample(1)[0]
    for mistake, told in (
        (lambda: Model.open("groove_5bar"), "no bundle 'groove_5bar' (did you mean"),
        (lambda: groove.decode("fonk"), "no anchor of the bundle 'fonk' (did you mean 'funk'?)"),
        (lambda: groove.encode(bars), "takes music of (steps, features) = (32, 27), not (32, 1)"),
        (lambda: groove.encode(np.zeros(3)), "not (3,)"),
        (lambda: melody.encode([*bars.phrases.values()] * 2), "melody takes 1 phrases"),
        (lambda: groove.encode(tmp_path / "none.mid"), "none.mid: not a readable MIDI file"),
        (lambda: groove.move("rock", densty=1), "no axis of the bundle 'densty'"),
        (lambda: groove.sample(0), "count = 0 is outside 1 to"),
        (lambda: groove.sample("two"), "count takes a whole number, got 'two'"),  # type: ignore[arg-type]
        (lambda: groove.sample(temperature="hot"), "temperature takes a number, got 'hot'"),  # type: ignore[arg-type]
        (lambda: groove.sample(seed="x"), "seed takes a whole number from 0 on, got 'x'"),  # type: ignore[arg-type]
        (lambda: groove.sample(temperature=-1), "temperature = -1 is outside 0 to 10"),
        (lambda: groove.interpolate("rock", "funk", 1), "steps = 1 is outside 2 to"),
        (lambda: bars.to_midi(tmp_path / "no" / "such.mid"), "cannot be written"),
    ):
        with pytest.raises(UserError) as caught:
            mistake()
        assert told in str(caught.value) and len(str(caught.value).splitlines()) == 1
        assert caught.value._render_traceback_() == [f"mvae: {caught.value}"]
