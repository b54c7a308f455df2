"""The small capitals: all there, no two alike, cut at the edge."""

import string

import numpy as np

from mvae.core.drums import CLASSES
from mvae.core.letters import GLYPHS, HEIGHT, WIDTH, text_width, write

WHITE = (255, 255, 255)


def test_every_letter_and_digit_has_a_shape_of_its_own() -> None:
    assert set(string.ascii_uppercase + string.digits) <= set(GLYPHS)
    assert set("".join(CLASSES).upper()) <= set(GLYPHS)
    assert len(set(GLYPHS.values())) == len(GLYPHS)
    assert all(len(rows) == HEIGHT and set(rows) <= set("01234567") for rows in GLYPHS.values())


def test_a_letter_is_drawn_where_it_is_put_and_nowhere_else() -> None:
    pixels = np.zeros((12, 12, 3), np.uint8)
    write(pixels, 4, 3, "T", WHITE, scale=1)
    lit = np.argwhere(pixels[..., 0])
    assert sorted(map(tuple, lit.tolist())) == [(3, 4), (3, 5), (3, 6), (4, 5), (5, 5), (6, 5), (7, 5)]


def test_a_text_is_as_wide_as_is_said_and_is_cut_at_the_edge() -> None:
    pixels = np.zeros((20, 60, 3), np.uint8)
    write(pixels, 0, 0, "HH", WHITE)
    assert np.flatnonzero(pixels.any((0, 2)))[-1] + 1 == text_width("HH") == (2 * WIDTH + 1) * 2
    for x, y in ((-5, -5), (58, 18), (-100, 0), (100, 0)):
        write(pixels, x, y, "W", WHITE)  # no more than is there
    assert text_width("") == 0
