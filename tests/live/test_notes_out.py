"""Notes over OSC: each that sounds goes every way, in the form of that way, timed as it was played."""

import math
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mvae.core.drums import CLASSES
from mvae.core.errors import UserError
from mvae.live import wire
from mvae.live.notes_feature import MOST_WAYS, NotesOut
from mvae.live.notes_out import SAMPLES, Heard, Way, datagram, dirt_pairs, read_way
from mvae.live.notes_post import Post
from mvae.live.osc_codec import address_of, arguments, message, messages, unix_s
from mvae.live.outward import ways_of
from tests.live.hall import BAR_S, Hall

KICK = Heard("drums", 0, True, 0, 36, 100, 5.25, 0.25, 0.5)
BASS = Heard("bass", 1, False, 0, 48, 50, 8.0, 2.0, 0.5)
WAIT_S = 20.0


class Ear:
    """A UDP socket of a foreign program."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(WAIT_S)
        self.port: int = self.socket.getsockname()[1]
        self.peer: tuple[str, int] = ("", 0)

    def hear(self) -> bytes:
        said, self.peer = self.socket.recvfrom(65536)
        return said

    def all(self) -> list[bytes]:
        """What has come by now."""
        self.socket.setblocking(False)
        said = []
        try:
            while True:
                said.append(self.hear())
        except BlockingIOError:
            self.socket.settimeout(WAIT_S)
            return said


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.socket.close()


@contextmanager
def sending(*texts: str) -> Iterator[tuple[Hall, NotesOut]]:
    """An instrument on a clock of its own; its wall clock is a thousand seconds later."""
    with Hall() as hall:
        out = NotesOut(hall.instrument, ways_of(texts), lambda: hall.clock.now + 1000.0)
        hall.instrument.add(out)
        yield hall, out
        out.close()


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("9000", Way("timed", "127.0.0.1", 9000)),
        ("10.0.0.5:9000", Way("timed", "10.0.0.5", 9000)),
        ("localhost:9000", Way("timed", "127.0.0.1", 9000)),
        ("[::1]:9000", Way("timed", "::1", 9000)),
        ("flat:9001", Way("flat", "127.0.0.1", 9001)),
        ("dirt", Way("dirt", "127.0.0.1", 57120)),
        ("dirt:10.0.0.5:57121", Way("dirt", "10.0.0.5", 57121)),
    ],
)
def test_a_way_is_a_place_and_perhaps_a_form_before_it(text: str, way: Way) -> None:
    assert read_way(text) == way and read_way(str(way)) == way


@pytest.mark.parametrize("text", ["", "flat:", "nowhere", "0", "70000", "a.host:9000", "dirt:x:1"])
def test_what_is_no_way_is_answered_with_what_is(text: str) -> None:
    with pytest.raises(UserError, match="--notes-to"):
        ways_of((text,))


def test_a_timed_note_is_a_bundle_and_a_flat_one_the_same_without() -> None:
    flat = datagram(read_way("flat:9000"), KICK, 1000.5)
    ((timetag, inner),) = messages(datagram(read_way("9000"), KICK, 1000.5))
    assert inner == flat and unix_s(timetag) == pytest.approx(1000.5, abs=1e-6)
    assert (address_of(flat), arguments(flat)) == (b"/mvae/note", ("drums", 36, 100, 5.25, 0.25))


def test_a_drum_is_a_sample_and_a_pitch_is_counted_from_middle_c() -> None:
    kick, bass = (dict(zip(pairs[::2], pairs[1::2], strict=True)) for pairs in map(dirt_pairs, (KICK, BASS)))
    assert (kick["s"], kick["n"], kick["gain"], kick["orbit"]) == ("bd", 0.0, 1.0, 0)
    assert (bass["note"], bass["sustain"], bass["orbit"], bass["_id_"]) == (-12.0, 1.0, 1, "bass") and "n" not in bass
    assert (bass["cps"], bass["cycle"]) == (0.5, 2.0)  # a bar a cycle, 120 BPM
    assert float(bass["gain"]) ** 4 == pytest.approx(0.25)  # half the velocity, a quarter of the amplitude


def test_every_class_of_drums_has_a_sample_of_its_own_and_so_has_the_count_in() -> None:
    assert set(SAMPLES) == set(CLASSES) and len({*SAMPLES.values()}) == len(CLASSES)
    click = Heard("drums", 0, True, -1, 37, 90, -4.0, 0.0, 0.5)
    assert "rm" in dirt_pairs(click)


def test_each_note_that_sounds_goes_every_way_and_is_timed_as_it_was_played(ear: Ear) -> None:
    with sending(str(ear.port), f"dirt:{ear.port}") as (hall, _):
        hall.play(2 * BAR_S)
        said = [next(iter(messages(one))) for one in ear.all()]
        ons = [sent for sent in hall.of(wire.Sent) if isinstance(sent, wire.Sent) and sent.on]
        status = hall.link.status()
        wanted = [status.time_of_tick(sent.tick) + 1000.0 + 0.1 for sent in ons]
    for address in (b"/mvae/note", b"/dirt/play"):
        times = [unix_s(timetag) for timetag, inner in said if address_of(inner) == address]
        assert len(times) >= len(ons) > 20 and times[: len(wanted)] == pytest.approx(wanted, abs=1e-4)
    notes = [arguments(inner) for _, inner in said if address_of(inner) == b"/mvae/note"]
    assert all(part == "drums" and float(str(lasts)) > 0 for part, *_, lasts in notes)


def test_flat_notes_wait_here_for_their_moment(ear: Ear) -> None:
    post = Post(read_way(f"flat:{ear.port}"))
    now_s = time.monotonic()
    for late_s, text in ((0.12, "c"), (0.04, "a"), (0.08, "b")):
        post.send_at(now_s + late_s, message("/say", text))
    heard = [(arguments(ear.hear())[0], time.monotonic() - now_s) for _ in range(3)]
    post.close()
    assert [text for text, _ in heard] == ["a", "b", "c"] and all(
        after_s >= late_s for (_, after_s), late_s in zip(heard, (0.04, 0.08, 0.12), strict=True)
    )


def test_ways_come_and_go_while_it_plays_and_what_is_none_is_answered(ear: Ear) -> None:
    with sending() as (hall, out):
        hall.play(BAR_S)
        hall.do("notes to", str(ear.port))
        hall.do("notes to", "nowhere")
        hall.run(BAR_S)
        assert ear.all() and ("/mvae/notes/ways", f"127.0.0.1:{ear.port}") in hall.told
        assert any(words[:2] == ("/mvae/error", "notes to") for words in hall.told) and "flat:HOST:PORT" in hall.instrument.remark
        for port in range(20_000, 20_001 + MOST_WAYS):
            hall.do("notes to", f"{port}")
        hall.run(0.1)
        assert len(out.posts) == MOST_WAYS and "off" in hall.instrument.remark
        hall.do("notes to", "off")
        hall.run(0.1)
        ear.all()
        hall.run(BAR_S)
        assert not ear.all() and not out.posts


def test_the_delay_can_be_set_and_notes_told_of_too_late_are_counted(ear: Ear) -> None:
    with sending(str(ear.port)) as (hall, out):
        hall.do("notes delay", 1)
        hall.play()
        hall.run(BAR_S, page_s=0.02)
        assert out.late > 0
        late = out.late
        hall.do("notes delay", 250)
        hall.run(0.1)
        ear.all()
        before_s = hall.clock.now
        hall.run(BAR_S)
        times = [unix_s(timetag) - 1000.25 for one in ear.all() for timetag, _ in messages(one)]
        assert times and min(times) > before_s - 0.3 and math.isclose(late, out.late, abs_tol=1)


def test_superdirt_is_called_and_known_to_be_there_as_long_as_it_answers(ear: Ear) -> None:
    other = Ear()  # it answers from another port than that it listens to
    with sending(f"dirt:{ear.port}") as (hall, _):
        hall.run(2.5)
        assert [address_of(one) for one in ear.all()] == [b"/dirt/handshake"] * 3
        assert ("/mvae/notes/dirt", "waiting") in hall.told
        other.socket.sendto(message("/dirt/handshake/reply", "&serverHostname", "127.0.0.1"), ear.peer)
        hall.run(2.0)
        assert ("/mvae/notes/dirt", "answers") in hall.told
        other.socket.sendto(b"nonsense", ear.peer)
        hall.run(3.0)
        assert [words[1] for words in hall.told if words[0] == "/mvae/notes/dirt"] == ["waiting", "answers", "waiting"]
    other.socket.close()


def test_where_nobody_listens_the_music_goes_on(ear: Ear) -> None:
    ear.socket.close()
    with sending(f"dirt:{ear.port}", str(ear.port)) as (hall, _):
        hall.play(BAR_S)
        assert hall.playing and hall.of(wire.Sent)
