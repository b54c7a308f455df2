"""What the hops of the signal path cost up to the pipe, and the same decode in eager PyTorch where that is installed; one thread each."""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from mvae.core.errors import UserError
from mvae.core.panel import Positions
from mvae.core.patch_file import load_patch
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.steer import steer
from mvae.live import frames
from mvae.live.ensemble import Ensemble, open_band
from mvae.live.hand import knobs_of_music
from mvae.live.instrument import make_panel
from mvae.live.models import Asked
from mvae.live.osc_codec import address_of, arguments, message
from mvae.live.osc_routes import NORMALIZED, changes, routes

REPEAT = 100  # decodes before PyTorch's turn and after it
EAGER = "mvae.train.eager"
EAGER_S = 300.0
WORDS = 200  # characters of another program's complaint
MOVE_TICK = 960  # a splice in mid-bar


@dataclass(slots=True)
class Decoding:
    """Decode times of one bundle in ms: so many `bars` at once, `streams` of them together, and the same in PyTorch, if it is there."""

    bundle: str
    bars: int
    streams: int
    ms: list[float] = field(default_factory=list)
    torch_ms: list[float] = field(default_factory=list)

    @contextmanager
    def timed(self) -> Iterator[None]:
        begin_s = time.perf_counter()
        yield
        self.ms.append((time.perf_counter() - begin_s) * 1000)


@dataclass(slots=True)
class Hops:
    """Times in ms: of each hop, and of the decodes of all bundles in PyTorch, or `no_torch`, the reason why there is none."""

    times: dict[str, list[float]] = field(default_factory=dict)
    torch: list[float] = field(default_factory=list)
    no_torch: str = ""
    bundle: str = ""
    bars: int = 0
    provider: str = ""
    decodings: list[Decoding] = field(default_factory=list)

    @contextmanager
    def timed(self, hop: str) -> Iterator[None]:
        begin_s = time.perf_counter()
        yield
        self.times.setdefault(hop, []).append((time.perf_counter() - begin_s) * 1000)


def measure_hops(patch_name: str) -> Hops:
    """Hops at random positions of the knobs. UserError for what stage refuses."""
    patch = load_patch(patch_name)
    opened, draw, knobs = open_band(patch), Random(1), knobs_of_music(patch)
    panel, band = make_panel(patch, opened.temperatures, patch.start_tempo()), opened.ensemble(1)
    bars = max(ahead.steps for ahead in band.lookaheads) // STEPS_PER_BAR
    found = Hops(bundle=", ".join(decoder.card.name for decoder in opened.decoders.values()), bars=bars, provider=opened.provider)
    found.decodings = [
        Decoding(decoder.card.name, model.steps // STEPS_PER_BAR, len(model.streams))
        for decoder, model in zip(opened.decoders.values(), opened.models, strict=True)
    ]
    if not knobs:
        raise UserError(f"{patch.file}: no knob of the pad or of an axis has a cc: give one a cc, so that a hand can be measured")
    ways = routes(panel.actions, patch)
    band.begin(panel.snapshot(), panel.snapshot().knobs["tempo"])
    for turn in range(2 * REPEAT):
        if turn == REPEAT:
            beside_torch(found, [patch.bundle_folder(bundle) for bundle in patch.bundles])
        for knob in knobs:
            datagram = message(f"/mvae/knob/{knob.name}{NORMALIZED}", draw.random())
            with found.timed("osc"):
                made = changes(ways[address_of(datagram)], arguments(datagram), 0.0, "bench")
            with found.timed("turn"):
                panel.turn(*made)
        positions = panel.snapshot()
        measure_decode(found, band, positions)
        with found.timed("move"):
            handoffs = band.move(MOVE_TICK, positions, positions.knobs["tempo"])
        with found.timed("handoff"):
            for handoff in handoffs:
                frames.encode(handoff)
    return found


def measure_decode(found: Hops, band: Ensemble, positions: Positions) -> None:
    """Hops 3 to 5 of every bundle, one after the other: a phrase, or a bar where bars are decoded."""
    with found.timed("steer"):
        latents = [steer(ahead.patch, positions, ahead.model.space) for ahead in band.lookaheads]
    asked = [
        Asked(z.tobytes(), (positions.knobs["temperature"],) * len(ahead.model.streams), 0, 0.0, 0)
        for ahead, z in zip(band.lookaheads, latents, strict=True)
    ]
    said = []
    with found.timed("decode"):
        for ahead, one, decoding in zip(band.lookaheads, asked, found.decodings, strict=True):
            with decoding.timed():
                said.append(ahead.model.decode(one, 1, ahead.numbers[0], 0, 1, None, None))
    with found.timed("shape"):
        for ahead, tokens in zip(band.lookaheads, said, strict=True):
            for part in ahead.parts:
                ahead.model.place(tokens, ahead.model.nothing, part, 0, positions, positions.knobs["tempo"])


def beside_torch(found: Hops, folders: Sequence[Path]) -> None:
    """The same decodes in eager PyTorch: of all bundles, their times added up too, or of none."""
    for decoding, folder in zip(found.decodings, folders, strict=True):
        decoding.torch_ms, found.no_torch = eager_ms(folder, decoding.bars)
        if found.no_torch:
            return
    found.torch = [sum(times) for times in zip(*(decoding.torch_ms for decoding in found.decodings), strict=True)]


def eager_ms(folder: Path, bars: int) -> tuple[list[float], str]:
    """Decode times of so many bars with the bundle's weights in eager PyTorch, in a process of its own; or none, and why."""
    if importlib.util.find_spec("torch") is None:
        return [], "torch is not installed (pip install 'mvae[train]')"
    command = [sys.executable, "-P", "-m", EAGER, "--bundle", str(folder), "--repeat", str(REPEAT), "--bars", str(bars)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=EAGER_S, check=False)
    except subprocess.TimeoutExpired:
        return [], f"{EAGER} took more than {EAGER_S:g} s"
    if done.returncode:
        return [], f"{EAGER} failed: {' '.join(done.stderr.split())[-WORDS:]}"
    times_ms: list[float] = json.loads(done.stdout)["ms"]
    return times_ms, ""
