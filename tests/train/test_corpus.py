"""A folder of MIDI files becomes a corpus, and opens again as the same music."""

import json
from pathlib import Path

import mido
import numpy as np
import pytest

from mvae.core.errors import UserError
from mvae.core.groove import decode, encode
from mvae.train.corpus import Corpus, windows_of_folder
from mvae.train.main import main, run
from mvae.train.prepare import prepare
from mvae.train.sources import SPLITS, split_of

PER_STEP = 120  # ticks, 480 a beat
HEADER = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split\n"


def drums(path: Path, bars: int, late: int = 0, pitch: int = 42, metres: tuple[tuple[int, int, int], ...] = (), bpm: int = 100) -> Path:
    """A kick on each beat and `pitch` on each off-beat eighth, all `late` ticks after the grid; metres are (bar, n, d)."""
    events = [(bar * 16 * PER_STEP, mido.MetaMessage("time_signature", numerator=n, denominator=d)) for bar, n, d in metres]
    events.append((0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))))
    for step in range(0, 16 * bars, 2):
        at = step * PER_STEP + late
        note = pitch if step % 4 else 36
        events.append((at, mido.Message("note_on", channel=9, note=note, velocity=90)))
        events.append((at + 30, mido.Message("note_off", channel=9, note=note)))
    events.sort(key=lambda event: event[0])
    track, tick = mido.MidiTrack(), 0
    for at, message in events:
        track.append(message.copy(time=at - tick))
        tick = at
    path.parent.mkdir(parents=True, exist_ok=True)
    mido.MidiFile(type=0, ticks_per_beat=480, tracks=[track]).save(path)
    return path


def groove_set(folder: Path, rows: dict[str, tuple[str, str, str]]) -> Path:
    """An `info.csv` for files that lie in the folder: file -> (split, style, beat type), all by one drummer."""
    lines = [f"drummer1,s,{name},{style},100,{kind},4-4,{name},,1.0,{split}\n" for name, (split, style, kind) in rows.items()]
    (folder / "info.csv").write_text(HEADER + "".join(lines))
    return folder


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A folder of ten performances of 5 bars."""
    for index in range(10):
        drums(tmp_path / "midi" / f"{index}.mid", 5)
    return tmp_path / "midi"


def test_a_plain_folder_is_split_by_file_and_every_window_is_there(plain: Path, tmp_path: Path) -> None:
    prepare(plain, tmp_path / "corpus", progress=False)
    corpus = Corpus.open(tmp_path / "corpus")
    for bars, per_song in ((2, 4), (4, 2)):
        files = []
        for split in SPLITS:
            windows = corpus.windows(split, bars)
            assert all(split_of(song.file) == song.split == split for song in windows.songs)
            assert len(windows) == per_song * len(windows.songs)
            files += [song.file for song in windows.songs]
        assert sorted(files) == [f"{index}.mid" for index in range(10)]


@pytest.mark.parametrize("bars", [[2], [4], [4, 2], []])
def test_a_corpus_has_the_lengths_that_were_asked_for(
    plain: Path, tmp_path: Path, bars: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [word for length in bars for word in ("--bars", str(length))]
    assert run(["prepare", str(plain), "--kind", "groove", "--out", str(tmp_path / "corpus"), *asked]) == 0
    corpus, printed = Corpus.open(tmp_path / "corpus"), capsys.readouterr().out
    for length, per_song in ((2, 4), (4, 2)):
        if length in (bars or (2, 4)):
            assert len(corpus.windows("train", length)) == per_song * len(corpus.windows("train", length).songs) > 0
        else:
            with pytest.raises(UserError, match=rf"no windows of {length} bars in 'train'; there are \[{bars[0]}\] bars"):
                corpus.windows("train", length)
        assert (f"{length}-bar windows" in printed) == (length in (bars or (2, 4)))


@pytest.mark.parametrize("bars", ["3", "16", "0", "-2"])
def test_a_length_that_grooves_do_not_have_is_one_clear_line(
    plain: Path, tmp_path: Path, bars: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["mvae-train", "prepare", str(plain), "--kind", "groove", "--bars", bars, "--out", str(tmp_path / "corpus")]
    monkeypatch.setattr("sys.argv", command)
    assert main() == 2
    told = capsys.readouterr().err
    assert f"--bars {bars}: windows of grooves have 2 or 4 bars" in told and told.count("\n") == 1
    assert not (tmp_path / "corpus").exists()


def test_a_corpus_of_an_earlier_version_has_both_lengths(plain: Path, tmp_path: Path) -> None:
    prepare(plain, tmp_path / "corpus", progress=False)
    path = tmp_path / "corpus" / "corpus.json"
    facts = json.loads(path.read_text())
    del facts["bars"]
    path.write_text(json.dumps(facts))
    assert all(len(Corpus.open(tmp_path / "corpus").windows("train", bars)) for bars in (2, 4))


def test_the_split_of_a_file_depends_on_its_path_within_the_folder_alone() -> None:
    assert [split_of(f"{index}.mid") for index in range(12)].count("train") >= 7
    assert split_of("a/b.mid") == split_of("a/b.mid")
    shares = [[split_of(f"song {index}.mid") for index in range(2000)].count(split) / 2000 for split in SPLITS]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.03)


def test_the_published_split_wins(tmp_path: Path) -> None:
    rows = {f"{split}.mid": (split, "rock", "beat") for split in SPLITS}
    for name in rows:
        drums(tmp_path / "set" / name, 3)
    prepare(groove_set(tmp_path / "set", rows), tmp_path / "corpus", progress=False)
    corpus = Corpus.open(tmp_path / "corpus")
    assert [[song.file for song in corpus.windows(split, 2).songs] for split in SPLITS] == [[f"{split}.mid"] for split in SPLITS]


def test_a_batch_is_the_music_of_the_file(tmp_path: Path) -> None:
    drums(tmp_path / "a.mid", 3, bpm=84)
    windows = windows_of_folder(tmp_path, 2)
    batch = windows.batch([1, 0])
    assert (batch.shape, batch.dtype) == ((2, 32, 27), np.float32)
    assert np.array_equal(np.argwhere(batch[0, :, :9])[:4], [[0, 0], [2, 2], [4, 0], [6, 2]])
    assert batch[0, 0, 9] == pytest.approx(90 / 127, abs=1e-3)
    assert windows.bpm == pytest.approx([84, 84], rel=1e-4)
    assert np.allclose(encode(decode(batch[0])), batch[0], atol=0.01)


def test_a_folder_read_directly_gives_the_windows_of_its_corpus(plain: Path, tmp_path: Path) -> None:
    prepare(plain, tmp_path / "corpus", progress=False)
    for split in SPLITS:
        stored = Corpus.open(tmp_path / "corpus").windows(split, 2)
        if len(stored.songs):
            direct = windows_of_folder(plain, 2, split)
            assert np.array_equal(direct.batch(slice(None)), stored.batch(slice(None)))
            assert direct.songs == stored.songs


def test_preparing_twice_gives_the_same_bytes(plain: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        prepare(plain, tmp_path / name, progress=False)
    first = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}


def test_the_median_offset_of_a_performance_is_taken_out_and_told(tmp_path: Path) -> None:
    drums(tmp_path / "midi" / "late.mid", 3, late=12)
    facts = prepare(tmp_path / "midi", tmp_path / "corpus", progress=False)
    assert facts["median_offset"]["mean_ms"] == pytest.approx(12 / 480 * 600, abs=0.01)
    (song,) = windows_of_folder(tmp_path / "midi", 2).songs
    assert song.median_offset_steps == pytest.approx(0.1)
    assert not windows_of_folder(tmp_path / "midi", 2).batch([0])[..., 18:].any()


def test_a_window_with_an_empty_bar_or_too_few_hits_is_left_out(tmp_path: Path) -> None:
    first = mido.MidiFile(drums(tmp_path / "a.mid", 1))
    track = [message for message in first.tracks[0] if message.type != "end_of_track"]
    second = [message.copy() for message in track if not message.is_meta]
    second[0].time = (32 - 14) * PER_STEP - 30  # bars 0 and 2 are played, bar 1 is silent
    first.tracks[0] = mido.MidiTrack([*track, *second])
    first.save(tmp_path / "a.mid")
    assert len(windows_of_folder(tmp_path, 2)) == 0
    assert windows_of_folder(tmp_path, 1).start.tolist() == [0, 32]


def test_a_short_fill_stands_at_the_end_of_a_window_after_a_groove_by_its_drummer(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    drums(folder / "beat.mid", 3)
    drums(folder / "fill.mid", 1, pitch=38)
    drums(folder / "alone.mid", 1, pitch=38)
    rows = {"beat.mid": ("train", "rock", "beat"), "fill.mid": ("train", "rock", "fill"), "alone.mid": ("train", "jazz", "fill")}
    facts = prepare(groove_set(folder, rows), tmp_path / "corpus", progress=False)
    assert facts["splits"]["train"]["fills"] == {"2": 2, "4": 2}
    windows = Corpus.open(tmp_path / "corpus").windows("train", 2, fills=True)
    assert windows.is_fill.tolist() == [False, False, True, True]
    names = [windows.songs[song].file for song in windows.song[2:]]
    fill, alone = windows.batch([2 + names.index("fill.mid"), 2 + names.index("alone.mid")])
    assert np.array_equal(fill[:16], windows.batch([0])[0, :16])
    assert fill[16:, 1].sum() == alone[16:, 1].sum() == 4
    assert not alone[:16].any()
    assert len(Corpus.open(tmp_path / "corpus").windows("train", 2)) == 2


def test_of_a_file_that_changes_its_metre_the_bars_in_4_4_are_read(tmp_path: Path) -> None:
    drums(tmp_path / "a.mid", 9, metres=((0, 4, 4), (2, 4, 4), (3, 3, 4), (6, 4, 4)))
    windows = windows_of_folder(tmp_path, 2)
    assert windows.start.tolist() == [0, 16, 64, 80]  # three bars, an empty one, three bars


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A folder with one good file and four that cannot be used."""
    folder = tmp_path / "spoilt"
    whole = drums(folder / "good.mid", 3).read_bytes()
    (folder / "text.mid").write_text("this is a text file\n")
    (folder / "short.MID").write_bytes(whole[:100])
    drums(folder / "waltz.mid", 3, metres=((0, 3, 4),))
    piano = mido.MidiTrack([mido.Message("note_on", note=60, velocity=90), mido.Message("note_off", note=60, time=480)])
    mido.MidiFile(tracks=[piano]).save(folder / "piano.midi")
    return folder


def test_files_that_cannot_be_used_are_listed_with_the_reason_and_the_rest_is_read(
    spoilt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["prepare", str(spoilt), "--kind", "groove", "--out", str(tmp_path / "corpus")]) == 0
    facts = json.loads((tmp_path / "corpus" / "corpus.json").read_text())
    reasons = {item["file"]: item["reason"] for item in facts["skipped"]}
    assert sorted(reasons) == ["piano.midi", "short.MID", "text.mid", "waltz.mid"]
    assert reasons["piano.midi"] == "no drums on channel 10"
    assert reasons["waltz.mid"] == "metre 3/4; only 4/4 is read"
    assert all(reasons[name].startswith("not a readable MIDI file") for name in ("text.mid", "short.MID"))
    shown = capsys.readouterr()
    assert "4 files left out" in shown.out and "waltz.mid: metre 3/4" in shown.out
    assert "5/5" in shown.err  # the progress bar
    assert {item.file for item in windows_of_folder(spoilt, 2).skipped} == set(reasons)


def refused(folder: Path, out: Path) -> str:
    with pytest.raises(UserError) as raised:
        prepare(folder, out, progress=False)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_folder_that_is_missing_or_empty_or_without_drums_is_refused(spoilt: Path, tmp_path: Path) -> None:
    assert "no such folder" in refused(tmp_path / "gone", tmp_path / "corpus")
    (tmp_path / "empty").mkdir()
    assert "no MIDI file" in refused(tmp_path / "empty", tmp_path / "corpus")
    (spoilt / "good.mid").unlink()
    assert "no drums" in refused(spoilt, tmp_path / "corpus")
    with pytest.raises(UserError, match="no drums"):
        windows_of_folder(spoilt, 2)


def test_an_output_whose_folder_is_missing_or_takes_no_files_is_refused(plain: Path, tmp_path: Path) -> None:
    assert "is not there" in refused(plain, tmp_path / "gone" / "corpus")
    (tmp_path / "file").write_text("")
    assert "is no corpus" in refused(plain, tmp_path / "file")
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo.jpg").write_text("")
    assert "is no corpus" in refused(plain, tmp_path / "holiday")
    assert (tmp_path / "holiday" / "photo.jpg").is_file()


def test_an_info_csv_of_another_shape_is_refused(tmp_path: Path) -> None:
    drums(tmp_path / "a.mid", 2)
    (tmp_path / "info.csv").write_text("name,year\na,1\n")
    assert "info.csv: column midi_filename" in refused(tmp_path, tmp_path / "corpus")
    (tmp_path / "info.csv").write_text(HEADER + "d,s,i,rock,100,beat,4-4,a.mid,,1,practice\n")
    assert "split = 'practice'" in refused(tmp_path, tmp_path / "corpus")


def test_what_is_not_a_corpus_does_not_open(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a corpus"):
        Corpus.open(tmp_path)
    corpus = tmp_path / "corpus"
    prepare(plain, corpus, progress=False)
    with pytest.raises(UserError, match="no windows of 3 bars"):
        Corpus.open(corpus).windows("train", 3)
    whole = (corpus / "train.npy").read_bytes()
    (corpus / "train.npy").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"train\.npy"):
        Corpus.open(corpus).windows("train", 2)
    (corpus / "corpus.json").write_text('{"format": 99, "kind": "groove"}')
    with pytest.raises(UserError, match="format 1"):
        Corpus.open(corpus)


def test_a_corpus_stays_whole_until_another_takes_its_place(plain: Path, spoilt: Path, tmp_path: Path) -> None:
    prepare(plain, tmp_path / "corpus", progress=False)
    before = {path.name: path.read_bytes() for path in (tmp_path / "corpus").iterdir()}
    good = (spoilt / "good.mid").rename(tmp_path / "good.mid")
    refused(spoilt, tmp_path / "corpus")
    assert {path.name: path.read_bytes() for path in (tmp_path / "corpus").iterdir()} == before
    good.rename(spoilt / "good.mid")
    prepare(spoilt, tmp_path / "corpus", progress=False)
    assert (tmp_path / "corpus" / "corpus.json").read_bytes() != before["corpus.json"]
    assert not list(tmp_path.glob(".corpus*"))


@pytest.mark.parametrize(("hat", "tom"), [(22, 6), (42, 5)])
def test_the_toms_of_a_folder_are_those_of_a_td_11_where_its_hi_hat_is(tmp_path: Path, hat: int, tom: int) -> None:
    drums(tmp_path / "a.mid", 2, pitch=hat)
    drums(tmp_path / "b.mid", 2, pitch=48)
    windows = windows_of_folder(tmp_path, 2)
    assert windows.batch([1])[0, 2, tom] == 1
