"""What is captured is encoded aside: the music goes on meanwhile, and what comes too late for its patch is not placed."""

import threading
from pathlib import Path

import numpy as np

from mvae.live.encoding import Encoding, Then, Work
from tests.live.ear_hall import EarHall, ear_band
from tests.live.hall import BAR, BAR_S


def test_the_music_goes_on_while_a_slow_encoder_is_at_work(tmp_path: Path) -> None:
    slow = threading.Event()

    def patient(music: "np.ndarray[tuple[int, int], np.dtype[np.float32]]") -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        assert slow.wait(30)
        return np.ones(4, np.float32)

    with EarHall(tmp_path) as hall, Encoding(hall.instrument) as encode:
        hall.instrument.add(encode)
        hall.capture.encode, hall.phrasing.encode = encode, patient  # type: ignore[method-assign]
        hall.play(0.1)
        hall.beats(7)
        hall.do("capture B", 2)
        hall.to_tick(2 * BAR)
        before = hall.corner("B")
        hall.do("density", 2.0)
        hall.run(2.5 * BAR_S)
        assert hall.link.status().counters.repeats == 0 and hall.instrument.heard.knobs["density"] == 2.0, "hands are heard meanwhile"
        assert hall.corner("B") == before and len(encode.waiting) == 1
        slow.set()
        encode.waiting[0][0].result(30)
        hall.run(0.02)
        assert hall.corner("B") == [1, 1, 1, 1] and hall.last("/mvae/anchor/B") == ("capture 1",)


def test_what_was_captured_for_another_patch_is_not_placed(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        later: list[tuple[Work, Then]] = []
        hall.capture.encode = lambda work, then: later.append((work, then))
        hall.play(0.1)
        hall.beats(7)
        hall.do("capture B", 2)
        hall.to_tick(2 * BAR)
        ((work, then),) = later
        before, hall.instrument.band = hall.instrument.band, ear_band()
        then(work())
        hall.instrument.band = before
        assert hall.errors == [("capture B", "another patch came before it was encoded")] and hall.capture.captured == 0
