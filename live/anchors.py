"""The anchor board: other points in the slots than the patch says, by name. A feature of the instrument.

`store` keeps the point that sounds, `sample` draws a fresh one, `load` brings one back by name; captures place theirs here, too. What is
placed is in the control log, and named points are in the user's library. Called from the instrument's own thread alone.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mvae.core.change import Change
from mvae.core.latent import Latent
from mvae.core.names import match, plain, unknown
from mvae.core.phrase import STEPS_PER_BEAT, TICKS_PER_STEP
from mvae.core.points import Points, points_of, texts_of
from mvae.core.prior import drawn
from mvae.core.scene import Scene, check_name
from mvae.live.altering import alter, complain, in_play
from mvae.live.control_log import Act
from mvae.live.deeds import Doer
from mvae.live.kept_points import KIND
from mvae.live.library import Library
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.ensemble import Ensemble
    from mvae.live.instrument import Instrument
    from mvae.live.prepared import Prepared


class AnchorBoard:
    """The slots of one instrument. `hashes` by bundle say which version of it a kept point belongs to.

    `names` is what lies in each slot; `complaints` are lines about what the library holds and cannot be read.
    """

    def __init__(self, instrument: "Instrument", library: Library | None = None, hashes: Mapping[str, str] | None = None):
        self.instrument, self.library, self.hashes = instrument, library, dict(hashes or {})
        self._made_with: dict[str, Mapping[str, str]] = {}  # kept points: the bundles that they were led to, and their hashes
        self.complaints: list[str] = []
        self.kept: dict[str, Points] = {}
        self.of_other_models: set[str] = set()  # kept points that an earlier version of a bundle was led to
        self.names = self.usual_names()
        self.sampled = 0
        self._way: tuple[int, int] | None = None  # a glide: from which step, over how many
        self._come = 0  # the step to which it has come
        self.does: Mapping[str, Doer] = {"store": self.store, "sample": self.sample, "load": self.load}
        if library is not None:
            for record in library.records(KIND, self.complaints):
                self.shelve(library, record)
        for slot, name in self.names.items():
            self.tell(slot, name)
        instrument.patched.append(self.patched)

    def patched(self, ready: "Prepared", step: int) -> None:
        """Another patch has its own points in its slots."""
        self.hashes, self.names, self._way = dict(ready.opened.hashes), self.usual_names(), None
        self.of_other_models = {name for name, made_with in self._made_with.items() if self._differs(made_with)}
        for slot, name in self.names.items():
            self.tell(slot, name)
        self.place_kept()

    def place_kept(self) -> None:
        """What a patch has in its slots from the library is in the log, whatever becomes of the library."""
        for slot, name in self.names.items():
            named = [(ahead, dict(ahead.patch.anchors)[slot]) for ahead in self.instrument.band.lookaheads]
            points = {ahead.bundle: ahead.model.space.anchors[own] for ahead, own in named if ahead.bundle in self.kept.get(own, {})}
            if points:
                self.place(slot, points, name)

    def usual_names(self) -> dict[str, str]:
        """What the patch has in each slot."""
        leads = reversed(self.instrument.band.lookaheads)
        return {slot: name for ahead in leads for slot, name in ahead.patch.anchors}

    def shelve(self, library: Library, record: Mapping[str, Any]) -> None:
        """Read a kept point: one that says none is complained of."""
        name, texts, bundles = record["name"], record.get("points"), record.get("bundles")
        try:
            check_name(name)
            self.kept[name] = points_of(texts if isinstance(texts, dict) else {"points": ""})
        except ValueError as problem:
            library.refuse(KIND, name, f"anchor {name!r} of the library is damaged ({problem}): it is left as it is", self.complaints)
            return
        self._made_with[name] = made_with = bundles if isinstance(bundles, dict) else {}
        if self._differs(made_with):
            self.of_other_models.add(name)

    def _differs(self, made_with: Mapping[str, str]) -> bool:
        """Whether a bundle is another than it was."""
        return any(self.hashes.get(bundle, proof) != proof for bundle, proof in made_with.items())

    def place(self, slot: str, points: Points, name: str, beats: float = 0.0, hold_step: int = 0) -> None:
        """From now on these are the anchors in a slot, of the bundles named, called `name`; over so many beats, where something plays,
        and no earlier than from an absolute step.

        ValueError for points that the bundles cannot have.
        """
        self.instrument.band.check(points)
        status = self.instrument.player.status()
        if beats > 0 and in_play(self.instrument, status):
            self.leave(beats, status.tick_at(self.instrument.now_s()) // TICKS_PER_STEP)
        self.instrument.band.place(slot, points)
        alter(self.instrument, status, Act("anchor", value=hold_step, points={slot: texts_of(points)}), hold_step)
        self.tell(slot, name)

    def clear(self, slot: str) -> None:
        """The anchors in a slot are the patch's own again."""
        self.instrument.band.clear(slot)
        alter(self.instrument, self.instrument.player.status(), Act("anchor", points={slot: {}}))
        self.tell(slot, self.usual_names()[slot])

    def tell(self, slot: str, name: str) -> None:
        """What lies in a slot now: for the screen and for whoever listens."""
        self.names[slot] = name
        self.instrument.feedback.out.publish(f"/mvae/anchor/{slot}", name)

    def keep(self, name: str, points: Points) -> None:
        """Points by a name, in the library. ValueError for a name that is not free: the bundles' own stay."""
        check_name(name)
        if self.instrument.band.named(name) and match(name, self.kept) is None:
            raise ValueError(f"{name!r} is an anchor of the bundle: give another name")
        self.kept = {other: old for other, old in self.kept.items() if plain(other) != plain(name)} | {name: points}
        self.of_other_models.discard(name)
        self._made_with[name] = bundles = {bundle: self.hashes[bundle] for bundle in points if bundle in self.hashes}
        if self.library is not None:
            self.library.keep(KIND, name, {"points": texts_of(points), "bundles": bundles})

    def points(self, name: str, band: "Ensemble | None" = None) -> dict[str, Latent]:
        """What a name stands for, by bundle: a kept point or the bundles' own. ValueError with the list of what exists."""
        found, band = match(name, self.kept), band or self.instrument.band
        points = dict(self.kept[found]) if found is not None else band.named(name)
        own = {bundle: point for bundle, point in points.items() if bundle in band.patch.bundles}
        if not own:
            shipped = dict.fromkeys(anchor for ahead in band.lookaheads for anchor in ahead.model.space.anchors)
            raise ValueError(unknown("anchor", name, (*self.kept, *shipped)))
        return own

    def resolve(self, scene: Scene, band: "Ensemble | None" = None) -> dict[str, dict[str, Latent]]:
        """The points that a scene means, by slot and bundle, for the band that plays or another one. ValueError for an anchor that is not
        there or does not fit."""
        band = band or self.instrument.band
        found = {slot: self.points(name, band) for slot, name in scene.anchors.items() if slot not in scene.points}
        bundles = band.patch.bundles
        kept = {slot: {bundle: z for bundle, z in of.items() if bundle in bundles} for slot, of in scene.points.items()}
        for slot, points in {**found, **kept}.items():
            if slot not in band.patch.slots:
                raise ValueError(f"scene {scene.name}: there is no anchor slot {slot}")
            band.check(points)
        return {**found, **kept}

    def store(self, change: Change, status: Status) -> None:
        """The point that sounds, its axes aside, which add to it as to any other: into a slot, and kept; without a name, by the slot's."""
        slot = change.action.split()[1]
        name = str(change.value or "") or f"anchor {slot}"
        positions = self.instrument.heard if status.playing else self.instrument.panel.snapshot()
        points = self.instrument.band.points(positions)
        try:
            self.keep(name, points)
        except ValueError as problem:
            complain(self.instrument, change.action, str(problem), change.source)
            return
        self.place(slot, points, name)

    def sample(self, change: Change, status: Status) -> None:
        """A fresh point of each bundle's prior into a slot; kept, if it is given a name."""
        slot, name, band = change.action.split()[1], str(change.value or ""), self.instrument.band
        self.sampled += 1
        first = self.sampled * len(band.patch.parts)
        points = {ahead.bundle: drawn(ahead.model.space, band.seed, first + ahead.seat) for ahead in band.lookaheads}
        try:
            if name:
                self.keep(name, points)
        except ValueError as problem:
            complain(self.instrument, change.action, str(problem), change.source)
            return
        self.place(slot, points, name or f"sample {self.sampled}")

    def load(self, change: Change, status: Status) -> None:
        """A named point into a slot, over as many beats as the knob `glide` says; without a name the patch's own."""
        slot, name = change.action.split()[1], str(change.value or "")
        if not name:
            self.clear(slot)
            return
        try:
            points, known = self.points(name), match(name, self.kept) or name
            self.place(slot, points, known, self.instrument.panel.snapshot().knobs["glide"])
            if known in self.of_other_models:
                self.instrument.remark = f"{known} was kept with another version of the bundle: it sounds different now"
        except ValueError as problem:
            complain(self.instrument, change.action, str(problem), change.source)

    def leave(self, beats: float, step: int) -> None:
        """Glide from where the latents stand to where they will be led, from a step on."""
        self.instrument.band.leave(self.instrument.heard)
        self.instrument.recorder.act(Act("leave"))
        self._way = step, max(1, round(beats * STEPS_PER_BEAT))
        self._come = step

    def advance(self, status: Status, now_s: float) -> None:
        """Glide on, once a step; a song that stands has arrived."""
        if self.library is not None and self.library.remark:
            self.instrument.remark = self.library.remark
        if self._way is None or self.instrument.answering():
            return
        if not status.playing:
            self.arrive()
            return
        start, steps = self._way
        step = status.tick_at(now_s) // TICKS_PER_STEP
        if step > self._come:
            self._come, share = step, min(1.0, (step - start) / steps)
            self.instrument.band.glide(share)
            self._way = self._way if share < 1.0 else None
            alter(self.instrument, status, Act("glide", value=share))

    def stopped(self) -> None:
        """What glides has arrived."""
        self.arrive()

    def arrive(self) -> None:
        if self._way is not None:
            self._way = None
            self.instrument.band.glide(1.0)
            self.instrument.recorder.act(Act("glide", value=1.0))
