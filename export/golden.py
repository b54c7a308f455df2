"""What PyTorch says, for onnxruntime to be held to: the golden pair of a bundle, and the agreement of the two over many latents.

Works on a model whose weights are already rounded to float16. Latents are those the encoder gives for made-up phrases, not draws
of N(0, 1): far from every phrase it has heard, a trained decoder can amplify the last bit of a sum until PyTorch in float32
departs from PyTorch in float64 by more than any tolerance here, which says nothing of an export. Knows nothing of files.
"""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mvae.core.chance import singles, uniform, words
from mvae.live.decoder import Decoder
from mvae.train.model import FEATURES, VOICES, GrooVAE, one_step_late

Singles = NDArray[np.float32]
Arrays = dict[str, NDArray[np.generic]]

PHRASES = 2  # in a golden pair
CANDIDATES = 16  # phrases of which the golden ones are those least sensitive to rounding
LATENTS = 100  # compared before a bundle is written
TOLERANCE = 1e-3  # of logits over those latents, both in float32
TEMPERATURE = 1.0
DENSITY = 0.15  # of hits in the phrases made up for the encoder
SEED = 20180313  # of everything drawn here; any number would do


@dataclass(frozen=True, slots=True)
class Agreement:
    """PyTorch and onnxruntime over the same latents and chance."""

    largest: float  # difference of a logit, velocity or offset, given the same steps before
    near: int  # decisions whose logit lies within the tolerance of its threshold
    differing: int  # decisions that came out differently
    unexplained: int  # of those, the ones that were not near
    phrases_equal: int  # free-running phrases with the same hits in both
    phrases: int

    @property
    def holds(self) -> bool:
        return self.largest <= TOLERANCE and self.unexplained == 0

    def __str__(self) -> str:
        return (
            f"PyTorch and onnxruntime over {self.phrases} latents: largest difference {self.largest:.1e} (at most {TOLERANCE:.0e}); "
            f"{self.differing} decisions differ, {self.unexplained} of them not within it of the threshold ({self.near} decisions are); "
            f"{self.phrases_equal} of {self.phrases} free-running phrases are the same"
        )


def golden_pair(model: GrooVAE) -> Arrays:
    """Inputs and PyTorch's outputs: notes -> mu, sigma; z -> state; z, notes (forced) -> logits; z, noise, temperature -> tokens,
    with the margin of each decision."""
    notes = steadiest(model, some_notes(CANDIDATES, model.config.steps), PHRASES)
    noise = some_noise(PHRASES, model.config.steps)
    with torch.no_grad():
        mu, sigma = (side.numpy() for side in model.encode(torch.from_numpy(notes)))
        state = torch.tanh(model.to_state(torch.from_numpy(mu))).numpy()
    tokens = model.sample(torch.from_numpy(mu), torch.from_numpy(noise), TEMPERATURE).numpy()
    margins = np.abs(distances(free_logits(model, mu, tokens), noise)).astype(np.float32)
    inputs = {"notes": notes, "z": mu, "noise": noise, "temperature": np.array([TEMPERATURE], np.float32)}
    outputs = {"mu": mu, "sigma": sigma, "state": state, "logits": forced_logits(model, mu, notes), "tokens": tokens, "margins": margins}
    return inputs | outputs


def steadiest(model: GrooVAE, notes: Singles, count: int) -> Singles:
    """The `count` phrases whose logits, decoded from their own mu and forced, change least from float32 to float64: a machine
    that sums in another order must not look like a broken export. (count, steps, 27)"""
    mu = latents_of(model, notes)
    exact = forced_logits(copy.deepcopy(model).double(), mu, notes)
    change = np.abs(forced_logits(model, mu, notes) - exact).max(axis=(1, 2))
    return notes[np.sort(np.argsort(change, kind="stable")[:count])]


def agreement(model: GrooVAE, decoder: Decoder) -> Agreement:
    """Force onnxruntime's own output step by step into both, and compare; then let both run free."""
    z, noise = latents_of(model, some_notes(LATENTS, model.config.steps)), some_noise(LATENTS, model.config.steps)
    tokens = decoder.decode_batch(z, noise, TEMPERATURE)
    ours, theirs = forced_logits(model, z, tokens), decoder.logits_batch(z, tokens)
    distance = distances(free_logits(model, z, tokens), noise)
    near, differing = np.abs(distance) <= TOLERANCE, (distance > 0) != (tokens[..., :VOICES] > 0.5)
    free = model.sample(torch.from_numpy(z), torch.from_numpy(noise), TEMPERATURE).numpy()
    equal = (free[..., :VOICES] == tokens[..., :VOICES]).all(axis=(1, 2))
    largest = float(np.nan_to_num(np.abs(ours.astype(np.float64) - theirs), nan=np.inf).max())
    return Agreement(largest, int(near.sum()), int(differing.sum()), int((differing & ~near).sum()), int(equal.sum()), LATENTS)


def forced_logits(model: GrooVAE, z: Singles, tokens: Singles) -> Singles:
    """Teacher-forced, in the model's own precision: z (B, z), tokens (B, steps, 27) -> hit logits, velocities, offsets (B, steps, 27)."""
    precision = next(model.parameters()).dtype
    with torch.no_grad():
        said, _ = model.decode(torch.from_numpy(z).to(precision), one_step_late(torch.from_numpy(tokens).to(precision)))
        return np.asarray(torch.cat(list(said), dim=-1).numpy())


def free_logits(model: GrooVAE, z: Singles, tokens: Singles) -> Singles:
    """What each step said when the model itself decided `tokens`: after hearing its own, or nothing where it hears only what is forced."""
    return forced_logits(model, z, tokens if model.config.hears == "own" else np.zeros_like(tokens))


def distances(logits: Singles, noise: Singles) -> NDArray[np.float64]:
    """How far above its threshold each decision lies: logit + T * logit(u), (B, steps, 9)."""
    u = noise.astype(np.float64)
    return np.asarray(logits[..., :VOICES] + TEMPERATURE * (np.log(u) - np.log1p(-u)))


def latents_of(model: GrooVAE, notes: Singles) -> Singles:
    """The encoder's mu: (B, steps, 27) -> (B, z)."""
    with torch.no_grad():
        return np.asarray(model.encode(torch.from_numpy(notes)).mu.numpy())


def some_noise(count: int, steps: int) -> Singles:
    return singles(words(SEED, 1, 0, 0, 0, count * steps * VOICES)).reshape(count, steps, VOICES)


def some_notes(count: int, steps: int) -> Singles:
    """Phrases that are no music, but use every number of the groove representation. (count, steps, 27)"""
    numbers = uniform(SEED, 2, 0, count * steps * FEATURES).reshape(count, steps, 3, VOICES)
    hits = (numbers[:, :, 0] < DENSITY).astype(np.float64)
    return np.concatenate([hits, hits * numbers[:, :, 1], hits * (2 * numbers[:, :, 2] - 1)], axis=-1).astype(np.float32)
