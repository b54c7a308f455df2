"""`mvae-live bench --pages`: what the flood sends, what is made of what was found, and short runs of the real command under a real load."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from mvae.core.change import Change
from mvae.core.panel import Panel
from mvae.core.patch_file import load_patch
from mvae.live import chromium
from mvae.live.flood import BURSTS, LOOP, MIXED, NONSENSE, TURNS_HZ, Flood, waves
from mvae.live.hand import knobs_of_music
from mvae.live.load_bench import in_step, left_sounding
from mvae.live.load_table import PROMISES, Loaded, Stage, load_record, load_table
from mvae.live.memory import Memory
from mvae.live.oracle import Obedience
from mvae.live.osc_codec import address_of, arguments
from mvae.live.osc_routes import changes, routes
from mvae.live.punctual import PREFERRED, USUAL, preferred
from mvae.live.sending import Late, Load
from mvae.live.watchers import Seen
from tests.live.command import COMMAND
from tests.live.jack import may_be_realtime, server
from tests.parts import need

PATCH = load_patch("four_corners")
RATE = 5000
TIMEOUT_S = 240  # on a busy machine
MACHINE = {"cpu": "abacus", "cores": 2, "system": "wood", "load": 0.0, "onnxruntime": "1"}
UNIT = [0, [[0, 1, 36, 90, 0, 240]]]
STANDS: dict[str, Any] = {"positions": {"x": 0.5}, "phrases": {"0": {"steps": 32, "units": [UNIT]}}}


def sent(still: bool, mixed: bool = True, rate: int = RATE) -> list[bytes]:
    return [datagram for burst in waves(PATCH, rate, mixed, still) for datagram in burst]


@pytest.mark.parametrize("rate", [100, 2000, 5000, 7777])
def test_a_flood_has_the_rate_that_was_asked_for(rate: int) -> None:
    bursts = waves(PATCH, rate, mixed=True, still=False)
    assert len(bursts) == LOOP * BURSTS and sum(map(len, bursts)) == rate * LOOP // TURNS_HZ


def test_a_mixed_flood_has_every_kind_and_nonsense_in_its_share() -> None:
    counted = Counter(sent(still=False))
    for kind, datagram in NONSENSE.items():
        assert counted[datagram] == RATE * LOOP // TURNS_HZ * MIXED.count(kind) // len(MIXED)
    addresses = {address_of(datagram).decode() for datagram in counted if datagram not in NONSENSE.values()}
    assert {f"/mvae/knob/{knob.name}{form}" for knob in knobs_of_music(PATCH) for form in ("", "/normalized")} <= addresses
    assert not set(sent(still=False, mixed=False)) & set(NONSENSE.values())


@pytest.mark.parametrize("still", [True, False])
def test_a_still_flood_moves_nothing_and_the_other_does(still: bool) -> None:
    panel, known = Panel(PATCH.actions()), routes(PATCH.actions(), PATCH)
    panel.turn(Change("temperature", 0.3), Change("tempo", 133.0), Change("nudge", 7.0))  # a patch and a command may put them anywhere
    before = panel.snapshot()
    for datagram in {*sent(still)} - {*NONSENSE.values()}:
        assert panel.turn(*changes(known[address_of(datagram)], arguments(datagram), 0.0, "flood")) == ("",)
    assert (panel.snapshot() == before) is still


def test_a_page_is_in_step_when_it_knows_where_all_stands_and_what_is_planned() -> None:
    page = Seen(positions={"x": 0.5}, phrases={"0": {"steps": 32, "units": [[-32, []], UNIT]}})
    assert in_step(page, STANDS)
    assert not in_step(replace(page, positions={"x": 0.6}), STANDS)
    assert not in_step(replace(page, phrases={"0": {"steps": 32, "units": [[-32, []]]}}), STANDS) and not in_step(Seen(), STANDS)


def test_what_is_begun_and_not_ended_is_left_sounding() -> None:
    heard = ["992440", "992640", "892400", "92306f", "923000", "903c40", "f8"]
    assert left_sounding([(float(at), message) for at, message in enumerate(heard)]) == {(9, 0x26), (0, 0x3C)}


def loaded(**more: Any) -> Loaded:
    memory = Memory(os.getpid(), 1.0)
    memory.samples = [(0.0, 90.0), (30.0, 91.0)]
    page = Seen(90, 3.0, {"phrases": 4, "positions": 60}, [(0, 1, step) for step in range(32)], [1.0, 2.0], None)
    found = Loaded(
        memory, "programs", "none", "groove_2bar", "from the player", Late([0.2], [0.1], [0.1]), Load(0, 240, 15_000, 3.0),
        [Flood(5000, 1.0), Flood(15_000, 3.0)], 20_010, own=10, answers_ms=[1.0, None], first_step=8, last_step=24,
        played={(0, 1, step) for step in range(32)}, pages=[page, page], in_step=[True, True],
        moves=Obedience(20.0, 4, 0, 100, 99, ()), alike=True,
    )  # fmt: skip
    return replace(found, **more)


def record(**more: Any) -> dict[str, Any]:
    return load_record(MACHINE, "four_corners", Stage("client", 2, RATE, 3.0, 4), loaded(**more))


def test_the_record_has_rates_losses_and_the_page_that_got_least() -> None:
    told = record()
    assert (told["osc_sent_per_s"], told["osc_messages_per_s"], told["osc_lost"], told["osc_unanswered"]) == (5000.0, 5000.0, 0, 1)
    assert (told["decodes_per_s"], told["decodes_per_step"], told["page_news_per_s"], told["page_bars"]) == (80.0, 10.0, 30.0, 4)
    assert told["page_frames_per_s"] is None and (told["rss_begin_mb"], told["rss_mb"]) == (90.0, 91.0)


def test_all_promises_hold_where_all_is_well_and_each_can_break() -> None:
    assert record()["promises"] == dict.fromkeys(PROMISES, True)
    heavy = Memory(os.getpid(), 1.0)
    heavy.samples = [(0.0, 401.0)]
    broken = {
        "send_lateness_loaded_ms": {"late": Late([0.7], [0.1], [0.1])}, "knob_to_note_ms": {"moves": Obedience(20.0, 4, 0, 100, 98, ())},
        "late_phrases": {"load": Load(1, 240, 15_000, 3.0)}, "decodes_per_step": {"load": Load(0, 10, 15_000, 3.0)},
        "pages_in_step": {"in_step": [True, False]}, "page_notes_lost": {"played": {(0, 2, 9)}}, "hanging_notes": {"hanging": 1},
        "processes_died": {"died": 1}, "bounces_alike": {"alike": False}, "rss_mb": {"memory": heavy},
    }  # fmt: skip
    assert set(broken) == set(PROMISES)
    for key, more in broken.items():
        assert record(**more)["promises"] == dict.fromkeys(PROMISES, True) | {key: False}


def test_the_table_names_every_promise_and_says_what_the_pages_are() -> None:
    shown = load_table(record())
    assert all(f"{key} " in shown and text in shown for key, (text, _) in PROMISES.items())
    assert "pages: 2, programs (nothing is drawn)" in shown and "abacus" in shown and "memory over 30 s, MB: 90 91" in shown


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system has no real-time scheduling for Python")
def test_what_decodes_goes_before_others_where_that_is_permitted_and_leaves_no_trace() -> None:
    def place() -> tuple[int, int]:
        return os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)

    before, inside = place(), list[tuple[int, int]]()
    with preferred():
        thread = threading.Thread(target=lambda: inside.append(place()))
        thread.start()
        thread.join()
        with preferred(USUAL):
            child = subprocess.run([sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"], capture_output=True, check=True)
        inside.append(place())
    assert inside == [(os.SCHED_RR, PREFERRED)] * 2 if may_be_realtime() else inside[0] == inside[1]
    assert int(child.stdout) == os.SCHED_OTHER and place() == before


@pytest.mark.parametrize(("kind", "midi"), [("client", False), ("client", True), ("chromium", False)])
def test_under_load_nothing_breaks(kind: str, midi: bool) -> None:
    need("chromium", kind == "client" or chromium.find() is not None, "apt-get install chromium")
    words = ["bench", "--json", "--pages", "3", "--seconds", "3", "--moves", "8", *(["--page-clients"] if kind == "client" else [])]
    begin_s = time.monotonic()
    with server() if midi else nullcontext():
        done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    print(load_table(told), f"{time.monotonic() - begin_s:.0f} s")
    assert told["pages_in_step"] == told["pages"] == 3 and told["page_notes_lost"] == 0
    assert told["hanging_heard"] == "at the port" or not midi
    assert told["hanging_notes"] == 0 and told["processes_died"] == 0 and told["bounces_alike"] is not False
    assert told["osc_unanswered"] == 0 and told["osc_answer_ms"]["n"] == 20 and told["page_answer_ms"]["n"] >= 3
    assert told["page_note_ms"]["n"] > 10 and (kind != "client" or told["page_note_ms"]["p50"] < 100)
    assert all(told["osc"][count] > 0 for count in ("coalesced", "refused", "unknown", "malformed"))
    assert told["osc_sent_per_s"] > 100 and told["osc_messages_per_s"] > 100 and told["decodes_per_s"] > 1
    assert told["page_moves"] > 1 and told["page_bars"] > 0 and told["page_news_per_s"] > 0
    assert told["knob_to_note_ms"]["moves"] == 8 and told["spinner_ms"]["n"] > 100 and told["reference_ms"]["n"] > 100
    sent = told["send_lateness_loaded_ms"]  # of three seconds nothing, where the spinner has ended before the sender could begin
    assert sent is None or 0 <= sent["p50"] <= sent["p99"] <= sent["max"]
    assert (told["page_frames_per_s"] is not None) is told["pages_drawn"] is (kind == "chromium")
    assert set(told["promises"]) == set(PROMISES)
