import os
import selectors
import shutil
import subprocess
import time
from pathlib import Path

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.panel import Panel
from mvae.live.osc_ports import OscPorts
from tests.parts import need

WAIT_S = 30.0
# Vanilla objects only. On loading: connect, subscribe, turn a knob, fire a trigger, call what is not there; print what comes back.
PATCH = """#N canvas 0 0 600 400 10;
#X obj 10 10 loadbang;
#X obj 10 40 t b b b b b;
#X msg 400 80 connect 127.0.0.1 PORT;
#X obj 300 80 oscformat mvae subscribe;
#X msg 200 80 0.75;
#X obj 200 110 oscformat mvae knob density;
#X msg 110 80 2;
#X obj 110 110 oscformat mvae fill;
#X obj 10 80 oscformat mvae no such thing;
#X obj 10 200 list prepend send;
#X obj 10 230 list trim;
#X obj 10 260 netsend -u -b;
#X obj 60 290 oscparse;
#X obj 60 320 list trim;
#X obj 60 350 print heard;
#X connect 0 0 1 0;
#X connect 1 0 8 0;
#X connect 1 1 6 0;
#X connect 1 2 4 0;
#X connect 1 3 3 0;
#X connect 1 4 2 0;
#X connect 2 0 11 0;
#X connect 3 0 9 0;
#X connect 4 0 5 0;
#X connect 5 0 9 0;
#X connect 6 0 7 0;
#X connect 7 0 9 0;
#X connect 8 0 9 0;
#X connect 9 0 10 0;
#X connect 10 0 11 0;
#X connect 11 1 12 0;
#X connect 12 0 13 0;
#X connect 13 0 14 0;
"""
WANTED = (
    "heard: mvae knob temperature 0.5",
    "heard: mvae quantise now",
    "heard: mvae knob density 0.75",
    "heard: mvae error unknown /mvae/no/such/thing",
)


def lines_until(process: subprocess.Popen[bytes], wanted: tuple[str, ...]) -> str:
    """What the process prints, until all that is wanted is there or the time is over."""
    assert process.stderr is not None
    text, end_s = b"", time.monotonic() + WAIT_S
    with selectors.DefaultSelector() as ready:
        ready.register(process.stderr, selectors.EVENT_READ)
        while not all(line.encode() in text for line in wanted) and time.monotonic() < end_s:
            if ready.select(0.1):
                piece = os.read(process.stderr.fileno(), 65536)
                if not piece:
                    break
                text += piece
    return text.decode("utf-8", "replace")


def test_pure_data_turns_knobs_fires_triggers_and_hears_feedback(tmp_path: Path) -> None:
    pd = shutil.which("pd")
    need("Pure Data", pd is not None, "apt-get install puredata-core")
    panel = Panel(Actions(table("ABCD", ("density",), ("drums",))))
    with OscPorts(panel, panel.actions, port=0) as osc:
        patch = tmp_path / "talk.pd"
        patch.write_text(PATCH.replace("PORT", str(osc.address[1])))
        process = subprocess.Popen(
            [str(pd), "-nogui", "-noprefs", "-noaudio", "-nomidi", "-stderr", "-open", str(patch)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            heard = lines_until(process, WANTED)
        finally:
            process.kill()
            process.communicate()
    assert [line for line in WANTED if line not in heard] == [], heard
    assert panel.snapshot().knobs["density"] == 0.75
    assert [(change.action, change.value) for change in panel.drain()] == [("fill", 2)]
