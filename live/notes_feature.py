"""Notes to other programs over OSC: a feature of the instrument. Each note that sounds goes every way that was asked for.

Notes are heard of a moment after they sounded, so over OSC they are timed a little later than over MIDI, all by the same `delay`: at their
receiver they keep the times of the music exactly. A nudge of as many milliseconds, below 0, puts them on the beat of clock or master.
Called from the instrument's own thread alone.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from mvae.core.change import Change
from mvae.core.phrase import TICKS_PER_BEAT
from mvae.live import wire
from mvae.live.altering import complain
from mvae.live.deeds import Doer
from mvae.live.notes_out import HANDSHAKE, OFF, REPLY, Heard, Way, datagram, read_way
from mvae.live.notes_post import Post
from mvae.live.osc_codec import Malformed, address_of, message
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument

DELAY_MS: Final = 100.0
MOST_WAYS: Final = 8
HANDSHAKE_S: Final = 1.0  # how often SuperDirt is called
SILENT_S: Final = 3.5  # without an answer it is not there
WAYS, DIRT, LATE = "/mvae/notes/ways", "/mvae/notes/dirt", "/mvae/notes/late"


class NotesOut:
    """The ways of one instrument. `late` counts notes that were told of after their delay had passed."""

    def __init__(self, instrument: "Instrument", ways: Sequence[Way] = (), wall_s: Callable[[], float] = time.time) -> None:
        self.instrument, self.delay_s, self.late, self._wall_s = instrument, DELAY_MS / 1000, 0, wall_s
        self.posts: dict[Way, Post] = {}
        self.does: Mapping[str, Doer] = {"notes": self.do}
        self._answered_s: dict[Way, float] = {}
        self._dirt = ""
        self._called_s = -HANDSHAKE_S
        instrument.overhear(self.hear)
        for way in ways:
            self.add(way)
        self.tell()

    def do(self, change: Change, status: Status) -> None:
        """Send notes somewhere, or nowhere any more, or later."""
        if change.action == "notes delay":
            self.delay_s = float(change.value or 0.0) / 1000
            return
        text = str(change.value or "")
        if text.strip().lower() == OFF:
            self.close()
        else:
            try:
                self.add(read_way(text))
            except (ValueError, OSError) as problem:
                complain(self.instrument, "notes to", str(problem), change.source)
        self.tell()

    def add(self, way: Way) -> None:
        """One more way. Raises ValueError for one too many, and OSError where the network has no such way."""
        if way in self.posts:
            return
        if len(self.posts) >= MOST_WAYS:
            raise ValueError(f"notes go {MOST_WAYS} ways already: say off first")
        self.posts[way] = Post(way)
        self._called_s = -HANDSHAKE_S

    def close(self) -> None:
        """No ways any more."""
        posts, self.posts, self._answered_s = self.posts, {}, {}
        for post in posts.values():
            post.close()

    def hear(self, said: wire.Up) -> None:
        """What the player says."""
        if not self.posts or not isinstance(said, wire.Sent) or not said.on:
            return
        status, now_s = self.instrument.player.status(), self.instrument.now_s()
        if not status.playing:
            return
        at_s = status.time_of_tick(said.tick) + self.delay_s
        self.late += at_s < now_s
        note = self.note(said, status)
        for way, post in self.posts.items():
            sent = datagram(way, note, self._wall_s() + at_s - now_s)
            post.send_at(at_s, sent) if way.kind == "flat" else post.send(sent)

    def note(self, said: wire.Sent, status: Status) -> Heard:
        """The note that the player sent."""
        part, feedback = self.instrument.band.roster[said.part], self.instrument.feedback
        return Heard(
            part.name, said.part, not part.melodic, said.voice, said.pitch, said.velocity, said.tick / TICKS_PER_BEAT,
            feedback.duration_beats(said), status.clock.seconds_per_beat,
        )  # fmt: skip

    def advance(self, status: Status, now_s: float) -> None:
        """Call SuperDirt, and hear whether it answers."""
        calls = now_s - self._called_s >= HANDSHAKE_S
        for way, post in self.posts.items():
            if way.kind == "dirt":
                if any(map(is_reply, post.hear())):
                    self._answered_s[way] = now_s
                if calls:
                    post.send(message(HANDSHAKE))
        if calls and self.posts:
            self._called_s = now_s
            self.instrument.feedback.out.publish(LATE, self.late)
        self.tell_dirt(now_s)

    def stopped(self) -> None:
        """The music stops; the ways stay."""

    def tell(self) -> None:
        """Publish where notes go."""
        self.instrument.feedback.out.publish(WAYS, " ".join(map(str, self.posts)) or OFF)
        self.tell_dirt(self.instrument.now_s())

    def tell_dirt(self, now_s: float) -> None:
        """Publish whether every SuperDirt that notes go to is there."""
        dirt = [way for way in self.posts if way.kind == "dirt"]
        there = all(now_s - self._answered_s.get(way, -math.inf) < SILENT_S for way in dirt)
        state = OFF if not dirt else "answers" if there else "waiting"
        if state != self._dirt:
            self._dirt = state
            self.instrument.feedback.out.publish(DIRT, state)


def is_reply(said: bytes) -> bool:
    """Whether it is SuperDirt's answer."""
    try:
        return address_of(said) == REPLY
    except Malformed:
        return False
