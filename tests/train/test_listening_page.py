"""The page of the listening test in a real browser: it sounds, it takes answers, it keeps them."""

import json
from pathlib import Path

import numpy as np

from mvae.core.tokens import FIRST_PITCH
from mvae.train.listening_answers import COLUMNS, read_answers
from mvae.train.listening_clips import SOURCES, ListeningTest, make_test, page, page_facts
from tests.browser import Page, browse


def trio_test(pairs: int = 3) -> ListeningTest:
    """Two bars in which every part plays, every clip with notes of its own."""
    clips = {}
    for place, source in enumerate(SOURCES):
        tokens = np.zeros((pairs, 32, 3), np.int64)
        for number in range(pairs):
            tokens[number, ::4, 0] = FIRST_PITCH + 60 + place + number
            tokens[number, ::8, 1] = FIRST_PITCH + 36 + place
            tokens[number, :, 2] = np.arange(32) * (place + 1) % 512
        clips[source] = list(tokens)
    return make_test("trio", clips, pairs, 120.0, 0)


def opened(folder: Path, test: ListeningTest) -> str:
    path = folder / "listening.html"
    path.write_text(page(test), encoding="utf-8")
    return path.as_uri()


def test_the_page_sounds_takes_answers_and_keeps_them_when_it_is_closed(tmp_path: Path) -> None:
    test = trio_test()

    async def listen(browser: Page) -> tuple[list[float], float, str, list[str]]:
        rendered = [await browser.value(f"rendered({pair}, {side}, 2).then(loudness)") for pair in range(3) for side in (0, 1)]
        await browser.press("a")  # too early: nothing was heard
        early = await browser.value("state.answers.length + ' ' + at('status').textContent")
        assert early == "0 Please listen to both first.", early
        await browser.press("1")
        await browser.until("playing && playing.side === 'first'")
        live = await browser.until("heard() > 0.001 && heard()")
        await browser.press("2")
        await browser.press("b")
        await browser.value("at('play-first').click(); at('play-second').click(); at('answer-equal').click()")
        path = await browser.saved("at('save').click()", tmp_path)
        saved = path.read_text(encoding="utf-8")
        assert saved == await browser.value("csv()")
        return rendered, live, saved, [await browser.value("at('place').textContent"), await browser.value("document.body.innerText")]

    async def come_back(browser: Page) -> tuple[str, str]:
        for key in "12a":
            await browser.press(key)
        return await browser.value("csv()"), await browser.value("at('place').textContent")

    address, profile = opened(tmp_path, test), tmp_path / "profile"
    rendered, live, saved, (place, text) = browse(address, listen, profile)
    assert min(rendered) > 0.01 and live > 0.001
    assert place == "Pair 3 of 3"
    assert not any(source in text.lower() for source in SOURCES)
    whole, end = browse(address, come_back, profile)
    assert whole.startswith(saved) and end.startswith("That was all 3")

    path = tmp_path / "answers.csv"
    path.write_text(whole, encoding="utf-8")
    answers = read_answers([path])
    assert [answer.answer for answer in answers] == ["second", "equal", "first"]
    heard = {answer.pair: set(answer.sources) for answer in answers}
    assert heard == {number: {clip.source for clip in pair} for number, pair in enumerate(test.pairs)}
    assert whole.splitlines()[0] == ",".join(COLUMNS)
    assert whole.splitlines()[1].split(",")[6:8] == ["1", "1"]


def test_the_page_names_no_source_and_nothing_outside_itself() -> None:
    test = trio_test()
    text = page(test)
    assert "http" not in text.replace('http-equiv="Content', "")
    assert not any(f'"{source}"' in text for source in SOURCES)
    assert json.dumps(page_facts(test)["pairs"][0], separators=(",", ":")) in text
