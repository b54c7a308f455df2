"""The band: the lookaheads of all bundles that a patch plays, moved as one. Opens the bundles, too.

Knobs are shared; a bundle that nothing concerns which has moved is left alone. Knows nothing of clocks, ports, threads or processes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from mvae.core.errors import UserError
from mvae.core.feel import Feel, feel_of
from mvae.core.latent import Latent
from mvae.core.names import match, unknown
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.core.patch import Patch
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.points import Points
from mvae.core.score import Handoff
from mvae.core.wander import walk
from mvae.live.control_log import bundle_hash
from mvae.live.decoder import Decoder
from mvae.live.kept_points import as_named, kept_points, with_kept
from mvae.live.library import home
from mvae.live.lookahead import Lookahead
from mvae.live.models import Model, check_streams, model_of
from mvae.live.token_decoder import TokenDecoder, open_decoder


class Ensemble:
    """The lookaheads of `models`, one for each of the patch's bundles; `patches` are the patch as each of them sees it.

    A part has a number, by which the player knows it: its place in `roster`, the parts of this patch and those of other names of the
    patches before it. `former` is the band in whose place it comes.
    """

    def __init__(self, patch: Patch, patches: Sequence[Patch], models: Sequence[Model], seed: int, former: "Ensemble | None" = None):
        self.patch = patch
        before = former.roster if former is not None else ()
        self.roster: tuple[Part, ...] = tuple({part.name: part for part in (*before, *patch.parts)}.values())
        self.generations: count[int] = former.generations if former is not None else count(1)  # of handoffs, each has the next
        numbers, seats = ({part.name: number for number, part in enumerate(parts)} for parts in (self.roster, patch.parts))
        self.lookaheads = tuple(
            Lookahead(alone, model, seed, [numbers[part.name] for part in alone.parts], self.generations, seats[alone.parts[0].name])
            for alone, model in zip(patches, models, strict=True)
        )
        self.numbered = tuple((numbers[part.name], part) for part in patch.parts)  # the patch's parts, each with its number
        self._leads = {number: ahead for ahead in self.lookaheads for number in ahead.numbers}
        self._cued = [ahead.locks for ahead in self.lookaheads]  # as they will be, if the song begins with what was cued
        self.seed, self.phase = seed, 0.0  # of the walk: its seed, and how many turns it has taken
        self.wander(0.0)

    def begin(self, positions: Positions, tempo_bpm: float, step: int = 0) -> tuple[Handoff, ...]:
        """What sounds first, of every part, from standstill; or from an absolute step on."""
        return tuple(handoff for ahead in self.lookaheads for handoff in ahead.begin(positions, tempo_bpm, step))

    def cue(self, positions: Positions, tempo_bpm: float, step: int = 0) -> tuple[Handoff, ...]:
        """As `begin`, for a song that may never begin so: the locks stay as they are until it is `taken`."""
        before = [ahead.locks for ahead in self.lookaheads]
        for ahead in self.lookaheads:
            ahead.locks = ahead.locks.copy()
        handoffs = self.begin(positions, tempo_bpm, step)
        self._cued = [ahead.locks for ahead in self.lookaheads]
        for ahead, locks in zip(self.lookaheads, before, strict=True):
            ahead.locks = locks
        return handoffs

    def enter(self, positions: Positions, tempo_bpm: float, step: int) -> tuple[Handoff, ...]:
        """What sounds from an absolute step on, in the place of another band: until then nothing takes hold."""
        handoffs = self.begin(positions, tempo_bpm, step)
        for ahead in self.lookaheads:
            ahead.hold_step = step
        return handoffs

    def taken(self) -> None:
        """The song has begun with what was cued last."""
        for ahead, locks in zip(self.lookaheads, self._cued, strict=True):
            ahead.locks = locks

    def move(self, tick: int, positions: Positions, tempo_bpm: float, hold_step: int = 0) -> tuple[Handoff, ...]:
        """What sounds from `tick` on, of the parts that a move concerns or that are behind; of the first, where it concerns none.

        With `hold_step` neither this nor any later move takes hold before that step.
        """
        for ahead in self.lookaheads:
            ahead.hold_step = max(ahead.hold_step, hold_step)
        moved = [ahead for ahead in self.lookaheads if ahead.moved(positions, tempo_bpm) or behind(ahead, tick)]
        return tuple(handoff for ahead in moved or self.lookaheads[:1] for handoff in ahead.move(tick, positions, tempo_bpm))

    def follow(self, part: int, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
        """What comes after the last that is planned for a part, and for those that share its latent."""
        return self.of(part).follow(positions, tempo_bpm)

    def fill(self, tick: int, bars: int, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
        """A fill by all that have some; where none has, the first plays on."""
        able = [ahead for ahead in self.lookaheads if ahead.has_fills] or self.lookaheads[:1]
        return tuple(handoff for ahead in able for handoff in ahead.fill(tick, bars, positions, tempo_bpm))

    def reseed(self) -> None:
        """New chance for all that is still to be decoded."""
        for ahead in self.lookaheads:
            ahead.reseed()

    @property
    def chance(self) -> tuple[int, int]:
        """Seed and roll of what is decoded."""
        return self.lookaheads[0].seed, self.lookaheads[0].roll

    def draw(self, seed: int, roll: int) -> None:
        """The chance of this seed and roll for all that is still to be decoded."""
        for ahead in self.lookaheads:
            ahead.seed, ahead.roll = seed, roll

    def place(self, slot: str, points: Points) -> None:
        """From now on the anchors in a slot are these, of the bundles that are named. ValueError for a point of another size."""
        self.check(points)
        for ahead in self.lookaheads:
            if ahead.bundle in points:
                ahead.course = ahead.course.with_point(slot, points[ahead.bundle])

    def offer(self, music: Points) -> None:
        """What was played in, by bundle: numbers of a whole phrase, flat. The voices of it that are locked play it from now on."""
        for ahead in self.lookaheads:
            if ahead.bundle in music:
                ahead.locks.offer(music[ahead.bundle].reshape(-1, ahead.locks.width))

    def check(self, points: Points, in_music: bool = False) -> None:
        """ValueError for a point that its bundle cannot have; or for a phrase, where they are music."""
        for ahead in self.lookaheads:
            size = ahead.steps * ahead.model.units * ahead.locks.width if in_music else ahead.model.space.z_size
            point = points.get(ahead.bundle)
            if point is not None and point.shape != (size,):
                raise ValueError(f"{ahead.bundle} has points of {size} numbers, this one has {point.size}")

    def clear(self, slot: str) -> None:
        """The anchors in a slot are the patch's own again."""
        for ahead in self.lookaheads:
            ahead.course = ahead.course.with_point(slot, None)

    def corners(self) -> dict[str, dict[str, Latent]]:
        """The point in every slot, by slot and bundle."""
        found: dict[str, dict[str, Latent]] = {slot: {} for slot in self.patch.slots}
        for ahead in self.lookaheads:
            for slot, name in ahead.patch.anchors:
                found[slot][ahead.bundle] = ahead.course.placed.get(slot, ahead.model.space.anchors[name])
        return found

    def named(self, name: str) -> dict[str, Latent]:
        """The bundles' own anchors of a name, kindly matched, by bundle."""
        spaces = {ahead.bundle: ahead.model.space.anchors for ahead in self.lookaheads}
        matched = {bundle: match(name, anchors) for bundle, anchors in spaces.items()}
        return {bundle: spaces[bundle][found] for bundle, found in matched.items() if found is not None}

    def points(self, positions: Positions) -> dict[str, Latent]:
        """Where each bundle's latent stands, its axes aside."""
        return {ahead.bundle: ahead.point(positions) for ahead in self.lookaheads}

    def leave(self, positions: Positions) -> None:
        """Begin a glide where the latents stand: they stay there until `glide` says how far it has come."""
        for ahead in self.lookaheads:
            ahead.course = ahead.course.leaving(ahead.point(positions))

    def glide(self, share: float) -> None:
        """The glide has come so far, 0..1."""
        for ahead in self.lookaheads:
            ahead.course = ahead.course.come(share)

    def wander(self, phase: float) -> None:
        """The walk has taken so many turns."""
        self.phase = phase
        for ahead in self.lookaheads:
            ahead.course = ahead.course.walked(walk(self.seed, ahead.seat, phase, ahead.model.space.z_size))

    def repeated(self, part: int, start_step: int) -> None:
        """The player had nothing newer for a part and began what it has again. The parts that share its latent are as late."""
        if part in self._leads:  # it may be one of the band before
            self.of(part).repeated(start_step)

    def of(self, part: int) -> Lookahead:
        """The lookahead of a part."""
        return self._leads[part]

    def waiting(self, tick: int) -> tuple[Lookahead, ...]:
        """Those whose next unit is to be decoded, the most urgent first."""
        return tuple(sorted((ahead for ahead in self.lookaheads if ahead.wants_next(tick)), key=lambda ahead: ahead.planned_to))

    def behind(self, tick: int) -> bool:
        """Whether any has no plan for what sounds: after a suspension so long that repeats went unheard."""
        return any(behind(ahead, tick) for ahead in self.lookaheads)

    def next_line(self, tick: int, positions: Positions) -> int:
        """The step at which what is asked for at a tick begins: the next line that the quantise allows, a bar's at least."""
        by_phrase = positions.choices["quantise"] == "phrase"
        quantum = max(ahead.steps * ahead.model.units for ahead in self.lookaheads) if by_phrase else STEPS_PER_BAR
        return max(0, tick // TICKS_PER_STEP // quantum + 1) * quantum

    @property
    def begun(self) -> bool:
        return all(ahead.plans for ahead in self.lookaheads)


def behind(ahead: Lookahead, tick: int) -> bool:
    return tick >= ahead.planned_to * TICKS_PER_STEP


@dataclass(frozen=True, slots=True)
class Opened:
    """A patch with its bundles open: `decoders` by bundle, in the order of `patch.bundles`; `patches` are what each of them sees."""

    patch: Patch
    patches: tuple[Patch, ...]
    decoders: Mapping[str, Decoder | TokenDecoder]
    models: tuple[Model, ...]
    lender: Decoder | None = None  # of the feel that parts may take

    def ensemble(self, seed: int, former: Ensemble | None = None) -> Ensemble:
        """A band that plays it with a seed, the first one or in the place of another."""
        return Ensemble(self.patch, self.patches, self.models, seed, former)

    @property
    def temperatures(self) -> dict[str, float]:
        """The default of each bundle."""
        return {bundle: decoder.card.temperature for bundle, decoder in self.decoders.items()}

    @property
    def hashes(self) -> dict[str, str]:
        """What a take names its bundles by."""
        played = {bundle: bundle_hash(decoder.card) for bundle, decoder in self.decoders.items()}
        lent = {self.patch.humanize[0]: bundle_hash(self.lender.card)} if self.patch.humanize and self.lender else {}
        return lent | played

    @property
    def provider(self) -> str:
        """What decodes, as the screen shows it."""
        return ", ".join(dict.fromkeys(decoder.provider for decoder in self.decoders.values()))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why these providers play, a line each."""
        return tuple(dict.fromkeys(f"{decoder.provider}: {decoder.choice.reason}" for decoder in self.decoders.values()))


def open_band(patch: Patch, provider: str = "auto") -> Opened:
    """Every bundle of the patch, opened and checked against it. UserError in one line for whatever is not as it should be."""
    decoders = {bundle: open_decoder(patch.bundle_folder(bundle), provider) for bundle in patch.bundles}
    more = with_kept({bundle: decoder.space for bundle, decoder in decoders.items()}, kept_points(home()))
    patches = patch.models(more)
    lender = lender_in(patch, decoders, provider)
    feel = None if lender is None else feel_in(patch, lender)
    models = tuple(model_of(decoder, feel) for decoder in decoders.values())
    for alone, model, bundle in zip(patches, models, decoders, strict=True):
        check_streams(patch.file, alone.parts, model)
        model.space = as_named(alone, model.space, more[bundle])
    return Opened(patch, patches, decoders, models, lender)


def lender_in(patch: Patch, decoders: Mapping[str, Decoder | TokenDecoder], provider: str) -> Decoder | None:
    """The groove bundle whose feel parts may take, opened if no part plays it. UserError for another kind of bundle."""
    if patch.humanize is None:
        return None
    bundle, _ = patch.humanize
    decoder = decoders.get(bundle) or open_decoder(patch.bundle_folder(bundle, "[humanize] bundle"), provider)
    if not isinstance(decoder, Decoder):
        raise UserError(f'{patch.file}: [humanize] bundle = "{bundle}": it has no velocities: give a groove bundle')
    return decoder


def feel_in(patch: Patch, lender: Decoder) -> Feel:
    """The feel of the lender's anchor that the patch names, as the model says it where nothing is left to chance."""
    assert patch.humanize is not None
    _, anchor = patch.humanize
    name = match(anchor, lender.space.anchors)
    if name is None:
        raise UserError(f'{patch.file}: [humanize] anchor = "{anchor}": {unknown("anchor", anchor, tuple(lender.space.anchors))}')
    return feel_of(lender.decode_batch(lender.space.anchors[name][None], None, 0.0)[0])
