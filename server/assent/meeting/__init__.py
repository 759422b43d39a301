"""Where consent meets media: live meetings, their people and their recording."""

from assent.meeting.hall import Hall, meeting_wire
from assent.meeting.live import LiveMeeting
from assent.meeting.relay import IceServer, Relay
from assent.meeting.services import Rules, Services
from assent.meeting.store import Seat, Store
from assent.meeting.watching import Wanted

__all__ = [
    "Hall",
    "IceServer",
    "LiveMeeting",
    "Relay",
    "Rules",
    "Seat",
    "Services",
    "Store",
    "Wanted",
    "meeting_wire",
]
