"""Numbers of a report as `mvae.train.experiments` gives them, made by chance: every one differs, so that none stands in for another."""

from typing import Any

import numpy as np

from mvae.core.tokens import STREAMS, VOCABULARY

ALPHA = [round(0.1 * n, 1) for n in range(11)]
BY_STREAM = (
    "teacher_forced", "sampled", "greedy", "teacher_forced_onsets", "sampled_onsets", "onset_f1", "onset_f1_greedy", "hold", "nearest",
    "nearest_onset_f1", "skill", "skill_teacher_forced", "nearest_skill", "above_nearest", "above_nearest_teacher_forced",
    "train_teacher_forced", "train_sampled", "train_test_gap", "train_test_gap_teacher_forced",
)  # fmt: skip
IN_SETS = ("teacher_forced", "sampled", "greedy", "onset_f1", "hold", "nearest", "skill", "nearest_skill")


class Draw:
    """Numbers that are drawn once each."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)

    def one(self) -> float:
        return float(self.rng.uniform(0.01, 0.99))

    def around(self, value: float) -> list[float]:
        return [value - 0.01 * self.one(), value + 0.01 * self.one()]

    def streams(self, streams: tuple[str, ...]) -> dict[str, float]:
        return {stream: self.one() for stream in streams}

    def measured(self, streams: tuple[str, ...], names: tuple[str, ...]) -> dict[str, Any]:
        values = {name: self.streams(streams) for name in names}
        return values | {f"{name}_ci": {s: self.around(v) for s, v in each.items()} for name, each in values.items()}

    def phrase(self, kind: str, bars: int) -> list[list[int]]:
        columns = []
        for stream in STREAMS[kind]:
            notes = self.rng.integers(38, 90, 16 * bars) if stream != "drums" else self.rng.integers(0, VOCABULARY["drums"], 16 * bars)
            columns.append(np.where(self.rng.random(16 * bars) < 0.3, notes, 0))
        return np.stack(columns, axis=1).tolist()  # type: ignore[no-any-return]


def bundle(kind: str, bars: int, hierarchical: bool, seed: int) -> dict[str, Any]:
    """Everything that is measured of one bundle."""
    draw, streams = Draw(seed), STREAMS[kind]
    names = ["density", "c_diatonic", "mean_interval"]
    low_high = ("nll_bits_per_step", "elbo_bits_per_step", "kl_bits", "kl_bits_per_step", "active_units")
    posterior: dict[str, Any] = {name: 100 * draw.one() for name in low_high}
    posterior |= {f"{name}_ci": draw.around(posterior[name]) for name in low_high}
    lost = ("teacher_forced_shuffled_z", "sampled_shuffled_z", "lost_teacher_forced", "lost_sampled")
    curves = {name: sorted(draw.one() for _ in ALPHA) for name in ("hamming", "hamming_decoded", "hamming_data")}
    costs = {name: [1 + draw.one() for _ in ALPHA] for name in ("lm_cost", "lm_cost_data")}
    bends = [sorted(draw.one() for _ in range(7)) for _ in names]
    axes = {
        "names": names[:2], "percent": [[100 * draw.one() for _ in range(2)] for _ in range(2)],
        "in_sd": [[draw.one() for _ in range(2)] for _ in range(2)], "curve": bends[1:], "spearman": [0.91, 0.92],
        "curve_ci": [[draw.around(v) for v in bend] for bend in bends[1:]], "monotone": [True, True],
    }  # fmt: skip
    source = {
        name: {"n": 1000 + n, "density": draw.streams(streams), "density_sd": draw.streams(streams), "lm_bits_per_step": draw.one(),
               "bars_known": draw.one(), "memorised": draw.one(), "copied": draw.one()}
        for n, name in enumerate(("normal", "mixture", "midpoints", "test"))
    }  # fmt: skip
    sets = {"cre": {"songs": 7, "n_phrases": 70} | {name: draw.streams(streams) for name in IN_SETS}}
    return {
        "kind": kind, "streams": list(streams), "bars": bars, "steps": 16 * bars, "z_size": 256, "hierarchical": hierarchical,
        "temperature": 0.5, "corpus": {"folder": "melodies", "sets": ["cre", "lieder"], "training_sets": ["cre", "lieder"]},
        "reconstruction": draw.measured(streams, BY_STREAM) | {"n_phrases": 1234, "songs": 97, "train_phrases": 512, "sets": sets},
        "posterior": posterior | {"z_size": 256} | draw.measured(streams, lost),
        "interpolation": curves | costs | {f"{name}_ci": [draw.around(v) for v in values] for name, values in costs.items()} | {
            "pairs": 1024, "alpha": ALPHA, "temperature": 0.5,
            "examples": [{"alpha": ALPHA, "tokens": [draw.phrase(kind, bars) for _ in ALPHA]}],
        },
        "attributes": {
            "names": names, "phrases": 900, "percent": [[100 * draw.one() - 30 for _ in names] for _ in names],
            "in_sd": [[draw.one() - 0.3 for _ in names] for _ in names], "k": [-1.5, -1, -0.5, 0, 0.5, 1, 1.5], "curve": bends,
            "curve_ci": [[draw.around(v) for v in bend] for bend in bends], "spearman": [1.0, 0.97, None],
            "monotone": [True, False, True], "axes": axes,
            "music": {"percent": [[100 * draw.one() for _ in names] for _ in names], "in_sd": [[draw.one() for _ in names] for _ in names]},
        },
        "prior": {"samples": 1000, "temperature": 0.5, "sources": source,
                  "examples": {name: [draw.phrase(kind, bars) for _ in range(5)] for name in ("normal", "mixture")}},
        "encodes_again": {"n": 10_000, "temperature": 1.0, "same_tokens": 0.998, "encoded": 1.0, "seconds": 3.0},
    }  # fmt: skip


def numbers() -> dict[str, Any]:
    """A whole report: a melody, 16 bars with a flat twin, a trio, a groove, a listening test."""
    bundles = {
        "melody_2bar": bundle("melody", 2, False, 1), "melody_16bar": bundle("melody", 16, True, 2),
        "melody_16bar_flat": bundle("melody", 16, False, 3), "trio_16bar": bundle("trio", 16, True, 4),
    }  # fmt: skip
    difference = {"sampled": {"melody": 0.114}, "sampled_ci": {"melody": [0.071, 0.163]},
                  "teacher_forced": {"melody": 0.012}, "teacher_forced_ci": {"melody": [-0.017, 0.031]}}  # fmt: skip
    tally = {"won": 11, "equal": 3, "lost": 9, "share": 11 / 20, "share_ci": [0.34, 0.74]}
    return {
        "format": 1, "bundles": bundles, "twins": ["melody_16bar_flat"],
        "comparisons": [
            {"kind": "melody", "bars": 16, "hierarchical": "melody_16bar", "flat": "melody_16bar_flat", "songs": 55} | difference
        ],
        "groove": {"groove_2bar": {"hit_f1_by_file": 0.9906, "timing_mae_ms": 8.2017, "timing_mae_ms_ci": [6.757, 9.993],
                                   "timing_kl": 0.0479, "velocity_kl": 0.0922,
                                   "encodes_again": {"n": 2_345, "temperature": 1.0, "same_notes": 1.0, "encoded": 1.0, "seconds": 9.0}}},
        "listening": {"listeners": 4, "answers": 69, "sources": dict.fromkeys(("real", "hierarchical", "flat"), tally),
                      "meetings": {"hierarchical : flat": tally}, "kruskal_wallis": {"h": 4.321, "degrees": 2, "p": 0.1153}},
        "listening_pages": ["listening/melody_16bar.html"],
    }  # fmt: skip
