"""A bundle's files prove themselves, its latents come back as they went in, and it is replaced whole or not at all."""

import dataclasses
import io
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.bundle import (
    GOLDEN_FILE,
    LATENT_SHAPES,
    LATENTS_FILE,
    ROLES,
    WEIGHTS_FILE,
    read_arrays,
    read_space,
    replacing,
    seal,
    verify,
    with_latents,
    write_arrays,
)
from mvae.core.card import CARD_FILE, Graph, ModelCard, read_card
from mvae.core.errors import UserError
from tests.tiny_bundle import Z, tiny_latents

CARD = ModelCard(
    "toy", "groove", 2, 32, Z, 9, ("drums",), 20.0, 0.5, {"hits": ("steps", 9)}, {role: Graph(f"{role}.onnx", {}, {}) for role in ROLES}
)


def onnx_linking_to(location: str) -> bytes:
    """The bytes of a ModelProto with one external tensor."""
    entry = field(1, b"location") + field(2, location.encode())
    return field(7, field(5, field(13, entry)))


def field(number: int, value: bytes) -> bytes:
    assert len(value) < 128
    return bytes([number << 3 | 2, len(value)]) + value


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A sealed folder with the files of a bundle, none of which runs."""
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / WEIGHTS_FILE).write_bytes(bytes(range(100)))
    for role in ROLES:
        (folder / f"{role}.onnx").write_bytes(onnx_linking_to(WEIGHTS_FILE))
    write_arrays(folder / GOLDEN_FILE, {"z": np.zeros((2, Z), np.float32)})
    seal(folder, CARD)
    return folder


def reseal(folder: Path) -> None:
    seal(folder, read_card(folder))


def card(old: str, new: str) -> Callable[[Path], None]:
    """Change the card's text."""
    return lambda folder: (folder / CARD_FILE).write_text((folder / CARD_FILE).read_text().replace(old, new)) and None


def damage(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change a file behind the card's back."""
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes())) and None


def forge(name: str, data: bytes) -> Callable[[Path], None]:
    """Put other bytes in a file's place and seal the bundle again."""

    def forger(folder: Path) -> None:
        (folder / name).write_bytes(data)
        reseal(folder)

    return forger


def hide_pickle(folder: Path) -> None:
    write_arrays(folder / LATENTS_FILE, {"anchors": np.array([{"a": 1}], dtype=object)})
    reseal(folder)


HALF_AN_NPZ = b"PK\x03\x04" + bytes(60)
SPOILED: dict[str, tuple[Callable[[Path], None], str]] = {
    "another version": (card("format = 1", "format = 7"), "card.toml: format = 7"),
    "no card": (lambda folder: (folder / CARD_FILE).unlink(), "card.toml: No such file"),
    "a card without a graph": (card("graphs.start", "graphs.begin"), r"graphs\.start is missing"),
    "a card without a file": (card('files."weights.safetensors"', 'files."other"'), r"files\.weights\.safetensors is missing"),
    "a card that points outside": (card('[files."golden', '[files."../a"]\nbytes = 1\nsha256 = ""\n[files."golden'), "'../a': outside"),
    "a missing file": (lambda folder: (folder / WEIGHTS_FILE).unlink(), "weights.safetensors: No such file.*though the card lists it"),
    "a truncated file": (damage(WEIGHTS_FILE, lambda data: data[:60]), "weights.safetensors: truncated: 60 bytes of 100"),
    "a changed file": (damage(WEIGHTS_FILE, lambda data: data[::-1]), "weights.safetensors: sha256 is not the card's"),
    "a longer file": (damage(WEIGHTS_FILE, lambda data: data + b"x"), "weights.safetensors: sha256 is not the card's"),
    "a pickled array": (hide_pickle, "latents.npz: holds a pickle"),
    "an npz that is all pickle": (forge(GOLDEN_FILE, pickle.dumps({"z": 1})), "golden.npz: holds a pickle"),
    "a damaged npz": (forge(GOLDEN_FILE, HALF_AN_NPZ), "golden.npz: damaged"),
    "a pickle beside": (lambda folder: (folder / "model.pkl").write_bytes(b"x") and None, "model.pkl: may hold a pickle"),
    "a link outside": (forge("decoder.onnx", onnx_linking_to("../secret")), "decoder.onnx: location = '../secret': outside"),
    "an absolute link": (forge("start.onnx", onnx_linking_to("/etc/passwd")), "start.onnx: location = '/etc/passwd': outside"),
    "a link to a stranger": (forge("start.onnx", onnx_linking_to("other.bin")), "location = 'other.bin': not a file of the card"),
    "no ONNX": (forge("encoder.onnx", b"\xff\xff"), "encoder.onnx: not an ONNX file"),
}


def test_a_sealed_bundle_is_accepted(toy: Path) -> None:
    assert dataclasses.replace(verify(toy), files={}) == CARD


@pytest.mark.parametrize("what", SPOILED)
def test_a_spoiled_bundle_is_refused_in_one_line(what: str, toy: Path) -> None:
    change, message = SPOILED[what]
    change(toy)
    with pytest.raises(UserError, match=message) as refusal:
        verify(toy)
    assert "\n" not in str(refusal.value)


def test_a_stray_note_beside_the_files_does_no_harm(toy: Path) -> None:
    (toy / "notes.txt").write_text("mine")
    assert verify(toy).name == "toy"


def test_a_bundle_without_latents_has_an_empty_space(toy: Path) -> None:
    space = read_space(toy, verify(toy))
    assert (space.z_size, dict(space.anchors), dict(space.axes), space.mixture, space.residual) == (Z, {}, {}, None, None)


def test_latents_come_back_as_they_went_in(toy: Path) -> None:
    given = tiny_latents()
    with_latents(toy, given, {})
    space = read_space(toy, verify(toy))
    assert list(space.anchors) == ["funk", "rock"] and (space.anchors["rock"] == given["anchors"][1]).all()
    assert list(space.fills) == ["roll"] and space.fills["roll"].dtype == np.float32
    assert np.allclose(space.axes["density"].move(1.0), 0.5 * given["axis_direction"][0])
    assert (space.axes["density"].move(2.0) == space.axes["density"].move(1.5)).all()
    assert space.mixture is not None and space.mixture.mean.shape == (2, Z)
    assert space.residual is not None and space.residual.offset_sd.tolist() == [0.2] * 9


def test_new_latents_replace_the_old_ones_and_none_leave_them(toy: Path) -> None:
    with_latents(toy, tiny_latents(1), {})
    with_latents(toy, tiny_latents(2), {})
    before = (toy / LATENTS_FILE).read_bytes()
    with_latents(toy, {}, {"temperature": 0.25})
    assert (toy / LATENTS_FILE).read_bytes() == before
    assert (read_arrays(toy / LATENTS_FILE)["anchors"] == tiny_latents(2)["anchors"]).all()


def test_facts_are_added_to_the_card(toy: Path) -> None:
    with_latents(toy, {}, {"axes": {"density": {"low": -2.0}}, "figures": {"hit_f1": 0.9}})
    with_latents(toy, {}, {"figures": {"n": 3}, "temperature": 1, "lead_ms": 25})
    found = verify(toy)
    assert found.figures == {"hit_f1": 0.9, "n": 3} and found.axes == {"density": {"low": -2.0}}
    assert (found.temperature, found.lead_ms) == (1.0, 25.0)


@pytest.mark.parametrize("facts", [{"speed": 3}, {"figures": 3}, {"temperature": "hot"}, {"figures": {"hours": None}}])
def test_facts_that_a_card_has_no_place_for_are_refused(facts: dict[str, object], toy: Path) -> None:
    with pytest.raises(UserError, match=r"card facts: "):
        with_latents(toy, {}, facts)
    assert dataclasses.replace(verify(toy), files={}) == CARD


@pytest.mark.parametrize("name", LATENT_SHAPES)
def test_latents_of_another_shape_kind_or_without_their_group_are_refused(name: str, toy: Path) -> None:
    before, whole = verify(toy), tiny_latents()
    wrong = np.array([[["x"]]]) if name.endswith("names") else whole[name][..., :-1]
    other = whole[name].astype("U8") if whole[name].dtype.kind == "f" else np.zeros(whole[name].shape)
    bad = [whole | {name: array} for array in (wrong, other, np.expand_dims(whole[name], 0))]
    for latents in [*bad, {key: array for key, array in whole.items() if key != name}, whole | {"riddle": whole[name]}]:
        with pytest.raises(UserError, match=r"latents\.npz: "):
            with_latents(toy, latents, {})
    assert verify(toy) == before


def test_latents_that_are_not_finite_are_refused(toy: Path) -> None:
    latents = tiny_latents()
    latents["anchors"][0, 0] = np.nan
    with pytest.raises(UserError, match=r"latents\.npz: anchors holds float32; expected finite numbers"):
        with_latents(toy, latents, {})


@given(st.integers(0, 10_000), st.integers(0, 255), st.booleans())
def test_any_damage_to_an_array_file_is_read_through_or_refused(at: int, byte: int, cut: bool) -> None:
    whole = io.BytesIO()
    np.savez_compressed(whole, a=np.arange(30.0), names=np.array(["x", "yy"]))
    data = bytearray(whole.getvalue())
    data[at % len(data)] = byte
    with tempfile.NamedTemporaryFile(suffix=".npz") as file:
        file.write(data[: at % len(data)] if cut else data)
        file.flush()
        try:
            assert isinstance(read_arrays(Path(file.name)), dict)
        except UserError as error:
            assert file.name in str(error) and "\n" not in str(error)


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "place"
    with replacing(place) as beside:
        (beside / "a").write_text("first")
        assert not place.exists()
    with pytest.raises(ZeroDivisionError), replacing(place) as beside:
        (beside / "a").write_text("second")
        raise ZeroDivisionError
    assert (place / "a").read_text() == "first"
    with replacing(place) as beside:
        (beside / "b").write_text("third")
    assert [path.name for path in place.iterdir()] == ["b"]
    assert [path.name for path in place.parent.iterdir()] == ["place"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"choose a folder that can be written"), replacing(tmp_path / "file" / "bundle"):
        pass
