"""What PyTorch says of tokens, for onnxruntime to be held to: the golden pair of a bundle, and the agreement of the two.

As `mvae.export.golden`, for models of tokens. Works on a model whose weights are already rounded to float16.
"""

import copy

import numpy as np
import torch
from numpy.typing import NDArray

from mvae.core.chance import token_noise, uniform
from mvae.core.tokens import VOCABULARY, Tokens
from mvae.export.golden import CANDIDATES, LATENTS, PHRASES, SEED, TOLERANCE, Agreement, Arrays, Singles
from mvae.live.token_decoder import TokenDecoder
from mvae.train.model import MusicVAE

TEMPERATURE = 1.0
HELD = 0.5  # of the steps of the phrases made up for the encoder


def token_golden_pair(model: MusicVAE) -> Arrays:
    """Inputs and PyTorch's outputs, as `mvae.live.token_decoder.token_golden_fault` reads them."""
    notes = steadiest(model, some_tokens(model, CANDIDATES), PHRASES)
    noise = some_noise(model, PHRASES)
    with torch.no_grad():
        mu, sigma = model.encode(torch.from_numpy(notes))
        c = model.lead(mu)
        state = torch.cat([torch.tanh(decoder.to_state(c[:, 0])) for decoder in model.by_stream()], -1)
    z = mu.numpy()
    tokens = free_tokens(model, z, noise)
    margins = margins_of(model, free_logits(model, z, tokens), noise).astype(np.float32)
    inputs = {"notes": notes, "z": z, "noise": noise, "temperature": np.full(len(model.config.streams), TEMPERATURE, np.float32)}
    outputs = {"mu": z, "sigma": sigma.numpy(), "c": c.numpy(), "state": state.numpy(), "logits": forced_logits(model, z, notes)}
    return inputs | outputs | {"tokens": tokens, "margins": margins}


def steadiest(model: MusicVAE, notes: Tokens, count: int) -> Tokens:
    """The `count` phrases whose logits, decoded from their own mu and forced, change least from float32 to float64."""
    with torch.no_grad():
        mu = model.encode(torch.from_numpy(notes)).mu.numpy()
    exact = forced_logits(copy.deepcopy(model).double(), mu, notes)
    change = np.abs(forced_logits(model, mu, notes) - exact).max(axis=(1, 2))
    return notes[np.sort(np.argsort(change, kind="stable")[:count])]


def token_agreement(model: MusicVAE, decoder: TokenDecoder) -> Agreement:
    """Force onnxruntime's own output step by step into both, and compare; then let both run free. Fewer latents for longer phrases."""
    count = max(1, 2 * LATENTS // model.config.bars)
    with torch.no_grad():
        z = model.encode(torch.from_numpy(some_tokens(model, count))).mu.numpy()
    noise = some_noise(model, count)
    tokens = decoder.decode_batch(z, noise, TEMPERATURE)
    ours, theirs = forced_logits(model, z, tokens), decoder.logits_batch(z, tokens)
    free = free_logits(model, z, tokens)
    near, differing = margins_of(model, free, noise) <= TOLERANCE, choices(model, free, noise) != tokens
    equal = (free_tokens(model, z, noise) == tokens).all(axis=(1, 2))
    largest = float(np.nan_to_num(np.abs(ours.astype(np.float64) - theirs), nan=np.inf).max())
    return Agreement(largest, int(near.sum()), int(differing.sum()), int((differing & ~near).sum()), int(equal.sum()), count)


def forced_logits(model: MusicVAE, z: Singles, tokens: Tokens) -> Singles:
    """Teacher-forced, in the model's own precision: (B, steps, width)."""
    precision = next(model.parameters()).dtype
    with torch.no_grad():
        said = model.decode(torch.from_numpy(z).to(precision), torch.from_numpy(tokens))
        return np.asarray(torch.cat(said, -1).numpy())


def free_logits(model: MusicVAE, z: Singles, tokens: Tokens) -> Singles:
    """What each step said when the model itself decided `tokens`: after hearing its own, or nothing where it hears only what is forced."""
    nothing = np.broadcast_to(np.array([VOCABULARY[name] for name in model.config.streams], np.int64), tokens.shape)
    return forced_logits(model, z, tokens if model.config.hears == "own" else np.ascontiguousarray(nothing))


def free_tokens(model: MusicVAE, z: Singles, noise: Singles) -> Tokens:
    """PyTorch's free-running decode: (B, steps, streams)."""
    gumbel = list(torch.split(torch.from_numpy(noise), [VOCABULARY[name] for name in model.config.streams], -1))
    return np.asarray(model.sample(torch.from_numpy(z), gumbel, TEMPERATURE).numpy())


def choices(model: MusicVAE, logits: Singles, noise: Singles) -> Tokens:
    """What was chosen: argmax of logits + T * noise in each stream, (B, steps, streams)."""
    return np.stack([scores.argmax(-1) for scores in _scores(model, logits, noise)], -1)


def margins_of(model: MusicVAE, logits: Singles, noise: Singles) -> NDArray[np.float64]:
    """How far each choice was ahead of the next best: (B, steps, streams)."""
    best = [np.partition(scores, -2, axis=-1)[..., -2:] for scores in _scores(model, logits, noise)]
    return np.stack([pair[..., 1] - pair[..., 0] for pair in best], -1)


def _scores(model: MusicVAE, logits: Singles, noise: Singles) -> list[NDArray[np.float64]]:
    edges = np.cumsum([VOCABULARY[name] for name in model.config.streams])[:-1]
    return list(np.split(logits.astype(np.float64) + TEMPERATURE * noise, edges, axis=-1))


def some_noise(model: MusicVAE, count: int) -> Singles:
    vocabulary = [VOCABULARY[name] for name in model.config.streams]
    return token_noise(SEED, 1, 0, 0, 0.0, count * model.config.steps, vocabulary).reshape(count, model.config.steps, -1)


def some_tokens(model: MusicVAE, count: int) -> Tokens:
    """Phrases that are no music, but use every token of each stream. (count, steps, streams)"""
    streams = model.config.streams
    numbers = uniform(SEED, 2, 0, count * model.config.steps * len(streams) * 2).reshape(count, model.config.steps, len(streams), 2)
    tokens = (numbers[..., 0] * np.array([VOCABULARY[name] for name in streams])).astype(np.int64)
    return np.where(numbers[..., 1] < HELD, 0, tokens)
