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

A message that comes too early is refused and changes nothing. The same rules are asked again by the
meeting itself, which knows more; this one keeps what is plainly out of order from reaching it.
"""

from __future__ import annotations

from enum import Enum

from assent.errors import BadRequest, Forbidden, NotAdmitted, NotEnrolled
from assent.signalling import messages as m


class Stage(Enum):
    """How far the conversation has come."""

    NEW = "new"
    SEATED = "seated"
    ENROLLED = "enrolled"
    WAITING = "waiting"
    ADMITTED = "admitted"
    GONE = "gone"


_ENROLLED = frozenset({Stage.ENROLLED, Stage.WAITING, Stage.ADMITTED})
_SEATED = _ENROLLED | {Stage.SEATED}
_ADMITTED = frozenset({Stage.ADMITTED})

LEGAL: dict[type, frozenset[Stage]] = {
    m.Hello: frozenset({Stage.NEW}),
    m.Enrol: _SEATED,
    m.Answer: _ENROLLED,
    m.Join: _ENROLLED,
    m.Leave: _SEATED,
    m.Publish: _ADMITTED,
    m.Describe: _ADMITTED,
    m.SubscribeAgain: _ADMITTED,
    m.Muted: _ADMITTED,
    m.KeyFrame: _ADMITTED,
    m.View: _ADMITTED,
    m.EpochSeen: _ADMITTED,
    m.DrawDevice: _ADMITTED,
    m.EndDevice: _ADMITTED,
    m.Admit: _ADMITTED,
    m.Deny: _ADMITTED,
    m.Remove: _ADMITTED,
    m.Lock: _ADMITTED,
    m.Arm: _ADMITTED,
    m.AskAgain: _ADMITTED,
    m.End: _ADMITTED,
}

HOST_ONLY = frozenset({m.Admit, m.Deny, m.Remove, m.Lock, m.Arm, m.AskAgain, m.End})


def check(stage: Stage, host: bool, message: m.ClientMessage) -> None:
    """Raise the refusal that ``message`` deserves at this point; return where it may come."""
    kind = type(message)
    if stage not in LEGAL[kind]:
        if kind is m.Hello or stage is Stage.NEW:
            raise BadRequest("The first message, and no other, is hello.", field="type")
        if stage is Stage.SEATED:
            raise NotEnrolled
        raise NotAdmitted
    if kind in HOST_ONLY and not host:
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
