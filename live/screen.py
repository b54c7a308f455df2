"""The terminal screen: a frozen state drawn as text. `render` is pure; `Screen` looks at the state some fifteen times a second.

Drawn only when something shown has changed. Where not all has room the knobs give way, and rows in which nothing sounds. Without a
terminal it is one plain line a bar. Knows nothing of where the state comes from.
"""

import io
import os
import sys
import textwrap
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from mvae.core.drums import CLASSES
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT
from mvae.live.keys import HELP

FRAME_S = 1 / 15
BAR_WIDTH = 12  # characters of a knob's bar
NAME_WIDTH = 12  # at least, of knobs
TALL = 1 << 16  # lines: all that there is
MESSAGE_LINES = 3  # at most
SOFT, LOUD = 50, 96  # MIDI velocities from which a hit is drawn medium and loud
HITS = "·▪■█"  # none, soft, medium, loud
QUIET = "dim"
TIGHT = 0.5  # below it there is little headroom
CLEAR, TO_THE_END, BELOW = "\x1b[2J\x1b[H", "\x1b[K", "\x1b[J"  # erase all, the rest of the line, what is below


@dataclass(frozen=True, slots=True)
class KnobView:
    """A knob as it stands: its value in its unit, and its travel 0..1."""

    name: str
    value: float
    travel: float
    unit: str = ""
    whole: bool = False


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
    headroom: float = 1.0  # the share of the time left that a decode leaves free
    late_notes: int = 0
    dropped_notes: int = 0
    late_phrases: int = 0
    worst_lateness_ms: float = 0.0
    port: str = ""
    provider: str = ""
    osc: str = ""
    page: str = ""  # where a browser finds the page
    pages: int = 0  # that are open
    sync: str = ""  # with whom, and how well
    anchors: tuple[str, ...] = ()  # slot and name
    scenes: tuple[str, ...] = ()  # that can be recalled
    scene: str = ""  # that plays
    next_scene: str = ""  # that waits for its line
    patches: tuple[str, ...] = ()  # that can be loaded
    patch_file: str = ""  # the name of the one that plays
    next_patch: str = ""  # that is being opened or waits for its line
    standing: tuple[str, ...] = ()  # how choices and switches stand
    controllers: tuple[str, ...] = ()
    listens: str = ""  # the input that is listened to
    message: str = ""


def render(state: ScreenState, width: int, height: int = TALL) -> Text:
    """The screen as at most `height` lines of at most `width` characters."""
    below = [*form(state, width), measures(state), places(state), *said(state, width)]
    rows, turned = grid(state, width), knobs(state, width)
    room = height - 1 - len(below)
    if len(rows) > room:
        rows = grid(in_use(state), width)
    turned = fitting(turned, max(0, room - len(rows)))
    lines = [heading(state), *rows, *turned, *below]
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Text("\n", no_wrap=True).join(lines[:height])


def fitting(lines: list[Text], room: int) -> list[Text]:
    """As many of the lines as there is room for, the last of which says how many more there are."""
    if len(lines) <= room:
        return lines
    more = Text(f"… {len(lines) - room + 1} more lines of knobs: make the terminal taller", style=QUIET)
    return [*lines[: room - 1], more][:room]


def heading(state: ScreenState) -> Text:
    """Patch, transport, tempo, where we are and what is muted."""
    text = Text.assemble((state.patch, "bold"), "  ", ("▶ playing" if state.playing else "■ stopped", "green" if state.playing else "red"))
    text.append(f"  {state.tempo_bpm:.1f} BPM  bar {state.bar} beat {state.beat}")
    if state.muted:
        text.append(f"  {', '.join(state.muted)} muted", style="red")
    if state.standing:
        text.append(f"  {'  '.join(state.standing)}", style="magenta")
    return text


def in_use(state: ScreenState) -> ScreenState:
    """The state without the rows in which nothing sounds."""
    rows = [(name, hits) for name, hits in zip(state.names, state.hits, strict=False) if any(hits)]
    return replace(state, names=tuple(name for name, _ in rows), hits=tuple(hits for _, hits in rows))


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
    wide = max([NAME_WIDTH, *(len(view.name) + 1 for view in state.knobs)])
    cells = [knob(view, wide) for view in state.knobs]
    across = max(1, width // (max((cell.cell_len for cell in cells), default=width) + 2))
    lines = [cells[start : start + across] for start in range(0, len(cells), across)]
    return [Text("  ").join(line) for line in lines]


def knob(view: KnobView, wide: int) -> Text:
    """One knob: name, bar, value."""
    full = round(min(max(view.travel, 0.0), 1.0) * BAR_WIDTH)
    text = Text(f"{view.name:<{wide}}")
    text.append("━" * full, style="cyan").append("─" * (BAR_WIDTH - full), style=QUIET)
    return text.append(f" {view.value:7.{0 if view.whole else 2}f} {view.unit:<3}")


def form(state: ScreenState, width: int) -> list[Text]:
    """What lies in the anchors' slots; the scenes and patches, which plays and which waits. No line where there is nothing to say."""
    anchors = Text("  ").join([Text.assemble((anchor[:1], "bold"), anchor[1:]) for anchor in state.anchors])
    scenes = listed("scenes", state.scenes, state.scene, state.next_scene, width)
    patches = listed("patches", state.patches, state.patch_file, state.next_patch, width)
    return [line for line in (anchors, scenes, patches) if line.plain]


def listed(what: str, names: Sequence[str], plays: str, waits: str, width: int) -> Text:
    """A list in a line: what plays in brackets, an arrow before what waits; begun further on where these would not be seen."""
    known = [*names, *(name for name in dict.fromkeys((plays, waits)) if name and name not in names)]
    cells = [named(name, plays, waits) for name in known]
    seen = max((index for index, name in enumerate(known) if name in (plays, waits)), default=0)
    first = 0
    while first < seen and cell_len("  ".join((what, "…", *(cell.plain for cell in cells[first : seen + 1])))) > width:
        first += 1
    return Text("  ").join([Text(what, style=QUIET), *([Text("…")] if first else []), *cells[first:]]) if known else Text()


def named(name: str, plays: str, waits: str) -> Text:
    """A name of a list as it is marked there."""
    if name == waits:
        return Text(f"→ {name}", style="bold yellow")
    return Text(f"[{name}]", style="bold magenta") if name == plays else Text(name)


def said(state: ScreenState, width: int) -> list[Text]:
    """What the performer should know, and the keys, in as many lines as they need."""
    message = textwrap.wrap(state.message, max(width, 1), max_lines=MESSAGE_LINES, placeholder=" …") if state.message else []
    return [*(Text(line, style="bold yellow") for line in message), *(Text(line, style=QUIET) for line in keys(width))]


def keys(width: int) -> list[str]:
    """The help, broken between two keys."""
    lines = [""]
    for key in HELP.split(" · "):
        longer = f"{lines[-1]} · {key}" if lines[-1] else key
        lines = [*lines[:-1], longer] if len(longer) <= width or not lines[-1] else [*lines, key]
    return lines


def measures(state: ScreenState) -> Text:
    """How the machine keeps up."""
    text = Text(f"headroom {state.headroom:.0%}  ", style="bold red" if state.headroom < TIGHT else "")
    text.append(f"decode {state.decode_ms:.1f} ms (median {state.decode_p50_ms:.1f})  ")
    text.append(f"late phrases {state.late_phrases}", style="bold red" if state.late_phrases else "")
    if state.late_notes or state.dropped_notes:
        text.append(f"  notes late {state.late_notes} dropped {state.dropped_notes}")
    return text.append(f"  worst send {state.worst_lateness_ms:.2f} ms late")


def places(state: ScreenState) -> Text:
    """Where the music goes and where it is steered from."""
    page = f"{state.page} ({state.pages} open)" if state.pages else state.page
    hands = ", ".join(state.controllers)
    parts = {"page": page, "MIDI": state.port, "sync": state.sync, "OSC": state.osc, "hands": hands}
    parts |= {"hears": state.listens, "on": state.provider}
    return Text("  ".join(f"{label} {value}" for label, value in parts.items() if value), style=QUIET)


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
        (width, height), drawn, over = self._console.size, 0, False
        while not over:
            over = self._over.wait(FRAME_S)
            state = self._look()
            if self._console.size != (width, height):
                (width, height), drawn, shown = self._console.size, 0, None
                self._write(CLEAR)
            if state != shown:
                shown = state
                with self._console.capture() as frame:
                    self._console.print(render(state, width, max(height - 1, 1)), overflow="crop", no_wrap=True)
                lines = frame.get().splitlines()
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
