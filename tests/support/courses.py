"""Holds what the server would put into receipts against what can have happened.

Signatures and proofs are left out: what is looked at is which records there are, and in what order.
"""

from __future__ import annotations

from collections.abc import Sequence

from assent.errors import NotEnrolled
from assent.transparency import receipts
from assent_vault.formats import statement
from assent_vault.formats.suite import digest
from assent_vault.ledger.entry import Answered, Enrolled, NoticePublished
from assent_vault.receipt import history
from assent_vault.receipt.course import Logged, Said
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from support.people import NOTICE_DIGEST


async def publish(database: Database) -> None:
    """Log the words that the meetings of tests are created with, as a server does at its start."""
    async with database.write() as session:
        texts = {"en": NOTICE_DIGEST}
        await log_rows.append(session, NoticePublished(version=1, texts=texts, at=1))


async def holds(database: Database, meeting: str, person: str) -> Sequence[Logged] | None:
    """Return what is in a person's receipt, None for none; raises Fails where it cannot be."""
    async with database.read() as session:
        try:
            found = await receipts._find(session, meeting, person, await log_rows.size(session))
        except NotEnrolled:
            return None
    logged = [Logged(each.row.number, each.record, _digest(each)) for each in found.logged]
    mine = [each for each in logged if isinstance(each.record, Enrolled | Answered)]
    others = [each for each in logged if each not in mine]
    assert len(mine) == len(found.statements)
    answers = [statement.parse_answer(said.body) for said in found.statements[1:]]
    history._check_indices(mine, others)
    history._check_completeness([each.record for each in others])
    history._check_course(logged, Said(found.charter, answers))
    return logged


def _digest(logged: receipts._Logged) -> bytes:
    return digest(logged.row.record or b"")
