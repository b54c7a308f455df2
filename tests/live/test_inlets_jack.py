"""Inputs chosen while the real `mvae-live` plays, under a JACK server: what is listened to, controllers that come and go, never itself."""

from pathlib import Path

import pytest

from mvae.core.control import Control
from mvae.core.drums import NOTE_OF_CLASS
from mvae.live.midi_ports import open_output
from mvae.live.output import note_off, note_on
from mvae.live.surface_door import listener
from tests.browser import Page, browser, look
from tests.live.command import MvaeLive, mvae_live
from tests.live.fake_controller import FILE, FakeController
from tests.live.jack import wait_until

POT, POT_2 = Control("cc", 16, 0), Control("cc", 17, 0)
WORDS = ("--patch", "four_corners", "--start", "now", "--tempo", "200", "--seed", "1", "--name", "mvae-inlets", "--takeover", "jump")
PATIENCE_S = 20.0
HERE = "!document.body.classList.contains('away')"

pytestmark = pytest.mark.usefixtures("jack_server")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "controllers").mkdir()
    (tmp_path / "controllers" / "fake.toml").write_text(FILE)
    monkeypatch.setenv("MVAE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "library"))
    return tmp_path


def last(live: MvaeLive, address: str) -> tuple[object, ...]:
    heard = live.heard(address)
    return heard[-1] if heard else ()


def test_what_is_listened_to_is_chosen_while_it_plays(home: Path) -> None:
    pads, other = open_output(None, "Pads"), open_output(None, "Keys")
    try:
        with mvae_live(*WORDS) as live:
            live.subscribe()
            live.wait_beats(1)
            live.send("/mvae/anchor/B/capture", 2)
            live.wait(lambda: "nothing is listened to" in str(last(live, "/mvae/error")))
            live.send("/mvae/listen/port", "keys")
            live.wait(lambda: last(live, "/mvae/listen/input") == ("Keys:Keys", 1))
            live.send("/mvae/listen/port", "pads")
            live.wait(lambda: last(live, "/mvae/listen/input") == ("Pads:Pads", 1))

            def captured() -> bool:
                for out, key in ((pads, NOTE_OF_CLASS[0]), (other, NOTE_OF_CLASS[1])):
                    out.send(note_on(9, key, 100))
                    out.send(note_off(9, key))
                live.send("/mvae/anchor/B/capture", 2)
                return wait_until(lambda: "capture" in str(last(live, "/mvae/anchor/B")), 4.0)

            assert wait_until(captured, PATIENCE_S)
            live.send("/mvae/listen/port", "gamma")
            live.wait(lambda: "no port has this in its name" in str(last(live, "/mvae/error")))
            assert "Pads:Pads" in str(last(live, "/mvae/error")) and "mvae-inlets:" not in str(last(live, "/mvae/error"))
            assert last(live, "/mvae/listen/input") == ("Pads:Pads", 1)
            live.send("/mvae/listen/port", "mvae-inlets")
            live.wait(lambda: "'mvae-inlets'" in str(last(live, "/mvae/error")))
            live.send("/mvae/listen/port")
            live.wait(lambda: last(live, "/mvae/listen/input") == ("", 0))
            live.send("/mvae/anchor/C/capture", 2)
            live.wait(lambda: "nothing is listened to" in str(last(live, "/mvae/error")))
            live.signal("SIGTERM")
            assert live.end() == 0
    finally:
        pads.close(), other.close()


def test_a_controller_comes_and_goes_while_it_plays(home: Path) -> None:
    def density() -> object:
        return last(live, "/mvae/knob/x")[0]

    with FakeController() as pads, mvae_live(*WORDS) as live:
        live.subscribe()
        live.wait_beats(1)
        assert last(live, "/mvae/controller/list") == ()
        live.send("/mvae/controller", "fake pads")
        live.wait(lambda: last(live, "/mvae/controller/list") == ("Fake Pads:Fake Pads",))
        assert pads.until(lambda: density() == pytest.approx(90 / 127), POT, 90)
        assert pads.is_told(bytes.fromhex("F07D01F7"))
        live.send("/mvae/controller", "fake")
        live.wait(lambda: "is a controller already" in str(last(live, "/mvae/error")))
        live.send("/mvae/controller", "mvae-inlets")
        live.wait(lambda: "no port has this in its name" in str(last(live, "/mvae/error")))
        pads.unplug()
        live.wait(lambda: "gone" in str(last(live, "/mvae/remark")))
        pads.plug()
        assert pads.until(lambda: density() == pytest.approx(20 / 127), POT, 20)
        live.send("/mvae/controller/remove", "nobody")
        live.wait(lambda: "there are: Fake Pads:Fake Pads" in str(last(live, "/mvae/error")))
        live.send("/mvae/controller/remove", "fake")
        live.wait(lambda: live.heard("/mvae/controller/list")[-1] == ())
        pads.says(POT, 100)
        live.wait_beats(2)
        assert density() == pytest.approx(20 / 127)
        live.send("/mvae/controller", "fake pads")
        assert pads.until(lambda: density() == pytest.approx(70 / 127), POT, 70)
        live.signal("SIGTERM")
        assert live.end() == 0


def test_inputs_are_chosen_and_what_was_learned_is_forgotten_on_the_page(home: Path) -> None:
    pads = FakeController()

    async def choose(page: Page, action: str, port: str) -> None:
        select = f"document.querySelector('select[data-action=\"{action}\"]')"
        await page.until(f"[...{select}.options].some((each) => each.value === {port!r})", PATIENCE_S)
        await page.value(f"(each => {{ each.value = {port!r}; each.dispatchEvent(new Event('change')); }})({select})")

    async def visit(page: Page) -> None:
        await page.until(HERE, 60)
        await page.value("(async () => { Object.assign(window, await import('/page/main.js')) })()")
        offered = await page.value("[...document.querySelectorAll('select[data-action=\"listen port\"] option')].map((each) => each.value)")
        assert not any("mvae-inlets" in name for name in offered)
        await choose(page, "listen port", "Fake Pads:Fake Pads")
        await page.until("model.published('/mvae/listen/input')[0] === 'Fake Pads:Fake Pads'")
        await choose(page, "controller", "Fake Pads:Fake Pads")
        await page.until("document.querySelector('#ports .pill.here')?.textContent.includes('Fake Pads')", PATIENCE_S)
        await page.value("link.turn('learn', 'density')")
        await page.until("model.known.hands.learning === 'density'", PATIENCE_S)
        bound = "[...document.querySelectorAll('#ports .pill')].find((each) => each.textContent.startsWith('density: CC 17'))"
        for value in range(10, 120):
            pads.says(POT_2, value)
            if await page.value(f"Boolean({bound})"):
                break
        await page.until(f"Boolean({bound})", PATIENCE_S)
        await page.value(f"{bound}.querySelector('.remove').click()")
        await page.until(f"!{bound}", PATIENCE_S)
        await page.value("document.querySelector('#ports .pill.here .remove').click()")
        await page.until("!document.querySelector('#ports .pill')", PATIENCE_S)

    with listener("127.0.0.1", 0) as found:
        port = found.getsockname()[1]
    with pads, mvae_live(*WORDS, "--surface-port", str(port)) as live, browser() as door:
        live.subscribe()
        live.wait(lambda: live.heard("/mvae/beat"))
        look(door, f"http://127.0.0.1:{port}/", visit)
        live.signal("SIGTERM")
        assert live.end() == 0
