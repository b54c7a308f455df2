"""Measures knob to note in a process of its own, with real-time scheduling where the system permits it, so that only the code is measured.

Run as `python -P knob_to_note_run.py FOLDER MOVES SEED`; prints a JSON list of two judgements, by the lead and when taken, and whether
it had real-time scheduling.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from mvae.live.moves import knob_to_note

PRIORITY = 1  # below the player's, and JACK's


def main(folder: str, moves: int, seed: int) -> None:
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
        realtime = True
    except (OSError, AttributeError):
        realtime = False
    judgements = knob_to_note("four_corners", Path(folder), moves, seed)
    print(json.dumps([*map(asdict, judgements), realtime]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
