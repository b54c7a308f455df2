"""What the terminal shows of a playing instrument: a frozen picture, taken by the screen's own thread. Changes nothing."""

from mvae.core.actions import Actions
from mvae.core.drums import CLASSES
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.core.standing import silent
from mvae.live.altering import remark_of
from mvae.live.ensemble import Ensemble
from mvae.live.gauges import headroom, left_s
from mvae.live.instrument import Instrument
from mvae.live.screen import KnobView, ScreenState

BEATS_PER_BAR = STEPS_PER_BAR // STEPS_PER_BEAT
WAITING = "; space or /mvae/play starts"
FREE_SCALE = "chromatic"


def view(instrument: Instrument, fixed: ScreenState) -> ScreenState:
    """The instrument now; `fixed` gives what does not change: patch, port, provider, OSC address and the line below."""
    band, actions = instrument.band, instrument.panel.actions
    status, positions = instrument.player.status(), instrument.panel.snapshot()
    tick = max(0, status.tick_at(instrument.now_s()))
    step = (tick + TICKS_PER_STEP // 2) // TICKS_PER_STEP  # the nearest line
    beat = tick // TICKS_PER_BEAT
    width = max(ahead.steps for ahead in band.lookaheads)
    names, hits = grid(band, step // width * width, width)
    return ScreenState(
        patch=band.patch.name,
        tempo_bpm=positions.knobs["tempo"],
        playing=status.playing,
        bar=beat // BEATS_PER_BAR + 1,
        beat=beat % BEATS_PER_BAR + 1,
        step=step % width,
        names=names,
        hits=hits,
        muted=tuple(part.name for part in band.patch.parts if is_muted(part, positions)),
        knobs=knobs(actions, {name: value for name, value in positions.knobs.items() if name in actions}),
        decode_ms=round(instrument.gauges.last_ms, 1),
        decode_p50_ms=round(instrument.gauges.decode_ms(0.5), 1),
        headroom=round(headroom(instrument.gauges.decode_ms(0.99) / 1000, left_s(status, instrument.now_s())), 2),
        late_notes=status.counters.late,
        dropped_notes=status.counters.dropped,
        late_phrases=status.counters.repeats,
        worst_lateness_ms=round(status.worst_lateness_s * 1000, 1),
        port=", ".join(instrument.player.own) or "none",
        provider=fixed.provider,
        osc=fixed.osc,
        page=fixed.page,
        pages=fixed.pages,
        sync=fixed.sync,
        anchors=fixed.anchors,
        scenes=fixed.scenes,
        scene=fixed.scene,
        next_scene=fixed.next_scene,
        patches=fixed.patches,
        patch_file=band.patch.file.stem,
        next_patch=fixed.next_patch,
        standing=standing(positions),
        controllers=fixed.controllers,
        listens=fixed.listens,
        message=remark_of(instrument) or fixed.message + ("" if status.playing else WAITING),
    )


def standing(positions: Positions) -> tuple[str, ...]:
    """How choices stand, where a part sounds aside, and which switches are on, mutes aside."""
    scale = positions.choices.get("scale", FREE_SCALE)
    shown = {name: value for name, value in positions.choices.items() if not name.endswith(".out") and name not in ("key", "scale")}
    in_key = (f"{positions.choices['key']} {scale}",) if scale != FREE_SCALE else ()
    on = (name for name, is_on in positions.switches.items() if is_on and not name.startswith("mute "))
    return (*(f"{name} {value}" for name, value in shown.items()), *in_key, *on)


def is_muted(part: Part, positions: Positions) -> bool:
    """Whether nothing is heard of a part; another patch may just come, which has no such part."""
    return f"mute {part.name}" in positions.switches and silent(part, positions.switches)


def grid(band: Ensemble, first: int, steps: int) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """The names of rows, the last part's first: one for each drum class, one for a melodic part; and their velocities from absolute step
    `first` on, 0 where nothing begins."""
    rows = dict[tuple[int, int], list[int]]()
    names = list[str]()
    for number, part in reversed(band.numbered):
        ahead = band.of(number)
        for voice, name in enumerate([part.name] if part.melodic else CLASSES):
            names.append(name)
            rows[number, voice] = [0] * steps
        for plan in list(ahead.plans.values()):
            for note in plan.placed[ahead.numbers.index(number)]:
                at = plan.index * ahead.steps + note.step - first
                if 0 <= at < steps:
                    rows[number, note.voice][at] = note.velocity
    return tuple(names), tuple(tuple(row) for row in rows.values())


def knobs(actions: Actions, standing: dict[str, float]) -> tuple[KnobView, ...]:
    """Every knob but the tempo, which has a place of its own, and those of parts that stand where they usually do."""
    return tuple(
        KnobView(name, round(value, 2), round(actions[name].travel(value), 2), actions[name].unit, actions[name].whole)
        for name, value in standing.items()
        if name != "tempo" and ("." not in name or value != actions[name].default)
    )
