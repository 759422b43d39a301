"""Where consent meets media: live meetings, their people and their recording."""

from assent.meeting.acts import Actor, Acts, Purpose, act_wire, whole
from assent.meeting.live import LiveMeeting
from assent.meeting.record_status import kept_until
from assent.meeting.refusals import blame
from assent.meeting.registry import MeetingRegistry
from assent.meeting.relay import Relay, RelayServer
from assent.meeting.seats import Seat
from assent.meeting.services import MeetingPolicy, Services
from assent.meeting.store import Store
from assent.meeting.watching import Wanted
from assent.meeting.wire import meeting_wire

__all__ = [
    "Actor",
    "Acts",
    "LiveMeeting",
    "MeetingPolicy",
    "MeetingRegistry",
    "Purpose",
    "Relay",
    "RelayServer",
    "Seat",
    "Services",
    "Store",
    "Wanted",
    "act_wire",
    "blame",
    "kept_until",
    "meeting_wire",
    "whole",
]
