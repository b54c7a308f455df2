"""The page of shared memory: whole records only, marks that outlive the writer, the lateness histogram."""

import subprocess
import sys

from mvae.core.clock import Clock
from mvae.live.status import BIN_EDGES_US, Counters, PartStatus, Status, StatusPage, lateness_quantile_us


def record(playing: bool = True, beat: float = 2.0) -> Status:
    return Status(playing, Clock(beat, 10.0, 0.5), 960, 77, Counters(1, 2, 3), 0.1, 0.2, (PartStatus(0, 5, 64, 12),))


def test_what_is_written_is_read_by_whoever_attaches() -> None:
    page = StatusPage.make()
    assert page.read() is None
    for beat in range(3):
        page.write(record(beat=beat))
        assert StatusPage.attach(page.address).read() == record(beat=beat)


def test_a_writer_killed_in_the_middle_leaves_the_record_before() -> None:
    page = StatusPage.make()
    page.write(record(beat=1.0))
    before = bytes(page._map)
    page.write(record(beat=2.0))
    after = bytes(page._map)
    page._map[:] = before[:4] + after[4:60] + before[60:]  # the new slot begun, the turn not yet counted
    assert page.read() == record(beat=1.0)


def test_the_song_goes_on_between_two_looks_and_rests_while_stopped() -> None:
    assert record().tick_at(10.0) == 2 * 960 - 960
    assert record().tick_at(11.0) == 4 * 960 - 960
    assert record(playing=False).tick_at(11.0) == 77
    assert record().time_of_tick(960) == 10.0


def test_a_part_without_a_handoff_is_not_known() -> None:
    assert record().part(1) is None
    assert record().part(0) == PartStatus(0, 5, 64, 12)


def test_marks_stay_until_they_are_taken_away() -> None:
    page = StatusPage.make()
    page.mark(9, 36)
    page.mark(0, 127)
    page.unmark(9, 36)
    assert page.sounding() == [(0, 127)]
    assert page.sounded() == [(0, 127), (9, 36)]
    assert page.used_channels() == [0, 9]


def test_the_histogram_knows_its_median_and_its_tail() -> None:
    page = StatusPage.make()
    for _ in range(99):
        page.count_lateness(0.000_055)
    page.count_lateness(0.5)
    page.count_lateness(-0.000_001)
    assert lateness_quantile_us(page.lateness(), 0.5) == 60
    assert lateness_quantile_us(page.lateness(), 1.0) == BIN_EDGES_US[-1]
    assert lateness_quantile_us(StatusPage.make().lateness(), 0.5) == 0


WRITER = """
import sys, time
from mvae.core.clock import Clock
from mvae.live.status import Counters, PartStatus, Status, StatusPage
page, beat, end_s = StatusPage.attach(sys.argv[1]), 0, time.monotonic() + float(sys.argv[2])
while time.monotonic() < end_s:
    beat += 1
    page.write(Status(True, Clock(beat, beat, 0.5), beat, beat, Counters(beat), beat, beat, (PartStatus(0, beat, beat, beat),)))
"""


def test_a_reader_beside_a_busy_writer_always_finds_a_whole_record() -> None:
    page = StatusPage.make()
    page.write(Status(True, Clock(0, 0, 0.5), 0, 0, Counters(), 0, 0, (PartStatus(0, 0, 0, 0),)))
    command, read = [sys.executable, "-c", WRITER, page.address, "1.0"], []
    with subprocess.Popen(command, pass_fds=page.inherited()) as writer:
        while writer.poll() is None:
            read += [page.read() for _ in range(100)]
    assert None not in read
    looks = [(look.clock.beat, look.origin_tick, look.counters.sent, look.parts[0].end_step) for look in read if look is not None]
    assert all(len(set(look)) == 1 for look in looks) and looks == sorted(looks) and len(set(looks)) > 10
