"""Own notes that come back are not heard, whatever else is played meanwhile; what is played comes through whole."""

from hypothesis import given
from hypothesis import strategies as st

from mvae.live.echoes import ECHO_S, EchoFilter
from mvae.live.status import StatusPage

NOW_S = 100.0


class Loop:
    """An input that may hear what the player has sent."""

    def __init__(self) -> None:
        self.page = StatusPage.make()
        self.heard: list[bytes] = []
        self.filter = EchoFilter(lambda message, _: self.heard.append(message), self.page.struck)

    def sends(self, channel: int, pitch: int, velocity: int, at_s: float) -> None:
        self.page.mark(channel, pitch, velocity, at_s)

    def comes(self, *message: int, at_s: float = NOW_S) -> bool:
        """Whether it is heard."""
        before = len(self.heard)
        self.filter(bytes(message), at_s)
        return len(self.heard) > before


def test_a_note_just_sent_is_no_playing_and_neither_is_its_end() -> None:
    loop = Loop()
    loop.sends(9, 36, 100, NOW_S - 0.005)
    assert not loop.comes(0x99, 36, 100) and not loop.comes(0x89, 36, 0, at_s=NOW_S + 1)
    assert loop.comes(0x89, 36, 0, at_s=NOW_S + 2) and loop.filter.echoes == 2


def test_a_note_of_a_parts_own_port_is_known_by_its_midi_channel() -> None:
    loop = Loop()
    loop.sends(3 * 16 + 9, 36, 100, NOW_S - 0.005)
    assert not loop.comes(0x99, 36, 100)


def test_what_a_hand_plays_is_heard_even_beside_the_instrument() -> None:
    loop = Loop()
    loop.sends(9, 36, 100, NOW_S - 0.005)
    assert loop.comes(0x99, 36, 90) and loop.comes(0x98, 36, 100) and loop.comes(0x99, 38, 100) and loop.comes(0xB9, 36, 100)
    assert loop.comes(0x99, 36, 100, at_s=NOW_S + 2 * ECHO_S)
    assert loop.comes(0x99, 36, 0), "the end of what was heard"


def test_what_was_never_sent_is_heard() -> None:
    assert Loop().comes(0x90, 60, 1, at_s=0.0)


@given(st.lists(st.tuples(st.integers(36, 38), st.integers(1, 4), st.booleans(), st.booleans()), max_size=40))
def test_every_note_that_is_heard_ends_if_the_hand_ends_it(strokes: list[tuple[int, int, bool, bool]]) -> None:
    loop, now_s = Loop(), NOW_S
    for pitch, velocity, sent, ends in strokes:
        now_s += ECHO_S / 3
        if sent:
            loop.sends(0, pitch, velocity, now_s)
        loop.comes(0x90, pitch, velocity, at_s=now_s)
        if ends:
            loop.comes(0x80, pitch, 0, at_s=now_s)
    for pitch in (36, 37, 38):
        loop.comes(0x80, pitch, 0, at_s=now_s + 1)
        loop.comes(0x80, pitch, 0, at_s=now_s + 1)
    sounding: set[int] = set()
    for kind, pitch, _ in loop.heard:
        (sounding.add if kind == 0x90 else sounding.discard)(pitch)
    assert not sounding
