"""`mvae-live`: play, and what a performer asks before and after. Reads the command line; each command's work lies in its own module."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from mvae.core.errors import Parser, UserError, command
from mvae.core.heard import SOURCES
from mvae.core.names import unknown
from mvae.core.patch import DEFAULT_PATCH, shipped_folder
from mvae.core.patch_file import read_patch

COMMANDS = ("play", "ports", "patches", "bounce", "bench", "sample", "interpolate", "reconstruct", "picture")
COMPANIONS = "companions for Max, Pure Data, SuperCollider, TidalCycles, Sonic Pi, TouchOSC, Open Stage Control and Python"
EPILOG = "Without a command mvae-live plays. Ports, patches and controllers are matched by any part of their name."


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="mvae-live", description="Play the latent space of drums: MIDI out, in time.", epilog=EPILOG)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_play(commands.add_parser("play", help="play (the default)", epilog=EPILOG))
    for name, text in (("ports", "list the MIDI ports"), ("patches", "list the patches, your own and those that come with mvae")):
        commands.add_parser(name, help=text).add_argument("--json", action="store_true", help="as JSON")
    add_bounce(commands.add_parser("bounce", help="write a .mid without playing it"))
    bench = commands.add_parser("bench", help="measure this machine: decode, send lateness, knob to note")
    bench.add_argument("--patch", default=DEFAULT_PATCH, metavar="NAME|FILE")
    bench.add_argument("--seconds", type=number(1, 3600), default=20.0, help="length of each of the two sending measurements (20)")
    bench.add_argument("--moves", type=whole(1, 100_000), default=200, help="knob moves for knob to note (200)")
    bench.add_argument("--sync", choices=("midi", "link"), help="measure how notes keep to a master's beat, and nothing else")
    bench.add_argument("--pages", type=whole(1, 16), metavar="N", help="measure with N pages open and a flood of OSC, and nothing else")
    bench.add_argument("--page-clients", action="store_true", help="with --pages: programs that read what pages are told, not a Chromium")
    bench.add_argument("--osc-rate", type=whole(100, 50_000), default=5000, metavar="HZ", help="with --pages: messages a second (5000)")
    bench.add_argument("--decode", nargs="*", metavar="BUNDLE", help="measure decodes of all bundles, or of these, and nothing else")
    bench.add_argument("--json", action="store_true", help="as JSON")
    add_offline(commands)
    picture = commands.add_parser("picture", help="draw a set: roll, knobs, and the path through latent space")
    picture.add_argument("set", type=Path, metavar="SET", help="a folder that --record made")
    picture.add_argument("--out", type=Path, metavar="FILE.png", help="(set.png in the folder)")
    return top


def add_play(play: argparse.ArgumentParser) -> None:
    play.add_argument("--patch", default=DEFAULT_PATCH, metavar="NAME|FILE", help="what the knobs mean (%(default)s)")
    play.add_argument("--port", metavar="NAME", help="play to the output whose name contains NAME; without it a virtual port is made")
    play.add_argument("--controller", action="append", default=[], metavar="NAME", help="a MIDI input that turns knobs; may be repeated")
    play.add_argument("--takeover", choices=("cross", "jump"), default="cross", help="when a pot that stands elsewhere gets its knob")
    play.add_argument("--listen", metavar="NAME", help="a MIDI input whose music is heard: for capture, infill and patches that listen")
    play.add_argument("--listen-as", choices=SOURCES, default="channel", help="what is drums there: channel 10 (channel), all, or nothing")
    play.add_argument("--listen-latency", type=number(0, 200), default=0.0, metavar="MS", help="how late what is played arrives (0)")
    play.add_argument("--osc", default="127.0.0.1:7770", metavar="[HOST:]PORT", help="where to listen for OSC (127.0.0.1:7770)")
    play.add_argument("--tempo", type=number(20, 400), metavar="BPM", help="20 to 400 (the patch's, else 120)")
    play.add_argument("--seed", type=whole(0, 2**63), metavar="N", help="makes all repeatable; without it one is drawn and shown")
    play.add_argument("--bars", type=whole(1, 100_000), metavar="N", help="stop and quit after N bars")
    play.add_argument("--count-in", type=whole(0, 16), default=0, metavar="BARS", help="so many bars of clicks before play (0)")
    play.add_argument("--record", type=Path, metavar="FILE.mid|SET", help="record what is played and every move; a SET is a folder")
    play.add_argument("--name", default="mvae", help="of the virtual port (mvae)")
    play.add_argument("--notes-to", action="append", default=[], metavar="WAY", help="notes over OSC: [HOST:]PORT, flat:[HOST:]PORT, dirt")
    play.add_argument("--start", choices=("now", "armed"), help="armed waits for play; the default with --port and with another's clock")
    play.add_argument("--sync", choices=("internal", "midi", "link"), default="internal", help="whose clock: its own, MIDI's or Link's")
    play.add_argument("--clock-port", metavar="NAME", help="the input that MIDI clock comes from; without it a virtual port is made")
    play.add_argument("--nudge", type=number(-100, 100), default=0.0, metavar="MS", help="play later than the beat, below 0 earlier")
    play.add_argument("--provider", choices=("auto", "cuda", "coreml", "cpu"), default="auto", help="what decodes (auto)")
    play.add_argument("--surface-port", type=whole(1, 65_535), metavar="N", help="where the page is served (7771, or the next free one)")
    play.add_argument("--no-surface", action="store_true", help="no page, no OSCQuery")


def add_bounce(bounce: argparse.ArgumentParser) -> None:
    bounce.add_argument("--patch", default=None, metavar="NAME|FILE", help=f"({DEFAULT_PATCH}, or the log's)")
    bounce.add_argument("--bars", type=whole(1, 100_000), metavar="N", help="how many bars; a recorded log knows by itself")
    bounce.add_argument("--seed", type=whole(0, 2**63), metavar="S")
    bounce.add_argument("--tempo", type=number(20, 400), metavar="BPM")
    bounce.add_argument("--out", type=Path, metavar="FILE.mid|FOLDER", help="without it a set is only compared")
    bounce.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", help="where a knob stands; may be repeated")
    bounce.add_argument("--controls", type=Path, metavar="LOG|SET", help="a log of --record, a set, or lines of your own")
    bounce.add_argument("--provider", choices=("auto", "cuda", "coreml", "cpu"), default="auto")


def add_offline(commands: "argparse._SubParsersAction[Parser]") -> None:
    """What writes .mid files and pictures of a bundle into a folder."""
    sample = commands.add_parser("sample", help="write phrases drawn from a bundle")
    sample.add_argument("--n", type=whole(1, 10_000), default=8, metavar="N", help="how many (8)")
    interpolate = commands.add_parser("interpolate", help="write the way from one phrase to another")
    interpolate.add_argument("--from", dest="start", required=True, metavar="A.mid|ANCHOR", help="a file, or an anchor of the bundle")
    interpolate.add_argument("--to", dest="end", required=True, metavar="B.mid|ANCHOR")
    interpolate.add_argument("--steps", type=whole(2, 1000), default=9, metavar="N", help="how many, both ends included (9)")
    reconstruct = commands.add_parser("reconstruct", help="write what a bundle makes of a .mid file")
    reconstruct.add_argument("--midi", type=Path, required=True, metavar="A.mid")
    for reads in (interpolate, reconstruct):
        reads.add_argument("--bar", type=whole(1, 100_000), metavar="N", help="where in the file (the first bars that have the music)")
    for each in (sample, interpolate, reconstruct):
        each.add_argument("--bundle", required=True, metavar="NAME|FOLDER", help="one that comes with mvae, or a folder")
        each.add_argument("--out", type=Path, required=True, metavar="FOLDER")
        each.add_argument("--temperature", type=number(0, 10), default=0.5, metavar="T", help="how far chance may stray (0.5)")
        each.add_argument("--seed", type=whole(0, 2**63), default=0, metavar="S", help="of all chance (0)")
        each.add_argument("--tempo", type=number(20, 400), metavar="BPM", help="of the files (the file's that was read, else 120)")
        each.add_argument("--provider", choices=("auto", "cuda", "coreml", "cpu"), default="auto")


def number(low: float, high: float) -> Callable[[str], float]:
    """An argument type: a number from `low` to `high`."""
    return lambda text: in_range(read(float, "number", text), low, high)


def whole(low: int, high: int) -> Callable[[str], int]:
    """An argument type: a whole number from `low` to `high`."""
    return lambda text: in_range(read(int, "whole number", text), low, high)


N = TypeVar("N", int, float)


def read(kind: Callable[[str], N], name: str, text: str) -> N:
    try:
        return kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a {name}") from None


def in_range(value: N, low: float, high: float) -> N:
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{value} is outside {low:g} to {high:g}")
    return value


def run(arguments: Sequence[str]) -> int:
    arguments = list(arguments)
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments.insert(0, "play")
    if arguments[0] not in (*COMMANDS, "-h", "--help"):
        raise UserError(f"{unknown('command', arguments[0], COMMANDS)}; see mvae-live --help")
    chosen = parser().parse_args(arguments)
    match chosen.command:
        case "play":
            from mvae.live.stage import play

            return play(chosen)
        case "bounce":
            return bounce(chosen)
        case "picture":
            from mvae.live.set_picture import picture

            return picture(chosen)
        case "bench":
            if chosen.sync:
                from mvae.live.sync_bench import bench_sync

                return bench_sync(chosen)
            if chosen.pages:
                from mvae.live.load_bench import bench_load

                return bench_load(chosen)
            if chosen.decode is not None:
                from mvae.live.decode_bench import bench_decode

                return bench_decode(chosen)
            from mvae.live.bench import bench

            return bench(chosen)
        case "sample" | "interpolate" | "reconstruct":
            from mvae.live.offline import OFFLINE

            return OFFLINE[chosen.command](chosen)
        case "ports":
            return ports(chosen.json)
        case _:
            return patches(chosen.json)


def bounce(chosen: argparse.Namespace) -> int:
    """A set is played again by a module of its own."""
    if chosen.controls is not None and chosen.controls.is_dir():
        from mvae.live.set_bounce import bounce_set

        return bounce_set(chosen)
    if chosen.out is None and chosen.controls is not None and not chosen.controls.exists():
        raise UserError(f"--controls {chosen.controls}: not there: give the folder of a set, or the .log of a take")
    if chosen.out is None:
        raise UserError("--out FILE.mid is missing: only a set is compared without it; see mvae-live bounce --help")
    from mvae.live.bounce_command import bounce as bounce_take

    return bounce_take(chosen)


def ports(as_json: bool) -> int:
    """Print the MIDI ports there are."""
    from mvae.live.midi_ports import list_inputs, list_outputs

    found = {"outputs": list_outputs(), "inputs": list_inputs()}
    if as_json:
        print(json.dumps({way: [{"name": port.name, "api": port.api} for port in listed] for way, listed in found.items()}, indent=1))
        return 0
    for way, listed in found.items():
        print(f"{way}:")
        print("".join(f"  {port.name}  ({port.api})\n" for port in listed) or "  none\n", end="")
    return 0


def patches(as_json: bool) -> int:
    """Print the patches that can be called by name, the user's own before those that come with mvae, each with what it plays."""
    from mvae.live.patch_names import known_patches

    rows = [(stem, read_patch(file)) for stem, file in known_patches().items()]
    if as_json:
        shown = [
            {"name": stem, "title": patch.name, "file": str(patch.file), "bundle": patch.bundles[0], "bundles": list(patch.bundles)}
            for stem, patch in rows
        ]
        print(json.dumps(shown, indent=1))
        return 0
    for stem, patch in rows:
        own = "" if patch.file.parent == shipped_folder() else f"; yours, {patch.file}"
        axes, bundles = ", ".join(name for name, _ in patch.axes), ", ".join(patch.bundles)
        print(f"{stem}{' (default)' if stem == DEFAULT_PATCH else ''}: {patch.name}; {bundles}; knobs of the music: {axes}{own}")
    print(f"{COMPANIONS}: {shipped_folder()}")
    return 0


def main() -> int:
    """The command `mvae-live`."""
    return command(run, "mvae-live")


if __name__ == "__main__":
    sys.exit(main())
