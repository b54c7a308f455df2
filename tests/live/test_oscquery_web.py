"""OSCQuery as programs meet it: a real HTTP server and WebSocket on the loopback, with a desk that a test fills."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestServer

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.panel import start
from mvae.live.osc_codec import address_of, arguments, bundle, message, timetag_of
from mvae.live.surface import make_app
from mvae.live.surface_desk import Desk
from mvae.live.surface_door import Door
from mvae.live.surface_news import News, actions_record
from tests.live.network import private

ACTIONS = Actions(table("ABCD", ("density",), ("drums",)))
WAIT_S = 20.0
LISTEN = {"COMMAND": "LISTEN"}


class Place:
    """A surface's application with one client. `asked` is what the instrument was asked for."""

    def __init__(self, server: TestServer, client: ClientSession, desk: Desk, asked: list[News], rung: asyncio.Event) -> None:
        self.server, self.client, self.desk, self.asked, self.rung = server, client, desk, asked, rung

    def url(self, path: str) -> str:
        return f"http://{self.server.host}:{self.server.port}{path}"

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.client.get(self.url(path), headers=headers) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None

    async def socket(self, *paths: str, at: str = "/", **headers: str) -> ClientWebSocketResponse:
        """A WebSocket that listens to these."""
        socket = await self.client.ws_connect(self.url(at), headers=headers)
        for path in paths:
            await socket.send_str(json.dumps({**LISTEN, "DATA": path}))
        return socket

    async def hears(self, reached: Callable[[], object]) -> None:
        """Until the instrument was asked for what is wanted."""
        async with asyncio.timeout(WAIT_S):
            while not reached():
                await self.rung.wait()
                self.rung.clear()


async def heard(socket: ClientWebSocketResponse) -> Any:
    """The next thing said: (address, values) or a command."""
    said = await socket.receive(WAIT_S)
    if said.type == WSMsgType.BINARY:
        return address_of(said.data).decode(), arguments(said.data)
    assert said.type == WSMsgType.TEXT, said
    return json.loads(said.data)


def at_a_place(body: Callable[[Place], Awaitable[None]], token: str = "", host: str = "127.0.0.1", here: str = "127.0.0.1") -> None:
    """Run a test's body at a place; the client comes from the address `here`, too."""

    async def run() -> None:
        asked, rung = list[News](), asyncio.Event()

        def ask(news: News) -> None:
            asked.append(news)
            rung.set()

        desk = Desk(ask)
        standing = start(ACTIONS)
        positions = {**standing.knobs, **standing.switches, **standing.choices}
        desk.take({"facts": {"name": "mvae", "osc_host": host, "osc_port": 7770}, "actions": actions_record(ACTIONS)})
        desk.take({"positions": positions, "published": {"/mvae/patch": ["Four corners"]}})
        door = Door(host, 0, token)
        server = TestServer(make_app(desk, door), host=here)
        await server.start_server()
        object.__setattr__(door, "port", server.port)
        async with ClientSession() as client:
            await body(Place(server, client, desk, asked, rung))
        await server.close()

    asyncio.run(run())


def test_a_path_is_answered_with_its_node_and_the_root_with_everything() -> None:
    async def body(place: Place) -> None:
        place.desk.take({"positions": {"density": 0.5}})
        status, node = await place.get("/mvae/knob/density")
        assert status == 200 and node["VALUE"] == [0.5] and node["RANGE"] == [{"MIN": -2.0, "MAX": 2.0}]
        status, root = await place.get("/")
        assert root["CONTENTS"]["mvae"]["CONTENTS"]["knob"]["CONTENTS"]["density"] == node
        assert (await place.get("/mvae/patch?VALUE"))[1] == {"VALUE": ["Four corners"]}

    at_a_place(body)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/mvae/play?VALUE", 204), ("/mvae/knob/no", 404), ("/favicon.ico", 404), ("/mvae/play?COLOUR", 400), ("/mvae/tempo?VALUE&TYPE", 400)],
)
def test_what_cannot_be_answered_says_why_by_its_status(path: str, status: int) -> None:
    async def body(place: Place) -> None:
        assert (await place.get(path))[0] == status

    at_a_place(body)


def test_the_host_says_where_it_was_found() -> None:
    async def body(place: Place) -> None:
        _, info = await place.get("/?HOST_INFO")
        assert (info["NAME"], info["OSC_IP"], info["OSC_PORT"]) == ("mvae", "127.0.0.1", 7770)
        assert (info["WS_IP"], info["WS_PORT"], info["EXTENSIONS"]["LISTEN"]) == ("127.0.0.1", place.server.port, True)

    at_a_place(body)
    at_a_place(body, host="0.0.0.0")


def test_who_listens_is_told_where_it_stands_and_then_what_moves_and_ignores_the_rest() -> None:
    async def body(place: Place) -> None:
        socket = await place.socket("/mvae/knob/density", "/mvae/part/drums/mute", "/mvae/quantise", "/mvae/xy", "/mvae/tempo/normalized")
        first = dict([await heard(socket) for _ in range(5)])
        assert first["/mvae/knob/density"] == (0.0,) and first["/mvae/part/drums/mute"] == (False,) and first["/mvae/xy"] == (0.0, 0.0)
        place.desk.take({"positions": {"density": 1.5, "mute drums": True, "x": 0.25, "tempo": 400.0, "feel": 2.0}})
        told = dict([await heard(socket) for _ in range(4)])
        assert told == {
            "/mvae/knob/density": (1.5,), "/mvae/part/drums/mute": (True,), "/mvae/xy": (0.25, 0.0), "/mvae/tempo/normalized": (1.0,),
        }  # fmt: skip
        await socket.send_str(json.dumps({"COMMAND": "IGNORE", "DATA": "/mvae/knob/density"}))
        await socket.send_bytes(message("/mvae/reseed"))
        await place.hears(lambda: place.asked)
        place.desk.take({"positions": {"density": 0.0, "quantise": "bar"}})
        assert await heard(socket) == ("/mvae/quantise", ("bar",))

    at_a_place(body)


def test_a_path_that_is_new_and_another_table_are_told_to_all_who_listen() -> None:
    async def body(place: Place) -> None:
        socket = await place.socket("/mvae/patch")
        assert await heard(socket) == ("/mvae/patch", ("Four corners",))
        place.desk.take({"published": {"/mvae/scene/name": ["verse"], "/mvae/patch": ["Trio"]}})
        said = [await heard(socket), await heard(socket)]
        assert {"COMMAND": "PATH_ADDED", "DATA": "/mvae/scene/name"} in said and ("/mvae/patch", ("Trio",)) in said
        place.desk.take({"actions": actions_record(Actions(table("AB", ("swing",), ("bass",))))})
        assert await heard(socket) == {"COMMAND": "PATH_CHANGED", "DATA": "/mvae"}
        assert (await place.get("/mvae/knob/swing"))[0] == 200 and (await place.get("/mvae/knob/density"))[0] == 404

    at_a_place(body)


def test_a_scene_that_is_stored_is_listed_and_told_to_all_who_listen() -> None:
    async def body(place: Place) -> None:
        place.desk.take({"published": {"/mvae/scene/names": ["verse"]}})
        socket = await place.socket("/mvae/patch")
        assert await heard(socket) == ("/mvae/patch", ("Four corners",))
        place.desk.take({"published": {"/mvae/scene/names": ["verse", "chorus"]}})
        assert await heard(socket) == {"COMMAND": "PATH_CHANGED", "DATA": "/mvae/scene"}
        assert (await place.get("/mvae/scene?RANGE"))[1] == {"RANGE": [{"VALS": ["verse", "chorus"]}]}

    at_a_place(body)


def test_osc_that_a_program_sends_turns_the_instrument_when_its_time_has_come() -> None:
    async def body(place: Place) -> None:
        socket = await place.socket()
        later_s = time.time() + 0.2
        await socket.send_bytes(bundle(timetag_of(later_s), message("/mvae/fill", 2)))
        await socket.send_bytes(message("/mvae/xy", 0.5, 0.75))
        await socket.send_bytes(message("/mvae/scene/verse"))
        await socket.send_bytes(message("/mvae/knob/density", 1.0, 2.0))
        await socket.send_bytes(message("/mvae/no/such/thing"))
        await socket.send_bytes(b"nonsense")
        await socket.send_str("nonsense")
        await place.hears(lambda: len(place.asked) == 4)
        turns = [(*asked["turn"][:2], asked["turn"][3]) for asked in place.asked]
        assert turns == [(name, value, "oscquery") for name, value in (("x", 0.5), ("y", 0.75), ("scene", "verse"), ("fill", 2))]
        assert time.time() >= later_s - 0.005

    at_a_place(body)


def test_only_so_many_messages_wait_for_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvae.live.oscquery_web.MOST_TIMED", 4, raising=False)

    async def body(place: Place) -> None:
        sockets = await place.socket(), await place.socket()
        soon = timetag_of(time.time() + 0.3)
        await sockets[0].send_bytes(bundle(soon, *(message("/mvae/fill", number) for number in range(1, 7))))
        await place.hears(lambda: len(place.asked) >= 4)
        await sockets[1].send_bytes(bundle(timetag_of(time.time() + 0.1), message("/mvae/fill", 7)))
        await place.hears(lambda: place.asked[-1]["turn"][1] == 7)
        assert [asked["turn"][1] for asked in place.asked] == [1, 2, 3, 4, 7]

    at_a_place(body)


def test_a_page_of_this_machine_may_read_and_one_of_another_place_may_not() -> None:
    async def body(place: Place) -> None:
        ours, others = ("http://localhost:8080", "http://127.0.0.1:3000"), ("https://evil.example", "null")
        for origin, may in (*((origin, True) for origin in ours), *((origin, False) for origin in others)):
            async with place.client.get(place.url("/mvae/tempo"), headers={"Origin": origin}) as answer:
                assert answer.headers.get("Access-Control-Allow-Origin") == (origin if may else None)

    at_a_place(body)


def test_no_page_of_another_origin_gets_a_socket_and_no_foreign_name_an_answer() -> None:
    async def body(place: Place) -> None:
        for origin in ("https://evil.example", "null", "http://localhost:1"):
            with pytest.raises(WSServerHandshakeError):
                await place.socket(at="/mvae", Origin=origin)
        async with place.client.get(place.url("/?HOST_INFO"), headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        own = await place.socket("/mvae/tempo", Origin=f"http://127.0.0.1:{place.server.port}")
        assert await heard(own) == ("/mvae/tempo", (120.0,))

    at_a_place(body)


def test_a_program_from_beyond_the_loopback_may_listen_and_turns_something_with_the_token_alone() -> None:
    async def body(place: Place) -> None:
        stranger = await place.socket("/mvae/tempo")
        assert await heard(stranger) == ("/mvae/tempo", (120.0,)) and (await place.get("/mvae/tempo"))[0] == 200
        await stranger.send_bytes(message("/mvae/tempo", 66.0))
        told = await stranger.receive(WAIT_S)
        assert (told.type, told.data, told.extra) == (WSMsgType.CLOSE, 1008, "the token is shown in the terminal")
        with pytest.raises(WSServerHandshakeError):
            await place.socket(at="/?token=abd")
        for at, headers in (("/?token=abc", {}), ("/", {"Authorization": "Bearer abc"})):
            known = await place.socket(at=at, **headers)
            await known.send_bytes(message("/mvae/tempo", 99.0))
            await place.hears(lambda: place.asked)
            assert [(asked["turn"][0], asked["turn"][1]) for asked in place.asked] == [("tempo", 99.0)]
            place.asked.clear()

    with private("10.9.0.1/24"):
        at_a_place(body, token="abc", host="0.0.0.0", here="10.9.0.1")


def test_beyond_the_loopback_a_browser_needs_the_token_and_a_program_of_this_machine_does_not() -> None:
    async def body(place: Place) -> None:
        origin = f"http://127.0.0.1:{place.server.port}"
        with pytest.raises(WSServerHandshakeError):
            await place.socket(at="/mvae", Origin=origin)
        for socket in (await place.socket("/mvae/tempo", at="/?token=abc", Origin=origin), await place.socket("/mvae/tempo")):
            assert await heard(socket) == ("/mvae/tempo", (120.0,))
            await socket.send_bytes(message("/mvae/tempo", 99.0))
            await place.hears(lambda: place.asked)
            place.asked.clear()

    at_a_place(body, token="abc", host="0.0.0.0")
