from pathlib import Path

import pytest

from mvae.core.errors import UserError
from tests.toy_space import PAD, toy_patch

TOP = 'song = ["intro", "verse", "kept by the user"]\n' + PAD.replace('[[part]]\n', '[[part]]\nname = "drums"\n') + """
[[part]]
name = "bass"
stream = "bass"
bundle = "toy"
[knob.density]
axis = "density"
"""
SCENES = """
[[scene]]
name = "intro"
bars = 4
knobs = {density = -1, drums = {swing = 0.5}, "bass.octave" = 1}
mute = ["bass"]

[[scene]]
name = "verse"
anchors = {A = "latin", D = "my own"}
key = "f#"
scale = "major"
solo = []
chance = 7
bars = 8
then = "Next"
glide = 2
"""


def test_scenes_and_the_song_are_read(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, TOP + SCENES)
    intro, verse = patch.scenes
    assert patch.song == ("intro", "verse", "kept by the user")
    assert (intro.name, intro.bars, intro.then, intro.glide_beats, intro.roll) == ("intro", 4, "", None, None)
    assert intro.knobs == {"density": -1.0, "drums.swing": 0.5, "bass.octave": 1.0}
    assert intro.switches == {"mute drums": False, "mute bass": True} and intro.choices == {} == intro.anchors
    assert verse.anchors == {"A": "latin", "D": "my own"} and verse.choices == {"key": "F#", "scale": "major"}
    assert verse.switches == {"solo drums": False, "solo bass": False}
    assert (verse.roll, verse.seed, verse.bars, verse.then, verse.glide_beats) == (7, None, 8, "next", 2.0)


def test_a_patch_without_scenes_has_none(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path)
    assert patch.scenes == () == patch.song


@pytest.mark.parametrize(
    ("scene", "told"),
    [
        ("", r"\[\[scene\]\] name: missing"),
        ('name = "next"', r'name = "next": .*not a name'),
        ('name = "a"\n[[scene]]\nname = "A"', "two scenes are called A"),
        ('name = "a"\nknobs = {densty = 1}', "densty: no knob 'densty' .did you mean 'density'"),
        ('name = "a"\nknobs = {density = 9}', "density = 9: give a number -2..2"),
        ('name = "a"\nknobs = {drums = {swing = true}}', "drums.swing = True: give a number 0..1"),
        ('name = "a"\nanchors = {E = "rock"}', "E = .*no key 'E'"),
        ('name = "a"\nmute = ["dums"]', "no part 'dums' .did you mean 'drums'"),
        ('name = "a"\nmute = "drums"', "give a list of texts"),
        ('name = "a"\nbars = 0', "bars = 0: give a whole number 1..1024"),
        ('name = "a"\nglide = -1', "glide = -1: give a number 0..64"),
        ('name = "a"\nkey = "H"', "key = .*no key 'H'"),
        ('name = "a"\nlength = 4', "no key 'length'"),
    ],
)
def test_every_mistake_is_one_line_with_the_remedy(tmp_path: Path, scene: str, told: str) -> None:
    with pytest.raises(UserError, match=f"test.toml: .*{told}") as raised:
        toy_patch(tmp_path, f"{TOP}\n[[scene]]\n{scene}\n")
    assert "\n" not in str(raised.value)
