"""The languages in which people read what they agreed to, as their signed answers say.

Which one they speak, nobody has listened for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import FormatError
from assent_vault.formats.statement import parse_answer
from assent_vault.store import meeting_rows
from assent_vault.store.models import StatementRow


def reads(languages: Iterable[str], last_answers: Iterable[bytes | None]) -> bool:
    """Tell whether everybody read what they agreed to in one of these languages. Pure.

    ``last_answers`` are the last of each, None where somebody has none. A language is meant with
    all that are of it (RFC 4647 section 3.3.1): ``de`` is ``de-CH``, too.
    """
    wanted = [each.lower() for each in languages]
    if not wanted:
        return True
    return all(answer is not None and _is_in(answer, wanted) for answer in last_answers)


def _is_in(answer: bytes, wanted: Iterable[str]) -> bool:
    try:
        language = parse_answer(answer).language.lower()
    except FormatError:
        return False  # the gate will say so
    return any(language == each or language.startswith(f"{each}-") for each in wanted)


async def last_answers_of(
    session: AsyncSession, meeting_ids: Sequence[str]
) -> dict[str, list[bytes | None]]:
    """Return of each meeting what everyone who was ever let in has said last."""
    row = StatementRow
    last = (
        select(row.meeting_id, row.person_id, func.max(row.sequence).label("sequence"))
        .where(row.meeting_id.in_(meeting_ids))
        .group_by(row.meeting_id, row.person_id)
        .subquery()
    )
    found = await session.execute(
        select(row.meeting_id, row.person_id, row.body).join(
            last,
            (row.meeting_id == last.c.meeting_id)
            & (row.person_id == last.c.person_id)
            & (row.sequence == last.c.sequence),
        )
    )
    said = {(meeting_id, person_id): body for meeting_id, person_id, body in found}
    everyone = await meeting_rows.load_everyone_of(session, meeting_ids)
    return {
        meeting_id: [said.get((meeting_id, one)) for one in everyone[meeting_id]]
        for meeting_id in meeting_ids
    }
