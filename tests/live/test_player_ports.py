"""The player on several ports, on a clock turned by hand: who is told what, and ports that are exchanged while it plays."""

import pytest

from mvae.core.part import CHANNELS
from mvae.core.score import Due, Handoff
from mvae.live import wire
from mvae.live.output import CLOCK, CONTINUE, EVERY, NoOutput, Output
from mvae.live.outputs import Outputs, Slot, open_slots, slots_of_text, slots_text
from mvae.live.status import StatusPage
from tests.live.studio import BEGIN_S, FA, FB, FC, Studio, line_s


class Port(NoOutput):
    """A port that writes down what it gets."""

    def __init__(self, name: str, takes: bool = True) -> None:
        super().__init__("", name)
        self.got: list[bytes] = []
        self.takes, self.closed = takes, False

    def send(self, message: bytes, slot: int = EVERY) -> bool:
        self.got.append(message)
        return self.takes

    def close(self) -> None:
        self.closed = True


def on_slots(length: int = 900) -> Handoff:
    """The same pitch and MIDI channel on two ports, at once, and again on each beat."""
    notes = [
        Due(voice, step, step * 240, step * 240 + length, CHANNELS * slot + 9, 36, 100)
        for step in range(0, 16, 4)
        for voice, slot in enumerate((0, 2))
    ]
    return Handoff(0, 1, 0, 16, 0, tuple(notes))


def playing() -> Studio:
    studio = Studio()
    studio.ask(wire.Play(0, (on_slots(),)))
    studio.run(line_s(studio) - BEGIN_S + 0.1)
    return studio


def to(studio: Studio, slot: int, since: int = 0) -> list[bytes]:
    """What a slot got, clocks aside."""
    return [message for where, message in studio.sent_to[since:] if where == slot and message != CLOCK]


ON, OFF = b"\x99\x24\x64", b"\x89\x24\x00"


def test_a_pitch_sounds_on_each_port_by_itself_and_the_transport_on_all() -> None:
    studio = playing()
    studio.run(0.5)
    assert to(studio, 0) == to(studio, 2) == [ON, OFF, ON]
    assert to(studio, EVERY) == [FA] and (EVERY, CLOCK) in studio.sent_to
    assert {sent.channel for sent in studio.told(wire.Sent) if isinstance(sent, wire.Sent)} == {9}
    assert studio.page.sounding() == [(9, 36), (2 * CHANNELS + 9, 36)]


def test_panic_and_the_end_silence_every_port() -> None:
    studio = playing()
    studio.ask(wire.Panic())
    for slot in (0, 2):
        assert to(studio, slot)[-5:] == [OFF, OFF, b"\xb9\x7b\x00", b"\xb9\x79\x00", b"\xb9\x78\x00"]
    studio.run(0.5)
    studio.player.shut()
    assert studio.page.sounding() == [] and to(studio, EVERY)[-1] == FC


def test_a_successor_ends_on_each_port_what_sounded_there() -> None:
    dead = playing()
    successor = Studio(dead.page, dead.clock)
    successor.ask(wire.Resume((on_slots(),)))
    assert to(successor, 0)[:2] == to(successor, 2)[:2] == [OFF, b"\xb9\x7b\x00"]


def test_an_exchanged_port_is_silenced_and_the_new_one_joins_the_song_while_the_other_plays_on() -> None:
    studio = playing()
    before = len(studio.sent_to)
    order: list[str] = []
    studio.player.exchange((2,), lambda: order.append(f"after {len(to(studio, 2, before))}"), studio.clock.now)
    assert order == ["after 2"] and to(studio, 2, before)[:4] == [OFF, FC, OFF, b"\xf2\x02\x00"] and to(studio, 0, before) == []
    studio.run(0.2)
    assert to(studio, 2, before).count(FB) == 1 and FB not in to(studio, EVERY)
    go_s = next(at_s for (at_s, message), (slot, _) in zip(studio.sent, studio.sent_to, strict=True) if (slot, message) == (2, CONTINUE))
    clock_s = next(at_s for at_s, message in studio.sent if message == CLOCK and at_s > go_s)
    assert abs(clock_s - line_s(studio) - 0.25) < 1e-6, "the clock after the continue is that of the third 16th"
    studio.run(0.5)
    assert to(studio, 2, before)[-1] == ON


def test_an_exchange_at_rest_says_nothing_but_note_offs() -> None:
    studio = Studio()
    studio.player.exchange((1,), lambda: None, studio.clock.now)
    assert studio.sent_to == []


def test_each_output_is_told_once_and_a_slot_without_one_plays_on_the_main_one() -> None:
    main, other = Port("main"), Port("other", takes=False)
    outputs = Outputs({0: main, 1: other, 3: other})
    assert not outputs.send(CLOCK) and (main.got, other.got) == ([CLOCK], [CLOCK])
    assert outputs.send(ON, 2) and main.got == [CLOCK, ON]
    assert outputs.sharing(3) == (1, 3) and outputs.sharing(2) == (2,)
    outputs.put((1, 3), main)
    assert outputs.distinct() == [main] and outputs.port == "main"
    outputs.close()
    assert main.closed


def test_slots_of_one_wish_share_a_port_and_all_are_closed_if_one_fails() -> None:
    opened: list[Port] = []

    def open_one(slot: Slot, others: list[Output]) -> Output:
        if slot.fragment == "bad":
            raise ValueError(slot.fragment)
        opened.append(Port(slot.name))
        return opened[-1]

    outputs = open_slots([Slot(0, "a"), Slot(1, "a"), Slot(2, "b", "IAC"), Slot(3, "b", "iac")], open_one)
    assert [out.port for out in outputs.distinct()] == ["a", "b"] and [each.port for each in outputs.opened()] == ["a", "a", "b", "b"]
    opened.clear()
    with pytest.raises(ValueError, match="bad"):
        open_slots([Slot(0, "a"), Slot(1, "b", "bad")], open_one)
    assert [port.closed for port in opened] == [True]


def test_slots_are_told_to_the_player_whatever_they_are_called() -> None:
    slots = [Slot(0, "mvae"), Slot(3, 'a "strange" name', "--port", "", "mvae:mvae 128:0")]
    assert slots_of_text(slots_text(slots)) == slots


def test_the_page_remembers_each_port_and_when_a_note_was_struck_last() -> None:
    page = StatusPage.make()
    assert page.struck(9, 36) == (0.0, 0)
    page.mark(16 * CHANNELS + 9, 36, 100, 12.5)
    page.mark(9, 36, 90, 13.0, passes=True)
    assert page.sounding() == [(9, 36), (16 * CHANNELS + 9, 36)] and page.of_song() == [(16 * CHANNELS + 9, 36)]
    assert page.struck(9, 36) == (13.0, 90)
    page.unmark(16 * CHANNELS + 9, 36)
    assert page.sounding() == [(9, 36)] and len(page.sounded()) == 2 and page.used_channels() == [9, 16 * CHANNELS + 9]
