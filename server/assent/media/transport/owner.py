"""The owner of a connection: what it tells the publisher or subscriber it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, cast

from assent.media.room_events import State
from assent.media.rtp import rtcp

Route = Callable[[bytes, float], None]
"""Takes an unprotected RTP packet and its time of arrival."""


class Owner(Protocol):
    """What a connection tells the publisher or subscriber it belongs to."""

    def connected(self, now: float) -> None:
        """Media can flow."""

    def ended(self, state: State) -> None:
        """The connection is gone, by itself."""

    def learn(self, datagram: bytes) -> Route | None:
        """Return who takes a packet of an unknown SSRC, judging by its header alone."""

    def feedback(self, events: list[rtcp.Event], now: float) -> None:
        """Take what came as RTCP."""


class _Nobody:
    """The owner of a connection that is over."""

    def connected(self, _now: float) -> None:
        pass

    def ended(self, _state: State) -> None:
        pass

    def learn(self, _datagram: bytes) -> Route | None:
        return None

    def feedback(self, _events: list[rtcp.Event], _now: float) -> None:
        pass


NOBODY: Final = cast("Owner", _Nobody())
