"""The form of a set, put together: anchor board, scenes and song, walk and position, over the user's library."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.core.names import match, unknown
from mvae.core.scene import WORDS
from mvae.live.anchors import AnchorBoard
from mvae.live.ensemble import Ensemble
from mvae.live.guest import Guest
from mvae.live.instrument import Feature, Instrument
from mvae.live.library import Library, home
from mvae.live.locator import Locator
from mvae.live.prepared import Prepared, shelf_of
from mvae.live.scene_shelf import Shelf, song_of
from mvae.live.scenes import Scenes
from mvae.live.wander import Wanderer


@dataclass(frozen=True, slots=True)
class Form:
    """What an instrument has of form."""

    board: AnchorBoard
    scenes: Scenes
    library: Library

    @property
    def complaints(self) -> tuple[str, ...]:
        """What the library holds and cannot be read, a line each."""
        return (*self.board.complaints, *self.scenes.shelf.complaints)

    def check(self, ready: Prepared) -> None:
        """UserError for a scene or a song of another patch that names what is not there."""
        song_of(ready.patch, ready.shelf)
        check(self.board, ready.shelf, ready.trial)


@contextmanager
def form(instrument: Instrument, hashes: Mapping[str, str], library: Library | None = None, count_in: int = 0) -> Iterator[Form]:
    """Add it to an instrument; of a song the first scene is there from the start. What was kept is written at the end.

    UserError for a scene or a song of the patch that names what is not there.
    """
    patch = instrument.band.patch
    with library or Library(home()) as shelves:
        board = AnchorBoard(instrument, shelves, hashes)
        shelf = shelf_of(patch, shelves)
        scenes = Scenes(instrument, board, shelf, song_of(patch, shelf))
        check(board, shelf, instrument.band)
        features: tuple[Feature, ...] = (scenes, board, Wanderer(instrument))  # knobs turn before what they turn with is handed over
        for feature in features:
            instrument.add(feature)
        if not isinstance(instrument, Guest):
            instrument.add(Locator(instrument))
        instrument.count_in = count_in
        board.place_kept()
        if scenes.song:
            scenes.do(Change("scene", scenes.song[0]), instrument.player.status())
        yield Form(board, scenes, shelves)


def check(board: AnchorBoard, shelf: Shelf, band: Ensemble) -> None:
    """UserError for a scene of a band's patch with an anchor that is not there, or with a `then` that is no scene."""
    patch = band.patch
    for scene in patch.scenes:
        try:
            board.resolve(scene, band)
        except ValueError as problem:
            raise UserError(f"{patch.file}: [[scene]] {scene.name}: anchors: {problem}") from None
        if scene.then and match(scene.then, (*WORDS, *shelf.scenes)) is None:
            there = unknown("scene", scene.then, tuple(shelf.scenes))
            raise UserError(f'{patch.file}: [[scene]] {scene.name}: then = "{scene.then}": {there}')
