"""A hall with form whose instrument changes patches: toy bundles opened from folders, on the spot instead of on a thread."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mvae.core.patch import Patch
from mvae.core.patch_file import read_patch
from mvae.live import ensemble as ensemble_module
from mvae.live import wire
from mvae.live.bounce import Bounce
from mvae.live.control_log import Act, read
from mvae.live.ensemble import Ensemble, open_band
from mvae.live.models import GrooveModel, Model, TokenModel
from mvae.live.patch_change import PatchChange
from mvae.live.take import log_path
from tests.live.form_hall import FormHall
from tests.live.hall import SEED, panel
from tests.toy_decoder import ToyDecoder
from tests.toy_tokens import ToyTokens

CORNERS = '[anchors]\nA = "rock"\nB = "funk"\n'
DRUMS = f'format = 1\nname = "Drums"\n[[part]]\nname = "drums"\nbundle = "groove"\n{CORNERS}[knob.density]\naxis = "density"\n'
FLAT = f'format = 1\nname = "Flat"\ntempo = 90\nquantise = "beat"\n[[part]]\nname = "lead"\nbundle = "tunes"\nstream = "melody"\n{CORNERS}'
TRIO = "".join(
    f'[[part]]\nname = "{name}"\nbundle = "trio"\nstream = "{stream}"\nchannel = {channel}\n'
    for name, stream, channel in (("lead", "melody", 2), ("drums", "drums", 10), ("low", "bass", 3))
)
BARS = f'format = 1\nname = "Bars"\n{TRIO}{CORNERS}'
PATCHES = {"drums": DRUMS, "flat": FLAT, "bars": BARS}


class Opened:
    """What a bundle on disk has besides its decoder."""

    provider, choice = "cpu", SimpleNamespace(reason="")
    card = SimpleNamespace(temperature=0.5, files={}, hears="all")


class Groove(Opened, ToyDecoder):
    pass


class Tokens(Opened, ToyTokens):
    pass


def opened(folder: Path, provider: str) -> Groove | Tokens:
    """The toy of a bundle's name."""
    made: dict[str, Callable[[], Groove | Tokens]] = {
        "groove": Groove, "tunes": lambda: Tokens("melody", 2), "trio": lambda: Tokens("trio", 4, hierarchical=True),
    }  # fmt: skip
    return made[folder.name]()


def model_of(decoder: Any, feel: Any = None) -> Model:
    return TokenModel(decoder, feel) if isinstance(decoder, ToyTokens) else GrooveModel(decoder, feel)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of patches, with toys for their bundles."""
    monkeypatch.setattr(ensemble_module, "open_decoder", opened)
    monkeypatch.setattr(ensemble_module, "model_of", model_of)
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    for name, text in PATCHES.items():
        (tmp_path / f"{name}.toml").write_text(text)
    for bundle in ("groove", "tunes", "trio"):
        (tmp_path / bundle).mkdir()
    return tmp_path


def band_of(file: Path, seed: int = SEED) -> Ensemble:
    return open_band(read_patch(file)).ensemble(seed)


class AtOnce(Executor):
    """Does on the spot what it is given; or keeps it until it is asked to `work`."""

    def __init__(self, lazy: bool = False) -> None:
        self.lazy, self.jobs = lazy, list[Callable[[], object]]()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.jobs.append(lambda: fn(*args, **kwargs))
        if not self.lazy:
            self.work()
        return Future()

    def work(self) -> None:
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            job()


class PatchHall(FormHall):
    """An instrument that plays the patch of a file in a folder of others."""

    def __init__(self, shelf: Path, name: str = "drums", path: Path | None = None, lazy: bool = False) -> None:
        super().__init__(shelf / "library", path, band_of(shelf / f"{name}.toml"))
        self.changes = PatchChange(self.instrument, self.form.library, self.form.check)
        self.changes.pool.shutdown()
        self.changes.pool = self.pool = AtOnce(lazy)
        self.instrument.add(self.changes)

    @property
    def title(self) -> str:
        return self.instrument.band.patch.name

    def sent(self, ons: bool = True) -> list[wire.Sent]:
        """The notes sent since the last start; their ends, too, unless only the `ons` are asked for."""
        starts = [place for place, message in enumerate(self.link.heard) if isinstance(message, wire.Started) and message.line_tick == 0]
        since = self.link.heard[starts[-1] if starts else 0 :]
        return [message for message in since if isinstance(message, wire.Sent) and (message.on or not ons)]

    def bars(self, part: str) -> dict[int, set[tuple[int, int, int]]]:
        """By bar since the last start: (step of the bar, pitch, velocity) of what a part has sounded."""
        number = [each.name for each in self.instrument.band.roster].index(part)
        found: dict[int, set[tuple[int, int, int]]] = {}
        for sent in self.sent():
            if sent.part == number:
                found.setdefault(sent.step // 16, set()).add((sent.step % 16, sent.pitch, sent.velocity))
        return found


def again(path: Path, shelf: Path, name: str = "drums") -> bytes:
    """The .mid that a bounce makes of a take's log; nothing in it may differ."""

    def reads(act: Act) -> Patch:
        return read_patch(Path(act.patch))

    band = band_of(shelf / f"{name}.toml")
    take, acts = read(log_path(path))
    assert take is not None
    offline = Bounce(panel(band.patch), band, take, reads)
    data = offline.play(acts, None)
    assert offline.remarks() == []
    return data
