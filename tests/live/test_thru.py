"""What a controller plays goes on to a part's port, and is ended whatever becomes of the controller, the part or the player."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.change import Change
from mvae.core.control import Control
from mvae.core.control_reader import Touch
from mvae.core.panel import Panel
from mvae.core.part import Part
from mvae.core.patch import Patch
from mvae.live import wire
from mvae.live.assign import Binding
from mvae.live.controllers import unconcerned
from mvae.live.station import Station
from mvae.live.thru import Thru
from tests.live.studio import Studio

BASS = Part("bass", "toy", (), stream="bass", channel=1, slot=1)
PATCH = Patch(Path("toy.toml"), "Toy", "now", None, (BASS,), (("A", "rock"), ("B", "funk")))


class Keys:
    """A keyboard whose keys sound where the bass does."""

    def __init__(self, studio: Studio | None = None) -> None:
        self.studio = studio or Studio()
        self.panel = Panel(PATCH.actions())
        self.thru = Thru(BASS, self.panel, self)
        self.sent: list[wire.Down] = []

    def send(self, message: wire.Down) -> None:
        self.sent.append(message)
        self.studio.ask(message)

    def play(self, *message: int) -> list[tuple[int, bytes]]:
        """What the ports get of it: slot and message."""
        before = len(self.studio.sent_to)
        self.thru.pass_on(bytes(message))
        return self.studio.sent_to[before:]


def test_a_key_sounds_on_the_parts_channel_and_port() -> None:
    keys = Keys()
    assert keys.play(0x90, 60, 100) == [(0, b"\x91\x3c\x64")]
    assert keys.play(0x80, 60, 0) == [(0, b"\x81\x3c\x00")]
    keys.panel.turn(Change("bass.out", "own"), Change("bass.channel", 5.0))
    assert keys.play(0x95, 61, 90) == [(1, b"\x94\x3d\x5a")]


def test_a_key_that_is_held_while_the_part_moves_ends_where_it_began() -> None:
    keys = Keys()
    keys.play(0x90, 60, 100)
    keys.panel.turn(Change("bass.out", "own"))
    assert keys.play(0x90, 60, 0) == [(0, b"\x81\x3c\x00")]
    assert keys.play(0x80, 60, 0) == [], "it has ended"


def test_bends_pressure_programs_and_controllers_pass_and_clock_and_sysex_do_not() -> None:
    keys = Keys()
    for message, there in (
        ((0xE0, 1, 2), b"\xe1\x01\x02"), ((0xD0, 7), b"\xd1\x07"), ((0xC0, 3), b"\xc1\x03"), ((0xB3, 64, 127), b"\xb1\x40\x7f"),
    ):  # fmt: skip
        assert keys.play(*message) == [(0, there)]
    assert keys.play(0xF8) == [] and keys.play(0xF0, 1, 2, 0xF7) == []


def test_a_controller_that_is_gone_holds_nothing() -> None:
    keys = Keys()
    keys.play(0x90, 60, 100), keys.play(0x90, 64, 100)
    assert keys.studio.page.sounding() == [(1, 60), (1, 64)]
    keys.thru.release()
    assert keys.studio.open_notes() == set() and keys.studio.page.sounding() == []


def test_a_held_key_is_silenced_with_the_player_and_is_no_note_of_the_song() -> None:
    keys = Keys()
    keys.play(0x90, 60, 100)
    keys.studio.player.shut()
    assert keys.studio.open_notes() == set()
    assert keys.studio.told(wire.Sent) == []


def test_a_successor_ends_a_key_that_was_held_when_the_player_died() -> None:
    keys = Keys()
    keys.play(0x90, 60, 100)
    successor = Studio(keys.studio.page, keys.studio.clock)
    successor.ask(wire.Resume(()))
    assert (0, b"\x81\x3c\x00") in successor.sent_to and successor.told(wire.Sent) == []


class Deaf:
    """Learns nothing."""

    def heard(self, controller: str, touch: Touch, at_s: float) -> bool:
        return False


@pytest.mark.parametrize("off", [b"\x80\x3c\x00", b"\x90\x3c\x00"])
def test_a_held_key_that_has_become_a_button_meanwhile_ends_when_it_is_let_go(off: bytes) -> None:
    keys = Keys()
    station = Station("keys", PATCH, keys.panel, Deaf(), [keys.thru], unconcerned)
    station.hear(b"\x90\x3c\x64", 0.0)
    station.learn([Binding(Control("note", 60, 0), "fill")])
    station.hear(off, 0.1)
    assert keys.sent[1:] == [wire.Thru(1, 0x80, 60, 0)] and keys.studio.open_notes() == set()
    station.hear(b"\x90\x3c\x64", 0.2), station.hear(off, 0.3)
    assert len(keys.sent) == 2, "it is a button now"
    assert [change.action for change in keys.panel.drain()] == ["fill"]


@given(st.lists(st.tuples(st.sampled_from((0x90, 0x80)), st.integers(60, 62), st.integers(0, 2), st.booleans()), max_size=40))
def test_whatever_is_played_and_wherever_the_part_goes_nothing_is_left_after_release(strokes: list[tuple[int, int, int, bool]]) -> None:
    keys = Keys()
    for kind, pitch, velocity, moves in strokes:
        if moves:
            keys.panel.turn(Change("bass.channel", 1.0 + velocity), Change("bass.out", ("main", "own")[velocity % 2]))
        keys.play(kind, pitch, velocity)
    keys.thru.release()
    assert keys.studio.page.sounding() == []
