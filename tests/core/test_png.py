"""PNG files: read back by the rules of the format, pixel for pixel."""

import struct
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mvae.core.png import SIGNATURE, png_bytes

PICTURES = st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)).flatmap(lambda shape: arrays.arrays(np.uint8, shape))


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Name and content of every chunk, its checksum checked."""
    assert data.startswith(SIGNATURE)
    found, at = [], len(SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length) == (zlib.crc32(name + content),)
        found.append((name, content))
        at += 12 + length
    return found


@given(PICTURES)
def test_every_pixel_comes_back(pixels: npt.NDArray[np.uint8]) -> None:
    (first, header), (second, data), (last, nothing) = chunks(png_bytes(pixels))
    assert (first, second, last, nothing) == (b"IHDR", b"IDAT", b"IEND", b"")
    height, width, _ = pixels.shape
    assert struct.unpack(">IIBBBBB", header) == (width, height, 8, 2, 0, 0, 0)
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    assert np.array_equal(rows[:, 1:].reshape(pixels.shape), pixels)


@pytest.mark.parametrize(("shape", "kind"), [((2, 2), "u1"), ((2, 2, 4), "u1"), ((2, 2, 3), "f4"), ((0, 2, 3), "u1")])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...], kind: str) -> None:
    with pytest.raises(ValueError, match="a picture is"):
        png_bytes(np.zeros(shape, kind))
