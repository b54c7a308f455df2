"""What the hops of the signal path cost up to the pipe, and the same decode in eager PyTorch where that is installed; one thread each."""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from mvae.core.chance import phrase_noise
from mvae.core.errors import UserError
from mvae.core.groove import VOICES
from mvae.core.patch_file import load_patch
from mvae.core.shaping import shape
from mvae.core.steer import steer
from mvae.live import frames
from mvae.live.decoder import Decoder, add_feel
from mvae.live.hand import knobs_of_music
from mvae.live.instrument import make_panel
from mvae.live.lookahead import Lookahead
from mvae.live.osc_codec import address_of, arguments, message
from mvae.live.osc_routes import NORMALIZED, changes, routes

REPEAT = 100  # decodes before PyTorch's turn and after it
EAGER = "mvae.train.eager"
EAGER_S = 300.0
WORDS = 200  # characters of another program's complaint
MOVE_TICK = 960  # a splice in mid-bar


@dataclass(slots=True)
class Hops:
    """Times in ms: of each hop, and of a phrase's decode in PyTorch, or `no_torch`, the reason why there is none."""

    times: dict[str, list[float]] = field(default_factory=dict)
    torch: list[float] = field(default_factory=list)
    no_torch: str = ""
    bundle: str = ""
    bars: int = 0
    provider: str = ""

    @contextmanager
    def timed(self, hop: str) -> Iterator[None]:
        begin_s = time.perf_counter()
        yield
        self.times.setdefault(hop, []).append((time.perf_counter() - begin_s) * 1000)


def measure_hops(patch_name: str) -> Hops:
    """Hops at random positions of the knobs; the decode is that of a whole phrase. UserError for what stage refuses."""
    patch = load_patch(patch_name)
    folder = patch.bundle_folder(patch.parts[0])
    decoder = Decoder.open(folder)
    patch = patch.check(decoder.space)
    panel = make_panel(patch, decoder.card.temperature, patch.start_tempo())
    ahead = Lookahead(patch, patch.parts[0], 0, decoder, 1)
    found, draw, knobs = Hops(bundle=decoder.card.name, bars=decoder.bars, provider=decoder.provider), Random(1), knobs_of_music(patch)
    if not knobs:
        raise UserError(f"{patch.file}: no knob of the pad or of an axis has a cc: give one a cc, so that a hand can be measured")
    ways = routes(panel.actions, patch)
    ahead.begin(panel.snapshot(), panel.snapshot().knobs["tempo"])
    for turn in range(2 * REPEAT):
        if turn == REPEAT:
            found.torch, found.no_torch = eager_ms(folder)
        for knob in knobs:
            datagram = message(f"/mvae/knob/{knob.name}{NORMALIZED}", draw.random())
            with found.timed("osc"):
                made = changes(ways[address_of(datagram)], arguments(datagram), 0.0, "bench")
            with found.timed("turn"):
                panel.turn(*made)
        positions = panel.snapshot()
        noise = phrase_noise(1, 0, 0, turn, positions.knobs["variation"], decoder.steps, VOICES)
        with found.timed("steer"):
            z = steer(patch, positions, decoder.space)
        with found.timed("decode"):
            tokens = decoder.decode(z, noise.hits, positions.knobs["temperature"])
        felt = add_feel(tokens, noise.feel, decoder.space, positions.knobs["feel"])
        with found.timed("shape"):
            shape(felt, patch.parts[0], positions, positions.knobs["tempo"])
        with found.timed("move"):
            handoff = ahead.move(MOVE_TICK, positions, positions.knobs["tempo"])
        with found.timed("handoff"):
            frames.encode(handoff)
    return found


def eager_ms(folder: Path) -> tuple[list[float], str]:
    """Decode times of the bundle's weights in eager PyTorch, in a process of its own; or none, and why."""
    if importlib.util.find_spec("torch") is None:
        return [], "torch is not installed (pip install 'mvae[train]')"
    command = [sys.executable, "-P", "-m", EAGER, "--bundle", str(folder), "--repeat", str(REPEAT)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=EAGER_S, check=False)
    except subprocess.TimeoutExpired:
        return [], f"{EAGER} took more than {EAGER_S:g} s"
    if done.returncode:
        return [], f"{EAGER} failed: {' '.join(done.stderr.split())[-WORDS:]}"
    times_ms: list[float] = json.loads(done.stdout)["ms"]
    return times_ms, ""
