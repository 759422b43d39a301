"""Introductions: what somebody says of who they are, beside what they sign.

Their name, of which the enrolment has a salted digest, and what shows other browsers that the
invitation has brought them. The server can check the first. The second it can neither make nor
check: it hands it on.
"""

from __future__ import annotations

from dataclasses import dataclass

from assent.errors import BadRequest
from assent.meeting.names import clean_name


@dataclass(frozen=True, slots=True)
class Brought:
    """The HMAC of FORMAT.md section 6, for the link with that ordinal."""

    ordinal: int
    mac: bytes


@dataclass(frozen=True, slots=True)
class Introduction:
    """A name with its salt, and who has brought whoever has it; None where no link has."""

    name: str
    salt: bytes
    brought: Brought | None = None

    def check(self) -> None:
        """Raise BadRequest where the name is not fit to be shown just as it is."""
        if clean_name(self.name) != self.name:
            # It was signed, so that nobody can mend it here.
            raise BadRequest("This name has characters that cannot be shown.", field="name")
