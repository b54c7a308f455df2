"""A foreign JACK client, in a process of its own: writes all MIDI it hears to stdout, after a first line `ready`.

A line is the JACK frame, the monotonic time in seconds and the message in hexadecimal, or `overrun`.
A line on its stdin names an output to listen to, connected as soon as it is there and answered by `connected`: a client for each try, as
jack_connect makes them, can bring a busy server to a halt. Run as `python -P jack_listener.py NAME`; it ends when its stdin does.
"""

import gc
import select
import sys
import time
from collections import deque

import jack

PERIOD_S = 0.005


def main() -> None:
    jack.set_error_function(lambda message: None)
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
        wanted = ""
        while True:
            if select.select([sys.stdin], [], [], PERIOD_S)[0]:
                wanted = sys.stdin.readline().strip()
                if not wanted:
                    return
            if wanted and connects(client, wanted, port):
                wanted = ""
                print("connected", flush=True)
            messages = [heard.popleft() for _ in range(len(heard))]
            sys.stdout.write("".join(f"{frame} {at_s:.6f} {message.hex() or 'overrun'}\n" for frame, at_s, message in messages))
            sys.stdout.flush()


def connects(client: jack.Client, output: str, port: jack.Port) -> bool:
    """Whether the output is there, and is heard from now on."""
    try:
        client.connect(output, port)
    except jack.JackError:
        return False
    return True


if __name__ == "__main__":
    main()
