"""A foreign JACK client, in a process of its own: writes all MIDI it hears to stdout, after a first line `ready`.

A line is the JACK frame, the monotonic time in seconds and the message in hexadecimal, or `overrun`.
Run as `python -P jack_listener.py NAME`; it ends when its stdin does.
"""

import gc
import select
import sys
import time
from collections import deque

import jack

PERIOD_S = 0.005


def main() -> None:
    client = jack.Client(sys.argv[1], no_start_server=True)
    port = client.midi_inports.register("in")
    heard: deque[tuple[int, float, bytes]] = deque()

    @client.set_process_callback
    def process(_: int) -> None:
        for offset, message in port.incoming_midi_events():
            heard.append((client.last_frame_time + offset, time.monotonic(), bytes(message)))

    @client.set_xrun_callback
    def overrun(_: float) -> None:
        heard.append((client.last_frame_time, time.monotonic(), b""))

    gc.disable()
    with client:
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], PERIOD_S)[0]:
            messages = [heard.popleft() for _ in range(len(heard))]
            sys.stdout.write("".join(f"{frame} {at_s:.6f} {message.hex() or 'overrun'}\n" for frame, at_s, message in messages))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
