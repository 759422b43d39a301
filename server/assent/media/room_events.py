"""What a room tells the meeting that owns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from assent.media.sources import Source
from assent.media.track import Forwarded

Role = Literal["publish", "subscribe", "device", "view"]
"""Which of a peer's connections: its browser's two, and the two of another device of its owner."""

State = Literal["connected", "failed", "closed"]


class RoomListener(Protocol):
    """Receives the events of one room, on the event loop, never from inside a call to the room.

    A method must not block. All arguments are plain values, so that a room can live elsewhere.
    """

    def on_offer(self, peer: str, generation: int, sdp: str, tracks: Sequence[Forwarded]) -> None:
        """Send this offer to ``peer``; its answer goes to :meth:`Room.set_answer`.

        At most one offer of a peer is outstanding: the next follows the answer. ``tracks`` names
        every section that carries something; sections not named are inactive. An offer whose
        ``o=`` line names another session id than the one before begins a new connection.
        """

    def on_layers(self, peer: str, wanted: Mapping[Source, int]) -> None:
        """Learn how many layers of its pictures ``peer`` is to send, by source; called on change.

        They are counted from the lowest. What is sent beyond that reaches nobody. A source that
        is not named is as it was; at first all layers are wanted.
        """

    def on_tracks_changed(self) -> None:
        """:meth:`Room.tracks` has changed."""

    def on_peer_state(self, peer: str, role: Role, state: State) -> None:
        """Learn that a connection of ``peer`` works, or that it is gone.

        ``"failed"``: no valid connectivity check for 30 s, a handshake that failed, an offer that
        was never answered. ``"closed"``: the browser closed it. After either, the connection no
        longer exists; a new :meth:`Room.publish` or :meth:`Room.subscribe` makes the next. What the
        meeting itself replaces or removes is not reported.
        """

    def on_speakers(self, peers: Sequence[str]) -> None:
        """Learn who speaks now, loudest first; called on change, at most five times a second."""

    def on_tap_lost(self) -> None:
        """Copies are no longer complete: :attr:`Room.tap` has been cleared. It may be set again."""

    def on_lost(self) -> None:
        """Everything in the room is gone: the tap, the tracks, and every connection.

        Nothing can be asked of it until :meth:`on_back`. Only a room in another process is lost.
        """

    def on_back(self) -> None:
        """The room stands again, and is empty: nobody publishes, subscribes or is forwarded."""
