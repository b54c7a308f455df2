"""What the features of an instrument share: handing over music that something else than a knob has changed, and saying what went wrong.

Called from the instrument's own thread alone.
"""

from typing import TYPE_CHECKING

from mvae.live.control_log import Act
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument


def alter(instrument: "Instrument", status: Status, act: Act, hold_step: int = 0) -> None:
    """The band is not what it was: hand over what sounds from now on, or no earlier than from `hold_step`; at rest only note it.

    `act` says what was done, so that a bounce can do it again.
    """
    band, positions, tempo_bpm = instrument.band, instrument.panel.snapshot(), instrument.tempo_bpm
    tick = status.tick_at(instrument.now_s() + instrument.gauges.heard_ahead_s())
    if status.playing and tick >= instrument.line_tick and band.begun:
        more = {"points": act.points, "chance": act.chance}
        instrument.hand(act.do, tick, positions, lambda: band.move(tick, positions, tempo_bpm, hold_step), act.value, **more)
    else:
        instrument.recorder.act(act)
    instrument.renewed()


def remark_of(instrument: "Instrument") -> str:
    """What the performer should know: that a recording is not written, as long as that is so, and what was said last."""
    return "; ".join(filter(None, (instrument.recorder.remark, instrument.remark)))


def in_play(instrument: "Instrument", status: Status) -> bool:
    """Whether something plays, and no start or stop is on its way."""
    return status.playing and not instrument.answering()


def complain(instrument: "Instrument", what: str, why: str, source: str = "") -> None:
    """Tell the performer why something was not done, and the `source` of the change that asked for it; whoever listens where it has no
    address, or nobody asked."""
    instrument.remark = why
    instrument.feedback.out.answer(source, "/mvae/error", what, why)
