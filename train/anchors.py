"""Named points of a bundle, encoded from training performances: a groove for each style, and three fills.

An anchor is, among the style's grooves that the model plays back best and that are neither the emptiest nor the fullest tenth of
the corpus, the one most like its style and least like the others (F1 of hits, every performance counted the same). Knows nothing of
what else is in a bundle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mvae.core.drums import CLASSES
from mvae.core.groove import HITS
from mvae.core.phrase import STEPS_PER_BAR
from mvae.train.baselines import BLOCK, hit_bits
from mvae.train.metrics import count_hits
from mvae.train.windows import Windows

Notes = NDArray[np.float32]
Floats = NDArray[np.float64]

# Name -> the styles of the Groove MIDI Dataset that it stands for, each with all its kinds ("rock" is "rock/halftime" as well).
ANCHORS: Mapping[str, tuple[str, ...]] = {
    "rock": ("rock",), "funk": ("funk",), "jazz": ("jazz",), "latin": ("latin",), "hiphop": ("hiphop",), "soul": ("soul",),
    "afrobeat": ("afrobeat",), "reggae": ("reggae",), "punk": ("punk",), "neworleans": ("neworleans",), "afrocuban": ("afrocuban",),
    "samba": ("latin/samba", "latin/brazilian-samba"), "halftime": ("rock/halftime",), "shuffle": ("funk/purdieshuffle",),
    "disco": ("dance/disco",), "country": ("country",),
}  # fmt: skip
LEAST = 8  # anchors of a bundle
FAITHFUL = 0.95  # hit F1 of a window and its own decode
MIDDLING = (10, 90)  # percentiles of hits in the corpus that an anchor lies between
CONTRAST = 0.5  # how much likeness to other styles counts against a window
TOMS = tuple(CLASSES.index(name) for name in ("low_tom", "mid_tom", "high_tom"))
SNARE = CLASSES.index("snare")
BUSY = 8  # hits of a fill's last bar, at least


@dataclass(frozen=True, slots=True)
class Named:
    """A point's name, the row of the windows it was encoded from, and where that is."""

    name: str
    row: int
    file: str
    bar: int  # 1 is the performance's first
    f1: float  # of the window and its own decode

    def fact(self) -> dict[str, object]:
        return {"file": self.file, "bar": self.bar, "hit_f1": round(self.f1, 3)}


def fidelity(notes: Notes, decoded: Notes) -> Floats:
    """F1 of each phrase and its decode. (n,)"""
    hits = count_hits(notes, decoded)
    return np.asarray(2 * hits.true / np.maximum(hits.decoded + hits.real, 1))


def choose_anchors(windows: Windows, notes: Notes, f1: Floats) -> list[Named]:
    """One window for every name of ANCHORS whose styles the corpus has; where those are fewer than LEAST, others named after their files.

    `notes` (n, steps, 27) and `f1` (n,) are of all windows.
    """
    grooves = np.array([song.beat_type in ("beat", "") for song in windows.songs])[windows.song] & ~windows.is_fill
    bits, even = hit_bits(notes), 1 / np.bincount(windows.song)[windows.song]
    good = _good(bits, f1)
    chosen = list[Named]()
    for name, kinds in ANCHORS.items():
        starts = tuple(f"{kind}/" for kind in kinds)
        of_style = np.array([f"{song.style}/".startswith(starts) for song in windows.songs])[windows.song] & grooves
        rows = _best(of_style, good, f1)
        if rows.size:
            typical = likeness(bits[rows], bits[of_style], even[of_style]) - even[rows] / even[of_style].sum()  # none counts for itself
            if (grooves & ~of_style).any():
                typical -= CONTRAST * likeness(bits[rows], bits[grooves & ~of_style], even[grooves & ~of_style])
            chosen.append(_named(name, int(rows[typical.argmax()]), windows, f1))
    return chosen + _apart(chosen, LEAST - len(chosen), _best(grooves, good, f1), bits, windows, f1)


def _good(bits: NDArray[np.float32], f1: Floats) -> NDArray[np.bool_]:
    """Windows that are played back well and are neither too empty nor too full. (n,)"""
    sparse, full = np.percentile(bits.sum(1), MIDDLING)
    return np.asarray((f1 >= FAITHFUL) & (bits.sum(1) >= sparse) & (bits.sum(1) <= full))


def _best(among: NDArray[np.bool_], good: NDArray[np.bool_], f1: Floats) -> NDArray[np.int64]:
    """The rows that are `among` and `good`; without any, those among them that are played back best."""
    return np.flatnonzero(among & good if (among & good).any() else among & (f1 >= f1[among].max(initial=0.0)))


def _apart(
    chosen: list[Named], count: int, rows: NDArray[np.int64], bits: NDArray[np.float32], windows: Windows, f1: Floats
) -> list[Named]:
    """Up to `count` windows, each of a file of its own and least like those chosen before it."""
    found = list[Named]()
    while len(found) < count:
        before = [point.row for point in chosen + found]
        rows = rows[~np.isin(windows.song[rows], windows.song[before])]
        if not rows.size:
            break
        alike = f1_between(bits[rows], bits[before]).max(1) if before else -f1[rows]
        row = int(rows[alike.argmin()])
        stem, taken = Path(windows.songs[windows.song[row]].file).stem, {point.name for point in chosen + found}
        found.append(_named(stem if stem not in taken else f"{stem}_{len(taken) + 1}", row, windows, f1))
    return found


def f1_between(bits: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """F1 of every row of `bits` with every row of `others`, (n, m)."""
    return np.asarray(2 * (bits @ others.T) / np.maximum(bits.sum(1)[:, None] + others.sum(1), 1))


def likeness(bits: NDArray[np.float32], others: NDArray[np.float32], weight: Floats) -> Floats:
    """Mean F1 of each row of `bits` with the rows of `others`, weighted. (n,)"""
    blocks = [f1_between(bits[at : at + BLOCK], others) @ weight for at in range(0, len(bits), BLOCK)]
    return np.asarray(np.concatenate(blocks) / weight.sum())


def choose_fills(windows: Windows, notes: Notes, f1: Floats) -> list[Named]:
    """Three fills: around the kit, on the toms, on the snare; each from a performance of its own. Fewer where there are fewer."""
    fills = np.array([song.beat_type == "fill" for song in windows.songs])[windows.song]
    bars = (notes[..., HITS] > 0.5).reshape(len(notes), -1, STEPS_PER_BAR, len(CLASSES)).sum(2).astype(np.float64)  # (n, bars, 9)
    last, whole = bars[:, -1], (bars.sum(2) > 0).all(1)
    share = last / np.maximum(last.sum(1, keepdims=True), 1)
    variety = -(share * np.log(np.maximum(share, 1e-12))).sum(1)
    wanted = {"around": variety, "toms": share[:, list(TOMS)].sum(1), "snare": share[:, SNARE]}
    usable, chosen = fills & whole & (last.sum(1) >= BUSY) & (f1 >= FAITHFUL), list[Named]()
    for name, score in wanted.items():
        rows = np.flatnonzero(usable if usable.any() else fills)
        if rows.size:
            chosen.append(_named(name, int(rows[score[rows].argmax()]), windows, f1))
            usable &= windows.song != windows.song[chosen[-1].row]
            fills &= windows.song != windows.song[chosen[-1].row]
    return chosen


def _named(name: str, row: int, windows: Windows, f1: Floats) -> Named:
    song = windows.songs[windows.song[row]]
    bar = 1 if windows.is_fill[row] else int(windows.start[row] - song.first_step) // STEPS_PER_BAR + 1
    return Named(name, row, song.file, bar, float(f1[row]))


def provenance(points: Sequence[Named]) -> dict[str, dict[str, object]]:
    return {point.name: point.fact() for point in points}
