"""Everything a performer can do, in one table: the source of OSC addresses, MIDI map, keys, help and tests.

A section for each room of the instrument; `table` puts them together. Says what there is, not what it does.
"""

from collections.abc import Container, Iterable
from dataclasses import replace

from mvae.core.actions import LONGEST_PATH, Action, Argument
from mvae.core.drums import CLASSES, NOTE_OF_CLASS
from mvae.core.scale import KEYS, SCALES

SLOTS = ("A", "B", "C", "D")
OUTS = ("main", "own")
PATCH_LOAD, PATCH_NEXT, PATCH_PREVIOUS = "patch load", "patch next", "patch previous"
NAMED = Argument("name", "")
PATCH = Argument("name", "", longest=LONGEST_PATH)
DELAY = Argument("ms", 100.0, 1, 1000)
BARS_HEARD = Argument("bars", 2, 1, 16)


def knob(name: str, low: float, high: float, default: float, unit: str, text: str, curve: str = "linear") -> Action:
    """A knob at its usual address."""
    return Action(name, "knob", f"/mvae/knob/{name}", text, float(low), float(high), float(default), unit, curve)


def trigger(name: str, address: str, text: str, argument: Argument | None = None) -> Action:
    """A trigger."""
    return Action(name, "trigger", address, text, argument=argument)


MORPH = (knob("morph", 0, 1, 0, "", "between anchors A and B"),)
PAD = (knob("x", 0, 1, 0, "", "the pad, from A and C to B and D"), knob("y", 0, 1, 0, "", "the pad, from A and B to C and D"))
KNOBS = (
    knob("temperature", 0, 1.5, 0.5, "", "how far chance may stray from the likeliest hits"),
    knob("variation", 0, 1, 0, "", "how much of the chance is drawn anew in each loop"),
    knob("feel", 0, 2, 1, "", "the drummer's spread of velocity and timing that the model's means leave out"),
    knob("timing", 0, 2, 1, "", "micro-timing: 0 on the grid, 1 as decoded"),
    knob("push", -30, 30, 0, "ms", "ahead of the beat; below 0 laid back"),
    knob("velocity", 0, 2, 1, "", "gain of every velocity"),
    replace(knob("tempo", 20, 400, 120, "BPM", "tempo"), address="/mvae/tempo"),
    knob("nudge", -100, 100, 0, "ms", "all notes later than the beat of clock or master; below 0 earlier"),
    knob("glide", 0, 64, 0, "beats", "how long the way to another scene or to a point loaded into a slot takes"),
    knob("wander", 0, 1, 0, "", "how far the latent strays on a slow walk, as a share of its own length"),
    knob("wander_beats", 1, 256, 16, "beats", "from one turn of the walk to the next", "log"),
)
AXIS = knob("axis", -2, 2, 0, "sd", "an attribute of the music, in standard deviations")
TRIGGERS = (
    trigger("play", "/mvae/play", "from bar 1 at the next quantum"),
    trigger("continue", "/mvae/continue", "from where it stopped"),
    trigger("stop", "/mvae/stop", "silence now, or at the bar line", Argument("when", "now", choices=("now", "bar"))),
    trigger("panic", "/mvae/panic", "all notes off"),
    trigger("reseed", "/mvae/reseed", "a new roll of the dice"),
    trigger("tap", "/mvae/tap", "tap the tempo"),
    trigger("fill", "/mvae/fill", "a fill, and back exactly", Argument("bars", 1, 1, 16)),
    trigger("locate", "/mvae/locate", "go on from a bar, the first is 1", Argument("bar", 1, 1, 100_000)),
    trigger("infill", "/mvae/infill", "lock what was just played in, and play around it", BARS_HEARD),
    trigger("learn", "/mvae/learn", "bind the control that is touched next to an action, by its name; none: no more", NAMED),
    trigger("learn forget", "/mvae/learn/forget", "unbind what was learned for an action, by its name; none: all that was learned", NAMED),
    trigger("learn keep", "/mvae/learn/keep", "keep what was learned in the patch's file, or in a copy of a patch that comes with mvae"),
    trigger("listen port", "/mvae/listen/port", "listen to another input, by a part of its name; none: to nothing", NAMED),
    trigger("controller", "/mvae/controller", "one more MIDI input that turns knobs, by a part of its name", NAMED),
    trigger("controller remove", "/mvae/controller/remove", "one controller less, by a part of its name", NAMED),
    trigger("port", "/mvae/port", "another output for the instrument, by a part of its name; none: a virtual one", NAMED),
    trigger(PATCH_LOAD, "/mvae/patch/load", "another patch by name, number or file, from the next line on", PATCH),
    trigger(PATCH_NEXT, "/mvae/patch/next", "the next patch of the list, from the next line on"),
    trigger(PATCH_PREVIOUS, "/mvae/patch/previous", "the patch before it in the list, from the next line on"),
    trigger("notes to", "/mvae/notes/to", "send the notes over OSC too: HOST:PORT, flat:HOST:PORT, dirt for SuperDirt, or off", NAMED),
    trigger("notes delay", "/mvae/notes/delay", "how much later the notes over OSC are than those over MIDI", DELAY),
    trigger("clip write", "/mvae/clip/write", "write the phrase into Ableton Live: TRACK SLOT for all parts, or TRACK SLOT PART", NAMED),
    trigger("clip to", "/mvae/clip/to", "where AbletonOSC listens: HOST:PORT", NAMED),
    trigger("scene", "/mvae/scene", "recall a scene by name, or by its number from 1", NAMED),
    trigger("scene next", "/mvae/scene/next", "the next scene of the song, or the first"),
    trigger("scene store", "/mvae/scene/store", "keep all that plays as a scene; without a name, as the one that plays", NAMED),
    trigger("scene bars", "/mvae/scene/bars", "how long the scene that plays lasts", Argument("bars", 4, 1, 1024)),
    trigger("scene then", "/mvae/scene/then", "what follows the scene: again, next, random or a name", Argument("then", "again")),
)
CHOICES = (Action("quantise", "choice", "/mvae/quantise", "when changes take hold", choices=("now", "beat", "bar", "phrase")),)
KEY_AND_SCALE = (
    Action("key", "choice", "/mvae/key", "the root of the scale", choices=KEYS),
    Action("scale", "choice", "/mvae/scale", "the scale that pitches are locked to; chromatic locks none", choices=tuple(SCALES)),
)
PART_KNOBS = (
    knob("temperature", 0, 2, 1, "", "the part's share of the temperature"),
    knob("length", 0, 2, 1, "", "of notes: 0 staccato, 1 as decoded, 2 legato"),
    knob("swing", 0, 1, 0, "", "every second 16th late: 0 straight, 1 triplets"),
    knob("velocity", 0, 2, 1, "", "gain of the part's velocities"),
    knob("accent", 0, 1, 0, "", "how much softer than the downbeat what lies off it is"),
    knob("curve", 0.1, 10, 1, "", "of velocities: above 1 what is soft gets softer, below 1 louder", "log"),
    knob("gate_ms", 0, 2000, 0, "ms", "how long each note lasts; 0 as decoded"),
    knob("delay_ms", -50, 50, 0, "ms", "later than the patch says; below 0 earlier"),
    replace(knob("channel", 1, 16, 1, "", "the MIDI channel"), whole=True),
)
MELODIC_KNOBS = (
    replace(knob("transpose", -24, 24, 0, "st", "semitones up or down"), whole=True),
    replace(knob("octave", -3, 3, 0, "", "octaves up or down"), whole=True),
)
FREEZE = Action("freeze", "switch", "/mvae/listen/freeze", "keep what was heard last; what is played in leads no more")
MAP_KNOBS = tuple(
    replace(knob(f"map.{name}", 0, 127, note, "", f"the MIDI note of the {name.replace('_', ' ')}"), whole=True)
    for name, note in zip(CLASSES, NOTE_OF_CLASS, strict=True)
)
HUMANIZE = (knob("humanize", 0, 1, 0, "", "how much of the groove's feel the part takes"),)
STANDARD_KNOBS = tuple(action.name for action in (*MORPH, *PAD, *KNOBS))


def recall(slot: str) -> Action:
    """The trigger that glides to the anchor in `slot`."""
    return trigger(f"recall {slot}", f"/mvae/anchor/{slot}/recall", f"glide to anchor {slot}", Argument("beats", 0.0, 0, 256))


def of_slot(slot: str) -> tuple[Action, ...]:
    """What else can be done with the anchor in `slot`."""
    address = f"/mvae/anchor/{slot}"
    return (
        trigger(f"store {slot}", f"{address}/store", f"put the point that sounds into slot {slot}, and keep it by a name", NAMED),
        trigger(f"sample {slot}", f"{address}/sample", f"put a fresh point of the prior into slot {slot}", NAMED),
        trigger(f"capture {slot}", f"{address}/capture", f"put what was just played in into slot {slot}", BARS_HEARD),
        trigger(f"load {slot}", f"{address}/load", f"put a named point into slot {slot}; without a name, the patch's own", NAMED),
    )


def mute(part: str) -> Action:
    """The switch that silences a part; the part goes on silently in phase."""
    return Action(f"mute {part}", "switch", f"/mvae/part/{part}/mute", f"silence the {part}")


def of_part(part: str) -> tuple[Action, ...]:
    """What else can be done with a part: mute and solo are quantised alike, and the part goes on silently in phase."""
    address = f"/mvae/part/{part}"
    return (
        mute(part),
        Action(f"solo {part}", "switch", f"{address}/solo", f"of all parts only the {part}, and what else is solo"),
        Action(f"{part}.out", "choice", f"{address}/out", "where it sounds: the instrument's port, or its own", choices=OUTS),
        trigger(f"port {part}", f"{address}/port", f"another output for the {part}, by a part of its name; none: the instrument's", NAMED),
    )


def locks(part: str, drums: bool) -> tuple[Action, ...]:
    """The switches that keep what a part plays while all else changes around it: the whole part, and each class of drums."""
    address = f"/mvae/part/{part}/lock"
    whole = Action(f"lock {part}", "switch", address, f"keep what the {part} plays, let the rest change")
    of_class = (
        Action(f"lock {part} {name}", "switch", f"{address}/{name}", f"keep what the {name.replace('_', ' ')} of {part} plays")
        for name in CLASSES
    )
    return (whole, *(of_class if drums else ()))


def part_knobs(part: str, melodic: bool = False, humanize: bool = False) -> tuple[Action, ...]:
    """The knobs of one part, called PART.KNOB."""
    own = (*PART_KNOBS, *(MELODIC_KNOBS if melodic else MAP_KNOBS), *(HUMANIZE if humanize else ()))
    address = f"/mvae/part/{part}"
    return tuple(
        replace(action, name=f"{part}.{action.name}", address=f"{address}/{action.name.replace('.', '/')}", help=f"{part}: {action.help}")
        for action in own
    )


def table(
    slots: Iterable[str], axis_knobs: Iterable[str], parts: Iterable[str], melodic: Container[str] = (), humanize: bool = False,
    listens: bool = False,
) -> tuple[Action, ...]:  # fmt: skip
    """Every action of an instrument with these anchor slots (two: morph; four: the pad), axis knobs and parts, some of them `melodic`."""
    anchors, band = tuple(slots), tuple(parts)
    axes = tuple(replace(AXIS, name=name, address=f"/mvae/knob/{name}", help=f"{name}, in standard deviations") for name in axis_knobs)
    return (
        *(PAD if len(anchors) == len(SLOTS) else MORPH),
        *axes,
        *KNOBS,
        *(action for part in band for action in part_knobs(part, part in melodic, humanize)),
        *TRIGGERS,
        *(recall(slot) for slot in anchors),
        *(action for slot in anchors for action in of_slot(slot)),
        *(action for part in band for action in (*of_part(part), *locks(part, part not in melodic))),
        *((FREEZE,) if listens else ()),
        *CHOICES,
        *(KEY_AND_SCALE if any(part in melodic for part in band) else ()),
    )
