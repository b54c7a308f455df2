"""What the MusicVAE and GrooVAE papers and Magenta's released checkpoints reach, for orientation: facts in tables, no code.

MusicVAE: Roberts et al. 2018, arXiv 1803.05428, table 1 (accuracy on held-out music, temperature 1). GrooVAE: Gillick et al. 2019,
arXiv 1905.06118 (humanization). Their corpora are others: some 1.5 million MIDI files, which are private, and for grooves the Groove MIDI
Dataset by other rules for windows.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Share of steps given back: with the real steps before each, and free-running."""

    teacher_forced: float
    sampled: float


@dataclass(frozen=True, slots=True)
class Released:
    """A checkpoint's accuracy and KL as published with it."""

    name: str
    accuracy: str
    kl_bits: float


ACCURACY: Mapping[tuple[str, int, bool, str], Accuracy] = {  # by kind, bars, hierarchical, stream
    ("drums", 2, False, "drums"): Accuracy(0.979, 0.917),
    ("melody", 2, False, "melody"): Accuracy(0.986, 0.951),
    ("melody", 16, False, "melody"): Accuracy(0.883, 0.620),
    ("melody", 16, True, "melody"): Accuracy(0.919, 0.812),
    ("drums", 16, False, "drums"): Accuracy(0.884, 0.549),
    ("drums", 16, True, "drums"): Accuracy(0.928, 0.879),
    ("trio", 16, False, "melody"): Accuracy(0.796, 0.579),
    ("trio", 16, True, "melody"): Accuracy(0.848, 0.753),
    ("trio", 16, False, "bass"): Accuracy(0.829, 0.565),
    ("trio", 16, True, "bass"): Accuracy(0.880, 0.773),
    ("trio", 16, False, "drums"): Accuracy(0.903, 0.641),
    ("trio", 16, True, "drums"): Accuracy(0.912, 0.863),
}

RELEASED: Mapping[tuple[str, int, bool], Released] = {  # by kind, bars, hierarchical; of a trio melody, bass, drums
    ("drums", 2, False): Released("drums_2bar hikl", "0.97", 107.0),
    ("melody", 2, False): Released("mel_2bar_big", "0.95", 58.0),
    ("melody", 16, True): Released("hierdec-mel_16bar", "0.90", 277.0),
    ("trio", 16, True): Released("hierdec-trio_16bar", "0.82 / 0.87 / 0.90", 1027.0), 
    ("trio", 16, False): Released("flat-trio_16bar", "0.67 / 0.66 / 0.79", 1016.0),
}

GROOVAE: Mapping[str, float] = {"timing_mae_ms": 18.8, "timing_kl": 0.31, "velocity_kl": 0.08}  # humanization: lower is better
GROOVAE_QUANTISED_MS = 22.6  # timing MAE of playing on the grid, in that paper
