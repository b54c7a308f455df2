"""The instrument and the player in one process, on a clock that a test turns by hand: no port, no thread, no waiting."""

from collections import deque
from pathlib import Path

from mvae.core.change import Change, Value
from mvae.core.drums import NOTE_OF_CLASS
from mvae.core.panel import Panel
from mvae.core.part import Part, Sound
from mvae.core.patch import Knob, Patch
from mvae.live import wire
from mvae.live.bounce import Inbox
from mvae.live.control_log import Take
from mvae.live.ensemble import Ensemble
from mvae.live.feedback import Feedback
from mvae.live.instrument import Instrument, make_panel
from mvae.live.models import GrooveModel
from mvae.live.output import NoOutput
from mvae.live.player import Player
from mvae.live.status import Status, StatusPage
from mvae.live.take import Recorder
from tests.live.studio import ManualClock
from tests.toy_decoder import ToyDecoder

BPM = 120.0
STEP, BAR, PHRASE = 240, 3840, 7680
BEAT_S, BAR_S = 0.5, 2.0
PIPE_S = 0.0015  # from the instrument to the player
PAGE_S = 0.005
SEED = 3
DRUMS = Part("drums", "toy", tuple(Sound(9, note) for note in NOTE_OF_CLASS))
CORNERS = (("A", "rock"), ("B", "funk"), ("C", "jazz"), ("D", "latin"))
PATCH = Patch(Path("toy.toml"), "Toy", "now", None, (DRUMS,), CORNERS, (Knob("density", -2, 2, axis="density"),))


def panel(patch: Patch = PATCH) -> Panel:
    made = make_panel(patch, dict.fromkeys(patch.bundles, 0.5), BPM)
    made.turn(Change("x", 0.3), Change("y", 0.4))
    return made


def toy_band(decoder: ToyDecoder | None = None, seed: int = SEED) -> Ensemble:
    """A band of one."""
    return Ensemble(PATCH, [PATCH], [GrooveModel(decoder or ToyDecoder())], seed)


class ManualLink:
    """A player behind a pipe: what is sent arrives a little later. `deaf` is a player that is suspended, `events` may be lost."""

    port, remark, own = "", "", ()

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.inbox, self.page = clock, Inbox(), StatusPage.make()
        self.player = Player(clock, NoOutput(""), self.inbox, self.page)
        self.sent: list[wire.Down] = []
        self.heard: list[wire.Up] = []
        self.deaf = self.lossy = False
        self._pipe: deque[tuple[float, wire.Down]] = deque()

    def send(self, message: wire.Down) -> None:
        self.sent.append(message)
        self._pipe.append((self.clock.now + PIPE_S, message))

    def status(self) -> Status:
        status = self.page.read()
        assert status is not None
        return status

    def events(self) -> list[wire.Up]:
        messages = [] if self.lossy else list(self.inbox.messages)
        self.inbox.messages.clear()
        self.heard += messages
        return messages

    def wait(self, timeout_s: float) -> list[wire.Up]:
        self.run_to(self.clock.now + timeout_s)
        return self.events()

    def run_to(self, now_s: float) -> None:
        """Everything that is due until a time, each at its own."""
        while not self.deaf:
            arrives_s = self._pipe[0][0] if self._pipe else now_s + 1.0
            deadline_s = self.player.deadline_s()
            if min(arrives_s, deadline_s) > now_s:
                break
            self.clock.now = max(self.clock.now, min(arrives_s, deadline_s))
            if arrives_s <= deadline_s:
                self.player.receive(self._pipe.popleft()[1], self.clock.now)
            else:
                self.player.step(self.clock.now)
        self.clock.now = now_s


class Hall:
    """An instrument that a test plays, with one groove or with a `band`. Use as a context manager; `path` is where it records."""

    def __init__(
        self, path: Path | None = None, bars: int | None = None, fills: int = 2, seed: int = SEED, band: Ensemble | None = None
    ) -> None:
        self.clock = ManualClock()
        self.link = ManualLink(self.clock)
        self.decoder = ToyDecoder(fills=fills)
        self.band = band or toy_band(self.decoder, seed)
        self.panel, self.ahead = panel(self.band.patch), self.band.lookaheads[0]
        self.told: list[tuple[object, ...]] = []
        self.answered: list[str] = []  # the sources of what went wrong
        self.recorder = Recorder(path, Take("toy", seed, BPM, {}))
        self.instrument = Instrument(
            self.panel, self.band, self.link, self.recorder, Feedback(self, [part.name for part in self.band.patch.parts]), bars, self.clock  # type: ignore[arg-type]
        )  # fmt: skip

    def __enter__(self) -> "Hall":
        return self

    def __exit__(self, *_: object) -> None:
        self.recorder.close()
        self.link.page.close()

    def send(self, *words: object) -> None:
        self.told.append(words)

    publish = send

    def answer(self, source: str, *words: object) -> None:
        self.answered.append(source)
        self.told.append(words)

    def do(self, action: str, value: Value = None) -> None:
        """A hand does something now; it is heard at the next page."""
        assert self.panel.turn(Change(action, value, self.clock.now, "test")) == ("",)

    def run(self, seconds: float, page_s: float = PAGE_S) -> "Hall":
        """Play on, page after page, as long as it is not over."""
        end_s = self.clock.now + seconds
        while self.clock.now < end_s and not self.instrument.over:
            self.link.run_to(min(end_s, self.clock.now + page_s))
            self.instrument.turn_page(self.clock.now)
        return self

    def decodes(self, seconds: float, page_s: float = PAGE_S) -> int:
        """Play on, and how many decodes that took."""
        before = len(self.decoder.asked)
        self.run(seconds, page_s)
        return len(self.decoder.asked) - before

    def play(self, seconds: float = 0.0) -> "Hall":
        """Play from bar 1, `seconds` beyond the first line."""
        self.do("play")
        self.run(4 * PAGE_S)
        return self.run(max(0.0, self.link.status().time_of_tick(0) - self.clock.now) + seconds)

    @property
    def tick(self) -> int:
        return self.link.status().tick_at(self.clock.now)

    @property
    def playing(self) -> bool:
        return self.link.status().playing

    def of(self, kind: type) -> list[wire.Up]:
        """What the player has said of a kind."""
        return [message for message in self.link.heard if isinstance(message, kind)]

    def notes(self) -> dict[tuple[int, int], tuple[int, int]]:
        """(voice, step) -> tick and velocity of the note-ons since the last start."""
        starts = [place for place, message in enumerate(self.link.heard) if isinstance(message, wire.Started) and message.line_tick == 0]
        ons = (message for message in self.link.heard[starts[-1] :] if isinstance(message, wire.Sent) and message.on)
        return {(on.voice, on.step): (on.tick, on.velocity) for on in ons}
