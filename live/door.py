"""The Python door to a playing instrument: the real stage in a thread, without screen or keys, for a REPL, a notebook or a script.

    i = Instrument("four_corners", seed=1)      # silent until it is told to play
    i.play()
    i.knob.density = 1
    i.morph("A", "B", 0.3)

What it takes and does is what the command `mvae-live` takes and the table of actions has. It ends with `close`, at the end of a `with`
block, when nothing refers to it any more, and when Python ends. An instrument opened under the name of another one closes that one first,
so that a notebook's cell can be run again.
"""

import argparse
import keyword
import math
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from concurrent.futures import Future

from mvae.core.action_table import PATCH_LOAD
from mvae.core.change import Value
from mvae.core.errors import Parser, UserError
from mvae.core.names import match, unknown
from mvae.core.panel import Panel
from mvae.core.patch import DEFAULT_PATCH
from mvae.core.phrase import BEATS_PER_BAR, TICKS_PER_BEAT
from mvae.live.door_answers import Answers
from mvae.live.instrument import Instrument as Playing
from mvae.live.main import add_play
from mvae.live.names_door import Names, Trigger, nothing_called, triggers, turn_panel
from mvae.live.patch_change import PatchChange
from mvae.live.prepared import patch_key
from mvae.live.stage import stage

CORNERS = {"A": (0.0, 0.0), "B": (1.0, 0.0), "C": (0.0, 1.0), "D": (1.0, 1.0)}  # (x, y) on the pad
ENDS = {"A": 0.0, "B": 1.0}  # of a morph
START_S = 2.0  # in this time what was told to play has begun, where the clock is its own
LOOK_S = 0.005

open_by_name: "weakref.WeakValueDictionary[str, Instrument]" = weakref.WeakValueDictionary()


class Run:
    """A stage that is set, played and cleared by a thread of its own."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        """Raises what setting the stage raises."""
        self._set: Future[Playing] = Future()
        self.answers: Answers
        self.fault: BaseException | None = None
        self.thread = threading.Thread(target=self._run, args=(chosen,), name="instrument", daemon=True)
        self.thread.start()
        self.playing = self._set.result()

    def _run(self, chosen: argparse.Namespace) -> None:
        switching_s = sys.getswitchinterval()
        try:
            with stage(chosen, in_terminal=False) as playing:
                self.answers = Answers(playing)
                self._set.set_result(playing)
                playing.run()
        except BaseException as fault:
            if not self._set.done():
                self._set.set_exception(fault)
            else:
                self.fault = fault
        finally:
            sys.setswitchinterval(switching_s)

    def end(self) -> None:
        """Silence, and everything closed when it returns."""
        self.playing.end()
        self.playing.panel.changed.set()
        self.thread.join()


class Instrument:
    """A playing instrument. Besides what is written here it has an attribute for every trigger and group of switches: see `dir(i)`.

    `knob`, `choice` and the switches (`mute`, `solo`, ...) are read and set: `i.knob.density = 1`; triggers are called: `i.fill(2)`.
    """

    osc: str
    knob: Names
    choice: Names
    _run: Run
    _playing: Playing
    _panel: Panel
    _closing: "weakref.finalize[[], Instrument]"

    def __init__(self, patch: str = DEFAULT_PATCH, port: str | None = None, seed: int | None = None, **options: object) -> None:
        """`options` are those of the command, such as tempo=100, record="take.mid", start="now", sync="link". UserError as the command."""
        chosen = read_options({"start": "armed", **options, "patch": patch, "port": port, "seed": seed})
        former = open_by_name.get(chosen.name)
        if former is not None:
            former.close()
        run = Run(chosen)
        self.__dict__.update(
            osc=chosen.osc, knob=Names(run.playing.panel, "knob"), choice=Names(run.playing.panel, "choice"),
            _run=run, _playing=run.playing, _panel=run.playing.panel, _closing=weakref.finalize(self, run.end),
        )  # fmt: skip
        open_by_name[chosen.name] = self

    def __enter__(self) -> "Instrument":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Notes off, the recording closed, threads and the player's process ended. Raises what ended the instrument, if anything did."""
        self._closing()
        if self._run.fault is not None:
            raise self._run.fault

    @property
    def closed(self) -> bool:
        """Whether it is over: closed, or at the end of its bars."""
        return not self._run.thread.is_alive()

    @property
    def playing(self) -> bool:
        """Whether the music runs."""
        return not self.closed and self._playing.player.status().playing

    @property
    def patch(self) -> str:
        """What it plays: the name of a patch that comes with mvae, or a file."""
        return patch_key(self._playing.band.patch.file)

    def load_patch(self, patch: str) -> None:
        """Another patch, from the next line on while something plays; returns when it is there. UserError if it does not open."""
        self._alive()
        changes = next(feature for feature in self._playing.features if isinstance(feature, PatchChange))
        before, pause = changes.heard, threading.Event()
        turn_panel(self._panel, (PATCH_LOAD, patch))
        while (changes.heard == before or changes.busy) and not self.closed:
            pause.wait(LOOK_S)
        self._alive()
        if changes.refused:
            raise UserError(changes.refused)

    @property
    def seed(self) -> int:
        """Of the chance it began with."""
        return self._playing.band.seed

    @property
    def beat(self) -> float:
        """Where the song is, in beats from its first bar; below 0 before it."""
        return self._playing.player.status().tick_at(time.monotonic()) / TICKS_PER_BEAT

    def do(self, text: str) -> None:
        """What a button of a patch can do, in its words: "fill 2", "mute drums 1", "stop bar". UserError for what is not there."""
        self._alive()
        action, value = self._panel.actions.parse(text)
        self._turn((action.name, value))

    def set(self, values: Mapping[str, Value]) -> None:
        """Several actions at once, before anything is decoded: `i.set({"density": 1, "mute drums": True})`."""
        self._alive()
        self._turn(*((self._panel.actions.find(name).name, value) for name, value in values.items()))

    def go_on(self) -> None:
        """Play from where it stopped: the action `continue`, a word that Python keeps for itself."""
        self.do("continue")

    def morph(self, a: str, b: str, amount: float) -> None:
        """Stand between two anchors' slots, 0 at `a`, 1 at `b`: with four anchors on the straight way across the pad."""
        self._alive()
        amount = min(max(float(amount), 0.0), 1.0)
        if "morph" in self._panel.actions:
            start, end = self._slot(a, ENDS), self._slot(b, ENDS)
            turn_panel(self._panel, ("morph", ENDS[start] + amount * (ENDS[end] - ENDS[start])))
            return
        start, end = self._slot(a, CORNERS), self._slot(b, CORNERS)
        (left, top), (right, bottom) = CORNERS[start], CORNERS[end]
        turn_panel(self._panel, ("x", left + amount * (right - left)), ("y", top + amount * (bottom - top)))

    def _turn(self, *changes: tuple[str, Value]) -> None:
        """Do several things at once; what was done returns, what was refused is raised."""
        self._run.answers.forget()
        turn_panel(self._panel, *changes)
        self._run.answers.settle()

    def _slot(self, name: str, slots: Mapping[str, object]) -> str:
        found = match(name, slots)
        if found is None:
            raise UserError(unknown("slot", name, tuple(slots)))
        return found

    def wait(self, bars: float) -> None:
        """Return when so many more bars have been played. UserError when nothing plays."""
        self._wait_until_it_plays()
        until = max(self.beat, 0.0) + bars * BEATS_PER_BAR
        pause = threading.Event()
        while self.playing and self.beat < until:
            pause.wait(LOOK_S)

    def _wait_until_it_plays(self) -> None:
        """What was told to play needs a moment, and with another's clock until its next bar."""
        pause, end_s = threading.Event(), time.monotonic() + START_S
        while not self.playing:
            if self.closed or time.monotonic() > end_s:
                raise UserError("nothing plays: call play() first")
            pause.wait(LOOK_S)

    def _alive(self) -> None:
        if self.closed:
            raise UserError("this instrument is closed: make another") from self._run.fault

    def _words(self) -> list[str]:
        """The first words of triggers and switches."""
        found = (action.name.partition(" ")[0] for action in self._panel.actions.values() if action.kind in ("trigger", "switch"))
        return [word for word in dict.fromkeys(found) if not keyword.iskeyword(word)]

    def __getattr__(self, name: str) -> "Names | Trigger":
        if name.startswith("_") or name not in self._words():
            nothing_called(name, dir(self))
        self._alive()
        return Trigger(self._panel, name, self._turn) if triggers(self._panel.actions, name) else Names(self._panel, "switch", f"{name} ")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} cannot be set: knobs are set as i.knob.density = 1, choices as i.choice.quantise = 'bar'")

    def __dir__(self) -> list[str]:
        own = [name for name in (*self.__dict__, *type(self).__dict__) if not name.startswith("_")]
        return sorted({*own, *self._words()})

    def __repr__(self) -> str:
        if self.closed:
            return f"<Instrument {self.patch}: closed>"
        state = f"bar {math.floor(self.beat / BEATS_PER_BAR) + 1}" if self.playing else "armed"
        port, remark = self._playing.player.port, self._playing.remark
        facts = [state, f"{self.knob['tempo']:g} BPM", f"port {port or 'none'}", f"OSC {self.osc}", f"seed {self.seed}", remark]
        return f"<Instrument {self.patch}: {', '.join(filter(None, facts))}>"


def read_options(options: Mapping[str, object]) -> argparse.Namespace:
    """Options by their names as the command reads them. UserError in one line for an unknown one or a wrong value."""
    parser = Parser(prog="mvae-live", add_help=False)
    add_play(parser)
    known = tuple(vars(parser.parse_args([])))
    words = list[str]()
    for given, value in options.items():
        name = match(given, known)
        if name is None:
            raise UserError(unknown("option", given, known))
        option = f"--{name.replace('_', '-')}"
        for each in value if isinstance(value, (list, tuple)) else [value]:
            words += [] if each is None or each is False else [option] if each is True else [f"{option}={each}"]
    return parser.parse_args(words)
