"""The two pipes between the instrument and the player: every message as a frozen tuple.

Down (to the player's stdin) goes what the performer wants; up (from its stdout) comes what happened, in song ticks. Their bytes are made
in `frames`. Knows nothing of processes.
"""

from typing import Final, NamedTuple, Protocol, TypeAlias

from mvae.core.score import Handoff

STOP_NOW: Final = -1  # instead of a step in Stop
CLOCK: Final = 255  # instead of a slot: the input that MIDI clock comes from


class Tempo(NamedTuple):
    """The internal clock's tempo from now on."""

    bpm: float


class Nudge(NamedTuple):
    """From now on notes are played this much later than the beat; earlier below 0."""

    ms: float


class Locate(NamedTuple):
    """Silence, if it plays; nothing of what is held is kept, and Continue goes on from the line of an absolute step."""

    step: int


class Cue(NamedTuple):
    """What is to play should the music enter with the master's song at the line of `step`, the clicks of a count-in included."""

    step: int
    handoffs: tuple[Handoff, ...]


class Join(NamedTuple):
    """Play along with the master: from its next bar line and `bars` of clicks on, wherever its song is then. If it stands, from `step`."""

    step: int
    bars: int = 0


class Share(NamedTuple):
    """Tell a Link session that the music plays, or has stopped."""

    playing: bool


class Play(NamedTuple):
    """From bar 1 with these handoffs and none of the earlier ones; at once, if it plays already.

    The lead-in before the first line is as long as the notes of step 0 are early, at least half a step, and `lead_ticks` longer.
    """

    lead_ticks: int
    handoffs: tuple[Handoff, ...]


class Continue(NamedTuple):
    """From where it stopped, rounded to a 16th, after the same lead-in; the handoffs are spliced into what is held. Nothing if it plays."""

    lead_ticks: int
    handoffs: tuple[Handoff, ...]


class Enter(NamedTuple):
    """From the line of `step` on these play and nothing of what was handed over before; what sounds then keeps its end."""

    step: int
    handoffs: tuple[Handoff, ...]


class Stop(NamedTuple):
    """Silence at the line of an absolute step, which `Stopping` answers, or at once (STOP_NOW); `Stopped` tells the tick."""

    step: int


class Panic(NamedTuple):
    """Note-offs, then all notes off, controllers reset and all sound off on every channel used. What is to come plays on."""


class Resume(NamedTuple):
    """To a successor, once its listeners are connected: silence what its predecessor left sounding and play on where the clock stands."""

    handoffs: tuple[Handoff, ...]


class Open(NamedTuple):
    """Another output for a slot: the one whose name contains `fragment`, or without one a virtual port called `name`."""

    slot: int
    fragment: str
    name: str


class Unplugged(NamedTuple):
    """The port of a slot is not there any more; CLOCK is the slot of the input that MIDI clock comes from."""

    slot: int


class Plugged(NamedTuple):
    """The port of a slot is there again, under this full name: open it, and silence what was left sounding there."""

    slot: int
    port: str


class Thru(NamedTuple):
    """A message of a controller's for a port: `channel` as in Due, `kind` a status byte without its channel."""

    channel: int
    kind: int
    first: int
    second: int


class Hush(NamedTuple):
    """Somebody listens to the port of a slot again who may have lost note-offs: end all there that does not sound now."""

    slot: int


class Opened(NamedTuple):
    """A slot has this port from now on, by its full name; empty without one."""

    slot: int
    port: str
    api: str
    virtual: bool


class Refused(NamedTuple):
    """What was asked for a slot could not be done; `reason` is one line."""

    slot: int
    reason: str


class Ready(NamedTuple):
    """The player listens. `port` is the full name of its port or empty, `api` ALSA, JACK, ... or none; `remark` is for the performer.

    `ports` are those of all slots.
    """

    port: str
    api: str
    virtual: bool
    remark: str
    ports: tuple[Opened, ...] = ()


class Failed(NamedTuple):
    """The player could not open its port, and ends; `reason` is one line."""

    reason: str


class Accepted(NamedTuple):
    """What became of a handoff: notes kept, replaced, sounding late and dropped."""

    part: int
    generation: int
    tick: int
    kept: int
    replaced: int
    late: int
    dropped: int


class Sent(NamedTuple):
    """A note-on (`on`) or note-off was sent, `lateness_us` after the time of its scheduled tick."""

    tick: int
    on: bool
    channel: int
    pitch: int
    velocity: int
    part: int
    voice: int
    step: int
    lateness_us: int


class Repeated(NamedTuple):
    """Nothing new came in time: the part's last phrase begins again at `start_step`."""

    part: int
    start_step: int
    tick: int


class Started(NamedTuple):
    """Play begins at the line `line_tick` (0, or where it stopped); the lead-in before it began at `tick`, with `bars` of a count-in.

    With what was cued, if that had `cued` as its first generation; 0 for nothing of that kind.
    """

    tick: int
    line_tick: int
    bars: int = 0
    cued: int = 0


class Stopping(NamedTuple):
    """A stop at the line of `step` was taken at `tick`: from then on no hit of that step or of a later one sounds, early as it may be."""

    step: int
    tick: int


class Stopped(NamedTuple):
    """Silence from `tick` on."""

    tick: int


class Panicked(NamedTuple):
    """All notes were ended at `tick`."""

    tick: int


class Located(NamedTuple):
    """While stopped: play will go on from song tick `tick`, and nothing is held for it."""

    tick: int


class Sync(NamedTuple):
    """How the master clock is heard: `state` is waiting, locked or lost; `peers` are those of a Link session."""

    state: str
    peers: int


class TempoAt(NamedTuple):
    """The tempo from song tick `tick` on, exactly; while stopped the tick is the position. A master's tempo is told as it moves."""

    tick: int
    bpm: float


class Died(NamedTuple):
    """The player died, and `remark` says what became of it. This message the link makes itself."""

    remark: str


class Stall(NamedTuple):
    """The player was kept from running for `overdue_ms`; `skipped` note-ons stayed silent, all that were due before `oldest_tick`."""

    tick: int
    overdue_ms: int
    skipped: int
    oldest_tick: int


class Succeeded(NamedTuple):
    """A successor took over from a dead player at `tick`: it ended what sounded, and notes sound again from `step` on."""

    tick: int
    step: int


Down: TypeAlias = (
    Handoff | Tempo | Nudge | Play | Continue | Enter | Locate | Cue | Join | Share | Stop | Panic | Resume | Open | Unplugged | Plugged
    | Hush | Thru
)
Up: TypeAlias = (
    Ready | Failed | Opened | Refused | Accepted | Sent | Repeated | Started | Stopping | Stopped | Panicked | Located | Sync | TempoAt
    | Stall | Succeeded | Died
)


class UpPipe(Protocol):
    """The way back to the instrument. Never blocks."""

    dropped: int  # messages that did not fit

    def post(self, message: Up) -> None: ...

    def flush(self) -> None: ...
