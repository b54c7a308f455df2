"""A player on a clock that a test turns by hand, with a port and an instrument that write down what they get."""

from mvae.core.score import Due, Handoff
from mvae.live import wire
from mvae.live.output import EVERY
from mvae.live.player import Player
from mvae.live.status import StatusPage

F8, FA, FB, FC = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
BEGIN_S = 1000.0
TICK_S = 0.5 / 960  # at 120 BPM


class ManualClock:
    def __init__(self) -> None:
        self.now = BEGIN_S

    def __call__(self) -> float:
        return self.now


class Studio:
    """A player with a manual clock, a port and an instrument that write down what they get."""

    port, api, virtual, remark = "studio", "none", False, ""

    def __init__(self, page: StatusPage | None = None, clock: ManualClock | None = None, nudge_ms: float = 0.0) -> None:
        self.clock = clock or ManualClock()
        self.page = page or StatusPage.make()
        self.sent: list[tuple[float, bytes]] = []
        self.sent_to: list[tuple[int, bytes]] = []  # slot and message
        self.unmarked: list[bytes] = []
        self.up: list[wire.Up] = []
        self.dropped = 0
        self.takes = True
        self.player = self.make_player(self.clock, nudge_ms)

    def make_player(self, clock: ManualClock, nudge_ms: float) -> Player:
        return Player(clock, self, self, self.page, nudge_ms=nudge_ms)

    def send(self, message: bytes, slot: int = EVERY) -> bool:
        self.sent.append((self.clock.now, message))
        self.sent_to.append((slot, message))
        if message[0] & 0xF0 == 0x90 and (16 * slot + (message[0] & 15), message[1]) not in self.page.sounding():
            self.unmarked.append(message)
        return self.takes

    def close(self) -> None:
        pass

    def post(self, message: wire.Up) -> None:
        self.up.append(message)

    def flush(self) -> None:
        pass

    def run(self, seconds: float) -> None:
        """To the given time from now, at every deadline on the way."""
        until_s = self.clock.now + seconds
        while (deadline_s := self.player.deadline_s()) <= until_s:
            self.clock.now = deadline_s
            self.player.step(deadline_s)
        self.clock.now = until_s
        self.player.step(until_s)

    def ask(self, message: wire.Down) -> None:
        self.player.receive(message, self.clock.now)

    def told(self, kind: type) -> list[wire.Up]:
        return [message for message in self.up if isinstance(message, kind)]

    def bytes_sent(self, *wanted: bytes) -> list[tuple[float, bytes]]:
        return [(at_s, message) for at_s, message in self.sent if message in wanted]

    def notes(self) -> list[tuple[int, int, int]]:
        """(tick, on, pitch) as told up."""
        return [(sent.tick, sent.on, sent.pitch) for sent in self.up if isinstance(sent, wire.Sent)]

    def open_notes(self) -> set[tuple[int, int]]:
        """What a listener still hears."""
        heard: set[tuple[int, int]] = set()
        for _, message in self.sent:
            key = (message[0] & 15, message[1] if len(message) > 1 else 0)
            if message[0] & 0xF0 == 0x90:
                assert key not in heard
                heard.add(key)
            elif message[0] & 0xF0 == 0x80:
                heard.discard(key)
        return heard


def phrase(*notes: tuple[int, int], start: int = 0, steps: int = 16, take_hold: int = 0, generation: int = 1, length: int = 100) -> Handoff:
    """Kicks as (step, offset in ticks)."""
    dues = tuple(Due(0, step, step * 240 + offset, step * 240 + offset + length, 9, 36, 100) for step, offset in notes)
    return Handoff(0, generation, start, steps, max(start, take_hold), dues)


EVERY_BEAT = phrase((0, 0), (4, 0), (8, 0), (12, 0))


def playing(handoff: Handoff = EVERY_BEAT, lead_ticks: int = 0) -> Studio:
    """A studio that has asked to play at once."""
    studio = Studio()
    studio.ask(wire.Play(lead_ticks, (handoff,)))
    return studio


def line_s(studio: Studio) -> float:
    """The time of song tick 0."""
    status = studio.page.read()
    assert status is not None
    return status.time_of_tick(0)
