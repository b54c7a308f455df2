"""What was played in, as a model takes it: notes in song ticks, the bars before a line, each where a phrase has it.

What was played in an odd bar of the song is played there by a phrase, too; where fewer bars are taken than a phrase has, they are
repeated. Knows nothing of ports, clocks or models.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mvae.core.drums import CLASS_OF_NOTE, CLASSES, DRUM_CHANNEL, NOTE_OF_CLASS
from mvae.core.part import Part
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_BEAT, TICKS_PER_STEP, Note, Phrase

TICKS_PER_BAR = STEPS_PER_BAR * TICKS_PER_STEP
HALF_STEP = TICKS_PER_STEP // 2
PAUSE = 2 * TICKS_PER_BAR  # a note or a hit in every bar is no pause
TAP = CLASSES.index("closed_hat")  # where a tap lies in a groove
SOURCES = ("channel", "drums", "notes")  # channel 10 is drums and the others are not; or all is the one or the other


@dataclass(frozen=True, slots=True, order=True)
class HeardNote:
    """A note that was played in; `off_tick` None while it sounds. The channel is 0..15."""

    tick: int
    pitch: int
    velocity: int
    channel: int
    off_tick: int | None = None

    @property
    def step(self) -> int:
        """The absolute step that it belongs to, the nearest."""
        return (self.tick + HALF_STEP) // TICKS_PER_STEP


def since_pause(notes: Sequence[HeardNote], bars: int) -> tuple[tuple[HeardNote, ...], int]:
    """What was played after the last silence of two bars or more, and the line at its end, so many bars after its first note or later.

    Its first note is on the first line: where no song plays, who begins to play says where it is.
    """
    played, first, silent_from = sorted(notes), 0, -PAUSE
    for note in played:
        if note.tick - silent_from >= PAUSE:
            first = note.tick
        silent_from = max(silent_from, note.tick if note.off_tick is None else note.off_tick)
    own = tuple(moved(note, -first) for note in played if note.tick >= first)
    last = own[-1].tick if own else 0
    return own, max(bars, (last + HALF_STEP) // TICKS_PER_BAR + 1) * TICKS_PER_BAR


def moved(note: HeardNote, ticks: int) -> HeardNote:
    """The note so much later."""
    return replace(note, tick=note.tick + ticks, off_tick=None if note.off_tick is None else note.off_tick + ticks)


def in_bars(notes: Iterable[HeardNote], line_tick: int, bars: int) -> tuple[HeardNote, ...]:
    """The notes that belong to the so many bars before a line. All of them have been heard half a step before it."""
    end = line_tick // TICKS_PER_STEP
    return tuple(note for note in notes if end - bars * STEPS_PER_BAR <= note.step < end)


def nearest_line(tick: int) -> int:
    """The bar line that a performer means at a tick: the one just passed, or from the middle of a bar on the one to come."""
    return (tick + TICKS_PER_BAR // 2) // TICKS_PER_BAR * TICKS_PER_BAR


def why_not(bars: int, phrase_bars: int, bundle: str) -> str | None:
    """Why so many bars do not make a phrase of `phrase_bars`, or None if they do."""
    if bars > phrase_bars:
        return f"{bundle} holds {phrase_bars} bars, not {bars}"
    return f"{bars} bars do not go into the {phrase_bars} of {bundle} evenly" if phrase_bars % bars else None


def drum_phrase(notes: Iterable[HeardNote], line_tick: int, bars: int, phrase_bars: int) -> Phrase:
    """The drums among the notes of the bars before a line, as a phrase of `phrase_bars`, a multiple of `bars`."""
    voiced = [(note, CLASS_OF_NOTE[note.pitch]) for note in notes if note.pitch in CLASS_OF_NOTE]
    return _phrase([(note, voice, NOTE_OF_CLASS[voice]) for note, voice in voiced], line_tick, bars, phrase_bars)


def tap_phrase(notes: Iterable[HeardNote], line_tick: int, bars: int, phrase_bars: int) -> Phrase:
    """Any notes, each as a tap."""
    return _phrase([(note, TAP, NOTE_OF_CLASS[TAP]) for note in notes], line_tick, bars, phrase_bars)


def line_phrase(notes: Iterable[HeardNote], line_tick: int, bars: int, phrase_bars: int) -> Phrase:
    """Notes with their pitches, as one voice."""
    return _phrase([(note, 0, note.pitch) for note in notes], line_tick, bars, phrase_bars)


def _phrase(sounds: Sequence[tuple[HeardNote, int, int]], line_tick: int, bars: int, phrase_bars: int) -> Phrase:
    window, placed = bars * STEPS_PER_BAR, []
    for note, voice, pitch in sounds:
        offset = (note.tick - note.step * TICKS_PER_STEP) / TICKS_PER_BEAT
        ticks = (line_tick if note.off_tick is None else note.off_tick) - note.tick
        for step in range(note.step % window, phrase_bars * STEPS_PER_BAR, window):
            beat = step / STEPS_PER_BEAT + offset
            placed.append(Note(step, voice, pitch, note.velocity, beat, max(1, ticks) / TICKS_PER_BEAT))
    return Phrase(phrase_bars, tuple(placed))


def is_drum(note: HeardNote, source: str = "channel") -> bool:
    """Whether a note counts as a drum's."""
    return source == "drums" or (source == "channel" and note.channel == DRUM_CHANNEL)


def notes_for(part: Part, parts: Sequence[Part], notes: Iterable[HeardNote], source: str = "channel") -> tuple[HeardNote, ...]:
    """Those of the notes that are meant for a part: drums for drums; for a melody or a bass what is on its channel or, where nothing
    is, what is on the channel of no other such part."""
    if not part.melodic:
        return tuple(note for note in notes if is_drum(note, source) and note.pitch in CLASS_OF_NOTE)
    pitched = [note for note in notes if not is_drum(note, source)]
    others = {other.channel for other in parts if other.melodic and other.name != part.name}
    own = tuple(note for note in pitched if note.channel == part.channel)
    return own or tuple(note for note in pitched if note.channel not in others)
