"""The media sections of a subscribing connection, and which source each of them carries.

A section whose track has ended is used again only after the browser has agreed to that, so that it
sees one track end before the next begins. Each track has SSRCs of its own, drawn when it comes.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator

from assent.media.forward.down_track import DownTrack
from assent.media.forward.source import PublishedSource
from assent.media.rate_window import RateWindow
from assent.media.sdp.subscription import MAX_SUBSCRIBED, Slot
from assent.media.sources import SOURCES
from assent.media.transport.connection import Connection


class SubscribedSection:
    """A media section: what it carries, if anything."""

    __slots__ = ("down_track", "feed", "free", "mid", "video")

    def __init__(self, mid: str, video: bool) -> None:
        self.mid = mid
        self.video = video
        self.feed: PublishedSource | None = None
        self.down_track: DownTrack | None = None
        self.free = True  # the browser knows that it carries nothing

    def slot(self) -> Slot:
        """Return the section as it is offered now."""
        feed, out = self.feed, self.down_track
        if feed is None or out is None:
            return Slot(self.mid, self.video)
        group = "screen" if SOURCES[feed.source].screen else "person"
        return Slot(
            self.mid,
            self.video,
            stream=f"{feed.peer}-{group}",
            track=f"{feed.peer}-{feed.source}",
            name=feed.peer,
            ssrc=out.ssrc,
            rtx_ssrc=out.rtx_ssrc,
            codec=feed.codec,
        )


class SubscribedSections:
    """All sections of one connection, in their order; they only ever become more.

    ``rtx_window`` is what the subscriber may have sent again, of all tracks together.
    """

    def __init__(self, connection: Connection, rtx_window: RateWindow) -> None:
        self._connection = connection
        self._rtx_window = rtx_window
        self._sections: list[SubscribedSection] = []
        self._by_ssrc: dict[int, SubscribedSection] = {}

    def __iter__(self) -> Iterator[SubscribedSection]:
        return iter(self._sections)

    def add(self, *, video: bool) -> SubscribedSection:
        """Add one that carries nothing yet."""
        section = SubscribedSection(str(len(self._sections)), video)
        self._sections.append(section)
        return section

    def find(self, ssrc: int) -> SubscribedSection | None:
        """Return the section whose media has that SSRC."""
        return self._by_ssrc.get(ssrc)

    def is_video(self, ssrc: int) -> bool:
        """Tell whether there is such a section, and it carries pictures."""
        section = self._by_ssrc.get(ssrc)
        return section is not None and section.video

    def clear_all_but(self, still: Collection[PublishedSource]) -> bool:
        """Take out what is no longer wanted; tells whether there was any."""
        cleared = False
        for section in self._sections:
            if section.feed is not None and section.feed not in still:
                self._clear(section)
                cleared = True
        return cleared

    def room_for(self, feed: PublishedSource) -> SubscribedSection | None:
        """Return a section that can carry it, an added one if need be; None where all are taken."""
        for section in self._sections:
            if section.free and section.feed is None and section.video == feed.video:
                return section
        if len(self._sections) == MAX_SUBSCRIBED:
            return None
        return self.add(video=feed.video)

    def carry(self, section: SubscribedSection, feed: PublishedSource) -> None:
        """Let a free section carry a source."""
        ssrc, rtx_ssrc = self._draw(), self._draw()
        section.free = False
        section.feed = feed
        section.down_track = DownTrack(
            self._connection, self._rtx_window, section.mid, ssrc, rtx_ssrc, secrets.randbits(64)
        )
        self._by_ssrc[ssrc] = section

    def _draw(self) -> int:
        used = {out.rtx_ssrc for section in self._sections if (out := section.down_track)}
        while (ssrc := secrets.randbits(32)) in self._by_ssrc or ssrc in used or ssrc == 0:
            pass
        return ssrc

    def _clear(self, section: SubscribedSection) -> None:
        if section.feed is not None and section.down_track is not None:
            section.feed.detach(section.down_track)
            del self._by_ssrc[section.down_track.ssrc]
        section.feed = None
        section.down_track = None

    def close(self) -> None:
        """Carry nothing any more."""
        for section in self._sections:
            self._clear(section)
        self._sections = []
