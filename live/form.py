"""The form of a set, put together: anchor board, scenes and song, walk and position, over the user's library."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.core.names import match, unknown
from mvae.core.scene import WORDS
from mvae.live.anchors import AnchorBoard
from mvae.live.guest import Guest
from mvae.live.instrument import Feature, Instrument
from mvae.live.library import Library, home
from mvae.live.locator import Locator
from mvae.live.scene_shelf import Shelf
from mvae.live.scenes import Scenes
from mvae.live.wander import Wanderer


@dataclass(frozen=True, slots=True)
class Form:
    """What an instrument has of form."""

    board: AnchorBoard
    scenes: Scenes

    @property
    def complaints(self) -> tuple[str, ...]:
        """What the library holds and cannot be read, a line each."""
        return (*self.board.complaints, *self.scenes.shelf.complaints)


@contextmanager
def form(instrument: Instrument, hashes: Mapping[str, str], library: Library | None = None, count_in: int = 0) -> Iterator[Form]:
    """Add it to an instrument; of a song the first scene is there from the start. What was kept is written at the end.

    UserError for a scene or a song of the patch that names what is not there.
    """
    patch = instrument.band.patch
    with library or Library(home()) as shelves:
        board = AnchorBoard(instrument, shelves, hashes)
        shelf = Shelf(patch.scenes, shelves, patch.file.stem)
        scenes = Scenes(instrument, board, shelf, song_of(instrument, shelf))
        check(instrument, board, shelf)
        features: tuple[Feature, ...] = (scenes, board, Wanderer(instrument))  # knobs turn before what they turn with is handed over
        for feature in features:
            instrument.add(feature)
        if not isinstance(instrument, Guest):
            instrument.add(Locator(instrument))
            instrument.count_in = count_in
        if scenes.song:
            scenes.do(Change("scene", scenes.song[0]), instrument.player.status())
        yield Form(board, scenes)


def song_of(instrument: Instrument, shelf: Shelf) -> tuple[str, ...]:
    """The song of the patch, its scenes spelled as they are. UserError for one that is not there."""
    patch, names = instrument.band.patch, tuple(shelf.scenes)
    for name in patch.song:
        if match(name, names) is None:
            raise UserError(f'{patch.file}: song: "{name}": {unknown("scene", name, names)}')
    return tuple(match(name, names) or name for name in patch.song)


def check(instrument: Instrument, board: AnchorBoard, shelf: Shelf) -> None:
    """UserError for a scene of the patch with an anchor that is not there, or with a `then` that is no scene."""
    patch = instrument.band.patch
    for scene in patch.scenes:
        try:
            board.resolve(scene)
        except ValueError as problem:
            raise UserError(f"{patch.file}: [[scene]] {scene.name}: anchors: {problem}") from None
        if scene.then and match(scene.then, (*WORDS, *shelf.scenes)) is None:
            there = unknown("scene", scene.then, tuple(shelf.scenes))
            raise UserError(f'{patch.file}: [[scene]] {scene.name}: then = "{scene.then}": {there}')
