"""A hierarchical model bar by bar: notes held across bar lines, splices in mid-bar, and no phrase decoded that is not needed."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.chance import token_noise
from mvae.core.feel import Feel
from mvae.core.panel import Positions, start
from mvae.core.part import Part
from mvae.core.patch import Patch
from mvae.core.score import BEFORE, OFF, ON, Event, Handoff, Score
from mvae.core.steer import steer
from mvae.core.tokens import HOLD, decode_stream
from mvae.live.lookahead import HELD_UNITS, Lookahead
from mvae.live.models import TokenModel
from tests.live.band import BAR, BPM, CORNERS, PATCH, STEP, few, knobs, quantise
from tests.toy_decoder import ToyDecoder
from tests.toy_tokens import ToyTokens

BARS = 4
LOOP = BARS * BAR
MELODY = Part("melody", "toy", (), stream="melody", channel=0)
TUNE: Patch = replace(PATCH, parts=(MELODY,), humanize=("toy", "swung"))
REST = start(TUNE.actions()).moved({"x": 0.3, "y": 0.4})
moves = st.lists(st.tuples(st.integers(0, LOOP), knobs), max_size=4).map(lambda some: sorted(some, key=lambda move: move[0]))


class Solo:
    """A melody, bar after bar, and the score that plays it."""

    def __init__(self, positions: Positions = REST, seed: int = 1, feel: Feel | None = None) -> None:
        self.at, self.tokens = positions, ToyTokens("melody", BARS, hierarchical=True)
        self.ahead, self.score = Lookahead(TUNE, TokenModel(self.tokens, feel), seed), Score()  # type: ignore[arg-type]
        self.events: list[Event] = []
        self.tick = -160
        self.take(self.ahead.begin(positions, BPM), BEFORE)

    def take(self, handoffs: tuple[Handoff, ...], tick: int | None = None) -> Handoff:
        (handoff,) = handoffs
        self.score.accept(handoff, self.tick if tick is None else tick, 19)
        return handoff

    def run(self, tick: int) -> "Solo":
        """Play on, each bar handed over when the one before begins."""
        while (line := max(self.tick, self.ahead.planned_to * STEP - BAR)) <= tick and self.ahead.wants_next(line):
            self.play_to(line)
            self.take(self.ahead.follow(self.at, BPM))
        self.play_to(tick)
        return self

    def play_to(self, tick: int) -> None:
        self.tick = tick
        self.events += self.score.due(tick)

    def move(self, tick: int, to: Mapping[str, float]) -> Handoff:
        self.run(tick)
        self.at = self.at.moved(to)
        return self.take(self.ahead.move(tick, self.at, BPM))

    def mute(self, tick: int) -> Handoff:
        self.run(tick)
        self.at = replace(self.at, switches={"mute melody": True})
        return self.take(self.ahead.move(tick, self.at, BPM))

    def heard(self) -> list[tuple[int, int, int]]:
        """(on, off, pitch) of the notes that are over."""
        found, open_ = [], dict[int, int]()
        for event in self.events:
            if event.kind == ON:
                open_[event.pitch] = event.tick
            elif event.kind == OFF:
                found.append((open_.pop(event.pitch), event.tick, event.pitch))
        return found


def whole(solo: Solo) -> list[tuple[int, int, int]]:
    """(on, off, pitch) of the phrase decoded in one go; a note lasts to the end of the second bar after its own at most."""
    noise = token_noise(1, 0, 0, 0, 0.0, BARS * 16, solo.tokens.vocabulary)
    z = steer(TUNE, solo.at, solo.tokens.space)
    tokens = ToyTokens("melody", BARS, hierarchical=True).decode(z, noise, solo.at.knobs["temperature"])
    notes = decode_stream("melody", tokens[:, 0]).notes
    ends = [min(round((note.beat + note.duration) * 960), (note.step // 16 + 1 + HELD_UNITS) * BAR) for note in notes]
    return [(note.step * STEP, end, note.pitch) for note, end in zip(notes, ends, strict=True)]


def without_the_tick(notes: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """A note ends a tick before the next of its pitch."""
    return [(on, -(-off // STEP) * STEP, pitch) for on, off, pitch in notes]


@few
@given(knobs)
def test_bar_by_bar_it_is_the_phrase_decoded_in_one_go(to: Mapping[str, float]) -> None:
    solo = Solo(REST.moved(to)).run(2 * LOOP + STEP)
    first = [note for note in without_the_tick(solo.heard()) if note[0] < LOOP]
    assert first == without_the_tick(whole(solo))
    assert [(on + LOOP, off + LOOP, pitch) for on, off, pitch in first] == [
        note for note in without_the_tick(solo.heard()) if LOOP <= note[0] < 2 * LOOP and note[1] <= 2 * LOOP
    ]


def test_the_toy_holds_notes_across_bar_lines() -> None:
    """Else the other tests would say nothing."""
    notes = [note for x in (0.0, 0.25, 0.5, 0.75, 1.0) for note in whole(Solo(REST.moved({"x": x})))]
    assert len([on for on, off, _ in notes if on // BAR < (off - 1) // BAR]) > 4


def test_in_a_steady_loop_every_bar_is_decoded_once() -> None:
    solo = Solo()
    solo.run(3 * LOOP)
    bars = [bar for _, bars, _, _ in solo.tokens.asked for bar in bars]
    assert bars == [*range(BARS)] and max(len(chosen) for _, chosen, _, _ in solo.tokens.asked) == 2


@few
@given(moves.map(lambda some: some or [(BAR + 1000, {"x": 1.0})]))
def test_what_was_heard_of_a_bar_is_forced_and_no_other_bar_is(some: list[tuple[int, Mapping[str, float]]]) -> None:
    solo = Solo()
    for tick, to in some:
        solo.run(tick)
        plans, asked = dict(solo.ahead.plans), len(solo.tokens.asked)
        handoff = solo.move(tick, to)
        index, within = handoff.start_step // 16, handoff.take_hold_step - handoff.start_step
        new = solo.ahead.plans[index]
        if index in plans:
            assert np.array_equal(new.tokens[:within], plans[index].tokens[:within])
        for _, _, _, mask in solo.tokens.asked[asked:]:
            assert mask is None or not np.delete(mask, np.s_[index % BARS * 16 : (index % BARS + 1) * 16], axis=0).any()
    sounded = [(event.voice, event.step) for event in solo.run(solo.tick + BAR).events if event.kind == ON]
    assert len(sounded) == len(set(sounded))


@few
@given(moves)
def test_a_melody_is_one_voice_and_every_note_ends(some: list[tuple[int, Mapping[str, float]]]) -> None:
    solo = Solo()
    for tick, to in some:
        solo.move(tick, to)
    solo.run(solo.tick + 2 * BAR)
    solo.events += solo.score.silence(solo.tick)
    sounding = set[int]()
    for event in solo.events:
        if event.kind == ON:
            assert not sounding
            sounding.add(event.pitch)
        elif event.kind == OFF:
            sounding.remove(event.pitch)
    assert not sounding


def test_a_muted_part_does_not_hold_its_note() -> None:
    solo = Solo()
    on, off, pitch = max(whole(solo), key=lambda note: note[1] - note[0])
    assert off - on > 4 * STEP
    tick = on + STEP + STEP // 2
    hold = solo.mute(tick).take_hold_step
    solo.run(off + BAR)
    assert hold * STEP > tick and solo.heard()[-1] == (on, hold * STEP, pitch)


def test_a_muted_part_does_not_hold_a_note_that_began_ahead_of_its_step() -> None:
    hurried, early = Feel(np.full(16, 0.5), np.full(16, -0.8)), round(0.8 * STEP / 2)
    solo = Solo(REST.moved({"melody.humanize": 1.0}), feel=hurried)
    on, off, pitch = max(whole(solo), key=lambda note: note[1] - note[0])
    solo.mute(on - early + 20)
    solo.run(off + BAR)
    assert solo.heard()[-1] == (on - early, on, pitch)


def test_a_muted_part_does_not_hold_a_note_that_was_transposed_while_it_sounded() -> None:
    solo = Solo()
    on, off, pitch = max(whole(solo), key=lambda note: note[1] - note[0])
    solo.move(on + STEP, {"melody.transpose": 5.0})
    hold = solo.mute(on + 2 * STEP).take_hold_step
    solo.run(off + BAR)
    assert solo.heard()[-1] == (on, hold * STEP, pitch) and hold * STEP < off - STEP


def test_a_part_that_is_muted_at_the_bar_line_holds_no_note_across_it() -> None:
    for x in (0.0, 0.25, 0.5, 0.75, 1.0):
        solo = Solo(replace(REST.moved({"x": x}), choices={**REST.choices, "quantise": "bar"}))
        for on, off, pitch in whole(solo):
            if on // BAR < (off - 1) // BAR and on % BAR > STEP:
                solo.mute(on - STEP // 2)
                solo.run(off + BAR)
                assert solo.heard()[-1] == (on, (on // BAR + 1) * BAR, pitch)
                return
    raise AssertionError("no note is held across a bar line")


def test_a_note_that_sounds_ends_earlier_where_the_new_bar_says_so() -> None:
    solo = Solo()
    on, off, _pitch = max(whole(solo), key=lambda note: note[1] - note[0])
    solo.run(on + STEP + 10)
    tokens = solo.tokens.decode

    def ends(*words: object, **more: object) -> object:
        said = tokens(*words, **more)  # type: ignore[arg-type]
        step = on // STEP % 16
        return np.where((np.arange(len(said))[:, None] > step + 2) & (said == HOLD), 1, said)

    solo.tokens.decode = ends  # type: ignore[method-assign, assignment]
    solo.move(on + STEP + 10, {"temperature": 0.6})
    solo.run(off + BAR)
    (end,) = [note[1] for note in solo.heard() if note[0] == on]
    assert end <= on + 3 * STEP < off


@few
@given(st.integers(0, LOOP), knobs, quantise)
def test_a_change_takes_hold_at_its_line_though_that_is_bars_away(tick: int, to: Mapping[str, float], quantum: str) -> None:
    steps = {"now": 1, "beat": 4, "bar": 16, "phrase": 16 * BARS}[quantum]
    solo, rest = Solo(replace(REST, choices={**REST.choices, "quantise": quantum})), Solo()
    solo.move(tick, to)
    for one in (solo, rest):
        one.run(3 * LOOP)
    line = -(-(tick - STEP // 2) // (steps * STEP)) * steps * STEP if steps > 1 else tick - STEP // 2
    before = [note[:1] + note[2:] for note in rest.heard() if note[0] < line]
    assert [note[:1] + note[2:] for note in solo.heard()][: len(before)] == before
    if quantum == "phrase":
        late = [(on % LOOP, pitch) for on, off, pitch in solo.heard() if line <= on and off <= line + LOOP]
        assert late == [(on, pitch) for on, off, pitch in Solo(REST.moved(to)).run(LOOP + STEP).heard() if off <= LOOP]


def test_a_late_bar_is_the_last_one_again_and_what_follows_is_in_its_place() -> None:
    solo = Solo()
    first = solo.ahead.plans[0].tokens
    solo.ahead.repeated(16)
    assert solo.ahead.planned_to == 32 and np.array_equal(solo.ahead.plans[1].tokens, first)
    handoff = solo.take(solo.ahead.follow(solo.at, BPM))
    assert handoff.start_step == 32


def test_toys_agree_on_the_pad() -> None:
    assert ToyDecoder().space.anchors.keys() == {name for _, name in CORNERS}
