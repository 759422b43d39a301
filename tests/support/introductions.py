"""What goes with an enrolment: a name, its salt, and who has brought whoever has it."""

from __future__ import annotations

from assent.meeting.introduction import Brought, Introduction
from support.people import Person, Signed


def introduction_of(person: Person, said: Signed) -> Introduction:
    """Return it as the meeting takes it; the link is the first."""
    mac = person.brought(said)
    return Introduction(person.name, person.salt, None if mac is None else Brought(1, mac))
