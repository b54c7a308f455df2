"""What the acts of a control log ask of the band, done again: the part of a bounce that needs no player and no clock."""

from collections.abc import Sequence

from mvae.core.panel import Positions
from mvae.core.phrase import TICKS_PER_STEP
from mvae.core.points import points_of
from mvae.core.score import Handoff
from mvae.live.control_log import INFILL, Act
from mvae.live.count_in import clicks
from mvae.live.ensemble import Ensemble

IN_PLAY = ("continue", "follow", "move", "fill", "count")  # acts of something that plays
AT_REST_TOO = ("reseed", "anchor", "scene", "glide", "wander", "infill")  # acts that hand something over only where something plays

HELD = ("scene", "anchor", "infill")  # acts whose value is the step before which they do not take hold


def redo(band: Ensemble, act: Act, positions: Positions, tempo_bpm: float, playing: bool) -> Sequence[Handoff]:
    """What an act hands over, having done to the band what it did on stage; nothing for an act that is the player's.

    `playing` says whether something played when an act was done that can be done at rest, too.
    """
    at = act.tick if act.at is None else act.at
    match act.do:
        case "follow":
            return band.follow(act.part, positions, tempo_bpm)
        case "fill":
            return band.fill(at, max(1, int(act.value)), positions, tempo_bpm)
        case "locate":
            return band.begin(positions, tempo_bpm, int(act.value))
        case "count":
            return clicks(band, max(1, int(act.value)), positions, (act.at or 0) // TICKS_PER_STEP)
        case "repeat":
            band.repeated(act.part, int(act.value))
            return ()
        case "leave":
            band.leave(positions)
            return ()
        case "reseed":
            band.reseed()
        case "anchor":
            place(band, act)
        case "scene":
            place(band, act)
            if act.chance:
                band.draw(*act.chance)
        case "infill":
            band.offer(points_of(act.points[INFILL]))
        case "glide":
            band.glide(act.value)
        case "wander":
            band.wander(act.value)
        case "move" | "with":
            pass
        case _:
            return ()
    if act.do in AT_REST_TOO and not playing:
        return ()
    return band.move(at, positions, tempo_bpm, int(act.value) if act.do in HELD else 0)


def place(band: Ensemble, act: Act) -> None:
    """The points of an act into their slots; a slot without any gets the patch's own again. ValueError for points of another size."""
    for slot, texts in act.points.items():
        if texts:
            band.place(slot, points_of(texts))
        else:
            band.clear(slot)
