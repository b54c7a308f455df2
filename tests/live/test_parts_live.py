"""Parts under the hands while they play: solo in phase, on another channel and port, other notes; and a take of it all."""

import pytest

from mvae.core.change import Value
from mvae.core.part import CHANNELS
from mvae.core.score import Handoff
from mvae.live import wire
from tests.live.hall import BAR, BAR_S, Hall
from tests.live.orchestra import ORCHESTRA, orchestra

STEP = 240
NUMBER = {part.name: number for number, part in enumerate(ORCHESTRA.parts)}


def ons(hall: Hall, since_tick: int = -BAR) -> set[tuple[int, int, int]]:
    """(part, tick, pitch) of what was played."""
    return {(s.part, s.tick, s.pitch) for s in hall.of(wire.Sent) if isinstance(s, wire.Sent) and s.on and s.tick >= since_tick}


def test_a_solo_takes_hold_at_the_bar_and_the_others_go_on_silently_in_phase() -> None:
    with Hall(band=orchestra()) as hall, Hall(band=orchestra()) as rest:
        for one in (hall, rest):
            one.do("quantise", "bar")
            one.play(1.3 * BAR_S)
            for _ in range(2):
                if one is hall:
                    one.do("solo lead")
                one.run(2 * BAR_S)
        played, all_ = ons(hall), ons(rest)
    inside = range(2 * BAR + STEP, 4 * BAR - STEP)  # from line to line, drummers' haste aside
    alone, together = ({note for note in notes if note[1] in inside} for notes in (played, all_))
    assert alone == {note for note in together if note[0] == NUMBER["lead"]} != together
    for outside in (range(2 * BAR - STEP), range(4 * BAR + STEP, 5 * BAR)):
        assert {note for note in played if note[1] in outside} == {note for note in all_ if note[1] in outside}


def test_two_solos_are_heard_together_and_a_mute_is_stronger_than_a_solo() -> None:
    with Hall(band=orchestra()) as hall:
        for action in ("solo lead", "solo bass", "mute bass"):
            hall.do(action)
        hall.play(2 * BAR_S)
        assert {part for part, _, _ in ons(hall)} == {NUMBER["lead"]}
        hall.do("mute bass")
        hall.run(2 * BAR_S)
        assert {part for part, _, _ in ons(hall, 2 * BAR + STEP)} == {NUMBER["lead"], NUMBER["bass"]}


@pytest.mark.parametrize(
    ("part", "action", "value", "channel", "pitch"),
    [
        ("bass", "bass.channel", 7.0, 6, None),
        ("bass", "bass.out", "own", 4 * CHANNELS + 2, None),
        ("drums", "drums.channel", 3.0, 2, None),
        ("drums", "drums.map.kick", 99.0, 9, 99),
        ("kit", "kit.out", "own", 5 * CHANNELS + 10, None),
    ],
)
def test_a_part_is_moved_to_a_channel_a_port_or_another_note(part: str, action: str, value: Value, channel: int, pitch: int | None) -> None:
    with Hall(band=orchestra()) as hall:
        hall.play(0.2)
        before = len(hall.link.sent)
        hall.do(action, value)
        hall.run(2 * BAR_S)
        handoffs = [sent for sent in hall.link.sent[before:] if isinstance(sent, Handoff) and sent.part == NUMBER[part]]
        notes = {(note.channel, note.pitch) for handoff in handoffs for note in handoff.notes}
        assert {each for each, _ in notes} == {channel} and (pitch is None or (channel, pitch) in notes)
        assert all(sent.channel < CHANNELS for sent in hall.of(wire.Sent) if isinstance(sent, wire.Sent))
        sounding = [(each // CHANNELS, each % CHANNELS) for each, _ in hall.link.page.sounding()]
        hall.instrument.finish()
        assert hall.link.page.sounding() == [], sounding
