"""Scenes and songs: the music as it was kept, again at a bar line, and what follows it. A feature of the instrument.

A scene asked for while something plays waits for its line, and is handed over a moment before it, so that the notes of its first step that
come early are its own. Called from the instrument's own thread alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mvae.core.chance import uniform
from mvae.core.change import Change
from mvae.core.held import HALF_STEP_TICKS
from mvae.core.names import match
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.points import texts_of
from mvae.core.scene import RANDOM, WORDS, Scene, after, check_name, find, place_of, standing
from mvae.live import wire
from mvae.live.altering import alter, complain, in_play
from mvae.live.anchors import AnchorBoard
from mvae.live.control_log import Act
from mvae.live.deeds import Doer
from mvae.live.glider import Glider
from mvae.live.scene_shelf import Shelf, song_of
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument
    from mvae.live.prepared import Prepared

AHEAD_S = 0.150  # how long before its earliest note a scene is handed over: push, delay and decode
PAD = ("x", "y", "morph")  # knobs that stand at once where the scene has them: the glide is that of the latent
RANDOM_PART = 1 << 22  # whose chance decides what is random


class Scenes:
    """The scenes of one instrument, those of its patch and those of the user, and the song that it plays."""

    def __init__(self, instrument: "Instrument", board: AnchorBoard, shelf: Shelf, song: Sequence[str] = ()):
        self.instrument, self.board, self.shelf, self.song = instrument, board, shelf, tuple(song)
        instrument.patched.append(self.patched)
        self.current: Scene | None = None
        self.waiting: Scene | None = None
        self.place = self.drawn = 0  # in the song; how often chance has decided
        self._line: int | None = None  # the step at which what waits begins
        self._since = 0  # the step at which the current scene began
        self._gliders: tuple[Glider, ...] = ()
        self._step = 0
        self.does: Mapping[str, Doer] = {"scene": self.do}
        instrument.overhear(self.hear)
        self.tell()

    def do(self, change: Change, status: Status) -> None:
        """One of the actions that begin with "scene"."""
        deed, text = change.action.partition(" ")[2], str(change.value or "")
        try:
            match deed:
                case "store":
                    self.store(text, status)
                case "next":
                    self.ask(*self.following("next"), status)
                case "bars" | "then":
                    self.edit(deed, change.value)
                case _:
                    self.ask(*self.known(text), status)
        except ValueError as problem:
            complain(self.instrument, change.action, str(problem), change.source)

    def patched(self, ready: "Prepared", step: int) -> None:
        """Another patch has scenes of its own; of its song the first is there from the line on."""
        self.shelf, self.song = ready.shelf, song_of(ready.patch, ready.shelf)
        self.current = self.waiting = self._line = None
        self.place, self._since, self._gliders = 0, step, ()
        if self.song:
            self.recall(self.shelf.scene(self.song[0]), self.instrument.player.status(), step, glides=False)
        self.tell()

    def called(self) -> tuple[str, ...]:
        """What the scene that plays is called, by name and by number; nothing, where none does. On any thread."""
        current = self.current
        listed = enumerate(self.song or tuple(self.shelf.scenes), 1)
        return () if current is None else (current.name, *(str(number) for number, name in listed if name == current.name))

    def known(self, name: str) -> tuple[Scene, int]:
        """The scene of a name or number, and its place in the song. ValueError with the list."""
        found, place = find(name, tuple(self.shelf.scenes), self.song, self.place) or (name, self.place)
        return self.shelf.scene(found), place

    def following(self, then: str) -> tuple[Scene, int]:
        """The scene after the one that waits or plays, and its place in the song: the first, where there is none."""
        last, names = self.waiting or self.current, tuple(self.shelf.scenes)
        if last is None:
            return self.known("1")
        draw = float(uniform(self.instrument.band.seed, self.drawn, RANDOM_PART, 1)[0])
        self.drawn += then == RANDOM
        name, place = after(then, last.name, names, self.song, self.place, draw)
        return self.shelf.scene(name), place

    def ask(self, scene: Scene, place: int, status: Status) -> None:
        """Recall a scene: at the next line that the quantise allows, a bar's at least; at once where nothing plays."""
        self.board.resolve(scene)
        self.place = place
        if not in_play(self.instrument, status):
            self.recall(scene, status, 0)
            return
        tick = self.music_tick(status, self.instrument.now_s())
        self.waiting, self._line = scene, self.instrument.band.next_line(tick, self.instrument.panel.snapshot())
        self.tell()

    def store(self, name: str, status: Status) -> None:
        """All that plays, by a name, or as the scene that plays. ValueError for a name that no scene can have."""
        before, band = self.current, self.instrument.band
        name = name or (before.name if before is not None else self.shelf.fresh("scene"))
        name = match(name, self.shelf.scenes) or name
        check_name(name)
        positions = self.instrument.heard if status.playing else self.instrument.panel.snapshot()
        knobs, switches, choices = standing(positions)
        seed, roll = band.chance
        same = self.shelf.scenes.get(name, Scene(name))
        kept = Scene(
            name, dict(self.board.names), band.corners(), knobs, switches, choices, roll, seed, band.phase, same.bars, same.then,
            same.glide_beats,
        )  # fmt: skip
        self.shelf.keep(kept)
        self.current, self.place = kept, place_of(name, self.song, self.place)
        self.tell()

    def edit(self, key: str, value: object) -> None:
        """Another length or another `then` for the scene that plays. ValueError where none plays, or for a scene that is not there."""
        if self.current is None:
            raise ValueError("no scene plays: recall or store one first")
        if key == "then" and str(value) not in WORDS:
            value = self.known(str(value))[0].name
        self.current = replace(self.current, bars=int(str(value))) if key == "bars" else replace(self.current, then=str(value))
        self.shelf.keep(self.current)
        self.tell()

    def recall(self, scene: Scene, status: Status, line: int, glides: bool = True) -> None:
        """All that a scene names stands where it says from the line of a step on; over its beats, if it `glides`."""
        instrument, at_s = self.instrument, self.instrument.now_s()
        beats = instrument.panel.snapshot().knobs["glide"] if scene.glide_beats is None else scene.glide_beats
        glides = glides and in_play(instrument, status) and beats > 0
        if glides:
            self.board.leave(beats, line)
        gliding = {name: value for name, value in scene.knobs.items() if glides and name not in PAD}
        at_once: dict[str, float | bool | str] = {**scene.knobs, **scene.switches, **scene.choices}
        changes = [Change(name, value, at_s, "scene") for name, value in at_once.items() if name not in gliding]
        refused = [answer for answer in instrument.panel.turn(*changes) if answer]
        self._gliders = tuple(self.glider(name, value, beats, line) for name, value in gliding.items() if name in instrument.panel.actions)
        instrument.follow_tempo()
        placed = self.board.resolve(scene)
        for slot, points in placed.items():
            instrument.band.place(slot, points)
            self.board.tell(slot, scene.anchors.get(slot, self.board.names[slot]))
        chance = self.draw(scene)
        texts = {slot: texts_of(points) for slot, points in placed.items()}
        alter(instrument, status, Act("scene", value=line, points=texts, chance=chance), line)
        self.current, self.waiting, self._line, self._since = scene, None, None, line
        instrument.remark = f"scene {scene.name}: {refused[0]}" if refused else instrument.remark
        self.tell()

    def draw(self, scene: Scene) -> tuple[int, ...]:
        """The chance of a scene, and how far its walk had come."""
        band = self.instrument.band
        if scene.phase is not None:
            band.wander(scene.phase)
            self.instrument.recorder.act(Act("wander", value=scene.phase))
        if scene.roll is None:
            return ()
        band.draw(band.seed if scene.seed is None else scene.seed, scene.roll)
        return band.chance

    def glider(self, name: str, value: float, beats: float, line: int) -> Glider:
        """A knob on its way."""
        made = Glider(self.instrument.panel)
        made.begin_to({name: value}, beats, line, self.instrument.now_s())
        return made

    def advance(self, status: Status, now_s: float) -> None:
        """Turn the knobs that glide; hand over the scene whose line is near."""
        if not in_play(self.instrument, status):
            if self.waiting is not None and not self.instrument.answering():
                self.recall(self.waiting, status, 0)  # it is there when play goes on
            return
        tick = self.music_tick(status, now_s)
        if tick // TICKS_PER_STEP != self._step:
            self._step = tick // TICKS_PER_STEP
            for glider in self._gliders:
                glider.advance(self._step, now_s)
        line = self.due_line(tick)
        if line is not None and status.time_of_tick(line * TICKS_PER_STEP - HALF_STEP_TICKS) - now_s <= AHEAD_S:
            self.turn_over(status, line)

    def music_tick(self, status: Status, now_s: float) -> int:
        """How far the music has come; before it enters, it is about to."""
        return max(status.tick_at(now_s), self.instrument.line_tick - 1)

    def due_line(self, tick: int) -> int | None:
        """The step at which the next scene begins, one that waits or the one that follows; None for a scene that lasts."""
        if self.waiting is not None:
            line = self._line
        else:
            line = self._since + self.current.bars * STEPS_PER_BAR if self.current is not None and self.current.bars else None
        late = line is not None and line * TICKS_PER_STEP <= tick
        return (tick // TICKS_PER_STEP // STEPS_PER_BAR + 1) * STEPS_PER_BAR if late else line

    def turn_over(self, status: Status, line: int) -> None:
        """What waits begins, or what follows; a scene that follows itself is left as hands have made it."""
        if self.waiting is not None:
            self.recall(self.waiting, status, line)
            return
        try:
            scene, place = self.following(self.current.then if self.current is not None else "")
            self.board.resolve(scene)
        except ValueError as problem:
            complain(self.instrument, "scene then", str(problem))
            self._since = line
            return
        if scene is self.current:
            self._since = line
        else:
            self.place = place
            self.recall(scene, status, line)

    def hear(self, message: wire.Up) -> None:
        """The song begins at a line, perhaps elsewhere: what plays there begins there, unless it goes on where it stopped."""
        if isinstance(message, wire.Started):
            bar = message.line_tick // TICKS_PER_STEP // STEPS_PER_BAR * STEPS_PER_BAR
            length = self.current.bars * STEPS_PER_BAR if self.current is not None else 0
            if not self._since <= bar < self._since + length or bar == 0:
                self._since = bar
            self._line = None if self.waiting is None else bar + STEPS_PER_BAR

    def stopped(self) -> None:
        """A knob that glides stays where it is."""
        self._gliders = ()

    def tell(self) -> None:
        """What plays, what waits, and what there is: for the screen and for whoever listens."""
        publish = self.instrument.feedback.out.publish
        publish("/mvae/scene/playing", self.current.name if self.current is not None else "")
        publish("/mvae/scene/waiting", self.waiting.name if self.waiting is not None else "")
        publish("/mvae/scene/list", *(self.song or tuple(self.shelf.scenes)))
        publish("/mvae/scene/names", *self.shelf.scenes)
