"""A recall glides to an anchor with the music, until a hand takes one of its knobs."""


import pytest

from tests.live.hall import BEAT_S, PAGE_S, Hall


def test_a_recall_glides_in_beats_and_a_hand_ends_it() -> None:
    with Hall() as hall:
        hall.play(BEAT_S)
        hall.do("recall D", 4.0)
        hall.run(2 * BEAT_S)
        knobs = hall.panel.snapshot().knobs
        assert knobs["x"] == pytest.approx(0.65, abs=0.06) and knobs["y"] == pytest.approx(0.7, abs=0.06)
        hall.do("y", 0.1)
        hall.run(4 * BEAT_S)
        assert hall.panel.snapshot().knobs["y"] == 0.1 and hall.panel.snapshot().knobs["x"] == pytest.approx(knobs["x"], abs=0.06)


def test_a_hand_just_after_a_recall_ends_it_before_its_first_step() -> None:
    with Hall() as hall:
        hall.play(BEAT_S + 0.02)
        hall.do("recall D", 4.0)
        hall.run(PAGE_S)
        hall.do("x", 0.11)
        hall.run(4 * BEAT_S)
        assert hall.panel.snapshot().knobs["x"] == 0.11


@pytest.mark.parametrize("playing", [True, False])
def test_a_recall_without_beats_is_at_once(playing: bool) -> None:
    with Hall() as hall:
        if playing:
            hall.play()
        hall.do("recall D")
        hall.run(PAGE_S)
        assert hall.panel.snapshot().knobs["x"] == 1.0 == hall.panel.snapshot().knobs["y"]


def test_a_stop_ends_a_glide() -> None:
    with Hall() as hall:
        hall.play(BEAT_S)
        hall.do("recall D", 8.0)
        hall.run(BEAT_S)
        hall.do("stop")
        hall.run(0.1)
        at = hall.panel.snapshot()
        hall.do("continue")
        hall.run(8 * BEAT_S)
        assert hall.panel.snapshot() == at
