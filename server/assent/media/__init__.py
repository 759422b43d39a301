"""The selective forwarding unit: browsers' media in, the same media out to others, never decoded.

The face of the package: :class:`Media` has rooms, a :class:`MediaRoom` has peers, and what happens
in a room is told to its :class:`RoomListener`. Everything said across this face is a plain value,
except that a :class:`Tap` gets packets. :class:`MediaServer` does all of it in this process,
:class:`MediaProcesses` in processes that run one each.
"""

from assent.media.api import Media, MediaRoom
from assent.media.codecs import PICTURES, SOUND, Codec
from assent.media.errors import Closed, MediaError, SdpError, Unavailable, UnknownPeer
from assent.media.forward.tap import Tap
from assent.media.processes import MediaProcesses
from assent.media.room import Room
from assent.media.room_events import Role, RoomListener, State
from assent.media.server import MediaServer
from assent.media.sources import SOURCES, Source
from assent.media.stats import MediaStats
from assent.media.track import Forwarded, TrackInfo
from assent.media.transport.udp import Fault

__all__ = [
    "PICTURES",
    "SOUND",
    "SOURCES",
    "Closed",
    "Codec",
    "Fault",
    "Forwarded",
    "Media",
    "MediaError",
    "MediaProcesses",
    "MediaRoom",
    "MediaServer",
    "MediaStats",
    "Role",
    "Room",
    "RoomListener",
    "SdpError",
    "Source",
    "State",
    "Tap",
    "TrackInfo",
    "Unavailable",
    "UnknownPeer",
]
