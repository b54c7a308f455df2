"""Setting the stage: whatever fails, what was opened is closed again, the player first of all; and what signals do meanwhile."""

import argparse
import gc
import os
import signal
import socket
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.core.patch import find_patch
from mvae.live import ensemble as ensemble_module
from mvae.live import stage as stage_module
from mvae.live.guest import Guest
from mvae.live.main import parser
from mvae.live.player_child import INTERNAL, Timing
from mvae.live.prepared import patch_key
from mvae.live.stage import endings, play, stage
from tests.live.hall import ManualLink
from tests.live.jack import wait_until
from tests.live.studio import ManualClock
from tests.toy_decoder import ToyDecoder
from tests.toy_space import PAD, write_patch


class Link(ManualLink):
    """A player in this process; `links` are all that were started."""

    links: tuple["Link", ...] = ()
    own: tuple[str, ...] = ()
    ports: dict[int, object] = {}  # noqa: RUF012 (none is ever added)
    fault = ""

    def __init__(self, port: str | None, name: str, tempo_bpm: float, timing: Timing = INTERNAL, slots: object = None) -> None:
        if self.fault:
            raise UserError(self.fault)
        super().__init__(ManualClock())
        self.asked, self.closed, self.timing = (port, name, tempo_bpm), False, timing
        Link.links += (self,)

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def struck(self, channel: int, pitch: int) -> tuple[float, int]:
        return 0.0, 0

    def close(self) -> None:
        self.closed = True


class Decoder(ToyDecoder):
    """Opens without a bundle, or fails."""

    provider, choice = "cpu", SimpleNamespace(reason="golden pair reproduced")
    card = SimpleNamespace(temperature=0.5, files={})
    fault: BaseException | None = None

    @classmethod
    def open(cls, folder: Path, provider: str) -> "Decoder":
        if cls.fault is not None:
            raise cls.fault
        return cls()


@pytest.fixture(autouse=True)
def players(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(stage_module, "PlayerLink", Link)
    monkeypatch.setattr(ensemble_module, "open_decoder", Decoder.open)
    monkeypatch.setattr(Link, "links", ())
    (tmp_path / "toy").mkdir()
    yield
    for link in Link.links:
        link.page.close()


@pytest.fixture
def osc() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def chosen(folder: Path, osc: int, *words: str, patch: str = PAD) -> argparse.Namespace:
    return parser().parse_args(["play", "--patch", str(write_patch(folder, patch)), "--osc", str(osc), "--no-surface", *words])


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def test_a_stage_is_set_and_cleared(tmp_path: Path, osc: int) -> None:
    with stage(chosen(tmp_path, osc, "--port", "IAC", "--name", "second", "--tempo", "97")) as instrument:
        (link,) = Link.links
        assert link.asked == ("IAC", "second", 97.0) and instrument.tempo_bpm == 97.0 == instrument.panel.snapshot().knobs["tempo"]
        assert not link.closed and not is_free(osc)
    assert link.closed and is_free(osc)


def test_with_anothers_clock_the_player_is_told_whose_and_a_tempo_asked_for_is_ignored_with_a_word(
    tmp_path: Path, osc: int, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--sync", "midi", "--clock-port", "desk", "--nudge", "-12", "--tempo", "97")
    with stage(chosen(tmp_path, osc, *words)) as instrument:
        (link,) = Link.links
        assert isinstance(instrument, Guest) and link.timing == Timing("midi", "desk", -12.0) and link.asked[2] == 120.0
        assert instrument.panel.snapshot().knobs["nudge"] == instrument.nudge_ms == -12.0
        assert "--tempo 97 is ignored: the tempo is the MIDI clock's" in capsys.readouterr().out


def test_what_the_stage_holds_is_never_searched_for_garbage_in_mid_bar(tmp_path: Path, osc: int) -> None:
    with stage(chosen(tmp_path, osc)):
        assert gc.get_freeze_count() > 1000
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize(
    ("words", "patch", "plays"),
    [
        ((), PAD, True),
        (("--start", "armed"), PAD, False),
        (("--port", "IAC"), PAD, False),
        (("--port", "IAC", "--start", "now"), PAD, True),
        (("--sync", "link"), PAD, False),
        (("--sync", "midi", "--start", "now"), PAD, True),
        ((), 'start = "armed"\n' + PAD, False),
        (("--start", "now"), 'start = "armed"\n' + PAD, True),
    ],
)
def test_with_a_port_named_nothing_sounds_by_itself(tmp_path: Path, osc: int, words: tuple[str, ...], patch: str, plays: bool) -> None:
    with stage(chosen(tmp_path, osc, *words, patch=patch)) as instrument:
        assert [change.action for change in instrument.panel.drain()] == ["play"] * plays


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--record", "{folder}/none/take.mid"), "is not there"),
        (("--record", "{folder}"), "is a folder"),
        (("--osc", "{taken}"), "give another port"),
        (("--record", "{folder}/take.mid", "--osc", "{taken}"), "give another port"),
        (("--record", "{folder}/take.mid", "--controller", "nosuch"), "nosuch"),
    ],
)
def test_whatever_is_wrong_is_told_and_nothing_is_left_behind(tmp_path: Path, osc: int, words: tuple[str, ...], told: str) -> None:
    (tmp_path / "take.mid").write_bytes(b"an earlier take")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        given = [word.format(folder=tmp_path, taken=taken) for word in words]
        with pytest.raises(UserError, match=told), stage(chosen(tmp_path, osc, *given)):
            pass
    assert [link.closed for link in Link.links] == [True] and is_free(osc)
    assert (tmp_path / "take.mid").read_bytes() == b"an earlier take"
    assert {path.name for path in tmp_path.iterdir()} == {"take.mid", "test.toml", "toy"}


@pytest.mark.parametrize("fault", [UserError("the bundle is broken"), MemoryError(), SystemExit(0)])
def test_a_model_that_does_not_load_leaves_no_player_behind(
    tmp_path: Path, osc: int, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    monkeypatch.setattr(Decoder, "fault", fault)
    with pytest.raises(type(fault)), stage(chosen(tmp_path, osc)):
        pass
    assert [link.closed for link in Link.links] == [True]


def test_a_port_that_is_not_there_is_told(tmp_path: Path, osc: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Link, "fault", "no output matches 'nosuch'")
    with pytest.raises(UserError, match="no output matches"), stage(chosen(tmp_path, osc, "--port", "nosuch")):
        pass


def test_a_failure_in_the_middle_of_the_set_closes_everything(tmp_path: Path, osc: int) -> None:
    with pytest.raises(ZeroDivisionError), stage(chosen(tmp_path, osc, "--record", str(tmp_path / "take.mid"))) as instrument:
        instrument.end()
        raise ZeroDivisionError
    assert Link.links[0].closed and is_free(osc)


def test_a_tempo_that_the_patch_does_not_reach_is_told_before_anything_starts(tmp_path: Path, osc: int) -> None:
    slow = PAD + "[knob.tempo]\nrange = [60, 100]\n"
    with pytest.raises(UserError, match=r"tempo 120: .*test.toml it goes from 60 to 100 BPM"), stage(
        chosen(tmp_path, osc, "--tempo", "120", patch=slow)
    ):
        pass
    assert not Link.links
    with stage(chosen(tmp_path, osc, patch=slow)) as instrument:
        assert [link.asked[2] for link in Link.links] == [100.0] and instrument.tempo_bpm == 100.0


def test_a_signal_while_the_stage_is_set_leaves_with_everything_closed(tmp_path: Path, osc: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Decoder):
        @classmethod
        def open(cls, folder: Path, provider: str) -> Decoder:
            os.kill(os.getpid(), signal.SIGTERM)
            raise AssertionError("the signal was not heard")

    monkeypatch.setattr(ensemble_module, "open_decoder", Slow.open)
    with pytest.raises(SystemExit) as left:
        play(chosen(tmp_path, osc))
    assert left.value.code == 0 and [link.closed for link in Link.links] == [True]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_set_and_a_second_one_changes_nothing(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    ended = []
    with endings() as ending:
        ending.instrument = SimpleNamespace(end=lambda: ended.append(1))  # type: ignore[assignment]
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert ended == [1, 1] and signal.getsignal(number) is before


def test_a_second_signal_while_the_stage_is_being_cleared_does_not_interrupt_it() -> None:
    with endings() as ending:
        with pytest.raises(SystemExit):
            ending(signal.SIGINT, None)
        ending(signal.SIGINT, None)


def test_a_patch_is_named_so_that_it_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_patch(tmp_path, PAD)
    monkeypatch.chdir(tmp_path)
    assert patch_key(find_patch("test.toml")) == str(path.resolve()) and patch_key(find_patch("four corners")) == "four_corners"


def test_the_models_of_a_patch_go_with_it(tmp_path: Path, osc: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = list["weakref.ref[Decoder]"]()

    def opens(folder: Path, provider: str) -> Decoder:
        decoder = Decoder.open(folder, provider)
        made.append(weakref.ref(decoder))
        return decoder

    monkeypatch.setattr(ensemble_module, "open_decoder", opens)
    with stage(chosen(tmp_path, osc)) as instrument:
        (tmp_path / "other.toml").write_text(PAD.replace("Test", "Other"))
        instrument.panel.turn(Change("patch load", "other"))

        def there() -> bool:
            instrument.turn_page(instrument.now_s())
            return instrument.band.patch.name == "Other"

        assert wait_until(there, 30)
        first, second = made
        assert first() is None and second() is not None


@pytest.mark.parametrize("sync", ["internal", "midi", "link"])
def test_a_count_in_is_for_every_clock_and_the_player_is_told(tmp_path: Path, osc: int, sync: str) -> None:
    with stage(chosen(tmp_path, osc, "--count-in", "2", "--sync", sync)) as instrument:
        assert instrument.count_in == 2 == Link.links[0].timing.count_in


def test_a_song_is_at_its_first_scene_and_what_the_library_cannot_say_is_told(
    tmp_path: Path, osc: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "anchors").mkdir(parents=True)
    (tmp_path / "home" / "anchors" / "late.json").write_text("{")
    song = 'song = ["one"]\n' + PAD + '[[scene]]\nname = "one"\nknobs = {x = 0.75}\n'
    with stage(chosen(tmp_path, osc, patch=song)) as instrument:
        assert instrument.panel.snapshot().knobs["x"] == 0.75
        assert f"{tmp_path / 'home' / 'anchors' / 'late.json'}: damaged, not JSON" in capsys.readouterr().out
