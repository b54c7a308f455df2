"""Finding and opening ports: by fragments of names, under a real JACK server, and where there is no MIDI at all."""

import time
from collections.abc import Iterator

import pytest

from mvae.core.errors import UserError
from mvae.live import midi_ports
from mvae.live.midi_ports import Port, list_inputs, list_outputs, match, open_input, open_output
from mvae.live.output import NoOutput, note_on, song_position
from tests.live.jack import Listener, listener, wait_until


@pytest.fixture
def foreign(jack_server: str) -> Iterator[Listener]:
    with listener("Foreign Synth") as client:
        yield client


def test_a_name_is_matched_whatever_its_case_and_whole_names_come_first() -> None:
    names = ["IAC Driver Bus 1", "My Synth", "synth"]
    assert match(names, "iac") == 0
    assert match(names, "SYNTH") == 2
    assert match(names, "my s") == 1
    assert match(names, "loop") is None


def test_a_song_position_is_two_groups_of_seven_bits() -> None:
    assert song_position(0) == b"\xf2\x00\x00"
    assert song_position(300) == b"\xf2\x2c\x02"
    assert song_position(1 << 14) == b"\xf2\x00\x00"


def test_ports_are_listed_with_the_system_they_belong_to(foreign: Listener) -> None:
    assert Port("JACK", foreign.port) in list_outputs()
    assert foreign.port not in [port.name for port in list_inputs()]


def test_a_port_is_opened_by_a_part_of_its_name_and_heard_there(foreign: Listener) -> None:
    out = open_output("foreign", "mvae-test")
    assert (out.port, out.api, out.virtual, out.remark) == (foreign.port, "JACK", False, "")

    def heard_after_sending() -> bool:  # the first message after a connection can be lost
        return out.send(note_on(9, 36, 100)) and any(heard.message == b"\x99\x24\x64" for heard in foreign.heard)

    assert wait_until(heard_after_sending, 5)
    out.close()


def test_a_port_that_is_open_already_is_not_opened_twice(foreign: Listener) -> None:
    out = open_output("foreign", "mvae-test")
    assert open_output("FOREIGN SYNTH", "mvae-test", opened=[out]) is out
    with pytest.raises(UserError, match=r"\[\[part\]\] port 'nowhere'"):
        open_output("nowhere", "mvae-test", opened=[out], option="[[part]] port")
    out.close()
    out.close()  # once is enough


def test_what_was_sent_just_before_closing_is_heard(foreign: Listener) -> None:
    out = open_output(None, "mvae-test")
    foreign.connect(out.port)

    def listens() -> bool:
        return out.send(b"\xf8") and bool(foreign.heard)

    assert wait_until(listens, 5)
    out.send(note_on(3, 1, 2))
    out.close()
    assert wait_until(lambda: foreign.heard[-1].message == b"\x93\x01\x02", 2)


def test_an_unknown_port_is_answered_with_those_that_exist_and_what_to_do(foreign: Listener) -> None:
    with pytest.raises(UserError) as caught:
        open_output("nowhere", "mvae-test")
    assert "--port 'nowhere'" in str(caught.value)
    assert "Foreign Synth:in (JACK)" in str(caught.value)
    assert "snd-virmidi" in str(caught.value) or "IAC" in str(caught.value)
    with pytest.raises(UserError, match="--controller 'nowhere'"):
        open_input("nowhere", lambda message, at_s: None)


def test_a_virtual_port_says_the_name_it_got_when_another_instrument_has_it(jack_server: str) -> None:
    first, second = open_output(None, "mvae-test"), open_output(None, "mvae-test")
    assert first.port == "mvae-test:mvae-test" and first.virtual
    assert second.port.startswith("mvae-test") and second.port != first.port
    assert {first.port, second.port} <= {port.name for port in list_inputs()}
    first.close()
    second.close()


def test_a_controller_is_heard_with_the_time_it_came_and_without_clocks(jack_server: str) -> None:
    out, heard = open_output(None, "knobs"), list[tuple[bytes, float]]()
    port = open_input("KNOB", lambda message, at_s: heard.append((message, at_s)))
    assert port.port == Port("JACK", out.port)

    def turned() -> bool:
        return out.send(b"\xf8") and out.send(b"\xb0\x01\x40") and len(heard) >= 3

    assert wait_until(turned, 5)
    assert {message for message, _ in heard} == {b"\xb0\x01\x40"}
    assert all(abs(at_s - time.monotonic()) < 5 for _, at_s in heard)
    port.close()
    out.close()


def test_the_port_that_is_played_to_is_never_heard(jack_server: str) -> None:
    out = open_output(None, "mvae-test")
    with pytest.raises(UserError, match="no port has this in its name"):
        open_input("mvae-test", lambda message, at_s: None, own=[out.port])
    out.close()


def test_without_any_midi_system_the_music_plays_nowhere_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi_ports, "_apis", lambda: [])
    out = open_output(None, "mvae-test")
    assert isinstance(out, NoOutput) and out.send(b"\xf8")
    assert "playing without MIDI" in out.remark and "\n" not in out.remark
    assert list_outputs() == [] and list_inputs() == []
    with pytest.raises(UserError, match="there are: none"):
        open_output("IAC", "mvae-test")


def test_a_jack_server_that_is_not_there_is_no_error_and_no_noise(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "mvae-nobody")
    monkeypatch.setattr(midi_ports, "ALSA_SEQUENCER", midi_ports.Path("/nonexistent"))
    assert list_outputs() == []
    assert capfd.readouterr() == ("", "")
