"""An RGB picture as the bytes of a PNG file (W3C PNG, third edition), with zlib alone. Knows nothing of what it shows."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (height, width, 3)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
DEPTH, RGB = 8, 2
EFFORT = 9


def png_bytes(pixels: Pixels) -> bytes:
    """The file of a picture (height, width, 3) uint8. ValueError for any other array."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError(f"a picture is uint8 (height, width, 3), not {pixels.dtype} {pixels.shape}")
    height, width, _ = pixels.shape
    unfiltered = np.zeros((height, 1), np.uint8)  # each row begins with its filter: none
    rows = np.concatenate([unfiltered, pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, DEPTH, RGB, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), EFFORT)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
