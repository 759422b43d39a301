"""Meetings that this version does not read are a reason not to upgrade at all."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from assent_vault.errors import DatabaseError


def refuse_meetings(connection: Connection) -> None:
    """Raise DatabaseError ``database-first-format`` where the database has a meeting.

    For a revision after which documents of before are read no more, those that browsers have
    signed, which nobody else can make anew. Reading on would keep such a meeting from being
    watched, released, and destroyed when its time is over.
    """
    if connection.scalar(sa.text("SELECT count(*) FROM meetings")):
        raise DatabaseError(
            "database-first-format",
            "This database has meetings of an earlier format, which this version cannot read."
            " Nothing of it was changed. Go on with the version that has made them until they are"
            " destroyed, or begin with a data folder of its own.",
        )
