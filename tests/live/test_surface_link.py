"""The real process of the surface, and the instrument's end of it: told, asked, killed, held up, and ended."""

import json
import os
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from mvae.core.action_table import table as action_table
from mvae.core.actions import Actions
from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.live.surface_door import listener
from mvae.live.surface_link import SurfaceLink
from mvae.live.surface_news import News, merge
from mvae.live.surface_portrait import Portrait, facts_of
from tests.live.hall import BEAT_S, PATCH, Hall
from tests.live.jack import wait_until

PATIENCE_S = 60.0
HTML = {"Accept": "text/html,*/*"}


def free_port() -> int:
    with listener("127.0.0.1", 0) as found:
        port: int = found.getsockname()[1]
        return port


class Table:
    """An instrument on a clock turned by hand, and its surface."""

    def __init__(self, hall: Hall, host: str = "127.0.0.1") -> None:
        self.hall, self.portrait = hall, Portrait(hall.instrument)
        hall.instrument.overhear(self.portrait.overhear)
        facts = {"name": "toy", "patch": "Toy", "osc_host": "127.0.0.1", "osc_port": 7770, "more": facts_of(PATCH)}
        self.link = SurfaceLink(hall.panel, self.portrait, facts, host, free_port())

    @property
    def at(self) -> str:
        return f"127.0.0.1:{self.link.door.port}"

    def get(self, path: str, headers: dict[str, str] = HTML) -> tuple[int, str]:
        """What it answers; it waits for a process that only begins."""
        try:
            with urllib.request.urlopen(urllib.request.Request(f"http://{self.at}{path}", headers=headers), timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def page(self, query: str = "", origin: str | None = None) -> "ClientConnection":
        return connect(f"ws://{self.at}/ws{query}", origin=origin, open_timeout=PATIENCE_S, proxy=None)  # type: ignore[arg-type]

    def pid(self) -> int:
        assert wait_until(lambda: self.link.pid is not None, PATIENCE_S) and self.link.pid
        return self.link.pid


@contextmanager
def table(host: str = "127.0.0.1") -> Iterator[Table]:
    with Hall() as hall:
        made = Table(hall, host)
        with made.link:
            yield made


def news(page: ClientConnection) -> News:
    return dict(json.loads(page.recv(PATIENCE_S)))


def position(page: ClientConnection, known: News, name: str, value: object) -> None:
    """Read on until something stands there."""
    while known.get("positions", {}).get(name) != value:
        merge(known, news(page))


@pytest.fixture(scope="module")
def shared() -> Iterator[Table]:
    with table() as made:
        yield made


def test_a_page_knows_everything_from_the_first_message_on(shared: Table) -> None:
    with shared.page() as page:
        first = news(page)
        assert {"actions", "facts", "positions", "status", "phrases", "gauges", "pages"} <= set(first)
        assert [action["name"] for action in first["actions"]] == list(shared.hall.panel.actions)
        assert first["positions"]["x"] == 0.3


def test_pages_stay_in_step_with_each_other_and_with_the_instrument(shared: Table) -> None:
    with shared.page() as one, shared.page() as other:
        known, theirs = news(one), news(other)
        one.send(json.dumps({"turns": [["y", 0.25, "normalized"], ["mute drums", True]]}))
        for page, told in ((one, known), (other, theirs)):
            position(page, told, "y", 0.25)
            position(page, told, "mute drums", True)
        shared.hall.do("y", 0.5)
        for page, told in ((one, known), (other, theirs)):
            position(page, told, "y", 0.5)
        assert known["positions"] == theirs["positions"]
        assert wait_until(lambda: shared.link.pages == 2, PATIENCE_S)
    assert wait_until(lambda: shared.link.pages == 0, PATIENCE_S)


def test_triggers_of_a_page_reach_the_instrument_in_their_order(shared: Table) -> None:
    shared.hall.panel.drain()
    with shared.page() as page:
        page.send(json.dumps({"turns": [["play"], ["reseed"], ["stop", "bar"]]}))
        done = list[Change]()
        assert wait_until(lambda: len(done) == 3 or done.extend(shared.hall.panel.drain()) or len(done) == 3, PATIENCE_S)
        assert [(change.action, change.value, change.source) for change in done] == [
            ("play", None, "page"), ("reseed", None, "page"), ("stop", "bar", "page"),
        ]  # fmt: skip


TOO_LARGE = f'{{"turns": [["x", 1{"0" * 400}]]}}'
NONSENSE = ("{", "[]", '{"turns": 3}', '{"turns": [["wobble", 1]]}', '{"turns": [["x", "much"]]}', '{"turns": [[]]}', TOO_LARGE)


@pytest.mark.parametrize("words", NONSENSE, ids=lambda words: words[:24])
def test_nonsense_is_refused_and_the_page_goes_on_and_turns_what_it_likes(shared: Table, words: str) -> None:
    with shared.page() as page:
        known = news(page)
        page.send(words)
        while "refused" not in known:
            merge(known, news(page))
        page.send(json.dumps({"ping": 1.5}))
        while known.get("pong") != 1.5:
            merge(known, news(page))
        assert known["now_s"] > 0
        page.send(json.dumps({"turns": [["y", len(words) / 1000]]}))
        position(page, known, "y", len(words) / 1000)


def test_the_page_and_its_files_are_served_with_a_policy(shared: Table) -> None:
    status, text = shared.get("/")
    assert status == 200 and "/page/main.js" in text
    for name in ("main.js", "style.css", "icon.svg"):
        with urllib.request.urlopen(f"http://{shared.at}/page/{name}", timeout=PATIENCE_S) as answer:
            assert answer.status == 200 and answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert [shared.get(f"/page/{name}")[0] for name in ("nosuch.js", "..%2Fsurface.py", "py.typed")] == [404, 404, 404]


def test_a_foreign_name_or_a_foreign_page_is_turned_away(shared: Table) -> None:
    assert shared.get("/", {**HTML, "Host": f"evil.example:{shared.link.door.port}"})[0] == 403
    with pytest.raises(InvalidStatus, match="403"):
        shared.page(origin="http://evil.example")
    with shared.page(origin=f"http://{shared.at}") as page:
        assert "actions" in news(page)


def test_notes_are_told_as_they_sound() -> None:
    with table() as made, made.page() as page:
        known = news(page)
        assert wait_until(lambda: made.link.pages == 1, PATIENCE_S)
        made.hall.play(BEAT_S)
        while "notes" not in known:
            merge(known, news(page))
        assert known["notes"][0][1] is True and known["notes"][0][6] == 0
        while not known["status"]["playing"] or not known["phrases"]["0"]["units"]:
            merge(known, news(page))


def test_a_surface_that_dies_has_a_successor_at_the_same_place() -> None:
    with table() as made:
        with made.page() as page:
            news(page)
            died = made.pid()
            os.kill(died, signal.SIGKILL)
        assert wait_until(lambda: made.link.pid not in (died, None), PATIENCE_S)
        with made.page() as page:
            assert news(page)["positions"]["x"] == 0.3
        assert made.link.successors == 1 and made.link.remark == "the page's process died and was replaced"


def test_one_that_dies_again_and_again_is_not_replaced_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvae.live.surface_link.sys.executable", "/bin/false")
    with table() as made:
        assert wait_until(lambda: made.link.remark.endswith("is not replaced"), PATIENCE_S)
        assert made.link.successors == 5


def test_what_a_surface_cannot_mean_is_refused_and_the_rest_of_what_it_asks_for_is_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program, heard = tmp_path / "surface", tmp_path / "heard"
    asked = ('{"turn": 3}', "nonsense", '{"turn": ["x", 0.75]}')
    program.write_text("\n".join(("#!/bin/sh", *(f"echo '{line}'" for line in asked), f"exec cat > '{heard}'")))
    program.chmod(0o755)
    monkeypatch.setattr("mvae.live.surface_link.sys.executable", str(program))
    with table() as made:
        assert wait_until(lambda: made.hall.panel.snapshot().knobs["x"] == 0.75, PATIENCE_S)
        assert wait_until(lambda: heard.exists() and "refused" in heard.read_text(), PATIENCE_S)


def test_a_surface_that_is_held_up_with_a_full_pipe_does_not_hold_up_the_end() -> None:
    with table() as made:
        with made.page() as page:
            news(page)
        pid = made.pid()
        os.kill(pid, signal.SIGSTOP)
        made.link._answer({"refused": "x" * 1_000_000})  # more than a pipe takes
        assert wait_until(lambda: not made.link._asked, PATIENCE_S)
        closing = threading.Thread(target=made.link.close)
        closing.start()
        closing.join(PATIENCE_S)
        is_held_up = closing.is_alive()
        if is_held_up:
            os.kill(pid, signal.SIGKILL)
        assert not is_held_up and not Path(f"/proc/{pid}").exists()


def test_while_the_surface_is_held_up_the_newest_wins_and_nobody_waits() -> None:
    with table() as made, made.page() as page:
        known = news(page)
        os.kill(made.pid(), signal.SIGSTOP)
        for _ in range(3):
            for number in range(1000):
                made.hall.panel.turn(Change("x", number / 1000), Change("density", (number % 7) / 7), Change("y", (number % 11) / 11))
            made.hall.run(0.05)
        os.kill(made.pid(), signal.SIGCONT)
        position(page, known, "x", 0.999)


def test_nothing_of_it_is_left_when_it_is_closed() -> None:
    before = threading.active_count()
    with table() as made:
        made.get("/")
        pid = made.pid()
    assert not Path(f"/proc/{pid}").exists() and threading.active_count() == before


def test_beyond_the_loopback_the_page_asks_for_the_token_that_the_terminal_shows() -> None:
    with table("0.0.0.0") as made:
        token = made.link.door.token
        assert len(token) == 16 and made.link.address.endswith(f"/?token={token}")
        assert "main.js" not in made.get("/")[1] and "main.js" not in made.get("/?token=wrong")[1]
        assert "main.js" in made.get(f"/?token={token}")[1]
        for query in ("", "?token=wrong"):
            with pytest.raises(InvalidStatus, match="403"):
                made.page(query)
        with made.page(f"?token={token}") as page:
            assert "positions" in news(page)
        assert token.encode() not in Path(f"/proc/{made.pid()}/cmdline").read_bytes()


def test_without_a_token_there_is_none_to_show() -> None:
    with Hall() as hall:
        link = Table(hall).link
        assert link.door.token == "" and link.address == f"http://127.0.0.1:{link.door.port}"
        link._socket.close()


def test_a_port_that_is_taken_is_said_before_anything_begins() -> None:
    with Hall() as hall, listener("127.0.0.1", 0) as taken, pytest.raises(UserError, match="--surface-port"):
        SurfaceLink(hall.panel, Portrait(hall.instrument), {}, "127.0.0.1", taken.getsockname()[1])


def test_the_surface_waits_until_the_music_sounds() -> None:
    sounds = threading.Event()
    with Hall() as hall:
        link = SurfaceLink(hall.panel, Portrait(hall.instrument), {"more": {}}, "127.0.0.1", free_port(), sounds.is_set)
        with link:
            assert link.pid is None
            sounds.set()
            assert wait_until(lambda: link.pid is not None, PATIENCE_S)


def test_another_patch_is_told_anew_to_pages_and_to_programs_that_query() -> None:
    with table() as made:
        query = {"Accept": "application/json"}
        assert made.get("/mvae/knob/density", query)[0] == 200
        with made.page() as page, connect(f"ws://{made.at}/", open_timeout=PATIENCE_S, proxy=None) as listens:
            assert "density" in news(page)["positions"]
            others = Actions(action_table("AB", ("swing",), ("bass",), ("bass",)))
            made.hall.panel.become(others, {}, {})
            made.link.become({**made.link.facts, "patch": "Other"})
            told = next(each for each in iter(lambda: news(page), None) if "actions" in each)
            assert told["facts"]["patch"] == "Other" and "swing" in told["positions"] and "density" not in told["positions"]
            assert json.loads(listens.recv(PATIENCE_S)) == {"COMMAND": "PATH_CHANGED", "DATA": "/mvae"}
        assert made.get("/mvae/knob/density", query)[0] == 404 and made.get("/mvae/knob/swing", query)[0] == 200
        with made.page() as later:
            first = news(later)
            assert first["facts"]["patch"] == "Other" and "density" not in first["positions"] and "bass.octave" in first["positions"]
