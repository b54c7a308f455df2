"""`mvae-live bench --pages N`: the promises under the load of a stage. Pages are open, OSC comes in at thousands of messages a second.

First the knobs of the music are a hand's and the flood leaves them alone, so that an oracle can judge; then the flood moves them at 50 Hz,
so that decodes never stop, beside a spinner and a bare sender. Knows how to measure; what is made of it lies in `load_table`.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from mvae.core.phrase import STEPS_PER_BAR
from mvae.live import chromium
from mvae.live.bench import tell
from mvae.live.flood import Flood, flooding
from mvae.live.load_table import Loaded, Stage, load_record, load_table
from mvae.live.machine import describe
from mvae.live.memory import Memory, own
from mvae.live.moves import Hand, a_hand, judge, moved
from mvae.live.osc_codec import message
from mvae.live.rig import Rig, free_port, rig
from mvae.live.sending import counted, counts, port_of, stretch
from mvae.live.surface_news import line_of, news_of
from mvae.live.surface_portrait import Portrait
from mvae.live.sync_bench import closes, ear
from mvae.live.take import log_path
from mvae.live.watchers import Seen, Watchers, watching

IN_STEP_S: Final = 20.0  # a page that is not in step so long after the flood never will be
ASKED: Final = 20  # how often the instrument is asked for an answer
ASK_EVERY_S, ANSWER_S = 0.05, 2.0
LOOK_S: Final = 0.05
QUESTION: Final = message("/mvae/subscribe"), message("/mvae/unsubscribe")
DRAIN_S: Final = 0.3  # after a flood all that it sent has been read
BOUNCE_S: Final = 1800.0
NOT_ALIKE: Final = "from there it may differ"  # what bounce says of a take with a stall or a death in it


def bench_load(chosen: argparse.Namespace) -> int:
    """The command `mvae-live bench --pages N`."""
    real = not chosen.page_clients and chromium.find() is not None
    on_stage = Stage("chromium" if real else "client", chosen.pages, chosen.osc_rate, chosen.seconds, chosen.moves)
    machine = describe()
    with TemporaryDirectory(prefix="mvae-bench-") as folder:
        found = measure_load(chosen.patch, Path(folder), on_stage)
    record = load_record(machine, chosen.patch, on_stage, found)
    print(json.dumps(record, indent=1) if chosen.json else load_table(record))
    return 0


def measure_load(patch: str, folder: Path, on_stage: Stage) -> Loaded:
    """The moves under a flood, then a flood that moves the knobs itself, pages open all the while. UserError for what stage refuses."""
    found = Loaded(Memory(os.getpid(), on_stage.seconds))
    osc_port, page_port = free_port(), free_port(socket.SOCK_STREAM)
    with ExitStack() as until_heard, a_hand(patch, osc_port, on_stage.moves) as hand:
        with rig(patch, folder, osc_port, hand.controllers, words=["--surface-port", str(page_port)]) as playing:
            playing.wait_until_it_sounds()
            player = playing.instrument.player
            found.port, found.bundle = port_of(playing), ", ".join(dict.fromkeys(playing.instrument.band.patch.bundles))
            hearing = until_heard.enter_context(ear(player.port)) if player.port else None
            tell(f"{on_stage.pages} pages: {on_stage.kind}")
            with watching(on_stage.kind, on_stage.pages, f"http://127.0.0.1:{page_port}/") as watchers:
                before, found.by = own(os.getpid()), watchers.by
                made, played = under_load(playing, patch, on_stage, hand, watchers, found)
                found.died = len(set(before) - set(own(os.getpid())))
        found.hanging = len(left_sounding(closes(hearing)) if hearing else playing.witness.sounding)
        found.heard = "at the port" if hearing else "from the player"
    tell("judging: an oracle, and a bounce of the take")
    found.moves, _ = judge(playing, made, folder, played, None)
    found.alike = bounces_alike(folder)
    return found


def under_load(playing: Rig, patch: str, on_stage: Stage, hand: Hand, watchers: Watchers, found: Loaded) -> tuple[Any, Any]:
    """The two floods, and then all in step. Gives what the hand did, and what was played then."""
    found.first_step = step_now(playing) + STEPS_PER_BAR
    tell(f"knob to note: {on_stage.moves} moves in {on_stage.osc_rate} OSC messages a second")
    with flood(patch, playing, on_stage.osc_rate, found, "--still"):
        made, played = moved(hand, playing)
        found.own += sum(move.way == "osc" for move in made)
    tell(f"sending: {on_stage.seconds:g} s in {on_stage.osc_rate} OSC messages a second that move the knobs")
    with flood(patch, playing, on_stage.osc_rate, found):
        with counted(playing, found.load):
            stretch(playing, on_stage.seconds, found.late, found.memory)
        found.answers_ms = [answer_ms(playing) for _ in range(ASKED)]
        found.own += len(QUESTION) * ASKED
    found.last_step = step_now(playing) - STEPS_PER_BAR
    found.played = set(playing.witness.played)
    wait_in_step(playing, watchers, found)
    return made, played


@contextmanager
def flood(patch: str, playing: Rig, rate: int, found: Loaded, *options: str) -> Iterator[None]:
    """A flood of all that may come on a stage, and how much of it was read."""
    before = counts(playing).received
    with flooding(patch, playing.osc_port, rate, "--mixed", *options) as poured:
        yield
    playing.pause(DRAIN_S)
    found.floods.append(Flood(poured.sent, poured.seconds))
    found.received += counts(playing).received - before
    found.coalesced, found.refused, found.unknown = counts(playing).coalesced, counts(playing).refused, counts(playing).unknown
    found.malformed = counts(playing).malformed


def step_now(playing: Rig) -> int:
    """The last step that something was struck at."""
    return max((step for _, _, step in playing.witness.played), default=0)


def answer_ms(playing: Rig) -> float | None:
    """How long somebody who subscribes over OSC waits for the first word; None where none comes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(ANSWER_S)
        asking.connect(("127.0.0.1", playing.osc_port))
        begin_s = time.monotonic()
        try:
            asking.send(QUESTION[0])
            asking.recv(1)
            took_s = time.monotonic() - begin_s
            asking.send(QUESTION[1])
        except OSError:
            return None
    playing.pause(ASK_EVERY_S)
    return took_s * 1000


def wait_in_step(playing: Rig, watchers: Watchers, found: Loaded) -> None:
    """Until every page knows what the instrument knows, or never will."""
    begin_s, portrait = time.monotonic(), Portrait(playing.instrument)
    while True:
        before = truth(portrait)
        found.pages = watchers.reports()
        found.in_step_s = time.monotonic() - begin_s
        found.in_step = [in_step(page, before) for page in found.pages]
        still = truth(portrait) == before  # else something was new meanwhile
        if (all(found.in_step) and still) or found.in_step_s > IN_STEP_S:
            return
        playing.pause(LOOK_S)


def truth(portrait: Portrait) -> dict[str, Any]:
    """Where everything stands and what is planned, as JSON has it."""
    portrait.forget()
    known = news_of(line_of(portrait.look(time.monotonic())))
    return {section: known[section] for section in ("positions", "phrases")}


def in_step(page: Seen, known: dict[str, Any]) -> bool:
    """Whether a page knows where everything stands, and what is planned. Bars that are past it may know as well."""
    return page.positions == known["positions"] and all(
        unit in page.phrases.get(part, {}).get("units", ()) for part, told in known["phrases"].items() for unit in told["units"]
    )


def left_sounding(heard: Sequence[tuple[float, str]]) -> set[tuple[int, int]]:
    """(channel, pitch) of the notes that were begun and not ended."""
    sounding = set[tuple[int, int]]()
    for _, text in heard:
        kind, channel, data = text[0], int(text[1], 16), bytes.fromhex(text[2:])
        if kind == "9" and data[1]:
            sounding.add((channel, data[0]))
        elif kind in "89":
            sounding.discard((channel, data[0]))
    return sounding


def bounces_alike(folder: Path) -> bool | None:
    """Whether the take comes out again byte for byte; None where the log says that it cannot."""
    take, again = folder / "take.mid", folder / "again.mid"
    command = [sys.executable, "-P", "-m", "mvae.live.main", "bounce", "--controls", str(log_path(take)), "--out", str(again)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BOUNCE_S, check=False)
    if NOT_ALIKE in done.stdout:
        return None
    return done.returncode == 0 and take.read_bytes() == again.read_bytes()
