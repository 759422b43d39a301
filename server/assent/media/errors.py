"""What the media plane raises.

::

    MediaError
    ├── BadSdp          a session description that cannot be used; also a Refusal, code "bad-sdp"
    ├── UnknownPeer     the room has no such peer, or the peer no such connection
    ├── Unavailable     nobody carries media at the moment; also a Refusal, "media-unavailable"
    └── Closed          the room or the server has been closed

Malformed packets raise nothing outside the parser that met them: they are dropped and counted.
"""

from __future__ import annotations

from assent import errors


class MediaError(errors.AssentError):
    """Common parent of everything the media plane raises on purpose."""


class SdpError(MediaError, errors.BadSdp):
    """The session description is malformed, too large, or asks for what we do not carry.

    The connection it was for is unchanged. The message names the rule that was broken and never
    repeats the text; it may be shown to the one who sent it.
    """


class UnknownPeer(MediaError):
    """The room has no such peer, or the peer has no such connection."""


class Closed(MediaError):
    """The room or the server has been closed; nothing can be asked of it any more."""


class Unavailable(MediaError, errors.MediaUnavailable):
    """The process that has the room is gone, stuck or about to be replaced.

    What was asked for may have been done or not; the room is lost with all that was in it.
    """
