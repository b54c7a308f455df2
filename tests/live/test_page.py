"""The page in a real browser, with a real instrument behind it: turned, heard, watched, lost and found again."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mvae.live.launch import family
from mvae.live.surface_door import listener
from tests.browser import Page, browser, look
from tests.live.command import MvaeLive, mvae_live

HERE = "!document.body.classList.contains('away')"
SIZES = ((390, 844), (768, 1024), (1280, 720), (1920, 1080), (3840, 2160))
PARTS = "[...document.querySelectorAll('#parts h2')].map((each) => each.textContent).join()"
TOUCH_PX = 40  # what a finger can hit, in CSS pixels
DRUMS = ("kick", "snare", "closed_hat", "open_hat", "low_tom", "mid_tom", "high_tom", "crash", "ride")


class Stage:
    """An instrument that plays the band, where its page is, and a browser."""

    def __init__(self, instrument: MvaeLive, port: int, door: str) -> None:
        self.instrument, self.address, self.door = instrument, f"http://127.0.0.1:{port}/", door

    def visit(self, visit: Callable[[Page], Awaitable[Any]]) -> Any:
        """Open the page anew."""

        async def when_here(page: Page) -> Any:
            await ready(page)
            return await visit(page)

        return look(self.door, self.address, when_here)

    def stands(self, address: str) -> object:
        """Where something stands, as OSC subscribers hear it."""
        return self.instrument.heard(address)[-1][0]

    def surface_pid(self) -> int | None:
        for pid in family(self.instrument.process.pid):
            if b"mvae.live.surface" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return None


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with listener("127.0.0.1", 0) as found:
        port = found.getsockname()[1]
    words = "--patch", "band", "--surface-port", str(port), "--start", "now", "--seed", "3", "--name", "mvae-page"
    with mvae_live(*words) as instrument, browser() as door:
        instrument.subscribe()
        instrument.wait(lambda: instrument.heard("/mvae/beat"))
        yield Stage(instrument, port, door)


async def ready(page: Page) -> None:
    """Until the page is here; what it is made of can be asked by name then."""
    await page.ask("Emulation.setDeviceMetricsOverride", width=1280, height=800, deviceScaleFactor=1, mobile=False)
    await page.until(HERE, 60)
    await page.value("(async () => { Object.assign(window, await import('/page/main.js')) })()")


async def drag(page: Page, selector: str, *way: tuple[float, float]) -> None:
    """Press on an element and draw the pointer from place to place, in shares of its size."""
    box = await page.value(f"(r => [r.x, r.y, r.width, r.height])(document.querySelector({selector!r}).getBoundingClientRect())")
    for number, (x, y) in enumerate(way):
        at = {"x": box[0] + x * box[2], "y": box[1] + y * box[3], "button": "left", "buttons": 1, "clickCount": 1}
        await page.ask("Input.dispatchMouseEvent", type="mouseMoved" if number else "mousePressed", **at)
    await page.ask("Input.dispatchMouseEvent", type="mouseReleased", **{**at, "buttons": 0})


async def swipe(page: Page, selector: str, *way: tuple[float, float]) -> None:
    """A finger that is drawn from place to place, in shares of an element's size."""
    await page.value(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
    box = await page.value(f"(r => [r.x, r.y, r.width, r.height])(document.querySelector({selector!r}).getBoundingClientRect())")
    for number, (x, y) in enumerate(way):
        points = [{"x": box[0] + x * box[2], "y": box[1] + y * box[3]}]
        await page.ask("Input.dispatchTouchEvent", type="touchMove" if number else "touchStart", touchPoints=points)
    await page.ask("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


async def tap(page: Page, selector: str) -> None:
    """A finger."""
    await page.value(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
    x, y = await page.value(f"(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector({selector!r}).getBoundingClientRect())")
    await page.ask("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    await page.ask("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


def test_the_pad_is_dragged_and_the_bar_changes(stage: Stage) -> None:
    async def visit(page: Page) -> tuple[float, float, bool]:
        before = await page.value("JSON.stringify(model.known.phrases)")
        await drag(page, "#pad", (0.1, 0.1), (0.5, 0.5), (0.85, 0.2))
        x, y = await page.until("(p => p.x > 0.8 && [p.x, p.y])(model.known.positions)")
        changed = await page.until(f"JSON.stringify(model.known.phrases) !== {before!r}")
        return x, y, changed

    x, y, changed = stage.visit(visit)
    assert 0.8 < x < 1 and 0.05 < y < 0.3 and changed
    stage.instrument.wait(lambda: stage.stands("/mvae/knob/x") == pytest.approx(x, abs=1e-5))


def test_the_page_is_heard_and_in_time(stage: Stage) -> None:
    async def visit(page: Page) -> dict[str, Any]:
        await tap(page, "#listen")
        level = await page.until("sound.level() > 0.02 && sound.level()", 60)
        played = await page.until("sound.played > 20 && sound.played", 60)
        heard = await page.value("[sound.late, sound.behind_s, document.querySelector('#listen').getAttribute('aria-pressed')]")
        await tap(page, "#listen")
        await page.until("!sound.on && document.querySelector('#listen').getAttribute('aria-pressed') === 'false'")
        return {"level": level, "played": played, "late": heard[0], "behind_s": heard[1], "pressed": heard[2]}

    heard = stage.visit(visit)
    assert heard["level"] > 0.02 and heard["pressed"] == "true" and heard["behind_s"] <= 0.4


def test_every_voice_sounds_and_begins_when_it_is_meant_to(stage: Stage) -> None:
    script = """(async () => {
        const { Sound } = await import('/page/sound.js'), rate = 44100, found = {};
        const streams = ['drums', 'bass', 'melody'], melodic = (stream) => stream !== 'drums';
        const parts = streams.map((stream, number) => ({ number, stream, melodic: melodic(stream) }));
        const notes = [...Array(9).keys()].map((voice) => [0, voice, 36]).concat([[1, 0, 40], [2, 0, 72]]);
        for (const [part, voice, pitch] of notes) {
            const context = new OfflineAudioContext(2, rate * 1.0, rate);
            const sound = new Sound({ on() {}, facts: { parts }, offset_s: 0, now_s: () => performance.now() / 1000 }, context);
            sound.build(context);
            sound.muted = false;
            const lead = sound.lead, at_s = 0.2 - lead - sound.behind_s;
            sound.model.now_s = () => at_s - 0.02;
            sound.hear([at_s, true, part, voice, pitch, 100, 0]);
            sound.hear([at_s + 0.1, false, part, voice, pitch, 0, 0]);
            const samples = (await context.startRendering()).getChannelData(0);
            const peak = samples.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
            const power = (piece) => Math.sqrt(piece.reduce((sum, x) => sum + x * x, 0) / piece.length);
            const energy = (from, to) => power(samples.subarray(from * rate, to * rate));
            const begins = samples.findIndex((x) => Math.abs(x) > peak * 0.03);
            found[`${part} ${voice}`] = [begins / rate, peak, energy(0.2, 0.3), energy(0.9, 1)];
        }
        return found;
    })()"""

    async def visit(page: Page) -> Any:
        return await page.value(script)

    found = stage.visit(visit)
    assert len(found) == len(DRUMS) + 2
    for name, (begins_s, peak, loud, later) in found.items():
        assert 0.199 <= begins_s <= 0.212, (name, begins_s)  # the limiter looks six milliseconds ahead
        assert 0.03 < peak < 1.0 and loud > 0.01 and later < loud / 2, (name, peak, loud, later)


def test_the_sound_waits_for_the_slowest_of_the_last_seconds_and_comes_back_so_slowly_that_nobody_hears_it(stage: Stage) -> None:
    async def visit(page: Page) -> Any:
        return await page.value("""import('/page/sound.js').then(({ Sound }) => {
            let now_s = 100;
            const model = { on() {}, now_s: () => now_s, offset_s: 0, facts: { parts: [] } }, found = [];
            const sound = new Sound(model, new OfflineAudioContext(2, 44100, 44100));
            sound.build(sound.given);
            const notes = (count, lag_s) => {
                for (let n = 0; n < count; n++) { now_s += 0.1; sound.hear([now_s - lag_s, true, 0, 0, 36, 90, n]); }
                found.push([sound.behind_s, sound.late]);
            };
            notes(20, 0.005); notes(1, 0.2); notes(50, 0.005); notes(80, 0.005); notes(400, 0.005); notes(50, 0.03);
            return found;
        })""")

    usual, grown, held, shrinking, back, slower = stage.visit(visit)
    assert usual == [pytest.approx(0.03), 0] and grown == [pytest.approx(0.212), 1] and held == grown
    assert 0.212 - 0.061 <= shrinking[0] < 0.2 and back == [pytest.approx(0.03), 1]
    assert slower[0] == pytest.approx(0.042) and slower[1] == 2


def test_two_pages_stay_in_step(stage: Stage) -> None:
    async def visit(page: Page) -> list[Any]:
        async with page.beside(stage.address) as other:
            await ready(other)
            await drag(page, "#pad", (0.5, 0.5), (0.3, 0.7))
            mine = await page.until("(p => p.y > 0.6 && [p.x, p.y])(model.known.positions)")
            theirs = await other.until("(p => p.y > 0.6 && [p.x, p.y])(model.known.positions)")
            await other.value("document.querySelector('[data-action=\"mute bass\"]').click()")
            pressed = await page.until("document.querySelector('[data-action=\"mute bass\"]').getAttribute('aria-pressed') === 'true'")
            await page.value("document.querySelector('[data-action=\"mute bass\"]').click()")
            released = await other.until("document.querySelector('[data-action=\"mute bass\"]').getAttribute('aria-pressed') === 'false'")
            puck = await other.value("document.querySelector('#puck').style.getPropertyValue('--y')")
            ticks = await asyncio.gather(*(each.value("model.tick()") for each in (page, other)))
            return [mine, theirs, pressed, released, float(puck), ticks]

    mine, theirs, pressed, released, puck, ticks = stage.visit(visit)
    assert mine == theirs and pressed and released and puck == pytest.approx(theirs[1], abs=1e-6)
    assert abs(ticks[0] - ticks[1]) < 960  # asked one after the other


def test_a_lost_connection_shows_and_is_found_again(stage: Stage) -> None:
    async def visit(page: Page) -> str:
        pid = stage.surface_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await page.until("document.body.classList.contains('away')", 30)
        said = str(await page.value("document.querySelector('#away').innerText"))
        await page.until(HERE, 60)
        await drag(page, "#pad", (0.2, 0.2), (0.2, 0.95))
        await page.until("model.known.positions.y > 0.9")
        return said

    beats = len(stage.instrument.heard("/mvae/beat"))
    assert "connection lost" in stage.visit(visit)
    assert len(stage.instrument.heard("/mvae/beat")) > beats


def test_everything_can_be_done_by_keys(stage: Stage) -> None:
    async def visit(page: Page) -> list[Any]:
        seen = dict[str, str]()
        for _ in range(400):
            await page.ask("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
            await page.ask("Input.dispatchKeyEvent", type="keyUp", key="Tab", code="Tab", windowsVirtualKeyCode=9)
            at = await page.value("""(e => e === document.body ? null : [
                e.closest('[data-action]')?.dataset.action ?? e.id, getComputedStyle(e).outlineStyle,
                e.getAttribute('aria-label') || e.innerText || e.title || e.labels?.[0]?.innerText || ''])(document.activeElement)""")
            if at is None or (at[0] and at[0] in seen and len(seen) > 40):
                break
            assert at[1] != "none", f"{at}: no ring around what has the focus"
            assert at[2].strip(), f"{at}: a screen reader has nothing to say"
            seen[at[0]] = at[2]
        await page.value("document.querySelector('[data-action=density]').focus()")
        for _ in range(3):
            await page.ask("Input.dispatchKeyEvent", type="keyDown", key="ArrowUp")
        up = await page.until("model.known.positions.density > 0.2 && model.known.positions.density")
        told = await page.value("document.querySelector('[data-action=density]').getAttribute('aria-valuetext')")
        await page.ask("Input.dispatchKeyEvent", type="keyDown", key="Backspace")
        await page.until("model.known.positions.density === 0")
        await page.value("document.activeElement.blur()")
        await page.press(" ")
        await page.until("!model.known.status.playing")
        await page.press(" ")
        await page.until("model.known.status.playing")
        return [seen, up, told]

    seen, up, told = stage.visit(visit)
    wanted = "play", "stop", "x", "density", "mute drums", "recall A", "store B", "scene next", "tempo", "tap", "port", "listen"
    assert set(wanted) <= set(seen)
    assert up == pytest.approx(0.24, abs=0.01) and told == "+0.24 sd"


def test_it_fits_every_screen_from_a_phone_to_a_stage(stage: Stage) -> None:
    async def visit(page: Page) -> list[Any]:
        found = []
        for width, height in SIZES:
            phone = width < 500
            await page.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1 + phone, mobile=phone)
            await page.until(f"innerWidth === {width}")
            found.append(await page.value(f"""(() => {{
                const all = [...document.querySelectorAll('button, .knob, select, #pad')].filter((e) => e.offsetParent !== null);
                const small = all.filter((e) => e.getBoundingClientRect().height < {TOUCH_PX}).map((e) => e.dataset.action ?? e.id);
                const outside = all.filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.dataset.action ?? e.id);
                const above = document.querySelector('#pad').getBoundingClientRect().top < innerHeight / 2;
                const font_px = parseFloat(getComputedStyle(document.body).fontSize);
                return [document.documentElement.scrollWidth <= innerWidth, small, outside, above, font_px];
            }})()"""))
            if phone:
                await page.ask("Emulation.setTouchEmulationEnabled", enabled=True)
                await swipe(page, "#pad", (0.3, 0.3), (0.75, 0.6))
                await page.until("model.known.positions.x > 0.7 && model.known.positions.y > 0.6")
                await swipe(page, "[data-action=density]", (0.5, 0.3), (0.9, 0.3), (1.4, 0.3))
                await page.until("model.known.positions.density > 0.5")
                await page.value("link.turn('density', 0)")
                await in_hand(page)
        return found

    for (width, _), (fits, small, outside, pad_above, font_px) in zip(SIZES, stage.visit(visit), strict=True):
        assert fits and not small and not outside and pad_above, (width, small, outside)
        assert font_px >= width / 150


async def in_hand(page: Page) -> None:
    """On a phone: stop is under the thumb wherever the page is scrolled to, nothing moves for a message, the next phrase is below this."""
    at_end = """(() => {{ scrollTo(0, document.documentElement.scrollHeight);
        const box = document.querySelector('[data-action={name}]').getBoundingClientRect();
        return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)?.closest('button')?.dataset.action }})()"""
    assert [await page.value(at_end.format(name=name)) for name in ("stop", "panic")] == ["stop", "panic"]
    await page.value("scrollTo(0, 0)")
    top = "document.querySelector('#pad').getBoundingClientRect().top"
    before = await page.value(f"document.querySelector('#notice').textContent = ''; {top}")
    await page.value("link.turn('scene', 'no such scene')")
    await page.until("document.querySelector('#notice').textContent.includes('no such scene')")
    assert await page.value(top) == before
    steps, span, blocks, tall, height = await page.value(
        "[roll.unit, roll.plan.span, roll.plan.blocks, roll.plan.tall, roll.canvas.getBoundingClientRect().height]"
    )
    assert (span, blocks) == (steps, 2) and height == pytest.approx(2 * tall, abs=2)


def test_nothing_comes_from_a_network_and_nothing_fails(stage: Stage) -> None:
    async def visit(page: Page) -> tuple[list[str], list[Any]]:
        for domain in ("Runtime", "Log"):
            await page.ask(f"{domain}.enable")
        await page.until("document.querySelectorAll('.knob').length > 10")
        urls = await page.value("performance.getEntriesByType('resource').map((entry) => entry.name)")
        events = list(page._events)  # told again to whoever asks for them late
        bad = [told["params"] for told in events if told["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]
        return urls, bad

    urls, bad = stage.visit(visit)
    assert not bad and len(urls) > 10 and all(url.startswith((stage.address, "data:")) for url in urls), (bad, urls)


def test_learn_mode_binds_what_is_touched_on_the_page(stage: Stage) -> None:
    async def visit(page: Page) -> list[Any]:
        await tap(page, "#learn")
        await page.until("document.body.classList.contains('learning')")
        before = await page.value("model.known.positions.density")
        await tap(page, "[data-action=density]")
        await page.until("model.known.hands.learning === 'density'")
        waits = await page.until("document.querySelector('[data-action=density]').classList.contains('waiting')")
        said = await page.value("document.querySelector('#notice').textContent")
        await page.ask("Input.dispatchKeyEvent", type="keyDown", key="Escape")
        await page.until("model.known.hands.learning === '' && !document.body.classList.contains('learning')")
        return [waits, said, before == await page.value("model.known.positions.density")]

    waits, said, untouched = stage.visit(visit)
    assert waits and "density" in said and untouched


def test_anchors_and_scenes_are_there_to_touch(stage: Stage) -> None:
    async def visit(page: Page) -> list[Any]:
        name = "document.querySelector('.card.at-D .name').textContent"
        before = await page.value(name)
        await page.value("document.querySelector('[data-action=\"sample D\"]').scrollIntoView({block: 'center'})")
        await tap(page, "[data-action='sample D']")
        await page.until("document.querySelector('#ask').open")
        await page.ask("Input.insertText", text="from the page")
        await page.ask("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape", windowsVirtualKeyCode=27)
        await page.until("!document.querySelector('#ask').open")
        untouched = before == await page.value(name)
        await page.value("panels.heardBars.value = '4'")
        sent = await page.value("""(() => { const turned = [], turn = link.turn; link.turn = (...words) => turned.push(words);
            for (const name of ["capture D", "infill"]) document.querySelector(`[data-action="${name}"]`).click();
            link.turn = turn; return turned })()""")
        assert sent == [["capture D", 4], ["infill", 4]]
        await page.value("link.turn('sample D', 'from the page')")
        await page.until(f"{name} === 'from the page'")
        await page.until("document.querySelector('.corner.at-D').innerText.includes('from the page')")
        await tap(page, "[data-action='scene store']")
        await page.until("document.querySelector('#ask').open")
        await page.ask("Input.insertText", text="opening")
        await page.value("document.querySelector('#ask button.strong').click()")
        scene = await page.until("[...document.querySelectorAll('.scene')].find((each) => each.textContent === 'opening')?.textContent")
        return [untouched, scene]

    assert stage.visit(visit) == [True, "opening"]
    stage.instrument.wait(lambda: stage.stands("/mvae/scene/playing") == "opening")


def test_another_patch_is_chosen_while_it_plays_and_the_page_becomes_its_own(stage: Stage) -> None:
    async def choose(page: Page, name: str, title: str) -> list[str]:
        await page.until("model.published('/mvae/patch/list')?.length > 3")
        select = "document.querySelector('select[data-action=\"patch load\"]')"
        await page.value(f"(s => {{ s.value = {name!r}; s.dispatchEvent(new Event('change')) }})({select})")
        await page.until(f"document.querySelector('#patch').textContent === {title!r} && document.title === {title!r}")
        await page.until(f"{select}.value === {name!r}")
        await page.until("Object.keys(model.known.phrases ?? {}).length === model.facts.parts.length")
        sizes = "Object.keys(model.known.positions).length, model.actions.size"
        return list(await page.value(f"[{PARTS}, {sizes}].map(String)"))

    async def visit(page: Page) -> list[list[str]]:
        before = await page.value(PARTS)
        return [[before], await choose(page, "first_light", "First light"), await choose(page, "band", "Band")]

    before, lone, band = stage.visit(visit)
    assert before == band[:1] and lone[0] == "drums"
    assert int(lone[1]) < int(band[1]) and int(lone[2]) < int(band[2])
    stage.instrument.wait(lambda: stage.stands("/mvae/patch/playing") == "band")
    assert stage.stands("/mvae/playing") == 1
