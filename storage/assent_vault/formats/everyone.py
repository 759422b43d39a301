"""Everyone: who counts in a meeting. The one definition of it, for whatever asks. Pure.

Everyone is whoever was ever let in, for however short a time, recorded or not: who is so by their
row, whom the header of any generation names, and of whom the log says it. Any one of the three is
enough, so that nobody can be forgotten by changing the others.

Who was never let in, because they stayed at the door, waited, or were sent away, is not part of
the meeting: they can grant nothing to it and take nothing of it back, nobody is asked about them,
and nothing of it is shown to them. What they answer at the door is kept, for the question is asked
there; it counts from the moment at which they are let in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.suite import encode


class ListedPerson(Protocol):
    """What a participant's row says: their id in b64, and whether they were ever let in."""

    @property
    def person_id(self) -> str:
        """The person's id, in base64url."""

    @property
    def admitted(self) -> bool:
        """Whether the row says that they were let in."""


def everyone(
    rows: Iterable[ListedPerson], headers: Iterable[GenerationHeader], logged: Iterable[str]
) -> frozenset[str]:
    """Return the ids of everyone, in base64url.

    ``headers`` are those of the meeting's generations, ``logged`` the ids of whom the log says that
    they were let in.
    """
    # A row counts as of somebody let in unless it plainly says the contrary.
    let_in = {row.person_id for row in rows if row.admitted is not False}
    named = {encode(person.id) for header in headers for person in header.people}
    return frozenset(let_in | named | set(logged))
