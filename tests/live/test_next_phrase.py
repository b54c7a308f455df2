"""What the instrument decodes first when a hand moves and the next phrase is due at once. The test says what time it is."""

from pathlib import Path

import pytest

from mvae.core.change import Change
from mvae.core.clock import Clock
from mvae.core.panel import Positions
from mvae.core.score import Handoff
from mvae.live.control_log import Take
from mvae.live.feedback import Feedback
from mvae.live.instrument import DECODE_EVERY_S, URGENT_S, Instrument, make_panel
from mvae.live.status import Counters, Status
from mvae.live.take import Recorder
from tests.toy_space import toy_patch

STEPS = 32
LINE_S = 4.0  # of the phrase after the first, at 120 BPM


class Ahead:
    """A lookahead that writes down what it is asked; each phrase is 32 steps."""

    def __init__(self) -> None:
        self.planned_to = STEPS
        self.asked: list[tuple[str, float]] = []  # what, and where knob x stands

    numbers = (0,)

    def waiting(self, tick: int) -> "tuple[Ahead, ...]":
        return (self,) if self.planned_to == STEPS else ()

    def behind(self, tick: int) -> bool:
        return False

    def move(self, tick: int, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
        self.planned_to = STEPS
        return self.ask("move", positions)

    def follow(self, part: int, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
        self.planned_to = 2 * STEPS
        return self.ask("follow", positions)

    def fill(self, tick: int, bars: int, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
        return self.ask("fill", positions)

    def ask(self, what: str, positions: Positions) -> tuple[Handoff, ...]:
        self.asked.append((what, positions.knobs["x"]))
        return (Handoff(0, len(self.asked), 0, STEPS, 0, ()),)


class Still:
    """A player at a song time that the test sets, which takes everything; and a way out that leads nowhere."""

    def __init__(self) -> None:
        self.sent: list[object] = []

    def status(self) -> Status:
        return Status(True, Clock(0.0, 0.0, 0.5), 0, 0, Counters(), 0.0, 0.0, ())

    def events(self) -> list[object]:
        return []

    def send(self, *message: object) -> None:
        self.sent.append(message)

    publish = send


@pytest.fixture
def instrument(tmp_path: Path) -> Instrument:
    panel, still = make_panel(toy_patch(tmp_path), {}, 120.0), Still()
    made = Instrument(panel, Ahead(), still, Recorder(None, Take("", 1, 120.0, {})), Feedback(still, ["drums"]))  # type: ignore[arg-type]
    made.decoded_s = -1.0
    return made


def page(instrument: Instrument, now_s: float) -> list[tuple[str, float]]:
    """What is decoded in one round at a time, counted from then on."""
    instrument.band.asked.clear()  # type: ignore[attr-defined]
    instrument.turn_page(now_s)
    instrument.decoded_s = min(instrument.decoded_s, now_s)  # decodes take no time here
    return instrument.band.asked  # type: ignore[attr-defined,no-any-return]


def test_a_move_just_before_the_next_phrase_is_heard_in_this_one_and_in_the_next(instrument: Instrument) -> None:
    instrument.panel.turn(Change("x", 0.25))
    assert page(instrument, LINE_S - URGENT_S / 2) == [("move", 0.25), ("follow", 0.25)]
    assert page(instrument, LINE_S - URGENT_S / 2 + 0.001) == []


def test_a_next_phrase_that_cannot_wait_takes_no_move_away_from_the_phrase_that_sounds(instrument: Instrument) -> None:
    now_s = LINE_S - URGENT_S / 2
    instrument.decoded_s = now_s - DECODE_EVERY_S / 2  # the last decode was just now: a move must wait
    instrument.panel.turn(Change("x", 0.25))
    assert page(instrument, now_s) == [("follow", 0.0)]
    instrument.decoded_s = now_s
    assert page(instrument, now_s + 1.1 * DECODE_EVERY_S) == [("move", 0.25), ("follow", 0.25)]


def test_the_next_phrase_waits_for_a_hand_that_moves_while_there_is_time(instrument: Instrument) -> None:
    instrument.panel.turn(Change("x", 0.25))
    assert page(instrument, 1.0) == [("move", 0.25)]
    assert page(instrument, 1.02) == []
    assert page(instrument, 1.2) == [("follow", 0.25)]


def test_a_fill_takes_no_move_away_from_what_sounds_before_it(instrument: Instrument) -> None:
    instrument.decoded_s = 1.0
    instrument.panel.turn(Change("x", 0.25), Change("fill"))
    assert page(instrument, 1.001) == [("fill", 0.0)]
    instrument.decoded_s = 1.0
    assert page(instrument, 1.02) == [("move", 0.25)]
