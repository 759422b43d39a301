"""One layer of a published track as it comes in: how far it has come, and the tap's copies of it.

What is asked of its publisher (key frames), what may reach anybody (``open``, ``floor``), and which
packets the recorder gets. To whom it goes is another noun: ``LayerForwarder`` in ``forwarding.py``.
"""

from __future__ import annotations

from collections.abc import Callable

from assent.media.codecs import CODECS, Codec
from assent.media.forward.key_frames import KeyFrames
from assent.media.forward.rtp_munger import Report
from assent.media.forward.tap import Tapped, TapRow
from assent.media.rtp.codecs import av1, h264, vp8, vp9
from assent.media.track import TrackInfo

STARTS: dict[Codec, Callable[[bytes], bool]] = {
    "vp8": vp8.starts_key_frame,
    "h264": h264.starts_key_frame,
    "vp9": vp9.starts_key_frame,
    "av1": av1.starts_key_frame,
}


class IncomingLayer:
    """The state of one. The forwarding loop is its child's, and reads the attributes directly.

    A base and no part of the forwarder: a part would cost the loop a look-up more for each packet.
    ``open`` says whether packets may reach anybody, ``floor`` the first that may: what was sent
    while it was closed, and is late or sent again, stays out. The publisher sets ``info`` and
    ``ask`` while it sends.

    Of several layers only one goes to the tap, as one row (``tap_row``): ``tapped`` says whether it
    is this one, ``tap_next`` takes the tap over at the next key frame. The copies themselves are
    made in the loop, while ``room.tapped`` is set, which is read anew for each packet.
    """

    __slots__ = (
        "_report",
        "_room",
        "_starts",
        "_tap_base",
        "_tapping",
        "_top",
        "_top_timestamp",
        "ask",
        "clock_rate",
        "codec",
        "floor",
        "height",
        "info",
        "key_frames",
        "open",
        "peer",
        "tap_next",
        "tap_row",
        "tapped",
        "top_at",
        "video",
    )

    def __init__(self, room: Tapped, peer: str, codec: Codec) -> None:
        self.peer = peer
        self.codec = codec
        self.video = CODECS[codec].video
        self.clock_rate = CODECS[codec].clock_rate
        self._starts = STARTS.get(codec, _always)
        self.height = 0  # lines of the last key frame, where one could tell
        self.tapped = True
        self.tap_row: TapRow | None = None
        self.tap_next: Callable[[int, int, float], None] | None = None
        self.info: TrackInfo | None = None
        self.ask: Callable[[], None] = nobody
        self.open = False
        self.floor = 0
        self.key_frames = KeyFrames()
        self._room = room
        self._tapping = -1  # the tap that copies were last made for, as the room counts them
        self._tap_base = 0  # the first packet that it gets
        self._top = -1
        self._top_timestamp = 0
        self.top_at = 0.0  # when the last packet in order arrived
        self._report: Report | None = None

    # -- key frames --------------------------------------------------------------------------

    def request_key_frame(self, now: float) -> None:
        """Ask the publisher for a key frame, unless that has just been done."""
        if self.video and self.open and self.key_frames.request(now):
            self.ask()

    def _key_frame_arrived(self, extended: int, timestamp: int, payload: bytes, now: float) -> None:
        self.key_frames.arrived()
        if self.codec == "vp8":
            self.height = vp8.height(payload) or self.height
        if self.tap_next is not None:
            self.tap_next(extended, timestamp, now)
            self.tap_next = None

    # -- the tap -----------------------------------------------------------------------------

    def begin_tap(self, now: float) -> None:
        """Have a tap that has just been set begin with a key frame, though one came a moment ago.

        It needs one as much as a subscriber does, and it is nobody's place to ask for it but ours.
        """
        self.tapped = True
        if self.video and self.open:
            self.key_frames.insist(now)
            self.ask()

    def start_tap(self, extended: int, timestamp: int, now: float) -> None:
        """Let the tap's row begin, or go on, with this packet."""
        if self.tap_row is not None and self.info is not None:
            self.tap_row.go_on(self.info, extended, timestamp, now, self._report)
        self.tapped = True

    def stop_tap(self) -> None:
        """Let the tap's row end here; another layer goes on with it."""
        self.tapped = False
        if self.tap_row is not None:
            self.tap_row.pause(self._top, self._top_timestamp, self.top_at, self._report)
            self._tapping = -1

    def _tap_report(self, written: int, rtp_timestamp: int, now: float) -> None:
        tap = self._room.tapped
        if tap is not None and self.info is not None and self.tapped:
            row = self.tap_row
            if row is None:
                tap.sender_report(self.info, written, rtp_timestamp, now)
            elif row.started and row.info is not None:
                tap.sender_report(
                    row.info, written, rtp_timestamp + row.timestamp_offset & 0xFFFFFFFF, now
                )

    def _end_row(self) -> None:
        """Expect numbers that have nothing to do with the last; what was sent before stays out."""
        if self.tapped and self.tap_row is not None:
            self.tap_row.pause(self._top, self._top_timestamp, self.top_at, None)
        self._tapping = -1
        self.floor = max(self.floor, self._top + 1)
        self._top = -1
        self._report = None


def _always(payload: bytes) -> bool:  # noqa: ARG001
    """Sound can begin with any packet."""
    return True


def nobody() -> None:
    """What is asked of a publisher that is not there is asked in vain."""
