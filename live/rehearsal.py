"""A song bounced without a log: the instrument itself, with its scenes and its walk, on a clock that runs as fast as the machine can.

No port, no process, no waiting; time stands still while it decodes, so the same patch, seed and bundles give the same .mid.
"""

from collections.abc import Sequence

from mvae.core.change import Change
from mvae.core.panel import Panel
from mvae.live import wire
from mvae.live.bounce import Inbox
from mvae.live.control_log import Take
from mvae.live.ensemble import Ensemble
from mvae.live.feedback import Feedback
from mvae.live.form import form
from mvae.live.instrument import TICKS_PER_BAR, Instrument
from mvae.live.output import NoOutput
from mvae.live.player import Player
from mvae.live.status import Status, StatusPage
from mvae.live.take import LEAD_IN_TICKS, Recorder

ROUND_S = 0.010  # between two rounds of the instrument


class Nobody:
    """Whom the instrument tells nothing."""

    def send(self, address: str, *values: float | int | str | bool) -> None:
        pass

    def publish(self, address: str, *values: float | int | str | bool) -> None:
        pass

    def answer(self, source: str, address: str, *values: float | int | str | bool) -> None:
        pass


class Beside:
    """A player in the same thread, as the instrument knows its link to one in a process of its own (`player_link.PlayerLink`)."""

    remark = ""

    def __init__(self, tempo_bpm: float) -> None:
        self.now_s = 0.0
        self.up, self.page = Inbox(), StatusPage.make()
        self.player = Player(lambda: self.now_s, NoOutput(""), self.up, self.page, tempo_bpm)

    def send(self, message: wire.Down) -> None:
        self.player.receive(message, self.now_s)

    def status(self) -> Status:
        status = self.page.read()
        assert status is not None  # the player wrote it when it was made
        return status

    def events(self) -> Sequence[wire.Up]:
        came = tuple(self.up.messages)
        self.up.messages.clear()
        return came

    def wait(self, timeout_s: float) -> Sequence[wire.Up]:
        self.run(timeout_s)
        return self.events()

    def run(self, seconds: float) -> None:
        """Play all that is due in the next seconds, each at its own time."""
        end_s = self.now_s + seconds
        while (deadline_s := self.player.deadline_s()) <= end_s:
            self.now_s = max(self.now_s, deadline_s)
            self.player.step(self.now_s)
        self.now_s = end_s


def rehearse(panel: Panel, band: Ensemble, take: Take, bars: int) -> tuple[bytes, int, tuple[str, ...]]:
    """So many bars from the first, with the scenes of the patch and of the user's: the bytes of a .mid, the bars, and what went wrong.

    UserError as `form`.
    """
    link = Beside(take.tempo_bpm)
    recorder = Recorder(None, take, [part.name for part in band.patch.parts])
    feedback = Feedback(Nobody(), [part.name for part in band.patch.parts])
    instrument = Instrument(panel, band, link, recorder, feedback, bars, lambda: link.now_s)  # type: ignore[arg-type]
    with form(instrument, take.bundles) as formed:
        panel.turn(Change("play", source="start"))
        while not instrument.over:
            instrument.turn_page(link.now_s)
            link.run(ROUND_S)
        instrument.finish()
        complaints = formed.complaints
    link.page.close()
    length = max(0, recorder.track.tick - LEAD_IN_TICKS)
    return recorder.track.file(), max(bars, -(-length // TICKS_PER_BAR)), complaints


def needs_rehearsal(panel: Panel, band: Ensemble) -> bool:
    """Whether something leads the band besides its knobs: a song, or a walk."""
    return bool(band.patch.song) or panel.snapshot().knobs["wander"] > 0.0
