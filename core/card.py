"""The card of a bundle: what a model is, what its graphs take and give, how it was trained, and the hash of every file.

`card.toml` is read and written here, as a value; the files themselves are proved in `mvae.core.bundle`. Knows nothing of
onnxruntime or torch; training, figures, axes and latents are facts it carries without reading them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mvae.core.errors import UserError
from mvae.core.tokens import STREAMS, VOCABULARY
from mvae.core.toml_text import toml_text

FORMAT = 1
CARD_FILE = "card.toml"
KINDS = ("groove", *STREAMS)
HEARD = ("all", "taps", "hits")

Dimension = int | str  # a name is free: "batch"
Shapes = Mapping[str, tuple[Dimension, ...]]
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Graph:
    """One ONNX graph of a bundle: its file, and its inputs and outputs with their shapes."""

    file: str
    inputs: Shapes
    outputs: Shapes


@dataclass(frozen=True, slots=True)
class FileProof:
    """What a file of a bundle must be."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A bundle's facts. Everything after `files` is carried, not read: plain tables of strings, numbers, truths and lists."""

    name: str
    kind: str
    bars: int
    steps: int
    z_size: int
    voices: int
    parts: tuple[str, ...]
    lead_ms: float  # a control moved this long before a note is due is obeyed by it
    temperature: float  # the default
    noise: Shapes  # the layout of a phrase's chance
    graphs: Mapping[str, Graph]  # by role: encoder, start, decoder, and of a hierarchical model conductor
    vocabulary: tuple[int, ...] = ()  # of tokens, for each part
    hears: str = "all"  # what the encoder of a groove hears of what it is given: all of it, its taps, or its hits
    files: Mapping[str, FileProof] = field(default_factory=dict)
    training: Facts = field(default_factory=dict)  # config, data, licence, hours, hardware
    figures: Facts = field(default_factory=dict)
    axes: Facts = field(default_factory=dict)  # by axis: its calibration in words and numbers
    latents: Facts = field(default_factory=dict)

    @property
    def hierarchical(self) -> bool:
        """Whether a conductor leads the bars, each of which is decoded by itself."""
        return "conductor" in self.graphs


SCALARS: dict[str, type] = {
    "name": str, "kind": str, "bars": int, "steps": int, "z_size": int, "voices": int, "parts": list,
    "lead_ms": float, "temperature": float,
}
TABLES = ("noise", "graphs", "files")
CARRIED = ("training", "figures", "axes", "latents")


def read_card(folder: Path) -> ModelCard:
    """The card of the bundle in `folder`; UserError naming file, key and remedy when it is absent, malformed or of another version."""
    path = folder / CARD_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise UserError(f"{path}: {reason}; a bundle is a folder with a {CARD_FILE}, as mvae-export writes it") from error
    return card_from_toml(text, str(path))


def card_from_toml(text: str, place: str) -> ModelCard:
    """The card that `text` holds; `place` names it in errors. UserError as `read_card`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{place}: not TOML ({error}); export the bundle again") from error
    if table.get("format") != FORMAT:
        found = table.get("format", "missing")
        raise UserError(f"{place}: format = {found}: this version reads bundles of format {FORMAT}; export the model again")
    values = {key: _value(table, key, kind, place) for key, kind in SCALARS.items()}
    tables = {key: _value(table, key, dict, place) for key in TABLES}
    if values["kind"] not in KINDS:
        raise UserError(f"{place}: kind = '{values['kind']}': this version plays {', '.join(KINDS)}; use the version that wrote the bundle")
    return ModelCard(
        **{**values, "parts": tuple(values["parts"])},
        vocabulary=_vocabulary(table, values["kind"], place),
        hears=_hears(table, place),
        noise=_shapes(tables, "noise", place),
        graphs={role: _graph(tables["graphs"], role, place) for role in tables["graphs"]},
        files={name: _proof(tables["files"], name, place) for name in tables["files"]},
        **{key: _value(table, key, dict, place) if key in table else {} for key in CARRIED},
    )


def card_to_toml(card: ModelCard) -> str:
    """The card as TOML text; `card_from_toml` gives the same card back."""
    table: dict[str, Any] = {"format": FORMAT} | {key: getattr(card, key) for key in SCALARS}
    if card.vocabulary:
        table["vocabulary"] = card.vocabulary
    if card.hears != "all":
        table["hears"] = card.hears
    table["noise"] = card.noise
    table["graphs"] = {role: {"file": g.file, "inputs": g.inputs, "outputs": g.outputs} for role, g in card.graphs.items()}
    table |= {key: getattr(card, key) for key in CARRIED if getattr(card, key)}
    table["files"] = {name: {"bytes": proof.bytes, "sha256": proof.sha256} for name, proof in card.files.items()}
    return toml_text(table)


def _value(table: Mapping[str, Any], key: str, kind: type, place: str) -> Any:
    if key not in table:
        raise UserError(f"{place}: '{key}' is missing; export the bundle again")
    value = table[key]
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise UserError(f"{place}: {key} = {value!r}: where a {kind.__name__} belongs; export the bundle again")
    return value


def _vocabulary(table: Mapping[str, Any], kind: str, place: str) -> tuple[int, ...]:
    """The vocabulary of each stream of tokens, none of a groove."""
    expected = [VOCABULARY[name] for name in STREAMS.get(kind, ())]
    if expected and _value(table, "vocabulary", list, place) != expected:
        raise UserError(f"{place}: vocabulary = {table['vocabulary']}: of a {kind} it is {expected}; export the bundle again")
    return tuple(expected)


def _hears(table: Mapping[str, Any], place: str) -> str:
    """What the encoder hears; a card that does not say it hears all."""
    hears = table.get("hears", HEARD[0])
    if hears not in HEARD:
        raise UserError(f"{place}: hears = {hears!r}: this version knows {', '.join(HEARD)}; use the version that wrote the bundle")
    return str(hears)


def _shapes(table: Mapping[str, Any], key: str, place: str) -> dict[str, tuple[Dimension, ...]]:
    shapes = _value(table, key, dict, place)
    for name, shape in shapes.items():
        if not isinstance(shape, list) or not all(type(size) in (int, str) for size in shape):
            raise UserError(f"{place}: {key}.{name} = {shape!r}: not a shape; export the bundle again")
    return {name: tuple(shape) for name, shape in shapes.items()}


def _graph(graphs: Mapping[str, Any], role: str, place: str) -> Graph:
    table, where = _value(graphs, role, dict, place), f"{place}: graphs.{role}"
    return Graph(_value(table, "file", str, where), _shapes(table, "inputs", where), _shapes(table, "outputs", where))


def _proof(files: Mapping[str, Any], name: str, place: str) -> FileProof:
    table, where = _value(files, name, dict, place), f"{place}: files.{name}"
    return FileProof(_value(table, "bytes", int, where), _value(table, "sha256", str, where))
