"""What the web process and a media process say to each other, in order, on the control channel.

Plain values only, so that the other end may be on another machine one day. A room is a number that
is never used again: what a room says after it was closed can be told from what its successor says.
Whoever gets something that is not in here is talking to something else, and hangs up.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from assent.media.codecs import Codec
from assent.media.room_events import Role, State
from assent.media.sources import Source
from assent.media.stats import MediaStats
from assent.media.track import Forwarded, TrackInfo


class _Message(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Common parent; on the wire an array whose first element is the name of the kind."""


# -- to a media process ------------------------------------------------------------------------


class Start(_Message, frozen=True):
    """Come first: where the port is bound, and what is announced; see ``MediaServer``."""

    host: str
    port: int
    addresses: list[str]
    tcp: bool


class OpenRoom(_Message, frozen=True):
    """Make a room; see ``MediaServer.open_room``."""

    room: int
    pictures: list[Codec]


class CloseRoom(_Message, frozen=True):
    """Remove everybody and forget the room."""

    room: int


class AskRoom(_Message, frozen=True):
    """Call a method of the room that has an answer; followed by CallDone or Refused."""

    room: int
    call: int
    method: str
    arguments: msgspec.Raw


class TellRoom(_Message, frozen=True):
    """Call a method of the room that has none."""

    room: int
    method: str
    arguments: msgspec.Raw


class SetTap(_Message, frozen=True):
    """Send copies under that number from now on, and none under any other; 0 for none at all."""

    room: int
    generation: int


class Ping(_Message, frozen=True):
    """Show that the loop turns."""

    number: int


class Drain(_Message, frozen=True):
    """Say goodbye to everybody and end."""


ToProcess = Start | OpenRoom | CloseRoom | AskRoom | TellRoom | SetTap | Ping | Drain

# -- from a media process ----------------------------------------------------------------------


class Ready(_Message, frozen=True):
    """Rooms can be opened."""


class Draining(_Message, frozen=True):
    """Somebody wants this process to go: open no more rooms, and let it leave with its last."""


class Named(_Message, frozen=True):
    """Checks for this user name are mine, or no longer. Said before anybody is told the name."""

    ufrag: str
    mine: bool


class CallDone(_Message, frozen=True):
    """A call is done."""

    call: int
    answer: str | None


class Refused(_Message, frozen=True):
    """A call has changed nothing. ``text`` may be shown to who made it."""

    call: int
    reason: Literal["bad-sdp", "unknown-peer", "closed", "failed"]
    text: str


class Offered(_Message, frozen=True):
    """See ``RoomListener.on_offer``."""

    room: int
    peer: str
    generation: int
    sdp: str
    tracks: list[Forwarded]


class LayersChanged(_Message, frozen=True):
    """See ``RoomListener.on_layers``."""

    room: int
    peer: str
    wanted: dict[Source, int]


class TracksChanged(_Message, frozen=True):
    """See ``RoomListener.on_tracks_changed``."""

    room: int
    tracks: list[TrackInfo]


class PeerState(_Message, frozen=True):
    """See ``RoomListener.on_peer_state``."""

    room: int
    peer: str
    role: Role
    state: State


class Speaking(_Message, frozen=True):
    """See ``RoomListener.on_speakers``."""

    room: int
    peers: list[str]


class TapLost(_Message, frozen=True):
    """The copies under that number are not complete, and have ended."""

    room: int
    generation: int


class Pong(_Message, frozen=True):
    """The loop turns, and this is how the process is doing."""

    number: int
    figures: MediaStats


class Fault(_Message, frozen=True):
    """Something that should never happen; ``shape`` is where, without any data."""

    text: str
    shape: list[str]


FromProcess = (
    Ready
    | Draining
    | Named
    | CallDone
    | Refused
    | Offered
    | LayersChanged
    | TracksChanged
    | PeerState
    | Speaking
    | TapLost
    | Pong
    | Fault
)

encode = msgspec.msgpack.Encoder().encode
to_process: msgspec.msgpack.Decoder[ToProcess] = msgspec.msgpack.Decoder(ToProcess)
from_process: msgspec.msgpack.Decoder[FromProcess] = msgspec.msgpack.Decoder(FromProcess)
