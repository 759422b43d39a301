"""What the web process and a media process say to each other, in order, on the control channel.

Plain values only, so that the other end may be on another machine one day. A room is a number that
is never used again: what a room says after it was closed can be told from what its successor says.
Whoever gets something that is not in here is talking to something else, and hangs up.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from assent.media.figures import Figures
from assent.media.listener import Role, State
from assent.media.track import Codec, Forwarded, TrackInfo


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


class Publish(_Message, frozen=True):
    """See ``Room.publish``; followed by Answered or Refused."""

    room: int
    call: int
    peer: str
    sdp: str
    sources: dict[str, str]


class Describe(_Message, frozen=True):
    """See ``Room.describe``; followed by Answered or Refused."""

    room: int
    call: int
    peer: str
    generation: int
    sdp: str


class Begin(_Message, frozen=True):
    """See ``Room.begin``; followed by Answered or Refused."""

    room: int
    call: int
    peer: str
    role: Role
    sdp: str


class Restart(_Message, frozen=True):
    """See ``Room.restart``; followed by Answered or Refused."""

    room: int
    call: int
    peer: str
    role: Role
    username: str


class Release(_Message, frozen=True):
    """See ``Room.release``."""

    room: int
    peer: str
    role: Role


class Renew(_Message, frozen=True):
    """See ``Room.renew``."""

    room: int
    peer: str


class Resume(_Message, frozen=True):
    """See ``Room.resume``."""

    room: int
    peer: str


class Subscribe(_Message, frozen=True):
    """See ``Room.subscribe``."""

    room: int
    peer: str


class Show(_Message, frozen=True):
    """See ``Room.show``; peer, source and height of each."""

    room: int
    peer: str
    shown: list[tuple[str, str, int]]


class SetForwarding(_Message, frozen=True):
    """See ``Room.set_forwarding``."""

    room: int
    peer: str
    allowed: bool


class Remove(_Message, frozen=True):
    """See ``Room.remove``."""

    room: int
    peer: str


class RequestKeyFrame(_Message, frozen=True):
    """See ``Room.request_key_frame``."""

    room: int
    peer: str
    source: str


class RequestKeyFrames(_Message, frozen=True):
    """See ``Room.request_key_frames_all``."""

    room: int


class SetTap(_Message, frozen=True):
    """Send copies under that number from now on, and none under any other; 0 for none at all."""

    room: int
    generation: int


class Ping(_Message, frozen=True):
    """Show that the loop turns."""

    number: int


class Leave(_Message, frozen=True):
    """Say goodbye to everybody and end."""


ToRoom = (
    Subscribe
    | Resume
    | Show
    | SetForwarding
    | Release
    | Renew
    | Remove
    | RequestKeyFrame
    | RequestKeyFrames
    | SetTap
)
"""What a room is asked that is done at once and has no answer."""

ToProcess = (
    Start | OpenRoom | CloseRoom | Publish | Describe | Begin | Restart | ToRoom | Ping | Leave
)

# -- from a media process ----------------------------------------------------------------------


class Ready(_Message, frozen=True):
    """Rooms can be opened."""


class Draining(_Message, frozen=True):
    """Somebody wants this process to go: open no more rooms, and let it leave with its last."""


class Named(_Message, frozen=True):
    """Checks for this user name are mine, or no longer. Said before anybody is told the name."""

    username: str
    mine: bool


class Answered(_Message, frozen=True):
    """A call is done; ``sdp`` is empty where there is none."""

    call: int
    sdp: str


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


class Layers(_Message, frozen=True):
    """See ``RoomListener.on_layers``."""

    room: int
    peer: str
    wanted: dict[str, int]


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
    figures: Figures


class Fault(_Message, frozen=True):
    """Something that should never happen; ``shape`` is where, without any data."""

    text: str
    shape: list[str]


FromProcess = (
    Ready
    | Draining
    | Named
    | Answered
    | Refused
    | Offered
    | Layers
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
