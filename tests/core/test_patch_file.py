from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mvae.core.control import Control
from mvae.core.drums import NOTE_OF_CLASS
from mvae.core.errors import UserError
from mvae.core.panel import start
from mvae.core.part import Sound, Velocities
from mvae.core.patch import Button, Knob
from mvae.core.patch_file import load_patch, read_patch
from tests.toy_space import MORPH, PAD, toy_patch, write_patch

WHOLE = (
    PAD.replace(
        'bundle = "toy"',
        """bundle = "toy"
channel = 3
velocity = {min = 10, max = 120, curve = 0.5}
delay_ms = -12.5
gate_ms = 80
[part.map]
kick = {note = 60, channel = 16}
ride = {note = 61}""",
    )
    + """
[knob.x]
range = [0, 1]
cc = 1
channel = 2
osc = "/fader/1"
[knob.busy]
axis = "density"
default = -0.5
[button.out]
does = "mute drums"
note = 36
[button.end]
does = "stop bar"
key = "e"
"""
)


def test_everything_that_a_patch_can_say_is_read(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, WHOLE)
    (part,) = patch.parts
    assert (part.velocities, part.delay_ms, part.gate_ms) == (Velocities(10, 120, 0.5), -12.5, 80.0)
    assert part.sounds == (Sound(15, 60), *(Sound(2, note) for note in NOTE_OF_CLASS[1:8]), Sound(2, 61))
    assert patch.knobs == (
        Knob("x", 0.0, 1.0, cc=1, channel=1, osc="/fader/1"),
        Knob("busy", -2.0, 2.0, default=-0.5, axis="density"),
    )
    assert patch.buttons == (Button("out", "mute drums", None, note=36), Button("end", "stop", "bar", key="e"))


BAND = """format = 1
name = "Band"
scale = "Pentatonic-Minor"
quantise = "bar"
[[part]]
name = "drums"
bundle = "groove"
[[part]]
name = "tune"
stream = "melody"
bundle = "trio"
low = 48
high = 84
[[part]]
name = "bass"
bundle = "trio"
[anchors]
A = "rock"
B = "funk"
[anchors.bass]
A = "slow"
B = "fast"
[humanize]
bundle = "groove"
anchor = "rock"
[knob.hits]
axis = "drums.density"
[knob.bass.temperature]
cc = 5
[knob.tune.humanize]
default = 0.5
[button.quiet]
does = "mute tune"
key = "b"
"""


def test_several_parts_are_read_each_with_its_stream_channel_and_register(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, BAND)
    assert [(part.name, part.stream, part.channel, part.melodic) for part in patch.parts] == [
        ("drums", "drums", 9, False), ("tune", "melody", 0, True), ("bass", "bass", 1, True),
    ]  # fmt: skip
    assert (patch.parts[1].low, patch.parts[1].high) == (48, 84) and patch.bundles == ("groove", "trio")
    assert patch.anchors == (("A", "rock"), ("B", "funk")) and patch.own_anchors == (("bass", (("A", "slow"), ("B", "fast"))),)
    assert patch.humanize == ("groove", "rock")
    outs = {f"{part.name}.out": "main" for part in patch.parts}
    assert dict(start(patch.actions()).choices) == {"quantise": "bar", "key": "C", "scale": "pentatonic minor"} | outs
    assert [(knob.name, knob.axis, knob.cc) for knob in patch.knobs] == [
        ("hits", "drums.density", None), ("bass.temperature", None, 5), ("tune.humanize", None, None),
    ]  # fmt: skip
    assert patch.actions()["tune.humanize"].default == 0.5 and patch.buttons[0].action == "mute tune"


def test_where_every_bundle_has_anchors_of_its_own_none_are_shared(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, BAND.replace("[anchors]", "[anchors.drums]"))
    assert patch.anchors == () and [part for part, _ in patch.own_anchors] == ["drums", "bass"] and patch.slots == ("A", "B")


def part(line: str) -> str:
    return PAD.replace('bundle = "toy"', f'bundle = "toy"\n{line}')


# What is written -> what the one line says: key, value and remedy.
MISTAKES = {
    "format = 1 = 2": r"not TOML: .*line 1",
    PAD.replace("format = 1", "format = 2"): r"format = 2: this mvae reads format 1",
    PAD.replace("format = 1\n", ""): r"format: missing: give a whole number",
    PAD.replace('name = "Test"\n', ""): r'name: missing: give text',
    "nmae = 3\n" + PAD: r"nmae = 3: no key 'nmae' \(did you mean 'name'\?\); there are: format, name",
    'start = "soon"\n' + PAD: r"start = \"soon\": no start 'soon'; there are: now, armed",
    "tempo = 1000\n" + PAD: r"tempo = 1000: give a number 20..400",
    PAD + "[[part]]\nbundle = 'x'\n": r"\[\[part\]\] name: two parts are called drums: give each a name of its own",
    "format = 1\nname = 'x'\n[anchors]\nA = 'a'\nB = 'b'\n": r"\[\[part\]\]: there are 0",
    "part = 3\nformat = 1\nname = 'x'\n": r"part = 3: make it tables, such as \[\[part\]\]",
    part("channel = 17"): r"\[\[part\]\] channel = 17: give a whole number 1..16",
    part("channel = true"): r"channel = true: give a whole number",
    part('name = "Big Drums"'): r'name = "Big Drums": use small letters',
    part("delay_ms = 60"): r"delay_ms = 60: give a number -50..50",
    part("delay_ms = nan"): r"delay_ms = nan: give a number",
    part("velocity = {min = 100, max = 50}"): r"\[part.velocity\] min = 100: give at most max, 50",
    part("velocity = {mim = 100}"): r"\[part.velocity\] mim = 100: no key 'mim' \(did you mean 'min'\?\)",
    part("velocity = 100"): r"velocity = 100: make it a table",
    part("map = {snaer = {note = 1}}"): r"\[part.map\] snaer = .*no key 'snaer' \(did you mean 'snare'\?\); there are: kick, snare",
    part("map = {kick = {note = 128}}"): r"\[part.map.kick\] note = 128: give a whole number 0..127",
    part("octaves = 1"): r"\[\[part\]\] octaves = 1: no key 'octaves'",
    part("octave = 1"): r"\[\[part\]\] octave = 1: drums have no pitches: change their notes in \[part.map\]",
    part("accent = 2"): r"accent = 2: give a number 0..1",
    part("port = 3"): r"\[\[part\]\] port = 3: give text",
    BAND.replace('name = "bass"', 'name = "tune"', 1): r"\[\[part\]\] name = \"tune\": two parts are called tune",
    BAND.replace('stream = "melody"', 'stream = "flute"'): r"stream = \"flute\": no stream 'flute'; there are: melody, bass, drums",
    BAND.replace("Pentatonic-Minor", "wild"): r"scale = \"wild\": no scale 'wild'; there are: chromatic, major",
    'key = "C"\n' + PAD: r"key = \"C\": no key 'key'",
    BAND.replace("low = 48", "low = 90"): r"\[\[part\]\] low = 90: give at most high, 84",
    BAND.replace("[anchors]", "[anchors.tune]"): r"\[anchors.bass\]: tune and bass share a latent: keep one of the two",
    BAND.replace("[anchors.bass]", "[anchors.base]"): r"\[anchors\] base = .*no key 'base' \(did you mean 'bass'\?\)",
    BAND.replace('B = "fast"', ""): r"\[anchors.bass\] B: missing",
    BAND.replace('B = "fast"', 'B = "fast"\nC = "c"\nD = "d"'): r"\[anchors\] C: missing",
    BAND.replace("drums.density", "drum.density"): r"axis = \"drum.density\": no part 'drum' \(did you mean 'drums'\?\)",
    BAND.replace("knob.bass.temperature", "knob.bass.tempo"): r"\[knob.bass.tempo\]: give axis",
    BAND.replace("knob.bass.temperature", "knob.drums.octave"): r"\[knob.drums.octave\]: give axis",
    BAND.replace('anchor = "rock"', ""): r"\[humanize\] anchor: missing",
    BAND.replace('anchor = "rock"', 'anchor = "rock"\namount = 1'): r"\[humanize\] amount = 1: no key 'amount'",
    PAD.replace('D = "latin"\n', ""): r"\[anchors\] D: missing",
    PAD + 'E = "punk"\n': r"\[anchors\] E = \"punk\": no key 'E'.*there are: drums, A, B, C, D",
    PAD + "[knob.morph]\ncc = 1\n": r"\[knob.morph\]: x and y need four anchors, morph needs two",
    MORPH + "[knob.x]\ncc = 1\n": r"\[knob.x\]: x and y need four anchors, morph needs two; .* morph, temperature",
    PAD + "[knob.densty]\ncc = 1\n": r"\[knob.densty\]: give axis = ",
    PAD + "[knob.velocity]\naxis = 'velocity'\n": r"\[knob.velocity\] axis = \"velocity\": velocity is a knob of the instrument",
    PAD + "[knob.x]\nrange = [0, 2]\n": r"\[knob.x\] range = \[0, 2\]: give two rising numbers within \[0, 1\]",
    PAD + "[knob.x]\nrange = [1, 0]\n": r"range = \[1, 0\]: give two rising numbers",
    PAD + "[knob.x]\ncurve = 'exp'\n": r"curve = \"exp\": no curve 'exp'; there are: linear, square, log",
    PAD + "[knob.x]\ncurve = 'log'\n": r"curve = \"log\": log needs a range above 0",
    PAD + "[knob.x]\ndefault = 3\n": r"default = 3: give a number 0..1",
    PAD + "[knob.x]\ncc = 128\n": r"cc = 128: give a whole number 0..127",
    PAD + "[knob.x]\ncc = 1\nnrpn = 5\n": r"\[knob.x\] cc = 1: give one of cc, nrpn and pitchbend",
    PAD + "[knob.x]\nnrpn = 16383\n": r"nrpn = 16383: give a whole number 0..16382",
    PAD + "[knob.x]\ncc = 40\nencoding = 'absolute14'\n": r"encoding = \"absolute14\": 14 bits are CC n and n \+ 32",
    PAD + "[knob.x]\ncc = 40\nencoding = 'gray'\n": r"encoding = \"gray\": no encoding 'gray'; there are: absolute7",
    PAD + "[knob.x]\npitchbend = 1\n": r"pitchbend = 1: give true or false",
    PAD + "[knob.x]\nsmooth = -1\n": r"smooth = -1: give a number 0..10000",
    PAD + "[button.b]\ndoes = 'play'\nprogram = 0\n": r"program = 0: give a whole number 1..128",
    PAD + "[button.b]\ndoes = 'play'\nprogram = 1\n[button.c]\ndoes = 'stop'\nprogram = 1\n": r"\[button.b\] has it already",
    PAD + "[knob.x]\nosc = 'fader'\n": r"osc = \"fader\": give an OSC address of your own",
    PAD + "[knob.x]\nosc = '/mvae/play'\n": r"osc = \"/mvae/play\": give an OSC address of your own",
    PAD + "[knob.'big knob']\ncc = 1\n": r"name a knob with small letters",
    PAD + "[knob]\nx = 3\n": r"\[knob\] x = 3: make it a table",
    PAD + "[knob.x]\ncc = 1\n[knob.y]\ncc = 1\n": r"\[knob.y\] cc = 1: \[knob.x\] has it already",
    PAD + "[knob.x]\ncc = 1\nchannel = 4\n[button.b]\ncc = 1\ndoes = 'play'\n": r"\[button.b\] cc = 1: \[knob.x\] has it already",
    PAD + "[button.b]\nnote = 1\n": r"\[button.b\] does: missing",
    PAD + "[button.b]\nnote = 1\ndoes = 'mute bass'\n": r"\[button.b\] does = \"mute bass\": no action 'mute bass'.*mute drums",
    PAD + "[button.b]\nnote = 1\ndoes = 'fill lots'\n": r"does = \"fill lots\": fill takes a number",
    PAD + "[button.b]\ndoes = 'play'\n": r"\[button.b\]: nothing presses it: give note, cc, program or key",
    PAD + "[button.b]\ndoes = 'play'\nkey = 'q'\n": r"key = \"q\": give one key, other than q",
}


@pytest.mark.parametrize(("text", "answer"), MISTAKES.items(), ids=range(len(MISTAKES)))
def test_every_mistake_is_one_line_that_names_file_key_value_and_remedy(tmp_path: Path, text: str, answer: str) -> None:
    path = write_patch(tmp_path, text)
    with pytest.raises(UserError, match=answer) as problem:
        read_patch(path)
    assert str(problem.value).startswith(f"{path}: ") and "\n" not in str(problem.value)


@pytest.mark.parametrize("channels", [("channel = 4\n", "channel = 5\n")])
def test_one_cc_may_be_bound_on_two_channels(tmp_path: Path, channels: tuple[str, str]) -> None:
    patch = toy_patch(tmp_path, PAD + f"[knob.x]\ncc = 1\n{channels[0]}[knob.y]\ncc = 1\n{channels[1]}")
    assert [knob.channel for knob in patch.knobs] == [3, 4]


def test_one_cc_of_two_controllers_may_do_two_things(tmp_path: Path) -> None:
    text = "controller = 'nano'\n[[part]]\nbundle = 'toy'\n"
    own = PAD.replace("[[part]]\nbundle = \"toy\"\n", text)
    patch = toy_patch(tmp_path, own + "[knob.x]\ncc = 1\n[knob.y]\ncc = 1\ncontroller = 'lpd8'\n")
    assert patch.controller == "nano" and [knob.controller for knob in patch.knobs] == [None, "lpd8"]


def test_a_knob_is_turned_by_a_cc_an_nrpn_or_the_pitch_bend_and_may_be_smooth(tmp_path: Path) -> None:
    knobs = "[knob.x]\ncc = 1\nencoding = 'absolute 14'\nsmooth = 20\n[knob.y]\nnrpn = 300\nchannel = 2\n[knob.tempo]\npitchbend = true\n"
    patch = toy_patch(tmp_path, PAD + knobs + "[knob.velocity]\ncc = 7\nencoding = 'sign bit'\n[knob.push]\n")
    controls = [Control("cc", 1, None, "absolute14"), Control("nrpn", 300, 1), Control("pitchbend", 0, None, "absolute14")]
    assert [knob.control for knob in patch.knobs] == [*controls, Control("cc", 7, None, "sign_bit"), None]
    assert patch.smooth_ms == {"x": 20.0}


def test_a_button_is_pressed_by_a_note_a_cc_and_a_program_change(tmp_path: Path) -> None:
    (button,) = toy_patch(tmp_path, PAD + "[button.b]\ndoes = 'play'\nnote = 1\ncc = 2\nprogram = 3\nchannel = 4\n").buttons
    assert button.controls == (Control("note", 1, 3), Control("cc", 2, 3), Control("program", 2, 3))


def test_a_file_that_is_not_there_a_folder_and_bytes_are_user_errors(tmp_path: Path) -> None:
    (tmp_path / "noise.toml").write_bytes(b"\xff\xfe\x00")
    for name, answer in (("none.toml", "No such file"), ("", "directory"), ("noise.toml", "not UTF-8")):
        with pytest.raises(UserError, match=answer):
            load_patch(f"{tmp_path}/{name}")


LINES = st.sampled_from(sorted({line for line in (WHOLE + "\n".join(MISTAKES)).splitlines() if line}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=12) | st.text(max_size=80))
def test_no_text_at_all_raises_anything_but_a_user_error(tmp_path: Path, lines: list[str] | str) -> None:
    text = lines if isinstance(lines, str) else PAD + "\n".join(lines)
    try:
        read_patch(write_patch(tmp_path, text))
    except UserError as problem:
        assert str(problem)


def test_parts_of_one_port_share_it_and_a_virtual_one_is_each_parts_own(tmp_path: Path) -> None:
    ports = {"drums": "port = 'IAC'", "tune": "port = 'iac'", "bass": "port = 'virtual'", "lead": ""}
    tables = "".join(f"[[part]]\nname = '{name}'\nbundle = 'trio'\nstream = 'melody'\n{port}\n" for name, port in ports.items())
    patch = toy_patch(tmp_path, f"format = 1\nname = 'Ports'\n{tables}[anchors]\nA = 'rock'\nB = 'funk'\n")
    assert [(part.port, part.slot) for part in patch.parts] == [("IAC", 1), ("iac", 1), ("virtual", 3), (None, 4)]
    outs = start(patch.actions()).choices
    assert [outs[f"{name}.out"] for name in ports] == ["own", "own", "own", "main"]


def test_a_part_may_say_where_its_knobs_begin_and_a_drum_has_a_knob_of_its_own(tmp_path: Path) -> None:
    bass = "[[part]]\nname = 'bass'\nbundle = 'trio'\noctave = -1\ntranspose = 5\naccent = 0.25\ngate_ms = 90\nchannel = 3\n"
    kick = "[knob.drums.map.kick]\ncc = 20\nrange = [35, 36]\n"
    patch = toy_patch(tmp_path, PAD.replace("[anchors]", f"{bass}[anchors]") + kick)
    knobs = patch.actions()
    begin = {name: knobs[f"bass.{name}"].default for name in ("octave", "transpose", "accent", "gate_ms", "channel")}
    assert begin == {"octave": -1, "transpose": 5, "accent": 0.25, "gate_ms": 90, "channel": 3}
    assert (knobs["drums.map.kick"].low, knobs["drums.map.kick"].high, patch.knobs[0].cc) == (35, 36, 20)


def test_a_patch_may_say_which_slot_is_led_by_what_is_played_in(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, MORPH + '\n[listen]\nslot = "B"\n')
    assert patch.listen == "B" and "freeze" in patch.actions() and "freeze" not in toy_patch(tmp_path, MORPH).actions()
    with pytest.raises(UserError, match=r"\[listen\] slot = \"C\""):
        toy_patch(tmp_path, MORPH + '\n[listen]\nslot = "C"\n')


def test_a_program_change_may_be_a_scene_or_a_patch(tmp_path: Path) -> None:
    assert toy_patch(tmp_path, PAD + '\n[program]\ndoes = "patch"\n').programs == "patch load" and toy_patch(tmp_path).programs is None
    assert toy_patch(tmp_path, PAD + '\n[program]\ndoes = "scene"\n').programs == "scene"
    with pytest.raises(UserError, match=r"\[program\] does = \"bundle\": no does 'bundle'; there are: scene, patch"):
        toy_patch(tmp_path, PAD + '\n[program]\ndoes = "bundle"\n')
