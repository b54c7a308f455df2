"""What the terminal shows of a playing instrument: a frozen picture, taken by the screen's own thread. Changes nothing."""

from mvae.core.actions import Actions
from mvae.core.drums import CLASSES
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.live.instrument import Instrument
from mvae.live.lookahead import Plan
from mvae.live.screen import KnobView, ScreenState

BEATS_PER_BAR = STEPS_PER_BAR // STEPS_PER_BEAT
WAITING = "; space or /mvae/play starts"


def view(instrument: Instrument, fixed: ScreenState) -> ScreenState:
    """The instrument now; `fixed` gives what does not change: patch, port, provider, OSC address and the line below."""
    status, positions = instrument.player.status(), instrument.panel.snapshot()
    tick = max(0, status.tick_at(instrument.now_s()))
    step = (tick + TICKS_PER_STEP // 2) // TICKS_PER_STEP  # the nearest line
    beat = tick // TICKS_PER_BEAT
    ahead = instrument.lookahead
    return ScreenState(
        patch=fixed.patch,
        tempo_bpm=positions.knobs["tempo"],
        playing=status.playing,
        bar=beat // BEATS_PER_BAR + 1,
        beat=beat % BEATS_PER_BAR + 1,
        step=step % ahead.steps,
        hits=grid(ahead.plans.get(step // ahead.steps), ahead.steps),
        muted=tuple(name.removeprefix("mute ") for name, on in positions.switches.items() if on),
        knobs=knobs(instrument.panel.actions, dict(positions.knobs)),
        decode_ms=round(instrument.gauges.last_ms, 1),
        decode_p50_ms=round(instrument.gauges.decode_ms(0.5), 1),
        late_phrases=status.counters.repeats,
        worst_lateness_ms=round(status.worst_lateness_s * 1000, 1),
        port=instrument.player.port or "none",
        provider=fixed.provider,
        osc=fixed.osc,
        message=instrument.remark or instrument.recorder.remark or fixed.message + ("" if status.playing else WAITING),
    )


def grid(plan: Plan | None, steps: int) -> tuple[tuple[int, ...], ...]:
    """A row for each class, the velocity of each step of the phrase, 0 where nothing is hit."""
    rows = [[0] * steps for _ in CLASSES]
    for note in plan.placed if plan else ():
        rows[note.voice][note.step] = note.velocity
    return tuple(tuple(row) for row in rows)


def knobs(actions: Actions, standing: dict[str, float]) -> tuple[KnobView, ...]:
    """Every knob but the tempo, which has a place of its own."""
    return tuple(
        KnobView(name, round(value, 2), round(actions[name].travel(value), 2), actions[name].unit)
        for name, value in standing.items()
        if name != "tempo"
    )
