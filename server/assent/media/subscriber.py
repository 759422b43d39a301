"""A peer's subscribing connection: we offer, the browser answers, and media goes out.

At most one offer is outstanding. What changes meanwhile waits until it has been answered, and then
goes into the next one, all at once. A section whose track has ended is offered as inactive, and is
used again only after the browser has agreed to that, so that it sees one track end before the next
begins.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence

from assent.media import rtcp
from assent.media.budget import Budget
from assent.media.connection import Connection, Route
from assent.media.downlink import Downlink
from assent.media.dtls import Certificate
from assent.media.errors import BadSdp
from assent.media.forwarding import Fanout
from assent.media.listener import State
from assent.media.negotiation import (
    MAX_SUBSCRIBED,
    OPUS,
    RTX,
    VP8,
    Slot,
    read_answer,
    write_offer,
)
from assent.media.srtp import MAX_PACKET
from assent.media.track import Forwarded
from assent.media.udp import Udp

ANSWER_TIMEOUT = 30.0
"""Seconds an offer may stay unanswered; then the connection has failed."""

MAX_REPAIRS = 1000  # packets a second that one subscriber may ask for again


class _Section:
    """A media section: what it carries, if anything."""

    __slots__ = ("downlink", "fanout", "free", "mid", "video")

    def __init__(self, mid: str, video: bool) -> None:
        self.mid = mid
        self.video = video
        self.fanout: Fanout | None = None
        self.downlink: Downlink | None = None
        self.free = True  # the browser knows that it carries nothing

    def slot(self) -> Slot:
        """Return the section as it is offered now."""
        fanout, out = self.fanout, self.downlink
        if fanout is None or out is None:
            return Slot(self.mid, self.video)
        group = "screen" if fanout.source.startswith("screen") else "person"
        return Slot(
            self.mid,
            self.video,
            stream=f"{fanout.peer}-{group}",
            track=f"{fanout.peer}-{fanout.source}",
            name=fanout.peer,
            ssrc=out.ssrc,
            repair_ssrc=out.repair_ssrc,
        )


class Subscriber:
    """The sections of one connection.

    ``wanted`` returns what it should carry now; ``on_offer`` gets generation, text and tracks.
    """

    def __init__(
        self,
        udp: Udp,
        certificate: Certificate,
        candidates: tuple[str, ...],
        generations: Iterator[int],
        wanted: Callable[[], Sequence[Fanout]],
        on_offer: Callable[[int, str, list[Forwarded]], None],
        on_state: Callable[[State], None],
        now: float,
    ) -> None:
        self._udp = udp
        self._candidates = candidates
        self._connection = Connection(udp, certificate, secrets.randbits(62), self, now)
        self._wanted = wanted
        self._on_offer = on_offer
        self._on_state = on_state
        self._repairs = Budget(MAX_REPAIRS, MAX_REPAIRS * MAX_PACKET)
        self._sections: list[_Section] = []
        self._by_ssrc: dict[int, _Section] = {}
        self._generations = generations
        self._generation = 0
        self._version = 0
        self._offered: list[tuple[_Section, Downlink | None, Slot]] | None = None
        self._offered_at = now
        self._tick_at = now
        # An audio section carries nothing at first, so that the connection stands before anybody
        # speaks.
        self._add(video=False)

    def _add(self, *, video: bool) -> _Section:
        section = _Section(str(len(self._sections)), video)
        self._sections.append(section)
        return section

    # -- negotiation -------------------------------------------------------------------------

    def update(self, now: float) -> None:
        """Offer what has changed, now or once the outstanding offer has been answered."""
        wanted = self._wanted()
        still = set(wanted)
        changed = self._version == 0
        for section in self._sections:
            if section.fanout is not None and section.fanout not in still:
                self._clear(section)
                changed = True
        if self._offered is not None:
            return
        carried = {section.fanout for section in self._sections}
        for fanout in wanted:
            place = None if fanout in carried else self._place(fanout)
            if place is not None:
                self._carry(place, fanout)
                changed = True
        # A section that was cleared while an offer was outstanding has still to be said.
        if changed or any(
            section.fanout is None and not section.free for section in self._sections
        ):
            self._offer(now)

    def _place(self, fanout: Fanout) -> _Section | None:
        for section in self._sections:
            if section.free and section.fanout is None and section.video == fanout.video:
                return section
        if len(self._sections) == MAX_SUBSCRIBED:
            self._udp.counters["drop-track"] += 1
            return None
        return self._add(video=fanout.video)

    def _carry(self, section: _Section, fanout: Fanout) -> None:
        ssrc, repair_ssrc = self._draw(), self._draw()
        section.free = False
        section.fanout = fanout
        section.downlink = Downlink(
            self._connection, self._repairs, section.mid, ssrc, repair_ssrc, secrets.randbits(64)
        )
        self._by_ssrc[ssrc] = section

    def _draw(self) -> int:
        used = {out.repair_ssrc for section in self._sections if (out := section.downlink)}
        while (ssrc := secrets.randbits(32)) in self._by_ssrc or ssrc in used or ssrc == 0:
            pass
        return ssrc

    def _clear(self, section: _Section) -> None:
        if section.fanout is not None and section.downlink is not None:
            section.fanout.detach(section.downlink)
            del self._by_ssrc[section.downlink.ssrc]
        section.fanout = None
        section.downlink = None

    def _offer(self, now: float) -> None:
        self._generation = next(self._generations)
        self._version += 1
        self._offered = [(section, section.downlink, section.slot()) for section in self._sections]
        self._offered_at = now
        text = write_offer(
            self._connection.local(self._candidates),
            self._version,
            [slot for _, _, slot in self._offered],
        )
        tracks = [
            Forwarded(section.mid, section.fanout.peer, section.fanout.source)
            for section in self._sections
            if section.fanout is not None
        ]
        self._on_offer(self._generation, text, tracks)

    def describe(self, generation: int, sdp: str, now: float) -> None:
        """Take the answer to the outstanding offer; raises BadSdp, and ignores any other."""
        if self._offered is None or generation != self._generation:
            self._udp.counters["drop-answer"] += 1
            return
        answer = read_answer(sdp, [slot for _, _, slot in self._offered])
        known = self._connection.remote
        if known is not None and known.fingerprints != answer.remote.fingerprints:
            raise BadSdp("The answer comes from another connection.")
        offered, self._offered = self._offered, None
        for section, out, _ in offered:
            if out is None:
                section.free = section.downlink is None
                continue
            accepted = answer.accepted.get(section.mid)
            if accepted is not None and section.downlink is out:
                out.accept(accepted, *((VP8, RTX) if section.video else (OPUS, 0)))
        self._connection.describe(answer.remote)
        self._attach(now)
        self.update(now)

    def _attach(self, now: float) -> None:
        srtp = self._connection.srtp
        if srtp is None:
            return
        for section in self._sections:
            out, fanout = section.downlink, section.fanout
            if out is not None and fanout is not None and out.accepted:
                out.use(srtp)
                fanout.attach(out, now)

    # -- what the connection tells ---------------------------------------------------------------

    def connected(self, now: float) -> None:
        """Let media flow."""
        self._attach(now)
        self._on_state("connected")

    def ended(self, state: State) -> None:
        """The connection is gone by itself."""
        self._on_state(state)

    def learn(self, datagram: bytes) -> Route | None:  # noqa: ARG002
        """Subscribers send no media."""
        return None

    def feedback(self, events: list[rtcp.Event], now: float) -> None:
        """Take what the browser misses."""
        for event in events:
            if isinstance(event, rtcp.Nack):
                section = self._by_ssrc.get(event.media)
                if section is not None and section.fanout and section.downlink:
                    section.fanout.send_again(section.downlink, event.sequences, now)
            elif isinstance(event, rtcp.KeyFrameRequest):
                section = self._by_ssrc.get(event.media)
                if section is not None and section.fanout:
                    section.fanout.request_key_frame(now)

    # -- time ------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Notice what is overdue; call as often as you like."""
        if now < self._tick_at:
            return
        self._tick_at = now + 1
        self._connection.tick(now)
        if self._offered is not None and now - self._offered_at > ANSWER_TIMEOUT:
            self.close()
            self._on_state("failed")

    def close(self) -> None:
        """Drop the connection and everything it carries."""
        for section in self._sections:
            self._clear(section)
        self._sections = []
        self._connection.close()
