"""Sets the stage for `play`: everything the instrument needs is opened, connected, and closed again whatever happens.

Whatever is wrong is said here, before the first note, in one line. The player's process starts while the model loads.
"""

import argparse
import gc
import secrets
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from types import FrameType

from mvae.core.change import Change
from mvae.core.panel import Panel
from mvae.core.part import VIRTUAL
from mvae.core.patch import Patch
from mvae.core.patch_file import read_patch
from mvae.live.control_log import Take
from mvae.live.ears import Ears
from mvae.live.echoes import EchoFilter
from mvae.live.ensemble import Opened, open_band
from mvae.live.feedback import Feedback
from mvae.live.form import form
from mvae.live.guest import NAMES, Guest
from mvae.live.hands import Hands
from mvae.live.hearing import Hears, hearing
from mvae.live.hotplug import InputKeeper, OnState, PortState, PortWatch
from mvae.live.inlets import Inlets
from mvae.live.instrument import Instrument, make_panel
from mvae.live.keys import QUIT, Keys, bindings, changes
from mvae.live.midi_ports import OnMessage
from mvae.live.osc_ports import OscPorts, parse_bind
from mvae.live.outlets import Outlets, part_slots
from mvae.live.outward import outward
from mvae.live.patch_change import PatchChange, deaf
from mvae.live.patch_names import called, known_patches
from mvae.live.player_child import Timing
from mvae.live.player_link import PlayerLink
from mvae.live.prepared import patch_key
from mvae.live.punctual import preferred
from mvae.live.screen import Screen, ScreenState
from mvae.live.set_recorder import recording
from mvae.live.set_trail import follow
from mvae.live.surface_stage import open_surface
from mvae.live.view import view

ENDINGS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # those that the system has
SWITCH_S = 0.0005  # a thread that asks waits for the interpreter no longer than this; Python's usual 5 ms is half a decode's deadline


def play(chosen: argparse.Namespace) -> int:
    """The command `mvae-live play`."""
    with endings() as ending, stage(chosen) as instrument:
        ending.instrument = instrument
        instrument.run()
    return 0


@contextmanager
def stage(chosen: argparse.Namespace, in_terminal: bool = True) -> Iterator[Instrument]:
    """An instrument ready to run, and everything around it. UserError for whatever is not there.

    Out of the terminal it reads no keys and draws nothing; what it would have said there is its remark.
    """
    sys.setswitchinterval(SWITCH_S)
    with ExitStack() as stack:
        stack.enter_context(preferred())
        instrument = furnished(stack, chosen, in_terminal)
        gc.collect()
        gc.freeze()  # what is there now stays: a full collection looks at the rest only, microseconds instead of 13 ms in mid-bar
        stack.callback(gc.unfreeze)
        if starts_now(chosen, instrument.band.patch):
            instrument.panel.turn(Change("play", source="start"))
        yield instrument


def furnished(stack: ExitStack, chosen: argparse.Namespace, in_terminal: bool) -> Instrument:
    """The instrument with all that it does, its page and its screen. The models are held by it alone: another patch may come."""
    patch = read_patch(called(chosen.patch, known_patches()))
    seed = secrets.randbelow(2**31) if chosen.seed is None else chosen.seed
    tempo_bpm, bind = patch.start_tempo(chosen.tempo if chosen.sync == "internal" else None), parse_bind(chosen.osc)
    watch = stack.enter_context(PortWatch())
    player, opened = open_both(stack, patch, chosen, tempo_bpm)
    panel = make_panel(patch, opened.temperatures, tempo_bpm)
    take = Take(patch_key(patch.file), seed, tempo_bpm, opened.hashes)
    recorder = stack.enter_context(recording(chosen.record, patch, panel, take, {"sync": chosen.sync, "provider": opened.provider}))
    osc = stack.enter_context(OscPorts(panel, panel.actions, patch, *bind))
    osc.publish("/mvae/playing", 0)
    given = panel, opened.ensemble(seed), player, recorder, Feedback(osc, [part.name for part in patch.parts]), chosen.bars
    instrument = Instrument(*given) if chosen.sync == "internal" else Guest(chosen.sync, *given)
    panel.turn(Change("nudge", chosen.nudge, source="start"))  # a change, as the log has it with the first play
    instrument.nudge_ms = chosen.nudge
    instrument.patched.append(lambda ready, step: osc.become(panel.actions, ready.patch))
    hands, complaints = add_features(stack, chosen, instrument, opened, watch)
    fixed = ScreenState(patch=patch.name, provider=opened.provider, osc=f"{osc.address[0]}:{osc.address[1]}", message=f"seed {seed}")
    surface = stack.enter_context(open_surface(chosen, instrument, osc, fixed, watch, hands.state))
    told = list(filter(None, [player.remark, ignored(chosen), recorder.told, surface.told, *deaf(patch, bool(chosen.listen)), *complaints]))
    if in_terminal:
        stack.enter_context(Keys(on_keys(instrument, panel)))
        print("\n".join([*opened.reasons, *told]), flush=True)
        stack.enter_context(Screen(lambda: view(instrument, surface.on(fixed))))
    else:
        instrument.remark = "; ".join(told)
    return instrument


def add_features(
    stack: ExitStack, chosen: argparse.Namespace, instrument: Instrument, opened: Opened, watch: PortWatch
) -> tuple[Hands, Sequence[str]]:
    """All that it does besides playing, in the order in which it does it; what is not as it should be in the library, a line each."""
    formed = stack.enter_context(form(instrument, opened.hashes, count_in=chosen.count_in))
    follow(instrument)
    stack.enter_context(outward(instrument, chosen.notes_to))
    outlets = Outlets(instrument, watch, chosen.name)
    instrument.add(outlets)
    stack.callback(outlets.close)
    ears = Ears(chosen.listen_as, chosen.listen_latency, chosen.listen or "")
    inlet = stack.enter_context(hearing(instrument, formed.board, opened, ears, input_of(outlets, watch)))
    hands = Hands(instrument, chosen.controller, watch, outlets.note, chosen.takeover == "cross", formed.scenes.called)
    instrument.add(stack.enter_context(hands))
    instrument.add(stack.enter_context(Inlets(instrument, inlet, hands)))
    changes = PatchChange(instrument, formed.library, formed.check, lambda: bool(inlet.listeners), chosen.name, chosen.provider)
    instrument.add(stack.enter_context(changes))
    return hands, formed.complaints


def open_both(stack: ExitStack, patch: Patch, chosen: argparse.Namespace, tempo_bpm: float) -> tuple[PlayerLink, Opened]:
    """The player's process and the models, started side by side. Whatever fails, the player is closed."""
    with ThreadPoolExecutor(1) as pool:
        timing = Timing(chosen.sync, chosen.clock_port, chosen.nudge, chosen.count_in)
        starting = pool.submit(PlayerLink, chosen.port, chosen.name, tempo_bpm, timing, part_slots(patch, chosen.port, chosen.name))
        stack.callback(close_player, starting)
        opened = open_band(patch, chosen.provider)
        return starting.result(), opened


def ignored(chosen: argparse.Namespace) -> str:
    """What was asked for in vain, in a line; or nothing."""
    if chosen.sync != "internal" and chosen.tempo is not None:
        return f"--tempo {chosen.tempo:g} is ignored: the tempo is the {NAMES[chosen.sync]}'s"
    return ""


def close_player(starting: Future[PlayerLink]) -> None:
    """End a player that was started, or was about to be."""
    if starting.exception() is None:
        starting.result().close()


def input_of(outlets: Outlets, watch: PortWatch) -> Hears:
    """How an input is listened to, whenever it is there; what the instrument itself has played is not heard."""

    def hear(name: str, on_message: OnMessage, on_state: OnState, option: str) -> Callable[[], None]:
        def note(state: PortState) -> None:
            outlets.note(state)
            on_state(state)

        heard = EchoFilter(on_message, outlets.player.struck)
        return InputKeeper(watch, name, heard, note, own=lambda: outlets.player.own, option=option).close

    return hear


def on_keys(instrument: Instrument, panel: Panel) -> Callable[[str], None]:
    """What typing does, with the patch that plays."""

    def typed(text: str) -> None:
        if QUIT in text:
            instrument.end()
        panel.turn(*changes(text, bindings(panel.actions, instrument.band.patch), instrument.playing, instrument.now_s()))

    return typed


def starts_now(chosen: argparse.Namespace, patch: Patch) -> bool:
    """Nothing sounds into a PA by itself: with a port named, or another's clock, it waits for play unless it is told otherwise."""
    named = chosen.port or any(part.port not in (None, VIRTUAL) for part in patch.parts)
    wish = chosen.start or ("armed" if named or chosen.sync != "internal" else patch.start)
    return bool(wish == "now")


class Endings:
    """What signals do that end a program: they end the set, or leave the program while the stage is being set, with all closed again."""

    def __init__(self) -> None:
        self.instrument: Instrument | None = None
        self._asked = False

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        first, self._asked = not self._asked, True
        if self.instrument is not None:
            self.instrument.end()
        elif first:
            raise SystemExit(0)


@contextmanager
def endings() -> Iterator[Endings]:
    """Signals that end a program: notes off, the recording closed, exit code 0."""
    ending = Endings()
    signals = [getattr(signal, name) for name in ENDINGS if hasattr(signal, name)]
    before = {number: signal.signal(number, ending) for number in signals}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
