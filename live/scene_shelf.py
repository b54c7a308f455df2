"""The scenes that there are: those of the patch, and over them those that the user has kept for it. Knows nothing of when they play."""

from collections.abc import Sequence

from mvae.core.errors import UserError
from mvae.core.names import match, plain, unknown
from mvae.core.patch import Patch
from mvae.core.scene import Scene
from mvae.core.scene_record import record_of, scene_of
from mvae.live.library import Library, file_name

KIND = "scenes"  # of the library


class Shelf:
    """`scenes` by name: the patch's in their order, then the user's. `patch` is what the user's are kept by."""

    def __init__(self, given: Sequence[Scene], library: Library | None = None, patch: str = ""):
        self.scenes = {scene.name: scene for scene in given}
        self.complaints: list[str] = []
        self._library, self._kind = library, f"{KIND}/{file_name(patch).removesuffix('.json')}"
        if library is not None:
            self._read(library)

    def _read(self, library: Library) -> None:
        """The user's scenes; one that says nothing is complained of."""
        for record in library.records(self._kind, self.complaints):
            try:
                self._take(scene_of(record))
            except ValueError as problem:
                why = f"scene {record['name']!r} of the library is damaged ({problem}): it is left as it is"
                library.refuse(self._kind, str(record["name"]), why, self.complaints)

    def scene(self, name: str) -> Scene:
        """The scene of a name. ValueError with the list."""
        found = match(name, self.scenes)
        if not self.scenes:
            raise ValueError(f"no scene {name!r}: there is none yet, scene store NAME keeps one")
        if found is None:
            raise ValueError(unknown("scene", name, tuple(self.scenes)))
        return self.scenes[found]

    def keep(self, scene: Scene) -> None:
        """A scene from now on, in the library too, instead of one whose name means the same."""
        self._take(scene)
        if self._library is not None:
            self._library.keep(self._kind, scene.name, record_of(scene))

    def fresh(self, word: str) -> str:
        """A name that no scene has yet."""
        taken = {plain(name) for name in self.scenes}
        return next(name for number in range(1, len(taken) + 2) if plain(name := f"{word} {number}") not in taken)

    def _take(self, scene: Scene) -> None:
        old = match(scene.name, self.scenes)
        self.scenes = {scene.name if name == old else name: scene if name == old else kept for name, kept in self.scenes.items()}
        self.scenes.setdefault(scene.name, scene)


def song_of(patch: Patch, shelf: Shelf) -> tuple[str, ...]:
    """The song of a patch, its scenes spelled as they are. UserError for one that is not there."""
    names = tuple(shelf.scenes)
    for name in patch.song:
        if match(name, names) is None:
            raise UserError(f'{patch.file}: song: "{name}": {unknown("scene", name, names)}')
    return tuple(match(name, names) or name for name in patch.song)
