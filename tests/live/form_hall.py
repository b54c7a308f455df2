"""A hall whose instrument has form: anchor board, scenes, walk, position; and the take of it played again."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from mvae.core.scene import Scene
from mvae.live.bounce import Bounce
from mvae.live.control_log import read
from mvae.live.ensemble import Ensemble
from mvae.live.form import Form, form
from mvae.live.library import Library
from mvae.live.models import GrooveModel
from mvae.live.take import log_path
from tests.live.hall import PATCH, SEED, Hall, panel
from tests.toy_decoder import ToyDecoder


def band_of(scenes: tuple[Scene, ...] = (), song: tuple[str, ...] = (), seed: int = SEED) -> Ensemble:
    """A band of one groove, with scenes in its patch."""
    patch = replace(PATCH, scenes=scenes, song=song)
    return Ensemble(patch, [patch], [GrooveModel(ToyDecoder())], seed)


class FormHall(Hall):
    """An instrument with form, over a library in a folder."""

    def __init__(
        self, folder: Path, path: Path | None = None, band: Ensemble | None = None, count_in: int = 0, proof: str = "1", **given: int
    ) -> None:
        super().__init__(path, band=band or band_of(), **given)
        self.stack = ExitStack()
        self.form: Form = self.stack.enter_context(form(self.instrument, {"toy": proof}, Library(folder), count_in))

    def __exit__(self, *_: object) -> None:
        self.stack.close()
        super().__exit__(*_)

    def last(self, address: str) -> tuple[object, ...]:
        """What was last told at an address."""
        return next(words[1:] for words in reversed(self.told) if words[0] == address)

    def bar(self, bar: int) -> dict[tuple[int, int], tuple[int, int]]:
        """(voice, step of the bar) -> offset from its line in ticks and velocity, of a bar from 0 since the last start."""
        inside = {key: heard for key, heard in self.notes().items() if 16 * bar <= key[1] < 16 * (bar + 1)}
        return {(voice, step - 16 * bar): (tick - 240 * step, loud) for (voice, step), (tick, loud) in inside.items()}


def played_again(path: Path, band: Ensemble) -> bytes:
    """The .mid that a bounce makes of a take's log; nothing in it may differ."""
    take, acts = read(log_path(path))
    assert take is not None
    offline = Bounce(panel(band.patch), band, take)
    data = offline.play(acts, None)
    assert offline.remarks() == []
    return data
