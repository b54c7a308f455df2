"""The terminal screen: a frozen state drawn as text. `render` is pure; `Screen` looks at the state some fifteen times a second.

Drawn only when something shown has changed. Without a terminal it is one plain line a bar. Knows nothing of where the state comes from.
"""

import io
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.text import Text

from mvae.core.drums import CLASSES
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT
from mvae.live.keys import HELP

FRAME_S = 1 / 15
BAR_WIDTH = 12  # characters of a knob's bar
NAME_WIDTH = 12
SOFT, LOUD = 50, 96  # MIDI velocities from which a hit is drawn medium and loud
HITS = "·▪■█"  # none, soft, medium, loud
QUIET = "dim"
CLEAR, TO_THE_END, BELOW = "\x1b[2J\x1b[H", "\x1b[K", "\x1b[J"  # erase all, the rest of the line, what is below


@dataclass(frozen=True, slots=True)
class KnobView:
    """A knob as it stands: its value in its unit, and its travel 0..1."""

    name: str
    value: float
    travel: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ScreenState:
    """What the screen shows. `hits` has a row for each of `names`, MIDI velocities of each step, 0 for none; `step` is the playhead."""

    patch: str = ""
    tempo_bpm: float = 120.0
    playing: bool = False
    bar: int = 1  # as musicians count, from 1
    beat: int = 1
    step: int = 0  # of the phrase shown
    names: tuple[str, ...] = CLASSES
    hits: tuple[tuple[int, ...], ...] = ()
    muted: tuple[str, ...] = ()
    knobs: tuple[KnobView, ...] = ()
    decode_ms: float = 0.0
    decode_p50_ms: float = 0.0
    late_phrases: int = 0
    worst_lateness_ms: float = 0.0
    port: str = ""
    provider: str = ""
    osc: str = ""
    page: str = ""  # where a browser finds the page
    pages: int = 0  # that are open
    sync: str = ""  # with whom, and how well
    anchors: tuple[str, ...] = ()  # slot and name
    scene: str = ""
    message: str = ""


def render(state: ScreenState, width: int) -> Text:
    """The screen as lines of at most `width` characters."""
    lines = [heading(state), *grid(state, width), *knobs(state, width), *form(state), measures(state), places(state)]
    if state.message:
        lines.append(Text(state.message, style="bold yellow"))
    lines.append(Text(HELP, style=QUIET))
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Text("\n", no_wrap=True).join(lines)


def heading(state: ScreenState) -> Text:
    """Patch, transport, tempo, where we are and what is muted."""
    text = Text.assemble((state.patch, "bold"), "  ", ("▶ playing" if state.playing else "■ stopped", "green" if state.playing else "red"))
    text.append(f"  {state.tempo_bpm:.1f} BPM  bar {state.bar} beat {state.beat}")
    if state.muted:
        text.append(f"  {', '.join(state.muted)} muted", style="red")
    return text


def grid(state: ScreenState, width: int) -> list[Text]:
    """The hits, a row for each class, high drums above; only the playhead's bar where all of it is too wide."""
    steps = len(state.hits[0]) if state.hits else 0
    first, last = 0, steps
    if NAME_WIDTH + steps + steps // STEPS_PER_BEAT > width:
        first = state.step // STEPS_PER_BAR * STEPS_PER_BAR
        last = min(first + STEPS_PER_BAR, steps)
    rows = zip(state.names, state.hits, strict=False)
    return [row(name, velocities, first, last, state) for name, velocities in reversed(list(rows))]


def row(name: str, velocities: tuple[int, ...], first: int, last: int, state: ScreenState) -> Text:
    """One class or part: a gap before each beat, the playhead in reverse."""
    text = Text(f"{name.replace('_', ' '):<{NAME_WIDTH - 1}}", style=QUIET if not any(velocities) else "")
    for step in range(first, last):
        if step % STEPS_PER_BEAT == 0:
            text.append("│" if step % STEPS_PER_BAR == 0 and step > first else " ", style=QUIET)
        here = state.playing and step == state.step
        text.append(hit(velocities[step]), style="reverse" if here else "" if velocities[step] else QUIET)
    return text


def hit(velocity: int) -> str:
    """A hit as a block that grows with its velocity."""
    return HITS[0 if velocity == 0 else 1 + (velocity >= SOFT) + (velocity >= LOUD)]


def knobs(state: ScreenState, width: int) -> list[Text]:
    """The knobs as bars, as many beside each other as fit."""
    cells = [knob(view) for view in state.knobs]
    across = max(1, width // (max((cell.cell_len for cell in cells), default=width) + 2))
    lines = [cells[start : start + across] for start in range(0, len(cells), across)]
    return [Text("  ").join(line) for line in lines]


def knob(view: KnobView) -> Text:
    """One knob: name, bar, value."""
    full = round(min(max(view.travel, 0.0), 1.0) * BAR_WIDTH)
    text = Text(f"{view.name[: NAME_WIDTH - 1]:<{NAME_WIDTH - 1}} ")
    text.append("━" * full, style="cyan").append("─" * (BAR_WIDTH - full), style=QUIET)
    return text.append(f" {view.value:7.2f} {view.unit:<3}")


def form(state: ScreenState) -> list[Text]:
    """What lies in the anchors' slots, and the scene; no line where there is nothing to say."""
    text = Text("  ").join([Text.assemble((anchor[:1], "bold"), anchor[1:]) for anchor in state.anchors])
    if state.scene:
        text.append(f"{'  ' if state.anchors else ''}scene {state.scene}", style="magenta")
    return [text] if text.plain else []


def measures(state: ScreenState) -> Text:
    """How the machine keeps up."""
    text = Text(f"decode {state.decode_ms:.1f} ms (median {state.decode_p50_ms:.1f})  ")
    text.append(f"late phrases {state.late_phrases}", style="bold red" if state.late_phrases else "")
    return text.append(f"  worst send {state.worst_lateness_ms:.2f} ms late")


def places(state: ScreenState) -> Text:
    """Where the music goes and where it is steered from."""
    page = f"{state.page} ({state.pages} open)" if state.pages else state.page
    parts = ((" MIDI ", state.port), (" sync ", state.sync), (" OSC ", state.osc), (" on ", state.provider), (" page ", page))
    return Text("".join(f"{label}{value} " for label, value in parts if value).strip(), style=QUIET)


def plain(state: ScreenState) -> str:
    """A bar in one line, for a log."""
    late = f"  {state.late_phrases} late" if state.late_phrases else ""
    said = f"  {state.message}" if state.message else ""
    return f"bar {state.bar}  {state.tempo_bpm:.1f} BPM  decode {state.decode_ms:.1f} ms{late}{said}"


class Screen:
    """Draws `look()` until `close`, on a thread of its own. Use as a context manager; `look` is called on that thread."""

    def __init__(self, look: Callable[[], ScreenState], out: TextIO | None = None) -> None:
        self._look = look
        file = out or sys.stdout
        if isinstance(file, io.TextIOWrapper):
            file.reconfigure(errors="replace")  # a terminal without these characters shows others
        self._console = Console(file=file, highlight=False)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._draw if self._console.is_terminal else self._print, name="screen", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Draw a last time and stop."""
        self._over.set()
        self._thread.join()

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _draw(self) -> None:
        shown: ScreenState | None = None
        width, drawn, over = self._console.width, 0, False
        while not over:
            over = self._over.wait(FRAME_S)
            state = self._look()
            if self._console.width != width:
                width, drawn, shown = self._console.width, 0, None
                self._write(CLEAR)
            if state != shown:
                shown = state
                with self._console.capture() as frame:
                    self._console.print(render(state, width), overflow="crop", no_wrap=True)
                lines = frame.get().splitlines()[: self._console.height - 1]
                self._write((f"\x1b[{drawn}A" if drawn else "") + "".join(f"{line}{TO_THE_END}\n" for line in lines) + BELOW)
                drawn = len(lines)

    def _print(self) -> None:
        bar = 0
        while not self._over.wait(FRAME_S):
            state = self._look()
            if state.playing and state.bar != bar:
                bar = state.bar
                self._write(plain(state) + "\n")

    def _write(self, text: str) -> None:
        """All at once, so that nothing flickers. Nobody reading any more ends the screen, not the music."""
        file = self._console.file
        try:
            file.write(text)
            file.flush()
        except BrokenPipeError:
            self._over.set()
            with open(os.devnull, "w") as nowhere:  # for what is still to be flushed
                os.dup2(nowhere.fileno(), file.fileno())
