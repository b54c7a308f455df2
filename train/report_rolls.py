"""Phrases of tokens as piano rolls in SVG, and as MIDI files. Pitches upward, time to the right, drums in nine lanes below."""

from collections.abc import Sequence
from html import escape

from mvae.core.drums import CLASSES, DRUM_CHANNEL
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_BEAT, Note, Phrase
from mvae.core.tokens import STREAMS, Tokens, decode
from mvae.core.track import Track
from mvae.train.report_figures import svg

WIDTH, SIDE, EDGE = 560.0, 32.0, 4.0
PITCH_HEIGHT, LANE_HEIGHT = 4.0, 6.0
LEAST_PITCHES = 12
CHANNELS = {"melody": 0, "bass": 1, "drums": DRUM_CHANNEL}
LANES = (0, 1, 4, 5, 6, 2, 3, 7, 8)  # classes from the lowest lane upward: kick, snare, toms, hats, cymbals
LANE_NAMES = (("kick", 0), ("toms", 2.5), ("hats", 5.5))  # where there is room for a name


def pitch_range(kind: str, phrases: Sequence[Tokens]) -> tuple[int, int]:
    """The lowest and highest pitch of melody and bass in all the phrases, at least an octave apart; so that rolls can be compared."""
    found = [note.pitch for tokens in phrases for name, phrase in _parts(kind, tokens) if name != "drums" for note in phrase.notes]
    low, high = (min(found), max(found)) if found else (60, 60)
    room = max(0, LEAST_PITCHES - (high - low))
    return max(0, low - room // 2), min(127, high + room - room // 2)


def roll(kind: str, tokens: Tokens, title: str, pitches: tuple[int, int] | None = None) -> str:
    """One phrase (steps, streams) as a picture."""
    low, high = pitches or pitch_range(kind, [tokens])
    pitched, drums = any(name != "drums" for name in STREAMS[kind]), "drums" in STREAMS[kind]
    upper = (high - low + 1) * PITCH_HEIGHT if pitched else 0.0
    lower = len(CLASSES) * LANE_HEIGHT if drums else 0.0
    height = EDGE + upper + (EDGE if pitched and drums else 0.0) + lower + EDGE
    step = (WIDTH - SIDE - EDGE) / len(tokens)
    drawn = _bars(len(tokens), step, height)
    names = [pitch for pitch in range(low, high + 1) if pitched and not pitch % 12]
    drawn += [_label(f"C{pitch // 12 - 1}", EDGE + (high - pitch + 1) * PITCH_HEIGHT) for pitch in names]
    for name, lane in LANE_NAMES if drums else ():
        drawn.append(_label(name, height - EDGE - lane * LANE_HEIGHT))
    for name, phrase in _parts(kind, tokens):
        for note in phrase.notes:
            if name == "drums":
                top = height - EDGE - (LANES.index(note.voice) + 1) * LANE_HEIGHT
                drawn.append(_note(name, note, step, top, LANE_HEIGHT, 1.0))
            else:
                drawn.append(_note(name, note, step, EDGE + (high - note.pitch) * PITCH_HEIGHT, PITCH_HEIGHT, note.duration * 4))
    return svg(title, WIDTH, height, drawn)


def midi(kind: str, tokens: Tokens, name: str, tempo_bpm: float = 120.0) -> bytes:
    """One phrase as a MIDI file: melody, bass and drums on channels 1, 2 and 10."""
    track, events = Track(name), list[tuple[int, bool, int, int, int]]()
    track.tempo(0, tempo_bpm)
    for part, phrase in _parts(kind, tokens):
        for note in phrase.notes:
            begin, end = round(note.beat * TICKS_PER_BEAT), round((note.beat + note.duration) * TICKS_PER_BEAT)
            events += [(begin, True, CHANNELS[part], note.pitch, note.velocity), (end, False, CHANNELS[part], note.pitch, 0)]
    for event in sorted(events):  # at one tick, what ends comes before what begins
        track.note(*event)
    return track.file()


def _parts(kind: str, tokens: Tokens) -> list[tuple[str, Phrase]]:
    return list(zip(STREAMS[kind], decode(kind, tokens), strict=True))


def _bars(steps: int, step: float, height: float) -> list[str]:
    lines = [f'<rect class="roll" x="{SIDE:g}" y="{EDGE:g}" width="{steps * step:.1f}" height="{height - 2 * EDGE:.1f}"/>']
    for bar in range(1, steps // STEPS_PER_BAR):
        x = SIDE + bar * STEPS_PER_BAR * step
        lines.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{EDGE:g}" y2="{height - EDGE:.1f}"/>')
    return lines


def _label(text: str, y: float) -> str:
    return f'<text class="small" text-anchor="end" x="{SIDE - 4:g}" y="{max(y, 10):.1f}">{escape(text)}</text>'


def _note(name: str, note: Note, step: float, top: float, height: float, steps: float) -> str:
    width = max(steps * step - 0.6, 0.8)
    return f'<rect class="{name}" x="{SIDE + note.step * step:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height - 0.5:.1f}"/>'
