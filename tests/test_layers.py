"""The rooms' doors open one way: live -> core <- train <- export. Read from the code itself, so that no import slips in unseen."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("core", "live", "train", "export", "patches")
MAY_IMPORT = {
    "core": {"core"},
    "live": {"live", "core", "patches"},
    "train": {"train", "core"},
    "export": {"export", "train", "core"},
    "patches": set(),
}
SHARED_DOORS = {"mvae.live.decoder", "mvae.live.token_decoder"}  # the modules of live that train and export may import
CORE_LIBRARIES = {"numpy", "mido"}
FOREIGN_TO_LIVE = {"torch", "onnx", "onnxscript", "safetensors", "tensorboard"}


def modules() -> Iterator[tuple[str, Path]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).glob("**/*.py")):
            yield room, path


def imported(path: Path) -> set[str]:
    """Every module that the file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize(("room", "path"), [pytest.param(room, path, id=f"{room}/{path.name}") for room, path in modules()])
def test_a_room_imports_only_what_lies_below_it(room: str, path: Path) -> None:
    for name in imported(path):
        first, _, rest = name.partition(".")
        assert first not in ROOMS, f"{path}: bare import of {name}"
        if first == "mvae":
            through_a_door = room in ("train", "export") and name in SHARED_DOORS
            assert rest.split(".")[0] in MAY_IMPORT[room] or through_a_door, f"{path} imports {name}"


def test_core_knows_only_numpy_and_mido_besides_the_standard_library() -> None:
    found = {name.split(".")[0] for room, path in modules() if room == "core" for name in imported(path)}
    assert found - set(sys.stdlib_module_names) - {"mvae"} <= CORE_LIBRARIES


def test_live_never_names_a_training_library() -> None:
    found = {name.split(".")[0] for room, path in modules() if room == "live" for name in imported(path)}
    assert not found & FOREIGN_TO_LIVE


def test_importing_all_of_live_leaves_torch_unloaded() -> None:
    names = ", ".join(f"mvae.live.{path.stem}" for room, path in modules() if room == "live" and path.stem != "__init__")
    code = f"import sys, {names}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
