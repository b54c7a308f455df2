"""Hears one MIDI port in a process of its own, for measuring: `python -m mvae.live.ear PORT` says that it listens, and once its stdin ends,
when each message came. Knows nothing of what was sent.
"""

import json
import sys
from typing import Final

from mvae.live.midi_ports import open_input
from mvae.live.punctual import claim

SWITCH_S: Final = 0.00005


def main(port: str) -> int:
    claim()
    sys.setswitchinterval(SWITCH_S)
    heard: list[tuple[float, str]] = []
    opened = open_input(port, lambda message, at_s: heard.append((at_s, message.hex())), name="mvae-ear", option="port", clock=True)
    print(json.dumps(opened.port.name), flush=True)
    sys.stdin.read()
    opened.close()
    print(json.dumps(heard), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
