"""Another patch while playing: opened and warmed up aside while the old one plays on, then in its place from a line on, without a gap.

A feature of the instrument. The line is the next that the quantise allows, a bar's at least; where nothing plays it takes hold at once.
Song position, tempo, nudge, quantise, transport, clock and ports stay; all else stands as the new patch says. A patch that does not open
says why and changes nothing. Called from the instrument's own thread, but for what the one thread of `pool` does.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from mvae.core.action_table import PATCH_LOAD, PATCH_NEXT, PATCH_PREVIOUS
from mvae.core.change import Change
from mvae.core.errors import UserError, listing
from mvae.core.held import HALF_STEP_TICKS
from mvae.core.names import match
from mvae.core.panel import Panel, Positions
from mvae.core.patch import Patch
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.seats import first_homes
from mvae.live import wire
from mvae.live.altering import complain
from mvae.live.control_log import Act
from mvae.live.deeds import Doer
from mvae.live.library import Library
from mvae.live.outlets import slot_of
from mvae.live.patch_names import called, known_patches
from mvae.live.prepared import Current, Prepared, give_back, prepared
from mvae.live.punctual import USUAL, prefer
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument

AHEAD_S: Final = 0.060  # how long before its earliest note a patch is handed over, besides what its first decode takes
LEAST_S: Final = 0.020  # later than this before its line it waits for the next: the pipe
TIDY_S: Final = 1.0
WAYS: Final = {PATCH_NEXT: 1, PATCH_PREVIOUS: -1}  # in the list of patches
STAYS: Final = ("tempo", "nudge", "quantise")
Check = Callable[[Prepared], None]  # UserError for a patch that cannot be played here


class PatchChange:
    """The patches of one instrument, called `name` where its ports are virtual. Use as a context manager."""

    def __init__(
        self, instrument: "Instrument", library: Library, check: Check, listens: Callable[[], bool] = bool, name: str = "mvae",
        provider: str = "auto",
    ) -> None:  # fmt: skip
        self.instrument, self.library, self.name, self.listens, self.provider = instrument, library, name, listens, provider
        self.check = check
        self.does: Mapping[str, Doer] = {"patch": self.ask}
        self.homes = first_homes(instrument.band.patch)
        self.first = instrument.band.patch.file  # beside which others are looked for
        self.pool = ThreadPoolExecutor(1, "patch")
        self.heard = self.asked = 0  # how often something was asked, and something else
        self._said = self._asker = ""  # what last, and by whom
        self.busy, self.refused = False, ""  # what was asked last is being opened, or waits for its line; or why it was not
        self._came: deque[tuple[int, Prepared | str]] = deque()  # from the thread: ready, or why not
        self._ready: Prepared | None = None
        self._opening: set[int] = set()  # slots whose ports it waits for
        self._line: int | None = None  # the step at which it takes hold
        self._tidy_s = math.inf  # when nobody looks at the old patch any more
        instrument.overhear(self.hear)
        self.tell()
        self.known = self._look()

    def __enter__(self) -> "PatchChange":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Open no more."""
        self.asked += 1
        self.pool.shutdown(wait=True, cancel_futures=True)

    def ask(self, change: Change, status: Status) -> None:
        """Open another patch; whatever was asked for before is forgotten, but the same once more is only patience."""
        said = self._beside(WAYS[change.action]) if change.action in WAYS else str(change.value or "")
        self.heard += 1
        if self.busy and said == self._said:
            return
        self._said = said
        self._forget()
        self.busy, self.refused, self._asker = True, "", change.source
        self.asked += 1
        if not said:
            self._fail(f"say which patch: {listing(tuple(self.known))}")
            return
        band = self.instrument.band
        self.tell(said)
        self.instrument.remark = f"opening the patch {said}"
        self.pool.submit(self._prepare, self.asked, said, Current(band.patch, self.homes, band.seed, self.instrument.tempo_bpm))

    def advance(self, status: Status, now_s: float) -> None:
        """Hear whether it is open; let it take hold when its line is near."""
        while self._came:
            number, found = self._came.popleft()
            if number == self.asked:
                self._opened(found)
        if now_s >= self._tidy_s:
            self._tidy_s = math.inf
            self.pool.submit(give_back)
        if self._ready is None or self._opening or self.instrument.answering():
            return
        if not status.playing:
            self.take_hold(self._ready, status, max(0, status.stopped_tick + HALF_STEP_TICKS) // TICKS_PER_STEP)
        elif status.tick_at(now_s) < self.instrument.line_tick:
            self.take_hold(self._ready, status, -(-self.instrument.line_tick // TICKS_PER_STEP))
        else:
            self._wait(self._ready, status, now_s)

    def stopped(self) -> None:
        """It takes hold once the music stands."""
        self._line = None

    def hear(self, message: wire.Up) -> None:
        """What the player says of ports that it opens."""
        match message:
            case wire.Opened(slot):
                self._opening.discard(slot)
            case wire.Refused(slot, reason) if slot in self._opening:
                self._fail(reason)

    def take_hold(self, ready: Prepared, status: Status, step: int) -> None:
        """From the line of a step on the new patch plays, or will, once something does."""
        instrument, patch, before = self.instrument, ready.patch, self.instrument.band
        kept = staying(instrument.panel.snapshot(), before.patch, patch)
        self._forget()
        self.homes = ready.homes
        instrument.panel.become(patch.actions(ready.opened.temperatures), patch.smooth_ms, kept)
        instrument.asked.keep(instrument.panel.actions)
        instrument.band, instrument.heard = ready.opened.ensemble(before.seed, before), ready.at_rest
        instrument.recorder.act(Act("patch", step * TICKS_PER_STEP, patch=ready.key, bundles=ready.opened.hashes))
        names = [part.name for part in instrument.band.roster]
        instrument.recorder.patched(names, ready.text)
        instrument.feedback.parts = tuple(names)
        for listener in instrument.patched:
            listener(ready, step)
        instrument.follow_tempo()
        if status.playing or before.begun:
            positions, band = instrument.panel.snapshot(), instrument.band
            instrument.hand("enter", None, positions, lambda: band.enter(positions, instrument.tempo_bpm, step), step)
        instrument.renewed()
        hints = *limited(kept, instrument.panel), *deaf(patch, self.listens()), *ready.shelf.complaints
        instrument.remark = "; ".join((f"patch {patch.name}", *hints))
        self.busy, self._tidy_s = False, instrument.now_s() + TIDY_S
        self.tell()

    def tell(self, waits: str = "") -> None:
        """What plays, and what is being opened or waits for its line."""
        patch, publish = self.instrument.band.patch, self.instrument.feedback.out.publish
        publish("/mvae/patch", patch.name)
        publish("/mvae/patch/playing", patch.file.stem)
        publish("/mvae/patch/waiting", waits)

    def _beside(self, way: int) -> str:
        """The name so far down the list from what was asked for last, if that does not play, else from what plays; round its ends."""
        names, plays = tuple(self.known), self.instrument.band.patch.file.stem
        now = match(self._said if self.busy or self.refused else plays, names) or plays
        return names[(names.index(now) + way) % len(names)] if now in names else names[0 if way > 0 else -1]

    def _look(self) -> dict[str, Path]:
        """Which patches there are now. On any thread."""
        known = known_patches(self.first)
        self.instrument.feedback.out.publish("/mvae/patch/list", *known)
        return known

    def _prepare(self, number: int, said: str, current: Current) -> None:
        """On the thread of the pool."""
        if number != self.asked:
            return
        prefer(USUAL)
        try:
            self.known = self._look()
            file = called(said, self.known)
            found: Prepared | str = prepared(file, current, self.library, self.listens(), self.provider)
        except UserError as problem:
            found = str(problem)
        except Exception as fault:  # whatever a file may bring about, what plays goes on
            found = f"{said}: does not open ({type(fault).__name__}: {fault})"
        self._came.append((number, found))
        self.instrument.panel.changed.set()

    def _opened(self, found: Prepared | str) -> None:
        """It is open, or why not."""
        if isinstance(found, str):
            self._fail(found)
            return
        try:
            self.check(found)
        except UserError as problem:
            self._fail(str(problem))
            return
        self._ready = found
        for part in found.patch.parts:
            if part.port is not None and part.slot not in self.instrument.player.ports and part.slot not in self._opening:
                slot = slot_of(part, self.name, found.patch.file)
                self._opening.add(part.slot)
                self.instrument.player.send(wire.Open(slot.number, slot.fragment, slot.name))

    def _wait(self, ready: Prepared, status: Status, now_s: float) -> None:
        """Until shortly before the line."""
        ahead_s, left_s = AHEAD_S + ready.early_s + 2 * ready.begin_s, -1.0
        if self._line is not None:
            left_s = status.time_of_tick(self._line * TICKS_PER_STEP - HALF_STEP_TICKS) - now_s
        if self._line is None or left_s < LEAST_S + ready.begin_s:
            self._line = self.instrument.band.next_line(status.tick_at(now_s + ahead_s), self.instrument.panel.snapshot())
            self.instrument.remark = f"patch {ready.patch.name} from bar {self._line // STEPS_PER_BAR + 1}"
        elif left_s <= ahead_s:
            self.take_hold(ready, status, self._line)

    def _fail(self, why: str) -> None:
        self._forget()
        self.refused, self.busy = why, False
        self.tell()
        complain(self.instrument, PATCH_LOAD, why, self._asker)

    def _forget(self) -> None:
        """What is ready is not wanted any more, or plays."""
        self._ready, self._line, self._opening = None, None, set()


def limited(kept: Mapping[str, float | str], panel: Panel) -> list[str]:
    """In a line each, what was kept as far as the knobs of the new patch go, and no farther."""
    stands = panel.snapshot().knobs
    beyond = {name: was for name, was in kept.items() if isinstance(was, float) and name in stands and stands[name] != was}
    return [f"{name} {stands[name]:g}: its knob does not go to {was:g}" for name, was in beyond.items()]


def deaf(patch: Patch, listens: bool) -> list[str]:
    """In a line, that a patch is led by what is played in, and nothing is listened to."""
    if patch.listen is None or listens:
        return []
    return [f"what is played in leads {patch.listen}, and nothing is listened to: give --listen NAME, or /mvae/listen/port NAME"]


def staying(positions: Positions, before: Patch, after: Patch) -> dict[str, float | str]:
    """What stands as it stood: the band's time; and where a hand has sent a part, if the new patch has one of this name without a port."""
    usual = {f"{part.name}.out": "main" if part.port is None else "own" for part in before.parts}
    free = {f"{part.name}.out" for part in after.parts if part.port is None}
    sent = [name for name, out in usual.items() if name in free and positions.choices[name] != out]
    standing: dict[str, float | str] = {**positions.knobs, **positions.choices}
    return {name: standing[name] for name in (*STAYS, *sent)}
