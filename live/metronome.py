"""A master clock in a process of its own, for measuring and tests: MIDI clock at a virtual port, or a peer of a Link session.

`python -m mvae.live.metronome midi NAME WORD...` makes the port, says so, waits for a line on stdin, does what the words say one after the
other and tells when each clock was due. `... link BPM WORD...` does the same as a peer and tells where its beat was.

    play:BEATS@BPM    so many beats of clock, whatever the transport does (midi)
    wait:SECONDS      (link)
    tempo:BPM         (link)
    start, stop       of the song; midi also knows continue and at:STEP, the song position

Knows nothing of the instrument.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from mvae.core.midi_clock import CLOCKS_PER_BEAT
from mvae.live import output
from mvae.live.midi_ports import open_output
from mvae.live.output import Output
from mvae.live.punctual import SPIN_S, claim
from mvae.live.sync_link import ALL_BEATS, open_link

AFTER_S: Final = 0.005  # a transport message comes so long after a clock
SAMPLE_S: Final = 0.02
SENIOR_S: Final = 1.0  # of two Link sessions that meet the older one wins, but of two as old as each other within half a second either may
TRANSPORT: Final = {"start": output.START, "continue": output.CONTINUE, "stop": output.STOP}


def wait_until(at_s: float) -> None:
    """Sleep first, spin last."""
    time.sleep(max(0.0, at_s - SPIN_S - time.monotonic()))
    while time.monotonic() < at_s:
        pass


def deadlines(begin_s: float, words: Sequence[str]) -> Iterator[tuple[float, bytes]]:
    """When each message of MIDI clock is due."""
    at_s = last_s = begin_s
    for word in words:
        name, _, value = word.partition(":")
        if name == "play":
            beats, _, bpm = value.partition("@")
            for _ in range(round(float(beats) * CLOCKS_PER_BEAT)):
                yield at_s, output.CLOCK
                at_s += 60 / float(bpm) / CLOCKS_PER_BEAT
                last_s = at_s - 60 / float(bpm) / CLOCKS_PER_BEAT
        else:
            yield last_s + AFTER_S, output.song_position(int(value)) if name == "at" else TRANSPORT[name]


def midi(out: Output, words: Sequence[str]) -> list[tuple[float, str]]:
    """Play the words; (time due, message in hexadecimal) of each message."""
    due = list(deadlines(time.monotonic() + 0.1, words))
    for at_s, message in due:
        wait_until(at_s)
        out.send(message)
    return [(at_s, message.hex()) for at_s, message in due]


def link(peer: Any, words: Sequence[str]) -> list[tuple[float, float, float, int]]:
    """Do the words; (monotonic time, the session's beat then, tempo, peers), again and again."""
    samples: list[tuple[float, float, float, int]] = []
    for word in words:
        name, _, value = word.partition(":")
        micros, state = peer.clock().micros(), peer.captureSessionState()
        match name:
            case "wait":
                end_s = time.monotonic() + float(value)
                while time.monotonic() < end_s:
                    samples.append(sample(peer))
                    time.sleep(SAMPLE_S)
            case "tempo":
                state.setTempo(float(value), micros)
                peer.commitSessionState(state)
            case _:
                state.setIsPlaying(name == "start", micros)
                peer.commitSessionState(state)
    return samples


def sample(peer: Any) -> tuple[float, float, float, int]:
    """Where the beat is now; the reading that was interrupted least of a few."""
    readings = []
    for _ in range(5):
        before_s, micros, after_s = time.monotonic(), peer.clock().micros(), time.monotonic()
        readings.append((after_s - before_s, before_s, micros))
    took_s, at_s, micros = min(readings)
    state = peer.captureSessionState()
    return at_s + took_s / 2, state.phaseAtTime(micros, ALL_BEATS), state.tempo(), peer.numPeers()


def main(source: str, name: str, words: Sequence[str]) -> int:
    claim()
    if source == "midi":
        out = open_output(None, name)
        tell(out.port)
        sys.stdin.readline()
        tell(midi(out, words))
        out.close()
    else:
        peer = open_link(float(name))
        wait_until(time.monotonic() + SENIOR_S)
        tell(name)
        sys.stdin.readline()
        tell(link(peer, words))
        peer.enabled = False
    return 0


def tell(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
