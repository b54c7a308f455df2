"""What the terminal shows of the surface and of what a page shows; and the ports as the watch sees them."""

from types import SimpleNamespace

from mvae.live.hotplug import There
from mvae.live.midi_ports import Port
from mvae.live.screen import ScreenState
from mvae.live.subscribers import Values
from mvae.live.surface_door import Door
from mvae.live.surface_stage import Ports, Surface, sounds
from tests.live.hall import BEAT_S, Hall

FIXED = ScreenState(patch="Toy", message="seed 3")
STATE: dict[str, Values] = {
    "/mvae/anchor/B": ("funk",), "/mvae/anchor/A": ("my groove",), "/mvae/scene/playing": ("verse",), "/mvae/scene/waiting": ("chorus",),
    "/mvae/sync": ("locked", 2), "/mvae/scene/list": ("verse", "chorus"), "/mvae/patch/list": ("band", "trio"),
    "/mvae/patch/waiting": ("trio",), "/mvae/controller/list": ("nano",), "/mvae/listen/input": ("keys", 1),
}  # fmt: skip


def link(door: Door, remark: str = "", pages: int = 0) -> SimpleNamespace:
    return SimpleNamespace(door=door, address=door.address, remark=remark, pages=pages)


def test_the_terminal_has_the_same_state_as_a_page() -> None:
    shown = Surface(lambda: STATE).on(FIXED)
    assert shown.anchors == ("A my groove", "B funk") and shown.sync == "locked 2" and shown.controllers == ("nano",)
    assert shown.listens == "keys"
    assert (shown.scenes, shown.scene, shown.next_scene) == (("verse", "chorus"), "verse", "chorus")
    assert (shown.patches, shown.next_patch) == (("band", "trio"), "trio")
    assert (shown.patch, shown.message, shown.page) == ("Toy", "seed 3", "")


def test_with_nothing_published_there_is_nothing_to_show() -> None:
    assert Surface(dict).on(FIXED) == FIXED


def test_a_surface_that_died_is_told_before_the_seed() -> None:
    surface = Surface(dict, link(Door("127.0.0.1", 7771), "the page's process died and was replaced", 3))  # type: ignore[arg-type]
    shown = surface.on(FIXED)
    assert shown.message == "the page's process died and was replaced; seed 3"
    assert (shown.page, shown.pages) == ("http://127.0.0.1:7771", 3)


def test_only_an_address_with_a_token_is_said_at_once() -> None:
    local, beyond = Door("127.0.0.1", 7771), Door("192.168.0.5", 7771, "abc")
    assert [Surface(dict, link(door)).told for door in (local, beyond)] == ["", "page: http://192.168.0.5:7771/?token=abc"]  # type: ignore[arg-type]
    assert Surface(dict).told == ""


def test_the_ports_are_those_that_the_watch_saw_last_and_no_output_of_our_own_is_an_input() -> None:
    ports = Ports(lambda: ("mvae:mvae",))
    assert ports.names == {"outputs": [], "inputs": []}
    ports.look(There((Port("JACK", "desk"), Port("JACK", "mvae:mvae")), (Port("JACK", "synth"), Port("ALSA", "drums"))))
    assert ports.names == {"outputs": ["synth", "drums"], "inputs": ["desk"]}


def test_the_music_sounds_from_its_first_line_on() -> None:
    with Hall() as hall:
        assert not sounds(hall.instrument)
        hall.play(0.01)
        assert sounds(hall.instrument)
        hall.run(BEAT_S)
        hall.do("stop")
        hall.run(0.1)
        assert not sounds(hall.instrument)
