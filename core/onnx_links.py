"""Which other files an ONNX file reads: the `location` of every external tensor, found without onnx or onnxruntime.

A walk over protobuf's wire format that follows only the fields a tensor can hide in (onnx.proto3, IR version 10) and steps
over all others. Knows nothing of what the graph computes.
"""

from collections.abc import Iterator

# message -> {field number: message of that field}, for the fields that lead to a tensor
PATHS: dict[str, dict[int, str]] = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "Sparse"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Sparse", 23: "Sparse"},
    "Sparse": {1: "Tensor", 2: "Tensor"},
    "Tensor": {13: "Entry"},
}
ENTRY_KEY, ENTRY_VALUE = 1, 2
DEEPEST = 64  # messages within messages; real graphs have some 10
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def locations(model: bytes) -> set[str]:
    """The `location` of every external tensor of a serialized ModelProto. ValueError when it is no protobuf message, or cut short."""
    return set(_locations(memoryview(model), "Model", 0))


def _locations(message: memoryview, kind: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    for number, value in _fields(message):
        inner = PATHS[kind].get(number)
        if inner == "Entry":
            entry = {key: bytes(text) for key, text in _fields(value)}
            if entry.get(ENTRY_KEY) == b"location":
                yield entry.get(ENTRY_VALUE, b"").decode("utf-8")
        elif inner is not None:
            yield from _locations(value, inner, depth + 1)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Field numbers with their bytes, for the fields that have a length; numbers are stepped over."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            _, at = _varint(message, at)
        elif wire in (FIXED64, FIXED32):
            at += 8 if wire == FIXED64 else 4
        elif wire == BYTES:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise ValueError("cut short")
            yield number, message[at : at + length]
            at += length
        else:
            raise ValueError(f"wire type {wire}")
    if at > len(message):
        raise ValueError("cut short")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number that begins at byte `at`, and where it ends."""
    value = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("cut short")
