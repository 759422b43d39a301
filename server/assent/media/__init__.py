"""The selective forwarding unit: browsers' media in, the same media out to others, never decoded.

The face of the package: :class:`Media` has rooms, a :class:`MediaRoom` has peers, and what happens
in a room is told to its :class:`RoomListener`. Everything said across this face is a plain value,
except that a :class:`Tap` gets packets. :class:`MediaServer` does all of it in this process,
:class:`MediaProcesses` in processes that run one each.
"""

from assent.media.errors import BadSdp, Closed, MediaError, Unavailable, UnknownPeer
from assent.media.face import Media, MediaRoom
from assent.media.figures import Figures
from assent.media.listener import Role, RoomListener, State
from assent.media.processes import MediaProcesses
from assent.media.room import Room
from assent.media.server import MediaServer
from assent.media.tap import Tap
from assent.media.track import PICTURES, Codec, Forwarded, TrackInfo
from assent.media.udp import Fault

__all__ = [
    "PICTURES",
    "BadSdp",
    "Closed",
    "Codec",
    "Fault",
    "Figures",
    "Forwarded",
    "Media",
    "MediaError",
    "MediaProcesses",
    "MediaRoom",
    "MediaServer",
    "Role",
    "Room",
    "RoomListener",
    "State",
    "Tap",
    "TrackInfo",
    "Unavailable",
    "UnknownPeer",
]
