"""One conversation, as a pure state machine: which message may come when.

========= ============================ =========================================
stage     after                        what may come
========= ============================ =========================================
NEW       the socket opened            hello
SEATED    hello, no enrolment yet      enrol, leave
ENROLLED  enrol (or hello, again)      answer, join, leave, enrol (the same again)
WAITING   join, where a host must look answer, leave
ADMITTED  join, or the host's admit    everything but hello, and join (no effect)
GONE      goodbye                      nothing
========= ============================ =========================================

Each message declares where it belongs (``rule`` in :mod:`assent.signalling.messages`). One that
comes too early is refused and changes nothing. The same rules are asked again by the meeting
itself, which knows more; this one keeps what is plainly out of order from reaching it.
"""

from __future__ import annotations

from assent.errors import BadRequest, Forbidden, NotAdmitted, NotEnrolled
from assent.signalling import messages as m
from assent.signalling.rule import Stage


def check(stage: Stage, host: bool, message: m.FromClient) -> None:
    """Raise the refusal that ``message`` deserves at this point; return where it may come."""
    rule = type(message).rule
    if stage not in rule.stages:
        if isinstance(message, m.Hello) or stage is Stage.NEW:
            raise BadRequest("The first message, and no other, is hello.", field="type")
        if stage is Stage.SEATED:
            raise NotEnrolled
        raise NotAdmitted
    if rule.host_only and not host:
        raise Forbidden("Only a host of this meeting may do this.")
    if isinstance(message, m.Hello) and message.protocol != m.PROTOCOL:
        raise BadRequest("This server speaks version 1 of the protocol.", field="protocol")


class Bucket:
    """A token bucket: ``rate`` a second on average, at most ``burst`` at once."""

    __slots__ = ("_burst", "_level", "_rate", "_then")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._then = now

    def take(self, now: float) -> bool:
        """Take one token; False where none is left. ``now`` is monotonic, in seconds."""
        self._level = min(self._burst, self._level + (now - self._then) * self._rate)
        self._then = now
        if self._level < 1:
            return False
        self._level -= 1
        return True
