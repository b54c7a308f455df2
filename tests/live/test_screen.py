import io
import os
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mvae.core.drums import CLASSES
from mvae.live.screen import HITS, KnobView, Screen, ScreenState, hit, plain, render

WAIT_S = 10.0
SILENT = tuple((0,) * 32 for _ in CLASSES)
BACKBEAT = (SILENT[0], tuple(100 if step % 8 == 4 else 0 for step in range(32)), *SILENT[2:])
STATE = ScreenState(
    patch="Four corners",
    tempo_bpm=112,
    playing=True,
    bar=3,
    beat=2,
    step=5,
    hits=BACKBEAT,
    knobs=(KnobView("density", 1.0, 0.75, "sd"), KnobView("tempo", 112, 0.25, "BPM")),
    decode_ms=3.25,
    decode_p50_ms=3.0,
    worst_lateness_ms=0.41,
    port="mvae (JACK)",
    provider="CPU",
    osc="127.0.0.1:7770",
)


def lines(state: ScreenState, width: int = 100) -> list[str]:
    return render(state, width).plain.split("\n")


def test_the_heading_says_patch_transport_tempo_and_place() -> None:
    assert lines(STATE)[0] == "Four corners  ▶ playing  112.0 BPM  bar 3 beat 2"
    assert "■ stopped" in lines(replace(STATE, playing=False))[0]
    assert lines(replace(STATE, muted=("drums",)))[0].endswith("drums muted")


def test_the_grid_has_a_row_for_each_class_with_kick_at_the_bottom() -> None:
    names = [line[:11].strip() for line in lines(STATE)[1:10]]
    assert names == [name.replace("_", " ") for name in reversed(CLASSES)]


def test_the_grid_shows_hits_in_beats_and_bars() -> None:
    (snare,) = [line for line in lines(STATE) if line.startswith("snare")]
    assert snare[11:] == " ···· █··· ···· █···│···· █··· ···· █···"


@pytest.mark.parametrize(("velocity", "drawn"), [(0, HITS[0]), (1, HITS[1]), (70, HITS[2]), (127, HITS[3])])
def test_a_louder_hit_is_drawn_larger(velocity: int, drawn: str) -> None:
    assert hit(velocity) == drawn


def test_the_playhead_is_one_step_of_each_row_and_only_while_playing() -> None:
    assert sum(span.style == "reverse" for span in render(STATE, 100).spans) == len(CLASSES)
    assert not any(span.style == "reverse" for span in render(replace(STATE, playing=False), 100).spans)


def test_a_phrase_too_wide_shows_the_bar_that_plays() -> None:
    (snare,) = [line for line in lines(replace(STATE, step=20), 40) if line.startswith("snare")]
    assert snare[11:] == " ···· █··· ···· █···"


def test_knobs_are_bars_with_value_and_unit() -> None:
    text = "\n".join(lines(STATE))
    assert any(line.rstrip().endswith("     10") for line in lines(replace(STATE, knobs=(KnobView("channel", 10, 0.6, whole=True),))))
    assert f"density     {'━' * 9}{'─' * 3}    1.00 sd" in text and f"tempo       {'━' * 3}{'─' * 9}  112.00 BPM" in text


def test_measures_places_message_and_keys_are_shown() -> None:
    text = "\n".join(lines(replace(STATE, late_phrases=2, message="patch: no such knob")))
    said = ("decode 3.2 ms (median 3.0)", "late phrases 2", "worst send 0.41 ms", "no such knob", "q quit")
    assert all(part in text for part in (*said, "headroom 100%", "MIDI mvae (JACK)", "OSC 127.0.0.1:7770", "on CPU"))
    assert "notes late" not in text and "notes late 1 dropped 2" in "\n".join(lines(replace(STATE, late_notes=1, dropped_notes=2)))


@given(st.integers(1, 200), st.text(max_size=60), st.integers(0, 31))
def test_no_line_is_wider_than_the_terminal(width: int, said: str, step: int) -> None:
    state = replace(STATE, message=said.replace("\n", " "), patch=said, step=step)
    assert all(cell_len(line) <= width for line in lines(state, width) if "\n" not in said)


def test_an_empty_state_can_be_shown() -> None:
    assert lines(ScreenState())[0].startswith("  ■ stopped")


def test_without_a_terminal_each_bar_is_one_plain_line() -> None:
    out, seen = io.StringIO(), threading.Semaphore(0)
    bars = iter((1, 1, 2, 2, 3))

    def look() -> ScreenState:
        bar = next(bars, 3)
        seen.release()
        return replace(STATE, bar=bar)

    with Screen(look, out):
        assert all(seen.acquire(timeout=WAIT_S) for _ in range(6))
    assert out.getvalue().splitlines() == [plain(replace(STATE, bar=bar)) for bar in (1, 2, 3)]


def test_nobody_reading_ends_the_screen_and_not_the_music() -> None:
    read, write = os.pipe()
    os.close(read)
    looks = threading.Semaphore(0)

    def look() -> ScreenState:
        looks.release()
        return STATE

    with open(write, "w") as out, Screen(look, out) as screen:
        assert looks.acquire(timeout=WAIT_S)
        screen._thread.join(WAIT_S)
        assert not screen._thread.is_alive()


def test_on_a_terminal_only_what_has_changed_is_drawn_again() -> None:
    out, seen = Terminal(), threading.Semaphore(0)
    states = iter((STATE, STATE, replace(STATE, bar=4)))

    def look() -> ScreenState:
        seen.release()
        return next(states, replace(STATE, bar=4))

    with Screen(look, out):
        assert all(seen.acquire(timeout=WAIT_S) for _ in range(6))
    assert out.getvalue().count("Four corners") == 2 and "bar 4 beat 2" in out.getvalue()


class Terminal(io.StringIO):
    """Text kept, that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_anchors_scenes_and_patches_have_a_line_each_where_there_are_any_and_say_what_plays_and_what_waits() -> None:
    formed = replace(STATE, anchors=("A rock", "B funk"), scenes=("verse", "chorus", "end"), scene="verse", next_scene="chorus")
    assert "A rock  B funk" in lines(formed) and "scenes  [verse]  → chorus  end" in lines(formed)
    assert len(lines(formed)) == len(lines(STATE)) + 2
    patches = replace(STATE, patches=("band", "trio"), patch_file="trio")
    assert "patches  band  [trio]" in lines(patches) and "patches  → band  [trio]" in lines(replace(patches, next_patch="band"))
    assert "patches  band  trio  [mine]" in lines(replace(patches, patch_file="mine"))


def test_of_a_list_that_is_too_long_what_plays_and_what_waits_is_seen() -> None:
    names = tuple(f"patch_{number}" for number in range(20))
    (line,) = [line for line in lines(replace(STATE, patches=names, patch_file="patch_14", next_patch="patch_15"), 60) if "patch_" in line]
    assert line.startswith("patches  …  ") and "[patch_14]  → patch_15" in line


def test_how_choices_and_switches_stand_is_in_the_heading_and_every_name_of_a_knob_is_whole() -> None:
    named = replace(STATE, standing=("quantise bar", "C minor", "solo drums"), knobs=(KnobView("drums.map.closed_hat", 42, 0.3),))
    assert lines(named)[0].endswith("quantise bar  C minor  solo drums") and any("drums.map.closed_hat ━" in line for line in lines(named))


@pytest.mark.parametrize("height", [7, 12, 18, 23, 40])
def test_where_not_all_has_room_the_music_the_message_and_the_keys_stay(height: int) -> None:
    many = tuple(KnobView(f"knob{number}", 0.0, 0.5) for number in range(30))
    shown = render(replace(STATE, knobs=many, message="look here"), 80, height).plain.split("\n")
    assert len(shown) <= height and shown[0].startswith("Four corners") and shown[-1].endswith("q quit") and "look here" in shown
    assert any(line.startswith("snare") for line in shown)
    assert any("more lines of knobs" in line for line in shown) == (8 < height < 40)


def test_a_long_message_takes_the_lines_that_it_needs_and_no_more_than_three() -> None:
    shown = [line for line in lines(replace(STATE, message="word " * 100), 60) if line.startswith("word")]
    assert len(shown) == 3 and shown[-1].endswith("…")


def test_the_places_name_the_page_how_many_are_open_and_who_keeps_the_beat() -> None:
    placed = replace(STATE, page="http://127.0.0.1:7771", pages=2, sync="locked 0")
    (line,) = [line for line in lines(placed, 140) if "MIDI" in line]
    assert "page http://127.0.0.1:7771 (2 open)" in line and "sync locked 0" in line
    (alone,) = [line for line in lines(replace(placed, pages=0), 140) if "MIDI" in line]
    assert alone.startswith("page http://127.0.0.1:7771  MIDI")
