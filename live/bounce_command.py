"""The command `mvae-live bounce` with a control log, or without one: reads the command line, and writes the .mid."""

import argparse

from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.core.panel import Panel
from mvae.core.patch import DEFAULT_PATCH
from mvae.core.patch_file import load_patch, read_patch
from mvae.core.track import check_writable
from mvae.live.bounce import Bounce, differing, recorded
from mvae.live.control_log import Take, read
from mvae.live.ensemble import open_band
from mvae.live.instrument import make_panel
from mvae.live.patch_names import called, known_patches
from mvae.live.phrase_files import write_file
from mvae.live.rehearsal import needs_rehearsal, rehearse


def bounce(chosen: argparse.Namespace) -> int:
    """The command `mvae-live bounce`."""
    take, acts = read(chosen.controls) if chosen.controls else (None, [])
    if chosen.bars is None and not recorded(acts):
        raise UserError("bounce needs --bars N, or --controls with the log of a recording in which something was played")
    check_writable(chosen.out)
    patch = load_patch(take.patch) if take and not chosen.patch else read_patch(called(chosen.patch or DEFAULT_PATCH, known_patches()))
    opened = open_band(patch, chosen.provider)
    for bundle in differing(opened, take.bundles) if take is not None else ():
        print(f"{bundle} is not the bundle of the take: it will differ")
    seed = chosen.seed if chosen.seed is not None else take.seed if take else 0
    tempo_bpm = patch.start_tempo(chosen.tempo or (take.tempo_bpm if take else None))
    panel = make_panel(patch, opened.temperatures, tempo_bpm)
    for setting in chosen.set:
        set_knob(panel, setting)
    tempo_bpm = panel.snapshot().knobs["tempo"]
    band = opened.ensemble(seed)
    if not chosen.controls and needs_rehearsal(panel, band):
        data, bars, complaints = rehearse(panel, band, Take("", seed, tempo_bpm, opened.hashes), chosen.bars)
        write_file(chosen.out, data)
        print("\n".join([*complaints, f"{chosen.out}: {bars} bars, seed {seed}"]))
        return 0
    offline = Bounce(panel, band, Take("", seed, tempo_bpm, {}), provider=chosen.provider)
    write_file(chosen.out, offline.play(acts, chosen.bars))
    print(f"{chosen.out}: {offline.bars()} bars, seed {seed}")
    for note in offline.remarks():
        print(note)
    return 0


def set_knob(panel: Panel, setting: str) -> None:
    """KNOB=VALUE; UserError with the list of knobs, or the reason why the value cannot be meant."""
    name, _, text = setting.partition("=")
    knob = panel.actions.find(name.strip(), "knob")
    try:
        value = float(text)
    except ValueError:
        raise UserError(f"--set {setting}: give KNOB=NUMBER, {knob.name} from {knob.low:g} to {knob.high:g}") from None
    if not knob.low <= value <= knob.high:
        raise UserError(f"--set {setting}: {knob.name} goes from {knob.low:g} to {knob.high:g}")
    panel.turn(Change(knob.name, value, 0.0, "set"))
