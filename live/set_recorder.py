"""The recording of a set: a folder with all that was played and done, and a picture of it at the end.

Everything grows as a take does (`mvae.live.take`): a kill loses a bar at most. Earlier sets are never touched. A set in which nothing was
played leaves nothing behind.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from mvae.core.latent import Latent
from mvae.core.panel import Panel
from mvae.core.patch import Patch
from mvae.core.phrase import BEATS_PER_BAR
from mvae.core.trail import Stretch, stretch_bytes
from mvae.live import wire
from mvae.live.control_log import Act, Take
from mvae.live.set_changes import HEADER, ChangeSheet
from mvae.live.set_folder import SetFolder, claim, forget, is_take, write_facts
from mvae.live.set_picture import write_set_picture
from mvae.live.take import Recorder
from mvae.live.take_files import TakeFiles

STRETCH_BEATS = 32 * BEATS_PER_BAR  # the path is kept in files of so much: one is written again at each bar, the others rest


class SetRecorder(Recorder):
    """A recorder with a folder of its own."""

    def __init__(self, place: SetFolder, take: Take, parts: Sequence[str]):
        super().__init__(place.whole, take, parts)
        self.place, self.names = place, tuple(parts)
        self._sheet, self._stretch = ChangeSheet(), Stretch()
        self._patches: list[bytes] = []  # those that came in the place of the first
        self._number, self._begun, self._news = 1, 0.0, False  # of the stretch: its number, its first beat, and whether it has grown

    @property
    def told(self) -> str:
        """Which folder it is: the one that was asked for may hold an earlier set."""
        return f"the set is kept in {self.place.folder}"

    def hear(self, message: wire.Up) -> None:
        """A message of the player."""
        super().hear(message)
        if isinstance(message, wire.Started) and self._files is not None:
            self._files.add(self.place.changes, self._sheet.started(self.offset))

    def stood(self, bundle: str, beat: float, z: Latent, anchors: Mapping[str, Latent]) -> None:
        """From this beat of the take on a bundle's latent stands at z."""
        if beat - self._begun >= STRETCH_BEATS and self._files is not None:
            self._write_stretch(self._files)
            self._number, self._begun, self._stretch = self._number + 1, beat, Stretch()
        self._stretch.add(bundle, beat, z, anchors)
        self._news = True

    def patched(self, parts: Sequence[str], text: bytes) -> None:
        """Another patch: its text is kept as it is now."""
        super().patched(parts, text)
        self.names = tuple(parts)
        self._patches.append(text)
        if self._files is not None:
            self._files.put(self.place.later_patch(len(self._patches)), text)

    def took(self, acts: Sequence[Act], files: TakeFiles) -> None:
        """Acts, for people to read."""
        files.add(self.place.changes, self._sheet.lines(acts, self.offset))

    def write(self, files: TakeFiles) -> None:
        """The whole and each part, all equally long, and the path."""
        super().write(files)
        for name, track in zip(self.names, self.parts, strict=True):
            files.put(self.place.part(name), track.file(self.track.tick))
        self._write_stretch(files)

    def begin(self, files: TakeFiles) -> None:
        """Something plays for the first time."""
        files.add(self.place.changes, ",".join(HEADER) + "\n")
        for number, text in enumerate(self._patches, 1):
            files.put(self.place.later_patch(number), text)

    def close(self) -> None:
        """Write what is left and the picture. UserError if the disk still refuses."""
        if self._files is not None:
            self._files.add(self.place.changes, self._sheet.started(self.offset))  # a start that never came
        super().close()
        if self._files is None:
            forget(self.place)
        else:
            write_set_picture(self.place, self.place.picture)

    def _write_stretch(self, files: TakeFiles) -> None:
        if self._news:
            files.put(self.place.stretch(self._number), partial(stretch_bytes, self._stretch.ways()))
            self._news = False


@contextmanager
def recording(path: Path | None, patch: Patch, panel: Panel, take: Take, facts: Mapping[str, str]) -> Iterator[Recorder]:
    """The recorder that `--record` asks for, closed at the end. UserError where it cannot write."""
    if path is None or is_take(path):
        with Recorder(path, take) as recorder:
            yield recorder
        return
    place = claim(path)
    stood = {"knobs": dict(panel.snapshot().knobs), "bundles": dict(take.bundles)}
    begun = datetime.now(UTC).isoformat(timespec="seconds")
    write_facts(place, {"begun": begun, "patch": take.patch, "seed": take.seed, "tempo": take.tempo_bpm, **facts, **stood}, patch)
    with SetRecorder(place, take, [part.name for part in patch.parts]) as recorder:
        yield recorder
