"""What the surface is told of a playing instrument: only what has changed since the last look. Changes nothing, keeps nobody waiting.

`overhear` is called on the thread that listens to the player, which does not wait for the next round of the instrument, and only notes
down; everything else on the surface link's thread, which may look at the instrument as the screen does. Knows nothing of pipes and pages.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from mvae.core.part import Part
from mvae.core.patch import Patch
from mvae.core.phrase import TICKS_PER_STEP
from mvae.live import wire
from mvae.live.altering import remark_of
from mvae.live.gauges import MOST_LEFT_S, left_s
from mvae.live.instrument import Instrument
from mvae.live.lookahead import Lookahead
from mvae.live.plans import Plan
from mvae.live.status import Status
from mvae.live.surface_news import MOST_NOTES, NOTES, News

Source = Callable[[], Any]  # gives a section, as JSON has it; called often, so it must be quick
GAUGES_S: Final = 0.25
SILENCE: Final = "silence"
HEARD_STEPS: Final = 64  # of bars that are past


class Portrait:
    """News of one instrument. `published` gives the state that OSC subscribers hear; `sources` are sections that others add, by name."""

    def __init__(self, instrument: Instrument, published: Callable[[], Mapping[str, tuple[Any, ...]]] = dict) -> None:
        self.instrument, self.published = instrument, published
        self.sources: dict[str, Source] = {"status": self.status, "remark": self.remark}
        self._actions = instrument.panel.actions  # those that were told
        self._sent: deque[wire.Up] = deque(maxlen=MOST_NOTES)
        self._positions: dict[str, Any] = {}
        self._version = -1
        self._published: dict[str, tuple[Any, ...]] = {}
        self._plans: dict[int, list[Plan]] = {}
        self._told: dict[str, Any] = {}
        self._gauges_s, self._left_s = -GAUGES_S, MOST_LEFT_S
        self.rung: Callable[[], None] = lambda: None  # called when there is a note to tell

    def overhear(self, message: wire.Up) -> None:
        """What the player says. On the instrument's thread."""
        if isinstance(message, (wire.Sent, wire.Panicked, wire.Died)):
            self._sent.append(message)
            self.rung()

    def forget(self) -> None:
        """Whoever was told has gone: the next look tells everything."""
        self._positions, self._version, self._published, self._plans, self._told = {}, -1, {}, {}, {}
        self._gauges_s, self._actions = -GAUGES_S, self.instrument.panel.actions

    def look(self, now_s: float) -> News:
        """What has changed since the last look, notes aside."""
        news: News = {}
        for section, changes in (("positions", self._moved()), ("published", self._news_published()), ("phrases", self._phrases())):
            if changes:
                news[section] = changes
        for section, source in tuple(self.sources.items()):
            if (told := source()) != self._told.get(section):
                news[section] = self._told[section] = told
        if gauges := self._gauges(now_s):
            news["gauges"] = gauges
        return news

    def notes(self) -> News:
        """The notes sent since the last call: [scheduled time in monotonic s, on, part, voice, pitch, velocity, step]."""
        taken = [self._sent.popleft() for _ in range(len(self._sent))]
        status, now_s = self.instrument.player.status(), self.instrument.now_s()
        return {NOTES: [note_of(message, status, now_s) for message in taken]} if taken else {}

    def status(self) -> dict[str, Any]:
        """Where the song is: between two of these it goes on by the clock."""
        status = self.instrument.player.status()
        clock = status.clock
        return {
            "playing": status.playing, "beat": clock.beat, "at_s": clock.at_s, "seconds_per_beat": clock.seconds_per_beat,
            "origin_tick": status.origin_tick, "stopped_tick": status.stopped_tick,
        }  # fmt: skip

    def remark(self) -> str:
        """What the performer should know."""
        return remark_of(self.instrument)

    def _moved(self) -> dict[str, Any]:
        """Knobs, switches and choices that stand elsewhere."""
        positions = self.instrument.panel.snapshot()
        if positions.version == self._version or self.instrument.panel.actions is not self._actions:
            return {}
        self._version, before = positions.version, self._positions
        self._positions = {**positions.knobs, **positions.switches, **positions.choices}
        return {name: value for name, value in self._positions.items() if name not in before or before[name] != value}

    def _news_published(self) -> dict[str, tuple[Any, ...]]:
        """State that has an address and is no action's."""
        published, before = dict(self.published()), self._published
        self._published = published
        own = {action.address for action in self._actions.values()}
        return {address: values for address, values in published.items() if address not in own and before.get(address) != values}

    def _phrases(self) -> dict[str, Any]:
        """The parts whose plans are others than those last told: notes as [step, voice, pitch, velocity, on tick, off tick], absolute."""
        news = dict[str, Any]()
        for ahead in self.instrument.band.lookaheads:
            plans = sorted(ahead.plans.values(), key=lambda plan: plan.index)
            for row, part in enumerate(ahead.numbers):
                told = self._plans.get(part)
                shown = [*heard(told or [], plans, ahead.steps), *plans]
                if told is None or list(map(id, told)) != list(map(id, shown)):
                    self._plans[part] = shown
                    units = [[plan.index * ahead.steps, notes_in(ahead, plan, row)] for plan in shown]
                    news[str(part)] = {"steps": ahead.steps, "units": units}
        return news

    def _gauges(self, now_s: float) -> dict[str, Any]:
        """How the machine keeps up, some times a second; `left_ms` is the least that was left of what the player holds since the last."""
        player, gauges = self.instrument.player, self.instrument.gauges
        status = player.status()
        self._left_s = min(self._left_s, left_s(status, now_s))
        if now_s - self._gauges_s < GAUGES_S:
            return {}
        left, self._left_s, self._gauges_s = self._left_s, MOST_LEFT_S, now_s
        return {
            "decode_ms": round(gauges.last_ms, 2), "decode_p50_ms": round(gauges.decode_ms(0.5), 2),
            "decode_p99_ms": round(gauges.decode_ms(0.99), 2), "decodes": gauges.count, "left_ms": round(left * 1000),
            "late_phrases": status.counters.repeats, "late_notes": status.counters.late, "dropped_notes": status.counters.dropped,
            "stalls": status.counters.stalls, "sent": status.counters.sent, "send_errors": status.counters.send_errors,
            "lateness_ms": round(status.last_lateness_s * 1000, 3), "worst_lateness_ms": round(status.worst_lateness_s * 1000, 2),
            "port": player.port, "peers": list(getattr(player, "peers", ())),
        }  # fmt: skip


def note_of(message: wire.Up, status: Status, now_s: float) -> list[Any]:
    """A note as it was to sound; or that all is silent."""
    if not isinstance(message, wire.Sent):
        return [now_s, SILENCE]
    at_s = status.time_of_tick(message.tick) if status.playing else now_s
    return [round(at_s, 5), message.on, message.part, message.voice, message.pitch, message.velocity, message.step]


def heard(told: Sequence[Plan], plans: Sequence[Plan], steps: int) -> list[Plan]:
    """Of the plans told before, those that lie shortly before what is planned now: a bar that was heard stays on the page for a while."""
    first = plans[0].index if plans else 0
    return [plan for plan in told if first - HEARD_STEPS // steps <= plan.index < first]


def notes_in(ahead: Lookahead, plan: Plan, row: int) -> list[list[int]]:
    """The notes of one part in a unit."""
    line = plan.index * ahead.steps
    tick = line * TICKS_PER_STEP
    notes = plan.placed[row]
    return [[line + note.step, note.voice, note.pitch, note.velocity, tick + note.on_tick, tick + note.off_tick] for note in notes]


def facts_of(patch: Patch, numbered: Iterable[tuple[int, Part]] = (), **more: Any) -> dict[str, Any]:
    """What a page must know of the patch: its parts, by what numbers they are told of, in their order where none are given; and the names
    of its anchors."""
    parts = [
        {"name": part.name, "number": number, "melodic": part.melodic, "stream": part.stream, "channel": part.channel + 1}
        for number, part in numbered or enumerate(patch.parts)
    ]
    anchors: dict[str, list[str]] = {slot: [] for slot in patch.slots}
    for own in (patch.anchors, *(own for _, own in patch.own_anchors)):
        for slot, name in own:
            anchors[slot].append(name)
    return {"parts": parts, "anchors": anchors, **more}
