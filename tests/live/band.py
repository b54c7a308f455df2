"""A lookahead with a decoder made of arithmetic, and the score that plays what it hands over."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

from mvae.core.drums import NOTE_OF_CLASS
from mvae.core.panel import Positions, start
from mvae.core.part import Part, Sound
from mvae.core.patch import Knob, Patch
from mvae.core.score import BEFORE, ON, Event, Handoff, Score
from mvae.live.lookahead import Lookahead
from mvae.live.models import GrooveModel
from tests.toy_decoder import ToyDecoder

BPM = 120.0
STEP, STEPS = 240, 32
BEAT, BAR, PHRASE = 4 * STEP, 16 * STEP, STEPS * STEP
LATE = 19  # ticks: 10 ms
DRUMS = Part("drums", "toy", tuple(Sound(9, note) for note in NOTE_OF_CLASS))
CORNERS = (("A", "rock"), ("B", "funk"), ("C", "jazz"), ("D", "latin"))
PATCH = Patch(Path("toy.toml"), "Toy", "now", None, (DRUMS,), CORNERS, (Knob("density", -2, 2, axis="density"),))
REST = start(PATCH.actions()).moved({"x": 0.3, "y": 0.4})
KNOBS = {"x": (0.0, 1.0), "y": (0.0, 1.0), "density": (-2.0, 2.0), "temperature": (0.0, 1.5), "feel": (0.0, 2.0), "timing": (0.0, 2.0)}

few = settings(deadline=None, max_examples=40)
knobs = st.fixed_dictionaries({}, optional={name: st.floats(low, high) for name, (low, high) in KNOBS.items()})
pushes = st.fixed_dictionaries({}, optional={"push": st.floats(-30, 30), "variation": st.floats(0, 1)})
moves = st.lists(st.tuples(st.integers(0, 3 * PHRASE), knobs), max_size=5).map(lambda some: sorted(some, key=lambda move: move[0]))
ticks = st.integers(-160, 2 * PHRASE)
quantise = st.sampled_from(("now", "beat", "bar", "phrase"))


def chosen(positions: Positions, quantum: str = "now", muted: bool = False) -> Positions:
    return replace(positions, choices={"quantise": quantum}, switches={"mute drums": muted})


class Band:
    """A lookahead and the score that plays what it hands over: each phrase when the one before begins, each move when it is asked for."""

    def __init__(self, positions: Positions = REST, decoder: ToyDecoder | None = None, seed: int = 1, part: Part = DRUMS) -> None:
        self.at, self.decoder = positions, decoder or ToyDecoder()
        self.ahead, self.score = Lookahead(replace(PATCH, parts=(part,)), GrooveModel(self.decoder), seed), Score()
        self.events: list[Event] = []
        self.tick, self.dropped = -160, 0
        self.take(self.ahead.begin(positions, BPM), BEFORE)

    def run(self, tick: int) -> "Band":
        """Play on to a tick."""
        while (line := max(self.tick, (self.ahead.planned_to - STEPS) * STEP)) <= tick and self.ahead.wants_next(line):
            self.play_to(line)
            self.take(self.ahead.follow(self.at, BPM))
        self.play_to(tick)
        return self

    def play_to(self, tick: int) -> None:
        self.tick = tick
        self.events += self.score.due(tick)

    def take(self, handoffs: tuple[Handoff, ...], tick: int | None = None) -> Handoff:
        (handoff,) = handoffs
        self.dropped += self.score.accept(handoff, self.tick if tick is None else tick, LATE).dropped
        return handoff

    def move(self, tick: int, positions: Positions) -> Handoff:
        """Play on to a tick, and from there with other positions."""
        self.run(tick)
        self.at = positions
        return self.take(self.ahead.move(tick, positions, BPM))

    def turn(self, tick: int, to: Mapping[str, float]) -> Handoff:
        return self.move(tick, self.at.moved(to))

    def fill(self, tick: int, bars: int = 1) -> Handoff:
        self.run(tick)
        return self.take(self.ahead.fill(tick, bars, self.at, BPM))

    def heard(self, first_step: int = 0, end_step: int = 1 << 30) -> dict[tuple[int, int], tuple[int, int]]:
        """(voice, step) -> tick and velocity of what has sounded."""
        ons = (event for event in self.events if event.kind == ON and first_step <= event.step < end_step)
        return {(event.voice, event.step): (event.tick, event.velocity) for event in ons}

    def loop(self, index: int) -> dict[tuple[int, int], tuple[int, int]]:
        """What has sounded of one phrase, counted from its line."""
        line = index * STEPS
        return {(voice, step - line): (tick - line * STEP, loud) for (voice, step), (tick, loud) in self.heard(line, line + STEPS).items()}
